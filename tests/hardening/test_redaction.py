"""Redaction is the same whatever a text is cut into, in every company, and by every way in."""

import csv
import io
import json
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqlabel.formats.any_format import CSV, JSONL, TEXT
from seqlabel.formats.format import Layout
from seqlabel.privacy.finding.finder import PrivateFinder, redact
from seqlabel.privacy.finding.settings import PrivacySettings
from seqlabel.privacy.finding.stream import StreamRedactor
from seqlabel.privacy.records.files import FileRedactor
from seqlabel.privacy.records.workers import Redactors, Restorer, SourceText, Task, TextRedactor
from seqlabel.privacy.replacing.keys import Purpose, derived
from seqlabel.privacy.replacing.policies import Encrypt, Hash, Mask, Pseudonym, Replace
from tests.extras import needs_pii
from tests.hardening.budget import budgets
from tests.keys import KEY
from tests.privacy.rewritten_files import NOTHING, save_labeler

pytestmark = needs_pii

VALUES = [
    "ann.moss@example.org",
    "4111 1111 1111 1111",
    "+44 20 7946 0018",
    "203.0.113.7",
    "GB29 NWBK 6016 1331 9268 19",
    "https://example.org/ann?x=1",
    "078-05-1120",
    "\u200ban\u200bn@example.org",
]
BETWEEN = [
    *("", " ", ", ", "=", "<", '"', ";", "\t", " and ", "(", ")", "\\n", "1", "-", "."),
    *("é", "数", "👩\u200d🚀", "the cat "),
]
TEXTS = st.lists(st.sampled_from([*VALUES, *BETWEEN]), max_size=14).map("".join)
POLICIES = st.sampled_from([Replace(), Mask(), Hash(KEY), Pseudonym(KEY)])


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    """A labeler drawn by chance, which finds some words, as a folder."""
    return save_labeler(tmp_path_factory.mktemp("some") / "model")


@pytest.fixture(scope="module")
def rules(tmp_path_factory):
    """A labeler that finds nothing, so that rules alone do."""
    return save_labeler(tmp_path_factory.mktemp("rules") / "model", NOTHING)


@pytest.fixture(scope="module")
def finder(rules):
    return PrivateFinder.load(rules)


@budgets()
def test_a_stream_may_be_cut_anywhere(finder, budget):
    @budget
    @given(text=TEXTS, policy=POLICIES, chance=st.data())
    def check(text, policy, chance):
        data = text.encode()
        stream, whole = StreamRedactor(finder, policy), StreamRedactor(finder, policy)
        expected = whole.feed(data) + whole.close()
        cuts = sorted(chance.draw(st.lists(st.integers(0, len(data)), max_size=8)))
        pieces = [data[start:end] for start, end in pairwise([0, *cuts, len(data)])]
        assert "".join(map(stream.feed, pieces)) + stream.close() == expected
        # Rules alone find the same in a stream and in a whole text, as no model reads ahead.
        assert expected == redact(text, policy, finder=finder).text

    check()


def expect_no_report(line):
    assert "no records" in line


def rewritten(rewriter, form, data, layout=None, report=expect_no_report):
    """The bytes of a file that a rewriter makes, and the summary of its run."""
    target = io.BytesIO()
    work = FileRedactor(rewriter, layout or Layout(), report=report, trust_header=True)
    work.stream(io.BytesIO(data), target, form=form, name="stdin")
    return target.getvalue(), work.summary


def as_lines(rows):
    return "".join(json.dumps(row) + "\n" for row in rows).encode()


@budgets()
def test_every_way_in_is_the_same(model, budget):
    """Alone, together, by the finder, as lines, as JSON and as CSV."""

    @budget
    @given(texts=st.lists(TEXTS, max_size=5), policy=POLICIES)
    def check(texts, policy):
        settings = Task(policy, PrivacySettings(model=model))
        redactor = TextRedactor(settings)
        together = [done.text for done in redactor([*map(SourceText, texts)])]
        assert [redactor([SourceText(text)])[0].text for text in texts] == together
        finder = PrivateFinder.load(model)
        assert [redact(text, policy, finder=finder).text for text in texts] == together
        assert [redact(document, policy).text for document in finder(texts)] == together
        with Redactors(settings) as redactors:
            lines, _ = rewritten(redactors, TEXT, "\n".join([*texts, "end"]).encode())
            assert lines.decode().split("\n")[:-1] == together
            rows, _ = rewritten(
                redactors, JSONL, as_lines({"n": 1, "text": text} for text in texts)
            )
            assert [json.loads(row)["text"] for row in rows.splitlines()] == together
            table = io.StringIO()
            cells = [["n", "text"], *([1, text] for text in texts)]
            csv.writer(table, quoting=csv.QUOTE_ALL).writerows(cells)
            columns = Layout(columns=("text",))
            table, _ = rewritten(redactors, CSV, table.getvalue().encode(), columns)
            found = csv.reader(io.StringIO(table.decode(), newline=""))
            assert [row[1] for row in found][1:] == together

    check()


@budgets()
def test_what_is_encrypted_comes_back(rules, budget):
    @budget
    @given(texts=st.lists(TEXTS, max_size=6))
    def check(texts):
        given = as_lines({"text": text, "n": 1} for text in texts)
        with Redactors(Task(Encrypt(KEY), PrivacySettings(model=rules))) as redactors:
            secret, summary = rewritten(redactors, JSONL, given)
        back, restored = rewritten(Restorer(KEY), JSONL, secret)
        assert [json.loads(row)["text"] for row in back.splitlines()] == texts
        assert restored.kept == 0
        assert restored.found["RESTORED"] == sum(summary.found.values())
        # Any two rows that change places are noticed.
        rows = [row for row in secret.splitlines(keepends=True) if b"ENCRYPTED" in row]
        if len(rows) > 1:
            rows[0], rows[-1] = rows[-1], rows[0]
            assert rewritten(Restorer(KEY), JSONL, b"".join(rows), report=str)[1].kept

    check()


@pytest.mark.parametrize("length", [63, 64, 65])
def test_a_run_of_exactly_the_longest_length_is_kept(finder, length):
    for cut in range(0, length + 1, 7):
        stream = StreamRedactor(finder, Mask(), longest_run=64)
        run = "x" * length
        text = f"a {run} b"
        left = stream.feed(text[: cut + 2]) + stream.feed(text[cut + 2 :]) + stream.close()
        kept = length <= 64
        assert left == (text if kept else "a \ufffd b")
        assert stream.withheld.characters == (0 if kept else length)


def test_a_list_of_guessed_keys_cannot_be_tried_on_a_journal():
    """The byte of the key in a journal leaves about one of 256 keys, not one of all."""
    salt, keys = b"s" * 16, 60
    guesses = [KEY[:-2] + number.to_bytes(2, "big") for number in range(256 * keys)]
    byte = derived(KEY, Purpose.JOURNAL, length=1, salt=salt)
    left = sum(derived(guess, Purpose.JOURNAL, length=1, salt=salt) == byte for guess in guesses)
    assert keys / 2 < left < 2 * keys
