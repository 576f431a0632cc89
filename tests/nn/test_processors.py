"""Instructions of the CPU, on processors with more or fewer of them than this one, and on torches
that cannot say.
"""

import pytest
import torch

from seqlabel.nn.processors import has_instructions


@pytest.mark.parametrize(
    ("vnni", "amx"), [(True, False), (False, True), (True, True), (False, False)]
)
def test_one_of_them_is_enough(monkeypatch, vnni, amx):
    monkeypatch.setattr(torch.cpu, "_is_vnni_supported", lambda: vnni)
    monkeypatch.setattr(torch.cpu, "_is_amx_tile_supported", lambda: amx)
    assert has_instructions("vnni", "amx_tile") is (vnni or amx)


def fails():
    raise RuntimeError("not known on this system")


def test_where_torch_cannot_say_there_are_none(monkeypatch):
    monkeypatch.setattr(torch.cpu, "_is_vnni_supported", fails)
    assert not has_instructions("vnni")
    monkeypatch.delattr(torch.cpu, "_is_vnni_supported")
    assert not has_instructions("vnni")
