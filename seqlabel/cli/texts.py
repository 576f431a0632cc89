"""Texts to label, from files and standard input in any format that the readers know; labels in them
are not learnt.

Plain text and JSONL are read line by line, as they come, without spaCy and torch. The other formats
are read as a whole, standard input from a temporary copy.
"""

import json
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import KW_ONLY, dataclass
from io import BufferedIOBase, BufferedReader
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from seqlabel.cli.options import STDIO, Texts
from seqlabel.commands.console import note, say, stdin
from seqlabel.errors import DataError, OptionError, SeqlabelError
from seqlabel.io.text_files import NOT_UTF_8, UTF_8, check_kind, missing_file, utf_16_of
from seqlabel.io.unpacking import packing_of, unpacked
from seqlabel.runs.failures import read_each

if TYPE_CHECKING:
    from seqlabel.formats.format import Format, Text
    from seqlabel.formats.reading import ReadOptions
    from seqlabel.io.records import Reading, Record
    from seqlabel.runs.inputs import FoundFiles

_MANY = 256
"""Texts that are labelled together where more are there."""
_BLOCK_BYTES = 1 << 16


@dataclass(frozen=True)
class TextReader:
    """Reads texts with the user's options.

    Args:
        options: The options.
        fields: Whether the other fields of lines and rows are wanted.
        names_files: Whether each text gets the name of its file as one of its fields, `file`.
        withhold: Takes the line that says what cannot be read and is left out.
        failed: Takes the line that says which of several files could not be read, and why.
    """

    options: Texts
    _: KW_ONLY
    fields: bool = False
    names_files: bool = False
    withhold: Callable[[str], None] = say
    failed: Callable[[str], None] = say

    def files(self, paths: Sequence[Path]) -> "Iterator[list[Text]]":
        """Read the texts of files, and of standard input where it is named; one that cannot be read
        is reported.

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
        if not path.exists():
            raise missing_file(path)
        with path.open("rb") as source:
            # A name need not be UTF-8, and the output is.
            name = str(path).encode("utf-8", "backslashreplace").decode()
            for texts in self.read(source, str(path), path):
                if self.fields and self.names_files:
                    texts = [text._replace(fields={"file": name, **text.fields}) for text in texts]
                yield texts

    def read(
        self, source: BufferedIOBase, name: str, path: Path | None = None
    ) -> "Iterator[list[Text]]":
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
        from seqlabel.formats.any_format import records_format
        from seqlabel.formats.reading import ReadOptions

        asked = self.options
        options = ReadOptions(
            text=asked.text, word=asked.word, fields=self.fields, encoding=asked.encoding
        )
        with ExitStack() as stack:
            stream = unpacked(source, stack, packing=None if path is None else packing_of(path))
            try:
                begun = stream.peek(_BLOCK_BYTES)
            except DataError as error:
                raise DataError(f"{name}: {error}") from None
            if path is None or records_format(path).package is None:
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
        """Read a stream whose format is read as a whole, from a copy that this user alone can
        read.
        """
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
        from seqlabel.formats.any_format import TEXTS, named, recognized
        from seqlabel.formats.format import Beginning
        from seqlabel.formats.text import TEXT
        from seqlabel.io.packed import suffix_of

        chosen = self.options.from_
        encoding = self.options.encoding
        if chosen is not None:
            form = named(chosen, TEXTS, "--from")
        else:
            lines = self._decoded(begun).removeprefix("\ufeff").splitlines()
            if len(lines) > 1 and not begun.endswith((b"\n", b"\r")):
                # It may be cut.
                lines = lines[:-1]
            form = (
                recognized(
                    Beginning(path, lines, frozenset({self.options.text}), labeled=False), TEXTS
                )
                or TEXT
            )
        if not form.by_line and chosen is None:
            sure = path is not None and sum(suffix_of(path) in form.suffixes for form in TEXTS) == 1
            how = "" if sure else " (--from chooses another format)"
            note(f"{name}: read as {form}{how}")
        if form.by_line and encoding == UTF_8 and b"\0" in begun and utf_16_of(begun) is None:
            raise DataError(
                f"{name}: has NUL characters, so it is not a text file. Pass the texts in it as "
                "a file."
            )
        return form

    def _decoded(self, begun: bytes) -> str:
        try:
            return begun.decode(self.options.encoding, "replace")
        except LookupError:
            raise OptionError(
                f"--encoding: Python does not know {self.options.encoding!r}. Pass a name such "
                "as cp1252."
            ) from None

    def _lines(self, stream: "Reading", name: str, form: "Format") -> "Iterator[list[Text]]":
        """Yield the texts of lines, those together that are there at once."""
        from seqlabel.formats.format import Layout, Text, records_of

        with_fields = self.fields and form.has_fields
        advised = False
        layout = Layout(fields=(self.options.text,), encoding=self.options.encoding)
        for batch in records_of(stream, form.records(layout), layout, name=name):
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


def _advice(record: "Record") -> str:
    """What to do about lines that cannot be read."""
    from seqlabel.formats.label_studio import fields_of

    if "is not UTF-8" in record.problem:
        return f". {NOT_UTF_8}"
    return "." + fields_of(_object(record)) if "has no field" in record.problem else ""


def _object(record: "Record") -> Mapping[str, object]:
    values: Mapping[str, object] = json.loads(record.raw.removeprefix("\ufeff"))
    return values


def _groups(texts: "Iterator[Text]") -> "Iterator[list[Text]]":
    """Yield texts in groups that are labelled together."""
    while group := list(islice(texts, _MANY)):
        yield group


def files_there(files: Sequence[Path]) -> list[Path]:
    """Give the files that exist, without standard input.

    Args:
        files: The files, and `STDIO` for standard input.

    Returns:
        The files.
    """
    return [path for path in files if path != STDIO and path.exists()]


def find_inputs(paths: Sequence[Path], output: Path | None = None) -> "FoundFiles":
    """Find the files that are read, those of folders too, before any work.

    Args:
        paths: The files and folders; `STDIO` is standard input.
        output: The file to write; None for stdout.

    Returns:
        The files, and `STDIO` for standard input. One of several that is missing is among them, and
        is reported when its turn comes.

    Raises:
        DataError: The only one is missing, or no file of a folder is text.
        OptionError: One is a model, or is the output.
    """
    from seqlabel.io.files import check_other_output
    from seqlabel.runs.inputs import FoundFiles, files_of_folder

    inputs = FoundFiles()
    for path in paths:
        if path == STDIO or not path.is_dir():
            inputs.read.append(path)
            continue
        if any((path / inside / "config.json").is_file() for inside in ("", "model")):
            raise OptionError(
                f"{path}: expected a file or folder of texts, got the folder of a model. Pass "
                f"it as --model {path}."
            )
        files = files_of_folder(path, _is_read)
        inputs.add(files)
        if not files.read:
            raise DataError(
                f"{path}: expected a folder with files of text, got none. Check the path."
            )
    there = files_there(inputs.read)
    if len(inputs.read) == 1 and not there and STDIO not in inputs.read:
        raise missing_file(inputs.read[0])
    if output is not None:
        for path in there:
            check_other_output(path, output)
    return inputs


def _is_read(path: Path) -> bool:
    """Whether a file of a folder has texts: it is text, or its suffix is that of a format with
    texts.
    """
    from seqlabel.formats.any_format import TEXTS, is_text_file
    from seqlabel.io.packed import suffix_of

    has_format = any(form.texts is not None and suffix_of(path) in form.suffixes for form in TEXTS)
    return has_format or is_text_file(path)
