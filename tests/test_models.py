"""Whole models: parts that fit, a state that carries on, builders that say their numbers."""

import dataclasses

import pytest
import torch
from torch import nn

from seqlabel.copying import ContinuousCache
from seqlabel.encoders import Recurrence
from seqlabel.errors import OptionError
from seqlabel.models import (
    CopyingLanguageModel,
    LanguageModelConfig,
    PointerConfig,
    SequenceModel,
    build_language_model,
    copying_config,
    human_numbers_config,
)
from seqlabel.states import detach_state, flatten_state

SMALL = LanguageModelConfig(vocabulary=11, embedding=6, hidden=6)
CONFIGS = [
    SMALL,
    dataclasses.replace(SMALL, embedding=5, tied=False, layers=1),
    dataclasses.replace(SMALL, recurrence=Recurrence.LSTM, dropout=0.3, embedding_dropout=0.2),
    dataclasses.replace(SMALL, recurrence=Recurrence.RNN, pointer=PointerConfig(width=3, window=4)),
    dataclasses.replace(SMALL, dropout=0.5, pointer=PointerConfig(width=3, window=50)),
]


@pytest.fixture(autouse=True)
def seed():
    torch.manual_seed(0)


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
    assert model.embedder.table.weight is not model.head.output.weight
    assert (model.embedder.width, model.encoder.width) == (5, 6)
    copying = build_language_model(CONFIGS[3])
    assert isinstance(copying, CopyingLanguageModel)
    assert copying.copier.window == 4
    assert copying.language_model.embedder.table.weight is copying.language_model.head.output.weight


def parameters(model):
    return sum(parameter.numel() for parameter in model.parameters())


@pytest.mark.parametrize("recurrence", Recurrence)
@pytest.mark.parametrize("dropout", [0.0, 0.5])
def test_the_number_of_parameters_is_that_of_the_equations(recurrence, dropout):
    config = dataclasses.replace(
        SMALL, embedding=5, hidden=7, layers=3, tied=False, recurrence=recurrence, dropout=dropout
    )
    gates = {Recurrence.RNN: 1, Recurrence.GRU: 3, Recurrence.LSTM: 4}[recurrence]
    layers = [gates * (7 * width + 7 * 7 + 2 * 7) for width in (5, 7, 7)]
    norm = 2 * 7
    assert parameters(build_language_model(config)) == 11 * 5 + sum(layers) + norm + 11 * 7 + 11


def test_a_shut_pointer_leaves_the_language_model():
    model = build_language_model(CONFIGS[3]).eval()
    nn.init.zeros_(model.copier.gate.weight)
    nn.init.constant_(model.copier.gate.bias, -1e3)
    ids = torch.randint(11, (2, 9))
    torch.testing.assert_close(model(ids)[0], model.language_model(ids)[0].log_softmax(dim=-1))


def test_a_cache_goes_on_a_trained_model_and_gives_probabilities():
    model = CopyingLanguageModel(
        build_language_model(SMALL), ContinuousCache(window=5, sharpness=2.0, weight=0.5)
    ).eval()
    ids = torch.tensor([[1, 2, 3, 1, 2, 3, 1, 2]])
    log_probabilities, (_, memory) = model(ids)
    torch.testing.assert_close(log_probabilities.exp().sum(dim=-1), torch.ones(1, 8))
    assert memory.words.shape == (1, 5)
    alone = model.language_model(ids)[0].softmax(dim=-1)
    assert log_probabilities[0, -1, 3].exp() > alone[0, -1, 3]


def test_tied_widths_must_agree():
    with pytest.raises(OptionError, match="tied"):
        build_language_model(dataclasses.replace(SMALL, embedding=5))


@pytest.mark.parametrize(
    ("change", "name"),
    [
        ({"dropout": 1.0}, "dropout"),
        ({"embedding_dropout": -1}, "dropout"),
        ({"pointer": PointerConfig(3, 0)}, "window"),
    ],
)
def test_numbers_outside_are_refused(change, name):
    with pytest.raises(OptionError, match=f"{name}: found"):
        build_language_model(dataclasses.replace(SMALL, **change))


@pytest.mark.parametrize("config", [SMALL, PointerConfig()])
def test_configs_are_frozen(config):
    with pytest.raises(dataclasses.FrozenInstanceError):
        config.width = 3


@pytest.mark.parametrize("builder", [human_numbers_config, copying_config])
def test_named_builders_give_models_of_the_vocabulary(builder):
    model = build_language_model(builder(39))
    logits, _ = model(torch.zeros(1, 2, dtype=torch.int64))
    assert logits.shape == (1, 2, 39)
    assert isinstance(model, CopyingLanguageModel) == (builder is copying_config)
