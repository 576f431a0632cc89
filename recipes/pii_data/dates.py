"""Makers of dates, times of logs and ages."""

import datetime

from .labels import PiiType
from .maker import Maker, Makers, Pieces
from .material import whole

MAKERS = Makers()
MONTHS, DAYS = whole("months"), whole("days")


def ordinal(number: int) -> str:
    ending = "th" if 10 <= number % 100 <= 20 else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{ending}"


def some_day(maker: Maker, first_year: int, last_year: int) -> datetime.date:
    begin = datetime.date(first_year, 1, 1).toordinal()
    return datetime.date.fromordinal(maker.number(begin, datetime.date(last_year, 12, 31).toordinal()))


def written(maker: Maker, day: datetime.date) -> str:
    """A day in one of the ways that people write it."""
    d, m, y = day.day, day.month, day.year
    month, weekday, nth = MONTHS[m - 1], DAYS[day.weekday()], ordinal(d)
    short = month[:3]
    if maker.country in ("US", "CA"):
        local = maker.weighted(
            (14, f"{m:02}/{d:02}/{y}"),
            (5, f"{m}/{d}/{y}"),
            (5, f"{m}/{d}/{y % 100:02}"),
            (14, f"{month} {d}, {y}"),
            (8, f"{short} {d}, {y}"),
            (4, f"{month} {nth}, {y}"),
            (2, f"{weekday}, {month} {d}, {y}"),
            (3, f"{month} {d} {y}"),
        )
    else:
        local = maker.weighted(
            (14, f"{d:02}/{m:02}/{y}"),
            (5, f"{d}.{m}.{y}"),
            (5, f"{d:02}/{m:02}/{y % 100:02}"),
            (6, f"{d:02}.{m:02}.{y}"),
            (14, f"{d} {month} {y}"),
            (8, f"{d} {short} {y}"),
            (4, f"{nth} {month} {y}"),
            (2, f"{weekday} {d} {month} {y}"),
            (3, f"{d}-{short}-{y % 100:02}"),
        )
    return maker.weighted(
        (24, day.isoformat()),
        (60, local),
        (2, f"{d:02}-{m:02}-{y}"),
        (3, f"{d:02}-{short}-{y}"),
        (2, f"{d} {short.upper()} {y}"),
        (2, f"{y}/{m:02}/{d:02}"),
        (2, f"{nth} of {month} {y}"),
        (2, f"{y}{m:02}{d:02}"),
        (2, f"{month.lower()} {d} {y}"),
        (2, f"{short} {d} {y}"),
    )


@MAKERS.enter("date", PiiType.DATE)
def date(maker: Maker, number: int) -> str:
    if maker.chance(0.12):
        return near_date(maker, number)
    return written(maker, some_day(maker, 2008, 2026))


@MAKERS.enter("near_date", PiiType.DATE)
def near_date(maker: Maker, number: int) -> str:
    """A date without its year, or a month with one."""
    day = some_day(maker, 2015, 2026)
    month, weekday = MONTHS[day.month - 1], DAYS[day.weekday()]
    return maker.pick(
        (
            f"{month} {day.day}",
            f"{day.day} {month}",
            f"{month} {ordinal(day.day)}",
            f"{ordinal(day.day)} {month}",
            f"{month} {day.year}",
            f"{day.month}/{day.day}",
            f"{month[:3]} {day.day}",
            f"{ordinal(day.day)} of {month}",
            f"the {ordinal(day.day)} of {month}",
            f"{weekday}, {month} {day.day}",
            f"{weekday}, {day.day} {month}",
            f"{weekday[:3]} {day.day} {month[:3]}",
            f"{weekday} {ordinal(day.day)} {month}",
            f"{day.day} {month[:3].upper()}",
        )
    )


def _said(day: int) -> str:
    """A day of the month in words, which the list has up to the 28th."""
    ordinals = whole("ordinals")
    return ordinals[min(day, len(ordinals)) - 1]


@MAKERS.enter("part_date", PiiType.DATE)
def part_date(maker: Maker, number: int) -> str:
    """A date as people say it in passing: of any form, mostly without its year, or a season, a part of a year."""
    luck = maker.rng.random()
    if luck < 0.12:
        return date(maker, number)
    if luck < 0.3:
        return near_date(maker, number)
    day = some_day(maker, 1990, 2026)
    d, y, month, weekday, nth = day.day, day.year, MONTHS[day.month - 1], DAYS[day.weekday()], ordinal(day.day)
    short = maker.pick((month[:3], "Sept" if day.month == 9 else month[:3], f"{month[:3]}."))
    week = maker.pick((weekday[:3], weekday[:4] if day.weekday() in (1, 3) else weekday[:3], f"{weekday[:3]}."))
    part = maker.pick(("early", "mid", "late", "the end of", "the start of", "the beginning of"))
    season = maker.pick(("spring", "summer", "autumn", "fall", "winter"))
    return maker.weighted(
        (4, f"{day.month}/{d}"),
        (3, f"{d:02}/{day.month:02}"),
        (2, f"{day.month}/{d}/{y % 100:02}"),
        (4, f"{month} {nth}"),
        (3, f"{month} {d}"),
        (3, f"{d} {short}"),
        (3, f"{short} {d}"),
        (3, f"{short} {nth}"),
        (5, f"the {nth}"),
        (2, f"the {_said(d)}"),
        (3, f"the {nth} of {month}"),
        (1, f"the {_said(d)} of {month}"),
        (2, f"{month} the {nth}"),
        (3, f"{week} {d} {short}"),
        (2, f"{week}, {short} {d}"),
        (2, f"{week} {day.month}/{d}"),
        (2, f"{week} {nth}"),
        (2, f"{weekday} {nth}"),
        (2, f"{weekday} the {nth}"),
        (2, f"{weekday}, the {nth} of {month}"),
        (2, f"{weekday}, {month} {nth}"),
        (1, f"{weekday} {nth} {month}"),
        (3, f"{month} {y}"),
        (2, f"{short} {y}"),
        (1, f"{short} '{y % 100:02}"),
        (2, f"{day.month:02}/{y}"),
        (1, f"{day.month}/{y % 100:02}"),
        (1, f"{y}-{day.month:02}"),
        (2, f"{season} {y}"),
        (1, f"{season} of {y}"),
        (1, f"the {season} of {y}"),
        (2, f"{part} {y}" if part[0] != "t" else f"{part} {month}"),
        (2, f"{part.replace('mid', 'mid-')} {month}".replace("- ", "-")),
        (1, f"Q{maker.number(1, 4)} {y}"),
        (3, str(y)),
        (3, f"{month} {d}, {y}"),
        (2, f"{d} {short} {y % 100:02}"),
        (2, f"{d:02}-{month[:3]}-{y % 100:02}"),
    )


@MAKERS.enter("month_alone", PiiType.DATE)
def month_alone(maker: Maker, number: int) -> str:
    return maker.pick(MONTHS)


@MAKERS.enter("own_year", PiiType.DATE)
def own_year(maker: Maker, number: int) -> str:
    """A year of somebody's life, which the sentence says."""
    return str(maker.number(1950, 2026))


@MAKERS.enter("long_date", PiiType.DATE)
def long_date(maker: Maker, number: int) -> str:
    """A date in the words of deeds, letters and invitations."""
    day = some_day(maker, 1990, 2026)
    month, weekday, nth = MONTHS[day.month - 1], DAYS[day.weekday()], ordinal(day.day)
    said = _said(day.day)
    return maker.pick(
        (
            f"the {nth} day of {month}, {day.year}",
            f"the {nth} day of {month} {day.year}",
            f"the {said} day of {month}, {day.year}",
            f"{weekday}, {month} {nth}, {day.year}",
            f"{weekday}, the {said} of {month}",
            f"{weekday}, the {nth} of {month} {day.year}",
            f"{weekday} {nth} {month} {day.year}",
            f"{weekday} {month} {day.day}",
            f"{month} {nth}, {day.year}",
            f"{nth} {month}, {day.year}",
            f"{day.day} {month} {day.year}",
            f"{month} {day.day}, {day.year}",
            f"{weekday} {day.day} {month[:3]}",
        )
    )


@MAKERS.enter("part_dob", PiiType.DATE_OF_BIRTH)
def part_dob(maker: Maker, number: int) -> str:
    """A birth date in any form, or a part of it."""
    day = some_day(maker, 1932, 2012)
    d, y, month, nth = day.day, day.year, MONTHS[day.month - 1], ordinal(day.day)
    return maker.weighted(
        (8, written(maker, day)),
        (2, str(y)),
        (2, f"{month} {y}"),
        (2, f"{day.month}/{d}"),
        (2, f"{month} {nth}"),
        (2, f"the {nth} of {month}"),
        (2, f"{d} {month[:3]} {y % 100:02}"),
        (2, f"{day.month}-{d}-{y % 100:02}"),
        (1, f"{month[:3]} {d}"),
        (1, f"{d}.{day.month}.{y % 100:02}"),
    )


@MAKERS.enter("part_dob_year", PiiType.DATE_OF_BIRTH)
def part_dob_year(maker: Maker, number: int) -> str:
    return str(maker.number(1920, 1990))


@MAKERS.enter("month_year", PiiType.DATE)
def month_year(maker: Maker, number: int) -> str:
    day = some_day(maker, 1990, 2026)
    month = MONTHS[day.month - 1]
    return maker.pick(
        (f"{month} {day.year}", f"{month} {day.year}", f"{month[:3]} {day.year}", f"{day.month:02}/{day.year}")
    )


@MAKERS.enter("iso_date", PiiType.DATE)
def iso_date(maker: Maker, number: int) -> str:
    return some_day(maker, 2015, 2026).isoformat()


@MAKERS.enter("timestamp", PiiType.DATE)
def timestamp(maker: Maker, number: int) -> str:
    day = some_day(maker, 2018, 2026).isoformat()
    return (
        f"{day}T{_clock(maker)}{maker.pick(('Z', 'Z', '+00:00', '.000Z', maker.form('.###Z'), '+02:00', '-05:00', ''))}"
    )


def _clock(maker: Maker) -> str:
    return f"{maker.number(0, 23):02}:{maker.number(0, 59):02}:{maker.number(0, 59):02}"


@MAKERS.enter("log_time")
def log_time(maker: Maker, number: int) -> Pieces:
    """The time of a log line, a day and the time of day beside it."""
    day = some_day(maker, 2018, 2026)
    month = MONTHS[day.month - 1][:3]
    luck = maker.rng.random()
    if luck < 0.35:
        return maker.value("timestamp", number)
    if luck < 0.65:
        return [(f"{day.isoformat()} {_clock(maker)}{maker.form_of('fraction')}", PiiType.DATE)]
    if luck < 0.8:
        return [(f"{month} {day.day:2} {_clock(maker)}", PiiType.DATE)]
    if luck < 0.92:
        return [(f"{day.day:02}/{month}/{day.year}:{_clock(maker)}", PiiType.DATE), (" +0000", None)]
    return [(f"{day.year}/{day.month:02}/{day.day:02} {_clock(maker)}", PiiType.DATE)]


@MAKERS.enter("dob", PiiType.DATE_OF_BIRTH)
def dob(maker: Maker, number: int) -> str:
    return written(maker, some_day(maker, 1932, 2012))


def number_in_words(number: int) -> str:
    """A number from 1 to 99 in words."""
    if number < 10:
        return whole("units")[number - 1]
    if number < 20:
        return whole("teens")[number - 10]
    return whole("tens")[number // 10 - 2] + (f"-{whole('units')[number % 10 - 1]}" if number % 10 else "")


@MAKERS.enter("said_dob", PiiType.DATE_OF_BIRTH)
def said_dob(maker: Maker, number: int) -> str:
    month = maker.pick(MONTHS)
    year = f"nineteen {number_in_words(maker.number(32, 99)).replace('-', maker.pick((' ', '-')))}"
    day = maker.shared("ordinals")
    return maker.pick((f"{day} of {month} {year}", f"{month} {day} {year}", f"{month} the {day}, {year}"))


@MAKERS.enter("age", PiiType.AGE)
def age(maker: Maker, number: int) -> str:
    years = maker.number(18, 90) if maker.chance(0.85) else maker.number(1, 17)
    return number_in_words(years) if maker.chance(0.1) else str(years)


@MAKERS.enter("age_digits", PiiType.AGE)
def age_digits(maker: Maker, number: int) -> str:
    return str(maker.number(18, 94))
