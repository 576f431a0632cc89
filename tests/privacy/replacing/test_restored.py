"""Texts are restored to the character with the right key, and never to another text."""

import base64
import random
from itertools import combinations

import pytest

from seqlabel.errors import DataError
from seqlabel.privacy.replacing.encryption import Numbering, Origin
from seqlabel.privacy.replacing.policies import Encrypt, Mask
from seqlabel.privacy.replacing.redacted import Redacted
from seqlabel.privacy.replacing.restored import Restoration, Restored, restore, restore_text
from tests.extras import needs_pii
from tests.keys import KEY, OTHER_KEY
from tests.privacy.replacing.test_policies import each_policy, redact_characters
from tests.privacy.replacing.test_redacted import random_case


@each_policy
@pytest.mark.parametrize("seed", range(10))
def test_any_text_can_be_redacted_and_only_encryption_is_undone(policy, seed):
    text, spans = random_case(random.Random(seed))
    redacted = redact_characters(text, spans, policy)
    if isinstance(policy, Encrypt):
        assert restore(redacted, key=KEY) == text
    elif spans:
        with pytest.raises(DataError):
            restore(redacted, key=KEY)


@needs_pii
@pytest.mark.parametrize("length", [16, 24, 32])
def test_encryption_is_undone_with_its_key_only(length):
    text = "Ann Lee e\u0301 👩\u200d🚀, Ann"
    spans = [(0, 7, "PERSON"), (8, len(text) - 5, "X"), (len(text) - 3, len(text), "PERSON")]
    redacted = redact_characters(text, spans, Encrypt(KEY[:length]))
    assert redacted.text != redact_characters(text, spans, Encrypt(KEY[:length])).text
    assert all(finding.encrypted for finding in redacted.findings)
    assert restore(redacted, key=KEY[:length]) == text
    assert restore_text(redacted.text, key=KEY[:length]) == Restored(text, 3)
    for wrong in (OTHER_KEY[:length], *(random.Random(seed).randbytes(32) for seed in range(300))):
        with pytest.raises(DataError) as caught:
            restore(redacted, key=wrong)
        assert "Ann" not in repr(caught.value)
        assert restore_text(redacted.text, key=wrong) == Restored(redacted.text, 0, left=3)
    cut = Redacted(redacted.text[:-1] + "é", redacted.findings, redacted.old_length)
    with pytest.raises(DataError):
        restore(cut, key=KEY[:length])


def encrypted(values, label="CARD", **options):
    """A text of some values with commas between, each encrypted, and where they stand in it."""
    text = ", ".join(values)
    spans = [(text.index(value), text.index(value) + len(value), label) for value in values]
    return redact_characters(text, spans, Encrypt(KEY), **options)


CARDS = ["4111 1111 1111 1111", "5119 1111 1111 1111", "6011 0000 0000 0004"]


def exchanged(redacted, order):
    """The text with its values in another order."""
    found = redacted.findings
    values = [redacted.text[one.new_start : one.new_end] for one in found]
    return Redacted(", ".join(values[place] for place in order), found, redacted.old_length)


@needs_pii
def test_every_bit_that_is_changed_is_noticed():
    redacted = encrypted(["4111 1111 1111 1111"])
    mark = redacted.text
    data = base64.urlsafe_b64decode(mark.removeprefix("<ENCRYPTED:v2:").rstrip(">") + "==")
    for place in range(8 * len(data)):
        other = bytearray(data)
        other[place // 8] ^= 1 << place % 8
        text = f"<ENCRYPTED:v2:{base64.urlsafe_b64encode(other).decode().rstrip('=')}>"
        found = restore_text(text, key=KEY)
        assert (found.text, found.decrypted, found.left) == (text, 0, 1)
        # A changed header may name another key.
        assert found.changed == (place // 8 not in range(1, 5))


@needs_pii
@pytest.mark.parametrize(
    "order", [(1, 0, 2), (2, 1, 0), (0, 2, 1), (0, 0, 2), (1, 1, 1), (2, 0, 1)]
)
def test_values_that_were_exchanged_or_copied_are_noticed(order):
    redacted = encrypted(CARDS)
    other = exchanged(redacted, order)
    with pytest.raises(DataError):
        restore(other, key=KEY)
    found = restore_text(other.text, key=KEY)
    assert (found.text, found.decrypted, found.left, found.moved) == (other.text, 0, 3, 3)
    anyhow = restore_text(other.text, key=KEY, any_order=True)
    assert anyhow.text == ", ".join(CARDS[place] for place in order)


@needs_pii
def test_a_value_of_another_text_or_label_is_no_part_of_this_one():
    one, other = encrypted(CARDS), encrypted(CARDS)
    values = [*one.text.split(", ")[:1], *other.text.split(", ")[1:]]
    mixed = Redacted(", ".join(values), one.findings, one.old_length)
    with pytest.raises(DataError):
        restore(mixed, key=KEY)
    renamed = encrypted(CARDS, label="IBAN")
    with pytest.raises(DataError):
        restore(Redacted(one.text, renamed.findings, one.old_length), key=KEY)


@needs_pii
def test_text_around_the_values_may_move_and_values_may_be_left_out():
    first, second, third = encrypted(CARDS).text.split(", ")
    text = f"New: {first}\n\nand {third} (the last)"
    assert restore_text(text, key=KEY) == Restored(
        f"New: {CARDS[0]}\n\nand {CARDS[2]} (the last)", 2
    )
    joined = encrypted(CARDS).text + first
    assert restore_text(joined, key=KEY).left == 0
    assert restore_text(second, key=KEY).text == CARDS[1]


def out_of_order(places):
    """The numbers of the places that have a higher or equal one of their document before them, or a
    lower one after.
    """
    found = set()
    for (one, place), (other, another) in combinations(enumerate(places), 2):
        if place.document == another.document and place >= another:
            found |= {one, other}
    return found


@needs_pii
@pytest.mark.parametrize("seed", range(10))
def test_both_sides_of_every_exchange_are_found(seed):
    """Against all pairs: records of a few documents, some exchanged, copied over another, or
    removed.
    """
    chance = random.Random(seed)
    documents = [Origin.new() for _ in range(chance.randint(1, 3))]
    rows = range(chance.randint(2, 14))
    places = [chance.choice(documents)._replace(record=row) for row in rows]
    for _ in range(chance.randint(0, 2)):
        one, other = chance.choices(range(len(places)), k=2)
        places[one], places[other] = places[other], chance.choice([places[one], places[other]])
    del places[chance.randrange(len(places)) :][: chance.randint(0, 1)]
    rows = [encrypted(["Ann"], numbering=Numbering(place)).text for place in places]
    expected = out_of_order(places)
    surveyed = Restoration(KEY)
    for row in rows:
        surveyed.survey([row])
    found = [surveyed.restore([row])[0] for row in rows]
    assert {line for line, one in enumerate(found) if one.moved} == expected
    assert not any(one.late for one in found)
    # Without a survey, what comes too early is restored, and a later record says so.
    at_once = Restoration(KEY)
    found = [at_once.restore([row])[0] for row in rows]
    left = {line for line, one in enumerate(found) if one.moved}
    assert left <= expected
    late = [line for line, one in enumerate(found) if one.late]
    assert all(any(line < other for other in late) for line in expected - left)


@needs_pii
@pytest.mark.parametrize("first", range(2))
@pytest.mark.parametrize("second", range(3))
def test_a_value_exchanged_with_one_of_the_next_record_is_never_restored(first, second):
    place = Origin.new()
    texts = ["Ann, Bob", "Cat, Dan, Eve", "Fay"]
    rows = []
    for row, text in enumerate(texts):
        numbering = Numbering(place._replace(record=row))
        rows.append(encrypted(text.split(", "), numbering=numbering).text.split(", "))

    def restored(restoration):
        return [restoration.restore([", ".join(row)])[0] for row in rows]

    def joined():
        return restore_text("\n".join(", ".join(row) for row in rows), key=KEY)

    assert joined().text == "\n".join(texts)
    assert [one.text for one in restored(Restoration(KEY))] == texts
    rows[0][first], rows[1][second] = rows[1][second], rows[0][first]
    assert [one.moved for one in restored(Restoration(KEY))] == [2, 3, 0]
    assert joined().moved == 6


@needs_pii
def test_memory_does_not_grow_with_the_number_of_documents(monkeypatch):
    monkeypatch.setattr("seqlabel.privacy.replacing.restored._MOST_DOCUMENTS", 3)
    restoration = Restoration(KEY)
    for _ in range(9):
        assert restoration.restore([encrypted(CARDS).text])[0].decrypted == 3
    assert len(restoration._order._furthest) == 3


@needs_pii
@pytest.mark.parametrize("seed", range(8))
def test_a_text_alone_is_restored_where_it_was_encrypted(seed):
    text, spans = random_case(random.Random(seed))
    policies = {label: Mask() for _, _, label in spans[::2]}
    mixed = redact_characters(text, spans, Encrypt(KEY), policies=policies)
    masked = {finding.label for finding in mixed.findings if not finding.encrypted}
    kept = [(one.start, one.end, one.label) for one in mixed.findings if one.label in masked]
    number = sum(finding.encrypted for finding in mixed.findings)
    assert restore_text(mixed.text, key=KEY) == Restored(
        redact_characters(text, kept, Mask()).text, number
    )
    assert "Zoe" not in repr(restore_text("Zoe", key=KEY))


@needs_pii
def test_what_another_key_or_none_encrypted_stays():
    twice = redact_characters("Ann, Bo", [(0, 3, "A")], Encrypt(KEY)).text
    twice = redact_characters(twice, [(len(twice) - 2, len(twice), "B")], Encrypt(OTHER_KEY)).text
    literal = f"<ENCRYPTED:> {twice} <ENCRYPTED:abc_=-> <ENCRYPTED:é>"
    one = restore_text(literal, key=OTHER_KEY)
    assert (one.decrypted, one.left) == (1, 4)
    assert restore_text(one.text, key=KEY) == Restored(
        "<ENCRYPTED:> Ann, Bo <ENCRYPTED:abc_=-> <ENCRYPTED:é>", 1, left=3
    )
    whole = redact_characters(twice, [(0, len(twice), "X")], Encrypt(KEY)).text
    assert restore_text(whole, key=KEY).text == twice


@needs_pii
def test_a_text_with_one_span_that_was_not_encrypted_is_not_restored():
    redacted = redact_characters(
        "Ann 41", [(0, 3, "PER"), (4, 6, "AGE")], Encrypt(KEY), policies={"AGE": Mask()}
    )
    assert [finding.encrypted for finding in redacted.findings] == [True, False]
    with pytest.raises(DataError):
        restore(redacted, key=KEY)
