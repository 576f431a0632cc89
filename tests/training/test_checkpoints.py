"""Folders that come back as they were, or are refused in one sentence that names the file."""

import dataclasses
import errno
import os

import pytest
import torch
from safetensors.torch import save_file
from torch import nn

from seqlabel.errors import CheckpointError
from seqlabel.nn.network_configs import LanguageModelConfig, PointerConfig
from seqlabel.nn.networks import build_language_model
from seqlabel.training.checkpoints import (
    highest_accuracy,
    highest_score,
    load_weights,
    lowest_loss,
    read_tensors,
    save_weights,
    write_tensors,
)
from seqlabel.training.progress import EpochReport
from tests.weights import same_weights

CONFIG = LanguageModelConfig(
    vocabulary=9, embedding=4, hidden=4, dropout=0.5, pointer=PointerConfig(width=3, window=5)
)


def build(config=CONFIG, seed=0):
    torch.manual_seed(seed)
    return build_language_model(config)


def full_disk(*_, **__):
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


@pytest.mark.skipif(os.name != "posix", reason="the bits are those of POSIX")
def test_weights_may_be_read_by_whom_other_files_may(tmp_path):
    path = tmp_path / "weights.safetensors"
    save_weights(path, build())
    (tmp_path / "other").write_text("anything")
    assert path.stat().st_mode == (tmp_path / "other").stat().st_mode


def test_a_file_is_that_of_the_library_and_views_are_written_as_what_they_show(tmp_path):
    whole = torch.randn(4, 6)
    tensors = {"view": whole.t()[1:3], "half": whole[:, ::2].half(), "alone": whole.bfloat16()}
    tensors |= {"table": (whole * 9).to(torch.int8), "b": whole[0] > 0}
    tensors |= {"one": torch.tensor(2.0), "none": torch.zeros(0, 3)}
    write_tensors(tmp_path / "ours", tensors)
    assert same_weights(read_tensors(tmp_path / "ours"), tensors)
    kinds = (torch.float32, torch.int8)
    numbers = {name: tensor for name, tensor in tensors.items() if tensor.dtype in kinds}
    write_tensors(tmp_path / "ours", numbers)
    save_file({name: tensor.contiguous() for name, tensor in numbers.items()}, tmp_path / "theirs")
    assert (tmp_path / "ours").read_bytes() == (tmp_path / "theirs").read_bytes()


def test_buffers_come_back(tmp_path):
    path = tmp_path / "weights.safetensors"
    model, other = nn.BatchNorm1d(3), nn.BatchNorm1d(3)
    model(torch.randn(5, 3))
    save_weights(path, model)
    load_weights(path, other)
    assert same_weights(model, other)
    assert int(other.num_batches_tracked) == 1


def test_tied_weights_are_stored_once_and_stay_tied(tmp_path):
    path = tmp_path / "weights.safetensors"
    model, other = build(seed=0), build(seed=1)
    save_weights(path, model)
    tensors = read_tensors(path)
    assert sum(tensor.numel() for tensor in tensors.values()) == sum(
        p.numel() for p in model.parameters()
    )
    load_weights(path, other)
    assert other.head.output.weight is other.encoder.embedder.table.weight
    assert torch.equal(other.head.output.weight, model.encoder.embedder.table.weight)


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"hidden": 5, "embedding": 5}, r"\(\d, 4\).*\(\d, 5\)"),
        ({"pointer": None}, "copier"),
        ({"tied": False}, r"head\.output\.weight"),
        ({"dropout": 0.0, "layers": 3}, "missing"),
    ],
)
def test_another_models_weights_are_refused_and_nothing_is_loaded(tmp_path, change, named):
    path = tmp_path / "weights.safetensors"
    save_weights(path, build())
    other = build(dataclasses.replace(CONFIG, **change), seed=1)
    with pytest.raises(CheckpointError, match=named) as caught:
        load_weights(path, other)
    assert str(caught.value).startswith(str(path))
    assert same_weights(other, build(dataclasses.replace(CONFIG, **change), seed=1))


def damaged(content, damage):
    """The content of a file after some damage."""
    if isinstance(damage, bytes):
        return damage
    return content[: int(damage * len(content)) if isinstance(damage, float) else damage]


@pytest.mark.parametrize(
    "damage", [0, 1, 7, 8, 9, 40, 0.5, -1, b"\xff" * 100, b"just some text, long enough", bytes(64)]
)
def test_damaged_weights_are_refused_by_name(tmp_path, damage):
    path = tmp_path / "weights.safetensors"
    save_weights(path, build())
    path.write_bytes(damaged(path.read_bytes(), damage))
    with pytest.raises(CheckpointError, match=r"weights\.safetensors"):
        load_weights(path, build())
    with pytest.raises(CheckpointError, match=r"weights\.safetensors"):
        read_tensors(path, sha256="0" * 64)


def test_what_is_missing_or_not_a_file_is_refused(tmp_path):
    for path in (tmp_path / "weights.safetensors", tmp_path):
        with pytest.raises(CheckpointError, match=path.name):
            load_weights(path, build())


@pytest.mark.parametrize(
    "change",
    [
        lambda tensor: tensor.double(),
        lambda tensor: tensor.to(torch.int8),
        lambda tensor: tensor * torch.inf,
        lambda tensor: tensor * torch.nan,
    ],
    ids=["64 bits", "8 bits", "infinite", "not a number"],
)
def test_numbers_of_another_type_or_without_end_are_refused(tmp_path, change):
    path, name = tmp_path / "weights.safetensors", "encoder.embedder.table.weight"
    save_weights(path, build())
    tensors = read_tensors(path)
    write_tensors(path, tensors | {name: change(tensors[name])})
    other = build(seed=1)
    with pytest.raises(CheckpointError, match=name):
        load_weights(path, other)
    assert same_weights(other, build(seed=1))


TABLE = "encoder.embedder.table.weight"


@pytest.mark.parametrize(
    ("name", "scale"),
    [
        (TABLE, torch.ones(9)),
        (TABLE, torch.ones(1, 1)),
        (TABLE, torch.ones(9, 1).double()),
        ("copier.gate.bias", torch.ones(1, 1)),
        ("tower", torch.ones(1, 1)),
    ],
    ids=["a vector", "one row", "64 bits", "of no matrix", "of nothing"],
)
def test_scales_that_fit_no_matrix_are_refused(tmp_path, monkeypatch, name, scale):
    monkeypatch.setattr("seqlabel.training.checkpoints.TABLE_ROWS", 9)
    path = tmp_path / "weights.safetensors"
    save_weights(path, build(), compact=True)
    load_weights(path, build(seed=1))
    write_tensors(path, read_tensors(path) | {f"{name}|scale": scale})
    with pytest.raises(CheckpointError, match=name):
        load_weights(path, build())


def report(epoch, *, train_loss=1.0, valid_loss=None, accuracy=None, score=None):
    return EpochReport(epoch, 3, train_loss, valid_loss, accuracy, 0.5, 100, score)


def test_scores_rise_with_better_reports():
    assert lowest_loss(report(1, valid_loss=0.1)) > lowest_loss(report(1, valid_loss=0.2))
    assert lowest_loss(report(1, train_loss=0.1)) > lowest_loss(report(1, train_loss=0.2))
    assert lowest_loss(report(1, train_loss=0.1, valid_loss=2.0)) == -2.0
    assert highest_accuracy(report(1, valid_loss=9.0, accuracy=0.9)) > highest_accuracy(
        report(1, accuracy=0.8)
    )
    assert highest_accuracy(report(1, train_loss=3.0)) == -3.0
    assert highest_score(report(1, accuracy=0.1, score=0.9)) > highest_score(
        report(1, accuracy=0.9, score=0.8)
    )
    # A score of nothing is a score.
    assert highest_score(report(1, accuracy=0.9, score=0.0)) == 0.0
    assert highest_score(report(1, accuracy=0.9)) == 0.9
    assert highest_score(report(1, valid_loss=3.0)) == -3.0
