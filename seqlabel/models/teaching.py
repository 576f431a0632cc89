"""Labels that trained labelers give texts, for others to learn: as documents, or as probabilities
of tags.

Probabilities show a student the tags that its teachers find likely but do not choose (Hinton,
Vinyals and Dean 2015). Training on documents is in `fine_tuning`. Shapes: heads, batch, time,
words, tags, kept.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import islice
from typing import Any, NamedTuple, cast

import numpy as np
import numpy.typing as npt
import torch
from torch import nn

from seqlabel.batches.labeled import LabeledBatch, ShuffledBatches
from seqlabel.batches.rows import EncodedRows, RowEncoder
from seqlabel.documents.cutting import cut
from seqlabel.documents.document import Document
from seqlabel.documents.label_sets import LabelSet, Unit
from seqlabel.documents.majority import majority
from seqlabel.documents.tag_sets import MISSING
from seqlabel.errors import OptionError
from seqlabel.models.fine_tuning import best_of
from seqlabel.models.measuring import calibrate, choose_pairs, measure_on
from seqlabel.models.tagging.labeler import Labeler
from seqlabel.native.compiled import Floats
from seqlabel.nn.heads.head import Rows
from seqlabel.nn.networks import TaggingModel
from seqlabel.nn.states import State
from seqlabel.training.batch_sizes import BatchUse, batch_size
from seqlabel.training.devices import choose_device
from seqlabel.training.loop import TrainingOptions, fit
from seqlabel.training.objectives import Step
from seqlabel.training.processes import Processes
from seqlabel.training.progress import Display, EpochReports

WORDS_PER_PIECE = 48
KEPT = 4
"""The number of most likely tags that are kept of a word."""
ROWS = 64
"""The number of pieces that are read at a time."""


def taught(
    teachers: Sequence[Labeler], texts: Iterable[list[str]], layers: Collection[str]
) -> Iterator[Document]:
    """Label texts by the majority of some labelers, which read them whole.

    Args:
        teachers: The labelers; each of the layers is decided by those that have it.
        texts: The words of each text, held in memory.
        layers: The layers that are kept.

    Yields:
        The texts in pieces of about 48 words, in which no span is cut, with the labels of more than
        half of the labelers.
    """
    documents = [Document.from_words(words) for words in texts if words]
    for readings in zip(*(teacher(documents) for teacher in teachers), strict=True):
        agreed = majority(readings)
        tags = {layer: agreed.tags[layer] for layer in agreed.tags if layer in layers}
        spans = {layer: agreed.spans[layer] for layer in agreed.spans if layer in layers}
        yield from cut(replace(agreed, tags=tags, spans=spans), WORDS_PER_PIECE)


class Lesson(NamedTuple):
    """Words with the most likely tags of each head.

    Args:
        words: The words.
        tags: Ids of tags, (heads, words, kept), of the heads that choose each word's tag.
        shares: Their probabilities (heads, words, kept), which add up to 1; all 0 where the tag is
            not known.
        trees: The ids of arcs, (heads of trees, words), negative where a word's head is not known;
            None where no tree is known.
    """

    words: list[str]
    tags: npt.NDArray[np.uint16]
    shares: npt.NDArray[np.float16]
    trees: npt.NDArray[np.int64] | None = None


Teacher = Callable[[Sequence[Sequence[str]]], Sequence[Floats]]
"""Rows of words → for each head, the probabilities of the tags of all rows' words, row after row,
(words, tags).
"""


def chances(labeler: Labeler, rows: Sequence[Sequence[str]]) -> list[Floats]:
    """Ask a labeler as a `Teacher`.

    Args:
        labeler: A labeler.
        rows: The words of each row; no row is empty.

    Returns:
        For each head, every tag's probability, of a CRF the marginal one, (words, tags).
    """
    engine = labeler.inference.engine
    states: Any = engine.states(rows, str)
    lengths = Rows([len(row) for row in rows])
    return [
        engine.decode(head, states, lengths, decision).probabilities
        for head, decision in enumerate(labeler.decisions)
    ]


def lessons(teachers: Sequence[Teacher], texts: Iterable[list[str]]) -> Iterator[Lesson]:
    """Let a committee read texts in pieces of 48 words.

    Args:
        teachers: The committee, which has the same heads and tags; its probabilities are averaged.
        texts: The words of each text.

    Yields:
        The pieces with the four most likely tags of each word.
    """
    size = WORDS_PER_PIECE
    pieces = (
        words[start : start + size] for words in texts for start in range(0, len(words), size)
    )
    while rows := list(islice(pieces, ROWS)):
        by_teacher = [teacher(rows) for teacher in teachers]
        by_head = [
            np.mean(probabilities, axis=0) for probabilities in zip(*by_teacher, strict=True)
        ]
        kept = [_most_likely(probabilities) for probabilities in by_head]
        tags = np.stack([best for best, _ in kept])
        shares = np.stack([chances_of_best for _, chances_of_best in kept])
        shares /= np.maximum(shares.sum(axis=-1, keepdims=True), np.float32(1e-30))

        ends = np.cumsum([len(row) for row in rows])[:-1]
        tags_of_rows = np.split(tags.astype(np.uint16), ends, axis=1)
        shares_of_rows = np.split(shares.astype(np.float16), ends, axis=1)
        yield from map(Lesson, rows, tags_of_rows, shares_of_rows)


def _most_likely(probabilities: Floats) -> tuple[npt.NDArray[np.int64], Floats]:
    """The most likely tags and their probabilities, (words, kept); a head of fewer tags has some of
    probability 0.
    """
    best = np.argsort(-probabilities, axis=1)[:, :KEPT]
    missing = [(0, 0), (0, KEPT - best.shape[1])]
    chances_of_best = np.take_along_axis(probabilities, best, axis=1)
    return np.pad(best, missing), np.pad(chances_of_best, missing)


def gold_lesson(document: Document, tag_sets: Sequence[LabelSet]) -> Lesson:
    """Make a lesson of a document's labels.

    Args:
        document: The document.
        tag_sets: The tag set of each head.

    Returns:
        Its words with the only tag of each head, or none, and their arcs.
    """

    def ids(unit: Unit) -> npt.NDArray[np.int64]:
        missing = np.full(len(document), MISSING)
        rows = []
        for tag_set in tag_sets:
            if tag_set.unit is unit:
                encoded = tag_set.encode(document)
                rows.append(missing if encoded is None else encoded)
        return np.stack(rows) if rows else np.zeros((0, len(document)), np.int64)

    gold = ids(Unit.WORD)[..., None]
    kept = [(0, 0), (0, 0), (0, KEPT - 1)]
    tags = np.pad(gold.clip(0), kept)
    shares = np.pad(gold >= 0, kept)
    return Lesson(
        document.words, tags.astype(np.uint16), shares.astype(np.float16), ids(Unit.SENTENCE)
    )


def lesson_batches(
    rows: Sequence[Lesson], encoder: RowEncoder, *, words: int, seed: int
) -> ShuffledBatches[LabeledBatch]:
    """Make shuffled batches of lessons.

    Args:
        rows: The lessons, at least one; none is empty.
        encoder: Turns words into model inputs.
        words: About how many words a batch has, padding included.
        seed: The seed of the batches' order.

    Returns:
        The batches; their `gold` are the ids of each head's most likely tags, then, for each head,
        the probabilities of these, all 0 where a tag is not known, (batch, time, kept), then the
        ids of arcs for each head of trees, (batch, time).
    """
    of_trees = max(0 if row.trees is None else len(row.trees) for row in rows)

    encoded = EncodedRows((row.words for row in rows), encoder)

    def collate(numbers: list[int]) -> LabeledBatch:
        chosen = [rows[number] for number in numbers]
        lengths = [len(row.words) for row in chosen]
        heads, _, kept = chosen[0].tags.shape
        shape = (heads, len(chosen), max(lengths), kept)
        tags = np.zeros(shape, np.int64)
        shares = np.zeros(shape, np.float32)
        for number, row in enumerate(chosen):
            tags[:, number, : len(row.words)] = row.tags
            shares[:, number, : len(row.words)] = row.shares
        trees = np.full((of_trees, len(chosen), max(lengths)), MISSING)
        for number, row in enumerate(chosen):
            if row.trees is not None:
                trees[:, number, : len(row.words)] = row.trees
        gold = (*torch.from_numpy(tags), *torch.from_numpy(shares), *torch.from_numpy(trees))
        return LabeledBatch(encoded.inputs(numbers), torch.tensor(lengths), gold)

    return ShuffledBatches(encoded.lengths.tolist(), collate=collate, words=words, seed=seed)


def soft_tags(model: nn.Module, batch: LabeledBatch, state: State) -> Step:
    """Compute the cross-entropy in nats of probabilities of tags, for words whose tags are known,
    and losses of trees.

    Args:
        model: A `TaggingModel` with softmax heads and heads of trees.
        batch: A batch of lessons.
        state: Not used.

    Returns:
        A part for each head, with state None; right predictions are not counted.
    """
    network = cast(TaggingModel, model)
    hidden = network.hidden(batch.words, batch.lengths)
    of_words = [head for head in network.tag_heads if head.tag_set.unit is Unit.WORD]
    of_trees = [head for head in network.tag_heads if head.tag_set.unit is Unit.SENTENCE]
    heads = len(of_words)
    tags = batch.gold[:heads]
    shares = batch.gold[heads : 2 * heads]
    trees = batch.gold[2 * heads :]
    losses = [
        -(head.output(hidden).float().log_softmax(dim=-1).gather(-1, best) * share).sum()
        for head, best, share in zip(of_words, tags, shares, strict=True)
    ]
    losses += [
        head.loss(hidden, gold, batch.lengths) for head, gold in zip(of_trees, trees, strict=True)
    ]
    counts = [(share.sum(dim=-1) > 0).sum() for share in shares]
    counts += [(gold >= 0).sum() for gold in trees]
    return Step(torch.stack(losses), torch.stack(counts), correct=None, state=None)


def teach(
    student: Labeler,
    train: Sequence[Document],
    said: Iterable[Lesson],
    dev: Sequence[Document],
    *,
    options: TrainingOptions,
    words: int | None = None,
    display: Display = Display.AUTO,
) -> EpochReports:
    """Train a labeler in place on the labels of a committee and on documents; it ends as
    `fine_tune` ends.

    Args:
        student: A labeler with the heads and tags of the committee, each word's tag chosen by
            itself, and any heads of trees, which learn from documents.
        train: Documents with its layers.
        said: The lessons of the committee.
        dev: Held-out documents to choose the epoch on, and to calibrate on.
        options: The numbers of the training.
        words: About how many words a batch has, learnt from at the rate of `options`; None for
            1,000, and on a GPU for more, at a higher rate (`training.batch_sizes`).
        display: How the training is shown.

    Returns:
        A report for each epoch.

    Raises:
        OptionError: A head chooses the tags of a row together, and would learn no probabilities of
            single words.
        DataError: A document has none of the layers, or a label that is not known.
    """
    words_of = [head for head in student.module.tag_heads if head.tag_set.unit is Unit.WORD]
    joint = [head.tag_set.layer for head in words_of if head.kind.joint]
    if joint:
        raise OptionError(
            "student: expected heads that choose each word's tag by itself, got layers whose tags "
            f"are chosen together: {joint}. Build it with softmax heads."
        )
    validate = measure_on(student, dev)
    rows = [
        *(gold_lesson(document, student.tag_sets) for document in train if len(document)),
        *said,
    ]
    if words is None:
        size = batch_size(
            BatchUse.TEACHERS,
            choose_device(options.device),
            words=options.epochs * sum(len(row.words) for row in rows),
            batches_a_step=options.accumulation * Processes.joined(options.device).size,
        )
        options = options.with_rate(size.rate)
        words = size.words
    batches = lesson_batches(rows, student.words, words=words, seed=options.seed)
    training = fit(
        student.module,
        batches,
        options=options,
        objective=soft_tags,
        validate=validate,
        display=display,
    )
    reports = best_of(training, student.module, None)
    student.module.eval()
    student.trained = True
    calibrate(student, dev)
    choose_pairs(student, train, dev)
    return reports
