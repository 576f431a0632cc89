"""What heads and tagging models find, as padded batches in torch."""

import torch

from seqlabel.nn.heads.head import Rows, TagScores
from seqlabel.nn.network_configs import Decision


def padded_scores(head, hidden, lengths, decision=None):
    """What a head finds by states (batch, time, width), with zeros in padding."""
    inside = torch.arange(hidden.shape[1], device=hidden.device) < lengths[:, None]
    tags, probabilities = map(
        torch.from_numpy,
        head.decode(hidden[inside], Rows(lengths.tolist()), decision or Decision()),
    )
    inside = inside.cpu()
    result = TagScores(
        tags.new_zeros(inside.shape), probabilities.new_zeros(*inside.shape, probabilities.shape[1])
    )
    result.tags[inside], result.probabilities[inside] = tags, probabilities
    return result


def decode(module, words, lengths, decisions=None):
    """What each head of a tagging model finds."""
    hidden = module.hidden(words, lengths)
    decisions = decisions or [Decision()] * len(module.heads)
    return [
        padded_scores(head, hidden, lengths, one)
        for head, one in zip(module.heads, decisions, strict=True)
    ]
