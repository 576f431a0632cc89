"""Memory in use and open descriptors do not grow with the number of texts, though each text has a word of its own.

The measure is what is allocated, not the pages that the process holds: those depend on the machine, on threads, and on
what ran before. What is remembered of words is bounded; here the bounds are small, so that words are forgotten several
times.
"""

import ctypes
import gc
import itertools
import os
import sys

import pytest
import spacy
import torch

from seqlabel.models.labeler import Labeler
from seqlabel.models.stream import StreamLabeler
from seqlabel.models.word_gates import WordGates
from seqlabel.privacy.finder import PrivateFinder
from tests.hardening.labelled import numbered_texts, wide_finder_labeler
from tests.spacy_models import tiny_labeler

PASSES = 4
# What is counted in Python's own blocks of memory are objects; few of them are larger.
BLOCK = 64


def exhaust(texts):
    for _ in texts:
        pass


def labeler(folder):
    made = Labeler.load(folder)
    return lambda texts: exhaust(made(texts))


def finder(folder):
    made = PrivateFinder(wide_finder_labeler(), patterns=False)
    return lambda texts: exhaust(made(texts))


def stream(folder):
    made = StreamLabeler(Labeler.load(folder))

    def use(texts):
        while piece := "".join(f"{text} " for text in itertools.islice(texts, 16)):
            made.feed_text(piece)

    return use


def pipe(folder):
    nlp = spacy.blank("en")
    nlp.add_pipe("seqlabel", config={"model": str(folder)})

    def use(texts):
        # spaCy keeps each different word of a vocabulary; a process that runs for long forgets them so.
        with nlp.memory_zone():
            exhaust(nlp.pipe(texts))

    return use


class _Allocated(ctypes.Structure):
    """What glibc's `mallinfo2` tells."""

    _names = ("arena", "ordblks", "smblks", "hblks", "hblkhd", "usmblks", "fsmblks", "uordblks", "fordblks", "keepcost")
    _fields_ = tuple((name, ctypes.c_size_t) for name in _names)


MALLINFO = getattr(ctypes.CDLL(None), "mallinfo2", None) if sys.platform == "linux" else None
if MALLINFO is not None:
    MALLINFO.restype = _Allocated


def allocated():
    """KiB in use: Python's objects, and, with glibc, what C and C++ have allocated."""
    gc.collect()
    found = sys.getallocatedblocks() * BLOCK
    if MALLINFO is not None:
        now = MALLINFO()
        found += now.uordblks + now.hblkhd
    return found // 1024


def descriptors():
    return len(os.listdir("/proc/self/fd")) if os.path.isdir("/proc/self/fd") else 0


def growth(use, *, texts, passes=PASSES):
    """How many more KiB and descriptors the second half of the passes needs at its peak than the first half.

    What is made at first use is in the first half. Each pass takes new texts.
    """
    every = numbered_texts(texts * passes)
    found = []
    for _ in range(passes):
        use(itertools.islice(every, texts))
        found.append((allocated(), descriptors()))
    memory, files = zip(*found, strict=True)
    half = passes // 2
    return max(memory[half:]) - max(memory[:half]), max(files[half:]) - max(files[:half])


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    place = tmp_path_factory.mktemp("labeler") / "model"
    tiny_labeler().save(place)
    return place


@pytest.fixture(autouse=True)
def settled():
    """What was there before a test is not looked through again and again for what can be freed."""
    gc.collect()
    gc.freeze()
    yield
    gc.unfreeze()


@pytest.fixture
def small_bounds(monkeypatch):
    """Words are forgotten once in each pass at least, so that halves can be compared."""
    monkeypatch.setitem(WordGates.__init__.__kwdefaults__, "size", 40_000)
    monkeypatch.setattr("seqlabel.text.tokenisers._MOST_RUNS", 200)


# A document of the shortest of these texts takes more than 1 KiB.
TEXTS, LIMIT = 200, 256


@pytest.mark.parametrize("path", [labeler, finder, stream, pipe])
@pytest.mark.usefixtures("small_bounds")
def test_nothing_grows(folder, path):
    memory, files = growth(path(folder), texts=TEXTS)
    assert files == 0
    assert memory < LIMIT, f"{memory} KiB more after {TEXTS * PASSES // 2} texts more"


@pytest.mark.usefixtures("small_bounds")
def test_a_document_that_is_kept_of_each_text_is_noticed(folder):
    made, kept = Labeler.load(folder), []
    memory, _ = growth(lambda texts: kept.extend(made(texts)), texts=TEXTS)
    assert memory > 2 * LIMIT


@pytest.mark.skipif(MALLINFO is None, reason="this system does not count what C allocates")
def test_states_that_are_kept_are_noticed():
    kept = []
    memory, _ = growth(lambda texts: kept.append(torch.zeros(len(list(texts)), 7, 64)), texts=TEXTS)
    assert memory > 2 * LIMIT


@pytest.mark.skipif(not os.path.isdir("/proc/self/fd"), reason="this system does not tell a process's descriptors")
def test_a_file_that_stays_open_is_noticed(folder):
    opened = []
    try:
        _, files = growth(lambda texts: opened.append((folder / "config.json").open()), texts=1)
    finally:
        for file in opened:
            file.close()
    assert files == PASSES // 2


@pytest.mark.slow
@pytest.mark.parametrize("path", [labeler, finder, stream, pipe])
def test_nothing_grows_over_five_million_words(folder, path, monkeypatch):
    # A quarter of what it is, so that words are forgotten in each half.
    monkeypatch.setitem(WordGates.__init__.__kwdefaults__, "size", 16 << 20)
    memory, files = growth(path(folder), texts=5_000_000 * 2 // 15 // 60, passes=60)
    assert files == 0
    assert memory < 16 << 10, f"{memory} KiB more at most in the second half"
