"""Two-way GRU layers for the compiled steps, from the weights of torch's GRUs; what words are is not known here.

Shapes: rows, words (of all rows together, row after row), width.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from seqlabel.native.compiled import Bits, Floats, Integers, Linear, Matrix, Number, Way, run_layer

AHEAD, BACK, BOTH = (True, False), (False, True), (True, True)
"""Which ways of a layer are read."""


@dataclass(frozen=True)
class GRUArrays:
    """The weights of one direction, as torch's GRU has them.

    `inputs` are (3 · width, input width), `states` (3 · width, width), the biases (3 · width,): of the reset gate, the
    update gate and the candidate state.
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
        width = self.states.shape[1]
        factor = np.ones(3 * width, np.float32)
        factor[2 * width :] = 2
        by_row = factor[:, None]
        return GRUArrays(self.inputs * by_row, self.states * by_row, self.input_bias * factor, self.state_bias * factor)


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
            word_width: The number of values at the end of each input that are the word's vector; the others are states
                of a layer below.

        Returns:
            The layer.
        """
        width = ways[0].states.shape[1]
        below = ways[0].inputs.shape[1] - word_width
        parts, maps, biases = [], [], []
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

    def read(
        self,
        table: Bits,
        places: Integers,
        numbers: type[Number],
        *,
        below: npt.NDArray[np.uint8] | None = None,
        lengths: Sequence[int] | None = None,
        ways: tuple[bool, bool] = BOTH,
        states: Floats | None = None,
    ) -> npt.NDArray[Number]:
        """Read rows of words.

        Args:
            table: What words add to the gates, (table rows, 2, 3 · width), the bits of bfloat16.
            places: The table's row of each word, (words,).
            numbers: The type of the result: `np.uint8` for a first layer, `np.float32` for a second one.
            below: States of the layer below as bytes, (words, its width); None for a first layer.
            lengths: How many words each row has; None for one row of all words.
            ways: Which directions are read; the other half of the result is not written.
            states: 127 times the states before each row, (2, rows, width), which those after take the place of.

        Returns:
            States (words, 2 · width), as `run_layer` gives them.
        """
        sizes = np.array([len(places)] if lengths is None else lengths, dtype=np.int64)
        return run_layer(
            self._chosen(ways),
            table=table,
            places=places,
            lengths=sizes,
            width=self.width,
            numbers=numbers,
            below=below,
            states=states,
        )

    def _chosen(self, ways: tuple[bool, bool]) -> tuple[Way | None, Way | None]:
        ahead, back = self.ways
        return ahead if ways[0] else None, back if ways[1] else None
