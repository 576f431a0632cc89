"""The words of spaCy Docs, and a tagging model's states and tags of them; nothing is written to a Doc in here.

A word's key is its ORTH, by which `seqlabel.models.tagging.inference` looks it up.

Shapes: words, width, tags.
"""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from spacy.attrs import IS_SPACE, LENGTH, ORTH, SPACY
from spacy.strings import StringStore
from spacy.tokens import Doc

from seqlabel.batches.windows import Cut, FoundTags, cuts_of
from seqlabel.documents.document import Document
from seqlabel.models.tagging.inference import Inference
from seqlabel.native.compiled import Floats
from seqlabel.nn.network_configs import Decision


class DocWords(NamedTuple):
    """The words of a Doc: the first token that each touches and the one after its last, and their ORTH, (words,).

    White space is not a word.
    """

    tokens: npt.NDArray[np.int64]
    after: npt.NDArray[np.int64]
    keys: npt.NDArray[np.uint64]
    strings: StringStore
    offsets: tuple[tuple[int, int], ...] | None = None
    """The characters of each word; None where its tokens are the word."""


def words_of(doc: Doc) -> DocWords:
    """Find the words of a Doc.

    Args:
        doc: Any Doc.

    Returns:
        Its tokens but white space.
    """
    keys = doc.to_array(ORTH).astype(np.uint64)
    vocab: Any = doc.vocab
    if IS_SPACE in vocab.lex_attr_getters:
        blank = doc.to_array(IS_SPACE).astype(bool)
    else:
        # A vocabulary without a language does not know what is white space.
        blank = np.array([token.text.isspace() for token in doc], dtype=bool)
    tokens = np.flatnonzero(~blank)
    return DocWords(tokens, tokens + 1, keys[tokens], doc.vocab.strings)


def text_words_of(doc: Doc, tokenise: Callable[[str], Document], strings: StringStore) -> DocWords:
    """Find words in the text of a Doc, whatever its tokens.

    Args:
        doc: Any Doc.
        tokenise: Finds the words of a text.
        strings: The store to which the words' texts are added.

    Returns:
        The words, and the tokens that each touches.
    """
    document = tokenise(doc.text)
    keys = np.array([strings.add(word) for word in document.words], dtype=np.uint64)
    first, after = tokens_touched(doc, document.offsets)
    return DocWords(first, after, keys, strings, document.offsets)


def tokens_touched(doc: Doc, offsets: Sequence[tuple[int, int]]) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Find the tokens that characters of a Doc's text lie in.

    Args:
        doc: Any Doc.
        offsets: Half-open intervals of characters.

    Returns:
        The first token that each interval touches, and the one after the last, both (intervals,).
    """
    places = np.array(offsets, dtype=np.int64).reshape(-1, 2)
    lengths, spaces = doc.to_array(LENGTH).astype(np.int64), doc.to_array(SPACY).astype(np.int64)
    starts = np.cumsum(lengths + spaces) - lengths - spaces
    return np.searchsorted(starts + lengths, places[:, 0], side="right"), np.searchsorted(starts, places[:, 1])


def doc_cuts(docs: Sequence[DocWords]) -> list[Cut]:
    """Cut Docs into windows.

    Args:
        docs: The words of each Doc.

    Returns:
        The windows of all Docs, in order.
    """
    return cuts_of(len(words.keys) for words in docs)


def strings_of(docs: Sequence[DocWords], group: Sequence[Cut]) -> list[list[str]]:
    """Spell the words of windows, for the inputs that a model trains on.

    Args:
        docs: The words of each Doc.
        group: Windows of these Docs.

    Returns:
        The texts of the words that each window reads.
    """
    known: dict[int, str] = {}
    rows = []
    for cut in group:
        strings = docs[cut.doc].strings
        keys = docs[cut.doc].keys[cut.first : cut.last].tolist()
        known.update((key, strings[key]) for key in set(keys) - known.keys())
        rows.append([known[key] for key in keys])
    return rows


def tags_of_docs(
    inference: Inference,
    docs: Sequence[DocWords],
    decisions: Sequence[Decision],
    *,
    heads: Sequence[int] | None = None,
) -> list[list[FoundTags]]:
    """Tag the words of Docs.

    Args:
        inference: The model that tags.
        docs: The words of each Doc.
        decisions: How each head's scores are read, one for each head of the model.
        heads: The numbers of the heads that are asked; None asks all.

    Returns:
        For each head that was asked, the tags and probabilities of each Doc's words.
    """
    return inference.tags([words.keys.tolist() for words in docs], decisions, spell=_spelling(docs), heads=heads)


def states_of_docs(inference: Inference, docs: Sequence[DocWords]) -> list[Floats]:
    """Read the words of Docs without asking any head.

    Args:
        inference: The model that reads.
        docs: The words of each Doc.

    Returns:
        States (words, width) of the words of each Doc.
    """
    return inference.states([words.keys.tolist() for words in docs], spell=_spelling(docs))


def _spelling(docs: Sequence[DocWords]) -> Callable[[int], str]:
    """The lookup from an ORTH to its text: the string store of the Docs, or the first of several that has it."""
    stores: list[Any] = list({id(words.strings): words.strings for words in docs}.values())
    return lambda key: str(next(store[key] for store in stores if key in store))
