"""Options of `redact` that do not fit together or that no input heeds: one line each."""

import pytest

from tests.cli.test_jobs import folder, run
from tests.extras import needs_pii

pytestmark = needs_pii
__all__ = ["folder"]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--all-strings", "--field", "a"], "--all-strings reads all fields"),
        (["a.txt", "--delimiter", ";"], "--delimiter is for tables"),
        (["a.txt", "--encoding", "klingon"], "klingon"),
        (
            ["a.parquet", "--column", "a", "--encoding", "cp1252", "--output", "o"],
            "--encoding: Parquet has none",
        ),
        (["in"], "Pass --output FOLDER"),
        (["in", "--output", "in/out"], "is inside in, which is read"),
        (["a.jsonl", "--field", "a..b"], "Write a path as user.name"),
    ],
)
def test_wrong_use_is_one_line(rules, folder, options, message):
    (folder / "in").mkdir()
    for name in ("a.txt", "a.parquet", "a.jsonl", "in/a.txt"):
        (folder / name).write_text("")
    done = run(rules, *options)
    assert done.exit_code == 2
    assert message in done.stderr
