"""A tagging model's states without gradients, as fast as a CPU gives them; the layers themselves are in `encoders`.

Torch's GRU spends most of its time on the CPU in its gates and on padding. Where `seqlabel.native` was compiled, its
steps are taken; elsewhere rows are packed by length, and both directions take a step of torch's at once. What a word
adds to the gates of both layers is computed once and then looked up. Where the processor multiplies 8-bit integers
(VNNI, AMX), states and weights are such integers in products: a GRU's state lies between -1 and 1, so one scale fits
all of them, and sums of integers are exact. What a row gives does not depend, not by a bit, on what else is in the
batch.

Shapes: rows, words (of all rows together), width.
"""

import math
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from seqlabel.batches.rows import RowEncoder, WordEncoder
from seqlabel.batches.windows import FoundTags, grouped
from seqlabel.models.arithmetic import Arithmetic
from seqlabel.native.compiled import LEVEL, Floats, Level, Matrix, Way, run_layer
from seqlabel.native.locks import ForkSafeLock
from seqlabel.nn.configs import Decision
from seqlabel.nn.embedders import HashedEmbedder, WordInputs
from seqlabel.nn.encoders import RecurrentEncoder
from seqlabel.nn.integers import multiplies_integers, multiply_integers
from seqlabel.nn.networks import TaggingModel, TagHead
from seqlabel.nn.packing import PackedRows

_ROWS_AT_ONCE = 256
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


AHEAD, BACK, BOTH = (True, False), (False, True), (True, True)
"""Which ways of a layer are read."""


@dataclass(frozen=True)
class CompiledLayer:
    """A two-way GRU layer for the compiled steps.

    Args:
        ways: The forward and the backward direction.
        width: The width of a direction's state.
    """

    ways: tuple[Way, Way]
    width: int

    def bytes(
        self,
        table: Tensor,
        places: Tensor,
        *,
        lengths: Sequence[int] | None = None,
        ways: tuple[bool, bool] = BOTH,
        states: Floats | None = None,
    ) -> npt.NDArray[np.uint8]:
        """Read rows of words as a first layer.

        Args:
            table: What words add to the gates, (table rows, 2, 3 · width), bfloat16.
            places: The table's row of each word, (words,).
            lengths: How many words each row has; None for one row of all words.
            ways: Which directions are read; the other half of the result is not written.
            states: 127 times the states before each row, (2, rows, width), which those after take the place of.

        Returns:
            States (words, 2 · width) as bytes; see `run_layer`.
        """
        rows = np.array([len(places)] if lengths is None else lengths, dtype=np.int64)
        return run_layer(
            self._chosen(ways), table=_bits(table), places=places.numpy(), lengths=rows, width=self.width, states=states
        )

    def floats(
        self,
        table: Tensor,
        places: Tensor,
        below: npt.NDArray[np.uint8],
        *,
        lengths: Sequence[int] | None = None,
        ways: tuple[bool, bool] = BOTH,
        states: Floats | None = None,
    ) -> Floats:
        """Read rows of words as a second layer.

        Args:
            table: What words add to the gates, (table rows, 2, 3 · width), bfloat16.
            places: The table's row of each word, (words,).
            below: States of the layer below as bytes, (words, its width).
            lengths: How many words each row has; None for one row of all words.
            ways: Which directions are read; the other half of the result is not written.
            states: 127 times the states before each row, (2, rows, width), which those after take the place of.

        Returns:
            States (words, 2 · width).
        """
        rows = np.array([len(places)] if lengths is None else lengths, dtype=np.int64)
        return run_layer(
            self._chosen(ways),
            table=_bits(table),
            places=places.numpy(),
            lengths=rows,
            width=self.width,
            below=below,
            exact=True,
            states=states,
        )

    def _chosen(self, ways: tuple[bool, bool]) -> tuple[Way | None, Way | None]:
        ahead, back = self.ways
        return ahead if ways[0] else None, back if ways[1] else None


def _bits(table: Tensor) -> npt.NDArray[np.uint16]:
    bits: npt.NDArray[np.uint16] = table.view(torch.uint16).numpy()
    return bits


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
        self.compiled: CompiledLayer | None = None
        """The same layer for the compiled steps; None where these are not there or the products are in float32."""
        if self._integers and LEVEL is not Level.MISSING:
            ahead, back = (
                Way(
                    Matrix.of(inner[number].numpy()),
                    inner_bias[number][2 * width :].numpy(),
                    Matrix.of(outer[number][:, :below].numpy()) if below else None,
                )
                for number in range(2)
            )
            self.compiled = CompiledLayer((ahead, back), width)

    @classmethod
    def of(cls, ways: Sequence[RecurrentEncoder], word_width: int, arithmetic: Arithmetic) -> "_TwoWayGRU | None":
        """The layer of two encoders; None unless it is one GRU layer a way, both equally wide."""
        stacks = [stack for way in ways for stack in way.stacks]
        grus = [stack for stack in stacks if isinstance(stack, nn.GRU) and stack.num_layers == 1]
        if len(ways) != 2 or len(stacks) != 2 or len(grus) != 2 or grus[0].hidden_size != grus[1].hidden_size:
            return None
        return cls(grus, word_width, arithmetic)

    def word_gates(self, vectors: Tensor) -> Tensor:
        """What words with these vectors (words, word width) add to the gates of both ways, (words, 2, 3 · width)."""
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


class WordGates:
    """What each word adds to the gates of layers, computed when it is first met.

    A word is found again by its key: its text, or a value that represents it. When the tables are full they are begun
    anew, so that memory stays bounded on any text. Threads may share them.

    Args:
        embedder: What gives a word its vector.
        encoder: What turns words into the embedder's inputs.
        layers: The layers.
        dtype: The type of the numbers in the tables.
        size: About how many bytes the tables take.
    """

    def __init__(
        self,
        embedder: HashedEmbedder,
        encoder: WordEncoder,
        layers: Sequence[_TwoWayGRU],
        *,
        dtype: torch.dtype = torch.float32,
        size: int = 64 << 20,
    ) -> None:
        self._embedder = embedder
        self._encoder = encoder
        self._layers = layers
        self._dtype = dtype
        self._capacity = max(size // (sum(6 * layer.width for layer in layers) * dtype.itemsize), 1)
        self._lock = ForkSafeLock()
        self._clear(0)

    def _clear(self, rows: int) -> None:
        # New tables, not the old ones emptied: another thread may still read those.
        self._places: dict[Hashable, int] = {}
        rows = max(rows, 1024)
        self._tables = [torch.empty(rows, 2, 3 * layer.width, dtype=self._dtype) for layer in self._layers]

    def look_up(self, keys: Sequence[Any], text: Callable[[Any], str] = str) -> tuple[list[Tensor], Tensor]:
        """Look up words, and compute first what is not known yet.

        Args:
            keys: What the words are found again by: their texts, or whatever stands for these.
            text: Gives the text of a key.

        Returns:
            A table (rows, 2, 3 · width) for each layer, and each word's row in them, (words,).
        """
        with self._lock:
            find = self._places.get
            rows = [find(key, -1) for key in keys]
            if -1 in rows:
                self._learn([key for key, row in zip(keys, rows, strict=True) if row < 0], keys, text)
                find = self._places.get
                rows = [find(key, -1) for key in keys]
            return self._tables, torch.tensor(rows, dtype=torch.int64)

    def _learn(self, missing: Sequence[Any], keys: Sequence[Any], text: Callable[[Any], str]) -> None:
        new = list(dict.fromkeys(missing))
        if len(self._places) + len(new) > self._capacity:
            new = list(dict.fromkeys(keys))
            self._clear(len(new))
        begin = len(self._places)
        needed, room = begin + len(new), len(self._tables[0])
        if needed > room:
            larger = max(needed, min(2 * room, self._capacity))
            self._tables = [
                torch.cat([table[:begin], torch.empty(larger - begin, *table.shape[1:], dtype=table.dtype)])
                for table in self._tables
            ]
        for start in range(0, len(new), _ROWS_AT_ONCE):
            some = new[start : start + _ROWS_AT_ONCE]
            vectors = self._embedder.distinct(_padded(self._encoder([[text(key) for key in some]]), _ROWS_AT_ONCE))
            for table, layer in zip(self._tables, self._layers, strict=True):
                table[begin + start : begin + start + len(some)] = layer.word_gates(vectors)[: len(some)]
        self._places.update(zip(new, range(begin, needed), strict=True))


def _padded(inputs: WordInputs, rows: int) -> WordInputs:
    """The inputs with words of nothing added, up to so many different ones."""
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

    def __init__(self, first: _TwoWayGRU, second: _TwoWayGRU, words: WordGates) -> None:
        self.words = words
        self._first = first
        self._second = second

    @classmethod
    def of(cls, model: TaggingModel, encoder: RowEncoder, arithmetic: Arithmetic) -> "PackedReader | None":
        """Make a reader with the weights that the model has now.

        Args:
            model: The model.
            encoder: What makes words the model's inputs.
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
        return cls(first, second, WordGates(embedder, encoder, (first, second), dtype=dtype))

    @property
    def compiled(self) -> tuple[CompiledLayer, CompiledLayer] | None:
        """The two layers for the compiled steps; None where torch's are taken."""
        first, second = self._first.compiled, self._second.compiled
        return None if first is None or second is None else (first, second)

    def __call__(self, rows: Sequence[Sequence[Any]], spell: Callable[[Any], str] = str) -> Tensor:
        """States (words, width) of the words of all rows, row after row, given by their keys. No row is empty."""
        tables, places = self.words.look_up(list(chain.from_iterable(rows)), spell)
        return self.states(tables, places, [len(row) for row in rows])

    @torch.inference_mode()
    def states(self, tables: Sequence[Tensor], places: Tensor, lengths: Sequence[int]) -> Tensor:
        """Read rows whose words were looked up.

        Args:
            tables: What `look_up` gave for each layer, (rows, 2, 3 · width).
            places: The words' rows in the tables, (words,), row after row.
            lengths: How many words each row has, none of them 0.

        Returns:
            States (words, width) of the words of all rows, row after row.
        """
        if self.compiled is not None:
            # The compiled steps take one row after another: nothing has to be packed.
            first, second = self.compiled
            read = first.bytes(tables[0], places, lengths=lengths)
            return torch.from_numpy(second.floats(tables[1], places, read, lengths=lengths))
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


def tags_of_heads(
    heads: Sequence[TagHead],
    asked: Sequence[int],
    states: Tensor,
    lengths: Sequence[int],
    decisions: Sequence[Decision],
) -> list[FoundTags]:
    """Choose the best tags of the words of rows, of several heads, partners together.

    Args:
        heads: All heads of a model.
        asked: The numbers of the heads whose tags are wanted.
        states: States (words, width) of the words of all rows, row after row.
        lengths: How many words each row has, none of them 0.
        decisions: How each head's scores are read, one for each head of the model.

    Returns:
        For each head that was asked, the tags of all words and the tags' probabilities.
    """
    partners = [partner.head for number in asked if (partner := decisions[number].partner) is not None]
    found = {
        number: best_tags(heads[number], states, lengths, decisions[number])
        for number in dict.fromkeys([*asked, *partners])
    }
    return [agreed_tags(number, found, heads, states, decisions) for number in asked]


def agreed_tags(
    number: int,
    found: Mapping[int, FoundTags],
    heads: Sequence[TagHead],
    states: Tensor,
    decisions: Sequence[Decision],
) -> FoundTags:
    """Change a head's tags where they do not go with those of its partner.

    Such a word gets the likeliest pair of tags that go together. Elsewhere that pair is the one that was found.

    Args:
        number: The number of the head.
        found: The tags that each head chose by itself, of this head and its partner at least.
        heads: All heads of the model.
        states: States (words, width) of the words.
        decisions: How each head's scores are read.

    Returns:
        The head's tags, and their probabilities by itself.
    """
    partner = decisions[number].partner
    if partner is None:
        return found[number]
    ids, scores = found[number]
    allowed = np.array(partner.allowed)
    apart = np.flatnonzero(~allowed[ids, found[partner.head].ids])
    if not len(apart):
        return found[number]
    rows = states[torch.from_numpy(apart).to(states.device)]
    own, other = (
        (heads[one].output(rows).float() / decisions[one].temperature).log_softmax(dim=-1)
        for one in (number, partner.head)
    )
    forbidden = torch.from_numpy(~allowed).to(rows.device)
    best = (own + other[:, None, :].masked_fill(forbidden, -math.inf).amax(dim=-1)).argmax(dim=-1)
    ids, scores = ids.copy(), scores.copy()
    ids[apart] = best.cpu().numpy()
    scores[apart] = own.gather(1, best[:, None]).squeeze(1).exp().cpu().numpy()
    return FoundTags(ids, scores)


def best_tags(
    head: TagHead,
    states: Tensor,
    lengths: Sequence[int],
    decision: Decision,
    *,
    after: int | None = None,
    goes_on: bool = False,
) -> FoundTags:
    """Choose the best tags of the words of rows.

    Args:
        head: What chooses.
        states: States (words, width) of the words of all rows, row after row.
        lengths: How many words each row has, none of them 0.
        decision: How the head's scores are read.
        after: The tag of the word before each row, where rows are parts of longer ones.
        goes_on: Whether anything may follow each row.

    Returns:
        The tags of all words and the tags' probabilities.
    """
    found = head.decode_words(states, lengths, decision, after=after, goes_on=goes_on)
    sure = found.probabilities.gather(1, found.tags[:, None]).squeeze(1)
    return FoundTags(found.tags.cpu().numpy(), sure.cpu().numpy())
