"""Output layers: what is said about each hidden state; the state itself comes from `encoders`.

Shapes: batch, time, width, vocabulary.
"""

from collections.abc import Sequence
from itertools import pairwise

import torch
from torch import Tensor, nn
from torch.nn import functional

from seqlabel.errors import OptionError


class LanguageModelHead(nn.Module):
    """Scores of every word of the vocabulary as the next one, after a layer normalisation (Ba et al. 2016).

    Without the normalisation the base task's ten epochs end at .57 to .80 instead of .83 to .86, depending on the seed.
    With a `table` the output weights are the embedding table's (tied; Press and Wolf 2017, Inan et al. 2017), whose
    width must then be the hidden states'. Raises `OptionError` otherwise.
    """

    def __init__(self, width: int, vocabulary: int, *, table: nn.Embedding | None = None) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(width)
        self.output = nn.Linear(width, vocabulary)
        nn.init.zeros_(self.output.bias)
        if table is not None:
            if table.weight.shape != self.output.weight.shape:
                raise OptionError(
                    f"tied: found an embedding of {tuple(table.weight.shape)} and an output layer of "
                    f"{tuple(self.output.weight.shape)}; make the embedding as wide as the hidden state, or do not tie"
                )
            self.output.weight = table.weight

    def forward(self, hidden: Tensor) -> Tensor:
        """Logits (batch, time, vocabulary) of hidden states (batch, time, width)."""
        logits: Tensor = self.output(self.norm(hidden))
        return logits


class AdaptiveSoftmaxHead(nn.Module):
    """Next-word probabilities over a large vocabulary, sorted by frequency (Grave et al. 2017, adaptive softmax).

    Ids below `cutoffs[0]` are scored directly; each further class of ids, between two cutoffs, has one score in the
    first layer and its own layer, of a width that falls by four from class to class. Raises `OptionError` unless the
    cutoffs rise and lie between 0 and `vocabulary`.
    """

    def __init__(self, width: int, vocabulary: int, *, cutoffs: Sequence[int]) -> None:
        super().__init__()
        bounds = [*cutoffs, vocabulary]
        if not cutoffs or any(low >= high for low, high in zip([0, *cutoffs], bounds, strict=True)):
            raise OptionError(f"cutoffs: found {list(cutoffs)}; they rise, between 0 and the vocabulary's {vocabulary}")
        self.bounds = bounds
        self.norm = nn.LayerNorm(width)
        self.first = nn.Linear(width, cutoffs[0] + len(cutoffs))
        self.classes = nn.ModuleList()
        for number, (low, high) in enumerate(pairwise(bounds), 1):
            narrow = max(width // 4**number, 8)
            self.classes.append(nn.Sequential(nn.Linear(width, narrow, bias=False), nn.Linear(narrow, high - low)))

    def loss(self, hidden: Tensor, targets: Tensor) -> Tensor:
        """Summed cross-entropy in nats of targets (words,), for hidden states (words, width)."""
        hidden = self.norm(hidden)
        first = targets.clone()
        total = hidden.new_zeros((), dtype=torch.float32)
        for number, (low, high) in enumerate(pairwise(self.bounds)):
            inside = ((targets >= low) & (targets < high)).nonzero().squeeze(1)
            first[inside] = self.bounds[0] + number
            scores = self.classes[number](hidden[inside])
            total = total + functional.cross_entropy(scores.float(), targets[inside] - low, reduction="sum")
        return total + functional.cross_entropy(self.first(hidden).float(), first, reduction="sum")

    def forward(self, hidden: Tensor) -> Tensor:
        """Log-probabilities (batch, time, vocabulary) of hidden states (batch, time, width)."""
        hidden = self.norm(hidden)
        first = self.first(hidden).log_softmax(dim=-1)
        parts = [first[..., : self.bounds[0]]]
        for number, layer in enumerate(self.classes):
            parts.append(first[..., self.bounds[0] + number, None] + layer(hidden).log_softmax(dim=-1))
        return torch.cat(parts, dim=-1)
