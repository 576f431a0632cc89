"""The shared parts of the readers: sentences and documents, label checks, hints, the warning about repairs."""

import re
import warnings
from collections.abc import Callable, Collection, Iterable, Iterator
from typing import TypeVar

from seqlabel.documents.document import Document
from seqlabel.documents.repairs import Repairs
from seqlabel.errors import DataError

Tokenise = Callable[[str], Document]
"""Finds the words of a text; `Labeler.tokenise` is one."""
_Sentence = TypeVar("_Sentence")


def hint_of(line: str, *, besides: str = "") -> str:
    """Tell in the message of an error which other format a line looks like.

    Args:
        line: A line that the reader of one format could not read.
        besides: A reader that is not named, because the file is read with it.

    Returns:
        A sentence that begins with a space and names the reader to use; empty where no format is recognised.
    """
    looks, reader = next(((looks, reader) for form, looks, reader in _FORMS if form.match(line)), ("", besides))
    return f" The line looks like {looks}: read the file with {reader}." if reader != besides else ""


_FORMS = (
    (re.compile(r"\s*\{.*\}\s*$", re.DOTALL), "a JSON object", "read_spans or read_categories"),
    (re.compile(r"\s*\[\s*(?:\{|$)"), "a JSON list, such as Label Studio exports", "read_label_studio"),
    (re.compile(r"(?:[0-9]+(?:[-.][0-9]+)?\t(?:[^\t]*\t){8}[^\t]*$)"), "CoNLL-U", "read_conllu"),
    (re.compile(r"\S+(?:[\t ]+\S+)*[\t ]+(?:O|[BIESLU]-\S+)\s*$"), "columns of words and tags", "read_columns"),
)


def grouped(sentences: Iterable[tuple[bool, _Sentence]], *, whole_documents: bool) -> Iterator[list[_Sentence]]:
    """Group sentences by documents.

    Args:
        sentences: For each sentence whether it begins a document, and the sentence.
        whole_documents: Whether sentences are joined up to the next that begins a document.

    Yields:
        Each sentence alone, or all sentences of one document.
    """
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


def label_or_none(value: object) -> str | None:
    """Return a cell as a label.

    Args:
        value: The cell.

    Returns:
        The label; None where `_` or nothing marks a missing one.
    """
    return None if value in (None, "_", "") else str(value)


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
        raise DataError(f"{where}: the label is not one of {known}. Correct it, or add it to `labels`{doubt}.")


def warn_of_repairs(repairs: Repairs, where: str, hint: str = "") -> None:
    """Warn about repairs made by a reader that was given no `Repairs` object.

    The warning points to the line that read to the end of the reader.

    Args:
        repairs: The counts; without any there is no warning.
        where: The beginning of the message, such as the file.
        hint: A sentence for the message, with a space before it.
    """
    if repairs:
        warnings.warn(
            f"{where}: {repairs}.{hint} Pass `repairs=Repairs()` to count them without a warning.",
            UserWarning,
            stacklevel=3,
        )
