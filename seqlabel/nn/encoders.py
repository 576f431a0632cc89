"""Recurrent encoders: vectors in, hidden states out, with the carried state as an argument and a
return value.

Shapes: batch, time, width, layers. `lengths` (batch,) are the words of each row; the rest of a row
is padding.
"""

from collections.abc import Callable
from functools import partial
from typing import NamedTuple

import torch
from torch import Tensor, nn

from seqlabel.errors import OptionError, choose
from seqlabel.nn.embedders import HashedEmbedder, Inputs, PieceInputs, TableEmbedder, WordInputs
from seqlabel.nn.gru import GRUWeights, step_through, trained_weights
from seqlabel.nn.layers import VariationalDropout
from seqlabel.nn.min_gru import MinGRU
from seqlabel.nn.network_configs import MOST_LAYERS, Recurrence, check_rate
from seqlabel.nn.products import linear
from seqlabel.nn.states import State
from seqlabel.nn.streams import side_by_side

_BUILDERS: dict[Recurrence, Callable[[int, int, int], nn.Module]] = {
    Recurrence.RNN: partial(nn.RNN, batch_first=True),
    Recurrence.GRU: partial(nn.GRU, batch_first=True),
    Recurrence.LSTM: partial(nn.LSTM, batch_first=True),
    Recurrence.MIN_GRU: MinGRU,
}


class RecurrentEncoder(nn.Module):
    """A stack of recurrent layers that read in one direction.

    The layers are torch's: a simple recurrent network (Elman 1990, "Finding Structure in Time"), a
    GRU (Cho et al. 2014, "Learning Phrase Representations using RNN Encoder-Decoder for Statistical
    Machine Translation"), an LSTM (Hochreiter and Schmidhuber 1997, "Long Short-Term Memory"), or
    `MinGRU`. Dropout between layers is `VariationalDropout`.

    Formula of a layer of GRU::

        r = σ(W_r x[t] + b_r + U_r h[t - 1] + c_r)
        z = σ(W_z x[t] + b_z + U_z h[t - 1] + c_z)
        n = tanh(W_n x[t] + b_n + r · (U_n h[t - 1] + c_n))
        h[t] = (1 - z) · n + z · h[t - 1]

    Each W (hidden_width, input_width), each U (hidden_width, hidden_width).

    Args:
        input_width: The width of the vectors.
        hidden_width: The width of the states of each layer.
        layers: The number of layers, from 1 to `MOST_LAYERS`.
        recurrence: The rule of each layer, or a class of your own
            (`nn.network_configs.AnyRecurrence`).
        dropout: The share of the outputs of each layer, the last one included, dropped in training,
            with one mask for all words of a row.

    Raises:
        OptionError: The recurrence is unknown, or `layers` or `dropout` is out of range.
    """

    def __init__(
        self,
        input_width: int,
        hidden_width: int,
        *,
        layers: int = 1,
        recurrence: Recurrence | type[nn.Module] = Recurrence.GRU,
        dropout: float = 0.0,
    ) -> None:
        super().__init__()
        if not 1 <= layers <= MOST_LAYERS:
            raise OptionError(f"layers: expected a number from 1 to {MOST_LAYERS}, got {layers}.")
        build: Callable[[int, int, int], nn.Module] = (
            recurrence
            if isinstance(recurrence, type)
            else _BUILDERS[choose(Recurrence, "recurrence", recurrence)]
        )
        check_rate("dropout", dropout)
        # One fused stack where nothing is dropped between layers, else a stack of single layers
        # with dropout between.
        if dropout:
            widths = [input_width, *[hidden_width] * (layers - 1)]
            stacks = [build(width, hidden_width, 1) for width in widths]
        else:
            stacks = [build(input_width, hidden_width, layers)]
        self.stacks = nn.ModuleList(stacks)
        self.dropout = VariationalDropout(dropout)
        self.width = hidden_width

    def forward(self, vectors: Tensor, state: State = None) -> tuple[Tensor, State]:
        """Read vectors from left to right.

        Args:
            vectors: The vectors, (batch, time, input_width).
            state: The state after the words before, None at the beginning of a text.

        Returns:
            Hidden states of the last layer (batch, time, hidden_width), and the state after the
            words: a tuple with a tensor (layers, batch, hidden_width) for each stack, or for an
            LSTM a pair of them.
        """
        hidden = vectors
        before = state if isinstance(state, tuple) else (None,) * len(self.stacks)
        after = []
        for stack, initial in zip(self.stacks, before, strict=True):
            layer = trained_weights(stack, hidden)
            if layer is None:
                hidden, final = stack(hidden, initial)
            else:
                gates = linear(hidden, layer.read, layer.read_bias)
                hidden = step_through([gates], [layer], initial)[0]
                final = hidden[None, :, -1]
            hidden = self.dropout(hidden)
            after.append(final)
        return hidden, tuple(after)


class TwoWayEncoder(nn.Module):
    """Two encoders that read a row from its two ends (Schuster and Paliwal 1997, "Bidirectional
    Recurrent Neural Networks").

    Formula::

        h[t] = [ahead(x[1], …, x[t]), back(x[n], …, x[t])],  n the length of the row

    Padded rows give the words of each row what they would get alone: the backward encoder begins at
    a row's own last word.

    Args:
        forward_encoder: The encoder that reads from the first word.
        backward_encoder: The encoder that reads from the last word.
    """

    def __init__(
        self, forward_encoder: RecurrentEncoder, backward_encoder: RecurrentEncoder
    ) -> None:
        super().__init__()
        self.forward_encoder = forward_encoder
        self.backward_encoder = backward_encoder
        self.width = forward_encoder.width + backward_encoder.width

    def forward(self, vectors: Tensor, lengths: Tensor) -> Tensor:
        """Read rows from both ends; no state is carried.

        Args:
            vectors: The rows' vectors, (batch, time, input width).
            lengths: The number of words of each row, (batch,).

        Returns:
            Hidden states, forward ones first, (batch, time, width).
        """
        return _read_rows(self.forward_encoder, self.backward_encoder, vectors, lengths)


class EncodedWords(NamedTuple):
    """The output of a `TextEncoder`: `states` (batch, time, width) and `vectors` (batch, time,
    width).
    """

    states: Tensor
    vectors: Tensor


class TextEncoder(nn.Module):
    """The part of a model that reads: an embedder and a recurrent encoder, or two that read in
    opposite directions.

    With two directions, it is the encoder of a pair of language models whose states taggers read
    (Peters, Ammar, Bhagavatula and Power 2017, "Semi-supervised Sequence Tagging with Bidirectional
    Language Models").

    Formula::

        x[t] = embedder(word[t])
        h[t] = [ahead(dropout(x[1]), …, dropout(x[t])), back(dropout(x[n]), …, dropout(x[t]))]

    A language model, a tagging model and a document model hold it under the same name, `encoder`,
    so a head is swapped by building another model on the same encoder.

    Args:
        embedder: Turns words into vectors.
        forward: The encoder that reads from the first word.
        backward: The encoder that reads from the last word, as a forward and a backward language
            model have; None for that of a language model in one direction.
    """

    def __init__(
        self,
        embedder: HashedEmbedder | TableEmbedder,
        forward: RecurrentEncoder,
        backward: RecurrentEncoder | None = None,
    ) -> None:
        super().__init__()
        self.embedder = embedder
        self.forward_encoder = forward
        self.backward_encoder: RecurrentEncoder | None = backward

    @property
    def ways(self) -> tuple[RecurrentEncoder, ...]:
        """The forward encoder and, where there is one, the backward encoder."""
        back = self.backward_encoder
        return (self.forward_encoder,) if back is None else (self.forward_encoder, back)

    @property
    def width(self) -> int:
        """The width of the states of a word, all ways side by side."""
        return sum(way.width for way in self.ways)

    def forward(
        self, inputs: Inputs, lengths: Tensor, *, dropout: VariationalDropout
    ) -> EncodedWords:
        """Read rows of words, each from an empty state.

        Where words are read in pieces, a word gets the states after the whole word, and the mean of
        the vectors of its pieces.

        Args:
            inputs: The words of the rows.
            lengths: The number of words of each row, (batch,).
            dropout: Applied to the vectors that are read.

        Returns:
            The states and the vectors of the words.
        """
        units, counts = units_of(inputs, lengths)
        vectors = self.embedder(units)
        states = _read_rows(self.forward_encoder, self.backward_encoder, dropout(vectors), counts)
        if isinstance(inputs, PieceInputs):
            return EncodedWords(inputs.word_states(states), inputs.word_vectors(vectors))
        return EncodedWords(states, vectors)


def units_of(inputs: Inputs, lengths: Tensor) -> tuple[WordInputs | Tensor, Tensor]:
    """Return the units that an encoder reads one after another: words, or their pieces.

    Args:
        inputs: The words of rows.
        lengths: The number of words of each row, (batch,).

    Returns:
        The words or pieces, and how many of them each row has, (batch,).
    """
    if isinstance(inputs, PieceInputs):
        return inputs.ids, inputs.lengths
    return inputs, lengths


def _read_rows(
    forward_encoder: RecurrentEncoder,
    backward_encoder: RecurrentEncoder | None,
    vectors: Tensor,
    lengths: Tensor,
) -> Tensor:
    if backward_encoder is None:
        alone: Tensor = forward_encoder(vectors)[0]
        return alone

    order = reversed_places(lengths, vectors.shape[1])
    stacks = (*forward_encoder.stacks, *backward_encoder.stacks)
    layers = [trained_weights(stack, vectors) for stack in stacks]
    if (
        len(layers) == 2
        and layers[0]
        and layers[1]
        and layers[0].carry.shape == layers[1].carry.shape
    ):
        ahead, back = _read_side_by_side(layers[0], layers[1], vectors, order)
        ahead = forward_encoder.dropout(ahead)
        back = backward_encoder.dropout(back)
    else:
        (ahead, _), (back, _) = side_by_side(
            lambda: forward_encoder(vectors),
            lambda: backward_encoder(_reorder(vectors, order)),
            inputs=(vectors, order),
        )
    return torch.cat([ahead, _reorder(back, order)], dim=-1)


def _read_side_by_side(
    ahead: GRUWeights, back: GRUWeights, vectors: Tensor, order: Tensor
) -> tuple[Tensor, Tensor]:
    """States of both ways, with the words' part of all gates as one product, and both ways in the
    same steps.
    """
    read = torch.cat([ahead.read, back.read])
    bias = torch.cat([ahead.read_bias, back.read_bias])
    of_ahead, of_back = linear(vectors, read, bias).chunk(2, dim=-1)
    states = step_through([of_ahead, _reorder(of_back, order)], [ahead, back])
    return states[0], states[1]


def reversed_places(lengths: Tensor, time: int) -> Tensor:
    """Find the place that each word has when its row is read backwards.

    Padding stays where it is, so that reversing twice restores the order.

    Args:
        lengths: The number of words of each row, (batch,).
        time: The number of places of each row, padding included.

    Returns:
        For each place, the one that it has in the reversed row, (batch, time), int64.
    """
    places = torch.arange(time, device=lengths.device)
    mirrored = lengths[:, None] - 1 - places
    return torch.where(mirrored >= 0, mirrored, places)


def _reorder(vectors: Tensor, order: Tensor) -> Tensor:
    return vectors.gather(1, order[..., None].expand(-1, -1, vectors.shape[2]))
