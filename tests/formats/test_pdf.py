"""PDF files are read page by page and become text."""

from importlib.util import find_spec

import pytest

from seqlabel.errors import DataError
from seqlabel.formats.any_format import records_format
from seqlabel.formats.format import Layout
from seqlabel.formats.pdf import PDF, PdfTexts

needs_pypdf = pytest.mark.skipif(not find_spec("pypdf"), reason="needs seqlabel-rnn[office]")


def write_pdf(path, *texts, password=None):
    """Write a PDF with a page for each text, which is drawn in Helvetica."""
    import pypdf
    from pypdf import generic

    def dictionary(**entries):
        made = generic.DictionaryObject()
        for key, value in entries.items():
            is_name = isinstance(value, str)
            made[generic.NameObject(f"/{key}")] = (
                generic.NameObject(f"/{value}") if is_name else value
            )
        return made

    writer = pypdf.PdfWriter()
    font = dictionary(Type="Font", Subtype="Type1", BaseFont="Helvetica")
    for text in texts:
        drawn = generic.DecodedStreamObject()
        drawn.set_data(f"BT /F1 12 Tf 10 200 Td ({text}) Tj ET".encode())
        page = writer.add_blank_page(300, 300)
        page.update(dictionary(Resources=dictionary(Font=dictionary(F1=font)), Contents=drawn))
    writer.add_metadata({"/Author": "Ann Moss"})
    if password:
        writer.encrypt(password)
    writer.write(path)


def exchanged(path, target):
    """The texts of each page of a file, which is written as text, and what was not read."""
    with PdfTexts(path, Layout()) as package, target.open("wb") as file:
        batches = list(package.records())
        texts = [[[cell.text for cell in record.cells] for record in batch] for batch in batches]
        package.write(file, texts)
        return [[text for cells in page for text in cells] for page in texts], package.unread


@needs_pypdf
def test_pages_are_read_and_written_as_text(tmp_path):
    path = tmp_path / "a.pdf"
    write_pdf(path, "Dear Ann Moss", "", "Bye")
    assert records_format(path) is PDF
    texts, unread = exchanged(path, tmp_path / "a.txt")
    assert "Ann Moss" in texts[0]
    assert texts[1:] == [["Dear Ann Moss"], [""], ["Bye"]]
    assert unread == ["pages without text (1)"]
    with PdfTexts(path, Layout()) as package:
        assert package.total == 3
    assert (tmp_path / "a.txt").read_text() == "Dear Ann Moss\n\nBye\n"


@needs_pypdf
def test_strings_that_no_page_shows_are_read_and_not_written(tmp_path):
    import pypdf
    from pypdf import generic

    name = generic.NameObject
    path = tmp_path / "a.pdf"
    write_pdf(path, "Dear Ann Moss")
    writer = pypdf.PdfWriter(clone_from=path)
    writer.add_outline_item(title="Letter to Bob Lee", page_number=0)
    signature = generic.DictionaryObject({name("/Type"): name("/Sig")})
    signature[name("/Name")] = generic.TextStringObject("Eve Orr")
    signature[name("/Contents")] = generic.ByteStringObject(b"0\x82Eve")
    # What refers to itself is read once.
    place = writer._add_object(signature)
    signature[name("/Own")] = writer._root_object[name("/Perms")] = place
    writer.write(path)
    texts, unread = exchanged(path, tmp_path / "a.txt")
    assert sorted(texts[0][-2:]) == ["Eve Orr", "Letter to Bob Lee"]
    assert unread == ["signatures (1)"]
    assert (tmp_path / "a.txt").read_text() == "Dear Ann Moss\n"


@needs_pypdf
def test_what_cannot_be_read_is_refused(tmp_path):
    (tmp_path / "a.pdf").write_bytes(b"%PDF-1.4\n(Ann Moss) Tj\n")
    with pytest.raises(DataError, match=r"a\.pdf:"):
        PdfTexts(tmp_path / "a.pdf", Layout())
    write_pdf(tmp_path / "b.pdf", "Ann", password="secret")
    with pytest.raises(DataError, match="password"):
        PdfTexts(tmp_path / "b.pdf", Layout())


@needs_pypdf
@pytest.mark.filterwarnings("ignore")
def test_a_damaged_file_is_read_or_refused_and_never_quoted(tmp_path, caplog):
    write_pdf(tmp_path / "a.pdf", "Dear Ann Moss")
    data = (tmp_path / "a.pdf").read_bytes()
    for place in range(10, len(data), 40):
        (tmp_path / "b.pdf").write_bytes(
            data[:place] + bytes([data[place] ^ 255]) + data[place + 1 :]
        )
        try:
            with PdfTexts(tmp_path / "b.pdf", Layout()) as package:
                list(package.records())
        except DataError:
            continue
    # Pypdf would say here what it could not read.
    assert caplog.records == []
