"""Makers of the values that no rows say: people, and what Faker or the material lists for a
country.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import cache

from .changes import ascii_of
from .labels import PiiType
from .maker import Maker, Value
from .material import half, keyed, whole
from .splits import Split, part_of
from .world import (
    ENGLISH,
    FAMILY_FIRST,
    HAS_NATIONAL_ID,
    UNSPACED,
    cities,
    coined_firms,
    coined_name,
    draw_name,
    drawn_values,
    first_names,
    fresh_value,
    invented,
    last_names,
    plain_words,
    provider,
    regions,
    state_codes,
)


def _login(name: str, others: Sequence[str], maker: Maker) -> str:
    """A name as it stands in an address; one in another script is written in Latin letters
    there.
    """
    return ascii_of(name) or ascii_of(maker.pick(others))


def _full(maker: Maker, number: int) -> str:
    """First and last name in the usual order of where the person is from."""
    person = maker.person(number)
    if person.origin in UNSPACED:
        return person.last + person.first
    if person.origin in FAMILY_FIRST and maker.chance(0.6):
        return f"{person.last} {person.first}"
    return f"{person.first} {person.last}"


def _name(maker: Maker, number: int) -> str:
    is_unspaced = maker.person(number).origin in UNSPACED
    return (
        maker.text("full", number) if is_unspaced else maker.fresh("name_in_letters", number)[0][0]
    )


def phone_of_plan(maker: Maker, country: str) -> str:
    """A telephone number as a country's plan has it, in one of the usual formats."""
    import phonenumbers

    kind, form = maker.number(0, 1), maker.number(0, 3)
    example = phonenumbers.example_number_for_type(country, kind)
    number = phonenumbers.PhoneNumber()
    number.merge_from(example)
    number.national_number = example.national_number // 10**5 * 10**5 + maker.number(0, 99_999)
    return phonenumbers.format_number(number, form).removeprefix("tel:")


def said(maker: Maker, digits: str) -> str:
    """Digits as people read them out."""
    words: list[str] = []
    for place, digit in enumerate(digits):
        if (
            words
            and digit == digits[place - 1]
            and maker.chance(0.3)
            and words[-1] in whole("digits")
        ):
            words[-1] = f"double {words[-1]}"
        else:
            words.append(
                "oh" if digit == "0" and maker.chance(0.5) else whole("digits")[int(digit)]
            )
        if place % 3 == 2 and place + 1 < len(digits) and maker.chance(0.25):
            words[-1] += ","
    return " ".join(words)


def _iban_signs(maker: Maker, number: int) -> str:
    """The letters and digits of an IBAN, mostly one of the text's country; its check digits are
    any.
    """
    forms = keyed("iban_forms")
    country = (
        maker.country if maker.country in forms and maker.chance(0.8) else maker.pick(tuple(forms))
    )
    return maker.form(f"{country}##{forms[country][0]}")


def _tax_digits(maker: Maker, number: int) -> str:
    """The digits of a German tax payer, one of them twice; the last is to be checked."""
    digits = list("0123456789")
    maker.rng.shuffle(digits)
    digits[9] = digits[maker.number(0, 8)]
    return "".join(digits) + maker.form("#")


def _ordinary_word(maker: Maker, number: int) -> str:
    """An ordinary word of the language; of its own list where Faker has none."""
    locale = {"de_CH": "de_DE", "fr_BE": "fr_FR", "fr_CH": "fr_FR"}.get(maker.locale, maker.locale)
    if locale[:2] == "pt":
        return maker.template("object" if maker.chance(0.8) else "adjective")
    return maker.pick(_lorem_words(locale, maker.split))


@cache
def _lorem_words(locale: str, split: Split) -> tuple[str, ...]:
    return part_of(provider("lorem", locale).word_list, split)


def _pool(label: PiiType | None, pool: Callable[[Maker], Sequence[str]]) -> Value:
    """A value that is drawn from a list of Faker's or of the material's."""
    return Value(label, lambda maker, number: maker.pick(pool(maker)))


def _drawn(kind: str, otherwise: str) -> Value:
    """What Faker makes by one of its methods in the text's country, or now and then, or always,
    another value.
    """

    def make(maker: Maker, number: int) -> str:
        known = kind != "ssn" or maker.locale in HAS_NATIONAL_ID
        listed = drawn_values(kind, maker.locale, maker.split) if known else ()
        return maker.pick(listed) if listed and maker.chance(0.8) else maker.fresh(otherwise)[0][0]

    return Value(None, make)


VALUES: Mapping[str, Value] = {
    "first": Value(PiiType.PERSON, lambda maker, number: maker.person(number).first),
    "last": Value(PiiType.PERSON, lambda maker, number: maker.person(number).last),
    "middle": Value(PiiType.PERSON, lambda maker, number: maker.person(number).middle),
    "other_first": Value(None, lambda maker, number: maker.another().person().first),
    "other_last": Value(None, lambda maker, number: maker.another().person().last),
    "title": Value(None, lambda maker, number: maker.pick(maker.person(number).titles)),
    "they": Value(None, lambda maker, number: maker.person(number).pronouns[0]),
    "their": Value(None, lambda maker, number: maker.person(number).pronouns[1]),
    "them": Value(None, lambda maker, number: maker.person(number).pronouns[2]),
    "full": Value(PiiType.PERSON, _full),
    "name": Value(PiiType.PERSON, _name),
    "login_first": Value(
        None,
        lambda maker, number: _login(
            maker.person(number).first, half("romanised_first", maker.split), maker
        ),
    ),
    "login_last": Value(
        None,
        lambda maker, number: _login(
            maker.person(number).last, half("romanised_last", maker.split), maker
        ),
    ),
    "middle_name": _pool(
        PiiType.PERSON,
        lambda maker: first_names(
            "en_US" if maker.locale in ENGLISH else maker.locale, maker.split
        ),
    ),
    "first_name_here": Value(
        None, lambda maker, number: draw_name(maker.rng, maker.locale, maker.split)[0]
    ),
    "coined_name": Value(None, lambda maker, number: coined_name(maker.rng, maker.split)),
    "surname_gb": _pool(None, lambda maker: last_names("en_GB", maker.split)),
    "surname_us": _pool(None, lambda maker: last_names("en_US", maker.split)),
    "surname_in": _pool(None, lambda maker: last_names("en_IN", maker.split)),
    "surname_here": _pool(
        None, lambda maker: last_names("en_US" if maker.country == "US" else "en_GB", maker.split)
    ),
    "invented_surname": _pool(None, lambda maker: invented(maker.split)),
    "plain_word": _pool(None, lambda maker: plain_words(maker.split)),
    "lorem": Value(None, _ordinary_word),
    "coined_firm": _pool(None, lambda maker: coined_firms(maker.split)),
    "firm_abroad": _pool(None, lambda maker: drawn_values("company", maker.locale, maker.split)),
    "city": _pool(PiiType.LOCATION, lambda maker: cities(maker.locale, maker.split)),
    "town_here": _pool(None, lambda maker: cities(maker.locale, maker.split)),
    "town_in": _pool(PiiType.LOCATION, lambda maker: cities("en_IN", maker.split)),
    "home_country": _pool(PiiType.LOCATION, lambda maker: keyed("home")[maker.country]),
    "irish_county": _pool(
        None, lambda maker: [county.removeprefix("Co. ") for county in regions("en_IE")]
    ),
    "region_in": _pool(PiiType.LOCATION, lambda maker: regions("en_IN")),
    "region": Value(
        PiiType.LOCATION,
        lambda maker, number: maker.pick(regions(maker.locale) or [maker.text("city", number)]),
    ),
    "state": Value(
        PiiType.LOCATION,
        lambda maker, number: maker.pick(
            state_codes(maker.locale) or [maker.text("region", number)]
        ),
    ),
    "postcode_abroad": _pool(
        None, lambda maker: drawn_values("postcode", maker.locale, maker.split)
    ),
    "street_abroad": Value(
        None,
        lambda maker, number: maker.pick(
            drawn_values("street_address", maker.locale, maker.split)
        ).replace(",", ""),
    ),
    "street_of_faker": _pool(
        PiiType.ADDRESS,
        lambda maker: drawn_values(
            "street_name", "fr_FR" if maker.locale == "fr_BE" else maker.locale, maker.split
        ),
    ),
    "phone_of_plan": Value(
        PiiType.PHONE, lambda maker, number: phone_of_plan(maker, maker.country)
    ),
    "phone_drawn": Value(
        None, lambda maker, number: fresh_value(maker.rng, "phone_number", maker.locale)
    ),
    "dialling_code": _pool(None, lambda maker: keyed("dialling")[maker.country]),
    "phone_of_faker": _drawn("phone_number", "phone_in_form"),
    "said_phone": Value(
        PiiType.PHONE, lambda maker, number: said(maker, maker.fresh("phone_digits")[0][0])
    ),
    "said_number": Value(
        PiiType.ACCOUNT, lambda maker, number: said(maker, maker.form("########"))
    ),
    "said_card": Value(
        PiiType.CARD, lambda maker, number: said(maker, maker.fresh("card_digits")[0][0])
    ),
    "said_ssn": Value(
        PiiType.SSN, lambda maker, number: said(maker, maker.fresh("ssn_digits")[0][0])
    ),
    "iban_signs": Value(None, _iban_signs),
    "tax_digits": Value(None, _tax_digits),
    "natid_abroad": _drawn("ssn", "natid_form"),
    "vat_abroad": _drawn("vat_id", "tax_form"),
    "plate_abroad": _drawn("license_plate", "plate_form"),
    "country_code": Value(None, lambda maker, number: maker.country),
}
