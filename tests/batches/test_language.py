"""Streams against the published batches and against the definition, written out word by word."""

import numpy as np
import pytest
import torch

from seqlabel.batches.language import IGNORED, EvaluationStream, LanguageModelStream
from seqlabel.errors import DataError, OptionError
from seqlabel.lesson import human_numbers
from seqlabel.text.corpora import TokenArray

FIRST_X = (
    "2 9 11 12 13 11 10 9 10 14 19 25 19 15 16 11 19 9 10 9 19 25 19 11 19 11 10 9 19 20 11 26 20 "
    "23 20 20 24 20 11 14 11 11 9 14 9 20 10 20 35 17 11 10 9 17 9 20 10 20 11 20 11 20 20 20"
)
FIRST_Y = (
    "19 19 27 10 9 12 32 19 26 10 11 15 11 10 9 15 11 19 26 19 11 18 11 18 9 18 21 19 10 10 20 9 "
    "11 16 11 11 13 11 13 9 13 14 20 10 20 11 24 11 9 9 16 17 20 10 20 11 24 11 19 9 19 11 11 10"
)


@pytest.fixture(scope="module")
def valid():
    return TokenArray(human_numbers.vocabulary().encode(human_numbers.valid_words()))


def test_the_published_first_column(valid):
    batches = list(LanguageModelStream(valid, batch_size=64, bptt=70))
    assert len(batches) == 3
    assert sum(batch.inputs.numel() for batch in batches) == 13_440
    assert batches[0].inputs[:, 0].tolist() == [int(number) for number in FIRST_X.split()]
    assert batches[0].targets[:, 0].tolist() == [int(number) for number in FIRST_Y.split()]


@pytest.mark.parametrize(
    ("count", "batch_size", "bptt"), [(100, 7, 3), (21, 7, 3), (22, 1, 22), (50, 50, 1)]
)
def test_every_element_is_where_the_definition_says(count, batch_size, bptt):
    tokens = TokenArray(np.arange(count))
    stream = LanguageModelStream(tokens, batch_size=batch_size, bptt=bptt)
    batches = list(stream)
    assert len(batches) == len(stream) == -(-count // (batch_size * bptt))
    for number, batch in enumerate(batches):
        for row in range(batch_size):
            for time in range(bptt):
                place = int(row * count / batch_size) + number * bptt + time
                assert batch.inputs[row, time] == place % count
                assert batch.targets[row, time] == (place + 1) % count


def test_starting_late_gives_the_rest(valid):
    stream = LanguageModelStream(valid, batch_size=64, bptt=20)
    whole, rest = list(stream), list(stream.batches(start=7))
    assert len(rest) == 4
    assert all(torch.equal(a.inputs, b.inputs) for a, b in zip(whole[7:], rest, strict=True))


@pytest.mark.parametrize(
    ("count", "batch_size", "bptt"), [(100, 7, 3), (8, 7, 3), (23, 1, 5), (13_017, 64, 20)]
)
def test_evaluation_predicts_every_token_but_the_first_once(count, batch_size, bptt):
    stream = EvaluationStream(TokenArray(np.arange(count)), batch_size=batch_size, bptt=bptt)
    batches = list(stream)
    assert len(batches) == len(stream)
    counted = []
    for batch in batches:
        wanted = batch.targets != IGNORED
        assert torch.equal(batch.inputs[wanted] + 1, batch.targets[wanted])
        counted += batch.targets[wanted].tolist()
    assert sorted(counted) == list(range(1, count))


@pytest.mark.parametrize("stream", [LanguageModelStream, EvaluationStream])
def test_bad_sizes_are_refused(valid, stream):
    with pytest.raises(OptionError, match="bptt:"):
        stream(valid, batch_size=64, bptt=0)
    with pytest.raises(OptionError, match="batch_size:"):
        stream(valid, batch_size=-1, bptt=20)


def test_a_corpus_shorter_than_a_batch_is_refused():
    with pytest.raises(DataError):
        LanguageModelStream(TokenArray(np.arange(1279)), batch_size=64, bptt=20)
    with pytest.raises(DataError):
        EvaluationStream(TokenArray(np.arange(7)), batch_size=8, bptt=20)
