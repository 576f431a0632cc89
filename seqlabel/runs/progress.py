"""How far a run is: a bar on a terminal, a line every half minute in a log; what is worked on is
not known here.
"""

import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, TypeVar

from seqlabel.io.markup import visible
from seqlabel.names import LateModule

if TYPE_CHECKING:
    import tqdm
else:
    tqdm = LateModule("tqdm")

_Item = TypeVar("_Item")

SECONDS_TO_BAR = 2.0
"""How long a run takes before a bar shows how far it is."""
SECONDS_TO_LINE = 30.0
"""How long it is from one line in a log to the next."""
BYTES = "B"
"""The unit of what is measured in bytes."""
_MEGABYTE = 1_000_000


class Meter:
    """Shows on stderr how far a run is, over all its files.

    Nothing is shown in the first two seconds; then a bar on a terminal, and a line every half
    minute anywhere else.

    Args:
        say: Writes a line into the log.
        quiet: Whether nothing is shown.
        files: How many files the run reads; with 0 or 1 they are not counted.
    """

    def __init__(self, say: Callable[[str], None], *, quiet: bool = False, files: int = 0) -> None:
        self._say = say
        self._quiet = quiet
        self._files = files
        self._file = 0
        self._began = time.perf_counter()
        self._logged = self._began

    @contextmanager
    def part(
        self, name: str, unit: str, *, total: int | None = None, done: int = 0
    ) -> Iterator[Callable[[int, str], None]]:
        """Show how far one file is.

        Args:
            name: The name of the file; empty for none.
            unit: What one of its parts is, such as `row`, or `BYTES`.
            total: How many parts it has; None or 0 where that is not known.
            done: How many were done before.

        Yields:
            What is called with how many parts more are done, and with a remark that the bar shows;
            empty for none.
        """
        self._file += 1
        shown = f"{name} ({self._file:,} of {self._files:,})" if self._files > 1 else name
        if self._quiet or sys.stderr is None:
            yield lambda more, remark: None
        elif sys.stderr.isatty():
            with self._bar(visible(shown), unit, total or None, done) as bar:

                def update(more: int, remark: str) -> None:
                    if remark:
                        bar.set_postfix_str(remark, refresh=False)
                    bar.update(more)

                yield update
        else:
            yield self._lines(shown, unit, total or 0, done)

    def over(
        self,
        items: Iterable[_Item],
        unit: str,
        *,
        total: int | None = None,
        done: int = 0,
        size: Callable[[_Item], int] | None = None,
    ) -> Iterator[_Item]:
        """Show how many items are done.

        Args:
            items: What is worked on.
            unit: What one of them is, such as `text`.
            total: How many there are; None where it is not known.
            done: How many were done before.
            size: How many units an item has; None for one.

        Yields:
            The items.
        """
        with self.part("", unit, total=total, done=done) as update:
            for item in items:
                yield item
                update(1 if size is None else size(item), "")

    def _bar(self, shown: str, unit: str, total: int | None, done: int) -> "tqdm.tqdm[object]":
        waited = time.perf_counter() - self._began
        return tqdm.tqdm(
            total=total,
            initial=done,
            desc=shown or None,
            unit=unit,
            unit_scale=unit == BYTES,
            delay=max(SECONDS_TO_BAR - waited, 0.0),
            leave=False,
            dynamic_ncols=True,
        )

    def _lines(self, shown: str, unit: str, total: int, done: int) -> Callable[[int, str], None]:
        begins = f"{shown}: " if shown else ""

        def update(more: int, remark: str) -> None:
            nonlocal done
            done += more
            now = time.perf_counter()
            if now - self._logged >= SECONDS_TO_LINE:
                self._logged = now
                self._say(f"{begins}{_amount(done, unit, total)}, {now - self._began:.0f} s")

        # A run over many small files is shown too.
        update(0, "")
        return update


def with_noun(count: int, noun: str) -> str:
    """Write a number with its noun.

    Args:
        count: The number.
        noun: The noun in the singular, which takes an s.

    Returns:
        The number, with commas, and the noun in the number that it asks for.

    Example:
        >>> with_noun(1, "text"), with_noun(1200, "text")
        ('1 text', '1,200 texts')
    """
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"


def _amount(done: int, unit: str, total: int) -> str:
    """How much is done, such as `3,000 of 5,000 rows` and `1.2 of 3.4 MB`."""
    if unit == BYTES:
        of_all = f" of {total / _MEGABYTE:.1f}" if total else ""
        return f"{done / _MEGABYTE:.1f}{of_all} MB"
    of_all = f" of {total:,}" if total else ""
    number = total or done
    return f"{done:,}{of_all} {unit if number == 1 else unit + 's'}"
