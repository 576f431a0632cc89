"""Every training in two processes ends with the weights of one process that learns from two batches
per step.
"""

import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from seqlabel.training.checkpoints import read_tensors
from tests.hardening import two_processes

ROOT = Path(__file__).parents[2]
PROGRAM = ["-m", "tests.hardening.two_processes"]


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    """The weights of one process, and those of two that `torchrun` started."""
    one, two = tmp_path_factory.mktemp("one"), tmp_path_factory.mktemp("two")
    two_processes.train_all(one, accumulation=2)
    launcher = ["-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2"]
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "PYTHONPATH": str(ROOT)}
    command = [sys.executable, *launcher, *PROGRAM, str(two)]
    ended = subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=600, check=False
    )
    assert ended.returncode == 0, ended.stderr
    return one, two


def assert_close(found, expected):
    ours, theirs = read_tensors(found), read_tensors(expected)
    assert ours.keys() == theirs.keys()
    for name, tensor in theirs.items():
        torch.testing.assert_close(ours[name], tensor, rtol=1e-5, atol=1e-5)


@pytest.mark.end_to_end
@pytest.mark.parametrize("name", two_processes.TRAININGS)
def test_two_processes_of_torchrun_end_where_one_does_with_two_batches_a_step(name, folders):
    one, two = folders
    for rank in (0, 1):
        assert_close(two / f"{name}{rank}.safetensors", one / f"{name}0.safetensors")
