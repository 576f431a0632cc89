"""Makers of dates, times of logs and ages."""

import datetime
from functools import partial

from .labels import PiiType
from .maker import Maker, Makers, Pieces
from .material import weighted, whole

MAKERS = Makers()
MONTHS, DAYS = whole("months"), whole("days")


def ordinal(number: int) -> str:
    ending = "th" if 10 <= number % 100 <= 20 else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{ending}"


def some_day(maker: Maker, first_year: int, last_year: int) -> datetime.date:
    begin = datetime.date(first_year, 1, 1).toordinal()
    return datetime.date.fromordinal(maker.number(begin, datetime.date(last_year, 12, 31).toordinal()))


def _parts(day: datetime.date) -> dict[str, str]:
    """The parts of a day by their names in the forms of `material/lists/dates.txt`."""
    month, weekday = MONTHS[day.month - 1], DAYS[day.weekday()]
    ordinals = whole("ordinals")
    return {
        "d": str(day.day),
        "dd": f"{day.day:02}",
        "nth": ordinal(day.day),
        # The list has days in words up to the 28th.
        "said": ordinals[min(day.day, len(ordinals)) - 1],
        "m": str(day.month),
        "mm": f"{day.month:02}",
        "month": month,
        "mon": month[:3],
        "MON": month[:3].upper(),
        "low": month.lower(),
        "y": str(day.year),
        "yy": f"{day.year % 100:02}",
        "weekday": weekday,
        "day": weekday[:3],
    }


def written(maker: Maker, day: datetime.date) -> str:
    """A day in one of the ways that people write it."""
    local = maker.weighted(*weighted(f"date_forms {'american' if maker.country in ('US', 'CA') else 'british'}"))
    return maker.weighted((60, local), *weighted("date_forms anywhere")).format_map(_parts(day))


@MAKERS.enter("date", PiiType.DATE)
def date(maker: Maker, number: int) -> str:
    if maker.chance(0.12):
        return near_date(maker, number)
    return written(maker, some_day(maker, 2008, 2026))


def _of_forms(maker: Maker, number: int, forms: str, first_year: int) -> str:
    """A day from a year to 2026 in one of the forms of a list."""
    day = some_day(maker, first_year, 2026)
    return maker.shared(forms).format_map(_parts(day))


near_date = partial(_of_forms, forms="near_date_forms", first_year=2015)
for _name, _make in (
    ("near_date", near_date),
    ("long_date", partial(_of_forms, forms="long_date_forms", first_year=1990)),
    ("month_year", partial(_of_forms, forms="month_year_forms", first_year=1990)),
):
    MAKERS.enter(_name, PiiType.DATE)(_make)


@MAKERS.enter("part_date", PiiType.DATE)
def part_date(maker: Maker, number: int) -> str:
    """A date as people say it in passing: of any form, mostly without its year, or a season, a part of a year."""
    luck = maker.rng.random()
    if luck < 0.12:
        return date(maker, number)
    if luck < 0.3:
        return near_date(maker, number)
    day = some_day(maker, 1990, 2026)
    parts = _parts(day)
    month, weekday = parts["mon"], parts["weekday"]
    parts["short"] = maker.pick((month, "Sept" if day.month == 9 else month, f"{month}."))
    parts["week"] = maker.pick((weekday[:3], weekday[: 4 if day.weekday() in (1, 3) else 3], f"{weekday[:3]}."))
    part = maker.pick(("early", "mid", "late", "the end of", "the start of", "the beginning of"))
    parts["season"] = maker.pick(("spring", "summer", "autumn", "fall", "winter"))
    parts["quarter"] = str(maker.number(1, 4))
    parts["part_of_month"] = f"{part}-{parts['month']}" if part == "mid" else f"{part} {parts['month']}"
    parts["part_of_year"] = f"{part} {day.year if part in ('early', 'mid', 'late') else parts['month']}"
    return maker.weighted(*weighted("part_date_forms")).format_map(parts)


@MAKERS.enter("part_dob", PiiType.DATE_OF_BIRTH)
def part_dob(maker: Maker, number: int) -> str:
    """A birth date in any form, or a part of it."""
    day = some_day(maker, 1932, 2012)
    return maker.weighted((8, written(maker, day)), *weighted("birth_date_forms")).format_map(_parts(day))


@MAKERS.enter("iso_date", PiiType.DATE)
def iso_date(maker: Maker, number: int) -> str:
    return some_day(maker, 2015, 2026).isoformat()


@MAKERS.enter("day_of_log")
def day_of_log(maker: Maker, number: int) -> str:
    return some_day(maker, 2018, 2026).isoformat()


def _clock(maker: Maker) -> str:
    return maker.anew("log_clock")[0][0]


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
