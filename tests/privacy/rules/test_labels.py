"""Labels that a user asks for: known ones pass, others are an error that names the nearest."""

import pytest

from seqlabel.errors import OptionError
from seqlabel.privacy.rules.labels import Mistakes, check_chosen, check_labels

KNOWN = ("EMAIL", "PERSON", "DATE", "DATE_OF_BIRTH")


def test_known_labels_pass():
    check_labels(KNOWN, KNOWN)
    check_labels([], KNOWN)


@pytest.mark.parametrize(
    ("asked", "near"),
    [
        ("EMIAL", "EMAIL"),
        ("email", "EMAIL"),
        ("PERSONS", "PERSON"),
        ("DATE_OF_BRITH", "DATE_OF_BIRTH"),
    ],
)
def test_an_unknown_label_is_refused_with_the_nearest_known_one(asked, near):
    with pytest.raises(OptionError) as caught:
        check_labels(["EMAIL", asked], KNOWN, option="policies")
    message = str(caught.value)
    assert message.startswith(f"policies: {asked!r}")
    assert repr(near) in message
    assert "DATE, DATE_OF_BIRTH, EMAIL, PERSON" in message


@pytest.mark.parametrize(
    ("labels", "known", "named"),
    [(["X"], KNOWN, "'X'"), (["EMAIL"], (), "none:"), ("EMAIL", ["EMAIL"], "")],
)
def test_labels_that_are_like_no_other_or_no_list_are_refused(labels, known, named):
    with pytest.raises(OptionError, match=f"^labels: .*{named}"):
        check_labels(labels, known)


@pytest.mark.parametrize(
    ("asked", "label"),
    [
        ("CUSTOMER_ID", "EMPLOYEE_ID"),
        ("PLATE", "VIN"),
        ("API_KEY", "PASSWORD"),
        ("PASSWORD", "USERNAME"),
        ("PERSON", "LOCATION"),
        ("MAC", "IP"),
    ],
)
def test_a_label_of_the_family_is_a_mistake_where_others_are_likely_enough(asked, label):
    mistakes = Mistakes([asked])
    assert mistakes.has(label, 0.89, "Ada")
    assert not mistakes.has(label, 0.91, "Ada")


def test_an_unsure_finding_with_a_digit_may_be_any_number():
    mistakes = Mistakes(["CUSTOMER_ID"])
    assert mistakes.has("LOCATION", 0.6, "0041")
    assert not mistakes.has("LOCATION", 0.6, "Oakham")
    assert not mistakes.has("LOCATION", 0.9, "0041")
    assert mistakes.has("LOCATION", 0.2, "Oakham")
    assert not Mistakes(["PERSON"]).has("DATE", 0.6, "1843")


def test_nothing_is_a_mistake_for_a_label_of_its_own_form_or_for_none():
    assert not Mistakes(["EMAIL"]).has("PASSWORD", 0.1, "a1b2")
    assert not Mistakes([]).has("PASSWORD", 0.1, "a1b2")


def test_a_label_that_is_refused_is_no_mistake():
    assert not Mistakes(["CUSTOMER_ID"], never=["EMPLOYEE_ID"]).has("EMPLOYEE_ID", 0.1, "0041")


def test_an_empty_choice_is_not_a_choice_of_all():
    check_chosen(None, ["EMAIL"])
    check_chosen(["EMAIL"], ["EMAIL"])
    with pytest.raises(OptionError, match="mine:"):
        check_chosen((), ["EMAIL"], option="mine")
    with pytest.raises(OptionError, match=r"'EMIAL'.*'EMAIL'"):
        check_chosen(["EMIAL"], ["EMAIL"])
