"""Ids → vectors, the first hop of a model; what an id stands for is the text side's business.

Shapes: batch, time, width; distinct (different words in a batch), features (of all of them together).
"""

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

from seqlabel.layers import VariationalDropout, check_rate


class TableEmbedder(nn.Module):
    """A table with one vector of `width` for each of `vocabulary` ids."""

    def __init__(self, vocabulary: int, width: int, *, dropout: float = 0.0) -> None:
        super().__init__()
        self.table = nn.Embedding(vocabulary, width)
        # Small enough that a tied output layer starts close to even odds (Merity et al. 2017, AWD-LSTM).
        nn.init.uniform_(self.table.weight, -0.1, 0.1)
        self.dropout = VariationalDropout(dropout)
        self.width = width

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
        nn.init.normal_(self.table.weight, std=0.5)
        # A mean of some twenty rows is as large as one row of the table.
        nn.init.normal_(self.buckets.weight, std=1.5)
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
