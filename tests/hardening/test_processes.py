"""Labels are the same in threads, in forked and in spawned processes, and nothing waits for ever.

The tests with many documents and words are slow ones; the suite runs the same checks on a few.
"""

import os
import sys
import textwrap
from concurrent.futures import ThreadPoolExecutor

import pytest
import spacy

from seqlabel.models.labeler import Labeler
from tests.hardening.labelled import described, numbered_texts
from tests.spacy_models import run_in_time, tiny_labeler

PARENT = """
import os, sys, warnings
import torch

warnings.simplefilter("ignore", DeprecationWarning)
torch.set_num_threads(2)
sys.path.insert(0, {root!r})
from seqlabel import PrivateFinder, Replace, StreamLabeler, StreamRedactor
from tests.hardening.labelled import long_texts, wide_finder_labeler, wide_labeler
"""

# What labels in a child must have labelled in the parent, with texts long enough for torch to share the work.
WAYS = {
    "labeler": """
        labeler = wide_labeler()
        def label(): return [str(document) for document in labeler(long_texts())]
    """,
    "own layers": """
        labeler = wide_labeler()
        labeler.inference._reader = lambda: None
        def label(): return [str(document) for document in labeler(long_texts())]
    """,
    "finder": """
        finder = PrivateFinder(wide_finder_labeler())
        def label(): return [str(document) for document in finder(long_texts())]
    """,
    "stream": """
        labeler = wide_labeler()
        def label():
            stream = StreamLabeler(labeler, look_ahead=400)
            return [str(piece.document) for text in long_texts() for piece in stream.feed_text(text)]
    """,
    "stream that goes on": """
        stream = StreamLabeler(wide_labeler(), look_ahead=400)
        def label(): return len(stream.feed_text(" ".join(long_texts())))
    """,
    "redactor of streams": """
        finder = PrivateFinder(wide_finder_labeler())
        def label():
            stream = StreamRedactor(finder, Replace(), look_ahead=400)
            return [stream.feed(text) for text in long_texts()] + [stream.close()]
    """,
}

CHILD = """
expected = label()
assert expected
child = os.fork()
if not child:
    found = label()
    os._exit(0 if found == expected or isinstance(found, int) else 3)
print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


def script(*parts):
    return "\n".join([PARENT.format(root=ROOT), *map(textwrap.dedent, parts)])


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork")
@pytest.mark.parametrize("way", WAYS)
def test_a_child_labels_though_its_parent_labelled_with_two_threads(way):
    assert run_in_time([sys.executable, "-c", script(WAYS[way], CHILD)], seconds=60).split() == ["0"]


def with_a_slow(few, many):
    """A small number for the suite, a large one for `-m slow`."""
    return [pytest.param(few, id=f"{few:,}"), pytest.param(many, id=f"{many:,}", marks=pytest.mark.slow)]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    place = tmp_path_factory.mktemp("labeler") / "model"
    tiny_labeler().save(place)
    return place


def pipeline(folder):
    nlp = spacy.blank("en")
    nlp.add_pipe("seqlabel", config={"model": str(folder)})
    return nlp


@pytest.mark.parametrize("documents", with_a_slow(400, 10_000))
@pytest.mark.parametrize("way", ["labeler", "pipe"])
def test_eight_threads_label_as_one(folder, way, documents):
    texts = list(numbered_texts(documents))
    label = Labeler.load(folder) if way == "labeler" else pipeline(folder).pipe
    expected = [described(one) for one in label(texts)]
    assert len(set(expected)) == documents
    parts = [texts[number::8] for number in range(8)]
    with ThreadPoolExecutor(8) as pool:
        for number, found in enumerate(pool.map(lambda part: [described(one) for one in label(part)], parts)):
            assert found == expected[number::8]


PROCESSES = """
from multiprocessing import get_context
from seqlabel import Labeler
from tests.hardening.labelled import described, label_with, label_with_folder, numbered_texts

if __name__ == "__main__":
    labeler, texts = Labeler.load({folder!r}), list(numbered_texts({documents}))
    expected = [described(document) for document in labeler([*texts, *long_texts()])][: len(texts)]
    parts = [texts[number::4] for number in range(4)]
    for method in ("fork", "spawn"):
        with get_context(method).Pool(2) as pool:
            loaded = pool.starmap(label_with_folder, [({folder!r}, part) for part in parts])
            carried = pool.starmap(label_with, [(labeler, part) for part in parts])
        assert loaded == carried == [expected[number::4] for number in range(4)]
        print(method)
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork")
@pytest.mark.parametrize("documents", with_a_slow(200, 10_000))
def test_processes_label_as_their_parent(folder, tmp_path, documents):
    file = tmp_path / "script.py"
    file.write_text(script(PROCESSES.format(folder=str(folder), documents=documents)))
    seconds = 120 if documents < 1000 else 1200
    assert run_in_time([sys.executable, str(file)], seconds=seconds).split() == ["fork", "spawn"]
