"""spaCy's own tagger and NER, trained as `spacy init config --optimize efficiency` has it."""

import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import spacy
from spacy.cli.init_config import init_config
from spacy.cli.train import train as spacy_train
from spacy.language import Language

from seqlabel import Document, Tags, from_doc, to_doc
from seqlabel.formats import write_docbin


def trained(
    pipe: str,
    train: Sequence[Document],
    dev: Sequence[Document],
    *,
    language: str = "en",
    **training: Any,
) -> Language:
    """The best pipeline with one component, `tagger` or `ner`; universal tags go through `tagger`
    as fine ones would.

    `training` changes that section of the config, such as `seed`.
    """

    def as_fine(document: Document) -> Document:
        return (
            document.with_tags("xpos", Tags(document.tags["upos"].labels))
            if pipe == "tagger"
            else document
        )

    with tempfile.TemporaryDirectory() as folder:
        vocab, model, paths = spacy.blank(language).vocab, Path(folder) / "model", {}
        for name, part in (("train", train), ("dev", dev)):
            paths[f"paths.{name}"] = str(Path(folder) / f"{name}.spacy")
            write_docbin(map(as_fine, part), Path(paths[f"paths.{name}"]), vocab=vocab)
        config = init_config(lang=language, pipeline=[pipe], optimize="efficiency", gpu=False)
        config["training"] |= training
        config["training"]["logger"] = {"@loggers": "spacy.ConsoleLogger.v1", "progress_bar": False}
        config.to_disk(Path(folder) / "config.cfg")
        spacy_train(Path(folder) / "config.cfg", model, overrides=paths)
        return spacy.load(model / "model-best")


def labeled(nlp: Language, documents: Sequence[Document]) -> Iterator[Document]:
    """Documents as a pipeline of `trained` labels their words, the tags of `tagger` as universal
    ones.
    """
    for doc in nlp.pipe(to_doc(Document(one.text, one.offsets), nlp.vocab) for one in documents):
        found = from_doc(doc)
        yield found.with_tags("upos", found.tags["xpos"]) if nlp.has_pipe("tagger") else found
