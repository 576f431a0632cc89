"""Fine-tuning on texts whose labels follow from the words around: what is learnt, kept, resumed and believed."""

import copy
import dataclasses
import math
import random
from itertools import pairwise

import pytest
import torch

from seqlabel.batches.labelled import TaggedBatches
from seqlabel.documents.document import Document, Spans, Tags
from seqlabel.documents.schemes import Scheme, allowed_transitions, spans_to_tags
from seqlabel.documents.spans import Span
from seqlabel.documents.tag_sets import MISSING, TagSet
from seqlabel.errors import CheckpointError, DataError, OptionError
from seqlabel.models import fine_tuning
from seqlabel.models.fast import Arithmetic
from seqlabel.models.fine_tuning import (
    RECALLS,
    calibrate,
    calibrate_recall,
    evaluate_labeler,
    fine_tune,
    fitting_epochs,
    fitting_words,
    score_layers,
    tagging_options,
)
from seqlabel.models.labeler import HeadConfig, HeadKind, Labeler
from seqlabel.models.language_model import LanguageModel, WordLanguageModel
from seqlabel.nn.networks import LanguageModelConfig, WordModelConfig
from seqlabel.scores.calibration import HIGHEST_TEMPERATURE, LOWEST_TEMPERATURE
from seqlabel.text.vocabulary import Vocabulary
from seqlabel.training.loop import Precision, evaluate
from seqlabel.training.objectives import word_tags
from seqlabel.training.progress import Display
from seqlabel.training.schedules import OneCycle

FIRST, LAST, OTHER = ["ana", "bo", "cy", "dee"], ["oak", "elm", "ash"], ["we", "met", "in", "may"]
VOCABULARY = Vocabulary(["xxunk", *FIRST, *LAST, *OTHER])
ENCODERS = {
    "two ways": WordModelConfig(words=len(VOCABULARY), buckets=128, embedding=16, hidden=12, cutoffs=(4,)),
    "one way": LanguageModelConfig(vocabulary=len(VOCABULARY), embedding=16, hidden=16),
}
# What stands before a word; a first name and the last names after it are one person.
AFTER, PERSON = TagSet("after", ("name", "other")), TagSet("person", ("PER",), Scheme.BIOES)
OPTIONS = dataclasses.replace(
    tagging_options(8, pretrained=False, device="cpu"),
    schedule=OneCycle(max_lr=0.02, pct_start=0.2),
    precision=Precision.FLOAT32,
    average=0.9,
)
every_encoder = pytest.mark.parametrize("name", ENCODERS)


@pytest.fixture(autouse=True, scope="module")
def one_thread():
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def some_documents(count, *layers, seed=0):
    """Texts of names and other words with some of the two layers."""
    chance, documents = random.Random(seed), []
    for _ in range(count):
        words, spans = [], []
        while len(words) < chance.randint(3, 9):
            if chance.random() < 0.4:
                name = [chance.choice(FIRST), *chance.choices(LAST, k=chance.randint(0, 2))]
                spans.append(Span(len(words), len(words) + len(name), "PER"))
                words += name
            else:
                words.append(chance.choice(OTHER + LAST if not spans or spans[-1].end < len(words) else OTHER))
        document = Document.from_words(words)
        if "after" in layers:
            labels = ("name" if before in FIRST + LAST else "other" for before in ["", *words[:-1]])
            document = document.with_tags("after", Tags(tuple(labels)))
        if "person" in layers:
            document = document.with_spans("person", Spans(tuple(spans)))
        documents.append(document)
    return documents


DEV = some_documents(40, "after", "person", seed=7)


def build(name="two ways", heads=(AFTER, PERSON), seed=0):
    torch.manual_seed(seed)
    config = ENCODERS[name]
    kind = WordLanguageModel if isinstance(config, WordModelConfig) else LanguageModel
    labeler = Labeler.on(kind(config, VOCABULARY), heads, hidden=12, dropout=0.1)
    labeler.inference.arithmetic = Arithmetic.FLOAT32
    return labeler


def tune(labeler, train=None, dev=(), *, options=OPTIONS, **choices):
    train = some_documents(60, "after", "person") if train is None else train
    return fine_tune(labeler, train, dev, options=options, words=60, display=Display.SILENT, **choices)


def weights(labeler):
    return {name: tensor.clone() for name, tensor in labeler.module.state_dict().items()}


def same(one, other):
    return one.keys() == other.keys() and all(torch.equal(one[name], other[name]) for name in one)


def untimed(reports):
    return [dataclasses.replace(report, seconds=0.0, validation_seconds=0.0) for report in reports]


@every_encoder
def test_heads_learn_from_corpora_that_have_the_other_ones_layer_only(name):
    train = [*some_documents(150, "after"), *some_documents(150, "person", seed=1)]
    labeler = build(name)
    reports = tune(labeler, train, DEV)
    assert labeler.tag_sets == [AFTER, PERSON]
    found = list(labeler([Document.from_words(document.words) for document in DEV]))
    for tag_set in (AFTER, PERSON):
        assert score_layers(DEV, found, [tag_set]) > 0.95
    assert max(report.score for report in reports) == score_layers(DEV, found, labeler.tag_sets)
    assert reports[-1].valid_loss < reports[0].valid_loss


def test_a_crf_learns_spans_and_never_says_what_its_scheme_forbids():
    labeler = build(heads=(PERSON,))
    follows, starts, ends = allowed_transitions(PERSON.tags, PERSON.scheme)
    tune(labeler, options=dataclasses.replace(OPTIONS, epochs=2))
    chance = random.Random(3)
    for _ in range(50):
        words = chance.choices([*FIRST, *LAST, *OTHER, "Zoë"], k=chance.randint(1, 12))
        (scores,) = labeler.module.decode(labeler.words([words]), torch.tensor([len(words)]))
        ids = scores.tags[0].tolist()
        assert starts[ids[0]]
        assert ends[ids[-1]]
        assert all(follows[before][after] for before, after in pairwise(ids))


SCORES = [0.2, 0.7, 0.1, 0.7, 0.3]


def test_a_path_is_no_documents():
    with pytest.raises(OptionError, match="train: found a path; give documents"):
        fine_tune(None, "train.jsonl")


@pytest.mark.parametrize("with_folder", [False, True])
def test_the_best_epochs_weights_end_in_the_labeler(tmp_path, monkeypatch, with_folder):
    labeler, seen = build(), []

    def scripted(gold, predicted, tag_sets):
        assert (gold, tag_sets) == (DEV, labeler.tag_sets)
        seen.append((weights(labeler), predicted))
        return SCORES[len(seen) - 1]

    monkeypatch.setattr(fine_tuning, "score_layers", scripted)
    options = dataclasses.replace(OPTIONS, epochs=5)
    reports = tune(labeler, dev=DEV, options=options, folder=tmp_path / "run" if with_folder else None)
    assert [report.score for report in reports] == SCORES
    # Of epochs that are equally good, the last.
    best = seen[3][0]
    assert not same(best, seen[1][0])
    assert same(weights(labeler), best)
    assert not any(module.training for module in labeler.module.modules())
    assert list(map(labels_of, labeler(DEV))) == list(map(labels_of, seen[3][1]))
    if with_folder:
        assert sorted(path.name for path in (tmp_path / "run").iterdir()) == ["best", "last"]
        for folder, expected in (("best", seen[3]), ("last", seen[4])):
            found = Labeler.load(tmp_path / "run" / folder, arithmetic=Arithmetic.FLOAT32)
            assert same(weights(found), expected[0])
            assert list(map(labels_of, found(DEV))) == list(map(labels_of, expected[1]))
    else:
        assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("with_folder", [False, True])
def test_without_dev_the_last_epochs_weights_end_in_the_labeler(tmp_path, with_folder):
    labeler, other = build(), build()
    reports = tune(labeler, folder=tmp_path / "run" if with_folder else None)
    assert [(report.score, report.valid_loss, report.accuracy) for report in reports] == [(None, None, None)] * 8
    assert reports[-1].train_loss < 0.5 * reports[0].train_loss
    # Dev is for choosing: it changes nothing in what trains.
    assert [report.train_loss for report in tune(other, dev=DEV)] == [report.train_loss for report in reports]
    if with_folder:
        assert same(weights(Labeler.load(tmp_path / "run" / "last")), weights(labeler))
    tune(third := build(), options=dataclasses.replace(OPTIONS, average=None))
    assert not same(weights(third), weights(labeler))


@pytest.mark.parametrize("average", [0.9, None])
def test_each_epoch_is_scored_as_the_labeler_labels(tmp_path, average):
    labeler = build()
    options = dataclasses.replace(OPTIONS, epochs=3, average=average)
    reports = tune(labeler, dev=DEV[:15], options=options, folder=tmp_path)
    last = Labeler.load(tmp_path / "last", arithmetic=Arithmetic.FLOAT32)
    assert reports[-1].score == score_layers(DEV[:15], list(last(DEV[:15])), last.tag_sets)
    assert max(report.score for report in reports) == score_layers(DEV[:15], list(labeler(DEV[:15])), labeler.tag_sets)


def test_without_averages_scores_are_of_the_weights_after_each_epoch():
    labeler = build(heads=(AFTER,))
    reports = tune(labeler, dev=iter(DEV), options=dataclasses.replace(OPTIONS, average=None))
    # One softmax head: what the labeler labels in its own way is what the validation counts in its.
    assert [report.score for report in reports] == pytest.approx([report.accuracy for report in reports])
    assert len({report.score for report in reports}) > 2


def labels_of(document):
    return document.tags["after"].labels, document.spans["person"].spans


@every_encoder
def test_one_reading_of_dev_gives_loss_accuracy_and_score(name):
    labeler = build(name)
    tune(labeler)
    long = [
        Document.from_words(["bo"] * 700, tags={"after": Tags(("name",) * 700)}),
        Document.from_words([], tags={"after": Tags(())}),
    ]
    dev = [*DEV[:9], *long]
    batches = TaggedBatches(dev, labeler.words, tag_sets=labeler.tag_sets, words=80)
    found = evaluate_labeler(labeler, dev, batches)
    assert found.score == score_layers(dev, list(labeler(dev)), labeler.tag_sets)
    by_batches = evaluate(labeler.module, batches, objective=word_tags)
    assert found.count == by_batches.count
    losses = sum(labeler.module(one.words, one.lengths, one.gold).detach() for one in batches.batches())
    counts = [sum(int((one.gold[head] != MISSING).sum()) for one in batches.batches()) for head in range(2)]
    assert found.loss == pytest.approx(float((losses / torch.tensor(counts)).sum()), rel=1e-4)
    right = 0
    for document, said in zip(dev, labeler(dev), strict=True):
        for tag_set in labeler.tag_sets:
            gold = tag_set.encode(document)
            if gold is not None and len(gold):
                right += int((gold == tag_set.encode(said)).sum())
    assert found.accuracy == pytest.approx(right / found.count)


@pytest.mark.parametrize("calibrated", [True, False])
def test_a_labeler_ends_calibrated_unless_it_is_turned_off(tmp_path, calibrated):
    labeler = build()
    tune(labeler, dev=DEV, options=dataclasses.replace(OPTIONS, epochs=2), calibrated=calibrated, folder=tmp_path)
    found = [head.temperature for head in labeler.config.heads]
    assert [head.temperature for head in Labeler.load(tmp_path / "best").config.heads] == found
    labels = list(map(labels_of, labeler(DEV)))
    calibrate(labeler, DEV)
    assert ([head.temperature for head in labeler.config.heads] == pytest.approx(found)) == calibrated
    assert list(map(labels_of, labeler(DEV))) == labels


def test_passes_and_batches_fit_the_number_of_documents():
    few, many = some_documents(12, "after", "person"), some_documents(60, "after", "person")
    assert [fitting_epochs(count) for count in (0, 1_000, 3_000, 5_000, 10**6)] == [30, 30, 10, 6, 6]
    assert [fitting_words(count) for count in (0, 12, 60, 125, 10**6)] == [50, 50, 240, 500, 500]
    for documents in (few, many):
        reports = fine_tune(build(), documents, display=Display.SILENT)
        assert len(reports) == fitting_epochs(len(documents))


def test_an_interrupted_training_leaves_the_best_epoch(monkeypatch):
    labeler, kept, scores = build(), [], iter([0.5, 0.9, 0.7])

    def scripted(*_):
        kept.append(weights(labeler))
        try:
            return next(scores)
        except StopIteration:
            raise KeyboardInterrupt from None

    monkeypatch.setattr(fine_tuning, "score_layers", scripted)
    with pytest.raises(KeyboardInterrupt):
        tune(labeler, dev=DEV)
    assert same(weights(labeler), kept[1])
    assert not same(weights(labeler), kept[3])


def known_in_part(document):
    """The document with its persons as BIO tags, the last word's unknown."""
    tags = spans_to_tags(document.spans["person"].spans, len(document), Scheme.BIO)
    return Document.from_words(document.words, tags={"person": Tags((*tags[:-1], None))})


def test_a_dev_that_cannot_be_scored_is_refused_before_training(tmp_path):
    with pytest.raises(DataError, match="found no document to score 'after', 'person' on"):
        tune(build(), dev=map(known_in_part, DEV), folder=tmp_path / "run")
    assert not (tmp_path / "run").exists()


def test_spans_are_learnt_from_documents_of_which_words_are_not_known():
    train = [known_in_part(one) for one in some_documents(150, "person")]
    labeler = build(heads=(PERSON,))
    reports = tune(labeler, train, [*DEV, *map(known_in_part, DEV)])
    assert reports[-1].train_loss < 1
    assert score_layers(DEV, list(labeler(DEV)), [PERSON]) > 0.9


def test_a_training_that_was_cut_off_goes_on_to_the_same_end(tmp_path, monkeypatch):
    whole, options = build(), dataclasses.replace(OPTIONS, epochs=4)
    expected = tune(whole, dev=DEV, options=options, folder=tmp_path / "whole")
    calls = 0

    def dying(*parts):
        nonlocal calls
        calls += 1
        if calls == 3:
            raise KeyboardInterrupt
        return score_layers(*parts)

    with monkeypatch.context() as patch:
        patch.setattr(fine_tuning, "score_layers", dying)
        with pytest.raises(KeyboardInterrupt):
            tune(build(), dev=DEV, options=options, folder=tmp_path / "cut")
    resumed = build(seed=5)
    reports = tune(resumed, dev=DEV, options=options, folder=tmp_path / "cut", resume=True)
    assert untimed(reports) == untimed(expected)
    assert same(weights(resumed), weights(whole))
    again = build(seed=6)
    assert tune(again, dev=DEV, options=options, folder=tmp_path / "cut", resume=True) == reports
    assert same(weights(again), weights(whole))
    with pytest.raises(CheckpointError, match="epochs 4"):
        tune(again, dev=DEV, folder=tmp_path / "cut", resume=True)


@every_encoder
def test_a_pretrained_encoder_learns_at_a_lower_rate(name):
    pretrained = tagging_options(pretrained=True).lr_scales
    assert pretrained == {"encoder": fine_tuning.BELOW}
    assert tagging_options(pretrained=False).lr_scales == {}
    before = weights(build(name))
    moved = []
    for scales in ({}, pretrained):
        labeler = build(name)
        tune(labeler, options=dataclasses.replace(OPTIONS, epochs=1, lr_scales=scales))
        encoder = {key: tensor for key, tensor in weights(labeler).items() if key.startswith("encoder.")}
        moved.append(math.sqrt(sum(float((tensor - before[key]).square().sum()) for key, tensor in encoder.items())))
    assert 0 < moved[1] < 0.6 * moved[0]


def test_the_options_are_those_asked_for():
    options = tagging_options(3, seed=5, device="cpu")
    assert (options.epochs, options.seed, options.device) == (3, 5, "cpu")
    assert options.average is not None


@pytest.mark.parametrize(
    ("bad", "message"),
    [
        ([Document("", (), tags={"after": Tags(())})], "found no document with words"),
        ([Document.from_words(["secret"])], "document 0 has no layer after of tags, person of spans; its layers: none"),
        (
            [Document.from_words(["secret"], tags={"after": Tags(("third",))})],
            "document 0: found the tag 'third', .* the 2 labels of the layer 'after'",
        ),
    ],
)
@pytest.mark.parametrize("part", ["train", "dev"])
def test_documents_that_do_not_fit_the_heads_are_refused(tmp_path, bad, message, part):
    labeler = build()
    before = weights(labeler)
    parts = (bad, DEV) if part == "train" else (DEV, bad)
    with pytest.raises(DataError, match=message) as caught:
        tune(labeler, *parts, folder=tmp_path / "run")
    assert "secret" not in str(caught.value)
    assert same(weights(labeler), before)
    assert list(tmp_path.iterdir()) == []


def test_the_score_is_the_mean_over_the_layers_that_gold_has():
    words = ["a", "b", "c", "d"]
    tagged = Document.from_words(words, tags={"after": Tags(("other", "name", "other", None))})
    spanned = Document.from_words(words, spans={"person": Spans((Span(0, 2, "PER"), Span(3, 4, "PER")))})
    # Two of three tags are right; one of two found spans is one of two gold ones.
    says = Document.from_words(
        words,
        tags={"after": Tags(("other", "other", "other", "name"))},
        spans={"person": Spans((Span(0, 2, "PER"), Span(2, 4, "PER")))},
    )
    tag_sets = [AFTER, PERSON]
    assert score_layers([tagged], [says], tag_sets) == pytest.approx(2 / 3)
    assert score_layers([spanned], [says], tag_sets) == pytest.approx(1 / 2)
    assert score_layers([tagged, spanned], [says, says], tag_sets) == pytest.approx((2 / 3 + 1 / 2) / 2)
    assert score_layers([tagged, spanned], [says, says], [PERSON]) == pytest.approx(1 / 2)


@torch.no_grad()
def negative_log_likelihoods(labeler, documents):
    """For each head the mean surprise of the gold tags, word by word."""
    labeler.module.eval()
    surprises = [[] for _ in labeler.tag_sets]
    for batch in TaggedBatches(documents, labeler.words, tag_sets=labeler.tag_sets, words=100).batches():
        scores = labeler.module.decode(batch.words, batch.lengths, labeler.decisions)
        for surprise, found, gold in zip(surprises, scores, batch.gold, strict=True):
            for row, place in (gold != MISSING).nonzero().tolist():
                surprise.append(-math.log(max(float(found.probabilities[row, place, gold[row, place]]), 1e-30)))
    return [sum(surprise) / len(surprise) for surprise in surprises]


KINDS = [
    HeadConfig(AFTER),
    HeadConfig(PERSON, HeadKind.CRF),
    HeadConfig(dataclasses.replace(AFTER, layer="after too"), HeadKind.CRF, temperature=3.0),
    HeadConfig(dataclasses.replace(PERSON, layer="person too"), HeadKind.SOFTMAX, temperature=0.3),
]


def with_all_layers(documents):
    return [
        document.with_tags("after too", document.tags["after"]).with_spans("person too", document.spans["person"])
        for document in documents
    ]


@pytest.fixture(scope="module")
def tuned():
    """A labeler with every kind of head that has learnt half of what there is, so that it errs."""
    labeler = build(heads=KINDS)
    tune(
        labeler,
        with_all_layers(some_documents(60, "after", "person")),
        options=dataclasses.replace(OPTIONS, epochs=2, schedule=OneCycle(max_lr=0.01, pct_start=0.2)),
    )
    return labeler


@pytest.mark.parametrize("sharper", [0.2, 1.0, 8.0])
def test_calibration_changes_no_label_and_lowers_the_surprise(tuned, sharper):
    labeler, dev = copy.deepcopy(tuned), with_all_layers(DEV)
    with torch.no_grad():
        for head in labeler.module.heads:
            head.output.weight.mul_(sharper)
            head.output.bias.mul_(sharper)
    texts = [Document.from_words(document.words) for document in some_documents(30, seed=9)]
    before, losses = list(labeler(texts)), negative_log_likelihoods(labeler, dev)
    labeler.set_temperatures([1.0] * 4)
    plain = negative_log_likelihoods(labeler, dev)
    calibrate(labeler, dev)
    after, calibrated = list(labeler(texts)), negative_log_likelihoods(labeler, dev)
    for one, other in zip(before, after, strict=True):
        assert {name: tags.labels for name, tags in one.tags.items()} == {
            name: tags.labels for name, tags in other.tags.items()
        }
        assert {name: spans.spans for name, spans in one.spans.items()} == {
            name: spans.spans for name, spans in other.spans.items()
        }
    for new, old, at_one in zip(calibrated, losses, plain, strict=True):
        assert new <= old + 1e-6
        assert new <= at_one + 1e-6
    # No temperature nearby is better, unless it is the first or last that is looked for.
    best = [head.temperature for head in labeler.config.heads]
    for factor in (0.9, 1.1):
        labeler.set_temperatures([temperature * factor for temperature in best])
        for temperature, new, near in zip(best, calibrated, negative_log_likelihoods(labeler, dev), strict=True):
            bound = temperature < LOWEST_TEMPERATURE * 1.1 or temperature > HIGHEST_TEMPERATURE / 1.1
            assert bound or new <= near + 1e-6
    if sharper == 8.0:
        assert min(best) > 1.1


def test_calibration_does_not_depend_on_the_temperatures_before(tuned):
    found = []
    for temperatures in ([1.0] * 4, [0.1, 9.0, 2.0, 0.5]):
        labeler = copy.deepcopy(tuned)
        labeler.set_temperatures(temperatures)
        calibrate(labeler, with_all_layers(DEV))
        found.append([head.temperature for head in labeler.config.heads])
    assert found[0] == found[1]


def test_calibration_changes_no_weight_and_is_saved(tuned, tmp_path):
    labeler = copy.deepcopy(tuned)
    calibrate(labeler, with_all_layers(DEV))
    assert same(weights(labeler), weights(tuned))
    labeler.save(tmp_path)
    loaded = Labeler.load(tmp_path, arithmetic=Arithmetic.FLOAT32)
    assert loaded.config == labeler.config != tuned.config
    assert list(loaded(DEV)) == list(labeler(DEV))


def unlabelled(documents):
    return [Document.from_words(one.words, tags={"after": Tags((None,) * len(one))}) for one in documents]


@pytest.mark.parametrize("dev", [[], unlabelled(DEV)], ids=["nothing", "nothing known"])
def test_calibration_without_gold_is_refused_and_changes_nothing(tuned, dev):
    labeler = copy.deepcopy(tuned)
    with pytest.raises(DataError):
        calibrate(labeler, dev)
    assert labeler.config == tuned.config


def test_calibration_leaves_a_layer_alone_that_has_no_gold(tuned):
    labeler = copy.deepcopy(tuned)
    labeler.set_temperatures([3.0] * len(KINDS))
    calibrate(labeler, some_documents(40, "after", seed=7))
    found = {head.tag_set.layer: head.temperature for head in labeler.config.heads}
    assert found.pop("after") != 3.0
    assert set(found.values()) == {3.0}


@pytest.mark.parametrize("kind", list(HeadKind))
def test_a_wanted_recall_is_reached_on_the_documents_it_was_measured_on(kind):
    labeler = build(heads=[HeadConfig(PERSON, kind)], seed=1)
    tune(labeler, some_documents(20, "person"), options=dataclasses.replace(OPTIONS, epochs=1))
    calibrate_recall(labeler, DEV, "person")
    (config,) = labeler.config.heads
    assert [recall for recall, _ in config.recalls] == list(RECALLS)

    def found():
        pairs = zip(DEV, labeler(DEV), strict=True)
        inside = [({w for s in d.spans["person"].spans for w in range(s.start, s.end)}) for pair in pairs for d in pair]
        gold, guessed = inside[::2], inside[1::2]
        return sum(len(a & b) for a, b in zip(gold, guessed, strict=True)) / sum(map(len, gold))

    before = found()
    for recall in RECALLS:
        labeler.prefer_recall("person", recall)
        if kind is HeadKind.SOFTMAX:
            assert found() >= recall
        else:
            # Sequences are chosen as a whole there, and the marginals say only about how many words are found.
            assert found() >= recall - 0.1
    assert found() > before


def test_the_recall_that_is_preferred_is_saved(tmp_path):
    labeler = build(heads=[HeadConfig(PERSON)])
    calibrate_recall(labeler, DEV, "person")
    labeler.prefer_recall("person", 0.96)
    assert labeler.config.heads[0].threshold_offset == dict(labeler.config.heads[0].recalls)[0.97]
    labeler.save(tmp_path)
    loaded = Labeler.load(tmp_path, arithmetic=Arithmetic.FLOAT32)
    assert loaded.config == labeler.config
    assert list(loaded(DEV)) == list(labeler(DEV))


def test_a_recall_that_was_not_measured_and_a_layer_without_spans_are_refused():
    labeler = build()
    with pytest.raises(OptionError, match="measured at none"):
        labeler.prefer_recall("person", 0.9)
    with pytest.raises(OptionError, match="'after'"):
        calibrate_recall(labeler, DEV, "after")
    with pytest.raises(OptionError, match="this labeler has after, person"):
        labeler.prefer_recall("other", 0.9)
    calibrate_recall(labeler, DEV, "person")
    with pytest.raises(OptionError, match=r"measured at 0\.9, .*, 0\.995, none as high"):
        labeler.prefer_recall("person", 0.999)
