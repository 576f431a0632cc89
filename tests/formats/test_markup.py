"""Markup is read as what it shows; where a text changes, tags and entities around it keep their
characters.
"""

from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqlabel.formats.markup import _ATTRIBUTE, Break, Markup, texts_in
from seqlabel.io.records import Record

MARKUP = Markup(
    breaks=lambda name: {"br": Break.LINE, "p": Break.BLOCK, "td": Break.CELL, "tr": Break.ROW}.get(
        name, Break.NONE
    ),
    reads=lambda _: True,
    attributes=lambda name: name == "alt",
    code=frozenset(["script"]),
    as_written=frozenset(["pre"]),
)


class Shown(HTMLParser):
    """The text between tags, read by another parser."""

    def __init__(self, page):
        super().__init__()
        self.text = ""
        self.feed(page)
        self.close()

    def handle_data(self, data):
        self.text += data


def redacted(raw, old, new):
    record = Record(raw, tuple(texts_in(raw, MARKUP)), 1, 1, len(raw))
    return record.written([cell.text.replace(old, new) for cell in record.cells])


PARTS = st.sampled_from(
    ["Zo&euml;", "Ann ", "&amp;", " \n ", "b", "<b>", "</b>", "<p>", "</p>", "<br>", "<i x='<p>'>"]
)


@given(st.lists(PARTS, max_size=12).map("".join))
def test_all_that_is_shown_is_read_and_changes_where_it_stands(raw):
    words = "".join(cell.text for cell in texts_in(raw, MARKUP)).split()
    joined, shown = "".join(words), "".join(Shown(raw).text.split())
    # What has no letter is not a text.
    assert joined.replace("&", "") == shown.replace("&", "")
    changed = Shown(redacted(raw, "Ann", "<X>")).text
    assert "".join(changed.split()) == shown.replace("Ann", "<X>")


@pytest.mark.parametrize(
    ("raw", "texts"),
    [
        ("<p>Dear <b>Zo&euml;</b>&nbsp;M&uuml;ller,<br>\nhello</p>", ["Dear Zoë Müller,\n hello"]),
        ("<tr><td><p>Ann</p></td>\n<td>Oakham</td></tr><tr><td>Lee", ["Ann | Oakham", "Lee"]),
        ("<pre>a\n  b</pre>c\n  d", ["a\n  bc d"]),
        (
            "<!-- Ann -->x<script>a = '<p>'\nb = 2</script>",
            ["<!-- Ann -->", "x", "a = '<p>'", "b = 2"],
        ),
        ("<p alt='Ann' id=b>x <i alt=Lee>y</i>", ["Ann", "x y", "Lee"]),
        ("to <ann@lee.example> or a < b", ["to <ann@lee.example> or a < b"]),
        ("x <b title='Ann Lee", ["x ", "<b title='Ann Lee"]),
        ("x <!-- Ann Lee", ["x ", "<!-- Ann Lee"]),
        ("<p> </p>&nbsp;<p>- 1", ["- 1"]),
    ],
)
def test_texts_end_where_the_eye_sees_an_end(raw, texts):
    assert [cell.text for cell in texts_in(raw, MARKUP)] == texts


def test_only_the_characters_of_the_value_change():
    raw = (
        '<p>Dear <b>Zo&euml;</b>&nbsp;<i>M&uuml;ller</i> &amp; <a alt="Zo&euml; '
        'M&uuml;ller" href=x>co</a>\n now'
    )
    assert redacted(raw, "Zoë Müller", "<X>") == (
        '<p>Dear <b>&lt;X&gt;</b><i></i> &amp; <a alt="&lt;X&gt;" href=x>co</a>\n now'
    )
    assert redacted("<i alt=Ann>Ann</i>", "Ann", '"') == '<i alt="&quot;">"</i>'


@pytest.mark.parametrize("written", ["a=++++", "++", "a.b|", "-"])
def test_each_character_of_a_tag_is_matched_once(written):
    # What a match leaves out is tried again from each of its characters.
    raw = written * 1_000
    matches = list(_ATTRIBUTE.finditer(raw))
    unmatched = raw.count("=") - sum("=" in match[0] for match in matches)
    assert sum(match.end() - match.start() for match in matches) + unmatched == len(raw)


def test_long_input_that_never_ends_takes_linear_time():
    for raw in (
        "<a b='" * 20_000,
        "<!-- " * 20_000,
        "<a " * 20_000,
        "&a" * 20_000,
        "<script>" * 20_000,
        "<a " + "+" * 1_000_000 + ">",
    ):
        texts_in(raw, MARKUP)
