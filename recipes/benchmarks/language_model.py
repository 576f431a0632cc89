"""Time the sixth model's training through `fit`, through a bare torch loop, and through fastai's Learner if installed.

    pip install fastai                                   # optional, for the third column
    python recipes/benchmarks/language_model.py          # about 2 minutes on two cores

The contestants take turns in one process, so that a slow moment of the machine meets all of them. Ten epochs of human
numbers, batch size 64, bptt 20, the lesson's optimizer and schedule, validation after each epoch. Prints the median
seconds of a whole training, a ten-epoch figure as everywhere in the docs, and the ratios.
"""

import os
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Annotated

import torch
from shared import fastai_training
from shared.turns import turns
from torch.nn import functional
from typer import Option

from seqlabel import Display, LanguageModelStream, OneCycle, TokenArray, TrainingOptions, fit, human_numbers
from seqlabel.commands import run, write_metrics
from seqlabel.lesson.ladder import TwoLayerGRU
from seqlabel.training import choose_device

EPOCHS, MAX_LR = 10, 1e-2
VOCABULARY = human_numbers.vocabulary()


def streams() -> tuple[LanguageModelStream, LanguageModelStream]:
    train, valid = (
        LanguageModelStream(TokenArray(VOCABULARY.encode(words)), batch_size=64, bptt=20)
        for words in (human_numbers.train_words(), human_numbers.valid_words())
    )
    return train, valid


def with_fit(device: torch.device) -> float:
    """Accuracy after a training through `fit`."""
    model = TwoLayerGRU(len(VOCABULARY), 64)
    train, valid = streams()
    options = TrainingOptions(epochs=EPOCHS, schedule=OneCycle(max_lr=MAX_LR), device=str(device))
    *_, last = fit(model, train, valid, options=options, display=Display.TERMINAL)
    return last.accuracy or 0.0


def with_bare_loop(device: torch.device) -> float:
    """The same by hand: batches made beforehand, nothing but torch in the loop."""
    model = TwoLayerGRU(len(VOCABULARY), 64).to(device)
    train, valid = ([batch.to(device) for batch in stream] for stream in streams())
    optimizer = torch.optim.AdamW(model.parameters(), betas=(0.95, 0.99), eps=1e-5, weight_decay=0.01)
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, MAX_LR, total_steps=EPOCHS * len(train) + 1, final_div_factor=4000.0
    )
    for _ in range(EPOCHS):
        model.train()
        state = None
        for batch in train:
            logits, state = model(batch.inputs, state)
            state = state.detach()
            loss = functional.cross_entropy(logits.flatten(0, 1), batch.targets.flatten())
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()
        model.eval()
        state, right = None, 0
        with torch.no_grad():
            for batch in valid:
                logits, state = model(batch.inputs, state)
                right += int((logits.argmax(dim=-1) == batch.targets).sum())
    return right / sum(batch.targets.numel() for batch in valid)


def with_fastai(device: torch.device) -> float:
    """The same through fastai's Learner and its callbacks."""
    pairs = [
        [(x, y) for batch in stream for x, y in zip(batch.inputs, batch.targets, strict=True)] for stream in streams()
    ]
    return fastai_training.accuracy_of(TwoLayerGRU(len(VOCABULARY), 64), pairs, EPOCHS, MAX_LR, device)


@dataclass(frozen=True)
class Settings:
    rounds: Annotated[int, Option(min=1, help="Trainings of each contestant that are counted.")] = 5
    device: Annotated[str, Option(help="auto, cpu, cuda, cuda:N or mps.")] = "auto"
    output: Annotated[Path | None, Option(help="Folder for metrics.json.")] = None


def main(settings: Settings) -> None:
    """Time `fit` beside a bare torch loop and fastai."""
    device = choose_device(settings.device)
    found: dict[str, Callable[[torch.device], float]] = {"fit": with_fit, "bare loop": with_bare_loop}
    if find_spec("fastai"):
        found["fastai"] = with_fastai
    else:
        print("fastai is not installed, so it is left out")
    seeds = iter(range(settings.rounds * len(found) + len(found)))

    def quiet(train: Callable[[torch.device], float]) -> None:
        torch.manual_seed(next(seeds) // len(found))
        # What they print goes nowhere, but they print: a table and a bar is what their users have.
        with open(os.devnull, "w") as nowhere, redirect_stdout(nowhere), redirect_stderr(nowhere):
            train(device)

    runs = turns({name: partial(quiet, train) for name, train in found.items()}, settings.rounds, clock=perf_counter)
    threads, version = torch.get_num_threads(), torch.__version__
    print(f"{threads} threads on {device}, torch {version}, {settings.rounds} rounds of {EPOCHS} epochs")
    print(f"{'':>14}  seconds (min–max)  times the bare loop (pairwise median)")
    metrics: dict[str, float] = {}
    for name, seconds in runs.items():
        ratio = median(one / bare for one, bare in zip(seconds, runs["bare loop"], strict=True))
        metrics |= {f"{name} seconds": median(seconds), f"{name} ratio": ratio}
        spread = f"{median(seconds):.2f} ({min(seconds):.2f}–{max(seconds):.2f})"
        print(f"{name:>14}  {spread:>17}  {ratio:.2f}")
    if settings.output is not None:
        write_metrics(settings.output / "metrics.json", metrics)
        print(f"figures are in {settings.output / 'metrics.json'}")


if __name__ == "__main__":
    run(main, Settings)
