"""The best dependency tree of a sentence: a maximum spanning arborescence with one root; scores of arcs are in `heads`.

Chu and Liu (1965), Edmonds (1967); one root as in Stanojević and Cohen (2021). Shapes: words.
"""

from collections.abc import Sequence

import numpy as np

from seqlabel.native.compiled import Floats, Integers

_FORBIDDEN = -1e30


def best_tree(scores: Floats) -> list[int]:
    """Find the tree with one root whose arcs have the highest sum of scores.

    Args:
        scores: The score of each head of each word, (words, 1 + words): that of being the root, then that of each word
            as the head. The score of a word as its own head is not read.

    Returns:
        The head of each word, numbered as in `scores`: 0 for the root, 1 for the first word.

    Example:
        >>> best_tree(np.array([[0.0, 0.0, 2.0], [2.0, 3.0, 0.0]], np.float32))
        [2, 0]
    """
    words = len(scores)
    masked = scores.astype(np.float64)
    masked[np.arange(words), np.arange(1, words + 1)] = _FORBIDDEN
    heads: list[int] = masked.argmax(axis=1).tolist()
    if heads.count(0) == 1 and not _cycle([0, *heads]):
        return heads

    # Less than any other tree can gain, a second root always costs more than it brings.
    real = masked[masked > _FORBIDDEN]
    masked[:, 0] -= 1 + words * (real.max() - real.min())
    weights = np.full((words + 1, words + 1), _FORBIDDEN)
    weights[1:] = masked
    return _arborescence(weights)[1:]


def _arborescence(weights: Floats) -> list[int]:
    """The best head of each node of a graph whose node 0 is the root; `weights` (nodes, nodes) of heads by columns."""
    heads: list[int] = weights.argmax(axis=1).tolist()
    heads[0] = 0
    inside = _cycle(heads)
    if not inside:
        return heads

    # The cycle becomes one node, the last one, whose head is that of the word where the cycle is broken.
    members = set(inside)
    outside = [node for node in range(len(heads)) if node not in members]
    best = weights[inside, [heads[node] for node in inside]]
    entering = weights[inside][:, outside] - best[:, None]
    leaving = weights[outside][:, inside]
    smaller = np.full((len(outside) + 1, len(outside) + 1), _FORBIDDEN)
    smaller[:-1, :-1] = weights[outside][:, outside]
    smaller[-1, :-1] = entering.max(axis=0)
    smaller[:-1, -1] = leaving.max(axis=1)
    smaller[0] = _FORBIDDEN

    found = _arborescence(smaller)
    for place, node in enumerate(outside[1:], 1):
        head = found[place]
        heads[node] = outside[head] if head < len(outside) else inside[int(leaving[place].argmax())]
    broken = inside[int(entering[:, found[-1]].argmax())]
    heads[broken] = outside[found[-1]]
    return heads


def _cycle(heads: Sequence[int]) -> list[int]:
    """The nodes of a cycle, where there is one; node 0 is the root."""
    # The number of the walk that visited each node.
    walks = [0] * len(heads)
    for start in range(1, len(heads)):
        node = start
        while node and not walks[node]:
            walks[node] = start
            node = heads[node]
        if node and walks[node] == start:
            cycle = [node]
            while heads[cycle[-1]] != node:
                cycle.append(heads[cycle[-1]])
            return cycle
    return []


def arcs_of(heads: Sequence[int]) -> Integers:
    """Count how far after each word its head stands.

    Args:
        heads: The head of each word, as `best_tree` gives it.

    Returns:
        The distances, 0 for the root, (words,).
    """
    found = np.asarray(heads, np.int64)
    distances: Integers = np.where(found == 0, 0, found - 1 - np.arange(len(found)))
    return distances
