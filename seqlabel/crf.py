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

    def marginals(self, emissions: Tensor, lengths: Tensor) -> Tensor:
        """The probability of each tag of each word, (batch, time, tags); padding has zeros.

        It is the derivative of the log-partition function (forward-backward by automatic differentiation).
        """
        # A leaf of its own, outside inference mode: the caller's graph, or its absence, plays no part.
        with torch.inference_mode(False), torch.enable_grad():
            leaf = emissions.detach().clone().float().requires_grad_()
            (gradient,) = torch.autograd.grad(self.log_partition(leaf, lengths).sum(), leaf)
        return gradient

    @torch.no_grad()
    def decode(self, emissions: Tensor, lengths: Tensor) -> Decoded:
        """The best-scoring tag sequence of each row (Viterbi 1967), all rows at once."""
        transitions, start, end = self._scores(-torch.inf)
        emissions = emissions.float()
        state = start + emissions[:, 0]
        pointers = []
        stay = torch.arange(emissions.shape[2], device=emissions.device).expand_as(state)
        for time in range(1, emissions.shape[1]):
            best, pointer = (state[:, :, None] + transitions).max(dim=1)
            inside = (time < lengths)[:, None]
            state = torch.where(inside, best + emissions[:, time], state)
            pointers.append(torch.where(inside, pointer, stay))
        scores, last = (state + end).max(dim=-1)
        tags = [last]
        for pointer in reversed(pointers):
            tags.append(pointer.gather(1, tags[-1][:, None]).squeeze(1))
        every = torch.stack(tags[::-1], dim=1)
        inside = torch.arange(emissions.shape[1], device=emissions.device) < lengths[:, None]
        return Decoded(every.masked_fill(~inside, 0), scores)
