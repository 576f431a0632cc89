"""Which files `redact` reads, and where each goes: folders, compressed files, encodings, tables,
nested fields.
"""

import gzip
import json
import lzma
import os
import random
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from seqlabel.cli import app
from tests.cli import commands
from tests.cli.commands import write_key
from tests.extras import needs_pii
from tests.formats.test_pdf import write_pdf
from tests.keys import KEY

pytestmark = needs_pii

LINE, CLEAN = "mail ann@x.org now\n", "mail xxx@x.xxx now\n"


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def written(folder):
    """The names of the files in a folder that are not hidden."""
    return sorted(path.name for path in folder.glob("[!.]*"))


def run(rules, *options, given=None):
    return CliRunner().invoke(
        app, ["redact", "--model", str(rules), "--policy", "mask", *options], input=given
    )


def test_a_folder_keeps_its_tree(rules, folder):
    (folder / "in" / "a" / ".git").mkdir(parents=True)
    for path in ("in/b.txt", "in/a/b.txt", "in/a/.git/b.txt"):
        (folder / path).write_text(LINE)
    (folder / "in/a/c.jsonl.gz").write_bytes(gzip.compress(json.dumps({"text": LINE}).encode()))
    done = run(rules, "in", "--output", "out")
    assert done.exit_code == 0
    assert str(Path("in/a/.git/b.txt")) in done.stderr
    paths = [path.relative_to(folder / "out") for path in (folder / "out").rglob("*.*")]
    assert sorted(map(str, paths)) == ["a/b.txt", "a/c.jsonl.gz", "b.txt"]
    assert (folder / "out/a/b.txt").read_text() == CLEAN
    packed = gzip.decompress((folder / "out/a/c.jsonl.gz").read_bytes())
    assert json.loads(packed) == {"text": CLEAN}


@pytest.mark.parametrize("command", ["redact", "restore"])
def test_a_folder_that_an_output_needs_and_that_is_not_there_is_named(rules, folder, command):
    (folder / "a.txt").write_text(LINE)
    write_key(folder / "key", KEY)
    policy = ["--model", str(rules), "--policy", "encrypt"] if command == "redact" else []
    for output, said in (("out/b.txt", True), ("out/c.txt", False), ("new", False)):
        done = commands.run(command, "a.txt", "--output", output, "--key-file", "key", *policy)
        assert done.exit_code == 0, done.stderr
        assert ("out: makes this folder, which was not there" in done.stderr) is said


def test_what_is_not_text_in_a_folder_is_left_out_and_said(rules, folder):
    (folder / "in").mkdir()
    (folder / "in/b.txt").write_text(LINE)
    (folder / "in/c.bin").write_bytes(b"a\0b")
    done = run(rules, "in", "--output", "out")
    assert (done.exit_code, "in/c.bin: " in done.stderr) == (1, True)
    assert written(folder / "out") == ["b.txt"]


@pytest.mark.parametrize("command", ["redact", "find"])
def test_one_of_several_files_that_is_missing_or_no_text_is_named_and_the_others_are_read(
    rules, folder, command
):
    (folder / "a.txt").write_text(LINE)
    (folder / "b.txt").write_bytes(b"%PDF-1.4 and more")
    output = ["--output", "out"] if command == "redact" else []
    done = commands.run(command, "none.txt", "b.txt", "a.txt", "--model", rules, *output)
    assert done.exit_code == 1
    assert ("none.txt" in done.stderr, "b.txt" in done.stderr) == (True, True)
    if command == "redact":
        assert written(folder / "out") == ["a.txt"]
    else:
        assert [json.loads(line)["file"] for line in done.stdout.splitlines()] == ["a.txt"]


def test_an_interrupted_run_of_compressed_files_begins_anew(rules, folder, monkeypatch):
    (folder / "a.txt.gz").write_bytes(gzip.compress((LINE * 3).encode()))
    options = ["a.txt.gz", "--output", "b.txt.gz"]
    from seqlabel.privacy.records import files

    def interrupt(*_, **__):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(files.Part, "publish", interrupt)
        assert run(rules, *options).exit_code == 130
    assert run(rules, *options, "--resume").exit_code == 0
    assert gzip.decompress((folder / "b.txt.gz").read_bytes()).decode() == CLEAN * 3


@pytest.mark.parametrize("suffix", [".gz", ".xz", ".zst"])
def test_a_damaged_file_of_several_is_reported_and_the_others_are_done(rules, folder, suffix):
    pack = {".gz": gzip.compress, ".xz": lzma.compress}.get(suffix)
    if pack is None:
        zstandard = pytest.importorskip("zstandard", reason="needs seqlabel-rnn[zstd]")
        pack = zstandard.ZstdCompressor().compress
    broken = folder / f"a.txt{suffix}"
    whole = pack(random.Random(0).randbytes(100_000).hex().encode() + LINE.encode())
    broken.write_bytes(whole[: len(whole) // 2])
    (folder / "b.txt").write_text(LINE)
    (folder / "c.txt").write_text(LINE, encoding="utf-16")
    command = [broken.name, "b.txt", "c.txt", "--output", "out"]
    done = run(rules, *command)
    assert done.exit_code == 1
    for said in (f"seqlabel: {broken.name}: ", "seqlabel: c.txt: ", "--encoding utf-16", "2 of 3"):
        assert said in done.stderr
    assert written(folder / "out") == ["b.txt"]
    broken.write_bytes(pack(LINE.encode()))
    (folder / "c.txt").write_text(LINE)
    assert run(rules, *command, "--resume").exit_code == 0
    names = sorted(path.name for path in (folder / "out").iterdir())
    assert names == [broken.name, "b.txt", "c.txt"]
    broken.write_bytes(whole[: len(whole) // 2])
    assert run(rules, broken.name, "--output", "out").exit_code == 2


@pytest.mark.skipif(sys.platform != "linux", reason="names of files are bytes on Linux alone")
def test_a_name_that_is_not_utf_8_is_read_like_others(rules, folder):
    (folder / "in").mkdir()
    odd = Path(os.fsdecode(b"in/caf\xe9.txt"))
    (folder / odd).write_text(LINE)
    (folder / "in/b.txt").write_text(LINE)
    assert run(rules, "in", "--output", "out", "--resume").exit_code == 0
    assert [path.read_text() for path in (folder / "out").iterdir()] == [CLEAN, CLEAN]


def test_any_error_on_a_file_of_several_is_reported_and_the_others_are_done(
    rules, folder, monkeypatch
):
    from seqlabel.privacy.records import files

    def fail(source, stack):
        if source.name == "b.txt":
            raise RecursionError(LINE)
        return real(source, stack)

    real = files.open_unpacked
    names = ["a.txt", "b.txt", "c.txt"]
    for name in names:
        (folder / name).write_text(LINE)
    command = [*names, "--output", "out"]
    with monkeypatch.context() as patch:
        patch.setattr(files, "open_unpacked", fail)
        done = run(rules, *command)
    assert (done.exit_code, "seqlabel: b.txt: " in done.stderr) == (1, True)
    assert LINE.strip() not in done.stderr
    assert written(folder / "out") == ["a.txt", "c.txt"]
    assert run(rules, *command, "--resume").exit_code == 0
    assert sorted(path.name for path in (folder / "out").iterdir()) == names


def test_encodings_and_delimiters(rules, folder):
    (folder / "a.csv").write_bytes(f"é;text\r\n1;{LINE.strip()}\r\n".encode("utf-16"))
    options = "a.csv --output b.csv --encoding utf-16 --delimiter ; --column text"
    assert run(rules, *options.split()).exit_code == 0
    read = (folder / "b.csv").read_bytes().decode("utf-16")
    assert read == f"é;text\r\n1;{CLEAN.strip()}\r\n"
    done = run(rules, "--encoding", "cp1252", given="é ann@x.org".encode("cp1252"))
    assert done.stdout_bytes == b"\xe9 xxx@x.xxx"


def test_a_part_that_is_not_read_is_named_and_the_exit_status_says_so(rules, folder):
    (folder / "a.jsonl").write_text(json.dumps({"text": LINE, "who": "Ann"}))
    head = "Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: image/png\n"
    (folder / "a.eml").write_text(f"{head}Content-Transfer-Encoding: base64\n\nQW5u\n--b--\n")
    for options, status, named in (
        ("a.jsonl --output b.jsonl", 1, "fields 'who'"),
        # It was left out on purpose.
        ("a.jsonl --output b.jsonl --field text", 0, "fields 'who'"),
        ("a.eml --output b.eml", 1, "attachments 'image/png'"),
    ):
        done = run(rules, *options.split())
        assert (
            done.exit_code,
            f": not read, though they may hold text: {named}" in done.stderr,
        ) == (
            status,
            True,
        )
    done = CliRunner().invoke(app, ["find", "--model", str(rules), "a.eml"])
    assert (done.exit_code, "image/png" in done.stderr) == (1, True)


def test_nested_fields_and_what_was_not_read(rules, folder):
    rows = [{"messages": [{"role": "user", "content": LINE}], "user": {"name": "ann@x.org"}}]
    (folder / "a.json").write_text(json.dumps(rows, indent=1))
    done = run(rules, "a.json", "--output", "b.json", "--field", "messages[].content")
    assert (done.exit_code, "'messages[].role', 'user'" in done.stderr) == (0, True)
    (row,) = json.loads((folder / "b.json").read_text())
    assert row["messages"] == [{"role": "user", "content": CLEAN}]
    run(rules, "a.json", "--output", "c.json", "--all-strings")
    assert "ann@x.org" not in (folder / "c.json").read_text()
    given = json.dumps({"a": ["ann@x.org"]})
    assert run(rules, "--all-strings", given=given).stdout == '{"a": ["xxx@x.xxx"]}'


@pytest.mark.parametrize(
    ("first", "named"), [("id,name,note", True), ("Ann,ann@moss.example", False)]
)
def test_a_table_without_columns_names_those_found_but_no_row_of_data(tmp_path, first, named):
    (tmp_path / "people.csv").write_text(f"{first}\n1,Ann Moss,hello\n", encoding="utf-8")
    done = CliRunner().invoke(app, ["redact", str(tmp_path / "people.csv")])
    assert (done.exit_code, "id, name, note" in done.stderr) == (2, named)
    assert "Ann" not in done.stderr


def tables(folder):
    (folder / "in").mkdir()
    (folder / "in/a.csv").write_text(f"id,note\n1,{LINE}")
    (folder / "in/b.tsv").write_text(f"mail\tnote\nann@x.org\t{LINE}")
    (folder / "in/c.csv").write_text(f"mail,place\nann@x.org,{LINE}")
    (folder / "in/d.txt").write_text(LINE)


def test_a_folder_of_tables_is_read_in_the_columns_that_each_has(rules, folder):
    tables(folder)
    done = run(rules, "in", "--output", "out", "--column", "note", "--column", "mail")
    assert done.exit_code == 0
    read = {path.name: path.read_text() for path in (folder / "out").iterdir()}
    assert read == {
        "a.csv": f"id,note\n1,{CLEAN}",
        "b.tsv": f"mail\tnote\nxxx@x.xxx\t{CLEAN}",
        "c.csv": f"mail,place\nxxx@x.xxx,{LINE}",
        "d.txt": CLEAN,
    }
    assert "in/c.csv: not read, though they may hold text: columns 'place'" in done.stderr
    assert "in/b.tsv: 1 record, 2 findings" in done.stderr


def test_all_columns_are_read_if_asked_for(rules, folder):
    tables(folder)
    assert run(rules, "in", "--output", "out", "--all-columns").exit_code == 0
    assert "ann@x.org" not in "".join(path.read_text() for path in (folder / "out").iterdir())
    assert run(rules, "--all-columns", given=f"a,b\n1,{LINE}").stdout == f"a,b\n1,{CLEAN}"


@pytest.mark.parametrize(
    ("columns", "named"),
    [("--column note --column mial", "'mail'"), ("--all-columns --column note", "--column")],
)
def test_columns_that_do_not_fit_are_refused_before_anything_is_written(
    rules, folder, columns, named
):
    tables(folder)
    done = run(rules, "in", "--output", "out", *columns.split())
    assert (done.exit_code, named in done.stderr) == (2, True)
    assert not (folder / "out").exists()


def test_a_table_without_the_columns_is_left_out_and_said(rules, folder):
    tables(folder)
    done = run(rules, "in", "--output", "out", "--column", "note")
    assert (done.exit_code, "in/c.csv: " in done.stderr) == (1, True)
    assert sorted(path.name for path in (folder / "out").iterdir()) == ["a.csv", "b.tsv", "d.txt"]


def test_a_table_whose_names_cannot_be_read_stops_no_other(rules, folder):
    tables(folder)
    (folder / "in/b.tsv").write_bytes(b"ma\xffil\tnote\n")
    done = run(rules, "in", "--output", "out", "--column", "note", "--column", "mail")
    assert (done.exit_code, "1 of 4 files" in done.stderr) == (1, True)
    assert written(folder / "out") == ["a.csv", "c.csv", "d.txt"]


def test_an_office_file_stays_one_and_its_values_come_back(rules, folder):
    docx = pytest.importorskip("docx", reason="needs python-docx")
    document = docx.Document()
    document.add_paragraph(LINE.strip())
    document.sections[0].header.paragraphs[0].text = LINE.strip()
    document.save(folder / "a.docx")
    assert "--output b.docx" in run(rules, "a.docx", "-o", "b.txt").stderr
    write_key(folder / "key", KEY)
    encrypting = f"redact --model {rules} a.docx -o b.docx --policy encrypt --key-file key"
    assert commands.run(encrypting).exit_code == 0
    assert docx.Document(folder / "b.docx").paragraphs[0].text != LINE.strip()
    assert commands.run("restore b.docx -o c.docx --key-file key").exit_code == 0
    restored = docx.Document(folder / "c.docx")
    for paragraphs in (restored.paragraphs, restored.sections[0].header.paragraphs):
        assert paragraphs[0].text == LINE.strip()


def test_a_pdf_becomes_text_and_never_a_pdf(rules, folder):
    pytest.importorskip("pypdf", reason="pypdf is of the extra office")
    (folder / "in").mkdir()
    write_pdf(folder / "in/a.pdf", LINE.strip(), "")
    refused = run(rules, "in/a.pdf", "-o", "b.pdf")
    assert (refused.exit_code, len(refused.stderr.splitlines())) == (2, 1)
    assert "--output b.txt" in refused.stderr
    done = run(rules, "in/a.pdf", "-o", "b.txt")
    assert (done.exit_code, (folder / "b.txt").read_text()) == (1, f"{CLEAN}\n")
    assert "pages without text (1)" in done.stderr
    assert run(rules, "in", "-o", "out").exit_code == 1
    assert (folder / "out/a.pdf.txt").read_text() == f"{CLEAN}\n"
    found = commands.run(f"find --model {rules} --to lines in/a.pdf")
    assert found.stdout == "in/a.pdf:1:6: EMAIL in page (email 1.00)\n"
    assert "pages without text (1)" in found.stderr
