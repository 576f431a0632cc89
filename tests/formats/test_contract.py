"""The contract of all formats: round trip, compression, byte order mark, line ends, NUL, damaged
and empty files.
"""

import gzip
import json
import lzma
from contextlib import ExitStack
from pathlib import Path
from typing import NamedTuple

import pytest

from seqlabel.errors import DataError, OptionError
from seqlabel.formats.any_format import (
    LABELED,
    RECORDS,
    WRITTEN,
    cells_of,
    read_documents,
    records_format,
)
from seqlabel.formats.format import Layout
from seqlabel.formats.reading import ReadOptions
from seqlabel.io.packed import as_utf_8
from seqlabel.io.records import read_records
from seqlabel.io.unpacking import open_unpacked
from seqlabel.text.tokenizers import Tokenizer
from tests.formats.shown_files import BOLD, FILES, SEEN

CONLLU_ROWS = "1\tAnn\t_\tPROPN\t_\t_\t_\t_\t_\t_\n2\tran\t_\tVERB\t_\t_\t_\t_\t_\t_\n"
ROWS = {
    "spans": {"spans": [[0, 3, "PER"]]},
    "doccano": {"label": [[0, 3, "PER"]]},
    "prodigy": {"spans": [{"start": 0, "end": 3, "label": "PER"}]},
    "categories": {"label": "sport"},
}
PAIR = '["Ann ran", {"entities": [[0, 3, "PER"]]}]'
PLACE = {"start": 0, "end": 3}
CHOICE = {"type": "labels", "value": {**PLACE, "labels": ["PER"]}}
TASK = json.dumps({"annotations": [{"result": [CHOICE]}], "data": {"text": "Ann ran"}})
FINDING = {"file": "b.txt", "path": None, **PLACE, "label": "PER", "score": 0.9, "source": "model"}
VERDICTS = "".join(json.dumps({**FINDING, "line": line, "right": True}) + "\n" for line in (1, 2))


class Labeled(NamedTuple):
    """A labelled file or folder with two texts.

    Args:
        path: The file or folder.
        files: The name and the content of each file; the last one has the second text at its end.
        where: The place of the second text, as errors name it.
        labels: The labels of the layer.
    """

    path: str
    files: dict[str, str]
    where: str
    labels: tuple[str, ...] = ("PER",)


def one_file(name, content, place, labels=("PER",)):
    return Labeled(name, {name: content}, f"{name}, {place}:", labels)


SPORT = ("sport",)
LABELED_FILES = {
    "conllu": one_file("a.conllu", f"{CONLLU_ROWS}\n{CONLLU_ROWS}", "line 4", ("PROPN", "VERB")),
    "columns": one_file("a.conll", "Ann B-PER\nran O\n\nAnn B-PER\nran O\n", "line 4"),
    "csv": one_file("a.csv", "text,label\nAnn ran,sport\nAnn ran,sport\n", "line 3", SPORT),
    "tsv": one_file("a.tsv", "text\tlabel\nAnn ran\tsport\nAnn ran\tsport\n", "line 3", SPORT),
    "spacy-json": one_file("a.json", f"[{PAIR},\n{PAIR}]\n", "pair 2"),
    "spacy-json lines": one_file("a.jsonl", f"{PAIR}\n{PAIR}\n", "line 2"),
    "label-studio": one_file("a.json", f"[{TASK},\n{TASK}]\n", "task 2"),
    "verdicts": Labeled(
        "a.jsonl", {"a.jsonl": VERDICTS, "b.txt": "Ann ran\nAnn ran\n"}, "a.jsonl, line 2:"
    ),
}
for name, row in ROWS.items():
    line = json.dumps({"text": "Ann ran", **row}) + "\n"
    labels = SPORT if name == "categories" else ("PER",)
    LABELED_FILES[name] = one_file("a.jsonl", line * 2, "line 2", labels)
TEXT = "Ann ran"
ANNOTATION = "T1\tPER 0 3\tAnn\n"
BRAT = {"a.txt": TEXT, "a.ann": ANNOTATION, "b.ann": ANNOTATION, "b.txt": TEXT}
FOLDERS = {"other/a.txt": TEXT, "sport/b.txt": TEXT}
for name, files, labels in (("brat", BRAT, ("PER",)), ("folders", FOLDERS, ("other", "sport"))):
    inside = {f"corpus/{path}": content for path, content in files.items()}
    LABELED_FILES[name] = Labeled("corpus", inside, "b.txt", labels)
ONE_FILE = {name: labeled for name, labeled in LABELED_FILES.items() if len(labeled.files) == 1}
FORMS = {form.name: form for form in LABELED}
READ_AS = {"doccano": "spans", "prodigy": "spans", "tsv": "csv"}

TEXTS = {
    "a.txt": "Ann ran\nBo ran\n",
    "a.jsonl": '{"text": "Ann ran"}\n{"text": "Bo ran"}\n',
    "a.json": '{"text": "Ann ran"}\n',
    "a.csv": "text\nAnn ran\nBo ran\n",
    "a.tsv": "text\nAnn ran\nBo ran\n",
    "a.html": "<p>Ann ran</p>\n<p>Bo ran</p>\n",
    "a.eml": "Subject: Ann ran\n\nBo ran\n",
    "a.ics": "SUMMARY:Ann ran\nNOTE:Bo ran\n",
    "a.srt": "1\n00:00:01,000 --> 00:00:02,000\nAnn ran.\n",
}
PACKAGES = ("a.docx", "a.xlsx", "a.pptx", "a.parquet", "a.pdf")
PACKED = {".gz": gzip.compress, ".xz": lzma.compress}


def write(folder, name, content):
    """Write a file."""
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


def read(path):
    return list(read_documents(path, tokenize=Tokenizer("en")))


def texts_of(path):
    return [cell.text for cell, _ in cells_of(path, Layout(columns=("text",)))]


@pytest.fixture(params=LABELED_FILES)
def labeled(request, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return LABELED_FILES[request.param]


def write_all(
    folder, labeled, change=lambda content: content, suffix="", pack=lambda content: content
):
    """Write the files with changed contents; returns the path that is read."""
    for name, content in labeled.files.items():
        write(folder, name + suffix, pack(change(content).encode("utf-8", "surrogatepass")))
    return folder / (labeled.path + suffix)


def with_crlf(content):
    return content.replace("\n", "\r\n")


def with_mixed_ends(content):
    lines = content.split("\n")
    return (
        "".join(line + ("\n" if number % 2 else "\r\n") for number, line in enumerate(lines[:-1]))
        + lines[-1]
    )


def with_mark(content):
    return f"\ufeff{with_crlf(content)}"


def test_every_format_is_tested():
    tested = {name.partition(" ")[0] for name in LABELED_FILES}
    assert {form.name for form in LABELED} - tested == {"docbin"}
    assert set(RECORDS) == {records_format(Path(name)) for name in (*TEXTS, *PACKAGES)}


def test_a_byte_order_mark_line_ends_and_an_encoding_change_nothing(tmp_path, labeled):
    documents = read(write_all(tmp_path, labeled))
    assert [document.text for document in documents] == ["Ann ran", "Ann ran"]

    for change in (with_crlf, with_mixed_ends, str.rstrip, with_mark):
        assert read(write_all(tmp_path, labeled, change)) == documents
    for name, content in labeled.files.items():
        write(tmp_path, name, content.encode("utf-16"))
    path = tmp_path / labeled.path
    assert list(read_documents(path, tokenize=Tokenizer("en"), encoding="utf-16")) == documents
    with pytest.raises(DataError):
        read(path)


def test_the_beginning_or_the_name_picks_the_reader_and_options_reach_it(tmp_path, labeled):
    path = write_all(tmp_path, labeled)
    (name,) = [name for name, other in LABELED_FILES.items() if other is labeled]
    name = name.partition(" ")[0]
    form = FORMS[READ_AS.get(name, name)]
    tokenize = Tokenizer("en")
    documents = list(form.read(path, ReadOptions(tokenize=tokenize)))
    assert read(path) == documents
    assert list(read_documents(str(path), tokenize, format=form.name)) == documents
    assert list(read_documents(path, tokenize, labels=labeled.labels)) == documents
    with pytest.raises(DataError, match="'Y'"):
        list(read_documents(path, tokenize, labels=["Y"]))
    if form.name != "conllu":
        (first, _) = read_documents(path, tokenize, layer="mine")
        assert [*first.spans, *first.categories] == ["mine"]
    if form.name not in ("conllu", "columns", "verdicts"):
        with pytest.raises(OptionError, match="tokenise:"):
            list(read_documents(path))


@pytest.mark.parametrize("labeled", ONE_FILE.values(), ids=ONE_FILE)
def test_line_ends_of_old_macs_change_nothing(tmp_path, labeled):
    documents = read(write_all(tmp_path, labeled))
    changed = write_all(tmp_path, labeled, lambda content: content.replace("\n", "\r"))
    assert read(changed) == documents


@pytest.mark.parametrize("suffix", PACKED)
@pytest.mark.parametrize("labeled", ONE_FILE.values(), ids=ONE_FILE)
def test_a_packed_file_is_read_whole_or_refused(tmp_path, labeled, suffix):
    documents = read(write_all(tmp_path, labeled))
    path = write_all(tmp_path, labeled, suffix=suffix, pack=PACKED[suffix])
    assert read(path) == documents
    path.write_bytes(path.read_bytes()[:-12])
    with pytest.raises(DataError, match=path.name):
        read(path)


def test_an_error_names_the_file_and_the_line(tmp_path, labeled):
    path = write_all(tmp_path, labeled)
    name, text = list(labeled.files.items())[-1]
    before, _, after = text.rpartition("Ann")
    for wrong in ("A\0n", "A\udfffn"):
        quoted = json.dumps(wrong)[1:-1] if name.endswith(("json", "jsonl")) else wrong
        write(tmp_path, name, f"{before}{quoted}{after}".encode("utf-8", "surrogatepass"))
        with pytest.raises(DataError, match=labeled.where) as caught:
            read(path)
        assert "ran" not in str(caught.value)


def test_an_empty_file_is_refused(tmp_path, labeled):
    path = write_all(tmp_path, labeled)
    name = list(labeled.files)[-1]
    write(tmp_path, name, b"")
    with pytest.raises(DataError, match=labeled.path):
        read(path)


# Label Studio gets predictions, which a person corrects before they are read.
@pytest.mark.parametrize(
    "form", [form for form in WRITTEN if form.labels and form.name != "label-studio"], ids=str
)
def test_documents_are_written_and_read_again(tmp_path, form):
    labeled = LABELED_FILES.get(form.name, LABELED_FILES["columns"])
    documents = read(write_all(tmp_path, labeled))
    written = b"".join(form.write((document, {}) for document in documents))
    name = labeled.path if form.name in LABELED_FILES else f"b{form.suffixes[0]}"
    again = read(write(tmp_path, name, written))
    assert again == documents


@pytest.mark.parametrize("name", TEXTS)
@pytest.mark.parametrize("suffix", PACKED)
def test_texts_are_the_same_packed_and_with_a_byte_order_mark(tmp_path, name, suffix):
    content = TEXTS[name].encode()
    texts = texts_of(write(tmp_path, name, content))
    assert any("Ann ran" in text for text in texts)
    assert texts_of(write(tmp_path, f"{name}{suffix}", PACKED[suffix](content))) == texts


def exchanged(path, change):
    """The bytes of a file with changed texts."""
    form = records_format(path)
    with ExitStack() as stack:
        source = as_utf_8(open_unpacked(path, stack), "utf-8")
        batches = list(read_records(source, form.records(Layout(columns=("text",)))))
    records = [record for batch in batches for record in batch.records]
    return b"".join(
        record.filled([change(cell.text) for cell in record.cells]) for record in records
    )


@pytest.mark.parametrize("name", TEXTS)
@pytest.mark.parametrize("mark", ["", "\ufeff"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_only_the_texts_of_a_file_change(tmp_path, name, mark, end):
    content = (mark + TEXTS[name].replace("\n", end)).encode()
    path = write(tmp_path, name, content)
    assert exchanged(path, str) == content
    changed = content.replace(b"Ann ran", b"X")
    assert exchanged(path, lambda text: text.replace("Ann ran", "X")) == changed != content


@pytest.mark.parametrize("name", TEXTS)
def test_a_file_without_texts_stays_as_it_is(tmp_path, name):
    assert exchanged(write(tmp_path, name, b""), str) == b""


def rewritten(path, target, change):
    """Write a file that is read as a whole with changed texts; returns the texts that it had."""
    with (
        records_format(path).package(path, Layout(columns=None)) as package,
        target.open("wb") as file,
    ):
        batches = list(package.records())
        texts = [
            [[change(cell.text) for cell in record.cells] for record in batch] for batch in batches
        ]
        package.write(file, texts)
    return [cell.text for batch in batches for record in batch for cell in record.cells]


@pytest.mark.parametrize("name", PACKAGES)
def test_texts_of_a_package_change_and_are_read_again(tmp_path, name):
    source = tmp_path / name
    FILES[name](source)
    target = source.with_stem("b")
    texts = rewritten(source, target, lambda text: text.replace(BOLD, "X"))
    assert any(BOLD in text for text in texts)
    if name == "a.pdf":
        assert target.read_text() == SEEN.replace(BOLD, "X") + "\n"
        return
    assert rewritten(target, source, str) == [text.replace(BOLD, "X") for text in texts]


@pytest.mark.parametrize("name", PACKAGES)
def test_a_package_that_is_empty_or_cut_off_is_refused(tmp_path, name):
    path = tmp_path / name
    FILES[name](path)
    whole = path.read_bytes()
    for content in (b"", whole[: len(whole) // 2], b"Ann ran\n" * 99):
        path.write_bytes(content)
        with pytest.raises(DataError, match=name):
            texts_of(path)
