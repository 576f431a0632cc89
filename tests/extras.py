"""Marks for tests that need the packages of an extra; without these the tests are skipped, and the
reason names it.
"""

from importlib.util import find_spec

import pytest


def _needs(extra, package):
    return pytest.mark.skipif(not find_spec(package), reason=f"needs seqlabel-rnn[{extra}]")


needs_pii = _needs("pii", "stdnum")
needs_plots = _needs("plots", "matplotlib")
needs_presidio = _needs("serve", "presidio_anonymizer")
