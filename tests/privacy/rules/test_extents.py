"""Findings begin and end where values do, cells stay apart; only what is known to be public is
dropped.
"""

import random
from hashlib import sha256

import pytest

from seqlabel.documents.document import Spans
from seqlabel.documents.spans import Span
from seqlabel.privacy.finding.finder import LAYER
from seqlabel.privacy.rules import secrets
from seqlabel.privacy.rules.extents import whole_spans
from seqlabel.privacy.rules.kinds import KINDS
from tests.privacy.whole_values import FINE, taken_whole


@pytest.mark.parametrize(
    ("marked", "label", "value"),
    [
        ("on ⟦14⟧ March 2024, 3 pm she", "DATE", "14 March 2024, 3 pm"),
        ("am ⟦3⟧. März 2024", "DATE", "3. März 2024"),
        ("the ⟦first⟧ of May", "DATE", "first of May"),
        ("at ⟦2024-03-14⟧T18:41:07Z from", "DATE", "2024-03-14T18:41:07Z"),
        ("at ⟦2005-06-03⟧-15.42.50.675872 R0", "DATE", "2005-06-03-15.42.50.675872"),
        ("born ⟦02⟧/07/1984.", "DATE_OF_BIRTH", "02/07/1984"),
        ("call 01632 ⟦960417⟧ ext. 12 now", "PHONE", "01632 960417 ext. 12"),
        ("card 4111 ⟦1111⟧ 1111 1111,", "CARD", "4111 1111 1111 1111"),
        ("to GB82 ⟦WEST⟧ 1234 5698 7654 32", "IBAN", "GB82 WEST 1234 5698 7654 32"),
        ("NI QQ ⟦12 34⟧ 56 C", "NATIONAL_ID", "QQ 12 34 56 C"),
        ("at Flat 2B, 118 ⟦Uttoxeter Old Road⟧.", "ADDRESS", "Flat 2B, 118 Uttoxeter Old Road"),
        ("at 9 ⟦Elm Road⟧, Apt 4 in", "ADDRESS", "9 Elm Road, Apt 4"),
        ("in ⟦Monza⟧ (MB)", "LOCATION", "Monza (MB)"),
        ("by van der ⟦Berg⟧-Okafor's", "PERSON", "van der Berg-Okafor"),
        ("O'⟦Neil⟧ came", "PERSON", "O'Neil"),
        ("ask @⟦tmoana⟧.", "USERNAME", "@tmoana"),
        ("j.⟦moss@example⟧.org.", "EMAIL", "j.moss@example.org"),
        ("pw Tulip!⟦9024⟧.", "PASSWORD", "Tulip!9024"),
        ("key ⟦q8Zr⟧_2Lw-77fKb==", "API_KEY", "q8Zr_2Lw-77fKb=="),
        ("file #⟦2021⟧/0447-B", "CASE_NUMBER", "#2021/0447-B"),
        ("policy POL-⟦7730012⟧", "INSURANCE_ID", "POL-7730012"),
    ],
)
def test_a_value_is_taken_whole(marked, label, value):
    assert taken_whole(marked, label) == [(value, label)]


@pytest.mark.parametrize(
    ("marked", "label", "values"),
    [
        ("⟦Ann Lee\tBo Li⟧", "PERSON", ["Ann Lee", "Bo Li"]),
        ("⟦Ann Lee | Bo Li⟧", "PERSON", ["Ann Lee", "Bo Li"]),
        ("⟦Lee,Ann,02/07/1984⟧", "PERSON", ["Lee", "Ann,02/07/1984"]),
        ("⟦Ann Lee\nBo Li⟧", "PERSON", ["Ann Lee", "Bo Li"]),
        ("⟦<b>Ann</b> Lee⟧", "PERSON", ["Ann", "Lee"]),
        ("<name>⟦Ann Lee</name>⟧", "PERSON", ["Ann Lee"]),
        ("⟦, Ann Lee;⟧", "PERSON", ["Ann Lee"]),
        ("⟦a;b|c⟧", "PASSWORD", ["a;b|c"]),
        ("⟦k7Q\\n-----END RSA⟧ PRIVATE KEY-----", "API_KEY", ["k7Q"]),
        ("-----BEGIN PRIVATE ⟦KEY-----⟧ x", "API_KEY", []),
    ],
)
def test_cells_lines_and_tags_stay_apart(marked, label, values):
    assert taken_whole(marked, label) == [(value, label) for value in values]


@pytest.mark.parametrize("value", ["127.0.0.1", "255.255.255.0", "::1", "8.8.8.8", "0.0.0.0:8080"])
def test_an_address_of_no_single_machine_is_dropped(value):
    assert taken_whole(f"from ⟦{value}⟧ on", "IP") == []


@pytest.mark.parametrize(
    "value",
    [
        "https://docs.python.org/3/library/re.html#syntax",
        "http://archive.ubuntu.com/ubuntu",
        "schema.org",
    ],
)
def test_the_url_of_a_public_host_is_dropped(value):
    assert taken_whole(f"from ⟦{value}⟧ on", "URL") == []


@pytest.mark.parametrize(
    "value",
    [
        "https://pypi.org/user/ann/",
        "https://docs.python.org/3/?q=ann",
        "https://ann:pw@pypi.org/simple",
        "https://docs.python.org.example.net/3/",
        "https://pypi.org:8443/simple",
    ],
)
def test_what_may_name_somebody_on_a_public_host_stays(value):
    assert taken_whole(f"from ⟦{value}⟧ on", "URL") == [(value, "URL")]


@pytest.mark.parametrize("label", ["API_KEY", "ACCOUNT"])
def test_a_key_that_samples_publish_is_dropped(monkeypatch, label):
    key = "AIzaSyD8kP2mQ9xT4vRw1bZc8NfG6hJ3kL5oM7s"
    assert taken_whole(f"key ⟦{key}⟧", label) == [(key, label)]
    monkeypatch.setattr(secrets, "_PUBLISHED", frozenset([sha256(key.encode()).hexdigest()[:16]]))
    assert taken_whole(f"key ⟦{key}⟧", label) == []
    assert not secrets.is_secret(key)


@pytest.mark.parametrize(
    ("marked", "label"),
    [
        ("ph ⟦7597381780⟧", "PHONE"),
        ("mob. ⟦1199864⟧", "PHONE"),
        ("urn ⟦748337⟧", "CASE_NUMBER"),
        ("call me on ⟦01.84.17.61.18⟧", "PHONE"),
        ("<discordToken>\n⟦q8Zr2Lw77fKb9QzT⟧", "API_KEY"),
        ("IBAN ⟦GB82 WEST 1234 5698 7654 33⟧", "IBAN"),
        ("card ⟦4111 1111 1111 1112⟧", "CARD"),
        ("from ⟦10.0.x.x⟧", "IP"),
    ],
)
def test_nothing_takes_a_finding_of_the_model_away(marked, label):
    value = marked[marked.index("⟦") + 1 : marked.index("⟧")]
    assert taken_whole(marked, label) == [(value, label)]


def test_every_printed_character_of_a_finding_stays_found():
    chance = random.Random(5)
    signs = [*"aB9 .,-_/@:;|<>#'\n\t", "é"]
    for _ in range(300):
        document = FINE("".join(chance.choices(signs, k=chance.randint(3, 60))))
        if not document.words:
            continue
        start = chance.randrange(len(document.words))
        span = Span(
            start, chance.randint(start + 1, len(document.words)), chance.choice([*KINDS, "OWN"])
        )
        document = document.with_spans(LAYER, Spans((span,), (0.5,)))
        kept = set()
        for one in whole_spans(document, LAYER).spans:
            kept.update(range(*document.characters(one)))
        first, last = document.characters(span)
        lost = [
            place
            for place in range(first, last)
            if place not in kept and document.text[place].isalnum()
        ]
        assert lost == [] or "<" in document.text


def test_a_stream_and_a_whole_text_agree():
    before = "Please see the note of 14 "
    document = FINE("March 2024 on it")
    document = document.with_spans(LAYER, Spans((Span(1, 2, "DATE"),), (0.5,)))
    assert whole_spans(document, LAYER, before).spans == (Span(0, 2, "DATE"),)


def test_signs_alone_are_only_a_password():
    assert taken_whole("src ⟦^-^⟧ end", "IP") == []
    assert taken_whole("pw: ⟦^-^⟧ end", "PASSWORD") == [("^-^", "PASSWORD")]
