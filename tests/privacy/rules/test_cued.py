"""Values behind the word for them: dates of birth, plates, extensions and numbers of files."""

import pytest

from seqlabel.privacy.rules.cued import (
    ages,
    births,
    collar_numbers,
    extensions,
    file_numbers,
    plates,
    police_names,
    police_numbers,
)


def values(find, text):
    return [text[start:end] for start, end in find(text)]


@pytest.mark.parametrize(
    "day", ["4.1.15", "04/01/2015", "2015-01-04", "20150104", "4 Jan 2015", "4th of January 2015", "January 4, 2015"]
)
@pytest.mark.parametrize("word", ["DOB", "D.O.B.:", "Date of birth:", "birth_date=", "born on", "(born"])
def test_a_date_behind_a_word_for_birth_is_found(word, day):
    text = f"Storm {word}{'' if word.endswith('=') else ' '}{day}; fit"
    assert values(births, text) == [day]


@pytest.mark.parametrize("text", ["DOB: unknown", "born 4.1.15.7", "reborn 4.1.15", "due 4.1.15", "born in 2015"])
def test_other_numbers_are_no_date_of_birth(text):
    assert values(births, text) == []


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("a silver Astra, registration WK19 ZFD, mounted", ["WK19 ZFD"]),
        ("his van is MT64RRO", ["MT64RRO"]),
        ("vehicle AE68 VTX and car AB12 CDE", ["AE68 VTX", "AB12 CDE"]),
        ("module AB12 CDE", []),
        ("car " + "x" * 64 + " AB12 CDE", []),
        ("car AB12 3CD, car AB99 CDE, car QB12 CDE, car AB12 CDEF", []),
    ],
)
def test_a_plate_needs_a_word_for_vehicles(text, found):
    assert values(plates, text) == found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("01872 496 0115, ext. 12", ["12"]),
        ("Ext 4471; extension: 4417", ["4471", "4417"]),
        ("call him on x204", ["204"]),
        ("(602) 555-0119 x204, 555 417 (x33)", ["204", "33"]),
        ("ext4, text 4417, next 12, ext 1.2.3, 1920 x1080p, a x20, size 800x600", []),
    ],
)
def test_extensions_are_found(text, found):
    assert values(extensions, text) == found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("under reference MD/4417/8821 within", ["MD/4417/8821"]),
        ("Datix ref: W118842.", ["W118842"]),
        ("your application PLN/24/00417/HOU for", ["PLN/24/00417/HOU"]),
        ("Booking ref QX7T24M and claim no. H41YJ702", ["QX7T24M", "H41YJ702"]),
        ("Specimen no: H24-009817", ["H24-009817"]),
        ("StEIS no. 2024/3318", ["2024/3318"]),
        ("reference 20/04/2024, ref. 12-2024, file README2, report 2024", []),
        ("part AB/4417/8821, preference AB/4417/8821", []),
        ("reference ab/4417, reference section 4.4.17", []),
    ],
)
def test_numbers_of_files_stand_behind_a_word_for_them(text, found):
    assert values(file_numbers, text) == found


def test_the_number_of_a_prosecution_has_spaces():
    assert values(police_numbers, "URN: 06 AA 0417 24\nURN 99") == ["06 AA 0417 24"]


def test_ages_stand_before_their_sign():
    assert values(ages, "67 yo man, 84F presenting with, a 58M c/o pain, 75y/o, 3 yoa") == ["67", "84", "58", "75", "3"]
    assert values(ages, "Bed 3 Ann Hargest 72F. D4\nBay 2: Mr A. Tolliver 58M #NOF") == ["72", "58"]
    assert values(ages, "Bed 3 at 72F. Death Valley 72F. Bed 3 72F") == []
    assert values(ages, "$58M presented, a high of 72F, 1.67 yo, 58Mb known, 12M users") == []


def test_officers_have_a_rank_and_a_number():
    text = "PC 4471 Langford and DC 3318 MOXON; PC 4471, PC World 2020 Edition, MPC 4471 Langford"
    assert values(police_names, text) == ["Langford", "MOXON"]
    assert values(collar_numbers, text) == ["4471", "3318"]
