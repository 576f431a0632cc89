"""The contract of all formats of labels: round trip, compression, byte order mark, line ends, NUL and empty files."""

import gzip
import json
import lzma

import pytest

from seqlabel.errors import DataError
from seqlabel.formats.any_format import WRITTEN, cells_of, read_documents
from seqlabel.formats.format import Layout
from seqlabel.text.tokenisers import Tokeniser

CONLLU_ROWS = "1\tAnn\t_\tPROPN\t_\t_\t_\t_\t_\t_\n2\tran\t_\tVERB\t_\t_\t_\t_\t_\t_\n"
SPANS = {"text": "Ann ran", "spans": [[0, 3, "PER"]]}
# For each format the name of a file, its content with two texts, and the line of the second.
LABELLED = {
    "conllu": ("a.conllu", f"{CONLLU_ROWS}\n{CONLLU_ROWS}", 4),
    "columns": ("a.conll", "Ann B-PER\nran O\n\nAnn B-PER\nran O\n", 4),
    "spans": ("a.jsonl", f"{json.dumps(SPANS)}\n{json.dumps(SPANS)}\n", 2),
    "doccano": ("a.jsonl", '{"text": "Ann ran", "label": [[0, 3, "PER"]]}\n' * 2, 2),
    "prodigy": ("a.jsonl", '{"text": "Ann ran", "spans": [{"start": 0, "end": 3, "label": "PER"}]}\n' * 2, 2),
    "categories": ("a.jsonl", '{"text": "Ann ran", "label": "sport"}\n' * 2, 2),
    "csv": ("a.csv", "text,label\nAnn ran,sport\nAnn ran,sport\n", 3),
    "tsv": ("a.tsv", "text\tlabel\nAnn ran\tsport\nAnn ran\tsport\n", 3),
}
TEXTS = {
    "a.txt": "Ann ran\nBo ran\n",
    "a.jsonl": '{"text": "Ann ran"}\n{"text": "Bo ran"}\n',
    "a.json": '{"text": "Ann ran"}\n',
    "a.csv": "text\nAnn ran\nBo ran\n",
    "a.html": "<p>Ann ran</p>\n<p>Bo ran</p>\n",
    "a.eml": "Subject: Ann ran\n\nBo ran\n",
    "a.srt": "1\n00:00:01,000 --> 00:00:02,000\nAnn ran.\n",
}
PACKED = {".gz": gzip.compress, ".xz": lzma.compress}


def write(folder, name, content):
    """Write a file."""
    path = folder / name
    path.write_bytes(content)
    return path


def read(path):
    return list(read_documents(path, tokenise=Tokeniser("en")))


def texts_of(path):
    return [cell.text for cell, _ in cells_of(path, Layout(columns=("text",)))]


@pytest.fixture(params=LABELLED)
def labelled(request):
    return LABELLED[request.param]


def test_a_byte_order_mark_and_line_ends_change_nothing(tmp_path, labelled):
    name, text, _ = labelled
    documents = read(write(tmp_path, name, text.encode()))
    assert len(documents) == 2
    assert documents[0].text == "Ann ran"
    mixed = "".join(line + ("\r\n" if number % 2 else "\n") for number, line in enumerate(text.split("\n")))
    for other in (text.replace("\n", "\r\n"), text.replace("\n", "\r"), mixed, text.rstrip("\n")):
        assert read(write(tmp_path, name, f"\ufeff{other}".encode())) == documents


@pytest.mark.parametrize("suffix", PACKED)
def test_a_packed_file_holds_what_it_was_packed_from(tmp_path, labelled, suffix):
    name, text, _ = labelled
    documents = read(write(tmp_path, name, text.encode()))
    assert read(write(tmp_path, f"{name}{suffix}", PACKED[suffix](text.encode()))) == documents


def test_an_error_names_the_file_and_the_line(tmp_path, labelled):
    name, text, line = labelled
    before, _, after = text.rpartition("Ann")
    for wrong in ("A\0n", "A\udfffn"):
        content = f"{before}{wrong}{after}".encode("utf-8", "surrogatepass")
        if name.endswith("jsonl"):
            content = f"{before}{json.dumps(wrong)[1:-1]}{after}".encode()
        with pytest.raises(DataError, match=rf"{name}, line {line}:") as caught:
            read(write(tmp_path, name, content))
        assert "ran" not in str(caught.value)


def test_an_empty_file_is_refused(tmp_path, labelled):
    name, _, _ = labelled
    with pytest.raises(DataError, match=name):
        read(write(tmp_path, name, b""))


@pytest.mark.parametrize("form", [form for form in WRITTEN if form.name in LABELLED], ids=str)
def test_documents_are_written_and_read_again(tmp_path, form):
    name, text, _ = LABELLED[form.name]
    documents = read(write(tmp_path, name, text.encode()))
    written = b"".join(form.write((document, {}) for document in documents))
    assert read(write(tmp_path, name, written)) == documents


@pytest.mark.parametrize("name", TEXTS)
@pytest.mark.parametrize("suffix", PACKED)
def test_texts_are_the_same_packed_and_with_a_byte_order_mark(tmp_path, name, suffix):
    content = TEXTS[name].encode()
    texts = texts_of(write(tmp_path, name, content))
    assert any("Ann ran" in text for text in texts)
    assert texts_of(write(tmp_path, f"{name}{suffix}", PACKED[suffix](content))) == texts
