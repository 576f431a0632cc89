"""Corrections are kept before they are answered, a model learns from them while it serves, and no
worse one serves.
"""

import json
import os
import signal
import subprocess
import sys
from importlib.util import find_spec

import pytest
import torch

from seqlabel import Labeler, OptionError, PrivateFinder, read_documents
from seqlabel.documents.schemes import Scheme
from seqlabel.documents.tag_sets import TagSet
from seqlabel.errors import DataError
from seqlabel.integrations.corrections import Corrections, LearningModel, version_of
from seqlabel.models.folders import ModelKind, StoredModel
from seqlabel.models.model_configs import HeadConfig
from seqlabel.nn.heads.crf import CRF
from tests.document_labelers import LABELS, document_labeler
from tests.extras import needs_pii
from tests.spacy_models import tiny_labeler

CONFIG = """<View>
  <Labels name="names" toName="note"><Label value="A"/><Label value="B"/></Labels>
  <Choices name="topic" toName="note"><Choice value="good"/></Choices>
  <Labels name="others" toName="title"><Label value="A"/></Labels>
  <Text name="note" value="$body"/><Text name="title" value="$head"/>
</View>"""
WORDS = ("the", "mat", "on", "数", "sat")


def event(
    number, text, spans=(), *, action="ANNOTATION_CREATED", config=CONFIG, choice=None, **annotation
):
    """An event as Label Studio sends it; spans are in characters, and offsets in units of
    UTF-16.
    """
    units = [len(text[:place].encode("utf-16-le")) // 2 for place in range(len(text) + 1)]
    result = []

    def say(control, of, kind, **value):
        result.append({"from_name": control, "to_name": of, "type": kind, "value": value})

    for start, end, label in spans:
        place = {"start": units[start], "end": units[end], "text": text[start:end]}
        say("names", "note", "labels", **place, labels=[label])
    # What other controls say is not of this model.
    say("others", "title", "labels", start=0, end=1, text="x", labels=["A"])
    if choice is not None:
        say("topic", "note", "choices", choices=[choice])
    return {
        "action": action,
        "annotation": {"id": 100 + number, "result": result, "was_cancelled": False, **annotation},
        "task": {"id": number, "data": {"body": text, "head": "x"}},
        "project": {"id": 7, "label_config": config},
    }


def corrected(number):
    """A corrected text with the name `cat` and a word that differs."""
    text = f"{WORDS[number % len(WORDS)]} cat {WORDS[number % 3]} B2B"
    start = text.index("cat")
    return event(number, text, [(start, start + 3, "A")])


@pytest.fixture(scope="module")
def base(tmp_path_factory):
    folder = tmp_path_factory.mktemp("models") / "base"
    tiny_labeler((HeadConfig(TagSet("ner", ("A", "B"), Scheme.BIOES), CRF()),)).save(folder)
    return folder


@pytest.fixture
def learning(base, tmp_path):
    lines = []
    model = LearningModel(base, tmp_path / "learnt", report=lines.append, fewest=5)
    model.lines = lines
    yield model
    model.close()


def version(folder):
    return version_of(StoredModel(folder, ModelKind.LABELER))


def test_a_correction_is_in_the_file_before_it_is_answered(base, learning, tmp_path):
    text = "the \U0001f600 cat"
    assert learning.hear(event(1, text, [(6, 9, "A")]))["corrections"] == 1
    assert learning.hear(event(2, "the cat sat"))["corrections"] == 2
    file = tmp_path / "learnt" / "corrections.jsonl"
    assert file.stat().st_mode & 0o777 == 0o600
    first, second = map(json.loads, file.read_text(encoding="utf-8").splitlines())
    assert (first["text"], first["spans"], second["spans"]) == (text, [[6, 9, "A"]], [])
    documents = list(read_documents(file, Labeler.load(base).tokenize, layer="ner"))
    assert [[one.text for one in document.ents("ner")] for document in documents] == [["cat"], []]
    again = LearningModel(base, tmp_path / "learnt", fewest=5)
    assert again.corrections.rows == learning.corrections.rows
    again.close()


def test_a_text_has_its_last_correction(learning):
    learning.hear(event(1, "the cat", [(4, 7, "A")]))
    learning.hear(event(1, "the cat", [(4, 7, "B")], action="ANNOTATION_UPDATED"))
    learning.hear(event(2, "the mat", was_cancelled=True))
    learning.hear({"action": "PROJECT_UPDATED", "project": {"id": 7}})
    (row,) = learning.corrections.rows
    assert row["spans"] == [[4, 7, "B"]]
    many = [event(number, "the mat") for number in (3, 4)]
    together = {name: [one[name] for one in many] for name in ("annotation", "task")}
    learning.hear({**many[0], "action": "ANNOTATIONS_CREATED", **together})
    assert len(learning.corrections) == 3
    deleted = {"action": "ANNOTATIONS_DELETED", "annotations": [{"id": 101}], "project": {"id": 7}}
    assert learning.hear({**deleted, "project": {"id": 8}})["corrections"] == 3
    assert learning.hear(deleted)["corrections"] == 2


def test_it_learns_what_was_corrected_and_serves_it(base, learning, tmp_path):
    began = learning.served.version
    assert began == version(base)
    for number in range(20):
        learning.hear(corrected(number))
    assert sum(row["held_out"] for row in learning.corrections.rows) == 4
    learning.hear({"action": "START_TRAINING", "project": {"id": 7}})
    assert learning.wait(120)
    assert "held out" in learning.lines[-1]
    served = learning.served
    assert served.version == version(tmp_path / "learnt" / "model") != began
    texts = ["the cat on mat", "cat sat on the mat"]
    stored = Labeler.load(tmp_path / "learnt" / "model")
    assert [one.spans for one in served.label(texts)] == [one.spans for one in stored(texts)]
    again = LearningModel(base, tmp_path / "learnt", fewest=5)
    assert again.served.version == served.version
    assert not again.hear({"action": "PROJECT_UPDATED"})["due"]
    again.close()


def test_a_killed_training_begins_again(base, learning, tmp_path):
    learning._fine_tune = lambda *arguments, **options: None
    for number in range(5):
        learning.hear(corrected(number))
    assert learning.wait(120)
    (tmp_path / "learnt" / "trained.json").unlink()
    again = LearningModel(base, tmp_path / "learnt", fewest=5)
    assert again.wait(120)
    assert (tmp_path / "learnt" / "trained.json").exists()
    again.close()


def test_a_model_that_is_worse_is_not_served(base, learning, tmp_path):
    def ruin(labeler, train, dev, *, display):
        with torch.no_grad():
            labeler.module.heads[0].output.weight.zero_()
            labeler.module.heads[0].output.bias.copy_(
                torch.arange(len(labeler.module.heads[0].output.bias))
            )

    learning._fine_tune = ruin
    labeler = Labeler.load(base)
    texts = ["the cat sat on the mat", "cat, Oslo naïve B2B", "on the mat . sat", "cat cat"]
    for number, text in enumerate([*texts, "数 sat on B2B"]):
        spans = [(one.start, one.end, one.label) for one in labeler(text).character_spans("ner")]
        learning.hear(event(number, text, spans))
    assert learning.wait(120)
    assert "still serving" in learning.lines[-1]
    assert learning.served.version == version(base)
    assert not (tmp_path / "learnt" / "model").exists()


def test_a_label_of_the_project_is_added(learning):
    for number in range(5):
        learning.hear(event(number, "the cat", [(4, 7, "C")]))
    assert learning.wait(120)
    assert "C" in learning.served.labeler.tag_sets[0].labels


def test_a_training_that_fails_is_reported_without_text(learning):
    def fail(*arguments, **options):
        raise RuntimeError("the cat")

    learning._fine_tune = fail
    for number in range(5):
        learning.hear(corrected(number))
    assert learning.wait(120)
    assert learning.lines == ["not trained on 5 corrections (RuntimeError)"]


def test_a_labeler_of_documents_learns_choices(tmp_path):
    document_labeler().save(tmp_path / "base")
    lines = []
    learning = LearningModel(tmp_path / "base", tmp_path / "learnt", report=lines.append, fewest=10)
    for number in range(10):
        learning.hear(event(number, f"word{number % 3} word5", choice=LABELS[number % 3]))
    assert learning.wait(120)
    assert "held out" in lines[-1]
    with pytest.raises(DataError, match="Choices"):
        learning.hear(event(1, "word1", [(0, 5, "A")]))
    with pytest.raises(DataError, match="not one of"):
        learning.hear(event(1, "word1", choice="unknown"))
    learning.close()


@needs_pii
def test_private_data_is_found_by_rules_too(base, tmp_path):
    folder = tmp_path / "pii"
    tiny_labeler((HeadConfig(TagSet("pii", ("A", "B"), Scheme.BIOES), CRF()),)).save(folder)
    learning = LearningModel(folder, tmp_path / "learnt", find=PrivateFinder, fewest=5)
    (document,) = learning.served.label(["mail ann@lee.example"])
    assert "EMAIL" in {one.label for one in document.character_spans("pii")}
    learning.close()


@pytest.mark.parametrize(
    "changed",
    [
        {"task": None},
        {"task": {"id": 1, "data": {"body": 3}}},
        {"task": {"id": 1, "data": {"body": "a\0b"}}},
        {"annotation": None},
        {"annotation": {"id": 1, "result": "cat"}},
        {
            "annotation": {
                "id": 1,
                "result": [{"from_name": "names", "type": "labels", "value": {"labels": ["A"]}}],
            }
        },
        {"annotation": [{"id": 1, "result": []}], "task": []},
        {"project": {"id": 7, "label_config": "<View/>"}},
        {"action": "ANNOTATIONS_DELETED", "annotations": None},
    ],
)
def test_events_that_label_studio_does_not_send(learning, changed):
    with pytest.raises(DataError):
        learning.hear({**event(1, "the cat", [(4, 7, "A")]), **changed})
    assert len(learning.corrections) == 0


def test_a_span_outside_its_text(learning):
    asked = event(1, "the cat", [(4, 7, "A")])
    asked["annotation"]["result"][0]["value"] |= {"end": 90, "text": None}
    with pytest.raises(DataError, match="span"):
        learning.hear(asked)


def test_folders_of_others(base, tmp_path):
    (tmp_path / "corrections.jsonl").write_text('{"text": "a"}\n', encoding="utf-8")
    with pytest.raises(DataError, match="line 1"):
        Corrections(tmp_path / "corrections.jsonl")
    (tmp_path / "learnt").mkdir()
    (tmp_path / "learnt" / "trained.json").write_text(
        '{"base": "another", "corrections": ""}', encoding="utf-8"
    )
    with pytest.raises(OptionError, match="learnt"):
        LearningModel(base, tmp_path / "learnt")


@pytest.mark.skipif(
    not all(map(find_spec, ("stdnum", "starlette", "uvicorn", "httpx"))),
    reason="needs seqlabel-rnn[serve] and httpx",
)
def test_a_killed_server_loses_nothing(base, tmp_path):
    import httpx

    options = f"serve --model {base} --port 0 --learn learnt"
    command = [sys.executable, "-m", "seqlabel", *options.split()]
    environment = {name: value for name, value in os.environ.items() if name != "SEQLABEL_TOKEN"}
    process = subprocess.Popen(
        command, stderr=subprocess.PIPE, text=True, cwd=tmp_path, env=environment
    )
    try:
        line = next(line for line in process.stderr if "listening" in line)
        address = line.split()[3].rstrip(";")
        for number in range(3):
            answer = httpx.post(f"{address}/webhook", json=corrected(number), timeout=60)
            told = {"corrections": number + 1, "due": False, "model_version": version(base)}
            assert answer.json() == told
    finally:
        process.send_signal(signal.SIGKILL)
        process.communicate()
    assert len(Corrections(tmp_path / "learnt" / "corrections.jsonl")) == 3
