"""Scores of the models that ship, as they run by default: tags and names on the English Web Treebank, names in posts.

    python recipes/benchmarks/shipped.py --data ../shared/data            # a quarter of a minute

Words are given. Tags are scored by sentences and by whole documents; entities by exact spans, on the test part and, of
the labels that both have, on WNUT-17's dev part.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from typer import Option

from seqlabel import Document, Labeler, Span, Spans, read_columns, read_conllu, score_spans, score_tags
from seqlabel.cli.record import write_metrics
from seqlabel.cli.settings import run

TAGGERS, FINDERS = ("en_pos", "en_pos_fast"), ("en_ner", "en_ner_fast")
WNUT = {"person": "PER", "location": "LOC", "corporation": "ORG", "group": "ORG"}
"""Types of WNUT-17 by what they are called in the Web Treebank; the others have no label there."""


def posts(path: Path) -> list[Document]:
    """WNUT-17's sentences with the labels of the Web Treebank."""
    found = []
    for sentence in read_columns(path, separator="\t"):
        spans = [one for one in sentence.spans["ner"].spans if one.label in WNUT]
        renamed = tuple(Span(one.start, one.end, WNUT[one.label]) for one in spans)
        found.append(sentence.with_spans("ner", Spans(renamed)))
    return found


@dataclass(frozen=True)
class Settings:
    data: Annotated[Path, Option(help="Folder that holds ud_english_ewt, ner_english_ewt and wnut17.")]
    output: Annotated[Path, Option(help="JSON file for the figures.")] = Path("output/shipped/metrics.json")


def main(settings: Settings) -> None:
    """Print the scores of each model."""
    treebank = settings.data / "ud_english_ewt" / "en_ewt-ud-test.conllu"
    tagged = {
        "sentences": list(read_conllu(treebank)),
        "documents": list(read_conllu(treebank, whole_documents=True)),
    }
    named = {
        "EWT": list(
            read_columns(settings.data / "ner_english_ewt" / "test.iob2", word=1, tag=2, separator="\t"),
        ),
        "WNUT-17": posts(settings.data / "wnut17" / "emerging.dev.conll"),
    }
    figures: dict[str, dict[str, float]] = {}
    for name in TAGGERS:
        labeler = Labeler.load(name)
        found = {what: list(zip(gold, labeler(gold), strict=True)) for what, gold in tagged.items()}
        figures[name] = {
            f"{layer} by {what}": score_tags(pairs, layer).accuracy
            for what, pairs in found.items()
            for layer in ("upos", "xpos")
        }
    for name in FINDERS:
        labeler = Labeler.load(name)
        figures[name] = {
            what: score_spans(zip(gold, labeler(gold), strict=True), "ner").exact.f for what, gold in named.items()
        }
    for name, scores in figures.items():
        print(f"{name:>12}  " + "  ".join(f"{what} {100 * score:.2f}" for what, score in scores.items()), flush=True)
    settings.output.parent.mkdir(parents=True, exist_ok=True)
    write_metrics(settings.output, figures)


if __name__ == "__main__":
    run(main, Settings)
