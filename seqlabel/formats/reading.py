"""What the readers share: lines, sentences and documents, label checks and the warning about repairs; no format."""

import warnings
from collections.abc import Callable, Collection, Iterable, Iterator
from pathlib import Path
from typing import TypeVar

from seqlabel.documents.document import Document
from seqlabel.documents.repairs import Repairs
from seqlabel.errors import DataError
from seqlabel.files import read_blocks

Tokenise = Callable[[str], Document]
"""What finds the words of a text; `Labeler.tokenise` is one."""
_Sentence = TypeVar("_Sentence")


def read_lines(path: Path) -> Iterator[tuple[int, str]]:
    """A UTF-8 file's lines without their ends (LF, CRLF or CR, also mixed), and their numbers from 1."""
    number, held = 1, ""
    # A long line comes in pieces, which are joined once.
    pieces: list[str] = []
    for block in read_blocks(path):
        # A carriage return at the end of a block may be the first half of a line's end.
        text = held + block
        held = "\r" if text.endswith("\r") else ""
        piece, *lines = text.removesuffix("\r").replace("\r\n", "\n").replace("\r", "\n").split("\n")
        pieces.append(piece)
        for line in lines:
            yield number, "".join(pieces)
            number += 1
            pieces = [line]
    last = "".join(pieces)
    if last or held:
        yield number, last


def runs_of_lines(path: Path) -> Iterator[tuple[int, list[str]]]:
    """Runs of lines that are not empty, and the number of the first."""
    block: list[str] = []
    first = 1
    for number, line in read_lines(path):
        if line.strip():
            first = first if block else number
            block.append(line)
        elif block:
            yield first, block
            block = []
    if block:
        yield first, block


def grouped(sentences: Iterable[tuple[bool, _Sentence]], *, whole_documents: bool) -> Iterator[list[_Sentence]]:
    """Each sentence alone, or all from one that begins a document to the next."""
    group: list[_Sentence] = []
    for begins, sentence in sentences:
        if group and begins:
            yield group
            group = []
        group.append(sentence)
        if not whole_documents:
            yield group
            group = []
    if group:
        yield group


def label_or_none(value: object) -> str | None:
    """A cell as a label; None where `_`, or nothing, marks a missing one."""
    return None if value in (None, "_", "") else str(value)


def check_label(label: str, labels: Collection[str] | None, where: str, doubt: str = "") -> None:
    """Raise `DataError` for a label that is not among `labels`, where they are given; the label is not quoted.

    `where` begins the message, `doubt` ends it.
    """
    if labels is not None and label not in labels:
        known = ", ".join(map(repr, sorted(labels)))
        raise DataError(f"{where}: the label is none of {known}; mend it, or add it to the labels{doubt}")


def warn_of_repairs(repairs: Repairs, where: str) -> None:
    """Say in a `UserWarning` what a reader mended that was given nothing to count it in; nothing where it was nothing.

    It points to the line that read the reader's end.
    """
    if repairs:
        warnings.warn(f"{where}: {repairs}; pass `repairs` to count them without a warning", UserWarning, stacklevel=3)
