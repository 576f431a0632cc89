"""Draw the six models of the ladder, one SVG each; nothing is trained or measured in here.

    python docs/tools/draw_ladder.py

Writes docs/images/ladder_1.svg to ladder_6.svg, the same bytes every time; a folder as the argument gets the same
pictures as PNG. One colour for one matrix is the idea of fast.ai's lesson 7 (2019). Lengths are
in pixels of a picture 700 wide.
"""

import sys
from dataclasses import dataclass
from pathlib import Path

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
from matplotlib.patches import Circle, FancyBboxPatch, Patch, PathPatch, Polygon
from matplotlib.path import Path as Curve
from matplotlib.text import Text

WIDTH, HEIGHT = 700, 472
INK, SOFT, PALE, PANEL = "#1f2933", "#5b6673", "#cbd2d9", "#f1f3f5"
I_H, H_H, H_O, W_IH, LAYER_1, LAYER_2 = "#12925b", "#d9480f", "#1971c2", "#c2257f", "#7441c4", "#a86a00"
WORD_Y, SUM_Y, HIDDEN_Y, NORM_Y, OUTPUT_Y = 98, 155, 266, 318, 364
WORDS = ("three", "thousand", "five", "hundred", "twenty", "one")
TWO_BATCHES = (176, 278, 380, 544, 640)
SUBSCRIPTS = "₁₂₃₄₅₆₇"

Point = tuple[float, float]


@dataclass(frozen=True)
class Node:
    """Where a shape is, and how far it reaches from its middle; arrows start and end at its edges."""

    x: float
    y: float
    rx: float
    ry: float

    @property
    def top(self) -> Point:
        return self.x, self.y + self.ry

    @property
    def bottom(self) -> Point:
        return self.x, self.y - self.ry

    @property
    def left(self) -> Point:
        return self.x - self.rx, self.y

    @property
    def right(self) -> Point:
        return self.x + self.rx, self.y


class Picture:
    """A white card with a title, and the shapes that go on it."""

    def __init__(self, title: str, subtitle: str, height: float = HEIGHT) -> None:
        # 96 pixels an inch, so that one unit is one pixel at the natural size.
        self.figure = plt.figure(figsize=(WIDTH / 96, height / 96), facecolor="none")
        self.axes = self.figure.add_axes((0, 0, 1, 1), xlim=(0, WIDTH), ylim=(0, height))
        self.axes.axis("off")
        self.box(WIDTH / 2, height / 2, WIDTH - 2, height - 2, face="white", edge=PALE, rounding=12, z=0)
        self.text(16, height - 26, title, size=17, weight="bold", ha="left")
        self.text(16, height - 50, subtitle, size=13.3, color=SOFT, ha="left")

    def add(self, patch: Patch) -> None:
        patch.set_clip_on(False)
        self.axes.add_patch(patch)

    def text(self, x: float, y: float, text: str, *, size: float = 13.3, color: str = INK, **options: object) -> Text:
        """One line whose small letters are centred on `y`, whether or not it has descenders."""
        options = {"ha": "center", "va": "baseline", "zorder": 6, **options}
        return self.axes.text(x, y - 0.36 * size, text, fontsize=size * 0.75, color=color, **options)

    def box(
        self, x: float, y: float, width: float, height: float, *, face: str, edge: str, rounding: float = 1, z: int = 4
    ) -> Node:
        corner, style = (x - width / 2, y - height / 2), f"round,pad=0,rounding_size={rounding}"
        self.add(FancyBboxPatch(corner, width, height, boxstyle=style, fc=face, ec=edge, lw=1.1, zorder=z))
        return Node(x, y, width / 2, height / 2)

    def word(self, x: float, word: str, width: float = 82) -> Node:
        self.text(x, WORD_Y, word)
        return self.box(x, WORD_Y, width, 28, face="#e9f6ef", edge=I_H)

    def chip(self, x: float, y: float, text: str, width: float = 50, color: str = SOFT) -> Node:
        self.text(x, y, text, size=12.3, color=color)
        return self.box(x, y, width, 21, face="white", edge="#8a949e", rounding=10)

    def norm(self, x: float, y: float = NORM_Y) -> Node:
        return self.chip(x, y, "batch norm", 86)

    def circle(self, x: float, y: float, text: str, radius: float = 20, edge: str = INK, face: str = "#fff6e5") -> Node:
        self.add(Circle((x, y), radius, fc=face, ec=edge, lw=1.4, zorder=4))
        self.text(x, y, text, size=16, style="italic" if text[0].isalpha() else "normal")
        return Node(x, y, radius, radius)

    def plus(self, x: float, y: float = SUM_Y) -> Node:
        return self.circle(x, y, "+", radius=11, face="white")

    def zero(self, x: float) -> Node:
        return self.circle(x, SUM_Y, "0", radius=13, edge=SOFT, face="#e4e7eb")

    def vector(self, word: Node) -> Node:
        """The word's embedding as a dot above it."""
        x, y = word.x, WORD_Y + 44
        self.add(Circle((x, y), 5, fc=I_H, ec="none", zorder=4))
        self.arrow(word.top, (x, y - 4), color=I_H)
        return Node(x, y, 5, 5)

    def predict(self, hidden: Node, text: str, *, norm: bool, weight: str = "bold") -> None:
        """From the state, through batch norm if the model has it here, to the scores and the word they favour."""
        x, y = hidden.x, OUTPUT_Y
        start = hidden
        if norm:
            start = self.norm(x)
            self.arrow(hidden.top, start.bottom)
        self.arrow(start.top, (x, y - 13), color=H_O)
        corners = [(x - 15, y - 13), (x + 15, y - 13), (x, y + 13)]
        self.add(Polygon(corners, fc="#dfedfb", ec=H_O, lw=1.4, zorder=4))
        self.text(x, y + 26, text, color=H_O, weight=weight)

    def arrow(self, *points: Point, color: str = SOFT, dashed: bool = False, width: float = 2.5) -> None:
        """Straight lines through the points, or with four points a cubic curve whose middle two are its controls."""
        (x, y), (end_x, end_y) = points[-2:]
        length = ((end_x - x) ** 2 + (end_y - y) ** 2) ** 0.5
        dx, dy = (end_x - x) / length, (end_y - y) / length
        head, half = 7 + width, 2.6 + width
        base = end_x - head * dx, end_y - head * dy
        # The line reaches a little into the head, so that no gap shows between them.
        last = base[0] + 2 * dx, base[1] + 2 * dy
        curve = Curve([*points[:-1], last], [1, 4, 4, 4] if len(points) == 4 else None)
        style = (0, (3.2, 1.8)) if dashed else "-"
        line = {"lw": width * 0.75, "ls": style, "capstyle": "butt", "joinstyle": "round"}
        self.add(PathPatch(curve, fc="none", ec=color, zorder=3, **line))
        wings = [(base[0] + side * half * dy, base[1] - side * half * dx) for side in (1, -1)]
        self.add(Polygon([(end_x, end_y), *wings], fc=color, ec="none", zorder=3))

    def carry(self, source: Node, target: Node, **options: object) -> None:
        """From the right of one shape to the left of the next column's, in an S."""
        (x, y), (end_x, end_y) = source.right, target.left
        middle = (x + end_x) / 2
        self.arrow((x, y), (middle + 8, y), (middle - 8, end_y), (end_x, end_y), **options)

    def loop(self, hidden: Node, plus: Node, **options: object) -> None:
        """The arrow of a rolled-up recurrence: out of the state and back into the +."""
        (x, y), (end_x, end_y) = hidden.right, plus.right
        self.arrow((x, y), (x + 74, y), (x + 74, end_y), (end_x, end_y), **options)

    def rows(self, *labels: tuple[float, str]) -> None:
        for y, text in ((WORD_Y, "words"), (OUTPUT_Y, "scores: 39"), *labels):
            self.text(16, y, text, size=12.3, color=SOFT, ha="left")

    def batches(self) -> None:
        """Two panels, one a batch."""
        for left, right, text in ((94, 458, "one batch"), (470, 690, "the next batch")):
            self.box((left + right) / 2, 229, right - left, 350, face=PANEL, edge=PANEL, rounding=8, z=1)
            self.text(left + 10, 67, text, size=12.3, color=SOFT, ha="left")

    def legend(self, *entries: tuple[str, str]) -> None:
        x = 16.0
        for color, text in entries:
            self.arrow((x, 27), (x + 26, 27), color=color, width=3)
            label = self.text(x + 32, 27, text, size=12.3, ha="left")
            x += 32 + label.get_window_extent().width * WIDTH / self.figure.bbox.width + 14

    def save(self, name: str, folder: str | None = None) -> None:
        """Write the SVG among the images, and a PNG into the folder if there is one."""
        path = Path(__file__).parents[1] / "images" / f"{name}.svg"
        self.figure.savefig(path, metadata={"Date": None, "Creator": None})
        if folder is not None:
            self.figure.savefig(Path(folder) / f"{name}.png", dpi=192)
        plt.close(self.figure)


LEGEND = (I_H, "i_h: 39×64"), (H_H, "h_h: 64×64"), (H_O, "h_o: 64×39"), (SOFT, "no weights")


def column(picture: Picture, x: float, word: str, state: str, *, norm: bool) -> tuple[Node, Node]:
    """One word of models 1 to 4: i_h, +, h_h, ReLU, batch norm if it is here, the state; gives the + and the state."""
    plus = picture.plus(x)
    picture.arrow(picture.word(x, word).top, plus.bottom, color=I_H)
    return plus, activate(picture, plus, state, color=H_H, norm=norm)


def activate(picture: Picture, source: Node, state: str, *, color: str, norm: bool) -> Node:
    x = source.x
    relu, hidden = picture.chip(x, 195 if norm else 206, "ReLU"), picture.circle(x, HIDDEN_Y, state)
    picture.arrow(source.top, relu.bottom, color=color)
    picture.arrow(relu.top, hidden.bottom)
    if norm:
        picture.norm(x, 223)
    return hidden


def draw_1(folder: str | None) -> None:
    picture = Picture("1. Three words, layer by layer", "Written out by hand; arrows of one colour are one matrix.")
    picture.rows((HIDDEN_Y, "state: 64"))
    first = activate(picture, picture.word(190, "three"), "h₁", color=I_H, norm=True)
    plus, second = column(picture, 375, "thousand", "h₂", norm=True)
    picture.carry(first, plus)
    plus, third = column(picture, 560, "five", "h₃", norm=True)
    picture.carry(second, plus)
    picture.predict(third, "hundred", norm=False)
    picture.legend(*LEGEND)
    picture.save("ladder_1", folder)


def draw_2(folder: str | None) -> None:
    picture = Picture("2. The same as a loop", "One column of code, run once for each word; it starts from zeros.")
    picture.rows((HIDDEN_Y, "state: 64"))
    plus, hidden = column(picture, 190, "each word", "h", norm=True)
    picture.loop(hidden, plus)
    picture.arrow(picture.zero(120).right, plus.left)
    picture.predict(hidden, "after the last", norm=False, weight="normal")
    picture.text(306, 206, "=", size=28, color=SOFT)
    before = picture.zero(358)
    for x, word, state in ((424, "three", "h₁"), (532, "thousand", "h₂"), (640, "five", "h₃")):
        plus, hidden = column(picture, x, word, state, norm=True)
        picture.carry(before, plus)
        before = hidden
    picture.predict(before, "hundred", norm=False)
    picture.legend(*LEGEND)
    picture.save("ladder_2", folder)


def draw_3_and_4(folder: str | None) -> None:
    """They differ in one arrow: what enters the first + of a batch."""
    reset = Picture(
        "3. A prediction after every word",
        "Every batch starts from zeros. Drawn with 2 or 3 words a batch; the task has 20.",
    )
    kept = Picture(
        "4. The state is kept",
        "The state continues into the next batch (dashed); the gradient does not flow back (detach).",
    )
    for picture in (reset, kept):
        picture.rows((HIDDEN_Y, "state: 64"))
        picture.batches()
        before = None
        for number, x in enumerate(TWO_BATCHES):
            plus, hidden = column(picture, x, WORDS[number], f"h{SUBSCRIPTS[number]}", norm=False)
            picture.predict(hidden, WORDS[number + 1], norm=True)
            if number in (0, 3) and picture is reset:
                picture.arrow(picture.zero(x - 52).right, plus.left)
            elif before is None:
                picture.arrow((80, SUM_Y), plus.left, dashed=True)
            else:
                picture.carry(before, plus, dashed=number == 3)
            before = hidden
        picture.legend(*LEGEND)
    kept.chip(465, (SUM_Y + HIDDEN_Y) / 2, "detach", 56, color=INK)
    reset.save("ladder_3", folder)
    kept.save("ladder_4", folder)


def draw_5(folder: str | None) -> None:
    picture = Picture(
        "5. torch's own loop, nn.RNN",
        "One call reads all words. It has tanh for ReLU, and a second matrix for what is read.",
    )
    picture.rows((HIDDEN_Y, "state: 64"), (WORD_Y + 44, "vector: 64"))
    for left, right in ((104, 284), (334, 688)):
        picture.box((left + right) / 2, 223, right - left, 138, face="#fdf1ea", edge=H_H, rounding=10, z=1)
        picture.text(left + 9, 276, "nn.RNN", color=H_H, weight="bold", ha="left")
    before = None
    for x, word, state, following in (
        (196, "each word", "h", "after each"),
        (426, "three", "h₁", "thousand"),
        (530, "thousand", "h₂", "five"),
        (634, "five", "h₃", "hundred"),
    ):
        vector, plus = picture.vector(picture.word(x, word)), picture.plus(x, 185)
        picture.arrow(vector.top, plus.bottom, color=W_IH)
        picture.chip(x, 219, "tanh")
        hidden = picture.circle(x, HIDDEN_Y, state)
        picture.arrow(plus.top, hidden.bottom)
        picture.predict(hidden, following, norm=True, weight="normal" if state == "h" else "bold")
        if state in ("h", "h₁"):
            picture.arrow((x - 106, plus.y), plus.left, color=H_H, dashed=True)
        else:
            picture.carry(before, plus, color=H_H)
        if state == "h":
            picture.loop(hidden, plus, color=H_H)
        before = hidden
    picture.text(302, 223, "=", size=28, color=SOFT)
    picture.legend(LEGEND[0], (W_IH, "w_ih: 64×64"), (H_H, "h_h (w_hh): 64×64"), LEGEND[2])
    picture.save("ladder_5", folder)


def draw_6(folder: str | None) -> None:
    picture = Picture(
        "6. Two layers of gated units, nn.GRU",
        "Layer 2 reads the states of layer 1; gates choose what of a state stays and what is new.",
    )
    low_y = 196
    picture.rows((HIDDEN_Y, "layer 2: 64"), (low_y, "layer 1: 64"), (WORD_Y + 44, "vector: 64"))
    picture.batches()
    for left, right in ((106, 430), (498, 682)):
        picture.box((left + right) / 2, 229, right - left, 144, face="#f7f3fd", edge=LAYER_1, rounding=10, z=2)
    for x in (227, 592):
        picture.text(x, 169, "nn.GRU", color=LAYER_1, weight="bold")
    before: tuple[Node, Node] | None = None
    for number, x in enumerate(TWO_BATCHES):
        vector = picture.vector(picture.word(x, WORDS[number]))
        low = picture.circle(x, low_y, f"h{SUBSCRIPTS[number]}", edge=LAYER_1)
        high = picture.circle(x, HIDDEN_Y, f"h{SUBSCRIPTS[number]}′", edge=LAYER_2)
        picture.arrow(vector.top, low.bottom, color=LAYER_1)
        picture.arrow(low.top, high.bottom, color=LAYER_2)
        for layer, (node, color) in enumerate(((low, LAYER_1), (high, LAYER_2))):
            start = (x - 86, node.y) if before is None else before[layer].right
            picture.arrow(start, node.left, color=color, dashed=number in (0, 3))
        picture.predict(high, WORDS[number + 1], norm=True)
        before = low, high
    for y in (low_y, HIDDEN_Y):
        picture.chip(464, y, "detach", 56, color=INK)
    picture.legend(LEGEND[0], (LAYER_1, "layer 1: six 64×64"), (LAYER_2, "layer 2: six 64×64"), LEGEND[2])
    picture.save("ladder_6", folder)


plt.rcParams.update(
    {
        "svg.hashsalt": "ladder",
        "svg.fonttype": "none",
        "font.sans-serif": ["DejaVu Sans", "Verdana", "sans-serif"],
    }
)

if __name__ == "__main__":
    for draw in (draw_1, draw_2, draw_3_and_4, draw_5, draw_6):
        draw(sys.argv[1] if len(sys.argv) > 1 else None)
