"""Plain text as a sequence of word ids, in memory or on disk, built in one pass; batches are cut
elsewhere.

A corpus may be larger than memory: words are read in blocks, ids are written to disk as they come,
and training reads them back a row at a time.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Protocol

import numpy as np
import numpy.typing as npt

from seqlabel.errors import DataError, check_type
from seqlabel.io.files import read_json
from seqlabel.io.folders import replace_folder, settle_folder
from seqlabel.text.vocabulary import SPECIAL_WORDS, UNKNOWN, Vocabulary

MAX_TYPES = 1_000_000
"""After this number of different words, new words become `xxunk`: memory stays below about 150
bytes for each.
"""
_COPY_TOKENS = 1 << 20
_PARTS = ("corpus.json", "tokens.bin", "vocabulary.json")


class TokenSequence(Protocol):
    """A long sequence of word ids that is read in pieces."""

    def __len__(self) -> int: ...

    def read(self, start: int, stop: int) -> npt.NDArray[np.int64]:
        """Read ids.

        Args:
            start: The first place.
            stop: The first place after them, 0 ≤ start ≤ stop ≤ len.

        Returns:
            The ids in `[start, stop)`, shape (stop - start,).
        """
        ...


def read_rows(
    tokens: TokenSequence, starts: npt.NDArray[np.int64], count: int
) -> npt.NDArray[np.int64]:
    """Read rows of ids, going round after the last token.

    Args:
        tokens: The sequence.
        starts: The first place of each row, shape (rows,).
        count: The number of ids in a row.

    Returns:
        The ids, shape (rows, count).
    """
    size = len(tokens)
    rows = np.empty((len(starts), count), dtype=np.int64)
    for row, start in zip(rows, (starts % size).tolist(), strict=True):
        done = 0
        while done < count:
            end = min(start + count - done, size)
            row[done : done + end - start] = tokens.read(start, end)
            done = done + end - start
            start = 0
    return rows


class TokenArray:
    """Word ids that fit in memory."""

    def __init__(self, ids: Sequence[int] | npt.NDArray[np.int64]) -> None:
        self._ids = np.asarray(ids, dtype=np.int64)

    def __repr__(self) -> str:
        return f"TokenArray({len(self):,} ids)"

    def __len__(self) -> int:
        return len(self._ids)

    def read(self, start: int, stop: int) -> npt.NDArray[np.int64]:
        """Read ids; see `TokenSequence`."""
        return self._ids[start:stop]


class TokenFile:
    """Word ids in a file of raw little-endian integers, read where they are needed.

    Plain reads instead of a memory map: mapped pages would count as this process's memory.
    """

    def __init__(self, path: Path, *, dtype: str, tokens: int) -> None:
        self._dtype = np.dtype(dtype)
        self._tokens = tokens
        size = path.stat().st_size if path.is_file() else 0
        expected_size = tokens * self._dtype.itemsize
        if size != expected_size:
            raise DataError(
                f"{path}: expected {expected_size:,} bytes, got {size:,}. The file is missing or "
                "cut off, so build the corpus again."
            )
        self._file = path.open("rb", buffering=0)

    def __len__(self) -> int:
        return self._tokens

    def __del__(self) -> None:
        if hasattr(self, "_file"):
            self._file.close()

    def read(self, start: int, stop: int) -> npt.NDArray[np.int64]:
        """Read ids; see `TokenSequence`."""
        self._file.seek(start * self._dtype.itemsize)
        return np.fromfile(self._file, dtype=self._dtype, count=stop - start).astype(np.int64)


@dataclass(frozen=True)
class Corpus:
    """Word ids, the vocabulary they belong to, and how many words of the text became `xxunk`."""

    tokens: TokenSequence
    vocabulary: Vocabulary
    unknown: int

    @classmethod
    def load(cls, folder: Path | str) -> "Corpus":
        """Open a corpus that `build_corpus` wrote.

        Args:
            folder: Its folder.

        Returns:
            The corpus, whose ids are read from the disk where they are needed.

        Raises:
            DataError: A part is missing or cut off.
        """
        folder = Path(folder)
        settle_folder(folder)
        path = folder / "corpus.json"
        match read_json(path):
            case {"dtype": "<u2" | "<u4" as dtype, "tokens": int(tokens), "unknown": int(unknown)}:
                vocabulary = Vocabulary.load(folder / "vocabulary.json")
                return cls(
                    TokenFile(folder / "tokens.bin", dtype=dtype, tokens=tokens),
                    vocabulary,
                    unknown,
                )
        raise DataError(
            f"{path}: is not what seqlabel writes about a corpus. Build the corpus again."
        )


def find_texts(folder: Path | str, pattern: str = "*.txt") -> list[Path]:
    """Find the files below a folder whose names fit a pattern.

    Args:
        folder: The folder.
        pattern: A glob pattern of names.

    Returns:
        The paths, sorted.

    Raises:
        DataError: There is none.
    """
    check_type("folder", folder, str | Path, "the path of a folder")
    check_type("pattern", pattern, str, "a pattern such as '*.txt'")
    folder = Path(folder)
    files = sorted(folder.rglob(pattern))
    if not files:
        problem = f"the folder has no {pattern}" if folder.is_dir() else "there is no such folder"
        raise DataError(f"{folder}: {problem}. Pass the path of a folder that holds {pattern}.")
    return files


def build_corpus(
    blocks: Iterable[list[str]],
    folder: Path | str,
    *,
    max_words: int | None = None,
    min_count: int = 1,
) -> Corpus:
    """Count words and write their ids to a folder in one pass; memory does not grow with the text.

    After `MAX_TYPES` different words, new ones become `xxunk`.

    Args:
        blocks: The words of the text, block by block, such as `text.split()` of each of
            `whole_lines`.
        folder: The folder; an earlier corpus in it is replaced when the new one is whole.
        max_words: The size of the vocabulary, specials included; None for no bound.
        min_count: Words seen less often become `xxunk`.

    Returns:
        The corpus; its vocabulary is as in `Vocabulary.from_counts`, and what became `xxunk`, for
        any reason, is counted.

    Raises:
        DataError: There is no word, or a file of the text cannot be read.
        OptionError: The folder has other files in it.
        OSError: The folder cannot be written.
    """
    folder = Path(folder)
    with replace_folder(folder, holds=_PARTS) as beside:
        first_pass = beside / "first_pass.bin"
        with first_pass.open("wb") as file:
            types, counts = _write_first_ids(blocks, file)
        if not counts.sum():
            raise DataError("Expected a text with at least one word, got none.")
        by_word = {word: int(count) for word, count in zip(types, counts, strict=True)}
        vocabulary = Vocabulary.from_counts(by_word, max_words=max_words, min_count=min_count)
        final_ids = vocabulary.encode(types)
        dtype = "<u2" if len(vocabulary) <= 1 << 16 else "<u4"
        with first_pass.open("rb") as source, (beside / "tokens.bin").open("wb") as target:
            while len(ids := np.fromfile(source, dtype="<u4", count=_COPY_TOKENS)):
                target.write(final_ids[ids].astype(dtype).tobytes())
        first_pass.unlink()
        vocabulary.save(beside / "vocabulary.json")
        unknown = int(counts[final_ids == vocabulary.id(UNKNOWN)].sum())
        about = {"tokens": int(counts.sum()), "dtype": dtype, "unknown": unknown}
        (beside / "corpus.json").write_text(json.dumps(about), encoding="utf-8")
    return Corpus.load(folder)


def _write_first_ids(
    blocks: Iterable[list[str]], file: BinaryIO
) -> tuple[list[str], npt.NDArray[np.int64]]:
    """Write ids by first appearance; return the words in that order and how often each was met."""
    ids = {word: index for index, word in enumerate(SPECIAL_WORDS)}
    counts = np.zeros(max(MAX_TYPES, len(ids)), dtype=np.int64)
    unknown = ids[UNKNOWN]
    for words in blocks:
        for word in dict.fromkeys(words):
            if word not in ids and len(ids) < MAX_TYPES:
                ids[word] = len(ids)
        find = ids.get
        word_ids = np.fromiter(
            (find(word, unknown) for word in words), dtype="<u4", count=len(words)
        )
        present, times = np.unique(word_ids, return_counts=True)
        counts[present] += times
        file.write(word_ids.tobytes())
    return list(ids), counts[: len(ids)]
