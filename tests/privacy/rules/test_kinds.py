"""The table of kinds: its rows are whole, and other tables agree with it."""

import re

import pytest

from seqlabel.models.tagging.labeler import Labeler
from seqlabel.privacy.replacing.pseudonyms import PseudonymKind
from seqlabel.privacy.rules.kinds import (
    KINDS,
    PRESIDIO_NAMES,
    SECRETS,
    STANDARD_LABELS,
    families_of,
    form,
)
from seqlabel.privacy.rules.table import rule_labels


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_a_row_is_whole(kind):
    assert kind.description
    assert kind.families
    assert kind.pseudonym in list(PseudonymKind)
    assert re.fullmatch("(#[0-9a-f]{6})?", kind.color)
    assert kind.digits[0] <= kind.digits[1]


def test_the_kinds_are_the_labels_of_the_model_and_of_the_rules():
    (tag_set,) = Labeler.load("en_pii").tag_sets
    assert {*tag_set.labels, *rule_labels()} == STANDARD_LABELS


def test_only_other_names_of_presidio_are_listed():
    assert [label for label, name in PRESIDIO_NAMES.items() if label == name] == []
    assert PRESIDIO_NAMES["CARD"] == "CREDIT_CARD"


def test_families_and_secrets():
    assert families_of(frozenset(("CARD", "OF_MY_OWN"))) == {"papers"}
    assert {"PASSWORD", "API_KEY"} == SECRETS


def test_forms_stand_in_one_another():
    assert "{" not in re.sub(r"\{[0-9]+(,[0-9]*)?\}", "", form("date"))
    assert re.fullmatch(form("date"), "11, 12 and 13 March 2024, 3 pm", re.I)
