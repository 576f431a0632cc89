"""Looking at a model and at a batch: shapes and parameters of each layer, rows as words; for terminal and notebook."""

from dataclasses import dataclass
from html import escape
from typing import Any

import torch
from torch import nn

from seqlabel.batches.language import IGNORED, LanguageModelBatch
from seqlabel.io.markup import table_html, table_lines
from seqlabel.nn.layers import VariationalDropout, evaluating
from seqlabel.text.vocabulary import Vocabulary

_HEADER = ("layer", "kind", "output", "dtype", "parameters")


@dataclass(frozen=True)
class Summary:
    """The layers of a model; `print` shows them as a table, a notebook as an HTML table.

    Args:
        title: The model's class, its parameters and the shape of its input.
        rows: A layer's name, kind, output shape, dtype and own parameters.
    """

    title: str
    rows: tuple[tuple[str, str, str, str, str], ...]

    def __str__(self) -> str:
        return "\n".join([self.title, *table_lines(_HEADER, self.rows)])

    __repr__ = __str__

    def _repr_html_(self) -> str:
        return table_html(_HEADER, self.rows, caption=self.title)


@dataclass(frozen=True)
class BatchView:
    """The first rows of a batch; `print` shows them as lines, a notebook as a table.

    Args:
        rows: Of each row the words that are read, and below them the words to predict, `·` where there is none; each
            line begins with its name, such as `row 0 x`, and ends in `…` where the row goes on.
        left_out: The number of rows that are not shown.
    """

    rows: tuple[tuple[str, ...], ...]
    left_out: int

    def __str__(self) -> str:
        lines = []
        for pair in zip(self.rows[::2], self.rows[1::2], strict=True):
            widths = [max(map(len, cells)) for cells in zip(*pair, strict=True)]
            lines += [f"{name}  {' '.join(map(str.ljust, cells, widths[1:]))}".rstrip() for name, *cells in pair]
        return "\n".join([*lines, *self._rest()])

    __repr__ = __str__

    def _repr_html_(self) -> str:
        lines = ("".join(f'<td style="padding:.1em .4em">{escape(cell)}</td>' for cell in row) for row in self.rows)
        return f"<table>{''.join(f'<tr>{line}</tr>' for line in lines)}</table>{''.join(self._rest())}"

    def _rest(self) -> list[str]:
        return [f"… {self.left_out} more rows"] if self.left_out else []


@torch.no_grad()
def summary(model: nn.Module, batch: LanguageModelBatch) -> Summary:
    """List of the layers that have parameters or dropout, in the order in which they run on a batch.

    Each row gives the layer's name and kind, the shape and dtype of its output, and its own parameters; a weight that
    two layers share (tied) is counted where it is met first.

    Args:
        model: The model, which is run once in evaluation mode.
        batch: The batch that it is run on.

    Returns:
        The table, for `print` and for a notebook.
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
    return Summary(title, tuple(rows))


def show_batch(batch: LanguageModelBatch, vocabulary: Vocabulary, *, rows: int = 5, words: int = 12) -> BatchView:
    """Show the first rows of a batch as text: what is read, and below it what is to be predicted.

    Args:
        batch: The batch (batch, time).
        vocabulary: The words of its ids.
        rows: The highest number of rows to show.
        words: The highest number of words of a row to show.

    Returns:
        The rows, for `print` and for a notebook.
    """
    count = min(rows, len(batch.inputs))
    more = "…" if batch.inputs.shape[1] > words else ""
    shown = [
        (f"row {number} {name}", *("·" if one == IGNORED else vocabulary.word(one) for one in ids.tolist()), more)
        for number in range(count)
        for name, ids in (("x", batch.inputs[number][:words]), ("y", batch.targets[number][:words]))
    ]
    return BatchView(tuple(shown), len(batch.inputs) - count)
