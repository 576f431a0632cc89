"""Pretrain one encoder for twelve European languages and English: a forward and a backward language
model.

    python recipes/pretrain_europe.py --data ../shared/data

Each language is cut into words by its own tokeniser, as `--language` does where a labeler is
trained on the encoder; which language a text is in is not told. A language gets a share that grows
with the square root of its text, and so does a source within a language; law, documentation of
software, and novels and plays are a fifth each at most, and no source is read more than four times.
Pieces of about 700 words of all languages are shuffled, and words come with hashed character
features. One paragraph in 50 is held out. Ends with the perplexity of each language there, where
words outside the table of frequent words, which all languages share, count as one; writes `best`,
`compact` and metrics.json. --resume continues an interrupted training.
"""

import random
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from itertools import chain, islice
from pathlib import Path
from typing import Annotated

import numpy as np
from english_data import pieces
from europe_data.texts import LANGUAGES, files_of, plan
from typer import Option

from seqlabel import Display, Tokenizer, WordLanguageModel, pretrain
from seqlabel.batches.language import EvaluationStream
from seqlabel.batches.two_ways import FeaturedWords, TwoWayStream
from seqlabel.commands import Device, Quiet, Seed, run, write_metrics
from seqlabel.io.folders import make_folder
from seqlabel.models import PretrainingOptions
from seqlabel.native.hashing import hash_words
from seqlabel.nn.network_configs import WordModelConfig
from seqlabel.text import packed_documents
from seqlabel.text.corpora import TokenArray
from seqlabel.text.hashing import WordHasher
from seqlabel.training.loop import evaluate
from seqlabel.training.objectives import both_ways

EVERY, MEASURED = 50, 10
"""One in how many paragraphs is held out, and how many of those of each source are measured on."""


@dataclass(frozen=True)
class Settings:
    data: Annotated[Path, Option(help="Folder that holds europe and web.")]
    output: Annotated[Path, Option(help="Folder of the results.")] = Path("output/pretrain_europe")
    read: Annotated[int, Option(min=20_000, help="Words to read, of all languages together.")] = (
        20_000_000
    )
    words: Annotated[int, Option(min=2, help="Frequent words with vectors of their own.")] = 36_000
    languages: Annotated[str, Option(help="Some of the languages, with commas.")] = ",".join(
        LANGUAGES
    )
    hidden: Annotated[
        int, Option(min=2, help="Units per direction; words have vectors of half as many numbers.")
    ] = 256
    batch_size: Annotated[int, Option(min=1, help="Rows read side by side.")] = 128
    seed: Seed = 0
    device: Device = "auto"
    quiet: Quiet = False
    resume: Annotated[bool, Option("--resume", help="Continue an interrupted training.")] = False


def paragraphs(path: Path, *, held_out: bool) -> Iterator[list[str]]:
    """The paragraphs of each document that are held out, which is every 50th of a file, or the
    others.
    """
    count = 0
    for lines in packed_documents(path):
        yield [
            line
            for number, line in enumerate(lines, count)
            if (number % EVERY == EVERY - 1) is held_out
        ]
        count += len(lines)


def documents(data: Path, words: int, languages: Collection[str]) -> Iterator[list[str]]:
    """The words of pieces of all languages, shuffled, so that each row of a batch meets all of
    them.
    """
    mixed = [
        (code, piece)
        for code, path, wanted in plan(data, words, languages)
        for piece in pieces(partial(paragraphs, path, held_out=False), wanted)
    ]
    random.Random(0).shuffle(mixed)
    tokenizers = {code: Tokenizer(code) for code in languages}
    for code, piece in mixed:
        yield tokenizers[code](piece).words


def measured(model: WordLanguageModel, code: str, files: Iterable[Path]) -> dict[str, float]:
    """The perplexity of a held-out word of a language in both directions, and the share of words
    that count as one.
    """
    assert isinstance(model.config, WordModelConfig)
    lines = (
        islice(chain.from_iterable(paragraphs(path, held_out=True)), MEASURED) for path in files
    )
    words = [word for line in chain.from_iterable(lines) for word in Tokenizer(code)(line).words]
    ids = {word: number for number, word in enumerate(dict.fromkeys([*model.vocabulary, *words]))}
    features = FeaturedWords(
        hash_words(list(ids), WordHasher(model.config.buckets)), predicted=len(model.vocabulary)
    )
    tokens = TokenArray(np.array([ids[word] for word in words], dtype=np.int64))
    stream = TwoWayStream(tokens, features, batch_size=32, bptt=64, make=EvaluationStream)
    rare = sum(word not in model.vocabulary for word in words) / len(words)
    found = evaluate(model.module, stream, objective=both_ways)
    return {"perplexity": found.perplexity, "rare": rare, "words": len(words)}


def main(settings: Settings) -> None:
    """Pretrain a forward and a backward language model on text of all languages."""
    make_folder(settings.output)
    read = tuple(settings.languages.split(","))
    trained = pretrain(
        documents(settings.data, settings.read, read),
        settings.output,
        options=PretrainingOptions(
            words=settings.words,
            hidden=settings.hidden,
            batch_size=settings.batch_size,
            epochs=1,
            languages=read,
            seed=settings.seed,
            device=settings.device,
        ),
        resume=settings.resume,
        display=Display.unless(settings.quiet),
    )
    languages = {}
    for code, files in files_of(settings.data, read).items():
        languages[code] = row = measured(trained.model, code, files)
        if not settings.quiet:
            print(
                (
                    f"{code}  perplexity {row['perplexity']:6.1f}  rare words "
                    f"{100 * row['rare']:.1f} %"
                ),
                flush=True,
            )
    figures = {
        "languages": languages,
        "words": trained.words,
        "words_per_second": trained.words_per_second,
    }
    write_metrics(settings.output / "metrics.json", figures)
    print(
        f"{trained.words:,} words, {trained.words_per_second:,.0f} a second; the model: "
        f"{settings.output / 'best'}"
    )


if __name__ == "__main__":
    run(main, Settings)
