"""A tagging model on one row that has no known end: words in, tags out after a look-ahead; the text is in `stream`.

Shapes: time, width; there is one row.
"""

from collections.abc import Sequence
from typing import Protocol

import numpy as np
import torch
from torch import Tensor, nn

from seqlabel.batches.rows import PieceEncoder, RowEncoder
from seqlabel.batches.windows import FoundTags
from seqlabel.errors import OptionError
from seqlabel.models.fast import AHEAD, BACK, CompiledLayer, WordGates, agreed_tags, best_tags
from seqlabel.native.compiled import LARGEST, ZERO, Floats
from seqlabel.nn.configs import Decision
from seqlabel.nn.encoders import RecurrentEncoder
from seqlabel.nn.heads import CRFTagHead
from seqlabel.nn.networks import TaggingModel, TagHead
from seqlabel.nn.states import State
from seqlabel.nn.threads import use_one_thread_after_fork


class OpenLayers(Protocol):
    """The layers of a tagging model on one row that goes on and on, whatever takes their steps.

    Forward states are carried. What follows the look-ahead is not known: backward states begin in the mean of their
    states at the words before. Begun in an empty state, up to twice as many words would get another label than the
    whole row would give them.
    """

    def read(self, words: Sequence[str]) -> None:
        """Take words into the look-ahead.

        Args:
            words: The next words of the row, at least one.
        """
        ...

    def states(self, count: int, *, is_last: bool, whole: bool) -> Tensor:
        """Compute the states that heads are asked about; the first words then leave the look-ahead.

        Args:
            count: How many words leave it.
            is_last: Whether the row ends with them; else anything may follow.
            whole: Whether states of all words in the look-ahead are wanted, or of those that leave it.

        Returns:
            States (time, width).
        """
        ...


class OpenRow:
    """The layers and heads of a tagging model on one row that goes on and on.

    What a CRF has said of the words before binds what it says next. The model is in evaluation mode.

    Windows with context (`seqlabel.batches.windows`) have no place here: state is carried, so that nothing is read
    twice from the left, and the look-ahead is all the context there is on the right.

    Args:
        module: The model whose heads are asked.
        layers: Its layers, which have read nothing of the row.
    """

    def __init__(self, module: TaggingModel, layers: OpenLayers) -> None:
        self._layers = layers
        self._module = module
        self._heads = [_OpenHead(head) for head in module.tag_heads]
        self._together = any(isinstance(head, CRFTagHead) for head in module.tag_heads)

    @torch.inference_mode()
    def read(self, words: Sequence[str]) -> None:
        """Take words into the look-ahead.

        Args:
            words: The next words of the row, at least one.
        """
        use_one_thread_after_fork()
        self._layers.read(words)

    @torch.inference_mode()
    def tags(self, count: int, decisions: Sequence[Decision], *, is_last: bool) -> list[FoundTags]:
        """Tag the first words of the look-ahead, which then leave it.

        Args:
            count: How many words are tagged, at least one.
            decisions: How each head's scores are read.
            is_last: Whether the row ends with them; else anything may follow.

        Returns:
            For each head the tags of these words and the tags' probabilities.
        """
        use_one_thread_after_fork()
        states = self._layers.states(count, is_last=is_last, whole=self._together)
        found = {
            number: head.tags(states, count, decision, is_last=is_last)
            for number, (head, decision) in enumerate(zip(self._heads, decisions, strict=True))
        }
        heads = self._module.tag_heads
        return [agreed_tags(number, found, heads, states[:count], decisions) for number in found]


class TorchLayers:
    """The layers of any tagging model over whole words, read by torch (`OpenLayers`).

    One row in small steps is read faster by torch's own layers than by a `PackedReader` without compiled steps.

    Args:
        module: The model.
        encoder: What makes words its inputs.

    Raises:
        OptionError: For a model that reads pieces of words.
    """

    def __init__(self, module: TaggingModel, encoder: RowEncoder) -> None:
        if isinstance(encoder, PieceEncoder):
            raise OptionError(
                "Found a labeler that reads pieces of words. Give a stream a labeler that reads whole words."
            )
        self._encode = encoder
        self._embedder = module.encoder.embedder
        self._ahead, self._second = module.encoder.forward_encoder, module.second
        backward = module.encoder.backward_encoder
        self._back = None if backward is None else _BackwardReader(backward)
        self._second_back = _BackwardReader(self._second.backward_encoder)
        # After all words read, in the first layer; after all words labelled, in the second.
        self._first_state: State = None
        self._second_state: State = None
        device = next(module.parameters()).device
        # Of the words that are read and not labelled: vectors and first states, (1, time, width) each.
        self._vectors = torch.empty(1, 0, self._embedder.width, device=device)
        self._read = torch.empty(1, 0, self._ahead.width, device=device)

    def read(self, words: Sequence[str]) -> None:
        """Take words into the look-ahead; see `OpenLayers`.

        Args:
            words: The next words of the row, at least one.
        """
        vectors = self._embedder(self._encode([words]).to(self._vectors.device))
        read, self._first_state = self._ahead(vectors, self._first_state)
        self._vectors = torch.cat([self._vectors, vectors], dim=1)
        self._read = torch.cat([self._read, read], dim=1)

    def states(self, count: int, *, is_last: bool, whole: bool) -> Tensor:
        """Compute the states that heads are asked about; see `OpenLayers`.

        Args:
            count: How many words leave the look-ahead.
            is_last: Whether the row ends with them.
            whole: Whether states of all words in the look-ahead are wanted.

        Returns:
            States (time, width).
        """
        first = [self._read]
        if self._back is not None:
            first.append(self._back(self._vectors, count, is_last=is_last))
        vectors = torch.cat([*first, self._vectors], dim=-1)
        states, self._second_state = self._second.forward_encoder(vectors[:, :count], self._second_state)
        if whole and count < vectors.shape[1]:
            # These words' backward states may change yet, so what is read of them now is not carried.
            rest, _ = self._second.forward_encoder(vectors[:, count:], self._second_state)
            states = torch.cat([states, rest], dim=1)
        back = self._second_back(vectors, count, is_last=is_last)
        self._vectors, self._read = self._vectors[:, count:], self._read[:, count:]
        return torch.cat([states, back[:, : states.shape[1]]], dim=-1)[0]


class CompiledLayers:
    """The layers of a model that the compiled steps read, in 8-bit products (`OpenLayers`).

    Args:
        words: What words add to the gates of both layers.
        layers: The two layers.
    """

    def __init__(self, words: WordGates, layers: tuple[CompiledLayer, CompiledLayer]) -> None:
        self._gates = words
        self._first, self._second = layers
        # 127 times each way's state, (2, 1, width): forward ones are carried, backward ones are the mean.
        self._first_states, self._second_states = (np.zeros((2, 1, one.width), np.float32) for one in layers)
        self._calls = 0
        # The words in the look-ahead, and their forward states in the first layer as bytes.
        self._words: list[str] = []
        self._read = np.empty((0, self._first.width), np.uint8)

    def read(self, words: Sequence[str]) -> None:
        """Take words into the look-ahead; see `OpenLayers`.

        Args:
            words: The next words of the row, at least one.
        """
        self._words += words
        (table, _), places = self._gates.look_up(words)
        read = self._first.bytes(table, places, ways=AHEAD, states=self._first_states)
        self._read = np.concatenate([self._read, read[:, : self._first.width]])

    def states(self, count: int, *, is_last: bool, whole: bool) -> Tensor:
        """Compute the states that heads are asked about; see `OpenLayers`.

        Args:
            count: How many words leave the look-ahead.
            is_last: Whether the row ends with them.
            whole: Whether states of all words in the look-ahead are wanted.

        Returns:
            States (time, width).
        """
        (first, second), places = self._gates.look_up(self._words)
        width, wanted = self._second.width, len(places) if whole else count
        self._calls += 1
        begun = np.zeros_like(self._first_states) if is_last else self._first_states.copy()
        back = self._first.bytes(first, places, ways=BACK, states=begun)[:, self._first.width :]
        self._move(self._first_states, back[:count].astype(np.float32) - ZERO)
        below = np.concatenate([self._read, back], axis=1)
        ahead = self._second.floats(second, places[:count], below[:count], ways=AHEAD, states=self._second_states)
        if wanted > count:
            # These words' backward states may change yet, so what is read of them now is not carried.
            carried = self._second_states.copy()
            rest = self._second.floats(second, places[count:], below[count:], ways=AHEAD, states=carried)
            ahead = np.concatenate([ahead, rest])
        begun = np.zeros_like(self._second_states) if is_last else self._second_states.copy()
        behind = self._second.floats(second, places, below, ways=BACK, states=begun)
        self._move(self._second_states, LARGEST * behind[:count, width:])
        self._words, self._read = self._words[count:], self._read[count:]
        return torch.from_numpy(np.concatenate([ahead[:wanted, :width], behind[:wanted, width:]], axis=1))

    def _move(self, states: Floats, found: Floats) -> None:
        """Move the mean backward state towards that of the words found, (time, width); about ten calls count."""
        states[1, 0] += (found.mean(axis=0) - states[1, 0]) / min(self._calls, _STATES)


class _BackwardReader:
    """Reads the look-ahead from its end.

    It begins in the mean of its states at the words before; at the row's end, at its first words, and where a state is
    more than what the recurrence says, as an LSTM's, it begins in an empty one.
    """

    def __init__(self, encoder: RecurrentEncoder) -> None:
        stacks = list(encoder.stacks)
        self._encoder = encoder
        self._is_output = len(stacks) == 1 and stacks[0].num_layers == 1 and not isinstance(stacks[0], nn.LSTM)
        self._mean: State = None
        self._count = 0

    def __call__(self, vectors: Tensor, count: int, *, is_last: bool) -> Tensor:
        """States (1, time, width) of vectors (1, time, input width), of which the first `count` will not come again.

        `is_last` says that the row ends with them.
        """
        states: Tensor = self._encoder(vectors.flip(1), None if is_last else self._mean)[0].flip(1)
        if self._is_output:
            self._count += 1
            mean = states[:, :count].mean(dim=1)[None]
            before = self._mean
            # About the last ten calls count.
            self._mean = (torch.lerp(before[0], mean, 1 / min(self._count, _STATES)) if before else mean,)
        return states


_STATES = 10


class _OpenHead:
    """A head, and the last tag that it gave the row."""

    def __init__(self, head: TagHead) -> None:
        self._head = head
        self._before: int | None = None

    def tags(self, states: Tensor, count: int, decision: Decision, *, is_last: bool) -> FoundTags:
        """The tags of the first `count` of the words with these states (time, width), and their probabilities."""
        ids, scores = best_tags(self._head, states, [len(states)], decision, after=self._before, goes_on=not is_last)
        self._before = int(ids[count - 1])
        return FoundTags(ids[:count], scores[:count])
