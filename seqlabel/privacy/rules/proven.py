"""Places of values that their form proves: e-mail and network addresses, telephones, cards, IBANs, keys and the like.

A regular expression proposes, a validator decides: `python-stdnum` for check digits, `phonenumbers` for telephone
numbers, `rules.forms` for addresses of the internet. Their labels are in `rules.standard`.
"""

import re
from collections.abc import Callable, Iterator
from functools import cache

from seqlabel.errors import OptionError
from seqlabel.privacy.rules.cues import has_cue
from seqlabel.privacy.rules.finding import Places
from seqlabel.privacy.rules.forms import MAESTRO, NETWORKS, is_elsewhere, is_ip, is_private_range
from seqlabel.privacy.rules.possible_phones import is_possible_phone


@cache
def validators() -> tuple[Callable[[str], bool], Callable[[str], bool], Callable[[str], bool]]:
    """Return what tells whether a string is an IBAN, has a right Luhn digit, is an SSN.

    Raises:
        OptionError: Where the packages of `seqlabel-rnn[pii]` are missing.
    """
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


def emails(text: str) -> Places:
    """Find e-mail addresses.

    Args:
        text: The text.

    Returns:
        Their half-open characters.
    """
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


def urls(text: str) -> Places:
    """Find URLs with a scheme or `www.`, and hosts with a path, three parts or a word such as `host=` before them.

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
        if end > match.end("beginning") and is_elsewhere(text[start:end]):
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


def ips(text: str) -> Places:
    """Find IPv4 and IPv6 addresses; versions of programs are none.

    Args:
        text: The text.

    Returns:
        Their half-open characters. Those of no single machine are left; see `is_ip`.
    """
    for match in _IPV4.finditer(text) if _IPV4_SIGN.search(text) else ():
        start, end = match.span()
        if is_ip(match.group()) and not _is_version(text, start, end) and not is_private_range(text, start):
            yield start, end
    for match in _IPV6.finditer(text) if text.count(":") >= _FEWEST_COLONS and _IPV6_SIGN.search(text) else ():
        start, end = match.span()
        if text[end - 1] == ":" and not text.startswith("::", end - 2):
            end -= 1
        value = text[start:end]
        # Without a digit, or with a single group, it is as likely a name of code as an address.
        several = sum(map(bool, value.split(":"))) >= 2
        if several and any(character.isdigit() for character in value) and is_ip(value):
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


_MAC_SIGN = re.compile(r"[:-](?:[0-9A-Fa-f]{2}[:-]){2}")
_CISCO_SIGN = re.compile(r"\.[0-9A-Fa-f]{4}\.")
_MARKS = 5
"""Marks between the six parts of a MAC address."""
_MAC = re.compile(
    r"(?<![\w:.-])(?:[0-9A-F]{2}:(?:[0-9A-F]{2}:){4}[0-9A-F]{2}|(?=[0-9-]{0,16}[A-F])[0-9A-F]{2}-(?:[0-9A-F]{2}-){4}[0-9A-F]{2}"
    r"|(?=[0-9.]{0,13}[A-F])[0-9A-F]{4}\.[0-9A-F]{4}\.[0-9A-F]{4})(?![\w-]|[:.][0-9A-F])",
    re.I,
)


def macs(text: str) -> Places:
    """Find MAC addresses with marks between their parts.

    Args:
        text: The text.

    Returns:
        Their half-open characters.
    """
    marks = max(text.count(":"), text.count("-"))
    if (marks >= _MARKS and _MAC_SIGN.search(text)) or _CISCO_SIGN.search(text):
        yield from (match.span() for match in _MAC.finditer(text))


_PHONE = re.compile(
    rf"(?<![\w+])\+[1-9](?:(?:\(0\)|[().\-/ {re.escape(_GAPS[2:])}]){{0,3}}[0-9]){{6,16}}(?!(?!x[0-9])\w)"
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
        for end in (match.end(), *_ends(text, start, match.end(), breaks=_GAPS + ".()/")):
            if is_possible_phone(text[start:end]):
                extension = _EXTENSION.match(text, end)
                yield start, extension.end() if extension else end
                break


_LONG_NUMBER = re.compile(rf"[0-9](?<![0-9].)(?:{_GAP}?[0-9]){{12}}")
_CARD = re.compile(rf"(?<![\w.])(?<!\w-)(?=([2-6][0-9]{{2,18}}(?:{_GAP}[0-9]{{3,15}}){{0,5}}(?:{_GAP}[0-9]{{1,2}})?))")
_NO_GAPS = str.maketrans("", "", _GAPS)


def cards(text: str) -> Places:
    """Find payment cards by their networks and Luhn's digit.

    Args:
        text: The text.

    Returns:
        Their half-open characters.
    """
    has_luhn = validators()[1]
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


def ibans(text: str) -> Places:
    """Find IBANs by their check digits (ISO 7064).

    Args:
        text: The text.

    Returns:
        Their half-open characters.
    """
    is_iban = validators()[0]
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


def ssns(text: str) -> Places:
    """Find US social security numbers with hyphens.

    Args:
        text: The text.

    Returns:
        Their half-open characters.
    """
    is_ssn = validators()[2]
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


def vins(text: str) -> Places:
    """Find VINs with a right check digit (ISO 3779, 49 CFR 565).

    Args:
        text: The text.

    Returns:
        Their half-open characters.
    """
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


def api_keys(text: str) -> Places:
    """Find keys and tokens with an unmistakable beginning, such as `AKIA`, and what follows `Authorization:`.

    Args:
        text: The text.

    Returns:
        Their half-open characters.
    """
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


def home_users(text: str) -> Places:
    """Find user names in the paths of home folders.

    Args:
        text: The text.

    Returns:
        Their half-open characters.
    """
    folded = text.casefold()
    if "/home/" in folded or "/users/" in folded or ":\\" in text:
        yield from (match.span(1) for match in _HOME.finditer(text))


_CPF = re.compile(r"[0-9](?<![\w.-].)[0-9]{2}\.[0-9]{3}\.[0-9]{3}-[0-9]{2}(?![\w-]|\.[0-9])")
_CPF_SIGN = re.compile(r"\.[0-9]{3}-[0-9]{2}")
_PAN = re.compile(r"[A-Z](?<![\w-].)[A-Z]{2}[ABCFGHJLPT][A-Z][0-9]{4}[A-Z](?![\w-])")


def tax_ids(text: str) -> Places:
    """Find Brazilian CPFs with right check digits and Indian PANs.

    Args:
        text: The text.

    Returns:
        Their half-open characters.
    """
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
