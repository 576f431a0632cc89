"""`seqlabel redact` against the library's functions; exit statuses, what is said, and no private
text in it.
"""

import gzip
import json
import os
import signal
import subprocess
import time

import pytest

from seqlabel.privacy.replacing.policies import Hash, Replace
from tests.cli.commands import run, start, write_key
from tests.extras import needs_pii
from tests.keys import KEY
from tests.privacy.rewritten_files import lines, plain

pytestmark = needs_pii


def test_a_filter_is_the_function(model):
    given = "\n".join(lines())
    done = run(f"redact --model {model}", input=given.encode())
    outputs, found = plain(model, lines(), Replace())
    assert (done.exit_code, done.stdout) == (0, "\n".join(outputs))
    table = [line.split() for line in done.stderr.splitlines()]
    assert {label: int(count) for label, count in table[:-1]} == found
    assert table[-1] == [str(len(lines())), "records"]


def test_a_file_goes_to_a_file_with_a_summary(model, source, tmp_path):
    write_key(tmp_path / "key", KEY)
    command = f"redact {source} -o {tmp_path}/out.txt --model {model} --policy hash"
    options = f"--key-file {tmp_path}/key --summary {tmp_path}/summary.json --labels"
    labels = "EMAIL, PERSON"
    refused = run(f"{command} --no-rules {options}", labels)
    assert (refused.exit_code, "'EMAIL'" in refused.stderr) == (2, True)
    done = run(f"{command} {options}", labels)
    outputs, found = plain(model, lines(), Hash(KEY), ["EMAIL", "PERSON"])
    assert (done.exit_code, done.stdout) == (0, "")
    assert (tmp_path / "out.txt").read_text(encoding="utf-8").split("\n") == [*outputs, ""]
    counts = {"records": len(lines()), "withheld": 0, "kept": 0, "unread": 0, "found": found}
    assert json.loads((tmp_path / "summary.json").read_text()) == counts
    names = {"in.txt", "key", "out.txt", "summary.json"}
    assert {path.name for path in tmp_path.iterdir()} == names


def test_a_dash_is_stdout(model, source, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    done = run(f"redact {source} -o - --model {model}")
    assert (done.exit_code, done.stdout) == (0, run(f"redact {source} --model {model}").stdout)
    assert run(f"redact -o - --model {model}", input=b"ann@x.org").stdout == "<EMAIL>"
    assert run(f"find {source} -o - --model {model}").stdout.count("EMAIL")
    assert [path.name for path in tmp_path.iterdir()] == ["in.txt"]


def test_several_files_go_to_a_folder(model, source, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "rows.jsonl").write_text('{"note": "ann@x.org"}\n')
    (tmp_path / "rows.tsv").write_text("a\tb\nann@x.org\tann@x.org\n")
    options = f"--model {model} --field note --column b --policy remove --trust-header"
    done = run(f"redact {source} rows.jsonl rows.tsv --output new/out {options}")
    assert done.exit_code == 0
    out = tmp_path / "new" / "out"
    assert {path.name for path in out.iterdir()} == {"in.txt", "rows.jsonl", "rows.tsv"}
    assert (out / "rows.jsonl").read_text() == '{"note": ""}\n'
    assert (out / "rows.tsv").read_text() == "a\tb\nann@x.org\t\n"


@pytest.mark.parametrize("command", ["redact", "find"])
@pytest.mark.parametrize(
    "begins",
    [b"%PDF-1.7\n", b"PK\x03\x04 and more", gzip.compress(b"SQLite format 3\0")],
    ids=["pdf", "zip", "gz"],
)
def test_another_kind_of_file_on_stdin_is_refused(model, command, begins):
    done = run(command, "--model", model, input=begins)
    assert (done.exit_code, done.stdout) == (2, "")


@pytest.mark.parametrize(
    ("options", "given", "expected"),
    [
        (["--field", "a"], '{"a": "ann@x.org"}\n', '{"a": "<EMAIL>"}\n'),
        (["--column", "b"], "a,b\n1,ann@x.org\n", "a,b\n1,<EMAIL>\n"),
    ],
)
def test_stdin_can_be_rows(model, tmp_path, options, given, expected):
    trust = ["--trust-header"] if "--column" in options else []
    done = run(f"redact --model {model} --output {tmp_path}/out", *options, *trust, input=given)
    assert (done.exit_code, (tmp_path / "out").read_text()) == (0, expected)


def test_what_is_withheld_is_said_with_its_line(model, source):
    data = source.read_bytes() + b"Ada Moss \xff\n"
    done = run(f"redact --model {model}", input=data)
    assert done.exit_code == 1
    assert f"stdin, line {len(lines()) + 1}: byte 0xff" in done.stderr
    assert "1 withheld" in done.stderr
    assert "Moss" not in done.stderr + done.stdout
    assert done.stdout.endswith("<WITHHELD>\n")
    kept = run(f"redact --model {model} --keep-unreadable", input=data)
    assert (kept.exit_code, "1 kept" in kept.stderr) == (1, True)
    # As if the byte were a character that nobody knows.
    (last,), _ = plain(model, ["Ada Moss \ufffd"], Replace())
    assert kept.stdout_bytes.splitlines()[-1] == last.replace("\ufffd", "\udcff").encode(
        "utf-8", "surrogateescape"
    )


def test_text_in_another_encoding_gets_one_suggestion(rules, tmp_path):
    bad, other = tmp_path / "bad.iob2", tmp_path / "other.iob2"
    for path in (bad, other):
        path.write_bytes("Müller B-PER\nkam O\n".encode("cp1252") * 8)
    done = run(f"redact {bad} {other} --model {rules} --output {tmp_path}/out")
    for path in (bad, other):
        first, *rest = [
            line
            for line in done.stderr.splitlines()
            if line.startswith(str(path)) and " records, " not in line
        ]
        assert "--encoding cp1252" in first
        # Those of four more lines, and that there are more.
        assert len(rest) == 5
        assert not any("--encoding" in line for line in rest)
    assert (done.exit_code, "16 withheld" in done.stderr) == (1, True)
    done = run(f"redact {bad} --model {rules} --encoding cp1252 --output {tmp_path}/out.txt")
    assert (done.exit_code, "withheld" in done.stderr) == (0, False)


@pytest.mark.parametrize(
    ("options", "named"),
    [
        ("a.txt b.txt", "--output FOLDER"),
        ("a.txt --policy hash", "--key-file"),
        ("a.txt --policy mask --key-file key", "--key-file: the policy 'mask'"),
        ("a.txt --policy hash --key-file none", "key file none: "),
        ("a.txt --policy shred", "policy: "),
        ("a.txt --field x", "--field"),
        ("a.txt --column x", "--column"),
        ("a.csv", "--column"),
        ("--field x --column x", "one of them"),
        ("a.txt --resume", "--resume"),
        ("a.txt --output a.txt", "--output"),
        ("a.txt b.txt --output b.txt", "another --output"),
        ("a.txt sub/a.txt --output out", "sub/a.txt and a.txt "),
        ("a.parquet --column x", "Parquet"),
        ("a.txt --model nowhere/at/all", "nowhere/at/all"),
        ("a.txt --labels EMIAL", "'EMAIL'"),
        ("a.txt --sensitivity inf", "--sensitivity"),
        ("c.txt", "seqlabel: c.txt: "),
        ("c.txt --output d.txt", "seqlabel: c.txt: "),
    ],
)
def test_wrong_use_is_one_line_and_writes_nothing(model, tmp_path, monkeypatch, options, named):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "sub").mkdir()
    for name in ("a.txt", "b.txt", "sub/a.txt", "a.csv", "a.parquet", "key"):
        write_key(tmp_path / name, KEY)
    before = sorted(tmp_path.iterdir())
    done = run(f"redact --model {model} {options}", input="x")
    assert done.exit_code == 2
    assert named in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert sorted(tmp_path.iterdir()) == before


def test_a_dialogue_is_answered_line_by_line(model):
    pipes = dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.PIPE)
    with start("redact", "--model", model, **pipes) as filter:
        for text in lines()[:4]:
            filter.stdin.write(text.encode() + b"\n")
            filter.stdin.flush()
            assert filter.stdout.readline().decode() == plain(model, [text], Replace())[0][0] + "\n"
        filter.stdout.close()
        filter.stdin.write(b"one line more\n")
        filter.stdin.close()
        assert filter.wait(600) == 141
        assert filter.stderr.read() == b""


def wait_for_part(folder, seconds=600):
    """The part of an output, as soon as something is in it; often, so that a quick machine is not
    at the end before.
    """
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        for part in folder.glob(".out.txt.*.part"):
            if part.stat().st_size:
                return part
        time.sleep(0.002)
    raise AssertionError("nothing was written")


@pytest.mark.end_to_end
@pytest.mark.skipif(os.name == "nt", reason="needs POSIX signals")
def test_ctrl_c_says_how_to_go_on_and_resume_does(model, tmp_path):
    source = tmp_path / "in.txt"
    source.write_text("\n".join(lines() * 400), encoding="utf-8")
    command = ["redact", source, "--output", tmp_path / "out.txt", "--model", model]
    with start(*command, stderr=subprocess.PIPE) as running:
        part = wait_for_part(tmp_path)
        running.send_signal(signal.SIGINT)
        said = running.stderr.read().decode()
        assert running.wait(600) == 130
    assert said == "Interrupted. Run the same command with --resume to continue.\n"
    size = part.stat().st_size
    assert not (tmp_path / "out.txt").exists()
    assert run(*command, "--resume").exit_code == 0
    outputs, _ = plain(model, lines(), Replace())
    written = (tmp_path / "out.txt").read_text(encoding="utf-8")
    assert written == "\n".join(outputs * 400)
    assert 0 < size < len(written.encode())
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in.txt", "out.txt"]


def test_a_full_output_is_said(model, source, monkeypatch):
    def full(*_, **__):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("seqlabel.privacy.records.files.FileRedactor.stream", full)
    done = run(f"redact {source} --model {model}")
    assert (done.exit_code, done.stderr) == (2, "seqlabel: output: No space left on device\n")


def test_counts_are_printed_as_json_and_quiet_runs_say_nothing(rules, tmp_path):
    (tmp_path / "a.txt").write_text("ann@x.org\n")
    command = f"redact {tmp_path}/a.txt --model {rules}"
    into = f"--output {tmp_path}/b.txt"
    done = run(f"{command} {into} --json")
    assert (done.exit_code, done.stderr) == (0, "")
    counts = {"records": 1, "withheld": 0, "kept": 0, "unread": 0, "found": {"EMAIL": 1}}
    assert json.loads(done.stdout) == counts
    assert run(f"{command} {into} --quiet").output == ""
    assert run(f"{command} {into}").stderr == "EMAIL          1\n1 record\n"
    refused = run(f"{command} --json")
    assert (refused.exit_code, "--output" in refused.stderr, refused.stdout) == (2, True, "")


def test_places_of_labels_that_no_longer_fit_are_left_out_and_said(rules, tmp_path):
    (tmp_path / "a.jsonl").write_text(
        '{"text": "ann@x.org", "spans": [[0, 9, "EMAIL"]], "id": 1}\n{"text": "b", "spans": []}\n'
    )
    done = run(f"redact {tmp_path}/a.jsonl --model {rules}")
    assert done.stdout == '{"text": "<EMAIL>", "id": 1}\n{"text": "b", "spans": []}\n'
    assert "spans" in done.stderr
    assert "not read" not in done.stderr
