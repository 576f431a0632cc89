"""Tag schemes against a naive writer, and transitions against every short tag sequence."""

import random
from itertools import pairwise, product

import pytest

from seqlabel.documents.schemes import (
    Repaired,
    Scheme,
    allowed_transitions,
    recognize_scheme,
    spans_to_tags,
    split_tag,
    tag_names,
    tags_to_spans,
)
from seqlabel.documents.spans import Span
from seqlabel.errors import DataError

LABELS = ["X", "Y"]
EVERY_SCHEME = pytest.mark.parametrize("scheme", Scheme)
# In these a sequence of tags and its spans are the same thing twice.
STRICT_SCHEME = pytest.mark.parametrize("scheme", [Scheme.BIO, Scheme.BIOES, Scheme.BILOU])


def random_spans(chance, length, *, apart=False):
    """Spans that do not overlap; with `apart`, none has a neighbour of its own label."""
    spans, place = [], 0
    while place < length:
        end = chance.randint(place + 1, min(place + 4, length))
        label = chance.choice(["O", *LABELS])
        touches = spans and spans[-1].end == place and spans[-1].label == label
        if label != "O" and not (apart and touches):
            spans.append(Span(place, end, label))
        place = end
    return spans


def naive_letter(scheme, span, place, spans):
    """What the definition of the scheme says about one word of a span."""
    first, last = place == span.start, place == span.end - 1
    follows_its_own = any(other.end == span.start and other.label == span.label for other in spans)
    match scheme:
        case Scheme.IO:
            return "I"
        case Scheme.BIO:
            return "B" if first else "I"
        case Scheme.IOB1:
            return "B" if first and follows_its_own else "I"
    alone, end = ("S", "E") if scheme is Scheme.BIOES else ("U", "L")
    return {(True, True): alone, (True, False): "B", (False, True): end}.get((first, last), "I")


def naive_tags(scheme, spans, length):
    tags = []
    for place in range(length):
        over = [span for span in spans if place in range(span.start, span.end)]
        tags.append(
            f"{naive_letter(scheme, over[0], place, spans)}-{over[0].label}" if over else "O"
        )
    return tags


@EVERY_SCHEME
@pytest.mark.parametrize("seed", range(4))
def test_spans_become_the_naive_writers_tags_and_come_back(scheme, seed):
    chance = random.Random(seed)
    for length in (1, 2, 5, 17):
        spans = random_spans(chance, length, apart=scheme is Scheme.IO)
        tags = spans_to_tags(chance.sample(spans, len(spans)), length, scheme)
        assert tags == naive_tags(scheme, spans, length)
        assert set(tags) <= set(tag_names(LABELS, scheme))
        assert tags_to_spans(tags, scheme) == Repaired(tuple(spans), 0)


def test_io_makes_one_span_of_neighbours_of_one_label():
    tags = spans_to_tags([Span(0, 1, "X"), Span(1, 3, "X"), Span(3, 4, "Y")], 4, Scheme.IO)
    assert tags_to_spans(tags, Scheme.IO) == Repaired((Span(0, 3, "X"), Span(3, 4, "Y")), 0)


@EVERY_SCHEME
def test_no_words_and_no_spans(scheme):
    assert spans_to_tags([], 0, scheme) == []
    assert spans_to_tags([], 2, scheme) == ["O", "O"]
    assert tags_to_spans([], scheme) == tags_to_spans(["O"], scheme) == Repaired((), 0)


BROKEN = {
    Scheme.IO: [("B-X B-X I-X", [(0, 1, "X"), (1, 3, "X")], 0)],
    Scheme.BIO: [
        ("I-X", [(0, 1, "X")], 1),
        ("O I-X I-X O", [(1, 3, "X")], 1),
        ("B-X I-Y", [(0, 1, "X"), (1, 2, "Y")], 1),
        ("I-X I-Y I-X", [(0, 1, "X"), (1, 2, "Y"), (2, 3, "X")], 3),
        ("B-X I-X B-X", [(0, 2, "X"), (2, 3, "X")], 0),
    ],
    Scheme.IOB1: [
        ("B-X I-X", [(0, 2, "X")], 0),
        ("I-X I-Y B-Y", [(0, 1, "X"), (1, 2, "Y"), (2, 3, "Y")], 0),
    ],
    Scheme.BIOES: [
        ("B-X", [(0, 1, "X")], 1),
        ("E-X", [(0, 1, "X")], 1),
        ("B-X I-X O", [(0, 2, "X")], 1),
        ("O I-X E-X", [(1, 3, "X")], 1),
        ("B-X B-X E-X", [(0, 1, "X"), (1, 3, "X")], 1),
        ("B-X S-X", [(0, 1, "X"), (1, 2, "X")], 1),
        ("S-X E-X", [(0, 1, "X"), (1, 2, "X")], 1),
        ("S-X I-X E-X", [(0, 1, "X"), (1, 3, "X")], 1),
        ("B-X E-Y", [(0, 1, "X"), (1, 2, "Y")], 2),
        ("B-X E-X E-X I-X", [(0, 2, "X"), (2, 3, "X"), (3, 4, "X")], 3),
    ],
}
BROKEN[Scheme.BILOU] = [
    (tags.replace("S-", "U-").replace("E-", "L-"), *rest) for tags, *rest in BROKEN[Scheme.BIOES]
]


@pytest.mark.parametrize(
    ("scheme", "tags", "spans", "repairs"),
    [(scheme, *case) for scheme, cases in BROKEN.items() for case in cases],
)
def test_broken_tags_are_read_and_counted(scheme, tags, spans, repairs):
    assert tags_to_spans(tags.split(), scheme) == Repaired(
        tuple(Span(*span) for span in spans), repairs
    )


@STRICT_SCHEME
@pytest.mark.parametrize("length", [1, 2, 3, 4])
def test_repairs_are_the_spans_without_a_first_or_without_a_last_tag(scheme, length):
    ended = scheme is not Scheme.BIO
    for tags in product(tag_names(LABELS, scheme), repeat=length):
        found = tags_to_spans(tags, scheme)
        begun = sum(tags[span.start][0] in "IEL" for span in found.spans)
        assert found.repairs == begun + ended * sum(
            tags[span.end - 1][0] in "BI" for span in found.spans
        )


@EVERY_SCHEME
def test_every_tagged_word_is_in_one_span_of_its_label_whatever_the_tags(scheme):
    chance = random.Random(0)
    choices = ["O", *(f"{letter}-{label}" for letter in "BIESLU" for label in LABELS)]
    for _ in range(300):
        tags = chance.choices(choices, k=chance.randint(1, 9))
        spans = tags_to_spans(tags, scheme).spans
        assert all(before.end <= after.start for before, after in pairwise(spans))
        found = ["O"] * len(tags)
        for span in spans:
            found[span.start : span.end] = [span.label] * (span.end - span.start)
        assert found == [tag.split("-")[-1] for tag in tags]


@STRICT_SCHEME
def test_a_sequence_is_allowed_if_and_only_if_its_spans_write_it_again(scheme):
    names = tag_names(LABELS, scheme)
    follow, start, end = allowed_transitions(names, scheme)
    for length in (1, 2, 3, 4):
        for ids in product(range(len(names)), repeat=length):
            tags = [names[index] for index in ids]
            allowed = (
                start[ids[0]]
                and end[ids[-1]]
                and all(follow[before][after] for before, after in pairwise(ids))
            )
            assert allowed == (
                spans_to_tags(tags_to_spans(tags, scheme).spans, length, scheme) == tags
            ), tags


@pytest.mark.parametrize("scheme", [Scheme.IO, Scheme.IOB1])
def test_where_no_span_has_to_begin_or_end_everything_is_allowed(scheme):
    follow, start, end = allowed_transitions(tag_names(LABELS, scheme), scheme)
    assert all(map(all, follow))
    assert all(start)
    assert all(end)


def test_transitions_follow_the_order_of_the_tags_given():
    names = ["I-X", "O", "B-X"]
    follow, start, end = allowed_transitions(names, Scheme.BIO)
    assert follow == [[True, True, True], [False, True, True], [True, True, True]]
    assert (start, end) == ([False, True, True], [True, True, True])


@EVERY_SCHEME
@pytest.mark.parametrize("seed", range(5))
def test_the_scheme_of_enough_spans_is_recognised(scheme, seed):
    chance = random.Random(seed)
    sequences = [spans_to_tags(random_spans(chance, 30), 30, scheme) for _ in range(10)]
    assert recognize_scheme(sequences) is scheme
    assert recognize_scheme(iter(map(tuple, sequences))) is scheme


@pytest.mark.parametrize(
    ("tags", "scheme"),
    [
        ([], Scheme.IO),
        (["O"], Scheme.IO),
        (["I-X I-Y"], Scheme.IO),
        (["B-X I-X B-Y"], Scheme.BIO),
        (["B-X", "I-X"], Scheme.IOB1),
        (["B-X I-Y"], Scheme.IOB1),
        (["I-X B-X"], Scheme.IOB1),
        (["B-X", "B-Y", "I-X"], Scheme.BIO),
        (["B-X", "I-Y B-Y", "I-X"], Scheme.IOB1),
        (["B-X", "S-X"], Scheme.BIOES),
        (["B-X E-X"], Scheme.BIOES),
        (["U-X"], Scheme.BILOU),
        (["O", "B-X L-X"], Scheme.BILOU),
    ],
    ids=str,
)
def test_a_scheme_is_recognised_by_its_letters_and_where_b_stands(tags, scheme):
    assert recognize_scheme([sequence.split() for sequence in tags]) is scheme


@pytest.mark.parametrize(
    ("tag", "parts"),
    [("O", ("O", "")), ("B-PER", ("B", "PER")), ("L-a-b", ("L", "a-b")), ("I-O", ("I", "O"))],
)
def test_a_tag_is_split_at_its_first_dash(tag, parts):
    assert split_tag(tag) == parts


@pytest.mark.parametrize("tag", ["", "X", "o", "O-X", "-X", "B-", "B", "BI-X", "b-X", "_", "B_X"])
def test_what_is_no_tag_is_refused(tag):
    for call in (
        split_tag,
        lambda tag: tags_to_spans(["O", tag], Scheme.BIO),
        lambda tag: recognize_scheme([[tag]]),
    ):
        with pytest.raises(DataError):
            call(tag)


@EVERY_SCHEME
def test_spans_that_cannot_be_written_are_refused(scheme):
    with pytest.raises(DataError):
        spans_to_tags([Span(1, 4, "X")], 3, scheme)
    for other in (Span(1, 2, "X"), Span(0, 2, "Y"), Span(1, 3, "Y")):
        with pytest.raises(DataError):
            spans_to_tags([Span(0, 2, "X"), other], 3, scheme)


def test_spans_are_in_the_order_of_the_text():
    spans = [Span(0, 2, "Y"), Span(0, 3, "A"), Span(1, 2, "A"), Span(10, 11, "A")]
    assert sorted(random.Random(0).sample(spans, 4)) == spans
