"""Label files for tests: how they are written, and what white space makes of a text."""

import json
import os
import re
from functools import partial
from pathlib import Path

import pytest

from seqlabel.documents.document import Document
from seqlabel.formats import read_documents

DATA = Path(os.environ.get("SEQLABEL_DATA", Path(__file__).parents[2] / "shared" / "data"))
EWT = DATA / "ud_english_ewt"
LINE_ENDS = pytest.mark.parametrize("end", ["\n", "\r\n", "\r"], ids=["LF", "CRLF", "CR"])


read_columns = partial(read_documents, format="columns")
read_tag_columns = partial(read_columns, task="tags")
read_spans = partial(read_documents, format="spans")


def write(folder, text):
    path = folder / "labels.txt"
    path.write_bytes(text.encode("utf-8"))
    return path


def row(number, form, upos="_", xpos="_", misc="_"):
    return f"{number}\t{form}\t_\t{upos}\t{xpos}\t_\t_\t_\t_\t{misc}"


def words_of(documents):
    return [document.words for document in documents]


CONLLU = "\n".join(
    [
        "# newdoc id = first",
        "# sent_id = 1",
        row(1, "Hello", "INTJ", "UH", "SpaceAfter=No"),
        row(2, "!", "PUNCT", "."),
        "",
        "# sent_id = 2",
        row(1, "New York", "PROPN", misc="Gloss=city|SpaceAfter=No"),
        row(2, "#", "_", "_"),
        "",
        "# newdoc",
        row(1, "_", "X", "_"),
        "",
    ]
)


def read_words(text):
    """A document of what white space separates."""
    return Document(text, tuple(word.span() for word in re.finditer(r"\S+", text)))


def jsonl(*rows):
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


LONG = "x" * 1_000_000
needs_ewt = pytest.mark.skipif(not EWT.is_dir(), reason=f"{EWT} is not there; set SEQLABEL_DATA")
