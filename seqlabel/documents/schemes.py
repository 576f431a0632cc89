"""Tags ↔ spans: half-open spans of words and the tag schemes that write them down; no text and no
scores in here.

Schemes (Ramshaw and Marcus 1995; Tjong Kim Sang and Veenstra 1999): IO, BIO (IOB2), IOB1, BIOES,
and BILOU, which is BIOES with other letters. A tag is `O` or a prefix, `-` and a label.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from seqlabel.documents.spans import Span
from seqlabel.errors import DataError, choose

OUTSIDE = "O"


class Scheme(StrEnum):
    """How spans are written as one tag per word."""

    IO = "IO"
    """`I` inside; neighbouring spans of one label become one, so it cannot write every set of
    spans.
    """
    BIO = "BIO"
    """`B` begins every span, `I` continues it (also called IOB2)."""
    IOB1 = "IOB1"
    """`I` inside; `B` begins a span only where one of the same label has just ended."""
    BIOES = "BIOES"
    """As BIO, with `E` for the last word and `S` for a span of one word."""
    BILOU = "BILOU"
    """As BIOES, with `L` for the last word and `U` for a span of one word."""


@dataclass(frozen=True)
class Repaired:
    """Spans, and how many tags broke their scheme."""

    spans: tuple[Span, ...]
    repairs: int


_LETTERS = {
    Scheme.IO: "I",
    Scheme.BIO: "BI",
    Scheme.IOB1: "BI",
    Scheme.BIOES: "BIES",
    Scheme.BILOU: "BILU",
}
ENDS = {Scheme.BIOES: ("E", "S"), Scheme.BILOU: ("L", "U")}
"""The letters of the last word of a span, and of a span of one word, in the schemes that mark ends.
"""
_COMMON = str.maketrans("LU", "ES")


def tag_names(labels: Iterable[str], scheme: Scheme) -> list[str]:
    """List all tags of some labels.

    Args:
        labels: The labels.
        scheme: The tag scheme.

    Returns:
        `O`, then each label's tags, in the order of the labels.

    Example:
        >>> tag_names(["PER"], Scheme.BIO)
        ['O', 'B-PER', 'I-PER']
    """
    tags = [OUTSIDE]
    for label in labels:
        tags += [f"{letter}-{label}" for letter in _LETTERS[scheme]]
    return tags


def split_tag(tag: str) -> tuple[str, str]:
    """Split a tag into its prefix and its label.

    Args:
        tag: `O`, or a prefix, a dash and a label.

    Returns:
        Such as `("B", "PER")` for `B-PER`, and `("O", "")` for `O`.

    Raises:
        DataError: The tag is neither.
    """
    if tag == OUTSIDE:
        return OUTSIDE, ""
    prefix, dash, label = tag.partition("-")
    if not dash or not label or prefix not in set("BIESLU"):
        raise DataError(
            f"Expected a tag that is O, or one of B I E S L U, a dash and a label, got {tag!r}."
        )
    return prefix, label


def spans_to_tags(spans: Iterable[Span], length: int, scheme: Scheme) -> list[str]:
    """Write spans as one tag per word.

    Args:
        spans: Spans that do not overlap, in any order.
        length: The number of words.
        scheme: The tag scheme.

    Returns:
        A tag for each word.

    Raises:
        DataError: Spans overlap or end past the last word.
        OptionError: The scheme is unknown.

    Example:
        >>> spans_to_tags([Span(0, 2, "PER")], 3, Scheme.BIOES)
        ['B-PER', 'E-PER', 'O']
    """
    scheme = choose(Scheme, "scheme", scheme)
    tags = [OUTSIDE] * length
    previous: Span | None = None
    for span in sorted(spans):
        if span.end > length:
            raise DataError(
                f"Expected spans of {length} words, got one from {span.start} to {span.end}."
            )
        if previous is not None and span.start < previous.end:
            raise DataError(
                f"Expected spans that do not overlap, got {previous.start}–{previous.end} and "
                f"{span.start}–{span.end}. A tag scheme writes one label per word."
            )
        letters = ["I"] * (span.end - span.start)
        touches = (
            previous is not None and previous.end == span.start and previous.label == span.label
        )
        if scheme in (Scheme.BIO, Scheme.BIOES, Scheme.BILOU) or (
            scheme is Scheme.IOB1 and touches
        ):
            letters[0] = "B"
        if scheme in (Scheme.BIOES, Scheme.BILOU):
            last_letter, single_letter = ENDS[scheme]
            letters[-1] = last_letter if len(letters) > 1 else single_letter
        tags[span.start : span.end] = [f"{letter}-{span.label}" for letter in letters]
        previous = span
    return tags


@lru_cache(maxsize=1024)
def _common_parts(tag: str) -> tuple[str, str]:
    """The prefix of a tag in the letters of BIOES, and its label."""
    prefix, label = split_tag(tag)
    return prefix.translate(_COMMON), label


def tags_to_spans(tags: Sequence[str], scheme: Scheme) -> Repaired:
    """Read the spans of a sequence of tags; every tagged word is in one, even where the tags break
    their scheme.

    A word whose tag continues a span, but that follows no such span, begins one. A span without an
    end tag ends where the next span begins or a word is outside. Each such place counts as one
    repair.

    Args:
        tags: One tag per word.
        scheme: The scheme that the tags should follow; it decides what counts as a repair.

    Returns:
        The spans in the order of the text, and the number of repairs.

    Raises:
        DataError: A tag has no prefix of any scheme.
    """
    spans: list[Span] = []
    repairs = 0
    open_label = ""
    start = 0
    marks_ends = scheme in ENDS
    may_begin_inside = scheme in (Scheme.IO, Scheme.IOB1)
    for word, tag in enumerate([*tags, OUTSIDE]):
        if tag == OUTSIDE and not open_label:
            continue
        prefix, label = _common_parts(tag)
        continues = prefix in ("I", "E") and label == open_label

        if open_label and not continues:
            # The span before this word has no end tag.
            repairs += marks_ends
            spans.append(Span(start, word, open_label))
            open_label = ""
        if prefix == OUTSIDE:
            continue
        if not continues:
            repairs += prefix == "E" or (prefix == "I" and not may_begin_inside)
            open_label = label
            start = word
        if prefix in ("E", "S"):
            spans.append(Span(start, word + 1, label))
            open_label = ""
    return Repaired(tuple(spans), repairs)


def recognize_scheme(sequences: Iterable[Sequence[str]]) -> Scheme:
    """Recognise the scheme of some tag sequences, by their letters and then by the position of `B`.

    Tags with `B` and `I` only are BIO, unless spans begin with `I`, which only IOB1 allows, at
    least as often as with a `B` that IOB1 does not need: a few errors do not turn a file of BIO
    into IOB1.

    Args:
        sequences: The tags of sentences.

    Returns:
        The scheme.

    Raises:
        DataError: A tag has no prefix of any scheme.
    """
    letters: set[str] = set()
    begins_inside = 0
    needless = 0
    for tags in sequences:
        open_label = ""
        for tag in tags:
            prefix, label = split_tag(tag)
            letters.add(prefix)
            begins_inside += prefix == "I" and label != open_label
            needless += prefix == "B" and label != open_label
            open_label = label
    if letters & {"L", "U"}:
        return Scheme.BILOU
    if letters & {"E", "S"}:
        return Scheme.BIOES
    if "B" not in letters:
        return Scheme.IO
    return Scheme.IOB1 if begins_inside and begins_inside >= needless else Scheme.BIO


def allowed_transitions(
    tags: Sequence[str], scheme: Scheme
) -> tuple[list[list[bool]], list[bool], list[bool]]:
    """List which tags may follow each other in a scheme.

    Args:
        tags: The tags, in the order of their ids.
        scheme: The tag scheme.

    Returns:
        Whether a tag may follow another (`[before][after]`, shape tags × tags), may begin a
        sequence, and may end one.
    """
    follows: list[list[bool]] = []
    for before in tags:
        follows.append([_may_follow(before, after, scheme) for after in tags])
    begins = [_may_follow(OUTSIDE, tag, scheme) for tag in tags]
    ends = [_may_follow(tag, OUTSIDE, scheme) for tag in tags]
    return follows, begins, ends


def _may_follow(before: str, after: str, scheme: Scheme) -> bool:
    """Return whether a tag may stand after another one."""
    before_prefix, before_label = _common_parts(before)
    after_prefix, after_label = _common_parts(after)
    is_open = before_prefix in ("B", "I")
    if after_prefix in ("I", "E") and scheme not in (Scheme.IO, Scheme.IOB1):
        return is_open and before_label == after_label
    return not (is_open and scheme in ENDS)
