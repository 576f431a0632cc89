"""Train a spaCy pipeline with a tagger and NER through `spacy train`, and spaCy's own beside it,
and compare them.

    python recipes/spacy_pipeline.py --data ../shared/data --output output/spacy
    # one of the three alone
    python recipes/spacy_pipeline.py --data ../shared/data --which seqlabel

Three pipelines learn from the same files, English Web Treebank and its entities, by the configs of
`seqlabel configs`: `seqlabel` has this library's tagger and NER, `spacy` spaCy's own by its default
numbers, `tok2vec` spaCy's own on this library's encoder. Ends with a table of `spacy evaluate` on
the test part: by gold words, and on raw text, where a word that spaCy's tokeniser cuts otherwise
counts as not found; and the accuracy on the words that it cuts as the file does.
`seqlabel` takes about ten minutes a component on one core.
"""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import spacy
from spacy.cli.evaluate import evaluate  # type: ignore[import-not-found]
from spacy.cli.train import train  # type: ignore[import-not-found]
from typer import Option

import seqlabel
from seqlabel import Document
from seqlabel.commands import Encoder, Seed, run, write_metrics
from seqlabel.formats import read_conllu, read_docs, read_documents, write_docbin
from seqlabel.io.folders import make_folder

CONFIGS = Path(seqlabel.__file__).parent / "spacy" / "configs"
WORDS = ("gold words", "raw text")
KEYS = ("tag_acc", "ents_f", "ents_p", "ents_r", "token_r")


class Which(StrEnum):
    """The pipelines, and which config each is trained by."""

    SEQLABEL = "seqlabel"
    SPACY = "spacy"
    TOK2VEC = "tok2vec"

    @property
    def config(self) -> Path:
        return CONFIGS / ("tagger_ner.cfg" if self is Which.SEQLABEL else f"{self}.cfg")


TagLayer = StrEnum("TagLayer", "UPOS XPOS")
"""Which tags the taggers learn."""


@dataclass(frozen=True)
class Settings:
    data: Annotated[Path, Option(help="Folder that holds ud_english_ewt and ner_english_ewt.")]
    output: Annotated[Path, Option(help="Folder for pipelines and metrics.json.")] = Path(
        "output/spacy"
    )
    which: Annotated[list[Which], Option(help="What to train. Repeatable.")] = tuple(Which)  # type: ignore[assignment]
    tags: Annotated[TagLayer, Option(help="The tags that the taggers learn.")] = TagLayer.UPOS
    encoder: Encoder = "en"
    steps: Annotated[
        int | None, Option(min=1, help="Stop after this number of batches, for a try.")
    ] = None
    seed: Seed = 0


def sentences(data: Path, part: str, tags: TagLayer) -> Iterator[Document]:
    """The treebank's sentences with their entities; one whose entities are not known has none."""
    named = read_documents(data / "ner_english_ewt" / f"{part}.iob2", word=1, tag=2, separator="\t")
    entities = {tuple(sentence.words): sentence.spans["ner"] for sentence in named}
    for sentence in read_conllu(data / "ud_english_ewt" / f"en_ewt-ud-{part}.conllu"):
        # spaCy's tagger writes `tag_` alone, so that there the tags are for all.
        tagged = sentence.with_tags("xpos", sentence.tags[tags])
        words = tuple(tagged.words)
        yield tagged.with_spans("ner", entities[words]) if words in entities else tagged


def aligned_accuracy(pipeline: Path, test: Path) -> float:
    """Of the words that the pipeline's tokeniser cuts as the file does, the share that gets the
    file's tag.
    """
    nlp = spacy.load(pipeline)
    golds = list(read_docs(test, nlp.vocab))
    right = words = 0
    for gold, found in zip(golds, nlp.pipe(gold.text for gold in golds), strict=True):
        tags = {(token.idx, len(token)): token.tag_ for token in gold}
        same = [
            token.tag_ == tags[key] for token in found if (key := (token.idx, len(token))) in tags
        ]
        right, words = right + sum(same), words + len(same)
    return right / words


def main(settings: Settings) -> None:
    """Train spaCy pipelines and compare them."""
    make_folder(settings.output)
    paths = {part: settings.output / f"{part}.spacy" for part in ("train", "dev", "test")}
    for part, path in paths.items():
        write_docbin(sentences(settings.data, part, settings.tags), path)
    results: dict[str, dict[str, Any]] = {}
    for which in settings.which:
        overrides: dict[str, Any] = {f"paths.{part}": str(paths[part]) for part in ("train", "dev")}
        overrides["system.seed"] = settings.seed
        if which is not Which.SPACY:
            overrides["paths.encoder"] = settings.encoder
        if settings.steps is not None:
            overrides |= {
                "training.max_steps": settings.steps,
                "training.eval_frequency": settings.steps,
            }
        began = time.perf_counter()
        train(which.config, settings.output / which, overrides=overrides)
        results[which] = {"seconds": time.perf_counter() - began}
        best = settings.output / which / "model-best"
        for words in WORDS:
            scores = evaluate(str(best), paths["test"], gold_preproc=words == "gold words")
            results[which][words] = {key: scores[key] for key in KEYS}
        results[which]["raw text"]["aligned_acc"] = aligned_accuracy(best, paths["test"])
        figures = {"tags": settings.tags, "seed": settings.seed, "pipelines": results}
        write_metrics(settings.output / "metrics.json", figures)

    tags = settings.tags
    columns = {
        tags: ("gold words", "tag_acc"),
        f"{tags}, raw": ("raw text", "tag_acc"),
        "aligned": ("raw text", "aligned_acc"),
        "F1": ("gold words", "ents_f"),
        "F1, raw": ("raw text", "ents_f"),
    }
    print(f"{'test':>10}" + "".join(f"{name:>13}" for name in columns))
    for which, result in results.items():
        print(
            f"{which:>10}"
            + "".join(f"{100 * result[words][key]:>13.2f}" for words, key in columns.values())
        )
    found = next(iter(results.values()))["raw text"]["token_r"]
    print(
        f"{100 * found:.2f} % of the words are also those that spaCy's tokeniser finds in the "
        "raw text"
    )


if __name__ == "__main__":
    run(main, Settings)
