"""How likely given spans are private, and as what, from a head's probabilities; what finds spans is `finder`.

Shapes: words, tags, labels.
"""

from collections.abc import Iterable
from functools import lru_cache

import numpy as np

from seqlabel.documents.alignment import align_spans
from seqlabel.documents.document import Document
from seqlabel.documents.schemes import split_tag
from seqlabel.documents.spans import CharacterSpan
from seqlabel.documents.tag_sets import TagSet
from seqlabel.errors import DataError
from seqlabel.native.compiled import Floats


def judged(
    document: Document,
    probabilities: Floats,
    tag_set: TagSet,
    proven: Iterable[CharacterSpan],
    spans: Iterable[tuple[int, int]],
) -> list[CharacterSpan]:
    """Judge spans of a text.

    Args:
        document: The text and its words.
        probabilities: The probability of each tag, (words, tags).
        tag_set: The tags, of spans.
        proven: Values that are private for certain.
        spans: The first character of each span and the one behind it.

    Returns:
        For each span its likeliest label and the mean probability that its characters are private, those of white space
        apart.

    Raises:
        DataError: For a span that leaves the text.
    """
    proven = list(proven)
    names = list(dict.fromkeys([*tag_set.labels, *(value.label for value in proven)]))
    likely = np.zeros((len(document), len(names)), np.float32)
    likely[:, : len(tag_set.labels)] = probabilities @ _labels_of(tag_set)
    for value in proven:
        for one in align_spans(document, [value]).spans:
            likely[one.start : one.end] = 0
            likely[one.start : one.end, names.index(value.label)] = 1
    found = []
    for start, end in spans:
        if not 0 <= start < end <= len(document.text):
            raise DataError(f"spans: found ({start}, {end}) in a text of {len(document.text)} characters.")
        shares = np.zeros(len(names))
        weight = 0
        for one in align_spans(document, [CharacterSpan(start, end, "")]).spans:
            for word in range(one.start, one.end):
                first, last = document.offsets[word]
                inside = min(last, end) - max(first, start)
                shares += inside * likely[word]
                weight += inside
        shares /= max(weight, 1)
        found.append(CharacterSpan(start, end, names[int(shares.argmax())], min(float(shares.sum()), 1.0)))
    return found


@lru_cache(maxsize=8)
def _labels_of(tag_set: TagSet) -> Floats:
    """Which label each tag is of, (tags, labels)."""
    matrix = np.zeros((len(tag_set.tags), len(tag_set.labels)), np.float32)
    for number, tag in enumerate(tag_set.tags):
        if label := split_tag(tag)[1]:
            matrix[number, tag_set.labels.index(label)] = 1
    return matrix
