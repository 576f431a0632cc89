"""Pretrain one encoder for twelve European languages and English: a forward and a backward language model.

    python recipes/pretrain_europe.py --data ../shared/data

Each language is cut into words by its own tokeniser, as `--language` does where a labeler is trained on the encoder;
which language a text is in is not told. A language gets a share that grows with the square root of its text, and so
does a source within a language; law, documentation of software, and novels and plays are a fifth each at most, and no
source is read more than four times. Pieces of about 700 words of all languages are shuffled, and words come with hashed
character features. One paragraph in 50 is held out. Ends with the perplexity of each language there, where words
outside the table of frequent words, which all languages share, count as one; writes `best`, `compact` and metrics.json.
--resume continues an interrupted training.
"""

import random
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from itertools import chain, islice
from pathlib import Path
from typing import Annotated

import numpy as np
from pretrain import pieces
from typer import Option

from seqlabel import Display, PretrainingOptions, Tokeniser, WordLanguageModel, pretrain
from seqlabel.batches.language import EvaluationStream
from seqlabel.batches.two_ways import FeaturedWords, TwoWayStream
from seqlabel.cli.record import write_metrics
from seqlabel.cli.settings import Device, Quiet, Seed, run
from seqlabel.io.folders import make_folder
from seqlabel.nn.configs import WordModelConfig
from seqlabel.text import packed_documents
from seqlabel.text.corpora import TokenArray
from seqlabel.text.hashing import WordHasher
from seqlabel.training.loop import evaluate
from seqlabel.training.objectives import both_ways

LANGUAGES = ("de", "fr", "es", "it", "nl", "pt", "sv", "da", "nb", "fi", "pl", "cs", "en")
KINDS = {
    **dict.fromkeys(("law", "law_lu", "law_dc_code", "circuit_opinions", "veterans_appeals"), "law"),
    **dict.fromkeys(("msdocs", "msdocs2", "phpdoc", "pydoc", "gnome", "techdocs_microsoft_aws", "python_peps"), "docs"),
    **dict.fromkeys(("novels", "novels2", "drama"), "novels"),
}
"""Sources that are limited together; all others are read as they come."""
LEFT_OUT = ("pt_macmorpho",)
"""Sources whose terms somebody has to confirm first."""
MOST_SHARE, MOST_TIMES = 0.2, 4
WORDS_A_BYTE = 0.6
"""About how many words a packed byte has: 0.5 to 0.8 in these files."""
ENGLISH_WORDS = 3_000_000
EVERY, MEASURED = 50, 40
"""One in how many paragraphs is held out, and how many of those of each source are measured on."""


@dataclass(frozen=True)
class Settings:
    data: Annotated[Path, Option(help="Folder that holds europe and web.")]
    output: Annotated[Path, Option(help="Folder of the results.")] = Path("output/pretrain_europe")
    read: Annotated[int, Option(min=20_000, help="Words to read, of all languages together.")] = 20_000_000
    words: Annotated[int, Option(min=2, help="Frequent words with vectors of their own.")] = 36_000
    hidden: Annotated[int, Option(min=2, help="Units per direction; words have vectors of half as many numbers.")] = 256
    batch_size: Annotated[int, Option(min=1, help="Rows read side by side.")] = 128
    seed: Seed = 0
    device: Device = "auto"
    quiet: Quiet = False
    resume: Annotated[bool, Option("--resume", help="Continue an interrupted training.")] = False


def shared(sizes: Mapping[str, float], wanted: float, *, times: float) -> dict[str, float]:
    """Words divided in proportion to the roots of sizes, so that none gets more than `times` its size."""
    given: dict[str, float] = {}
    # Those that would run out soonest come first, and leave the more for the others.
    order = sorted(sizes, key=sizes.__getitem__)
    for number, name in enumerate(order):
        roots = sum(sizes[other] ** 0.5 for other in order[number:])
        given[name] = min(times * sizes[name], (wanted - sum(given.values())) * sizes[name] ** 0.5 / roots)
    return given


def sources(data: Path) -> dict[str, dict[Path, float]]:
    """The files of each language and about how many words each has."""
    files = {code: sorted((data / "europe").glob(f"{code}_*.txt.xz")) for code in LANGUAGES}
    files["en"] = sorted((data / "web").glob("*.txt.xz"))
    return {
        code: {path: WORDS_A_BYTE * path.stat().st_size for path in paths if source(path)[0] not in LEFT_OUT}
        for code, paths in files.items()
    }


def source(path: Path) -> tuple[str, str]:
    """The name of a source's file, and the kind of its text."""
    name = path.name.removesuffix(".txt.xz")
    short = name.partition("_")[2] if name[:2] in LANGUAGES and name[2:3] == "_" else name
    return name, KINDS.get(short, "other")


def plan(data: Path, words: int) -> dict[str, dict[Path, float]]:
    """How many words are read of each file of each language."""
    files = sources(data)
    totals = {code: sum(sizes.values()) for code, sizes in files.items()} | {"en": ENGLISH_WORDS}
    planned: dict[str, dict[Path, float]] = {}
    for code, wanted in shared(totals, words, times=MOST_TIMES).items():
        planned[code] = {}
        rest = wanted
        for kind in ("law", "docs", "novels", "other"):
            sizes = {str(path): size for path, size in files[code].items() if source(path)[1] == kind}
            limited = kind != "other"
            some = shared(sizes, MOST_SHARE * wanted if limited else rest, times=1 if limited else MOST_TIMES)
            planned[code] |= {Path(name): count for name, count in some.items()}
            rest -= sum(some.values())
    return planned


def paragraphs(path: Path, *, held_out: bool) -> Iterator[list[str]]:
    """The paragraphs of each document that are held out, which is every 50th of a file, or the others."""
    count = 0
    for lines in packed_documents(path):
        yield [line for number, line in enumerate(lines, count) if (number % EVERY == EVERY - 1) is held_out]
        count += len(lines)


def documents(data: Path, words: int) -> Iterator[list[str]]:
    """The words of pieces of all languages, shuffled, so that each row of a batch meets all of them."""
    mixed = [
        (code, piece)
        for code, files in plan(data, words).items()
        for path, wanted in files.items()
        for piece in pieces(partial(paragraphs, path, held_out=False), wanted)
    ]
    random.Random(0).shuffle(mixed)
    tokenisers = {code: Tokeniser(code) for code in LANGUAGES}
    for code, piece in mixed:
        yield tokenisers[code](piece).words


def held_out(files: Iterable[Path], code: str) -> list[str]:
    """The words of up to 40 paragraphs that are held out of each file of a language."""
    tokenise = Tokeniser(code)
    lines = (islice(chain.from_iterable(paragraphs(path, held_out=True)), MEASURED) for path in files)
    return [word for line in chain.from_iterable(lines) for word in tokenise(line).words]


def perplexity(model: WordLanguageModel, words: list[str]) -> float:
    """The perplexity of a word in both directions; words without a row of their own count as one."""
    assert isinstance(model.config, WordModelConfig)
    known = list(model.vocabulary)
    ids = {word: number for number, word in enumerate(dict.fromkeys([*known, *words]))}
    features = FeaturedWords(WordHasher(model.config.buckets)(list(ids)), predicted=len(known))
    tokens = TokenArray(np.array([ids[word] for word in words], dtype=np.int64))
    stream = TwoWayStream(tokens, features, batch_size=4, bptt=64, make=EvaluationStream)
    return evaluate(model.module, stream, objective=both_ways).perplexity


def main(settings: Settings) -> None:
    """Pretrain a forward and a backward language model on text of all languages."""
    make_folder(settings.output)
    trained = pretrain(
        documents(settings.data, settings.read),
        settings.output,
        options=PretrainingOptions(
            words=settings.words,
            hidden=settings.hidden,
            batch_size=settings.batch_size,
            epochs=1,
            languages=LANGUAGES,
            seed=settings.seed,
            device=settings.device,
        ),
        resume=settings.resume,
        display=Display.SILENT if settings.quiet else Display.AUTO,
    )
    figures = {}
    for code, files in sources(settings.data).items():
        words = held_out(files, code)
        unknown = sum(word not in trained.model.vocabulary for word in words) / len(words)
        figures[code] = {"perplexity": perplexity(trained.model, words), "rare": unknown, "words": len(words)}
        print(f"{code}  perplexity {figures[code]['perplexity']:6.1f}  rare words {100 * unknown:.1f} %", flush=True)
    write_metrics(
        settings.output / "metrics.json",
        {"languages": figures, "words": trained.words, "words_per_second": trained.words_per_second},
    )
    print(
        f"{trained.words:,} words, {trained.words_per_second:,.0f} a second; the model is in {settings.output / 'best'}"
    )


if __name__ == "__main__":
    run(main, Settings, resume="Continue with the same command and --resume.")
