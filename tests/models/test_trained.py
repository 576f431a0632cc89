"""Either kind of model with labels by its folder; a language model is refused."""

import pytest

from seqlabel.errors import CheckpointError
from seqlabel.models.classifier import Classifier
from seqlabel.models.language_model import WordLanguageModel
from seqlabel.models.tagging.engine import Arithmetic
from seqlabel.models.tagging.labeler import Labeler
from seqlabel.models.trained import load_trained
from tests.spacy_models import tiny_labeler


def test_a_folder_gives_the_model_that_was_saved_to_it(tmp_path):
    labeler = tiny_labeler()
    labeler.save(tmp_path / "labeler")
    below = WordLanguageModel(labeler.config.encoder, labeler.vocabulary)
    classifier = Classifier.on(below, ["a", "b"], buckets=0)
    classifier.save(tmp_path / "classifier")
    found = load_trained(tmp_path / "labeler", arithmetic=Arithmetic.FLOAT32)
    assert isinstance(found, Labeler)
    assert (found.config, found.inference.arithmetic) == (labeler.config, Arithmetic.FLOAT32)
    found = load_trained(str(tmp_path / "classifier"))
    assert isinstance(found, Classifier)
    assert found.config == classifier.config


def test_a_language_model_is_refused(tmp_path):
    labeler = tiny_labeler()
    WordLanguageModel(labeler.config.encoder, labeler.vocabulary).save(tmp_path / "encoder")
    with pytest.raises(CheckpointError, match="encoder: Found 'word language models', which has no labels"):
        load_trained(tmp_path / "encoder")
