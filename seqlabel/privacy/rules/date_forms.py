"""Times of day behind dates, and numbers with dots that cannot be dates; dates are found in `rules.refining`."""

import re

_ZONE = (
    r"(?:Z| ?[+-][0-9]{2}:?[0-9]{2}(?![:0-9])|[+-][0-9]{2}(?![:0-9])| ?(?:hrs?|uhr)\b"
    r"| (?-i:GMT|UTC|WES?T|CES?T|EES?T|BST|MSK|TRT|[AECMNP][SD]T|AK[SD]T|HST|NZ[SD]T|A[EC][SD]T|AWST|JST|KST|SGT|HKT"
    r"|PHT|ICT|WIB|IST|PKT|GST|SAST|BRT)\b)"
)
TIME_BEHIND = (
    r"(?:T|:|,? (?:(?:at|[@\u2013-]) ?)?)"
    r"(?:[0-9]{1,2}:[0-9]{2}(?::[0-9]{2}(?:[.,][0-9]{1,9})?)?(?: ?[ap]\.?m\b)?"
    r"|[0-9]{1,2}(?:\.[0-9]{2})? ?[ap]\.?m\b)"
    rf"{_ZONE}?"
)
"""A time of day behind a date, with what joins them, as an expression for any case: `T14:05Z`, ` at 3.30 pm`."""
_VERSION = re.compile(r"(v?)([0-9]{1,3})\.([0-9]{1,3})\.([0-9]{1,4})", re.I)
_PORT = re.compile(r":[0-9]{1,5}")
_DECIMAL = re.compile(r"[0-9]{1,4}\.[0-9]{3,12}")
_DATE_IN_TWO = re.compile(
    r"(?:0?[1-9]|1[0-2])\.(?:19|20)[0-9]{2}"  # a month: 03.2024
    r"|(?:0?[1-9]|[12][0-9]|3[01])\.(?:0[1-9]|1[0-2])(?:19|20)[0-9]{2}"  # 12.031985
    r"|(?:19|20)[0-9]{2}\.(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])"  # 1985.0312
)
_MONTHS, _DAYS = 12, 31


def is_no_date(value: str) -> bool:
    """Tell whether a value is a port, or a decimal or version whose parts are not those of a date in any usual order.

    Args:
        value: The value.

    Returns:
        Whether it is. What could be a date, as the version `12.1.17` or the decimal `03.2024`, does not count.

    Example:
        >>> is_no_date("v1.2.3"), is_no_date("12.1.17"), is_no_date("17.0408"), is_no_date("03.2024")
        (True, False, True, False)
    """
    if _PORT.fullmatch(value):
        return True
    if _DECIMAL.fullmatch(value):
        return not _DATE_IN_TWO.fullmatch(value)
    if version := _VERSION.fullmatch(value):
        first, second, third = version[2], version[3], version[4]
        low, high = sorted((int(first), int(second)))
        year_last = 1 <= low <= _MONTHS and high <= _DAYS and len(third) in (2, 4)
        year_first = len(first) == 2 and 1 <= int(second) <= _MONTHS and len(third) == 2 and 1 <= int(third) <= _DAYS
        return bool(version[1]) or not (year_last or year_first)
    return False
