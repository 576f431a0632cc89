"""The language model head: place by place, tied and untied."""

import pytest
import torch
from torch import nn
from torch.nn import functional

from seqlabel.errors import OptionError
from seqlabel.heads import LanguageModelHead


@pytest.fixture(autouse=True)
def seed():
    torch.manual_seed(0)


def test_logits_are_those_of_each_place_alone():
    head = LanguageModelHead(6, 9)
    nn.init.normal_(head.output.bias)
    hidden = 3 + 2 * torch.randn(2, 4, 6)
    logits = head(hidden)
    assert logits.shape == (2, 4, 9)
    for row in range(2):
        for time in range(4):
            one = hidden[row, time]
            normal = (one - one.mean()) / (one.var(correction=0) + head.norm.eps).sqrt()
            expected = [head.output.weight[word] @ normal + head.output.bias[word] for word in range(9)]
            torch.testing.assert_close(logits[row, time], torch.stack(expected))


def test_a_tied_head_scores_with_the_table_itself():
    table = nn.Embedding(9, 6)
    head = LanguageModelHead(6, 9, table=table)
    hidden = torch.randn(1, 1, 6)
    before = head(hidden)
    with torch.no_grad():
        table.weight[4] *= 2
    assert (head(hidden) != before).flatten().nonzero().flatten().tolist() == [4]
    assert head.output.weight is table.weight
    assert sum(parameter.numel() for parameter in nn.ModuleList([table, head]).parameters()) == 9 * 6 + 9 + 2 * 6


def test_a_tied_table_learns_from_both_sides():
    table = nn.Embedding(9, 6)
    head = LanguageModelHead(6, 9, table=table)
    logits = head(table(torch.tensor([[1, 2]])))
    functional.cross_entropy(logits.flatten(0, 1), torch.tensor([3, 4])).backward()
    assert table.weight.grad.abs().sum(dim=1).gt(0).all()


def test_an_untied_head_has_weights_of_its_own_and_no_bias_at_first():
    head = LanguageModelHead(6, 9)
    assert head.output.weight.shape == (9, 6)
    assert not head.output.bias.any()


@pytest.mark.parametrize("shape", [(9, 5), (8, 6)])
def test_a_table_that_does_not_fit_is_refused(shape):
    with pytest.raises(OptionError, match=rf"tied: found an embedding of \({shape[0]}, {shape[1]}\).*\(9, 6\)"):
        LanguageModelHead(6, 9, table=nn.Embedding(*shape))
