"""Work recorded by shape gives what it gives as it is; what stands for the GPU here does the work without a graph."""

import pytest
import torch
from torch import nn

from seqlabel.nn.graphs import MOST_SHAPES, ByShape, RecordedModel, padded_to, record, record_learning
from seqlabel.nn.network_configs import LanguageModelConfig, PointerConfig, Recurrence
from seqlabel.nn.networks import build_language_model

needs_cuda = pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a GPU")


class Recorder:
    """Notes the shapes that are recorded; each record refuses others."""

    def __init__(self):
        self.shapes = []

    def __call__(self, work, inputs):
        shapes = [one.shape for one in inputs]
        self.shapes.append(shapes)

        def replay(*given):
            assert [one.shape for one in given] == shapes
            return work(*given)

        return replay


def test_each_shape_is_recorded_once():
    recorder = Recorder()
    double = ByShape(lambda rows: 2 * rows, recorder)
    for size in (3, 5, 3, 5, 3):
        rows = torch.randn(2, size)
        assert torch.equal(double(rows), 2 * rows)
    assert recorder.shapes == [[torch.Size([2, 3])], [torch.Size([2, 5])]]
    double(torch.ones(2, 3, dtype=torch.int64))
    assert len(recorder.shapes) == 3


def test_work_in_more_shapes_than_are_kept_is_done_without_a_record():
    recorder = Recorder()
    double = ByShape(lambda rows: 2 * rows, recorder)
    for size in range(1, MOST_SHAPES + 4):
        assert torch.equal(double(torch.ones(size)), torch.full((size,), 2.0))
    assert len(recorder.shapes) == MOST_SHAPES


@pytest.mark.parametrize(
    "config",
    [
        LanguageModelConfig(vocabulary=11, embedding=6, hidden=6, layers=2),
        LanguageModelConfig(vocabulary=11, embedding=6, hidden=6, recurrence=Recurrence.LSTM),
        LanguageModelConfig(vocabulary=11, embedding=6, hidden=6, pointer=PointerConfig(width=3, window=4)),
    ],
    ids=["gru", "lstm", "pointer"],
)
def test_a_recorded_language_model_says_and_learns_what_it_does_as_it_is(config):
    torch.manual_seed(0)
    model = build_language_model(config)
    recorder = Recorder()
    recorded = RecordedModel(model, recorder)
    inputs, gradients = torch.randint(11, (3, 4, 5)), []
    for run in (model, recorded):
        model.zero_grad()
        state = None
        for piece in inputs:
            logits, state = run(piece, state)
            logits.square().sum().backward(retain_graph=True)
        gradients.append([parameter.grad.clone() for parameter in model.parameters()])
    assert recorder.shapes
    for one, other in zip(*gradients, strict=True):
        assert torch.equal(one, other)


@pytest.mark.parametrize(("rows", "places"), [(1, 1), (4, 8), (5, 9)])
def test_rows_and_places_are_padded_up(rows, places):
    vectors, lengths = torch.randn(rows, places, 3), torch.randint(1, places + 1, (rows,))
    more, counts = padded_to(vectors, lengths, batch=4, time=8)
    assert more.shape[0] % 4 == more.shape[1] % 8 == 0
    assert len(counts) == more.shape[0]
    assert torch.equal(more[:rows, :places], vectors)
    assert torch.equal(counts[:rows], lengths)
    assert not more[rows:].any()
    assert not more[:, places:].any()
    assert (counts[rows:] == 1).all()


@needs_cuda
@torch.inference_mode()
def test_a_graph_gives_what_its_work_gives():
    layer = nn.Linear(4, 3).to("cuda")
    rows = torch.randn(5, 4, device="cuda")
    replay = record(layer, [rows])
    for _ in range(3):
        other = torch.randn(5, 4, device="cuda")
        torch.testing.assert_close(replay(other), layer(other))


@needs_cuda
def test_graphs_of_two_shapes_learn_what_the_module_learns():
    layer = nn.Linear(4, 3).to("cuda")
    by_shape = ByShape(layer, record_learning)
    for size in (5, 2, 5, 2):
        rows = torch.randn(size, 4, device="cuda")
        found = []
        for run in (layer, by_shape):
            layer.zero_grad()
            run(rows).square().sum().backward()
            found.append(layer.weight.grad.clone())
        torch.testing.assert_close(*found)
