"""States of whole documents pooled, and the layer that scores labels of documents by them; votes
are in `heads`.

Shapes: batch (documents), time, width, labels.
"""

from typing import Any, cast

import torch
from torch import Tensor, nn
from torch.nn import functional

from seqlabel.nn.embedders import Inputs, PieceInputs
from seqlabel.nn.encoders import TextEncoder, reversed_places
from seqlabel.nn.layers import StatePool, VariationalDropout
from seqlabel.nn.network_configs import check_rate
from seqlabel.nn.states import State, detach_state

_LEAST_SPREAD = 0.02
"""Of a unit's pooled states, which are between -1 and 1."""


class PooledLayer(nn.Module):
    """Scores of a document's labels from pooled states: each standardised, a small hidden layer,
    the labels.

    The form is that of Howard and Ruder (2018), "Universal Language Model Fine-tuning for Text
    Classification", who pool the last, the largest and the mean state and normalize them by batch
    (Ioffe and Szegedy 2015, "Batch Normalization"). Here mean and spread are measured once
    (`standardize`): documents differ from each other by a third of what the units differ, and a
    head that does not know each unit's own mean learns almost nothing from a few hundred steps.

    Formula::

        s = W₂ dropout(relu(W₁ dropout((p - mean) / spread) + b₁)) + b₂

    p, mean and spread (width,), W₁ (hidden, width), W₂ (labels, hidden).

    Args:
        width: The width of the pooled states.
        labels: The number of labels.
        hidden: The width of the hidden layer.
        dropout: The share of values dropped in training before each linear layer.

    Raises:
        OptionError: `dropout` is outside [0, 1).
    """

    mean: Tensor
    spread: Tensor

    def __init__(self, width: int, labels: int, *, hidden: int = 64, dropout: float = 0.2) -> None:
        super().__init__()
        self.register_buffer("mean", torch.zeros(width))
        self.register_buffer("spread", torch.ones(width))
        self.layers = nn.Sequential(
            nn.Dropout(check_rate("dropout", dropout)),
            nn.Linear(width, hidden),
            nn.ReLU(),
            nn.Dropout(dropout),
            nn.Linear(hidden, labels),
        )

    def standardize(self, pooled: Tensor) -> None:
        """Measure the mean and the spread of pooled states, which are taken off and divided by from
        now on.

        Args:
            pooled: The pooled states of some documents, (documents, width).
        """
        self.mean.copy_(pooled.mean(dim=0))
        # A unit that hardly moves would otherwise shout at the first document in which it does.
        self.spread.copy_(pooled.std(dim=0, correction=0).clamp_min(_LEAST_SPREAD))

    def forward(self, pooled: Tensor) -> Tensor:
        """Score the labels of documents.

        Args:
            pooled: Pooled states, (batch, width).

        Returns:
            Logits (batch, labels).
        """
        logits: Tensor = self.layers((pooled - self.mean) / self.spread)
        return logits


def pooled_states(
    encoder: TextEncoder,
    words: Inputs,
    lengths: Tensor,
    *,
    dropout: VariationalDropout,
    bptt: int = 128,
    gradient_words: int = 1024,
) -> Tensor:
    """Pool the states of each direction over the words of each document, however long it is.

    Each direction reads the document in parts, carrying its state. The gradient is cut between
    parts (truncated back-propagation through time), and flows only through the last ones, so that
    memory does not grow with the document. The rows of a batch should be of similar length. An
    encoder of pieces of words reads documents whole.

    Args:
        encoder: The encoder.
        words: Rows of words, a document per row.
        lengths: The number of words of each row, at least 1, (batch,).
        dropout: Applied to the vectors that are read.
        bptt: The number of words that are read at once.
        gradient_words: How many last words of each row, as each direction reads it, the gradient
            reaches at least.

    Returns:
        The last, largest and mean states of each direction, side by side, (batch, 3 · width ·
        ways).
    """
    time = int(lengths.max())
    ways = []
    if isinstance(words, PieceInputs):
        states = encoder(words, lengths, dropout=dropout).states
        order = reversed_places(lengths, time)
        for number, part in enumerate(states.chunk(len(encoder.ways), dim=-1)):
            pool = StatePool(lengths)
            pool.add(part if number == 0 else part.gather(1, order[..., None].expand_as(part)))
            ways.append(pool.pooled())
        return torch.cat(ways, dim=-1)
    # Of the shortest row, so that every row has all of its own last words.
    first = int(lengths.min()) - gradient_words
    vectors, places = cast(Any, encoder.embedder).vectors_and_places(words)
    orders = (places, places.gather(1, reversed_places(lengths, time)))
    for way, order in zip(encoder.ways, orders, strict=False):
        pool = StatePool(lengths)
        state: State = None
        for start in range(0, time, bptt):
            with torch.set_grad_enabled(torch.is_grad_enabled() and start + bptt > first):
                part = functional.embedding(order[:, start : start + bptt], vectors)
                states, state = way(dropout(part), detach_state(state))
                pool.add(states)
        ways.append(pool.pooled())
    return torch.cat(ways, dim=-1)
