"""Words a second on a GPU: a bare torch loop, `fit` with and without graphs, the products alone, and labelling.

    python recipes/benchmarks/gpu.py --json gpu.json             # where there is a GPU
    python recipes/benchmarks/gpu.py --device cpu --few          # a look at how it works, anywhere

A language model of two GRU layers and 10,000 words reads random text in float32 and in bf16. All contestants take
turns; words a second are medians of `--runs` turns. The floor is the time of as many operations as the products of
forward and backward pass have, at the speed of one large product on the same device. Then a labeler that ships labels
random words of its vocabulary, with its passes recorded and not. Without CUDA nothing is recorded.
"""

import random
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import median
from typing import Annotated

import torch
from torch import nn
from torch.nn import functional
from typer import Option

from seqlabel import (
    Display,
    Document,
    Labeler,
    LanguageModelStream,
    OneCycle,
    TokenArray,
    TrainingOptions,
    choose_device,
    fit,
)
from seqlabel.cli.record import processor, versions, write_metrics
from seqlabel.cli.settings import run
from seqlabel.nn.configs import LanguageModelConfig
from seqlabel.nn.networks import build_language_model
from seqlabel.nn.states import detach_state
from seqlabel.training.loop import Precision, autocast

VOCABULARY, LAYERS, WORDS_A_BATCH, BATCHES, FEW = 10_000, 2, 5_120, 20, 2
WIDTHS, LENGTHS = (64, 256, 1024), (20, 70, 512)
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


def with_graphs(model: nn.Module, stream: LanguageModelStream, options: TrainingOptions) -> None:
    with_fit(model, stream, replace(options, graphs=True))


def seconds_of(work: Callable[[], object], device: torch.device) -> float:
    """Seconds until the device is done too."""
    began = time.perf_counter()
    work()
    if device.type == "cuda":
        torch.cuda.synchronize(device)
    return time.perf_counter() - began


def operations_per_second(device: torch.device, precision: Precision, size: int = 4096) -> float:
    """Multiplications and additions of one large product."""
    size = size if device.type == "cuda" else 1024
    one, other = (torch.randn(size, size, device=device) for _ in range(2))
    with torch.no_grad(), autocast(device, precision):
        torch.mm(one, other)
        took = [seconds_of(lambda: torch.mm(one, other), device) for _ in range(7)]
    return 2 * size**3 / median(took)


def operations_per_word(width: int) -> int:
    """Those of all products of a word, forward and twice as many backward."""
    weights = LAYERS * 6 * width * width + width * VOCABULARY
    return 3 * 2 * weights


def rates(width: int, length: int, options: TrainingOptions, settings: "Settings") -> dict[str, float]:
    """Words a second of each contestant; a first turn warms up and is not counted."""
    device = torch.device(options.device)
    stream = stream_of(length, FEW if settings.few else BATCHES)
    contestants = {"bare loop": bare_loop, "fit": with_fit, "fit with graphs": with_graphs}
    took: dict[str, list[float]] = {name: [] for name in contestants}
    for number in range(settings.runs + 1):
        for name, train in contestants.items():
            model = model_of(width).to(device)
            seconds = seconds_of(lambda train=train, model=model: train(model, stream, options), device)
            took[name] += [seconds] if number else []
    words = sum(batch.targets.numel() for batch in stream)
    return {name: words / median(some) for name, some in took.items()}


def labelling_rates(device: torch.device, settings: "Settings") -> dict[str, float]:
    """Words a second of a labeler that ships, on texts of 5 to 60 words."""
    labeler = Labeler.load(settings.labeler)
    labeler.module.to(device)
    draw = random.Random(0)
    known = list(labeler.vocabulary)[:5_000]
    sizes = [draw.randint(5, 60) for _ in range(200 if settings.few else 20_000)]
    texts = [Document.from_words(draw.choices(known, k=size)) for size in sizes]
    took: dict[str, list[float]] = {"labelling": [], "labelling with graphs": []}
    for number in range(settings.runs + 1):
        for name, some in took.items():
            labeler.module.graphs = name != "labelling"
            seconds = seconds_of(lambda: list(labeler(texts)), device)
            some += [seconds] if number else []
    return {name: sum(sizes) / median(some) for name, some in took.items()}


@dataclass(frozen=True)
class Settings:
    device: Annotated[str, Option(help="auto, cpu, cuda, cuda:N or mps.")] = "auto"
    few: Annotated[bool, Option("--few", help="Two batches of the smallest model and the shortest rows.")] = False
    runs: Annotated[int, Option(min=1, help="Turns that are counted.")] = 5
    labeler: Annotated[str, Option(help="Folder or name of the labeler that labels.")] = "en_pii"
    to: Annotated[Path | None, Option("--json", help="File for the figures.")] = None


def main(settings: Settings) -> None:
    """Time trainings of language models on a device."""
    device = choose_device(settings.device)
    name = torch.cuda.get_device_name(device) if device.type == "cuda" else processor()
    print(f"{name}  {versions()}", flush=True)
    figures: dict[str, dict[str, float]] = {}
    sizes = [(width, length) for width in WIDTHS for length in LENGTHS]
    for precision in (Precision.FLOAT32, Precision.BFLOAT16):
        speed = operations_per_second(device, precision)
        options = replace(OPTIONS, device=str(device), precision=precision)
        for width, length in sizes[: 1 if settings.few else None]:
            found = {**rates(width, length, options, settings), "floor": speed / operations_per_word(width)}
            figures[f"{precision.name} {width} x {length}"] = found
            cells = "  ".join(f"{contestant}: {rate:>11,.0f}" for contestant, rate in found.items())
            print(f"{precision.name}, {width:>4} units, rows of {length:>3}  {cells}  words/s", flush=True)
    figures[settings.labeler] = labelling_rates(device, settings)
    print("  ".join(f"{name}: {rate:,.0f} words/s" for name, rate in figures[settings.labeler].items()))
    if settings.to is not None:
        write_metrics(settings.to, figures)


if __name__ == "__main__":
    run(main, Settings)
