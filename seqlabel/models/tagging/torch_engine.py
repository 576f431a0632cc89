"""A tagging model in torch as engines for the inference path: torch's own, and the compiled steps
with its weights.

Shapes: words (of all rows together), width, tags.
"""

from collections.abc import Hashable, Sequence
from copy import deepcopy
from dataclasses import dataclass
from itertools import chain

import torch
from torch import Tensor, nn

from seqlabel.batches.rows import PieceEncoder, RowEncoder, WordEncoder
from seqlabel.batches.windows import FoundTags
from seqlabel.errors import OptionError
from seqlabel.models.tagging.engine import Arithmetic, EngineKind, Spelling
from seqlabel.models.tagging.native import STATES, NativeEngine, moves_mean
from seqlabel.models.tagging.packed import PackedReader, PackedWords
from seqlabel.native.compiled import Floats
from seqlabel.nn.encoders import EncodedWords, RecurrentEncoder
from seqlabel.nn.heads.head import (
    ArcScores,
    CompiledDocumentHead,
    CompiledHead,
    Rows,
    TagScores,
    unit_of,
)
from seqlabel.nn.min_gru import MinGRU
from seqlabel.nn.moving import moved
from seqlabel.nn.network_configs import Decision
from seqlabel.nn.networks import TaggingModel, TagHead
from seqlabel.nn.pooling import PooledLayer
from seqlabel.nn.states import State
from seqlabel.nn.threads import use_one_thread_after_fork
from seqlabel.training.batch_sizes import BATCH_WORDS, BatchUse
from seqlabel.training.devices import multiplies_float16


def engine_of(
    module: TaggingModel, encoder: RowEncoder, arithmetic: Arithmetic
) -> "NativeEngine | TorchEngine":
    """Make what tags with the weights that a model has now.

    Args:
        module: The model, in evaluation mode.
        encoder: Turns words into model inputs.
        arithmetic: In which numbers states and weights are multiplied.

    Returns:
        The compiled steps with a copy of the weights, where they are asked for and read such a
        model; else torch. On a GPU that multiplies in 16 bits it reads with a copy of the layers in
        these, unless `arithmetic` is `FLOAT32`.
    """
    reader = PackedReader.of(module, encoder)
    if arithmetic.is_compiled and reader is not None and all(map(runs_compiled, module.tag_heads)):
        assert isinstance(encoder, WordEncoder)
        arrays = {
            name: tensor.detach().numpy().copy() for name, tensor in module.state_dict().items()
        }
        return NativeEngine(arrays, module.tag_heads, encoder.vocabulary)
    layers = module
    if arithmetic is Arithmetic.AUTO and multiplies_float16(device_of(module)):
        # Of the two kinds of 16 bits the one that rounds less: weights and states are small
        # numbers.
        layers = deepcopy(module).half()
    return TorchEngine(module, encoder, reader, layers=layers)


def device_of(module: nn.Module) -> torch.device:
    """Return the device that a module is on.

    Args:
        module: The module.

    Returns:
        The device of its first parameter.
    """
    return next(module.parameters()).device


def runs_compiled(head: TagHead) -> bool:
    """Return whether a head runs without torch.

    Args:
        head: The head.

    Returns:
        Whether it does, on whatever encoder it is.
    """
    if isinstance(head.kind, CompiledDocumentHead):
        return isinstance(head.output, PooledLayer)
    return isinstance(head.kind, CompiledHead) and isinstance(head.output, nn.Linear)


@dataclass(frozen=True)
class _PaddedWords:
    """What an encoder has read of rows of words, padded.

    Args:
        encoded: States and vectors, (batch, time, width).
        lengths: The number of words of each row, (batch,).
        places: Where each word is among the places of all rows, (words,).
    """

    encoded: EncodedWords
    lengths: Tensor
    places: Tensor

    def words_of(self, padded: Tensor) -> Tensor:
        """Take the words of padded states (batch, time, width), row after row, (words, width)."""
        return padded.flatten(0, 1)[self.places]


def _places(lengths: Sequence[int]) -> Tensor:
    """Number the words among the places of padded rows, (words,), on the CPU: it would wait for a
    GPU to do so.
    """
    time = max(lengths)
    rows = [torch.arange(length) + number * time for number, length in enumerate(lengths)]
    return torch.cat(rows)


class TorchEngine:
    """A tagging model of any kind, wherever it is, by torch. In a forked process torch has one
    thread.

    Args:
        module: The model, in evaluation mode.
        encoder: Turns words into model inputs.
        reader: The fast way through its layers; None where it has none.
        layers: A copy of the model, in other numbers, that reads words; None for the model itself.
            Heads read states in 32 bits.
    """

    kind = EngineKind.TORCH

    def __init__(
        self,
        module: TaggingModel,
        encoder: RowEncoder,
        reader: PackedReader | None,
        *,
        layers: TaggingModel | None = None,
    ) -> None:
        device = device_of(module)
        self.batch_words = BATCH_WORDS[BatchUse.LABELING].on(device)
        self.is_remote = device.type != "cpu"
        self.reader = reader
        self._layers = module if layers is None else layers
        self.width = 0 if module.second is None else module.second.width
        self.units = [unit_of(head.kind) for head in module.tag_heads]
        self.has_spans = [head.tag_set.scheme is not None for head in module.tag_heads]
        self.is_joint = [head.kind.joint for head in module.tag_heads]
        self._module = module
        self._encoder = encoder

    @torch.inference_mode()
    def read(
        self, rows: Sequence[Sequence[Hashable]], spell: Spelling
    ) -> "PackedWords | _PaddedWords":
        """Read rows with the encoder; see `NativeEngine`."""
        use_one_thread_after_fork()
        if self.reader is not None:
            return self.reader.read(rows, spell)
        device = device_of(self._layers)
        spelled = [list(map(spell, row)) for row in rows]
        sizes = [len(row) for row in rows]
        inputs = self._encoder(spelled).to(device)
        lengths = moved(torch.tensor(sizes), device)
        encoded = self._layers.encoder(inputs, lengths, dropout=self._layers.dropout)
        return _PaddedWords(encoded, lengths, moved(_places(sizes), device))

    @torch.inference_mode()
    def states_of(self, read: "PackedWords | _PaddedWords") -> Tensor:
        """Compute the states that heads of words and sentences read; see `NativeEngine`."""
        if isinstance(read, PackedWords):
            assert self.reader is not None
            return self.reader.states_of(read)
        return read.words_of(self._layers.hidden_of(read.encoded, read.lengths)).float()

    @property
    def encoder_widths(self) -> tuple[int, ...]:
        """The width of the encoder's states in each direction; see `NativeEngine`."""
        return tuple(way.width for way in self._module.encoder.ways)

    @torch.inference_mode()
    def encoded(self, read: "PackedWords | _PaddedWords") -> Floats:
        """Give the states of the encoder; see `NativeEngine`."""
        states = (
            read.encoded_states
            if isinstance(read, PackedWords)
            else read.words_of(read.encoded.states).float()
        )
        return self.floats(states)

    def states(self, rows: Sequence[Sequence[Hashable]], spell: Spelling) -> Tensor:
        """Read rows with both layers; see `NativeEngine`."""
        return self.states_of(self.read(rows, spell))

    def tags(self, head: int, states: Tensor, rows: Rows, decision: Decision) -> FoundTags:
        """Choose the tags of the words of rows; see `NativeEngine`."""
        chosen = self.decode(head, states, rows, decision)
        return FoundTags(chosen.tags, chosen.scores)

    @torch.inference_mode()
    def decode(
        self, head: int, states: Tensor | Floats, rows: Rows, decision: Decision
    ) -> TagScores | ArcScores:
        """Choose the tags of the words of rows, and score every tag; see `NativeEngine`."""
        use_one_thread_after_fork()
        if not isinstance(states, Tensor):
            states = moved(torch.from_numpy(states), device_of(self._module))
        return self._module.tag_heads[head].decode(states, rows, decision)

    @torch.inference_mode()
    def scores(self, head: int, states: Tensor) -> Floats:
        """Score every tag of words; see `NativeEngine`."""
        return self.floats(self._module.tag_heads[head].output(states))

    def labels(self, head: int) -> int:
        """Count the labels of a head; see `NativeEngine`."""
        return len(self._module.tag_heads[head].tag_set.tags)

    @torch.inference_mode()
    def joined(self, parts: Sequence[Tensor]) -> Tensor:
        """Join states of runs of words; see `NativeEngine`."""
        return torch.cat(list(parts))

    def floats(self, states: Tensor) -> Floats:
        """Give states as numbers; see `NativeEngine`."""
        numbers: Floats = states.float().cpu().numpy()
        return numbers

    def open_layers(self) -> "TorchLayers":
        """Begin a row whose words come one after another; see `NativeEngine`.

        Raises:
            OptionError: For a model that reads pieces of words.
        """
        return TorchLayers(self._module, self._encoder)


def weight_versions(module: nn.Module) -> list[tuple[int, int]]:
    """Say where a model's weights are, and how often each was changed in place, as training changes
    them.

    Args:
        module: The model.

    Returns:
        Address and count of each weight; 0 for a tensor of inference mode, whose changes torch does
        not count.
    """
    weights = chain(module.parameters(), module.buffers())
    return [
        (weight.data_ptr(), 0 if weight.is_inference() else weight._version) for weight in weights
    ]


def use_evaluation_mode(module: nn.Module) -> None:
    """Put a module into evaluation mode, unless it is.

    The module itself comes last: a thread that finds it in evaluation mode finds its parts so too.

    Args:
        module: A module whose parts are in the mode of the whole, unless the whole is in training
            mode.
    """
    if module.training:
        for part in module.children():
            part.eval()
        module.eval()


class TorchLayers:
    """The layers of any tagging model over whole words, read by torch; see `CompiledLayers`.

    One row in small steps is read faster by torch's own layers than by a `PackedReader` without
    compiled steps.

    Args:
        module: The model.
        encoder: Turns words into model inputs.

    Raises:
        OptionError: For a model that reads pieces of words.
    """

    together = 1
    """How many steps can be read at once; see `CompiledLayers`."""

    def __init__(self, module: TaggingModel, encoder: RowEncoder) -> None:
        if isinstance(encoder, PieceEncoder):
            raise OptionError(
                "labeler: expected one that reads whole words for a stream, got one that reads "
                "pieces of words."
            )
        self._encode = encoder
        self._embedder = module.encoder.embedder
        self._ahead = module.encoder.forward_encoder
        self._second = module.word_layer
        backward = module.encoder.backward_encoder
        self._back = None if backward is None else _BackwardReader(backward)
        self._second_back = _BackwardReader(self._second.backward_encoder)
        # After all words read, in the first layer; after all words labelled, in the second.
        self._first_state: State = None
        self._second_state: State = None
        device = next(module.parameters()).device
        # Of the words that are read and not labelled: vectors and first states, (1, time, width)
        # each.
        self._vectors = torch.empty(1, 0, self._embedder.width, device=device)
        self._read = torch.empty(1, 0, self._ahead.width, device=device)

    @torch.inference_mode()
    def read(self, words: Sequence[str]) -> None:
        """Take words into the look-ahead; see `CompiledLayers`."""
        use_one_thread_after_fork()
        vectors = self._embedder(self._encode([words]).to(self._vectors.device))
        read, self._first_state = self._ahead(vectors, self._first_state)
        self._vectors = torch.cat([self._vectors, vectors], dim=1)
        self._read = torch.cat([self._read, read], dim=1)

    @torch.inference_mode()
    def states(self, count: int, *, is_last: bool, whole: bool, steps: int = 1) -> Tensor:
        """Compute the states that heads are asked about; see `CompiledLayers`."""
        assert steps == 1
        use_one_thread_after_fork()
        first = [self._read]
        if self._back is not None:
            first.append(self._back(self._vectors, count, is_last=is_last))
        vectors = torch.cat([*first, self._vectors], dim=-1)
        states, self._second_state = self._second.forward_encoder(
            vectors[:, :count], self._second_state
        )
        if whole and count < vectors.shape[1]:
            # These words' backward states may change yet, so what is read of them now is not
            # carried.
            further, _ = self._second.forward_encoder(vectors[:, count:], self._second_state)
            states = torch.cat([states, further], dim=1)
        back = self._second_back(vectors, count, is_last=is_last)
        self._vectors = self._vectors[:, count:]
        self._read = self._read[:, count:]
        return torch.cat([states, back[:, : states.shape[1]]], dim=-1)


class _BackwardReader:
    """Reads the look-ahead from its end.

    It begins in the mean of its states at the words before; at the row's end, at its first words,
    and where a state is more than what the recurrence says, as an LSTM's, or may be, it begins in
    an empty one.
    """

    def __init__(self, encoder: RecurrentEncoder) -> None:
        stacks = list(encoder.stacks)
        self._encoder = encoder
        self._is_output = (
            len(stacks) == 1
            and isinstance(stacks[0], nn.RNN | nn.GRU | MinGRU)
            and stacks[0].num_layers == 1
        )
        self._mean: State = None
        # The mean that the next step begins in.
        self._begin: State = None
        self._count = 0

    def __call__(self, vectors: Tensor, count: int, *, is_last: bool) -> Tensor:
        """States (1, time, width) of vectors (1, time, input width), of which the first `count`
        will not come again.

        `is_last` says that the row ends with them.
        """
        states: Tensor = self._encoder(vectors.flip(1), None if is_last else self._begin)[0].flip(1)
        if self._is_output:
            self._count += 1
            mean = states[:, :count].mean(dim=1)[None]
            before = self._mean
            # About the last ten calls count.
            self._mean = (
                torch.lerp(before[0], mean, 1 / min(self._count, STATES)) if before else mean,
            )
            if moves_mean(self._count):
                self._begin = self._mean
        return states
