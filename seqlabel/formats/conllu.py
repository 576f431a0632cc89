"""CoNLL-U files → documents with parts of speech, lazily; other files of columns are in `columns`.

Every error names file and line; no line is skipped in silence.
"""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import conllu
from conllu.exceptions import ParseException

from seqlabel.documents.document import Document, Tags
from seqlabel.errors import DataError, OptionError
from seqlabel.formats.reading import check_label, grouped, label_or_none, runs_of_lines

_LAYERS = ("upos", "xpos")
_ID = re.compile(r"([0-9]+)(?:([-.])([0-9]+))?")


def read_conllu(
    path: Path | str, *, whole_documents: bool = False, labels: Mapping[str, Collection[str]] | None = None
) -> Iterator[Document]:
    """Sentences of a CoNLL-U file, with layers `upos` and `xpos`; with `whole_documents`, what `# newdoc` begins.

    Words are the syntactic words: a multi-word token is left to its parts, an empty node is no word of the text. A tag
    of `_` is a missing label. `labels` says which others a layer may have.

    Raises `DataError`, naming the line, for a file that is not CoNLL-U, words of a sentence that are not numbered 1, 2,
    3 and so on, a multi-word token without its words, and a label that is not among those of its layer.
    """
    labels = labels or {}
    for layer in labels:
        if layer not in _LAYERS:
            raise OptionError(f"labels: found the layer {layer!r}; the layers of CoNLL-U are {' and '.join(_LAYERS)}")
    for sentences in grouped(_conllu_sentences(Path(path), labels), whole_documents=whole_documents):
        yield _document(sentences)


def _conllu_sentences(path: Path, labels: Mapping[str, Collection[str]]) -> Iterator[tuple[bool, "_ConlluSentence"]]:
    """Sentences, and whether one begins a document."""
    begins = False
    for line, block in runs_of_lines(path):
        rows = [(number, row) for number, row in enumerate(block, line) if not row.startswith("#")]
        word_lines = _word_lines(path, rows)
        try:
            parsed = conllu.parse("\n".join(block) + "\n")
        except ParseException as error:
            raise DataError(
                f"{path}, line {line}: the sentence that begins there is not CoNLL-U ({error}); mend it"
            ) from error
        for sentence in parsed:
            read = _ConlluSentence(sentence)
            for layer, allowed in labels.items():
                for number, label in zip(word_lines, read.tags[layer], strict=True):
                    if label is not None:
                        check_label(label, allowed, f"{path}, line {number}, layer {layer!r}")
            begins |= read.begins_document
            if read.words:
                yield begins, read
                begins = False


def _word_lines(path: Path, rows: Iterable[tuple[int, str]]) -> list[int]:
    """The lines of a sentence's words, from its rows and their lines, which are checked."""
    lines: list[int] = []
    covered = covered_line = 0
    for line, row in rows:
        cells = row.split("\t")
        id_ = _ID.fullmatch(cells[0])
        # The library splits at two spaces as well, and skips or shifts what it does not understand.
        if id_ is None or len(cells) != 10 or not cells[1] or "  " in row:
            raise DataError(
                f"{path}, line {line}: is not CoNLL-U; a row has ten columns with tabs between them, the first a "
                f"number, the second a word, and never two spaces in a row"
            )
        first, kind, last = id_.groups()
        if kind is None:
            lines.append(line)
            if int(first) != len(lines):
                raise DataError(
                    f"{path}, line {line}: found word {first}, expected {len(lines)}; the words of a sentence are "
                    f"numbered 1, 2, 3 and so on; is an empty line missing before it?"
                )
        elif kind == "-":
            if covered > len(lines) or not len(lines) + 1 == int(first) <= int(last):
                raise DataError(
                    f"{path}, line {line}: found a token of the words {first} to {last} after word {len(lines)}; it "
                    f"stands before the first of its words, and shares none with another"
                )
            covered, covered_line = int(last), line
    if covered > len(lines):
        raise DataError(
            f"{path}, line {covered_line}: found a token up to word {covered} in a sentence of {len(lines)}; each of "
            f"its words has a row"
        )
    return lines


class _ConlluSentence:
    """What is kept of a parsed sentence."""

    def __init__(self, sentence: Any) -> None:
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
        self.tags = {layer: [label_or_none(token[layer]) for token in tokens] for layer in _LAYERS}
        self.begins_document = any(key.startswith("newdoc") for key in sentence.metadata)


def _space_after(token: Any) -> bool:
    return (token.get("misc") or {}).get("SpaceAfter") != "No"


def _document(sentences: Sequence[_ConlluSentence]) -> Document:
    starts, words = [], 0
    for sentence in sentences:
        starts.append(words)
        words += len(sentence.words)
    return Document.from_words(
        [word for sentence in sentences for word in sentence.words],
        spaces=[space for sentence in sentences for space in sentence.spaces],
        tags={layer: Tags(tuple(tag for one in sentences for tag in one.tags[layer])) for layer in _LAYERS},
        sentences=tuple(starts),
    )
