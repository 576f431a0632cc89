"""Makers of the national numbers of six languages' countries, and of the parts of dates, addresses and telephones.

Check digits are python-stdnum's, and right nine times in ten. Sources of the forms are the states' own descriptions, as
it quotes them.
"""

import string
from collections.abc import Callable, Mapping
from functools import cache

from stdnum import ean
from stdnum.es import dni as es_dni
from stdnum.iso7064 import mod_11_10
from stdnum.it import codicefiscale
from stdnum.pt import nif as pt_nif

from .labels import PiiType
from .maker import Maker, Makers
from .material import FOLDER, keyed, read_sections
from .networks import login_parts
from .papers import WRONG, cpf
from .splits import Split, part_of
from .telephones import proper_phone
from .values import read_values
from .world import drawn_values, provider

MAKERS = Makers()


def _slip(maker: Maker, right: str, signs: str = string.digits) -> str:
    """The check digit, or now and then another sign."""
    return maker.pick(signs) if maker.chance(WRONG) else right


def _grouped(maker: Maker, text: str, *sizes: int, joint: str = " ") -> str:
    """A number in groups of these sizes, or now and then in one."""
    if maker.chance(0.45):
        return text
    parts, place = [], 0
    for size in sizes:
        parts.append(text[place : place + size])
        place += size
    return joint.join((*parts, text[place:]) if place < len(text) else parts)


def steuer_id(maker: Maker) -> str:
    """A German tax payer's number: one digit twice, check digit of ISO 7064 mod 11, 10."""
    digits = list("0123456789")
    maker.rng.shuffle(digits)
    digits[9] = digits[maker.number(0, 8)]
    if digits[0] == "0":
        digits[0], digits[1] = digits[1], digits[0]
    number = "".join(digits)
    return _grouped(maker, number + _slip(maker, mod_11_10.calc_check_digit(number)), 2, 3, 3, 3)


def _pension(maker: Maker) -> str:
    """A German pension insurance number; its letter is that of the birth name."""
    letter = (login_parts(maker, 1)[1].upper() or "X")[0]
    made = f"{maker.number(2, 89):02}{_birth(maker, 'dmy')}{letter}{maker.form('###')}"
    return _grouped(maker, made, 2, 6, 1, 3)


def _birth(maker: Maker, order: str) -> str:
    parts = {"d": maker.number(1, 28), "m": maker.number(1, 12), "y": maker.number(35, 99)}
    return "".join(f"{parts[name]:02}" for name in order)


def ahv(maker: Maker) -> str:
    """A Swiss social insurance number, with the check digit of EAN-13."""
    digits = "756" + maker.form("#########")
    digits += _slip(maker, ean.calc_check_digit(digits))
    return digits if maker.chance(0.2) else f"{digits[:3]}.{digits[3:7]}.{digits[7:11]}.{digits[11:]}"


def nir(maker: Maker) -> str:
    """A French social security number with its key, 97 less the number modulo 97."""
    digits = f"{maker.number(1, 2)}{_birth(maker, 'ym')}{maker.number(1, 95):02}{maker.form('######')}"
    key = 97 - int(digits) % 97
    key = key % 97 + 1 if maker.chance(WRONG) else key
    return _grouped(maker, f"{digits}{key:02}", 1, 2, 2, 2, 3, 3, 2)


_DNI = "TRWAGMYFPDXBNJZSQVHLCKE"


def dni(maker: Maker) -> str:
    """A Spanish identity number, or that of a foreigner."""
    if maker.chance(0.3):
        digits = maker.form("#######")
        first = maker.number(0, 2)
        joint = maker.pick(("", "", "-"))
        return f"{'XYZ'[first]}{joint}{digits}{joint}{_slip(maker, es_dni.calc_check_digit(f'{first}{digits}'), _DNI)}"
    digits = maker.form("########")
    letter = _slip(maker, es_dni.calc_check_digit(digits), _DNI)
    if maker.chance(0.15):
        digits = f"{digits[:2]}.{digits[2:5]}.{digits[5:]}"
    return digits + maker.pick(("", "", "-", " ")) + letter


def codice_fiscale(maker: Maker) -> str:
    """An Italian tax code: consonants of the names, day and town of birth, a check letter."""

    def three(name: str) -> str:
        letters = [letter for letter in name.upper() if letter in string.ascii_uppercase]
        ordered = [one for one in letters if one not in "AEIOU"] + [one for one in letters if one in "AEIOU"]
        return "".join(ordered + ["X"] * 3)[:3]

    first, last = login_parts(maker, 1)
    day = maker.number(1, 28) + 40 * maker.chance(0.5)
    code = f"{three(last)}{three(first)}{maker.number(35, 99)}{maker.pick('ABCDEHLMPRST')}{day:02}"
    code += maker.pick("ABCDEFGHIL") + maker.form("###")
    code += _slip(maker, codicefiscale.calc_check_digit(code), string.ascii_uppercase)
    made = _grouped(maker, code, 3, 3, 5, 5) if maker.chance(0.3) else code
    return made.lower() if maker.chance(0.05) else made


def bsn(maker: Maker) -> str:
    """A Dutch citizen's number, by the test of eleven."""
    while True:
        digits = maker.form("%#######")
        check = sum(int(digit) * (9 - place) for place, digit in enumerate(digits)) % 11
        if check < 10:
            return _grouped(maker, digits + _slip(maker, str(check)), 3, 3, 3, joint=maker.pick((" ", ".")))


def _register(maker: Maker) -> str:
    """A Belgian register number: a birth date, a count, 97 less the nine digits modulo 97."""
    digits = _birth(maker, "ymd") + maker.form("###")
    digits += f"{97 - int(digits) % 97:02}"
    if maker.chance(0.3):
        return digits
    return f"{digits[:2]}.{digits[2:4]}.{digits[4:6]}-{digits[6:9]}.{digits[9:]}"


def _insured(maker: Maker) -> str:
    """An Austrian insurance number, which ends in the birth date."""
    return _grouped(maker, maker.form("%###") + _birth(maker, "dmy"), 4, 6)


def _curp(maker: Maker) -> str:
    """A Mexican's number in the register of the population."""
    return maker.form(f"????{_birth(maker, 'ymd')}{maker.pick('HM')}?????#*")


def _rfc(maker: Maker) -> str:
    """A Mexican tax payer's number."""
    return maker.form(f"????{_birth(maker, 'ymd')}***")


def nif(maker: Maker) -> str:
    """A Portuguese tax payer's number."""
    digits = maker.pick("123") + maker.form("#######")
    return _grouped(maker, digits + _slip(maker, pt_nif.calc_check_digit(digits)), 3, 3, 3)


_PROVEN: Mapping[str, Mapping[str, tuple[Callable[[Maker], str], float]]] = {
    "natid": {
        "DE": (_pension, 0.3),
        "AT": (_insured, 1.0),
        "CH": (ahv, 1.0),
        "FR": (nir, 0.75),
        "BE": (_register, 1.0),
        "ES": (dni, 1.0),
        "MX": (_curp, 1.0),
        "IT": (codice_fiscale, 0.8),
        "NL": (bsn, 1.0),
        "PT": (nif, 0.3),
        "BR": (cpf, 0.6),
    },
    "tax": {
        "DE": (steuer_id, 0.6),
        "ES": (dni, 0.4),
        "MX": (_rfc, 1.0),
        "IT": (codice_fiscale, 0.4),
        "PT": (nif, 1.0),
        "BR": (cpf, 0.6),
    },
}
"""The makers of numbers with an inner form, by country, and how often one is used instead of a plain form."""


def _national(maker: Maker, kind: str) -> str:
    proven = _PROVEN[kind].get(maker.country)
    if proven and maker.chance(proven[1]):
        return proven[0](maker)
    return maker.form(maker.pick(keyed(f"european_forms {kind}")[maker.country]))


@MAKERS.enter("natid", PiiType.NATIONAL_ID)
def natid(maker: Maker, number: int) -> str:
    """A number by which a state knows a person, of the country of the text."""
    return _national(maker, "natid")


@MAKERS.enter("tax", PiiType.TAX_ID)
def tax(maker: Maker, number: int) -> str:
    """A tax payer's number, a person's or a firm's."""
    return _national(maker, "tax")


@MAKERS.enter("ssn", PiiType.NATIONAL_ID)
def ssn(maker: Maker, number: int) -> str:
    """A number of the social insurance, which is the national one in most of these countries."""
    if maker.country == "DE":
        return _pension(maker)
    if maker.country == "ES":
        return _grouped(maker, maker.form("############"), 2, 8, 2, joint=maker.pick((" ", "/")))
    if maker.country in ("PT", "MX"):
        return maker.form("###########")
    return natid(maker, number)


@MAKERS.enter("phone_of_plan", PiiType.PHONE)
def phone_of_plan(maker: Maker, number: int) -> str:
    """A telephone number as the country's plan has it."""
    return proper_phone(maker)


@MAKERS.enter("street_of_faker", PiiType.ADDRESS)
def street_of_faker(maker: Maker, number: int) -> str:
    """A street without a house, as Faker makes it; none in English."""
    listed = drawn_values("street_name", "fr_FR" if maker.locale == "fr_BE" else maker.locale, maker.split)
    return maker.pick(listed)


@MAKERS.enter("lorem")
def lorem(maker: Maker, number: int) -> str:
    """An ordinary word of the language; of its own list where Faker has none."""
    locale = {"de_CH": "de_DE", "fr_BE": "fr_FR", "fr_CH": "fr_FR"}.get(maker.locale, maker.locale)
    if locale[:2] == "pt":
        return maker.template("object" if maker.chance(0.8) else "adjective")
    return maker.pick(_lorem_words(locale, maker.split))


@cache
def _lorem_words(locale: str, split: Split) -> tuple[str, ...]:
    return part_of(provider("lorem", locale).word_list, split)


MAKERS.values.update(read_values(read_sections(FOLDER / "europe" / "values.txt")))
