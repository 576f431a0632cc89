"""Linear layers whose products on a CPU have few shapes in bfloat16; recurrences are in `gru`, the
loop in `training`.

For each new shape of a product in 16 bits, torch's library on CPUs (oneDNN) compiles code, which
takes as long as five such products. Batches of words have ever new shapes, so rows of zeros fill
them up to two sizes per power of two.

Shapes: rows, width.
"""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn
from torch.autograd import Function
from torch.autograd.function import once_differentiable
from torch.nn import functional

_FEWEST = 16
"""Rows that one instruction of AMX multiplies."""


def padded_count(rows: int) -> int:
    """Return the number of rows that a product in 16 bits is given for a number of rows.

    Args:
        rows: The number of rows.

    Returns:
        A power of two, or one and a half times one, at least 16.

    Example:
        >>> padded_count(3), padded_count(40), padded_count(300), padded_count(512)
        (16, 48, 384, 512)
    """
    power = max(_FEWEST, 1 << (rows - 1).bit_length())
    smaller = power * 3 // 4
    return smaller if _FEWEST <= rows <= smaller else power


def product_rows(rows: int, dtype: torch.dtype) -> int:
    """Return the number of rows of a product on a CPU, with those of zeros: more than given in 16
    bits only.

    Args:
        rows: The number of rows.
        dtype: The type of the product.
    """
    return padded_count(rows) if dtype.itemsize < 4 else rows


def in_few_shapes(tensor: Tensor) -> bool:
    """Return whether products with a tensor are computed by this module: on a CPU, in 16 bits.

    Args:
        tensor: A tensor on the device of the product.
    """
    return tensor.device.type == "cpu" and torch.is_autocast_enabled("cpu")


def linear(vectors: Tensor, weight: Tensor, bias: Tensor | None = None) -> Tensor:
    """Apply a linear layer, `vectors · weightᵀ + bias`.

    Args:
        vectors: Vectors, (…, input width).
        weight: The weights, (output width, input width).
        bias: The bias, (output width,); None for none.

    Returns:
        The products, (…, output width), in the type of autocast where that is on.
    """
    if not in_few_shapes(vectors) or not vectors.numel():
        return functional.linear(vectors, weight, bias)
    products = _padded_linear(vectors.flatten(0, -2), weight, bias, torch.get_autocast_dtype("cpu"))
    return products.view(*vectors.shape[:-1], len(weight))


class Linear(nn.Linear):
    """A linear layer with the weights of `nn.Linear`, computed by `linear`.

    Formula::

        y = W x + b,  W (output width, input width)
    """

    def forward(self, vectors: Tensor) -> Tensor:
        """Apply the layer to vectors (…, input width)."""
        return linear(vectors, self.weight, self.bias)


def gelu(vectors: Tensor) -> Tensor:
    """Apply the Gaussian error linear unit (Hendrycks and Gimpel 2016) to vectors.

    Args:
        vectors: Vectors, (rows, width).

    Returns:
        The same vectors after it, (rows, width).
    """
    if not in_few_shapes(vectors):
        return functional.gelu(vectors)
    # torch compiles code for each shape of it in 16 bits too.
    count = len(vectors)
    padded = functional.pad(vectors, (0, 0, 0, padded_count(count) - count))
    return functional.gelu(padded)[:count]


def padded_rows(rows: Tensor, dtype: torch.dtype) -> Tensor:
    """Copy a matrix to one with as many rows as `padded_count` says, of which the last are zeros.

    Args:
        rows: The matrix, (rows, width).
        dtype: The type of the copy.

    Returns:
        The copy, (padded rows, width).
    """
    padded = torch.empty(padded_count(len(rows)), rows.shape[1], dtype=dtype)
    padded[: len(rows)] = rows
    padded[len(rows) :] = 0
    return padded


class _PaddedLinear(Function):
    @staticmethod
    def forward(
        ctx: Any, vectors: Tensor, weight: Tensor, bias: Tensor | None, dtype: torch.dtype
    ) -> Tensor:
        rows = padded_rows(vectors, dtype)
        short = weight.to(dtype)
        if bias is None:
            products = torch.mm(rows, short.t())
        else:
            products = torch.addmm(bias.to(dtype), rows, short.t())
        ctx.save_for_backward(rows, weight)
        ctx.count = len(vectors)
        ctx.dtype = vectors.dtype
        return products[: len(vectors)]

    @staticmethod
    @once_differentiable
    def backward(
        ctx: Any, gradient: Tensor
    ) -> tuple[Tensor | None, Tensor | None, Tensor | None, None]:
        rows, weight = ctx.saved_tensors
        to_vectors, to_weight, to_bias, _ = ctx.needs_input_grad
        padded = padded_rows(gradient, rows.dtype)
        of_vectors = of_weight = of_bias = None
        if to_vectors:
            of_vectors = torch.mm(padded, weight.to(rows.dtype))[: ctx.count].to(ctx.dtype)
        if to_weight:
            of_weight = torch.mm(padded.t(), rows).to(weight.dtype)
        if to_bias:
            of_bias = gradient.sum(dim=0, dtype=weight.dtype)
        return of_vectors, of_weight, of_bias, None


_padded_linear: Callable[[Tensor, Tensor, Tensor | None, torch.dtype], Tensor] = _PaddedLinear.apply
