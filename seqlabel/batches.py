"""Labelled documents as padded batches of like lengths, and labels ↔ ids; language-model streams are in `streams`.

Shapes: batch, time.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from seqlabel.documents import Document
from seqlabel.embedders import WordInputs
from seqlabel.errors import DataError
from seqlabel.features import WordHasher
from seqlabel.streams import IGNORED
from seqlabel.vocabulary import Vocabulary


@dataclass(frozen=True)
class TaggedBatch:
    """Padded rows of words, how many words each has, and their gold tags (batch, time), `IGNORED` where not known."""

    words: WordInputs
    lengths: Tensor
    gold: Tensor

    def to(self, device: torch.device) -> "TaggedBatch":
        """The same batch on another device."""
        return TaggedBatch(self.words.to(device), self.lengths.to(device), self.gold.to(device))


class WordEncoder:
    """Words → `WordInputs`: the rows of frequent words and hashed features, each different word featurised once."""

    def __init__(self, vocabulary: Vocabulary, hasher: WordHasher) -> None:
        self.vocabulary = vocabulary
        self.hasher = hasher

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


class TaggedBatches:
    """Documents with a layer of tags, in shuffled batches of about `words` words, rows of like length together.

    Raises `DataError` for a layer that a document lacks, for a tag that is not among `labels`, and for no documents.
    Documents without words are left out: they have nothing to tag.
    """

    def __init__(
        self,
        documents: Iterable[Document],
        encoder: WordEncoder,
        *,
        layer: str,
        labels: Sequence[str],
        words: int,
        seed: int = 0,
    ) -> None:
        ids = {label: number for number, label in enumerate(labels)}
        self._rows: list[tuple[list[str], npt.NDArray[np.int64]]] = []
        for number, document in enumerate(documents):
            if layer not in document.tags:
                found = ", ".join(document.tags) or "none"
                raise DataError(f"document {number} has no layer {layer!r} of tags; its layers are: {found}")
            unknown = {tag for tag in document.tags[layer].labels if tag is not None and tag not in ids}
            if unknown:
                raise DataError(
                    f"document {number} has the tag {min(unknown)!r}, which is not among the {len(ids)} labels of the "
                    f"training documents; mend it, or put it in the training documents too"
                )
            if len(document):
                gold = [IGNORED if tag is None else ids[tag] for tag in document.tags[layer].labels]
                self._rows.append((document.words, np.array(gold)))
        if not self._rows:
            raise DataError("found no document with words; give at least one")
        self._encoder = encoder
        self._words = words
        self._seed = seed
        self._count = len(self._groups(0))

    def __len__(self) -> int:
        return self._count

    def batches(self, epoch: int = 0, start: int = 0) -> Iterator[TaggedBatch]:
        """The batches of an epoch from number `start` on; their order depends on seed and epoch alone."""
        for group in self._groups(epoch)[start:]:
            rows = [self._rows[number] for number in group]
            lengths = torch.tensor([len(words) for words, _ in rows])
            gold = torch.full((len(rows), int(lengths.max())), IGNORED)
            for number, (words, tags) in enumerate(rows):
                gold[number, : len(words)] = torch.from_numpy(tags)
            yield TaggedBatch(self._encoder([words for words, _ in rows]), lengths, gold)

    def _groups(self, epoch: int) -> list[list[int]]:
        """Rows sorted by length, cut into batches; only the order of the batches and of equal rows is random.

        Cut in the same way every epoch, so that every epoch has as many batches.
        """
        random = np.random.default_rng([self._seed, epoch])
        shuffled = random.permutation(len(self._rows))
        order = sorted(shuffled, key=lambda number: len(self._rows[number][0]))
        groups: list[list[int]] = []
        for number in order:
            length = len(self._rows[number][0])
            if not groups or (len(groups[-1]) + 1) * length > self._words:
                groups.append([])
            groups[-1].append(int(number))
        return [groups[place] for place in random.permutation(len(groups))]
