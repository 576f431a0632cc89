"""Settings: what a wrong value says, and the policies that are made of names."""

import re
from functools import partial
from pathlib import Path

import pytest

from seqlabel.errors import OptionError
from seqlabel.privacy.finding.settings import (
    DenyList,
    OwnPattern,
    PrivacySettings,
    RuleChoice,
    ValueList,
)
from seqlabel.privacy.replacing.policies import Hash, Mask, Pseudonym, Replace
from tests.extras import needs_pii
from tests.keys import KEY


@pytest.mark.parametrize(
    ("wrong", "named"),
    [
        ({"policy": "hide"}, "policy:"),
        ({"policies": {"EMAIL": "hide"}}, r"policies\.EMAIL:"),
        ({"thresholds": {"PERSON": 1.5}}, r"thresholds\.PERSON:"),
        ({"labels": ()}, "labels:"),
        *(({"sensitivity": wrong}, "sensitivity:") for wrong in ("high", True, [1], float("nan"))),
    ],
)
def test_a_wrong_value_is_an_error_that_names_its_key(wrong, named):
    with pytest.raises(OptionError, match=named):
        PrivacySettings(**wrong)


_NO_LISTS = ("EMAIL", None, 5, Path("missing"), [1], b"x")
_NO_MAPPINGS = (["EMAIL"], "EMAIL", None, 5, Path("missing"), {1: "mask"})
_WRONG_TYPES = {
    "model": (None, 5, ["en_pii"]),
    "rules": ("false", None, 0, ["email"]),
    "labels": tuple(wrong for wrong in _NO_LISTS if wrong is not None),
    "wide": ("yes", None, 1),
    "except_": _NO_LISTS,
    "thresholds": (*_NO_MAPPINGS, {"PERSON": "0.5"}, {"PERSON": None}),
    "patterns": (OwnPattern("A", "x"), "x", ["x"], None, {"A": "x"}),
    "allow": (["Ann Lee"], "Ann Lee", None),
    "deny": (["Ann Lee"], "Ann Lee", None, ValueList(("Ann Lee",))),
    "policies": (*_NO_MAPPINGS, {"EMAIL": None}),
    "key_file": (5, b"key"),
    "locale": (5, ["de_DE"]),
    "subject": (17, ["a"]),
}


@pytest.mark.parametrize("option", _WRONG_TYPES)
def test_a_value_of_a_wrong_type_is_an_error_that_names_its_key_and_the_type(option):
    for wrong in _WRONG_TYPES[option]:
        with pytest.raises(OptionError, match=rf"^{option}\b.*: expected .*, got "):
            PrivacySettings(**{option: wrong})


@pytest.mark.parametrize(
    ("make", "option", "wrong"),
    [
        *((ValueList, "words", wrong) for wrong in _NO_LISTS),
        *((ValueList, "files", wrong) for wrong in ("names.txt", None, Path("names.txt"), [1])),
        *((DenyList, "patterns", wrong) for wrong in _NO_LISTS),
        (DenyList, "label", None),
        *((partial(OwnPattern, regex="x"), "label", wrong) for wrong in (None, 5, ["A"])),
        *((partial(OwnPattern, "A"), "regex", wrong) for wrong in (None, 5, re.compile("x"))),
        *((partial(OwnPattern, "A", "x"), "context", wrong) for wrong in _NO_LISTS),
        (partial(OwnPattern, "A", "x"), "validator", 5),
        (partial(OwnPattern, "A", "x"), "yes", "A-1"),
        *((RuleChoice, "disable", wrong) for wrong in _NO_LISTS),
        *((RuleChoice, "only", wrong) for wrong in ("email", 5, [None])),
    ],
)
def test_a_part_of_a_wrong_type_is_an_error_that_names_its_key(make, option, wrong):
    with pytest.raises(OptionError, match=rf"^{option}: expected .*, got "):
        make(**{option: wrong})


def test_an_error_of_a_type_shows_no_private_value():
    for make in (lambda: ValueList("secret"), lambda: PrivacySettings(deny=["secret"])):
        with pytest.raises(OptionError) as error:
            make()
        assert "secret" not in str(error.value)


@pytest.mark.parametrize("label", ["", "email", "A B", "A__B", "A" * 17, "A_B_C_D_E", "A_"])
def test_a_label_that_placeholders_cannot_be_made_of(label):
    for make in (lambda: OwnPattern(label, "x"), lambda: DenyList(label=label)):
        with pytest.raises(OptionError):
            make()


def test_policies_by_name_and_by_label():
    settings = PrivacySettings(policies={"EMAIL": "mask", "PERSON": "hash"})
    for_all, policies = settings.make_policies(KEY)
    assert (for_all, policies) == (Replace(), {"EMAIL": Mask(), "PERSON": Hash(KEY)})
    with pytest.raises(OptionError):
        settings.make_policies()
    with pytest.raises(OptionError):
        PrivacySettings().make_policies(KEY)


@needs_pii
def test_pseudonyms_have_the_locale_and_the_subject():
    settings = PrivacySettings(
        policies={"PERSON": "pseudonym"}, locale="en_US", subject="patient 17"
    )
    assert settings.make_policies(KEY)[1] == {
        "PERSON": Pseudonym(KEY, locale="en_US", subject="patient 17")
    }
    assert "17" not in repr(settings)
    for option in ("locale", "subject"):
        with pytest.raises(OptionError, match=f"{option}:"):
            PrivacySettings(policy="hash", **{option: "x"}).make_policies(KEY)
    with pytest.raises(OptionError, match="locale"):
        PrivacySettings(policy="pseudonym", locale="xx").make_policies(KEY)


def test_a_repr_shows_no_value_of_a_list():
    settings = PrivacySettings(
        allow=ValueList(("secret1",)), deny=DenyList(("secret2",), patterns=("secret3",))
    )
    assert "secret" not in repr(settings)
    assert settings.own_labels == {"DENIED"}


@pytest.mark.parametrize(
    ("old", "new"), [("key", "key_file"), ("except", "except_"), ("by_label", "policies")]
)
def test_a_setting_by_another_name_is_answered_with_its_name(old, new):
    with pytest.raises(OptionError, match=f"{old}: .*{new}"):
        PrivacySettings(**{old: "x"})
