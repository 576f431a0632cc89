"""Headers are read as they are shown; ids of messages stay valid, distinct and the same in all
places.
"""

import contextlib
import mailbox
from email import message_from_bytes, policy

import pytest

from seqlabel.formats.mail import MAIL
from seqlabel.formats.mail_headers import decoded, unpacked
from tests.formats.shown_files import record_of
from tests.formats.test_mail import VALUE, rewritten


@pytest.mark.parametrize("hidden", ["<EMAIL>", "", "xxx.xxxx@xxx.xxxxxxx", "<EMAIL_1>"])
def test_ids_stay_valid_and_distinct_and_fit_together(tmp_path, hidden):
    first = f"From x\nMessage-ID: <a.{VALUE}>\n\nhello\n\n"
    second = f"From x\nMessage-ID: <b.{VALUE}>\nIn-Reply-To: <a.{VALUE}>\n\nhello\n\n"
    record = record_of(MAIL, first + second)
    texts = [hidden if VALUE in cell.text else cell.text for cell in record.cells]
    (tmp_path / "box").write_bytes(record.filled(texts))
    with contextlib.closing(mailbox.mbox(tmp_path / "box")) as box:
        messages = [message_from_bytes(bytes(one), policy=policy.default) for one in box]
    ids = [message["Message-ID"] for message in messages]
    for one in ids:
        assert one.startswith("<")
        assert one.count("@") == 1
        assert not one.defects
        assert VALUE not in one
    assert ids[0] != ids[1]
    assert messages[1]["In-Reply-To"] == ids[0]


def test_an_encrypted_id_is_read_again_as_it_was():
    token = "<ENCRYPTED:v2:AQ+/_-b==>"
    data = f"Message-ID: <CA1={VALUE}>\n\nhello\n".encode()
    new = rewritten(data, VALUE, token)
    assert message_from_bytes(new, policy=policy.default)["Message-ID"].defects == ()
    assert rewritten(new, token, VALUE).startswith(f"Message-ID: <CA1={VALUE}>".encode())


@pytest.mark.parametrize("charset", ["odd", "utf-8", "ascii", "a\0b"])
def test_any_bytes_are_decoded_to_characters_that_encode_to_them(charset):
    for data in (b"Ann", "Zo\u00eb".encode(), b"Zo\xeb", bytes(range(256))):
        text, used = decoded(data, charset)
        assert text.encode(used) == data


def test_base64_is_read_whatever_is_between():
    written = ("QW5u", "QW\n5u!", "QW5uLg", "QW5uL", "")
    assert [unpacked(text) for text in written] == [b"Ann", b"Ann", b"Ann.", b"Ann", b""]


def test_a_folded_value_is_one_text_and_keeps_its_lines():
    data = (
        b"To: Zo\xc3\xab\r\n M\xc3\xbcller,\r\n\t=?utf-8?q?Ann?=\r\n =?utf-8?q?_Moss?= "
        b"<a@b.example>\r\n\r\n"
    )
    (cell,) = record_of(MAIL, data).cells
    assert cell.text == "Zo\u00eb M\u00fcller, Ann Moss <a@b.example>"
    assert rewritten(data, "Ann Moss", "<X>") == (
        b"To: Zo\xc3\xab\r\n M\xc3\xbcller,\r\n\t<X> <a@b.example>\r\n\r\n"
    )


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("=?utf-8?q?ann=40moss=2Eexample", "ann@moss.example"),
        ("=?utf-8?q?ann=40moss.example?", "ann@moss.example"),
        ("=?utf-8?b?YW5uQG1vc3MuZXhhbXBsZQ==", "ann@moss.example"),
        ("=?utf-8?b?YW5uQG1vc3MuZXhhbXBsZQ= Lee", "ann@moss.example Lee"),
        ("utf-8?q?ann=40moss.example?=", "ann@moss.example"),
        ("?utf-8?b?YW5uQG1vc3MuZXhhbXBsZQ==?=", "ann@moss.example"),
        # What only looks like one is not lost.
        ("=?utf-8?b?ann@moss.example", "=?utf-8?b?ann@moss.example"),
        ("=?ann@moss.example?q?Lee?=", "=?ann@moss.example?q?Lee?="),
        ("what?q?ann@moss.example", "what?q?ann@moss.example"),
        ("=?utf-8*en?q?Zo=C3=AB?=", "Zo\u00eb"),
    ],
)
def test_a_damaged_encoded_word_is_read(written, shown):
    data = f"Subject: {written}\n\nhello\n".encode()
    cell = record_of(MAIL, data).cells[0]
    assert cell.text.lstrip("?") == shown
    if shown.startswith("ann"):
        assert b"<X>" in rewritten(data, "ann@moss.example", "<X>")
