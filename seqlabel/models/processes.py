"""Batches of texts labelled in several processes, in order; each process has a model of its own."""

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import get_context
from pathlib import Path

from seqlabel.documents.document import Document
from seqlabel.errors import OptionError
from seqlabel.models.trained import Trained, load_trained

_MODELS: list[Trained] = []
"""The model of a process that labels."""


def label_batches(
    path_or_name: Path | str, batches: Iterable[Sequence[str | Document]], *, processes: int
) -> Iterator[list[Document]]:
    """Label batches of texts in processes, which begin when the first batch is asked for.

    Args:
        path_or_name: The folder of a labeler or a classifier, or the name of one that ships.
        batches: The texts; a few batches are taken ahead.
        processes: How many processes label, each with the model in its memory.

    Yields:
        The documents of each batch, in order.

    Raises:
        CheckpointError: There is no such model.
        OptionError: For less than one process, and if a process ended.
    """
    if processes < 1:
        raise OptionError(f"processes: Found {processes}. Give at least 1.")
    # Not forked: torch would wait forever for threads that only the parent has.
    pool = ProcessPoolExecutor(processes, get_context("spawn"), _start, (str(path_or_name),))
    waiting: deque[Future[list[Document]]] = deque()
    try:
        for batch in batches:
            waiting.append(pool.submit(_label, list(batch)))
            if len(waiting) > 2 * processes:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    except BrokenProcessPool:
        raise OptionError("A process that labels ended, perhaps for want of memory. Use fewer --processes.") from None
    finally:
        pool.shutdown(cancel_futures=True)


def _start(path_or_name: str) -> None:
    _MODELS.append(load_trained(path_or_name))


def _label(batch: list[str | Document]) -> list[Document]:
    return list(_MODELS[0](batch))
