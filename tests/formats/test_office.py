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

docx = pytest.importorskip("docx", reason="python-docx is of the extra test")
openpyxl = pytest.importorskip("openpyxl", reason="openpyxl is of the extra test")
pptx = pytest.importorskip("pptx", reason="python-pptx is of the extra test")

EXCEL = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
VML = "urn:schemas-microsoft-com:vml"
TYPES = "[Content_Types].xml"
VALUE = "zq7mark"


def texts_of(path):
    """The texts of a file as triples of line, name and text."""
    with OfficeTexts(path, Layout()) as package:
        records = [record for batch in package.records() for record in batch]
    return [(record.line, cell.name, cell.text) for record in records for cell in record.cells]


def changed(path, old, new):
    """Write a file in which one text, a pattern, took the place of another; returns its path."""
    target = path.with_stem("new")
    with OfficeTexts(path, Layout()) as package, target.open("wb") as file:
        package.write(
            file,
            (
                [[re.sub(old, new, cell.text) for cell in record.cells] for record in batch]
                for batch in package.records()
            ),
        )
    return target


def part_of(path, name):
    with zipfile.ZipFile(path) as archive:
        return archive.read(name).decode()


def packed(path, parts):
    """Write a file of parts, by their names."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, raw in {TYPES: "<Types/>", **parts}.items():
            archive.writestr(name, raw)
    return path


def with_part(path, name, content):
    """Write a document with one more part."""
    docx.Document().save(path)
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr(name, content)
    return path


def workbook(path, rows):
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    book.save(path)
    return book


def letter(path):
    document = docx.Document()
    paragraph = document.add_paragraph("Dear ")
    paragraph.add_run("Ann").bold = True
    paragraph.add_run(" Moss").italic = True
    paragraph.add_run(" & co, hello")
    table = document.add_table(1, 2)
    table.cell(0, 0).text = "Ann Moss"
    table.cell(0, 1).text = "Oakham"
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
    texts = texts_of(path)
    assert (2, "word/document.xml", "Ann Moss | Oakham") in texts
    links = [name for _, name, text in texts if text == "mailto:ann@moss.example"]
    assert links == ["word/_rels/document.xml.rels"]

    document = docx.Document(changed(path, "Ann Moss", "<X>"))
    runs = [(run.text, run.bold, run.italic) for run in document.paragraphs[0].runs]
    assert runs[:3] == [("Dear ", None, None), ("<X>", True, None), ("", None, True)]
    assert runs[3] == (" & co, hello", None, None)
    assert [cell.text for cell in document.tables[0].rows[0].cells] == ["<X>", "Oakham"]
    assert document.sections[0].header.paragraphs[0].text == "Of <X>"
    assert document.sections[0].footer.paragraphs[0].text == "To <X>"
    assert document.core_properties.author == "<X>"
    assert [(one.author, one.text) for one in document.comments] == [("<X>", "<X> wrote")]


def test_other_parts_keep_their_bytes(tmp_path):
    path = tmp_path / "a.docx"
    letter(path)
    with zipfile.ZipFile(path) as before, zipfile.ZipFile(changed(path, "none", "")) as after:
        # The picture of the first page goes, with what refers to it.
        kept = [name for name in before.namelist() if name != "docProps/thumbnail.jpeg"]
        assert kept == after.namelist()
        kept.remove("_rels/.rels")
        assert [before.read(name) for name in kept] == [after.read(name) for name in kept]
    raw = part_of(path, "word/document.xml")
    assert part_of(changed(path, "Ann", "<X>"), "word/document.xml") == (
        raw.replace(">Ann<", ">&lt;X&gt;<").replace(">Ann Moss<", ">&lt;X&gt; Moss<")
    )


def test_a_run_that_now_begins_with_a_space_keeps_it(tmp_path):
    document = docx.Document()
    document.add_paragraph("Ann now")
    document.save(tmp_path / "a.docx")
    new = changed(tmp_path / "a.docx", "Ann", "")
    assert docx.Document(new).paragraphs[0].text == " now"


def test_excel(tmp_path):
    path = tmp_path / "a.xlsx"
    rows = [
        ["Name", "Phone", "Born", "Sum"],
        ["Ann Moss", 2125550199, datetime(1980, 5, 3), 12],
        ["Lee", "x", None, "=1+1"],
        ["Ann Moss"],
    ]
    book = workbook(path, rows)
    sheet = book.active
    sheet["A2"].font = openpyxl.styles.Font(bold=True)
    sheet["A3"].comment = openpyxl.comments.Comment("Ask Ann Moss", "Ann Moss")
    sheet["A4"].hyperlink = "mailto:ann@moss.example"
    book.properties.creator = "Ann Moss"
    book.save(path)
    assert [text for text in texts_of(path) if text[1] in ("Name", "Phone")] == [
        (2, "Name", "Ann Moss"),
        (2, "Phone", "2125550199"),
        (3, "Name", "Lee"),
        (3, "Phone", "x"),
        (4, "Name", "Ann Moss"),
    ]
    with OfficeTexts(path, Layout()) as package:
        assert package.unread == []

    new = openpyxl.load_workbook(changed(path, "Ann Moss", "<X>"))
    names = [["Name", "Phone"], ["<X>", 2125550199], ["Lee", "x"], ["<X>", None]]
    assert [[cell.value for cell in row][:2] for row in new.active] == names
    assert new.active["A2"].font.bold
    comment = new.active["A3"].comment
    assert (comment.text, comment.author) == ("Ask <X>", "<X>")
    assert new.properties.creator == "<X>"

    sheet = openpyxl.load_workbook(changed(path, "2125550199", "<P>")).active
    values = [sheet[name].value for name in ("B2", "C2", "D3")]
    assert values == ["<P>", datetime(1980, 5, 3), "=1+1"]


def test_powerpoint(tmp_path):
    show = pptx.Presentation()
    slide = show.slides.add_slide(show.slide_layouts[1])
    slide.shapes.title.text = "About Ann Moss"
    paragraph = slide.placeholders[1].text_frame.paragraphs[0]
    for text, bold in (("By Ann", True), (" Moss, today", False)):
        run = paragraph.add_run()
        run.text = text
        run.font.bold = bold
    slide.notes_slide.notes_text_frame.text = "Thank Ann Moss"
    show.save(tmp_path / "a.pptx")
    slide = pptx.Presentation(changed(tmp_path / "a.pptx", "Ann Moss", "<X>")).slides[0]
    assert slide.shapes.title.text == "About <X>"
    runs = slide.placeholders[1].text_frame.paragraphs[0].runs
    assert [(run.text, run.font.bold) for run in runs] == [("By <X>", True), (", today", False)]
    assert slide.notes_slide.notes_text_frame.text == "Thank <X>"


def test_a_damaged_file_is_refused_or_has_the_same_texts(tmp_path):
    path = tmp_path / "a.docx"
    letter(path)
    data = path.read_bytes()
    texts = texts_of(path)
    refused = 0
    for place in range(100, len(data), len(data) // 40):
        path.write_bytes(data[:place] + bytes([data[place] ^ 255]) + data[place + 1 :])
        try:
            assert texts_of(path) == texts
        except DataError:
            refused += 1
    assert refused > 20


BOMB = {"word/document.xml": f"<a>{' ' * (17 << 20)}</a>"}


@pytest.mark.parametrize(
    "parts",
    [
        BOMB,
        {TYPES: b"", "word/document.xml": b""},
        {"word/document.xml": "<Relationship " * 60_000},
        {"word/document.xml": "<a>"},
        {"word/document.xml": "<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>"},
    ],
    ids=["too much", "empty", "no end", "open", "document type"],
)
def test_what_is_not_xml_or_unpacks_to_too_much_is_refused(tmp_path, parts):
    with pytest.raises(DataError):
        OfficeTexts(packed(tmp_path / "a.docx", parts), Layout())


def test_the_limit_of_what_is_unpacked_may_be_raised(tmp_path):
    with OfficeTexts(packed(tmp_path / "a.docx", BOMB), Layout(unpacked_mb=20)):
        pass


def test_a_file_of_another_kind_is_refused_by_name(tmp_path):
    (tmp_path / "a.docx").write_bytes(b"\xd0\xcf\x11\xe0")
    with pytest.raises(DataError, match=r"a\.docx:"):
        OfficeTexts(tmp_path / "a.docx", Layout())
    with zipfile.ZipFile(tmp_path / "a.docx", "w") as archive:
        archive.writestr("a.txt", "Ann")
    with pytest.raises(DataError, match=r"a\.docx:"):
        OfficeTexts(tmp_path / "a.docx", Layout())


def test_a_shared_text_that_no_cell_uses_is_read(tmp_path):
    start = f'<row xmlns="{EXCEL}"><c r="A1" t="s"><v>1</v></c>'
    name = "xl/worksheets/sheet1.xml"
    parts = {
        "xl/sharedStrings.xml": "<sst><si/><si><t>Ann</t></si><si><t>Lee</t></si></sst>",
        name: start + '<c r="B1" t="str"><f>A1</f><v>An</v></c></row>',
    }
    path = packed(tmp_path / "a.xlsx", parts)
    assert [text for *_, text in texts_of(path)] == ["Ann", "An", "Lee"]
    new = '<c r="B1" t="inlineStr"><is><t>&lt;X&gt;</t></is></c></row>'
    assert part_of(changed(path, "^An", "<X>"), name) == start + new


WORD_PLACES = [
    f'<v:shape xmlns:v="{VML}" alt="{VALUE}"/>',
    f"<v:textpath xmlns:v='{VML}' string='{VALUE}'/>",
    f'<w:fldSimple w:instr="HYPERLINK {VALUE}"/>',
    "<w:p><w:r><w:instrText>IF zq7</w:instrText></w:r>"
    "<w:r><w:instrText>mark</w:instrText></w:r></w:p>",
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
SHEET_PLACES = [
    f'<dataValidation prompt="{VALUE}"><formula1>"{VALUE},Lee"</formula1></dataValidation>',
    f"<c r='A1' t='inlineStr'><is><t>{VALUE}</t></is></c>",
    # Kinds that do not exist, and a number that is not a number.
    f"<c r='A1' t='inlineStr--'><is><t>{VALUE}</t></is></c>",
    f"<c r='A1' t='strange'><v>{VALUE}</v></c>",
    f"<c r='A1'><v>{VALUE}</v></c>",
    f"<c r='A1'><f>VLOOKUP(\"{VALUE}\",A1:B2,2)+'{VALUE}'!A1+Table1[{VALUE}]+{VALUE}_x</f>"
    "<v>1</v></c>",
    f'<cfRule text="{VALUE}"><formula>SEARCH(&quot;{VALUE}&quot;,A1)</formula></cfRule>',
    f"<headerFooter><oddHeader>&amp;C{VALUE}</oddHeader></headerFooter>",
    f'<hyperlink location="\'{VALUE}\'!A1" display="{VALUE}"/>',
]
PLACES = [("a.docx", "word/document.xml", f'<w:document xmlns:w="{WORD}">', WORD_PLACES)]
PLACES += [("a.xlsx", "xl/worksheets/sheet1.xml", f'<worksheet xmlns="{EXCEL}">', SHEET_PLACES)]


@pytest.mark.parametrize(
    ("file", "name", "start", "raw"), [(*place, raw) for *place, raws in PLACES for raw in raws]
)
def test_every_place_of_a_document_and_a_sheet_is_read(tmp_path, file, name, start, raw):
    end = f"</{start[1:].split()[0]}>"
    path = packed(tmp_path / file, {name: start + raw + end})
    written = part_of(changed(path, VALUE, "<X>"), name)
    ElementTree.fromstring(written)
    assert "zq7" not in written


RELATIONS = "http://schemas.openxmlformats.org/package/2006/relationships"


@pytest.mark.parametrize(
    "link",
    [
        f"<Relationship Id='r1' Target='mailto:{VALUE}' TargetMode='External' Type='x'/>",
        f'<Relationship Id="r1" Target="mailto:{VALUE}" TargetMode = "External"/>',
    ],
)
def test_links_are_read_in_either_quote(tmp_path, link):
    links = f'<Relationships xmlns="{RELATIONS}">{link}</Relationships>'
    path = packed(tmp_path / "a.docx", {"word/_rels/document.xml.rels": links})
    texts = [text for *_, text in texts_of(path)]
    assert [text for text in texts if VALUE in text] == [f"mailto:{VALUE}"]


def test_parts_of_the_users_own_are_read(tmp_path):
    name = "customXml/item1.xml"
    own = f"<own phone='{VALUE}' _x='1'><Größe>{VALUE}</Größe></own>"
    path = packed(tmp_path / "b.docx", {name: own})
    names = [name for _, name, text in texts_of(path) if text == VALUE]
    assert names == ["phone", "Größe"]
    assert VALUE not in part_of(changed(path, VALUE, "x"), name)


def test_names_of_sheets_stay_distinct_and_fit_formulas(tmp_path):
    book = openpyxl.Workbook()
    book.active.title = "Ann Moss"
    book.create_sheet("Lee Moss")["A1"] = "='Ann Moss'!A1"
    book.defined_names["Ann_Moss"] = openpyxl.workbook.defined_name.DefinedName(
        "Ann_Moss", attr_text="'Ann Moss'!$A$1"
    )
    book.save(tmp_path / "a.xlsx")
    new = openpyxl.load_workbook(changed(tmp_path / "a.xlsx", r"(Ann|Lee).Moss", "<PERSON>"))
    assert new.sheetnames == ["<PERSON>", "<PERSON>_2"]
    assert new["<PERSON>_2"]["A1"].value == "='<PERSON>'!A1"
    names = {name: one.attr_text for name, one in new.defined_names.items()}
    assert names == {"_PERSON_": "'<PERSON>'!$A$1"}


def test_numbers_are_read_as_they_are_shown(tmp_path):
    rows = [
        ["List of customers"],
        [],
        ["Who", "Customer ID", "Born", "Sum"],
        ["x", 4471, datetime(1980, 5, 3), 12],
        [4.42079460018e11, -2125550199, 0.123456789],
    ]
    workbook(tmp_path / "a.xlsx", rows)
    texts = [(name, text) for _, name, text in texts_of(tmp_path / "a.xlsx")]
    assert [pair for pair in texts if pair[1][:1].isdigit()] == [
        ("Customer ID", "4471"),
        ("Born", "1980-05-03"),
        ("Who", "442079460018"),
        ("Customer ID", "2125550199"),
    ]


def properties(value):
    return f"<p xmlns:vt='x'><vt:blob>{value}</vt:blob></p>"


@pytest.mark.parametrize(
    ("name", "content", "named"),
    [
        ("word/media/image1.png", "x", ["media (1)"]),
        ("word/embeddings/a.bin", "x", ["embeddings (1)"]),
        ("docProps/custom.xml", properties("QW5uIE1vc3M="), ["values in base64 (1)"]),
        ("docProps/custom.xml", properties(""), []),
        ("word/fonts/font1.odttf", "x", []),
        ("word/fonts/note.txt", "x", ["fonts (1)"]),
        ("_xmlsignatures/sig1.xml", "<x/>", ["_xmlsignatures (1)"]),
    ],
)
def test_parts_that_are_not_read_are_named(tmp_path, name, content, named):
    with OfficeTexts(with_part(tmp_path / "a.docx", name, content), Layout()) as package:
        assert package.unread == named


def test_a_second_drawing_in_base64_is_taken_out(tmp_path):
    shape = (
        f"<v:shape xmlns:v='{VML}' xmlns:o='x' alt='{VALUE}' o:gfxdata='UEsDBA==' "
        "id='a'>o:gfxdata='b'</v:shape>"
    )
    path = with_part(tmp_path / "a.docx", "word/own.xml", shape)
    with OfficeTexts(path, Layout()) as package:
        assert "second drawings (1)" in package.dropped
    new = part_of(changed(path, VALUE, "X"), "word/own.xml")
    assert new == shape.replace(" o:gfxdata='UEsDBA=='", "").replace(VALUE, "X")
