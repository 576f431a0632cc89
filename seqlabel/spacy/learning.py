"""How a trainable pipe begins, grows by labels and learns: fresh heads on an encoder, gradients of a batch of Docs.

Nothing is stepped here: the optimizer is thinc's, through `shim`.

Shapes: words.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import torch
from thinc.api import Model
from torch import Tensor
from torch.nn import functional

from seqlabel.batches.windows import Cut, groups_of
from seqlabel.documents.tag_sets import MISSING
from seqlabel.models.classifier import Classifier
from seqlabel.models.folders import ModelKind, find_folder, read_kind
from seqlabel.models.labeler import HeadConfig, Labeler
from seqlabel.models.language_model import WordLanguageModel, load_language_model
from seqlabel.nn.threads import use_one_thread_after_fork
from seqlabel.spacy.reading import DocWords, doc_cuts, strings_of

TRAINING_WORDS = 1024
"""How many words of tags are trained on at once."""
_CLASSIFIER_WORDS = 8192

# What pipes of the first versions called the layer that they write: the place in a Doc.
_OLD_LAYERS = {"pos_": "upos", "tag_": "xpos"}


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
    below = WordLanguageModel.fresh(set(words)) if encoder is None else load_language_model(encoder)
    return Labeler.on(
        below, list(heads), hidden=hidden, word_dropout=model.attrs["word_dropout"], dropout=0.0, language=language
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
    before, after = labeler.module.state_dict(), other.module.state_dict()
    with torch.no_grad():
        for name, tensor in after.items():
            if not name.startswith("heads."):
                tensor.copy_(before[name])
        layers = [_OLD_LAYERS.get(layer, layer) for layer in (head.tag_set.layer for head in labeler.config.heads)]
        known = {layer: (number, labeler.config.heads[number]) for number, layer in enumerate(layers)}
        for number, head in enumerate(heads):
            if head.tag_set.layer not in known or known[head.tag_set.layer][1].kind is not head.kind:
                continue
            old_number, old = known[head.tag_set.layer]
            here, there = _shared(head.tag_set.tags, old.tag_set.tags)
            for name, tensor in after.items():
                prefix = f"heads.{number}."
                if name.startswith(prefix):
                    _copy_labels(tensor, before[f"heads.{old_number}.{name.removeprefix(prefix)}"], here, there)
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
    before, after = classifier.module.state_dict(), other.module.state_dict()
    here, there = _shared(labels, classifier.config.labels)
    with torch.no_grad():
        for name, tensor in after.items():
            if tensor.shape == before[name].shape:
                tensor.copy_(before[name])
            else:
                _copy_labels(tensor, before[name], here, there)
    return other


def _shared(new: Sequence[str], old: Sequence[str]) -> tuple[Tensor, Tensor]:
    """The places, in both, of the labels that both have."""
    places = {label: number for number, label in enumerate(old)}
    pairs = [(number, places[label]) for number, label in enumerate(new) if label in places]
    here, there = torch.tensor(pairs, dtype=torch.int64).reshape(-1, 2).unbind(1)
    return here, there


def _copy_labels(tensor: Tensor, old: Tensor, here: Tensor, there: Tensor) -> None:
    """Copy the rows of shared labels, and of scores of a label after a label the columns too."""
    if tensor.ndim == 2 and tensor.shape[0] == tensor.shape[1] and old.shape[0] == old.shape[1]:
        tensor[here[:, None], here] = old[there[:, None], there]
    else:
        tensor[here] = old[there]


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
            inside = gold[cut.doc][cut.start : cut.end]
            row[cut.start - cut.first : cut.end - cut.first] = torch.from_numpy(inside)
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
    below = WordLanguageModel.fresh(set(words)) if encoder is None else load_language_model(encoder)
    voting = Classifier.on(below, labels, dropout=0.0)
    classifier = Classifier(replace(voting.config, buckets=0), voting.vocabulary)
    weights = voting.module.state_dict()
    classifier.module.load_state_dict({name: weights[name] for name in classifier.module.state_dict()})
    return classifier


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
        loss.backward()  # type: ignore[no-untyped-call]
        total += float(loss.detach())
    return total
