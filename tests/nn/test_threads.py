"""Threads of torch and locks in forked children."""

import os
import subprocess
import sys

import pytest
import torch

from seqlabel.nn import threads
from seqlabel.nn.threads import use_one_thread_after_fork, use_one_thread_in_worker

CHILD = """
import os, threading, torch
from seqlabel.native.locks import ForkSafeLock
from seqlabel.nn.threads import use_one_thread_after_fork

torch.set_num_threads(2)
use_one_thread_after_fork()
assert torch.get_num_threads() == 2, "the parent is left as it was"
lock, held, done = ForkSafeLock(), threading.Event(), threading.Event()

def hold():
    with lock:
        held.set()
        done.wait()

thread = threading.Thread(target=hold)
thread.start()
held.wait()
child = os.fork()
if not child:
    with lock:
        use_one_thread_after_fork()
        os._exit(10 + torch.get_num_threads())
status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
done.set()
thread.join()
print(status)
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork")
def test_a_forked_child_has_one_thread_and_free_locks():
    run = [sys.executable, "-W", "ignore", "-c", CHILD]
    assert subprocess.run(
        run, capture_output=True, text=True, timeout=600, check=True
    ).stdout.split() == ["11"]


def test_nothing_changes_in_a_process_that_was_not_forked(monkeypatch):
    changes = []
    monkeypatch.setattr(torch, "set_num_threads", changes.append)
    monkeypatch.setattr(torch, "get_num_threads", lambda: 4)
    use_one_thread_after_fork()
    use_one_thread_in_worker()
    assert changes == []
    monkeypatch.setattr(threads, "_IMPORTED_IN", 0)
    use_one_thread_after_fork()
    assert changes == [1]
