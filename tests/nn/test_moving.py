"""Tensors arrive as they are, on the device that was asked for."""

import pytest
import torch

from seqlabel.nn.moving import moved


@pytest.mark.parametrize("dtype", [torch.float32, torch.int64, torch.bool])
def test_a_tensor_on_its_device_is_the_same_one(dtype):
    tensor = torch.ones(3, dtype=dtype)
    assert moved(tensor, torch.device("cpu")) is tensor


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a GPU")
def test_a_tensor_goes_to_the_gpu_and_back():
    tensor = torch.arange(6.0).view(2, 3)
    there = moved(tensor[:, 1:], torch.device("cuda"))
    assert there.device.type == "cuda"
    assert torch.equal(moved(there, torch.device("cpu")), tensor[:, 1:])
