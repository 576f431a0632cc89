"""The language model head: place by place, tied and untied; the adaptive softmax word by word; documents; tags."""

import copy
import math

import pytest
import torch
from torch import nn
from torch.nn import functional

from seqlabel.documents.schemes import Scheme, allowed_transitions, tag_names
from seqlabel.errors import OptionError
from seqlabel.nn.configs import Decision
from seqlabel.nn.crf import ConditionalRandomField
from seqlabel.nn.heads import (
    AdaptiveSoftmaxHead,
    CRFTagHead,
    DocumentHead,
    LanguageModelHead,
    SoftmaxTagHead,
    WordVotes,
)
from seqlabel.nn.packing import PackedRows


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
    with pytest.raises(OptionError, match=rf"tied: Found an embedding of \({shape[0]}, {shape[1]}\).*\(9, 6\)"):
        LanguageModelHead(6, 9, table=nn.Embedding(*shape))


CUTOFFS = pytest.mark.parametrize("cutoffs", [[4], [4, 6], [1, 2, 11], [11]], ids=str)
WORDS, WIDTH = 12, 40


def adaptive(cutoffs):
    head = AdaptiveSoftmaxHead(WIDTH, WORDS, cutoffs=cutoffs)
    for parameter in head.parameters():
        nn.init.normal_(parameter, std=0.4)
    return head


@torch.no_grad()
def slow_adaptive(head, cutoffs, state):
    """The probability of each word, in plain Python: in the first layer, or by its class and then within the class."""

    def softmax(scores):
        powers = [math.exp(score) for score in scores]
        return [power / sum(powers) for power in powers]

    state = head.norm(state)
    first = softmax(head.first(state).tolist())
    probabilities = first[: cutoffs[0]]
    for share, (narrow, wide) in zip(first[cutoffs[0] :], head.classes, strict=True):
        probabilities += [share * within for within in softmax(wide(narrow(state)).tolist())]
    return probabilities


@CUTOFFS
def test_each_words_probability_is_that_of_its_class_times_that_within(cutoffs):
    head, hidden = adaptive(cutoffs), 3 * torch.randn(2, 3, WIDTH)
    found = head(hidden)
    assert found.shape == (2, 3, WORDS)
    expected = [[slow_adaptive(head, cutoffs, state) for state in row] for row in hidden]
    torch.testing.assert_close(found.exp(), torch.tensor(expected), rtol=1e-4, atol=1e-6)


@CUTOFFS
def test_probabilities_sum_to_one(cutoffs):
    found = adaptive(cutoffs)(10 * torch.randn(2, 3, WIDTH)).exp()
    torch.testing.assert_close(found.sum(dim=-1), torch.ones(2, 3))


@CUTOFFS
def test_the_loss_is_the_sum_of_the_log_probabilities(cutoffs):
    head, hidden, targets = adaptive(cutoffs), torch.randn(30, WIDTH), torch.arange(30) % WORDS
    before = targets.clone()
    expected = -sum(head(hidden)[place, target] for place, target in enumerate(targets.tolist()))
    torch.testing.assert_close(head.loss(hidden, targets), expected)
    assert torch.equal(targets, before)


@CUTOFFS
@pytest.mark.parametrize("targets", [[0, 0, 0], [11, 11], [3, 4], [0], []], ids=str)
def test_the_gradient_is_that_of_the_log_probabilities_also_where_a_class_is_absent(cutoffs, targets):
    head = adaptive(cutoffs)
    other = copy.deepcopy(head)
    one, two = (torch.randn(len(targets), WIDTH, generator=torch.Generator().manual_seed(1)) for _ in range(2))
    loss = head.loss(one.requires_grad_(), torch.tensor(targets, dtype=torch.int64))
    loss.backward()
    functional.nll_loss(
        other(two.requires_grad_()), torch.tensor(targets, dtype=torch.int64), reduction="sum"
    ).backward()
    assert math.isfinite(loss.item())
    torch.testing.assert_close(one.grad, two.grad)
    for (name, parameter), expected in zip(head.named_parameters(), other.parameters(), strict=True):
        torch.testing.assert_close(parameter.grad, expected.grad, msg=lambda text, name=name: f"{name}: {text}")


def test_later_classes_are_narrower_but_not_too_narrow():
    head = AdaptiveSoftmaxHead(256, 100, cutoffs=[10, 20, 40, 80])
    assert [layer[0].out_features for layer in head.classes] == [64, 16, 8, 8]
    assert [layer[1].out_features for layer in head.classes] == [10, 20, 40, 20]
    assert head.first.out_features == 10 + 4


@pytest.mark.parametrize("cutoffs", [[], [0], [-1, 3], [5, 5], [6, 4], [12], [4, 13]])
def test_cutoffs_that_do_not_rise_within_the_vocabulary_are_refused(cutoffs):
    with pytest.raises(OptionError, match=r"cutoffs: Found .* between 0 and the vocabulary's 12") as error:
        AdaptiveSoftmaxHead(WIDTH, WORDS, cutoffs=cutoffs)
    assert str(cutoffs) in str(error.value)


@torch.no_grad()
def test_a_documents_logits_are_those_of_its_pooled_states_alone():
    head = DocumentHead(12, 3, hidden=7).eval()
    _, first, _, _, second = head.layers
    measured = 2 + 3 * torch.randn(50, 12)
    head.standardise(measured)
    pooled = 2 + 3 * torch.randn(4, 12)
    logits = head(pooled)
    assert logits.shape == (4, 3)
    for row, found in zip(pooled, logits, strict=True):
        normal = (row - measured.mean(dim=0)) / measured.std(dim=0, correction=0)
        hidden = [max(float(first.weight[unit] @ normal + first.bias[unit]), 0.0) for unit in range(7)]
        torch.testing.assert_close(found, second.weight @ torch.tensor(hidden) + second.bias, rtol=1e-4, atol=1e-5)


@torch.no_grad()
def test_a_unit_that_hardly_moves_is_not_made_loud():
    head = DocumentHead(12, 3).eval()
    measured = torch.full((50, 12), 0.5)
    head.standardise(measured)
    assert head.spread.min() > 0.01
    assert torch.equal(head(measured), head.layers(torch.zeros(50, 12)))


def test_a_document_head_drops_in_training_only_and_every_parameter_learns():
    head, pooled = DocumentHead(12, 3), torch.randn(4, 12)
    assert not torch.equal(head(pooled), head(pooled))
    head.eval()
    assert torch.equal(head(pooled), head(pooled))
    functional.cross_entropy(head(pooled), torch.tensor([0, 1, 2, 0])).backward()
    assert all(parameter.grad.any() for parameter in head.parameters())


@pytest.mark.parametrize("rate", [1.0, -0.5])
def test_a_document_heads_dropout_outside_is_refused(rate):
    with pytest.raises(OptionError, match=f"dropout: Found {rate}"):
        DocumentHead(12, 3, dropout=rate)


def some_votes():
    votes = WordVotes(6, 2)
    votes.weights.copy_(torch.randn(6, 2))
    votes.bias.copy_(torch.randn(2))
    return votes


@pytest.mark.parametrize("ids", [[0], [5, 1, 3], [0, 1, 2, 3, 4, 5], []], ids=str)
def test_votes_are_added_up_ngram_by_ngram_and_divided_by_the_root_of_their_number(ids):
    votes = some_votes()
    root = max(len(ids), 1) ** 0.5
    expected = [
        float(votes.bias[label]) + sum(float(votes.weights[id_, label]) for id_ in ids) / root for label in range(2)
    ]
    rows = [torch.tensor(ids, dtype=torch.int64), torch.tensor([2])]
    found = votes(rows)
    assert found.shape == (2, 2)
    torch.testing.assert_close(found[0], torch.tensor(expected))
    torch.testing.assert_close(found[1], votes.weights[2] + votes.bias)


def test_votes_say_nothing_at_first_and_are_saved_but_not_trained():
    votes = WordVotes(6, 2)
    assert not votes([torch.arange(6)]).any()
    assert float(votes.share) == 0
    assert list(votes.parameters()) == []
    assert sorted(votes.state_dict()) == ["bias", "share", "weights"]


TAGS = 5
LENGTHS = [4, 1, 3]
HEADS = pytest.mark.parametrize("kind", ["softmax", "crf"])


def tag_head(kind, **options):
    if kind == "softmax":
        head = SoftmaxTagHead(6, TAGS, **options)
    else:
        allowed = [torch.tensor(mask) for mask in allowed_transitions(tag_names(["X"], Scheme.BIOES), Scheme.BIOES)]
        crf = ConditionalRandomField(TAGS, allowed=allowed[0], allowed_start=allowed[1], allowed_end=allowed[2])
        head = CRFTagHead(6, crf, **options)
    for parameter in head.parameters():
        nn.init.normal_(parameter)
    return head


def some_states():
    """Hidden states, allowed gold tags of which some are not known, and lengths."""
    gold = torch.tensor([[1, 3, -100, 0], [4, -100, -100, -100], [-100, 0, -100, -100]])
    return torch.randn(3, 4, 6), gold, torch.tensor(LENGTHS)


def known_words(gold):
    return [(row, time) for row, length in enumerate(LENGTHS) for time in range(length) if gold[row, time] >= 0]


def naive_logits(head, state):
    return torch.stack([head.output.weight[tag] @ state + head.output.bias[tag] for tag in range(TAGS)])


@pytest.mark.parametrize("weights", [None, [1.0, 2.0, 0.5, 3.0, 0.0]])
@pytest.mark.parametrize("smoothing", [0.0, 0.3])
def test_the_softmax_loss_is_the_sum_word_by_word(weights, smoothing):
    head = tag_head(
        "softmax", class_weights=None if weights is None else torch.tensor(weights), label_smoothing=smoothing
    )
    weights = weights or [1.0] * TAGS
    hidden, gold, lengths = some_states()
    expected = 0
    for row, time in known_words(gold):
        surprise = -naive_logits(head, hidden[row, time]).log_softmax(0)
        # With smoothing each tag is wanted a little, and weighs what it weighs (as torch defines it).
        for tag in range(TAGS):
            share = smoothing / TAGS + (1 - smoothing) * (tag == gold[row, time].item())
            expected = expected + share * weights[tag] * surprise[tag]
    torch.testing.assert_close(head.loss(hidden, gold, lengths), expected)


def test_the_softmax_decodes_each_word_alone():
    head = tag_head("softmax")
    hidden, _, lengths = some_states()
    tags, probabilities = head.decode(hidden, lengths)
    assert (tags.dtype, tags.shape, probabilities.shape) == (torch.int64, (3, 4), (3, 4, TAGS))
    for row, length in enumerate(LENGTHS):
        for time in range(length):
            expected = naive_logits(head, hidden[row, time]).softmax(0)
            torch.testing.assert_close(probabilities[row, time], expected)
            assert tags[row, time] == expected.argmax()


def test_the_crf_head_is_its_field_on_the_logits():
    head = tag_head("crf")
    hidden, gold, lengths = some_states()
    emissions = torch.stack([torch.stack([naive_logits(head, state) for state in row]) for row in hidden])
    torch.testing.assert_close(head.loss(hidden, gold, lengths), head.crf.loss(emissions, gold, lengths))
    found = head.decode(hidden, lengths)
    inside, rows = torch.arange(4) < lengths[:, None], PackedRows(LENGTHS)
    assert torch.equal(found.tags[inside], head.crf.decode(emissions[inside], rows))
    torch.testing.assert_close(found.probabilities[inside], head.crf.marginals(emissions[inside], rows))
    for row, length in enumerate(LENGTHS):
        torch.testing.assert_close(found.probabilities[row, :length].sum(dim=-1), torch.ones(length))


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
    whole = head.decode(hidden, lengths)
    total = 0
    for row, length in enumerate(LENGTHS):
        alone = slice(row, row + 1), slice(length)
        found = head.decode(hidden[alone], lengths[row : row + 1])
        assert torch.equal(found.tags[0], whole.tags[row, :length])
        torch.testing.assert_close(found.probabilities[0], whole.probabilities[row, :length])
        total = total + head.loss(hidden[alone], gold[alone], lengths[row : row + 1])
    torch.testing.assert_close(head.loss(hidden, gold, lengths), total)
    padding = torch.arange(4) >= lengths[:, None]
    torch.testing.assert_close(head.loss(hidden.masked_fill(padding[..., None], 1e3), gold, lengths), total)


@HEADS
@pytest.mark.parametrize("mode", [torch.no_grad, torch.inference_mode])
def test_tags_are_decoded_without_a_graph(kind, mode):
    head = tag_head(kind)
    hidden, _, lengths = some_states()
    expected = head.decode(hidden, lengths)
    with mode():
        found = head.decode(hidden.clone(), lengths.clone())
    assert torch.equal(found.tags, expected.tags)
    assert torch.equal(found.probabilities, expected.probabilities)


@HEADS
def test_every_parameter_of_a_tag_head_learns(kind):
    head = tag_head(kind)
    hidden, gold, lengths = some_states()
    head.loss(hidden, gold, lengths).backward()
    assert all(parameter.grad.abs().sum() > 0 for parameter in head.parameters())


def test_class_weights_are_not_saved():
    assert sorted(tag_head("softmax", class_weights=torch.ones(TAGS)).state_dict()) == ["output.bias", "output.weight"]


@HEADS
@pytest.mark.parametrize("temperature", [0.3, 1.0, 4.0])
def test_a_temperature_is_a_power_of_the_probabilities_and_changes_no_tag(kind, temperature):
    head = tag_head(kind)
    hidden, gold, lengths = some_states()
    plain, loss = head.decode(hidden, lengths), head.loss(hidden, gold, lengths)
    found = head.decode(hidden, lengths, Decision(temperature))
    assert torch.equal(found.tags, plain.tags)
    torch.testing.assert_close(head.loss(hidden, gold, lengths), loss)
    for row, length in enumerate(LENGTHS):
        for time in range(length):
            powers = [float(p) ** (1 / temperature) for p in plain.probabilities[row, time].detach()]
            expected = torch.tensor([power / sum(powers) for power in powers])
            # What a CRF forbids has a probability of nothing, which is held above 1e-30 for its logarithm.
            torch.testing.assert_close(found.probabilities[row, time].detach(), expected, rtol=1e-4, atol=1e-6)


def test_a_softmax_temperature_divides_the_scores():
    head = tag_head("softmax")
    hidden, _, lengths = some_states()
    expected = (naive_logits(head, hidden[0, 2]) / 2.5).softmax(0)
    torch.testing.assert_close(head.decode(hidden, lengths, Decision(2.5)).probabilities[0, 2], expected)


@pytest.mark.parametrize("threshold_offset", [-2.0, 0.7, 3.0])
def test_the_offset_is_taken_off_the_first_tags_score_and_off_no_probability(threshold_offset):
    head = tag_head("softmax")
    hidden, _, lengths = some_states()
    plain = head.decode(hidden, lengths, Decision(1.7))
    found = head.decode(hidden, lengths, Decision(1.7, threshold_offset))
    assert torch.equal(found.probabilities, plain.probabilities)
    for row, time in ((0, 0), (0, 3), (1, 0), (2, 2)):
        scores = (naive_logits(head, hidden[row, time]) / 1.7).tolist()
        scores[0] -= threshold_offset
        assert found.tags[row, time] == scores.index(max(scores))


def test_a_crf_chooses_the_best_sequence_with_the_offset_taken_off():
    head = tag_head("crf")
    hidden, _, lengths = some_states()
    plain = head.decode(hidden, lengths)
    emissions = head.output(hidden).detach()
    emissions[..., 0] -= 1.5
    found = head.decode(hidden, lengths, Decision(threshold_offset=1.5))
    inside = torch.arange(4) < lengths[:, None]
    assert torch.equal(found.tags[inside], head.crf.decode(emissions[inside], PackedRows(LENGTHS)))
    assert torch.equal(found.probabilities, plain.probabilities)


@pytest.mark.parametrize("threshold_offset", [0.0, -2.0])
@pytest.mark.parametrize("scale", [1.0, 2.0, 8.0, 1e5])
def test_rows_without_doubt_and_rows_in_doubt_get_the_best_sequence(scale, threshold_offset, monkeypatch):
    """Only the rows in doubt are searched; none of the others has a better sequence."""
    torch.manual_seed(0)
    head = tag_head("crf")
    lengths = torch.randint(1, 9, (200,))
    emissions = scale * torch.randn(200, 8, TAGS)
    head.output = nn.Identity()
    searched, search = [], head.crf.decode
    monkeypatch.setattr(
        head.crf, "decode", lambda some, rows, **around: searched.append(rows.counts[0]) or search(some, rows, **around)
    )
    found = head.decode(emissions, lengths, Decision(threshold_offset=threshold_offset)).tags
    inside = torch.arange(8) < lengths[:, None]
    cautious = emissions[inside]
    cautious[:, 0] -= threshold_offset
    assert torch.equal(found[inside], search(cautious, PackedRows(lengths.tolist())))
    assert 0 < sum(searched) < 200
