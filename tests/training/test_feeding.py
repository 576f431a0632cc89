"""Items that a thread makes ahead come in order, and what it raises, or leaves, is as without
it.
"""

import threading
import time

import pytest

from seqlabel.training.feeding import Feed


@pytest.mark.parametrize("ahead", [0, 1, 3, 100])
@pytest.mark.parametrize("count", [0, 1, 20])
def test_every_item_comes_once_in_order(ahead, count):
    with Feed(range(count), lambda number: number * number, ahead=ahead) as feed:
        assert list(feed) == [number * number for number in range(count)]


@pytest.mark.parametrize("ahead", [1, 3])
def test_no_more_are_made_than_asked_for(ahead):
    made = []
    with Feed(range(50), lambda number: made.append(number) or number, ahead=ahead) as feed:
        for number in feed:
            time.sleep(0.002)
            # Those that wait, and one that waits for a place.
            assert len(made) <= number + 1 + ahead + 1


@pytest.mark.parametrize("ahead", [0, 2])
def test_an_error_comes_where_its_item_would_have_come(ahead):
    def make(number):
        if number == 5:
            raise ValueError("five")
        return number

    found = []
    with pytest.raises(ValueError, match="five"), Feed(range(9), make, ahead=ahead) as feed:
        found.extend(feed)
    assert found == [0, 1, 2, 3, 4]


def test_who_leaves_early_leaves_no_thread():
    before = threading.active_count()
    with Feed(iter(int, 1), lambda number: number, ahead=2) as feed:
        assert next(iter(feed)) == 0
        assert threading.active_count() == before + 1
    assert threading.active_count() == before


def test_waiting_is_the_time_until_an_item_is_made():
    def make(number):
        time.sleep(0.02)
        return number

    with Feed(range(5), make, ahead=0) as feed:
        assert len(list(feed)) == 5
    assert feed.waited >= 0.1
