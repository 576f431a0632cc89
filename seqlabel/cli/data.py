"""Labelled files of a task: their format told and said, read with the user's options, and cut into parts; no training.

The readers themselves are in `seqlabel.formats`.
"""

import random
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches
from hashlib import sha256
from itertools import islice
from pathlib import Path
from typing import Any

from seqlabel.cli.console import say
from seqlabel.cli.options import Task
from seqlabel.documents.document import Document
from seqlabel.documents.repairs import Repairs
from seqlabel.errors import DataError, OptionError
from seqlabel.formats.any_format import Format, read_documents
from seqlabel.formats.columns import read_tag_columns
from seqlabel.formats.jsonl import has_categories
from seqlabel.formats.reading import Tokenise, read_lines, suffix_of
from seqlabel.formats.tables import read_csv
from seqlabel.text_files import UTF_8

LAYERS = {Task.TAGS: "tags", Task.SPANS: "ner", Task.DOCUMENT: "category"}
"""What a layer is called where nothing else is said; that of tags in CoNLL-U and in Docs is `upos`."""

_SUITS = {
    Task.TAGS: (Format.CONLLU, Format.COLUMNS, Format.DOCBIN),
    Task.SPANS: (Format.SPANS, Format.LABEL_STUDIO, Format.COLUMNS, Format.DOCBIN),
    Task.DOCUMENT: (Format.CSV, Format.CATEGORIES, Format.LABEL_STUDIO, Format.FOLDERS, Format.DOCBIN),
}
_TOLD_BY_SUFFIX = {
    ".conllu": Format.CONLLU,
    ".conllup": Format.CONLLU,
    ".csv": Format.CSV,
    ".json": Format.LABEL_STUDIO,
    ".spacy": Format.DOCBIN,
    ".bio": Format.COLUMNS,
    ".iob": Format.COLUMNS,
    ".iob2": Format.COLUMNS,
    ".conll": Format.COLUMNS,
}
_SPAN_TAG = re.compile(r"[BIESLU]-.")
_FEWEST = 10
"""Documents that one file needs to be cut into three parts."""


@dataclass(frozen=True)
class Reading:
    """How the files of a task are read.

    Args:
        task: What the labels are of.
        tokenise: Finds the words of plain text.
        layer: The name of the layer; None for that of the format.
        format: The name of the format; None to tell it by the file.
        word: The column of the words, from 0.
        tag: The column of the tags, from 0, or from the end where negative.
        text: The column of the texts in a table.
        label: The column of the labels in a table.
        encoding: The encoding of the files.
    """

    task: Task
    tokenise: Tokenise
    layer: str | None = None
    format: str | None = None
    word: int = 0
    tag: int = -1
    text: str = "text"
    label: str = "label"
    encoding: str = UTF_8


def format_of(path: Path, reading: Reading) -> Format:
    """Tell the format of a file by its suffix or its first lines, unless it is given.

    Args:
        path: The file or folder.
        reading: The task, and the format if the user gave one.

    Returns:
        The format.

    Raises:
        OptionError: The format is not known, cannot be told, or has no labels for the task.
    """
    if not path.exists():
        near = get_close_matches(path.name, [other.name for other in path.absolute().parent.glob("*")], n=1)
        advice = f"Did you mean {near[0]}?" if near else "Check the path."
        raise DataError(f"{path}: there is no such file. {advice}")
    if reading.format is not None:
        try:
            chosen = Format(reading.format)
        except ValueError:
            raise OptionError(f"--format: found {reading.format!r}. Allowed are {', '.join(Format)}.") from None
    elif path.is_dir():
        chosen = Format.FOLDERS
    else:
        chosen = _TOLD_BY_SUFFIX.get(suffix_of(path)) or _told_by_lines(path, reading)
    if chosen is Format.SPANS and reading.task is Task.DOCUMENT and reading.format is None:
        chosen = Format.CATEGORIES
    if chosen not in _SUITS[reading.task]:
        suits = " or ".join(task for task in Task if chosen in _SUITS[task])
        raise OptionError(
            f"{path}: read as {chosen}, which has no labels for the task {reading.task}: that is read from "
            f"{', '.join(_SUITS[reading.task])}. Give such a file, or the task or a model for {suits}."
        )
    return chosen


def _told_by_lines(path: Path, reading: Reading) -> Format:
    """Tell the format by the first lines of a file."""
    lines = [line for _, line in islice(read_lines(path, encoding=reading.encoding), 200)]
    filled = [line for line in lines if line.strip() and not line.startswith("#")]
    if not filled:
        raise DataError(f"{path}: the file is empty. Give a file with labelled texts.")
    header = re.split(r"[\t,;]", filled[0].strip().lower())
    if filled[0].lstrip().startswith("{"):
        return Format.CATEGORIES if has_categories(path, encoding=reading.encoding) else Format.SPANS
    if filled[0].lstrip().startswith("["):
        return Format.LABEL_STUDIO
    if filled[0].startswith("1\t") and filled[0].count("\t") == 9:
        return Format.CONLLU
    if {reading.text, reading.label} <= set(header):
        return Format.CSV
    widths = {len(line.split()) for line in filled}
    if min(widths) >= 2 and len(widths) == 1 and (len(lines) > len(filled) or len(filled) < 3):
        return Format.COLUMNS
    raise OptionError(
        f"{path}: the format cannot be told from the name or the first lines. "
        f"Give --format, one of {', '.join(Format)}."
    )


def read(path: Path, reading: Reading) -> tuple[list[Document], str]:
    """Read a labelled file of a task, and say on stderr how it was read and what was repaired.

    Args:
        path: The file or folder.
        reading: The task and the user's options.

    Returns:
        The documents, and the name of the layer that they have.

    Raises:
        OptionError: The format does not fit the task.
        DataError: The file cannot be read, or no document has the layer.
    """
    chosen = format_of(path, reading)
    repairs = Repairs()
    named = chosen is Format.CONLLU or (chosen is Format.DOCBIN and reading.task is Task.TAGS)
    layer = reading.layer or ("upos" if named else LAYERS[reading.task])
    if named:
        documents = list(read_documents(path, format=chosen, repairs=repairs, encoding=reading.encoding))
    elif chosen is Format.COLUMNS and reading.task is Task.TAGS:
        documents = list(
            read_tag_columns(path, word=reading.word, tag=reading.tag, layer=layer, encoding=reading.encoding)
        )
        _check_not_spans(path, documents, layer)
    elif chosen is Format.CSV:
        documents = list(
            read_csv(
                path,
                reading.tokenise,
                text=reading.text,
                label=reading.label,
                layer=layer,
                encoding=reading.encoding,
            )
        )
    else:
        more: dict[str, Any] = {"word": reading.word, "tag": reading.tag} if chosen is Format.COLUMNS else {}
        documents = list(
            read_documents(
                path,
                format=chosen,
                tokenise=reading.tokenise,
                layer=layer,
                repairs=repairs,
                encoding=reading.encoding,
                **more,
            )
        )
    kept = [document for document in documents if labels_in(document, layer) is not None]
    if not kept:
        found = {name for one in documents for name in (*one.tags, *one.spans, *one.categories)}
        raise DataError(
            f"{path}: none of {len(documents):,} documents has the layer {layer!r}. "
            f"Give --layer; found are {', '.join(sorted(found)) or 'none'}."
        )
    left_out = f", {len(documents) - len(kept):,} others without labels" if len(kept) < len(documents) else ""
    repaired = "" if repairs == Repairs() else f"; {repairs}"
    say(f"{path}: {len(kept):,} documents with labels{left_out}, read as {chosen}{repaired}")
    return kept, layer


def _check_not_spans(path: Path, documents: Sequence[Document], layer: str) -> None:
    """Raise `DataError` where tags are those of spans."""
    labels = {label for one in documents for label in one.tags[layer].labels if label is not None and label != "O"}
    if labels and all(map(_SPAN_TAG.match, labels)):
        raise DataError(
            f"{path}: every tag is that of a span, such as {min(labels)!r}. Choose the task spans, or give the column "
            f"of the tags with --tag."
        )


def labels_in(document: Document, layer: str) -> set[str] | None:
    """Return the labels of a document's layer.

    Args:
        document: The document.
        layer: The layer, of tags, spans or categories.

    Returns:
        The labels; None where the document lacks the layer.
    """
    if layer in document.spans:
        return {span.label for span in document.spans[layer].spans}
    if layer in document.tags:
        return {label for label in document.tags[layer].labels if label is not None}
    if layer in document.categories:
        scores = document.categories[layer]
        return {max(scores, key=scores.__getitem__)} if scores else None
    return None


@dataclass(frozen=True)
class Parts:
    """The documents of a training.

    Args:
        train: The documents to train on.
        dev: Those to choose the best epoch on.
        test: Those to measure on; may be empty.
        layer: The name of the layer of labels.
    """

    train: list[Document]
    dev: list[Document]
    test: list[Document]
    layer: str


def read_parts(train: Path, dev: Path | None, test: Path | None, reading: Reading, *, seed: int) -> Parts:
    """Read the parts of a training; a file that is alone is cut into three.

    Args:
        train: The file to train on.
        dev: The file to choose on; None: a tenth of `train`.
        test: The file to measure on; None: where `dev` is None too, a tenth of `train`, otherwise nothing.
        reading: The task and the user's options.
        seed: Which documents are drawn.

    Returns:
        The parts.

    Raises:
        OptionError: A format does not fit the task.
        DataError: A file cannot be read, is too small to be cut, or dev has a label that train lacks.
    """
    learning, layer = read(train, reading)
    reading = replace(reading, layer=None if layer == "upos" and reading.layer is None else layer)
    measuring = [] if test is None else read(test, reading)[0]
    if dev is not None:
        choosing = read(dev, reading)[0]
        if len(choosing) > len(learning):
            say(f"{dev} has more documents than {train}; are the two files swapped?")
        _check_labels(dev, choosing, learning, layer)
        return Parts(learning, choosing, measuring, layer)
    if len(learning) < _FEWEST:
        raise DataError(
            f"{train}: found {len(learning)} documents. At least {_FEWEST} are needed to cut off parts to choose and "
            f"measure on; give --dev, or more documents."
        )
    shuffled = random.Random(seed).sample(learning, len(learning))
    tenth = len(shuffled) // 10
    if test is None:
        measuring, shuffled = shuffled[:tenth], shuffled[tenth:]
    known = {label for one in shuffled[tenth:] for label in labels_in(one, layer) or ()}
    # A document with a label that the rest lacks is learnt, not chosen on.
    choosing = [one for one in shuffled[:tenth] if (labels_in(one, layer) or set()) <= known]
    chosen = set(map(id, choosing))
    learning = [one for one in shuffled if id(one) not in chosen]
    cut = f" and {len(measuring):,} to measure on" if test is None else ""
    say(
        f"{train}: cut into {len(learning):,} documents to train on, {len(choosing):,} to choose the best epoch on{cut}"
    )
    return Parts(learning, choosing, measuring, layer)


def _check_labels(path: Path, documents: Sequence[Document], train: Sequence[Document], layer: str) -> None:
    known = {label for one in train for label in labels_in(one, layer) or ()}
    for number, document in enumerate(documents):
        for label in sorted((labels_in(document, layer) or set()) - known):
            raise DataError(
                f"{path}: document {number + 1} has the label {label!r}, which the training documents lack. "
                f"Correct it, add examples to the training file, or check that the files are not swapped."
            )


def hash_of(path: Path) -> str:
    """Return the SHA-256 of a file, or of all files below a folder with their names.

    Args:
        path: The file or folder.

    Returns:
        The hash in hexadecimal digits.
    """
    digest = sha256()
    for file in sorted(one for one in path.rglob("*") if one.is_file()) if path.is_dir() else [path]:
        if path.is_dir():
            digest.update(file.relative_to(path).as_posix().encode())
        with file.open("rb") as source:
            while block := source.read(1 << 20):
                digest.update(block)
    return digest.hexdigest()
