"""Configs of networks: a recurrence may be named by a text, and a wrong name is refused."""

import pytest
from pydantic import TypeAdapter

from seqlabel.errors import OptionError
from seqlabel.nn.network_configs import (
    EncoderConfig,
    LanguageModelConfig,
    PieceModelConfig,
    Recurrence,
    WordModelConfig,
)

CONFIGS = [
    LanguageModelConfig(8, 2, 2, recurrence="lstm"),
    WordModelConfig(words=8, buckets=2, embedding=2, hidden=2, cutoffs=(4,), recurrence="lstm"),
    PieceModelConfig(pieces=8, embedding=2, hidden=2, cutoffs=(4,), recurrence="lstm"),
]


@pytest.mark.parametrize("config", CONFIGS, ids=lambda config: type(config).__name__)
def test_a_recurrence_is_chosen_by_its_name_and_a_config_is_read_as_its_own_kind(config):
    assert config.recurrence is Recurrence.LSTM
    adapter = TypeAdapter(EncoderConfig)
    assert adapter.validate_json(adapter.dump_json(config), strict=True) == config


def test_a_wrong_recurrence_is_refused():
    with pytest.raises(OptionError, match="recurrence"):
        LanguageModelConfig(8, 2, 2, recurrence="lsmt")
