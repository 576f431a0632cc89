"""The softmax head: a tag for each word, each word by itself; heads that choose a row's tags
together are in `crf`.

Shapes: batch, time, words (of all rows together, row after row), width, tags.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from seqlabel.documents.label_sets import LabelSet
from seqlabel.documents.tag_sets import MISSING
from seqlabel.errors import OptionError
from seqlabel.names import LateModule
from seqlabel.native.compiled import Floats, Integers, Linear, best_of_softmax
from seqlabel.nn.heads.head import Arrays, Rows, TagScores
from seqlabel.nn.network_configs import Decision, check_rate

if TYPE_CHECKING:
    import torch
    from torch import Tensor, nn
    from torch.nn import functional

    from seqlabel.nn import products
else:
    names = ("torch", "torch.nn", "torch.nn.functional", "seqlabel.nn.products")
    torch, nn, functional, products = map(LateModule, names)


@dataclass(frozen=True)
class Softmax:
    """A tag for each word by itself, learned by cross-entropy (Bridle 1990, "Probabilistic
    Interpretation of Feedforward Classification Network Outputs").

    Formula::

        p(tag | h) = softmax(W h + b),  loss = -log p(gold tag | h),  W (tags, width)

    Args:
        label_smoothing: The share of an even distribution that is mixed into the gold tag in
            training (Szegedy, Vanhoucke, Ioffe, Shlens and Wojna 2016, "Rethinking the Inception
            Architecture for Computer Vision").
        class_weights: The weight of each gold tag's loss, one for each tag; None for 1 each.

    Raises:
        OptionError: A number is out of its range.
    """

    label_smoothing: float = 0.0
    class_weights: tuple[float, ...] | None = None

    name: ClassVar[str] = "softmax"
    joint: ClassVar[bool] = False

    def __post_init__(self) -> None:
        check_rate("label_smoothing", self.label_smoothing)
        wrong = [weight for weight in self.class_weights or () if not 0 <= weight < math.inf]
        if wrong:
            raise OptionError(f"class_weights: expected numbers of at least 0, got {wrong[0]!r}.")

    def outputs(self, tags: int) -> int:
        """Count the tags; see `CompiledHead`."""
        return tags

    def layer(self, width: int, tags: int) -> "nn.Module":
        """Build a linear layer; see `Head`."""
        return products.Linear(width, tags)

    def shapes(self, tags: int) -> Mapping[str, tuple[int, ...]]:
        """Name no weights; see `Head`."""
        if self.class_weights is not None and len(self.class_weights) != tags:
            raise OptionError(
                f"class_weights: expected {tags}, one for each tag, got {len(self.class_weights)}."
            )
        return {}

    def loss(
        self,
        scores: "Tensor",
        gold: "Tensor",
        lengths: "Tensor",
        tag_set: LabelSet,
        weights: "Mapping[str, Tensor]",
    ) -> "Tensor":
        """Compute the cross-entropy of gold tags; see `Head`."""
        by_class = (
            None
            if self.class_weights is None
            else torch.tensor(self.class_weights, device=scores.device)
        )
        return functional.cross_entropy(
            scores.float().flatten(0, 1),
            gold.masked_fill(gold < 0, MISSING).flatten(),
            weight=by_class,
            ignore_index=MISSING,
            label_smoothing=self.label_smoothing,
            reduction="sum",
        )

    def decode(
        self, scores: Floats, rows: Rows, decision: Decision, tag_set: LabelSet, weights: Arrays
    ) -> TagScores:
        """Choose the most likely tag of each word; see `Head`."""
        return read(scores / np.float32(decision.temperature), decision.threshold_offset)

    def best(
        self,
        states: Floats,
        layer: Linear,
        rows: Rows,
        decision: Decision,
        tag_set: LabelSet,
        weights: Arrays,
    ) -> tuple[Integers, Floats]:
        """Choose the most likely tag of each word; see `CompiledHead`."""
        return best_of_softmax(
            states, layer, temperature=decision.temperature, offset=decision.threshold_offset
        )

    def exported(self, tag_set: LabelSet, weights: Arrays) -> None:
        """Give nothing; see `CompiledHead`."""


def read(logits: Floats, threshold_offset: float) -> TagScores:
    """Choose the most likely tag of each word.

    Args:
        logits: Scores, already divided by the temperature, (words, tags).
        threshold_offset: Nats subtracted from the score of the first tag before tags are chosen.

    Returns:
        The tags, and the probabilities of all tags, from which nothing is subtracted.
    """
    shares = np.exp(logits - logits.max(axis=1, keepdims=True))
    shares /= shares.sum(axis=1, keepdims=True)
    if not threshold_offset:
        return TagScores(logits.argmax(axis=1), shares)
    moved = logits.copy()
    moved[:, 0] -= np.float32(threshold_offset)
    return TagScores(moved.argmax(axis=1), shares)
