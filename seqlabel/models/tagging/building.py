"""The networks of labelers in torch, built of their configs or on a language model; what labels is
in `labeler`.
"""

from collections.abc import Sequence
from copy import deepcopy
from typing import cast

import torch
from torch import nn

from seqlabel.documents.label_sets import Unit
from seqlabel.errors import OptionError
from seqlabel.models.model_configs import HeadConfig, LabelerConfig
from seqlabel.models.tagging.native import Arrays
from seqlabel.nn.embedders import HashedEmbedder
from seqlabel.nn.encoders import TextEncoder
from seqlabel.nn.network_configs import EncoderConfig, WordModelConfig, pooled_width
from seqlabel.nn.networks import (
    TaggingModel,
    TagHead,
    build_encoder,
    build_tagging_model,
    build_word_layer,
)
from seqlabel.nn.pooling import PooledLayer
from seqlabel.training.checkpoints import fill_weights

_RARER = 5.0
"""Nats by which a new label scores lower than what its words were called before."""


@torch.no_grad()
def extend_head(head: TagHead, before: HeadConfig, after: HeadConfig) -> TagHead:
    """Build a head with more labels, which chooses what an old one chooses until it is trained.

    Each new tag begins as `O`, or without a scheme as the mean of all tags, with a score lower by
    some nats.

    Args:
        head: The old head.
        before: Its config.
        after: The config of the new one, with the old labels and others.

    Returns:
        The new head, on the old one's device.

    Raises:
        OptionError: The old head's layer is not linear.
    """
    if isinstance(head.output, PooledLayer):
        return _extend_pooled(head, after)
    if not isinstance(head.output, nn.Linear):
        raise OptionError(
            f"labels: the head {head.kind.name!r} has a layer of its own, to which no labels can "
            "be added. Train a new labeler with all labels."
        )
    weight = head.output.weight
    old = {tag: number for number, tag in enumerate(before.tag_set.tags)}
    extended = TagHead(after.kind, after.tag_set, weight.shape[1]).to(weight.device, weight.dtype)
    # Of which old tags each tag is made, (tags, old tags).
    mix = weight.new_zeros(len(after.tag_set.tags), len(old))
    fresh = torch.tensor([tag not in old for tag in after.tag_set.tags], device=weight.device)
    mix[fresh] = (
        weight.new_tensor([1.0] + [0.0] * (len(old) - 1)) if before.tag_set.scheme else 1 / len(old)
    )
    for row, tag in enumerate(after.tag_set.tags):
        if tag in old:
            mix[row, old[tag]] = 1.0
    assert isinstance(extended.output, nn.Linear)
    extended.output.weight.copy_(mix @ weight)
    extended.output.bias.copy_(mix @ head.output.bias - _RARER * fresh)
    for name, values in head.weights.items():
        for axis in range(values.dim()):
            values = torch.tensordot(mix, values, ([1], [axis])).movedim(0, axis)
        extended.weights[name].copy_(values)
    return extended


def shares_labels(before: HeadConfig, after: HeadConfig) -> bool:
    """Return whether a head can take over what another one knows of the labels that both have.

    Args:
        before: The numbers of the head that knows them.
        after: Those of the other one.

    Returns:
        Whether both are heads of the same kind, and not of trees; of documents, with the same
        options and with any new labels after the old ones.
    """
    if after.tag_set.unit is Unit.DOCUMENT:
        count = len(before.tag_set.labels)
        return before.kind == after.kind and before.tag_set.labels == after.tag_set.labels[:count]
    return type(before.kind) is type(after.kind) and after.tag_set.unit is Unit.WORD


def _extend_pooled(head: TagHead, after: HeadConfig) -> TagHead:
    """A head of documents with more labels, which begin as the mean of the old ones, with a lower
    score.
    """
    extended = TagHead(after.kind, after.tag_set, len(cast(PooledLayer, head.output).mean))
    extended.to(next(head.parameters()).device)
    old = head.state_dict()
    for name, values in extended.state_dict().items():
        before = old[name]
        axes = [axis for axis in range(values.dim()) if values.shape[axis] != before.shape[axis]]
        for axis in axes:
            added = values.shape[axis] - before.shape[axis]
            fresh = before.mean(dim=axis, keepdim=True).repeat_interleave(added, dim=axis)
            if name.startswith("output.") and name.endswith(".bias"):
                fresh = fresh - _RARER
            before = torch.cat([before, fresh], dim=axis)
        values.copy_(before)
    return extended


def build_labeler_module(config: LabelerConfig, encoder: TextEncoder | None = None) -> TaggingModel:
    """Build the network of a labeler.

    Args:
        config: Its numbers.
        encoder: The encoder to hold; a fresh one if None.

    Returns:
        The network, with fresh heads.
    """
    encoder = build_encoder(config.encoder) if encoder is None else encoder
    heads = [build_head(head, config) for head in config.heads]
    return build_tagging_model(encoder, heads, hidden=config.hidden, dropout=config.dropout)


def build_head(head: HeadConfig, config: LabelerConfig) -> TagHead:
    """Build a head of a labeler.

    Args:
        head: The head's numbers.
        config: The labeler's.

    Returns:
        The head, with fresh weights.
    """
    of_documents = head.tag_set.unit is Unit.DOCUMENT
    return TagHead(
        head.kind, head.tag_set, pooled_width(config.encoder) if of_documents else 2 * config.hidden
    )


def stored_module(config: LabelerConfig, arrays: Arrays) -> TaggingModel:
    """Build the network of a labeler that was read without torch.

    Args:
        config: Its numbers.
        arrays: Its weights, as they are stored.

    Returns:
        The network with these weights, in evaluation mode.
    """
    module = build_labeler_module(config)
    fill_weights(module, {name: torch.tensor(array) for name, array in arrays.items()})
    return module.eval()


def with_heads(module: TaggingModel, heads: Sequence[TagHead], *, hidden: int) -> TaggingModel:
    """Copy a network with other heads.

    Args:
        module: The network.
        heads: The heads, which are copied too.
        hidden: The width of the layer below heads of words, which is made where the network has
            none; 0 for none.

    Returns:
        A network with weights of its own.
    """
    other = deepcopy(module)
    other.heads = nn.ModuleList(map(deepcopy, heads))
    if not hidden:
        other.second = None
    elif other.second is None:
        device = next(module.parameters()).device
        layer = build_word_layer(other.encoder, hidden)
        other.second = None if layer is None else layer.to(device)
    # Fresh parts begin in training mode.
    return other.train(module.training)


def copied_encoder(encoder: TextEncoder, config: EncoderConfig) -> TextEncoder:
    """Copy an encoder.

    Args:
        encoder: The encoder of a language model or a labeler.
        config: The numbers of the copy, which may hide words more or less often in training.

    Returns:
        The copy.
    """
    copied = deepcopy(encoder)
    if isinstance(config, WordModelConfig) and isinstance(copied.embedder, HashedEmbedder):
        copied.embedder.word_dropout = config.word_dropout
    return copied
