"""Labelers by their folders, also in processes, which label as one; no language model."""

import pytest

from seqlabel.errors import CheckpointError, OptionError
from seqlabel.models.language_model import WordLanguageModel
from seqlabel.models.tagging.engine import Arithmetic
from seqlabel.models.tagging.labeler import Labeler
from seqlabel.models.trained import label_batches, load_trained
from tests.spacy_models import some_texts, tiny_labeler


def test_a_folder_gives_the_model_that_was_saved_to_it(tmp_path):
    labeler = tiny_labeler()
    labeler.save(tmp_path / "labeler")
    found = load_trained(tmp_path / "labeler", arithmetic=Arithmetic.FLOAT32)
    assert isinstance(found, Labeler)
    assert (found.config, found.inference.arithmetic) == (labeler.config, Arithmetic.FLOAT32)


def test_a_language_model_is_refused(tmp_path):
    labeler = tiny_labeler()
    WordLanguageModel(labeler.config.encoder, labeler.vocabulary).save(tmp_path / "encoder")
    with pytest.raises(CheckpointError):
        load_trained(tmp_path / "encoder")


def test_several_processes_label_as_one_does():
    labeler = Labeler.load("en_pos")
    texts = some_texts(60)
    batches = [texts[:1], [], texts[1:30], [labeler.tokenize(text) for text in texts[30:]], texts]
    found = list(label_batches("en_pos", batches, processes=2))
    assert found == [list(labeler(batch)) for batch in batches]


def test_processes_heed_the_sensitivity():
    texts = some_texts(40)
    labeler = Labeler.load("en_ner")
    more = labeler.with_sensitivity(8.0)
    (found,) = label_batches("en_ner", [texts], processes=2, sensitivity=8.0)
    assert found == list(more(texts))
    assert found != list(labeler(texts))


def test_wrong_numbers_are_refused():
    with pytest.raises(OptionError, match=r"^processes: "):
        list(label_batches("en_pos", [["a"]], processes=0))
