"""Names of a country against the lists that Faker has."""

import pytest

from seqlabel.errors import OptionError
from seqlabel.privacy.replacing.locale_names import locale_names
from tests.extras import needs_pii

pytestmark = needs_pii


@pytest.mark.parametrize("locale", ["de_DE", "en_US", "fr_FR", "ja_JP"])
def test_names_are_single_words_of_fakers_lists(locale):
    provider = pytest.importorskip(f"faker.providers.person.{locale}").Provider
    names = locale_names(locale)
    for found, lists in (
        *(
            (one, ("first_names_female", "first_names_male", "first_names"))
            for one in set(names.firsts.values())
        ),
        (names.last, ("last_names",)),
    ):
        known = {str(name) for one in lists for name in getattr(provider, one, ())}
        assert set(found) <= known
        assert list(found) == sorted(set(found))
        assert all(name.isalpha() for name in found)
        assert len(found) > 1


def test_a_name_stands_for_one_of_its_own_kind(monkeypatch):
    provider = pytest.importorskip("faker.providers.person.en_GB").Provider
    monkeypatch.setattr(provider, "first_names_female", ("Ann", "Eve", "Kim"))
    monkeypatch.setattr(provider, "first_names_male", ("Bo", "Kim"))
    monkeypatch.setattr(provider, "last_names", ("Moss", "Lee", "D'Arcy"))
    names = locale_names.__wrapped__("en_GB")
    assert names.like("ann") == ("Ann", "Eve", "Kim")
    assert names.like("bo") == ("Bo", "Kim")
    assert names.like("kim") == ("Ann", "Bo", "Eve", "Kim")
    assert names.like("moss") == names.like("unheard") == ("Lee", "Moss")


@pytest.mark.parametrize(
    ("locale", "said"),
    [
        ("de_XX", r"locale: got 'de_XX', .* Did you mean .*de_"),
        ("en_AU", "no lists of names for 'en_AU'"),
    ],
)
def test_a_locale_without_names_is_refused(locale, said):
    with pytest.raises(OptionError, match=said):
        locale_names(locale)
