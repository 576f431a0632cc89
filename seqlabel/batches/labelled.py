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

from seqlabel.batches.windows import cuts_of
from seqlabel.documents.document import Document
from seqlabel.documents.tag_sets import MISSING, TagSet
from seqlabel.errors import DataError
from seqlabel.nn.embedders import Inputs, PieceInputs, WordInputs, rows_of
from seqlabel.text.hashing import RaggedIds, WordHasher
from seqlabel.text.pieces import Pieces
from seqlabel.text.vocabulary import UNKNOWN, Vocabulary


@dataclass(frozen=True)
class TaggedBatch:
    """Padded rows of words, how many words each has, and each head's gold tags (batch, time), `MISSING` if unknown.

    `windows` says which words of which documents the rows are.
    """

    words: Inputs
    lengths: Tensor
    gold: tuple[Tensor, ...]
    windows: tuple["Window", ...] = ()

    def to(self, device: torch.device) -> "TaggedBatch":
        """The same batch on another device."""
        gold = tuple(tags.to(device) for tags in self.gold)
        return TaggedBatch(self.words.to(device), self.lengths.to(device), gold, self.windows)

    def share(self, first: int, step: int) -> "TaggedBatch | None":
        """The rows `first`, `first + step`, …; None where there are none."""
        chosen = slice(first, None, step)
        if not len(self.lengths[chosen]):
            return None
        gold = tuple(tags[chosen] for tags in self.gold)
        return TaggedBatch(rows_of(self.words, chosen), self.lengths[chosen], gold, self.windows[chosen])


class Window(NamedTuple):
    """The words `[first, last)` of a document, which begin after `context` words of their row."""

    document: int
    first: int
    last: int
    context: int


REMEMBERED_WORDS = 100_000
"""How many different words' features `RememberingHasher` keeps; about 20 MB."""


class RememberingHasher:
    """Hashes each different word once, up to a number of words, since the words of a training come again and again."""

    def __init__(self, hasher: WordHasher, limit: int = REMEMBERED_WORDS) -> None:
        """Remember nothing yet.

        Args:
            hasher: What gives a word its features.
            limit: How many words to remember; further ones are hashed anew each time.
        """
        self._hasher = hasher
        self._limit = limit
        self._known: dict[str, npt.NDArray[np.int32]] = {}

    def __call__(self, words: Sequence[str]) -> RaggedIds:
        """Give the features of words, as the hasher does."""
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
    """Words → `WordInputs`: the rows of frequent words and hashed features, each different word featurised once."""

    def __init__(self, vocabulary: Vocabulary, hasher: WordHasher | RememberingHasher) -> None:
        self.vocabulary = vocabulary
        self.hasher = hasher

    def remembering(self) -> "WordEncoder":
        """An encoder with the same results that hashes each word once; for batches that are made again each epoch."""
        hasher = self.hasher
        return WordEncoder(self.vocabulary, RememberingHasher(hasher) if isinstance(hasher, WordHasher) else hasher)

    def __call__(self, rows: Sequence[Sequence[str]]) -> WordInputs:
        """Inputs of rows of words, padded on the right with the first word; no row is empty."""
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
    """Words → ids of a vocabulary, for models over a table of words; unknown ones become `xxunk`."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self.vocabulary = vocabulary

    def __call__(self, rows: Sequence[Sequence[str]]) -> Tensor:
        """Ids (batch, time) of rows of words, padded on the right with the unknown word."""
        ids = np.full((len(rows), max(map(len, rows))), self.vocabulary.id(UNKNOWN), dtype=np.int64)
        for number, words in enumerate(rows):
            ids[number, : len(words)] = self.vocabulary.encode(words)
        return torch.from_numpy(ids)


class PieceEncoder:
    """Words → `PieceInputs`, for models that read pieces."""

    def __init__(self, pieces: Pieces) -> None:
        self.pieces = pieces

    def __call__(self, rows: Sequence[Sequence[str]]) -> PieceInputs:
        """Inputs of rows of words, padded on the right with piece 0 and with words of that piece; no row is empty."""
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

    There is a tag set for each head. A document may lack some of the layers, so that corpora with different labels can
    be trained on together; it gives those heads no gradient. Documents without words are left out: they have nothing to
    tag. Documents of more than 512 words are read in windows with 64 more on both sides.

    Raises `DataError` for a document without any of the layers, for a tag that is not in its set, for no documents, and
    where no tag is known in any.
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
        """The batches of an epoch from number `start` on; their order depends on seed and epoch alone."""
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
    """The words of a row, each head's tags of them, and which words of which document have tags."""

    words: list[str]
    gold: list[npt.NDArray[np.int64]]
    window: Window


def _windows(
    document: int, words: list[str], gold: list[npt.NDArray[np.int64]], *, window: int = 512, context: int = 64
) -> Iterator[Row]:
    """Words and each head's tags in rows of bounded length; the tags of context are `MISSING`."""
    for _, first, start, end, last in cuts_of([len(words)], window=window, context=context):
        tags = [np.full(last - first, MISSING, dtype=np.int64) for _ in gold]
        for row, ids in zip(tags, gold, strict=True):
            row[start - first : end - first] = ids[start:end]
        yield Row(words[first:last], tags, Window(document, start, end, start - first))


@dataclass(frozen=True)
class DocumentBatch:
    """Padded rows of whole documents' words, how many words each has, and the documents' labels (batch,)."""

    words: Inputs
    lengths: Tensor
    gold: Tensor

    def to(self, device: torch.device) -> "DocumentBatch":
        """The same batch on another device."""
        return DocumentBatch(self.words.to(device), self.lengths.to(device), self.gold.to(device))

    def share(self, first: int, step: int) -> "DocumentBatch | None":
        """The rows `first`, `first + step`, …; None where there are none."""
        chosen = slice(first, None, step)
        if not len(self.lengths[chosen]):
            return None
        return DocumentBatch(rows_of(self.words, chosen), self.lengths[chosen], self.gold[chosen])


class DocumentBatches:
    """Documents with a layer of categories, in shuffled batches of about `words` words, rows of like length together.

    A document's label is its category with the highest score. Raises `DataError` for a document that lacks the layer or
    has no words, for a label that is not among `labels`, and for no documents.
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
                    f"documents; mend it, or put it in the training documents too"
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
        """The batches of an epoch from number `start` on; their order depends on seed and epoch alone."""
        for group in self._groups(epoch)[start:]:
            rows = [self._rows[number][0] for number in group]
            gold = torch.tensor([self._rows[number][1] for number in group])
            yield DocumentBatch(self._encoder(rows), torch.tensor([len(row) for row in rows]), gold)

    def _groups(self, epoch: int) -> list[list[int]]:
        return shuffled_groups([len(words) for words, _ in self._rows], self._words, seed=self._seed, epoch=epoch)


def shuffled_groups(lengths: Sequence[int], words: int, *, seed: int, epoch: int) -> list[list[int]]:
    """Rows sorted by length, cut into batches of about `words` words; the order of batches and equal rows is random.

    Cut in the same way every epoch, so that every epoch has as many batches.
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
