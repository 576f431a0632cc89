"""The language model head: place by place, tied and untied; the adaptive softmax word by word."""

import copy
import math

import pytest
import torch
from torch import nn
from torch.nn import functional

from seqlabel.errors import OptionError
from seqlabel.nn.heads.language import (
    _ROWS,
    AdaptiveSoftmaxHead,
    LanguageModelHead,
    summed_cross_entropy,
)


def test_logits_are_those_of_each_place_alone():
    head = LanguageModelHead(6, 9)
    nn.init.normal_(head.output.bias)
    hidden = 3 + 2 * torch.randn(2, 4, 6)
    logits = head(hidden)
    assert logits.shape == (2, 4, 9)
    for row in range(2):
        for time in range(4):
            one = hidden[row, time]
            normal = (one - one.mean()) / (one.var(correction=0) + head.norm.eps).sqrt()
            expected = [
                head.output.weight[word] @ normal + head.output.bias[word] for word in range(9)
            ]
            torch.testing.assert_close(logits[row, time], torch.stack(expected))


def test_a_tied_head_scores_with_the_table_itself():
    table = nn.Embedding(9, 6)
    head = LanguageModelHead(6, 9, table=table)
    hidden = torch.randn(1, 1, 6)
    before = head(hidden)
    with torch.no_grad():
        table.weight[4] *= 2
    assert (head(hidden) != before).flatten().nonzero().flatten().tolist() == [4]
    assert head.output.weight is table.weight
    assert (
        sum(parameter.numel() for parameter in nn.ModuleList([table, head]).parameters())
        == 9 * 6 + 9 + 2 * 6
    )


@pytest.mark.parametrize("shape", [(9, 5), (8, 6)])
def test_a_table_that_does_not_fit_is_refused(shape):
    with pytest.raises(OptionError, match=r"tied: "):
        LanguageModelHead(6, 9, table=nn.Embedding(*shape))


CUTOFFS = pytest.mark.parametrize("cutoffs", [[4], [4, 6], [1, 2, 11], [11]], ids=str)
WORDS, WIDTH = 12, 40


def adaptive(cutoffs):
    head = AdaptiveSoftmaxHead(WIDTH, WORDS, cutoffs=cutoffs)
    for parameter in head.parameters():
        nn.init.normal_(parameter, std=0.4)
    return head


@torch.no_grad()
def slow_adaptive(head, cutoffs, state):
    """The probability of each word, in plain Python: in the first layer, or by its class and then
    within the class.
    """

    def softmax(scores):
        powers = [math.exp(score) for score in scores]
        return [power / sum(powers) for power in powers]

    state = head.norm(state)
    first = softmax(head.first(state).tolist())
    probabilities = first[: cutoffs[0]]
    for share, (narrow, wide) in zip(first[cutoffs[0] :], head.classes, strict=True):
        probabilities += [share * within for within in softmax(wide(narrow(state)).tolist())]
    return probabilities


@CUTOFFS
def test_each_words_probability_is_that_of_its_class_times_that_within(cutoffs):
    head, hidden = adaptive(cutoffs), 3 * torch.randn(2, 3, WIDTH)
    found = head(hidden)
    assert found.shape == (2, 3, WORDS)
    expected = [[slow_adaptive(head, cutoffs, state) for state in row] for row in hidden]
    torch.testing.assert_close(found.exp(), torch.tensor(expected), rtol=1e-4, atol=1e-6)


@CUTOFFS
def test_the_loss_is_the_sum_of_the_log_probabilities(cutoffs):
    head, hidden, targets = adaptive(cutoffs), torch.randn(30, WIDTH), torch.arange(30) % WORDS
    before = targets.clone()
    expected = -sum(head(hidden)[place, target] for place, target in enumerate(targets.tolist()))
    torch.testing.assert_close(head.loss(hidden, targets), expected)
    assert torch.equal(targets, before)


@CUTOFFS
@pytest.mark.parametrize("targets", [[0, 0, 0], [11, 11], [3, 4], [0], []], ids=str)
def test_the_gradient_is_that_of_the_log_probabilities_also_where_a_class_is_absent(
    cutoffs, targets
):
    head = adaptive(cutoffs)
    other = copy.deepcopy(head)
    one, two = (
        torch.randn(len(targets), WIDTH, generator=torch.Generator().manual_seed(1))
        for _ in range(2)
    )
    loss = head.loss(one.requires_grad_(), torch.tensor(targets, dtype=torch.int64))
    loss.backward()
    functional.nll_loss(
        other(two.requires_grad_()), torch.tensor(targets, dtype=torch.int64), reduction="sum"
    ).backward()
    assert math.isfinite(loss.item())
    torch.testing.assert_close(one.grad, two.grad)
    for (name, parameter), expected in zip(
        head.named_parameters(), other.parameters(), strict=True
    ):
        torch.testing.assert_close(
            parameter.grad, expected.grad, msg=lambda text, name=name: f"{name}: {text}"
        )


def test_later_classes_are_narrower_but_not_too_narrow():
    head = AdaptiveSoftmaxHead(256, 100, cutoffs=[10, 20, 40, 80])
    assert [layer[0].out_features for layer in head.classes] == [64, 16, 8, 8]
    assert [layer[1].out_features for layer in head.classes] == [10, 20, 40, 20]
    assert head.first.out_features == 10 + 4


@pytest.mark.parametrize("cutoffs", [[], [0], [-1, 3], [5, 5], [6, 4], [12], [4, 13]])
def test_cutoffs_that_do_not_rise_within_the_vocabulary_are_refused(cutoffs):
    with pytest.raises(OptionError, match=r"cutoffs: ") as error:
        AdaptiveSoftmaxHead(WIDTH, WORDS, cutoffs=cutoffs)
    assert str(cutoffs) in str(error.value)


@pytest.mark.parametrize("words", [0, 1, _ROWS, 2 * _ROWS + 3])
@pytest.mark.parametrize("classes", [1, 2, 50])
@pytest.mark.parametrize("spread", [1.0, 200.0])
def test_sum_and_gradient_are_torchs(words, classes, spread):
    torch.manual_seed(0)
    scores = (spread * torch.randn(words, classes)).requires_grad_()
    targets = torch.randint(classes, (words,))
    expected = functional.cross_entropy(scores, targets, reduction="sum")
    (3 * expected).backward()
    wanted, scores.grad = scores.grad, None
    found = summed_cross_entropy(scores, targets)
    (3 * found).backward()
    torch.testing.assert_close(found, expected, rtol=1e-5, atol=1e-5)
    torch.testing.assert_close(scores.grad, wanted, rtol=1e-4, atol=1e-6)


def test_in_bfloat16_the_sum_and_the_gradient_are_those_of_32_bits_rounded():
    torch.manual_seed(0)
    scores, targets = (
        torch.randn(300, 40).to(torch.bfloat16).requires_grad_(),
        torch.randint(40, (300,)),
    )
    exact = scores.detach().float().requires_grad_()
    expected = functional.cross_entropy(exact, targets, reduction="sum")
    expected.backward()
    found = summed_cross_entropy(scores, targets)
    found.backward()
    assert found.dtype == torch.float32
    torch.testing.assert_close(found, expected, rtol=1e-5, atol=1e-3)
    assert torch.equal(scores.grad, exact.grad.to(torch.bfloat16))


@torch.no_grad()
def test_without_a_gradient_torch_computes_it():
    scores, targets = torch.randn(30, 4), torch.randint(4, (30,))
    assert torch.equal(
        summed_cross_entropy(scores, targets),
        functional.cross_entropy(scores, targets, reduction="sum"),
    )
