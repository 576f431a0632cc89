"""Places of users, machines and telephones behind their fields, and of persons in logs and on screens; no labels here.

Their labels are in `seqlabel.privacy.rules.standard`.
"""

import re

from seqlabel.privacy.finding.function_words import FUNCTION_WORDS
from seqlabel.privacy.rules.cues import line_start
from seqlabel.privacy.rules.finding import Places
from seqlabel.privacy.rules.secrets import is_nothing

_END = r"(?=[\s\"',;|&)\]}>]|\Z)"
"""What stands behind a value in a record."""
_USER = re.compile(
    r"[uUlLaA](?:(?<=[uU])(?i:ser(?:[ _-]?(?:name|id))?)"
    r"|(?<![A-Za-z].)(?i:(?<=l)og(?:in|name)|(?<=a)cct|(?<=a)ccount[ _]?name))"
    r"(?:=[\"']?|[\"']:[ ]?[\"']|(?<=[eE]):[ \t]{1,40}(?=[^\s]{1,64}[ \t]*(?:\r?\n|\Z)))"
    rf"(?:[A-Za-z0-9.-]{{1,20}}\\{{1,2}})?(?P<user>[A-Za-z][\w.-]{{1,40}}){_END}"
)
_SIGNED_IN = re.compile(r"[lL]ogin (?:OK|incorrect|invalid)[^\[\n]{0,60}: \[(?P<user>[A-Za-z][\w.@-]{1,60})(?=[\]/])")
"""How FreeRADIUS says who signed in."""
_FIELD_SIGNS = ("=", '":', "':")
"""Of these, one stands between the name of a field and its value."""
_USER_CUES = ("user", "login", "logname", "acct", "account")
_OF_NOBODY = re.compile(
    r"(?:root|admin|administrator|system|nobody|anonymous|guest|default|users?|username|login|self|test|me|unknown|local"
    r"|localhost|www-data|daemon|service|failed|success|succeeded|denied|allowed|blocked|locked|active|current_user|name|id"
    r"|(?:self|this|request|req|ctx|event|args|config|settings|options|os|env|data|row|obj|session|process|user)\..*)",
    re.I,
)


def _has_fields(text: str, cues: tuple[str, ...], *signs: str) -> bool:
    """Whether a text has the sign of a field, and one of some words whose letters are small."""
    if not any(map(text.__contains__, (*_FIELD_SIGNS, *signs))):
        return False
    return any(map(text.lower().__contains__, cues))


def users(text: str) -> Places:
    """Find user names in the fields of logs: `user=ACME\\\\mlund`, `Account Name: mlund`.

    Args:
        text: The text.

    Returns:
        The half-open characters of the names without the domain before them. Names that every machine has are none, nor
        are the arguments of code.
    """
    for match in _USER.finditer(text) if _has_fields(text, _USER_CUES, "ame:") else ():
        value, before = match["user"], text[line_start(text, match.start()) : match.start()]
        if _OF_NOBODY.fullmatch(value) or is_nothing(value):
            continue
        quoted = text[match.end() : match.end() + 1] in ("'", '"')
        if quoted or before.rfind("(") <= before.rfind(")"):
            yield match.span("user")
    for match in _SIGNED_IN.finditer(text) if "ogin" in text and ": [" in text else ():
        if not _OF_NOBODY.fullmatch(match["user"]):
            yield match.span("user")


_HOST = re.compile(
    r"[hHfFdDsSrR](?<![A-Za-z].)(?i:(?<=h)ost(?:_?name)?|(?<=f)qdn|(?<=d)omain|(?<=d)st_?host|(?<=d)est_?host|(?<=s)rc_?host"
    r"|(?<=s)erver(?:_?name)?|(?<=s)ni|(?<=r)host)=[\"']?"
    rf"(?P<host>(?!(?:com|org|net|io|java)\.)(?:[a-z0-9](?:[a-z0-9-]{{0,61}}[a-z0-9])?\.){{1,8}}[a-z]{{2,24}}){_END}"
)
_FILE = re.compile(r".*\.(?:py|js|ts|json|ya?ml|conf|cfg|ini|sock|socket|exe|dll|log|txt|xml)")


_BEFORE_ADDRESS = re.compile(r"\[(?=[0-9]{1,3}\.[0-9]{1,3}\.)")
_CONNECTED = re.compile(r"(?<![\w.@-])(?:[a-z0-9](?:[a-z0-9-]{0,30}[a-z0-9])?\.){1,6}[a-z]{2,24}\Z")
_LONGEST_HOST = 100


def hosts(text: str) -> Places:
    """Find the names of machines in the fields of logs, and before their addresses: `domain=mail.oakham.example`.

    Args:
        text: The text.

    Returns:
        The half-open characters of names with a dot.
    """
    for match in _HOST.finditer(text) if "=" in text and "." in text else ():
        if not _FILE.fullmatch(match["host"]):
            yield match.span("host")
    for mark in _BEFORE_ADDRESS.finditer(text) if "[" in text else ():
        if name := _CONNECTED.search(text, max(mark.start() - _LONGEST_HOST, 0), mark.start()):
            yield name.span()


_TELEPHONE = re.compile(
    r"[mMpPtTcCfF](?<![A-Za-z].)(?i:(?<=m)sisdn|(?:(?<=p)hone|(?<=m)obile|(?<=c)ell)(?:_?(?:no|num|number))?"
    r"|(?<=t)el(?:ephone)?|(?<=f)ax|(?<=c)all(?:er|ee)(?:_?(?:id|number))?)(?:=[\"']?|[\"']:[ ]?[\"']?)"
    rf"(?P<number>\+?[0-9]{{7,15}}){_END}"
)
_TELEPHONE_CUES = ("msisdn", "phone", "mobile", "cell", "tel", "fax", "caller", "callee")


def telephones(text: str) -> Places:
    """Find telephone numbers of digits alone in the fields of logs: `msisdn=4915155501729`.

    Args:
        text: The text.

    Returns:
        Their half-open characters.
    """
    for match in _TELEPHONE.finditer(text) if _has_fields(text, _TELEPHONE_CUES) else ():
        yield match.span("number")


_HARDWARE = re.compile(
    r"[mMhHbB](?<![A-Za-z].)(?i:(?<=m)ac(?:_?addr(?:ess)?)?|(?<=h)waddr|(?<=b)ssid)[\"']?[=:][ ]?[\"']?"
    r"(?P<mac>[0-9A-Fa-f]{12})(?!\w)"
)
_HARDWARE_CUES = ("mac", "hwaddr", "bssid")
_IN_CELL = re.compile(r",(?P<mac>[0-9A-Fa-f]{12})(?!\w)")
_LEASED = re.compile(r"(?<![\w.])(?:[0-9]{1,3}\.){3}[0-9]{1,3},[^,\n]{0,64}\Z")
_LEASE = 80
"""Characters of an IP address and the longest name behind it."""


def hardware(text: str) -> Places:
    """Find MAC addresses without marks between: behind `mac=`, and in the logs of DHCP behind an IP address and a name.

    Args:
        text: The text.

    Returns:
        Their half-open characters.
    """
    folded = text.lower()
    for match in _HARDWARE.finditer(text) if any(map(folded.__contains__, _HARDWARE_CUES)) else ():
        yield match.span("mac")
    for match in _IN_CELL.finditer(text) if "," in text else ():
        if _LEASED.search(text, max(match.start() - _LEASE, 0), match.start()):
            yield match.span("mac")


_DEVICE = re.compile(
    r"(?<![\w-])(?P<owner>[A-Z][a-z]{2,15})(?:['\u2019]s)?-(?:iPhone|iPad|iMac|MacBook|MBP|Galaxy|Pixel)(?![a-z])"
)
_DEVICE_SIGN = re.compile("-(?:iPhone|iPad|iMac|MacBook|MBP|Galaxy|Pixel)")
_OWNERS_OF_NONE = frozenset(
    (
        "My",
        "New",
        "Old",
        "Work",
        "Test",
        "Guest",
        "Office",
        "Home",
        "Admin",
        "Demo",
        "Apple",
        "Google",
        "Samsung",
        "Lab",
    )
)
_FILE_OF_PERSON = re.compile(
    r"(?<![A-Za-z])(?:CV|R[eé]sum[eé]|resume|Lebenslauf|Cover_?[Ll]etter|Payslip|payslip|Passport|passport)[_-]"
    r"(?P<person>[A-Z][a-z]{1,20}[_-][A-Z][a-z]{1,20})(?=[\w-]{0,32}\.(?:pdf|docx?|odt|rtf|pages|jpe?g|png|zip)(?!\w))"
)
_PERSON_IN_FILE = re.compile("[_-][A-Z][a-z]{1,20}[_-][A-Z][a-z]")
_NO_NAMES = frozenset(
    ("Template", "Final", "Draft", "Form", "Sample", "Scan", "Copy", "Front", "Back", "Page", "Example")
)
_SENDER = re.compile(
    r"(?:^|\n)(?P<sender>[a-z][a-z0-9]{0,20}(?:[._-][a-z0-9]{1,20}){1,2}"
    r"|[a-z]{2,16}[0-9]{0,4}(?=[ \t]{2}|[ \t][0-9:]{4,5} ?[aApP][mM]))"
    r"[ \t]{1,4}[0-9]{1,2}:[0-9]{2}(?: ?[aApP][mM])?(?=\r?\n|\Z)"
)
_ENDS_IN_TIME = re.compile(r":[0-9]{2}(?: ?[aApP][mM])?(?=\r?\n|\Z)")
_TIMES = """
    today yesterday tomorrow now opens closes starts ends begins departs arrives arrival departure lunch time start end
    updated edited monday tuesday wednesday thursday friday saturday sunday noon midnight breakfast dinner
"""
_NO_SENDERS = FUNCTION_WORDS["English"].union(_TIMES.split())


def screen_names(text: str) -> Places:
    """Find persons by their devices (`Miras-iPhone`), their files (`CV_Mira_Lund.pdf`) and the heads of their messages.

    Args:
        text: The text.

    Returns:
        The half-open characters of the names. A message's head is a line of a name in small letters and the time.
    """
    for match in _DEVICE.finditer(text) if _DEVICE_SIGN.search(text) else ():
        if match["owner"] not in _OWNERS_OF_NONE:
            yield match.span("owner")
    for match in _FILE_OF_PERSON.finditer(text) if _PERSON_IN_FILE.search(text) else ():
        if _NO_NAMES.isdisjoint(re.split("[_-]", match["person"])):
            yield match.span("person")
    for match in _SENDER.finditer(text) if _ENDS_IN_TIME.search(text) else ():
        if match["sender"] not in _NO_SENDERS:
            yield match.span("sender")
