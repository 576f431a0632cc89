"""Labelers: a word's label depends on its text alone, whatever is labelled beside it, or on other threads."""

import dataclasses
import json
import random
import shutil
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
import torch

from seqlabel.documents import Document, Spans, Tags
from seqlabel.encoders import Recurrence
from seqlabel.errors import CheckpointError, OptionError
from seqlabel.labeler import Labeler, LabelerConfig
from seqlabel.models import WordModelConfig, build_word_model
from seqlabel.schemes import Span
from seqlabel.vocabulary import Vocabulary

LABELS = ["NOUN", "VERB", "X"]
VOCABULARY = Vocabulary(["xxunk", "xxpad", "the", "cat", "sat", ",", "数", "on", "mat", "."])
ENCODER = WordModelConfig(words=len(VOCABULARY), buckets=64, embedding=8, hidden=6, cutoffs=(4,))
CONFIG = LabelerConfig(ENCODER, hidden=5, layer="upos")
FILES = ["config.json", "labels.json", "model.safetensors", "vocabulary.json"]
WORDS = ["the", "cat", "sat", "Oslo", "naïve", "数", ",", "mat", "B2B", "😀"]


def build(config=CONFIG, seed=0):
    """A labeler in evaluation mode with weights large enough that words far away are felt."""
    torch.manual_seed(seed)
    labeler = Labeler(config, LABELS, VOCABULARY)
    with torch.no_grad():
        for parameter in labeler.module.parameters():
            parameter.add_(0.5 * torch.randn_like(parameter))
        labeler.module.head.output.weight.mul_(3)
        labeler.module.head.output.bias.zero_()
    labeler.module.eval()
    return labeler


@pytest.fixture(scope="module")
def labeler():
    return build()


def some_documents(count=30, seed=0, longest=12):
    chance = random.Random(seed)
    return [Document.from_words(chance.choices(WORDS, k=chance.randint(0, longest))) for _ in range(count)]


def layer_of(document):
    return document.tags["upos"]


def assert_same(found, expected):
    """The same words and labels, and scores that differ by no more than rounding does."""
    found, expected = list(found), list(expected)
    assert [(d.text, d.offsets, layer_of(d).labels) for d in found] == [
        (d.text, d.offsets, layer_of(d).labels) for d in expected
    ]
    for one, other in zip(found, expected, strict=True):
        assert layer_of(one).scores == pytest.approx(layer_of(other).scores, abs=1e-5)


def alone(labeler, texts, **sizes):
    return [document for text in texts for document in labeler([text], **sizes)]


@torch.no_grad()
def slow_labels(labeler, document):
    """One document as one row: labels and scores."""
    probabilities = labeler.module.decode(labeler.words([document.words]), torch.tensor([len(document)])).probabilities
    best = probabilities[0].max(dim=-1)
    return [LABELS[index] for index in best.indices.tolist()], best.values.tolist()


def test_labels_are_the_likeliest_of_the_row_alone(labeler):
    documents = some_documents()
    for before, after in zip(documents, labeler(documents), strict=True):
        if len(before):
            labels, scores = slow_labels(labeler, before)
            assert list(layer_of(after).labels) == labels
            assert layer_of(after).scores == pytest.approx(scores, abs=1e-5)
    every = {label for document in labeler(documents) for label in layer_of(document).labels}
    assert every == set(LABELS), "weights that say the same of every word would test nothing"


@pytest.mark.parametrize("batch_words", [1, 7, 40, 4096])
def test_labels_do_not_depend_on_what_is_in_the_batch(labeler, batch_words):
    documents = some_documents()
    assert_same(labeler(documents, batch_words=batch_words), alone(labeler, documents))


def test_labels_do_not_depend_on_the_order(labeler):
    documents = some_documents()
    order = random.Random(1).sample(range(len(documents)), len(documents))
    expected = list(labeler(documents))
    assert_same(labeler([documents[place] for place in order]), [expected[place] for place in order])


def test_texts_come_as_they_are_asked_for(labeler):
    asked = []

    def texts():
        for number in range(1000):
            asked.append(number)
            yield "the cat sat"

    found = labeler(texts(), batch_words=12)
    next(found)
    assert len(asked) == 8 * 12 / 3
    assert len(list(found)) == 999


def test_plain_text_and_documents_may_be_mixed(labeler):
    text = "  The cat,\nsat on   数.\t"
    document = labeler.tokenise(text)
    assert document.words == ["The", "cat", ",", "sat", "on", "数", "."]
    assert document.text == text
    assert_same(labeler([text, document, text]), 3 * list(labeler([document])))


@pytest.mark.parametrize("text", ["", " ", " \n\t ", "\u3000"])
def test_a_text_without_words_has_no_labels(labeler, text):
    (empty,) = labeler([text])
    assert (empty.text, empty.words, layer_of(empty)) == (text, [], Tags((), ()))
    first, _, last = labeler(["the cat", text, "the cat"])
    assert_same([first, last], 2 * list(labeler(["the cat"])))


def test_no_texts_give_no_documents(labeler):
    assert list(labeler([])) == []


@pytest.mark.parametrize("word", ["cat", "Oslo", "😀", "x" * 5000])
def test_one_word(labeler, word):
    (document,) = labeler([word])
    assert (document.text, len(document)) == (word, 1)
    (label,), (score,) = layer_of(document).labels, layer_of(document).scores
    assert label in LABELS
    assert 1 / len(LABELS) <= score <= 1


def test_a_document_keeps_its_text_and_its_other_layers(labeler):
    before = Document(
        " the  cat\n",
        ((1, 4), (6, 9)),
        tags={"upos": Tags(("X", None)), "xpos": Tags(("DT", "NN"))},
        spans={"ner": Spans((Span(0, 2, "A"),))},
        categories={"topic": {"pets": 1.0}},
        sentences=(0,),
    )
    (after,) = labeler([before])
    assert dataclasses.replace(after, tags={}) == dataclasses.replace(before, tags={})
    assert after.tags["xpos"] == before.tags["xpos"]
    assert list(layer_of(after).labels) == slow_labels(labeler, before)[0]
    assert before.tags["upos"] == Tags(("X", None))


LONG = Document.from_words(random.Random(5).choices(WORDS, k=61))


@pytest.mark.parametrize("window", [1, 7, 60, 61, 100])
@pytest.mark.parametrize("batch_words", [1, 200, 4096])
def test_windows_that_see_the_whole_document_label_it_as_one_pass_does(labeler, window, batch_words):
    labels, scores = slow_labels(labeler, LONG)
    (found,) = labeler([LONG], window=window, context=len(LONG), batch_words=batch_words)
    assert list(layer_of(found).labels) == labels
    assert layer_of(found).scores == pytest.approx(scores, abs=1e-5)


@pytest.mark.parametrize(("window", "context"), [(1, 0), (1, 2), (10, 0), (10, 3), (25, 40)])
def test_a_word_is_labelled_from_its_window_and_context_alone(labeler, window, context):
    labels, scores = [], []
    for start in range(0, len(LONG), window):
        first, last = max(start - context, 0), min(start + window + context, len(LONG))
        part = slow_labels(labeler, Document.from_words(LONG.words[first:last]))
        inside = slice(start - first, min(start + window, len(LONG)) - first)
        labels += part[0][inside]
        scores += part[1][inside]
    others = some_documents(5)
    found = list(labeler([*others, LONG], window=window, context=context))[-1]
    assert list(layer_of(found).labels) == labels
    assert layer_of(found).scores == pytest.approx(scores, abs=1e-5)


@pytest.mark.parametrize("batch_words", [1, 20, 100])
def test_no_row_is_longer_than_its_window_and_no_batch_larger_than_asked(monkeypatch, batch_words):
    labeler = build()
    shapes, words = [], labeler.words
    monkeypatch.setattr(labeler, "words", lambda rows: shapes.append((len(rows), max(map(len, rows)))) or words(rows))
    list(labeler([*some_documents(), LONG], window=10, context=2, batch_words=batch_words))
    assert max(longest for _, longest in shapes) == 14
    assert all(rows * longest <= batch_words or rows == 1 for rows, longest in shapes)


@pytest.mark.parametrize("sizes", [{"window": 0}, {"window": -1}, {"context": -1}], ids=str)
def test_sizes_that_label_nothing_are_refused(labeler, sizes):
    with pytest.raises(OptionError, match=f"{next(iter(sizes))}: found {next(iter(sizes.values()))}"):
        list(labeler(["the cat sat"], **sizes))


def test_labelling_leaves_evaluation_mode_and_random_state_and_gradients_alone():
    labeler = build()
    labeler.module.train()
    labeler.module.first.eval()
    expected = list(build()(["the cat sat on Oslo"]))
    before = torch.get_rng_state()
    assert_same(labeler(["the cat sat on Oslo"]), expected)
    assert not any(module.training for module in labeler.module.modules())
    assert torch.equal(torch.get_rng_state(), before)
    # The generator was left half-way: the caller is not in inference mode.
    found = labeler(["the cat", "sat"])
    next(found)
    assert not torch.is_inference_mode_enabled()
    assert torch.is_grad_enabled()


def test_eight_threads_give_what_one_does(labeler):
    documents = some_documents(60)
    expected = list(labeler(documents))
    with ThreadPoolExecutor(8) as pool:
        results = list(pool.map(lambda _: list(labeler(documents, batch_words=40)), range(16)))
    for found in results:
        assert_same(found, expected)


def test_a_thread_that_is_done_first_does_not_end_evaluation_for_the_others():
    config = dataclasses.replace(CONFIG, encoder=dataclasses.replace(ENCODER, word_dropout=0.9), dropout=0.9)
    labeler, expected = build(config), list(build(config)([LONG]))
    labeler.module.train()
    words, entered, done = labeler.words, threading.Event(), threading.Event()

    def waiting(rows):
        if threading.current_thread() is slow and not entered.is_set():
            entered.set()
            done.wait(2)
        elif threading.current_thread() is not slow:
            # Both are between the beginning and the end of their evaluation now.
            slow.start()
            entered.wait(2)
        return words(rows)

    found = []
    slow = threading.Thread(target=lambda: found.extend(labeler([LONG])))
    labeler.words = waiting
    list(labeler(["the cat"]))
    done.set()
    slow.join()
    assert_same(found, expected)
    assert not labeler.module.training


def test_a_language_models_encoders_are_used_as_they_are():
    below = build_word_model(ENCODER)
    labeler = Labeler(CONFIG, LABELS, VOCABULARY, language_model=below)
    assert labeler.module.embedder is below.embedder
    assert labeler.module.first.forward_encoder is below.forward_encoder
    assert labeler.module.first.backward_encoder is below.backward_encoder


@pytest.mark.parametrize("labels", [[], ["X"]])
def test_fewer_than_two_labels_are_refused(labels):
    with pytest.raises(OptionError, match=f"labels: found {len(labels)}"):
        Labeler(CONFIG, labels, VOCABULARY)


CONFIGS = [
    CONFIG,
    dataclasses.replace(CONFIG, language="de", layer="xpos", dropout=0.4),
    *(
        dataclasses.replace(CONFIG, encoder=dataclasses.replace(ENCODER, recurrence=recurrence, layers=2, dropout=0.2))
        for recurrence in Recurrence
    ),
]


@pytest.mark.parametrize("config", CONFIGS)
@pytest.mark.parametrize("kind", [str, lambda path: path], ids=["text", "path"])
def test_a_labeler_comes_back_as_it_was(tmp_path, config, kind):
    labeler = build(config)
    labeler.save(kind(tmp_path / "some" / "where"))
    torch.manual_seed(9)
    found = Labeler.load(kind(tmp_path / "some" / "where"))
    assert (found.config, found.labels) == (config, tuple(LABELS))
    assert type(found.config.encoder.recurrence) is Recurrence
    assert found.words.vocabulary == VOCABULARY
    assert not any(module.training for module in found.module.modules())
    texts = ["Don't the cat, sat?", "", *some_documents()]
    assert list(found(texts)) == list(labeler(texts))
    assert sorted(path.name for path in (tmp_path / "some" / "where").iterdir()) == FILES


def test_the_same_labeler_gives_the_same_files(tmp_path):
    build().save(tmp_path / "first")
    Labeler.load(tmp_path / "first").save(tmp_path / "second")
    for name in FILES:
        assert (tmp_path / "first" / name).read_bytes() == (tmp_path / "second" / name).read_bytes()


def test_compact_files_are_smaller_and_say_nearly_the_same(tmp_path):
    config = dataclasses.replace(CONFIG, encoder=dataclasses.replace(ENCODER, buckets=4096))
    labeler = build(config)
    labeler.save(tmp_path / "whole")
    labeler.save(tmp_path / "compact", compact=True)
    sizes = [(tmp_path / name / "model.safetensors").stat().st_size for name in ("whole", "compact")]
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
    # The model itself is whole after it was saved.
    assert_same(labeler([LONG]), build(config)([LONG]))


@pytest.fixture(scope="module")
def original(labeler, tmp_path_factory):
    folder = tmp_path_factory.mktemp("original")
    labeler.save(folder)
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


def test_a_missing_folder_is_refused_by_name(tmp_path):
    assert_refused(tmp_path / "nowhere", tmp_path / "nowhere")


@pytest.mark.parametrize("name", FILES)
def test_a_missing_file_is_refused_by_name(saved, name):
    (saved / name).unlink()
    assert_refused(saved, saved / name)


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("keep", [0, 1, 0.3, 0.7, -3])
def test_a_file_that_is_cut_off_is_refused_by_name(saved, name, keep):
    whole = (saved / name).read_bytes()
    (saved / name).write_bytes(whole[: keep if isinstance(keep, int) else int(keep * len(whole))])
    assert_refused(saved, saved / name)


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("content", [b"\x80\x04pickle", b"[1, 2, 3]", b"{}", b"null"])
def test_a_file_that_is_something_else_is_refused_by_name(saved, name, content):
    (saved / name).write_bytes(content)
    assert_refused(saved, saved / name)


@pytest.mark.parametrize("labels", [LABELS[:2], [*LABELS, "Y"], ["X", "X", "Y"]], ids=str)
def test_another_labelers_labels_are_refused_by_name(saved, labels):
    (saved / "labels.json").write_text(json.dumps(labels), encoding="utf-8")
    assert_refused(saved, saved)


@pytest.mark.parametrize("size", [-1, 1])
def test_another_labelers_vocabulary_is_refused_by_name(saved, size):
    words = [*VOCABULARY, "more"] if size > 0 else list(VOCABULARY)[:-1]
    Vocabulary(words).save(saved / "vocabulary.json")
    assert_refused(saved, saved)


@pytest.mark.parametrize(
    "change",
    [
        {"hidden": 7},
        {"hidden": "5"},
        {"heads": 8},
        {"dropout": 2.0},
        {"language": "no such language"},
        {"encoder": None},
        {"encoder": 5},
        {"encoder": {}},
    ],
    ids=str,
)
def test_a_config_with_a_bad_number_is_refused_by_name(saved, change):
    path = saved / "config.json"
    about = json.loads(path.read_text(encoding="utf-8"))
    about["config"] |= change
    path.write_text(json.dumps(about), encoding="utf-8")
    assert_refused(saved, saved)


@pytest.mark.parametrize(
    "change",
    [{"recurrence": "lstm"}, {"recurrence": "transformer"}, {"cutoffs": 4}, {"cutoffs": [99]}, {"buckets": 1}],
    ids=str,
)
def test_an_encoder_with_a_bad_number_is_refused_by_name(saved, change):
    path = saved / "config.json"
    about = json.loads(path.read_text(encoding="utf-8"))
    about["config"]["encoder"] |= change
    path.write_text(json.dumps(about), encoding="utf-8")
    assert_refused(saved, saved)


def test_another_kind_of_model_is_refused(saved):
    path = saved / "config.json"
    path.write_text(path.read_text(encoding="utf-8").replace('"labeler"', '"parser"'), encoding="utf-8")
    with pytest.raises(CheckpointError, match="found 'parser', expected 'labeler'"):
        Labeler.load(saved)
