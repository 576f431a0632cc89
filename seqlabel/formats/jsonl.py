"""JSONL files of texts, with spans of characters or with a category → documents, lazily, and back.

What Prodigy and Doccano export is read too. Every error names file and line; no line is skipped in
silence. Label Studio's exports are in `label_studio`.
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from seqlabel.documents.categories import best_category as best_label
from seqlabel.documents.document import Document
from seqlabel.documents.spans import CharacterSpan
from seqlabel.errors import DataError, OptionError
from seqlabel.formats.format import (
    DOCUMENT,
    FIELDS,
    SPANS,
    Beginning,
    Exchange,
    Format,
    Labeled,
    Labels,
    Writer,
)
from seqlabel.formats.quoted import part_entities, place_quotes, read_quote
from seqlabel.formats.reading import (
    ReadOptions,
    check_place,
    check_text,
    hint_of,
    json_or_none,
    tokenized,
    warn_of_repairs,
    with_category,
    with_spans,
)
from seqlabel.io.json_records import JsonLines
from seqlabel.io.text_files import UTF_8, read_lines

_SPAN_KEYS = ("spans", "entities", "label", "labels")
_CATEGORY_KEYS = ("accept", "label", "labels", "category")
_LABEL_KEYS = ("label", "type", "entity_type", "entity_group")
_ANSWERS = ("accept", "reject", "ignore")
_OBJECT = re.compile(r'\s*\{\s*"')


def _read_spans(path: Path, options: ReadOptions) -> Iterator[Document]:
    """Read the texts and spans of a JSONL file, as in `read_span_lines`; a span takes every word
    that it touches.

    With `category` in the options a text also has the category in that field, a string, or in that
    layer of the field `categories`, as `seqlabel label` writes it; a text without one lacks the
    layer.
    """
    for where, text, spans, row in _span_rows(path, options):
        document = with_spans(tokenized(text, where, options), spans, where, options)
        category = None if options.category is None else _category_of(row, options.category, where)
        if category is not None:
            document = with_category(
                document, category, where, replace(options, layer=options.category, labels=None)
            )
        yield document


def _category_of(row: Mapping[str, Any], field: str, where: str) -> str | None:
    """The category of a text in a field of its own, or the best one of that layer of
    `categories`.
    """
    label = row.get(field)
    layers = row.get("categories")
    if label is None and isinstance(layers, Mapping):
        label = layers.get(field)
    if (
        isinstance(label, Mapping)
        and label
        and all(isinstance(score, int | float) for score in label.values())
    ):
        label = best_label(label)
    if label is not None and not isinstance(label, str):
        raise DataError(
            f"{where}: expected one category, a string, in the field {field!r}. Correct it."
        )
    return label


def read_span_lines(
    path: Path | str, *, text: str = "text", encoding: str = UTF_8
) -> Iterator[tuple[str, list[CharacterSpan]]]:
    """Read the texts and spans of a JSONL file.

    A line is an object with a `text`, or in its place `data` (Doccano), and a list of spans as
    `spans`, `entities`, `label` or `labels` (the last three by Doccano). A span is
    `[start, end, label]`, or an object with a `label`, `type`, `entity_type` or `entity_group`, and
    with `start` and `end`, with `start_offset` and `end_offset` (Doccano), or with `token_start`
    and `token_end`, the last token included, and a list of `tokens` in the line (Prodigy). An
    object with a text and without offsets is an entity as a language model quotes it
    (`seqlabel.formats.quoted`); where the offsets of an object lead to another text than its
    `text`, the entities of the line are looked for by their texts, too. Of the texts that Prodigy
    exports only those with the answer `accept` are read.

    Args:
        path: The file; gzip is unpacked.
        text: The field of the text.
        encoding: The name of the file's encoding.

    Yields:
        Each text and its spans, half-open, in characters. Other values of a line are not read.

    Raises:
        DataError: A line is not such an object, a span leaves its text or has an empty label, or a
            text has a NUL or a lone surrogate. The message names the line.
        OptionError: Python does not know the encoding.
    """
    options = ReadOptions(text=text, encoding=encoding)
    for where, content, spans, _ in _span_rows(Path(path), options):
        check_text(content, where)
        for span in spans:
            check_place(span, len(content), where)
        yield content, spans
    warn_of_repairs(options.repairs, str(path))


def _read_categories(path: Path, options: ReadOptions) -> Iterator[Document]:
    """Read the texts of a JSONL file, each with its label as a category.

    A line is an object with a `text`, or in its place `data` (Doccano), and a label as `label`,
    `labels`, `category` or `accept` (Prodigy's choices): a string, or a list of one. Of the texts
    that Prodigy exports only those with the answer `accept` are read.
    """
    for where, row in _rows(path, options):
        content = _text_of(row, options.text, where)
        keys = (options.label,) if options.label else _CATEGORY_KEYS
        value = next((row[key] for key in keys if key in row), None)
        labels: list[Any] = value if isinstance(value, list) else [value]
        if not isinstance(content, str) or not all(isinstance(label, str) for label in labels):
            raise DataError(
                f'{where}: is not an object like {{"text": "…", "label": "LABEL"}}. Correct it, '
                "or name the field of "
                f"the label as `label`. Texts with spans are read as format spans."
            )
        if len(labels) != 1:
            raise DataError(f"{where}: expected one label, got {len(labels)}. Correct it.")
        yield with_category(tokenized(content, where, options), labels[0], where, options)


def _spans(document: Document) -> bytes:
    """A text with its spans, and in a field for each layer of categories the best one."""
    spans = [[span.start, span.end, span.label] for span in all_spans(document)]
    best = {layer: best_label(scores) for layer, scores in document.categories.items() if scores}
    return _line({**best, "text": document.text, "spans": spans})


def _line(value: object) -> bytes:
    return (json.dumps(value, ensure_ascii=False) + "\n").encode()


def all_spans(document: Document) -> list[CharacterSpan]:
    """Give the spans of all layers of a document.

    Args:
        document: The document.

    Returns:
        The spans in characters, in the order of the text.

    Raises:
        OptionError: It has tags of words alone, which the format does not hold.
    """
    if not document.spans and not document.categories and (document.tags or document.trees):
        raise OptionError(
            "to: expected a model of spans or categories, which this format holds, got one that "
            "labels each word. Pass jsonl, conll, conllu or docbin."
        )
    spans = (span for layer in document.spans for span in document.character_spans(layer))
    return sorted(spans, key=lambda span: (span.start, span.end, span.label))


def best_category(document: Document) -> list[str]:
    """Give the categories of a document.

    Args:
        document: The document.

    Returns:
        The best one of the first layer that has some, in a list; an empty one where there are none.
    """
    return [
        max(scores, key=scores.__getitem__) for scores in document.categories.values() if scores
    ][:1]


def layers_of(document: Document) -> dict[str, Any]:
    """Give a document's layers as plain values for JSON.

    Args:
        document: The document.

    Returns:
        `text`; `words`, their character offsets; `tags` and `categories` by layer, lemmas in place
        of edit scripts; `spans`, a list of objects; where there are trees, `trees` with the `heads`
        and `relations` of words by layer, heads as numbers of words from 0; where a token has
        several words, `multiwords`, these words by the number of the first.
    """
    spans = [
        {
            "layer": layer,
            "start": span.start,
            "end": span.end,
            "label": span.label,
            "score": span.score,
        }
        for layer in document.spans
        for span in document.character_spans(layer)
    ]
    tags = {layer: list(document.readable_tags(layer)) for layer in document.tags}
    categories = {"categories": dict(document.categories)} if document.categories else {}
    row: dict[str, Any] = {
        "text": document.text,
        "words": document.offsets,
        "tags": tags,
        "spans": spans,
    }
    if document.trees:
        row["trees"] = {
            layer: {"heads": trees.heads, "relations": trees.relations}
            for layer, trees in document.trees.items()
        }
    if document.multiwords:
        row["multiwords"] = {str(number): forms for number, forms in document.multiwords.items()}
    return {**row, **categories}


def write_layers(labeled: Iterable[Labeled]) -> Iterator[bytes]:
    """Write documents with all their layers, one object per line; the other fields of their lines
    stay.

    Args:
        labeled: The documents.

    Yields:
        The lines.
    """
    return (_line({**fields, **layers_of(document)}) for document, fields in labeled)


def _doccano(document: Document) -> bytes:
    spans = [[span.start, span.end, span.label] for span in all_spans(document)]
    return _line(
        {"text": document.text, "label": spans if document.spans else best_category(document)}
    )


def _prodigy(document: Document) -> bytes:
    """A task of Prodigy: with tokens where it has spans, with options and the accepted one where it
    has a category.
    """
    task: dict[str, object] = {"text": document.text}
    spans = all_spans(document)
    if document.spans:
        task["tokens"] = [
            {
                "text": word,
                "start": start,
                "end": end,
                "id": index,
                "ws": document.text[end : end + 1].isspace(),
            }
            for index, (word, (start, end)) in enumerate(
                zip(document.words, document.offsets, strict=True)
            )
        ]
        starts = {start: index for index, (start, _) in enumerate(document.offsets)}
        ends = {end: index for index, (_, end) in enumerate(document.offsets)}
        task["spans"] = [
            {
                "start": span.start,
                "end": span.end,
                "token_start": starts[span.start],
                "token_end": ends[span.end],
                "label": span.label,
            }
            for span in spans
        ]
    for scores in [scores for scores in document.categories.values() if scores][:1]:
        task["options"] = [{"id": label, "text": label} for label in scores]
        task["accept"] = best_category(document)
    return _line(task)


def _rows(path: Path, options: ReadOptions) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """The objects of a JSONL file, and where each is; rejected and skipped ones are counted."""
    for number, line in read_lines(path, encoding=options.encoding):
        if not line.strip():
            continue
        where = f"{path}, line {number}"
        row = json_or_none(line)
        if not isinstance(row, dict):
            raise _not_an_object(where, "" if line.lstrip().startswith("{") else hint_of(line))
        answer = row.get("answer", "accept")
        if answer not in _ANSWERS:
            raise DataError(
                f"{where}: expected an `answer` that is one of {', '.join(_ANSWERS)}. Correct it."
            )
        if answer == "accept":
            yield where, row
        else:
            options.repairs.skipped += 1


def _not_an_object(where: str, hint: str) -> DataError:
    return DataError(
        f'{where}: is not an object like {{"text": "…", "spans": [[0, 4, "LABEL"]]}} or '
        f'{{"text": "…", "entities": '
        f'[{{"text": "…", "label": "LABEL"}}]}}. Correct it, or take the line out.{hint}'
    )


def _span_rows(
    path: Path, options: ReadOptions
) -> Iterator[tuple[str, str, list[CharacterSpan], Mapping[str, Any]]]:
    for where, row in _rows(path, options):
        text = _text_of(row, options.text, where)
        try:
            spans = _character_spans(row, text, options)
            _check_types(text, spans)
        except (LookupError, StopIteration, TypeError, ValueError) as error:
            hint = (
                " Texts with a category are read as format categories."
                if _has_category(row)
                else ""
            )
            raise _not_an_object(where, hint) from error
        yield where, text, spans, row


def _check_types(text: Any, spans: Sequence[CharacterSpan]) -> None:
    """Raise `TypeError` unless texts and labels are strings and offsets whole numbers; true and
    false are not.
    """
    if type(text) is not str:
        raise TypeError
    for span in spans:
        if type(span.label) is not str or type(span.start) is not int or type(span.end) is not int:
            raise TypeError


def _text_of(row: Mapping[str, Any], key: str, where: str) -> Any:
    """The value that should be the text of an object; Doccano calls it `data` in some exports."""
    if key in row:
        return row[key]
    if key == "text" and "data" in row:
        return row["data"]
    if any(isinstance(value, str) and name not in _CATEGORY_KEYS for name, value in row.items()):
        # The names of the others are not shown: they may be data.
        raise DataError(f"{where}: has no text {key!r}: name the field of the text as `text`.")
    return None


def _has_category(row: Mapping[str, Any]) -> bool:
    category = next((row[key] for key in _CATEGORY_KEYS if key in row), None)
    return isinstance(category, str) or (
        isinstance(category, list) and bool(category) and isinstance(category[0], str)
    )


def _span_list(row: Mapping[str, Any]) -> list[Any]:
    key = next((key for key in _SPAN_KEYS if key in row), None)
    if key is None and "answer" in row and not _has_category(row):
        # Prodigy leaves the key out where nothing was marked.
        return []
    spans = row[key or "spans"]
    if isinstance(spans, dict):
        # Texts under their labels: {"PER": ["Ada", "Bo"]}.
        if not all(isinstance(texts, list) for texts in spans.values()):
            raise TypeError
        return [[text, label] for label, texts in spans.items() for text in texts]
    if not isinstance(spans, list):
        raise TypeError
    return spans


def _character_spans(
    row: Mapping[str, Any], text: Any, options: ReadOptions
) -> list[CharacterSpan]:
    """The spans of an object: those with places, and those that are quoted, whose losses are
    counted.
    """
    values = _span_list(row)
    if not isinstance(text, str):
        raise TypeError
    parted = part_entities(values, text)
    options.repairs.misplaced += parted.misplaced
    spans = [_character_span(value, row) for value in parted.placed]
    if not parted.quoted:
        return spans
    placed = place_quotes(text, list(map(read_quote, parted.quoted)))
    options.repairs.absent += placed.absent
    options.repairs.repeated += placed.repeated
    return [*spans, *placed.spans]


def _character_span(value: Any, row: Mapping[str, Any]) -> CharacterSpan:
    if not isinstance(value, dict):
        start, end, label = value
        return CharacterSpan(start, end, label)
    label = next(value[key] for key in _LABEL_KEYS if key in value)
    if "start" in value:
        return CharacterSpan(value["start"], value["end"], label)
    if "start_offset" in value:
        return CharacterSpan(value["start_offset"], value["end_offset"], label)
    first = value["token_start"]
    last = value["token_end"]
    if not 0 <= first <= last:
        raise ValueError
    return CharacterSpan(row["tokens"][first]["start"], row["tokens"][last]["end"], label)


def _looks_like_spans(beginning: Beginning) -> bool:
    return bool(_OBJECT.match(beginning.first))


def _looks_like_categories(beginning: Beginning) -> bool:
    """Whether the first line has a category and no spans."""
    return not beginning.object.get("spans") and _has_category(beginning.object)


_SUFFIXES = (".jsonl", ".ndjson", ".json")
CATEGORIES = Format(
    "categories",
    _SUFFIXES,
    looks_like=_looks_like_categories,
    labels=Labels(frozenset({DOCUMENT}), _read_categories, options=frozenset({"label"})),
)
"""One text with its label per line, also those of Prodigy and Doccano."""
TEXT_AND_SPANS = Format(
    "spans",
    _SUFFIXES,
    looks_like=_looks_like_spans,
    labels=Labels(frozenset({SPANS}), _read_spans, options=frozenset({"category"})),
    writer=Writer(lambda labeled: (_spans(document) for document, _ in labeled)),
)
"""One text with its character spans per line, also those of Prodigy and Doccano; with `category`
its category too.
"""
DOCCANO = Format(
    "doccano", writer=Writer(lambda labeled: (_doccano(document) for document, _ in labeled))
)
"""Lines that Doccano imports; what it exports is read as spans or categories."""
PRODIGY = Format(
    "prodigy", writer=Writer(lambda labeled: (_prodigy(document) for document, _ in labeled))
)
"""Tasks of Prodigy, one per line; what it exports is read as spans or categories."""
JSONL = Format(
    "jsonl",
    _SUFFIXES,
    aliases=("spans", "categories"),
    looks_like=_looks_like_spans,
    writer=Writer(write_layers, keeps_fields=True),
    exchange=Exchange(
        FIELDS, lambda layout, _: JsonLines(layout.fields, all_strings=layout.all_strings)
    ),
)
"""One object per line, with the text in a field; written with all layers."""
