"""`seqlabel find --columns`: a line for each column, and the command that redacts the private
ones.
"""

import json

from seqlabel.cli.columns import SAMPLE
from tests.extras import needs_pii

pytestmark = needs_pii


def test_columns_are_told_with_the_command_that_redacts_them(run, rules, tmp_path):
    table = tmp_path / "people.csv"
    rows = "".join(f"{n},user{n}@x.org,ask user{n}@x.org\n" for n in range(5))
    table.write_text("id,email,notes\n" + rows)
    done = run(f"find --columns {table} --model {rules} --labels EMAIL")
    assert done.exit_code == 0, done.stderr
    shown = [line.split("(")[0].split(maxsplit=2) for line in done.stdout.splitlines()]
    assert [name for _, name, _ in shown] == ["id", "email", "notes"]
    assert [kind.strip() for _, _, kind in shown] == ["nothing", "EMAIL", "text with EMAIL"]
    command = done.stderr.splitlines()[-1]
    assert command == f"seqlabel redact {table} --column email --column notes"

    found = run(f"find --columns {table} --model {rules} --labels EMAIL --json").stdout.splitlines()
    assert [json.loads(line)["kind"] for line in found] == ["nothing", "EMAIL", "text with EMAIL"]


def test_what_is_always_read_whole_takes_no_option(run, rules, tmp_path):
    page = tmp_path / "a.html"
    page.write_text("<p>mail ann@x.org</p>")
    done = run(f"find --columns {page} --model {rules} --labels EMAIL")
    assert done.stderr.splitlines()[-1] == f"seqlabel redact {page}"


def test_only_the_first_lines_are_read(run, rules, tmp_path):
    table = tmp_path / "long.csv"
    table.write_text("name\n" + "a\n" * SAMPLE + "b\n" * 50)
    done = run(f"find --columns {table} --model {rules} --labels EMAIL --json")
    assert json.loads(done.stdout)["cells"] == SAMPLE - 1


def test_redact_takes_the_verdicts(run, rules, tmp_path):
    table = tmp_path / "people.csv"
    rows = [f"{n},user{n}@x.org,ask user{n}@x.org" for n in range(5)]
    table.write_text(
        "\n".join(["id,email,notes", *rows, "6,user6 at x,no", "7,,no", "8,null,no", ""])
    )
    verdicts = tmp_path / "verdicts.jsonl"
    verdicts.write_text(run(f"find --columns {table} --model {rules} --labels EMAIL --json").stdout)
    options = ["redact", table, "--model", rules, "--labels", "EMAIL", "--columns-from", verdicts]
    done = run(*options)
    assert done.exit_code == 0, done.stderr
    assert run(*options[:4], "--except", "EMAIL", *options[6:]).stdout == table.read_text()
    clean = [f"{n},<EMAIL>,ask <EMAIL>" for n in range(5)]
    # A value of a column of addresses is one, even where it does not look like it; a missing one
    # is not.
    assert done.stdout.splitlines()[1:] == [*clean, "6,<EMAIL>,no", "7,,no", "8,null,no"]
    verdicts.write_text(
        next(line for line in verdicts.read_text().splitlines() if '"notes"' in line)
    )
    assert run(*options).stdout.splitlines()[1] == "0,user0@x.org,ask <EMAIL>"
    for content in ("", "{}"):
        verdicts.write_text(content)
        refused = run(*options)
        assert (refused.exit_code, verdicts.name in refused.stderr) == (2, True), refused.stderr


def test_verdicts_belong_to_their_file(run, rules, tmp_path):
    folder = tmp_path / "in"
    folder.mkdir()
    for name, field in [("a", "mail"), ("b", "address")]:
        lines = [
            json.dumps({field: f"u{n}@x.org", "note": f"see v{n}@x.org" if name == "a" else "x"})
            for n in range(5)
        ]
        (folder / f"{name}.jsonl").write_text(
            "\n".join([*lines, json.dumps({field: "u at x", "note": "x"}), ""])
        )
    (folder / "c.csv").write_text("mail,note\nu@x.org,x\n")
    (folder / "d.csv").write_text("mail,note\nx,x\n")
    verdicts = tmp_path / "verdicts.jsonl"
    options = ["--model", rules, "--labels", "EMAIL"]
    verdicts.write_text(run(f"find --columns {folder} --json", *options).stdout)
    done = run(f"redact {folder} --columns-from {verdicts} -o {tmp_path}/out", *options)
    assert done.exit_code == 0, done.stderr
    assert "withheld" not in done.stderr
    first, second = (
        [json.loads(line) for line in (tmp_path / "out" / f"{name}.jsonl").read_text().splitlines()]
        for name in "ab"
    )
    assert first[:5] == [{"mail": "<EMAIL>", "note": "see <EMAIL>"}] * 5
    assert first[5:] == [{"mail": "<EMAIL>", "note": "x"}]
    assert second == [{"address": "<EMAIL>", "note": "x"}] * 6
    assert (tmp_path / "out" / "c.csv").read_text() == "mail,note\n<EMAIL>,x\n"
    assert (tmp_path / "out" / "d.csv").read_text() == (folder / "d.csv").read_text()
