"""Recurrent encoders against their equations written out, and a whole against its two halves."""

import pytest
import torch

from seqlabel.errors import OptionError
from seqlabel.nn.embedders import TableEmbedder
from seqlabel.nn.encoders import RecurrentEncoder, TextEncoder, TwoWayEncoder, reversed_places
from seqlabel.nn.layers import VariationalDropout
from seqlabel.nn.min_gru import MinGRU
from seqlabel.nn.network_configs import Recurrence
from seqlabel.nn.states import flatten_state


def rnn_step(x, h, c, weights):
    w, u, b, d = weights
    return torch.tanh(w @ x + b + u @ h + d), c


def gru_step(x, h, c, weights):
    w, u, b, d = weights
    from_x, from_h = (w @ x + b).chunk(3), (u @ h + d).chunk(3)
    reset = torch.sigmoid(from_x[0] + from_h[0])
    update = torch.sigmoid(from_x[1] + from_h[1])
    new = torch.tanh(from_x[2] + reset * from_h[2])
    return (1 - update) * new + update * h, c


def lstm_step(x, h, c, weights):
    w, u, b, d = weights
    enter, forget, cell, leave = (w @ x + b + u @ h + d).chunk(4)
    c = torch.sigmoid(forget) * c + torch.sigmoid(enter) * torch.tanh(cell)
    return torch.sigmoid(leave) * torch.tanh(c), c


def min_gru_step(x, h, c, weights):
    w, b = weights
    update, new = (w @ x + b).chunk(2)
    update = torch.sigmoid(update)
    return (1 - update) * h + update * torch.tanh(new), c


STEPS = {
    Recurrence.RNN: rnn_step,
    Recurrence.GRU: gru_step,
    Recurrence.LSTM: lstm_step,
    Recurrence.MIN_GRU: min_gru_step,
}


def layers_of(encoder):
    """The weights of each layer, whether torch fused the layers or not."""
    for stack in encoder.stacks:
        for layer in range(stack.num_layers):
            if isinstance(stack, MinGRU):
                yield [stack.gates[layer].weight, stack.gates[layer].bias]
                continue
            kinds = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
            yield [getattr(stack, f"{kind}_l{layer}") for kind in kinds]


@torch.no_grad()
def slow_encoder(encoder, recurrence, vectors):
    """Row by row, layer by layer, step by step, from zeros."""
    rows = []
    for row in vectors:
        sequence = list(row)
        for weights in layers_of(encoder):
            h = c = torch.zeros(encoder.width)
            after = []
            for x in sequence:
                h, c = STEPS[recurrence](x, h, c, weights)
                after.append(h)
            sequence = after
        rows.append(torch.stack(sequence))
    return torch.stack(rows)


cases = pytest.mark.parametrize(
    ("recurrence", "layers", "dropout"),
    [
        (recurrence, layers, dropout)
        for recurrence in Recurrence
        for layers in (1, 2)
        for dropout in (0.0, 0.4)
    ],
)


@cases
def test_the_equations_written_out(recurrence, layers, dropout):
    encoder = RecurrentEncoder(3, 4, layers=layers, recurrence=recurrence, dropout=dropout).eval()
    vectors = torch.randn(2, 5, 3)
    hidden, _ = encoder(vectors)
    assert hidden.shape == (2, 5, encoder.width) == (2, 5, 4)
    assert sum(1 for _ in layers_of(encoder)) == layers
    torch.testing.assert_close(hidden, slow_encoder(encoder, recurrence, vectors))


@cases
@pytest.mark.parametrize("cut", [1, 4, 6])
def test_a_whole_is_its_two_halves_with_the_state_passed(recurrence, layers, dropout, cut):
    encoder = RecurrentEncoder(3, 4, layers=layers, recurrence=recurrence, dropout=dropout).eval()
    vectors = torch.randn(2, 7, 3)
    whole, last = encoder(vectors)
    first, state = encoder(vectors[:, :cut])
    second, state = encoder(vectors[:, cut:], state)
    torch.testing.assert_close(torch.cat([first, second], dim=1), whole)
    torch.testing.assert_close(flatten_state(state)[1], flatten_state(last)[1])
    forgotten, _ = encoder(vectors[:, cut:])
    assert not torch.allclose(forgotten, whole[:, cut:])


def test_dropout_masks_each_layers_output_with_one_mask_a_row():
    encoder = RecurrentEncoder(3, 64, layers=2, dropout=0.5)
    vectors = torch.randn(4, 6, 3)
    hidden, _ = encoder(vectors)
    dropped = hidden == 0
    assert 0.3 < float(dropped.float().mean()) < 0.7
    assert torch.equal(dropped, dropped[:, :1].expand_as(dropped))
    # What is kept still differs from twice the undropped output: the first layer's output was
    # masked too.
    undropped, _ = encoder.eval()(vectors)
    assert not torch.allclose(hidden[~dropped], 2 * undropped[~dropped])


def test_dropout_leaves_the_carried_state_whole():
    encoder = RecurrentEncoder(3, 16, dropout=0.5)
    vectors = torch.randn(4, 6, 3)
    hidden, state = encoder(vectors)
    undropped, expected = encoder.eval()(vectors)
    torch.testing.assert_close(state, expected)
    torch.testing.assert_close(hidden[hidden != 0], 2 * undropped[hidden != 0])


LENGTHS = [5, 1, 4, 2]


def text_encoder(recurrence=Recurrence.GRU, *, backward=False, layers=1):
    """An encoder over a table of 9 ids, of width 3, whose ways have the widths 4 and 6."""
    ahead, back = (
        RecurrentEncoder(3, width, layers=layers, recurrence=recurrence) for width in (4, 6)
    )
    return TextEncoder(TableEmbedder(9, 3), ahead, back if backward else None).eval()


NOTHING_DROPPED = VariationalDropout(0.0)


@pytest.mark.parametrize("recurrence", Recurrence)
@pytest.mark.parametrize("layers", [1, 2])
@pytest.mark.parametrize("backward", [False, True])
def test_a_text_encoder_reads_each_row_from_its_ends_in_empty_states(recurrence, layers, backward):
    encoder, ids = (
        text_encoder(recurrence, backward=backward, layers=layers),
        torch.randint(9, (4, 6)),
    )
    read = encoder(ids, torch.tensor(LENGTHS), dropout=NOTHING_DROPPED)
    assert len(encoder.ways) == 1 + backward
    assert read.states.shape == (4, 6, encoder.width)
    assert encoder.width == (10 if backward else 4)
    torch.testing.assert_close(read.vectors, encoder.embedder.table.weight[ids])
    for row, length in enumerate(LENGTHS):
        words = encoder.embedder.table.weight[ids[row : row + 1, :length]]
        expected = [slow_encoder(encoder.forward_encoder, recurrence, words)[0]]
        if backward:
            expected.append(
                slow_encoder(encoder.backward_encoder, recurrence, words.flip(1))[0].flip(0)
            )
        torch.testing.assert_close(read.states[row, :length], torch.cat(expected, dim=-1))
    # Nothing is carried from one batch to the next.
    assert torch.equal(
        encoder(ids, torch.tensor(LENGTHS), dropout=NOTHING_DROPPED).states, read.states
    )


def test_what_is_read_is_dropped_and_what_is_handed_on_is_not():
    encoder, ids = text_encoder(backward=True), torch.randint(9, (4, 6))
    lengths = torch.tensor(LENGTHS)
    whole = encoder(ids, lengths, dropout=NOTHING_DROPPED)
    dropped = encoder(ids, lengths, dropout=VariationalDropout(0.5).train())
    assert torch.equal(dropped.vectors, whole.vectors)
    assert not torch.equal(dropped.states, whole.states)


@pytest.mark.parametrize("layers", [0, -1, 65, 1_000_000_000])
def test_a_number_of_layers_that_cannot_be_is_refused_at_once(layers):
    with pytest.raises(OptionError, match=r"layers: "):
        RecurrentEncoder(3, 4, layers=layers)


def two_way(recurrence, dropout=0.0):
    ahead, back = (
        RecurrentEncoder(3, width, recurrence=recurrence, dropout=dropout) for width in (4, 6)
    )
    return TwoWayEncoder(ahead, back).eval()


@pytest.mark.parametrize("recurrence", Recurrence)
@pytest.mark.parametrize("content", [0.0, 1e4])
def test_a_padded_row_gets_what_it_would_get_alone(recurrence, content):
    encoder, lengths = two_way(recurrence), torch.tensor(LENGTHS)
    vectors = torch.randn(4, 7, 3)
    vectors[torch.arange(7) >= lengths[:, None]] = content
    hidden = encoder(vectors, lengths)
    assert hidden.shape == (4, 7, encoder.width) == (4, 7, 10)
    for row, length in enumerate(LENGTHS):
        words = vectors[row, :length]
        ahead = slow_encoder(encoder.forward_encoder, recurrence, words[None])[0]
        back = slow_encoder(encoder.backward_encoder, recurrence, words.flip(0)[None])[0].flip(0)
        torch.testing.assert_close(hidden[row, :length], torch.cat([ahead, back], dim=-1))
        torch.testing.assert_close(
            encoder(words[None], lengths[row : row + 1])[0], hidden[row, :length]
        )


@pytest.mark.parametrize("time", [1, 2, 9])
def test_to_reverse_twice_is_to_do_nothing(time):
    lengths = torch.arange(1, time + 1)
    places = reversed_places(lengths, time)
    assert torch.equal(places.gather(1, places), torch.arange(time).expand(time, time))
    for row, length in enumerate(lengths.tolist()):
        assert places[row].tolist() == [*reversed(range(length)), *range(length, time)]
