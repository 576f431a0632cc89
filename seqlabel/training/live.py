"""A table of epochs and a bar that change in place in a notebook; what is trained is not known
here.
"""

import sys
import time
from collections.abc import Sequence
from html import escape
from typing import Any

from seqlabel.io.markup import table_html, table_lines
from seqlabel.names import LateModule

# Every notebook has it.
notebook: Any = LateModule("IPython.display")

SECONDS_BETWEEN = 0.5
"""The shortest time between two changes of the bar, so that a browser is not flooded."""


def in_notebook() -> bool:
    """Return whether this process is the kernel of a notebook.

    Returns:
        True in Jupyter and the like; False in a terminal, also that of IPython.
    """
    if "IPython" not in sys.modules:
        return False
    shell = sys.modules["IPython"].get_ipython()
    return getattr(shell, "kernel", None) is not None


class LiveTable:
    """A table with a row per epoch, and below it a bar until the training ends; one output of a
    notebook's cell.

    Args:
        columns: The names of the columns.
        total: The batches of the training.
        done: The batches that were done before.
    """

    def __init__(self, columns: Sequence[str], *, total: int, done: int = 0) -> None:
        self._columns = columns
        self._total = total
        self._done = done
        self._first = done
        self._rows: list[tuple[str, ...]] = []
        self._is_over = False
        self._began = self._changed = time.perf_counter()
        # None outside of a notebook: there the table was printed once, and no output can change.
        self._handle: Any = notebook.display(self, display_id=True)

    def step(self) -> None:
        """Count a batch; the bar changes at most twice a second."""
        self._done += 1
        if time.perf_counter() - self._changed >= SECONDS_BETWEEN:
            self._update()

    def add(self, row: Sequence[str]) -> None:
        """Add the row of an epoch.

        Args:
            row: A cell for each column.
        """
        self._rows.append(tuple(row))
        self._update()

    def close(self) -> None:
        """Take the bar away; the table stays."""
        self._is_over = True
        self._update()

    def _update(self) -> None:
        self._changed = time.perf_counter()
        if self._handle is not None:
            self._handle.update(self)

    def _remark(self) -> str:
        """How far the training is, such as `30 of 120 batches, 12 s, about 36 s left`."""
        seconds = time.perf_counter() - self._began
        remark = f"{self._done:,} of {self._total:,} batches, {seconds:.0f} s"
        done_here = self._done - self._first
        if done_here == 0:
            return remark
        left = seconds / done_here * (self._total - self._done)
        return f"{remark}, about {left:.0f} s left"

    def _repr_html_(self) -> str:
        table = table_html(self._columns, self._rows)
        if self._is_over:
            return table
        bar = f'<progress value="{self._done}" max="{max(self._total, 1)}"></progress>'
        return f"{table}<div>{bar} <small>{escape(self._remark())}</small></div>"

    def __repr__(self) -> str:
        lines = list(table_lines(self._columns, self._rows))
        if not self._is_over:
            lines.append(self._remark())
        return "\n".join(lines)
