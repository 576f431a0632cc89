"""Other ages, dates and times in the notation of the value, and dates shifted by weeks; keys are
used elsewhere.
"""

import re
from datetime import date, timedelta

from seqlabel.privacy.replacing.machine_pseudonyms import Draw
from seqlabel.privacy.replacing.words import MONTHS, ORDINAL, ORDINALS, WORDS, cased, suffix
from seqlabel.privacy.rules.kinds import form

_UNITS = WORDS["units"]
_TEENS = WORDS["teens"]
_AGE_WORDS = frozenset((*WORDS["of_ages"], *_UNITS, *_TEENS))
_WORD = re.compile(r"[0-9]+|[A-Za-z]+")


def other_age(value: str, draw: Draw) -> str | None:
    """Choose another age of the same decade of life.

    Args:
        value: Numbers in digits or English words, perhaps with the words of an age, such as
            `42-year-old`.
        draw: Random numbers for a text.

    Returns:
        The other age in the same words; None for a value with other words.
    """
    words = _WORD.findall(value.lower())
    known = (word in _AGE_WORDS or (word.isdigit() and len(word) <= 3) for word in words)
    if not value.isascii() or not all(known):
        return None

    def other(match: re.Match[str]) -> str:
        word = match[0].lower()
        choices: tuple[str, ...] = ()
        if word.isdigit():
            decade = int(word) // 10 * 10
            choices = tuple(str(decade + unit).zfill(len(word)) for unit in range(10))
        else:
            choices = next((group for group in (_UNITS, _TEENS) if word in group), ())
        others = [choice for choice in choices if choice != word]
        if not others:
            return match[0]
        chosen = others[next(draw(word)) % len(others)]
        return cased(match[0], chosen)

    new = _WORD.sub(other, value)
    return None if new == value else new


_TIME = (
    r"(?P<hour>[0-9]{2}):(?P<minute>[0-9]{2})(?::(?P<second>[0-9]{2})(?P<part>[.,][0-9]+)?)?"
    r"(?P<zone> ?Z|[+-][0-9]{2}(?::?[0-9]{2})?)?"
)
_ISO = re.compile(rf"[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}(?:(?P<t>[T ]){_TIME})?", re.IGNORECASE)
_BASIC_DATE = r"(?P<year>(?:19|20)[0-9]{2})(?P<month>0[1-9]|1[0-2])(?P<day>0[1-9]|[12][0-9]|3[01])"
_BASIC = re.compile(_BASIC_DATE)
_FIRST, _LAST = date(1930, 1, 1), date(2025, 12, 31)


def other_iso(value: str, draw: Draw) -> str | None:
    """Choose another date of ISO 8601, perhaps with a time, in the same form; the zone stays.

    Args:
        value: A date, or a date with a time.
        draw: Random numbers for a text.

    Returns:
        The other date, of the years 1930 to 2025.
    """
    basic = _BASIC.fullmatch(value)
    match = _ISO.fullmatch(value)
    if (match is None and basic is None) or not value.isascii():
        return None
    numbers = draw(value.upper().replace(" ", "T", 1))
    while True:
        other = (_FIRST + timedelta(next(numbers) % ((_LAST - _FIRST).days + 1))).isoformat()
        if match is None:
            other = other.replace("-", "")
        elif match["t"]:
            clock = [f"{next(numbers) % 24:02}", f"{next(numbers) % 60:02}"]
            if match["second"]:
                clock.append(f"{next(numbers) % 60:02}")
            part = "".join(
                str(next(numbers) % 10) if character.isdigit() else character
                for character in match["part"] or ""
            )
            other += f"{match['t']}{':'.join(clock)}{part}{match['zone'] or ''}"
        if other != value:
            return other


_MONTH = "(?P<month>" + "|".join(f"{name}|{name[:3]}" for name in MONTHS) + ")"
_DAY = rf"(?P<day>[0-9]{{1,2}}|{ORDINAL})(?P<suffix>st|nd|rd|th)?"
_WEEKDAY = (
    r"(?P<before>(?:(?:mon|tue|tues|wed|wednes|thu|thurs|fri|sat|satur|sun)(?:day)?,? )?(?:the )?)"
)
_AFTER = rf"(?P<after>(?:{form('time')})?)"
_NUMERIC = re.compile(
    (
        r"(?P<day>[0-9]{1,2})(?P<one>[-/.])(?P<month>[0-9]{1,2})(?P<two>[-/.])(?P<year>[0-9]{4}|[0-9"
        r"]{2})"
    )
    + _AFTER,
    re.I,
)
_YEAR_FIRST = re.compile(
    (
        rf"(?P<year>[0-9]{{4}})(?P<one>[-/.])(?P<month>[0-9]{{1,2}})(?P<two>[-/.])(?P<day>[0-9]{{1,2"
        rf"}}){_AFTER}"
    ),
    re.IGNORECASE,
)
_BASIC_TIME = re.compile(
    (
        rf"{_BASIC_DATE}(?P<one>)(?P<two>)(?P<after>(?:T[0-9]{{4}}(?:[0-9]{{2}})?(?:Z|[+-][0-9]{{4}}"
        r")?)?)"
    ),
    re.IGNORECASE,
)
_DAY_FIRST = re.compile(
    rf"{_WEEKDAY}{_DAY}(?P<one>[ -](?:of )?){_MONTH}(?P<two>\.?,?[ -])(?P<year>[0-9]{{4}}){_AFTER}",
    re.IGNORECASE,
)
_MONTH_FIRST = re.compile(
    rf"{_WEEKDAY}{_MONTH}(?P<one>\.? (?:the )?){_DAY}(?P<two>,? )(?P<year>[0-9]{{4}}){_AFTER}",
    re.IGNORECASE,
)
_ORDERS = (
    (_BASIC_TIME, ("year", "month", "day")),
    (_YEAR_FIRST, ("year", "month", "day")),
    (_NUMERIC, ("day", "month", "year")),
    (_DAY_FIRST, ("day", "month", "year")),
    (_MONTH_FIRST, ("month", "day", "year")),
)


def shifted(value: str, weeks: int, *, month_first: bool) -> str | None:
    """Shift a date by whole weeks; the weekday and the time of day stay.

    Args:
        value: A date with day, month and year, in digits or with an English month, perhaps with a
            weekday before it or a time of day after it. Two digits of a year are those of 1931 to
            2030.
        weeks: The shift.
        month_first: How to read 3/4/2020; other dates of digits have the day first, unless only the
            month can be.

    Returns:
        The shifted date in the same notation; None for a value that is not such a date.
    """
    form, order = next(
        ((form, order) for form, order in _ORDERS if form.fullmatch(value)), (None, ())
    )
    match = form.fullmatch(value) if form is not None and value.isascii() else None
    if match is None:
        return None

    written = match.groupdict()
    if form is _NUMERIC:
        is_swapped = int(written["month"]) > 12 or (
            month_first and written["one"] == "/" and int(written["day"]) <= 12
        )
        if is_swapped:
            written["day"], written["month"] = written["month"], written["day"]
            order = ("month", "day", "year")

    is_padded = form in (_YEAR_FIRST, _BASIC_TIME) or any(
        written[part].startswith("0") for part in ("day", "month")
    )

    month = written["month"].lower()
    year = int(written["year"]) + (
        0 if len(written["year"]) == 4 else 1900 if int(written["year"]) > 30 else 2000
    )
    try:
        number = (
            int(month) if month.isdigit() else [name[:3] for name in MONTHS].index(month[:3]) + 1
        )
        day = date(year, number, _number_of_day(written["day"])) + timedelta(weeks=weeks)
    except (ValueError, OverflowError):
        return None

    width = 2 if is_padded else 1
    ending = written.get("suffix")
    parts = {
        "year": f"{day.year:04}"[-len(written["year"]) :],
        "month": str(day.month).zfill(width)
        if month.isdigit()
        else _named_month(written["month"], day.month),
        "day": _named_day(written["day"], day.day, width)
        + (cased(ending, suffix(day.day)) if ending else ""),
    }

    first, second, third = (parts[part] for part in order)
    return (
        f"{written.get('before', '')}{first}{written['one']}{second}{written['two']}{third}"
        f"{written.get('after', '')}"
    )


def _number_of_day(written: str) -> int:
    return (
        int(written) if written.isdigit() else ORDINALS.index(written.lower().replace(" ", "-")) + 1
    )


def _named_day(written: str, day: int, width: int) -> str:
    return str(day).zfill(width) if written.isdigit() else cased(written, ORDINALS[day - 1])


def _named_month(written: str, month: int) -> str:
    name = (
        MONTHS[month - 1] if len(written) > 3 or written.lower() == "may" else MONTHS[month - 1][:3]
    )
    return cased(written, name)
