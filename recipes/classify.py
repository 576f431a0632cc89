"""Train a classifier of whole documents, on a pretrained encoder, and measure it beside scikit-learn.

    python recipes/classify.py --data ../shared/data                 # movie reviews, ten folds, one training each
    python recipes/classify.py --data ../shared/data --fold 3        # the fourth fold alone
    python recipes/classify.py --train a.csv --test b.csv            # columns `text` and `label`; or a folder a label
    python recipes/classify.py --dataset stanfordnlp/imdb            # a dataset's name or folder, `text` and `label`

The encoder's two models read each document to its end, from both sides; the last, largest and mean states go to a small
head, and the words and word pairs that a document has vote beside it. A tenth of the training documents is for choosing
only. The peer in the same run is scikit-learn's TF-IDF with a linear SVM, trained on all of them.
"""

import random
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from statistics import mean, stdev
from typing import Annotated, NamedTuple

import torch
import typer
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.pipeline import make_pipeline
from sklearn.svm import LinearSVC

from seqlabel import (
    Classifier,
    DataError,
    Display,
    Document,
    OptionError,
    Repairs,
    Report,
    SeqlabelError,
    Tokeniser,
    dataset_rows,
    document_options,
    fine_tune_classifier,
    read_documents,
    read_text_rows,
    score_categories,
)
from seqlabel.files import make_folder, write_json
from seqlabel.reports.plots import check_pictures
from seqlabel.text.corpora import find_texts
from seqlabel.text_files import read_blocks

LAYER = "category"
FOLDS = 10
TOKENISE = Tokeniser("en")


class Split(NamedTuple):
    """Documents to train on and to measure on."""

    train: list[Document]
    test: list[Document]


def review_folds(reviews: Path) -> list[Split]:
    """The official folds of the movie reviews: by the hundreds of the number in each file's name."""
    folds: list[list[Document]] = [[] for _ in range(FOLDS)]
    for label in ("neg", "pos"):
        for path in find_texts(reviews / label, "cv*.txt"):
            # The reviews are tokenised already.
            document = Document.from_words("".join(read_blocks(path)).split())
            folds[int(path.name[2:5]) // 100].append(document.with_categories(LAYER, {label: 1.0}))
    return [Split([one for part in folds if part is not fold for one in part], fold) for fold in folds]


def file_documents(path: Path) -> Iterator[Document]:
    """The documents of a file or folder with a label for the whole of each."""
    repairs = Repairs()
    yield from labelled(read_documents(path, tokenise=TOKENISE, repairs=repairs), str(path))
    if repairs:
        typer.echo(f"{path}: {repairs}", err=True)


def dataset_documents(name: str, split: str) -> Iterator[Document]:
    """The documents of a split of a dataset."""
    return labelled(read_text_rows(dataset_rows(name, split), TOKENISE), f"dataset {name!r}, split {split!r}")


def labelled(documents: Iterable[Document], source: str) -> Iterator[Document]:
    """The documents, each with words and a label."""
    for number, document in enumerate(documents):
        if LAYER not in document.categories:
            raise DataError(
                f"{source}: document {number} has no label for the whole of it; give texts that have one: a CSV or TSV "
                f"file or a dataset with columns `text` and `label`, or a folder with a folder a label"
            )
        if not len(document):
            raise DataError(f"{source}: document {number} has no words, so there is nothing to label; take it out")
        yield document


def labels_of(train: Sequence[Document], source: Path) -> list[str]:
    """The labels of the training documents."""
    labels = sorted({label_of(document) for document in train})
    if len(labels) < 2 or len(train) < 10:
        raise DataError(
            f"{source}: found {len(train):,} documents with {len(labels)} different labels to train on; at least 10 "
            f"documents and 2 labels are needed"
        )
    return labels


def label_of(document: Document) -> str:
    """The gold label."""
    return max(document.categories[LAYER], key=document.categories[LAYER].__getitem__)


def peer_accuracy(split: Split) -> float:
    """scikit-learn's TF-IDF and linear SVM on the same words."""
    peer = make_pipeline(TfidfVectorizer(sublinear_tf=True, token_pattern=r"\S+"), LinearSVC(random_state=0))

    def columns(documents: Iterable[Document]) -> tuple[list[str], list[str]]:
        return [" ".join(document.words) for document in documents], [label_of(document) for document in documents]

    return float(peer.fit(*columns(split.train)).score(*columns(split.test)))


def main(
    data: Annotated[Path | None, typer.Option(help="Folder that holds movie_reviews.")] = None,
    dataset: Annotated[str | None, typer.Option(help="Name or folder of a `datasets` dataset.")] = None,
    train: Annotated[Path | None, typer.Option(help="CSV file, or a folder with a folder a label.")] = None,
    test: Annotated[Path | None, typer.Option(help="The same, to measure on.")] = None,
    fold: Annotated[int | None, typer.Option(min=0, max=FOLDS - 1, help="One fold instead of ten.")] = None,
    encoder: Annotated[str, typer.Option(help="Folder or name of a pretrained encoder.")] = "en",
    output: Annotated[Path, typer.Option(help="Folder for the classifier, report and metrics.json.")] = Path(
        "output/classify"
    ),
    epochs: Annotated[int, typer.Option(min=1, help="Passes over the documents.")] = 2,
    device: Annotated[str, typer.Option(help="auto, cpu, cuda, cuda:N or mps.")] = "auto",
    quiet: Annotated[bool, typer.Option("--quiet", help="Print only the last line.")] = False,
) -> None:
    """Train classifiers of whole documents and measure them."""
    try:
        check_pictures()
        make_folder(output)
        if sum(map(bool, (data, dataset, train or test))) > 1:
            raise OptionError("give --data, --dataset, or both of --train and --test, and one of these alone")
        if data is not None:
            source = data / "movie_reviews"
            splits = review_folds(source)
            splits = splits if fold is None else splits[fold : fold + 1]
        elif dataset is not None:
            source = Path(dataset)
            splits = [Split(*(list(dataset_documents(dataset, part)) for part in ("train", "test")))]
        elif train is not None and test is not None:
            source = train
            splits = [Split(*(list(file_documents(path)) for path in (train, test)))]
        else:
            raise OptionError("give --data, --dataset, or both of --train and --test")
        runs = []
        for number, split in enumerate(splits, start=fold or 0):
            torch.manual_seed(number)
            shuffled = random.Random(number).sample(split.train, len(split.train))
            tenth = len(shuffled) // 10
            # A label of which there is one document is learnt, not chosen on.
            learnt = set(map(label_of, shuffled[tenth:]))
            choosing = [document for document in shuffled[:tenth] if label_of(document) in learnt]
            learning = [*shuffled[tenth:], *(one for one in shuffled[:tenth] if label_of(one) not in learnt)]
            classifier = Classifier.on(encoder, labels_of(split.train, source), layer=LAYER)
            reports = fine_tune_classifier(
                classifier,
                learning,
                choosing,
                options=document_options(epochs, seed=number, device=device),
                display=Display.SILENT if quiet else Display.AUTO,
            )
            pairs = list(zip(split.test, classifier(split.test), strict=True))
            score = score_categories(pairs, LAYER)
            runs.append({"accuracy": score.accuracy, "macro_f1": score.macro_f1, "peer_accuracy": peer_accuracy(split)})
            if number == (fold or 0):
                classifier.save(output / "classifier")
                Report.from_categories(pairs, LAYER, epochs=reports).write(output)
            if not quiet:
                print(f"fold {number}: " + ", ".join(f"{k} {100 * v:.1f}" for k, v in runs[-1].items()), flush=True)
    except SeqlabelError as error:
        raise SystemExit(f"error: {error}") from error
    means = {name: mean(run[name] for run in runs) for name in runs[0]}
    spread = stdev(run["accuracy"] for run in runs) if len(runs) > 1 else 0.0
    write_json(output / "metrics.json", {"mean": means, "accuracy_deviation": spread, "runs": runs})
    print(
        f"accuracy {100 * means['accuracy']:.2f} ± {100 * spread:.2f}, TF-IDF and linear SVM "
        f"{100 * means['peer_accuracy']:.2f}; {len(runs)} trainings; the first classifier is in {output / 'classifier'}"
    )


if __name__ == "__main__":
    typer.run(main)
