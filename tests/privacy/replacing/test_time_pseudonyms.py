"""Ages of a decade, and dates against Python's own reading, writing and arithmetic."""

import re
from datetime import date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seqlabel.privacy.replacing.policies import Pseudonym
from seqlabel.privacy.replacing.time_pseudonyms import shifted
from seqlabel.privacy.replacing.words import ORDINALS, suffix
from tests.keys import KEY

few = settings(max_examples=40, deadline=None)
new = Pseudonym(KEY).replacements()
days = st.dates(date(1931, 1, 1), date(2030, 12, 31))
weeks = st.integers(-100, 100).filter(bool)


def ordinal(day):
    return (
        f"{day}{'th' if day in (11, 12, 13) else {1: 'st', 2: 'nd', 3: 'rd'}.get(day % 10, 'th')}"
    )


NOTATIONS = {
    "iso": lambda day: f"{day:%Y-%m-%d}",
    "time": lambda day: f"{day:%Y-%m-%d}T07:08:09+02:00",
    "padded": lambda day: f"{day:%d.%m.%Y}",
    "spoken": lambda day: f"{ordinal(day.day)} of {day:%B}, {day.year}",
    "letter": lambda day: f"{day:%A}, {day:%B} {day.day}, {day.year}",
    "short": lambda day: f"{day:%a} {day.day} {day:%b} {day.year}".upper(),
}


@few
@given(days, weeks, st.sampled_from(sorted(NOTATIONS)), st.booleans())
def test_dates_are_shifted_in_their_notation(day, shift, name, month_first):
    write = NOTATIONS[name]
    value, wanted = write(day), write(day + timedelta(weeks=shift))
    found = shifted(value, shift, month_first=month_first)
    if name == "padded" and not value.startswith("0") and ".0" not in value:
        # Whether 10.11. is written with zeros cannot be seen.
        found = ".".join(part.zfill(2) for part in found.split("."))
    # "May" may be short or not.
    assert (
        found.lower().replace("may", "") == wanted.lower().replace("may", "")
        or "may" in value.lower()
    )
    if "may" not in value.lower():
        assert found == wanted


@pytest.mark.parametrize(
    ("value", "month_first", "wanted"),
    [
        ("3/4/2020", True, "3/11/2020"),
        ("3/4/2020", False, "10/4/2020"),
        ("3/14/2020", False, "3/21/2020"),
        ("14/3/2020", True, "21/3/2020"),
        ("03-04-20", False, "10-04-20"),
        ("12/31/99", True, "1/7/00"),
        ("2020/2/28", False, "2020/03/06"),
        ("30 Feb 2020", False, None),
        ("the 3 May 2020", False, "the 10 May 2020"),
        ("the month of May 2020", False, None),
        ("March 2020", False, None),
        ("20200229", False, "20200307"),
        ("20200229T101500Z", False, "20200307T101500Z"),
        ("20201340", False, None),
        ("the 3rd of May 2021", False, "the 10th of May 2021"),
        ("the third of May 2021", False, "the tenth of May 2021"),
        ("Twenty first of June, 2021", False, "Twenty-eighth of June, 2021"),
        ("May the thirty-first, 2021", False, "June the seventh, 2021"),
        ("thirty-first of June 2021", False, None),
        ("2020-03-01 later", False, None),
        ("2020-03-01 09:02:44 GST", False, "2020-03-08 09:02:44 GST"),
        ("14 March 2021, 3 pm", False, "21 March 2021, 3 pm"),
        ("3/4/2020 at 3.30pm", True, "3/11/2020 at 3.30pm"),
        ("٣/٤/2020", False, None),
    ],
)
def test_how_dates_are_read(value, month_first, wanted):
    assert shifted(value, 1, month_first=month_first) == wanted


@few
@given(
    st.datetimes(datetime(1900, 1, 1)),
    st.sampled_from(["seconds", "minutes", "milliseconds"]),
    st.sampled_from(["", "Z", "+05:30"]),
)
def test_times_of_iso_8601_stay_in_their_form(value, precision, zone):
    written = value.isoformat(timespec=precision) + zone
    found = new(written, "DATE_TIME")
    assert datetime.fromisoformat(found)
    assert re.sub("[0-9]", "0", found.removesuffix(zone)) == re.sub(
        "[0-9]", "0", written.removesuffix(zone)
    )
    assert found.endswith(zone)
    assert found != written


@pytest.mark.parametrize("value", ["20210305", "19991231"])
def test_a_basic_date_becomes_a_valid_one(value):
    other = new(value, "DATE")
    assert other != value
    assert datetime.strptime(other, "%Y%m%d")


def test_days_in_words_become_valid_days():
    for number, day in enumerate(ORDINALS, start=1):
        for form in ("the {} of May", "{} of december", "May the {}"):
            value = form.format(day)
            found = re.fullmatch(
                form.replace("{}", "([a-z-]+)")
                .replace("May", "([A-Z][a-z]+)")
                .replace("december", "([a-z]+)"),
                new(value, "DATE"),
            )
            assert found, (value, new(value, "DATE"))
            words = {one.lower() for one in found.groups()}
            assert len(words & set(ORDINALS[:28])) == 1, value
            assert day not in words, number
    assert new("the day", "DATE") != "the day"


def test_days_in_digits_have_their_suffix():
    for number in range(1, 32):
        other = re.fullmatch("([0-9]+)([a-z]+) of [A-Z][a-z]+", new(f"{number}th of May", "DATE"))
        assert other[2] == suffix(int(other[1]))
    assert (
        "".join(map(suffix, (1, 2, 3, 4, 11, 12, 13, 21, 22, 23, 31))) == "stndrdththththstndrdst"
    )


@few
@given(
    st.integers(0, 129),
    st.sampled_from(["{}", "{} years old", "{}-year-old", "aged {}", "{} yrs", "Age: {}"]),
)
def test_ages_stay_in_their_decade(age, words):
    number = re.fullmatch(
        re.escape(words).replace(r"\{\}", "([0-9]+)"), new(words.format(age), "AGE")
    )[1]
    assert int(number) // 10 == age // 10
    assert int(number) != age
    assert number == new(str(age), "AGE")


def test_ages_in_words():
    assert re.fullmatch("forty-(?!two)[a-z]+", new("forty-two", "AGE"))
    assert re.fullmatch("(?!Twelve)[A-Z][a-z]+ years", new("Twelve years", "AGE"))
    for value in ("forty", "Ann 42", "42 Elm"):
        found = new(value, "AGE")
        assert not set(re.findall("[A-Za-z]{2,}", found)) & set(re.findall("[A-Za-z]{2,}", value))


@pytest.mark.parametrize("subject", [None, "Ann Lee"])
def test_a_full_stop_after_a_time_in_utc_is_not_the_times(subject):
    policy = Pseudonym(KEY, subject=subject).replacements()
    value = "2021-03-12T09:30:00Z"
    other = policy(value, "DATE")
    datetime.fromisoformat(other)
    assert policy(f"{value}.", "DATE") == f"{other}."
