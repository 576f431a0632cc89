"""One encrypted value: what is in it, what it shows without the key, and what becomes of a damaged
one.
"""

import base64
import itertools

import pytest

from seqlabel.errors import DataError
from seqlabel.privacy.replacing.encryption import (
    MARK,
    Numbering,
    Origin,
    Refusal,
    decryption,
    encryption,
)
from tests.keys import KEY, OTHER_KEY

pytest.importorskip("cryptography", reason="needs seqlabel-rnn[pii]")

VALUES = ["Ann", "é数😀", "", "a" * 15, "a" * 16, "\x80\x00", "<ENCRYPTED:v2:abc>", "line\r\nend"]


@pytest.mark.parametrize("value", VALUES)
@pytest.mark.parametrize("label", ["PERSON", "Ö" * 100, ""])
def test_a_value_comes_back_with_its_label_and_place(value, label):
    place = Origin(b"12345678", record=7, field=2)
    numbering = Numbering(place, itertools.count(5))
    marks = [encryption(KEY)(value, label, numbering) for _ in range(2)]
    assert all(MARK.fullmatch(mark) for mark in marks)
    # The same value is another text each time.
    assert len(set(marks)) == 2
    found = [decryption(KEY)(mark) for mark in marks]
    assert found == [(value, label, place, 5), (value, label, place, 6)]
    assert decryption(OTHER_KEY)(marks[0]) is Refusal.FOREIGN


def test_the_length_shows_in_steps_of_16_bytes():
    encrypt = encryption(KEY)
    lengths = [len(encrypt("a" * size, "X", Numbering())) for size in range(64)]
    assert lengths == sorted(lengths)
    assert [lengths.count(length) for length in sorted(set(lengths))] == [16] * 4


def test_a_place_of_its_own_is_random_and_values_are_numbered():
    assert len({Origin.new().document for _ in range(100)}) == 100
    numbering = Numbering()
    opened = [decryption(KEY)(encryption(KEY)("a", "X", numbering)) for _ in range(3)]
    assert [one.number for one in opened] == [0, 1, 2]
    assert {one.place for one in opened} == {numbering.place}


def test_what_is_wrong_with_a_value_is_distinguished():
    mark = encryption(KEY)("Ann", "PERSON", Numbering())
    coded = mark.removeprefix("<ENCRYPTED:v2:").rstrip(">")
    data = bytearray(base64.urlsafe_b64decode(f"{coded}=="))
    data[-1] ^= 1
    changed = f"<ENCRYPTED:v2:{base64.urlsafe_b64encode(data).decode().rstrip('=')}>"
    decrypt = decryption(KEY)
    assert decrypt(changed) is decrypt(mark[:60] + ">") is Refusal.CHANGED
    others = ["<ENCRYPTED:v2:>", "<ENCRYPTED:v2:aaaa>", "<ENCRYPTED:abcd>", "Ann", ""]
    for other in (mark.replace(":v2:", ":v3:"), *others):
        assert decrypt(other) is Refusal.FOREIGN
    assert decryption(OTHER_KEY)(changed) is Refusal.FOREIGN


def test_half_a_character_and_a_long_label_are_refused_without_their_text():
    for value, label in (("secret \ud800", "X"), ("secret", "Ö" * 128)):
        with pytest.raises(DataError) as caught:
            encryption(KEY)(value, label, Numbering())
        assert "secret" not in str(caught.value)
