"""The votes of words for a document's label: what they learn by themselves, and the share that they get."""

import dataclasses

import pytest
import torch
from torch.nn import functional

from seqlabel.models import fine_tuning, voting
from seqlabel.scores.calibration import LOWEST_TEMPERATURE
from seqlabel.training.schedules import OneCycle
from tests.models.test_classifier import DEV, LABELS, OPTIONS, TRAIN, fresh, label_of, scores_of, told_by_a_word, tune


def test_votes_learn_by_themselves_what_needs_no_order():
    classifier = fresh()
    tune(classifier, options=dataclasses.replace(OPTIONS, epochs=1))
    votes = classifier.module.votes
    with torch.no_grad():
        found = votes(classifier.ngrams([document.words for document in DEV])).argmax(dim=1).tolist()
    assert sum(guess == label_of(document) for guess, document in zip(found, DEV, strict=True)) > 0.95 * len(DEV)
    assert float(votes.share) > 0


def probabilities_of(classifier, documents):
    return torch.tensor(scores_of(classifier(documents)))


def test_the_share_is_that_which_fits_dev_best_and_votes_are_fitted_twice(monkeypatch):
    fitted, losses, fit_votes = [], {}, voting.fit_votes

    def watched(classifier, documents):
        fitted.append(list(documents))
        share = classifier.module.votes.share
        if len(fitted) == 2:
            chosen = float(share)
            gold = torch.tensor([label_of(document) for document in DEV])
            temperature = classifier.config.temperature
            for tried in [0.0, *(2.0**power for power in range(-6, 8)), chosen]:
                share.fill_(tried)
                classifier.set_temperature(1.0)
                logs = probabilities_of(classifier, DEV).clamp_min(1e-30).log().double()
                losses[tried] = min(
                    float(functional.cross_entropy(logs / 1.02**power, gold)) for power in range(-151, 152)
                )
            share.fill_(chosen)
            classifier.set_temperature(temperature)
            losses["chosen"] = float(functional.nll_loss(probabilities_of(classifier, DEV).log(), gold))
        fit_votes(classifier, documents)

    monkeypatch.setattr(fine_tuning, "fit_votes", watched)
    classifier = fresh()
    tune(classifier, options=dataclasses.replace(OPTIONS, epochs=1))
    assert fitted == [TRAIN, [*TRAIN, *DEV]]
    tried = {
        share: loss for share, loss in losses.items() if share != "chosen" and (share == 0 or 1 / 16 <= share <= 32)
    }
    assert losses["chosen"] == pytest.approx(min(tried.values()), abs=1e-4)
    assert losses["chosen"] < losses[0.0]


def test_where_all_of_dev_is_right_nothing_is_learnt_of_how_sure_to_be(monkeypatch):
    monkeypatch.setattr(voting, "fit_temperature", lambda *_: LOWEST_TEMPERATURE)
    classifier = fresh()
    tune(classifier, options=dataclasses.replace(OPTIONS, epochs=1))
    assert classifier.config.temperature == 1


def test_votes_that_mislead_on_dev_get_no_share():
    """In dev the words say another label than in training, and the recurrent part knows nothing."""
    turned = dict(zip(LABELS, (*LABELS[1:], LABELS[0]), strict=True))
    dev = [
        document.with_categories("category", {turned[LABELS[label_of(document)]]: 1.0})
        for document in told_by_a_word(30, seed=4)
    ]
    classifier = fresh()
    options = dataclasses.replace(OPTIONS, epochs=1, schedule=OneCycle(max_lr=1e-6, pct_start=0.2))
    tune(classifier, dev=dev, options=options)
    assert float(classifier.module.votes.share) == 0
