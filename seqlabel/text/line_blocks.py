"""Text files as lists of words in blocks of whole lines; word ids are in `corpora`, labels in
`seqlabel.formats`.
"""

import lzma
from collections.abc import Callable, Iterable, Iterator
from itertools import groupby
from pathlib import Path

from seqlabel.errors import DataError, OptionError
from seqlabel.io.text_files import read_blocks
from seqlabel.text.vocabulary import START


def whole_lines(path: Path | str) -> Iterator[str]:
    """Read a text file in blocks of about a megabyte that end with a line.

    Args:
        path: A UTF-8 text file.

    Yields:
        The blocks, the last newline of each left out.

    Raises:
        DataError: The file cannot be read or is not UTF-8.
    """
    waiting = ""
    for block in read_blocks(path):
        text, _, waiting = (waiting + block).rpartition("\n")
        yield text
    yield waiting


def tagged_words(path: Path | str) -> list[str]:
    """Read the words of a file of `word_TAG` items between white space, as MASC has them.

    Args:
        path: A UTF-8 text file. Items without a word or an underscore are skipped.

    Returns:
        The words.

    Raises:
        DataError: The file cannot be read or is not UTF-8.
    """
    return [
        item.rpartition("_")[0] for item in "".join(read_blocks(path)).split() if "_" in item[1:]
    ]


def packed_documents(path: Path | str) -> Iterator[list[str]]:
    """Read the documents of an xz file, between which there are blank lines.

    Args:
        path: A UTF-8 text file, packed by xz.

    Yields:
        The lines of each document, without white space around them.

    Raises:
        DataError: The file cannot be read, is damaged or is not UTF-8.
    """
    try:
        with lzma.open(path, "rt", encoding="utf-8") as file:
            for is_text, lines in groupby((line.strip() for line in file), key=bool):
                if is_text:
                    yield list(lines)
    except (OSError, EOFError, UnicodeDecodeError, lzma.LZMAError) as error:
        raise DataError(
            f"{path}: cannot be read ({error}). Pass a UTF-8 text file packed by xz."
        ) from error


def beginnings(documents: Iterable[list[str]], words: int) -> Iterator[list[str]]:
    """Cut documents to a number of words together: short ones stay whole, long ones keep equally
    many words.

    Args:
        documents: The words of each document.
        words: How many words are kept of all, or fewer where the documents have fewer.

    Yields:
        The beginning of each document, the shortest document first.

    Example:
        >>> list(beginnings([["a", "b", "c", "d"], ["e"], ["f", "g", "h"]], 6))
        [['e'], ['f', 'g'], ['a', 'b', 'c']]
    """
    every = sorted(documents, key=len)
    for number, document in enumerate(every):
        most = words // (len(every) - number)
        yield document[:most]
        words -= min(len(document), most)


def hold_out(
    documents: Iterable[list[str]],
    keep: Callable[[list[str]], None],
    *,
    words: int = 1_000,
    every: int = 200,
) -> Iterator[list[str]]:
    """Cut documents into blocks for a corpus and hold some blocks out, evenly over the whole text.

    Args:
        documents: The words of each document.
        keep: Called with each block that is held out: the 10th of every `every`.
        words: Words of a block, the last one of a document fewer. A document's first block begins
            with `xxbos`.
        every: How many blocks there are for each that is held out, at least 10.

    Yields:
        The other blocks.

    Raises:
        OptionError: `words` is less than 1 or `every` less than 10.

    Example:
        >>> held_out = []
        >>> blocks = hold_out([["a", "rose", "is", "red"]] * 5, held_out.extend, words=2, every=10)
        >>> len(list(blocks)), held_out
        (9, ['is', 'red'])
    """
    if words < 1 or every < 10:
        raise OptionError(
            f"Expected words of 1 or more and every of 10 or more, got words {words} and every "
            f"{every}."
        )
    number = 0
    for document in documents:
        for start in range(0, len(document), words):
            block = [START] * (start == 0) + document[start : start + words]
            number += 1
            if number % every == 10 % every:
                keep(block)
            else:
                yield block
