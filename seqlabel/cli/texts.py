"""Texts to label, from files and standard input in any format that the readers know; labels in them are not learnt.

Plain text and JSONL are read line by line, as they come, without spaCy and torch. The other formats are read as a
whole, standard input from a temporary copy.
"""

import json
import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import KW_ONLY, dataclass
from io import BufferedIOBase, BufferedReader
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from seqlabel.cli.options import STDIO, Texts
from seqlabel.commands.console import note, say, stdin
from seqlabel.errors import DataError, OptionError, SeqlabelError
from seqlabel.io.text_files import NOT_UTF_8, UTF_8, check_kind, utf_16_of
from seqlabel.io.unpacking import unpacked
from seqlabel.runs.failures import read_each

if TYPE_CHECKING:
    from seqlabel.formats.format import Format, Text
    from seqlabel.formats.reading import ReadOptions
    from seqlabel.io.records import Reading, Record

_MANY = 256
"""Texts that are labelled together where more are there."""
_BLOCK_BYTES = 1 << 16


@dataclass(frozen=True)
class TextReader:
    """Reads texts with the user's options.

    Args:
        options: The options.
        fields: Whether the other fields of lines and rows are wanted.
        withhold: Takes the line that says what cannot be read and is left out.
        failed: Takes the line that says which of several files could not be read, and why.
    """

    options: Texts
    _: KW_ONLY
    fields: bool = False
    withhold: Callable[[str], None] = say
    failed: Callable[[str], None] = say

    def files(self, paths: Sequence[Path]) -> "Iterator[list[Text]]":
        """Read the texts of files, and of standard input where it is named; one that cannot be read is reported.

        Args:
            paths: The files.

        Yields:
            Texts that are labelled together.

        Raises:
            DataError: The only one is not text, or not in that format.
            OptionError: The only one is not in that format or encoding.
        """
        return read_each(paths, self._file, failed=self.failed)

    def _file(self, path: Path) -> "Iterator[list[Text]]":
        if path == STDIO:
            yield from self.read(stdin(), "stdin")
            return
        with path.open("rb") as source:
            yield from self.read(source, str(path), path)

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

        asked = self.options
        options = ReadOptions(text=asked.text, word=asked.word, fields=self.fields, encoding=asked.encoding)
        with ExitStack() as stack:
            stream = unpacked(source, stack)
            try:
                begun = stream.peek(_BLOCK_BYTES)
            except DataError as error:
                raise DataError(f"{name}: {error}") from None
            check_kind(Path(name), begun)
            form = self._form(name, path, begun)
            if form.texts is None:
                yield from self._lines(stream, name, form)
            elif path is not None:
                yield from _groups(form.texts(path, options))
            else:
                yield from _groups(self._copied_texts(stream, name, form, options))

    def _copied_texts(
        self, stream: BufferedReader, name: str, form: "Format", options: "ReadOptions"
    ) -> "Iterator[Text]":
        """Read a stream whose format is read as a whole, from a copy that this user alone can read."""
        assert form.texts is not None
        with tempfile.TemporaryDirectory(prefix="seqlabel") as folder:
            copied = Path(folder) / name
            try:
                with copied.open("wb") as copy:
                    shutil.copyfileobj(stream, copy)
                yield from form.texts(copied, options)
            except SeqlabelError as error:
                said = str(error) if str(copied) in str(error) else f"{name}: {error}"
                raise type(error)(said.replace(str(copied), name)) from error

    def _form(self, name: str, path: Path | None, begun: bytes) -> "Format":
        """The format that the user gave, or that the file has."""
        from seqlabel.formats.any_format import TEXTS, named, told
        from seqlabel.formats.format import Beginning
        from seqlabel.formats.text import TEXT
        from seqlabel.io.packed import suffix_of

        chosen, encoding = self.options.from_, self.options.encoding
        if chosen is not None:
            form = named(chosen, TEXTS, "--from")
        else:
            lines = self._decoded(begun).removeprefix("\ufeff").splitlines()
            if len(lines) > 1 and not begun.endswith((b"\n", b"\r")):
                # It may be cut.
                lines = lines[:-1]
            form = told(Beginning(path, lines, frozenset({self.options.text}), labelled=False), TEXTS) or TEXT
        if not form.by_line and chosen is None:
            sure = path is not None and sum(suffix_of(path) in one.suffixes for one in TEXTS) == 1
            how = "" if sure else " (--from chooses another format)"
            note(f"{name}: read as {form}{how}")
        if form.by_line and encoding == UTF_8 and b"\0" in begun and utf_16_of(begun) is None:
            raise DataError(f"{name}: has NUL characters, so it is not a text file. Give the texts in it as a file.")
        return form

    def _decoded(self, begun: bytes) -> str:
        try:
            return begun.decode(self.options.encoding, "replace")
        except LookupError:
            raise OptionError(
                f"--encoding: Python does not know {self.options.encoding!r}. Give a name such as cp1252."
            ) from None

    def _lines(self, stream: "Reading", name: str, form: "Format") -> "Iterator[list[Text]]":
        """Yield the texts of lines, those together that are there at once."""
        from seqlabel.formats.format import Layout, Text
        from seqlabel.io.packed import as_utf_8
        from seqlabel.io.records import read_records

        with_fields, advised = self.fields and form.has_fields, False
        layout = Layout(fields=(self.options.text,))
        try:
            for batch in read_records(as_utf_8(stream, self.options.encoding), form.records(layout)):
                texts = []
                for record in batch.records:
                    if record.problem:
                        advice = "" if advised else _advice(record)
                        advised = True
                        self.withhold(f"{name}, line {record.line}: {record.problem}; withheld{advice}")
                    elif record.cells:
                        fields: Mapping[str, object] = _object(record) if with_fields else {}
                        texts.append(Text(record.cells[0].text, fields))
                yield texts
        except SeqlabelError as error:
            raise type(error)(f"{name}: {error}") from None


def _advice(record: "Record") -> str:
    """What to do about lines that cannot be read."""
    from seqlabel.formats.label_studio import fields_of

    if "is not UTF-8" in record.problem:
        return f". {NOT_UTF_8}"
    return "." + fields_of(_object(record)) if "has no field" in record.problem else ""


def _object(record: "Record") -> Mapping[str, object]:
    found: Mapping[str, object] = json.loads(record.raw.removeprefix("\ufeff"))
    return found


def _groups(texts: "Iterator[Text]") -> "Iterator[list[Text]]":
    """Yield texts in groups that are labelled together."""
    while group := list(islice(texts, _MANY)):
        yield group


def check_texts(paths: Iterable[Path], output: Path | None = None) -> None:
    """Check before any work that files are there and hold text.

    Args:
        paths: The files; standard input is passed over.
        output: The file to write; None for stdout.

    Raises:
        DataError: One is missing, or is of another kind than text.
        OptionError: One is a folder, or is the output.
    """
    from seqlabel.io.files import check_other_output
    from seqlabel.io.text_files import check_text_file, missing_file

    for path in paths:
        if path == STDIO:
            continue
        if path.is_dir():
            model = (path / "config.json").is_file() or (path / "model" / "config.json").is_file()
            advice = f"Give a model with --model {path}." if model else f"Name the files in it, such as {path}/*.txt."
            raise OptionError(f"{path}: is a folder, where a file of texts is expected. {advice}")
        if not path.exists():
            raise missing_file(path)
        check_text_file(path)
        if output is not None:
            check_other_output(path, output)
