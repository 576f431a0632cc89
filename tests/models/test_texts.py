"""Texts that a caller gives: refused in one sentence, or all there, in order, in groups."""

import pytest

from seqlabel.documents.document import Document
from seqlabel.errors import DataError, OptionError
from seqlabel.models.texts import grouped_texts


def tokenize(text):
    return Document.from_words(text.split())


def groups(texts, **options):
    return list(grouped_texts(texts, tokenize, **{"batch_words": 2, "batches": 2, **options}))


@pytest.mark.parametrize(
    "texts", [[], [""], ["a b c", "", "d"], [str(number) for number in range(50)], [""] * 20]
)
def test_every_text_is_in_one_group_in_order(texts):
    found = groups(texts)
    assert [document.text for group in found for document in group] == [
        " ".join(text.split()) for text in texts
    ]
    assert all(sum(max(len(document), 1) for document in group) >= 4 for group in found[:-1])


def test_a_document_is_taken_as_it_is():
    document = tokenize("a b")
    assert groups([document])[0][0] is document


@pytest.mark.parametrize(
    ("texts", "options", "error", "named"),
    [
        ("a", {}, OptionError, "texts"),
        (tokenize("a"), {}, OptionError, "texts"),
        (5, {}, OptionError, "texts"),
        (["a", 3], {}, DataError, "Text 1"),
        ([None], {}, DataError, "Text 0"),
        (["a"], {"batch_words": 0}, OptionError, "batch_words"),
    ],
)
def test_what_is_not_a_list_of_texts_is_refused(texts, options, error, named):
    with pytest.raises(error, match=named):
        groups(texts, **options)
