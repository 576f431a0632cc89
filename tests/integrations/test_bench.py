"""The scoreboard on tiny sets of each form: what is read, what is counted, and the pages."""

import hashlib
import json
import lzma
import shlex
import sys

import pytest

from seqlabel.errors import DataError, OptionError
from seqlabel.integrations.bench import (
    BenchSet,
    bench_sets,
    make_detector,
    measure,
    read_set,
    write_pages,
)
from tests.extras import needs_pii
from tests.pages import ROOT, run_page


def made(folder, name, content, form, figures, **more):
    (folder / name).write_bytes(content)
    checksum = hashlib.sha256(content).hexdigest()
    return BenchSet(name, name, checksum, form, figures, "CC0", "here", **more)


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


def values(texts):
    return [[text.text[one.start : one.end] for one in text.private] for text in texts]


def test_each_form_is_read(sets, tmp_path):
    texts = {form: read_set(tmp_path, one, most=10) for form, one in sets.items()}
    assert values(texts["spans"]) == [["Ann"], [], []]
    assert [len(text.optional) for text in texts["spans"]] == [1, 1, 0]
    assert [text.text for text in texts["iob"]] == ["Ann Lee of Rome", "Hi"]
    assert values(texts["iob"]) == [["Ann Lee"], []]
    assert values(texts["presidio"]) == [[]]
    assert [text.text for text in texts["clean"]] == ["one two three", "four five"]
    assert "Ann" not in repr(texts)


def test_samples_are_drawn_by_the_seed(tmp_path):
    lines = b"".join(b'{"text": "t%d", "spans": []}\n' % number for number in range(50))
    one = made(tmp_path, "many.jsonl", lines, "spans", ("touched",))
    first, again, other = (read_set(tmp_path, one, most=10, seed=seed) for seed in (1, 1, 2))
    assert first == again != other
    assert len(first) == 10
    words = made(tmp_path, "words.txt", b"one two three four\n" * 1000, "clean", ("alarms",))
    assert 40 <= sum(len(text.text.split()) for text in read_set(tmp_path, words, most=1)) < 44


def test_another_file_is_refused(sets, tmp_path):
    (tmp_path / "a.jsonl").write_bytes(SPANS + b"\n")
    with pytest.raises(DataError, match="checksum"):
        read_set(tmp_path, sets["spans"], most=1)
    broken = made(tmp_path, "e.jsonl", b'{"text": "x"}\n', "spans", ("masked",))
    with pytest.raises(DataError, match="line 1"):
        read_set(tmp_path, broken, most=1)
    unknown = made(tmp_path, "e.jsonl", b"", "tables", ("masked",))
    with pytest.raises(OptionError, match="form"):
        read_set(tmp_path, unknown, most=1)


def test_figures_are_those_of_the_counts(sets, tmp_path):
    texts = read_set(tmp_path, sets["spans"], most=10)

    def first_words(given):
        return [[(0, text.index(" "))] for text in given]

    row = measure("first word", first_words, sets["spans"], texts)
    # "Ann" is right, "May" and "Nothing" are not, and "Bo" counts neither way.
    assert row.figures == {"masked": 1.0, "precision": 3 / 13, "touched": 1.0}
    assert (row.texts, row.values, row.words) == (3, 1, 8)
    row = measure("optional", lambda given: [[(8, 10)], [(4, 6)], []], sets["spans"], texts)
    assert (row.figures["masked"], row.figures["touched"]) == (0, 0)
    clean = read_set(tmp_path, sets["clean"], most=10)
    row = measure("one", lambda given: [[(0, 1), (2, 3)], []], sets["clean"], clean)
    assert row.figures == {"alarms": 400.0}
    # Without a clean text or a value there is nothing to say.
    alone = measure("x", lambda given: [[]], sets["spans"], texts[:1])
    assert alone.figures.keys() == {"masked", "precision"}
    with pytest.raises(DataError, match="answer"):
        measure("x", lambda given: [[]], sets["spans"], texts)


@needs_pii
def test_our_detector_and_a_command_are_detectors():
    (found,) = make_detector("seqlabel")(["I am Ann Moss."])
    assert found == [(5, 13)]
    code = (
        "import sys, json\nfor line in sys.stdin: print(json.dumps({'spans': [[0, "
        "len(json.loads(line)['text'])]]}))"
    )
    command = shlex.join([sys.executable, "-c", code])
    assert list(make_detector(f"command:{command}")(["Ann", "B"])) == [[(0, 3)], [(0, 1)]]
    with pytest.raises(DataError, match="line 1"):
        list(make_detector(f"command:{shlex.join([sys.executable, '-c', 'print({})'])}")(["Ann"]))


def test_other_packages_are_detectors_where_they_are_installed():
    pytest.importorskip("presidio_analyzer")
    (found,) = make_detector("presidio")(["Mail ann@moss.com, please."])
    assert (5, 17) in found
    assert list(make_detector("spacy")(["Ann"])) == [[]]


def test_a_labeler_is_a_detector():
    (places,) = make_detector("labeler:en_ner_fast")(["Ann Lee lives in Paris."])
    assert places == [(0, 7), (17, 22)]


@pytest.mark.parametrize("name", ["nobody", "labeler", "spacy:no_such_pipeline"])
def test_a_detector_without_its_model_is_refused(name):
    with pytest.raises(OptionError, match="--with"):
        make_detector(name)


def test_the_sets_of_the_library_are_twelve_and_pinned():
    found = bench_sets()
    assert len(found) == len({one.name for one in found}) == 12
    assert {len(one.sha256) for one in found} == {64}
    assert all(set(one.figures) <= {"masked", "precision", "touched", "alarms"} for one in found)


def test_a_file_of_sets_that_is_none_is_refused(tmp_path):
    for content in ("x", "[[other]]", '[[sets]]\nname = "a"'):
        (tmp_path / "sets.toml").write_text(content)
        with pytest.raises(DataError, match=r"sets\.toml"):
            bench_sets(tmp_path / "sets.toml")


def test_pages_have_each_figure(sets, tmp_path):
    rows = []
    for one in sets.values():
        texts = read_set(tmp_path, one, most=10)
        rows += [
            measure(name, lambda given: [[] for _ in given], one, texts) for name in ("a|b", "<c>")
        ]
    write_pages(tmp_path / "out", rows, list(sets.values()), missing=["lost"], how="seqlabel bench")
    markdown = (tmp_path / "out" / "bench.md").read_text()
    assert "| d.txt.xz | 5 words | 0.0 | 0.0 |" in markdown
    assert "| a.jsonl | 1 values | 0.0% | 0.0% |" in markdown
    assert "a\\|b" in markdown
    page = (tmp_path / "out" / "bench.html").read_text()
    assert "<th>&lt;c&gt;</th>" in page
    assert "lost" in markdown
    assert "lost" in page
    content = json.loads((tmp_path / "out" / "bench.json").read_text())
    assert [row["figures"] for row in content["rows"][-2:]] == [{"alarms": 0.0}] * 2
    assert "Ann" not in markdown + page + json.dumps(content)


@needs_pii
def test_the_page_prints_what_it_says(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    page = ROOT / "docs" / "bench.md"
    run_page(page)
    assert len(page.read_text(encoding="utf-8").split()) <= 600
    assert (tmp_path / "board" / "bench.html").is_file()
