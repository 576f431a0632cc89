"""Labelers in folders: they come back as they were, whole or compact, and a damaged folder is
refused by name.
"""

import dataclasses
import json
import shutil

import pytest
import torch

from seqlabel.documents.schemes import Scheme
from seqlabel.documents.tag_sets import TagSet
from seqlabel.errors import CheckpointError
from seqlabel.models.language_model import WordLanguageModel
from seqlabel.models.model_configs import head_config
from seqlabel.models.tagging.engine import Arithmetic
from seqlabel.models.tagging.labeler import Labeler
from seqlabel.nn.heads.crf import CRF
from seqlabel.nn.heads.softmax import Softmax
from seqlabel.nn.network_configs import PointerConfig, Recurrence
from tests.labelers import (
    CONFIG,
    ENCODER,
    FILES,
    HEADS,
    LABELS,
    LONG,
    ONE_WAY,
    PAIRED,
    VOCABULARY,
    assert_same,
    layer_of,
    mixed_labeler,
    some_documents,
)
from tests.model_folders import change_config, sign

CONFIGS = [
    CONFIG,
    PAIRED,
    dataclasses.replace(CONFIG, language="de", heads=HEADS[2:0:-1], dropout=0.4),
    dataclasses.replace(
        CONFIG, heads=tuple(head_config(TagSet(scheme, ("A",), scheme)) for scheme in Scheme)
    ),
    dataclasses.replace(
        CONFIG, encoder=dataclasses.replace(ONE_WAY, pointer=PointerConfig(width=3, window=4))
    ),
]
for recurrence in Recurrence:
    for encoder in (ENCODER, ONE_WAY):
        deep = dataclasses.replace(encoder, recurrence=recurrence, layers=2, dropout=0.2)
        CONFIGS.append(dataclasses.replace(CONFIG, encoder=deep))


@pytest.mark.parametrize("config", CONFIGS)
def test_a_labeler_comes_back_as_it_was(tmp_path, config):
    labeler = mixed_labeler(config)
    labeler.save(str(tmp_path / "some" / "where"))
    torch.manual_seed(9)
    found = Labeler.load(tmp_path / "some" / "where", arithmetic=Arithmetic.FLOAT32)
    assert found.config == config
    assert type(found.config.encoder.recurrence) is Recurrence
    assert {type(head.kind) for head in found.config.heads} <= {Softmax, CRF}
    assert found.tag_sets == [head.tag_set for head in config.heads]
    assert found.words.vocabulary == found.vocabulary == VOCABULARY
    assert not any(module.training for module in found.module.modules())
    texts = ["Don't the cat, sat?", "", *some_documents()]
    assert list(found(texts)) == list(labeler(texts))
    assert sorted(path.name for path in (tmp_path / "some" / "where").iterdir()) == FILES


@pytest.mark.parametrize("one_way", [False, True])
def test_compact_files_are_smaller_and_say_nearly_the_same(tmp_path, monkeypatch, one_way):
    if one_way:
        monkeypatch.setattr("seqlabel.training.checkpoints.TABLE_ROWS", len(VOCABULARY))
        config = dataclasses.replace(CONFIG, encoder=dataclasses.replace(ONE_WAY, embedding=128))
    else:
        config = dataclasses.replace(CONFIG, encoder=dataclasses.replace(ENCODER, buckets=4096))
    labeler = mixed_labeler(config, seed=3)
    labeler.save(tmp_path / "whole")
    labeler.save(tmp_path / "compact", compact=True)
    sizes = [
        (tmp_path / name / "model.safetensors").stat().st_size for name in ("whole", "compact")
    ]
    assert sizes[1] < 0.5 * sizes[0]
    found = Labeler.load(tmp_path / "compact")
    assert sorted(path.name for path in (tmp_path / "compact").iterdir()) == FILES
    expected = labeler.module.state_dict()
    for name, tensor in found.module.state_dict().items():
        assert tensor.dtype == torch.float32
        # At worst half a step of 1/127 of the largest number of the row.
        step = expected[name].abs().amax(dim=-1, keepdim=True) / 127
        assert ((tensor - expected[name]).abs() <= 0.51 * step).all()
    for one, other in zip(found([LONG]), labeler([LONG]), strict=True):
        assert layer_of(one).scores == pytest.approx(layer_of(other).scores, abs=0.05)
        assert one.spans.keys() == other.spans.keys()
    # The model itself is whole after it was saved.
    assert_same(labeler([LONG]), mixed_labeler(config, seed=3)([LONG]))


@pytest.fixture(scope="module")
def original(tmp_path_factory):
    folder = tmp_path_factory.mktemp("original")
    mixed_labeler().save(folder)
    return folder


@pytest.fixture
def saved(original, tmp_path):
    """A folder of its own for each test to damage."""
    return shutil.copytree(original, tmp_path / "labeler")


def with_encoder(**change):
    return lambda config: {"encoder": config["encoder"] | change}


def with_head(**change):
    """The first head is the softmax of `upos`."""
    return lambda config: {"heads": [config["heads"][0] | change, *config["heads"][1:]]}


def with_tag_set(labels, **change):
    return with_head(tag_set={"layer": "upos", "labels": labels, **change})


@pytest.mark.parametrize(
    ("change", "named"),
    [
        (lambda _: {"hidden": 7}, "weights"),
        (lambda _: {"heads": []}, "heads: "),
        (lambda _: {"dropout": 2.0}, "dropout: "),
        (lambda _: {"language": "no such language"}, "language: "),
        (lambda _: {"encoder": {}}, "encoder"),
        (with_encoder(recurrence="transformer"), "recurrence"),
        (with_head(kind="hmm"), r"heads\.0\.kind: "),
        (with_head(kind={"name": "crf", "class_weights": [1.0]}), r"heads\.0\.kind\.class_weights"),
        (with_tag_set(list(LABELS), scheme="BIB"), r"heads\.0\.tag_set\.scheme: "),
        (with_tag_set([*LABELS[:2], ""]), "labels"),
        (with_tag_set(["X", "X", "Y"]), "labels"),
        (with_head(tag_set={"layer": "ner", "labels": list(LABELS)}), "heads: "),
        (with_head(kind={"name": "softmax", "class_weights": [1.0]}), "class_weights: "),
        (with_head(kind={"name": "my_heads.Hinge"}), r"heads=\[Hinge\]"),
        (with_head(temperature=0.0), r"heads\.0: .*temperature"),
    ],
)
def test_a_config_with_a_bad_number_is_refused_by_name(saved, change, named):
    config = json.loads((saved / "config.json").read_text(encoding="utf-8"))["config"]
    change_config(saved, change(config))
    with pytest.raises(CheckpointError, match=named) as error:
        Labeler.load(saved)
    assert str(saved) in str(error.value)
    assert "\n" not in str(error.value)


def test_another_kind_of_model_is_refused(saved):
    with pytest.raises(CheckpointError, match=r"Labeler\.load"):
        WordLanguageModel.load(saved)
    sign(saved, kind="parser")
    with pytest.raises(CheckpointError, match="kind: expected"):
        Labeler.load(saved)
