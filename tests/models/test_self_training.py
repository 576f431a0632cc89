"""Teachers, and a labeler that learns what they agree on; each training is a `fine_tune`, whose
tests are its own.
"""

import dataclasses

import pytest

from seqlabel.documents.tag_sets import FEW_SPANS
from seqlabel.errors import OptionError
from seqlabel.models import self_training
from seqlabel.models.self_training import self_train
from seqlabel.training.progress import Display
from tests.models.test_fine_tuning import AFTER, OPTIONS, fresh_labeler, some_documents
from tests.weights import same_weights

TRAIN = some_documents(100, "after", "person", seed=1)
PLAIN = some_documents(80, seed=2)


@pytest.fixture
def trainings(monkeypatch):
    """The arguments of every `fine_tune`, which trains for one pass."""
    found, tune = [], self_training.fine_tune

    def watched(labeler, train, dev, *, options, **others):
        found.append((labeler, list(train), list(dev), options))
        return tune(labeler, train, dev, options=dataclasses.replace(options, epochs=1), **others)

    monkeypatch.setattr(self_training, "fine_tune", watched)
    return found


def learn(labeler, teachers, train=TRAIN, plain=PLAIN, dev=(), *, options=OPTIONS, **how):
    return self_train(
        labeler, teachers, train, plain, dev, options=options, display=Display.SILENT, **how
    )


def test_teachers_learn_the_labels_and_the_labeler_what_they_agree_on_too(trainings):
    labeler = fresh_labeler()
    reports = learn(labeler, [fresh_labeler(seed=seed) for seed in (1, 2, 3)])
    *teachers, (student, learnt, dev, options) = trainings
    assert [train for _, train, _, _ in teachers] == [TRAIN] * 3
    assert len({one.seed for _, _, _, one in teachers} | {options.seed}) == 4
    assert student is labeler
    assert all(teacher is not labeler for teacher, *_ in teachers)
    assert (dev, len(reports)) == ([], 1)
    assert learnt[: len(TRAIN)] == TRAIN
    taught = learnt[len(TRAIN) :]
    assert [piece.words for piece in taught] == [document.words for document in PLAIN]
    found = [[*teacher(PLAIN)] for teacher, *_ in teachers]
    for piece, *readings in zip(taught, *found, strict=True):
        for place, label in enumerate(piece.tags["after"].labels):
            said = [reading.tags["after"].labels[place] for reading in readings]
            assert said.count(label) > 1
        for span in piece.spans["person"].spans:
            assert sum(span in reading.spans["person"].spans for reading in readings) > 1


def test_few_labelled_documents_are_met_several_times_per_pass_and_few_words_in_more_passes(
    trainings,
):
    learn(fresh_labeler(), [fresh_labeler(seed=1)], TRAIN[:1])
    _, learnt, _, options = trainings[-1]
    assert len(learnt) - len(PLAIN) == self_training._MOST_COPIES
    assert options.epochs == self_training._MOST_EPOCHS


def test_text_is_cut_into_words_and_labels_of_documents_are_not_read(trainings):
    text = " ".join(PLAIN[0].words)
    learn(fresh_labeler(), [fresh_labeler(seed=1)], plain=[text, *DEV])
    taught = trainings[-1][1][-1 - len(DEV) :]
    assert taught[0].words == PLAIN[0].words
    (teacher, *_), _ = trainings
    assert [one.tags["after"].labels for one in taught[1:]] == [
        one.tags["after"].labels for one in teacher(DEV)
    ]


@pytest.mark.parametrize("few", [True, False])
def test_teachers_of_few_spans_find_more_in_the_text_and_stay_as_they_are(
    trainings, monkeypatch, few
):
    train = TRAIN[:20] if few else TRAIN
    spans = sum(len(document.spans["person"].spans) for document in train)
    assert (spans < FEW_SPANS) is few
    read = self_training.taught
    offsets = []

    def watched(teachers, documents, layers):
        offsets.extend(teacher.config.head("person").threshold_offset for teacher in teachers)
        return read(teachers, documents, layers)

    monkeypatch.setattr(self_training, "taught", watched)
    teachers = [fresh_labeler(seed=1), fresh_labeler(seed=2)]
    teachers[0].set_threshold_offset("person", 0.25)
    learn(fresh_labeler(), teachers, train)
    more = 1.0 if few else 0.0
    assert offsets == [0.25 + more, more]
    assert [one.config.head("person").threshold_offset for one in teachers] == [0.25, 0.0]


DEV = some_documents(20, "after", "person", seed=3)


def test_two_runs_are_equal_and_the_teachers_choose_epochs_on_dev(trainings):
    labelers = [fresh_labeler(), fresh_labeler()]
    for labeler in labelers:
        learn(labeler, [fresh_labeler(seed=1), fresh_labeler(seed=2)], dev=DEV)
    first, second = (labeler.module for labeler in labelers)
    assert same_weights(first, second)
    assert all(dev == DEV for _, _, dev, _ in trainings)


@pytest.mark.parametrize(
    "teachers", [[], [fresh_labeler(heads=(AFTER,))]], ids=["none", "fewer layers"]
)
def test_teachers_have_the_labels_of_the_labeler(teachers):
    with pytest.raises(OptionError, match="teachers"):
        self_train(fresh_labeler(), teachers, TRAIN, PLAIN)


def test_trainings_that_were_interrupted_are_resumed(tmp_path, monkeypatch):
    def run(folder, *, resume=False):
        labeler, teachers = fresh_labeler(), [fresh_labeler(seed=seed) for seed in (1, 2)]
        options = dataclasses.replace(OPTIONS, epochs=1)
        learn(labeler, teachers, dev=DEV, options=options, folder=folder, resume=resume)
        return labeler.module

    whole = run(tmp_path / "whole")
    with monkeypatch.context() as patch:
        patch.setattr(self_training, "taught", interrupt)
        with pytest.raises(KeyboardInterrupt):
            run(tmp_path / "cut")
    assert {path.name for path in (tmp_path / "cut").iterdir()} == {"teacher1", "teacher2"}
    resumed = run(tmp_path / "cut", resume=True)
    assert same_weights(whole, resumed)


def interrupt(*arguments):
    raise KeyboardInterrupt
