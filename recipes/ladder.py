"""Train the six models of the lesson and two more by one protocol: each knows one thing more than
the last.

    python recipes/ladder.py    # five seeds of each model: about 2 minutes on two cores
    python recipes/ladder.py --only 4 --seeds 1   # model 4 alone: 3 seconds
    # the library's own, and model 6 with skip connections
    python recipes/ladder.py --only 7 --only 8

The task is that of `recipes/human_numbers.py`. Prints and writes a table: accuracies (mean ±
standard deviation), what the lesson published, and what a reader reaches who sees only the model's
context (`benchmarks/reference_reader.py`).
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import mean, stdev
from typing import Annotated

import torch
from torch import nn
from typer import Option

from seqlabel import (
    Display,
    LanguageModelStream,
    OneCycle,
    TokenArray,
    TrainingOptions,
    fit,
    human_numbers,
    ladder,
)
from seqlabel.commands import Device, Quiet, Seed, Seeds, run, write_metrics
from seqlabel.io.folders import make_folder
from seqlabel.lesson.counting_configs import human_numbers_config
from seqlabel.lesson.ladder import Step
from seqlabel.nn import build_language_model

VOCABULARY = human_numbers.vocabulary()
HEADER = (
    "model",
    "parameters",
    "final accuracy",
    "best accuracy",
    "published",
    "reference",
    "CPU seconds",
)


@dataclass(frozen=True)
class Settings:
    output: Annotated[Path, Option(help="Folder for ladder.md and metrics.json.")] = Path(
        "output/ladder"
    )
    only: Annotated[
        list[int] | None,
        Option(
            min=1,
            max=8,
            help="Number of a model to train; 7 is the library's own, 8 has skip connections.",
        ),
    ] = None
    epochs: Annotated[
        int | None, Option(min=1, help="Passes over the corpus; else as in the lesson.")
    ] = None
    seed: Seed = 0
    seeds: Seeds = 5
    device: Device = "auto"
    quiet: Quiet = False


@dataclass(frozen=True)
class Outcome:
    """One training: accuracy after the last and the best epoch, seconds of CPU time with
    validation, weights.
    """

    final: float
    best: float
    seconds: float
    parameters: int


def build_own(vocabulary: int, width: int) -> nn.Module:
    return build_language_model(human_numbers_config(vocabulary))


def train(step: Step, settings: Settings, *, seed: int) -> Outcome:
    torch.manual_seed(seed)
    model = step.build(len(VOCABULARY), ladder.WIDTH)
    options = TrainingOptions(
        epochs=settings.epochs or step.epochs,
        schedule=OneCycle(max_lr=step.max_lr, pct_start=step.pct_start),
        seed=seed,
        device=settings.device,
    )
    began = time.process_time()
    train_stream, valid_stream = (
        LanguageModelStream(
            TokenArray(VOCABULARY.encode(words)), batch_size=ladder.BATCH_SIZE, bptt=step.bptt
        )
        for words in (human_numbers.train_words(), human_numbers.valid_words())
    )
    accuracies = [
        report.accuracy or 0.0
        for report in fit(
            model, train_stream, valid_stream, options=options, display=Display.SILENT
        )
    ]
    seconds = time.process_time() - began
    return Outcome(
        accuracies[-1],
        max(accuracies),
        seconds,
        sum(weights.numel() for weights in model.parameters()),
    )


def deviation(values: Sequence[float]) -> float:
    return stdev(values) if len(values) > 1 else 0.0


def spread(values: Sequence[float]) -> str:
    return f"{mean(values):.4f}" + (f" ± {deviation(values):.4f}" if len(values) > 1 else "")


def main(settings: Settings) -> None:
    """Train the lesson's six models, the library's own and one with skip connections, and print one
    table.
    """
    make_folder(settings.output)
    rows: list[Sequence[str]] = [HEADER, ["---"] * len(HEADER)]
    finals: dict[str, list[float]] = {}
    metrics: dict[str, object] = {"seeds": settings.seeds, "finals": finals}
    own = Step("library's GRU", build_own, 20, 10, 1e-2, 0.3, None, 0.9849)
    steps = (*ladder.LADDER, own, ladder.SKIPPING)
    for step in [steps[number - 1] for number in settings.only or range(1, len(steps) + 1)]:
        outcomes = [
            train(step, settings, seed=settings.seed + number) for number in range(settings.seeds)
        ]
        final, best = [one.final for one in outcomes], [one.best for one in outcomes]
        rows.append(
            (
                step.name,
                f"{outcomes[0].parameters:,}",
                spread(final),
                spread(best),
                f"{step.published:.3f}" if step.published else "-",
                f"{step.reference:.4f}",
                f"{mean(one.seconds for one in outcomes):.1f}",
            )
        )
        finals[step.name] = final
        metrics[step.name] = {
            "parameters": outcomes[0].parameters,
            "final": [mean(final), deviation(final)],
            "best": [mean(best), deviation(best)],
            "published": [step.published] if step.published else [],
            "reference": step.reference,
            "seconds": mean(one.seconds for one in outcomes),
        }
        if not settings.quiet:
            print(f"{step.name}: final {spread(final)}", flush=True)
    table = "\n".join("| " + " | ".join(row) + " |" for row in rows)
    if not settings.quiet:
        print(f"\n{table}\n")
    (settings.output / "ladder.md").write_text(table + "\n", encoding="utf-8")
    write_metrics(settings.output / "metrics.json", metrics)
    over = (
        f"mean ± standard deviation over {settings.seeds} seeds"
        if settings.seeds > 1
        else f"seed {settings.seed}"
    )
    print(f"{over}; the table is in {settings.output / 'ladder.md'}")


if __name__ == "__main__":
    run(main, Settings)
