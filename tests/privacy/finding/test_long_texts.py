"""Long texts in pieces against the same texts whole, and short ones with the names of their
columns.
"""

import random
import re

import pytest

from seqlabel.privacy.finding import long_texts
from seqlabel.privacy.finding.column_names import cue_of
from seqlabel.privacy.finding.finder import LAYER, PrivateFinder
from seqlabel.privacy.finding.long_texts import CellMemory, find_in_texts
from seqlabel.privacy.finding.settings import OwnPattern, PrivacySettings
from seqlabel.privacy.records.workers import SourceText, Task, TextRedactor
from seqlabel.privacy.replacing.policies import Mask
from tests.extras import needs_pii
from tests.privacy.rewritten_files import VALUES, plain

pytestmark = needs_pii


@pytest.mark.parametrize("filling", ["the cat ", "x", ")", "'", "a,", "😀", "\u200b"])
def test_a_long_text_is_read_in_pieces(rules, filling, monkeypatch):
    values = random.Random(1).choices(VALUES[:2], k=30)
    texts = "".join(
        f" {value} {filling * (7 * number % 60)}" for number, value in enumerate(values)
    )
    outputs, found = plain(rules, [texts])
    assert found["EMAIL"] == 30
    monkeypatch.setattr(long_texts, "_PIECE", 50)
    monkeypatch.setattr(long_texts, "_MARGIN", 64)
    (cleaned,) = TextRedactor(Task(Mask(), PrivacySettings(model=rules)))([SourceText(texts)])
    assert (cleaned.text, cleaned.found) == (outputs[0], found)


@pytest.mark.parametrize(
    ("name", "value"),
    [("password", "hunter2"), ("user.password", "zebra"), ("title", "203.0.113.7")],
)
def test_a_short_text_is_read_after_the_name_of_its_column(rules, name, value):
    finder = PrivateFinder.load(rules)
    (document,) = finder([f"{cue_of(name, value)}{value}"])
    labels = [one.label for one in document.character_spans(LAYER)] or ["PASSWORD"]
    ((found, _, _),) = next(find_in_texts(finder, [value], [name]))
    assert (found.start, found.end, [found.label]) == (0, len(value), labels)


def test_what_is_found_in_the_name_itself_is_no_part_of_the_text(rules):
    ((found, _, _),) = next(
        find_in_texts(PrivateFinder.load(rules), ["zebra; y"], ["of ann@x.org, password"])
    )
    assert (found.start, found.end) == (0, 8)
    assert list(find_in_texts(PrivateFinder.load(rules), ["Red"], ["203.0.113.7 nurse"])) == [[]]


def test_equal_cells_are_found_once_and_the_last_short_ones_are_remembered(rules, monkeypatch):
    finder = PrivateFinder.load(rules)
    long = f"{'long ' * 9}ann@x.org"
    cells = ["ann@x.org", "zebra", "ann@x.org", "203.0.113.7", long, "zebra", ""]
    names = ["mail", "", "mail", "", "", "user", "mail"]
    pairs = zip(cells, names, strict=True)
    alone = [next(find_in_texts(finder, [text], [name])) for text, name in pairs]
    read: list[str] = []
    pipe = PrivateFinder.pipe

    def counted(self, texts, **options):
        texts = list(texts)
        read.extend(texts)
        return pipe(self, texts, **options)

    monkeypatch.setattr(PrivateFinder, "pipe", counted)
    memory = CellMemory(most=4, longest=20)
    assert list(find_in_texts(finder, cells, names, memory=memory)) == alone
    assert read.count("ann@x.org") == 1
    assert len(memory) == 4
    read.clear()
    # The long text is read again, and so is the first cell, which was forgotten for later ones.
    again = find_in_texts(finder, [*cells[3:], cells[0]], [*names[3:], names[0]], memory=memory)
    assert list(again) == [*alone[3:], alone[0]]
    assert [text for text in read if text in cells] == [cells[4], "ann@x.org"]
    assert len(memory) == 4


@pytest.mark.parametrize("filling", ["", "2", "and", "2 ann@x.org"])
def test_a_value_ends_where_markup_does(rules, filling):
    value = "4111 1111 1111 1111"
    finder = PrivateFinder.load(rules, labels=["CARD"])
    text = f"card {value}{filling}."
    (found,) = find_in_texts(finder, [text], ["p"], [[len("card "), len("card ") + len(value)]])
    ((span, document, number),) = found
    assert (text[span.start : span.end], span.label) == (value, "CARD")
    assert document.character_spans(LAYER)[number].label == "CARD"
    assert list(find_in_texts(finder, [text], ["p"])) == ([found] if filling == "" else [[]])


def test_what_is_found_in_the_whole_text_goes_over_seams(rules):
    finder = PrivateFinder.load(rules)
    for value in VALUES:
        text = f"to {value}."
        inside = re.finditer(r"(?<=[^\W_])(?=[^\W_])", text)
        seams = [match.start() for match in inside if match.start() > 3]
        ((expected, _, _),) = next(find_in_texts(finder, [text]))
        ((found, _, _),) = next(find_in_texts(finder, [text], [""], [seams]))
        assert found == expected


def test_a_pattern_of_the_users_own_sees_the_text_alone_too(rules):
    patterns = (OwnPattern("STAFF_REF", "^x[a-z]{2}$"),)
    finder = PrivateFinder(settings=PrivacySettings(model=rules, patterns=patterns))
    ((found, _, _),) = next(find_in_texts(finder, ["xab"], ["customer_id"]))
    assert (found.start, found.end, found.label) == (0, 3, "STAFF_REF")


def test_only_a_column_of_secrets_makes_a_whole_cell_one(rules):
    finder = PrivateFinder.load(rules)
    text = "hunter2! call ann@x.org"
    (whole,) = next(find_in_texts(finder, [text], ["password"]))
    assert (whole[0].start, whole[0].end) == (0, len(text))
    ((found, _, _),) = next(find_in_texts(finder, [text], ["contact"]))
    assert text[found.start : found.end] == "ann@x.org"
    assert next(find_in_texts(finder, ["none", "x"], ["password", "password"])) == []
