"""Devices by name, on machines that have more or fewer of them than this one."""

from contextlib import nullcontext
from types import SimpleNamespace

import pytest
import torch

from seqlabel.errors import OptionError
from seqlabel.training import devices
from seqlabel.training.devices import choose_device, multiplies_bfloat16, name_of
from seqlabel.training.loop import Precision


@pytest.fixture
def machine(monkeypatch):
    def pretend(*, cuda=0, mps=False):
        monkeypatch.setattr(torch.cuda, "is_available", lambda: cuda > 0)
        monkeypatch.setattr(torch.cuda, "device_count", lambda: cuda)
        monkeypatch.setattr(torch.backends.mps, "is_available", lambda: mps)

    return pretend


@pytest.mark.parametrize(
    ("cuda", "mps", "best"),
    [(0, False, "cpu"), (0, True, "mps"), (1, False, "cuda"), (2, True, "cuda")],
)
def test_auto_takes_cuda_then_mps_then_cpu(machine, cuda, mps, best):
    machine(cuda=cuda, mps=mps)
    assert choose_device("auto") == torch.device(best)


@pytest.mark.parametrize("name", ["cuda:2", "mps", "gpu", "", "CPU", "cpu:0"])
def test_what_the_machine_lacks_is_refused_beside_what_it_has(machine, name):
    machine(cuda=2)
    with pytest.raises(OptionError, match=rf"^device: .*cuda, cuda:0, cuda:1, cpu.*'{name}'"):
        choose_device(name)


@pytest.mark.parametrize(
    ("instructions", "chosen"),
    [
        ((), Precision.FLOAT32),
        (("avx512_bf16",), Precision.BFLOAT16),
        (("amx_tile",), Precision.BFLOAT16),
    ],
)
def test_products_are_in_16_bits_where_instructions_make_them_faster(
    monkeypatch, instructions, chosen
):
    monkeypatch.setattr(devices, "_is_faster_in_bfloat16", lambda: True)
    for name in ("avx512_bf16", "amx_tile"):
        monkeypatch.setattr(
            torch.cpu, f"_is_{name}_supported", lambda name=name: name in instructions
        )
    assert Precision.AUTO.chosen(torch.device("cpu")) is chosen
    assert Precision.AUTO.chosen(torch.device("mps")) is Precision.BFLOAT16
    assert Precision.AUTO.chosen(torch.device("xpu")) is Precision.FLOAT32
    for precision in (Precision.FLOAT32, Precision.BFLOAT16, Precision.FLOAT16):
        assert precision.chosen(torch.device("cpu")) is precision


@pytest.mark.parametrize(("share", "faster"), [(0.2, True), (0.9, False), (50.0, False)])
def test_what_is_measured_decides_whatever_instructions_there_are(monkeypatch, share, faster):
    monkeypatch.setattr(devices, "has_instructions", lambda *names: True)
    monkeypatch.setattr(
        devices, "_seconds", lambda dtype: share if dtype is torch.bfloat16 else 1.0
    )
    devices._is_faster_in_bfloat16.cache_clear()
    assert multiplies_bfloat16(torch.device("cpu")) is faster
    devices._is_faster_in_bfloat16.cache_clear()


def test_a_product_is_measured_in_both_precisions():
    assert 0 < devices._seconds(torch.float32) < 10
    assert 0 < devices._seconds(torch.bfloat16) < 10


@pytest.mark.parametrize("has", [False, True])
def test_a_gpu_that_only_emulates_bfloat16_does_not_multiply_in_it(monkeypatch, has):
    monkeypatch.setattr(torch.cuda, "device", lambda device: nullcontext())
    monkeypatch.setattr(
        torch.cuda, "is_bf16_supported", lambda including_emulation: has or including_emulation
    )
    assert multiplies_bfloat16(torch.device("cuda:1")) is has


@pytest.mark.parametrize(
    ("capability", "has_bfloat16", "chosen"),
    [
        ((6, 0), False, Precision.FLOAT32),
        ((7, 0), False, Precision.FLOAT16),
        ((7, 5), False, Precision.FLOAT16),
        ((8, 0), True, Precision.BFLOAT16),
        ((9, 0), True, Precision.BFLOAT16),
    ],
    ids=["P100", "V100", "T4", "A100", "H100"],
)
def test_auto_is_what_the_gpu_multiplies_by_instructions(
    monkeypatch, capability, has_bfloat16, chosen
):
    monkeypatch.setattr(torch.cuda, "device", lambda device: nullcontext())
    monkeypatch.setattr(torch.cuda, "is_bf16_supported", lambda including_emulation: has_bfloat16)
    monkeypatch.setattr(torch.cuda, "get_device_capability", lambda device: capability)
    assert Precision.AUTO.chosen(torch.device("cuda:0")) is chosen


def test_a_gpu_is_named_with_its_memory(monkeypatch):
    about = SimpleNamespace(name="Tesla T4", total_memory=15_835_660_288)
    monkeypatch.setattr(torch.cuda, "get_device_properties", lambda device: about)
    assert name_of(torch.device("cuda:0")) == "Tesla T4, 15.8 GB"
    assert name_of(torch.device("cpu")) is None


def test_a_torch_that_cannot_say_multiplies_in_32_bits(monkeypatch):
    monkeypatch.delattr(torch.cpu, "_is_avx512_bf16_supported")
    assert not multiplies_bfloat16(torch.device("cpu"))
