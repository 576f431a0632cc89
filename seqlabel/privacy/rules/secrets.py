"""Places of secrets: behind the words that name them, the words of a wallet's seed, private keys; no labels here.

Their labels are in `seqlabel.privacy.rules.standard`. A value behind `password=` is a secret whatever it looks like. A
value behind a word that names many other things too, such as `session` or `key`, has to look like one.
"""

import re

from seqlabel.privacy.finding.function_words import FUNCTION_WORDS
from seqlabel.privacy.rules.finding import Places

_SET = r"[\"']?[ \t]{0,4}(?::=|=>|[:=](?!=))[ \t]{0,4}(?:(?i:Bearer|Basic) )?"
"""What stands between the name of a secret and its value."""
_VALUE = (
    r"(?:\"((?:[^\"\\\n]|\\.){3,128}+)\"|'((?:[^'\n]|''){3,128}+)'"
    r"|((?:[^\s\"'<>,;|&(){}\[\]$]|(?<=\w)'(?=\w)){3,128}+))(?![(\[])"
)
# The first sign is looked at twice, which is faster. A name is a whole word, or the last one of `dbPassword`.
_NAME = r"(?:(?<![A-Za-z].)|(?<=[a-z][KPST]))"

_PASSWORD = re.compile(
    rf"[cCkKmMpPsStTwW\u017f\u212a]{_NAME}(?:(?i:(?<=p)(?:ass(?:word|wort|wd|phrase|code)|asswd|wd|alavra-passe)"
    r"|(?<=s)(?:ecret|enha)|(?<=t)oken|(?<=k)ennwort|(?<=c)ontraseña|(?<=m)ot de passe"
    rf"|(?<=w)achtwoord)|(?P<vague>(?i:(?<=p)(?:ass|w|sk)|(?<=c)redentials?))){_SET}{_VALUE}"
)
_PASSWORD_CUES = (
    "pass",
    "pwd",
    "secret",
    "token",
    "kennwort",
    "contrase",
    "wachtwoord",
    "senha",
    "psk",
    "pw",
    "credent",
)

_KEY = re.compile(
    rf"[aAcCeEjJkKmMpPsS]{_NAME}(?:(?i:(?<=a)(?:pi|ccess|uth|ccount)|(?<=c)lient|(?<=e)ncryption|(?<=m)aster"
    r"|(?<=p)rivate|(?<=s)(?:igning|torage|hared|ecret))(?:(?i:[ _-]?key)|Key)"
    r"|(?<=K)EY(?<=[A-Z0-9]_KEY)|(?<=P)AT(?<=_PAT)|(?<=p)at(?<=_pat)|(?i:(?<=s)id)"
    r"|(?i:(?:(?<=s)|(?<=[aj])s|(?<=p)hps)ess(?:ion)?[_-]?(?:id|key)?))"
    rf"(?:{_SET}|(?<=[Kk]ey|KEY)[\"']? ){_VALUE}"
)
_KEY_CUES = ("key", "_pat", "sid", "sess")

_NOT_SECRET = re.compile(
    r"(?:required|optional|hidden|invalid|incorrect|wrong|expired|missing|empty|changed|reset|unknown|must|should|cannot|not"
    r"|can|the|your|please|see|none|null|nil|true|false|yes|no|undefined|n/a|tbd|&?str|string|text|varchar.*"
    r"|bytes|int|bool|any|usize|[iu](?:8|16|32|64)|float|number|secretstr|char|return|raise|self"
    r"|optional\[.*|self\..*|os\..*|env.*|process\..*|getpass.*|input|config\..*|settings\..*|args\..*|\*+|x+|•+|\.+|-+|_+"
    r"|%.{0,40}|\$.{0,80}|<.{0,40}>|\{.{0,60}\}|\[.{0,40}\]|at|is|are|for|and|or|it|a|an|in|of|to|on|if|when|two|both|use"
    r"|bitte|siehe|nicht|falsch|vergessen|oubli[ée]e?|incorrecta?|olvidada|por|favor|veuillez|niet|vergeten|non|errata"
    r"|used|ok|at least.*|must .*|not .*|too .*|same .*|case .*"
    r"|[=!]=?)[.,;:!?)]{0,3}",
    re.I,
)
# In order of the alternatives: a path of small letters, with a drive, and, for `PWD`, of any letters.
_PATH = re.compile(r"(?:~|\.{1,2})?(?:/[a-z_.][a-z0-9_.-]*){1,16}+/?|[A-Za-z]:[\\/].*")
_FOLDER = re.compile(r"(?:~|\.{1,2})?/.*|[A-Za-z]:[\\/].*|~")
_SPOKEN_OF = re.compile(
    r"(?:always|never|ask|ask(?:ed|ing)|be|call|check|choose|click|contact|create|do|don['’]t|enter|follow|forgot|get|go"
    r"|have|keep|learn|live|love|make|more|read|send|tap|try|type|visit|we|what|who|why|you)",
    re.I,
)
_PLAIN_WORD = re.compile(r"[^\W\d_]+[.,!?]?")
_GOES_ON = re.compile(r" [a-z]{2}")
_LOOKS_SECRET = re.compile(
    r"(?=[^0-9]{0,127}[0-9])(?=[^A-Za-z]{0,127}[A-Za-z])[^\s]{6,}|[A-Za-z0-9+/_=-]{32,}|[0-9]{16,}"
)
_SIGNED_IN = re.compile(r"[^\s:/]{1,64}[:/][^\s:/]{4,}")


def is_nothing(value: str) -> bool:
    """Tell whether what stands where a secret could is a word about secrets, a type, a boolean or a placeholder.

    Args:
        value: What stands there.

    Returns:
        Whether it is not a secret.

    Example:
        >>> is_nothing("required"), is_nothing("null,"), is_nothing("hunter2")
        (True, True, False)
    """
    return _NOT_SECRET.fullmatch(value) is not None


def passwords(text: str) -> Places:
    """Find what stands behind a word for a password, a secret or a token.

    Args:
        text: The text.

    Returns:
        The half-open characters of the values, of `user:password` behind curl's `-u`, of `user/password` for Oracle,
        and of what stands behind `-p` for MySQL. Booleans, types, operators, paths, and the next word of a sentence are
        none.
    """
    # `casefold`, as some letters without a case are also found regardless of it: `paſſword`.
    folded = text.casefold()
    for match in _PASSWORD.finditer(text) if any(map(folded.__contains__, _PASSWORD_CUES)) else ():
        group = max(number for number in (2, 3, 4) if match[number] is not None)
        value = match[group]
        if _NOT_SECRET.fullmatch(value) or (group == _BARE and _is_prose(text, match)):
            continue
        # What a test runner prints.
        if match["vague"] == "ASS" and "=" not in text[match.end("vague") : match.start(group)]:
            continue
        if match["vague"] is None or _LOOKS_SECRET.fullmatch(value) or _is_sign_in(match["vague"], value):
            yield match.span(group)
    if "curl" in text or "wget" in text or "http" in text:
        for match in _SIGN_IN.finditer(text) if " -u" in text or "--user" in text else ():
            if "$" not in match[1] and _CLIENT.search(text, max(match.start() - _BEFORE, 0), match.start()):
                yield match.span(1)
    for match in _ORACLE.finditer(text) if "jdbc:oracle:" in text or "sqlplus " in text else ():
        yield match.span(1)
    for match in _MYSQL.finditer(text) if " -p" in text and ("mysql" in text or "mariadb" in text) else ():
        yield match.span(match.lastindex or 0)


_ORACLE = re.compile(
    r"(?<!\w)(?:jdbc:oracle:(?:thin|oci8?):|sqlplus (?:-[a-zA-Z]{1,8} ){0,4})([A-Za-z][\w$#.]{0,63}/[^\s/@\"']{2,64})@"
)
"""How Oracle's programs are told who signs in."""
_MYSQL = re.compile(
    r"(?:^|[\n;|&(`$#>\"'] ?|(?:sudo|time|then|do) |exec (?:-\w{1,3} ){0,3}(?:[\w.-]{1,40} )?|bin/)"
    r"(?:mysql(?:dump|admin|import|show)?|mariadb(?:-dump|-admin)?)(?: [^\n;|&]{0,120}?)? -p"
    r"(?:\"([^\"\n$]{3,64})\"|'([^'\n]{3,64})'|(?![$<{\[]|[0-9]+:[0-9])([^\s\"';|&]{3,64}+))"
)
"""How the programs of MySQL are told the password: right behind `-p`."""
_BARE = 4
"""The group of a value of `_PASSWORD` that stands without quotes."""


_SIGN_IN = re.compile(r" -(?:u|-user)[ =]?[\"']?([^\s\"':]{1,64}:[^\s\"']{2,100}+)")
_CLIENT = re.compile(r"(?<![\w-])(?:curl|https?|wget)(?: [^\n]*)?\Z")
_BEFORE = 64
"""How many characters before a sign-in are read for the program that it is for."""


def _is_sign_in(name: str, value: str) -> bool:
    return name[:1] in "cC" and _SIGNED_IN.fullmatch(value) is not None


def _is_prose(text: str, match: re.Match[str]) -> bool:
    """Whether the value of a match without quotes is a path or a word of a sentence or of code."""
    value, name = match[_BARE], text[match.start() : match.start(_BARE)].lower()
    if (_FOLDER if name.startswith("pwd") else _PATH).fullmatch(value):
        return True
    if not _PLAIN_WORD.fullmatch(value) or "=" in name:
        return False
    # Of code and prose, `token: identifier`; a word that is a secret comes as a password.
    if name.startswith(("token", "secret")) and value.islower():
        return True
    return _SPOKEN_OF.fullmatch(value) is not None and _GOES_ON.match(text, match.end()) is not None


def keys(text: str) -> Places:
    """Find what stands behind a word for a machine's key or the sign of a session.

    Args:
        text: The text.

    Returns:
        The half-open characters of the values that have letters and digits, or many of either.
    """
    folded = text.casefold()
    for match in _KEY.finditer(text) if any(map(folded.__contains__, _KEY_CUES)) else ():
        group = match.lastindex or 0
        value = match[group]
        if len(value) < _SHORTEST_KEY or (match[0][:4].lower() == "sess" and _SHORT_HASH.fullmatch(value)):
            continue
        if _LOOKS_SECRET.fullmatch(value) and not _PATH.fullmatch(value):
            yield match.span(group)


_SHORTEST_KEY = 12
# Logs number their sessions by short hashes, which open nothing.
_SHORT_HASH = re.compile(r"[0-9a-f]{1,15}")
_SEED_CUES = ("seed", "recovery", "mnemon", "backup", "wallet")
_SEED = re.compile(
    r"(?:seed|recovery|mnemonic|backup|wallet)(?:[ _-](?:phrase|words|seed|recovery|mnemonic)){0,3}[\"']?[ \t]{0,4}"
    r"(?:[:=]|is|are)[ \t\r\n]{0,4}[\"']?((?:[a-z]{3,10}[ ,;|\r\n]{1,3}){11,23}[a-z]{3,10})(?![a-z])",
    re.I,
)


def _numbered(first: int, last: int, more: str = "") -> str:
    """Words with the numbers from `first` to `last`, and perhaps more behind them."""
    words = "".join(rf"[,;]?\s{{1,2}}{number}[.):]? ?[a-z]{{3,8}}" for number in range(first, last + 1))
    return f"(?:{words}{more})?" if more or last > _FEWEST else words


_FEWEST = 12
"""Words of the shortest seed."""
_LONGER = _numbered(13, 15, _numbered(16, 18, _numbered(19, 21, _numbered(22, 24))))
_NUMBERED_SEED = re.compile(rf"1(?<![\w.-].)[.):]? ?[a-z]{{3,8}}{_numbered(2, _FEWEST)}{_LONGER}(?![a-z])")


_PLAIN_WORDS = r"((?:[a-z]{3,8} ){11,23}[a-z]{3,8})(?= {0,2}(?:[\"'`<|,;.)\]\t\r\n]|\Z))"
_SEED_AT_BEGIN = re.compile(_PLAIN_WORDS)
_SEED_BEHIND_MARK = re.compile(rf"[\"'`:>=|,;(\[\t\n] {{0,4}}{_PLAIN_WORDS}")
_IN_PROSE = FUNCTION_WORDS["English"]


def _is_seed(words: list[str]) -> bool:
    """Whether words of small letters are as many as a seed has, with hardly a function word or repetition."""
    common = sum(word in _IN_PROSE for word in words)
    return len(words) % 3 == 0 and common <= len(words) // _FEWEST and len(set(words)) >= len(words) - 1


def seeds(text: str) -> Places:
    """Find the words from which a wallet is made.

    Args:
        text: The text.

    Returns:
        The half-open characters of 12 to 24 words behind a word for them, with spaces, commas or the ends of lines
        between; of 12, 15, 18, 21 or 24 words of small letters that are numbered from 1; and of as many words of three
        to eight letters with one space between and marks or the ends of lines around them, if hardly any is a function
        word, of which prose has many.
    """
    folded = text.casefold()
    for match in _SEED.finditer(text) if any(map(folded.__contains__, _SEED_CUES)) else ():
        yield match.span(1)
    if "12" in text and "11" in text and "10" in text:
        yield from (match.span() for match in _NUMBERED_SEED.finditer(text))
    first = _SEED_AT_BEGIN.match(text)
    for match in (*((first,) if first else ()), *_SEED_BEHIND_MARK.finditer(text)):
        if _is_seed(match[1].split()):
            yield match.span(1)


_CODE_CUES = ("backup", "recovery", "scratch", "emergency")
_CODES = re.compile(r"(?:backup|recovery|scratch|emergency)[ _-]codes?[\"']?[ \t]{0,12}[:=]?[ \t\r\n\[]{1,12}", re.I)
_ONE_CODE = re.compile(
    r"[\"'*\u2022-]?[ ]?(?=[A-Za-z-]{0,20}[0-9])"
    r"(?P<code>[A-Za-z0-9]{4,10}(?:-[A-Za-z0-9]{4,10}){1,3}|[A-Za-z0-9]{6,12})"
    r"(?![\w-])[\"']?[ \t]{0,12}[,;|]?[ \t\r\n]{0,4}"
)
_MOST_CODES = 16


def backup_codes(text: str) -> Places:
    """Find the codes that stand in for a second factor, behind `backup codes` and the like.

    Args:
        text: The text.

    Returns:
        The half-open characters of each code; there are at most 16, and each has a digit.
    """
    folded = text.lower()
    for match in _CODES.finditer(text) if "code" in folded and any(map(folded.__contains__, _CODE_CUES)) else ():
        place = match.end()
        for _ in range(_MOST_CODES):
            code = _ONE_CODE.match(text, place)
            if code is None:
                break
            yield code.span("code")
            place = code.end()


KEY_BEGIN = r"-----BEGIN [A-Z ]{0,20}PRIVATE KEY(?: BLOCK)?-----"
"""The first line of a private key, as an expression."""
_KEY_FIELDS = r"(?:\s{0,4}(?:Proc-Type|DEK-Info|Comment|Version|Hash): [^\n]{0,80}){0,4}"
KEY_BODY = rf"{_KEY_FIELDS}[A-Za-z0-9+/=\s]{{0,8192}}+"
"""What stands between it and the last line."""
_PRIVATE_KEY = re.compile(
    rf"{KEY_BEGIN}(?:{KEY_BODY}-----END [A-Z ]{{0,20}}PRIVATE KEY(?: BLOCK)?-----"
    # Without its end: lines that are no words, and the last one, if it says that it is.
    rf"|{_KEY_FIELDS}(?:\s{{1,8}}[A-Za-z0-9+/]{{32,128}}+={{0,2}}(?![\w+/])){{1,112}}+(?:\s{{1,8}}[A-Za-z0-9+/]{{1,128}}+=)?=?)"
)


def private_keys(text: str) -> Places:
    """Find private keys with all their lines.

    Args:
        text: The text.

    Returns:
        The half-open characters from `-----BEGIN` to the end of the line with `-----END`, or of the last line before
        other text.
    """
    if "PRIVATE KEY" in text:
        yield from (match.span() for match in _PRIVATE_KEY.finditer(text))
