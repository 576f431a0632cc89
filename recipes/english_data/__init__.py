"""Plain English text that labelers are taught with, for `distil.py` and `morphology.py`; it has no labels."""

from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from seqlabel import Tokeniser, find_texts
from seqlabel.text import tagged_words
from seqlabel.text.line_blocks import packed_documents

ENCYCLOPEDIA_DOCUMENTS, WEB_DOCUMENTS = 1_500, 150
"""Documents that are read of the encyclopedia, and of each other file of `web`."""


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
