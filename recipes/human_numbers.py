"""Teach a two-layer GRU to count: the base task, from nothing to a model that continues a sentence of numbers.

    python recipes/human_numbers.py            # the library's own model: about 10 seconds on two cores
    python recipes/human_numbers.py --recurrence min_gru       # the same with another recurrence

Trains on the numbers 1 to 7,999 in English words and is asked about 8,001 to 9,999. Expected validation accuracy of
the next word: 0.85. What is wrong nearly always is the thousands digit: training never shows "eight" or "nine" there.
`recipes/ladder.py` puts the lesson's six models beside it, `recipes/copying.py` continues from here.
"""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated

import torch
from typer import Option

from seqlabel import (
    Display,
    LanguageModel,
    LanguageModelStream,
    OneCycle,
    TokenArray,
    TrainingOptions,
    fit,
    human_numbers,
)
from seqlabel.commands import Device, Epochs, Quiet, Seed, run, write_metrics
from seqlabel.io.folders import make_folder
from seqlabel.lesson.counting_configs import human_numbers_config
from seqlabel.nn import Recurrence
from seqlabel.reports import plot_losses, show_batch, summary
from seqlabel.training import Checkpoints, highest_accuracy

PROMPT = "seven thousand nine hundred ninety eight ,"
VOCABULARY = human_numbers.vocabulary()


@dataclass(frozen=True)
class Settings:
    output: Annotated[Path, Option(help="Folder for the model, the picture and metrics.json.")] = Path(
        "output/human_numbers"
    )
    recurrence: Annotated[Recurrence, Option(help="The rule of the layers.")] = Recurrence.GRU
    epochs: Epochs = 10
    seed: Seed = 0
    device: Device = "auto"
    quiet: Quiet = False
    resume: Annotated[bool, Option("--resume", help="Continue an interrupted training.")] = False


def stream(words: list[str]) -> LanguageModelStream:
    return LanguageModelStream(TokenArray(VOCABULARY.encode(words)), batch_size=64, bptt=20)


def main(settings: Settings) -> None:
    """Teach a recurrent language model to count in English words.

    Trains on the numbers 1 to 7,999, measures on 8,001 to 9,999, and ends by counting on from 7,998. The folder gets
    the last and the best checkpoint, a picture of the losses, and metrics.json.
    """
    make_folder(settings.output)
    train, valid = stream(human_numbers.train_words()), stream(human_numbers.valid_words())
    torch.manual_seed(settings.seed)
    config = replace(human_numbers_config(len(VOCABULARY)), recurrence=settings.recurrence)
    model = LanguageModel(config, VOCABULARY)
    first = next(iter(train))
    if not settings.quiet:
        print(f"{show_batch(first, VOCABULARY, rows=3, words=9)}\n\n{summary(model.module, first)}\n", flush=True)

    options = TrainingOptions(
        epochs=settings.epochs,
        schedule=OneCycle(max_lr=1e-2, pct_start=0.3),
        seed=settings.seed,
        device=settings.device,
    )
    checkpoints = Checkpoints(settings.output, save=model.save, resume=settings.resume, score=highest_accuracy)
    display = Display.unless(settings.quiet)
    reports = list(fit(model.module, train, valid, options=options, checkpoints=checkpoints, display=display))

    plot_losses(reports, settings.output / "losses.png")
    last, seconds = reports[-1], sum(report.seconds for report in reports)
    figures = {
        "accuracy": last.accuracy or 0.0,
        "best_accuracy": max(report.accuracy or 0.0 for report in reports),
        "valid_loss": last.valid_loss or 0.0,
        "seconds": seconds,
        "tokens_per_second": sum(report.tokens for report in reports) / seconds,
        "parameters": sum(weights.numel() for weights in model.module.parameters()),
    }
    write_metrics(settings.output / "metrics.json", figures)
    if not settings.quiet:
        print(f"\n{PROMPT}\n  → {' '.join(model.generate(PROMPT, count=24))}")
    print(f"validation accuracy {last.accuracy:.4f}; model, picture and metrics.json are in {settings.output}")


if __name__ == "__main__":
    run(main, Settings)
