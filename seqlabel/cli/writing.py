"""Where a command writes to, the form of labelled documents, and these as coloured text; no form of a file."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from seqlabel.commands.console import note, stdout

if TYPE_CHECKING:
    from seqlabel.documents.document import Document
    from seqlabel.formats.format import Format, Labelled

_BACKGROUNDS = (153, 223, 157, 218, 189, 229, 181, 152, 224, 187)


@contextmanager
def open_or_stdout(path: Path | None, *, mode: int | None = None) -> Iterator[BinaryIO]:
    """Open the output of a command.

    Args:
        path: The file, which is there when the block has ended well; None for standard output.
        mode: The permissions of the file; None for those that only its owner has.

    Yields:
        The stream.

    Raises:
        OptionError: The path is a folder or a link.
    """
    from seqlabel.io.files import PRIVATE_MODE, open_output

    if path is None:
        yield stdout()
        return
    say_if_folder_is_made(path)
    with open_output(path, mode=PRIVATE_MODE if mode is None else mode) as file:
        yield file


def say_if_folder_is_made(output: Path) -> None:
    """Say on stderr that the folder of an output is not there and is made, since its name may be mistyped.

    Args:
        output: The file to write.
    """
    if not output.parent.exists():
        note(f"{output.parent}: makes this folder, which was not there")


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
    parts, place = [f"{_ground(label)} {label} \x1b[0m " for label in best], 0
    if document.spans:
        found = sorted(document.character_spans(next(iter(document.spans))), key=lambda one: one.start)
        marks = [(one.start, one.end, _ground(one.label), f" \x1b[1m{one.label}\x1b[0m") for one in found]
    else:
        labels = next(iter(document.tags.values())).labels if document.tags else ()
        pairs = zip(document.offsets, labels, strict=False)
        marks = [(start, end, "", f"\x1b[2m/{label}\x1b[0m") for (start, end), label in pairs]
    for start, end, before, after in marks:
        if start >= place:
            parts += [_plain(document.text[place:start]), before, _plain(document.text[start:end]), after]
            place = end
    return "".join([*parts, _plain(document.text[place:]), "\n"])


def _ground(label: str) -> str:
    """Return the escape for dark letters on a colour that is a label's own."""
    return f"\x1b[30;48;5;{_BACKGROUNDS[sum(label.encode()) % len(_BACKGROUNDS)]}m"


def _plain(text: str) -> str:
    """Return a text that cannot command the terminal."""
    return "".join(one if one.isprintable() or one in "\n\t" else "?" for one in text)
