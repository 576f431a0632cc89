"""Looking at a model and at a batch, as text: shapes and parameters of each layer, rows as words."""

from collections.abc import Iterator
from typing import Any

import torch
from torch import Tensor, nn

from seqlabel.batches.language import IGNORED, LanguageModelBatch
from seqlabel.nn.layers import VariationalDropout, evaluating
from seqlabel.text.vocabulary import Vocabulary


@torch.no_grad()
def summary(model: nn.Module, batch: LanguageModelBatch) -> str:
    """Write a table of the layers that have parameters or dropout, in the order in which they run on a batch.

    Each row gives the layer's name and kind, the shape and dtype of its output, and its own parameters; a weight that
    two layers share (tied) is counted where it is met first.

    Args:
        model: The model, which is run once in evaluation mode.
        batch: The batch that it is run on.

    Returns:
        The table, several lines.
    """
    rows: list[tuple[str, str, str, str, str]] = []
    counted: set[int] = set()

    def watch(name: str, layer: nn.Module) -> Any:
        def after(_: nn.Module, __: Any, output: Any) -> None:
            first = next(_tensors(output))
            own = list(layer.parameters(recurse=False))
            new = [weight for weight in own if id(weight) not in counted]
            counted.update(id(weight) for weight in new)
            shared = "" if len(new) == len(own) else " (shared)"
            size = f"{sum(weight.numel() for weight in new):,}{shared}"
            shape = " × ".join(map(str, first.shape))
            rows.append((name, type(layer).__name__, shape, str(first.dtype).removeprefix("torch."), size))

        return layer.register_forward_hook(after)

    dropouts = (nn.Dropout, VariationalDropout)
    hooks = [
        watch(name, layer)
        for name, layer in model.named_modules()
        if list(layer.parameters(recurse=False)) or isinstance(layer, dropouts)
    ]
    try:
        with evaluating(model):
            model(batch.inputs.to(next(model.parameters()).device), None)
    finally:
        for hook in hooks:
            hook.remove()
    total = sum(weight.numel() for weight in model.parameters())
    inputs = " × ".join(map(str, batch.inputs.shape))
    title = f"{type(model).__name__}: {total:,} parameters; input {inputs} (batch × time)"
    header = ("layer", "kind", "output", "dtype", "parameters")
    return "\n".join([title, *_columns([header, *rows])])


def show_batch(batch: LanguageModelBatch, vocabulary: Vocabulary, *, rows: int = 5, words: int = 12) -> str:
    """Write the first rows of a batch as text: what is read, and below it what is to be predicted.

    Args:
        batch: The batch (batch, time).
        vocabulary: The words of its ids.
        rows: The highest number of rows to write.
        words: The highest number of words of a row to write.

    Returns:
        The text, two lines for each row.
    """
    shown = []
    for number in range(min(rows, len(batch.inputs))):
        read = [vocabulary.word(int(index)) for index in batch.inputs[number][:words]]
        wanted = [
            "·" if int(index) == IGNORED else vocabulary.word(int(index)) for index in batch.targets[number][:words]
        ]
        more = "…" if batch.inputs.shape[1] > words else ""
        widths = [max(len(a), len(b)) for a, b in zip(read, wanted, strict=True)]
        for label, line in (("x", read), ("y", wanted)):
            cells = " ".join(word.ljust(width) for word, width in zip(line, widths, strict=True))
            shown.append(f"row {number} {label}  {cells} {more}".rstrip())
    if len(batch.inputs) > rows:
        shown.append(f"… {len(batch.inputs) - rows} more rows")
    return "\n".join(shown)


def _tensors(output: Any) -> Iterator[Tensor]:
    if isinstance(output, Tensor):
        yield output
    elif isinstance(output, tuple):
        for part in output:
            yield from _tensors(part)


def _columns(rows: list[tuple[str, ...]]) -> list[str]:
    """Rows of cells as lines, each column as wide as its widest cell, the last one to the right."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    *_, last = widths
    return [
        "  ".join([*(cell.ljust(width) for cell, width in zip(row, widths[:-1], strict=False)), row[-1].rjust(last)])
        for row in rows
    ]
