"""Models in pipelines: files as compact as those that were loaded, to the byte, however often they
move.
"""

from dataclasses import replace

import pytest
import spacy

from seqlabel.documents.schemes import Scheme
from seqlabel.documents.tag_sets import TagSet
from seqlabel.models.folders import PRETRAINED
from seqlabel.models.model_configs import HeadConfig
from seqlabel.nn.heads.softmax import Softmax
from seqlabel.spacy.running import pack_folder, unpack_folder
from seqlabel.spacy.storing import StoredModel, load_stored
from seqlabel.training.checkpoints import TABLE_ROWS
from tests.extras import needs_pii
from tests.spacy_models import ENCODER, some_texts, tiny_labeler

HEADS = (HeadConfig(TagSet("pii", ("PERSON", "PLACE"), Scheme.BIO), Softmax()),)


@pytest.fixture(scope="module", params=[True, False], ids=["compact", "full"])
def folder(request, tmp_path_factory):
    path = tmp_path_factory.mktemp("labeler") / "model"
    labeler = tiny_labeler(HEADS, encoder=replace(ENCODER, buckets=8 * TABLE_ROWS))
    labeler.save(path, compact=request.param)
    assert ((path / "model.safetensors").stat().st_size < 150_000) is request.param
    return path


def weights(folder):
    return (folder / "model.safetensors").read_bytes()


def test_a_model_stays_as_compact_as_it_was_loaded(folder, tmp_path):
    stored = load_stored(folder)
    assert stored.compact is (len(weights(folder)) < 150_000)
    for number in range(3):
        stored = unpack_folder(pack_folder(stored.save), load_stored)
        stored.save(tmp_path / str(number))
        assert weights(tmp_path / str(number)) == weights(folder)


@pytest.mark.parametrize(
    ("folder", "factory"),
    [(True, "seqlabel"), pytest.param(False, "private_finder", marks=needs_pii)],
    indirect=["folder"],
)
def test_a_pipeline_keeps_the_weights_that_it_was_loaded_with(folder, factory, tmp_path):
    nlp = spacy.blank("en")
    nlp.add_pipe(factory, config={"model": str(folder)})
    nlp.to_disk(tmp_path / "pipeline")
    assert weights(tmp_path / "pipeline" / factory) == weights(folder)
    again = spacy.load(tmp_path / "pipeline")
    again.to_disk(tmp_path / "again")
    assert weights(tmp_path / "again" / factory) == weights(folder)
    assert len(again.to_bytes()) < len(weights(folder)) + 100_000
    moved = spacy.blank("en").from_config(nlp.config).from_bytes(again.to_bytes())
    texts = some_texts(10)
    found = [[(span.text, span.label_) for span in doc.ents] for doc in nlp.pipe(texts)]
    assert [[(span.text, span.label_) for span in doc.ents] for doc in moved.pipe(texts)] == found
    assert any(found)


@pytest.mark.parametrize("name", ["en_pos", "en_pii"])
def test_a_model_that_ships_does_not_grow(name, tmp_path):
    if not (PRETRAINED / name).is_dir():
        pytest.skip(f"the model {name} is not there")
    nlp = spacy.blank("en")
    nlp.add_pipe("seqlabel", config={"model": name})
    nlp.to_disk(tmp_path / "pipeline")
    assert weights(tmp_path / "pipeline" / "seqlabel") == weights(PRETRAINED / name)


def test_a_new_model_is_stored_in_full():
    stored = StoredModel(tiny_labeler(HEADS))
    assert not unpack_folder(pack_folder(stored.save), load_stored).compact
