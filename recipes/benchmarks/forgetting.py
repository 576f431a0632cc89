"""What a labeler learns of a new label from few examples, and what it forgets, by learning rates and passes.

    python recipes/benchmarks/forgetting.py

`en_pii` trains on with 80 sentences about door badges, a label that it lacks: alone, and with ten texts without badges
that it labels itself before. Prints the share of the badges that it finds in 80 sentences of other forms, and its exact
F1 on generated texts without badges (`recipes/pii_data`, the half for testing), by the labeler alone, without rules;
means over seeds. Writes all figures as JSON.
"""

import random
import sys
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import mean
from typing import Annotated

from typer import Option

from seqlabel import Display, Document, Labeler, OneCycle, fine_tune, score_spans, tagging_options
from seqlabel.commands import Seeds, run, write_metrics
from seqlabel.models import continuing_options
from seqlabel.privacy.finding.finder import LAYER
from seqlabel.scores import bare
from seqlabel.scores.metrics import LabelScore

sys.path.insert(0, str(Path(__file__).parent.parent))
from pii_data import Split, generate
from pii_data.corpora import documents

LABEL, SENTENCES = "BADGE", 80
TEXTS = tomllib.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8"))


WAYS = {
    "as on an encoder": tagging_options(10),
    "a quarter of these rates": replace(tagging_options(10), schedule=OneCycle(max_lr=1e-3, pct_start=0.1)),
    "by default": continuing_options(10),
    "three times as many passes": continuing_options(30),
}


@dataclass(frozen=True)
class Settings:
    output: Annotated[Path, Option(help="Figures are written there as JSON.")] = Path("output/forgetting.json")
    model: Annotated[str, Option(help="Folder or name of a labeler of private data.")] = "en_pii"
    texts: Annotated[int, Option(min=10, help="Generated texts.")] = 600
    seeds: Seeds = 3


def badges(forms: Sequence[str], chance: random.Random) -> list[Document]:
    """Sentences of the forms, each with a badge that is labelled."""
    texts = []
    for _ in range(SENTENCES):
        badge = f"{''.join(chance.choices('RGBW', k=2))}-{chance.randint(1000, 9999)}"
        before, after = chance.choice(forms).split("{}")
        texts.append((before + badge + after, [(len(before), len(before) + len(badge), LABEL)]))
    return documents(texts)


def scores(labeler: Labeler, gold: Sequence[Document]) -> LabelScore:
    """The exact scores of a labeler's spans."""
    return score_spans(zip(gold, labeler(bare(gold)), strict=True), LAYER).exact


def main(settings: Settings) -> None:
    """Measure what is learnt and what is forgotten."""
    start = Labeler.load(settings.model)
    gold = documents(generate(settings.texts, seed=9, split=Split.TEST))
    ordinary = list(start(TEXTS["ordinary"]))
    before = scores(start, gold).f
    print(f"F1 of {settings.model} before: {100 * before:.1f} %", flush=True)
    rows = {}
    for name, options in WAYS.items():
        rows[name] = {}
        for mixed, others in (("alone", []), ("mixed", ordinary)):
            found, old = [], []
            for seed in range(settings.seeds):
                chance = random.Random(seed)
                labeler, train, test = (
                    start.with_labels([LABEL]),
                    badges(TEXTS["train"], chance),
                    badges(TEXTS["test"], chance),
                )
                fine_tune(labeler, [*train, *others], options=replace(options, seed=seed), display=Display.SILENT)
                found.append(scores(labeler, test).recall)
                old.append(scores(labeler, gold).f)
            rows[name][mixed] = {"badges": mean(found), "f1": mean(old)}
            figures = f"{100 * mean(found):.1f} % found, F1 {100 * mean(old):.1f} %"
            print(f"{name}, {options.epochs} passes, badges {mixed}: {figures}", flush=True)
    write_metrics(settings.output, {"seeds": settings.seeds, "texts": settings.texts, "before": before, "rows": rows})
    print(f"all figures are in {settings.output}")


if __name__ == "__main__":
    run(main, Settings)
