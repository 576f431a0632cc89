"""Values of rules are found whatever hides them, and do not overlap."""

import random
import re
import sys
import unicodedata

import pytest

from seqlabel.privacy.rules import INVISIBLE, engine, find_proven, find_values, standard_rules
from seqlabel.privacy.rules.engine import Rule, RuleIndex, runs_around
from tests.privacy.proven_values import FOUND, found

pytest.importorskip("stdnum", reason="patterns need seqlabel-rnn[pii]")
pytest.importorskip("phonenumbers", reason="patterns need seqlabel-rnn[pii]")


def test_values_are_in_document_order_and_do_not_overlap():
    text = "b@x.org 10.0.0.1 a@x.org https://x.org/?m=a@x.org 4111111111111111"
    assert found(text) == [
        ("b@x.org", "EMAIL"),
        ("10.0.0.1", "IP"),
        ("a@x.org", "EMAIL"),
        ("https://x.org/?m=a@x.org", "URL"),
        ("4111111111111111", "CARD"),
    ]


INVISIBLE_SIGNS = [
    *"\u200b\u00ad\ufeff\u2060\u202e\u034f\u061c\u180b\u2065\u206f\ufe0f\uffa0\ufff9",
    *"\U000e0020\U000e0100\x00\x1b\x7f",
    "\x1b[0m",
    "\x1b[38;5;196m",
]


@pytest.mark.parametrize("hidden", INVISIBLE_SIGNS, ids=ascii)
def test_invisible_characters_do_not_hide_a_value(hidden):
    rng = random.Random(3)
    for label, value in FOUND:
        for _ in range(5):
            place = rng.randrange(1, len(value))
            spoilt = value[:place] + hidden + value[place:]
            text = f"{hidden}see {spoilt}{hidden} and {hidden}{value}"
            assert found(text) == [(spoilt, label), (value, label)]


def test_every_character_that_unicode_lets_programs_ignore_is_invisible():
    # Cf is nearly all of Default_Ignorable_Code_Point; the others are signs that stand before a
    # number.
    signs = map(chr, range(sys.maxunicode + 1))
    formats = [sign for sign in signs if unicodedata.category(sign) == "Cf"]
    hieroglyphs = {sign for sign in formats if 0x13430 <= ord(sign) <= 0x1343F}
    before_numbers = "\u0600\u0601\u0602\u0603\u0604\u0605\u06dd\u070f\u0890\u0891\u08e2"
    shown = {sign for sign in formats if not INVISIBLE.fullmatch(sign)}
    assert shown == {*before_numbers, "\U000110bd", "\U000110cd"} | hieroglyphs


@pytest.mark.parametrize(("label", "value"), FOUND)
@pytest.mark.parametrize(
    "frame",
    [
        r"peers:\n{}\n{}",
        r'{{"m":"a\t{}"}}',
        "%0A{}%20",
        r"q\u003d{}",
        "\x1b[32m{}\x1b[0m",
        "x \x1b[1m\x1b[36m{}\x1b[m y",
    ],
)
def test_an_escape_or_a_colour_before_a_value_does_not_hide_it(label, value, frame):
    text = frame.format(value, value)
    places = [match.start() for match in re.finditer(re.escape(value), text)]
    spans = find_proven(text)
    # More than the value may be taken, as in `DOMAIN\\nancy@example.org`.
    for place in places:
        assert any(span.start <= place and place + len(value) <= span.end for span in spans)
    if label != "EMAIL" and "%" not in frame:
        assert found(text) == [(value, label)] * len(places)


def test_full_width_characters_do_not_hide_a_value():
    card = "４１１１ １１１１ １１１１ １１１１"
    assert found(f"卡 {card}。") == [(card, "CARD")]
    assert found("ａｄａ＠ｅｘａｍｐｌｅ．ｏｒｇ") == [("ａｄａ＠ｅｘａｍｐｌｅ．ｏｒｇ", "EMAIL")]


def test_parts_around_places_do_not_meet_and_cut_no_run():
    text = f"{'a ' * 300}@b{'c' * 50} {'d ' * 300}{'e' * 900}@{'f' * 900} {'g ' * 90}"
    places = [(found.start(), found.end()) for found in re.finditer("@", text)]
    parts = runs_around(text, places, 20)
    assert len(parts) == 2
    for begin, end in parts:
        assert text[begin].isspace()
        assert text[end].isspace()


def test_an_index_lists_the_rules_whose_signs_and_forms_a_text_has():
    form = re.compile("[0-9]{3}")
    rules = [
        Rule("A", lambda text: (), "always"),
        Rule("B", lambda text: (), "sign", signs=("key_", "pin")),
        Rule("C", lambda text: (), "form", near=form),
        Rule("D", lambda text: (), "both", signs=("pin", "/home/"), near=form),
    ]
    index = RuleIndex(rules)
    for text, expected in {
        "nothing": "always",
        "PIN": "always sign",
        "Key_7": "always sign",
        "pin 123": "always sign form both",
        "123": "always form",
        "/HOME/ 1234": "always form both",
        "/home/": "always",
        "key_ 123 pin": "always sign form both",
        "": "always",
    }.items():
        assert {rule.source for rule in index(text)} == set(expected.split())


def test_values_near_escapes_are_those_of_the_whole_text(monkeypatch):
    rng = random.Random(7)
    words = ["one", "two", "\\n203.0.113.7", "ann@moss.example", "%20+44 20 7946 0958"]
    words += ["DOMAIN\\nancy@example.org", "https://a.example/x%20y", "\\u0041", "\n", "x" * 90]
    words += ["4111 1111 1111 1111"]
    index = RuleIndex(standard_rules())
    for _ in range(30):
        text = " ".join(rng.choices(words, weights=[60, 60, *[1] * (len(words) - 2)], k=900))
        parts = find_values(text, index)
        with monkeypatch.context() as patch:
            patch.setattr(engine, "AROUND", len(text))
            assert find_values(text, index) == parts
