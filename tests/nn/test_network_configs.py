"""Configs of networks: numbers of which none can be built are refused."""

import pytest

from seqlabel.errors import OptionError
from seqlabel.nn.network_configs import PieceModelConfig, WordModelConfig


@pytest.mark.parametrize("cutoffs", [(-1,), (0,), (4, 2), (4, 4)])
def test_cutoffs_rise_above_zero(cutoffs):
    with pytest.raises(OptionError, match=r"^cutoffs: Found"):
        WordModelConfig(words=8, buckets=2, embedding=2, hidden=2, cutoffs=cutoffs)
    with pytest.raises(OptionError, match=r"^cutoffs: Found"):
        PieceModelConfig(pieces=8, embedding=2, hidden=2, cutoffs=cutoffs)
    assert PieceModelConfig(pieces=8, embedding=2, hidden=2, cutoffs=(2, 4)).cutoffs == (2, 4)
