"""Office files: texts change where they stand, formatting and all other bytes stay."""

import re
import zipfile
from datetime import datetime
from xml.etree import ElementTree

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


EXCEL = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
VML = "urn:schemas-microsoft-com:vml"
VALUE = "zq7mark"


def changed(path, old, new):
    """Write a file with another text in place of an old one, beside it; returns its path and the
    texts of before.
    """
    target = path.with_stem("new")
    with OfficeTexts(path, Layout()) as package, target.open("wb") as file:
        records = list(package.records())
        texts = [
            (record.line, cell.name, cell.text)
            for batch in records
            for record in batch
            for cell in record.cells
        ]
        package.write(
            file,
            ([[c.text.replace(old, new) for c in one.cells] for one in batch] for batch in records),
        )
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
    document.part.relate_to(
        "mailto:ann@moss.example", docx.opc.constants.RELATIONSHIP_TYPE.HYPERLINK, is_external=True
    )
    document.save(path)


def test_word(tmp_path):
    path = tmp_path / "a.docx"
    letter(path)
    assert records_format(path) is OFFICE
    new, texts = changed(path, "Ann Moss", "<X>")
    assert (2, "word/document.xml", "Ann Moss | Oakham") in texts
    assert [name for _, name, text in texts if text == "mailto:ann@moss.example"] == [
        "word/_rels/document.xml.rels"
    ]
    document = docx.Document(new)
    runs = [(run.text, run.bold, run.italic) for run in document.paragraphs[0].runs]
    assert runs[:4] == [
        ("Dear ", None, None),
        ("<X>", True, None),
        ("", None, True),
        (" & co, hello", None, None),
    ]
    assert [cell.text for cell in document.tables[0].rows[0].cells] == ["<X>", "Oakham"]
    assert document.sections[0].header.paragraphs[0].text == "Of <X>"
    assert document.sections[0].footer.paragraphs[0].text == "To <X>"
    assert document.core_properties.author == "<X>"
    assert [(one.author, one.text) for one in document.comments] == [("<X>", "<X> wrote")]


def test_other_parts_keep_their_bytes(tmp_path):
    letter(tmp_path / "a.docx")
    new, _ = changed(tmp_path / "a.docx", "nothing", "else")
    with zipfile.ZipFile(tmp_path / "a.docx") as before, zipfile.ZipFile(new) as after:
        # The picture of the first page goes, with what refers to it.
        kept = [name for name in before.namelist() if name != "docProps/thumbnail.jpeg"]
        assert kept == after.namelist()
        kept.remove("_rels/.rels")
        assert [before.read(name) for name in kept] == [after.read(name) for name in kept]
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
        assert package.unread == []
    found = openpyxl.load_workbook(new)
    assert [[cell.value for cell in row][:2] for row in found.active] == [
        ["Name", "Phone"],
        ["<X>", 2125550199],
        ["Lee", "x"],
        ["<X>", None],
    ]
    assert found.active["A2"].font.bold
    assert (found.active["A3"].comment.text, found.active["A3"].comment.author) == (
        "Ask <X>",
        "<X>",
    )
    assert found.properties.creator == "<X>"
    new, _ = changed(path, "2125550199", "<P>")
    found = openpyxl.load_workbook(new).active
    assert (found["B2"].value, found["C2"].value, found["D3"].value) == (
        "<P>",
        datetime(1980, 5, 3),
        "=1+1",
    )


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
        archive.writestr("word/embeddings/a.bin", b"x")
    reported = []
    with Redactors(Task(Replace())) as redactors:
        work = FileRedactor(redactors, report=reported.append)
        work.file(tmp_path / "a.docx", tmp_path / "b.docx")
    (told,) = work.unread.values()
    assert "'media (1)'" in told
    assert "'embeddings (1)'" in told
    assert "Moss" not in "".join(cell.text for _, _, cell in flat(tmp_path / "b.docx"))


def flat(path):
    with OfficeTexts(path, Layout()) as package:
        return [
            (record.line, "", cell)
            for batch in package.records()
            for record in batch
            for cell in record.cells
        ]


@pytest.mark.parametrize("data", [b"", b"\xd0\xcf\x11\xe0", b"PK\x03\x04"])
def test_what_is_no_office_file_is_refused(tmp_path, data):
    (tmp_path / "a.docx").write_bytes(data)
    with pytest.raises(DataError, match=r"a\.docx:"):
        OfficeTexts(tmp_path / "a.docx", Layout())
    with zipfile.ZipFile(tmp_path / "a.docx", "w") as archive:
        archive.writestr("a.txt", "Ann")
    with pytest.raises(DataError):
        OfficeTexts(tmp_path / "a.docx", Layout())


def test_a_damaged_file_is_refused(tmp_path):
    letter(tmp_path / "a.docx")
    data = (tmp_path / "a.docx").read_bytes()
    for place in range(100, len(data), len(data) // 40):
        (tmp_path / "b.docx").write_bytes(
            data[:place] + bytes([data[place] ^ 255]) + data[place + 1 :]
        )
        try:
            flat(tmp_path / "b.docx")
        except DataError:
            continue


def test_a_shared_text_that_no_cell_uses_is_read(tmp_path):
    with zipfile.ZipFile(tmp_path / "a.xlsx", "w") as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr(
            "xl/sharedStrings.xml", "<sst><si/><si><t>Ann</t></si><si><t>Lee</t></si></sst>"
        )
        sheet = (
            f'<row xmlns="{EXCEL}"><c r="A1" t="s"><v>1</v></c><c r="B1" '
            't="str"><f>A1</f><v>An</v></c></row>'
        )
        archive.writestr("xl/worksheets/sheet1.xml", sheet)
    assert [cell.text for _, _, cell in flat(tmp_path / "a.xlsx")] == ["Ann", "An", "Lee"]
    assert isinstance(flat(tmp_path / "a.xlsx")[0][2], Cell)
    new, _ = changed(tmp_path / "a.xlsx", "An", "<X>")
    with zipfile.ZipFile(new) as archive:
        assert archive.read("xl/worksheets/sheet1.xml").decode() == (
            f'<row xmlns="{EXCEL}"><c r="A1" t="s"><v>1</v></c>'
            '<c r="B1" t="inlineStr"><is><t>&lt;X&gt;</t></is></c></row>'
        )


def packed(path, **parts):
    """Write a file of parts whose names have `__` for a slash and `_` for a dot."""
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        for name, raw in parts.items():
            archive.writestr(
                name.replace("__", "/").replace("_xml", ".xml").replace("_rels", ".rels"), raw
            )
    return path


WORD_PLACES = [
    f'<v:shape xmlns:v="{VML}" alt="{VALUE}"/>',
    f"<v:textpath xmlns:v='{VML}' string='{VALUE}'/>",
    f'<w:fldSimple w:instr="HYPERLINK {VALUE}"/>',
    (
        "<w:p><w:r><w:instrText>IF "
        "zq7</w:instrText></w:r><w:r><w:instrText>mark</w:instrText></w:r></w:p>"
    ),
    f'<w:textInput><w:default w:val="{VALUE}"/></w:textInput>',
    f"<w:ddList><w:listEntry w:val='{VALUE}'/></w:ddList>",
    f'<w:docVar w:name="a" w:val="{VALUE}"/>',
    f'<w:docVar w:name="{VALUE}" w:val="a"/>',
    f'<w:connectString w:val="DSN=x;PWD={VALUE}"/>',
    f'<w:query w:val="select {VALUE}"/>',
    f'<w:sdtPr><w:alias w:val="{VALUE}"/></w:sdtPr>',
    f'<w:bookmarkStart w:name="{VALUE}"/>',
    f'<w:helpText w:val="{VALUE}"/>',
    "<w:p><w:r><w:t><![CDATA[zq7]]></w:t></w:r><w:r><w:t>&#109;ark</w:t></w:r></w:p>",
    f"<!-- {VALUE} --><w:p/>",
    f"<?odd {VALUE}?><w:p/>",
    f'<own:a xmlns:own="urn:own" own:val="{VALUE}">x</own:a>',
    f'<own:a xmlns:own="urn:{VALUE}"/>',
]


@pytest.mark.parametrize("raw", WORD_PLACES)
def test_every_place_of_a_document_is_read(tmp_path, raw):
    document = f'<w:document xmlns:w="{WORD}">{raw}</w:document>'
    path = packed(tmp_path / "a.docx", word__document_xml=document)
    new, _ = changed(path, VALUE, "<X>")
    with zipfile.ZipFile(new) as archive:
        written = archive.read("word/document.xml").decode()
    ElementTree.fromstring(written)
    assert VALUE not in written
    assert "zq7" not in written


@pytest.mark.parametrize(
    "link",
    [
        "<Relationship Id='r1' Target='mailto:zq7mark' TargetMode='External' Type='x'/>",
        '<Relationship Id="r1" Target="mailto:zq7mark" TargetMode = "External"/>',
    ],
)
def test_links_are_read_in_either_quote(tmp_path, link):
    relations = "http://schemas.openxmlformats.org/package/2006/relationships"
    links = f'<Relationships xmlns="{relations}">{link}</Relationships>'
    path = packed(tmp_path / "a.docx", word___rels__document_xml_rels=links)
    assert [text for _, _, text in changed(path, VALUE, "x")[1] if VALUE in text] == [
        "mailto:zq7mark"
    ]
    own = packed(
        tmp_path / "b.docx",
        customXml__item1_xml=f"<own phone='{VALUE}' _x='1'><Größe>{VALUE}</Größe></own>",
    )
    new, texts = changed(own, VALUE, "x")
    assert [(name, text) for _, name, text in texts if text == VALUE] == [
        ("phone", VALUE),
        ("Größe", VALUE),
    ]
    with zipfile.ZipFile(new) as archive:
        assert VALUE not in archive.read("customXml/item1.xml").decode()


SHEET_PLACES = [
    f'<dataValidation prompt="{VALUE}"><formula1>"{VALUE},Lee"</formula1></dataValidation>',
    f"<c r='A1' t='inlineStr'><is><t>{VALUE}</t></is></c>",
    # Of a kind that is none, and numbers that are none.
    f"<c r='A1' t='inlineStr--'><is><t>{VALUE}</t></is></c>",
    f"<c r='A1' t='strange'><v>{VALUE}</v></c>",
    f"<c r='A1'><v>{VALUE}</v></c>",
    (
        "<c "
        f'r="A1"><f>VLOOKUP("{VALUE}",A1:B2,2)+\'{VALUE}\'!A1+Table1[{VALUE}]+{VALUE}_x</f><v>1<'
        "/v></c>"
    ),
    f'<cfRule text="{VALUE}"><formula>SEARCH(&quot;{VALUE}&quot;,A1)</formula></cfRule>',
    f"<headerFooter><oddHeader>&amp;C{VALUE}</oddHeader></headerFooter>",
    f'<hyperlink location="\'{VALUE}\'!A1" display="{VALUE}"/>',
]


@pytest.mark.parametrize("raw", SHEET_PLACES)
def test_every_place_of_a_sheet_is_read(tmp_path, raw):
    sheet = f'<worksheet xmlns="{EXCEL}">{raw}</worksheet>'
    new, _ = changed(packed(tmp_path / "a.xlsx", xl__worksheets__sheet1_xml=sheet), VALUE, "<X>")
    with zipfile.ZipFile(new) as archive:
        written = archive.read("xl/worksheets/sheet1.xml").decode()
    ElementTree.fromstring(written)
    assert VALUE not in written


def test_names_of_sheets_stay_distinct_and_fit_formulas(tmp_path):
    book = openpyxl.Workbook()
    book.active.title = "Ann Moss"
    book.create_sheet("Lee Moss")["A1"] = "='Ann Moss'!A1"
    book.defined_names["Ann_Moss"] = openpyxl.workbook.defined_name.DefinedName(
        "Ann_Moss", attr_text="'Ann Moss'!$A$1"
    )
    book.save(tmp_path / "a.xlsx")
    target = tmp_path / "b.xlsx"
    with OfficeTexts(tmp_path / "a.xlsx", Layout()) as package, target.open("wb") as file:
        hidden = [
            [
                [re.sub(r"(Ann|Lee).Moss", "<PERSON>", cell.text) for cell in one.cells]
                for one in batch
            ]
            for batch in package.records()
        ]
        package.write(file, hidden)
    found = openpyxl.load_workbook(target)
    assert found.sheetnames == ["<PERSON>", "<PERSON>_2"]
    assert found["<PERSON>_2"]["A1"].value == "='<PERSON>'!A1"
    assert {name: one.attr_text for name, one in found.defined_names.items()} == {
        "_PERSON_": "'<PERSON>'!$A$1"
    }


def test_numbers_are_read_as_they_are_shown(tmp_path):
    book = openpyxl.Workbook()
    rows = [
        ["List of customers"],
        [],
        ["Who", "Customer ID", "Born", "Sum"],
        ["x", 4471, datetime(1980, 5, 3), 12],
    ]
    for row in rows:
        book.active.append(row)
    book.active["A9"], book.active["B9"], book.active["C9"] = (
        4.42079460018e11,
        -2125550199,
        0.123456789,
    )
    book.save(tmp_path / "a.xlsx")
    with OfficeTexts(tmp_path / "a.xlsx", Layout()) as package:
        cells = [
            (cell.name, cell.text)
            for batch in package.records()
            for one in batch
            for cell in one.cells
        ]
    assert [one for one in cells if one[1][:1].isdigit()] == [
        ("Customer ID", "4471"),
        ("Born", "1980-05-03"),
        ("Who", "442079460018"),
        ("Customer ID", "2125550199"),
    ]


def test_what_unpacks_to_too_much_is_refused(tmp_path):
    path = tmp_path / "a.docx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("word/document.xml", f"<a>{' ' * (17 << 20)}</a>")
    with pytest.raises(DataError):
        OfficeTexts(path, Layout())
    with OfficeTexts(path, Layout(unpacked_mb=20)):
        pass


@pytest.mark.parametrize(
    "raw", ["<Relationship " * 60_000, "<a>", "<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>"]
)
def test_what_is_not_xml_is_refused(tmp_path, raw):
    with pytest.raises(DataError):
        OfficeTexts(packed(tmp_path / "a.docx", word__document_xml=raw), Layout())


def with_part(tmp_path, name, content):
    """A document with one more part."""
    path = tmp_path / "in.docx"
    docx.Document().save(path)
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr(name, content)
    return path


@pytest.mark.parametrize(
    ("name", "content", "named"),
    [
        (
            "docProps/custom.xml",
            "<p xmlns:vt='x'><vt:blob>QW5uIE1vc3M=</vt:blob></p>",
            ["values in base64 (1)"],
        ),
        ("docProps/custom.xml", "<p xmlns:vt='x'><vt:blob></vt:blob></p>", []),
        ("word/fonts/font1.odttf", "x", []),
        ("word/fonts/note.txt", "x", ["fonts (1)"]),
        ("_xmlsignatures/sig1.xml", "<x/>", ["_xmlsignatures (1)"]),
    ],
)
def test_parts_in_base64_are_named(tmp_path, name, content, named):
    with OfficeTexts(with_part(tmp_path, name, content), Layout()) as package:
        assert package.unread == named


def test_a_second_drawing_in_base64_is_taken_out(tmp_path):
    shape = (
        f"<v:shape xmlns:v='{VML}' xmlns:o='x' alt='{VALUE}' o:gfxdata='UEsDBA==' "
        "id='a'>o:gfxdata='b'</v:shape>"
    )
    path = with_part(tmp_path, "word/own.xml", shape)
    with OfficeTexts(path, Layout()) as package:
        assert "second drawings (1)" in package.dropped
    target, _ = changed(path, VALUE, "X")
    with zipfile.ZipFile(target) as archive:
        new = archive.read("word/own.xml").decode()
    assert new == shape.replace(" o:gfxdata='UEsDBA=='", "").replace(VALUE, "X")
