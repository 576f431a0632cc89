"""Lists of values against a search for each value alone; no message has a value in it."""

import random
import re
import time

import pytest

from seqlabel.errors import DataError, OptionError
from seqlabel.privacy.finding import lists
from seqlabel.privacy.finding.lists import Entry, ValueFinder, bare, read_entries


def one_by_one(values, text):
    """Every value that stands in a text as whole words, by one search per value."""
    found = set()
    for value in values:
        parts = r"\s{1,4}".join(map(re.escape, value.split()))
        for match in re.finditer(rf"(?=({parts}))", text, re.IGNORECASE):
            start, end = match.span(1)
            inside = (value[0].isalnum() and text[start - 1 : start].isalnum()) or (
                value[-1].isalnum() and text[end : end + 1].isalnum()
            )
            if not inside:
                found.add((start, end))
    return sorted(found)


@pytest.mark.parametrize("seed", range(5))
def test_it_finds_what_a_search_for_each_value_finds(seed):
    chance = random.Random(seed)
    words = ["ann", "lee", "Anna", "c++", "#tag", "a.b@c.de", "x-1", "été"]
    values = [" ".join(chance.choices(words, k=chance.randint(1, 3))) for _ in range(10)]
    pieces = [*words, *values, *(value.upper() for value in values), "annex", "lee2"]
    text = "".join(
        chance.choice(pieces) + chance.choice([" ", "  ", "\n", ", ", ".", "-"]) for _ in range(200)
    )
    found = ValueFinder(Entry(value, "here") for value in values)(text)
    assert sorted(set(found)) == one_by_one(values, text)


def test_a_bare_value_has_neither_case_nor_white_space_nor_punctuation_around():
    assert bare("Support@OurCompany.com") == "support@ourcompany.com"
    assert bare('"ann\nlee",') == bare("Ann  Lee")
    assert bare("ann lee's") != bare("Ann Lee")
    assert bare("...") == ""


def test_files_have_a_value_per_line(tmp_path):
    path = tmp_path / "list.txt"
    path.write_text("\ufeffAnn Lee\n\n# a remark\n#tag\n", encoding="utf-8")
    assert [entry.text for entry in read_entries(["x"], [path], key="deny")] == [
        "x",
        "Ann Lee",
        "#tag",
    ]


@pytest.mark.parametrize("text", ["", "\n \n# a remark\n"])
def test_a_file_without_a_value_is_said(tmp_path, text):
    (tmp_path / "list.txt").write_text(text)
    with pytest.warns(UserWarning, match=r"list\.txt: .*deny"):
        assert read_entries([], [tmp_path / "list.txt"], key="deny") == []


def test_wrong_values_are_named_by_their_place_alone(tmp_path):
    path = tmp_path / "list.txt"
    path.write_text("fine\n->secret\n" + "secret " * 20, encoding="utf-8")
    with pytest.raises(OptionError, match=r"list\.txt, line 3:") as raised:
        read_entries([], [path], key="deny")
    assert "secret" not in str(raised.value)
    with pytest.raises(OptionError, match=r"allow\.words\[1\]:"):
        read_entries(["a", "->"], [], key="allow")
    with pytest.raises(DataError):
        read_entries([], [tmp_path / "none"], key="allow")
    path.write_bytes(b"\xff")
    with pytest.raises(DataError):
        read_entries([], [path], key="allow")
    assert "secret" not in repr(Entry("secret", "here"))


def test_ten_thousand_values_take_hardly_longer_than_ten():
    chance = random.Random(1)
    values = ["".join(chance.choices("abcdefghij", k=8)) for _ in range(10_000)]
    text = " ".join("".join(chance.choices("abcdefghij", k=5)) for _ in range(20_000))
    few, many = (
        ValueFinder(Entry(value, "here") for value in some) for some in (values[:10], values)
    )

    def seconds(find):
        begun = time.process_time()
        for _ in find(text):
            pass
        return time.process_time() - begun

    assert min(seconds(many) for _ in range(4)) < 3 * min(seconds(few) for _ in range(4))


def test_many_values_with_the_same_words_in_front_are_looked_up_once(monkeypatch):
    looked_up = 0
    key = lists._key

    def counting(*asked):
        nonlocal looked_up
        looked_up += 1
        return key(*asked)

    finder = ValueFinder(
        Entry(f"a a {'a ' * (number % 14)}{number}", "here") for number in range(3_000)
    )
    monkeypatch.setattr(lists, "_key", counting)
    assert list(finder("a " * 2_000)) == []
    assert looked_up <= 2_000 * 16


def test_values_that_differ_only_in_punctuation_around_them_are_few():
    same = [Entry("(ann)", f"line {number}") for number in range(100)]
    assert list(ValueFinder(same)("x (Ann) y")) == [(2, 7)]
    alike = [Entry(f"{'!' * number}ann", f"line {number}") for number in range(65)]
    assert list(ValueFinder(alike[:64])("!ann")) == [(1, 4), (0, 4)]
    with pytest.raises(OptionError):
        ValueFinder(alike)
