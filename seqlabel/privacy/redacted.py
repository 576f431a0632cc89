"""Private spans of a text replaced, the map between the offsets of both texts, and the way back; how is a policy's.

Spans that overlap become one, their union, so that no private character survives.
"""

import re
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from operator import attrgetter

from seqlabel.documents.overlaps import overlapping_groups
from seqlabel.documents.spans import CharacterSpan
from seqlabel.errors import DataError
from seqlabel.privacy.policies import ENCRYPTED, MARK, Encrypt, Policy, decryption


@dataclass(frozen=True)
class Finding:
    """A private span: its label, its half-open offsets in the old and in the new text, and its score.

    `score` is None where the span came without one. `encrypted` says whether `restore` can undo the replacement.
    """

    label: str
    start: int
    end: int
    new_start: int
    new_end: int
    score: float | None = None
    encrypted: bool = False


@dataclass(frozen=True)
class Redacted:
    """A text without its private spans, and a finding on each of them in the order of the text.

    `old_length` is the number of characters of the original, of which nothing else is kept. The repr holds no text,
    because what was not found is still in it.
    """

    text: str
    findings: tuple[Finding, ...]
    old_length: int

    def __repr__(self) -> str:
        found = Counter(finding.label for finding in self.findings)
        labels = ", ".join(f"{label} {number}" for label, number in sorted(found.items()))
        return f"Redacted({len(self.text)} characters for {self.old_length}; {labels or 'nothing private'})"

    def to_new(self, start: int, end: int) -> tuple[int, int]:
        """Where the old text's characters `start` to `end - 1` are in the new one, as half-open offsets.

        An end inside a replaced span widens to the whole of what replaces it, which is empty for a removed one. An
        empty interval gives an empty one, except inside a replaced span. Raises `DataError` outside the text.
        """
        return _mapped(start, end, self.findings, (self.old_length, _OLD), (len(self.text), _NEW))

    def to_old(self, start: int, end: int) -> tuple[int, int]:
        """Where the new text's characters `start` to `end - 1` come from in the old one, as `to_new`.

        An empty interval at a place from which spans were removed gives these spans.
        """
        return _mapped(start, end, self.findings, (len(self.text), _NEW), (self.old_length, _OLD))


_Offsets = Callable[[Finding], tuple[int, int]]
_OLD: _Offsets = attrgetter("start", "end")
_NEW: _Offsets = attrgetter("new_start", "new_end")


def _mapped(
    start: int, end: int, findings: Sequence[Finding], source: tuple[int, _Offsets], target: tuple[int, _Offsets]
) -> tuple[int, int]:
    """The offsets in a target text of those in a source text; of both, the length and where a finding is in it."""
    (length, here), (new_length, there) = source, target
    if not 0 <= start <= end <= length:
        raise DataError(f"found offsets {start} to {end}; in this text of {length} characters 0 ≤ start ≤ end ≤ length")
    first, last = start, new_length - (length - end)
    before = bisect_right(findings, start, key=lambda finding: here(finding)[0]) - 1
    if before >= 0:
        (_, stop), (new_start, new_stop) = here(findings[before]), there(findings[before])
        first = new_start if start < stop else new_stop + start - stop
    after = bisect_left(findings, end, key=lambda finding: here(finding)[1])
    if after < len(findings):
        (begin, _), (new_start, new_stop) = here(findings[after]), there(findings[after])
        last = new_stop if end > begin else new_start + end - begin
    # Without a character between them, what was removed lies before the start and behind the end.
    return min(first, last), max(first, last)


def redact_characters(
    text: str,
    spans: Iterable[CharacterSpan],
    policy: Policy,
    *,
    by_label: Mapping[str, Policy] | None = None,
) -> Redacted:
    """Replace spans of characters as `policy` says, or, for labels in `by_label`, as these say.

    Spans may come in any order. Spans that overlap become one, their union, with the label and the score of the
    longest, of equally long ones that with the highest score, then of the first. All other characters stay as they are.

    Raises `DataError` for spans that are empty or leave the text.
    """
    policies = by_label or {}
    replacements: dict[str | None, Callable[[str, str], str]] = {}
    pieces: list[str] = []
    findings: list[Finding] = []
    place = new_place = 0
    for span in _united(text, spans):
        start, end, label = span.start, span.end, span.label
        known = label if label in policies else None
        chosen = policies.get(label, policy)
        if known not in replacements:
            replacements[known] = chosen.replacements()
        replacement = replacements[known](text[start:end], label)
        pieces += [text[place:start], replacement]
        new_start = new_place + start - place
        place, new_place = end, new_start + len(replacement)
        findings.append(Finding(label, start, end, new_start, new_place, span.score, isinstance(chosen, Encrypt)))
    pieces.append(text[place:])
    return Redacted("".join(pieces), tuple(findings), len(text))


def restore(redacted: Redacted, *, key: bytes) -> str:
    """The original text of one in which every private span was encrypted with this key.

    Raises `OptionError` for a key of a wrong length or without `presidio-anonymizer`, `DataError` for spans that were
    not encrypted, and for such as this key does not decrypt.
    """
    lost = sum(not finding.encrypted for finding in redacted.findings)
    if lost:
        raise DataError(
            f"found {lost} of {len(redacted.findings)} private spans that were not encrypted; only a text redacted "
            f"with Encrypt alone can be restored so; restore_text puts back what is encrypted in any text"
        )
    decrypt = decryption(key)
    pieces: list[str] = []
    place = 0
    for number, finding in enumerate(redacted.findings):
        value = decrypt(redacted.text[finding.new_start : finding.new_end])
        # A wrong key can yield valid Unicode by chance, hardly of the same length.
        if value is None or len(value) != finding.end - finding.start:
            raise DataError(
                f"private span {number}, now at {finding.new_start} to {finding.new_end}, cannot be decrypted; "
                f"give the key and the text that encryption used and returned"
            )
        pieces += [redacted.text[place : finding.new_start], value]
        place = finding.new_end
    return "".join([*pieces, redacted.text[place:]])


@dataclass(frozen=True)
class Restored:
    """A text in which so many values were decrypted, and so many beginnings of encrypted values are left as they were.

    The repr holds no text.
    """

    text: str = field(repr=False)
    decrypted: int
    left: int


def restore_text(text: str, *, key: bytes) -> Restored:
    """A text in which every `<ENCRYPTED:…>` that this key decrypts is its value again; all else stays as it is.

    What was encrypted twice is decrypted once. A wrong key leaves everything, but for one value in millions that it
    turns into another one. Raises `OptionError` for a key of a wrong length or without `presidio-anonymizer`.
    """
    decrypt = decryption(key)
    decrypted = 0

    def value(match: re.Match[str]) -> str:
        nonlocal decrypted
        found = decrypt(match[0])
        decrypted += found is not None
        return match[0] if found is None else found

    return Restored(MARK.sub(value, text), decrypted, text.count(ENCRYPTED) - decrypted)


def _united(text: str, spans: Iterable[CharacterSpan]) -> Iterator[CharacterSpan]:
    """The spans in the order of the text, those that overlap as one."""
    found = list(spans)
    for number, span in enumerate(found):
        if not 0 <= span.start < span.end <= len(text):
            raise DataError(
                f"span {number} has offsets {span.start} to {span.end} in a text of {len(text)} characters; "
                f"0 ≤ start < end ≤ length"
            )
    for group in overlapping_groups(sorted(found, key=lambda span: (span.start, span.end, span.label))):
        best = max(group, key=lambda span: (span.end - span.start, span.score or 0.0))
        yield replace(best, start=group[0].start, end=max(span.end for span in group))
