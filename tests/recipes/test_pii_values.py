"""Values written as rows: each part of their language, by what it draws, and that every value of
the files is made.
"""

import importlib
import random
import re
import sys
from pathlib import Path

import pytest

from seqlabel.errors import DataError

for package in ("faker", "stdnum", "phonenumbers"):
    pytest.importorskip(package, reason="the generator needs seqlabel-rnn[pii]")

sys.path.insert(0, str(Path(__file__).parents[2] / "recipes"))
maker, material, slots, values = (
    importlib.import_module(f"pii_data.{name}") for name in ("maker", "material", "slots", "values")
)
PiiType, Split = (
    importlib.import_module("pii_data").__dict__[name] for name in ("PiiType", "Split")
)
SLOTS = slots.read_slots()


def new_maker(seed, locale="en_US"):
    return maker.Maker(random.Random(seed), Split.ALL, SLOTS, locale=locale)


def read(tmp_path, text):
    (tmp_path / "a.txt").write_text(text, encoding="utf-8")
    return values.read_values(material.read_sections(tmp_path / "a.txt"))


def drawn(tmp_path, rows, *, label="", locale="en_US"):
    """What a value of some rows is, in many texts."""
    value = read(tmp_path, f"[one{label}]\n{rows}\n")["one"]
    made = [value.make(new_maker(seed, locale), 1) for seed in range(60)]
    return made if any(text[-1][1] for text in made) else [maker.text_of(pieces) for pieces in made]


@pytest.mark.parametrize(
    ("rows", "texts"),
    [
        ("a", {"a"}),
        ("a\nb", {"a", "b"}),
        ("[a|b]\\[", {"a[", "b["}),
        ("[50%a|b]", {"a", "b"}),
        ("50% a\nb", {"a", "b"}),
        ("1 a\n1 b", {"a", "b"}),
        ("part = [a|b]\n{part}{part}", {"aa", "bb"}),
        ("part = ab\n{part:1}{part:upper}{part:title}", {"aABAb"}),
        ("part = b\nother = X\n{other:X=part}", {"b"}),
        ("{=3-4}", {"3", "4"}),
        ("{=3-4:02}", {"03", "04"}),
        (
            "{=21-22:words} {=1-2:ordinal}",
            {f"twenty-{one} {two}" for one in ("one", "two") for two in ("1st", "2nd")},
        ),
        ("count = 2\n{=x×count}{=x×1}", {"xxx"}),
        ("{=x×1-2}", {"x", "xx"}),
    ],
)
def test_rows_draw_what_they_say(tmp_path, rows, texts):
    assert set(drawn(tmp_path, rows)) == texts


def test_a_day_is_written_in_the_forms_of_a_list_and_of_the_country(tmp_path):
    assert all(
        re.fullmatch(r"19[5-6]\d-\d\d-\d\d", day) for day in drawn(tmp_path, "{=1950-1969:iso}")
    )
    for locale, month_first in (("en_US", True), ("en_GB", False)):
        days = drawn(tmp_path, "{=1990-1999:date}", locale=locale)
        assert any(re.fullmatch(r"[A-Z][a-z]+ \d+, 199\d", day) for day in days) == month_first


def test_a_number_is_drawn_until_it_is_valid_but_now_and_then_at_once(tmp_path):
    is_valid = importlib.import_module("stdnum.es.dni").is_valid
    valid = sum(map(is_valid, drawn(tmp_path, "code es.dni = {=########?}\n{code}")))
    assert 45 < valid < 60


def test_parts_and_values_keep_their_labels(tmp_path):
    (pieces, *_) = drawn(tmp_path, "code CARD = {=9-9}\nat {city}, {code}")
    assert [label for _, label in pieces] == [None, PiiType.LOCATION, None, PiiType.CARD]


def test_a_country_has_rows_of_its_own(tmp_path):
    found = read(tmp_path, "[one @GB,IE]\na\n[one]\nb\n[two]\n> one\n")
    texts = [
        maker.text_of(found["one"].make(new_maker(0, locale), 1))
        for locale in ("en_GB", "en_IE", "de_DE")
    ]
    assert texts == ["a", "a", "b"]
    assert maker.text_of(found["two"].make(new_maker(0), 1)) == "b"


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("[one]\na]", "bracket"),
        ("[one]\n[a|b", "bracket"),
        ("[one]\n> two", "two"),
        ("[one @GB]\na", "one"),
        ("[one SECRET]\na", "SECRET"),
        ("[one]\npart SECRET = a\n{part}", "SECRET"),
    ],
)
def test_broken_rows_are_refused(tmp_path, text, named):
    with pytest.raises(DataError, match=rf"a\.txt, line 2: .*{named}"):
        read(tmp_path, text)


def test_every_value_of_the_files_can_be_made_everywhere():
    files = material.read_folder("values")
    for name in {header.split()[0] for header in files} - {"firm_of_signs", "firm_of_everyday"}:
        for locale in ("en_US", "en_GB", "en_IE", "en_IN", "en_NZ", "de_DE", "pt_BR"):
            assert new_maker(1, locale).value(name) is not None
