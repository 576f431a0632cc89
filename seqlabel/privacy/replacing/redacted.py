"""Private spans of a text replaced, and the map between the offsets of both texts; what replaces
them is a policy's.

Spans that overlap become one, their union, so that no private character survives.
"""

import json
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from html import escape
from operator import attrgetter

from seqlabel.documents.overlaps import unite
from seqlabel.documents.spans import CharacterSpan
from seqlabel.errors import DataError
from seqlabel.io.markup import Mark, marked_html
from seqlabel.privacy.replacing.encryption import Numbering
from seqlabel.privacy.replacing.policies import Encrypt, Policy, policies_of, policy_of


@dataclass(frozen=True)
class Finding:
    """A private span that was replaced; it holds no text.

    Args:
        label: The label of the span.
        start: Its first character in the old text.
        end: The end of those characters in the old text, exclusive.
        new_start: The first character of what replaces it in the new text.
        new_end: The end of the replacement, exclusive.
        score: The span's probability; None where it came without one.
        encrypted: Whether `restore` can undo the replacement.
        source: What found it: `model`, the id of a rule or of a pattern in the settings, or `deny`;
            None where that is not known.
    """

    label: str
    start: int
    end: int
    new_start: int
    new_end: int
    score: float | None = None
    encrypted: bool = False
    source: str | None = field(default=None, compare=False)


@dataclass(frozen=True)
class Redacted:
    """A text without its private spans. The repr holds no text, because what was not found is still
    in it.

    Args:
        text: The redacted text.
        findings: The private spans, in the order of the text.
        old_length: The number of characters of the original, of which nothing else is kept.
    """

    text: str
    findings: tuple[Finding, ...]
    old_length: int

    def __repr__(self) -> str:
        return f"Redacted({len(self.text)} characters for {self.old_length}; {self._counts()})"

    def __str__(self) -> str:
        """The redacted text, in which what was not found is still there."""
        return self.text

    def _repr_html_(self) -> str:
        """The redacted text for a notebook, with what replaces the private spans on coloured
        ground.
        """
        marks = [
            Mark(
                finding.new_start,
                finding.new_end,
                finding.label,
                f"{finding.label}, {finding.end - finding.start} characters",
            )
            for finding in self.findings
            if finding.new_start < finding.new_end
        ]
        return f"{marked_html(self.text, marks)}<small>{escape(self._counts())}</small>"

    def _counts(self) -> str:
        counts = Counter(finding.label for finding in self.findings)
        return (
            ", ".join(f"{label} {number}" for label, number in counts.most_common())
            or "nothing private"
        )

    def __json__(self) -> str:
        """Give this as JSON, where spaCy's `Doc.to_json` asks for it.

        Returns:
            An object with `text`, `findings` and `old_length`.
        """
        return json.dumps(asdict(self))

    def to_new(self, start: int, end: int) -> tuple[int, int]:
        """Map offsets of the old text to the new one.

        An end inside a replaced span widens to the whole of what replaces it, which is empty for a
        removed one. An empty interval gives an empty one, except inside a replaced span.

        Args:
            start: The first character in the old text.
            end: The end, exclusive.

        Returns:
            The half-open offsets in the new text.

        Raises:
            DataError: For offsets outside the text.
        """
        return _mapped(start, end, self.findings, (self.old_length, _OLD), (len(self.text), _NEW))

    def to_old(self, start: int, end: int) -> tuple[int, int]:
        """Map offsets of the new text to the old one, as `to_new` does the other way.

        An empty interval at a place from which spans were removed gives these spans.

        Args:
            start: The first character in the new text.
            end: The end, exclusive.

        Returns:
            The half-open offsets in the old text.

        Raises:
            DataError: For offsets outside the text.
        """
        return _mapped(start, end, self.findings, (len(self.text), _NEW), (self.old_length, _OLD))


_Offsets = Callable[[Finding], tuple[int, int]]
_OLD: _Offsets = attrgetter("start", "end")
_NEW: _Offsets = attrgetter("new_start", "new_end")


def _mapped(
    start: int,
    end: int,
    findings: Sequence[Finding],
    source: tuple[int, _Offsets],
    target: tuple[int, _Offsets],
) -> tuple[int, int]:
    """The offsets in a target text of those in a source text; of both, the length and where a
    finding is in it.
    """
    length, here = source
    new_length, there = target
    if not 0 <= start <= end <= length:
        raise DataError(
            f"Expected 0 ≤ start ≤ end ≤ {length}, the characters of the text, got {start} to "
            f"{end}."
        )
    first = start
    last = new_length - (length - end)
    before = bisect_right(findings, start, key=lambda finding: here(finding)[0]) - 1
    if before >= 0:
        _, stop = here(findings[before])
        new_start, new_stop = there(findings[before])
        first = new_start if start < stop else new_stop + start - stop
    after = bisect_left(findings, end, key=lambda finding: here(finding)[1])
    if after < len(findings):
        begin, _ = here(findings[after])
        new_start, new_stop = there(findings[after])
        last = new_stop if end > begin else new_start + end - begin
    # Without a character between them, what was removed lies before the start and after the end.
    return min(first, last), max(first, last)


def redact_characters(
    text: str,
    spans: Iterable[CharacterSpan],
    policy: Policy | str,
    *,
    policies: Mapping[str, Policy | str] | None = None,
    numbering: Numbering | None = None,
) -> Redacted:
    """Replace spans of characters; all other characters stay as they are.

    Spans that overlap become one, their union, with the label and the score of the longest
    (`overlaps.unite`).

    Args:
        text: The text.
        spans: The spans, in any order.
        policy: What replaces a span, or its name.
        policies: Policies for some labels, or their names, used instead of `policy`.
        numbering: The text's place and the numbers of its encrypted values; None for a text that
            stands alone.

    Returns:
        The redacted text and its findings.

    Raises:
        DataError: For spans that are empty or leave the text.
        OptionError: For something that is neither a policy nor the name of one that has no key.
    """
    for_all = policy_of(policy)
    for_some = policies_of(policies)
    numbering = numbering or Numbering()
    replacements: dict[str | None, Callable[[CharacterSpan], str]] = {}
    pieces: list[str] = []
    findings: list[Finding] = []
    offset = new_place = 0
    for span in _united(text, spans):
        start = span.start
        end = span.end
        label = span.label
        known = label if label in for_some else None
        chosen = for_some.get(label, for_all)
        if known not in replacements:
            replacements[known] = _replacements(chosen, text, numbering)
        replacement = replacements[known](span)
        pieces += [text[offset:start], replacement]
        new_start = new_place + start - offset
        offset = end
        new_place = new_start + len(replacement)
        encrypted = isinstance(chosen, Encrypt)
        findings.append(
            Finding(label, start, end, new_start, new_place, span.score, encrypted, span.source)
        )
    pieces.append(text[offset:])
    return Redacted("".join(pieces), tuple(findings), len(text))


def _replacements(
    policy: Policy, text: str, numbering: Numbering
) -> Callable[[CharacterSpan], str]:
    """What replaces the spans of a text."""
    in_context: Callable[[str], Callable[[CharacterSpan], str]] | None = getattr(
        policy, "replacements_in", None
    )
    if in_context is not None:
        return in_context(text)
    replaced = (
        policy.numbered_replacements(numbering)
        if isinstance(policy, Encrypt)
        else policy.replacements()
    )
    return lambda span: replaced(text[span.start : span.end], span.label)


def _united(text: str, spans: Iterable[CharacterSpan]) -> Iterator[CharacterSpan]:
    """The spans in the order of the text, those that overlap as one."""
    all_spans = list(spans)
    for number, span in enumerate(all_spans):
        if not 0 <= span.start < span.end <= len(text):
            raise DataError(
                f"span {number}: expected 0 ≤ start < end ≤ {len(text)}, the characters of the "
                f"text, got {span.start} to {span.end}."
            )
    for best, start, end in unite(all_spans):
        yield replace(best, start=start, end=end)
