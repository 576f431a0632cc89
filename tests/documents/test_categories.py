"""Categories of documents and ids; a label is the category with the highest score."""

import pytest

from seqlabel.documents.categories import Categories
from seqlabel.documents.document import Document
from seqlabel.documents.label_sets import Unit
from seqlabel.documents.tag_sets import annotate
from seqlabel.errors import DataError, OptionError

TOPIC = Categories("topic", ("art", "war"))
DOCUMENT = Document.from_words(["one", "two"])


def test_a_document_has_the_id_of_its_highest_score():
    assert TOPIC.encode(DOCUMENT.with_categories("topic", {"art": 0.2, "war": 0.7})).tolist() == [1]
    assert TOPIC.encode(DOCUMENT) is None
    assert TOPIC.encode(DOCUMENT.with_categories("topic", {})) is None
    assert (TOPIC.unit, TOPIC.scheme, TOPIC.tags) == (Unit.DOCUMENT, None, ("art", "war"))


def test_a_category_of_another_set_is_refused():
    with pytest.raises(DataError, match="'sea'"):
        TOPIC.encode(DOCUMENT.with_categories("topic", {"sea": 1.0}))


def test_probabilities_become_a_layer_next_to_the_others():
    document = annotate(
        DOCUMENT.with_categories("mood", {"good": 1.0}), [TOPIC], [([1], [0.25, 0.75])]
    )
    assert document.categories == {"mood": {"good": 1.0}, "topic": {"art": 0.25, "war": 0.75}}


def test_categories_are_collected_in_sorted_order():
    documents = [
        DOCUMENT,
        *(DOCUMENT.with_categories("topic", {name: 1.0, "c": 0.5}) for name in "dba"),
    ]
    assert Categories.of(documents, "topic") == Categories("topic", ("a", "b", "d"))
    with pytest.raises(DataError, match="'mood'"):
        Categories.of(documents, "mood")


@pytest.mark.parametrize("labels", [(), ("one",), ("one", "two", "one"), ("one", " ")], ids=str)
def test_labels_that_leave_no_choice_are_refused(labels):
    with pytest.raises(OptionError, match="Layer 'topic'"):
        Categories("topic", labels)
    with pytest.raises(OptionError, match="layer"):
        Categories(" ", ("a", "b"))
