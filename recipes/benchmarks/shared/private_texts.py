"""Texts whose private values are known, on which tools are compared, and how much of these a tool
masks.
"""

import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from seqlabel import Document
from seqlabel.documents import CharacterSpan
from seqlabel.scores.masking import Masked, compare_masked

sys.path.insert(0, str(Path(__file__).parents[2]))
from pii_data import hand_written as hand_written
from pii_data.by_hand import OPEN
from pii_data.by_hand import PARTS as PARTS
from pii_data.by_hand import hand_written_in as hand_written_in
from pii_data.by_hand import hand_written_styles as hand_written_styles
from pii_data.corpora import clean_prose
from pii_data.corpora import novels as novels
from pii_data.reader_texts import sentences as sentences
from pii_data.web_sources import HELD_OUT as HELD_OUT
from pretrain_europe import paragraphs as paragraphs

FREE, NOT_PRIVATE = "TITLE", "NRP"
"""Types of pii_presidio: titles of persons are neither wanted nor wrong, nationalities are nothing
private.
"""


@dataclass(frozen=True)
class Marked:
    """A text, what is private in it, and what may be private or not."""

    text: str
    private: list[CharacterSpan]
    open: list[CharacterSpan]

    def masked(self, places: list[tuple[int, int]]) -> Masked:
        """How much of it a tool masks; what may be private or not counts neither way."""
        return compare_masked(self.text, self.private, list(self._closed(places)))

    def _closed(self, places: list[tuple[int, int]]) -> Iterator[tuple[int, int]]:
        for start, end in places:
            for one in sorted(self.open, key=lambda one: one.start):
                if one.end > start and one.start < end:
                    if start < one.start:
                        yield start, one.start
                    start = max(start, one.end)
            if start < end:
                yield start, end


def lines_of(path: Path) -> Iterator[dict[str, Any]]:
    with path.open(encoding="utf-8") as lines:
        yield from map(json.loads, lines)


def presidio_texts(data: Path) -> Iterator[Marked]:
    """Texts of presidio-research."""
    for row in json.loads(
        (data / "pii_presidio" / "synth_dataset_v2.json").read_text(encoding="utf-8")
    ):
        spans = [
            CharacterSpan(one["start_position"], one["end_position"], one["entity_type"])
            for one in row["spans"]
        ]
        private = [span for span in spans if span.label not in (FREE, NOT_PRIVATE)]
        yield Marked(row["full_text"], private, [span for span in spans if span.label == FREE])


def written_texts(part: str) -> Iterator[Marked]:
    """Texts written by hand."""
    for text, places in hand_written(part):
        spans = [CharacterSpan(*place) for place in places]
        private = [span for span in spans if span.label != OPEN]
        yield Marked(text, private, [span for span in spans if span.label == OPEN])


def labeled_texts(path: Path) -> Iterator[Marked]:
    """Texts of a file of JSON lines with `text`, `spans` and perhaps `optional` ones."""
    for row in lines_of(path):
        private, maybe = (
            [CharacterSpan(*one) for one in row.get(key, ())] for key in ("spans", "optional")
        )
        yield Marked(row["text"], private, maybe)


def clean_texts(data: Path) -> list[Document]:
    """Sentences of the English Web Treebank that hold nothing private."""
    return clean_prose(data)
