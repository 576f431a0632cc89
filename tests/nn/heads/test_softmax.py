"""Heads that tag words, word by word: losses, probabilities, temperatures and offsets of both
kinds.
"""

import pytest
import torch
from torch import nn

from seqlabel.documents.schemes import Scheme
from seqlabel.documents.tag_sets import TagSet
from seqlabel.errors import OptionError
from seqlabel.nn.heads.crf import CRF
from seqlabel.nn.heads.softmax import Softmax
from seqlabel.nn.network_configs import Decision
from seqlabel.nn.networks import TagHead
from tests.heads import padded_scores

TAGS = 5
LENGTHS = [4, 1, 3]
HEADS = pytest.mark.parametrize("kind", ["softmax", "crf"])


def tag_head(kind, **options):
    head = TagHead(
        CRF() if kind == "crf" else Softmax(**options), TagSet("tags", ("X",), Scheme.BIOES), 6
    )
    for parameter in head.parameters():
        nn.init.normal_(parameter)
    return head


def some_states():
    """Hidden states, allowed gold tags of which some are not known, and lengths."""
    gold = torch.tensor([[1, 3, -100, 0], [4, -100, -100, -100], [-100, 0, -100, -100]])
    return torch.randn(3, 4, 6), gold, torch.tensor(LENGTHS)


def known_words(gold):
    return [
        (row, time)
        for row, length in enumerate(LENGTHS)
        for time in range(length)
        if gold[row, time] >= 0
    ]


def naive_logits(head, state):
    return torch.stack(
        [head.output.weight[tag] @ state + head.output.bias[tag] for tag in range(TAGS)]
    )


@pytest.mark.parametrize("weights", [None, [1.0, 2.0, 0.5, 3.0, 0.0]])
@pytest.mark.parametrize("smoothing", [0.0, 0.3])
def test_the_softmax_loss_is_the_sum_word_by_word(weights, smoothing):
    head = tag_head(
        "softmax",
        class_weights=None if weights is None else tuple(weights),
        label_smoothing=smoothing,
    )
    weights = weights or [1.0] * TAGS
    hidden, gold, lengths = some_states()
    expected = 0
    for row, time in known_words(gold):
        surprise = -naive_logits(head, hidden[row, time]).log_softmax(0)
        # With smoothing each tag is wanted a little, and weighs what it weighs (as torch defines
        # it).
        for tag in range(TAGS):
            share = smoothing / TAGS + (1 - smoothing) * (tag == gold[row, time].item())
            expected = expected + share * weights[tag] * surprise[tag]
    torch.testing.assert_close(head.loss(hidden, gold, lengths), expected)


def test_the_softmax_decodes_each_word_alone():
    head = tag_head("softmax")
    hidden, _, lengths = some_states()
    tags, probabilities = padded_scores(head, hidden, lengths)
    assert (tags.dtype, tags.shape, probabilities.shape) == (torch.int64, (3, 4), (3, 4, TAGS))
    for row, length in enumerate(LENGTHS):
        for time in range(length):
            expected = naive_logits(head, hidden[row, time]).softmax(0)
            torch.testing.assert_close(probabilities[row, time], expected)
            assert tags[row, time] == expected.argmax()


@HEADS
@pytest.mark.parametrize("unknown", [-100, -1])
def test_words_without_a_tag_give_no_loss_and_no_gradient(kind, unknown):
    head = tag_head(kind)
    hidden, gold, lengths = some_states()
    hidden.requires_grad_()
    gold = gold.masked_fill(gold < 0, unknown)
    head.loss(hidden, gold, lengths).backward()
    touched = hidden.grad.abs().sum(dim=-1) > 0
    for row, length in enumerate(LENGTHS):
        assert not touched[row, length:].any()
    if kind == "softmax":
        assert touched.nonzero().tolist() == [list(place) for place in known_words(gold)]
    hidden.grad = None
    loss = head.loss(hidden, torch.full_like(gold, unknown), lengths)
    loss.backward()
    assert loss.item() == 0
    assert not hidden.grad.any()


@HEADS
def test_a_row_of_tags_alone_is_a_row_in_a_batch(kind):
    head = tag_head(kind)
    hidden, gold, lengths = some_states()
    whole = padded_scores(head, hidden, lengths)
    total = 0
    for row, length in enumerate(LENGTHS):
        alone = slice(row, row + 1), slice(length)
        found = padded_scores(head, hidden[alone], lengths[row : row + 1])
        assert torch.equal(found.tags[0], whole.tags[row, :length])
        torch.testing.assert_close(found.probabilities[0], whole.probabilities[row, :length])
        total = total + head.loss(hidden[alone], gold[alone], lengths[row : row + 1])
    torch.testing.assert_close(head.loss(hidden, gold, lengths), total)
    padding = torch.arange(4) >= lengths[:, None]
    torch.testing.assert_close(
        head.loss(hidden.masked_fill(padding[..., None], 1e3), gold, lengths), total
    )


def test_the_scores_of_a_field_are_weights_that_begin_at_nothing():
    head = TagHead(CRF(), TagSet("tags", ("X",), Scheme.BIOES), 6)
    names = ["crf.end", "crf.start", "crf.transitions", "output.bias", "output.weight"]
    assert sorted(head.state_dict()) == names
    assert not any(weights.any() for weights in head.weights.values())


@pytest.mark.parametrize("weights", [(1.0,), (1.0, -1.0, 1.0)])
def test_class_weights_that_do_not_fit_are_refused(weights):
    with pytest.raises(OptionError, match="class_weights: "):
        tag_head("softmax", class_weights=weights)


@HEADS
@pytest.mark.parametrize("temperature", [0.3, 1.0, 4.0])
def test_a_temperature_is_a_power_of_the_probabilities_and_changes_no_tag(kind, temperature):
    head = tag_head(kind)
    hidden, gold, lengths = some_states()
    plain, loss = padded_scores(head, hidden, lengths), head.loss(hidden, gold, lengths)
    found = padded_scores(head, hidden, lengths, Decision(temperature))
    assert torch.equal(found.tags, plain.tags)
    torch.testing.assert_close(head.loss(hidden, gold, lengths), loss)
    for row, length in enumerate(LENGTHS):
        for time in range(length):
            powers = [
                float(p) ** (1 / temperature) for p in plain.probabilities[row, time].detach()
            ]
            expected = torch.tensor([power / sum(powers) for power in powers])
            # What a CRF forbids has a probability of nothing, which is held above 1e-30 for its
            # logarithm.
            torch.testing.assert_close(
                found.probabilities[row, time].detach(), expected, rtol=1e-4, atol=1e-6
            )


@pytest.mark.parametrize("threshold_offset", [-2.0, 0.7, 3.0])
def test_the_offset_is_taken_off_the_first_tags_score_and_off_no_probability(threshold_offset):
    head = tag_head("softmax")
    hidden, _, lengths = some_states()
    plain = padded_scores(head, hidden, lengths, Decision(1.7))
    found = padded_scores(head, hidden, lengths, Decision(1.7, threshold_offset))
    assert torch.equal(found.probabilities, plain.probabilities)
    for row, time in ((0, 0), (0, 3), (1, 0), (2, 2)):
        scores = (naive_logits(head, hidden[row, time]) / 1.7).tolist()
        scores[0] -= threshold_offset
        assert found.tags[row, time] == scores.index(max(scores))
