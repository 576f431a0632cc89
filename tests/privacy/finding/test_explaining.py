"""Why a value was found: sources, and words without which it is less probable, against each word
left out by hand.
"""

import pytest

from seqlabel.documents.document import Document
from seqlabel.documents.spans import Span
from seqlabel.privacy.finding.explaining import Reason, explain, telling_words
from seqlabel.privacy.finding.finder import LAYER, PrivateFinder
from tests.extras import needs_pii
from tests.privacy.rewritten_files import HEAD
from tests.spacy_models import some_texts, tiny_labeler


def probability(labeler, words, span):
    """The mean probability of a span's label among some words, as the labeler alone gives it."""
    (rows,) = labeler.probabilities([Document.from_words(words)], LAYER)
    (tag_set,) = labeler.tag_sets
    tags = [number for number, tag in enumerate(tag_set.tags) if tag.endswith(f"-{span.label}")]
    return float(rows[span.start : span.end][:, tags].sum()) / (span.end - span.start)


def test_the_words_are_those_without_which_the_probability_falls_most():
    labeler = tiny_labeler((HEAD,), seed=4)
    finder, seen = PrivateFinder(labeler, rules=False), 0
    for document in finder([text for text in some_texts(20) if text.strip()]):
        words = document.words
        spans = document.spans[LAYER].spans
        for span, reason in zip(spans, explain(finder, document), strict=True):
            whole, falls = probability(labeler, words, span), {}
            for place in range(max(span.start - 12, 0), min(span.end + 12, len(words))):
                if not span.start <= place < span.end:
                    shift = int(place < span.start)
                    moved = Span(span.start - shift, span.end - shift, span.label)
                    others = words[:place] + words[place + 1 :]
                    falls[place] = whole - probability(labeler, others, moved)
            falling = [place for place in falls if falls[place] >= 0.01]
            expected = sorted(falling, key=lambda place: -falls[place])[:3]
            found = telling_words(labeler, document, span)
            assert reason == Reason("model", found)
            assert len(found) == len(expected)
            for word, place in zip(found, expected, strict=True):
                same = [falls[other] for other in falls if words[other] == word]
                assert min(abs(fall - falls[place]) for fall in same) < 1e-3
            seen += len(found)
    assert seen > 10


@needs_pii
def test_what_a_rule_proves_has_its_id():
    finder = PrivateFinder()
    (document,) = finder(["Mail ann@lee.example or ask Mr Best."])
    email, person = explain(finder, document)
    assert email == Reason("email")
    assert (person.source, person.words[0]) == ("model", "Mr")
    assert "Mr" not in repr(person)
    assert str(person).startswith("model, by 'Mr'")


@pytest.mark.parametrize("words", [["Ann"], ["Ann"] * 300])
def test_any_length_will_do(words):
    labeler = tiny_labeler((HEAD,), seed=4)
    document = PrivateFinder(labeler, rules=False)([" ".join(words)])[0]
    for span in document.spans[LAYER].spans:
        assert len(telling_words(labeler, document, span)) <= 3
