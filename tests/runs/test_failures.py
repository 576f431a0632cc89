"""An error on one file of several names it, without its text; a full disk ends the run."""

import errno
from pathlib import Path

import pytest

from seqlabel.errors import DataError, OptionError
from seqlabel.runs.failures import concerns_all, of_file, read_each

SECRET = "ann@x.org"


@pytest.mark.parametrize(
    "error", [RecursionError(SECRET), MemoryError(), KeyError(SECRET), OSError(errno.EIO, "broken")]
)
def test_any_error_is_one_of_the_file_without_its_text(error):
    found = of_file(error, Path("a.txt"))
    assert type(found) is DataError
    assert str(found).startswith("a.txt: ")
    assert SECRET not in str(found)
    assert not concerns_all(error)


def test_an_error_of_the_library_stays():
    error = OptionError("columns")
    assert of_file(error, Path("a.txt")) is error
    assert not concerns_all(error)


@pytest.mark.parametrize(
    "error", [OSError(errno.ENOSPC, "full"), BrokenPipeError(errno.EPIPE, "gone"), ImportError("x")]
)
def test_what_concerns_all_files_is_known(error):
    assert concerns_all(error)


def read_or_fail(path):
    yield f"{path} begins"
    if path.name.startswith("bad"):
        raise KeyError(SECRET)
    yield f"{path} ends"


def test_a_file_that_cannot_be_read_is_reported_and_the_others_are_read():
    reasons = []
    found = list(
        read_each([Path("a"), Path("bad"), Path("c")], read_or_fail, failed=reasons.append)
    )
    assert found == ["a begins", "a ends", "bad begins", "c begins", "c ends"]
    assert reasons == ["bad: could not be read, because of an unexpected KeyError."]


def test_the_only_file_that_cannot_be_read_ends_the_run():
    with pytest.raises(DataError):
        list(read_each([Path("bad")], read_or_fail, failed=pytest.fail))


def test_what_concerns_all_files_ends_the_run():
    def full(path):
        raise OSError(errno.ENOSPC, "full")

    with pytest.raises(OSError, match="full"):
        list(read_each([Path("a"), Path("b")], full, failed=pytest.fail))
