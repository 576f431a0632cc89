"""What summary and show_batch print, against shapes and words written out by hand."""

import dataclasses
import re

import pytest
import torch
from torch import nn

from seqlabel.batches.language import IGNORED, LanguageModelBatch
from seqlabel.lesson.ladder import LADDER
from seqlabel.nn.copying import ContinuousCache
from seqlabel.nn.network_configs import LanguageModelConfig, PointerConfig
from seqlabel.nn.networks import CopyingLanguageModel, build_language_model
from seqlabel.reports.inspection import show_batch, summary
from seqlabel.text.vocabulary import Vocabulary

WORDS = 11
TIED = LanguageModelConfig(vocabulary=WORDS, embedding=6, hidden=6)
UNTIED = dataclasses.replace(TIED, embedding=5, tied=False, dropout=0.5)
POINTER = dataclasses.replace(TIED, pointer=PointerConfig(width=3, window=4))


def some_batch(rows=2, time=3):
    ids = torch.arange(rows * (time + 1)).reshape(rows, time + 1) % WORDS
    return LanguageModelBatch(inputs=ids[:, :-1], targets=ids[:, 1:])


def build(config):
    torch.manual_seed(0)
    return build_language_model(config)


def rows_of(text):
    """The title, and for each layer its cells: name, kind, shape, dtype, number, whether it is
    shared.
    """
    title, header, *lines = text.split("\n")
    assert header.split() == ["layer", "kind", "output", "dtype", "parameters"]
    assert {len(line) for line in lines} == {len(header)}
    rows = []
    for line in lines:
        name, kind, shape, dtype, size = re.split(r"\s{2,}", line.strip())
        number = size.removesuffix(" (shared)")
        rows.append((name, kind, shape, dtype, int(number.replace(",", "")), size != number))
    return title, rows


def parameters(model):
    return sum({id(weight): weight.numel() for weight in model.parameters()}.values())


def test_every_layer_has_its_shape_and_its_parameters():
    _, rows = rows_of(summary(build(UNTIED), some_batch()))
    gru = [3 * (6 * width + 6 * 6 + 6 + 6) for width in (5, 6)]
    assert rows == [
        ("encoder.embedder.table", "Embedding", "2 × 3 × 5", "float32", 11 * 5, False),
        ("encoder.embedder.dropout", "VariationalDropout", "2 × 3 × 5", "float32", 0, False),
        ("encoder.forward_encoder.stacks.0", "GRU", "2 × 3 × 6", "float32", gru[0], False),
        ("encoder.forward_encoder.dropout", "VariationalDropout", "2 × 3 × 6", "float32", 0, False),
        ("encoder.forward_encoder.stacks.1", "GRU", "2 × 3 × 6", "float32", gru[1], False),
        ("encoder.forward_encoder.dropout", "VariationalDropout", "2 × 3 × 6", "float32", 0, False),
        ("head.norm", "LayerNorm", "2 × 3 × 6", "float32", 6 + 6, False),
        ("head.output", "Linear", "2 × 3 × 11", "float32", 6 * 11 + 11, False),
    ]


def test_a_tied_weight_is_counted_once():
    model = build(TIED)
    title, rows = rows_of(summary(model, some_batch()))
    by_name = {name: (size, shared) for name, _, _, _, size, shared in rows}
    assert by_name["encoder.embedder.table"] == (WORDS * 6, False)
    assert by_name["head.output"] == (WORDS, True)
    assert sum(row[4] for row in rows) == parameters(model)
    assert title == f"SequenceModel: {parameters(model):,} parameters; input 2 × 3 (batch × time)"


def with_cache():
    return CopyingLanguageModel(build(TIED), ContinuousCache(window=3, sharpness=1.0, weight=0.5))


@pytest.mark.parametrize(
    "make",
    [
        pytest.param(lambda: build(UNTIED), id="untied"),
        pytest.param(lambda: build(dataclasses.replace(TIED, embedding=64, hidden=64)), id="wide"),
        pytest.param(lambda: build(POINTER), id="pointer"),
        pytest.param(with_cache, id="cache"),
        *(pytest.param(lambda step=step: step.build(WORDS, 8), id=step.name) for step in LADDER),
    ],
)
def test_the_rows_add_up_to_the_total(make):
    model = make()
    title, rows = rows_of(summary(model, some_batch(rows=4)))
    assert title.startswith(
        f"{type(model).__name__}: {parameters(model):,} parameters; input 4 × 3 "
    )
    assert sum(row[4] for row in rows) == parameters(model)


def test_only_layers_with_parameters_or_dropout_are_shown():
    class Model(nn.Module):
        def __init__(self):
            super().__init__()
            self.layers = nn.Sequential(
                nn.Embedding(WORDS, 4), nn.ReLU(), nn.Dropout(0.5), nn.Linear(4, WORDS)
            )

        def forward(self, inputs, state):
            return self.layers(inputs), state

    _, rows = rows_of(summary(Model(), some_batch()))
    assert [row[1] for row in rows] == ["Embedding", "Dropout", "Linear"]


def test_the_dtype_is_that_of_the_output():
    _, rows = rows_of(summary(build(UNTIED).bfloat16(), some_batch()))
    assert {row[3] for row in rows} == {"bfloat16"}


def hooks(model):
    return [hook for module in model.modules() for hook in module._forward_hooks.values()]


@pytest.mark.parametrize("config", [TIED, POINTER], ids=["tied", "pointer"])
def test_the_model_is_left_as_it_was(config):
    model = build(dataclasses.replace(config, dropout=0.5)).train()
    next(model.children()).eval()
    modes = [module.training for module in model.modules()]
    weights = {name: tensor.clone() for name, tensor in model.state_dict().items()}
    random_state = torch.get_rng_state()
    summary(model, some_batch())
    assert hooks(model) == []
    assert [module.training for module in model.modules()] == modes
    assert all(torch.equal(tensor, weights[name]) for name, tensor in model.state_dict().items())
    assert all(parameter.grad is None for parameter in model.parameters())
    assert torch.equal(torch.get_rng_state(), random_state)


def test_hooks_and_mode_are_put_back_after_an_error_too():
    model = build(TIED).train()
    outside = LanguageModelBatch(
        inputs=torch.full((2, 3), WORDS), targets=torch.zeros(2, 3, dtype=torch.int64)
    )
    with pytest.raises(IndexError):
        summary(model, outside)
    assert hooks(model) == []
    assert all(module.training for module in model.modules())


VOCABULARY = Vocabulary(["xxunk", "one", "two", "three", "thirteen", ","])


def slow_rows(batch, rows, words):
    """The words of each line: what is read and what is to be predicted, with a dot for what is
    not.
    """
    lines = []
    for number in range(min(rows, batch.inputs.shape[0])):
        for label, ids in (("x", batch.inputs[number]), ("y", batch.targets[number])):
            shown = ["·" if index == IGNORED else list(VOCABULARY)[index] for index in ids.tolist()]
            more = ["…"] if len(ids) > words else []
            lines.append(["row", str(number), label, *shown[:words], *more])
    return lines


def word_batch(rows, time):
    ids = torch.randint(
        len(VOCABULARY), (rows, time + 1), generator=torch.Generator().manual_seed(0)
    )
    targets = ids[:, 1:].clone()
    targets[0, 1:] = IGNORED
    targets[-1, 0] = IGNORED
    return LanguageModelBatch(inputs=ids[:, :-1], targets=targets)


@pytest.mark.parametrize(
    ("rows", "time", "options"),
    [
        (1, 1, {}),
        (2, 4, {}),
        (5, 12, {}),
        (8, 13, {}),
        (6, 30, {}),
        (6, 9, {"rows": 1, "words": 1}),
        (6, 9, {"rows": 2, "words": 3}),
        (6, 9, {"rows": 7, "words": 40}),
    ],
)
def test_rows_are_shown_as_words_and_each_target_below_its_word(rows, time, options):
    batch = word_batch(rows, time)
    lines = show_batch(batch, VOCABULARY, **options).split("\n")
    shown = [line for line in lines if line.startswith("row")]
    most = {"rows": 5, "words": 12} | options
    assert [line.split() for line in shown] == slow_rows(batch, **most)
    left = rows - most["rows"]
    assert lines[len(shown) :] == ([f"… {left} more rows"] if left > 0 else [])
    for read, wanted in zip(shown[::2], shown[1::2], strict=True):
        starts = [[cell.start() for cell in re.finditer(r"\S+", line)] for line in (read, wanted)]
        assert starts[0] == starts[1]
    assert [line for line in lines if line.endswith(" ")] == []
