"""Plain text with what trained labelers say of it, for others to learn; training itself is in `fine_tuning`."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import islice
from pathlib import Path

from seqlabel.documents.cutting import cut
from seqlabel.documents.document import Document
from seqlabel.documents.majority import majority
from seqlabel.models.labeler import Labeler
from seqlabel.text.corpora import find_texts
from seqlabel.text.reading import beginnings, packed_documents, tagged_words
from seqlabel.text.tokenisers import Tokeniser

ENCYCLOPEDIA_DOCUMENTS, WEB_DOCUMENTS = 1_500, 150
WORDS_PER_PIECE = 48


def plain_texts(data: Path, words: int) -> Iterator[list[str]]:
    """Read the beginnings of modern documents of many kinds.

    Args:
        data: A folder that holds `masc`, of which every tenth file is left out, since recipes test on it, and `web`,
            packed files of which the first documents are read.
        words: How many words are read together, at most.

    Yields:
        The words of each document.

    Raises:
        DataError: There is no such folder, or a file cannot be read.
    """
    return beginnings(_documents(data), words)


def _documents(data: Path) -> Iterator[list[str]]:
    for number, path in enumerate(find_texts(data / "masc")):
        if number % 10 != 9:
            yield tagged_words(path)
    tokenise = Tokeniser("en")
    for path in sorted((data / "web").glob("*.txt.xz")):
        count = ENCYCLOPEDIA_DOCUMENTS if path.name == "wikipedia.txt.xz" else WEB_DOCUMENTS
        for lines in islice(packed_documents(path), count):
            yield tokenise("\n".join(lines)).words


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
