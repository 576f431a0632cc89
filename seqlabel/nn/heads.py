"""Output layers: what is said about each hidden state; the state itself comes from `encoders`.

Shapes: batch, time, width, vocabulary, tags. `lengths` (batch,) are the words of each row, at least 1; the rest of a
row is padding. Gold tags below 0 are not known and give no gradient.
"""

from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional

from seqlabel.errors import OptionError
from seqlabel.nn.configs import PLAIN, Decision, check_rate
from seqlabel.nn.crf import ConditionalRandomField
from seqlabel.nn.cross_entropy import summed_cross_entropy
from seqlabel.nn.packing import PackedRows

_LEAST_SPREAD = 0.02
"""Of a unit's pooled states, which are between -1 and 1."""


class LanguageModelHead(nn.Module):
    """Scores of every word of the vocabulary as the next one, after a layer normalisation (Ba et al. 2016).

    Without the normalisation the base task's ten epochs end at .57 to .80 instead of .83 to .86, depending on the seed.

    Args:
        width: The width of the hidden states.
        vocabulary: The number of words.
        table: An embedding table, of the shape (vocabulary, width), whose weights are the output weights too (tied;
            Press and Wolf 2017, Inan et al. 2017); None for weights of its own.

    Raises:
        OptionError: The table has another shape.
    """

    def __init__(self, width: int, vocabulary: int, *, table: nn.Embedding | None = None) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(width)
        self.output = nn.Linear(width, vocabulary)
        nn.init.zeros_(self.output.bias)
        if table is not None:
            if table.weight.shape != self.output.weight.shape:
                raise OptionError(
                    f"tied: Found an embedding of {tuple(table.weight.shape)} and an output layer of "
                    f"{tuple(self.output.weight.shape)}. Make the embedding as wide as the hidden state, or do not tie."
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
    """Next-word probabilities over a large vocabulary, sorted by frequency (Grave et al. 2017, adaptive softmax).

    Ids below `cutoffs[0]` are scored directly; each further class of ids, between two cutoffs, has one score in the
    first layer and its own layer, of a width that falls by four from class to class.

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
                f"cutoffs: Found {list(cutoffs)}. They rise, between 0 and the vocabulary's {vocabulary}."
            )
        self.bounds = bounds
        self.norm = nn.LayerNorm(width)
        self.first = nn.Linear(width, cutoffs[0] + len(cutoffs))
        self.classes = nn.ModuleList()
        for number, (low, high) in enumerate(pairwise(bounds), 1):
            narrow = max(width // 4**number, 8)
            self.classes.append(nn.Sequential(nn.Linear(width, narrow, bias=False), nn.Linear(narrow, high - low)))

    def loss(self, hidden: Tensor, targets: Tensor) -> Tensor:
        """Compute the cross-entropy of the words that come next.

        Args:
            hidden: Hidden states, (words, width).
            targets: The ids to predict, (words,), none negative.

        Returns:
            The sum over all words, in nats, ().
        """
        hidden = self.norm(hidden)
        first = targets.clone()
        total = hidden.new_zeros((), dtype=torch.float32)
        for number, (low, high) in enumerate(pairwise(self.bounds)):
            inside = ((targets >= low) & (targets < high)).nonzero().squeeze(1)
            first[inside] = self.bounds[0] + number
            scores = self.classes[number](hidden[inside])
            total = total + summed_cross_entropy(scores, targets[inside] - low)
        return total + summed_cross_entropy(self.first(hidden), first)

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
            parts.append(first[..., self.bounds[0] + number, None] + layer(hidden).log_softmax(dim=-1))
        return torch.cat(parts, dim=-1)


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


class TagScores(NamedTuple):
    """The best tags (words,), int64, and every tag's probability (words, tags), of the words of all rows, in order.

    Of a padded batch (batch, time) and (batch, time, tags); padding has no meaning.
    """

    tags: Tensor
    probabilities: Tensor


class SoftmaxTagHead(nn.Module):
    """A tag for each word, each word on its own.

    Args:
        width: The width of the hidden states.
        tags: The number of tags.
        class_weights: The weight of each gold tag's loss, (tags,); None for 1 each.
        label_smoothing: The share of an even distribution that is mixed into the gold tag in training (Szegedy et al.
            2016).
    """

    class_weights: Tensor | None

    def __init__(
        self,
        width: int,
        tags: int,
        *,
        class_weights: Tensor | None = None,
        label_smoothing: float = 0.0,
    ) -> None:
        super().__init__()
        self.output = nn.Linear(width, tags)
        self.register_buffer("class_weights", class_weights, persistent=False)
        self.label_smoothing = label_smoothing

    def loss(self, hidden: Tensor, gold: Tensor, lengths: Tensor) -> Tensor:
        """Compute the cross-entropy of gold tags.

        Args:
            hidden: Hidden states, (batch, time, width).
            gold: The tags, (batch, time); a negative one is not known, as in padding.
            lengths: Not used; a CRF needs the number of words of each row.

        Returns:
            The sum over all known tags, in nats, ().
        """
        return functional.cross_entropy(
            self.output(hidden).float().flatten(0, 1),
            gold.masked_fill(gold < 0, -100).flatten(),
            weight=self.class_weights,
            ignore_index=-100,
            label_smoothing=self.label_smoothing,
            reduction="sum",
        )

    def decode(self, hidden: Tensor, lengths: Tensor, decision: Decision = PLAIN) -> TagScores:
        """Choose the likeliest tag of each word.

        Args:
            hidden: States (batch, time, width).
            lengths: The words of each row, (batch,).
            decision: How scores are read.

        Returns:
            The tags, and the probabilities of all tags.
        """
        return self.decode_words(hidden, lengths.tolist(), decision)

    def decode_words(
        self,
        states: Tensor,
        lengths: Sequence[int],
        decision: Decision = PLAIN,
        *,
        after: int | None = None,
        goes_on: bool = False,
    ) -> TagScores:
        """Choose the likeliest tag of each word of rows without padding; what is around a row plays no part.

        Args:
            states: States (words, width) of the words of all rows, row after row.
            lengths: The words of each row.
            decision: How scores are read.
            after: Not used; a CRF's is the tag before each row.
            goes_on: Not used; a CRF's says whether anything may follow each row.

        Returns:
            The tags, and the probabilities of all tags.
        """
        scores = self.output(states).float() / decision.temperature
        probabilities = scores.softmax(dim=-1)
        if not decision.threshold_offset:
            return TagScores(probabilities.argmax(dim=-1), probabilities)
        scores[..., 0] -= decision.threshold_offset
        return TagScores(scores.argmax(dim=-1), probabilities)


class CRFTagHead(nn.Module):
    """A tag for each word, the row's tags chosen together (`seqlabel.nn.crf`).

    Decoding takes the marginal probabilities to the power of 1 / temperature and scales them to a sum of 1, which for a
    softmax head is to divide its scores.

    Args:
        width: The width of the hidden states.
        crf: The random field, which the head then holds; it has as many tags as the head writes.
    """

    def __init__(self, width: int, crf: ConditionalRandomField) -> None:
        super().__init__()
        self.output = nn.Linear(width, len(crf.start))
        self.crf = crf

    def loss(self, hidden: Tensor, gold: Tensor, lengths: Tensor) -> Tensor:
        """Compute the negative log-likelihood of gold tags.

        Args:
            hidden: Hidden states, (batch, time, width).
            gold: The tags, (batch, time); a negative one is not known.
            lengths: The number of words of each row, (batch,).

        Returns:
            The sum over all rows, in nats, ().
        """
        return self.crf.loss(self.output(hidden), gold, lengths)

    def decode(self, hidden: Tensor, lengths: Tensor, decision: Decision = PLAIN) -> TagScores:
        """Choose the best sequence of tags of each row.

        Args:
            hidden: States (batch, time, width).
            lengths: The words of each row, (batch,).
            decision: How scores are read.

        Returns:
            The tags, and each word's marginal probabilities of all tags.
        """
        inside = torch.arange(hidden.shape[1], device=hidden.device) < lengths[:, None]
        found = self.decode_words(hidden[inside], lengths.tolist(), decision)
        tags = found.tags.new_zeros(inside.shape)
        probabilities = found.probabilities.new_zeros(*inside.shape, found.probabilities.shape[1])
        tags[inside], probabilities[inside] = found
        return TagScores(tags, probabilities)

    def decode_words(
        self,
        states: Tensor,
        lengths: Sequence[int],
        decision: Decision = PLAIN,
        *,
        after: int | None = None,
        goes_on: bool = False,
    ) -> TagScores:
        """Choose the best sequence of tags of each of several rows without padding.

        Args:
            states: States (words, width) of the words of all rows, row after row.
            lengths: The words of each row.
            decision: How scores are read.
            after: The tag of the word before each row, where rows are parts of longer ones.
            goes_on: Whether anything may follow each row.

        Returns:
            The tags, and each word's marginal probabilities of all tags.
        """
        emissions = self.output(states)
        rows = PackedRows(lengths, emissions.device)
        marginals = self.crf.marginals(emissions, rows, after=after, goes_on=goes_on)
        chances = marginals
        if decision.threshold_offset:
            emissions = torch.cat([emissions[:, :1] - decision.threshold_offset, emissions[:, 1:]], dim=1)
            chances = self.crf.marginals(emissions, rows, after=after, goes_on=goes_on)
        # Where the likeliest tags of all words leave less than half a chance to every other sequence together, no
        # other one is better; only the other rows need a search.
        sure, tags = chances.max(dim=1)
        doubt = torch.zeros(len(lengths), device=sure.device).index_add(0, rows.row, 1 - sure)
        open_ = (doubt > 0.49) | ~self.crf.allows(tags, rows, after=after, goes_on=goes_on)
        if open_.any():
            searched = open_[rows.row]
            some = PackedRows([length for length, one in zip(lengths, open_.tolist(), strict=True) if one], sure.device)
            tags[searched] = self.crf.decode(emissions[searched], some, after=after, goes_on=goes_on)
        if decision.temperature != 1:
            marginals = (marginals.clamp_min(1e-30).log() / decision.temperature).softmax(dim=1)
        return TagScores(tags, marginals)
