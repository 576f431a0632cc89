"""JSONL files of texts with spans of characters → documents, lazily, and back.

Every error names file and line; no line is skipped in silence.
"""

import json
import re
from collections.abc import Collection, Iterable, Iterator
from pathlib import Path
from typing import Any

from seqlabel.documents.alignment import align_spans, fit_spans
from seqlabel.documents.document import Document
from seqlabel.documents.repairs import Repairs
from seqlabel.documents.spans import CharacterSpan
from seqlabel.errors import DataError
from seqlabel.files import replace_file
from seqlabel.formats.reading import Tokenise, check_label, read_lines, warn_of_repairs

_NO_TEXT = re.compile("[\0\ud800-\udfff]")


def read_spans(
    path: Path | str,
    tokenise: Tokenise,
    *,
    layer: str = "ner",
    labels: Collection[str] | None = None,
    repairs: Repairs | None = None,
) -> Iterator[Document]:
    """Documents of a file as in `read_span_lines`, with the words that `tokenise` finds.

    A span takes the whole of every word that it touches. With `repairs` that is counted, a span that touches no word is
    left out, and so is one that overlaps a longer one, both counted. Without, the first is said in a warning at the
    end, and the others are a `DataError` that names the line, as are a label that is not among `labels`, where they are
    given, and what `read_span_lines` refuses.
    """
    moved = 0
    for line, text, spans in _span_lines(Path(path)):
        where = f"{path}, line {line}"
        for span in spans:
            check_label(span.label, labels, where)
        document = tokenise(text)
        fitted = fit_spans(document, spans, where=where, repairs=repairs)
        if repairs is None:
            moved += align_spans(document, spans).moved
        yield document.with_spans(layer, fitted)
    warn_of_repairs(Repairs(moved=moved), str(path))


def read_span_lines(path: Path | str) -> Iterator[tuple[str, list[CharacterSpan]]]:
    """Texts of a JSONL file with `text` and `spans`: a list of `[start, end, label]` in characters, half-open.

    A span may also be an object with `start`, `end` and `label`; what else a line or a span holds is not read. Raises
    `DataError`, naming the line, for a line that is not such an object, a span that leaves its text or has an empty
    label, and a text with a NUL or a lone surrogate.
    """
    for _, text, spans in _span_lines(Path(path)):
        yield text, spans


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
        raise DataError(f"{path}: cannot be written ({error.strerror}); free space or give another path") from error


def _span_lines(path: Path) -> Iterator[tuple[int, str, list[CharacterSpan]]]:
    for number, line in read_lines(path):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
            text = row["text"]
            spans = [_character_span(value) for value in row["spans"]]
            strings = [text, *(span.label for span in spans)]
            numbers = [place for span in spans for place in (span.start, span.end)]
            if {type(value) for value in strings} != {str} or not {type(value) for value in numbers} <= {int}:
                raise TypeError
        except (json.JSONDecodeError, KeyError, TypeError, ValueError, RecursionError) as error:
            raise DataError(
                f'{path}, line {number}: is not an object like {{"text": "…", "spans": [[0, 4, "LABEL"]]}}'
            ) from error
        if any(map(_NO_TEXT.search, strings)):
            raise DataError(f"{path}, line {number}: found a NUL or a lone surrogate, which no text has; take it out")
        for span in spans:
            if not 0 <= span.start < span.end <= len(text):
                raise DataError(
                    f"{path}, line {number}: a span goes from {span.start} to {span.end} in a text of {len(text)} "
                    f"characters; mend it: its end is after its last character, so 0 ≤ start < end ≤ {len(text)}, "
                    f"counted in characters, not bytes"
                )
            if not span.label.strip():
                raise DataError(f"{path}, line {number}: a span has an empty label; fill it in, or take the span out")
        yield number, text, spans


def _character_span(value: Any) -> CharacterSpan:
    start, end, label = (value["start"], value["end"], value["label"]) if isinstance(value, dict) else value
    return CharacterSpan(start, end, label)
