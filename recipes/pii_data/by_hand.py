"""Texts written by hand, their private values marked: 13,131 to train on, 1,822 to choose and test
on, 48 European ones.

Those to train on are of twenty topics, and no two share a form; the last thirteen are of what the
others hold little of: look-alikes, firms, values in plain words, firms of one word, addresses by
corners, boxes and ships, placeholders next to true secrets, what machines print, defined terms and
numbers of no person, short and lower-case notes, speech as a recogniser writes it, notes, chats,
lists and mails of every day, of six writers, schemas of databases and programs, and single
sentences with one value, of two writers. Those of
`dev` and `test` are in other styles. The generator was developed on those of `dev` and writes some
of their sentences; those of `test` were kept unread and only measure. Those of `hard` were written
with those to train on and kept out, to choose among trainings: they are full of what looks private
and is not, and of values in unusual forms. Those of `fields`, clinical, legal, chats, screens and
logs, are by writers who knew what the labels mean and saw no text to train on. So are those of
`unseen`: firms in every dress, clean look-alikes, values in machine surroundings, and everyday
notes. Those of `everyday`, 113 short ones without private data and 77 with some, are by the first
writer of those of every day to train on, of other kinds and about other things; those of
`everyday_more`, 60 and 45, by the other two. Those of `letters`, 60 short whole texts with values,
and of `singles`, 400 sentences with one value each and 120 that look as if they had one, are by a
writer who saw neither code nor texts; `recipes/benchmarks/recall_in_context.py` puts them in prose.
Those of `europe` were written beside the templates of
these languages, whose conventions they follow, but in other styles. People, places and numbers in
all are invented.

In the files of `written/`, a line of `=====` separates two texts, the first line names a text's
style, in `europe` with the language before it, and a value is marked `⟦LABEL|value⟧`. In those to
train on, in `unseen` and in both of every day, `⟦?|value⟧` marks what may be private or not.

The conventions of `dev` and `test` differ from the generator's in a few points: of the time of a
log line only the day is a date, a user name has no @, a postcode and its city are two spans, and a
flat with its street is one.
"""

import re
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path

from seqlabel import DataError, OptionError

from .labels import PiiType
from .maker import Pieces

_FOLDER = Path(__file__).parent / "written"
_MARK = re.compile(r"⟦([A-Z_]+|\?)\|([^⟦⟧]+)⟧")
PARTS = (
    *("dev", "hard", "everyday", "everyday_more", "test", "fields", "unseen"),
    *("letters", "singles"),
)
"""What is written by hand and is not for training, in the order of use: the last five are looked
at last.
"""
WITH_OPEN = ("unseen", "everyday", "everyday_more", "letters")
"""Those where some values may be private or not."""
OPEN = "?"
"""The label of what may be private or not."""


def hand_written(part: str) -> Iterator[tuple[str, list[tuple[int, int, str]]]]:
    """The texts of one of `PARTS`, each with its spans `(start, end, label)` in characters,
    half-open, in order.

    Those of `WITH_OPEN` have the label `OPEN` too.

    Raises `OptionError` for another part, `DataError` for a mark that is broken or has an unknown
    label.
    """
    if part not in PARTS:
        raise OptionError(f"part: Found {part!r}. Give {', '.join(PARTS[:-1])} or {PARTS[-1]}.")
    return ((text, spans) for _, text, spans in _read(part))


def hand_written_styles(part: str) -> list[str]:
    """The style of each text of one of `PARTS`, as its first line names it."""
    return [style.removeprefix("# ") for style, _, _ in _read(part)]


def hand_written_in(language: str) -> Iterator[tuple[str, list[tuple[int, int, str]]]]:
    """The texts in one of the other languages, `de`, `fr`, `es`, `it`, `nl` or `pt`, as
    `hand_written` gives them.
    """
    return (
        (text, spans)
        for style, text, spans in _read("europe")
        if style.startswith(f"# {language} ")
    )


Topic = StrEnum(
    "Topic",
    "CLINICAL SCREENS LOGS LEGAL CHATS OFFICE PROSE LOOKALIKES FIRMS VALUES COMPANIES ADDRESSES "
    "CREDENTIALS MACHINES TERMS SHORT SPEECH EVERYDAY SCHEMAS SENTENCES",
)
"""What the texts for training are about; a file each."""
READERS_ALONE = (Topic.EVERYDAY, Topic.SCHEMAS, Topic.SENTENCES)
"""The topics that only the second reader learns from, with a weight of their own."""


def hand_written_to_train(topic: Topic) -> Iterator[Pieces]:
    """The texts of a topic that are for training, as pieces with their labels; what is left open
    has `OPEN`.
    """
    return (pieces for _, pieces in _pieces(f"train/{topic}", open_too=True))


def _read(part: str) -> Iterator[tuple[str, str, list[tuple[int, int, str]]]]:
    """The texts of a file, each with the line that names its style, and its spans."""
    for style, pieces in _pieces(part, open_too=part in WITH_OPEN):
        spans: list[tuple[int, int, str]] = []
        length = 0
        for piece, label in pieces:
            if label is not None:
                spans.append((length, length + len(piece), label))
            length += len(piece)
        yield style, "".join(piece for piece, _ in pieces), spans


def _pieces(part: str, *, open_too: bool = False) -> Iterator[tuple[str, Pieces]]:
    """The texts of a file, each with the line that names its style, as pieces."""
    path = _FOLDER / f"{part}.txt"
    known = {*PiiType, OPEN} if open_too else set(PiiType)
    for number, block in enumerate(path.read_text(encoding="utf-8").split("\n=====\n"), 1):
        style, _, marked = block.strip("\n").partition("\n")
        pieces: Pieces = []
        place = 0
        for match in _MARK.finditer(marked):
            label, value = match.groups()
            if label not in known:
                raise DataError(
                    f"{path}, text {number}: Found the label {label}. Use one of "
                    f"{', '.join(PiiType)}."
                )
            pieces += [(marked[place : match.start()], None), (value, label)]
            place = match.end()
        pieces.append((marked[place:], None))
        if not style.startswith("# ") or any(mark in text for mark in "⟦⟧" for text, _ in pieces):
            raise DataError(
                f"{path}, text {number}: Found no style in its first line, or a broken mark. "
                "Correct it."
            )
        yield style, pieces
