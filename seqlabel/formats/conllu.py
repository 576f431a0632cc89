"""CoNLL-U files → documents with what their words are tagged with, lazily, and back; other columns are in `columns`.

Every error names file and line; no line is skipped in silence.
"""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import groupby, pairwise
from pathlib import Path

from seqlabel.documents.document import LEMMA, SENTENCE, TREE, Document, Tags, concatenate, sentence_tags
from seqlabel.documents.edit_scripts import edit_script
from seqlabel.documents.trees import Trees, is_forest
from seqlabel.errors import DataError, OptionError
from seqlabel.formats.columns import bio_of, category_lines, cell_of
from seqlabel.formats.format import TAGS, TREES, Beginning, Format, Labelled, Labels, Text, Writer
from seqlabel.formats.reading import ReadOptions, check_label, hint_of, label_or_none
from seqlabel.io.packed import suffix_of
from seqlabel.io.text_files import UTF_8, read_lines

_TAGS = ("upos", "xpos")
_FEATS = "feats"
CONLLU_LAYERS = (*_TAGS, _FEATS, LEMMA, SENTENCE, TREE)
"""The layers that a CoNLL-U file may have."""
_ID = re.compile(r"([0-9]+)(?:([-.])([0-9]+))?")
_COLUMNS = ("id", "form", "lemma", "upos", "xpos", "feats", "head", "deprel", "deps", "misc")
_ROW = re.compile(r"1(?:-[0-9]+)?\t(?:[^\t]*\t){8}[^\t]*$")
_HEAD = re.compile("[0-9]+|_")
_NEW_DOCUMENT = re.compile(r"#\s*newdoc")
_SUFFIXES = (".conllu", ".conllup")
"""Of the files that are read in a folder."""
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
    others, `tree` the trees of HEAD and DEPREL, in which a head of `_` is not known. In CoNLL-U Plus the first line
    names the columns (`# global.columns = ID FORM …`); a layer whose column is not among them is left out.

    Args:
        path: The file; gzip is unpacked.
        layers: The layers to read, among `upos`, `xpos`, `feats`, `lemma`, `sentence` and `tree`.
        whole_documents: Whether to yield what `# newdoc` begins instead of single sentences.
        labels: The labels that a layer may have, by layer; a layer that is not named may have any.
        encoding: The name of the file's encoding.

    Yields:
        A document for each sentence, or for each document.

    Raises:
        DataError: The file is not CoNLL-U, the words of a sentence are not numbered 1, 2, 3 and so on, a multi-word
            token lacks its words, heads are outside of the sentence or go round in a circle, or a label is not among
            those of its layer. The message names the line.
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
    group: list[Document] = []
    between: list[str] = []
    for begins, sentence, after in _sentences(Path(path), layers, labels, encoding):
        if not whole_documents:
            yield sentence
            continue
        if group and begins:
            yield concatenate(group, separator=between[:-1])
            group, between = [], []
        group.append(sentence)
        between.append(after)
    if group:
        yield concatenate(group, separator=between[:-1])


_Row = tuple[int, dict[str, str]]
"""The line of a word, and its cells by column."""


def _sentences(
    path: Path, layers: Sequence[str], labels: Mapping[str, Collection[str]], encoding: str
) -> Iterator[tuple[bool, Document, str]]:
    """Whether a sentence begins a document, the sentence, and what stands between it and the next one."""
    begins = False
    columns: tuple[str, ...] | None = None
    for is_filled, run in groupby(read_lines(path, encoding=encoding), key=lambda line: bool(line[1].strip())):
        if not is_filled:
            continue
        numbers, block = zip(*run, strict=True)
        line = numbers[0]
        if columns is None:
            columns = _columns(path, line, block)
        begins |= any(map(_NEW_DOCUMENT.match, block))
        rows, spaces = _words(path, line, block, columns)
        if not rows:
            continue
        tags: dict[str, Sequence[str | None]] = {
            layer: [_label(layer, cells) for _, cells in rows] for layer in layers if layer in columns
        }
        trees = {TREE: _tree(path, rows)} if TREE in layers and {"head", "deprel"} <= set(columns) else {}
        for layer, allowed in labels.items():
            found = trees[layer].relations if layer in trees else tags.get(layer, ())
            for (number, _), label in zip(rows, found, strict=False):
                if label is not None:
                    check_label(label, allowed, f"{path}, line {number}, layer {layer!r}")
        if SENTENCE in layers:
            tags[SENTENCE] = sentence_tags((0,), len(rows))
        layered = {layer: Tags(tuple(found)) for layer, found in tags.items()}
        words = [cells["form"] for _, cells in rows]
        document = Document.from_words(words, spaces=spaces, tags=layered, sentences=(0,), trees=trees)
        yield begins, document, " " * spaces[-1]
        begins = False


def _tree(path: Path, rows: Sequence[_Row]) -> Trees:
    """The tree of a sentence, a partial one where some heads are not known."""
    heads: list[int | None] = []
    for place, (line, cells) in enumerate(rows):
        if cells["head"] == "_":
            heads.append(None)
            continue
        number = int(cells["head"])
        if number > len(rows) or number == place + 1:
            raise DataError(
                f"{path}, line {line}: expected the number of another word of the sentence as its head, or 0 for its "
                f"root, got {number} for word {place + 1} of {len(rows)}. Correct the head, or write _ for no head."
            )
        heads.append(place if number == 0 else number - 1)
    if not is_forest(heads):
        raise DataError(
            f"{path}, line {rows[0][0]}: expected a tree, got heads that go round in a circle. Correct the heads of "
            f"this sentence."
        )
    return Trees(tuple(heads), tuple(label_or_none(cells["deprel"]) for _, cells in rows))


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


def _words(path: Path, first_line: int, block: Sequence[str], columns: Sequence[str]) -> tuple[list[_Row], list[bool]]:
    """The rows of a sentence's words, whose numbers are checked, and whether a space follows each word."""
    words: list[_Row] = []
    spaces: list[bool] = []
    begin = covered = covered_line = 0
    written, space_after = "", True
    for line, row in enumerate(block, first_line):
        if row.startswith("#"):
            continue
        cells = dict(zip(columns, row.split("\t"), strict=False))
        id_ = _ID.fullmatch(cells["id"]) if row.count("\t") == len(columns) - 1 else None
        if id_ is None or not cells["form"] or not _HEAD.fullmatch(cells.get("head", "_")):
            names = "ten" if columns == _COLUMNS else str(len(columns))
            raise DataError(
                f"{path}, line {line}: is not CoNLL-U. A row has {names} columns with tabs between them, among them a "
                f"number, a word and the number of its head. Correct the row.{hint_of(row)}"
            )
        first, kind, last = id_.groups()
        space = "SpaceAfter=No" not in cells.get("misc", "").split("|")
        if kind is None:
            words.append((line, cells))
            spaces.append(space)
            if int(first) != len(words):
                raise DataError(
                    f"{path}, line {line}: Found word {first}, expected {len(words)}. The words of a sentence are "
                    f"numbered 1, 2, 3 and so on. Is an empty line missing before it?"
                )
            if len(words) == covered:
                # Of a multi-word token the parts are the words; its own line says what is written between and after.
                joined = "".join(cells["form"] for _, cells in words[begin:]) == written
                spaces[begin:] = [*([not joined] * (covered - begin - 1)), space_after]
        elif kind == "-":
            if covered > len(words) or not len(words) + 1 == int(first) <= int(last):
                raise DataError(
                    f"{path}, line {line}: Found a token of the words {first} to {last} after word {len(words)}. It "
                    f"stands before the first of its words, and shares none with another. Move or correct it."
                )
            begin, covered, covered_line = len(words), int(last), line
            written, space_after = cells["form"], space
    if covered > len(words):
        raise DataError(
            f"{path}, line {covered_line}: Found a token up to word {covered} in a sentence of {len(words)}. Each of "
            f"its words has a row. Add the missing rows."
        )
    return words, spaces


def _label(layer: str, cells: Mapping[str, str]) -> str | None:
    if layer == _FEATS:
        return cells[_FEATS]
    if layer != LEMMA:
        return label_or_none(cells[layer])
    form, lemma = cells["form"], cells[LEMMA]
    # A lemma of one underscore is that of an underscore; of any other form it is missing.
    return edit_script(form, lemma) if lemma and (lemma != "_" or form == "_") else None


def write_conllu(labelled: Iterable[Labelled]) -> Iterator[bytes]:
    """Write documents as CoNLL-U, each as one sentence unless its sentences are known; spans are in the last column.

    HEAD and DEPREL are those of the first layer of trees; a head in another sentence is written as `_`.

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
    tagged = [document.readable_tags(name) if name in document.tags else empty for name in (LEMMA, *_TAGS, _FEATS)]
    columns: list[Sequence[str | None]] = [document.words, *tagged]
    arcs = next(iter(document.trees.values()), None)
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
            labels = [cell_of(column[place]) for column in columns]
            cells = [str(place - start + 1), *labels, *_arc(arcs, place, start, end), "_", "|".join(more) or "_"]
            lines.append("\t".join(cells))
        lines.append("")
    return lines


def _arc(trees: Trees | None, place: int, start: int, end: int) -> tuple[str, str]:
    """The cells of HEAD and DEPREL of a word in the sentence from `start` to `end`."""
    if trees is None:
        return "_", "_"
    head, relation = trees.heads[place], cell_of(trees.relations[place])
    if head is None or not start <= head < end:
        return "_", relation
    return str(0 if head == place else head - start + 1), relation


def _read(path: Path, options: ReadOptions) -> Iterator[Document]:
    """Read the sentences of a file, or of all treebanks of a folder, which is searched to any depth."""
    if options.task == TREES:
        layers: tuple[str, ...] = (TREE,)
    else:
        layers = _TAGS if options.layer is None else (options.layer,)
    labels = {} if options.labels is None else dict.fromkeys(layers, options.labels)
    for file in _files_in(path) if path.is_dir() else [path]:
        yield from read_conllu(file, layers=layers, labels=labels, encoding=options.encoding)


def _files_in(folder: Path) -> list[Path]:
    """The CoNLL-U files of a folder, compressed ones too, by their names."""
    return sorted(file for file in folder.rglob("*.conllu*") if suffix_of(file) in _SUFFIXES and file.is_file())


def _looks_like(beginning: Beginning) -> bool:
    if beginning.path is not None and beginning.path.is_dir():
        return beginning.labelled and bool(_files_in(beginning.path))
    return any(_ROW.match(row) for row in beginning.rows[:1])


CONLLU = Format(
    "conllu",
    (".conllu", ".conllup", ".conll"),
    looks_like=_looks_like,
    labels=Labels(frozenset({TAGS, TREES}), _read, has_words=True, layers={TAGS: "upos", TREES: TREE}),
    texts=lambda path, options: map(Text, read_conllu(path, encoding=options.encoding)),
    writer=Writer(write_conllu),
)
"""Layers `upos` and `xpos`, and others by their names; trees in the layer `tree`."""
