"""All rules together: hostile texts cost no more than others, case hides nothing, the extra is asked for."""

import sys
import time
from itertools import groupby

import pytest

from seqlabel.errors import OptionError
from seqlabel.privacy.rules import Pattern, find_patterns
from seqlabel.privacy.rules.proven import validators
from seqlabel.privacy.rules.standard import RULES
from tests.privacy.proven_values import found

pytest.importorskip("stdnum", reason="patterns need seqlabel-rnn[pii]")
pytest.importorskip("phonenumbers", reason="patterns need seqlabel-rnn[pii]")


SEED = "abandon ability able about above absent absorb abstract absurd abuse access accident"


@pytest.mark.parametrize(
    ("text", "value", "label"),
    [
        # The long s and the sign of kelvin, and the letter i without its dot, are these letters regardless of case.
        *(
            (f"{cue}=hunter22", "hunter22", "PASSWORD")
            for cue in ("PASSPHRASE", "paſſword", "PwD", "ſecret", "to\u212aen", "Passwort", "KENNWORT", "Contraseña")
        ),
        *(
            (f"{cue}: {SEED}", SEED, "PASSWORD")
            for cue in ("ſeed", "RECOVERY", "mnemon\u0131c", "bac\u212aup", "Wallet Seed")
        ),
        ("WwW.example.org/users/7", "WwW.example.org/users/7", "URL"),
        ("c:\\uſers\\ann\\x", "ann", "USERNAME"),
    ],
)
def test_a_word_before_a_value_is_read_regardless_of_case(text, value, label):
    assert found(text) == [(value, label)]


HOSTILE = [
    "a",
    "a.",
    "1",
    "1.",
    "@",
    "a@",
    "a@a.",
    "+1",
    "+1 ",
    "4 ",
    "4111 ",
    "GB82 WEST ",
    "aa:",
    ":",
    "http://",
    "www.a.",
    "eyJaaaaaaaa.",
    "-----BEGIN PRIVATE KEY-----",
    "1-",
    "123-45-",
    "sk-a",
    "a-",
    "a'",
    "\u200b",
    "a\u200b",
    "https://(((",
    "/home/",
    "/home/a",
    # Letters and greetings
    "Dear ",
    "Dear Ann and ",
    "Signed,\n",
    "Signed: A. ",
    "/s/ Ann-",
    "Yours,\n \n",
    "Thanks\n",
    "A B ",
    "her wife Ann ",
    "son van der ",
    # Fields, titles, registers and chats
    "first_name:",
    '"name": "a',
    "Herr Dr. med. ",
    "Mr A.-",
    "Can Ann do ",
    "asked Ann ",
    "ABC, Ab ",
    "ABC DEF, ",
    "\n[1/1/11, 1:11] a",
    "hey amber\t",
    "@amber",
    "Ann Lee (a",
    # Words before values
    "DOB: 1/",
    "born ",
    "car AB12 CDE ",
    "ext. 1",
    "call x22 ",
    "case A1/",
    "1/",
    "URN: 06 AA ",
    "67 yo ",
    "Bed 3 A A 72F ",
    "PC 1111 Ab",
    "Our ref: A",
    "IMEI: 11-",
    # Segments of HL7, addresses, logs
    "PID|",
    "\nPID|1||~~~|^^",
    "|1abc^b^c^",
    "Rose Cottage, ",
    "Flat 1, Ab Street, ",
    "A1 1AA ",
    "Aa - 111 111",
    "user=A\\",
    "host=a.",
    "1.1.1.1,a",
    "\nann.lee 1:11",
    # Anything else
    "A",
    "\u00c9a",
    "\u00a6",
    " ",
    "\n",
]


@pytest.mark.parametrize("unit", HOSTILE)
def test_four_times_the_text_takes_about_four_times_the_time(unit):
    def seconds(length):
        text = (unit * (length // len(unit) + 1))[:length]
        start = time.process_time()
        find_patterns(text)
        return time.process_time() - start

    # Were it quadratic, it would be sixteen times; other programs may disturb one measurement.
    assert any(seconds(80_000) < 9 * seconds(20_000) + 0.05 for _ in range(3))


def test_without_the_extra_there_is_one_error(monkeypatch):
    validators.cache_clear()
    monkeypatch.setitem(sys.modules, "stdnum", None)
    with pytest.raises(OptionError, match=r"pip install 'seqlabel-rnn\[pii\]'"):
        find_patterns("nothing")
    monkeypatch.undo()
    assert found("10.0.0.1") == [("10.0.0.1", Pattern.IP)]


def test_rules_with_one_sign_stand_together_so_that_it_is_looked_for_once():
    signs = [sign for sign, _ in groupby(rule.sign for rule in RULES) if sign is not None]
    assert len(signs) == len(set(signs))
