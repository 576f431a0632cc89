"""brat's annotations, an `.ann` for each `.txt` → documents with spans; relations, events and notes
are not read.
"""

import re
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

from seqlabel.documents.document import Document
from seqlabel.documents.spans import CharacterSpan
from seqlabel.errors import DataError
from seqlabel.formats.format import SPANS, Beginning, Format, Labels
from seqlabel.formats.reading import ReadOptions, check_place, with_spans
from seqlabel.io.text_files import read_blocks, read_lines

_ENTITY = re.compile(r"T[0-9]+\t(\S+) ([0-9]+ [0-9]+(?:;[0-9]+ [0-9]+)*)\t(.*)")


def _read(path: Path, options: ReadOptions) -> Iterator[Document]:
    """Read texts and their text-bound annotations as brat keeps them, of one file or a folder
    searched to any depth.

    A span in pieces with nothing but white space between them, as at the end of a line, is one
    span.
    """
    for file in sorted(path.rglob("*.ann")) if path.is_dir() else [path.with_suffix(".ann")]:
        text = "".join(read_blocks(file.with_suffix(".txt"), encoding=options.encoding))
        # brat makes an empty file for a text without annotations.
        lines = (
            read_lines(file, encoding=options.encoding)
            if file.is_file() and file.stat().st_size
            else ()
        )
        annotations = (
            _span(line, text, f"{file}, line {number}", options)
            for number, line in lines
            if line[:1] == "T"
        )
        spans = [span for span in annotations if span is not None]
        yield with_spans(options.tokenize(text), spans, str(file), options)


def _span(line: str, text: str, where: str, options: ReadOptions) -> CharacterSpan | None:
    entity = _ENTITY.fullmatch(line)
    if entity is None:
        raise DataError(
            f"{where}: is not a text-bound annotation, such as T1, a tab, PER 0 3, a tab and "
            "the text. Correct it."
        )
    label, offsets, quoted_text = entity.groups()
    numbers = [int(number) for number in re.findall("[0-9]+", offsets)]
    pieces = list(zip(numbers[::2], numbers[1::2], strict=True))
    span = CharacterSpan(pieces[0][0], pieces[-1][1], label)
    check_place(span, len(text), where)
    if " ".join(text[start:end] for start, end in pieces).split() != quoted_text.split():
        raise DataError(
            f"{where}: expected the text that the line quotes from {span.start} to {span.end}, got "
            "another one. Was the .txt changed since? Annotate it again, or restore it."
        )
    if any(text[end:start].strip() for (_, end), (start, _) in pairwise(pieces)):
        if options.strict:
            raise DataError(
                f"{where}: expected a span in one piece, got {len(pieces)} pieces with words "
                "between them. Make each "
                f"piece a span, or pass `repairs` to leave the span out and count it."
            )
        options.repairs.lost += 1
        return None
    return span


def _looks_like(beginning: Beginning) -> bool:
    path = beginning.path
    if path is None or not beginning.labeled:
        return False
    return any(path.rglob("*.ann")) if path.is_dir() else path.with_suffix(".ann").is_file()


BRAT = Format("brat", (".ann",), looks_like=_looks_like, labels=Labels(frozenset({SPANS}), _read))
"""An `.ann` file for each `.txt`, alone or in a folder."""
