"""The conditional random field against enumeration of every tag sequence."""

import math
from itertools import pairwise, product

import numpy as np
import pytest
import torch
from torch import nn

from seqlabel.documents.schemes import Scheme
from seqlabel.documents.tag_sets import TagSet
from seqlabel.native import chains
from seqlabel.native.compiled import LEVEL, Level
from seqlabel.nn.heads import crf as crf_module
from seqlabel.nn.heads.crf import CRF, allowed
from seqlabel.nn.heads.head import Rows
from seqlabel.nn.network_configs import Decision

LENGTHS = [4, 1, 3, 2, 4]
TIME, TAGS = max(LENGTHS), 5


@pytest.fixture(params=["compiled", "numpy"], autouse=True)
def steps(request, monkeypatch):
    """Sum with the compiled steps, where they are there, and with NumPy."""
    if request.param == "numpy":
        monkeypatch.setattr(chains, "LEVEL", Level.MISSING)
    elif LEVEL is Level.MISSING:
        pytest.skip("the extension was not compiled here")


class Field(nn.Module):
    """A CRF head's random field with random scores, on emissions in torch."""

    def __init__(self, tag_set):
        super().__init__()
        self.tag_set = tag_set
        shapes = CRF().shapes(len(tag_set.tags))
        self.scores = nn.ParameterDict(
            [(name, torch.randn(shape)) for name, shape in shapes.items()]
        )
        self.transitions, self.start, self.end = self.scores.values()
        masks = allowed(tag_set).values()
        self.allowed, self.allowed_start, self.allowed_end = map(torch.from_numpy, masks)

    def arrays(self):
        return {name: scores.detach().numpy() for name, scores in self.scores.items()}

    def loss(self, emissions, gold, lengths):
        return CRF().loss(emissions, gold, lengths, self.tag_set, dict(self.scores))

    def log_partition(self, emissions, lengths):
        parts = (
            (self.transitions, self.allowed),
            (self.start, self.allowed_start),
            (self.end, self.allowed_end),
        )
        return crf_module._log_partition(
            emissions.float(), lengths, *(scores.masked_fill(~mask, -1e4) for scores, mask in parts)
        )

    def found(self, emissions, lengths, decision=None, **around):
        rows = Rows(lengths, **around)
        return CRF().decode(
            emissions.detach().numpy(), rows, decision or Decision(), self.tag_set, self.arrays()
        )

    def decode(self, emissions, lengths, **around):
        return torch.from_numpy(self.found(emissions, lengths, **around).tags)

    def marginals(self, emissions, lengths, **around):
        return torch.from_numpy(self.found(emissions, lengths, **around).probabilities)


def make_crf(scheme=None, labels=("X",)):
    """A field with random scores: everything is allowed, or what a scheme says."""
    return Field(TagSet("tags", tuple("ABCDE") if scheme is None else labels, scheme))


# Of BIOES with one label half of all transitions are forbidden; of BIO with two, a few.
MAKERS = {
    "free": make_crf,
    "BIOES": lambda: make_crf(Scheme.BIOES),
    "BIO": lambda: make_crf(Scheme.BIO, ("X", "Y")),
}
EVERY_CRF = pytest.mark.parametrize("make", MAKERS.values(), ids=MAKERS)


def some_rows(scale=1.0):
    return scale * torch.randn(len(LENGTHS), TIME, TAGS), torch.tensor(LENGTHS)


def padded(found, emissions, lengths, **around):
    """What one of a field's methods finds of words, as a batch with zeros in its padding."""
    inside = torch.arange(emissions.shape[1]) < lengths[:, None]
    words = found(emissions[inside], lengths.tolist(), **around)
    result = words.new_zeros(*inside.shape, *words.shape[1:])
    result[inside] = words
    return result


def marginals(crf, emissions, lengths):
    return padded(crf.marginals, emissions, lengths)


def decode(crf, emissions, lengths):
    return padded(crf.decode, emissions, lengths)


def is_allowed(crf, tags):
    follows = all(bool(crf.allowed[before, after]) for before, after in pairwise(tags))
    return bool(crf.allowed_start[tags[0]]) and follows and bool(crf.allowed_end[tags[-1]])


def every_sequence(crf, length):
    return [tags for tags in product(range(TAGS), repeat=length) if is_allowed(crf, tags)]


def naive_scores(crf, emissions, sequences):
    """The sum of all that each tag sequence scores, in double precision."""
    start, end, transitions, emissions = (
        t.double() for t in (crf.start, crf.end, crf.transitions, emissions)
    )
    scores = []
    for tags in sequences:
        parts = [emissions[place, tag] for place, tag in enumerate(tags)]
        parts += [transitions[before, after] for before, after in pairwise(tags)]
        scores.append(torch.stack([start[tags[0]], end[tags[-1]], *parts]).sum())
    return torch.stack(scores)


def naive_loss(crf, emissions, gold, lengths):
    """Log of the share of the sequences that agree with what is known, among all that are
    allowed.
    """
    total = torch.zeros((), dtype=torch.float64)
    for row, wanted, length in zip(emissions, gold.tolist(), lengths.tolist(), strict=True):
        sequences = every_sequence(crf, length)
        agree = [
            all(w in (t, -100) for w, t in zip(wanted, tags, strict=False)) for tags in sequences
        ]
        scores = naive_scores(crf, row, sequences)
        total = total + scores.logsumexp(0) - scores[torch.tensor(agree)].logsumexp(0)
    return total


def some_gold(crf, known):
    """An allowed sequence for each row, of which some words are not known; anything in padding."""
    gold = torch.full((len(LENGTHS), TIME), -100)
    for row, length in enumerate(LENGTHS):
        sequences = every_sequence(crf, length)
        tags = torch.tensor(sequences[int(torch.randint(len(sequences), ()))])
        gold[row, :length] = torch.where(torch.rand(length) < known, tags, -100)
    return gold


@EVERY_CRF
@pytest.mark.parametrize("scale", [1.0, 20.0])
def test_the_partition_is_the_sum_over_every_sequence(make, scale):
    crf, (emissions, lengths) = make(), some_rows(scale)
    expected = [
        naive_scores(crf, row, every_sequence(crf, length)).logsumexp(0)
        for row, length in zip(emissions, LENGTHS, strict=True)
    ]
    torch.testing.assert_close(
        crf.log_partition(emissions, lengths).double(), torch.stack(expected), rtol=1e-5, atol=1e-5
    )


@EVERY_CRF
@pytest.mark.parametrize("known", [1.0, 0.3])
def test_the_loss_and_its_gradients_are_those_of_enumeration(make, known):
    crf, (emissions, lengths) = make(), some_rows()
    gold = some_gold(crf, known)
    emissions.requires_grad_()
    inputs = [emissions, *crf.parameters()]
    found, expected = crf.loss(emissions, gold, lengths), naive_loss(crf, emissions, gold, lengths)
    torch.testing.assert_close(found.double(), expected, rtol=1e-5, atol=1e-5)
    for one, other in zip(
        torch.autograd.grad(found, inputs), torch.autograd.grad(expected, inputs), strict=True
    ):
        torch.testing.assert_close(one, other, rtol=1e-4, atol=1e-5)


@EVERY_CRF
def test_where_nothing_is_known_there_is_no_loss_and_no_gradient(make):
    crf, (emissions, lengths) = make(), some_rows()
    emissions.requires_grad_()
    loss = crf.loss(emissions, torch.full((len(LENGTHS), TIME), -100), lengths)
    assert loss.item() == 0
    assert not any(
        gradient.any() for gradient in torch.autograd.grad(loss, [emissions, *crf.parameters()])
    )


@EVERY_CRF
def test_marginals_are_the_shares_of_the_sequences(make):
    crf, (emissions, lengths) = make(), some_rows()
    expected = torch.zeros(len(LENGTHS), TIME, TAGS)
    for row, length in enumerate(LENGTHS):
        sequences = every_sequence(crf, length)
        shares = naive_scores(crf, emissions[row], sequences).softmax(0).tolist()
        for tags, share in zip(sequences, shares, strict=True):
            for place, tag in enumerate(tags):
                expected[row, place, tag] += share
    found = marginals(crf, emissions, lengths)
    assert not found.requires_grad
    torch.testing.assert_close(found, expected, rtol=1e-4, atol=1e-6)


@EVERY_CRF
@pytest.mark.parametrize("goes_on", [False, True])
@pytest.mark.parametrize("after", [None, 0, 1])
def test_a_part_of_a_row_is_decoded_as_what_comes_before_and_behind_it_allows(make, after, goes_on):
    crf, (emissions, lengths) = make(), some_rows(2.0)
    tags = padded(crf.decode, emissions, lengths, after=after, goes_on=goes_on)
    shares = padded(crf.marginals, emissions, lengths, after=after, goes_on=goes_on)
    crf.requires_grad_(False)
    for row, length in enumerate(LENGTHS):
        scores = {}
        for chain in product(range(TAGS), repeat=length):
            before = chain if after is None else (after, *chain)
            follows = all(bool(crf.allowed[pair]) for pair in pairwise(before))
            begins = after is not None or bool(crf.allowed_start[chain[0]])
            if follows and begins and (goes_on or bool(crf.allowed_end[chain[-1]])):
                score = sum(emissions[row, place, tag] for place, tag in enumerate(chain))
                score += sum(crf.transitions[pair] for pair in pairwise(before))
                score += (0 if after is not None else crf.start[chain[0]]) + (
                    0 if goes_on else crf.end[chain[-1]]
                )
                scores[chain] = float(score)
        assert tuple(tags[row, :length].tolist()) == max(scores, key=scores.get)
        expected = torch.zeros(length, TAGS)
        for chain, share in zip(
            scores, torch.tensor(list(scores.values())).softmax(0).tolist(), strict=True
        ):
            expected[range(length), chain] += share
        torch.testing.assert_close(shares[row, :length], expected, rtol=1e-4, atol=1e-6)


@EVERY_CRF
@pytest.mark.parametrize("scale", [1.0, 0.1, 20.0])
def test_the_best_sequence_of_all_is_decoded(make, scale):
    crf, (emissions, lengths) = make(), some_rows(scale)
    tags = decode(crf, emissions, lengths)
    assert (tags.dtype, tags.shape) == (torch.int64, (len(LENGTHS), TIME))
    for row, length in enumerate(LENGTHS):
        sequences = every_sequence(crf, length)
        best = naive_scores(crf, emissions[row], sequences).detach()
        assert tags[row].tolist() == [*sequences[int(best.argmax())], *[0] * (TIME - length)]


@pytest.mark.parametrize("scale", [1.0, 1e3, 1e5])
@pytest.mark.parametrize("scheme", [Scheme.BIO, Scheme.BIOES])
def test_what_is_forbidden_is_never_decoded(scheme, scale):
    crf = make_crf(scheme, ("X", "Y", "Z"))
    lengths = torch.arange(1, 31)
    tags = decode(crf, scale * torch.randn(30, 30, len(crf.start)), lengths).tolist()
    for row, length in zip(tags, lengths.tolist(), strict=True):
        assert is_allowed(crf, row[:length])


@pytest.mark.parametrize("content", [0.0, 1e4, math.inf, math.nan])
def test_what_is_in_padding_does_not_matter(content):
    crf, (emissions, lengths) = make_crf(Scheme.BIOES), some_rows()
    gold = some_gold(crf, 0.7)
    padding = torch.arange(TIME) >= lengths[:, None]
    other = emissions.masked_fill(padding[..., None], content)
    longer = torch.cat([other, torch.full((len(LENGTHS), 2, TAGS), content)], dim=1)
    longer_gold = torch.cat([gold.masked_fill(padding, 3), torch.full((len(LENGTHS), 2), 1)], dim=1)
    assert torch.equal(crf.log_partition(longer, lengths), crf.log_partition(emissions, lengths))
    assert torch.equal(decode(crf, longer, lengths)[:, :TIME], decode(crf, emissions, lengths))
    assert torch.equal(
        marginals(crf, longer, lengths)[:, :TIME], marginals(crf, emissions, lengths)
    )
    assert not marginals(crf, longer, lengths)[:, TIME:].any()
    gradients = []
    for inputs, wanted in ((emissions, gold), (longer, longer_gold)):
        leaf = inputs.clone().requires_grad_()
        loss = crf.loss(leaf, wanted, lengths)
        gradients.append((loss.detach(), *torch.autograd.grad(loss, [leaf, *crf.parameters()])))
    for one, two in zip(*gradients, strict=True):
        torch.testing.assert_close(two[:, :TIME] if one.dim() == 3 else two, one, rtol=0, atol=0)
    assert not gradients[1][1][:, TIME:].any()


def test_gold_tags_that_break_the_scheme_pull_towards_themselves_alone():
    crf = make_crf(Scheme.BIOES)
    outside, begin, inside, end, single = range(TAGS)
    gold = torch.tensor([[inside, outside, end], [begin, single, inside], [begin, -100, -100]])
    emissions, lengths = torch.randn(3, 3, TAGS, requires_grad=True), torch.tensor([3, 3, 1])
    loss = crf.loss(emissions, gold, lengths)
    assert 1e3 < loss.item() < math.inf
    (gradient,) = torch.autograd.grad(loss, emissions)
    wanted = torch.nn.functional.one_hot(gold.clamp_min(0), TAGS) * (gold >= 0)[..., None]
    torch.testing.assert_close(
        gradient, marginals(crf, emissions, lengths) - wanted, rtol=1e-3, atol=1e-3
    )


@pytest.mark.parametrize("scale", [3.0, 10.0])
def test_a_long_row_loses_no_precision(scale):
    """A window of a labeler has hundreds of words, whose scores add up to thousands."""
    crf, time = make_crf(), 600
    emissions, lengths = scale * torch.randn(1, time, TAGS), torch.tensor([time])
    # Forward and backward sums in double precision, the slow way.
    transitions, scores = crf.transitions.detach().double(), emissions[0].double()
    ahead, back = [crf.start.detach().double() + scores[0]], [crf.end.detach().double()]
    for place in range(1, time):
        ahead.append((ahead[-1][:, None] + transitions).logsumexp(0) + scores[place])
        back.insert(0, (transitions + scores[-place] + back[0]).logsumexp(1))
    expected = torch.stack(
        [(one + other).softmax(0) for one, other in zip(ahead, back, strict=True)]
    )
    found = marginals(crf, emissions, lengths)[0].double()
    torch.testing.assert_close(found, expected, rtol=0, atol=1e-4)
    torch.testing.assert_close(
        found.sum(dim=1), torch.ones(time, dtype=torch.float64), rtol=0, atol=1e-4
    )


@pytest.mark.parametrize("scale", [1e3, 1e5])
def test_marginals_are_shares_whatever_the_scores(scale):
    """Where only forbidden sequences score well, the allowed ones' shares are below what 64 bits
    hold.
    """
    crf = make_crf(Scheme.BIOES, ("X", "Y"))
    lengths = torch.arange(1, 21)
    emissions = scale * torch.randn(20, 20, len(crf.start))
    found = marginals(crf, emissions, lengths)
    inside = torch.arange(20) < lengths[:, None]
    assert found[inside].isfinite().all()
    torch.testing.assert_close(
        found[inside].sum(dim=1), torch.ones(int(inside.sum())), rtol=0, atol=1e-3
    )
    assert not found[~inside].any()


def test_a_row_of_which_no_chance_is_left_is_summed_in_log_space(monkeypatch):
    crf = make_crf(Scheme.BIOES)
    outside, _, inside, *_ = range(TAGS)
    # Inside after outside is forbidden, and all else as unlikely as can be.
    emissions = torch.full((1, 2, TAGS), -2e3)
    emissions[0, 0, outside] = emissions[0, 1, inside] = 0.0
    asked, slow = [], chains.Chain._in_log_space
    monkeypatch.setattr(chains.Chain, "_in_log_space", lambda *some: asked.append(1) or slow(*some))
    found = marginals(crf, emissions, torch.tensor([2]))[0]
    assert asked == [1]
    assert found.sum(dim=1).tolist() == pytest.approx([1.0, 1.0], abs=1e-3)
    assert float(found[0, outside] + found[1, inside]) == pytest.approx(1.0, abs=0.05)


@EVERY_CRF
@pytest.mark.parametrize("temperature", [0.5, 2.0])
@pytest.mark.parametrize("offset", [-2.0, 1.5])
def test_with_an_offset_each_word_gets_the_most_likely_tag_of_its_own(make, offset, temperature):
    crf, (emissions, _) = make(), some_rows()
    plain = crf.found(emissions[0], [TIME], Decision(temperature)).probabilities
    tags, probabilities = crf.found(emissions[0], [TIME], Decision(temperature, offset))
    assert np.array_equal(probabilities, plain)
    logs = np.log(np.maximum(plain, 1e-30)) - offset * (np.arange(TAGS) == 0)
    assert tags.tolist() == logs.argmax(axis=1).tolist()


def test_a_tag_that_was_chosen_with_an_offset_does_not_bind_the_next_one():
    crf = make_crf(Scheme.BIOES)
    found = [
        crf.found(
            torch.randn(3, TAGS, generator=torch.Generator().manual_seed(1)),
            [3],
            Decision(1.0, 1.0),
            after=tag,
        )
        for tag in range(TAGS)
    ]
    assert all(np.array_equal(one.probabilities, found[0].probabilities) for one in found)


@pytest.mark.parametrize("scale", [1.0, 2.0, 8.0, 1e5])
def test_rows_without_doubt_and_rows_in_doubt_get_the_best_sequence(scale, monkeypatch):
    """Only the rows in doubt are searched; none of the others has a better sequence."""
    crf = make_crf(Scheme.BIOES)
    lengths = torch.randint(1, 9, (200,)).tolist()
    emissions = scale * torch.randn(sum(lengths), TAGS)
    searched, search = [], chains.Chain.best
    monkeypatch.setattr(
        chains.Chain,
        "best",
        lambda chain, some, sizes: searched.append(len(sizes)) or search(chain, some, sizes),
    )
    found = crf.found(emissions, lengths).tags
    chain = crf_module._chain(Rows(lengths), Decision(), crf.tag_set, crf.arrays())
    assert np.array_equal(found, search(chain, emissions.numpy(), lengths))
    assert sum(searched) > 0 or scale == 1e5
    assert sum(searched) < 200
