"""Label Studio's JSON exports → documents with spans and categories, and predictions for it; JSON lines are in `jsonl`.

An export is one JSON list of tasks, which is in memory as a whole; errors name file and task, numbered from 1.
"""

import json
import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import BaseModel, Field, TypeAdapter, ValidationError

from seqlabel.documents.alignment import align_spans, fit_spans
from seqlabel.documents.document import Document
from seqlabel.documents.repairs import Repairs
from seqlabel.documents.spans import CharacterSpan
from seqlabel.errors import DataError, expected_by
from seqlabel.formats.format import DOCUMENT, FIELDS, SPANS, Beginning, Format, Labelled, ReadOptions, Text
from seqlabel.formats.jsonl import all_spans, best_category, check_place
from seqlabel.formats.reading import Tokenise, check_label, hint_of, warn_of_repairs
from seqlabel.io.files import SURROGATE
from seqlabel.io.json_records import JsonDocument
from seqlabel.io.text_files import UTF_8, read_blocks

_LIST = re.compile(r"\s*\[\s*(?:\{|$)")


class _Value(BaseModel):
    start: int | None = None
    end: int | None = None
    text: str | None = None
    labels: list[str] = Field(default_factory=list)
    choices: list[str] = Field(default_factory=list)


class _Result(BaseModel):
    type: str
    value: _Value


class _Annotation(BaseModel):
    result: list[dict[str, Any]]
    was_cancelled: bool = False
    ground_truth: bool | None = False


class _Task(BaseModel):
    data: dict[str, Any]
    annotations: list[_Annotation]


@dataclass(frozen=True)
class _Labelled:
    """A text with what an annotator said about it."""

    where: str
    text: str
    spans: list[CharacterSpan]
    choices: list[str]


def read_label_studio(
    path: Path | str,
    tokenise: Tokenise,
    *,
    text: str = "text",
    layer: str = "ner",
    category: str = "category",
    labels: Collection[str] | None = None,
    repairs: Repairs | None = None,
    encoding: str = UTF_8,
) -> Iterator[Document]:
    """Read the texts of a JSON export, with spans of results of type `labels` and a category of type `choices`.

    A task that several annotators labelled differently is an error unless one annotation is marked as ground truth.
    Where no task has any span or any choice, documents have no such layer.

    Args:
        path: The file; gzip is unpacked.
        tokenise: Finds the words of a text.
        text: The key of the text in a task's `data`.
        layer: The name of the layer of spans.
        category: The name of the layer of categories.
        labels: The labels that spans and texts may have; None for any.
        repairs: Counts what is repaired: spans that are moved to word borders, spans left out because they touch no
            word or overlap a longer one, and tasks left out because they were skipped or not annotated. Without it a
            warning at the end counts the spans that were moved and the tasks that were left out, and the other spans
            are errors.
        encoding: The name of the file's encoding.

    Yields:
        A document for each task that is annotated.

    Raises:
        DataError: The file is not such an export, a task has no such text, a span does not fit its text, annotators
            differ, there are several choices, or a label is not among `labels`. The message names the task.
        OptionError: Python does not know the encoding.
    """
    path = Path(path)
    counted = Repairs()
    skipped = counted if repairs is None else repairs
    read = [
        _read(task, f"{path}, task {number}", text, skipped) for number, task in enumerate(_tasks(path, encoding), 1)
    ]
    labelled = [task for task in read if task is not None]
    has_spans, has_choices = any(task.spans for task in labelled), any(task.choices for task in labelled)
    for task in labelled:
        for label in (*(span.label for span in task.spans), *task.choices):
            check_label(label, labels, task.where)
        document = tokenise(task.text)
        if has_spans:
            fitted = fit_spans(document, task.spans, where=task.where, repairs=repairs)
            if repairs is None:
                counted.moved += align_spans(document, task.spans).moved
            document = document.with_spans(layer, fitted)
        if has_choices:
            if len(task.choices) != 1:
                raise DataError(
                    f"{task.where}: Found {len(task.choices)} choices. A text has one category. Correct the task."
                )
            document = document.with_categories(category, {task.choices[0]: 1.0})
        yield document
    warn_of_repairs(counted, str(path))


def _tasks(path: Path, encoding: str) -> list[_Task]:
    content = "".join(read_blocks(path, encoding=encoding))
    try:
        found = json.loads(content)
    except (ValueError, RecursionError) as error:
        line = error.lineno if isinstance(error, json.JSONDecodeError) else 1
        first = content.partition("\n")[0]
        hint = hint_of(first) if not first.lstrip().startswith("[") else ""
        raise DataError(
            f"{path}, line {line}: is not JSON. Give a file that Label Studio exported as JSON.{hint}"
        ) from error
    if isinstance(found, list) and found and isinstance(found[0], dict) and not {"data", "annotations"} & set(found[0]):
        raise DataError(
            f"{path}, task 1: has neither data nor annotations, as in JSON-MIN. Export the project from Label Studio "
            f"as JSON, not as JSON-MIN."
        )
    try:
        return TypeAdapter(list[_Task]).validate_python(found)
    except ValidationError as error:
        # Not the values that pydantic found, which are texts.
        place = error.errors(include_input=False, include_url=False)[0]
        number = next((part + 1 for part in place["loc"] if isinstance(part, int)), None)
        keys = ".".join(str(part) for part in place["loc"] if isinstance(part, str))
        where = f"{path}, line 1" if number is None else f"{path}, task {number}"
        raise DataError(
            f"{where}: is not as Label Studio exports tasks ({keys or 'the whole'}: expected "
            f"{expected_by(place)}). Export the project as JSON, not as JSON-MIN or CSV."
        ) from error


def _read(task: _Task, where: str, key: str, repairs: Repairs) -> _Labelled | None:
    text = task.data.get(key)
    if not isinstance(text, str):
        keys = ", ".join(map(repr, task.data))
        raise DataError(f"{where}: has no text {key!r} in its data, which has {keys or 'nothing'}. Name it as `text`.")
    if "\0" in text or SURROGATE.search(text):
        raise DataError(f"{where}: Found a NUL or a lone surrogate, which no text has. Take it out.")
    done = [annotation for annotation in task.annotations if not annotation.was_cancelled]
    done = [annotation for annotation in done if annotation.ground_truth] or done
    if not done:
        repairs.skipped += 1
        return None
    found = [_labels(annotation, text, where) for annotation in done]
    if any(one != found[0] for one in found):
        raise DataError(
            f"{where}: Found {len(found)} annotations that differ. Mark one as ground truth in Label Studio, or delete "
            f"the others."
        )
    spans, choices = found[0]
    return _Labelled(where, text, spans, choices)


def _labels(annotation: _Annotation, text: str, where: str) -> tuple[list[CharacterSpan], list[str]]:
    spans: list[CharacterSpan] = []
    choices: list[str] = []
    for raw in annotation.result:
        if raw.get("type") not in ("labels", "choices"):
            # Relations, comments, ratings and the like say nothing of words or texts.
            continue
        result = _result(raw, where)
        if result.type == "choices":
            choices += result.value.choices
        else:
            spans += [_span(result.value, label, text, where) for label in result.value.labels]
    return sorted(spans, key=lambda span: (span.start, span.end, span.label)), sorted(choices)


def _result(raw: Mapping[str, Any], where: str) -> _Result:
    try:
        return _Result.model_validate(raw)
    except ValidationError as error:
        place = error.errors(include_input=False, include_url=False)[0]
        keys = ".".join(map(str, place["loc"]))
        raise DataError(
            f"{where}: has a result that is not as Label Studio exports it ({keys}: expected {expected_by(place)}). "
            f"Export the project anew."
        ) from error


def _span(value: _Value, label: str, text: str, where: str) -> CharacterSpan:
    """A span in characters; a browser counts a character beyond the basic plane, such as an emoji, as two."""
    if value.start is None or value.end is None:
        raise DataError(f"{where}: has a span without start or end. Export the project as JSON.")
    span = CharacterSpan(value.start, value.end, label)
    if value.text is not None and text[span.start : span.end] != value.text and max(text) > "\uffff":
        units = text.encode("utf-16-le")
        start = len(units[: 2 * max(value.start, 0)].decode("utf-16-le", "ignore"))
        end = len(units[: 2 * max(value.end, 0)].decode("utf-16-le", "ignore"))
        if text[start:end] == value.text:
            span = CharacterSpan(start, end, label)
    check_place(span, len(text), where)
    return span


def write_label_studio(labelled: Iterable[Labelled]) -> Iterator[bytes]:
    """Write tasks with predictions, which Label Studio imports to be corrected.

    Spans are results of the control `label`, a category is one of `choice`, both for the text named `text`, as in
    Label Studio's own templates.

    Args:
        labelled: The documents.

    Yields:
        Pieces of one JSON list.
    """
    before = "["
    for document, _ in labelled:
        text, spans = document.text, all_spans(document)
        results: list[dict[str, Any]] = [
            {
                "from_name": "label",
                "to_name": "text",
                "type": "labels",
                "value": {
                    "start": _units(text[: one.start]),
                    "end": _units(text[: one.end]),
                    "text": text[one.start : one.end],
                    "labels": [one.label],
                },
                **({} if one.score is None else {"score": round(one.score, 4)}),
            }
            for one in spans
        ]
        choices = best_category(document)
        if choices:
            results.append({"from_name": "choice", "to_name": "text", "type": "choices", "value": {"choices": choices}})
        task = {"data": {"text": text}, "predictions": [{"model_version": "seqlabel", "result": results}]}
        yield f"{before}{json.dumps(task, ensure_ascii=False)}".encode()
        before = ",\n"
    yield (before if before == "[" else "").encode() + b"]\n"


def _units(text: str) -> int:
    """The length of a text as a browser counts it."""
    return len(text.encode("utf-16-le")) // 2


def _read_export(path: Path, options: ReadOptions) -> Iterator[Document]:
    names = {"layer": options.layer or "ner", "category": options.layer or "category"}
    return read_label_studio(
        path, options.tokenise, text=options.text, **names, repairs=options.repairs, encoding=options.encoding
    )


def _texts(path: Path, options: ReadOptions) -> Iterator[Text]:
    """Yield the texts of a list of objects; Label Studio has them in `data`."""
    try:
        found = json.loads("".join(read_blocks(path, encoding=options.encoding)))
    except (json.JSONDecodeError, RecursionError):
        raise DataError(f"{path}: is not JSON. Give a list of objects, or one object per line as .jsonl.") from None
    rows = found if isinstance(found, list) else [found]
    for number, row in enumerate(rows, 1):
        data = row["data"] if isinstance(row, dict) and isinstance(row.get("data"), dict) else row
        text = data.get(options.text) if isinstance(data, dict) else None
        if not isinstance(text, str):
            raise DataError(f"{path}, object {number}: has no field {options.text!r} that is text.{fields_of(data)}")
        yield Text(text, row)


def fields_of(row: Any) -> str:
    """Say which fields of an object are text.

    Args:
        row: The object.

    Returns:
        A sentence with a space before it; empty where there are none.
    """
    texts = [name for name, value in row.items() if isinstance(value, str)] if isinstance(row, dict) else []
    return f" It has the texts {', '.join(texts)}: choose one with --text." if texts else ""


def _looks_like(beginning: Beginning) -> bool:
    return bool(_LIST.match(beginning.first))


LABEL_STUDIO = Format(
    "label-studio",
    (".json",),
    looks_like=_looks_like,
    holds=frozenset({SPANS, DOCUMENT}),
    read=_read_export,
    write=write_label_studio,
    by_document=False,
)
"""Label Studio's JSON export; written as tasks with predictions."""
JSON = Format(
    "json",
    (".json",),
    aliases=("label-studio",),
    looks_like=_looks_like,
    texts=_texts,
    parts=FIELDS,
    records=lambda layout, _: JsonDocument(layout.fields, all_strings=layout.all_strings),
)
"""A list of objects, with the text in a field or in that field of `data`, as Label Studio writes it."""
