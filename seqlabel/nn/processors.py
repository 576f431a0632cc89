"""Instruction sets of the CPU, by functions that are private to torch; what is computed with them is elsewhere."""

import torch


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
