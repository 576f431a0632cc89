"""Words per batch and rates by device, and which trainings take them."""

import math

import pytest
import torch

from seqlabel.training.batch_sizes import BATCH_WORDS, FEWEST_STEPS, BatchSize, BatchUse, batch_size

CPU, GPU = torch.device("cpu"), torch.device("cuda")


@pytest.mark.parametrize("use", BatchUse)
def test_a_gpu_reads_more_words_at_once_than_a_cpu(use):
    assert BATCH_WORDS[use].on(CPU) < BATCH_WORDS[use].on(GPU) <= 16_384


@pytest.mark.parametrize("words", [0, 1_000_000, 10**12])
def test_a_cpu_has_its_batch_and_rate_whatever_is_read(words):
    assert batch_size(BatchUse.WORDS, CPU, words=words) == BatchSize(500, 1.0)
    assert batch_size(BatchUse.WORDS, CPU, words=words, cpu_words=120) == BatchSize(120, 1.0)


@pytest.mark.parametrize("device", [GPU, torch.device("mps")])
def test_a_gpu_keeps_enough_steps_and_grows_the_rate_with_the_root_of_the_batch(device):
    most = BATCH_WORDS[BatchUse.WORDS].gpu
    for words in (0, 10_000, 150_000, 1_000_000, 10_000_000, 10**9):
        size = batch_size(BatchUse.WORDS, device, words=words)
        assert 500 <= size.words <= most
        assert size.words == 500 or words / size.words >= FEWEST_STEPS
        assert size.rate == math.sqrt(size.words / 500)
    assert batch_size(BatchUse.WORDS, device, words=10**9).words == most


def test_batches_of_several_processes_leave_as_many_steps():
    alone = batch_size(BatchUse.WORDS, GPU, words=1_000_000)
    of_four = batch_size(BatchUse.WORDS, GPU, words=1_000_000, batches_a_step=4)
    assert (alone.words, of_four.words) == (4_000, 1_000)
