"""Values written as rows: each part of their language, by what it draws, and that every value of the files is made."""

import importlib
import random
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
PiiType, Split = (importlib.import_module("pii_data").__dict__[name] for name in ("PiiType", "Split"))
SLOTS = slots.read_slots()


def new_maker(seed, locale="en_US"):
    return maker.Maker(random.Random(seed), Split.ALL, SLOTS, locale=locale)


def read(tmp_path, text):
    (tmp_path / "a.txt").write_text(text, encoding="utf-8")
    return values.read_values(material.read_sections(tmp_path / "a.txt"))


def drawn(tmp_path, rows, *, label="", locale="en_US"):
    """What a value of some rows is, in many texts."""
    value = read(tmp_path, f"[one{label}]\n{rows}\n")["one"]
    return [value.make(new_maker(seed, locale), 1) for seed in range(60)]


@pytest.mark.parametrize(
    ("rows", "texts"),
    [
        ("a", {"a"}),
        ("[a|b]", {"a", "b"}),
        ("[?a|b]\\[", {"a[", "b["}),
        ("[50%a|b]", {"a", "b"}),
        ("50% a\nb", {"a", "b"}),
        ("1 a\n1 b", {"a", "b"}),
        ("part = [a|b]\n{part}{part}", {"aa", "bb"}),
        ("part = ab\n{part:1}{part:upper}{part:title}", {"aABAb"}),
        ("part = b\nother = X\n{other:X=part}", {"b"}),
        ("<3-4>", {"3", "4"}),
        ("<3-4:02>", {"03", "04"}),
        ("<21-22:words> <1-2:ordinal>", {f"twenty-{one} {two}" for one in ("one", "two") for two in ("1st", "2nd")}),
        ("count = 2\n<x*count><x*1>", {"xxx"}),
        ("<x*1-2>", {"x", "xx"}),
    ],
)
def test_rows_draw_what_they_say(tmp_path, rows, texts):
    assert set(drawn(tmp_path, rows)) == texts


def test_all_of_a_choice_are_drawn_but_of_one_that_is_taken_first():
    """The next number of the stream of chance says how many were drawn."""
    every, first = (
        values.read_values({"one": (material.Entry(row, Path("a.txt"), 1),)})["one"]
        for row in ("[<1-9>|<1-9>]", "[?<1-9>|<1-9>]")
    )
    for value, count in ((every, 3), (first, 2)):
        one, other = new_maker(0), new_maker(0)
        value.make(one, 1)
        for _ in range(count):
            other.rng.random()
        assert one.rng.random() == other.rng.random()


def test_parts_and_values_keep_their_labels_where_the_value_has_none(tmp_path):
    (pieces, *_) = drawn(tmp_path, "code CARD = <9-9>\nat {city}, {code}")
    assert [label for _, label in pieces] == [None, PiiType.LOCATION, None, PiiType.CARD]
    (text, *_) = drawn(tmp_path, "code CARD = <9-9>\n{code}!", label=" IBAN")
    assert text == "9!"


def test_a_country_has_rows_of_its_own(tmp_path):
    found = read(tmp_path, "[one @GB,IE]\na\n[one]\nb\n[two]\npart = x\n{>three}\n[three]\n{part}y\n")
    assert [found["one"].make(new_maker(0, locale), 1) for locale in ("en_GB", "en_IE", "de_DE")] == ["a", "a", "b"]
    assert found["two"].make(new_maker(0), 1) == "xy"
    assert read(tmp_path, "[one]\na\n[two]\n> one\n")["two"].make(new_maker(0), 1) == "a"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[one]\na]", r"a\.txt, line 2: Found a bracket that is not open"),
        ("[one]\n[a|b", r"a\.txt, line 2: Found a bracket that is not closed"),
        ("[one]\n{a", r"a\.txt, line 2: Found a brace that is no slot"),
        ("[one]\n> two", r"a\.txt, line 2: Found no section \[two\] above"),
        ("[one @GB]\na", r"a\.txt, line 2: Found one for some countries alone"),
        ("[one SECRET]\na", r"a\.txt, line 2: Found the label SECRET"),
        ("[one]\npart SECRET = a\n{part}", r"a\.txt, line 2: Found the label SECRET"),
    ],
)
def test_broken_rows_are_refused(tmp_path, text, message):
    with pytest.raises(DataError, match=message):
        read(tmp_path, text)


def test_every_value_of_the_files_can_be_made_everywhere():
    files = material.read_folder("values")
    for name in {header.split()[0] for header in files} - {"firm_of_signs", "firm_of_everyday"}:
        for locale in ("en_US", "en_GB", "en_IE", "en_IN", "en_NZ", "de_DE", "pt_BR"):
            assert new_maker(1, locale).value(name)
