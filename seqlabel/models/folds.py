"""Training on all labelled documents after cross-validation has chosen the number of passes; one training is elsewhere.

With few documents a part that is set aside to choose on is missed in training, and too small to choose well.
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
    """Choose the number of passes by cross-validation, and train a labeler in place on all documents.

    A copy of the labeler is trained for each fold, on the documents of the other folds, and scored on this one after
    each epoch. The number of passes is that with the best mean score; temperatures are the geometric means of those
    that fit the folds.

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
        A report for each epoch of the training on all documents, and each document with what the copy that was not
        trained on it says, with the weights of the epoch that was best for its fold.

    Raises:
        DataError: There are fewer different texts than folds, and what `fine_tune` raises.
    """
    folder, texts = Path(folder), list(dict.fromkeys(document.text for document in documents))
    if len(texts) < folds:
        raise DataError(f"folds: Found {folds} for {len(texts)} different texts. Give fewer folds or more texts.")
    places = np.random.default_rng(options.seed).permutation(len(texts)) % folds
    fold_of = dict(zip(texts, places.tolist(), strict=True))
    pairs: list[tuple[Document, Document]] = []
    scores, temperatures = [], []
    for fold in range(folds):
        train, held_out = ([one for one in documents if (fold_of[one.text] == fold) is held] for held in (False, True))
        copy, place = labeler.copy(), folder / f"fold{fold + 1}"
        whole = replace(options, patience=None)
        show_heading(f"fold {fold + 1}/{folds}", display)
        reports = fine_tune(
            copy, train, held_out, options=whole, words=words, folder=place, resume=resume, display=display
        )
        pairs += zip(held_out, copy(held_out), strict=True)
        scores.append(list(map(highest_score, reports)))
        temperatures.append([head.temperature for head in copy.config.heads])
    epochs = int(np.mean(scores, axis=0).argmax()) + 1
    chosen = replace(options, epochs=epochs)
    show_heading("all documents", display)
    reports = fine_tune(labeler, documents, options=chosen, words=words, folder=folder, resume=resume, display=display)
    labeler.set_temperatures(np.exp(np.log(temperatures).mean(axis=0)).tolist())
    return reports, pairs
