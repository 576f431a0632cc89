"""Labels that are probably wrong: planted errors come first, with the model's answer; every form of
disagreement.
"""

import pytest

from seqlabel.documents.document import Spans
from seqlabel.documents.spans import Span
from seqlabel.errors import OptionError
from seqlabel.models.doubts import Doubt, cross_validated, find_doubts
from tests.spacy_models import some_texts, tiny_labeler

TEXTS = [text for text in some_texts(20) if text.strip()]


@pytest.fixture(scope="module")
def labeler():
    return tiny_labeler()


def layers_of(labeler):
    tags = next(one for one in labeler.tag_sets if one.scheme is None)
    spans = next(one for one in labeler.tag_sets if one.scheme is not None)
    return tags, spans


def test_the_model_s_own_answers_are_not_doubted(labeler):
    for tag_set in labeler.tag_sets:
        assert find_doubts(labeler, labeler(TEXTS), tag_set.layer) == []


def test_planted_tags_are_found_with_the_model_s_answer(labeler):
    tag_set, _ = layers_of(labeler)
    documents = labeler(TEXTS)
    expected = []
    for number, document in enumerate(documents):
        labels = list(document.tags[tag_set.layer].labels)
        answer = labels[-1]
        labels[-1] = next(label for label in tag_set.labels if label != answer)
        (rows,) = labeler.probabilities([document], tag_set.layer)
        probability = float(rows[-1, tag_set.tags.index(labels[-1])])
        expected.append(
            Doubt(
                number,
                *document.offsets[-1],
                labels[-1],
                answer,
                pytest.approx(probability, abs=1e-5),
            )
        )
        documents[number] = document.with_tags(
            tag_set.layer, type(document.tags[tag_set.layer])(tuple(labels))
        )
    found = find_doubts(labeler, documents, tag_set.layer)
    assert sorted(found, key=lambda one: one.document) == expected
    assert [one.probability for one in found] == sorted(one.probability for one in found)


def test_spans_that_only_one_has_are_found(labeler):
    _, tag_set = layers_of(labeler)
    document = next(one for one in labeler(TEXTS) if one.spans[tag_set.layer].spans)
    mine = document.spans[tag_set.layer].spans
    first = mine[0]
    other = next(label for label in tag_set.labels if label != first.label)
    place = document.characters(first)

    def said(spans):
        changed = document.with_spans(tag_set.layer, Spans(tuple(sorted(spans))))
        return [
            (one.start, one.end, one.label, one.answer)
            for one in find_doubts(labeler, [changed], tag_set.layer)
        ]

    assert said(mine[1:]) == [(*place, None, first.label)]
    assert said([*mine[1:], Span(first.start, first.end, other)]) == [(*place, other, first.label)]
    free = [
        word
        for word in range(len(document))
        if all(not one.start <= word < one.end for one in mine)
    ]
    if free:
        extra = Span(free[0], free[0] + 1, other)
        assert said([*mine, extra]) == [(*document.characters(extra), other, None)]


def test_each_part_is_read_by_a_model_of_the_others(labeler):
    tag_set, _ = layers_of(labeler)
    documents = labeler(TEXTS)
    trained = []

    def train(some):
        trained.append([one.text for one in some])
        return labeler

    assert cross_validated(documents, tag_set.layer, train, folds=3) == []
    left = [sorted(set(map(str, TEXTS)) - set(some)) for some in trained]
    assert sorted(text for some in left for text in some) == sorted(set(TEXTS))
    for folds in (1, len(TEXTS) + 1):
        with pytest.raises(OptionError, match=r"^folds: "):
            cross_validated(documents, tag_set.layer, train, folds=folds)
