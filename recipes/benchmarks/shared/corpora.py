"""The corpora that benchmarks learn and measure on, from the folder that `--data` names."""

from collections.abc import Sequence
from pathlib import Path

from seqlabel import Document, Span
from seqlabel.documents import Spans, Tags
from seqlabel.formats import read_conllu, read_documents

_TYPES_OF_POSTS = {"person": "PER", "location": "LOC", "corporation": "ORG", "group": "ORG"}
"""Types of WNUT-17 by what they are called in the Web Treebank; the others have no label there."""


def treebank(
    data: Path,
    part: str,
    *,
    layers: Sequence[str] = ("upos", "xpos"),
    whole_documents: bool = False,
) -> list[Document]:
    """A part of the English Web Treebank, `train`, `dev` or `test`, by sentences or by
    documents.
    """
    path = data / "ud_english_ewt" / f"en_ewt-ud-{part}.conllu"
    return list(read_conllu(path, layers=layers, whole_documents=whole_documents))


def flights(data: Path, part: str) -> list[Document]:
    """A part of ATIS, where people ask for flights."""
    return list(read_conllu(data / "ud_english_atis" / f"en_atis-ud-{part}.conllu"))


def entities(data: Path, part: str) -> list[Document]:
    """A part of the English Web Treebank with its entities."""
    return list(
        read_documents(data / "ner_english_ewt" / f"{part}.iob2", word=1, tag=2, separator="\t")
    )


def posts(data: Path, part: str) -> list[Document]:
    """The training or the dev part of WNUT-17."""
    name = "wnut17train.conll" if part == "train" else "emerging.dev.conll"
    return list(read_documents(data / "wnut17" / name, separator="\t"))


def with_treebank_labels(posts: Sequence[Document]) -> list[Document]:
    """Posts of WNUT-17 with the labels of the Web Treebank; spans of other types go."""
    documents = []
    for post in posts:
        spans = [span for span in post.spans["ner"].spans if span.label in _TYPES_OF_POSTS]
        own = tuple(Span(span.start, span.end, _TYPES_OF_POSTS[span.label]) for span in spans)
        documents.append(post.with_spans("ner", Spans(own)))
    return documents


def speech(data: Path, part: str) -> list[Document]:
    """Lines of what people said in MASC with their Penn tags, which are the layer `xpos`.

    Every fourth of the files is the part to measure on, whether it is called dev or test.
    """
    documents = []
    for number, path in enumerate(sorted((data / "masc" / "spoken").glob("*.txt"))):
        if (number % 4 == 0) is (part == "train"):
            continue
        for line in path.read_text(encoding="utf-8").splitlines():
            pairs = [pair.rsplit("_", 1) for pair in line.split() if "_" in pair[1:]]
            if pairs:
                words = [word for word, _ in pairs]
                tags = Tags(tuple(tag for _, tag in pairs))
                documents.append(Document.from_words(words, tags={"xpos": tags}))
    return documents


MARKS = {",": "comma", ".": "stop", "!": "stop", ":": "stop", ";": "stop", "?": "question"}


def marks(data: Path, part: str) -> list[Document]:
    """Lines of MASC in small letters, tagged with the case and the mark that the writer gave each
    word.

    Every fourth of the first 200 written files is the part to measure on, whether it is called dev
    or test.
    """
    documents = []
    for number, path in enumerate(sorted((data / "masc" / "written").glob("*.txt"))[:200]):
        if (number % 4 == 0) is (part == "train"):
            continue
        for line in path.read_text(encoding="utf-8").splitlines():
            words = [word.rsplit("_", 1)[0] for word in line.split() if "_" in word[1:]]
            if 5 < len(words) < 60:
                documents += _marked(words)
    return documents


def _marked(words: list[str]) -> list[Document]:
    """The document of a line, none where it has hardly a word or no mark."""
    lowered: list[str] = []
    cases: list[str] = []
    ends: list[str] = []
    for word in words:
        if word in MARKS and ends:
            ends[-1] = MARKS[word]
        elif word[:1].isalnum() or word[:1] in "_'":
            lowered.append(word.lower())
            cases.append("capital" if word[0].isupper() else "small")
            ends.append("none")
    if len(lowered) < 5 or set(ends) == {"none"}:
        return []
    labels = tuple(f"{case} {end}" for case, end in zip(cases, ends, strict=True))
    return [Document.from_words(lowered, tags={"marks": Tags(labels)})]


def without_labels(documents: list[Document]) -> list[Document]:
    """The same words, which nothing is known of."""
    return [Document(one.text, one.offsets) for one in documents]
