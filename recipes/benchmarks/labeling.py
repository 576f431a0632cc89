"""Speed of training and labelling beside spaCy's tagger, in words a second, on the same documents in the same run.

    python recipes/benchmarks/labeling.py --data ../shared/data                  # the test part of the Web Treebank
    python recipes/benchmarks/labeling.py --data ../shared/data --threads 2

Labelling: words are given, both start from them (`Document`s here, `Doc`s there), and label them all; the two
take turns, after a round that is not counted, and the figures are medians over `--rounds`. The share of features and
collation is measured by a profile of the labeler. Training: words a second of one epoch each over the same sentences.
"""

import cProfile
import pstats
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Annotated

import spacy
import torch
import typer
from spacy.training import Example

from seqlabel import (
    Display,
    Document,
    Labeler,
    SeqlabelError,
    Tags,
    TagSet,
    fine_tune,
    read_conllu,
    tagging_options,
    to_doc,
)
from seqlabel.cli.record import write_metrics


def timed(run: Callable[[], object]) -> float:
    """Seconds."""
    began = time.perf_counter()
    run()
    return time.perf_counter() - began


def spacy_tagger(train: list[Document]) -> tuple[spacy.language.Language, list[Example]]:
    """spaCy's default tagger with its labels, not trained, and its examples."""
    nlp = spacy.blank("en")
    nlp.add_pipe("tagger")
    fine = [one.with_tags("xpos", Tags(one.tags["upos"].labels)) for one in train]
    golds = [to_doc(one, nlp.vocab) for one in fine]
    examples = [
        Example(to_doc(Document(one.text, one.offsets), nlp.vocab), gold)
        for one, gold in zip(train, golds, strict=True)
    ]
    nlp.initialize(lambda: examples)
    return nlp, examples


def share_of_features(run: Callable[[], object]) -> float:
    """The share of a run's time that features, vectors of words and the order of a batch take."""
    profile = cProfile.Profile()
    seconds = timed(lambda: profile.runcall(run))
    text_side = ("look_up", "__init__")
    rows = pstats.Stats(profile).stats.items()  # type: ignore[attr-defined]
    inside = [
        cumulative
        for (file, _, function), (_, _, _, cumulative, _) in rows
        if Path(file).name == "inference.py" and function in text_side
    ]
    return sum(inside) / seconds


def main(
    data: Annotated[Path, typer.Option(help="Folder that holds ud_english_ewt.")],
    model: Annotated[str, typer.Option(help="Folder or name of a labeler.")] = "en_pos",
    threads: Annotated[int, typer.Option(min=1, help="Threads that torch may use.")] = 1,
    rounds: Annotated[int, typer.Option(min=1, help="Counted rounds.")] = 7,
    output: Annotated[Path | None, typer.Option(help="JSON file for the figures.")] = None,
) -> None:
    """Time both on the same documents."""
    torch.set_num_threads(threads)
    try:
        folder = data / "ud_english_ewt"
        train, test = (list(read_conllu(folder / f"en_ewt-ud-{part}.conllu")) for part in ("train", "test"))
        labeler = Labeler.load(model)
        fresh = Labeler.on("en", [TagSet.of(train, "upos")])
    except SeqlabelError as error:
        raise SystemExit(f"error: {error}") from error
    words = sum(map(len, test))
    bare = [Document(document.text, document.offsets) for document in test]
    nlp, examples = spacy_tagger(train)
    runs: dict[str, Callable[[], object]] = {
        "seqlabel": lambda: list(labeler(bare)),
        "spaCy": lambda: list(nlp.pipe(to_doc(document, nlp.vocab) for document in bare)),
    }
    making = timed(lambda: [to_doc(document, nlp.vocab) for document in bare])
    seconds: dict[str, list[float]] = {name: [] for name in runs}
    for turn in range(rounds + 1):
        for name, run in runs.items():
            # What spaCy needs to make its Docs is not its tagger's work.
            took = timed(run) - (making if name == "spaCy" else 0.0)
            if turn:
                seconds[name].append(took)
    figures = {f"{name} labelling": words / median(took) for name, took in seconds.items()}
    for name, took in seconds.items():
        print(f"labelling  {name:>9}  {words / median(took):>9,.0f} words/s  ({threads} threads)", flush=True)
    print(f"features and collation: {100 * share_of_features(runs['seqlabel']):.0f} % of a labelling run")
    fine_tuned = timed(lambda: fine_tune(fresh, train, options=tagging_options(1), display=Display.SILENT))
    optimizer = nlp.resume_training()

    def update() -> None:
        for start in range(0, len(examples), 30):
            nlp.update(examples[start : start + 30], sgd=optimizer)

    for name, took in (("seqlabel", fine_tuned), ("spaCy", timed(update))):
        figures[f"{name} training"] = sum(map(len, train)) / took
        print(f"training   {name:>9}  {figures[f'{name} training']:>9,.0f} words/s  (one epoch)", flush=True)
    if output is not None:
        write_metrics(output, figures)


if __name__ == "__main__":
    typer.run(main)
