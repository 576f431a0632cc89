"""Counts of what was repaired or left out where labelled data did not fit; readers and trainable
pipes fill them.
"""

from dataclasses import dataclass


@dataclass
class Repairs:
    """How often labels were repaired or left out. Pass one object to several readers to count their
    files together.

    It is false as long as nothing was repaired, and as a string lists the counts that are not 0.
    """

    tags: int = 0
    """Tags read against their scheme."""
    words: int = 0
    """Words of spaCy's tokeniser without a gold word of their own, whose tags give no gradient."""
    moved: int = 0
    """Spans moved to the borders of the words that they touch."""
    lost: int = 0
    """Spans left out because they touch no word."""
    overlapping: int = 0
    """Spans left out for a longer one, or an equally long earlier one, that they overlap."""
    undecided: int = 0
    """Docs with categories of which none is 1; they give no gradient."""
    skipped: int = 0
    """Texts left out because an annotator rejected or skipped them, or has not labelled them."""
    absent: int = 0
    """Entities left out because the text that they were quoted from does not have them."""
    misplaced: int = 0
    """Entities whose offsets lead to another text than the one that they quote; they are looked for
    by that text.
    """
    repeated: int = 0
    """Occurrences of quoted entities that were labelled too, since the entity was quoted less often
    than it occurs.
    """
    rows: int = 0
    """Rows of columns left out because they have no word."""

    def __bool__(self) -> bool:
        return any(vars(self).values())

    def __str__(self) -> str:
        counts = {
            "tags read against their scheme": self.tags,
            "words without a gold word of their own": self.words,
            "spans moved to word borders": self.moved,
            "spans without a word left out": self.lost,
            "overlapping spans left out": self.overlapping,
            "Docs without a category that is 1": self.undecided,
            "texts rejected or skipped by annotators left out": self.skipped,
            "quoted entities that their text does not have left out": self.absent,
            "entities with wrong offsets looked for by their text": self.misplaced,
            "further occurrences of quoted entities labelled too": self.repeated,
            "rows without a word left out": self.rows,
        }
        return (
            ", ".join(f"{what}: {count}" for what, count in counts.items() if count)
            or "nothing repaired"
        )
