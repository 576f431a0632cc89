"""Proofs that a row of `rules.toml` cannot say: URLs, telephones, cards, IBANs, addresses of
machines, and VINs.

A regular expression proposes, a validator decides: `python-stdnum` for check digits, `phonenumbers`
for telephones.
"""

import ipaddress
import re
from collections.abc import Iterator
from itertools import pairwise

from seqlabel.privacy.rules.engine import Places
from seqlabel.privacy.rules.kinds import KINDS
from seqlabel.privacy.rules.secrets import is_published_key

_GAPS = " -\u00a0\u2007\u2009\u202f\u2010\u2011"
_GAP = f"[{re.escape(_GAPS)}]"


def _ends(text: str, start: int, end: int, *, breaks: str) -> Iterator[int]:
    """Where a value may end, the longest first: at `end`, unless a word continues there, and before
    every break.
    """
    if end == len(text) or not (text[end].isalnum() or text[end] == "_"):
        yield end
    for index in range(end - 1, start, -1):
        if text[index] in breaks and text[index - 1] not in breaks:
            yield index


_OWN_MACHINE = re.compile(
    (
        r"[a-z][a-z0-9+.-]{1,12}://(?:localhost|127(?:\.[0-9]{1,3}){3}|0\.0\.0\.0|\[::1?\])(?::[0-9]"
        r"{1,5})?/?"
    ),
    re.I,
)
"""A URL that leads to the reader's own machine; a path on it may be private and counts."""

_URL = re.compile(
    r"(?<![\w@])(?P<beginning>(?:https?|ftps?|sftp|ssh|wss?|git|s3|ldaps?|redis|amqps?|mysql|pos"
    r"tgres(?:ql)?|mongodb(?:\+srv)?)"
    r"://|www\.(?=[\w-]{1,63}\.))[^\s<>,\"'`{}|\\^\u201c\u201d\u2018\u2019\u00ab\u00bb\u3001\u30"
    r"02\uff0c]{3,2048}+",
    re.I,
)
_OPENING = {")": "(", "]": "["}
_TOP = (
    r"(?:com|org|net|edu|gov|mil|info|biz|io|dev|app|ai|co|eu|uk|de|fr|nl|es|it|ch|at|be|se|no|d"
    r"k|fi|pl|cz|ca|au|nz|ie|in|br"
    r"|us|internal|local|lan|corp)(?![\w@-]|\.[\w-]|\()"
)
_HOST_SIGN = re.compile(rf"\.(?:[a-z0-9-]{{1,63}}\.{_TOP}|{_TOP}(?::[0-9]{{1,5}})?/)")
"""Three parts, or two before a path; where there is neither, only a word before a host proves it.
"""
_HOST_NAME = re.compile(
    r"[a-z](?<![\w@.:/\\%+&-].)(?<=(?!(?:java|javax|com|org|net|io|self|this|app)\.).)(?:[a-z0-9"
    r"-]{0,61}[a-z0-9])?\."
    r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.){0,5}"
    rf"{_TOP}(?::[0-9]{{1,5}})?"
    r"(/[^\s<>,\"'`{}|\\^\u201c\u201d\u2018\u2019\u00ab\u00bb\u3001\u3002\uff0c]{0,1024}+)?"
)

_HOST_CUES = ("host", "fqdn", "domain", "server", "relay", "upstream")
_HOST_CUE = re.compile(
    r"(?<![^\W_])(?:host(?:_?name)?|fqdn|domain|server_name|relay|upstream|nameserver|vhost)[\"']?"
    r"(?: |[ \t]{0,2}[=:][ \t]{0,2})[\"']?\Z",
    re.I,
)

_ROLE_HOST = re.compile(
    r"(?:mail|smtp|mx|imap|ns|dns|ldap|ntp|proxy|gateway|router|registry|relay|server|host|local"
    r"host|www|ftp|db)[0-9]{0,2}"
    r"\.(?:internal|local|lan|corp)(?::[0-9]{1,5})?",
    re.I,
)
"""A machine named after its task in a network without a name on the internet: each may have a
`mail.internal`.
"""

_IMAGE = re.compile(r"/[\w./-]{1,200}:[\w][\w.-]{0,127}")
"""The path and tag of a container's image, whose registry is not a page."""


def urls(text: str) -> Places:
    """Find URLs with a scheme or `www.`, and hosts with a path, three parts or a word such as
    `host=` before them.

    Args:
        text: The text.

    Returns:
        Their half-open characters.
    """
    folded = text.casefold()
    for match in _URL.finditer(text) if "://" in text or "www." in folded else ():
        start, end = match.span()
        counts = {mark: match.group().count(mark) for mark in "()[]"}
        while (last := text[end - 1]) in ".;:!?*…)]":
            # A closing bracket belongs to the URL if it closes one inside it.
            if last in _OPENING:
                if counts[last] <= counts[_OPENING[last]]:
                    break
                counts[last] -= 1
            end -= 1
        is_own = _OWN_MACHINE.fullmatch(text, start, end) is not None
        if end > match.end("beginning") and not is_own and not is_public_url(text[start:end]):
            yield start, end
    for match in (
        _HOST_NAME.finditer(text)
        if _HOST_SIGN.search(text) or any(map(folded.__contains__, _HOST_CUES))
        else ()
    ):
        start, end = match.span()
        path = match.group(1)
        while path and text[end - 1] in ".;:!?*…)]":
            end -= 1
        # Two parts alone are as often a file or a member of an object: `main.in`, `user.info`.
        if path and _IMAGE.fullmatch(path):
            continue
        if is_public_url(text[start:end]):
            continue
        proven = (path and end > match.start(1) + 1) or text.count(".", start, end) >= 2
        is_named = _HOST_CUE.search(text, max(start - 16, 0), start) and not _ROLE_HOST.fullmatch(
            text, start, end
        )
        if (proven and text[start - 1 : start] != "=") or is_named:
            yield start, end


PUBLIC_HOSTS = frozenset(KINDS["URL"].public)
"""Hosts of documentation, packages and schemas, by their row in `kinds.toml`."""
_PUBLIC_URL = re.compile(
    r"(?:(?:https?|ftp)://)?(?P<host>[a-z0-9.-]{1,253})(?P<path>/(?!(?:user|users|u|~[^/]*|profi"
    r"le|search)(?:/|\Z))[^?#@]*)?"
    r"(?:#[\w.-]*)?",
    re.I,
)


def is_public_url(value: str) -> bool:
    """Return whether a URL is of a host that publishes documentation, packages or schemas, and
    names no user.

    Args:
        value: The URL, with or without its scheme.

    Returns:
        Whether its host is one of `PUBLIC_HOSTS`, and it has no user, port or query and no path of
        a user.

    Example:
        >>> is_public_url("https://pypi.org/project/spacy/"), is_public_url("https://pypi.org/user/ann/")
        (True, False)
    """
    match = _PUBLIC_URL.fullmatch(value)
    return match is not None and match["host"].lower() in PUBLIC_HOSTS


_PHONE = re.compile(
    # No code of a country is one digit but 1 and 7: +3.140000 is a number, and so are +48.858844
    # and +12.500000. What registrars of domains write, +48.221234567, has more digits.
    r"\+(?<![\w+].)(?![2-689]\.)(?![0-9]{1,3}\.[0-9]{4,6}(?![0-9]|[.()/-][0-9]))"
    r"[1-9](?:(?:\(0\)|[().\-/ "
    rf"{re.escape(_GAPS[2:])}]){{0,3}}[0-9]){{6,16}}(?!(?!x[0-9])\w)"
)

_EXTENSION = re.compile(r" ?(?:x|ext\.?) ?[0-9]{1,6}(?!\w)", re.I)


def phones(text: str) -> Places:
    """Find telephone numbers that begin with `+` and a country's code.

    Args:
        text: The text.

    Returns:
        Their half-open characters.
    """
    for match in _PHONE.finditer(text) if "+" in text else ():
        start = match.start()
        # The match's own end first, even before a letter: an extension may follow.
        ends = (match.end(), *_ends(text, start, match.end(), breaks=_GAPS + ".()/"))
        for end in dict.fromkeys(ends):
            if is_possible_phone(text[start:end]):
                extension = _EXTENSION.match(text, end)
                yield start, extension.end() if extension else end
                break


def is_possible_phone(number: str) -> bool:
    """Return whether a number has as many digits as numbers of its country have.

    Args:
        number: A number that begins with `+` and its country's code.

    Returns:
        Whether it may be dialled from anywhere; a part that can only be dialled from next door may
        not.

    Example:
        >>> is_possible_phone("+44 20 7946 0958"), is_possible_phone("+44 20 7946")
        (True, False)
    """
    import phonenumbers

    try:
        possible = phonenumbers.is_possible_number_with_reason(phonenumbers.parse(number))
    except phonenumbers.NumberParseException:
        return False
    # What can only be dialled from next door is the beginning of a number that is too long.
    return possible == phonenumbers.ValidationResult.IS_POSSIBLE


_CARD = re.compile(
    rf"[2-6](?<![\w.].)(?<!\w-.)(?<=(?=([2-6][0-9]{{2,18}}(?:{_GAP}[0-9]{{3,15}}){{0,5}}(?:"
    rf"{_GAP}[0-9]{{1,2}})?)).)"
)
_NO_GAPS = str.maketrans("", "", _GAPS)
_NETWORKS = re.compile(
    r"4[0-9]{12}(?:[0-9]{3}(?:[0-9]{3})?)?|5[1-5][0-9]{14}|2(?:22[1-9]|2[3-9][0-9]|[3-6][0-9]{2}"
    r"|7[01][0-9]|720)[0-9]{12}"
    r"|3[47][0-9]{13}|3(?:0[0-5]|[689][0-9])[0-9]{11}|35(?:2[89]|[3-8][0-9])[0-9]{12}|6(?:011|4["
    r"4-9][0-9]|5[0-9]{2})[0-9]{12}"
    r"|62[0-9]{14,17}"
)
"""Numbers of cards of the networks that issue them, without spaces."""


def cards(text: str) -> Places:
    """Find payment cards by their networks and Luhn's digit.

    Args:
        text: The text.

    Returns:
        Their half-open characters.
    """
    from stdnum import luhn

    for match in _CARD.finditer(text):
        start, last = match.span(1)
        for end in _ends(text, start, last, breaks=_GAPS):
            digits = text[start:end].translate(_NO_GAPS)
            # Digits that continue after a hyphen may be a part of a UUID.
            is_part = text[end : end + 1] == "-" and text[end + 1 : end + 2].isalnum()
            if _NETWORKS.fullmatch(digits) and luhn.is_valid(digits) and not is_part:
                yield start, end
                break


_IBAN_DIGITS = re.compile(rf"[0-9](?<=[A-Za-z]{{2}}.)[0-9](?:{_GAP}?[A-Za-z0-9]){{11}}")
_IBAN = re.compile(rf"(?<!\w)(?=([A-Za-z]{{2}}[0-9]{{2}}(?:{_GAP}?[A-Za-z0-9]){{11,30}}))")
_SHORTEST_IBAN = 15


def ibans(text: str) -> Places:
    """Find IBANs by their check digits (ISO 7064).

    Args:
        text: The text.

    Returns:
        Their half-open characters.
    """
    from stdnum import iban

    for match in _IBAN.finditer(text) if _IBAN_DIGITS.search(text) else ():
        start, last = match.span(1)
        for end in _ends(text, start, last, breaks=_GAPS):
            value = text[start:end].translate(_NO_GAPS).upper()
            # The check digits that some countries keep inside the account number are not asked for:
            # 97 proves enough.
            if (
                len(value) >= _SHORTEST_IBAN
                and _is_97(value)
                and iban.is_valid(value, check_country=False)
            ):
                yield start, end
                break


def _is_97(value: str) -> bool:
    # The validator asks the same, but ten times slower, and a hostile text has many candidates.
    return int("".join(str(int(character, 36)) for character in value[4:] + value[:4])) % 97 == 1


PUBLIC_NETWORKS = tuple(map(ipaddress.ip_network, KINDS["IP"].public))
"""Addresses that are not those of one machine, by their row in `kinds.toml`."""


def is_ip(value: str) -> bool:
    """Return whether a value is the address of one machine, which may be a person's.

    Args:
        value: The value.

    Returns:
        Whether it is an address of the internet, and none of `PUBLIC_NETWORKS`.

    Example:
        >>> is_ip("10.0.0.8"), is_ip("127.0.0.1"), is_ip("255.255.255.0"), is_ip("1.2.3")
        (True, False, False, False)
    """
    address = _address(value)
    return address is not None and not any(address in network for network in PUBLIC_NETWORKS)


def is_public(label: str, value: str) -> bool:
    """Return whether a value of a kind is known and not private.

    Args:
        label: The kind.
        value: The value.

    Returns:
        Whether `kinds.toml` lists it as public: a network, the host of a URL, a key of published
        samples.

    Example:
        >>> (is_public("IP", "127.0.0.1"),
        ...  is_public("URL", "https://docs.python.org/3/"), is_public("PERSON", "Ann"))
        (True, True, False)
    """
    match label:
        case "IP":
            return is_public_ip(value)
        case "URL":
            return is_public_url(value)
        case _:
            # A labeler may take a key for a number of another kind.
            return is_published_key(value)


def is_public_ip(value: str) -> bool:
    """Return whether a value is an address of `PUBLIC_NETWORKS`.

    Args:
        value: The value, which may have the size of a network or a port after it.

    Returns:
        Whether it is one; a value that is not an address is not.

    Example:
        >>> is_public_ip("127.0.0.1:8080"), is_public_ip("10.0.0.8"), is_public_ip("10.x.x.8")
        (True, False, False)
    """
    bare = value.strip("[]().,;").partition("/")[0].partition("%")[0]
    address = _address(bare.partition(":")[0] if bare.count(":") == 1 else bare)
    return address is not None and any(address in network for network in PUBLIC_NETWORKS)


def _address(value: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        address = ipaddress.ip_address(value)
    except ValueError:
        return None
    return (isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped) or address


def is_ipv6(value: str) -> bool:
    """Return whether a value is the IPv6 address of one machine and unlikely to be a name of code.

    Args:
        value: The value.

    Returns:
        Whether it is an address with several groups and a digit.

    Example:
        >>> is_ipv6("2001:db8::7"), is_ipv6("1::2"), is_ipv6("a::b")
        (True, False, False)
    """
    groups = [group for group in value.split(":") if group]
    has_form = len(groups) > _FEWEST_GROUPS or any(len(group) > _FEWEST_GROUPS for group in groups)
    return len(groups) > 1 and has_form and any(map(str.isdigit, value)) and is_ip(value)


_FEWEST_GROUPS = 2


def is_pan(value: str) -> bool:
    """Return whether a value is an Indian PAN, and not a form that shows how one looks.

    Args:
        value: Ten capitals and digits.

    Returns:
        Whether it is.

    Example:
        >>> is_pan("ACUPA7085R"), is_pan("AAAAA9999A")
        (True, False)
    """
    from stdnum.in_ import pan

    return len(set(value)) >= _FEWEST_OF_PAN and bool(pan.is_valid(value))


_FEWEST_OF_PAN = 4
"""The fewest different characters of a number that can be a person's."""


def is_mac(value: str) -> bool:
    """Return whether a MAC address is that of one device.

    Args:
        value: The address with its marks.

    Returns:
        Whether it is neither zero nor that of all devices.
    """
    return len(set(filter(str.isalnum, value.lower()))) > 1


_VIN_VALUES = {
    **{str(digit): digit for digit in range(10)},
    **dict(
        zip(
            "ABCDEFGHJKLMNPRSTUVWXYZ",
            (*range(1, 9), *range(1, 6), 7, 9, *range(2, 10)),
            strict=True,
        )
    ),
}
_VIN_WEIGHTS = (8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2)


def is_vin(value: str) -> bool:
    """Return whether the check digit of a VIN is right (ISO 3779, 49 CFR 565).

    Args:
        value: Seventeen capitals and digits.

    Returns:
        Whether it is.

    Example:
        >>> is_vin("1HGBH41JXMN109186"), is_vin("1HGBH41J1MN109186")
        (True, False)
    """
    total = sum(
        _VIN_VALUES[character] * weight
        for character, weight in zip(value, _VIN_WEIGHTS, strict=True)
    )
    return value[8] == "0123456789X"[total % 11]


_DIGIT_WORDS = (
    "null eins zwei drei vier fünf sechs sieben acht neun",
    "zéro un deux trois quatre cinq six sept huit neuf",
    "cero uno dos tres cuatro cinco seis siete ocho nueve",
    "zero uno due tre quattro cinque sei sette otto nove",
    "nul een twee drie vier vijf zes zeven acht negen",
    "zero um dois três quatro cinco seis sete oito nove",
)
"""The digits from 0 in the languages of `phone-spoken`."""
_DIGITS_OF_WORDS = {
    word: digit for words in _DIGIT_WORDS for digit, word in enumerate(words.split())
}
_MOST_COUNTED = 0.6
"""The share of steps by one from which on a row of digits counts up or down."""


def is_spoken_number(value: str) -> bool:
    """Return whether digits in words are a number, and do not count up or down or say one digit.

    Args:
        value: The words.

    Returns:
        Whether they are.

    Example:
        >>> (is_spoken_number("null eins sieben zwei fünf fünf drei"),
        ...  is_spoken_number("uno dos tres cuatro cinco seis siete"))
        (True, False)
    """
    words = re.findall(r"\w+", value.lower())
    digits = [_DIGITS_OF_WORDS.get(word) for word in words]
    steps = [
        later - earlier
        for earlier, later in pairwise(digits)
        if earlier is not None and later is not None
    ]
    counted = max(steps.count(1), steps.count(-1))
    return len(set(words)) > 1 and counted < _MOST_COUNTED * (len(words) - 1)


_NUMBER_WORDS = frozenset(
    ("zero", "oh", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "niner")
)
_FEWEST_LETTERS = 3


def is_spoken_code(value: str) -> bool:
    """Return whether words of the alphabet of NATO and digits are a code, and not the alphabet.

    Args:
        value: The words.

    Returns:
        Whether three are letters and these are not in the order of the alphabet.

    Example:
        >>> is_spoken_code("kilo lima seven six oscar"), is_spoken_code("alpha bravo charlie delta")
        (True, False)
    """
    words = re.findall(r"[\w-]+", value.lower())
    letters = [word[0] for word in words if word not in _NUMBER_WORDS]
    steps = [ord(later) - ord(earlier) for earlier, later in pairwise(letters)]
    has_digits = len(letters) < len(words)
    return len(letters) >= _FEWEST_LETTERS and (has_digits or steps.count(1) < len(steps))
