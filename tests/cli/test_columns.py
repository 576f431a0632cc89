"""`seqlabel find --columns`: a line for each column, and the command that redacts the private ones."""

import json

from seqlabel.cli.columns import SAMPLE


def test_columns_are_told_with_the_command_that_redacts_them(run, rules, tmp_path):
    table = tmp_path / "people.csv"
    rows = "".join(f"{n},user{n}@x.org,ask user{n}@x.org\n" for n in range(5))
    table.write_text("id,email,notes\n" + rows)
    done = run("find", "--columns", table, "--model", rules, "--labels", "EMAIL")
    assert done.exit_code == 0, done.stderr
    assert [line.split("(")[0].split() for line in done.stdout.splitlines()] == [
        ["0.00", "id", "nothing"],
        ["1.00", "email", "EMAIL"],
        ["1.00", "notes", "text", "with", "EMAIL"],
    ]
    command = done.stderr.splitlines()[-1]
    assert command == f"seqlabel redact {table} --column email --column notes"

    found = run("find", "--columns", table, "--model", rules, "--labels", "EMAIL", "--json").stdout.splitlines()
    assert [json.loads(line)["kind"] for line in found] == ["nothing", "EMAIL", "text with EMAIL"]


def test_only_the_first_lines_are_read(run, rules, tmp_path):
    table = tmp_path / "long.csv"
    table.write_text("name\n" + "a\n" * SAMPLE + "b\n" * 50)
    done = run("find", "--columns", table, "--model", rules, "--labels", "EMAIL", "--json")
    assert json.loads(done.stdout)["cells"] == SAMPLE - 1
