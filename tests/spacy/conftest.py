"""A tiny encoder for the tests of trainable pipes, and blank pipelines that are made quickly."""

import catalogue
import pytest
from spacy.lang.en import English

from tests.spacy_models import tiny_encoder

SOME = (
    "don't",
    "can't",
    "isn't",
    "It's",
    "I'm",
    "Ann's",
    "Mr.",
    "Mrs.",
    "e.g.",
    "p.m.",
    "10am",
    ":)",
    "St.",
)


class EntryPoints:
    """The entry points of all packages by their group, which spaCy searches for each registry of
    each pipeline.
    """

    def __init__(self, found):
        self._groups = {group: found.select(group=group) for group in found.groups}

    def select(self, *, group):
        return self._groups.get(group, ())


if not isinstance(catalogue.AVAILABLE_ENTRY_POINTS, EntryPoints):
    catalogue.AVAILABLE_ENTRY_POINTS = EntryPoints(catalogue.AVAILABLE_ENTRY_POINTS)


@pytest.fixture(autouse=True)
def few_special_cases():
    """Have pipelines know some of English's special cases: to look at all thousand takes longer
    than most tests.
    """
    every = English.Defaults.tokenizer_exceptions
    English.Defaults.tokenizer_exceptions = {text: every[text] for text in SOME if text in every}
    yield
    English.Defaults.tokenizer_exceptions = every


@pytest.fixture(scope="session")
def encoder(tmp_path_factory):
    return tiny_encoder(tmp_path_factory.mktemp("encoder") / "model")
