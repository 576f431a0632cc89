"""Readers given anything: what was written comes back, and damage is one `DataError` or documents,
nothing else.
"""

import csv
import gzip
import io
import json
import warnings
import zlib
from dataclasses import dataclass, field, replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from seqlabel.documents.document import Document, Spans, Tags
from seqlabel.documents.overlaps import longest_spans
from seqlabel.documents.spans import Span
from seqlabel.errors import DataError
from seqlabel.formats.any_format import FORMATS, read_documents
from tests.label_files import read_words

BUDGETS = [pytest.param(8, id="small"), pytest.param(3_000, id="large", marks=pytest.mark.slow)]
each_budget = pytest.mark.parametrize("examples", BUDGETS)

# No white space or control characters, which end words and lines; a word never looks like a
# comment.
WORDS = st.text(
    st.characters(exclude_categories=("C", "Z"), exclude_characters="#"), min_size=1, max_size=8
).filter(lambda word: not word.startswith("-DOCSTART-"))
LABELS = st.sampled_from(["PER", "LOC", "A-B", "Ö"])
TAGS = st.sampled_from(["NOUN", "VERB", "X"]) | st.none()


@st.composite
def documents(draw):
    """A sentence with words, spans and tags."""
    words = draw(st.lists(WORDS, min_size=1, max_size=8))
    places = st.integers(0, len(words) - 1)
    drawn = draw(st.lists(st.tuples(places, places, LABELS), max_size=4))
    spans = longest_spans(sorted(Span(min(a, b), max(a, b) + 1, label) for a, b, label in drawn))
    tags = tuple(draw(st.lists(TAGS, min_size=len(words), max_size=len(words))))
    return Document.from_words(
        words, spans={"ner": Spans(spans)}, tags={"upos": Tags(tags)}, sentences=(0,)
    )


FILES = st.lists(documents(), min_size=1, max_size=6)


def category_of(document):
    return "even" if len(document) % 2 == 0 else "odd"


def as_jsonl(documents):
    rows = [{"text": document.text, "label": category_of(document)} for document in documents]
    return "".join(json.dumps(row) + "\n" for row in rows).encode()


def as_csv(documents):
    table = io.StringIO(newline="")
    rows = [(document.text, category_of(document)) for document in documents]
    csv.writer(table).writerows([("text", "label"), *rows])
    return table.getvalue().encode()


def as_export(documents):
    """Label Studio's export of annotations; the library writes predictions."""
    tasks = []
    for document in documents:
        results = []
        for span in document.character_spans("ner"):
            text = document.text[span.start : span.end]
            value = {"start": span.start, "end": span.end, "text": text, "labels": [span.label]}
            results.append({"type": "labels", "value": value})
        tasks.append({"data": {"text": document.text}, "annotations": [{"result": results}]})
    return json.dumps(tasks).encode()


UNWRITTEN = {"categories": as_jsonl, "csv": as_csv, "label-studio": as_export}
"""What writes the formats that the library only reads."""


@dataclass(frozen=True)
class Case:
    """A format, the layer of its files (`upos`, `ner` or `category`), and how it is read."""

    format: str
    layer: str
    options: dict = field(default_factory=dict)

    def write(self, path, documents):
        if self.format in UNWRITTEN:
            path.write_bytes(UNWRITTEN[self.format](documents))
            return
        (form,) = (form for form in FORMATS if form.name == self.format)
        other = {"upos": "spans", "ner": "tags"}[self.layer]
        labeled = [(replace(document, **{other: {}}), {}) for document in documents]
        path.write_bytes(b"".join(form.write(labeled)))

    def read(self, path):
        return read_documents(path, read_words, format=self.format, **self.options)

    def written(self, document):
        """What a file of this format holds of a document."""
        if self.layer == "category":
            return document.text, {category_of(document): 1.0}
        if self.layer == "ner":
            return document.text, document.spans["ner"].spans
        return document.words, document.tags["upos"].labels

    def found(self, document):
        """The same of a document that was read."""
        if self.layer == "category":
            return document.text, document.categories["category"]
        return self.written(document)


CASES = {
    "conllu": Case("conllu", "upos"),
    "columns": Case("columns", "ner", {"separator": "\t"}),
    "tag_columns": Case("columns", "upos", {"separator": "\t", "task": "tags", "layer": "upos"}),
    "spans": Case("spans", "ner"),
    "label_studio": Case("label-studio", "ner"),
    "categories": Case("categories", "category"),
    "csv": Case("csv", "category", {"separator": ","}),
    "docbin": Case("docbin", "ner"),
}
each_format = pytest.mark.parametrize("case", CASES.values(), ids=CASES)


def run(examples, strategy, check):
    """Check a property on so many examples."""
    checks = settings(
        max_examples=examples, deadline=None, database=None, suppress_health_check=list(HealthCheck)
    )
    checks(given(strategy)(check))()


def read_or_refuse(case, path):
    """The documents that come before the end or a `DataError`, which names the file; other
    exceptions are failures.
    """
    found = []
    message = None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        try:
            for document in case.read(path):
                found.append(document)
        except DataError as error:
            message = str(error)
    assert message is None or str(path) in message
    return found


def changed(content, changes):
    """The bytes after some pieces were put where others were dropped."""
    made = bytearray(content)
    for share, piece, drop in changes:
        start = int(len(made) * share)
        made[start : start + drop] = piece
    return bytes(made)


@each_budget
@each_format
def test_what_is_written_comes_back(tmp_path, case, examples):
    path = tmp_path / "file"

    def check(made):
        if case.format == "label-studio":
            # An export without any span has no layer of spans.
            made = [*made, Document.from_words(["a"], spans={"ner": Spans((Span(0, 1, "X"),))})]
        case.write(path, made)
        expected = [case.written(document) for document in made]
        assert [case.found(document) for document in case.read(path)] == expected
        path.write_bytes(gzip.compress(path.read_bytes()))
        assert [case.found(document) for document in case.read(path)] == expected

    run(examples, FILES, check)


@each_budget
@each_format
def test_a_file_that_is_cut_anywhere_is_read_or_refused(tmp_path, case, examples):
    path = tmp_path / "file"

    def check(drawn):
        made, share = drawn
        case.write(path, made)
        whole = path.read_bytes()
        path.write_bytes(whole[: int(len(whole) * share)])
        found = read_or_refuse(case, path)
        # All but the last one, which may have lost its end, are those that were written.
        complete = [case.found(document) for document in found[:-1]]
        assert complete == [case.written(document) for document in made][: len(complete)]
        assert len(found) <= len(made)

    run(examples, st.tuples(FILES, st.floats(0, 1, exclude_max=True)), check)


SIGNS = [b"\n", b"\t", b'"', b"\r", b"-", b"O", b"[", b"{}", b"null", b"1e9"]
PIECES = st.binary(max_size=4) | st.sampled_from(SIGNS)
CHANGES = st.lists(st.tuples(st.floats(0, 1), PIECES, st.integers(0, 5)), min_size=1, max_size=4)


@each_budget
@each_format
def test_a_file_with_other_bytes_is_read_or_refused(tmp_path, case, examples):
    path = tmp_path / "file"

    def check(drawn):
        made, changes, is_packed = drawn
        case.write(path, made)
        content = path.read_bytes()
        path.write_bytes(changed(gzip.compress(content) if is_packed else content, changes))
        read_or_refuse(case, path)

    run(examples, st.tuples(FILES, CHANGES, st.booleans()), check)


@each_budget
@each_format
def test_any_bytes_are_read_or_refused(tmp_path, case, examples):
    path = tmp_path / "file"

    def check(content):
        path.write_bytes(content)
        read_or_refuse(case, path)

    texts = st.text(max_size=200).map(lambda text: text.encode("utf-8", "replace"))
    run(examples, st.binary(max_size=200) | texts, check)


@each_budget
def test_a_docbin_with_other_bytes_inside_is_read_or_refused(tmp_path, examples):
    path = tmp_path / "file"

    def check(drawn):
        made, changes = drawn
        CASES["docbin"].write(path, made)
        content = zlib.decompress(path.read_bytes())
        path.write_bytes(zlib.compress(changed(content, changes)))
        read_or_refuse(CASES["docbin"], path)

    run(examples, st.tuples(FILES, CHANGES), check)
