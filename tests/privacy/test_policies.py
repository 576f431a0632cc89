"""Offsets against single characters, stand-ins against a second implementation, and no private text anywhere."""

import base64
import hashlib
import hmac
import random
import re
import sys
import time
from importlib.util import find_spec
from itertools import combinations

import pytest

from seqlabel.documents.document import Document, Spans
from seqlabel.documents.spans import CharacterSpan, Span
from seqlabel.errors import DataError, OptionError
from seqlabel.privacy import redacted as redacting
from seqlabel.privacy.finder import redact
from seqlabel.privacy.policies import Encrypt, Hash, Mask, Pseudonym, Remove, Replace
from seqlabel.privacy.redacted import Finding, Redacted, Restored, restore, restore_text

KEY = bytes(range(32))
OTHER_KEY = bytes(range(1, 33))
ALPHABET = [*"ab Z.9-\n", "e\u0301", "\u0915\u093f", "👩\u200d🚀", "\u200f", "\u200b", "\u202e", "ß", "李", "ﬁ", "½"]

needs_presidio = pytest.mark.skipif(not find_spec("presidio_anonymizer"), reason="needs seqlabel-rnn[pii]")
POLICIES = [
    pytest.param(Mask(), id="mask"),
    pytest.param(Hash(KEY), id="hash"),
    pytest.param(Pseudonym(KEY), id="pseudonym"),
    pytest.param(Replace(), id="replace", marks=needs_presidio),
    pytest.param(Replace(numbered=True), id="numbered", marks=needs_presidio),
    pytest.param(Remove(), id="remove", marks=needs_presidio),
    pytest.param(Encrypt(KEY), id="encrypt", marks=needs_presidio),
]
each_policy = pytest.mark.parametrize("policy", POLICIES)


class Lengths:
    """A policy of its own kind: stand-ins of lengths drawn by chance, many of them empty, in characters of no text."""

    def __init__(self, chance):
        self.chance = chance

    def replacements(self):
        return lambda value, label: "¤" * self.chance.choice([0, 0, 1, 2, 7])


def random_case(chance):
    text = "".join(chance.choice(ALPHABET) for _ in range(chance.randint(1, 25)))
    spans = []
    for _ in range(chance.randint(0, 6)):
        start = chance.randrange(len(text))
        spans.append((start, chance.randint(start + 1, min(start + 6, len(text))), chance.choice(["PER", "AGE", "X"])))
    return text, spans


def covered_by(spans, length):
    """Which characters are private, and the borders of what overlap joins, one pair of spans at a time."""
    groups = [set(range(start, end)) for start, end, _ in spans]
    while True:
        pair = next(((a, b) for a, b in combinations(groups, 2) if a & b), None)
        if pair is None:
            return sorted((min(group), max(group) + 1) for group in groups)
        groups = [group for group in groups if group not in pair] + [pair[0] | pair[1]]


def redact_characters(text, spans, policy, *, scores=(), **options):
    """The library's, of spans as tuples."""
    scored = [CharacterSpan(*span, score) for span, score in zip(spans, scores or [None] * len(spans), strict=True)]
    return redacting.redact_characters(text, scored, policy, **options)


def replacement(policy, value, label="X"):
    return redact_characters(value, [(0, len(value), label)], policy).text


@pytest.mark.parametrize("seed", range(100))
def test_the_union_is_replaced_and_all_else_stays(seed):
    chance = random.Random(seed)
    text, spans = random_case(chance)
    redacted = redact_characters(text, spans, Lengths(chance))
    assert [(finding.start, finding.end) for finding in redacted.findings] == covered_by(spans, len(text))
    place = new_place = 0
    for finding in redacted.findings:
        assert redacted.text[new_place : finding.new_start] == text[place : finding.start]
        assert set(redacted.text[finding.new_start : finding.new_end]) <= {"¤"}
        place, new_place = finding.end, finding.new_end
    assert redacted.text[new_place:] == text[place:]
    assert redacted.old_length == len(text)


@pytest.mark.parametrize("seed", range(100))
def test_offsets_map_as_their_characters_do(seed):
    chance = random.Random(seed)
    text, spans = random_case(chance)
    redacted = redact_characters(text, spans, Lengths(chance))
    # Each unchanged character has one place in either text, each replaced one the whole of what replaces it.
    to_new, to_old = {}, {}
    place = new_place = 0
    for finding in (*redacted.findings, Finding("", len(text), len(text), len(redacted.text), len(redacted.text))):
        while place < finding.start:
            to_new[place], to_old[new_place] = (new_place, new_place + 1), (place, place + 1)
            place, new_place = place + 1, new_place + 1
        to_new.update(dict.fromkeys(range(place, finding.end), (finding.new_start, finding.new_end)))
        to_old.update(dict.fromkeys(range(new_place, finding.new_end), (finding.start, finding.end)))
        place, new_place = finding.end, finding.new_end
    for convert, images, length in (
        (redacted.to_new, to_new, len(text)),
        (redacted.to_old, to_old, len(redacted.text)),
    ):
        for start in range(length):
            for end in range(start + 1, length + 1):
                assert convert(start, end) == (images[start][0], images[end - 1][1])
        carets = [convert(place, place) for place in range(length + 1)]
        assert carets == sorted(carets)
        assert sorted(carets, key=lambda caret: caret[1]) == carets
    for start in range(len(redacted.text)):
        old = redacted.to_old(start, start + 1)
        new = redacted.to_new(*old)
        assert new[0] <= start < new[1]


@needs_presidio
def test_an_empty_interval_is_widened_only_inside_a_span_and_finds_what_was_removed():
    redacted = redact_characters("ab[cd]ef", [(2, 4, "X"), (4, 6, "X")], Remove())
    assert redacted.text == "abef"
    assert redacted.to_new(3, 5) == redacted.to_new(2, 2) == (2, 2)
    assert redacted.to_old(2, 2) == (2, 6)
    assert redacted.to_old(1, 2) == (1, 2)
    assert redacted.to_old(2, 3) == (6, 7)
    assert redacted.to_old(1, 3) == (1, 7)
    replaced = redact_characters("ab[cd]ef", [(2, 6, "X")], Replace())
    assert replaced.text == "ab<X>ef"
    assert replaced.to_old(3, 3) == (2, 6)
    assert replaced.to_new(2, 2) == (2, 2)


@pytest.mark.parametrize("offsets", [(-1, 1), (2, 1), (0, 6)])
def test_offsets_outside_the_text_are_refused(offsets):
    redacted = redact_characters("Ann x", [(0, 3, "PER")], Mask())
    with pytest.raises(DataError, match=rf"^found offsets {offsets[0]} to {offsets[1]}; in this text of 5 characters"):
        redacted.to_new(*offsets)
    with pytest.raises(DataError, match=r"of 5 characters"):
        redacted.to_old(*offsets)


def test_a_documents_spans_become_findings():
    document = Document.from_words(
        ["Call", "Ann", "Lee", ",", "41", "."],
        spaces=[True, True, False, True, False, False],
        spans={"private": Spans((Span(1, 3, "PERSON"), Span(4, 5, "AGE")), (0.75, 0.5))},
    )
    redacted = redact(document, Mask(), layer="private", by_label={"AGE": Hash(KEY, characters=8)})
    digest = base64.b32encode(hmac.new(KEY, b"41", hashlib.sha256).digest())[:8].decode()
    assert redacted == Redacted(
        f"Call Xxx Xxx, {digest}.",
        (Finding("PERSON", 5, 12, 5, 12, 0.75), Finding("AGE", 14, 16, 14, 22, 0.5)),
        17,
    )
    assert repr(redacted) == "Redacted(23 characters for 17; AGE 1, PERSON 1)"
    with pytest.raises(DataError, match=r"^The document has no layer of spans 'pii'; it has private\."):
        redact(document, Mask(), layer="pii")


@pytest.mark.parametrize(
    ("spans", "scores", "label", "score"),
    [
        ([(0, 3, "A"), (2, 7, "B"), (6, 8, "C")], [0.9, 0.1, 0.9], "B", 0.1),
        ([(0, 4, "A"), (3, 7, "B")], [0.5, 0.6], "B", 0.6),
        ([(3, 7, "B"), (0, 4, "A")], [0.5, 0.5], "A", 0.5),
        ([(0, 7, "B"), (0, 7, "A")], [], "A", None),
        ([(0, 9, "A"), (1, 2, "B"), (3, 5, "C")], [0.1, 0.9, 0.9], "A", 0.1),
    ],
)
def test_of_overlapping_spans_the_longest_gives_label_and_score(spans, scores, label, score):
    (finding,) = redact_characters("abcdefghi", spans, Mask(), scores=scores).findings
    assert (finding.label, finding.score) == (label, score)
    assert (finding.start, finding.end) == (min(span[0] for span in spans), max(span[1] for span in spans))


def test_spans_that_touch_stay_apart():
    redacted = redact_characters("AnnLee", [(3, 6, "A"), (0, 3, "A")], Mask())
    assert [(finding.start, finding.end) for finding in redacted.findings] == [(0, 3), (3, 6)]


@pytest.mark.parametrize("span", [(1, 1, "A"), (-1, 2, "A"), (4, 2, "A"), (0, 7, "A")])
def test_spans_that_do_not_fit_are_refused(span):
    with pytest.raises(DataError, match=rf"^span 1 has offsets {span[0]} to {span[1]} in a text of 6 characters"):
        redact_characters("secret", [(0, 1, "A"), span], Mask())


@each_policy
def test_without_spans_nothing_changes(policy):
    for text in ("", "nothing here"):
        assert redact_characters(text, [], policy) == Redacted(text, (), len(text))


@each_policy
@pytest.mark.parametrize("seed", range(40))
def test_any_text_can_be_redacted_and_only_encryption_is_undone(policy, seed):
    text, spans = random_case(random.Random(seed))
    redacted = redact_characters(text, spans, policy)
    if isinstance(policy, Encrypt):
        assert restore(redacted, key=KEY) == text
    elif spans:
        with pytest.raises(DataError, match=rf"^found {len(redacted.findings)} of {len(redacted.findings)} private"):
            restore(redacted, key=KEY)


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
@pytest.mark.parametrize("seed", range(20))
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


@needs_presidio
def test_numbers_follow_the_first_appearance_of_each_value():
    text = "Ann, Bo, ANN, an\u200bn; 41, 17 and 41"
    words = [(match.start(), match.end()) for match in re.finditer(r"[^ ,;]+", text)]
    labels = ["PERSON"] * 4 + ["AGE", "AGE", None, "AGE"]
    spans = [(start, end, label) for (start, end), label in zip(words, labels, strict=True) if label]
    policy = Replace(numbered=True)
    for _ in range(2):
        assert redact_characters(text, spans, policy).text == (
            "<PERSON_1>, <PERSON_2>, <PERSON_1>, <PERSON_1>; <AGE_1>, <AGE_2> and <AGE_1>"
        )


@pytest.mark.parametrize("seed", range(20))
def test_a_hash_is_the_hmac_of_the_exact_text(seed):
    chance = random.Random(seed)
    value = "".join(chance.choice(ALPHABET) for _ in range(12))
    key, characters = chance.randbytes(chance.randint(16, 100)), chance.randint(8, 51)
    number = int.from_bytes(hmac.new(key, value.encode(), hashlib.sha256).digest(), "big")
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
    wanted = "".join(letters[number >> (251 - 5 * place) & 31] for place in range(characters))
    assert replacement(Hash(key, characters=characters), value) == wanted


def test_half_a_surrogate_pair_is_hashed_and_replaced_but_not_encrypted():
    assert len(replacement(Hash(KEY), "a\udc80")) == 16
    assert replacement(Mask(), "A\udc80") == "Xx"
    assert len(replacement(Pseudonym(KEY), "a\udc80")) == 2
    pytest.importorskip("presidio_anonymizer")
    with pytest.raises(DataError, match="half a surrogate pair") as caught:
        replacement(Encrypt(KEY), "a\udc80")
    assert caught.value.__context__ is None


@needs_presidio
@pytest.mark.parametrize("length", [16, 24, 32])
def test_encryption_is_undone_with_its_key_only(length):
    text = "Ann Lee e\u0301 👩\u200d🚀, Ann"
    spans = [(0, 7, "PERSON"), (8, len(text) - 5, "X"), (len(text) - 3, len(text), "PERSON")]
    redacted = redact_characters(text, spans, Encrypt(KEY[:length]))
    assert redacted.text != redact_characters(text, spans, Encrypt(KEY[:length])).text
    assert all(finding.encrypted for finding in redacted.findings)
    assert restore(redacted, key=KEY[:length]) == text
    assert restore_text(redacted.text, key=KEY[:length]) == Restored(text, 3, 0)
    for wrong in (OTHER_KEY[:length], *(random.Random(seed).randbytes(32) for seed in range(300))):
        with pytest.raises(DataError, match=r"^private span 0, now at 0 to 56, cannot be decrypted") as caught:
            restore(redacted, key=wrong)
        assert "Ann" not in repr(caught.value)
        assert restore_text(redacted.text, key=wrong) == Restored(redacted.text, 0, 3)
    longer = redact_characters("Anna", [(0, 4, "PERSON")], Encrypt(KEY[:length])).text
    swapped = Redacted(longer + redacted.text[len(longer) :], redacted.findings, redacted.old_length)
    with pytest.raises(DataError, match=r"^private span 0, now at 0 to 56, cannot be decrypted"):
        restore(swapped, key=KEY[:length])
    cut = Redacted(redacted.text[:-1] + "é", redacted.findings, redacted.old_length)
    with pytest.raises(DataError, match=r"^private span 2, now at .* cannot be decrypted"):
        restore(cut, key=KEY[:length])


@needs_presidio
@pytest.mark.parametrize("seed", range(20))
def test_a_text_alone_is_restored_where_it_was_encrypted(seed):
    text, spans = random_case(random.Random(seed))
    by_label = {label: Mask() for _, _, label in spans[::2]}
    mixed = redact_characters(text, spans, Encrypt(KEY), by_label=by_label)
    masked = {finding.label for finding in mixed.findings if not finding.encrypted}
    kept = [(one.start, one.end, one.label) for one in mixed.findings if one.label in masked]
    number = sum(finding.encrypted for finding in mixed.findings)
    assert restore_text(mixed.text, key=KEY) == Restored(redact_characters(text, kept, Mask()).text, number, 0)
    assert "a" not in repr(restore_text("aaa", key=KEY)).replace("Restored(decrypted", "").replace("left", "")


@needs_presidio
def test_what_another_key_or_nobody_encrypted_stays():
    twice = redact_characters("Ann, Bo", [(0, 3, "A")], Encrypt(KEY)).text
    twice = redact_characters(twice, [(len(twice) - 2, len(twice), "B")], Encrypt(OTHER_KEY)).text
    literal = f"<ENCRYPTED:> {twice} <ENCRYPTED:abc_=-> <ENCRYPTED:é>"
    one = restore_text(literal, key=OTHER_KEY)
    assert (one.decrypted, one.left) == (1, 4)
    assert restore_text(one.text, key=KEY) == Restored("<ENCRYPTED:> Ann, Bo <ENCRYPTED:abc_=-> <ENCRYPTED:é>", 1, 3)
    whole = redact_characters(twice, [(0, len(twice), "X")], Encrypt(KEY)).text
    assert restore_text(whole, key=KEY).text == twice


@needs_presidio
def test_a_text_with_one_span_that_was_not_encrypted_is_not_restored():
    redacted = redact_characters("Ann 41", [(0, 3, "PER"), (4, 6, "AGE")], Encrypt(KEY), by_label={"AGE": Mask()})
    assert [finding.encrypted for finding in redacted.findings] == [True, False]
    with pytest.raises(DataError, match=r"^found 1 of 2 private spans that were not encrypted"):
        restore(redacted, key=KEY)


@pytest.mark.parametrize(
    ("policy", "key", "message"),
    [
        (Hash, b"short key", r"^key: found 9 bytes; it is at least 16 bytes"),
        (Pseudonym, b"short key", r"^key: found 9 bytes; it is at least 16 bytes"),
        (Encrypt, b"17 bytes are long", r"^key: found 17 bytes; it is 16 or 24 or 32 bytes"),
        (Hash, "a key of sixteen", r"^key: found str; it is at least 16 bytes"),
        (Encrypt, "a key of sixteen", r"^key: found str; it is 16 or 24 or 32 bytes"),
        (Pseudonym, None, r"^key: found NoneType; "),
        (lambda key: restore(Redacted("", (), 0), key=key), b"short key", r"^key: found 9 bytes; it is 16 or 24"),
    ],
)
def test_keys_that_do_not_fit_are_refused_and_not_shown(policy, key, message):
    with pytest.raises(OptionError, match=message) as caught:
        policy(key)
    assert str(key)[:5] not in str(caught.value) or key is None


def test_other_options_that_do_not_fit_are_refused():
    for characters in (7, 52):
        with pytest.raises(OptionError, match=rf"^characters: found {characters}; a hash has 8 to 51"):
            Hash(KEY, characters=characters)
    with pytest.raises(OptionError, match=r"^kind: allowed are person, place, organisation, internet, date, form"):
        Pseudonym(KEY, kind="persons")


def test_keys_are_in_no_repr():
    key = b"nobody must see this one"
    for policy in (Hash(key), Pseudonym(key), Encrypt(key)):
        assert "nobody" not in repr(policy)


@pytest.mark.parametrize("policy", [Replace(), Replace(numbered=True), Remove(), Encrypt(KEY)])
def test_the_missing_extra_is_named(policy, monkeypatch):
    monkeypatch.setitem(sys.modules, "presidio_anonymizer", None)
    with pytest.raises(OptionError, match=r"pip install 'seqlabel-rnn\[pii\]'"):
        replacement(policy, "Ann")
    with pytest.raises(OptionError, match=r"pip install 'seqlabel-rnn\[pii\]'"):
        restore(Redacted("", (), 0), key=KEY)
    assert replacement(Mask(), "Ann") == "Xxx"


def test_a_long_text_with_many_spans_takes_no_time():
    text = "Ann Lee, 41. " * 50_000
    spans = [(place, place + 7, "PERSON") for place in range(0, len(text), 13)]
    begun = time.perf_counter()
    redacted = redact_characters(text, spans, Mask())
    for place in range(0, len(text), 13):
        assert redacted.to_new(place, place + 13) == redacted.to_old(place, place + 13) == (place, place + 13)
    assert len(redacted.findings) == 50_000
    replacement(Pseudonym(KEY), "." * 20_000 + "a@" * 20_000, "EMAIL")
    assert time.perf_counter() - begun < 30
