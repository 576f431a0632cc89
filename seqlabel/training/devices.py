"""Which processor the tensors live on, chosen by name; nothing is moved in here."""

import torch

from seqlabel.errors import OptionError


def choose_device(name: str) -> torch.device:
    """The device of a name: `auto` (CUDA, then MPS, then CPU), `cpu`, `cuda`, `cuda:N` or `mps`.

    Raises `OptionError` for another name or a device that this machine lacks. MPS is untested.
    """
    available = ["cpu"]
    if torch.backends.mps.is_available():
        available.insert(0, "mps")
    if torch.cuda.is_available():
        available[:0] = ["cuda", *[f"cuda:{number}" for number in range(torch.cuda.device_count())]]
    if name == "auto":
        name = available[0]
    if name not in available:
        raise OptionError(f"device: found {name!r}; this machine has {', '.join(available)}, or give 'auto'")
    return torch.device(name)
