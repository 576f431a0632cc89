"""The weights of a labeler from a folder: without a network, until one is asked for; both say the
same.
"""

import copy
import pickle

import pytest
import torch

from seqlabel import Labeler
from seqlabel.documents.document import Document
from seqlabel.models import Arithmetic
from seqlabel.models.tagging.engine import EngineKind
from seqlabel.native.compiled import FAST, Level
from seqlabel.nn.networks import TaggingModel
from tests.models.sized_labelers import SIZES, save_model, some_rows

pytestmark = pytest.mark.skipif(not FAST, reason="has no compiled steps that are faster than torch")


DOCUMENTS = [
    Document.from_words(words)
    for words in [*some_rows(), [], ["word1"], some_rows(1, longest=900)[0]]
]


def said(labeler):
    return [(document.tags["pos"], document.spans["ner"]) for document in labeler(DOCUMENTS)]


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("compact", [True, False])
def test_a_labeler_from_a_folder_says_the_same_with_and_without_a_network(tmp_path, size, compact):
    save_model(tmp_path / "model", size=size, compact=compact)
    labeler = Labeler.load(tmp_path / "model", arithmetic=Arithmetic.INT8)
    assert labeler._weights._module is None
    assert labeler.inference.kind is EngineKind.COMPILED
    expected = said(labeler)
    shown = repr(labeler)
    assert len({tag for tags, _ in expected for tag in tags.labels}) > 1
    copies = [labeler.copy(), copy.deepcopy(labeler), pickle.loads(pickle.dumps(labeler))]
    for other in copies:
        assert other._weights._module is None
        assert said(other) == expected
    assert isinstance(labeler.module, TaggingModel)
    assert not labeler.module.training
    assert (labeler._weights._arrays, labeler._weights._native) == (None, None)
    assert repr(labeler) == shown
    assert labeler.inference.kind is EngineKind.COMPILED
    assert said(labeler) == expected
    with torch.no_grad():
        weight = labeler.module.encoder.embedder.buckets.weight
        weight.add_(torch.randn_like(weight))
    assert said(labeler) != expected
    assert said(copies[0]) == expected, "the copy has weights of its own"


def test_another_arithmetic_asks_for_the_network(tmp_path):
    save_model(tmp_path / "model")
    labeler = Labeler.load(tmp_path / "model", arithmetic=Arithmetic.FLOAT32)
    assert labeler.inference.kind is EngineKind.TORCH
    other = Labeler.load(tmp_path / "model", arithmetic=Arithmetic.INT8)
    assert other.inference.with_arithmetic(Arithmetic.FLOAT32).kind is EngineKind.TORCH
    assert other._weights._module is not None


def test_without_the_extension_the_folder_is_torchs(tmp_path, monkeypatch):
    save_model(tmp_path / "model")
    monkeypatch.setattr("seqlabel.models.tagging.engine.LEVEL", Level.MISSING)
    labeler = Labeler.load(tmp_path / "model", arithmetic=Arithmetic.INT8)
    assert labeler.inference.kind is EngineKind.TORCH
    monkeypatch.undo()
    compiled = Labeler.load(tmp_path / "model", arithmetic=Arithmetic.INT8)
    one, other = (
        [label for tags, _ in said(each) for label in tags.labels] for each in (labeler, compiled)
    )
    assert sum(a == b for a, b in zip(one, other, strict=True)) > 0.99 * len(one)
