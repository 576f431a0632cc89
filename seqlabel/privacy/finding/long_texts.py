"""Private values of texts of any length, also of cells of a named column; files, and what replaces
values, are not.
"""

from bisect import bisect_left
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise

from seqlabel.batches.windows import cuts_of
from seqlabel.documents.document import Document, Spans
from seqlabel.documents.overlaps import unite
from seqlabel.documents.spans import CharacterSpan, Span
from seqlabel.io.files import SURROGATE
from seqlabel.privacy.finding.column_names import cue_of, holds_secrets
from seqlabel.privacy.finding.finder import LAYER, PrivateFinder
from seqlabel.privacy.rules.kinds import SECRETS
from seqlabel.privacy.rules.secrets import is_nothing

_PIECE = 1 << 16
"""Characters of a text that are read together."""
_MARGIN = 1 << 14
"""Characters before and after a piece that are read with it."""
_PASSWORD = "PASSWORD"
FoundSpan = tuple[CharacterSpan, Document, int]
"""A span of a text, the document that it was found in, and its number there."""


_Cell = tuple[str, str]
"""A text, and the name of its column."""


MOST_CELLS = 4_096
"""Cells whose findings are remembered."""


class CellMemory:
    """What was found in the last short cells, since columns repeat their values. It holds their
    texts; its repr none.

    Args:
        most: The number of cells that are remembered; None for 4,096.
        longest: The most characters of a cell that is remembered.
    """

    def __init__(self, most: int | None = None, longest: int = 256) -> None:
        self._most = MOST_CELLS if most is None else most
        self._longest = longest
        self._found: OrderedDict[_Cell, list[FoundSpan]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._found)

    def find(self, finder: PrivateFinder, cells: Sequence[_Cell]) -> list[list[FoundSpan]]:
        """Find the private characters of cells, of equal ones once.

        Args:
            finder: What finds them; always the same one for a memory.
            cells: The cells.

        Returns:
            For each cell what `find_in_texts` yields.
        """
        known = {cell: self._found[cell] for cell in dict.fromkeys(cells) if cell in self._found}
        fresh = [cell for cell in dict.fromkeys(cells) if cell not in known]
        texts = [text for text, _ in fresh]
        names = [name for _, name in fresh]
        known |= zip(fresh, _find_in_all(finder, texts, names), strict=True)
        short = [cell for cell in fresh if len(cell[0]) <= self._longest]
        for cell in short[-self._most :]:
            self._found[cell] = known[cell]
        while len(self._found) > self._most:
            self._found.popitem(last=False)
        return [known[cell] for cell in cells]


def find_in_texts(
    finder: PrivateFinder,
    texts: Sequence[str],
    names: Sequence[str] = (),
    seams: Sequence[Sequence[int]] = (),
    *,
    memory: CellMemory | None = None,
) -> Iterator[list[FoundSpan]]:
    """Find the private characters of texts, the long ones read piece by piece, so that memory stays
    bounded.

    Each piece is read with a margin on both sides, longer than any value of `privacy.rules`. What
    two pieces find at their border overlaps. A short text is also read after the name of its column
    or field (see `cue_of`): what either reading finds is private. In a column of passwords it is
    private whole, but for words about passwords. What rules and the user's settings find where
    markup ends or begins is private too, as the number before a raised figure is.

    Args:
        finder: What finds them.
        texts: The texts.
        names: The column or the path of the field of each text, empty where it has none; nothing
            for none at all.
        seams: The places in each text where markup stands inside a run of letters and digits
            (`Cell.seams`); nothing for none at all.
        memory: What was found before by this finder; None remembers equal texts of this call alone.

    Yields:
        For each text, spans of it with their scores, the piece that each was found in, and its
        number there.
    """
    cells = list(zip(texts, names or [""] * len(texts), strict=True))
    findings = (CellMemory() if memory is None else memory).find(finder, cells)
    for index, cut in enumerate(seams):
        if cut:
            findings[index] = _with_values_at_seams(findings[index], finder, texts[index], cut)
    yield from findings


def _find_in_all(
    finder: PrivateFinder, texts: Sequence[str], names: Sequence[str]
) -> list[list[FoundSpan]]:
    """The private characters of texts, as `find_in_texts` yields them for texts without seams."""
    cuts = cuts_of(map(len, texts), window=_PIECE, context=_MARGIN)
    pieces = (SURROGATE.sub("\ufffd", texts[cut.doc][cut.first : cut.last]) for cut in cuts)
    findings: list[list[FoundSpan]] = [[] for _ in texts]
    for cut, document in zip(cuts, finder(pieces), strict=True):
        for number, span in enumerate(document.character_spans(LAYER)):
            if span.start + cut.first < cut.end and span.end + cut.first > cut.start:
                here = replace(span, start=span.start + cut.first, end=span.end + cut.first)
                findings[cut.doc].append((here, document, number))
    cued = [(index, cue) for index, name in enumerate(names) if (cue := cue_of(name, texts[index]))]
    after_names = (
        finder(SURROGATE.sub("\ufffd", cue + texts[index]) for index, cue in cued) if cued else ()
    )
    for (index, cue), document in zip(cued, after_names, strict=True):
        findings[index] = _united(findings[index], document, len(cue))
        if not holds_secrets(names[index]) or is_nothing(texts[index]):
            continue
        if findings[index] or _PASSWORD in finder.labels:
            span, piece, number = max(
                findings[index] or [_secret(document)],
                key=lambda finding: finding[0].label in SECRETS,
            )
            findings[index] = [(replace(span, start=0, end=len(texts[index])), piece, number)]
    return findings


def _with_values_at_seams(
    alone: Sequence[FoundSpan], finder: PrivateFinder, text: str, seams: Sequence[int]
) -> list[FoundSpan]:
    """What was found in a text, united with the values that are found in it where each seam is a
    blank.
    """
    edges = [0, *seams, len(text)]
    parts = [SURROGATE.sub("\ufffd", text[start:end]) for start, end in pairwise(edges)]
    blanks = [seam + number for number, seam in enumerate(seams)]
    document = finder.labeler.tokenize(" ".join(parts)).with_spans(LAYER, Spans(()))
    values = finder.values(document.text)
    if not values:
        return list(alone)
    document = document.with_spans(LAYER, finder.decided(document, values))
    every: dict[CharacterSpan, tuple[Document, int]] = {}
    for number, span in enumerate(document.character_spans(LAYER)):
        start = span.start - bisect_left(blanks, span.start)
        every[replace(span, start=start, end=span.end - bisect_left(blanks, span.end))] = (
            document,
            number,
        )
    before = {span: (piece, number) for span, piece, number in alone}
    every |= before
    united = unite(every, preferred=before.__contains__)
    return [(replace(best, start=start, end=end), *every[best]) for best, start, end in united]


def _secret(document: Document) -> FoundSpan:
    """All of a document as one finding, where the name of its column alone says what it is."""
    whole = Spans((Span(0, len(document), _PASSWORD),), (1.0,))
    return (
        CharacterSpan(0, len(document.text), _PASSWORD, 1.0),
        document.with_spans(LAYER, whole),
        0,
    )


def _united(alone: Sequence[FoundSpan], document: Document, shift: int) -> list[FoundSpan]:
    """The findings in a text alone, united with those in it after the characters of a cue, whose
    labels win.
    """
    after_cue = {
        replace(span, start=max(span.start - shift, 0), end=span.end - shift): (document, number)
        for number, span in enumerate(document.character_spans(LAYER))
        if span.end > shift
    }
    every = {span: (piece, number) for span, piece, number in alone} | after_cue
    return [
        (replace(best, start=start, end=end), *every[best])
        for best, start, end in unite(every, preferred=after_cue.__contains__)
    ]
