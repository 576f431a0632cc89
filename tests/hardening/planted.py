"""Files of every format, with a planted value of its own in each part that can hold text; no tests
here.
"""

import base64
import html
import io
import json
import quopri
import re
import zipfile
from email import message_from_bytes, policy
from itertools import count
from urllib.parse import unquote

DOMAIN = "zq7mark.example"
PLANTED = re.compile(rf"p[0-9]+@{re.escape(DOMAIN)}(?!_+[^\W_])")
"""A value; one that goes on as `p1@zq7mark.example_x` does is a name in code, which no rule takes
for an address.
"""


def values():
    """Values that a rule proves, each another one."""
    for number in count(1):
        yield f"p{number}@{DOMAIN}"


def text(path):
    path.write_text(f"mail {next(values())} now\n")


def jsonl(path):
    new = values()
    rows = [{"text": next(new), "of": {"who": [next(new)]}}, {"text": json.dumps({"a": next(new)})}]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))


def csv(path):
    new = values()
    path.write_text(f'note;who\n"{next(new)}; x";{next(new)}\n{next(new)};\n')


def page(path):
    new = values()
    path.write_text(
        f"<!-- {next(new)} --><title>{next(new)}</title><p title='{next(new)}'>{next(new)}</p>"
        f"<script>a = '{next(new)}'</script><a href='mailto:{next(new)}'>x</a><style>/* "
        f"{next(new)} */</style>"
    )


def subtitles(path):
    new = values()
    cue = f"00:00.000 --> 00:01.000\n<v {next(new)}>to {next(new)}"
    path.write_text(f"WEBVTT {next(new)}\n\nNOTE {next(new)}\n\n{cue}\n")


def subrip(path):
    new = values()
    times = "00:00:00,000 --> 00:00:01,000"
    path.write_text(
        f"{next(new)}\n1\n{times}\nto <i>{next(new)}</i>, and\n\n2\n{times}\n{next(new)}.\n"
    )


def mail(path):
    new = values()
    encoded = "".join(f"={ord(sign):02X}" for sign in next(new))
    path.write_text(
        f"From {next(new)} Mon Jan  1 00:00:00 2026\nFrom: <{next(new)}>\nMessage-ID: "
        f"<{next(new)}>\n"
        f"Subject: =?utf-8?q?{encoded}?=\nX-Odd: {next(new)}\nno header {next(new)}\n"
        f'MIME-Version: 1.0 ({next(new)})\nContent-Type: multipart/mixed; boundary="b"; '
        f'note="{next(new)}"\n\n'
        f"{next(new)}\n--b\nContent-Type: text/html; name={next(new)}\n\n<p "
        f"title='{next(new)}'>{next(new)}</p>\n"
        "--b\nContent-Type: text/plain\nContent-Transfer-Encoding: quoted-printable\n\nto "
        f"{next(new)}\n"
        f"--b\nContent-Type: message/rfc822\n\nSubject: {next(new)}\n\nto {next(new)}\n"
        f"--b\nContent-Type: text/rfc822-headers\n\nSubject: =?utf-8?b?{packed_text(next(new))}?=\n"
        f"--b\nContent-Type: message/delivery-status\n\nA: x\n\nTo: {next(new)}\n"
        f"--b\nContent-Type: text/calendar\n\nSUMMARY;X-A={next(new)}:to {next(new)}\n--b--\n"
        f"{next(new)}\n"
        f"From {next(new)} Mon Jan  1 00:00:00 2026\nSubject: x\n\nto {next(new)}\n"
    )


def cards(path):
    new = values()
    encoded = "".join(f"={ord(sign):02X}" for sign in next(new))
    folded = next(new)
    path.write_text(
        f'BEGIN:VCALENDAR\nUID:{next(new)}\nATTENDEE;CN={next(new)};DIR="x '
        f'{next(new)}":mailto:{folded[:9]}\n'
        f" {folded[9:]}\nSUMMARY:to\\n{next(new)}\nDTSTART;VALUE={next(new)}:x {next(new)}\n"
        f"VERSION:{next(new)}\n"
        f"NOTE;ENCODING=QUOTED-PRINTABLE:{encoded[:30]}=\n{encoded[30:]}\nno field {next(new)}\n"
        "END:VCALENDAR\n"
    )


def parquet(path):
    import pyarrow
    from pyarrow import parquet as files

    new = values()
    about = {"note": next(new), "json": json.dumps({"by": next(new)})}
    field = pyarrow.field("t", pyarrow.string(), metadata={"of": next(new)})
    schema = pyarrow.schema(
        [field, ("b", pyarrow.binary()), ("d", pyarrow.dictionary("int32", "string"))], about
    )
    columns = {"t": [next(new), None], "b": [next(new).encode(), b"x"], "d": [next(new), "x"]}
    # Not packed, so that damage meets values.
    files.write_table(
        pyarrow.table(columns, schema=schema), path, compression="none", use_dictionary=["d"]
    )


def docx(path):
    import docx as library

    new = values()
    document = library.Document()
    document.add_paragraph("to ").add_run(next(new)).bold = True
    document.add_table(1, 1).cell(0, 0).text = next(new)
    document.sections[0].header.paragraphs[0].text = next(new)
    document.core_properties.author, document.core_properties.keywords = next(new), next(new)
    document.add_comment(
        document.paragraphs[0].runs, text=next(new), author=next(new), initials="x"
    )
    link = library.opc.constants.RELATIONSHIP_TYPE.HYPERLINK
    document.part.relate_to(f"mailto:{next(new)}", link, is_external=True)
    document.save(path)
    vml = 'xmlns:v="urn:schemas-microsoft-com:vml"'
    places = [
        (
            f"<w:r><w:pict><v:shape {vml} alt='{next(new)}'><v:textpath "
            f"string='{next(new)}'/></v:shape></w:pict></w:r>"
        ),
        f'<w:fldSimple w:instr="HYPERLINK {next(new)}"><w:r><w:t>x</w:t></w:r></w:fldSimple>',
        "<w:r><w:fldChar w:fldCharType='begin'><w:ffData><w:textInput><w:default "
        f"w:val='{next(new)}'/></w:textInput>"
        f"<w:ddList><w:listEntry w:val='{next(new)}'/></w:ddList></w:ffData></w:fldChar></w:r>",
        f"<w:r><w:instrText>MAILTO {next(new)}</w:instrText></w:r><!-- {next(new)} -->",
    ]
    merge = (
        f"<w:mailMerge><w:connectString w:val='UID={next(new)}'/><w:query w:val='x "
        f"{next(new)}'/></w:mailMerge>"
    )
    settings = f"{merge}<w:docVars><w:docVar w:name='a' w:val='{next(new)}'/></w:docVars>"
    external = (
        f"<Relationship Id='rId99' Type='{link}' Target='mailto:{next(new)}' TargetMode = "
        "'External'/>"
    )
    own = {"customXml/item1.xml": f"<own by='{next(new)}'>{next(new)}</own>"}
    again = {
        "word/document.xml": ("</w:body>", f"<w:p>{''.join(places)}</w:p></w:body>"),
        "word/settings.xml": ("</w:settings>", f"{settings}</w:settings>"),
        "word/_rels/document.xml.rels": ("</Relationships>", f"{external}</Relationships>"),
    }
    repacked(path, again, own)


def xlsx(path):
    import openpyxl

    new = values()
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append([next(new), f'=CONCATENATE("{next(new)}")'])
    sheet["A1"].comment = openpyxl.comments.Comment(next(new), next(new))
    sheet["A2"].hyperlink = f"mailto:{next(new)}"
    sheet.title = next(new)[:31]
    sheet.oddHeader.center.text = next(new)
    book.properties.creator = next(new)
    checks = openpyxl.worksheet.datavalidation.DataValidation(
        type="list", formula1=f'"{next(new)},x"'
    )
    checks.prompt, checks.error = next(new), next(new)
    sheet.add_data_validation(checks)
    sheet["C1"], sheet["C2"] = next(new), 1
    sheet.add_table(openpyxl.worksheet.table.Table(displayName="T", ref="C1:C2"))
    rule = openpyxl.formatting.rule.FormulaRule(formula=[f'A1="{next(new)}"'])
    sheet.conditional_formatting.add("A1", rule)
    name = openpyxl.workbook.defined_name.DefinedName(
        "N", attr_text=f'"{next(new)}"', comment=next(new)
    )
    book.defined_names["N"] = name
    book.save(path)
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    connection = (
        f'<connections xmlns="{main}"><connection name="{next(new)}"><dbPr '
        f'connection="UID={next(new)}"/>'
    )
    own = {"xl/connections.xml": f"{connection}</connection></connections>"}
    row = f"<row r='9'><c r='A9' t='inlineStr'><is><t>{next(new)}</t></is></c></row>"
    repacked(path, {"xl/worksheets/sheet1.xml": ("</sheetData>", f"{row}</sheetData>")}, own)


def pptx(path):
    import pptx as library

    new = values()
    show = library.Presentation()
    slide = show.slides.add_slide(show.slide_layouts[1])
    slide.shapes.title.text, slide.shapes.title.name = next(new), next(new)
    slide.notes_slide.notes_text_frame.text = next(new)
    show.save(path)
    main = "http://schemas.openxmlformats.org/presentationml/2006/main"
    own = {
        "ppt/tags/tag1.xml": (
            f'<p:tagLst xmlns:p="{main}"><p:tag name="A" val="{next(new)}"/></p:tagLst>'
        )
    }
    repacked(path, {}, own)


def pdf(path):
    import pypdf

    new = values()
    names, texts = pypdf.generic.NameObject, pypdf.generic.TextStringObject
    rows = pypdf.generic.ArrayObject

    def entries(**values):
        return pypdf.generic.DictionaryObject(
            {names(f"/{key}"): value for key, value in values.items()}
        )

    def drawing(text, **about):
        drawn = pypdf.generic.DecodedStreamObject()
        drawn.set_data(f"BT /F1 12 Tf 10 200 Td ({text}) Tj ET".encode())
        drawn.update(entries(**about))
        return drawn

    font = entries(Type=names("/Font"), Subtype=names("/Type1"), BaseFont=names("/Helvetica"))
    fonts = entries(Font=entries(F1=font))
    writer = pypdf.PdfWriter()
    page = writer.add_blank_page(300, 300)
    layer = entries(Type=names("/OCG"), Name=texts(next(new)))
    page[names("/Resources")] = entries(Font=entries(F1=font), Properties=entries(P1=layer))
    drawn = drawing(next(new))
    drawn.set_data(drawn.get_data() + f" /Span <</ActualText ({next(new)})>> BDC EMC".encode())
    page[names("/Contents")] = writer._add_object(drawn)
    place = pypdf.generic.RectangleObject((0, 0, 90, 90))
    link = entries(S=names("/URI"), URI=texts(f"mailto:{next(new)}"))
    stamp = drawing(
        next(new), Type=names("/XObject"), Subtype=names("/Form"), BBox=place, Resources=fonts
    )
    notes = [
        entries(
            Subtype=names("/Text"),
            Contents=texts(next(new)),
            T=texts(next(new)),
            RC=texts(f"<p>{next(new)}</p>"),
        ),
        entries(Subtype=names("/Link"), A=link),
        entries(Subtype=names("/Stamp"), AP=entries(N=writer._add_object(stamp))),
        entries(
            Subtype=names("/Widget"),
            FT=names("/Tx"),
            T=texts(next(new)),
            V=texts(next(new)),
            TU=texts(next(new)),
        ),
        entries(
            Subtype=names("/Widget"), FT=names("/Ch"), Opt=rows([texts(next(new)), texts("x")])
        ),
    ]
    for note in notes:
        note[names("/Rect")] = place
    page[names("/Annots")] = rows(writer._add_object(note) for note in notes)
    writer.add_outline_item(title=next(new), page_number=0)
    writer.add_metadata({"/Author": next(new), "/Own": next(new)})
    about = pypdf.generic.DecodedStreamObject()
    about.set_data(
        f"<x:xmpmeta xmlns:x='adobe:ns:meta/'><a by='{next(new)}'/></x:xmpmeta>".encode()
    )
    root = writer._root_object
    root[names("/Metadata")] = writer._add_object(about)
    root[names("/OCProperties")] = entries(
        OCGs=rows([entries(Type=names("/OCG"), Name=texts(next(new)))])
    )
    root[names("/OpenAction")] = entries(
        S=names("/JavaScript"), JS=texts(f"app.alert('{next(new)}')")
    )
    root[names("/PageLabels")] = entries(
        Nums=rows([pypdf.generic.NumberObject(0), entries(P=texts(next(new)))])
    )
    writer.write(path)


def packed_text(text):
    """A text in base64."""
    return base64.b64encode(text.encode()).decode()


def unpacked_text(word):
    """The bytes of base64 that may have lost its end."""
    whole = word[: len(word) - (len(word) % 4 == 1)]
    return base64.b64decode(whole + b"=" * (-len(whole) % 4))


def repacked(path, again, own):
    """Write a file with other characters in some parts, and with parts of its own."""
    parts = unpacked(path.read_bytes())
    for name, (old, new) in again.items():
        assert old.encode() in parts[name]
        parts[name] = parts[name].replace(old.encode(), new.encode(), 1)
    path.write_bytes(packed({**parts, **own}))


def unpacked(data):
    """The parts of a package, by their names."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def packed(parts):
    """A package of parts."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in parts.items():
            archive.writestr(name, data)
    return file.getvalue()


FILES = {
    "a.txt": text,
    "a.jsonl": jsonl,
    "a.csv": csv,
    "a.html": page,
    "a.vtt": subtitles,
    "a.srt": subrip,
    "a.mbox": mail,
    "a.ics": cards,
    "a.parquet": parquet,
    "a.docx": docx,
    "a.xlsx": xlsx,
    "a.pptx": pptx,
    "a.pdf": pdf,
}
"""What writes a file of each format."""


def planted_in(path):
    """The planted values that a reader finds in a file: packed, escaped and encoded ones too."""
    data = path.read_bytes()
    pieces = [data]
    if path.suffix in (".docx", ".xlsx", ".pptx"):
        pieces = list(unpacked(data).values())
    elif path.suffix == ".parquet":
        from pyarrow import parquet as files

        table = files.read_table(io.BytesIO(data))
        pieces = [repr(table.to_pylist()).encode(), repr(table.schema.metadata).encode(), data]
        pieces += [repr(field.metadata).encode() for field in table.schema]
    elif path.suffix == ".pdf":
        pieces.append(re.sub(rb"\\([0-7]{3})", lambda octal: bytes([int(octal[1], 8) & 255]), data))
    elif path.suffix == ".mbox":
        message = message_from_bytes(data, policy=policy.compat32)
        pieces += [part.get_payload(decode=True) or b"" for part in message.walk()]
        pieces.append(quopri.decodestring(data))
        words = re.findall(rb"=\?utf-8\?b\?([A-Za-z0-9+/]+)", data)
        pieces += [unpacked_text(word) for word in words]
    elif path.suffix == ".ics":
        pieces.append(quopri.decodestring(re.sub(rb"\r?\n ", b"", data)))
    found = set()
    for piece in pieces:
        shown = html.unescape(unquote(piece.decode("utf-8", "replace")))
        found.update(PLANTED.findall(re.sub(r"</?w:[^>]*>", "", shown)) + PLANTED.findall(shown))
    return found
