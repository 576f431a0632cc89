"""Fine-tuning on texts whose labels follow from the words around: what is learnt, kept, resumed and
believed.
"""

import contextlib
import dataclasses
import random
from pathlib import Path

import pytest

from seqlabel.documents.document import Document, Spans, Tags
from seqlabel.documents.schemes import Scheme, spans_to_tags
from seqlabel.documents.spans import Span
from seqlabel.documents.tag_sets import TagSet
from seqlabel.errors import CheckpointError, DataError, OptionError
from seqlabel.models import fine_tuning, measuring
from seqlabel.models.fine_tuning import (
    continuing_epochs,
    fine_tune,
    tagging_epochs,
    tagging_options,
    tagging_words,
)
from seqlabel.models.measuring import calibrate, score_epoch, score_layers
from seqlabel.models.tagging.engine import Arithmetic
from seqlabel.models.tagging.labeler import Labeler
from seqlabel.nn.network_configs import LanguageModelConfig, WordModelConfig
from seqlabel.text.vocabulary import Vocabulary
from seqlabel.training.loop import Precision, fit
from seqlabel.training.progress import Display
from seqlabel.training.schedules import OneCycle
from tests.labelers import tiny_encoder
from tests.weights import same_weights, weights_of

FIRST, LAST, OTHER = ["ana", "bo", "cy", "dee"], ["oak", "elm", "ash"], ["we", "met", "in", "may"]
VOCABULARY = Vocabulary(["xxunk", *FIRST, *LAST, *OTHER])
ENCODERS = {
    "two ways": WordModelConfig(
        words=len(VOCABULARY), buckets=128, embedding=16, hidden=12, cutoffs=(4,)
    ),
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
                after_name = spans and spans[-1].end == len(words)
                words.append(chance.choice(OTHER if after_name else OTHER + LAST))
        document = Document.from_words(words)
        if "after" in layers:
            labels = ("name" if before in FIRST + LAST else "other" for before in ["", *words[:-1]])
            document = document.with_tags("after", Tags(tuple(labels)))
        if "person" in layers:
            document = document.with_spans("person", Spans(tuple(spans)))
        documents.append(document)
    return documents


DEV = some_documents(40, "after", "person", seed=7)


def fresh_labeler(name="two ways", heads=(AFTER, PERSON), seed=0):
    encoder = tiny_encoder(ENCODERS[name], VOCABULARY, seed=seed)
    labeler = Labeler.on(encoder, heads, hidden=12, dropout=0.1)
    labeler.inference.arithmetic = Arithmetic.FLOAT32
    return labeler


def tune(labeler, train=None, dev=(), *, options=OPTIONS, **choices):
    train = some_documents(60, "after", "person") if train is None else train
    return fine_tune(
        labeler, train, dev, options=options, words=60, display=Display.SILENT, **choices
    )


def weights(labeler):
    return weights_of(labeler.module)


def untimed(reports):
    times = {"seconds": 0.0, "validation_seconds": 0.0, "waiting_seconds": 0.0}
    return [dataclasses.replace(report, **times) for report in reports]


@every_encoder
def test_heads_learn_from_corpora_that_have_the_other_ones_layer_only(name):
    train = [*some_documents(90, "after"), *some_documents(90, "person", seed=1)]
    labeler = fresh_labeler(name)
    reports = tune(labeler, train, DEV)
    assert labeler.tag_sets == [AFTER, PERSON]
    found = list(labeler([Document.from_words(document.words) for document in DEV]))
    for tag_set in (AFTER, PERSON):
        assert score_layers(DEV, found, [tag_set]) > 0.95
    assert max(report.score for report in reports) == score_layers(DEV, found, labeler.tag_sets)
    assert reports[-1].valid_loss < reports[0].valid_loss


SCORES = [0.2, 0.7, 0.1, 0.7, 0.3]


def test_training_stops_after_epochs_without_a_better_score_and_only_where_there_is_one(
    monkeypatch,
):
    scores = [0.5, 0.7, 0.6, 0.6, 0.65, 0.9]
    remaining, plain = iter(scores), measuring.evaluate_labeler
    monkeypatch.setattr(
        measuring,
        "evaluate_labeler",
        lambda *given: dataclasses.replace(plain(*given), score=next(remaining)),
    )
    options = dataclasses.replace(OPTIONS, epochs=6, patience=3)
    reports = tune(fresh_labeler(), dev=DEV, options=options)
    assert [report.score for report in reports] == scores[:5]
    assert len(tune(fresh_labeler(), options=options)) == 6


@pytest.mark.parametrize("with_folder", [False, True])
def test_the_best_epochs_weights_end_in_the_labeler(tmp_path, monkeypatch, with_folder):
    labeler, seen = fresh_labeler(), []

    def scripted(gold, predicted, tag_sets):
        assert (gold, tag_sets) == (DEV, labeler.tag_sets)
        seen.append((weights(labeler), predicted))
        return SCORES[len(seen) - 1]

    monkeypatch.setattr(measuring, "score_epoch", scripted)
    options = dataclasses.replace(OPTIONS, epochs=5)
    reports = tune(
        labeler, dev=DEV, options=options, folder=tmp_path / "run" if with_folder else None
    )
    assert [report.score for report in reports] == SCORES
    # Of epochs that are equally good, the last.
    best = seen[3][0]
    assert not same_weights(best, seen[1][0])
    assert same_weights(weights(labeler), best)
    assert not any(module.training for module in labeler.module.modules())
    assert list(map(labels_of, labeler(DEV))) == list(map(labels_of, seen[3][1]))
    if with_folder:
        assert sorted(path.name for path in (tmp_path / "run").iterdir()) == ["best", "last"]
        for folder, expected in (("best", seen[3]), ("last", seen[4])):
            found = Labeler.load(tmp_path / "run" / folder, arithmetic=Arithmetic.FLOAT32)
            assert same_weights(weights(found), expected[0])
            assert list(map(labels_of, found(DEV))) == list(map(labels_of, expected[1]))
    else:
        assert list(tmp_path.iterdir()) == []


def test_without_dev_the_last_epochs_weights_end_in_the_labeler(tmp_path):
    labeler, other, plain = fresh_labeler(), fresh_labeler(), fresh_labeler()
    options = dataclasses.replace(OPTIONS, epochs=2)
    reports = tune(labeler, options=options, folder=tmp_path / "run")
    for report in reports:
        assert (report.score, report.valid_loss, report.accuracy) == (None, None, None)
    # Dev is for choosing, and a folder for keeping: they change nothing in what trains.
    again = tune(other, dev=DEV, options=options)
    assert [report.train_loss for report in again] == [report.train_loss for report in reports]
    assert same_weights(weights(Labeler.load(tmp_path / "run" / "last")), weights(labeler))
    tune(plain, options=dataclasses.replace(options, average=None))
    assert not same_weights(weights(plain), weights(labeler))


def labels_of(document):
    return document.tags["after"].labels, document.spans["person"].spans


@pytest.mark.parametrize("calibrated", [True, False])
def test_a_labeler_ends_calibrated_unless_it_is_turned_off(tmp_path, calibrated):
    labeler = fresh_labeler()
    tune(
        labeler,
        dev=DEV,
        options=dataclasses.replace(OPTIONS, epochs=2),
        calibrated=calibrated,
        folder=tmp_path,
    )
    found = [head.temperature for head in labeler.config.heads]
    assert [head.temperature for head in Labeler.load(tmp_path / "best").config.heads] == found
    labels = list(map(labels_of, labeler(DEV)))
    calibrate(labeler, DEV)
    assert (
        [head.temperature for head in labeler.config.heads] == pytest.approx(found)
    ) == calibrated
    assert list(map(labels_of, labeler(DEV))) == labels


USUAL = fine_tuning.USUAL_TEMPERATURE


@pytest.mark.parametrize(
    ("documents", "choices", "expected"),
    [
        (60, {}, USUAL),
        (60, {"calibrated": False}, 1.0),
        (fine_tuning.MOST_UNCALIBRATED_DOCUMENTS + 1, {}, 1.0),
    ],
    ids=["few", "turned off", "many"],
)
def test_a_new_labeler_without_dev_gets_the_usual_temperature(
    tmp_path, documents, choices, expected
):
    train = some_documents(documents, "after", "person")
    labeler = fresh_labeler()
    tune(labeler, train, options=dataclasses.replace(OPTIONS, epochs=1), folder=tmp_path, **choices)
    for model in (labeler, Labeler.load(tmp_path / "best"), Labeler.load(tmp_path / "last")):
        assert [head.temperature for head in model.config.heads] == [expected, expected]


@pytest.mark.parametrize(("trained", "expected"), [(False, [0.8, USUAL]), (True, [0.8, 1.0])])
def test_a_temperature_that_was_chosen_or_trained_is_not_replaced_by_the_usual_one(
    trained, expected
):
    labeler = fresh_labeler()
    labeler.trained = trained
    labeler.set_temperatures([0.8, 1.0])
    tune(labeler, options=dataclasses.replace(OPTIONS, epochs=1))
    assert [head.temperature for head in labeler.config.heads] == expected


def test_passes_and_batches_fit_the_number_of_documents():
    passes = [tagging_epochs(count) for count in (0, 1_000, 3_000, 5_000, 10**6)]
    assert passes == [30, 30, 10, 6, 6]
    further = [continuing_epochs(count) for count in (0, 1_000, 4_000, 5_000, 10**6)]
    assert further == [10, 10, 7, 6, 6]
    words = [tagging_words(count) for count in (0, 12, 60, 125, 10**6)]
    assert words == [50, 50, 240, 500, 500]
    # Long trainings are more patient.
    assert [tagging_options(epochs).patience for epochs in (3, 6, 15, 30)] == [4, 4, 5, 10]
    train = some_documents(5, "after", "person")
    assert len(fine_tune(fresh_labeler(), train, display=Display.SILENT)) == 30


def test_an_interrupted_training_leaves_the_best_epoch(monkeypatch):
    labeler, kept, scores = fresh_labeler(), [], iter([0.5, 0.9, 0.7])

    def scripted(*_):
        kept.append(weights(labeler))
        try:
            return next(scores)
        except StopIteration:
            raise KeyboardInterrupt from None

    monkeypatch.setattr(measuring, "score_epoch", scripted)
    with pytest.raises(KeyboardInterrupt):
        tune(labeler, dev=DEV)
    assert same_weights(weights(labeler), kept[1])
    assert not same_weights(weights(labeler), kept[3])


def known_in_part(document):
    """The document with its persons as BIO tags, the last word's unknown."""
    tags = spans_to_tags(document.spans["person"].spans, len(document), Scheme.BIO)
    return Document.from_words(document.words, tags={"person": Tags((*tags[:-1], None))})


def test_a_dev_that_cannot_be_scored_is_refused_before_training(tmp_path):
    with pytest.raises(DataError, match="dev"):
        tune(fresh_labeler(), dev=map(known_in_part, DEV), folder=tmp_path / "run")
    assert not (tmp_path / "run").exists()


def test_spans_are_learnt_from_documents_of_which_words_are_not_known():
    train = [known_in_part(one) for one in some_documents(150, "person")]
    labeler = fresh_labeler(heads=(PERSON,))
    reports = tune(labeler, train, [*DEV, *map(known_in_part, DEV)])
    assert reports[-1].train_loss < 1
    assert score_layers(DEV, list(labeler(DEV)), [PERSON]) > 0.9


def test_a_training_that_was_cut_off_goes_on_to_the_same_end(tmp_path, monkeypatch):
    whole, options = fresh_labeler(), dataclasses.replace(OPTIONS, epochs=4)
    expected = tune(whole, dev=DEV, options=options, folder=tmp_path / "whole")
    calls = 0

    def dying(*parts):
        nonlocal calls
        calls += 1
        if calls == 3:
            raise KeyboardInterrupt
        return score_epoch(*parts)

    with monkeypatch.context() as patch:
        patch.setattr(measuring, "score_epoch", dying)
        with pytest.raises(KeyboardInterrupt):
            tune(fresh_labeler(), dev=DEV, options=options, folder=tmp_path / "cut")
    resumed = fresh_labeler(seed=5)
    reports = tune(resumed, dev=DEV, options=options, folder=tmp_path / "cut", resume=True)
    assert untimed(reports) == untimed(expected)
    assert same_weights(weights(resumed), weights(whole))
    again = fresh_labeler(seed=6)
    assert tune(again, dev=DEV, options=options, folder=tmp_path / "cut", resume=True) == reports
    assert same_weights(weights(again), weights(whole))
    with pytest.raises(CheckpointError, match="epochs 4"):
        tune(again, dev=DEV, folder=tmp_path / "cut", resume=True)


@pytest.fixture
def used(monkeypatch):
    """The options of each training, which takes one pass."""
    options_used = []

    def recording(*given, options, **more):
        options_used.append(options)
        return fit(*given, options=dataclasses.replace(options, epochs=1), **more)

    monkeypatch.setattr(fine_tuning, "fit", recording)
    return options_used


def test_a_labeler_that_has_learnt_trains_on_at_lower_rates_and_in_fewer_passes(tmp_path, used):
    fresh, documents = fresh_labeler(), some_documents(12, "after", "person")
    assert not fresh.trained
    fine_tune(fresh, documents, display=Display.SILENT)
    fresh.save(tmp_path / "labeler")
    loaded = [Labeler.load(tmp_path / "labeler", arithmetic=one) for one in Arithmetic]
    extended, kept = loaded[0].with_labels(["new"], layer="after"), loaded[0].keep(["after"])
    for labeler in (fresh, *loaded, extended, kept):
        assert labeler.trained
        fine_tune(labeler, documents, display=Display.SILENT)
    fine_tune(loaded[0], documents, options=tagging_options(2), display=Display.SILENT)
    first, *further, given = ((options.epochs, options.lr_scales) for options in used)
    assert first == (30, {"encoder": 0.3})
    assert further == [(10, {"encoder": 0.1, "second": 0.1})] * 6
    assert given == (2, {"encoder": 0.3})


@pytest.mark.parametrize(
    ("words", "rates"),
    [(0, {}), (749_999, {}), (750_000, {"encoder": 0.3}), (None, {"encoder": 0.3})],
)
def test_an_encoder_that_has_read_little_text_learns_at_the_full_rate(used, words, rates):
    labeler = fresh_labeler()
    encoder = dataclasses.replace(labeler.config.encoder, words_read=words)
    labeler.config = dataclasses.replace(labeler.config, encoder=encoder)
    fine_tune(labeler, some_documents(4, "after", "person"), display=Display.SILENT)
    assert [options.lr_scales for options in used] == [rates]


SECRET = Document.from_words(["secret"])


@pytest.mark.parametrize(
    "bad",
    [
        Document("", (), tags={"after": Tags(())}),
        SECRET,
        SECRET.with_tags("after", Tags(("third",))),
        SECRET.with_tags("person", Tags((None,))),
    ],
    ids=["no words", "no layer", "another label", "no known tag"],
)
@pytest.mark.parametrize("part", ["train", "dev"])
def test_documents_that_do_not_fit_the_heads_are_refused(tmp_path, bad, part):
    labeler = fresh_labeler()
    before = weights(labeler)
    parts = ([bad], DEV) if part == "train" else (DEV, [bad])
    with pytest.raises(DataError) as caught:
        tune(labeler, *parts, folder=tmp_path / "run")
    assert "secret" not in str(caught.value)
    assert same_weights(weights(labeler), before)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("given", "named"),
    [
        ((DEV, fresh_labeler()), "model"),
        ((fresh_labeler(), "train.jsonl"), "train"),
        ((fresh_labeler(), DEV, Path("dev.jsonl")), "dev"),
    ],
)
def test_bad_arguments_are_refused_by_name(given, named):
    with pytest.raises(OptionError, match=named):
        fine_tune(*given)


def test_what_was_trained_is_saved_before_what_is_decided_about_it(tmp_path, monkeypatch):
    def failing(*_):
        raise DataError("dev: no.")

    labeler = fresh_labeler()
    with monkeypatch.context() as patch:
        patch.setattr("seqlabel.models.fine_tuning.choose_pairs", failing)
        with pytest.raises(DataError, match="best"):
            tune(labeler, dev=DEV, folder=tmp_path)
    found = Labeler.load(tmp_path / "best")
    assert found.trained
    assert same_weights(weights(found), weights(labeler))


def test_a_training_that_is_killed_within_its_only_epoch_goes_on(tmp_path, monkeypatch):
    from seqlabel.training import loop

    monkeypatch.setattr("seqlabel.models.fine_tuning.SECONDS", 1e-9)
    monkeypatch.setattr(loop, "_LEAST_SHARE", 0)
    whole, options = fresh_labeler(), dataclasses.replace(OPTIONS, epochs=1)
    tune(whole, dev=DEV, options=options, folder=tmp_path / "whole")
    steps, real = [], loop._Training.step

    def dying(self, batch):
        steps.append(self.progress.step)
        if len(steps) % 2 == 0:
            raise KeyboardInterrupt
        real(self, batch)

    monkeypatch.setattr(loop._Training, "step", dying)
    for _ in range(100):
        resumed = fresh_labeler()
        with contextlib.suppress(KeyboardInterrupt):
            tune(resumed, dev=DEV, options=options, folder=tmp_path / "cut", resume=True)
            break
    assert max(steps) > 2
    assert same_weights(weights(resumed), weights(whole))
