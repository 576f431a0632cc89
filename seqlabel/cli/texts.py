"""Texts to label, from files and standard input in any format that the readers know; labels in them are not learnt.

Plain text and JSONL are read line by line, as they come, without spaCy and torch. The other formats are read by the
readers of `seqlabel.formats`, standard input from a temporary copy.
"""

import json
import re
import shutil
import tempfile
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from enum import StrEnum
from gzip import BadGzipFile, GzipFile
from io import BufferedIOBase, BufferedReader, RawIOBase
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, cast

from seqlabel.errors import DataError, OptionError, SeqlabelError, choose
from seqlabel.io.text_files import GZIP, UTF_8, check_kind, encoding_advice, utf_16_of

if TYPE_CHECKING:
    from seqlabel.documents.document import Document
    from seqlabel.privacy.records.records import Reading, Record

_MANY = 256
"""Texts that are labelled together where more are there."""
_BLOCK_BYTES = 1 << 16
_NO_FIELDS: Mapping[str, object] = {}


class TextFormat(StrEnum):
    """How a file or a stream holds texts."""

    TEXT = "text"
    """One text per line."""
    JSONL = "jsonl"
    """One object per line, with the text in a field."""
    JSON = "json"
    """A list of objects, with the text in a field or in that field of `data`, as Label Studio writes it."""
    CSV = "csv"
    """A table whose first line names its columns, with commas, semicolons or tabs between them."""
    COLUMNS = "columns"
    """One word per line, an empty line after each sentence."""
    CONLLU = "conllu"
    """CoNLL-U; its words and its layers stay."""
    DOCBIN = "docbin"
    """spaCy's packed Docs; their words and layers stay."""


_OTHER_NAMES = {"spans": "jsonl", "categories": "jsonl", "label-studio": "json"}
"""The names that `seqlabel train` has for the same formats."""
_SUFFIXES = {
    ".jsonl": TextFormat.JSONL,
    ".ndjson": TextFormat.JSONL,
    ".csv": TextFormat.CSV,
    ".conllu": TextFormat.CONLLU,
    ".conllup": TextFormat.CONLLU,
    ".spacy": TextFormat.DOCBIN,
}
_COLUMN_SUFFIXES = (".conll", ".bio", ".iob", ".iob2")
_TABLE_SUFFIXES = (".tsv", ".tab")
_CONLLU = re.compile(r"1(?:-[0-9]+)?\t(?:[^\t]*\t){8}[^\t]*$")
_OBJECT = re.compile(r'\s*\{\s*"')
_LIST = re.compile(r"\s*\[\s*(?:\{|$)")
_SPAN_TAG = re.compile(r"O|[BIESLU]-\S+")
_WORD_TAG = re.compile(r"[A-Z][A-Z$]*|[^\w\s]+|-[LR]RB-")


class Text(NamedTuple):
    """A text to label, or a document whose words are known.

    Args:
        content: The text or the document.
        fields: The other fields of its line or row.
    """

    content: "str | Document"
    fields: Mapping[str, object] = _NO_FIELDS


@dataclass(frozen=True)
class TextReader:
    """Reads texts with the user's options.

    Args:
        format: The format's name; None to tell it by the name and the beginning of each file.
        key: The field of JSON or column of a table that is text.
        word: The number of the column of words in a file of columns.
        encoding: The name of the encoding of text files.
        note: Takes the line that says how a file is read.
        withhold: Takes the line that says what cannot be read and is left out.
        fields: Whether the other fields of lines and rows are wanted.
    """

    format: str | None = None
    key: str = "text"
    word: int = 0
    encoding: str = UTF_8
    note: Callable[[str], None] = field(default=print, kw_only=True)
    withhold: Callable[[str], None] = field(default=print, kw_only=True)
    fields: bool = field(default=False, kw_only=True)

    def read(self, source: BufferedIOBase, name: str, path: Path | None = None) -> Iterator[list[Text]]:
        """Read the texts of a file or a stream, those together that are there at once.

        Args:
            source: The file or stream, at its beginning.
            name: What messages call it.
            path: The file; None for a stream, which can be read once.

        Yields:
            Texts that are labelled together.

        Raises:
            DataError: It is not text, or not in that format.
            OptionError: There is no such format or encoding.
        """
        with _damage(name), ExitStack() as stack:
            file = source if isinstance(source, BufferedReader) else BufferedReader(cast(RawIOBase, source))
            packed = file.peek(2)[:2] == GZIP
            stream = cast(BufferedReader, GzipFile(fileobj=file)) if packed else file
            begun = stream.peek(_BLOCK_BYTES)
            check_kind(Path(name), begun, file if path is not None and not packed else None)
            form = self._form(name, path, begun)
            if form is TextFormat.TEXT:
                self._check_no_binary(name, begun)
            if form in (TextFormat.TEXT, TextFormat.JSONL):
                yield from self._lines(stream, name, form)
                return
            if path is None:
                path = _copied(stream, stack, name)
            yield from _groups(self._whole(path, name, form))

    def _form(self, name: str, path: Path | None, begun: bytes) -> TextFormat:
        """The format that the user gave, or that the file has."""
        if self.format is not None:
            return choose(TextFormat, "--format", _OTHER_NAMES.get(self.format, self.format))
        from seqlabel.formats.reading import suffix_of

        suffix = "" if path is None else suffix_of(path)
        form = _SUFFIXES.get(suffix) or self._looks(begun, suffix)
        if form is not TextFormat.TEXT:
            how = "" if suffix in _SUFFIXES else " (--format chooses another format)"
            self.note(f"{name}: read as {form}{how}")
        return form

    def _looks(self, begun: bytes, suffix: str) -> TextFormat:
        """The format of which the first lines look."""
        try:
            text = begun.decode(self.encoding, "replace")
        except LookupError:
            raise OptionError(
                f"--encoding: Python does not know {self.encoding!r}. Give a name such as cp1252."
            ) from None
        lines = text.removeprefix("\ufeff").splitlines()
        if len(lines) > 1 and not begun.endswith((b"\n", b"\r")):
            # It may be cut.
            lines = lines[:-1]
        filled = [line for line in lines if line.strip()]
        rows = [line for line in filled if not line.startswith(("# ", "-DOCSTART-"))]
        if rows and _CONLLU.match(rows[0]):
            return TextFormat.CONLLU
        if suffix in _COLUMN_SUFFIXES or _has_tags(rows):
            return TextFormat.COLUMNS
        if filled and _OBJECT.match(filled[0]):
            return TextFormat.JSONL
        if suffix == ".json" or (filled and _LIST.match(filled[0])):
            return TextFormat.JSON
        if suffix in _TABLE_SUFFIXES or _names_column(filled, self.key):
            return TextFormat.CSV
        return TextFormat.TEXT

    def _check_no_binary(self, name: str, begun: bytes) -> None:
        if self.encoding == UTF_8 and b"\0" in begun and utf_16_of(begun) is None:
            raise DataError(f"{name}: has NUL characters, so it is not a text file. Give the texts in it as a file.")

    def _lines(self, stream: "Reading", name: str, form: TextFormat) -> Iterator[list[Text]]:
        """Yield the texts of lines, those together that are there at once."""
        from seqlabel.privacy.records.json_records import JsonLines
        from seqlabel.privacy.records.records import TextLines, read_lines

        lines = TextLines() if form is TextFormat.TEXT else JsonLines([self.key])
        hints = _Hints(self.key)
        try:
            for batch in read_lines(self._as_utf_8(stream)):
                texts = []
                for record in filter(None, map(lines.feed, batch.lines)):
                    if record.problem:
                        self.withhold(f"{name}, line {record.line}: {record.problem}; withheld{hints(record)}")
                    elif record.cells:
                        texts.append(Text(record.cells[0].text, self._fields_of(record, form)))
                yield texts
        except SeqlabelError as error:
            raise type(error)(f"{name}: {error}") from None

    def _as_utf_8(self, stream: "Reading") -> "Reading":
        if self.encoding == UTF_8:
            return stream
        from seqlabel.privacy.records.inputs import Layout, as_utf_8

        return as_utf_8(stream, Layout(encoding=self.encoding))

    def _fields_of(self, record: "Record", form: TextFormat) -> Mapping[str, object]:
        return json.loads(record.raw.removeprefix("\ufeff")) if self.fields and form is TextFormat.JSONL else _NO_FIELDS

    def _whole(self, path: Path, name: str, form: TextFormat) -> Iterator[Text]:
        """Yield the texts of a file that is not read line by line."""
        if form is TextFormat.CSV:
            return self._table(path, name)
        if form is TextFormat.JSON:
            return self._list(path, name)
        documents: Iterable[Document]
        if form is TextFormat.COLUMNS:
            from seqlabel.formats.columns import read_words

            documents = read_words(path, word=self.word, encoding=self.encoding)
        elif form is TextFormat.CONLLU:
            from seqlabel.formats.conllu import read_conllu

            documents = read_conllu(path, encoding=self.encoding)
        else:
            # It needs spaCy, and so torch, which the others do without.
            from seqlabel.formats.docs import read_docbin

            documents = read_docbin(path)
        return map(Text, documents)

    def _table(self, path: Path, name: str) -> Iterator[Text]:
        """Yield the values of a column. Raises `DataError` where there is no such column or a row is too short."""
        from seqlabel.formats.tables import csv_rows, find_separator

        rows = csv_rows(path, find_separator(path, [self.key], encoding=self.encoding) or ",", encoding=self.encoding)
        _, header = next(rows, (1, []))
        if self.key not in header:
            # Not named: without a header, the first line is a text.
            raise DataError(
                f"{name}: Found no {self.key!r} among the {len(header)} columns that the first line names. "
                f"Give one of them as --text."
            )
        place = header.index(self.key)
        for line, row in rows:
            if len(row) <= place:
                raise DataError(f"{name}, line {line}: the row has too few values. Is the separator right?")
            yield Text(row[place], dict(zip(header, row, strict=False)) if self.fields else _NO_FIELDS)

    def _list(self, path: Path, name: str) -> Iterator[Text]:
        """Yield the texts of a list of objects; Label Studio has them in `data`."""
        from seqlabel.io.text_files import read_blocks

        try:
            found = json.loads("".join(read_blocks(path, encoding=self.encoding)))
        except (ValueError, RecursionError) as error:
            if isinstance(error, SeqlabelError):
                raise
            raise DataError(f"{name}: is not JSON. Give a list of objects, or one object per line as .jsonl.") from None
        rows = found if isinstance(found, list) else [found]
        for number, row in enumerate(rows, 1):
            data = row["data"] if isinstance(row, dict) and isinstance(row.get("data"), dict) else row
            text = data.get(self.key) if isinstance(data, dict) else None
            if not isinstance(text, str):
                raise DataError(f"{name}, object {number}: has no field {self.key!r} that is text.{_keys(data)}")
            yield Text(text, row)


class _Hints:
    """Says once what to do about lines that cannot be read."""

    def __init__(self, key: str) -> None:
        self._key = key
        self._said = False

    def __call__(self, record: "Record") -> str:
        if self._said:
            return ""
        self._said = True
        if "is not UTF-8" in record.problem:
            return f". {encoding_advice(record.raw.encode('utf-8', 'surrogateescape'))}"
        if "has no field" in record.problem:
            return "." + _keys(json.loads(record.raw.removeprefix("\ufeff")))
        return ""


def _keys(row: Any) -> str:
    """Return a sentence on the fields of an object that are text; empty where there are none."""
    texts = [name for name, value in row.items() if isinstance(value, str)] if isinstance(row, dict) else []
    return f" It has the texts {', '.join(texts)}: choose one with --text." if texts else ""


def _has_tags(rows: list[str]) -> bool:
    """Whether lines are words with tags: all of the same number of columns, the last ones tags."""
    cells = [row.split() for row in rows]
    if len(rows) < 2 or len(cells[0]) < 2 or len({len(one) for one in cells}) > 1:
        return False
    tags = [one[-1] for one in cells]
    if all(map(_SPAN_TAG.fullmatch, tags)):
        return True
    # Lines in capitals alone are text.
    return all(map(_WORD_TAG.fullmatch, tags)) and not all(one[0].isupper() for one in cells)


def _names_column(lines: list[str], column: str) -> bool:
    """Whether the first line names a column among others, and the second has as many values."""
    for separator in (",", ";", "\t"):
        names = [name.strip('"') for name in lines[0].split(separator)] if lines else []
        if column in names and len(names) > 1 and all(len(line.split(separator)) >= len(names) for line in lines[1:2]):
            return True
    return False


def _copied(stream: BufferedReader, stack: ExitStack, name: str) -> Path:
    """Copy a stream into a temporary file, which only this user can read and which the stack removes."""
    path = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="seqlabel"))) / name
    with path.open("wb") as copy:
        shutil.copyfileobj(stream, copy)
    return path


@contextmanager
def _damage(name: str) -> Iterator[None]:
    """Raise `DataError` for a gzip file that is damaged."""
    try:
        yield
    except (EOFError, zlib.error, BadGzipFile) as error:
        raise DataError(f"{name}: the gzip file is damaged or cut off ({error}). Copy or download it again.") from None


def _groups(texts: Iterable[Text]) -> Iterator[list[Text]]:
    """Yield texts in groups that are labelled together."""
    group: list[Text] = []
    for text in texts:
        group.append(text)
        if len(group) == _MANY:
            yield group
            group = []
    if group:
        yield group


def check_texts(paths: Iterable[Path]) -> None:
    """Check before any work that files are there and hold text.

    Args:
        paths: The files.

    Raises:
        DataError: One is missing, or is of another kind than text.
        OptionError: One is a folder.
    """
    from seqlabel.io.text_files import check_text_file, missing_file

    for path in paths:
        if path.is_dir():
            model = (path / "config.json").is_file() or (path / "model" / "config.json").is_file()
            advice = f"Give a model with --model {path}." if model else f"Name the files in it, such as {path}/*.txt."
            raise OptionError(f"{path}: is a folder, where a file of texts is expected. {advice}")
        if not path.exists():
            raise missing_file(path)
        check_text_file(path)
