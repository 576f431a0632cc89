"""The trainable parser: it learns trees and sentences, and writes them so that they agree. What all
pipes promise is in `test_contract.py`.
"""

import pytest
import spacy
from spacy.matcher import DependencyMatcher
from spacy.tokens import Doc
from spacy.training import Example
from spacy.util import fix_random_seed
from thinc.api import Adam

# Registers the factory where the installed entry points are older.
import seqlabel.spacy.parser  # noqa: F401
from seqlabel.errors import DataError

WORDS = ["She", "reads", "books", ".", "He", "sleeps", "."]
HEADS = [1, 1, 1, 1, 5, 5, 5]
POS = ["PRON", "VERB", "NOUN", "PUNCT", "PRON", "VERB", "PUNCT"]
DEPS = ["nsubj", "ROOT", "obj", "punct", "nsubj", "ROOT", "punct"]


def gold(vocab, deps=DEPS):
    return Doc(vocab, words=WORDS, heads=HEADS, deps=deps)


def trained(steps=60):
    fix_random_seed(0)
    nlp = spacy.blank("en")
    nlp.add_pipe("seqlabel_parser")
    examples = [Example(Doc(nlp.vocab, words=WORDS), gold(nlp.vocab))]
    nlp.initialize(lambda: examples)
    optimizer = Adam(0.01)
    for _ in range(steps):
        nlp.update(examples, sgd=optimizer)
    return nlp, examples


@pytest.fixture(scope="module")
def parser():
    return trained()


def test_trees_and_sentences_are_learnt_and_scored(parser):
    nlp, examples = parser
    scores = nlp.evaluate([Example(Doc(nlp.vocab, words=WORDS), gold(nlp.vocab)) for _ in examples])
    assert scores["dep_uas"] == scores["dep_las"] == scores["sents_f"] == 1.0
    doc = nlp(Doc(nlp.vocab, words=WORDS))
    assert [token.dep_ for token in doc] == DEPS
    assert len(list(doc.sents)) == 2
    matcher = DependencyMatcher(nlp.vocab)
    below = {"LEFT_ID": "verb", "REL_OP": ">", "RIGHT_ID": "object", "RIGHT_ATTRS": {"DEP": "obj"}}
    matcher.add("object", [[{"RIGHT_ID": "verb", "RIGHT_ATTRS": {"ORTH": "reads"}}, below]])
    assert [places for _, places in matcher(doc)] == [[1, 2]]
    for token, pos in zip(doc, POS, strict=True):
        token.pos_ = pos
    assert [chunk.text for chunk in doc.noun_chunks] == ["She", "books", "He"]


def test_words_without_gold_trees_give_no_gradient_and_unknown_relations_are_errors(parser):
    nlp, _ = parser
    pipe = nlp.get_pipe("seqlabel_parser")
    plain = Doc(nlp.vocab, words=WORDS)
    assert pipe.update([Example(Doc(nlp.vocab, words=WORDS), plain)]) == {"seqlabel_parser": 0.0}
    with pytest.raises(DataError, match="iobj"):
        pipe.update(
            [Example(Doc(nlp.vocab, words=WORDS), gold(nlp.vocab, [*DEPS[:2], "iobj", *DEPS[3:]]))]
        )
