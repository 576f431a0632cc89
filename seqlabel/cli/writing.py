"""Labelled documents as coloured text for a terminal, and the form in which they are written; no form of a file."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from seqlabel.documents.document import Document
    from seqlabel.formats.format import Format, Labelled

_BACKGROUNDS = (153, 223, 157, 218, 189, 229, 181, 152, 224, 187)


def output_format(name: str | None, output: Path | None, *, terminal: bool) -> "Format":
    """Return the form in which documents are written.

    Args:
        name: The name that the user gave, if any.
        output: The file to write; None: standard output.
        terminal: Whether standard output is a terminal.

    Returns:
        The form of that name; without one what the file's suffix says, colours on a terminal, otherwise JSON lines.

    Raises:
        OptionError: There is none of that name.
    """
    from seqlabel.formats.any_format import WRITTEN, by_suffix, named
    from seqlabel.formats.format import Format
    from seqlabel.formats.jsonl import JSONL

    colour = Format("colour", write=_coloured_texts)
    if name is not None:
        return named(name, (*WRITTEN, colour), "--to")
    if output is None:
        return colour if terminal else JSONL
    return by_suffix(output, WRITTEN, JSONL)


def _coloured_texts(labelled: "Iterable[Labelled]") -> Iterator[bytes]:
    return (coloured(document).encode() for document, _ in labelled)


def coloured(document: "Document") -> str:
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


def _coloured_spans(document: "Document") -> str:
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
