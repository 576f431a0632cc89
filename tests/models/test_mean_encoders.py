"""The mean of encoders is that of their weights and leaves them as they are; other models are
refused.
"""

from dataclasses import replace

import pytest
import torch

from seqlabel.documents.tag_sets import TagSet
from seqlabel.errors import OptionError
from seqlabel.models.language_model import LanguageModel, WordLanguageModel
from seqlabel.models.mean_encoders import mean_encoder
from seqlabel.models.tagging.labeler import Labeler
from seqlabel.nn.network_configs import LanguageModelConfig, WordModelConfig
from seqlabel.text.vocabulary import Vocabulary
from tests.labelers import tiny_encoder
from tests.weights import same_weights, weights_of

WORDS = ["xxunk", "xxbos", "the", "cat", "sat", "on", "a", "mat"]
CONFIG = WordModelConfig(
    words=len(WORDS), buckets=64, embedding=4, hidden=6, cutoffs=(4,), languages=("en",)
)
TAGS = [TagSet("topic", ("farm", "town"))]


def encoder(seed=0, config=CONFIG, words=WORDS):
    return tiny_encoder(config, Vocabulary(words), seed=seed)


def encoder_weights(model):
    return weights_of(model.module.encoder)


def test_each_weight_is_the_mean_of_all_models():
    first, second, labeler = encoder(0), encoder(1), Labeler.on(encoder(2), TAGS)
    before = [encoder_weights(model) for model in (first, second, labeler)]
    mean = mean_encoder(first, [second, labeler])
    for name, tensor in encoder_weights(mean).items():
        torch.testing.assert_close(tensor, sum(weights[name] for weights in before) / 3)
    for model, weights in zip((first, second, labeler), before, strict=True):
        assert same_weights(encoder_weights(model), weights)


def test_output_layers_numbers_and_words_are_those_of_the_first():
    first = encoder(0)
    mean = mean_encoder(first, [encoder(1)])
    assert mean.config == first.config
    assert list(mean.vocabulary) == WORDS
    assert same_weights(mean.module.forward_head, first.module.forward_head)
    assert same_weights(mean.module.backward_head, first.module.backward_head)


def test_folders_are_read_and_heads_go_on_the_mean(tmp_path):
    first, labeler = encoder(0), Labeler.on(encoder(1), TAGS)
    first.save(tmp_path / "encoder")
    labeler.save(tmp_path / "labeler")
    mean = mean_encoder(tmp_path / "encoder", [str(tmp_path / "labeler")])
    expected = encoder_weights(mean_encoder(first, [labeler]))
    assert same_weights(encoder_weights(mean), expected)
    assert same_weights(encoder_weights(Labeler.on(mean, TAGS)), expected)


def one_way():
    return LanguageModel(
        LanguageModelConfig(vocabulary=len(WORDS), embedding=6, hidden=6), Vocabulary(WORDS)
    )


@pytest.mark.parametrize(
    "others",
    [
        [],
        "en_pos",
        [encoder(1, replace(CONFIG, hidden=8))],
        [encoder(1, words=[*WORDS[:-1], "dog"])],
        [Labeler.on(one_way(), TAGS)],
    ],
    ids=["no others", "a name", "other sizes", "other words", "one direction"],
)
def test_models_that_began_with_another_are_refused(others):
    with pytest.raises(OptionError, match="others"):
        mean_encoder(encoder(0), others)


def test_shipped_labelers_began_with_the_encoder_that_ships():
    mean = mean_encoder("en", ["en_pos", "en_ner", "en_pii", "en_trees"])
    assert mean.config == WordLanguageModel.load("en").config
