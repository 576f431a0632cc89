"""A part of a file is redacted, or it is named and the exit status says so: of each format, and of
damaged files.
"""

import html
import json
import random
import re

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
from tests.hardening.planted import DOMAIN, FILES, PLANTED, packed, planted_in, unpacked
from tests.keys import KEY
from tests.privacy.rewritten_files import NOTHING, save_labeler

docx = pytest.importorskip("docx", reason="needs python-docx")

pytestmark = needs_pii
EVERY = {".jsonl": ["--all-strings"], ".csv": ["--all-columns"], ".parquet": ["--all-columns"]}
PLANTED_BYTES = re.compile(re.escape(DOMAIN).encode())
LAYOUT = Layout(columns=None, all_strings=True)
PIECES = [
    *(b"", b"\0", b"<", b">", b'"', b"'", b"&", b"=", b";", b"\n\n", b"--", b"--b", b"\xff"),
    *(b"From ", b"Content-", b"]]>", b" ", b"x", b"70", b"_"),
]


@pytest.fixture(scope="module")
def rules(tmp_path_factory):
    return save_labeler(tmp_path_factory.mktemp("rules") / "model", NOTHING)


@pytest.mark.parametrize("name", FILES)
def test_every_planted_value_is_gone(rules, tmp_path, name):
    source, target = tmp_path / name, tmp_path / "out" / written_as(name)
    FILES[name](source)
    assert planted_in(source)
    options = ["-o", str(target), "--model", rules, *EVERY.get(source.suffix, [])]
    done = CliRunner().invoke(app, ["redact", str(source), *options])
    assert planted_in(target) == set(), done.stderr
    # The template of a presentation has settings of a printer, which are not XML.
    assert (done.exit_code, "not read" in done.stderr) == (
        (1, True) if name == "a.pptx" else (0, False)
    ), done.stderr


@pytest.mark.parametrize("name", FILES)
def test_every_planted_value_is_listed(rules, tmp_path, name):
    FILES[name](tmp_path / name)
    options = ["--model", rules, "--with-text"]
    done = CliRunner().invoke(app, ["find", str(tmp_path / name), *options])
    listed = PLANTED.findall("".join(json.loads(line)["text"] for line in done.stdout.splitlines()))
    assert planted_in(tmp_path / name) == set(listed)


# A PDF becomes a text, from which a text comes back.
@pytest.mark.parametrize("name", sorted(FILES.keys() - {"a.pdf"}))
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


def written_as(name):
    """What a file becomes: no PDF is written."""
    return f"{name}.txt" if name.endswith(".pdf") else name


def damaged(data, chance, *, most=4):
    """A file with some bytes exchanged, cut out, or put elsewhere; of a package of parts mostly one
    part of it.
    """
    if data.startswith(b"PK") and chance.random() < 0.9:
        parts = unpacked(data)
        name = chance.choice(sorted(name for name in parts if PLANTED_BYTES.search(parts[name])))
        return packed(parts | {name: damaged(parts[name], chance, most=1)})
    made = bytearray(data)
    # Nearly all changes of Parquet's length make a file that is refused.
    same_length = data.startswith(b"PAR1") and chance.random() < 0.9
    for _ in range(chance.randint(1, most)):
        place, size = chance.randrange(len(made) + 1), chance.choice([0, 1, 1, 3, 40])
        other = chance.randrange(len(made) + 1)
        is_copied = chance.random() < 0.2
        piece = bytes(made[other : other + 200]) if is_copied else chance.choice(PIECES)
        if same_length:
            piece = piece[: len(made) - place]
            size = len(piece)
        made[place : place + (0 if is_copied and not same_length else size)] = piece
    return bytes(made)


@pytest.mark.parametrize(
    "examples", [pytest.param(12, id="few"), pytest.param(2_000, marks=pytest.mark.slow, id="many")]
)
@pytest.mark.parametrize("name", FILES)
def test_a_damaged_file_is_read_or_refused_and_nothing_stays_in_silence(
    rules, tmp_path, name, examples
):
    source, target = tmp_path / name, tmp_path / "out" / written_as(name)
    FILES[name](source)
    data, chance = source.read_bytes(), random.Random(name)

    def redacted(redactors):
        work = FileRedactor(redactors, LAYOUT, report=lambda line: None)
        work.file(source, target)
        # What is withheld is not in the output.
        return work.summary.kept + work.summary.unread

    read = 0
    with Redactors(Task(Replace(), PrivacySettings(model=rules))) as redactors:
        named_before = redacted(redactors)
        for _ in range(examples):
            source.write_bytes(damaged(data, chance))
            try:
                named = redacted(redactors)
            except SeqlabelError:
                continue
            read += 1
            assert named > named_before or planted_in(target) == set()
    assert read > examples / 20


@pytest.mark.parametrize("name", ["a.html", "a.docx", "a.srt", "a.eml"])
def test_a_raised_figure_after_a_value_hides_nothing(rules, tmp_path, name):
    card, source, target = "4111 1111 1111 1111", tmp_path / name, tmp_path / "out" / name
    if name == "a.docx":
        document = docx.Document()
        paragraph = document.add_paragraph(f"card {card}")
        paragraph.add_run("2").font.superscript = True
        document.save(source)
    else:
        shown = f"card {card}<sup>2</sup>, and"
        head = {"a.srt": "1\n00:00:00,000 --> 00:00:01,000\n"}
        head["a.eml"] = "Content-Type: text/html\n\n"
        source.write_text(head.get(name, "") + shown)
    CliRunner().invoke(app, ["redact", str(source), "-o", str(target), "--model", rules])
    if name == "a.docx":
        assert docx.Document(target).paragraphs[0].text == "card <CARD>2"
    else:
        new = html.unescape(re.sub("</?sup>", "", target.read_text()))
        assert new == re.sub("</?sup>", "", source.read_text()).replace(card, "<CARD>")
