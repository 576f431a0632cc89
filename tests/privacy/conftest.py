"""Models for the tests of files: one that finds some words, and one that leaves all to rules."""

import pytest

from tests.privacy.rewritten_files import NOTHING, save_labeler


@pytest.fixture(scope="session")
def model(tmp_path_factory):
    """A labeler of private data that finds some words."""
    return save_labeler(tmp_path_factory.mktemp("labeler") / "model")


@pytest.fixture(scope="session")
def rules(tmp_path_factory):
    """A labeler that finds nothing, so that rules alone do."""
    return save_labeler(tmp_path_factory.mktemp("rules") / "model", NOTHING)
