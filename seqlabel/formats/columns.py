"""Files of columns, one word and its tags per line → documents, lazily, and back; CoNLL-U is in
`conllu`.

Every error names file and line; no line is skipped in silence.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import NamedTuple

from seqlabel.documents.categories import best_category
from seqlabel.documents.document import Document, Spans, Tags
from seqlabel.documents.repairs import Repairs
from seqlabel.documents.schemes import (
    Scheme,
    recognize_scheme,
    spans_to_tags,
    split_tag,
    tags_to_spans,
)
from seqlabel.errors import DataError, OptionError
from seqlabel.formats.format import SPANS, TAGS, Beginning, Format, Labeled, Labels, Text, Writer
from seqlabel.formats.reading import ReadOptions, check_label, hint_of, label_or_none
from seqlabel.io.text_files import UTF_8, read_lines

_DOCUMENT_START = re.compile(r"-DOCSTART-|# newdoc\b")
_SPAN_TAG = re.compile(r"O|[BIESLU]-\S+")
_WORD_TAG = re.compile(r"[A-Z][A-Z$]*|[^\w\s]+|-[LR]RB-")
# With as many words as there are columns these would be rows.
_COMMENT = re.compile(r"# (?:newpar\b|[\w.:-]+(?: id)? =(?: |$))")


def _read(path: Path, options: ReadOptions) -> Iterator[Document]:
    """Read the sentences of a file with one word and its tags per line.

    The tags become spans; for the task `tags`, which is for parts of speech and other tags without
    a scheme, they stay as they are, one per word, and a tag of `_` is a missing label.

    An empty line, or one of separators alone, ends a sentence. A comment is a line like
    `# key = value` or `# newpar`, and any other that begins with `#` and has another number of
    columns than the rows. A `-DOCSTART-` line or a `# newdoc` ends a sentence too. The tag scheme
    is recognised in a first pass over the file; tags that break it are read as `tags_to_spans`
    does, and counted, as are the rows without a word, which are left out.
    """
    return _read_tags(path, options) if options.task == TAGS else _read_spans(path, options)


def _read_spans(path: Path, options: ReadOptions) -> Iterator[Document]:
    def checked(row: _Row) -> str:
        try:
            _, label = split_tag(row.tag)
        except DataError:
            # From nothing: that error quotes the tag, which is a word of the text where the column
            # is wrong.
            raise DataError(
                f"{path}, line {row.line}: the tag is neither O nor one of B I E S L U, a dash and "
                "a label. Correct it, name the right column as `tag`, or read tags without a "
                f"scheme with task='tags' (seqlabel train tags){row.doubt}."
            ) from None
        if label:
            check_label(label, options.labels, f"{path}, line {row.line}", row.doubt)
        return row.tag

    uncounted = replace(options, repairs=Repairs())
    tag_sequences = (list(map(checked, rows)) for rows in _sentences(path, uncounted))
    scheme = recognize_scheme(tag_sequences)
    if options.word == 0:
        _check_not_counted(path, _sentences(path, uncounted))
    for rows in _sentences(path, options):
        repaired = tags_to_spans([row.tag for row in rows], scheme)
        options.repairs.tags += repaired.repairs
        spans = {options.layer or "ner": Spans(repaired.spans)}
        yield Document.from_words([row.word for row in rows], spans=spans, sentences=(0,))


def _check_not_counted(path: Path, sentences: Iterator[list["_Row"]]) -> None:
    """Raise `DataError` where the first column only counts the words, as it does in CoNLL-U and its
    kin.
    """
    long_sentences = (rows for rows in sentences if len(rows) > 1)
    first_sentences = list(islice(long_sentences, 3))
    if first_sentences and all(map(_counts_words, first_sentences)):
        raise DataError(
            f"{path}, line {first_sentences[0][0].line}: expected words, got a first column that "
            "counts them. Name the column of words, such as word=1."
        )


def _counts_words(rows: Sequence["_Row"]) -> bool:
    """Whether the words of a sentence are the numbers from 1."""
    return all(row.word == str(number) for number, row in enumerate(rows, 1))


def _read_tags(path: Path, options: ReadOptions) -> Iterator[Document]:
    for rows in _sentences(path, options):
        labels = tuple(label_or_none(row.tag) for row in rows)
        for row, label in zip(rows, labels, strict=True):
            if label is not None:
                check_label(label, options.labels, f"{path}, line {row.line}", row.doubt)
        tags = {options.layer or "tags": Tags(labels)}
        yield Document.from_words([row.word for row in rows], tags=tags, sentences=(0,))


def _texts(path: Path, options: ReadOptions) -> Iterator[Text]:
    """The sentences of a file of columns without their tags, which need not be there."""
    for rows in _sentences(path, replace(options, tag=options.word, strict=True), fewest=1):
        yield Text(Document.from_words([row.word for row in rows]))


class _Row(NamedTuple):
    """A word and its tag, and a question for the end of an error about them."""

    line: int
    word: str
    tag: str
    doubt: str


def _sentences(path: Path, options: ReadOptions, *, fewest: int = 2) -> Iterator[list[_Row]]:
    word = options.word
    tag = options.tag
    separator = options.separator

    if separator == "":
        raise OptionError(
            "separator: expected a character, or None for any run of white space, got ''."
        )

    needed = max(fewest, *(column + 1 if column >= 0 else -column for column in (word, tag)))
    width = width_of(path, separator, options.encoding)
    rows: list[_Row] = []

    for line, text in read_lines(path, encoding=options.encoding):
        if _DOCUMENT_START.match(text) or _is_empty(text, separator):
            if rows:
                yield rows
                rows = []
            continue
        cells = text.split(separator)
        hashed = text.startswith("#")
        if hashed and (len(cells) != width or _COMMENT.match(text)):
            continue
        if separator is None and len(cells) < width and text.count("\t") == width - 1:
            # Between tabs a cell may be empty.
            cells = text.split("\t")
        if len(cells) == width >= fewest:
            for name, column in (("word", word), ("tag", tag)):
                if not -width <= column < width:
                    raise DataError(
                        f"{path}, line {line}: `{name}`: expected a column from 0 to {width - 1}, "
                        f"or from -{width} to -1 to count from the end, got {column}."
                    )
        else:
            raise DataError(
                f"{path}, line {line}: expected {max(width, needed)} columns, got {len(cells)}. Is "
                f"the separator right, and are `word` and `tag`?{hint_of(text, besides='columns')}"
            )
        if not cells[word].strip() and not options.strict:
            options.repairs.rows += 1
            continue
        for name, column in (("word", word), ("tag", tag)):
            if not cells[column].strip():
                raise DataError(
                    f"{path}, line {line}: the {name} is empty. Fill it in, or take the row out."
                )
        rows.append(
            _Row(line, cells[word], cells[tag], "; or is the line a comment?" if hashed else "")
        )

    if rows:
        yield rows


def _is_empty(text: str, separator: str | None) -> bool:
    """Whether a line has nothing but separators and white space."""
    return not (text if separator is None else text.replace(separator, "")).strip()


def width_of(path: Path, separator: str | None = None, encoding: str = UTF_8) -> int:
    """Count the columns of a file, by its first line without #, or by all lines where each has a #.

    Args:
        path: The file.
        separator: The separator of columns; None for any run of white space.
        encoding: The name of the file's encoding.

    Returns:
        The number of columns of the first row.
    """
    hashed = []
    for _, text in read_lines(path, encoding=encoding):
        if _is_empty(text, separator) or _DOCUMENT_START.match(text) or _COMMENT.match(text):
            continue
        if not text.startswith("#"):
            return len(text.split(separator))
        hashed.append(len(text.split(separator)))
    return min(hashed, default=0)


def write_columns(labeled: Iterable[Labeled]) -> Iterator[bytes]:
    """Write documents as rows of words and their tags, spans as BIO tags.

    Args:
        labeled: The documents.

    Yields:
        For each document a comment for each layer of categories, the rows, with tabs between
        columns, and an empty line; nothing for a document without words.
    """
    for document, _ in labeled:
        columns = [
            document.words,
            *map(document.readable_tags, document.tags),
            *bio_of(document).values(),
        ]
        rows = ["\t".join(map(cell_of, row)) + "\n" for row in zip(*columns, strict=True)]
        yield f"{category_lines(document)}{''.join(rows)}\n".encode() if rows else b""


def category_lines(document: Document) -> str:
    """Give the categories of a document as comments.

    Args:
        document: The document.

    Returns:
        A line for each layer, with its best label and the label's probability.
    """
    lines: list[str] = []
    for layer, scores in document.categories.items():
        if scores:
            label = best_category(scores)
            lines.append(f"# {layer} = {label} {scores[label]:.4f}\n")
    return "".join(lines)


def bio_of(document: Document) -> dict[str, list[str]]:
    """Give the spans of a document as tags.

    Args:
        document: The document.

    Returns:
        The BIO tags of each layer of spans.
    """
    tags: dict[str, list[str]] = {}
    for name, layer in document.spans.items():
        tags[name] = spans_to_tags(layer.spans, len(document), Scheme.BIO)
    return tags


def cell_of(value: str | None) -> str:
    """Write a value for a column, where white space would begin another one.

    Args:
        value: The value.

    Returns:
        The cell; `_` where there is no value.
    """
    return "_" if not value else "\u00a0".join(value.split())


def _looks_like(beginning: Beginning) -> bool:
    """Whether lines are words with tags: all of the same number of columns, the last ones tags."""
    rows = [row.split() for row in beginning.rows]
    widths = set(map(len, rows))
    if len(widths) != 1 or min(widths) < 2:
        return False
    if beginning.labeled:
        return not beginning.names_columns and (len(beginning.lines) > len(rows) or len(rows) < 3)
    tags = [row[-1] for row in rows]
    if len(rows) < 2 or all(map(_SPAN_TAG.fullmatch, tags)):
        return len(rows) > 1
    # Lines in capitals alone are text.
    return all(map(_WORD_TAG.fullmatch, tags)) and not all(row[0].isupper() for row in rows)


COLUMNS = Format(
    "columns",
    (".conll", ".bio", ".iob", ".iob2", ".tsv", ".tab"),
    aliases=("conll",),
    looks_like=_looks_like,
    labels=Labels(
        frozenset({TAGS, SPANS}),
        _read,
        has_words=True,
        options=frozenset({"task", "word", "tag", "separator"}),
    ),
    texts=_texts,
    writer=Writer(write_columns),
)
"""One word and its tags per line; an empty line after each sentence."""
