"""Patterns of the user's own: which are refused and why, and what validators and context words
leave.
"""

import re
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

pytest.importorskip("regex", reason="needs seqlabel-rnn[pii]")
pytest.importorskip("stdnum", reason="needs seqlabel-rnn[pii]")

from seqlabel.errors import DataError, OptionError
from seqlabel.privacy.finding import own_patterns
from seqlabel.privacy.finding.own_patterns import BoundedPattern, PatternFinder, PatternIndex
from seqlabel.privacy.finding.settings import OwnPattern


def values(pattern, text):
    return [text[start:end] for start, end in PatternFinder(pattern, key="pattern[0]")(text)]


@pytest.mark.parametrize(
    "pattern",
    [
        r"EMP-\d{6}",
        r"\S+@corp\.io",
        r"\bX[0-9]+\b",
        r"Case no\. [A-Z]{1,3} ?\d{1,6}",
        r"(?<=ID: )\w+",
        r"^key=\S*$",
    ],
)
def test_harmless_patterns_are_taken_and_match_as_re_does(pattern):
    text = "ID: abc EMP-123456 a@corp.io X12 Case no. AB 77\nkey=v\n key=w"
    found = list(BoundedPattern(pattern, name="p")(text))
    assert found == [match.span() for match in re.finditer(pattern, text, re.MULTILINE)]
    assert found


@pytest.mark.parametrize(
    "pattern",
    [
        *("(", "a*", r"a.*b", r"a\s+b", r"[^x]{200}", r"a(?=.*b)", r"\Aa"),
        *(r"(?<=" + "a" * 40 + r")b", r"x[[:space:]]{1,400}y", "(" * 400 + "a" + ")" * 400),
        *(r"(?:EMP-1234){e}", r"(?:EMP-1234){i<=40}", r"(?:ab){e<=2}"),
    ],
)
def test_patterns_that_reach_too_far_are_refused_with_a_reason(pattern):
    with pytest.raises(OptionError, match="mine:"):
        BoundedPattern(pattern, name="mine")


@pytest.mark.parametrize(
    "pattern", [r"\d+x", r"(1+)+b", r"(1|11)+b", r"(\w+[.-]?)+!", r"([0-9]{1,9}){1,9}!"]
)
def test_a_text_on_which_a_pattern_takes_too_long_is_an_error(monkeypatch, pattern):
    bounded = BoundedPattern(pattern, name="mine")
    monkeypatch.setattr(own_patterns, "SECONDS", 0.01)
    begun = time.monotonic()
    with pytest.raises(DataError, match="mine:") as raised:
        list(bounded("1" * 30_000 + " x b !"))
    assert "111" not in str(raised.value)
    assert time.monotonic() - begun < 5


def test_a_validator_and_context_words_decide():
    card = OwnPattern("CARD", r"\d{16}", "luhn", ("card", "Karte"))
    assert values(card, "card 4111111111111111 and 4111111111111112") == ["4111111111111111"]
    assert values(card, "4111111111111111 (KARTE)") == ["4111111111111111"]
    assert values(card, f"card {'x ' * 40} 4111111111111111 cardboard") == []
    assert values(OwnPattern("CODE", r"\d{3}", lambda value: value > "500"), "400 600") == ["600"]
    assert values(OwnPattern("BSN", r"\d{9}", "nl.bsn"), "111222333 123456789") == ["111222333"]


@pytest.mark.parametrize(
    ("regex", "options", "key"),
    [
        ("a", {"validator": "nothing"}, "validator:"),
        ("a", {"validator": "os"}, "validator:"),
        ("a", {"validator": "../luhn"}, "validator:"),
        ("a", {"validator": "util"}, "validator:"),
        ("a", {"context": ("x" * 40,)}, "context:"),
        ("a{2}", {"yes": ("aa", "b")}, "yes[1]:"),
        ("a{2}", {"no": ("aa",)}, "no[0]:"),
        ("a{2}", {"yes": ("«xaa»x",)}, "yes[0]:"),
    ],
)
def test_bad_keys_of_a_pattern_are_refused(regex, options, key):
    with pytest.raises(OptionError, match=re.escape(f"pattern[0].{key}")):
        PatternFinder(OwnPattern("A", regex, **options), key="pattern[0]")


def test_a_pattern_agrees_with_its_examples():
    PatternFinder(OwnPattern("A", "a{2}", yes=("xaax",), no=("a",)), key="pattern[0]")
    # An example may mark what is found.
    PatternFinder(OwnPattern("A", "a{2}", yes=("x«aa»x «aa»",), no=("«a»",)), key="pattern[0]")


PATTERNS = [
    *(r"EMP-\d{6}", r"\d{1,9} kilo", r"(?i)emp-\d", r"(?:abc)?\d", r"abc|xyz", r"(?i:abc)d\d"),
    *(r"ab\bcd", r"x{3}y", r"a.cde", r"(?x) a b c \d", r"\bcase(?= no)", r"(?<=abc)\d"),
    *(r"É[a-z]{1,9}ité", r"^abc$", r"ab{1,2}cde?"),
]
_PARTS = "EMP-|emp-|123456|abc|ABC|xyz|d|e| kilo|xxxy|case no|\n|Égalité| "
PARTS = _PARTS.split("|")
INDEX = PatternIndex([(one, BoundedPattern(one, name="p")) for one in PATTERNS])


@settings(max_examples=50, deadline=None)
@given(st.lists(st.sampled_from(PARTS)))
def test_an_index_leaves_out_no_pattern_that_matches(parts):
    text = "".join(parts)
    chosen = list(INDEX(text))
    assert len(chosen) == len(set(chosen))
    assert {one for one in PATTERNS if re.search(one, text, re.MULTILINE)} <= set(chosen)


def test_an_index_leaves_out_most_patterns():
    patterns = [(one, BoundedPattern(rf"\bK{one:05}-\d+", name="p")) for one in range(10, 500)]
    index = PatternIndex(patterns)
    assert list(index("K00123-7")) == [123]
    assert list(index("nothing")) == list(index("")) == []
