"""What a labeler of private data finds at a higher sensitivity, as its second reader sees it, and
whether it is right.

The texts are in `reader_texts`; the reader is fitted in `pii_reader.py`. Shapes: findings, inputs,
words, width.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from seqlabel import Document, Labeler, Span
from seqlabel.native.span_reader import (
    NUMBERS,
    VIEWS,
    SpanInputs,
    SpanReaderConfig,
    inputs_of_spans,
    spans_of_tags,
)
from seqlabel.privacy.finding.finder import LAYER

from .by_hand import OPEN
from .corpora import Marked, document_of, rule_spans
from .labels import PiiType

Floats = npt.NDArray[np.float32]
WRONG_IN_PUBLIC = (PiiType.LOCATION, PiiType.ORGANISATION, PiiType.DATE, PiiType.AGE)
"""What is wrong in prose that names public persons; nothing is known of its other findings."""


class Findings(NamedTuple):
    """What a labeler finds: inputs of the reader (findings, inputs), spans in words and the number
    of their text.
    """

    inputs: Floats
    spans: list[Span]
    texts: list[int]


class Examples(NamedTuple):
    """Inputs (findings, inputs), whether each is right, and what each weighs."""

    inputs: Floats
    right: Floats
    weights: Floats


def findings(labeler: Labeler, documents: Sequence[Document], offset: float) -> Findings:
    """What a labeler without a reader finds at a higher sensitivity, as the reader sees it."""
    number = [tag_set.layer for tag_set in labeler.tag_sets].index(LAYER)
    decisions = labeler.decisions
    own = decisions[number]
    decisions[number] = replace(own, threshold_offset=own.threshold_offset + offset)
    tag_set = labeler.config.head(LAYER).tag_set
    config = SpanReaderConfig(LAYER, tag_set.labels)
    texts = [document.words for document in documents]
    (tags,) = labeler.inference.tags(texts, decisions, heads=[number])
    arrays = []
    spans: list[Span] = []
    places: list[int] = []
    for text, (ids, scores) in enumerate(tags):
        lengths = [len(ids)]
        found = spans_of_tags(tag_set, ids, lengths)
        if len(found.starts):
            # Text by text, so that the states of a corpus are never all in memory.
            (states,) = labeler.inference.states([texts[text]])
            read = inputs_of_spans(config, tag_set, states, lengths, found, scores)
            arrays.append(as_array(read))
            for start, end, label, _ in zip(*found, strict=True):
                spans.append(Span(int(start), int(end), tag_set.labels[label]))
            places += [text] * len(found.starts)
    size = VIEWS * 2 * labeler.config.hidden + 2 * len(tag_set.labels) + NUMBERS
    return Findings(np.concatenate([np.zeros((0, size), np.float16), *arrays]), spans, places)


def as_array(read: SpanInputs) -> npt.NDArray[np.float16]:
    """What `SpanReader` multiplies with its weights: views, label, counts, numbers, (spans,
    inputs).
    """
    labels = np.eye(read.counts.shape[1])[read.labels]
    parts = [read.views, labels, np.log1p(read.counts), read.numbers]
    # Half of the memory; the third digit of an input decides nothing.
    return np.concatenate(parts, axis=1).astype(np.float16)


def in_texts(labeler: Labeler, texts: Iterable[Marked], offset: float) -> Examples:
    """Findings in texts whose values are known: right where they touch one, left out where they
    touch an open one.
    """
    documents = [document_of(*text) for text in texts]
    found = findings(labeler, documents, offset)
    gold = [document.spans[LAYER].spans for document in documents]
    right = [truth(span, gold[text]) for span, text in zip(found.spans, found.texts, strict=True)]
    return kept(found, right)


def truth(span: Span, gold: Iterable[Span]) -> bool | None:
    """Whether a finding touches a private value; None where it only touches what is open."""
    labels = {one.label for one in gold if one.start < span.end and span.start < one.end}
    if labels == {OPEN}:
        return None
    return bool(labels)


def in_prose(
    labeler: Labeler, texts: Iterable[str], offset: float, *, wrong: Collection[str] | None = None
) -> Examples:
    """Findings in prose: wrong unless a rule proves them; if `wrong` is given, those of other
    labels are left out.
    """
    documents = [labeler.tokenize(text) for text in texts]
    found = findings(labeler, documents, offset)
    proven = [rule_spans(document) for document in documents]
    right: list[bool | None] = []
    for span, text in zip(found.spans, found.texts, strict=True):
        is_proven = any(one.start < span.end and span.start < one.end for one in proven[text])
        is_open = is_proven or (wrong is not None and span.label not in wrong)
        right.append(None if is_open else False)
    return kept(found, right)


def kept(found: Findings, right: Sequence[bool | None]) -> Examples:
    """The findings of which it is known whether they are right."""
    known = [number for number, one in enumerate(right) if one is not None]
    answers = np.array([bool(right[number]) for number in known], np.float32)
    return Examples(found.inputs[known], answers, np.ones(len(known), np.float32))


def in_treebank(labeler: Labeler, sentences: Iterable[Document], offset: float) -> Examples:
    """Findings in sentences whose names are known: wrong where they have neither a name nor a
    digit, else left out.
    """
    documents = list(sentences)
    found = findings(labeler, documents, offset)
    right: list[bool | None] = []
    for span, text in zip(found.spans, found.texts, strict=True):
        document = documents[text]
        is_named = any(
            one.start < span.end and span.start < one.end for one in document.spans[LAYER].spans
        )
        words = "".join(document.words[span.start : span.end])
        is_value = any(sign.isdigit() or sign in "@/_" for sign in words)
        right.append(None if is_named or is_value else False)
    return kept(found, right)


def chosen(found: Examples, which: npt.NDArray[np.bool_]) -> Examples:
    """Some of the examples."""
    return Examples(found.inputs[which], found.right[which], found.weights[which])


def thinned(found: Examples, most: int, chance: np.random.Generator) -> Examples:
    """At most so many of the examples, drawn by chance."""
    count = len(found.right)
    if count <= most:
        return found
    which = np.zeros(count, bool)
    which[chance.choice(count, most, replace=False)] = True
    return chosen(found, which)


def weighted(found: Examples, weight: float, wrong: float = 1.0) -> Examples:
    """The examples with other weights, those that are wrong with `wrong` times the weight."""
    weights = found.weights * np.where(found.right > 0, weight, weight * wrong)
    return found._replace(weights=weights.astype(np.float32))
