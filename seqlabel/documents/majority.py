"""The labels of a document that more than half of several labelers give; what labels documents is
in `models`.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from itertools import chain

from seqlabel.documents.document import Document, Spans, Tags
from seqlabel.documents.spans import Span
from seqlabel.errors import OptionError


def majority(readings: Sequence[Document]) -> Document:
    """Keep the tags and spans that more than half of several readings of one document have.

    A layer is decided among the readings that have it. A word without a majority for one tag gets
    None. Where the spans of a reading do not overlap, those that are kept do not either: any two of
    them occur together in one reading.

    Args:
        readings: The same document as several labelers label it, at least one.

    Returns:
        The document with these layers, without scores.

    Raises:
        OptionError: There is no reading, or their texts differ.

    Example:
        >>> words = ["Bo", "runs"]
        >>> tags = [("PROPN", "VERB"), ("PROPN", "NOUN"), ("NOUN", "AUX")]
        >>> readings = [Document.from_words(words).with_tags("upos", Tags(one)) for one in tags]
        >>> majority(readings).tags["upos"].labels
        ('PROPN', None)
    """
    if len({(reading.text, reading.offsets) for reading in readings}) != 1:
        raise OptionError(
            "readings: expected one document as several labelers label it, got no document or "
            "different texts."
        )
    labels_by_layer: dict[str, list[tuple[str | None, ...]]] = {}
    spans_by_layer: dict[str, list[tuple[Span, ...]]] = {}
    for reading in readings:
        for name, tag_layer in reading.tags.items():
            labels_by_layer.setdefault(name, []).append(tag_layer.labels)
        for name, span_layer in reading.spans.items():
            spans_by_layer.setdefault(name, []).append(span_layer.spans)

    tags = {}
    for name, labels_of_readings in labels_by_layer.items():
        labels_of_words = zip(*labels_of_readings, strict=True)
        tags[name] = Tags(tuple(map(_majority_label, labels_of_words)))
    spans = {}
    for name, spans_of_readings in spans_by_layer.items():
        counts = Counter(chain.from_iterable(spans_of_readings))
        agreed = [span for span, count in counts.items() if 2 * count > len(spans_of_readings)]
        spans[name] = Spans(tuple(sorted(agreed)))
    return replace(readings[0], tags=tags, spans=spans)


def _majority_label(labels: Sequence[str | None]) -> str | None:
    label, count = Counter(labels).most_common(1)[0]
    return label if 2 * count > len(labels) else None
