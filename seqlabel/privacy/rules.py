"""Private values that their form proves, or a word before them, found by rules; all others are a model's.

A regular expression proposes, a validator decides: `python-stdnum` for check digits, `phonenumbers` for telephone
numbers, `ipaddress` for addresses of the internet. Both packages are the extra `seqlabel-rnn[pii]`. Every expression is
anchored and bounded, so that the time grows with the text's length and no faster, whatever the text is.
"""

import ipaddress
import re
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cache

from seqlabel.documents.overlaps import longest_spans
from seqlabel.documents.spans import CharacterSpan
from seqlabel.errors import OptionError
from seqlabel.privacy.address_rules import has_postcode, named_houses, streets, towns
from seqlabel.privacy.chat_rules import bracketed_users, chat_names
from seqlabel.privacy.cued_rules import (
    ages,
    births,
    collar_numbers,
    extensions,
    file_numbers,
    has_officer,
    plates,
    police_names,
    police_numbers,
)
from seqlabel.privacy.cues import has_cue
from seqlabel.privacy.european_rules import (
    called_numbers,
    has_many_digits,
    national_numbers,
    spoken_numbers,
    tax_numbers,
)
from seqlabel.privacy.forms import MAESTRO, NETWORKS
from seqlabel.privacy.hl7_rules import (
    has_fields,
    hl7_births,
    hl7_calls,
    hl7_names,
    hl7_numbers,
    hl7_staff,
    hl7_streets,
    hl7_towns,
)
from seqlabel.privacy.letter_rules import letter_names, relatives
from seqlabel.privacy.log_rules import hardware, hosts, screen_names, telephones, users
from seqlabel.privacy.name_rules import chat_senders, field_names, listed_names, spoken_names, titled_names
from seqlabel.privacy.named_rules import (
    account_numbers,
    company_numbers,
    device_numbers,
    identity_numbers,
    lawyer_numbers,
    reference_numbers,
)
from seqlabel.privacy.possible_phones import is_possible_phone
from seqlabel.privacy.secret_rules import backup_codes, keys, passwords, private_keys, seeds


class Pattern(StrEnum):
    """The labels of what is found here."""

    EMAIL = "EMAIL"
    URL = "URL"
    IP = "IP"
    MAC = "MAC"
    PHONE = "PHONE"
    CARD = "CARD"
    IBAN = "IBAN"
    SSN = "SSN"
    VIN = "VIN"
    API_KEY = "API_KEY"
    USERNAME = "USERNAME"
    PASSWORD = "PASSWORD"
    NATIONAL_ID = "NATIONAL_ID"
    TAX_ID = "TAX_ID"
    PERSON = "PERSON"
    ACCOUNT = "ACCOUNT"
    CASE_NUMBER = "CASE_NUMBER"
    CUSTOMER_ID = "CUSTOMER_ID"
    EMPLOYEE_ID = "EMPLOYEE_ID"
    ADDRESS = "ADDRESS"
    LOCATION = "LOCATION"
    DATE_OF_BIRTH = "DATE_OF_BIRTH"
    MEDICAL_ID = "MEDICAL_ID"
    PLATE = "PLATE"
    AGE = "AGE"


@dataclass(frozen=True, slots=True)
class Value:
    """A value that was found without the model. It holds no text.

    Args:
        start: Its first character.
        end: The character behind it.
        label: What it is.
        source: What found it: `rule`, the place of a pattern in the settings, or `deny`.
        always: Whether it is private whatever else the user says.
    """

    start: int
    end: int
    label: str
    source: str
    always: bool = False


@dataclass(frozen=True)
class Rule:
    """Something that finds values of one label.

    Args:
        label: Their label.
        find: Gives the first character of each value in a text, and the one behind it.
        source: What findings call it.
        always: Whether its values are private whatever else the user says.
        sign: Whether a text may have such values; None where `find` looks itself. Rules with the same sign stand one
            after another, so that a text is searched for it once.
    """

    label: str
    find: Callable[[str], Iterable[tuple[int, int]]]
    source: str = "rule"
    always: bool = False
    sign: Callable[[str], object] | None = None


def find_patterns(text: str) -> list[CharacterSpan]:
    """Find the values in a text whose form proves them.

    Labels are those of `Pattern`: e-mail addresses; URLs with a scheme or `www.`, and hosts with a path, three parts or
    a word such as `host=` before them; IPv4, IPv6 and MAC addresses; telephone numbers that begin with `+` and a
    country's code; payment cards (Luhn); IBANs (ISO 7064); US social security numbers with hyphens; VINs with a right
    check digit (ISO 3779, 49 CFR 565); keys and tokens with an unmistakable beginning, such as `AKIA`, `ghp_`,
    `ssh-rsa` or a JSON web token's, and what follows `Authorization: Basic` or `Bearer`; user names in the paths of
    home folders; what follows `password=`, `token:`, `session=`, `api-key:` and the like, the words of a wallet's seed,
    and private keys (`seqlabel.privacy.secret_rules`); Brazilian CPFs with right check digits and Indian PANs;
    European national and tax numbers with right check digits, telephone numbers behind a word such as `Tel.`, and those
    said in seven words for digits or more (`seqlabel.privacy.european_rules`); references, bank codes, devices and
    papers behind their names (`seqlabel.privacy.named_rules`); persons behind the fields of forms, behind titles, and
    where one speaks to or of them, and senders of messages (`seqlabel.privacy.name_rules`);
    users, machines and telephones in the fields of logs, and persons by the names of their devices and files
    (`seqlabel.privacy.log_rules`); addresses with a postcode of Britain, Ireland, India or Australia
    (`seqlabel.privacy.address_rules`); names behind
    greetings and words for relatives, under letters and behind `Signed` (`seqlabel.privacy.letter_rules`), and in small
    letters where a chat calls somebody (`seqlabel.privacy.chat_rules`); dates of birth, plates, extensions and numbers
    of incidents and files behind the words for them (`seqlabel.privacy.cued_rules`); what segments of HL7 tell of
    persons (`seqlabel.privacy.hl7_rules`).

    A value is not hidden by invisible characters (zero-width, direction marks, variation selectors, control
    characters), by the colours of a terminal, by full-width letters and digits, or by an escape before it (`\\n`,
    `\\u003d`, `%20`). Of two values that overlap, the longer stays.

    Args:
        text: The text.

    Returns:
        The values with their labels, in document order.

    Raises:
        OptionError: Where the packages of `seqlabel-rnn[pii]` are missing.
    """
    return [CharacterSpan(value.start, value.end, value.label) for value in find_values(text, checked_rules())]


def checked_rules() -> tuple[Rule, ...]:
    """Return the rules, after making sure that the packages with their validators are installed.

    Returns:
        All rules of this module.

    Raises:
        OptionError: Where the packages of `seqlabel-rnn[pii]` are missing.
    """
    _validators()
    return RULES


def find_values(
    text: str, rules: Sequence[Rule], *, more: Callable[[str], Iterable[Rule]] = lambda reading: ()
) -> list[Value]:
    """Find the values of rules, as `find_patterns` finds its own: nothing invisible and no escape hides them.

    Args:
        text: The text.
        rules: What finds them.
        more: Tells which other rules can find something in a reading of the text.

    Returns:
        The values in document order. Of two that overlap, the longer stays, but those that are always private stay
        beside all others.
    """
    clean = text if text.isascii() or not _WIDE.search(text) else text.translate(_PLAIN)
    hidden: list[int] = []
    for match in INVISIBLE.finditer(text) if _UNSEEN.search(text) else ():
        hidden += [match.start() - len(hidden)] * (match.end() - match.start())
    if hidden:
        clean = INVISIBLE.sub("", clean)
    readings = [clean]
    if ("\\" in clean or "%" in clean) and _ESCAPE.search(clean):
        # Of `\n203.0.113.7` the letter is not part of a value; of `DOMAIN\nancy@example.org` it is.
        readings.append(_ESCAPE.sub(lambda match: " " * len(match.group()), clean))
    found: list[tuple[int, int, str, str, bool]] = []
    for reading in readings:
        sign, may_have = None, True
        for rule in (*rules, *more(reading)):
            if rule.sign is not sign:
                sign = rule.sign
                may_have = sign is None or bool(sign(reading))
            for start, end in rule.find(reading) if may_have else ():
                found.append((start, end, rule.label, rule.source, rule.always))
    values = [Value(*place) for place in sorted(found)]
    kept = list(longest_spans(value for value in values if not value.always))
    if always := longest_spans(value for value in values if value.always):
        kept = sorted((*kept, *always), key=lambda value: (value.start, value.end))
    if hidden:
        # An invisible character before a place shifts it; one at the very end of a value stays outside.
        kept = [
            replace(
                value,
                start=value.start + bisect_right(hidden, value.start),
                end=value.end - 1 + bisect_right(hidden, value.end - 1) + 1,
            )
            for value in kept
        ]
    return kept


_SIGNS = (
    "[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f"
    "\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\U0001bca0-\U0001bca3"
    "\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)
_UNSEEN = re.compile(_SIGNS)
INVISIBLE = re.compile(rf"\x1b\[[0-?]{{0,32}}[@-~]|{_SIGNS}")
"""Invisible characters: colours of a terminal (ECMA-48), control characters that are not white space, and those that
Unicode lets programs ignore (Default_Ignorable_Code_Point)."""
_ESCAPE = re.compile(r"\\(?:[abfnrtv]|u[0-9A-Fa-f]{4}|x[0-9A-Fa-f]{2})|%[0-9A-Fa-f]{2}")
_WIDE = re.compile("[\uff01-\uff5e]")
_PLAIN = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}

_Places = Iterator[tuple[int, int]]


@cache
def _validators() -> tuple[Callable[[str], bool], Callable[[str], bool], Callable[[str], bool]]:
    """Whether a string is an IBAN, has a right Luhn digit, is an SSN."""
    try:
        import phonenumbers  # noqa: F401
        from stdnum import iban, luhn
        from stdnum.us import ssn
    except ImportError as error:
        raise OptionError(
            "Rules need the packages phonenumbers and python-stdnum. Install them with pip install 'seqlabel-rnn[pii]'."
        ) from error

    # The check digits that some countries keep inside the account number are not asked for: 97 proves enough.
    return (lambda value: iban.is_valid(value, check_country=False)), luhn.is_valid, ssn.is_valid


def _ends(text: str, start: int, end: int, *, breaks: str) -> Iterator[int]:
    """Where a value may end, the longest first: at `end`, unless a word continues there, and before every break."""
    if end == len(text) or not (text[end].isalnum() or text[end] == "_"):
        yield end
    for place in range(end - 1, start, -1):
        if text[place] in breaks and text[place - 1] not in breaks:
            yield place


_GAPS = " -\u00a0\u2007\u2009\u202f\u2010\u2011"
_GAP = f"[{re.escape(_GAPS)}]"

_DOMAIN = re.compile(r"@(?:[^\W_][\w-]{0,62}\.){1,8}(?:xn--[a-z0-9-]{2,59}|[^\W\d_]{2,24})(?![\w@])", re.I)
_MAILBOX = re.compile(
    r"(?<![\w+%~])(?<![\w+%~][.-])[\w+%~][\w.+%~-]{0,63}+(?:'[\w.+%~-]{1,32}+)?(?<!\.)\Z",
)
_LONGEST_MAILBOX = 97


# Rules first look for a sign that their values must have: most texts lack it, and a search for values takes far longer.


def _emails(text: str) -> _Places:
    end = 0
    for domain in _DOMAIN.finditer(text):
        mailbox = _MAILBOX.search(text, max(domain.start() - _LONGEST_MAILBOX, end), domain.start())
        if mailbox:
            end = domain.end()
            yield mailbox.start(), end


_URL = re.compile(
    r"(?<![\w@])(?P<beginning>(?:https?|ftps?|sftp|ssh|wss?|git|s3|ldaps?|redis|amqps?|mysql|postgres(?:ql)?|mongodb(?:\+srv)?)"
    r"://|www\.(?=[\w-]{1,63}\.))[^\s<>,\"'`{}|\\^\u201c\u201d\u2018\u2019\u00ab\u00bb\u3001\u3002\uff0c]{3,2048}+",
    re.I,
)
_OPENING = {")": "(", "]": "["}
_TOP = (
    r"(?:com|org|net|edu|gov|mil|info|biz|io|dev|app|ai|co|eu|uk|de|fr|nl|es|it|ch|at|be|se|no|dk|fi|pl|cz|ca|au|nz|ie|in|br"
    r"|us|internal|local|lan|corp)(?![\w@-]|\.[\w-]|\()"
)
_HOST_SIGN = re.compile(rf"\.(?:[a-z0-9-]{{1,63}}\.{_TOP}|{_TOP}(?::[0-9]{{1,5}})?/)")
"""Three parts, or two before a path; where there is neither, only a word before a host proves it."""
_HOST_NAME = re.compile(
    r"[a-z](?<![\w@.:/\\%+&-].)(?<=(?!(?:java|javax|com|org|net|io|self|this|app)\.).)(?:[a-z0-9-]{0,61}[a-z0-9])?\."
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


def _urls(text: str) -> _Places:
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
        if end > match.end("beginning"):
            yield start, end
    for match in (
        _HOST_NAME.finditer(text) if _HOST_SIGN.search(text) or any(map(folded.__contains__, _HOST_CUES)) else ()
    ):
        start, end = match.span()
        path = match.group(1)
        while path and text[end - 1] in ".;:!?*…)]":
            end -= 1
        # Two parts alone are as often a file or a member of an object: `main.in`, `user.info`.
        proven = (path and end > match.start(1) + 1) or text.count(".", start, end) >= 2
        if (proven and text[start - 1 : start] != "=") or _HOST_CUE.search(text, max(start - 16, 0), start):
            yield start, end


_IPV4 = re.compile(r"[0-9](?<![\w.].)(?<!==.)[0-9]{0,2}\.(?:[0-9]{1,3}\.){2}[0-9]{1,3}(?!\w|\.[0-9])")
_VERSION = re.compile(r"(?:version|release|build|firmware|revision|\b(?:ver|rel|rev|v))\.?[\s:=\"']{0,4}$", re.I)
_STEM = re.compile(r"([A-Za-z]+)[/-]$")
_RELEASE = re.compile(
    r"-(?:alpha|beta|rc|pre|dev|snapshot|release|final|stable|build|patch|hotfix|ga|ubuntu|debian|deb|el[0-9]|fc[0-9]"
    r"|alpine|slim|amd64|arm|x86|linux|win|mac|jre|jdk|bin|src|git)",
    re.I,
)
_HOST = re.compile(
    r"addr|address|client|dest|destination|dmz|dns|dst|from|gateway|gw|host|icmp|inside|ip|ipv4|local|nat|node|outside"
    r"|peer|proxy|remote|server|source|src|tcp|to|udp|user|vpn",
    re.I,
)
_IPV4_SIGN = re.compile(r"\.[0-9]{1,3}\.[0-9]{1,3}\.[0-9]")
_FEWEST_COLONS = 2
_IPV6_SIGN = re.compile(":[0-9A-Fa-f]{0,4}:")
_IPV6 = re.compile(r"(?<![\w:.])[0-9A-F]{0,4}+(?::[0-9A-F]{0,4}+){2,8}+(?:\.[0-9]{1,3}){0,3}(?![\w:]|\.[0-9])", re.I)


def _ips(text: str) -> _Places:
    for match in _IPV4.finditer(text) if _IPV4_SIGN.search(text) else ():
        start, end = match.span()
        if _is_ip(match.group()) and not _is_version(text, start, end):
            yield start, end
    for match in _IPV6.finditer(text) if text.count(":") >= _FEWEST_COLONS and _IPV6_SIGN.search(text) else ():
        start, end = match.span()
        if text[end - 1] == ":" and not text.startswith("::", end - 2):
            end -= 1
        value = text[start:end]
        # Without a digit, or with a single group, it is as likely a name of code as an address.
        several = sum(map(bool, value.split(":"))) >= 2
        if (several and any(character.isdigit() for character in value) and _is_ip(value)) or value == "::1":
            yield start, end


def _is_version(text: str, start: int, end: int) -> bool:
    """Whether an address of four numbers is as likely a version: `Chrome/119.0.0.0`, but not `inside/10.0.0.8`."""
    if _VERSION.search(text, max(0, start - 16), start) or _RELEASE.match(text, end):
        return True
    stem = _STEM.search(text, max(0, start - 24), start)
    if stem is None or _HOST.fullmatch(stem.group(1)):
        return False
    first, *rest = text[start:end].split(".")
    return (first, rest[0]) != ("192", "168") and all(int(number) < 100 for number in rest)


def _is_ip(value: str) -> bool:
    try:
        ipaddress.ip_address(value)
    except ValueError:
        return False
    return True


_MAC_SIGN = re.compile(r"[:-](?:[0-9A-Fa-f]{2}[:-]){2}")
_CISCO_SIGN = re.compile(r"\.[0-9A-Fa-f]{4}\.")
_MARKS = 5
"""Marks between the six parts of a MAC address."""
_MAC = re.compile(
    r"(?<![\w:.-])(?:[0-9A-F]{2}:(?:[0-9A-F]{2}:){4}[0-9A-F]{2}|(?=[0-9-]{0,16}[A-F])[0-9A-F]{2}-(?:[0-9A-F]{2}-){4}[0-9A-F]{2}"
    r"|(?=[0-9.]{0,13}[A-F])[0-9A-F]{4}\.[0-9A-F]{4}\.[0-9A-F]{4})(?![\w-]|[:.][0-9A-F])",
    re.I,
)


def _macs(text: str) -> _Places:
    marks = max(text.count(":"), text.count("-"))
    if (marks >= _MARKS and _MAC_SIGN.search(text)) or _CISCO_SIGN.search(text):
        yield from (match.span() for match in _MAC.finditer(text))


_PHONE = re.compile(
    rf"(?<![\w+])\+[1-9](?:(?:\(0\)|[().\-/ {re.escape(_GAPS[2:])}]){{0,3}}[0-9]){{6,16}}(?!(?!x[0-9])\w)"
)

_EXTENSION = re.compile(r" ?(?:x|ext\.?) ?[0-9]{1,6}(?!\w)", re.I)


def _phones(text: str) -> _Places:
    for match in _PHONE.finditer(text) if "+" in text else ():
        start = match.start()
        for end in (match.end(), *_ends(text, start, match.end(), breaks=_GAPS + ".()/")):
            if is_possible_phone(text[start:end]):
                extension = _EXTENSION.match(text, end)
                yield start, extension.end() if extension else end
                break


_LONG_NUMBER = re.compile(rf"[0-9](?<![0-9].)(?:{_GAP}?[0-9]){{12}}")
_CARD = re.compile(rf"(?<![\w.])(?<!\w-)(?=([2-6][0-9]{{2,18}}(?:{_GAP}[0-9]{{3,15}}){{0,5}}(?:{_GAP}[0-9]{{1,2}})?))")
_NO_GAPS = str.maketrans("", "", _GAPS)


def _cards(text: str) -> _Places:
    has_luhn = _validators()[1]
    for match in _CARD.finditer(text) if _LONG_NUMBER.search(text) else ():
        start, last = match.span(1)
        for end in _ends(text, start, last, breaks=_GAPS):
            digits = text[start:end].translate(_NO_GAPS)
            # Digits that go on behind a hyphen may be a part of a UUID.
            goes_on = text[end : end + 1] == "-" and text[end + 1 : end + 2].isalnum()
            is_card = NETWORKS.fullmatch(digits) or (
                MAESTRO.fullmatch(digits) and (len(digits) < end - start or has_cue(text, start, "CARD"))
            )
            if is_card and has_luhn(digits) and not goes_on:
                yield start, end
                break


_IBAN_DIGITS = re.compile(rf"[0-9](?<=[A-Za-z]{{2}}.)[0-9](?:{_GAP}?[A-Za-z0-9]){{11}}")
_IBAN = re.compile(rf"(?<!\w)(?=([A-Za-z]{{2}}[0-9]{{2}}(?:{_GAP}?[A-Za-z0-9]){{11,30}}))")


def _ibans(text: str) -> _Places:
    is_iban = _validators()[0]
    for match in _IBAN.finditer(text) if _IBAN_DIGITS.search(text) else ():
        start, last = match.span(1)
        for end in _ends(text, start, last, breaks=_GAPS):
            value = text[start:end].translate(_NO_GAPS).upper()
            if len(value) >= 15 and _is_97(value) and is_iban(value):
                yield start, end
                break


def _is_97(value: str) -> bool:
    # The validator asks the same, but ten times slower, and a hostile text has many candidates.
    return int("".join(str(int(character, 36)) for character in value[4:] + value[:4])) % 97 == 1


_SSN = re.compile(r"[0-9](?<![\w.+-].)[0-9]{2}[-\u2010\u2011][0-9]{2}[-\u2010\u2011][0-9]{4}(?![\w-])")


_SSN_SIGN = re.compile(r"-[0-9]{2}-[0-9]{4}")


def _ssns(text: str) -> _Places:
    is_ssn = _validators()[2]
    for match in _SSN.finditer(text) if not text.isascii() or _SSN_SIGN.search(text) else ():
        if is_ssn(match.group().translate(_NO_GAPS)):
            yield match.span()


_VIN_SIGNS = re.compile(r"[A-HJ-NPR-Z0-9]{13}[0-9]{4}")
_VIN = re.compile(r"(?<!\w)(?=[0-9]{0,12}[A-Z])[A-HJ-NPR-Z0-9]{13}[0-9]{4}(?!\w)")
_VIN_VALUES = {
    **{str(digit): digit for digit in range(10)},
    **dict(zip("ABCDEFGHJKLMNPRSTUVWXYZ", (*range(1, 9), *range(1, 6), 7, 9, *range(2, 10)), strict=True)),
}
_VIN_WEIGHTS = (8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2)


def _vins(text: str) -> _Places:
    for match in _VIN.finditer(text) if _VIN_SIGNS.search(text) else ():
        value = match.group()
        total = sum(_VIN_VALUES[character] * weight for character, weight in zip(value, _VIN_WEIGHTS, strict=True))
        if value[8] == "0123456789X"[total % 11]:
            yield match.span()


_API_KEY = re.compile(
    r"(?<![\w-])(?:"
    r"(?:AKIA|ASIA|AROA|AIDA)[A-Z0-9]{16}(?![A-Za-z0-9])"
    r"|gh[pousr]_[A-Za-z0-9]{36,255}+|github_pat_[A-Za-z0-9_]{22,255}+|glpat-[\w-]{20,64}+"
    r"|xox[abeoprs]-[A-Za-z0-9-]{10,255}+|xapp-[A-Za-z0-9-]{20,255}+"
    r"|(?:sk|pk|rk)_(?:live|test)_[A-Za-z0-9]{16,255}+|whsec_[A-Za-z0-9]{24,64}+|sk-[A-Za-z0-9_-]{20,255}+"
    r"|AIza[\w-]{35}(?![\w-])|ya29\.[\w-]{20,512}+|GOCSPX-[\w-]{28}"
    r"|SG\.[\w-]{16,32}+\.[\w-]{32,64}+|npm_[A-Za-z0-9]{36}|pypi-[\w-]{50,512}+|hf_[A-Za-z0-9]{30,64}+"
    r"|dop_v1_[a-f0-9]{64}|shp(?:at|ca|pa|ss)_[a-fA-F0-9]{32}|sq0(?:atp|csp)-[\w-]{22,64}+|key-[a-f0-9]{32}"
    r"|eyJ[\w-]{8,4096}+\.eyJ[\w-]{8,8192}+\.[\w-]{8,2048}+"
    r"|(?<=[Aa]uthorization: Basic )[A-Za-z0-9+/]{8,4096}+={0,2}|(?<=[Aa]uthorization: Bearer )[\w.~+/-]{8,4096}+={0,2}"
    r"|(?:ssh-(?:rsa|dss|ed25519)|ecdsa-sha2-nistp[0-9]{3}) AAAA[A-Za-z0-9+/]{16,2048}+={0,2}"
    r")",
    re.A,
)


_API_KEY_SIGNS = (
    *("AKIA", "ASIA", "AROA", "AIDA", "glpat-", "xox", "xapp-", "sk-", "AIza", "ya29.", "GOCSPX-", "SG.", "pypi-"),
    *("sq0", "key-", "eyJ", "uthorization: B", "ssh-", "ecdsa-"),
)
_API_KEY_LINES = (
    *("ghp_", "gho_", "ghu_", "ghs_", "ghr_", "github_pat_", "_live_", "_test_", "whsec_", "npm_", "hf_"),
    *("dop_v1_", "shpat_", "shpca_", "shppa_", "shpss_"),
)
"""Signs with a `_`, which most texts lack."""


def _api_keys(text: str) -> _Places:
    if any(map(text.__contains__, _API_KEY_SIGNS)) or ("_" in text and any(map(text.__contains__, _API_KEY_LINES))):
        yield from (match.span() for match in _API_KEY.finditer(text))


# Behind a request's method it is a page; and these names belong to no particular person.
_HOME = re.compile(
    r"(?:(?:(?<=file://)|(?<![\w/.-]))(?<!GET )(?<!POST )(?<!PUT )(?<!HEAD )(?<!DELETE )(?<!PATCH )/(?:home|Users)/"
    r"|\b[A-Za-z]:\\{1,2}Users\\{1,2})"
    r"(?!(?:user|username|users|default|public|shared|all|root|admin|guest|me|app|node|git|runner|ubuntu|vagrant|pi|www"
    r"|jenkins|docker|assets|static|images|img|css|js|about|pages?|blog|news|products|settings|profile|dashboard|account)"
    r"[/\\:])([^\W\d_](?:[\w.-]{0,30}\w)?)(?=[/\\:])",
    re.I,
)


def _home_users(text: str) -> _Places:
    folded = text.casefold()
    if "/home/" in folded or "/users/" in folded or ":\\" in text:
        yield from (match.span(1) for match in _HOME.finditer(text))


_CPF = re.compile(r"[0-9](?<![\w.-].)[0-9]{2}\.[0-9]{3}\.[0-9]{3}-[0-9]{2}(?![\w-]|\.[0-9])")
_CPF_SIGN = re.compile(r"\.[0-9]{3}-[0-9]{2}")
_PAN = re.compile(r"[A-Z](?<![\w-].)[A-Z]{2}[ABCFGHJLPT][A-Z][0-9]{4}[A-Z](?![\w-])")


def _tax_ids(text: str) -> _Places:
    for match in _CPF.finditer(text) if _CPF_SIGN.search(text) else ():
        digits = [int(character) for character in match.group() if character.isdigit()]
        if all(
            -sum(digit * weight for digit, weight in zip(reversed(digits[:count]), range(2, 12), strict=False))
            % 11
            % 10
            == digits[count]
            for count in (9, 10)
        ):
            yield match.span()
    yield from (match.span() for match in _PAN.finditer(text))


RULES = (
    *(
        Rule(str(label), find)
        for label, find in (
            (Pattern.EMAIL, _emails),
            (Pattern.URL, _urls),
            (Pattern.IP, _ips),
            (Pattern.MAC, _macs),
            (Pattern.PHONE, _phones),
            (Pattern.PHONE, called_numbers),
            (Pattern.PHONE, spoken_numbers),
            (Pattern.CARD, _cards),
            (Pattern.IBAN, _ibans),
            (Pattern.SSN, _ssns),
            (Pattern.VIN, _vins),
            (Pattern.API_KEY, _api_keys),
            (Pattern.USERNAME, _home_users),
            (Pattern.API_KEY, keys),
            (Pattern.API_KEY, private_keys),
            (Pattern.PASSWORD, passwords),
            (Pattern.PASSWORD, seeds),
            (Pattern.TAX_ID, _tax_ids),
            (Pattern.TAX_ID, company_numbers),
            (Pattern.NATIONAL_ID, identity_numbers),
            (Pattern.PERSON, field_names),
            (Pattern.PERSON, titled_names),
            (Pattern.PERSON, spoken_names),
            (Pattern.PERSON, chat_senders),
            (Pattern.ACCOUNT, account_numbers),
            (Pattern.CASE_NUMBER, reference_numbers),
            (Pattern.CUSTOMER_ID, device_numbers),
            (Pattern.EMPLOYEE_ID, lawyer_numbers),
            (Pattern.PERSON, letter_names),
            (Pattern.PERSON, relatives),
            (Pattern.PERSON, chat_names),
            (Pattern.USERNAME, bracketed_users),
            (Pattern.DATE_OF_BIRTH, births),
            (Pattern.PLATE, plates),
            (Pattern.PHONE, extensions),
            (Pattern.CASE_NUMBER, file_numbers),
            (Pattern.CASE_NUMBER, police_numbers),
            (Pattern.AGE, ages),
            (Pattern.PERSON, listed_names),
            (Pattern.ADDRESS, named_houses),
            (Pattern.USERNAME, users),
            (Pattern.URL, hosts),
            (Pattern.PHONE, telephones),
            (Pattern.MAC, hardware),
            (Pattern.PERSON, screen_names),
            (Pattern.PASSWORD, backup_codes),
        )
    ),
    *(
        Rule(str(label), find, sign=sign)
        for sign, label, find in (
            (has_many_digits, Pattern.NATIONAL_ID, national_numbers),
            (has_many_digits, Pattern.TAX_ID, tax_numbers),
            (has_postcode, Pattern.ADDRESS, streets),
            (has_postcode, Pattern.LOCATION, towns),
            (has_officer, Pattern.PERSON, police_names),
            (has_officer, Pattern.EMPLOYEE_ID, collar_numbers),
            (has_fields, Pattern.PERSON, hl7_names),
            (has_fields, Pattern.DATE_OF_BIRTH, hl7_births),
            (has_fields, Pattern.PHONE, hl7_calls),
            (has_fields, Pattern.MEDICAL_ID, hl7_numbers),
            (has_fields, Pattern.EMPLOYEE_ID, hl7_staff),
            (has_fields, Pattern.ADDRESS, hl7_streets),
            (has_fields, Pattern.LOCATION, hl7_towns),
        )
    ),
)
"""The rules of this module."""
