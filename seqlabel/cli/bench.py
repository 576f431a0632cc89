"""The subcommand `seqlabel bench`: detectors of private data on open sets, in one table."""

import shlex
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from seqlabel.cli.options import Quiet
from seqlabel.commands.console import messages, note, say
from seqlabel.errors import DataError


@dataclass(frozen=True, kw_only=True)
class BenchSettings:
    """The options of the command."""

    data: Annotated[
        Path,
        typer.Argument(
            help="Folder with the files of the sets; the page names where they are from."
        ),
    ]
    output: Annotated[
        Path, typer.Option("--output", "-o", help="Folder for bench.md, bench.html and bench.json.")
    ]
    detectors: Annotated[
        list[str] | None,
        typer.Option(
            "--with",
            help="seqlabel, presidio (each may be followed by : and a model), labeler:MODEL, "
            "euredact, rampart, "
            "spacy:PIPELINE or command:… Repeatable.",
            show_default="seqlabel",
        ),
    ] = None
    texts: Annotated[
        int, typer.Option(min=1, help="The most texts of a set; of clean text 40 words for each.")
    ] = 200
    sets: Annotated[
        Path | None,
        typer.Option(help="TOML file of other sets, as seqlabel/integrations/bench.toml."),
    ] = None
    seed: Annotated[int, typer.Option("--sample-seed", help="Seed of the samples.")] = 0
    quiet: Quiet = False


def bench(settings: BenchSettings) -> None:
    """Measure detectors of private data on open sets, offline: what is masked whole, precision,
    alarms on clean text.

    A command as a detector reads {"text": …} and writes {"spans": [[start, end], …]}, a line for
    each text.
    """
    with messages(quiet=settings.quiet):
        from seqlabel.integrations.bench import (
            bench_sets,
            make_detector,
            measure,
            read_set,
            write_pages,
        )

        named = list(dict.fromkeys(settings.detectors or ["seqlabel"]))
        detectors = {name: make_detector(name) for name in named}
        sets = bench_sets(settings.sets)
        there = [bench_set for bench_set in sets if (settings.data / bench_set.path).is_file()]
        missing = [bench_set.name for bench_set in sets if bench_set not in there]
        if not there:
            raise DataError(
                f"{settings.data}: expected files of sets, such as {sets[0].path}, got none. "
                "Fetch some."
            )
        if missing:
            say(f"seqlabel: not there, and not measured: {', '.join(missing)}")
        rows = []
        for bench_set in there:
            texts = read_set(settings.data, bench_set, most=settings.texts, seed=settings.seed)
            for name, detector in detectors.items():
                rows.append(measure(name, detector, bench_set, texts))
                note(f"seqlabel: {bench_set.name}, {name}: {rows[-1].seconds:.1f} s")
        how = (
            shlex.join(["seqlabel", *sys.argv[1:]])
            if sys.argv[1:2] == ["bench"]
            else "seqlabel bench"
        )
        write_pages(settings.output, rows, there, missing=missing, how=how)
        print((settings.output / "bench.md").read_text(encoding="utf-8"))
