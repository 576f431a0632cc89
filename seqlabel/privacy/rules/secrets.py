"""Secrets behind the words that name them, and private keys: what a row of `rules.toml` cannot say.

A value behind `password=` is a secret whatever it looks like, but for words about passwords, types and placeholders. A
value behind a word that names other things too, such as `pass`, has to look like one.
"""

import re

from seqlabel.privacy.rules.engine import Places

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


def is_secret(value: str) -> bool:
    """Tell whether a value with the beginning of a key is one, and not a placeholder of documentation.

    Args:
        value: The value.

    Returns:
        Whether its characters vary and nothing in it says that it is an example.

    Example:
        >>> is_secret("AKIAQ3EGRIK7F2QXT6ZN"), is_secret("AKIAIOSFODNN7EXAMPLE"), is_secret("ghp_xxxxxxxxxxxx")
        (True, False, False)
    """
    return len(set(value[4:].lower())) >= _FEWEST_SIGNS and not _EXAMPLE.search(value)


_FEWEST_SIGNS = 6
"""Different characters of a key behind its beginning; of placeholders such as `xxxx` there are fewer."""
_EXAMPLE = re.compile(r"example|placeholder|dummy|redacted|your[_-]|(.)\1{5}|0123456|1234567|abcdefg", re.I)


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
