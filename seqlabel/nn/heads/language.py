"""Heads that predict the next word: over a small vocabulary, and over a large one in classes
(adaptive softmax).

Shapes: batch, time, width, vocabulary.
"""

from collections.abc import Sequence
from itertools import pairwise
from typing import Any, cast

import torch
from torch import Tensor, nn
from torch.autograd.function import once_differentiable
from torch.nn import functional

from seqlabel.errors import OptionError
from seqlabel.nn.moving import moved
from seqlabel.nn.products import Linear

_ROWS = 128
"""Rows whose numbers stay in a processor's cache from one operation to the next."""


def summed_cross_entropy(scores: Tensor, targets: Tensor) -> Tensor:
    """Sum up the cross-entropy of words.

    The gradient is known as soon as the probabilities are, and is kept instead of them, in the
    scores' own type. Torch computes in 32 bits from copies of all scores, twice the exponentials,
    and keeps both: on a CPU that takes almost twice as long.

    Args:
        scores: Scores, (words, classes).
        targets: The right class of each word, (words,).

    Returns:
        The sum in nats, (), float32.
    """
    # In float16 small gradients survive only after the loss was scaled, which is later.
    exact = scores.dtype is torch.float16
    if scores.device.type != "cpu" or not torch.is_grad_enabled() or exact:
        return functional.cross_entropy(scores.float(), targets, reduction="sum")
    apply: Any = _CrossEntropy.apply  # Some releases of torch give it a type, others none.
    return cast(Tensor, apply(scores, targets))


class _CrossEntropy(torch.autograd.Function):
    @staticmethod
    def forward(context: Any, scores: Tensor, targets: Tensor) -> Tensor:
        gradient = torch.empty_like(scores)
        total = torch.zeros(())
        for start in range(0, len(scores), _ROWS):
            rows = slice(start, start + _ROWS)
            part = scores[rows]
            right = targets[rows, None]
            chances = part.softmax(dim=1, dtype=torch.float32)
            # Of the right class, from that of the most likely one: its own chance may be too small
            # for a number.
            above = part.gather(1, right).float() - part.amax(dim=1, keepdim=True).float()
            total -= (above + chances.amax(dim=1, keepdim=True).log()).sum()
            chances.scatter_add_(1, right, chances.new_full(right.shape, -1.0))
            gradient[rows] = chances
        context.save_for_backward(gradient)
        return total

    @staticmethod
    @once_differentiable
    def backward(context: Any, incoming: Tensor) -> tuple[Tensor, None]:
        (gradient,) = context.saved_tensors
        return gradient * incoming, None


class LanguageModelHead(nn.Module):
    """Scores of every word of the vocabulary as the next one, after a layer normalization (Ba,
    Kiros and Hinton 2016, "Layer Normalization").

    Formula::

        s = W norm(h) + b,  W (vocabulary, width), the embedding table itself where it is tied

    Without the normalisation the base task's ten epochs end at .57 to .80 instead of .83 to .86,
    depending on the seed.

    Args:
        width: The width of the hidden states.
        vocabulary: The number of words.
        table: An embedding table, of the shape (vocabulary, width), whose weights are the output
            weights too (tied; Press and Wolf 2017, "Using the Output Embedding to Improve Language
            Models"; Inan, Khosravi and Socher 2017, "Tying Word Vectors and Word Classifiers");
            None for weights of its own.

    Raises:
        OptionError: The table has another shape.
    """

    def __init__(self, width: int, vocabulary: int, *, table: nn.Embedding | None = None) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(width)
        self.output = Linear(width, vocabulary)
        nn.init.zeros_(self.output.bias)
        if table is not None:
            if table.weight.shape != self.output.weight.shape:
                raise OptionError(
                    "tied: expected an embedding of the output layer's shape, "
                    f"{tuple(self.output.weight.shape)}, got {tuple(table.weight.shape)}. Make the "
                    "embedding as wide as the hidden state, or do not tie."
                )
            self.output.weight = table.weight

    def forward(self, hidden: Tensor) -> Tensor:
        """Score the words of the vocabulary.

        Args:
            hidden: Hidden states, (batch, time, width).

        Returns:
            Logits (batch, time, vocabulary).
        """
        logits: Tensor = self.output(self.norm(hidden))
        return logits


class AdaptiveSoftmaxHead(nn.Module):
    """Next-word probabilities over a large vocabulary, sorted by frequency (Grave, Joulin, Cissé,
    Grangier and Jégou 2017, "Efficient Softmax Approximation for GPUs").

    Ids below `cutoffs[0]` are scored directly; each further class of ids, between two cutoffs, has
    one score in the first layer and its own layer, of a width that falls by four from class to
    class.

    Formula::

        p(w) = softmax(W norm(h) + b)[w]                              for w < cutoffs[0]
        p(w) = softmax(W norm(h) + b)[k] · softmax(Vₖ Uₖ norm(h) + dₖ)[w]    for w in class k

    W (cutoffs[0] + classes, width), Uₖ (narrow, width), Vₖ (words of the class, narrow), where
    narrow is width / 4ᵏ, at least 8.

    Args:
        width: The width of the hidden states.
        vocabulary: The number of words.
        cutoffs: The first id of each further class; they rise, between 0 and `vocabulary`.

    Raises:
        OptionError: There are no cutoffs, or they do not rise between 0 and `vocabulary`.
    """

    def __init__(self, width: int, vocabulary: int, *, cutoffs: Sequence[int]) -> None:
        super().__init__()
        bounds = [*cutoffs, vocabulary]
        if not cutoffs or any(low >= high for low, high in zip([0, *cutoffs], bounds, strict=True)):
            raise OptionError(
                f"cutoffs: expected rising numbers between 0 and the vocabulary's {vocabulary}, "
                f"got {list(cutoffs)}."
            )
        self.bounds = bounds
        self.norm = nn.LayerNorm(width)
        self.first = Linear(width, cutoffs[0] + len(cutoffs))
        self.classes = nn.ModuleList()
        for number, (low, high) in enumerate(pairwise(bounds), 1):
            narrow = max(width // 4**number, 8)
            self.classes.append(
                nn.Sequential(Linear(width, narrow, bias=False), Linear(narrow, high - low))
            )

    def loss(self, hidden: Tensor, targets: Tensor) -> Tensor:
        """Compute the cross-entropy of the words that come next.

        Args:
            hidden: Hidden states, (words, width).
            targets: The ids to predict, (words,), none negative; best on the CPU, where the words
                of each class are found: the CPU would wait for a GPU that finds them.

        Returns:
            The sum over all words, in nats, ().
        """
        device = hidden.device
        hidden = self.norm(hidden)
        targets = targets.cpu()
        first = targets.clone()
        total = hidden.new_zeros((), dtype=torch.float32)
        for number, (low, high) in enumerate(pairwise(self.bounds)):
            inside = ((targets >= low) & (targets < high)).nonzero().squeeze(1)
            first[inside] = self.bounds[0] + number
            scores = self.classes[number](hidden[moved(inside, device)])
            total = total + summed_cross_entropy(scores, moved(targets[inside] - low, device))
        return total + summed_cross_entropy(self.first(hidden), moved(first, device))

    def forward(self, hidden: Tensor) -> Tensor:
        """Give each word of the vocabulary its probability of being the next one.

        Args:
            hidden: Hidden states, (batch, time, width).

        Returns:
            Log-probabilities (batch, time, vocabulary).
        """
        hidden = self.norm(hidden)
        first = self.first(hidden).log_softmax(dim=-1)
        parts = [first[..., : self.bounds[0]]]
        for number, layer in enumerate(self.classes):
            parts.append(
                first[..., self.bounds[0] + number, None] + layer(hidden).log_softmax(dim=-1)
            )
        return torch.cat(parts, dim=-1)
