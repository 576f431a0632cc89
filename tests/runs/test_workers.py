"""Work in several processes against the same in one: order, errors, and a process that ends."""

import os
from dataclasses import dataclass

import pytest

from seqlabel.errors import DataError, OptionError
from seqlabel.runs.workers import Batch, Workers, is_worker, without_first


@dataclass(frozen=True)
class Doubling:
    """Doubles a number, fails for 13, and ends its process for 99."""

    def __call__(self):
        return double


def double(number):
    if number == 13:
        raise DataError("thirteen")
    if number == 99:
        os._exit(1)
    return 2 * number, is_worker()


def fail():
    raise OptionError("model: expected a folder.")


@pytest.mark.parametrize("processes", [1, 2])
def test_results_come_in_order_with_what_was_kept(processes):
    batches = [Batch(str(number), number, drained=number % 3 == 0) for number in range(12)]
    taken = []

    def drained():
        for number in range(4):
            taken.append(number)
            yield Batch(number, number, drained=True)

    with Workers(Doubling(), processes=processes) as workers:
        found = list(workers.run(batches))
        assert list(workers.run([])) == []
        # A drained batch is awaited before more is read.
        for number, _ in workers.run(drained()):
            assert taken == list(range(number + 1))
    assert found == [(str(number), (2 * number, processes > 1)) for number in range(12)]


def test_errors_are_those_of_the_work():
    with Workers(Doubling(), processes=2) as workers:
        with pytest.raises(DataError, match="thirteen"):
            list(workers.run([Batch(0, 13)]))
        with pytest.raises(OptionError, match="--processes"):
            list(workers.run([Batch(0, 99)]))
    with pytest.raises(OptionError, match="processes"):
        Workers(Doubling(), processes=0)
    with pytest.raises(OptionError, match="model"):
        Workers(fail, processes=2)


def test_the_first_items_are_passed_over_wherever_their_batch_ends():
    batches = [Batch([1, 2], ["a", "b"]), Batch([], []), Batch([3], ["c"], drained=True)]
    items = [(1, "a"), (2, "b"), (3, "c")]
    for number in range(4):
        left = list(without_first(batches, number))
        pairs = [pair for batch in left for pair in zip(batch.kept, batch.given, strict=True)]
        assert pairs == items[number:]
        assert all(batch.kept for batch in left)
    assert next(without_first(batches, 2)).drained
