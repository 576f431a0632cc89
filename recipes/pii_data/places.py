"""Makers of places and firms from lists, and of what rows do not say; the rows are in `material/values/places.txt`."""

from collections.abc import Callable, Sequence
from functools import partial

from .labels import PiiType
from .maker import Maker, Makers, Pieces
from .material import keyed, whole
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

_POOLS: dict[str, tuple[PiiType | None, Callable[[Maker], Sequence[str]]]] = {
    "city": (PiiType.LOCATION, lambda maker: cities(maker.locale, maker.split)),
    "coined_firm": (None, lambda maker: coined_firms(maker.split)),
    "firm_abroad": (None, lambda maker: drawn_values("company", maker.locale, maker.split)),
    "home_country": (PiiType.LOCATION, lambda maker: keyed("home")[maker.country]),
    "invented_surname": (None, lambda maker: invented(maker.split)),
    "irish_county": (None, lambda maker: [county.removeprefix("Co. ") for county in regions("en_IE")]),
    "plain_word": (None, lambda maker: plain_words(maker.split)),
    "region_in": (PiiType.LOCATION, lambda maker: regions("en_IN")),
    "surname_gb": (None, lambda maker: last_names("en_GB", maker.split)),
    "surname_here": (None, lambda maker: last_names("en_US" if maker.country == "US" else "en_GB", maker.split)),
    "surname_in": (None, lambda maker: last_names("en_IN", maker.split)),
    "surname_us": (None, lambda maker: last_names("en_US", maker.split)),
    "town_here": (None, lambda maker: cities(maker.locale, maker.split)),
    "town_in": (PiiType.LOCATION, lambda maker: cities("en_IN", maker.split)),
}
"""Lists of Faker's and of the material that values are drawn from, with their labels."""


def _of_pool(maker: Maker, number: int, pool: Callable[[Maker], Sequence[str]]) -> str:
    return maker.pick(pool(maker))


for _name, (_label, _pool) in _POOLS.items():
    MAKERS.enter(_name, _label)(partial(_of_pool, pool=_pool))


@MAKERS.enter("first_name_here")
def first_name_here(maker: Maker, number: int) -> str:
    return draw_name(maker.rng, maker.locale, maker.split)[0]


@MAKERS.enter("street_abroad")
def street_abroad(maker: Maker, number: int) -> str:
    return maker.pick(drawn_values("street_address", maker.locale, maker.split)).replace(",", "")


@MAKERS.enter("region", PiiType.LOCATION)
def region(maker: Maker, number: int) -> str:
    listed = regions(maker.locale)
    return maker.pick(listed) if listed else maker.text("city", number)


@MAKERS.enter("state", PiiType.LOCATION)
def state(maker: Maker, number: int) -> str:
    listed = state_codes(maker.locale)
    return maker.pick(listed) if listed else maker.text("region", number)


@MAKERS.enter("postcode", PiiType.LOCATION)
def postcode(maker: Maker, number: int) -> str:
    if maker.locale in ENGLISH:
        return maker.form(maker.pick(whole(f"postcode {maker.locale}")))
    return maker.pick(drawn_values("postcode", maker.locale, maker.split))


@MAKERS.enter("with_premises")
def with_premises(maker: Maker, number: int) -> Pieces:
    """An address with premises before or behind the street, the parts that forms ask for left out now and then."""
    premises, street = maker.anew("premises", number), maker.value("any_street", number)
    lines = maker.weighted((5, [street]), (3, [premises, street]), (2, [street, premises]))
    joint = maker.pick(("¶", ", "))
    pieces = [piece for line in lines for piece in ((joint, None), *line)][1:]
    ending = maker.pick(("locality", "locality", "locality", "city", "place_state"))
    return [*pieces, ("¶", None), *maker.value(ending, number)]


def _separated(maker: Maker, number: int, block: str, separator: str) -> Pieces:
    return [(text.replace("¶", separator), label) for text, label in maker.anew(block, number)]


for _name, _block, _separator in (
    ("address", "block", ", "),
    ("address_lines", "block", "\n"),
    ("any_address", "any_block", ", "),
    ("any_lines", "any_block", "\n"),
):
    MAKERS.enter(_name)(partial(_separated, block=_block, separator=_separator))


@MAKERS.enter("coordinates", PiiType.LOCATION)
def coordinates(maker: Maker, number: int) -> str:
    north, east = maker.rng.uniform(-80, 80), maker.rng.uniform(-179, 179)
    if maker.chance(0.5):
        return f"{north:.{maker.number(4, 6)}f}, {east:.{maker.number(4, 6)}f}"
    return f"{abs(north):.4f}° {'N' if north > 0 else 'S'}, {abs(east):.4f}° {'E' if east > 0 else 'W'}"
