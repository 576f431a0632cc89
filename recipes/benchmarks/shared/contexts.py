"""How much of values a finder finds, each put into each of some contexts; no value and no context is in here."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from seqlabel import PrivateFinder
from seqlabel.privacy.finding.finder import LAYER


@dataclass(frozen=True)
class Finding:
    """The share of a value's letters and digits that is found in one context."""

    origin: str
    value: str
    context: str
    share: float


def findings(finder: PrivateFinder, origin: str, cells: Sequence[tuple[str, str]]) -> Iterator[Finding]:
    """The found share of values in contexts, given as pairs."""
    documents = finder([context.format(value) for value, context in cells])
    for (value, context), document in zip(cells, documents, strict=True):
        start = context.format("\0").index("\0")
        signs = {start + place for place, sign in enumerate(value) if sign.isalnum()}
        spans = (document.characters(span) for span in document.spans[LAYER].spans)
        covered = signs & {place for begin, end in spans for place in range(begin, end)}
        yield Finding(origin, value, context, len(covered) / len(signs))


def rows_of(
    found: list[Finding], key: str, shares: dict[str, Callable[[Finding], float]]
) -> dict[str, dict[str, float]]:
    """The mean of some shares in per cent, for each origin or context and for all."""
    groups: defaultdict[str, list[Finding]] = defaultdict(list)
    for one in found:
        groups[getattr(one, key)].append(one)
    return {
        name: {"texts": len(of), **{title: 100 * sum(map(share, of)) / len(of) for title, share in shares.items()}}
        for name, of in {**groups, "all": found}.items()
    }


def show(title: str, rows: dict[str, dict[str, float]]) -> None:
    """Print a table of rows."""
    columns = list(next(iter(rows.values())))
    print(f"\n{title + ', %':<46}" + "".join(f"{column.replace('_', ' '):>16}" for column in columns))
    for name, row in rows.items():
        cells = (f"{row[column]:>16,.{0 if column == 'texts' else 1}f}" for column in columns)
        print(f"{name.replace(chr(10), ' '):<46}" + "".join(cells))
