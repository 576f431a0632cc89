"""How far the scores of findings of private data are from the share of findings that are private.

    python recipes/benchmarks/finding_scores.py --data ../shared/data
    python recipes/benchmarks/finding_scores.py --data ../shared/data --model eu_pii

Only findings of the model count, whose scores are the second reader's probabilities; what rules
prove has the score 1. A finding is right if it touches a private value; one that touches only
what may be private or not is left out. The sets are the texts written by hand, of which the
reader is calibrated on dev and hard, those of presidio-research, and labelled machine text, where
dates, firms and places are not labelled and are left out. Prints the expected calibration error
of each set, in per cent, with ten ranges of equal width, and for each fifth of scores the share
that is right. Takes 20 seconds.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

from shared.private_sets import UNLABELED, meets
from shared.private_texts import PARTS, Marked, labeled_texts, presidio_texts, written_texts
from typer import Option

from seqlabel import PrivateFinder
from seqlabel.commands import run, write_metrics
from seqlabel.privacy.finding.finder import LAYER, MODEL_SOURCE
from seqlabel.scores.calibration import reliability

FIFTHS = 5
MACHINES = "machine text"


@dataclass(frozen=True)
class Settings:
    data: Annotated[Path, Option(help="Folder with pii_presidio and machines.")]
    output: Annotated[Path, Option(help="All figures are written there as JSON.")] = Path(
        "output/finding_scores.json"
    )
    model: Annotated[str, Option(help="Folder or name of a labeler.")] = "en_pii"


def scored_findings(
    finder: PrivateFinder, texts: Sequence[Marked], *, left_out: frozenset[str]
) -> tuple[list[float], list[bool]]:
    """The scores of the model's findings, and whether each is right.

    Args:
        finder: The finder.
        texts: Texts with their values.
        left_out: Labels of findings about which the texts say nothing.
    """
    scores: list[float] = []
    right: list[bool] = []
    for text, document in zip(texts, finder([text.text for text in texts]), strict=True):
        sources = finder.sources(document)
        for span, source in zip(document.character_spans(LAYER), sources, strict=True):
            is_private = meets(span, text.private)
            is_unknown = span.label in left_out or meets(span, text.open)
            if source == MODEL_SOURCE and (is_private or not is_unknown):
                scores.append(min(span.score or 0.0, 1.0))
                right.append(is_private)
    return scores, right


def main(settings: Settings) -> None:
    """Measure the scores of each set."""
    finder = PrivateFinder.load(settings.model)
    sets = {f"written {part}": list(written_texts(part)) for part in PARTS}
    if (settings.data / "pii_presidio").is_dir():
        sets["presidio-research"] = list(presidio_texts(settings.data))
    if (settings.data / "machines").is_dir():
        sets[MACHINES] = list(labeled_texts(settings.data / "machines" / "labelled.jsonl"))

    figures: dict[str, Any] = {"model": settings.model}
    print(f"{'':<24}{'findings':>10}{'right, %':>10}{'error, %':>10}   right by fifth of scores, %")
    for name, texts in sets.items():
        left_out = UNLABELED if name == MACHINES else frozenset[str]()
        scores, right = scored_findings(finder, texts, left_out=left_out)
        share = 100 * sum(right) / max(len(right), 1)
        error = 100 * reliability(scores, right).error
        fifths = [
            None if one.accuracy is None else 100 * one.accuracy
            for one in reliability(scores, right, bins=FIFTHS).bins
        ]
        figures[name] = {
            "findings": len(right),
            "right": share,
            "calibration_error": error,
            "right_by_fifth": fifths,
        }
        shares = " / ".join("–" if one is None else f"{one:.0f}" for one in fifths)
        print(f"{name:<24}{len(right):>10,}{share:>10.1f}{error:>10.1f}   {shares}", flush=True)
    write_metrics(settings.output, figures)


if __name__ == "__main__":
    run(main, Settings)
