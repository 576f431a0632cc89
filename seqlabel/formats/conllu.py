"""CoNLL-U files → documents with what their words are tagged with, lazily, and back; other columns are in `columns`.

Every error names file and line; no line is skipped in silence.
"""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

from seqlabel.documents.document import LEMMA, SENTENCE, Document, Tags, sentence_tags
from seqlabel.documents.edit_scripts import edit_script
from seqlabel.errors import DataError, OptionError
from seqlabel.formats.columns import bio_of, category_lines, cell_of
from seqlabel.formats.format import TAGS, Beginning, Format, Labelled, ReadOptions, Text
from seqlabel.formats.reading import check_label, grouped, hint_of, label_or_none
from seqlabel.io.text_files import UTF_8, runs_of_lines
from seqlabel.names import LateModule

if TYPE_CHECKING:
    import conllu
    from conllu import exceptions, serializer
else:
    conllu = LateModule("conllu")
    exceptions, serializer = LateModule("conllu.exceptions"), LateModule("conllu.serializer")

_TAGS = ("upos", "xpos")
_FEATS = "feats"
CONLLU_LAYERS = (*_TAGS, _FEATS, LEMMA, SENTENCE)
"""The layers that a CoNLL-U file may have."""
_ID = re.compile(r"([0-9]+)(?:([-.])([0-9]+))?")
_COLUMNS = ("id", "form", "lemma", "upos", "xpos", "feats", "head", "deprel", "deps", "misc")
_ROW = re.compile(r"1(?:-[0-9]+)?\t(?:[^\t]*\t){8}[^\t]*$")
_PLUS = re.compile(r"#\s*global\.columns\s*=(.*)")


def read_conllu(
    path: Path | str,
    *,
    layers: Sequence[str] = _TAGS,
    whole_documents: bool = False,
    labels: Mapping[str, Collection[str]] | None = None,
    encoding: str = UTF_8,
) -> Iterator[Document]:
    """Read the sentences of a CoNLL-U or CoNLL-U Plus file.

    Words are the syntactic words: a multi-word token is left to its parts, and an empty node is not a word of the text.
    A tag of `_` is a missing label, but in `feats`, where it says that a word has no features. The layer `lemma` has
    edit scripts (`seqlabel.documents.edit_scripts`), `sentence` a `B` for each sentence's first word and an `I` for the
    others. In CoNLL-U Plus the first line names the columns (`# global.columns = ID FORM …`);
    a layer whose column is not among them is left out.

    Args:
        path: The file; gzip is unpacked.
        layers: The layers to read, among `upos`, `xpos`, `feats`, `lemma` and `sentence`.
        whole_documents: Whether to yield what `# newdoc` begins instead of single sentences.
        labels: The labels that a layer may have, by layer; a layer that is not named may have any.
        encoding: The name of the file's encoding.

    Yields:
        A document for each sentence, or for each document.

    Raises:
        DataError: The file is not CoNLL-U, the words of a sentence are not numbered 1, 2, 3 and so on, a multi-word
            token lacks its words, or a label is not among those of its layer. The message names the line.
        OptionError: There is no such layer, `labels` has one that is not read, or Python does not know the encoding.
    """
    labels = labels or {}
    for name, given, known in (("layers", layers, CONLLU_LAYERS), ("labels", labels, tuple(layers))):
        for layer in given:
            if layer not in known:
                raise OptionError(
                    f"{name}: Found the layer {layer!r}. CoNLL-U has the layers {', '.join(CONLLU_LAYERS)}; to be read "
                    f"are {', '.join(layers)}. Name some of them."
                )
    found = _conllu_sentences(Path(path), layers, labels, encoding)
    for sentences in grouped(found, whole_documents=whole_documents):
        yield _document(sentences, with_starts=SENTENCE in layers)


def _conllu_sentences(
    path: Path, layers: Sequence[str], labels: Mapping[str, Collection[str]], encoding: str
) -> Iterator[tuple[bool, "_ConlluSentence"]]:
    """Sentences, and whether one begins a document."""
    begins = False
    columns: tuple[str, ...] | None = None
    for line, block in runs_of_lines(path, encoding=encoding):
        if columns is None:
            columns = _columns(path, line, block)
        rows = [(number, row) for number, row in enumerate(block, line) if not row.startswith("#")]
        word_lines = _word_lines(path, rows, columns)
        try:
            parsed = conllu.parse("\n".join(block) + "\n", fields=columns)
        except exceptions.ParseException as error:
            raise DataError(
                f"{path}, line {line}: the sentence that begins there is not CoNLL-U ({error}). Correct the sentence."
            ) from error
        for sentence in parsed:
            read = _ConlluSentence(sentence, [layer for layer in layers if layer in columns])
            for layer, allowed in labels.items():
                for number, label in zip(word_lines, read.tags.get(layer, [None] * len(word_lines)), strict=True):
                    if label is not None:
                        check_label(label, allowed, f"{path}, line {number}, layer {layer!r}")
            begins |= read.begins_document
            if read.words:
                yield begins, read
                begins = False


def _columns(path: Path, line: int, block: Sequence[str]) -> tuple[str, ...]:
    """The names of the columns: those of CoNLL-U, or of the first line of CoNLL-U Plus."""
    found = _PLUS.fullmatch(block[0])
    if found is None:
        return _COLUMNS
    columns = tuple(found[1].lower().split())
    if len(set(columns)) < len(columns) or not {"id", "form"} <= set(columns):
        raise DataError(
            f"{path}, line {line}: Found {len(columns)} names in global.columns. They need ID and FORM among them, "
            f"each name once. Correct the line."
        )
    return columns


def _word_lines(path: Path, rows: Iterable[tuple[int, str]], columns: Sequence[str]) -> list[int]:
    """The lines of a sentence's words, from its rows and their lines, which are checked."""
    number, form = columns.index("id"), columns.index("form")
    lines: list[int] = []
    covered = covered_line = 0
    for line, row in rows:
        cells = row.split("\t")
        id_ = _ID.fullmatch(cells[number]) if len(cells) == len(columns) else None
        # The library splits at two spaces as well, and skips or shifts what it does not understand.
        if id_ is None or not cells[form] or "  " in row:
            names = "ten" if columns == _COLUMNS else str(len(columns))
            raise DataError(
                f"{path}, line {line}: is not CoNLL-U. A row has {names} columns with tabs between them, among them a "
                f"number and a word, and never two spaces in a row. Correct the row.{hint_of(row)}"
            )
        first, kind, last = id_.groups()
        if kind is None:
            lines.append(line)
            if int(first) != len(lines):
                raise DataError(
                    f"{path}, line {line}: Found word {first}, expected {len(lines)}. The words of a sentence are "
                    f"numbered 1, 2, 3 and so on. Is an empty line missing before it?"
                )
        elif kind == "-":
            if covered > len(lines) or not len(lines) + 1 == int(first) <= int(last):
                raise DataError(
                    f"{path}, line {line}: Found a token of the words {first} to {last} after word {len(lines)}. It "
                    f"stands before the first of its words, and shares none with another. Move or correct it."
                )
            covered, covered_line = int(last), line
    if covered > len(lines):
        raise DataError(
            f"{path}, line {covered_line}: Found a token up to word {covered} in a sentence of {len(lines)}. Each of "
            f"its words has a row. Add the missing rows."
        )
    return lines


class _ConlluSentence:
    """The kept parts of a parsed sentence."""

    def __init__(self, sentence: Any, layers: Sequence[str]) -> None:
        tokens = [token for token in sentence if isinstance(token["id"], int)]
        self.words = [str(token["form"]) for token in tokens]
        self.spaces = [_space_after(token) for token in tokens]
        # Of a multi-word token the parts are the words; its own line says what is written between and after them.
        places = {token["id"]: place for place, token in enumerate(tokens)}
        for token in sentence:
            if isinstance(token["id"], tuple) and token["id"][1] == "-":
                first, last = (places.get(number) for number in (token["id"][0], token["id"][2]))
                if first is not None and last is not None:
                    joined = "".join(self.words[first : last + 1]) == token["form"]
                    self.spaces[first:last] = [not joined] * (last - first)
                    self.spaces[last] = _space_after(token)
        self.tags = {layer: [_label(layer, token) for token in tokens] for layer in layers}
        self.begins_document = any(key.startswith("newdoc") for key in sentence.metadata)


def _label(layer: str, token: Any) -> str | None:
    if layer == _FEATS:
        return str(serializer.serialize_field(token[_FEATS]))
    if layer != LEMMA:
        return label_or_none(token[layer])
    form, lemma = str(token["form"]), token[LEMMA]
    # A lemma of one underscore is that of an underscore; of any other form it is missing.
    return edit_script(form, lemma) if lemma and (lemma != "_" or form == "_") else None


def _space_after(token: Any) -> bool:
    return (token.get("misc") or {}).get("SpaceAfter") != "No"


def _document(sentences: Sequence[_ConlluSentence], *, with_starts: bool) -> Document:
    starts, words = [], 0
    for sentence in sentences:
        starts.append(words)
        words += len(sentence.words)
    tags = {layer: Tags(tuple(tag for one in sentences for tag in one.tags[layer])) for layer in sentences[0].tags}
    return Document.from_words(
        [word for sentence in sentences for word in sentence.words],
        spaces=[space for sentence in sentences for space in sentence.spaces],
        tags={**tags, SENTENCE: Tags(sentence_tags(starts, words))} if with_starts else tags,
        sentences=tuple(starts),
    )


def write_conllu(labelled: Iterable[Labelled]) -> Iterator[bytes]:
    """Write documents as CoNLL-U, each as one sentence unless its sentences are known; spans are in the last column.

    Args:
        labelled: The documents.

    Yields:
        For each document its sentences, each with its text in a comment and an empty line behind it; the first begins
        with a comment for each layer of categories. Nothing for a document without words.
    """
    for document, _ in labelled:
        lines = _lines_of(document)
        yield ("\n".join(lines) + "\n").encode() if lines else b""


def _lines_of(document: Document) -> list[str]:
    empty: list[str | None] = [None] * len(document)
    lemmas = document.lemmas if LEMMA in document.tags else empty
    tagged = [document.tags[name].labels if name in document.tags else empty for name in ("upos", "xpos", "feats")]
    columns: list[Sequence[str | None]] = [document.words, lemmas, *tagged]
    spans = bio_of(document)
    lines: list[str] = []
    for start, end in pairwise([*(document.sentences or (0,)), len(document)]):
        if start == end:
            continue
        first, last = document.offsets[start][0], document.offsets[end - 1][1]
        lines += [] if lines else category_lines(document).splitlines()
        lines.append(f"# text = {' '.join(document.text[first:last].split())}")
        for place in range(start, end):
            more = [f"{layer}={tags[place]}" for layer, tags in spans.items() if tags[place] != "O"]
            if place + 1 < end and document.offsets[place][1] == document.offsets[place + 1][0]:
                more.append("SpaceAfter=No")
            cells = [str(place - start + 1), *(cell_of(column[place]) for column in columns), "_", "_", "_"]
            cells.append("|".join(more) or "_")
            lines.append("\t".join(cells))
        lines.append("")
    return lines


def _read(path: Path, options: ReadOptions) -> Iterator[Document]:
    return read_conllu(path, layers=_TAGS if options.layer is None else (options.layer,), encoding=options.encoding)


def _looks_like(beginning: Beginning) -> bool:
    return any(_ROW.match(row) for row in beginning.rows[:1])


CONLLU = Format(
    "conllu",
    (".conllu", ".conllup", ".conll"),
    looks_like=_looks_like,
    holds=frozenset({TAGS}),
    has_words=True,
    read=_read,
    texts=lambda path, options: map(Text, read_conllu(path, encoding=options.encoding)),
    write=write_conllu,
)
"""Layers `upos` and `xpos`, and others by their names."""
