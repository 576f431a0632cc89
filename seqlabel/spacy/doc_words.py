"""The words of spaCy Docs, a model's states and tags of them, and these moved to tokens; no Doc is
written to in here.

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

from seqlabel.batches.windows import Cut, FoundTags, RowEnd, cuts_of
from seqlabel.documents.document import Document, Spans, paragraph_starts
from seqlabel.documents.label_sets import LabelSet
from seqlabel.documents.overlaps import unite
from seqlabel.documents.schemes import tags_to_spans
from seqlabel.documents.spans import CharacterSpan, Span
from seqlabel.models.tagging.inference import Inference, Paragraphs, SentenceBorders
from seqlabel.native.compiled import Floats
from seqlabel.nn.network_configs import Decision
from seqlabel.spacy.token_table import TokenTable


class DocWords(NamedTuple):
    """The words of a Doc: the first token that each touches and the one after its last, and their
    ORTH, (words,).

    White space is not a word.
    """

    tokens: npt.NDArray[np.int64]
    after: npt.NDArray[np.int64]
    keys: npt.NDArray[np.uint64]
    strings: StringStore
    offsets: tuple[tuple[int, int], ...] | None = None
    """The characters of each word; None where its tokens are the word."""
    paragraphs: tuple[int, ...] = ()
    """The numbers of the words that follow a blank line, rising, without 0."""


def words_of(doc: Doc) -> DocWords:
    """Find the words of a Doc.

    Args:
        doc: Any Doc.

    Returns:
        Its tokens but white space.
    """
    return words_of_docs([doc])[0]


def words_of_docs(docs: Sequence[Doc]) -> list[DocWords]:
    """Find the words of Docs.

    Args:
        docs: The Docs.

    Returns:
        The tokens of each but white space.
    """
    table = TokenTable(docs, (ORTH, IS_SPACE))
    is_word = table.before(IS_SPACE) == 0
    for doc, inside in zip(docs, table.slices, strict=True):
        vocab: Any = doc.vocab
        if IS_SPACE not in vocab.lex_attr_getters:
            # A vocabulary without a language does not know what is white space.
            is_word[inside] = [not token.text.isspace() for token in doc]
    numbers = np.flatnonzero(is_word)
    keys = table.before(ORTH)[numbers]
    bounds = np.searchsorted(numbers, [*table.begins.tolist(), table.tokens])
    # Each place in its own Doc.
    numbers -= np.repeat(table.begins, np.diff(bounds))
    after = numbers + 1
    ends = bounds.tolist()
    words = []
    for doc, begin, end in zip(docs, ends, ends[1:], strict=False):
        tokens = numbers[begin:end]
        # Only white space that is a token has line breaks.
        paragraphs = _paragraphs(doc, tokens) if len(tokens) < len(doc) else ()
        strings = doc.vocab.strings
        words.append(
            DocWords(tokens, after[begin:end], keys[begin:end], strings, paragraphs=paragraphs)
        )
    return words


def _paragraphs(doc: Doc, tokens: npt.NDArray[np.int64]) -> tuple[int, ...]:
    text = doc.text
    return paragraph_starts(text, token_characters(doc)[tokens].tolist()) if "\n" in text else ()


def text_words_of(doc: Doc, tokenize: Callable[[str], Document], strings: StringStore) -> DocWords:
    """Find words in the text of a Doc, whatever its tokens.

    Args:
        doc: Any Doc.
        tokenize: Finds the words of a text.
        strings: The store to which the words' texts are added.

    Returns:
        The words, and the tokens that each touches.
    """
    return _of_document(doc, tokenize(doc.text), strings)


def split_words_of(
    doc: Doc, split: Callable[[Document], Document], strings: StringStore
) -> DocWords:
    """Find the words that the tokens of a Doc stand for, of multiword tokens several.

    Args:
        doc: Any Doc.
        split: Splits the multiword tokens among the words of a document.
        strings: The store to which the words' texts are added.

    Returns:
        The words, and the token of each.
    """
    places = token_characters(doc)[words_of(doc).tokens].tolist()
    return _of_document(doc, split(Document(doc.text, tuple(map(tuple, places)))), strings)


def _of_document(doc: Doc, document: Document, strings: StringStore) -> DocWords:
    keys = np.array([strings.add(word) for word in document.words], dtype=np.uint64)
    first, after = tokens_touched(doc, document.offsets)
    paragraphs = paragraph_starts(document.text, document.offsets)
    return DocWords(first, after, keys, strings, document.offsets, paragraphs)


def tokens_touched(
    doc: Doc, offsets: Sequence[tuple[int, int]]
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Find the tokens that characters of a Doc's text lie in.

    Args:
        doc: Any Doc.
        offsets: Half-open intervals of characters.

    Returns:
        The first token that each interval touches, and the one after the last, both (intervals,).
    """
    intervals = np.array(offsets, dtype=np.int64).reshape(-1, 2)
    tokens = token_characters(doc)
    first = np.searchsorted(tokens[:, 1], intervals[:, 0], side="right")
    after = np.searchsorted(tokens[:, 0], intervals[:, 1])
    return first, after


def token_characters(doc: Doc) -> npt.NDArray[np.int64]:
    """Find the characters of each token.

    Args:
        doc: A Doc.

    Returns:
        Where each token begins and ends in the text, (tokens, 2).
    """
    lengths = doc.to_array(LENGTH).astype(np.int64)
    spaces = doc.to_array(SPACY).astype(np.int64)
    ends = np.cumsum(lengths + spaces) - spaces
    return np.stack([ends - lengths, ends], axis=1)


def doc_cuts(docs: Sequence[DocWords], rows: RowEnd = RowEnd.TEXT) -> list[Cut]:
    """Cut Docs into windows.

    Args:
        docs: The words of each Doc.
        rows: What ends a row; a window is in one.

    Returns:
        The windows of all Docs, in order.
    """
    starts = [words.paragraphs for words in docs] if rows is RowEnd.PARAGRAPH else None
    return cuts_of([len(words.keys) for words in docs], rows=starts)


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
    borders: SentenceBorders | None = None,
    rows: RowEnd = RowEnd.TEXT,
) -> list[list[FoundTags]]:
    """Tag the words of Docs.

    Args:
        inference: The model that tags.
        docs: The words of each Doc.
        decisions: How each head's scores are read, one for each head of the model.
        heads: The numbers of the heads that are asked; None asks all.
        borders: Where sentences begin, for heads that read them whole; None: each Doc is one.
        rows: What ends the rows that the model reads.

    Returns:
        For each head that was asked, the tags and probabilities of each Doc's words.
    """
    keys = [words.keys.tolist() for words in docs]
    paragraphs = Paragraphs([words.paragraphs for words in docs], rows)
    if borders is None:
        return inference.tags(
            keys, decisions, spell=_spelling(docs), heads=heads, paragraphs=paragraphs
        )
    return inference.tags(
        keys, decisions, spell=_spelling(docs), heads=heads, borders=borders, paragraphs=paragraphs
    )


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
    """The lookup from an ORTH to its text: the string store of the Docs, or the first of several
    that has it.
    """
    stores: list[Any] = list({id(words.strings): words.strings for words in docs}.values())
    return lambda key: str(next(store[key] for store in stores if key in store))


class _Touched(NamedTuple):
    """The tokens `start` to `end - 1` that a span of words touches."""

    start: int
    end: int
    label: str
    score: float


def word_spans(tags: FoundTags, tag_set: LabelSet, paragraphs: Sequence[int] = ()) -> Spans:
    """Find the spans of words that tags make; only words in a span are looked at one by one.

    Args:
        tags: The tags of the words.
        tag_set: The tag set, which has a scheme.
        paragraphs: The numbers of the words that follow a blank line, which no span crosses.

    Returns:
        Spans of words in document order; the score of each is the lowest of its words.
    """
    return spans_of_docs([tags], tag_set, [paragraphs])[0]


def spans_of_docs(
    tags_of_docs: Sequence[FoundTags], tag_set: LabelSet, paragraphs: Sequence[Sequence[int]]
) -> list[Spans]:
    """Find the spans of words that the tags of each Doc make.

    Args:
        tags_of_docs: The tags of the words of each Doc.
        tag_set: The tag set, which has a scheme.
        paragraphs: For each Doc the numbers of the words that follow a blank line, which no span
            crosses.

    Returns:
        For each Doc its spans of words, in document order; the score of each is the lowest of its
        words.
    """
    scheme = tag_set.scheme
    assert scheme is not None
    outside = FoundTags(np.zeros(1, np.int64), np.zeros(1, np.float32))
    # A word that is in no span follows each Doc, so that no span continues in the next Doc.
    apart = [outside]
    for tags in tags_of_docs:
        apart += [tags, outside]
    ids = np.concatenate([tags.ids for tags in apart])
    scores = np.concatenate([tags.scores for tags in apart])
    begins = np.cumsum([1, *(len(tags.ids) + 1 for tags in tags_of_docs)])

    pairs: list[list[tuple[Span, float]]] = [[] for _ in tags_of_docs]
    inside = np.flatnonzero(ids)
    if len(inside):
        for run in np.split(inside, np.flatnonzero(np.diff(inside) > 1) + 1):
            number = int(np.searchsorted(begins, run[0], side="right")) - 1
            begin = int(begins[number])
            names = [tag_set.tags[tag] for tag in ids[run].tolist()]
            for span in tags_to_spans(names, scheme).spans:
                words = run[span.start : span.end]
                moved = Span(int(words[0]) - begin, int(words[-1]) + 1 - begin, span.label)
                pairs[number].append((moved, float(scores[words].min())))
    return [Spans.of(scored).cut(starts) for scored, starts in zip(pairs, paragraphs, strict=True)]


def on_tokens(spans: Spans, first: npt.NDArray[np.int64], after: npt.NDArray[np.int64]) -> Spans:
    """Move spans of words to tokens.

    Args:
        spans: Spans of words in document order, which do not overlap, with scores.
        first: The first token that each word touches, (words,).
        after: The token after the last one that each word touches, (words,).

    Returns:
        Spans with all tokens that their words touch. Spans that meet on a token become one, with
        the label and the score of the surest, as a value that rules prove is; of equally sure ones
        the longest.
    """
    touched = (
        _Touched(int(first[span.start]), int(after[span.end - 1]), span.label, score)
        for span, score in spans.scored
    )
    united = unite(touched, preferred=lambda span: span.score)
    return Spans.of((Span(start, end, best.label), best.score) for best, start, end in united)


def exact_spans(spans: Spans, offsets: Sequence[tuple[int, int]]) -> list[CharacterSpan]:
    """Move spans of words to characters.

    Args:
        spans: Spans of words, with scores.
        offsets: The half-open characters of each word.

    Returns:
        The same spans, with offsets of characters and scores.
    """
    return [
        CharacterSpan(offsets[span.start][0], offsets[span.end - 1][1], span.label, score)
        for span, score in spans.scored
    ]


def words_of_tokens(
    first: npt.NDArray[np.int64], after: npt.NDArray[np.int64], tokens: int
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Find the word whose tag each token gets.

    Args:
        first: The first token that each word touches, (words,).
        after: The token after the last one that each word touches, (words,).
        tokens: How many tokens the Doc has.

    Returns:
        The numbers of the tokens that a word touches, and the first such word of each.
    """
    numbers = np.arange(tokens)
    word = np.searchsorted(after, numbers, side="right")
    touched = np.append(first, tokens)[word] <= numbers
    return numbers[touched], word[touched]
