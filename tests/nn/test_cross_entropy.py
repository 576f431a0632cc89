"""The cross-entropy in one step against torch's own, its gradient too."""

import pytest
import torch
from torch.nn import functional

from seqlabel.nn.cross_entropy import _ROWS, summed_cross_entropy


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
    scores, targets = torch.randn(300, 40).to(torch.bfloat16).requires_grad_(), torch.randint(40, (300,))
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
        summed_cross_entropy(scores, targets), functional.cross_entropy(scores, targets, reduction="sum")
    )
