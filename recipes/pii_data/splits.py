"""Which part of the generator's material is for training and which for testing; the material itself
is elsewhere.

Whatever is written by hand or listed somewhere (templates, names, streets, firms, field names) goes
by a hash of its text: one of every `SHARE` is for testing only. So the halves are disjoint, across
lists too, and the same in every run. Closed lists of the world (countries, states, months) and the
plainest field names are shared: a test without the word "name" would measure nothing.
"""

from collections.abc import Iterable
from enum import StrEnum
from zlib import crc32

SHARE = 5
SMALLEST = 4
"""A list with fewer entries is shared: it holds glue, such as "and" and "&", no template."""


Split = StrEnum("Split", "TRAIN TEST ALL")
"""What texts are made from: one of the halves, or both together."""


def words(text: str, separator: str | None = None) -> tuple[str, ...]:
    """The entries of a list that is written as one text."""
    return tuple(text.split(separator))


def part_of(entries: Iterable[str], split: Split) -> tuple[str, ...]:
    """The entries of a list that are of a half, without repetition; each half of a list has at
    least one.
    """
    ordered = sorted(set(entries), key=lambda entry: (_hash(entry) % SHARE, _hash(entry), entry))
    if split is Split.ALL or len(ordered) < SMALLEST:
        return tuple(ordered)
    testing = sum(_hash(entry) % SHARE == 0 for entry in ordered)
    testing = min(max(testing, 1), len(ordered) - 1)
    return tuple(ordered[:testing] if split is Split.TEST else ordered[testing:])


def _hash(entry: str) -> int:
    return crc32(entry.casefold().encode())
