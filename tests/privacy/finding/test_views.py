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
from seqlabel.privacy.finding.views import view_of
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
    "hyphens": (lambda text: re.sub(r"(?<=[a-z])(?=[a-z])", "\u00ad", text), lambda text: text.replace("\u00ad", "")),
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
        ("Zoe&nbsp;Lee&#39;s &amp;uuml;", "Zoe Lee's &uuml;"),
        ("Sch=C3=\n=A4fer", "Schäfer"),
        (f"{'a long line' * 6}=\n goes on=2E", f"{'a long line' * 6} goes on."),
        ("a?x=1&amp;to=Zoe+Lee", "a?x=1&to=Zoe Lee"),
        ("<b>J</b>ohn <i>Lee</i> x", "<b>John Lee x"),
        ("caf\u00e9\u200bs", "cafés"),
        ("<b>ann</b>@<b>x.org</b> ", "<b>ann@x.org "),
        ("To: =?utf-8?q?Zo=C3=AB_Lee=2C?= a_b", "To: =?utf-8?q?Zoë Lee,?= a_b"),
    ],
)
def test_what_is_shown(text, shown):
    view = view_of(text)
    assert view is not None
    assert view.text == shown


@pytest.mark.parametrize(
    "text",
    [
        *("", "plain", "a & b < c = d 100% \\n", "x = a+b", "a=b+c", "mode=3D", "x=20 y", "=====\n", "100%25x"[:3]),
        *("&nosuch;", "%C3", "%00", "\\ud83d", "<b>x</b>", "<row>a</row>b", "\U0001f468\u200d\U0001f469", "&fjlig;"),
        '<p>Call <a href="tel:+442079460518">us</a>.',
        *("TEL;TYPE=CELL:+226 70", "PORT=3000\nDSN=\nX=1", "\\u001b[0m"),
    ],
)
def test_what_hides_nothing_has_no_view(text):
    assert view_of(text) is None


def test_words_and_layers_move_to_the_source():
    view = view_of("I saw Zo&euml;&nbsp;Lee.")
    document = Document(
        view.text, ((0, 1), (2, 5), (6, 9), (10, 13), (13, 14)), spans={LAYER: Spans((Span(2, 4, "A"),))}
    )
    moved = view.on_source(document)
    assert moved.text == view.source
    assert moved.words == ["I", "saw", "Zo&euml;", "Lee", "."]
    assert [(one.start, one.end) for one in moved.character_spans(LAYER)] == [(6, 23)]


@needs_pii
@pytest.mark.parametrize("way", WAYS)
def test_findings_in_encoded_text_are_those_of_the_text(way):
    write, read = WAYS[way]
    texts = [f"Dear {NAME},\n", "Write to ann.lee@example.org today.", "nothing here", "IP 203.0.113.7, Oslo"]
    settings = PrivacySettings(deny=DenyList(("müller-łukasz", "oslo"), label="X"))
    finder = PrivateFinder(tiny_labeler((NOTHING,)), settings=settings)
    plain, hidden = finder(texts), finder(map(write, texts))
    for before, after in zip(plain, hidden, strict=True):
        found = [(read(after.text[one.start : one.end]), one.label) for one in after.character_spans(LAYER)]
        assert found == [(before.text[one.start : one.end], one.label) for one in before.character_spans(LAYER)]
        assert finder.sources(after) == finder.sources(before)
