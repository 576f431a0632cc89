"""Folders that come back as they were, or are refused in one sentence that names the file."""

import dataclasses
import errno
import json
import os

import pytest
import torch
from torch import nn

from seqlabel.errors import CheckpointError
from seqlabel.files import previous_folder
from seqlabel.nn.networks import LanguageModelConfig, PointerConfig, build_language_model
from seqlabel.training.checkpoints import (
    FORMAT,
    config_from,
    highest_accuracy,
    highest_score,
    load_weights,
    lowest_loss,
    read_config,
    read_kind,
    read_tensors,
    save_weights,
    write_config,
)
from seqlabel.training.progress import EpochReport

CONFIG = LanguageModelConfig(vocabulary=9, embedding=4, hidden=4, dropout=0.5, pointer=PointerConfig(width=3, window=5))


def build(config=CONFIG, seed=0):
    torch.manual_seed(seed)
    return build_language_model(config)


def same_weights(one, other):
    left, right = one.state_dict(), other.state_dict()
    return left.keys() == right.keys() and all(torch.equal(left[name], right[name]) for name in left)


def full_disk(*_, **__):
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def test_weights_come_back(tmp_path):
    path = tmp_path / "weights.safetensors"
    model, other = build(seed=0), build(seed=1)
    assert not same_weights(model, other)
    save_weights(path, model)
    load_weights(path, other)
    assert same_weights(model, other)


@pytest.mark.skipif(os.name != "posix", reason="the bits are those of POSIX")
def test_weights_may_be_read_by_whom_other_files_may(tmp_path):
    path = tmp_path / "weights.safetensors"
    save_weights(path, build())
    (tmp_path / "other").write_text("anything")
    assert path.stat().st_mode == (tmp_path / "other").stat().st_mode


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
    assert sum(tensor.numel() for tensor in tensors.values()) == sum(p.numel() for p in model.parameters())
    load_weights(path, other)
    inner = other.language_model
    assert inner.head.output.weight is inner.embedder.table.weight
    assert torch.equal(inner.head.output.weight, model.language_model.embedder.table.weight)


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


def test_a_config_comes_back(tmp_path):
    write_config(tmp_path, kind="language model", config=dataclasses.asdict(CONFIG))
    numbers = read_config(tmp_path, kind="language model")
    numbers["pointer"] = config_from(PointerConfig, numbers["pointer"], tmp_path)
    assert config_from(LanguageModelConfig, numbers, tmp_path) == CONFIG


def test_a_config_is_found_after_a_stop_between_the_two_renames(tmp_path):
    folder = tmp_path / "best"
    write_config(folder, kind="model", config={"a": 1})
    folder.rename(previous_folder(folder))
    assert read_config(folder, kind="model") == {"a": 1}


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, r"config\.json: cannot be read .* a checkpoint's folder holds a config\.json"),
        ("", r"config\.json, line 1: is not JSON"),
        ('{"format": 1,\n "kind": "mo', r"config\.json, line 2: is not JSON"),
        ("[]", "not a seqlabel model's config"),
        ('{"format": 1, "kind": "model"}', "not a seqlabel model's config"),
        ('{"format": 1, "config": {}}', "not a seqlabel model's config"),
        ('{"format": 1, "kind": "model", "config": []}', "not a seqlabel model's config"),
        ('{"kind": "model", "config": {}}', "found format None"),
        (json.dumps({"format": FORMAT + 1, "kind": "model", "config": {}}), f"found format {FORMAT + 1}, .* {FORMAT};"),
        (json.dumps({"format": FORMAT, "kind": "tagger", "config": {}}), "found 'tagger', expected 'model'"),
    ],
)
def test_a_bad_config_is_refused_by_name(tmp_path, content, message):
    if content is not None:
        (tmp_path / "config.json").write_text(content, encoding="utf-8")
    with pytest.raises(CheckpointError, match=message) as caught:
        read_config(tmp_path, kind="model")
    assert str(caught.value).startswith(str(tmp_path))
    if "expected" in message:
        assert read_kind(tmp_path) == "tagger"
    else:
        with pytest.raises(CheckpointError, match=message):
            read_kind(tmp_path)


def test_a_missing_folder_is_refused_by_name(tmp_path):
    with pytest.raises(CheckpointError, match="nowhere: there is no such folder"):
        read_config(tmp_path / "nowhere", kind="model")
    with pytest.raises(CheckpointError, match="nowhere: there is no such folder"):
        read_kind(tmp_path / "nowhere")


def test_the_kind_of_a_folder_is_what_was_written(tmp_path):
    write_config(tmp_path, kind="some model", config={})
    assert read_kind(tmp_path) == "some model"


@pytest.mark.parametrize("numbers", [{"width": 3, "depth": 4}, {"wide": 3}])
def test_numbers_that_do_not_fit_are_refused_by_name(tmp_path, numbers):
    with pytest.raises(CheckpointError, match=r"config\.json: does not fit PointerConfig"):
        config_from(PointerConfig, numbers, tmp_path)


def report(epoch, *, train_loss=1.0, valid_loss=None, accuracy=None, score=None):
    return EpochReport(epoch, 3, train_loss, valid_loss, accuracy, 0.5, 100, score)


def test_scores_rise_with_better_reports():
    assert lowest_loss(report(1, valid_loss=0.1)) > lowest_loss(report(1, valid_loss=0.2))
    assert lowest_loss(report(1, train_loss=0.1)) > lowest_loss(report(1, train_loss=0.2))
    assert lowest_loss(report(1, train_loss=0.1, valid_loss=2.0)) == -2.0
    assert highest_accuracy(report(1, valid_loss=9.0, accuracy=0.9)) > highest_accuracy(report(1, accuracy=0.8))
    assert highest_accuracy(report(1, train_loss=3.0)) == -3.0
    assert highest_score(report(1, accuracy=0.1, score=0.9)) > highest_score(report(1, accuracy=0.9, score=0.8))
    # A score of nothing is a score.
    assert highest_score(report(1, accuracy=0.9, score=0.0)) == 0.0
    assert highest_score(report(1, accuracy=0.9)) == 0.9
    assert highest_score(report(1, valid_loss=3.0)) == -3.0
