"""Private values placed in prose that concerns nobody: between whole sentences of it, at its
beginning or its end, alone or with others, and in other dress. Nothing is measured here.

The prose is of sources that no training of private data reads, so that what is found in it is a
false alarm, and what is lost of the values is lost because of it.
"""

import lzma
import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from seqlabel.documents import CharacterSpan
from seqlabel.privacy.finding.contexts import SEPARATORS, stretches
from shared.private_texts import (
    Marked,
    hand_written,
    hand_written_in,
    hand_written_styles,
    lines_of,
    novels,
    paragraphs,
    sentences,
    written_texts,
)

DISTANCES = (40, 150, 600, 3000)
"""Words of prose on each side of a text."""
WEB = {
    "appeals": "veterans_appeals",
    "earnings calls": "earnings_calls",
    "guidance": "ukgov_web",
    "meetings": "meetings",
    "opinions": "circuit_opinions",
    "record": "congressional_record",
    "textbooks": "techbooks",
}
EUROPEAN = ("de", "es", "fr", "it", "nl", "pt")
FEWEST_WORDS = 4000
"""Words of the shortest file of another language that is read."""
NOVELS = "novels"
KINDS = (*WEB, NOVELS, "reviews")
SIDES = ("middle", "beginning", "end")


@dataclass(frozen=True)
class Placed:
    """A text with values in a context, the context's name, and of each value the name of its kind.

    Args:
        marked: The text.
        context: What is around the values.
        labels: The kind of each private value of the text.
    """

    marked: Marked
    context: str
    labels: tuple[str, ...]


def prose_of(data: Path, kind: str) -> list[str]:
    """The documents of a kind of prose, paragraphs on lines of their own; none where the file is
    missing.
    """
    if kind in WEB:
        path = data / "web" / f"{WEB[kind]}.txt.xz"
        if not path.is_file():
            return []
        with lzma.open(path, "rt", encoding="utf-8") as file:
            return file.read().split("\n\n")
    if kind == NOVELS:
        return novels(data, held_out=True)
    reviews = sorted((data / "movie_reviews").glob("*/*.txt"))
    return [path.read_text(encoding="utf-8", errors="replace") for path in reviews]


def european_prose(data: Path, language: str) -> dict[str, list[str]]:
    """Prose in another language by kind, each as one document: the paragraphs that no training
    reads, every 50th of a file.
    """
    by_kind: dict[str, list[str]] = {}
    for path in sorted((data / "europe").glob(f"{language}_*.txt.xz")):
        lines = [line for document in paragraphs(path, held_out=True) for line in document]
        kind = path.name.removesuffix(".txt.xz")
        if sum(len(line.split()) for line in lines) > FEWEST_WORDS:
            by_kind[kind] = ["\n".join(lines)]
    return by_kind


def european_letters(language: str) -> list[Placed]:
    """The texts with values written by hand in another language."""
    placed: list[Placed] = []
    for text, places in hand_written_in(language):
        private = [CharacterSpan(*place) for place in places]
        labels = tuple(span.label for span in private)
        placed.append(Placed(Marked(text, private, []), "alone", labels))
    return [one for one in placed if one.labels]


def joined(parts: Sequence[Marked], separator: Callable[[], str]) -> Marked:
    """Several texts as one, their values moved."""
    text = ""
    private: list[CharacterSpan] = []
    maybe: list[CharacterSpan] = []
    for part in parts:
        if text and part.text:
            text += separator()
        private += moved(part.private, len(text))
        maybe += moved(part.open, len(text))
        text += part.text
    return Marked(text, private, maybe)


def moved(spans: Sequence[CharacterSpan], shift: int) -> list[CharacterSpan]:
    """Spans of a text that begins later."""
    return [CharacterSpan(one.start + shift, one.end + shift, one.label) for one in spans]


def in_prose(
    values: Sequence[Placed],
    documents: Sequence[str],
    words: int,
    chance: random.Random,
    *,
    side: str = "middle",
    several: int = 1,
) -> Iterator[Placed]:
    """Place texts with values in prose.

    Args:
        values: The texts.
        documents: The prose.
        words: Words of prose on each side; on one side only, where `side` is not the middle.
        chance: Draws the prose and what separates it from the texts.
        side: Where in the prose a text is: `SIDES`.
        several: How many texts are in one document, with prose between them.
    """
    groups = [values[first : first + several] for first in range(0, len(values), several)]
    prose = stretches(documents, words, len(groups) * (several + 1), chance)
    for number, group in enumerate(groups):
        own = prose[number * (several + 1) : (number + 1) * (several + 1)]
        parts: list[Marked] = []
        for value, before in zip(group, own, strict=False):
            if side != "beginning":
                parts.append(Marked(before, [], []))
            parts.append(value.marked)
        if side != "end":
            parts.append(Marked(own[-1], [], []))
        labels = tuple(label for value in group for label in value.labels)
        text = joined(parts, lambda: chance.choice(SEPARATORS))
        yield Placed(text, f"{side} of {words}", labels)


def singles() -> list[Placed]:
    """Single sentences with one value each, by kind (`written/singles.txt`)."""
    styles = hand_written_styles("singles")
    both = zip(styles, written_texts("singles"), strict=True)
    return [Placed(text, "alone", (style,)) for style, text in both if text.private]


def letters(data: Path) -> list[Placed]:
    """Whole texts with values: those written blind, and letters by hand that no training reads."""
    texts = list(written_texts("letters"))
    path = data / "pii_blind" / "fresh.jsonl"
    if path.is_file():
        for row in lines_of(path):
            spans = [CharacterSpan(*one) for one in row["spans"]]
            maybe = [span for span in spans if span.label.startswith("?")]
            private = [span for span in spans if not span.label.startswith("?")]
            if private:
                texts.append(Marked(row["text"], private, maybe))
    return [Placed(one, "alone", tuple(span.label for span in one.private)) for one in texts]


def fields() -> list[Placed]:
    """Whole texts of five fields (`written/fields.txt`), on which trainings may be compared."""
    texts = [one for one in written_texts("fields") if one.private]
    return [Placed(one, "alone", tuple(span.label for span in one.private)) for one in texts]


def field_sentences() -> list[Placed]:
    """The lines and sentences of these texts that have a value."""
    placed: list[Placed] = []
    for text, places in sentences(hand_written("fields")):
        private = [CharacterSpan(*place) for place in places]
        labels = tuple(span.label for span in private)
        placed.append(Placed(Marked(text, private, []), "alone", labels))
    return placed


def _with_lines(marked: Marked, begin: str) -> Marked:
    """A text each of whose lines begins with some characters."""
    private = [_shifted(marked.text, span, len(begin)) for span in marked.private]
    maybe = [_shifted(marked.text, span, len(begin)) for span in marked.open]
    text = begin + marked.text.replace("\n", f"\n{begin}")
    return Marked(text, private, maybe)


def _shifted(text: str, span: CharacterSpan, size: int) -> CharacterSpan:
    start = span.start + size * (text.count("\n", 0, span.start) + 1)
    end = span.end + size * (text.count("\n", 0, span.end) + 1)
    return CharacterSpan(start, end, span.label)


def _between(marked: Marked, before: str, after: str) -> Marked:
    return joined([Marked(before, [], []), marked, Marked(after, [], [])], lambda: "")


def _one_line(marked: Marked) -> Marked:
    # A line's end and a space are one character each, so the places stay.
    return Marked(marked.text.replace("\n", " "), marked.private, marked.open)


def _wrapped(marked: Marked) -> Marked:
    """A text whose lines have 40 characters at most, but for longer words."""
    letters = list(_one_line(marked).text)
    begin = 0
    space = -1
    for place, letter in enumerate(letters):
        if place - begin >= 40 and space >= begin:
            letters[space] = "\n"
            begin = space + 1
        if letter == " ":
            space = place
    return Marked("".join(letters), marked.private, marked.open)


def dressed(values: Sequence[Placed]) -> Iterator[Placed]:
    """The texts in other dress: what a value stands in where it does not stand in prose."""
    dresses: dict[str, Callable[[Marked], Marked]] = {
        "wrapped at 40": _wrapped,
        "quoted mail": lambda one: _between(
            _with_lines(one, "> "), "On Tuesday the office wrote:\n", "\n\nNoted, thanks.\n"
        ),
        "chat": lambda one: _between(
            _one_line(one), "[10:31] desk: anything new?\n[10:32] floor: ", "\n[10:32] desk: ok\n"
        ),
        "row of a table": lambda one: _between(
            _one_line(one),
            "| no | state | remark |\n| --- | --- | --- |\n| 1 | done | nothing |\n| 2 | open | ",
            " |\n| 3 | done | nothing |\n",
        ),
        "Markdown": lambda one: _between(
            one, "# Notes\n\nWhat was **done** today:\n\n- ", "\n- the usual\n\n## Next\n"
        ),
        "comment in code": lambda one: _between(
            _with_lines(one, "    # "),
            "def total(rows):\n",
            "\n    return sum(row.amount for row in rows)\n",
        ),
        "string in code": lambda one: _between(
            Marked(one.text.replace("\n", " ").replace('"', "'"), one.private, one.open),
            'messages.append("',
            '")\nreturn messages\n',
        ),
        "log": lambda one: _between(_one_line(one), "2031-04-01 12:00:01 INFO worker: note=", "\n"),
        "small letters": lambda one: Marked(one.text.lower(), one.private, one.open),
        "capitals": lambda one: Marked(one.text.upper(), one.private, one.open),
    }
    for name, dress in dresses.items():
        for value in values:
            marked = dress(value.marked)
            if len(value.marked.text) == len(value.marked.text.upper()):
                yield Placed(marked, name, value.labels)
