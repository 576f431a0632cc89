"""Scores of the models that ship, as they run: tags, trees and names on the English Web Treebank,
names in posts.

    python recipes/benchmarks/shipped.py --data ../shared/data            # half a minute
    # and puts them on the models' cards
    python recipes/benchmarks/shipped.py --data ../shared/data --cards

Words are given. Tags are scored by sentences and by whole documents, trees by sentences; entities
by exact spans, on the test part and, of the labels that both have, on WNUT-17's dev part. With
--cards, the first table of figures and the `model-index` of each card are written again, in 32-bit
numbers where nothing else is said (`en_trees`: as it runs by default); --pretraining adds the
perplexities of `en`.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Annotated

from shared.corpora import entities, posts, treebank, with_treebank_labels
from typer import Option

from seqlabel import Document, Labeler, score_spans, score_tags
from seqlabel.commands import run, write_metrics
from seqlabel.io.files import read_json
from seqlabel.models import Arithmetic
from seqlabel.models.folders import find_folder
from seqlabel.reports.cards import Scored, model_index
from seqlabel.reports.metadata import with_metadata
from seqlabel.scores import score_trees

TAGGERS, FINDERS = ("en_pos", "en_pos_fast"), ("en_ner", "en_ner_fast")
PARSER, BESIDE = "en_trees", "en_pos"
"""The labeler of trees, and the one whose other layers stand next to its own."""
MEASURES = {"UAS": "uas", "LAS": "las", "CLAS": "clas"}
TAGS = {"UPOS": "upos", "XPOS": "xpos", "all features of a word": "feats"}
TEST = "English Web Treebank, test part"
TYPES = {"persons": "PER", "places": "LOC", "organisations": "ORG"}


@dataclass(frozen=True)
class Settings:
    data: Annotated[
        Path, Option(help="Folder that holds ud_english_ewt, ner_english_ewt and wnut17.")
    ]
    output: Annotated[Path, Option(help="JSON file for the figures.")] = Path(
        "output/shipped/metrics.json"
    )
    cards: Annotated[bool, Option("--cards", help="Write the figures into the models' cards.")] = (
        False
    )
    pretraining: Annotated[
        Path | None, Option(help="Write this metrics.json of pretraining into the card of en.")
    ] = None


def labeled(labeler: Labeler, gold: Sequence[Document]) -> list[tuple[Document, Document]]:
    return list(zip(gold, labeler(gold), strict=True))


def write_figures(
    name: str, task: str, rows: Sequence[Sequence[str]], scored: Sequence[Scored]
) -> None:
    """Replace the first table below a card's figures, which has these columns already, and the
    card's index.
    """
    card = find_folder(name) / "README.md"
    head, figures, rest = card.read_text(encoding="utf-8").partition("\n## Figures\n")
    table = "".join(f"| {' | '.join(row)} |\n" for row in rows)
    changed = re.sub(r"(\| ---.*\n)(?:\|.*\n)+", lambda found: found[1] + table, rest, count=1)
    text = with_metadata(head + figures + changed, {"model-index": model_index(name, task, scored)})
    card.write_text(text, encoding="utf-8")


def per_cent(*values: float | None) -> list[str]:
    return [f"{100 * (value or 0.0):.2f}" for value in values]


def write_tagger(name: str, tagged: Mapping[str, list[Document]], known: set[str]) -> None:
    """The figures of a tagger in both arithmetics."""
    rows, metrics = [], {}
    for arithmetic in (Arithmetic.FLOAT32, Arithmetic.INT8):
        labeler = Labeler.load(name, arithmetic=arithmetic)
        sentences, documents = (labeled(labeler, gold) for gold in tagged.values())
        exact = arithmetic is Arithmetic.FLOAT32
        for layer in ("upos", "xpos") if exact else ("upos",):
            found, whole = score_tags(sentences, layer, known=known), score_tags(documents, layer)
            title = f"test accuracy{'' if exact else ' in 8-bit products'}, {layer.upper()}"
            rows.append([title, *per_cent(found.accuracy, found.unknown_accuracy, whole.accuracy)])
            if exact:
                metrics[f"{layer.upper()} accuracy"] = found.accuracy
    treebank = Scored(TEST, metrics, "universal_dependencies", "en_ewt", "test")
    write_figures(name, "token-classification", rows, [treebank])


def write_finder(name: str, named: Mapping[str, list[Document]], dev: list[Document]) -> None:
    """The figures of a labeler of entities, of each type and in both arithmetics."""
    labeler = Labeler.load(name, arithmetic=Arithmetic.FLOAT32)
    test, other, chosen = (
        score_spans(labeled(labeler, gold), "ner") for gold in (named["EWT"], named["WNUT-17"], dev)
    )
    small = score_spans(
        labeled(Labeler.load(name, arithmetic=Arithmetic.INT8), named["EWT"]), "ner"
    )
    scores = {TEST: test.exact, **{title: test.types[label] for title, label in TYPES.items()}}
    scores["in 8-bit products"] = small.exact
    scores["English Web Treebank, dev part"] = chosen.exact
    scores["WNUT-17, dev part (posts, its three types)"] = other.exact
    rows = [[title, *per_cent(one.f, one.precision, one.recall)] for title, one in scores.items()]
    exact = {"f1": test.exact.f, "precision": test.exact.precision, "recall": test.exact.recall}
    treebank = Scored(TEST, exact, "universalner/universal_ner", "en_ewt", "test")
    # Its types are called as in the treebank, so that this is not the score of the data set on the
    # Hub.
    written = Scored("WNUT-17, dev part, persons, places and organisations", {"f1": other.exact.f})
    write_figures(name, "token-classification", rows, [treebank, written])


def parser_figures(labeler: Labeler, gold: Sequence[Document]) -> dict[str, float]:
    """The shares of right arcs, if it has trees, and of right tags and lemmas, by their titles on
    the card.
    """
    pairs = labeled(labeler, gold)
    figures: dict[str, float] = {}
    if any(tag_set.layer == "tree" for tag_set in labeler.tag_sets):
        trees = score_trees(pairs, "tree")
        figures |= {title: getattr(trees, measure) for title, measure in MEASURES.items()}
    figures |= {title: score_tags(pairs, layer).accuracy for title, layer in TAGS.items()}
    lemmas = [words for one, found in pairs for words in zip(one.lemmas, found.lemmas, strict=True)]
    known = [(wanted, lemma) for wanted, lemma in lemmas if wanted is not None]
    return figures | {"lemmas": sum(wanted == lemma for wanted, lemma in known) / len(known)}


def write_parser(name: str, figures: Mapping[str, float], beside: Mapping[str, float]) -> None:
    """The figures of the labeler of trees, as it runs by default, next to those of a labeler
    without them.
    """
    rows = []
    for title, figure in figures.items():
        (other,) = per_cent(beside[title]) if title in beside else ("–",)
        rows.append([title, *per_cent(figure), other])
    metrics = {f"{title} accuracy": figures[title] for title in ("UAS", "LAS", "UPOS", "XPOS")}
    write_figures(
        name,
        "token-classification",
        rows,
        [Scored(TEST, metrics, "universal_dependencies", "en_ewt", "test")],
    )


def write_encoder(found: Mapping[str, float]) -> None:
    """The perplexities of `en` after its pretraining."""
    both = {f"{way} perplexity": found[f"{way}_perplexity"] for way in ("forward", "backward")}
    row = ["as trained, float32", *(f"{value:.1f}" for value in both.values())]
    write_figures("en", "text-generation", [row], [Scored("held-out part of its texts", both)])


def main(settings: Settings) -> None:
    """Print the scores of each model."""
    test = partial(treebank, settings.data, "test", layers=(*TAGS.values(), "lemma", "tree"))
    tagged = {"sentences": test(), "documents": test(whole_documents=True)}
    named = {
        "EWT": entities(settings.data, "test"),
        "WNUT-17": with_treebank_labels(posts(settings.data, "dev")),
    }
    figures: dict[str, dict[str, float]] = {}
    for name in TAGGERS:
        found = {what: labeled(Labeler.load(name), gold) for what, gold in tagged.items()}
        figures[name] = {
            f"{layer} by {what}": score_tags(pairs, layer).accuracy
            for what, pairs in found.items()
            for layer in ("upos", "xpos")
        }
    parsed = {
        name: parser_figures(Labeler.load(name), tagged["sentences"]) for name in (PARSER, BESIDE)
    }
    figures[PARSER] = parsed[PARSER]
    for name in FINDERS:
        labeler = Labeler.load(name)
        figures[name] = {
            what: score_spans(labeled(labeler, gold), "ner").exact.f for what, gold in named.items()
        }
    for name, scores in figures.items():
        print(
            f"{name:>12}  "
            + "  ".join(f"{what} {100 * score:.2f}" for what, score in scores.items()),
            flush=True,
        )
    write_metrics(settings.output, figures)
    if settings.pretraining is not None:
        write_encoder(read_json(settings.pretraining))
    if settings.cards:
        known = {word for one in treebank(settings.data, "train") for word in one.words}
        for name in TAGGERS:
            write_tagger(name, tagged, known)
        write_parser(PARSER, parsed[PARSER], parsed[BESIDE])
        for name in FINDERS:
            write_finder(name, named, entities(settings.data, "dev"))


if __name__ == "__main__":
    run(main, Settings)
