"""Files of all kinds that show one text and hide a value: mail, pages, subtitles, Office and PDF
files and Parquet.
"""

import pytest

from seqlabel.formats.format import Layout
from seqlabel.io.records import line_record
from tests.formats.test_pdf import write_pdf

SEEN, BOLD, HIDDEN = "Ann Moss in Leeds.", "Leeds", "zq7mark"


def record_of(form, content):
    """The only record of a file's content, given line by line."""
    data = content.encode() if isinstance(content, str) else content
    reader = form.records(Layout(), None)
    end = 0
    for number, line in enumerate(data.splitlines(keepends=True), 1):
        end += len(line)
        assert reader.feed(line_record(line, number, end)) is None
    return reader.finish()


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
    "a.ics": write(f"UID:{HIDDEN}\nSUMMARY:{SEEN}\n"),
    "a.html": write(f"<script>{HIDDEN}</script><p title='{HIDDEN}'>Ann Moss in <b>{BOLD}</b>."),
    "a.srt": write("1\n00:00:00,000 --> 00:00:01,000\nAnn Moss in <i>Leeds</i>.\n"),
}
