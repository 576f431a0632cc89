"""A tagging model in torch as engines for the inference path: torch's own, and the compiled steps with its weights.

Shapes: words (of all rows together), width, tags.
"""

from collections.abc import Hashable, Sequence

import numpy as np
import torch
from torch import Tensor, nn

from seqlabel.batches.rows import RowEncoder, WordEncoder
from seqlabel.batches.windows import FoundTags
from seqlabel.models.arithmetic import Arithmetic
from seqlabel.models.engine import Engine, EngineKind, Spelling
from seqlabel.models.fast import PackedReader
from seqlabel.models.native import NativeEngine
from seqlabel.models.torch_row import TorchLayers
from seqlabel.native.compiled import LEVEL, Floats, Integers, Level
from seqlabel.nn.configs import Decision
from seqlabel.nn.embedders import WordInputs
from seqlabel.nn.graphs import ByShape, padded_to, record
from seqlabel.nn.heads.head import CompiledHead, Rows
from seqlabel.nn.networks import TaggingModel, TagHead
from seqlabel.nn.threads import use_one_thread_after_fork


class ModuleEngines:
    """The engines of a tagging model in torch (`Engines`).

    The model is left in evaluation mode, so that threads may share it: restoring training mode here could race with
    another thread. Copies and pickles leave out what can be computed anew.

    Args:
        module: The model.
        encoder: What makes words its inputs.
    """

    def __init__(self, module: TaggingModel, encoder: RowEncoder) -> None:
        self.module = module
        self.encoder = encoder
        self._known: tuple[_Weights, Arithmetic, Engine] | None = None

    def __getstate__(self) -> dict[str, object]:
        return {**vars(self), "_known": None}

    def engine(self, arithmetic: Arithmetic) -> Engine:
        """Give what tags with the weights as they are now; see `Engines`."""
        use_evaluation_mode(self.module)
        known = self._known
        if known is None or known[1] is not arithmetic or not known[0].are_unchanged():
            # Noted first: the engine may lack what changes while it is made.
            weights = _Weights(self.module)
            known = weights, arithmetic, self._engine(arithmetic)
            self._known = known
        return known[2]

    def _engine(self, arithmetic: Arithmetic) -> Engine:
        reader = PackedReader.of(self.module, self.encoder, arithmetic)
        compiled = LEVEL is not Level.MISSING and arithmetic.chosen() is Arithmetic.INT8
        if compiled and reader is not None and all(map(_runs_compiled, self.module.tag_heads)):
            assert isinstance(self.encoder, WordEncoder)
            arrays = {name: tensor.detach().numpy().copy() for name, tensor in self.module.state_dict().items()}
            return NativeEngine(arrays, self.module.tag_heads, self.encoder.vocabulary, self.encoder.hasher)
        return TorchEngine(self.module, self.encoder, reader)


def _runs_compiled(head: TagHead) -> bool:
    return isinstance(head.kind, CompiledHead) and isinstance(head.output, nn.Linear)


class TorchEngine:
    """A tagging model of any kind, wherever it is, by torch (`Engine`). In a forked process torch has one thread.

    Args:
        module: The model, in evaluation mode.
        encoder: What makes words its inputs.
        reader: The fast way through its layers; None where it has none.
    """

    kind = EngineKind.TORCH

    def __init__(self, module: TaggingModel, encoder: RowEncoder, reader: PackedReader | None) -> None:
        self.reader = reader
        self._module = module
        self._encoder = encoder
        self._recorded: ByShape | None = None

    @property
    def heads(self) -> int:
        """The number of heads."""
        return len(self._module.tag_heads)

    @property
    def width(self) -> int:
        """The width of states."""
        return self._module.second.width

    @property
    def together(self) -> bool:
        """Whether any head chooses the tags of a row together."""
        return any(head.kind.joint for head in self._module.tag_heads)

    @torch.inference_mode()
    def states(self, rows: Sequence[Sequence[Hashable]], spell: Spelling) -> Tensor:
        """Read rows; see `Engine`."""
        use_one_thread_after_fork()
        if self.reader is not None:
            return self.reader(rows, spell)
        words = [[spell(key) for key in row] for row in rows]
        if not (self._module.graphs and _device(self._module).type == "cuda"):
            self._recorded = None
        elif self._recorded is None:
            self._recorded = ByShape(self._module.hidden_of, record)
        return module_states(self._module, self._encoder, words, recorded=self._recorded)

    @torch.inference_mode()
    def tags(self, head: int, states: Tensor, rows: Rows, decision: Decision) -> FoundTags:
        """Choose the tags of the words of rows; see `Engine`."""
        use_one_thread_after_fork()
        tags, probabilities = self._module.tag_heads[head].decode(states, rows, decision)
        return FoundTags(tags, probabilities[np.arange(len(tags)), tags])

    @torch.inference_mode()
    def log_probabilities(self, head: int, states: Tensor, words: Integers, temperature: float) -> Floats:
        """Score every tag of some words; see `Engine`."""
        rows = states[torch.from_numpy(words).to(states.device)]
        scores = self._module.tag_heads[head].output(rows).float() / temperature
        found: Floats = scores.log_softmax(dim=-1).cpu().numpy()
        return found

    def floats(self, states: Tensor) -> Floats:
        """Give states as numbers; see `Engine`."""
        found: Floats = states.float().cpu().numpy()
        return found

    def open_layers(self) -> TorchLayers:
        """Begin a row whose words come one after another; see `Engine`.

        Raises:
            OptionError: For a model that reads pieces of words.
        """
        return TorchLayers(self._module, self._encoder)


class _Weights:
    """The weights that a model had at some time, to find out whether it still has them."""

    def __init__(self, module: nn.Module) -> None:
        self._module = module
        self._seen = self._now()

    def _now(self) -> list[tuple[int, int | None]]:
        return [(weight.data_ptr(), changes_of(weight)) for weight in self._module.parameters()]

    def are_unchanged(self) -> bool:
        """Whether each weight is where it was, and torch has counted no change of it."""
        now = self._now()
        return now == self._seen and all(changes is not None for _, changes in now)


def changes_of(weight: Tensor) -> int | None:
    """Ask how often a tensor was changed in place, as training changes weights.

    Args:
        weight: Any tensor.

    Returns:
        Torch's count; 0 for a tensor of inference mode, which has none; None where this torch does not tell, so that
        the tensor must be taken for changed.
    """
    return 0 if weight.is_inference() else getattr(weight, "_version", None)


def use_evaluation_mode(module: nn.Module) -> None:
    """Put a module into evaluation mode, unless it is.

    The module itself comes last: a thread that finds it in evaluation mode finds its parts so too.

    Args:
        module: A module whose parts are in the mode of the whole, unless the whole is in training mode.
    """
    if module.training:
        for part in module.children():
            part.eval()
        module.eval()


def _device(module: nn.Module) -> torch.device:
    return next(module.parameters()).device


ROWS_OF_A_SHAPE, WORDS_OF_A_SHAPE = 16, 32
"""Batches that are recorded have multiples of as many rows, and of as many places in a row."""


def module_states(
    module: TaggingModel, encoder: RowEncoder, rows: Sequence[Sequence[str]], *, recorded: ByShape | None = None
) -> Tensor:
    """Read rows with a model's own layers, whatever they are and wherever they run.

    Args:
        module: The model.
        encoder: What makes words the model's inputs.
        rows: The words of each row; no row is empty.
        recorded: `TaggingModel.hidden_of`, recorded by the shape of a batch; None to run the layers as they are.

    Returns:
        States (words, width) of the words of all rows, row after row.
    """
    device = _device(module)
    lengths = torch.tensor([len(row) for row in rows], device=device)
    inputs = encoder(rows).to(device)
    if recorded is None or not isinstance(inputs, WordInputs):
        padded = module.hidden(inputs, lengths)
    else:
        vectors = module.encoder.embedder(inputs)
        shape = padded_to(vectors, lengths, batch=ROWS_OF_A_SHAPE, time=WORDS_OF_A_SHAPE)
        padded = recorded(*shape)[: len(rows), : vectors.shape[1]]
    return padded[torch.arange(padded.shape[1], device=device) < lengths[:, None]]
