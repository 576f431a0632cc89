"""Masks and pseudonyms: what form they keep, where they agree, and how seldom two values share
one.
"""

import random
import re
from datetime import date
from importlib.util import find_spec

import pytest

from seqlabel.errors import OptionError
from seqlabel.privacy.replacing import pseudonyms as module
from seqlabel.privacy.replacing.policies import Mask, Pseudonym
from seqlabel.privacy.replacing.pseudonyms import PseudonymKind
from tests.extras import needs_pii
from tests.keys import KEY, OTHER_KEY
from tests.privacy.replacing.test_policies import replacement


@pytest.mark.parametrize(
    ("value", "masked"),
    [
        ("Ann O'Neil-LEE 3rd", "Xxx X'Xxxx-XXX 0xx"),
        ("ann_7@b.io\n+44 (0)20", "xxx_0@x.xx\n+00 (0)00"),
        ("Jose\u0301 ٣ 李 ⅳ", "Xxxxx 0 x 0"),
        ("👩\u200d🚀 \u200f!", "xxx x!"),
        ("!$ *", "xxxx"),
        ("10€", "00x"),
    ],
)
def test_a_mask_keeps_the_form(value, masked):
    assert replacement(Mask(), value) == masked


def shape(value):
    """The form that a pseudonym keeps: words with their case, initials, digits, punctuation."""

    def form(match):
        word = match[0]
        case = "X" if word.isupper() else "x" if word.islower() else "Xx"
        return case if len(word) == 1 else f"<{case}>"

    return re.sub(r"[0-9]", "0", re.sub(r"[^\W\d_]+", form, value))


@pytest.mark.parametrize(
    ("value", "label"),
    [
        ("Ann Lee", "PERSON"),
        ("LEE, A. B.", "PER"),
        ("jean-luc o'neil", "person"),
        ("annlee84", "USERNAME"),
        ("14 Larch Close", "ADDRESS"),
        ("MOSS & Partners ltd", "ORG"),
    ],
)
def test_pseudonyms_keep_the_form(value, label):
    for seed in range(20):
        new = replacement(Pseudonym(random.Random(seed).randbytes(16)), value, label)
        assert shape(new) == shape(value)
        assert not set(re.findall(r"\w{2,}", new.lower())) & set(
            re.findall(r"[^\W\d]{2,}", value.lower())
        )


@pytest.mark.parametrize(
    ("value", "label", "form"),
    [
        ("SW1A 1AA", "LOCATION", r"[A-Z]{2}\d[A-Z] \d[A-Z]{2}"),
        ("Oakham, VT 05001", "CITY", r"[A-Z][a-z]+, [A-Z]{2} \d{5}"),
        ("IBN", "ORG", r"[A-Z]{3}"),
        ("+44 20 7946-0018", "PHONE", r"\+\d\d \d\d \d{4}-\d{4}"),
        ("GB82 west", "IBAN", r"[A-Z]{2}\d\d [a-z]{4}"),
        ("7", "AGE", r"\d"),
        ("e\u0301\u200b1", "X", r"[a-z]\d"),
        ("\u200b\u0301", "PERSON", r""),
        ("李 明", "PERSON", r"[A-Z][a-z]+ [A-Z][a-z]+"),
        ("👩\u200d🚀", "PERSON", r"[A-Z][a-z]+"),
        (":-)", "USERNAME", r"[A-Z][a-z]+"),
        (
            "Ann.Lee@Mail.Firm.org",
            "EMAIL",
            r"[A-Z][a-z]+\.[A-Z][a-z]+@[A-Z][a-z]+\.[A-Z][a-z]+\.example",
        ),
        ("A@FIRM.ORG", "EMAIL", r"[A-Z]@[A-Z]+\.EXAMPLE"),
        ("ann@localhost", "EMAIL", r"[a-z]+@[a-z]+"),
        ("https://firm.org:80/ann?x=4", "URL", r"https://[a-z]+\.example:\d\d/[a-z]+\?[a-z]=\d"),
        ("1984-07-31", "DATE", r"(19[3-9]\d|20[012]\d)-(0[1-9]|1[012])-([012]\d|3[01])"),
        ("3rd MARCH '84", "DATE_OF_BIRTH", r"[1-9](st|nd|th) (?!MARCH)[A-Z]{3,9} '(0[1-9]|1[012])"),
        (
            "Mon 7 Jul of 2020",
            "DATE",
            r"(?!Mon)[A-Z][a-z]{2} [1-9] (?!Jul)[A-Z][a-z]{2} [a-z]{2} \d{4}",
        ),
        ("19840731", "DATE", r"\d{8}"),
    ],
)
def test_pseudonyms_of_each_stock(value, label, form):
    for seed in range(20):
        new = replacement(Pseudonym(random.Random(seed).randbytes(16)), value, label)
        assert re.fullmatch(form, new, re.ASCII), new
        assert new != value


def test_the_same_value_has_the_same_pseudonym_everywhere():
    policy = Pseudonym(KEY)
    name = replacement(policy, "Ann Lee", "PERSON")
    first, last = name.split()
    for value, wanted in [
        ("ANN LEE", name.upper()),
        ("ann lee", name.lower()),
        ("Lee, Ann", f"{last}, {first}"),
        ("LEE", last.upper()),
        ("A\u200bnn", first),
        ("Ａｎｎ", first),
    ]:
        assert replacement(policy, value, "PER") == wanted
    assert replacement(policy, "ann.lee@firm.org", "EMAIL").startswith(f"{first}.{last}@".lower())
    assert replacement(policy, "Jos\u00e9", "PERSON") == replacement(policy, "Jose\u0301", "PERSON")
    assert replacement(policy, "J. Lee", "PERSON")[0] == replacement(policy, "J LEE", "PERSON")[0]
    assert replacement(policy, "4111-1111", "CARD") == replacement(
        policy, "4111 1111", "CARD"
    ).replace(" ", "-")
    assert replacement(policy, "Ann", "PATIENT") != first
    assert replacement(policy, "Ann", "CITY") != first
    assert replacement(Pseudonym(OTHER_KEY), "Ann Lee", "PERSON") != name


def test_different_values_seldom_share_a_pseudonym():
    replacements = Pseudonym(KEY).replacements()
    for label in ("PERSON", "LOCATION", "ORGANISATION"):
        values = [
            f"{a}{b}{c}" for a in "bcdfghjklmnp" for b in "aeiou" for c in map(chr, range(97, 123))
        ]
        same = len(values) - len({replacements(value, label) for value in values})
        # 1,560 words among 512,000: 2.4 are expected to meet another.
        assert same <= 10
        pairs = {
            replacements(f"{one} {other}", label)
            for one, other in zip(values, values[7:], strict=False)
        }
        assert len(pairs) == len(values) - 7


def test_short_values_never_stand_for_themselves():
    policy = Pseudonym(KEY)
    for value in map(str, range(100)):
        assert replacement(policy, value, "AGE") != value
    assert {replacement(policy, value, "AGE") for value in "0123456789"} <= set("0123456789")


def test_a_made_up_word_never_stands_for_itself(monkeypatch):
    monkeypatch.setattr(module, "_BEGINNINGS", ("b", "a", "l", "a", "b"))
    monkeypatch.setitem(module._ENDINGS, PseudonymKind.PERSON, ("a", "o"))
    for seed in range(10):
        policy = Pseudonym(random.Random(seed).randbytes(16))
        assert replacement(policy, "Balaba BALABO", "PERSON") == "Balabo BALABA"


LOCALES = [None, *(["en_US", "de_DE"] if find_spec("faker") else [])]


@pytest.mark.parametrize("locale", LOCALES)
def test_titles_and_possessives_stay(locale):
    policy = Pseudonym(KEY, locale=locale)
    first, last = replacement(policy, "Ann Moss", "PERSON").split()
    assert replacement(policy, "Prof. Dr. Ann Moss's", "PERSON") == f"Prof. Dr. {first} {last}'s"
    assert replacement(policy, "MS MOSS", "PERSON") == f"MS {last.upper()}"
    assert replacement(policy, "ann.moss@firm.org", "EMAIL").startswith(f"{first}.{last}@".lower())
    # A title alone is not known to be one, and a name may begin as one.
    for value in ("Dr.", "Mr", "Drew", "Missy Doe"):
        assert not replacement(policy, value, "PERSON").startswith(value.split()[0])


@needs_pii
def test_names_of_a_locale():
    from faker.providers.person.de_DE import Provider

    policy = Pseudonym(KEY, locale="de_DE")
    for value, names in [
        ("Anna", Provider.first_names_female),
        ("Hans", Provider.first_names_male),
        ("Müller", Provider.last_names),
        ("Xyzzy", Provider.last_names),
    ]:
        new = replacement(policy, value, "PERSON")
        assert new in names
        assert new != value
        assert replacement(policy, value.upper(), "PERSON") == new.upper()
    with pytest.raises(OptionError, match=r"locale: .*'de_XX'"):
        Pseudonym(KEY, locale="de_XX")
    with pytest.raises(OptionError, match="'en_AU'"):
        Pseudonym(KEY, locale="en_AU")


def test_a_subject_shifts_dates_and_is_not_shown():
    policy = Pseudonym(KEY, subject="patient Ann")
    assert "Ann" not in repr(policy)
    days = [replacement(policy, f"2020-03-{day:02}", "DATE") for day in range(1, 32)]
    shifts = {
        (date.fromisoformat(new) - date(2020, 3, day)).days for day, new in enumerate(days, start=1)
    }
    assert len(shifts) == 1
    assert 364 <= abs(shifts.pop()) <= 3640
    others = {
        replacement(Pseudonym(KEY, subject=str(one)), "2020-03-01", "DATE") for one in range(50)
    }
    assert len(others) > 40
    assert replacement(policy, "March 2020", "DATE") == replacement(
        Pseudonym(KEY), "March 2020", "DATE"
    )
