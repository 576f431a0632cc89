"""Folders of classifiers of earlier versions: read as labelers that say the same, or refused with
what to do.
"""

import json

import pytest
import torch
from safetensors.torch import load_file, save_file

from seqlabel.errors import CheckpointError
from seqlabel.models.folders import read_kind
from seqlabel.models.language_model import WordLanguageModel
from seqlabel.models.old_folders import labeler_config, labeler_weight
from seqlabel.models.tagging.engine import Arithmetic
from seqlabel.models.tagging.labeler import Labeler
from tests.document_labelers import LABELS, document_labeler, scores_of, some_documents
from tests.model_folders import sign


def save_classifier(labeler, folder):
    """Write a labeler of documents as classifiers were written."""
    labeler.save(folder)
    (head,) = labeler.config.heads
    written = json.loads((folder / "config.json").read_text())["config"]
    config = {
        "encoder": written["encoder"],
        "labels": list(LABELS),
        "layer": head.tag_set.layer,
        "language": "en",
        "dropout": 0.1,
        "buckets": head.kind.buckets,
        "bptt": 7,
        "gradient_words": 256,
        "temperature": head.temperature,
    }
    names = {
        "heads.0.output.": "head.",
        "heads.0.pooled.votes": "votes.weights",
        "heads.0.pooled.": "votes.",
    }
    tensors = {}
    for name, tensor in load_file(folder / "model.safetensors").items():
        begin = next((begin for begin in names if name.startswith(begin)), "")
        tensors[names.get(begin, "") + name.removeprefix(begin)] = tensor
    save_file(tensors, folder / "model.safetensors")
    sign(folder, kind="classifier", config=config)
    return config


@pytest.mark.parametrize("buckets", [0, 500])
@pytest.mark.parametrize("name", ["two ways", "two ways of LSTMs", "one way"])
def test_a_folder_of_a_classifier_is_a_labeler_that_says_the_same(tmp_path, name, buckets):
    labeler = document_labeler(name, layer="mood", temperature=2.0, buckets=buckets)
    save_classifier(labeler, tmp_path)
    assert str(read_kind(tmp_path)) == "labeler"
    found = Labeler.load(tmp_path, arithmetic=Arithmetic.FLOAT32)
    assert found.config.heads == labeler.config.heads
    assert found.config.dropout == 0.1
    documents = some_documents(20)
    assert scores_of(found(documents), "mood") == scores_of(labeler(documents), "mood")
    compiled = torch.tensor(scores_of(Labeler.load(tmp_path)(documents), "mood"))
    torch.testing.assert_close(
        compiled, torch.tensor(scores_of(labeler(documents), "mood")), rtol=0, atol=0.05
    )
    # Saved again it is a labeler like others.
    found.save(tmp_path / "new")
    assert json.loads((tmp_path / "new" / "config.json").read_text())["kind"] == "labeler"


def test_it_is_no_language_model_and_a_damaged_one_is_refused(tmp_path):
    config = save_classifier(document_labeler(), tmp_path)
    with pytest.raises(CheckpointError, match=r"Labeler\.load"):
        WordLanguageModel.load(tmp_path)
    sign(tmp_path, config={**config, "unheard of": 1})
    with pytest.raises(CheckpointError, match="unheard of"):
        Labeler.load(tmp_path)
    del config["layer"]
    sign(tmp_path, config=config)
    with pytest.raises(CheckpointError, match="Restore"):
        Labeler.load(tmp_path)


def test_classifiers_over_pieces_say_what_to_do(tmp_path):
    with pytest.raises(CheckpointError, match="Train it again"):
        labeler_config({"encoder": {"pieces": 20}}, tmp_path / "config.json")


def test_other_weights_keep_their_names():
    assert labeler_weight("encoder.embedder.table.weight") == "encoder.embedder.table.weight"
    assert labeler_weight("votes.weights|scale") == "heads.0.pooled.votes|scale"
