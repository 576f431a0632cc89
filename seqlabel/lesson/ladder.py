"""The six language models of the lesson, from three layers written out to a GRU; the library's own
model is in `nn`.

Each is a plain module `(x, state) → (logits, state)` that fits on a screen: input → hidden (`i_h`),
hidden → hidden (`h_h`), hidden → output (`h_o`), the names of the arrows in the lesson (Howard and
Gugger, "Deep Learning for Coders", chapter 12; fast.ai 2019, lesson 7). Models 2 to 4 have the
layers of model 1, and pass through them in another way. All normalise over the batch before the
output, as the lesson did. `LADDER` lists them with the protocol of each.

Shapes: x (batch, time) of ids; logits (batch, predicted, vocabulary), for the last `predicted` of
the words read.
"""

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

from seqlabel.nn.states import State


class BatchNorm(nn.Module):
    """Batch normalisation over every word of every row (Ioffe and Szegedy 2015)."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.norm = nn.BatchNorm1d(width)

    def forward(self, values: Tensor) -> Tensor:
        """Normalise values over all but the last dimension.

        Args:
            values: (..., width).

        Returns:
            Values of the same shape.
        """
        normal: Tensor = self.norm(values.flatten(0, -2)).view_as(values)
        return normal


class ThreeWords(nn.Module):
    """1. Three words in, the next one out, every layer written out one by one."""

    def __init__(self, vocabulary: int, width: int) -> None:
        super().__init__()
        self.i_h = nn.Embedding(vocabulary, width)
        self.h_h = nn.Linear(width, width)
        self.norm = BatchNorm(width)
        self.h_o = nn.Linear(width, vocabulary)

    def forward(self, x: Tensor, state: State = None) -> tuple[Tensor, State]:
        """Predict the word after three.

        Args:
            x: Ids of words, (batch, 3).
            state: Not used.

        Returns:
            Logits (batch, 1, vocabulary), and None for the state.
        """
        h = self.norm(functional.relu(self.i_h(x[:, 0])))
        h = h + self.i_h(x[:, 1])
        h = self.norm(functional.relu(self.h_h(h)))
        h = h + self.i_h(x[:, 2])
        h = self.norm(functional.relu(self.h_h(h)))
        return self.h_o(h)[:, None], None


class Loop(ThreeWords):
    """2. The same as a loop: any number of words in, the next one out; the first word passes `h_h`
    too.
    """

    def forward(self, x: Tensor, state: State = None) -> tuple[Tensor, State]:
        """Predict the word after some.

        Args:
            x: Ids of words, (batch, time).
            state: Not used.

        Returns:
            Logits (batch, 1, vocabulary), and None for the state.
        """
        h = torch.zeros(len(x), self.h_h.in_features, device=x.device)
        for word in x.unbind(dim=1):
            h = h + self.i_h(word)
            h = self.norm(functional.relu(self.h_h(h)))
        return self.h_o(h)[:, None], None


class EveryWord(ThreeWords):
    """3. A prediction after every word; what was read is forgotten with the batch."""

    def forward(self, x: Tensor, state: State = None) -> tuple[Tensor, State]:
        """Predict the word after each one.

        Args:
            x: Ids of words, (batch, time).
            state: Not used.

        Returns:
            Logits (batch, time, vocabulary), and None for the state.
        """
        h = torch.zeros(len(x), self.h_h.in_features, device=x.device)
        hidden = []
        for word in x.unbind(dim=1):
            h = functional.relu(self.h_h(h + self.i_h(word)))
            hidden.append(h)
        return self.h_o(self.norm(torch.stack(hidden, dim=1))), None


class KeptState(ThreeWords):
    """4. The same, with the state carried from batch to batch."""

    def forward(self, x: Tensor, state: State = None) -> tuple[Tensor, State]:
        """Predict the word after each one, going on from a state.

        Args:
            x: Ids of words, (batch, time).
            state: (batch, width) after the words before x; None at the start of a text.

        Returns:
            Logits (batch, time, vocabulary), and the state (batch, width) after the last word.
        """
        h = state
        if not isinstance(h, Tensor):
            h = torch.zeros(len(x), self.h_h.in_features, device=x.device)
        hidden = []
        for word in x.unbind(dim=1):
            h = functional.relu(self.h_h(h + self.i_h(word)))
            hidden.append(h)
        return self.h_o(self.norm(torch.stack(hidden, dim=1))), h


class TorchRNN(nn.Module):
    """5. The same with torch's own loop, `nn.RNN`."""

    def __init__(self, vocabulary: int, width: int) -> None:
        super().__init__()
        self.i_h = nn.Embedding(vocabulary, width)
        self.rnn = nn.RNN(width, width, batch_first=True)
        self.norm = BatchNorm(width)
        self.h_o = nn.Linear(width, vocabulary)

    def forward(self, x: Tensor, state: State = None) -> tuple[Tensor, State]:
        """Predict the word after each one, going on from a state.

        Args:
            x: Ids of words, (batch, time).
            state: (1, batch, width) after the words before x; None at the start of a text.

        Returns:
            Logits (batch, time, vocabulary), and the state (1, batch, width) after the last word.
        """
        hidden, state = self.rnn(self.i_h(x), state)
        return self.h_o(self.norm(hidden)), state


class TwoLayerGRU(nn.Module):
    """6. Two layers of gated recurrent units."""

    def __init__(self, vocabulary: int, width: int) -> None:
        super().__init__()
        self.i_h = nn.Embedding(vocabulary, width)
        self.rnn = nn.GRU(width, width, 2, batch_first=True)
        self.norm = BatchNorm(width)
        self.h_o = nn.Linear(width, vocabulary)

    def forward(self, x: Tensor, state: State = None) -> tuple[Tensor, State]:
        """Predict the word after each one, going on from a state.

        Args:
            x: Ids of words, (batch, time).
            state: (2, batch, width) after the words before x; None at the start of a text.

        Returns:
            Logits (batch, time, vocabulary), and the state (2, batch, width) after the last word.
        """
        hidden, state = self.rnn(self.i_h(x), state)
        return self.h_o(self.norm(hidden)), state


class SkippingGRU(nn.Module):
    """Model 6 with skip connections: what a layer reads is added to its output (He et al. 2016,
    residual learning).
    """

    def __init__(self, vocabulary: int, width: int) -> None:
        super().__init__()
        self.i_h = nn.Embedding(vocabulary, width)
        self.rnn = nn.ModuleList(nn.GRU(width, width, batch_first=True) for _ in range(2))
        self.norm = BatchNorm(width)
        self.h_o = nn.Linear(width, vocabulary)

    def forward(self, x: Tensor, state: State = None) -> tuple[Tensor, State]:
        """Predict the word after each one, going on from a state.

        Args:
            x: Ids of words, (batch, time).
            state: (2, batch, width) after the words before x; None at the start of a text.

        Returns:
            Logits (batch, time, vocabulary), and the state (2, batch, width) after the last word.
        """
        before = (state[:1], state[1:]) if isinstance(state, Tensor) else (None, None)
        values = self.i_h(x)
        after = []
        for layer, initial in zip(self.rnn, before, strict=True):
            hidden, final = layer(values, initial)
            values = values + hidden
            after.append(final)
        return self.h_o(self.norm(values)), torch.cat(after)


@dataclass(frozen=True)
class Step:
    """One step of the ladder: the model's builder, the lesson's protocol for it, and what was
    published.

    `published` is the last validation accuracy that the lesson printed (models 4 and 5: at epoch 10
    of 20). `reference` is the accuracy of a reader who knows how numbers go but sees only what the
    model sees.
    """

    name: str
    build: Callable[[int, int], nn.Module]
    bptt: int
    epochs: int
    max_lr: float
    pct_start: float
    published: float | None
    reference: float


LADDER = (
    Step("1 three words", ThreeWords, 3, 6, 1e-4, 0.3, 0.465, 0.470),
    Step("2 loop", Loop, 3, 6, 1e-4, 0.3, 0.469, 0.470),
    Step("3 every word", EveryWord, 20, 10, 1e-4, 0.1, 0.399, 0.8365),
    Step("4 kept state", KeptState, 20, 20, 3e-3, 0.3, 0.562, 0.9849),
    Step("5 nn.RNN", TorchRNN, 20, 20, 3e-3, 0.3, 0.524, 0.9849),
    Step("6 two-layer GRU", TwoLayerGRU, 20, 10, 1e-2, 0.3, 0.826, 0.9849),
)
SKIPPING = Step("6 with skip connections", SkippingGRU, 20, 10, 1e-2, 0.3, None, 0.9849)
"""What the lesson names to try next."""
WIDTH = 64
BATCH_SIZE = 64
