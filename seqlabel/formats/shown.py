"""The texts to label of files whose texts are otherwise exchanged: what a reader of the file sees,
no properties.
"""

from collections.abc import Callable, Iterator
from itertools import chain
from pathlib import Path

from seqlabel.errors import DataError
from seqlabel.formats.format import Exchange, Layout, Text
from seqlabel.formats.reading import ReadOptions
from seqlabel.io.records import Cell

IsShown = Callable[[Cell], bool]
"""Whether a reader of a file sees a text of it as text: no property, no address, no name of a
style.
"""


def shown_texts(
    exchange: Exchange, is_shown: IsShown
) -> Callable[[Path, ReadOptions], Iterator[Text]]:
    """Make the reader of the texts to label of a format.

    Args:
        exchange: How the texts of the format are exchanged.
        is_shown: Whether a text is labelled.

    Returns:
        A function that yields the texts of a file in order. Each has the fields `part`, the name of
        the part that it is in, and `line`: the line, the row of a sheet, the page of a PDF, or the
        number of the text in its part. It raises `DataError` for a file that cannot be read, and
        for one in which no text is shown, such as a scan.
    """

    def texts(path: Path, options: ReadOptions) -> Iterator[Text]:
        has_text = False
        batches = exchange.batches(path, Layout(encoding=options.encoding))
        for record in chain.from_iterable(batch.records for batch in batches):
            for cell, line, _ in record.placed():
                if not is_shown(cell) or not cell.text.strip():
                    continue
                has_text = True
                fields: dict[str, object] = {}
                if options.fields:
                    fields = {"part": cell.name, "line": line}
                yield Text(cell.text.strip("\r\n"), fields)
        if not has_text:
            raise DataError(
                f"{path}: expected text, got a file in which none is shown. Is it a scan?"
            )

    return texts
