"""Labels that a user asks for: known ones pass, others are an error that names the nearest."""

import pytest

from seqlabel.errors import OptionError
from seqlabel.models.labeler import Labeler
from seqlabel.privacy.labels import FAMILIES, STANDARD_LABELS, check_labels, mistaken_for
from seqlabel.privacy.rules import Pattern

KNOWN = ("EMAIL", "PERSON", "DATE", "DATE_OF_BIRTH")


def test_known_labels_pass():
    check_labels(KNOWN, KNOWN)
    check_labels([], KNOWN)


@pytest.mark.parametrize(
    ("asked", "near"),
    [("EMIAL", "EMAIL"), ("email", "EMAIL"), ("PERSONS", "PERSON"), ("DATE_OF_BRITH", "DATE_OF_BIRTH")],
)
def test_an_unknown_label_is_refused_with_the_nearest_known_one(asked, near):
    with pytest.raises(OptionError) as caught:
        check_labels(["EMAIL", asked], KNOWN, option="by_label")
    assert str(caught.value) == (
        f"by_label: {asked!r} is not a label that can be found. Did you mean {near!r}? "
        f"Choose from DATE, DATE_OF_BIRTH, EMAIL, PERSON."
    )


def test_a_label_like_no_other_gets_the_list_alone():
    with pytest.raises(OptionError, match=r"^labels: 'X' is not a label that can be found\. Choose from DATE, "):
        check_labels(["X"], KNOWN)


def test_where_nothing_is_known_the_message_says_so():
    with pytest.raises(OptionError, match="none: the model has no labels"):
        check_labels(["EMAIL"], ())


def test_the_standard_labels_are_those_of_the_model_that_ships_and_of_the_rules():
    (labels,) = (tags.labels for tags in Labeler.load("en_pii").tag_sets)
    assert {*labels, *map(str, Pattern)} == STANDARD_LABELS


def test_a_text_is_no_list_of_labels():
    with pytest.raises(OptionError, match=r"^labels: expected a list of labels, got the text 'EMAIL'"):
        check_labels("EMAIL", ["EMAIL"])


def test_numbers_may_be_mistakes_for_each_other():
    assert mistaken_for(["PHONE"]) == {"ACCOUNT": 0.4, "CARD": 0.4, "NATIONAL_ID": 0.4}
    assert mistaken_for(["MEDICAL_ID"])["INSURANCE_ID"] == 0.1
    assert mistaken_for(["MEDICAL_ID"])["EMPLOYEE_ID"] == 0.4
    assert mistaken_for(["API_KEY"])["PASSWORD"] == 0.0
    assert mistaken_for([]) == {}
    assert {label for family, _ in FAMILIES for label in family} <= STANDARD_LABELS
