"""Words of code, of machines' output and of screens, which name nobody; values by their form are in `rules.forms`.

`refining` asks about each span that a labeler found. Everything is decided by at most `cues.REACH` characters around
it.
"""

import re
from collections.abc import Callable, Mapping

from seqlabel.privacy.rules.cues import NUMBERS, REACH, SECRETS, has_cue, line_start

_NAMES = frozenset(("PERSON", "ORGANISATION", "LOCATION", "USERNAME"))


def is_machine_word(text: str, start: int, end: int, label: str) -> bool:
    """Tell whether what stands at a place is a word or a number of code, of a machine's output or of a screen.

    Args:
        text: The text.
        start: The first character of the place.
        end: The character behind it.
        label: What a labeler took it for.

    Returns:
        Whether it is the name of a field, of an option, of a function, a constant, an escape, a program's file, …

    Example:
        >>> is_machine_word("x = kwargs.get('id')", 4, 14, "USERNAME")
        True
    """
    if label in _NAMES:
        return _is_no_name(text, start, end)
    if label in SECRETS:
        return _is_no_secret(text, start, end)
    return any(check(text, start, end) for check in _CHECKS.get(label, ()))


_RIGHTS_SIGNS = frozenset("rwxsStTdlbcp-")
_RIGHTS = re.compile(r"[-dlbcps](?:[-r][-w][-xsStT]){3}")
_LONGEST_RIGHTS = 10


def _is_rights(text: str, start: int, end: int) -> bool:
    """Whether a place is in the rights of a file: `drwxr-xr-x`."""
    if end - start > _LONGEST_RIGHTS or not _RIGHTS_SIGNS.issuperset(text[start:end]):
        return False
    least, most = max(start - _LONGEST_RIGHTS, 0), end + _LONGEST_RIGHTS
    while start > least and text[start - 1] in _RIGHTS_SIGNS:
        start -= 1
    while end < most and text[end : end + 1] and text[end] in _RIGHTS_SIGNS:
        end += 1
    return _RIGHTS.fullmatch(text, start, end) is not None


_ESCAPED = re.compile(r"u[0-9A-Fa-f]{4}|U[0-9A-Fa-f]{8}|x[0-9A-Fa-f]{2}")


def _is_escape(text: str, start: int, end: int) -> bool:
    """Whether a place is the number of a character behind a backslash: `\\u00e9`."""
    return text[start - 1 : start] == "\\" and _ESCAPED.fullmatch(text, start, end) is not None


_OPTION = re.compile(r"--?[A-Za-z][\w-]*(?: [\w./$-]{1,40}){0,4}")
_FORMAT = re.compile(r"%[A-Za-z]{1,3}(?:[ :,/-]%[A-Za-z]{1,3}){0,7}")


def _is_option(text: str, start: int, end: int) -> bool:
    """Whether a place is an option of a command or a pattern that a program fills in: `--depth`, `%h %an`."""
    if text[start] == "%":
        return _FORMAT.fullmatch(text, start, end) is not None
    return (
        text[start] == "-"
        and (start == 0 or text[start - 1] in " \t\n\"'[(")
        and _OPTION.fullmatch(text, start, end) is not None
    )


_CALLED = re.compile(r"@?[A-Za-z_$][\w$]*(?:(?:\.|::|->)[\w$]+)*")
_NAME_OF_CODE = re.compile(r"_\w|\.[a-z]|::|->|[a-z][A-Z]")
_ARGUMENTS = re.compile(r"\((?:\)|[\"'0-9&*])")
_SOME_ARGUMENTS = re.compile(r"\((?!uid=|s?he|they)")
_NUMBER_OF_USER = re.compile(r"\([0-9]+\)|\(uid=")


def _is_called(text: str, start: int, end: int) -> bool:
    """Whether a place is the name of a function with its arguments behind it: `kwargs.get("id")`, `isqrt(9)`."""
    if text[end : end + 1] != "(" or not _CALLED.fullmatch(text, start, end):
        return False
    if _NUMBER_OF_USER.match(text, end):
        return False
    if text[start].isupper():
        return text[end + 1 : end + 2] in ("'", '"', ")")
    of_code = _NAME_OF_CODE.search(text, start, end)
    return (_SOME_ARGUMENTS if of_code else _ARGUMENTS).match(text, end) is not None


_KEYWORD = re.compile(
    r"(?:elif|elsif|endif|ifdef|ifndef|def|const|constexpr|typedef|struct|enum|void|int|char|bool|static|isinstance|sizeof"
    r"|nullptr|varchar|func|fn|impl|mut|println!?|printf|lambda|async|await|instanceof|namespace|unsigned|volatile|throws"
    r"|amd64|i[36]86|arm64|aarch64|x86_64|win32|win64|linux-gnu|u?int(?:8|16|32|64)_t|_*[lb]e(?:16|32|64)|_*[us](?:8|16|32|64)"
    r"|s?size_t|darwin|stdin|stdout|stderr|sysfs|tmpfs|devtmpfs|powershell|kwargs|argv?|errno)(?![\w-])"
)
_ALONE = frozenset(
    (
        *("new", "else", "then", "return", "null", "None", "true", "false", "this", "self", "urn"),
        *("VARCHAR", "CHAR", "TEXT", "INTEGER", "BIGINT", "BOOLEAN", "NUMERIC", "TIMESTAMP", "SELECT", "INSERT"),
    )
)
_MONEY = """
    AED AUD BRL CAD CHF CNY CZK DKK EUR GBP HKD HUF IDR ILS INR JPY KRW MXN MYR NGN NOK NZD PHP PLN RON RUB SAR SEK SGD
    THB TRY UAH USD VND ZAR
"""
_CURRENCIES = frozenset(_MONEY.split())


def _is_keyword(text: str, start: int, end: int) -> bool:
    """Whether a place begins with a word that only programs use, or is the sign of a currency."""
    value = text[start:end]
    if value in _ALONE or value in _CURRENCIES:
        return True
    return not value[0].isupper() and _KEYWORD.match(text, start, end) is not None


_FIELD_SET = re.compile(r"[A-Za-z_][\w.-]*")


def _is_set(text: str, start: int, end: int) -> bool:
    """Whether a place is the name of a field directly before `=`."""
    return (
        text[end : end + 1] == "="
        and text[end + 1 : end + 2] not in ("=", "")
        and _FIELD_SET.fullmatch(text, start, end) is not None
    )


_CONSTANT = re.compile(r"[A-Z][A-Z0-9]{1,20}(?:_[A-Z0-9]{1,20}){1,6}")
_VALUE_BEFORE = re.compile(r"[=:][ \t]?[\"']?\Z")
_FIELD_BEHIND = re.compile(r" [a-z][\w.]{0,24}=")
_CAPITALS = re.compile(r"[A-Z][A-Z0-9]+(?:-[A-Z0-9]+)+")


def _is_constant(text: str, start: int, end: int) -> bool:
    """Whether a place is a constant's name, or words in capitals before the fields of a record."""
    if _CONSTANT.fullmatch(text, start, end):
        return not _VALUE_BEFORE.search(text, max(start - 4, 0), start) and not has_cue(text, start, "USERNAME")
    return _CAPITALS.fullmatch(text, start, end) is not None and _FIELD_BEHIND.match(text, end) is not None


_COMMENTED = re.compile(r"(?:^|\n)[ \t]*(?:/?\*+|//+|#+)[ \t]*@?\Z")


def _is_tag(text: str, start: int, end: int) -> bool:
    """Whether a place is a word behind `@` at the begin of a comment's line: `* @size: the size`."""
    if text[start] != "@" and text[start - 1 : start] != "@":
        return False
    before = text[line_start(text, start) : start]
    return _COMMENTED.fullmatch(before) is not None


_FIELDS_OF_MACHINES = (
    "action|app|branch|build|bundle|category|cipher|class|cluster|cmd|command|component|currency|cur|encoding|engine"
    "|env|environment|event(?:_?type)?|exchange|format|framework|func|function|hash|iface|image|interface|kind|lang"
    "|language|level|licen[cs]e|locale|log_?level|logger|lvl|method|mode|module|namespace|op|operation|package|pkg|platform"
    "|plugin|pod|policy|priority|proc|process|proto|protocol|queue|rule|runtime|schema|scheme|service|severity"
    "|stage|status|svc|table|tactic|technique|task|theme|thread|timezone|tls|topic|transport|type|tz|unit|verb|version|workflow"
)
_MACHINES_FIELD = re.compile(rf"(?<![A-Za-z])(?:{_FIELDS_OF_MACHINES})[\"']?[ \t]?[=:][ \t]?[\"'\[]?\Z", re.I)
_BEFORE_FIELD = frozenset("=: \t\"'[")
_END_OF_VALUE = re.compile(r"[\"'\],;|&)}\n]|\Z|[ \t]+[\w.]{1,24}=")


def _is_machines_field(text: str, start: int, end: int) -> bool:
    """Whether a place is all that stands in a field of a machine: `process=explorer.exe`, `"level": "Information"`."""
    before = text[start - 1 : start]
    if before not in _BEFORE_FIELD or (before in (" ", "\t") and text[start - 2 : start - 1] not in ("=", ":")):
        return False
    return (
        _END_OF_VALUE.match(text, end) is not None
        and _MACHINES_FIELD.search(text, max(start - REACH // 2, 0), start) is not None
    )


_LABELS = """
    account accounts address adr agent archive assigned assignee attachments author bank bcc bday billing birthday born
    category cc cell city client comment comments company component contact country created customer date department
    description details drafts driver due e-mail edit email employer fax file fn from help home id inbox insurer job
    label labels location login manager milestone mobile name nationality note notes office org organisation
    organization outbox owner password phone policy position postcode priority product reference remarks reporter
    requester rev reviewer reviewers role room search sent serial service settings shift site stage state station status
    street subject subtotal summary supplier tags team tel telephone tenant title to total town type uid updated user
    username vendor view watchers website work workspace zip
"""
_FIELD_NAMES = frozenset(_LABELS.split())
_FIELD_BEFORE = re.compile(r"(?:\A|\n|[ \t]{2}|\t|[|;•·>]) ?\Z")
_FIELD_END = re.compile(r":|;|[ \t]{2}|\t| ?\||\n|\Z")
_OF_FIRMS = """
    Accounting|Administration|Billing|Compliance|Customer Service|Customer Support|Design|DevOps|Engineering|Facilities
    |Finance|HR|Human Resources|IT|Legal|Logistics|Marketing|Operations|Payroll|Procurement|Production|Purchasing|QA|R&D
    |Research|Sales|Security|Support|Warehouse
"""
_DEPARTMENTS = frozenset(" ".join(name.split()) for name in _OF_FIRMS.split("|"))
_PUSHES = ("Mark", "Grant", "Chase", "Rob", "Pat")
_PUSHED = re.compile(
    r"(?:Mark|Grant|Chase|Rob|Pat)(?= (?:as (?:read|unread|done|spam|complete|resolved)|all as|access)(?!\w))"
)


def _is_label(text: str, start: int, end: int) -> bool:
    """Whether a place is the name of a field on a screen, before its value, a button or a department."""
    value = text[start:end].rstrip(":")
    if value in _DEPARTMENTS or (text.startswith(_PUSHES, start) and _PUSHED.match(text, start)):
        return True
    if value.lower() not in _FIELD_NAMES or not (value[0].isupper() or value.islower()):
        return False
    behind = start + len(value)
    return (
        _FIELD_BEFORE.search(text, max(start - 3, 0), start) is not None
        and _FIELD_END.match(text, behind) is not None
        and (text[behind : behind + 1] not in ("\n", "") or value.isupper())
    )


_PROGRAM_FILE = re.compile(
    r"[\w+-][\w.+-]*\.(?:exe|dll|msi|sys|db|pyc?|jsx?|tsx|mjs|cpp|hpp|cc|[ch]|java|class|jar|war|whl|kt|rb|php|bat|ps1|json|ya?ml"
    r"|toml|ini|cfg|conf|lock|log|tmp|bak|sql|s?css|xml|gz|tgz|xz|bz2|rpm|deb|dmg|apk|service|socket|timer|ko)"
)
_CAPITAL_PAIR = re.compile(r"(?<![A-Za-z])[A-Z][a-z]+[_-][A-Z][a-z]+")
_FILE_JOINTS = frozenset("_.-+")


def _is_file(text: str, start: int, end: int) -> bool:
    """Whether a place is all of the name of a program's file: `thumbs.db`; one with a person's name is not."""
    if text.find(".", start, end) < 0:
        return False
    least, most = max(start - REACH, 0), min(end + REACH, len(text))
    if (start > least and (text[start - 1].isalnum() or text[start - 1] in "_-+")) or (
        end < most and (text[end].isalnum() or text[end] in "_-+")
    ):
        return False
    return (
        _PROGRAM_FILE.fullmatch(text, start, end) is not None
        and _CAPITAL_PAIR.search(text, start, end) is None
        and not has_cue(text, start, "USERNAME")
    )


_PACKAGE = re.compile(r"(?:com|org|net|io|edu|gov|javax?)(?:\.[a-z_]\w*){1,8}(?:\.[A-Z]\w*){0,3}[;:]?")


def _is_package(text: str, start: int, end: int) -> bool:
    """Whether a place is the name of a package of code, which begins where a host ends: `com.example.mail`."""
    return _PACKAGE.fullmatch(text, start, end) is not None and text[end : end + 1] != "/"


_ARCHITECTURE = re.compile(r":(?:amd64|i386|arm64|armhf|all)(?!\w)")
_USER_AGENT = re.compile(r"(?:Mozilla/5\.0 \([^)\n]*| \(KHTML, like )\Z")


def _is_system(text: str, start: int, end: int) -> bool:
    """Whether a place is a package before its architecture, or a word of the name that a browser gives itself."""
    if text[end : end + 1] == ":" and _ARCHITECTURE.match(text, end):
        return True
    least = max(start - REACH, 0)
    return text.find(" (", least, start) >= 0 and _USER_AGENT.search(text, least, start) is not None


_HUNK = re.compile(r"(?:^|\n)@@ [-+,0-9 ]{1,30}\Z")
_IN_HUNK = frozenset("0123456789,+- ")
_DAY_OF_FILE = re.compile(
    r" (?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) [ 0-3][0-9] (?:[0-9]{2}:[0-9]{2}| [0-9]{4})"
)


def _is_counted(text: str, start: int, end: int) -> bool:
    """Whether a place is in the numbers of lines of a patch, a file's size, or a single digit."""
    value = text[start:end]
    if not _IN_HUNK.issuperset(value):
        return False
    if end - start == 1:
        return value.isdigit()
    if _HUNK.search(text, max(start - REACH // 2, 0), start):
        return True
    return value.isdigit() and _DAY_OF_FILE.match(text, end) is not None


_CODE_BEFORE = re.compile(
    r"(?<![A-Za-z])(?:(?:numeric|return(?:s|ed)?|error|err|status|exit|fault|warning|response|reason|http)[ _-]?code"
    r"|numeric|errno|exit(?:ed)? with)[\"']?[ \t]?[=:]?[ \t]?[\"']?\Z",
    re.I,
)


def _is_code(text: str, start: int, end: int) -> bool:
    """Whether a place is the number of an error or of a list behind the word that says so: `returns code 4012`."""
    return text[start:end].isdecimal() and _CODE_BEFORE.search(text, max(start - REACH // 2, 0), start) is not None


_TIME = re.compile(r"[0-9]{1,2}:[0-9]{2}:[0-9]{2}(?:[.,][0-9]{1,9})?")
_TIME_SIGNS = frozenset("0123456789:.,")


def _is_time(text: str, start: int, end: int) -> bool:
    """Whether a place is a part of the time of a day with its seconds, and with no day."""
    if not _TIME_SIGNS.issuperset(text[start:end]) or ":" not in text[max(start - 1, 0) : end + 1]:
        return False
    least, most = max(start - REACH // 2, 0), min(end + REACH // 2, len(text))
    while start > least and text[start - 1] in _TIME_SIGNS:
        start -= 1
    while end < most and text[end] in _TIME_SIGNS:
        end += 1
    return _TIME.fullmatch(text[start:end].rstrip(".,:")) is not None


_OPERATOR = re.compile(r"(?:&&|\|\||[<>!=+*]=?|->|=>)\s")


def _is_expression(text: str, start: int, end: int) -> bool:
    """Whether a place begins with an operator of code."""
    return _OPERATOR.match(text, start, end) is not None


_UUID_NAME = re.compile(r"urn:uuid:[0-9A-Fa-f-]{0,36}\Z")


def _is_urn(text: str, start: int, end: int) -> bool:
    """Whether a place is in a UUID behind `urn:uuid:`."""
    return _UUID_NAME.search(text, max(start - REACH, 0), start) is not None


_MADE_BY_MACHINES = re.compile(
    r"%?[A-Z][A-Z0-9_]{1,15}-[0-7]-[A-Z0-9_]{3,24}(?=: )"  # message of a router
    r"|S-1-[0-9]{1,2}(?:-[0-9]{1,3})?"  # group that every Windows has
    r"|[IWEF][0-9]{4}(?= [0-9]{2}:[0-9]{2}:[0-9]{2}\.)"  # begin of a record
    r"|(?:ami|i|vpc|subnet|sg|vol|snap|eni|igw|rtb|nat|lt)-[0-9a-f]{8,17}"  # thing in a cloud
    r"|(?:IMG|DSC|DSCN|VID|PXL|MVI)[_-]?[0-9]{3,8}(?:[_-][0-9]{1,8})?(?:\.[A-Za-z0-9]{3,4})?"  # picture
    r"|X{3,8}(?:-X{3,8}){1,6}"
    r"|(?:[a-z]\.){2,8}[A-Za-z]\w*"  # logger in short
    r"|\.[a-z]{1,6}(?:\.[a-z]{1,4})?"
    r"|(?:[\w-]{1,30}\.){1,4}k8s\.io(?:/v[0-9]\w*)?"
)
_THREAD = re.compile(r"[A-Za-z]+(?:-[A-Za-z0-9]+){1,5}")


def _is_made(text: str, start: int, end: int) -> bool:
    """Whether a place has the form of a sign that a system made, or is a thread in square brackets."""
    made = _MADE_BY_MACHINES.match(text, start)
    if made is not None and (made.end() == end or text[start - 1 : start] == "%"):
        return True
    in_brackets = text[start - 1 : start] == "[" and text[end : end + 1] == "]"
    return in_brackets and text[end - 1].isdigit() and _THREAD.fullmatch(text, start, end) is not None


_STAMPED = re.compile(
    r"(?:^|\n)[A-Z][a-z]{2} [ 0-3][0-9] (?:[0-9]{4} )?[0-9]{2}:[0-9]{2}:[0-9]{2} (?P<host>[\w.-]{1,40} )?\Z"
)
_PROGRAM = re.compile(r"(?:\[[0-9]{1,8}\])?:? ")


def _is_sender(text: str, start: int, end: int) -> bool:
    """Whether a place is the machine or the program behind the time of a line of syslog."""
    if text[start - 1 : start] != " " or text[start - 2 : start - 1].isspace():
        return False
    least = max(start - REACH, 0)
    head = _STAMPED.search(text, least, start) if text.find(":", least, start) >= 0 else None
    if head is None:
        return False
    return text[end : end + 1] == " " if head["host"] is None else text[end : end + 1] in (":", "[")


_COMMAND = re.compile(r"[a-z][a-z_]{1,20}")
_COMMANDS_OPTION = re.compile(r" --?[A-Za-z]")
_LOCALE = re.compile(r"[\"'=\s;,][a-z]{2}[-_]\Z")
_LETTERS = frozenset("MFNDXY")
_CELL_BEFORE = re.compile(r"(?:[,;|\t]|\| |[ ]{2})\Z")
_CELL_BEHIND = re.compile(r" ?(?:[,;|\t\n]|[ ]{2}|\Z)")


def _is_in_place(text: str, start: int, end: int) -> bool:
    """Whether a place is a command at the begin of a line, the country of a locale, or a letter in a cell."""
    if end - start == 1:
        return (
            text[start] in _LETTERS
            and _CELL_BEFORE.search(text, max(start - 3, 0), start) is not None
            and _CELL_BEHIND.match(text, end) is not None
        )
    if end - start == len("US") and text[start:end].isupper():
        return _LOCALE.search(text, max(start - 4, 0), start) is not None
    return (
        text[start - 1 : start] in ("\n", "")
        and _COMMANDS_OPTION.match(text, end) is not None
        and _COMMAND.fullmatch(text, start, end) is not None
    )


def _is_code_word(text: str, start: int, end: int) -> bool:
    """Whether a place is what neither a name nor a secret can be."""
    if _is_in_place(text, start, end):
        return True
    if text[end : end + 1] != "(" and text[start:end].replace(" ", "").isalpha():
        return False
    return (
        _is_made(text, start, end)
        or _is_rights(text, start, end)
        or _is_escape(text, start, end)
        or _is_option(text, start, end)
        or _is_called(text, start, end)
        or _is_constant(text, start, end)
    )


def _is_no_secret(text: str, start: int, end: int) -> bool:
    """Whether a place is no password and no key."""
    return (
        _is_code_word(text, start, end)
        or _is_counted(text, start, end)
        or _is_code(text, start, end)
        or _is_expression(text, start, end)
    )


_MAILER = re.compile(r"(?:postfix|sendmail|sm-mta|exim4?|smtpd?)[\w/-]{0,24}\[[0-9]{1,7}\]: \Z")


def _is_queued(text: str, start: int, end: int) -> bool:
    """Whether a place is the number of a mail in the queue of a mailer: `postfix/qmgr[812]: 4X7kQd2Gz8z: removed`."""
    return text[end : end + 1] == ":" and _MAILER.search(text, max(start - REACH, 0), start) is not None


def _is_no_name(text: str, start: int, end: int) -> bool:
    """Whether a place names nobody."""
    return (
        _is_code_word(text, start, end)
        or _is_keyword(text, start, end)
        or _is_set(text, start, end)
        or _is_tag(text, start, end)
        or _is_machines_field(text, start, end)
        or _is_label(text, start, end)
        or _is_file(text, start, end)
        or _is_system(text, start, end)
        or _is_sender(text, start, end)
        or _is_queued(text, start, end)
    )


_Check = Callable[[str, int, int], bool]
_OF_ALL: tuple[_Check, ...] = (_is_rights, _is_escape)
_OF_NUMBERS: tuple[_Check, ...] = (*_OF_ALL, _is_counted, _is_code, _is_made, _is_urn)
_CHECKS: Mapping[str, tuple[_Check, ...]] = {
    **dict.fromkeys(NUMBERS, _OF_NUMBERS),
    "MAC": (*_OF_NUMBERS, _is_file, _is_time),
    "IP": (*_OF_NUMBERS, _is_file),
    "URL": (*_OF_ALL, _is_package, _is_file, _is_made),
    "DATE": (*_OF_ALL, _is_time),
    "DATE_OF_BIRTH": (*_OF_ALL, _is_time),
}
"""What is asked of the labels of numbers, of machines and of dates."""
