"""The labels of a document that more than half of several labelers give; what labels documents is in `models`."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from seqlabel.documents.document import Document, Spans, Tags
from seqlabel.errors import OptionError


def majority(readings: Sequence[Document]) -> Document:
    """Keep the tags and spans that more than half of several readings of one document have.

    A layer is decided among the readings that have it. A word on whose tag no such number agrees gets None. Spans that
    are kept do not overlap where those of no reading do: two of them are together in one reading.

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
        raise OptionError("readings: Found none, or different texts. Give one document as several labelers label it.")
    tags, spans = {}, {}
    for layer in dict.fromkeys(layer for one in readings for layer in one.tags):
        columns = zip(*(one.tags[layer].labels for one in readings if layer in one.tags), strict=True)
        tags[layer] = Tags(tuple(map(_agreed, columns)))
    for layer in dict.fromkeys(layer for one in readings for layer in one.spans):
        found = [one.spans[layer].spans for one in readings if layer in one.spans]
        counts = Counter(span for spans_of_one in found for span in spans_of_one)
        spans[layer] = Spans(tuple(sorted(span for span, count in counts.items() if 2 * count > len(found))))
    return replace(readings[0], tags=tags, spans=spans)


def _agreed(labels: Sequence[str | None]) -> str | None:
    label, count = Counter(labels).most_common(1)[0]
    return label if 2 * count > len(labels) else None
