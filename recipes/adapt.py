"""Adapt an encoder to a task's own text without labels, and see what that is worth.

    python recipes/adapt.py --data ../shared/data          # WNUT-17: entities of six types in posts

Labelers learn from 300 labelled posts, on the encoder as it is, and on the encoder after it has
read, without labels, the posts that are to be labelled (`dev`), or training posts, some or all
(`adapt`; Howard and Ruder 2018). Forgetting is measured too: parts of speech of the English Web
Treebank, learnt from 1,000 sentences on the same encoders. All figures are on dev files, and means
over seeds. Saves the last encoder.
"""

import random
import time
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path
from statistics import mean
from typing import Annotated

from typer import Option

from seqlabel import (
    Display,
    Document,
    Labeler,
    TagSet,
    WordLanguageModel,
    adapt,
    fine_tune,
    score_spans,
    score_tags,
    tagging_options,
)
from seqlabel.commands import Device, Encoder, Quiet, Seeds, run, write_metrics
from seqlabel.formats import read_conllu, read_documents
from seqlabel.io.folders import make_folder
from seqlabel.models import AdaptingOptions
from seqlabel.models.fine_tuning import tagging_epochs


@dataclass(frozen=True)
class Settings:
    data: Annotated[Path, Option(help="Folder that holds wnut17 and ud_english_ewt.")]
    output: Annotated[Path, Option(help="Folder for the adapted encoder and metrics.json.")] = Path(
        "output/adapt"
    )
    encoder: Encoder = "en"
    words: Annotated[
        str, Option(help="What to read, with commas: dev, words of training posts, all.")
    ] = "dev,all"
    posts: Annotated[int, Option(min=1, help="Labelled posts.")] = 300
    sentences: Annotated[
        int, Option(min=1, help="Sentences from which parts of speech are learnt.")
    ] = 1_000
    seeds: Seeds = 1
    device: Device = "auto"
    quiet: Quiet = False


def beginning(documents: Sequence[Document], words: str) -> list[Document]:
    """The first documents, of `words` words together."""
    if words == "all":
        return list(documents)
    before = accumulate((len(document) for document in documents), initial=0)
    return [
        document for document, count in zip(documents, before, strict=False) if count < int(words)
    ]


def labeled(
    encoder: WordLanguageModel,
    train: list[Document],
    dev: list[Document],
    layer: str,
    seed: int,
    on: str,
) -> list[tuple[Document, Document]]:
    """Each dev document, and as a labeler that was trained on the encoder labels it."""
    labeler = Labeler.on(encoder, [TagSet.of([*train, *dev], layer)], seed=seed)
    options = tagging_options(tagging_epochs(len(train)), seed=seed, device=on)
    fine_tune(labeler, train, dev, options=options, display=Display.SILENT)
    return list(zip(dev, labeler(dev), strict=True))


def main(settings: Settings) -> None:
    """Measure what an encoder gains, and forgets, by reading a task's own text."""
    make_folder(settings.output)
    wnut, treebank = settings.data / "wnut17", settings.data / "ud_english_ewt"
    posts, dev_posts = (
        list(read_documents(wnut / name, separator="\t"))
        for name in ("wnut17train.conll", "emerging.dev.conll")
    )
    sentences, dev_sentences = (
        list(read_conllu(treebank / f"en_ewt-ud-{part}.conllu")) for part in ("train", "dev")
    )

    encoder = WordLanguageModel.load(settings.encoder)
    runs = []
    for words in ("0", *settings.words.split(",")):
        text = dev_posts if words == "dev" else beginning(posts, words)
        began = time.perf_counter()
        if text:
            options = AdaptingOptions(device=settings.device)
            adapted = adapt(encoder, text, options=options, display=Display.SILENT)
        else:
            adapted = encoder
        seconds = time.perf_counter() - began
        f1, accuracy = [], []
        for seed in range(settings.seeds):
            sample = random.Random(seed).sample(posts, min(settings.posts, len(posts)))
            found = labeled(adapted, sample, dev_posts, "ner", seed, settings.device)
            f1.append(score_spans(found, "ner").exact.f)
            sample = random.Random(seed).sample(sentences, min(settings.sentences, len(sentences)))
            found = labeled(adapted, sample, dev_sentences, "upos", seed, settings.device)
            accuracy.append(score_tags(found, "upos").accuracy)
        runs.append(
            {
                "read": words,
                "unlabelled_words": sum(map(len, text)),
                "new_words": len(adapted.vocabulary) - len(encoder.vocabulary),
                "seconds": seconds,
                "f1": mean(f1),
                "upos_accuracy": mean(accuracy),
            }
        )
        if not settings.quiet:
            print(
                f"{runs[-1]['unlabelled_words']:,} words read in {seconds:.0f} s: F1 "
                f"{100 * mean(f1):.2f}, UPOS {100 * mean(accuracy):.2f}",
                flush=True,
            )
    adapted.save(settings.output / "encoder")
    write_metrics(settings.output / "metrics.json", {"seeds": settings.seeds, "runs": runs})
    scores = ", ".join(f"{100 * run['f1']:.2f}" for run in runs)
    print(
        f"dev F1 {scores} after reading 0,{settings.words} words; the last encoder is in "
        f"{settings.output / 'encoder'}"
    )


if __name__ == "__main__":
    run(main, Settings)
