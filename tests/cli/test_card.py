"""Cards of trained models: what they are, what they were trained on, and whose data these are."""

import hashlib
import re
import shutil
import tomllib

import pytest
import srsly

from seqlabel.cli.card import pretraining_card
from seqlabel.cli.training_options import PretrainSettings, Run
from seqlabel.models.folders import PRETRAINED
from seqlabel.reports.metadata import read_metadata


def test_the_card_says_what_it_is(labeler):
    card = (labeler / "README.md").read_text()
    _, head, text = card.split("---\n", 2)
    metadata = srsly.yaml_loads(head)
    assert metadata["library_name"] == "seqlabel"
    (model,) = metadata["model-index"]
    assert {one["type"]: one["value"] for one in model["results"][0]["metrics"]}["f1"] == 1.0
    assert hashlib.sha256((labeler.parent / "spans.jsonl").read_bytes()).hexdigest() in text
    assert model["results"][0]["dataset"]["args"]["sha256"] in text
    assert [one["args"] for one in model["results"][0]["metrics"]] == [{"seed": 0}] * 3
    ((low, high),) = re.findall(r"\| LOC .*\| 1\.0000 \| ([\d.]+)–([\d.]+) \|", text)
    # Few spans that are all right do not make the model perfect.
    assert 0 < float(low) < float(high) == 1
    assert 'nlp.add_pipe("seqlabel", config={"model": "labeler/model"})' in text
    assert "base_model" not in metadata
    assert "| PER | 32 |" in card


def test_the_card_says_where_the_data_come_from_and_their_licence(run, labeler, files, tmp_path):
    card = (labeler / "README.md").read_text()
    assert ("not stated" in card, "license:" in card) == (True, False)
    options = ["--on", files / "encoder", "--epochs", 1, "--quiet", "--output", tmp_path / "o"]
    said = ["--source", "Postcards, 1999.", "--license", "CC-BY-4.0"]
    assert run(f"train spans {files}/spans.jsonl", *options, *said).exit_code == 0
    card = (tmp_path / "o" / "README.md").read_text()
    assert srsly.yaml_loads(card.split("---\n", 2)[1])["license"] == "cc-by-4.0"
    assert "Source: Postcards, 1999. Licence: CC-BY-4.0." in card
    record = tomllib.loads((tmp_path / "o" / "train.toml").read_text())
    assert (record["source"], record["license"]) == ("Postcards, 1999.", "CC-BY-4.0")


def test_the_licence_of_the_base_is_inherited(run, files, tmp_path, monkeypatch):
    # The card of the encoder that ships, with a smaller one.
    shutil.copytree(files / "encoder", tmp_path / "pretrained" / "en")
    shutil.copy(PRETRAINED / "en" / "README.md", tmp_path / "pretrained" / "en")
    monkeypatch.setattr("seqlabel.models.folders.PRETRAINED", tmp_path / "pretrained")
    options = ["--on", "en", "--epochs", 1, "--quiet", "--output", tmp_path / "first"]
    assert run(f"train spans {files}/spans.jsonl", *options).exit_code == 0
    card = (tmp_path / "first" / "README.md").read_text()
    metadata = read_metadata(card)
    assert (metadata["license"], metadata["base_model"]) == ("cc-by-sa-4.0", "en")
    assert "is under CC-BY-SA-4.0" in card
    # The next model names what others can find, not the folder.
    options = f"--on {tmp_path}/first --epochs 1 --quiet --output {tmp_path}/second".split()
    assert run(f"train spans {files}/spans.jsonl --license CC-BY-4.0", *options).exit_code == 0
    metadata = read_metadata((tmp_path / "second" / "README.md").read_text())
    assert (metadata["license"], metadata["base_model"]) == ("other", "en")
    assert metadata["license_name"] == "CC-BY-4.0 AND CC-BY-SA-4.0"


def test_hugging_face_reads_the_card(labeler):
    hub = pytest.importorskip("huggingface_hub", reason="needs seqlabel-rnn[hub]")
    data = hub.ModelCard((labeler / "README.md").read_text()).data
    figure = data.eval_results[2]
    assert (figure.metric_type, figure.metric_args) == ("f1", {"seed": 0})
    assert data.library_name == "seqlabel"


def test_counts_of_an_encoders_card_are_whole_numbers(tmp_path):
    text = tmp_path / "text.txt"
    text.write_text("a text")
    figures = {"forward_perplexity": 98.94, "words": 62811, "words_per_second": 12345.6}
    settings = PretrainSettings(texts=[text], output=tmp_path / "e", on="en", run=Run())
    card = pretraining_card(settings, [text], figures)
    for row in ("forward perplexity | 98.9", "words | 62,811", "words per second | 12,346"):
        assert f"| {row} |\n" in card
    assert "trained on from `en`" in card
    assert read_metadata(card)["license"] == "cc-by-sa-4.0"
