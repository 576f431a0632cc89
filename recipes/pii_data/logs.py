"""Styles of machines' messages: system logs, web servers' logs, alerts and stack traces."""

from .fields import PROGRAM, Naming
from .maker import Maker, Pieces
from .records import choose_kinds, one_line, record


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
        pieces += [
            ("\n" if place else "", None),
            *line.expand(head),
            *(
                line.rule("machine_line")
                if neutral and maker.chance(0.5)
                else person.rule("event_plain" if neutral else events)
            ),
        ]
    return pieces


def _pairs(maker: Maker) -> Pieces:
    """Lines of keys and values."""
    naming = Naming(maker, PROGRAM)
    kinds = choose_kinds(maker, 2, 6)
    joint, gap = maker.pick(("=", "=", ":", "=>")), maker.pick((" ", ", ", "; ", "|", "&", " "))
    pieces: Pieces = []
    for number in range(maker.number(1, 3)):
        person = maker if number == 0 else maker.another()
        pieces += [("\n" if number else "", None), *person.rule("pair_head")]
        for place, (kind, value) in enumerate(record(person, kinds)):
            value = one_line(value)
            quote = '"' if any(" " in text for text, _ in value) or maker.chance(0.2) else ""
            pieces += [((gap if place else "") + naming(kind) + joint + quote, None), *value, (quote, None)]
    return pieces


def trace(maker: Maker) -> Pieces:
    of_nobody = maker.chance(0.4)
    frame = "{frame_line}" if of_nobody else maker.template("frame")
    pieces = maker.rule("trace_head")
    # Python names the error last, most others first.
    frames: Pieces = []
    for _ in range(maker.number(1, 3)):
        frames += [*(maker.another() if of_nobody else maker).expand(frame), ("\n", None)]
    failure = maker.rule("failure_plain" if maker.chance(0.2) else "failure")
    if pieces and pieces[0][0].startswith("Traceback"):
        return [*pieces, *frames, *failure]
    return [*pieces, *failure, ("\n", None), *frames]
