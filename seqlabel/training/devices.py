"""Which processor the tensors live on, chosen by name, and what it is fast at; nothing is moved in
here.
"""

import os
import time
from functools import cache

import torch

from seqlabel.errors import OptionError
from seqlabel.nn.processors import has_instructions

_WORTH_ROUNDING = 0.7
"""The share of a product's time in float32 that one in bfloat16 may take: weights and states are
converted besides.
"""

_ROWS, _READ, _WRITTEN = 512, 640, 768
"""The product that is measured: the words of a batch, and the widths of a labeler's second layer.
"""

_ROUNDS = 5


def choose_device(name: str) -> torch.device:
    """Find the device of a name.

    Of several processes that were started together on a machine, each gets a GPU of its own for
    `auto` and `cuda`.

    Args:
        name: `auto` (CUDA, then MPS, then CPU), `cpu`, `cuda`, `cuda:N` or `mps`. MPS is untested.

    Returns:
        The device.

    Raises:
        OptionError: The name is another one, or this machine lacks the device.
    """
    available = available_devices()
    if name == "auto":
        name = available[0]
    if name not in available:
        raise OptionError(f"device: expected {', '.join(available)} or auto, got {name!r}.")

    local_rank = os.environ.get("LOCAL_RANK")
    if name == "cuda" and local_rank:
        name = f"cuda:{int(local_rank) % torch.cuda.device_count()}"
    return torch.device(name)


def available_devices() -> list[str]:
    """Return the names of the devices that this machine has, the one that `auto` chooses first."""
    names: list[str] = []
    if torch.cuda.is_available():
        names.append("cuda")
        names += [f"cuda:{number}" for number in range(torch.cuda.device_count())]
    if torch.backends.mps.is_available():
        names.append("mps")
    return [*names, "cpu"]


def name_of(device: torch.device) -> str | None:
    """Return the name of a GPU and its memory.

    Args:
        device: The device.

    Returns:
        The name that CUDA gives, such as `Tesla T4, 15.8 GB`; None for any other device.
    """
    if device.type != "cuda":
        return None
    about = torch.cuda.get_device_properties(device)
    return f"{about.name}, {about.total_memory / 1e9:.1f} GB"


def multiplies_bfloat16(device: torch.device) -> bool:
    """Return whether products in bfloat16 are faster than in float32 on a device.

    Args:
        device: The device.

    Returns:
        For a CPU with AVX-512 BF16 or AMX, what a measurement of a few milliseconds says, once per
        process; False for any other CPU, and for one of which torch cannot say: with AVX2 alone
        torch takes fifty times as long in bfloat16. For CUDA, whether the GPU multiplies so without
        emulation; True for MPS; False for any other device.
    """
    if device.type == "cuda":
        with torch.cuda.device(device):
            return bool(torch.cuda.is_bf16_supported(including_emulation=False))
    if device.type == "cpu":
        return has_instructions("avx512_bf16", "amx_tile") and _is_faster_in_bfloat16()
    return device.type == "mps"


_TENSOR_CORES = (7, 0)
"""The compute capability of the first GPUs that multiply matrices in float16 (V100; the T4 has
7.5). Earlier ones take as long as in float32, or 64 times as long (NVIDIA, CUDA C++ Programming
Guide, throughput of arithmetic)."""


def multiplies_float16(device: torch.device) -> bool:
    """Return whether a device multiplies matrices in float16 by instructions for that.

    Args:
        device: The device.

    Returns:
        For CUDA, whether the GPU has tensor cores; False for any other device.
    """
    return device.type == "cuda" and torch.cuda.get_device_capability(device) >= _TENSOR_CORES


@cache
def _is_faster_in_bfloat16() -> bool:
    """Measure a product on the CPU in both precisions; the least time of a few rounds counts,
    whatever else runs.
    """
    return _seconds(torch.bfloat16) <= _WORTH_ROUNDING * _seconds(torch.float32)


def _seconds(dtype: torch.dtype) -> float:
    vectors = torch.ones(_ROWS, _READ, dtype=dtype)
    weights = torch.ones(_READ, _WRITTEN, dtype=dtype)
    # The first product of a shape compiles code.
    torch.mm(vectors, weights)
    least = float("inf")
    for _ in range(_ROUNDS):
        began = time.perf_counter()
        torch.mm(vectors, weights)
        least = min(least, time.perf_counter() - began)
    return least
