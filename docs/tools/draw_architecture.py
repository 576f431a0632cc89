"""Draw the packages of seqlabel and the arrows between them, from the imports; no module is imported or run.

    python docs/tools/draw_architecture.py

Writes docs/images/architecture.svg, the same bytes every time; a path as the argument writes it there. Lengths are in
pixels.
"""

import ast
import sys
from dataclasses import dataclass
from html import escape
from pathlib import Path

DOCS = Path(__file__).parents[1]
LIBRARY = DOCS.parent / "seqlabel"
TENSOR_PACKAGES = {"torch", "safetensors"}
# Modules beside the packages: drawn as one bar, without arrows.
BASE = tuple(sorted(path.stem for path in LIBRARY.glob("*.py") if not path.stem.startswith("__")))

INK, SOFT, PALE, PANEL, PAPER = "#1f2933", "#5b6673", "#cbd2d9", "#f1f3f5", "#ffffff"
COLORS = ("#12925b", "#d9480f", "#1971c2", "#c2257f", "#7441c4", "#a86a00", "#0c8599")
WIDTH, LEFT, BOX_WIDTH, BOX_HEIGHT, STEP, TOP = 760, 24, 180, 34, 50, 64
FONT = "font-family='Helvetica, Arial, sans-serif'"


@dataclass(frozen=True)
class Package:
    """A package: its name, what it imports, and whether it computes with tensors."""

    name: str
    imports: frozenset[str]
    tensors: bool


def packages() -> dict[str, Package]:
    """Read every package of the library."""
    found = {}
    for folder in sorted(path.parent for path in LIBRARY.glob("*/__init__.py")):
        modules = sorted(folder.rglob("*.py"))
        names = {name for module in modules for name in _imports(module)}
        own = {parts[1] for name in names if (parts := name.split("."))[0] == "seqlabel" and len(parts) > 1}
        tensors = any(name.split(".")[0] in TENSOR_PACKAGES for name in names)
        found[folder.name] = Package(folder.name, frozenset(own - {folder.name, *BASE}), tensors)
    return found


def _imports(module: Path) -> set[str]:
    """Return the dotted names that a module imports, inside functions too."""
    names = set()
    for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
    return names


def reached(name: str, found: dict[str, Package]) -> set[str]:
    """Return every package that one needs, directly or through others."""
    needed: set[str] = set()
    waiting = list(found[name].imports)
    while waiting:
        other = waiting.pop()
        if other not in needed:
            needed.add(other)
            waiting += found[other].imports
    return needed


def ordered(found: dict[str, Package]) -> list[Package]:
    """Sort the packages so that an arrow always points down: what needs tensors first, and what needs most first."""

    def tensors(name: str) -> bool:
        return any(found[one].tensors for one in {name, *reached(name, found)})

    def depth(name: str) -> int:
        return max((depth(other) + 1 for other in found[name].imports), default=0)

    return sorted(found.values(), key=lambda one: (not tensors(one.name), -depth(one.name), one.name))


def drawn(found: dict[str, Package]) -> str:
    """Return the picture as SVG."""
    rows = ordered(found)
    text_side = next(place for place, one in enumerate(rows) if _is_text_side(one, found))
    tops = {one.name: TOP + place * STEP + (26 if place >= text_side else 0) for place, one in enumerate(rows)}
    base = TOP + len(rows) * STEP + 26
    height = base + BOX_HEIGHT + 24
    described = "Packages of seqlabel from top to bottom: " + ", ".join(one.name for one in rows)
    parts = [
        f"<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 {WIDTH} {height}' role='img'>",
        f"<title>{escape(described)}. Every arrow points down.</title>",
        f"<rect width='{WIDTH}' height='{height}' fill='{PAPER}'/>",
        _text(
            LEFT,
            24,
            "An arrow says: imports. Thick: directly needed; thin: also reached through another arrow.",
            SOFT,
            13,
        ),
        _text(LEFT, TOP - 14, "tensors (torch)", SOFT, 13),
        _text(LEFT, tops[rows[text_side].name] - 10, "text and numbers, no torch", SOFT, 13),
    ]
    divider = tops[rows[text_side].name] - 29
    parts.append(f"<path d='M{LEFT} {divider}H{WIDTH - 24}' stroke='{PALE}' stroke-dasharray='5 5'/>")
    arrows = [
        _arrow(one, other, tops, COLORS[place % len(COLORS)], needed=_is_direct(one, other, found))
        for place, one in enumerate(rows)
        for other in sorted(one.imports, key=lambda name: tops[name])
    ]
    parts += [line for _, line in sorted(arrows)]
    for place, one in enumerate(rows):
        parts += _box(one, tops[one.name], COLORS[place % len(COLORS)])
    parts.append(f"<rect x='{LEFT}' y='{base}' width='{WIDTH - 48}' height='{BOX_HEIGHT}' rx='5' fill='{PANEL}'/>")
    parts.append(_text(LEFT + 12, base + 22, f"{', '.join(BASE)}: imported from everywhere", INK, 14))
    return "\n".join([*parts, "</svg>", ""])


def _is_text_side(one: Package, found: dict[str, Package]) -> bool:
    return not any(found[name].tensors for name in {one.name, *reached(one.name, found)})


def _is_direct(one: Package, other: str, found: dict[str, Package]) -> bool:
    """Whether no third package leads from one to the other."""
    return not any(other in reached(between, found) for between in one.imports - {other})


def _arrow(one: Package, other: str, tops: dict[str, int], color: str, *, needed: bool) -> tuple[bool, str]:
    """Return whether the arrow is a thick one, and a curve from the right edge of one box to that of another."""
    start, end = tops[one.name] + BOX_HEIGHT / 2 + 4, tops[other] + BOX_HEIGHT / 2 - 4
    edge = LEFT + BOX_WIDTH
    reach = edge + 40 + (end - start) * 0.56
    weight, shade = (2, 1.0) if needed else (1, 0.45)
    return needed, (
        f"<g stroke='{color}' opacity='{shade}'><title>{one.name} imports {other}</title>"
        f"<path d='M{edge} {start:g}C{reach:.1f} {start:g} {reach:.1f} {end:g} {edge + 7} {end:g}' fill='none' "
        f"stroke-width='{weight}'/><path d='M{edge + 1} {end:g}l8 -4v8z' fill='{color}' stroke='none'/></g>"
    )


def _box(one: Package, top: int, color: str) -> list[str]:
    return [
        f"<rect x='{LEFT}' y='{top}' width='{BOX_WIDTH}' height='{BOX_HEIGHT}' rx='5' fill='{PANEL}' "
        f"stroke='{color}'/>",
        _text(LEFT + 12, top + 22, one.name, INK, 15, weight="bold"),
    ]


def _text(
    x: float, y: float, text: str, color: str, size: int, *, weight: str = "normal", anchor: str = "start"
) -> str:
    return (
        f"<text x='{x:g}' y='{y:g}' {FONT} font-size='{size}' font-weight='{weight}' text-anchor='{anchor}' "
        f"fill='{color}'>{escape(text)}</text>"
    )


if __name__ == "__main__":
    target = Path(sys.argv[1]) if len(sys.argv) > 1 else DOCS / "images" / "architecture.svg"
    target.write_text(drawn(packages()), encoding="utf-8")
