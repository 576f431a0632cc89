"""Leaks and alarms counted by hand; offsets that find more leak less."""

import numpy as np
import pytest

from seqlabel.documents.spans import CharacterSpan
from seqlabel.errors import DataError
from seqlabel.privacy.finding.audit import (
    Labeled,
    audit,
    count_alarms,
    losses_by_sensitivity,
    sensitivity_for_alarms,
)
from seqlabel.privacy.finding.finder import PrivateFinder
from seqlabel.privacy.finding.settings import DenyList, PrivacySettings
from tests.extras import needs_pii
from tests.privacy.rewritten_files import NOTHING, tiny_labeler

pytestmark = needs_pii


def labeled(text, *values):
    spans = []
    for value, label in values:
        start = text.index(value)
        spans.append(CharacterSpan(start, start + len(value), label))
    return Labeled(text, tuple(spans))


TEXTS = [
    labeled("ann@x.org and Ann Lee", ("ann@x.org", "EMAIL"), ("Ann Lee", "PERSON")),
    labeled("pay 12 EUR to bob@x.org (Bob)", ("Bob", "PERSON"), ("to bob@x.org", "EMAIL")),
    labeled("nothing but 203.0.113.7"),
    labeled("pin :-)", (":-)", "PASSWORD")),
]


def test_counts_are_those_made_by_hand():
    finder = PrivateFinder(tiny_labeler((NOTHING,)))
    found = audit(finder, TEXTS)
    leaked = {label: (one.count, one.total) for label, one in found.leaked.items()}
    assert leaked == {"EMAIL": (1, 2), "PASSWORD": (1, 1), "PERSON": (2, 2)}
    missed = {label: one.count for label, one in found.missed.items()}
    assert missed == {"EMAIL": 0, "PASSWORD": 1, "PERSON": 2}
    assert (found.leak.count, found.leak.total, found.texts) == (4, 5, 4)
    assert found.alarms == {"IP": 1}
    assert found.over.count == len("20301137")
    clear = "and pay 12 EUR nothing but 203.0.113.7 pin"
    assert found.over.total == sum(map(str.isalnum, clear))
    assert found.losses.tolist() == [0.5, 1.0, 1.0]
    denied = PrivacySettings(deny=DenyList(("Ann Lee", "Bob")))
    better = audit(PrivateFinder(tiny_labeler((NOTHING,)), settings=denied), TEXTS)
    assert better.leaked["PERSON"].count == 0
    assert "Ann" not in repr(TEXTS)


def test_more_is_found_with_higher_offsets():
    columns = list(losses_by_sensitivity(PrivacySettings(), TEXTS, (-6.0, 0.0, 12.0)))
    losses = np.stack(columns, axis=1)
    assert losses.shape == (3, 3)
    assert losses.mean(axis=0)[0] >= losses.mean(axis=0)[-1]


def test_texts_without_values_show_nothing():
    with pytest.raises(DataError):
        audit(PrivateFinder(tiny_labeler((NOTHING,))), [TEXTS[2]])


CLEAN = ["nothing but 203.0.113.7 here", "a word or two, and no more of it"]


def test_alarms_are_all_findings_in_clean_texts():
    finder = PrivateFinder(tiny_labeler((NOTHING,)))
    alarms = count_alarms(finder, CLEAN)
    words = sum(len(finder.labeler.tokenize(text)) for text in CLEAN)
    assert (alarms.by_label, alarms.words, alarms.count) == ({"IP": 1}, words, 1)
    assert alarms.rate == pytest.approx(1_000 / words)
    with pytest.raises(DataError):
        count_alarms(finder, [""])


def test_the_sensitivity_within_a_budget_is_the_highest_one():
    settings, tried = PrivacySettings(), (-6.0, -2.0, 0.0, 2.0, 12.0)
    texts = [one.text for one in TEXTS]
    rates = [
        count_alarms(PrivateFinder(settings=PrivacySettings(sensitivity=sensitivity)), texts).rate
        for sensitivity in tried
    ]
    assert rates == sorted(rates)
    for most in (*rates, rates[-1] + 1):
        within = [one for one, rate in zip(tried, rates, strict=True) if rate <= most]
        assert sensitivity_for_alarms(settings, texts, most, tried) == within[-1]
    assert sensitivity_for_alarms(settings, texts, 0, tried) is None


def test_the_sensitivities_that_are_tried_are_shown():
    passed = []

    def shown(sensitivities):
        for one in sensitivities:
            passed.append(one)
            yield one

    sensitivity_for_alarms(
        PrivacySettings(), [one.text for one in TEXTS], 1_000, (-2.0, 0.0, 2.0), shown=shown
    )
    assert passed == [-2.0, 0.0, 2.0]
