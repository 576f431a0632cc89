"""`seqlabel find`: each form of findings, exit statuses, and no text where none was asked for."""

import gzip
import json
import os
import shlex
import stat
import subprocess

import pyarrow
import pytest
import srsly
from pyarrow import parquet
from typer.testing import CliRunner

from seqlabel.cli import app
from seqlabel.privacy.records import findings
from tests.extras import needs_pii
from tests.pages import ROOT

pytestmark = needs_pii

TEXT = "nothing here\nmail ann@x.org or 203.0.113.7\n"


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.txt").write_text(TEXT)
    return tmp_path


def run(rules, *options, given=None):
    return CliRunner().invoke(app, ["find", "--model", str(rules), *options], input=given)


def objects(done):
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_json_lines_tell_where_and_what_without_the_text(rules, folder):
    done = run(rules, "a.txt")
    place = {"file": "a.txt", "line": 2, "path": None, "score": 1.0}
    assert objects(done) == [
        {**place, "start": 5, "end": 14, "label": "EMAIL", "source": "email"},
        {**place, "start": 18, "end": 29, "label": "IP", "source": "ipv4"},
    ]
    assert (done.exit_code, done.stderr) == (0, "2 findings in 1 of 2 texts\n")
    assert "ann@" not in done.output
    assert run(rules, "a.txt", "--with-text", "-o", "found").exit_code == 0
    found = [json.loads(line)["text"] for line in (folder / "found").read_text().splitlines()]
    assert found == ["ann@x.org", "203.0.113.7"]


@pytest.mark.skipif(os.name == "nt", reason="needs POSIX permissions, links and pipes")
def test_findings_go_into_a_pipe_and_never_replace_a_link(rules, folder):
    os.mkfifo(folder / "fifo")
    reader = os.open(folder / "fifo", os.O_RDONLY | os.O_NONBLOCK)
    try:
        assert run(rules, "a.txt", "-o", "fifo").exit_code == 0
        assert os.read(reader, 10_000).decode() == run(rules, "a.txt").stdout
    finally:
        os.close(reader)
    assert stat.S_ISFIFO((folder / "fifo").lstat().st_mode)
    (folder / "link").symlink_to(folder / "a.txt")
    refused = run(rules, "a.txt", "-o", "link")
    assert (refused.exit_code, "got a link" in refused.stderr) == (2, True)
    assert (folder / "a.txt").read_text() == TEXT
    assert run(rules, "a.txt", "--with-text", "-o", "found").exit_code == 0
    assert stat.S_IMODE((folder / "found").stat().st_mode) == 0o600


def test_a_check_fails_where_anything_is_found(rules, folder):
    done = run(rules, "a.txt", "--check")
    lines = ["a.txt:2:6: EMAIL (email 1.00)", "a.txt:2:19: IP (ipv4 1.00)"]
    assert (done.exit_code, done.stdout.splitlines()) == (1, lines)
    (folder / "allow.txt").write_text("ann@x.org\n203.0.113.7\n")
    for passes in (["--labels", "CARD"], ["--allow", "allow.txt"]):
        assert run(rules, "a.txt", "--check", *passes).exit_code == 0


def test_rules_only_leaves_out_what_the_model_says_and_explain_says_why(model, folder):
    (folder / "b.txt").write_text("the cat sat on the mat, Ann visited Oslo: ann@x.org\n")
    every = objects(run(model, "b.txt"))
    assert {one["source"] for one in every} == {"model", "email"}
    assert objects(run(model, "b.txt", "--rules-only")) == [
        one for one in every if one["source"] == "email"
    ]
    told = objects(run(model, "b.txt", "--explain"))
    assert [
        {name: value for name, value in one.items() if name != "words"} for one in told
    ] == every
    words = [one for one in told if "words" in one]
    assert words
    assert all(one["source"] == "model" and 1 <= len(one["words"]) <= 3 for one in words)
    shown = run(model, "b.txt", "--explain", "--to", "lines").stdout
    assert f", by {', '.join(words[0]['words'])})" in shown


def test_the_page_shows_texts_escaped_and_is_for_its_owner(rules, folder):
    (folder / "a.txt").write_text("<b> ann@x.org\n")
    assert run(rules, "a.txt", "--to", "html", "--output", "out.html").exit_code == 0
    page = (folder / "out.html").read_text()
    assert "&lt;b&gt; <mark" in page
    assert ">ann@x.org<" in page
    assert "1 finding." in page
    # Windows has no such permissions.
    assert os.name == "nt" or (folder / "out.html").stat().st_mode & 0o777 == 0o600


def test_all_of_every_form_is_searched(rules, folder):
    (folder / "in" / "b").mkdir(parents=True)
    row = {"a": {"b": ["ann@x.org"]}, "text": "ann@x.org"}
    (folder / "in" / "a.jsonl").write_text(json.dumps(row) + "\n")
    (folder / "in" / "b" / "a.json.gz").write_bytes(gzip.compress(json.dumps([row]).encode()))
    (folder / "in" / "a.csv").write_text("name,mail\nx,ann@x.org\n")
    table = pyarrow.table({"n": [1, 2], "mail": ["x", "ann@x.org"]})
    parquet.write_table(table, folder / "in" / "a.parquet")
    places = [(one["file"], one["line"], one["path"]) for one in objects(run(rules, "in"))]
    in_objects = [("in/a.jsonl", 1, ""), ("in/b/a.json.gz", 1, "[0].")]
    expected = [("in/a.csv", 2, "mail"), ("in/a.parquet", 2, "mail")]
    for file, line, inside in in_objects:
        expected += [(file, line, f"{inside}a.b[0]"), (file, line, f"{inside}text")]
    assert sorted(places) == sorted(expected)
    files = [file for file, _, _ in in_objects]
    for field in ("text", "a.b[]"):
        found = objects(run(rules, *files, "--field", field))
        assert [(one["file"], one["path"]) for one in found] == [(file, field) for file in files]
    given = '{"t": "ann@x.org"}\n'
    assert [one["path"] for one in objects(run(rules, "--field", "t", given=given))] == ["t"]
    assert len(objects(run(rules, given=given))) == 1


def test_what_cannot_be_read_is_searched_and_fails(rules, folder):
    (folder / "a.jsonl").write_bytes(b'{"text": "ann@x.org\n')
    done = run(rules, "a.jsonl")
    assert done.exit_code == 1
    assert "a.jsonl, line 1: is not a JSON object" in done.stderr
    assert [one["label"] for one in objects(done)] == ["EMAIL"]


def test_lines_of_a_pretty_printed_file_and_of_long_rows_are_their_own(rules, folder):
    (folder / "a.json").write_text(
        json.dumps([{"to": "x"}, {"to": ["nobody", "ann@x.org\nbob@x.org"]}], indent=2)
    )
    assert [(one["line"], one["path"], one["start"]) for one in objects(run(rules, "a.json"))] == [
        (8, "[1].to[1]", 0),
        (8, "[1].to[1]", 10),
    ]
    (folder / "a.csv").write_text('a,b\n"one\ntwo",ann@x.org\n"x\nbob@x.org",y\n')
    assert [one["line"] for one in objects(run(rules, "a.csv"))] == [3, 4]
    (sarif,) = json.loads(run(rules, "a.csv", "--to", "sarif").stdout)["runs"]
    regions = [one["locations"][0]["physicalLocation"]["region"] for one in sarif["results"]]
    assert regions == [{"startLine": 3, "endLine": 3}, {"startLine": 4, "endLine": 5}]


@pytest.mark.parametrize(
    ("options", "named"),
    [
        ("a.txt --to xml", "--to: "),
        ("a.txt --with-text --check", "--with-text "),
        ("none.txt", "none.txt: "),
        ("a.txt --labels EMIAL", "'EMIAL'"),
        ("a.txt --column text", "--column "),
        ("a.txt --field text", "--field "),
        ("a.csv --field text", "--field "),
        ("a.txt --write-baseline", "--baseline"),
        *(
            (f"a.txt --resume {options}", "--resume ")
            for options in ("", "-o b.html --to html", "-o b.jsonl.gz", "-o b --baseline c")
        ),
    ],
)
def test_wrong_use_is_one_line(rules, folder, options, named):
    (folder / "a.csv").write_text("text\na\n")
    done = run(rules, *options.split())
    assert (done.exit_code, done.stdout) == (2, "")
    assert named in done.stderr


def test_the_hook_runs_the_check(rules):
    for hook in srsly.read_yaml(ROOT / ".pre-commit-hooks.yaml"):
        command = shlex.split(hook["entry"])
        assert command[0] == "seqlabel"
        done = CliRunner().invoke(app, [*command[1:], "--model", str(rules), "a.txt"])
        assert done.exit_code == 1
        assert done.stdout.count("\n") == 2


def test_counts_are_printed_as_json_and_quiet_runs_say_nothing(rules):
    done = run(rules, "a.txt", "--json")
    counts = {"texts": 2, "texts_with_findings": 1, "unread": 0, "found": {"EMAIL": 1, "IP": 1}}
    assert (done.exit_code, json.loads(done.stdout), done.stderr) == (0, counts, "")
    into = run(rules, "a.txt", "--json", "--output", "found.jsonl")
    assert (into.stdout, into.exit_code) == (done.stdout, 0)
    quiet = run(rules, "a.txt", "--quiet")
    assert (len(objects(quiet)), quiet.stderr) == (2, "")


def test_a_check_passes_what_is_accepted_and_sees_what_is_new(rules, folder):
    assert run(rules, "a.txt", "--baseline", "b.json", "--write-baseline").exit_code == 0
    assert run(rules, "a.txt", "--check", "--baseline", "b.json").exit_code == 0
    (folder / "a.txt").write_text(
        "new: bob@x.org\nold: cid@x.org  # seqlabel: allow\n", encoding="utf-8"
    )
    done = run(rules, "a.txt", "--check", "--baseline", "b.json")
    assert (done.exit_code, done.stdout) == (1, "a.txt:1:6: EMAIL (email 1.00)\n")


def test_a_diff_of_a_folder_reads_the_changed_files_alone(rules, folder):
    def git(*arguments):
        name = ["-c", "user.name=a", "-c", "user.email=a@x.org"]
        subprocess.run(["git", *name, *arguments], check=True, capture_output=True)

    def lines(*options):
        done = run(rules, *options, "--diff", "staged", "--check")
        return done.exit_code, done.stdout.splitlines(), done.stderr

    sub = folder / "sub folder"
    sub.mkdir()
    (sub / "b.txt").write_text("cid@x.org\n")
    (sub / "picture.png").write_bytes(b"\x89PNG\0")
    git("init")
    git("add", ".")
    git("commit", "-m", "a")
    (sub / "b.txt").write_text("cid@x.org\nbob@x.org\n")
    (sub / "Zoë.txt").write_text("203.0.113.7\n")
    git("add", ".")
    expected = [
        "sub folder/Zoë.txt:1:1: IP (ipv4 1.00)",
        "sub folder/b.txt:2:1: EMAIL (email 1.00)",
    ]
    assert lines(".") == lines("sub folder") == (1, expected, "2 findings in 2 of 3 texts\n")
    assert lines("sub folder/b.txt")[1] == expected[1:]
    assert lines("a.txt") == (0, [], "0 findings in 0 of 0 texts\n")
    done = run(rules, "--diff", "staged", given="x")
    assert (done.exit_code, "--diff" in done.stderr) == (2, True)


def test_processes_find_the_same(model, folder):
    (folder / "b.txt").write_text(
        "".join(f"Ann visited Oslo {number}: ann@x.org\n" for number in range(900))
    )
    one, two = (run(model, "b.txt", "a.txt", "--processes", number) for number in ("1", "2"))
    assert (two.exit_code, two.stdout) == (0, one.stdout)
    assert len(objects(one)) > 900


@pytest.mark.parametrize("form", ["jsonl", "lines"])
def test_an_interrupted_search_is_continued(rules, folder, monkeypatch, form):
    monkeypatch.setattr("seqlabel.io.records.PART_CHARACTERS", 300)
    monkeypatch.setattr("seqlabel.runs.outputs.JOURNAL_SECONDS", 0)
    (folder / "b.txt").write_text(
        "".join(f"mail ann{number}@x.org\n" for number in range(300)) + "bad \udcff\n",
        errors="surrogateescape",
    )
    options = ["b.txt", "a.txt", "--to", form, "--json", "--output"]
    whole = run(rules, *options, "whole")
    calls = []
    real = findings._search

    def interrupted(*given):
        calls.append(given)
        if len(calls) > 9:
            raise KeyboardInterrupt
        return real(*given)

    with monkeypatch.context() as patch:
        patch.setattr(findings, "_search", interrupted)
        done = run(rules, *options, "part")
    assert (done.exit_code, "--resume" in done.stderr) == (130, True)
    assert not (folder / "part").exists()
    assert (folder / ".part.journal").is_file()
    refused = run(rules, *options, "part", "--resume", "--rules-only")
    assert refused.exit_code == 2
    with monkeypatch.context() as patch:
        patch.setattr(findings, "_search", lambda *given: calls.append(given) or real(*given))
        done = run(rules, *options, "part", "--resume")
    assert (done.exit_code, done.stdout) == (whole.exit_code, whole.stdout)
    assert (folder / "part").read_bytes() == (folder / "whole").read_bytes()
    assert len(calls) < 30
    assert not (folder / ".part.journal").exists()
