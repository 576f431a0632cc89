"""Names of a country against the lists that Faker has."""

import pytest

from seqlabel.errors import OptionError
from seqlabel.privacy.replacing.locale_names import LocaleNames, locale_names
from tests.extras import needs_pii

pytestmark = needs_pii


@pytest.mark.parametrize("locale", ["de_DE", "en_US", "fr_FR", "ja_JP"])
def test_names_are_single_words_of_fakers_lists(locale):
    provider = pytest.importorskip(f"faker.providers.person.{locale}").Provider
    names = locale_names(locale)
    for found, lists in (
        (names.female, ("first_names_female", "first_names")),
        (names.male, ("first_names_male", "first_names")),
        (names.last, ("last_names",)),
    ):
        known = {str(name) for one in lists for name in getattr(provider, one, ())}
        assert set(found) <= known
        assert list(found) == sorted(set(found))
        assert all(name.isalpha() for name in found)
        assert len(found) > 1
    assert {name.lower() for name in (*names.female, *names.male)} <= names.first


def test_a_name_stands_for_one_of_its_own_kind():
    names = LocaleNames(("Ann", "Eve", "Kim"), ("Bo", "Kim"), ("Lee", "Moss"), frozenset(("ann", "eve", "kim", "bo")))
    assert names.like("ann") == names.female
    assert names.like("bo") == names.male
    assert names.like("kim") == ("Ann", "Bo", "Eve", "Kim")
    assert names.like("moss") == names.like("unheard") == names.last


@pytest.mark.parametrize(
    ("locale", "said"),
    [("de_XX", r"locale: got 'de_XX', .* Did you mean .*de_"), ("en_AU", "no lists of names for 'en_AU'")],
)
def test_a_locale_without_names_is_refused(locale, said):
    with pytest.raises(OptionError, match=said):
        locale_names(locale)
