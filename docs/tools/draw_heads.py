"""Draw the idea of the library: one encoder of two GRUs, and the heads that go on it; nothing is trained in here.

    python docs/tools/draw_heads.py

Writes docs/images/heads.svg, the same bytes every time; a path as the argument writes it there. Lengths are in pixels.
"""

import sys
from html import escape
from itertools import pairwise
from pathlib import Path

INK, SOFT, PANEL, PAPER = "#1f2933", "#5b6673", "#f1f3f5", "#ffffff"
FORWARD, BACKWARD, HEAD, EMBED = "#1971c2", "#d9480f", "#7441c4", "#12925b"
WORDS = ("Ann", "moved", "to", "Oslo", "today")
HEADS = (
    ("language model", ("moved", "to", "Oslo", "today", ".")),
    ("parts of speech", ("PROPN", "VERB", "ADP", "PROPN", "NOUN")),
    ("private data", ("PERSON", "", "", "LOCATION", "DATE")),
    ("document", ("", "", "message", "", "")),
)
WIDTH, HEIGHT, LEFT, STEP = 760, 400, 196, 116
WORD_Y, EMBED_Y, FORWARD_Y, BACKWARD_Y, STATE_Y, HEADS_Y, ROW = 376, 330, 278, 232, 190, 34, 36


def drawn() -> str:
    """Return the picture as SVG."""
    parts = [
        f"<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 {WIDTH} {HEIGHT}' role='img'>",
        "<title>Each word goes through an embedder, a forward and a backward GRU; on their states stands one head: a "
        "language model, parts of speech, private data or a label for the document.</title>",
        f"<rect width='{WIDTH}' height='{HEIGHT}' fill='{PAPER}'/>",
        f"<rect x='12' y='{STATE_Y + 14}' width='{WIDTH - 24}' height='{EMBED_Y - STATE_Y + 14}' rx='8' "
        f"fill='{PANEL}'/>",
    ]
    for label, y, color in (
        ("backward GRU", BACKWARD_Y, BACKWARD),
        ("forward GRU", FORWARD_Y, FORWARD),
        ("embedder", EMBED_Y, EMBED),
        ("words", WORD_Y, INK),
    ):
        parts.append(_text(28, y + 5, label, color, anchor="start"))
    xs = [LEFT + STEP * place for place in range(len(WORDS))]
    for x, word in zip(xs, WORDS, strict=True):
        parts += [
            _line(x, WORD_Y - 14, x, EMBED_Y + 13, SOFT),
            # Both GRUs read the embedder; what goes to or comes from the other one passes behind a box.
            _line(x - 15, EMBED_Y - 13, x - 15, FORWARD_Y + 14, SOFT),
            _line(x + 15, EMBED_Y - 13, x + 15, BACKWARD_Y + 14, SOFT),
            _line(x - 15, FORWARD_Y - 14, x - 15, STATE_Y - 6, SOFT),
            _line(x + 15, BACKWARD_Y - 14, x + 15, STATE_Y - 6, SOFT),
            _box(x, EMBED_Y, EMBED),
            _box(x, FORWARD_Y, FORWARD),
            _box(x, BACKWARD_Y, BACKWARD),
            _text(x, WORD_Y + 5, word, INK, weight="bold"),
        ]
    for one, other in pairwise(xs):
        parts.append(_line(one + 31, FORWARD_Y, other - 31, FORWARD_Y, FORWARD))
        parts.append(_line(other - 31, BACKWARD_Y, one + 31, BACKWARD_Y, BACKWARD))
    for row, (name, labels) in enumerate(HEADS):
        y = HEADS_Y + row * ROW
        parts.append(f"<rect x='12' y='{y - 16}' width='{WIDTH - 24}' height='30' rx='6' fill='none' stroke='{HEAD}'/>")
        parts.append(_text(28, y + 4, name, HEAD, anchor="start"))
        parts += [_text(x, y + 4, label, INK) for x, label in zip(xs, labels, strict=True) if label]
    return "\n".join([*parts, "</svg>", ""])


def _line(x: float, y: float, to_x: float, to_y: float, color: str) -> str:
    """Return an arrow, straight up or along a row."""
    if x == to_x:
        head = f"M{to_x - 4} {to_y + 7}l4 -7l4 7z"
    else:
        back = -8 if to_x > x else 8
        head = f"M{to_x} {to_y}l{back} -4v8z"
    line = f"<path d='M{x} {y}L{to_x} {to_y}' stroke='{color}' stroke-width='1.5'/>"
    return f"{line}<path d='{head}' fill='{color}'/>"


def _box(x: float, y: float, color: str) -> str:
    return f"<rect x='{x - 30}' y='{y - 13}' width='60' height='26' rx='5' fill='{PAPER}' stroke='{color}'/>"


def _text(x: float, y: float, text: str, color: str, *, anchor: str = "middle", weight: str = "normal") -> str:
    return (
        f"<text x='{x}' y='{y}' font-family='Helvetica, Arial, sans-serif' font-size='14' font-weight='{weight}' "
        f"text-anchor='{anchor}' fill='{color}'>{escape(text)}</text>"
    )


if __name__ == "__main__":
    target = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parents[1] / "images" / "heads.svg"
    target.write_text(drawn(), encoding="utf-8")
