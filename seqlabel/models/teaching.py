"""Texts with what trained labelers say of them, for others to learn; training itself is in `fine_tuning`."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import replace

from seqlabel.documents.cutting import cut
from seqlabel.documents.document import Document
from seqlabel.documents.majority import majority
from seqlabel.models.tagging.labeler import Labeler

WORDS_PER_PIECE = 48


def taught(teachers: Sequence[Labeler], texts: Iterable[list[str]], layers: Collection[str]) -> Iterator[Document]:
    """Label texts by the majority of some labelers, which read them whole.

    Args:
        teachers: The labelers; each of the layers is decided by those that have it.
        texts: The words of each text, held in memory.
        layers: The layers that are kept.

    Yields:
        The texts in pieces of about 48 words, in which no span is cut, with what more than half of the labelers say.
    """
    documents = [Document.from_words(words) for words in texts if words]
    for readings in zip(*(teacher(documents) for teacher in teachers), strict=True):
        found = majority(readings)
        tags = {layer: found.tags[layer] for layer in found.tags if layer in layers}
        spans = {layer: found.spans[layer] for layer in found.spans if layer in layers}
        yield from cut(replace(found, tags=tags, spans=spans), WORDS_PER_PIECE)
