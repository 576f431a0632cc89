"""Tag sets: what goes in as labels comes out as labels, and what does not fit is refused without
its text.
"""

import random

import numpy as np
import pytest

from seqlabel.documents.document import Document, Spans, Tags
from seqlabel.documents.schemes import Scheme
from seqlabel.documents.spans import Span
from seqlabel.documents.tag_sets import FEW_SPANS, MISSING, TagSet, annotate
from seqlabel.errors import DataError, OptionError

POS = TagSet("pos", ("X", "Y", "Z"))
# IO joins neighbours of one label, so it brings back only spans that do not touch.
KEEPING_APART = [scheme for scheme in Scheme if scheme is not Scheme.IO]


def some_spans(length, chance, *, apart=False):
    """Spans in the order of the text that do not overlap; `apart`, so that none touch."""
    spans, place = [], 0
    while place < length:
        end = min(place + chance.randint(1, 3), length)
        if chance.random() < 0.6:
            spans.append(Span(place, end, chance.choice("AB")))
            end += apart
        place = end
    return tuple(spans)


def document_of(length, **layers):
    return Document.from_words([f"secret{place}" for place in range(length)], **layers)


def test_tags_go_there_and_back():
    chance = random.Random(0)
    for length in [0, 1, *chance.choices(range(2, 20), k=30)]:
        tags = tuple(chance.choice(POS.labels) for _ in range(length))
        document = document_of(length, tags={"pos": Tags(tags)})
        ids = POS.encode(document)
        assert (ids.dtype, ids.shape) == (np.int64, (length,))
        assert [POS.labels[number] for number in ids] == list(tags)
        scores = tuple(chance.random() for _ in range(length))
        found = annotate(document_of(length), [POS], [(ids.tolist(), scores)])
        assert found.tags == {"pos": Tags(tags, scores)}


@pytest.mark.parametrize("scheme", Scheme)
def test_spans_go_there_and_back(scheme):
    chance, tag_set = random.Random(0), TagSet("ner", ("A", "B"), scheme)
    for length in [0, 1, *chance.choices(range(2, 20), k=50)]:
        spans = some_spans(length, chance, apart=scheme not in KEEPING_APART)
        ids = tag_set.encode(document_of(length, spans={"ner": Spans(spans)}))
        assert (ids.dtype, ids.shape) == (np.int64, (length,))
        found = annotate(document_of(length), [tag_set], [(ids.tolist(), [1.0] * length)])
        assert found.spans["ner"].spans == spans


NER = TagSet("ner", ("B", "A"), Scheme.BIO)


@pytest.mark.parametrize(
    ("tag_set", "layers", "ids"),
    [
        (POS, {"tags": {"pos": Tags(("Y", None, "X", "Z"))}}, [1, MISSING, 0, 2]),
        (NER, {"spans": {"ner": Spans((Span(1, 3, "A"),))}}, [0, 3, 4, 0]),
        (NER, {"spans": {"ner": Spans(())}}, [0, 0, 0, 0]),
        # Spans of which some words are not known are tags of the scheme.
        (NER, {"tags": {"ner": Tags(("O", None, "B-A", "I-A"))}}, [0, MISSING, 3, 4]),
        (POS, {}, None),
        (POS, {"tags": {"other": Tags(("X",) * 4)}}, None),
        (POS, {"spans": {"pos": Spans(())}}, None),
        (NER, {"spans": {"other": Spans(())}}, None),
    ],
)
def test_ids_are_the_places_of_tags_and_a_layer_that_is_lacking_has_none(tag_set, layers, ids):
    encoded = tag_set.encode(document_of(4, **layers))
    assert (None if encoded is None else encoded.tolist()) == ids


@pytest.mark.parametrize(
    ("tag_set", "layers", "named"),
    [
        (POS, {"tags": {"pos": Tags(("X", "W", None))}}, "layer 'pos'"),
        (NER, {"spans": {"ner": Spans((Span(0, 2, "C"),))}}, "layer 'ner'"),
        (NER, {"spans": {"ner": Spans((Span(0, 2, "A"), Span(1, 3, "A")))}}, "0–2 and 1–3"),
    ],
    ids=["tag", "span", "overlap"],
)
def test_what_no_tag_can_say_is_refused_without_the_text(tag_set, layers, named):
    with pytest.raises(DataError, match=named) as caught:
        tag_set.encode(document_of(3, **layers))
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("scheme", Scheme)
def test_the_score_of_a_span_is_the_lowest_of_its_words(scheme):
    chance, tag_set = random.Random(2), TagSet("ner", ("A", "B"), scheme)
    for _ in range(20):
        spans = some_spans(15, chance, apart=scheme not in KEEPING_APART)
        scores = [chance.random() for _ in range(15)]
        ids = tag_set.encode(document_of(15, spans={"ner": Spans(spans)}))
        found = annotate(document_of(15), [tag_set], [(ids.tolist(), scores)]).spans["ner"]
        assert found.scores == tuple(sorted(scores[span.start : span.end])[0] for span in spans)


def test_tags_that_break_the_scheme_become_spans_with_a_score_each():
    tag_set = TagSet("ner", ("A", "B"), Scheme.BIOES)
    ids = [tag_set.tags.index(tag) for tag in ("I-A", "E-B", "O", "B-A")]
    found = annotate(document_of(4), [tag_set], [(ids, [0.4, 0.3, 0.2, 0.1])]).spans["ner"]
    assert found == Spans((Span(0, 1, "A"), Span(1, 2, "B"), Span(3, 4, "A")), (0.4, 0.3, 0.1))


def test_annotating_replaces_the_layer_and_keeps_the_others():
    before = document_of(
        2, tags={"pos": Tags(("Z", "Z")), "a": Tags(("1", "2"))}, spans={"ner": Spans(())}
    )
    after = annotate(before, [POS], [([0, 1], [0.5, 0.6])])
    assert after.tags == {"pos": Tags(("X", "Y"), (0.5, 0.6)), "a": Tags(("1", "2"))}
    assert (after.text, after.offsets, after.spans) == (before.text, before.offsets, before.spans)
    assert before.tags["pos"] == Tags(("Z", "Z"))


def test_the_labels_of_documents_are_those_that_occur_in_sorted_order():
    spans = Spans((Span(0, 1, "B"), Span(1, 2, "A")))
    documents = [
        document_of(2, tags={"pos": Tags(("Y", None))}, spans={"ner": Spans(())}),
        document_of(1),
        document_of(3, tags={"pos": Tags(("X", "Z", "Y"))}, spans={"ner": spans}),
    ]
    assert TagSet.of(documents, "pos") == POS
    assert TagSet.of(iter(documents), "ner") == TagSet("ner", ("A", "B"), Scheme.BIO)
    assert TagSet.of(documents, "ner", scheme=Scheme.IOB1) == TagSet("ner", ("A", "B"), Scheme.IOB1)


@pytest.mark.parametrize("documents", [[], [document_of(2)]])
def test_a_layer_that_is_nowhere_is_refused(documents):
    with pytest.raises(DataError, match="'x'"):
        TagSet.of(documents, "x")


def test_labels_of_spans_are_also_those_of_documents_that_are_known_in_part():
    known = document_of(3, spans={"ner": Spans((Span(0, 2, "A"),))})
    partly = document_of(3, tags={"ner": Tags(("B-B", None, "O"))})
    assert TagSet.of([known, partly], "ner") == TagSet("ner", ("A", "B"), Scheme.BIO)


def test_few_spans_have_a_scheme_with_fewer_tags():
    span = document_of(3, spans={"ner": Spans((Span(0, 2, "A"),))})
    partly = document_of(3, tags={"ner": Tags(("B-A", "I-A", None))})
    unlabeled = document_of(3)
    few = [unlabeled, partly, *[span] * (FEW_SPANS - 2)]
    assert TagSet.of(few, "ner").scheme is Scheme.BIO
    assert TagSet.of([*few, partly], "ner").scheme is Scheme.BIOES
    assert TagSet.of([*few, unlabeled], "ner").scheme is Scheme.BIO


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        # The end of a span is known where the next word is.
        (("B-A", "O", "B-A", "I-A", "O", None), ("S-A", "O", "B-A", "E-A", "O", None)),
        (("B-A", "I-A", "I-A", None), ("B-A", "I-A", None, None)),
        (("B-A", None, "I-A", "B-A"), (None, None, "E-A", "S-A")),
        (("B-A", "B-B", "I-B"), ("S-A", "B-B", "E-B")),
        (("O", None), ("O", None)),
        # The set's own scheme.
        (("S-A", None, "B-A", None), ("S-A", None, "B-A", None)),
        (("B-A", "E-A", None), ("B-A", "E-A", None)),
    ],
)
def test_tags_of_words_known_in_part_are_read_in_bio_or_in_the_sets_scheme(written, expected):
    tag_set = TagSet("ner", ("A", "B"), Scheme.BIOES)
    document = document_of(len(written), tags={"ner": Tags(written)})
    names = [
        None if number == MISSING else tag_set.tags[number]
        for number in tag_set.encode(document).tolist()
    ]
    assert tuple(names) == expected


@pytest.mark.parametrize(
    "arguments",
    [
        ("x", ()),
        ("x", ("A",)),
        ("x", ("A", "B", "A")),
        ("x", (), Scheme.BIO),
        ("x", ("A", "A"), Scheme.BIO),
        ("x", ("A", " ")),
        ("", ("A", "B")),
    ],
)
def test_a_layer_without_a_name_and_too_few_or_repeated_labels_are_refused(arguments):
    with pytest.raises(OptionError, match="Layer 'x'" if arguments[0] else "layer:"):
        TagSet(*arguments)


@pytest.mark.parametrize(("known", "sentences"), [((), (0, 2)), ((0,), (0,)), ((0, 1), (0, 2))])
def test_a_sentence_that_is_known_is_not_split(known, sentences):
    document = Document("No . Yes", ((0, 2), (3, 4), (5, 8)), sentences=known)
    found = annotate(document, [TagSet("sentence", ("B", "I"))], [([0, 1, 0], [1.0] * 3)])
    assert found.sentences == sentences
    assert found.tags["sentence"].labels == ("B", "I", "B")
