"""A tiny encoder for the tests of trainable pipes."""

import pytest

from tests.spacy_models import tiny_encoder


@pytest.fixture(scope="session")
def encoder(tmp_path_factory):
    return tiny_encoder(tmp_path_factory.mktemp("encoder") / "model")
