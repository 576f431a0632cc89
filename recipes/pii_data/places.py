"""Makers of addresses, places and firms."""

from collections.abc import Sequence

from .dates import number_in_words, ordinal
from .labels import PiiType
from .maker import Maker, Makers, Pieces
from .material import half, keyed, whole
from .world import (
    ENGLISH,
    cities,
    coined_firms,
    draw_name,
    drawn_values,
    invented,
    last_names,
    plain_words,
    regions,
    state_codes,
)

MAKERS = Makers()


def a_street(maker: Maker) -> str:
    """The name of a street in an English-speaking country."""
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
    made = f"{house} {a_street(maker)}"
    if maker.chance(0.12):
        made += maker.pick((" Apt ", " Apt. ", " Suite ", " #", " Unit ", " Flat ", " Ste ")) + maker.pick(
            (str(maker.number(1, 400)), maker.form("%?"))
        )
    return made


@MAKERS.enter("street_only", PiiType.ADDRESS)
def street_only(maker: Maker, number: int) -> str:
    """A street without a house."""
    return a_street(maker)


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


def _joined(separator: str, streets: Sequence[str] = (), places: Sequence[str] = ()) -> Pieces:
    """The lines of an address, of the street before those of the place, with a separator between them."""
    lines = [(line, PiiType.ADDRESS) for line in streets] + [(line, PiiType.LOCATION) for line in places]
    return [*lines[:1], *(piece for line in lines[1:] for piece in ((separator, None), line))]


@MAKERS.enter("locality")
def locality(maker: Maker, number: int) -> Pieces:
    """City, region and postcode in the country's order."""
    place = maker.text("city", number)
    code = maker.text("postcode", number)
    if maker.locale in ("en_US", "en_CA", "en_AU"):
        where = maker.text("state", number) if maker.chance(0.8) else maker.text("region", number)
        return _joined(maker.pick((", ", ", ", ", ", " ")), places=(place, f"{where} {code}"))
    if maker.locale in ("en_GB", "en_IE"):
        if maker.chance(0.3):
            return _joined(", ", places=(place, maker.text("region", number), code))
        if maker.chance(0.5):
            return _joined(", ", places=(place, code))
        return [(f"{place} {code}", PiiType.LOCATION)]
    if maker.locale in ("en_NZ", "en_IN"):
        return [(f"{place} {code}", PiiType.LOCATION)]
    return [(f"{code} {place}", PiiType.LOCATION)]


def _block(maker: Maker, number: int, separator: str) -> Pieces:
    streets = [maker.text("street", number)]
    if maker.chance(0.12):
        streets.append(maker.text("flat", number))
    pieces = [*_joined(separator, streets), (separator, None), *maker.value("locality", number)]
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


@MAKERS.enter("any_street", PiiType.ADDRESS)
def any_street(maker: Maker, number: int) -> str:
    """A house in a street as people say it: without the street's kind, by the house's name, at a corner, in words."""
    stem, house = maker.listed("street_stems"), maker.number(1, 4999)
    direction = maker.shared("directions")
    named = maker.listed("house_names")
    return maker.weighted(
        (30, maker.text("street", number)),
        (6, f"{house} {stem}"),
        (4, f"{house} {direction} {stem}"),
        (4, f"{house} {direction} {a_street(maker)}"),
        (6, f"{a_street(maker)} {house}"),
        (4, f"{number_in_words(maker.number(1, 99)).capitalize()} {a_street(maker)}"),
        (2, f"{number_in_words(maker.number(1, 99))} {a_street(maker)}"),
        (4, named),
        (3, f"{maker.number(1, 40)} {named.removeprefix('The ')}"),
        (3, f"Lot {maker.number(1, 99)} {a_street(maker)}"),
        (3, f"{house} Highway {maker.number(1, 99)}"),
        (3, f"{house} {maker.pick(('County Road', 'State Route', 'US-', 'Route', 'FM'))} {maker.number(2, 999)}"),
        (3, f"{maker.number(1, 99)}/{maker.number(1, 199)} {a_street(maker)}"),
        (3, f"{house} {a_street(maker)} {maker.pick(('#', 'Unit ', 'Apt ', 'Ste '))}{maker.form('%?')}"),
        (3, f"{maker.number(1, 60)} {maker.listed('irish_streets')}"),
        (2, f"{house} {maker.pick(('Calle', 'Avenida', 'Rue', 'Via', 'Camino', 'El Camino'))} {stem}"),
    )


@MAKERS.enter("street_low", PiiType.ADDRESS)
def street_low(maker: Maker, number: int) -> str:
    """A house in a street as people type it in chats."""
    return maker.text("any_street", number).lower()


@MAKERS.enter("city_low", PiiType.LOCATION)
def city_low(maker: Maker, number: int) -> str:
    return maker.text("city", number).lower()


@MAKERS.enter("city_up", PiiType.LOCATION)
def city_up(maker: Maker, number: int) -> str:
    return maker.text("city", number).upper()


@MAKERS.enter("place_state")
def place_state(maker: Maker, number: int) -> Pieces:
    """A town with its state, region or country."""
    where = maker.pick(("state", "state", "region", "region", "country"))
    return _joined(", ", places=(maker.text("city", number), maker.text(where, number)))


def _irish(maker: Maker, separator: str) -> Pieces:
    """An address of Ireland, whose lines are a house, a street, a townland, a town, a county and an Eircode."""
    house = maker.number(1, 140)
    road = maker.listed("irish_streets")
    first = maker.pick((f"{house} {road}", f"{house} {road}", maker.listed("house_names"), f"Apartment {house}"))
    streets = [first] if road in first else [first, maker.pick((road, f"{house} {road}"))]
    places = [maker.listed("irish_towns") for _ in range(maker.number(1, 2))]
    county = maker.pick(regions("en_IE")).removeprefix("Co. ")
    places.append(f"{maker.pick(('Co. ', 'Co ', 'County ', ''))}{county}")
    if maker.chance(0.7):
        code = maker.form(maker.pick(("?##", "?##", "D##", "T##"))) + maker.pick((" ", " ", ""))
        places.append(code + maker.form(maker.pick(("??##", "?#?#", "?##?"))))
    return _joined(separator, streets, places)


def _indian(maker: Maker, separator: str) -> Pieces:
    """An address of India: flat, building, area, landmark, town, PIN code."""
    number, area = maker.number(1, 999), maker.listed("indian_areas")
    flat = maker.pick(
        (
            f"Flat No. {number}",
            f"Flat {maker.form('?')}-{number}",
            f"H.No. {number}",
            f"H. No. {maker.form('%-%-###/%#')}",
            f"House No {number}",
            f"{maker.form('?')}-{number}",
            f"Plot No. {number}",
            f"#{number}",
            f"No. {number}/{maker.number(1, 20)}",
            f"{number}/{maker.number(1, 99)}",
            f"Door No. {number}",
            f"Shop No. {number}",
        )
    )
    road = maker.pick(
        (
            f"{ordinal(maker.number(1, 20))} Cross",
            f"{ordinal(maker.number(1, 20))} Main",
            f"Road No. {maker.number(1, 20)}",
            f"Sector {maker.number(1, 90)}",
            f"{maker.listed('street_stems')} Road",
            f"{maker.pick(last_names('en_IN', maker.split))} {maker.pick(('Nagar', 'Marg', 'Street', 'Ganj'))}",
            f"Near {maker.pick(('Metro Station', 'Bus Stand', 'Post Office', 'Railway Station', 'Big Bazaar'))}",
            f"Opp. {maker.pick(('City Mall', 'SBI Bank', 'Govt. School', 'Hanuman Temple'))}",
        )
    )
    streets = [flat]
    if maker.chance(0.6):
        streets.append(maker.listed("indian_houses"))
    if maker.chance(0.7):
        streets.append(road)
    streets.append(area)
    town = maker.pick(cities("en_IN", maker.split))
    code = maker.form("%#####") if maker.chance(0.8) else maker.form("%## ###")
    gap = maker.pick((" ", " ", " - ", "-", ", "))
    pieces = _joined(separator, streets, (f"{town}{gap}{code}" if gap == " " else town,))
    if gap != " ":
        pieces += [(gap, None), (code, PiiType.LOCATION)]
    if maker.chance(0.3):
        pieces += [(separator, None), (maker.pick(regions("en_IN")), PiiType.LOCATION)]
    return pieces


def _any_block(maker: Maker, number: int, separator: str) -> Pieces:
    luck = maker.rng.random()
    if luck < 0.14 or (luck < 0.6 and maker.locale == "en_IN"):
        return _indian(maker, separator)
    if luck < 0.26 or (luck < 0.6 and maker.locale == "en_IE"):
        return _irish(maker, separator)
    if luck < 0.6:
        return _block(maker, number, separator)
    # Premises before or behind the street, the parts that forms ask for left out now and then.
    premises = maker.pick(
        (
            maker.text("flat", number),
            f"{ordinal(maker.number(1, 40))} Floor",
            f"Level {maker.number(1, 40)}",
            maker.listed("house_names"),
            f"Unit {maker.number(1, 99)}",
            f"Room {maker.number(1, 999)}",
            f"PO Box {maker.number(1, 9999)}",
            f"Building {maker.form('?')}",
        )
    )
    street = maker.text("any_street", number)
    streets = maker.weighted((5, (street,)), (3, (premises, street)), (2, (street, premises)))
    pieces = _joined(maker.pick((separator, ", ")), streets)
    ending = maker.pick(("locality", "locality", "locality", "city", "place_state"))
    return [*pieces, (separator, None), *maker.value(ending, number)]


@MAKERS.enter("any_address")
def any_address(maker: Maker, number: int) -> Pieces:
    """A postal address of any country that writes English, on one line, whole or without its end."""
    return _any_block(maker, number, ", ")


@MAKERS.enter("any_lines")
def any_lines(maker: Maker, number: int) -> Pieces:
    return _any_block(maker, number, "\n")


@MAKERS.enter("coordinates", PiiType.LOCATION)
def coordinates(maker: Maker, number: int) -> str:
    north, east = maker.rng.uniform(-80, 80), maker.rng.uniform(-179, 179)
    if maker.chance(0.5):
        return f"{north:.{maker.number(4, 6)}f}, {east:.{maker.number(4, 6)}f}"
    return f"{abs(north):.4f}° {'N' if north > 0 else 'S'}, {abs(east):.4f}° {'E' if east > 0 else 'W'}"


def _firm_of_signs(maker: Maker, surname: str, british: Sequence[str], coined: str, town: str) -> str:
    """A name as over the doors of shops, surgeries, chambers, schools and yards."""
    words, kind, owner = maker.listed("firm_words"), maker.listed("firm_kinds"), maker.listed("firm_owners")
    other, third = maker.pick(british), maker.pick(british)
    both = maker.pick((" & ", " and ", " & ", " + ", ", "))
    stem = maker.listed("street_stems")
    return maker.weighted(
        (14, f"{words} {kind}"),
        (6, f"{maker.pick((town, stem))} {kind}"),
        (4, f"The {maker.pick((words, stem, surname))} {kind}"),
        (8, f"{surname}{both}{other}"),
        (6, f"{surname}{both}{other} {owner}"),
        (5, f"{surname}, {other} {maker.pick(('and', '&'))} {third}{maker.pick(('', '', f' {owner}'))}"),
        (3, f"{surname} {other} LLP"),
        (7, f"{surname} {owner}"),
        (6, f"{surname} {kind}"),
        (3, f"{surname}'s{maker.pick(('', f' {kind}'))}"),
        (5, f"{coined} {kind}{maker.pick(('', f' {owner}', ', Inc.', ', LLC', ' GmbH'))}"),
        (4, f"{words} {kind}, {maker.pick(('Inc.', 'LLC', 'Inc', 'P.C.', 'LLP', 'PLLC'))}"),
        (4, f"{words} {kind} {maker.pick(('Ltd', 'Inc.', 'Ltd.', 'Co.', 'LLC', 'Limited', 'Pty Ltd', 'Corp.'))}"),
        (4, f"{maker.listed('firm_of')} {town}"),
        (3, f"{maker.pick((words, surname, kind))} {maker.pick(('on', 'at', 'by'))} {maker.listed('firm_places')}"),
        (2, f"{words} and {maker.pick(('Gas', 'Light', 'Sons', 'Friends', 'Partners', 'Co.'))}"),
        (8, f"{maker.pick((words, surname, coined, town))} {maker.pick(plain_words(maker.split)).title()}"),
        (2, f"{words} {maker.pick(plain_words(maker.split)).title()} {kind}"),
        (2, f"{maker.form('???')} {kind}"),
        (2, maker.form("???") if maker.chance(0.5) else maker.form("????")),
    )


def _firm_of_everyday(maker: Maker, surname: str, coined: str, town: str) -> str:
    """A small firm: one or two words, and its trade without a legal form."""
    single, shop = maker.listed("firm_singles"), maker.listed("firm_shops")
    first = draw_name(maker.rng, maker.locale, maker.split)[0]
    one = maker.pick((single, single, surname, first, coined, town, maker.listed("firm_heads")))
    joint = maker.pick((" & ", " and ", "+", " + ", " x "))
    return maker.weighted(
        (10, single),
        (16, f"{single} {shop}"),
        (6, f"{single}{joint}{maker.listed('firm_singles')}"),
        (5, f"{one}{joint}{maker.listed('firm_singles')} {shop}"),
        (12, f"{first}'s {shop}"),
        (6, f"{one} {shop}"),
        (8, f"{maker.listed('firm_words')} {shop}"),
        (5, f"{maker.form('?')}{joint}{maker.form('?')} {shop}"),
        (5, f"{maker.form('???')} {shop}"),
        (4, f"{town} {shop}"),
        (3, f"{first} {surname} {shop}"),
        (4, f"The {single} {maker.pick(plain_words(maker.split)).title()}"),
        (16, maker.listed("firm_dresses").replace("X", one)),
    )


@MAKERS.enter("org_low", PiiType.ORGANISATION)
def org_low(maker: Maker, number: int) -> str:
    """A firm as people type it in chats."""
    return maker.text("org", number).lower()


@MAKERS.enter("org_up", PiiType.ORGANISATION)
def org_up(maker: Maker, number: int) -> str:
    """A firm as statements print it."""
    return maker.text("org", number).upper()


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
        (80, _firm_of_signs(maker, surname, british, coined, town)),
        (80, _firm_of_everyday(maker, surname, coined, town)),
        (30 if abroad else 0, maker.pick(abroad or half("known_firms", maker.split))),
    )
