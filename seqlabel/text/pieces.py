"""Words ↔ pieces of words (byte-pair encoding) on top of `tokenizers`: immutable; no text is split.

A word is cut on its own, as the bytes of its UTF-8 form with a space before it, so that no word is
unknown and a piece that begins a word is another one than the same letters inside it. `xxunk` and
`xxbos` are pieces of their own. Shape notation: arrays are 1-D.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from itertools import chain
from pathlib import Path

import numpy as np
import numpy.typing as npt
from tokenizers import Tokenizer
from tokenizers.models import BPE
from tokenizers.pre_tokenizers import ByteLevel
from tokenizers.trainers import BpeTrainer

from seqlabel.errors import DataError, OptionError
from seqlabel.io.files import write_file
from seqlabel.text.features import shorten
from seqlabel.text.hashing import RaggedIds
from seqlabel.text.vocabulary import START, UNKNOWN

SPECIAL_PIECES = (UNKNOWN, START)
_BYTES = 256
_CAPACITY = 1 << 16


class Pieces:
    """An immutable list of pieces, whose positions are their ids, and the rule that cuts any word
    into them.

    The most frequent pair is joined, again and again (Sennrich et al. 2016). The specials come
    first, then those of `tokenizer`, in its order. Raises `DataError` unless it is BPE over bytes.
    """

    def __init__(self, tokenizer: Tokenizer) -> None:
        by_piece = tokenizer.get_vocab()
        if not isinstance(tokenizer.model, BPE) or not set(ByteLevel.alphabet()) <= by_piece.keys():
            kind = type(tokenizer.model).__name__
            raise DataError(
                f"Expected a BPE tokenizer over bytes, got a {kind} tokenizer of "
                f"{len(by_piece)} pieces."
            )
        if sorted(by_piece.values()) != list(range(len(by_piece))):
            raise DataError(
                f"Expected pieces with the ids 0 to {len(by_piece) - 1}, got other ids."
            )
        self._tokenizer = tokenizer
        self._pieces = (*SPECIAL_PIECES, *sorted(by_piece, key=by_piece.__getitem__))
        self._known = _special_ids()

    @classmethod
    def train(cls, counts: Mapping[str, int], *, size: int) -> "Pieces":
        """Find pieces for counted words.

        Args:
            counts: How often each word was seen.
            size: The greatest number of pieces, specials included.

        Returns:
            The specials, then the pieces by falling frequency.

        Raises:
            DataError: There are no words.
            OptionError: `size` is less than the bytes alone need.
        """
        least = _BYTES + len(SPECIAL_PIECES)
        if size < least:
            raise OptionError(
                f"size: expected at least {least}, because every byte is a piece, got {size}."
            )
        words = {
            word: count
            for word, count in counts.items()
            if word not in SPECIAL_PIECES and count > 0
        }
        if not words:
            raise DataError("Expected at least one word to train pieces on, got none.")
        tokenizer = Tokenizer(BPE())
        tokenizer.pre_tokenizer = ByteLevel(add_prefix_space=False, use_regex=False)
        tokenizer.train_from_iterator(
            (
                [form] * count
                for form, count in zip(_forms(list(words)), words.values(), strict=True)
            ),
            BpeTrainer(
                vocab_size=size - len(SPECIAL_PIECES),
                initial_alphabet=sorted(ByteLevel.alphabet()),
                show_progress=False,
            ),
        )
        return cls(_by_frequency(tokenizer, words))

    def __len__(self) -> int:
        return len(self._pieces)

    def __iter__(self) -> Iterator[str]:
        return iter(self._pieces)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Pieces) and self._tokenizer.to_str() == other._tokenizer.to_str()

    def __hash__(self) -> int:
        return hash(self._pieces)

    def __repr__(self) -> str:
        return f"Pieces({len(self)} pieces)"

    def encode(self, words: Sequence[str]) -> RaggedIds:
        """Cut words into pieces; a word met before is looked up.

        Of a word of more than `MAX_CHARACTERS` characters the first and the last half of these are
        cut, as in `WordHasher`.

        Args:
            words: The words.

        Returns:
            The ids of each word's pieces, at least one per word.

        Raises:
            DataError: A word is empty.
        """
        known = self._known
        new = [word for word in dict.fromkeys(words) if word not in known]
        if len(known) + len(new) > _CAPACITY:
            # A new table, not the old one emptied: another thread may still read that.
            self._known = known = _special_ids()
            new = [word for word in dict.fromkeys(words) if word not in known]
        if "" in new:
            raise DataError("Expected words of at least one character, got an empty one.")
        for word, tokenizer_ids in zip(new, _cut(self._tokenizer, new), strict=True):
            known[word] = [number + len(SPECIAL_PIECES) for number in tokenizer_ids]

        ids_of_words = [known[word] for word in words]
        lengths = np.fromiter(map(len, ids_of_words), dtype=np.int64, count=len(words))
        offsets = np.zeros(len(words) + 1, dtype=np.int64)
        np.cumsum(lengths, out=offsets[1:])
        ids = np.fromiter(chain.from_iterable(ids_of_words), dtype=np.int32, count=int(offsets[-1]))
        return RaggedIds(ids, offsets)

    def save(self, path: Path | str) -> None:
        """Write the pieces and their rule as the JSON of `tokenizers`, without the specials.

        Args:
            path: The file; an earlier one is replaced.
        """
        write_file(Path(path), self._tokenizer.to_str().encode())

    @classmethod
    def load(cls, path: Path | str) -> "Pieces":
        """Read pieces that `save` wrote.

        Args:
            path: The file.

        Returns:
            The pieces.

        Raises:
            DataError: The file is missing, cut off, or something else.
        """
        try:
            text = Path(path).read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise DataError(
                f"{path}: cannot be read ({error}). Pass pieces that seqlabel saved."
            ) from error
        try:
            tokenizer = Tokenizer.from_str(text)
        # `tokenizers` raises nothing narrower.
        except Exception as error:
            raise DataError(
                f"{path}: is not a file of pieces ({error}). It may be cut off. Save the pieces "
                "again."
            ) from error
        try:
            return cls(tokenizer)
        except DataError as error:
            raise DataError(f"{path}: {error}") from error


def _special_ids() -> dict[str, list[int]]:
    return {word: [number] for number, word in enumerate(SPECIAL_PIECES)}


def _forms(words: Sequence[str]) -> list[str]:
    """The words as `tokenizers` reads them; half of a surrogate pair, which it refuses, becomes
    `?`.
    """
    return [f" {word}".encode(errors="replace").decode() for word in map(shorten, words)]


def _cut(tokenizer: Tokenizer, words: Sequence[str]) -> list[list[int]]:
    """The tokenizer's ids of each word's pieces."""
    return [
        encoding.ids
        for encoding in tokenizer.encode_batch_fast(_forms(words), add_special_tokens=False)
    ]


def _by_frequency(tokenizer: Tokenizer, counts: Mapping[str, int]) -> Tokenizer:
    """The same rule with ids by falling frequency, as an adaptive softmax wants them."""
    seen = np.zeros(tokenizer.get_vocab_size(), dtype=np.int64)
    for ids, count in zip(_cut(tokenizer, list(counts)), counts.values(), strict=True):
        np.add.at(seen, ids, count)
    order: npt.NDArray[np.int64] = np.argsort(-seen, kind="stable")
    about = json.loads(tokenizer.to_str())
    model = about["model"]
    by_id = sorted(model["vocab"], key=model["vocab"].__getitem__)
    model["vocab"] = {by_id[number]: rank for rank, number in enumerate(order)}
    return Tokenizer.from_str(json.dumps(about))
