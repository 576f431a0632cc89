"""Why a value was found: the id of a rule, or the words around it that tell the model most;
`finder` finds it.

A word tells as much as the probability of the finding falls without it (occlusion; Zeiler and
Fergus 2014, "Visualizing and Understanding Convolutional Networks").
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from seqlabel.documents.document import Document
from seqlabel.documents.schemes import split_tag
from seqlabel.documents.spans import Span
from seqlabel.models.tagging.labeler import Labeler
from seqlabel.privacy.finding.finder import LAYER, MODEL_SOURCE, PrivateFinder

_SHOWN = 3
_REACH = 12
"""Words on each side that are left out in turn."""
_CONTEXT = 60
"""Words on each side that are read."""
_LEAST = 0.01
"""The fall of the probability from which on a word counts."""


@dataclass(frozen=True)
class Reason:
    """Why a value was found. The repr holds no text.

    Args:
        source: `model`, the id of a rule, `deny`, or the id or place of a pattern in the settings.
        words: The words around a value of the model without which it is less probable, the most
            telling first; at most three.
    """

    source: str
    words: tuple[str, ...] = field(default=(), repr=False)

    def __str__(self) -> str:
        return (
            f"{self.source}, by {', '.join(map(repr, self.words))}" if self.words else self.source
        )


def sources_alone(finder: PrivateFinder, document: Document) -> list[Reason]:
    """Tell what found each span of a document, without the words around it, which take the model
    another reading.

    Args:
        finder: What found them.
        document: The document that it returned.

    Returns:
        A reason for each span of the layer `pii`.
    """
    return [Reason(source) for source in finder.sources(document)]


def explain(finder: PrivateFinder, document: Document) -> list[Reason]:
    """Tell why each span of a document was found.

    Args:
        finder: What found them.
        document: The document that it returned.

    Returns:
        A reason for each span of the layer `pii`.

    Example:
        >>> finder = PrivateFinder()
        >>> (document,) = finder(["Mail ann@lee.example or ask Mr Best."])
        >>> [str(reason) for reason in explain(finder, document)]
        ['email', "model, by 'Mr', ..."]
    """
    return [
        Reason(reason.source, telling_words(finder.labeler, document, span))
        if reason.source == MODEL_SOURCE
        else reason
        for span, reason in zip(
            document.spans[LAYER].spans, sources_alone(finder, document), strict=True
        )
    ]


def telling_words(labeler: Labeler, document: Document, span: Span) -> tuple[str, ...]:
    """Find the words around a span without which it is less probable.

    Args:
        labeler: A labeler with the layer `pii`.
        document: The document.
        span: The span.

    Returns:
        At most three words, the most telling first; none where no word tells much.
    """
    context = range(max(span.start - _CONTEXT, 0), min(span.end + _CONTEXT, len(document)))
    before = range(max(span.start - _REACH, 0), span.start)
    after = range(span.end, min(span.end + _REACH, len(document)))
    near = [*before, *after]

    # The context as a whole, and without each word that is near.
    rows = [list(context)]
    for left_out in near:
        rows.append([number for number in context if number != left_out])
    whole, *without_words = _probabilities(labeler, document, rows, span)

    falls = [
        (whole - without, -number) for without, number in zip(without_words, near, strict=True)
    ]
    falls.sort(reverse=True)
    return tuple(document.words[-number] for fall, number in falls[:_SHOWN] if fall >= _LEAST)


def _probabilities(
    labeler: Labeler, document: Document, rows: Sequence[Sequence[int]], span: Span
) -> list[float]:
    """The mean probability of a span's label over its words, among some of the words of a
    document.
    """
    tag_set = next(tag_set for tag_set in labeler.tag_sets if tag_set.layer == LAYER)
    of_label = [
        number for number, tag in enumerate(tag_set.tags) if split_tag(tag)[1] == span.label
    ]
    parts = []
    for row in rows:
        offsets = tuple(document.offsets[number] for number in row)
        parts.append(Document(document.text, offsets))

    means = []
    for row, probabilities in zip(rows, labeler.probabilities(parts, LAYER), strict=True):
        in_span = probabilities[row.index(span.start) : row.index(span.end - 1) + 1, of_label]
        means.append(float(in_span.sum(axis=1).mean()))
    return means
