"""A linear-chain conditional random field in log space: likelihood, marginals, partial labels, constrained Viterbi.

Lafferty, McCallum and Pereira (2001); partial labels as in Tsuboi et al. (2008). Every row of a batch has its own
length; words past it are padding at the end. Nothing here knows what a tag means.

Learning is on shapes batch, time, tags: emissions (batch, time, tags) are float, lengths (batch,) int64 and at least 1.
Finding is on words without padding: emissions (words, tags) of all rows, row after row.
"""

import torch
from torch import Tensor, nn

from seqlabel.native import compiled
from seqlabel.native.compiled import LEVEL, Level
from seqlabel.nn.packing import PackedRows

# A forbidden transition must outweigh any score, and a tag that is not the gold one any number of forbidden
# transitions: gold tags that break the scheme are still learnt.
_FORBIDDEN = -1e4
_NOT_GOLD = -1e8


class ConditionalRandomField(nn.Module):
    """Scores of a tag after a tag, of the first tag, and of the last one, on top of emissions.

    What the masks forbid is never decoded and has no part in the likelihood, unless a gold sequence itself breaks them.

    Args:
        tags: The number of tags.
        allowed: Whether the second tag may follow the first one, (tags, tags), bool.
        allowed_start: Whether a row may begin with a tag, (tags,), bool.
        allowed_end: Whether a row may end with a tag, (tags,), bool.
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

    def _scores(
        self, forbidden: float = _FORBIDDEN, *, after: int | None = None, goes_on: bool = False
    ) -> tuple[Tensor, Tensor, Tensor]:
        """Of a tag after a tag, of the first tag and of the last one of rows that may be parts of longer ones."""
        transitions = self.transitions.masked_fill(~self.allowed, forbidden)
        start = transitions[after] if after is not None else self.start.masked_fill(~self.allowed_start, forbidden)
        end = torch.zeros_like(self.end) if goes_on else self.end.masked_fill(~self.allowed_end, forbidden)
        return transitions, start, end

    def log_partition(self, emissions: Tensor, lengths: Tensor) -> Tensor:
        """Sum the scores of all tag sequences of each row.

        Args:
            emissions: The score of each tag of each word, (batch, time, tags).
            lengths: How many words each row has, (batch,).

        Returns:
            The logarithm of each row's sum, (batch,).
        """
        return self._log_partition(emissions, lengths, *self._scores())

    def _log_partition(
        self, emissions: Tensor, lengths: Tensor, transitions: Tensor, start: Tensor, end: Tensor
    ) -> Tensor:
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
        """Compute the negative log-likelihood of gold tags.

        Every tag of a word whose tag is not known is summed over, so that such a word gives no gradient of its own.

        Args:
            emissions: The score of each tag of each word, (batch, time, tags).
            gold: The tags, (batch, time); a negative one is not known.
            lengths: How many words each row has, (batch,).

        Returns:
            The sum over all rows, in nats, ().
        """
        emissions = emissions.float()
        known = gold >= 0
        wanted = torch.zeros_like(emissions, dtype=torch.bool).scatter_(2, gold.clamp_min(0)[..., None], True)
        ruled_out = known[..., None] & ~wanted
        restricted = self.log_partition(emissions.masked_fill(ruled_out, _NOT_GOLD), lengths)
        return (self.log_partition(emissions, lengths) - restricted).sum()

    @torch.no_grad()
    def marginals(
        self, emissions: Tensor, rows: PackedRows, *, after: int | None = None, goes_on: bool = False
    ) -> Tensor:
        """Compute the probability of each tag of each word.

        By the forward-backward algorithm on probabilities that are scaled at each word (Rabiner 1989), so that a step
        is one product of matrices; both ways take it at once. Rows may be parts of longer ones.

        Args:
            emissions: The score of each tag of each word, (words, tags), row after row.
            rows: The rows, packed.
            after: The tag of the word before each row; None where rows begin.
            goes_on: Whether anything may follow the rows.

        Returns:
            The probabilities (words, tags), float32.
        """
        if _is_compiled(emissions):
            between, first, last = self._scores(-torch.inf, after=after, goes_on=goes_on)
            found, lost = compiled.marginals(
                emissions.float().numpy(),
                rows.lengths,
                transitions=between.double().numpy(),
                start=first.numpy(),
                end=last.numpy(),
            )
            result = torch.from_numpy(found)
            for row in lost:
                inside = rows.row == row
                result[inside] = self._marginals_in_log_space(emissions[inside], after=after, goes_on=goes_on)
            return result
        # 64 bits where there are such: the scores of a word's tags may lie hundreds of nats apart.
        exact = torch.float32 if emissions.device.type == "mps" else torch.float64
        steps, start, end = (
            scores.to(exact).exp() for scores in self._scores(-torch.inf, after=after, goes_on=goes_on)
        )
        scores = emissions.index_select(0, rows.source).to(exact)
        ahead = (scores - scores.amax(dim=1, keepdim=True)).exp_()
        chances = torch.stack([ahead, ahead.index_select(0, rows.mirrored)])
        # What leads to a tag of a word from the words before, in forward order, and from those behind, in backward
        # order; not what the word itself says.
        leading = torch.empty_like(chances)
        ways = torch.stack([steps, steps.T])
        state = torch.stack([start, end])[:, None]
        every = zip(
            rows.counts,
            torch.split_with_sizes(leading, rows.counts, dim=1),
            torch.split_with_sizes(chances, rows.counts, dim=1),
            strict=True,
        )
        for time, (count, into, chance) in enumerate(every):
            into.copy_(torch.bmm(state[:, :count], ways) if time else state)
            state = into * chance
            state.div_(state.sum(dim=2, keepdim=True))
        shares = leading[0].mul_(ahead).mul_(leading[1].index_select(0, rows.mirrored))
        result = torch.empty_like(emissions, dtype=torch.float32)
        result[rows.source] = (shares / shares.sum(dim=1, keepdim=True)).float()
        for row in torch.unique(rows.row[~result.isfinite().all(dim=1)]):
            # Every allowed sequence is so much worse than a forbidden one that even 64 bits do not hold its share.
            inside = rows.row == row
            result[inside] = self._marginals_in_log_space(emissions[inside], after=after, goes_on=goes_on)
        return result

    def _marginals_in_log_space(self, emissions: Tensor, *, after: int | None, goes_on: bool) -> Tensor:
        """Of one row's words: the derivative of the log-partition function, by automatic differentiation."""
        # A leaf of its own, outside inference mode: the caller's graph, or its absence, plays no part.
        with torch.inference_mode(False), torch.enable_grad():
            leaf = emissions.detach().clone().float().requires_grad_()
            scores = (one.detach().clone() for one in self._scores(after=after, goes_on=goes_on))
            length = torch.tensor([len(leaf)], device=leaf.device)
            (gradient,) = torch.autograd.grad(self._log_partition(leaf[None], length, *scores).sum(), leaf)
        return gradient

    def allows(self, tags: Tensor, rows: PackedRows, *, after: int | None = None, goes_on: bool = False) -> Tensor:
        """Check tags against what is allowed.

        Args:
            tags: The tags of all words, (words,), row after row.
            rows: The rows, packed.
            after: The tag of the word before each row; None where rows begin.
            goes_on: Whether anything may follow the rows.

        Returns:
            Whether each row's tags may follow each other, begin and end so, (rows,), bool.
        """
        borders = rows.row[:-1] != rows.row[1:]
        bad = torch.zeros(rows.counts[0], dtype=torch.bool, device=tags.device)
        bad[rows.row[:-1][~(self.allowed[tags[:-1], tags[1:]] | borders)]] = True
        edge = borders.new_ones(1)
        first, last = tags[torch.cat([edge, borders])], tags[torch.cat([borders, edge])]
        bad |= ~(self.allowed_start[first] if after is None else self.allowed[after, first])
        return ~bad if goes_on else ~bad & self.allowed_end[last]

    @torch.no_grad()
    def decode(self, emissions: Tensor, rows: PackedRows, *, after: int | None = None, goes_on: bool = False) -> Tensor:
        """Find the best-scoring sequence of each row (Viterbi 1967), all rows at once.

        Args:
            emissions: The score of each tag of each word, (words, tags), row after row.
            rows: The rows, packed.
            after: The tag of the word before each row; None where rows begin.
            goes_on: Whether anything may follow the rows.

        Returns:
            The sequences' tags, (words,), int64.
        """
        transitions, start, end = self._scores(-torch.inf, after=after, goes_on=goes_on)
        if _is_compiled(emissions):
            ids = compiled.viterbi(
                emissions.float().numpy(),
                rows.lengths,
                transitions=transitions.numpy(),
                start=start.numpy(),
                end=end.numpy(),
            )
            return torch.from_numpy(ids)
        before = transitions.T.contiguous()
        scores = emissions.index_select(0, rows.source).float()
        reached = torch.empty_like(scores)
        states = torch.split_with_sizes(reached, rows.counts)
        state = start[None]
        every = zip(rows.counts, torch.split_with_sizes(scores, rows.counts), states, strict=True)
        for time, (count, score, into) in enumerate(every):
            best = (state[:count, None] + before).amax(dim=2) if time else state
            state = torch.add(best, score, out=into)
        # The way back asks only which tag came before the one that was best.
        last = rows.mirrored[: rows.counts[0]]
        packed = torch.empty_like(rows.source)
        packed[last] = (reached[last] + end).argmax(dim=1)
        tags = torch.split_with_sizes(packed, rows.counts)
        for time in range(len(rows.counts) - 1, 0, -1):
            count = rows.counts[time]
            scores_before = states[time - 1][:count] + before.index_select(0, tags[time])
            torch.argmax(scores_before, dim=1, out=tags[time - 1][:count])
        result = torch.empty_like(packed)
        result[rows.source] = packed
        return result


def _is_compiled(emissions: Tensor) -> bool:
    """Return whether sums over these emissions are taken by the compiled steps, row by row."""
    return LEVEL is not Level.MISSING and emissions.device.type == "cpu"
