"""The layers of a tagging model, read by torch, on one row that has no known end; what asks heads is in `open_row`.

Shapes: time, width; there is one row.
"""

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from seqlabel.batches.rows import PieceEncoder, RowEncoder
from seqlabel.errors import OptionError
from seqlabel.models.native import STATES
from seqlabel.nn.encoders import RecurrentEncoder
from seqlabel.nn.min_gru import MinGRU
from seqlabel.nn.networks import TaggingModel
from seqlabel.nn.states import State
from seqlabel.nn.threads import use_one_thread_after_fork


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

    @torch.inference_mode()
    def read(self, words: Sequence[str]) -> None:
        """Take words into the look-ahead; see `OpenLayers`."""
        use_one_thread_after_fork()
        vectors = self._embedder(self._encode([words]).to(self._vectors.device))
        read, self._first_state = self._ahead(vectors, self._first_state)
        self._vectors = torch.cat([self._vectors, vectors], dim=1)
        self._read = torch.cat([self._read, read], dim=1)

    @torch.inference_mode()
    def states(self, count: int, *, is_last: bool, whole: bool) -> Tensor:
        """Compute the states that heads are asked about; see `OpenLayers`."""
        use_one_thread_after_fork()
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


class _BackwardReader:
    """Reads the look-ahead from its end.

    It begins in the mean of its states at the words before; at the row's end, at its first words, and where a state is
    more than what the recurrence says, as an LSTM's, or may be, it begins in an empty one.
    """

    def __init__(self, encoder: RecurrentEncoder) -> None:
        stacks = list(encoder.stacks)
        self._encoder = encoder
        self._is_output = (
            len(stacks) == 1 and isinstance(stacks[0], nn.RNN | nn.GRU | MinGRU) and stacks[0].num_layers == 1
        )
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
            self._mean = (torch.lerp(before[0], mean, 1 / min(self._count, STATES)) if before else mean,)
        return states
