"""Figures in README and pages, compared with `docs/metrics.json` or filled in from it; nothing is measured in here.

    python docs/figures.py                                          # list what differs; exit status 1 if anything does
    python docs/figures.py --take ladder output/ladder/metrics.json # take a run's figures into docs/metrics.json
    python docs/figures.py --fill                                   # write the figures of docs/metrics.json into pages

A comment behind numbers names the figures that they are, as a path into `docs/metrics.json`; it shows nowhere.
`96.45<!--pos/mean/accuracy %-->` is one figure, times 100. A figure that is a list or an object stands for all numbers
in it, so that one comment at the end of a row covers the row. Numbers keep the digits that they are written with:
77,400 stands for anything that rounds to it in hundreds.
"""

import json
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
METRICS = ROOT / "docs" / "metrics.json"
PAGES = (ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")))

_MARKER = re.compile(r"<!--([a-z]\w*/[^>]*?)( %)?-->")
# A number that is not part of a name, such as the 17 of WNUT-17.
_NUMBER = re.compile(r"(?<![\w.,/-])\d{1,3}(?:,\d{3})+(?![\w-]|\.\d)|(?<![\w.,/-])\d+(?:\.\d+)?(?![\w-])")
_ROW = re.compile(r"^\|(?![ :|-]+$).*$(?!\n\|[ :|-]+$)", flags=re.MULTILINE)
"""A row of a table that is neither its rule nor the header above it."""
_CODE = re.compile(r"`[^`]*`|\]\([^)]*\)|<!--.*?-->", flags=re.DOTALL)


@dataclass(frozen=True)
class Figure:
    """A number on a page: its place in the text, the value that it should show, and the path of that value."""

    start: int
    end: int
    written: str
    value: float
    path: str

    def right(self) -> str:
        """The value with as many digits as the number is written with."""
        return rounded(self.value, like=self.written)


def read_runs() -> dict:
    """The runs in `docs/metrics.json`: command, date and machine, and figures, by name."""
    return json.loads(METRICS.read_text(encoding="utf-8"))


def rounded(value: float, *, like: str) -> str:
    """Write a value with the decimals, or the zeros at the end, of another number."""
    digits, _, decimals = like.replace(",", "").partition(".")
    # At least three digits count, so that 80,000 does not stand for 84,000.
    zeros = 0 if decimals else min(len(digits) - len(digits.rstrip("0")), max(0, len(digits) - 3))
    comma = "," if "," in like or value >= 10_000 else ""
    return f"{round(value, -zeros) if zeros else value:{comma}.{len(decimals)}f}"


def leaves(value: object) -> list[float]:
    """All numbers in a figure, in order."""
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        return [number for one in value for number in leaves(one)]
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError(f"found {value!r}, which is not a number")
    return [float(value)]


def look_up(runs: dict, path: str) -> list[float]:
    """The numbers at a path: the name of a run, and keys and indices in its figures."""
    name, *keys = path.split("/")
    value = runs[name]["figures"]
    for key in keys:
        value = value[int(key)] if isinstance(value, list) else value[key]
    return leaves(value)


def without_code(text: str) -> str:
    """The text with code, addresses of links and comments blanked out, each character in its place."""
    return _CODE.sub(lambda match: re.sub(r"[^\n]", " ", match[0]), text)


def figures_of(text: str, runs: dict) -> Iterator[Figure]:
    """All numbers of a page that a comment names, in order.

    Raises:
        ValueError: A path leads nowhere, or there are fewer numbers before a comment than it has figures.
    """
    bare, after = without_code(text), 0
    for marker in _MARKER.finditer(text):
        path, factor = marker[1], 100 if marker[2] else 1
        try:
            values = look_up(runs, path)
        except (KeyError, IndexError, ValueError) as error:
            raise ValueError(
                f"line {line_of(text, marker.start())}: docs/metrics.json has no {path} ({error})"
            ) from None
        numbers = list(_NUMBER.finditer(bare, after, marker.start()))[-len(values) :]
        if len(numbers) < len(values):
            raise ValueError(
                f"line {line_of(text, marker.start())}: {path} has {len(values)} numbers, "
                f"and only {len(numbers)} stand before its comment"
            )
        for number, value in zip(numbers, values, strict=True):
            yield Figure(*number.span(), number[0], factor * value, path)
        after = marker.end()


def line_of(text: str, place: int) -> int:
    return text.count("\n", 0, place) + 1


def differences(page: Path, runs: dict) -> list[str]:
    """One sentence for each number of a page that is not the one in `docs/metrics.json`."""
    text, name = page.read_text(encoding="utf-8"), page.relative_to(ROOT).as_posix()
    try:
        return [
            f"{name} line {line_of(text, figure.start)} says {figure.written}, docs/metrics.json says {figure.right()} "
            f"({figure.path}, made by: {runs[figure.path.partition('/')[0]]['command']})"
            for figure in figures_of(text, runs)
            if figure.written != figure.right()
        ]
    except ValueError as error:
        return [f"{name} {error}"]


def filled(text: str, runs: dict) -> str:
    """A page with the figures of `docs/metrics.json`."""
    for figure in reversed(list(figures_of(text, runs))):
        text = text[: figure.start] + figure.right() + text[figure.end :]
    return text


def unnamed(text: str, runs: dict) -> list[str]:
    """Numbers with decimals or thousands in the tables of a page, but for first columns, that no comment names."""
    named = {figure.start for figure in figures_of(text, runs)}
    bare, found = without_code(text), []
    for row in _ROW.finditer(bare):
        cells = row.start() + bare[row.start() :].find("|", 1)
        for number in _NUMBER.finditer(bare, cells, row.end()):
            if number.start() not in named and re.search("[.,]", number[0]):
                found.append(f"line {line_of(text, number.start())}: {number[0]}")
    return found


def take(name: str, path: Path) -> None:
    """Put the figures that a recipe wrote, and how they were made, into `docs/metrics.json`."""
    found = json.loads(path.read_text(encoding="utf-8"))
    made = found.pop("made_with")
    if any(part.startswith("/") for part in made["command"].split()):
        raise SystemExit(f"The command names a path of one machine: {made['command']}. Run it with relative paths.")
    runs = {**read_runs(), name: {**made, "figures": found}}
    METRICS.write_text(json.dumps(dict(sorted(runs.items())), indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def main(arguments: list[str]) -> int:
    if arguments[:1] == ["--take"]:
        take(arguments[1], Path(arguments[2]))
    runs = read_runs()
    if arguments == ["--fill"]:
        for page in PAGES:
            page.write_text(filled(page.read_text(encoding="utf-8"), runs), encoding="utf-8")
    lines = [line for page in PAGES for line in differences(page, runs)]
    print("\n".join(lines) or "All figures are those of docs/metrics.json.")
    return int(bool(lines))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
