"""Words/s of training and labelling on a device, by size of the batch, precision and feeding, next
to an eager loop.

    python recipes/benchmarks/gpu.py    # five minutes on a GPU; prints and writes a table
    python recipes/benchmarks/gpu.py --device cpu --sizes 1024    # the same table of the CPU

Three trainings and labelling, at each number of words a batch and in each precision: the base
task's language model, pretraining with the numbers of `en`, a labeler on an encoder that ships, and
that labeler at work. A labeler at work multiplies in float32 and in the fastest arithmetic of the
device: float16 on a GPU, 8-bit integers on a CPU (`int8`). `fit` makes batches when they are needed
(`fed 0`) or two steps ahead in a thread (`fed 2`). The eager loop is what a framework without
feeding does: it makes a batch, sends it, steps, and reads the loss, each time. `waiting` is the
share of `fit`'s time spent waiting for batches, `MB` the most memory that a row took, of the GPU,
or of the process on a CPU (Linux). With a GPU the last rows are the CPU of the same machine. Text
is random. No row begins after `--minutes`; the last line counts the rows that were left out.
"""

import random
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, replace
from functools import cache
from itertools import islice
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import torch
from torch import nn
from typer import Option

from seqlabel import (
    Display,
    Document,
    Labeler,
    LanguageModelStream,
    OneCycle,
    TagSet,
    TokenArray,
    TrainingOptions,
    fit,
)
from seqlabel import human_numbers as numbers
from seqlabel.batches.labeled import tagged_batches
from seqlabel.batches.two_ways import FeaturedWords, TwoWayStream
from seqlabel.commands import processor, run, versions, write_metrics
from seqlabel.documents.document import Tags
from seqlabel.errors import OptionError, choose
from seqlabel.lesson.counting_configs import human_numbers_config
from seqlabel.models.tagging.engine import Arithmetic, EngineKind
from seqlabel.native.hashing import hash_words
from seqlabel.nn.networks import build_language_model, build_two_way_model, english_config
from seqlabel.nn.states import detach_state
from seqlabel.text.hashing import WordHasher
from seqlabel.training import choose_device
from seqlabel.training.devices import multiplies_float16
from seqlabel.training.loop import Precision, autocast
from seqlabel.training.objectives import both_ways, gold_labels, next_word

TAGS = TagSet("tag", ("A", "B", "C"))
OPTIONS = TrainingOptions(epochs=1, schedule=OneCycle(max_lr=1e-3), max_grad_norm=1.0)
TYPES = 60_000
"""Words of the pretraining's vocabulary."""

PREDICTED = 20_000
"""Words that the pretraining predicts."""

BPTT = 32
"""Words of a row of a language model's batch."""

WARM_UP = 2
"""Steps before the clock runs."""


@dataclass(frozen=True)
class Work:
    """A training: fresh modules, batches of about as many words, the loss, and the words of a
    batch.
    """

    build: Callable[[], nn.Module]
    batches: Any
    objective: Callable[..., Any]
    words: Callable[[Any], int]


@dataclass(frozen=True)
class First:
    """The first batches of a source, from the beginning again where it has fewer."""

    source: Any
    count: int

    def __len__(self) -> int:
        return self.count

    def batches(self, epoch: int = 0, start: int = 0) -> Iterator[Any]:
        endless = (batch for number in iter(int, 1) for batch in self.source.batches(number))
        return islice(endless, start, self.count)


@dataclass(frozen=True)
class Cell:
    """What a row measures: the work, in batches of about as many words, with the loop of a
    training.
    """

    device: torch.device
    size: int
    precision: Precision
    work: str
    loop: str = ""


@dataclass(frozen=True)
class Row:
    """A row of the table."""

    device: str
    work: str
    words_a_batch: int
    precision: str
    loop: str
    words_per_second: float
    waiting: float | None
    megabytes: float | None


@dataclass(frozen=True)
class Settings:
    device: Annotated[str, Option(help="auto, cpu, cuda, cuda:N or mps.")] = "auto"
    sizes: Annotated[str, Option(help="Words a batch, separated by commas.")] = "1024,4096,16384"
    precisions: Annotated[str, Option(help="auto, no, bf16 and fp16, separated by commas.")] = (
        "no,bf16,fp16"
    )
    seconds: Annotated[float, Option(min=0, help="About how long a row is measured.")] = 2.0
    minutes: Annotated[float, Option(min=0, help="No row begins later.")] = 5.0
    encoder: Annotated[str, Option(help="Folder or name of the encoder of the labeler.")] = "en"
    hidden: Annotated[int, Option(min=2, help="Units of the pretraining.")] = 256
    output: Annotated[Path, Option(help="JSON file for the table.")] = Path(
        "output/gpu/metrics.json"
    )


@cache
def works(settings: Settings, size: int) -> dict[str, Work]:
    """The trainings with batches of about as many words."""
    draw = np.random.default_rng(0)
    rows = max(size // BPTT, 1)
    counting = TokenArray(numbers.vocabulary().encode(numbers.train_words()))
    config = english_config(PREDICTED, hidden=settings.hidden)
    names = [f"w{number}" for number in range(TYPES)]
    featured = FeaturedWords(hash_words(names, WordHasher(config.buckets)), predicted=PREDICTED)
    # Words as frequent as in text: the n-th about 1 / n times as often as the first (Zipf).
    text = TokenArray(np.minimum(draw.zipf(1.2, 20 * size + 1), TYPES) - 1)
    labeler = labeler_of(settings)
    tagging = tagged_batches(
        some_documents(labeler, 8 * size), labeler.words, tag_sets=[TAGS], words=size
    )
    return {
        "human numbers": Work(
            lambda: build_language_model(human_numbers_config(len(numbers.vocabulary()))),
            LanguageModelStream(counting, batch_size=rows, bptt=BPTT),
            next_word,
            lambda batch: batch.targets.numel(),
        ),
        "pretraining": Work(
            lambda: build_two_way_model(config),
            TwoWayStream(text, featured, batch_size=rows, bptt=BPTT),
            both_ways,
            lambda batch: batch.targets.numel() // 2,
        ),
        "labeler": Work(
            lambda: labeler_of(settings).module,
            tagging,
            gold_labels,
            lambda batch: int(batch.lengths.sum()),
        ),
    }


def labeler_of(settings: Settings) -> Labeler:
    return Labeler.on(settings.encoder, [TAGS])


def some_documents(labeler: Labeler, words: int) -> list[Document]:
    """Documents of 5 to 60 random words of the labeler's vocabulary, about as many words in all."""
    draw = random.Random(0)
    known = list(labeler.vocabulary)[:5_000]
    lengths = [draw.randint(5, 60) for _ in range(max(words // 32, 2))]
    documents: list[Document] = []
    for length in lengths:
        document = Document.from_words(draw.choices(known, k=length))
        tags = Tags(tuple(draw.choices(TAGS.labels, k=length)))
        documents.append(document.with_tags("tag", tags))
    return documents


def eager_loop(
    model: nn.Module, work: Work, count: int, device: torch.device, precision: Precision
) -> float:
    """Seconds of some steps with nothing but torch in the loop."""
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3)
    state = None
    model.train()
    start = time.perf_counter()
    for batch in First(work.batches, count).batches():
        with autocast(device, precision):
            step = work.objective(model, batch.to(device), state)
        state = detach_state(step.state)
        optimizer.zero_grad()
        step.loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        float(step.loss.detach())
    return time.perf_counter() - start


def training_row(settings: Settings, cell: Cell) -> Row:
    """Measure a training, after one step that estimates how many steps fill the time."""
    work = works(settings, cell.size)[cell.work]
    torch.manual_seed(0)
    model = work.build().to(cell.device)
    options = replace(OPTIONS, device=str(cell.device), precision=cell.precision)

    def seconds_of(count: int) -> tuple[float, float | None]:
        if cell.loop == "eager":
            return eager_loop(model, work, count, cell.device, cell.precision), None
        with_feeding = replace(options, ahead=int(cell.loop.split()[1]))
        steps = First(work.batches, count)
        (report,) = fit(
            model, steps, options=with_feeding, objective=work.objective, display=Display.SILENT
        )
        return report.seconds, report.waiting_seconds

    seconds_of(WARM_UP)
    one_step, _ = seconds_of(1)
    count = max(int(settings.seconds / (one_step or 1e-3)), 1)

    forget_memory(cell.device)
    seconds, waiting = seconds_of(count)
    words = sum(map(work.words, First(work.batches, count).batches()))
    share = None if waiting is None else waiting / seconds
    return row_of(cell, str(cell.precision.chosen(cell.device)), words / seconds, share)


def labeling_row(settings: Settings, cell: Cell) -> Row:
    """Measure labelling, as `labeler(texts)` does it: in float32, or in the fastest arithmetic of
    the device.
    """
    labeler = labeler_of(settings)
    labeler.module.to(cell.device)
    arithmetic = Arithmetic.FLOAT32 if cell.precision is Precision.FLOAT32 else Arithmetic.AUTO
    labeler.inference = labeler.inference.with_arithmetic(arithmetic)
    precision = str(Precision.FLOAT32)
    if labeler.inference.kind is EngineKind.COMPILED:
        precision = "int8"
    elif arithmetic is Arithmetic.AUTO and multiplies_float16(cell.device):
        precision = str(Precision.FLOAT16)
    texts = some_documents(labeler, 8 * cell.size)

    def label_all() -> float:
        start = time.perf_counter()
        for _ in labeler.pipe(texts, batch_words=cell.size):
            pass
        return time.perf_counter() - start

    label_all()
    forget_memory(cell.device)
    seconds = label_all()
    words = sum(map(len, texts))
    return row_of(cell, precision, words / seconds, None)


def row_of(cell: Cell, precision: str, words_per_second: float, waiting: float | None) -> Row:
    return Row(
        device=str(cell.device),
        work=cell.work,
        words_a_batch=cell.size,
        precision=precision,
        loop=cell.loop,
        words_per_second=words_per_second,
        waiting=waiting,
        megabytes=memory(cell.device),
    )


def forget_memory(device: torch.device) -> None:
    if device.type == "cuda":
        torch.cuda.reset_peak_memory_stats(device)
    elif Path("/proc/self/clear_refs").exists():
        Path("/proc/self/clear_refs").write_text("5")


def memory(device: torch.device) -> float | None:
    if device.type == "cuda":
        return torch.cuda.max_memory_allocated(device) / 1e6
    status = Path("/proc/self/status")
    return (
        int(status.read_text().partition("VmHWM:")[2].split()[0]) * 1024 / 1e6
        if status.exists()
        else None
    )


def cells_of(device: torch.device, sizes: list[int], precisions: list[Precision]) -> list[Cell]:
    """What the rows measure, in order; with a GPU the last ones measure the CPU."""
    machines = [(device, size, precision) for precision in precisions for size in sizes]
    if device.type != "cpu":
        machines.append((torch.device("cpu"), sizes[0], Precision.AUTO))
    cells: list[Cell] = []
    labels: set[tuple[torch.device, int, bool]] = set()
    for machine in machines:
        for work in ("human numbers", "pretraining", "labeler"):
            for loop in ("eager", "fed 0", "fed 2"):
                cells.append(Cell(*machine, work, loop))
        # A labeler at work has float32 and one arithmetic besides, whatever the precision of
        # trainings.
        place, size, precision = machine
        labeling = (place, size, precision is Precision.FLOAT32)
        if labeling not in labels:
            labels.add(labeling)
            cells.append(Cell(*machine, "labelling"))
    return cells


def print_row(row: Row) -> None:
    waiting = "-" if row.waiting is None else f"{row.waiting:.1%}"
    megabytes = "-" if row.megabytes is None else f"{row.megabytes:,.0f}"
    print(
        f"{row.device:<12}{row.work:<15}{row.words_a_batch:>7}  {row.precision:<5}{row.loop:<7}"
        f"{row.words_per_second:>11,.0f}{waiting:>9}{megabytes:>8}",
        flush=True,
    )


def main(settings: Settings) -> None:
    """Time training and labelling on a device."""
    device = choose_device(settings.device)
    sizes = [int(size) for size in settings.sizes.split(",")]
    precisions = [choose(Precision, "precisions", name) for name in settings.precisions.split(",")]
    if min(sizes) < 64:
        raise OptionError(f"--sizes: expected at least 64 words a batch, got {min(sizes)}.")
    name = torch.cuda.get_device_name(device) if device.type == "cuda" else processor()
    print(f"{name}  {versions()}")
    print(
        (
            f"{'device':<12}{'work':<15}{'batch':>7}  "
            f"{'':<5}{'loop':<7}{'words/s':>11}{'waiting':>9}{'MB':>8}"
        ),
        flush=True,
    )
    cells = cells_of(device, sizes, precisions)
    rows: list[Row] = []
    until = time.monotonic() + 60 * settings.minutes
    for cell in cells:
        if time.monotonic() > until:
            left = f"{len(cells) - len(rows)} of {len(cells)} rows are left out"
            print(f"{left}: --minutes {settings.minutes:g} are over.")
            break
        row = (
            labeling_row(settings, cell)
            if cell.work == "labelling"
            else training_row(settings, cell)
        )
        rows.append(row)
        print_row(row)
        write_metrics(settings.output, {"device_name": name, "rows": [asdict(row) for row in rows]})


if __name__ == "__main__":
    run(main, Settings)
