"""What processes that label run for the tests of memory; it imports little, since each of them does
too.
"""

import importlib
import os
import sys
import time

from seqlabel.native.word_gates import WordGates
from seqlabel.runs import workers
from seqlabel.text import tokenizers
from tests.memory import allocated


def descriptors():
    return len(os.listdir("/proc/self/fd")) if os.path.isdir("/proc/self/fd") else 0


def bound(size, runs, keep=False, make=None):
    """Bound what is remembered of words in this process; in one that labels, begin, and keep some
    of it if told to.
    """
    WordGates.__init__.__kwdefaults__["size"] = size
    tokenizers._MOST_RUNS = runs
    # Here, since processes that only label do not import it.
    if "seqlabel.privacy" in sys.modules:
        importlib.import_module("seqlabel.privacy.finding.long_texts").MOST_CELLS = runs
    if make is not None:
        workers._start(make)
    if keep:
        clean, kept = workers._there, []

        def clean_and_keep(texts, *places):
            kept.append(bytes(1024 * len(texts)))
            return clean(texts, *places)

        workers._there = clean_and_keep


def of_this_process(texts):
    if texts:
        workers._there(texts)
    time.sleep(0.01)
    return os.getpid(), (allocated(), descriptors())
