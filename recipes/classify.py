"""Train a labeler of movie reviews, on a pretrained encoder, and measure it beside scikit-learn.

    python recipes/classify.py --data ../shared/data    # the ten folds, one training each: 90.1 %
    python recipes/classify.py --data ../shared/data --fold 3        # the fourth fold alone

The encoder's two models read each document to its end, from both sides; the last, largest and mean
states go to a small head, and the words and word pairs that a document has vote beside it. A tenth
of the training documents is only for choosing the best epoch. The peer in the same run is
scikit-learn's TF-IDF with a linear SVM, trained on all of them.
"""

import random
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from statistics import mean, stdev
from typing import Annotated

from typer import Option

from seqlabel import (
    Categories,
    Display,
    Document,
    Labeler,
    Report,
    find_texts,
    fine_tune,
    score_categories,
)
from seqlabel.commands import Device, Encoder, Epochs, Quiet, run, write_metrics
from seqlabel.io.folders import make_folder
from seqlabel.io.text_files import read_blocks
from seqlabel.models import document_options

LAYER, LABELS = "category", ("neg", "pos")
FOLDS = 10


@dataclass(frozen=True)
class Settings:
    data: Annotated[Path, Option(help="Folder that holds movie_reviews.")]
    output: Annotated[Path, Option(help="Folder of the results.")] = Path("output/classify")
    fold: Annotated[int | None, Option(min=0, max=FOLDS - 1, help="One fold instead of ten.")] = (
        None
    )
    encoder: Encoder = "en"
    epochs: Epochs = 3
    device: Device = "auto"
    quiet: Quiet = False


def review_folds(reviews: Path) -> list[list[Document]]:
    """The official folds of the movie reviews: by the hundreds of the number in each file's
    name.
    """
    folds: list[list[Document]] = [[] for _ in range(FOLDS)]
    for label in LABELS:
        for path in find_texts(reviews / label, "cv*.txt"):
            # The reviews are tokenised already.
            document = Document.from_words("".join(read_blocks(path)).split())
            folds[int(path.name[2:5]) // 100].append(document.with_categories(LAYER, {label: 1.0}))
    return folds


def peer_accuracy(train: list[Document], test: list[Document]) -> float:
    """scikit-learn's TF-IDF and linear SVM on the same words."""
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.pipeline import make_pipeline
    from sklearn.svm import LinearSVC

    peer = make_pipeline(
        TfidfVectorizer(sublinear_tf=True, token_pattern=r"\S+"), LinearSVC(random_state=0)
    )

    def columns(documents: Iterable[Document]) -> tuple[list[str], list[str]]:
        pairs = [(" ".join(one.words), next(iter(one.categories[LAYER]))) for one in documents]
        return [text for text, _ in pairs], [label for _, label in pairs]

    return float(peer.fit(*columns(train)).score(*columns(test)))


def main(settings: Settings) -> None:
    """Train labelers of movie reviews and measure them."""
    make_folder(settings.output)
    folds = review_folds(settings.data / "movie_reviews")
    chosen = range(FOLDS) if settings.fold is None else [settings.fold]

    runs = []
    for number in chosen:
        test = folds[number]
        train = [document for fold in folds if fold is not test for document in fold]
        shuffled = random.Random(number).sample(train, len(train))
        tenth = len(shuffled) // 10
        labeler = Labeler.on(settings.encoder, [Categories(LAYER, LABELS)], seed=number)
        fine_tune(
            labeler,
            shuffled[tenth:],
            shuffled[:tenth],
            options=document_options(settings.epochs, seed=number, device=settings.device),
            display=Display.unless(settings.quiet),
        )

        pairs = list(zip(test, labeler(test), strict=True))
        score = score_categories(pairs, LAYER)
        peer = peer_accuracy(train, test)
        runs.append({"accuracy": score.accuracy, "macro_f1": score.macro_f1, "peer_accuracy": peer})
        if number == chosen[0]:
            labeler.save(settings.output / "labeler")
            Report.of(pairs, LAYER).write(settings.output)
        if not settings.quiet:
            print(
                f"fold {number}: " + ", ".join(f"{k} {100 * v:.1f}" for k, v in runs[-1].items()),
                flush=True,
            )

    means = {name: mean(run[name] for run in runs) for name in runs[0]}
    spread = stdev(run["accuracy"] for run in runs) if len(runs) > 1 else 0.0
    write_metrics(
        settings.output / "metrics.json",
        {"mean": means, "accuracy_deviation": spread, "runs": runs},
    )
    print(
        f"accuracy {100 * means['accuracy']:.2f} ± {100 * spread:.2f}, TF-IDF and linear SVM "
        f"{100 * means['peer_accuracy']:.2f}; trainings: {len(runs)}; the first labeler is in "
        f"{settings.output / 'labeler'}"
    )


if __name__ == "__main__":
    run(main, Settings)
