"""Give words in lower case without punctuation their case and punctuation back, as speech recognition needs it.

    python recipes/formatting.py --data ../shared/data                  # much English text; tested on unseen MASC
    python recipes/formatting.py my_texts/*.txt --output output/mine    # any UTF-8 text; every tenth part is the test
    python recipes/formatting.py --dataset my_dataset --column text     # its name on the hub, or its folder

The labels are made from the text itself: two heads on one encoder say for each word how it is written and which mark
follows it. With --data the text is MASC, EWT and speeches, three times, novels, and movie reviews, which are in lower
case and so teach marks alone. Ends with the F1 of each, and with the share of words that are wrong in either, beside
that of giving each word its most frequent format; means over seeds. Saves the labeler of the first seed.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path
from statistics import mean
from typing import Annotated

import torch
import typer
from pretrain import masc_words, whole_lines

from seqlabel import (
    DataError,
    Display,
    Document,
    HeadConfig,
    Labeler,
    OptionError,
    Report,
    SeqlabelError,
    Tags,
    TagSet,
    Tokeniser,
    dataset_rows,
    fine_tune,
    read_conllu,
    score_tags,
    tagging_options,
    words_of_rows,
)
from seqlabel.files import make_folder, write_json
from seqlabel.text.corpora import find_texts
from seqlabel.text_files import read_blocks

MARKS = {",": "COMMA", ".": "PERIOD", "...": "PERIOD", "?": "QUESTION", "!": "EXCLAMATION", ":": "COLON", ";": "COLON"}
NO_MARK = "NONE"
CASES = ("LOWER", "TITLE", "UPPER", "MIXED")
CASE, MARK = TagSet("case", CASES), TagSet("mark", (NO_MARK, *sorted(set(MARKS.values()))))
WORDS_A_ROW = 200
WHOLE = 1_000
"""Words of a row that is chosen or tested on with --data: a border hides what follows it."""
MODERN_COPIES = 3
NOVEL_WORDS = 1_500_000
TOKENISE = Tokeniser("en")


def case_of(word: str) -> str:
    """How a word is written: `MIXED` is what the other three cannot say, such as McKay."""
    if word == word.lower():
        return "LOWER"
    if word == word.upper() and len(word) > 1:
        return "UPPER"
    return "TITLE" if word == word[:1].upper() + word[1:].lower() else "MIXED"


def unformatted(words: Iterable[str], *, row: int = WORDS_A_ROW, has_case: bool = True) -> Iterator[Document]:
    """Rows of words in lower case, with what their case and mark were; other punctuation is left out.

    Without `has_case` the words' case is not known.
    """
    kept: list[tuple[str, str, str]] = []
    for word in words:
        if any(character.isalnum() for character in word):
            kept.append((word.lower(), case_of(word), NO_MARK))
        elif kept and word in MARKS and kept[-1][2] == NO_MARK:
            kept[-1] = (*kept[-1][:2], MARKS[word])
    for start in range(0, len(kept), row):
        lowered, cases, marks = zip(*kept[start : start + row], strict=True)
        known = Tags(cases if has_case else (None,) * len(cases))
        yield Document.from_words(lowered, tags={"case": known, "mark": Tags(marks)})


def text_words(texts: Iterable[str]) -> Iterator[list[str]]:
    """The words of texts, as spaCy finds them."""
    for text in texts:
        yield TOKENISE(text).words


def dataset_words(name: str, column: str) -> Iterator[list[str]]:
    """The words of a dataset's column of text."""
    for _, *words in words_of_rows(dataset_rows(name, "train"), column, split=lambda text: TOKENISE(text).words):
        yield words


def english_parts(data: Path) -> list[list[Document]]:
    """Text to train on, to choose on, and to test on: every tenth MASC file, which pretraining left out too."""
    modern: list[Document] = []
    parts: list[list[Document]] = [[], [], []]
    for number, path in enumerate(find_texts(data / "masc")):
        words = masc_words(path)
        if number % 10 in (4, 9):
            parts[1 if number % 10 == 4 else 2] += unformatted(words, row=WHOLE)
        else:
            modern += unformatted(words)
    if not all(parts[1:]):
        raise DataError(f"{data / 'masc'}: found fewer than 10 texts with words, so none to choose on or to test on")
    treebank = read_conllu(data / "ud_english_ewt" / "en_ewt-ud-train.conllu", whole_documents=True)
    speeches = text_words(whole_lines(data / "text" / "state_union.txt"))
    for words in [*(document.words for document in treebank), *speeches]:
        modern += unformatted(words)
    parts[0] = modern * MODERN_COPIES
    for path in find_texts(data / "movie_reviews"):
        parts[0] += unformatted("".join(read_blocks(path)).split(), has_case=False)
    for words in text_words(novel_parts(data)):
        parts[0] += unformatted(words)
    return parts


def novel_parts(data: Path) -> Iterator[str]:
    """From the middle of each novel as many characters as make about `NOVEL_WORDS` words of all."""
    novels = [novel.partition(">>>")[2] for novel in "".join(read_blocks(data / "text" / "novels.txt")).split("<<<")]
    share = 6 * NOVEL_WORDS // len(novels)
    for novel in novels:
        start = max(0, (len(novel) - share) // 2)
        yield novel[start : start + share]


def most_frequent(train: Iterable[Document]) -> dict[str, tuple[str, str]]:
    """The pair of case and mark that each word has most often."""
    counts: defaultdict[str, Counter[tuple[str, str]]] = defaultdict(Counter)
    for document in train:
        formats = zip(document.tags["case"].labels, document.tags["mark"].labels, strict=True)
        for word, (case, mark) in zip(document.words, formats, strict=True):
            if case is not None:
                counts[word][str(case), str(mark)] += 1
    return {word: formats.most_common(1)[0][0] for word, formats in counts.items()}


def formats_of(document: Document) -> list[tuple[str | None, str | None]]:
    """The pair of case and mark of each word."""
    return list(zip(document.tags["case"].labels, document.tags["mark"].labels, strict=True))


def error_rate(gold: Iterable[Document], found: Iterable[list[tuple[str | None, str | None]]]) -> float:
    """The share of words whose case or mark is wrong."""
    pairs = [
        pair for one, guesses in zip(gold, found, strict=True) for pair in zip(formats_of(one), guesses, strict=True)
    ]
    return sum(wanted != guess for wanted, guess in pairs) / len(pairs)


def restored(document: Document) -> str:
    """A labelled document's words with their case and marks."""
    write = {"TITLE": str.capitalize, "UPPER": str.upper}
    signs = {"COMMA": ",", "PERIOD": ".", "QUESTION": "?", "EXCLAMATION": "!", "COLON": ":"}
    words = zip(document.words, formats_of(document), strict=True)
    return " ".join(write.get(str(case), str)(word) + signs.get(str(mark), "") for word, (case, mark) in words)


def main(
    texts: Annotated[list[Path] | None, typer.Argument(help="UTF-8 text files.")] = None,
    data: Annotated[Path | None, typer.Option(help="Folder with masc, movie_reviews, text and ud_english_ewt.")] = None,
    dataset: Annotated[str | None, typer.Option(help="Name or folder of a `datasets` dataset.")] = None,
    column: Annotated[str, typer.Option(help="The dataset's column of text.")] = "text",
    encoder: Annotated[str, typer.Option(help="Folder or name of a pretrained encoder.")] = "en",
    output: Annotated[Path, typer.Option(help="Folder for the labeler, reports and metrics.json.")] = Path(
        "output/formatting"
    ),
    epochs: Annotated[int | None, typer.Option(min=1, help="Passes over the text; 1 with --data, else 3.")] = None,
    seeds: Annotated[int, typer.Option(min=1, help="Trainings.")] = 3,
    device: Annotated[str, typer.Option(help="auto, cpu, cuda, cuda:N or mps.")] = "auto",
    quiet: Annotated[bool, typer.Option("--quiet", help="Print only the last line.")] = False,
) -> None:
    """Train labelers of case and punctuation on plain text and measure them."""
    try:
        make_folder(output)
        if sum(map(bool, (texts, data, dataset))) != 1:
            raise OptionError("give text files, --data or --dataset, one of them")
        if data is not None:
            train, dev, test = english_parts(data)
        else:
            blocks = (text for path in texts or [] for text in whole_lines(path))
            parts = dataset_words(dataset, column) if dataset else text_words(blocks)
            rows = [row for words in parts for row in unformatted(words)]
            train = [row for number, row in enumerate(rows) if number % 10 not in (4, 9)]
            dev, test = rows[4::10], rows[9::10]
        if not (train and dev and test):
            found = sum(map(len, [*train, *dev, *test]))
            raise DataError(f"found {found:,} words; at least {10 * WORDS_A_ROW:,} are needed")
        usual = most_frequent(train)
        baseline = error_rate(test, ([usual.get(w, ("LOWER", NO_MARK)) for w in document.words] for document in test))
        runs = []
        for seed in range(seeds):
            torch.manual_seed(seed)
            labeler = Labeler.on(encoder, [HeadConfig(CASE), HeadConfig(MARK)])
            options = tagging_options(epochs or (3 if data is None else 1), seed=seed, device=device)
            display = Display.SILENT if quiet else Display.AUTO
            reports = fine_tune(labeler, train, dev, options=options, words=2_000, display=display)
            found = list(labeler(test))
            pairs = list(zip(test, found, strict=True))
            scores = {layer: score_tags(pairs, layer) for layer in ("case", "mark")}
            f1 = {name: label.f for score in scores.values() for name, label in score.labels.items()}
            runs.append({"errors": error_rate(test, map(formats_of, found)), **f1})
            if seed == 0:
                labeler.save(output / "labeler")
                for layer in scores:
                    Report.from_tags(pairs, layer, epochs=reports).write(output / layer)
            if not quiet:
                print(f"seed {seed}: {100 * runs[-1]['errors']:.2f} % of words wrong", flush=True)
    except SeqlabelError as error:
        raise SystemExit(f"error: {error}") from error
    means = {name: mean(run.get(name, 0.0) for run in runs) for name in runs[0]}
    write_json(output / "metrics.json", {"mean": means, "baseline_errors": baseline, "runs": runs})
    fewer = 100 * (1 - means["errors"] / baseline) if baseline else 0.0
    example = "we met anna in new york on monday did you call her she asked for tea bread and cheese"
    if not quiet:
        print("  ".join(f"{name} {100 * value:.1f}" for name, value in means.items() if name != "errors"))
        print(restored(next(labeler([example]))))
    print(
        f"{100 * means['errors']:.2f} % of words wrong, most frequent format {100 * baseline:.2f} %: "
        f"{fewer:.1f} % fewer; {len(runs)} trainings; labeler in {output / 'labeler'}"
    )


if __name__ == "__main__":
    typer.run(main)
