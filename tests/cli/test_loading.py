"""Models from their own folder, from the output folder of a training, or by name; what they
label.
"""

import pytest

from seqlabel.cli.loading import has_labels, layers_of
from seqlabel.cli.options import Task
from seqlabel.documents.categories import Categories
from seqlabel.documents.schemes import Scheme
from seqlabel.documents.tag_sets import TagSet
from seqlabel.errors import CheckpointError
from seqlabel.models.language_model import load_language_model
from seqlabel.models.model_configs import HeadConfig
from seqlabel.models.tagging.labeler import Labeler
from seqlabel.models.trained import load_trained
from tests.spacy_models import tiny_encoder, tiny_labeler

HEADS = (
    HeadConfig(TagSet("upos", ("NOUN", "VERB"))),
    HeadConfig(TagSet("ner", ("A", "B"), Scheme.BIO)),
)


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    """Models of three kinds, each in the folder that a subcommand gives it."""
    folder = tmp_path_factory.mktemp("models")
    tiny_labeler(HEADS).save(folder / "trained" / "model")
    tiny_encoder(folder / "pretrained" / "best")
    below = load_language_model(folder / "pretrained" / "best")
    Labeler.on(below, [Categories("tone", ("good", "bad"))]).save(folder / "whole")
    return folder


def test_language_models_have_no_labels(saved):
    names = ("trained", "whole", "pretrained")
    assert [has_labels(saved / name) for name in names] == [True, True, False]
    with pytest.raises(CheckpointError):
        has_labels(saved / "nowhere")


def test_layers_have_their_task_and_labels(saved):
    assert layers_of(load_trained(saved / "trained")) == {
        "upos": (Task.TAGS, ("NOUN", "VERB")),
        "ner": (Task.SPANS, ("A", "B")),
    }
    assert layers_of(load_trained(saved / "whole")) == {"tone": (Task.DOCUMENT, ("good", "bad"))}
