"""Trainings that come back as they were, or are refused in one sentence that names the file."""

import dataclasses
import os
import random

import numpy as np
import pytest
import torch

from seqlabel.errors import CheckpointError
from seqlabel.io.files import read_json, write_json
from seqlabel.io.folders import previous_folder
from seqlabel.nn.states import detach_state, flatten_state
from seqlabel.training import checkpoints as checkpoints_module
from seqlabel.training import resuming as training_state
from seqlabel.training.averaging import WeightAverage
from seqlabel.training.checkpoints import Checkpoints, load_weights, save_weights
from seqlabel.training.resuming import Progress, load_training, save_training
from seqlabel.training.stored import FORMAT
from tests.training.test_checkpoints import CONFIG, build, damaged, full_disk, report
from tests.weights import same_weights, weights_of

OPTIONS = {"epochs": 3, "schedule": {"max_lr": 0.1}, "max_grad_norm": None, "precision": "no"}
CPU = torch.device("cpu")


def started(folder, seed=0):
    """A training a few steps in: its checkpoints, model, optimizer and progress."""
    model = build(seed=seed)
    optimizer = torch.optim.AdamW(model.parameters(), lr=0.1, fused=True)
    state = None
    for _ in range(3):
        optimizer.zero_grad()
        logits, state = model(torch.randint(9, (2, 4)), detach_state(state))
        logits.log_softmax(dim=-1)[..., 1].mean().neg().backward()
        optimizer.step()
    progress = Progress(
        epoch=1,
        step=2,
        state=detach_state(state),
        loss_sum=torch.tensor(3.25, dtype=torch.float64),
        count=torch.tensor(17),
        seconds=1.5,
        reports=[report(1, train_loss=0.1 + 0.2, valid_loss=1 / 3, accuracy=0.5)],
        precision="bf16",
    )
    return (
        Checkpoints(folder, save=lambda place: save_weights(place / "model.safetensors", model)),
        model,
        optimizer,
        progress,
    )


def some_numbers():
    """Numbers drawn from each generator that a training may use."""
    return random.random(), np.random.standard_normal(3).tolist(), torch.rand(3).tolist()


def parameters_of(model):
    return {name: parameter.detach().clone() for name, parameter in model.named_parameters()}


def test_a_training_comes_back_whole(tmp_path):
    checkpoints, model, optimizer, progress = started(tmp_path)
    random.seed(3)
    np.random.seed(4)
    torch.manual_seed(5)
    np.random.standard_normal()
    save_training(checkpoints, model, optimizer, progress, OPTIONS)
    expected = some_numbers()

    other = build(seed=9)
    other_optimizer = torch.optim.AdamW(other.parameters(), lr=9.0, fused=True)
    found = load_training(checkpoints, other, other_optimizer, OPTIONS, CPU)
    assert some_numbers() == expected
    assert same_weights(model, other)
    assert (found.epoch, found.step, found.seconds, found.reports) == (1, 2, 1.5, progress.reports)
    assert (float(found.loss_sum), found.loss_sum.dtype) == (3.25, torch.float64)
    assert (int(found.count), found.count.dtype) == (17, torch.int64)
    (shape, tensors), (wanted_shape, wanted) = map(flatten_state, (found.state, progress.state))
    assert shape == wanted_shape
    assert all(torch.equal(left, right) for left, right in zip(tensors, wanted, strict=True))
    before, after = optimizer.state_dict(), other_optimizer.state_dict()
    assert before["state"].keys() == after["state"].keys()
    for number, values in before["state"].items():
        assert values.keys() == after["state"][number].keys()
        assert all(torch.equal(values[name], after["state"][number][name]) for name in values)
    assert after["param_groups"][0]["lr"] == 0.1


@pytest.mark.parametrize("averages_inside", [False, True])
def test_a_training_with_an_average_comes_back_whole(tmp_path, averages_inside):
    checkpoints, model, optimizer, progress = started(tmp_path)
    average = WeightAverage(model, 0.9)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.add_(1)
    for _ in range(3):
        average.update()
    trained = parameters_of(model)
    averaged = {name: tensor.clone() for name, tensor in average.tensors().items()}
    assert not any(torch.equal(trained[name], averaged[name]) for name in trained)
    if averages_inside:
        average.swap()
    save_training(checkpoints, model, optimizer, progress, OPTIONS, average)
    assert average.in_model == averages_inside
    assert same_weights(parameters_of(model), averaged if averages_inside else trained)

    # The model in the folder is the one to use: the average.
    stored = build(seed=8)
    load_weights(checkpoints.last / "model.safetensors", stored)
    assert same_weights(parameters_of(stored), averaged)
    other = build(seed=9)
    found = WeightAverage(other, 0.9)
    other_optimizer = torch.optim.AdamW(other.parameters(), lr=9.0, fused=True)
    assert load_training(checkpoints, other, other_optimizer, OPTIONS, CPU, found).step == 2
    assert (found.updates, found.in_model) == (3, True)
    assert same_weights(parameters_of(other), averaged)
    found.swap()
    assert same_weights(parameters_of(other), trained)


def test_a_training_without_an_average_is_not_gone_on_with_one(tmp_path):
    checkpoints, model, optimizer, progress = started(tmp_path)
    save_training(checkpoints, model, optimizer, progress, OPTIONS)
    with pytest.raises(CheckpointError, match="last: "):
        load_training(checkpoints, model, optimizer, OPTIONS, CPU, WeightAverage(model, 0.9))


def test_nothing_saved_yet_is_none_and_changes_nothing(tmp_path):
    checkpoints, model, optimizer, _ = started(tmp_path)
    before, state = weights_of(model), torch.get_rng_state()
    assert load_training(checkpoints, model, optimizer, OPTIONS, CPU) is None
    assert same_weights(model, before)
    assert torch.equal(state, torch.get_rng_state())


def saved(tmp_path):
    checkpoints, model, optimizer, progress = started(tmp_path)
    save_training(checkpoints, model, optimizer, progress, OPTIONS)
    return checkpoints


def load(checkpoints, *, config=CONFIG, options=OPTIONS):
    model = build(config, seed=7)
    return load_training(
        checkpoints, model, torch.optim.AdamW(model.parameters(), fused=True), options, CPU
    )


@pytest.mark.parametrize("keep", [None, 0, 8, 0.3, -2])
@pytest.mark.parametrize("name", ["training.json", "training.safetensors"])
def test_a_damaged_training_is_refused_by_name(tmp_path, name, keep):
    checkpoints = saved(tmp_path)
    path = checkpoints.last / name
    content = path.read_bytes()
    path.unlink()
    if keep is not None:
        path.write_bytes(damaged(content, keep))
    with pytest.raises(CheckpointError, match=name):
        load(checkpoints)


@pytest.mark.parametrize("content", ["[]", "{}", "null", '{"format": 1, "epoch": 1}', None])
def test_a_training_that_is_something_else_is_refused_by_name(tmp_path, content):
    checkpoints = saved(tmp_path)
    path = checkpoints.last / "training.json"
    if content is None:
        write_json(path, {**read_json(path), "format": FORMAT + 1})
    else:
        path.write_text(content, encoding="utf-8")
    with pytest.raises(CheckpointError, match=r"training\.json"):
        load(checkpoints)


@pytest.mark.parametrize(
    "change", [{"hidden": 5, "embedding": 5}, {"pointer": None}, {"layers": 1}, {"tied": False}]
)
def test_another_models_training_is_refused_by_name(tmp_path, change):
    checkpoints = saved(tmp_path)
    with pytest.raises(CheckpointError, match=r"training\.safetensors: "):
        load(checkpoints, config=dataclasses.replace(CONFIG, **change))


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"epochs": 4}, r"epochs 3.*4"),
        ({"schedule": {"max_lr": 0.2}}, "schedule"),
        ({"max_grad_norm": 1.0, "precision": "bf16"}, "max_grad_norm.*precision"),
        ({"new": True}, "new"),
    ],
)
def test_other_options_are_refused_by_name(tmp_path, change, named):
    checkpoints = saved(tmp_path)
    with pytest.raises(CheckpointError, match=named) as caught:
        load(checkpoints, options={**OPTIONS, **change})
    assert str(caught.value).startswith(str(checkpoints.last))


def test_a_training_is_found_after_a_stop_between_the_two_renames(tmp_path):
    checkpoints = saved(tmp_path)
    checkpoints.last.rename(previous_folder(checkpoints.last))
    assert load(checkpoints).step == 2


@pytest.mark.parametrize("call", ["save", "write_tensors", "write_json", "fsync"])
def test_a_full_disk_leaves_the_last_good_training(tmp_path, monkeypatch, call):
    checkpoints, model, optimizer, progress = started(tmp_path)
    save_training(checkpoints, model, optimizer, progress, OPTIONS)
    before = {path.name: path.read_bytes() for path in checkpoints.last.iterdir()}
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.add_(1)
    progress.step = 3
    homes = {"fsync": os, "write_tensors": checkpoints_module, "write_json": training_state}
    if call == "save":
        checkpoints = dataclasses.replace(checkpoints, save=full_disk)
    with monkeypatch.context() as patch:
        if call in homes:
            patch.setattr(homes[call], call, full_disk)
        with pytest.raises(CheckpointError, match="last: "):
            save_training(checkpoints, model, optimizer, progress, OPTIONS)
    assert {path.name: path.read_bytes() for path in checkpoints.last.iterdir()} == before
    assert [path.name for path in tmp_path.iterdir()] == ["last"]
    assert load(checkpoints).step == 2
