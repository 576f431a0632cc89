"""Generation against a loop that reads everything again for every word, and sampling against its
definition.
"""

import copy
import dataclasses
import math
from collections import Counter
from itertools import islice

import pytest
import torch
from torch import nn

from seqlabel.errors import OptionError
from seqlabel.models.generation import Sampling, generate
from seqlabel.nn.network_configs import LanguageModelConfig, PointerConfig, Recurrence
from seqlabel.nn.networks import build_language_model
from seqlabel.text.vocabulary import Vocabulary

VOCABULARY = Vocabulary(["xxunk", "xxbos", "one", "two", "three", "four", "five", ","])
SMALL = LanguageModelConfig(
    vocabulary=len(VOCABULARY),
    embedding=16,
    hidden=16,
    layers=1,
    dropout=0.5,
    embedding_dropout=0.3,
    tied=False,
)
CONFIGS = [
    *(dataclasses.replace(SMALL, recurrence=recurrence) for recurrence in Recurrence),
    dataclasses.replace(SMALL, layers=2, tied=True),
    dataclasses.replace(SMALL, pointer=PointerConfig(width=4, window=3)),
]
PROMPT = ["xxbos", "one", ",", "two"]


def loud_network(config, seed=0):
    """A model whose weights are so large that it does not say the same word again and again."""
    torch.manual_seed(seed)
    model = build_language_model(config)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.copy_(2 * torch.randn_like(parameter))
    return model.train()


class Fixed(nn.Module):
    """The same scores after every word; counts its calls in the state and remembers what it was
    given.
    """

    def __init__(self, scores):
        super().__init__()
        self.scores = nn.Parameter(torch.tensor(scores))
        self.calls = []

    def forward(self, ids, state):
        self.calls.append((ids.tolist(), state))
        return self.scores.expand(*ids.shape, -1), (1 if state is None else state + 1)


@torch.no_grad()
def slow_generation(model, prompt, count):
    """The whole text from the start for every word, on a model in evaluation mode."""
    words = list(prompt)
    for _ in range(count):
        logits, _ = model(torch.tensor([VOCABULARY.encode(words).tolist()]), None)
        scores = logits[0, -1].tolist()
        scores[VOCABULARY.id("xxunk")] = -math.inf
        words.append(VOCABULARY.word(scores.index(max(scores))))
    return words[len(prompt) :]


@pytest.mark.parametrize("config", CONFIGS)
@pytest.mark.parametrize("prompt", [["xxbos"], PROMPT], ids=len)
def test_greedy_is_the_likeliest_word_after_the_whole_text(config, prompt):
    met = set()
    for seed in range(6):
        model = loud_network(config, seed)
        found = list(generate(model, VOCABULARY, prompt, count=8))
        assert found == slow_generation(copy.deepcopy(model).eval(), prompt, 8)
        met.update(found)
    assert len(met) > 2


def test_after_the_prompt_the_model_reads_one_word_a_step_with_the_state_before():
    model = Fixed([0.0, 0.0, 0.0, 0.0, 9.0, 0.0, 0.0, 0.0])
    assert list(generate(model, VOCABULARY, PROMPT, count=4)) == ["three"] * 4
    assert model.calls == [([[1, 2, 7, 3]], None), ([[4]], 1), ([[4]], 2), ([[4]], 3)]


def test_the_word_that_is_read_next_is_the_word_that_was_drawn():
    model = Fixed([0.0] * 8)
    found = list(generate(model, VOCABULARY, ["xxbos"], count=30, sampling=Sampling()))
    assert len(set(found)) > 2
    assert [ids for ids, _ in model.calls[1:]] == [[[VOCABULARY.id(word)]] for word in found[:-1]]


def test_no_word_is_computed_before_it_is_asked_for():
    model = Fixed([0.0] * 8)
    words = generate(model, VOCABULARY, PROMPT, count=1_000_000)
    assert model.calls == []
    assert len(list(islice(words, 3))) == len(model.calls) == 3


@pytest.mark.parametrize("temperature", [1.0, 0.5, 3.0])
def test_words_are_drawn_as_often_as_their_probability_says(temperature):
    scores, count = [0.3, -0.5, 1.2, 0.0, 2.0, -2.0, 0.9, 1.5], 1000
    sampling = Sampling(temperature=temperature)
    words = generate(Fixed(scores), VOCABULARY, PROMPT, count=count, sampling=sampling, without=())
    drawn = Counter(VOCABULARY.id(word) for word in words)
    powers = [math.exp(score / temperature) for score in scores]
    for word, power in enumerate(powers):
        share = power / sum(powers)
        deviation = (share * (1 - share) / count) ** 0.5
        assert abs(drawn[word] / count - share) <= 5 * deviation


@pytest.mark.parametrize("sampling", [None, Sampling()])
def test_words_that_are_left_out_are_never_generated(sampling):
    scores = [9.0, 8.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0]
    usual = set(generate(Fixed(scores), VOCABULARY, PROMPT, count=50, sampling=sampling))
    assert "xxbos" in usual
    assert "xxunk" not in usual
    fewer = set(
        generate(
            Fixed(scores),
            VOCABULARY,
            PROMPT,
            count=50,
            sampling=sampling,
            without=("xxunk", "xxbos"),
        )
    )
    assert "three" in fewer
    assert not fewer & {"xxunk", "xxbos"}
    assert "xxunk" in set(
        generate(Fixed(scores), VOCABULARY, PROMPT, count=50, sampling=sampling, without=())
    )
    with pytest.raises(OptionError, match="without"):
        next(generate(Fixed(scores), VOCABULARY, PROMPT, count=1, without=tuple(VOCABULARY)))


def test_the_same_seed_draws_the_same_words_and_no_other_random_number():
    def draw(seed):
        return list(
            generate(Fixed([0.0] * 8), VOCABULARY, PROMPT, count=50, sampling=Sampling(seed=seed))
        )

    before = torch.get_rng_state()
    first = draw(3)
    torch.rand(7)
    assert draw(3) == first
    assert draw(4) != first
    torch.set_rng_state(before)
    draw(3)
    assert torch.equal(torch.get_rng_state(), before)


def some_modes(model):
    """A model of which one part is not in the mode of the whole, and the modes of all parts."""
    model.train().encoder.eval()
    return model, [module.training for module in model.modules()]


@pytest.mark.parametrize("leave", ["finished", "closed", "forgotten"])
def test_each_part_is_left_in_its_own_mode(leave):
    model, before = some_modes(loud_network(SMALL))
    words = generate(model, VOCABULARY, PROMPT, count=5)
    next(words)
    assert not any(module.training for module in model.modules())
    if leave == "finished":
        assert len(list(words)) == 4
    elif leave == "closed":
        words.close()
    else:
        del words
    assert [module.training for module in model.modules()] == before


def test_a_prompt_without_a_word_is_refused():
    with pytest.raises(OptionError, match="prompt"):
        next(generate(Fixed([0.0] * 8), VOCABULARY, [], count=1))


def test_a_word_outside_the_vocabulary_is_refused_without_being_quoted():
    with pytest.raises(OptionError, match=r"^prompt: word number 3 ") as error:
        next(generate(Fixed([0.0] * 8), VOCABULARY, ["xxbos", "one", "Oslo", "Rome"], count=1))
    assert "Oslo" not in str(error.value)


@pytest.mark.parametrize("temperature", [0.0, -1.0, float("nan")])
def test_sampling_outside_what_is_allowed_is_refused(temperature):
    with pytest.raises(OptionError, match="temperature"):
        Sampling(temperature=temperature)
