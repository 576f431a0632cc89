"""CoNLL-U files → documents with what their words are tagged with, lazily, and back; other columns
are in `columns`.

Every error names file and line; no line is skipped in silence.
"""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import groupby, pairwise
from pathlib import Path

from seqlabel.documents.document import (
    LEMMA,
    SENTENCE,
    TREE,
    Document,
    Tags,
    concatenate,
    sentence_tags,
)
from seqlabel.documents.edit_scripts import edit_script
from seqlabel.documents.trees import Trees, is_forest
from seqlabel.errors import DataError, OptionError
from seqlabel.formats.columns import bio_of, category_lines, cell_of
from seqlabel.formats.format import TAGS, TREES, Beginning, Format, Labeled, Labels, Text, Writer
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

    Words are the syntactic words: a multi-word token is left to its parts, and an empty node is not
    a word of the text. A tag of `_` is a missing label, but in `feats`, where it says that a word
    has no features. The layer `lemma` has edit scripts (`seqlabel.documents.edit_scripts`),
    `sentence` a `B` for each sentence's first word and an `I` for the others, `tree` the trees of
    HEAD and DEPREL, in which a head of `_` is not known. In CoNLL-U Plus the first line names the
    columns (`# global.columns = ID FORM …`); a layer whose column is not among them is left out.

    Args:
        path: The file; gzip is unpacked.
        layers: The layers to read, among `upos`, `xpos`, `feats`, `lemma`, `sentence` and `tree`.
        whole_documents: Whether to yield what `# newdoc` begins instead of single sentences.
        labels: The labels that a layer may have, by layer; a layer that is not named may have any.
        encoding: The name of the file's encoding.

    Yields:
        A document for each sentence, or for each document.

    Raises:
        DataError: The file is not CoNLL-U, the words of a sentence are not numbered 1, 2, 3 and so
            on, a multi-word token lacks its words, heads are outside of the sentence or go round in
            a circle, or a label is not among those of its layer. The message names the line.
        OptionError: There is no such layer, `labels` has one that is not read, or Python does not
            know the encoding.
    """
    labels = labels or {}
    for option, names, allowed in (
        ("layers", layers, CONLLU_LAYERS),
        ("labels", labels, tuple(layers)),
    ):
        for layer in names:
            if layer not in allowed:
                raise OptionError(
                    f"{option}: expected some of the layers {', '.join(allowed)}, got {layer!r}. "
                    f"CoNLL-U has the layers {', '.join(CONLLU_LAYERS)}."
                )
    group: list[Document] = []
    between: list[str] = []
    for begins, sentence, after in _sentences(Path(path), layers, labels, encoding):
        if not whole_documents:
            yield sentence
            continue
        if group and begins:
            yield concatenate(group, separator=between[:-1])
            group = []
            between = []
        group.append(sentence)
        between.append(after)
    if group:
        yield concatenate(group, separator=between[:-1])


_Row = tuple[int, dict[str, str]]
"""The line of a word, and its cells by column."""


def _sentences(
    path: Path, layers: Sequence[str], labels: Mapping[str, Collection[str]], encoding: str
) -> Iterator[tuple[bool, Document, str]]:
    """Whether a sentence begins a document, the sentence, and the white space after it."""
    begins = False
    columns: tuple[str, ...] | None = None
    for is_filled, run in groupby(
        read_lines(path, encoding=encoding), key=lambda line: bool(line[1].strip())
    ):
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

        tags: dict[str, Tags] = {}
        for layer in layers:
            if layer in columns:
                tags[layer] = Tags(tuple(_label(layer, cells) for _, cells in rows))
        trees = (
            {TREE: _tree(path, rows)}
            if TREE in layers and {"head", "deprel"} <= set(columns)
            else {}
        )
        for layer, allowed in labels.items():
            layer_labels: Sequence[str | None] = ()
            if layer in trees:
                layer_labels = trees[layer].relations
            elif layer in tags:
                layer_labels = tags[layer].labels
            for (number, _), label in zip(rows, layer_labels, strict=False):
                if label is not None:
                    check_label(label, allowed, f"{path}, line {number}, layer {layer!r}")
        if SENTENCE in layers:
            tags[SENTENCE] = Tags(sentence_tags((0,), len(rows)))
        words = [cells["form"] for _, cells in rows]
        document = Document.from_words(words, spaces=spaces, tags=tags, sentences=(0,), trees=trees)
        yield begins, document, " " * spaces[-1]
        begins = False


def _tree(path: Path, rows: Sequence[_Row]) -> Trees:
    """The tree of a sentence, a partial one where some heads are not known."""
    heads: list[int | None] = []
    for index, (line, cells) in enumerate(rows):
        if cells["head"] == "_":
            heads.append(None)
            continue
        number = int(cells["head"])
        if number > len(rows) or number == index + 1:
            raise DataError(
                f"{path}, line {line}: expected the number of another word of the sentence as its "
                f"head, or 0 for its root, got {number} for word {index + 1} of {len(rows)}. "
                "Correct the head, or write _ for no head."
            )
        heads.append(index if number == 0 else number - 1)
    if not is_forest(heads):
        raise DataError(
            f"{path}, line {rows[0][0]}: expected a tree, got heads that go round in a circle. "
            "Correct the heads of this sentence."
        )
    relations = [label_or_none(cells["deprel"]) for _, cells in rows]
    return Trees(tuple(heads), tuple(relations))


def _columns(path: Path, line: int, block: Sequence[str]) -> tuple[str, ...]:
    """The names of the columns: those of CoNLL-U, or of the first line of CoNLL-U Plus."""
    declared = _PLUS.fullmatch(block[0])
    if declared is None:
        return _COLUMNS
    columns = tuple(declared[1].lower().split())
    if len(set(columns)) < len(columns) or not {"id", "form"} <= set(columns):
        raise DataError(
            f"{path}, line {line}: expected ID and FORM among the names of global.columns, each "
            f"name once, got {len(columns)} names. Correct the line."
        )
    return columns


def _words(
    path: Path, first_line: int, block: Sequence[str], columns: Sequence[str]
) -> tuple[list[_Row], list[bool]]:
    """The rows of a sentence's words, whose numbers are checked, and whether a space follows each
    word.
    """
    words: list[_Row] = []
    spaces: list[bool] = []
    # The multi-word token that was read last: its first word and its end, its line, form and space.
    begin = 0
    covered = 0
    covered_line = 0
    written = ""
    space_after = True

    for line, row in enumerate(block, first_line):
        if row.startswith("#"):
            continue
        cells = dict(zip(columns, row.split("\t"), strict=False))
        id_ = _ID.fullmatch(cells["id"]) if row.count("\t") == len(columns) - 1 else None
        if id_ is None or not cells["form"] or not _HEAD.fullmatch(cells.get("head", "_")):
            names = "ten" if columns == _COLUMNS else str(len(columns))
            raise DataError(
                f"{path}, line {line}: is not CoNLL-U. A row has {names} columns with tabs "
                "between them, among them a "
                f"number, a word and the number of its head. Correct the row.{hint_of(row)}"
            )
        first, kind, last = id_.groups()
        space = "SpaceAfter=No" not in cells.get("misc", "").split("|")
        if kind is None:
            words.append((line, cells))
            spaces.append(space)
            if int(first) != len(words):
                raise DataError(
                    f"{path}, line {line}: expected word {len(words)}, got word {first}. The "
                    "words of a sentence are "
                    f"numbered 1, 2, 3 and so on. Is an empty line missing before it?"
                )
            if len(words) == covered:
                # The parts of a multi-word token are the words; its own line has the form as
                # written, and the space.
                joined = "".join(cells["form"] for _, cells in words[begin:]) == written
                spaces[begin:] = [*([not joined] * (covered - begin - 1)), space_after]
        elif kind == "-":
            if covered > len(words) or not len(words) + 1 == int(first) <= int(last):
                raise DataError(
                    f"{path}, line {line}: expected a multi-word token before the first of its "
                    f"words, which it shares with no other token, got one of words {first} to "
                    f"{last} after word {len(words)}. Move or correct it."
                )
            begin = len(words)
            covered = int(last)
            covered_line = line
            written = cells["form"]
            space_after = space

    if covered > len(words):
        raise DataError(
            f"{path}, line {covered_line}: expected a row for each word of the multi-word "
            "token, which ends at word "
            f"{covered}, got a sentence of {len(words)} words. Add the missing rows."
        )
    return words, spaces


def _label(layer: str, cells: Mapping[str, str]) -> str | None:
    if layer == _FEATS:
        return cells[_FEATS]
    if layer != LEMMA:
        return label_or_none(cells[layer])
    form = cells["form"]
    lemma = cells[LEMMA]
    # An underscore is the lemma of an underscore; for any other form it means that the lemma is
    # missing.
    is_known = lemma and (lemma != "_" or form == "_")
    return edit_script(form, lemma) if is_known else None


def write_conllu(labeled: Iterable[Labeled]) -> Iterator[bytes]:
    """Write documents as CoNLL-U, each as one sentence unless its sentences are known; spans are in
    the last column.

    HEAD and DEPREL are those of the first layer of trees; a head in another sentence is written as
    `_`. A multiword token (`Document.multiwords`) has a row of its own before its words,
    `3-4 della`.

    Args:
        labeled: The documents.

    Yields:
        For each document its sentences, each with its text in a comment and an empty line after it;
        the first begins with a comment for each layer of categories. Nothing for a document without
        words.
    """
    for document, _ in labeled:
        lines = _lines_of(document)
        yield ("\n".join(lines) + "\n").encode() if lines else b""


def _lines_of(document: Document) -> list[str]:
    empty: list[str | None] = [None] * len(document)
    tagged = [
        document.readable_tags(name) if name in document.tags else empty
        for name in (LEMMA, *_TAGS, _FEATS)
    ]

    columns: list[Sequence[str | None]] = [document.words, *tagged]
    arcs = next(iter(document.trees.values()), None)
    spans = bio_of(document)
    lines: list[str] = []

    for start, end in pairwise([*(document.sentences or (0,)), len(document)]):
        if start == end:
            continue
        text = document.text[document.offsets[start][0] : document.offsets[end - 1][1]]
        if not lines:
            lines += category_lines(document).splitlines()
        lines.append(f"# text = {' '.join(text.split())}")
        # Of a multiword token its own row says whether a space follows, and those of its words do
        # not.
        inside_token = 0
        for index in range(start, end):
            forms = document.multiwords.get(index, ())
            if len(forms) > 1 and index + len(forms) <= end:
                inside_token = index + len(forms)
                lines.append(_multiword_row(document, index, inside_token, start, end))
            more = [f"{layer}={tags[index]}" for layer, tags in spans.items() if tags[index] != "O"]
            if index >= inside_token and _is_glued(document, index, end):
                more.append("SpaceAfter=No")
            labels = [cell_of(column[index]) for column in columns]
            cells = [
                str(index - start + 1),
                *labels,
                *_arc(arcs, index, start, end),
                "_",
                "|".join(more) or "_",
            ]
            lines.append("\t".join(cells))
        lines.append("")
    return lines


def _is_glued(document: Document, word: int, end: int) -> bool:
    """Whether no space follows a word of a sentence that ends before the word `end`."""
    return word + 1 < end and document.offsets[word][1] == document.offsets[word + 1][0]


def _multiword_row(document: Document, first: int, after: int, start: int, end: int) -> str:
    """The row of the token of the words `first` to `after - 1` in the sentence from `start` to
    `end`.
    """
    written = document.text[document.offsets[first][0] : document.offsets[after - 1][1]]
    space = "SpaceAfter=No" if _is_glued(document, after - 1, end) else "_"
    return "\t".join([f"{first - start + 1}-{after - start}", written, *("_" * 7), space])


def _arc(trees: Trees | None, word: int, start: int, end: int) -> tuple[str, str]:
    """The cells of HEAD and DEPREL of a word in the sentence from `start` to `end`."""
    if trees is None:
        return "_", "_"
    head = trees.heads[word]
    relation = cell_of(trees.relations[word])
    if head is None or not start <= head < end:
        return "_", relation
    return str(0 if head == word else head - start + 1), relation


def _read(path: Path, options: ReadOptions) -> Iterator[Document]:
    """Read the sentences of a file, or of all treebanks of a folder, which is searched to any
    depth.
    """
    if options.task == TREES:
        layers: tuple[str, ...] = (TREE,)
    else:
        layers = _TAGS if options.layer is None else (options.layer,)
    labels = {} if options.labels is None else dict.fromkeys(layers, options.labels)
    for file in _files_in(path) if path.is_dir() else [path]:
        yield from read_conllu(file, layers=layers, labels=labels, encoding=options.encoding)


def _files_in(folder: Path) -> list[Path]:
    """The CoNLL-U files of a folder, compressed ones too, by their names."""
    return sorted(
        file
        for file in folder.rglob("*.conllu*")
        if suffix_of(file) in _SUFFIXES and file.is_file()
    )


def _looks_like(beginning: Beginning) -> bool:
    if beginning.path is not None and beginning.path.is_dir():
        return beginning.labeled and bool(_files_in(beginning.path))
    return any(_ROW.match(row) for row in beginning.rows[:1])


CONLLU = Format(
    "conllu",
    (".conllu", ".conllup", ".conll"),
    looks_like=_looks_like,
    labels=Labels(
        frozenset({TAGS, TREES}), _read, has_words=True, layers={TAGS: "upos", TREES: TREE}
    ),
    texts=lambda path, options: map(Text, read_conllu(path, encoding=options.encoding)),
    writer=Writer(write_conllu),
)
"""Layers `upos` and `xpos`, and others by their names; trees in the layer `tree`."""
