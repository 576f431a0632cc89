"""Padded batches: every word's features are its own, every document comes once, and nothing known
is lost.
"""

import random
from itertools import pairwise

import pytest
import torch

from seqlabel.batches.labeled import tagged_batches
from seqlabel.batches.rows import IdEncoder, PieceEncoder, WordEncoder
from seqlabel.batches.windows import RowEnd
from seqlabel.documents.document import Document, Spans, Tags
from seqlabel.documents.schemes import Scheme
from seqlabel.documents.spans import Span
from seqlabel.documents.tag_sets import MISSING, TagSet
from seqlabel.errors import DataError
from seqlabel.text.hashing import WordHasher
from seqlabel.text.pieces import Pieces
from seqlabel.text.vocabulary import Vocabulary

LABELS = ("X", "Y", "Z")
POS = TagSet("pos", LABELS)
NER = TagSet("ner", ("A", "B"), Scheme.BIOES)
VOCABULARY = Vocabulary(["xxunk", "one", "two", "数"])
ENCODER = WordEncoder(VOCABULARY, WordHasher(101))


def some_documents(count=40, seed=0):
    """Documents whose first word is found in no other, so that its words identify a row."""
    chance = random.Random(seed)
    documents = []
    for number in range(count):
        words = [
            f"first{number}",
            *chance.choices(["one", "two", "three", "数"], k=chance.randint(0, 9)),
        ]
        tags = tuple(chance.choice([*LABELS, None]) for _ in words)
        documents.append(Document.from_words(words, tags={"pos": Tags(tags)}))
    return documents


def make_batches(documents, words=30, seed=0, encoder=ENCODER, tag_sets=(POS,)):
    return tagged_batches(documents, encoder, tag_sets=tag_sets, words=words, seed=seed)


def read(documents, words=30, seed=0, epoch=0, start=0, tag_sets=(POS,)):
    """The batches of an epoch, and the words of the rows of each."""
    batches = list(make_batches(documents, words, seed, tag_sets=tag_sets).batches(epoch, start))
    return batches, [
        [tuple(documents[cut.doc].words[cut.first : cut.last]) for cut in batch.windows]
        for batch in batches
    ]


@pytest.mark.parametrize("words", [1, 10, 30, 1000])
@pytest.mark.parametrize("epoch", [0, 1, 7])
def test_every_document_comes_once_an_epoch_with_its_tags(words, epoch):
    documents = some_documents()
    batches, rows = read(documents, words, epoch=epoch)
    left = {tuple(document.words): document.tags["pos"].labels for document in documents}
    assert len(left) == len(documents)
    for batch, members in zip(batches, rows, strict=True):
        assert batch.lengths.tolist() == [len(row) for row in members]
        (tagged,) = batch.gold
        assert tagged.shape == batch.words.positions.shape == (len(members), max(map(len, members)))
        assert tagged.dtype == batch.lengths.dtype == torch.int64
        assert torch.equal(batch.words.positions, ENCODER(members).positions)
        for row, gold in zip(members, tagged.tolist(), strict=True):
            tags = left.pop(row)
            known = [MISSING if tag is None else LABELS.index(tag) for tag in tags]
            assert gold == known + [MISSING] * (len(gold) - len(row))
    assert not left


def documents_of_two_corpora():
    """Documents of which the first third has tags, the second spans, and the third both."""
    documents = []
    for number, document in enumerate(some_documents(30)):
        first = len(document) // 2
        spans = Spans((Span(0, 1, "A"), *((Span(first, len(document), "B"),) if first else ())))
        if number < 10:
            documents.append(document)
        elif number < 20:
            documents.append(Document.from_words(document.words, spans={"ner": spans}))
        else:
            documents.append(document.with_spans("ner", spans))
    return documents


@pytest.mark.parametrize("tag_sets", [(POS, NER), (NER, POS)], ids=["pos first", "ner first"])
def test_each_head_has_its_own_gold_and_a_document_may_lack_a_layer(tag_sets):
    documents = documents_of_two_corpora()
    left = {tuple(document.words): document for document in documents}
    mixed = 0
    batches, rows = read(documents, words=60, tag_sets=tag_sets)
    for batch, members in zip(batches, rows, strict=True):
        assert len(batch.gold) == 2
        has_both = set()
        for number, row in enumerate(members):
            document = left.pop(row)
            has_both.add(
                tuple(layer.layer in {*document.tags, *document.spans} for layer in tag_sets)
            )
            for tag_set, gold in zip(tag_sets, batch.gold, strict=True):
                expected = tag_set.encode(document)
                expected = [MISSING] * len(row) if expected is None else expected.tolist()
                assert gold[number].tolist() == expected + [MISSING] * (gold.shape[1] - len(row))
        mixed += len(has_both) > 1
    assert not left
    assert mixed, "corpora that are never in one batch would test nothing"


def test_batches_of_ids_have_the_tags_of_batches_of_words():
    documents = documents_of_two_corpora()
    ids = make_batches(documents, encoder=IdEncoder(VOCABULARY), tag_sets=(POS, NER)).batches(3)
    words = make_batches(documents, tag_sets=(POS, NER)).batches(3)
    pairs = list(zip(ids, words, strict=True))
    assert len(pairs) > 3
    for one, other in pairs:
        expected = other.words.words[other.words.positions].masked_fill(padding(other), 0)
        assert torch.equal(one.words, expected)
        assert torch.equal(one.lengths, other.lengths)
        assert torch.equal(torch.stack(one.gold), torch.stack(other.gold))
    moved = pairs[0][0].to(torch.device("meta"))
    assert {part.device.type for part in (moved.words, moved.lengths, *moved.gold)} == {"meta"}


def padding(batch):
    return torch.arange(batch.gold[0].shape[1]) >= batch.lengths[:, None]


@pytest.mark.parametrize("words", [1, 10, 30, 1000])
def test_a_batch_has_no_more_words_than_asked_unless_one_row_has(words):
    documents = some_documents()
    batches = make_batches(documents, words)
    found = list(batches.batches())
    assert len(found) == len(batches)
    for batch in found:
        assert batch.gold[0].numel() <= words or len(batch.lengths) == 1
    # No batch could take the shortest row of the next.
    in_order = sorted(
        found,
        key=lambda batch: (int(batch.lengths.min()), int(batch.lengths.max()), -len(batch.lengths)),
    )
    for before, after in pairwise(in_order):
        assert (len(before.lengths) + 1) * int(after.lengths.min()) > words


def test_the_order_depends_on_seed_and_epoch_alone_and_may_begin_late():
    documents = some_documents()
    first = read(documents, seed=3, epoch=2)[1]
    torch.manual_seed(1)
    random.seed(1)
    assert read(documents, seed=3, epoch=2)[1] == first
    for start in range(len(first) + 1):
        assert read(documents, seed=3, epoch=2, start=start)[1] == first[start:]
    batches = make_batches(documents, seed=3)
    list(batches.batches(0))
    again = [[documents[cut.doc].words for cut in batch.windows] for batch in batches.batches(2)]
    assert again == [[list(row) for row in rows] for rows in first]
    places = ((3, 0), (3, 1), (4, 2))
    others = [read(documents, seed=seed, epoch=epoch)[1] for seed, epoch in places]
    assert first not in others
    assert len({str(rows) for rows in others}) == 3
    # Not only the order of the batches: rows of one length meet others.
    assert all(set(map(frozenset, rows)) != set(map(frozenset, first)) for rows in others)


EMPTY = Document("", (), tags={"pos": Tags(())})
UNKNOWN = Document.from_words(["one", "two"], tags={"pos": Tags((None, None))})


def test_documents_without_words_are_left_out_and_one_without_a_known_tag_is_kept():
    _, rows = read([EMPTY, *some_documents(3), EMPTY])
    assert sum(map(len, rows)) == 3
    other = Document.from_words(["two", "one"], tags={"pos": Tags(("X", None))})
    (batch,) = make_batches([UNKNOWN, other]).batches()
    assert sorted(batch.gold[0].tolist()) == [[MISSING, MISSING], [0, MISSING]]


@pytest.mark.parametrize("documents", [[], [EMPTY], [UNKNOWN]])
def test_nothing_to_tag_is_refused(documents):
    with pytest.raises(DataError):
        make_batches(documents)


PIECES = Pieces.train({"one": 9, "two": 7, "twosome": 3, "lonesome": 2}, size=270)


def test_batches_of_pieces_have_the_tags_of_batches_of_words():
    documents = some_documents()
    of_words = make_batches(documents).batches()
    of_pieces = make_batches(documents, encoder=PieceEncoder(PIECES)).batches()
    for batch, expected in zip(of_pieces, of_words, strict=True):
        assert torch.equal(batch.lengths, expected.lengths)
        assert torch.equal(batch.gold[0], expected.gold[0])
        assert batch.words.first.shape == batch.gold[0].shape
        assert torch.equal(batch.to(torch.device("cpu")).words.ids, batch.words.ids)


def test_windows_say_which_words_of_which_document_a_row_has():
    documents = [
        *some_documents(5),
        Document.from_words(["one"] * 1200, tags={"pos": Tags(("X",) * 1200)}),
    ]
    seen = [[0] * len(document) for document in documents]
    for batch in make_batches(documents).batches():
        for number, (doc, first, start, end, last) in enumerate(batch.windows):
            row = batch.gold[0][number].tolist()
            expected = POS.encode(documents[doc])
            for place in range(first, last):
                assert row[place - first] == (expected[place] if start <= place < end else MISSING)
            for place in range(start, end):
                seen[doc][place] += 1
    assert all(count == 1 for counts in seen for count in counts)


@pytest.mark.parametrize(
    ("end", "lengths"), [(RowEnd.TEXT, [6]), (RowEnd.PARAGRAPH, [2, 4])], ids=["text", "paragraph"]
)
def test_rows_end_at_paragraphs_where_the_labeler_reads_them_so(end, lengths):
    text = "a b\n\nc d e\nf"
    offsets = tuple((place, place + 1) for place, letter in enumerate(text) if letter.isalpha())
    document = Document(text, offsets, spans={"ner": Spans((Span(1, 3, "A"),))})
    sets = [TagSet("ner", ("A",), Scheme.BIO)]
    encoder = IdEncoder(VOCABULARY)
    (batch,) = tagged_batches([document], encoder, tag_sets=sets, words=100, rows=end).batches()
    assert sorted(batch.lengths.tolist()) == lengths
    tags = {}
    for cut, row in zip(batch.windows, batch.gold[0], strict=True):
        tags.update(zip(range(cut.start, cut.end), row[cut.inside].tolist(), strict=True))
    assert [tags[word] for word in range(6)] == [0, 1, 2, 0, 0, 0]


@pytest.mark.parametrize(
    "layers",
    [
        {},
        {"tags": {"a": Tags(("X", "X"))}, "spans": {"b": Spans(())}},
        {"tags": {"pos": Tags(("V", "W"))}},
        {"spans": {"ner": Spans((Span(0, 1, "C"),))}},
        {"spans": {"ner": Spans((Span(0, 2, "A"), Span(1, 2, "B")))}},
    ],
    ids=["no layer", "other layers", "another tag", "another label", "spans that overlap"],
)
def test_a_document_that_no_head_can_learn_is_refused_by_its_number(layers):
    bad = Document.from_words(["secret", "one"], **layers)
    with pytest.raises(DataError, match="Document 2") as caught:
        make_batches([*some_documents(2), bad], tag_sets=(POS, NER))
    assert "secret" not in str(caught.value)
