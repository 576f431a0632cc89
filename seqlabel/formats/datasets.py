"""Rows of the package `datasets`, or any mappings → documents; CSV files and folders are in
`tables`.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from numbers import Integral
from typing import Any

from seqlabel.documents.document import Document, Spans, Tags
from seqlabel.documents.repairs import Repairs
from seqlabel.documents.schemes import Scheme, tags_to_spans
from seqlabel.errors import DataError, choose
from seqlabel.formats.parts import labels_in
from seqlabel.formats.reading import Tokenize, check_label, warn_of_repairs


def read_text_rows(
    rows: Iterable[Mapping[str, Any]],
    tokenize: Tokenize,
    *,
    text: str = "text",
    label: str = "label",
    layer: str = "category",
) -> Iterator[Document]:
    """Read rows with a text and a label: a `datasets` dataset, streamed or not, or any mappings.

    A label is a string or the number of a `ClassLabel` feature; -1 and None are missing.

    Args:
        rows: The rows.
        tokenize: Finds the words of a text.
        text: The column of texts.
        label: The column of labels.
        layer: The name of the layer of categories.

    Yields:
        A document for each row, without the layer where the label is missing.

    Raises:
        DataError: A column is missing, a text is not one, or a label has no name. The message names
            the row, from 0.
    """
    names = _class_names(rows, label)
    for number, row in enumerate(rows):
        where = f"row {number}"
        content = _value(row, text, where)
        if not isinstance(content, str):
            raise DataError(
                f"{where}: column {text!r} holds {type(content).__name__}, not text. Name the "
                "column of texts as `text`."
            )
        category = _class_name(_value(row, label, where), names, f"{where}: column {label!r}")
        document = tokenize(content)
        yield document if category is None else document.with_categories(layer, {category: 1.0})


def read_token_rows(
    rows: Iterable[Mapping[str, Any]],
    *,
    words: str = "tokens",
    spans: Mapping[str, str] | None = None,
    tags: Mapping[str, str] | None = None,
    scheme: Scheme = Scheme.BIO,
    labels: Mapping[str, Collection[str]] | None = None,
    repairs: Repairs | None = None,
) -> Iterator[Document]:
    """Read rows with words and columns of tags: a `datasets` dataset, streamed or not, or any
    mappings.

    `spans={"ner": "ner_tags"}` reads the tags of a scheme in the column `ner_tags` as spans of the
    layer `ner`; `tags={"pos": "pos_tags"}` keeps one tag per word. A tag is a string or the number
    of a `ClassLabel` feature; -1 and None are missing. A row whose tags are all missing has no
    layer of spans. The spans are the same whatever `scheme` says.

    Args:
        rows: The rows.
        words: The column of words.
        spans: The column of each layer of spans.
        tags: The column of each layer of tags.
        scheme: The scheme that tags of spans should follow; tags that break it are counted.
        labels: The labels that a layer may have, by layer; a layer that is not named may have any.
        repairs: Counts the tags that break the scheme; without it a warning at the end counts them.

    Yields:
        A document for each row.

    Raises:
        DataError: A column is missing or holds no list, a word is empty, there is another number of
            tags than of words, a tag has no name or no scheme, some but not all tags of spans are
            missing, or a label is not among those of its layer. The message names the row, from 0.
    """
    scheme = choose(Scheme, "scheme", scheme)
    spans = spans or {}
    tags = tags or {}
    allowed = labels or {}
    names = {column: _class_names(rows, column) for column in (*spans.values(), *tags.values())}
    counted = Repairs() if repairs is None else repairs
    for number, row in enumerate(rows):
        where = f"row {number}"
        texts = _list(row, words, where)
        for index, word in enumerate(texts):
            if not isinstance(word, str) or not word:
                raise DataError(
                    f"{where}: word {index} of column {words!r} is empty or not text. Name the "
                    "column of words as `words`."
                )
        tags_by_column: dict[str, list[str | None]] = {}
        for column in names:
            missing = _value(row, column, where) is None
            values = [None] * len(texts) if missing else _list(row, column, where)
            if len(values) != len(texts):
                raise DataError(
                    f"{where}: column {column!r}: expected one tag per word, got {len(values)} "
                    f"tags for {len(texts)} words."
                )
            tags_by_column[column] = [
                _class_name(value, names[column], f"{where}: column {column!r}") for value in values
            ]

        span_layers: dict[str, Spans] = {}
        for layer, column in spans.items():
            layer_spans = _spans(
                tags_by_column[column], scheme, counted, f"{where}: column {column!r}"
            )
            if layer_spans is not None:
                span_layers[layer] = layer_spans
        tag_layers = {layer: Tags(tuple(tags_by_column[column])) for layer, column in tags.items()}
        sentences = (0,) if texts else ()
        document = Document.from_words(
            texts, spans=span_layers, tags=tag_layers, sentences=sentences
        )
        for layer, known in allowed.items():
            for label in labels_in(document, layer) or ():
                check_label(label, known, f"{where}, layer {layer!r}")
        yield document
    if repairs is None:
        warn_of_repairs(counted, "rows")


def _spans(labels: list[str | None], scheme: Scheme, repairs: Repairs, where: str) -> Spans | None:
    known = [label for label in labels if label is not None]
    if labels and not known:
        return None
    if len(known) < len(labels):
        raise DataError(
            f"{where} misses {len(labels) - len(known)} of {len(labels)} tags. Spans need all or "
            "none. Read the column as `tags`."
        )
    try:
        read = tags_to_spans(known, scheme)
    except DataError:
        # From nothing: that error quotes the tag, which is a word of the text where the column is
        # wrong.
        raise DataError(
            f"{where} holds a tag that is neither O nor one of B I E S L U, a dash and a label. "
            "Read the column as `tags` if it has no scheme."
        ) from None
    repairs.tags += read.repairs
    return Spans(read.spans)


def _value(row: Mapping[str, Any], column: str, where: str) -> Any:
    if column not in row:
        raise DataError(
            f"{where}: has no column {column!r}. Name one of {', '.join(map(repr, row))}."
        )
    return row[column]


def _list(row: Mapping[str, Any], column: str, where: str) -> list[Any]:
    values = _value(row, column, where)
    # A string would be a list of its characters.
    if isinstance(values, str | bytes | Mapping) or not isinstance(values, Iterable):
        raise DataError(
            f"{where}: column {column!r}: expected a list with one item per word, got "
            f"{type(values).__name__}."
        )
    return list(values)


def _class_names(rows: Any, column: str) -> Sequence[str] | None:
    """The names of a `ClassLabel` or a list of them; None for another feature, and rows without
    features.
    """
    feature = (getattr(rows, "features", None) or {}).get(column)
    # A list is written as a one-element list, `Sequence` or `List`, by the version of `datasets`.
    feature = feature[0] if isinstance(feature, list) else getattr(feature, "feature", feature)
    return getattr(feature, "names", None)


def _class_name(value: object, names: Sequence[str] | None, where: str) -> str | None:
    if value is None:
        return None
    if isinstance(value, str):
        if not value:
            raise DataError(f"{where} holds an empty label. Fill it in, or make it None.")
        return value
    if not isinstance(value, Integral) or isinstance(value, bool):
        raise DataError(
            f"{where} holds {type(value).__name__}. A label is text, or the number of a ClassLabel."
        )
    if names is None:
        raise DataError(
            f"{where} holds the number {value}, but its feature is not a ClassLabel that names it. "
            "Cast the column to ClassLabel, or give labels as text."
        )
    index = int(value)
    if not -1 <= index < len(names):
        raise DataError(
            f"{where} holds the number {value}. The ClassLabel has 0 to {len(names) - 1}, and "
            "-1 is missing."
        )
    return None if index == -1 else names[index]
