"""Every format that the library reads as a corpus of `spacy train`: `seqlabel.Corpus.v1`; the formats are elsewhere."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Optional

from spacy.language import Language
from spacy.training import Example
from spacy.util import registry

from seqlabel.documents import Document
from seqlabel.formats import read_documents
from seqlabel.spacy_documents import to_doc, tokenise


@dataclass(frozen=True)
class Corpus:
    """Examples of a file or folder, read anew at each pass, so that memory does not grow with it.

    `format` and `layer` are those of `read_documents`; a layer of spans becomes `Doc.ents`, of categories `Doc.cats`.
    With `gold_preproc` the predicted Doc has the words of the file, without it those of the pipeline's tokeniser.
    `limit` examples at most are read, all where it is 0.
    """

    path: Path
    format: str | None = None
    layer: str | None = None
    gold_preproc: bool = False
    limit: int = 0

    def __call__(self, nlp: Language) -> Iterator[Example]:
        """The examples. Raises `DataError`, naming file and line, where the file cannot be read."""
        documents = read_documents(
            self.path, format=self.format, tokenise=partial(tokenise, nlp.tokenizer), layer=self.layer
        )
        for number, document in enumerate(documents):
            if self.limit and number >= self.limit:
                return
            bare = Document(document.text, document.offsets)
            predicted = to_doc(bare, nlp.vocab) if self.gold_preproc else nlp.make_doc(document.text)
            reference = to_doc(document, nlp.vocab, entities=self.layer or "ner", category=self.layer or "category")
            yield Example(predicted, reference)


@registry.readers("seqlabel.Corpus.v1")  # type: ignore[untyped-decorator]
def create_corpus(
    path: Path,
    format: Optional[str] = None,  # noqa: UP045
    layer: Optional[str] = None,  # noqa: UP045
    gold_preproc: bool = False,
    limit: int = 0,
) -> Callable[[Language], Iterator[Example]]:
    """A `Corpus` of a config, in any format that `seqlabel.formats` knows, told by `format` or the file's suffix."""
    return Corpus(path, format=format, layer=layer, gold_preproc=gold_preproc, limit=limit)
