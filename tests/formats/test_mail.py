"""Mail: texts are what a reader sees, and what does not change keeps its bytes."""

from email import message_from_bytes, policy
from email.message import EmailMessage

import pytest

from seqlabel.formats.format import Layout
from seqlabel.formats.mail import MAIL
from seqlabel.io.records import line_record

LONG = "please call, since this is a long line that quoted-printable has to break somewhere, and it is über long"


def record_of(data):
    reader, place = MAIL.records(Layout(), None), 0
    for number, line in enumerate(data.splitlines(keepends=True), 1):
        place += len(line)
        assert reader.feed(line_record(line, number, place)) is None
    return reader.finish()


def message(charset="utf-8"):
    made = EmailMessage(policy.default)
    made["From"] = "Zoë Müller <zoe@example.org>"
    made["Subject"] = "Besuch bei Jürgen Schäfer"
    made.set_content(f"Dear Jürgen,\n{LONG}\nZoë\n", cte="quoted-printable", charset=charset)
    made.add_alternative("<p>Dear J&uuml;rgen</p>\n", subtype="html", cte="base64")
    made.add_attachment(b"Ann", maintype="application", subtype="pdf", filename="Ann.pdf")
    return bytes(made)


@pytest.mark.parametrize("charset", ["utf-8", "iso-8859-1"])
@pytest.mark.parametrize("line", [b"\n", b"\r\n"])
def test_texts_are_what_is_shown_and_change_where_they_stand(line, charset):
    data = message(charset).replace(b"\n", line)
    record = record_of(data)
    shown = [cell.text.replace("\r", "") for cell in record.cells]
    assert shown[:2] == ["Zoë Müller <zoe@example.org>", "Besuch bei Jürgen Schäfer"]
    assert shown[2].rstrip() == f"Dear Jürgen,\n{LONG}\nZoë"
    assert shown[3:] == ["<p>Dear J&uuml;rgen</p>\n", 'attachment; filename="Ann.pdf"']
    assert record.filled([cell.text for cell in record.cells]) == data
    assert record.unread == ("application/pdf",)
    new = record.filled([cell.text.replace("Jürgen", "<X>").replace("J&uuml;rgen", "<X>") for cell in record.cells])
    found = message_from_bytes(new, policy=policy.default)
    assert found["Subject"] == "Besuch bei <X> Schäfer"
    assert found.get_body(("plain",)).get_content().replace("\r", "").rstrip() == f"Dear <X>,\n{LONG}\nZoë"
    assert found.get_body(("html",)).get_content().replace("\r", "") == "<p>Dear <X></p>\n"
    assert next(found.iter_attachments()).get_content() == b"Ann"
    # Only the lines with the name differ.
    changed = set(data.split(line)) - set(new.split(line))
    assert not any(b"long line" in one or b"zoe@" in one for one in changed)


def test_a_mailbox_has_the_texts_of_all_messages():
    data = b"From a@x Thu\n" + message() + b"\nFrom b@x Fri\nSubject: two\n\n>From here on\n"
    record = record_of(data)
    assert [cell.text for cell in record.cells][-2:] == ["two", ">From here on\n"]
    assert record.filled([cell.text for cell in record.cells]) == data
    assert sum(cell.name == "Subject" for cell in record.cells) == 2


def test_what_cannot_be_decoded_is_read_as_it_stands():
    head = b"Subject: =?none?q?x?=\nContent-Type: text/plain; charset=none\nContent-Transfer-Encoding: base64\n\n"
    for data in (head + b"QW5u\n", b"Subject: a", b"no head\n\nbody\n", b"\nbody\n"):
        record = record_of(data)
        assert record.filled([cell.text for cell in record.cells]) == data
    assert [cell.text for cell in record_of(head + b"QW5u\n").cells] == ["=?none?q?x?=", "QW5u\n"]
    assert record_of(b"") is None
