"""Runs rules over a text and finds their values, whatever invisible characters and escapes hide
them; no rule is here.

The library's rules are rows of `rules.toml` (`rules.table`), those of users are in
`finding.own_patterns`.
"""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from seqlabel.documents.overlaps import longest_spans

REACH = 64
"""How many characters around a value are read for what it is, and how far a finding grows at most.
"""
AROUND = 220 + 2 * REACH
"""How many characters are read around an escape: those of the longest value with white space, but
for private keys, and those read around it."""
Places = Iterator[tuple[int, int]]
"""Half-open places of values."""


@dataclass(frozen=True, slots=True)
class Value:
    """A value that was found without the model. It holds no text.

    Args:
        start: Its first character.
        end: The end of its characters, exclusive.
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
        find: Gives the half-open place of each value in a text.
        source: What findings call it.
        always: Whether its values are private whatever else the user says.
        signs: Small letters of which one text stands in every text that has such a value; none
            where it is empty.
        near: A form that every text with such a value has; rules may share one.
    """

    label: str
    find: Callable[[str], Iterable[tuple[int, int]]]
    source: str
    always: bool = False
    signs: tuple[str, ...] = ()
    near: re.Pattern[str] | None = None


class RuleIndex:
    """Lists the rules that can find something in a text, by their signs and forms: far faster than
    a search for values.

    Args:
        rules: The rules.
    """

    def __init__(self, rules: Iterable[Rule]) -> None:
        self._rules = tuple(rules)
        self._without_signs = [number for number, rule in enumerate(self._rules) if not rule.signs]
        self._of_sign: dict[str, list[int]] = {}
        for number, rule in enumerate(self._rules):
            for sign in rule.signs:
                self._of_sign.setdefault(sign, []).append(number)
        # Signs that share a rare character are looked for only where a text has it.
        groups: dict[str, list[str]] = {}
        for sign in self._of_sign:
            groups.setdefault(next(filter(_RARE.__contains__, sign), ""), []).append(sign)
        self._common = groups.pop("", [])
        self._groups = list(groups.items())

    def __bool__(self) -> bool:
        return bool(self._rules)

    def __call__(self, text: str) -> list[Rule]:
        """List the rules that can find something.

        Args:
            text: The text.

        Returns:
            The rules, in any order.
        """
        folded = text.casefold()
        signs = [sign for sign in self._common if sign in folded]
        for rare, some in self._groups:
            if rare in folded:
                signs += [sign for sign in some if sign in folded]
        numbers = set(self._without_signs).union(*map(self._of_sign.__getitem__, signs))
        known: dict[int, bool] = {id(None): True}
        possible: list[Rule] = []
        for number in numbers:
            rule = self._rules[number]
            form = id(rule.near)
            if form not in known:
                known[form] = rule.near is not None and rule.near.search(text) is not None
            if known[form]:
                possible.append(rule)
        return possible


_RARE = "_@/\\+:0123456789-.jqzx"


def find_values(
    text: str,
    rules: RuleIndex | Sequence[Rule],
    *,
    more: Callable[[str], Iterable[Rule]] = lambda reading: (),
) -> list[Value]:
    """Find the values of rules: nothing invisible and no escape hides them.

    Args:
        text: The text.
        rules: What finds them; an index of them saves time where several texts are read.
        more: Tells which other rules can find something in a reading of the text.

    Returns:
        The values in document order. Of two that overlap, the longer stays, but those that are
        always private stay next to all others.
    """
    index = rules if isinstance(rules, RuleIndex) else RuleIndex(rules)
    clean = text if text.isascii() or not _WIDE.search(text) else text.translate(_PLAIN)
    hidden: list[int] = []
    for match in INVISIBLE.finditer(text) if _UNSEEN.search(text) else ():
        hidden += [match.start() - len(hidden)] * (match.end() - match.start())
    if hidden:
        clean = INVISIBLE.sub("", clean)
    values = _values(clean, index, more)
    if ("\\" in clean or "%" in clean) and _ESCAPE.search(clean):
        values += _values_near_escapes(clean, index, more)
    kept = longest_values(
        sorted(values, key=lambda value: (value.start, value.end, value.label, value.source))
    )
    if hidden:
        # An invisible character before a place shifts it; one at the very end of a value stays
        # outside.
        kept = [
            replace(
                value,
                start=value.start + bisect_right(hidden, value.start),
                end=value.end - 1 + bisect_right(hidden, value.end - 1) + 1,
            )
            for value in kept
        ]
    return kept


def _values(reading: str, index: RuleIndex, more: Callable[[str], Iterable[Rule]]) -> list[Value]:
    return [
        Value(start, end, rule.label, rule.source, rule.always)
        for rule in (*index(reading), *more(reading))
        for start, end in rule.find(reading)
    ]


def _values_near_escapes(
    text: str, index: RuleIndex, more: Callable[[str], Iterable[Rule]]
) -> list[Value]:
    """The values that a text has with blanks in place of its escapes, near these; elsewhere it has
    the same ones.
    """
    # Of `\n203.0.113.7` the letter is not part of a value; of `DOMAIN\nancy@example.org` it is.
    blank = _ESCAPE.sub(lambda match: " " * len(match.group()), text)
    if len(text) <= 2 * AROUND or "PRIVATE KEY" in text:
        # A private key is longer than what is read around an escape.
        return _values(blank, index, more)
    escapes = [match.span() for match in _ESCAPE.finditer(text)]
    values: list[Value] = []
    for begin, end in runs_around(blank, escapes, AROUND):
        for value in _values(blank[begin:end], index, more):
            start = value.start + begin
            stop = value.end + begin
            nearest = bisect_left(escapes, (start - REACH, -1))
            before = nearest > 0 and escapes[nearest - 1][1] >= start - REACH
            if before or (nearest < len(escapes) and escapes[nearest][0] <= stop + REACH):
                values.append(replace(value, start=start, end=stop))
    return values


def runs_around(text: str, changed: Iterable[tuple[int, int]], reach: int) -> list[tuple[int, int]]:
    """Return the parts of a text around some places, as whole runs without white space.

    Args:
        text: The text.
        changed: The half-open places, in order.
        reach: How many characters around a place are read, at least.

    Returns:
        Half-open parts of the text, in order, that do not meet. Each begins with the white space
        before its first run.
    """
    parts: list[tuple[int, int]] = []
    for start, end in changed:
        last = parts[-1][1] if parts else 0
        begin = max(start - reach, 0)
        while begin > last and not text[begin].isspace():
            begin -= 1
        stop = max(min(end + reach, len(text)), last)
        while stop < len(text) and not text[stop].isspace():
            stop += 1
        if parts and begin <= last:
            parts[-1] = (parts[-1][0], stop)
        else:
            parts.append((begin, stop))
    return parts


def longest_values(values: Iterable[Value]) -> list[Value]:
    """Drop values that overlap longer ones; those that are always private stay next to all others.

    Args:
        values: The values.

    Returns:
        The others, in document order.
    """
    candidates = list(values)
    # Hardly any overlap.
    if all(left.end <= right.start for left, right in pairwise(candidates)):
        return candidates
    kept = longest_spans(value for value in candidates if not value.always)
    kept += longest_spans(value for value in candidates if value.always)
    return sorted(kept, key=lambda value: (value.start, value.end))


_SIGNS = (
    "[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f"
    "\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb"
    "\U0001bca0-\U0001bca3"
    "\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)
_UNSEEN = re.compile(_SIGNS)
INVISIBLE = re.compile(rf"\x1b\[[0-?]{{0,32}}[@-~]|{_SIGNS}")
"""Invisible characters: colours of a terminal (ECMA-48), control characters that are not white
space, and those that Unicode lets programs ignore (Default_Ignorable_Code_Point)."""
_ESCAPE = re.compile(r"\\(?:[abfnrtv]|u[0-9A-Fa-f]{4}|x[0-9A-Fa-f]{2})|%[0-9A-Fa-f]{2}")
_WIDE = re.compile("[\uff01-\uff5e]")
_PLAIN = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}
