"""Words a second on a GPU: a bare torch loop, `fit`, fine-tuning, and labelling.

    python recipes/benchmarks/gpu.py --json gpu.json             # where there is a GPU
    python recipes/benchmarks/gpu.py --device cpu --few          # a look at how it works, anywhere

Language models of two GRU layers and 10,000 words, in three sizes, read random text in float32 and in bf16. All
contestants take turns; words a second are medians of `--runs` turns. Then a labeler on an encoder that ships is
fine-tuned on random words of its vocabulary, and labels them.
"""

import random
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from statistics import median
from typing import Annotated

import torch
from shared.turns import Clock, turns
from torch import nn
from torch.nn import functional
from typer import Option

from seqlabel import (
    Display,
    Document,
    Labeler,
    LanguageModelStream,
    OneCycle,
    Tags,
    TagSet,
    TokenArray,
    TrainingOptions,
    fine_tune,
    fit,
    tagging_options,
)
from seqlabel.commands import processor, run, versions, write_metrics
from seqlabel.nn.network_configs import LanguageModelConfig
from seqlabel.nn.networks import build_language_model
from seqlabel.nn.states import detach_state
from seqlabel.training import choose_device
from seqlabel.training.loop import Precision, autocast

VOCABULARY, LAYERS, WORDS_A_BATCH, BATCHES, FEW = 10_000, 2, 5_120, 20, 2
SIZES = ((64, 20), (256, 70), (1024, 512))
"""The width of a model, and the words of a row."""
TAGS = TagSet("tag", ("A", "B", "C"))
OPTIONS = TrainingOptions(epochs=1, schedule=OneCycle(max_lr=1e-3), max_grad_norm=1.0)


def stream_of(length: int, batches: int) -> LanguageModelStream:
    """Random words in batches of about as many words, whatever the length of their rows."""
    rows = WORDS_A_BATCH // length
    words = torch.randint(VOCABULARY, (rows * (length * batches + 1),), generator=torch.Generator().manual_seed(0))
    return LanguageModelStream(TokenArray(words.numpy()), batch_size=rows, bptt=length)


def model_of(width: int) -> nn.Module:
    torch.manual_seed(0)
    config = LanguageModelConfig(vocabulary=VOCABULARY, embedding=width, hidden=width, layers=LAYERS)
    return build_language_model(config)


def bare_loop(model: nn.Module, stream: LanguageModelStream, options: TrainingOptions) -> None:
    """One pass with nothing but torch in the loop; the batches are on the device beforehand."""
    device = next(model.parameters()).device
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3, fused=device.type == "cuda")
    state = None
    for batch in [batch.to(device) for batch in stream]:
        with autocast(device, options.precision):
            logits, state = model(batch.inputs, state)
            loss = functional.cross_entropy(logits.flatten(0, 1), batch.targets.flatten())
        state = detach_state(state)
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()


def with_fit(model: nn.Module, stream: LanguageModelStream, options: TrainingOptions) -> None:
    for _ in fit(model, stream, None, options=options, display=Display.SILENT):
        pass


def clock_of(device: torch.device) -> Clock:
    """A clock that waits until the device is done."""

    def now() -> float:
        if device.type == "cuda":
            torch.cuda.synchronize(device)
        return time.perf_counter()

    return now


def training_rates(width: int, length: int, options: TrainingOptions, *, batches: int, runs: int) -> dict[str, float]:
    """Words a second of the loops."""
    device, stream = torch.device(options.device), stream_of(length, batches)
    loops = {"bare loop": bare_loop, "fit": with_fit}
    contestants = {name: partial(loop, model_of(width).to(device), stream, options) for name, loop in loops.items()}
    return rates(contestants, sum(batch.targets.numel() for batch in stream), device, runs)


def rates(
    contestants: dict[str, Callable[[], object]], words: int, device: torch.device, runs: int
) -> dict[str, float]:
    """Words a second of each."""
    took = turns(contestants, runs, clock=clock_of(device))
    return {name: words / median(seconds) for name, seconds in took.items()}


def labeler_rates(encoder: str, device: torch.device, *, texts: int, runs: int) -> dict[str, float]:
    """Words a second of fine-tuning and labelling, on texts of 5 to 60 words."""
    labeler = Labeler.on(encoder, [TAGS])
    draw, known = random.Random(0), list(labeler.vocabulary)[:5_000]
    some = [Document.from_words(draw.choices(known, k=draw.randint(5, 60))) for _ in range(texts)]
    gold = [one.with_tags("tag", Tags(tuple(draw.choices(TAGS.labels, k=len(one.words))))) for one in some]

    def tuning() -> None:
        fine_tune(labeler, gold, options=tagging_options(1, device=str(device)), display=Display.SILENT)

    contestants: dict[str, Callable[[], object]] = {"fine-tuning": tuning, "labelling": lambda: labeler(some)}
    return rates(contestants, sum(len(one.words) for one in some), device, runs)


def show(name: str, rates: dict[str, float]) -> None:
    """Print a row of the table for each contestant."""
    for contestant, rate in rates.items():
        print(f"{name:<32}{contestant:<24}{rate:>14,.0f}", flush=True)


@dataclass(frozen=True)
class Settings:
    device: Annotated[str, Option(help="auto, cpu, cuda, cuda:N or mps.")] = "cuda"
    few: Annotated[bool, Option("--few", help="Two batches of the smallest model, and few texts.")] = False
    runs: Annotated[int, Option(min=1, help="Turns that are counted.")] = 5
    encoder: Annotated[str, Option(help="Folder or name of the encoder of the labeler.")] = "en"
    to: Annotated[Path | None, Option("--json", help="File for the figures.")] = None


def main(settings: Settings) -> None:
    """Time training and labelling on a device."""
    device = choose_device(settings.device)
    name = torch.cuda.get_device_name(device) if device.type == "cuda" else processor()
    print(f"{name}  {versions()}\n{'':<56}{'words/s':>14}", flush=True)
    figures: dict[str, dict[str, float]] = {}
    for precision in (Precision.FLOAT32, Precision.BFLOAT16):
        options = replace(OPTIONS, device=str(device), precision=precision)
        for width, length in SIZES[: 1 if settings.few else None]:
            row = f"{precision.name} {width} x {length}"
            batches = FEW if settings.few else BATCHES
            figures[row] = training_rates(width, length, options, batches=batches, runs=settings.runs)
            show(row, figures[row])
    texts = 100 if settings.few else 20_000
    figures[settings.encoder] = labeler_rates(settings.encoder, device, texts=texts, runs=settings.runs)
    show(settings.encoder, figures[settings.encoder])
    if settings.to is not None:
        write_metrics(settings.to, figures)


if __name__ == "__main__":
    run(main, Settings)
