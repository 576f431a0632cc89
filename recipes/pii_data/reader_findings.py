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
from seqlabel.documents.schemes import tags_to_spans
from seqlabel.native.span_reader import AROUND, SpanReaderConfig
from seqlabel.privacy.finding.finder import LAYER

from .by_hand import OPEN
from .corpora import Place, document_of, rule_spans
from .labels import PiiType

Floats = npt.NDArray[np.float32]
Marked = tuple[str, list[Place]]
"""A text with its private values: start, end and label of each."""
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
    inputs, spans, places = [], [], []
    for text, (ids, scores) in enumerate(tags):
        found = tags_to_spans([tag_set.tags[one] for one in ids], tag_set.scheme).spans
        if found:
            # Text by text, so that the states of a corpus are never all in memory.
            (states,) = labeler.inference.states([texts[text]])
            inputs.append(inputs_of(config, states, found, scores))
            spans += found
            places += [text] * len(found)
    width = 5 * 2 * labeler.config.hidden + 2 * len(tag_set.labels) + 8
    return Findings(np.concatenate([np.zeros((0, width), np.float16), *inputs]), spans, places)


def inputs_of(
    config: SpanReaderConfig, states: Floats, spans: Sequence[Span], scores: Floats
) -> Floats:
    """What `SpanReader` multiplies with its weights, for the spans of one text: (spans, inputs).

    Args:
        config: The numbers of the reader.
        states: States (words, width).
        spans: The spans, in order.
        scores: The probability of each word's tag, (words,).
    """
    words, nothing = len(states), np.zeros(states.shape[1], np.float32)
    least = np.array([scores[one.start : one.end].min() for one in spans])
    mean = np.array([scores[one.start : one.end].mean() for one in spans])
    sure = least >= config.sure
    labels = [config.labels.index(one.label) for one in spans]
    rows = []
    for place, one in enumerate(spans):
        others = [number for number, other in enumerate(spans) if sure[number] and number != place]
        near = [
            n
            for n in others
            if spans[n].start < one.end + AROUND and spans[n].end > one.start - AROUND
        ]
        label = np.zeros(len(config.labels))
        label[labels[place]] = 1
        counts = np.bincount([labels[n] for n in others], minlength=len(label))
        numbers = [
            log_odds(least[place]) / 3,
            log_odds(mean[place]) / 3,
            np.log(one.end - one.start),
            np.log(words) / 5,
            np.log1p(len(near)),
            np.log1p(len(spans)),
            log_odds(least[place]) ** 2 / 10,
            float(words == 1),
        ]
        views = [
            states[one.start : one.end].mean(axis=0),
            states[one.start - 1] if one.start else nothing,
            states[one.end] if one.end < words else nothing,
            states[max(one.start - config.near, 0) : one.end + config.near].mean(axis=0),
            states.mean(axis=0),
        ]
        rows.append(np.concatenate([*views, label, np.log1p(counts), numbers]))
    # Half of the memory; the third digit of an input decides nothing.
    return np.array(rows, np.float16)


def log_odds(share: float) -> float:
    inside = min(max(float(share), 1e-4), 1 - 1e-4)
    return float(np.log(inside / (1 - inside)))


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
