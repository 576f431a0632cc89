"""What columns hold, printed for `seqlabel find --columns`, with the command that redacts them."""

import shlex
from collections.abc import Iterable
from typing import TYPE_CHECKING

from seqlabel.commands.console import note, show

if TYPE_CHECKING:
    from seqlabel.privacy.records.findings import Searched

SAMPLE = 1000
"""Lines that are read of each file."""


def show_columns(searched: "Iterable[Searched]", *, as_json: bool) -> None:
    """Print a line for each column, and on stderr the command that redacts those with private cells.

    Args:
        searched: Cells with what was found in them.
        as_json: Whether lines are JSON.
    """
    from seqlabel.privacy.column_verdicts import LEAST, column_verdicts

    verdicts = column_verdicts(searched)
    for one in verdicts:
        if as_json:
            print(one.as_json())
        else:
            cells = f"{one.cells:,} cell{'s' * (one.cells != 1)}"
            show(f"{one.probability:.2f}  {one.column:<24} {one.kind} ({cells}, {one.file})")
    for file in dict.fromkeys(one.file for one in verdicts):
        private = [one for one in verdicts if one.file == file and one.probability >= LEAST]
        option = "--column" if file.endswith((".csv", ".tsv", ".parquet")) else "--field"
        if private:
            note(shlex.join(["seqlabel", "redact", file, *(word for one in private for word in (option, one.column))]))
