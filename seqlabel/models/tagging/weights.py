"""The weights of a labeler: arrays for the compiled steps, or its network in torch once that is
asked for.
"""

from collections.abc import Mapping
from copy import deepcopy
from typing import TYPE_CHECKING, Any

from seqlabel.models.model_configs import LabelerConfig
from seqlabel.models.tagging.engine import Arithmetic
from seqlabel.models.tagging.native import SCALE, Arrays, NativeEngine
from seqlabel.names import LateModule
from seqlabel.native.locks import ForkSafeLock
from seqlabel.text.vocabulary import Vocabulary

if TYPE_CHECKING:
    from seqlabel.batches.rows import RowEncoder
    from seqlabel.models import language_model
    from seqlabel.models.tagging import building, torch_engine
    from seqlabel.models.tagging.torch_engine import TorchEngine
    from seqlabel.nn.networks import TaggingModel
    from seqlabel.text.pieces import Pieces
else:
    language_model = LateModule("seqlabel.models.language_model")
    building = LateModule("seqlabel.models.tagging.building")
    torch_engine = LateModule("seqlabel.models.tagging.torch_engine")

_building = ForkSafeLock()


class LabelerWeights:
    """The weights of a labeler. Threads may share them. Copies and pickles leave out what can be
    computed again.

    Args:
        config: The labeler's numbers.
        vocabulary: Its words or pieces.
        weights: Its network in torch, or its weights as they are stored, for the compiled steps.

    Raises:
        OptionError: The vocabulary is not that of the config.
    """

    def __init__(
        self,
        config: LabelerConfig,
        vocabulary: "Vocabulary | Pieces",
        weights: "TaggingModel | Arrays",
    ) -> None:
        self._config = config
        self._vocabulary = vocabulary
        self._arrays: Arrays | None = None
        self._native: NativeEngine | None = None
        self._module: tuple[TaggingModel, RowEncoder] | None = None
        self._known: tuple[object, NativeEngine | TorchEngine] | None = None
        if isinstance(weights, Mapping):
            assert isinstance(vocabulary, Vocabulary)
            self._arrays = weights
            self._native = NativeEngine(weights, config.heads, vocabulary)
        else:
            self._module = weights, language_model.word_encoder(config.encoder, vocabulary)

    def __reduce__(self) -> tuple[Any, ...]:
        return LabelerWeights, (self._config, self._vocabulary, self._arrays or self.module)

    @property
    def module(self) -> "TaggingModel":
        """The network in torch, whose weights count from now on."""
        return self._with_encoder()[0]

    @property
    def encoder(self) -> "RowEncoder":
        """The encoder that makes words the network's inputs."""
        return self._with_encoder()[1]

    @property
    def parameters(self) -> int:
        """How many numbers are trained."""
        if self._arrays is not None:
            return sum(
                array.size for name, array in self._arrays.items() if not name.endswith(SCALE)
            )
        return sum(parameter.numel() for parameter in self.module.parameters())

    def engine(self, arithmetic: Arithmetic) -> "NativeEngine | TorchEngine":
        """Give what tags with the weights as they are now.

        A network is left in evaluation mode, so that threads may share it: restoring training mode
        here could race with another thread.

        Args:
            arithmetic: In which numbers states and weights are multiplied.

        Returns:
            The engine; the same one as long as the weights do not change.
        """
        native = self._native
        if native is not None and arithmetic.is_compiled:
            return native
        module, encoder = self._with_encoder()
        torch_engine.use_evaluation_mode(module)
        known = self._known
        now = (arithmetic, torch_engine.weight_versions(module))
        if known is None or known[0] != now:
            # As they were before: the engine may lack what changes while it is made.
            known = self._known = now, torch_engine.engine_of(module, encoder, arithmetic)
        return known[1]

    def copy(self) -> "LabelerWeights":
        """Copy the weights.

        Returns:
            Weights with the same values, which change apart from these.
        """
        # Arrays never change; they are left when a network is built of them.
        return LabelerWeights(self._config, self._vocabulary, self._arrays or deepcopy(self.module))

    def _with_encoder(self) -> "tuple[TaggingModel, RowEncoder]":
        with _building:
            if self._module is None:
                assert self._arrays is not None
                module = building.stored_module(self._config, self._arrays)
                self._module = (
                    module,
                    language_model.word_encoder(self._config.encoder, self._vocabulary),
                )
                self._arrays = self._native = None
            return self._module
