"""The list of formats, and which of them a file has, by its name or its beginning; every command
uses this list.
"""

from collections.abc import Collection, Iterable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import Any

from seqlabel.documents.document import Document
from seqlabel.documents.repairs import Repairs
from seqlabel.documents.spans import CharacterSpan
from seqlabel.errors import DataError, OptionError, check_strings, check_type
from seqlabel.formats.brat import BRAT
from seqlabel.formats.cards import CARDS
from seqlabel.formats.columns import COLUMNS
from seqlabel.formats.conllu import CONLLU
from seqlabel.formats.docbin import DOCBIN
from seqlabel.formats.format import DOCUMENT, SPANS, Beginning, Format, Layout, records_of
from seqlabel.formats.html import HTML
from seqlabel.formats.jsonl import (
    CATEGORIES,
    DOCCANO,
    JSONL,
    PRODIGY,
    TEXT_AND_SPANS,
    read_span_lines,
)
from seqlabel.formats.label_studio import JSON, LABEL_STUDIO
from seqlabel.formats.mail import MAIL
from seqlabel.formats.office import OFFICE
from seqlabel.formats.parquet import PARQUET
from seqlabel.formats.pdf import PDF
from seqlabel.formats.reading import ReadOptions, Tokenize, read_counted
from seqlabel.formats.spacy_json import SPACY_JSON
from seqlabel.formats.subtitles import SUBTITLES
from seqlabel.formats.tables import CSV, FOLDERS, TSV
from seqlabel.formats.text import TEXT
from seqlabel.formats.verdicts import verdicts
from seqlabel.io.csv_records import CsvRows
from seqlabel.io.packed import is_utf_8, suffix_of
from seqlabel.io.records import Cell, WholeInput
from seqlabel.io.text_files import UTF_8, check_text_file, read_lines, utf_16_of
from seqlabel.io.unpacking import COMPRESSED, open_unpacked, packing_of

_FIRST_LINES = 200


def cells_of(path: Path, layout: Layout) -> Iterator[tuple[Cell, int]]:
    """Read the texts of a file that `records_format` knows.

    Args:
        path: The file.
        layout: Which parts of records are text, and the file's encoding.

    Yields:
        Each text with the number of the line, or of the row of a package, that it begins in.

    Raises:
        DataError: For a file that cannot be read.
        OptionError: For columns that it does not have.
    """
    for batch in records_format(path).batches(path, layout):
        for record in batch.records:
            yield from ((cell, line) for cell, line, _ in record.placed())


VERDICTS = verdicts(cells_of)
FORMATS = (
    CONLLU,
    BRAT,
    VERDICTS,
    SPACY_JSON,
    CATEGORIES,
    TEXT_AND_SPANS,
    DOCCANO,
    PRODIGY,
    LABEL_STUDIO,
    JSONL,
    JSON,
    COLUMNS,
    CSV,
    TSV,
    FOLDERS,
    PARQUET,
    MAIL,
    CARDS,
    HTML,
    SUBTITLES,
    OFFICE,
    PDF,
    DOCBIN,
    TEXT,
)
"""All formats; of several that a file may have, the first that it looks like is taken."""
LABELED = tuple(form for form in FORMATS if form.labels)
"""Those with labels, which a model learns from or is measured on."""
TEXTS = tuple(form for form in FORMATS if form.texts or form in (JSONL, TEXT))
"""Those whose texts can be labelled: lines as they come, other files as a whole."""
WRITTEN = tuple(form for form in FORMATS if form.writer)
"""Those that labelled documents are written in."""
RECORDS = tuple(form for form in FORMATS if form.exchange)
"""Those whose texts can be exchanged while all else stays."""


def named(name: str, among: Iterable[Format], option: str) -> Format:
    """Find a format by its name.

    Args:
        name: The name, or another name of the format.
        among: The formats that are allowed.
        option: The name of the option, for the message.

    Returns:
        The format.

    Raises:
        OptionError: There is none of that name; the message lists the names.
    """
    among = tuple(among)
    for form in among:
        if name in (form.name, *form.aliases):
            return form
    raise OptionError(
        f"{option}: expected one of {', '.join(repr(form.name) for form in among)}, got {name!r}."
    )


def by_suffix(path: Path, among: Iterable[Format], default: Format) -> Format:
    """Find a format by the name of a file.

    Args:
        path: The file.
        among: The formats that are allowed.
        default: The format of a suffix that tells nothing.

    Returns:
        The last of the formats with that suffix.
    """
    return next(
        (form for form in reversed(tuple(among)) if suffix_of(path) in form.suffixes), default
    )


def records_format(path: Path) -> Format:
    """Find how the texts of a file are exchanged, by its name alone.

    Args:
        path: The file; a suffix of compression is passed over.

    Returns:
        The format; text for a suffix that tells nothing.
    """
    return by_suffix(path, RECORDS, TEXT)


def read_character_spans(
    path: Path | str, tokenize: Tokenize, *, text: str = "text", encoding: str = UTF_8
) -> Iterator[tuple[str, list[CharacterSpan]]]:
    """Read texts and their spans in characters, from any format that holds spans.

    Args:
        path: The file or folder.
        tokenize: Finds the words of a text, which spans take whole, for every format but JSONL.
        text: The field of the text.
        encoding: The name of the encoding of text files.

    Yields:
        Each text and its spans.

    Raises:
        DataError: The file cannot be read, or is not of its format.
        OptionError: The format is not recognized.
    """
    form = format_of(Path(path), text=text, encoding=encoding)
    if not form.holds(SPANS) or form is TEXT_AND_SPANS:
        # The reader of the usual format reports a file in none of the formats of spans.
        yield from read_span_lines(path, text=text, encoding=encoding)
        return
    options = ReadOptions(tokenize=tokenize, task=SPANS, text=text, encoding=encoding)
    for document in form.read(Path(path), options):
        yield document.text, document.character_spans("ner") if "ner" in document.spans else []


def recognized(beginning: Beginning, among: Iterable[Format]) -> Format | None:
    """Recognize a format by the name and the beginning of a file.

    Args:
        beginning: How the file begins.
        among: The formats that are allowed.

    Returns:
        The format; None if it is not recognized.
    """
    path = beginning.path
    suffix = "" if path is None or path.is_dir() else suffix_of(path)
    candidates = [form for form in among if suffix and suffix in form.suffixes]
    default = candidates[-1] if candidates else None
    return next((form for form in candidates or among if form.looks_like(beginning)), default)


def format_of(
    path: Path,
    *,
    text: str = "text",
    label: str = "label",
    encoding: str = UTF_8,
    task: str | None = None,
) -> Format:
    """Recognize the format of a labelled file or folder by its suffix or its first lines.

    Args:
        path: The file or folder.
        text: The column of the texts in a table.
        label: The column of the labels in a table.
        encoding: The name of the encoding of text files.
        task: The kind of labels that are read, where JSON lines may hold several; None where that
            is not known.

    Returns:
        The format.

    Raises:
        OptionError: The format is not recognized.
        DataError: The file cannot be read or is empty.
    """
    candidates = [form for form in LABELED if suffix_of(path) in form.suffixes]
    lines: list[str] = []
    # A file whose suffix names one format need not be text.
    if len(candidates) != 1 and not path.is_dir():
        try:
            lines = [line for _, line in islice(read_lines(path, encoding=encoding), _FIRST_LINES)]
            if not any(line.strip() for line in lines):
                raise DataError(f"{path}: the file is empty. Pass a file with labelled texts.")
        except DataError:
            # Where the suffix names a format, its reader reports the error.
            if not candidates:
                raise
    form = recognized(Beginning(path, lines, frozenset((text, label)), labeled=True), LABELED)
    if form is None:
        known = ", ".join(repr(form.name) for form in LABELED)
        raise OptionError(
            f"{path}: the format is not recognized by the name or the first lines. Pass it as "
            f"`format`: one of {known}."
        )
    # Lines with spans may have categories too.
    return CATEGORIES if form is TEXT_AND_SPANS and task == DOCUMENT else form


def streamed_format(*, fields: bool, columns: bool) -> Format:
    """Find how a stream without a name holds texts.

    Args:
        fields: Whether fields of JSON are asked for.
        columns: Whether columns of a table are asked for.

    Returns:
        JSON lines, CSV, or text.
    """
    if fields:
        return JSONL
    return CSV if columns else TEXT


def read_documents(
    path: Path | str,
    tokenize: Tokenize | None = None,
    *,
    format: Format | str | None = None,
    task: str | None = None,
    layer: str | None = None,
    text: str = "text",
    label: str | None = None,
    word: int | None = None,
    tag: int | None = None,
    separator: str | None = None,
    labels: Collection[str] | None = None,
    category: str | None = None,
    repairs: Repairs | None = None,
    encoding: str = UTF_8,
) -> Iterator[Document]:
    """Read the documents of a file or folder in any format, with the defaults of that format.

    Args:
        path: The file or folder; gzip is unpacked.
        tokenize: Finds the words of plain text, for every format but CoNLL-U, columns and DocBin.
        format: The format or its name; None to recognize it by the suffix, before `.gz` if there is
            one, or by the first lines.
        task: `tags` for columns whose tags have no scheme, such as parts of speech: they stay as
            they are, one per word, and `_` is a missing label. None reads the tags of columns as
            spans.
        layer: The name of the layer; None for `ner` for spans and entities, `category` for
            categories, `upos` and `xpos` for CoNLL-U, and `tags` for tags of columns.
        text: The field or column of the text.
        label: The field or column of the label; None for the usual names.
        word: The number of the column of words, for columns: from 0, or from the end where
            negative.
        tag: The number of the column of tags, likewise.
        separator: The separator, for columns and tables. None finds it in a table: the one of `,`,
            `;`, tab and `|` with which the first row names the columns of texts and labels.
        labels: The labels that are allowed; None for any.
        category: The field of the category of texts with spans in JSONL, which is also the name of
            its layer, for a labeler that labels both; None to leave categories out.
        repairs: Counts what is repaired: tags read against their scheme, spans that are moved to
            word borders, spans left out because they touch no word or overlap a longer one, rows
            left out because they have no word, and texts that an annotator rejected, skipped or did
            not label. Without it a warning at the end gives the counts, and a span or a row that
            would be left out is an error.
        encoding: The name of the encoding of text files.

    Returns:
        The documents, which the reader yields and for which it raises its errors, with file and
        line.

    Raises:
        OptionError: The format is not known or not recognized, plain text comes without `tokenize`,
            CoNLL-U has no such `layer`, or an option is for other formats: `task`, `word` and `tag`
            for columns, `separator` for columns and tables, `category` for JSONL of spans.
    """
    check_type("path", path, str | Path, "the path of a file or folder")
    path = Path(path)
    check_type("text", text, str, "the name of a field")
    check_type("label", label, str | None, "the name of a field, or None")
    if labels is not None:
        check_strings("labels", labels, "labels")
    if format is None:
        form = format_of(path, text=text, label=label or "label", encoding=encoding)
    else:
        form = named(str(format), LABELED, "format")
    columns = {"task": task, "word": word, "tag": tag, "separator": separator}
    given: dict[str, Any] = {name: value for name, value in columns.items() if value is not None}
    for name in given:
        if not form.heeds(name):
            heeding = " and ".join(form.name for form in LABELED if form.heeds(name))
            raise OptionError(
                f"{name}: expected a format that it is for, {heeding}, got {form}. Leave it out."
            )
    if category is not None:
        given["category"] = check_category(form, category)
    if tokenize is not None:
        given["tokenize"] = tokenize
    options = ReadOptions(
        layer=layer, text=text, label=label, labels=labels, encoding=encoding, **given
    )
    return read_counted(form.read, path, options, repairs)


def check_category(form: Format, category: str) -> str:
    """Refuse categories next to the labels of words in a format that does not hold them.

    Args:
        form: The format.
        category: The field of the category.

    Returns:
        The field.

    Raises:
        OptionError: The format does not hold them.
    """
    if not form.heeds("category"):
        raise OptionError(
            f"category: expected a JSONL file of spans, got one read as {form}. Write a line as "
            f'{{"text": "…", "spans": […], "{category}": "…"}}, or leave it out.'
        )
    return category


def columns_of(path: Path, layout: Layout) -> list[str]:
    """Read the names of a table's columns.

    Args:
        path: The table.
        layout: Its delimiter and encoding.

    Returns:
        The names of the columns that may be text.

    Raises:
        DataError: For a file that cannot be read.
    """
    form = records_format(path)
    all_columns = replace(layout, columns=None)
    if form.package is not None:
        with form.package(path, all_columns) as package:
            return list(package.columns)
    rows = form.records(all_columns)
    assert isinstance(rows, CsvRows)
    with ExitStack() as stack:
        next(records_of(open_unpacked(path, stack), rows, layout, name=str(path)), None)
    return rows.names


def is_resumable(path: Path, layout: Layout) -> bool:
    """Return whether a run over a file can be continued in the middle of it.

    Args:
        path: The file.
        layout: Its encoding.

    Returns:
        Whether its bytes are read as they are, and it is not read or written as a whole.
    """
    form = records_format(path)
    return (
        is_plain(path, layout)
        and form.package is None
        and not isinstance(form.records(layout), WholeInput)
    )


def is_plain(path: Path, layout: Layout) -> bool:
    """Return whether a file's bytes are read as they are.

    Args:
        path: The file.
        layout: Its encoding.

    Returns:
        Whether it is neither compressed nor in another encoding.
    """
    return not packing_of(path) and is_utf_8(layout.encoding)


def check_input(path: Path) -> None:
    """Check that a named file is there and, unless its name says how to read it, is not a PDF, an
    archive or the like.

    Args:
        path: The file.

    Raises:
        DataError: If there is no such file, or if it is of another kind than text.
        OSError: If it cannot be opened.
    """
    if not path.exists() or not _has_own_reader(path):
        check_text_file(path)


def is_text_file(path: Path) -> bool:
    """Return whether a file of a folder is text, or is packed or a table, by its name and its first
    bytes.

    Args:
        path: The file.

    Returns:
        False for a file with a NUL among its first 8,192 bytes, unless it looks like UTF-16, and
        for PDF files, Office files and archives without a reader.
    """
    if _has_own_reader(path):
        return True
    try:
        check_text_file(path)
    except DataError:
        return False
    with path.open("rb") as file:
        beginning = file.read(8192)
    return b"\0" not in beginning or utf_16_of(beginning) is not None


def _has_own_reader(path: Path) -> bool:
    return path.suffix.lower() in COMPRESSED or records_format(path).package is not None
