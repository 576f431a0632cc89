"""What was found gets to the tokens that it touches, all of them, and private data has its colours."""

import random
from itertools import pairwise

import numpy as np
import pytest
import spacy
from spacy import displacy
from spacy.tokens import Doc, Span

from seqlabel.schemes import Scheme, tags_to_spans
from seqlabel.spacy_annotations import (
    PII_COLOURS,
    Existing,
    FoundTags,
    Place,
    Target,
    default_places,
    found_spans,
    tags_of_tokens,
    write_entities,
)
from seqlabel.tag_sets import TagSet

PII = TagSet("pii", ("PERSON", "IP"), Scheme.BIO)


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


def random_tags(chance, count):
    ids = np.array([chance.randrange(len(PII.tags)) for _ in range(count)], dtype=np.int64)
    return FoundTags(ids, np.array([chance.random() for _ in range(count)], dtype=np.float32))


def stupid_spans(found, first, after):
    """Groups of spans that share a token, each with its label, its words and the tokens that they touch."""
    groups = []
    for span in tags_to_spans([PII.tags[number] for number in found.ids], PII.scheme).spans:
        words = list(range(span.start, span.end))
        tokens = {token for word in words for token in range(first[word], after[word])}
        if groups and groups[-1][1] & tokens:
            groups[-1][0].append((span.label, words))
            groups[-1][1].update(tokens)
        else:
            groups.append(([(span.label, words)], tokens))
    return groups


def test_spans_take_all_tokens_that_they_touch_and_do_not_overlap():
    chance = random.Random(0)
    merged = 0
    for _ in range(300):
        first, after = random_words(chance, 14)
        found = random_tags(chance, len(first))
        spans = found_spans(found, first, after, PII)
        groups = stupid_spans(found, first, after)
        assert len(spans) == len(groups)
        for span, (parts, tokens) in zip(spans, groups, strict=True):
            assert (span.start, span.end) == (min(tokens), max(tokens) + 1)
            longest = max(len(words) for _, words in parts)
            assert span.label == next(label for label, words in parts if len(words) == longest)
            assert span.score == min(found.scores[word] for _, words in parts for word in words)
            merged += len(parts) > 1
        assert all(one.end <= other.start for one, other in pairwise(spans))
    assert merged > 100


def test_a_token_has_the_tag_of_the_first_word_that_touches_it():
    chance = random.Random(1)
    for _ in range(100):
        first, after = random_words(chance, 12)
        found = random_tags(chance, len(first))
        tokens, tags = tags_of_tokens(found, first, after, 12)
        expected = {}
        for token in range(12):
            touching = [word for word in range(len(first)) if first[word] <= token < after[word]]
            if touching:
                expected[token] = (found.ids[touching[0]], found.scores[touching[0]])
        assert dict(zip(tokens.tolist(), zip(tags.ids, tags.scores, strict=True), strict=True)) == expected


@pytest.mark.parametrize("policy", list(Existing))
def test_entities_obey_the_policy(policy):
    """Against the same done token by token with spaCy's own `set_ents`."""
    chance = random.Random(2)
    nlp = spacy.blank("en")
    for _ in range(100):
        docs = [Doc(nlp.vocab, words=["a"] * 10) for _ in range(2)]
        first, after = np.arange(10), np.arange(1, 11)
        before = found_spans(random_tags(chance, 10), first, after, PII)[::2]
        new = found_spans(random_tags(chance, 10), first, after, PII)
        for doc in docs:
            doc.set_ents([Span(doc, one.start, one.end, f"OLD_{one.label}") for one in before], default="missing")
        write_entities(docs[0], new, existing=policy)

        def meet(one, others):
            return any(one.start < other.end and other.start < one.end for other in others)

        old, added = before, new
        if policy is Existing.KEEP:
            added = [one for one in new if not meet(one, before)]
        elif policy is Existing.OVERRIDE:
            old = [one for one in before if not meet(one, new)]
        else:
            old = []
        kept = [Span(docs[1], one.start, one.end, f"OLD_{one.label}") for one in old]
        docs[1].set_ents([*kept, *(Span(docs[1], one.start, one.end, one.label) for one in added)])
        found, expected = ([(e.start, e.end, e.label_) for e in doc.ents] for doc in docs)
        assert found == expected
        assert docs[0].has_annotation("ENT_IOB", require_complete=True)


def test_where_layers_go_by_default():
    assert default_places("pii", PII) == [Place(Target.ENTS), Place(Target.SPANS, "pii")]
    ner = TagSet("ner", ("A",), Scheme.BIOES)
    assert default_places("ner", ner) == [Place(Target.ENTS), Place(Target.SPANS, "seqlabel_ner")]
    assert default_places("chunks", ner) == [Place(Target.SPANS, "chunks")]
    assert default_places("upos", TagSet("upos", ("A", "B"))) == [Place(Target.POS)]
    assert default_places("xpos", TagSet("xpos", ("A", "B"))) == [Place(Target.TAG)]
    assert default_places("sound", TagSet("sound", ("A", "B"))) == [Place(Target.EXTENSION, "sound")]
    assert default_places("category", None) == [Place(Target.CATS)]


def test_displacy_colours_private_data():
    nlp = spacy.blank("en")
    for label, colour in PII_COLOURS.items():
        doc = nlp("a b c")
        doc.ents = [Span(doc, 1, 2, label)]
        assert colour in displacy.render(doc, style="ent", jupyter=False)
    assert len(set(PII_COLOURS.values())) > 3
