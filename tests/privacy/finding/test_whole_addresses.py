"""Addresses put together from their parts; towns and companies alone stay out."""

import pytest

from seqlabel.documents.alignment import align_spans
from seqlabel.documents.document import Spans
from seqlabel.documents.spans import CharacterSpan
from seqlabel.privacy.finding.finder import LAYER, PrivateFinder
from seqlabel.privacy.finding.whole_addresses import PARTS, with_whole_addresses
from tests.privacy.whole_values import FINE

SIGNS = {"⟦": "ADDRESS", "⟨": "LOCATION", "⟪": "ORGANISATION", "⟬": "PERSON"}
ENDS = "⟧⟩⟫⟭"


def united(marked, parts=PARTS, score=0.5):
    """The spans of a text with marked parts, as pairs of text and label."""
    text, spans, begun = "", [], None
    for sign in marked:
        if sign in SIGNS:
            begun = len(text), SIGNS[sign]
        elif sign in ENDS:
            spans.append(CharacterSpan(begun[0], len(text), begun[1]))
        else:
            text += sign
    document = FINE(text)
    aligned = align_spans(document, spans).spans
    document = document.with_spans(LAYER, Spans(aligned, (score,) * len(aligned)))
    found = with_whole_addresses(document, LAYER, parts)
    return [(text[slice(*document.characters(span))], span.label) for span in found.spans]


@pytest.mark.parametrize(
    ("marked", "addresses"),
    [
        (
            "to ⟦Flat 3, 12 High St⟧, ⟨Oakham⟩, ⟨LE15 6AB⟩ now",
            ["Flat 3, 12 High St, Oakham, LE15 6AB"],
        ),
        ("⟦Apt 4B⟧\n⟦350 Fifth Avenue⟧\n⟨New York⟩", ["Apt 4B\n350 Fifth Avenue\nNew York"]),
        ("⟪Rose Cottage⟫, ⟦Mill Lane⟧", ["Rose Cottage, Mill Lane"]),
        ("⟦12 High St⟧ in ⟨Oakham⟩", ["12 High St"]),
        (
            "from ⟦12 High St⟧ to ⟦14 Larch Close⟧, ⟨Oakham⟩",
            ["12 High St", "14 Larch Close, Oakham"],
        ),
        ("we saw ⟨Paris⟩, ⟨London⟩ and ⟪Deloitte⟫", []),
        ("in ⟨90210⟩", ["90210"]),
        ("⟨Paris⟩, " * 20 + "⟦12 High St⟧", ["Paris, Paris, Paris, Paris, 12 High St"]),
        ("", []),
    ],
)
def test_parts_with_commas_and_white_space_between_are_one_address(marked, addresses):
    assert united(marked) == [(address, "ADDRESS") for address in addresses]


def test_other_labels_and_sure_organisations_are_no_parts():
    assert united("⟬Ada Moss⟭, ⟦12 High St⟧") == [("Ada Moss", "PERSON"), ("12 High St", "ADDRESS")]
    assert united("⟪Deloitte⟫, ⟦12 High St⟧", score=0.95) == [("12 High St", "ADDRESS")]


def test_a_doubted_part_alone_may_be_a_street():
    assert united("⟨Brewery Lane⟩", score=0.25) == [("Brewery Lane", "ADDRESS")]
    assert united("⟨Brewery Lane⟩", score=0.35) == []


def test_places_that_are_asked_for_themselves_stay():
    asked = frozenset(("ORGANISATION",))
    assert united("⟦12 High St⟧, ⟨Oakham⟩", asked) == [
        ("12 High St", "ADDRESS"),
        ("Oakham", "LOCATION"),
    ]


@pytest.mark.parametrize(
    ("labels", "found"),
    [
        (["ADDRESS"], [("14 Larch Close, Oakham", "ADDRESS")]),
        (
            ["ADDRESS", "LOCATION"],
            [("14 Larch Close", "ADDRESS"), ("Oakham", "LOCATION"), ("Paris", "LOCATION")],
        ),
    ],
)
def test_a_finder_of_addresses_finds_whole_ones_alone(labels, found):
    pytest.importorskip("phonenumbers", reason="needs seqlabel-rnn[pii]")
    finder = PrivateFinder.load("en_pii", labels=labels)
    (document,) = finder(["They live at 14 Larch Close, Oakham and work in Paris."])
    assert [
        (document.text[one.start : one.end], one.label) for one in document.character_spans(LAYER)
    ] == found
