"""The head is swapped: language models of the human numbers learn to say the place value of every
word.

A word's place is that of the part of the number that it is in: in "four thousand three hundred
twenty one" both "four" and "thousand" are thousands, "three" and "hundred" hundreds, "twenty" tens
and "one" units; "ten" to "nineteen" are teens. What a "three" is can only be told from the word
after it. Commas between numbers are not labelled.
"""

import random

import pytest
import torch

from seqlabel.batches.language import LanguageModelStream
from seqlabel.batches.two_ways import FeaturedWords, TwoWayStream
from seqlabel.documents.document import Document, Tags
from seqlabel.documents.tag_sets import TagSet
from seqlabel.lesson import human_numbers
from seqlabel.models.fine_tuning import fine_tune, tagging_options
from seqlabel.models.language_model import LanguageModel, WordLanguageModel
from seqlabel.models.tagging.labeler import Labeler
from seqlabel.nn.network_configs import LanguageModelConfig, Recurrence, WordModelConfig
from seqlabel.scores.metrics import score_tags
from seqlabel.text.corpora import TokenArray
from seqlabel.text.hashing import WordHasher
from seqlabel.training.loop import TrainingOptions, fit
from seqlabel.training.objectives import both_ways
from seqlabel.training.progress import Display
from seqlabel.training.schedules import OneCycle

PLACES = TagSet("place", ("units", "teens", "tens", "hundreds", "thousands"))
VOCABULARY = human_numbers.vocabulary()
OPTIONS = TrainingOptions(epochs=2, schedule=OneCycle(max_lr=0.02), device="cpu")
# Short and long numbers; no number that is tested is among those that are labelled for training.
SHORT, LONG = (
    random.Random(0).sample(range(1, 1000), 250),
    random.Random(1).sample(range(1000, 10_000), 350),
)
LABELED = random.Random(2).sample([*SHORT[:150], *LONG[:250]], 400)
TESTED = random.Random(3).sample([*SHORT[150:], *LONG[250:]], 200)


def places(number):
    """The place of each word of a number, told from its digits."""
    thousands, hundreds, rest = number // 1000, number // 100 % 10, number % 100
    found = ["thousands"] * (2 if thousands else 0) + ["hundreds"] * (2 if hundreds else 0)
    if 10 <= rest < 20:
        return [*found, "teens"]
    return found + ["tens"] * (rest >= 20) + ["units"] * (rest % 10 > 0)


def documents(numbers, *, together=5):
    """Texts of a few numbers each, joined by commas, with the places of their words."""
    texts = []
    for start in range(0, len(numbers), together):
        words, labels = [], []
        for number in numbers[start : start + together]:
            words += [
                *([human_numbers.SEPARATOR] if words else []),
                *human_numbers.number_words(number),
            ]
            labels += [*([None] if labels else []), *places(number)]
        texts.append(Document.from_words(words, tags={"place": Tags(tuple(labels))}))
    return texts


def swap(below, *, epochs=6):
    """A labeler of places on the language model, after it has seen the labelled numbers a few
    times.
    """
    torch.manual_seed(0)
    labeler = Labeler.on(below, [PLACES], hidden=16)
    fine_tune(
        labeler,
        documents(LABELED),
        options=tagging_options(epochs, device="cpu"),
        words=80,
        display=Display.SILENT,
    )
    return labeler


def accuracy(labeler, numbers=TESTED, *, together=5):
    gold = documents(numbers, together=together)
    return score_tags(
        list(zip(gold, labeler([document.text for document in gold]), strict=True)), "place"
    ).accuracy


@pytest.fixture(
    scope="module",
    params=[
        pytest.param(one, marks=[pytest.mark.slow] * (one is not Recurrence.GRU))
        for one in Recurrence
    ],
)
def language_model(request):
    """A small forward language model that has read half of the numbers twice."""
    torch.manual_seed(0)
    config = LanguageModelConfig(
        len(VOCABULARY), embedding=48, hidden=48, layers=1, recurrence=request.param
    )
    model = LanguageModel(config, VOCABULARY)
    tokens = TokenArray(VOCABULARY.encode(human_numbers.train_words()[:25_000]))
    list(
        fit(
            model.module,
            LanguageModelStream(tokens, batch_size=64, bptt=20),
            options=OPTIONS,
            display=Display.SILENT,
        )
    )
    return model


@pytest.fixture(scope="module")
def labeler(language_model):
    return swap(language_model)


def test_a_language_model_says_the_place_of_every_word_after_its_head_is_swapped(labeler):
    assert accuracy(labeler) > 0.99
    assert accuracy(labeler, together=1) > 0.99


def test_one_word_is_what_the_words_around_it_make_of_it(labeler):
    (document,) = labeler(["three thousand three hundred thirty three , three hundred three"])
    found = document.tags["place"].labels
    assert found[:6] == ("thousands", "thousands", "hundreds", "hundreds", "tens", "units")
    assert found[7:] == ("hundreds", "hundreds", "units")


@pytest.mark.slow
def test_a_pair_of_language_models_says_it_too():
    words = human_numbers.train_words()
    config = WordModelConfig(
        words=len(VOCABULARY), buckets=512, embedding=32, hidden=24, cutoffs=(20,)
    )
    features = WordHasher(config.buckets)(list(VOCABULARY))
    stream = TwoWayStream(
        TokenArray(VOCABULARY.encode(words)),
        FeaturedWords(features, predicted=config.words),
        batch_size=64,
        bptt=20,
    )
    torch.manual_seed(0)
    model = WordLanguageModel(config, VOCABULARY)
    (report,) = fit(
        model.module,
        stream,
        options=TrainingOptions(epochs=1, schedule=OneCycle(max_lr=0.02), device="cpu"),
        objective=both_ways,
        display=Display.SILENT,
    )
    assert report.train_loss < 3.0
    assert accuracy(swap(model)) > 0.99
