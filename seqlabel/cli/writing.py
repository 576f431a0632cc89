"""Where a command writes to, the form of labelled documents, and these as coloured text; no form of
a file.
"""

import hashlib
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

import typer

from seqlabel.cli.options import STDIO
from seqlabel.commands.console import exit_status, note, say, stdout
from seqlabel.errors import OptionError, did_you_mean
from seqlabel.io.tree_drawing import tree_lines

if TYPE_CHECKING:
    from seqlabel.documents.document import Document
    from seqlabel.documents.trees import Trees
    from seqlabel.formats.format import Format, Labeled
    from seqlabel.io.packed import Writing
    from seqlabel.runs.outputs import ResumableOutput

_BACKGROUNDS = (153, 223, 157, 218, 189, 229, 181, 152, 224, 187)


@contextmanager
def open_or_stdout(
    path: Path | None, *, mode: int | None = None, at_once: bool = True
) -> "Iterator[Writing]":
    """Open the output of a command, compressed where its name says so.

    Args:
        path: The file, which is there when the block has ended well; None for standard output.
        mode: The permissions of the file; None for those that only its owner has.
        at_once: Whether standard output gets every piece at once.

    Yields:
        The stream.

    Raises:
        OptionError: The path is a folder or a link.
    """
    from seqlabel.io.files import PRIVATE_MODE, open_output
    from seqlabel.io.packed import open_target
    from seqlabel.io.text_files import UTF_8

    if path is None:
        yield _Flushed(stdout()) if at_once else stdout()
        return
    say_if_folder_is_made(path)
    with (
        open_output(path, mode=PRIVATE_MODE if mode is None else mode) as file,
        ExitStack() as packing,
    ):
        yield open_target(path, file, UTF_8, packing)


def list_or_write(
    files: Mapping[str, bytes],
    name: str | None,
    output: Path | None,
    *,
    kind: str,
    about: Callable[[str], str],
    width: int,
) -> None:
    """List files that ship, one per line with what it is, or write one of them.

    Args:
        files: The content of each file by its name.
        name: The file to write; None to list all.
        output: Where it is written; None for standard output.
        kind: What a file is, for the error: "config".
        about: Gives the description of a file by its text.
        width: The width of the column of names, in characters.

    Raises:
        OptionError: No file has the name, or the output is a folder or a link.
    """
    if name is None:
        for known, content in sorted(files.items()):
            print(f"{known:<{width}} {about(content.decode())}")
        return
    if name not in files:
        advice = did_you_mean(name, files) or f"Choose from {', '.join(sorted(files))}."
        raise OptionError(f"expected the name of a {kind}, got {name!r}. {advice}")
    with open_or_stdout(output) as target:
        target.write(files[name])


class _Flushed:
    """A stream whose reader gets what is written at once."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream

    def write(self, data: bytes, /) -> None:
        self._stream.write(data)
        self._stream.flush()


@contextmanager
def resumable_output(
    output: Path, made_of: Callable[[bytes], dict[str, Any]], *, resume: bool, mode: int
) -> "Iterator[ResumableOutput]":
    """Open an output that an interrupted run keeps, and say how that is continued.

    Args:
        output: The output.
        made_of: Gives what it depends on; see `ResumableOutput`.
        resume: Whether an interrupted run is continued.
        mode: The permissions of the output.

    Yields:
        The output.

    Raises:
        OptionError: If what it depends on has changed, and if another run writes it.
        DataError: For a damaged journal.
        typer.Exit: The run was interrupted.
    """
    from seqlabel.runs.outputs import ResumableOutput

    say_if_folder_is_made(output)
    try:
        with ResumableOutput(output, made_of, resume=resume, mode=mode) as target:
            yield target
    except KeyboardInterrupt as error:
        say("Interrupted. Run the same command with --resume to continue.")
        raise typer.Exit(exit_status(error)) from None


def resumable(output: Path | None, inputs: Sequence[Path]) -> bool:
    """Return whether a run that writes one text after another into one output can be continued.

    Args:
        output: The output; None for standard output.
        inputs: The files; none, or `STDIO`, for standard input.

    Returns:
        Whether all are files, and the output is not compressed.

    Raises:
        OptionError: The output is a folder or a link.
    """
    from seqlabel.io.files import opens_through
    from seqlabel.io.unpacking import COMPRESSED

    if output is None or not inputs or STDIO in inputs:
        return False
    return not opens_through(output) and output.suffix.lower() not in COMPRESSED


def digest_of_files(paths: Iterable[Path]) -> str:
    """Return a digest that tells the files of a run from others, for its journal.

    Args:
        paths: The files.

    Returns:
        Hexadecimal digits, which depend on the name and the size of each, and on when it was
        changed.
    """
    digest = hashlib.sha256()
    for path in paths:
        about = path.stat()
        digest.update(
            repr((str(path), about.st_size, about.st_mtime_ns)).encode("utf-8", "surrogatepass")
        )
    return digest.hexdigest()


def scrolls(output: Path | None) -> bool:
    """Return whether an output goes over the terminal, and shows itself how far a command is.

    Args:
        output: The file to write; None for standard output.

    Returns:
        False for a file, and where standard output is not a terminal.
    """
    return output is None and sys.stdout is not None and sys.stdout.isatty()


def say_if_folder_is_made(output: Path) -> None:
    """Say on stderr that the folder of an output is not there and is made, since its name may be
    mistyped.

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
        The form of that name; without one what the file's suffix says, colours on a terminal,
        otherwise JSON lines.

    Raises:
        OptionError: There is none of that name.
    """
    from seqlabel.formats.any_format import WRITTEN, by_suffix, named
    from seqlabel.formats.format import Format, Writer
    from seqlabel.formats.jsonl import JSONL

    color = Format("colour", writer=Writer(_colored_texts))
    if name is not None:
        return named(name, (*WRITTEN, color), "--to")
    if output is None:
        return color if terminal else JSONL
    return by_suffix(output, WRITTEN, JSONL)


def _colored_texts(labeled: "Iterable[Labeled]") -> Iterator[bytes]:
    return (colored(document).encode() for document, _ in labeled)


def colored(document: "Document") -> str:
    """Return a text with its labels for a terminal: spans on a coloured ground, or each word with
    its tag; then trees.

    Args:
        document: The document.

    Returns:
        The text with ANSI escapes and a line's end; control characters of the text itself are shown
        as `?`.
    """
    best = [
        max(scores, key=scores.__getitem__) for scores in document.categories.values() if scores
    ]
    parts = [f"{_ground(label)} {label} \x1b[0m " for label in best]
    position = 0
    if document.spans:
        spans = sorted(
            document.character_spans(next(iter(document.spans))), key=lambda span: span.start
        )
        marks = [
            (span.start, span.end, _ground(span.label), f" \x1b[1m{span.label}\x1b[0m")
            for span in spans
        ]
    else:
        labels = next(iter(document.tags.values())).labels if document.tags else ()
        pairs = zip(document.offsets, labels, strict=False)
        marks = [(start, end, "", f"\x1b[2m/{label}\x1b[0m") for (start, end), label in pairs]
    for start, end, before, after in marks:
        if start >= position:
            parts += [
                _plain(document.text[position:start]),
                before,
                _plain(document.text[start:end]),
                after,
            ]
            position = end
    parts += [_plain(document.text[position:]), "\n"]
    for trees in document.trees.values():
        parts += _drawn(document, trees)
    return "".join(parts)


def _drawn(document: "Document", trees: "Trees") -> Iterator[str]:
    """Draw the tree of each sentence as arrows, in 80 columns, with an empty line before it."""
    words = [_plain(word) for word in document.words]
    for start, end in pairwise([*(document.sentences or (0,)), len(document)]):
        part = trees.part(start, end)
        lines = tree_lines(words[start:end], part.heads, part.relations)
        yield "\n" + "".join(f"{line}\n" for line in lines)


def _ground(label: str) -> str:
    """Return the escape for dark letters on a colour that is a label's own."""
    return f"\x1b[30;48;5;{_BACKGROUNDS[sum(label.encode()) % len(_BACKGROUNDS)]}m"


def _plain(text: str) -> str:
    """Return a text that cannot command the terminal."""
    return "".join(
        character if character.isprintable() or character in "\n\t" else "?" for character in text
    )
