"""Makers of what people's names are made of; the many ways to write them are in `material/values/people.txt`."""

from functools import partial

from .labels import PiiType
from .maker import Maker, Makers
from .world import ENGLISH, FAMILY_FIRST, UNSPACED, first_names, wordy

MAKERS = Makers()


@MAKERS.enter("first", PiiType.PERSON)
def first(maker: Maker, number: int) -> str:
    return maker.person(number).first


@MAKERS.enter("last", PiiType.PERSON)
def last(maker: Maker, number: int) -> str:
    return maker.person(number).last


@MAKERS.enter("middle", PiiType.PERSON)
def middle(maker: Maker, number: int) -> str:
    return maker.person(number).middle


@MAKERS.enter("middle_name", PiiType.PERSON)
def middle_name(maker: Maker, number: int) -> str:
    return maker.pick(first_names("en_US" if maker.locale in ENGLISH else maker.locale, maker.split))


@MAKERS.enter("title")
def title(maker: Maker, number: int) -> str:
    return maker.pick(maker.person(number).titles)


@MAKERS.enter("full", PiiType.PERSON)
def full(maker: Maker, number: int) -> str:
    """First and last name in the usual order of where the person is from."""
    person = maker.person(number)
    if person.origin in UNSPACED:
        return person.last + person.first
    if person.origin in FAMILY_FIRST and maker.chance(0.6):
        return f"{person.last} {person.first}"
    return f"{person.first} {person.last}"


@MAKERS.enter("name", PiiType.PERSON)
def name(maker: Maker, number: int) -> str:
    is_unspaced = maker.person(number).origin in UNSPACED
    return maker.text("full", number) if is_unspaced else maker.anew("name_in_letters", number)[0][0]


@MAKERS.enter("spelled", PiiType.PERSON)
def spelled(maker: Maker, number: int) -> str:
    """A last name letter by letter, as on the telephone."""
    letters = [letter for letter in maker.person(number).last.upper() if letter.isalpha()]
    return maker.pick(("-", " ", "-")).join(letters)


@MAKERS.enter("wordy_last", PiiType.PERSON)
def wordy_last(maker: Maker, number: int) -> str:
    return maker.pick(wordy(maker.split)[1])


def _pronoun(maker: Maker, number: int, place: int) -> str:
    return maker.person(number).pronouns[place]


for _place, _name in enumerate(("they", "their", "them")):
    MAKERS.enter(_name)(partial(_pronoun, place=_place))
