"""Mail: texts are what a reader sees, and what does not change keeps its bytes."""

from email import message_from_bytes, policy
from email.message import EmailMessage

import pytest

from seqlabel.formats.mail import MAIL
from tests.formats.shown_files import record_of

LONG = (
    "please call, since this is a long line that quoted-printable has to break somewhere, "
    "and it is über long"
)


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
    record = record_of(MAIL, data)
    shown = [cell.text.replace("\r", "") for cell in record.cells]
    assert shown[:2] == ["Zoë Müller <zoe@example.org>", "Besuch bei Jürgen Schäfer"]
    assert shown[2].rstrip() == f"Dear Jürgen,\n{LONG}\nZoë"
    assert shown[3:] == ["Dear Jürgen", "Ann.pdf"]
    assert record.filled([cell.text for cell in record.cells]) == data
    assert record.unread == ("application/pdf",)
    new = record.filled([cell.text.replace("Jürgen", "<X>") for cell in record.cells])
    found = message_from_bytes(new, policy=policy.default)
    assert found["Subject"] == "Besuch bei <X> Schäfer"
    assert (
        found.get_body(("plain",)).get_content().replace("\r", "").rstrip()
        == f"Dear <X>,\n{LONG}\nZoë"
    )
    assert found.get_body(("html",)).get_content().replace("\r", "") == "<p>Dear &lt;X&gt;</p>\n"
    assert next(found.iter_attachments()).get_content() == b"Ann"
    # Only the lines with the name differ.
    changed = set(data.split(line)) - set(new.split(line))
    assert not any(b"long line" in one or b"zoe@" in one for one in changed)


def test_a_mailbox_has_the_texts_of_all_messages():
    data = b"From a@x Thu\n" + message() + b"\nFrom b@x Fri\nSubject: two\n\n>From here on\n"
    record = record_of(MAIL, data)
    assert [cell.text for cell in record.cells][-2:] == ["two", ">From here on\n"]
    assert record.filled([cell.text for cell in record.cells]) == data
    assert sum(cell.name == "Subject" for cell in record.cells) == 2


def test_what_cannot_be_decoded_is_read_as_it_stands():
    head = (
        b"Subject: =?none?q?x?=\nContent-Type: text/plain; charset=none\n"
        b"Content-Transfer-Encoding: base64\n\n"
    )
    for data in (head + b"QW5u\n", b"Subject: a", b"no head\n\nbody\n", b"\nbody\n"):
        record = record_of(MAIL, data)
        assert record.filled([cell.text for cell in record.cells]) == data
    # An unknown charset is a text too; its characters are taken for UTF-8, or for Latin-1.
    for body, text in ((b"QW5u\n", "Ann"), (b"6W5u\n", "énn")):
        cells = record_of(MAIL, head + body).cells
        assert [cell.text for cell in cells] == ["=?none?q?x?=", "none", text]
    assert record_of(MAIL, b"") is None


def rewritten(data, old, new):
    """The bytes of a file in which one text took the place of another."""
    record = record_of(MAIL, data)
    return record.filled([cell.text.replace(old, new) for cell in record.cells])


def message_of(content, **options):
    made = EmailMessage(policy.default)
    made.set_content(content, **options)
    return bytes(made)


CODINGS = ["7bit", "base64", "quoted-printable"]
HTML = "Content-Type: text/html\n\n"
BASE64 = "Content-Transfer-Encoding: base64\n\nQW5u\n"


VALUE = "ann.moss@lee.example"


@pytest.mark.parametrize(
    "data",
    [
        f"From {VALUE} Mon Jan  1 00:00:00 2026\nSubject: x\n\nhello\n",
        f"Subject: x\n\nhello\n\nFrom {VALUE} Mon Jan  1 00:00:00 2026\nSubject: y\n\nhello\n",
        f'Content-Type: text/plain; name="CV {VALUE}.txt"\n\nhello\n',
        'Content-Type: text/plain; name*0="CV ann.mo"; name*1="ss@lee.example"\n\nhello\n',
        "Content-Disposition: attachment; filename*=utf-8''ann.moss%40lee.example\n\nhello\n",
        f"Content-Type: {VALUE}\n\nhello\n",
        f"Content-Type: text/plain ({VALUE})\n\nhello\n",
        f"MIME-Version: 1.0 ({VALUE})\n\nhello\n",
        f"Content-Type: multipart/mixed; boundary=never\n\n{VALUE}\n",
        f"Content-Type: multipart/mixed\n\n{VALUE}\n",
        f"Content-Type: multipart/mixed; boundary=b\n\n{VALUE}\n--b\n\nhello\n--b--\n",
        f"Content-Type: multipart/mixed; boundary=b\n\n--b\n\nhello\n--b--\n{VALUE}\n",
        f"Content-Type: multipart/mixed; boundary=b\n\n--b\n\n{VALUE}\n",
        f"Content-Type: multipart/mixed; boundary=b\n\n--b\n\nhello\n--b2 {VALUE}\n--b--\n",
        f'Content-Type: multipart/mixed; boundary="{VALUE}"\n\n--{VALUE}\n\nhello\n--{VALUE}--\n',
        f"Message-ID: <{VALUE}>\nReferences: <{VALUE}>\n <x@y.example> (of {VALUE})\n\nhello\n",
        f"Subject: x\nno header {VALUE}\nTo: x\n\nhello\n",
        "Subject: =?utf-8?q?ann=2Emo?= =?utf-8?b?c3NAbGVlLmV4YW1wbGU=?=\n\nhello\n",
        "Subject: =?odd?q?ann=2Emoss=40lee=2Eexample?=\n\nhello\n",
        "Content-Transfer-Encoding: base64\n\nYW5uLm1vc3NAbGVlLmV4YW1wbGU\n",
        f"Content-Transfer-Encoding: base64\n\naGVsbG8=\n-- \nThe list of {VALUE}\n",
        (
            "Content-Type: text/plain; charset=x\nContent-Transfer-Encoding: quoted-printable\n\n"
            "ann=2Emoss@lee.example\n"
        ),
    ],
)
def test_every_place_of_a_message_is_read(data):
    new = rewritten(data.encode(), VALUE, "<EMAIL>")
    found = message_from_bytes(new, policy=policy.default)
    shown = [str(value) for part in found.walk() for value in part.values()]
    shown += [
        part.get_payload(decode=True).decode() for part in found.walk() if not part.is_multipart()
    ]
    for text in (new.decode(), *shown):
        assert not any(piece in text for piece in (VALUE, "ann.mo", "c3NAbGVlLmV4YW1wbGU"))


@pytest.mark.parametrize("coding", CODINGS)
def test_a_page_in_a_message_is_read_as_a_page(coding):
    page = "<title>Of Nkechi</title><p>Dear <b>Nke</b><i>chi</i> &amp; co</p>"
    data = message_of(page, subtype="html", cte=coding)
    texts = [cell.text for cell in record_of(MAIL, data).cells]
    assert texts == ["Of Nkechi", "Dear Nkechi & co"]
    found = message_from_bytes(rewritten(data, "Nkechi", "<X>"), policy=policy.default)
    new = "<title>Of &lt;X&gt;</title><p>Dear <b>&lt;X&gt;</b><i></i> &amp; co</p>"
    assert found.get_content().strip() == new


def test_parts_in_parts_are_bounded_and_named():
    deep = "".join(
        f'Content-Type: multipart/mixed; boundary="b{n}"\n\n--b{n}\n' for n in range(3000)
    )
    record = record_of(MAIL, f"{deep}\n{VALUE}\n".encode())
    assert record.unread == ("parts in parts",)
    assert VALUE in record.cells[-1].text


ENCODED = b"Subject: =?utf-8?q?Ann?=\n"


@pytest.mark.parametrize(
    "data",
    [
        b"Content-Type: text/rfc822-headers\n\n" + ENCODED,
        b"Content-Type: message/global\n\n" + ENCODED,
        b"Content-Type: message/delivery-status\n\nReporting-MTA: x\n\n" + ENCODED,
        b"Content-Type: message/disposition-notification\r\n\r\nA: b\r\n\r\n" + ENCODED,
    ],
)
def test_headers_in_a_body_are_read_as_headers(data):
    record = record_of(MAIL, data)
    assert record.cells[-1].text == "Ann"
    assert record.unread == ()
    assert record.filled([cell.text for cell in record.cells]) == data


@pytest.mark.parametrize("coding", CODINGS)
def test_a_calendar_in_a_message_is_read_as_one(coding):
    calendar = "SUMMARY:Call A\n nn\nATTACH;ENCODING=BASE64:QW5u\n"
    data = message_of(calendar, subtype="calendar", cte=coding)
    record = record_of(MAIL, data)
    assert [(cell.name, cell.text) for cell in record.cells] == [("SUMMARY", "Call Ann")]
    assert record.unread == ("ATTACH in base64",)
    found = message_from_bytes(rewritten(data, "Ann", "<X>"), policy=policy.default)
    assert found.get_content().splitlines()[0] == "SUMMARY:Call <X>"


KINDS = ["application/json", "application/ld+json", "application/xml", "application/ics"]


@pytest.mark.parametrize("kind", KINDS)
def test_text_is_read_whatever_its_kind_is_called(kind):
    record = record_of(MAIL, f"Content-Type: {kind}\n{BASE64}")
    assert [cell.text for cell in record.cells] == ["Ann"]
    assert record.unread == ()


@pytest.mark.parametrize(
    ("data", "named"),
    [
        (f"Content-Type: message/rfc822\n{BASE64}", "message/rfc822 in base64"),
        (f"Content-Type: multipart/mixed\n{BASE64}", "multipart/mixed in base64"),
        (f"Content-Type: multipart/mixed\n\n--b\n{BASE64}", "parts without a boundary"),
        ("Content-Transfer-Encoding: x-own\n\nQW5u\n", "a part of unknown encoding"),
        ("Autocrypt: addr=ann@lee.example; keydata=QW5u\n\nhello\n", "Autocrypt"),
        (f"{HTML}<img src='data:image/png;base64,QW5u'>\n", "embedded image/png"),
        (f"{HTML}<p>Subject: =?utf-8?b?QW5uIE1vc3M=?=\n", "encoded words"),
        ("Subject: x\n\nhello\nbegin 644 a.txt\n#06YN\n`\nend\n", "uuencoded file"),
    ],
)
def test_what_is_in_another_encoding_is_named(data, named):
    assert record_of(MAIL, data).unread == (named,)


def test_headers_that_a_body_quotes_are_decoded():
    data = b"Subject: x\n\n> Subject: =?utf-8?b?QW5uIE1vc3M=?=\nhello =?utf-8?b?QW5uIE1vc3M+bye\n"
    texts = [cell.text.strip() for cell in record_of(MAIL, data).cells]
    assert texts == ["x", "> Subject:", "Ann Moss", "hello", "Ann Moss>o'"]


def test_a_name_of_a_header_that_is_in_no_use_is_read():
    cells = record_of(MAIL, f"X-{VALUE}: a\nX-A_b.c: d\n\n").cells
    assert [cell.text for cell in cells] == [f"X-{VALUE}", "a", "d"]
