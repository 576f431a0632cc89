"""A tagging model on one row that has no known end: words in, tags out after a look-ahead; the text is in `stream`.

Shapes: time, width; there is one row.
"""

from collections.abc import Sequence
from typing import cast

import torch
from torch import Tensor, nn

from seqlabel.batches.labelled import PieceEncoder, RowEncoder
from seqlabel.batches.windows import FoundTags
from seqlabel.errors import OptionError
from seqlabel.models.fast import best_tags
from seqlabel.nn.encoders import RecurrentEncoder
from seqlabel.nn.heads import CRFTagHead
from seqlabel.nn.networks import TaggingModel, TagHead
from seqlabel.nn.states import State
from seqlabel.nn.threads import use_one_thread_after_fork


class OpenRow:
    """The layers and heads of a tagging model on one row that goes on and on.

    Forward states are carried; backward ones are those of a `_BackwardReader`. What a CRF has said of the words before
    binds what it says next. The model is in evaluation mode.

    One row in small steps is read faster by torch's own layers than by a `PackedReader`, whatever they are made of.
    Windows with context (`seqlabel.batches.windows`) have no place here: state is carried, so that nothing is read
    twice from the left, and the look-ahead is all the context there is on the right.
    """

    def __init__(self, module: TaggingModel, encoder: RowEncoder) -> None:
        if isinstance(encoder, PieceEncoder):
            raise OptionError(
                "Found a labeler that reads pieces of words. Give a stream a labeler that reads whole words."
            )
        self._model = module
        self._encode = encoder
        text_encoder, self._second = module.encoder, module.second
        self._ahead = text_encoder.forward_encoder
        backward = text_encoder.backward_encoder
        self._back = None if backward is None else _BackwardReader(backward)
        self._second_back = _BackwardReader(self._second.backward_encoder)
        self._heads = [_OpenHead(head) for head in cast(Sequence[TagHead], module.heads)]
        self._together = any(isinstance(head, CRFTagHead) for head in module.heads)
        # After all words read, in the first layer; after all words labelled, in the second.
        self._first_state: State = None
        self._second_state: State = None
        device = next(module.parameters()).device
        # Of the words that are read and not labelled: vectors and first states, (1, time, width) each.
        self._vectors = torch.empty(1, 0, text_encoder.embedder.width, device=device)
        self._read = torch.empty(1, 0, self._ahead.width, device=device)

    @torch.inference_mode()
    def read(self, words: Sequence[str]) -> None:
        """Take words into the look-ahead.

        Args:
            words: The next words of the row, at least one.
        """
        use_one_thread_after_fork()
        vectors = self._model.encoder.embedder(self._encode([words]).to(self._vectors.device))
        read, self._first_state = self._ahead(vectors, self._first_state)
        self._vectors = torch.cat([self._vectors, vectors], dim=1)
        self._read = torch.cat([self._read, read], dim=1)

    @torch.inference_mode()
    def tags(self, count: int, *, is_last: bool) -> list[FoundTags]:
        """Tag the first words of the look-ahead, which then leave it.

        Args:
            count: How many words are tagged, at least one.
            is_last: Whether the row ends with them; else anything may follow.

        Returns:
            For each head the tags of these words and the tags' probabilities.
        """
        use_one_thread_after_fork()
        states = self._states(count, is_last=is_last)
        return [head.tags(states, count, is_last=is_last) for head in self._heads]

    def _states(self, count: int, *, is_last: bool) -> Tensor:
        """States (time, width) of the first `count` words in the look-ahead, which then leave it.

        Where a head decides about words together, states of all words.
        """
        first = [self._read]
        if self._back is not None:
            first.append(self._back(self._vectors, count, is_last=is_last))
        vectors = torch.cat([*first, self._vectors], dim=-1)
        states, self._second_state = self._second.forward_encoder(vectors[:, :count], self._second_state)
        if self._together and count < vectors.shape[1]:
            # These words' backward states may change yet, so what is read of them now is not carried.
            rest, _ = self._second.forward_encoder(vectors[:, count:], self._second_state)
            states = torch.cat([states, rest], dim=1)
        back = self._second_back(vectors, count, is_last=is_last)
        self._vectors, self._read = self._vectors[:, count:], self._read[:, count:]
        return torch.cat([states, back[:, : states.shape[1]]], dim=-1)[0]


class _BackwardReader:
    """Reads the look-ahead from its end.

    What follows is not known; it begins in the mean of its states at the words before, at the row's end and at its
    first words in an empty one: up to half as many words get another label than the whole row would give them. Where a
    state is more than what the recurrence says, as an LSTM's, it begins in an empty one too.
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

    def tags(self, states: Tensor, count: int, *, is_last: bool) -> FoundTags:
        """The tags of the first `count` of the words with these states (time, width), and their probabilities."""
        ids, scores = best_tags(self._head, states, [len(states)], after=self._before, goes_on=not is_last)
        self._before = int(ids[count - 1])
        return FoundTags(ids[:count], scores[:count])
