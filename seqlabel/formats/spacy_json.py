"""spaCy's examples, `[text, {"entities": [...], "cats": {...}}]` as JSON → documents; `.spacy` is
in `docs`.
"""

import re
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import Any

from seqlabel.documents.document import Document
from seqlabel.documents.spans import CharacterSpan
from seqlabel.errors import DataError
from seqlabel.formats.format import DOCUMENT, SPANS, Beginning, Format, Labels
from seqlabel.formats.reading import (
    ReadOptions,
    check_label,
    json_or_none,
    read_json_file,
    tokenized,
    with_spans,
)
from seqlabel.io.text_files import read_lines

_PAIR = re.compile(r'\s*\[\s*(?:\[\s*)?"(?:[^"\\]|\\.)*"\s*,\s*\{')
_ONE_PAIR = re.compile(r'\s*\[\s*"')


def _read(path: Path, options: ReadOptions) -> Iterator[Document]:
    """Read a list of pairs of a text and its annotations, or one pair per line; each has the layers
    that it names.
    """
    for where, pair in _pairs(path, options.encoding):
        try:
            text, annotations = pair
            entities = annotations.get("entities")
            cats = annotations.get("cats")
            spans = [CharacterSpan(start, end, label) for start, end, label, *_ in entities or ()]
            scores = {str(label): float(score) for label, score in (cats or {}).items()}
            if not isinstance(text, str) or any(
                {type(span.start), type(span.end)} != {int} for span in spans
            ):
                raise TypeError
        except (AttributeError, TypeError, ValueError):
            raise DataError(
                f'{where}: is not a pair like ["…", {{"entities": [[0, 4, "LABEL"]]}}]. Correct '
                "it, or take it out."
            ) from None
        document = tokenized(text, where, options)
        if entities is not None:
            document = with_spans(document, spans, where, options)
        for label in scores:
            check_label(label, options.labels, where)
        yield document.with_categories(options.layer or "category", scores) if scores else document


def _pairs(path: Path, encoding: str) -> Iterator[tuple[str, Any]]:
    """The pairs and where each is: on lines of their own where the first line begins one, otherwise
    in one list.
    """
    lines = ((number, line) for number, line in read_lines(path, encoding=encoding) if line.strip())
    first = next(lines, (1, ""))
    if _ONE_PAIR.match(first[1]):
        for number, line in chain([first], lines):
            yield f"{path}, line {number}", json_or_none(line)
        return
    content = read_json_file(path, encoding, "Give a list of pairs, or one pair per line.")
    if not isinstance(content, list):
        raise DataError(f"{path}: is not a JSON list. Write a list of pairs, or one pair per line.")
    for number, pair in enumerate(content, 1):
        yield f"{path}, pair {number}", pair


def _looks_like(beginning: Beginning) -> bool:
    return _PAIR.match("\n".join(beginning.lines)) is not None


SPACY_JSON = Format(
    "spacy-json",
    (".json", ".jsonl", ".ndjson"),
    looks_like=_looks_like,
    labels=Labels(frozenset({SPANS, DOCUMENT}), _read),
)
"""Pairs of a text and its annotations, as spaCy's examples have them, in a list or one per line."""
