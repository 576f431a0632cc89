"""Texts to label, from files and standard input in any format that the readers know; labels in them are not learnt.

Plain text and JSONL are read line by line, as they come, without spaCy and torch. The other formats are read as a
whole, standard input from a temporary copy.
"""

import json
import shutil
import tempfile
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from gzip import BadGzipFile, GzipFile
from io import BufferedIOBase, BufferedReader, RawIOBase
from pathlib import Path
from typing import TYPE_CHECKING, cast

from seqlabel.errors import DataError, OptionError, SeqlabelError
from seqlabel.io.text_files import GZIP, UTF_8, check_kind, encoding_advice, utf_16_of

if TYPE_CHECKING:
    from seqlabel.formats.format import Format, Text
    from seqlabel.io.records import Reading, Record

STDIN = Path("-")
"""The name of standard input among files."""
_MANY = 256
"""Texts that are labelled together where more are there."""
_BLOCK_BYTES = 1 << 16


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

    def read(self, source: BufferedIOBase, name: str, path: Path | None = None) -> "Iterator[list[Text]]":
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
        from seqlabel.formats.reading import ReadOptions

        with _damage(name), ExitStack() as stack:
            file = source if isinstance(source, BufferedReader) else BufferedReader(cast(RawIOBase, source))
            packed = file.peek(2)[:2] == GZIP
            stream = cast(BufferedReader, GzipFile(fileobj=file)) if packed else file
            begun = stream.peek(_BLOCK_BYTES)
            check_kind(Path(name), begun, file if path is not None and not packed else None)
            form = self._form(name, path, begun)
            if form.texts is None:
                yield from self._lines(stream, name, form)
                return
            if path is None:
                path = _copied(stream, stack, name)
            options = ReadOptions(text=self.key, word=self.word, fields=self.fields, encoding=self.encoding)
            try:
                yield from _groups(form.texts(path, options))
            except SeqlabelError as error:
                # That of a stream has the name of its copy.
                raise type(error)(str(error).replace(str(path), name)) from error

    def _form(self, name: str, path: Path | None, begun: bytes) -> "Format":
        """The format that the user gave, or that the file has."""
        from seqlabel.formats.any_format import TEXTS, named, told
        from seqlabel.formats.format import Beginning
        from seqlabel.formats.text import TEXT
        from seqlabel.io.packed import suffix_of

        if self.format is not None:
            form = named(self.format, TEXTS, "--format")
        else:
            lines = self._decoded(begun).removeprefix("\ufeff").splitlines()
            if len(lines) > 1 and not begun.endswith((b"\n", b"\r")):
                # It may be cut.
                lines = lines[:-1]
            form = told(Beginning(path, lines, frozenset({self.key}), labelled=False), TEXTS) or TEXT
        if form is not TEXT and self.format is None:
            sure = path is not None and sum(suffix_of(path) in one.suffixes for one in TEXTS) == 1
            how = "" if sure else " (--format chooses another format)"
            self.note(f"{name}: read as {form}{how}")
        if form is TEXT and self.encoding == UTF_8 and b"\0" in begun and utf_16_of(begun) is None:
            raise DataError(f"{name}: has NUL characters, so it is not a text file. Give the texts in it as a file.")
        return form

    def _decoded(self, begun: bytes) -> str:
        try:
            return begun.decode(self.encoding, "replace")
        except LookupError:
            raise OptionError(
                f"--encoding: Python does not know {self.encoding!r}. Give a name such as cp1252."
            ) from None

    def _lines(self, stream: "Reading", name: str, form: "Format") -> "Iterator[list[Text]]":
        """Yield the texts of lines, those together that are there at once."""
        from seqlabel.formats.format import FIELDS, Text
        from seqlabel.io.packed import as_utf_8
        from seqlabel.io.records import read_records

        assert form.lines is not None
        hints, with_fields = _Hints(self.key), self.fields and form.parts == FIELDS
        try:
            for batch in read_records(as_utf_8(stream, self.encoding), form.lines(self.key)):
                texts = []
                for record in batch.records:
                    if record.problem:
                        self.withhold(f"{name}, line {record.line}: {record.problem}; withheld{hints(record)}")
                    elif record.cells:
                        fields: Mapping[str, object] = _object(record) if with_fields else {}
                        texts.append(Text(record.cells[0].text, fields))
                yield texts
        except SeqlabelError as error:
            raise type(error)(f"{name}: {error}") from None


class _Hints:
    """Says once what to do about lines that cannot be read."""

    def __init__(self, key: str) -> None:
        self._key = key
        self._said = False

    def __call__(self, record: "Record") -> str:
        from seqlabel.formats.label_studio import fields_of

        if self._said:
            return ""
        self._said = True
        if "is not UTF-8" in record.problem:
            return f". {encoding_advice(record.raw.encode('utf-8', 'surrogateescape'))}"
        if "has no field" in record.problem:
            return "." + fields_of(_object(record))
        return ""


def _object(record: "Record") -> Mapping[str, object]:
    found: Mapping[str, object] = json.loads(record.raw.removeprefix("\ufeff"))
    return found


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


def _groups(texts: "Iterable[Text]") -> "Iterator[list[Text]]":
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
        paths: The files; standard input is passed over.

    Raises:
        DataError: One is missing, or is of another kind than text.
        OptionError: One is a folder.
    """
    from seqlabel.io.text_files import check_text_file, missing_file

    for path in paths:
        if path == STDIN:
            continue
        if path.is_dir():
            model = (path / "config.json").is_file() or (path / "model" / "config.json").is_file()
            advice = f"Give a model with --model {path}." if model else f"Name the files in it, such as {path}/*.txt."
            raise OptionError(f"{path}: is a folder, where a file of texts is expected. {advice}")
        if not path.exists():
            raise missing_file(path)
        check_text_file(path)
