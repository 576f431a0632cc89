"""The best dependency tree of a sentence: a maximum spanning arborescence with one root; scores of
arcs are in `heads`.

Chu and Liu (1965), Edmonds (1967); one root as in Stanojević and Cohen (2021). The compiled steps
search; NumPy does where there are none. Shapes: words.
"""

from collections.abc import Sequence

import numpy as np

from seqlabel.native import compiled
from seqlabel.native.compiled import LEVEL, Floats, Integers, Level

_FORBIDDEN = -1e30


def best_trees(
    arcs: Floats, lengths: Sequence[int], *, temperature: float = 1.0
) -> tuple[Integers, Floats]:
    """Find the best tree of each sentence, and the probability of each of its arcs.

    Args:
        arcs: The scores of heads as `best_tree` takes them, (words, 1 + words) of each sentence,
            one sentence after another in one row of numbers.
        lengths: How many words each sentence has, at least 1.
        temperature: The divisor of scores, for probabilities.

    Returns:
        The distance from each word to its head, 0 for the root, (words,), and the probability of
        this head among all heads of that word, (words,).
    """
    sizes = np.array(lengths, np.int64)
    if LEVEL is not Level.MISSING:
        heads, shares = compiled.best_trees(arcs, sizes, temperature=temperature)
    else:
        heads, shares = _best_trees(arcs, sizes, np.float32(temperature))
    ends = np.cumsum(sizes)
    places = np.arange(len(heads)) - np.repeat(ends - sizes, sizes)
    distances: Integers = np.where(heads == 0, 0, heads - 1 - places)
    return distances, shares


def _best_trees(
    arcs: Floats, lengths: Integers, temperature: np.float32
) -> tuple[Integers, Floats]:
    """What `compiled.best_trees` gives."""
    heads = np.empty(int(lengths.sum()), np.int64)
    shares = np.empty(len(heads), np.float32)
    first_arc = 0
    first_word = 0
    for length in lengths.tolist():
        last_arc = first_arc + length * (length + 1)
        scores = arcs[first_arc:last_arc].reshape(length, length + 1)
        tree = best_tree(scores)
        powers = np.exp((scores - scores.max(axis=1, keepdims=True)) / temperature)
        inside = slice(first_word, first_word + length)
        heads[inside] = tree
        shares[inside] = powers[np.arange(length), tree] / powers.sum(axis=1)
        first_arc = last_arc
        first_word += length
    return heads, shares


def best_tree(scores: Floats) -> list[int]:
    """Find the tree with one root whose arcs have the highest sum of scores.

    Args:
        scores: The score of each head of each word, (words, 1 + words): that of being the root,
            then that of each word as the head. The score of a word as its own head is not read.

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
    """The best head of each node of a graph whose node 0 is the root; `weights` (nodes, nodes) of
    heads by columns.
    """
    heads: list[int] = weights.argmax(axis=1).tolist()
    heads[0] = 0
    inside = _cycle(heads)
    if not inside:
        return heads

    # The cycle becomes one node, the last one, whose head is that of the word where the cycle is
    # broken.
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
