"""Files of every format, with a planted value of its own in each part that can hold text; no tests here."""

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
PLANTED = re.compile(rf"p[0-9]+@{re.escape(DOMAIN)}")


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
        f"<script>a = '{next(new)}'</script><a href='mailto:{next(new)}'>x</a><style>/* {next(new)} */</style>"
    )


def subtitles(path):
    new = values()
    cue = f"00:00.000 --> 00:01.000\n<v {next(new)}>to {next(new)}"
    path.write_text(f"WEBVTT {next(new)}\n\nNOTE {next(new)}\n\n{cue}\n")


def subrip(path):
    new = values()
    times = "00:00:00,000 --> 00:00:01,000"
    path.write_text(f"{next(new)}\n1\n{times}\nto <i>{next(new)}</i>, and\n\n2\n{times}\n{next(new)}.\n")


def mail(path):
    new = values()
    encoded = "".join(f"={ord(sign):02X}" for sign in next(new))
    path.write_text(
        f"From {next(new)} Mon Jan  1 00:00:00 2026\nFrom: <{next(new)}>\nMessage-ID: <{next(new)}>\n"
        f"Subject: =?utf-8?q?{encoded}?=\nX-Odd: {next(new)}\nno header {next(new)}\n"
        f'MIME-Version: 1.0 ({next(new)})\nContent-Type: multipart/mixed; boundary="b"; note="{next(new)}"\n\n'
        f"{next(new)}\n--b\nContent-Type: text/html; name={next(new)}\n\n<p title='{next(new)}'>{next(new)}</p>\n"
        f"--b\nContent-Type: text/plain\nContent-Transfer-Encoding: quoted-printable\n\nto {next(new)}\n"
        f"--b\nContent-Type: message/rfc822\n\nSubject: {next(new)}\n\nto {next(new)}\n--b--\n{next(new)}\n"
        f"From {next(new)} Mon Jan  1 00:00:00 2026\nSubject: x\n\nto {next(new)}\n"
    )


def parquet(path):
    import pyarrow
    from pyarrow import parquet as files

    new = values()
    about = {"note": next(new), "json": json.dumps({"by": next(new)})}
    field = pyarrow.field("t", pyarrow.string(), metadata={"of": next(new)})
    schema = pyarrow.schema([field, ("b", pyarrow.binary()), ("d", pyarrow.dictionary("int32", "string"))], about)
    columns = {"t": [next(new), None], "b": [next(new).encode(), b"x"], "d": [next(new), "x"]}
    files.write_table(pyarrow.table(columns, schema=schema), path)


def docx(path):
    import docx as library

    new = values()
    document = library.Document()
    document.add_paragraph("to ").add_run(next(new)).bold = True
    document.add_table(1, 1).cell(0, 0).text = next(new)
    document.sections[0].header.paragraphs[0].text = next(new)
    document.core_properties.author, document.core_properties.keywords = next(new), next(new)
    document.add_comment(document.paragraphs[0].runs, text=next(new), author=next(new), initials="x")
    link = library.opc.constants.RELATIONSHIP_TYPE.HYPERLINK
    document.part.relate_to(f"mailto:{next(new)}", link, is_external=True)
    document.save(path)
    vml = 'xmlns:v="urn:schemas-microsoft-com:vml"'
    places = [
        f"<w:r><w:pict><v:shape {vml} alt='{next(new)}'><v:textpath string='{next(new)}'/></v:shape></w:pict></w:r>",
        f'<w:fldSimple w:instr="HYPERLINK {next(new)}"><w:r><w:t>x</w:t></w:r></w:fldSimple>',
        f"<w:r><w:fldChar w:fldCharType='begin'><w:ffData><w:textInput><w:default w:val='{next(new)}'/></w:textInput>"
        f"<w:ddList><w:listEntry w:val='{next(new)}'/></w:ddList></w:ffData></w:fldChar></w:r>",
        f"<w:r><w:instrText>MAILTO {next(new)}</w:instrText></w:r><!-- {next(new)} -->",
    ]
    settings = f"<w:docVars><w:docVar w:name='a' w:val='{next(new)}'/></w:docVars>"
    own = {"customXml/item1.xml": f"<own by='{next(new)}'>{next(new)}</own>"}
    again = {
        "word/document.xml": ("</w:body>", f"<w:p>{''.join(places)}</w:p></w:body>"),
        "word/settings.xml": ("</w:settings>", f"{settings}</w:settings>"),
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
    checks = openpyxl.worksheet.datavalidation.DataValidation(type="list", formula1=f'"{next(new)},x"')
    checks.prompt, checks.error = next(new), next(new)
    sheet.add_data_validation(checks)
    book.save(path)
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    connection = f'<connections xmlns="{main}"><connection name="{next(new)}"><dbPr connection="UID={next(new)}"/>'
    own = {"xl/connections.xml": f"{connection}</connection></connections>"}
    repacked(path, {}, own)


def pptx(path):
    import pptx as library

    new = values()
    show = library.Presentation()
    slide = show.slides.add_slide(show.slide_layouts[1])
    slide.shapes.title.text, slide.shapes.title.name = next(new), next(new)
    slide.notes_slide.notes_text_frame.text = next(new)
    show.save(path)
    main = "http://schemas.openxmlformats.org/presentationml/2006/main"
    own = {"ppt/tags/tag1.xml": f'<p:tagLst xmlns:p="{main}"><p:tag name="A" val="{next(new)}"/></p:tagLst>'}
    repacked(path, {}, own)


def repacked(path, again, own):
    """Write a file with other characters in some parts, and with parts of its own."""
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    for name, (old, new) in again.items():
        assert old.encode() in parts[name]
        parts[name] = parts[name].replace(old.encode(), new.encode(), 1)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in {**parts, **own}.items():
            archive.writestr(name, data)


FILES = {
    "a.txt": text,
    "a.jsonl": jsonl,
    "a.csv": csv,
    "a.html": page,
    "a.vtt": subtitles,
    "a.srt": subrip,
    "a.mbox": mail,
    "a.parquet": parquet,
    "a.docx": docx,
    "a.xlsx": xlsx,
    "a.pptx": pptx,
}
"""What writes a file of each format."""


def planted_in(path):
    """The planted values that a reader finds in a file: packed, escaped and encoded ones too."""
    data = path.read_bytes()
    pieces = [data]
    if path.suffix in (".docx", ".xlsx", ".pptx"):
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            pieces = [archive.read(name) for name in archive.namelist()]
    elif path.suffix == ".parquet":
        from pyarrow import parquet as files

        table = files.read_table(io.BytesIO(data))
        pieces = [repr(table.to_pylist()).encode(), repr(table.schema.metadata).encode(), data]
        pieces += [repr(field.metadata).encode() for field in table.schema]
    elif path.suffix == ".mbox":
        message = message_from_bytes(data, policy=policy.compat32)
        pieces += [part.get_payload(decode=True) or b"" for part in message.walk()]
        pieces.append(quopri.decodestring(data))
        pieces.append(quopri.decodestring(data, header=True))
    found = set()
    for piece in pieces:
        shown = html.unescape(unquote(piece.decode("utf-8", "replace")))
        found.update(PLANTED.findall(re.sub(r"</?w:[^>]*>", "", shown)) + PLANTED.findall(shown))
    return found
