"""Folders of models: what was saved is what is loaded, and everything else is one error that names
the file.
"""

import dataclasses
import json
import os
import re
from importlib.util import find_spec

import pytest
import torch
from pydantic import TypeAdapter
from torch import nn

from seqlabel.documents.edit_scripts import adds_only_affixes
from seqlabel.errors import CheckpointError, OptionError
from seqlabel.io.folders import previous_folder
from seqlabel.models import folders
from seqlabel.models.folders import (
    CONFIG,
    MODEL_PARTS,
    VOCABULARY,
    WEIGHTS,
    ModelForm,
    ModelKind,
    find_folder,
    nearest_shipped,
    read_kind,
    write_config,
)
from seqlabel.models.saving import load_model, save_model
from seqlabel.models.tagging.labeler import Labeler
from seqlabel.text.vocabulary import Vocabulary
from tests.model_folders import change_config, sign
from tests.spacy_models import tiny_labeler

WORDS = Vocabulary(["xxunk", "one", "two"])


@dataclasses.dataclass(frozen=True)
class Config:
    inner: dict[str, int]
    width: int
    rates: tuple[float, ...] = ()


class Model:
    def __init__(self, config, vocabulary):
        self.config = config
        self.vocabulary = vocabulary
        self.module = network(config)


def network(config):
    return nn.Linear(config.width, 2)


CONFIG_OF_MODEL = Config(inner={"a": 1}, width=3, rates=(0.5, 1.0))


def form_of(kind):
    return ModelForm(kind, TypeAdapter(Config), network)


def save(folder, config=CONFIG_OF_MODEL, **choices):
    torch.manual_seed(0)
    model = Model(config, WORDS)
    save_model(form_of(ModelKind.LABELER), model, folder, **choices)
    return model


def load(folder, kind=ModelKind.LABELER):
    return load_model(form_of(kind), folder, Model)


def test_what_was_saved_is_loaded(tmp_path):
    model = save(tmp_path)
    found = load(tmp_path)
    assert (found.config, found.vocabulary) == (model.config, WORDS)
    assert torch.equal(found.module.weight, model.module.weight)
    assert not found.module.training
    assert read_kind(tmp_path) is ModelKind.LABELER
    assert {path.name for path in tmp_path.iterdir()} == set(MODEL_PARTS)


@pytest.mark.parametrize(
    "change", [("3", "4"), ('"labeler"', '"language model"'), ("0.5", "0.25"), ('"a"', '"b"')]
)
def test_a_config_that_was_changed_is_refused(tmp_path, change):
    save(tmp_path)
    path = tmp_path / CONFIG
    text = path.read_text(encoding="utf-8")
    assert change[0] in text
    path.write_text(text.replace(*change, 1), encoding="utf-8")
    with pytest.raises(CheckpointError, match=r"config\.json: "):
        load(tmp_path)


def test_a_config_may_be_indented_otherwise(tmp_path):
    model = save(tmp_path)
    path = tmp_path / CONFIG
    path.write_text(json.dumps(json.loads(path.read_text(encoding="utf-8"))), encoding="utf-8")
    assert load(tmp_path).config == model.config


@pytest.mark.parametrize(
    "content",
    [
        None,
        b"",
        b'{"format": 2,\n "kind": "mo',
        b"\xff{}",
        b"[" * 100_000,
        b'{"format": NaN}',
        b'{"format": ' + b"9" * 5000 + b"}",
        b"[]",
        b"{}",
        b'{"format": 1, "kind": "labeler", "config": {}}',
        b'{"format": 2, "kind": "labeler", "config": {}}',
        b'{"format": 2, "kind": "parser", "config": []}',
        b'{"format": 2, "kind": 1e999}',
    ],
    ids=lambda value: str(value)[:30],
)
def test_a_bad_config_is_refused_by_name(tmp_path, content):
    save(tmp_path)
    (tmp_path / CONFIG).unlink()
    if content is not None:
        (tmp_path / CONFIG).write_bytes(content)
    for read in (load, read_kind):
        with pytest.raises(CheckpointError, match=r"config\.json") as caught:
            read(tmp_path)
        assert str(caught.value).startswith(str(tmp_path))


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"width": "3"}, "width: "),
        ({"inner": {"a": "b"}}, r"inner\.a: "),
        ({"rates": [0.5, "x"]}, r"rates\.1: "),
        ({"depth": 3}, "depth: "),
        ({"width": 4}, r"model\.safetensors: "),
        ({"width": 1 << 40}, "config|weights"),
        ({"width": 1 << 62}, r"config\.json"),
        ({"width": -1}, r"config\.json"),
    ],
    ids=str,
)
def test_a_number_that_does_not_fit_is_refused_by_its_path_even_with_a_checksum(
    tmp_path, change, named
):
    save(tmp_path)
    change_config(tmp_path, change)
    with pytest.raises(CheckpointError, match=named):
        load(tmp_path)


def test_a_missing_number_is_refused_by_its_path(tmp_path):
    save(tmp_path)
    change_config(tmp_path, remove=["width"])
    with pytest.raises(CheckpointError, match=r"config\.json: width: "):
        load(tmp_path)
    # One that has a default need not be there: it may be newer than the folder.
    change_config(tmp_path, {"width": 3}, remove=["rates"])
    assert load(tmp_path).config == dataclasses.replace(CONFIG_OF_MODEL, rates=())


@pytest.mark.parametrize("name", MODEL_PARTS)
@pytest.mark.parametrize("damage", ["missing", "empty", "cut off", "a flipped bit", "a FIFO"])
def test_a_file_that_is_missing_or_damaged_is_refused_by_name(tmp_path, name, damage):
    save(tmp_path)
    path = tmp_path / name
    whole = path.read_bytes()
    path.unlink()
    if damage == "a FIFO":
        if not hasattr(os, "mkfifo"):
            pytest.skip("a FIFO is of POSIX")
        os.mkfifo(path)
    elif damage != "missing":
        flipped = whole[:-3] + bytes([whole[-3] ^ 1]) + whole[-2:]
        path.write_bytes({"empty": b"", "cut off": whole[:-3], "a flipped bit": flipped}[damage])
    with pytest.raises(CheckpointError, match=re.escape(name)):
        load(tmp_path)


@pytest.mark.parametrize(
    "content",
    [b"[" * 100_000, b"[1, 2]", b"{}", b'"text"', b"\xff", b'["one"]', b'["xxunk", "xxunk"]'],
)
def test_a_vocabulary_that_is_something_else_is_refused_even_with_a_checksum(tmp_path, content):
    save(tmp_path)
    (tmp_path / VOCABULARY).write_bytes(content)
    sign(tmp_path)
    with pytest.raises(CheckpointError, match=VOCABULARY):
        load(tmp_path)


@pytest.mark.parametrize(
    ("name", "near"),
    [("en_poss", "en_pos"), ("en_ner_fats", "en_ner_fast"), ("mine", None), ("./en_poss", None)],
)
def test_a_misspelt_name_is_answered_with_the_one_that_ships(tmp_path, monkeypatch, name, near):
    monkeypatch.chdir(tmp_path)
    assert nearest_shipped(name) == near
    with pytest.raises(CheckpointError) as raised:
        load(name)
    assert (f"Did you mean {near}?" in str(raised.value)) == (near is not None)


def test_a_folder_is_found_after_a_stop_between_the_two_renames(tmp_path):
    folder = tmp_path / "best"
    save(folder)
    folder.rename(previous_folder(folder))
    assert load(folder).config == CONFIG_OF_MODEL


@pytest.fixture
def shipped(tmp_path, monkeypatch):
    """A place of models that ship, with one named `base`, and no other package of them."""
    place = tmp_path / "pretrained"
    monkeypatch.setattr(folders, "PRETRAINED", place)
    monkeypatch.setattr(folders, "find_spec", lambda name: None)
    save(place / "base")
    return place


def test_a_vocabulary_may_be_that_of_a_model_that_ships(shipped):
    save(shipped / "other")
    about = json.loads((shipped / "other" / CONFIG).read_text(encoding="utf-8"))
    (shipped / "other" / VOCABULARY).unlink()
    write_config(
        shipped / "other", kind=ModelKind.LABELER, config=about["config"], vocabulary_of="base"
    )
    assert load("other").vocabulary == WORDS
    Vocabulary([*WORDS, "three"]).save(shipped / "base" / VOCABULARY)
    with pytest.raises(CheckpointError, match=r"base.vocabulary\.json: "):
        load("other")


@pytest.mark.parametrize("name", ["nothing", "..", "base/../base", "/", ""])
def test_a_vocabulary_of_a_model_that_does_not_ship_is_refused(shipped, name):
    path = shipped / "base" / CONFIG
    about = json.loads(path.read_text(encoding="utf-8"))
    about["vocabulary_of"] = name
    del about["sha256"]
    path.write_text(json.dumps(about | {"sha256": folders._checksum(about)}), encoding="utf-8")
    with pytest.raises(CheckpointError, match="vocabulary_of"):
        load("base")


def test_a_model_whose_weights_ship_with_the_other_distribution_says_so(shipped):
    (shipped / "base" / WEIGHTS).unlink()
    assert folders.shipped_models() == []
    with pytest.raises(CheckpointError, match=r"^base: .*pip install"):
        load("base")


@pytest.fixture
def european(shipped, tmp_path, monkeypatch):
    """A package of models, as `seqlabel-eu` is, on the path of imports and not beside the
    library.
    """
    place = tmp_path / "site" / folders._EUROPE_PACKAGE
    save(place / "eu")
    save(place / "eu_pos")
    (place / "__init__.py").write_text("raise AssertionError('the package was imported')")
    monkeypatch.setattr(folders, "PRETRAINED", tmp_path / "library" / "pretrained")
    monkeypatch.setattr(folders, "find_spec", find_spec)
    monkeypatch.syspath_prepend(tmp_path / "site")
    return place


def test_models_of_the_other_package_are_found_without_importing_it(european):
    about = json.loads((european / "eu_pos" / CONFIG).read_text(encoding="utf-8"))
    write_config(
        european / "eu_pos", kind=ModelKind.LABELER, config=about["config"], vocabulary_of="eu"
    )
    (european / "eu_pos" / VOCABULARY).unlink()
    assert find_folder("eu") == european / "eu"
    assert folders.shipped_models() == ["eu", "eu_pos"]
    assert load("eu_pos").vocabulary == WORDS


def test_the_package_may_lie_beside_the_library(european, tmp_path, monkeypatch):
    monkeypatch.setattr(folders, "PRETRAINED", european.parent / "library" / "pretrained")
    monkeypatch.setattr(folders, "find_spec", lambda name: pytest.fail("looked for elsewhere"))
    assert find_folder("eu") == european / "eu"


@pytest.mark.parametrize("name", folders.EUROPE_MODELS)
def test_without_the_package_its_models_say_what_to_install(shipped, name, monkeypatch):
    monkeypatch.chdir(shipped)
    with pytest.raises(CheckpointError, match=rf"^{name}: .*pip install seqlabel-eu"):
        load(name)
    save(shipped / name)
    monkeypatch.setattr(folders, "PRETRAINED", shipped / "elsewhere")
    assert load(name).config == CONFIG_OF_MODEL


def test_a_name_is_that_of_a_model_that_ships_or_a_folder(shipped, monkeypatch):
    assert find_folder("base") == shipped / "base"
    assert find_folder("nothing").name == "nothing"
    assert find_folder(shipped / "base") == shipped / "base"
    monkeypatch.chdir(shipped)
    with pytest.warns(UserWarning, match=r"base: .*\./base"):
        find_folder("base")


@pytest.mark.parametrize(
    ("given", "error"),
    [
        (".", CheckpointError),
        ("/", CheckpointError),
        ("nowhere", CheckpointError),
        ("a.jsonl", CheckpointError),
        ("x" * 300, CheckpointError),
        (None, OptionError),
        (5, OptionError),
    ],
)
def test_what_is_not_a_folder_of_a_model_is_refused(given, error, tmp_path, monkeypatch):
    (tmp_path / "a.jsonl").write_text("{}\n")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(error):
        read_kind(find_folder(given))


def test_a_model_cannot_take_the_place_of_the_working_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(OptionError, match=r"^\.: "):
        tiny_labeler().save(".")
    assert not any(tmp_path.iterdir())


@pytest.mark.parametrize("name", folders.OUTPUTS)
def test_a_model_is_found_in_the_output_folder_of_a_training(tmp_path, name):
    tiny_labeler().save(tmp_path / "output" / name)
    (tmp_path / "output" / "README.md").write_text("# A card\n")
    assert find_folder(tmp_path / "output") == tmp_path / "output" / name
    assert Labeler.load(tmp_path / "output").tag_sets == tiny_labeler().tag_sets
    (tmp_path / "output" / CONFIG).write_text("{}")
    assert find_folder(tmp_path / "output") == tmp_path / "output"


def test_no_label_of_a_model_that_ships_holds_a_name():
    labels = set()
    for name in folders.shipped_models():
        config = json.loads((find_folder(name) / "config.json").read_text(encoding="utf-8"))[
            "config"
        ]
        for head in config.get("heads", ()):
            # A head of trees has relations.
            found = set(head["tag_set"].get("labels") or head["tag_set"]["relations"])
            if head["tag_set"]["layer"] == "lemma":
                assert all(map(adds_only_affixes, found)), name
            else:
                labels |= found
    assert labels
    # Tags of treebanks, features, and kinds of names and private data; no address.
    assert [one for one in labels if not re.fullmatch(r"[\w$=|,:\[\]-]+|\W{1,2}", one)] == []
