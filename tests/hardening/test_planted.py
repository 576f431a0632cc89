"""A part of a file is redacted, or it is named and the exit status says so: of each format, and of damaged files."""

import random

import pytest
from typer.testing import CliRunner

from seqlabel.cli import app
from seqlabel.errors import SeqlabelError
from seqlabel.formats.format import Layout
from seqlabel.privacy.finding.settings import PrivacySettings
from seqlabel.privacy.records.files import FileRedactor
from seqlabel.privacy.records.workers import Redactors, Task
from seqlabel.privacy.replacing.policies import Replace
from tests.cli.commands import write_key
from tests.extras import needs_pii
from tests.hardening.planted import FILES, planted_in
from tests.keys import KEY
from tests.privacy.rewritten_files import NOTHING, save_labeler

pytestmark = needs_pii
EVERY = {".jsonl": ["--all-strings"], ".csv": ["--all-columns"], ".parquet": ["--all-columns"]}
LAYOUT = Layout(columns=None, all_strings=True)
PIECES = [
    b"",
    b"\0",
    b"<",
    b">",
    b'"',
    b"'",
    b"&",
    b"=",
    b";",
    b"\n\n",
    b"--",
    b"--b",
    b"\xff",
    b"From ",
    b"Content-",
    b"]]>",
]


@pytest.fixture(scope="module")
def rules(tmp_path_factory):
    return save_labeler(tmp_path_factory.mktemp("rules") / "model", NOTHING)


@pytest.mark.parametrize("name", FILES)
def test_every_planted_value_is_gone(rules, tmp_path, name):
    source, target = tmp_path / name, tmp_path / "out" / name
    FILES[name](source)
    assert planted_in(source)
    options = ["-o", str(target), "--model", rules, *EVERY.get(source.suffix, [])]
    done = CliRunner().invoke(app, ["redact", str(source), *options])
    assert planted_in(target) == set(), done.stderr
    # The template of a presentation has settings of a printer, which are not XML.
    assert (done.exit_code, "not read" in done.stderr) == ((1, True) if name == "a.pptx" else (0, False)), done.stderr


@pytest.mark.parametrize("name", FILES)
def test_every_encrypted_value_comes_back(rules, tmp_path, name):
    source, secret, back = (tmp_path / folder / name for folder in ("in", "secret", "back"))
    source.parent.mkdir()
    FILES[name](source)
    write_key(tmp_path / "key", KEY)
    options = ["--key-file", str(tmp_path / "key"), *EVERY.get(source.suffix, [])]
    encrypting = ["--model", rules, "--policy", "encrypt", *options]
    CliRunner().invoke(app, ["redact", str(source), "-o", str(secret), *encrypting])
    assert planted_in(secret) == set()
    done = CliRunner().invoke(app, ["restore", str(secret), "-o", str(back), *options])
    lost = planted_in(source) - planted_in(back)
    # The name of a sheet is too short for an encrypted value.
    assert len(lost) == (1 if name == "a.xlsx" else 0), done.stderr
    assert (done.exit_code, "1 encrypted values" in done.stderr) == (1, True) or not lost


def damaged(data, chance):
    """A file with some bytes exchanged, cut out, or put elsewhere."""
    made = bytearray(data)
    for _ in range(chance.randint(1, 4)):
        place, size = chance.randrange(len(made) + 1), chance.choice([0, 1, 1, 3, 40])
        if chance.random() < 0.2:
            other = chance.randrange(len(made) + 1)
            made[place:place] = made[other : other + 200]
        else:
            made[place : place + size] = chance.choice(PIECES)
    return bytes(made)


@pytest.mark.parametrize(
    "examples", [pytest.param(12, id="few"), pytest.param(2_000, marks=pytest.mark.slow, id="many")]
)
@pytest.mark.parametrize("name", FILES)
def test_a_damaged_file_is_read_or_refused_and_nothing_stays_in_silence(rules, tmp_path, name, examples):
    source, target = tmp_path / name, tmp_path / "out" / name
    FILES[name](source)
    data, chance = source.read_bytes(), random.Random(name)
    with Redactors(Task(Replace(), PrivacySettings(model=rules))) as redactors:
        for _ in range(examples):
            source.write_bytes(damaged(data, chance))
            said = []
            work = FileRedactor(redactors, LAYOUT, report=said.append)
            try:
                work.file(source, target)
            except SeqlabelError:
                continue
            is_named = work.summary.withheld or work.summary.kept or work.summary.unread
            assert is_named or planted_in(target) == set()
