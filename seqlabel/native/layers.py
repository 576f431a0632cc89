"""Two-way GRU layers for the compiled steps, from the weights of torch's GRUs; `run_layer` reads
them.

Shape: width.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from seqlabel.native.compiled import Floats, Linear, Matrix, Way


class GRUArrays(NamedTuple):
    """The weights of one direction, as torch's GRU has them.

    `inputs` are (3 · width, input width), `states` (3 · width, width), the biases (3 · width,): of
    the reset gate, the update gate and the candidate state.
    """

    inputs: Floats
    states: Floats
    input_bias: Floats
    state_bias: Floats

    def doubled(self) -> "GRUArrays":
        """Double the candidate's weights, for tanh(x) = 2 · sigmoid(2x) - 1.

        Returns:
            A copy.
        """
        factor = np.repeat(np.array([1, 1, 2], np.float32), self.states.shape[1])
        return GRUArrays(
            *(array * (factor if array.ndim == 1 else factor[:, None]) for array in self)
        )


@dataclass(frozen=True)
class CompiledLayer:
    """A two-way GRU layer for the compiled steps.

    Args:
        ways: The forward and the backward direction.
        words: The linear layer from words' vectors to the gates of both, (2, 3 · width) as one row.
        width: The width of a direction's state.
    """

    ways: tuple[Way, Way]
    words: Linear
    width: int

    @classmethod
    def of(cls, ways: Sequence[GRUArrays], word_width: int) -> "CompiledLayer":
        """Quantise the weights of a layer.

        Args:
            ways: The weights of the forward and of the backward direction, equally wide.
            word_width: The number of values at the end of each input that are the word's vector;
                the others are states of a layer below.

        Returns:
            The layer.
        """
        width = ways[0].states.shape[1]
        below = ways[0].inputs.shape[1] - word_width
        parts = []
        maps = []
        biases = []
        for way in (one.doubled() for one in ways):
            # The reset gate scales the candidate's inner bias, so that one stays apart.
            bias = way.input_bias.copy()
            bias[: 2 * width] += way.state_bias[: 2 * width]
            maps.append(way.inputs[:, below:])
            biases.append(bias)
            products = Matrix.of(way.inputs[:, :below]) if below else None
            parts.append(Way(Matrix.of(way.states), way.state_bias[2 * width :].copy(), products))
        words = Linear.of(np.concatenate(maps), np.concatenate(biases))
        return cls((parts[0], parts[1]), words, width)
