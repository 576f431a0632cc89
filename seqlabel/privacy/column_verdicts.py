"""What the columns of tables and the fields of objects hold, by what was found in some of their
cells.
"""

import json
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

from pydantic import TypeAdapter

from seqlabel.errors import DataError
from seqlabel.privacy.records.findings import Searched

_PLACE = re.compile(r"\[[0-9]+\]")
_WHOLE = 0.5
LEAST = 0.01
"""The probability from which on a column is redacted."""


@dataclass(frozen=True)
class ColumnVerdict:
    """What a column or a field holds.

    Args:
        file: The file.
        column: The name of the column, or the path of the field.
        labels: The labels of private data in its cells, the most frequent first.
        probability: How likely a cell is private: the mean over the cells of the probability of the
            most likely finding, which is 0 in a cell without one.
        whole: The share of the private cells that are private as a whole.
        cells: How many cells that are not empty were read.
    """

    file: str
    column: str
    labels: tuple[str, ...]
    probability: float
    whole: float
    cells: int

    @property
    def is_private(self) -> bool:
        """Whether the column is redacted."""
        return self.probability >= LEAST

    @property
    def kind(self) -> str:
        """The label of the values; `text with` labels where only parts of most cells are private;
        `nothing`.
        """
        if not self.labels:
            return "nothing"
        return self.labels[0] if self.whole > _WHOLE else f"text with {', '.join(self.labels)}"

    @property
    def label(self) -> str:
        """The label of every value, where most cells are private as a whole; else empty."""
        return self.labels[0] if self.labels and min(self.whole, self.probability) > _WHOLE else ""

    def as_json(self) -> str:
        """Write the verdict as a line of JSON.

        Returns:
            The line, which `read_verdicts` reads.
        """
        return json.dumps({**asdict(self), "kind": self.kind}, ensure_ascii=False)


def column_verdicts(searched: Iterable[Searched]) -> list[ColumnVerdict]:
    """Say what columns and fields hold.

    Args:
        searched: Cells with what was found in them; lines of plain text are passed over.

    Returns:
        A verdict for each column of each file, in their order.
    """
    columns: dict[tuple[str, str], list[Searched]] = {}
    for entry in searched:
        if not entry.path:
            continue
        cells = columns.setdefault((entry.file, _PLACE.sub("[]", entry.path)), [])
        if entry.text.strip():
            cells.append(entry)
    return [_verdict(file, column, cells) for (file, column), cells in columns.items()]


def read_verdicts(path: Path) -> list[ColumnVerdict]:
    """Read verdicts from lines of JSON.

    Args:
        path: The file, of lines that `ColumnVerdict.as_json` wrote; some may have been left out
            since.

    Returns:
        The verdicts, those on columns without private cells included.

    Raises:
        DataError: For a file that cannot be read or holds anything else.
    """
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
        verdict = TypeAdapter(ColumnVerdict)
        return [verdict.validate_json(line) for line in lines if line.strip()]
    except OSError as error:
        raise DataError(f"{path}: cannot be read ({error.strerror}).") from error
    except ValueError:
        raise DataError(
            f"{path}: expected verdicts, got none. Pass what `seqlabel find --columns --json` "
            "writes."
        ) from None


def _verdict(file: str, column: str, cells: list[Searched]) -> ColumnVerdict:
    labels = Counter(finding.label for cell in cells for finding in cell.found)
    private = [cell for cell in cells if cell.found]
    scores = []
    for cell in private:
        scores.append(
            max(1.0 if finding.score is None else finding.score for finding in cell.found)
        )
    whole = sum(map(_is_whole, private))
    return ColumnVerdict(
        file,
        column,
        tuple(label for label, _ in labels.most_common()),
        sum(scores) / max(len(cells), 1),
        whole / max(len(private), 1),
        len(cells),
    )


def _is_whole(cell: Searched) -> bool:
    left = cell.text
    for finding in reversed(cell.found):
        left = left[: finding.start] + left[finding.end :]
    return not any(map(str.isalnum, left))
