"""Findings of `seqlabel find` with a person's verdicts → the texts that they are in, with what is
private in them.
"""

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from pydantic import BaseModel, ValidationError

from seqlabel.documents.document import Document
from seqlabel.documents.spans import CharacterSpan
from seqlabel.errors import DataError
from seqlabel.formats.format import SPANS, Beginning, Format, Labels, Layout
from seqlabel.formats.reading import ReadOptions, tokenized, with_spans
from seqlabel.io.records import Cell
from seqlabel.io.text_files import read_lines

Cells = Callable[[Path, Layout], Iterator[tuple[Cell, int]]]
"""Reads the texts of a file, each with the line that it begins in."""


class _Finding(BaseModel, strict=True, defer_build=True):
    """A line of `find`; `right` is what a person added."""

    file: str
    line: int
    path: str | None = None
    start: int
    end: int
    label: str
    right: bool = True


def _read(path: Path, options: ReadOptions, cells: Cells) -> Iterator[Document]:
    """Read the texts that findings are in, with those findings as spans that a person did not call
    wrong.

    A line is one of `seqlabel find --to jsonl`; `"right": false` marks a false positive, and the
    label may be corrected. What was missed is added as a line of its own, with file, line, start,
    end and label. Texts without a line are not read. The files that the findings name are read
    again, from this folder or that of the findings.
    """
    waiting: dict[str, dict[tuple[int, str], list[tuple[int, _Finding]]]] = {}
    for number, line in read_lines(path, encoding=options.encoding):
        if line.strip():
            try:
                finding = _Finding.model_validate_json(line)
            except ValidationError as error:
                keys = ", ".join(
                    str(error["loc"][0])
                    for error in error.errors(include_input=False)
                    if error["loc"]
                )
                raise DataError(
                    f"{path}, line {number}: is not a finding of `seqlabel find` "
                    f"({keys or 'no JSON'}). Correct it."
                ) from None
            by_field = waiting.setdefault(finding.file, {})
            by_field.setdefault((finding.line, finding.path or ""), []).append((number, finding))
    layout = Layout(columns=None, all_strings=True, encoding=options.encoding)
    for name, by_field in waiting.items():
        file = next(
            (candidate for candidate in (Path(name), path.parent / name) if candidate.is_file()),
            None,
        )
        if file is None:
            raise DataError(
                f"{path}: expected the file of its findings, {name}, got none. Put the file back."
            )
        for cell, first in cells(file, layout):
            # The text of an unnamed cell is a line; its findings have no path.
            findings = by_field.pop((first, cell.name), None)
            if findings is not None:
                where = f"{path}, line {findings[0][0]}"
                spans = [
                    CharacterSpan(finding.start, finding.end, finding.label)
                    for _, finding in findings
                    if finding.right
                ]
                yield with_spans(tokenized(cell.text, where, options), spans, where, options)
        if by_field:
            number = min(numbered[0][0] for numbered in by_field.values())
            raise DataError(
                f"{path}, line {number}: {name} has no such line or field. Was it changed since?"
            )


def _looks_like(beginning: Beginning) -> bool:
    return {"file", "line", "start", "end", "label"} <= beginning.object.keys()


def verdicts(cells: Cells) -> Format:
    """Make the format of findings.

    Args:
        cells: Reads the texts of the files that findings are in.

    Returns:
        The format.
    """
    return Format(
        "verdicts",
        (".jsonl", ".ndjson"),
        looks_like=_looks_like,
        labels=Labels(frozenset({SPANS}), partial(_read, cells=cells)),
    )
