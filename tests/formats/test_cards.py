"""Calendars and cards: values are what they say, folded lines are joined, and what does not change
keeps its bytes.
"""

import pytest

from seqlabel.formats.any_format import records_format
from seqlabel.formats.cards import CARDS, card_texts
from seqlabel.io.records import Record

CALENDAR = (
    "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nMETHOD:REQUEST\r\nBEGIN:VEVENT\r\n"
    "DTSTART;TZID=Europe/London:20260101T100000\r\n"
    'ATTENDEE;RSVP=TRUE;CN="Ann \r\n Moss":mailto:ann@mo\r\n ss.example\r\nSUMMARY:Call Ann\\, '
    "and\\nBo\r\n"
    "END:VEVENT\r\nEND:VCALENDAR\r\n"
)
CARD = (
    "BEGIN:VCARD\nVERSION:3.0\nN:Moss;Ann;;;\nitem1.EMAIL;type=WORK:ann@moss.example\nEND:VCARD\n"
)


def changed(raw, old, new):
    cells, _ = card_texts(raw)
    return Record(raw, tuple(cells), 1, 1, 0).written(
        [cell.text.replace(old, new) for cell in cells]
    )


def test_values_and_names_of_a_calendar_are_read(tmp_path):
    assert records_format(tmp_path / "a.ics") is records_format(tmp_path / "a.vcf") is CARDS
    cells, unread = card_texts(CALENDAR)
    assert [(cell.name, cell.text) for cell in cells] == [
        ("full name", "Ann Moss"),
        ("attendee", "mailto:ann@moss.example"),
        ("SUMMARY", "Call Ann, and\nBo"),
    ]
    assert unread == []
    assert changed(CALENDAR, "", "") == CALENDAR
    assert changed(CALENDAR, "ann@moss.example", "<X>") == CALENDAR.replace(
        "ann@mo\r\n ss.example", "<X>"
    )
    assert changed(CALENDAR, "Ann", "A;") == CALENDAR.replace("Call Ann", "Call A\\;").replace(
        '"Ann \r\n Moss"', '"A; Moss"'
    )


def test_values_of_cards_are_read_under_names_of_columns():
    cells, _ = card_texts(CARD)
    assert [(cell.name, cell.text) for cell in cells] == [
        ("full name", "Moss;Ann;;;"),
        ("email", "ann@moss.example"),
    ]
    # The parts of a name stay parts.
    assert changed(CARD, "Moss", "<X>") == CARD.replace("N:Moss", "N:<X>")


def test_quoted_printable_is_read_over_its_soft_line_ends():
    raw = "NOTE;CHARSET=ISO-8859-1;ENCODING=QUOTED-PRINTABLE:Zo=EB=\r\n Lee=0D=0Acalls\r\nTEL:5\r\n"
    cells, _ = card_texts(raw)
    assert [cell.text for cell in cells] == ["Zoë Lee\ncalls", "5"]
    assert changed(raw, "Zoë Lee", "é") == raw.replace("Zo=EB=\r\n Lee", "=E9")


@pytest.mark.parametrize(
    "line",
    [
        "PHOTO;ENCODING=b;TYPE=JPEG:QW5u\n IE1vc3M=",
        "PHOTO;JPEG;BASE64:QW5u",
        "PHOTO:data:image/png;base64,QW5u",
        'PHOTO;ENCODING="BASE64":QW5u',
    ],
)
def test_a_value_in_base64_is_named_and_stays(line):
    cells, unread = card_texts(f"{line}\nFN:Ann\n")
    assert unread == ["PHOTO in base64"]
    assert [cell.text for cell in cells] == ["Ann"]


def test_an_event_keeps_an_id_of_its_own():
    raw = "UID:ann@moss.example\nRELATED-TO:ann@moss.example\nUID:bo@moss.example\n"
    cells, _ = card_texts(raw)
    new = Record(raw, tuple(cells), 1, 1, 0).written(["<EMAIL>" for _ in cells])
    first, second, third = (line.partition(":")[2] for line in new.splitlines())
    assert first == second != third
    assert "moss" not in new


@pytest.mark.parametrize(
    "raw", ["", "no field\n", ":\n", "\n \n", " Ann\n", 'A;B="x:y\n', "FN:Ann", "\ufeffFN:Ann\n"]
)
def test_what_is_not_a_field_is_read_as_it_is(raw):
    cells, unread = card_texts(raw)
    record = Record(raw, tuple(cells), 1, 1, 0)
    assert record.written([cell.text for cell in cells]) == raw
    assert unread == []
    letters = [letter for letter in raw if letter in "nfx"]
    assert all(any(letter in cell.text for cell in cells) for letter in letters)
