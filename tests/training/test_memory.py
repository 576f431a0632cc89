"""Memory given back to the system, where the C library can, and nothing where it cannot."""

import ctypes
import sys

import pytest

from seqlabel.training import memory
from seqlabel.training.memory import return_free_memory


@pytest.fixture(autouse=True)
def no_kept_function():
    memory._malloc_trim.cache_clear()
    yield
    memory._malloc_trim.cache_clear()


def test_the_function_of_the_c_library_is_called(monkeypatch):
    calls = []

    class Library:
        malloc_trim = staticmethod(calls.append)

    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setattr(ctypes, "CDLL", lambda name: Library)
    return_free_memory()
    assert calls == [0]


@pytest.mark.parametrize("platform", ["linux", "darwin", "win32"])
def test_other_c_libraries_are_left_alone(monkeypatch, platform):
    monkeypatch.setattr(sys, "platform", platform)
    monkeypatch.setattr(ctypes, "CDLL", lambda name: object())
    return_free_memory()
