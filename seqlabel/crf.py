"""A linear-chain conditional random field in log space: likelihood, marginals, partial labels, constrained Viterbi.

Lafferty, McCallum and Pereira (2001); partial labels as in Tsuboi et al. (2008). Every row of a batch has its own
length; words past it are padding at the end. Nothing here knows what a tag means.

Shapes: batch, time, tags. Emissions (batch, time, tags) are float, lengths (batch,) int64 and at least 1.
"""

from typing import NamedTuple

import torch
from torch import Tensor, nn

# A forbidden transition must outweigh any score, and a tag that is not the gold one any number of forbidden
# transitions: gold tags that break the scheme are still learnt.
_FORBIDDEN = -1e4
_NOT_GOLD = -1e8


class Decoded(NamedTuple):
    """The best tags (batch, time), int64 and 0 in padding, and the score (batch,) of each row's best sequence."""

    tags: Tensor
    scores: Tensor


class ConditionalRandomField(nn.Module):
    """Scores of a tag after a tag, of the first tag, and of the last one, on top of emissions.

    `allowed` (tags, tags), `allowed_start` (tags,) and `allowed_end` (tags,) are bool; what they forbid is never
    decoded and has no part in the likelihood, unless a gold sequence itself breaks them.
    """

    allowed: Tensor
    allowed_start: Tensor
    allowed_end: Tensor

    def __init__(self, tags: int, *, allowed: Tensor, allowed_start: Tensor, allowed_end: Tensor) -> None:
        super().__init__()
        self.transitions = nn.Parameter(torch.zeros(tags, tags))
        self.start = nn.Parameter(torch.zeros(tags))
        self.end = nn.Parameter(torch.zeros(tags))
        for name, mask in (("allowed", allowed), ("allowed_start", allowed_start), ("allowed_end", allowed_end)):
            self.register_buffer(name, mask.bool(), persistent=False)

    def _scores(self, forbidden: float = _FORBIDDEN) -> tuple[Tensor, Tensor, Tensor]:
        return (
            self.transitions.masked_fill(~self.allowed, forbidden),
            self.start.masked_fill(~self.allowed_start, forbidden),
            self.end.masked_fill(~self.allowed_end, forbidden),
        )

    def log_partition(self, emissions: Tensor, lengths: Tensor) -> Tensor:
        """Log of the summed scores of all tag sequences of each row, (batch,)."""
        transitions, start, end = self._scores()
        emissions = emissions.float()
        state = start + emissions[:, 0]
        taken = torch.zeros_like(state[:, :1])
        for time in range(1, emissions.shape[1]):
            inside = (time < lengths)[:, None]
            # The highest score is set aside at each word: float32 cannot hold a small difference of large sums.
            highest = state.detach().amax(dim=1, keepdim=True)
            step = (state[:, :, None] - highest[..., None] + transitions).logsumexp(dim=1) + emissions[:, time]
            state = torch.where(inside, step, state)
            taken = torch.where(inside, taken + highest, taken)
        return (state + end).logsumexp(dim=-1) + taken[:, 0]

    def loss(self, emissions: Tensor, gold: Tensor, lengths: Tensor) -> Tensor:
        """Summed negative log-likelihood in nats of gold tags (batch, time); a negative tag is not known.

        Of a word without a tag every tag is summed over, so it gives no gradient of its own.
        """
        emissions = emissions.float()
        known = gold >= 0
        wanted = torch.zeros_like(emissions, dtype=torch.bool).scatter_(2, gold.clamp_min(0)[..., None], True)
        ruled_out = known[..., None] & ~wanted
        restricted = self.log_partition(emissions.masked_fill(ruled_out, _NOT_GOLD), lengths)
        return (self.log_partition(emissions, lengths) - restricted).sum()

    @torch.no_grad()
    def marginals(self, emissions: Tensor, lengths: Tensor) -> Tensor:
        """The probability of each tag of each word, (batch, time, tags), float32; padding has zeros.

        By the forward-backward algorithm on probabilities that are scaled at each word (Rabiner 1989), so that a step
        is one product of matrices.
        """
        # 64 bits where there are such: the scores of a word's tags may lie hundreds of nats apart.
        exact = torch.float32 if emissions.device.type == "mps" else torch.float64
        steps, start, end = (scores.to(exact).exp() for scores in self._scores(-torch.inf))
        packed = _Packed(lengths, emissions.shape[1])
        scores = packed.words(emissions).to(exact)
        chances = (scores - scores.amax(dim=1, keepdim=True)).exp_()
        ahead, behind = torch.empty_like(chances), torch.empty_like(chances)
        begins, chance, into = packed.steps(ahead), packed.steps(chances), packed.steps(behind)
        state = start * chance[0]
        for time, count in enumerate(packed.counts):
            if time:
                state = (state[:count] @ steps).mul_(chance[time])
            state = torch.div(state, state.sum(dim=1, keepdim=True), out=begins[time])
        last = end.expand_as(begins[0])
        state = last[:0]
        for time in range(len(packed.counts) - 1, -1, -1):
            # Behind a row's last word there is only its end.
            state = torch.cat([state, last[len(state) : packed.counts[time]]], out=into[time])
            before = (state * chance[time]) @ steps.T
            state = before.div_(before.sum(dim=1, keepdim=True))
        both = ahead.mul_(behind)
        shares = packed.padded((both / both.sum(dim=1, keepdim=True)).float())
        lost = ~shares.isfinite().all(dim=2).all(dim=1)
        if lost.any():
            # Every allowed sequence is so much worse than a forbidden one that even 64 bits do not hold its share.
            shares[lost] = self._marginals_in_log_space(emissions[lost], lengths[lost])
        return shares

    def allows(self, tags: Tensor, lengths: Tensor) -> Tensor:
        """Whether each row's tags (batch, time) may follow each other, begin and end so, (batch,), bool."""
        rows = torch.arange(len(lengths), device=tags.device)
        padding = torch.arange(1, tags.shape[1], device=tags.device) >= lengths[:, None]
        follow = (self.allowed[tags[:, :-1], tags[:, 1:]] | padding).all(dim=1)
        return follow & self.allowed_start[tags[:, 0]] & self.allowed_end[tags[rows, lengths - 1]]

    def _marginals_in_log_space(self, emissions: Tensor, lengths: Tensor) -> Tensor:
        """The derivative of the log-partition function, by automatic differentiation."""
        # A leaf of its own, outside inference mode: the caller's graph, or its absence, plays no part.
        with torch.inference_mode(False), torch.enable_grad():
            leaf = emissions.detach().clone().float().requires_grad_()
            (gradient,) = torch.autograd.grad(self.log_partition(leaf, lengths).sum(), leaf)
        return gradient

    @torch.no_grad()
    def decode(self, emissions: Tensor, lengths: Tensor) -> Decoded:
        """The best-scoring tag sequence of each row (Viterbi 1967), all rows at once."""
        transitions, start, end = self._scores(-torch.inf)
        before = transitions.T.contiguous()
        packed = _Packed(lengths, emissions.shape[1])
        scores = packed.words(emissions).float()
        states = packed.steps(torch.empty_like(scores))
        score = packed.steps(scores)
        state = torch.add(start, score[0], out=states[0])
        for time, count in enumerate(packed.counts):
            if time:
                best = (state[:count, None, :] + before).amax(dim=2)
                state = torch.add(best, score[time], out=states[time])
        # The way back asks only which tag came before the one that was best.
        tags = torch.empty(len(scores), dtype=torch.int64, device=scores.device)
        into = packed.steps(tags)
        bests = scores.new_empty(len(lengths))
        tag = tags[:0]
        for time in range(len(packed.counts) - 1, -1, -1):
            going_on = len(tag)
            into[time][:going_on] = (states[time][:going_on] + before[tag]).argmax(dim=1)
            ending = (states[time][going_on:] + end).max(dim=1)
            into[time][going_on:] = ending.indices
            bests[going_on : packed.counts[time]] = ending.values
            tag = into[time]
        return Decoded(packed.padded(tags), bests[packed.rows])


class _Packed:
    """The words of a batch without its padding, word `t` of all rows that have one behind all words `t - 1`.

    `counts` has how many rows have a word `t`; the longest row comes first, `rows` (batch,) is where each row comes.
    """

    def __init__(self, lengths: Tensor, time: int) -> None:
        sizes, self._order = lengths.sort(descending=True, stable=True)
        self.rows = self._order.argsort()
        self._inside = torch.arange(time, device=lengths.device)[:, None] < sizes
        self.counts: list[int] = self._inside.sum(dim=1)[: int(sizes[0])].tolist()

    def words(self, padded: Tensor) -> Tensor:
        """The words (words, …) of a batch (batch, time, …)."""
        return padded.transpose(0, 1)[:, self._order][self._inside]

    def steps(self, words: Tensor) -> tuple[Tensor, ...]:
        """Of words (words, …) those of each time, as views."""
        return torch.split_with_sizes(words, self.counts)

    def padded(self, words: Tensor) -> Tensor:
        """A batch (batch, time, …) of words (words, …), with zeros in its padding."""
        result = words.new_zeros(*self._inside.shape, *words.shape[1:])
        result[self._inside] = words
        return result[:, self.rows].transpose(0, 1)
