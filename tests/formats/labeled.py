"""A labelled document, and what a format writes of it."""

from seqlabel.documents.document import Document, Spans, Tags
from seqlabel.documents.spans import Span

TEXT = "Ann saw New York."
DOCUMENT = Document(
    TEXT,
    ((0, 3), (4, 7), (8, 11), (12, 16), (16, 17)),
    tags={"upos": Tags(("PROPN", "VERB", "PROPN", None, "PUNCT"))},
    spans={"ner": Spans((Span(0, 1, "PER"), Span(2, 4, "LOC")), (0.9, 0.8))},
)


def written(form, *documents, fields=None):
    """What a format writes of documents, as text."""
    return b"".join(form.write((document, fields or {}) for document in documents)).decode()
