"""How a trainable pipe begins, grows by labels and learns: fresh heads on an encoder, gradients of a batch of Docs.

Nothing is stepped here: the optimizer is thinc's, through `shim`.

Shapes: words.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import chain, islice
from typing import Any

import numpy as np
import torch
from spacy.tokens import Doc
from thinc.api import Model
from torch import Tensor, nn
from torch.nn import functional

from seqlabel.batches.windows import Cut, groups_of
from seqlabel.documents.tag_sets import MISSING
from seqlabel.models.classifier import MEASURED_DOCUMENTS, Classifier
from seqlabel.models.folders import ModelKind, find_folder, read_kind
from seqlabel.models.language_model import WordLanguageModel, load_language_model
from seqlabel.models.model_configs import HeadConfig
from seqlabel.models.tagging.labeler import Labeler
from seqlabel.nn.networks import TagHead
from seqlabel.nn.threads import use_one_thread_after_fork
from seqlabel.spacy.doc_words import DocWords, doc_cuts, strings_of
from seqlabel.spacy.running import documents_of

TRAINING_WORDS = 1024
"""How many words of tags are trained on at once."""
_CLASSIFIER_WORDS = 8192


def start_labeler(
    model: Model[Any, Any], heads: Sequence[HeadConfig], *, words: Iterable[str], language: str = "xx"
) -> Labeler:
    """Put fresh heads on the encoder that a model's attributes name.

    Args:
        model: The thinc model, whose attributes are `encoder`, `hidden` and `word_dropout`.
        heads: The heads.
        words: The words of an untrained encoder.
        language: The language whose tokeniser the labeler has.

    Returns:
        The labeler; on a labeler as encoder, the heads keep what it knows of shared tags.

    Raises:
        CheckpointError: If the encoder is neither a language model nor a labeler.
    """
    encoder, hidden = model.attrs["encoder"], model.attrs["hidden"]
    if encoder is not None and read_kind(find_folder(encoder)) is ModelKind.LABELER:
        return with_heads(Labeler.load(encoder), heads)
    below = WordLanguageModel.fresh(set(words), seed=None) if encoder is None else load_language_model(encoder)
    # spaCy seeds torch, by the config of the training.
    return Labeler.on(
        below,
        list(heads),
        hidden=hidden,
        word_dropout=model.attrs["word_dropout"],
        dropout=0.0,
        language=language,
        seed=None,
    )


def with_heads(labeler: Labeler, heads: Sequence[HeadConfig]) -> Labeler:
    """Put other heads on a labeler.

    Args:
        labeler: The labeler, which stays as it is.
        heads: The heads.

    Returns:
        A labeler with the same weights; a head keeps those of the tags that it had before.
    """
    other = Labeler(
        replace(labeler.config, heads=tuple(heads)), labeler.vocabulary, arithmetic=labeler.inference.arithmetic
    )
    old = labeler.module
    new = other.module.to(next(old.parameters()).device)
    new.encoder.load_state_dict(old.encoder.state_dict())
    new.second.load_state_dict(old.second.state_dict())
    layers = [head.tag_set.layer for head in labeler.config.heads]
    known = dict(zip(layers, zip(labeler.config.heads, old.tag_heads, strict=True), strict=True))
    for config, head in zip(heads, new.tag_heads, strict=True):
        if config.tag_set.layer in known:
            old_config, old_head = known[config.tag_set.layer]
            _copy_tags(head, old_head, *_shared(config.tag_set.tags, old_config.tag_set.tags))
    return other


def with_labels(classifier: Classifier, labels: Sequence[str]) -> Classifier:
    """Give a classifier other labels.

    Args:
        classifier: The classifier, which stays as it is.
        labels: The labels.

    Returns:
        A classifier with the same weights, including those of labels that it had before.
    """
    other = Classifier(replace(classifier.config, labels=tuple(labels)), classifier.vocabulary)
    old = classifier.module
    new = other.module.to(next(old.parameters()).device)
    new.encoder.load_state_dict(old.encoder.state_dict())
    new.head.mean.copy_(old.head.mean)
    new.head.spread.copy_(old.head.spread)
    new.head.layers[:-1].load_state_dict(old.head.layers[:-1].state_dict())
    here, there = _shared(labels, classifier.config.labels)
    # The last of a head's layers alone has rows by label.
    _copy_rows(new.head.layers[-1], old.head.layers[-1], here, there)
    if new.votes is not None and old.votes is not None:
        new.votes.weights[:, here] = old.votes.weights[:, there]
        new.votes.bias[here] = old.votes.bias[there]
        new.votes.share.copy_(old.votes.share)
    return other


def _shared(new: Sequence[str], old: Sequence[str]) -> tuple[Tensor, Tensor]:
    """The places, in both, of the labels that both have."""
    places = {label: number for number, label in enumerate(old)}
    pairs = [(number, places[label]) for number, label in enumerate(new) if label in places]
    here, there = torch.tensor(pairs, dtype=torch.int64).reshape(-1, 2).unbind(1)
    return here, there


@torch.no_grad()
def _copy_tags(new: TagHead, old: TagHead, here: Tensor, there: Tensor) -> None:
    """Copy the weights of shared tags from a head of the same kind; every dimension of them is one of tags."""
    if type(new.kind) is not type(old.kind) or not isinstance(new.output, nn.Linear):
        return
    _copy_rows(new.output, old.output, here, there)
    for name, scores in new.weights.items():
        into, of = (torch.meshgrid(*[tags] * scores.dim(), indexing="ij") for tags in (here, there))
        scores[into] = old.weights[name][of]


@torch.no_grad()
def _copy_rows(new: nn.Module, old: nn.Module, here: Tensor, there: Tensor) -> None:
    """Copy the rows of shared labels of a linear layer's weights and biases."""
    for tensor, before in zip(new.parameters(), old.parameters(), strict=True):
        tensor[here] = before[there]


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
    if not known:
        return 0.0
    use_one_thread_after_fork()
    module = labeler.module
    module.train()
    module.dropout.rate = drop
    device = next(module.parameters()).device
    total = 0.0
    for group in groups_of(doc_cuts(docs), TRAINING_WORDS):
        lengths = torch.tensor([cut.last - cut.first for cut in group])
        wanted = torch.full((len(group), int(lengths.max())), MISSING)
        for row, cut in zip(wanted, group, strict=True):
            row[cut.inside] = torch.from_numpy(gold[cut.doc][cut.labelled])
        inputs = labeler.words(strings_of(docs, group)).to(device)
        loss = module(inputs, lengths.to(device), [wanted.to(device)]).sum() / known
        loss.backward()
        total += float(loss.detach())
    return total


def start_classifier(model: Model[Any, Any], labels: Sequence[str], *, words: Iterable[str]) -> Classifier:
    """Put a fresh head on the encoder that a model's attributes name.

    Words do not vote in it: votes are fitted on all documents at once, and spaCy trains batch by batch.

    Args:
        model: The thinc model, whose attribute is `encoder`.
        labels: The labels.
        words: The words of an untrained encoder.

    Returns:
        The classifier.

    Raises:
        CheckpointError: If the encoder is not a language model.
    """
    encoder = model.attrs["encoder"]
    below = WordLanguageModel.fresh(set(words), seed=None) if encoder is None else load_language_model(encoder)
    return Classifier.on(below, labels, dropout=0.0, buckets=0, seed=None)


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
    use_one_thread_after_fork()
    module = classifier.module
    module.train()
    module.dropout.rate = drop
    device = next(module.parameters()).device
    total = 0.0
    # Whole Docs in place of windows: a classifier reads a Doc to its end.
    whole = [Cut(number, 0, 0, len(docs[number].keys), len(docs[number].keys)) for number in known]
    for group in groups_of(whole, _CLASSIFIER_WORDS):
        lengths = torch.tensor([cut.last for cut in group], device=device)
        logits = module(classifier.words(strings_of(docs, group)).to(device), lengths).float()
        wanted = torch.tensor([gold[cut.doc] for cut in group], device=device)
        loss = functional.cross_entropy(logits, wanted, reduction="sum") / len(known)
        torch.autograd.backward(loss)
        total += float(loss.detach())
    return total
