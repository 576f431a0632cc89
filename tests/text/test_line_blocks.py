"""Text files in blocks of lines, tagged words, beginnings of documents, and blocks that are held
out.
"""

import lzma
import random

import pytest

from seqlabel.errors import DataError, OptionError
from seqlabel.text import line_blocks
from seqlabel.text.line_blocks import (
    beginnings,
    hold_out,
    packed_documents,
    tagged_words,
    whole_lines,
)


def test_blocks_end_with_a_line_and_are_the_file(tmp_path, monkeypatch):
    path = tmp_path / "a.txt"
    chance = random.Random(0)
    text = "\n".join("x" * chance.randint(0, 40) for _ in range(300))
    path.write_text(text, encoding="utf-8")
    pieces = [text[start : start + 100] for start in range(0, len(text), 100)]
    monkeypatch.setattr(line_blocks, "read_blocks", lambda path: iter(pieces))
    blocks = list(whole_lines(path))
    assert len(blocks) > 10
    assert "\n".join(blocks).removeprefix("\n") == text


def test_tagged_words_are_what_stands_before_the_last_underscore(tmp_path):
    path = tmp_path / "a.txt"
    path.write_text("Ana_NNP saw_VBD a_b_NN\n_X plain ,_,", encoding="utf-8")
    assert tagged_words(path) == ["Ana", "saw", "a_b", ","]
    with pytest.raises(DataError, match=r"nowhere\.txt:"):
        tagged_words(tmp_path / "nowhere.txt")


def test_packed_documents_are_the_runs_of_lines_between_blank_ones(tmp_path):
    path = tmp_path / "texts.xz"
    path.write_bytes(lzma.compress("one \ntwo\n\n \nthree é\n".encode()))
    assert list(packed_documents(path)) == [["one", "two"], ["three é"]]
    for damaged in (path.read_bytes()[:-8], lzma.compress(b"\xff"), b"plain"):
        path.write_bytes(damaged)
        with pytest.raises(DataError, match=r"texts\.xz:"):
            list(packed_documents(path))


@pytest.mark.parametrize("words", [0, 1, 7, 30, 10_000])
def test_beginnings_keep_short_documents_whole_and_equally_many_words_of_long_ones(words):
    chance = random.Random(words)
    documents = [
        [f"{number}.{place}" for place in range(chance.randint(0, 9))] for number in range(12)
    ]
    found = list(beginnings(documents, words))
    assert sum(map(len, found)) == min(words, sum(map(len, documents)))
    longest = max(map(len, found))
    for whole, kept in zip(sorted(documents, key=len), found, strict=True):
        assert kept == whole[: len(kept)]
        assert len(kept) in (len(whole), longest, longest - 1)


def test_one_block_of_every_so_many_is_held_out():
    documents = [[f"{number}.{word}" for word in range(25)] for number in range(40)]
    held_out = []
    blocks = list(hold_out(documents, held_out.append, words=10, every=20))
    every = [
        ["xxbos"] * (start == 0) + document[start : start + 10]
        for document in documents
        for start in (0, 10, 20)
    ]
    assert held_out == every[9::20]
    assert blocks == [block for number, block in enumerate(every) if number % 20 != 9]
    for options in ({"words": 0}, {"every": 9}):
        with pytest.raises(OptionError):
            list(hold_out(documents, held_out.append, **options))
