"""Files against the finder and `redact`, a line at a time; interrupted, resumed, parallel runs
against plain ones.
"""

import csv
import io
import json
import os
import re
import stat
import threading
import zipfile
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path

import pyarrow
import pytest
from pyarrow import parquet

from seqlabel.errors import DataError, OptionError
from seqlabel.formats.any_format import CSV, PARQUET, TEXT
from seqlabel.formats.format import Layout
from seqlabel.io.files import Part
from seqlabel.privacy.finding.finder import PrivateFinder
from seqlabel.privacy.records.files import FileRedactor
from seqlabel.privacy.records.workers import Restorer
from seqlabel.privacy.replacing.policies import Encrypt, Hash, Mask, Pseudonym
from tests.extras import needs_pii
from tests.keys import KEY
from tests.privacy.rewritten_files import (
    lines,
    parts_of,
    plain,
    redactor_of,
    rows_of,
    run,
    write_rows,
)

pytestmark = needs_pii


def test_the_model_finds_some_and_not_all(model):
    outputs, found = plain(model, lines())
    assert found["PERSON"] > 5
    assert found["PLACE"] > 5
    assert found["EMAIL"] > 2
    assert sum(one == other for one, other in zip(outputs, lines(), strict=True)) > 2


@pytest.mark.parametrize("labels", [(), ("EMAIL", "PERSON")])
@pytest.mark.parametrize("policy", [Mask(), Hash(KEY), Pseudonym(KEY)])
def test_text_is_what_each_line_is_alone(model, tmp_path, policy, labels):
    texts = lines()
    (tmp_path / "in.txt").write_bytes("\r\n".join(texts).encode())
    options = {"policy": policy, "labels": labels}
    summary, said = run(model, tmp_path / "in.txt", tmp_path / "out.txt", **options)
    outputs, found = plain(model, texts, policy, labels)
    assert (tmp_path / "out.txt").read_bytes().decode() == "\r\n".join(outputs)
    assert (summary.found, summary.records, summary.withheld, said) == (found, len(texts), 0, [])


def test_json_and_tables_have_the_same_texts(model, tmp_path):
    texts = lines()
    outputs, found = plain(model, texts)
    rows = [{"n": number, "text": text, "a": [text]} for number, text in enumerate(texts)]
    (tmp_path / "in.jsonl").write_text("\n".join(map(json.dumps, rows)))
    summary, _ = run(model, tmp_path / "in.jsonl", tmp_path / "out.jsonl")
    assert summary.found == found
    written = [json.loads(line) for line in (tmp_path / "out.jsonl").read_text().splitlines()]
    assert written == [row | {"text": output} for row, output in zip(rows, outputs, strict=True)]

    with (tmp_path / "in.csv").open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([["text", "n"], *([text, "7"] for text in texts)])
    options = {"columns": ["text"], "trust_header": True}
    summary, _ = run(model, tmp_path / "in.csv", tmp_path / "out.csv", **options)
    assert (summary.found, summary.records) == (found, len(texts))
    with (tmp_path / "out.csv").open(newline="", encoding="utf-8") as file:
        assert list(csv.reader(file)) == [["text", "n"], *([output, "7"] for output in outputs)]


def test_what_cannot_be_read_is_said_and_withheld(rules, tmp_path):
    path = tmp_path / "in.txt"
    path.write_bytes(b"a ann@x.org\r\nMoss \xff ann@x.org\r\nb\nMoss \xe9")
    summary, said = run(rules, path, tmp_path / "out.txt")
    assert (tmp_path / "out.txt").read_bytes() == b"a xxx@x.xxx\r\n<WITHHELD>\r\nb\n<WITHHELD>"
    assert [one.split(": ")[0] for one in said] == [f"{path}, line 2", f"{path}, line 4"]
    assert "Moss" not in "".join(said)
    assert (summary.records, summary.withheld, summary.kept) == (4, 2, 0)
    summary, _ = run(rules, path, tmp_path / "out.txt", keep_unreadable=True)
    kept = b"a xxx@x.xxx\r\nMoss \xff xxx@x.xxx\r\nb\nMoss \xe9"
    assert (tmp_path / "out.txt").read_bytes() == kept
    assert (summary.records, summary.withheld, summary.kept) == (4, 0, 2)


def test_rows_that_cannot_be_read_are_left_out(rules, tmp_path):
    rows = ['{"text": "ann@x.org"}', "Moss", '{"text": 7}', '{"t": "Moss"}', '{"text": "b"}']
    (tmp_path / "in.jsonl").write_text("\n".join(rows) + "\n")
    summary, said = run(rules, tmp_path / "in.jsonl", tmp_path / "out.jsonl")
    assert (tmp_path / "out.jsonl").read_text() == '{"text": "xxx@x.xxx"}\n{"text": "b"}\n'
    assert [re.search(r"line (\d)", one)[1] for one in said] == ["2", "3", "4"]
    assert summary.withheld == 3
    (tmp_path / "in.csv").write_text('a,text\n1,ann@x.org\n2,x,y\n"3"z,Moss\n4,"Moss')
    _, said = run(rules, tmp_path / "in.csv", tmp_path / "out.csv", columns=["text"])
    assert (tmp_path / "out.csv").read_text() == "a,text\n1,xxx@x.xxx\n"
    assert [re.search(r"line (\d)", one)[1] for one in said] == ["3", "4", "5"]
    assert "Moss" not in "".join(said)


def test_a_text_that_fails_is_withheld_alone_and_says_nothing(rules, tmp_path, monkeypatch):
    real = PrivateFinder.__call__

    def fragile(self, texts):
        for document in real(self, texts):
            if "Moss" in document.text:
                raise RuntimeError(document.text)
            yield document

    monkeypatch.setattr(PrivateFinder, "__call__", fragile)
    (tmp_path / "in.txt").write_text("a\nAda Moss\nann@x.org\n")
    summary, said = run(rules, tmp_path / "in.txt", tmp_path / "out.txt", keep_unreadable=True)
    assert (tmp_path / "out.txt").read_text() == "a\n<WITHHELD>\nxxx@x.xxx\n"
    assert [one.split(": ")[0] for one in said] == [f"{tmp_path / 'in.txt'}, line 2"]
    assert "RuntimeError" in said[0]
    assert "Moss" not in said[0]
    assert summary.withheld == 1


def test_several_processes_write_the_same(model, tmp_path, monkeypatch):
    monkeypatch.setattr("seqlabel.io.records.BLOCK_BYTES", 1 << 12)
    source = tmp_path / "in.txt"
    source.write_bytes("\n".join([*lines(60), "bad \udcff"] * 4).encode("utf-8", "surrogateescape"))
    assert source.stat().st_size > 2 << 12
    one, said = run(model, source, tmp_path / "one.txt")
    said_too = []
    work, redactors = redactor_of(model, report=said_too, processes=2)
    with redactors:
        work.file(source, tmp_path / "two.txt")
        assert (tmp_path / "one.txt").read_bytes() == (tmp_path / "two.txt").read_bytes()
        assert (one, said) == (work.summary, said_too)
        # What waits for nothing more is not held back for the sake of the others.
        target = io.BytesIO()
        slow = Slow([b"a\n", b"b\n", b"c"], target)
        work.stream(slow, target, form=TEXT, name="stdin")
        assert [answer.count(b"\n") for answer in slow.answered] == [0, 1, 2, 2]
        with pytest.raises(BrokenProcessPool):
            redactors._workers._pool.submit(os._exit, 1).result()
        with pytest.raises(OptionError):
            work.file(source, tmp_path / "three.txt")
    assert not (tmp_path / "three.txt").exists()


class Slow(io.BytesIO):
    """A stream whose lines come one by one, and only after the one before was answered."""

    def __init__(self, given, target):
        super().__init__()
        self.given = iter(given)
        self.target = target
        self.answered = []

    def read1(self, size=-1):
        self.answered.append(self.target.getvalue())
        return next(self.given, b"")


def test_a_line_is_answered_before_the_next(rules):
    target = io.BytesIO()
    source = Slow([b"a ann@x.org\n", b"b", b"c\n", b"d\ne"], target)
    work, redactors = redactor_of(rules)
    with redactors:
        work.stream(source, target, form=TEXT, name="stdin")
    first = b"a xxx@x.xxx\n"
    assert source.answered == [b"", first, first, first + b"bc\n", first + b"bc\nd\n"]
    assert target.getvalue().endswith(b"d\ne")


def test_what_cannot_be_redacted_is_named_and_nothing_is_written(rules, tmp_path):
    parquet.write_table(pyarrow.table({"n": [1]}), tmp_path / "in.parquet")
    (tmp_path / "not.parquet").write_bytes(b"Ada Moss")
    for name, column, error, named in (
        ("none.txt", "n", DataError, r"none\.txt:"),
        ("in.parquet", "n", OptionError, "'n'"),
        ("in.parquet", "t", OptionError, "'t'"),
        ("not.parquet", "n", DataError, r"not\.parquet:"),
    ):
        with pytest.raises(error, match=named):
            run(rules, tmp_path / name, tmp_path / "out", columns=[column])
    for form in (CSV, PARQUET):
        with pytest.raises(OptionError):
            redactor_of(rules)[0].stream(io.BytesIO(b"a\n"), io.BytesIO(), form=form, name="stdin")
    assert not (tmp_path / "out").exists()


posix = pytest.mark.skipif(os.name == "nt", reason="needs POSIX permissions, links and pipes")


@posix
@pytest.mark.parametrize("mode", [0o600, 0o640, 0o644])
def test_an_output_has_the_permissions_of_its_source_or_those_asked_for(rules, tmp_path, mode):
    source, target = tmp_path / "in.txt", tmp_path / "out.txt"
    source.write_text("ann@x.org\n")
    source.chmod(mode)
    run(rules, source, target)
    assert stat.S_IMODE(target.stat().st_mode) == mode
    assert stat.S_IMODE((tmp_path / ".out.txt.journal").stat().st_mode) == 0o600
    run(rules, source, target, output_mode=0o600)
    assert stat.S_IMODE(target.stat().st_mode) == 0o600


@posix
def test_planted_links_are_not_followed(rules, tmp_path):
    source, target, victim = (tmp_path / name for name in ("in.txt", "out.txt", "victim"))
    source.write_text("ann@x.org\n")
    victim.write_text("victim")
    for name in (".out.txt.part", ".out.txt.journal", ".out.txt.0.part"):
        (tmp_path / name).symlink_to(victim)
    with pytest.raises(OptionError, match="journal:"):
        run(rules, source, target, resume=True)
    run(rules, source, target)
    assert (target.read_text(), victim.read_text()) == ("xxx@x.xxx\n", "victim")
    (tmp_path / "link").symlink_to(victim)
    with pytest.raises(OptionError, match="link:"):
        run(rules, source, tmp_path / "link")
    with pytest.raises(OptionError):
        run(rules, source, tmp_path)
    assert victim.read_text() == "victim"


@posix
def test_two_runs_with_one_output_do_not_mix(rules, tmp_path):
    source, target = tmp_path / "in.txt", tmp_path / "out.txt"
    source.write_text("ann@x.org\n")
    other = Part.create(target)
    with pytest.raises(OptionError):
        run(rules, source, target)
    other.discard()
    run(rules, source, target)
    assert parts_of(target) == []


@posix
def test_a_device_or_a_pipe_is_written_to_and_stays(rules, tmp_path):
    source, fifo = tmp_path / "in.txt", tmp_path / "fifo"
    source.write_text("ann@x.org\n")
    os.mkfifo(fifo)
    read = os.open(fifo, os.O_RDONLY | os.O_NONBLOCK)
    run(rules, source, fifo)
    assert (os.read(read, 100), stat.S_ISFIFO(fifo.stat().st_mode)) == (b"xxx@x.xxx\n", True)
    os.close(read)
    with pytest.raises(OptionError):
        run(rules, source, fifo, resume=True)
    with pytest.raises(OSError, match="No space left"):
        run(rules, source, Path("/dev/full"))
    assert Path("/dev/full").is_char_device()


@posix
def test_a_pipe_can_be_the_source_of_a_file(rules, tmp_path):
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    writer = threading.Thread(target=lambda: fifo.write_bytes(b"ann@x.org\n"))
    writer.start()
    run(rules, fifo, tmp_path / "out.txt")
    writer.join()
    assert (tmp_path / "out.txt").read_text() == "xxx@x.xxx\n"


def test_a_first_row_that_looks_private_stops_the_run(rules, tmp_path):
    source, target = tmp_path / "in.csv", tmp_path / "out.csv"
    source.write_text("1,text,ann@x.org\n2,text,b\n")
    with pytest.raises(DataError) as caught:
        run(rules, source, target, columns=["text"])
    assert "ann@" not in str(caught.value)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in.csv"]
    run(rules, source, target, columns=["text"], trust_header=True)
    assert target.read_text() == source.read_text()


@pytest.mark.parametrize("data", [b"", b"n,text\n", b"n,text\r\n\r\n"])
def test_a_table_without_records_says_so(rules, tmp_path, data):
    (tmp_path / "in.csv").write_bytes(data)
    summary, said = run(rules, tmp_path / "in.csv", tmp_path / "out.csv", columns=["text"])
    assert summary.records == 0
    assert [one.split(": ")[0] for one in said] == [str(tmp_path / "in.csv")]


def test_lines_that_end_in_a_bare_carriage_return_do_not_pass(rules, tmp_path):
    (tmp_path / "in.csv").write_bytes(b"text\rann@x.org\rbo@x.org\r")
    with pytest.raises(DataError):
        run(rules, tmp_path / "in.csv", tmp_path / "out.csv", columns=["text"])
    (tmp_path / "in.csv").write_bytes(b"n,text\n1,a\rann@x.org\n2,b\n")
    summary, said = run(rules, tmp_path / "in.csv", tmp_path / "out.csv", columns=["text"])
    assert ((tmp_path / "out.csv").read_bytes(), summary.withheld) == (b"n,text\n2,b\n", 1)
    assert "line 2: " in said[0]


def test_fields_with_text_that_were_not_read_are_named(rules, tmp_path):
    rows = [{"text": "a", "title": "T", "meta": {"by": "Ann"}, "n": 1, "ann@x.org": "x"}] * 3
    (tmp_path / "in.jsonl").write_text("\n".join(map(json.dumps, rows)))
    (tmp_path / "in.csv").write_text("n,text,Full name,size,tel\n1,a,Ann,2,020 7946-0018\n")
    work, redactors = redactor_of(rules, columns=["text"])
    with redactors:
        for name in ("in.jsonl", "in.csv"):
            work.file(tmp_path / name, tmp_path / f"out{name}")
    fields, columns = work.unread.values()
    assert fields.endswith("fields 'title', 'meta', 'names that look private' and 1 more")
    assert columns.endswith("columns 'Full name', 'tel'")


def test_both_of_two_rows_that_were_exchanged_are_left_and_reported(rules, tmp_path):
    pytest.importorskip("cryptography")
    texts = [f"to p{number}@x.org" for number in range(8)]
    for suffix in ("txt", "jsonl", "csv", "parquet"):
        columns = ["text"] if suffix in ("csv", "parquet") else []
        source, secret, moved, back = (
            tmp_path / f"{name}.{suffix}" for name in ("in", "secret", "moved", "back")
        )
        write_rows(source, texts)
        run(rules, source, secret, policy=Encrypt(KEY), columns=columns)
        rows = rows_of(secret)
        rows[2], rows[4] = rows[4], rows[2]
        write_rows(moved, rows)
        said, layout = [], Layout(columns=tuple(columns))
        work = FileRedactor(Restorer(KEY), layout, keep_unreadable=True, report=said.append)
        work.file(moved, back)
        assert rows_of(back) == [*texts[:2], *rows[2:5], *texts[5:]]
        first = 4 if suffix == "csv" else 3
        unit = "row" if suffix == "parquet" else "line"
        expected = [f"{moved}, {unit} {number}" for number in range(first, first + 3)]
        assert [one.split(": ")[0] for one in said] == expected
        # In any order, all of them come back.
        anyhow = tmp_path / f"anyhow.{suffix}"
        FileRedactor(Restorer(KEY, any_order=True), layout, report=said.append).file(moved, anyhow)
        assert rows_of(anyhow) == [*texts[:2], texts[4], texts[3], texts[2], *texts[5:]]
        assert len(said) == 3


def test_a_stream_says_that_rows_may_have_been_restored_too_early(rules, tmp_path):
    pytest.importorskip("cryptography")
    source, secret, moved = (tmp_path / f"{name}.txt" for name in ("in", "secret", "moved"))
    texts = [f"to p{number}@x.org" for number in range(8)]
    write_rows(source, texts)
    run(rules, source, secret, policy=Encrypt(KEY))
    rows = rows_of(secret)
    rows[2], rows[4] = rows[4], rows[2]
    write_rows(moved, rows)
    said, target = [], io.BytesIO()
    work = FileRedactor(Restorer(KEY), keep_unreadable=True, report=said.append)
    work.stream(io.BytesIO(moved.read_bytes()), target, form=TEXT, name="stdin")
    assert target.getvalue().decode().splitlines() == [*texts[:2], texts[4], *rows[3:5], *texts[5:]]
    assert len(said) == 2
    assert said[0].startswith("stdin, line 4: ")
    assert "values restored before" in said[0]
    # A file is a stream that can be read twice.
    with moved.open("rb") as file:
        file.readline()
        target = io.BytesIO()
        work.stream(file, target, form=TEXT, name="stdin")
    assert target.getvalue().decode().splitlines() == [texts[1], *rows[2:5], *texts[5:]]


def test_cells_are_read_after_the_names_of_columns_that_say_whose_they_are(rules, tmp_path):
    values = {
        "hunter2": "xxxxxx0",
        "zebra": "xxxxx",
        "Tr0ub4dor&3": "Xx0xx0xxx&0",
        "it's me, you": "xx'x xx, xxx",
    }
    rows = [{"password": value, "note": value} for value in values]
    expected = [{"password": hidden, "note": value} for value, hidden in values.items()]
    with (tmp_path / "in.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([list(rows[0]), *(row.values() for row in rows)])
    run(rules, tmp_path / "in.csv", tmp_path / "out.csv", columns=["password", "note"])
    with (tmp_path / "out.csv").open(encoding="utf-8") as file:
        assert list(csv.DictReader(file)) == expected
    (tmp_path / "in.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    (tmp_path / "in.json").write_text(json.dumps(rows))
    parquet.write_table(pyarrow.Table.from_pylist(rows), tmp_path / "in.parquet")
    for form in ("jsonl", "json", "parquet"):
        names = ("password", "note")
        layout = Layout(columns=names) if form == "parquet" else Layout(fields=names)
        run(rules, tmp_path / f"in.{form}", tmp_path / f"out.{form}", layout=layout)
    written = (tmp_path / "out.jsonl").read_text().splitlines()
    assert list(map(json.loads, written)) == expected
    assert json.loads((tmp_path / "out.json").read_text()) == expected
    assert parquet.read_table(tmp_path / "out.parquet").to_pylist() == expected


@pytest.mark.parametrize(
    "kind", [pyarrow.string(), pyarrow.large_string(), pyarrow.dictionary("int32", "string")]
)
def test_parquet_has_the_same_texts(rules, tmp_path, kind, monkeypatch):
    monkeypatch.setattr("seqlabel.formats.parquet._ROWS", 7)
    texts = [*lines(), None, *lines(seed=2)]
    outputs, _ = plain(rules, [text or "" for text in texts])
    table = pyarrow.table(
        {"n": range(len(texts)), "t": pyarrow.array(texts).cast(kind), "u": texts}
    )
    parquet.write_table(table, tmp_path / "in.parquet")
    run(rules, tmp_path / "in.parquet", tmp_path / "out.parquet", columns=["t"])
    written = parquet.read_table(tmp_path / "out.parquet")
    assert written.schema == table.schema
    expected = [text and output for text, output in zip(texts, outputs, strict=True)]
    assert written.to_pydict() == table.to_pydict() | {"t": expected}


def test_parquet_with_bytes_that_are_no_text(rules, tmp_path):
    bad = pyarrow.array([b"fine ann@x.org", b"b\xff ann@x.org", b"end"]).view(pyarrow.string())
    parquet.write_table(pyarrow.table({"t": bad}), tmp_path / "in.parquet")
    source, target = tmp_path / "in.parquet", tmp_path / "out.parquet"
    summary, said = run(rules, source, target, columns=["t"])
    assert parquet.read_table(target).to_pydict() == {"t": ["fine xxx@x.xxx", "end"]}
    assert summary.withheld == 1
    assert [one.split(": ")[0] for one in said] == [f"{source}, row 2"]
    run(rules, source, target, columns=["t"], keep_unreadable=True)
    kept = parquet.read_table(target).to_pydict()["t"]
    assert kept == ["fine xxx@x.xxx", "b\ufffd xxx@x.xxx", "end"]


def test_a_value_that_cannot_come_back_is_counted(model, tmp_path):
    uri = "http://schemas.openxmlformats.org/drawingml/2006/chart"
    number = "<c:numCache><c:pt><c:v>4111111111111111</c:v></c:pt></c:numCache>"
    parts = {
        "[Content_Types].xml": "<Types/>",
        "word/charts/chart1.xml": f"<c:chart xmlns:c='{uri}'>{number}</c:chart>",
    }
    with zipfile.ZipFile(tmp_path / "a.docx", "w") as archive:
        for name, text in parts.items():
            archive.writestr(name, text)
    boundary = "ann@x.org"
    message = (
        f'Content-Type: multipart/mixed; boundary="{boundary}"\n\n--{boundary}\n\nhello\n'
        f"--{boundary}--\n"
    )
    (tmp_path / "a.eml").write_text(message)
    for name in ("a.docx", "a.eml"):
        _, said = run(model, tmp_path / name, tmp_path / "out" / name, policy=Encrypt(KEY))
        assert [line for line in said if "1 private values" in line] == said[-1:]
        _, said = run(model, tmp_path / name, tmp_path / "out" / name, policy=Mask())
        assert said == []
