"""Every format that the library reads as a corpus of `spacy train`: `seqlabel.Corpus.v1`; the formats are elsewhere."""

import warnings
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any, Optional

from spacy.language import Language
from spacy.tokens import Doc
from spacy.training import Example
from spacy.util import registry

from seqlabel.documents.repairs import Repairs
from seqlabel.formats.any_format import read_documents
from seqlabel.formats.docbin import DOCBIN
from seqlabel.formats.docs import read_docs, to_doc
from seqlabel.text.spacy_words import tokenise


@dataclass(frozen=True)
class Corpus:
    """Examples of a file or folder, read anew at each pass, so that memory does not grow with it.

    `format`, `layer` and `columns` (`word`, `tag`, `separator`) are those of `read_documents`; a layer of spans becomes
    `Doc.ents`, of categories `Doc.cats`. The reader's repairs are counted in a warning.
    The Docs of a `.spacy` file are gold as they are, with all their annotation, whatever `layer` is. With
    `gold_preproc`, and for Docs that do not know their spaces, the predicted Doc has the words of the file, otherwise
    those of the pipeline's tokeniser. `limit` examples at most are read, all where it is 0.
    """

    path: Path
    format: str | None = None
    layer: str | None = None
    columns: Mapping[str, Any] = field(default_factory=dict)
    gold_preproc: bool = False
    limit: int = 0

    def __call__(self, nlp: Language) -> Iterator[Example]:
        """The examples. Raises `DataError`, naming file and line, where the file cannot be read."""
        for reference in islice(self._gold(nlp), self.limit if self.limit > 0 else None):
            if self.gold_preproc or reference.has_unknown_spaces:
                words, spaces = [token.text for token in reference], [bool(token.whitespace_) for token in reference]
                yield Example(Doc(nlp.vocab, words=words, spaces=spaces), reference)
            else:
                yield Example(nlp.make_doc(reference.text), reference)

    def _gold(self, nlp: Language) -> Iterator[Doc]:
        packed = self.path.suffix.lower() == ".spacy" and not self.path.is_dir()
        if self.format == DOCBIN.name or (self.format is None and packed):
            yield from read_docs(self.path, nlp.vocab)
            return
        repairs = Repairs()
        documents = read_documents(
            self.path,
            format=self.format,
            tokenise=partial(tokenise, nlp.tokenizer),
            layer=self.layer,
            repairs=repairs,
            **self.columns,
        )
        for document in documents:
            yield to_doc(document, nlp.vocab, entities=self.layer or "ner", category=self.layer or "category")
        if repairs:
            warnings.warn(f"{self.path}: {repairs}", UserWarning, stacklevel=2)


@registry.readers("seqlabel.Corpus.v1")
def create_corpus(
    path: Path,
    format: Optional[str] = None,  # noqa: UP045
    layer: Optional[str] = None,  # noqa: UP045
    word: Optional[int] = None,  # noqa: UP045
    tag: Optional[int] = None,  # noqa: UP045
    separator: Optional[str] = None,  # noqa: UP045
    gold_preproc: bool = False,
    limit: int = 0,
) -> Callable[[Language], Iterator[Example]]:
    """Make a `Corpus` of a config.

    Args:
        path: A file or a folder.
        format: A format of `seqlabel.formats.any_format`; None recognises it by the suffix.
        layer: The layer to read.
        word: The column of words.
        tag: The column of tags.
        separator: The column separator.
        gold_preproc: Whether the predicted Doc has the words of the file instead of those of the pipeline's tokeniser.
        limit: The most examples to read; 0 reads all.

    Returns:
        A function from a pipeline to examples.
    """
    columns = {"word": word, "tag": tag, "separator": separator}
    return Corpus(Path(path), format=format, layer=layer, columns=columns, gold_preproc=gold_preproc, limit=limit)
