"""Torch's threads in child processes; how processes begin is elsewhere, locks are in
`seqlabel.native.locks`.

A forked child has one thread, whatever its parent had: torch's pool of threads is gone, and a
product that is shared out among them waits forever. Where torch was not imported, no limit is
needed.
"""

import multiprocessing
import os
import sys

_IMPORTED_IN = os.getpid()
"""The process that imported this module: any other one that finds it imported was forked."""


def use_one_thread_after_fork() -> None:
    """Limit torch to one thread in a forked process; do nothing in any other.

    Everything that labels, trains or generates calls this first. A parent that used several threads
    leaves its forked children none of them, and torch, unless limited, waits for them forever.
    """
    torch = sys.modules.get("torch")
    if os.getpid() != _IMPORTED_IN and torch is not None and torch.get_num_threads() != 1:
        torch.set_num_threads(1)


def use_one_thread_in_worker() -> None:
    """Limit torch to one thread in a child process of `multiprocessing`, whose siblings share the
    cores with it.
    """
    torch = sys.modules.get("torch")
    if torch is not None and multiprocessing.parent_process() is not None:
        torch.set_num_threads(1)
