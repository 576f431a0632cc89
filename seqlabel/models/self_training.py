"""Training on labelled documents and on text that several teachers label (tri-training); each is a
`fine_tune`.

The labels of a single teacher repeat its errors. A label on which most of several teachers agree is
right more often, and a word on which they differ teaches nothing (Zhou and Li 2005).
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

from seqlabel.documents.document import Document
from seqlabel.documents.tag_sets import FEW_SPANS, TagSet, count_spans
from seqlabel.errors import OptionError, check_type
from seqlabel.models.fine_tuning import fine_tune, first_options
from seqlabel.models.tagging.labeler import Labeler
from seqlabel.models.teaching import taught
from seqlabel.training.loop import TrainingOptions
from seqlabel.training.progress import Display, EpochReport

_SHARE = 4
"""Words labelled by teachers for each word of the training documents; with more of them, these are
repeated.
"""
_MOST_COPIES = 10
"""How often a pass repeats the training documents at most."""
_FEW_SPANS_OFFSET = 1.0
"""What is added to the threshold offset of teachers that learnt few spans of a layer, while they
label text.

Each of them finds too little, and of more findings most teachers agree on right ones: from 100
sentences the labeler's F1 is a point higher (docs/trials.md). From 300 sentences on an offset costs
labelers F1, so none is added.
"""
_STUDENT_WORDS = 250_000
"""About how many words a student reads in all its passes."""
_FEWEST_EPOCHS = 2
_MOST_EPOCHS = 6


def self_train(
    labeler: Labeler,
    teachers: Sequence[Labeler],
    train: Iterable[Document],
    unlabelled: Iterable[str | Document],
    dev: Iterable[Document] = (),
    *,
    options: TrainingOptions | None = None,
    folder: Path | str | None = None,
    resume: bool = False,
    display: Display = Display.AUTO,
) -> list[EpochReport]:
    """Train a labeler in place on documents with its layers, and on text without labels.

    The teachers are fine-tuned on `train`, in different orders. They label the text, and the
    labeler learns the labels that more than half of them give, mixed with `train`. Of a layer with
    fewer than 100 labelled spans they find more than they would by themselves. It takes n + 1
    trainings for n teachers; the labeler has the size and the speed of one.

    Args:
        labeler: The labeler to train.
        teachers: Labelers with the same layers, which are trained too; three whose fresh weights
            have different seeds serve well.
        train: Documents, each with at least one of the labeler's layers.
        unlabelled: Texts of the kind that is to be labelled, or documents, whose labels are not
            read; some 50,000 words. They are held in memory.
        dev: Held-out documents to choose epochs on, as in `fine_tune`.
        options: The numbers of the teachers' trainings; None for `tagging_options` with as many
            passes as fit the number of documents. The passes of the labeler follow from the number
            of words.
        folder: Where `best` and `last` of the labeler are saved, and those of each teacher, in
            `teacher1` and so on.
        resume: Whether to resume the trainings that were interrupted in `folder`.
        display: How the trainings are shown.

    Returns:
        A report for each epoch of the labeler's own training.

    Raises:
        DataError: As `fine_tune`.
        OptionError: There are no teachers, one has other labels than the labeler, and what
            `fine_tune` raises.
    """
    check_type("labeler", labeler, Labeler, "a Labeler")
    check_type("teachers", teachers, Sequence, "a list of labelers")
    for teacher in teachers:
        check_type("teachers", teacher, Labeler, "a list of labelers")
    check_type("options", options, TrainingOptions | None, "TrainingOptions, or None")
    if not teachers:
        raise OptionError(
            "teachers: expected at least one labeler, got none. Pass three with other seeds."
        )
    for number, teacher in enumerate(teachers, 1):
        if teacher.tag_sets != labeler.tag_sets:
            raise OptionError(
                "teachers: expected labelers with the labels of `labeler`, got other labels in "
                f"teacher {number}."
            )
    train = list(train)
    dev = list(dev)
    options = options or first_options(labeler, len(train))
    documents = [labeler.tokenize(text) if isinstance(text, str) else text for text in unlabelled]

    for number, teacher in enumerate(teachers, 1):
        fine_tune(
            teacher,
            train,
            dev,
            options=replace(options, seed=options.seed + number),
            calibrated=False,
            folder=None if folder is None else Path(folder) / f"teacher{number}",
            resume=resume,
            display=display,
        )

    layers = [tag_set.layer for tag_set in labeler.tag_sets]
    few = _layers_of_few_spans(labeler, train)
    readers = [_finding_more(teacher, few) for teacher in teachers] if few else teachers
    pieces = list(taught(readers, (document.words for document in documents), layers))
    gold_words = sum(map(len, train))
    taught_words = sum(map(len, pieces))
    copies = min(max(taught_words // (_SHARE * max(gold_words, 1)), 1), _MOST_COPIES)
    words_per_epoch = max(copies * gold_words + taught_words, 1)
    epochs = min(max(_STUDENT_WORDS // words_per_epoch, _FEWEST_EPOCHS), _MOST_EPOCHS)
    return fine_tune(
        labeler,
        train * copies + pieces,
        dev,
        options=replace(options, epochs=epochs),
        words=500,
        # The usual temperature is that of labels by people.
        calibrated=bool(dev),
        folder=folder,
        resume=resume,
        display=display,
    )


def _layers_of_few_spans(labeler: Labeler, documents: Sequence[Document]) -> list[str]:
    """Name the labeler's layers of spans that have too few of them in the documents for BIOES."""
    layers = []
    for tag_set in labeler.tag_sets:
        if not isinstance(tag_set, TagSet) or tag_set.scheme is None:
            continue
        spans = sum(count_spans(document, tag_set.layer) for document in documents)
        if spans < FEW_SPANS:
            layers.append(tag_set.layer)
    return layers


def _finding_more(teacher: Labeler, layers: Sequence[str]) -> Labeler:
    """Copy a teacher so that it finds more spans of some layers."""
    reader = teacher.copy()
    for layer in layers:
        offset = teacher.config.head(layer).threshold_offset
        reader.set_threshold_offset(layer, offset + _FEW_SPANS_OFFSET)
    return reader
