"""From documents with labels to a trained labeler in one call; the loop itself is in `training`.

The numbers here are those that served the recipes best: a low rate below and a higher one above, one cycle, averaged
weights.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from scipy.sparse import csr_matrix
from sklearn.svm import LinearSVC
from torch import nn
from torch.nn import functional

from seqlabel.batches.labelled import DocumentBatches, TaggedBatches
from seqlabel.documents.document import Document
from seqlabel.documents.tag_sets import MISSING, TagSet
from seqlabel.errors import DataError, OptionError
from seqlabel.models.classifier import Classifier
from seqlabel.models.labeler import Labeler
from seqlabel.scores.calibration import LOWEST_TEMPERATURE, fit_temperature, threshold_for_recall
from seqlabel.scores.metrics import score_spans, score_tags
from seqlabel.text.hashing import hash_ngrams
from seqlabel.training.checkpoints import Checkpoints, highest_score, load_weights, new_checkpoint
from seqlabel.training.loop import Evaluation, Precision, TrainingOptions, fit
from seqlabel.training.objectives import document_label, word_tags
from seqlabel.training.progress import Display, EpochReport
from seqlabel.training.schedules import OneCycle

BELOW = 0.3
"""The rate of a pretrained encoder's layers, as a share of that of the fresh ones."""


def tagging_options(
    epochs: int = 6, *, pretrained: bool = True, seed: int = 0, device: str = "auto"
) -> TrainingOptions:
    """Return the numbers with which a labeler is fine-tuned, to be changed with `dataclasses.replace`.

    Args:
        epochs: Passes over the training documents; `fitting_epochs` has a number that fits how many these are.
        pretrained: Whether the encoder has read text already; its layers then learn at a lower rate.
        seed: The seed of the batches' order and of dropout.
        device: The name of the device to train on.

    Returns:
        The options of `fit`.
    """
    return _options(epochs, max_lr=4e-3, pretrained=pretrained, seed=seed, device=device)


def document_options(epochs: int = 3, *, seed: int = 0, device: str = "auto") -> TrainingOptions:
    """Return the numbers with which a classifier is fine-tuned, to be changed with `dataclasses.replace`.

    Args:
        epochs: Passes over the training documents.
        seed: The seed of the batches' order and of dropout.
        device: The name of the device to train on.

    Returns:
        The options of `fit`, with half the rate of a labeler's, since a document's label is learnt from many words.
    """
    return _options(epochs, max_lr=2e-3, pretrained=True, seed=seed, device=device)


def _options(epochs: int, *, max_lr: float, pretrained: bool, seed: int, device: str) -> TrainingOptions:
    return TrainingOptions(
        epochs=epochs,
        schedule=OneCycle(max_lr=max_lr, pct_start=0.1),
        beta2=0.999,
        eps=1e-8,
        max_grad_norm=1.0,
        seed=seed,
        device=device,
        precision=Precision.BFLOAT16,
        lr_scales={"encoder": BELOW} if pretrained else {},
        average=0.05,
    )


def fitting_epochs(documents: int) -> int:
    """Return the passes over a number of training documents: 6 over 5,000 or more, up to 30 over few.

    Args:
        documents: The number of training documents.

    Returns:
        The number of epochs.

    Example:
        >>> fitting_epochs(12_544), fitting_epochs(2_000), fitting_epochs(100)
        (6, 15, 30)
    """
    return min(max(30_000 // max(documents, 1), 6), 30)


def fitting_words(documents: int) -> int:
    """Return the words of a batch: 500, and fewer where that would leave few steps an epoch.

    Args:
        documents: The number of training documents.

    Returns:
        The number of words.

    Example:
        >>> fitting_words(1_000), fitting_words(100), fitting_words(3)
        (500, 400, 50)
    """
    return min(500, max(4 * documents, 50))


def fine_tune(
    labeler: Labeler,
    train: Iterable[Document],
    dev: Iterable[Document] = (),
    *,
    options: TrainingOptions | None = None,
    words: int | None = None,
    calibrated: bool = True,
    folder: Path | str | None = None,
    resume: bool = False,
    display: Display = Display.AUTO,
) -> list[EpochReport]:
    """Train a labeler in place on documents with its layers.

    With documents in `dev`, each epoch is scored on them, and the labeler ends with the weights of the best epoch and
    with temperatures that make its probabilities fit `dev`. Without, it ends with the last weights. A training that is
    interrupted (Ctrl-C) leaves the best epoch so far.

    Args:
        labeler: What is trained.
        train: Documents, each with at least one of the labeler's layers.
        dev: Held-out documents; the score of an epoch is that of `score_layers`.
        options: The numbers of the training; None for `tagging_options` with as many passes as fit the documents.
        words: About how many words a batch has; None for as many as fit the documents.
        calibrated: Whether to `calibrate` on `dev` at the end, which changes probabilities and no label.
        folder: Where `best` and `last` are saved, which are labelers too.
        resume: Whether to take up the training that was cut off in `folder`.
        display: How the training is shown.

    Returns:
        A report for each epoch.

    Raises:
        DataError: For documents that lack the layers or have labels that the labeler does not know.
        OptionError: For a path instead of documents, and what `fit` raises.
    """
    _refuse_paths(train=train, dev=dev)
    train, dev = list(train), list(dev)
    options = options or tagging_options(fitting_epochs(len(train)))
    words = words or fitting_words(len(train))
    batches = TaggedBatches(train, labeler.words, tag_sets=labeler.tag_sets, words=words, seed=options.seed)
    validate: Callable[[], Evaluation] | None = None
    if dev:
        try:
            valid = TaggedBatches(dev, labeler.words, tag_sets=labeler.tag_sets, words=4_000)
        except DataError as error:
            raise DataError(f"dev, {error}; a reader names file and line if it is given `labels`") from None
        _check_scored(dev, labeler.tag_sets)
        validate = partial(evaluate_labeler, labeler, dev, valid)
    checkpoints = None
    if folder is not None:
        checkpoints = Checkpoints(Path(folder), save=labeler.save, resume=resume, score=highest_score)
    training = fit(
        labeler.module,
        batches,
        options=options,
        objective=word_tags,
        validate=validate,
        checkpoints=checkpoints,
        display=display,
    )
    reports = _best_of(training, labeler.module, checkpoints) if dev else list(training)
    labeler.module.eval()
    if dev and calibrated:
        _calibrate_unsure(labeler, dev)
        if checkpoints is not None:
            with new_checkpoint(checkpoints.best) as best:
                labeler.save(best)
    return reports


def _calibrate_unsure(labeler: Labeler, dev: Sequence[Document]) -> None:
    """Calibrate the heads that are wrong somewhere on `dev`; where all is right, nothing says how sure to be."""
    before = [head.temperature for head in labeler.config.heads]
    calibrate(labeler, dev)
    found = [head.temperature for head in labeler.config.heads]
    labeler.set_temperatures(
        [old if new < 1.01 * LOWEST_TEMPERATURE else new for old, new in zip(before, found, strict=True)]
    )


def _refuse_paths(**documents: object) -> None:
    for name, found in documents.items():
        if isinstance(found, str | Path):
            raise OptionError(f"{name}: found a path; give documents, such as list(read_conllu(path))")


@torch.inference_mode()
def evaluate_labeler(labeler: Labeler, dev: Sequence[Document], batches: TaggedBatches) -> Evaluation:
    """Measure a labeler's loss, accuracy and score on documents, which are read once.

    Args:
        labeler: What is measured; it is left in evaluation mode.
        dev: Documents with labels.
        batches: The same documents in batches.

    Returns:
        The heads' losses in nats a word, added up; the share of right tags; and the score of `score_layers`.
    """
    module = labeler.module.eval()
    device = next(module.parameters()).device
    heads = list(zip(module.tag_heads, labeler.decisions, strict=True))
    losses, counts, correct = (torch.zeros(len(heads), dtype=torch.float64) for _ in range(3))
    found = [[np.zeros(len(document), dtype=np.int64) for document in dev] for _ in heads]
    for batch in batches.batches():
        batch = batch.to(device)
        hidden = module.hidden(batch.words, batch.lengths)
        for number, ((head, decision), gold) in enumerate(zip(heads, batch.gold, strict=True)):
            losses[number] += float(head.loss(hidden, gold, batch.lengths))
            tags = head.decode(hidden, batch.lengths, decision).tags
            counts[number] += int((gold != MISSING).sum())
            correct[number] += int((tags == gold).sum())
            for row, cut in zip(tags.cpu().numpy(), batch.windows, strict=True):
                found[number][cut.doc][cut.labelled] = row[cut.inside]
    predicted = list(dev)
    for tag_set, rows in zip(labeler.tag_sets, found, strict=True):
        predicted = [
            tag_set.annotate(document, ids.tolist(), [1.0] * len(ids))
            for document, ids in zip(predicted, rows, strict=True)
        ]
    return Evaluation(
        loss=float((losses / counts.clamp_min(1)).sum()),
        accuracy=float(correct.sum() / counts.sum().clamp_min(1)),
        count=int(counts.sum()),
        score=score_layers(dev, predicted, labeler.tag_sets),
    )


def score_layers(gold: Sequence[Document], predicted: Sequence[Document], tag_sets: Sequence[TagSet]) -> float:
    """Compute the F1 of exact spans or the accuracy of tags, averaged over the layers that gold documents have.

    Args:
        gold: The documents with known labels. In a layer of spans, a document of which some words are not known is not
            scored.
        predicted: The same documents with predicted labels, in the same order.
        tag_sets: The tag set of each layer.

    Returns:
        The mean over the layers, from 0 to 1.

    Raises:
        DataError: No document can be scored.
    """
    _check_scored(gold, tag_sets)
    scores = []
    for tag_set in tag_sets:
        pairs = [pair for pair in zip(gold, predicted, strict=True) if _is_scored(pair[0], tag_set)]
        if pairs and tag_set.scheme is None:
            scores.append(score_tags(pairs, tag_set.layer).accuracy)
        elif pairs:
            scores.append(score_spans(pairs, tag_set.layer).exact.f)
    return sum(scores) / len(scores)


def _is_scored(document: Document, tag_set: TagSet) -> bool:
    if tag_set.scheme is not None:
        return tag_set.layer in document.spans
    tags = document.tags.get(tag_set.layer)
    return tags is not None and any(label is not None for label in tags.labels)


def _check_scored(documents: Sequence[Document], tag_sets: Sequence[TagSet]) -> None:
    if not any(_is_scored(document, tag_set) for document in documents for tag_set in tag_sets):
        layers = ", ".join(repr(tag_set.layer) for tag_set in tag_sets)
        raise DataError(f"found no document to score {layers} on; give some whose labels are known, or no dev")


@torch.inference_mode()
def calibrate(labeler: Labeler, dev: Sequence[Document]) -> None:
    """Set the temperature of each head so that its probabilities fit `dev` best (Guo et al. 2017); no label changes.

    Args:
        labeler: The labeler, which is changed in place.
        dev: Held-out documents; a layer of which they have no label keeps its temperature.

    Raises:
        DataError: No document has a known label of any layer.
    """
    device = next(labeler.module.parameters()).device
    labeler.module.eval()
    logs: list[list[npt.NDArray[np.float32]]] = [[] for _ in labeler.tag_sets]
    golds: list[list[npt.NDArray[np.int64]]] = [[] for _ in labeler.tag_sets]
    batches = TaggedBatches(dev, labeler.words, tag_sets=labeler.tag_sets, words=4_000)
    before = [head.temperature for head in labeler.config.heads]
    for batch in batches.batches():
        batch = batch.to(device)
        for head, scores in enumerate(labeler.module.decode(batch.words, batch.lengths)):
            known = batch.gold[head] != MISSING
            logs[head].append(scores.probabilities[known].clamp_min(1e-30).log().cpu().numpy())
            golds[head].append(batch.gold[head][known].cpu().numpy())
    labeler.set_temperatures(
        [
            fit_temperature(np.concatenate(log), np.concatenate(gold)) if any(map(len, gold)) else temperature
            for temperature, log, gold in zip(before, logs, golds, strict=True)
        ]
    )


RECALLS = (0.9, 0.95, 0.97, 0.98, 0.99, 0.995)


@torch.inference_mode()
def calibrate_recall(labeler: Labeler, dev: Sequence[Document], layer: str) -> None:
    """Measure the threshold offsets with which shares of the words in spans are found (`prefer_recall`).

    A word counts as found if its likeliest tag but `O` is likelier than `O` with the threshold offset taken off. The
    shares are `RECALLS`.

    Args:
        labeler: The labeler, which gets the offsets.
        dev: Held-out documents.
        layer: The name of the layer of spans.

    Raises:
        DataError: No document has a span of the layer.
        OptionError: The labeler has no layer of spans with that name.
    """
    tag_sets = {tag_set.layer: number for number, tag_set in enumerate(labeler.tag_sets)}
    if layer not in tag_sets or labeler.tag_sets[tag_sets[layer]].scheme is None:
        raise OptionError(f"layer: found {layer!r}, which is no layer of spans of this labeler")
    number = tag_sets[layer]
    device = next(labeler.module.parameters()).device
    labeler.module.eval()
    needed, inside = [], []
    for batch in TaggedBatches(dev, labeler.words, tag_sets=labeler.tag_sets, words=4_000).batches():
        batch = batch.to(device)
        scores = labeler.module.decode(batch.words, batch.lengths, labeler.decisions)[number]
        known = batch.gold[number] != MISSING
        logs = scores.probabilities[known].clamp_min(1e-30).log()
        needed.append((logs[:, 1:].amax(1) - logs[:, 0]).cpu().numpy())
        inside.append((batch.gold[number][known] > 0).cpu().numpy())
    margins, private = np.concatenate(needed), np.concatenate(inside)
    # A little more than the margin itself, which would be a tie.
    recalls = tuple((recall, 1e-4 - threshold_for_recall(margins, private, recall)) for recall in RECALLS)
    labeler.set_recalls(layer, recalls)


def fine_tune_classifier(
    classifier: Classifier,
    train: Iterable[Document],
    dev: Iterable[Document],
    *,
    options: TrainingOptions | None = None,
    words: int = 8_000,
    folder: Path | str | None = None,
    resume: bool = False,
    display: Display = Display.AUTO,
) -> list[EpochReport]:
    """Train a classifier in place on documents with its layer of categories.

    The recurrent part is trained and ends with the weights of the epoch with the highest accuracy on `dev`; then the
    words' votes are fitted, their share and the temperature are chosen on `dev`, and they are fitted once more on all
    documents.

    Args:
        classifier: What is trained.
        train: Documents with the layer, of each label at least one.
        dev: Held-out documents with the layer.
        options: The numbers of the training; None for `document_options`.
        words: About how many words a batch has.
        folder: Where `best` and `last` are saved, which are classifiers too.
        resume: Whether to resume the training that was cut off in `folder`.
        display: How the training is shown.

    Returns:
        A report for each epoch.

    Raises:
        DataError: A document lacks the layer or has a label that the classifier does not know, or no training document
            has one of the labels.
        OptionError: A path is given instead of documents, and what `fit` raises.
    """
    options = options or document_options()
    _refuse_paths(train=train, dev=dev)
    train, dev = list(train), list(dev)
    config = classifier.config
    batches, valid = (
        DocumentBatches(
            documents, classifier.words, layer=config.layer, labels=config.labels, words=words, seed=options.seed
        )
        for documents in (train, dev)
    )
    found = set(_labels_of(classifier, train).tolist())
    missing = [label for number, label in enumerate(config.labels) if number not in found]
    if missing:
        raise DataError(f"found no training document with the label {missing[0]!r}; give some, or leave the label out")
    checkpoints = None
    if folder is not None:
        checkpoints = Checkpoints(Path(folder), save=classifier.save, resume=resume, score=highest_score)
    reports = _best_of(
        fit(
            classifier.module,
            batches,
            valid,
            options=options,
            objective=document_label,
            checkpoints=checkpoints,
            display=display,
        ),
        classifier.module,
        checkpoints,
    )
    classifier.module.eval()
    if classifier.module.votes is not None:
        _fit_votes(classifier, train)
        _choose_share(classifier, dev)
        _fit_votes(classifier, [*train, *dev])
        if checkpoints is not None:
            classifier.save(checkpoints.best)
    return reports


def _best_of(training: Iterator[EpochReport], module: nn.Module, checkpoints: Checkpoints | None) -> list[EpochReport]:
    """Run a training; the module ends with the weights of the epoch with the highest score."""
    reports: list[EpochReport] = []
    kept: dict[str, torch.Tensor] = {}
    try:
        for report in training:
            reports.append(report)
            if checkpoints is None and highest_score(report) >= max(map(highest_score, reports)):
                kept = {name: tensor.clone() for name, tensor in module.state_dict().items()}
    finally:
        if kept:
            module.load_state_dict(kept)
        elif checkpoints is not None and reports:
            load_weights(checkpoints.best / "model.safetensors", module)
    return reports


def _ngram_matrix(classifier: Classifier, documents: Sequence[Document]) -> csr_matrix:
    """Which n-grams each document has, (documents, buckets)."""
    ids = [hash_ngrams(document.words, classifier.config.buckets) for document in documents]
    starts = np.concatenate([[0], np.cumsum([len(one) for one in ids])])
    shape = len(documents), classifier.config.buckets
    return csr_matrix((np.ones(starts[-1], dtype=np.float64), np.concatenate(ids), starts), shape=shape)


def _labels_of(classifier: Classifier, documents: Sequence[Document]) -> npt.NDArray[np.int64]:
    config = classifier.config
    scores = [document.categories[config.layer] for document in documents]
    return np.array([config.labels.index(max(one, key=one.__getitem__)) for one in scores])


def _fit_votes(classifier: Classifier, documents: Sequence[Document]) -> None:
    """A support vector machine for each label on n-grams weighed by their log-count ratios (Wang and Manning 2012)."""
    has, gold = _ngram_matrix(classifier, documents), _labels_of(classifier, documents)
    weights, bias = [], []
    for label in range(len(classifier.config.labels)):
        inside = gold == label
        shares = [1 + np.asarray(has[rows].sum(axis=0)).ravel() for rows in (inside, ~inside)]
        ratio = np.log(shares[0] / shares[0].sum()) - np.log(shares[1] / shares[1].sum())
        machine = LinearSVC(random_state=0).fit(has.multiply(ratio).tocsr(), inside)
        weights.append(ratio * machine.coef_[0])
        bias.append(machine.intercept_[0])
    votes = classifier.module.votes
    assert votes is not None
    votes.weights.copy_(torch.from_numpy(np.stack(weights, axis=1)))
    votes.bias.copy_(torch.tensor(bias))


def _choose_share(classifier: Classifier, dev: Sequence[Document]) -> None:
    """Set the votes' share, and the temperature, to what fits `dev` best, in cross-entropy.

    Without a temperature of its own each share would be judged by how sure it makes the sum.
    """
    votes = classifier.module.votes
    assert votes is not None
    gold = _labels_of(classifier, dev)
    votes.share.fill_(0.0)
    classifier.set_temperature(1.0)
    found = [document.categories[classifier.config.layer] for document in classifier(dev)]
    chances = np.array([[one[label] for label in classifier.config.labels] for one in found])
    logs = np.log(chances.clip(1e-30))
    added = votes(classifier.ngrams([document.words for document in dev])).cpu().double().numpy()
    choices = []
    for share in _SHARES:
        logits = logs + share * added
        temperature = fit_temperature(logits, gold)
        # Where every document is right, nothing is known of how sure to be.
        temperature = 1.0 if temperature < 1.01 * LOWEST_TEMPERATURE else temperature
        loss = functional.cross_entropy(torch.from_numpy(logits / temperature), torch.from_numpy(gold))
        choices.append((float(loss), share, temperature))
    _, share, temperature = min(choices)
    votes.share.fill_(share)
    classifier.set_temperature(temperature)


_SHARES = [0.0, *(2.0**power for power in range(-4, 6))]
