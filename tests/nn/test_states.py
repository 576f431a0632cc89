"""State as a value: nests of tuples are changed, taken apart and put together without loss."""

import json

import pytest
import torch

from seqlabel.nn.copying import Memory
from seqlabel.nn.states import detach_state, flatten_state, map_state, restore_state

TENSORS = [torch.arange(3.0), torch.zeros(2, 1), torch.ones(())]
NESTS = [
    None,
    TENSORS[0],
    (),
    (None,),
    (TENSORS[0],),
    ((TENSORS[0], TENSORS[1]), None, (TENSORS[2], (), (None,))),
    ((TENSORS[0],), Memory(TENSORS[1], TENSORS[2])),
]


def same(left, right):
    if left is None or right is None:
        return left is right
    if isinstance(left, torch.Tensor):
        return isinstance(right, torch.Tensor) and torch.equal(left, right)
    return isinstance(right, tuple) and len(left) == len(right) and all(map(same, left, right))


@pytest.mark.parametrize("state", NESTS)
def test_what_is_flattened_is_restored(state):
    description, tensors = flatten_state(state)
    assert all(isinstance(tensor, torch.Tensor) for tensor in tensors)
    assert same(restore_state(json.loads(json.dumps(description)), tensors), state)


def test_tensors_come_in_reading_order():
    description, tensors = flatten_state(NESTS[5])
    assert description == [[0, 1], None, [2, [], [None]]]
    assert [tensor.shape for tensor in tensors] == [tensor.shape for tensor in TENSORS]


@pytest.mark.parametrize("state", NESTS)
def test_map_changes_every_tensor_and_nothing_else(state):
    changed = map_state(lambda tensor: tensor + 1, state)
    assert same(map_state(lambda tensor: tensor - 1, changed), state)
    assert len(flatten_state(changed)[1]) == len(flatten_state(state)[1])
    if flatten_state(state)[1]:
        assert not same(changed, state)


def test_no_gradient_flows_through_a_detached_state():
    weight = torch.ones(2, requires_grad=True)
    state = (weight * 2, (weight * 3, None))
    detached = detach_state(state)
    assert same(detached, state)
    assert all(tensor.requires_grad for tensor in flatten_state(state)[1])
    assert not any(tensor.requires_grad for tensor in flatten_state(detached)[1])
