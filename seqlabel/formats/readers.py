"""Files of labelled words and spans → documents, lazily, one function a format; what labels mean is in `schemes`.

Every error names file and line; a line is never skipped in silence. Text is UTF-8, with any line ends. What is mended
on the way is counted in the `Repairs` that a reader is given; without one, a `UserWarning` at the end of the file says
it. Tables and folders of texts are in `tables`, spaCy's Docs in `spacy_documents`.
"""

import json
import re
import warnings
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from itertools import accumulate, islice
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import conllu
from conllu.exceptions import ParseException

from seqlabel.documents.alignment import CharacterSpan, Repairs, align_spans, fit_spans
from seqlabel.documents.document import Document, Spans, Tags
from seqlabel.documents.schemes import Span, recognise_scheme, split_tag, tags_to_spans
from seqlabel.errors import DataError, OptionError
from seqlabel.files import read_blocks

Tokenise = Callable[[str], Document]
"""What finds the words of a text; `Labeler.tokenise` is one."""

_Sentence = TypeVar("_Sentence")


def read_conllu(
    path: Path | str, *, whole_documents: bool = False, labels: Mapping[str, Collection[str]] | None = None
) -> Iterator[Document]:
    """Sentences of a CoNLL-U file, with layers `upos` and `xpos`; with `whole_documents`, what `# newdoc` begins.

    Words are the syntactic words: a multi-word token is left to its parts, an empty node is no word of the text. A tag
    of `_` is a missing label. `labels` says which others a layer may have.

    Raises `DataError`, naming the line, for a file that is not CoNLL-U, words of a sentence that are not numbered 1, 2,
    3 and so on, a multi-word token without its words, and a label that is not among those of its layer.
    """
    labels = labels or {}
    for layer in labels:
        if layer not in _LAYERS:
            raise OptionError(f"labels: found the layer {layer!r}; the layers of CoNLL-U are {' and '.join(_LAYERS)}")
    for sentences in _grouped(_conllu_sentences(Path(path), labels), whole_documents=whole_documents):
        yield _document(sentences)


def _conllu_sentences(path: Path, labels: Mapping[str, Collection[str]]) -> Iterator[tuple[bool, "_ConlluSentence"]]:
    """Sentences, and whether one begins a document."""
    begins = False
    for line, block in _blocks(path):
        rows = [(number, row) for number, row in enumerate(block, line) if not row.startswith("#")]
        word_lines = _word_lines(path, rows)
        try:
            parsed = conllu.parse("\n".join(block) + "\n")
        except ParseException as error:
            raise DataError(
                f"{path}, line {line}: the sentence that begins there is not CoNLL-U ({error}); mend it"
            ) from error
        for sentence in parsed:
            read = _ConlluSentence(sentence)
            for layer, allowed in labels.items():
                for number, label in zip(word_lines, read.tags[layer], strict=True):
                    if label is not None:
                        check_label(label, allowed, f"{path}, line {number}, layer {layer!r}")
            begins |= read.begins_document
            if read.words:
                yield begins, read
                begins = False


def _word_lines(path: Path, rows: Iterable[tuple[int, str]]) -> list[int]:
    """The lines of a sentence's words, from its rows and their lines, which are checked."""
    lines: list[int] = []
    covered = covered_line = 0
    for line, row in rows:
        cells = row.split("\t")
        id_ = _ID.fullmatch(cells[0])
        # The library splits at two spaces as well, and skips or shifts what it does not understand.
        if id_ is None or len(cells) != 10 or not cells[1] or "  " in row:
            raise DataError(
                f"{path}, line {line}: is not CoNLL-U; a row has ten columns with tabs between them, the first a "
                f"number, the second a word, and never two spaces in a row"
            )
        first, kind, last = id_.groups()
        if kind is None:
            lines.append(line)
            if int(first) != len(lines):
                raise DataError(
                    f"{path}, line {line}: found word {first}, expected {len(lines)}; the words of a sentence are "
                    f"numbered 1, 2, 3 and so on; is an empty line missing before it?"
                )
        elif kind == "-":
            if covered > len(lines) or not len(lines) + 1 == int(first) <= int(last):
                raise DataError(
                    f"{path}, line {line}: found a token of the words {first} to {last} after word {len(lines)}; it "
                    f"stands before the first of its words, and shares none with another"
                )
            covered, covered_line = int(last), line
    if covered > len(lines):
        raise DataError(
            f"{path}, line {covered_line}: found a token up to word {covered} in a sentence of {len(lines)}; each of "
            f"its words has a row"
        )
    return lines


_LAYERS = ("upos", "xpos")
_ID = re.compile(r"([0-9]+)(?:([-.])([0-9]+))?")


def _grouped(sentences: Iterable[tuple[bool, _Sentence]], *, whole_documents: bool) -> Iterator[list[_Sentence]]:
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


class _ConlluSentence:
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
        self.tags = {layer: [_label(token[layer]) for token in tokens] for layer in _LAYERS}
        self.begins_document = any(key.startswith("newdoc") for key in sentence.metadata)


def _space_after(token: Any) -> bool:
    return (token.get("misc") or {}).get("SpaceAfter") != "No"


def _label(value: object) -> str | None:
    return None if value in (None, "_", "") else str(value)


def _document(sentences: Sequence[_ConlluSentence]) -> Document:
    starts, words = [], 0
    for sentence in sentences:
        starts.append(words)
        words += len(sentence.words)
    return Document.from_words(
        [word for sentence in sentences for word in sentence.words],
        spaces=[space for sentence in sentences for space in sentence.spaces],
        tags={layer: Tags(tuple(tag for one in sentences for tag in one.tags[layer])) for layer in _LAYERS},
        sentences=tuple(starts),
    )


def read_columns(
    path: Path | str,
    *,
    word: int = 0,
    tag: int = -1,
    separator: str | None = None,
    layer: str = "ner",
    whole_documents: bool = False,
    labels: Collection[str] | None = None,
    repairs: Repairs | None = None,
) -> Iterator[Document]:
    """Sentences of a file of columns, a word a line, an empty line between sentences; the tags become spans.

    `word` and `tag` number the columns, from the end where negative; `separator` None is any run of white space. A
    comment is a line like `# key = value` or `# newpar`, and any other that begins with `#` and has not as many columns
    as the rows. A `-DOCSTART-` line or a `# newdoc` ends a sentence, and with `whole_documents` begins what is yielded.
    The scheme is recognised in a first pass over the file; a tag that breaks it is read as `tags_to_spans` does and
    counted in `repairs`, or, where there is none, in a warning at the end.

    Raises `DataError`, naming the line, for a row with too few columns or another number of them than the first, a tag
    of no scheme, a label that is not among `labels`, where they are given, or a column of words that only counts them;
    `OptionError` for an empty `separator`.
    """
    counted = Repairs() if repairs is None else repairs

    def sentences() -> Iterator[tuple[bool, list[_Row]]]:
        return _column_sentences(Path(path), word=word, tag=tag, separator=separator)

    def checked(row: _Row) -> str:
        try:
            _, label = split_tag(row.tag)
        except DataError:
            # From nothing: that error quotes the tag, which is a word of the text where the column is wrong.
            raise DataError(
                f"{path}, line {row.line}: the tag is neither O nor one of B I E S L U, a dash and a label; "
                f"mend it, or give the right column as `tag`{row.doubt}"
            ) from None
        if label:
            check_label(label, labels, f"{path}, line {row.line}", row.doubt)
        return row.tag

    scheme = recognise_scheme([checked(row) for row in rows] for _, rows in sentences())
    if word == 0:
        _check_not_counted(path, (rows for _, rows in sentences()))
    for group in _grouped(sentences(), whole_documents=whole_documents):
        spans: list[Span] = []
        for start, rows in zip(_starts(group), group, strict=True):
            found = tags_to_spans([row.tag for row in rows], scheme)
            spans.extend(Span(start + span.start, start + span.end, span.label) for span in found.spans)
            counted.tags += found.repairs
        words = [row.word for rows in group for row in rows]
        yield Document.from_words(words, spans={layer: Spans(tuple(spans))}, sentences=_starts(group))
    if repairs is None:
        warn_of_repairs(counted, str(path))


def _check_not_counted(path: Path | str, sentences: Iterator[list["_Row"]]) -> None:
    """Raise `DataError` where the first column only counts the words, as it does in CoNLL-U and its kin."""
    first = list(islice((rows for rows in sentences if len(rows) > 1), 3))
    if first and all([row.word for row in rows] == [str(place + 1) for place in range(len(rows))] for rows in first):
        raise DataError(
            f"{path}, line {first[0][0].line}: the first column counts the words; say where they are, such as word=1"
        )


def read_tag_columns(
    path: Path | str,
    *,
    word: int = 0,
    tag: int = -1,
    separator: str | None = None,
    layer: str = "tags",
    whole_documents: bool = False,
    labels: Collection[str] | None = None,
) -> Iterator[Document]:
    """As `read_columns`, but the tags stay what they are, one a word, such as parts of speech; `_` is a missing label.

    A comment may look like a row here, as `# note` does between rows of two columns; it is then one.

    Raises `DataError`, naming the line, for a row with too few columns or another number of them than the first, an
    empty tag, or one that is not among `labels`, where they are given; `OptionError` for an empty `separator`.
    """
    sentences = _column_sentences(Path(path), word=word, tag=tag, separator=separator)
    for group in _grouped(sentences, whole_documents=whole_documents):
        tags = []
        for row in (row for rows in group for row in rows):
            label = _label(row.tag)
            if label is not None:
                check_label(label, labels, f"{path}, line {row.line}", row.doubt)
            tags.append(label)
        words = [row.word for rows in group for row in rows]
        yield Document.from_words(words, tags={layer: Tags(tuple(tags))}, sentences=_starts(group))


class _Row(NamedTuple):
    """A word and its tag, and what an error about them asks too."""

    line: int
    word: str
    tag: str
    doubt: str


_DOCUMENT_START = re.compile(r"-DOCSTART-|# newdoc\b")
# With as many words as there are columns these would be rows.
_COMMENT = re.compile(r"# (?:newpar\b|[\w.:-]+(?: id)? =(?: |$))")


def _column_sentences(path: Path, *, word: int, tag: int, separator: str | None) -> Iterator[tuple[bool, list[_Row]]]:
    """Sentences, and whether one begins a document."""
    if separator == "":
        raise OptionError("separator: found ''; give what stands between columns, or None for any run of white space")
    needed = max(2, *(column + 1 if column >= 0 else -column for column in (word, tag)))
    width = _width(path, separator)
    rows: list[_Row] = []
    begins = False
    for line, text in read_lines(path):
        starts = bool(_DOCUMENT_START.match(text))
        # A row of nothing but separators is no empty line: its cells were lost.
        if starts or (not text.strip() and (separator is None or separator not in text)):
            if rows:
                yield begins, rows
                rows, begins = [], False
            begins |= starts
            continue
        cells = text.split(separator)
        hashed = text.startswith("#")
        if hashed and (len(cells) != width or _COMMENT.match(text)):
            continue
        if len(cells) < needed or len(cells) != width:
            raise DataError(
                f"{path}, line {line}: found {len(cells)} columns, expected {max(width, needed)}; "
                f"is the separator right?"
            )
        for name, column in (("word", word), ("tag", tag)):
            if not cells[column].strip():
                raise DataError(f"{path}, line {line}: the {name} is empty")
        rows.append(_Row(line, cells[word], cells[tag], "; or is the line a comment?" if hashed else ""))
    if rows:
        yield begins, rows


def _width(path: Path, separator: str | None) -> int:
    """How many columns there are: a line with # says it only where all lines have it."""
    hashed = []
    for _, text in read_lines(path):
        if not text.strip() or _DOCUMENT_START.match(text) or _COMMENT.match(text):
            continue
        if not text.startswith("#"):
            return len(text.split(separator))
        hashed.append(len(text.split(separator)))
    return min(hashed, default=0)


def _starts(sentences: Sequence[Sequence[_Row]]) -> tuple[int, ...]:
    return tuple(accumulate((len(rows) for rows in sentences[:-1]), initial=0))


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
    if repairs != Repairs():
        warnings.warn(f"{where}: {repairs}; pass `repairs` to count them without a warning", UserWarning, stacklevel=3)


def read_spans(
    path: Path | str,
    tokenise: Tokenise,
    *,
    layer: str = "ner",
    labels: Collection[str] | None = None,
    repairs: Repairs | None = None,
) -> Iterator[Document]:
    """Documents of a file as in `read_span_lines`, with the words that `tokenise` finds.

    A span takes the whole of every word that it touches. With `repairs` that is counted, a span that touches no word is
    left out, and so is one that overlaps a longer one, both counted. Without, the first is said in a warning at the
    end, and the others are a `DataError` that names the line, as are a label that is not among `labels`, where they are
    given, and what `read_span_lines` refuses.
    """
    moved = 0
    for line, text, spans in _span_lines(Path(path)):
        where = f"{path}, line {line}"
        for _, _, label in spans:
            check_label(label, labels, where)
        document = tokenise(text)
        fitted = fit_spans(document, spans, where=where, repairs=repairs)
        if repairs is None:
            moved += align_spans(document, spans).moved
        yield document.with_spans(layer, fitted)
    warn_of_repairs(Repairs(moved=moved), str(path))


def read_span_lines(path: Path | str) -> Iterator[tuple[str, list[CharacterSpan]]]:
    """Texts of a JSONL file with `text` and `spans`: a list of `[start, end, label]` in characters, half-open.

    A span may also be an object with `start`, `end` and `label`; what else a line or a span holds is not read. Raises
    `DataError`, naming the line, for a line that is not such an object, a span that leaves its text or has an empty
    label, and a text with a NUL or a lone surrogate.
    """
    for _, text, spans in _span_lines(Path(path)):
        yield text, spans


_NO_TEXT = re.compile("[\0\ud800-\udfff]")


def _span_lines(path: Path) -> Iterator[tuple[int, str, list[CharacterSpan]]]:
    for number, line in read_lines(path):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
            text = row["text"]
            spans = [_character_span(value) for value in row["spans"]]
            strings = [text, *(label for _, _, label in spans)]
            numbers = [place for span in spans for place in span[:2]]
            if {type(value) for value in strings} != {str} or not {type(value) for value in numbers} <= {int}:
                raise TypeError
        except (json.JSONDecodeError, KeyError, TypeError, ValueError, RecursionError) as error:
            raise DataError(
                f'{path}, line {number}: is not an object like {{"text": "…", "spans": [[0, 4, "LABEL"]]}}'
            ) from error
        if any(map(_NO_TEXT.search, strings)):
            raise DataError(f"{path}, line {number}: found a NUL or a lone surrogate, which no text has; take it out")
        for start, end, label in spans:
            if not 0 <= start < end <= len(text):
                raise DataError(
                    f"{path}, line {number}: a span goes from {start} to {end} in a text of {len(text)} characters; "
                    f"mend it: its end is after its last character, so 0 ≤ start < end ≤ {len(text)}, counted in "
                    f"characters, not bytes"
                )
            if not label.strip():
                raise DataError(f"{path}, line {number}: a span has an empty label; fill it in, or take the span out")
        yield number, text, spans


def _character_span(value: Any) -> CharacterSpan:
    start, end, label = (value["start"], value["end"], value["label"]) if isinstance(value, dict) else value
    return start, end, label


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


def _blocks(path: Path) -> Iterator[tuple[int, list[str]]]:
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
