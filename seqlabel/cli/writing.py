"""Labelled documents as lines of JSON, rows of CoNLL and CoNLL-U, and coloured text for a terminal; nothing is read.

A packed `.spacy` file is written by `seqlabel.formats.write_docbin`.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from enum import StrEnum
from itertools import pairwise
from pathlib import Path
from typing import Any

from seqlabel.documents.document import LEMMA, Document
from seqlabel.documents.schemes import Scheme, spans_to_tags


class OutputFormat(StrEnum):
    """How labelled documents are written."""

    JSONL = "jsonl"
    """One object per line, with text, words, tags, spans and categories; `read_spans` reads its spans."""
    CONLL = "conll"
    """One word per line with a column for each layer, spans as BIO tags; an empty line after each document."""
    CONLLU = "conllu"
    """CoNLL-U; spans are BIO tags in the last column."""
    DOCBIN = "docbin"
    """spaCy's packed Docs; needs a file to write to."""
    COLOUR = "colour"
    """The text with its labels, for a terminal."""


_SUFFIXES = {
    ".conllu": OutputFormat.CONLLU,
    ".conll": OutputFormat.CONLL,
    ".iob2": OutputFormat.CONLL,
    ".spacy": OutputFormat.DOCBIN,
}
_BACKGROUNDS = (153, 223, 157, 218, 189, 229, 181, 152, 224, 187)


def output_format(output: Path | None, *, terminal: bool) -> OutputFormat:
    """Return the form in which documents are written where the user names none.

    Args:
        output: The file to write; None: standard output.
        terminal: Whether standard output is a terminal.

    Returns:
        What the file's suffix says, colours on a terminal, otherwise JSON lines.
    """
    if output is None:
        return OutputFormat.COLOUR if terminal else OutputFormat.JSONL
    return _SUFFIXES.get(output.suffix.lower(), OutputFormat.JSONL)


def written(document: Document) -> dict[str, Any]:
    """Return a document's layers as plain values for JSON.

    Args:
        document: The document.

    Returns:
        `text`; `words`, their character offsets; `tags` and `categories` by layer; `spans`, a list of objects.
    """
    spans = [
        {"layer": layer, "start": one.start, "end": one.end, "label": one.label, "score": one.score}
        for layer in document.spans
        for one in document.character_spans(layer)
    ]
    tags = {layer: list(found.labels) for layer, found in document.tags.items()}
    categories = {"categories": dict(document.categories)} if document.categories else {}
    return {"text": document.text, "words": document.offsets, "tags": tags, "spans": spans, **categories}


def json_line(document: Document, fields: Mapping[str, object] | None = None) -> str:
    """Return a document as a line of JSON.

    Args:
        document: The document.
        fields: More fields for the line; those that the document has itself are its own.

    Returns:
        The line, with its end.
    """
    return json.dumps({**(fields or {}), **written(document)}, ensure_ascii=False) + "\n"


def _category_lines(document: Document) -> str:
    """Return a comment for each layer of categories, with its best label and the label's probability."""
    best = {layer: max(scores, key=scores.__getitem__) for layer, scores in document.categories.items() if scores}
    return "".join(f"# {layer} = {label} {document.categories[layer][label]:.4f}\n" for layer, label in best.items())


def conll(document: Document) -> str:
    """Return a document as rows of words and their tags.

    Args:
        document: The document.

    Returns:
        A comment for each layer of categories, the rows, with tabs between columns, and an empty line; nothing for a
        document without words.
    """
    if not len(document):
        return ""
    columns = [document.words, *(list(one.labels) for one in document.tags.values()), *_bio(document).values()]
    rows = ("\t".join(map(_cell, row)) + "\n" for row in zip(*columns, strict=True))
    return f"{_category_lines(document)}{''.join(rows)}\n"


def conllu(document: Document) -> str:
    """Return a document as CoNLL-U, one sentence unless its sentences are known.

    Args:
        document: The document.

    Returns:
        Sentences, each with its text in a comment and an empty line behind it; the first begins with a comment for
        each layer of categories. Nothing for a document without words.
    """
    empty: list[str | None] = [None] * len(document)
    lemmas = document.lemmas if LEMMA in document.tags else empty
    tagged = [document.tags[name].labels if name in document.tags else empty for name in ("upos", "xpos", "feats")]
    columns: list[Sequence[str | None]] = [document.words, lemmas, *tagged]
    spans = _bio(document)
    starts = [*(document.sentences or (0,)), len(document)]
    lines: list[str] = []
    for start, end in pairwise(starts):
        if start == end:
            continue
        first, last = document.offsets[start][0], document.offsets[end - 1][1]
        lines += [] if lines else _category_lines(document).splitlines()
        lines.append(f"# text = {' '.join(document.text[first:last].split())}")
        for place in range(start, end):
            more = [f"{layer}={tags[place]}" for layer, tags in spans.items() if tags[place] != "O"]
            if place + 1 < end and document.offsets[place][1] == document.offsets[place + 1][0]:
                more.append("SpaceAfter=No")
            cells = [str(place - start + 1), *(_cell(column[place]) for column in columns), "_", "_", "_"]
            cells.append("|".join(more) or "_")
            lines.append("\t".join(cells))
        lines.append("")
    return "\n".join(lines) + "\n" if lines else ""


def coloured(document: Document) -> str:
    """Return a text with its labels for a terminal: spans on a coloured ground, or each word with its tag.

    Args:
        document: The document.

    Returns:
        The text with ANSI escapes and a line's end; control characters of the text itself are shown as `?`.
    """
    best = [max(scores, key=scores.__getitem__) for scores in document.categories.values() if scores]
    head = "".join(f"{_ground(label)} {label} \x1b[0m " for label in best)
    if document.spans:
        return head + _coloured_spans(document) + "\n"
    parts, place = [], 0
    labels = next(iter(document.tags.values())).labels if document.tags else ()
    for (_, end), label in zip(document.offsets, labels, strict=False):
        parts.append(f"{_plain(document.text[place:end])}\x1b[2m/{label}\x1b[0m")
        place = end
    return head + "".join(parts) + _plain(document.text[place:]) + "\n"


def _coloured_spans(document: Document) -> str:
    layer = next(iter(document.spans.values()))
    parts, place = [], 0
    for span in sorted(layer.spans, key=lambda one: one.start):
        start, end = document.characters(span)
        if start >= place:
            ground = _ground(span.label)
            text = _plain(document.text[start:end])
            parts.append(f"{_plain(document.text[place:start])}{ground}{text} \x1b[1m{span.label}\x1b[0m")
            place = end
    return "".join(parts) + _plain(document.text[place:])


def _ground(label: str) -> str:
    """Return the escape for dark letters on a colour that is a label's own."""
    return f"\x1b[30;48;5;{_BACKGROUNDS[sum(label.encode()) % len(_BACKGROUNDS)]}m"


def _plain(text: str) -> str:
    """Return a text that cannot command the terminal."""
    return "".join(one if one.isprintable() or one in "\n\t" else "?" for one in text)


def _bio(document: Document) -> dict[str, list[str]]:
    """Return the BIO tags of each layer of spans."""
    return {
        layer: list(spans_to_tags(found.spans, len(document), Scheme.BIO)) for layer, found in document.spans.items()
    }


def _cell(value: str | None) -> str:
    """Return a value for a column: white space would begin another one."""
    return "_" if not value else "\u00a0".join(value.split())


WRITERS: dict[OutputFormat, Callable[[Document], str]] = {
    OutputFormat.CONLL: conll,
    OutputFormat.CONLLU: conllu,
    OutputFormat.COLOUR: coloured,
}
"""Writes a document; a line of JSON has other fields beside it, and a packed file is written as a whole."""
