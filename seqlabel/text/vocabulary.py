"""Words ↔ ids for language models; immutable, with the special words spelled out. No text is split
in here.

A word that the vocabulary lacks becomes `xxunk`. Shape notation: arrays are 1-D, dtype int64.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from seqlabel.errors import DataError, OptionError
from seqlabel.io.files import read_json, write_json
from seqlabel.io.markup import table_html

UNKNOWN = "xxunk"
START = "xxbos"
SPECIAL_WORDS = (UNKNOWN, "xxpad", START, "xxeos", "xxfld", "xxmaj", "xxup", "xxrep", "xxwrep")
_SHOWN = 20
"""Words that a notebook shows: the specials and about as many others."""


class Vocabulary:
    """An immutable list of distinct words, whose positions are their ids.

    `words` must hold no word twice and must hold `xxunk`. Raises `DataError` otherwise.
    """

    def __init__(self, words: Sequence[str]) -> None:
        self._words = tuple(words)
        self._ids = {word: index for index, word in enumerate(self._words)}
        if len(self._ids) < len(self._words):
            raise DataError(
                f"Expected each word once, got {len(self._words) - len(self._ids)} repeated words."
            )
        if UNKNOWN not in self._ids:
            raise DataError(
                f"Expected {UNKNOWN!r} among the words, which stands for words that are not known."
            )
        self._unknown = self._ids[UNKNOWN]

    @classmethod
    def from_counts(
        cls,
        counts: Mapping[str, int],
        *,
        max_words: int | None = None,
        min_count: int = 1,
    ) -> "Vocabulary":
        """Choose the words of a vocabulary by how often they were seen.

        Args:
            counts: How often each word was seen.
            max_words: The size of the vocabulary, specials included; None for no bound.
            min_count: Words seen less often are left out.

        Returns:
            The specials, then the words by falling count, ties in the order of `counts`.

        Raises:
            OptionError: The specials alone exceed `max_words`.
        """
        # sorted() is stable, so equal counts keep the mapping's order: that of first appearance.
        ranked = sorted(counts.items(), key=lambda item: -item[1])
        specials = len(SPECIAL_WORDS)
        if max_words is not None and max_words < specials:
            raise OptionError(
                f"max_words: expected at least {specials}, the specials, got {max_words}."
            )
        words = [word for word, count in ranked if count >= min_count and word not in SPECIAL_WORDS]
        return cls([*SPECIAL_WORDS, *words][:max_words])

    @classmethod
    def from_words(cls, words: Iterable[str], *, max_words: int | None = None) -> "Vocabulary":
        """Count words and make a vocabulary of them.

        Args:
            words: The words of a text.
            max_words: The size of the vocabulary, specials included; None for no bound.

        Returns:
            The specials, then the words by falling frequency, ties by first appearance.

        Raises:
            OptionError: The specials alone exceed `max_words`.
        """
        return cls.from_counts(Counter(words), max_words=max_words)

    def __len__(self) -> int:
        return len(self._words)

    def __iter__(self) -> Iterator[str]:
        return iter(self._words)

    def __contains__(self, word: object) -> bool:
        return word in self._ids

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Vocabulary) and self._words == other._words

    def __hash__(self) -> int:
        return hash(self._words)

    def __repr__(self) -> str:
        return f"Vocabulary({len(self)} words)"

    def _repr_html_(self) -> str:
        """The size and the first words with their ids, for a notebook."""
        rows = [(str(index), word) for index, word in enumerate(self._words[:_SHOWN])]
        return table_html(
            ("id", "word"), rows, caption=f"{len(self):,} words, of which the first {len(rows)}"
        )

    def id(self, word: str) -> int:
        """Look up the id of a word.

        Args:
            word: The word.

        Returns:
            Its id, or that of `xxunk`.
        """
        return self._ids.get(word, self._unknown)

    def word(self, index: int) -> str:
        """Look up the word with an id.

        Args:
            index: The id.

        Returns:
            The word.

        Raises:
            IndexError: The id is below 0 or past the end.
        """
        if not 0 <= index < len(self._words):
            raise IndexError(f"Expected an id from 0 to {len(self._words) - 1}, got {index}.")
        return self._words[index]

    def encode(self, words: Sequence[str]) -> npt.NDArray[np.int64]:
        """Look up the ids of words.

        Args:
            words: The words.

        Returns:
            The ids, shape (words,); words that the vocabulary lacks get the id of `xxunk`.
        """
        find = self._ids.get
        unknown = self._unknown
        return np.fromiter(
            (find(word, unknown) for word in words), dtype=np.int64, count=len(words)
        )

    def decode(self, ids: Iterable[int]) -> list[str]:
        """Look up the words with some ids.

        Args:
            ids: The ids.

        Returns:
            The words.
        """
        return [self.word(int(index)) for index in ids]

    def save(self, path: Path | str) -> None:
        """Write the words, in the order of their ids, as a JSON list.

        Args:
            path: The file; an earlier one is replaced.
        """
        write_json(Path(path), list(self._words))

    @classmethod
    def load(cls, path: Path | str) -> "Vocabulary":
        """Read a vocabulary that `save` wrote.

        Args:
            path: The file.

        Returns:
            The vocabulary.

        Raises:
            DataError: The file is missing, cut off, or something else.
        """
        words = read_json(Path(path))
        if not isinstance(words, list) or not all(isinstance(word, str) for word in words):
            raise DataError(
                f"{path}: is not a list of words. Pass a vocabulary that seqlabel saved."
            )
        try:
            return cls(words)
        except DataError as error:
            raise DataError(f"{path}: {error}") from error
