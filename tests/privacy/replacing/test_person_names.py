"""Names of persons: titles set aside, genders by titles, and names that can be one
person's.
"""

import pytest

from seqlabel.privacy.replacing.person_names import Gender, PersonName


@pytest.mark.parametrize(
    ("value", "before", "words", "gender"),
    [
        ("Ann Lee", "", ("ann", "lee"), None),
        ("Ms. Ann Lee", "", ("ann", "lee"), Gender.FEMALE),
        ("Lee", "I met Mr. ", ("lee",), Gender.MALE),
        ("Lee", "I met Mr.", ("lee",), None),
        ("Dr. Lee", "dear Mrs ", ("lee",), Gender.FEMALE),
        ("Lee", "I met\tDr. ", ("lee",), None),
        ("Dean Martin", "", ("dean", "martin"), None),
        ("Dean Paul Martin", "", ("paul", "martin"), None),
        ("Dr.", "", ("dr",), None),
        ("—", "", ("—",), None),
    ],
)
def test_titles_are_set_aside_and_tell_the_gender(value, before, words, gender):
    assert PersonName.read(value, before) == PersonName(words, gender)


@pytest.mark.parametrize(
    ("one", "other"), [("Ann Lee", "Lee"), ("A. Lee", "Ann Lee"), ("Mr. Lee", "Dr. Lee")]
)
def test_names_that_can_be_one_person_s_fit_both_ways(one, other):
    names = PersonName.read(one), PersonName.read(other)
    assert names[0].fits(names[1])
    assert names[1].fits(names[0])


@pytest.mark.parametrize(
    ("one", "other"), [("Mr. Lee", "Ms. Lee"), ("Ann Lee", "Bob Lee"), ("A.", "Ann"), ("", "")]
)
def test_other_names_do_not_fit(one, other):
    names = PersonName.read(one), PersonName.read(other)
    assert not names[0].fits(names[1])
    assert not names[1].fits(names[0])
