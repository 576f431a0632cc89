"""Styles of machines' messages: system logs, web servers' logs, alerts and stack traces."""

from .fields import PROGRAM, Naming
from .maker import Maker, Pieces
from .records import choose_kinds, joined, one_line, record


def log(maker: Maker) -> Pieces:
    if maker.chance(0.2):
        head, events = "", "access"
    else:
        head, events = maker.template("log_head"), "event"
    if maker.chance(0.12):
        return _pairs(maker)
    pieces: Pieces = []
    for place in range(maker.number(1, 6)):
        person = maker if place == 0 or maker.chance(0.4) else maker.another()
        # A line's time is its own.
        line = person if person is not maker else maker.another()
        neutral = events == "event" and maker.chance(0.25)
        begun = line.expand(head)
        of_nobody = neutral and maker.chance(0.5)
        event = line.rule("machine_line") if of_nobody else person.rule("event_plain" if neutral else events)
        pieces += joined("\n" if place else "", begun, event)
    return pieces


def _pairs(maker: Maker) -> Pieces:
    """Lines of keys and values."""
    naming = Naming(maker, PROGRAM)
    kinds = choose_kinds(maker, 2, 6)
    joint, gap = maker.pick(("=", "=", ":", "=>")), maker.pick((" ", ", ", "; ", "|", "&", " "))
    pieces: Pieces = []
    for number in range(maker.number(1, 3)):
        person = maker if number == 0 else maker.another()
        pieces += joined("\n" if number else "", person.rule("pair_head"))
        for place, (kind, value) in enumerate(record(person, kinds)):
            value = one_line(value)
            quote = '"' if any(" " in text for text, _ in value) or maker.chance(0.2) else ""
            pieces += joined((gap if place else "") + naming(kind) + joint + quote, value, quote)
    return pieces


def trace(maker: Maker) -> Pieces:
    of_nobody = maker.chance(0.4)
    frame = "{frame_line}" if of_nobody else maker.template("frame")
    pieces = maker.rule("trace_head")
    # Python names the error last, most others first.
    frames: Pieces = []
    for _ in range(maker.number(1, 3)):
        frames += joined((maker.another() if of_nobody else maker).expand(frame), "\n")
    failure = maker.rule("failure_plain" if maker.chance(0.2) else "failure")
    if pieces and pieces[0][0].startswith("Traceback"):
        return joined(pieces, frames, failure)
    return joined(pieces, failure, "\n", frames)
