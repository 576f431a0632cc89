"""Counts of repairs are listed and are true only where there is something to tell."""

from dataclasses import fields

import pytest

from seqlabel.documents.repairs import Repairs


def test_nothing_repaired_is_false():
    assert not Repairs()
    assert str(Repairs()) == "nothing repaired"


def test_counts_are_listed_in_one_line():
    counts = str(Repairs(tags=1, moved=2)).split(", ")
    assert [count[-3:] for count in counts] == [": 1", ": 2"]


@pytest.mark.parametrize("name", [field.name for field in fields(Repairs)])
def test_every_count_is_listed_alone(name):
    repairs = Repairs(**{name: 3})
    assert repairs
    assert str(repairs).endswith(": 3")
    assert ", " not in str(repairs)
