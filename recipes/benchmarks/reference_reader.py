"""The reference of the ladder: how often a reader is right who knows how numbers go but sees only
the model's context.

    python recipes/benchmarks/reference_reader.py

The reader has counted the words of 1 to 9,999 in order, validation numbers included. Of what it
sees it takes the longest ending that occurs there, and names the word that followed it most often,
the earlier one of two that followed equally often. It reads the lesson's validation batches, 64
rows side by side. Expected after about 5 seconds:

    models 1 and 2, the last 3 words                  46.99 % of  4,352
    model 3, from the start of a batch of 20          83.65 % of 14,080
    models 4 to 6, from the start of the row          98.49 % of 14,080
"""

from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import Annotated

from typer import Option

from seqlabel import LanguageModelStream, TokenArray, human_numbers
from seqlabel.commands import run
from seqlabel.lesson.ladder import BATCH_SIZE

CONTEXTS = (
    ("models 1 and 2, the last 3 words", 3, True, False),
    ("model 3, from the start of a batch of 20", 20, False, False),
    ("models 4 to 6, from the start of the row", 20, False, True),
)


@dataclass(frozen=True)
class Settings:
    longest: Annotated[
        int,
        Option(
            min=1,
            help=(
                "Words of the longest ending that is looked up; from 8 to 60 the figures "
                "are the same."
            ),
        ),
    ] = 20


def main(settings: Settings) -> None:
    """Print the share of words that the reader names, for what each model sees."""
    vocabulary = human_numbers.vocabulary()
    corpus = vocabulary.encode(human_numbers.corpus_words(range(1, 10000))).tolist()
    followers: defaultdict[tuple[int, ...], Counter[int]] = defaultdict(Counter)
    for end, word in enumerate(corpus):
        for length in range(min(end, settings.longest) + 1):
            followers[tuple(corpus[end - length : end])][word] += 1

    valid = TokenArray(vocabulary.encode(human_numbers.valid_words()))
    for name, bptt, last_only, kept in CONTEXTS:
        seen: list[tuple[int, ...]] = [()] * BATCH_SIZE
        right = count = 0
        for batch in LanguageModelStream(valid, batch_size=BATCH_SIZE, bptt=bptt):
            for row, (inputs, targets) in enumerate(
                zip(batch.inputs.tolist(), batch.targets.tolist(), strict=True)
            ):
                context = seen[row] if kept else ()
                for time in range(bptt):
                    context = (*context, inputs[time])[-settings.longest :]
                    if time == bptt - 1 or not last_only:
                        ending = context
                        while ending not in followers:
                            ending = ending[1:]
                        right += followers[ending].most_common(1)[0][0] == targets[time]
                        count += 1
                seen[row] = context
        print(f"{name:48s}  {100 * right / count:.2f} % of {count:6,}")


if __name__ == "__main__":
    run(main, Settings)
