"""Chains by NumPy against the compiled steps; against enumeration they are tested with the CRF
head.
"""

import numpy as np
import pytest

from seqlabel.native import chains
from seqlabel.native.chains import Chain
from seqlabel.native.compiled import LEVEL, Level


@pytest.mark.skipif(LEVEL is Level.MISSING, reason="the extension was not compiled here")
@pytest.mark.parametrize("scale", [0.5, 5.0, 1e5])
def test_numpy_finds_what_the_compiled_steps_find(scale, monkeypatch):
    chance = np.random.default_rng(0)
    lengths = chance.integers(1, 30, size=20).tolist()
    transitions = chance.normal(size=(4, 4)).astype(np.float32)
    transitions[0, 1] = -np.inf
    chain = Chain(transitions, *chance.normal(size=(2, 4)).astype(np.float32))
    emissions = (scale * chance.normal(size=(sum(lengths), 4))).astype(np.float32)
    expected = chain.marginals(emissions, lengths), chain.best(emissions, lengths)
    monkeypatch.setattr(chains, "LEVEL", Level.MISSING)
    np.testing.assert_allclose(chain.marginals(emissions, lengths), expected[0], atol=1e-5)
    assert chain.best(emissions, lengths).tolist() == expected[1].tolist()
