"""Contestants that take turns, so that a slow moment of the machine meets all of them."""

import time
from collections.abc import Callable, Mapping

Clock = Callable[[], float]


def seconds(work: Callable[[], object], clock: Clock = time.process_time) -> float:
    """The seconds of a call, of CPU time where no other clock is given."""
    began = clock()
    work()
    return clock() - began


def turns(
    contestants: Mapping[str, Callable[[], object]],
    rounds: int,
    *,
    clock: Clock = time.process_time,
    warm_up: bool = True,
) -> dict[str, list[float]]:
    """The seconds of each contestant in each round; with a first round that is not counted."""
    took: dict[str, list[float]] = {name: [] for name in contestants}
    for number in range(-warm_up, rounds):
        for name, work in contestants.items():
            spent = seconds(work, clock)
            if number >= 0:
                took[name].append(spent)
    return took
