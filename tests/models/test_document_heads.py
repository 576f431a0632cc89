"""Labels of whole documents: a document's label depends on it alone, however long it is and
whatever is beside it.

The votes of words: what they learn by themselves, and the share that they get.
"""

import dataclasses
import os
import random
import subprocess
import sys

import pytest
import torch
from torch.nn import functional

from seqlabel.documents.categories import Categories
from seqlabel.documents.document import Document, Tags
from seqlabel.documents.schemes import Scheme
from seqlabel.documents.tag_sets import TagSet
from seqlabel.errors import OptionError
from seqlabel.models import document_heads, fine_tuning
from seqlabel.models.document_heads import standardize
from seqlabel.models.export import check_exported
from seqlabel.models.fine_tuning import fine_tune, options_for
from seqlabel.models.stream import StreamLabeler
from seqlabel.models.tagging.engine import Arithmetic, EngineKind
from seqlabel.models.tagging.labeler import Labeler
from seqlabel.scores.calibration import LOWEST_TEMPERATURE
from seqlabel.training.progress import Display
from seqlabel.training.schedules import OneCycle
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
    shake,
    slow_logits,
    some_documents,
    told_by_a_word,
    tune,
    tuned,
)
from tests.weights import same_weights

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


@every_encoder
@pytest.mark.parametrize("options", [{}, {"buckets": 0}, {"temperature": 3.0}], ids=str)
def test_a_document_has_the_probabilities_that_it_has_alone(name, options):
    labeler = document_labeler(name, seed=1, **options)
    long = Document.from_words(random.Random(2).choices(WORDS, k=3000))
    documents = [*some_documents(), long]
    found = list(labeler(documents))
    temperature = options.get("temperature", 1.0)
    for document, scores in zip(documents, scores_of(found), strict=True):
        expected = (slow_logits(labeler, document.words) / temperature).softmax(dim=0)
        # The long one is read in windows.
        assert scores == pytest.approx(expected.tolist(), abs=1e-3 if document is long else 1e-5)
    spread = torch.tensor(scores_of(found)).std(dim=0)
    assert options or (spread > 0.05).all(), (
        "weights that say the same of every document would test nothing"
    )
    for rows, scores in zip(
        labeler.probabilities(documents, "category"), scores_of(found), strict=True
    ):
        assert rows.tolist() == [pytest.approx(scores, abs=1e-6)]


@pytest.mark.parametrize("batch_words", [1, 100])
def test_order_is_kept_and_nothing_depends_on_the_batch(batch_words):
    labeler, documents = document_labeler(), some_documents(60)
    expected = scores_of(labeler(documents))
    found = list(labeler.pipe(documents, batch_words=batch_words))
    assert [document.text for document in found] == [document.text for document in documents]
    torch.testing.assert_close(torch.tensor(scores_of(found)), torch.tensor(expected))
    turned = list(labeler.pipe(reversed(documents), batch_words=batch_words))
    torch.testing.assert_close(torch.tensor(scores_of(turned)), torch.tensor(expected[::-1]))


def test_a_document_keeps_its_text_and_its_other_layers():
    labeler = document_labeler(layer="mood")
    plain = Document.from_words(
        ["word1", "naïve"], spaces=[False, False], tags={"pos": Tags(("N", None))}
    )
    document = plain.with_categories("topic", {"art": 1.0}).with_categories("mood", {"bad": 1.0})
    found = labeler(document)
    assert dataclasses.replace(found, categories={}) == plain
    assert found.categories.keys() == {"topic", "mood"}
    assert found.categories["topic"] == {"art": 1.0}
    assert tuple(found.categories["mood"]) == LABELS
    assert document.categories["mood"] == {"bad": 1.0}


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


@every_encoder
def test_a_new_head_goes_on_a_copy_of_a_language_models_encoder(name):
    below = language_model(name)
    labeler = Labeler.on(below, [Categories("mood", LABELS)], dropout=0.25)
    config = labeler.config
    assert (config.encoder, config.layers, config.dropout) == (below.config, ["mood"], 0.25)
    assert config.hidden == 0
    assert same_weights(labeler.module.encoder, below.module.encoder)
    # A copy: what is learnt for documents leaves the language model as it was.
    own = {id(one) for one in below.module.parameters()}
    assert own.isdisjoint(id(one) for one in labeler.module.parameters())


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


def test_a_training_that_was_cut_off_goes_on(tmp_path, monkeypatch):
    whole, _ = tuned()
    fit = fine_tuning.fit

    def cut_off(*arguments, **choices):
        for report in fit(*arguments, **choices):
            yield report
            if report.epoch == 2:
                raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(fine_tuning, "fit", cut_off)
        with pytest.raises(KeyboardInterrupt):
            tune(fresh(), folder=tmp_path / "run")
    again = fresh()
    tune(again, folder=tmp_path / "run", resume=True)
    for name, tensor in whole.module.state_dict().items():
        torch.testing.assert_close(again.module.state_dict()[name], tensor, msg=name)


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
    shake(both.module.encoder)
    both.inference = both.inference.with_arithmetic(arithmetic)
    long = Document.from_words(random.Random(3).choices(WORDS, k=1500))
    documents = [*some_documents(12), long, Document("", ())]
    found = both(documents)
    words, whole = (both.keep([layer])(documents) for layer in ("pos", "category"))
    assert [one.tags for one in found] == [one.tags for one in words]
    for one, other in zip(found, whole, strict=True):
        assert one.categories["category"] == pytest.approx(other.categories["category"], abs=1e-6)
    assert scores_of(both(documents, layers=["category"])) == scores_of(whole)
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
    gold = told_by_a_word(60, seed=2)
    assert accuracy(labeler, gold) > 0.9
    right = []
    for document in labeler(gold):
        for word, tag in zip(document.words, document.tags["pos"].labels, strict=True):
            right.append(tag == ("V" if word in SIGNS.values() else "N"))
    assert sum(right) / len(right) > 0.95


def test_a_labeler_of_documents_is_not_exported():
    with pytest.raises(OptionError, match="keep"):
        check_exported(joined().config)
    check_exported(joined().keep(["pos"]).config)


@pytest.mark.parametrize("arithmetic", Arithmetic)
def test_a_document_is_read_across_blank_lines_also_where_rows_end_there(arithmetic):
    both = joined()
    both.inference = both.inference.with_arithmetic(arithmetic)
    text = "word1 word2 word3\n\nword4 数\n\nword5 word6"
    expected = pytest.approx(scores_of([both(text)])[0], abs=1e-6)
    both.set_rows("paragraph")
    assert scores_of([both(text), both(text, layers=["category"])]) == [expected, expected]
