"""Writes the trees of labelers to Docs: heads, relations, and so the starts of sentences; other
layers are written by `layer_writer`.

Shapes: words (of one Doc), tokens (of one Doc).
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from spacy.attrs import DEP, HEAD
from spacy.tokens import Doc

from seqlabel.batches.windows import FoundTags
from seqlabel.documents.document import SENTENCE, sentence_starts
from seqlabel.documents.relation_sets import RelationSet
from seqlabel.documents.trees import is_forest, unpack_arcs
from seqlabel.formats.docs import WHITE_SPACE_RELATION
from seqlabel.models.tagging.inference import SentenceBorders
from seqlabel.models.tagging.labeler import Labeler
from seqlabel.spacy.annotations import Existing, Target, tag_scores_key, user_data
from seqlabel.spacy.doc_words import DocWords, token_characters, words_of_tokens

ROOT = "ROOT"
"""The relation of roots in spaCy, whatever a treebank calls them."""
_INSIDE_WORD = "goeswith"
"""The relation of a token to the first one of the same word, where a word has several."""

Tokens = npt.NDArray[np.int64]


def sentence_borders(
    docs: Sequence[Doc], words: Sequence[DocWords], labeler: Labeler, *, keep: bool
) -> SentenceBorders:
    """Find where the sentences of Docs begin, for heads that read them whole.

    Args:
        docs: The Docs.
        words: Their words.
        labeler: The labeler; its layer `sentence`, if it has one, finds what is not known.
        keep: Whether the starts of sentences that a Doc has stay.

    Returns:
        The borders, as spaCy will have them once the trees are written.
    """
    layers = labeler.config.layers
    number = layers.index(SENTENCE) if SENTENCE in layers else None
    tags = () if number is None else labeler.tag_sets[number].tags

    def starts(text: int, ids: Sequence[int] | None) -> Sequence[int]:
        doc = docs[text]
        tokens = words[text].tokens
        offsets = token_characters(doc)[tokens].tolist()
        begins = set(sentence_starts(doc.text, offsets, [tags[tag] for tag in ids or ()]))
        if keep:
            known = doc.to_array("SENT_START").astype(np.int64)[tokens]
            begins |= set(np.flatnonzero(known == 1).tolist())
            begins -= set(np.flatnonzero(known == -1).tolist())
        return sorted(begins | {0})

    return SentenceBorders(number, starts)


def write_trees(
    doc: Doc, words: DocWords, tags: FoundTags, relations: RelationSet, *, existing: Existing
) -> None:
    """Write heads and relations; spaCy takes the starts of sentences from them.

    White space depends on the token before it, as spaCy's own parsers have it, and roots are called
    `ROOT`. The probabilities of arcs go where those of tags go (`LayerWriter.write`). With `KEEP`,
    nothing is written to a Doc that has relations already: arcs of two trees make none.

    Args:
        doc: The Doc to write to.
        words: The words of the Doc that were read.
        tags: Their arcs.
        relations: The relations.
        existing: How to treat an existing tree.
    """
    if not len(doc) or (existing is Existing.KEEP and doc.has_annotation("DEP")):
        return
    arcs = unpack_arcs(tags.ids, len(relations.relations))
    word_heads = np.arange(len(tags.ids)) + arcs.distances
    heads, word_of = token_heads(word_heads, words, len(doc))

    add = doc.vocab.strings.add
    names = [ROOT if relation == relations.root else relation for relation in relations.relations]
    keys = np.array([add(name) for name in names], dtype=np.uint64)
    is_word = word_of >= 0
    labels = np.full(len(doc), add(WHITE_SPACE_RELATION), dtype=np.uint64)
    labels[is_word] = keys[arcs.relations[word_of[is_word]]]
    numbers = np.arange(len(doc))
    inside = is_word & (words.tokens[word_of] != numbers) if len(words.tokens) else is_word
    labels[inside] = add(_INSIDE_WORD)
    labels[heads == numbers] = add(ROOT)
    scores = np.full(len(doc), np.nan, dtype=np.float32)
    scores[is_word] = tags.scores[word_of[is_word]]

    # spaCy stores heads as distances, negative ones as the largest numbers.
    table = np.stack([(heads - numbers).view(np.uint64), labels], axis=1)
    untyped: Any = doc
    untyped.from_array([HEAD, DEP], table)
    user_data(doc)[tag_scores_key(Target.DEP)] = scores


def token_heads(heads: Tokens, words: DocWords, tokens: int) -> tuple[Tokens, Tokens]:
    """Move trees of words to tokens.

    A word's first token has its arc, its other tokens depend on that one, and white space on the
    token before it, or, at the beginning, on the first word. A token that several words touch has
    the arc of the first of them, or of those above it, that leads out of it.

    Args:
        heads: The number of each word's head, its own for a root, (words,).
        words: The words.
        tokens: The number of tokens of the Doc.

    Returns:
        The head of each token, its own for a root, and the word of each token, -1 for white space,
        (tokens,) each.
    """
    head_of = np.arange(tokens) - 1
    head_of[:1] = words.tokens[:1] if len(words.tokens) else 0
    word_of = np.full(tokens, -1)
    if words.offsets is None:
        word_of[words.tokens] = np.arange(len(words.tokens))
        head_of[words.tokens] = words.tokens[heads]
        return head_of, word_of

    touched, of_word = words_of_tokens(words.tokens, words.after, tokens)
    word_of[touched] = of_word
    first = words.tokens.tolist()
    above = heads.tolist()
    for token, word in zip(touched.tolist(), of_word.tolist(), strict=True):
        head_of[token] = (
            _head_outside(token, word, above, first) if first[word] == token else first[word]
        )
    if not is_forest(head_of.tolist()):
        # Words that share tokens may make circles of trees: their tokens then depend on nothing.
        shared = [token for token in first if first.count(token) > 1]
        head_of[shared] = shared
    return head_of, word_of


def _head_outside(token: int, word: int, heads: Sequence[int], first: Sequence[int]) -> int:
    """The first token of the first word above a word that is not in the same token."""
    while True:
        head = heads[word]
        if head == word:
            return token
        if first[head] != token:
            return first[head]
        word = head
