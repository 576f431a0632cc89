"""Whole models: parts that fit, a state that carries on, builders that say their numbers; two ways
as two models.
"""

import dataclasses

import numpy as np
import pytest
import torch
from torch import nn

from seqlabel.batches.language import IGNORED, EvaluationStream, LanguageModelStream
from seqlabel.batches.rows import PieceEncoder, WordEncoder
from seqlabel.batches.two_ways import FeaturedWords, TwoWayStream, word_inputs
from seqlabel.documents.tag_sets import TagSet
from seqlabel.errors import OptionError
from seqlabel.nn.copying import ContinuousCache
from seqlabel.nn.heads.crf import CRF
from seqlabel.nn.heads.softmax import Softmax
from seqlabel.nn.network_configs import (
    Decision,
    LanguageModelConfig,
    PieceModelConfig,
    PointerConfig,
    Recurrence,
    WordModelConfig,
)
from seqlabel.nn.networks import (
    CopyingLanguageModel,
    SequenceModel,
    TagHead,
    build_language_model,
    build_tagging_model,
    build_two_way_model,
    english_config,
    english_piece_config,
)
from seqlabel.nn.states import detach_state, flatten_state
from seqlabel.text.corpora import TokenArray
from seqlabel.text.hashing import WordHasher
from seqlabel.text.pieces import Pieces
from seqlabel.text.vocabulary import Vocabulary
from tests.heads import decode, padded_scores

SMALL = LanguageModelConfig(vocabulary=11, embedding=6, hidden=6)
CONFIGS = [
    SMALL,
    dataclasses.replace(SMALL, embedding=5, tied=False, layers=1),
    dataclasses.replace(SMALL, recurrence=Recurrence.LSTM, dropout=0.3, embedding_dropout=0.2),
    dataclasses.replace(SMALL, recurrence=Recurrence.RNN, pointer=PointerConfig(width=3, window=4)),
    dataclasses.replace(SMALL, dropout=0.5, pointer=PointerConfig(width=3, window=50)),
]


@pytest.mark.parametrize("config", CONFIGS)
@pytest.mark.parametrize("sizes", [[5, 4], [1, 8], [3, 3, 3]], ids=str)
def test_a_whole_is_its_pieces_with_the_state_passed(config, sizes):
    model = build_language_model(config).eval()
    ids = torch.randint(11, (2, 9))
    whole, last = model(ids)
    state, pieces = None, []
    for part in ids.split(sizes, dim=1):
        # Detaching makes plain tuples of named ones, as training and checkpoints do.
        logits, state = model(part, detach_state(state))
        pieces.append(logits)
    assert whole.shape == (2, 9, 11)
    torch.testing.assert_close(torch.cat(pieces, dim=1), whole)
    torch.testing.assert_close(flatten_state(state)[1], flatten_state(last)[1])


@pytest.mark.parametrize("config", CONFIGS)
def test_no_prediction_sees_its_own_word(config):
    model = build_language_model(config).eval()
    ids = torch.randint(11, (1, 9))
    before, _ = model(ids)
    changed = ids.clone()
    changed[0, 5] = (ids[0, 5] + 1) % 11
    after, _ = model(changed)
    assert torch.equal(before[0, :5], after[0, :5])
    assert not torch.allclose(before[0, 5:], after[0, 5:])


@pytest.mark.parametrize("config", CONFIGS)
def test_every_parameter_learns(config):
    model = build_language_model(config)
    logits, _ = model(torch.arange(11)[None].repeat(2, 1))
    logits.log_softmax(dim=-1)[..., 3].sum().backward()
    assert [name for name, parameter in model.named_parameters() if not parameter.grad.any()] == []


def test_the_built_parts_are_those_asked_for():
    model = build_language_model(CONFIGS[1])
    assert isinstance(model, SequenceModel)
    assert model.encoder.embedder.table.weight is not model.head.output.weight
    assert (model.encoder.embedder.width, model.encoder.width) == (5, 6)
    copying = build_language_model(CONFIGS[3])
    assert isinstance(copying, CopyingLanguageModel)
    assert copying.copier.window == 4
    assert copying.encoder.embedder.table.weight is copying.head.output.weight


def parameters(model):
    return sum(parameter.numel() for parameter in model.parameters())


@pytest.mark.parametrize("recurrence", Recurrence)
@pytest.mark.parametrize("dropout", [0.0, 0.5])
def test_the_number_of_parameters_is_that_of_the_equations(recurrence, dropout):
    config = dataclasses.replace(
        SMALL, embedding=5, hidden=7, layers=3, tied=False, recurrence=recurrence, dropout=dropout
    )
    gates = {Recurrence.RNN: 1, Recurrence.GRU: 3, Recurrence.LSTM: 4, Recurrence.MIN_GRU: 2}
    # minGRU's gates do not see the state.
    of_state = 0 if recurrence is Recurrence.MIN_GRU else 7 * 7 + 7
    layers = [gates[recurrence] * (7 * width + 7 + of_state) for width in (5, 7, 7)]
    norm = 2 * 7
    assert parameters(build_language_model(config)) == 11 * 5 + sum(layers) + norm + 11 * 7 + 11


def test_a_shut_pointer_leaves_the_language_model():
    model = build_language_model(CONFIGS[3]).eval()
    nn.init.zeros_(model.copier.gate.weight)
    nn.init.constant_(model.copier.gate.bias, -1e3)
    ids = torch.randint(11, (2, 9))
    torch.testing.assert_close(
        model(ids)[0], SequenceModel(model.encoder, model.head)(ids)[0].log_softmax(dim=-1)
    )


def test_a_cache_goes_on_a_trained_model_and_gives_probabilities():
    model = CopyingLanguageModel(
        build_language_model(SMALL), ContinuousCache(window=5, sharpness=2.0, weight=0.5)
    ).eval()
    ids = torch.tensor([[1, 2, 3, 1, 2, 3, 1, 2]])
    log_probabilities, (_, memory) = model(ids)
    torch.testing.assert_close(log_probabilities.exp().sum(dim=-1), torch.ones(1, 8))
    assert memory.words.shape == (1, 5)
    alone = SequenceModel(model.encoder, model.head)(ids)[0].softmax(dim=-1)
    assert log_probabilities[0, -1, 3].exp() > alone[0, -1, 3]


TWO_WAY = WordModelConfig(
    words=9, buckets=50, embedding=8, hidden=10, cutoffs=(3, 6), word_dropout=0.2, dropout=0.3
)
TWO_WAY_CONFIGS = [
    *(dataclasses.replace(TWO_WAY, recurrence=recurrence) for recurrence in Recurrence),
    dataclasses.replace(TWO_WAY, layers=2),
    dataclasses.replace(TWO_WAY, layers=2, dropout=0.0, cutoffs=(8,)),
]
TYPES = [f"word{number}" for number in range(14)]
FEATURES = WordHasher(TWO_WAY.buckets)(TYPES)
TEXT = np.random.default_rng(0).integers(len(TYPES), size=101)


def read_two_ways(text, make=LanguageModelStream, **sizes):
    sizes = {"batch_size": 3, "bptt": 5} | sizes
    return TwoWayStream(
        TokenArray(text), FeaturedWords(FEATURES, predicted=TWO_WAY.words), make=make, **sizes
    )


@torch.no_grad()
def losses_over(model, batches):
    """Forward and backward loss of each batch (batches, 2), with the state carried, and the last
    state.
    """
    state, losses = None, []
    for batch in batches:
        loss, state = model(batch.words, batch.targets, state)
        losses.append(loss)
    return torch.stack(losses), state


@torch.no_grad()
def slow_losses(model, way, text, make):
    """One way as an ordinary language model: rows alone, word by word, from the probabilities of
    the head.
    """
    encoder, head = model.encoder.ways[way], (model.forward_head, model.backward_head)[way]
    losses, states = [], [None] * 3
    for batch in make(TokenArray(text), batch_size=3, bptt=5):
        total = 0.0
        for row in range(3):
            for word, target in zip(
                batch.inputs[row].tolist(), batch.targets[row].tolist(), strict=True
            ):
                vector = model.encoder.embedder(
                    word_inputs(np.array([[word]]), FEATURES, rows=TWO_WAY.words, unknown=0)
                )
                hidden, states[row] = encoder(vector, states[row])
                if target != IGNORED:
                    total -= float(head(hidden)[0, 0, target if target < TWO_WAY.words else 0])
        losses.append(total)
    return torch.tensor(losses)


@pytest.mark.parametrize("config", TWO_WAY_CONFIGS)
@pytest.mark.parametrize("make", [LanguageModelStream, EvaluationStream])
def test_each_way_is_a_language_model_that_reads_the_text_in_its_order(config, make):
    model = build_two_way_model(config).eval()
    found, _ = losses_over(model, read_two_ways(TEXT, make).batches())
    torch.testing.assert_close(found[:, 0], slow_losses(model, 0, TEXT, make), rtol=1e-4, atol=1e-4)
    torch.testing.assert_close(
        found[:, 1], slow_losses(model, 1, TEXT[::-1], make), rtol=1e-4, atol=1e-4
    )


@pytest.mark.parametrize("config", TWO_WAY_CONFIGS)
def test_two_ways_in_a_whole_are_their_halves_with_the_state_passed(config):
    model = build_two_way_model(config).eval()
    # Twice as many batches of half the length.
    text = np.tile(TEXT, 2)[:110]
    whole, last = losses_over(model, read_two_ways(text, bptt=10).batches())
    halves, state = losses_over(model, read_two_ways(text, bptt=5).batches())
    torch.testing.assert_close(halves.view(len(whole), 2, 2).sum(dim=1), whole)
    torch.testing.assert_close(flatten_state(state)[1], flatten_state(last)[1])
    forgotten = torch.stack(
        [model(batch.words, batch.targets)[0] for batch in read_two_ways(text).batches()]
    )
    torch.testing.assert_close(forgotten[0], halves[0])
    assert not torch.isclose(forgotten[1:], halves[1:]).any()


def test_neither_way_sees_what_it_is_to_predict():
    model = build_two_way_model(TWO_WAY).eval()
    batch = next(read_two_ways(TEXT).batches())
    targets = batch.targets.clone()
    targets[:, 3:] = IGNORED
    vectors = model.encoder.embedder(batch.words).detach().requires_grad_()
    model.encoder.embedder.forward = lambda _: vectors
    losses, _ = model(batch.words, targets)
    losses.sum().backward()
    assert vectors.grad[:, :3].any(dim=-1).all()
    assert not vectors.grad[:, 3:].any()


def test_every_parameter_of_the_two_ways_learns():
    model = build_two_way_model(dataclasses.replace(TWO_WAY, word_dropout=0.5))
    for batch in read_two_ways(TEXT).batches():
        losses, _ = model(batch.words, batch.targets)
        losses.sum().backward()
    assert [name for name, parameter in model.named_parameters() if not parameter.grad.any()] == []


def test_a_word_model_has_the_numbers_asked_for():
    model = build_two_way_model(dataclasses.replace(TWO_WAY, layers=2))
    assert model.encoder.embedder.table.weight.shape == (9, 8)
    assert model.encoder.embedder.buckets.weight.shape == (50, 8)
    assert (model.encoder.embedder.word_dropout, model.encoder.embedder.dropout.rate) == (0.2, 0.3)
    for encoder, head in (
        (model.encoder.forward_encoder, model.forward_head),
        (model.encoder.backward_encoder, model.backward_head),
    ):
        assert (encoder.width, len(encoder.stacks), encoder.dropout.rate) == (10, 2, 0.3)
        assert head.bounds == [3, 6, 9]
    assert not torch.equal(model.forward_head.first.weight, model.backward_head.first.weight)


def test_the_english_config_is_that_of_a_model():
    config = english_config(7_000)
    widths = [config.words, config.hidden, config.embedding, config.buckets]
    assert widths == [7_000, 256, 128, 32_768]
    small = english_config(7_000, hidden=64)
    assert [small.hidden, small.embedding, small.buckets] == [64, 32, 8_192]
    model = build_two_way_model(dataclasses.replace(config, buckets=10))
    assert model.forward_head.bounds[-1] == 7_000
    with pytest.raises(OptionError, match="cutoffs"):
        build_two_way_model(dataclasses.replace(config, words=config.cutoffs[-1]))


TAGGING_WORDS = Vocabulary(["xxunk", *TYPES[:8]])
BELOW = {
    **{
        f"one way, {kind}": dataclasses.replace(SMALL, recurrence=kind, dropout=0.2, tied=False)
        for kind in Recurrence
    },
    **{f"two ways, {kind}": dataclasses.replace(TWO_WAY, recurrence=kind) for kind in Recurrence},
}
every_model_below = pytest.mark.parametrize("name", BELOW)


def with_two_heads(below):
    heads = [
        TagHead(Softmax(), TagSet("a", tuple("abcd")), 14),
        TagHead(CRF(), TagSet("b", tuple("abc")), 14),
    ]
    return build_tagging_model(below.encoder, heads, hidden=7, dropout=0.3)


def tagging_model(name):
    """A model with a softmax head of four tags and a CRF head of three, and what makes its inputs
    of ids.
    """
    config = BELOW[name]
    if isinstance(config, WordModelConfig):
        below = build_two_way_model(config)
        encoder = WordEncoder(TAGGING_WORDS, WordHasher(config.buckets))

        def inputs(rows):
            return encoder([[TYPES[number] for number in row] for row in rows])
    else:
        below = build_language_model(config)

        def inputs(rows):
            longest = max(map(len, rows))
            return torch.tensor([row + [0] * (longest - len(row)) for row in rows])

    return below, with_two_heads(below), inputs


ROWS = [[1, 2, 3, 4, 5], [6], [7, 8, 9]]


@every_model_below
def test_every_head_reads_the_same_states_and_has_its_own_loss(name):
    _, model, inputs = tagging_model(name)
    model.eval()
    lengths = torch.tensor([5, 1, 3])
    gold = [
        torch.tensor([[0, 1, 2, 0, 1], [2, -100, -100, -100, -100], [1, -100, 0, -100, -100]])
        for _ in range(2)
    ]
    losses, hidden = model(inputs(ROWS), lengths, gold), model.hidden(inputs(ROWS), lengths)
    assert hidden.shape == (3, 5, 14)
    expected = [
        head.loss(hidden, tags, lengths) for head, tags in zip(model.heads, gold, strict=True)
    ]
    torch.testing.assert_close(losses, torch.stack(expected))
    for found, head in zip(decode(model, inputs(ROWS), lengths), model.heads, strict=True):
        assert torch.equal(found.tags, padded_scores(head, hidden, lengths).tags)
    decisions = [Decision(threshold_offset=50.0), Decision(0.5)]
    first, second = decode(model, inputs(ROWS), lengths, decisions)
    assert (first.tags[torch.arange(5) < lengths[:, None]] != 0).all()
    assert torch.equal(
        second.probabilities,
        padded_scores(model.heads[1], hidden, lengths, decisions[1]).probabilities,
    )


@every_model_below
def test_a_head_is_swapped_on_the_language_models_own_encoder(name):
    below, model, inputs = tagging_model(name)
    assert model.encoder is below.encoder
    gold = [torch.tensor([[0, 1, 2], [1, -100, -100]]) for _ in range(2)]
    model(inputs([[1, 2, 3], [4]]), torch.tensor([3, 1]), gold).sum().backward()
    names = [name for name, parameter in model.named_parameters() if not parameter.grad.any()]
    assert names == []


PIECES = Pieces.train({word: 20 - number for number, word in enumerate(TYPES)}, size=268)
OF_PIECES = PieceModelConfig(
    pieces=len(PIECES), embedding=6, hidden=10, cutoffs=(20, 100), dropout=0.3
)
PIECE_ROWS = [["word1", "word", "数", "words", "a"], ["Oslo"], ["word13", "d", "word"]]


def piece_tagging_model():
    """A language model over pieces, and a model with two heads on it."""
    below = build_two_way_model(OF_PIECES)
    return below, with_two_heads(below)


@torch.no_grad()
def test_a_word_has_the_states_of_language_models_that_have_read_its_pieces():
    below, model = piece_tagging_model()
    below.eval()
    model.eval()
    lengths = torch.tensor([5, 1, 3])
    found = model.hidden(PieceEncoder(PIECES)(PIECE_ROWS), lengths)
    assert found.shape == (3, 5, 14)
    for number, words in enumerate(PIECE_ROWS):
        cut = [torch.from_numpy(PIECES.encode([word]).ids.astype(np.int64)) for word in words]
        vectors = below.encoder.embedder.table.weight[torch.cat(cut)]
        ends = np.cumsum([len(ids) for ids in cut])
        ahead = below.encoder.forward_encoder(vectors[None])[0][0]
        back = below.encoder.backward_encoder(vectors[None].flip(1))[0][0].flip(0)
        rows = []
        for end, ids in zip(ends, cut, strict=True):
            mean = below.encoder.embedder.table.weight[ids].mean(dim=0)
            rows.append(torch.cat([ahead[end - 1], back[end - len(ids)], mean]))
        expected = model.second(torch.stack(rows)[None], lengths[number : number + 1])
        torch.testing.assert_close(found[number, : len(words)], expected[0])


@pytest.mark.parametrize("pieces", [258, 4_000, 30_000])
def test_the_english_piece_config_is_that_of_a_model(pieces):
    model = build_two_way_model(english_piece_config(pieces))
    assert model.forward_head.bounds[-1] == len(model.encoder.embedder.table.weight) == pieces
