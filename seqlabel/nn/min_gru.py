"""minGRU, a recurrence that is computed for all words at once (Feng et al. 2024, "Were RNNs All We
Needed?").

Gate and candidate come from the word alone, so that a state is linear in the one before:
h' = (1 - z) · h + z · tanh(c), with z = σ(W x + b) and c = V x + d. Such steps compose, in whatever
order they are grouped (a scan; Blelloch 1990). The paper scans in log space, which needs positive
candidates; products of numbers below 1 need no logarithms, so that the candidate here is a GRU's.
Other recurrences are torch's, chosen in `encoders`. Shapes: batch, time, width, layers.
"""

import torch
from torch import Tensor, nn


class MinGRU(nn.Module):
    """A stack of minGRU layers, to be used as `nn.GRU` with `batch_first`.

    After Feng, Tung, Ahmed, Bengio and Hajimirsadeghi (2024), "Were RNNs All We Needed?".

    Formula, for each layer::

        z[t] = σ(W x[t] + b)
        h[t] = (1 - z[t]) · h[t - 1] + z[t] · tanh(V x[t] + d)

    W and V (hidden_width, input_width). The paper's candidate is positive instead of `tanh`; states
    here lie between -1 and 1.

    Args:
        input_width: The width of the vectors.
        hidden_width: The width of the states of each layer.
        layers: The number of layers.
    """

    def __init__(self, input_width: int, hidden_width: int, layers: int = 1) -> None:
        super().__init__()
        widths = [input_width, *[hidden_width] * (layers - 1)]
        self.gates = nn.ModuleList(nn.Linear(width, 2 * hidden_width) for width in widths)
        self.num_layers = layers

    def forward(self, vectors: Tensor, initial: Tensor | None = None) -> tuple[Tensor, Tensor]:
        """Read vectors from left to right.

        Args:
            vectors: The vectors, (batch, time, input_width), with a time of at least 1.
            initial: The states before the first word, (layers, batch, hidden_width); None for
                zeros.

        Returns:
            The states of the last layer (batch, time, hidden_width), and those of all layers after
            the last word (layers, batch, hidden_width).
        """
        hidden = vectors
        after: list[Tensor] = []
        for number, gates in enumerate(self.gates):
            # In the weights' precision also where autocast multiplies in a lower one.
            update, candidate = gates(hidden).to(gates.weight.dtype).chunk(2, dim=-1)
            update = update.sigmoid()
            keep = 1 - update
            add = update * candidate.tanh()
            if initial is not None:
                first = torch.addcmul(add[:, :1], keep[:, :1], initial[number, :, None])
                add = torch.cat([first, add[:, 1:]], dim=1)
            hidden = scan(keep, add)
            after.append(hidden[:, -1])
        return hidden, torch.stack(after)


def scan(keep: Tensor, add: Tensor) -> Tensor:
    """Compute h[t] = keep[t] · h[t - 1] + add[t], from zeros, in 2 · log2(time) operations on all
    words.

    Two steps one after the other are one step. So the states at every other word are a scan of half
    the length, and those between are one step from them.

    Args:
        keep: The factors, (batch, time, width).
        add: The terms, (batch, time, width).

    Returns:
        The states, (batch, time, width).
    """
    time = add.shape[1]
    if time == 1:
        return add
    keep_even, keep_odd = keep[:, ::2], keep[:, 1::2]
    add_even, add_odd = add[:, ::2], add[:, 1::2]

    # Each odd step and the even one before it, as one step.
    pairs = time // 2
    keep_both = keep_odd * keep_even[:, :pairs]
    add_both = torch.addcmul(add_odd, keep_odd, add_even[:, :pairs])
    odd = scan(keep_both, add_both)

    states = torch.empty_like(add)
    states[:, 0] = add[:, 0]
    states[:, 1::2] = odd
    states[:, 2::2] = torch.addcmul(
        add_even[:, 1:], keep_even[:, 1:], odd[:, : add_even.shape[1] - 1]
    )
    return states
