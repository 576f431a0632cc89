"""Looking at a model and at a batch, as text: shapes and parameters of each layer, and rows as
words.
"""

from typing import Any

import torch
from torch import Tensor, nn

from seqlabel.batches.language import IGNORED, LanguageModelBatch
from seqlabel.io.markup import table_lines
from seqlabel.nn.layers import VariationalDropout, evaluating
from seqlabel.text.vocabulary import Vocabulary

_HEADER = ("layer", "kind", "output", "dtype", "parameters")


@torch.no_grad()
def summary(model: nn.Module, batch: LanguageModelBatch) -> str:
    """List of the layers that have parameters or dropout, in the order in which they run on a
    batch.

    Each row gives the layer's name and kind, the shape and dtype of its output, and its own
    parameters; a weight that two layers share (tied) is counted where it is met first.

    Args:
        model: The model, which is run once in evaluation mode.
        batch: The batch that it is run on.

    Returns:
        The table, to be printed; above it the model's class, its parameters and the shape of its
        input.
    """
    rows: list[tuple[str, str, str, str, str]] = []
    counted: set[int] = set()

    def watch(name: str, layer: nn.Module) -> Any:
        def after(_: nn.Module, __: Any, output: Any) -> None:
            first = output
            while isinstance(first, tuple):
                first = first[0]
            own = list(layer.parameters(recurse=False))
            new = [weight for weight in own if id(weight) not in counted]
            counted.update(id(weight) for weight in new)
            shared = "" if len(new) == len(own) else " (shared)"
            size = f"{sum(weight.numel() for weight in new):,}{shared}"
            shape = " × ".join(map(str, first.shape))
            rows.append(
                (name, type(layer).__name__, shape, str(first.dtype).removeprefix("torch."), size)
            )

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
    return "\n".join([title, *table_lines(_HEADER, rows)])


def show_batch(
    batch: LanguageModelBatch, vocabulary: Vocabulary, *, rows: int = 5, words: int = 12
) -> str:
    """Show the first rows of a batch as text: what is read, and below it what is to be predicted.

    Args:
        batch: The batch (batch, time).
        vocabulary: The words of its ids.
        rows: The highest number of rows to show.
        words: The highest number of words of a row to show.

    Returns:
        Two lines for each row, to be printed: `·` for a place without a prediction, `…` at the end
        of a longer row.
    """

    def shown(ids: Tensor) -> list[str]:
        numbers = ids[:words].tolist()
        return ["·" if number == IGNORED else vocabulary.word(number) for number in numbers]

    more = "…" if batch.inputs.shape[1] > words else ""
    lines: list[str] = []
    for number, (inputs, targets) in enumerate(
        zip(batch.inputs[:rows], batch.targets[:rows], strict=True)
    ):
        input_cells = shown(inputs)
        target_cells = shown(targets)
        widths = [max(map(len, pair)) for pair in zip(input_cells, target_cells, strict=True)]
        for name, cells in (("x", input_cells), ("y", target_cells)):
            columns = " ".join([*map(str.ljust, cells, widths), more])
            lines.append(f"row {number} {name}  {columns}".rstrip())
    more_rows = len(batch.inputs) - rows
    if more_rows > 0:
        lines.append(f"… {more_rows} more rows")
    return "\n".join(lines)
