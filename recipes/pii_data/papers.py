"""Makers of the numbers of cards, accounts, papers and vehicles; check digits are right nine times in ten."""

from stdnum import luhn
from stdnum.es import dni
from stdnum.pt import nif

from .dates import some_day
from .labels import PiiType
from .maker import Maker, Makers
from .material import keyed, whole
from .networks import login_parts
from .splits import words
from .world import HAS_NATIONAL_ID, drawn_values

MAKERS = Makers()
WRONG = 0.1
"""How often a number's check digits are wrong."""


def _wrong(maker: Maker, digit: str) -> str:
    """The check digit, or now and then another."""
    return str((int(digit) + maker.number(1, 9)) % 10) if maker.chance(WRONG) else digit


def card_number(maker: Maker) -> str:
    form = maker.pick(whole("card_forms"))
    if form.startswith("5"):
        form = f"5{maker.number(1, 5)}" + "#" * 13
    digits = maker.form(form)
    return digits + _wrong(maker, luhn.calc_check_digit(digits))


@MAKERS.enter("card", PiiType.CARD)
def card(maker: Maker, number: int) -> str:
    digits = card_number(maker)
    if maker.chance(0.05):
        hidden = maker.pick(("**** **** **** ", "xxxx-xxxx-xxxx-", "XXXX XXXX XXXX ", "************", "•••• "))
        return hidden + digits[-4:]
    luck = maker.rng.random()
    if luck < 0.35:
        return digits
    joint = " " if luck < 0.75 else "-"
    if len(digits) == 16:
        return joint.join(digits[place : place + 4] for place in range(0, 16, 4))
    return joint.join((digits[:4], digits[4:10], digits[10:]))


@MAKERS.enter("iban", PiiType.IBAN)
def iban(maker: Maker, number: int) -> str:
    forms = keyed("iban_forms")
    country = maker.country if maker.country in forms and maker.chance(0.8) else maker.pick(tuple(forms))
    account = maker.form(*forms[country])
    check = 98 - int("".join(str(int(letter, 36)) for letter in account + country + "00")) % 97
    if maker.chance(WRONG):
        check = check % 97 + 1
    made = f"{country}{check:02}{account}"
    luck = maker.rng.random()
    if luck < 0.45:
        return made
    if luck < 0.5:
        return made.lower()
    return " ".join(made[place : place + 4] for place in range(0, len(made), 4))


@MAKERS.enter("routing_checked", PiiType.ACCOUNT)
def routing_checked(maker: Maker, number: int) -> str:
    """An ABA routing number with its check digit."""
    digits = f"{maker.pick(('0', '1', '2', '3'))}{maker.number(1, 2)}" + maker.form("######")
    total = sum(int(digit) * weight for digit, weight in zip(digits, (3, 7, 1, 3, 7, 1, 3, 7), strict=True))
    return digits + _wrong(maker, str(-total % 10))


@MAKERS.enter("bic", PiiType.ACCOUNT)
def bic(maker: Maker, number: int) -> str:
    return maker.form("????") + maker.country + maker.form_of("bic_end")


def ssn_digits(maker: Maker) -> str:
    if maker.chance(WRONG):
        return maker.pick(("000", "666", str(maker.number(900, 999)))) + maker.form("######")
    area = maker.number(1, 898)
    return f"{area + (area >= 666):03}{maker.number(1, 99):02}{maker.number(1, 9999):04}"


@MAKERS.enter("ssn", PiiType.SSN)
def ssn(maker: Maker, number: int) -> str:
    digits = ssn_digits(maker)
    luck = maker.rng.random()
    if luck < 0.8:
        return f"{digits[:3]}-{digits[3:5]}-{digits[5:]}"
    if luck < 0.88:
        return digits
    if luck < 0.95:
        return f"{digits[:3]} {digits[3:5]} {digits[5:]}"
    return f"{maker.pick(('XXX-XX-', '***-**-', 'xxx-xx-'))}{digits[5:]}"


def _day_digits(maker: Maker, form: str) -> str:
    return some_day(maker, 1935, 2006).strftime(form)


@MAKERS.enter("cpf")
def cpf(maker: Maker, number: int = 1) -> str:
    """A Brazilian tax payer's number with its two check digits."""
    digits = maker.form("#########")
    for _ in range(2):
        total = sum(int(digit) * weight for digit, weight in zip(reversed(digits), range(2, 12), strict=False))
        digits += _wrong(maker, str(-total % 11 % 10)) if total % 11 > 1 else "0"
    if maker.chance(0.2):
        return digits
    return f"{digits[:3]}.{digits[3:6]}.{digits[6:9]}-{digits[9:]}"


@MAKERS.enter("natid_checked", PiiType.NATIONAL_ID)
def natid_checked(maker: Maker, number: int) -> str:
    """A number by which a state knows a person, of a country whose numbers have a date or a check sign."""
    country = maker.country
    if country == "ES":
        digits = maker.form("########")
        return digits + maker.pick(("", "-")) + dni.calc_check_digit(digits)
    if country == "DK":
        return _day_digits(maker, "%d%m%y") + maker.pick(("-", "")) + maker.form("####")
    if country in ("CZ", "SK"):
        return _day_digits(maker, "%y%m%d") + "/" + maker.form("####")
    if country == "IE":
        digits = maker.form("#######")
        total = sum(int(digit) * (8 - place) for place, digit in enumerate(digits))
        return digits + "WABCDEFGHIJKLMNOPQRSTUV"[total % 23] + maker.pick(("", "A"))
    if country == "PT":
        digits = maker.form("%#######")
        return digits + nif.calc_check_digit(digits)
    if country == "FI":
        day, serial = _day_digits(maker, "%d%m%y"), maker.form("###")
        return f"{day}-{serial}{'0123456789ABCDEFHJKLMNPRSTUVWXY'[int(day + serial) % 31]}"
    if maker.locale in HAS_NATIONAL_ID and maker.chance(0.9):
        return maker.pick(drawn_values("ssn", maker.locale, maker.split))
    return maker.form_of("natid")


@MAKERS.enter("licence", PiiType.DRIVING_LICENCE)
def licence(maker: Maker, number: int) -> str:
    if maker.country == "GB" and maker.chance(0.7):
        stem = (login_parts(maker, number)[1].upper() + "99999")[:5]
        parts = stem, maker.form("#") + f"{maker.number(1, 12):02}{maker.number(1, 28):02}" + maker.form("#"), "?9***"
        return maker.pick(("", "", " ")).join((*parts[:2], maker.form(parts[2])))
    return maker.form_of("licence")


@MAKERS.enter("tax_abroad", PiiType.TAX_ID)
def tax_abroad(maker: Maker, number: int) -> str:
    vat = drawn_values("vat_id", maker.locale, maker.split)
    return maker.pick(vat) if vat and maker.chance(0.6) else maker.form_of("tax")


@MAKERS.enter("mrn", PiiType.MEDICAL_ID)
def mrn(maker: Maker, number: int) -> str:
    if maker.country == "GB" and maker.chance(0.5):
        while True:
            digits = maker.form("%########")
            check = 11 - sum(int(digit) * (10 - place) for place, digit in enumerate(digits)) % 11
            if check != 10:
                break
        digits += _wrong(maker, str(check % 11))
        return digits if maker.chance(0.3) else f"{digits[:3]} {digits[3:6]} {digits[6:]}"
    return maker.form_of("mrn")


@MAKERS.enter("plate_abroad", PiiType.PLATE)
def plate_abroad(maker: Maker, number: int) -> str:
    listed = drawn_values("license_plate", maker.locale, maker.split)
    return maker.pick(listed).replace("•", " ") if listed and maker.chance(0.8) else maker.form_of("plate")


_VIN_VALUES = {
    **{str(digit): digit for digit in range(10)},
    **dict(zip("ABCDEFGHJKLMNPRSTUVWXYZ", (*range(1, 9), *range(1, 6), 7, 9, *range(2, 10)), strict=True)),
}
_VIN_WEIGHTS = (8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2)
_VIN_LETTERS = "ABCDEFGHJKLMNPRSTUVWXYZ0123456789"


@MAKERS.enter("vin", PiiType.VIN)
def vin(maker: Maker, number: int) -> str:
    maker_code = maker.pick(words("1HG 1FT 1G1 2T1 3VW 4T1 5YJ JHM JN1 KMH SAL WBA WDB WVW YV1 ZFA 1C4 2HG 5UX VF1"))
    letters = list(maker_code + "".join(maker.pick(_VIN_LETTERS) for _ in range(10)) + maker.form("####"))
    remainder = sum(_VIN_VALUES[letter] * weight for letter, weight in zip(letters, _VIN_WEIGHTS, strict=True)) % 11
    letters[8] = "0123456789X"[(remainder + maker.chance(WRONG)) % 11]
    return "".join(letters)
