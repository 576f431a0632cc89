"""Products of 8-bit integers: right where torch has them, done without where it has not or fails."""

import pytest
import torch

from seqlabel.nn import integers


@pytest.fixture
def fresh():
    """What was found out about the processor is found out anew, before and after."""
    integers.multiplies_integers.cache_clear()
    yield
    integers.multiplies_integers.cache_clear()


def with_instructions(monkeypatch, *, vnni=True, amx=False):
    monkeypatch.setattr(torch.cpu, "_is_vnni_supported", lambda: vnni)
    monkeypatch.setattr(torch.cpu, "_is_amx_tile_supported", lambda: amx)


def works(left, right, out):
    return out.copy_(left.int() @ right.int())


@pytest.mark.parametrize(("vnni", "amx"), [(True, False), (False, True), (True, True), (False, False)])
def test_it_takes_instructions(fresh, monkeypatch, vnni, amx):
    with_instructions(monkeypatch, vnni=vnni, amx=amx)
    monkeypatch.setattr(torch, "_int_mm", works)
    assert integers.multiplies_integers() is (vnni or amx)


@pytest.mark.parametrize("name", ["_is_vnni_supported", "_is_amx_tile_supported"])
def test_a_torch_that_cannot_say_what_the_processor_has_is_not_asked_for_integers(fresh, monkeypatch, name):
    with_instructions(monkeypatch, vnni=False)
    monkeypatch.delattr(torch.cpu, name)
    assert not integers.multiplies_integers()


def fails(left, right, out):
    raise RuntimeError("not implemented for this processor")


def refuses(left, right):
    return left


def overflows(left, right, out):
    return out.copy_((left.int() @ right.int()).clamp(-(1 << 15), 1 << 15))


@pytest.mark.parametrize("product", [fails, refuses, overflows])
def test_a_product_that_fails_or_is_wrong_is_not_used(fresh, monkeypatch, product):
    with_instructions(monkeypatch)
    monkeypatch.setattr(torch, "_int_mm", product)
    assert not integers.multiplies_integers()


def test_a_torch_without_the_product_does_without(fresh, monkeypatch):
    with_instructions(monkeypatch)
    monkeypatch.delattr(torch, "_int_mm")
    assert not integers.multiplies_integers()


@pytest.mark.parametrize("rows", [1, 2, 17])
def test_products_are_exact_where_they_are_used(rows):
    if not integers.multiplies_integers():
        pytest.skip("this processor has no products of 8-bit integers")
    torch.manual_seed(0)
    states = torch.randint(-127, 128, (rows, 48), dtype=torch.int8)
    weights = torch.randint(-127, 128, (48, 32), dtype=torch.int8)
    sums = torch.empty(rows, 32, dtype=torch.int32)
    integers.multiply_integers(states, weights, out=sums)
    assert torch.equal(sums.long(), states.long() @ weights.long())
