"""What is labelled next: the doubts of texts by hand, variety, and no near-duplicates."""

import numpy as np
import pytest

from seqlabel.documents.categories import Categories
from seqlabel.errors import OptionError
from seqlabel.models.choosing import DUPLICATE, choose_next, doubts_of, priorities_of
from seqlabel.models.tagging.labeler import Labeler
from tests.spacy_models import some_texts, tiny_encoder, tiny_labeler

TEXTS = [*filter(str.strip, some_texts(30)), "", "the cat"]


@pytest.fixture(scope="module")
def labeler():
    return tiny_labeler()


def test_the_doubt_of_a_text_is_that_of_its_words(labeler):
    documents = [labeler.tokenize(text) for text in TEXTS]
    for tag_set in labeler.tag_sets:
        doubts = doubts_of(labeler, documents, layer=tag_set.layer)
        for document, doubt in zip(documents, doubts, strict=True):
            (rows,) = labeler.probabilities([document], tag_set.layer)
            expected = (
                sum(1 - max(row) for row in rows.tolist()) / np.sqrt(len(document))
                if len(document)
                else 0
            )
            assert doubt == pytest.approx(expected, abs=1e-5)
            assert doubt > 0 or not len(document)


def test_the_first_is_the_most_doubtful_and_no_two_are_alike(labeler):
    twice = [one for text in TEXTS for one in (text, text.upper())]
    chosen = choose_next(labeler, twice, 10)
    doubts = doubts_of(labeler, [labeler.tokenize(text) for text in twice])
    assert chosen[0].doubt == max(doubts) == doubts[chosen[0].number]
    assert len({twice[one.number].upper() for one in chosen}) == len(chosen) == 10
    assert all(one.document.text == twice[one.number] for one in chosen)
    assert DUPLICATE < 1


def test_priorities_are_in_the_order_of_the_choice(labeler):
    priorities = priorities_of(labeler, [labeler.tokenize(text) for text in TEXTS])
    numbers = [one.number for one in choose_next(labeler, TEXTS, len(TEXTS))]
    ranked = [priorities[number] for number in numbers]
    assert ranked == sorted(ranked, reverse=True)
    assert {priorities[number] for number in range(len(TEXTS)) if number not in numbers} <= {0.0}


def test_all_are_chosen_where_there_are_few(labeler):
    assert sorted(one.number for one in choose_next(labeler, ["a", "the cat", "a"], 5)) in (
        [0, 1],
        [1, 2],
    )
    assert choose_next(labeler, [], 5) == []


def test_categories_are_doubted_too(tmp_path):
    tiny_encoder(tmp_path)
    labeler = Labeler.on(tmp_path, [Categories("topic", ("a", "b"))])
    doubts = doubts_of(labeler, [labeler.tokenize(text) for text in TEXTS])
    for text, doubt in zip(TEXTS, doubts, strict=True):
        (document,) = labeler([text])
        assert doubt == pytest.approx(1 - max(document.categories["topic"].values()), abs=1e-5)
    assert choose_next(labeler, TEXTS, 2)[0].doubt == pytest.approx(max(doubts))


def test_wrong_numbers_and_layers_are_refused(labeler):
    with pytest.raises(OptionError, match="count"):
        choose_next(labeler, ["a"], 0)
    with pytest.raises(OptionError, match="nothing"):
        choose_next(labeler, ["a"], 1, layer="nothing")
