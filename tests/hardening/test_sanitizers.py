"""The compiled steps read and write nothing that is not theirs, and nothing in them is
undefined.
"""

import shutil
import sys

import pytest

from tests.hardening.sanitizers import TESTS, run_tests


@pytest.mark.slow
@pytest.mark.skipif(
    sys.platform != "linux" or shutil.which("c++") is None, reason="needs Linux and a C++ compiler"
)
def test_the_sanitizers_find_nothing():
    assert run_tests(TESTS) == 0
