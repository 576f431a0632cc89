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


def test_ids_stay_valid_and_distinct_and_fit_together(tmp_path):
    one = f"From x\nMessage-ID: <a.{VALUE}>\n\nhello\n\n"
    two = f"From x\nMessage-ID: <b.{VALUE}>\nIn-Reply-To: <a.{VALUE}>\n\nhello\n\n"
    record = record_of(MAIL, (one + two).encode())
    for hidden in ("<EMAIL>", "", "xxx.xxxx@xxx.xxxxxxx", "<EMAIL_1>"):
        texts = [hidden if VALUE in cell.text else cell.text for cell in record.cells]
        (tmp_path / "box").write_bytes(record.filled(texts))
        with contextlib.closing(mailbox.mbox(tmp_path / "box")) as box:
            messages = [
                message_from_bytes(bytes(message), policy=policy.default) for message in box
            ]
        ids = [(message["Message-ID"], message["In-Reply-To"]) for message in messages]
        assert all(
            one.startswith("<") and one.count("@") == 1 and not one.defects for one, _ in ids
        )
        assert ids[0][0] != ids[1][0]
        assert ids[1][1] == ids[0][0]
        assert VALUE not in str(ids)


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
    assert [unpacked(one) for one in ("QW5u", "QW\n5u!", "QW5uLg", "QW5uL", "")] == [
        b"Ann",
        b"Ann",
        b"Ann.",
        b"Ann",
        b"",
    ]


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
