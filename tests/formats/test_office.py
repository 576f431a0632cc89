"""Office files: texts change where they stand, formatting and all other bytes stay."""

import zipfile
from datetime import datetime

import pytest

from seqlabel.errors import DataError
from seqlabel.formats.any_format import records_format
from seqlabel.formats.format import Layout
from seqlabel.formats.office import OFFICE, OfficeTexts
from seqlabel.io.records import Cell
from seqlabel.privacy.records.files import FileRedactor
from seqlabel.privacy.records.workers import Redactors, Task
from seqlabel.privacy.replacing.policies import Replace
from tests.extras import needs_pii

docx = pytest.importorskip("docx", reason="python-docx is of the extra test")
openpyxl = pytest.importorskip("openpyxl", reason="openpyxl is of the extra test")
pptx = pytest.importorskip("pptx", reason="python-pptx is of the extra test")


def changed(path, old, new):
    """Write a file with another text in place of an old one, beside it; returns its path and the texts of before."""
    target = path.with_stem("new")
    with OfficeTexts(path, Layout()) as package, target.open("wb") as file:
        records = list(package.records())
        texts = [(record.line, cell.name, cell.text) for batch in records for record in batch for cell in record.cells]
        package.write(file, ([[c.text.replace(old, new) for c in one.cells] for one in batch] for batch in records))
    return target, texts


def letter(path):
    document = docx.Document()
    paragraph = document.add_paragraph("Dear ")
    paragraph.add_run("Ann").bold = True
    paragraph.add_run(" Moss").italic = True
    paragraph.add_run(" & co, hello")
    table = document.add_table(1, 2)
    table.cell(0, 0).text, table.cell(0, 1).text = "Ann Moss", "Oakham"
    document.sections[0].header.paragraphs[0].text = "Of Ann Moss"
    document.sections[0].footer.paragraphs[0].text = "To Ann Moss"
    document.core_properties.author = "Ann Moss"
    document.add_comment(paragraph.runs, text="Ann Moss wrote", author="Ann Moss", initials="AM")
    document.part.relate_to("mailto:ann@moss.example", docx.opc.constants.RELATIONSHIP_TYPE.HYPERLINK, is_external=True)
    document.save(path)


def test_word(tmp_path):
    path = tmp_path / "a.docx"
    letter(path)
    assert records_format(path) is OFFICE
    new, texts = changed(path, "Ann Moss", "<X>")
    assert (2, "word/document.xml", "Ann Moss | Oakham") in texts
    assert [name for _, name, text in texts if text == "mailto:ann@moss.example"] == ["word/_rels/document.xml.rels"]
    document = docx.Document(new)
    runs = [(run.text, run.bold, run.italic) for run in document.paragraphs[0].runs]
    assert runs[:4] == [("Dear ", None, None), ("<X>", True, None), ("", None, True), (" & co, hello", None, None)]
    assert [cell.text for cell in document.tables[0].rows[0].cells] == ["<X>", "Oakham"]
    assert document.sections[0].header.paragraphs[0].text == "Of <X>"
    assert document.sections[0].footer.paragraphs[0].text == "To <X>"
    assert document.core_properties.author == "<X>"
    assert [(one.author, one.text) for one in document.comments] == [("<X>", "<X> wrote")]


def test_other_parts_keep_their_bytes(tmp_path):
    letter(tmp_path / "a.docx")
    new, _ = changed(tmp_path / "a.docx", "nothing", "else")
    with zipfile.ZipFile(tmp_path / "a.docx") as before, zipfile.ZipFile(new) as after:
        assert before.namelist() == after.namelist()
        assert [before.read(name) for name in before.namelist()] == [after.read(name) for name in after.namelist()]
    new, _ = changed(tmp_path / "a.docx", "Ann", "<X>")
    with zipfile.ZipFile(tmp_path / "a.docx") as before, zipfile.ZipFile(new) as after:
        raw, other = (one.read("word/document.xml").decode() for one in (before, after))
    assert other == raw.replace(">Ann<", ">&lt;X&gt;<").replace(">Ann Moss<", ">&lt;X&gt; Moss<")


def test_a_run_that_now_begins_with_a_space_keeps_it(tmp_path):
    document = docx.Document()
    document.add_paragraph("Ann now")
    document.save(tmp_path / "a.docx")
    new, _ = changed(tmp_path / "a.docx", "Ann", "")
    assert docx.Document(new).paragraphs[0].text == " now"


def test_excel(tmp_path):
    path = tmp_path / "a.xlsx"
    book = openpyxl.Workbook()
    sheet = book.active
    rows = [
        ["Name", "Phone", "Born", "Sum"],
        ["Ann Moss", 2125550199, datetime(1980, 5, 3), 12],
        ["Lee", "x", None, "=1+1"],
        ["Ann Moss"],
    ]
    for row in rows:
        sheet.append(row)
    sheet["A2"].font = openpyxl.styles.Font(bold=True)
    sheet["A3"].comment = openpyxl.comments.Comment("Ask Ann Moss", "Ann Moss")
    sheet["A4"].hyperlink = "mailto:ann@moss.example"
    book.properties.creator = "Ann Moss"
    book.save(path)
    new, texts = changed(path, "Ann Moss", "<X>")
    assert [one for one in texts if one[1] in ("Name", "Phone")] == [
        (2, "Name", "Ann Moss"),
        (2, "Phone", "2125550199"),
        (3, "Name", "Lee"),
        (3, "Phone", "x"),
        (4, "Name", "Ann Moss"),
    ]
    with OfficeTexts(path, Layout()) as package:
        assert package.unread == ["drawings (1)", "formulas (1)"]
    found = openpyxl.load_workbook(new)
    assert [[cell.value for cell in row][:2] for row in found.active] == [
        ["Name", "Phone"],
        ["<X>", 2125550199],
        ["Lee", "x"],
        ["<X>", None],
    ]
    assert found.active["A2"].font.bold
    assert (found.active["A3"].comment.text, found.active["A3"].comment.author) == ("Ask <X>", "<X>")
    assert found.properties.creator == "<X>"
    new, _ = changed(path, "2125550199", "<P>")
    found = openpyxl.load_workbook(new).active
    assert (found["B2"].value, found["C2"].value, found["D3"].value) == ("<P>", datetime(1980, 5, 3), "=1+1")


def test_powerpoint(tmp_path):
    path = tmp_path / "a.pptx"
    show = pptx.Presentation()
    slide = show.slides.add_slide(show.slide_layouts[1])
    slide.shapes.title.text = "About Ann Moss"
    paragraph = slide.placeholders[1].text_frame.paragraphs[0]
    for text, bold in (("By Ann", True), (" Moss, today", False)):
        run = paragraph.add_run()
        run.text, run.font.bold = text, bold
    slide.notes_slide.notes_text_frame.text = "Thank Ann Moss"
    show.save(path)
    new, _ = changed(path, "Ann Moss", "<X>")
    slide = pptx.Presentation(new).slides[0]
    assert slide.shapes.title.text == "About <X>"
    runs = slide.placeholders[1].text_frame.paragraphs[0].runs
    assert [(run.text, run.font.bold) for run in runs] == [("By <X>", True), (", today", False)]
    assert slide.notes_slide.notes_text_frame.text == "Thank <X>"


@needs_pii
def test_what_is_not_read_is_told(tmp_path):
    letter(tmp_path / "a.docx")
    with zipfile.ZipFile(tmp_path / "a.docx", "a") as archive:
        archive.writestr("word/media/image1.png", b"x")
        archive.writestr("word/charts/chart1.xml", "<c:v>Ann</c:v>")
    reported = []
    with Redactors(Task(Replace())) as redactors:
        work = FileRedactor(redactors, report=reported.append)
        work.file(tmp_path / "a.docx", tmp_path / "b.docx")
    (told,) = work.unread.values()
    assert "'media (1)'" in told
    assert "'charts (1)'" in told
    assert "Moss" not in "".join(cell.text for _, _, cell in flat(tmp_path / "b.docx"))


def flat(path):
    with OfficeTexts(path, Layout()) as package:
        return [(record.line, "", cell) for batch in package.records() for record in batch for cell in record.cells]


@pytest.mark.parametrize("data", [b"", b"\xd0\xcf\x11\xe0", b"PK\x03\x04"])
def test_what_is_no_office_file_is_refused(tmp_path, data):
    (tmp_path / "a.docx").write_bytes(data)
    with pytest.raises(DataError, match=r"a\.docx: is not an Office file that can be read. Save it anew"):
        OfficeTexts(tmp_path / "a.docx", Layout())
    with zipfile.ZipFile(tmp_path / "a.docx", "w") as archive:
        archive.writestr("a.txt", "Ann")
    with pytest.raises(DataError):
        OfficeTexts(tmp_path / "a.docx", Layout())


def test_a_damaged_file_is_refused(tmp_path):
    letter(tmp_path / "a.docx")
    data = (tmp_path / "a.docx").read_bytes()
    for place in range(100, len(data), len(data) // 40):
        (tmp_path / "b.docx").write_bytes(data[:place] + bytes([data[place] ^ 255]) + data[place + 1 :])
        try:
            flat(tmp_path / "b.docx")
        except DataError:
            continue


def test_a_shared_text_that_no_cell_uses_is_read(tmp_path):
    with zipfile.ZipFile(tmp_path / "a.xlsx", "w") as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("xl/sharedStrings.xml", "<sst><si/><si><t>Ann</t></si><si><t>Lee</t></si></sst>")
        sheet = '<c r="A1" t="s"><v>1</v></c><c r="B1" t="str"><f>A1</f><v>An</v></c>'
        archive.writestr("xl/worksheets/sheet1.xml", sheet)
    assert [cell.text for _, _, cell in flat(tmp_path / "a.xlsx")] == ["Ann", "An", "Lee"]
    assert isinstance(flat(tmp_path / "a.xlsx")[0][2], Cell)
    new, _ = changed(tmp_path / "a.xlsx", "An", "<X>")
    with zipfile.ZipFile(new) as archive:
        assert archive.read("xl/worksheets/sheet1.xml").decode() == (
            '<c r="A1" t="s"><v>1</v></c><c r="B1" t="inlineStr"><is><t>&lt;X&gt;</t></is></c>'
        )
