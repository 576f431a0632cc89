"""Texts as a caller gives them, checked, cut into words and collected in groups; what is found in
them is elsewhere.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence

from seqlabel.documents.document import Document, Documents
from seqlabel.errors import DataError, OptionError


def grouped_texts(
    texts: Iterable[str | Document],
    tokenize: Callable[[str], Document],
    *,
    batch_words: int,
    batches: int,
) -> Iterator[list[Document]]:
    """Make documents of texts and collect several batches of them, so that rows of like length can
    be found.

    Args:
        texts: Texts, which `tokenize` cuts into words, or documents, which have words.
        tokenize: The tokeniser.
        batch_words: About how many words a model reads at once.
        batches: How many such batches are collected.

    Yields:
        The next documents, in order; the last group may be empty.

    Raises:
        DataError: For what is neither a text nor a document.
        OptionError: For what is not a list of texts, and for a number of words below 1.
    """
    if isinstance(texts, str | Document):
        raise OptionError("expected a list of texts, got a single text. Pass [text].")
    if not isinstance(texts, Iterable):
        raise OptionError(
            f"expected a list of texts, got {type(texts).__name__}. Pass texts or documents."
        )
    if batch_words < 1:
        raise OptionError(
            "batch_words: expected a number of words to read at once, at least 1, got "
            f"{batch_words}."
        )
    waiting: list[Document] = []
    words = 0
    for number, text in enumerate(texts):
        document = tokenize(text) if isinstance(text, str) else text
        if not isinstance(document, Document):
            raise DataError(
                f"Text {number}: expected a string or a Document, got {type(text).__name__}."
            )
        waiting.append(document)
        # One at least, so that texts without words are not held for ever.
        words += max(len(document), 1)
        if words >= batches * batch_words:
            yield waiting
            waiting = []
            words = 0
    yield waiting


def label_as_given(
    texts: str | Document | Iterable[str | Document],
    pipe: Callable[[Iterable[str | Document]], Iterator[Document]],
) -> Document | list[Document] | Iterator[Document]:
    """Label what a caller passed in the shape in which it was passed.

    Args:
        texts: One text or document, a list of them, or any other iterable.
        pipe: Labels an iterable of texts.

    Returns:
        A document for one text, a list, which a notebook shows, for a list, and an iterator for any
        other iterable.
    """
    if isinstance(texts, str | Document):
        (document,) = pipe([texts])
        return document
    documents = pipe(texts)
    return Documents(documents) if isinstance(texts, Sequence) else documents
