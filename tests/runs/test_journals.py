"""Runs that were interrupted anywhere and resumed, against runs that were not; journals against
what they hold.
"""

import dis
import gzip
import json
import os
import re
import sys
from collections import Counter
from contextlib import contextmanager

import pytest

from seqlabel.errors import DataError, OptionError
from seqlabel.io.csv_records import Header
from seqlabel.io.records import PART_CHARACTERS
from seqlabel.privacy.records.files import FileRedactor
from seqlabel.privacy.records.workers import Restorer, TextRedactor
from seqlabel.privacy.replacing.policies import Encrypt, Hash, Mask
from seqlabel.runs import outputs
from seqlabel.runs.journals import Journal, Place, Progress, Summary, is_done, resumed
from tests.extras import needs_pii
from tests.keys import KEY
from tests.privacy.rewritten_files import lines, parts_of, redactor_of, rows_of, run, write_rows

pytestmark = needs_pii


@pytest.mark.parametrize("suffix", ["txt", "jsonl", "csv"])
@pytest.mark.parametrize("stop", [0, 1, 3])
def test_an_interrupted_run_goes_on(rules, tmp_path, monkeypatch, suffix, stop):
    monkeypatch.setattr("seqlabel.io.records.BLOCK_BYTES", 300)
    texts = [text.replace('"', "") for text in lines(60)]
    texts += ["bad \udcff\udcc3 ann@x.org"] + ["ann@x.org"] * 60
    rows = {
        "txt": texts,
        "jsonl": [f'{{"text": "{text}"}}' for text in texts],
        "csv": ["text", *(f'"{text}"' for text in texts)],
    }
    source, target, whole = (tmp_path / f"{name}.{suffix}" for name in ("in", "out", "whole"))
    source.write_bytes("\n".join(rows[suffix]).encode("utf-8", "surrogateescape"))
    options = {"columns": ["text"]} if suffix == "csv" else {}
    expected, _ = run(rules, source, whole, **options)
    calls = []
    redact = TextRedactor.__call__

    def counted(self, texts, *more):
        calls.append(texts)
        if len(calls) == stop + 1:
            raise KeyboardInterrupt
        return redact(self, texts, *more)

    monkeypatch.setattr(TextRedactor, "__call__", counted)
    target.write_text("what was there before")
    with pytest.raises(KeyboardInterrupt):
        run(rules, source, target, **options)
    assert target.read_text() == "what was there before"
    journal = (tmp_path / f".out.{suffix}.journal").read_text()
    assert "ann" not in journal.replace(str(tmp_path), "")
    if stop:
        assert json.loads(journal)["progress"]["place"]["offset"] > 0
    with parts_of(target)[0].open("ab") as part:
        part.write(b"what came after the journal" * 1000)
    summary, _ = run(rules, source, target, resume=True, **options)
    assert target.read_bytes() == whole.read_bytes()
    assert summary == expected
    done = len(calls)
    again, _ = run(rules, source, target, resume=True, **options)
    assert (len(calls), again) == (done, expected)


# Steps that change nothing: an interruption before one is as good as one before the step after it.
HARMLESS = ("LOAD_", "PUSH_", "PRECALL", "KW_NAMES")


@contextmanager
def interrupted_at(code, step):
    """Ctrl-C before one of the steps of Python in a function, counted from 0; gives the number of
    those that passed.
    """
    passed, steps = [0], code.co_code

    def each_step(frame, event, argument):
        if event == "opcode" and not dis.opname[steps[frame.f_lasti]].startswith(HARMLESS):
            if passed[0] == step:
                raise KeyboardInterrupt
            passed[0] += 1
        return each_step

    def each_call(frame, event, argument):
        if frame.f_code is code:
            frame.f_trace_opcodes = True
            return each_step
        return None

    before = sys.gettrace()
    sys.settrace(each_call)
    try:
        yield passed
    finally:
        sys.settrace(before)


@pytest.mark.parametrize("suffix", ["txt", "csv"])
def test_an_interruption_between_any_two_steps_loses_nothing(rules, tmp_path, monkeypatch, suffix):
    monkeypatch.setattr("seqlabel.io.records.BLOCK_BYTES", 30)
    source, target, whole = (tmp_path / f"{name}.{suffix}" for name in ("in", "out", "whole"))
    rows = [f'"user{number}@x.org, {number}"\n' for number in range(3)]
    source.write_text("".join(["text\n", *rows]))
    code = FileRedactor._copy.__code__
    work, redactors = redactor_of(rules, columns=["text"] if suffix == "csv" else [])
    with redactors:
        with interrupted_at(code, -1) as steps:
            work.file(source, whole)
        expected = whole.read_bytes()
        assert expected.count(b"@") == 3
        assert steps[0] > 60
        for step in range(steps[0]):
            with pytest.raises(KeyboardInterrupt), interrupted_at(code, step):
                work.file(source, target)
            work.file(source, target, resume=True)
            assert target.read_bytes() == expected, f"step {step}"
            target.unlink()


def test_what_has_changed_is_not_resumed(rules, model, tmp_path, monkeypatch):
    # The byte of another key is the same for one salt of 256.
    monkeypatch.setattr("seqlabel.runs.outputs.secrets.token_bytes", lambda length: b"s" * length)
    source, target = tmp_path / "in.txt", tmp_path / "out.txt"
    source.write_text("ann@x.org\n")
    policy = Hash(KEY)
    run(rules, source, target, policy=policy)
    for labeler, options in (
        (rules, {"policy": Hash(KEY[::-1])}),
        (rules, {"policy": Mask()}),
        (rules, {"policy": policy, "labels": ("EMAIL",)}),
        (model, {"policy": policy}),
    ):
        with pytest.raises(OptionError, match="changed since the run that is to be resumed"):
            run(labeler, source, target, resume=True, **options)
    assert KEY.hex() not in (tmp_path / ".out.txt.journal").read_text()
    source.write_text("ann@x.orgs\n")
    with pytest.raises(OptionError, match="changed since"):
        run(rules, source, target, resume=True, policy=policy)
    run(rules, source, target, policy=policy)


def test_the_table_counts_and_shows_no_text():
    summary = Summary(1234, 2, 1, Counter({"PERSON": 3, "EMAIL": 1200}))
    numbers = [line.split()[:2] for line in summary.table().splitlines()]
    assert numbers[:2] == [["EMAIL", "1,200"], ["PERSON", "3"]]
    assert summary.table().endswith("1,234 records, 2 withheld, 1 kept and reported")


DAMAGED = ["[1]", "{}", "x", "[" * 100_000, '{"salt": 1}', "null"]
DAMAGED += ['{"salt": "00", "made_of": {}, "part": 1, "progress": {"place": {}}}']


@pytest.mark.parametrize("journal", DAMAGED)
def test_a_damaged_journal_is_refused(rules, tmp_path, journal):
    source = tmp_path / "in.txt"
    source.write_text("ann@x.org\n")
    (tmp_path / ".out.txt.journal").write_text(journal)
    with pytest.raises(DataError, match=r"journal: .*--resume"):
        run(rules, source, tmp_path / "out.txt", resume=True)
    run(rules, source, tmp_path / "out.txt")
    assert (tmp_path / "out.txt").read_text() == "xxx@x.xxx\n"


def test_a_resumed_restoring_knows_the_order_of_the_whole_file(rules, tmp_path, monkeypatch):
    pytest.importorskip("cryptography")
    monkeypatch.setattr("seqlabel.io.records.BLOCK_BYTES", 512)
    names = ("in", "secret", "moved", "back")
    source, secret, moved, back = (tmp_path / f"{name}.txt" for name in names)
    texts = [f"to p{number}@x.org" for number in range(30)]
    write_rows(source, texts)
    run(rules, source, secret, policy=Encrypt(KEY))
    rows = rows_of(secret)
    rows[4], rows[25] = rows[25], rows[4]
    write_rows(moved, rows)
    reported = []

    def report(message):
        reported.append(message)
        if len(reported) == 8:
            raise ZeroDivisionError

    work = FileRedactor(Restorer(KEY), keep_unreadable=True, report=report)
    with pytest.raises(ZeroDivisionError):
        work.file(moved, back)
    work = FileRedactor(Restorer(KEY), keep_unreadable=True, report=report)
    work.file(moved, back, resume=True)
    assert rows_of(back) == [*texts[:4], *rows[4:26], *texts[26:]]
    numbers = [int(re.search(r"line (\d+)", message)[1]) for message in reported]
    assert set(numbers) == set(range(5, 27))


def a_place(**other):
    summary = Summary(3, 1, 1, Counter({"EMAIL": 2, "PERSON": 1}))
    return Place(b"8 bytes.", 100, 7, 90, Header((0, 1), 2), summary=summary, **other)


def test_a_journal_is_what_was_written(tmp_path):
    path = tmp_path / "journal"
    assert Journal.read(path) is None
    made_of = {"size": 5, "columns": ["text"]}
    for place in (Place(), a_place(), a_place(done=True)):
        Journal(b"salt", made_of, ".part", Progress(place)).write(path)
        found = Journal.read(path)
        assert (found.salt, found.made_of, found.part) == (b"salt", made_of, ".part")
        assert found.progress.place == place


@pytest.mark.parametrize("name", ["offset", "line", "length"])
@pytest.mark.parametrize("value", [-1, "7", None, 1.5])
def test_a_place_that_is_none_is_damage(tmp_path, name, value):
    path = tmp_path / "journal"
    Journal(b"salt", {}, ".part", Progress(a_place())).write(path)
    written = json.loads(path.read_text())
    written["progress"]["place"][name] = value
    path.write_text(json.dumps(written))
    with pytest.raises(DataError, match="is not a journal"):
        Journal.read(path)


def test_an_output_is_done_if_it_is_there_in_full(tmp_path):
    target = tmp_path / "out"
    assert not is_done(a_place(done=True), target)
    target.write_bytes(b"x" * 89)
    assert not is_done(a_place(done=True), target)
    target.write_bytes(b"x" * 90)
    assert is_done(a_place(done=True), target)
    assert not is_done(a_place(), target)


@pytest.mark.parametrize(("size", "goes_on"), [(89, False), (90, True), (91, True)])
def test_a_part_goes_on_unless_it_is_shorter_than_its_journal_says(tmp_path, size, goes_on):
    target = tmp_path / "out"
    part, _ = resumed(None, target)
    part.file.write(b"x" * size)
    part.file.close()
    kept = Journal(b"salt", {}, part.name_in_journal, Progress(a_place()))
    again, progress = resumed(kept, target)
    assert (progress is kept.progress) == goes_on
    assert os.fstat(again.file.fileno()).st_size == (size if goes_on else 0)
    assert progress.place.offset == (100 if goes_on else 0)
    again.discard()


def test_the_place_is_saved_after_every_part_of_some_thousand_characters(
    rules, tmp_path, monkeypatch
):
    done, saved = [0], []
    real, path = TextRedactor.__call__, tmp_path / ".out.txt.journal"

    def counting(self, texts, *more):
        saved.append((done[0], json.loads(path.read_text())["progress"]["place"]["offset"]))
        done[0] += sum(len(one.text) for one in texts)
        return real(self, texts, *more)

    monkeypatch.setattr(TextRedactor, "__call__", counting)
    monkeypatch.setattr(outputs, "JOURNAL_SECONDS", 0)
    source = tmp_path / "in.txt"
    source.write_text("to ann@x.org and others\n" * 4_000)
    run(rules, source, tmp_path / "out.txt")
    assert done[0] == source.stat().st_size - 4_000
    assert len({offset for _, offset in saved}) > 4
    assert max(characters - offset for characters, offset in saved) < 2 * PART_CHARACTERS


@pytest.mark.parametrize("suffix", ["txt.gz", "json", "parquet"])
def test_what_cannot_be_continued_has_no_journal_until_it_is_done_and_says_so(
    rules, tmp_path, monkeypatch, suffix
):
    source, target = tmp_path / f"in.{suffix}", tmp_path / f"out.{suffix}"
    if suffix == "parquet":
        parquet = pytest.importorskip("pyarrow.parquet")
        parquet.write_table(pytest.importorskip("pyarrow").table({"text": ["ann@x.org"]}), source)
    else:
        data = b'{"text": "ann@x.org"}'
        source.write_bytes(gzip.compress(data) if suffix == "txt.gz" else data)
    journals = []

    def interrupted(self, texts, *more):
        journals.extend(tmp_path.glob(".*.journal"))
        raise KeyboardInterrupt

    options = {"columns": ["text"] if suffix == "parquet" else []}
    with monkeypatch.context() as patch:
        patch.setattr(TextRedactor, "__call__", interrupted)
        with pytest.raises(KeyboardInterrupt):
            run(rules, source, target, **options)
    assert journals == []
    _, reported = run(rules, source, target, resume=True, **options)
    assert any("begins again" in one for one in reported)
    _, reported = run(rules, source, target, resume=True, **options)
    assert reported == []
