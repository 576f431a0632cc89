"""A tagging model's states without gradients, as fast as a CPU gives them; the layers themselves are in `encoders`.

Torch's GRU spends most of its time on the CPU in bfloat16 gates and on padding. Here rows are packed by length, both
directions take a step at once, products run in bfloat16 where the processor has instructions for it, gates in float32;
a word's vector is computed once and then looked up. What a row gives does not depend, not by a bit, on what else is in
the batch.

Shapes: rows, words (of all rows together), width.
"""

import threading
from collections.abc import Sequence
from dataclasses import replace
from enum import StrEnum
from itertools import chain

import numpy as np
import torch
from torch import Tensor, nn

from seqlabel.batches import RowEncoder, WordEncoder
from seqlabel.embedders import HashedEmbedder, WordInputs
from seqlabel.encoders import TwoWayEncoder
from seqlabel.models import TaggingModel


class Arithmetic(StrEnum):
    """In which numbers a labeler multiplies; weights stay float32."""

    AUTO = "auto"
    """`bfloat16` where the processor has instructions for it (AMX or AVX-512 BF16), else `float32`."""
    FLOAT32 = "float32"
    BFLOAT16 = "bfloat16"

    def dtype(self) -> torch.dtype:
        """The torch type that products are computed in on this machine."""
        if self is Arithmetic.AUTO:
            has_instructions = torch.cpu._is_amx_tile_supported() or torch.cpu._is_avx512_bf16_supported()
            return torch.bfloat16 if has_instructions else torch.float32
        return torch.bfloat16 if self is Arithmetic.BFLOAT16 else torch.float32


class WordVectors:
    """The embedder's vectors of words, each computed when it is first met; at most `capacity` are kept.

    When the table is full it is begun anew, so that memory stays bounded on any text. Threads may share it.
    """

    def __init__(self, embedder: HashedEmbedder, encoder: WordEncoder, *, capacity: int = 1 << 16) -> None:
        self._embedder = embedder
        self._encoder = encoder
        self._capacity = capacity
        self._lock = threading.Lock()
        self._clear(0)

    def _clear(self, rows: int) -> None:
        # A new table, not the old one emptied: another thread may still read that.
        self._places: dict[str, int] = {}
        self._table = torch.empty(max(rows, 1024), self._embedder.width)

    def look_up(self, words: Sequence[str]) -> tuple[Tensor, Tensor]:
        """A table (rows, width), float32, and the row of each word (words,)."""
        with self._lock:
            find = self._places.get
            rows = [find(word, -1) for word in words]
            if -1 in rows:
                self._learn([word for word, row in zip(words, rows, strict=True) if row < 0], words)
                find = self._places.get
                rows = [find(word, -1) for word in words]
            return self._table, torch.tensor(rows)

    def _learn(self, missing: Sequence[str], words: Sequence[str]) -> None:
        new = list(dict.fromkeys(missing))
        if len(self._places) + len(new) > self._capacity:
            new = list(dict.fromkeys(words))
            self._clear(len(new))
        begin = len(self._places)
        needed = begin + len(new)
        if needed > len(self._table):
            larger = torch.empty(max(needed, 2 * len(self._table)), self._embedder.width)
            larger[:begin] = self._table[:begin]
            self._table = larger
        for start in range(0, len(new), _ROWS_AT_ONCE):
            some = new[start : start + _ROWS_AT_ONCE]
            vectors = self._embedder.distinct(_padded(self._encoder([some]), _ROWS_AT_ONCE))
            self._table[begin + start : begin + start + len(some)] = vectors[: len(some)]
        self._places.update(zip(new, range(begin, needed), strict=True))


_ROWS_AT_ONCE = 256
_FEWEST_ROWS = 8
# Which kernel multiplies, and so the last bit, depends on the number of rows: products are of rows enough, or of pieces
# of one size, so that what a word gets does not depend on what it is read with.


def _padded(inputs: WordInputs, rows: int) -> WordInputs:
    """The inputs with words of nothing added, up to so many different ones."""
    missing = rows - len(inputs.words)
    return replace(
        inputs,
        words=torch.cat([inputs.words, inputs.words.new_zeros(missing)]),
        offsets=torch.cat([inputs.offsets, inputs.offsets.new_full((missing,), len(inputs.features))]),
    )


class PackedRows:
    """Where the words of some rows stand when they are read side by side, longest row first, without padding.

    In forward order, word `t` of all rows that have one comes after all words `t - 1`; in backward order rows are read
    from their ends. `source` (words,) is each word's place among the rows' words one after another, in forward order,
    `mirrored` (words,) where each backward place is in forward order, and `counts` how many rows have a word `t`.
    """

    def __init__(self, lengths: Sequence[int]) -> None:
        sizes = np.asarray(lengths, dtype=np.int64)
        order = np.argsort(-sizes, kind="stable")
        starts = np.concatenate([[0], np.cumsum(sizes)])[:-1][order]
        sizes = sizes[order]
        time = int(sizes[0]) if len(sizes) else 0
        falling = -sizes
        counts = np.searchsorted(falling, -np.arange(time), side="left")
        begins = np.concatenate([[0], np.cumsum(counts)])
        step = np.repeat(np.arange(time), counts)
        row = np.arange(begins[-1]) - begins[step]
        self.source = torch.from_numpy(starts[row] + step)
        self.mirrored = torch.from_numpy(begins[sizes[row] - 1 - step] + row)
        self.counts: list[int] = counts.tolist()


class PackedReader:
    """The states of a tagging model whose two layers are two-way GRUs of one layer each; `of` says whether one is."""

    def __init__(self, first: "_TwoWayGRU", second: "_TwoWayGRU", vectors: WordVectors) -> None:
        self._first = first
        self._second = second
        self._vectors = vectors

    @classmethod
    def of(cls, model: TaggingModel, encoder: RowEncoder, arithmetic: Arithmetic) -> "PackedReader | None":
        """A reader with the weights that the model has now; None for a model of another kind, or not on the CPU."""
        if not isinstance(model.embedder, HashedEmbedder) or not isinstance(encoder, WordEncoder):
            return None
        if next(model.parameters()).device.type != "cpu" or not isinstance(model.first, TwoWayEncoder):
            return None
        dtype = arithmetic.dtype()
        first, second = _TwoWayGRU.of(model.first, dtype), _TwoWayGRU.of(model.second, dtype)
        if first is None or second is None:
            return None
        return cls(first, second, WordVectors(model.embedder, encoder))

    @torch.inference_mode()
    def __call__(self, rows: Sequence[Sequence[str]]) -> Tensor:
        """States (words, width) of the words of all rows, row after row. No row is empty."""
        packed = PackedRows([len(row) for row in rows])
        table, places = self._vectors.look_up(list(chain.from_iterable(rows)))
        vectors = table[places[packed.source]]
        read = self._first(vectors, packed)
        states = self._second(torch.cat([*read, vectors], dim=1), packed)
        result = torch.empty(len(vectors), 2 * states[0].shape[1])
        result[packed.source] = torch.cat(states, dim=1)
        return result


class _TwoWayGRU:
    """The two directions of a layer, side by side; weights are copies, in the numbers that products are computed in."""

    def __init__(self, ways: Sequence[nn.GRU], dtype: torch.dtype) -> None:
        def both(name: str) -> Tensor:
            return torch.stack([getattr(way, name).detach() for way in ways])

        width = ways[0].hidden_size
        self._dtype = dtype
        self._width = width
        self._outer = both("weight_ih_l0").transpose(1, 2).to(dtype).contiguous()
        self._inner = both("weight_hh_l0").transpose(1, 2).to(dtype).contiguous()
        inner_bias = both("bias_hh_l0")
        # The reset gate scales the candidate's inner bias, so that one stays apart.
        self._candidate_bias = inner_bias[:, None, 2 * width :].clone()
        self._bias = both("bias_ih_l0")
        self._bias[:, : 2 * width] += inner_bias[:, : 2 * width]

    @classmethod
    def of(cls, encoder: TwoWayEncoder, dtype: torch.dtype) -> "_TwoWayGRU | None":
        """The layer of an encoder; None unless it is one GRU layer a way, both equally wide."""
        ways = [stack for way in (encoder.forward_encoder, encoder.backward_encoder) for stack in way.stacks]
        grus = [way for way in ways if isinstance(way, nn.GRU) and way.num_layers == 1]
        if len(ways) != 2 or len(grus) != 2 or grus[0].hidden_size != grus[1].hidden_size:
            return None
        return cls(grus, dtype)

    def __call__(self, vectors: Tensor, packed: PackedRows) -> tuple[Tensor, Tensor]:
        """States (words, width) of each way in forward order, of vectors (words, input width) in forward order."""
        width, words = self._width, len(vectors)
        vectors = vectors.to(self._dtype)
        gates = torch.empty(2, words, 3 * width)
        for way, ordered in enumerate((vectors, vectors[packed.mirrored])):
            self._project(ordered, way, gates[way])
        states = torch.empty(2, words, width)
        before = torch.zeros(2, packed.counts[0] if words else 0, width)
        place = 0
        for count in packed.counts:
            before = before[:, :count]
            inner = torch.bmm(_enough_rows(before).to(self._dtype), self._inner)[:, :count].float()
            step = gates[:, place : place + count]
            open_ = step[..., : 2 * width].add_(inner[..., : 2 * width]).sigmoid_()
            candidate = inner[..., 2 * width :].add_(self._candidate_bias)
            candidate = step[..., 2 * width :].addcmul_(open_[..., :width], candidate).tanh_()
            before = torch.lerp(candidate, before, open_[..., width:], out=states[:, place : place + count])
            place += count
        return states[0], states[1, packed.mirrored]

    def _project(self, vectors: Tensor, way: int, out: Tensor) -> None:
        """Write what the vectors (words, input width) add to the gates of one way to `out` (words, 3 · width)."""
        for start in range(0, len(vectors), _ROWS_AT_ONCE):
            piece = vectors[start : start + _ROWS_AT_ONCE]
            rows = len(piece)
            if rows < _ROWS_AT_ONCE:
                piece = torch.cat([piece, piece.new_zeros(_ROWS_AT_ONCE - rows, piece.shape[1])])
            torch.add((piece @ self._outer[way])[:rows], self._bias[way], out=out[start : start + rows])


def _enough_rows(states: Tensor) -> Tensor:
    """States (2, rows, width) with rows of zeros added where they are few."""
    missing = _FEWEST_ROWS - states.shape[1]
    return states if missing <= 0 else torch.cat([states, states.new_zeros(2, missing, states.shape[2])], dim=1)
