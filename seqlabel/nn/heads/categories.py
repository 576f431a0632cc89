"""The head that labels whole documents by pooled states, and the votes of words added to it.

What pools states is in `layers`; what fits the votes is in `models.voting`.
Shapes: batch (documents), width, labels.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from seqlabel.documents.label_sets import LabelSet, Unit
from seqlabel.documents.tag_sets import MISSING
from seqlabel.errors import OptionError
from seqlabel.names import LateModule
from seqlabel.native.compiled import Floats
from seqlabel.nn.heads.head import Arrays, Rows, TagScores
from seqlabel.nn.heads.softmax import read
from seqlabel.nn.network_configs import Decision, check_rate
from seqlabel.text.hashing import hash_ngrams

if TYPE_CHECKING:
    from torch import Tensor, nn
    from torch.nn import functional

    from seqlabel.nn import pooling
else:
    nn, functional, pooling = map(
        LateModule, ("torch.nn", "torch.nn.functional", "seqlabel.nn.pooling")
    )

_FIRST, _SECOND = "layers.1", "layers.4"
"""The names of both linear layers in a `PooledLayer`."""


@dataclass(frozen=True)
class Pooled:
    """A label per document: a small network on pooled states, and the votes of words and word
    pairs.

    Long documents often differ in which words they have, wherever they are, and a linear model over
    word pairs learns that from few documents (Wang and Manning 2012, "Baselines and Bigrams:
    Simple, Good Sentiment and Topic Classification"). The votes of a document are divided by the
    root of the number of its n-grams, so that a long one is not surer than a short one by its
    length. The weights of votes, `votes` (buckets, labels), `bias` (labels,), and `share` (), their
    weight next to the other logits, are fitted in closed form (`models.voting`), not trained by
    gradient.

    Formula, with s the scores of a `PooledLayer` and V = `votes`::

        p(label) = softmax(s + share · (Σ V[n-gram] / √(number of n-grams) + bias))

    Args:
        units: The width of the hidden layer.
        unit_dropout: The share of values dropped in training before each linear layer.
        buckets: How many n-grams of words may vote; 0 for a head without votes.
        bptt: The number of words that are read at once in training.
        gradient_words: How many last words of each document, as each direction reads it, the
            gradient reaches at least. Of several heads of documents the first one's numbers of
            words count.

    Raises:
        OptionError: A number is out of its range.
    """

    units: int = 64
    unit_dropout: float = 0.2
    buckets: int = 1 << 20
    bptt: int = 128
    gradient_words: int = 256

    name: ClassVar[str] = "pooled"
    joint: ClassVar[bool] = False
    unit: ClassVar[Unit] = Unit.DOCUMENT
    fitted: ClassVar[bool] = True

    def __post_init__(self) -> None:
        check_rate("unit_dropout", self.unit_dropout)
        for name, least in (("units", 1), ("buckets", 0), ("bptt", 1), ("gradient_words", 1)):
            number = getattr(self, name)
            if not isinstance(number, int) or number < least:
                raise OptionError(
                    f"{name}: expected a whole number, at least {least}, got {number!r}."
                )

    def layer(self, width: int, tags: int) -> "nn.Module":
        """Build the layer that scores labels; see `Head`. It reads pooled states of that width."""
        return pooling.PooledLayer(width, tags, hidden=self.units, dropout=self.unit_dropout)

    def shapes(self, tags: int) -> Mapping[str, tuple[int, ...]]:
        """Name the weights of the votes; see `Head`."""
        if not self.buckets:
            return {}
        return {"votes": (self.buckets, tags), "bias": (tags,), "share": ()}

    def loss(
        self,
        scores: "Tensor",
        gold: "Tensor",
        lengths: "Tensor",
        tag_set: LabelSet,
        weights: "Mapping[str, Tensor]",
    ) -> "Tensor":
        """Compute the cross-entropy of gold labels (batch,) from scores (batch, labels), without
        votes; see `Head`.
        """
        wanted = gold.masked_fill(gold < 0, MISSING)
        return functional.cross_entropy(
            scores.float(), wanted, ignore_index=MISSING, reduction="sum"
        )

    def decode(
        self, scores: Floats, rows: Rows, decision: Decision, tag_set: LabelSet, weights: Arrays
    ) -> TagScores:
        """Choose the most likely label of each document; see `Head`. Rows are documents, whose
        words vote.
        """
        logits = scores
        if weights and weights["share"]:
            logits = scores + weights["share"] * self.votes(rows.words, weights)
        return read(logits / np.float32(decision.temperature), 0.0)

    def votes(self, documents: Sequence[Sequence[str]], weights: Arrays) -> Floats:
        """Sum up the votes of the words and word pairs of documents.

        Args:
            documents: The words of each document.
            weights: The weights that `shapes` names.

        Returns:
            Votes (documents, labels), not yet multiplied by `share`.

        Raises:
            DataError: A word is empty.
        """
        summed = np.empty((len(documents), len(weights["bias"])), np.float32)
        for row, words in zip(summed, documents, strict=True):
            ids = hash_ngrams(words, self.buckets)
            row[:] = weights["votes"][ids].sum(axis=0) / max(len(ids), 1) ** 0.5 + weights["bias"]
        return summed

    def layer_shapes(self, width: int, tags: int) -> Mapping[str, tuple[int, ...]]:
        """Name the weights of the layer; see `CompiledDocumentHead`."""
        return {
            "mean": (width,),
            "spread": (width,),
            f"{_FIRST}.weight": (self.units, width),
            f"{_FIRST}.bias": (self.units,),
            f"{_SECOND}.weight": (tags, self.units),
            f"{_SECOND}.bias": (tags,),
        }

    def scores(self, pooled: Floats, layer: Arrays) -> Floats:
        """Score the labels of documents; see `CompiledDocumentHead`."""
        standard = (pooled - layer["mean"]) / layer["spread"]
        hidden = np.maximum(standard @ layer[f"{_FIRST}.weight"].T + layer[f"{_FIRST}.bias"], 0)
        scores: Floats = hidden @ layer[f"{_SECOND}.weight"].T + layer[f"{_SECOND}.bias"]
        return scores
