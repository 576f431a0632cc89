"""Makers of what is not private that rows do not make; the others are in `material/values/things.txt`."""

import base64

from .dates import some_day, written
from .maker import Maker, Makers
from .material import weighted
from .world import coined_name

MAKERS = Makers()


@MAKERS.enter("clock")
def clock(maker: Maker, number: int) -> str:
    hour, minute = maker.number(0, 23), maker.number(0, 59)
    return maker.pick(
        (
            f"{hour:02}:{minute:02}",
            f"{hour % 12 + 1}:{minute:02} {maker.pick(('am', 'pm', 'AM', 'p.m.'))}",
            f"{hour % 12 + 1}{maker.pick(('am', 'pm', ' pm'))}",
            "noon",
            f"{hour % 12 + 1} o'clock",
        )
    )


@MAKERS.enter("public_date")
def public_date(maker: Maker, number: int) -> str:
    """A day of history or of an announcement; the sentence around it says so."""
    return written(maker, some_day(maker, 1500, 2026) if maker.chance(0.4) else some_day(maker, 2000, 2026))


@MAKERS.enter("dotted")
def dotted(maker: Maker, number: int) -> str:
    """A module's or a package's name."""
    head = maker.pick(("", "", "com.", "org.", "net.", "io.", "java.", "src.", "app.", "lib."))
    parts = _some(maker, 2, 3)
    # A name with such an end is a host's.
    while parts[-1] in ("internal", "local"):
        parts[-1:] = _some(maker, 1, 1)
    return head + ".".join(parts)


def _some(maker: Maker, low: int, high: int) -> list[str]:
    return [maker.anew("word_of_code")[0][0] for _ in range(maker.number(low, high))]


@MAKERS.enter("stars")
def stars(maker: Maker, number: int) -> str:
    full = maker.number(1, 5)
    return maker.pick(("★" * full + "☆" * (5 - full), "★" * full, f"{full}/5", f"{full} stars", "*" * full))


@MAKERS.enter("encoded_digest")
def encoded_digest(maker: Maker, number: int) -> str:
    return base64.b64encode(maker.rng.randbytes(maker.pick((12, 16, 20, 32)))).decode()


@MAKERS.enter("padded_counter")
def padded_counter(maker: Maker, number: int) -> str:
    return f"{maker.number(1, 10 ** maker.number(2, 9)):0{maker.pick((8, 10, 12, 16, 16, 16, 18, 20))}}"


@MAKERS.enter("record_number")
def record_number(maker: Maker, number: int) -> str:
    """A counter's number, long or short, without leading zeros."""
    size = maker.weighted((2, 4), (3, 5), (8, 6), (2, 7), (2, 8), (2, 9), (7, 10), (1, 12), (4, 16))
    # No card has 16 digits that begin with these.
    return (maker.pick("1789") if size == 16 else maker.form("%")) + maker.form("#" * (size - 1))


@MAKERS.enter("coined_name")
def coined(maker: Maker, number: int) -> str:
    return coined_name(maker.rng, maker.split)


@MAKERS.enter("release")
def release(maker: Maker, number: int) -> str:
    """A version as tags, images and lock files have it; four numbers only where they cannot be an address."""
    before = maker.pick(("", "", "", "", "v", "^", "~", ">=", "=="))
    after = maker.pick(("", "", "", "", "", "-rc.1", "-beta", ".post1", "-alpine", "+build." + maker.form("%#")))
    count = maker.pick((2, 3, 3, 3, 4)) if before in ("v", "==") else maker.pick((2, 3, 3, 3))
    return before + ".".join(str(maker.number(0, maker.pick((9, 30, 99, 999)))) for _ in range(count)) + after


@MAKERS.enter("encoded")
def encoded(maker: Maker, number: int) -> str:
    """Bytes in base 64, as an ETag or a cursor."""
    size = maker.pick((9, 12, 12, 12, 15, 16, 18, maker.number(6, 24)))
    return base64.b64encode(maker.rng.randbytes(size)).decode().rstrip("=" if maker.chance(0.5) else " ")


@MAKERS.enter("machine")
def machine(maker: Maker, number: int) -> str:
    """A value that a machine made for itself."""
    return maker.anew(maker.weighted(*weighted("machines")), number)[0][0]
