"""Instructions of the CPU, and products of 8-bit integers on it, by torch; what is multiplied is elsewhere.

These functions are private to torch. Each is behind one function here, and where it is missing or fails the products
are made in float32, in which sums of a few thousand such products are exact as well.
"""

from functools import cache

import torch
from torch import Tensor


def has_instructions(*names: str) -> bool:
    """Find out whether the CPU has some of these instructions.

    Args:
        names: Names as torch has them: `vnni`, `avx512_bf16`, `amx_tile`.

    Returns:
        Whether it has any of them; False where torch cannot say.
    """
    try:
        return any(getattr(torch.cpu, f"_is_{name}_supported")() for name in names)
    except (AttributeError, RuntimeError):
        return False


@cache
def multiplies_integers() -> bool:
    """Find out whether this processor and this torch multiply 8-bit integers fast and without overflow.

    Returns:
        True with VNNI or AMX instructions and a torch whose product of integers is right in a trial.
    """
    return has_instructions("vnni", "amx_tile") and _is_exact()


def _is_exact() -> bool:
    """Whether a product of the largest integers is right."""
    states, weights = torch.full((1, 32), 127, dtype=torch.int8), torch.full((32, 16), -127, dtype=torch.int8)
    sums = torch.empty(1, 16, dtype=torch.int32)
    try:
        multiply_integers(states, weights, out=sums)
    except (AttributeError, RuntimeError, TypeError, ValueError):
        return False
    return bool((sums == -32 * 127 * 127).all())


def multiply_integers(states: Tensor, weights: Tensor, *, out: Tensor) -> None:
    """Multiply two matrices of 8-bit integers; only where `multiplies_integers` is true.

    Args:
        states: The left matrix (rows, in), int8.
        weights: The right matrix (in, width), int8.
        out: Where the sums (rows, width), int32, are written.
    """
    torch._int_mm(states, weights, out=out)
