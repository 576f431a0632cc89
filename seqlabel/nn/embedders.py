"""Ids → vectors, the first hop of a model; what an id stands for is the text side's business.

Shapes: batch, time, width; distinct (different words in a batch), features (of all of them
together).
"""

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

from seqlabel.nn.layers import VariationalDropout
from seqlabel.nn.moving import moved
from seqlabel.nn.network_configs import check_rate
from seqlabel.nn.products import Linear, gelu


class TableEmbedder(nn.Module):
    """A table with one vector for each id (Bengio, Ducharme, Vincent and Jauvin 2003, "A Neural
    Probabilistic Language Model").

    Formula::

        x = dropout(E[id]),  E (vocabulary, width)

    Args:
        vocabulary: The number of ids.
        width: The width of the vectors.
        dropout: The share of values dropped in training, with one mask for all words of a row.

    Raises:
        OptionError: `dropout` is outside [0, 1).
    """

    def __init__(self, vocabulary: int, width: int, *, dropout: float = 0.0) -> None:
        super().__init__()
        self.table = nn.Embedding(vocabulary, width)
        # Small enough that a tied output layer starts close to even odds (Merity, Keskar and Socher
        # 2017, "Regularizing and Optimizing LSTM Language Models").
        nn.init.uniform_(self.table.weight, -0.1, 0.1)
        self.dropout = VariationalDropout(dropout)
        self.width = width

    def vectors_and_places(self, ids: Tensor) -> tuple[Tensor, Tensor]:
        """Return the whole table and the row that each word has in it, without dropout.

        Args:
            ids: Ids, (batch, time).

        Returns:
            The table (vocabulary, width), and the row of each word (batch, time).
        """
        return self.table.weight, ids

    def forward(self, ids: Tensor) -> Tensor:
        """Look up the vectors of ids.

        Args:
            ids: Ids, (batch, time).

        Returns:
            Vectors (batch, time, width).
        """
        vectors: Tensor = self.dropout(self.table(ids))
        return vectors


@dataclass(frozen=True)
class WordInputs:
    """The distinct words of a batch by their features, and where each stands; a word is embedded
    once per batch.

    `features` (features,) and `offsets` (distinct,) are those of `functional.embedding_bag`;
    `words` (distinct,) is the row of each word in the table of frequent words; `positions` (batch,
    time) indexes the distinct words.
    """

    features: Tensor
    offsets: Tensor
    words: Tensor
    positions: Tensor

    def to(self, device: torch.device) -> "WordInputs":
        """Move the inputs to a device.

        Args:
            device: The device.

        Returns:
            The same inputs there; this object itself if they are there already.
        """
        return WordInputs(*(moved(part, device) for part in vars(self).values()))


@dataclass(frozen=True)
class PieceInputs:
    """Rows of words cut into pieces, and the word that each piece belongs to, by which states of
    pieces become words'.

    `ids` (batch, pieces) and how many of them each row has, `lengths` (batch,); `owners` (batch,
    pieces) is the place of each piece's word, for padding one that no row has; `first` and `last`
    (batch, time) are the places of each word's first and last piece.
    """

    ids: Tensor
    lengths: Tensor
    owners: Tensor
    first: Tensor
    last: Tensor

    def to(self, device: torch.device) -> "PieceInputs":
        """Move the inputs to a device.

        Args:
            device: The device.

        Returns:
            The same inputs there.
        """
        return PieceInputs(*(moved(part, device) for part in vars(self).values()))

    def word_states(self, read: Tensor) -> Tensor:
        """Take the states at which each direction has read the whole word.

        These are the forward state after the word's last piece, and the backward state after its
        first one (Akbik, Blythe and Vollgraf 2018, "Contextual String Embeddings for Sequence
        Labeling", there over characters).

        Args:
            read: States of the pieces, forward ones first, (batch, pieces, 2 · width).

        Returns:
            States of the words, forward ones first, (batch, time, 2 · width).
        """
        ways: list[Tensor] = []
        for states, pieces in zip(read.chunk(2, dim=-1), (self.last, self.first), strict=True):
            indices = pieces[..., None].expand(-1, -1, states.shape[2])
            ways.append(states.gather(1, indices))
        return torch.cat(ways, dim=-1)

    def word_vectors(self, vectors: Tensor) -> Tensor:
        """Average the vectors of each word's pieces.

        Args:
            vectors: Vectors of the pieces, (batch, pieces, width).

        Returns:
            Vectors of the words, (batch, time, width); zeros for padding.
        """
        batch, time = self.first.shape
        sums = vectors.new_zeros(batch, time + 1, vectors.shape[2])
        sums = sums.scatter_add(1, self.owners[..., None].expand_as(vectors), vectors)
        return sums[:, :time] / (self.last - self.first + 1)[..., None]


Inputs = WordInputs | PieceInputs | Tensor
"""The inputs of a model for rows of words: words with features, words in pieces, or words' ids
(batch, time).
"""


class HashedEmbedder(nn.Module):
    """Vectors from a table of frequent words and the mean of hashed character features.

    Features are hashed (Weinberger, Dasgupta, Langford, Smola and Attenberg 2009, "Feature Hashing
    for Large Scale Multitask Learning") and averaged as n-grams are in fastText (Bojanowski, Grave,
    Joulin and Mikolov 2017, "Enriching Word Vectors with Subword Information"), so every word has a
    vector, even one never seen. A layer normalization (Ba, Kiros and Hinton 2016) and a residual
    layer (He, Zhang, Ren and Sun 2016) follow, so that a word can be more than the sum of its
    parts.

    Formula::

        v = norm(T[word] + mean(B[f] for f in features of the word))
        x = dropout(v + W₂ gelu(W₁ v + b₁) + b₂)

    T (words, width), B (buckets, width), W₁ (2 · width, width), W₂ (width, 2 · width).

    Args:
        words: The number of rows of the table of frequent words.
        buckets: The number of hashed features.
        width: The width of the vectors.
        unknown: The row of words that are not in the table.
        word_dropout: The probability that in training a word's row is replaced by that of unknown
            words (as in Bowman et al. 2016, "Generating Sentences from a Continuous Space"), so
            that the features learn to do without it.
        dropout: The share of values dropped in training, with one mask for all words of a row.

    Raises:
        OptionError: `word_dropout` or `dropout` is outside [0, 1).
    """

    def __init__(
        self,
        words: int,
        buckets: int,
        width: int,
        *,
        unknown: int = 0,
        word_dropout: float = 0.0,
        dropout: float = 0.0,
    ) -> None:
        super().__init__()
        self.table = nn.Embedding(words, width)
        self.buckets = nn.Embedding(buckets, width)
        # Small, so that what a row learns outweighs what it began with: the rows of rare words and
        # n-grams move only a little, and the layers above would tell words apart by noise.
        nn.init.normal_(self.table.weight, std=0.05)
        nn.init.normal_(self.buckets.weight, std=0.05)
        self.norm = nn.LayerNorm(width)
        self.up = Linear(width, 2 * width)
        self.down = Linear(2 * width, width)
        self.unknown = unknown
        self.word_dropout = check_rate("word_dropout", word_dropout)
        self.dropout = VariationalDropout(dropout)
        self.width = width
        self.sparse = False
        """Whether the gradients of both tables are sparse tensors of the rows that were read."""

    def forward(self, inputs: WordInputs) -> Tensor:
        """Embed rows of words.

        Args:
            inputs: The words by their features.

        Returns:
            Vectors (batch, time, width).
        """
        vectors: Tensor = self.dropout(
            functional.embedding(inputs.positions, self.distinct(inputs))
        )
        return vectors

    def vectors_and_places(self, inputs: WordInputs) -> tuple[Tensor, Tensor]:
        """Embed the distinct words, and return the row of each word in them.

        Args:
            inputs: The words by their features.

        Returns:
            Vectors of the distinct words (distinct, width), without `dropout`, and the row of each
            word in them (batch, time).
        """
        return self.distinct(inputs), inputs.positions

    def distinct(self, inputs: WordInputs) -> Tensor:
        """Embed the distinct words; `word_dropout` applies in training, `dropout` does not.

        Args:
            inputs: The words by their features.

        Returns:
            Vectors (distinct, width).
        """
        words = inputs.words
        if self.training and self.word_dropout:
            dropped = torch.rand(words.shape, device=words.device) < self.word_dropout
            words = words.masked_fill(dropped, self.unknown)

        rows = functional.embedding(words, self.table.weight, sparse=self.sparse)
        features = functional.embedding_bag(
            inputs.features, self.buckets.weight, inputs.offsets, mode="mean", sparse=self.sparse
        )
        vectors = self.norm(rows + features)
        residual: Tensor = vectors + self.down(gelu(self.up(vectors)))
        return residual
