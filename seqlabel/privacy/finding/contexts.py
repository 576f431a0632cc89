"""Labelled texts placed in the middle of others, to measure what is found there; what is found is
measured in `audit`.

A finder that judges by the kind of text that a value stands in misses it in a document of another
kind: alarms in clean texts and recall in labelled ones do not show that.
"""

import random
import re
from collections.abc import Iterator, Sequence
from itertools import accumulate, pairwise

from seqlabel.documents.spans import CharacterSpan
from seqlabel.privacy.finding.audit import Labeled

DISTANCES = (40, 150, 600)
"""Words on each side, by default."""
SEPARATORS = ("\n\n", "\n", " ")
_END = re.compile(r"(?<=[.!?])\s+|\n+")


def stretches(texts: Sequence[str], words: int, count: int, chance: random.Random) -> list[str]:
    """Draw stretches of whole sentences with a given number of words, each of one text.

    Args:
        texts: The texts, at least one of which has a word. Those that are shorter are left out;
            where all are, they are read one after another.
        words: The number of words of a stretch; one of short texts may have fewer.
        count: The number of stretches.
        chance: Draws them.

    Returns:
        The stretches.
    """
    long_ones = [text for text in texts if len(text.split()) >= words]
    if not long_ones:
        long_ones = ["\n\n".join(chance.sample(texts, len(texts)))]
    drawn: list[str] = []
    for number in range(count):
        if number % len(long_ones) == 0:
            chance.shuffle(long_ones)
        text = long_ones[number % len(long_ones)]
        ends = [0, *(found.end() for found in _END.finditer(text)), len(text)]
        sizes = list(accumulate(len(text[start:end].split()) for start, end in pairwise(ends)))
        before = [0, *sizes[:-1]]
        firsts = [place for place, size in enumerate(before) if sizes[-1] - size >= words]
        first = chance.choice(firsts or [0])
        last = first
        while last < len(sizes) - 1 and sizes[last] - before[first] < words:
            last += 1
        drawn.append(text[ends[first] : ends[last + 1]].strip())
    return drawn


def in_context(
    labeled: Sequence[Labeled], texts: Sequence[str], words: int, *, seed: int = 0
) -> Iterator[Labeled]:
    """Place labelled texts between whole sentences of other texts.

    Args:
        labeled: Texts with their private values; those without any are left out.
        texts: Texts that hold nothing private.
        words: The number of words on each side.
        seed: The seed of what is drawn.

    Yields:
        The texts, each with the same values and a stretch of another text before and after it.
    """
    chance = random.Random(seed)
    chosen = [example for example in labeled if example.values]
    around = stretches(texts, words, 2 * len(chosen), chance)
    for number, example in enumerate(chosen):
        before, after = around[2 * number : 2 * number + 2]
        before += chance.choice(SEPARATORS)
        text = before + example.text + chance.choice(SEPARATORS) + after
        values: list[CharacterSpan] = []
        for value in example.values:
            start = value.start + len(before)
            values.append(CharacterSpan(start, value.end + len(before), value.label))
        yield Labeled(text, tuple(values))
