"""Columns of texts say and become what each text alone does; missing values stay missing."""

import math

import pytest

from seqlabel.errors import DataError
from seqlabel.privacy.finding.finder import PrivateFinder, redact
from seqlabel.privacy.records.columns import find_in_column, redact_column
from seqlabel.privacy.replacing.policies import Mask
from tests.extras import needs_pii
from tests.privacy.rewritten_files import NOTHING, tiny_labeler

pytestmark = needs_pii

TEXTS = ["mail ann@x.org", None, "", "203.0.113.7 now", math.nan, "nothing"]


@pytest.fixture(scope="module")
def finder():
    return PrivateFinder(tiny_labeler((NOTHING,)))


def test_a_column_is_found_and_redacted_as_its_texts_are(finder):
    found = find_in_column(TEXTS, finder=finder)
    email = {"start": 5, "end": 14, "label": "EMAIL", "score": 1.0}
    address = {"start": 0, "end": 11, "label": "IP", "score": 1.0}
    assert found == [[email], None, [], [address], None, []]
    expected = [redact(text, Mask(), finder=finder).text if isinstance(text, str) else None for text in TEXTS]
    assert redact_column(TEXTS, found, Mask()) == expected
    assert expected[0] == "mail xxx@x.xxx"


def test_a_column_that_does_not_fit_is_refused(finder):
    with pytest.raises(DataError, match="row 1: expected text, got int"):
        find_in_column(["a", 1], finder=finder)
    with pytest.raises(DataError, match="a text without a list of spans"):
        redact_column(["a"], [None], Mask())
    with pytest.raises(ValueError, match="shorter"):
        redact_column(["a", "b"], [[]], Mask())


def test_a_column_whose_name_says_whose_the_values_are(finder):
    assert find_in_column(["zebra"], finder=finder) == [[]]
    ((found,),) = find_in_column(["zebra"], finder=finder, name="password")
    assert (found["start"], found["end"], found["label"]) == (0, 5, "PASSWORD")
