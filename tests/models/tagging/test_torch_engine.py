"""Labels by engines of a network in torch: with the weights that it has now, with a fast way and
without one.
"""

import dataclasses

import numpy as np
import pytest
import torch

from seqlabel.documents.document import Document, Tags
from seqlabel.models.fine_tuning import fine_tune, tagging_options
from seqlabel.models.model_configs import LabelerConfig
from seqlabel.models.tagging.engine import Arithmetic
from seqlabel.models.tagging.labeler import Labeler
from seqlabel.nn.heads.head import Rows
from seqlabel.training.loop import Precision
from seqlabel.training.progress import Display
from tests.engines import own_layers
from tests.heads import padded_scores
from tests.models.sized_labelers import (
    HEADS,
    SMALL,
    VOCABULARY,
    every_size,
    padded_states,
    reader_of,
    sized_labeler,
    some_rows,
    split,
)


def labels_of(documents):
    return [(document.tags["pos"].labels, document.spans["ner"].spans) for document in documents]


def scores_of(documents):
    found = []
    for document in documents:
        found += [*document.tags["pos"].scores, *document.spans["ner"].scores]
    return found


@every_size
def test_a_labeler_says_the_same_with_and_without_it(monkeypatch, size):
    labeler = sized_labeler(size)
    documents = [
        Document.from_words(words)
        for words in [*some_rows(), [], ["word1"], some_rows(1, longest=900)[0]]
    ]
    assert labeler.inference.engine.reader is not None
    monkeypatch.setattr("seqlabel.models.tagging.inference.WINDOW", 50)
    monkeypatch.setattr("seqlabel.models.tagging.inference.CONTEXT", 7)
    found = list(labeler.pipe(documents))
    labeler.inference = own_layers(labeler)
    expected = list(labeler.pipe(documents))
    assert labels_of(found) == labels_of(expected)
    assert scores_of(found) == pytest.approx(scores_of(expected), abs=1e-4)
    assert len({label for labels, _ in labels_of(found) for label in labels}) > 1


def train_one_step(labeler):
    labeler.module.train()
    rows = some_rows(5, seed=3)
    lengths = torch.tensor([len(row) for row in rows])
    gold = [torch.zeros(len(rows), int(lengths.max()), dtype=torch.int64) for _ in HEADS]
    labeler.module(labeler.words(rows), lengths, gold).sum().backward()
    torch.optim.SGD(labeler.module.parameters(), lr=0.01).step()


def load_other_weights(labeler):
    labeler.module.load_state_dict(sized_labeler(seed=1).module.state_dict())


def tune(labeler):
    documents = [
        Document.from_words(row, tags={"pos": Tags(("N",) * len(row))})
        for row in some_rows(20, seed=4)
    ]
    options = dataclasses.replace(tagging_options(1, device="cpu"), precision=Precision.FLOAT32)
    fine_tune(labeler, documents, documents[:3], options=options, display=Display.SILENT)


@pytest.mark.parametrize("change", [train_one_step, load_other_weights, tune])
def test_a_labeler_reads_with_the_weights_that_it_has_now(change):
    labeler, rows = sized_labeler(), some_rows()
    before = list(labeler(map(Document.from_words, rows)))
    change(labeler)
    found = list(labeler(map(Document.from_words, rows)))
    states = labeler.inference.engine.reader(rows)
    torch.testing.assert_close(states, padded_states(labeler, rows), rtol=0, atol=1e-5)
    copied = sized_labeler()
    copied.module.load_state_dict(labeler.module.state_dict())
    assert labels_of(found) == labels_of(copied(map(Document.from_words, rows)))
    assert scores_of(found) != scores_of(before)


def test_a_labeler_that_was_built_in_inference_mode_labels_as_another():
    with torch.inference_mode():
        torch.manual_seed(0)
        labeler = Labeler(
            LabelerConfig(SMALL, HEADS, hidden=5), VOCABULARY, arithmetic=Arithmetic.FLOAT32
        )
        labeler.module.load_state_dict(sized_labeler().module.state_dict())
        inside = list(labeler(["word1 word2 数"]))
    expected = labels_of(sized_labeler()(["word1 word2 数"]))
    assert labels_of(labeler(["word1 word2 数"])) == labels_of(inside) == expected


@pytest.mark.parametrize("number", [0, 1], ids=["softmax", "crf"])
@torch.inference_mode()
def test_tags_of_rows_are_those_of_padded_rows(number):
    labeler, rows = sized_labeler(), some_rows()
    head, decision = labeler.module.heads[number], labeler.decisions[number]
    states = reader_of(labeler)(rows)
    sizes = [len(row) for row in rows]
    best, sure = labeler.inference.engine.tags(number, states, Rows(sizes), decision)
    padded = torch.nn.utils.rnn.pad_sequence(split(states, rows), batch_first=True)
    scores = padded_scores(head, padded, torch.tensor(sizes), decision)
    borders = np.cumsum(sizes)[:-1]
    found = zip(np.split(best, borders), np.split(sure, borders), strict=True)
    for row, (tags, chances) in enumerate(found):
        wanted = scores.tags[row, : sizes[row]]
        assert tags.tolist() == wanted.tolist()
        expected = scores.probabilities[row, : sizes[row]].gather(1, wanted[:, None])[:, 0]
        assert chances.tolist() == pytest.approx(expected.tolist(), abs=1e-5)
