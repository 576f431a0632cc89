"""Draw the losses of the rate finder on the page about training, for the GRU of the base task; takes ten seconds.

    python docs/tools/draw_rates.py

Writes docs/images/rates.svg: the mean training loss of one epoch at each of seven highest rates.
"""

from copy import deepcopy
from pathlib import Path

import matplotlib as mpl
import torch
from matplotlib.figure import Figure

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
from seqlabel.lesson.counting_configs import human_numbers_config

RATES = (1e-4, 3e-4, 1e-3, 3e-3, 1e-2, 3e-2, 1e-1)
PICTURE = Path(__file__).parents[1] / "images" / "rates.svg"


def losses_of(rates: tuple[float, ...]) -> list[float]:
    """Return the training loss of one epoch at each rate."""
    vocabulary = human_numbers.vocabulary()
    torch.manual_seed(0)
    model = LanguageModel(human_numbers_config(len(vocabulary)), vocabulary)
    tokens = TokenArray(vocabulary.encode(human_numbers.train_words()))
    train = LanguageModelStream(tokens, batch_size=64, bptt=20)
    losses: list[float] = []
    for rate in rates:
        options = TrainingOptions(epochs=1, schedule=OneCycle(max_lr=rate), max_grad_norm=1.0, device="cpu")
        (report,) = fit(deepcopy(model.module), train, options=options, display=Display.SILENT)
        losses.append(report.train_loss)
    return losses


def draw(rates: tuple[float, ...], losses: list[float], path: Path) -> None:
    """Draw losses by rate, and mark the lowest one and the rate that is taken."""
    best = rates[losses.index(min(losses))]
    # Text stays text, and names in the file do not change from run to run.
    mpl.rcParams.update({"svg.fonttype": "none", "svg.hashsalt": "rates", "font.family": "sans-serif"})
    figure = Figure(figsize=(6, 3), layout="constrained")
    axes = figure.subplots()
    axes.plot(rates, losses, marker="o", color="#1971c2")
    axes.axvline(best / 3, color="#d9480f", linestyle="--")
    label = f"taken: {best / 3:.0e}"
    axes.annotate(label, (best / 3, max(losses)), xytext=(-4, -4), textcoords="offset points", ha="right")
    axes.set_xscale("log")
    axes.set_xlabel("highest learning rate")
    axes.set_ylabel("training loss, nats")
    axes.spines[["top", "right"]].set_visible(False)
    figure.savefig(path, metadata={"Date": None})


if __name__ == "__main__":
    draw(RATES, losses_of(RATES), PICTURE)
