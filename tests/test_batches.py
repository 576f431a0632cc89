"""Padded batches: every word's features are its own, every document comes once, and nothing known is lost."""

import random
from itertools import pairwise

import pytest
import torch

from seqlabel.batches import TaggedBatches, WordEncoder
from seqlabel.documents import Document, Tags
from seqlabel.errors import DataError
from seqlabel.features import WordHasher
from seqlabel.streams import IGNORED
from seqlabel.vocabulary import Vocabulary

LABELS = ["X", "Y", "Z"]
VOCABULARY = Vocabulary(["xxunk", "one", "two", "数"])
ENCODER = WordEncoder(VOCABULARY, WordHasher(101))


def some_documents(count=40, seed=0):
    """Documents whose first word is found in no other, so that a row can be told from its words."""
    chance = random.Random(seed)
    documents = []
    for number in range(count):
        words = [f"first{number}", *chance.choices(["one", "two", "three", "数"], k=chance.randint(0, 9))]
        tags = tuple(chance.choice([*LABELS, None]) for _ in words)
        documents.append(Document.from_words(words, tags={"pos": Tags(tags)}))
    return documents


def make_batches(documents, words=30, seed=0, encoder=ENCODER):
    return TaggedBatches(documents, encoder, layer="pos", labels=LABELS, words=words, seed=seed)


class Recording:
    """A word encoder that remembers the rows it was asked for."""

    def __init__(self):
        self.rows = []

    def __call__(self, rows):
        self.rows.append([tuple(row) for row in rows])
        return ENCODER(rows)


def read(documents, words=30, seed=0, epoch=0, start=0):
    """The batches of an epoch, and the words of the rows of each."""
    encoder = Recording()
    batches = make_batches(documents, words, seed, encoder)
    return list(batches.batches(epoch, start)), encoder.rows


@pytest.mark.parametrize(
    "rows", [[["one"]], [["one", "two", "one"], ["three"], ["two", "数", "three", "one", "one"]], [["é"] * 3, ["é"]]]
)
def test_every_word_has_its_own_features_and_row(rows):
    found = ENCODER(rows)
    assert found.positions.shape == (len(rows), max(map(len, rows)))
    ends = [*found.offsets[1:].tolist(), len(found.features)]
    for number, words in enumerate(rows):
        for place, word in enumerate(words):
            position = int(found.positions[number, place])
            alone = ENCODER.hasher([word])
            assert found.features[found.offsets[position] : ends[position]].tolist() == alone.ids.tolist()
            assert int(found.words[position]) == VOCABULARY.id(word)


def test_a_different_word_is_featurised_once_and_padding_is_the_first():
    rows = [["one", "two", "one"], ["three"], ["two", "one"]]
    found = ENCODER(rows)
    assert found.positions.tolist() == [[0, 1, 0], [2, 0, 0], [1, 0, 0]]
    assert found.words.tolist() == [1, 2, 0]
    assert found.offsets.tolist() == ENCODER.hasher(["one", "two", "three"]).offsets[:-1].tolist()
    assert (found.positions.dtype, found.words.dtype) == (torch.int64, torch.int64)
    assert found.features.dtype == found.offsets.dtype == torch.int32


@pytest.mark.parametrize("words", [1, 10, 30, 1000])
@pytest.mark.parametrize("epoch", [0, 1, 7])
def test_every_document_comes_once_an_epoch_with_its_tags(words, epoch):
    documents = some_documents()
    batches, rows = read(documents, words, epoch=epoch)
    left = {tuple(document.words): document.tags["pos"].labels for document in documents}
    assert len(left) == len(documents)
    for batch, members in zip(batches, rows, strict=True):
        assert batch.lengths.tolist() == [len(row) for row in members]
        assert batch.gold.shape == batch.words.positions.shape == (len(members), max(map(len, members)))
        assert torch.equal(batch.words.positions, ENCODER(members).positions)
        for row, gold in zip(members, batch.gold.tolist(), strict=True):
            tags = left.pop(row)
            known = [IGNORED if tag is None else LABELS.index(tag) for tag in tags]
            assert gold == known + [IGNORED] * (len(gold) - len(row))
    assert not left


@pytest.mark.parametrize("words", [1, 10, 30, 1000])
def test_a_batch_has_no_more_words_than_asked_unless_one_row_has(words):
    documents = some_documents()
    batches = make_batches(documents, words)
    found = list(batches.batches())
    assert len(found) == len(batches)
    for batch in found:
        assert batch.gold.numel() <= words or len(batch.gold) == 1
    # No batch could take the shortest row of the next.
    in_order = sorted(found, key=lambda batch: (int(batch.lengths.min()), int(batch.lengths.max()), -len(batch.gold)))
    for before, after in pairwise(in_order):
        assert (len(before.gold) + 1) * int(after.lengths.min()) > words


def test_rows_of_like_length_are_together():
    documents = some_documents()
    ranges = [(int(batch.lengths.min()), int(batch.lengths.max())) for batch in make_batches(documents).batches()]
    ranges.sort()
    assert all(before[1] <= after[0] for before, after in pairwise(ranges))


def test_the_order_depends_on_seed_and_epoch_alone():
    documents = some_documents()
    first = read(documents, seed=3, epoch=2)[1]
    torch.manual_seed(1)
    random.seed(1)
    assert read(documents, seed=3, epoch=2)[1] == first
    encoder = Recording()
    batches = make_batches(documents, seed=3, encoder=encoder)
    list(batches.batches(0))
    encoder.rows.clear()
    list(batches.batches(2))
    assert encoder.rows == first
    others = [read(documents, seed=seed, epoch=epoch)[1] for seed, epoch in ((3, 0), (3, 1), (4, 2))]
    assert first not in others
    assert len({str(rows) for rows in others}) == 3
    # Not only the order of the batches: rows of one length meet others.
    assert all(set(map(frozenset, rows)) != set(map(frozenset, first)) for rows in others)


@pytest.mark.parametrize("epoch", range(5))
def test_every_epoch_has_as_many_batches(epoch):
    batches = make_batches(some_documents())
    assert len(list(batches.batches(epoch))) == len(batches) > 3


def test_to_begin_late_gives_the_rest():
    documents = some_documents()
    _, whole = read(documents, epoch=1)
    for start in range(len(whole) + 1):
        assert read(documents, epoch=1, start=start)[1] == whole[start:]


def test_documents_without_words_are_left_out():
    empty = Document("", (), tags={"pos": Tags(())})
    _, rows = read([empty, *some_documents(3), empty])
    assert sum(map(len, rows)) == 3


def test_a_document_without_a_known_tag_is_kept():
    document = Document.from_words(["one", "two"], tags={"pos": Tags((None, None))})
    (batch,) = make_batches([document]).batches()
    assert batch.gold.tolist() == [[IGNORED, IGNORED]]


@pytest.mark.parametrize("documents", [[], [Document("", (), tags={"pos": Tags(())})]])
def test_nothing_to_tag_is_refused(documents):
    with pytest.raises(DataError, match="found no document with words"):
        make_batches(documents)


@pytest.mark.parametrize(("layers", "found"), [({}, "none"), ({"a": Tags(("X",)), "b": Tags(("X",))}, "a, b")])
def test_a_missing_layer_is_refused_beside_those_that_are_there(layers, found):
    bad = Document.from_words(["secret"], tags=layers)
    with pytest.raises(DataError, match=f"document 2 has no layer 'pos' of tags; its layers are: {found}") as caught:
        make_batches([*some_documents(2), bad])
    assert "secret" not in str(caught.value)


def test_a_tag_that_is_no_label_is_refused():
    bad = Document.from_words(["secret", "one"], tags={"pos": Tags(("V", "W"))})
    with pytest.raises(DataError, match="document 1 has the tag 'V', which is not among the 3 labels") as caught:
        make_batches([*some_documents(1), bad])
    assert "secret" not in str(caught.value)


def test_a_batch_goes_to_a_device_whole():
    batch = next(make_batches(some_documents()).batches())
    moved = batch.to(torch.device("meta"))
    parts = [moved.lengths, moved.gold, moved.words.features, moved.words.offsets, moved.words.words]
    assert all(part.device.type == "meta" for part in [*parts, moved.words.positions])
    same = batch.to(torch.device("cpu"))
    assert torch.equal(same.gold, batch.gold)
    assert torch.equal(same.words.positions, batch.words.positions)
