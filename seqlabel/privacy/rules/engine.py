"""Runs rules over a text and finds their values, whatever invisible characters and escapes hide them; no rule is here.

The library's rules are rows of `rules.toml` (`rules.table`), those of users are in `finding.own_patterns`.
"""

import re
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain

from seqlabel.documents.overlaps import longest_spans

REACH = 64
"""How many characters around a value are read for what it is, and how far a finding grows at most."""
Places = Iterator[tuple[int, int]]
"""Places of values: the first character of each, and the one behind it."""


@dataclass(frozen=True, slots=True)
class Value:
    """A value that was found without the model. It holds no text.

    Args:
        start: Its first character.
        end: The character behind it.
        label: The label.
        source: What found it: the id of a rule, the place of a pattern in the settings, or `deny`.
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
        signs: Small letters of which one text stands in every text that has such a value; none where it is empty.
        near: A form that every text with such a value has; rules may share one.
    """

    label: str
    find: Callable[[str], Iterable[tuple[int, int]]]
    source: str
    always: bool = False
    signs: tuple[str, ...] = ()
    near: re.Pattern[str] | None = None


def find_values(
    text: str, rules: Sequence[Rule], *, more: Callable[[str], Iterable[Rule]] = lambda reading: ()
) -> list[Value]:
    """Find the values of rules: nothing invisible and no escape hides them.

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
    values = (
        Value(start, end, rule.label, rule.source, rule.always)
        for reading in readings
        for rule in (*_possible(reading, rules), *more(reading))
        for start, end in rule.find(reading)
    )
    kept = longest_values(sorted(values, key=lambda value: (value.start, value.end, value.label, value.source)))
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


def longest_values(values: Iterable[Value]) -> list[Value]:
    """Drop values that overlap longer ones; those that are always private stay beside all others.

    Args:
        values: The values.

    Returns:
        The others, in document order.
    """
    found = list(values)
    kept = (longest_spans(one for one in found if one.always is always) for always in (False, True))
    return sorted(chain(*kept), key=lambda one: (one.start, one.end))


def _possible(text: str, rules: Sequence[Rule]) -> Iterator[Rule]:
    """The rules whose signs the text has: looking for these is far faster than a search for values."""
    folded = text.casefold()
    known: dict[re.Pattern[str] | None, bool] = {None: True}
    for rule in rules:
        if rule.near not in known:
            known[rule.near] = rule.near is not None and rule.near.search(text) is not None
        if known[rule.near] and (not rule.signs or any(map(folded.__contains__, rule.signs))):
            yield rule


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
