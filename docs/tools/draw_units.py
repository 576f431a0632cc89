"""Draw what units of a trained GRU keep while it reads numbers, by the model's activations; nothing is trained in here.

    python recipes/human_numbers.py
    python docs/tools/draw_units.py output/human_numbers/last

Writes docs/images/units.svg: a row for each of eight units of the first layer, a column for each word of three numbers,
each read after the twenty before it. The units are those whose activations, over the numbers 1,001 to 7,999, follow
best from one fact about the number or the word, by the share of their variance that it explains. A folder as the second
argument gets the picture as PNG too.
"""

import sys
from collections.abc import Sequence

import torch
from draw_ladder import INK, SOFT, Picture
from matplotlib.colors import LinearSegmentedColormap, to_hex
from matplotlib.patches import Rectangle
from torch import Tensor, nn

from seqlabel import LanguageModel, human_numbers
from seqlabel.lesson.human_numbers import corpus_words, number_words, roles

FACTS = ("thousands digit", "hundreds digit", "tens digit", "kind of word")
UNITS_A_FACT = 2
SHOWN = (1263, 4523, 7883)
READ_BEFORE = 20
SHADES = LinearSegmentedColormap.from_list("activations", ["#d9480f", "white", "#1971c2"])


@torch.no_grad()
def activations(model: LanguageModel, words: Sequence[str]) -> Tensor:
    """Return the states of the first layer after each word, (time, width)."""
    ids = torch.as_tensor(model.vocabulary.encode(list(words))).long()[None]  # (1, time)
    encoder = model.module.eval().encoder
    gru = encoder.forward_encoder.stacks[0]
    first = nn.GRU(gru.input_size, gru.hidden_size, batch_first=True)
    first.load_state_dict({name: values for name, values in gru.state_dict().items() if name.endswith("_l0")})
    return first(encoder.embedder(ids))[0][0]


def facts(numbers: Sequence[int]) -> dict[str, list[int]]:
    """Return the facts about each word of the numbers' corpus, which ends with a comma."""
    digits = {"thousands digit": 1000, "hundreds digit": 100, "tens digit": 10}
    lengths = [len(number_words(number)) + 1 for number in numbers]
    found = {
        name: [n // place % 10 for n, length in zip(numbers, lengths, strict=True) for _ in range(length)]
        for name, place in digits.items()
    }
    return {**found, "kind of word": roles(text(numbers))}


def text(numbers: Sequence[int]) -> list[str]:
    """Return the words of numbers, without the mark of the start and with a comma after the last."""
    return [*corpus_words(numbers)[1:], ","]


def explained(hidden: Tensor, groups: Sequence[int]) -> Tensor:
    """Return the share of each unit's variance that lies between groups of words: (time, width) → (width,)."""
    of, between = torch.as_tensor(groups), torch.zeros(hidden.shape[1])
    for group in of.unique():
        part = hidden[of == group]
        between += len(part) / len(hidden) * (part.mean(dim=0) - hidden.mean(dim=0)) ** 2
    return between / hidden.var(dim=0, correction=0)


def keepers(hidden: Tensor, known: dict[str, list[int]]) -> list[tuple[str, int, float]]:
    """Return the units that follow best from each fact, with the share explained; each unit once, for its best fact."""
    shares = torch.stack([explained(hidden, known[fact]) for fact in FACTS])  # (facts, width)
    best = shares.argmax(dim=0)
    found = []
    for number, fact in enumerate(FACTS):
        order = torch.where(best == number, shares[number], -1.0).argsort(descending=True)
        found += [(fact, int(unit), float(shares[number, unit])) for unit in order[:UNITS_A_FACT]]
    return found


def draw(model: LanguageModel, folder: str | None) -> None:
    """Draw the units over numbers that differ in their thousands, hundreds and tens."""
    learnt = range(1001, human_numbers.TRAIN_NUMBERS.stop)
    hidden = activations(model, text(learnt))
    mean, deviation = hidden.mean(dim=0), hidden.std(dim=0)
    chosen = keepers(hidden, facts(learnt))

    size, row, left, gap = 22, 24, 166, 10
    height = 92 + len(chosen) * row + (len(FACTS) - 1) * gap + 112
    picture = Picture("What units of a GRU keep", "Eight units of the first layer, after each word.", height=height)
    top = height - 76.0
    ys = [top - number * row - number // UNITS_A_FACT * gap for number in range(len(chosen))]
    for number, ((fact, unit, share), y) in enumerate(zip(chosen, ys, strict=True)):
        if number % UNITS_A_FACT == 0:
            picture.text(16, y - row, fact, size=12.3, weight="bold", ha="left")
        picture.text(left - 8, y - row / 2, str(unit), size=12.3, color=SOFT, ha="right")
        picture.text(684, y - row / 2, f"{100 * share:.0f} %", size=12.3, color=SOFT, ha="right")
    x = float(left)
    for shown in SHOWN:
        words = text([shown])
        states = activations(model, text(range(shown - READ_BEFORE, shown + 1)))[-len(words) :]
        for word, values in zip(words, ((states - mean) / deviation).tolist(), strict=True):
            for (_, unit, _), y in zip(chosen, ys, strict=True):
                # Two standard deviations each way are the whole scale.
                shade = to_hex(SHADES(0.5 + values[unit] / 4))
                picture.add(Rectangle((x, y - row), size, row, fc=shade, ec="white", lw=1, zorder=3))
            name = {"ha": "right", "rotation": 50, "rotation_mode": "anchor", "color": SOFT if word == "," else INK}
            picture.text(x + size / 2 + 4, ys[-1] - row - 12, word.replace(",", "comma"), size=12.3, **name)
            x += size
        x += gap
    for place, note in (
        (36, "Orange: two standard deviations below the unit's mean; white: the mean; blue: two above."),
        (18, "Left: the number of the unit. Right: the share of its variance that the fact explains."),
    ):
        picture.text(16, place, note, size=12.3, color=SOFT, ha="left")
    picture.save("units", folder)


if __name__ == "__main__":
    draw(LanguageModel.load(sys.argv[1]), sys.argv[2] if len(sys.argv) > 2 else None)
