"""Labelled documents as padded batches of like lengths, and labels ↔ ids; language-model streams
are in `language`.

Shapes: batch, time.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Generic, NamedTuple, Protocol, TypeVar

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
class LabeledBatch:
    """Padded rows of words with their gold labels.

    Args:
        words: The words of rows (batch, time).
        lengths: The number of words in each row (batch,).
        gold: For each head, the gold ids (batch, time), negative where unknown; for a head of
            documents (batch,). It is empty for heads that these rows say nothing to: rows are
            windows for heads of words and sentences, and whole documents for heads of documents.
        windows: Which words of which document each row is.
    """

    words: Inputs
    lengths: Tensor
    gold: tuple[Tensor, ...]
    windows: tuple[Cut, ...] = ()

    def to(self, device: torch.device) -> "LabeledBatch":
        """Move the batch to a device; see `Batch`."""
        gold = tuple(moved(tags, device) for tags in self.gold)
        return LabeledBatch(self.words.to(device), moved(self.lengths, device), gold, self.windows)


class ShuffledBatches(Generic[BatchT]):
    """Rows in shuffled batches of about `words` words, rows of like length together.

    Args:
        lengths: The number of words in each row.
        collate: Makes a batch of the rows with some numbers.
        words: About how many words a batch has, padding included.
        seed: The seed of the batches' order.
    """

    def __init__(
        self,
        lengths: Sequence[int],
        *,
        collate: Callable[[list[int]], BatchT],
        words: int,
        seed: int = 0,
    ) -> None:
        self._collate = collate
        self._groups = partial(shuffled_groups, lengths, words, seed=seed)
        self._count = len(self._groups(epoch=0))

    def __len__(self) -> int:
        return self._count

    def batches(self, epoch: int = 0, start: int = 0) -> Iterator[BatchT]:
        """Give the batches of an epoch, whose order depends on seed and epoch alone; see
        `BatchSource`.
        """
        return map(self._collate, self._groups(epoch=epoch)[start:])


class Row(NamedTuple):
    """The words of a row with each head's tags.

    Args:
        words: The words, with those of context.
        gold: For each head, the ids of the words' tags (time,), `MISSING` for context, and negative
            where unknown; for a head of documents (1,). Empty for heads that the row says nothing
            to.
        window: Which words of which document have tags.
    """

    words: list[str]
    gold: list[npt.NDArray[np.int64]]
    window: Cut


class LabeledBatches(Protocol):
    """Batches of labelled rows for `fit`, such as those of `ShuffledBatches`."""

    def __len__(self) -> int: ...

    def batches(self, epoch: int = 0, start: int = 0) -> Iterator[LabeledBatch]:
        """Give the batches of an epoch; see `BatchSource`."""
        ...


class BatchesInTurn:
    """The batches of two sources in a random order, that of each source kept.

    Args:
        sources: Two sources.
        seed: The seed of the order.
    """

    def __init__(self, sources: Sequence[LabeledBatches], *, seed: int = 0) -> None:
        self._sources = sources
        self._seed = seed

    def __len__(self) -> int:
        return sum(map(len, self._sources))

    def batches(self, epoch: int = 0, start: int = 0) -> Iterator[LabeledBatch]:
        """Give the batches of an epoch, whose order depends on seed and epoch alone; see
        `BatchSource`.
        """
        turns = np.repeat(np.arange(len(self._sources)), [len(source) for source in self._sources])
        turns = np.random.default_rng([self._seed, epoch]).permutation(turns)
        given = [int((turns[:start] == number).sum()) for number in range(len(self._sources))]
        sources = [
            source.batches(epoch, begin) for source, begin in zip(self._sources, given, strict=True)
        ]
        for number in turns[start:]:
            yield next(sources[number])


def labeled_batches(
    documents: Sequence[Document],
    encoder: RowEncoder,
    *,
    tag_sets: Sequence[LabelSet],
    words: int,
    document_words: int,
    rows: RowEnd = RowEnd.TEXT,
    seed: int = 0,
) -> LabeledBatches:
    """Make shuffled batches of documents with layers of labels, for heads of any kind.

    Heads of words and sentences are asked about windows, heads of documents about whole documents;
    where a labeler has both, batches of either come in turn.

    Args:
        documents: The documents, each with at least one of the layers.
        encoder: Turns words into model inputs.
        tag_sets: The labels of each head.
        words: About how many words a batch of windows has, padding included.
        document_words: About how many words a batch of documents has.
        rows: What ends a row of a window; documents are whole.
        seed: The seed of the batches' order.

    Returns:
        The batches.

    Raises:
        DataError: What `tagged_batches` and `document_batches` raise.
    """
    document_sets = [tag_set for tag_set in tag_sets if tag_set.unit is Unit.DOCUMENT]
    word_sets = [tag_set for tag_set in tag_sets if tag_set.unit is not Unit.DOCUMENT]
    if not document_sets:
        return tagged_batches(
            documents, encoder, tag_sets=tag_sets, words=words, rows=rows, seed=seed
        )
    if not word_sets:
        return document_batches(
            documents, encoder, tag_sets=tag_sets, words=document_words, seed=seed
        )
    for needed, of_documents in ((word_sets, False), (document_sets, True)):
        if not any(
            _has_layer(document, tag_sets, of_documents=of_documents) for document in documents
        ):
            raise DataError(
                f"Expected documents with a layer {_listed(needed)}, got none. Add some, or "
                "make a labeler without it."
            )
    return BatchesInTurn(
        [
            tagged_batches(
                documents, encoder, tag_sets=tag_sets, words=words, rows=rows, seed=seed
            ),
            document_batches(
                documents, encoder, tag_sets=tag_sets, words=document_words, seed=seed
            ),
        ],
        seed=seed,
    )


def _has_layer(document: Document, tag_sets: Sequence[LabelSet], *, of_documents: bool) -> bool:
    layers = {
        tag_set.layer for tag_set in tag_sets if (tag_set.unit is Unit.DOCUMENT) is of_documents
    }
    known = (
        document.categories
        if of_documents
        else {**document.tags, **document.spans, **document.trees}
    )
    return not layers.isdisjoint(known)


def _gold_of(
    number: int, document: Document, tag_sets: Sequence[LabelSet]
) -> list[npt.NDArray[np.int64] | None]:
    """The ids of each head, None where a document lacks the layer. Raises `DataError` where it
    lacks all of them.
    """
    try:
        gold = [tag_set.encode(document) for tag_set in tag_sets]
    except DataError as error:
        raise DataError(f"Document {number}: {error}") from error
    if all(ids is None for ids in gold):
        layers = [f"{name} of tags" for name in document.tags]
        layers += [f"{name} of spans" for name in document.spans]
        layers += [f"{name} of trees" for name in document.trees]
        layers += [f"{name} of categories" for name in document.categories]
        raise DataError(
            f"Document {number}: expected a layer {_listed(tag_sets)}, got the layers "
            f"{', '.join(layers) or 'none'}."
        )
    return gold


def _listed(tag_sets: Sequence[LabelSet]) -> str:
    return ", ".join(f"{tag_set.layer} of {_kind(tag_set)}" for tag_set in tag_sets)


_NOT_ASKED = np.zeros(0, np.int64)


def _not_asked() -> Tensor:
    """The gold ids of a head that a batch says nothing to."""
    return torch.empty(0, dtype=torch.int64)


def tagged_batches(
    documents: Iterable[Document],
    encoder: RowEncoder,
    *,
    tag_sets: Sequence[LabelSet],
    words: int,
    rows: RowEnd = RowEnd.TEXT,
    seed: int = 0,
) -> ShuffledBatches[LabeledBatch]:
    """Make shuffled batches of documents with layers of labels of words.

    A document may lack some of the layers, so that corpora with different labels can be trained on
    together; it gives those heads no gradient. Documents without words are left out: they have
    nothing to tag. Documents of more than 512 words are read in windows with 64 more on both sides.
    Heads of documents are not asked.

    Args:
        documents: The documents, each with at least one of the layers.
        encoder: Turns words into model inputs.
        tag_sets: The labels of each head.
        words: About how many words a batch has, padding included.
        rows: What ends a row.
        seed: The seed of the batches' order.

    Returns:
        The batches.

    Raises:
        DataError: A document has none of the layers or a tag that is not in its set, there are no
            documents with words, or no tag is known in any.
    """
    of_documents = [tag_set.unit is Unit.DOCUMENT for tag_set in tag_sets]
    windows: list[Cut] = []
    gold_of_rows: list[list[npt.NDArray[np.int64]]] = []

    def words_of_rows() -> Iterator[list[str]]:
        # One row at a time, so that the words of a corpus are never held twice.
        for row in _tagged_rows(documents, tag_sets, rows):
            windows.append(row.window)
            gold_of_rows.append(row.gold)
            yield row.words
        if not windows:
            raise DataError("Expected at least one document with words, got none.")
        if not any(map(_has_known_label, gold_of_rows)):
            raise DataError("Expected labelled documents, got no label that is known.")

    encoded = EncodedRows(words_of_rows(), encoder)
    # (heads, words): of all rows, as words are.
    gold_of_heads = np.stack([np.concatenate(ids) for ids in zip(*gold_of_rows, strict=True)])

    def collate(numbers: list[int]) -> LabeledBatch:
        lengths = encoded.lengths[numbers]
        ids = padded(gold_of_heads[:, encoded.places(numbers)].T, lengths, MISSING)
        gold: list[Tensor] = []
        for head, is_of_documents in enumerate(of_documents):
            if is_of_documents:
                gold.append(_not_asked())
            else:
                gold.append(torch.from_numpy(np.ascontiguousarray(ids[..., head])))
        return LabeledBatch(
            encoded.inputs(numbers),
            torch.from_numpy(lengths),
            tuple(gold),
            tuple(windows[number] for number in numbers),
        )

    return ShuffledBatches(encoded.lengths.tolist(), collate=collate, words=words, seed=seed)


def _tagged_rows(
    documents: Iterable[Document], tag_sets: Sequence[LabelSet], rows: RowEnd
) -> Iterator[Row]:
    """Give the rows of documents with each head's tags; see `tagged_batches`."""
    of_documents = [tag_set.unit is Unit.DOCUMENT for tag_set in tag_sets]
    for number, document in enumerate(documents):
        missing = np.full(len(document), MISSING, dtype=np.int64)
        gold: list[npt.NDArray[np.int64]] = []
        has_labels = False
        gold_of_heads = _gold_of(number, document, tag_sets)
        for ids, is_of_documents in zip(gold_of_heads, of_documents, strict=True):
            if ids is None or is_of_documents:
                gold.append(missing)
            else:
                gold.append(ids)
                has_labels = True
        if not has_labels:
            continue
        starts: Sequence[int] = ()
        if rows is RowEnd.PARAGRAPH:
            starts = paragraph_starts(document.text, document.offsets)
        yield from _windows(number, document.words, gold, starts)


def _has_known_label(gold: Sequence[npt.NDArray[np.int64]]) -> bool:
    return any((ids >= 0).any() for ids in gold)


def _kind(labels: LabelSet) -> str:
    if labels.unit is Unit.SENTENCE:
        return "trees"
    if labels.unit is Unit.DOCUMENT:
        return "categories"
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
            row[cut.inside] = ids[cut.labeled]
        yield Row(words[cut.first : cut.last], tags, cut._replace(doc=document))


def document_batches(
    documents: Iterable[Document],
    encoder: RowEncoder,
    *,
    tag_sets: Sequence[LabelSet],
    words: int,
    seed: int = 0,
) -> ShuffledBatches[LabeledBatch]:
    """Make shuffled batches of whole documents with layers of categories.

    Heads of words and sentences are not asked. Documents that have their layers alone are left out.

    Args:
        documents: The documents, each with at least one of the layers.
        encoder: Turns words into model inputs.
        tag_sets: The labels of each head.
        words: About how many words a batch has, padding included.
        seed: The seed of the batches' order.

    Returns:
        The batches.

    Raises:
        DataError: A document has none of the layers, no words or a label that is not in its set, or
            there are no documents.
    """
    of_documents = [tag_set.unit is Unit.DOCUMENT for tag_set in tag_sets]
    unknown = np.full(1, MISSING, dtype=np.int64)
    rows: list[Row] = []
    for number, document in enumerate(documents):
        gold: list[npt.NDArray[np.int64]] = []
        has_label = False
        for ids, is_of_documents in zip(
            _gold_of(number, document, tag_sets), of_documents, strict=True
        ):
            if not is_of_documents:
                gold.append(_NOT_ASKED)
            elif ids is None:
                gold.append(unknown)
            else:
                gold.append(ids)
                has_label = True
        if not has_label:
            continue
        if not len(document):
            raise DataError(f"Document {number}: expected words, got none. Take the document out.")
        rows.append(Row(document.words, gold, Cut(number, 0, 0, len(document), len(document))))
    if not rows:
        raise DataError("Expected at least one document, got none.")

    encoded = EncodedRows((row.words for row in rows), encoder)
    windows = [row.window for row in rows]
    gold_of_rows = [row.gold for row in rows]
    # The labels of all documents by head.
    gold_of_heads = [np.concatenate(ids) for ids in zip(*gold_of_rows, strict=True)]

    def collate(numbers: list[int]) -> LabeledBatch:
        gold = [
            torch.from_numpy(ids[numbers]) if len(ids) else _not_asked() for ids in gold_of_heads
        ]
        return LabeledBatch(
            encoded.inputs(numbers),
            torch.from_numpy(encoded.lengths[numbers]),
            tuple(gold),
            tuple(windows[number] for number in numbers),
        )

    return ShuffledBatches(encoded.lengths.tolist(), collate=collate, words=words, seed=seed)


def shuffled_groups(
    lengths: Sequence[int], words: int, *, seed: int, epoch: int
) -> list[list[int]]:
    """Cut rows, sorted by length, into batches; the order of batches and of rows of equal length is
    random.

    They are cut in the same way every epoch, so that every epoch has as many batches.

    Args:
        lengths: The number of words in each row.
        words: The number of words that a batch has at most, padding included; a longer row is a
            batch of its own.
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
    return [groups[number] for number in random.permutation(len(groups))]
