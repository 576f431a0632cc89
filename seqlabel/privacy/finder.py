"""Private data in texts: what a labeler says, and values whose form proves them, in one layer of spans; `redact`.

What replaces a span is in `seqlabel.privacy.policies`, texts that are still arriving in `seqlabel.privacy.stream`.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path

from spacy.tokens import Doc

from seqlabel.documents.alignment import CharacterSpan, align_spans
from seqlabel.documents.document import Document, Spans
from seqlabel.documents.schemes import Span
from seqlabel.errors import DataError, OptionError
from seqlabel.formats.docs import scored_characters
from seqlabel.models.labeler import Labeler
from seqlabel.privacy.policies import Policy, Redacted, redact_characters
from seqlabel.privacy.rules import find_patterns

LAYER = "pii"
"""The layer of documents that private spans are in."""


class PrivateFinder:
    """Finds private data with a labeler, and, unless `patterns` is false, with `seqlabel.privacy.rules`.

    `labeler` is one with the layer `pii`, or the folder or the name of one. `recall` asks for the threshold
    with which this share of private words was found on held-out texts, a higher one at the price of more false alarms
    (`Labeler.prefer_recall`); None leaves the labeler as it is. Threads may share it.

    Raises `CheckpointError` for a folder without a labeler, `OptionError` for a labeler without the layer, a recall
    that was not measured, and where the packages of `seqlabel-rnn[pii]` are missing though patterns are wanted.
    """

    def __init__(
        self, labeler: Labeler | Path | str = "en_pii", *, patterns: bool = True, recall: float | None = None
    ) -> None:
        self.labeler = labeler if isinstance(labeler, Labeler) else Labeler.load(labeler)
        layers = {tag_set.layer: tag_set for tag_set in self.labeler.tag_sets}
        if LAYER not in layers or layers[LAYER].scheme is None:
            raise OptionError(f"found a labeler with layers {', '.join(layers)}; one with spans in {LAYER!r} is needed")
        if recall is not None:
            if self.labeler is labeler:
                # Whoever else uses that one shall not find less from now on.
                self.labeler = labeler.copy()
            self.labeler.prefer_recall(LAYER, recall)
        self.patterns = patterns
        if patterns:
            # Now, not at the first text, if its packages are missing.
            find_patterns("")

    def __call__(self, texts: Iterable[str | Document]) -> Iterator[Document]:
        """Yield a document for each text, in order, with the layer `pii`; any length, nothing is cut off."""
        for document in self.labeler(texts):
            if not self.patterns:
                yield document
                continue
            yield document.with_spans(LAYER, with_patterns(document, find_patterns(document.text)))


def with_patterns(document: Document, values: Iterable[CharacterSpan]) -> Spans:
    """The spans of a document's layer `pii`, united with proven values of the text.

    A value takes whole words. Where one meets spans of the labeler, all become one span with the value's label and the
    score 1, so that no word that either holds private is left out.
    """
    layer = document.spans[LAYER]
    scores = layer.scores or (1.0,) * len(layer.spans)
    # A proven value comes first among spans that begin together, and so gives the label.
    found = [(span.start, span.end, False, span.label, 1.0) for span in align_spans(document, values).spans]
    found += [(span.start, span.end, True, span.label, score) for span, score in zip(layer.spans, scores, strict=True)]
    united: list[tuple[int, int, bool, str, float]] = []
    for start, end, guessed, label, score in sorted(found):
        if not united or start >= united[-1][1]:
            united.append((start, end, guessed, label, score))
            continue
        before = united[-1]
        name, sure = (label, score) if before[2] and not guessed else before[3:]
        united[-1] = (before[0], max(before[1], end), before[2] and guessed, name, sure)
    return Spans(
        tuple(Span(start, end, label) for start, end, _, label, _ in united),
        tuple(score for *_, score in united),
    )


def redact(
    text: str | Document | Doc,
    policy: Policy,
    *,
    layer: str = LAYER,
    finder: PrivateFinder | None = None,
    by_label: Mapping[str, Policy] | None = None,
) -> Redacted:
    """Replace private spans as `policy` says, or, for the labels in `by_label`, as these say.

    Of a document the spans of its layer are replaced, of a spaCy Doc those of the group `layer` of its `spans`; in a
    text `finder` finds them, the model `en_pii` with rules where none is given. Spans that overlap become one
    (`redact_characters`). Raises `DataError` for a document without the layer, and for what is no text; `OptionError`
    for a finder with a document.
    """
    document: Document | Doc
    if isinstance(text, str):
        (document,) = (finder or _shipped_finder())([text])
        layer = LAYER
    elif not isinstance(text, Document | Doc):
        raise DataError(f"found {type(text).__name__}; give a text, a Document or a spaCy Doc")
    elif finder is not None:
        raise OptionError("finder: found one with a document, whose spans are known; leave it out")
    elif layer not in text.spans:
        raise DataError(f"found no layer of spans {layer!r}; the document has {', '.join(text.spans) or 'none'}")
    else:
        document = text
    found, scores = _private(document, layer)
    return redact_characters(document.text, found, policy, scores=scores, by_label=by_label)


def _private(document: Document | Doc, layer: str) -> tuple[Sequence[CharacterSpan], Sequence[float]]:
    """The characters of a layer's spans, and their probabilities or none."""
    if isinstance(document, Doc):
        return scored_characters(document.spans[layer])
    spans = document.spans[layer]
    return [(*document.characters(span), span.label) for span in spans.spans], spans.scores


@cache
def _shipped_finder() -> PrivateFinder:
    return PrivateFinder()
