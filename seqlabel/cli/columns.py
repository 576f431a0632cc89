"""What columns hold, printed for `seqlabel find --columns`, with the command that redacts them."""

import shlex
from collections.abc import Iterable
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

from seqlabel.commands.console import note
from seqlabel.runs.progress import with_noun

if TYPE_CHECKING:
    from seqlabel.privacy.records.findings import Searched

SAMPLE = 1000
"""Lines that are read of each file."""


def show_columns(searched: "Iterable[Searched]", *, as_json: bool) -> None:
    """Print a line for each column, and on stderr the command that redacts those with private
    cells.

    Args:
        searched: Cells with what was found in them.
        as_json: Whether lines are JSON.
    """
    from seqlabel.formats.any_format import records_format
    from seqlabel.privacy.column_verdicts import column_verdicts

    verdicts = column_verdicts(searched)
    for verdict in verdicts:
        if as_json:
            print(verdict.as_json())
        else:
            cells = with_noun(verdict.cells, "cell")
            print(
                f"{verdict.probability:.2f}  {verdict.column:<24} {verdict.kind} "
                f"({cells}, {verdict.file})"
            )
    for file in dict.fromkeys(verdict.file for verdict in verdicts):
        private = [verdict for verdict in verdicts if verdict.file == file and verdict.is_private]
        form = records_format(Path(file))
        option = ["--column"] if form.has_columns else ["--field"] if form.has_fields else []
        if private:
            named = [[*option, verdict.column] for verdict in private] if option else []
            note(shlex.join(["seqlabel", "redact", file, *chain.from_iterable(named)]))
