"""brat's annotations, an `.ann` beside each `.txt` → documents with spans; relations, events and notes are not read."""

import re
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

from seqlabel.documents.alignment import fit_spans
from seqlabel.documents.document import Document
from seqlabel.documents.repairs import Repairs
from seqlabel.documents.spans import CharacterSpan
from seqlabel.errors import DataError
from seqlabel.formats.format import SPANS, Beginning, Format, ReadOptions
from seqlabel.formats.jsonl import check_place
from seqlabel.formats.reading import Tokenise
from seqlabel.io.text_files import UTF_8, read_blocks, read_lines

_ENTITY = re.compile(r"T[0-9]+\t(\S+) ([0-9]+ [0-9]+(?:;[0-9]+ [0-9]+)*)\t(.*)")


def read_brat(
    path: Path | str,
    tokenise: Tokenise,
    *,
    layer: str = "ner",
    repairs: Repairs | None = None,
    encoding: str = UTF_8,
) -> Iterator[Document]:
    """Read texts and their text-bound annotations as brat keeps them.

    A span in pieces with nothing but white space between them, as at the end of a line, is one span.

    Args:
        path: An `.ann` file, the `.txt` beside it, or a folder of them, which is searched to any depth.
        tokenise: Finds the words of a text.
        layer: The name of the layer of spans.
        repairs: Counts spans that are moved to word borders or left out, those in pieces among them; without it what
            would be left out is an error.
        encoding: The name of the files' encoding.

    Yields:
        A document for each text.

    Raises:
        DataError: A file is missing or not text, a line is not as brat writes it, or a span does not have the text
            that its line says. The message names file and line.
        OptionError: Python does not know the encoding.
    """
    path = Path(path)
    for file in sorted(path.rglob("*.ann")) if path.is_dir() else [path.with_suffix(".ann")]:
        text = "".join(read_blocks(file.with_suffix(".txt"), encoding=encoding))
        # brat makes an empty file for a text without annotations.
        lines = read_lines(file, encoding=encoding) if file.is_file() and file.stat().st_size else ()
        spans = []
        for number, line in lines:
            if line.startswith("T") and (span := _span(line, text, f"{file}, line {number}", repairs)):
                spans.append(span)
        document = tokenise(text)
        yield document.with_spans(layer, fit_spans(document, spans, where=str(file), repairs=repairs))


def _span(line: str, text: str, where: str, repairs: Repairs | None) -> CharacterSpan | None:
    found = _ENTITY.fullmatch(line)
    if found is None:
        raise DataError(
            f"{where}: is not a text-bound annotation, such as T1, a tab, PER 0 3, a tab and the text. Correct it."
        )
    numbers = [int(number) for number in re.findall("[0-9]+", found[2])]
    pieces = list(zip(numbers[::2], numbers[1::2], strict=True))
    span = CharacterSpan(pieces[0][0], pieces[-1][1], found[1])
    check_place(span, len(text), where)
    if " ".join(text[start:end] for start, end in pieces).split() != found[3].split():
        raise DataError(
            f"{where}: the text from {span.start} to {span.end} is not the one that the line has. Was the .txt changed "
            f"since? Annotate it anew, or restore it."
        )
    if any(text[end:start].strip() for (_, end), (start, _) in pairwise(pieces)):
        if repairs is None:
            raise DataError(
                f"{where}: Found a span in {len(pieces)} pieces with words between them. Make each a span of its own, "
                f"or pass `repairs` to leave it out and count it."
            )
        repairs.lost += 1
        return None
    return span


def _looks_like(beginning: Beginning) -> bool:
    path = beginning.path
    if path is None or not beginning.labelled:
        return False
    return any(path.rglob("*.ann")) if path.is_dir() else path.with_suffix(".ann").is_file()


def _read(path: Path, options: ReadOptions) -> Iterator[Document]:
    layer, repairs = options.layer or "ner", options.repairs
    return read_brat(path, options.tokenise, layer=layer, repairs=repairs, encoding=options.encoding)


BRAT = Format("brat", (".ann",), looks_like=_looks_like, holds=frozenset({SPANS}), read=_read)
"""An `.ann` file beside each `.txt`, alone or in a folder."""
