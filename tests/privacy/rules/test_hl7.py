"""Persons in HL7 segments, by the numbers of their fields."""

import pytest

from seqlabel.privacy.rules.hl7 import (
    hl7_births,
    hl7_calls,
    hl7_names,
    hl7_numbers,
    hl7_staff,
    hl7_streets,
    hl7_towns,
)

PATIENT = "PID|1||8804127^^^RGH^MR||OSEI^ABENA^M||19810704|F|||14 HOLLOWAY GARTH^^YORK^^YO11 2PN||01723496018\r"
MESSAGE = (
    f"MSH|^~\\&|ADT1|LAB\r\n{PATIENT}\nNK1|1|OSEI^KOFI|SPO||5550137\n"
    "PV1|1|I|W4^12^A||||404^LIND^PETRA^^^DR\nOBX|1|NM|718"
)


@pytest.mark.parametrize(
    ("find", "values"),
    [
        (hl7_names, ["OSEI^ABENA^M", "OSEI^KOFI", "LIND^PETRA"]),
        (hl7_births, ["19810704"]),
        (hl7_calls, ["01723496018", "5550137"]),
        (hl7_numbers, ["8804127"]),
        (hl7_staff, ["404"]),
        (hl7_streets, ["14 HOLLOWAY GARTH"]),
        (hl7_towns, ["YORK", "YO11 2PN"]),
    ],
)
def test_a_field_tells_what_it_holds(find, values):
    assert [MESSAGE[start:end] for start, end in find(MESSAGE)] == values
    assert list(find(MESSAGE.replace("PID|", "ZID|").replace("NK1|", "ZK1|").replace("PV1|", "ZV1|"))) == [
        place for place in find(MESSAGE) if find in (hl7_streets, hl7_towns)
    ]


def test_a_value_far_behind_the_begin_of_its_segment_is_left_to_the_model():
    text = f"PID|1||{'9' * 100}||OSEI^ABENA"
    assert list(hl7_names(text)) == []


@pytest.mark.parametrize("text", ["PID|", "PID||", "PID|1\nMOSS^ADA", "a PID|1||2||MOSS^ADA", "PID|1||||"])
def test_broken_and_empty_segments_hold_no_names(text):
    assert list(hl7_names(text)) == []


def test_repeated_fields_are_values_of_their_own():
    text = "PID|1||55^^^A~66^^^B||MOSS^ADA"
    assert [text[start:end] for start, end in hl7_numbers(text)] == ["55", "66"]
