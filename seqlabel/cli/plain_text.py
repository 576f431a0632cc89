"""Files of plain text from which an encoder learns, in order and with a bar that says how far it is; no training."""

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from time import perf_counter

from tqdm import tqdm

from seqlabel.commands.console import note
from seqlabel.documents.document import Document
from seqlabel.errors import DataError
from seqlabel.io.text_files import missing_file
from seqlabel.text.line_blocks import whole_lines
from seqlabel.training.progress import LOG_SECONDS, Display, format_seconds


def plain_files(paths: list[Path]) -> list[Path]:
    """Find text files.

    Args:
        paths: Files, and folders whose `.txt` files are taken, sorted.

    Returns:
        The files.

    Raises:
        DataError: One is missing, or there are none.
    """
    found = []
    for path in paths:
        if path.is_dir():
            found += sorted(path.rglob("*.txt"))
        elif path.is_file():
            found.append(path)
        else:
            raise missing_file(path)
    if not found:
        raise DataError(f"{', '.join(map(str, paths))}: Found no .txt files. Give text files, or a folder of them.")
    return found


def plain_words(files: list[Path], tokenise: Callable[[str], Document], *, display: Display) -> Iterator[list[str]]:
    """Read the words of text files in blocks of about a megabyte, and show on stderr how far it is.

    On a terminal that is a bar, elsewhere a line every half minute.

    Args:
        files: The files.
        tokenise: What cuts texts into words, such as a `Tokeniser`.
        display: Where it is shown.

    Yields:
        The words of a block.
    """
    sizes = [file.stat().st_size for file in files]
    # None: no bar where stderr is not a terminal.
    disable = True if display is Display.SILENT or sys.stderr is None else None
    began = logged = perf_counter()
    words = before = 0
    with tqdm(total=sum(sizes), unit="B", unit_scale=True, desc="reading", disable=disable, leave=False) as bar:
        for file, size in zip(files, sizes, strict=True):
            done = 0
            for text in whole_lines(file):
                document = tokenise(text).words
                yield document
                words += len(document)
                # Unpacked text may be longer than its file.
                done, last = min(done + len(text.encode()), size), done
                bar.set_postfix_str(f"{words:,} words", refresh=False)
                bar.update(done - last)
                if bar.disable and perf_counter() - logged >= LOG_SECONDS:
                    logged = perf_counter()
                    note(f"{megabytes(before + done)} of {megabytes(sum(sizes))} MB, {words:,} words read")
            before += size
            bar.update(size - done)
    note(f"{words:,} words read in {format_seconds(perf_counter() - began)}")


def megabytes(size: int) -> str:
    """Write a number of bytes in megabytes.

    Args:
        size: The number of bytes.

    Returns:
        The megabytes, with one decimal where there are few.
    """
    return f"{size / 1e6:,.0f}" if size >= 10_000_000 else f"{size / 1e6:.1f}"
