"""Pretrain a forward and a backward language model on English text: the encoder that every labeler here starts from.

    python recipes/pretrain.py --data ../shared/data                    # the encoder that ships: 46 minutes
    python recipes/pretrain.py --data ../shared/data --pieces 8000      # over pieces of words

The text is novels, and modern text (MASC, the training part of EWT, speeches) three times. Words come with hashed
character features, so none is unknown; both models share the embedder and have an adaptive softmax over the most
frequent words. Ends with the perplexity of both directions on a held-out part and words per second, and saves the
model also as small as models that ship, in the folder `compact`. An interrupted training continues with --resume.
"""

import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from typer import Option

from seqlabel import Display, PieceKind, PretrainingOptions, Tokeniser, find_texts, pretrain, read_conllu, whole_lines
from seqlabel.cli.settings import Device, Epochs, Quiet, Seed, run
from seqlabel.files import make_folder, write_json
from seqlabel.text import tagged_words

NOVEL_BLOCKS = 68
"""Blocks of about a megabyte in novels.txt, among which the modern documents are spread evenly."""
MODERN_COPIES = 3


@dataclass(frozen=True)
class Settings:
    data: Annotated[Path, Option(help="Folder that holds masc, text and ud_english_ewt.")]
    output: Annotated[Path, Option(help="Folder for corpus, checkpoints, model and metrics.json.")] = Path(
        "output/pretrain"
    )
    words: Annotated[int, Option(min=2, help="Frequent words with vectors of their own.")] = 20_000
    pieces: Annotated[int | None, Option(min=1, help="Read this many pieces of words instead of words.")] = None
    kind: Annotated[PieceKind, Option(help="How pieces are found.")] = PieceKind.BPE
    batch_size: Annotated[int, Option(min=1, help="Rows read side by side.")] = 128
    bptt: Annotated[int, Option(min=1, help="Words that a batch reads of each row.")] = 32
    max_lr: Annotated[float, Option(help="The highest learning rate.")] = 4e-3
    epochs: Epochs = 1
    seed: Seed = 0
    device: Device = "auto"
    quiet: Quiet = False
    resume: Annotated[bool, Option("--resume", help="Continue an interrupted training.")] = False


def modern_documents(data: Path) -> Iterator[list[str]]:
    """Every file of MASC but each tenth, which other recipes test on; EWT's training documents; speeches."""
    for number, path in enumerate(find_texts(data / "masc")):
        if number % 10 != 9:
            yield tagged_words(path)
    for document in read_conllu(data / "ud_english_ewt" / "en_ewt-ud-train.conllu", whole_documents=True):
        yield document.words
    for name in ("state_union", "inaugural"):
        yield from text_documents(data / "text" / f"{name}.txt")


def text_documents(path: Path) -> Iterator[list[str]]:
    """A text file in documents of about a megabyte, tokenised as spaCy does, without white space."""
    tokenise = Tokeniser("en")
    for text in whole_lines(path):
        yield tokenise(text).words


def english_documents(data: Path) -> Iterator[list[str]]:
    """Novels, with modern documents between their blocks, so that each row of a batch meets all kinds."""
    modern = list(modern_documents(data)) * MODERN_COPIES
    each = -(-len(modern) // NOVEL_BLOCKS)
    rounds = iter(modern)
    for novel in text_documents(data / "text" / "novels.txt"):
        yield [word for word in novel if not re.fullmatch(r"<<<|>>>", word)]
        yield from itertools.islice(rounds, each)
    yield from rounds


def main(settings: Settings) -> None:
    """Pretrain a forward and a backward language model on English text."""
    make_folder(settings.output)
    trained = pretrain(
        english_documents(settings.data),
        settings.output,
        options=PretrainingOptions(
            words=settings.words,
            pieces=settings.pieces,
            kind=settings.kind,
            epochs=settings.epochs,
            batch_size=settings.batch_size,
            bptt=settings.bptt,
            max_lr=settings.max_lr,
            seed=settings.seed,
            device=settings.device,
        ),
        resume=settings.resume,
        display=Display.SILENT if settings.quiet else Display.AUTO,
    )
    figures = {
        "forward_perplexity": trained.forward_perplexity,
        "backward_perplexity": trained.backward_perplexity,
        "words_per_second": trained.words_per_second,
        "words": trained.words,
    }
    write_json(settings.output / "metrics.json", figures)
    print(
        f"perplexity {trained.forward_perplexity:.1f} forward, {trained.backward_perplexity:.1f} backward on held-out "
        f"words; {trained.words_per_second:,.0f} words per second in both directions; the model is in "
        f"{settings.output / 'best'}"
    )


if __name__ == "__main__":
    run(main, Settings, resume="Continue with the same command and --resume.")
