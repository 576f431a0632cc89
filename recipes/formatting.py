"""Give words in lower case without punctuation their case and punctuation back, as speech
recognition needs it.

    python recipes/formatting.py --data ../shared/data        # 14.1 % of words wrong on unseen MASC

Two heads on one encoder, with labels made from the text itself, say for each word how it is written
and which mark follows it. The text is MASC, EWT and speeches, three times; a part of each source in
`web`; novels; and movie reviews, which are in lower case and teach marks alone. Prints the F1 of
each label, and the share of wrong words beside that of each word's usual format.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import mean, stdev
from typing import Annotated

from typer import Option

from seqlabel import (
    DataError,
    Display,
    Document,
    HeadConfig,
    Labeler,
    Report,
    Tokenizer,
    find_texts,
    fine_tune,
    score_tags,
    tagging_options,
)
from seqlabel.commands import Device, Encoder, Epochs, Quiet, Seeds, run, write_metrics
from seqlabel.documents.formatting import CASES, MARKS, NO_MARK, formats_of, formatted, unformatted
from seqlabel.formats import read_conllu
from seqlabel.io.folders import make_folder
from seqlabel.io.text_files import read_blocks
from seqlabel.text import packed_documents, tagged_words, whole_lines


@dataclass(frozen=True)
class Settings:
    data: Annotated[
        Path, Option(help="Folder that holds masc, movie_reviews, text, ud_english_ewt, web.")
    ]
    output: Annotated[Path, Option(help="Folder of the results.")] = Path("output/formatting")
    encoder: Encoder = "en"
    epochs: Epochs = 1
    seeds: Seeds = 3
    device: Device = "auto"
    quiet: Quiet = False


WHOLE = 1_000
"""Words of a row of dev and test: a border hides what follows it."""
MODERN_COPIES, WEB_WORDS, NOVEL_WORDS = 3, 200_000, 500_000
"""How often the modern text is read; words of each source in `web`, and words of all novels."""
EXAMPLE = "we met anna in new york on monday did you call her she asked for tea bread and cheese"
TOKENIZE = Tokenizer("en")


def english_parts(data: Path) -> tuple[list[Document], list[Document], list[Document]]:
    """Text to train on, to choose on, and to test on: every tenth MASC file, which pretraining left
    out too.
    """
    texts = [tagged_words(path) for path in find_texts(data / "masc")]
    dev, test = (
        [row for words in texts[first::10] for row in unformatted(words, row=WHOLE)]
        for first in (4, 9)
    )
    if not dev or not test:
        raise DataError(
            f"{data / 'masc'}: Found fewer than 10 texts with words. Give the whole corpus."
        )
    treebank = read_conllu(data / "ud_english_ewt" / "en_ewt-ud-train.conllu", whole_documents=True)
    speeches = map(TOKENIZE, whole_lines(data / "text" / "state_union.txt"))
    modern = [words for number, words in enumerate(texts) if number % 10 not in (4, 9)]
    modern += (document.words for document in (*treebank, *speeches))
    train = [row for words in modern for row in unformatted(words)] * MODERN_COPIES
    for path in find_texts(data / "movie_reviews"):
        train += unformatted("".join(read_blocks(path)).split(), has_case=False)
    for novel in map(TOKENIZE, novel_parts(data)):
        train += unformatted(novel.words)
    for words in web_documents(data):
        train += unformatted(words)
    return train, dev, test


def web_documents(data: Path) -> Iterator[Sequence[str]]:
    """From the start of each source in `web` as many documents as make about `WEB_WORDS` words."""
    sources = sorted((data / "web").glob("*.txt.xz"))
    if not sources:
        raise DataError(f"{data / 'web'}: Found no .txt.xz files. Give the whole corpus.")
    for source in sources:
        wanted = WEB_WORDS
        for lines in packed_documents(source):
            if wanted <= 0:
                break
            words = TOKENIZE("\n".join(lines)).words
            wanted -= len(words)
            yield words


def novel_parts(data: Path) -> Iterator[str]:
    """From the middle of each novel as many characters as make about `NOVEL_WORDS` words of all."""
    novels = [
        novel.partition(">>>")[2]
        for novel in "".join(read_blocks(data / "text" / "novels.txt")).split("<<<")
    ]
    share = 6 * NOVEL_WORDS // len(novels)
    for novel in novels:
        start = max(0, (len(novel) - share) // 2)
        yield novel[start : start + share]


def most_frequent(train: Iterable[Document]) -> dict[str, tuple[str, str]]:
    """The pair of case and mark that each word has most often."""
    counts: defaultdict[str, Counter[tuple[str, str]]] = defaultdict(Counter)
    for document in train:
        for word, (case, mark) in zip(document.words, formats_of(document), strict=True):
            if case is not None:
                counts[word][case, str(mark)] += 1
    return {word: formats.most_common(1)[0][0] for word, formats in counts.items()}


def error_rate(
    gold: Iterable[Document], found: Iterable[list[tuple[str | None, str | None]]]
) -> float:
    """The share of words whose case or mark is wrong."""
    return mean(
        want != got
        for one, said in zip(gold, found, strict=True)
        for want, got in zip(formats_of(one), said, strict=True)
    )


def main(settings: Settings) -> None:
    """Train labelers of case and punctuation on plain text and measure them."""
    make_folder(settings.output)
    train, dev, test = english_parts(settings.data)
    usual = most_frequent(train)
    baseline = error_rate(
        test, ([usual.get(w, ("LOWER", NO_MARK)) for w in document.words] for document in test)
    )

    runs = []
    for seed in range(settings.seeds):
        labeler = Labeler.on(settings.encoder, [HeadConfig(CASES), HeadConfig(MARKS)], seed=seed)
        options = tagging_options(settings.epochs, seed=seed, device=settings.device)
        display = Display.unless(settings.quiet)
        fine_tune(labeler, train, dev, options=options, words=2_000, display=display)
        found = list(labeler(test))
        pairs = list(zip(test, found, strict=True))
        scores = {layer: score_tags(pairs, layer) for layer in ("case", "mark")}
        f1 = {name: label.f for score in scores.values() for name, label in score.labels.items()}
        runs.append({"errors": error_rate(test, map(formats_of, found)), **f1})
        if seed == 0:
            labeler.save(settings.output / "labeler")
            for layer in scores:
                Report.of(pairs, layer).write(settings.output / layer)
        if not settings.quiet:
            print(f"seed {seed}: {100 * runs[-1]['errors']:.2f} % of words wrong", flush=True)

    means = {name: mean(run.get(name, 0.0) for run in runs) for name in runs[0]}
    spread = stdev(run["errors"] for run in runs) if len(runs) > 1 else 0.0
    figures = {"mean": means, "errors_deviation": spread, "baseline_errors": baseline, "runs": runs}
    write_metrics(settings.output / "metrics.json", figures)
    if not settings.quiet:
        print(
            "  ".join(
                f"{name} {100 * value:.1f}" for name, value in means.items() if name != "errors"
            )
        )
        print(formatted(labeler([EXAMPLE])[0]))
    fewer = 100 * (1 - means["errors"] / baseline) if baseline else 0.0
    print(
        f"{100 * means['errors']:.2f} % of words wrong, most frequent format "
        f"{100 * baseline:.2f} %: {fewer:.1f} % "
        f"fewer; trainings: {len(runs)}; the first labeler is in {settings.output / 'labeler'}"
    )


if __name__ == "__main__":
    run(main, Settings)
