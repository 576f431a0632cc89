"""Parts of documents: what each word says stays, and no span is cut."""

import random

import pytest

from seqlabel.documents.cutting import cut, cut_at_sentences, part_of
from seqlabel.documents.document import Document, Spans, Tags, concatenate
from seqlabel.documents.spans import Span
from seqlabel.documents.trees import Trees
from seqlabel.errors import DataError, OptionError


def some_document(seed):
    """A document with all kinds of layers, whose words may stand close together."""
    chance = random.Random(seed)
    count = chance.randint(0, 30)
    spans, start = [], 0
    while start < count:
        end = min(count, start + chance.randint(1, 6))
        if chance.random() < 0.5:
            spans.append(Span(start, end, chance.choice("AB")))
        start = end
    document = Document.from_words(
        [chance.choice("abc") * chance.randint(1, 3) for _ in range(count)],
        spaces=[chance.random() < 0.7 for _ in range(count)],
        tags={"t": Tags(tuple(chance.choice(("X", None)) for _ in range(count)), (0.5,) * count)},
        spans={"s": Spans(tuple(spans), tuple(chance.random() for _ in spans))},
        sentences=tuple(place for place in range(count) if place % 7 == 0),
    )
    return document.with_categories("c", {"one": 1.0})


@pytest.mark.parametrize("seed", range(4))
def test_pieces_together_are_the_document(seed):
    document = some_document(seed)
    pieces = list(cut(document, 1 + seed % 9))
    if not len(document):
        assert pieces == []
        return
    whole = concatenate(pieces)
    assert whole.words == document.words
    assert whole.tags["t"] == document.tags["t"]
    assert whole.spans["s"].spans == document.spans["s"].spans
    assert [score for piece in pieces for score in piece.spans["s"].scores] == list(
        document.spans["s"].scores
    )
    assert set(document.sentences) <= set(whole.sentences)
    assert not any(piece.categories for piece in pieces)


@pytest.mark.parametrize("seed", range(4))
def test_a_part_is_the_text_of_its_words(seed):
    document = some_document(seed)
    spans = document.spans["s"].spans
    for start in range(len(document)):
        for end in range(start + 1, len(document) + 1):
            touched = [span for span in spans if span.start < end and span.end > start]
            if any(span.start < start or span.end > end for span in touched):
                with pytest.raises(DataError, match="layer 's':"):
                    part_of(document, start, end)
                continue
            part = part_of(document, start, end)
            assert part.words == document.words[start:end]
            first, last = document.offsets[start][0], document.offsets[end - 1][1]
            assert part.text == document.text[first:last]
            assert part.sentences[0] == 0


def test_a_piece_is_as_long_as_asked_unless_a_span_goes_on():
    document = Document.from_words(["a"] * 10).with_spans("s", Spans((Span(3, 6, "A"),)))
    assert [len(piece) for piece in cut(document, 4)] == [6, 4]
    assert [len(piece) for piece in cut(document, 3)] == [3, 3, 3, 1]


def test_an_empty_part_keeps_the_names_of_layers():
    part = part_of(some_document(1), 0, 0)
    assert (len(part), part.text, part.tags.keys(), part.spans.keys()) == (0, "", {"t"}, {"s"})


DOCUMENT = Document.from_words(["a", "b"], sentences=(0,))


@pytest.mark.parametrize(
    "call",
    [
        lambda: part_of(DOCUMENT, -1, 1),
        lambda: part_of(DOCUMENT, 1, 0),
        lambda: part_of(DOCUMENT, 0, 3),
        lambda: list(cut(DOCUMENT, 0)),
        lambda: list(cut_at_sentences(DOCUMENT, [0])),
    ],
)
def test_wrong_intervals_and_sizes_are_refused(call):
    with pytest.raises(OptionError):
        call()


@pytest.mark.parametrize("seed", range(4))
def test_pieces_of_sentences_are_the_document(seed):
    document = some_document(seed)
    document = Document(
        document.text, document.offsets, document.tags, sentences=document.sentences
    )
    sizes = random.Random(seed).choices([1, 2, 3], k=40)
    pieces = list(cut_at_sentences(document, sizes))
    assert [word for piece in pieces for word in piece.words] == document.words
    assert [tag for piece in pieces for tag in piece.tags["t"].labels] == list(
        document.tags["t"].labels
    )
    assert sum(len(piece.sentences) for piece in pieces) == len(document.sentences)
    assert all(
        len(piece.sentences) == size for piece, size in zip(pieces[:-1], sizes, strict=False)
    )
    assert list(cut_at_sentences(document, [])) == []


def test_parts_have_the_trees_of_their_words():
    trees = Trees((1, 1, 1, 3), ("det", "root", "obj", "root"), (0.5,) * 4)
    document = Document.from_words(["a", "b", "c", "d"], sentences=(0, 3), trees={"tree": trees})
    first, second = cut_at_sentences(document, [1, 1])
    assert first.trees["tree"] == Trees((1, 1, 1), ("det", "root", "obj"), (0.5,) * 3)
    assert concatenate([first, second], separator=" ") == document
    assert part_of(document, 2, 2).trees["tree"] == Trees((), ())


def test_a_part_keeps_its_multiword_tokens_and_of_one_that_it_cuts_the_words_left():
    document = Document(
        "il della tuo", ((0, 2), (3, 6), (6, 8), (9, 12)), multiwords={1: ("di", "la")}
    )
    assert document.words == ["il", "di", "la", "tuo"]
    assert part_of(document, 1, 4).multiwords == {0: ("di", "la")}
    assert part_of(document, 0, 2).words == ["il", "di"]
    assert part_of(document, 2, 4).words == ["la", "tuo"]
    assert part_of(document, 3, 4).multiwords == {}
