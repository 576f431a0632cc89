"""Marked values are planted, and everything that was written is searched for them, temporary folders included."""

import csv
import io
import json
import os
import re
from importlib.util import find_spec

import pyarrow
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyarrow import parquet
from typer.testing import CliRunner

from seqlabel.cli import app
from tests.hardening.budget import FEW, MANY
from tests.privacy.test_files import NOTHING, save_labeler

pytestmark = pytest.mark.skipif(not find_spec("stdnum"), reason="needs seqlabel-rnn[pii]")

MARK = "zq7mark"
VALUES = [f"{MARK}@example.org", f"https://example.org/{MARK}", f"{MARK}.{MARK}@example.org"]
PIECES = st.sampled_from([*VALUES, " ", ", ", "the cat ", "数 ", "\u200b", "; ", '"', "{", "\\", "\t"])
# White space on both sides, so that the rules find each value.
TEXTS = st.lists(PIECES, max_size=8).map(" ".join)
BROKEN = [
    f"{MARK} \udcff {MARK}@example.org",
    f'{{"text": "{MARK}@example.org", "{MARK}": {{"{MARK}": "{MARK}"}}',
    f'{{"{MARK}": "{MARK}"}}',
    f'1,"{MARK}" {MARK},x',
    f"{MARK},{MARK},{MARK},{MARK}",
    f'"{MARK}',
]


@pytest.fixture(scope="module")
def rules(tmp_path_factory):
    return save_labeler(tmp_path_factory.mktemp("rules") / "model", NOTHING)


def written_in(folder):
    """The names and bytes of all files below a folder."""
    for path in folder.rglob("*"):
        yield str(path.relative_to(folder)).encode()
        if path.is_file():
            yield path.read_bytes()


def inputs(form, texts, broken):
    if form == "txt":
        return "\n".join([*texts, *broken]).encode("utf-8", "surrogateescape")
    if form == "jsonl":
        rows = [json.dumps({"n": 1, "text": text}) for text in texts]
        return "\n".join([*rows, *broken]).encode("utf-8", "surrogateescape")
    if form == "csv":
        table = io.StringIO()
        csv.writer(table).writerows([["n", "text"], *([1, text] for text in texts)])
        return (table.getvalue() + "\r\n".join(broken)).encode("utf-8", "surrogateescape")
    table = io.BytesIO()
    parquet.write_table(pyarrow.table({"n": [1] * len(texts), "text": pyarrow.array(texts, pyarrow.string())}), table)
    return table.getvalue()


def check_leaks(rules, root, form, texts, broken, policy, monkeypatch):
    source_folder, work, temporary = (root / name for name in ("source", "work", "temporary"))
    for folder in (source_folder, work, temporary):
        folder.mkdir(parents=True)
    source, key = source_folder / f"in.{form}", source_folder / "key"
    # Lines of text are not broken by their form, so that what rules do not find in them stays.
    source.write_bytes(inputs(form, texts, broken[:0] if form == "txt" else broken))
    key.write_bytes(bytes(range(32)))
    key.chmod(0o600)
    monkeypatch.chdir(work)
    for name in ("TMPDIR", "HOME", "XDG_CACHE_HOME", "HF_HOME"):
        monkeypatch.setenv(name, str(temporary))
    options = ["--policy", policy, *(["--key-file", str(key)] if policy in ("hash", "encrypt", "pseudonym") else [])]
    options += ["--column", "text"] if form in ("csv", "parquet") else []
    command = ["redact", str(source), "--output", str(work / f"out.{form}"), "--model", rules, *options]
    done = CliRunner().invoke(app, [*command, "--summary", str(work / "counts.json")])
    assert done.exit_code in (0, 1), done.stderr
    assert MARK not in done.stdout + done.stderr
    assert MARK.encode() not in b"".join([*written_in(work), *written_in(temporary)])


def each(test):
    """Forms and policies drawn by hypothesis."""
    return given(
        form=st.sampled_from(["txt", "jsonl", "csv", "parquet"]),
        texts=st.lists(TEXTS, min_size=1, max_size=5),
        broken=st.lists(st.sampled_from(BROKEN), max_size=3),
        policy=st.sampled_from(["replace", "remove", "mask", "hash", "pseudonym", "encrypt"]),
    )(test)


@FEW
@each
def test_no_marked_value_is_written_anywhere(rules, tmp_path_factory, form, texts, broken, policy):
    with pytest.MonkeyPatch.context() as monkeypatch:
        check_leaks(rules, tmp_path_factory.mktemp("leaks"), form, texts, broken, policy, monkeypatch)


@pytest.mark.slow
@MANY
@each
def test_no_marked_value_is_written_anywhere_many_times(rules, tmp_path_factory, form, texts, broken, policy):
    with pytest.MonkeyPatch.context() as monkeypatch:
        check_leaks(rules, tmp_path_factory.mktemp("leaks"), form, texts, broken, policy, monkeypatch)


def test_the_search_finds_what_is_planted(tmp_path):
    (tmp_path / "a" / MARK).mkdir(parents=True)
    (tmp_path / "a" / "b").write_bytes(b"x" + MARK.encode())
    assert len(re.findall(MARK.encode(), b"".join(written_in(tmp_path)))) == 2
    assert os.listdir(tmp_path) == ["a"]
