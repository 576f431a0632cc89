"""Private data in texts: what a labeler says, and values whose form proves them, in one layer of spans; `redact`.

What replaces a span is in `seqlabel.privacy.policies`, texts that are still arriving in `seqlabel.privacy.stream`.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path

from spacy.tokens import Doc

from seqlabel.documents.alignment import align_spans
from seqlabel.documents.document import Document, Spans
from seqlabel.documents.overlaps import unite
from seqlabel.documents.spans import CharacterSpan, Span
from seqlabel.errors import DataError, OptionError
from seqlabel.formats.docs import scored_characters
from seqlabel.models.labeler import Labeler
from seqlabel.privacy.labels import STANDARD_LABELS, check_labels
from seqlabel.privacy.policies import Policy
from seqlabel.privacy.redacted import Redacted, redact_characters
from seqlabel.privacy.rules import Pattern, find_patterns

LAYER = "pii"
"""The layer of documents that private spans are in."""


class PrivateFinder:
    """Finds private data with a labeler and with the rules of `seqlabel.privacy.rules`.

    Threads may share a finder.

    Args:
        labeler: A labeler with the layer `pii`, or the folder or the name of one.
        patterns: Whether the rules are used too.
        recall: The share of private words to find, as measured on held-out texts; a higher one costs more false alarms
            (`Labeler.prefer_recall`). None leaves the labeler's thresholds as they are.
        labels: The labels to find; None finds all.

    Raises:
        CheckpointError: For a folder without a labeler.
        OptionError: For a labeler without the layer, a recall that was not measured, a label that is never found, and
            where the packages of `seqlabel-rnn[pii]` are missing although `patterns` is true.
    """

    def __init__(
        self,
        labeler: Labeler | Path | str = "en_pii",
        *,
        patterns: bool = True,
        recall: float | None = None,
        labels: Collection[str] | None = None,
    ) -> None:
        self.labeler = labeler if isinstance(labeler, Labeler) else Labeler.load(labeler)
        layers = {tag_set.layer: tag_set for tag_set in self.labeler.tag_sets}
        if LAYER not in layers or layers[LAYER].scheme is None:
            raise OptionError(f"found a labeler with layers {', '.join(layers)}; one with spans in {LAYER!r} is needed")
        known = frozenset(layers[LAYER].labels) | (frozenset(map(str, Pattern)) if patterns else frozenset())
        if labels is not None:
            check_labels(labels, known)
        if recall is not None:
            if self.labeler is labeler:
                # Other users of that labeler must not find less from now on.
                self.labeler = labeler.copy()
            self.labeler.prefer_recall(LAYER, recall)
        self.patterns = patterns
        self.labels = known if labels is None else frozenset(labels)
        """The labels that are found."""
        self._finds_all = self.labels == known
        if patterns:
            # Fails now, not at the first text, if the packages are missing.
            find_patterns("")

    def __call__(self, texts: Iterable[str | Document]) -> Iterator[Document]:
        """Find private data in texts of any length.

        Args:
            texts: Texts or documents; nothing of them is cut off.

        Yields:
            A document for each text, in order, with the layer `pii`.
        """
        for document in self.labeler(texts):
            spans = document.spans[LAYER]
            if self.patterns:
                spans = with_patterns(document, find_patterns(document.text))
            yield document.with_spans(LAYER, self.chosen(spans)) if self.patterns or not self._finds_all else document

    def chosen(self, spans: Spans) -> Spans:
        """Select the spans whose labels this finder is asked for.

        Args:
            spans: Spans of the labeler and the rules.

        Returns:
            The spans with one of `labels`, and their scores.
        """
        if self._finds_all:
            return spans
        kept = [number for number, span in enumerate(spans.spans) if span.label in self.labels]
        scores = tuple(spans.scores[number] for number in kept) if spans.scores else ()
        return Spans(tuple(spans.spans[number] for number in kept), scores)


def with_patterns(document: Document, values: Iterable[CharacterSpan]) -> Spans:
    """Unite the spans of a document's layer `pii` with values that rules prove.

    A value takes whole words. Where it meets spans of the labeler, all become one span with the value's label and the
    score 1, so that no word that either of them holds private is left out.

    Args:
        document: A document with the labeler's layer.
        values: The values that rules found.

    Returns:
        The united spans in document order, each with a score.
    """
    layer = document.spans[LAYER]
    proven = set(align_spans(document, values).spans)
    scores = dict(zip(layer.spans, layer.scores or (1.0,) * len(layer.spans), strict=True))
    united = list(unite(proven | scores.keys(), preferred=lambda span: span in proven))
    return Spans(
        tuple(Span(start, end, best.label) for best, start, end in united),
        tuple(1.0 if best in proven else scores[best] for best, _, _ in united),
    )


def redact(
    text: str | Document | Doc,
    policy: Policy,
    *,
    layer: str = LAYER,
    finder: PrivateFinder | None = None,
    by_label: Mapping[str, Policy] | None = None,
    known_labels: Collection[str] = STANDARD_LABELS,
) -> Redacted:
    """Replace the private spans of a text.

    Spans that overlap become one (`redact_characters`).

    Args:
        text: A text, in which `finder` finds the spans; a document, whose layer has them; or a spaCy Doc, whose span
            group has them.
        policy: What replaces a span.
        layer: The document's layer, or the Doc's span group, that holds the private spans.
        finder: What finds private spans in a text; None is the model `en_pii` with rules.
        by_label: Policies for some labels, used instead of `policy`.
        known_labels: The labels that `by_label` may name for a document or a Doc; for a text they are the finder's.
            Pass `finder.labels` for documents of a labeler with labels of its own.

    Returns:
        The redacted text and its findings.

    Raises:
        DataError: For a document without the layer, and for anything that is not a text.
        OptionError: For a finder with a document, and for a label in `by_label` that is not known.
    """
    document: Document | Doc
    if isinstance(text, str):
        finder = finder or _shipped_finder()
        check_labels(by_label or (), finder.labels, option="by_label")
        (document,) = finder([text])
        layer = LAYER
    elif not isinstance(text, Document | Doc):
        raise DataError(f"Expected a text, a Document or a spaCy Doc, got {type(text).__name__}. Pass one of these.")
    elif finder is not None:
        raise OptionError("finder: got one with a document, whose spans are known. Leave it out.")
    elif layer not in text.spans:
        raise DataError(
            f"The document has no layer of spans {layer!r}; it has {', '.join(text.spans) or 'none'}. "
            f"Find private data first, or name another layer."
        )
    else:
        check_labels(by_label or (), known_labels, option="by_label")
        document = text
    return redact_characters(document.text, _private(document, layer), policy, by_label=by_label)


def _private(document: Document | Doc, layer: str) -> list[CharacterSpan]:
    """Return the characters of a layer's spans, with their probabilities where these are known."""
    if isinstance(document, Doc):
        return scored_characters(document.spans[layer])
    return document.character_spans(layer)


@cache
def _shipped_finder() -> PrivateFinder:
    return PrivateFinder()
