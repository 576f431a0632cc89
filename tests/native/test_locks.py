"""Locks: one thread at a time, and free in a forked child."""

import os
import subprocess
import sys
import threading

import pytest

from seqlabel.native.locks import ForkSafeLock


def test_one_thread_at_a_time_holds_a_lock():
    lock, counts = ForkSafeLock(), [0]

    def count():
        for _ in range(2000):
            with lock:
                before = counts[0]
                counts[0] = before + 1

    workers = [threading.Thread(target=count) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert counts == [8000]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork")
def test_a_lock_that_another_thread_holds_is_free_in_a_forked_child():
    """The child is a copy of a process without torch, which starts quickly."""
    code = """
import os, threading
from seqlabel.native.locks import ForkSafeLock
locks, held, done = [ForkSafeLock() for _ in range(3)], threading.Event(), threading.Event()
def hold():
    with locks[1]:
        held.set()
        done.wait()
thread = threading.Thread(target=hold)
thread.start()
held.wait()
child = os.fork()
if not child:
    for lock in locks:
        with lock:
            pass
    os._exit(11)
print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), locks[1]._lock.locked())
done.set()
thread.join()
"""
    run = [sys.executable, "-W", "ignore", "-c", code]
    assert subprocess.run(
        run, capture_output=True, text=True, timeout=120, check=True
    ).stdout.split() == ["11", "True"]


def test_an_error_in_the_block_frees_the_lock():
    lock = ForkSafeLock()
    with pytest.raises(ZeroDivisionError), lock:
        raise ZeroDivisionError
    with lock:
        assert lock._lock.locked()
