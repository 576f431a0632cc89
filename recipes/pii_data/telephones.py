"""Makers of telephone numbers, and of numbers as people read them out."""

from .labels import PiiType
from .maker import Maker, Makers
from .material import keyed, whole
from .papers import card_number, ssn_digits
from .world import drawn_values

MAKERS = Makers()


@MAKERS.enter("phone", PiiType.PHONE)
def phone(maker: Maker, number: int) -> str:
    country = maker.country
    if country in ("US", "CA"):
        made = maker.form_of("phone_us")
    elif country == "GB" and maker.chance(0.9):
        made = maker.form_of("phone_gb")
    else:
        if maker.chance(0.5):
            return proper_phone(maker)
        listed = drawn_values("phone_number", maker.locale, maker.split)
        made = maker.form(maker.shared("phone_elsewhere_forms").format(*keyed("dialling")[country]))
        if listed and maker.chance(0.35):
            made = maker.pick(listed)
    made = made.strip()
    if country == "US" and maker.chance(0.05):
        made += maker.pick((" x", "x", " ext. ", " ext ")) + str(maker.number(1, 9999))
    return made


def proper_phone(maker: Maker) -> str:
    """A number as the country's plan has it, in one of the usual formats."""
    import phonenumbers

    kind, form = maker.number(0, 1), maker.number(0, 3)
    example = phonenumbers.example_number_for_type(maker.country, kind)
    number = phonenumbers.PhoneNumber()
    number.merge_from(example)
    number.national_number = example.national_number // 10**5 * 10**5 + maker.number(0, 99_999)
    return phonenumbers.format_number(number, form).removeprefix("tel:")


def _said(maker: Maker, digits: str) -> str:
    """Digits as people read them out."""
    words = []
    for place, digit in enumerate(digits):
        if words and digit == digits[place - 1] and maker.chance(0.3) and words[-1] in whole("digits"):
            words[-1] = f"double {words[-1]}"
        else:
            words.append("oh" if digit == "0" and maker.chance(0.5) else whole("digits")[int(digit)])
        if place % 3 == 2 and place + 1 < len(digits) and maker.chance(0.25):
            words[-1] += ","
    return " ".join(words)


@MAKERS.enter("said_phone", PiiType.PHONE)
def said_phone(maker: Maker, number: int) -> str:
    return _said(maker, maker.form("%##%######" if maker.country in ("US", "CA") else "0%########"))


@MAKERS.enter("said_number", PiiType.ACCOUNT)
def said_number(maker: Maker, number: int) -> str:
    return _said(maker, maker.form_of("said_number"))


@MAKERS.enter("said_card", PiiType.CARD)
def said_card(maker: Maker, number: int) -> str:
    return _said(maker, "".join(letter for letter in card_number(maker) if letter.isdigit()))


@MAKERS.enter("said_ssn", PiiType.SSN)
def said_ssn(maker: Maker, number: int) -> str:
    return _said(maker, ssn_digits(maker))
