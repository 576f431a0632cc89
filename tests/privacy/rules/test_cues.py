"""Words around a value: cues of labels on its line, and anything near that hints at a person."""

import pytest

from seqlabel.privacy.rules.cues import REACH, has_cue, hints_at_person

VALUE = "482913"


def place_of(text):
    start = text.index(VALUE)
    return start, start + len(VALUE)


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("account 482913", "ACCOUNT"),
        ("Kundennummer: 482913", "CUSTOMER_ID"),
        ("passport no. 482913", "ACCOUNT"),
        ("API_KEY=482913", "API_KEY"),
    ],
)
def test_a_word_before_a_value_says_what_it_is(text, label):
    assert has_cue(text, text.index(VALUE), label)


@pytest.mark.parametrize(
    ("text", "label"),
    [("account\n482913", "ACCOUNT"), ("error code 482913", "PASSWORD"), ("482913 account", "ACCOUNT")],
)
def test_a_word_behind_it_on_another_line_or_of_something_else_does_not(text, label):
    assert not has_cue(text, text.index(VALUE), label)


@pytest.mark.parametrize(
    "text",
    [
        "Ann: 482913",
        "482913 for Moss",
        "482913,ann@example.org",
        "my 482913",
        "call 482913",
        "customer\n482913",
        "ihre 482913",
        "482913,3c:22:fb:0a:91:e4",
        "Cedar2003 482913",
        "emergencyPhone: 482913",
        "482913,925.420.194-44",
    ],
)
def test_names_and_words_of_persons_are_hints(text):
    assert hints_at_person(text, *place_of(text))


@pytest.mark.parametrize(
    "text",
    [
        "482913",
        "why did 482913 fail?",
        "Why did 482913 fail?",
        "Job 482913 is done",
        "TODO: remove 482913",
        "482913,Kq7+Ab/x==,done",
        f"Ann{' ' * REACH} 482913",
    ],
)
def test_words_of_machines_and_those_that_begin_a_sentence_are_none(text):
    assert not hints_at_person(text, *place_of(text))
