"""Labelled files of a task, read with the user's options: what was read and repaired is reported
on stderr; no training.

The readers themselves are in `seqlabel.formats`.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from seqlabel.cli.options import Columns, Task
from seqlabel.commands.console import note, say
from seqlabel.documents.document import TREE, Document
from seqlabel.documents.phrases import lacks_spaces
from seqlabel.documents.repairs import Repairs
from seqlabel.errors import DataError, OptionError
from seqlabel.formats.any_format import LABELED, check_category, format_of, named
from seqlabel.formats.columns import width_of
from seqlabel.formats.format import Format
from seqlabel.formats.parts import Parts, cut_parts, labels_in
from seqlabel.formats.reading import ReadOptions, Tokenize
from seqlabel.io.text_files import missing_file
from seqlabel.models.folders import CONFIG, OUTPUTS

LAYERS = {Task.TAGS: "tags", Task.SPANS: "ner", Task.TREES: TREE, Task.DOCUMENT: "category"}
"""The name of a layer where none is given; that of tags in CoNLL-U and in Docs is `upos`."""

_SHOWN = 5
"""Labels that a message names."""
_SPAN_TAG = re.compile(r"[BIESLU]-.")
_FEWEST = 10
"""Documents that one file needs to be cut into three parts."""
_FEW = 30
"""Documents below which the score of a part says little."""
_SHARED = 0.1
"""The share of texts in another part from which on scores mislead; short sentences of any kind
repeat, in 1 of 25.
"""


@dataclass(frozen=True)
class Reading:
    """How the files of a task are read.

    Args:
        task: The kind of labels.
        tokenize: Finds the words of plain text.
        layer: The name of the layer; None for that of the format.
        columns: The user's options.
        category: The field of a category that texts have next to their spans; None for none.
    """

    task: Task
    tokenize: Tokenize
    layer: str | None
    columns: Columns
    category: str | None = None


def task_format(path: Path, reading: Reading) -> Format:
    """Find the format of a file, and check that it has labels of the task.

    Args:
        path: The file or folder.
        reading: The task, and the format if the user gave one.

    Returns:
        The format.

    Raises:
        DataError: There is no such file, or it cannot be read.
        OptionError: It is a model, or the format is not known, cannot be recognised, or has no
            labels for the task.
    """
    if not path.exists():
        raise missing_file(path)
    if any((path / inside / CONFIG).is_file() for inside in ("", *OUTPUTS)):
        raise OptionError(
            f"{path}: is the folder of a model, and labelled texts are read here. Pass a file or "
            f"folder of them; `seqlabel train TASK FILE --on {path}` trains the model further."
        )
    columns = reading.columns
    if columns.from_ is not None:
        chosen = named(columns.from_, LABELED, "--from")
    else:
        chosen = format_of(
            path,
            text=columns.text,
            label=columns.label,
            encoding=columns.encoding,
            task=reading.task,
        )
    if not chosen.holds(reading.task):
        suits = " or ".join(task for task in Task if chosen.holds(task))
        raise OptionError(
            f"{path}: read as {chosen}, which has no labels for the task {reading.task}: that is "
            f"read from {', '.join(form.name for form in LABELED if form.holds(reading.task))}. "
            f"Pass such a file, its --from, or the task or a model for {suits}."
        )
    return chosen


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
    chosen = task_format(path, reading)
    repairs = Repairs()
    assert chosen.labels is not None
    own = chosen.labels.layers.get(reading.task)
    layer = reading.layer or own or LAYERS[reading.task]
    columns = reading.columns
    options = ReadOptions(
        tokenize=reading.tokenize,
        layer=layer if own is None else reading.layer,
        task=reading.task,
        text=columns.text,
        # Where the user names no field, that of the label may have several names.
        label=None if columns.label == "label" else columns.label,
        word=columns.word,
        tag=columns.tag,
        repairs=repairs,
        encoding=columns.encoding,
        category=None if reading.category is None else check_category(chosen, reading.category),
    )
    documents = list(chosen.read(path, options))
    if chosen.heeds("tag") and reading.task is Task.TAGS:
        _check_not_spans(path, documents, layer)
    if chosen.heeds("tag") or chosen.heeds("label"):
        _warn_if_swapped(path, documents, layer)
    kept = [document for document in documents if labels_in(document, layer) is not None]
    if not kept:
        layers = {
            name
            for document in documents
            for name in (*document.tags, *document.spans, *document.trees, *document.categories)
        }
        raise DataError(
            f"{path}: none of {len(documents):,} documents has the layer {layer!r}. "
            f"Pass --layer; found are {', '.join(sorted(layers)) or 'none'}."
        )
    if not chosen.labels.has_words and any(map(lacks_spaces, kept)):
        say(
            f"{path}: some texts have no spaces between their words, so whole phrases are one "
            "word. Pass --language, such as ja, zh or th, or a file whose words are known."
        )
    left_out = (
        f", {len(documents) - len(kept):,} others without labels"
        if len(kept) < len(documents)
        else ""
    )
    repaired = "" if repairs == Repairs() else f"; {repairs}"
    (say if left_out or repaired else note)(
        f"{path}: {len(kept):,} documents with labels{left_out}, read as {chosen}{repaired}"
    )
    return kept, layer


def _warn_if_swapped(path: Path, documents: Sequence[Document], layer: str) -> None:
    """Say on stderr where labels and texts, or words, may have changed places: there are more
    different labels.

    A swap is missed in a file that has fewer different texts than labels: one too small to learn
    from.
    """
    labels = {label for document in documents for label in labels_in(document, layer) or ()}
    texts = {
        text
        for document in documents
        for text in ((document.text,) if layer in document.categories else document.words)
    }
    if len(labels) > len(texts):
        say(
            f"{path}: has {len(labels):,} different labels and {len(texts):,} different texts; are "
            "the two swapped? --word and --tag choose columns from 0, --text and --label by name."
        )


def _check_not_spans(path: Path, documents: Sequence[Document], layer: str) -> None:
    """Raise `DataError` where tags are those of spans."""
    labels = {
        label
        for document in documents
        for label in document.tags[layer].labels
        if label is not None and label != "O"
    }
    if labels and all(map(_SPAN_TAG.match, labels)):
        raise DataError(
            f"{path}: every tag is that of a span, such as {min(labels)!r}. Choose the task spans, "
            "or give the column of the tags with --tag."
        )


def read_task(
    train: Path,
    dev: Path | None,
    test: Path | None,
    reading: Reading,
    *,
    seed: int,
    whole: bool = False,
) -> Parts:
    """Read the parts of a training; a file that is alone is cut into three.

    Args:
        train: The file to train on.
        dev: The file to choose on; None: a tenth of `train`.
        test: The file to measure on; None: where `dev` is None too, a tenth of `train`, otherwise
            nothing.
        reading: The task and the user's options.
        seed: Which documents are drawn.
        whole: Whether nothing is cut off where `dev` is None.

    Returns:
        The parts, with one layer.

    Raises:
        OptionError: A format does not fit the task.
        DataError: A file cannot be read, is too small to be cut, or dev has none of the labels of
            train.
    """
    learning, layer = read(train, reading)
    reading = replace(reading, layer=None if layer == "upos" and reading.layer is None else layer)
    measuring = [] if test is None else read(test, reading)[0]
    _note_different_columns([train, dev, test], reading)
    if dev is not None:
        choosing = read(dev, reading)[0]
        # Nearly as many are a choice, as where one file is cut into halves.
        if 2 * len(choosing) > 3 * len(learning):
            say(f"{dev} has more documents than {train}; are the two files swapped?")
        _check_labels(dev, choosing, learning, layer)
        _warn_if_shared(dev, choosing, learning)
        parts = Parts(learning, choosing, measuring, (layer,))
    elif whole:
        parts = Parts(learning, [], measuring, (layer,))
    else:
        if len(learning) < _FEWEST:
            raise DataError(
                f"{train}: expected at least {_FEWEST} documents, to set parts aside to choose "
                f"and measure on, got {len(learning)}. Pass --dev, or more documents."
            )
        texts = len({document.text for document in learning})
        parts = cut_parts(learning, layer, seed=seed, test=test is None, together=texts >= _FEWEST)
        if not parts.dev:
            raise DataError(
                f"{train}: no label is there twice, so nothing can be set aside to choose on. "
                "Are texts and labels "
                f"swapped, or are labels free texts? --text and --label choose the columns."
            )
        cut = f" and {len(parts.test):,} to measure on" if test is None else ""
        note(
            f"{train}: cut into {len(parts.train):,} documents to train on, {len(parts.dev):,} to "
            f"choose the best epoch on{cut}"
        )
        measured = len(parts.test or parts.dev)
        if texts < _FEWEST or measured < _FEW:
            say(
                f"{train}: {measured:,} documents to measure on, {texts:,} different texts in all: "
                "the scores may be far off. Pass --dev and --test."
            )
    if test is None:
        return parts
    _warn_if_shared(test, measuring, [*parts.train, *parts.dev])
    return replace(parts, test=measuring)


def _note_different_columns(paths: Sequence[Path | None], reading: Reading) -> None:
    """Say on stderr where files have different numbers of columns, and their tags are taken from
    the last of each.
    """
    files = [path for path in paths if path is not None and task_format(path, reading).heeds("tag")]
    widths = [width_of(path, encoding=reading.columns.encoding) for path in files]
    if reading.columns.tag < 0 and len(set(widths)) > 1:
        widths_shown = ", ".join(
            f"{path} has {width}" for path, width in zip(files, widths, strict=True)
        )
        note(
            f"The files have different columns ({widths_shown}); the last one has the tags. --tag "
            "chooses another, from 0."
        )


def _warn_if_shared(path: Path, documents: Sequence[Document], others: Sequence[Document]) -> None:
    """Say on stderr where many texts of a part are among those that a model is trained or chosen
    on.
    """
    known = {document.text for document in others}
    count = sum(document.text in known for document in documents)
    if count >= _SHARED * len(documents):
        say(
            f"{path}: {count:,} of {len(documents):,} texts ({count / len(documents):.0%}) are "
            "among those that the model is trained or chosen on, so its scores mislead. Pass parts "
            "that share no texts."
        )


def _check_labels(
    path: Path, documents: Sequence[Document], train: Sequence[Document], layer: str
) -> None:
    """Say on stderr which labels of dev train lacks. Raises `DataError` where it lacks all of
    them.
    """
    known = {label for document in train for label in labels_in(document, layer) or ()}
    by_document = [labels_in(document, layer) or set() for document in documents]
    there = {label for labels in by_document for label in labels}
    unknown = sorted(there - known)
    if not unknown:
        return
    shown = some([repr(label) for label in unknown])
    if not any(labels & known for labels in by_document):
        raise DataError(
            f"{path}: has the labels {shown}, and the training documents have none of them. Are "
            "they files of the same task, and is the column of labels right?"
        )
    count = sum(not labels <= known for labels in by_document)
    say(
        f"{path}: the training documents lack the labels {shown}, which {count:,} of "
        f"{len(documents):,} documents "
        f"have. They count as not found, and the best epoch is chosen without them."
    )


def some(labels: Sequence[str]) -> str:
    """Name the first labels for a message.

    Args:
        labels: The labels.

    Returns:
        The first ones, and how many more there are.
    """
    shown = ", ".join(labels[:_SHOWN])
    if len(labels) <= _SHOWN:
        return shown
    return f"{shown} and {len(labels) - _SHOWN:,} more"
