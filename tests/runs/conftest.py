"""The models of the tests of redacted files: runs are tested with that work."""

from tests.privacy.conftest import model, rules

__all__ = ["model", "rules"]
