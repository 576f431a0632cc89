"""Plain text that labelers are taught with, pieces that encoders read, posts with names, and a
dictionary of lemmas.
"""

import csv
import gzip
import importlib.util
import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import groupby, islice
from pathlib import Path

from seqlabel import DataError, Document, Span, Spans, Tokenizer, find_texts
from seqlabel.documents import concatenate
from seqlabel.formats import read_documents
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
RUNS = (1, 1, 1, 2, 3, 5)
WNUT_TYPES = {"person": "PER", "location": "LOC", "corporation": "ORG", "group": "ORG"}


def plain_texts(data: Path) -> Iterator[list[str]]:
    """The words of modern documents of many kinds."""
    for number, path in enumerate(find_texts(data / "masc")):
        # Every tenth file is for testing in other recipes.
        if number % 10 != 9:
            yield tagged_words(path)
    tokenize = Tokenizer("en")
    for path in sorted((data / "web").glob("*.txt.xz")):
        count = ENCYCLOPEDIA_DOCUMENTS if path.name == "wikipedia.txt.xz" else WEB_DOCUMENTS
        for lines in islice(packed_documents(path), count):
            yield tokenize("\n".join(lines)).words


def pieces(documents: Callable[[], Iterator[list[str]]], wanted: float) -> Iterator[str]:
    """Pieces of about 700 words of a source, `wanted` words together; none reaches over the end of
    a document.
    """
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
    """The lemma of a form in small letters and its XPOS, where the installed dictionary has one
    only.

    It is that of the package lemminflect (MIT), made of the SPECIALIST Lexicon of the US National
    Library of Medicine.
    """
    spec = importlib.util.find_spec(DICTIONARY)
    if spec is None or spec.origin is None:
        raise DataError(
            f"Found no package {DICTIONARY}. Install it: pip install 'seqlabel-rnn[teacher]'"
        )
    with gzip.open(
        Path(spec.origin).parent / "resources" / "lemma_lu.csv.gz", "rt", encoding="utf-8"
    ) as file:
        found = {(form, kind): lemma for form, kind, lemma in csv.reader(file) if "/" not in lemma}
    tags = {kind: [tag for tag, one in KINDS.items() if one == kind] for _, kind in found}
    return {
        (form.lower(), tag): lemma for (form, kind), lemma in found.items() for tag in tags[kind]
    }


def wnut_sentences(path: Path) -> Iterator[Document]:
    """WNUT-17's sentences with its types called as in EWT; those that EWT does not label are left
    out.
    """
    for sentence in read_documents(path, separator="\t"):
        spans = [span for span in sentence.spans["ner"].spans if span.label in WNUT_TYPES]
        yield sentence.with_spans(
            "ner",
            Spans(tuple(Span(span.start, span.end, WNUT_TYPES[span.label]) for span in spans)),
        )


def in_runs(sentences: Sequence[Document], seed: int) -> Iterator[Document]:
    """The sentences in runs of one to five, of which all have the same layers."""
    draw = random.Random(seed)
    for _, alike in groupby(sentences, key=lambda one: list(one.tags)):
        while run_of := list(islice(alike, draw.choice(RUNS))):
            yield concatenate(run_of, separator=" ")


def in_small_letters(sentence: Document) -> Document:
    """The sentence with its labels, in small letters."""
    return Document.from_words(
        [word.lower() for word in sentence.words], tags=sentence.tags, spans=sentence.spans
    )


def with_lowered(sentences: list[Document], share: float, seed: int) -> list[Document]:
    """The sentences, and a share of them in small letters too."""
    drawn = random.Random(seed).sample(sentences, round(share * len(sentences)))
    return [*sentences, *map(in_small_letters, drawn)]
