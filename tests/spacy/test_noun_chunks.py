"""Noun chunks of universal relations, and the iterators of spaCy's own schemes."""

import pickle

import pytest
import spacy
from spacy.tokens import Doc

from seqlabel.spacy.noun_chunks import NounChunks, use_universal_noun_chunks


@pytest.fixture
def vocab():
    nlp = spacy.blank("en")
    use_universal_noun_chunks(nlp.vocab)
    return nlp.vocab


def doc_of(vocab, *rows):
    """A Doc of words with part of speech, number of the head and relation."""
    words, pos, heads, deps = zip(*(row.split() for row in rows), strict=True)
    return Doc(vocab, words=words, pos=pos, heads=list(map(int, heads)), deps=deps)


def test_chunks_have_what_is_before_a_noun_but_no_preposition(vocab):
    doc = doc_of(
        vocab,
        *(
            "The DET 2 det",
            "old ADJ 2 amod",
            "cat NOUN 6 nsubj",
            "of ADP 5 case",
            "my PRON 5 nmod:poss",
        ),
        *(
            "aunt NOUN 2 nmod",
            "saw VERB 6 ROOT",
            "Ann PROPN 6 obj",
            "Lee PROPN 7 flat",
            "and CCONJ 11 cc",
        ),
        *("two NUM 11 nummod", "dogs NOUN 7 conj", "today NOUN 6 obl:unmarked", ". PUNCT 6 punct"),
    )
    assert [chunk.text for chunk in doc.noun_chunks] == [
        "The old cat",
        "my aunt",
        "Ann Lee",
        "two dogs",
        "today",
    ]
    assert {chunk.label_ for chunk in doc.noun_chunks} == {"NP"}


def test_a_noun_that_is_the_root_ends_where_its_copula_begins(vocab):
    doc = doc_of(vocab, "This PRON 3 nsubj", "is AUX 3 cop", "a DET 3 det", "test NOUN 3 ROOT")
    assert [chunk.text for chunk in doc.noun_chunks] == ["This", "a test"]
    assert [chunk.text for chunk in doc[1:].noun_chunks] == ["a test"]


def test_relations_of_spacys_own_parsers_are_read_by_its_own_iterator(vocab):
    doc = doc_of(vocab, "I PRON 1 nsubj", "look VERB 1 ROOT", "at ADP 1 prep", "it PRON 2 pobj")
    plain = Doc(spacy.blank("en").vocab).from_bytes(doc.to_bytes())
    assert (
        [chunk.text for chunk in doc.noun_chunks]
        == [chunk.text for chunk in plain.noun_chunks]
        == ["I", "it"]
    )


def test_a_language_without_an_iterator_gets_one_and_a_doc_without_a_tree_is_an_error():
    vocab = spacy.blank("xx").vocab
    use_universal_noun_chunks(vocab)
    use_universal_noun_chunks(vocab)
    assert vocab.get_noun_chunks == NounChunks(None)
    assert pickle.loads(pickle.dumps(vocab.get_noun_chunks)) == NounChunks(None)
    doc = doc_of(vocab, "Dom NOUN 1 nsubj", "stoi VERB 1 ROOT")
    assert [chunk.text for chunk in doc.noun_chunks] == ["Dom"]
    with pytest.raises(ValueError, match="E029"):
        list(Doc(vocab, words=["a"]).noun_chunks)
