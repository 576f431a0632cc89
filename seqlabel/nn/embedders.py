"""Ids → vectors, the first hop of a model; what an id stands for is the text side's business.

Shapes: batch, time, width; distinct (different words in a batch), features (of all of them together).
"""

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

from seqlabel.nn.layers import VariationalDropout, check_rate


class TableEmbedder(nn.Module):
    """A table with one vector of `width` for each of `vocabulary` ids."""

    def __init__(self, vocabulary: int, width: int, *, dropout: float = 0.0) -> None:
        super().__init__()
        self.table = nn.Embedding(vocabulary, width)
        # Small enough that a tied output layer starts close to even odds (Merity et al. 2017, AWD-LSTM).
        nn.init.uniform_(self.table.weight, -0.1, 0.1)
        self.dropout = VariationalDropout(dropout)
        self.width = width

    def vectors_and_places(self, ids: Tensor) -> tuple[Tensor, Tensor]:
        """A vector (different, width) of each different word, and which is whose (batch, time)."""
        return self.table.weight, ids

    def forward(self, ids: Tensor) -> Tensor:
        """Vectors (batch, time, width) of ids (batch, time)."""
        vectors: Tensor = self.dropout(self.table(ids))
        return vectors


@dataclass(frozen=True)
class WordInputs:
    """The different words of a batch by their features, and where each stands; a word is embedded once a batch.

    `features` (features,) and `offsets` (distinct,) are those of `functional.embedding_bag`; `words` (distinct,) is the
    row of each word in the table of frequent words; `positions` (batch, time) indexes the distinct words.
    """

    features: Tensor
    offsets: Tensor
    words: Tensor
    positions: Tensor

    def to(self, device: torch.device) -> "WordInputs":
        """The same inputs on another device."""
        if self.positions.device == device:
            return self
        parts = (self.features, self.offsets, self.words, self.positions)
        return WordInputs(*(part.to(device, non_blocking=True) for part in parts))

    def rows(self, chosen: slice) -> "WordInputs":
        """Some of the rows; the different words stay those of all."""
        return WordInputs(self.features, self.offsets, self.words, self.positions[chosen])


@dataclass(frozen=True)
class PieceInputs:
    """Rows of words cut into pieces, and which pieces are whose, so that what is read in pieces is given to words.

    `ids` (batch, pieces) and how many of them each row has, `lengths` (batch,); `owners` (batch, pieces) is the place
    of each piece's word, for padding one that no row has; `first` and `last` (batch, time) are the places of each
    word's first and last piece.
    """

    ids: Tensor
    lengths: Tensor
    owners: Tensor
    first: Tensor
    last: Tensor

    def to(self, device: torch.device) -> "PieceInputs":
        """The same inputs on another device."""
        parts = (self.ids, self.lengths, self.owners, self.first, self.last)
        return PieceInputs(*(part.to(device, non_blocking=True) for part in parts))

    def rows(self, chosen: slice) -> "PieceInputs":
        """Some of the rows."""
        return PieceInputs(*(part[chosen] for part in (self.ids, self.lengths, self.owners, self.first, self.last)))

    def word_states(self, read: Tensor) -> Tensor:
        """States (batch, time, 2 · width) of words, where both ways have read the whole word.

        That is after its last piece forward and after its first one backward. `read` (batch, pieces, 2 · width) has the
        forward states first.
        """
        ways = zip(read.chunk(2, dim=-1), (self.last, self.first), strict=True)
        return torch.cat([way.gather(1, place[..., None].expand(-1, -1, way.shape[2])) for way, place in ways], dim=-1)

    def word_vectors(self, vectors: Tensor) -> Tensor:
        """The mean (batch, time, width) of each word's vectors (batch, pieces, width); zeros for padding."""
        batch, time = self.first.shape
        sums = vectors.new_zeros(batch, time + 1, vectors.shape[2])
        sums = sums.scatter_add(1, self.owners[..., None].expand_as(vectors), vectors)
        return sums[:, :time] / (self.last - self.first + 1)[..., None]


Inputs = WordInputs | PieceInputs | Tensor
"""What a model is given of rows of words: words with features, words in pieces, or words' ids (batch, time)."""


def rows_of(inputs: Inputs, chosen: slice) -> Inputs:
    """Some of the rows of a model's inputs."""
    return inputs[chosen] if isinstance(inputs, Tensor) else inputs.rows(chosen)


class HashedEmbedder(nn.Module):
    """Vectors of `width` from a table of frequent words and the mean of hashed character features.

    Every word has a vector, also one never seen. In training a word's row of the table is replaced, with probability
    `word_dropout`, by that of unknown words (row `unknown`), so that the features learn to do without it. A residual
    layer follows, so that the sum of the parts is not all that a word can be.
    """

    def __init__(
        self, words: int, buckets: int, width: int, *, unknown: int = 0, word_dropout: float = 0.0, dropout: float = 0.0
    ) -> None:
        super().__init__()
        self.table = nn.Embedding(words, width)
        self.buckets = nn.Embedding(buckets, width)
        # Small, so that what a row learns outweighs what it began with: the rows of rare words and n-grams move only a
        # little, and the layers above would tell words apart by noise.
        nn.init.normal_(self.table.weight, std=0.05)
        nn.init.normal_(self.buckets.weight, std=0.05)
        self.norm = nn.LayerNorm(width)
        self.up = nn.Linear(width, 2 * width)
        self.down = nn.Linear(2 * width, width)
        self.unknown = unknown
        self.word_dropout = check_rate("word_dropout", word_dropout)
        self.dropout = VariationalDropout(dropout)
        self.width = width

    def forward(self, inputs: WordInputs) -> Tensor:
        """Vectors (batch, time, width)."""
        vectors: Tensor = self.dropout(functional.embedding(inputs.positions, self.distinct(inputs)))
        return vectors

    def vectors_and_places(self, inputs: WordInputs) -> tuple[Tensor, Tensor]:
        """A vector (distinct, width) of each different word, and which is whose (batch, time)."""
        return self.distinct(inputs), inputs.positions

    def distinct(self, inputs: WordInputs) -> Tensor:
        """Vectors (distinct, width) of the different words, without dropout of their parts."""
        words = inputs.words
        if self.training and self.word_dropout:
            dropped = torch.rand(words.shape, device=words.device) < self.word_dropout
            words = words.masked_fill(dropped, self.unknown)
        features = functional.embedding_bag(inputs.features, self.buckets.weight, inputs.offsets, mode="mean")
        vectors = self.norm(self.table(words) + features)
        residual: Tensor = vectors + self.down(functional.gelu(self.up(vectors)))
        return residual
