"""A tagging model's states without gradients, as fast as torch gives them on a CPU; the layers are
in `nn.encoders`.

Torch's GRU spends most of its time on the CPU in its gates and on padding. Here rows are packed by
length, and both directions take a step of torch's at once, in float32; products of 8-bit integers
are those of `seqlabel.native`. What a word adds to the gates of both layers is computed once and
then looked up. What a row gives does not depend, not by a bit, on what else is in the batch.

Shapes: rows, words (of all rows together), width.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import chain
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor, nn

from seqlabel.batches.rows import RowEncoder, WordEncoder
from seqlabel.batches.windows import grouped
from seqlabel.native.compiled import Floats
from seqlabel.native.word_gates import WordGates
from seqlabel.nn.embedders import HashedEmbedder, WordInputs
from seqlabel.nn.encoders import RecurrentEncoder
from seqlabel.nn.networks import TaggingModel


class PackedRows:
    """Where the words of some rows stand when they are read side by side, longest row first,
    without padding.

    In forward order, word `t` of all rows that have one comes after all words `t - 1`; in backward
    order rows are read from their ends. `source` (words,) is each word's place among the rows'
    words one after another, in forward order, `mirrored` (words,) where each backward place is in
    forward order, and `counts` how many rows have a word `t`.

    Args:
        lengths: The number of words of each row, at least 1.
    """

    def __init__(self, lengths: Sequence[int]) -> None:
        sizes = np.asarray(lengths, dtype=np.int64)
        order = np.argsort(-sizes, kind="stable")
        starts = np.concatenate([[0], np.cumsum(sizes)])[:-1][order]
        sizes = sizes[order]
        time = int(sizes[0]) if len(sizes) else 0
        counts = np.searchsorted(-sizes, -np.arange(time), side="left")
        begins = np.concatenate([[0], np.cumsum(counts)])
        step = np.repeat(np.arange(time), counts)
        row = np.arange(begins[-1]) - begins[step]
        self.source = torch.from_numpy(starts[row] + step)
        self.mirrored = torch.from_numpy(begins[sizes[row] - 1 - step] + row)
        self.counts: list[int] = counts.tolist()

    def unpacked(self, states: Tensor) -> Tensor:
        """Put packed states (words, width) in the order of the rows' words."""
        result = torch.empty_like(states)
        result[self.source] = states
        return result


class PackedWords(NamedTuple):
    """What the lower layer has read of rows of words.

    Args:
        packed: The order of the words.
        below: The lower layer's states, forward ones first, (words, width), packed.
        ways: Each word's rows in the tables, in each way's order, (2, words).
        tables: What words add to the gates of each layer.
    """

    packed: PackedRows
    below: Tensor
    ways: Tensor
    tables: Sequence[Tensor]

    @property
    def encoded_states(self) -> Tensor:
        """The lower layer's states in the order of the rows' words, (words, width)."""
        return self.packed.unpacked(self.below)


_ROWS_AT_ONCE = 256
"""How many words are embedded at once, and how many rows of steps are prepared at once."""
_FEWEST_ROWS = 8
# Which kernel multiplies floats, and so the last bit, depends on the number of rows: products are
# of rows enough, or of pieces of one size, so that what a word gets does not depend on what it is
# read with.


class _Product:
    """A product with a matrix (2, in, out) for each way, in memory that is used again at each step.

    The steps of few rows cost mostly calls. `result` (2, rows, out) is where the product is found.
    """

    def __init__(self, weights: Tensor, rows: int) -> None:
        more = max(rows, _FEWEST_ROWS)
        self._weights = weights
        self._full = torch.empty(2, more, weights.shape[2])
        # The states of too few rows, and zeros.
        self._filled = torch.zeros(2, more, weights.shape[1]) if more > rows else None
        self.result = self._full[:, :rows]

    def __call__(self, states: Tensor) -> Tensor:
        """Multiply states (2, rows, in)."""
        if self._filled is not None:
            self._filled[:, : states.shape[1]] = states
            states = self._filled
        torch.bmm(states, self._weights, out=self._full)
        return self.result


class _TwoWayGRU:
    """The two directions of a layer, side by side, on what words add to their gates (`WordGates`).

    Weights are copies. Those of the candidate state are doubled: tanh(x) is 2 · sigmoid(2x) - 1,
    and torch computes a sigmoid in a fraction of the time of a tanh.
    """

    def __init__(self, ways: Sequence[nn.GRU], word_width: int) -> None:
        """Of each input, the last `word_width` are the word's vector."""
        width = self.width = ways[0].hidden_size
        self._lowest = torch.tensor([-1.0])

        def both(name: str) -> list[Tensor]:
            copies = [getattr(way, name).detach().clone() for way in ways]
            for copy in copies:
                copy[2 * width :] *= 2
            return copies

        outer, inner, outer_bias, inner_bias = map(
            both, ("weight_ih_l0", "weight_hh_l0", "bias_ih_l0", "bias_hh_l0")
        )
        below = outer[0].shape[1] - word_width
        self._below = _transposed([matrix[:, :below] for matrix in outer])
        self._inner = _transposed(inner)
        # The reset gate scales the candidate's inner bias, so that one stays apart.
        self._candidate_bias = torch.stack([bias[2 * width :] for bias in inner_bias])[:, None]
        for bias, more in zip(outer_bias, inner_bias, strict=True):
            bias[: 2 * width] += more[: 2 * width]
        self._words = [
            (m[:, below:].T.contiguous(), b) for m, b in zip(outer, outer_bias, strict=True)
        ]

    @classmethod
    def of(cls, ways: Sequence[RecurrentEncoder], word_width: int) -> "_TwoWayGRU | None":
        """The layer of two encoders; None unless it is one GRU layer a way, both equally wide."""
        stacks = [stack for way in ways for stack in way.stacks]
        grus = [stack for stack in stacks if isinstance(stack, nn.GRU) and stack.num_layers == 1]
        if (
            len(ways) != 2
            or len(stacks) != 2
            or len(grus) != 2
            or grus[0].hidden_size != grus[1].hidden_size
        ):
            return None
        return cls(grus, word_width)

    def word_gates(self, vectors: Tensor) -> Tensor:
        """The words' share of the gates' inputs both ways, (words, 2, 3 · width), from vectors
        (words, word width).
        """
        return torch.stack(
            [torch.addmm(bias, vectors, matrix) for matrix, bias in self._words], dim=1
        )

    def __call__(
        self, table: Tensor, places: Tensor, counts: list[int], below: Tensor | None = None
    ) -> Tensor:
        """States (2, words, width) of each way in its own order.

        The table (any, 2, 3 · width) has gates of both ways; `places` (2, words) are rows of its
        first two dimensions taken as one, in each way's order. `below` (2, words, input width) are
        the states of the layer below in each way's order.
        """
        width = self.width
        words = places.shape[1]
        rows = table.view(-1, 3 * width)
        states = torch.empty(2, words, width)
        before = torch.zeros(2, counts[0] if words else 0, width)
        product, (inner, inner_candidate) = self._product(before.shape[1])
        # A step of few rows takes as long as torch takes to be called: as few calls as can be a
        # step, and what can be made for many steps at once is.
        begin = 0
        for sizes in grouped(counts, int, _ROWS_AT_ONCE):
            block = slice(begin, begin + sum(sizes))
            begin = block.stop
            gates = rows.index_select(0, places[:, block].flatten()).view(2, -1, 3 * width)
            if below is not None:
                gates += _Product(self._below, sum(sizes))(below[:, block])
            parts = (
                gates[..., : 2 * width],
                *torch.split_with_sizes(gates, [width] * 3, dim=2),
                states[:, block],
            )
            steps = zip(
                sizes, *(torch.split_with_sizes(part, sizes, dim=1) for part in parts), strict=True
            )
            for count, open_, reset, update, candidate, after in steps:
                if count < before.shape[1]:
                    before = before[:, :count]
                    product, (inner, inner_candidate) = self._product(count)
                product(before)
                open_.add_(inner).sigmoid_()
                candidate.addcmul_(reset, self._candidate_bias + inner_candidate).sigmoid_()
                before = torch.lerp(
                    torch.add(self._lowest, candidate, alpha=2), before, update, out=after
                )
        return states

    def _product(self, rows: int) -> tuple[_Product, tuple[Tensor, ...]]:
        """The product with states, and its two parts: of the open gates and of the candidate
        state.
        """
        product = _Product(self._inner, rows)
        return product, torch.split_with_sizes(product.result, [2 * self.width, self.width], dim=2)


def _transposed(matrices: Sequence[Tensor]) -> Tensor:
    """Matrices (out, in) of both ways as one tensor (2, in, out)."""
    return torch.stack(list(matrices)).transpose(1, 2).contiguous()


def _padded(inputs: WordInputs, rows: int) -> WordInputs:
    """The inputs with words of nothing added, up to `rows` different ones."""
    missing = rows - len(inputs.words)
    return replace(
        inputs,
        words=torch.cat([inputs.words, inputs.words.new_zeros(missing)]),
        offsets=torch.cat(
            [inputs.offsets, inputs.offsets.new_full((missing,), len(inputs.features))]
        ),
    )


class PackedReader:
    """The states of a tagging model whose layers are two-way GRUs of one layer each; `of` says
    whether one is.

    Args:
        layers: The lower layer, and the upper one of a model with heads of words.
        words: What each word adds to the gates of each.
    """

    def __init__(self, layers: Sequence[_TwoWayGRU], words: WordGates[np.float32]) -> None:
        self.words = words
        self._layers = layers

    @classmethod
    def of(cls, model: TaggingModel, encoder: RowEncoder) -> "PackedReader | None":
        """Make a reader with the weights that the model has now.

        Args:
            model: The model.
            encoder: Turns words into model inputs.

        Returns:
            The reader; None for a model of another kind, or one that is not on the CPU.
        """
        embedder = model.encoder.embedder
        if not isinstance(embedder, HashedEmbedder) or not isinstance(encoder, WordEncoder):
            return None
        if next(model.parameters()).device.type != "cpu":
            return None
        ways = [model.encoder.ways]
        if model.second is not None:
            ways.append((model.second.forward_encoder, model.second.backward_encoder))
        both_ways = [_TwoWayGRU.of(encoders, embedder.width) for encoders in ways]
        layers = [layer for layer in both_ways if layer is not None]
        if len(layers) < len(ways):
            return None

        @torch.inference_mode()
        def gates(words: list[str]) -> list[Floats]:
            vectors = embedder.distinct(_padded(encoder([words]), _ROWS_AT_ONCE))
            return [layer.word_gates(vectors)[: len(words)].numpy() for layer in layers]

        return cls(layers, WordGates(gates, [layer.width for layer in layers], np.float32))

    @torch.inference_mode()
    def read(self, rows: Sequence[Sequence[Any]], spell: Callable[[Any], str] = str) -> PackedWords:
        """Read the words of all rows with the lower layer, given by their keys. No row is empty."""
        arrays, numbers = self.words.look_up(list(chain.from_iterable(rows)), spell)
        tables = [torch.from_numpy(array) for array in arrays]
        packed = PackedRows([len(row) for row in rows])
        ahead = 2 * torch.from_numpy(numbers).index_select(0, packed.source)
        ways = torch.stack([ahead, ahead.index_select(0, packed.mirrored) + 1])
        states = self._layers[0](tables[0], ways, packed.counts)
        below = torch.cat([states[0], states[1].index_select(0, packed.mirrored)], dim=1)
        return PackedWords(packed, below, ways, tables)

    @torch.inference_mode()
    def states_of(self, read: PackedWords) -> Tensor:
        """States (words, width) of the upper layer of the words of all rows, row after row."""
        packed = read.packed
        both = torch.stack([read.below, read.below.index_select(0, packed.mirrored)])
        states = self._layers[1](read.tables[1], read.ways, packed.counts, both)
        return packed.unpacked(
            torch.cat([states[0], states[1].index_select(0, packed.mirrored)], dim=1)
        )

    def __call__(self, rows: Sequence[Sequence[Any]], spell: Callable[[Any], str] = str) -> Tensor:
        """States (words, width) of the words of all rows, row after row, given by their keys. No
        row is empty.
        """
        return self.states_of(self.read(rows, spell))
