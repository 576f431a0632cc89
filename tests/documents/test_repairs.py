"""Counts of repairs are listed and are true only where there is something to tell."""

from dataclasses import fields

import pytest

from seqlabel.documents.repairs import Repairs


def test_nothing_repaired_is_false():
    assert not Repairs()
    assert str(Repairs()) == "nothing repaired"


@pytest.mark.parametrize("name", [field.name for field in fields(Repairs)])
def test_every_count_is_listed_alone(name):
    repairs = Repairs(**{name: 3})
    assert repairs
    assert str(repairs).endswith(": 3")
    assert ", " not in str(repairs)


def test_counts_are_listed_in_one_line():
    assert str(Repairs(tags=1, moved=1, lost=1, overlapping=2)) == (
        "tags read against their scheme: 1, spans moved to word borders: 1, spans without a word "
        "left out: 1, overlapping spans left out: 2"
    )
