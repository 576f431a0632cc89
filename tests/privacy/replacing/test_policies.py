"""Policies against second implementations of what they write; their names, and keys that are never
shown.
"""

import hashlib
import hmac
import random
import re
import sys

import pytest

from seqlabel.documents.spans import CharacterSpan
from seqlabel.errors import DataError, OptionError
from seqlabel.privacy.replacing import redacted as redacting
from seqlabel.privacy.replacing.policies import (
    Encrypt,
    Hash,
    Mask,
    PolicyName,
    Pseudonym,
    Remove,
    Replace,
    policy_named,
)
from seqlabel.privacy.replacing.redacted import Redacted
from tests.extras import needs_pii, needs_presidio
from tests.keys import KEY, hkdf

ALPHABET = [
    *"ab Z.9-\n",
    "e\u0301",
    "\u0915\u093f",
    "👩\u200d🚀",
    "\u200f",
    "\u200b",
    "\u202e",
    "ß",
    "李",
    "ﬁ",
    "½",
]

POLICIES = [
    pytest.param(Mask(), id="mask"),
    pytest.param(Hash(KEY), id="hash"),
    pytest.param(Pseudonym(KEY), id="pseudonym"),
    pytest.param(Replace(), id="replace"),
    pytest.param(Replace(numbered=True), id="numbered"),
    pytest.param(Remove(), id="remove"),
    pytest.param(Encrypt(KEY), id="encrypt", marks=needs_pii),
]
each_policy = pytest.mark.parametrize("policy", POLICIES)


def random_case(chance):
    text = "".join(chance.choice(ALPHABET) for _ in range(chance.randint(1, 25)))
    spans = []
    for _ in range(chance.randint(0, 6)):
        start = chance.randrange(len(text))
        spans.append(
            (
                start,
                chance.randint(start + 1, min(start + 6, len(text))),
                chance.choice(["PER", "AGE", "X"]),
            )
        )
    return text, spans


def redact_characters(text, spans, policy, *, scores=(), **options):
    """The library's, of spans as tuples."""
    scored = [
        CharacterSpan(*span, score)
        for span, score in zip(spans, scores or [None] * len(spans), strict=True)
    ]
    return redacting.redact_characters(text, scored, policy, **options)


def replacement(policy, value, label="X"):
    return redact_characters(value, [(0, len(value), label)], policy).text


@each_policy
def test_without_spans_nothing_changes(policy):
    for text in ("", "nothing here"):
        assert redact_characters(text, [], policy) == Redacted(text, (), len(text))


@each_policy
def test_no_letter_or_digit_of_a_value_survives(policy):
    # None of these characters is in a stand-in's alphabet.
    value = "Жñ٣é\u0301 ﬁ½\u200b👩\u200d🚀\u202eष\u094d李\ue000"
    redacted = redact_characters(f"a {value} b", [(2, 2 + len(value), "X")], policy)
    assert not (set(value) - {" "}) & set(redacted.text)
    assert (redacted.text[:2], redacted.text[-2:]) == ("a ", " b")
    shown = redact_characters(value, [], policy)
    assert repr(shown) == f"Redacted({len(value)} characters for {len(value)}; nothing private)"


@needs_presidio
@pytest.mark.parametrize("seed", range(8))
def test_replacing_and_removing_are_what_presidios_engine_does(seed):
    from presidio_anonymizer import AnonymizerEngine
    from presidio_anonymizer.entities import OperatorConfig, RecognizerResult

    text, spans = random_case(random.Random(seed))
    # The engine joins neighbours of one label.
    spans = [(start, end, f"{label}{number}") for number, (start, end, label) in enumerate(spans)]
    results = [
        RecognizerResult(finding.label, finding.start, finding.end, 1.0)
        for finding in redact_characters(text, spans, Mask()).findings
    ]
    for policy, operator in ((Replace(), "replace"), (Remove(), "redact")):
        engine = AnonymizerEngine().anonymize(text, results, {"DEFAULT": OperatorConfig(operator)})
        redacted = redact_characters(text, spans, policy)
        assert redacted.text == engine.text
        assert [(finding.new_start, finding.new_end) for finding in redacted.findings] == sorted(
            (item.start, item.end) for item in engine.items
        )


def test_numbers_follow_the_first_appearance_of_each_value():
    text = "Ann, Bo, ANN, an\u200bn; 41, 17 and 41"
    words = [match.span() for match in re.finditer(r"[^ ,;]+", text)]
    labels = ["PERSON"] * 4 + ["AGE", "AGE", None, "AGE"]
    pairs = zip(words, labels, strict=True)
    spans = [(start, end, label) for (start, end), label in pairs if label]
    policy = Replace(numbered=True)
    for _ in range(2):
        assert redact_characters(text, spans, policy).text == (
            "<PERSON_1>, <PERSON_2>, <PERSON_1>, <PERSON_1>; <AGE_1>, <AGE_2> and <AGE_1>"
        )


@pytest.mark.parametrize("seed", range(8))
def test_a_hash_is_the_hmac_of_the_exact_text(seed):
    chance = random.Random(seed)
    value = "".join(chance.choice(ALPHABET) for _ in range(12))
    key = chance.randbytes(chance.randint(16, 100))
    own = hkdf(key, b"seqlabel 1 hash")
    number = int.from_bytes(hmac.new(own, value.encode(), hashlib.sha256).digest(), "big")
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
    wanted = "".join(letters[number >> (251 - 5 * place) & 31] for place in range(16))
    assert replacement(Hash(key), value) == wanted


@needs_pii
def test_half_a_surrogate_pair_is_hashed_and_replaced_but_not_encrypted():
    assert len(replacement(Hash(KEY), "a\udc80")) == 16
    assert replacement(Mask(), "A\udc80") == "Xx"
    assert len(replacement(Pseudonym(KEY), "a\udc80")) == 2
    with pytest.raises(DataError) as caught:
        replacement(Encrypt(KEY), "a\udc80")
    assert caught.value.__context__ is None


@pytest.mark.parametrize("policy", [Hash, Pseudonym, Encrypt])
def test_a_policy_checks_its_key_and_does_not_show_it(policy):
    for key in (b"short", "a key of text 123", bytes(32)):
        with pytest.raises(OptionError, match="key:") as caught:
            policy(key)
        assert str(key)[:9] not in str(caught.value)
    assert repr(KEY)[2:9] not in repr(policy(KEY))


def test_the_missing_extra_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "cryptography.hazmat.primitives.ciphers.aead", None)
    with pytest.raises(OptionError, match=r"seqlabel-rnn\[pii\]"):
        replacement(Encrypt(KEY), "Ann")
    assert replacement(Mask(), "Ann") == "Xxx"


def test_of_two_policies_by_label_each_has_its_own():
    spans = [(0, 3, "PER"), (4, 6, "AGE"), (7, 10, "X"), (11, 14, "PER")]
    policies = {"PER": Hash(KEY), "AGE": Remove()}
    redacted = redact_characters("Ann 41 xyz Ann", spans, Mask(), policies=policies)
    hashed = replacement(Hash(KEY), "Ann")
    assert redacted.text == f"{hashed}  xxx {hashed}"


KEYED = {PolicyName.HASH: Hash, PolicyName.PSEUDONYM: Pseudonym, PolicyName.ENCRYPT: Encrypt}
PLAIN = {PolicyName.MASK: Mask, PolicyName.REPLACE: Replace, PolicyName.REMOVE: Remove}


@needs_pii
def test_every_name_is_a_policy():
    assert {*KEYED, *PLAIN} == set(PolicyName)
    assert [policy_named(name, key=KEY) for name in KEYED] == [kind(KEY) for kind in KEYED.values()]
    assert [policy_named(str(name)) for name in PLAIN] == [kind() for kind in PLAIN.values()]


@pytest.mark.parametrize(
    ("name", "key"), [*((name, None) for name in KEYED), *((name, KEY) for name in PLAIN)]
)
def test_a_key_that_is_missing_or_not_needed_is_refused(name, key):
    with pytest.raises(OptionError, match=f"'{name}'"):
        policy_named(name, key=key)
