"""The numbers of the base task's models make models of its vocabulary."""

import pytest
import torch

from seqlabel.lesson.counting_configs import copying_config, human_numbers_config
from seqlabel.nn.networks import CopyingLanguageModel, build_language_model


@pytest.mark.parametrize("builder", [human_numbers_config, copying_config])
def test_named_builders_give_models_of_the_vocabulary(builder):
    model = build_language_model(builder(39))
    logits, _ = model(torch.zeros(1, 2, dtype=torch.int64))
    assert logits.shape == (1, 2, 39)
    assert isinstance(model, CopyingLanguageModel) == (builder is copying_config)
