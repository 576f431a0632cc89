"""A tagging model's states without gradients, as fast as torch gives them on a CPU; the layers are in `nn.encoders`.

Torch's GRU spends most of its time on the CPU in its gates and on padding. Here rows are packed by length, and both
directions take a step of torch's at once: where `seqlabel.native` has no fast steps, and in float32. What a word adds
to the gates of both layers is computed once and then looked up. Where the processor multiplies 8-bit integers (VNNI,
AMX), states and weights are such integers in products: a GRU's state lies between -1 and 1, so one scale fits all of
them, and sums of integers are exact. What a row gives does not depend, not by a bit, on what else is in the batch.

Shapes: rows, words (of all rows together), width.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import chain
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from seqlabel.batches.rows import RowEncoder, WordEncoder
from seqlabel.batches.windows import grouped
from seqlabel.models.tagging.engine import Arithmetic
from seqlabel.native.word_gates import WordGates
from seqlabel.nn.embedders import HashedEmbedder, WordInputs
from seqlabel.nn.encoders import RecurrentEncoder
from seqlabel.nn.integers import multiplies_integers, multiply_integers
from seqlabel.nn.networks import TaggingModel


class PackedRows:
    """Where the words of some rows stand when they are read side by side, longest row first, without padding.

    In forward order, word `t` of all rows that have one comes after all words `t - 1`; in backward order rows are read
    from their ends. `source` (words,) is each word's place among the rows' words one after another, in forward order,
    `mirrored` (words,) where each backward place is in forward order, and `counts` how many rows have a word `t`.

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
        place = np.arange(begins[-1]) - begins[step]
        self.source = torch.from_numpy(starts[place] + step)
        self.mirrored = torch.from_numpy(begins[sizes[place] - 1 - step] + place)
        self.counts: list[int] = counts.tolist()


_ROWS_AT_ONCE = 256
"""How many words are embedded at once, and how many rows of steps are prepared at once."""
_FEWEST_ROWS = 8
# Which kernel multiplies floats, and so the last bit, depends on the number of rows: products are of rows enough, or of
# pieces of one size, so that what a word gets does not depend on what it is read with.
_LARGEST = 127


class _Room:
    """Memory for the products of a number of rows, used again at each step: the steps of few rows cost mostly calls.

    `sums` (2, rows, out) are those of integers; `filled` (2, more, in) are the states of too few rows, and zeros.
    """

    def __init__(self, product: "_Product", rows: int) -> None:
        _, inside, width = product.weights.shape
        more = max(rows, _FEWEST_ROWS) if product.in_float else rows
        self.full = torch.empty(2, more, width)
        self.result = self.full[:, :rows]
        self.sums = None if product.in_float else torch.empty(2, rows, width, dtype=torch.int32)
        self.ways = () if self.sums is None else self.sums.unbind()
        self.filled = torch.zeros(2, more, inside) if more > rows else None


class _Product:
    """A matrix for each of two ways; `scale` (2, 1, out) is what the results are to be multiplied by."""

    def __init__(self, matrices: Sequence[Tensor], arithmetic: Arithmetic) -> None:
        """The matrices are (out, in)."""
        both = torch.stack(list(matrices))
        integers = arithmetic is Arithmetic.INT8
        if integers:
            largest = both.abs().amax(dim=2, keepdim=True).clamp_min(1e-30)
            both = (both * (_LARGEST / largest)).round().to(torch.int8)
            self.scale = (largest / _LARGEST**2).transpose(1, 2)
        else:
            self.scale = torch.ones(2, 1, both.shape[1])
        self.weights = both.transpose(1, 2).contiguous()
        # Processors without the instructions have 8-bit products that overflow; in float32 the sums are exact too.
        self.in_float = not (integers and multiplies_integers())
        if self.in_float:
            self.weights = self.weights.float()
        self._ways = self.weights.unbind()

    def __call__(self, states: Tensor) -> Tensor:
        """The product (2, rows, out), float32, of states (2, rows, in), as 127ths of 1 if in integers."""
        return self.into(_Room(self, states.shape[1]), states)

    def into(self, room: _Room, states: Tensor) -> Tensor:
        """The same product, written into the room of as many rows."""
        if room.sums is not None:
            for some, weights, sums in zip(states.unbind(), self._ways, room.ways, strict=True):
                multiply_integers(some, weights, out=sums)
            room.result.copy_(room.sums)
        elif room.filled is None:
            torch.bmm(states.float(), self.weights, out=room.full)
        else:
            room.filled[:, : states.shape[1]] = states
            torch.bmm(room.filled, self.weights, out=room.full)
        return room.result


class _TwoWayGRU:
    """The two directions of a layer, side by side, on what words add to their gates (`WordGates`).

    Weights are copies. Those of the candidate state are doubled: tanh(x) is 2 · sigmoid(2x) - 1, and torch computes a
    sigmoid in a fraction of the time of a tanh.
    """

    def __init__(self, ways: Sequence[nn.GRU], word_width: int, arithmetic: Arithmetic) -> None:
        """Of each input, the last `word_width` are the word's vector."""
        width = self.width = ways[0].hidden_size
        self._integers = arithmetic is Arithmetic.INT8
        self._dtype = torch.int8 if self._integers else torch.float32
        self._one = _LARGEST if self._integers else 1
        self._lowest = torch.tensor([-float(self._one)])

        def both(name: str) -> list[Tensor]:
            copies = [getattr(way, name).detach().clone() for way in ways]
            for copy in copies:
                copy[2 * width :] *= 2
            return copies

        outer, inner, outer_bias, inner_bias = map(both, ("weight_ih_l0", "weight_hh_l0", "bias_ih_l0", "bias_hh_l0"))
        below = outer[0].shape[1] - word_width
        self._below = _Product([matrix[:, :below] for matrix in outer], arithmetic) if below else None
        self._inner = _Product(inner, arithmetic)
        self._scale, self._candidate_scale = torch.split_with_sizes(self._inner.scale, [2 * width, width], dim=2)
        # The reset gate scales the candidate's inner bias, so that one stays apart.
        self._candidate_bias = torch.stack([bias[2 * width :] for bias in inner_bias])[:, None]
        for bias, more in zip(outer_bias, inner_bias, strict=True):
            bias[: 2 * width] += more[: 2 * width]
        self._words = [(m[:, below:].T.contiguous(), b) for m, b in zip(outer, outer_bias, strict=True)]

    @classmethod
    def of(cls, ways: Sequence[RecurrentEncoder], word_width: int, arithmetic: Arithmetic) -> "_TwoWayGRU | None":
        """The layer of two encoders; None unless it is one GRU layer a way, both equally wide."""
        stacks = [stack for way in ways for stack in way.stacks]
        grus = [stack for stack in stacks if isinstance(stack, nn.GRU) and stack.num_layers == 1]
        if len(ways) != 2 or len(stacks) != 2 or len(grus) != 2 or grus[0].hidden_size != grus[1].hidden_size:
            return None
        return cls(grus, word_width, arithmetic)

    def word_gates(self, vectors: Tensor) -> Tensor:
        """The words' share of the gates' inputs both ways, (words, 2, 3 · width), from vectors (words, word width)."""
        return torch.stack([torch.addmm(bias, vectors, matrix) for matrix, bias in self._words], dim=1)

    def __call__(
        self, table: Tensor, places: Tensor, counts: list[int], below: Tensor | None = None, *, exact: bool
    ) -> Tensor:
        """States (2, words, width) of each way in its own order, in the numbers of products unless they shall be exact.

        The table (any, 2, 3 · width) has gates of both ways; `places` (2, words) are rows of its first two dimensions
        taken as one, in each way's order. `below` (2, words, input width) are the states of the layer below in each
        way's order, in the numbers of products.
        """
        width, words = self.width, places.shape[1]
        rows = table.view(-1, 3 * width)
        keeps = exact or not self._integers
        states = torch.empty(2, words, width, dtype=torch.float32 if keeps else torch.int8)
        # In integers a state is 127 times what it is.
        before = torch.zeros(2, counts[0] if words else 0, width)
        short_before = before.to(self._dtype)
        room, (inner, inner_candidate) = self._room(before.shape[1])
        # A step of few rows takes as long as torch takes to be called: as few calls as can be a step, and what can be
        # made for many steps at once is.
        begin = 0
        for sizes in grouped(counts, int, _ROWS_AT_ONCE):
            block = slice(begin, begin + sum(sizes))
            begin = block.stop
            gates = rows.index_select(0, places[:, block].flatten()).float().view(2, -1, 3 * width)
            if self._below is not None and below is not None:
                gates.addcmul_(self._below(below[:, block]), self._below.scale)
            parts = gates[..., : 2 * width], *torch.split_with_sizes(gates, [width] * 3, dim=2), states[:, block]
            steps = zip(sizes, *(torch.split_with_sizes(part, sizes, dim=1) for part in parts), strict=True)
            for count, open_, reset, update, candidate, after in steps:
                if count < before.shape[1]:
                    before, short_before = before[:, :count], short_before[:, :count]
                    room, (inner, inner_candidate) = self._room(count)
                self._inner.into(room, short_before)
                open_.addcmul_(inner, self._scale).sigmoid_()
                inner_part = torch.addcmul(self._candidate_bias, inner_candidate, self._candidate_scale)
                candidate.addcmul_(reset, inner_part).sigmoid_()
                doubled = torch.add(self._lowest, candidate, alpha=2 * self._one)
                before = torch.lerp(doubled, before, update, out=after if keeps else None)
                if not self._integers:
                    short_before = before
                elif exact:
                    short_before = before.round().to(self._dtype)
                else:
                    short_before = after.copy_(before.round())
        return states.div_(self._one) if exact else states

    def _room(self, rows: int) -> tuple[_Room, tuple[Tensor, ...]]:
        """Memory for the states' products, and its two parts: of the open gates and of the candidate state."""
        room = _Room(self._inner, rows)
        return room, torch.split_with_sizes(room.result, [2 * self.width, self.width], dim=2)


def _padded(inputs: WordInputs, rows: int) -> WordInputs:
    """The inputs with words of nothing added, up to `rows` different ones."""
    missing = rows - len(inputs.words)
    return replace(
        inputs,
        words=torch.cat([inputs.words, inputs.words.new_zeros(missing)]),
        offsets=torch.cat([inputs.offsets, inputs.offsets.new_full((missing,), len(inputs.features))]),
    )


class PackedReader:
    """The states of a tagging model whose two layers are two-way GRUs of one layer each; `of` says whether one is.

    Args:
        first: The lower layer.
        second: The upper layer.
        words: What each word adds to the gates of both.
    """

    def __init__(self, first: _TwoWayGRU, second: _TwoWayGRU, words: WordGates[np.generic]) -> None:
        self.words = words
        self._first = first
        self._second = second

    @classmethod
    def of(cls, model: TaggingModel, encoder: RowEncoder, arithmetic: Arithmetic) -> "PackedReader | None":
        """Make a reader with the weights that the model has now.

        Args:
            model: The model.
            encoder: Turns words into model inputs.
            arithmetic: In which numbers states and weights are multiplied.

        Returns:
            The reader; None for a model of another kind, or one that is not on the CPU.
        """
        embedder = model.encoder.embedder
        if not isinstance(embedder, HashedEmbedder) or not isinstance(encoder, WordEncoder):
            return None
        if next(model.parameters()).device.type != "cpu":
            return None
        chosen = arithmetic.chosen()
        ways = model.encoder.ways, (model.second.forward_encoder, model.second.backward_encoder)
        first, second = (_TwoWayGRU.of(one, embedder.width, chosen) for one in ways)
        if first is None or second is None:
            return None
        # Next to states of 8 bits, half the memory is exact enough.
        dtype = torch.bfloat16 if chosen is Arithmetic.INT8 else torch.float32

        @torch.inference_mode()
        def gates(words: list[str]) -> list[npt.NDArray[np.generic]]:
            vectors = embedder.distinct(_padded(encoder([words]), _ROWS_AT_ONCE))
            both = (layer.word_gates(vectors)[: len(words)].to(dtype) for layer in (first, second))
            return [(found.view(torch.uint16) if dtype is torch.bfloat16 else found).numpy() for found in both]

        numbers: type[np.generic] = np.uint16 if dtype is torch.bfloat16 else np.float32
        return cls(first, second, WordGates(gates, (first.width, second.width), numbers))

    def __call__(self, rows: Sequence[Sequence[Any]], spell: Callable[[Any], str] = str) -> Tensor:
        """States (words, width) of the words of all rows, row after row, given by their keys. No row is empty."""
        found, places = self.words.look_up(list(chain.from_iterable(rows)), spell)
        tables = [torch.from_numpy(table) for table in found]
        tables = [table.view(torch.bfloat16) if table.dtype is torch.uint16 else table for table in tables]
        return self.states(tables, torch.from_numpy(places), [len(row) for row in rows])

    @torch.inference_mode()
    def states(self, tables: Sequence[Tensor], places: Tensor, lengths: Sequence[int]) -> Tensor:
        """Read rows whose words were looked up.

        Args:
            tables: The result of `look_up` for each layer, (rows, 2, 3 · width).
            places: The words' rows in the tables, (words,), row after row.
            lengths: How many words each row has, none of them 0.

        Returns:
            States (words, width) of the words of all rows, row after row.
        """
        packed = PackedRows(lengths)
        ahead = 2 * places.index_select(0, packed.source)
        ways = torch.stack([ahead, ahead.index_select(0, packed.mirrored) + 1])
        states = self._first(tables[0], ways, packed.counts, exact=False)
        below = torch.cat([states[0], states[1].index_select(0, packed.mirrored)], dim=1)
        both = torch.stack([below, below.index_select(0, packed.mirrored)])
        states = self._second(tables[1], ways, packed.counts, both, exact=True)
        result = torch.empty(len(places), 2 * self._second.width)
        result[packed.source] = torch.cat([states[0], states[1].index_select(0, packed.mirrored)], dim=1)
        return result
