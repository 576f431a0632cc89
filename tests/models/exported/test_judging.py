"""The exported judge of spans against `SpanReader`, on random states; whole models are compared in
`test_run.py`.
"""

import runpy

import numpy as np
import pytest

from seqlabel import Scheme, TagSet
from seqlabel.models.export import reader_facts
from seqlabel.native.span_reader import Passed, SpanReader, SpanReaderConfig
from tests.test_architecture import FOLDER

TAGS = TagSet("ner", ("A", "B", "C"), Scheme.BIOES)
WIDTH = 6
judging = runpy.run_path(str(FOLDER / "models" / "exported" / "judging.py"))
words = runpy.run_path(str(FOLDER / "models" / "exported" / "words.py"))


def random_reader(chance, hidden):
    # It does not know the label C.
    config = SpanReaderConfig(
        "ner",
        ("B", "A"),
        hidden=hidden,
        least=0.5,
        near=3,
        before=20,
        after=6,
        sure=0.6,
        leasts={"A": 0.3},
    )
    weights = {
        name: chance.normal(size=shape).astype(np.float32)
        for name, shape in config.shapes(WIDTH).items()
    }
    return SpanReader(config, weights, TAGS)


@pytest.mark.parametrize("hidden", [0, 4])
@pytest.mark.parametrize("stride", [1, 7, 100, 2000])
def test_a_text_in_parts_is_judged_as_the_library_judges_it(hidden, stride):
    chance = np.random.default_rng(hidden + stride)
    reader = random_reader(chance, hidden)
    judge = judging["Judge"](reader_facts(reader))
    length = 1500 if stride > 1 else 80
    states = chance.normal(size=(length, WIDTH)).astype(np.float32)
    ids = chance.choice(
        len(TAGS.tags), size=length, p=[0.5] + [0.5 / (len(TAGS.tags) - 1)] * (len(TAGS.tags) - 1)
    )
    chances = chance.uniform(0.05, 1, size=length).astype(np.float32)
    ours = Passed.none(WIDTH)
    theirs = judging["Passed"]()
    for start in range(0, length, stride):
        part = slice(start, start + stride + 9)
        count = min(stride, length - start)
        expected, ours = reader.stream_scores(states[part], count, ids[part], chances[part], ours)
        tags = [TAGS.tags[tag] for tag in ids[part]]
        spans = words["spans"]([*theirs.tags, *tags])
        found = judge.judge(states[part], tags, spans, chances[part].tolist(), theirs, count)
        # Where the library multiplies bytes its products are rounded.
        assert found == pytest.approx(expected.tolist(), abs=0.05)
        own = tags[:count]
        kept = judge.dropped(own, words["spans"](own), expected.tolist())
        assert kept == [TAGS.tags[tag] for tag in reader.kept_tags(ids[part][:count], expected)]
