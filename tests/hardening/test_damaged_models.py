"""Damaged models: whatever happens to the files of one, it is refused in one sentence, or it labels as before.

Every damage is drawn from a seed; a failure names it.
"""

import random
import shutil

import pytest
import srsly

from seqlabel.errors import CheckpointError
from seqlabel.models.folders import MODEL_PARTS
from seqlabel.models.labeler import Labeler
from seqlabel.models.trained import load_trained
from seqlabel.spacy.running import pack_folder, unpack_folder
from tests.spacy_models import tiny_labeler

TEXTS = ["the cat sat on the mat , Oslo", "数 B2B naïve", ""]


def flip_a_bit(data, chance):
    place = chance.randrange(len(data))
    return data[:place] + bytes([data[place] ^ 1 << chance.randrange(8)]) + data[place + 1 :]


def cut_off(data, chance):
    return data[: chance.randrange(len(data))]


def lose_a_piece(data, chance):
    start = chance.randrange(len(data))
    return data[:start] + data[start + chance.randint(1, 64) :]


def repeat_a_piece(data, chance):
    start = chance.randrange(len(data))
    return data[: start + chance.randint(1, 64)] + data[start:]


def zero_a_piece(data, chance):
    start, size = chance.randrange(len(data)), chance.randint(1, 64)
    return data[:start] + bytes(len(data[start : start + size])) + data[start + size :]


def swap_two_pieces(data, chance):
    size = chance.randint(1, 32)
    one, other = sorted(chance.sample(range(max(len(data) - size, 2)), 2))
    other = max(other, one + size)
    return (
        data[:one]
        + data[other : other + size]
        + data[one + size : other]
        + data[one : one + size]
        + data[other + size :]
    )


def change_a_digit(data, chance):
    places = [place for place, byte in enumerate(data) if byte in b"0123456789"]
    if not places:
        return flip_a_bit(data, chance)
    place = chance.choice(places)
    return data[:place] + str(chance.randrange(10)).encode() + data[place + 1 :]


def write_something_else(data, chance):
    return chance.choice(
        [
            b"",
            b"null",
            b"[]",
            b"{}",
            b"[" * 100_000,
            b'{"a":' * 100_000,
            b"\xff\xfe",
            b"NaN",
            b"9" * 10_000,
            data + data,
        ]
    )


DAMAGES = (
    flip_a_bit,
    cut_off,
    lose_a_piece,
    repeat_a_piece,
    zero_a_piece,
    swap_two_pieces,
    change_a_digit,
    write_something_else,
)


def labels(labeler):
    return [(document.tags, document.spans) for document in labeler(TEXTS)]


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    """A tiny labeler in a folder, what each file holds, and its labels."""
    folder = tmp_path_factory.mktemp("model") / "labeler"
    tiny_labeler().save(folder)
    return folder, {name: (folder / name).read_bytes() for name in MODEL_PARTS}, labels(Labeler.load(folder))


def damage_and_load(saved, folder, seeds):
    """Load the model once for each seed, with one file damaged; return how often it was refused."""
    original, files, expected = saved
    shutil.copytree(original, folder)
    refused = 0
    for seed in seeds:
        chance = random.Random(seed)
        name, damage = chance.choice(MODEL_PARTS), chance.choice(DAMAGES)
        (folder / name).write_bytes(damage(files[name], chance))
        try:
            found = Labeler.load(folder)
        except CheckpointError as error:
            refused += str(folder) in str(error)
        else:
            # What a file says may be written in more than one way, as with another indentation.
            assert name == "config.json" or (folder / name).read_bytes() == files[name], (seed, damage.__name__)
            assert labels(found) == expected, (seed, damage.__name__)
        (folder / name).write_bytes(files[name])
    return refused


def test_a_damaged_folder_is_refused_or_labels_as_before(saved, tmp_path):
    assert damage_and_load(saved, tmp_path / "labeler", range(300)) > 280


@pytest.mark.slow
def test_ten_thousand_damaged_folders_are_refused_or_label_as_before(saved, tmp_path):
    assert damage_and_load(saved, tmp_path / "labeler", range(1_000, 11_000)) > 9_000


@pytest.fixture(scope="module")
def packed():
    return pack_folder(tiny_labeler().save)


@pytest.mark.parametrize("seeds", [range(150), pytest.param(range(1_000, 6_000), marks=pytest.mark.slow)], ids=len)
def test_damaged_bytes_of_a_pipe_are_refused_or_label_as_before(packed, seeds):
    expected = labels(unpack_folder(packed, load_trained))
    for seed in seeds:
        chance = random.Random(seed)
        damage = chance.choice(DAMAGES)
        try:
            found = unpack_folder(damage(packed, chance), load_trained)
        except CheckpointError:
            continue
        assert labels(found) == expected, (seed, damage.__name__)


@pytest.mark.parametrize(
    "files",
    [
        {"../../evil": b""},
        {"config.json": "text"},
        {"config.json": 5},
        {5: b""},
        [],
        5,
        None,
        {"model.safetensors": {}},
    ],
    ids=str,
)
def test_bytes_that_hold_no_model_are_refused(files):
    with pytest.raises(CheckpointError, match=r"not the packed files of a model|there is no such file"):
        unpack_folder(srsly.msgpack_dumps(files), load_trained)
