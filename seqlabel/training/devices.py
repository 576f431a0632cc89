"""Which processor the tensors live on, chosen by name, and what it is fast at; nothing is moved in here."""

import torch

from seqlabel.errors import OptionError
from seqlabel.nn.processors import has_instructions


def choose_device(name: str) -> torch.device:
    """Find the device of a name.

    Args:
        name: `auto` (CUDA, then MPS, then CPU), `cpu`, `cuda`, `cuda:N` or `mps`. MPS is untested.

    Returns:
        The device.

    Raises:
        OptionError: The name is another one, or this machine lacks the device.
    """
    available = ["cpu"]
    if torch.backends.mps.is_available():
        available.insert(0, "mps")
    if torch.cuda.is_available():
        available[:0] = ["cuda", *[f"cuda:{number}" for number in range(torch.cuda.device_count())]]
    if name == "auto":
        name = available[0]
    if name not in available:
        raise OptionError(f"device: Found {name!r}. This machine has {', '.join(available)}, or give 'auto'.")
    return torch.device(name)


def multiplies_bfloat16(device: torch.device) -> bool:
    """Find out whether a device has instructions for products in bfloat16.

    Args:
        device: The device.

    Returns:
        For a CPU, whether it has AVX-512 BF16 or AMX; with AVX2 alone a product in bfloat16 takes torch fifty times as
        long as one in float32. For CUDA, whether the GPU multiplies so without emulation; True for MPS. False for a
        CPU of which torch cannot say, and for any other device.
    """
    if device.type == "cuda":
        with torch.cuda.device(device):
            return bool(torch.cuda.is_bf16_supported(including_emulation=False))
    return device.type == "mps" or (device.type == "cpu" and has_instructions("avx512_bf16", "amx_tile"))
