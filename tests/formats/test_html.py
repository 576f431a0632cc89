"""A page is read as what it shows, and its other bytes stay."""

from seqlabel.formats.any_format import is_resumable, records_format
from seqlabel.formats.format import Layout
from seqlabel.formats.html import HTML
from tests.formats.shown_files import record_of

PAGE = (
    "<!doctype html>\r\n<title>Letter of Zo&euml; Lee</title>\n<meta name=author content='Ann "
    "Moss'>\n"
    "<p class=Ann>Dear <b>Zo&euml;</b> <i>Lee</i>,<br>call <a "
    "href='mailto:ann@moss.example'>Ann\n Moss</a> soon &amp; "
    "often.\n"
    "<table><tr><td>Ann Moss</td><td>Oakham</td></tr></table><script>name = 'Ann Moss'</script>\n"
)


def test_a_page_has_the_texts_that_it_shows_and_those_of_attributes(tmp_path):
    record = record_of(HTML, PAGE)
    placed = [(cell.name, cell.text, line) for cell, line, _ in record.placed()]
    assert placed[1:] == [
        ("title", "Letter of Zoë Lee", 2),
        ("name", "author", 3),
        ("content", "Ann Moss", 3),
        ("p", "Dear Zoë Lee,\ncall Ann Moss soon & often. ", 4),
        ("href", "mailto:ann@moss.example", 4),
        ("td", "Ann Moss | Oakham", 6),
        ("", "name = 'Ann Moss'", 6),
    ]
    new = record.written([cell.text.replace("Zoë Lee", "<X>") for cell in record.cells])
    assert new == PAGE.replace("Zo&euml; Lee", "&lt;X&gt;").replace(
        "<b>Zo&euml;</b> <i>Lee</i>", "<b>&lt;X&gt;</b><i></i>"
    )
    page = tmp_path / "a.htm"
    page.write_text(PAGE)
    assert records_format(page) is HTML
    assert not is_resumable(page, Layout())


def test_layout_is_read_where_it_holds_an_address():
    page = (
        "<p class='ann' style='color: red'>x</p>"
        "<b class='a ann@lee.example' style=\"content: 'Ann'\" for=tel-02079460018>"
    )
    assert [cell.text for cell in record_of(HTML, page).cells] == [
        "x",
        "a ann@lee.example",
        "content: 'Ann'",
        "tel-02079460018",
    ]


def test_embedded_files_are_named_and_stay():
    page = (
        "<img alt=Ann src='data:image/png;base64,QW5u'><style>a { background: "
        "url(data:;base64,QW5u) }</style><a href='data:text/plain,Ann'>x</a>"
    )
    record = record_of(HTML, page)
    assert [cell.text for cell in record.cells if cell.name == "src"] == []
    assert record.unread == ("embedded image/png", "embedded text/plain")
    assert "data:image/png;base64,QW5u" in record.written(["" for _ in record.cells])
