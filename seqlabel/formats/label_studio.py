"""Label Studio's JSON exports → documents with spans and categories, and predictions for it; JSON
lines are in `jsonl`.

An export is one JSON list of tasks, which is in memory as a whole; errors name file and task,
numbered from 1.
"""

import json
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Annotated, Any, NamedTuple

from pydantic import BaseModel, BeforeValidator, Field, TypeAdapter, ValidationError

from seqlabel.documents.document import Document
from seqlabel.documents.spans import CharacterSpan
from seqlabel.errors import DataError, expected_by
from seqlabel.formats.format import (
    DOCUMENT,
    FIELDS,
    SPANS,
    Beginning,
    Exchange,
    Format,
    Labeled,
    Labels,
    Text,
    Writer,
)
from seqlabel.formats.jsonl import all_spans, best_category
from seqlabel.formats.reading import (
    ONE_OBJECT_PER_LINE,
    ReadOptions,
    read_json_file,
    tokenized,
    with_category,
    with_spans,
)
from seqlabel.io.json_records import json_document

_LIST = re.compile(r"\s*\[\s*(?:\{|$)")


class _Value(BaseModel, defer_build=True):
    start: int | None = None
    end: int | None = None
    text: str | None = None
    labels: list[str] = Field(default_factory=list)
    choices: list[str] = Field(default_factory=list)


class _Result(BaseModel, defer_build=True):
    type: str
    value: _Value


def _of_texts(results: Any) -> Any:
    """The results that say something of words or texts: not relations, comments, ratings and the
    like.
    """
    if not isinstance(results, list):
        return results
    return [
        result
        for result in results
        if not isinstance(result, dict) or result.get("type") in ("labels", "choices")
    ]


class _Annotation(BaseModel, defer_build=True):
    result: Annotated[list[_Result], BeforeValidator(_of_texts)]
    was_cancelled: bool = False
    ground_truth: bool | None = False


class _Task(BaseModel, defer_build=True):
    data: dict[str, Any]
    annotations: list[_Annotation]


class _Labeled(NamedTuple):
    """A text with what an annotator said about it."""

    where: str
    text: str
    spans: list[CharacterSpan]
    choices: list[str]


def _read(path: Path, options: ReadOptions) -> Iterator[Document]:
    """Read the texts of a JSON export, with spans of results of type `labels` and a category of
    type `choices`.

    A task that several annotators labelled differently is an error unless one annotation is marked
    as ground truth. Where no task has any span or any choice, documents have no such layer.
    """
    read = [_labeled(task, where, options) for where, task in _tasks(path, options)]
    labeled = [task for task in read if task is not None]
    has_spans = any(task.spans for task in labeled)
    has_choices = any(task.choices for task in labeled)
    for where, text, spans, choices in labeled:
        document = tokenized(text, where, options)
        if has_spans:
            document = with_spans(document, spans, where, options)
        if has_choices:
            if len(choices) != 1:
                raise DataError(
                    f"{where}: expected one choice, got {len(choices)}. Correct the task."
                )
            document = with_category(document, choices[0], where, options)
        yield document


def _tasks(path: Path, options: ReadOptions) -> Iterator[tuple[str, _Task]]:
    content = read_json_file(
        path, options.encoding, "Give a file that Label Studio exported as JSON."
    )
    first = content[0] if isinstance(content, list) and content else None
    if isinstance(first, dict) and not {"data", "annotations"} & set(first):
        if {"entities", "spans"} & set(first):
            raise DataError(
                f"{path}: Expected tasks of Label Studio, got a list of texts with entities, such "
                f"as answers of a language model. {ONE_OBJECT_PER_LINE}"
            )
        raise DataError(
            f"{path}, task 1: has neither data nor annotations, as in JSON-MIN. Export the project "
            "from Label Studio as JSON, not as JSON-MIN."
        )
    try:
        tasks = TypeAdapter(list[_Task]).validate_python(content)
    except ValidationError as error:
        # Not the values that pydantic found, which are texts.
        first_error = error.errors(include_input=False, include_url=False)[0]
        number = next((part + 1 for part in first_error["loc"] if isinstance(part, int)), None)
        keys = ".".join(str(part) for part in first_error["loc"] if isinstance(part, str))
        where = f"{path}, line 1" if number is None else f"{path}, task {number}"
        raise DataError(
            f"{where}: is not as Label Studio exports tasks ({keys or 'the whole'}: expected "
            f"{expected_by(first_error)}). Export the project as JSON, not as JSON-MIN or CSV."
        ) from error
    return ((f"{path}, task {number}", task) for number, task in enumerate(tasks, 1))


def _labeled(task: _Task, where: str, options: ReadOptions) -> _Labeled | None:
    text = task.data.get(options.text)
    if not isinstance(text, str):
        keys = ", ".join(map(repr, task.data)) or "nothing"
        raise DataError(
            f"{where}: has no text {options.text!r} in its data, which has {keys}. Name it as "
            "`text`."
        )
    done = [annotation for annotation in task.annotations if not annotation.was_cancelled]
    done = [annotation for annotation in done if annotation.ground_truth] or done
    if not done:
        options.repairs.skipped += 1
        return None
    readings = [_labels(annotation, text, where) for annotation in done]
    if any(reading != readings[0] for reading in readings):
        raise DataError(
            f"{where}: expected annotations that agree, got {len(readings)} that differ. Mark one "
            "as ground truth in Label Studio, or delete the others."
        )
    spans, choices = readings[0]
    return _Labeled(where, text, spans, choices)


def _labels(
    annotation: _Annotation, text: str, where: str
) -> tuple[list[CharacterSpan], list[str]]:
    values = [result.value for result in annotation.result if result.type == "labels"]
    spans = [_span(value, label, text, where) for value in values for label in value.labels]
    choices = [
        choice
        for result in annotation.result
        if result.type == "choices"
        for choice in result.value.choices
    ]
    return sorted(spans, key=lambda span: (span.start, span.end, span.label)), sorted(choices)


def _span(value: _Value, label: str, text: str, where: str) -> CharacterSpan:
    """A span in characters; a browser counts a character beyond the basic plane, such as an emoji,
    as two.
    """
    if value.start is None or value.end is None:
        raise DataError(f"{where}: has a span without start or end. Export the project as JSON.")
    span = CharacterSpan(value.start, value.end, label)
    if (
        value.text is not None
        and text[span.start : span.end] != value.text
        and max(text) > "\uffff"
    ):
        units = text.encode("utf-16-le", "surrogatepass")
        start = len(units[: 2 * max(value.start, 0)].decode("utf-16-le", "ignore"))
        end = len(units[: 2 * max(value.end, 0)].decode("utf-16-le", "ignore"))
        if text[start:end] == value.text:
            span = CharacterSpan(start, end, label)
    return span


def write_label_studio(labeled: Iterable[Labeled]) -> Iterator[bytes]:
    """Write tasks with predictions, which Label Studio imports to be corrected.

    Spans are results of the control `label`, a category is one of `choice`, both for the text named
    `text`, as in Label Studio's own templates.

    Args:
        labeled: The documents.

    Yields:
        Pieces of one JSON list.
    """
    before = "["
    for document, _ in labeled:
        results = results_of(document, spans=("label", "text"), choices=("choice", "text"))
        task = {
            "data": {"text": document.text},
            "predictions": [{"model_version": "seqlabel", "result": results}],
        }
        yield f"{before}{json.dumps(task, ensure_ascii=False)}".encode()
        before = ",\n"
    yield (before if before == "[" else "").encode() + b"]\n"


def results_of(
    document: Document, *, spans: tuple[str, str] | None, choices: tuple[str, str] | None
) -> list[dict[str, Any]]:
    """Give a document's spans and category as results of a prediction.

    Args:
        document: The document.
        spans: The names of the control for spans and of the text that it labels; None for no spans.
        choices: The same for the category.

    Returns:
        The results, in the order of the text; offsets are half-open, in units of UTF-16.
    """
    text = document.text
    results: list[dict[str, Any]] = []
    if spans is not None:
        for span in all_spans(document):
            value = {
                "start": _units(text[: span.start]),
                "end": _units(text[: span.end]),
                "text": text[span.start : span.end],
                "labels": [span.label],
            }
            score = {} if span.score is None else {"score": round(span.score, 4)}
            results.append(_result(spans, "labels", value) | score)
    best = best_category(document)
    if choices is not None and best:
        results.append(_result(choices, "choices", {"choices": best}))
    return results


def _result(names: tuple[str, str], kind: str, value: dict[str, Any]) -> dict[str, Any]:
    from_name, to_name = names
    return {"from_name": from_name, "to_name": to_name, "type": kind, "value": value}


def _units(text: str) -> int:
    """The length of a text as a browser counts it."""
    return len(text.encode("utf-16-le")) // 2


def _texts(path: Path, options: ReadOptions) -> Iterator[Text]:
    """Yield the texts of a list of objects; Label Studio has them in `data`."""
    content = read_json_file(
        path, options.encoding, "Give a list of objects, or one object per line as .jsonl."
    )
    rows = content if isinstance(content, list) else [content]
    for number, row in enumerate(rows, 1):
        data = row["data"] if isinstance(row, dict) and isinstance(row.get("data"), dict) else row
        text = data.get(options.text) if isinstance(data, dict) else None
        if not isinstance(text, str):
            raise DataError(
                f"{path}, object {number}: has no field {options.text!r} that is "
                f"text.{fields_of(data)}"
            )
        yield Text(text, row)


def fields_of(row: Any) -> str:
    """Say which fields of an object are text.

    Args:
        row: The object.

    Returns:
        A sentence with a space before it; empty where there are none.
    """
    texts = (
        [name for name, value in row.items() if isinstance(value, str)]
        if isinstance(row, dict)
        else []
    )
    return f" It has the texts {', '.join(texts)}: choose one with --text." if texts else ""


def _looks_like(beginning: Beginning) -> bool:
    return bool(_LIST.match(beginning.first))


LABEL_STUDIO = Format(
    "label-studio",
    (".json",),
    looks_like=_looks_like,
    labels=Labels(frozenset({SPANS, DOCUMENT}), _read),
    writer=Writer(write_label_studio, by_document=False),
)
"""Label Studio's JSON export; written as tasks with predictions."""
JSON = Format(
    "json",
    (".json",),
    aliases=("label-studio",),
    looks_like=_looks_like,
    texts=_texts,
    exchange=Exchange(
        FIELDS, lambda layout, _: json_document(layout.fields, all_strings=layout.all_strings)
    ),
)
"""A list of objects, with the text in a field or in that field of `data`, as Label Studio writes
it.
"""
