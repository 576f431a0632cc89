"""The networks of labelers in torch, built of their configs; what labels with them is in `labeler`."""

import torch

from seqlabel.documents.schemes import allowed_transitions
from seqlabel.models.configs import HeadConfig, HeadKind, LabelerConfig
from seqlabel.nn.crf import ConditionalRandomField
from seqlabel.nn.encoders import TextEncoder
from seqlabel.nn.heads import CRFTagHead, SoftmaxTagHead
from seqlabel.nn.networks import TaggingModel, TagHead, build_encoder, build_tagging_model


def build_head(config: HeadConfig, width: int) -> TagHead:
    """Build a fresh head.

    Args:
        config: Its numbers.
        width: The width of the states that it reads.

    Returns:
        A softmax head, or a CRF head that allows the sequences of the tag scheme, and any sequence without one.
    """
    tags = config.tag_set.tags
    if config.kind is HeadKind.CRF:
        scheme = config.tag_set.scheme
        if scheme is None:
            allowed = [[True] * len(tags)] * len(tags), [True] * len(tags), [True] * len(tags)
        else:
            allowed = allowed_transitions(tags, scheme)
        between, start, end = (torch.tensor(mask) for mask in allowed)
        crf = ConditionalRandomField(len(tags), allowed=between, allowed_start=start, allowed_end=end)
        return CRFTagHead(width, crf)
    weights = None if config.class_weights is None else torch.tensor(config.class_weights)
    return SoftmaxTagHead(width, len(tags), class_weights=weights, label_smoothing=config.label_smoothing)


_RARER = 5.0
"""Nats by which a new label scores lower than what its words were called before."""


@torch.no_grad()
def extend_head(head: TagHead, before: HeadConfig, after: HeadConfig) -> TagHead:
    """Build a head with more labels, which chooses what an old one chooses until it is trained.

    Each new tag begins as `O`, or without a scheme as the mean of all tags, with a score lower by some nats.

    Args:
        head: The old head.
        before: Its config.
        after: The config of the new one, with the old labels and others.

    Returns:
        The new head, on the old one's device.
    """
    weight = head.output.weight
    old = {tag: number for number, tag in enumerate(before.tag_set.tags)}
    extended = build_head(after, weight.shape[1]).to(weight.device, weight.dtype)
    # Of which old tags each tag is made, (tags, old tags).
    mix = weight.new_zeros(len(after.tag_set.tags), len(old))
    fresh = torch.tensor([tag not in old for tag in after.tag_set.tags], device=weight.device)
    mix[fresh] = weight.new_tensor([1.0] + [0.0] * (len(old) - 1)) if before.tag_set.scheme else 1 / len(old)
    for row, tag in enumerate(after.tag_set.tags):
        if tag in old:
            mix[row, old[tag]] = 1.0
    extended.output.weight.copy_(mix @ weight)
    extended.output.bias.copy_(mix @ head.output.bias - _RARER * fresh)
    if isinstance(head, CRFTagHead) and isinstance(extended, CRFTagHead):
        extended.crf.transitions.copy_(mix @ head.crf.transitions @ mix.T)
        extended.crf.start.copy_(mix @ head.crf.start)
        extended.crf.end.copy_(mix @ head.crf.end)
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
    heads = [build_head(head, 2 * config.hidden) for head in config.heads]
    return build_tagging_model(encoder, heads, hidden=config.hidden, dropout=config.dropout)
