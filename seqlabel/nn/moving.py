"""Tensors on their way to a device; which device is chosen in `training.devices`."""

import torch
from torch import Tensor

PINNED = {"cuda"}
"""Kinds of devices that read pinned memory of the CPU while both go on."""


def moved(tensor: Tensor, device: torch.device) -> Tensor:
    """Move a tensor, to a GPU from pinned memory, so that neither side waits for the other.

    Args:
        tensor: The tensor.
        device: The device.

    Returns:
        The tensor there; the same one if it is there already.
    """
    if device.type not in PINNED:
        return tensor.to(device)
    if tensor.device.type == "cpu":
        tensor = tensor.pin_memory()
    return tensor.to(device, non_blocking=True)
