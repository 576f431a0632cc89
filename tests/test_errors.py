"""The errors: one family that a caller can catch at once, and that Python's own programming errors
stay out of.
"""

import inspect

import pytest

from seqlabel import errors

ALL = [
    kind
    for _, kind in inspect.getmembers(errors, inspect.isclass)
    if issubclass(kind, errors.SeqlabelError)
]


def test_the_family_is_complete():
    names = {
        "SeqlabelError",
        "DataError",
        "CheckpointError",
        "OptionError",
        "MissingPackageError",
        "TrainingError",
    }
    assert {kind.__name__ for kind in ALL} == names


@pytest.mark.parametrize("kind", ALL)
def test_every_error_is_caught_as_the_librarys_and_as_a_value_error(kind):
    with pytest.raises(errors.SeqlabelError, match="found 3"):
        raise kind("found 3; at most 2 are allowed")
    assert issubclass(kind, ValueError)


@pytest.mark.parametrize("kind", [kind for kind in ALL if kind is not errors.SeqlabelError])
def test_one_kind_is_not_caught_as_another(kind):
    # A missing package is an option that cannot be had.
    others = [other for other in ALL if other not in kind.__mro__ and kind not in other.__mro__]
    assert len(others) >= 3
    assert not any(issubclass(kind, other) for other in others)


@pytest.mark.parametrize("kind", [TypeError, KeyError, IndexError, AttributeError, OSError])
def test_programming_errors_are_not_in_the_family(kind):
    assert not issubclass(kind, errors.SeqlabelError)
    assert not issubclass(errors.SeqlabelError, kind)
