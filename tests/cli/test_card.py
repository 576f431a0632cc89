"""Cards of trained models: what they are, what they were trained on, and whose data these are."""

import hashlib
import tomllib

import srsly


def test_the_card_says_what_it_is(labeler):
    card = (labeler / "README.md").read_text()
    _, head, text = card.split("---\n", 2)
    metadata = srsly.yaml_loads(head)
    assert metadata["library_name"] == "seqlabel"
    (model,) = metadata["model-index"]
    assert {one["type"]: one["value"] for one in model["results"][0]["metrics"]}["f1"] == 1.0
    assert hashlib.sha256((labeler.parent / "spans.jsonl").read_bytes()).hexdigest() in text
    assert " words/s where it was trained, on words met before" in text
    assert "| PER | 32 |" in card
    assert "32 documents to train on" in card


def test_the_card_says_where_the_data_come_from_and_their_licence(run, labeler, files, tmp_path):
    card = (labeler / "README.md").read_text()
    assert "Their source and licence were not stated. Ask whoever trained the model" in card
    assert "license:" not in card
    options = ["--on", files / "encoder", "--epochs", 1, "--quiet", "--output", tmp_path / "o"]
    said = ["--source", "Postcards, 1999.", "--license", "CC-BY-4.0"]
    assert run("train", "spans", files / "spans.jsonl", *options, *said).exit_code == 0
    card = (tmp_path / "o" / "README.md").read_text()
    assert srsly.yaml_loads(card.split("---\n", 2)[1])["license"] == "cc-by-4.0"
    assert "Source: Postcards, 1999. Licence: CC-BY-4.0. The options are in `train.toml`." in card
    record = tomllib.loads((tmp_path / "o" / "train.toml").read_text())
    assert (record["source"], record["license"]) == ("Postcards, 1999.", "CC-BY-4.0")
