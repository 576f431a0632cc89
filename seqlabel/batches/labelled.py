"""Labelled documents as padded batches of like lengths, and labels ↔ ids; language-model streams are in `language`.

Shapes: batch, time.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Generic, NamedTuple, TypeVar

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from seqlabel.batches.rows import EncodedRows, RowEncoder, padded
from seqlabel.batches.windows import Cut, RowEnd, cuts_of
from seqlabel.documents.document import Document, paragraph_starts
from seqlabel.documents.label_sets import LabelSet, Unit
from seqlabel.documents.tag_sets import MISSING
from seqlabel.errors import DataError
from seqlabel.nn.embedders import Inputs
from seqlabel.nn.moving import moved

BatchT = TypeVar("BatchT")


@dataclass(frozen=True)
class LabelledBatch:
    """Padded rows of words with their gold labels.

    Args:
        words: The words of rows (batch, time).
        lengths: The number of words in each row (batch,).
        gold: For each head, the gold ids (batch, time), negative where unknown; of whole documents, their
            labels' ids alone (batch,).
        windows: Which words of which document each row is, where these are tagged.
    """

    words: Inputs
    lengths: Tensor
    gold: tuple[Tensor, ...]
    windows: tuple[Cut, ...] = ()

    def to(self, device: torch.device) -> "LabelledBatch":
        """Move the batch to a device; see `Batch`."""
        gold = tuple(moved(tags, device) for tags in self.gold)
        return LabelledBatch(self.words.to(device), moved(self.lengths, device), gold, self.windows)


class ShuffledBatches(Generic[BatchT]):
    """Rows in shuffled batches of about `words` words, rows of like length together.

    Args:
        lengths: The number of words in each row.
        collate: Makes a batch of the rows with some numbers.
        words: About how many words a batch has, padding included.
        seed: The seed of the batches' order.
    """

    def __init__(
        self, lengths: Sequence[int], *, collate: Callable[[list[int]], BatchT], words: int, seed: int = 0
    ) -> None:
        self._collate = collate
        self._groups = partial(shuffled_groups, lengths, words, seed=seed)
        self._count = len(self._groups(epoch=0))

    def __len__(self) -> int:
        return self._count

    def batches(self, epoch: int = 0, start: int = 0) -> Iterator[BatchT]:
        """Give the batches of an epoch, whose order depends on seed and epoch alone; see `BatchSource`."""
        return map(self._collate, self._groups(epoch=epoch)[start:])


class Row(NamedTuple):
    """The words of a row with each head's tags.

    Args:
        words: The words, with those of context.
        gold: For each head, the ids of the words' tags (time,), `MISSING` for context, and negative where unknown.
        window: Which words of which document have tags.
    """

    words: list[str]
    gold: list[npt.NDArray[np.int64]]
    window: Cut


def tagged_batches(
    documents: Iterable[Document],
    encoder: RowEncoder,
    *,
    tag_sets: Sequence[LabelSet],
    words: int,
    rows: RowEnd = RowEnd.TEXT,
    seed: int = 0,
) -> ShuffledBatches[LabelledBatch]:
    """Make shuffled batches of documents with layers of labels.

    A document may lack some of the layers, so that corpora with different labels can be trained on together; it gives
    those heads no gradient. Documents without words are left out: they have nothing to tag. Documents of more than 512
    words are read in windows with 64 more on both sides.

    Args:
        documents: The documents, each with at least one of the layers.
        encoder: Turns words into model inputs.
        tag_sets: The tag set of each head.
        words: About how many words a batch has, padding included.
        rows: What ends a row.
        seed: The seed of the batches' order.

    Returns:
        The batches.

    Raises:
        DataError: A document has none of the layers or a tag that is not in its set, there are no documents with words,
            or no tag is known in any.
    """
    read: list[Row] = []
    for number, document in enumerate(documents):
        try:
            gold = [tag_set.encode(document) for tag_set in tag_sets]
        except DataError as error:
            raise DataError(f"Document {number}: {error}") from error
        if all(ids is None for ids in gold):
            wanted = ", ".join(f"{one.layer} of {_kind(one)}" for one in tag_sets)
            layers = [f"{name} of tags" for name in document.tags]
            layers += [f"{name} of spans" for name in document.spans]
            layers += [f"{name} of trees" for name in document.trees]
            raise DataError(f"Document {number} has no layer {wanted}. Its layers: {', '.join(layers) or 'none'}.")
        missing = np.full(len(document), MISSING, dtype=np.int64)
        known = [missing if ids is None else ids for ids in gold]
        starts = paragraph_starts(document.text, document.offsets) if rows is RowEnd.PARAGRAPH else ()
        read += _windows(number, document.words, known, starts)
    if not read:
        raise DataError("Found no document with words. Give at least one.")
    if all((ids < 0).all() for row in read for ids in row.gold):
        raise DataError("Found no label that is known in any document. Give labelled documents.")

    encoded = EncodedRows((row.words for row in read), encoder)
    windows = [row.window for row in read]
    # (heads, words): of all rows, as words are.
    of_heads = np.stack([np.concatenate(tags) for tags in zip(*(row.gold for row in read), strict=True)])

    def collate(numbers: list[int]) -> LabelledBatch:
        lengths = encoded.lengths[numbers]
        tags = padded(of_heads[:, encoded.places(numbers)].T, lengths, MISSING)
        return LabelledBatch(
            encoded.inputs(numbers),
            torch.from_numpy(lengths),
            tuple(torch.from_numpy(np.ascontiguousarray(tags[..., head])) for head in range(len(tag_sets))),
            tuple(windows[number] for number in numbers),
        )

    return ShuffledBatches(encoded.lengths.tolist(), collate=collate, words=words, seed=seed)


def _kind(labels: LabelSet) -> str:
    if labels.unit is Unit.SENTENCE:
        return "trees"
    return "tags" if labels.scheme is None else "spans"


def _windows(
    document: int,
    words: list[str],
    gold: list[npt.NDArray[np.int64]],
    starts: Sequence[int],
    *,
    window: int = 512,
    context: int = 64,
) -> Iterator[Row]:
    """Words and each head's tags in rows of bounded length, which begin at `starts` too.

    The tags of context are `MISSING`.
    """
    for cut in cuts_of([len(words)], window=window, context=context, rows=[starts]):
        tags = [np.full(cut.last - cut.first, MISSING, dtype=np.int64) for _ in gold]
        for row, ids in zip(tags, gold, strict=True):
            row[cut.inside] = ids[cut.labelled]
        yield Row(words[cut.first : cut.last], tags, cut._replace(doc=document))


def document_batches(
    documents: Iterable[Document],
    encoder: RowEncoder,
    *,
    layer: str,
    labels: Sequence[str],
    words: int,
    seed: int = 0,
) -> ShuffledBatches[LabelledBatch]:
    """Make shuffled batches of documents with a layer of categories.

    A document's label is its category with the highest score.

    Args:
        documents: The documents, each with the layer.
        encoder: Turns words into model inputs.
        layer: The name of the layer of categories.
        labels: The labels, in the order of their ids.
        words: About how many words a batch has, padding included.
        seed: The seed of the batches' order.

    Returns:
        The batches.

    Raises:
        DataError: A document lacks the layer, has no words or a label that is not among `labels`, or there are no
            documents.
    """
    ids = {label: number for number, label in enumerate(labels)}
    rows: list[tuple[list[str], int]] = []
    for number, document in enumerate(documents):
        scores = document.categories.get(layer)
        if not scores:
            found = ", ".join(document.categories) or "none"
            raise DataError(f"Document {number} has no layer {layer!r} of categories. Its layers are: {found}.")
        label = max(scores, key=scores.__getitem__)
        if label not in ids:
            raise DataError(
                f"Document {number} has the label {label!r}, which is not among the {len(ids)} of the training "
                f"documents. Correct it, or add a training document with it."
            )
        if not len(document):
            raise DataError(f"Document {number} has no words. Take it out, there is nothing to label it by.")
        rows.append((document.words, ids[label]))
    if not rows:
        raise DataError("Found no documents. Give at least one.")

    encoded = EncodedRows((words for words, _ in rows), encoder)
    gold = np.array([label for _, label in rows], dtype=np.int64)

    def collate(numbers: list[int]) -> LabelledBatch:
        lengths, labels = (torch.from_numpy(values[numbers]) for values in (encoded.lengths, gold))
        return LabelledBatch(encoded.inputs(numbers), lengths, (labels,))

    return ShuffledBatches(encoded.lengths.tolist(), collate=collate, words=words, seed=seed)


def shuffled_groups(lengths: Sequence[int], words: int, *, seed: int, epoch: int) -> list[list[int]]:
    """Cut rows, sorted by length, into batches; the order of batches and of rows of equal length is random.

    They are cut in the same way every epoch, so that every epoch has as many batches.

    Args:
        lengths: The number of words in each row.
        words: The number of words that a batch has at most, padding included; a longer row is a batch of its own.
        seed: The seed of the order.
        epoch: The number of the epoch, from 0; each has another order.

    Returns:
        The numbers of the rows in each batch.
    """
    random = np.random.default_rng([seed, epoch])
    shuffled = random.permutation(len(lengths))
    order = sorted(shuffled, key=lambda number: lengths[number])
    groups: list[list[int]] = []
    for number in order:
        if not groups or (len(groups[-1]) + 1) * lengths[number] > words:
            groups.append([])
        groups[-1].append(int(number))
    return [groups[place] for place in random.permutation(len(groups))]
