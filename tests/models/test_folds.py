"""Training on everything after cross-validation: each copy is trained on the others' documents, and
all on the last.
"""

import dataclasses
import math

import pytest

from seqlabel.errors import DataError
from seqlabel.models import folds
from seqlabel.models.folds import fine_tune_by_folds
from seqlabel.training.checkpoints import highest_score
from seqlabel.training.progress import Display
from tests.models.test_fine_tuning import OPTIONS, fresh_labeler, some_documents

DOCUMENTS = some_documents(40, "after", "person", seed=3)
REPEATED = [*DOCUMENTS, *DOCUMENTS[:5]]


@pytest.fixture
def trainings(monkeypatch):
    """What every `fine_tune` was given and returned, and the temperatures after it."""
    found, tune = [], folds.fine_tune

    def watched(labeler, train, dev=(), *, options, **others):
        reports = tune(labeler, train, dev, options=options, **others)
        temperatures = [head.temperature for head in labeler.config.heads]
        found.append((labeler, list(train), list(dev), options, reports, temperatures))
        return reports

    monkeypatch.setattr(folds, "fine_tune", watched)
    return found


def test_passes_are_those_that_were_best_in_the_folds_and_all_documents_are_learnt(
    trainings, tmp_path
):
    labeler = fresh_labeler()
    options = dataclasses.replace(OPTIONS, epochs=4, patience=1)
    reports, pairs = fine_tune_by_folds(
        labeler, REPEATED, folds=3, options=options, folder=tmp_path, display=Display.SILENT
    )
    *copies, (last, everything, dev, used, _, _) = trainings
    assert len(copies) == 3
    for copy, train, held_out, given, found, _ in copies:
        assert copy is not labeler
        assert not {one.text for one in train} & {one.text for one in held_out}
        assert len(train) + len(held_out) == len(REPEATED)
        assert (given.epochs, len(found)) == (4, 4)
    assert sorted(one.text for _, _, part, *_ in copies for one in part) == sorted(
        one.text for one in REPEATED
    )
    means = [
        sum(map(highest_score, epoch)) / 3
        for epoch in zip(*(found for *_, found, _ in copies), strict=True)
    ]
    assert (last, everything, dev) == (labeler, REPEATED, [])
    assert used.epochs == len(reports) == means.index(max(means)) + 1
    for head, *fitted in zip(
        labeler.config.heads, *(temperatures for *_, temperatures in copies), strict=True
    ):
        assert head.temperature == pytest.approx(math.prod(fitted) ** (1 / 3))
    gold = iter(pairs)
    for copy, _, held_out, *_ in copies:
        for document, found in zip(held_out, copy(held_out), strict=True):
            assert next(gold) == (document, found)
    assert not list(gold)


def test_each_training_has_a_heading(tmp_path, capsys):
    options = dataclasses.replace(OPTIONS, epochs=1)
    fine_tune_by_folds(
        fresh_labeler(),
        DOCUMENTS[:6],
        folds=2,
        options=options,
        folder=tmp_path,
        display=Display.LOG,
    )
    lines = capsys.readouterr().out.splitlines()
    assert [line for line in lines if "epoch" not in line and not line[:1].isdigit()] == [
        "fold 1/2",
        "fold 2/2",
        "all documents",
    ]


def test_more_folds_than_texts_are_refused(tmp_path):
    with pytest.raises(DataError, match="folds"):
        fine_tune_by_folds(
            fresh_labeler(), DOCUMENTS[:5] * 2, folds=6, options=OPTIONS, folder=tmp_path
        )
