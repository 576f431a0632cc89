"""Edit scripts: they give the lemma back, words of one rule share one, and no form breaks
another's.
"""

import random

import pytest

from seqlabel.documents.edit_scripts import (
    KnownLemmas,
    adds_only_affixes,
    apply_script,
    casing_of,
    edit_script,
    is_form,
    is_script,
)
from seqlabel.errors import DataError

SIGNS = "abcABC;+<d2=↓↑→'. ßİǅΣ😀\n"


def some_words(count, *, seed):
    """Pairs of words, half of them with a beginning in common."""
    chance = random.Random(seed)
    for number in range(count):
        common = "".join(chance.choices(SIGNS, k=chance.randint(0, 4))) if number % 2 else ""
        yield tuple(
            common + "".join(chance.choices(SIGNS, k=chance.randint(1, 5))) for _ in range(2)
        )


def test_a_script_gives_the_lemma_back():
    for form, lemma in some_words(5_000, seed=0):
        script = edit_script(form, lemma)
        assert apply_script(form, script) == lemma, (form, lemma, script)
        assert script.strip()
        assert is_script(script)


@pytest.mark.parametrize(
    ("scripts", "expected"),
    [
        (["→Shackleton@ECT", "=;<+Pennine", "↓;d2+OM", "↓;+mentioned", "no script"], False),
        (["=", "↓;d3+y", "↓;<d1+wh", "→be", "→Sie", "↑;d1+V", "↓;d4+000", "→...."], True),
    ],
)
def test_rules_add_only_affixes_and_a_script_with_a_name_more(scripts, expected):
    assert [adds_only_affixes(script) for script in scripts] == [expected] * len(scripts)


def test_a_script_of_any_word_fits_any_other():
    words = list(some_words(500, seed=1))
    for (form, lemma), (other, _) in zip(words, reversed(words), strict=True):
        script = edit_script(form, lemma)
        assert apply_script(other, script)
        cases = (other, other.lower(), other[:1].upper() + other[1:].lower())
        assert apply_script(other, casing_of(script)) in cases


@pytest.mark.parametrize(
    ("script", "pairs"),
    [
        ("↓", [("the", "the"), ("The", "the"), (",", ","), ("42", "42")]),
        ("=", [("Ann", "Ann"), ("IBM", "IBM"), ("iPod", "iPod")]),
        ("↑", [("ANN", "Ann"), ("ann", "Ann")]),
        ("↓;d1", [("forces", "force"), ("Used", "use")]),
        ("↓;d3+y", [("cities", "city"), ("TRIED", "try")]),
        ("↓;d4+ind", [("found", "find"), ("bound", "bind")]),
        ("→be", [("is", "be"), ("Was", "be"), ("are", "be"), ("'m", "be")]),
        ("=;d2", [("McDonald's", "McDonald")]),
        ("↓;<d2;d1+en", [("gemacht", "machen"), ("Gelebt", "leben")]),
        ("↓;<d2", [("gegeben", "geben")]),
    ],
)
def test_words_of_one_rule_share_a_script(script, pairs):
    for form, lemma in pairs:
        assert edit_script(form, lemma) == script
        assert apply_script(form, script) == lemma


def test_a_form_that_is_too_short_gets_the_casing_alone():
    assert apply_script("At", "↓;d4+ind") == "at"
    assert apply_script("IT", "↑;<d2;d1") == "It"
    assert apply_script("a", "↓;d1") == "a"


@pytest.mark.parametrize(
    "script", ["", "d2", "→", "↓d2", "↓;", "=;<", "=;2", "↓;<d1;", "x;d1", "↓;d1+"]
)
def test_what_is_no_script_is_refused(script):
    with pytest.raises(DataError, match="`edit_script`"):
        apply_script("word", script)
    assert not is_script(script)


@pytest.mark.parametrize(("form", "lemma"), [("", "a"), ("a", "")])
def test_empty_words_are_refused(form, lemma):
    with pytest.raises(DataError):
        edit_script(form, lemma)


def test_edits_are_doubted_whose_lemma_is_not_a_known_word():
    lemmas = KnownLemmas(("↓", "↓;d1", "↓;d2", "→go"), {"love", "loved"})
    assert [lemmas.knows("Loved", number) for number in range(4)] == [False, True, False, False]
    assert [lemmas.doubts("Loved", number) for number in range(4)] == [False, False, True, False]
    assert not lemmas.doubts("4,000", 1)


def test_only_a_script_without_edits_in_the_forms_casing_leaves_every_form():
    assert is_form(edit_script("Ann", "Ann"))
    for script in ("↓", "↑", "=;d1", "→Ann"):
        assert not is_form(script)
