"""What a value can be, by its form and by the words before it; where it begins and ends is found in `refining`."""

import ipaddress
import re
from collections.abc import Callable, Mapping
from itertools import pairwise

from seqlabel.privacy.rules.cues import (
    IDS,
    NUMBERS,
    PERSONAL,
    REACH,
    SECRETS,
    has_cue,
    hints_at_person,
    line_end,
    line_start,
)
from seqlabel.privacy.rules.date_forms import is_no_date

_Place = tuple[int, int]
_ANY_MACHINE = (
    NUMBERS
    | SECRETS
    | frozenset(("USERNAME", "LOCATION", "ORGANISATION", "ADDRESS", "AGE", "DATE", "DATE_OF_BIRTH", "PERSON", "URL"))
)


def fitting_label(text: str, place: tuple[int, int], label: str) -> str | None:
    """Give the value at a place the label that its form allows.

    Args:
        text: The text.
        place: The half-open characters of the value.
        label: The label that a labeler gave it.

    Returns:
        That label; another one where the form rules the first out; None where the value is not private.

    Example:
        >>> fitting_label("at 1712345678123", (3, 16), "PHONE")
        >>> fitting_label("tel 1712345678123", (4, 17), "PHONE")
        'PHONE'
    """
    start, end = place
    value = text[start:end]
    if not value[:1].isalnum() and not any(sign.isalnum() or sign in _MASKS for sign in value):
        # Marks alone are a value's only where they hide one.
        return label if label in SECRETS else None
    if value.isdecimal() and (
        _is_port(text, start, end) or _is_count(text, start, end) or _is_process(text, start, end)
    ):
        return None
    if _is_public(text, start, end) or (label == "IP" and is_private_range(text, start)):
        return None
    if label in _DATES and (
        _is_share(text, start, end) or _FIVE_DIGITS.fullmatch(text, start, end) or is_no_date(value)
    ):
        return None
    if label in _ANY_MACHINE and not _is_words(text, start, end):
        run_start, run_end = _run(text, start, end)
        if _is_machine(text, (run_start, run_end), label) and not has_cue(text, run_start, label):
            return None
        if _is_nobodys(text, (run_start, run_end), label):
            return None
    if label == "AGE" and any(rule(text, start, end) for rule in (_is_cell_without_name, _is_lone_word, _is_numbered)):
        return None
    if label in IDS and _is_id_of_record(text, start, end):
        return None
    if label in NUMBERS and _CURP.fullmatch(text, start, end):
        return "NATIONAL_ID"
    check = _FORMS.get(label)
    if check is None or check(text[start:end]) or has_cue(text, start, label):
        return label
    return None if _NO_CARD.fullmatch(text, start, end) else _OTHERWISE.get(label)


_MACHINE = re.compile(
    r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"  # UUID
    r"|(?=[a-f0-9]*[0-9])(?=[a-f0-9]*[a-f])[a-f0-9]{16,}|[0-9a-f]{24,}"  # hash
    r"|1[4-7][0-9]{8}(?:[0-9]{3}|[0-9]{6}|[0-9]{9})?(?:\.[0-9]{1,9})?"  # Unix time in s, ms, µs, ns
    r"|0[0-7][0-9a-hjkmnp-tv-z]{24}"  # ULID
    r"|0{4}[0-9]{6,}|[0-9]{17,}"  # counter, snowflake
    r"|#(?=[0-9a-f]*[a-f])[0-9a-f]{3,8}"  # colour
    r"|P(?=T?[0-9])(?:[0-9]{1,3}[YMWD]){0,4}(?:T(?:[0-9]{1,4}(?:\.[0-9]{1,9})?[HMS]){1,3})?",  # duration
    re.I,
)
_ODD = re.compile(
    r"(?P<isbn>97[89](?:-?[0-9]){10})|(?P<float>[0-9]{1,9}\.[0-9]{1,17}(?:[eE][+-]?[0-9]{1,3})?)"
    r"|(?P<code>[CEFW][0-9]{3,6})"  # of an error
)
_FIVE_DIGITS = re.compile(r"[0-9]{5}")
"""No way of writing a day has five digits and nothing between them."""
_SHORT_HASH = re.compile(r"(?=[a-f]*[0-9])(?=[0-9]*[a-f])[0-9a-f]{7,15}")
_VERSION = re.compile(r"v?[0-9]{1,3}(?:\.[0-9]{1,4}){1,2}(?:[-+.][a-z]{1,8}[.-]?[0-9]{0,3})?", re.I)

_BEFORE_PORT = re.compile(
    r"(?:(?<![\w.])(?:[0-9]{1,3}\.){3}[0-9]{1,3}|\]|::1?|(?<![\w.])localhost):\Z"
    r"|(?<![a-z])(?:ports?|dpt|spt)(?:\(s\))?[ \t:=\"']{1,4}(?:[0-9]{1,5}[, /]{1,3}){0,3}\Z",
    re.I,
)
_BEHIND_PORT = re.compile(r"[\w-]|[.:][0-9]")


def _is_port(text: str, start: int, end: int) -> bool:
    """Whether the digits at a place are the number of a port: behind a machine's address and colon, or its word."""
    return (
        end - start <= _LONGEST_PORT
        and not _BEHIND_PORT.match(text, end)
        and _BEFORE_PORT.search(text, max(start - REACH // 2, 0), start) is not None
    )


_BEFORE_PROCESS = re.compile(r"(?<![^\W\d_])[a-z][\w./-]{1,40}\[\Z")


def _is_process(text: str, start: int, end: int) -> bool:
    """Whether the digits at a place are the number of a process behind its program's name: `sshd[22114]`."""
    return text[end : end + 1] == "]" and _BEFORE_PROCESS.search(text, max(start - REACH // 2, 0), start) is not None


_SHARE = re.compile(r"(?:1[3-9]|[2-9][0-9])/(?:1[3-9]|[2-9][0-9])")


def _is_share(text: str, start: int, end: int) -> bool:
    """Whether a place holds two numbers of which neither is a month: `19/30`."""
    return _SHARE.fullmatch(text, start, end) is not None


_LONGEST_PORT = 5
_BEFORE_COUNT = re.compile(
    r"(?<![a-z])(?:tokens|bytes|rows|items|lines|requests|files|records|words|pages|seconds|minutes|hours|days|retries"
    r"|errors|warnings|threads|workers|steps|epochs|samples|batches|count|size|length|offset|limit|timeout)"
    r"[\"']?[ \t]?[:=][ \t]?[\"']?\Z",
    re.I,
)


def _is_count(text: str, start: int, end: int) -> bool:
    """Whether the digits at a place stand behind the name of what they count and a colon."""
    return _BEFORE_COUNT.search(text, max(start - REACH // 2, 0), start) is not None


_PUBLIC = "ISBN(?:-1[03])?|ISSN|NDC|UPC|EAN|GTIN|SKU|DOI|RFC|CVE"
_PUBLIC_SIGNS = frozenset(name[0] for name in _PUBLIC.split("|"))
_NAME_OF_PUBLIC = re.compile(rf"(?:{_PUBLIC})[ :=#-]{{1,3}}[0-9]")
_BEFORE_PUBLIC = re.compile(rf"(?<![A-Za-z])(?:{_PUBLIC})(?: (?:no\.|number))?[\"']?[ :=#-]{{1,3}}[\"']?\Z")


def _is_public(text: str, start: int, end: int) -> bool:
    """Whether a place holds the number of a book, a drug or another thing that is sold, or the word before it."""
    if text[start].isdigit() or text[end - 1].isdigit():
        return _BEFORE_PUBLIC.search(text, max(start - REACH // 2, 0), start) is not None
    return text[start] in _PUBLIC_SIGNS and _NAME_OF_PUBLIC.match(text, start, end + REACH // 2) is not None


_BESIDE_WORDS = frozenset(' \t\n\r,;:!?()"\u201c\u201d')


def _is_words(text: str, start: int, end: int) -> bool:
    """Whether a place holds nothing but words, which no machine writes; asked first because most places do."""
    value = text[start:end]
    if not (value.isalpha() and len(value) < _SHORTEST_MACHINE) and not (
        " " in value and value.replace(" ", "").isalpha()
    ):
        return False
    before, behind = text[start - 1 : start] if start else "", text[end : end + 1]
    return (not before or before in _BESIDE_WORDS) and (not behind or behind in _BESIDE_WORDS)


_SHORTEST_MACHINE = 16
"""Letters of the shortest value of a machine that has letters alone."""


def _is_machine(text: str, place: _Place, label: str) -> bool:
    """Whether the run at a place has the form of a value that a machine made for itself."""
    run = text[slice(*place)].strip(".-_")
    if _MACHINE.fullmatch(run):
        return True
    if not run.isalpha() and _is_machine_number(run, text, place, label):
        return True
    if label in _NEVER_RANDOM:
        return False
    wider = text[slice(*_run(text, *place, joints="_-+/"))]
    return len(wider) >= _SHORTEST_MACHINE and (_is_random(run, label) or _is_random(wider, label))


def _is_machine_number(run: str, text: str, place: _Place, label: str) -> bool:
    """Whether a run that has more than letters is the number of a book, a version, …"""
    odd = _ODD.fullmatch(run)
    if odd and (
        (odd["isbn"] and _is_isbn(run))
        or (odd["float"] and not _may_have_dots(run, label, text, place))
        or (odd["code"] and label in _CODED and not _has_name(text, place))
    ):
        return True
    if _SHORT_HASH.fullmatch(run) and (label not in _WORDY or _changes(run) > _MOST_ORDERED):
        return True
    return _VERSION.fullmatch(run) is not None and not _may_have_dots(run, label, text, place)


def _is_random(run: str, label: str) -> bool:
    """Whether a run has capitals and small letters in no order, as nanoids and ETags.

    A password may look so, and so may a long key, a wallet, and a customer's identifier with its prefix.
    """
    return _has_no_order(run, label, _CHANGES[label in _WORDY])


def _has_no_order(run: str, label: str, changes: float) -> bool:
    """Whether a run has capitals and small letters and more than `changes` changes per character."""
    longest = _LONGEST_RANDOM if label in _LONG else 2 * REACH
    if not _RANDOM.fullmatch(run) or len(run) > longest or _OWNED.match(run):
        return False
    return _changes(run) > changes * len(run)


def _changes(run: str) -> int:
    """How often a run changes between capitals, small letters, digits and marks."""
    kinds = [sign.isupper() + 2 * sign.islower() + 3 * sign.isdigit() for sign in run]
    return sum(left != right for left, right in pairwise(kinds))


def _may_have_dots(run: str, label: str, text: str, place: _Place) -> bool:
    """Whether numbers between dots may be what a label says: dates, long telephone numbers, degrees in pairs."""
    if label == "PHONE":
        return len(_digits(run)) >= _FEWEST_DOTTED and run.find(".") >= _FEWEST_BEFORE_DOT
    if label == "LOCATION" and run.count(".") == 1:
        start, end = place
        return bool(
            _DEGREES_BEHIND.match(text, end, end + REACH // 2)
            or _DEGREES_BEFORE.search(text, max(start - REACH // 2, 0), start)
        )
    return label in _DATES


_DEGREES_BEHIND = re.compile(r"[°\"' NSEW]{0,4}[,;/ ][ \t]?-?[0-9]{1,3}\.[0-9]{2}|°|[ ]?[NSEW](?![A-Za-z])")
_DEGREES_BEFORE = re.compile(r"[0-9]{1,3}\.[0-9]{2,17}[°\"' NSEW]{0,4}[,;/ ][ \t]?-?\Z")
_CODED = NUMBERS | SECRETS | {"USERNAME"}
_NAME = re.compile(r"[A-Z][a-z]+[ ,;|\t]+[A-Z][a-z]+")


def _has_name(text: str, place: _Place) -> bool:
    """Whether two words with capitals, as of a name, stand on the line of a place."""
    start, end = place
    return bool(_NAME.search(text, line_start(text, start), start) or _NAME.search(text, end, line_end(text, end)))


_BEFORE_CELL = re.compile(r"[,;|\t][\"']?\Z")
_BEHIND_CELL = re.compile(r"[\"']?(?:[,;|\t]|$)", re.M)
_CAPITAL = re.compile(r"(?<![\w-])[A-ZÀ-Þ][^\W\d_]*(?![\w-])")


def _is_cell_without_name(text: str, start: int, end: int) -> bool:
    """Whether a place is a bare number in a cell of a row that has no word with a capital."""
    line = line_start(text, start)
    return (
        text[start:end].isdecimal()
        and _BEHIND_CELL.match(text, end) is not None
        and _BEFORE_CELL.search(text, line, start) is not None
        and not _CAPITAL.search(text, line, line_end(text, end))
    )


_NUMBER_WORD = re.compile(
    "zero|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve"
    "|(?:thir|four|fif|six|seven|eigh|nine)teen|(?:twen|thir|for|fif|six|seven|eigh|nine)ty",
    re.I,
)


def _is_lone_word(text: str, start: int, end: int) -> bool:
    """Whether a place is the word of a number with nothing else on its line."""
    if not _NUMBER_WORD.fullmatch(text, start, end):
        return False
    return not (text[line_start(text, start) : start] + text[end : line_end(text, end)]).strip(" .!?")


_BEFORE_NUMBERED = re.compile(
    r"(?<![^\W\d_])(?:[ugp]?id|no\.?|nr\.?|number|user|room|row|page|item|line|step|version|chapter|section|figure|table"
    r"|ticket|order|level|part|day|week|unit|bed|ward|floor|suite|apartment)[\"']?[ \t]?[:=#]?[ \t]?[\"']?\Z|#\Z",
    re.I,
)


def _is_numbered(text: str, start: int, end: int) -> bool:
    """Whether a place is a number behind the word for what it numbers, as in `user id 58`, `Room 12`, `#45`."""
    return text[start:end].isdecimal() and _BEFORE_NUMBERED.search(text, max(start - REACH // 2, 0), start) is not None


_BEFORE_ID = re.compile(r"(?:^|[{,\s])[\"']?_?id[\"']?[ \t]?[:=][ \t]?[\"']?\Z", re.M)


def _is_id_of_record(text: str, start: int, end: int) -> bool:
    """Whether a place is the number in a field `id` on whose line nothing hints at a person."""
    if not text[start:end].isdecimal():
        return False
    begin = line_start(text, start)
    line = (begin, line_end(text, end))
    return (
        _BEFORE_ID.search(text, begin, start) is not None
        and not _PERSON_HINT.search(text, *line)
        and not _CAPITAL.search(text, *line)
    )


_BARE_NUMBER = re.compile(r"#?[1-9][0-9]{4,15}")
_LONGEST_CELL = 13
"""Digits of the longest number that stays where it is all of a text, as in a cell whose column says what it is."""
_WIDER = ("+", "/")
_BEFORE_PLACE = re.compile(r"(?<![^\W\d_])(?:in|to|near|from|around),? \Z", re.I)
_BEFORE_SECRET = re.compile(r"[A-Za-z]:\Z")


def _is_nobodys(text: str, place: _Place, label: str) -> bool:
    """Whether the run at a place is a number, a short hash or signs in no order, and nothing near hints at a person."""
    start, end = place
    run = text[start:end].strip(".-_")
    if label in _DATES or (label in SECRETS and _BEFORE_SECRET.search(text, max(start - 2, 0), start)):
        return False
    if _BARE_NUMBER.fullmatch(run):
        if is_card(run) or (len(run) <= _LONGEST_CELL and _is_all(text, start, end)):
            return False
        if label == "LOCATION" and _BEFORE_PLACE.search(text, max(start - REACH // 2, 0), start):
            return False
    elif not _SHORT_HASH.fullmatch(run) and not ((odd := _ODD.fullmatch(run)) and odd["code"]):
        # Most values are shorter than any that has no order.
        if (
            end - start < _SHORTEST_MACHINE
            and text[start - 1 : start] not in _WIDER
            and text[end : end + 1] not in _WIDER
        ):
            return False
        start, end = _run(text, start, end, joints="_-+/")
        if _is_all(text, start, end) or not _has_no_order(text[start:end], label, _CHANGES[0]):
            return False
    return not has_cue(text, start, label) and not hints_at_person(text, start, end)


def _is_all(text: str, start: int, end: int) -> bool:
    """Whether there is nothing but white space around a place."""
    return not text[max(start - REACH, 0) : start].strip() and not text[end : end + REACH].strip()


_PERSON_HINT = re.compile(rf"@|name|mail|phone|birth|addr|{PERSONAL.pattern}", re.I)


def _is_isbn(run: str) -> bool:
    """Whether the check digit of an ISBN-13 is right."""
    return sum(int(digit) * (1, 3)[place % 2] for place, digit in enumerate(_digits(run))) % 10 == 0


_MOST_ORDERED = 2
"""The most changes of a short word that is not a hash, such as the name abe1990."""
_NEVER_RANDOM = frozenset(("PASSWORD", "DATE", "DATE_OF_BIRTH", "CASE_NUMBER"))
_RANDOM = re.compile(r"(?=[^a-z]*[a-z])(?=[^A-Z]*[A-Z])[A-Za-z0-9_+/-]{16,}")
_LONG = frozenset(("API_KEY", "ACCOUNT"))
_LONGEST_RANDOM = 24
_CHANGES = (0.4, 0.5)
"""Changes between capitals, small letters, digits and marks, for each sign, above which a run has no order, and
the same for labels of words. Drawn by chance from 64 signs they are 0.65, in names written together a quarter."""
_OWNED = re.compile(r"(?:cust?|acct?|user|usr|mem|pat|emp)[_-]")
_FEWEST_DOTTED = 9
"""Digits of the shortest telephone number in three groups with dots between."""
_FEWEST_BEFORE_DOT = 3


def _run(text: str, start: int, end: int, joints: str = "_.-") -> _Place:
    """The run of letters, digits and joints around a place, with `#` before it."""
    least, most = max(start - 2 * REACH, 0), min(end + 2 * REACH, len(text))
    while start > least and (text[start - 1].isalnum() or text[start - 1] in joints):
        start -= 1
    while end < most and (text[end].isalnum() or text[end] in joints):
        end += 1
    return (start - 1 if start > least and text[start - 1] == "#" else start), end


_DATES = frozenset(("DATE", "DATE_OF_BIRTH"))
_WORDY = _DATES | {"USERNAME", "PASSWORD", "PERSON"}
_OTHERWISE = {"CARD": "ACCOUNT", "IBAN": "ACCOUNT", "SSN": "NATIONAL_ID"}
"""What a number is labelled that does not have the form of its label; an IP address without its form gets no label."""
NETWORKS = re.compile(
    r"4[0-9]{12}(?:[0-9]{3}(?:[0-9]{3})?)?|5[1-5][0-9]{14}|2(?:22[1-9]|2[3-9][0-9]|[3-6][0-9]{2}|7[01][0-9]|720)[0-9]{12}"
    r"|3[47][0-9]{13}|3(?:0[0-5]|[689][0-9])[0-9]{11}|35(?:2[89]|[3-8][0-9])[0-9]{12}|6(?:011|4[4-9][0-9]|5[0-9]{2})[0-9]{12}"
    r"|62[0-9]{14,17}"
)
"""Numbers of cards of the networks that issue them, without spaces."""
MAESTRO = re.compile(r"(?:50|5[6-9]|6[0-9])[0-9]{10,17}")
"""Numbers of a network that issues none any more; as many other numbers begin so, only spaces or a word tell them."""
_MASKS = frozenset("*xX•·#")
_NO_CARD = re.compile("[0-9]{12,19}")
"""What is not private where it was called a card without a cue: its sum fails."""
_CURP = re.compile("[A-Z]{4}[0-9]{6}[HMX][A-Z]{5}[A-Z0-9][0-9]")
"""The number of a person in Mexico."""


def _digits(value: str) -> str:
    return "".join(filter(str.isdigit, value))


def _may_be_card(value: str) -> bool:
    digits = _digits(value)
    if len(digits) in (0, 4) or not _MASKS.isdisjoint(value):
        return True
    if len(digits) < len(value):
        # One with a digit mistyped is still written as a card is.
        return bool(NETWORKS.fullmatch(digits) or MAESTRO.fullmatch(digits))
    return is_card(digits)


def is_card(digits: str) -> bool:
    """Tell whether digits have the form of a payment card's number: its length, its network and its last digit.

    Args:
        digits: The digits.

    Returns:
        Whether they have.

    Example:
        >>> is_card("4111111111111111"), is_card("4111111111111112")
        (True, False)
    """
    return NETWORKS.fullmatch(digits) is not None and _luhn(digits)


def _luhn(digits: str) -> bool:
    """Whether the sum of a card's digits is right."""
    doubled = (2 * int(digit) if place % 2 else int(digit) for place, digit in enumerate(reversed(digits)))
    return sum(one - 9 if one > 9 else one for one in doubled) % 10 == 0


def _may_be_phone(value: str) -> bool:
    return not value.isdecimal() or len(value) <= _LONGEST_PHONE


_LONGEST_PHONE = 15
"""Digits of a telephone number at most, by E.164."""


def _may_be_iban(value: str) -> bool:
    signs = "".join(filter(str.isalnum, value))
    return not _MASKS.isdisjoint(value) or (len(signs) >= 12 and signs[:2].isalpha() and not signs[:4].isalpha())


def _may_be_ssn(value: str) -> bool:
    return len(_digits(value)) in (0, 4, 9) or not _MASKS.isdisjoint(value)


def is_ip(value: str) -> bool:
    """Tell whether a value is the address of a machine, which may be a person's.

    Args:
        value: The value.

    Returns:
        Whether it is an address of the internet, and not that of each machine itself (`127.0.0.1`), of none
        (`0.0.0.0`), of many (`224.0.0.251`), or the mask of a network (`255.255.255.0`).

    Example:
        >>> is_ip("10.0.0.8"), is_ip("127.0.0.1"), is_ip("255.255.255.0"), is_ip("1.2.3")
        (True, False, False, False)
    """
    try:
        address = ipaddress.ip_address(value)
    except ValueError:
        return False
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped:
        address = address.ipv4_mapped
    hosts = int(address) ^ 0xFFFFFFFF
    is_mask = value.startswith("255.") and hosts & (hosts + 1) == 0
    return not (address.is_loopback or address.is_unspecified or address.is_multicast or is_mask)


_PRIVATE_RANGE = re.compile(
    r"(?:10\.0\.0\.0/8|172\.16\.0\.0/12|192\.168\.0\.0/16|100\.64\.0\.0/10|169\.254\.0\.0/16)(?![0-9])"
)
"""The ranges that everybody may use at home (RFC 1918 and others)."""


def is_private_range(text: str, start: int) -> bool:
    """Tell whether a whole range of addresses that everybody may use begins at a place.

    Args:
        text: The text.
        start: The first character of the place.

    Returns:
        Whether it does.

    Example:
        >>> is_private_range("10.0.0.0/8", 0), is_private_range("10.0.0.8/8", 0)
        (True, False)
    """
    return _PRIVATE_RANGE.match(text, start) is not None


def _may_be_ip(value: str) -> bool:
    bare = value.strip("[]().,;").partition("/")[0]
    if not _MASKS.isdisjoint(bare):
        return True
    return is_ip(bare.partition("%")[0]) or (bare.count(":") == 1 and _may_be_ip(bare.partition(":")[0]))


_OWN_MACHINE = re.compile(
    r"[a-z][a-z0-9+.-]{1,12}://(?:localhost|127(?:\.[0-9]{1,3}){3}|0\.0\.0\.0|\[::1?\])(?::[0-9]{1,5})?/?", re.I
)


def is_elsewhere(url: str) -> bool:
    """Tell whether a URL leads anywhere but to the reader's own machine.

    Args:
        url: The URL.

    Returns:
        Whether it does; a path on that machine may be private and counts.

    Example:
        >>> is_elsewhere("http://localhost:8000/"), is_elsewhere("http://localhost:8000/users/ann")
        (False, True)
    """
    return _OWN_MACHINE.fullmatch(url) is None


_FORMS: Mapping[str, Callable[[str], bool]] = {
    "CARD": _may_be_card,
    "IBAN": _may_be_iban,
    "SSN": _may_be_ssn,
    "IP": _may_be_ip,
    "URL": is_elsewhere,
    "PHONE": _may_be_phone,
}
