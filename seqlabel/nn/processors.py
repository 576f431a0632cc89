"""The instructions of the CPU, as torch reports them; code that uses them is elsewhere."""

import torch


def has_instructions(*names: str) -> bool:
    """Find out whether the CPU has some of these instructions.

    Args:
        names: Names as torch has them, which are private to it: `avx512_bf16`, `amx_tile`.

    Returns:
        Whether it has any of them; False where torch cannot say.
    """
    try:
        return any(getattr(torch.cpu, f"_is_{name}_supported")() for name in names)
    except (AttributeError, RuntimeError):
        return False
