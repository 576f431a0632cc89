"""Possible telephone numbers are those of the parser, for all countries."""

import random

import phonenumbers
import pytest

from seqlabel.privacy.rules.possible_phones import is_possible_phone


def parsed(number):
    try:
        found = phonenumbers.is_possible_number_with_reason(phonenumbers.parse(number))
    except phonenumbers.NumberParseException:
        return False
    return found == phonenumbers.ValidationResult.IS_POSSIBLE


@pytest.mark.parametrize("code", sorted({*phonenumbers.COUNTRY_CODE_TO_REGION_CODE, 21, 99, 999}))
def test_answers_are_those_of_the_parser(code):
    chance = random.Random(code)
    for _ in range(60):
        digits = chance.choice(("", "0", "1", "8", "9", "(0)")) + "".join(
            chance.choice("0123456789") + chance.choice(("", "", "", " ", "-", ".", "/", "\u2009"))
            for _ in range(chance.randint(3, 15))
        )
        number = f"+{code}{chance.choice(('', ' ', '-'))}" + digits.rstrip(" -./\u2009")
        assert is_possible_phone(number) is parsed(number), number


def test_a_number_of_its_country_is_possible_and_a_part_of_it_is_not():
    assert is_possible_phone("+44 20 7946 0958")
    assert is_possible_phone("+44 (0)20 7946 0958")
    assert not is_possible_phone("+44 20 7946")
    assert not is_possible_phone("+1 946 0958")
