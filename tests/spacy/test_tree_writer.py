"""Trees of words on the tokens of Docs: one root a sentence and no circle, whatever words and
tokens share.
"""

import numpy as np
import pytest
import spacy
from spacy.tokens import Doc

from seqlabel.spacy.doc_words import DocWords, tokens_touched
from seqlabel.spacy.tree_writer import token_heads


@pytest.fixture(scope="module")
def nlp():
    return spacy.blank("en")


def test_trees_of_words_become_trees_of_tokens(nlp):
    doc = Doc(
        nlp.vocab,
        words=[" ", "don't", "go", "\n", "New", "York"],
        spaces=[False, True, False, False, True, False],
    )
    # Two words in the first token, and one in the last two.
    offsets = [(1, 3), (3, 6), (7, 9), (10, 18)]
    first, after = tokens_touched(doc, offsets)
    words = DocWords(first, after, np.zeros(4, np.uint64), doc.vocab.strings, tuple(offsets))
    heads, word_of = token_heads(np.array([2, 0, 2, 2]), words, len(doc))
    assert heads.tolist() == [1, 2, 2, 2, 2, 4]
    assert word_of.tolist() == [-1, 0, 2, -1, 3, 3]


def test_words_that_share_tokens_make_no_circle(nlp):
    doc = Doc(nlp.vocab, words=["ab", "cd"], spaces=[False, False])
    offsets = [(0, 1), (1, 2), (2, 3), (3, 4)]
    first, after = tokens_touched(doc, offsets)
    words = DocWords(first, after, np.zeros(4, np.uint64), doc.vocab.strings, tuple(offsets))
    heads, _ = token_heads(np.array([3, 1, 0, 1]), words, len(doc))
    assert heads.tolist() == [0, 1]
