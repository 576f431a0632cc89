"""Open sets of texts whose private values are known, each pinned by a checksum; what is found in
them is counted elsewhere.
"""

import hashlib
import json
import random
import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from seqlabel.documents import CharacterSpan
from seqlabel.errors import DataError, OptionError
from seqlabel.io.text_files import read_blocks
from shared.private_texts import Marked

_CLEAN_WORDS = 40
"""Words of a clean set for each text of another: 200 texts go with 8,000 words."""
_OPTIONAL = "?"


@dataclass(frozen=True)
class PinnedSet:
    """A set of texts.

    Args:
        name: Its name in the table.
        path: Its file, in the folder of data.
        sha256: The checksum of the file.
        form: `spans` for JSON lines with `text`, `spans` and perhaps `optional`; `presidio` for
            presidio-research's JSON; `iob` for columns of words and tags; `clean` for plain text
            without private data.
        figures: What is counted: `masked`, `precision`, `touched` or `alarms`.
        licence: Its licence.
        origin: Where it is from.
        columns: The columns of words and of tags, for `iob`.
        wanted: The labels of private values; all others count neither way. None for all.
        optional: Labels that count neither way, as those that begin with `?` do.
    """

    name: str
    path: str
    sha256: str
    form: str
    figures: tuple[str, ...]
    licence: str
    origin: str
    columns: tuple[int, int] = (0, 1)
    wanted: tuple[str, ...] | None = None
    optional: tuple[str, ...] = ()

    def marked(self, text: str, spans: Iterable[CharacterSpan]) -> Marked:
        """A text with its spans, apart by whether they are private or may be."""
        private: list[CharacterSpan] = []
        optional: list[CharacterSpan] = []
        for span in spans:
            is_wanted = self.wanted is None or span.label in self.wanted
            is_optional = span.label.startswith(_OPTIONAL) or span.label in self.optional
            (private if is_wanted and not is_optional else optional).append(span)
        return Marked(text, private, optional)


def pinned_sets(path: Path) -> list[PinnedSet]:
    """The sets of a TOML file."""
    try:
        tables = tomllib.loads(path.read_text("utf-8"))["sets"]
        return TypeAdapter(list[PinnedSet]).validate_python(tables)
    except (ValueError, KeyError, ValidationError) as error:
        raise DataError(
            f"{path}: expected [[sets]] with a name, path, sha256, form, figures, … ({error})."
        ) from None


def read_set(data: Path, pinned: PinnedSet, *, most: int, seed: int) -> list[Marked]:
    """Texts of a set, in the order of its file: a sample where there are more than `most`. Clean
    text is cut into its paragraphs.
    """
    path = data / pinned.path
    if hashlib.sha256(path.read_bytes()).hexdigest() != pinned.sha256:
        raise DataError(
            f"{path}: expected the file with the checksum {pinned.sha256[:12]}…, got another. "
            "Fetch that one."
        )
    readers = {"spans": _spans, "presidio": _presidio, "iob": _iob, "clean": _clean}
    if pinned.form not in readers:
        raise OptionError(
            f"form: expected {', '.join(readers)}, got {pinned.form!r} for {pinned.name!r}. Name "
            "one of these."
        )
    texts = [text for text in readers[pinned.form](path, pinned) if text.text.strip()]
    order = random.Random(seed).sample(range(len(texts)), len(texts))
    if pinned.form != "clean":
        return [texts[number] for number in sorted(order[:most])]
    chosen = []
    words = 0
    for number in order:
        if words < most * _CLEAN_WORDS:
            chosen.append(number)
            words += len(texts[number].text.split())
    return [texts[number] for number in sorted(chosen)]


def _spans(path: Path, pinned: PinnedSet) -> Iterator[Marked]:
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        try:
            row = json.loads(line)
            spans = [CharacterSpan(*span) for span in row["spans"]]
            optional = [CharacterSpan(*span) for span in row.get("optional", ())]
        except (ValueError, KeyError, TypeError):
            raise DataError(
                f"{path}, line {number}: expected JSON with text and spans, got something else."
            ) from None
        if row.get("anywhere"):
            # A value whose place its authors do not say.
            continue
        marked = pinned.marked(row["text"], spans)
        yield Marked(marked.text, marked.private, [*marked.open, *optional])


def _presidio(path: Path, pinned: PinnedSet) -> Iterator[Marked]:
    for row in json.loads(path.read_text(encoding="utf-8")):
        spans = [
            CharacterSpan(each["start_position"], each["end_position"], each["entity_type"])
            for each in row["spans"]
        ]
        yield pinned.marked(row["full_text"], spans)


def _iob(path: Path, pinned: PinnedSet) -> Iterator[Marked]:
    """Sentences of columns, words joined by spaces."""
    for block in path.read_text(encoding="utf-8").split("\n\n"):
        text = ""
        spans: list[CharacterSpan] = []
        for line in block.splitlines():
            if line.startswith("# ") or not line.strip():
                continue
            cells = line.split("\t")
            word = cells[pinned.columns[0]]
            prefix, _, label = cells[pinned.columns[1]].partition("-")
            start = len(text) + bool(text)
            text += f" {word}" if text else word
            if prefix == "I" and spans:
                spans[-1] = CharacterSpan(spans[-1].start, len(text), spans[-1].label)
            elif prefix in ("B", "I"):
                spans.append(CharacterSpan(start, len(text), label))
        yield pinned.marked(text, spans)


def _clean(path: Path, pinned: PinnedSet) -> Iterator[Marked]:
    for line in "".join(read_blocks(path)).splitlines():
        yield Marked(line, [], [])
