"""Ids → vectors, the first hop of a model; what an id stands for is the text side's business.

Shapes: batch, time, width.
"""

from torch import Tensor, nn

from seqlabel.layers import VariationalDropout


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
