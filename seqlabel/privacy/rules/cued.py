"""Places of values behind the word for them: dates of birth, plates of cars, extensions, files, officers.

Their labels are in `seqlabel.privacy.rules.standard`.
"""

import re
from collections.abc import Callable

from seqlabel.privacy.rules.finding import Places

_MONTH = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]{0,6}\.?"
_DAY = (
    r"[0-9]{1,2}(?P<sign>[./-])[0-9]{1,2}(?P=sign)(?:[0-9]{4}|[0-9]{2})|[0-9]{4}(?P<mark>[./-])[0-9]{2}(?P=mark)[0-9]{2}"
    rf"|(?:19|20)[0-9]{{6}}|[0-9]{{1,2}}(?:st|nd|rd|th)?[ -](?:of )?{_MONTH},?[ -][0-9]{{2,4}}"
    rf"|{_MONTH} [0-9]{{1,2}}(?:st|nd|rd|th)?,? [0-9]{{4}}"
)
_BORN = re.compile(
    r"(?<![^\W_])(?:d\.?o\.?b\.?|(?:date[ _]of[ _])birth|birth[ _]?date|born(?: on)?)(?!\w)[\"']?[ \t:=.)(-]{1,4}[\"']?"
    rf"(?P<day>{_DAY})(?![\w-]|[./][0-9])",
    re.I,
)
_BIRTH_SIGNS = ("dob", "d.o.b", "birth", "born")


def births(text: str) -> Places:
    """Find dates of birth behind `DOB`, `Date of birth` and `born`.

    Args:
        text: The text.

    Returns:
        Their half-open characters.
    """
    folded = text.lower()
    for match in _BORN.finditer(text) if any(map(folded.__contains__, _BIRTH_SIGNS)) else ():
        yield match.span("day")


_PLATE = re.compile(r"[A-HJ-PR-Y](?<![\w-].)[A-HJ-PR-Y](?:0[1-9]|[1-7][0-9]) ?[A-HJ-PR-Z]{3}(?![\w-])")
_VEHICLE = re.compile(
    r"(?<![a-z])(?:reg(?:istration|istered|n|\.)?|plates?|vehicles?|cars?|vans?|lorry|truck|motor(?:bike|cycle)|index|vrm|vrn"
    r"|driver|driving|drove|parked|parking|mot|dvla|ford|vauxhall|astra|corsa|fiesta|focus|golf|polo|audi|bmw|mercedes|toyota"
    r"|nissan|honda|peugeot|renault|citro[eë]n|kia|hyundai|volvo|skoda|seat|mini|fiat|tesla|hatchback|saloon|estate)(?![a-z])",
    re.I,
)
_BEFORE_PLATE = 64
"""How many characters before a plate are read for a word for vehicles."""


def plates(text: str) -> Places:
    """Find British plates of the present form (`AB12 CDE`) up to 64 characters behind a word for vehicles.

    Args:
        text: The text.

    Returns:
        Their half-open characters.
    """
    for match in _PLATE.finditer(text):
        if _VEHICLE.search(text, max(match.start() - _BEFORE_PLATE, 0), match.start()):
            yield match.span()


_EXTENSION = re.compile(
    r"xt(?<=[Ee]xt)(?<![\w-].xt)(?:ension|n)?[.:]{0,2} ?(?:no\.? ?|number )?(?P<named>[0-9]{2,6})(?![\w-]|[.,/][0-9])"
)
_CROSSED = re.compile(r"x(?<=[ (]x)(?P<crossed>[0-9]{2,5})(?![\w-]|[.,/][0-9])")
_BEFORE_CROSSED = re.compile(
    r"(?:[0-9]{3,4}(?:,? |,? ?\()|(?<!\w)(?:on|call|dial|ring|bleep|reach|extension|tel|phone)[.:]? \(?)\Z", re.I
)
_NEAR = 16
"""How many characters before `x204` are read for a telephone number or a word for it."""


def extensions(text: str) -> Places:
    """Find extensions of telephones: `ext. 4417`, `call him on x204`.

    Args:
        text: The text.

    Returns:
        The half-open characters of their digits.
    """
    yield from (match.span("named") for match in _EXTENSION.finditer(text))
    for match in _CROSSED.finditer(text) if " x" in text or "(x" in text else ():
        if _BEFORE_CROSSED.search(text, max(match.start() - _NEAR, 0), match.start()):
            yield match.span("crossed")


_FILE = re.compile(
    r"(?<![\w-])(?:datix|urn|steis|incident|crime|case|claims?|file|reference|ref|application|appln|matter|docket|complaint"
    r"|specimen|booking|reservation|report|cad|exhibit|appeal)(?:[ _-](?:ref(?:erence)?|no|number|num|id|code))?"
    r"(?:\.?:?|[ \t]?[#:])[ \t]{1,3}\Z",
    re.I,
)
_FILE_NUMBER = re.compile(
    r"[A-Z0-9](?<=[ \t].)(?=[A-Z0-9/.-]{0,24}[0-9]{2})(?<=(?=[0-9]{0,24}[A-Z/]).)"
    r"[A-Z0-9]{0,11}(?:[/.-][A-Z0-9]{1,10}){0,5}(?![\w-]|[./][A-Za-z0-9])"
)
_BEFORE_FILE = 32
"""How many characters before such a number are read for the word for it."""
_FEWEST_SIGNS = 6
_MONTHLY = re.compile(r"[0-9]{1,4}[./-][0-9]{1,2}(?:[./-][0-9]{2,4})?")


def file_numbers(text: str) -> Places:
    """Find the numbers of incidents, crimes, cases, applications and bookings behind the words for them.

    Args:
        text: The text.

    Returns:
        The half-open characters of those that have six signs or more, with a capital or a slash among them; days,
        months and years are none.
    """
    for match in _FILE_NUMBER.finditer(text):
        start, number = match.start(), match.group()
        if (
            len(number) >= _FEWEST_SIGNS
            and not _MONTHLY.fullmatch(number)
            and _FILE.search(text, max(start - _BEFORE_FILE, 0), start)
        ):
            yield match.span()


_URN = re.compile(r"(?<![\w-])URN:? {1,3}(?P<number>[0-9]{2} ?[A-Z]{1,2}[0-9]? ?[0-9]{4,7} ?[0-9]{2})(?![\w-])")


def police_numbers(text: str) -> Places:
    """Find the unique reference numbers of British prosecutions behind `URN`.

    Args:
        text: The text.

    Returns:
        Their half-open characters.
    """
    if "URN" in text:
        yield from (match.span("number") for match in _URN.finditer(text))


_AGED = re.compile(
    r"[1-9](?<![\w.$£€/-].)[0-9]{0,2}(?=(?: ?(?:yo|y/o|yoa)(?!\w)|[MF] (?:presents|presenting|presented|admitted|c/o|w/"
    r"|PMH|known|hx|brought|found|referred|s/p|seen|attended|complaining|on floor|who)(?!\w)))"
)
_AGED_ALONE = re.compile(r"[1-9](?<= .)[0-9]{0,2}(?=[MF][.,;) \n])")
_PATIENT = re.compile(
    r"(?<![\w-])(?:Bed|Bay|Side ?[Rr]oom|Cubicle|SR) ?[0-9]{1,2}[A-D]?[:.]? (?:(?:Mr|Mrs|Ms|Miss)\.? )?"
    r"(?:[A-Z][A-Za-z'\u2019.-]{0,24} ){1,3}\Z"
)
_BEFORE_AGE = 64
"""How many characters before an age are read for a bed and its patient."""


def ages(text: str) -> Places:
    """Find ages as clinical notes write them: `67 yo`, `84F presenting`, `Bed 3 Ann Lee 72F`.

    Args:
        text: The text.

    Returns:
        The half-open characters of their digits.
    """
    yield from (match.span() for match in _AGED.finditer(text))
    for match in _AGED_ALONE.finditer(text):
        if _PATIENT.search(text, max(match.start() - _BEFORE_AGE, 0), match.start()):
            yield match.span()


_RANKED = re.compile(
    r"[PDWO](?<![\w-].)(?:(?<=[PD])(?:C|S|I)|(?<=D)CI|(?<=W)PC|(?<=O)fficer) (?P<number>[0-9]{2,6}) "
    r"(?P<name>[A-Z][A-Za-z'\u2019-]{1,30})(?![\w@])"
)

has_officer: Callable[[str], object] = _RANKED.search
"""Whether a text has a police officer's rank with a number and a name."""


def police_names(text: str) -> Places:
    """Find police officers by their rank and number: `PC 4471 Langford`.

    Args:
        text: The text.

    Returns:
        The half-open characters of their names.
    """
    yield from (match.span("name") for match in _RANKED.finditer(text))


def collar_numbers(text: str) -> Places:
    """Find the numbers of the same officers.

    Args:
        text: The text.

    Returns:
        Their half-open characters.
    """
    yield from (match.span("number") for match in _RANKED.finditer(text))
