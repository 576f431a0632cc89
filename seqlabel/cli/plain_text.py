"""Files of plain text from which an encoder learns, in order, showing how far it is; no
training.
"""

from collections.abc import Callable, Iterator
from itertools import chain
from pathlib import Path
from time import perf_counter

from seqlabel.commands.console import meter, note, say
from seqlabel.documents.document import Document
from seqlabel.documents.phrases import has_phrases
from seqlabel.errors import DataError
from seqlabel.io.text_files import missing_file
from seqlabel.runs.progress import BYTES
from seqlabel.text.line_blocks import whole_lines
from seqlabel.training.progress import Display, format_seconds


def plain_files(paths: list[Path]) -> list[Path]:
    """Find text files.

    Args:
        paths: Files, and folders whose `.txt` files are taken, sorted.

    Returns:
        The files.

    Raises:
        DataError: One is missing, or there are none.
    """
    files = []
    for path in paths:
        if path.is_dir():
            files += sorted(path.rglob("*.txt"))
        elif path.is_file():
            files.append(path)
        else:
            raise missing_file(path)
    if not files:
        raise DataError(
            f"{', '.join(map(str, paths))}: expected .txt files, got none. Pass text files, or a "
            "folder of them."
        )
    return files


def plain_words(
    files: list[Path], tokenize: Callable[[str], Document], *, display: Display
) -> Iterator[list[str]]:
    """Read the words of text files in blocks of about a megabyte, and show how far it is.

    Args:
        files: The files.
        tokenize: What cuts texts into words, such as a `Tokenizer`.
        display: Where it is shown.

    Yields:
        The words of a block.
    """
    began = perf_counter()
    words = 0
    size = sum(file.stat().st_size for file in files)
    with meter(hidden=display is Display.SILENT).part("reading", BYTES, total=size) as update:
        for text in chain.from_iterable(map(whole_lines, files)):
            document = tokenize(text).words
            if not words and sum(has_phrases([word]) for word in document) > len(document) / 4:
                say(
                    f"{files[0]}: has no spaces between its words, so whole phrases are one word. "
                    f"Pass --language, such as ja, zh or th."
                )
            yield document
            words += len(document)
            update(len(text.encode()), f"{words:,} words")
    note(f"{words:,} words read in {format_seconds(perf_counter() - began)}")
