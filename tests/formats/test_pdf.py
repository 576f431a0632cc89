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

    generic = pypdf.generic
    writer = pypdf.PdfWriter()
    font = generic.DictionaryObject(
        {
            generic.NameObject("/Type"): generic.NameObject("/Font"),
            generic.NameObject("/Subtype"): generic.NameObject("/Type1"),
            generic.NameObject("/BaseFont"): generic.NameObject("/Helvetica"),
        }
    )
    for text in texts:
        page = writer.add_blank_page(300, 300)
        fonts = generic.DictionaryObject({generic.NameObject("/F1"): font})
        page[generic.NameObject("/Resources")] = generic.DictionaryObject(
            {generic.NameObject("/Font"): fonts}
        )
        drawn = generic.DecodedStreamObject()
        drawn.set_data(f"BT /F1 12 Tf 10 200 Td ({text}) Tj ET".encode())
        page[generic.NameObject("/Contents")] = drawn
    writer.add_metadata({"/Author": "Ann Moss"})
    if password:
        writer.encrypt(password)
    writer.write(path)


@needs_pypdf
def test_pages_are_read_and_written_as_text(tmp_path):
    path = tmp_path / "a.pdf"
    write_pdf(path, "Dear Ann Moss", "", "Bye")
    assert records_format(path) is PDF
    with PdfTexts(path, Layout()) as package, (tmp_path / "a.txt").open("wb") as target:
        batches = list(package.records())
        texts = [[cell.text for record in batch for cell in record.cells] for batch in batches]
        assert "Ann Moss" in texts[0]
        assert texts[1:] == [["Dear Ann Moss"], [""], ["Bye"]]
        assert package.unread == ["pages without text (1)"]
        assert package.total == 3
        package.write(
            target,
            ([[cell.text for cell in record.cells] for record in batch] for batch in batches),
        )
    assert (tmp_path / "a.txt").read_text() == "Dear Ann Moss\n\nBye\n"


@needs_pypdf
def test_strings_that_no_page_shows_are_read_and_not_written(tmp_path):
    import pypdf

    generic = pypdf.generic
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
    with PdfTexts(path, Layout()) as package, (tmp_path / "a.txt").open("wb") as target:
        batches = list(package.records())
        texts = [cell.text for record in batches[0] for cell in record.cells]
        assert sorted(texts[-2:]) == ["Eve Orr", "Letter to Bob Lee"]
        assert package.unread == ["signatures (1)"]
        package.write(
            target,
            ([[cell.text for cell in record.cells] for record in batch] for batch in batches),
        )
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
