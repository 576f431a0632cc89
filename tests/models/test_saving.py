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
    VOCABULARY,
    assert_same,
    layer_of,
    mixed_labeler,
    some_documents,
)
from tests.model_folders import change_config, sign

CONFIGS = [
    CONFIG,
    dataclasses.replace(CONFIG, language="de", heads=HEADS[2:0:-1], dropout=0.4),
    dataclasses.replace(
        CONFIG, heads=tuple(head_config(TagSet(scheme, ("A",), scheme)) for scheme in Scheme)
    ),
    dataclasses.replace(
        CONFIG, encoder=dataclasses.replace(ONE_WAY, pointer=PointerConfig(width=3, window=4))
    ),
    *(
        dataclasses.replace(
            CONFIG,
            encoder=dataclasses.replace(encoder, recurrence=recurrence, layers=2, dropout=0.2),
        )
        for recurrence in Recurrence
        for encoder in (ENCODER, ONE_WAY)
    ),
]


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


def test_the_same_labeler_gives_the_same_files(tmp_path):
    mixed_labeler().save(tmp_path / "first")
    Labeler.load(tmp_path / "first").save(tmp_path / "second")
    for name in FILES:
        assert (tmp_path / "first" / name).read_bytes() == (tmp_path / "second" / name).read_bytes()


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


def assert_refused(folder, path):
    with pytest.raises(CheckpointError) as error:
        Labeler.load(folder)
    assert str(path) in str(error.value)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    "change",
    [
        {"hidden": 7},
        {"hidden": "5"},
        {"width": 8},
        {"heads": 8},
        {"heads": None},
        {"heads": []},
        {"heads": [None]},
        {"dropout": 2.0},
        {"language": "no such language"},
        {"encoder": None},
        {"encoder": 5},
        {"encoder": {}},
    ],
    ids=str,
)
def test_a_config_with_a_bad_number_is_refused_by_name(saved, change):
    change_config(saved, change)
    assert_refused(saved, saved)


@pytest.mark.parametrize(
    "change",
    [{"recurrence": "lstm"}, {"recurrence": "transformer"}, {"cutoffs": 4}, {"buckets": 1}],
    ids=str,
)
def test_an_encoder_with_a_bad_number_is_refused_by_name(saved, change):
    about = json.loads((saved / "config.json").read_text(encoding="utf-8"))
    change_config(saved, {"encoder": about["config"]["encoder"] | change})
    assert_refused(saved, saved)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"kind": "hmm"}, r"heads\.0\.kind: expected one of 'softmax', 'crf'"),
        (
            {"kind": {"name": "crf", "class_weights": [1.0]}},
            r"heads\.0\.kind\.class_weights: this seqlabel does not know",
        ),
        ({"kind": {"name": "crf"}}, "another model's weights"),
        ({"tag_set": None}, r"heads\.0\.tag_set: "),
        ({"tag_set": {"layer": "upos"}}, r"heads\.0\.tag_set\.labels: "),
        (
            {"tag_set": {"layer": "upos", "labels": list(LABELS), "scheme": "BIB"}},
            r"heads\.0\.tag_set\.scheme: ",
        ),
        ({"tag_set": {"layer": "upos", "labels": [*LABELS[:2], ""]}}, "expected names of labels"),
        (
            {"tag_set": {"layer": "upos", "labels": [*LABELS[:2], 3]}},
            r"heads\.0\.tag_set\.labels\.2: ",
        ),
        (
            {"tag_set": {"layer": "upos", "labels": list(LABELS[:2])}, "kind": {"name": "softmax"}},
            "another model's weights",
        ),
        (
            {"tag_set": {"layer": "upos", "labels": [*LABELS, "Y"]}, "kind": {"name": "softmax"}},
            "another model's weights",
        ),
        ({"tag_set": {"layer": "upos", "labels": ["X", "X", "Y"]}}, "2 of them different"),
        ({"tag_set": {"layer": "ner", "labels": list(LABELS)}}, "heads: "),
        ({"kind": {"name": "softmax", "class_weights": [1.0]}}, "class_weights: "),
        ({"kind": {"name": "softmax", "class_weights": 2.0}}, r"heads\.0\.kind: class_weights: "),
        (
            {"kind": {"name": "softmax", "class_weights": ["heavy"] * 3}},
            r"heads\.0\.kind: class_weights\.0: ",
        ),
        (
            {"kind": {"name": "my_heads.Hinge"}},
            r"heads\.0\.kind: .*'my_heads\.Hinge'.*heads=\[Hinge\]",
        ),
        ({"colour": "red"}, r"heads\.0\.colour: this seqlabel does not know the entry"),
        ({"temperature": 0.0}, r"heads\.0: .*temperature"),
        ({"temperature": "warm"}, r"heads\.0\.temperature: "),
        ({"threshold_offset": "warm"}, r"heads\.0\.threshold_offset: "),
    ],
    ids=str,
)
def test_a_head_with_a_bad_number_is_refused_by_name(saved, change, message):
    heads = json.loads((saved / "config.json").read_text(encoding="utf-8"))["config"]["heads"]
    change_config(saved, {"heads": [heads[0] | change, *heads[1:]]})
    assert_refused(saved, saved)
    with pytest.raises(CheckpointError, match=message):
        Labeler.load(saved)


def test_another_kind_of_model_is_refused(saved):
    with pytest.raises(CheckpointError, match=r"Labeler\.load"):
        WordLanguageModel.load(saved)
    sign(saved, kind="parser")
    with pytest.raises(CheckpointError, match="kind: expected"):
        Labeler.load(saved)
