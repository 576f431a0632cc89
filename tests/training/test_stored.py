"""Files of checkpoints as they are stored: with the right content, or refused by name."""

import hashlib
import os
import re

import numpy as np
import pytest
from safetensors.numpy import save_file

from seqlabel.errors import CheckpointError
from seqlabel.training.stored import FORMAT, check_format, has_compact_weights, read_part

CONTENT = bytes(range(256)) * 3


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "model.safetensors"
    path.write_bytes(CONTENT)
    return path


def test_a_file_is_read_whole_where_its_checksum_fits(path):
    assert read_part(path) == CONTENT
    assert read_part(path, sha256=hashlib.sha256(CONTENT).hexdigest()) == CONTENT


@pytest.mark.parametrize("place", [0, 100, len(CONTENT) - 1])
def test_a_flipped_bit_is_refused_by_name(path, place):
    damaged = bytearray(CONTENT)
    damaged[place] ^= 1
    path.write_bytes(damaged)
    with pytest.raises(CheckpointError, match=r"model\.safetensors: "):
        read_part(path, sha256=hashlib.sha256(CONTENT).hexdigest())


def test_what_is_missing_or_no_file_is_refused_by_name(tmp_path):
    for name in ("nothing", "."):
        with pytest.raises(CheckpointError, match=re.escape(f"{tmp_path / name}: ")):
            read_part(tmp_path / name)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs a FIFO")
def test_a_fifo_is_refused_at_once(tmp_path):
    os.mkfifo(tmp_path / "fifo")
    with pytest.raises(CheckpointError, match="fifo: "):
        read_part(tmp_path / "fifo")


def test_another_format_is_refused(path):
    check_format(path, FORMAT)
    for found in (FORMAT + 1, FORMAT - 1, str(FORMAT), None):
        with pytest.raises(CheckpointError, match="format"):
            check_format(path, found)


@pytest.mark.parametrize(
    ("kinds", "compact"),
    [
        ([np.float32], False),
        ([np.float32, np.int64], False),
        ([np.float16], True),
        ([np.float32, np.int8], True),
        ([], False),
    ],
)
def test_weights_in_16_or_8_bits_are_compact(path, kinds, compact):
    save_file({str(number): np.zeros(3, kind) for number, kind in enumerate(kinds)}, path)
    assert has_compact_weights(path) == compact
