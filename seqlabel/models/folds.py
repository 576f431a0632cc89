"""Training on all labelled documents after cross-validation has chosen the number of passes; one
training is elsewhere.

With few documents, a part that is set aside to choose on is too small to choose well, and training
lacks it.
"""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from seqlabel.documents.document import Document
from seqlabel.errors import DataError
from seqlabel.models.fine_tuning import fine_tune
from seqlabel.models.tagging.labeler import Labeler
from seqlabel.training.checkpoints import highest_score
from seqlabel.training.loop import TrainingOptions
from seqlabel.training.progress import Display, EpochReports, show_heading


def fine_tune_by_folds(
    labeler: Labeler,
    documents: Sequence[Document],
    *,
    folds: int,
    options: TrainingOptions,
    words: int | None = None,
    folder: Path | str,
    resume: bool = False,
    display: Display = Display.AUTO,
) -> tuple[EpochReports, list[tuple[Document, Document]]]:
    """Choose the number of passes by cross-validation, and train a labeler in place on all
    documents.

    A copy of the labeler is trained for each fold, on the documents of the other folds, and scored
    on this one after each epoch. The number of passes is that with the best mean score;
    temperatures are the geometric means of those that fit the folds.

    Args:
        labeler: The labeler.
        documents: Documents with its layers; those with the same text are in one fold.
        folds: The number of folds, at least 2.
        options: The numbers of the training, with the most passes.
        words: About how many words a batch has; None for as many as `fine_tune` chooses.
        folder: Where checkpoints are saved, those of the folds in `fold1` and so on.
        resume: Whether to resume the trainings that were interrupted in `folder`.
        display: How the trainings are shown.

    Returns:
        A report for each epoch of the training on all documents, and each document with what the
        copy that was not trained on it says, with the weights of the epoch that was best for its
        fold.

    Raises:
        DataError: There are fewer different texts than folds, and what `fine_tune` raises.
    """
    folder = Path(folder)
    texts = list(dict.fromkeys(document.text for document in documents))
    if len(texts) < folds:
        raise DataError(
            f"folds: expected at most one fold per text, got {folds} for {len(texts)} different "
            "texts. Use fewer folds or more texts."
        )
    fold_numbers = np.random.default_rng(options.seed).permutation(len(texts)) % folds
    fold_of_text = dict(zip(texts, fold_numbers.tolist(), strict=True))

    pairs: list[tuple[Document, Document]] = []
    scores = []
    temperatures = []
    for fold in range(folds):
        train = [document for document in documents if fold_of_text[document.text] != fold]
        held_out = [document for document in documents if fold_of_text[document.text] == fold]
        copy = labeler.copy()
        show_heading(f"fold {fold + 1}/{folds}", display)
        reports = fine_tune(
            copy,
            train,
            held_out,
            options=replace(options, patience=None),
            words=words,
            folder=folder / f"fold{fold + 1}",
            resume=resume,
            display=display,
        )
        pairs += zip(held_out, copy(held_out), strict=True)
        scores.append([highest_score(report) for report in reports])
        temperatures.append([head.temperature for head in copy.config.heads])

    epochs = int(np.mean(scores, axis=0).argmax()) + 1
    show_heading("all documents", display)
    reports = fine_tune(
        labeler,
        documents,
        options=replace(options, epochs=epochs),
        words=words,
        folder=folder,
        resume=resume,
        display=display,
    )
    labeler.set_temperatures(np.exp(np.log(temperatures).mean(axis=0)).tolist())
    return reports, pairs
