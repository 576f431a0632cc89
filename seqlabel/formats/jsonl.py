"""JSONL files of texts, with spans of characters or with a category → documents, lazily, and back.

What Prodigy and Doccano export is read too. Every error names file and line; no line is skipped in silence. Label
Studio's exports are in `label_studio`.
"""

import json
import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from seqlabel.documents.alignment import align_spans, fit_spans
from seqlabel.documents.document import Document
from seqlabel.documents.repairs import Repairs
from seqlabel.documents.spans import CharacterSpan
from seqlabel.errors import DataError
from seqlabel.formats.reading import Tokenise, check_label, hint_of, read_lines, warn_of_repairs
from seqlabel.io.files import replace_file
from seqlabel.io.text_files import UTF_8

_NO_TEXT = re.compile("[\0\ud800-\udfff]")
_SPAN_KEYS = ("spans", "entities", "label", "labels")
_CATEGORY_KEYS = ("accept", "label", "labels", "category")
_ANSWERS = ("accept", "reject", "ignore")


def read_spans(
    path: Path | str,
    tokenise: Tokenise,
    *,
    text: str = "text",
    layer: str = "ner",
    labels: Collection[str] | None = None,
    repairs: Repairs | None = None,
    encoding: str = UTF_8,
) -> Iterator[Document]:
    """Read the texts and spans of a JSONL file, as in `read_span_lines`, with the words that `tokenise` finds.

    A span takes the whole of every word that it touches.

    Args:
        path: The file; gzip is unpacked.
        tokenise: Finds the words of a text.
        text: The field of the text.
        layer: The name of the layer of spans.
        labels: The labels that spans may have; None for any.
        repairs: Counts what is repaired: spans that are moved to word borders, spans left out because they touch no
            word or overlap a longer one, and texts that an annotator rejected or skipped. Without it a warning at the
            end counts the spans that were moved and the texts that were left out, and the other spans are errors.
        encoding: The name of the file's encoding.

    Yields:
        A document for each text.

    Raises:
        DataError: A line is not as `read_span_lines` says, a span has a label that is not among `labels`, or, without
            `repairs`, touches no word or overlaps a longer one. The message names the line.
        OptionError: Python does not know the encoding.
    """
    counted = Repairs()
    for line, found, spans in _span_lines(Path(path), text, encoding, counted if repairs is None else repairs):
        where = f"{path}, line {line}"
        for span in spans:
            check_label(span.label, labels, where)
        document = tokenise(found)
        fitted = fit_spans(document, spans, where=where, repairs=repairs)
        if repairs is None:
            counted.moved += align_spans(document, spans).moved
        yield document.with_spans(layer, fitted)
    warn_of_repairs(counted, str(path))


def read_span_lines(
    path: Path | str, *, text: str = "text", encoding: str = UTF_8
) -> Iterator[tuple[str, list[CharacterSpan]]]:
    """Read the texts and spans of a JSONL file.

    A line is an object with a `text`, or in its place `data` (Doccano), and a list of spans as `spans`, `entities`,
    `label` or `labels` (the last three by Doccano). A span is `[start, end, label]`, or an object with `start`, `end`
    and `label`, with `start_offset` and `end_offset` (Doccano), or with `token_start` and `token_end`, the last token
    included, beside a list of `tokens` (Prodigy). Of the texts that Prodigy exports only those with the answer `accept`
    are read.

    Args:
        path: The file; gzip is unpacked.
        text: The field of the text.
        encoding: The name of the file's encoding.

    Yields:
        Each text and its spans, half-open, in characters. Other values of a line are not read.

    Raises:
        DataError: A line is not such an object, a span leaves its text or has an empty label, or a text has a NUL or a
            lone surrogate. The message names the line.
        OptionError: Python does not know the encoding.
    """
    skipped = Repairs()
    for _, found, spans in _span_lines(Path(path), text, encoding, skipped):
        yield found, spans
    warn_of_repairs(skipped, str(path))


def read_categories(
    path: Path | str,
    tokenise: Tokenise,
    *,
    text: str = "text",
    label: str | None = None,
    layer: str = "category",
    labels: Collection[str] | None = None,
    repairs: Repairs | None = None,
    encoding: str = UTF_8,
) -> Iterator[Document]:
    """Read the texts of a JSONL file, each with its label as a category.

    A line is an object with a `text`, or in its place `data` (Doccano), and a label as `label`, `labels`, `category` or
    `accept` (Prodigy's choices): a string, or a list of one. Of the texts that Prodigy exports only those with the
    answer `accept` are read.

    Args:
        path: The file; gzip is unpacked.
        tokenise: Finds the words of a text.
        text: The field of the text.
        label: The field of the label; None for one of those above.
        layer: The name of the layer of categories.
        labels: The labels that texts may have; None for any.
        repairs: Counts texts that are left out because an annotator rejected or skipped them; without it a warning at
            the end counts them.
        encoding: The name of the file's encoding.

    Yields:
        A document for each text.

    Raises:
        DataError: A line is not such an object, has no label or several, a label that is not among `labels`, or a text
            without words. The message names the line.
        OptionError: Python does not know the encoding.
    """
    counted = Repairs()
    for number, row in _rows(Path(path), encoding, counted if repairs is None else repairs):
        where = f"{path}, line {number}"
        content = _text_of(row, text, where)
        found = next((row[key] for key in ([label] if label else _CATEGORY_KEYS) if key in row), None)
        given = [one for one in (found if isinstance(found, list) else [found]) if isinstance(one, str)]
        if not isinstance(content, str) or len(given) != (len(found) if isinstance(found, list) else 1):
            raise DataError(
                f'{where}: is not an object like {{"text": "…", "label": "LABEL"}}. Correct it, or name the field of '
                f"the label as `label`. Texts with spans are read with read_spans."
            )
        if len(given) != 1 or not given[0].strip():
            raise DataError(f"{where}: Found {len(given)} labels or an empty one. A text has one label. Correct it.")
        _check_text([content, given[0]], where)
        check_label(given[0], labels, where)
        document = tokenise(content)
        if not len(document):
            raise DataError(f"{where}: the text has no words, so there is nothing to label. Take the line out.")
        yield document.with_categories(layer, {given[0]: 1.0})
    warn_of_repairs(counted, str(path))


def write_spans(path: Path | str, documents: Iterable[Document], *, layer: str = "ner") -> None:
    """Write texts and the spans of one layer as a JSONL file that `read_spans` reads.

    Args:
        path: The file; an earlier one is replaced when the new one is whole.
        documents: The documents.
        layer: The layer of spans.

    Raises:
        DataError: A document lacks the layer, or the file cannot be written; an earlier file then stays as it was.
    """
    try:
        with replace_file(Path(path)) as new, new.open("w", encoding="utf-8", newline="\n") as file:
            for number, document in enumerate(documents):
                if layer not in document.spans:
                    raise DataError(f"Document {number} has no layer of spans {layer!r}. Give documents that have it.")
                spans = [[*document.characters(span), span.label] for span in document.spans[layer].spans]
                file.write(json.dumps({"text": document.text, "spans": spans}, ensure_ascii=False) + "\n")
    except OSError as error:
        raise DataError(f"{path}: cannot be written ({error.strerror}). Free space or give another path.") from error


def _rows(path: Path, encoding: str, skipped: Repairs) -> Iterator[tuple[int, Mapping[str, Any]]]:
    """The objects of a JSONL file and their lines; those that an annotator rejected or skipped are only counted."""
    for number, line in read_lines(path, encoding=encoding):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except (ValueError, RecursionError) as error:
            raise _no_object(path, number, line) from error
        if not isinstance(row, dict):
            raise _no_object(path, number, line)
        answer = row.get("answer", "accept")
        if answer not in _ANSWERS:
            raise DataError(
                f"{path}, line {number}: Found an `answer` that is not one of {', '.join(_ANSWERS)}. Correct it."
            )
        if answer == "accept":
            yield number, row
        else:
            skipped.skipped += 1


def _no_object(path: Path, number: int, line: str) -> DataError:
    hint = "" if line.lstrip().startswith("{") else hint_of(line)
    return DataError(
        f'{path}, line {number}: is not an object like {{"text": "…", "spans": [[0, 4, "LABEL"]]}}. Correct it, or '
        f"take the line out.{hint}"
    )


def _span_lines(
    path: Path, key: str, encoding: str, skipped: Repairs
) -> Iterator[tuple[int, str, list[CharacterSpan]]]:
    for number, row in _rows(path, encoding, skipped):
        where = f"{path}, line {number}"
        text = _text_of(row, key, where)
        try:
            spans = [_character_span(value, row) for value in _span_list(row)]
            strings = [text, *(span.label for span in spans)]
            numbers = [place for span in spans for place in (span.start, span.end)]
            if {type(value) for value in strings} != {str} or not {type(value) for value in numbers} <= {int}:
                raise TypeError
        except (LookupError, TypeError, ValueError) as error:
            hint = " Texts with a category are read with read_categories." if _has_category(row) else ""
            raise DataError(
                f'{where}: is not an object like {{"text": "…", "spans": [[0, 4, "LABEL"]]}}. Correct it, or take the '
                f"line out.{hint}"
            ) from error
        _check_text(strings, where)
        for span in spans:
            check_place(span, len(text), where)
        yield number, text, spans


def _text_of(row: Mapping[str, Any], key: str, where: str) -> Any:
    """The value that should be the text of an object; Doccano calls it `data` in some exports."""
    if key in row:
        return row[key]
    if key == "text" and "data" in row:
        return row["data"]
    texts = [repr(name) for name, value in row.items() if isinstance(value, str) and name not in _CATEGORY_KEYS]
    if texts:
        raise DataError(
            f"{where}: has no text {key!r}. It has {', '.join(texts)}: name the field of the text as `text`."
        )
    return None


def has_categories(path: Path, *, encoding: str = UTF_8) -> bool:
    """Tell whether the first line of a JSONL file has a category and no spans.

    Args:
        path: The file; gzip is unpacked.
        encoding: The name of its encoding.

    Returns:
        True if so; False also for a file that cannot be read, which is left to the reader to say.
    """
    try:
        line = next((line for _, line in read_lines(path, encoding=encoding) if line.strip()), "")
        row = json.loads(line)
    except (DataError, ValueError, RecursionError):
        return False
    return isinstance(row, dict) and not row.get("spans") and _has_category(row)


def _has_category(row: Mapping[str, Any]) -> bool:
    found = next((row[key] for key in _CATEGORY_KEYS if key in row), None)
    return isinstance(found, str) or (isinstance(found, list) and bool(found) and isinstance(found[0], str))


def _span_list(row: Mapping[str, Any]) -> list[Any]:
    key = next((key for key in _SPAN_KEYS if key in row), None)
    if key is None and "answer" in row and not _has_category(row):
        # Prodigy leaves the key out where nothing was marked.
        return []
    spans = row[key or "spans"]
    if not isinstance(spans, list):
        raise TypeError
    return spans


def _character_span(value: Any, row: Mapping[str, Any]) -> CharacterSpan:
    if not isinstance(value, dict):
        start, end, label = value
        return CharacterSpan(start, end, label)
    label = value["label"]
    if "start" in value:
        return CharacterSpan(value["start"], value["end"], label)
    if "start_offset" in value:
        return CharacterSpan(value["start_offset"], value["end_offset"], label)
    first, last = value["token_start"], value["token_end"]
    if not 0 <= first <= last:
        raise ValueError
    return CharacterSpan(row["tokens"][first]["start"], row["tokens"][last]["end"], label)


def _check_text(strings: Iterable[str], where: str) -> None:
    if any(map(_NO_TEXT.search, strings)):
        raise DataError(f"{where}: Found a NUL or a lone surrogate, which no text has. Take it out.")


def check_place(span: CharacterSpan, length: int, where: str) -> None:
    """Refuse a span that leaves its text or has an empty label.

    Args:
        span: The span.
        length: The number of characters of the text.
        where: The beginning of the message, such as file and line.

    Raises:
        DataError: The span does not fit.
    """
    if span.end <= span.start:
        swapped = " Are the two swapped?" if span.end < span.start else ""
        raise DataError(
            f"{where}: a span begins at {span.start} and ends at {span.end}, and so is empty. Correct it: its end is "
            f"the number of the character behind its last one.{swapped}"
        )
    if not 0 <= span.start < span.end <= length:
        raise DataError(
            f"{where}: a span goes from {span.start} to {span.end} in a text of {length} characters. Correct it: its "
            f"end is after its last character, so 0 ≤ start < end ≤ {length}, counted in characters, not bytes."
        )
    if not span.label.strip():
        raise DataError(f"{where}: a span has an empty label. Fill it in, or take the span out.")
