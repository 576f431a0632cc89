"""The corpora that benchmarks learn and measure on, from the folder that `--data` names."""

from collections.abc import Sequence
from pathlib import Path

from seqlabel import Document
from seqlabel.formats import read_conllu, read_documents


def treebank(
    data: Path, part: str, *, layers: Sequence[str] = ("upos", "xpos"), whole_documents: bool = False
) -> list[Document]:
    """A part of the English Web Treebank, `train`, `dev` or `test`, by sentences or by documents."""
    path = data / "ud_english_ewt" / f"en_ewt-ud-{part}.conllu"
    return list(read_conllu(path, layers=layers, whole_documents=whole_documents))


def flights(data: Path, part: str) -> list[Document]:
    """A part of ATIS, where people ask for flights."""
    return list(read_conllu(data / "ud_english_atis" / f"en_atis-ud-{part}.conllu"))


def entities(data: Path, part: str) -> list[Document]:
    """A part of the English Web Treebank with its entities."""
    return list(read_documents(data / "ner_english_ewt" / f"{part}.iob2", word=1, tag=2, separator="\t"))


def posts(data: Path, part: str) -> list[Document]:
    """The training or the dev part of WNUT-17."""
    name = "wnut17train.conll" if part == "train" else "emerging.dev.conll"
    return list(read_documents(data / "wnut17" / name, separator="\t"))


def without_labels(documents: list[Document]) -> list[Document]:
    """The same words, which nothing is known of."""
    return [Document(one.text, one.offsets) for one in documents]
