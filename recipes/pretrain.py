"""Pretrain a forward and a backward language model on English text: the encoder that every labeler
here starts from.

    # the encoder that ships: 50 minutes, two cores
    python recipes/pretrain.py --data ../shared/data
    # en_small
    python recipes/pretrain.py --data ../shared/data --hidden 128 --words 16000 --share 0.3
    python recipes/pretrain.py --data ../shared/data --pieces 8000      # over pieces of words

The text is modern: an encyclopedia, questions and answers, press releases, speech, manuals and
more, with MASC, the training part of EWT and a few novels; `WORDS` says how much of each, and
pieces of about 700 words are shuffled. Words come with hashed character features, so none is
unknown; both models share the embedder and have an adaptive softmax over the most frequent words.
Ends with the perplexity of both directions on a held-out part and words per second. The folder
`compact` has the model in the compact form of those that ship. --resume continues an interrupted
training.
"""

import random
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Annotated

from english_data import pieces
from typer import Option

from seqlabel import Display, Tokenizer, find_texts, pretrain
from seqlabel.commands import Device, Epochs, Quiet, Seed, run, write_metrics
from seqlabel.formats import read_conllu
from seqlabel.io.folders import make_folder
from seqlabel.models import PretrainingOptions
from seqlabel.text import packed_documents, tagged_words, whole_lines

LINE_WORDS = 25
WORDS = {
    "wikipedia": 14_996_000, "stackexchange": 2_726_000, "usgov_web": 2_318_000,
    "earnings_calls": 1_772_000, "senate_press": 1_364_000, "medquad": 1_364_000,
    "doj_press": 1_090_000, "scotus_arguments": 954_000, "techdocs_microsoft_aws": 954_000,
    "current_events": 818_000, "un_debates": 682_000, "meetings": 682_000,
    "carpentries_blog": 682_000, "circuit_opinions": 546_000, "dialogues_sgd": 546_000,
    "presidential_speeches": 546_000, "state_history": 546_000, "techbooks": 546_000,
    "clinical_dialogues": 436_000, "ropensci_blog": 408_000, "nasa_transcripts": 272_000,
    "fomc_minutes": 204_000, "python_peps": 204_000, "congressional_record": 204_000,
    "law_dc_code": 136_000, "ukgov_web": 136_000, "world_factbook": 110_000,
    "veterans_appeals": 68_000, "masc": 1_500_000, "ewt": 818_000, "novels": 2_044_000,
    "state_union": 272_000,
}  # fmt: skip
"""Words that are taken of each source, which is read again from its start where it has fewer."""


@dataclass(frozen=True)
class Settings:
    data: Annotated[Path, Option(help="Folder that holds web, masc, text and ud_english_ewt.")]
    output: Annotated[Path, Option(help="Folder of the results.")] = Path("output/pretrain")
    share: Annotated[float, Option(min=0.0, help="How much of `WORDS` to read.")] = 1.0
    words: Annotated[int, Option(min=2, help="Frequent words with vectors of their own.")] = 26_000
    pieces: Annotated[
        int | None, Option(min=1, help="Read this many pieces of words instead of words.")
    ] = None
    hidden: Annotated[
        int, Option(min=2, help="Units per direction; words have vectors of half as many numbers.")
    ] = 256
    batch_size: Annotated[int, Option(min=1, help="Rows read side by side.")] = 128
    bptt: Annotated[int, Option(min=1, help="Words that a batch reads of each row.")] = 32
    max_lr: Annotated[float, Option(help="The highest learning rate.")] = 4e-3
    epochs: Epochs = 1
    seed: Seed = 0
    device: Device = "auto"
    quiet: Quiet = False
    resume: Annotated[bool, Option("--resume", help="Continue an interrupted training.")] = False


def lines_of(documents: Iterable[list[str]]) -> Iterator[list[str]]:
    """Documents that are words, as lines."""
    for words in documents:
        yield [" ".join(words[at : at + LINE_WORDS]) for at in range(0, len(words), LINE_WORDS)]


def text_documents(path: Path, lines: int) -> Iterator[list[str]]:
    """Parts of a text that is one document, in random order."""
    every = [line.strip() for block in whole_lines(path) for line in block.splitlines()]
    every = [line for line in every if line and not line.startswith("<<<")]
    parts = [every[at : at + lines] for at in range(0, len(every), lines)]
    yield from random.Random(0).sample(parts, len(parts))


def sources(data: Path) -> dict[str, Callable[[], Iterator[list[str]]]]:
    """The readers of each source's documents, as lines."""
    treebank = data / "ud_english_ewt" / "en_ewt-ud-train.conllu"
    others: dict[str, Callable[[], Iterator[list[str]]]] = {
        # Other recipes test on every tenth file.
        "masc": lambda: lines_of(
            tagged_words(path) for n, path in enumerate(find_texts(data / "masc")) if n % 10 != 9
        ),
        "ewt": lambda: lines_of(
            document.words for document in read_conllu(treebank, whole_documents=True)
        ),
        "novels": partial(text_documents, data / "text" / "novels.txt", 60),
        "state_union": partial(text_documents, data / "text" / "state_union.txt", 1),
    }
    web = {
        name: partial(packed_documents, data / "web" / f"{name}.txt.xz")
        for name in WORDS
        if name not in others
    }
    return {**web, **others}


def english_documents(data: Path, share: float) -> Iterator[list[str]]:
    """The words of pieces of all sources, shuffled, so that each row of a batch meets all kinds."""
    read = sources(data)
    mixed = [piece for name, words in WORDS.items() for piece in pieces(read[name], share * words)]
    random.Random(0).shuffle(mixed)
    tokenize = Tokenizer("en")
    for piece in mixed:
        yield tokenize(piece).words


def main(settings: Settings) -> None:
    """Pretrain a forward and a backward language model on English text."""
    make_folder(settings.output)
    trained = pretrain(
        english_documents(settings.data, settings.share),
        settings.output,
        options=PretrainingOptions(
            words=settings.words,
            pieces=settings.pieces,
            hidden=settings.hidden,
            epochs=settings.epochs,
            batch_size=settings.batch_size,
            bptt=settings.bptt,
            max_lr=settings.max_lr,
            seed=settings.seed,
            device=settings.device,
        ),
        resume=settings.resume,
        display=Display.unless(settings.quiet),
    )
    names = ("forward_perplexity", "backward_perplexity", "words_per_second", "words")
    write_metrics(
        settings.output / "metrics.json", {name: getattr(trained, name) for name in names}
    )
    print(
        f"perplexity {trained.forward_perplexity:.1f} forward, {trained.backward_perplexity:.1f} "
        f"backward on held-out words; {trained.words_per_second:,.0f} words per second in both "
        f"directions; the model is in {settings.output / 'best'}"
    )


if __name__ == "__main__":
    run(main, Settings)
