"""Batches of whole documents, and of windows and documents in turn; windows alone are in
`test_labelled`.
"""

from itertools import pairwise

import pytest
import torch

from seqlabel.batches.labeled import (
    document_batches,
    labeled_batches,
    shuffled_groups,
    tagged_batches,
)
from seqlabel.batches.rows import IdEncoder, WordEncoder
from seqlabel.documents.categories import Categories
from seqlabel.documents.document import Document, Tags
from seqlabel.documents.tag_sets import TagSet
from seqlabel.errors import DataError
from seqlabel.text.hashing import WordHasher
from seqlabel.text.vocabulary import Vocabulary
from tests.document_labelers import LABELS, VOCABULARY, WORDS, label_of, some_documents, some_rows

ENCODER = WordEncoder(VOCABULARY, WordHasher(64))


def make_batches(documents, *, words=60, seed=0, encoder=ENCODER, layer="category"):
    sets = [Categories(layer, LABELS)]
    return document_batches(documents, encoder, tag_sets=sets, words=words, seed=seed)


@pytest.mark.parametrize("words", [1, 30, 60, 10_000])
@pytest.mark.parametrize("epoch", [0, 3])
def test_every_document_comes_once_an_epoch_with_its_label(words, epoch):
    # A word of its own tells each document from the others.
    documents = []
    for number, document in enumerate(some_documents()):
        whole = Document.from_words([*document.words, f"own{number}"])
        documents.append(whole.with_layers(categories=document.categories))
    vocabulary = Vocabulary(["xxunk", *WORDS, *(document.words[-1] for document in documents)])
    batches = make_batches(documents, words=words, encoder=IdEncoder(vocabulary))
    left = {}
    for document in documents:
        left[tuple(vocabulary.encode(document.words).tolist())] = label_of(document)
    found = list(batches.batches(epoch))
    assert len(found) == len(batches)
    for batch in found:
        (labels,) = batch.gold
        assert batch.words.shape == (len(labels), int(batch.lengths.max()))
        assert batch.words.numel() <= words or len(labels) == 1
        assert labels.dtype == torch.int64
        for row, length, gold in zip(batch.words, batch.lengths, labels, strict=True):
            assert left.pop(tuple(row[:length].tolist())) == gold
    assert not left


def test_document_batches_depend_on_seed_and_epoch_alone_and_may_begin_late():
    documents = some_documents()

    def read(seed=0, epoch=0, start=0):
        batches = make_batches(documents, seed=seed)
        return [batch.lengths.tolist() for batch in batches.batches(epoch, start)]

    whole = read(2, 5)
    assert read(2, 5) == whole
    assert read(2, 4) != whole != read(1, 5)
    for start in range(len(whole) + 1):
        assert read(2, 5, start) == whole[start:]


SECRET = Document.from_words(["secret"])
BAD_DOCUMENTS = {
    "no layer": SECRET,
    "another layer": SECRET.with_categories("topic", {"good": 1.0}),
    "tags": SECRET.with_tags("category", Tags(("good",))),
    "nothing in it": SECRET.with_categories("category", {}),
    "another label": SECRET.with_categories("category", {"awful": 1.0}),
    "no words": Document("   ", ()).with_categories("category", {"good": 1.0}),
}


@pytest.mark.parametrize("name", BAD_DOCUMENTS)
def test_a_document_that_cannot_be_learnt_from_is_refused_with_its_number(name):
    with pytest.raises(DataError, match="Document 2: ") as caught:
        make_batches([*some_documents(2), BAD_DOCUMENTS[name]])
    assert "secret" not in str(caught.value)
    with pytest.raises(DataError):
        make_batches([])


@pytest.mark.parametrize("words", [1, 20, 100, 10_000])
@pytest.mark.parametrize("seed", range(3))
def test_groups_are_rows_of_like_length_of_about_so_many_words(words, seed):
    lengths = [len(row) for row in some_rows(100, seed=seed)]
    sizes = []
    for epoch in range(3):
        groups = shuffled_groups(lengths, words, seed=seed, epoch=epoch)
        assert sorted(number for group in groups for number in group) == list(range(100))
        for group in groups:
            assert len(group) == 1 or len(group) * max(lengths[number] for number in group) <= words
        ranges = sorted(
            (min(lengths[n] for n in group), max(lengths[n] for n in group)) for group in groups
        )
        assert all(before[1] <= after[0] for before, after in pairwise(ranges))
        sizes.append(sorted(len(group) for group in groups))
    assert sizes[0] == sizes[1] == sizes[2]


POS = TagSet("pos", ("N", "V"))
BOTH = [POS, Categories("category", LABELS)]


def mixed_documents():
    """Documents with tags, with a category, and with both."""
    plain = some_documents(30)
    tagged = [document.with_tags("pos", Tags(("N",) * len(document))) for document in plain]
    only_tags = [Document.from_words(document.words, tags=document.tags) for document in tagged]
    return [*plain[:10], *tagged[10:20], *only_tags[20:]]


def test_windows_and_documents_come_in_turn_and_each_asks_its_heads():
    batches = labeled_batches(
        mixed_documents(), ENCODER, tag_sets=BOTH, words=40, document_words=60
    )
    found = list(batches.batches(1))
    assert len(found) == len(batches)
    kinds = ["".join("01"[gold.numel() > 0] for gold in batch.gold) for batch in found]
    assert set(kinds) == {"10", "01"}
    # In turn: not all of one kind first.
    assert sorted(kinds) != kinds != sorted(kinds, reverse=True)
    words = sum(int((batch.gold[0] >= 0).sum()) for batch in found)
    assert words == sum(len(document) for document in mixed_documents() if document.tags)
    assert sum(len(batch.gold[1]) for batch in found) == 20


@pytest.mark.parametrize("start", [0, 1, 5, 9])
def test_batches_in_turn_may_begin_late(start):
    batches = labeled_batches(
        mixed_documents(), ENCODER, tag_sets=BOTH, words=40, document_words=60, seed=3
    )
    whole, late = (list(batches.batches(2, begin)) for begin in (0, start))
    for one, other in zip(whole[start:], late, strict=True):
        assert torch.equal(one.lengths, other.lengths)
        assert all(torch.equal(*pair) for pair in zip(one.gold, other.gold, strict=True))


def test_a_layer_that_no_document_has_is_refused():
    with pytest.raises(DataError):
        labeled_batches(some_documents(), ENCODER, tag_sets=BOTH, words=40, document_words=60)
    tagged = [Document.from_words(["one"], tags={"pos": Tags(("N",))})]
    with pytest.raises(DataError):
        labeled_batches(tagged, ENCODER, tag_sets=BOTH, words=40, document_words=60)
    # Windows alone pass over documents that have a category only.
    (batch,) = tagged_batches(
        [*some_documents(5), *tagged], ENCODER, tag_sets=BOTH, words=40
    ).batches()
    assert batch.lengths.tolist() == [1]
