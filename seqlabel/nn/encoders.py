"""Recurrent encoders: vectors in, hidden states out, with the carried state as an argument and a return value.

Shapes: batch, time, width, layers. `lengths` (batch,) are the words of each row; the rest of a row is padding.
"""

from enum import StrEnum

import torch
from torch import Tensor, nn

from seqlabel.errors import OptionError
from seqlabel.nn.layers import VariationalDropout, check_rate
from seqlabel.nn.states import State


class Recurrence(StrEnum):
    """The rule by which a state and a word make the next state."""

    RNN = "rnn"
    """h' = tanh(W x + U h) (Elman 1990)."""
    GRU = "gru"
    """Gated recurrent unit (Cho et al. 2014)."""
    LSTM = "lstm"
    """Long short-term memory (Hochreiter and Schmidhuber 1997)."""


_RECURRENCES: dict[Recurrence, type[nn.RNN] | type[nn.GRU] | type[nn.LSTM]] = {
    Recurrence.RNN: nn.RNN,
    Recurrence.GRU: nn.GRU,
    Recurrence.LSTM: nn.LSTM,
}


class RecurrentEncoder(nn.Module):
    """A stack of `layers` recurrences that read in one direction.

    `dropout` masks the outputs of each layer, the last one's included, with one mask a row. Raises `OptionError` for
    an unknown recurrence, fewer than one layer, or a dropout outside [0, 1).
    """

    def __init__(
        self,
        input_width: int,
        hidden_width: int,
        *,
        layers: int = 1,
        recurrence: Recurrence = Recurrence.GRU,
        dropout: float = 0.0,
    ) -> None:
        super().__init__()
        if recurrence not in _RECURRENCES:
            raise OptionError(f"recurrence: found {recurrence!r}; allowed are {', '.join(map(str, Recurrence))}")
        if layers < 1:
            raise OptionError(f"layers: found {layers}; at least 1 is needed")
        cell = _RECURRENCES[recurrence]
        check_rate("dropout", dropout)
        # One fused stack where nothing is dropped between layers, else a stack of single layers with dropout between.
        if dropout:
            widths = [input_width, *[hidden_width] * (layers - 1)]
            stacks = [cell(width, hidden_width, batch_first=True) for width in widths]
        else:
            stacks = [cell(input_width, hidden_width, layers, batch_first=True)]
        self.stacks = nn.ModuleList(stacks)
        self.dropout = VariationalDropout(dropout)
        self.width = hidden_width

    def forward(self, vectors: Tensor, state: State = None) -> tuple[Tensor, State]:
        """Hidden states (batch, time, hidden_width) of vectors (batch, time, input_width), and the state after them.

        The state is a tuple with a tensor (layers, batch, hidden_width) for each stack, or for an LSTM a pair of them.
        """
        hidden = vectors
        before = state if isinstance(state, tuple) else (None,) * len(self.stacks)
        after = []
        for stack, initial in zip(self.stacks, before, strict=True):
            hidden, final = stack(hidden, initial)
            hidden = self.dropout(hidden)
            after.append(final)
        return hidden, tuple(after)


class OneWayEncoder(nn.Module):
    """An encoder that reads rows of words from their first to their last, each from an empty state."""

    def __init__(self, encoder: RecurrentEncoder) -> None:
        super().__init__()
        self.encoder = encoder
        self.width = encoder.width

    def forward(self, vectors: Tensor, lengths: Tensor) -> Tensor:
        """Hidden states (batch, time, width) of vectors (batch, time, input_width)."""
        states: Tensor = self.encoder(vectors)[0]
        return states


class TwoWayEncoder(nn.Module):
    """Two encoders that read a row from its two ends; their states stand side by side (Schuster and Paliwal 1997).

    The two may be a forward and a backward language model's. Padded rows give the words of each row what they would
    get alone: the backward encoder begins at a row's own last word.
    """

    def __init__(self, forward_encoder: RecurrentEncoder, backward_encoder: RecurrentEncoder) -> None:
        super().__init__()
        self.forward_encoder = forward_encoder
        self.backward_encoder = backward_encoder
        self.width = forward_encoder.width + backward_encoder.width

    def forward(self, vectors: Tensor, lengths: Tensor) -> Tensor:
        """Hidden states (batch, time, both widths) of vectors (batch, time, input_width); no state is carried."""
        ahead, _ = self.forward_encoder(vectors)
        order = reversed_places(lengths, vectors.shape[1])
        back, _ = self.backward_encoder(_reorder(vectors, order))
        return torch.cat([ahead, _reorder(back, order)], dim=-1)


def reversed_places(lengths: Tensor, time: int) -> Tensor:
    """For each place of each row, the place it has when the row's words are read backwards, (batch, time).

    Padding stays where it is, so that to reverse twice is to do nothing.
    """
    places = torch.arange(time, device=lengths.device)
    mirrored = lengths[:, None] - 1 - places
    return torch.where(mirrored >= 0, mirrored, places)


def _reorder(vectors: Tensor, order: Tensor) -> Tensor:
    return vectors.gather(1, order[..., None].expand(-1, -1, vectors.shape[2]))
