"""Every format that the library reads as a corpus of `spacy train`: `seqlabel.Corpus.v1`; the
formats are elsewhere.
"""

import warnings
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Optional

from spacy.language import Language
from spacy.tokens import Doc
from spacy.training import Example
from spacy.util import registry

from seqlabel.documents.repairs import Repairs
from seqlabel.formats.any_format import read_documents
from seqlabel.formats.docbin import DOCBIN
from seqlabel.formats.docs import read_docs, to_doc
from seqlabel.text.spacy_words import tokenize


@registry.readers("seqlabel.Corpus.v1")
def create_corpus(
    path: Path,
    format: Optional[str] = None,  # noqa: UP045
    layer: Optional[str] = None,  # noqa: UP045
    word: Optional[int] = None,  # noqa: UP045
    tag: Optional[int] = None,  # noqa: UP045
    separator: Optional[str] = None,  # noqa: UP045
    gold_preproc: bool = False,
) -> Callable[[Language], Iterator[Example]]:
    """Make a reader of the examples of a file or folder, which is read in each pass: memory does
    not grow with it.

    A layer of spans becomes `Doc.ents`, of categories `Doc.cats`. The reader's repairs are counted
    in a warning. The Docs of a `.spacy` file are gold as they are, with all their annotation,
    whatever `layer` is. With `gold_preproc`, and for Docs that do not know their spaces, the
    predicted Doc has the words of the file, otherwise those of the pipeline's tokeniser.

    Args:
        path: A file or a folder.
        format: A format of `seqlabel.formats.any_format`; None recognises it by the suffix.
        layer: The layer to read.
        word: The column of words.
        tag: The column of tags.
        separator: The column separator.
        gold_preproc: Whether the predicted Doc has the words of the file instead of those of the
            pipeline's tokeniser.

    Returns:
        A function from a pipeline to examples; it raises `DataError`, naming file and line, where
        the file cannot be read.
    """
    path = Path(path)

    def gold(nlp: Language) -> Iterator[Doc]:
        if format == DOCBIN.name or (
            format is None and path.suffix.lower() in DOCBIN.suffixes and not path.is_dir()
        ):
            yield from read_docs(path, nlp.vocab)
            return
        repairs = Repairs()
        documents = read_documents(
            path,
            partial(tokenize, nlp.tokenizer),
            format=format,
            layer=layer,
            word=word,
            tag=tag,
            separator=separator,
            repairs=repairs,
        )
        for document in documents:
            yield to_doc(document, nlp.vocab, entities=layer or "ner", category=layer or "category")
        if repairs:
            warnings.warn(f"{path}: {repairs}", UserWarning, stacklevel=2)

    def examples(nlp: Language) -> Iterator[Example]:
        for reference in gold(nlp):
            if gold_preproc or reference.has_unknown_spaces:
                words = [token.text for token in reference]
                spaces = [bool(token.whitespace_) for token in reference]
                yield Example(Doc(nlp.vocab, words=words, spaces=spaces), reference)
            else:
                yield Example(nlp.make_doc(reference.text), reference)

    return examples
