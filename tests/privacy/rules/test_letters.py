"""Names behind greetings, under letters, behind signatures and words for relatives, and what is no name there."""

import pytest

from seqlabel.privacy.rules import find_patterns
from seqlabel.privacy.rules.letters import letter_names, relatives
from tests.extras import needs_pii


def named(text):
    return [text[start:end] for start, end in letter_names(text)]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("Dear Too,\nthank you", ["Too"]),
        ("Dear Femke:", ["Femke"]),
        ("hello\nDear Ada Moss,\n", ["Ada Moss"]),
        ("Dear Siobhan and Mick,\n", ["Siobhan", "Mick"]),
        ("Yours sincerely\n\nMaureen Tidy\n", ["Maureen Tidy"]),
        ("Kind regards,\r\n  K. Abara (Mrs)", ["K. Abara"]),
        ("Many thanks!\nJ. R. van der Berg, Clerk", ["J. R. van der Berg"]),
        ("Best,\nChip", ["Chip"]),
        ("Love,\nNoor\nx", ["Noor"]),
        ("Signed, Seven", ["Seven"]),
        ("Signed: C Petherick   Date: 02/05/2024", ["C Petherick"]),
        ("Signed: A Costa", ["A Costa"]),
        ("Signed by: Perran Hocking\n", ["Perran Hocking"]),
        ("SIGNED by SONGÜL ARI\nin the presence of", ["SONGÜL ARI"]),
        ("/s/ Annalise Thorne", ["Annalise Thorne"]),
    ],
)
def test_who_is_addressed_and_who_signs_are_persons(text, names):
    assert named(text) == names


@pytest.mark.parametrize(
    "text",
    [
        "Dear Sir or Madam,",
        "Dear Sirs,",
        "Dear Valued Customer,",
        "Dear Hiring Manager:",
        "Dear me, that is late",
        "Oh Dear Lord,\nhelp",
        "a Dear Leader in charge",
        "Thanks,\nThe Acme Team",
        "Yours faithfully\nCrowle Bassett LLP",
        "Kind regards\nCustomer Services\n",
        "Thanks\nCan you call me?",
        "With love.\nParis is fine in spring, and so is Rome.",
        "Best\nRegards",
        "Signed: Date:",
        "Signed, Sealed, Delivered",
        "Signed: Yes",
        "signed long, unsigned, Signed Integer",
        "signature: If two types are equal",
        "/s/Makefile.in@",
    ],
)
def test_roles_firms_and_sentences_are_none(text):
    assert named(text) == []


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("d/w daughter Sian re POC.", ["Sian"]),
        ("his wife O'Dea's car, and my brother Art", ["O'Dea", "Art"]),
        ("her husband van Dijk", ["van Dijk"]),
        ("with her son Max Rowe", []),
        ("our sister State, mother Nature, a cousin RNA", []),
        ("her son, Max; the person Max", []),
        ("my son Monday", []),
    ],
)
def test_the_word_behind_a_relative_is_a_name(text, names):
    assert [text[start:end] for start, end in relatives(text)] == names


@needs_pii
def test_the_rules_find_them_as_persons():
    found = [(one.start, one.end, one.label) for one in find_patterns("Dear Too,\nmy son Art")]
    assert found == [(5, 8, "PERSON"), (17, 20, "PERSON")]
