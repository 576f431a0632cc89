"""Which heads run without torch, by what they have."""

import dataclasses

import pytest

from seqlabel.nn import CRF, Softmax
from seqlabel.nn.heads.head import CompiledHead, Rows


@pytest.mark.parametrize("head", [Softmax(), CRF()], ids=lambda head: head.name)
def test_the_librarys_heads_run_without_torch(head):
    assert isinstance(head, CompiledHead)
    assert dataclasses.is_dataclass(head)
    assert isinstance(hash(head), int)


def test_a_row_is_whole_unless_said_otherwise():
    assert Rows([2]) == Rows([2], after=None, goes_on=False)
