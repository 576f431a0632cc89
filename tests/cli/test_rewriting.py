"""Options of `redact` that do not fit together or that no input heeds: one line each."""

import pytest

from tests.cli.test_jobs import folder, run
from tests.extras import needs_pii

pytestmark = needs_pii
__all__ = ["folder"]


@pytest.mark.parametrize(
    ("options", "named"),
    [
        ("--all-strings --field a", "--all-strings"),
        ("a.txt --delimiter ;", "--delimiter"),
        ("a.txt --encoding klingon", "klingon"),
        ("a.parquet --column a --encoding cp1252 --output o", "--encoding"),
        ("in", "--output"),
        ("in --output in/out", "in/out"),
        ("a.jsonl --field a..b", "'a..b'"),
    ],
)
def test_wrong_use_is_one_line(rules, folder, options, named):
    (folder / "in").mkdir()
    for name in ("a.txt", "a.parquet", "a.jsonl", "in/a.txt"):
        (folder / name).write_text("")
    done = run(rules, *options.split())
    assert (done.exit_code, named in done.stderr) == (2, True)
