"""The scoreboard of detectors on tiny sets of each form: what is read, what is counted, and the
figures.
"""

import hashlib
import importlib
import json
import lzma
import shlex
import sys
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from seqlabel.commands.settings import command_of
from seqlabel.errors import DataError, OptionError
from seqlabel.io.files import read_json
from tests.extras import needs_pii

pytest.importorskip("faker", reason="the texts by hand need seqlabel-rnn[pii]")
BENCHMARKS = Path(__file__).parents[2] / "recipes" / "benchmarks"
sys.path.insert(0, str(BENCHMARKS))
scoreboard = importlib.import_module("scoreboard")
named_tool, measure, read_set = scoreboard.named_tool, scoreboard.measure, scoreboard.read_set


def made(folder, name, content, form, figures, **more):
    (folder / name).write_bytes(content)
    checksum = hashlib.sha256(content).hexdigest()
    return scoreboard.PinnedSet(name, name, checksum, form, figures, "CC0", "here", **more)


SPANS = b"""{"text": "Ann met Bo.", "spans": [[0, 3, "PERSON"], [8, 10, "?PERSON"]]}
{"text": "May Bo come?", "spans": [], "optional": [[4, 6, "PERSON"]]}
{"text": "Nothing here.", "spans": []}
{"text": "Somewhere", "spans": [], "anywhere": true}
"""
TITLE = {"start_position": 0, "end_position": 2, "entity_type": "TITLE"}
PRESIDIO = json.dumps([{"full_text": "Mr Ann", "spans": [TITLE]}]).encode()
CLEAN = b"one two three\n\nfour five\n"
IOB = b"# id\nAnn\tB-PER\nLee\tI-PER\nof\tO\nRome\tB-LOC\n\nHi\tO\n"


@pytest.fixture
def sets(tmp_path):
    return {
        "spans": made(tmp_path, "a.jsonl", SPANS, "spans", ("masked", "precision", "touched")),
        "presidio": made(
            tmp_path, "b.json", PRESIDIO, "presidio", ("touched",), optional=("TITLE",)
        ),
        "iob": made(tmp_path, "c.tsv", IOB, "iob", ("masked",), wanted=("PER",)),
        "clean": made(tmp_path, "d.txt.xz", lzma.compress(CLEAN), "clean", ("alarms",)),
    }


def invoke(*options):
    app = typer.Typer()
    app.command()(command_of(scoreboard.main, scoreboard.Settings))
    return CliRunner().invoke(app, [str(option) for option in options])


def values(texts):
    return [[text.text[one.start : one.end] for one in text.private] for text in texts]


def test_each_form_is_read(sets, tmp_path):
    texts = {form: read_set(tmp_path, one, most=10, seed=0) for form, one in sets.items()}
    assert values(texts["spans"]) == [["Ann"], [], []]
    assert [len(text.open) for text in texts["spans"]] == [1, 1, 0]
    assert [text.text for text in texts["iob"]] == ["Ann Lee of Rome", "Hi"]
    assert values(texts["iob"]) == [["Ann Lee"], []]
    assert values(texts["presidio"]) == [[]]
    assert [text.text for text in texts["clean"]] == ["one two three", "four five"]


def test_samples_are_drawn_by_the_seed(tmp_path):
    lines = b"".join(b'{"text": "t%d", "spans": []}\n' % number for number in range(50))
    one = made(tmp_path, "many.jsonl", lines, "spans", ("touched",))
    first, again, other = (read_set(tmp_path, one, most=10, seed=seed) for seed in (1, 1, 2))
    assert first == again != other
    assert len(first) == 10
    words = made(tmp_path, "words.txt", b"one two three four\n" * 1000, "clean", ("alarms",))
    chosen = read_set(tmp_path, words, most=1, seed=0)
    assert 40 <= sum(len(text.text.split()) for text in chosen) < 44


def test_another_file_is_refused(sets, tmp_path):
    (tmp_path / "a.jsonl").write_bytes(SPANS + b"\n")
    with pytest.raises(DataError, match="checksum"):
        read_set(tmp_path, sets["spans"], most=1, seed=0)
    broken = made(tmp_path, "e.jsonl", b'{"text": "x"}\n', "spans", ("masked",))
    with pytest.raises(DataError, match="line 1"):
        read_set(tmp_path, broken, most=1, seed=0)
    unknown = made(tmp_path, "e.jsonl", b"", "tables", ("masked",))
    with pytest.raises(OptionError, match="form"):
        read_set(tmp_path, unknown, most=1, seed=0)


def test_figures_are_those_of_the_counts(sets, tmp_path):
    texts = read_set(tmp_path, sets["spans"], most=10, seed=0)

    def first_words(given):
        return [[(0, text.index(" "), "")] for text in given]

    row = measure("first word", first_words, sets["spans"], texts)
    # "Ann" is right, "May" and "Nothing" are not, and "Bo" counts neither way.
    assert row.figures == {"masked": 1.0, "precision": 3 / 13, "touched": 1.0}
    assert (row.texts, row.values, row.words) == (3, 1, 8)
    optional = [[(8, 10, "")], [(4, 6, "")], []]
    row = measure("optional", lambda given: optional, sets["spans"], texts)
    assert (row.figures["masked"], row.figures["touched"]) == (0, 0)
    clean = read_set(tmp_path, sets["clean"], most=10, seed=0)
    row = measure("one", lambda given: [[(0, 1, ""), (2, 3, "")], []], sets["clean"], clean)
    assert row.figures == {"alarms": 400.0}
    # Without a clean text or a value there is nothing to say.
    alone = measure("x", lambda given: [[]], sets["spans"], texts[:1])
    assert alone.figures.keys() == {"masked", "precision"}
    with pytest.raises(DataError, match="answer"):
        measure("x", lambda given: [[]], sets["spans"], texts)


@needs_pii
def test_our_detector_and_a_command_are_detectors():
    (found,) = named_tool("seqlabel")(["I am Ann Moss."])
    assert found == [(5, 13, "PERSON")]
    code = (
        "import sys, json\nfor line in sys.stdin: print(json.dumps({'spans': [[0, "
        "len(json.loads(line)['text'])]]}))"
    )
    command = shlex.join([sys.executable, "-c", code])
    found = list(named_tool(f"command:{command}")(["Ann", "B"]))
    assert found == [[(0, 3, "PRIVATE")], [(0, 1, "PRIVATE")]]
    with pytest.raises(DataError, match="line 1"):
        list(named_tool(f"command:{shlex.join([sys.executable, '-c', 'print({})'])}")(["Ann"]))


def test_other_packages_are_detectors_where_they_are_installed():
    pytest.importorskip("presidio_analyzer")
    (found,) = named_tool("presidio")(["Mail ann@moss.com, please."])
    assert (5, 17, "EMAIL_ADDRESS") in found
    assert list(named_tool("spacy")(["Ann"])) == [[]]


def test_a_labeler_is_a_detector():
    (places,) = named_tool("labeler:en_ner_fast")(["Ann Lee lives in Paris."])
    assert [place[:2] for place in places] == [(0, 7), (17, 22)]


@pytest.mark.parametrize("name", ["nobody", "labeler", "spacy:no_such_pipeline"])
def test_a_detector_without_its_model_is_refused(name):
    with pytest.raises(OptionError, match="--with"):
        named_tool(name)


def test_the_sets_are_twelve_and_pinned():
    found = scoreboard.pinned_sets(BENCHMARKS / "scoreboard.toml")
    assert len(found) == len({one.name for one in found}) == 12
    assert {len(one.sha256) for one in found} == {64}
    assert all(set(one.figures) <= scoreboard.HEADINGS.keys() for one in found)


def test_a_file_of_other_tables_is_refused(tmp_path):
    for content in ("x", "[[other]]", '[[sets]]\nname = "a"'):
        (tmp_path / "sets.toml").write_text(content)
        with pytest.raises(DataError, match=r"sets\.toml"):
            scoreboard.pinned_sets(tmp_path / "sets.toml")


def test_sets_that_are_there_are_measured(sets, tmp_path):
    lines = []
    for one in (*sets.values(), scoreboard.PinnedSet("lost", "f", "", "iob", ("masked",), "", "")):
        lines.append("[[sets]]")
        for field in ("name", "path", "sha256", "form", "licence", "origin"):
            lines.append(f"{field} = {json.dumps(getattr(one, field))}")
        lines.append(f"figures = {json.dumps(one.figures)}")
    (tmp_path / "sets.toml").write_text("\n".join(lines))
    code = """import sys; [print('{"spans": []}') for line in sys.stdin]"""
    silent = shlex.join([sys.executable, "-c", code])
    output = tmp_path / "figures.json"
    options = ["--data", tmp_path, "--sets", tmp_path / "sets.toml", "--output", output]
    options += ["--with", f"command:{silent}", "--with", f"command: {silent}  || exit"]

    done = invoke(*options)
    assert done.exit_code == 0
    assert "| d.txt.xz | 5 words | 0.0 | 0.0 |" in done.stdout
    assert "| a.jsonl | 1 values | 0.0% | 0.0% |" in done.stdout
    assert "\\|\\| exit" in done.stdout
    assert "not measured: lost" in done.stderr
    figures = read_json(output)
    assert figures["alarms"] == {"d.txt.xz": [0.0, 0.0]}
    assert figures["masked"]["a.jsonl"] == [0.0, 0.0]
    assert figures["missing"] == ["lost"]
    assert len(figures["words_per_second"]) == 2
    assert "Ann" not in done.stdout + output.read_text()


def test_a_folder_without_sets_is_refused(tmp_path):
    done = invoke("--data", tmp_path, "--with", "labeler:en_ner_fast")
    assert (done.exit_code, type(done.exception)) == (2, SystemExit)
    assert str(tmp_path) in done.stderr
