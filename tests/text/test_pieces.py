"""Words cut into pieces: none is lost, the cut is the one that the rule says, and a file gives it
back.
"""

import json
import random
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise

import numpy as np
import pytest
from tokenizers import Tokenizer
from tokenizers.decoders import ByteLevel
from tokenizers.models import WordLevel

from seqlabel.errors import DataError, OptionError
from seqlabel.text import pieces as pieces_module
from seqlabel.text.pieces import SPECIAL_PIECES, Pieces
from seqlabel.text.vocabulary import START, UNKNOWN

ENDINGS = ("", "s", "ed", "ing", "er", "est", "ly", "ness")
STEMS = ("walk", "talk", "warm", "cold", "bright", "naïv", "数", "re", "un", "Oslo")
COUNTS = Counter({START: 900, UNKNOWN: 800, ",": 200, "never": 0})
COUNTS |= {
    stem + ending: 3 * number + len(stem)
    for stem in STEMS
    for number, ending in enumerate(ENDINGS, 1)
}
STRANGE = ["walkingly", "xxbosses", "😀", "Ünïcode", "\t", " ", "New York", "a\u0301", "\0"]
STRANGE += ["\u2028", "e" * 64, "Zwölf"]
STRANGE += ["e" * 64, "Zwölf"]


@pytest.fixture(scope="module")
def pieces():
    return Pieces.train(COUNTS, size=320)


def of_word(pieces, word):
    (ids,) = np.split(pieces.encode([word]).ids, pieces.encode([word]).offsets[1:-1])
    return [list(pieces)[number] for number in ids]


def test_the_specials_are_first_and_the_rest_by_falling_frequency(pieces):
    assert list(pieces)[:2] == list(SPECIAL_PIECES) == [UNKNOWN, START]
    seen = Counter(
        piece for word, count in COUNTS.items() for piece in of_word(pieces, word) * count
    )
    counts = [seen[piece] for piece in list(pieces)[2:]]
    assert counts == sorted(counts, reverse=True)
    assert counts[0] > 0
    assert 258 < len(pieces) <= 320


@pytest.mark.parametrize("word", [*COUNTS, *STRANGE])
def test_the_pieces_of_any_word_are_its_bytes_with_a_space_before(pieces, word):
    found = of_word(pieces, word)
    if word in SPECIAL_PIECES:
        assert found == [word]
    else:
        assert ByteLevel().decode(found) == f" {word}"


def test_what_words_share_is_a_piece(pieces):
    assert all(len(of_word(pieces, stem)) < len(stem) + 1 for stem in STEMS)
    assert of_word(pieces, "walking")[-1] == of_word(pieces, "talking")[-1]


def slow_bpe(model, symbols):
    """The pair that was joined first in training is joined first, wherever it stands, until none is
    left.
    """
    ranks = {tuple(pair): rank for rank, pair in enumerate(model["merges"])}
    while True:
        known = [pair for pair in pairwise(symbols) if pair in ranks]
        if not known:
            return symbols
        pair = min(known, key=ranks.__getitem__)
        place = next(
            place for place in range(len(symbols)) if tuple(symbols[place : place + 2]) == pair
        )
        symbols = [*symbols[:place], "".join(pair), *symbols[place + 2 :]]


@pytest.mark.parametrize(
    "word", [word for word in [*COUNTS, *STRANGE] if word not in SPECIAL_PIECES]
)
def test_the_cut_is_the_one_that_the_rule_says(tmp_path, pieces, word):
    pieces.save(tmp_path / "pieces.json")
    model = json.loads((tmp_path / "pieces.json").read_text(encoding="utf-8"))["model"]
    found = of_word(pieces, word)
    symbols = list("".join(found))
    assert found == slow_bpe(model, symbols)


def test_ids_are_ragged_in_the_order_of_the_words(pieces):
    words = random.Random(0).choices([*COUNTS, *STRANGE], k=200)
    found = pieces.encode(words)
    assert (found.ids.dtype, found.offsets.dtype) == (np.int32, np.int64)
    assert len(found) == 200
    for number, word in enumerate(words):
        ids = found.ids[found.offsets[number] : found.offsets[number + 1]]
        assert [list(pieces)[index] for index in ids] == of_word(pieces, word)
    assert len(pieces.encode([])) == 0
    assert pieces.encode([]).ids.shape == (0,)


def test_a_small_table_and_many_threads_change_nothing(monkeypatch, pieces):
    words = [word + ending for word in COUNTS for ending in ENDINGS]
    expected = pieces.encode(words)
    monkeypatch.setattr(pieces_module, "_CAPACITY", 20)
    parts = np.array_split(np.arange(len(words)), 40)
    with ThreadPoolExecutor(4) as pool:
        found = list(
            pool.map(lambda part: pieces.encode([words[number] for number in part]).ids, parts)
        )
    assert np.concatenate(found).tolist() == expected.ids.tolist()
    assert len(pieces._known) <= 20 + 4 * len(parts[0])


def test_of_a_long_word_the_ends_are_cut(pieces):
    assert of_word(pieces, "a" * 32 + "b" * 1_000_000 + "c" * 32) == of_word(
        pieces, "a" * 32 + "c" * 32
    )


def test_half_of_a_surrogate_pair_is_a_question_mark(pieces):
    assert of_word(pieces, "a\ud800b") == of_word(pieces, "a?b")


def test_an_empty_word_is_refused(pieces):
    with pytest.raises(DataError):
        pieces.encode(["walk", ""])
    assert len(pieces.encode(["walk"])) == 1


def test_the_same_counts_give_the_same_pieces():
    assert Pieces.train(COUNTS, size=320) == Pieces.train(dict(COUNTS), size=320)


def test_equality_and_what_is_shown(pieces):
    other = Pieces.train({"quixotic": 5_000, "zebra": 1}, size=266)
    assert pieces != other
    assert hash(pieces) != hash(other)
    assert pieces != list(pieces)
    assert repr(other) == f"Pieces({len(other)} pieces)"
    # A word that was counted often is whole.
    assert of_word(other, "quixotic") == ["Ġquixotic"]
    assert len(of_word(other, "zebra")) > 1


@pytest.mark.parametrize(
    ("counts", "size", "error"),
    [
        (COUNTS, -1, OptionError),
        (COUNTS, 0, OptionError),
        (COUNTS, 257, OptionError),
        ({}, 300, DataError),
        ({START: 5, UNKNOWN: 1}, 300, DataError),
        ({"never": 0}, 300, DataError),
    ],
)
def test_fewer_pieces_than_bytes_and_no_words_are_refused(counts, size, error):
    with pytest.raises(error, match="size:" if error is OptionError else None):
        Pieces.train(counts, size=size)
    assert len(Pieces.train(COUNTS, size=258)) == 258


def test_saved_and_loaded(tmp_path, pieces):
    pieces.save(tmp_path / "pieces.json")
    found = Pieces.load(tmp_path / "pieces.json")
    assert found == pieces
    assert hash(found) == hash(pieces)
    words = [*COUNTS, *STRANGE]
    assert found.encode(words).ids.tolist() == pieces.encode(words).ids.tolist()


def other_tokenizer(content):
    return Tokenizer(WordLevel({"one": 0, "two": 1}, unk_token="one")).to_str().encode()


def with_a_gap(content):
    about = json.loads(content)
    about["model"]["vocab"]["a"] = 1_000
    return json.dumps(about).encode()


@pytest.mark.parametrize(
    "damage",
    [
        lambda content: None,
        lambda content: b"",
        lambda content: content[: len(content) // 2],
        lambda content: b'["xxunk", "one"]',
        lambda content: b"{}",
        lambda content: b"null",
        lambda content: b"\xff\xfe",
        other_tokenizer,
        with_a_gap,
    ],
    ids=["missing", "empty", "half", "list", "nothing", "null", "bytes", "other", "gap"],
)
def test_a_file_that_is_damaged_or_something_else_is_refused_by_name(tmp_path, pieces, damage):
    path = tmp_path / "pieces.json"
    pieces.save(path)
    content = damage(path.read_bytes())
    path.unlink()
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(DataError, match=r"pieces\.json"):
        Pieces.load(path)
