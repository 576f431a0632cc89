"""Half-open spans: `Span` over words, `CharacterSpan` over characters, `Entity` with its text; no
documents.
"""

from dataclasses import dataclass, field

from seqlabel.errors import DataError


@dataclass(frozen=True, order=True)
class Span:
    """The words `start` to `end - 1` (half-open) with a label.

    Raises `DataError` unless 0 ≤ start < end.
    """

    start: int
    end: int
    label: str

    def __post_init__(self) -> None:
        if not 0 <= self.start < self.end:
            raise DataError(
                f"Expected a span with 0 ≤ start < end, got start {self.start} and end {self.end}."
            )


@dataclass(frozen=True, slots=True)
class CharacterSpan:
    """The characters `start` to `end - 1` (half-open) of a text with a label, its probability and
    its source.

    The source is the model, rule or pattern that found the span; it is ignored when two spans are
    compared. Score and source are None where they are not known. Nothing is checked here: the code
    that uses a span knows its text.
    """

    start: int
    end: int
    label: str
    score: float | None = None
    source: str | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Entity:
    """A labelled span of a document with its text: the characters `start` to `end - 1` (half-open).

    The repr holds no text, because reprs end up in logs; `str` is the text.

    Args:
        text: The text of the span.
        label: Its label.
        start: Its first character in the text of the document.
        end: The end in characters, exclusive.
        score: Its probability; None where that is not known.
        source: The model, rule or pattern that found it; None where that is not known.
    """

    text: str = field(repr=False)
    label: str
    start: int
    end: int
    score: float | None = None
    source: str | None = field(default=None, compare=False)

    def __str__(self) -> str:
        return self.text
