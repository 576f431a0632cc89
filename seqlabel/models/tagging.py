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
