"""Makers of people's names, in the many ways that people write them."""

from .labels import PiiType
from .maker import Maker, Makers, Pieces, Value
from .world import ENGLISH, FAMILY_FIRST, UNSPACED, first_names, wordy

MAKERS = Makers()


@MAKERS.enter("first", PiiType.PERSON)
def first(maker: Maker, number: int) -> str:
    return maker.person(number).first


@MAKERS.enter("last", PiiType.PERSON)
def last(maker: Maker, number: int) -> str:
    return maker.person(number).last


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
    """A name in one of its forms: initials, middle names, family name first, capitals, small letters, a suffix."""
    person = maker.person(number)
    first, last, middle = person.first, person.last, person.middle
    plain = maker.text("full", number)
    if person.origin in UNSPACED:
        return plain
    return maker.weighted(
        (68, plain),
        (8, f"{first} {middle}. {last}"),
        (3, f"{first} {maker.pick(_middle_names(maker))} {last}"),
        (3, f"{first[0]}. {last}"),
        (1, f"{first[0]}.{middle}. {last}"),
        (4, f"{last}, {first}"),
        (1, f"{last}, {first} {middle}."),
        (1, f"{last.upper()}, {first}"),
        (1, f"{first} {last.upper()}"),
        (2, f"{last} {first}"),
        (3, plain.lower()),
        (2, plain.upper()),
        (1, f"{plain} {maker.pick(('Jr.', 'Sr.', 'III', 'II', 'Jr'))}"),
        (2, f"{first} {last[0]}."),
    )


def _middle_names(maker: Maker) -> tuple[str, ...]:
    return first_names("en_US" if maker.locale in ENGLISH else maker.locale, maker.split)


@MAKERS.enter("formal")
def formal(maker: Maker, number: int) -> Pieces:
    """A title, which is nothing private, and a last or whole name."""
    person = maker.person(number)
    title = maker.pick(("Dr.", "Dr", "Prof.", "Professor")) if maker.chance(0.15) else maker.pick(person.titles)
    named = person.last if maker.chance(0.75) else maker.text("full", number)
    return [(f"{title} ", None), (named, PiiType.PERSON)]


@MAKERS.enter("doctor")
def doctor(maker: Maker, number: int) -> Pieces:
    person = maker.person(number)
    named = maker.pick((person.last, person.last, maker.text("full", number), f"{person.first[0]}. {person.last}"))
    return [(maker.pick(("Dr. ", "Dr ", "Dr. ", "Doctor ", "Prof. ", "DR. ")), None), (named, PiiType.PERSON)]


@MAKERS.enter("credentialed")
def credentialed(maker: Maker, number: int) -> Pieces:
    return [
        *maker.value("full", number),
        (maker.pick((", MD", ", RN", ", PhD", ", MBBS", ", DDS", ", NP", ", Esq.")), None),
    ]


@MAKERS.enter("whole", PiiType.PERSON)
def whole(maker: Maker, number: int) -> str:
    return f"{maker.person(number).first} {maker.person(number).last}"


@MAKERS.enter("indexed", PiiType.PERSON)
def indexed(maker: Maker, number: int) -> str:
    return f"{maker.person(number).last}, {maker.person(number).first}"


@MAKERS.enter("slashed", PiiType.PERSON)
def slashed(maker: Maker, number: int) -> str:
    """A name as on a ticket."""
    return f"{maker.person(number).last}/{maker.person(number).first}".upper()


@MAKERS.enter("initials", PiiType.PERSON)
def initials(maker: Maker, number: int) -> str:
    person = maker.person(number)
    return maker.pick((f"{person.first[0]}.{person.last[0]}.", f"{person.first[0]}. {person.last}"))


@MAKERS.enter("spelled", PiiType.PERSON)
def spelled(maker: Maker, number: int) -> str:
    """A last name letter by letter, as on the telephone."""
    letters = [letter for letter in maker.person(number).last.upper() if letter.isalpha()]
    return maker.pick(("-", " ", "-")).join(letters)


@MAKERS.enter("wordy", PiiType.PERSON)
def wordy_first(maker: Maker, number: int) -> str:
    """A first name that is a word too."""
    return maker.listed("more_wordy")


@MAKERS.enter("wordy_last", PiiType.PERSON)
def wordy_last(maker: Maker, number: int) -> str:
    return maker.pick(wordy(maker.split)[1])


@MAKERS.enter("first_low", PiiType.PERSON)
def first_low(maker: Maker, number: int) -> str:
    """A first name as people type it in chats."""
    return maker.person(number).first.lower()


@MAKERS.enter("name_up", PiiType.PERSON)
def name_up(maker: Maker, number: int) -> str:
    """A name as banks print it: initials or a title, then the family's."""
    person = maker.person(number)
    first, last, middle = person.first[0], person.last, person.middle
    return maker.pick(
        (f"{first} {last}", f"{first} {middle} {last}", f"{last} {first}", maker.text("full", number))
    ).upper()


@MAKERS.enter("middle_initial", PiiType.PERSON)
def middle_initial(maker: Maker, number: int) -> str:
    return f"{maker.person(number).middle}{maker.pick(('.', '.', ''))}"


for _place, _pronoun in enumerate(("they", "their", "them")):

    def _make_pronoun(maker: Maker, number: int, place: int = _place) -> str:
        return maker.person(number).pronouns[place]

    MAKERS.values[_pronoun] = Value(None, _make_pronoun)
