"""Corpora against a plain split and count, whatever the blocks, the bounds and the source."""

import functools
import random
import tracemalloc

import numpy as np
import pytest

from seqlabel.errors import DataError, OptionError
from seqlabel.io import text_files
from seqlabel.io.folders import previous_folder
from seqlabel.text import corpora, line_blocks
from seqlabel.text.corpora import (
    Corpus,
    TokenArray,
    TokenFile,
    build_corpus,
    find_texts,
    read_rows,
)
from seqlabel.text.line_blocks import whole_lines
from seqlabel.text.vocabulary import SPECIAL_WORDS, START, UNKNOWN

SPACES = [" ", "\n", "\t", "\r\n", "  ", "\u3000", "\u2028", "\xa0", "\x1f"]


def random_text(seed, words=300):
    chance = random.Random(seed)
    stock = ["".join(chance.choices("abéд漢😀", k=chance.randint(1, 4))) for _ in range(60)]
    return "".join(chance.choice(stock) + chance.choice(SPACES) for _ in range(words)) + stock[0]


def naive_corpus(texts, *, max_words=None, min_count=1, max_types=None):
    """Words of the vocabulary, words of the corpus as the vocabulary has them, and how many became
    unknown.
    """
    words = [word for text in texts for word in [START, *text.split()]]
    types = list(SPECIAL_WORDS)
    for word in words:
        if word not in types and (max_types is None or len(types) < max_types):
            types.append(word)
    met = [word if word in types else UNKNOWN for word in words]
    common = [word for word in types if word not in SPECIAL_WORDS and met.count(word) >= min_count]
    common.sort(key=lambda word: (-met.count(word), met.index(word)))
    vocabulary = [*SPECIAL_WORDS, *common][:max_words]
    known = [word if word in vocabulary else UNKNOWN for word in met]
    return vocabulary, known, known.count(UNKNOWN)


def assert_same(corpus, expected):
    vocabulary, words, unknown = expected
    assert list(corpus.vocabulary) == vocabulary
    assert len(corpus.tokens) == len(words)
    assert corpus.vocabulary.decode(corpus.tokens.read(0, len(corpus.tokens))) == words
    assert corpus.unknown == unknown


def write_texts(folder, texts):
    paths = [folder / f"text{number}" for number in range(len(texts))]
    for path, text in zip(paths, texts, strict=True):
        path.write_bytes(text.encode())
    return paths


def words_of_paths(paths):
    for path in paths:
        yield [START]
        for text in line_blocks.whole_lines(path):
            yield text.split()


@pytest.fixture
def small_blocks(monkeypatch):
    def shrink(block_bytes):
        monkeypatch.setattr(
            line_blocks,
            "read_blocks",
            functools.partial(text_files.read_blocks, block_bytes=block_bytes),
        )

    return shrink


@pytest.mark.parametrize("block_bytes", [1, 16, text_files.BLOCK_BYTES])
@pytest.mark.parametrize(
    "bounds",
    [
        {},
        {"max_words": 30},
        {"min_count": 4},
        {"max_types": 25},
        {"max_words": 40, "min_count": 2, "max_types": 50},
    ],
    ids=str,
)
def test_a_corpus_is_a_split_and_a_count(tmp_path, monkeypatch, small_blocks, block_bytes, bounds):
    small_blocks(block_bytes)
    bounds = dict(bounds)
    most = bounds.pop("max_types", None)
    monkeypatch.setattr(corpora, "MAX_TYPES", most or corpora.MAX_TYPES)
    texts = [random_text(0), random_text(100, words=20), "xxunk one xxbos one"]
    corpus = build_corpus(
        words_of_paths(write_texts(tmp_path, texts)), tmp_path / "corpus", **bounds
    )
    expected = naive_corpus(texts, **bounds, max_types=most)
    assert_same(corpus, expected)
    assert_same(Corpus.load(tmp_path / "corpus"), expected)
    assert corpus.unknown >= 1


def test_fewer_types_than_specials_makes_everything_unknown(tmp_path, monkeypatch):
    monkeypatch.setattr(corpora, "MAX_TYPES", 3)
    corpus = build_corpus([["a", "b", "a"]], tmp_path / "corpus")
    assert list(corpus.vocabulary) == list(SPECIAL_WORDS)
    assert corpus.unknown == 3


@pytest.mark.parametrize("damage", [b"three\nfo\xffur", None], ids=["bytes", "no words"])
def test_what_cannot_be_read_leaves_the_earlier_corpus(tmp_path, damage):
    paths = write_texts(tmp_path, ["one two", "three"])
    before = build_corpus(words_of_paths(paths), tmp_path / "corpus")
    if damage:
        paths[1].write_bytes(damage)
    with pytest.raises(DataError):
        build_corpus(words_of_paths(paths) if damage else [], tmp_path / "corpus")
    after = Corpus.load(tmp_path / "corpus")
    assert after.vocabulary == before.vocabulary
    assert after.tokens.read(0, 5).tolist() == before.tokens.read(0, 5).tolist()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["corpus", "text0", "text1"]
    names = sorted(path.name for path in (tmp_path / "corpus").iterdir())
    assert names == ["corpus.json", "tokens.bin", "vocabulary.json"]


@pytest.mark.parametrize(("types", "width"), [(1 << 16, 2), ((1 << 16) + 1, 4)])
def test_ids_are_as_wide_as_the_vocabulary_needs(tmp_path, types, width):
    words = [f"w{number}" for number in range(types - len(SPECIAL_WORDS))]
    corpus = build_corpus([words], tmp_path / "corpus")
    assert len(corpus.vocabulary) == types
    assert (tmp_path / "corpus" / "tokens.bin").stat().st_size == width * len(words)
    assert corpus.tokens.read(0, len(words)).tolist() == list(range(len(SPECIAL_WORDS), types))


def test_more_tokens_than_are_copied_at_once(tmp_path, monkeypatch):
    monkeypatch.setattr(corpora, "_COPY_TOKENS", 7)
    texts = [random_text(9)]
    corpus = build_corpus(
        words_of_paths(write_texts(tmp_path, texts)), tmp_path / "corpus", min_count=3
    )
    assert_same(corpus, naive_corpus(texts, min_count=3))


@pytest.mark.parametrize("dtype", ["<u2", "<u4"])
def test_a_token_file_reads_as_an_array_does(tmp_path, dtype):
    ids = np.arange(1000) * 7 % 501
    path = tmp_path / "tokens.bin"
    path.write_bytes(ids.astype(dtype).tobytes())
    starts = np.array([0, 3, 998, 999, 1000, 2500])
    for tokens in (TokenFile(path, dtype=dtype, tokens=1000), TokenArray(ids)):
        assert len(tokens) == 1000
        for start, stop in [(0, 1000), (999, 1000), (0, 0), (1000, 1000), (123, 456), (5, 6)]:
            found = tokens.read(start, stop)
            assert found.dtype == np.int64
            assert found.tolist() == ids[start:stop].tolist()
        for count in (1, 7, 1003):
            rows = read_rows(tokens, starts, count)
            assert rows.dtype == np.int64
            assert rows.tolist() == ids[(starts[:, None] + np.arange(count)) % 1000].tolist()


@pytest.mark.parametrize("size", [0, 1, 199, 201, None])
def test_a_token_file_of_another_size_is_refused(tmp_path, size):
    path = tmp_path / "tokens.bin"
    if size is not None:
        path.write_bytes(bytes(size))
    with pytest.raises(DataError, match=r"tokens\.bin:"):
        TokenFile(path, dtype="<u2", tokens=100)


@pytest.mark.parametrize(
    "content", [None, "", "[]", "{}", '{"tokens": 3, "dtype": "words", "unknown": 0}']
)
@pytest.mark.parametrize("part", ["corpus.json", "vocabulary.json", "tokens.bin"])
def test_a_damaged_corpus_is_refused_by_name(tmp_path, part, content):
    build_corpus([["a", "b", "c"]], tmp_path / "corpus")
    path = tmp_path / "corpus" / part
    path.unlink()
    if content is not None:
        path.write_text(content, encoding="utf-8")
    with pytest.raises(DataError, match=rf"corpus.{part}"):
        Corpus.load(tmp_path / "corpus")


def test_a_corpus_is_found_after_a_stop_between_the_two_renames(tmp_path):
    folder = tmp_path / "corpus"
    build_corpus([["a", "b", "c"]], folder)
    folder.rename(previous_folder(folder))
    assert len(Corpus.load(folder).tokens) == 3


def test_memory_does_not_grow_with_the_text(tmp_path, small_blocks):
    chance = random.Random(0)
    stock = [f"{chance.getrandbits(32):x}" for _ in range(5_000)]
    # A piece of odd length, again and again, so that borders of blocks fall everywhere.
    piece = " ".join(chance.choices(stock, k=30_000)) + " één\n"
    path = tmp_path / "text"
    small_blocks(1 << 16)
    peaks = []
    for times in (4, 8):
        path.write_text(piece * times, encoding="utf-8")
        tracemalloc.start()
        corpus = build_corpus((text.split() for text in whole_lines(path)), tmp_path / "corpus")
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
        assert len(corpus.tokens) == times * len(piece.split())
        assert (len(corpus.vocabulary), corpus.unknown) == (
            len(SPECIAL_WORDS) + len(set(piece.split())),
            0,
        )
    assert peaks[1] < 1.1 * peaks[0]


def test_a_folder_with_other_files_is_not_replaced(tmp_path):
    text = tmp_path / "data" / "mine.txt"
    text.parent.mkdir()
    text.write_text("some words of mine", encoding="utf-8")
    with pytest.raises(OptionError):
        build_corpus(words_of_paths([text]), text.parent)
    assert text.read_text(encoding="utf-8") == "some words of mine"


def test_an_error_of_the_system_leaves_no_files(tmp_path):
    def blocks():
        yield ["a", "b"]
        yield (tmp_path / "missing.txt").read_text(encoding="utf-8").split()

    with pytest.raises(FileNotFoundError, match=r"missing\.txt"):
        build_corpus(blocks(), tmp_path / "corpus")
    assert list(tmp_path.iterdir()) == []


def test_texts_of_a_folder_are_sorted_and_of_all_depths(tmp_path):
    for name in ("b.txt", "a/c.txt", "a/a.txt", "a/note.md"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    assert find_texts(str(tmp_path)) == [
        tmp_path / "a" / "a.txt",
        tmp_path / "a" / "c.txt",
        tmp_path / "b.txt",
    ]
    assert find_texts(tmp_path, "a*.txt") == [tmp_path / "a" / "a.txt"]


def test_a_folder_without_texts_is_refused_by_name(tmp_path):
    with pytest.raises(DataError, match="nowhere:"):
        find_texts(tmp_path / "nowhere")
    with pytest.raises(DataError, match=":"):
        find_texts(tmp_path, "cv*.txt")
