"""The examples in docstrings do what they show."""

import doctest
from importlib import import_module

import pytest

from tests.test_architecture import FOLDER, MODULES, name_of

SHOWN = [path for path in MODULES if ">>> " in (FOLDER / path).read_text(encoding="utf-8")]
WITH_RULES_OR_KEYS = {
    "integrations/logs.py",
    "integrations/sql.py",
    "privacy/finding/explaining.py",
    "privacy/finding/finder.py",
    "privacy/records/objects.py",
    "privacy/records/transcripts.py",
    "privacy/replacing/policies.py",
    "privacy/rules/proofs.py",
    "privacy/rules/table.py",
    "privacy/session.py",
    "spacy/private.py",
    "spacy/redactor.py",
}


@pytest.mark.parametrize("path", SHOWN, ids=str)
def test_the_examples_of_a_module(path):
    if path.as_posix() in WITH_RULES_OR_KEYS:
        pytest.importorskip("stdnum", reason="needs seqlabel-rnn[pii]")
    module = import_module(name_of(path))
    found = doctest.testmod(module, optionflags=doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE)
    assert found.attempted > 0
    assert found.failed == 0
