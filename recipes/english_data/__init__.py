"""Plain text that labelers are taught with, pieces that encoders read, and a dictionary of English lemmas."""

import csv
import gzip
import importlib.util
from collections.abc import Callable, Iterator, Mapping
from itertools import islice
from pathlib import Path

from seqlabel import DataError, Tokeniser, find_texts
from seqlabel.text import tagged_words
from seqlabel.text.line_blocks import packed_documents

DICTIONARY = "lemminflect"
KINDS = {
    tag: kind
    for kind, tags in {
        "noun": "NN NNS",
        "verb": "VB VBD VBG VBN VBP VBZ",
        "adj": "JJ JJR JJS",
        "adv": "RB RBR RBS",
    }.items()
    for tag in tags.split()
}
"""What the dictionary calls words of these XPOS tags."""

ENCYCLOPEDIA_DOCUMENTS, WEB_DOCUMENTS = 1_500, 150
"""Documents that are read of the encyclopedia, and of each other file of `web`."""
PIECE_WORDS = 700


def plain_texts(data: Path) -> Iterator[list[str]]:
    """The words of modern documents of many kinds."""
    for number, path in enumerate(find_texts(data / "masc")):
        # Every tenth file is for testing in other recipes.
        if number % 10 != 9:
            yield tagged_words(path)
    tokenise = Tokeniser("en")
    for path in sorted((data / "web").glob("*.txt.xz")):
        count = ENCYCLOPEDIA_DOCUMENTS if path.name == "wikipedia.txt.xz" else WEB_DOCUMENTS
        for lines in islice(packed_documents(path), count):
            yield tokenise("\n".join(lines)).words


def pieces(documents: Callable[[], Iterator[list[str]]], wanted: float) -> Iterator[str]:
    """Pieces of about 700 words of a source, `wanted` words together; none reaches over the end of a document."""
    while wanted > 0:
        for lines in documents():
            piece: list[str] = []
            count = 0
            for number, line in enumerate(lines, 1):
                piece.append(line)
                count += line.count(" ") + 1
                if count >= PIECE_WORDS or number == len(lines):
                    yield "\n".join(piece)
                    wanted -= count
                    piece, count = [], 0
            if wanted <= 0:
                break


def dictionary() -> Mapping[tuple[str, str], str]:
    """The lemma of a form in small letters and its XPOS, where the installed dictionary has one only.

    It is that of the package lemminflect (MIT), made of the SPECIALIST Lexicon of the US National Library of Medicine.
    """
    spec = importlib.util.find_spec(DICTIONARY)
    if spec is None or spec.origin is None:
        raise DataError(f"Found no package {DICTIONARY}. Install it: pip install 'seqlabel-rnn[teacher]'")
    with gzip.open(Path(spec.origin).parent / "resources" / "lemma_lu.csv.gz", "rt", encoding="utf-8") as file:
        found = {(form, kind): lemma for form, kind, lemma in csv.reader(file) if "/" not in lemma}
    tags = {kind: [tag for tag, one in KINDS.items() if one == kind] for _, kind in found}
    return {(form.lower(), tag): lemma for (form, kind), lemma in found.items() for tag in tags[kind]}
