"""Teach a two-layer GRU to count: the base task, from nothing to a model that continues a sentence of numbers.

    python recipes/human_numbers.py            # the library's own model: about 10 seconds on two cores
    python recipes/human_numbers.py --ladder   # the lesson's six models beside it, five seeds each: about 2 minutes

Trains on the numbers 1 to 7,999 in English words and is asked about 8,001 to 9,999. Expected validation accuracy of
the next word: 0.85. What is wrong nearly always is the thousands digit: training never shows "eight" or "nine" there.
`recipes/copying.py` goes on from here.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import mean, stdev
from typing import Annotated

import torch
import typer
from torch import nn

from seqlabel import (
    Checkpoints,
    Display,
    EpochReport,
    LanguageModel,
    LanguageModelStream,
    OneCycle,
    OptionError,
    SeqlabelError,
    TokenArray,
    TrainingOptions,
    build_language_model,
    find_learning_rate,
    fit,
    human_numbers,
    human_numbers_config,
    ladder,
    plot_learning_rates,
    plot_losses,
    plot_schedule,
    show_batch,
    summary,
)
from seqlabel.files import make_folder, write_json
from seqlabel.lesson.ladder import Rung
from seqlabel.training.checkpoints import highest_accuracy

PROMPT = "seven thousand nine hundred ninety eight ,"
VOCABULARY = human_numbers.vocabulary()
TRAIN = TokenArray(VOCABULARY.encode(human_numbers.train_words()))
VALID = TokenArray(VOCABULARY.encode(human_numbers.valid_words()))


@dataclass(frozen=True)
class Options:
    output: Path
    seed: int
    epochs: int | None
    device: str
    display: Display

    def training(self, *, epochs: int, max_lr: float, pct_start: float, seed: int) -> TrainingOptions:
        schedule = OneCycle(max_lr=max_lr, pct_start=pct_start)
        return TrainingOptions(epochs=self.epochs or epochs, schedule=schedule, seed=seed, device=self.device)


def stream(tokens: TokenArray, bptt: int) -> LanguageModelStream:
    return LanguageModelStream(tokens, batch_size=ladder.BATCH_SIZE, bptt=bptt)


def train_one(options: Options, *, resume: bool) -> None:
    """Train the library's model, keep its checkpoints, draw its curves and let it count."""
    train, valid = stream(TRAIN, 20), stream(VALID, 20)
    torch.manual_seed(options.seed)
    model = LanguageModel(human_numbers_config(len(VOCABULARY)), VOCABULARY)
    first = next(iter(train))
    if options.display is not Display.SILENT:
        print(f"{show_batch(first, VOCABULARY, rows=3, words=9)}\n\n{summary(model.module, first)}\n", flush=True)

    training = options.training(epochs=10, max_lr=1e-2, pct_start=0.3, seed=options.seed)
    found = find_learning_rate(model.module, train, options=training)
    if options.display is not Display.SILENT:
        print(f"The finder suggests a learning rate of {found.suggestion:.0e}; the lesson's is 1e-02.")
    checkpoints = Checkpoints(options.output, save=model.save, resume=resume, score=highest_accuracy)
    reports = list(fit(model.module, train, valid, options=training, checkpoints=checkpoints, display=options.display))

    plot_losses(reports, options.output / "losses.png")
    plot_learning_rates(found, options.output / "finder.png")
    plot_schedule(training.schedule, training.epochs * len(train), options.output / "schedule.png")
    write_json(options.output / "metrics.json", figures(reports, model.module))
    if options.display is not Display.SILENT:
        print(f"\n{PROMPT}\n  → {' '.join(model.generate(PROMPT, count=24))}")
    print(f"validation accuracy {reports[-1].accuracy:.4f}; model, pictures and metrics.json are in {options.output}")


def figures(reports: Sequence[EpochReport], model: nn.Module) -> dict[str, float]:
    """The last and best epoch as a flat mapping."""
    seconds = sum(report.seconds for report in reports)
    last = reports[-1]
    return {
        "accuracy": last.accuracy or 0.0,
        "best_accuracy": max(report.accuracy or 0.0 for report in reports),
        "valid_loss": last.valid_loss or 0.0,
        "seconds": seconds,
        "tokens_per_second": sum(report.tokens for report in reports) / seconds,
        "parameters": sum(weights.numel() for weights in model.parameters()),
    }


def climb_ladder(options: Options, seeds: int) -> None:
    """Train the lesson's six models and the library's by the lesson's protocol, and print one table."""
    own = Rung("library's GRU", build_own, 20, 10, 1e-2, 0.3, None, 0.9849)
    rows: list[tuple[str, ...]] = []
    metrics: dict[str, float] = {}
    for rung in (*ladder.LADDER, own):
        outcomes = []
        for seed in range(options.seed, options.seed + seeds):
            torch.manual_seed(seed)
            model = rung.build(len(VOCABULARY), ladder.WIDTH)
            training = options.training(epochs=rung.epochs, max_lr=rung.max_lr, pct_start=rung.pct_start, seed=seed)
            began = time.perf_counter()
            train, valid = stream(TRAIN, rung.bptt), stream(VALID, rung.bptt)
            reports = list(fit(model, train, valid, options=training, display=Display.SILENT))
            outcomes.append({**figures(reports, model), "seconds": time.perf_counter() - began})
        final, best = ([outcome[name] for outcome in outcomes] for name in ("accuracy", "best_accuracy"))
        seconds = mean(outcome["seconds"] for outcome in outcomes)
        published = f"{rung.published:.3f}" if rung.published else "-"
        parameters = f"{outcomes[0]['parameters']:,}"
        rows.append(
            (rung.name, parameters, spread(final), spread(best), published, f"{rung.reference:.4f}", f"{seconds:.1f}")
        )
        metrics |= {f"{rung.name} {name}": mean(values) for name, values in (("final", final), ("best", best))}
        if options.display is not Display.SILENT:
            print(f"{rung.name}: final {spread(final)}", flush=True)
    header = ("model", "parameters", "final accuracy", "best accuracy", "published", "reference", "seconds")
    table = "\n".join("| " + " | ".join(row) + " |" for row in (header, ["---"] * len(header), *rows))
    if options.display is not Display.SILENT:
        print(f"\n{table}\n")
    (options.output / "ladder.md").write_text(table + "\n", encoding="utf-8")
    write_json(options.output / "ladder.json", metrics)
    print(f"mean ± standard deviation over {seeds} seeds; the table is in {options.output / 'ladder.md'}")


def build_own(vocabulary: int, width: int) -> nn.Module:
    return build_language_model(human_numbers_config(vocabulary))


def spread(values: Sequence[float]) -> str:
    return f"{mean(values):.4f} ± {stdev(values) if len(values) > 1 else 0:.4f}"


def main(
    output: Annotated[Path, typer.Option(help="Folder for the model, pictures and metrics.json.")] = Path(
        "output/human_numbers"
    ),
    seed: Annotated[int, typer.Option(min=0, help="Seed of weights (and the first of the ladder's seeds).")] = 0,
    epochs: Annotated[int | None, typer.Option(min=1, help="Passes over the corpus; else as in the lesson.")] = None,
    device: Annotated[str, typer.Option(help="auto, cpu, cuda, cuda:N or mps.")] = "auto",
    quiet: Annotated[bool, typer.Option("--quiet", help="Print only the last line.")] = False,
    resume: Annotated[bool, typer.Option("--resume", help="Go on with a training that was cut off.")] = False,
    ladder_: Annotated[bool, typer.Option("--ladder", help="Train the lesson's six models and ours.")] = False,
    seeds: Annotated[int, typer.Option(min=1, help="Seeds for each model of the ladder.")] = 5,
) -> None:
    """Teach a recurrent language model to count in English words.

    Trains on the numbers 1 to 7,999, measures on 8,001 to 9,999, and ends by counting on from 7,998. The folder gets
    the last and the best checkpoint, pictures of losses and schedule, and metrics.json. With --ladder it trains the
    lesson's six models and the library's own instead, and writes their table.
    """
    options = Options(output, seed, epochs, device, Display.SILENT if quiet else Display.AUTO)
    try:
        make_folder(output)
        if ladder_ and resume:
            raise OptionError("--resume goes on with one training; --ladder is many, so leave one of them out")
        if ladder_:
            climb_ladder(options, seeds)
        else:
            train_one(options, resume=resume)
    except SeqlabelError as error:
        raise SystemExit(f"error: {error}") from error
    except KeyboardInterrupt:
        raise SystemExit("stopped; add --resume to go on after the last whole epoch") from None


if __name__ == "__main__":
    typer.run(main)
