"""First and last names of a country from the package Faker, for pseudonyms, which are chosen
elsewhere.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.util import find_spec
from pkgutil import resolve_name

from seqlabel.errors import OptionError, did_you_mean
from seqlabel.names import needed


@dataclass(frozen=True)
class LocaleNames:
    """The single-word names of a locale.

    Args:
        firsts: For each first name, in small letters, those that may stand for it, sorted: of women
            for a woman's name.
        last: Last names, sorted and without doubles.
    """

    firsts: Mapping[str, tuple[str, ...]]
    last: tuple[str, ...]

    def like(self, word: str) -> tuple[str, ...]:
        """List the names that may stand for a word.

        Args:
            word: A word of a name in lower case.

        Returns:
            At least two names; last names for what is not a first name.
        """
        return self.firsts.get(word, self.last)


@lru_cache(maxsize=16)
def locale_names(locale: str) -> LocaleNames:
    """Read the names of a locale.

    Args:
        locale: A locale of Faker, such as `de_DE`.

    Returns:
        Its names.

    Raises:
        OptionError: Without the package Faker, and for a locale that has no lists of names.
    """
    faker = needed("faker", needed_for="A locale", extra="pii")
    if locale not in faker.config.AVAILABLE_LOCALES:
        advice = (
            did_you_mean(locale, faker.config.AVAILABLE_LOCALES, most=3) or "Write it as de_DE."
        )
        raise OptionError(f"locale: got {locale!r}, which Faker does not know. {advice}")
    module = f"faker.providers.person.{locale}"
    person = resolve_name(f"{module}:Provider")(faker.Generator()) if find_spec(module) else None
    either = _words(getattr(person, "first_names", ()))
    female = _words(getattr(person, "first_names_female", ())) or either
    male = _words(getattr(person, "first_names_male", ())) or either
    last = _words(getattr(person, "last_names", ()))
    if min(map(len, (female, male, last))) < 2:
        raise OptionError(
            f"locale: Faker has no lists of names for {locale!r}. Choose another, such as en_US."
        )
    both = tuple(sorted({*female, *male}))
    women = _lower(female)
    men = _lower(male)
    firsts = dict.fromkeys(_lower(either) | women | men, both)
    return LocaleNames(
        firsts | dict.fromkeys(women - men, female) | dict.fromkeys(men - women, male), last
    )


def _lower(names: Iterable[str]) -> set[str]:
    return {name.lower() for name in names}


def _words(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(
        sorted({name for name in names if name.isalpha() and (len(name) > 1 or not name.isascii())})
    )
