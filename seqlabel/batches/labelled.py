"""Labelled documents as padded batches of like lengths, and labels ↔ ids; language-model streams are in `language`.

Shapes: batch, time.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from seqlabel.batches.windows import Cut, cuts_of
from seqlabel.documents.document import Document
from seqlabel.documents.tag_sets import MISSING, TagSet
from seqlabel.errors import DataError
from seqlabel.nn.embedders import Inputs, PieceInputs, WordInputs, rows_of
from seqlabel.text.hashing import RaggedIds, WordHasher
from seqlabel.text.pieces import Pieces
from seqlabel.text.vocabulary import UNKNOWN, Vocabulary


@dataclass(frozen=True)
class TaggedBatch:
    """Padded rows of words with each head's gold tags.

    Args:
        words: The words of rows (batch, time).
        lengths: The number of words in each row (batch,).
        gold: For each head, the ids of the gold tags (batch, time), `MISSING` where unknown.
        windows: Which words of which document each row is.
    """

    words: Inputs
    lengths: Tensor
    gold: tuple[Tensor, ...]
    windows: tuple[Cut, ...] = ()

    def to(self, device: torch.device) -> "TaggedBatch":
        """Move the batch to a device.

        Args:
            device: The device.

        Returns:
            The same batch there.
        """
        gold = tuple(tags.to(device) for tags in self.gold)
        return TaggedBatch(self.words.to(device), self.lengths.to(device), gold, self.windows)

    def share(self, first: int, step: int) -> "TaggedBatch | None":
        """Take one process's share of the rows.

        Args:
            first: The number of the first row, from 0.
            step: The distance between rows.

        Returns:
            The rows `first`, `first + step`, … as a batch; None where there are none.
        """
        chosen = slice(first, None, step)
        if not len(self.lengths[chosen]):
            return None
        gold = tuple(tags[chosen] for tags in self.gold)
        return TaggedBatch(rows_of(self.words, chosen), self.lengths[chosen], gold, self.windows[chosen])


REMEMBERED_WORDS = 100_000
"""How many different words' features `RememberingHasher` keeps; about 20 MB."""


class RememberingHasher:
    """Hashes each different word once, up to a number of words, since the words of a training come again and again.

    Args:
        hasher: What gives a word its features.
        limit: How many words to remember; further ones are hashed anew each time.
    """

    def __init__(self, hasher: WordHasher, limit: int = REMEMBERED_WORDS) -> None:
        self._hasher = hasher
        self._limit = limit
        self._known: dict[str, npt.NDArray[np.int32]] = {}

    def __call__(self, words: Sequence[str]) -> RaggedIds:
        """Give the features of words, as the hasher does.

        Args:
            words: The words.

        Returns:
            The ids of each word's features.
        """
        if not words:
            return self._hasher(words)
        new = [word for word in dict.fromkeys(words) if word not in self._known]
        hashed = self._hasher(new)
        fresh = {word: hashed.ids[hashed.offsets[n] : hashed.offsets[n + 1]] for n, word in enumerate(new)}
        # Copies, since a view would keep the features of all words that were hashed with it.
        self._known |= {word: fresh[word].copy() for word in new[: self._limit - len(self._known)]}
        ids = [self._known[word] if word in self._known else fresh[word] for word in words]
        offsets = np.cumsum([0, *map(len, ids)])
        return RaggedIds(np.concatenate(ids), offsets)


class WordEncoder:
    """Words → `WordInputs`: the rows of frequent words and hashed features, each different word featurised once.

    Args:
        vocabulary: The frequent words, which have vectors of their own.
        hasher: What gives a word its features.
    """

    def __init__(self, vocabulary: Vocabulary, hasher: WordHasher | RememberingHasher) -> None:
        self.vocabulary = vocabulary
        self.hasher = hasher

    def remembering(self) -> "WordEncoder":
        """Make an encoder that hashes each word once, for batches that are made again each epoch.

        Returns:
            An encoder with the same results.
        """
        hasher = self.hasher
        return WordEncoder(self.vocabulary, RememberingHasher(hasher) if isinstance(hasher, WordHasher) else hasher)

    def __call__(self, rows: Sequence[Sequence[str]]) -> WordInputs:
        """Encode rows of words.

        Args:
            rows: The words of each row; no row is empty.

        Returns:
            Their inputs (batch, time), padded on the right with the first word.
        """
        places: dict[str, int] = {}
        positions = np.zeros((len(rows), max(map(len, rows))), dtype=np.int64)
        for number, words in enumerate(rows):
            positions[number, : len(words)] = [places.setdefault(word, len(places)) for word in words]
        distinct = list(places)
        features = self.hasher(distinct)
        return WordInputs(
            features=torch.from_numpy(features.ids),
            offsets=torch.from_numpy(features.offsets[:-1].astype(np.int32)),
            words=torch.from_numpy(self.vocabulary.encode(distinct)),
            positions=torch.from_numpy(positions),
        )


class IdEncoder:
    """Words → ids of a vocabulary, for models over a table of words; unknown ones become `xxunk`.

    Args:
        vocabulary: The words of the table.
    """

    def __init__(self, vocabulary: Vocabulary) -> None:
        self.vocabulary = vocabulary

    def __call__(self, rows: Sequence[Sequence[str]]) -> Tensor:
        """Encode rows of words.

        Args:
            rows: The words of each row.

        Returns:
            Their ids (batch, time), padded on the right with the unknown word.
        """
        ids = np.full((len(rows), max(map(len, rows))), self.vocabulary.id(UNKNOWN), dtype=np.int64)
        for number, words in enumerate(rows):
            ids[number, : len(words)] = self.vocabulary.encode(words)
        return torch.from_numpy(ids)


class PieceEncoder:
    """Words → `PieceInputs`, for models that read pieces.

    Args:
        pieces: What cuts a word into pieces.
    """

    def __init__(self, pieces: Pieces) -> None:
        self.pieces = pieces

    def __call__(self, rows: Sequence[Sequence[str]]) -> PieceInputs:
        """Encode rows of words.

        Args:
            rows: The words of each row; no row is empty.

        Returns:
            Their inputs, padded on the right with piece 0 and with words of that piece.
        """
        cut = self.pieces.encode(list(chain.from_iterable(rows)))
        counts = np.diff(cut.offsets)
        bounds = np.cumsum([0, *map(len, rows)])
        time = int(np.diff(bounds).max())
        row = np.repeat(np.arange(len(rows)), np.diff(bounds))
        word = np.arange(bounds[-1]) - bounds[row]
        # Where each row's pieces begin among all pieces.
        begins = cut.offsets[bounds[:-1]]
        first, last = (np.zeros((len(rows), time), dtype=np.int64) for _ in range(2))
        first[row, word] = cut.offsets[:-1] - begins[row]
        last[row, word] = cut.offsets[1:] - begins[row] - 1
        lengths = np.diff(cut.offsets[bounds])
        ids = np.zeros((len(rows), lengths.max()), dtype=np.int64)
        owners = np.full_like(ids, time)
        piece = np.repeat(row, counts), np.arange(len(cut.ids)) - np.repeat(begins[row], counts)
        ids[piece] = cut.ids
        owners[piece] = np.repeat(word, counts)
        return PieceInputs(*map(torch.from_numpy, (ids, lengths, owners, first, last)))


RowEncoder = WordEncoder | IdEncoder | PieceEncoder


class TaggedBatches:
    """Documents with layers of labels, in shuffled batches of about `words` words, rows of like length together.

    A document may lack some of the layers, so that corpora with different labels can be trained on together; it gives
    those heads no gradient. Documents without words are left out: they have nothing to tag. Documents of more than 512
    words are read in windows with 64 more on both sides.

    Args:
        documents: The documents, each with at least one of the layers.
        encoder: What turns words into the model's inputs.
        tag_sets: The tag set of each head.
        words: About how many words a batch has, padding included.
        seed: The seed of the batches' order.

    Raises:
        DataError: A document has none of the layers or a tag that is not in its set, there are no documents with words,
            or no tag is known in any.
    """

    def __init__(
        self,
        documents: Iterable[Document],
        encoder: RowEncoder,
        *,
        tag_sets: Sequence[TagSet],
        words: int,
        seed: int = 0,
    ) -> None:
        self._rows: list[Row] = []
        for number, document in enumerate(documents):
            try:
                gold = [tag_set.encode(document) for tag_set in tag_sets]
            except DataError as error:
                raise DataError(f"document {number}: {error}") from error
            if all(ids is None for ids in gold):
                wanted = ", ".join(f"{one.layer} of {'tags' if one.scheme is None else 'spans'}" for one in tag_sets)
                layers = [f"{name} of tags" for name in document.tags] + [f"{name} of spans" for name in document.spans]
                raise DataError(f"document {number} has no layer {wanted}; its layers: {', '.join(layers) or 'none'}")
            missing = np.full(len(document), MISSING, dtype=np.int64)
            known = [missing if ids is None else ids for ids in gold]
            self._rows += _windows(number, document.words, known)
        if not self._rows:
            raise DataError("found no document with words; give at least one")
        if all((ids == MISSING).all() for row in self._rows for ids in row.gold):
            raise DataError("found no label that is known in any document; give labelled documents")
        self._encoder = encoder.remembering() if isinstance(encoder, WordEncoder) else encoder
        self._heads = len(tag_sets)
        self._words = words
        self._seed = seed
        self._count = len(self._groups(0))

    def __len__(self) -> int:
        return self._count

    def batches(self, epoch: int = 0, start: int = 0) -> Iterator[TaggedBatch]:
        """Give the batches of an epoch, whose order depends on seed and epoch alone.

        Args:
            epoch: The number of the epoch, from 0.
            start: The number of the first batch, from 0.

        Yields:
            The batches from number `start` on.
        """
        for group in self._groups(epoch)[start:]:
            rows = [self._rows[number] for number in group]
            lengths = torch.tensor([len(row.words) for row in rows])
            gold = torch.full((self._heads, len(rows), int(lengths.max())), MISSING)
            for number, row in enumerate(rows):
                gold[:, number, : len(row.words)] = torch.from_numpy(np.stack(row.gold))
            inputs = self._encoder([row.words for row in rows])
            yield TaggedBatch(inputs, lengths, tuple(gold), tuple(row.window for row in rows))

    def _groups(self, epoch: int) -> list[list[int]]:
        return shuffled_groups([len(row.words) for row in self._rows], self._words, seed=self._seed, epoch=epoch)


class Row(NamedTuple):
    """The words of a row with each head's tags.

    Args:
        words: The words, with those of context.
        gold: For each head, the ids of the words' tags (time,), `MISSING` for context and where unknown.
        window: Which words of which document have tags.
    """

    words: list[str]
    gold: list[npt.NDArray[np.int64]]
    window: Cut


def _windows(
    document: int, words: list[str], gold: list[npt.NDArray[np.int64]], *, window: int = 512, context: int = 64
) -> Iterator[Row]:
    """Words and each head's tags in rows of bounded length; the tags of context are `MISSING`."""
    for cut in cuts_of([len(words)], window=window, context=context):
        tags = [np.full(cut.last - cut.first, MISSING, dtype=np.int64) for _ in gold]
        for row, ids in zip(tags, gold, strict=True):
            row[cut.inside] = ids[cut.labelled]
        yield Row(words[cut.first : cut.last], tags, cut._replace(doc=document))


@dataclass(frozen=True)
class DocumentBatch:
    """Padded rows of whole documents' words, with the documents' labels.

    Args:
        words: The words of rows (batch, time).
        lengths: The number of words in each row (batch,).
        gold: The ids of the documents' labels (batch,).
    """

    words: Inputs
    lengths: Tensor
    gold: Tensor

    def to(self, device: torch.device) -> "DocumentBatch":
        """Move the batch to a device.

        Args:
            device: The device.

        Returns:
            The same batch there.
        """
        return DocumentBatch(self.words.to(device), self.lengths.to(device), self.gold.to(device))

    def share(self, first: int, step: int) -> "DocumentBatch | None":
        """Take one process's share of the rows.

        Args:
            first: The number of the first row, from 0.
            step: The distance between rows.

        Returns:
            The rows `first`, `first + step`, … as a batch; None where there are none.
        """
        chosen = slice(first, None, step)
        if not len(self.lengths[chosen]):
            return None
        return DocumentBatch(rows_of(self.words, chosen), self.lengths[chosen], self.gold[chosen])


class DocumentBatches:
    """Documents with a layer of categories, in shuffled batches of about `words` words, rows of like length together.

    A document's label is its category with the highest score.

    Args:
        documents: The documents, each with the layer.
        encoder: What turns words into the model's inputs.
        layer: The name of the layer of categories.
        labels: The labels, in the order of their ids.
        words: About how many words a batch has, padding included.
        seed: The seed of the batches' order.

    Raises:
        DataError: A document lacks the layer, has no words or a label that is not among `labels`, or there are no
            documents.
    """

    def __init__(
        self,
        documents: Iterable[Document],
        encoder: RowEncoder,
        *,
        layer: str,
        labels: Sequence[str],
        words: int,
        seed: int = 0,
    ) -> None:
        ids = {label: number for number, label in enumerate(labels)}
        self._rows: list[tuple[list[str], int]] = []
        for number, document in enumerate(documents):
            scores = document.categories.get(layer)
            if not scores:
                found = ", ".join(document.categories) or "none"
                raise DataError(f"document {number} has no layer {layer!r} of categories; its layers are: {found}")
            label = max(scores, key=scores.__getitem__)
            if label not in ids:
                raise DataError(
                    f"document {number} has the label {label!r}, which is not among the {len(ids)} of the training "
                    f"documents; correct it, or add a training document with it"
                )
            if not len(document):
                raise DataError(f"document {number} has no words; take it out, there is nothing to label it by")
            self._rows.append((document.words, ids[label]))
        if not self._rows:
            raise DataError("found no documents; give at least one")
        self._encoder = encoder.remembering() if isinstance(encoder, WordEncoder) else encoder
        self._words = words
        self._seed = seed
        self._count = len(self._groups(0))

    def __len__(self) -> int:
        return self._count

    def batches(self, epoch: int = 0, start: int = 0) -> Iterator[DocumentBatch]:
        """Give the batches of an epoch, whose order depends on seed and epoch alone.

        Args:
            epoch: The number of the epoch, from 0.
            start: The number of the first batch, from 0.

        Yields:
            The batches from number `start` on.
        """
        for group in self._groups(epoch)[start:]:
            rows = [self._rows[number][0] for number in group]
            gold = torch.tensor([self._rows[number][1] for number in group])
            yield DocumentBatch(self._encoder(rows), torch.tensor([len(row) for row in rows]), gold)

    def _groups(self, epoch: int) -> list[list[int]]:
        return shuffled_groups([len(words) for words, _ in self._rows], self._words, seed=self._seed, epoch=epoch)


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
