"""Label Studio's exports → documents: every label kept or counted, every error with its task."""

import json
from functools import partial

import pytest

from seqlabel.documents.document import Document, Spans
from seqlabel.documents.repairs import Repairs
from seqlabel.documents.spans import Span
from seqlabel.errors import DataError
from seqlabel.formats.any_format import read_documents
from seqlabel.formats.label_studio import LABEL_STUDIO
from seqlabel.text import Tokenizer
from tests.formats.labeled import DOCUMENT, written
from tests.label_files import read_words

read_label_studio = partial(read_documents, format="label-studio")


def span(start, end, label, text=None):
    value = {"start": start, "end": end, "labels": [label]}
    if text is not None:
        value["text"] = text
    return {"from_name": "label", "to_name": "text", "type": "labels", "value": value}


def choice(*labels):
    value = {"choices": list(labels)}
    return {"from_name": "mood", "to_name": "text", "type": "choices", "value": value}


def task(text, *annotations):
    """A task with annotations, each a list of results or an annotation."""
    made = [
        one if isinstance(one, dict) else {"id": 1, "result": one, "was_cancelled": False}
        for one in annotations
    ]
    return {"id": 7, "data": {"text": text}, "annotations": made, "predictions": []}


def write(folder, *tasks):
    path = folder / "export.json"
    path.write_text(json.dumps(tasks, ensure_ascii=False), encoding="utf-8")
    return path


def test_spans_and_choices_of_an_export(tmp_path):
    relation = {"type": "relation", "from_id": "a", "to_id": "b", "direction": "right"}
    spans = [span(9, 13, "LOC", "Oslo"), choice("sad"), span(0, 3, "PER", "Ann"), relation]
    path = write(tmp_path, task("Ann left Oslo", spans), task("nothing here", [choice("glad")]))
    first, second = read_label_studio(str(path), read_words)
    assert first.spans["ner"].spans == (Span(0, 1, "PER"), Span(2, 3, "LOC"))
    assert first.categories["category"] == {"sad": 1.0}
    assert second.categories["category"] == {"glad": 1.0}
    assert second.spans["ner"].spans == ()


def test_an_export_of_one_kind_has_one_layer(tmp_path):
    (document,) = read_label_studio(write(tmp_path, task("a b", [span(0, 1, "X")])), read_words)
    assert (list(document.spans), list(document.categories)) == (["ner"], [])
    (document,) = read_label_studio(write(tmp_path, task("a b", [choice("X")])), read_words)
    assert (list(document.spans), list(document.categories)) == ([], ["category"])


def test_characters_that_a_browser_counts_as_two(tmp_path):
    text = "😀 Ann 👩\u200d🚀 Oslo"
    units = text.encode("utf-16-le")
    start = len(units[: units.index("Oslo".encode("utf-16-le"))]) // 2
    path = write(tmp_path, task(text, [span(start, start + 4, "LOC", "Oslo")]))
    (document,) = read_label_studio(path, read_words)
    assert document.spans["ner"].spans == (Span(3, 4, "LOC"),)


def test_tasks_that_were_skipped_or_not_annotated_are_counted(tmp_path):
    cancelled = {"result": [], "was_cancelled": True}
    path = write(tmp_path, task("a", cancelled), task("b"), task("c", [span(0, 1, "X")], cancelled))
    repairs = Repairs()
    (document,) = read_label_studio(path, read_words, repairs=repairs)
    assert (document.text, repairs) == ("c", Repairs(skipped=2))
    with pytest.warns(UserWarning, match=r"export\.json: .*\b2\b"):
        assert len(list(read_label_studio(path, read_words))) == 1


def test_annotators_that_agree_or_one_that_is_right(tmp_path):
    def read(*tasks):
        return list(read_label_studio(write(tmp_path, *tasks), read_words))

    x, y = span(0, 1, "X"), span(2, 3, "Y")
    (document,) = read(task("a b", [y, x], [x, y]))
    assert len(document.spans["ner"].spans) == 2
    (document,) = read(task("a b", [y], {"result": [x], "ground_truth": True}))
    assert document.spans["ner"].spans == (Span(0, 1, "X"),)
    with pytest.raises(DataError):
        read(task("b"), task("secret", [x], []))


@pytest.mark.parametrize(
    "bad",
    [
        task("secret", [span(0, 9, "X")]),
        task("secret", [span(None, 1, "X")]),
        task("secret", [span("secret", 1, "X")]),
        task("secret", [{"type": "labels"}]),
        task("secret", [span(0, 1, "secret")]),
        task("secret", [choice("X", "X")]),
        task("secret\x00", []),
        {"data": {"secret": "secret"}, "annotations": []},
        {"data": {"text": "secret"}},
        {"text": "secret", "label": []},
        "secret",
    ],
)
def test_a_task_that_cannot_be_read_is_refused(tmp_path, bad):
    path = write(tmp_path, task("a", [choice("X")]), bad)
    with pytest.raises(DataError) as caught:
        list(read_label_studio(path, read_words, labels=["X"]))
    assert "secret" not in str(caught.value).replace("'secret'", "")


LABEL = {"start": 0, "end": 3, "text": "Ann", "labels": ["PER"]}


@pytest.mark.parametrize(
    ("content", "advice"),
    [
        ('[\n{"data"\n', None),
        ("Ann B-PER\n", None),
        ('{"text": "a"}', None),
        ("[" * 100000, None),
        (json.dumps([{"text": "Ann", "label": [LABEL]}]), "JSON-MIN"),
        ('[{"text": "Ann", "entities": [{"text": "Ann", "label": "PER"}]}]', "jq"),
        ('[{"text": "Ann", "spans": [[0, 3, "PER"]]}]', "jq"),
    ],
)
def test_a_file_that_is_not_an_export_is_refused(tmp_path, content, advice):
    path = tmp_path / "export.json"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(DataError, match=advice):
        list(read_label_studio(path, read_words))


def as_exported(path):
    """What Label Studio exports where an annotator took every prediction over."""
    tasks = json.loads(path.read_text())
    exported = [
        {"data": one["data"], "annotations": [{"result": one["predictions"][0]["result"]}]}
        for one in tasks
    ]
    path.write_text(json.dumps(exported))
    return exported


def test_predictions_come_back_as_they_were_corrected(tmp_path):
    emoji = Document("😀 Ann", ((0, 1), (2, 5)), spans={"ner": Spans((Span(1, 2, "PER"),))})
    path = tmp_path / "a.json"
    path.write_text(written(LABEL_STUDIO, DOCUMENT, emoji))
    exported = as_exported(path)
    # A browser counts the emoji as two.
    assert exported[1]["annotations"][0]["result"][0]["value"]["start"] == 3
    first, second = read_label_studio(path, Tokenizer("en"))
    assert first.spans["ner"].spans == DOCUMENT.spans["ner"].spans
    assert [second.words[one.start] for one in second.spans["ner"].spans] == ["Ann"]


def test_predicted_categories_come_back_and_no_text_is_an_empty_list(tmp_path):
    path = tmp_path / "a.json"
    document = Document("Ann saw", ((0, 3), (4, 7)))
    document = document.with_categories("tone", {"good": 0.75, "bad": 0.25})
    path.write_text(written(LABEL_STUDIO, document))
    as_exported(path)
    (read,) = read_label_studio(path, Tokenizer("en"))
    assert read.categories == {"category": {"good": 1.0}}
    assert json.loads(written(LABEL_STUDIO)) == []
