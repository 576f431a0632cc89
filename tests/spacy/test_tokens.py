"""Tags and spans of words on the tokens that they touch, against one token after the other."""

import random
from itertools import pairwise

import numpy as np

from seqlabel.documents.document import Spans
from seqlabel.documents.schemes import Scheme, tags_to_spans
from seqlabel.documents.spans import CharacterSpan, Span
from seqlabel.documents.tag_sets import TagSet
from seqlabel.spacy.tokens import exact_spans, on_tokens, tags_of_tokens, word_spans
from tests.spacy_models import random_tags

PII = TagSet("pii", ("PERSON", "IP"), Scheme.BIO)


def test_a_token_with_several_spans_has_the_label_of_the_surest():
    first, after = np.array([0, 0, 0, 1]), np.array([1, 1, 1, 2])
    spans = Span(0, 1, "IP"), Span(1, 2, "IP"), Span(2, 4, "ACCOUNT")
    found = on_tokens(Spans(spans, (1.0, 1.0, 0.13)), first, after)
    assert found == Spans((Span(0, 2, "IP"),), (1.0,))
    found = on_tokens(Spans(spans, (0.5, 0.5, 0.5)), first, after)
    assert found == Spans((Span(0, 2, "ACCOUNT"),), (0.5,))


def random_words(chance, tokens):
    """Words as `first` and `after` token, some that share a token, some of several tokens, some tokens in none."""
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
    """Groups of spans that share a token: of each span the tokens that it touches, its label and its score."""
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
            _, label, sure = min(parts, key=lambda part: (-part[2], -len(part[0]), min(part[0]), part[1]))
            assert (span.label, score) == (label, sure)
            merged += len(parts) > 1
        assert all(one.end <= other.start for one, other in pairwise(spans))
    assert merged > 100


def test_a_token_has_the_tag_of_the_first_word_that_touches_it():
    chance = random.Random(1)
    for _ in range(100):
        first, after = random_words(chance, 12)
        found = random_tags(chance, len(first), PII)
        tokens, tags = tags_of_tokens(found, first, after, 12)
        expected = {}
        for token in range(12):
            touching = [word for word in range(len(first)) if first[word] <= token < after[word]]
            if touching:
                expected[token] = (found.ids[touching[0]], found.scores[touching[0]])
        assert dict(zip(tokens.tolist(), zip(tags.ids, tags.scores, strict=True), strict=True)) == expected


def test_spans_of_words_are_on_their_characters():
    text, words = "Ana  Li saw Bo", ["Ana", "Li", "saw", "Bo"]
    offsets = [(text.index(word), text.index(word) + len(word)) for word in words]
    spans = Spans((Span(0, 2, "PERSON"), Span(3, 4, "PERSON")), (0.5, 0.75))
    found = exact_spans(spans, offsets)
    assert found == [CharacterSpan(0, 7, "PERSON", 0.5), CharacterSpan(12, 14, "PERSON", 0.75)]
    assert [text[one.start : one.end] for one in found] == ["Ana  Li", "Bo"]
