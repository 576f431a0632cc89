"""Marked values are planted, and everything that was written is searched for them, temporary
folders and logs too.
"""

import contextlib
import csv
import io
import json
import logging
import os
import re
import shutil
import tempfile
import traceback
import warnings
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import pyarrow
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyarrow import parquet

from seqlabel.errors import SeqlabelError
from seqlabel.models.folders import PRETRAINED
from seqlabel.privacy.finding.finder import PrivateFinder
from seqlabel.privacy.finding.settings import PrivacySettings
from seqlabel.privacy.records.workers import SourceText, Task, TextRedactor
from seqlabel.privacy.replacing.policies import Encrypt, Mask
from seqlabel.privacy.session import Session
from tests.cli import commands
from tests.extras import needs_pii
from tests.hardening.budget import budgets
from tests.integrations.test_service import served
from tests.keys import KEY, OTHER_KEY
from tests.privacy.rewritten_files import NOTHING, save_labeler
from tests.spacy_models import tiny_encoder

pytestmark = needs_pii

MARK = "zq7mark"
VALUES = [f"{MARK}@example.org", f"https://example.org/{MARK}", f"{MARK}.{MARK}@example.org"]
PIECES = st.sampled_from(
    [*VALUES, " ", ", ", "the cat ", "数 ", "\u200b", "; ", '"', "{", "\\", "\t"]
)
# White space on both sides, so that the rules find each value.
TEXTS = st.lists(st.lists(PIECES, max_size=8).map(" ".join), min_size=1, max_size=5)
BROKEN_LINES = [
    f"{MARK} \udcff {MARK}@example.org",
    f'{{"text": "{MARK}@example.org", "{MARK}": {{"{MARK}": "{MARK}"}}',
    f'{{"{MARK}": "{MARK}"}}',
    f'1,"{MARK}" {MARK},x',
    f"{MARK},{MARK},{MARK},{MARK}",
    f'"{MARK}',
]
BROKEN_LABELS = [
    *BROKEN_LINES,
    f'{{"text": "{MARK}", "spans": [[0, 99, "{MARK}"]], "label": ["{MARK}"]}}',
]
BROKEN = st.lists(st.sampled_from(BROKEN_LINES), max_size=3)
FORMS = st.sampled_from(["txt", "jsonl", "csv", "parquet"])


@pytest.fixture(scope="module")
def rules(tmp_path_factory):
    return save_labeler(tmp_path_factory.mktemp("rules") / "model", NOTHING)


@pytest.fixture(scope="module")
def encoder(tmp_path_factory):
    return tiny_encoder(tmp_path_factory.mktemp("encoder") / "model")


@pytest.fixture(scope="module")
def finder(rules):
    return PrivateFinder.load(rules)


def written_in(folder):
    """The names and bytes of all files below a folder."""
    for path in folder.rglob("*"):
        yield str(path.relative_to(folder)).encode()
        if path.is_file():
            yield path.read_bytes()


@dataclass(frozen=True)
class Place:
    """Folders of a run: of its inputs, the one that it works in, and the one for all that it writes
    unasked.

    `said` is what it printed, warned of and logged.
    """

    source: Path
    work: Path
    said: io.StringIO

    def run(self, command, given=None, speaks=True):
        """Run a command in this process; `speaks` says whether what it prints to stdout must be
        searched.
        """
        done = commands.run(command, input=given)
        assert done.exit_code in (0, 1, 2), done.stderr
        self.said.write(done.stderr + (done.stdout if speaks else ""))
        return done

    def may_hold(self, name):
        """What the user asked to have the values in, and is not searched."""
        path = self.work / name
        shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)


@contextlib.contextmanager
def searched(factory):
    """Yield a place to run in; then nothing that was said or written may hold a mark."""
    root = factory.mktemp("leaks")
    source, work, temporary = (root / name for name in ("source", "work", "temporary"))
    for folder in (source, work, temporary):
        folder.mkdir()
    (source / "key").write_bytes(KEY)
    (source / "key").chmod(0o600)
    place = Place(source, work, io.StringIO())
    handler, before = logging.StreamHandler(place.said), logging.root.level
    logging.root.addHandler(handler)
    logging.root.setLevel(logging.DEBUG)
    try:
        with pytest.MonkeyPatch.context() as patch, warnings.catch_warnings(record=True) as warned:
            warnings.simplefilter("always")
            patch.chdir(work)
            patch.setattr("tempfile.tempdir", str(temporary))
            for name in ("TMPDIR", "HOME", "XDG_CACHE_HOME", "HF_HOME"):
                patch.setenv(name, str(temporary))
            yield place
    finally:
        logging.root.removeHandler(handler)
        logging.root.setLevel(before)
    assert MARK not in place.said.getvalue() + "".join(str(one.message) for one in warned)
    assert MARK.encode() not in b"".join([*written_in(work), *written_in(temporary)])


def inputs(form, texts, broken):
    if form == "txt":
        return "\n".join([*texts, *broken]).encode("utf-8", "surrogateescape")
    if form == "jsonl":
        # A name that most records have is a field's and is shown, so most have the fields of these.
        rows = [json.dumps({"n": 1, "text": text}) for text in [*texts, *["the cat"] * 4]]
        return "\n".join([*rows, *broken]).encode("utf-8", "surrogateescape")
    if form == "csv":
        table = io.StringIO()
        # More columns than any broken line has fields, so that none of these is a whole row.
        csv.writer(table).writerows(
            [["n", "m", "k", "l", "text"], *([1, 2, 3, 4, text] for text in texts)]
        )
        return (table.getvalue() + "\r\n".join(broken)).encode("utf-8", "surrogateescape")
    table = io.BytesIO()
    parquet.write_table(
        pyarrow.table({"n": [1] * len(texts), "text": pyarrow.array(texts, pyarrow.string())}),
        table,
    )
    return table.getvalue()


def labeled_lines(texts, broken):
    """JSONL of the texts with their marked values labelled, after some rows that are whole and
    clean.
    """
    rows = [{"text": "Write to ann@x.org now", "spans": [[9, 18, "EMAIL"]]}] * 12
    for text in (f"To {text}" for text in texts):
        rows.append(
            {"text": text, "spans": [[*found.span(), "EMAIL"] for found in MARKED.finditer(text)]}
        )
    return "\n".join([*map(json.dumps, rows), *broken]).encode("utf-8", "surrogateescape")


MARKED = re.compile("|".join(map(re.escape, sorted(VALUES, key=len, reverse=True))))


KEYED = ("hash", "pseudonym", "encrypt")
POLICIES = st.sampled_from(["replace", "remove", "mask", *KEYED])
TABLES = ("csv", "parquet")


@budgets()
def test_redact_writes_no_marked_value(rules, tmp_path_factory, budget):
    @budget
    @given(FORMS, TEXTS, BROKEN, POLICIES)
    def check(form, texts, broken, policy):
        with searched(tmp_path_factory) as place:
            source = place.source / f"in.{form}"
            # Lines of text are not broken by their form, so that what rules do not find in them
            # stays.
            source.write_bytes(inputs(form, texts, [] if form == "txt" else broken))
            key = f"--key-file {place.source}/key" if policy in KEYED else ""
            column = "--column text" if form in TABLES else ""
            options = f"--model {rules} --policy {policy} --summary counts.json {key} {column}"
            place.run(f"redact {source} --output out.{form} {options}")

    check()


@budgets()
def test_find_writes_no_marked_value(rules, tmp_path_factory, budget):
    @budget
    @given(FORMS, TEXTS, BROKEN, st.sampled_from(["jsonl", "lines", "sarif"]), st.booleans())
    def check(form, texts, broken, written, is_given):
        with searched(tmp_path_factory) as place:
            source = place.source / f"in.{form}"
            source.write_bytes(inputs(form, texts, broken))
            options = f"--model {rules} --to {written}"
            if is_given:
                place.run(f"find {options}", given=source.read_bytes())
            else:
                place.run(f"find {source} --output found {options}")

    check()


LABELED = (TEXTS, st.lists(st.sampled_from(BROKEN_LABELS), max_size=1))
AS_JSON = st.sampled_from(["", "--json"])


def labeled_files(place, texts, broken):
    """A file of labelled texts with broken lines, and one without."""
    source, whole = place.source / "in.jsonl", place.source / "whole.jsonl"
    source.write_bytes(labeled_lines(texts, broken))
    whole.write_bytes(labeled_lines(texts, []))
    return source, whole


@budgets(few=3, many=300)
def test_audit_writes_no_marked_value(rules, tmp_path_factory, budget):
    @budget
    @given(*LABELED, AS_JSON)
    def check(texts, broken, as_json):
        with searched(tmp_path_factory) as place:
            source, _ = labeled_files(place, texts, broken)
            options = f"--model {rules} --miss 0.2 --write seqlabel.toml {as_json}"
            place.run(f"audit {source} {options}")

    check()


@budgets()
def test_label_writes_marked_values_into_its_output_alone(rules, tmp_path_factory, budget):
    @budget
    @given(st.sampled_from(["txt", "jsonl", "csv"]), TEXTS, BROKEN, st.booleans())
    def check(form, texts, broken, is_given):
        with searched(tmp_path_factory) as place:
            source = place.source / f"in.{form}"
            source.write_bytes(inputs(form, texts, broken))
            if is_given:
                data = source.read_bytes()
                place.run(f"label --model {rules} --to conllu", given=data, speaks=False)
            else:
                place.run(f"label {source} --model {rules} --output out.jsonl")
                place.may_hold("out.jsonl")

    check()


DAMAGES = {
    "none": lambda texts: texts,
    "cut": lambda texts: [text[: len(text) // 2] for text in texts],
    "flipped": lambda texts: [text.replace("A", "B", 1) for text in texts],
    "turned": lambda texts: texts[::-1],
}


@budgets()
def test_restore_writes_marked_values_into_its_output_alone(rules, tmp_path_factory, budget):
    redactor = TextRedactor(Task(Encrypt(KEY), PrivacySettings(model=rules)))

    @budget
    @given(FORMS, TEXTS, st.sampled_from([KEY, OTHER_KEY]), st.sampled_from([*DAMAGES]))
    def check(form, texts, key, damage):
        hidden = [done.text for done in redactor([*map(SourceText, texts)])]
        with searched(tmp_path_factory) as place:
            source = place.source / f"in.{form}"
            source.write_bytes(inputs(form, DAMAGES[damage](hidden), []))
            (place.source / "key").write_bytes(key)
            column = "--column text" if form in TABLES else ""
            options = f"--key-file {place.source}/key {column}"
            place.run(f"restore {source} --output out.{form} {options}")
            place.may_hold(f"out.{form}")
            if form == "txt":
                place.run(f"restore {options}", given=source.read_bytes(), speaks=False)

    check()


@budgets(few=2, many=60)
def test_train_and_evaluate_write_no_marked_value(encoder, tmp_path_factory, budget):
    @budget
    @given(*LABELED, AS_JSON)
    def check(texts, broken, as_json):
        with searched(tmp_path_factory) as place:
            source, whole = labeled_files(place, texts, broken)
            options = f"--encoder {encoder} --epochs 1 --output out {as_json}"
            place.run(f"train spans {source} {options}")
            assert place.run(f"train spans {whole} {options}").exit_code == 0
            for data in (source, whole):
                place.run(f"evaluate {data} --model out/model {as_json}")

    check()


@pytest.mark.skipif(not (PRETRAINED / "en_pii").is_dir(), reason="the model en_pii is not there")
@budgets(few=2, many=60)
def test_a_masked_report_holds_no_marked_value(tmp_path_factory, budget):
    @budget
    @given(*LABELED)
    def check(texts, broken):
        with searched(tmp_path_factory) as place:
            source, whole = labeled_files(place, texts, broken)
            for data in (source, whole):
                place.run(f"report {data} --model en_pii --mask --output {data.stem}.html")
            assert (place.work / "whole.html").is_file()
            place.run(f"report {whole} --model en_pii --output all.html")
            place.may_hold("all.html")

    check()


BODIES = st.lists(
    st.sampled_from([*BROKEN_LINES, json.dumps({"text": [MARK, 5]}), json.dumps({MARK: MARK})]),
    max_size=2,
)


@pytest.mark.skipif(
    not all(map(find_spec, ("starlette", "uvicorn", "httpx", "presidio_anonymizer"))),
    reason="needs seqlabel-rnn[serve] and httpx",
)
@budgets()
def test_the_service_writes_no_marked_value(finder, tmp_path_factory, budget):
    import httpx

    from seqlabel.integrations.service import SESSION_HEADER, make_app

    def ask(place, client, path, body, **headers):
        """Send what is JSON if it is not bytes; every answer is searched."""
        how = {"content": body} if isinstance(body, bytes) else {"json": body}
        answer = client.post(path, headers={"content-type": "application/json", **headers}, **how)
        place.said.write(answer.text)
        return (
            answer.json() if answer.headers["content-type"] == "application/json" else answer.text
        )

    @budget
    @given(TEXTS, BODIES)
    def check(texts, bodies):
        with (
            searched(tmp_path_factory) as place,
            httpx.Client(base_url=address, timeout=60) as client,
        ):
            (text, *_) = texts
            for path in ("/redact", "/analyze"):
                found = ask(place, client, path, {"text": text, "language": "en"})
            ask(place, client, "/anonymize", {"text": text, "analyzer_results": found})
            sent = ask(place, client, "/redact", {"text": texts, "session": "new"})
            ask(place, client, "/redact", text.encode(), **{"content-type": "text/plain"})
            back = client.post("/restore", json={"text": sent["text"], "session": sent["session"]})
            assert [one["text"] for one in back.json()] == texts
            for body in bodies:
                data = body.encode("utf-8", "surrogateescape")
                for path in ("/redact", "/analyze", "/anonymize", "/restore"):
                    ask(place, client, path, data)
                plain = {"content-type": "text/plain", SESSION_HEADER: MARK}
                ask(place, client, "/restore", data, **plain)

    server, thread, address = served(make_app(finder, Mask()))
    try:
        check()
    finally:
        server.should_exit = True
        thread.join(10)


@budgets()
def test_a_session_writes_no_marked_value(finder, tmp_path_factory, budget):
    def refused(place, act):
        """What an error says, with all that led to it."""
        with pytest.raises(SeqlabelError) as caught:
            act()
        place.said.write("".join(traceback.format_exception(caught.value)))

    @budget
    @given(TEXTS, st.integers(0, 30))
    def check(texts, end):
        with searched(tmp_path_factory) as place:
            now = [0.0]
            session = Session(finder, lifetime=10, clock=lambda: now[0])
            hidden = [session.redact(text) for text in texts]
            path = place.work / "session"
            session.save(path, key=KEY)
            place.said.write(f"{hidden} {session!r} {session.__dict__.keys()}")
            again = Session.load(path, key=KEY, finder=finder, clock=lambda: now[0])
            assert [again.restore(text).text for text in hidden] == texts
            for key, data in (
                (OTHER_KEY, path.read_bytes()),
                (KEY, path.read_bytes()[:end]),
                (KEY, MARK.encode()),
            ):
                (place.work / "other").write_bytes(data)
                refused(place, lambda key=key: Session.load(place.work / "other", key=key))
                place.may_hold("other")
            now[0] = 11.0
            refused(place, lambda: session.redact(texts[0]))
            refused(place, lambda: Session.load(path, key=KEY, clock=lambda: now[0]))

    check()


@pytest.mark.parametrize("planted", ['labels = ["IP"]', r"allow = {patterns = ['[^\n]{1,100}']}"])
@pytest.mark.parametrize("command", ["redact", "find --check"])
def test_planted_settings_are_never_used_in_silence(rules, tmp_path, monkeypatch, planted, command):
    monkeypatch.chdir(tmp_path)
    settings = Path("seqlabel.toml")
    settings.write_text(planted)
    settings.chmod(0o600)
    Path("s.txt").write_text("Write to ann@corp.example.\n")
    done = commands.run(f"{command} s.txt --quiet --model {rules}")
    assert done.stderr.count("\n") == 1
    assert "seqlabel: using the settings in seqlabel.toml, which" in done.stderr
    settings.chmod(0o666)
    done = commands.run(f"{command} s.txt --quiet --model {rules}")
    assert (done.exit_code, done.stdout) == (2, "")
    settings.unlink()
    assert "EMAIL" in commands.run(f"{command} s.txt --quiet --model {rules}").stdout


def test_the_search_finds_what_is_planted(tmp_path_factory, tmp_path):
    (tmp_path / "a" / MARK).mkdir(parents=True)
    (tmp_path / "a" / "b").write_bytes(b"x" + MARK.encode())
    assert len(re.findall(MARK.encode(), b"".join(written_in(tmp_path)))) == 2
    assert os.listdir(tmp_path) == ["a"]
    leaks = [
        lambda place: place.said.write(MARK),
        lambda place: logging.getLogger("any").debug("found %s", MARK),
        lambda place: warnings.warn(MARK, stacklevel=1),
        lambda place: (place.work / "out.txt").write_text(MARK),
        lambda place: Path(tempfile.mkdtemp(prefix=MARK)),
        lambda place: tempfile.NamedTemporaryFile(delete=False, suffix=MARK).close(),
        lambda place: Path("~/.cache").expanduser().write_text(MARK),
    ]
    for leak in leaks:
        with pytest.raises(AssertionError, match=MARK), searched(tmp_path_factory) as place:
            leak(place)
