"""The CRF head: a row's tags chosen together, by a linear-chain random field in log space; sums are
in `native.chains`.

Lafferty, McCallum and Pereira (2001); partial labels as in Tsuboi et al. (2008). Every row has its
own length. Shapes: batch, time, words (of all rows together, row after row), width, tags.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
import numpy.typing as npt

from seqlabel.documents.label_sets import LabelSet
from seqlabel.documents.schemes import allowed_transitions
from seqlabel.errors import OptionError
from seqlabel.names import LateModule
from seqlabel.native.chains import Chain
from seqlabel.native.compiled import Floats, Integers, Linear
from seqlabel.nn.heads.head import Arrays, Rows, TagScores
from seqlabel.nn.heads.softmax import Softmax, read
from seqlabel.nn.network_configs import Decision

if TYPE_CHECKING:
    import torch
    from torch import Tensor, nn

    from seqlabel.nn import products
else:
    torch, nn, products = map(LateModule, ("torch", "torch.nn", "seqlabel.nn.products"))

Mask = npt.NDArray[np.bool_]

MOST_CRF_TAGS = 4_096
"""Their pairs take 64 MB, and as much again for each of the optimizer's numbers."""

# A forbidden transition must outweigh any score, and a tag that is not the gold one any number of
# forbidden transitions: gold tags that break the scheme are still learnt.
_FORBIDDEN = -1e4
_NOT_GOLD = -1e8
_DOUBT = 0.49


@dataclass(frozen=True)
class CRF:
    """A row's tags together, and only sequences that the tag scheme allows; any sequence of tags
    without a scheme (Lafferty, McCallum and Pereira 2001, "Conditional Random Fields").

    Formula, for tags y of a row with the layer's scores s[t] = W h[t] + b::

        score(y) = start[y[1]] + Σ s[t, y[t]] + Σ transitions[y[t - 1], y[t]] + end[y[n]]
        p(y) = exp(score(y)) / Σ exp(score(y')) over all allowed y'
        loss = -log Σ p(y) over all y with the gold tags that are known

    The loss of partly known tags is that of Tsuboi, Kashima, Mori, Oda and Matsumoto (2008),
    "Training Conditional Random Fields Using Incomplete Annotations".

    Its weights are the scores of a tag after a tag, `transitions` (tags, tags), of the first tag,
    `start` (tags,), and of the last one, `end` (tags,).
    """

    name: ClassVar[str] = "crf"
    joint: ClassVar[bool] = True

    def outputs(self, tags: int) -> int:
        """Count the tags; see `CompiledHead`."""
        return tags

    def layer(self, width: int, tags: int) -> "nn.Module":
        """Build a linear layer; see `Head`."""
        return products.Linear(width, tags)

    def shapes(self, tags: int) -> Mapping[str, tuple[int, ...]]:
        """Name the field's scores; see `Head`."""
        if tags > MOST_CRF_TAGS:
            raise OptionError(
                f"head: expected at most {MOST_CRF_TAGS:,} tags for a CRF, which scores each pair "
                f"of tags, got {tags:,}. Choose {Softmax.name}."
            )
        return {"transitions": (tags, tags), "start": (tags,), "end": (tags,)}

    def loss(
        self,
        scores: "Tensor",
        gold: "Tensor",
        lengths: "Tensor",
        tag_set: LabelSet,
        weights: "Mapping[str, Tensor]",
    ) -> "Tensor":
        """Compute the negative log-likelihood of gold tags; see `Head`.

        Every tag of a word whose tag is not known is summed over, so that such a word gives no
        gradient of its own. What the scheme forbids has no part in it, unless gold tags themselves
        break the scheme.
        """
        scores = scores.float()

        def log_partition(scores: "Tensor") -> "Tensor":
            field = (
                weights[name].masked_fill(torch.from_numpy(~mask).to(scores.device), _FORBIDDEN)
                for name, mask in allowed(tag_set).items()
            )
            return _log_partition(scores, lengths, *field)

        wanted = torch.zeros_like(scores, dtype=torch.bool).scatter_(
            2, gold.clamp_min(0)[..., None], True
        )
        ruled_out = (gold >= 0)[..., None] & ~wanted
        return (
            log_partition(scores) - log_partition(scores.masked_fill(ruled_out, _NOT_GOLD))
        ).sum()

    def decode(
        self, scores: Floats, rows: Rows, decision: Decision, tag_set: LabelSet, weights: Arrays
    ) -> TagScores:
        """Choose the best sequence of each row, and give each word's marginal probabilities; see
        `Head`.

        Temperature and threshold offset apply to the marginal probabilities, as they do to those of
        a softmax head. With an offset each word gets the tag that is then most likely by itself: in
        a sequence an offset adds up over the words of a span, and nearly everything would be found.
        """
        chain = _chain(rows, decision, tag_set, weights)
        marginals = chain.marginals(scores, rows.lengths)
        logs: Floats = np.log(np.maximum(marginals, np.float32(1e-30)))
        logs /= np.float32(decision.temperature)
        by_word = read(logs, decision.threshold_offset)
        if decision.threshold_offset:
            return by_word
        return TagScores(_best(chain, scores, marginals, rows.lengths), by_word.probabilities)

    def best(
        self,
        states: Floats,
        layer: Linear,
        rows: Rows,
        decision: Decision,
        tag_set: LabelSet,
        weights: Arrays,
    ) -> tuple[Integers, Floats]:
        """Choose the best sequence of each row; see `CompiledHead`."""
        chosen = self.decode(np.ascontiguousarray(layer(states)), rows, decision, tag_set, weights)
        return chosen.tags, chosen.scores

    def exported(self, tag_set: LabelSet, weights: Arrays) -> Any:
        """Give the field's scores, null for what the scheme forbids; see `CompiledHead`."""
        field = {name: weights[name].astype(object) for name in weights}
        for name, mask in allowed(tag_set).items():
            field[name][~mask] = None
        return {name: scores.tolist() for name, scores in field.items()}


@lru_cache(maxsize=64)
def allowed(tag_set: LabelSet) -> Mapping[str, Mask]:
    """Return which sequences of tags may be chosen.

    Args:
        tag_set: The tags.

    Returns:
        Whether the second tag may follow the first one, (tags, tags), whether a row may begin with
        a tag, (tags,), and whether it may end with it, (tags,), by the names of the scores; all of
        them without a scheme.
    """
    size = len(tag_set.tags)
    shapes = CRF().shapes(size)
    if tag_set.scheme is None:
        return {name: np.ones(shape, dtype=bool) for name, shape in shapes.items()}
    masks = allowed_transitions(tag_set.tags, tag_set.scheme)
    named = zip(shapes, masks, strict=True)
    return {name: np.array(mask, dtype=bool) for name, mask in named}


def _chain(rows: Rows, decision: Decision, tag_set: LabelSet, weights: Arrays) -> Chain:
    """The scores of rows that may be parts of longer ones."""
    no = np.float32(-np.inf)
    transitions, start, end = (
        np.where(mask, weights[name], no) for name, mask in allowed(tag_set).items()
    )
    if rows.after is not None:
        # A tag that was chosen for its word alone does not bind the next one.
        start = np.zeros_like(start) if decision.threshold_offset else transitions[rows.after]
    return Chain(transitions, start, np.zeros_like(end) if rows.goes_on else end)


def _best(chain: Chain, scores: Floats, marginals: Floats, lengths: Sequence[int]) -> Integers:
    """The best sequence of each row, (words,)."""
    tags: Integers = marginals.argmax(axis=1)
    row = np.repeat(np.arange(len(lengths)), lengths)
    # Where the most likely tags of all words leave less than half a chance to every other sequence
    # together, no other one is better, and these go together; only the other rows need a search.
    doubt = np.bincount(
        row, weights=1 - marginals[np.arange(len(tags)), tags], minlength=len(lengths)
    )
    open_ = doubt > _DOUBT
    if open_.any():
        searched = open_[row]
        open_lengths = np.array(lengths)[open_].tolist()
        tags[searched] = chain.best(scores[searched], open_lengths)
    return tags


def _log_partition(
    scores: "Tensor", lengths: "Tensor", transitions: "Tensor", start: "Tensor", end: "Tensor"
) -> "Tensor":
    """The logarithm of the sum over all tag sequences of each row, (batch,), of scores (batch,
    time, tags).
    """
    state = start + scores[:, 0]
    set_aside = torch.zeros_like(state[:, :1])
    for time in range(1, scores.shape[1]):
        inside = (time < lengths)[:, None]
        # The highest score is set aside at each word: float32 cannot hold a small difference of
        # large sums.
        highest = state.detach().amax(dim=1, keepdim=True)
        step = (state[:, :, None] - highest[..., None] + transitions).logsumexp(dim=1) + scores[
            :, time
        ]
        state = torch.where(inside, step, state)
        set_aside = torch.where(inside, set_aside + highest, set_aside)
    return (state + end).logsumexp(dim=-1) + set_aside[:, 0]
