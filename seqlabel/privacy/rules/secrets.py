"""Whether what has the form of a secret is one, and private keys with all their lines: code for
`rules.toml`.
"""

import hashlib
import re
import string

from seqlabel.io.records import KEY_BEGIN as KEY_BEGIN
from seqlabel.privacy.rules.engine import Places
from seqlabel.privacy.rules.kinds import KINDS

_NOT_SECRET = re.compile(
    r"(?:required|optional|hidden|invalid|incorrect|wrong|expired|missing|empty|changed|reset|un"
    r"known|must|should|cannot|not"
    r"|can|the|your|please|see|none|null|nil|true|false|yes|no|undefined|n/a|tbd|&?str|string|te"
    r"xt|varchar.*"
    r"|bytes|int|bool|any|usize|[iu](?:8|16|32|64)|float|number|secretstr|char|return|raise|self"
    r"|optional\[.*|self\..*|os\..*|env.*|process\..*|getpass.*|input|config\..*|settings\..*|ar"
    r"gs\..*|\*+|x+|•+|\.+|-+|_+"
    r"|%.{0,40}|\$.{0,80}|<.{0,40}>|\{.{0,60}\}|\[.{0,40}\]|at|is|are|for|and|or|it|a|an|in|of|t"
    r"o|on|if|when|two|both|use"
    r"|bitte|siehe|nicht|falsch|vergessen|oubli[ée]e?|incorrecta?|olvidada|por|favor|veuillez|ni"
    r"et|vergeten|non|errata"
    r"|used|ok|at least.*|must .*|not .*|too .*|same .*|case .*"
    r"|[=!]=?)[.,;:!?)]{0,3}",
    re.I,
)


def is_nothing(value: str) -> bool:
    """Return whether a value in the place of a secret is a word about secrets, a type, a boolean or
    a placeholder.

    Args:
        value: The value.

    Returns:
        Whether it is not a secret.

    Example:
        >>> is_nothing("required"), is_nothing("null,"), is_nothing("hunter2")
        (True, True, False)
    """
    return _NOT_SECRET.fullmatch(value) is not None


def is_password(value: str) -> bool:
    """Return whether the value of a field for a password looks like one, and not like a word, code
    or a placeholder.

    Args:
        value: The value.

    Returns:
        Whether it has signs of three kinds, of small letters, capitals, digits and others, and is
        not code.

    Example:
        >>> is_password("Heron_19"), is_password("changeme"), is_password("os.getenv(X1)")
        (True, False, False)
    """
    kinds = {2 * sign.isupper() + 3 * sign.islower() + 5 * sign.isdigit() for sign in value}
    return len(kinds) >= _FEWEST_KINDS and not is_nothing(value) and not _is_code(value)


_FEWEST_KINDS = 3
_CODE = re.compile(r"\w[.]\w+[(\[]|\w\(|\{\{|://|^[A-Za-z_]+(?:\.[A-Za-z_]+)*\[")


def _is_code(value: str) -> bool:
    return bool(_CODE.search(value) or _EXAMPLE.search(value))


def is_weak_password(value: str) -> bool:
    """Return whether the value of a setting for a password is one of letters and digits, and not
    code.

    Args:
        value: The value.

    Returns:
        Whether it has letters and digits, and is neither a member of an object nor the name of a
        method.

    Example:
        >>> is_weak_password("s0mmer"), is_weak_password("required"), is_weak_password("sha256")
        (True, False, False)
    """
    has_both = any(map(str.isalpha, value)) and any(map(str.isdigit, value))
    return has_both and not is_nothing(value) and not _is_code(value) and not _NAMES.search(value)


_NAMES = re.compile(r"[A-Za-z_]\.[A-Za-z_]|^(?:sha|md|utf|aes|base|int|pbkdf|v)_?-?[0-9]+$", re.I)


def is_word_password(value: str) -> bool:
    """Return whether a word in quotes, where a password is set, is one.

    Args:
        value: The word.

    Returns:
        Whether it is one word of small letters, and not about passwords or their users.

    Example:
        >>> (is_word_password("correcthorse"),
        ...  is_word_password("userpassword"), is_word_password("required"))
        (True, False, False)
    """
    return (
        re.fullmatch("[a-z]{8,64}", value) is not None
        and not is_nothing(value)
        and not _ABOUT.search(value)
    )


_ABOUT = re.compile(
    r"pass|pwd|kennw|wachtw|contras|secret|user|token|hash|string|text|value|input|field|hidden|"
    r"change|forgot|example|sample"
    r"|placeholder|your|confirm|crypt|encod|config|default|current|optional|undefined|incorrect|"
    r"database"
)


def is_secret(value: str) -> bool:
    """Return whether a value with the beginning of a key is one, and not a placeholder of
    documentation.

    Args:
        value: The value.

    Returns:
        Whether its characters vary, nothing in it says that it is an example, and no sample
        publishes it.

    Example:
        >>> (is_secret("AKIAQ3EGRIK7F2QXT6ZN"),
        ...  is_secret("AKIAIOSFODNN7EXAMPLE"), is_secret("ghp_xxxxxxxxxxxx"))
        (True, False, False)
    """
    if len(set(value[4:].lower())) < _FEWEST_SIGNS or _EXAMPLE.search(value):
        return False
    return not is_published_key(value)


def is_published_key(value: str) -> bool:
    """Return whether a key is one that sample projects publish.

    Args:
        value: The key.

    Returns:
        Whether the row of `API_KEY` in `kinds.toml` has its hash.
    """
    return hashlib.sha256(value.encode("utf-8", "replace")).hexdigest()[:_HASH_DIGITS] in _PUBLISHED


_HASH_DIGITS = 16
_PUBLISHED = frozenset(KINDS["API_KEY"].public)
_FEWEST_SIGNS = 6
"""Different characters of a key after its beginning; of placeholders such as `xxxx` there are
fewer.
"""
_RUN = 7
_RUNS = "|".join(
    signs[start : start + _RUN]
    for signs in (string.ascii_lowercase, string.ascii_uppercase, string.digits)
    for start in range(len(signs) - _RUN + 1)
)
_EXAMPLE = re.compile(
    rf"(?i:example|placeholder|dummy|redacted|your[_-]|(.)\1{{5}}|abcdefg)|{_RUNS}"
)
"""Words of examples, one sign six times, and seven letters or digits in their order."""


_KEY_FIELDS = r"(?:\s{0,4}(?:Proc-Type|DEK-Info|Comment|Version|Hash): [^\n]{0,80}){0,4}"
KEY_BODY = rf"{_KEY_FIELDS}[A-Za-z0-9+/=\s]{{0,8192}}+"
"""The characters between the first and the last line of a private key."""
_PRIVATE_KEY = re.compile(
    rf"{KEY_BEGIN}(?:{KEY_BODY}-----END [A-Z ]{{0,20}}PRIVATE KEY(?: BLOCK)?-----"
    # Without its end: lines that are no words, and the last one, if it says that it is.
    rf"|{_KEY_FIELDS}(?:\s{{1,8}}[A-Za-z0-9+/]{{32,128}}+={{0,2}}(?![\w+/])){{1,112}}+(?:\s{{1,8"
    rf"}}[A-Za-z0-9+/]{{1,128}}+=)?=?)"
)


def private_keys(text: str) -> Places:
    """Find private keys with all their lines.

    Args:
        text: The text.

    Returns:
        The half-open characters from `-----BEGIN` to the end of the line with `-----END`, or of the
        last line before other text.
    """
    if "PRIVATE KEY" in text:
        yield from (
            match.span() for match in _PRIVATE_KEY.finditer(text) if _has_body(match.group())
        )


def _has_body(key: str) -> bool:
    """Whether the characters between the lines at the ends of a key vary as those of a key do."""
    characters = set(filter(str.isalnum, key.split("-----")[2]))
    return len(characters) >= _FEWEST_OF_KEY


_FEWEST_OF_KEY = 3
"""Different letters and digits of a private key; of placeholders such as `xxxx` or `...` there are
fewer.
"""
