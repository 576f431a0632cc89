"""The label loop: F1 by texts that `choose_next` chose against random ones, and planted errors
among the first doubts.

    python recipes/benchmarks/label_loop.py --data ../shared/data
    # the whole curve
    python recipes/benchmarks/label_loop.py --data ../shared/data --draws 5 --rounds 50,100,200,400

Two tasks: parts of speech of the English Web Treebank (accuracy) and its entities (F1 of exact
spans), on the dev parts. Each draw begins with the same random sentences on both ways; then a
labeler trained on what is labelled chooses from the training part what is labelled next, or chance
does, and a new one is trained. Errors are planted in a share of the labels of the dev part: another
label at random, or a span taken away. They are read in the order of the doubts of the model that
ships, and the recall is the share of planted errors among as many first doubts as 5 % of all words,
or, of entities, of all sentences. Doubts that are not planted are errors of the model, or of the
corpus.
"""

import random
from dataclasses import dataclass
from pathlib import Path
from statistics import mean
from typing import Annotated, Any

from shared.corpora import entities, treebank
from shared.learning import learnt
from typer import Option

from seqlabel import Document, Labeler, Tags, TagSet
from seqlabel.commands.record import write_metrics
from seqlabel.commands.settings import Encoder, run
from seqlabel.documents import Span, Spans
from seqlabel.models.choosing import choose_next
from seqlabel.models.doubts import find_doubts
from seqlabel.models.measuring import score_layers

READ = 0.05
"""The share of words with tags, or of sentences with spans, that is read."""


@dataclass(frozen=True)
class Settings:
    data: Annotated[Path, Option(help="Folder that holds ud_english_ewt and ner_english_ewt.")]
    layers: Annotated[str, Option(help="Tasks, with commas: upos, ner.")] = "upos,ner"
    rounds: Annotated[str, Option(help="Numbers of labelled texts, with commas.")] = "50,100,200"
    draws: Annotated[int, Option(min=0, help="Draws of the first texts; 0 for doubts alone.")] = 2
    pool: Annotated[
        int, Option(min=1, help="Texts of the training part to choose from, at most.")
    ] = 4_000
    test: Annotated[int, Option(min=1, help="Texts of the dev part to score on, at most.")] = 2_000
    errors: Annotated[float, Option(min=0, max=1, help="Share of labels that become wrong.")] = 0.03
    encoder: Encoder = "en"
    output: Annotated[Path, Option(help="Figures are written there as JSON.")] = Path(
        "output/label_loop.json"
    )


def curve(
    settings: Settings,
    pool: list[Document],
    test: list[Document],
    tags: TagSet,
    seed: int,
    *,
    chosen: bool,
) -> list[float]:
    """The score after each round, where a model chooses or chance does."""
    chance = random.Random(seed)
    left = chance.sample(range(len(pool)), len(pool))
    labeled: list[int] = []
    model, scores = None, []
    for size in map(int, settings.rounds.split(",")):
        wanted = size - len(labeled)
        if chosen and model is not None:
            bare = [Document(pool[number].text, pool[number].offsets) for number in left]
            new = [left[one.number] for one in choose_next(model, bare, wanted)]
        else:
            new = left[:wanted]
        labeled += new
        left = [number for number in left if number not in set(new)]
        model = learnt(settings.encoder, [pool[number] for number in labeled], tags, seed)
        scores.append(score_layers(test, list(model(test)), [tags]))
    return scores


def with_errors(
    documents: list[Document], tags: TagSet, share: float
) -> tuple[list[Document], set[tuple[int, int, int]], int]:
    """Documents with wrong labels, the characters of these, and how many labels there are."""
    chance, planted, labels, new = random.Random(0), set(), 0, []
    for number, document in enumerate(documents):
        if tags.scheme is None:
            found = list(document.tags[tags.layer].labels)
            labels += len(found)
            for word in [word for word in range(len(found)) if chance.random() < share]:
                found[word] = chance.choice(
                    [label for label in tags.labels if label != found[word]]
                )
                planted.add((number, *document.offsets[word]))
            new.append(document.with_tags(tags.layer, Tags(tuple(found))))
            continue
        kept = []
        for span in document.spans[tags.layer].spans:
            labels += 1
            if chance.random() < share:
                planted.add((number, *document.characters(span)))
                if chance.random() < 0.5:
                    kept.append(
                        Span(
                            span.start,
                            span.end,
                            chance.choice([x for x in tags.labels if x != span.label]),
                        )
                    )
            else:
                kept.append(span)
        new.append(document.with_spans(tags.layer, Spans(tuple(kept))))
    return new, planted, labels


def read_first(
    documents: list[Document], tags: TagSet, share: float, model: Labeler
) -> dict[str, float]:
    """The recall of planted errors among a model's first doubts."""
    wrong, planted, labels = with_errors(documents, tags, share)
    doubts = find_doubts(model, wrong, layer=tags.layer)
    first = doubts[: round(READ * (labels if tags.scheme is None else len(documents)))]
    hits = len({(one.document, one.start, one.end) for one in first} & planted)
    print(
        f"{tags.layer}: {len(planted):,} of {labels:,} labels are planted errors; "
        f"{100 * hits / len(planted):.1f} % are in the first {len(first):,} doubts, "
        f"{100 * hits / len(first):.0f} % of which are planted",
        flush=True,
    )
    return {
        "labels": labels,
        "planted": len(planted),
        "read": len(first),
        "recall": hits / len(planted),
    }


def main(settings: Settings) -> None:
    """Print both curves and the recall of planted errors, for each task."""
    figures: dict[str, Any] = {"rounds": settings.rounds, "draws": settings.draws}
    for layer in settings.layers.split(","):
        read = treebank if layer == "upos" else entities
        train, test = read(settings.data, "train"), read(settings.data, "dev")[: settings.test]
        tags = TagSet.of(train, layer)
        pool = random.Random(0).sample(train, min(settings.pool, len(train)))
        shipped = Labeler.load("en_pos" if layer == "upos" else "en_ner")
        figures[layer] = {"shipped": read_first(test, tags, settings.errors, shipped)}
        for name, chosen in (("random", False), ("chosen", True)) if settings.draws else ():
            runs = [
                curve(settings, pool, test, tags, seed, chosen=chosen)
                for seed in range(settings.draws)
            ]
            figures[layer][name] = {
                "mean": [mean(column) for column in zip(*runs, strict=True)],
                "runs": runs,
            }
            print(
                f"{layer}, {name}: "
                + "  ".join(f"{100 * one:.2f}" for one in figures[layer][name]["mean"]),
                flush=True,
            )
        write_metrics(settings.output, figures)


if __name__ == "__main__":
    run(main, Settings)
