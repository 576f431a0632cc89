"""Labels of whole documents: a document's label depends on it alone, however long it is and whatever is beside it."""

import dataclasses
import os
import random
import shutil
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from itertools import pairwise
from pathlib import Path

import pytest
import torch
from torch.nn import functional

from seqlabel.batches.labelled import document_batches, shuffled_groups
from seqlabel.batches.rows import IdEncoder, WordEncoder
from seqlabel.documents.document import Document, Tags
from seqlabel.errors import CheckpointError, DataError, OptionError
from seqlabel.models import fine_tuning
from seqlabel.models.classifier import Classifier, ClassifierConfig
from seqlabel.models.fine_tuning import document_options, fine_tune
from seqlabel.models.language_model import LanguageModel, WordLanguageModel
from seqlabel.nn.embedders import TableEmbedder
from seqlabel.nn.encoders import RecurrentEncoder, TextEncoder
from seqlabel.nn.heads.categories import DocumentHead
from seqlabel.nn.network_configs import LanguageModelConfig, PointerConfig, Recurrence, WordModelConfig
from seqlabel.nn.networks import DocumentModel
from seqlabel.text.hashing import WordHasher, hash_ngrams
from seqlabel.text.vocabulary import Vocabulary
from seqlabel.training.loop import Precision
from seqlabel.training.objectives import document_label
from seqlabel.training.progress import Display
from seqlabel.training.schedules import OneCycle
from tests.model_folders import change_config

LABELS = ("good", "bad", "neither")
VOCABULARY = Vocabulary(["xxunk", *(f"word{number}" for number in range(20))])
WORDS = [*(f"word{number}" for number in range(30)), "naïve", "数", "😀", ","]
TWO_WAY = WordModelConfig(words=len(VOCABULARY), buckets=64, embedding=8, hidden=6, cutoffs=(4,))
ONE_WAY = LanguageModelConfig(vocabulary=len(VOCABULARY), embedding=8, hidden=6, tied=False)
ENCODERS = {
    "two ways": TWO_WAY,
    "two ways of LSTMs": dataclasses.replace(TWO_WAY, recurrence=Recurrence.LSTM, layers=2, dropout=0.3),
    "one way": ONE_WAY,
    "one way that copies": dataclasses.replace(ONE_WAY, pointer=PointerConfig(width=3, window=4)),
}
every_encoder = pytest.mark.parametrize("name", ENCODERS)
FILES = ["config.json", "model.safetensors", "vocabulary.json"]


def shake(module, seed=0):
    """Weights large enough that words far away are felt."""
    torch.manual_seed(seed)
    with torch.no_grad():
        for parameter in module.parameters():
            parameter.add_(0.4 * torch.randn_like(parameter))


def build(name="two ways", *, seed=0, **numbers):
    """A classifier in evaluation mode, whose votes, if there are any, say something."""
    torch.manual_seed(seed)
    classifier = Classifier(
        ClassifierConfig(ENCODERS[name], LABELS, **{"buckets": 500, "bptt": 7, **numbers}), VOCABULARY
    )
    shake(classifier.module.encoder, seed)
    with torch.no_grad():
        classifier.module.head.layers[-1].weight.mul_(4)
    votes = classifier.module.votes
    if votes is not None:
        votes.weights.copy_(torch.randn_like(votes.weights))
        votes.bias.copy_(torch.randn_like(votes.bias))
        votes.share.fill_(1.0)
    classifier.module.eval()
    return classifier


def some_rows(count=12, *, seed=0, longest=30):
    chance = random.Random(seed)
    return [chance.choices(WORDS, k=chance.randint(1, longest)) for _ in range(count)]


def some_documents(count=40, *, seed=0, layer="category", longest=30):
    chance = random.Random(seed)
    rows = some_rows(count, seed=seed, longest=longest)
    return [Document.from_words(row).with_categories(layer, {chance.choice(LABELS): 1.0}) for row in rows]


def scores_of(documents, layer="category"):
    return [[document.categories[layer][label] for label in LABELS] for document in documents]


def slow_pooled(module, inputs):
    """The last, largest and mean state of each way over one document (1, time), read in one piece."""
    vectors = module.encoder.embedder(inputs)
    ways = []
    for encoder, row in zip(module.encoder.ways, (vectors, vectors.flip(1)), strict=False):
        states = encoder(row)[0][0]
        ways += [states[-1], states.amax(dim=0), states.mean(dim=0)]
    return torch.cat(ways)


def slow_logits(classifier, words):
    """One document by itself, its votes counted by hand."""
    module = classifier.module
    logits = module.head(slow_pooled(module, classifier.words([words])))
    if module.votes is None:
        return logits
    ids = hash_ngrams(words, classifier.config.buckets)
    votes = sum(module.votes.weights[int(id_)] for id_ in ids) / len(ids) ** 0.5
    return logits + module.votes.share * (votes + module.votes.bias)


# Document models.


@torch.no_grad()
@every_encoder
@pytest.mark.parametrize("bptt", [1, 4, 29, 30, 100])
def test_states_are_pooled_as_each_document_alone_in_one_piece(name, bptt):
    classifier, rows = build(name, bptt=bptt), [["word1"], ["数"] * 30, *some_rows()]
    found = classifier.module.pooled(classifier.words(rows), torch.tensor([len(row) for row in rows]))
    assert found.shape == (len(rows), 3 * 6 * len(classifier.module.encoder.ways))
    for row, pooled in zip(rows, found, strict=True):
        torch.testing.assert_close(pooled, slow_pooled(classifier.module, classifier.words([row])))


@torch.no_grad()
def test_votes_are_added_by_their_share_where_ngrams_are_given():
    classifier, rows = build(), some_rows()
    inputs, lengths = classifier.words(rows), torch.tensor([len(row) for row in rows])
    plain, voted = classifier.module(inputs, lengths), classifier.module(inputs, lengths, classifier.ngrams(rows))
    assert plain.shape == voted.shape == (len(rows), len(LABELS))
    torch.testing.assert_close(voted, torch.stack([slow_logits(classifier, row) for row in rows]))
    assert not torch.allclose(plain, voted)


TIME, PIECE = 20, 4


def one_way_model(*, gradient_words=1024, ways=1):
    """A model over a table, in whose gradient each word of a text of different words has its own row."""
    torch.manual_seed(0)
    embedder = TableEmbedder(2 * TIME, 8)
    encoder = TextEncoder(embedder, *(RecurrentEncoder(8, 6) for _ in range(ways)))
    return DocumentModel(encoder, DocumentHead(18 * ways, 2), bptt=PIECE, gradient_words=gradient_words).eval()


def touched(model, value):
    """The words that the gradient of a number comes to."""
    model.zero_grad()
    value.backward()
    return model.encoder.embedder.table.weight.grad.any(dim=1).nonzero().flatten().tolist()


def test_the_gradient_of_the_last_state_ends_where_its_piece_begins():
    model = one_way_model()
    pooled = model.pooled(torch.arange(TIME)[None], torch.tensor([TIME]))
    assert touched(model, pooled[0, :6].sum()) == list(range(TIME - PIECE, TIME))


@pytest.mark.parametrize("gradient_words", [4, 8, 11, 19, 20, 1024])
def test_the_gradient_flows_through_the_last_words_that_are_read_only(gradient_words):
    model = one_way_model(gradient_words=gradient_words)
    pooled = model.pooled(torch.arange(TIME)[None], torch.tensor([TIME]))
    # Whole pieces, so that none of the last words is left out.
    kept = min(-(-gradient_words // PIECE) * PIECE, TIME)
    assert touched(model, pooled.sum()) == list(range(TIME - kept, TIME))


def test_each_way_has_its_own_last_words():
    model = one_way_model(gradient_words=8, ways=2)
    pooled = model.pooled(torch.arange(TIME)[None], torch.tensor([TIME]))
    assert touched(model, pooled.sum()) == [*range(8), *range(TIME - 8, TIME)]


def test_where_the_gradient_is_cut_changes_no_value():
    words, lengths = torch.arange(TIME)[None], torch.tensor([TIME])
    found = [one_way_model(gradient_words=number).pooled(words, lengths) for number in (4, 8, 1024)]
    # Pieces with a gradient are read by `nn.gru`, the others by torch: the same sums, rounded in another order.
    for other in found[1:]:
        torch.testing.assert_close(other, found[0], rtol=0, atol=1e-6)


def test_a_short_document_beside_a_long_one_learns_through_its_own_last_words():
    model = one_way_model(gradient_words=8)
    words = torch.stack([torch.arange(TIME), torch.arange(TIME, 2 * TIME)])
    pooled = model.pooled(words, torch.tensor([TIME, 5]))
    assert touched(model, pooled[1].sum()) == list(range(TIME, TIME + 5))


def test_pooling_in_training_drops_and_leaves_the_callers_gradient_mode():
    classifier = build(dropout=0.5)
    classifier.module.train()
    inputs, lengths = classifier.words([WORDS]), torch.tensor([len(WORDS)])
    one, other = (classifier.module.pooled(inputs, lengths) for _ in range(2))
    assert not torch.equal(one, other)
    assert torch.is_grad_enabled()
    with torch.no_grad():
        assert not classifier.module.pooled(inputs, lengths).requires_grad


@every_encoder
def test_every_parameter_of_a_document_model_learns(name):
    classifier = build(name)
    rows = some_rows()
    logits = classifier.module(classifier.words(rows), torch.tensor([len(row) for row in rows]))
    functional.cross_entropy(logits, torch.arange(len(rows)) % 3).backward()
    names = [name for name, parameter in classifier.module.named_parameters() if not parameter.grad.any()]
    assert names == []


# Memory is that of the whole process, so it has one of its own.
LONG_READ = """
import resource
import sys
import torch
from seqlabel.models.classifier import Classifier, ClassifierConfig
from seqlabel.documents.document import Document
from seqlabel.nn.networks import WordModelConfig
from seqlabel.text.vocabulary import Vocabulary

torch.set_num_threads(1)
encoder = WordModelConfig(words=21, buckets=64, embedding=16, hidden=32, cutoffs=(4,))
vocabulary = Vocabulary(["xxunk", *(f"word{number}" for number in range(20))])
classifier = Classifier(ClassifierConfig(encoder, ("a", "b"), buckets=64), vocabulary)
document = Document.from_words([f"word{number % 30}" for number in range(100_000)])
list(classifier([Document.from_words(document.words[:1000])]))
peak = lambda: resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1024 if sys.platform == "linux" else 1024**2)
before = peak()
(found,) = classifier([document])
print(peak() - before, sum(found.categories["category"].values()))
"""


@pytest.mark.slow
def test_a_text_of_100_000_words_is_read_in_bounded_memory():
    """The states of all words at once, and what becomes of them, would be 125 MB."""
    done = subprocess.run(
        [sys.executable, "-c", LONG_READ],
        capture_output=True,
        text=True,
        check=True,
        env=os.environ | {"OMP_NUM_THREADS": "1"},
    )
    megabytes, total = map(float, done.stdout.split())
    assert total == pytest.approx(1)
    assert megabytes < 40


# Batches and their objective.

ENCODER = WordEncoder(VOCABULARY, WordHasher(64))


def make_batches(documents, *, words=60, seed=0, encoder=ENCODER, layer="category"):
    return document_batches(documents, encoder, layer=layer, labels=LABELS, words=words, seed=seed)


def label_of(document):
    return LABELS.index(max(document.categories["category"], key=document.categories["category"].get))


@pytest.mark.parametrize("words", [1, 30, 60, 10_000])
@pytest.mark.parametrize("epoch", [0, 3])
def test_every_document_comes_once_an_epoch_with_its_label(words, epoch):
    # A word of its own tells each document from the others.
    documents = [
        Document.from_words([*document.words, f"own{number}"]).with_categories(
            "category", document.categories["category"]
        )
        for number, document in enumerate(some_documents())
    ]
    vocabulary = Vocabulary(["xxunk", *WORDS, *(f"own{number}" for number in range(len(documents)))])
    batches = make_batches(documents, words=words, encoder=IdEncoder(vocabulary))
    left = {tuple(vocabulary.encode(document.words).tolist()): label_of(document) for document in documents}
    found = list(batches.batches(epoch))
    assert len(found) == len(batches)
    for batch in found:
        (labels,) = batch.gold
        assert batch.words.shape == (len(labels), int(batch.lengths.max()))
        assert batch.words.numel() <= words or len(labels) == 1
        assert labels.dtype == torch.int64
        for row, length, gold in zip(batch.words.tolist(), batch.lengths.tolist(), labels.tolist(), strict=True):
            assert left.pop(tuple(row[:length])) == gold
    assert not left


def test_a_label_is_the_category_with_the_highest_score():
    document = Document.from_words(["word1"]).with_categories("category", {"bad": 0.2, "neither": 0.7, "good": 0.1})
    (batch,) = make_batches([document]).batches()
    assert [labels.tolist() for labels in batch.gold] == [[2]]


def test_document_batches_depend_on_seed_and_epoch_alone_and_may_begin_late():
    documents = some_documents()

    def read(seed=0, epoch=0, start=0):
        return [batch.lengths.tolist() for batch in make_batches(documents, seed=seed).batches(epoch, start)]

    whole = read(2, 5)
    assert read(2, 5) == whole
    assert read(2, 4) != whole != read(1, 5)
    for start in range(len(whole) + 1):
        assert read(2, 5, start) == whole[start:]


def test_a_document_batch_goes_to_a_device_whole():
    batch = next(make_batches(some_documents()).batches())
    moved = batch.to(torch.device("meta"))
    parts = (moved.words.positions, moved.words.features, moved.lengths, *moved.gold)
    assert {part.device.type for part in parts} == {"meta"}
    assert torch.equal(*(one.gold[0] for one in (batch.to(torch.device("cpu")), batch)))


SECRET = Document.from_words(["secret"])
BAD_DOCUMENTS = {
    "no layer": (SECRET, "Document 2 has no layer 'category' of categories. Its layers are: none.$"),
    "another layer": (
        SECRET.with_categories("topic", {"good": 1.0}).with_categories("age", {"old": 1.0}),
        "Document 2 has no layer 'category' of categories. Its layers are: topic, age.$",
    ),
    "tags": (
        SECRET.with_tags("category", Tags(("good",))),
        "Document 2 has no layer 'category' of categories. Its layers are: none.$",
    ),
    "nothing in it": (SECRET.with_categories("category", {}), "Document 2 has no layer 'category' of categories"),
    "another label": (
        SECRET.with_categories("category", {"awful": 1.0}),
        "Document 2 has the label 'awful', which is not among the 3 of the training documents",
    ),
    "no words": (
        Document("   ", ()).with_categories("category", {"good": 1.0}),
        "Document 2 has no words. Take it out",
    ),
}


@pytest.mark.parametrize("name", BAD_DOCUMENTS)
def test_a_document_that_cannot_be_learnt_from_is_refused_with_its_number(name):
    bad, message = BAD_DOCUMENTS[name]
    with pytest.raises(DataError, match=message) as caught:
        make_batches([*some_documents(2), bad])
    assert "secret" not in str(caught.value)


def test_no_documents_are_refused():
    with pytest.raises(DataError, match=r"Found no documents\. Give at least one"):
        make_batches([])


@pytest.mark.parametrize("words", [1, 20, 100, 10_000])
@pytest.mark.parametrize("seed", range(3))
def test_groups_are_rows_of_like_length_of_about_so_many_words(words, seed):
    lengths = [len(row) for row in some_rows(100, seed=seed)]
    sizes = []
    for epoch in range(3):
        groups = shuffled_groups(lengths, words, seed=seed, epoch=epoch)
        assert sorted(number for group in groups for number in group) == list(range(100))
        for group in groups:
            assert len(group) == 1 or len(group) * max(lengths[number] for number in group) <= words
        ranges = sorted((min(lengths[n] for n in group), max(lengths[n] for n in group)) for group in groups)
        assert all(before[1] <= after[0] for before, after in pairwise(ranges))
        sizes.append(sorted(len(group) for group in groups))
    assert sizes[0] == sizes[1] == sizes[2]


def test_groups_of_no_rows_are_none():
    assert shuffled_groups([], 10, seed=0, epoch=0) == []


def test_the_objective_is_the_mean_surprise_at_the_labels():
    classifier = build()
    batch = next(make_batches(some_documents(), words=200).batches())
    step = document_label(classifier.module, batch, None)
    probabilities, gold = classifier.module(batch.words, batch.lengths).softmax(dim=1), batch.gold[0].tolist()
    surprises = [-probabilities[row, label].log() for row, label in enumerate(gold)]
    torch.testing.assert_close(step.loss, sum(surprises) / len(surprises))
    guesses = probabilities.argmax(dim=1).tolist()
    assert int(step.correct) == sum(guess == label for guess, label in zip(guesses, gold, strict=True))
    assert int(step.count) == len(gold) > 3
    assert step.state is None


def test_nothing_is_counted_as_right_while_training():
    classifier = build()
    classifier.module.train()
    assert document_label(classifier.module, next(make_batches(some_documents()).batches()), None).correct is None


# Classifiers.


@every_encoder
def test_a_document_has_the_probabilities_that_it_has_alone(name):
    classifier, documents = build(name, seed=1), some_documents()
    found = list(classifier(documents))
    for document, scores in zip(documents, scores_of(found), strict=True):
        expected = slow_logits(classifier, document.words).softmax(dim=0)
        assert scores == pytest.approx(expected.tolist(), abs=1e-5)
        assert sum(scores) == pytest.approx(1)
    spread = torch.tensor(scores_of(found)).std(dim=0)
    assert (spread > 0.05).all(), "weights that say the same of every document would test nothing"


@pytest.mark.parametrize("batch_words", [1, 17, 100, 100_000])
def test_order_is_kept_and_nothing_depends_on_the_batch(batch_words):
    classifier, documents = build(), some_documents(60)
    expected = scores_of(classifier(documents))
    found = list(classifier.pipe(documents, batch_words=batch_words))
    assert [document.text for document in found] == [document.text for document in documents]
    torch.testing.assert_close(torch.tensor(scores_of(found)), torch.tensor(expected))
    turned = list(classifier.pipe(reversed(documents), batch_words=batch_words))
    torch.testing.assert_close(torch.tensor(scores_of(turned)), torch.tensor(expected[::-1]))


def test_texts_are_read_as_they_are_asked_for():
    classifier, read = build(), []

    def texts():
        for number in range(1000):
            read.append(number)
            yield "word1 word2 word3 word4"

    found = classifier.pipe(texts(), batch_words=10)
    next(found)
    assert 0 < len(read) <= 30


def test_plain_text_and_documents_may_be_mixed():
    classifier = build()
    text = "word1  word2, naïve\n数"
    one, other = classifier([text, Document.from_words(["word1", "word2", ",", "naïve", "数"])])
    assert one.text == text
    assert one.words == other.words
    assert scores_of([one])[0] == pytest.approx(scores_of([other])[0])


def test_a_document_keeps_its_text_and_its_other_layers():
    classifier = build(layer="mood")
    document = Document.from_words(["word1", "naïve"], spaces=[False, False], tags={"pos": Tags(("N", None))})
    document = document.with_categories("topic", {"art": 1.0}).with_categories("mood", {"bad": 1.0})
    (found,) = classifier([document])
    assert (found.text, found.offsets, found.tags) == (document.text, document.offsets, document.tags)
    assert found.categories.keys() == {"topic", "mood"}
    assert found.categories["topic"] == {"art": 1.0}
    assert tuple(found.categories["mood"]) == LABELS
    assert document.categories["mood"] == {"bad": 1.0}


def test_no_texts_give_no_documents():
    assert list(build()([])) == []


@pytest.mark.parametrize("text", ["", " \n\t", Document("", ()), Document("secret", ())], ids=repr)
@pytest.mark.parametrize("buckets", [0, 500])
def test_in_a_text_without_words_all_labels_are_equally_probable(text, buckets):
    classifier = build(buckets=buckets, temperature=2.0)
    alone = list(classifier(["word1", "word2 word3"]))
    one, empty, other = classifier(["word1", text, "word2 word3"])
    assert [one, other] == alone
    assert scores_of([empty])[0] == pytest.approx([1 / len(LABELS)] * len(LABELS))
    assert empty.text == (text if isinstance(text, str) else text.text)
    assert list(classifier([text])) == [empty]


@pytest.mark.parametrize("batch_words", [1, 5, 1000])
def test_texts_without_words_may_be_anywhere_in_a_batch(batch_words):
    classifier, documents = build(), some_documents(20)
    mixed = [one for document in documents for one in ("", document)]
    found = list(classifier.pipe(mixed, batch_words=batch_words))
    assert [len(document) for document in found[::2]] == [0] * 20
    torch.testing.assert_close(torch.tensor(scores_of(found[1::2])), torch.tensor(scores_of(classifier(documents))))


def test_texts_without_words_are_not_kept():
    classifier, read = build(), []
    next(classifier.pipe((read.append(number) or "" for number in range(1000)), batch_words=10))
    assert len(read) <= 80


@pytest.mark.parametrize("text", ["word1 word2", Document.from_words(["word1"])], ids=["text", "document"])
def test_one_text_gives_one_document(text):
    classifier = build()
    assert classifier(text) == classifier([text])[0]
    with pytest.raises(OptionError, match="a single text"):
        next(classifier.pipe(text))


def test_a_long_run_of_characters_is_cut_into_words_in_no_time():
    begun = time.process_time()
    (found,) = build()(["(" * 6_000])
    assert len(found) == 6_000
    assert time.process_time() - begun < 3


def test_a_language_that_spacy_does_not_know_is_refused():
    with pytest.raises(OptionError, match="language: spaCy has no 'qq'"):
        build(language="qq")


@pytest.mark.parametrize("labels", [(), ("one",), ("one", "two", "one")], ids=str)
def test_labels_that_leave_no_choice_are_refused(labels):
    with pytest.raises(OptionError, match=r"labels: Found .*\. Give at least 2 different ones") as caught:
        Classifier(ClassifierConfig(TWO_WAY, labels), VOCABULARY)
    assert str(list(labels)) in str(caught.value)
    with pytest.raises(OptionError, match="at least 2 different ones"):
        Classifier.on(WordLanguageModel(TWO_WAY, VOCABULARY), labels)


def test_a_temperature_divides_the_scores():
    plain, warm = build(), build(temperature=3.0)
    words = some_rows()[0]
    expected = (slow_logits(plain, words) / 3.0).softmax(dim=0)
    assert scores_of(warm([Document.from_words(words)]))[0] == pytest.approx(expected.tolist(), abs=1e-6)


def test_without_buckets_no_word_votes():
    classifier = build(buckets=0)
    assert classifier.module.votes is None
    words = some_rows()[0]
    expected = slow_logits(classifier, words).softmax(dim=0)
    assert scores_of(classifier([Document.from_words(words)]))[0] == pytest.approx(expected.tolist(), abs=1e-6)


def test_classifying_leaves_evaluation_mode_and_random_state_and_gradients_alone():
    classifier = build(dropout=0.9)
    expected = scores_of(classifier(["word1 word2 数"]))
    classifier.module.train()
    before = torch.get_rng_state()
    found = classifier(["word1 word2 数", "word3"])
    assert scores_of([next(iter(found))])[0] == pytest.approx(expected[0], abs=1e-6)
    assert not any(module.training for module in classifier.module.modules())
    assert torch.equal(torch.get_rng_state(), before)
    assert not torch.is_inference_mode_enabled()
    assert torch.is_grad_enabled()


def test_eight_threads_give_what_one_does():
    classifier, documents = build(), some_documents(60)
    expected = torch.tensor(scores_of(classifier(documents)))
    classifier.module.train()
    with ThreadPoolExecutor(8) as pool:
        for found in pool.map(lambda _: scores_of(classifier.pipe(documents, batch_words=100)), range(16)):
            torch.testing.assert_close(torch.tensor(found), expected)


def language_model(name):
    config = ENCODERS[name]
    kind = WordLanguageModel if isinstance(config, WordModelConfig) else LanguageModel
    model = kind(config, VOCABULARY)
    shake(model.module, seed=5)
    return model


@every_encoder
@pytest.mark.parametrize("way", ["as it is", "path", "text"])
def test_a_new_head_goes_on_a_copy_of_a_language_models_encoder(tmp_path, name, way):
    below = language_model(name)
    if way != "as it is":
        below.save(tmp_path / "below")
    given = {"as it is": below, "path": tmp_path / "below", "text": str(tmp_path / "below")}[way]
    classifier = Classifier.on(given, LABELS, layer="mood", dropout=0.25)
    config = classifier.config
    assert (config.encoder, config.labels, config.layer, config.dropout) == (below.config, LABELS, "mood", 0.25)
    found, expected = classifier.module.encoder.state_dict(), below.module.encoder.state_dict()
    assert found.keys() == expected.keys()
    for key, tensor in found.items():
        assert torch.equal(tensor, expected[key])
        # A copy: what is learnt for documents leaves the language model as it was.
        assert tensor.data_ptr() != expected[key].data_ptr()


def test_the_fresh_head_is_that_of_the_seed():
    below = language_model(next(iter(ENCODERS)))
    first, again, other = (Classifier.on(below, LABELS, seed=seed).module.head.state_dict() for seed in (0, 0, 1))
    assert all(torch.equal(weights, again[name]) for name, weights in first.items())
    assert not all(torch.equal(weights, other[name]) for name, weights in first.items())


def test_a_folder_without_a_language_model_is_refused(tmp_path):
    with pytest.raises(CheckpointError, match="nowhere: there is no such folder"):
        Classifier.on(tmp_path / "nowhere", LABELS)
    build().save(tmp_path / "classifier")
    with pytest.raises(CheckpointError, match="Found 'classifier', expected 'language model'"):
        Classifier.on(tmp_path / "classifier", LABELS)


@every_encoder
def test_a_classifier_comes_back_as_it_was(tmp_path, name):
    classifier = build(name, layer="mood", language="de", temperature=2.0, gradient_words=14, dropout=0.1)
    classifier.save(tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == FILES
    found = Classifier.load(tmp_path)
    assert (found.config, found.vocabulary) == (classifier.config, VOCABULARY)
    assert not any(module.training for module in found.module.modules())
    documents = some_documents()
    assert list(found(documents)) == list(classifier(documents))


def test_a_compact_classifier_is_smaller_and_says_nearly_the_same(tmp_path):
    classifier = build(buckets=4096)
    for name in ("whole", "compact"):
        classifier.save(tmp_path / name, compact=name == "compact")
    sizes = [(tmp_path / name / "model.safetensors").stat().st_size for name in ("whole", "compact")]
    assert sizes[1] < 0.6 * sizes[0]
    documents = some_documents()
    found, expected = scores_of(Classifier.load(tmp_path / "compact")(documents)), scores_of(classifier(documents))
    assert found != expected
    torch.testing.assert_close(torch.tensor(found), torch.tensor(expected), rtol=0, atol=0.05)
    # The classifier itself is whole after it was saved.
    assert scores_of(Classifier.load(tmp_path / "whole")(documents)) == scores_of(classifier(documents)) == expected


@pytest.fixture(scope="module")
def original(tmp_path_factory):
    folder = tmp_path_factory.mktemp("original")
    build().save(folder)
    return folder


@pytest.fixture
def saved(original, tmp_path):
    """A folder of its own for each test to damage."""
    return shutil.copytree(original, tmp_path / "classifier")


def assert_refused(folder, path):
    with pytest.raises(CheckpointError) as caught:
        Classifier.load(folder)
    assert str(path) in str(caught.value)


@pytest.mark.parametrize(
    "change",
    [
        {"labels": "good"},
        {"labels": ["good", 2]},
        {"labels": ["good"]},
        {"labels": ["good", "bad"]},
        {"encoder": None},
        {"encoder": {"words": 3}},
        {"buckets": 501},
        {"dropout": 2},
        {"unheard of": 1},
        {"labels": ["good", "bad", ""]},
        {"bptt": 0},
        {"gradient_words": 0},
        {"buckets": -1},
        {"temperature": 0},
    ],
    ids=str,
)
def test_a_bad_number_is_refused_by_the_folders_name(saved, change):
    change_config(saved, change)
    assert_refused(saved, saved)


def test_another_kind_of_model_is_not_a_classifier(tmp_path):
    language_model("two ways").save(tmp_path)
    with pytest.raises(CheckpointError, match="Found 'word language models', expected 'classifier'"):
        Classifier.load(tmp_path)


# Fine-tuning.

OPTIONS = dataclasses.replace(
    document_options(6, device="cpu"),
    schedule=OneCycle(max_lr=0.02, pct_start=0.2),
    precision=Precision.FLOAT32,
    lr_scales={},
    average=0.5,
)
SIGNS = {"good": "word1", "bad": "word2", "neither": "word3"}


def told_by_a_word(count, *, seed=0, labels=LABELS):
    """Documents that one word tells apart, wherever it stands."""
    chance, documents = random.Random(seed), []
    for _ in range(count):
        label = chance.choice(labels)
        words = chance.choices(WORDS[4:], k=chance.randint(3, 12))
        words.insert(chance.randint(0, len(words)), SIGNS[label])
        documents.append(Document.from_words(words).with_categories("category", {label: 1.0}))
    return documents


TRAIN, DEV = told_by_a_word(120), told_by_a_word(40, seed=1)


def fresh(name="two ways", **numbers):
    torch.manual_seed(0)
    numbers = {"buckets": 1 << 12, **numbers}
    return Classifier(ClassifierConfig(ENCODERS[name], LABELS, **numbers), VOCABULARY)


def tune(classifier, train=TRAIN, dev=DEV, *, options=OPTIONS, **choices):
    return fine_tune(classifier, train, dev, options=options, words=100, display=Display.SILENT, **choices)


@cache
def tuned(name="two ways"):
    """A classifier that was fine-tuned on what is above, for tests that change nothing in it, and the reports."""
    classifier = fresh(name)
    return classifier, tune(classifier)


def accuracy(classifier, documents):
    found = classifier([Document.from_words(document.words) for document in documents])
    right = [label_of(one) == label_of(other) for one, other in zip(found, documents, strict=True)]
    return sum(right) / len(right)


@pytest.mark.parametrize("name", ["two ways", "one way"])
def test_words_that_tell_are_learnt(name):
    classifier, reports = tuned(name)
    assert len(reports) == OPTIONS.epochs
    assert accuracy(classifier, told_by_a_word(60, seed=2)) > 0.95
    assert not any(module.training for module in classifier.module.modules())


@pytest.mark.parametrize("name", ["two ways", "one way"])
def test_the_recurrent_part_learns_by_itself(name):
    classifier = fresh(name, buckets=0)
    reports = tune(classifier, options=dataclasses.replace(OPTIONS, epochs=12))
    assert classifier.module.votes is None
    assert reports[-1].valid_loss < reports[0].valid_loss
    best = max(report.accuracy for report in reports)
    assert best == pytest.approx(accuracy(classifier, DEV))
    assert best > 0.9


def test_a_path_is_no_documents():
    with pytest.raises(OptionError, match=r"train: Got a path\. Give documents"):
        tune(fresh(), train="train.jsonl")
    with pytest.raises(OptionError, match="dev: Got a path"):
        tune(fresh(), dev=Path("dev.jsonl"))


def test_a_folder_keeps_the_best_epoch_and_changes_nothing(tmp_path):
    (one, _), other = tuned(), fresh()
    tune(other, folder=tmp_path / "run")
    for name, tensor in one.module.state_dict().items():
        assert torch.equal(tensor, other.module.state_dict()[name]), name
    assert {"best", "last"} <= {path.name for path in (tmp_path / "run").iterdir()}
    best = Classifier.load(tmp_path / "run" / "best")
    for name, tensor in best.module.state_dict().items():
        if not name.startswith("votes"):
            assert torch.equal(tensor, other.module.state_dict()[name]), name


def test_a_training_that_was_cut_off_goes_on(tmp_path, monkeypatch):
    whole, _ = tuned()
    fit, cut = fine_tuning.fit, fresh()

    def cut_off(*arguments, **choices):
        for report in fit(*arguments, **choices):
            yield report
            if report.epoch == 2:
                raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(fine_tuning, "fit", cut_off)
        with pytest.raises(KeyboardInterrupt):
            tune(cut, folder=tmp_path / "run")
    again = fresh()
    tune(again, folder=tmp_path / "run", resume=True)
    for name, tensor in whole.module.state_dict().items():
        torch.testing.assert_close(again.module.state_dict()[name], tensor, msg=name)


def test_a_label_without_training_documents_is_no_accident_after_the_training():
    """The labels may be those of a larger corpus; a refusal would come before the epochs, and be a `DataError`."""
    classifier = fresh()
    train, dev = (told_by_a_word(count, labels=LABELS[:2], seed=6) for count in (60, 20))
    try:
        tune(classifier, train, dev, options=dataclasses.replace(OPTIONS, epochs=2))
    except DataError:
        return
    assert accuracy(classifier, dev) > 0.9


@pytest.mark.parametrize("part", ["train", "dev"])
@pytest.mark.parametrize("name", ["another layer", "another label", "no words"])
def test_documents_that_do_not_fit_are_refused_before_anything_is_learnt(part, name):
    bad, message = BAD_DOCUMENTS[name]
    classifier = fresh()
    before = {key: tensor.clone() for key, tensor in classifier.module.state_dict().items()}
    documents = {"train": TRAIN, "dev": DEV} | {part: [*TRAIN[:2], bad]}
    with pytest.raises(DataError, match=message):
        tune(classifier, **documents)
    assert all(torch.equal(tensor, before[key]) for key, tensor in classifier.module.state_dict().items())


@pytest.mark.parametrize("part", ["train", "dev"])
def test_to_tune_on_nothing_is_refused(part):
    with pytest.raises(DataError, match=r"[Ff]ound no documents"):
        tune(fresh(), **({"train": TRAIN, "dev": DEV} | {part: []}))


def test_the_numbers_of_a_fine_tuning_reach_parts_that_a_document_model_has():
    options = document_options(5, seed=3, device="cpu")
    assert (options.epochs, options.seed, options.device) == (5, 3, "cpu")
    parts = {name for name, _ in fresh().module.named_children()}
    assert options.lr_scales.keys() <= parts


@torch.no_grad()
def test_a_head_that_has_measured_documents_reads_them_standardised():
    classifier = build()
    documents = some_documents(30)
    classifier.standardise(documents)
    head = classifier.module.head
    pooled = torch.cat(
        [
            classifier.module.pooled(classifier.words([one.words]), torch.tensor([len(one)]))
            for one in documents
            if len(one)
        ]
    )
    torch.testing.assert_close(head.mean, pooled.mean(dim=0), rtol=1e-4, atol=1e-5)
    moving = pooled.std(dim=0, correction=0) > 0.03
    standard = ((pooled - head.mean) / head.spread)[:, moving]
    torch.testing.assert_close(standard.std(dim=0, correction=0), torch.ones(int(moving.sum())), rtol=1e-3, atol=1e-3)
