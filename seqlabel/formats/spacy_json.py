"""spaCy's examples, `[text, {"entities": [...], "cats": {...}}]` as JSON → documents; `.spacy` is in `docs`."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from seqlabel.documents.alignment import align_spans, fit_spans
from seqlabel.documents.document import Document
from seqlabel.documents.repairs import Repairs
from seqlabel.documents.spans import CharacterSpan
from seqlabel.errors import DataError
from seqlabel.formats.format import DOCUMENT, SPANS, Beginning, Format, ReadOptions
from seqlabel.formats.jsonl import check_place
from seqlabel.formats.reading import Tokenise, warn_of_repairs
from seqlabel.io.text_files import UTF_8, read_lines

_PAIR = re.compile(r'\s*\[\s*(?:\[\s*)?"(?:[^"\\]|\\.)*"\s*,\s*\{')


def read_spacy_json(
    path: Path | str,
    tokenise: Tokenise,
    *,
    layer: str = "ner",
    category: str = "category",
    repairs: Repairs | None = None,
    encoding: str = UTF_8,
) -> Iterator[Document]:
    """Read a list of pairs of a text and its annotations, or one pair per line.

    Args:
        path: The file; gzip is unpacked.
        tokenise: Finds the words of a text.
        layer: The name of the layer of `entities`.
        category: The name of the layer of `cats`.
        repairs: As in `read_spans`.
        encoding: The name of the file's encoding.

    Yields:
        A document for each text, with the layers that its annotations have.

    Raises:
        DataError: The file is not such JSON, or a span does not fit its text. The message names the line or the pair.
        OptionError: Python does not know the encoding.
    """
    counted = Repairs()
    for where, pair in _pairs(Path(path), encoding):
        try:
            text, annotations = pair
            entities, cats = annotations.get("entities"), annotations.get("cats")
            spans = [CharacterSpan(start, end, label) for start, end, label, *_ in entities or ()]
            scores = {str(label): float(score) for label, score in (cats or {}).items()}
            if not isinstance(text, str) or any({type(one.start), type(one.end)} != {int} for one in spans):
                raise TypeError
        except (AttributeError, TypeError, ValueError):
            raise DataError(
                f'{where}: is not a pair like ["…", {{"entities": [[0, 4, "LABEL"]]}}]. Correct it, or take it out.'
            ) from None
        for span in spans:
            check_place(span, len(text), where)
        document = tokenise(text)
        if entities is not None:
            document = document.with_spans(layer, fit_spans(document, spans, where=where, repairs=repairs))
            counted.moved += align_spans(document, spans).moved if repairs is None else 0
        yield document.with_categories(category, scores) if scores else document
    warn_of_repairs(counted, str(path))


def _pairs(path: Path, encoding: str) -> Iterator[tuple[str, Any]]:
    """The pairs and where each is: a line that is a whole pair is one, otherwise the file is one list."""
    lines = [(number, line) for number, line in read_lines(path, encoding=encoding) if line.strip()]
    first = _json(lines[0][1]) if lines else None
    if isinstance(first, list) and first and isinstance(first[0], str):
        for number, line in lines:
            yield f"{path}, line {number}", _json(line)
        return
    found = _json("\n".join(line for _, line in lines))
    if not isinstance(found, list):
        raise DataError(f"{path}: is not a JSON list. Give a list of pairs, or one pair per line.")
    for number, pair in enumerate(found, 1):
        yield f"{path}, pair {number}", pair


def _json(text: str) -> Any:
    """A value of JSON; None for what is not JSON."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _read(path: Path, options: ReadOptions) -> Iterator[Document]:
    names = {"layer": options.layer or "ner", "category": options.layer or "category"}
    return read_spacy_json(path, options.tokenise, **names, repairs=options.repairs, encoding=options.encoding)


def _looks_like(beginning: Beginning) -> bool:
    return _PAIR.match("\n".join(beginning.lines)) is not None


SPACY_JSON = Format(
    "spacy-json",
    (".json", ".jsonl", ".ndjson"),
    looks_like=_looks_like,
    holds=frozenset({SPANS, DOCUMENT}),
    read=_read,
)
"""Pairs of a text and its annotations, as spaCy's examples have them, in a list or one per line."""
