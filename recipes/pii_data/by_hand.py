"""Texts written by hand, of sixty trades and styles, with their private values marked; no generator has a part in them.

They are for measuring alone. Those of `dev` have been looked at while the generator was mended, those of `test` never;
people, places and numbers in them are invented. In the files beside, a line of `=====` is between two texts, the first
line names a text's style, and a value is marked `⟦LABEL|value⟧`.
"""

import re
from collections.abc import Iterator
from pathlib import Path

from seqlabel.errors import DataError

from .labels import PiiType

_FOLDER = Path(__file__).parent / "written"
_MARK = re.compile(r"⟦([A-Z_]+)\|([^⟦⟧]+)⟧")


def written(part: str) -> Iterator[tuple[str, list[tuple[int, int, str]]]]:
    """The texts of `dev` or `test`, each with its spans `(start, end, label)` in characters, half-open, in order.

    Raises `DataError` for a mark that is broken or has an unknown label.
    """
    path = _FOLDER / f"{part}.txt"
    for number, block in enumerate(path.read_text(encoding="utf-8").split("\n=====\n"), 1):
        style, _, marked = block.strip("\n").partition("\n")
        pieces: list[str] = []
        spans: list[tuple[int, int, str]] = []
        place = length = 0
        for match in _MARK.finditer(marked):
            before, (label, value) = marked[place : match.start()], match.groups()
            if label not in set(PiiType):
                raise DataError(f"{path}, text {number}: found the label {label}; allowed are {', '.join(PiiType)}")
            begin = length + len(before)
            length = begin + len(value)
            spans.append((begin, length, label))
            pieces += [before, value]
            place = match.end()
        text = "".join([*pieces, marked[place:]])
        if not style.startswith("# ") or "⟦" in text or "⟧" in text:
            raise DataError(f"{path}, text {number}: found no style in its first line, or a mark that is broken")
        yield text, spans
