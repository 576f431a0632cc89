"""What one call costs: milliseconds a text of 1 to 1,000 words, memory, and the time to the first
redacted line.

    python recipes/benchmarks/latency.py --data ../shared/data --output latency.json

Texts are cut from pii_anon's development part; each is met once before it is timed. All take turns
on one thread: `PrivateFinder` with its rules by the compiled steps and by torch, spaCy's `tok2vec`
+ `ner` (untrained: weights do not change its speed), and Presidio's recognisers of patterns on
  spaCy's blank English pipeline, where it is installed.
Milliseconds are of CPU time, so that other work on the machine counts less; the median and the 99th
percentile are over `--texts` calls. The command `seqlabel redact` is started `--starts` times:
seconds from the start to the first line, wall and CPU, and the largest resident memory (Linux).
"""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from statistics import median, quantiles
from typing import Annotated, Any

import spacy
from shared.private_finders import presidio_tool
from shared.turns import seconds
from spacy.cli.init_config import init_config  # type: ignore[import-not-found]
from spacy.training import Example
from typer import Option

from seqlabel import Labeler, PrivateFinder
from seqlabel.commands import run, write_metrics
from seqlabel.models import Arithmetic

SIZES = (1, 10, 100, 1000)
LINE = "Ann Moss wrote from ann@example.com, call +44 20 7946 0958.\n"
Call = Callable[[str], Any]


def finder(model: str, arithmetic: Arithmetic) -> Call:
    """A finder of private data with its rules."""
    found = PrivateFinder(Labeler.load(model, arithmetic=arithmetic))
    print(f"{arithmetic}: {found.labeler.inference.kind}", flush=True)
    return lambda text: list(found([text]))


def spacys() -> Call:
    """spaCy's default pipeline for entities."""
    nlp = spacy.util.load_model_from_config(
        init_config(lang="en", pipeline=["ner"]), auto_fill=True
    )
    doc = nlp.make_doc("Ann lives in Leeds .")
    gold = Example.from_dict(doc, {"entities": [(0, 3, "PERSON"), (13, 18, "GPE")]})
    nlp.initialize(lambda: [gold] * 2)
    return nlp


def start() -> tuple[float, float, float]:
    """Seconds from starting the command to its first line, its seconds of CPU, and its resident
    memory in MB.

    Python keeps what it compiles, as it does by default.
    """
    environment = {
        name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"
    }
    began = time.perf_counter()
    command = [sys.executable, "-m", "seqlabel", "redact"]
    process = subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=environment,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(LINE.encode())
    process.stdin.flush()
    assert process.stdout.readline().startswith(b"<PERSON>")
    waited = time.perf_counter() - began
    # Not `ru_maxrss`, which begins with the memory of this process.
    status = Path(f"/proc/{process.pid}/status").read_text(encoding="utf-8")
    resident = int(status.partition("VmHWM:")[2].split()[0]) / 1024
    process.stdin.close()
    _, _, usage = os.wait4(process.pid, 0)
    process.returncode = 0
    return waited, usage.ru_utime + usage.ru_stime, resident


@dataclass(frozen=True)
class Settings:
    data: Annotated[Path, Option(help="Folder that holds pii_anon.")]
    model: Annotated[str, Option(help="Folder or name of a labeler of private data.")] = "en_pii"
    texts: Annotated[int, Option(min=20, help="Texts of each size.")] = 200
    starts: Annotated[int, Option(min=1, help="Starts of the command.")] = 5
    output: Annotated[Path | None, Option(help="JSON file for the figures.")] = None


def main(settings: Settings) -> None:
    """Print what one call costs."""
    path = next(settings.data.glob("pii_anon/*dev*"))
    words = [
        word for line in path.open(encoding="utf-8") for word in json.loads(line)["text"].split()
    ]
    calls = {
        "seqlabel, compiled": finder(settings.model, Arithmetic.AUTO),
        "seqlabel, torch": finder(settings.model, Arithmetic.FLOAT32),
        "spaCy tok2vec + ner": spacys(),
    }
    if (presidio := presidio_tool(None, threshold=0.0)) is not None:
        calls["Presidio, patterns"] = lambda text: list(presidio([text]))
    figures: dict[str, dict[int, tuple[float, float]]] = {name: {} for name in calls}
    for size in SIZES:
        count = min(settings.texts, max(20, 20_000 // size))
        texts = [" ".join(words[start * size : (start + 1) * size]) for start in range(count)]
        took: dict[str, list[float]] = {name: [] for name in calls}
        for call in calls.values():
            for text in texts:
                call(text)
        for text in texts:
            for name, call in calls.items():
                took[name].append(1000 * seconds(partial(call, text)))
        for name, some in took.items():
            figures[name][size] = median(some), quantiles(some, n=100)[98]
    for name, by_size in figures.items():
        cells = "  ".join(
            f"{size:>5}: {middle:8.2f} /{worst:8.2f}" for size, (middle, worst) in by_size.items()
        )
        print(f"{name:>22}  {cells}  ms, median / 99th percentile", flush=True)
    started = [start() for _ in range(settings.starts)]
    first, busy, memory = (median(values) for values in zip(*started, strict=True))
    print(
        f"seqlabel redact: first line after {first:.2f} s; {busy:.2f} s of CPU, {memory:.0f} MB",
        flush=True,
    )
    if settings.output is not None:
        write_metrics(settings.output, {"milliseconds": figures, "start": [first, busy, memory]})


if __name__ == "__main__":
    run(main, Settings)
