"""The tags of several heads for the same words: each head's own, and where two are partners, pairs that go together.

Edit scripts go together with the words: their lemmas are words that are known, where such scripts are likely enough.

Shapes: words (of all rows together), width, tags.
"""

from collections.abc import Callable, Hashable, Mapping, Sequence
from itertools import chain
from typing import Any

import numpy as np

from seqlabel.batches.windows import FoundTags
from seqlabel.models.engine import Engine, Spelling
from seqlabel.nn.configs import Decision

_NEARLY = 5.0
"""Nats by which a script whose lemma is a known word may be less likely than the likeliest."""


def tags_of_heads(
    engine: Engine,
    asked: Sequence[int],
    states: Any,
    rows: Sequence[Sequence[Hashable]],
    decisions: Sequence[Decision],
    spell: Spelling,
) -> list[FoundTags]:
    """Choose the best tags of the words of rows, of several heads, partners together.

    Args:
        engine: What asks the heads.
        asked: The numbers of the heads whose tags are wanted.
        states: The engine's states (words, width) of the words of all rows, row after row.
        rows: The keys of each row's words; no row is empty.
        decisions: How each head's scores are read, one for each head of the model.
        spell: Gives the text of a key.

    Returns:
        For each head that was asked, the tags of all words and the tags' probabilities.
    """
    lengths = [len(row) for row in rows]
    needed = list(dict.fromkeys(asked))
    for number in needed:
        # What leads a head may have a partner itself.
        partner = decisions[number].partner
        if partner is not None and partner.head not in needed:
            needed.append(partner.head)
    found = {number: engine.tags(number, states, lengths, decisions[number]) for number in needed}
    keys = list(chain.from_iterable(rows))

    def word(place: int) -> str:
        return spell(keys[place])

    return [agreed_tags(engine, number, found, states, decisions, word) for number in asked]


def agreed_tags(
    engine: Engine,
    number: int,
    found: Mapping[int, FoundTags],
    states: Any,
    decisions: Sequence[Decision],
    word: Callable[[int], str],
) -> FoundTags:
    """Change a head's tags where they do not go with those of its partner, or with the words.

    Such a word gets the likeliest pair of tags that go together. Elsewhere that pair is the one that was found. Beside
    a partner that leads, it gets the likeliest of its own tags that goes with the partner's. An edit script whose lemma
    is not a known word gives way to one that is nearly as likely and whose lemma is.

    Args:
        engine: What asks the heads.
        number: The number of the head.
        found: The tags that each head chose by itself, of this head and its partner at least.
        states: The engine's states (words, width) of the words.
        decisions: How each head's scores are read.
        word: Gives the text of a word by its number.

    Returns:
        The head's tags, and their probabilities by itself.
    """
    if decisions[number].lemmas is not None:
        return _known_lemmas(engine, number, found[number], states, decisions[number], word)
    partner = decisions[number].partner
    if partner is None:
        return found[number]
    ids, scores = found[number]
    allowed = np.array(partner.allowed)
    leading = (
        agreed_tags(engine, partner.head, found, states, decisions, word) if partner.leads else found[partner.head]
    ).ids
    apart = np.flatnonzero(~allowed[ids, leading])
    if not len(apart):
        return found[number]
    own, other = (
        engine.log_probabilities(one, states, apart, decisions[one].temperature) for one in (number, partner.head)
    )
    if partner.leads:
        # A tag that leads and goes with none, as a new one may, leaves every tag allowed.
        goes = allowed[:, leading[apart]].T
        best = np.where(goes | ~goes.any(axis=1, keepdims=True), own, -np.inf).argmax(axis=1)
    else:
        best = (own + np.where(allowed, other[:, None, :], -np.inf).max(axis=-1)).argmax(axis=-1)
    ids, scores = ids.copy(), scores.copy()
    ids[apart] = best
    scores[apart] = np.exp(own[np.arange(len(best)), best])
    return FoundTags(ids, scores)


def _known_lemmas(
    engine: Engine, number: int, found: FoundTags, states: Any, decision: Decision, word: Callable[[int], str]
) -> FoundTags:
    lemmas = decision.lemmas
    assert lemmas is not None
    edited = np.flatnonzero(np.array(lemmas.edits)[found.ids]).tolist()
    doubtful = np.array([place for place in edited if lemmas.doubts(word(place), found.ids[place])], dtype=np.int64)
    if not len(doubtful):
        return found
    ids, scores = found.ids.copy(), found.scores.copy()
    for place, own in zip(
        doubtful.tolist(), engine.log_probabilities(number, states, doubtful, decision.temperature), strict=True
    ):
        likely = np.flatnonzero(own > own[ids[place]] - _NEARLY)
        known = [script for script in likely.tolist() if lemmas.knows(word(place), script)]
        if known:
            ids[place] = max(known, key=own.__getitem__)
            scores[place] = np.exp(own[ids[place]])
    return FoundTags(ids, scores)
