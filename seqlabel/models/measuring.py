"""How good a trained labeler is on held-out documents, and temperatures and threshold offsets
fitted to them.

Metrics of documents alone are in `seqlabel.scores`; training is in `fine_tuning`.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from seqlabel.batches.labeled import LabeledBatch, labeled_batches, tagged_batches
from seqlabel.batches.windows import labeled_words
from seqlabel.documents.document import Document
from seqlabel.documents.label_sets import LabelSet, Unit
from seqlabel.documents.relation_sets import RelationSet
from seqlabel.documents.schemes import tags_to_spans
from seqlabel.documents.spans import Span
from seqlabel.documents.tag_sets import MISSING, annotate
from seqlabel.documents.trees import sentence_lengths, unpack_arcs
from seqlabel.errors import DataError, OptionError
from seqlabel.models.model_configs import TagPairs, can_be_paired
from seqlabel.models.tagging.labeler import Labeler
from seqlabel.nn.heads.head import Rows
from seqlabel.nn.network_configs import Decision
from seqlabel.nn.networks import TagHead
from seqlabel.scores.calibration import (
    LOWEST_TEMPERATURE,
    fit_span_temperature,
    fit_temperature,
    threshold_for_recall,
)
from seqlabel.scores.metrics import SpanScore, score_categories, score_spans, score_tags
from seqlabel.scores.trees import score_trees
from seqlabel.training.loop import BatchSource, Evaluation

_WORDS = 1_000
"""About how many words of held-out documents are read at once."""

_DOCUMENT_WORDS = 8_000
"""The same where documents are read whole."""

_FEWEST_SPANS = 20
"""Predicted spans to which a temperature is fitted, at least; fewer say too little."""


def choose_pairs(labeler: Labeler, train: Sequence[Document], dev: Sequence[Document]) -> None:
    """Let the first two layers of tags be chosen together where that makes more tags right on
    `dev`.

    Then let each further one follow the first layer, where that does so too. The pairs of tags are
    those that words of `train` have.

    Args:
        labeler: The labeler, which gets the pairs or none.
        train: The training documents.
        dev: Held-out documents; those without known tags in both layers are passed over.
    """
    can_pair = [head.tag_set for head in labeler.config.heads if can_be_paired(head)]
    if len(can_pair) < 2:
        return
    leading, second_set, *others = can_pair
    gold: list[Document] = []
    for document in dev:
        if _is_scored(document, leading) and _is_scored(document, second_set):
            gold.append(document)
    if not gold:
        return

    first = leading.layer
    second = second_set.layer
    labeler.set_pairs(None)
    labeler.set_following(())
    pairs = TagPairs.of(train, first, second)
    if pairs.pairs:
        _keep_better(labeler, labeler.set_pairs, (None, pairs), gold, [first, second])
    for other in others:
        pairs = TagPairs.of(train, first, other.layer)
        gold = [document for document in dev if _is_scored(document, other)]
        before = labeler.config.following
        if pairs.pairs and gold:
            _keep_better(
                labeler, labeler.set_following, (before, (*before, pairs)), gold, [other.layer]
            )


def _keep_better(
    labeler: Labeler,
    choose: Callable[[Any], None],
    choices: Sequence[Any],
    gold: Sequence[Document],
    layers: list[str],
) -> None:
    """Take the second of two choices where it makes more tags right, else the first."""
    right = []
    for choice in choices:
        choose(choice)
        answered = list(zip(gold, labeler(gold, layers=layers), strict=True))
        right.append(sum(score_tags(answered, layer).accuracy for layer in layers))
    if right[1] <= right[0]:
        choose(choices[0])


def measure_on(labeler: Labeler, dev: Sequence[Document]) -> Callable[[], Evaluation]:
    """Make what measures a labeler, again and again, on held-out documents.

    Args:
        labeler: The labeler.
        dev: The documents.

    Returns:
        A function that measures the labeler as it then is.

    Raises:
        DataError: No document can be scored, or one has a label that the labeler does not know.
    """
    try:
        batches = _batches(labeler, dev)
    except DataError as error:
        raise DataError(
            f"dev, {error} A reader names file and line if it is given `labels`."
        ) from None
    check_scored(dev, labeler.tag_sets)
    return partial(evaluate_labeler, labeler, dev, batches)


@torch.inference_mode()
def evaluate_labeler(
    labeler: Labeler, dev: Sequence[Document], batches: BatchSource[LabeledBatch]
) -> Evaluation:
    """Measure a labeler's loss, accuracy and score on documents, which are read once.

    Args:
        labeler: The labeler to measure; it is left in evaluation mode.
        dev: Documents with labels.
        batches: The same documents in batches.

    Returns:
        The heads' losses in nats a word or document, added up; the share of right labels; and the
        score of `score_epoch`. Words do not vote for a document's label here: votes are fitted once
        all else is trained.
    """
    heads = list(zip(labeler.module.tag_heads, labeler.decisions, strict=True))
    losses, counts, correct = (torch.zeros(len(heads), dtype=torch.float64) for _ in range(3))
    chosen_of_heads: list[list[npt.NDArray[np.int64]]] = []
    for head, _ in heads:
        of_documents = head.tag_set.unit is Unit.DOCUMENT
        sizes = [1 if of_documents else len(document) for document in dev]
        chosen_of_heads.append([np.zeros(size, dtype=np.int64) for size in sizes])

    module = labeler.module.eval()
    device = next(module.parameters()).device
    for batch in batches.batches():
        batch = batch.to(device)
        asked = [number for number, gold in enumerate(batch.gold) if gold.numel()]
        of_words = [
            number for number in asked if heads[number][0].tag_set.unit is not Unit.DOCUMENT
        ]
        if len(of_words) < len(asked):
            pooled = module.pooled(batch.words, batch.lengths)
        for number in asked:
            if number in of_words:
                continue
            head = heads[number][0]
            gold = batch.gold[number]
            losses[number] += float(head.loss(pooled, gold, batch.lengths))
            ids = head.output(pooled).argmax(dim=-1)
            counts[number] += int((gold >= 0).sum())
            correct[number] += int((ids == gold).sum())
            for cut, chosen in zip(batch.windows, ids.tolist(), strict=True):
                chosen_of_heads[number][cut.doc][0] = chosen
        if not of_words:
            continue

        hidden = module.hidden(batch.words, batch.lengths)
        inside = torch.arange(hidden.shape[1], device=device) < batch.lengths[:, None]
        for number in of_words:
            head, decision = heads[number]
            gold = batch.gold[number]
            losses[number] += float(head.loss(hidden, gold, batch.lengths))
            wanted = gold[inside].cpu().numpy()
            rows = _rows_of(head.tag_set, wanted, batch.lengths.tolist())
            tags = head.decode(hidden[inside], rows, decision).tags
            counts[number] += int((wanted >= 0).sum())
            correct[number] += int((tags == wanted).sum())
            for cut, words in labeled_words(batch.windows):
                chosen_of_heads[number][cut.doc][cut.labeled] = tags[words]

    predicted: list[Document] = []
    for document, *layers in zip(dev, *chosen_of_heads, strict=True):
        numbers = [_sure(head, ids) for (head, _), ids in zip(heads, layers, strict=True)]
        predicted.append(annotate(document, labeler.tag_sets, numbers))
    return Evaluation(
        loss=float((losses / counts.clamp_min(1)).sum()),
        accuracy=float(correct.sum() / counts.sum().clamp_min(1)),
        count=int(counts.sum()),
        score=score_epoch(dev, predicted, labeler.tag_sets),
    )


def _sure(head: TagHead, ids: npt.NDArray[np.int64]) -> tuple[list[int], list[float]]:
    """Ids with the probability 1; for a document those of all labels."""
    if head.tag_set.unit is Unit.DOCUMENT:
        return ids.tolist(), np.eye(len(head.tag_set.tags))[ids[0]].tolist()
    return ids.tolist(), [1.0] * len(ids)


def _rows_of(label_set: LabelSet, gold: npt.NDArray[np.int64], lengths: list[int]) -> Rows:
    """The rows in which a head chooses: those of the batch, or the sentences in them."""
    if not isinstance(label_set, RelationSet):
        return Rows(lengths)
    begins = unpack_arcs(gold, len(label_set.relations)).begins
    return Rows(sentence_lengths(begins.tolist(), lengths))


def _batches(labeler: Labeler, dev: Sequence[Document]) -> BatchSource[LabeledBatch]:
    """Held-out documents in batches, in rows as the labeler reads them."""
    return labeled_batches(
        dev,
        labeler.words,
        tag_sets=labeler.tag_sets,
        words=_WORDS,
        document_words=_DOCUMENT_WORDS,
        rows=labeler.config.rows,
    )


def _read(
    labeler: Labeler, batches: BatchSource[LabeledBatch]
) -> Iterator[tuple[LabeledBatch, Tensor, Tensor]]:
    """Batches on the labeler's device, their states (rows, time, width), and which of these are
    words, (rows, time).
    """
    module = labeler.module.eval()
    device = next(module.parameters()).device
    for batch in batches.batches():
        batch = batch.to(device)
        hidden = module.hidden(batch.words, batch.lengths)
        yield batch, hidden, torch.arange(hidden.shape[1], device=device) < batch.lengths[:, None]


def score_layers(
    gold: Sequence[Document], predicted: Sequence[Document], tag_sets: Sequence[LabelSet]
) -> float:
    """Compute the score of each layer that gold documents have, and average them.

    That is F1 of exact spans, accuracy of tags and of categories, and LAS of trees.

    Args:
        gold: The documents with known labels. In a layer of spans, a document of which some words
            are not known is not scored.
        predicted: The same documents with predicted labels, in the same order.
        tag_sets: The tag set of each layer.

    Returns:
        The mean over the layers, from 0 to 1.

    Raises:
        DataError: No document can be scored.
    """
    return _mean_score(gold, predicted, tag_sets, lambda spans: spans.exact.f)


def score_epoch(
    gold: Sequence[Document], predicted: Sequence[Document], tag_sets: Sequence[LabelSet]
) -> float:
    """Compute the score by which an epoch is chosen, averaged over the layers that gold documents
    have.

    That of tags is their accuracy, that of trees LAS. That of spans is the mean of two F1 of exact
    spans: over all spans, and the mean over labels, without which an epoch that never gives a rare
    label may be the best.

    Args:
        gold: The documents with known labels, as in `score_layers`.
        predicted: The same documents with predicted labels, in the same order.
        tag_sets: The tag set of each layer.

    Returns:
        The mean over the layers, from 0 to 1.

    Raises:
        DataError: No document can be scored.
    """
    return _mean_score(gold, predicted, tag_sets, lambda spans: (spans.exact.f + spans.macro.f) / 2)


def _mean_score(
    gold: Sequence[Document],
    predicted: Sequence[Document],
    tag_sets: Sequence[LabelSet],
    of_spans: Callable[[SpanScore], float],
) -> float:
    check_scored(gold, tag_sets)
    scores = []
    for tag_set in tag_sets:
        pairs = [pair for pair in zip(gold, predicted, strict=True) if _is_scored(pair[0], tag_set)]
        if pairs and tag_set.unit is Unit.DOCUMENT:
            scores.append(score_categories(pairs, tag_set.layer).accuracy)
        elif pairs and tag_set.unit is Unit.SENTENCE:
            scores.append(score_trees(pairs, tag_set.layer).las)
        elif pairs and tag_set.scheme is None:
            scores.append(score_tags(pairs, tag_set.layer).accuracy)
        elif pairs:
            scores.append(of_spans(score_spans(pairs, tag_set.layer)))
    return sum(scores) / len(scores)


def _is_scored(document: Document, tag_set: LabelSet) -> bool:
    if tag_set.unit is Unit.DOCUMENT:
        return bool(document.categories.get(tag_set.layer))
    if tag_set.unit is Unit.SENTENCE:
        trees = document.trees.get(tag_set.layer)
        return trees is not None and any(head is not None for head in trees.heads)
    if tag_set.scheme is not None:
        return tag_set.layer in document.spans
    tags = document.tags.get(tag_set.layer)
    return tags is not None and any(label is not None for label in tags.labels)


def check_scored(documents: Sequence[Document], tag_sets: Sequence[LabelSet]) -> None:
    """Check that `score_layers` can score some of the documents.

    Args:
        documents: The documents with known labels.
        tag_sets: The tag set of each layer.

    Raises:
        DataError: No document can be scored.
    """
    if not any(_is_scored(document, tag_set) for document in documents for tag_set in tag_sets):
        layers = ", ".join(repr(tag_set.layer) for tag_set in tag_sets)
        raise DataError(
            f"dev: expected documents with labels of {layers}, got none. Add their labels, or "
            "pass no `dev`."
        )


@torch.inference_mode()
def calibrate(labeler: Labeler, dev: Sequence[Document]) -> None:
    """Set the temperature of each head so that its scores fit `dev` best (Guo et al. 2017); no
    label changes.

    Temperatures of tags are fitted to the probabilities of words. Those of spans are fitted to the
    scores of predicted spans (`fit_span_temperature`), as most words are outside spans; where fewer
    than 20 spans can be compared with gold ones, to the probabilities of words too.

    Args:
        labeler: The labeler, which is changed in place.
        dev: Held-out documents; a layer of which they have no label keeps its temperature, as do
            those of trees and of categories (`document_heads.fit_decision`), and one that is right
            everywhere, since nothing then says how sure to be.

    Raises:
        DataError: No document has a known label of any layer.
    """
    heads = labeler.config.heads
    if not labeler.config.reads_words:
        return
    scored = _scored_words(labeler, dev, [Decision()] * len(heads))
    temperatures = []
    for head, words in zip(heads, scored, strict=True):
        fitted = _fitted_temperature(head.tag_set, dev, words)
        if fitted is None or fitted < 1.01 * LOWEST_TEMPERATURE:
            temperatures.append(head.temperature)
        else:
            temperatures.append(fitted)
    labeler.set_temperatures(temperatures)


def _fitted_temperature(
    tag_set: LabelSet, dev: Sequence[Document], words: "_ScoredWords"
) -> float | None:
    """The temperature that fits held-out documents, None without a known tag."""
    known = words.gold != MISSING
    if not known.any():
        return None
    if tag_set.scheme is not None:
        spans = _compared_spans(tag_set, dev, words)
        if len(spans) >= _FEWEST_SPANS:
            inside = np.concatenate([np.arange(span.start, span.end) for span, _ in spans])
            lengths = [span.end - span.start for span, _ in spans]
            starts = np.cumsum([0, *lengths[:-1]])
            correct = [right for _, right in spans]
            return fit_span_temperature(words.logs[inside], words.tags[inside], starts, correct)
    return fit_temperature(words.logs[known], words.gold[known])


def _compared_spans(
    tag_set: LabelSet, dev: Sequence[Document], words: "_ScoredWords"
) -> list[tuple[Span, bool]]:
    """Predicted spans of words whose gold tags are known, and whether each is a gold span.

    Their places are those in the words of all documents together.
    """
    assert tag_set.scheme is not None
    compared = []
    begin = 0
    for document in dev:
        end = begin + len(document)
        gold = document.spans.get(tag_set.layer)
        if gold is not None:
            tags = [tag_set.tags[number] for number in words.tags[begin:end].tolist()]
            for span in tags_to_spans(tags, tag_set.scheme).spans:
                moved = Span(begin + span.start, begin + span.end, span.label)
                if (words.gold[moved.start : moved.end] != MISSING).all():
                    compared.append((moved, span in gold.spans))
        begin = end
    return compared


@dataclass(frozen=True)
class _ScoredWords:
    """What one head says of the words of all documents, one after another.

    Args:
        logs: The logarithms of all tags' probabilities, (words, tags).
        tags: The predicted tags, (words,).
        gold: The gold tags, (words,), `MISSING` where they are not known.
    """

    logs: npt.NDArray[np.float32]
    tags: npt.NDArray[np.int64]
    gold: npt.NDArray[np.int64]


def _scored_words(
    labeler: Labeler, dev: Sequence[Document], decisions: Sequence[Decision]
) -> list[_ScoredWords]:
    """Read documents once, and return what each head says of their words."""
    lengths = [len(document) for document in dev]
    starts = np.cumsum([0, *lengths])
    count = int(starts[-1])
    scored = []
    for tag_set in labeler.tag_sets:
        logs = np.zeros((count, len(tag_set.tags)), dtype=np.float32)
        tags = np.zeros(count, dtype=np.int64)
        gold = np.full(count, MISSING, dtype=np.int64)
        scored.append(_ScoredWords(logs, tags, gold))
    config = labeler.config
    batches = tagged_batches(
        dev, labeler.words, tag_sets=labeler.tag_sets, words=_WORDS, rows=config.rows
    )
    for batch, hidden, inside in _read(labeler, batches):
        rows = Rows(batch.lengths.tolist())
        for words, head, decision, gold_tags in zip(
            scored, labeler.module.tag_heads, decisions, batch.gold, strict=True
        ):
            if head.tag_set.unit is not Unit.WORD:
                continue
            gold_of_rows = gold_tags[inside].cpu().numpy()
            decoded = head.decode(hidden[inside], rows, decision)
            logs_of_rows = np.log(np.maximum(decoded.probabilities, 1e-30))
            for cut, read in labeled_words(batch.windows):
                start = int(starts[cut.doc])
                here = slice(start + cut.labeled.start, start + cut.labeled.stop)
                words.logs[here] = logs_of_rows[read]
                words.tags[here] = decoded.tags[read]
                words.gold[here] = gold_of_rows[read]
    return scored


@torch.inference_mode()
def threshold_offset_for(
    labeler: Labeler, dev: Sequence[Document], layer: str, *, recall: float
) -> float:
    """Measure the threshold offset with which a share of the words in spans is found
    (`Labeler.set_threshold_offset`).

    A word counts as found if its most likely tag but `O` is more likely than `O` with the threshold
    offset subtracted.

    Args:
        labeler: The labeler, which stays as it is.
        dev: Held-out documents.
        layer: The name of the layer of spans.
        recall: The share, above 0 and up to 1.

    Returns:
        The lowest offset that reaches it, in nats.

    Raises:
        DataError: No document has a span of the layer.
        OptionError: The labeler has no layer of spans with that name, or the share is out of range.
    """
    number = next(
        (
            number
            for number, tag_set in enumerate(labeler.tag_sets)
            if tag_set.layer == layer and tag_set.scheme
        ),
        None,
    )
    if number is None:
        raise OptionError(f"layer: expected a layer of spans of this labeler, got {layer!r}.")
    words = _scored_words(labeler, dev, labeler.decisions)[number]
    known = words.gold != MISSING
    logs = words.logs[known]
    gold = words.gold[known]
    margins = logs[:, 1:].max(axis=1) - logs[:, 0]
    # A little more than the margin itself, which would be a tie.
    return 1e-4 - threshold_for_recall(margins, gold > 0, recall)
