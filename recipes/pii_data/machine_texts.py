"""Texts that machines write (logs, screens, configuration, code) as documents; hardly anything in
them is private.

The folder `machines` has a script that finds their addresses and user names. Whatever else a
labeler of before finds there is taken for a false alarm, but for what may well be right: places,
firms, dates and persons outside code, and user names in listings of files.
"""

import ipaddress
import lzma
import random
import re
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from pathlib import Path
from runpy import run_path
from typing import NamedTuple

from seqlabel import Document, Labeler
from seqlabel.documents import CharacterSpan, cut
from seqlabel.privacy.finding.finder import LAYER

from .by_hand import OPEN
from .corpora import Place, document_of, with_open_spans
from .labels import PiiType
from .mixing import LONGEST

_HEADER = re.compile(r"(?m)^<<< (.*) >>>\n")
_LISTING = re.compile(
    r"(?m)^[ \t|]*[-dlbcps][-rwxsStT]{9}[.+@]? .*$|^(?:\S+ +)?(?:pts|tty|console)/?\S* .*$"
)
_OF_PEOPLE = re.compile(
    r"(?i)author|maintain|copyright|contribut|owner|commit|review|signed|@|name|thank|\(c\)|by "
)
_NAME = re.compile(r"[^\W\d_]+\.?(?:[ '-][^\W\d_]+\.?)*")
_PREFIX = re.compile(r"/\d{1,3}\b")
_TIME = re.compile(r"(?:19|20)\d\d|\d:\d\d|\d[-/]\d|[A-Z][a-z][a-z]")


class _Kind(NamedTuple):
    """What of a labeler's findings may be right in a file: the labels, and whether names of persons
    are frequent.
    """

    open: frozenset[str]
    of_people: bool


_PLACES = frozenset((PiiType.LOCATION, PiiType.ORGANISATION))
KINDS = {
    "logs": _Kind(_PLACES | {PiiType.DATE}, True),
    "screens": _Kind(_PLACES | {PiiType.DATE}, False),
    "config": _Kind(_PLACES | {PiiType.DATE}, False),
    "code": _Kind(frozenset(), False),
    "prose": _Kind(
        _PLACES | {PiiType.DATE, PiiType.ADDRESS, PiiType.AGE, PiiType.DATE_OF_BIRTH}, True
    ),
    "bibliography": _Kind(_PLACES | {PiiType.DATE, PiiType.ADDRESS}, True),
}
"""The files, and what is left open in each."""


def machine_texts(path: Path) -> list[str]:
    """The documents of a file, without the lines that name their sources."""
    with lzma.open(path, "rt", encoding="utf-8", newline="") as file:
        return _HEADER.split(file.read())[2::2]


def machine_documents(
    data: Path, labeler: Labeler, chance: random.Random, *, share: float
) -> Iterator[Document]:
    """A share of the documents of each file, drawn by chance and cut, with the layer as tags.

    Args:
        data: The folder of all data.
        labeler: A labeler of before, whose false alarms are to go.
        chance: Draws the documents.
        share: The share of the documents that are read.

    Yields:
        Documents of at most `LONGEST` words; what may be private is None there.
    """
    label = _script(data / "machines" / "labels.py")
    for name, kind in KINDS.items():
        texts = machine_texts(data / "machines" / f"{name}.txt.xz")
        texts = chance.sample(texts, round(share * len(texts)))
        for found in labeler(texts):
            spans = list(_spans(found.text, found.character_spans(LAYER), label, kind))
            yield from cut(with_open_spans(document_of(found.text, spans)), LONGEST)


_Label = Callable[[str], tuple[list[Place], list[Place]]]


@cache
def _script(path: Path) -> _Label:
    """The function of the script that labels values by their forms."""
    label: _Label = run_path(str(path))["label"]
    return label


def labeled_places(
    data: Path, text: str, found: Sequence[CharacterSpan], kind: "_Kind"
) -> list[Place]:
    """The values of a text that the script is sure of, and those that are left open, among a
    labeler's findings.
    """
    label = _script(data / "machines" / "labels.py")
    return list(_spans(text, found, label, kind))


def _spans(
    text: str, found: Sequence[CharacterSpan], label: _Label, kind: _Kind
) -> Iterator[Place]:
    """The values of a text: those that the script is sure of, and what is left open, in order and
    apart.
    """
    sure, unsure = label(text)
    places = [(start, end, name) for start, end, name in sure if name in set(PiiType)]
    places += [
        (start, end, OPEN) for start, end, name in unsure if not _is_nobodys(text[start:end], name)
    ]
    # A network's length may belong to its address.
    places += [
        (end, match.end(), OPEN)
        for _, end, name in sure
        if (match := _PREFIX.match(text, end)) and name == "IP"
    ]
    taken = [*sure, *unsure]
    listings = [match.span() for match in _LISTING.finditer(text)]
    for one in found:
        if any(start < one.end and one.start < end for start, end, _ in taken):
            # The script's end of a value may be wrong, but what is beside it is not.
            continue
        if _may_be_right(text, one, kind, listings):
            places.append((one.start, one.end, OPEN))
    end_before = 0
    for start, end, name in sorted(places):
        if start >= end_before:
            yield start, end, name
            end_before = end


def _is_nobodys(value: str, name: str) -> bool:
    """Whether an address of the internet is that of no machine: this one, none, or a mask."""
    if name != PiiType.IP:
        return False
    try:
        address = ipaddress.ip_address(value)
    except ValueError:
        return False
    return (
        address.is_loopback
        or address.is_unspecified
        or address.is_multicast
        or value.startswith(("255.", "0."))
    )


def _may_be_right(
    text: str, one: CharacterSpan, kind: _Kind, listings: Sequence[tuple[int, int]]
) -> bool:
    value = text[one.start : one.end]
    if one.label == PiiType.PERSON:
        line = text[text.rfind("\n", 0, one.start) + 1 : one.start]
        return _NAME.fullmatch(value) is not None and (
            kind.of_people or _OF_PEOPLE.search(line[-60:]) is not None
        )
    if one.label == PiiType.USERNAME:
        return value.startswith("@") or any(start <= one.start < end for start, end in listings)
    if one.label in _PLACES & kind.open:
        return _NAME.fullmatch(value) is not None and not value.islower()
    if one.label == PiiType.DATE and one.label in kind.open:
        return _TIME.search(value) is not None
    return one.label in kind.open
