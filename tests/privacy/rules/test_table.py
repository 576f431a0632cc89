"""The table: every rule finds its own examples and not the others, and hostile texts cost no
more.
"""

import re
import time
from importlib import util

import pytest

from seqlabel.errors import OptionError
from seqlabel.privacy.rules import KINDS, find_proven, find_values, rows, standard_rules
from seqlabel.privacy.rules import table as table_of_rules
from seqlabel.privacy.rules.table import read_example
from tests.privacy.proven_values import found

pytest.importorskip("stdnum", reason="patterns need seqlabel-rnn[pii]")
pytest.importorskip("phonenumbers", reason="patterns need seqlabel-rnn[pii]")
RULES = {rule.source: rule for rule in standard_rules()}


@pytest.mark.parametrize("row", rows(), ids=lambda row: row.id)
def test_a_rule_finds_what_its_examples_mark_and_leaves_what_only_looks_so(row):
    for text in row.yes:
        plain, places = read_example(text)
        assert places, text
        found = find_values(plain, [RULES[row.id]])
        assert [(value.start, value.end) for value in found] == places, text
        assert {(value.label, value.source) for value in found} == {(row.label, row.id)}, text
    assert [text for text in row.no if find_values(text, [RULES[row.id]])] == []


def test_every_row_says_what_it_is():
    table = rows()
    assert len({row.id for row in table}) == len(table)
    for row in table:
        assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", row.id)
        assert row.label in KINDS
        assert row.description
        assert row.yes
        assert row.no
        assert bool(row.pattern) != bool(row.find)


def test_a_rule_can_be_switched_off():
    assert {rule.source for rule in standard_rules(disabled=["iban"])} == RULES.keys() - {"iban"}


SEED = "abandon ability able about above absent absorb abstract absurd abuse access accident"


@pytest.mark.parametrize(
    ("text", "value", "label"),
    [
        # The long s and the sign of kelvin, and the letter i without its dot, are these letters
        # regardless of case.
        *(
            (f"{cue}: {SEED}", SEED, "PASSWORD")
            for cue in ("ſeed", "RECOVERY", "bac\u212aup", "Wallet Seed")
        ),
        ("WwW.example.org/users/7", "WwW.example.org/users/7", "URL"),
        ("c:\\uſers\\ann\\x", "ann", "USERNAME"),
    ],
)
def test_a_word_before_a_value_is_read_regardless_of_case(text, value, label):
    assert found(text) == [(value, label)]


_HOSTILE = (
    "a|a.|1|1.|@|a@|a@a.|+1|+1 |4 |4111 |GB82 WEST |aa:|:|http://|www.a.|eyJaaaaaaaa.|1-|123-45-"
    "|-----BEGIN PRIVATE KEY-----|sk-a|a-|a'|https://(((|/home/|/home/a|IMEI: 11-|password=|pass: a"
    "|seed: abc |tel: 1|NIF: 1|Ab-|ul. A |A1 A|0xaA|0123:|FR 1A |12.34.56-|host=a.|A"
    "|\u200b|a\u200b|\u00c9a|\u00a6| |\n"
)
HOSTILE = _HOSTILE.split("|")


@pytest.mark.parametrize("unit", HOSTILE)
def test_four_times_the_text_takes_about_four_times_the_time(unit):
    def seconds(length):
        text = (unit * (length // len(unit) + 1))[:length]
        start = time.process_time()
        find_proven(text)
        return time.process_time() - start

    # Were it quadratic, it would be sixteen times; other programs may disturb one measurement.
    assert any(seconds(40_000) < 9 * seconds(10_000) + 0.05 for _ in range(3))


def test_without_the_extra_there_is_one_error(monkeypatch):
    monkeypatch.setattr(
        table_of_rules, "find_spec", lambda name: None if name == "stdnum" else util.find_spec(name)
    )
    with pytest.raises(OptionError, match=r"seqlabel-rnn\[pii\]"):
        find_proven("nothing")
    monkeypatch.undo()
    assert found("10.0.0.1") == [("10.0.0.1", "IP")]
