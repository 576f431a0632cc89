"""Dependency trees as a layer of words: heads, relations, and both as one number per word; scoring
arcs is in `heads`.

Shapes: words.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

Ids = npt.NDArray[np.int64]

UNKNOWN = -100
"""The id of a word inside a sentence whose head is not known."""
UNKNOWN_FIRST = -101
"""The id of the first word of a sentence whose head is not known."""

FARTHEST = 2**24
"""The longest distance between a word and its head."""


@dataclass(frozen=True)
class Trees:
    """The word that each word depends on, and how; one tree per sentence.

    Args:
        heads: The number of each word's head in the document; the word's own number for the root of
            a sentence, None where it is not known.
        relations: The relation of each word to its head, None where it is not known.
        scores: The probability of each word's head and relation; empty where they are not known.
    """

    heads: tuple[int | None, ...]
    relations: tuple[str | None, ...]
    scores: tuple[float, ...] = ()

    def part(self, start: int, end: int) -> "Trees":
        """Return the trees of some words.

        Args:
            start: The first word.
            end: The word after the last.

        Returns:
            The part, in which a head outside of it is not known.
        """
        heads: list[int | None] = []
        for head in self.heads[start:end]:
            if head is not None and start <= head < end:
                heads.append(head - start)
            else:
                heads.append(None)
        return Trees(tuple(heads), self.relations[start:end], self.scores[start:end])

    def without_subtypes(self) -> "Trees":
        """Return the trees with universal relations: `nsubj` in place of `nsubj:pass`.

        Returns:
            The trees.
        """
        relations = [
            None if relation is None else relation.partition(":")[0] for relation in self.relations
        ]
        return Trees(self.heads, tuple(relations), self.scores)


class Arcs(NamedTuple):
    """Heads and relations of words as arrays.

    Args:
        distances: The number of a word's head minus the word's own number; 0 for a root, (words,).
        relations: The number of each word's relation; the number of relations where it is not
            known, (words,).
        begins: Whether each word is the first of a sentence, (words,).
    """

    distances: Ids
    relations: Ids
    begins: npt.NDArray[np.bool_]


def pack_arcs(arcs: Arcs, relations: int) -> Ids:
    """Write each word's arc as one number, which does not depend on the position of its sentence in
    a row of words.

    Args:
        arcs: The arcs.
        relations: The number of relations.

    Returns:
        Ids of arcs, none of them negative, (words,).
    """
    shifted_distances = arcs.distances + FARTHEST
    ids: Ids = (shifted_distances * (relations + 1) + arcs.relations) * 2 + arcs.begins
    return ids


def unpack_arcs(ids: Ids, relations: int) -> Arcs:
    """Read what `pack_arcs` wrote.

    Args:
        ids: Ids of arcs, (words,); of unknown words only `begins` can be relied on.
        relations: The number of relations.

    Returns:
        The arcs.
    """
    without_begins, begins = np.divmod(ids, 2)
    shifted_distances, arc_relations = np.divmod(without_begins, relations + 1)
    begins = np.where(ids < 0, ids == UNKNOWN_FIRST, begins).astype(bool)
    return Arcs(shifted_distances - FARTHEST, arc_relations, begins)


def sentence_lengths(begins: Iterable[bool], lengths: Sequence[int]) -> list[int]:
    """Count the words of each sentence of rows.

    Args:
        begins: Whether each word begins a sentence; the first word of a row always does.
        lengths: The number of words of each row.

    Returns:
        The number of words of each sentence of all rows.
    """
    counts: list[int] = []
    word_begins = iter(begins)
    for length in lengths:
        for word in range(length):
            if next(word_begins) or word == 0:
                counts.append(0)
            counts[-1] += 1
    return counts


def is_forest(heads: Sequence[int | None]) -> bool:
    """Return whether no word depends on itself by way of others.

    Args:
        heads: The number of each word's head, its own for a root, None where it is not known.

    Returns:
        Whether the arcs have no cycle.

    Example:
        >>> is_forest([1, 1, 1]), is_forest([1, 2, 1])
        (True, False)
    """
    # 0 not visited, 1 on the path, 2 known to end in a root.
    state = [0] * len(heads)
    for word in range(len(heads)):
        path = []
        here: int | None = word
        while here is not None and state[here] == 0:
            state[here] = 1
            path.append(here)
            head = heads[here]
            here = None if head == here else head
        if here is not None and state[here] == 1:
            return False
        for visited in path:
            state[visited] = 2
    return True
