"""Products in 16 bits on a CPU, beside those of torch; and how many shapes they have."""

import pytest
import torch
from torch.nn import functional

from seqlabel.nn.products import Linear, gelu, linear, padded_count


def test_rows_are_padded_to_two_sizes_per_power_of_two():
    counts = [padded_count(rows) for rows in range(1, 1025)]
    assert all(rows <= count for rows, count in enumerate(counts, 1))
    assert all(count < 1.5 * rows for rows, count in enumerate(counts, 1) if rows > 16)
    assert sorted(set(counts)) == [16, 24, 32, 48, 64, 96, 128, 192, 256, 384, 512, 768, 1024]


@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("shape", [(5, 7), (37, 7), (3, 11, 7), (0, 7)])
def test_products_and_gradients_are_those_of_torch(shape, bias):
    torch.manual_seed(0)
    layer = Linear(7, 4, bias=bias)
    vectors = torch.randn(shape, requires_grad=True)
    with torch.autocast("cpu", torch.bfloat16):
        found = layer(vectors)
        expected = functional.linear(vectors, layer.weight, layer.bias)
    assert found.dtype is torch.bfloat16
    torch.testing.assert_close(found, expected, rtol=2e-2, atol=2e-2)

    parameters = [vectors, *layer.parameters()]
    weights = torch.randn(found.shape)
    ours = torch.autograd.grad((found * weights).sum(), parameters)
    theirs = torch.autograd.grad((expected * weights).sum(), parameters)
    for one, other in zip(ours, theirs, strict=True):
        assert one.dtype is torch.float32
        torch.testing.assert_close(one, other, rtol=2e-2, atol=5e-2)


def test_in_32_bits_a_layer_is_that_of_torch_to_the_bit():
    layer, vectors = Linear(7, 4), torch.randn(3, 5, 7)
    assert torch.equal(layer(vectors), functional.linear(vectors, layer.weight, layer.bias))
    assert torch.equal(linear(vectors, layer.weight), functional.linear(vectors, layer.weight))


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
@pytest.mark.parametrize("rows", [0, 1, 16, 37])
def test_a_gelu_is_that_of_torch_to_the_bit(rows, dtype):
    torch.manual_seed(0)
    vectors = torch.randn(rows, 32).to(dtype).requires_grad_()
    weights = torch.randn(rows, 32).to(dtype)
    with torch.autocast("cpu", torch.bfloat16, enabled=dtype is torch.bfloat16):
        found, expected = gelu(vectors), functional.gelu(vectors)
    assert found.dtype is dtype
    assert torch.equal(found, expected)
    ours = torch.autograd.grad((found * weights).sum(), vectors)[0]
    theirs = torch.autograd.grad((expected * weights).sum(), vectors)[0]
    assert torch.equal(ours, theirs)
