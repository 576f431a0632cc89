"""The tags of several heads for the same words: each head's own, and where two are partners, pairs that go together.

Shapes: words (of all rows together), width, tags.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from seqlabel.batches.windows import FoundTags
from seqlabel.models.engine import Engine
from seqlabel.nn.configs import Decision
from seqlabel.nn.heads.head import Rows


def tags_of_heads(
    engine: Engine, asked: Sequence[int], states: Any, lengths: Sequence[int], decisions: Sequence[Decision]
) -> list[FoundTags]:
    """Choose the best tags of the words of rows, of several heads, partners together.

    Args:
        engine: What asks the heads.
        asked: The numbers of the heads whose tags are wanted.
        states: The engine's states (words, width) of the words of all rows, row after row.
        lengths: How many words each row has, none of them 0.
        decisions: How each head's scores are read, one for each head of the model.

    Returns:
        For each head that was asked, the tags of all words and the tags' probabilities.
    """
    partners = [partner.head for number in asked if (partner := decisions[number].partner) is not None]
    rows, every = Rows(lengths), dict.fromkeys([*asked, *partners])
    found = {number: engine.tags(number, states, rows, decisions[number]) for number in every}
    return [agreed_tags(engine, number, found, states, decisions) for number in asked]


def agreed_tags(
    engine: Engine, number: int, found: Mapping[int, FoundTags], states: Any, decisions: Sequence[Decision]
) -> FoundTags:
    """Change a head's tags where they do not go with those of its partner.

    Such a word gets the likeliest pair of tags that go together. Elsewhere that pair is the one that was found.

    Args:
        engine: What asks the heads.
        number: The number of the head.
        found: The tags that each head chose by itself, of this head and its partner at least.
        states: The engine's states (words, width) of the words.
        decisions: How each head's scores are read.

    Returns:
        The head's tags, and their probabilities by itself.
    """
    partner = decisions[number].partner
    if partner is None:
        return found[number]
    ids, scores = found[number]
    allowed = np.array(partner.allowed)
    apart = np.flatnonzero(~allowed[ids, found[partner.head].ids])
    if not len(apart):
        return found[number]
    own, other = (
        engine.log_probabilities(one, states, apart, decisions[one].temperature) for one in (number, partner.head)
    )
    best = (own + np.where(allowed, other[:, None, :], -np.inf).max(axis=-1)).argmax(axis=-1)
    ids, scores = ids.copy(), scores.copy()
    ids[apart] = best
    scores[apart] = np.exp(own[np.arange(len(best)), best])
    return FoundTags(ids, scores)
