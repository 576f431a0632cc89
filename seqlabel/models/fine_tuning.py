"""From documents with labels to a trained labeler in one call; the loop itself is in `training`.

The numbers here are those that served the recipes best: a low rate below and a higher one above,
one cycle, averaged weights. In a labeler that has learnt already, all layers below the heads are
pretrained, and learn at a still lower rate.
"""

import random
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import torch
from torch import nn

from seqlabel.batches.labeled import labeled_batches
from seqlabel.documents.document import Document
from seqlabel.documents.label_sets import LabelSet, Unit
from seqlabel.errors import DataError, OptionError, SeqlabelError, check_number, check_type
from seqlabel.models.document_heads import (
    MEASURED_DOCUMENTS,
    fit_decision,
    fit_votes,
    has_votes,
    heads_of_documents,
    standardize,
)
from seqlabel.models.measuring import calibrate, choose_pairs, measure_on
from seqlabel.models.tagging.labeler import Labeler
from seqlabel.nn.network_configs import LanguageModelConfig
from seqlabel.training.batch_sizes import BATCH_WORDS, BatchUse, batch_size
from seqlabel.training.checkpoints import Checkpoints, highest_score, load_weights, new_checkpoint
from seqlabel.training.devices import choose_device
from seqlabel.training.loop import Precision, TrainingOptions, fit
from seqlabel.training.memory import return_free_memory
from seqlabel.training.objectives import gold_labels
from seqlabel.training.processes import Processes
from seqlabel.training.progress import Display, EpochReport, EpochReports
from seqlabel.training.schedules import OneCycle

BELOW = 0.3
"""The rate of a pretrained encoder's layers, as a share of that of the fresh ones."""

LITTLE_TEXT = 750_000
"""The words of text below which an encoder learns at the full rate, as its pretraining reads them
in more passes.
"""

BELOW_TRAINED_HEADS = 0.1
"""The rate of all layers below the heads of a labeler that trains on, as a share of that of the
heads.
"""

SECONDS = 10.0
"""The seconds after which a training is saved within an epoch."""

_DOCUMENT_RATE = 0.25
"""The rate of heads of documents next to heads of words, as a share of that of these."""

FEWEST_PATIENT_EPOCHS = 4
"""A training stops after this number of epochs without a better score on dev, or after a third of
all, if more.
"""


USUAL_TEMPERATURE = 1.4
"""The temperature of heads of words that learn from few documents without others to calibrate on.

Such heads are surer than they are right. At this temperature the calibration errors of tags and of
spans from 25 to 1,000 sentences were about six and eight tenths of those at 1 (docs/trials.md).
"""

MOST_UNCALIBRATED_DOCUMENTS = 1_000
"""The number of training documents up to which heads get the usual temperature where nothing
calibrates them.
"""


def tagging_options(
    epochs: int = 6, *, pretrained: bool = True, seed: int = 0, device: str = "auto"
) -> TrainingOptions:
    """Return the numbers with which a labeler is fine-tuned, to be changed with
    `dataclasses.replace`.

    Args:
        epochs: Passes over the training documents; `tagging_epochs` has a number that fits their
            count.
        pretrained: Whether the encoder has read much text; its layers then learn at a lower rate
            (`has_read_much`).
        seed: The seed of the batches' order and of dropout.
        device: The name of the device to train on.

    Returns:
        The options of `fit`.
    """
    return _options(epochs, max_lr=4e-3, pretrained=pretrained, seed=seed, device=device)


def first_options(
    labeler: Labeler,
    documents: int,
    *,
    epochs: int | None = None,
    seed: int = 0,
    device: str = "auto",
) -> TrainingOptions:
    """Return the numbers with which a labeler learns its labels for the first time.

    Args:
        labeler: The labeler, which tells what its encoder has read (`has_read_much`).
        documents: The number of training documents.
        epochs: Passes over them; None for `tagging_epochs`.
        seed: The seed of the batches' order and of dropout.
        device: The name of the device to train on.

    Returns:
        The options of `tagging_options`.
    """
    passes = epochs or tagging_epochs(documents)
    pretrained = has_read_much(labeler)
    return tagging_options(passes, pretrained=pretrained, seed=seed, device=device)


def has_read_much(labeler: Labeler) -> bool:
    """Return whether the encoder of a labeler has read enough text to learn labels at a lower rate.

    Args:
        labeler: The labeler.

    Returns:
        Whether it has read at least `LITTLE_TEXT` words, or does not know how many.
    """
    config = labeler.config.encoder
    read = None if isinstance(config, LanguageModelConfig) else config.words_read
    return read is None or read >= LITTLE_TEXT


def continuing_options(epochs: int = 6, *, seed: int = 0, device: str = "auto") -> TrainingOptions:
    """Return the numbers with which a trained labeler trains on, to be changed with
    `dataclasses.replace`.

    Args:
        epochs: Passes over the training documents; `continuing_epochs` has a number that fits their
            count.
        seed: The seed of the batches' order and of dropout.
        device: The name of the device to train on.

    Returns:
        The options of `fit`: the heads learn at the rate of `tagging_options`, so that new labels
        are learnt from few examples, and all layers below at a tenth of it. At higher rates a
        labeler forgets labels of which the documents have few examples.
    """
    options = tagging_options(epochs, seed=seed, device=device)
    return replace(
        options, lr_scales={"encoder": BELOW_TRAINED_HEADS, "second": BELOW_TRAINED_HEADS}
    )


def document_options(epochs: int = 3, *, seed: int = 0, device: str = "auto") -> TrainingOptions:
    """Return the numbers with which a labeler of documents is fine-tuned, to be changed with
    `dataclasses.replace`.

    Args:
        epochs: Passes over the training documents; `document_epochs` has a number that fits their
            count.
        seed: The seed of the batches' order and of dropout.
        device: The name of the device to train on.

    Returns:
        The options of `fit`, with a low rate that is the encoder's too: of a document's words a
        label says little, and the encoder learns most of it.
    """
    return _options(epochs, max_lr=1e-3, pretrained=False, seed=seed, device=device)


def _options(
    epochs: int, *, max_lr: float, pretrained: bool, seed: int, device: str
) -> TrainingOptions:
    check_number("epochs", epochs, "a whole number", whole=True)
    return TrainingOptions(
        epochs=epochs,
        schedule=OneCycle(max_lr=max_lr, pct_start=0.1),
        beta2=0.999,
        eps=1e-8,
        max_grad_norm=1.0,
        seed=seed,
        device=device,
        precision=Precision.AUTO,
        lr_scales={"encoder": BELOW} if pretrained else {},
        average=0.05,
        patience=max(FEWEST_PATIENT_EPOCHS, epochs // 3),
    )


def tagging_epochs(documents: int) -> int:
    """Return a labeler's passes over its training documents: 6 over 5,000 or more, up to 30 over
    few.

    Args:
        documents: The number of training documents.

    Returns:
        The number of epochs.

    Example:
        >>> tagging_epochs(12_544), tagging_epochs(2_000), tagging_epochs(100)
        (6, 15, 30)
    """
    return min(max(30_000 // max(documents, 1), 6), 30)


def continuing_epochs(documents: int) -> int:
    """Return a trained labeler's passes over further training documents: 6 over 5,000 or more, up
    to 10 over few.

    Args:
        documents: The number of training documents.

    Returns:
        The number of epochs; the more there are, the more the labeler forgets.

    Example:
        >>> continuing_epochs(12_544), continuing_epochs(4_000), continuing_epochs(100)
        (6, 7, 10)
    """
    return min(tagging_epochs(documents), 10)


def document_epochs(documents: int) -> int:
    """Return the passes of a labeler of documents over its training documents: 3 over 1,000 or
    more, up to 15 over few.

    Args:
        documents: The number of training documents.

    Returns:
        The number of epochs.

    Example:
        >>> document_epochs(1_800), document_epochs(500), document_epochs(20)
        (3, 6, 15)
    """
    return min(max(3_000 // max(documents, 1), 3), 15)


def tagging_words(documents: int) -> int:
    """Return the words of a labeler's batch on a CPU: 500, and fewer where that would leave few
    steps per epoch.

    Args:
        documents: The number of training documents.

    Returns:
        The number of words.

    Example:
        >>> tagging_words(1_000), tagging_words(100), tagging_words(3)
        (500, 400, 50)
    """
    return min(BATCH_WORDS[BatchUse.WORDS].cpu, max(4 * documents, 50))


def options_for(
    labeler: Labeler,
    documents: int,
    *,
    epochs: int | None = None,
    seed: int = 0,
    device: str = "auto",
) -> TrainingOptions:
    """Return the numbers with which a labeler is fine-tuned, whatever its heads are and whether it
    is `trained`.

    Args:
        labeler: The labeler.
        documents: The number of training documents.
        epochs: Passes over them; None for as many as fit their number.
        seed: The seed of the batches' order and of dropout.
        device: The name of the device to train on.

    Returns:
        The options of `document_options` where all heads are those of documents, of
        `continuing_options` for a labeler that is trained already, else of `first_options`. Heads
        of documents next to others learn at a quarter of the rate of these, that of
        `document_options`.
    """
    if not labeler.config.reads_words:
        return document_options(epochs or document_epochs(documents), seed=seed, device=device)
    if labeler.trained:
        options = continuing_options(
            epochs or continuing_epochs(documents), seed=seed, device=device
        )
    else:
        options = first_options(labeler, documents, epochs=epochs, seed=seed, device=device)
    scales = dict(options.lr_scales)
    for number, head in enumerate(labeler.config.heads):
        if head.tag_set.unit is Unit.DOCUMENT:
            scales[f"heads.{number}"] = _DOCUMENT_RATE
    return replace(options, lr_scales=scales)


def fine_tune(
    model: Labeler,
    train: Iterable[Document],
    dev: Iterable[Document] = (),
    *,
    options: TrainingOptions | None = None,
    words: int | None = None,
    calibrated: bool = True,
    folder: Path | str | None = None,
    resume: bool = False,
    display: Display = Display.AUTO,
) -> EpochReports:
    """Train a labeler in place on documents with its layers.

    With documents in `dev`, each epoch is scored on them, and the labeler ends with the weights of
    the best epoch. It then gets temperatures that make its probabilities fit `dev`, and chooses two
    layers of tags together (`Labeler.set_pairs`) where that makes more of them right. Without `dev`
    it ends with the last weights, and a new labeler that learns from at most 1,000 documents with
    the temperature `USUAL_TEMPERATURE`. A head of documents, which needs `dev`, gets the votes of
    its words: they are fitted on `train`, their share and the temperature are chosen on `dev`, and
    they are fitted once more on all documents. A training that is interrupted (Ctrl-C) leaves the
    best epoch so far.

    A labeler loses its second reader (`Labeler.set_reader`), which has learnt from states of
    before.

    Args:
        model: The labeler to train.
        train: Documents, each with at least one of the labeler's layers. Each category of a layer
            of categories is that of one of them at least.
        dev: Held-out documents. The score of an epoch is `score_epoch`. After `options.patience`
            epochs without a better one, training stops.
        options: The numbers of the training; None for `options_for`.
        words: About how many words a batch has, learnt from at the rate of `options`. None for up
            to 500, and for 8,000 where documents are read whole (2,000 where the labeler labels
            words too); on a GPU for more, at a higher rate (`training.batch_sizes`).
        calibrated: Whether to `calibrate` the heads of words on `dev` at the end, or without `dev`
            to set the usual temperature where a head has a temperature of 1; both change
            probabilities and no label.
        folder: Where `best` and `last` are saved, which are labelers; `last` every 10 seconds too.
        resume: Whether to resume the training that was interrupted in `folder`.
        display: How the training is shown.

    Returns:
        A report for each epoch; a notebook shows them as a table.

    Raises:
        DataError: Documents lack the layers or have labels that the labeler does not know, no
            training document has one of the categories, or a labeler of documents is given no
            `dev`.
        OptionError: A path is given instead of documents, or something else instead of a labeler,
            and what `fit` raises.
    """
    check_type("model", model, Labeler, "a Labeler, as the first argument")
    for name, documents in (("train", train), ("dev", dev)):
        if isinstance(documents, str | Path):
            raise OptionError(
                f"{name}: expected documents, got a path. Read it: `list(read_conllu(path))`."
            )
        check_type(name, documents, Iterable, "documents")
    check_type("options", options, TrainingOptions | None, "TrainingOptions, or None")
    check_type("folder", folder, str | Path | None, "the path of a folder, or None")
    expected = "a number of words a batch, or None"
    check_number("words", words, expected, whole=True, optional=True)
    labeler = model
    train = list(train)
    dev = list(dev)
    # The reader has learnt from states that training changes.
    labeler.set_reader(None)
    options = options or options_for(labeler, len(train))
    if not dev:
        options = replace(options, patience=None)
    checkpoints = None
    if folder is not None:
        checkpoints = Checkpoints(
            Path(folder),
            save=labeler.save,
            every_seconds=SECONDS,
            resume=resume,
            score=highest_score,
        )

    of_documents = [config.tag_set for config, _ in heads_of_documents(labeler)]
    if of_documents and not dev:
        raise DataError(
            "dev: expected documents to choose the best epoch and the votes of words on, got none."
        )
    if words is None:
        options, of_windows, of_whole = _by_device(labeler, train, options)
    else:
        of_windows = of_whole = words
    batches = labeled_batches(
        train,
        labeler.words,
        tag_sets=labeler.tag_sets,
        words=of_windows,
        document_words=of_whole,
        rows=labeler.config.rows,
        seed=options.seed,
    )
    validate = measure_on(labeler, dev) if dev else None
    for label_set in of_documents:
        _check_all_categories(label_set, train)
    if of_documents:
        standardize(labeler, _sample(train, of_documents, options.seed))

    if calibrated and not dev and not labeler.trained and len(train) <= MOST_UNCALIBRATED_DOCUMENTS:
        # Before the training, so that its checkpoints have it too; losses do not depend on it.
        _set_usual_temperature(labeler)

    training = fit(
        labeler.module,
        batches,
        options=options,
        objective=gold_labels,
        validate=validate,
        checkpoints=checkpoints,
        display=display,
    )
    reports = best_of(training, labeler.module, checkpoints) if dev else EpochReports(training)
    labeler.module.eval()
    labeler.trained = True
    if dev and checkpoints is None:
        _finish(labeler, train, dev, calibrated=calibrated)
    elif dev and checkpoints is not None:
        # The trained weights are saved first, as the decisions after the training can fail.
        _save(labeler, checkpoints.best)
        try:
            _finish(labeler, train, dev, calibrated=calibrated)
        except SeqlabelError as error:
            raise type(error)(f"{error} The trained model is in {checkpoints.best}.") from error
        _save(labeler, checkpoints.best)
    return_free_memory()
    return reports


def _by_device(
    labeler: Labeler, train: Sequence[Document], options: TrainingOptions
) -> tuple[TrainingOptions, int, int]:
    """Choose by the device the words of a batch of windows and of one of whole documents, and the
    rate.
    """
    of_whole_use = BatchUse.MIXED if labeler.config.reads_words else BatchUse.DOCUMENTS
    device = choose_device(options.device)
    batches_a_step = options.accumulation * Processes.joined(options.device).size
    words = options.epochs * sum(map(len, train))
    of_windows = batch_size(
        BatchUse.WORDS,
        device,
        words=words,
        cpu_words=tagging_words(len(train)),
        batches_a_step=batches_a_step,
    )
    of_whole = batch_size(of_whole_use, device, words=words, batches_a_step=batches_a_step)
    rate = of_windows.rate if labeler.config.reads_words else of_whole.rate
    return options.with_rate(rate), of_windows.words, of_whole.words


def _set_usual_temperature(labeler: Labeler) -> None:
    """Set the temperature of the heads of words that were given none, as no documents are there to
    calibrate on.
    """
    temperatures = []
    for head in labeler.config.heads:
        is_default = head.tag_set.unit is Unit.WORD and head.temperature == 1.0
        temperatures.append(USUAL_TEMPERATURE if is_default else head.temperature)
    labeler.set_temperatures(temperatures)


def _finish(
    labeler: Labeler, train: list[Document], dev: list[Document], *, calibrated: bool
) -> None:
    """Choose temperatures, pairs of tags and votes of words on held-out documents after the
    training.
    """
    if calibrated:
        calibrate(labeler, dev)
    choose_pairs(labeler, train, dev)
    for head, _ in heads_of_documents(labeler):
        layer = head.tag_set.layer
        learning = [document for document in train if document.categories.get(layer)]
        choosing = [
            document for document in dev if document.categories.get(layer) and len(document)
        ]
        if has_votes(head):
            fit_votes(labeler, layer, learning)
        if choosing:
            fit_decision(labeler, layer, choosing)
        if has_votes(head):
            fit_votes(labeler, layer, [*learning, *choosing])


def _check_all_categories(label_set: LabelSet, train: list[Document]) -> None:
    """Raise `DataError` where no document has one of the categories."""
    ids = [label_set.encode(document) for document in train]
    learnt = {label_set.labels[int(label_ids[0])] for label_ids in ids if label_ids is not None}
    missing = [label for label in label_set.labels if label not in learnt]
    if missing:
        raise DataError(
            f"train: expected documents with each label, got none with {missing[0]!r}. Add one, "
            "or leave the label out."
        )


def _sample(train: list[Document], of_documents: Sequence[LabelSet], seed: int) -> list[Document]:
    """The documents over which a fresh head measures the states of the encoder."""
    layers = {label_set.layer for label_set in of_documents}
    labeled = [document for document in train if not layers.isdisjoint(document.categories)]
    return random.Random(seed).sample(labeled, min(MEASURED_DOCUMENTS, len(labeled)))


def _save(labeler: Labeler, folder: Path) -> None:
    """Write a labeler in place of the one in a folder, in the first process alone."""
    processes = Processes.joined()
    if processes.first:
        with new_checkpoint(folder) as new_folder:
            labeler.save(new_folder)
    processes.wait()


def best_of(
    training: Iterator[EpochReport], module: nn.Module, checkpoints: Checkpoints | None
) -> EpochReports:
    """Run a training; the module ends with the weights of the epoch with the highest score."""
    reports = EpochReports()
    best_weights: dict[str, torch.Tensor] = {}
    try:
        for report in training:
            reports.append(report)
            if checkpoints is None and highest_score(report) >= max(map(highest_score, reports)):
                best_weights = {
                    name: tensor.clone() for name, tensor in module.state_dict().items()
                }
    finally:
        if best_weights:
            module.load_state_dict(best_weights)
        elif checkpoints is not None and reports:
            processes = Processes.joined()
            if processes.first:
                load_weights(checkpoints.best / "model.safetensors", module)
            processes.start_alike(module)
        return_free_memory()
    return reports
