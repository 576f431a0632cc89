"""The head that labels whole documents by pooled states, and the votes of words beside it.

Shapes: batch, width, labels.
"""

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from seqlabel.nn.network_configs import check_rate

_LEAST_SPREAD = 0.02
"""Of a unit's pooled states, which are between -1 and 1."""


class DocumentHead(nn.Module):
    """A label for a whole document, from pooled states: each standardised, a small hidden layer, the labels.

    The form is that of Howard and Ruder (2018), who pool the last, the largest and the mean state and normalise them by
    batch. Here mean and spread are measured once (`standardise`): documents differ from each other by a third of what
    the units differ, and a head that does not know each unit's own mean learns almost nothing from a few hundred steps.

    Args:
        width: The width of the pooled states.
        labels: The number of labels.
        hidden: The width of the hidden layer.
        dropout: The share of values dropped in training before each linear layer.

    Raises:
        OptionError: `dropout` is outside [0, 1).
    """

    mean: Tensor
    spread: Tensor

    def __init__(self, width: int, labels: int, *, hidden: int = 64, dropout: float = 0.2) -> None:
        super().__init__()
        self.register_buffer("mean", torch.zeros(width))
        self.register_buffer("spread", torch.ones(width))
        self.layers = nn.Sequential(
            nn.Dropout(check_rate("dropout", dropout)),
            nn.Linear(width, hidden),
            nn.ReLU(),
            nn.Dropout(dropout),
            nn.Linear(hidden, labels),
        )

    def standardise(self, pooled: Tensor) -> None:
        """Measure the mean and the spread of pooled states, which are taken off and divided by from now on.

        Args:
            pooled: The pooled states of some documents, (documents, width).
        """
        self.mean.copy_(pooled.mean(dim=0))
        # A unit that hardly moves would otherwise shout at the first document in which it does.
        self.spread.copy_(pooled.std(dim=0, correction=0).clamp_min(_LEAST_SPREAD))

    def forward(self, pooled: Tensor) -> Tensor:
        """Score the labels of documents.

        Args:
            pooled: Pooled states, (batch, width).

        Returns:
            Logits (batch, labels).
        """
        logits: Tensor = self.layers((pooled - self.mean) / self.spread)
        return logits


class WordVotes(nn.Module):
    """Votes of a document's words and word pairs for labels: a linear model beside the recurrent one.

    Long documents are often told apart by which words they have, wherever they stand, and a linear model over word
    pairs learns that from few documents (Wang and Manning 2012, NBSVM). The votes of a document are divided by the root
    of the number of its n-grams, so that a long one is not surer than a short one by its length. `weights`
    (buckets, labels), `bias` (labels,) and `share` (), the votes' weight beside the other logits, are fitted, not
    trained by gradient; all begin at 0.

    Args:
        buckets: The number of ids of n-grams.
        labels: The number of labels.
    """

    weights: Tensor
    bias: Tensor
    share: Tensor

    def __init__(self, buckets: int, labels: int) -> None:
        super().__init__()
        self.register_buffer("weights", torch.zeros(buckets, labels))
        self.register_buffer("bias", torch.zeros(labels))
        self.register_buffer("share", torch.zeros(()))

    def forward(self, ngrams: Sequence[Tensor]) -> Tensor:
        """Sum up the votes of each document.

        Args:
            ngrams: Ids of the n-grams of each document, each (n-grams,).

        Returns:
            Votes (batch, labels), not yet multiplied by `share`.
        """
        return torch.stack([self.weights[ids].sum(dim=0) / max(len(ids), 1) ** 0.5 + self.bias for ids in ngrams])
