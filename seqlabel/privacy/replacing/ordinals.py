"""Days of a month as English ordinal numbers; dates are read and written elsewhere."""


def suffix(day: int) -> str:
    """Give what stands behind an ordinal number in digits.

    Args:
        day: The number, below 100.

    Returns:
        `st`, `nd`, `rd` or `th`.
    """
    return {1: "st", 2: "nd", 3: "rd"}.get(day % 10, "th") if day not in (11, 12, 13) else "th"


_UNITS = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth")
_TEENS = (
    *("tenth", "eleventh", "twelfth", "thirteenth", "fourteenth"),
    *("fifteenth", "sixteenth", "seventeenth", "eighteenth", "nineteenth"),
)
ORDINALS = (
    *(*_UNITS, *_TEENS, "twentieth"),
    *(f"twenty-{unit}" for unit in _UNITS),
    *("thirtieth", "thirty-first"),
)
"""The 31 days in words, from `first` on."""
ORDINAL = "(?:" + "|".join(word.replace("-", "[ -]") for word in reversed(ORDINALS)) + ")"
"""A regular expression for such a word, in small letters; a blank may stand for the hyphen."""
