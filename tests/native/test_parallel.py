"""Results come in the order of their items from any number of threads, and no more is taken than
can be worked on.
"""

import threading
import time
from itertools import count

import pytest

from seqlabel.errors import OptionError
from seqlabel.native.parallel import in_order


def late_if_even(number):
    time.sleep(0.01 * (number % 2 == 0))
    return number


@pytest.mark.parametrize("threads", [1, 2, 5])
def test_results_come_in_order(threads):
    assert list(in_order(late_if_even, range(20), threads=threads)) == list(range(20))
    assert list(in_order(late_if_even, [], threads=threads)) == []


@pytest.mark.parametrize("threads", [1, 2, 5])
def test_no_more_is_taken_than_threads_can_work_on(threads):
    taken = []
    results = in_order(
        late_if_even, (taken.append(number) or number for number in count()), threads=threads
    )
    for number in range(10):
        assert next(results) == number
        assert len(taken) == number + 1 + (threads if threads > 1 else 0)
    results.close()


def test_threads_work_at_the_same_time():
    both = threading.Barrier(2, timeout=30)
    assert list(in_order(lambda number: both.wait() >= 0, range(4), threads=2)) == [True] * 4


@pytest.mark.parametrize("threads", [1, 2])
def test_an_error_of_the_work_comes_in_its_place(threads):
    results = in_order(lambda number: 1 // number, [1, 1, 0, 1], threads=threads)
    assert [next(results), next(results)] == [1, 1]
    with pytest.raises(ZeroDivisionError):
        next(results)


def test_a_number_of_threads_below_one_is_refused():
    with pytest.raises(OptionError, match="threads"):
        list(in_order(str, [1], threads=0))
