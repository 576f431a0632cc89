"""Two recurrences run in turn on a CPU; where there are streams, in two that wait for each
other.
"""

from contextlib import contextmanager
from types import SimpleNamespace

import torch

from seqlabel.nn import streams
from seqlabel.nn.streams import side_by_side


def reading(name, log):
    def read():
        log.append(name)
        return torch.ones(1), (torch.ones(1),)

    return read


def test_on_a_cpu_they_run_in_turn():
    log = []
    first, second = side_by_side(reading("first", log), reading("second", log), (torch.ones(1),))
    assert log == ["first", "second"]
    assert [hidden.tolist() for hidden, _ in (first, second)] == [[1.0], [1.0]]


def test_the_second_stream_waits_for_the_inputs_alone_and_the_first_one_for_the_second(monkeypatch):
    log = []

    class Stream:
        def __init__(self, device):
            self.name = "side"

        def record_event(self):
            log.append("inputs are ready")
            return "event"

        def wait_event(self, event):
            log.append(f"{self.name} waits for {event}")

        def wait_stream(self, stream):
            log.append(f"{self.name} waits for {stream.name}")

    @contextmanager
    def using(stream):
        log.append(f"in {stream.name}")
        yield

    here = Stream(None)
    here.name = "here"
    module = SimpleNamespace(Stream=Stream, current_stream=lambda device: here, stream=using)
    monkeypatch.setattr(streams, "STREAMED", {"cpu"})
    monkeypatch.setattr(torch, "get_device_module", lambda device: module)
    monkeypatch.setattr(
        torch.Tensor, "record_stream", lambda self, stream: log.append(f"kept for {stream.name}")
    )
    streams._side_stream.cache_clear()
    side_by_side(reading("first", log), reading("second", log), (torch.ones(1), torch.ones(1)))
    streams._side_stream.cache_clear()
    begin = [
        "inputs are ready",
        "first",
        "side waits for event",
        "in side",
        "second",
        "here waits for side",
    ]
    assert log == [*begin, *2 * ["kept for side"], *2 * ["kept for here"]]
