"""Draw what a trained pointer mixture looks at, with the model's numbers; nothing is trained in here.

    python recipes/copying.py
    python docs/tools/draw_pointer.py output/copying/model

Writes docs/images/pointer.svg, the parts of the model with its numbers for one word, and docs/images/attention.svg,
where it looks after each word of a text. A folder as the second argument gets the same pictures as PNG.
"""

import sys
from dataclasses import dataclass

import torch
from draw_ladder import (
    I_H,
    INK,
    LAYER_1,
    PANEL,
    SOFT,
    SUBSCRIPTS,
    WORD_Y,
    Curve,
    Node,
    PathPatch,
    Picture,
)
from matplotlib.colors import LinearSegmentedColormap, to_hex
from matplotlib.patches import Rectangle

from seqlabel import LanguageModel

KEY, QUERY = "#0c8599", "#c2257f"
ONE_WORD = "eight thousand five hundred , eight thousand"
ALL_WORDS = "eight thousand nine hundred ninety seven , eight thousand nine hundred ninety eight ,"
SHADES = LinearSegmentedColormap.from_list("shares", ["white", QUERY])


@dataclass(frozen=True)
class Seen:
    """What a model does after each word of a text.

    `attention[n]` has the shares of the words 1 to n after word n has been read, and `gate[n]` is the share of copying
    there. `vocabulary` has the probabilities that the vocabulary alone gives the words after the last one;
    `most_likely` is the word that the mixture expects after each.
    """

    words: list[str]
    attention: list[list[float]]
    gate: list[float]
    vocabulary: dict[str, float]
    most_likely: list[str]


@torch.no_grad()
def look(model: LanguageModel, text: str) -> Seen:
    """Read a text from its beginning, and keep where the pointer looked."""
    words, module = text.split(), model.module.eval()
    ids = torch.as_tensor(model.vocabulary.encode(words)).long()[None]
    hidden, _ = module.encoder.forward_encoder(module.encoder.embedder(ids), None)
    attention, gate = module.copier.look_back(hidden, ids)
    mixture, _ = module(ids, None)
    alone = module.head(hidden)[0, -1].softmax(dim=-1).tolist()
    return Seen(
        words,
        [row[:place] for place, row in enumerate(attention[0].tolist())],
        gate[0].tolist(),
        dict(zip(model.vocabulary, alone, strict=True)),
        model.vocabulary.decode(mixture[0].argmax(dim=-1).tolist()),
    )


def bars(picture: Picture, left: float, title: str, *parts: tuple[str, dict[str, float]]) -> None:
    """A bar for each word, made of the parts laid on one another."""
    step, base = 21, 496
    words = list(parts[0][1])
    for number, word in enumerate(words):
        x, y = left + number * step, float(base)
        for color, values in parts:
            picture.add(Rectangle((x - 7, y), 14, values[word] * 110, fc=color, ec="none", zorder=4))
            y += values[word] * 110
        picture.text(
            x + 3, base - 5, word.replace(",", "comma"), size=12.3, ha="right", rotation=50, rotation_mode="anchor"
        )
    end = left + (len(words) - 1) * step
    picture.add(PathPatch(Curve([(left - 12, base), (end + 12, base)]), ec=SOFT, lw=1, zorder=5))
    picture.text((left + end) / 2, base + 112, title, weight="bold")


def draw_mixture(seen: Seen, folder: str | None) -> None:
    """How the last word of a text is followed: the parts of the model, with its numbers."""
    read, attention, gate = seen.words, seen.attention[-1], seen.gate[-1]
    shown = ("five", "six", "eight", "hundred", "thousand", ",")
    vocabulary = {word: seen.vocabulary[word] for word in shown}
    vocabulary["other"] = 1 - sum(vocabulary.values())
    copied = {w: sum(a for a, past in zip(attention, read[1:], strict=True) if past == w) for w in vocabulary}

    picture = Picture(
        "Pointer mixture",
        "The state is like the one before “five”, so “five” is likely again. A trained model's numbers.",
        height=688,
    )
    hidden_y, memory_y, query_y, gate_y, chart_y = 182, 282, 350, 398, 536
    for y, text in ((WORD_Y, "words"), (hidden_y, "states"), (memory_y + 11, "words"), (memory_y - 12, "keys")):
        picture.text(16, y, text, size=12.3, color=SOFT, ha="left")
    states: list[Node] = []
    for number, word in enumerate(read):
        x = 106 + 83 * number
        vector = picture.vector(picture.word(x, word, 76))
        state = picture.circle(x, hidden_y, f"h{SUBSCRIPTS[number]}", edge=LAYER_1)
        picture.arrow(vector.top, state.bottom, color=LAYER_1)
        if states:
            picture.arrow(states[-1].right, state.left, color=LAYER_1)
        states.append(state)
    now = states[-1]
    query = picture.circle(now.x, query_y, "q", edge=QUERY, face="white")
    picture.arrow(now.top, query.bottom, color=QUERY)

    picture.box(347, memory_y, 498, 60, face=PANEL, edge=PANEL, rounding=8, z=1)
    for number, share in enumerate(attention):
        state, x = states[number], states[number].x + 35
        picture.box(x, memory_y + 11.5, 74, 23, face="#e9f6ef", edge=SOFT)
        picture.text(x, memory_y + 11, read[number + 1])
        key = picture.box(x, memory_y - 11.5, 74, 23, face="white", edge=SOFT)
        picture.text(x, memory_y - 12, f"k{SUBSCRIPTS[number]}", size=14, style="italic")
        picture.arrow(state.top, key.bottom, color=KEY)
        start, end = query.left, (x, memory_y + 24)
        picture.arrow(start, ((x + start[0]) / 2, query_y), (x, query_y), end, color=QUERY, width=1.3 + 5 * share)
        picture.text(x - 10, memory_y + 38, f"{share:.2f}", size=12.3, color=QUERY, ha="right")

    picture.arrow((98, memory_y), (80, memory_y), (80, chart_y), (90, chart_y), (104, chart_y), color=QUERY)
    side, low, high = now.x + 19, hidden_y - 7, hidden_y + 7
    picture.arrow((side, low), (668, low), (668, chart_y), (660, chart_y), (648, chart_y), color=I_H)
    picture.chip(668, memory_y, "norm", 46)
    share = picture.chip(369, gate_y, f"gate g = {gate:.2f}", 98, color=INK)
    picture.arrow((side, high), (638, high), (638, gate_y), (500, gate_y), share.right, color=INK)
    bars(picture, 122, "copied", (QUERY, copied))
    joined = [
        (QUERY, {w: gate * p for w, p in copied.items()}),
        (I_H, {w: (1 - gate) * p for w, p in vocabulary.items()}),
    ]
    bars(picture, 306, "mixture", *joined)
    bars(picture, 506, "vocabulary", (I_H, vocabulary))
    for start, end, text in ((262, 292, "× g"), (492, 446, "× (1 − g)")):
        picture.arrow((start, chart_y), (end, chart_y))
        picture.text((start + end) / 2, chart_y + 16, text)
    picture.legend(
        (I_H, "i_h, tied: 39×128"),
        (LAYER_1, "GRU, 2 layers"),
        (KEY, "key: 128×32"),
        (QUERY, "query: 128×32"),
        (INK, "gate: 128×1"),
    )
    picture.save("pointer", folder)


def draw_attention(seen: Seen, folder: str | None) -> None:
    """A row for each word read: the share of each earlier word, the gate, and the word that the mixture expects."""
    size, left, row_height = 36, 96, 25
    top = 60 + row_height * len(seen.words)
    picture = Picture(
        "What the pointer looks at",
        "After each word (left): the shares of the words that could be copied, in per cent.",
        height=top + 148,
    )
    for number, word in enumerate(seen.words[1:]):
        name = {"left": left + number * size + 22, "bottom": top + 8}
        picture.text(name["left"], name["bottom"], word, size=12.3, ha="left", rotation=50, rotation_mode="anchor")
    gates, expected = left + size * (len(seen.words) - 1) + 30, left + size * (len(seen.words) - 1) + 84
    picture.text(gates, top + 8, "g", style="italic", color=INK)
    picture.text(expected - 8, top + 8, "expects", size=12.3, color=SOFT)
    for place, (word, shares) in enumerate(zip(seen.words, seen.attention, strict=True)):
        y = top - row_height * (place + 0.5)
        picture.text(left - 8, y, word, size=12.3, ha="right")
        for number, share in enumerate(shares):
            x = left + size * (number + 0.5)
            picture.add(
                Rectangle(
                    (x - size / 2, y - row_height / 2),
                    size,
                    row_height,
                    fc=to_hex(SHADES(share)),
                    ec="white",
                    lw=1,
                    zorder=3,
                )
            )
            if share >= 0.05:
                picture.text(x, y, f"{100 * share:.0f}", size=11, color="white" if share > 0.5 else INK)
        if place:
            picture.text(gates, y, f"{100 * seen.gate[place]:.0f}", size=12.3)
        picture.text(expected - 30, y, seen.most_likely[place], size=12.3, color=I_H, weight="bold", ha="left")
    picture.text(
        16,
        30,
        "g: the share of the pointer, in per cent; the rest is the vocabulary's.",
        size=12.3,
        color=SOFT,
        ha="left",
    )
    picture.save("attention", folder)


if __name__ == "__main__":
    trained = LanguageModel.load(sys.argv[1])
    png = sys.argv[2] if len(sys.argv) > 2 else None
    draw_mixture(look(trained, ONE_WORD), png)
    draw_attention(look(trained, ALL_WORDS), png)
