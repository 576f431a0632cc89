"""Spans of others judged: against the model's probabilities counted character by character, and values of rules."""

import pytest

from seqlabel.documents.spans import CharacterSpan
from seqlabel.errors import DataError
from seqlabel.privacy.finding.finder import LAYER, PrivateFinder
from tests.extras import needs_pii
from tests.privacy.rewritten_files import HEAD, NOTHING
from tests.spacy_models import some_texts, tiny_labeler


def by_character(labeler, text):
    """For each character the probability of each label; None for white space."""
    document = labeler.tokenise(text)
    (rows,) = labeler.probabilities([document], LAYER)
    (tag_set,) = labeler.tag_sets
    found = [None] * len(text)
    for (start, end), row in zip(document.offsets, rows, strict=True):
        shares = {
            label: sum(float(row[tag_set.tags.index(tag)]) for tag in tag_set.tags if tag.endswith(f"-{label}"))
            for label in tag_set.labels
        }
        found[start:end] = [shares] * (end - start)
    return found


def test_a_span_has_the_mean_probability_of_its_characters():
    labeler = tiny_labeler((HEAD,), seed=4)
    finder = PrivateFinder(labeler, patterns=False)
    for text in filter(None, some_texts(10)):
        spans = [(start, end) for start in range(0, len(text), 3) for end in range(start + 1, len(text) + 1, 5)]
        characters = by_character(labeler, text)
        for judged, (start, end) in zip(finder.judge(text, spans), spans, strict=True):
            inside = [one for one in characters[start:end] if one is not None]
            assert (judged.start, judged.end) == (start, end)
            if not inside:
                assert judged.score == 0
                continue
            means = {label: sum(one[label] for one in inside) / len(inside) for label in inside[0]}
            assert judged.score == pytest.approx(sum(means.values()), abs=1e-5)
            assert means[judged.label] == pytest.approx(max(means.values()), abs=1e-5)


@needs_pii
def test_what_rules_prove_is_certain():
    finder = PrivateFinder(tiny_labeler((NOTHING,), seed=4))
    text = "write to ann@x.org now"
    email, half = finder.judge(text, [(9, 18), (0, 18)])
    assert email == CharacterSpan(9, 18, "EMAIL", 1.0)
    assert half.score > 9 / 16 - 1e-6
    assert half.label == "EMAIL"


@pytest.mark.parametrize("span", [(-1, 2), (2, 2), (1, 5)])
def test_a_span_that_leaves_the_text_is_refused(span):
    finder = PrivateFinder(tiny_labeler((HEAD,), seed=4), patterns=False)
    with pytest.raises(DataError, match="in a text of 4 characters"):
        finder.judge("text", [span])
