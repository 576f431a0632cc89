"""Places of British and Australian postal addresses, read backwards from their postcode; all others are a model's.

What calls them by labels, and all other rules, are in `seqlabel.privacy.rules`.
"""

import re
from collections.abc import Iterator

Places = Iterator[tuple[int, int]]

_CODE = re.compile(r"[0-9](?:(?<=[A-Z0-9] .)[A-Z]{2}|(?:(?<=[ACDSTW] .)|(?<=[ACDSTW], .))[0-9]{3})(?!\w)")
"""What postcodes end with: a digit and two letters in Britain, four digits behind a state's sign in Australia."""
_WORD = r"[A-Z][^\W\d_]*(?:['\u2019-][^\W\d_]+)?"
_SEPARATOR = r"(?:,[ \t]?\n?|[ \t]?\n)"
_ROOM = r"(?:Flat|Studio|Unit|Apt\.?|Apartment|Level|Suite|Shop|Room) [0-9]{1,4}[A-Za-z]?"
_BEFORE_CODE = re.compile(
    rf"(?<![\w.,/-])(?P<street>(?:{_ROOM}(?:{_SEPARATOR}|,? )(?:[0-9]{{1,4}}[A-Za-z]? )?|[0-9]{{1,4}}[A-Za-z]? )"
    rf"{_WORD}(?: {_WORD}){{1,3}}){_SEPARATOR}"
    rf"(?P<town>{_WORD}(?:[ -](?:(?:upon|on|le|by|in|of|the)[ -])?{_WORD}){{0,3}})"
    rf"(?:(?:{_SEPARATOR}| )(?P<county>[A-Z][a-z]{{2,}}(?: [A-Z][a-z]{{2,}})?))?(?:{_SEPARATOR}| )"
    r"(?:(?P<british>[A-Z]{1,2}[0-9][0-9A-Z]?) |(?P<state>ACT|NSW|NT|QLD|SA|TAS|VIC|WA),? )\Z"
)
_LONGEST = 88
"""How many characters before the end of a postcode are read for the address that it ends."""


def streets(text: str) -> Places:
    """Find the streets, with house or flat, of addresses that end with a British or an Australian postcode.

    Args:
        text: The text.

    Returns:
        Their half-open characters.
    """
    yield from (match.span("street") for match, _ in _addresses(text))


def towns(text: str) -> Places:
    """Find what stands behind the streets of the same addresses.

    Args:
        text: The text.

    Returns:
        The half-open characters of each town, county, state and postcode.
    """
    for match, end in _addresses(text):
        yield from (match.span(part) for part in ("town", "county", "state") if match[part])
        yield match.start("british") if match["british"] else match.end(), end


def _addresses(text: str) -> Iterator[tuple[re.Match[str], int]]:
    """The addresses without the last part of their postcode, with its end."""
    for code in _CODE.finditer(text):
        start, end = code.span()
        match = _BEFORE_CODE.search(text, max(start - _LONGEST, 0), start)
        if match and (match["british"] is None) == text[start:end].isdecimal():
            yield match, end
