"""Labels are the same in threads, in forked and in spawned processes, and nothing waits for ever or grows.

The tests with many documents and words are slow ones; the suite runs the same checks on a few.
"""

import os
import sys
import textwrap

import pytest

from tests.spacy_models import run_in_time

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
