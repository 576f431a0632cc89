"""Texts to label: every format is told from a file and from a stream, and read as its reader reads
it.
"""

import gzip
import io
import json
import lzma

import pytest
import spacy
from spacy.tokens import DocBin

from seqlabel.cli.options import Texts
from seqlabel.cli.texts import TextReader, find_inputs
from seqlabel.errors import DataError, OptionError

SENTENCES = [["Ann", "went"], ["Ben", "slept", "well"]]
TEXTS = ["Ann went", "Ben slept well"]
FILES = {
    "a.txt": "Ann went\nBen slept well\n",
    "a.iob2": "Ann B-PER\nwent O\n\nBen B-PER\nslept O\nwell O\n",
    "a.conll": "Ann\nwent\n\nBen\nslept\nwell\n",
    "a.tsv": "Ann\tNNP\nwent\tVBD\n\nBen\tNNP\nslept\tVBD\nwell\tRB\n",
    "b.tsv": "id\ttext\n1\tAnn went\n2\tBen slept well\n",
    "a.conllu": "".join(
        f"# n = {n}\n"
        + "".join(f"{m}\t{word}\t_\tX\tY\t_\t0\t_\t_\t_\n" for m, word in enumerate(words, 1))
        + "\n"
        for n, words in enumerate(SENTENCES)
    ),
    "a.jsonl": "".join(json.dumps({"text": text, "id": n}) + "\n" for n, text in enumerate(TEXTS)),
    "a.csv": "id,text\n1,Ann went\n2,Ben slept well\n",
    "b.csv": 'id;text\n1;"Ann went"\n2;Ben slept well\n',
    "a.json": json.dumps([{"data": {"text": TEXTS[0]}}, {"text": TEXTS[1]}]),
}
LONE_WORDS = "a.conll"
"""Told by its name alone: a word per line is a text per line, too."""


def words_of(text):
    return text.content.split() if isinstance(text.content, str) else text.content.words


def read(path, *, stream=False, **options):
    """The words of each text, and the lines that were withheld."""
    withheld = []
    reader = TextReader(Texts(**options), withhold=withheld.append)
    if stream:
        source = io.BufferedReader(io.BytesIO(path.read_bytes()))
        batches = list(reader.read(source, "stdin"))
    else:
        with path.open("rb") as source:
            batches = list(reader.read(source, str(path), path))
    return [words_of(text) for batch in batches for text in batch], withheld


@pytest.mark.parametrize("suffix", ["", ".gz", ".xz"])
@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("name", FILES)
def test_every_format_is_told(tmp_path, name, stream, suffix, capsys):
    path = tmp_path / f"{name}{suffix}"
    pack = {".gz": gzip.compress, ".xz": lzma.compress}.get(suffix, bytes)
    path.write_bytes(pack(FILES[name].encode()))
    options = {"from_": "columns"} if stream and name == LONE_WORDS else {}
    assert read(path, stream=stream, **options) == (SENTENCES, [])
    assert ("read as" in capsys.readouterr().err) is (name != "a.txt" and not options)


@pytest.mark.parametrize("stream", [False, True])
def test_packed_docs_are_read_with_their_words(tmp_path, stream):
    docs = [spacy.tokens.Doc(spacy.blank("en").vocab, words=words) for words in SENTENCES]
    DocBin(docs=docs).to_disk(tmp_path / "a.spacy")
    assert (
        read(tmp_path / "a.spacy", stream=stream, from_="docbin" if stream else None)[0]
        == SENTENCES
    )


@pytest.mark.parametrize(
    "text",
    [
        "Send me a text, please.\nI will, soon.\n",
        "[1] See there.\n[2] And here.\n",
        "HELLO WORLD\n\nGOOD MORNING\n",
        "Hello world\n\nGood morning\n",
        "{curly} words\n",
        "1\tAnn\n",
        "Ann O\n",
    ],
)
def test_plain_text_is_taken_for_nothing_else(tmp_path, text):
    (tmp_path / "a").write_text(text)
    assert read(tmp_path / "a", stream=True)[0] == [line.split() for line in text.splitlines()]


@pytest.mark.parametrize(
    ("content", "named"),
    [
        (b"\x89PNG\r\n\x1a\n\0\0", "stdin: has NUL"),
        (b"PK\x03\x04 and more", "stdin: .*zip"),
        (b"%PDF-1.7\n", "stdin: .*PDF"),
        (gzip.compress(b"%PDF-1.7\n", mtime=0), "stdin: .*PDF"),
        ("Ann went".encode("utf-16"), "--encoding utf-16"),
        (gzip.compress(b"Ann went\n" * 9, mtime=0)[:-9], "stdin: "),
        (b'[{"text": "Ann"}, {"txt": "Ben", "n": 1}]', "stdin, object 2: .*'text'"),
        (b'[{"text": "Ann"', "stdin, line 1: "),
    ],
)
def test_what_is_not_text_is_named_and_refused(tmp_path, content, named):
    (tmp_path / "a").write_bytes(content)
    with pytest.raises(DataError, match=named):
        read(tmp_path / "a", stream=True)


def test_another_encoding_is_read_and_advised(tmp_path):
    text = "Ein schöner Tag im März.\nIn Köln.\n"
    (tmp_path / "a.txt").write_text(text, encoding="cp1252")
    words = [line.split() for line in text.splitlines()]
    assert read(tmp_path / "a.txt", encoding="cp1252")[0] == words
    _, withheld = read(tmp_path / "a.txt")
    assert "encoding='cp1252'" in withheld[0]
    assert withheld[1].endswith("withheld")


def test_a_field_that_is_missing_is_said_with_those_that_are_there(tmp_path):
    (tmp_path / "a.jsonl").write_text('{"body": "Ann", "n": 1, "title": "x"}\n' * 2)
    texts, withheld = read(tmp_path / "a.jsonl")
    assert (texts, len(withheld)) == ([], 2)
    assert ["body, title" in said for said in withheld] == [True, False]
    assert read(tmp_path / "a.jsonl", text="title")[0] == [["x"], ["x"]]


@pytest.mark.parametrize("name", ["a.jsonl", "a.csv", "a.json"])
def test_other_fields_come_along(tmp_path, name):
    (tmp_path / name).write_text(FILES[name])
    with (tmp_path / name).open("rb") as source:
        reader = TextReader(Texts(), fields=True)
        texts = [text for batch in reader.read(source, name, tmp_path / name) for text in batch]
    expected = {"a.jsonl": {"text": TEXTS[1], "id": 1}, "a.csv": {"id": "2", "text": TEXTS[1]}}
    assert texts[1].fields == expected.get(name, {"text": TEXTS[1]})


def test_the_files_of_a_folder_are_read(tmp_path):
    (tmp_path / "a").mkdir()
    names = ["a.conllu", "a.csv", "a.txt"]
    for name in names:
        (tmp_path / "a" / name).write_text(FILES[name])
    (tmp_path / "a" / "b.bin").write_bytes(b"a\0b")
    (tmp_path / "a" / ".c.txt").write_text("Ann\n")
    inputs = find_inputs([tmp_path / "a"])
    assert inputs.read == [tmp_path / "a" / name for name in names]
    assert (inputs.left_out, inputs.hidden) == (
        {tmp_path / "a/b.bin": "not text"},
        [tmp_path / "a/.c.txt"],
    )
    reader = TextReader(Texts(), fields=True, names_files=True)
    texts = [text for batch in reader.files(inputs.read) for text in batch]
    assert [words_of(text) for text in texts] == SENTENCES * 3
    assert {text.fields["file"] for text in texts} == {str(path) for path in inputs.read}


def test_one_of_several_files_that_cannot_be_read_is_reported(tmp_path):
    (tmp_path / "a.txt").write_text(FILES["a.txt"])
    (tmp_path / "b.docx").write_bytes(b"PK no zip")
    failed = []
    inputs = find_inputs([tmp_path / "none.txt", tmp_path / "b.docx", tmp_path / "a.txt"])
    batches = TextReader(Texts(), failed=failed.append).files(inputs.read)
    assert [words_of(text) for batch in batches for text in batch] == SENTENCES
    assert [line.split(":")[0] for line in failed] == [
        str(tmp_path / "none.txt"),
        str(tmp_path / "b.docx"),
    ]


def test_a_file_that_is_not_packed_as_its_suffix_says_is_refused(tmp_path):
    (tmp_path / "a.txt.gz").write_bytes(b"Ann went\n")
    with pytest.raises(DataError, match=r"a\.txt\.gz: "):
        read(tmp_path / "a.txt.gz")


@pytest.mark.parametrize(
    ("name", "output", "error"),
    [
        ("model", "out", OptionError),
        ("a.txt", "a.txt", OptionError),
        ("none.txt", "out", DataError),
        ("empty", "out", DataError),
    ],
)
def test_wrong_inputs_are_refused_before_any_work(tmp_path, name, output, error):
    for folder in ("model", "empty"):
        (tmp_path / folder).mkdir()
    (tmp_path / "model" / "config.json").write_text("{}")
    (tmp_path / "a.txt").write_text("Ann\n")
    with pytest.raises(error, match=name):
        find_inputs([tmp_path / name], tmp_path / output)


def test_lines_are_read_as_they_come():
    class Pipe(io.RawIOBase):
        """Gives one line each time."""

        def __init__(self):
            super().__init__()
            self.lines = [b"Ann went\n", b"Ben slept\n"]

        def readable(self):
            return True

        def readinto(self, buffer):
            line = self.lines.pop(0) if self.lines else b""
            buffer[: len(line)] = line
            return len(line)

    pipe = Pipe()
    batches = TextReader(Texts()).read(io.BufferedReader(pipe), "stdin")
    assert next(batches)[0].content == "Ann went"
    assert pipe.lines == [b"Ben slept\n"]
