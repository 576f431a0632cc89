"""Labels of whole documents: a document's label depends on it alone, however long it is and
whatever is beside it.

The votes of words: what they learn by themselves, and the share that they get.
"""

import dataclasses
import os
import random
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import torch
from torch.nn import functional

from seqlabel.batches.labeled import document_batches
from seqlabel.documents.categories import Categories
from seqlabel.documents.document import Document, Tags
from seqlabel.documents.schemes import Scheme
from seqlabel.documents.tag_sets import TagSet
from seqlabel.errors import DataError, OptionError
from seqlabel.models import document_heads, fine_tuning
from seqlabel.models.document_heads import standardize
from seqlabel.models.export import check_exported
from seqlabel.models.fine_tuning import document_options, fine_tune, options_for
from seqlabel.models.stream import StreamLabeler
from seqlabel.models.tagging.engine import Arithmetic, EngineKind
from seqlabel.models.tagging.labeler import Labeler
from seqlabel.scores.calibration import LOWEST_TEMPERATURE
from seqlabel.training.objectives import gold_labels
from seqlabel.training.progress import Display
from seqlabel.training.schedules import OneCycle
from tests.batches.test_document_batches import BAD_DOCUMENTS
from tests.document_labelers import (
    DEV,
    ENCODERS,
    LABELS,
    OPTIONS,
    SIGNS,
    TRAIN,
    VOCABULARY,
    WORDS,
    accuracy,
    document_labeler,
    fresh,
    label_of,
    language_model,
    scores_of,
    slow_logits,
    some_documents,
    some_rows,
    told_by_a_word,
    tune,
    tuned,
)

every_encoder = pytest.mark.parametrize("name", ENCODERS)
FILES = ["config.json", "model.safetensors", "vocabulary.json"]

# Memory is that of the whole process, so it has one of its own.
LONG_READ = """
import resource
import sys
import torch
from seqlabel.documents.categories import Categories
from seqlabel.documents.document import Document
from seqlabel.models.model_configs import HeadConfig, LabelerConfig
from seqlabel.models.tagging.labeler import Labeler
from seqlabel.nn.heads.categories import Pooled
from seqlabel.nn.network_configs import WordModelConfig
from seqlabel.text.vocabulary import Vocabulary

torch.set_num_threads(1)
encoder = WordModelConfig(words=21, buckets=64, embedding=16, hidden=32, cutoffs=(4,))
vocabulary = Vocabulary(["xxunk", *(f"word{number}" for number in range(20))])
head = HeadConfig(Categories("category", ("a", "b")), Pooled(buckets=64))
labeler = Labeler(LabelerConfig(encoder, (head,), hidden=0), vocabulary)
document = Document.from_words([f"word{number % 30}" for number in range(100_000)])
list(labeler([Document.from_words(document.words[:1000])]))
peak = lambda: resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1024 if sys.platform == "linux" else 1024**2)
before = peak()
(found,) = labeler([document])
print(peak() - before, sum(found.categories["category"].values()))
"""  # noqa: E501


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


def test_the_objective_is_the_mean_surprise_at_the_labels():
    labeler = document_labeler()
    batches = document_batches(
        some_documents(), labeler.words, tag_sets=labeler.tag_sets, words=200
    )
    batch = next(batches.batches())
    step = gold_labels(labeler.module, batch, None)
    gold = batch.gold[0].tolist()
    pooled = labeler.module.pooled(batch.words, batch.lengths)
    probabilities = labeler.module.tag_heads[0].output(pooled).softmax(dim=1)
    surprises = [-probabilities[row, label].log() for row, label in enumerate(gold)]
    torch.testing.assert_close(step.loss, sum(surprises) / len(surprises))
    assert int(step.count) == len(gold) > 3
    assert step.state is None


@every_encoder
def test_a_document_has_the_probabilities_that_it_has_alone(name):
    labeler, documents = document_labeler(name, seed=1), some_documents()
    found = list(labeler(documents))
    for document, scores in zip(documents, scores_of(found), strict=True):
        expected = slow_logits(labeler, document.words).softmax(dim=0)
        assert scores == pytest.approx(expected.tolist(), abs=1e-5)
        assert sum(scores) == pytest.approx(1)
    spread = torch.tensor(scores_of(found)).std(dim=0)
    assert (spread > 0.05).all(), "weights that say the same of every document would test nothing"


@pytest.mark.parametrize("batch_words", [1, 17, 100, 100_000])
def test_order_is_kept_and_nothing_depends_on_the_batch(batch_words):
    labeler, documents = document_labeler(), some_documents(60)
    expected = scores_of(labeler(documents))
    found = list(labeler.pipe(documents, batch_words=batch_words))
    assert [document.text for document in found] == [document.text for document in documents]
    torch.testing.assert_close(torch.tensor(scores_of(found)), torch.tensor(expected))
    turned = list(labeler.pipe(reversed(documents), batch_words=batch_words))
    torch.testing.assert_close(torch.tensor(scores_of(turned)), torch.tensor(expected[::-1]))


def test_texts_are_read_as_they_are_asked_for():
    labeler, read = document_labeler(), []

    def texts():
        for number in range(1000):
            read.append(number)
            yield "word1 word2 word3 word4"

    found = labeler.pipe(texts(), batch_words=10)
    next(found)
    assert 0 < len(read) <= 60


def test_plain_text_and_documents_may_be_mixed():
    labeler = document_labeler()
    text = "word1  word2, naïve\n数"
    one, other = labeler([text, Document.from_words(["word1", "word2", ",", "naïve", "数"])])
    assert one.text == text
    assert one.words == other.words
    assert scores_of([one])[0] == pytest.approx(scores_of([other])[0])


def test_a_document_keeps_its_text_and_its_other_layers():
    labeler = document_labeler(layer="mood")
    document = Document.from_words(
        ["word1", "naïve"], spaces=[False, False], tags={"pos": Tags(("N", None))}
    )
    document = document.with_categories("topic", {"art": 1.0}).with_categories("mood", {"bad": 1.0})
    (found,) = labeler([document])
    assert (found.text, found.offsets, found.tags) == (
        document.text,
        document.offsets,
        document.tags,
    )
    assert found.categories.keys() == {"topic", "mood"}
    assert found.categories["topic"] == {"art": 1.0}
    assert tuple(found.categories["mood"]) == LABELS
    assert document.categories["mood"] == {"bad": 1.0}


def test_no_texts_give_no_documents():
    assert list(document_labeler()([])) == []


@pytest.mark.parametrize("text", ["", " \n\t", Document("", ()), Document("secret", ())], ids=repr)
@pytest.mark.parametrize("buckets", [0, 500])
def test_in_a_text_without_words_all_labels_are_equally_probable(text, buckets):
    labeler = document_labeler(buckets=buckets, temperature=2.0)
    alone = list(labeler(["word1", "word2 word3"]))
    one, empty, other = labeler(["word1", text, "word2 word3"])
    assert [one, other] == alone
    assert scores_of([empty])[0] == pytest.approx([1 / len(LABELS)] * len(LABELS))
    assert empty.text == (text if isinstance(text, str) else text.text)
    assert list(labeler([text])) == [empty]


@pytest.mark.parametrize("batch_words", [1, 5, 1000])
def test_texts_without_words_may_be_anywhere_in_a_batch(batch_words):
    labeler, documents = document_labeler(), some_documents(20)
    mixed = [one for document in documents for one in ("", document)]
    found = list(labeler.pipe(mixed, batch_words=batch_words))
    assert [len(document) for document in found[::2]] == [0] * 20
    torch.testing.assert_close(
        torch.tensor(scores_of(found[1::2])), torch.tensor(scores_of(labeler(documents)))
    )


def test_texts_without_words_are_not_kept():
    labeler, read = document_labeler(), []
    next(labeler.pipe((read.append(number) or "" for number in range(1000)), batch_words=10))
    assert len(read) <= 170


@pytest.mark.parametrize(
    "text", ["word1 word2", Document.from_words(["word1"])], ids=["text", "document"]
)
def test_one_text_gives_one_document(text):
    labeler = document_labeler()
    assert labeler(text) == labeler([text])[0]
    with pytest.raises(OptionError, match="a single text"):
        next(labeler.pipe(text))


def test_a_long_run_of_characters_is_cut_into_words_in_no_time():
    begun = time.process_time()
    (found,) = document_labeler()(["(" * 6_000])
    assert len(found) == 6_000
    assert time.process_time() - begun < 3


def test_a_language_that_spacy_does_not_know_is_refused():
    with pytest.raises(OptionError, match="language: spaCy has no 'qq'"):
        document_labeler(language="qq")


def test_a_temperature_divides_the_scores():
    plain, warm = document_labeler(), document_labeler(temperature=3.0)
    words = some_rows()[0]
    expected = (slow_logits(plain, words) / 3.0).softmax(dim=0)
    assert scores_of(warm([Document.from_words(words)]))[0] == pytest.approx(
        expected.tolist(), abs=1e-6
    )


def test_without_buckets_no_word_votes():
    labeler = document_labeler(buckets=0)
    assert labeler.module.tag_heads[0].weights == {}
    words = some_rows()[0]
    expected = slow_logits(labeler, words).softmax(dim=0)
    assert scores_of(labeler([Document.from_words(words)]))[0] == pytest.approx(
        expected.tolist(), abs=1e-6
    )


def test_labelling_leaves_evaluation_mode_and_random_state_and_gradients_alone():
    labeler = document_labeler(dropout=0.9)
    expected = scores_of(labeler(["word1 word2 数"]))
    labeler.module.train()
    before = torch.get_rng_state()
    found = labeler(["word1 word2 数", "word3"])
    assert scores_of([next(iter(found))])[0] == pytest.approx(expected[0], abs=1e-6)
    assert not any(module.training for module in labeler.module.modules())
    assert torch.equal(torch.get_rng_state(), before)
    assert not torch.is_inference_mode_enabled()
    assert torch.is_grad_enabled()


def test_eight_threads_give_what_one_does():
    labeler, documents = document_labeler(), some_documents(60)
    expected = torch.tensor(scores_of(labeler(documents)))
    labeler.module.train()
    with ThreadPoolExecutor(8) as pool:
        for found in pool.map(
            lambda _: scores_of(labeler.pipe(documents, batch_words=100)), range(16)
        ):
            torch.testing.assert_close(torch.tensor(found), expected)


@every_encoder
@pytest.mark.parametrize("way", ["as it is", "path", "text"])
def test_a_new_head_goes_on_a_copy_of_a_language_models_encoder(tmp_path, name, way):
    below = language_model(name)
    if way != "as it is":
        below.save(tmp_path / "below")
    given = {"as it is": below, "path": tmp_path / "below", "text": str(tmp_path / "below")}[way]
    labeler = Labeler.on(given, [Categories("mood", LABELS)], dropout=0.25)
    config = labeler.config
    assert (config.encoder, config.layers, config.dropout, config.hidden) == (
        below.config,
        ["mood"],
        0.25,
        0,
    )
    found, expected = labeler.module.encoder.state_dict(), below.module.encoder.state_dict()
    assert found.keys() == expected.keys()
    for key, tensor in found.items():
        assert torch.equal(tensor, expected[key])
        # A copy: what is learnt for documents leaves the language model as it was.
        assert tensor.data_ptr() != expected[key].data_ptr()


def test_the_fresh_head_is_that_of_the_seed():
    below = language_model(next(iter(ENCODERS)))
    first, again, other = (
        Labeler.on(below, [Categories("a", LABELS)], seed=seed).module.heads.state_dict()
        for seed in (0, 0, 1)
    )
    assert all(torch.equal(weights, again[name]) for name, weights in first.items())
    assert not all(torch.equal(weights, other[name]) for name, weights in first.items())


@every_encoder
def test_a_labeler_comes_back_as_it_was(tmp_path, name):
    labeler = document_labeler(
        name, layer="mood", language="de", temperature=2.0, gradient_words=14, dropout=0.1
    )
    labeler.save(tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == FILES
    found = Labeler.load(tmp_path, arithmetic=Arithmetic.FLOAT32)
    assert (found.config, found.vocabulary) == (labeler.config, VOCABULARY)
    assert not any(module.training for module in found.module.modules())
    documents = some_documents()
    assert list(found(documents)) == list(labeler(documents))


def test_a_compact_labeler_is_smaller_and_says_nearly_the_same(tmp_path):
    labeler = document_labeler(buckets=4096)
    for name in ("whole", "compact"):
        labeler.save(tmp_path / name, compact=name == "compact")
    sizes = [
        (tmp_path / name / "model.safetensors").stat().st_size for name in ("whole", "compact")
    ]
    assert sizes[1] < 0.6 * sizes[0]
    documents = some_documents()
    found, expected = (
        scores_of(Labeler.load(tmp_path / "compact", arithmetic=Arithmetic.FLOAT32)(documents)),
        scores_of(labeler(documents)),
    )
    assert found != expected
    torch.testing.assert_close(torch.tensor(found), torch.tensor(expected), rtol=0, atol=0.05)
    # The labeler itself is whole after it was saved.
    assert (
        scores_of(Labeler.load(tmp_path / "whole", arithmetic=Arithmetic.FLOAT32)(documents))
        == scores_of(labeler(documents))
        == expected
    )


@pytest.mark.parametrize("name", ["two ways", "one way"])
def test_words_that_tell_are_learnt(name):
    labeler, reports = tuned(name)
    assert len(reports) == OPTIONS.epochs
    assert accuracy(labeler, told_by_a_word(60, seed=2)) > 0.95
    assert not any(module.training for module in labeler.module.modules())


@pytest.mark.parametrize("name", ["two ways", "one way"])
def test_the_recurrent_part_learns_by_itself(name):
    labeler = fresh(name, buckets=0)
    reports = tune(labeler, options=dataclasses.replace(OPTIONS, epochs=12))
    assert labeler.module.tag_heads[0].weights == {}
    assert reports[-1].valid_loss < reports[0].valid_loss
    best = max(report.accuracy for report in reports)
    assert best == pytest.approx(accuracy(labeler, DEV), abs=0.03)
    assert best > 0.9


def test_a_path_is_no_documents():
    with pytest.raises(OptionError, match="train"):
        tune(fresh(), train="train.jsonl")
    with pytest.raises(OptionError, match="dev"):
        tune(fresh(), dev=Path("dev.jsonl"))


def test_a_folder_keeps_the_best_epoch_and_changes_nothing(tmp_path):
    (one, _), other = tuned(), fresh()
    tune(other, folder=tmp_path / "run")
    for name, tensor in one.module.state_dict().items():
        assert torch.equal(tensor, other.module.state_dict()[name]), name
    assert {"best", "last"} <= {path.name for path in (tmp_path / "run").iterdir()}
    best = Labeler.load(tmp_path / "run" / "best")
    for name, tensor in best.module.state_dict().items():
        if ".pooled." not in name:
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
    """The labels may be those of a larger corpus; a refusal would come before the epochs, and be a
    `DataError`.
    """
    labeler = fresh()
    train, dev = (told_by_a_word(count, labels=LABELS[:2], seed=6) for count in (60, 20))
    try:
        tune(labeler, train, dev, options=dataclasses.replace(OPTIONS, epochs=2))
    except DataError:
        return
    assert accuracy(labeler, dev) > 0.9


@pytest.mark.parametrize("part", ["train", "dev"])
@pytest.mark.parametrize("name", ["another layer", "another label", "no words"])
def test_documents_that_do_not_fit_are_refused_before_anything_is_learnt(part, name):
    bad, message = BAD_DOCUMENTS[name]
    labeler = fresh()
    before = {key: tensor.clone() for key, tensor in labeler.module.state_dict().items()}
    documents = {"train": TRAIN, "dev": DEV} | {part: [*TRAIN[:2], bad]}
    with pytest.raises(DataError, match=message):
        tune(labeler, **documents)
    assert all(
        torch.equal(tensor, before[key]) for key, tensor in labeler.module.state_dict().items()
    )


@pytest.mark.parametrize("part", ["train", "dev"])
def test_to_tune_on_nothing_is_refused(part):
    with pytest.raises(DataError, match="document"):
        tune(fresh(), **({"train": TRAIN, "dev": DEV} | {part: []}))


def test_the_numbers_of_a_fine_tuning_reach_parts_that_a_document_model_has():
    options = document_options(5, seed=3, device="cpu")
    assert (options.epochs, options.seed, options.device) == (5, 3, "cpu")
    parts = {name for name, _ in fresh().module.named_children()}
    assert options.lr_scales.keys() <= parts


# Votes.


def test_votes_learn_by_themselves_what_needs_no_order():
    labeler = fresh()
    tune(labeler, options=dataclasses.replace(OPTIONS, epochs=1))
    votes = labeler.module.tag_heads[0].weights
    arrays = {name: tensor.numpy() for name, tensor in votes.items()}
    kind = labeler.config.heads[0].kind
    found = kind.votes([document.words for document in DEV], arrays).argmax(axis=1).tolist()
    assert sum(
        guess == label_of(document) for guess, document in zip(found, DEV, strict=True)
    ) > 0.95 * len(DEV)
    assert float(votes["share"]) > 0


def probabilities_of(labeler, documents):
    return torch.tensor(scores_of(labeler(documents)))


def test_the_share_is_that_which_fits_dev_best_and_votes_are_fitted_twice(monkeypatch):
    fitted, losses, fit_votes = [], {}, document_heads.fit_votes

    def watched(labeler, layer, documents):
        fitted.append(list(documents))
        share = labeler.module.tag_heads[0].weights["share"]
        if len(fitted) == 2:
            chosen = float(share)
            gold = torch.tensor([label_of(document) for document in DEV])
            temperature = labeler.config.heads[0].temperature
            for tried in [0.0, *(2.0**power for power in range(-6, 8)), chosen]:
                share.fill_(tried)
                labeler.set_temperatures([1.0])
                logs = probabilities_of(labeler, DEV).clamp_min(1e-30).log().double()
                losses[tried] = min(
                    float(functional.cross_entropy(logs / 1.02**power, gold))
                    for power in range(-151, 152)
                )
            share.fill_(chosen)
            labeler.set_temperatures([temperature])
            losses["chosen"] = float(
                functional.nll_loss(probabilities_of(labeler, DEV).log(), gold)
            )
        fit_votes(labeler, layer, documents)

    monkeypatch.setattr(fine_tuning, "fit_votes", watched)
    labeler = fresh()
    tune(labeler, options=dataclasses.replace(OPTIONS, epochs=1))
    assert fitted == [TRAIN, [*TRAIN, *DEV]]
    tried = {
        share: loss
        for share, loss in losses.items()
        if share != "chosen" and (share == 0 or 1 / 16 <= share <= 32)
    }
    assert losses["chosen"] == pytest.approx(min(tried.values()), abs=1e-4)
    assert losses["chosen"] < losses[0.0]


def test_where_all_of_dev_is_right_nothing_is_learnt_of_how_sure_to_be(monkeypatch):
    monkeypatch.setattr(document_heads, "fit_temperature", lambda *_: LOWEST_TEMPERATURE)
    labeler = fresh()
    tune(labeler, options=dataclasses.replace(OPTIONS, epochs=1))
    assert labeler.config.heads[0].temperature == 1


def test_votes_that_mislead_on_dev_get_no_share():
    """In dev the words say another label than in training, and the recurrent part knows nothing."""
    turned = dict(zip(LABELS, (*LABELS[1:], LABELS[0]), strict=True))
    dev = [
        document.with_categories("category", {turned[LABELS[label_of(document)]]: 1.0})
        for document in told_by_a_word(30, seed=4)
    ]
    labeler = fresh()
    options = dataclasses.replace(OPTIONS, epochs=1, schedule=OneCycle(max_lr=1e-6, pct_start=0.2))
    tune(labeler, dev=dev, options=options)
    assert float(labeler.module.tag_heads[0].weights["share"]) == 0


@torch.no_grad()
def test_a_head_that_has_measured_documents_reads_them_standardised():
    labeler, documents = document_labeler(), some_documents(30)
    standardize(labeler, [*documents, Document("", ())])
    layer = labeler.module.tag_heads[0].output
    pooled = torch.cat(
        [
            labeler.module.pooled(labeler.words([one.words]), torch.tensor([len(one)]))
            for one in documents
        ]
    )
    torch.testing.assert_close(layer.mean, pooled.mean(dim=0), rtol=1e-4, atol=1e-5)
    moving = pooled.std(dim=0, correction=0) > 0.03
    standard = ((pooled - layer.mean) / layer.spread)[:, moving]
    torch.testing.assert_close(
        standard.std(dim=0, correction=0), torch.ones(int(moving.sum())), rtol=1e-3, atol=1e-3
    )
    before = layer.mean.clone()
    standardize(labeler, documents[:3])
    assert torch.equal(layer.mean, before)


# Without torch.


@pytest.mark.parametrize("compact", [False, True])
@pytest.mark.parametrize("buckets", [0, 2048])
def test_the_compiled_steps_give_nearly_what_torch_gives(tmp_path, compact, buckets):
    labeler = document_labeler(buckets=buckets)
    labeler.save(tmp_path / "model", compact=compact)
    long = Document.from_words(random.Random(1).choices(WORDS, k=2500))
    documents = [*some_documents(20), Document("", ()), long]
    plain = Labeler.load(tmp_path / "model", arithmetic=Arithmetic.FLOAT32)
    compiled = Labeler.load(tmp_path / "model", arithmetic=Arithmetic.INT8)
    if compiled.inference.kind is not EngineKind.COMPILED:
        pytest.skip("there are no compiled steps here")
    found, expected = (torch.tensor(scores_of(one(documents))) for one in (compiled, plain))
    torch.testing.assert_close(found, expected, rtol=0, atol=0.05)
    assert (
        compiled.parameters
        == sum(parameter.numel() for parameter in plain.module.parameters()) + 72
    )


def test_windows_of_a_long_document_give_what_one_reading_gives(tmp_path):
    labeler = document_labeler()
    words = random.Random(2).choices(WORDS, k=3000)
    expected = slow_logits(labeler, words).softmax(dim=0)
    assert scores_of(labeler([Document.from_words(words)]))[0] == pytest.approx(
        expected.tolist(), abs=1e-3
    )


# Next to heads of words.

POS = TagSet("pos", ("N", "V"))
NER = TagSet("ner", ("A",), Scheme.BIOES)


def joined(**options):
    """A labeler of tags and of documents."""
    return Labeler.on(
        language_model("two ways"), [POS, Categories("category", LABELS)], hidden=5, **options
    )


@pytest.mark.parametrize("arithmetic", Arithmetic)
def test_heads_of_words_and_documents_say_together_what_they_say_alone(arithmetic):
    both = joined(word_dropout=0.0)
    shaken = both.module.encoder
    with torch.no_grad():
        for parameter in shaken.parameters():
            parameter.add_(0.3 * torch.randn_like(parameter))
    both.inference = both.inference.with_arithmetic(arithmetic)
    documents = [
        *some_documents(12),
        Document.from_words(random.Random(3).choices(WORDS, k=1500)),
        Document("", ()),
    ]
    found = both(documents)
    words, whole = (both.keep([layer])(documents) for layer in ("pos", "category"))
    assert [one.tags for one in found] == [one.tags for one in words]
    for one, other in zip(found, whole, strict=True):
        assert one.categories["category"] == pytest.approx(other.categories["category"], abs=1e-6)
    assert [one.categories["category"] for one in both(documents, layers=["category"])] == [
        one.categories["category"] for one in whole
    ]
    assert both.keep(["category"]).module.second is None


def test_a_labeler_of_documents_gets_heads_of_words():
    labeler = document_labeler()
    document = some_documents(1)[0]
    more = labeler.with_layers([NER])
    assert more.config.hidden > 0
    assert more(document).categories == labeler(document).categories
    assert "ner" in more(document).spans
    with pytest.raises(OptionError, match="words"):
        StreamLabeler(labeler)
    # A stream has no end yet: documents are not labelled.
    stream = StreamLabeler(more)
    assert stream.feed(["word1"]) == []


def test_new_labels_change_nothing_until_they_are_taught():
    labeler = document_labeler()
    more = labeler.with_labels(["new"])
    assert more.tag_sets[0].labels == (*LABELS, "new")
    for one, other in zip(labeler(some_documents()), more(some_documents()), strict=True):
        before, after = one.categories["category"], other.categories["category"]
        assert max(before, key=before.get) == max(after, key=after.get)
        assert after["new"] < 0.1
    taught = [Document.from_words(["数", *document.words]) for document in some_documents(40)]
    taught = [document.with_categories("category", {"new": 1.0}) for document in taught]
    tune(more, [*TRAIN, *taught], DEV)
    assert accuracy(more, DEV) > 0.8


def test_probabilities_of_documents_have_one_row():
    labeler, documents = document_labeler(), [*some_documents(3), Document("", ())]
    found = labeler.probabilities(documents, "category")
    assert [one.shape for one in found] == [(1, 3)] * 4
    assert [one[0].tolist() for one in found] == scores_of(labeler(documents))


def mixed(count, *, seed=0):
    """Documents told by a word, some with a category, some with tags, most with both: `word1` to
    `word3` are V.
    """
    documents = []
    for number, document in enumerate(told_by_a_word(count, seed=seed)):
        tags = Tags(tuple("V" if word in SIGNS.values() else "N" for word in document.words))
        both = document.with_tags("pos", tags)
        documents.append(
            [both, document, Document.from_words(both.words, tags=both.tags), both][number % 4]
        )
    return documents


def test_tags_and_categories_are_learnt_from_one_list():
    labeler = joined()
    options = options_for(labeler, 160, epochs=12, device="cpu")
    assert options.lr_scales["heads.1"] < 1
    options = dataclasses.replace(options, schedule=OneCycle(max_lr=0.02), lr_scales={})
    reports = fine_tune(
        labeler, mixed(160), mixed(60, seed=1), options=options, words=60, display=Display.SILENT
    )
    assert reports[-1].score > 0.9
    found = labeler(told_by_a_word(60, seed=2))
    gold = told_by_a_word(60, seed=2)
    right = [label_of(one) == label_of(other) for one, other in zip(found, gold, strict=True)]
    assert sum(right) / len(right) > 0.9
    tags = [
        tag == ("V" if word in SIGNS.values() else "N")
        for one in found
        for word, tag in zip(one.words, one.tags["pos"].labels, strict=True)
    ]
    assert sum(tags) / len(tags) > 0.95


def test_a_labeler_of_documents_is_not_exported():
    with pytest.raises(OptionError, match="keep"):
        check_exported(joined().config)
    check_exported(joined().keep(["pos"]).config)


@pytest.mark.parametrize("arithmetic", Arithmetic)
def test_a_document_is_read_across_blank_lines_also_where_rows_end_there(arithmetic):
    both = joined()
    both.inference = both.inference.with_arithmetic(arithmetic)
    text = "word1 word2 word3\n\nword4 数\n\nword5 word6"
    expected = both(text).categories["category"]
    both.set_rows("paragraph")
    assert both(text).categories["category"] == pytest.approx(expected, abs=1e-6)
    assert both(text, layers=["category"]).categories["category"] == pytest.approx(
        expected, abs=1e-6
    )
