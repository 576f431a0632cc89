"""Views: each character that is shown has its place in the source, and findings come back to it."""

import html
import json
import quopri
import random
import re
from urllib.parse import quote, unquote

import pytest

from seqlabel.documents.document import Document, Spans
from seqlabel.documents.spans import Span
from seqlabel.privacy.finding.finder import LAYER, PrivateFinder
from seqlabel.privacy.finding.settings import DenyList, PrivacySettings
from seqlabel.privacy.finding.views import _pieces, view_of
from tests.extras import needs_pii
from tests.privacy.rewritten_files import NOTHING
from tests.spacy_models import tiny_labeler

NAME = "Zoë Müller-Łukasz 😀"
# A way of writing a text, and the way back by the standard library.
WAYS = {
    "entities": (lambda text: "".join(f"&#{ord(one)};" for one in text), html.unescape),
    "named": (lambda text: html.escape(text).replace("ë", "&euml;"), html.unescape),
    "percent": (quote, unquote),
    "unicode": (lambda text: json.dumps(text)[1:-1], lambda text: json.loads(f'"{text}"')),
    "printable": (
        lambda text: quopri.encodestring(text.encode()).decode(),
        lambda text: quopri.decodestring(text.encode()).decode(),
    ),
    "hyphens": (
        lambda text: re.sub(r"(?<=[a-z])(?=[a-z])", "\u00ad", text),
        lambda text: text.replace("\u00ad", ""),
    ),
    "tags": (
        lambda text: re.sub(r"(?<=[a-z])(?=[a-z])", "<b>", text),
        lambda text: re.sub("<.*?>", "", text),
    ),
}


@pytest.mark.parametrize("way", WAYS)
def test_each_part_of_a_view_is_what_its_source_says(way):
    write, read = WAYS[way]
    text = f"Dear {NAME}, " * 12
    view = view_of(write(text))
    assert view is not None
    assert view.text == text
    assert "Dear" not in repr(view)
    chance = random.Random(0)
    for _ in range(200):
        start, end = sorted(chance.sample(range(len(text) + 1), 2))
        first, last = view.place(start, end)
        assert read(view.source[first:last]) == text[start:end]
        assert view.shown(first, last) == (start, end)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("to=Zo%C3%AB+Lee&x=1", "to=Zoë Lee&x=1"),
        ("https://x.org/?q=Ann+Lee", "https://x.org/?q=Ann Lee"),
        ("Zoe&nbsp;Lee&#39;s &nosuch;", "Zoe Lee's &nosuch;"),
        ("Sch=C3=\n=A4fer", "Schäfer"),
        (f"{'a long line' * 6}=\n goes on=2E", f"{'a long line' * 6} goes on."),
        ("a?to=zoe%2Bshop%40x.org&x=1", "a?to=zoe+shop@x.org&x=1"),
        ("a?x=1&amp;to=Zoe+Lee", "a?x=1&to=Zoe Lee"),
        ("<b>J</b>ohn <i>Lee</i> x", "<b>John Lee x"),
        ("caf\u00e9\u200bs", "cafés"),
        ("<b>ann</b>@<b>x.org</b> ", "<b>ann@x.org "),
        # What cannot be read hides nothing next to it.
        ("%61%6E%6E%40x.org%C3", "ann@x.org%C3"),
        ("%61%C3%6E%00%6E", "a%C3n%00n"),
        ("\\u0061\\ud83d\\u006e", "a\\ud83dn"),
        ("\\ud83d\\ude00\\udc00", "\U0001f600\\udc00"),
        # Other ways of writing a sign.
        (f"ann&#{64:030};x.org", "ann@x.org"),
        (f"ann&#x{0x40:030x};x.org", "ann@x.org"),
        ("ann%u0040x.org", "ann@x.org"),
        ("ann\\u{40}x.org \\u{1F600}", "ann@x.org \U0001f600"),
        (r"b'Zo\xc3\xab'", "b'Zoë'"),
        ("\uff5a\uff4f\uff45\uff20\uff58\uff0eorg", "zoe@x.org"),
        ("\U0001d419\U0001d428\U0001d41e Lee", "Zoe Lee"),
        # Signs that show signs.
        ("Zo%25C3%25AB", "Zoë"),
        ("%252525%36%31", "%61"),
        ("Zo&amp;euml; Zo&amp;amp;#235;", "Zoë Zoë"),
        (r"Zo\\u00eb Zo\\\\u00eb", "Zoë Zoë"),
        ("Zo&lt;b&gt;e&lt;/b&gt; Lee", "Zoe Lee"),
        ("Z&shy;oe", "Zoe"),
        # Invisible characters are left out wherever they stand, and so are colours.
        ("by \u200bAnn\ufeff.", "by Ann."),
        ("\u202a+44 20\u202c", "+44 20"),
        ("\x1b[1;31mAnn\x1b[0m", "Ann"),
        (r"\u001b[31mAnn\u001b[0m", "Ann"),
        # Quoted-printable without a letter beyond ASCII.
        ("Ann=20Lee,=2012=20Oak", "Ann Lee, 12 Oak"),
        ("x=3D=3D", "x=="),
        ("?=61=6E=6E=40x.org?=", "?ann@x.org?="),
        (
            "Thank you all for the minutes of Monday,=20\nAnn",
            "Thank you all for the minutes of Monday, \nAnn",
        ),
        ("To: =?utf-8?q?Zo=C3=AB_Lee=2C?= a_b", "To: =?utf-8?q?Zoë Lee,?= a_b"),
    ],
)
def test_what_is_shown(text, shown):
    view = view_of(text)
    assert view is not None
    assert view.text == shown


PLAIN = [
    *("", "plain", "a & b < c = d 100% \\n", "x = a+b", "a=b+c", "mode=3D", "x=20 y", "=====\n"),
    *(
        "100",
        "&nosuch;",
        "%C3",
        "%00",
        "\\ud83d",
        "<b>x</b>",
        "<row>a</row>b",
        "&fjlig;",
        "\\u0000",
    ),
    '<p>Call <a href="tel:+442079460518">us</a>.',
    *("TEL;TYPE=CELL:+226 70", "PORT=3000\nDSN=\nX=1", "PORT=20\nRETRIES=20\n", "a=20&b=20&c=20"),
]


@pytest.mark.parametrize("text", PLAIN)
def test_what_hides_nothing_has_no_view(text):
    assert view_of(text) is None


def test_many_signs_show_what_they_show_alone():
    # Each with what it shows, however many stand in a row.
    signs = {sign: sign for sign in ("a", " ", ".", "%C3", "%ud83d")}
    signs |= {"&euml;": "ë", "&amp;euml;": "ë", "%40": "@", "%2540": "@", "\uff21": "A"}
    signs |= {r"\u0061": "a", r"\\u0061": "a", r"\u{61}": "a", "\u200b": "", "&#8203;": ""}
    chance = random.Random(1)
    for _ in range(2_000):
        parts = chance.choices(list(signs), k=chance.randint(1, 12))
        view = view_of("".join(parts))
        if view is None:
            assert all(signs[part] == part for part in parts)
            continue
        assert view.text == "".join(signs[part] for part in parts)
        assert len(view.starts) == len(view.ends) == len(view.text)
        begins = [len("".join(parts[:number])) for number in range(len(parts))]
        shown = []
        for number, part in enumerate(parts):
            shown += [(begins[number], number, one) for one in signs[part]]
        for place, (begin, number, one) in enumerate(shown):
            start, end = view.place(place, place + 1)
            assert begin <= start < end <= begin + len(parts[number])
            assert one == view.text[place]
            assert (end - start == len(parts[number])) == (len(signs[parts[number]]) == 1)


@needs_pii
def test_values_around_signs_are_those_of_the_whole_view():
    rng = random.Random(2)
    words = ["ann@x.org", "ann%40x.org", "+44 20 7946 0958", "&euml;", "x" * 90, "203.0.113.7"]
    words += ["ul. Dluga", "14/3", "%C3", "one", "two", "three"]
    finder = PrivateFinder(tiny_labeler((NOTHING,)))
    for _ in range(20):
        text = " ".join(rng.choices(words, k=120))
        view = view_of(text)
        whole = finder.values(text) if view is None else finder._control.values(view.text)
        moved = [value if view is None else view.place(value.start, value.end) for value in whole]
        found = [(value.start, value.end) for value in finder.values(text)]
        assert set(moved) <= set(found)


def test_words_and_layers_move_to_the_source():
    view = view_of("I saw Zo&euml;&nbsp;Lee.")
    document = Document(
        view.text,
        ((0, 1), (2, 5), (6, 9), (10, 13), (13, 14)),
        spans={LAYER: Spans((Span(2, 4, "A"),))},
    )
    moved = view.on_source(document)
    assert moved.text == view.source
    assert moved.words == ["I", "saw", "Zo&euml;", "Lee", "."]
    assert [(one.start, one.end) for one in moved.character_spans(LAYER)] == [(6, 23)]


@needs_pii
@pytest.mark.parametrize("way", WAYS)
def test_findings_in_encoded_text_are_those_of_the_text(way):
    write, read = WAYS[way]
    texts = [f"Dear {NAME},\n", "Write to ann.lee@example.org today.", "nothing here"]
    texts.append("IP 203.0.113.7, Oslo")
    settings = PrivacySettings(deny=DenyList(("müller-łukasz", "oslo"), label="X"))
    finder = PrivateFinder(tiny_labeler((NOTHING,)), settings=settings)
    plain, hidden = finder(texts), finder(map(write, texts))
    for before, after in zip(plain, hidden, strict=True):
        found = [
            (read(after.text[one.start : one.end]), one.label)
            for one in after.character_spans(LAYER)
        ]
        assert found == [
            (before.text[one.start : one.end], one.label) for one in before.character_spans(LAYER)
        ]
        assert finder.sources(after) == finder.sources(before)


@pytest.mark.parametrize("written", ["?a=++++", "a=++++&"])
def test_a_run_of_plus_signs_is_one_piece(written):
    # The time to read a text grows with its pieces.
    pieces = list(_pieces(written * 1_000, is_first=True))
    assert len(pieces) == 1_000
    assert all(shown == " " * 4 and lengths == [1] * 4 for _, _, shown, lengths in pieces)
