"""Labels are the same in threads, in forked and in spawned processes, and nothing waits for ever.

The tests with many documents and words are slow ones; the suite runs the same checks on a few.
"""

import os
import sys
import textwrap
from concurrent.futures import ThreadPoolExecutor

import pytest
import spacy

from seqlabel.models.tagging.labeler import Labeler
from tests.hardening.labeled import described, numbered_texts
from tests.spacy_models import run_in_time, tiny_labeler

PARENT = """
import os, sys, warnings
# Threads that have nothing to do sleep, so that a loaded machine is not slower still.
os.environ["OMP_WAIT_POLICY"] = "passive"
from pathlib import Path
from tempfile import TemporaryDirectory

import spacy
import torch

warnings.simplefilter("ignore", DeprecationWarning)
torch.set_num_threads(2)
sys.path.insert(0, {root!r})
from seqlabel import PrivateFinder, Replace, StreamLabeler, StreamRedactor
from seqlabel.batches.language import LanguageModelStream
from seqlabel.text.corpora import TokenArray
from seqlabel.models.generation import generate
from seqlabel.nn.network_configs import LanguageModelConfig
from seqlabel.nn.networks import build_language_model
from seqlabel.training.loop import TrainingOptions, fit
from tests.engines import own_layers
from tests.hardening.labeled import long_texts, wide_finder_labeler, wide_labeler
from tests.spacy_models import VOCABULARY

ONE_EPOCH = TrainingOptions(epochs=1)

def wide_model():
    torch.manual_seed(0)
    return build_language_model(LanguageModelConfig(vocabulary=len(VOCABULARY), embedding=128, hidden=128))

def numbers():
    return LanguageModelStream(TokenArray([2, 3, 4, 5] * 400), batch_size=32, bptt=20)
"""  # noqa: E501

# What works in a child must have worked in the parent, with texts long enough for torch to share
# the work. Losses are sums, whose last bits depend on the number of threads.
WAYS = {
    "labeler": """
        labeler = wide_labeler()
        def work(): return [str(document) for document in labeler(long_texts())]
    """,
    "own layers": """
        labeler = wide_labeler()
        labeler.inference = own_layers(labeler)
        def work(): return [str(document) for document in labeler(long_texts())]
    """,
    "pipe": """
        nlp = spacy.blank("en")
        with TemporaryDirectory() as folder:
            wide_labeler().save(Path(folder) / "model")
            nlp.add_pipe("seqlabel", config={"model": str(Path(folder) / "model")})
        def work(): return [str(doc.to_json()) for doc in nlp.pipe(long_texts())]
    """,
    "pipe with one text": """
        nlp = spacy.blank("en")
        with TemporaryDirectory() as folder:
            wide_labeler().save(Path(folder) / "model")
            nlp.add_pipe("seqlabel", config={"model": str(Path(folder) / "model")})
        def work(): return str(nlp(long_texts()[0]).to_json())
    """,
    "finder": """
        finder = PrivateFinder(wide_finder_labeler(), rules=False)
        def work(): return [str(document) for document in finder(long_texts())]
    """,
    "stream": """
        labeler = wide_labeler()
        def work():
            stream = StreamLabeler(labeler, look_ahead=400)
            return [str(piece.document) for text in long_texts() for piece in stream.feed_text(text)]
    """,  # noqa: E501
    "stream that goes on": """
        stream = StreamLabeler(wide_labeler(), look_ahead=400)
        def work(): return bool(stream.feed_text(" ".join(long_texts())))
    """,
    "redactor of streams": """
        finder = PrivateFinder(wide_finder_labeler(), rules=False)
        def work():
            stream = StreamRedactor(finder, Replace(), look_ahead=400)
            return [stream.feed(text) for text in long_texts()] + [stream.close()]
    """,
    "training": """
        def work():
            done = fit(wide_model(), numbers(), options=ONE_EPOCH, display="silent")
            return [round(report.train_loss, 2) for report in done]
    """,
    "generating": """
        model = wide_model()
        def work(): return list(generate(model, VOCABULARY, ["the", "cat"] * 200, count=2))
    """,
    "generating that goes on": """
        words = generate(wide_model(), VOCABULARY, ["the", "cat"] * 200, count=9)
        def work(): return bool(next(words))
    """,
}

# Torch waits for ever for the threads that a child lacks, so an alarm ends the child.
CHILD = """
import signal

for name, make in MAKE.items():
    work = make()
    expected = work()
    assert expected
    child = os.fork()
    if not child:
        signal.alarm(300)
        found = work()
        os._exit(0 if found == expected else 3)
    print(name, os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), sep=": ")
"""

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


def script(*parts):
    return "\n".join([PARENT.format(root=ROOT), *map(textwrap.dedent, parts)])


@pytest.mark.end_to_end
@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork")
def test_a_child_works_though_its_parent_worked_with_two_threads():
    made = [
        f"def way{number}():\n{textwrap.indent(textwrap.dedent(way), '    ')}\n    return work"
        for number, way in enumerate(WAYS.values())
    ]
    every = ", ".join(f"{name!r}: way{number}" for number, name in enumerate(WAYS))
    found = run_in_time([sys.executable, "-c", script(*made, f"MAKE = {{{every}}}", CHILD)])
    assert found.splitlines() == [f"{name}: 0" for name in WAYS]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    place = tmp_path_factory.mktemp("labeler") / "model"
    tiny_labeler().save(place)
    return place


def pipeline(folder):
    nlp = spacy.blank("en")
    nlp.add_pipe("seqlabel", config={"model": str(folder)})
    return nlp


@pytest.mark.parametrize(
    "documents",
    [pytest.param(100, id="few"), pytest.param(10_000, id="many", marks=pytest.mark.slow)],
)
@pytest.mark.parametrize("way", ["labeler", "pipe"])
def test_eight_threads_label_as_one(folder, way, documents):
    texts = list(numbered_texts(documents))
    label = Labeler.load(folder) if way == "labeler" else pipeline(folder).pipe
    expected = [described(one) for one in label(texts)]
    assert len(set(expected)) == documents
    parts = [texts[number::8] for number in range(8)]
    with ThreadPoolExecutor(8) as pool:
        for number, found in enumerate(
            pool.map(lambda part: [described(one) for one in label(part)], parts)
        ):
            assert found == expected[number::8]


PROCESSES = """
from multiprocessing import get_context
from seqlabel import Labeler
from tests.engines import own_layers
from tests.hardening.labeled import described, label_with, label_with_folder, numbered_texts

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
@pytest.mark.slow
@pytest.mark.parametrize("documents", [200, 10_000])
def test_processes_label_as_their_parent(folder, tmp_path, documents):
    file = tmp_path / "script.py"
    file.write_text(script(PROCESSES.format(folder=str(folder), documents=documents)))
    assert run_in_time([sys.executable, str(file)]).split() == ["fork", "spawn"]
