"""Which parts of speech a Polish word can have, by the dictionary SGJP of the package morfeusz2
(BSD-2-Clause).

`polish.txt` maps its classes and lemmas to the tags of Universal Dependencies.
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from europe_data import UPOS
from seqlabel import Document, Tags
from seqlabel.models.teaching import Teacher
from seqlabel.names import needed
from seqlabel.native.compiled import Floats

_COMMON, _NAMED = "nazwa_pospolita", {"NOUN", "ADJ"}
"""The dictionary's word for a common noun; and the parts of speech that can be names where they are
capitalised.
"""


class PolishDictionary:
    """The parts of speech of words."""

    def __init__(self) -> None:
        morfeusz = needed("morfeusz2", needed_for="Polish", extra="teacher")
        self._dictionary = morfeusz.Morfeusz(generate=False, praet="composite")
        self._tags: dict[tuple[str, str], set[str]] = {}
        for row in (
            (Path(__file__).parent / "polish.txt").read_text(encoding="utf-8").splitlines()[1:]
        ):
            (kind, *names), tags = (part.split() for part in row.split("→"))
            self._tags |= {(kind, name): set(tags) for name in names}

    def tags(self, word: str) -> set[str]:
        """The tags that a word can have; empty if the dictionary does not have the whole word."""
        found: set[str] = set()
        readings = self._dictionary.analyse(word)
        whole = (0, max(end for _, end, _ in readings))
        for start, end, (_, lemma, classes, names, _) in readings:
            if (start, end) == whole:
                rows = ("lemma", lemma.partition(":")[0]), ("class", classes.partition(":")[0])
                proper = {"PROPN"} if names and _COMMON not in names else set()
                found |= proper or next(
                    (self._tags[row] for row in rows if row in self._tags), set()
                )
        return found | {"PROPN"} if word[:1].isupper() and found & _NAMED else found

    def sure(self, words: list[str]) -> Document:
        """Words, with the tags of those that can have only one."""
        tags = (min(found) if len(found) == 1 else None for found in map(self.tags, words))
        return Document.from_words(words, tags={"upos": Tags(tuple(tags))})

    def among(self, teacher: Teacher, rows: Sequence[Sequence[str]]) -> list[Floats]:
        """A teacher's probabilities; those of tags of the first layer that the dictionary does not
        allow are zero.
        """
        said, *others = teacher(rows)
        known = (self.tags(word) or UPOS.tags for row in rows for word in row)
        return [
            said * np.array([[tag in tags for tag in UPOS.tags] for tags in known], np.float32),
            *others,
        ]
