"""Folders that come back as they were, or are refused in one sentence that names the file."""

import dataclasses
import errno
import hashlib
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

CONFIG = LanguageModelConfig(
    vocabulary=9, embedding=4, hidden=4, dropout=0.5, pointer=PointerConfig(width=3, window=5)
)


def build(config=CONFIG, seed=0):
    torch.manual_seed(seed)
    return build_language_model(config)


def same_weights(one, other):
    left, right = one.state_dict(), other.state_dict()
    return left.keys() == right.keys() and all(
        torch.equal(left[name], right[name]) for name in left
    )


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
    tensors = {
        "view": whole.t()[1:3],
        "half": whole[:, ::2].half(),
        "table": (whole * 9).to(torch.int8),
    }
    tensors |= {
        "one": torch.tensor(2.0),
        "none": torch.zeros(0, 3),
        "alone": whole.bfloat16(),
        "b": whole[0] > 0,
    }
    write_tensors(tmp_path / "ours", tensors)
    save_file({name: tensor.contiguous() for name, tensor in tensors.items()}, tmp_path / "theirs")
    found = read_tensors(tmp_path / "ours")
    assert found.keys() == tensors.keys()
    assert all(torch.equal(found[name], tensor) for name, tensor in tensors.items())
    numbers = {
        name: tensor
        for name, tensor in tensors.items()
        if tensor.dtype in (torch.float32, torch.int8)
    }
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
    ("change", "message"),
    [
        ({"hidden": 5, "embedding": 5}, r"has shape \(\d, 4\), this model needs \(\d, 5\)"),
        ({"pointer": None}, "is not in this model"),
        ({"tied": False}, r"head\.output\.weight is missing"),
        ({"dropout": 0.0, "layers": 3}, r"is missing; and \d more"),
    ],
)
def test_another_models_weights_are_refused_and_nothing_is_loaded(tmp_path, change, message):
    path = tmp_path / "weights.safetensors"
    save_weights(path, build())
    other = build(dataclasses.replace(CONFIG, **change), seed=1)
    with pytest.raises(CheckpointError, match=message) as caught:
        load_weights(path, other)
    assert str(caught.value).startswith(f"{path}: these are another model's weights")
    assert same_weights(other, build(dataclasses.replace(CONFIG, **change), seed=1))


@pytest.mark.parametrize("keep", [0, 1, 7, 8, 9, 40, 0.5, -1])
def test_weights_that_are_cut_off_are_refused_by_name(tmp_path, keep):
    path = tmp_path / "weights.safetensors"
    save_weights(path, build())
    content = path.read_bytes()
    path.write_bytes(content[: int(keep * len(content)) if isinstance(keep, float) else keep])
    with pytest.raises(CheckpointError, match=r"weights\.safetensors: .* cut off or damaged"):
        load_weights(path, build())


@pytest.mark.parametrize("content", [b"\xff" * 100, b"just some text, long enough", bytes(64)])
def test_what_is_not_safetensors_is_refused_by_name(tmp_path, content):
    path = tmp_path / "weights.safetensors"
    path.write_bytes(content)
    with pytest.raises(CheckpointError, match=r"weights\.safetensors"):
        load_weights(path, build())


def test_missing_weights_are_refused_by_name(tmp_path):
    with pytest.raises(CheckpointError, match=r"weights\.safetensors: there is no such file"):
        load_weights(tmp_path / "weights.safetensors", build())
    with pytest.raises(CheckpointError, match="there is no such file"):
        load_weights(tmp_path, build())


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="a FIFO is of POSIX")
def test_a_fifo_is_refused_at_once(tmp_path):
    os.mkfifo(tmp_path / "weights.safetensors")
    with pytest.raises(CheckpointError, match="there is no such file"):
        load_weights(tmp_path / "weights.safetensors", build())


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            lambda t: t.double(),
            r"has numbers of type torch\.float64, this model needs torch\.float32",
        ),
        (lambda t: t.to(torch.int8), r"has numbers of type torch\.int8"),
        (lambda t: t * torch.inf, "has numbers that are not finite"),
        (lambda t: t * torch.nan, "has numbers that are not finite"),
    ],
)
def test_numbers_of_another_type_or_without_end_are_refused(tmp_path, change, message):
    path, name = tmp_path / "weights.safetensors", "encoder.embedder.table.weight"
    save_weights(path, build())
    tensors = read_tensors(path)
    write_tensors(path, tensors | {name: change(tensors[name])})
    other = build(seed=1)
    with pytest.raises(CheckpointError, match=message):
        load_weights(path, other)
    assert same_weights(other, build(seed=1))


@pytest.mark.parametrize(
    ("name", "scale", "message"),
    [
        (
            "encoder.embedder.table.weight|scale",
            torch.ones(9),
            r"has scales of shape \(9,\), this model needs \(9, 1\)",
        ),
        ("encoder.embedder.table.weight|scale", torch.ones(1, 1), r"has scales of shape \(1, 1\)"),
        (
            "encoder.embedder.table.weight|scale",
            torch.ones(9, 1).double(),
            "has scales, but is not a matrix in 8 bits",
        ),
        ("copier.gate.bias|scale", torch.ones(1, 1), "has scales, but is not a matrix in 8 bits"),
        ("tower|scale", torch.ones(1, 1), r"tower\|scale has no matrix in 8 bits"),
    ],
)
def test_scales_that_fit_no_matrix_are_refused(tmp_path, monkeypatch, name, scale, message):
    monkeypatch.setattr("seqlabel.training.checkpoints.TABLE_ROWS", 9)
    path = tmp_path / "weights.safetensors"
    save_weights(path, build(), compact=True)
    load_weights(path, build(seed=1))
    write_tensors(path, read_tensors(path) | {name: scale})
    with pytest.raises(CheckpointError, match=message):
        load_weights(path, build())


def test_a_part_with_another_checksum_is_refused_by_name(tmp_path):
    path = tmp_path / "weights.safetensors"
    save_weights(path, build())
    checksum = hashlib.sha256(path.read_bytes()).hexdigest()
    assert read_tensors(path, sha256=checksum).keys() == read_tensors(path).keys()
    path.write_bytes(path.read_bytes()[:-1] + b"x")
    with pytest.raises(
        CheckpointError, match=r"weights\.safetensors: is damaged, cut off or another model's"
    ):
        read_tensors(path, sha256=checksum)


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
