"""Texts without labels that a teacher of another package labels for `train`, and how near the
student comes to it.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

from seqlabel.cli.data import LAYERS, Reading, read
from seqlabel.cli.options import Task
from seqlabel.cli.plain_text import plain_files
from seqlabel.commands.console import counted, note, say
from seqlabel.documents.document import Document
from seqlabel.documents.spans import CharacterSpan
from seqlabel.errors import DataError
from seqlabel.formats.parts import Parts, cut_parts
from seqlabel.io.folders import make_folder
from seqlabel.io.text_files import read_blocks
from seqlabel.models.outside_teachers import TaughtTexts, make_teacher, teach
from seqlabel.models.tagging.labeler import Labeler
from seqlabel.scores.metrics import score_spans

_FEWEST = 30
"""Texts that a teacher needs to label, so that a tenth says something."""


@dataclass(frozen=True)
class Nearness:
    """How near a student came to its teacher.

    Args:
        texts: How many texts were kept apart.
        f1: F1 of the student's spans on them, as if what the teacher said was right.
        words_per_second: The student's speed.
        teacher_words_per_second: The teacher's speed.
        open: The share of words of which the teacher was not sure.
    """

    texts: int
    f1: float
    words_per_second: float
    teacher_words_per_second: float
    open: float

    def line(self) -> str:
        """Give the numbers in one line.

        Returns:
            The line.
        """
        times = self.words_per_second / max(self.teacher_words_per_second, 1e-9)
        return (
            f"On {self.texts:,} texts kept apart the student says what its teacher says with F1 "
            f"{self.f1:.1%}, and is {times:,.1f} times as fast: {self.words_per_second:,.0f} "
            f"words/s, the teacher {self.teacher_words_per_second:,.0f}."
        )


@dataclass(frozen=True)
class Taught:
    """Texts that a teacher labelled.

    Args:
        parts: The texts to train, choose and measure on, with all that the teacher said.
        opened: The texts to train on, without what the teacher was not sure of.
        apart: The texts that are kept apart.
        layer: The layer.
        teacher_words_per_second: The teacher's speed.
        open: The share of words of which the teacher was not sure.
    """

    parts: Parts
    opened: list[Document]
    apart: list[Document]
    layer: str
    teacher_words_per_second: float
    open: float

    def compare(self, student: Labeler) -> Nearness:
        """Measure a student on the texts that were kept apart.

        Args:
            student: The trained student.

        Returns:
            How near it came, and how fast it is.
        """
        texts = [document.text for document in self.apart]
        # Once before: features of words are computed at their first sight.
        predicted = list(student(self.apart))
        began = perf_counter()
        list(student(texts))
        speed = sum(map(len, self.apart)) / max(perf_counter() - began, 1e-9)
        f1 = score_spans(list(zip(self.apart, predicted, strict=True)), self.layer).exact.f
        return Nearness(len(texts), f1, speed, self.teacher_words_per_second, self.open)


def read_taught(
    name: str,
    path: Path,
    test: Path | None,
    reading: Reading,
    *,
    kept: Path,
    resume: bool,
    seed: int,
) -> Taught:
    """Let a teacher label texts, and cut them into parts.

    Args:
        name: The teacher.
        path: Text files, a text per line; a folder of them; or JSON lines with `text`.
        test: A labelled file to measure on; None measures on what the teacher said of texts kept
            apart.
        reading: The task and the user's options.
        kept: The file that keeps what the teacher said.
        resume: Whether that file is read where it is there, in place of asking the teacher again.
        seed: Which texts are drawn.

    Returns:
        The texts.

    Raises:
        DataError: A file cannot be read, there are too few texts, or the teacher found nothing.
        OptionError: The teacher is not known or not there.
    """
    layer = reading.layer or LAYERS[Task.SPANS]
    texts = list(dict.fromkeys(_texts(path, reading)))
    if len(texts) < _FEWEST:
        raise DataError(
            f"{path}: expected at least {_FEWEST} different texts, one per line, got "
            f"{len(texts)}. Pass more."
        )
    if resume and kept.is_file():
        taught = TaughtTexts.load(kept, reading.tokenize, layer)
        note(f"{kept}: what the teacher said before is read; it is not asked again")
    else:
        taught = teach(make_teacher(name), texts, reading.tokenize, layer, watch=_shown)
        make_folder(kept.parent)
        taught.save(kept, layer)
    share = taught.open_words(layer) / max(taught.words, 1)
    speed = taught.words / max(taught.seconds, 1e-9)
    spans = sum(len(document.spans[layer].spans) for document in taught.documents)
    if not spans:
        raise DataError(
            f"{path}: the teacher found nothing in {len(texts):,} texts. Pass texts of another "
            "kind."
        )
    say(
        f"{path}: the teacher found {spans:,} entities in {len(texts):,} texts; {share:.1%} of "
        "the words are left open"
    )
    if taught.repairs:
        say(f"{path}: {taught.repairs}")
    opened = dict(zip(map(id, taught.documents), taught.opened, strict=True))
    parts = cut_parts(taught.documents, layer, seed=seed)
    if not parts.dev or not parts.test:
        raise DataError(
            f"{path}: no label is there twice, so nothing can be kept apart. Pass more texts."
        )
    note(
        f"{path}: {len(parts.train):,} texts to train on, {len(parts.dev):,} to choose on, "
        f"{len(parts.test):,} are kept apart"
    )
    apart = list(parts.test)
    if test is not None:
        parts = Parts(parts.train, parts.dev, read(test, reading)[0], parts.layers)
    return Taught(
        parts, [opened[id(document)] for document in parts.train], apart, layer, speed, share
    )


def _shown(answers: Iterator[list[CharacterSpan]]) -> Iterator[list[CharacterSpan]]:
    return counted(answers, "text")


def _texts(path: Path, reading: Reading) -> list[str]:
    texts = []
    for file in [path] if path.is_file() else plain_files([path]):
        lines = "".join(read_blocks(file, encoding=reading.columns.encoding)).splitlines()
        for number, line in enumerate(lines, 1):
            if not line.strip():
                continue
            if file.suffix != ".jsonl":
                texts.append(line)
                continue
            try:
                texts.append(str(json.loads(line)[reading.columns.text]))
            except (ValueError, KeyError, TypeError):
                field = reading.columns.text
                raise DataError(
                    f"{file}, line {number}: expected JSON with the field {field!r}, got none."
                ) from None
    return texts
