"""Figures in README and pages, compared with `docs/metrics.json` or filled in from it; nothing is measured in here.

    python docs/tools/figures.py  # list what differs; exit status 1 if anything does
    python docs/tools/figures.py --take ladder output/ladder/metrics.json  # take a run's figures into docs/metrics.json
    python docs/tools/figures.py --fill  # write the figures of docs/metrics.json into pages

`docs/figures.toml` lists, for each page and in the page's order, the phrases and rows of tables that have figures, with
the path of each figure in `docs/metrics.json` where its number stands. `UPOS {{pos/mean/accuracy %}}` is a number times
100 after the word UPOS. A figure that is a list or an object has several numbers: `{{}}` stands for the next one. White
space and `**` around a number do not count. Numbers keep the digits that they are written with: 77,400 stands for
anything that rounds to it in hundreds.
"""

import json
import re
import sys
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
METRICS = ROOT / "docs" / "metrics.json"
MAP = ROOT / "docs" / "figures.toml"
PAGES = (ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")))

_PLACEHOLDER = re.compile(r"\{\{(.*?)( %)?\}\}")
# A number that is not part of a name, such as the 17 of WNUT-17.
_DIGITS = r"(?<![\w.,/-])\d{1,3}(?:,\d{3})+(?![\w-]|\.\d)|(?<![\w.,/-])\d+(?:\.\d+)?(?![\w-])"
_NUMBER = re.compile(_DIGITS)
_ROW = re.compile(r"^\|(?![ :|-]+$).*$(?!\n\|[ :|-]+$)", flags=re.MULTILINE)
"""A row of a table that is neither its rule nor the header above it."""
_CODE = re.compile(r"`[^`]*`|\]\([^)]*\)", flags=re.DOTALL)


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


def read_map() -> dict[str, list[str]]:
    """The phrases in `docs/figures.toml` by page, whose name is relative to the repository."""
    return tomllib.loads(MAP.read_text(encoding="utf-8"))


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
    """The text with code and addresses of links blanked out, each character in its place."""
    return _CODE.sub(lambda match: re.sub(r"[^\n]", " ", match[0]), text)


def figures_of(text: str, phrases: list[str], runs: dict) -> Iterator[Figure]:
    """All numbers of a page that its phrases name, in order.

    Raises:
        ValueError: A path leads nowhere, a phrase is not on the page after the one before it, or a phrase has more or
            fewer numbers than a figure in it.
    """
    after = 0
    for phrase in phrases:
        found = _pattern(phrase).search(text, after)
        if found is None:
            raise ValueError(f"line {line_of(text, after)}: from here on the page does not have: {phrase}")
        after, line = found.end(), line_of(text, found.start())
        wrong = ValueError(f"line {line}: more or fewer numbers than a figure has: {phrase}")
        values: list[float] = []
        for place, (path, percent) in enumerate(_PLACEHOLDER.findall(phrase), start=1):
            if bool(path) == bool(values):
                raise wrong
            if path:
                current, factor = path, 100 if percent else 1
                try:
                    values = look_up(runs, path)
                except (KeyError, IndexError, ValueError) as error:
                    raise ValueError(f"line {line}: docs/metrics.json has no {path} ({error})") from None
            yield Figure(*found.span(place), found[place], factor * values.pop(0), current)
        if values:
            raise wrong


def _pattern(phrase: str) -> re.Pattern[str]:
    """The phrase as a regular expression, with a group for each number."""
    parts = _PLACEHOLDER.split(phrase)[::3]
    words = [r"\s+".join(map(re.escape, re.split(r"\s+", part))) for part in parts]
    return re.compile(rf"\**({_DIGITS})\**".join(words))


def line_of(text: str, place: int) -> int:
    return text.count("\n", 0, place) + 1


def differences(name: str, text: str, phrases: list[str], runs: dict) -> list[str]:
    """One sentence for each number of a page that is not the one in `docs/metrics.json`."""
    try:
        return [
            f"{name} line {line_of(text, figure.start)} says {figure.written}, docs/metrics.json says {figure.right()} "
            f"({figure.path}, made by: {runs[figure.path.partition('/')[0]]['command']})"
            for figure in figures_of(text, phrases, runs)
            if figure.written != figure.right()
        ]
    except ValueError as error:
        return [f"{name} {error}"]


def filled(text: str, phrases: list[str], runs: dict) -> str:
    """A page with the figures of `docs/metrics.json`."""
    for figure in reversed(list(figures_of(text, phrases, runs))):
        text = text[: figure.start] + figure.right() + text[figure.end :]
    return text


def unnamed(text: str, phrases: list[str], runs: dict) -> list[str]:
    """Numbers with decimals or thousands in the tables of a page, but for first columns, that no phrase names."""
    named = {figure.start for figure in figures_of(text, phrases, runs)}
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
    runs, phrases = read_runs(), read_map()
    lines = []
    for path in PAGES:
        name, text = path.relative_to(ROOT).as_posix(), path.read_text(encoding="utf-8")
        if arguments == ["--fill"]:
            text = filled(text, phrases.get(name, []), runs)
            path.write_text(text, encoding="utf-8")
        lines += differences(name, text, phrases.get(name, []), runs)
    print("\n".join(lines) or "All figures are those of docs/metrics.json.")
    return int(bool(lines))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
