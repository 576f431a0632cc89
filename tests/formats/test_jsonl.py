"""JSONL of texts with spans → documents: every span kept or counted, every error with its line."""

import pytest

from seqlabel.documents.document import Document, Spans
from seqlabel.documents.repairs import Repairs
from seqlabel.documents.spans import CharacterSpan, Span
from seqlabel.errors import DataError
from seqlabel.formats.jsonl import read_span_lines, read_spans, write_spans
from tests.label_files import jsonl, read_words, write


def test_texts_with_spans(tmp_path):
    rows = [("Ann, \u2028 née 数", [(0, 3, "A"), (8, 9, "B")]), ("", []), ("😀", [(0, 1, "A"), (0, 1, "B")])]
    text = jsonl(*({"id": 1, "text": text, "spans": spans} for text, spans in rows))
    expected = [(text, [CharacterSpan(*span) for span in spans]) for text, spans in rows]
    assert list(read_span_lines(write(tmp_path, text))) == expected
    assert list(read_span_lines(write(tmp_path, text.replace("\n", "\r\n\r\n")))) == expected


@pytest.mark.parametrize(
    "bad",
    [
        "secret",
        '{"text": "secret"',
        '["secret"]',
        '"secret"',
        "5",
        "null",
        '{"text": "secret"}',
        '{"spans": []}',
        '{"text": "secret", "spans": null}',
        '{"text": "secret", "spans": [[0, 1]]}',
        '{"text": "secret", "spans": [[0, 1, "X", 2]]}',
        '{"text": "secret", "spans": [5]}',
        '{"text": "secret", "spans": [["a", 1, "X"]]}',
        '{"text": "secret", "spans": [{"start": 0, "end": 1}]}',
        '{"text": "secret", "spans": [{"start": "0", "end": 1, "label": "X"}]}',
        "[" * 100_000,
        '{"text": "secret", "spans": [[0, Infinity, "X"]]}',
        '{"text": "secret", "spans": [[0.5, 1, "X"]]}',
        '{"text": "secret", "spans": [[0, 1, null]]}',
        '{"text": 5, "spans": []}',
        '{"text": 5, "spans": [[0, 1, "X"]]}',
        '{"text": null, "spans": []}',
    ],
)
def test_a_line_without_text_and_spans_is_refused_with_its_number(tmp_path, bad):
    with pytest.raises(DataError, match=r"labels\.txt, line 3: is not an object like") as caught:
        list(read_span_lines(write(tmp_path, f'{{"text": "a", "spans": []}}\n\n{bad}\n')))
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(("start", "end"), [(-1, 2), (1, 1), (2, 1), (5, 7), (6, 7)])
def test_a_span_that_leaves_its_text_is_refused_with_its_line(tmp_path, start, end):
    text = jsonl({"text": "a", "spans": []}, {"text": "secret", "spans": [[0, 1, "X"], [start, end, "X"]]})
    message = rf"labels\.txt, line 2: a span goes from {start} to {end} in a text of 6 characters; mend it: "
    with pytest.raises(DataError, match=message) as caught:
        list(read_span_lines(write(tmp_path, text)))
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("label", ["", " "])
def test_a_span_without_a_label_is_refused_with_its_line(tmp_path, label):
    text = jsonl({"text": "a", "spans": []}, {"text": "secret", "spans": [[0, 1, "X"], [2, 3, label]]})
    with pytest.raises(DataError, match=r"labels\.txt, line 2: a span has an empty label; fill it in") as caught:
        list(read_span_lines(write(tmp_path, text)))
    assert "secret" not in str(caught.value)


def test_texts_with_spans_become_documents(tmp_path):
    rows = [
        {"text": "Ann  Lee, MD", "spans": [[5, 8, "B"], {"start": 0, "end": 3, "label": "A", "note": 1}]},
        {"text": "", "spans": []},
        {"text": " \n", "spans": []},
    ]
    repairs = Repairs()
    first, second, third = read_spans(write(tmp_path, jsonl(*rows)), read_words, layer="pii", repairs=repairs)
    assert (first.text, first.words) == ("Ann  Lee, MD", ["Ann", "Lee,", "MD"])
    assert first.spans == {"pii": Spans((Span(0, 1, "A"), Span(1, 2, "B")))}
    assert (second, third.text, len(third)) == (Document("", (), spans={"pii": Spans(())}), " \n", 0)
    assert repairs == Repairs(moved=1)


@pytest.mark.parametrize(
    ("spans", "kept", "repairs"),
    [
        ([[0, 1, "X"], [1, 2, "Y"]], [Span(0, 1, "X")], Repairs(moved=2, overlapping=1)),
        ([[0, 2, "X"], [0, 5, "Y"]], [Span(0, 2, "Y")], Repairs(overlapping=1)),
        ([[2, 3, "X"]], [], Repairs(lost=1)),
        ([[2, 3, "X"], [3, 8, "X"]], [Span(1, 3, "X")], Repairs(lost=1)),
    ],
)
def test_spans_that_fit_no_words_are_refused_or_counted(tmp_path, spans, kept, repairs):
    path = write(tmp_path, jsonl({"text": "a", "spans": []}, {"text": "se cr et", "spans": spans}))
    message = (
        rf"labels\.txt, line 2: found {repairs.lost} spans that touch no word and {repairs.overlapping} that overlap a "
        rf"longer one .* pass `repairs`"
    )
    with pytest.raises(DataError, match=message) as caught:
        list(read_spans(path, read_words))
    assert "cr" not in str(caught.value)
    found = Repairs()
    _, document = read_spans(path, read_words, repairs=found)
    assert (list(document.spans["ner"].spans), found) == (kept, repairs)


@pytest.mark.parametrize("text", ["a \\u0000", "\\ud800 b", "b\\udfff"])
def test_what_no_text_holds_is_refused_also_where_json_escapes_it(tmp_path, text):
    path = write(tmp_path, f'{{"text": "\\ud83d\\ude00", "spans": []}}\n{{"text": "{text}", "spans": []}}\n')
    with pytest.raises(DataError, match=r"labels\.txt, line 2: found a NUL or a lone surrogate"):
        list(read_span_lines(path))


def test_what_is_written_is_read_again(tmp_path):
    documents = [
        Document.from_words(["Zoë", "Moss", "sat"]).with_spans("pii", Spans((Span(0, 2, "PERSON"),))),
        Document.from_words(['"a\n"', "b"]).with_spans("pii", Spans(())),
    ]
    write_spans(tmp_path / "a.jsonl", documents, layer="pii")
    assert list(read_span_lines(tmp_path / "a.jsonl")) == [
        ("Zoë Moss sat", [(0, 8, "PERSON")]),
        ('"a\n" b', []),
    ]


def test_a_document_without_the_layer_leaves_the_earlier_file(tmp_path):
    path = tmp_path / "a.jsonl"
    write_spans(path, [])
    with pytest.raises(DataError, match="Document 0 has no layer of spans 'ner'"):
        write_spans(path, [Document.from_words(["a"])])
    assert path.read_text(encoding="utf-8") == ""
    with pytest.raises(DataError, match=r"a\.jsonl.b\.jsonl: cannot be written"):
        write_spans(path / "b.jsonl", [])
