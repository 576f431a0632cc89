"""How a trainable pipe begins, grows by labels and learns: fresh heads on an encoder, gradients of a batch of Docs.

Nothing is stepped here: the optimizer is thinc's, through `shim`.

Shapes: words.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from itertools import chain, islice
from typing import Any

import numpy as np
import torch
from spacy.tokens import Doc
from thinc.api import Model
from torch import Tensor
from torch.nn import functional

from seqlabel.batches.windows import Cut, groups_of
from seqlabel.documents.tag_sets import MISSING
from seqlabel.models.classifier import MEASURED_DOCUMENTS, Classifier
from seqlabel.models.folders import ModelKind, find_folder, read_kind
from seqlabel.models.language_model import LanguageModel, WordLanguageModel, load_language_model
from seqlabel.models.model_configs import HeadConfig
from seqlabel.models.tagging.building import build_head, extend_head
from seqlabel.models.tagging.labeler import Labeler
from seqlabel.nn.threads import use_one_thread_after_fork
from seqlabel.spacy.doc_words import DocWords, doc_cuts, strings_of
from seqlabel.spacy.running import documents_of

Docs = Callable[[], Iterable[Doc]]
TRAINING_WORDS = 1024
"""How many words of tags are trained on at once."""
_CLASSIFIER_WORDS = 8192


def start_labeler(model: Model[Any, Any], head: HeadConfig, docs: Docs, *, language: str = "xx") -> Labeler:
    """Put a fresh head on the encoder that a model's attributes name.

    Args:
        model: The thinc model, whose attributes are `encoder`, `hidden` and `word_dropout`.
        head: The head.
        docs: Gives the Docs whose words an untrained encoder has.
        language: The language whose tokeniser the labeler has.

    Returns:
        The labeler; on a labeler as encoder, the head keeps what it knows of shared tags.

    Raises:
        CheckpointError: If the encoder is neither a language model nor a labeler.
    """
    encoder = model.attrs["encoder"]
    if encoder is not None and read_kind(find_folder(encoder)) is ModelKind.LABELER:
        return with_head(Labeler.load(encoder), head)
    # spaCy seeds torch, by the config of the training.
    return Labeler.on(
        _language_model(encoder, docs),
        [head],
        hidden=model.attrs["hidden"],
        word_dropout=model.attrs["word_dropout"],
        dropout=0.0,
        language=language,
        seed=None,
    )


def _language_model(encoder: str | None, docs: Docs) -> LanguageModel | WordLanguageModel:
    if encoder is not None:
        return load_language_model(encoder)
    return WordLanguageModel.fresh({t.text for doc in docs() for t in doc if not t.text.isspace()}, seed=None)


def with_head(labeler: Labeler, head: HeadConfig) -> Labeler:
    """Put another head on a labeler, in place of all that it has.

    Args:
        labeler: The labeler, which stays as it is.
        head: The head.

    Returns:
        A labeler with the same weights; if it had a head of this layer and kind, shared tags keep their weights.
    """
    config = replace(labeler.config, heads=(head,), together=None, following=())
    fresh = build_head(head, config)
    for old, before in zip(labeler.module.tag_heads, labeler.config.heads, strict=True):
        if before.tag_set.layer == head.tag_set.layer and type(before.kind) is type(head.kind):
            fresh = extend_head(old, before, head)
    return labeler.with_heads(config, [fresh])


def train_tags(labeler: Labeler, docs: Sequence[DocWords], gold: Sequence[np.ndarray[Any, Any]], drop: float) -> float:
    """Add up the gradients of the loss of a labeler's only head; nothing is stepped.

    Args:
        labeler: The labeler.
        docs: The words of each Doc.
        gold: The gold tags of each Doc's words, (words,); `MISSING` gives no gradient.
        drop: The dropout rate.

    Returns:
        The loss in nats per word.
    """
    known = sum(int((tags >= 0).sum()) for tags in gold)

    def loss_of(group: Sequence[Cut], device: torch.device) -> Tensor:
        lengths = torch.tensor([cut.last - cut.first for cut in group])
        wanted = torch.full((len(group), int(lengths.max())), MISSING)
        for row, cut in zip(wanted, group, strict=True):
            row[cut.inside] = torch.from_numpy(gold[cut.doc][cut.labelled])
        inputs = labeler.words(strings_of(docs, group)).to(device)
        losses: Tensor = labeler.module(inputs, lengths.to(device), [wanted.to(device)])
        return losses.sum() / known

    cuts = doc_cuts(docs, labeler.config.rows) if known else []
    return _add_gradients(labeler, groups_of(cuts, TRAINING_WORDS), loss_of, drop)


def _add_gradients(
    part: Labeler | Classifier,
    groups: Iterable[Sequence[Cut]],
    loss_of: Callable[[Sequence[Cut], torch.device], Tensor],
    drop: float,
) -> float:
    """Add up the gradients of the losses of groups of windows; the sum of these losses."""
    use_one_thread_after_fork()
    part.module.train()
    part.module.dropout.rate = drop
    device = next(part.module.parameters()).device
    total = 0.0
    for group in groups:
        loss = loss_of(group, device)
        torch.autograd.backward(loss)
        total += float(loss.detach())
    return total


def start_classifier(model: Model[Any, Any], labels: Sequence[str], docs: Docs) -> Classifier:
    """Put a fresh head, which has measured the encoder's states, on the encoder that a model's attributes name.

    Words do not vote in it: votes are fitted on all documents at once, and spaCy trains batch by batch.

    Args:
        model: The thinc model, whose attribute is `encoder`.
        labels: The labels.
        docs: Gives the Docs that the classifier will learn from, whose words an untrained encoder has.

    Returns:
        The classifier.

    Raises:
        CheckpointError: If the encoder is not a language model.
    """
    below = _language_model(model.attrs["encoder"], docs)
    classifier = Classifier.on(below, labels, dropout=0.0, buckets=0, seed=None)
    measure_states(classifier, docs())
    return classifier


@torch.no_grad()
def with_label(part: Labeler | Classifier, label: str) -> Labeler | Classifier:
    """Add a label to a classifier, or to a labeler of one layer.

    Args:
        part: The classifier or labeler, which stays as it is.
        label: The label, which becomes the last one.

    Returns:
        A classifier or labeler with the same weights for what it had before.
    """
    if isinstance(part, Labeler):
        return part.with_labels([label])
    other = Classifier(replace(part.config, labels=(*part.config.labels, label)), part.vocabulary)
    old = part.module.state_dict()
    for name, tensor in other.module.to(next(part.module.parameters()).device).state_dict().items():
        tensor[tuple(map(slice, old[name].shape))] = old[name]
    return other


def measure_states(classifier: Classifier, docs: Iterable[Doc]) -> None:
    """Let a fresh head measure the encoder's states over the first Docs that have words (`Classifier.standardise`).

    Args:
        classifier: The classifier.
        docs: The Docs that it will learn from.
    """
    documents = chain.from_iterable(documents_of([doc]) for doc in docs)
    if measured := list(islice(filter(len, documents), MEASURED_DOCUMENTS)):
        classifier.standardise(measured)


def train_categories(classifier: Classifier, docs: Sequence[DocWords], gold: Sequence[int], drop: float) -> float:
    """Add up the gradients of a classifier's loss; nothing is stepped.

    Args:
        classifier: The classifier.
        docs: The words of each Doc; a Doc without words gives no gradient.
        gold: The number of each Doc's label; `MISSING` gives no gradient.
        drop: The dropout rate.

    Returns:
        The loss in nats per Doc.
    """
    known = [number for number, label in enumerate(gold) if label >= 0 and len(docs[number].keys)]
    # Whole Docs in place of windows: a classifier reads a Doc to its end.
    whole = [Cut(number, 0, 0, len(docs[number].keys), len(docs[number].keys)) for number in known]

    def loss_of(group: Sequence[Cut], device: torch.device) -> Tensor:
        lengths = torch.tensor([cut.last for cut in group], device=device)
        logits = classifier.module(classifier.words(strings_of(docs, group)).to(device), lengths).float()
        wanted = torch.tensor([gold[cut.doc] for cut in group], device=device)
        return functional.cross_entropy(logits, wanted, reduction="sum") / len(known)

    return _add_gradients(classifier, groups_of(whole, _CLASSIFIER_WORDS), loss_of, drop)
