"""The command against the library's functions; exit statuses, what is said, and no private text in it."""

import json
import os
import re
import shlex
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from typer.testing import CliRunner

from seqlabel.cli import app
from seqlabel.documents.spans import CharacterSpan
from seqlabel.formats.jsonl import read_span_lines
from seqlabel.models.labeler import Labeler
from seqlabel.privacy.policies import Encrypt, Hash, Replace
from seqlabel.privacy.redacted import redact_characters
from tests.extras import needs_pii
from tests.keys import KEY
from tests.privacy.rewritten_files import NOTHING, lines, plain, save_labeler

pytestmark = needs_pii


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    return save_labeler(tmp_path_factory.mktemp("labeler") / "model")


@pytest.fixture(scope="module")
def rules(tmp_path_factory):
    """A labeler that finds nothing, so that rules alone do."""
    return save_labeler(tmp_path_factory.mktemp("rules") / "model", NOTHING)


@pytest.fixture
def source(tmp_path):
    path = tmp_path / "in.txt"
    path.write_text("\n".join(lines()) + "\n", encoding="utf-8")
    return path


def write_key(path, key):
    path.write_bytes(key)
    path.chmod(0o600)


def run(*arguments, given=None):
    return CliRunner().invoke(app, [*map(str, arguments)], input=given)


def test_a_filter_is_the_function(model):
    given = "\n".join(lines())
    done = run("redact", "--model", model, given=given.encode())
    outputs, found = plain(model, lines(), Replace())
    assert (done.exit_code, done.stdout) == (0, "\n".join(outputs))
    table = [line.split() for line in done.stderr.splitlines()]
    assert {label: int(count) for label, count in table[:-1]} == found
    assert table[-1] == [str(len(lines())), "records"]


def test_a_file_goes_to_a_file_with_a_summary(model, source, tmp_path):
    write_key(tmp_path / "key", KEY)
    options = ["--policy", "hash", "--key-file", tmp_path / "key", "--labels", "EMAIL, PERSON", "--no-patterns"]
    refused = run("redact", source, "--output", tmp_path / "out.txt", "--model", model, *options)
    assert (refused.exit_code, "labels: 'EMAIL' is not a label" in refused.stderr) == (2, True)
    options.pop()
    done = run(
        *("redact", source, "-o", tmp_path / "out.txt", "--model", model, *options),
        *("--summary", tmp_path / "summary.json"),
    )
    outputs, found = plain(model, lines(), Hash(KEY), ["EMAIL", "PERSON"])
    assert (done.exit_code, done.stdout) == (0, "")
    assert (tmp_path / "out.txt").read_text(encoding="utf-8").split("\n") == [*outputs, ""]
    summary = json.loads((tmp_path / "summary.json").read_text())
    assert summary == {"records": len(lines()), "withheld": 0, "kept": 0, "found": found}
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in.txt", "key", "out.txt", "summary.json"]


def test_several_files_go_to_a_folder(model, source, tmp_path):
    (tmp_path / "rows.jsonl").write_text('{"note": "ann@x.org"}\n')
    (tmp_path / "rows.tsv").write_text("a\tb\nann@x.org\tann@x.org\n")
    done = run(
        *("redact", source, tmp_path / "rows.jsonl", tmp_path / "rows.tsv", "--output", tmp_path / "new" / "out"),
        *("--model", model, "--field", "note", "--column", "b", "--policy", "remove", "--trust-header"),
    )
    assert done.exit_code == 0
    out = tmp_path / "new" / "out"
    assert sorted(path.name for path in out.iterdir()) == ["in.txt", "rows.jsonl", "rows.tsv"]
    assert (out / "rows.jsonl").read_text() == '{"note": ""}\n'
    assert (out / "rows.tsv").read_text() == "a\tb\nann@x.org\t\n"


@pytest.mark.parametrize(
    ("options", "given", "expected"),
    [
        (["--field", "a"], '{"a": "ann@x.org"}\n', '{"a": "<EMAIL>"}\n'),
        (["--column", "b"], "a,b\n1,ann@x.org\n", "a,b\n1,<EMAIL>\n"),
    ],
)
def test_stdin_can_be_rows(model, tmp_path, options, given, expected):
    trust = ["--trust-header"] if "--column" in options else []
    done = run("redact", "--model", model, *options, *trust, "--output", tmp_path / "out", given=given)
    assert (done.exit_code, (tmp_path / "out").read_text()) == (0, expected)


def test_what_is_withheld_is_said_with_its_line(model, source):
    data = source.read_bytes() + b"Ada Moss \xff\n"
    done = run("redact", "--model", model, given=data)
    assert done.exit_code == 1
    assert f"stdin, line {len(lines()) + 1}: byte 0xff" in done.stderr
    assert "1 withheld" in done.stderr
    assert "Moss" not in done.stderr + done.stdout
    assert done.stdout.endswith("<WITHHELD>\n")
    kept = run("redact", "--model", model, "--keep-unreadable", given=data)
    assert (kept.exit_code, "1 kept" in kept.stderr) == (1, True)
    # As if the byte were a character that nobody knows.
    (last,), _ = plain(model, ["Ada Moss \ufffd"], Replace())
    assert kept.stdout_bytes.splitlines()[-1] == last.replace("\ufffd", "\udcff").encode("utf-8", "surrogateescape")


WRONG = [
    (["a.txt", "b.txt"], "several files need a folder"),
    (["a.txt", "--policy", "hash"], "needs a key"),
    (["a.txt", "--policy", "mask", "--key-file", "key"], "has no key"),
    (["a.txt", "--policy", "hash", "--key-file", "none"], "No such file"),
    (["a.txt", "--field", "x"], "--field is for JSONL"),
    (["a.txt", "--column", "x"], "--column is for tables"),
    (["a.csv"], "a csv file needs --column"),
    (["--field", "x", "--column", "x"], "Give only one of them"),
    (["a.txt", "--resume"], "--resume continues an output file"),
    (["a.txt", "--output", "a.txt"], "would be replaced by its own output"),
    (["a.txt", "b.txt", "--output", "b.txt"], "is a file, and several"),
    (["a.txt", "sub/a.txt", "--output", "out"], "would both become"),
    (["a.parquet", "--column", "x"], "Parquet cannot be read from"),
    (["a.txt", "--model", "nowhere/at/all"], "nowhere/at/all"),
    (["a.txt", "--model", ""], "model: expected a folder"),
    (["a.txt", "--labels", "EMIAL"], "Did you mean 'EMAIL'?"),
    (["a.txt", "--recall", "0.9"], "recall: Found 0.9"),
    (["a.txt", "--recall", "most"], "--recall: Found 'most'. Give a number such as 0.99, or high."),
    (["a.txt", "--processes", "0"], "processes: Found 0"),
    (["c.txt"], "c.txt: there is no such file"),
    (["c.txt", "--output", "d.txt"], "c.txt: there is no such file"),
]


@pytest.mark.parametrize(("options", "message"), WRONG)
def test_wrong_use_is_one_line_and_writes_nothing(model, tmp_path, monkeypatch, options, message):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "sub").mkdir()
    for name in ("a.txt", "b.txt", "sub/a.txt", "a.csv", "a.parquet", "key"):
        write_key(tmp_path / name, KEY)
    before = sorted(tmp_path.iterdir())
    done = run("redact", *options, *([] if "--model" in options else ["--model", model]), given="x")
    assert done.exit_code == 2
    assert message in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert sorted(tmp_path.iterdir()) == before


def test_a_policy_that_is_not_there_is_wrong_use():
    assert run("redact", "--policy", "shred").exit_code == 2


def test_labels_are_written_as_json_lines(model, source, tmp_path):
    source.write_bytes(source.read_bytes() + b"bad \xff\n")
    done = run("label", source, "--model", model)
    assert done.exit_code == 1
    assert f"line {len(lines()) + 1}: byte 0xff" in done.stderr
    path = tmp_path / "labels.jsonl"
    path.write_text(done.stdout, encoding="utf-8")
    expected = [
        (document.text, [CharacterSpan(*document.characters(span), span.label) for span in document.spans["pii"].spans])
        for document in Labeler.load(model)(lines())
    ]
    assert list(read_span_lines(path)) == expected
    row = json.loads(done.stdout.splitlines()[0])
    assert [row["text"][start:end] for start, end in row["words"]] == next(Labeler.load(model)(lines())).words


def test_help_costs_no_torch():
    code = "import sys, seqlabel.cli; sys.exit('torch' in sys.modules or 'spacy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0


def start(*arguments, **more):
    command = [sys.executable, "-m", "seqlabel.cli", *map(str, arguments)]
    # A shell that runs the tests in the background has them, and all that they start, ignore Ctrl-C.
    before = signal.signal(signal.SIGINT, signal.SIG_DFL)
    try:
        return subprocess.Popen(command, **more)
    finally:
        signal.signal(signal.SIGINT, before)


def test_a_dialogue_is_answered_line_by_line(model):
    with start(
        "redact", "--model", model, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as filter:
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
    """The part of an output, as soon as something is in it; often, so that a quick machine is not at the end before."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        for part in folder.glob(".out.txt.*.part"):
            if part.stat().st_size:
                return part
        time.sleep(0.002)
    raise AssertionError("nothing was written")


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
    def full(self, path):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("seqlabel.privacy.files.FileRedactor.stream", lambda *_, **__: full(None, None))
    done = run("redact", source, "--model", model)
    assert (done.exit_code, done.stderr) == (2, "seqlabel: output: No space left on device\n")


@pytest.mark.parametrize("suffix", ["txt", "jsonl", "csv"])
def test_what_was_encrypted_comes_back(rules, tmp_path, suffix):
    texts = [*lines(), 'say "ann@x.org", \\ann@x.org\\', "<ENCRYPTED:abc> ann@x.org"]
    rows = {
        "txt": texts,
        "jsonl": [json.dumps({"n": 1, "text": text}, ensure_ascii=False) for text in texts],
        "csv": ["n,text", *(f'1,"{text.replace(chr(34), 2 * chr(34))}"' for text in texts)],
    }
    source, secret, back = (tmp_path / f"{name}.{suffix}" for name in ("in", "out", "back"))
    source.write_text("\n".join(rows[suffix]) + "\n", encoding="utf-8")
    write_key(tmp_path / "key", KEY)
    options = ["--key-file", tmp_path / "key", *(["--column", "text"] if suffix == "csv" else [])]
    encrypting = ["--model", rules, "--policy", "encrypt"]
    encrypted = run("redact", source, "--output", secret, *encrypting, *options)
    restored = run("restore", secret, "--output", back, *options)
    # One text held what looks encrypted and is not.
    assert (encrypted.exit_code, restored.exit_code) == (0, 1)
    assert "@" not in secret.read_text()
    count = sum(int(line.split()[1]) for line in encrypted.stderr.splitlines()[:-1])
    said = r".*, line \d+: 1 encrypted values are not of this key; kept"
    assert re.fullmatch(rf"{said}\nRESTORED +{count}\n{len(texts)} records, 1 kept and reported\n", restored.stderr)
    wanted, found = (path.read_text(encoding="utf-8") for path in (source, back))
    if suffix == "jsonl":
        # A field that changed has Python's escapes.
        wanted, found = ([json.loads(line) for line in text.splitlines()] for text in (wanted, found))
    assert found == wanted
    write_key(tmp_path / "key", KEY[::-1])
    refused = run("restore", secret, "--output", back, *options)
    assert refused.exit_code == 1
    assert re.search(rf"out\.{suffix}, line \d: \d encrypted values are not of this key", refused.stderr)
    assert "RESTORED" not in refused.stderr
    assert back.read_bytes() == secret.read_bytes()


def test_what_was_kept_unread_is_restored_too(rules, tmp_path):
    write_key(tmp_path / "key", KEY)
    for suffix, given, more in (
        ("txt", b"ann@x.org \xff\n", []),
        ("csv", b"n,text\n1,ann@x.org,3\n", ["--column", "text"]),
    ):
        source, secret, back = (tmp_path / f"{name}.{suffix}" for name in ("in", "out", "back"))
        source.write_bytes(given)
        options = ["--key-file", tmp_path / "key", *more]
        encrypting = ["--model", rules, "--policy", "encrypt", "--keep-unreadable"]
        run("redact", source, "--output", secret, *encrypting, *options)
        assert b"@" not in secret.read_bytes()
        run("restore", secret, "--output", back, *options)
        assert back.read_bytes() == given


def test_of_many_kept_records_the_first_are_named_and_the_version_is_said(tmp_path):
    write_key(tmp_path / "key", KEY)
    done = run("restore", "--key-file", tmp_path / "key", given=b"<ENCRYPTED:v9:abcd>\n" * 25)
    lines = done.stderr.splitlines()
    said = "1 encrypted values are of a version that is not known: a newer seqlabel may read them; kept"
    assert lines[:20] == [f"stdin, line {number}: {said}" for number in range(1, 21)]
    assert "5 more records were kept as they were" in lines[20:]
    assert (done.exit_code, len(lines)) == (1, 22)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_an_output_that_is_full_is_named(tmp_path):
    write_key(tmp_path / "key", KEY)
    done = run("restore", "--key-file", tmp_path / "key", "--output", "/dev/full", given=b"a\n")
    assert (done.exit_code, done.stderr) == (2, "seqlabel: /dev/full: No space left on device\n")


def test_restoring_is_a_filter_too(tmp_path):
    write_key(tmp_path / "key", KEY)
    text = redact_characters(
        "ann@x.org, Bo", [CharacterSpan(0, 9, "EMAIL"), CharacterSpan(11, 13, "PERSON")], Encrypt(KEY)
    ).text
    done = run("restore", "--key-file", tmp_path / "key", given=f"{text}\nnothing\n".encode())
    assert (done.exit_code, done.stdout) == (0, "ann@x.org, Bo\nnothing\n")
    write_key(tmp_path / "key", b"short")
    done = run("restore", "--key-file", tmp_path / "key", given=b"a")
    assert (done.exit_code, done.stdout) == (2, "")
    assert "at least 16 bytes" in done.stderr


def test_the_page_runs(tmp_path, monkeypatch, capsys):
    pytest.importorskip("presidio_analyzer", reason="needs seqlabel-rnn[presidio]")
    # Whatever the model that ships finds, the page is about what is done with it.
    save_labeler(tmp_path / "pretrained" / "en_pii")
    monkeypatch.setattr("seqlabel.models.folders.PRETRAINED", tmp_path / "pretrained")
    monkeypatch.chdir(tmp_path)
    page = (Path(__file__).parents[2] / "docs" / "redaction.md").read_text(encoding="utf-8")
    names = {}
    for block in re.findall(r"```python\n(.*?)```", page, flags=re.DOTALL):
        exec(compile(block, "redaction.md", "exec"), names)
    assert names["encrypted"].text != names["document"].text
    assert names["doc"]._.redacted.findings
    # A labeler drawn by chance takes names of columns for places.
    monkeypatch.setattr("seqlabel.privacy.files.FileRedactor._check_header", lambda *_: None)
    (tmp_path / "notes.txt").write_text("ann@x.org\n")
    (tmp_path / "chats.jsonl").write_text('{"text": "ann@x.org"}\n')
    (tmp_path / "people.csv").write_text("name,note\nann@x.org,ann@x.org\n")
    (commands,) = re.findall(r"```sh\n(.*?)```", page, flags=re.DOTALL)
    for command in commands.splitlines():
        # Other processes know nothing of the folder above.
        words = shlex.split(command.replace("--processes 2", "--processes 1"))
        given = Path(words[words.index("<") + 1]).read_text() if "<" in words else None
        end = min(words.index(mark) if mark in words else len(words) for mark in "<>")
        done = run(*words[1:end], given=given)
        assert done.exit_code == 0, (command, done.stderr)
        if ">" in words:
            Path(words[-1]).write_text(done.stdout)
    assert not any("ann@" in path.read_text() for path in tmp_path.glob("clean*") if path.is_file())
    assert sorted(path.name for path in (tmp_path / "clean").iterdir()) == ["chats.jsonl", "notes.txt"]
    assert json.loads((tmp_path / "labels.jsonl").read_text())["text"] == "ann@x.org"
    assert json.loads((tmp_path / "counts.json").read_text())["found"] == {"EMAIL": 1}
