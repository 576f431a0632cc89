"""Private values of texts of any length, also of cells of a named column; files, and what replaces values, are not."""

from bisect import bisect_left
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
Found = tuple[CharacterSpan, Document, int]
"""A span of a text, the document that it was found in, and its number there."""


def find_in_texts(
    finder: PrivateFinder, texts: Sequence[str], names: Sequence[str] = (), seams: Sequence[Sequence[int]] = ()
) -> Iterator[list[Found]]:
    """Find the private characters of texts, the long ones read piece by piece, so that memory stays bounded.

    Each piece is read with a margin on both sides, longer than any value of `privacy.rules`. What two pieces find at
    their border overlaps. A short text is also read behind the name of its column or field (see `cue_of`): what either
    reading finds is private. In a column of passwords it is private whole, but for words about passwords. What rules
    and the user's settings find where markup ends or begins is private too, as the number before a raised figure is.

    Args:
        finder: What finds them.
        texts: The texts.
        names: The column or the path of the field of each text, empty where it has none; nothing for none at all.
        seams: The places in each text where markup stands inside a run of letters and digits (`Cell.seams`); nothing
            for none at all.

    Yields:
        For each text, spans of it with their scores, the piece that each was found in, and its number there.
    """
    cuts = cuts_of(map(len, texts), window=_PIECE, context=_MARGIN)
    pieces = (SURROGATE.sub("\ufffd", texts[cut.doc][cut.first : cut.last]) for cut in cuts)
    found: list[list[Found]] = [[] for _ in texts]
    for cut, document in zip(cuts, finder(pieces), strict=True):
        for number, span in enumerate(document.character_spans(LAYER)):
            if span.start + cut.first < cut.end and span.end + cut.first > cut.start:
                here = replace(span, start=span.start + cut.first, end=span.end + cut.first)
                found[cut.doc].append((here, document, number))
    cued = [(place, cue) for place, name in enumerate(names) if (cue := cue_of(name, texts[place]))]
    behind = finder(SURROGATE.sub("\ufffd", cue + texts[place]) for place, cue in cued) if cued else ()
    for (place, cue), document in zip(cued, behind, strict=True):
        found[place] = _united(found[place], document, len(cue))
        if not holds_secrets(names[place]) or is_nothing(texts[place]):
            continue
        if found[place] or _PASSWORD in finder.labels:
            span, piece, number = max(found[place] or [_secret(document)], key=lambda one: one[0].label in SECRETS)
            found[place] = [(replace(span, start=0, end=len(texts[place])), piece, number)]
    for place, cut in enumerate(seams):
        if cut:
            found[place] = _with_values_at_seams(found[place], finder, texts[place], cut)
    yield from found


def _with_values_at_seams(
    alone: Sequence[Found], finder: PrivateFinder, text: str, seams: Sequence[int]
) -> list[Found]:
    """What was found in a text, united with the values that are found in it where each seam is a blank."""
    edges = [0, *seams, len(text)]
    parts = [SURROGATE.sub("\ufffd", text[start:end]) for start, end in pairwise(edges)]
    blanks = [place + number for number, place in enumerate(seams)]
    document = finder.labeler.tokenise(" ".join(parts)).with_spans(LAYER, Spans(()))
    values = finder.values(document.text)
    if not values:
        return list(alone)
    document = document.with_spans(LAYER, finder.decided(document, values))
    every: dict[CharacterSpan, tuple[Document, int]] = {}
    for number, span in enumerate(document.character_spans(LAYER)):
        start = span.start - bisect_left(blanks, span.start)
        every[replace(span, start=start, end=span.end - bisect_left(blanks, span.end))] = (document, number)
    before = {span: (piece, number) for span, piece, number in alone}
    every |= before
    united = unite(every, preferred=before.__contains__)
    return [(replace(best, start=start, end=end), *every[best]) for best, start, end in united]


def _secret(document: Document) -> Found:
    """All of a document as one finding, where the name of its column alone says what it is."""
    whole = Spans((Span(0, len(document), _PASSWORD),), (1.0,))
    return CharacterSpan(0, len(document.text), _PASSWORD, 1.0), document.with_spans(LAYER, whole), 0


def _united(alone: Sequence[Found], document: Document, shift: int) -> list[Found]:
    """What was found in a text alone, united with what was found in it behind so many characters, whose labels win."""
    behind = {
        replace(span, start=max(span.start - shift, 0), end=span.end - shift): (document, number)
        for number, span in enumerate(document.character_spans(LAYER))
        if span.end > shift
    }
    every = {span: (piece, number) for span, piece, number in alone} | behind
    return [
        (replace(best, start=start, end=end), *every[best])
        for best, start, end in unite(every, preferred=behind.__contains__)
    ]
