"""Label files → documents, lazily, one function a format; what labels mean is in `schemes`.

Every error names file and line; a line is never skipped in silence. Text is UTF-8, with any line ends.
"""

import json
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import conllu
from conllu.exceptions import ParseException

from seqlabel.documents import Document, Spans, Tags
from seqlabel.errors import DataError
from seqlabel.files import read_blocks
from seqlabel.schemes import Span, recognise_scheme, tags_to_spans


def read_conllu(path: Path, *, whole_documents: bool = False) -> Iterator[Document]:
    """Sentences of a CoNLL-U file, with layers `upos` and `xpos`; with `whole_documents`, what `# newdoc` begins.

    Words are the syntactic words: a multi-word token is left to its parts, an empty node is no word of the text. A tag
    of `_` is a missing label. Raises `DataError`, naming the line of the sentence's start, for a file that is not
    CoNLL-U.
    """
    waiting: list[_Sentence] = []
    begins = False
    for line, block in _blocks(path):
        for offset, row in enumerate(block):
            if not row.startswith("#") and not _is_conllu(row):
                raise DataError(
                    f"{path}, line {line}: row {offset + 1} of the sentence is not CoNLL-U; a row has ten columns with "
                    f"tabs between them, the first a number, the second a word, and never two spaces in a row"
                )
        try:
            parsed = conllu.parse("\n".join(block) + "\n")
        except ParseException as error:
            raise DataError(f"{path}, line {line}: is not CoNLL-U ({error}); mend the sentence there") from error
        for sentence in parsed:
            read = _Sentence(sentence)
            begins |= read.begins_document
            if not read.words:
                continue
            if not whole_documents:
                yield _document([read])
                continue
            if waiting and begins:
                yield _document(waiting)
                waiting = []
            begins = False
            waiting.append(read)
    if waiting:
        yield _document(waiting)


class _Sentence:
    """What is kept of a parsed sentence."""

    def __init__(self, sentence: Any) -> None:
        tokens = [token for token in sentence if isinstance(token["id"], int)]
        self.words = [str(token["form"]) for token in tokens]
        self.spaces = [_space_after(token) for token in tokens]
        # Of a multi-word token the parts are the words; its own line says what is written between and after them.
        places = {token["id"]: place for place, token in enumerate(tokens)}
        for token in sentence:
            if isinstance(token["id"], tuple) and token["id"][1] == "-":
                first, last = (places.get(number) for number in (token["id"][0], token["id"][2]))
                if first is not None and last is not None:
                    joined = "".join(self.words[first : last + 1]) == token["form"]
                    self.spaces[first:last] = [not joined] * (last - first)
                    self.spaces[last] = _space_after(token)
        self.upos = [_label(token["upos"]) for token in tokens]
        self.xpos = [_label(token["xpos"]) for token in tokens]
        self.begins_document = any(key.startswith("newdoc") for key in sentence.metadata)


def _space_after(token: Any) -> bool:
    return (token.get("misc") or {}).get("SpaceAfter") != "No"


_ID = re.compile(r"\d+(-\d+|\.\d+)?")


def _is_conllu(row: str) -> bool:
    # The library splits at two spaces as well, and skips or shifts what it does not understand.
    cells = row.split("\t")
    return len(cells) == 10 and bool(cells[1]) and bool(_ID.fullmatch(cells[0])) and "  " not in row


def _label(value: object) -> str | None:
    return None if value in (None, "_", "") else str(value)


def _document(sentences: Sequence[_Sentence]) -> Document:
    starts, words = [], 0
    for sentence in sentences:
        starts.append(words)
        words += len(sentence.words)
    return Document.from_words(
        [word for sentence in sentences for word in sentence.words],
        spaces=[space for sentence in sentences for space in sentence.spaces],
        tags={
            "upos": Tags(tuple(tag for sentence in sentences for tag in sentence.upos)),
            "xpos": Tags(tuple(tag for sentence in sentences for tag in sentence.xpos)),
        },
        sentences=tuple(starts),
    )


def read_columns(
    path: Path, *, word: int = 0, tag: int = -1, separator: str | None = None, layer: str = "ner"
) -> Iterator[Document]:
    """Sentences of a file of columns, a word a line, an empty line between sentences; the tags become spans.

    `word` and `tag` number the columns, from the end where negative; `separator` None is any run of white space. A line
    that begins with `#` and has not as many columns as the others is a comment; `-DOCSTART-` lines are left out. The
    scheme is recognised from the whole file.

    Raises `DataError`, naming the line, for a row with too few columns or another number of them than the row before,
    or a tag of no scheme.
    """
    sentences = []
    needed = max(2, *(column + 1 if column >= 0 else -column for column in (word, tag)))
    widths = [
        (text.startswith("#"), len(text.split(separator)))
        for _, text in _lines(path)
        if text.strip() and not text.startswith("-DOCSTART-")
    ]
    # A line with # says how many columns there are only where all lines have it.
    width = next((number for hashed, number in widths if not hashed), min(widths, default=(True, 0))[1])
    for line, block in _blocks(path):
        rows = []
        for offset, text in enumerate(block):
            cells = text.split(separator)
            if text.startswith("-DOCSTART-") or (text.startswith("#") and len(cells) != width):
                continue
            if len(cells) < needed or len(cells) != width:
                raise DataError(
                    f"{path}, line {line + offset}: found {len(cells)} columns, expected {max(width, needed)}; "
                    f"is the separator right?"
                )
            if not cells[word].strip():
                raise DataError(f"{path}, line {line + offset}: the word is empty")
            rows.append((line + offset, cells[word], cells[tag]))
        if rows:
            sentences.append(rows)
    for rows in sentences:
        for number, _, label in rows:
            try:
                recognise_scheme([[label]])
            except DataError as error:
                raise DataError(f"{path}, line {number}: {error}") from error
    scheme = recognise_scheme([label for _, _, label in rows] for rows in sentences)
    for rows in sentences:
        spans = tags_to_spans([label for _, _, label in rows], scheme).spans
        yield Document.from_words([text for _, text, _ in rows], spans={layer: Spans(spans)}, sentences=(0,))


def read_span_lines(path: Path) -> Iterator[tuple[str, list[tuple[int, int, str]]]]:
    """Texts of a JSONL file with `text` and `spans`, a list of `[start, end, label]` in characters, half-open.

    Raises `DataError`, naming the line, for a line that is not such an object, or a span that leaves the text.
    """
    for number, line in _lines(path):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
            text = row["text"]
            spans = [(start, end, label) for start, end, label in row["spans"]]
            strings = [text, *(label for _, _, label in spans)]
            numbers = [place for span in spans for place in span[:2]]
            if {type(value) for value in strings} != {str} or not {type(value) for value in numbers} <= {int}:
                raise TypeError
        except (json.JSONDecodeError, KeyError, TypeError, ValueError) as error:
            raise DataError(
                f'{path}, line {number}: is not an object like {{"text": "…", "spans": [[0, 4, "LABEL"]]}}'
            ) from error
        for start, end, _ in spans:
            if not 0 <= start < end <= len(text):
                raise DataError(
                    f"{path}, line {number}: a span goes from {start} to {end} in a text of {len(text)} characters"
                )
        yield text, spans


def align_spans(document: Document, spans: Sequence[tuple[int, int, str]]) -> tuple[Spans, int]:
    """Character spans as spans of words, and how many had to be widened to whole words.

    A span that touches part of a word takes the whole word; one that touches no word (white space) is counted too and
    has no place in the result.
    """
    found: list[Span] = []
    widened = 0
    for start, end, label in spans:
        inside = [n for n, (first, last) in enumerate(document.offsets) if first < end and start < last]
        if not inside:
            widened += 1
            continue
        span = Span(inside[0], inside[-1] + 1, label)
        widened += document.characters(span) != (start, end)
        found.append(span)
    return Spans(tuple(sorted(found))), widened


def _lines(path: Path) -> Iterator[tuple[int, str]]:
    """Lines without their ends, and their numbers from 1."""
    number, waiting = 1, ""
    for block in read_blocks(path):
        # A carriage return at the end of a block may be the first half of a line's end.
        text = waiting + block
        held = "\r" if text.endswith("\r") else ""
        *whole, waiting = text.removesuffix("\r").replace("\r\n", "\n").replace("\r", "\n").split("\n")
        waiting += held
        for line in whole:
            yield number, line
            number += 1
    if waiting:
        yield number, waiting.removesuffix("\r")


def _blocks(path: Path) -> Iterator[tuple[int, list[str]]]:
    """Runs of lines that are not empty, and the number of the first."""
    block: list[str] = []
    first = 1
    for number, line in _lines(path):
        if line.strip():
            first = first if block else number
            block.append(line)
        elif block:
            yield first, block
            block = []
    if block:
        yield first, block
