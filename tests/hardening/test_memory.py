"""Memory in use and open descriptors do not grow with the number of texts, though each has a word
or value of its own.

The measure is what is allocated, not the pages that the process holds: those depend on the machine,
on threads, and on what ran before. What is remembered of words is bounded; here the bounds are
small, so that words are forgotten several times.
"""

import gc
import itertools
import os
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
import spacy
import torch

from seqlabel.models.stream import StreamLabeler
from seqlabel.models.tagging.labeler import Labeler
from seqlabel.native.word_gates import WordGates
from seqlabel.privacy.finding.finder import PrivateFinder
from seqlabel.privacy.finding.settings import PrivacySettings
from seqlabel.privacy.finding.stream import StreamRedactor
from seqlabel.privacy.records.files import FileRedactor
from seqlabel.privacy.records.workers import Redactors, Task
from seqlabel.privacy.replacing.policies import Pseudonym
from seqlabel.text import tokenizers
from tests.extras import needs_pii
from tests.hardening.in_workers import bound, descriptors, of_this_process
from tests.hardening.labeled import numbered_texts, wide_finder_labeler
from tests.keys import KEY
from tests.memory import MALLINFO, allocated
from tests.privacy.rewritten_files import save_labeler
from tests.spacy_models import tiny_labeler

PASSES = 4


def exhaust(texts):
    for _ in texts:
        pass


def pieces(texts):
    """Sixteen texts at a time, joined."""
    while piece := "".join(f"{text} " for text in itertools.islice(texts, 16)):
        yield piece


def private(texts):
    """The texts with their last words as e-mail addresses, each of them another one."""
    return (f"{text}@example.org" for text in texts)


@contextmanager
def labeler(folder):
    made = Labeler.load(folder)
    yield lambda texts: exhaust(made(texts))


@contextmanager
def finder(folder):
    made = PrivateFinder(wide_finder_labeler(), rules=False)
    yield lambda texts: exhaust(made(texts))


@contextmanager
def stream(folder):
    made = StreamLabeler(Labeler.load(folder))
    yield lambda texts: exhaust(map(made.feed_text, pieces(texts)))


@contextmanager
def redacting_stream(folder):
    made = StreamRedactor(PrivateFinder.load(str(folder / "private")), Pseudonym(KEY))
    yield lambda texts: exhaust(map(made.feed, pieces(private(texts))))


def through(nlp):
    def use(texts):
        # spaCy keeps each different word of a vocabulary; a process that runs for long forgets them
        # so.
        with nlp.memory_zone():
            exhaust(nlp.pipe(texts))

    return use


@contextmanager
def pipe(folder):
    nlp = spacy.blank("en")
    nlp.add_pipe("seqlabel", config={"model": str(folder)})
    yield through(nlp)


@contextmanager
def redacting_pipe(folder):
    nlp = spacy.blank("en")
    nlp.add_pipe("private_finder", config={"model": str(folder / "private")})
    nlp.add_pipe("redactor")
    use = through(nlp)
    yield lambda texts: use(private(texts))


@contextmanager
def redacting_file(folder, processes=1):
    """What a file takes, with that of the processes that label, if there are any beside this
    one.
    """
    task = Task(Pseudonym(KEY), PrivacySettings(model=str(folder / "private")))
    with Redactors(task, processes=processes) as redactors, TemporaryDirectory() as place:
        source, target = Path(place, "in.txt"), Path(place, "out.txt")

        def use(texts):
            source.write_text("".join(f"{text}\n" for text in private(texts)), encoding="utf-8")
            FileRedactor(redactors, report=pytest.fail).file(source, target)
            assert "@example.org" not in target.read_text(encoding="utf-8")
            return of_workers(redactors, processes)

        # Which of the processes gets a text is chance: what each needs at first use must not be
        # found later.
        of_workers(
            redactors, processes, [f"{text}@example.org" for text in numbered_texts(TEXTS, seed=1)]
        )
        yield use


def redacting_in_processes(folder):
    return redacting_file(folder, processes=2)


def of_workers(redactors, processes, texts=()):
    """KiB and descriptors of all processes that label; each is asked, and labels the texts, until
    all have answered.
    """
    found = {}
    while processes > 1 and len(found) < processes:
        asked = [redactors._workers._pool.submit(of_this_process, texts) for _ in range(processes)]
        found.update(one.result() for one in asked)
    return sum(memory for memory, _ in found.values()), sum(files for _, files in found.values())


def growth(use, *, texts, passes=PASSES):
    """How many more KiB and descriptors the second half of the passes needs at its peak than the
    first half.

    `use` takes texts, and returns the KiB and descriptors of other processes, if it has any.
    What is made at first use is in the first half. Each pass takes new texts.
    """
    every = numbered_texts(texts * passes)
    found = []
    for _ in range(passes):
        memory, files = use(itertools.islice(every, texts)) or (0, 0)
        found.append((memory + allocated(), files + descriptors()))
    memory, files = zip(*found, strict=True)
    half = passes // 2
    return max(memory[half:]) - max(memory[:half]), max(files[half:]) - max(files[:half])


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    place = tmp_path_factory.mktemp("labeler") / "model"
    tiny_labeler().save(place)
    save_labeler(place / "private")
    return place


@pytest.fixture(autouse=True)
def settled():
    """What was there before a test is not looked through again and again for what can be freed."""
    gc.collect()
    gc.freeze()
    yield
    gc.unfreeze()


def set_bounds(monkeypatch, size, runs, *, keep=False):
    monkeypatch.setitem(WordGates.__init__.__kwdefaults__, "size", size)
    monkeypatch.setattr("seqlabel.text.tokenizers._MOST_RUNS", runs)
    monkeypatch.setattr("seqlabel.privacy.finding.long_texts.MOST_CELLS", runs)
    monkeypatch.setattr("seqlabel.runs.workers._start", partial(bound, size, runs, keep))


@pytest.fixture
def small_bounds(monkeypatch):
    """Words are forgotten once in each pass at least, so that halves can be compared."""
    set_bounds(monkeypatch, 40_000, 200)


# A document of the shortest of these texts takes more than 1 KiB.
TEXTS, LIMIT = 200, 256


REDACTING = [
    pytest.param(path, marks=needs_pii)
    for path in (redacting_stream, redacting_pipe, redacting_file, redacting_in_processes)
]
each_path = pytest.mark.parametrize("path", [labeler, finder, stream, pipe, *REDACTING])


@each_path
@pytest.mark.usefixtures("small_bounds")
def test_nothing_grows(folder, path):
    with path(folder) as use:
        memory, files = growth(use, texts=TEXTS)
        if memory >= LIMIT:
            # A process whose first work came late keeps what it made for it; what grows with texts
            # grows again.
            memory, files = growth(use, texts=2 * TEXTS)
    assert files == 0
    assert memory < LIMIT, f"{memory} KiB more after hundreds of texts more"


@pytest.mark.usefixtures("small_bounds")
def test_a_document_that_is_kept_of_each_text_is_noticed(folder):
    made, kept = Labeler.load(folder), []
    memory, _ = growth(lambda texts: kept.extend(made(texts)), texts=TEXTS)
    assert memory > 2 * LIMIT


@needs_pii
def test_texts_that_a_process_keeps_are_noticed(folder, monkeypatch):
    set_bounds(monkeypatch, 40_000, 200, keep=True)
    with redacting_in_processes(folder) as use:
        memory, _ = growth(use, texts=TEXTS)
    assert memory > LIMIT


@pytest.mark.skipif(MALLINFO is None, reason="this system does not count what C allocates")
def test_states_that_are_kept_are_noticed():
    kept = []
    memory, _ = growth(lambda texts: kept.append(torch.zeros(len(list(texts)), 7, 64)), texts=TEXTS)
    assert memory > 2 * LIMIT


@pytest.mark.skipif(
    not os.path.isdir("/proc/self/fd"), reason="this system does not tell a process's descriptors"
)
def test_a_file_that_stays_open_is_noticed(folder):
    opened = []
    try:
        _, files = growth(lambda texts: opened.append((folder / "config.json").open()), texts=1)
    finally:
        for file in opened:
            file.close()
    assert files == PASSES // 2


@pytest.mark.slow
@each_path
def test_nothing_grows_over_five_million_words(folder, path, monkeypatch):
    # A quarter of what it is, so that words are forgotten in each half.
    set_bounds(monkeypatch, 16 << 20, tokenizers._MOST_RUNS)
    with path(folder) as use:
        memory, files = growth(use, texts=5_000_000 * 2 // 15 // 60, passes=60)
    assert files == 0
    assert memory < 16 << 10, f"{memory} KiB more at most in the second half"
