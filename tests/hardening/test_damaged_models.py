"""Damaged models: whatever happens to the files of one, it is refused in one sentence, or it labels
as before.

Every damage is drawn from a seed; a failure names it.
"""

import random
import shutil

import pytest
import spacy
import srsly
from thinc.api import Adam

from seqlabel.errors import CheckpointError
from seqlabel.models.folders import MODEL_PARTS
from seqlabel.models.tagging.labeler import Labeler
from seqlabel.models.trained import load_trained
from seqlabel.spacy.running import pack_folder, unpack_folder
from tests.spacy_models import annotation, examples, tiny_encoder, tiny_labeler

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


NO_MODELS = [
    *(b"", b"null", b"[]", b"{}", b"[" * 100_000, b'{"a":' * 100_000),
    *(b"\xff\xfe", b"NaN", b"9" * 10_000),
]


def write_something_else(data, chance):
    return chance.choice([*NO_MODELS, data + data])


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
    return (
        folder,
        {name: (folder / name).read_bytes() for name in MODEL_PARTS},
        labels(Labeler.load(folder)),
    )


@pytest.mark.parametrize(
    "seeds", [range(100), pytest.param(range(1_000, 11_000), marks=pytest.mark.slow)], ids=len
)
def test_a_damaged_folder_is_refused_or_labels_as_before(saved, tmp_path, seeds):
    original, files, expected = saved
    folder, refused = tmp_path / "labeler", 0
    shutil.copytree(original, folder)
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
            is_same = (folder / name).read_bytes() == files[name]
            assert name == "config.json" or is_same, (seed, damage.__name__)
            assert labels(found) == expected, (seed, damage.__name__)
        (folder / name).write_bytes(files[name])
    assert refused > len(seeds) * 0.9


@pytest.fixture(scope="module")
def packed():
    return pack_folder(tiny_labeler().save)


@pytest.mark.parametrize(
    "seeds", [range(50), pytest.param(range(1_000, 6_000), marks=pytest.mark.slow)], ids=len
)
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


def trainable(name, encoder):
    hidden = {} if name == "seqlabel_textcat" else {"hidden": 12}
    nlp = spacy.blank("en")
    nlp.add_pipe(name, config={"model": {"encoder": encoder, **hidden}})
    return nlp


TRAINABLE = ["seqlabel_tagger", "seqlabel_ner", "seqlabel_textcat"]


@pytest.fixture(scope="module", params=TRAINABLE)
def trained(request, tmp_path_factory):
    """A trainable pipeline of one pipe, and a way to make an untrained one."""
    encoder = tiny_encoder(tmp_path_factory.mktemp("encoder") / "model")
    nlp = trainable(request.param, encoder)
    data = examples(nlp)
    nlp.initialize(lambda: data)
    nlp.update(data[:12], sgd=Adam(0.02))
    return nlp, lambda: trainable(request.param, encoder)


def annotations(nlp):
    return [(annotation(doc), doc.cats) for doc in nlp.pipe(TEXTS)]


FEW_OR_MANY = pytest.mark.parametrize(
    "seeds", [range(16), pytest.param(range(1_000), marks=pytest.mark.slow)], ids=len
)


@FEW_OR_MANY
def test_damaged_bytes_of_a_trainable_pipe_are_refused_or_label_as_before(trained, seeds):
    nlp, blank = trained
    (name,) = nlp.pipe_names
    data = nlp.get_pipe(name).to_bytes()
    expected, other, refused = annotations(nlp), blank(), 0
    other.get_pipe(name).from_bytes(data)
    assert annotations(other) == expected
    for seed in seeds:
        chance = random.Random(seed)
        damage = chance.choice(DAMAGES)
        try:
            other.get_pipe(name).from_bytes(damage(data, chance))
        except CheckpointError:
            refused += 1
        assert annotations(other) == expected, (seed, damage.__name__)
    assert refused > len(seeds) // 2


@FEW_OR_MANY
def test_damaged_files_of_a_trainable_pipe_are_refused_or_label_as_before(trained, tmp_path, seeds):
    nlp, blank = trained
    (name,) = nlp.pipe_names
    nlp.get_pipe(name).to_disk(tmp_path / name)
    files = {file: file.read_bytes() for file in sorted(tmp_path.rglob("*")) if file.is_file()}
    expected, other, refused = annotations(nlp), blank(), 0
    other.get_pipe(name).from_disk(tmp_path / name)
    assert annotations(other) == expected
    filled = [file for file in files if files[file]]
    for seed in seeds:
        chance = random.Random(seed)
        file, damage = chance.choice(filled), chance.choice(DAMAGES)
        file.write_bytes(damage(files[file], chance))
        try:
            other.get_pipe(name).from_disk(tmp_path / name)
        except CheckpointError:
            refused += 1
        assert annotations(other) == expected, (seed, damage.__name__)
        file.write_bytes(files[file])
    assert refused > len(seeds) // 2


@pytest.mark.parametrize(
    "files",
    [
        *({"../../evil": b""}, {"config.json": "text"}, {"config.json": 5}, {5: b""}),
        *({"model.safetensors": {}}, [], 5, None),
    ],
    ids=str,
)
def test_bytes_that_hold_no_model_are_refused(files):
    with pytest.raises(CheckpointError):
        unpack_folder(srsly.msgpack_dumps(files), load_trained)
