"""Readers given anything: what was written comes back, and damage is one `DataError` or documents,
nothing else.
"""

import csv
import gzip
import json
import warnings
import zlib
from functools import partial

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from seqlabel.documents.document import Document, Spans, Tags
from seqlabel.documents.overlaps import longest_spans
from seqlabel.documents.schemes import Scheme, spans_to_tags
from seqlabel.documents.spans import Span
from seqlabel.errors import DataError
from seqlabel.formats.any_format import read_documents
from seqlabel.formats.conllu import read_conllu
from seqlabel.formats.docs import write_docbin
from seqlabel.formats.jsonl import TEXT_AND_SPANS
from tests.label_files import read_columns, read_spans, read_tag_columns, read_words, row

read_categories, read_label_studio, read_csv, read_docbin = (
    partial(read_documents, format=format)
    for format in ("categories", "label-studio", "csv", "docbin")
)
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


def write_conllu(path, made):
    blocks = []
    for document in made:
        tags = document.tags["upos"].labels
        rows = [
            row(n, word, tag or "_")
            for n, (word, tag) in enumerate(zip(document.words, tags, strict=True), 1)
        ]
        blocks.append("\n".join(rows) + "\n")
    path.write_text("\n".join(blocks), encoding="utf-8")


def write_columns(path, made):
    blocks = []
    for document in made:
        tags = spans_to_tags(document.spans["ner"].spans, len(document), Scheme.BIOES)
        blocks.append(
            "".join(f"{word}\t{tag}\n" for word, tag in zip(document.words, tags, strict=True))
        )
    path.write_text("\n".join(blocks), encoding="utf-8")


def write_tag_columns(path, made):
    blocks = []
    for document in made:
        tags = document.tags["upos"].labels
        blocks.append(
            "".join(
                f"{word}\t{tag or '_'}\n" for word, tag in zip(document.words, tags, strict=True)
            )
        )
    path.write_text("\n".join(blocks), encoding="utf-8")


def write_export(path, made):
    tasks = []
    for document in made:
        text = document.text
        values = [
            {
                "start": span.start,
                "end": span.end,
                "text": text[span.start : span.end],
                "labels": [span.label],
            }
            for span in document.character_spans("ner")
        ]
        results = [{"type": "labels", "value": value} for value in values]
        tasks.append({"data": {"text": text}, "annotations": [{"result": results}]})
    path.write_text(json.dumps(tasks), encoding="utf-8")


def write_categories(path, made):
    rows = ({"text": document.text, "label": label_of(document)} for document in made)
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")


def write_spans(path, made):
    path.write_bytes(b"".join(TEXT_AND_SPANS.write((document, {}) for document in made)))


def write_csv(path, made):
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(
            [("text", "label"), *((document.text, label_of(document)) for document in made)]
        )


def label_of(document):
    return "even" if len(document) % 2 == 0 else "odd"


def spans_of(document):
    return document.text, document.spans["ner"].spans


def tags_of(layer):
    return lambda document: (document.words, document.tags[layer].labels)


def category_of(document):
    return document.text, {label_of(document): 1.0}


def found_category(document):
    return document.text, document.categories["category"]


# How each format is written and read, and what of a document it holds: as it was made, and as it is
# read.
FORMATS = {
    "conllu": (write_conllu, read_conllu, tags_of("upos"), tags_of("upos")),
    "columns": (write_columns, lambda path: read_columns(path, separator="\t"), spans_of, spans_of),
    "tag_columns": (
        write_tag_columns,
        lambda path: read_tag_columns(path, separator="\t"),
        tags_of("upos"),
        tags_of("tags"),
    ),
    "spans": (
        write_spans,
        lambda path: read_spans(path, read_words),
        spans_of,
        spans_of,
    ),
    "label_studio": (
        write_export,
        lambda path: read_label_studio(path, read_words),
        spans_of,
        spans_of,
    ),
    "categories": (
        write_categories,
        lambda path: read_categories(path, read_words),
        category_of,
        found_category,
    ),
    "csv": (
        write_csv,
        lambda path: read_csv(path, read_words, separator=","),
        category_of,
        found_category,
    ),
    "docbin": (lambda path, made: write_docbin(made, path), read_docbin, spans_of, spans_of),
}
each_format = pytest.mark.parametrize("name", FORMATS)


def run(examples, strategy, check):
    """Check a property on so many examples."""
    checks = settings(
        max_examples=examples, deadline=None, database=None, suppress_health_check=list(HealthCheck)
    )
    checks(given(strategy)(check))()


def read_or_refuse(read, path):
    """The documents that come before the end or a `DataError`, which names the file; other
    exceptions are failures.
    """
    found = []
    message = None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        try:
            for document in read(path):
                found.append(document)
        except DataError as error:
            message = str(error)
    assert message is None or str(path) in message
    return found


@each_budget
@each_format
def test_what_is_written_comes_back(tmp_path, name, examples):
    write, read, made_of, found_of = FORMATS[name]
    path = tmp_path / "file"

    def check(made):
        if name == "label_studio":
            # An export without any span has no layer of spans.
            made = [*made, Document.from_words(["a"], spans={"ner": Spans((Span(0, 1, "X"),))})]
        write(path, made)
        expected = [made_of(document) for document in made]
        assert [found_of(document) for document in read(path)] == expected
        path.write_bytes(gzip.compress(path.read_bytes()))
        assert [found_of(document) for document in read(path)] == expected

    run(examples, FILES, check)


@each_budget
@each_format
def test_a_file_that_is_cut_anywhere_is_read_or_refused(tmp_path, name, examples):
    write, read, made_of, found_of = FORMATS[name]
    path = tmp_path / "file"

    def check(case):
        made, share = case
        write(path, made)
        whole = path.read_bytes()
        path.write_bytes(whole[: int(len(whole) * share)])
        found = read_or_refuse(read, path)
        # All but the last one, which may have lost its end, are those that were written.
        expected = [made_of(document) for document in made]
        assert [found_of(document) for document in found[:-1]] == expected[: max(len(found) - 1, 0)]
        assert len(found) <= len(made)

    run(examples, st.tuples(FILES, st.floats(0, 1, exclude_max=True)), check)


@each_budget
@each_format
def test_a_file_with_other_bytes_is_read_or_refused(tmp_path, name, examples):
    write, read, _, _ = FORMATS[name]
    path = tmp_path / "file"

    def check(case):
        made, changes, packed = case
        write(path, made)
        content = bytearray(gzip.compress(path.read_bytes()) if packed else path.read_bytes())
        for share, piece, drop in changes:
            place = int(len(content) * share)
            content[place : place + drop] = piece
        path.write_bytes(content)
        read_or_refuse(read, path)

    pieces = st.binary(max_size=4) | st.sampled_from(
        [b"\n", b"\t", b'"', b"\r", b"-", b"O", b"[", b"{}", b"null", b"1e9"]
    )
    changes = st.lists(
        st.tuples(st.floats(0, 1), pieces, st.integers(0, 5)), min_size=1, max_size=4
    )
    run(examples, st.tuples(FILES, changes, st.booleans()), check)


@each_budget
@each_format
def test_any_bytes_are_read_or_refused(tmp_path, name, examples):
    _, read, _, _ = FORMATS[name]
    path = tmp_path / "file"

    def check(content):
        path.write_bytes(content)
        read_or_refuse(read, path)

    run(
        examples,
        st.binary(max_size=200)
        | st.text(max_size=200).map(lambda text: text.encode("utf-8", "replace")),
        check,
    )


@each_budget
def test_a_docbin_with_other_bytes_inside_is_read_or_refused(tmp_path, examples):
    path = tmp_path / "file"

    def check(case):
        made, changes = case
        write_docbin(made, path)
        content = bytearray(zlib.decompress(path.read_bytes()))
        for share, piece, drop in changes:
            place = int(len(content) * share)
            content[place : place + drop] = piece
        path.write_bytes(zlib.compress(bytes(content)))
        read_or_refuse(read_docbin, path)

    changes = st.lists(
        st.tuples(st.floats(0, 1), st.binary(max_size=3), st.integers(0, 3)), min_size=1, max_size=3
    )
    run(examples, st.tuples(FILES, changes), check)
