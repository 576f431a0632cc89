"""Makers of addresses, places and firms."""

from .dates import ordinal
from .labels import PiiType
from .maker import Maker, Makers, Pieces
from .material import half, keyed, whole
from .world import ENGLISH, cities, coined_firms, drawn_values, invented, last_names, regions, state_codes

MAKERS = Makers()


def _street_english(maker: Maker) -> str:
    ends = whole(f"street_ends {'en_GB' if maker.locale in ('en_GB', 'en_IE') else 'en_US'}")
    stem = maker.listed("street_stems")
    luck = maker.rng.random()
    if luck < 0.15:
        stem = maker.pick(last_names("en_US" if maker.locale == "en_US" else "en_GB", maker.split))
    elif luck < 0.2:
        stem = maker.pick(invented(maker.split))
    elif luck < 0.27 and maker.locale in ("en_US", "en_CA"):
        stem = ordinal(maker.number(1, 120))
    street = f"{stem} {maker.pick(ends)}"
    if maker.locale in ("en_US", "en_CA") and maker.chance(0.15):
        street = f"{maker.shared('directions')} {street}"
    return street


@MAKERS.enter("street", PiiType.ADDRESS)
def street(maker: Maker, number: int) -> str:
    """A house in a street, on one line without commas."""
    if maker.locale not in ENGLISH:
        return maker.pick(drawn_values("street_address", maker.locale, maker.split)).replace(",", "")
    luck = maker.rng.random()
    if luck < 0.04:
        return f"{maker.pick(('PO Box', 'P.O. Box', 'P. O. Box'))} {maker.number(1, 9999)}"
    if luck < 0.07 and maker.locale == "en_GB":
        return f"{maker.listed('street_stems')} {maker.pick(('Cottage', 'House', 'Lodge', 'Farm', 'Hall'))}"
    house = str(maker.number(1, 200 if maker.locale in ("en_GB", "en_IE", "en_NZ") or maker.chance(0.3) else 9999))
    if maker.chance(0.06):
        house += maker.pick(("A", "B", "a", "b", "-B", "/2", "-4"))
    made = f"{house} {_street_english(maker)}"
    if maker.chance(0.12):
        made += maker.pick((" Apt ", " Apt. ", " Suite ", " #", " Unit ", " Flat ", " Ste ")) + maker.pick(
            (str(maker.number(1, 400)), maker.form("%?"))
        )
    return made


@MAKERS.enter("street_only", PiiType.ADDRESS)
def street_only(maker: Maker, number: int) -> str:
    """A street without a house."""
    return _street_english(maker)


@MAKERS.enter("flat", PiiType.ADDRESS)
def flat(maker: Maker, number: int) -> str:
    kind = maker.pick(("Apt", "Apt.", "Suite", "Unit", "Flat", "Floor", "Apartment", "Room", "Bldg"))
    return f"{kind} {maker.pick((str(maker.number(1, 400)), maker.form('%?')))}"


@MAKERS.enter("city", PiiType.LOCATION)
def city(maker: Maker, number: int) -> str:
    return maker.pick(cities(maker.locale, maker.split))


@MAKERS.enter("region", PiiType.LOCATION)
def region(maker: Maker, number: int) -> str:
    listed = regions(maker.locale)
    return maker.pick(listed) if listed else maker.text("city", number)


@MAKERS.enter("state", PiiType.LOCATION)
def state(maker: Maker, number: int) -> str:
    listed = state_codes(maker.locale)
    return maker.pick(listed) if listed else maker.text("region", number)


@MAKERS.enter("country", PiiType.LOCATION)
def country(maker: Maker, number: int) -> str:
    return maker.pick(keyed("home")[maker.country]) if maker.chance(0.6) else maker.shared("countries")


@MAKERS.enter("postcode", PiiType.LOCATION)
def postcode(maker: Maker, number: int) -> str:
    if maker.locale in ENGLISH:
        return maker.form(maker.pick(whole(f"postcode {maker.locale}")))
    return maker.pick(drawn_values("postcode", maker.locale, maker.split))


@MAKERS.enter("locality")
def locality(maker: Maker, number: int) -> Pieces:
    """City, region and postcode in the country's order."""
    place = maker.text("city", number)
    code = maker.text("postcode", number)
    if maker.locale in ("en_US", "en_CA", "en_AU"):
        where = maker.text("state", number) if maker.chance(0.8) else maker.text("region", number)
        return [
            (place, PiiType.LOCATION),
            (maker.pick((", ", ", ", ", ", " ")), None),
            (f"{where} {code}", PiiType.LOCATION),
        ]
    if maker.locale in ("en_GB", "en_IE"):
        if maker.chance(0.3):
            return [
                (place, PiiType.LOCATION),
                (", ", None),
                (maker.text("region", number), PiiType.LOCATION),
                (", ", None),
                (code, PiiType.LOCATION),
            ]
        return (
            [(place, PiiType.LOCATION), (", ", None), (code, PiiType.LOCATION)]
            if maker.chance(0.5)
            else [(f"{place} {code}", PiiType.LOCATION)]
        )
    if maker.locale in ("en_NZ", "en_IN"):
        return [(f"{place} {code}", PiiType.LOCATION)]
    return [(f"{code} {place}", PiiType.LOCATION)]


def _block(maker: Maker, number: int, separator: str) -> Pieces:
    pieces: Pieces = [(maker.text("street", number), PiiType.ADDRESS)]
    if maker.chance(0.12):
        pieces += [(separator, None), (maker.text("flat", number), PiiType.ADDRESS)]
    pieces += [(separator, None), *maker.value("locality", number)]
    if maker.chance(0.2):
        pieces += [(separator, None), (maker.pick(keyed("home")[maker.country]), PiiType.LOCATION)]
    return pieces


@MAKERS.enter("address")
def address(maker: Maker, number: int) -> Pieces:
    """A postal address on one line."""
    return _block(maker, number, ", ")


@MAKERS.enter("address_lines")
def address_lines(maker: Maker, number: int) -> Pieces:
    return _block(maker, number, "\n")


@MAKERS.enter("coordinates", PiiType.LOCATION)
def coordinates(maker: Maker, number: int) -> str:
    north, east = maker.rng.uniform(-80, 80), maker.rng.uniform(-179, 179)
    if maker.chance(0.5):
        return f"{north:.{maker.number(4, 6)}f}, {east:.{maker.number(4, 6)}f}"
    return f"{abs(north):.4f}° {'N' if north > 0 else 'S'}, {abs(east):.4f}° {'E' if east > 0 else 'W'}"


@MAKERS.enter("org", PiiType.ORGANISATION)
def org(maker: Maker, number: int) -> str:
    coined = maker.pick(coined_firms(maker.split))
    british = last_names("en_GB", maker.split)
    surname = maker.pick(british) if maker.chance(0.7) else maker.pick(invented(maker.split))
    town = maker.pick(cities(maker.locale, maker.split))
    trade, suffix = maker.listed("trades"), maker.shared("corporate")
    abroad = drawn_values("company", maker.locale, maker.split) if maker.locale not in ENGLISH else ()
    return maker.weighted(
        (16, maker.listed("known_firms")),
        (14, f"{coined} {suffix}"),
        (6, coined),
        (12, f"{coined} {trade}"),
        (6, f"{surname} {trade}"),
        (8, f"{surname} {maker.listed('families')}"),
        (3, f"{surname} & {maker.listed('kin')} {trade}"),
        (4, f"{surname}, {maker.pick(british)} & {maker.pick(last_names('en_US', maker.split))}"),
        (18, maker.listed("public_bodies").replace("X", town)),
        (4, f"{maker.pick(('St', 'St.', 'Saint'))} {maker.listed('saints')}{maker.listed('of_saints')}"),
        (3, f"{maker.pick(('The ', 'The ', ''))}{maker.listed('signboards')}{maker.listed('houses')}"),
        (4, f"{maker.listed('user_words').title()}{maker.listed('pass_words').title()} {trade}"),
        (6, f"{coined} {trade} {suffix}"),
        (5, f"{surname} {trade} {suffix}"),
        (5, f"{town} {trade}"),
        (30 if abroad else 0, maker.pick(abroad or half("known_firms", maker.split))),
    )
