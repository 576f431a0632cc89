"""Repetition from a language model's own past: a continuous cache and a pointer mixture, for any
text.

Both remember, for each past word, the state *before* it. When the present state resembles a
remembered one, the word that came then is likely to come now. The cache needs no training and is
put on a trained model; the pointer mixture is trained with the model and learns what to look for
and when. Memory is an argument and a return value, as state is.

Shapes: batch, time, past, width, vocabulary.
"""

import math
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional

from seqlabel.errors import OptionError


class Memory(NamedTuple):
    """The words that were read, and the state before each remembered word, and the words.

    `states` (batch, past + 1, width) ends with the state after the last word, which the next word
    will be paired with. `words` (batch, past), int64.
    """

    states: Tensor
    words: Tensor


class _Pairs(NamedTuple):
    """Candidates: `keys` (batch, past, width), `words` (batch, past), and which each query sees,
    (time, past).
    """

    keys: Tensor
    words: Tensor
    visible: Tensor


def _remember(
    hidden: Tensor, inputs: Tensor, memory: Memory | None, window: int
) -> tuple[_Pairs, Memory]:
    """Pair states with the words that followed them, and cut the memory to the last `window`
    pairs.
    """
    if memory is None:
        # The first word of all has no state before it.
        states = hidden
        words = inputs[:, 1:]
    else:
        states = torch.cat([memory.states, hidden], dim=1)
        words = torch.cat([memory.words, inputs], dim=1)

    time = inputs.shape[1]
    past = words.shape[1]
    now = torch.arange(time, device=inputs.device)[:, None] + (past - time)
    then = torch.arange(past, device=inputs.device)[None]
    visible = (then <= now) & (then > now - window)

    length = min(window, past)
    memory = Memory(states[:, -(length + 1) :], words[:, past - length :])
    return _Pairs(states[:, :-1], words, visible), memory


def _attend(similarity: Tensor, pairs: _Pairs) -> Tensor:
    """Turn `similarity` (batch, time, past) into shares that sum to 1 over the visible pairs."""
    # float32 throughout: under bfloat16 the small probabilities would all become one value.
    lowest = torch.finfo(torch.float32).min
    return similarity.float().masked_fill(~pairs.visible, lowest).softmax(dim=-1)


def _mix(logits: Tensor, similarity: Tensor, pairs: _Pairs, gate: Tensor) -> Tensor:
    """Log of `(1 - sigmoid(gate)) * p_vocabulary + sigmoid(gate) * p_copy`, shape (batch, time,
    vocabulary).

    `similarity` (batch, time, past) becomes attention over the visible pairs; `gate` (batch, time,
    1) is a logit.
    """
    attention = _attend(similarity, pairs)
    nothing_visible = ~pairs.visible.any(dim=-1)[None, :, None]
    share = gate.float().sigmoid().masked_fill(nothing_visible, 0.0)
    words = pairs.words[:, None].expand_as(attention)
    # Probabilities instead of their logarithms: one pass over the vocabulary less, which is most of
    # the time.
    mixture = (logits.float().softmax(dim=-1) * (1 - share)).scatter_add(
        2, words, attention * share
    )
    return mixture.clamp_min(torch.finfo(torch.float32).tiny).log()


class ContinuousCache(nn.Module):
    """A continuous cache over the last `window` words, without parameters.

    After Grave, Joulin and Usunier (2017), "Improving Neural Language Models with a Continuous
    Cache". The paper compares states by their inner product; with the cosine, one `sharpness`
    serves models of any width.

    Formula::

        a[t, i] = softmax over i (sharpness · cos(h[t], h[i - 1])),  t - window < i ≤ t
        p(w) = (1 - weight) · p_vocabulary(w) + weight · Σ a[t, i] over all i with word[i] = w

    Args:
        window: The number of past words that may be copied, at least 1.
        sharpness: The factor of the cosine; with a higher one, attention goes to the most similar
            states alone.
        weight: The share of the probability that goes to copied words, 0 < weight < 1.

    Raises:
        OptionError: `window` or `weight` is out of range.
    """

    def __init__(self, *, window: int, sharpness: float, weight: float) -> None:
        super().__init__()
        if not 0 < weight < 1:
            raise OptionError(
                "weight: expected the cache's share of the probability, between 0 and 1, got "
                f"{weight}."
            )
        self.window = check_window(window)
        self.sharpness = sharpness
        self.weight = weight

    def forward(
        self, hidden: Tensor, logits: Tensor, inputs: Tensor, memory: Memory | None
    ) -> tuple[Tensor, Memory]:
        """Mix the vocabulary's probabilities with those of remembered words.

        Args:
            hidden: The state after each input, (batch, time, width).
            logits: The model's scores of the next word after each input, (batch, time, vocabulary).
            inputs: Ids of the words read, (batch, time).
            memory: The memory after the words before, None at the beginning of a text.

        Returns:
            Log-probabilities (batch, time, vocabulary), and the memory after `inputs`.
        """
        pairs, memory = _remember(hidden, inputs, memory, self.window)
        queries = functional.normalize(hidden, dim=-1)
        keys = functional.normalize(pairs.keys, dim=-1)
        similarity = self.sharpness * queries @ keys.transpose(1, 2)
        gate = torch.full_like(hidden[..., :1], math.log(self.weight / (1 - self.weight)))
        return _mix(logits, similarity, pairs, gate), memory


class PointerMixture(nn.Module):
    """A pointer into the last `window` words, mixed with the vocabulary by a learned gate.

    After Merity, Xiong, Bradbury and Socher (2016), "Pointer Sentinel Mixture Models". Two
    differences, both measured to matter little: queries and keys are projected to `width` and
    normalized with a learned temperature, and the gate is a linear function of the state (as in
    See, Liu and Manning 2017, "Get To The Point") instead of a sentinel in the softmax.

    Formula::

        a[t, i] = softmax over i (e^s · cos(Q h[t], K h[i - 1])),  t - window < i ≤ t
        g = σ(v h[t] + b)
        p(w) = (1 - g) · p_vocabulary(w) + g · Σ a[t, i] over all i with word[i] = w

    Q and K (width, hidden_width), v (1, hidden_width), s the learned `log_sharpness`.

    Args:
        hidden_width: The width of the encoder's states.
        width: The width of queries and keys.
        window: The number of past words that may be copied, at least 1.

    Raises:
        OptionError: `window` is below 1.
    """

    def __init__(self, hidden_width: int, *, width: int, window: int) -> None:
        super().__init__()
        self.window = check_window(window)
        self.query = nn.Linear(hidden_width, width)
        self.key = nn.Linear(hidden_width, width)
        self.gate = nn.Linear(hidden_width, 1)
        self.log_sharpness = nn.Parameter(torch.tensor(math.log(10.0)))

    def forward(
        self, hidden: Tensor, logits: Tensor, inputs: Tensor, memory: Memory | None
    ) -> tuple[Tensor, Memory]:
        """Mix the vocabulary's probabilities with those of the words pointed to.

        Args:
            hidden: The state after each input, (batch, time, hidden_width).
            logits: The model's scores of the next word after each input, (batch, time, vocabulary).
            inputs: Ids of the words read, (batch, time).
            memory: The memory after the words before, None at the beginning of a text.

        Returns:
            Log-probabilities (batch, time, vocabulary), and the memory after `inputs`.
        """
        pairs, memory = _remember(hidden, inputs, memory, self.window)
        return _mix(logits, self._similarity(hidden, pairs), pairs, self.gate(hidden)), memory

    def look_back(self, hidden: Tensor, inputs: Tensor) -> tuple[Tensor, Tensor]:
        """Return where the pointer looks and how much it counts, at the beginning of a text.

        Args:
            hidden: The state after each input, (batch, time, hidden_width).
            inputs: Ids of the words read, (batch, time).

        Returns:
            The attention and the gate. Attention is (batch, time, time - 1), over the inputs after
            the first, of which a position sees those up to its own. The gate is (batch, time), the
            share of copying. Position 0 sees nothing, and copies nothing.
        """
        pairs, _ = _remember(hidden, inputs, None, self.window)
        attention = _attend(self._similarity(hidden, pairs), pairs)
        return attention, self.gate(hidden).sigmoid().squeeze(-1)

    def _similarity(self, hidden: Tensor, pairs: _Pairs) -> Tensor:
        """Compare each state with those before the remembered words, (batch, time, past)."""
        queries = functional.normalize(self.query(hidden), dim=-1)
        keys = functional.normalize(self.key(pairs.keys), dim=-1)
        return self.log_sharpness.exp() * queries @ keys.transpose(1, 2)


def check_window(window: int) -> int:
    """Check the number of past words that may be copied.

    Args:
        window: The number of words.

    Returns:
        `window` itself.

    Raises:
        OptionError: It is below 1.
    """
    if window < 1:
        raise OptionError(f"window: expected a number of past words, at least 1, got {window}.")
    return window
