"""How labelled files are read, and the steps that readers share: options, checks, spans and
categories of a text.
"""

import json
import re
import warnings
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from seqlabel.documents.alignment import fit_spans
from seqlabel.documents.document import Document
from seqlabel.documents.repairs import Repairs
from seqlabel.documents.spans import CharacterSpan
from seqlabel.errors import DataError, OptionError
from seqlabel.io.text_files import UTF_8, read_blocks

Tokenize = Callable[[str], Document]
"""Finds the words of a text; `Labeler.tokenize` is one."""
_NO_TEXT = re.compile("[\0\ud800-\udfff]")


def no_words(text: str) -> Document:
    """Refuse to find the words of a text.

    Args:
        text: The text.

    Raises:
        OptionError: Always.
    """
    raise OptionError(
        "tokenise: expected a tokenizer for plain text, got none. Pass Tokenizer('en') or a "
        "Labeler's `tokenize`."
    )


@dataclass(frozen=True)
class ReadOptions:
    """How a file is read; a format ignores the options that it does not need.

    Args:
        tokenize: Finds the words of plain text.
        layer: The name of the layer; None for that of the format.
        task: `TAGS`, `SPANS` or `DOCUMENT`, where a format holds several.
        text: The field or column of the text.
        label: The field or column of the label; None for the usual names.
        word: The number of the column of words.
        tag: The number of the column of tags.
        separator: The separator of columns; None to find it.
        labels: The labels that are allowed; None for any.
        fields: Whether the other fields of each text are wanted.
        repairs: Counts what is repaired.
        category: The field of the category of a text with spans, which is also the name of its
            layer; None to leave categories out.
        strict: Whether a span that would be left out is an error, as it is without `repairs`.
        encoding: The name of the file's encoding.
    """

    tokenize: Tokenize = no_words
    layer: str | None = None
    task: str | None = None
    text: str = "text"
    label: str | None = None
    word: int = 0
    tag: int = -1
    separator: str | None = None
    labels: Collection[str] | None = None
    fields: bool = False
    repairs: Repairs = field(default_factory=Repairs)
    strict: bool = False
    encoding: str = UTF_8
    category: str | None = None


Read = Callable[[Path, ReadOptions], Iterator[Document]]
"""Reads the labelled documents of a file in one format."""


def read_counted(
    read: Read, path: Path, options: ReadOptions, repairs: Repairs | None
) -> Iterator[Document]:
    """Read documents, and warn at the end of repairs that no caller counts.

    Args:
        read: The reader of the format.
        path: The file or folder.
        options: How it is read.
        repairs: Counts what is repaired; without it a warning at the end gives the counts, and a
            span that would be left out is an error.

    Yields:
        The documents.
    """
    counted = Repairs() if repairs is None else repairs
    yield from read(path, replace(options, repairs=counted, strict=repairs is None))
    if repairs is None:
        warn_of_repairs(counted, str(path))


def warn_of_repairs(repairs: Repairs, where: str) -> None:
    """Warn about repairs made by a reader that was given no `Repairs` object.

    The warning points to the line that read to the end of the reader.

    Args:
        repairs: The counts; without any there is no warning.
        where: The beginning of the message, such as the file.
    """
    if repairs:
        warnings.warn(
            f"{where}: {repairs}. Pass `repairs=Repairs()` to count them without a warning.",
            UserWarning,
            stacklevel=3,
        )


def tokenized(text: str, where: str, options: ReadOptions) -> Document:
    """Find the words of a text that JSON may have given characters that no text has.

    Args:
        text: The text.
        where: The beginning of the message of an error, such as file and line.
        options: How the file is read.

    Returns:
        The text as a document.

    Raises:
        DataError: The text has a NUL or a lone surrogate.
    """
    check_text(text, where)
    return options.tokenize(text)


def with_spans(
    document: Document, spans: Sequence[CharacterSpan], where: str, options: ReadOptions
) -> Document:
    """Add spans of characters to a document, as spans of whole words.

    Args:
        document: The document of a text.
        spans: Spans of its characters.
        where: The beginning of the message of an error, such as file and line.
        options: How the file is read; its `repairs` count what does not fit the words.

    Returns:
        The document with the layer of spans.

    Raises:
        DataError: A span leaves the text or has a label that is not allowed; if `options.strict`,
            also where it touches no word or overlaps a longer one.
    """
    for span in spans:
        check_place(span, len(document.text), where)
        check_label(span.label, options.labels, where)
    fitted = fit_spans(document, spans, where=where, repairs=options.repairs, strict=options.strict)
    return document.with_spans(options.layer or "ner", fitted)


def with_category(document: Document, label: str, where: str, options: ReadOptions) -> Document:
    """Add a category to a document.

    Args:
        document: The document of a text.
        label: The category.
        where: The beginning of the message of an error, such as file and line.
        options: How the file is read.

    Returns:
        The document with the layer of categories.

    Raises:
        DataError: The label is empty or not allowed, or the text has no words.
    """
    if not label.strip():
        raise DataError(f"{where}: the label is empty. Fill it in, or take the text out.")
    check_text(label, where)
    check_label(label, options.labels, where)
    if not len(document):
        raise DataError(f"{where}: expected a text with words, got one without. Take it out.")
    return document.with_categories(options.layer or "category", {label: 1.0})


def check_text(text: str, where: str) -> None:
    """Refuse characters that no text has, but an escape in JSON may.

    Args:
        text: The text or label.
        where: The beginning of the message, such as file and line.

    Raises:
        DataError: It has a NUL or a lone surrogate.
    """
    if _NO_TEXT.search(text):
        raise DataError(f"{where}: expected text, got a NUL or a lone surrogate. Take it out.")


def check_place(span: CharacterSpan, length: int, where: str) -> None:
    """Refuse a span that leaves its text or has no label.

    Args:
        span: The span.
        length: The number of characters of the text.
        where: The beginning of the message, such as file and line.

    Raises:
        DataError: The span does not fit.
    """
    if span.end <= span.start:
        swapped = " Are the two swapped?" if span.end < span.start else ""
        raise DataError(
            f"{where}: a span begins at {span.start} and ends at {span.end}, and so is empty. "
            f"Correct it: its end is exclusive.{swapped}"
        )
    if not 0 <= span.start < span.end <= length:
        raise DataError(
            f"{where}: a span goes from {span.start} to {span.end} in a text of {length} "
            "characters. Correct it: its end is after its last character, so 0 ≤ start < end ≤ "
            f"{length}, counted in characters, not bytes."
        )
    if not span.label.strip():
        raise DataError(f"{where}: a span has an empty label. Fill it in, or take the span out.")
    check_text(span.label, where)


def check_label(label: str, labels: Collection[str] | None, where: str, doubt: str = "") -> None:
    """Refuse a label that is not allowed, without quoting it.

    Args:
        label: The label.
        labels: The allowed labels; None for any.
        where: The beginning of the message, such as file and line.
        doubt: The end of the message.

    Raises:
        DataError: The label is not among `labels`.
    """
    if labels is not None and label not in labels:
        known = ", ".join(map(repr, sorted(labels)))
        raise DataError(
            f"{where}: the label is not one of {known}. Correct it, or add it to `labels`{doubt}."
        )


def read_json_file(path: Path, encoding: str, advice: str) -> Any:
    """Read a file that is one JSON value.

    Args:
        path: The file; gzip is unpacked.
        encoding: The name of its encoding.
        advice: A sentence for the message, on what the file should be.

    Returns:
        The value.

    Raises:
        DataError: It is not text or not JSON. The message names the line.
        OptionError: Python does not know the encoding.
    """
    content = "".join(read_blocks(path, encoding=encoding))
    try:
        return json.loads(content)
    except (ValueError, RecursionError) as error:
        line = error.lineno if isinstance(error, json.JSONDecodeError) else 1
        first = content.partition("\n")[0]
        hint = "" if first.lstrip().startswith("[") else hint_of(first)
        raise DataError(f"{path}, line {line}: is not JSON. {advice}{hint}") from error


def json_or_none(text: str) -> Any:
    """Read a value of JSON.

    Args:
        text: The text.

    Returns:
        The value; None for what is not JSON.
    """
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def hint_of(line: str, *, besides: str = "") -> str:
    """Tell in the message of an error which other format a line looks like.

    Args:
        line: A line that the reader of one format could not read.
        besides: A format that is not named, because the file is read as such.

    Returns:
        A sentence that begins with a space and names the format; empty where none is recognised.
    """
    if _LIST_OF_TEXTS.match(line):
        return f" The line looks like a JSON list of texts with entities. {ONE_OBJECT_PER_LINE}"
    looks, name = next(
        ((looks, name) for form, looks, name in _FORMS if form.match(line)), ("", besides)
    )
    return (
        f" The line looks like {looks}: read the file as format {name}." if name != besides else ""
    )


ONE_OBJECT_PER_LINE = "Write one object per line: jq -c '.[]' LIST.json > LINES.jsonl"
"""What to do about a list of objects where lines are read."""
_LIST_OF_TEXTS = re.compile(
    r'\s*\[\s*\{(?!.*"annotations"\s*:).*"(?:entities|spans)"\s*:', re.DOTALL
)
_FORMS = (
    (re.compile(r"\s*\{.*\}\s*$", re.DOTALL), "a JSON object", "spans or categories"),
    (re.compile(r"\s*\[\s*(?:\{|$)"), "a JSON list, such as Label Studio exports", "label-studio"),
    (re.compile(r"(?:[0-9]+(?:[-.][0-9]+)?\t(?:[^\t]*\t){8}[^\t]*$)"), "CoNLL-U", "conllu"),
    (
        re.compile(r"\S+(?:[\t ]+\S+)*[\t ]+(?:O|[BIESLU]-\S+)\s*$"),
        "columns of words and tags",
        "columns",
    ),
)


def label_or_none(value: object) -> str | None:
    """Return a cell as a label.

    Args:
        value: The cell.

    Returns:
        The label; None where `_` or nothing marks a missing one.
    """
    return None if value in (None, "_", "") else str(value)
