"""Words of Docs: which tokens they are, also where they are not spaCy's; what is read does not
depend on batches.
"""

import random
from itertools import pairwise

import numpy as np
import pytest
import spacy
from spacy.strings import StringStore
from spacy.tokens import Doc
from spacy.vocab import Vocab

from seqlabel.batches.windows import CONTEXT, WINDOW, groups_of
from seqlabel.documents.document import Document, Spans
from seqlabel.documents.schemes import Scheme, tags_to_spans
from seqlabel.documents.spans import CharacterSpan, Span
from seqlabel.documents.tag_sets import TagSet
from seqlabel.models.tagging.engine import Arithmetic
from seqlabel.models.tagging.inference import Inference
from seqlabel.spacy.doc_words import (
    doc_cuts,
    exact_spans,
    on_tokens,
    states_of_docs,
    tags_of_docs,
    text_words_of,
    word_spans,
    words_of,
    words_of_docs,
    words_of_tokens,
)
from seqlabel.text.tokenizers import Tokenizer, Words
from tests.engines import weights_of
from tests.spacy_models import random_tags, some_texts, tiny_labeler

LOG = "user=ann;ip=10.0.0.1  {'mail': \"ann@x.org\"}\n\tcall <b>Bob</b> (now), don't\n"


@pytest.fixture(scope="module")
def nlp():
    return spacy.blank("en")


def test_words_are_tokens_but_white_space(nlp):
    for text in some_texts():
        doc = nlp(text)
        words = words_of(doc)
        expected = [token.i for token in doc if not token.text.isspace()]
        assert words.tokens.tolist() == expected
        assert words.after.tolist() == [place + 1 for place in expected]
        assert [words.strings[key] for key in words.keys.tolist()] == [
            doc[place].text for place in expected
        ]


def test_words_of_docs_together_are_those_of_each_alone(nlp):
    docs = [nlp(text) for text in some_texts()]
    # A vocabulary without a language does not know what is white space.
    docs.insert(3, Doc(Vocab(), words=["a", "\n", "b", " "]))
    for found, doc in zip(words_of_docs(docs), docs, strict=True):
        alone = words_of(doc)
        assert [found.tokens.tolist(), found.after.tolist()] == [
            alone.tokens.tolist(),
            alone.after.tolist(),
        ]
        assert [found.strings[key] for key in found.keys.tolist()] == [
            t.text for t in doc if not t.text.isspace()
        ]
    assert words_of_docs([]) == []


def random_doc(nlp, text, chance):
    """A Doc of a text whose tokens end anywhere but in white space."""
    words, spaces, place = [], [], 0
    while place < len(text):
        end = place + 1
        while (
            end < len(text)
            and text[place].isspace() == text[end].isspace()
            and chance.random() < 0.8
        ):
            end += 1
        space = not text[place].isspace() and text[end : end + 1] == " "
        words.append(text[place:end])
        spaces.append(space)
        place = end + space
    return Doc(nlp.vocab, words=words, spaces=spaces)


def test_words_of_the_text_touch_the_tokens_that_share_a_character_with_them(nlp):
    chance = random.Random(0)
    tokenizer = Tokenizer("en", Words.FINE)
    for text in [LOG, "", " ", *some_texts(10)]:
        for doc in (nlp(text), *(random_doc(nlp, text, chance) for _ in range(5))):
            assert doc.text == text
            document = tokenizer(text)
            words = text_words_of(doc, tokenizer, StringStore())
            assert [words.strings[key] for key in words.keys.tolist()] == list(document.words)
            touched = [
                [token.i for token in doc if token.idx < end and start < token.idx + len(token)]
                for start, end in document.offsets
            ]
            found = zip(words.tokens.tolist(), words.after.tolist(), strict=True)
            assert [list(range(first, after)) for first, after in found] == touched


@pytest.mark.parametrize("length", [0, 1, WINDOW - 1, WINDOW, WINDOW + 1, 3 * WINDOW + 5])
def test_windows_cover_each_word_once_and_have_context(nlp, length):
    doc = Doc(nlp.vocab, words=["a"] * length)
    cuts = doc_cuts([words_of(doc), words_of(doc)])
    for number in (0, 1):
        mine = [cut for cut in cuts if cut.doc == number]
        assert [place for cut in mine for place in range(cut.start, cut.end)] == list(range(length))
        for cut in mine:
            assert cut.first == max(cut.start - CONTEXT, 0)
            assert cut.last == min(cut.end + CONTEXT, length)
    groups = list(groups_of(cuts, 700))
    assert sorted(cut for group in groups for cut in group) == sorted(cuts)
    assert all(
        len(group) == 1 or sum(cut.last - cut.first for cut in group) <= 700 for group in groups
    )


def test_states_and_tags_are_those_of_the_model_for_each_doc_alone(nlp):
    labeler = tiny_labeler()
    inference = Inference(weights_of(labeler), arithmetic=Arithmetic.FLOAT32)
    docs = [words_of(nlp(text)) for text in some_texts()]
    together, states = (
        tags_of_docs(inference, docs, labeler.decisions),
        states_of_docs(inference, docs),
    )
    (alone,) = tags_of_docs(inference, docs, labeler.decisions, heads=[1])
    assert [found.ids.tolist() for found in alone] == [found.ids.tolist() for found in together[1]]
    assert tags_of_docs(inference, docs, labeler.decisions, heads=[]) == []
    for number, doc in enumerate(docs):
        (found,) = labeler([Document.from_words([doc.strings[key] for key in doc.keys.tolist()])])
        ids = together[0][number].ids.tolist()
        assert [labeler.tag_sets[0].tags[one] for one in ids] == list(found.tags["upos"].labels)
        np.testing.assert_allclose(together[0][number].scores, found.tags["upos"].scores, atol=1e-5)
        np.testing.assert_allclose(states[number], states_of_docs(inference, [doc])[0], atol=1e-5)


PII = TagSet("pii", ("PERSON", "IP"), Scheme.BIO)


def test_a_token_with_several_spans_has_the_label_of_the_surest():
    first, after = np.array([0, 0, 0, 1]), np.array([1, 1, 1, 2])
    spans = Span(0, 1, "IP"), Span(1, 2, "IP"), Span(2, 4, "ACCOUNT")
    found = on_tokens(Spans(spans, (1.0, 1.0, 0.13)), first, after)
    assert found == Spans((Span(0, 2, "IP"),), (1.0,))
    found = on_tokens(Spans(spans, (0.5, 0.5, 0.5)), first, after)
    assert found == Spans((Span(0, 2, "ACCOUNT"),), (0.5,))


def random_words(chance, tokens):
    """Words as `first` and `after` token, some that share a token, some of several tokens, some
    tokens in none.
    """
    first, after, place = [], [], 0
    while True:
        place += chance.choice([0, 0, 1])
        end = place + chance.choice([1, 1, 2])
        if end > tokens:
            return np.array(first, dtype=np.int64), np.array(after, dtype=np.int64)
        first.append(place)
        after.append(end)
        place = end - chance.choice([0, 1])


def stupid_spans(found, first, after):
    """Groups of spans that share a token: of each span the tokens that it touches, its label and
    its score.
    """
    groups = []
    for span in tags_to_spans([PII.tags[number] for number in found.ids], PII.scheme).spans:
        tokens = set(range(first[span.start], after[span.end - 1]))
        part = tokens, span.label, min(found.scores[span.start : span.end])
        if groups and set.union(*(one for one, _, _ in groups[-1])) & tokens:
            groups[-1].append(part)
        else:
            groups.append([part])
    return groups


def test_spans_take_all_tokens_that_they_touch_and_do_not_overlap():
    chance = random.Random(0)
    merged = 0
    for _ in range(300):
        first, after = random_words(chance, 14)
        found = random_tags(chance, len(first), PII)
        layer = on_tokens(word_spans(found, PII), first, after)
        spans, scores = layer.spans, layer.scores
        groups = stupid_spans(found, first, after)
        assert len(spans) == len(groups)
        for span, score, parts in zip(spans, scores, groups, strict=True):
            tokens = set.union(*(one for one, _, _ in parts))
            assert (span.start, span.end) == (min(tokens), max(tokens) + 1)
            _, label, sure = min(
                parts, key=lambda part: (-part[2], -len(part[0]), min(part[0]), part[1])
            )
            assert (span.label, score) == (label, sure)
            merged += len(parts) > 1
        assert all(one.end <= other.start for one, other in pairwise(spans))
    assert merged > 100


def test_a_token_has_the_tag_of_the_first_word_that_touches_it():
    chance = random.Random(1)
    for _ in range(100):
        first, after = random_words(chance, 12)
        tokens, words = words_of_tokens(first, after, 12)
        expected = {}
        for token in range(12):
            touching = [word for word in range(len(first)) if first[word] <= token < after[word]]
            if touching:
                expected[token] = touching[0]
        assert dict(zip(tokens.tolist(), words.tolist(), strict=True)) == expected


def test_spans_of_words_are_on_their_characters():
    text, words = "Ana  Li saw Bo", ["Ana", "Li", "saw", "Bo"]
    offsets = [(text.index(word), text.index(word) + len(word)) for word in words]
    spans = Spans((Span(0, 2, "PERSON"), Span(3, 4, "PERSON")), (0.5, 0.75))
    found = exact_spans(spans, offsets)
    assert found == [CharacterSpan(0, 7, "PERSON", 0.5), CharacterSpan(12, 14, "PERSON", 0.75)]
    assert [text[one.start : one.end] for one in found] == ["Ana  Li", "Bo"]
