"""The table of rules, `rules.toml`: rows → rules that the engine runs; what code finds is in
`proofs` and `secrets`.

Check digits and telephone numbers need the extra `seqlabel-rnn[pii]`. Every pattern is anchored and
bounded, so that the time grows with the text's length and no faster, whatever the text is.
"""

import re
import tomllib
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from itertools import accumulate
from pathlib import Path
from pkgutil import resolve_name
from typing import Any

from pydantic import TypeAdapter

from seqlabel.documents.spans import CharacterSpan
from seqlabel.errors import OptionError, check_strings, did_you_mean
from seqlabel.privacy.rules import proofs, secrets
from seqlabel.privacy.rules.engine import REACH, Places, Rule, find_values

_FUNCTIONS: dict[str, Callable[[str], Places]] = {
    find.__name__: find
    for find in (
        *(proofs.urls, proofs.phones, proofs.cards, proofs.ibans),
        secrets.private_keys,
    )
}
_VALIDATORS: dict[str, Callable[[str], bool]] = {
    "is_ip": proofs.is_ip,
    "is_ipv6": proofs.is_ipv6,
    "is_mac": proofs.is_mac,
    "is_password": secrets.is_password,
    "is_secret": secrets.is_secret,
    "is_weak_password": secrets.is_weak_password,
    "is_word_password": secrets.is_word_password,
    "is_pan": proofs.is_pan,
    "is_spoken_code": proofs.is_spoken_code,
    "is_spoken_number": proofs.is_spoken_number,
    "vin": proofs.is_vin,
}


@dataclass(frozen=True)
class Row:
    """A rule as it stands in the table; the head of `rules.toml` says what each field is.

    Args:
        id: Its name.
        label: The label of its values.
        description: The values that it finds, in words.
        pattern: The form of the values; empty where a function finds them.
        find: The name of that function.
        signs: Texts of which one stands in every text with such a value.
        near: The name of a form that every text with such a value has.
        before: The pattern right before a match.
        unless_before: What does not stand there.
        validator: The name of what a value must pass.
        locale: The country whose form it is.
        yes: Texts with values between « and ».
        no: Texts without one.
    """

    id: str
    label: str
    description: str
    pattern: str = ""
    find: str = ""
    signs: tuple[str, ...] = ()
    near: str = ""
    before: str = ""
    unless_before: str = ""
    validator: str = ""
    locale: str = ""
    yes: tuple[str, ...] = ()
    no: tuple[str, ...] = ()


@cache
def _table() -> tuple[tuple[Row, ...], dict[str, re.Pattern[str]]]:
    content: dict[str, Any] = tomllib.loads(
        (Path(__file__).parent / "rules.toml").read_text(encoding="utf-8")
    )
    rows = TypeAdapter(tuple[Row, ...], config={"extra": "forbid"}).validate_python(
        content["rules"]
    )
    return rows, {name: re.compile(form) for name, form in content["forms"].items()}


def rows() -> tuple[Row, ...]:
    """Return the rows of the table.

    Returns:
        All of them, in its order.
    """
    return _table()[0]


def rule_labels() -> frozenset[str]:
    """Return the labels of the values that rules find.

    Returns:
        The labels.
    """
    return frozenset(row.label for row in rows())


def standard_rules(
    disabled: Iterable[str] = (), *, only: Iterable[str] | None = None
) -> tuple[Rule, ...]:
    """Return the library's rules.

    Args:
        disabled: The ids of those that are left out.
        only: The ids of the others; None for all.

    Returns:
        The others, in the order of the table.

    Raises:
        OptionError: Where the packages of `seqlabel-rnn[pii]` are missing.
    """
    if not (find_spec("stdnum") and find_spec("phonenumbers")):
        raise OptionError(
            "Rules need the packages phonenumbers and python-stdnum. Install them with pip "
            "install 'seqlabel-rnn[pii]'."
        )
    out = frozenset(disabled)
    used = None if only is None else frozenset(only)
    return tuple(
        rule
        for rule in _rules()
        if rule.source not in out and (used is None or rule.source in used)
    )


def check_ids(key: str, ids: Collection[str]) -> None:
    """Refuse ids that no rule has.

    Args:
        key: Where they were given, for the message.
        ids: The ids.

    Raises:
        OptionError: For the first one that is not known, and for anything but a list of ids.
    """
    check_strings(key, ids, "ids of rules")
    known = [row.id for row in rows()]
    for name in sorted(frozenset(ids).difference(known)):
        meant = " ".join(filter(None, (did_you_mean(name, known), "`seqlabel rules` lists them.")))
        raise OptionError(f"{key}: {name!r} is not a rule. {meant}")


def read_example(text: str) -> tuple[str, list[tuple[int, int]]]:
    """Read an example of a rule.

    Args:
        text: The example.

    Returns:
        Its text, and the half-open characters of what stood between « and ».

    Example:
        >>> read_example("to «GB82 WEST» today")
        ('to GB82 WEST today', [(3, 12)])
    """
    parts = re.split("[«»]", text)
    ends = list(accumulate(map(len, parts)))
    return "".join(parts), list(zip(ends[:-1:2], ends[1::2], strict=True))


@cache
def _rules() -> tuple[Rule, ...]:
    return tuple(_rule(row, _table()[1]) for row in rows())


def _rule(row: Row, forms: dict[str, re.Pattern[str]]) -> Rule:
    find = _FUNCTIONS[row.find] if row.find else _matches(row)
    signs = tuple(sign.casefold() for sign in row.signs)
    return Rule(row.label, find, row.id, signs=signs, near=forms[row.near] if row.near else None)


def _matches(row: Row) -> Callable[[str], Places]:
    """What finds the matches of a row's pattern that stand after the right words and pass the
    validator.
    """
    group = "value" if "(?P<value>" in row.pattern else 0

    # Most texts have the signs of few rules, and compiling all patterns takes a tenth of the
    # command's start.
    @cache
    def patterns() -> tuple[re.Pattern[str], re.Pattern[str] | None, re.Pattern[str] | None]:
        before = re.compile(rf"(?:{row.before})\Z", re.I) if row.before else None
        unless = re.compile(rf"(?:{row.unless_before})\Z", re.I) if row.unless_before else None
        return re.compile(row.pattern), before, unless

    @cache
    def valid() -> Callable[[str], bool] | None:
        is_valid = validator(row.validator) if row.validator else None
        assert is_valid or not row.validator, f"{row.id}: an unknown validator"
        return is_valid

    def find(text: str) -> Iterator[tuple[int, int]]:
        pattern, before, unless = patterns()
        for match in pattern.finditer(text):
            start = match.start()
            least = max(start - REACH, 0)
            if before and not before.search(text, least, start):
                continue
            if unless and unless.search(text, least, start):
                continue
            is_valid = valid()
            if is_valid is None or is_valid(match[group]):
                yield match.span(group)

    return find


def validator(name: str) -> Callable[[str], bool] | None:
    """Return what a value must pass, by its name in the table or in the user's settings.

    Args:
        name: A module of `python-stdnum`, such as `luhn`, `iban` or `nl.bsn`, or the name of one of
            this package's.

    Returns:
        A function that tells whether a value is valid; None for a name that is not known.
    """
    if known := _VALIDATORS.get(name):
        return known
    if re.fullmatch(r"[a-z][a-z0-9_]*(?:\.[a-z][a-z0-9_]*)?", name):
        with suppress(ImportError, AttributeError):
            is_valid: Callable[[str], bool] = resolve_name(f"stdnum.{name}:is_valid")
            return lambda value: bool(is_valid(value))
    return None


def find_proven(text: str) -> list[CharacterSpan]:
    """Find the values in a text whose form proves them, by the rules of `rules.toml`.

    A value is not hidden by invisible characters (zero-width, direction marks, variation selectors,
    control characters), by the colours of a terminal, by full-width letters and digits, or by an
    escape before it (`\\n`, `\\u003d`, `%20`). Of two values that overlap, the longer stays.

    Args:
        text: The text.

    Returns:
        The values with their labels, in document order.

    Raises:
        OptionError: Where the packages of `seqlabel-rnn[pii]` are missing.

    Example:
        >>> text = "mail ann@example.org or +44 20 7946 0958"
        >>> [(span.label, span.start, span.end) for span in find_proven(text)]
        [('EMAIL', 5, 20), ('PHONE', 24, 40)]
    """
    return [
        CharacterSpan(value.start, value.end, value.label)
        for value in find_values(text, standard_rules())
    ]
