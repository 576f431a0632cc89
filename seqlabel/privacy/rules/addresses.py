"""Places of British, Irish, Indian and Australian addresses, read backwards from their postcode, of houses with a name,
and of streets of German, Dutch, Nordic, Finnish and Slavic form.

Their labels are in `seqlabel.privacy.rules.standard`.
"""

import re
from collections.abc import Callable, Iterator

from seqlabel.privacy.rules.finding import Places

_CODE = re.compile(
    r"[0-9](?<=[ AC-FHKNPRTV-Y\u2013-].)(?:(?P<british>(?<=[A-Z0-9] .)[A-Z]{2})"
    r"|(?P<australian>(?:(?<=[ACDSTW] .)|(?<=[ACDSTW], .))[0-9]{3})"
    r"|(?P<irish>(?<=[ \n][AC-FHKNPRTV-Y].)(?:[0-9]|(?<=D6)W) ?[0-9AC-FHKNPRTV-Y]{4})"
    r"|(?P<indian>(?:(?<=[a-z][ \u2013-].)|(?<=[a-z], .)|(?<=[a-z] [\u2013-] .))[0-9]{2} ?[0-9]{3}))(?![\w-])"
)
"""What postcodes end with: a digit and two letters in Britain, four digits behind a state's sign in Australia, six
digits behind a town in India; in Ireland all but the first letter."""
has_postcode: Callable[[str], object] = _CODE.search
"""Whether a text has what a postcode may end with."""
_WORD = r"[A-Z][^\W\d_]*(?:['\u2019-][^\W\d_]+)?"
_SEPARATOR = r"(?:,[ \t]?\n?|[ \t]?\n)"
_ROOM = r"(?:Flat|Studio|Unit|Apt\.?|Apartment|Level|Suite|Shop|Room) [0-9]{1,4}[A-Za-z]?"
_HOUSE = (
    rf"(?<![\w.,/-])(?:{_ROOM}(?:{_SEPARATOR}|,? )(?:[0-9]{{1,4}}[A-Za-z]? )?|(?:[0-9]{{1,4}}/)?[0-9]{{1,4}}[A-Za-z]? )"
)
_DOOR = r"(?<![\w.,/-])(?:(?:H|House|Flat|Plot|Door)\.? ?No\.? ?|#)?[0-9]{1,4}(?:[/-][0-9]{1,4}){0,2}[A-Z]?"
_TOWN = rf"{_WORD}(?:[ -](?:(?:upon|on|le|by|in|of|the)[ -])?{_WORD}){{0,3}}"
_WAYS = (
    "Street",
    "Road",
    "Avenue",
    "Lane",
    "Drive",
    "Terrace",
    "Park",
    "Place",
    "Square",
    "Court",
    "Close",
    "Grove",
    "Quay",
)
_IS_WAY = "|".join(f"(?<={way})" for way in _WAYS)
_BRITISH = (
    rf"(?P<street>{_HOUSE}{_WORD}(?: {_WORD}){{1,3}}){_SEPARATOR}(?P<town>{_TOWN})"
    rf"(?:(?:{_SEPARATOR}| )(?P<county>[A-Z][a-z]{{2,}}(?: [A-Z][a-z]{{2,}})?))?(?:{_SEPARATOR}| )"
)
_BEFORE_CODE = {
    "british": re.compile(rf"{_BRITISH}(?P<code>[A-Z]{{1,2}}[0-9][0-9A-Z]? )\Z"),
    "australian": re.compile(rf"{_BRITISH}(?P<state>ACT|NSW|NT|QLD|SA|TAS|VIC|WA),? \Z"),
    "irish": re.compile(
        rf"(?P<street>{_HOUSE}{_WORD}(?: {_WORD}){{0,3}})"
        rf"(?:(?:{_IS_WAY})[ ]|{_SEPARATOR}(?P<town>{_TOWN}(?: [0-9]{{1,2}})?)"
        rf"(?:{_SEPARATOR}(?P<county>(?:Co\.?|County) {_WORD}))?(?:{_SEPARATOR}| ))(?P<code>[A-Z])\Z"
    ),
    "indian": re.compile(
        rf"(?P<street>{_DOOR}{_SEPARATOR}{_WORD}(?: {_WORD}){{0,3}}){_SEPARATOR}(?P<town>{_TOWN})"
        rf"(?:{_SEPARATOR}(?P<county>{_TOWN}))?(?: ?[\u2013-] ?|,? )\Z"
    ),
}
"""What stands before that in each country; spaces between street and postcode only behind a word for streets."""
_LONGEST = 96
"""How many characters before the end of a postcode are read for the address that it ends."""


def streets(text: str) -> Places:
    """Find the streets, with house or flat, of addresses that end with a British, Irish, Indian or Australian postcode.

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
        parts = match.groupdict()
        yield from (match.span(part) for part in ("town", "county", "state") if parts.get(part))
        yield match.start("code") if "code" in parts else match.end(), end


def _addresses(text: str) -> Iterator[tuple[re.Match[str], int]]:
    """The addresses without the last part of their postcode, with its end."""
    for code in _CODE.finditer(text):
        start, end = code.span()
        if match := _BEFORE_CODE[code.lastgroup or ""].search(text, max(start - _LONGEST, 0), start):
            yield match, end


_KIND_OF_HOUSE = re.compile(
    r"[BCDFGHLMRSV](?<= .)(?:(?<=B)(?:arn|ungalow)|(?<=C)o(?:ttages?|urt)|(?<=D)airy|(?<=F)(?:arm(?:house)?|orge)"
    r"|(?<=G)range|(?<=H)(?:all|ouse)|(?<=L)odge|(?<=M)(?:anor|ill)|(?<=R)ectory|(?<=S)tables|(?<=V)i(?:carage|llas?))"
    rf"(?:, (?:[0-9]{{1,4}}[A-Za-z]? )?| [0-9]{{1,4}}[A-Za-z]? )(?:{_WORD} ){{1,2}}(?:{'|'.join(_WAYS)}"
    r"|Crescent|Gardens|Gate|Green|Hill|Mews|Rise|Row|St|Rd|Ave|View|Walk|Way|Yard)(?![\w-])"
)
_NAME_OF_HOUSE = re.compile(
    rf"(?:(?:Flat|Apartment|Unit|Room) [0-9]{{1,4}}[A-Za-z]?, )?(?<![\w-])(?:{_WORD} ){{1,3}}\Z"
)
_NUMBER_BEHIND = re.compile(
    r" [0-9](?<=[a-zß.] .)[0-9]{0,3}(?:[/-][0-9]{1,4}){0,2}(?: [A-Z] [0-9]{1,3}| ?[A-Za-z](?![\w-]))?(?![\w-])"
)
_CAPITAL = r"[A-ZÀ-Þ][^\W\d_]"
_STREET_BEFORE = re.compile(
    rf"(?<![\w-])(?:{_CAPITAL}{{1,20}} (?:Straße|Strasse|Allee|Gasse)"
    rf"|(?:{_CAPITAL}{{1,20}}-){{1,3}}(?:Straße|Strasse|Str\.|Allee|Damm|Gasse|Platz|Weg|Ufer|Ring)"
    # German, Dutch, Swedish, Danish, Norwegian: one word, perhaps with others before hyphens; no brigade, no blockade.
    rf"|(?:{_CAPITAL}{{1,20}}-){{0,3}}{_CAPITAL}{{1,24}}"
    r"(?:stra(?:ße|sse|at)|str\.|gasse|allee|damm|plein|gracht|singel|dreef|gatan|gränd(?:en)?|väg(?:en)?|vej|veien|vegen"
    r"|stigen|torget|backen|plass(?:en)?|stræde|(?<!Ver)laan|(?<!bri)(?<!Bri)(?<!ene)gade|(?<!oc)(?<!r)kade"
    r"|(?<!Park)(?<!Sitz)(?<!its)(?<!Stell)platz)"
    # Finnish: the last word may stand alone.
    rf"|(?:{_CAPITAL}{{1,20}}[ -]){{0,2}}{_CAPITAL}{{2,24}}(?:katu|kuja|polku|ntie| katu| kuja| polku| tie)"
    # Polish and Croatian: behind their short form.
    r"|(?:ul|os)\. [A-ZÀ-Ž]\w{0,24}\.?(?: [A-ZÀ-Ž]\w{0,24}\.?){0,3}"
    r")\Z"
)
"""A street whose form says that it is one."""
_PUBLIC = re.compile(
    r"(?<![\w-])(?:White|Opera|Town|City|Family|Superior|Supreme|High|Crown|County|District|Circuit|Appeals|Guest) \Z"
)
_LONGEST_NAME = 72
"""How many characters before `Cottage` or `House` are read for its name and a flat."""


def named_houses(text: str) -> Places:
    """Find houses with a name and their street: `Rose Cottage, Back Lane`, `Flat 6, Beech Court, 12 Mossley Lane`.

    Args:
        text: The text.

    Returns:
        The half-open characters of flat, house and street; courts and houses of the public are none.
    """
    for house in _KIND_OF_HOUSE.finditer(text):
        begin = max(house.start() - _LONGEST_NAME, 0)
        name = _NAME_OF_HOUSE.search(text, begin, house.start())
        if name and not _PUBLIC.search(text, begin, house.start()):
            yield name.start(), house.end()


def streets_abroad(text: str) -> Places:
    """Find streets whose form says that they are some: `Lindenstraße 14 b`, `Storgatan 9`, `ul. Długa 14/3`.

    Args:
        text: The text.

    Returns:
        The half-open characters of street and house.
    """
    for number in _NUMBER_BEHIND.finditer(text):
        street = _STREET_BEFORE.search(text, max(number.start() - _LONGEST_NAME, 0), number.start())
        if street:
            yield street.start(), number.end()
