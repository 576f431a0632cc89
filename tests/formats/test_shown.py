"""The texts to label of mail, pages, subtitles, Office and PDF files and Parquet: what a reader of the file sees."""

import json

import pytest

from seqlabel.errors import DataError
from seqlabel.formats.any_format import TEXTS, by_suffix
from seqlabel.formats.reading import ReadOptions
from seqlabel.formats.text import TEXT
from tests.formats.test_pdf import write_pdf

SEEN, BOLD, HIDDEN = "Ann Moss in Leeds.", "Leeds", "zq7mark"


def write_docx(path):
    library = pytest.importorskip("docx", reason="python-docx is of the extra test")
    document = library.Document()
    document.add_paragraph("Ann Moss in ").add_run(BOLD).bold = True
    document.paragraphs[0].add_run(".")
    document.core_properties.author = HIDDEN
    document.save(path)


def write_xlsx(path):
    library = pytest.importorskip("openpyxl", reason="openpyxl is of the extra test")
    book = library.Workbook()
    book.active.append([SEEN])
    book.properties.creator = HIDDEN
    book.save(path)


def write_pptx(path):
    library = pytest.importorskip("pptx", reason="python-pptx is of the extra test")
    show = library.Presentation()
    slide = show.slides.add_slide(show.slide_layouts[5])
    slide.shapes.title.text, slide.shapes.title.name = SEEN, HIDDEN
    show.save(path)


def write_parquet(path):
    pyarrow = pytest.importorskip("pyarrow", reason="needs seqlabel-rnn[parquet]")
    files = pytest.importorskip("pyarrow.parquet", reason="needs seqlabel-rnn[parquet]")
    files.write_table(pyarrow.table({"text": [SEEN, None], "note": [HIDDEN, "x"]}), path)


def write_a_pdf(path):
    pytest.importorskip("pypdf", reason="needs seqlabel-rnn[pdf]")
    write_pdf(path, SEEN)


def write(content):
    return lambda path: path.write_text(content)


FILES = {
    "a.docx": write_docx,
    "a.xlsx": write_xlsx,
    "a.pptx": write_pptx,
    "a.parquet": write_parquet,
    "a.pdf": write_a_pdf,
    "a.eml": write(f"From: {HIDDEN}\n\n{SEEN}\n"),
    "a.html": write(f"<script>{HIDDEN}</script><p title='{HIDDEN}'>Ann Moss in <b>{BOLD}</b>."),
    "a.srt": write("1\n00:00:00,000 --> 00:00:01,000\nAnn Moss in <i>Leeds</i>.\n"),
}
EMPTY = {"a.eml": write(f"From: {HIDDEN}\n\n"), "a.html": write("<img>"), "a.pdf": lambda path: write_pdf(path, "")}


def texts_of(path, *, fields=False):
    form = by_suffix(path, TEXTS, TEXT)
    assert form.texts is not None
    return list(form.texts(path, ReadOptions(fields=fields)))


@pytest.mark.parametrize("name", FILES)
def test_what_a_reader_sees_is_labelled_and_nothing_else(tmp_path, name):
    FILES[name](tmp_path / name)
    assert [text.content.strip() for text in texts_of(tmp_path / name)] == [SEEN]


@pytest.mark.parametrize("name", FILES)
def test_each_text_says_where_it_stands(tmp_path, name):
    FILES[name](tmp_path / name)
    (text,) = texts_of(tmp_path / name, fields=True)
    assert set(text.fields) == ({"text", "note"} if name == "a.parquet" else {"part", "line"})
    assert json.dumps(text.fields)


@pytest.mark.parametrize("name", EMPTY)
def test_a_file_that_shows_no_text_is_refused(tmp_path, name):
    if name == "a.pdf":
        pytest.importorskip("pypdf", reason="needs seqlabel-rnn[pdf]")
    EMPTY[name](tmp_path / name)
    with pytest.raises(DataError) as refused:
        texts_of(tmp_path / name)
    assert name in str(refused.value)


def test_values_of_parquet_that_json_lacks_become_text(tmp_path):
    pyarrow = pytest.importorskip("pyarrow", reason="needs seqlabel-rnn[parquet]")
    files = pytest.importorskip("pyarrow.parquet", reason="needs seqlabel-rnn[parquet]")
    columns = {"text": [SEEN], "day": pyarrow.array([0], pyarrow.date32()), "raw": [b"a\xff"], "list": [[1, 2]]}
    files.write_table(pyarrow.table(columns), tmp_path / "a.parquet")
    (text,) = texts_of(tmp_path / "a.parquet", fields=True)
    assert text.fields == {"text": SEEN, "day": "1970-01-01", "raw": "a\\xff", "list": [1, 2]}
    files.write_table(pyarrow.table({"body": [SEEN]}), tmp_path / "a.parquet")
    with pytest.raises(DataError, match="body"):
        texts_of(tmp_path / "a.parquet")
