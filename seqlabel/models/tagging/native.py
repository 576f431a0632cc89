"""Tagging models over words whose two layers are two-way GRUs, by the compiled steps on NumPy
arrays; no torch.

Shapes: words (of all rows together, row after row), rows, time, width, tags.
"""

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import chain
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import numpy.typing as npt
from safetensors import SafetensorError
from safetensors.numpy import load

from seqlabel.batches.windows import FoundTags
from seqlabel.documents.label_sets import LabelSet, Unit
from seqlabel.models.model_configs import HeadConfig, LabelerConfig
from seqlabel.models.tagging.engine import EngineKind, Spelling
from seqlabel.native.compiled import (
    LARGEST,
    ZERO,
    Bits,
    Embedder,
    Floats,
    Integers,
    Linear,
    Table,
    run_layer,
)
from seqlabel.native.hashing import hash_words
from seqlabel.native.layers import CompiledLayer, GRUArrays
from seqlabel.native.word_gates import WordGates
from seqlabel.nn.heads.head import (
    ArcScores,
    CompiledDocumentHead,
    CompiledHead,
    Rows,
    TagScores,
    unit_of,
)
from seqlabel.nn.network_configs import Decision, Recurrence, WordModelConfig, pooled_width
from seqlabel.text.hashing import WordHasher
from seqlabel.text.vocabulary import Vocabulary
from seqlabel.training.batch_sizes import BATCH_WORDS, BatchUse

if TYPE_CHECKING:
    from seqlabel.nn.networks import TagHead

Arrays = Mapping[str, npt.NDArray[np.generic]]
"""The weights of a tagging model by the names that they have in torch, as they are stored."""

SCALE = "|scale"
"""The end of the names of the scales of tables in 8 bits."""
_EMBEDDER = "encoder.embedder"
_LAYERS = (
    ("encoder.forward_encoder.stacks.0", "encoder.backward_encoder.stacks.0"),
    ("second.forward_encoder.stacks.0", "second.backward_encoder.stacks.0"),
)
_TABLES = (f"{_EMBEDDER}.table.weight", f"{_EMBEDDER}.buckets.weight")


@dataclass(frozen=True)
class NativeHead:
    """A head of words or sentences with its weights, for the compiled steps."""

    kind: CompiledHead
    tag_set: LabelSet
    layer: Linear
    weights: Mapping[str, Floats]

    def scores(self, states: Floats) -> Floats:
        """Score every tag of words; see `NativeEngine.scores`."""
        return np.ascontiguousarray(self.layer(states))

    def best(self, states: Floats, rows: Rows, decision: Decision) -> FoundTags:
        """Choose the tags of words; see `NativeEngine.tags`."""
        return FoundTags(
            *self.kind.best(states, self.layer, rows, decision, self.tag_set, self.weights)
        )

    @classmethod
    def of(cls, arrays: Arrays, number: int, head: "TagHead | HeadConfig") -> "NativeHead":
        """Take a head's weights.

        Args:
            arrays: The weights of its network.
            number: The number of the head.
            head: The head.

        Returns:
            The head for the compiled steps.
        """
        assert isinstance(head.kind, CompiledHead)
        name = f"heads.{number}"
        weights = {
            weight: _floats(arrays[f"{name}.{head.kind.name}.{weight}"])
            for weight in head.kind.shapes(len(head.tag_set.tags))
        }
        return cls(
            head.kind,
            head.tag_set,
            Linear.of(*_weight_and_bias(arrays, f"{name}.output"), chooses=not head.kind.joint),
            weights,
        )


@dataclass(frozen=True)
class NativeDocumentHead:
    """A head of documents with its weights, without torch."""

    kind: CompiledDocumentHead
    tag_set: LabelSet
    layer: Mapping[str, Floats]
    weights: Mapping[str, Floats]

    @classmethod
    def of(
        cls, arrays: Arrays, number: int, head: "TagHead | HeadConfig", width: int
    ) -> "NativeDocumentHead":
        """Take a head's weights.

        Args:
            arrays: The weights of its network.
            number: The number of the head.
            head: The head.
            width: The width of the pooled states that it reads.

        Returns:
            The head.
        """
        kind = head.kind
        assert isinstance(kind, CompiledDocumentHead)
        tags = len(head.tag_set.tags)
        name = f"heads.{number}"
        layer = {
            part: _whole(arrays, f"{name}.output.{part}") for part in kind.layer_shapes(width, tags)
        }
        weights = {part: _whole(arrays, f"{name}.{kind.name}.{part}") for part in kind.shapes(tags)}
        return cls(kind, head.tag_set, layer, weights)

    def scores(self, states: Floats) -> Floats:
        """Score every label of documents by their pooled states; see `NativeEngine.scores`."""
        return self.kind.scores(states, self.layer)

    def best(self, states: Floats, rows: Rows, decision: Decision) -> FoundTags:
        """Choose the labels of documents; see `NativeEngine.tags`."""
        chosen = self.kind.decode(self.scores(states), rows, decision, self.tag_set, self.weights)
        return FoundTags(chosen.tags, chosen.scores)


class ReadWords(NamedTuple):
    """What the first layer has read of rows of words.

    Args:
        bytes: Its states, (words, width).
        tables: What words add to the gates of each layer.
        places: Each word's row in the tables, (words,).
        lengths: The number of words of each row.
    """

    bytes: npt.NDArray[np.uint8]
    tables: Sequence[Bits]
    places: Integers
    lengths: Sequence[int]


class NativeEngine:
    """A tagging model by the compiled steps, in 8-bit products; threads may share it.

    Args:
        arrays: The weights by their names in torch: float32, or tables in 8 bits with the scales of
            their rows.
        heads: The heads, which run without torch.
        vocabulary: The frequent words.
    """

    kind = EngineKind.COMPILED
    batch_words = BATCH_WORDS[BatchUse.LABELING].cpu
    """About how many words are read at once: more states than these do not fit into a processor's
    cache.
    """
    is_remote = False
    """Whether another processor computes, for which this one would wait."""

    def __init__(
        self,
        arrays: Arrays,
        heads: Sequence["TagHead | HeadConfig"],
        vocabulary: Vocabulary,
    ) -> None:
        self._vocabulary = vocabulary
        self._hasher = WordHasher(len(arrays[_TABLES[1]]))
        norm, up, down = (
            _weight_and_bias(arrays, f"{_EMBEDDER}.{name}") for name in ("norm", "up", "down")
        )
        self._embedder = Embedder(
            *(_table(arrays, name) for name in _TABLES), norm=norm, up=up, down=down
        )
        has_second = any(name.startswith(_LAYERS[1]) for name in arrays)
        self._layers: list[CompiledLayer] = []
        for names in _LAYERS[: 2 if has_second else 1]:
            ways = [_gru(arrays, name) for name in names]
            self._layers.append(CompiledLayer.of(ways, len(norm[0])))
        self.width = 2 * self._layers[1].width if has_second else 0
        pooled = 6 * self._layers[0].width
        self.units = [unit_of(head.kind) for head in heads]
        self._heads = [
            NativeDocumentHead.of(arrays, number, head, pooled)
            if unit is Unit.DOCUMENT
            else NativeHead.of(arrays, number, head)
            for number, (head, unit) in enumerate(zip(heads, self.units, strict=True))
        ]
        self.has_spans = [head.tag_set.scheme is not None for head in self._heads]
        self.is_joint = [head.kind.joint for head in self._heads]
        self.words = WordGates(self._gates, [layer.width for layer in self._layers], np.uint16)

    def _gates(self, words: list[str]) -> list[Bits]:
        """The words' share of the gates' inputs in each layer, (words, 2, 3 · width) each."""
        features = hash_words(words, self._hasher)
        layers = self._layers
        gates_of_layers = self._embedder.gates(
            features.ids,
            features.offsets,
            self._vocabulary.encode(words),
            [layer.words for layer in layers],
        )
        return [
            gates[:, : layer.words.outputs].reshape(len(words), 2, 3 * layer.width)
            for layer, gates in zip(layers, gates_of_layers, strict=True)
        ]

    def read(self, rows: Sequence[Sequence[Hashable]], spell: Spelling) -> ReadWords:
        """Read rows with the first layer.

        Args:
            rows: The keys of each row's words; no row is empty.
            spell: Gives the text of a key that is met for the first time.

        Returns:
            What `states_of` and `encoded` take.
        """
        tables, numbers = self.words.look_up(list(chain.from_iterable(rows)), spell)
        # The compiled steps take one row after another: nothing has to be packed.
        lengths = [len(row) for row in rows]
        states = run_layer(
            self._layers[0].ways, table=tables[0], places=numbers, numbers=np.uint8, lengths=lengths
        )
        return ReadWords(states, tables, numbers, lengths)

    def states_of(self, read: ReadWords) -> Floats:
        """Compute the states that heads of words and sentences read.

        Args:
            read: The result of `read`.

        Returns:
            States (words, width) of the words of all rows, row after row, as `tags` takes them.
        """
        return run_layer(
            self._layers[1].ways,
            table=read.tables[1],
            places=read.places,
            numbers=np.float32,
            lengths=read.lengths,
            below=read.bytes,
        )

    @property
    def encoder_widths(self) -> tuple[int, ...]:
        """The width of the encoder's states in each direction, forward first."""
        return (self._layers[0].width, self._layers[0].width)

    def encoded(self, read: ReadWords) -> Floats:
        """Give the states of the encoder, which heads of documents read when they are pooled.

        Args:
            read: The result of `read`.

        Returns:
            States (words, width of the encoder) of the words of all rows, row after row, forward
            ones first.
        """
        states: Floats = (read.bytes.astype(np.float32) - np.float32(ZERO)) / np.float32(LARGEST)
        return states

    def states(self, rows: Sequence[Sequence[Hashable]], spell: Spelling) -> Floats:
        """Read rows with both layers.

        Args:
            rows: The keys of each row's words; no row is empty.
            spell: Gives the text of a key that is met for the first time.

        Returns:
            States (words, width) of the words of all rows, row after row, as `tags` takes them.
        """
        return self.states_of(self.read(rows, spell))

    def tags(self, head: int, states: Floats, rows: Rows, decision: Decision) -> FoundTags:
        """Choose the tags of the words of rows.

        Args:
            head: The number of the head that chooses.
            states: States (words, width) of the words of all rows, row after row; pooled states
                (documents, width) for a head of documents.
            rows: The rows.
            decision: How the head's scores are read.

        Returns:
            The tags of all words, or the labels of documents, and their probabilities.
        """
        return self._heads[head].best(states, rows, decision)

    def decode(
        self, head: int, states: Floats, rows: Rows, decision: Decision
    ) -> TagScores | ArcScores:
        """Choose the tags of the words of rows, and score every tag; takes longer than `tags`.

        Args:
            head: The number of the head that chooses.
            states: States as `tags` takes them.
            rows: The rows.
            decision: How the head's scores are read.

        Returns:
            The tags of all words and the probability of each tag, (words, tags).
        """
        asked = self._heads[head]
        scores = self.scores(head, states)
        return asked.kind.decode(scores, rows, decision, asked.tag_set, asked.weights)

    def scores(self, head: int, states: Floats) -> Floats:
        """Score every tag of words.

        Args:
            head: The number of the head.
            states: States (words, width).

        Returns:
            The scores of its layer, (words, tags).
        """
        return self._heads[head].scores(states)

    def labels(self, head: int) -> int:
        """Count the labels of a head.

        Args:
            head: The number of the head.

        Returns:
            The number of its tags.
        """
        return len(self._heads[head].tag_set.tags)

    def joined(self, parts: Sequence[Floats]) -> Floats:
        """Join states of runs of words.

        Args:
            parts: States (words, width) each.

        Returns:
            The states of all words, one run after another.
        """
        return np.concatenate(parts)

    def floats(self, states: Floats) -> Floats:
        """Give states as numbers.

        Args:
            states: The result of `states`.

        Returns:
            The same states as an array, (words, width).
        """
        return states

    def open_layers(self) -> "CompiledLayers":
        """Begin a row whose words come one after another.

        Returns:
            Layers that have read nothing.
        """
        first, second = self._layers
        return CompiledLayers(self.words, (first, second))


STATES = 10
"""The approximate number of calls that count in the mean of backward states of an open row."""
STEPS = 8
"""The number of steps of an open row that may begin in one mean, and can be read together."""


def moves_mean(steps: int) -> bool:
    """Return whether the mean in which backward states begin is renewed after a step.

    Args:
        steps: The number of steps that were read, this one included.

    Returns:
        Whether the next step begins in a mean with this one: after each of the first steps, later
        after every eighth.
    """
    return steps < STEPS or steps % STEPS == 0


class CompiledLayers:
    """The layers of a model that the compiled steps read, in 8-bit products, on one row without an
    end.

    Forward states are carried. What follows the look-ahead is not known: backward states begin in
    the mean of their states at the words before. Begun in an empty state, up to twice as many words
    would get another label than the whole row would give them. The mean is renewed after every
    eighth step, so that up to eight steps, whose words are there, are read as rows of one batch.

    Args:
        words: What words add to the gates of both layers.
        layers: The two layers.
    """

    def __init__(
        self, words: WordGates[np.uint16], layers: tuple[CompiledLayer, CompiledLayer]
    ) -> None:
        self._gates = words
        self._first, self._second = layers
        # 127 times the forward states, which are carried, in the first half, (2, 1, width).
        self._first_states = np.zeros((2, 1, self._first.width), np.float32)
        self._second_states = np.zeros((2, 1, self._second.width), np.float32)
        # 127 times the mean of backward states in both layers, (width of both,), and the one in
        # which backward states begin.
        self._mean = np.zeros(self._first.width + self._second.width, np.float32)
        self._begin = self._mean.copy()
        self._steps = 0
        # The words in the look-ahead, and their forward states in the first layer as bytes.
        self._words: list[str] = []
        self._read = np.empty((0, self._first.width), np.uint8)

    @property
    def together(self) -> int:
        """How many of the next steps begin in the same mean: at most as many are read at once."""
        return 1 if self._steps < STEPS else STEPS - self._steps % STEPS

    def read(self, words: Sequence[str]) -> None:
        """Take words into the look-ahead.

        Args:
            words: The next words of the row, at least one.
        """
        self._words += words
        (table, _), numbers = self._gates.look_up(words)
        ways = self._first.ways[0], None
        read = run_layer(
            ways, table=table, places=numbers, numbers=np.uint8, states=self._first_states
        )
        self._read = np.concatenate([self._read, read[:, : self._first.width]])

    def states(self, count: int, *, is_last: bool, whole: bool, steps: int = 1) -> Floats:
        """Compute the states that heads are asked about; the first words then leave the look-ahead.

        Args:
            count: How many words leave it at each step.
            is_last: Whether the row ends with them; else anything may follow.
            whole: Whether states of all words in the look-ahead are wanted, or of those that leave
                it.
            steps: The number of steps, at most `together`. Of several steps each one has a
                look-ahead as long as that of the last one.

        Returns:
            States (steps, time, width), as the engine's heads take them.
        """
        (first, second), numbers = self._gates.look_up(self._words)
        time = len(numbers) - (steps - 1) * count
        # The words that each step reads, (steps, time), and those that leave with it.
        words = np.arange(0, steps * count, count)[:, None] + np.arange(time)
        places = numbers[words.reshape(-1)]
        lengths = [time] * steps

        # Forward states first; the backward ones are written into the second half of each row.
        width = self._first.width
        below = np.empty((steps, time, 2 * width), np.uint8)
        below[:, :, :width] = self._read[words]
        of_rows = below.reshape(steps * time, 2 * width)
        begin = np.zeros_like(self._begin) if is_last else self._begin
        run_layer(
            (None, self._first.ways[1]),
            table=first,
            places=places,
            numbers=np.uint8,
            lengths=lengths,
            states=_begun(begin[:width], steps),
            out=of_rows,
        )
        back = below[:, :, width:]

        width = self._second.width
        states = np.empty((steps, time, 2 * width), np.float32)
        run_layer(
            (None, self._second.ways[1]),
            table=second,
            places=places,
            numbers=np.float32,
            lengths=lengths,
            below=of_rows,
            states=_begun(begin[-width:], steps),
            out=states.reshape(steps * time, 2 * width),
        )

        forward = partial(run_layer, (self._second.ways[0], None), table=second, numbers=np.float32)
        ahead = forward(
            places=numbers[: steps * count],
            below=below[:, :count].reshape(steps * count, -1),
            states=self._second_states,
        ).reshape(steps, count, -1)
        states[:, :count, :width] = ahead[:, :, :width]
        if not whole:
            states = states[:, :count]
        elif time > count:
            # The backward states of words that stay may change yet, so what is read of them is not
            # carried: it begins in the state after each step.
            after = np.empty((2, steps, width), np.float32)
            after[0] = LARGEST * ahead[:, -1, :width]
            further = forward(
                places=numbers[words[:, count:].reshape(-1)],
                below=below[:, count:].reshape(steps * (time - count), -1),
                lengths=[time - count] * steps,
                states=after,
            )
            states[:, count:, :width] = further.reshape(steps, time - count, -1)[:, :, :width]

        first_means = (back[:, :count].astype(np.float32) - ZERO).mean(axis=1)
        second_means = (LARGEST * states[:, :count, width:]).mean(axis=1)
        for mean in np.concatenate([first_means, second_means], axis=1):
            self._move(mean)
        self._words = self._words[steps * count :]
        self._read = self._read[steps * count :]
        return states

    def _move(self, mean: Floats) -> None:
        """Move the mean of backward states towards that of a step, (width of both,); about ten
        steps count.
        """
        self._steps += 1
        self._mean += (mean - self._mean) / min(self._steps, STATES)
        if moves_mean(self._steps):
            self._begin = self._mean.copy()


def _begun(state: Floats, rows: int) -> Floats:
    """States (2, rows, width) that all begin in one state (width,)."""
    states = np.empty((2, rows, len(state)), np.float32)
    states[:] = state
    return states


def _floats(array: npt.NDArray[np.generic]) -> Floats:
    return np.ascontiguousarray(array, dtype=np.float32)


def _whole(arrays: Arrays, name: str) -> Floats:
    """Weights in float32, also where they are stored in 8 bits."""
    scales = arrays.get(name + SCALE)
    numbers = _floats(arrays[name])
    return numbers if scales is None else numbers * _floats(scales)


def _table(arrays: Arrays, name: str) -> Table:
    numbers = arrays[name]
    scales = arrays.get(name + SCALE)
    if scales is None:
        return Table(_floats(numbers))
    return Table(np.ascontiguousarray(numbers, dtype=np.int8), _floats(scales.reshape(-1)))


def _weight_and_bias(arrays: Arrays, name: str) -> tuple[Floats, Floats]:
    return _floats(arrays[f"{name}.weight"]), _floats(arrays[f"{name}.bias"])


def _gru(arrays: Arrays, name: str) -> GRUArrays:
    return GRUArrays(
        *(
            _floats(arrays[f"{name}.{part}_l0"])
            for part in ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
        )
    )


def stored_shapes(config: LabelerConfig) -> dict[str, tuple[int, ...]] | None:
    """Give the shapes of the weights of a labeler that the compiled steps read.

    Args:
        config: The labeler's numbers.

    Returns:
        The shapes by the names in torch; None for a labeler of another kind.
    """
    encoder = config.encoder
    if (
        not isinstance(encoder, WordModelConfig)
        or encoder.layers != 1
        or encoder.recurrence is not Recurrence.GRU
    ):
        return None
    width = encoder.embedding
    shapes: dict[str, tuple[int, ...]] = {
        **dict(zip(_TABLES, ((encoder.words, width), (encoder.buckets, width)), strict=True)),
        f"{_EMBEDDER}.norm.weight": (width,),
        f"{_EMBEDDER}.norm.bias": (width,),
        f"{_EMBEDDER}.up.weight": (2 * width, width),
        f"{_EMBEDDER}.up.bias": (2 * width,),
        f"{_EMBEDDER}.down.weight": (width, 2 * width),
        f"{_EMBEDDER}.down.bias": (width,),
    }
    inputs = (width, 2 * encoder.hidden + width)
    for ways, read, hidden in zip(_LAYERS, inputs, (encoder.hidden, config.hidden), strict=True):
        for way in ways if hidden else ():
            shapes |= {
                f"{way}.weight_ih_l0": (3 * hidden, read),
                f"{way}.weight_hh_l0": (3 * hidden, hidden),
                f"{way}.bias_ih_l0": (3 * hidden,),
                f"{way}.bias_hh_l0": (3 * hidden,),
            }
    for number, head in enumerate(config.heads):
        tags = len(head.tag_set.tags)
        if isinstance(head.kind, CompiledDocumentHead):
            of_layer = head.kind.layer_shapes(pooled_width(encoder), tags)
            shapes |= {f"heads.{number}.output.{name}": shape for name, shape in of_layer.items()}
            shapes |= {
                f"heads.{number}.{head.kind.name}.{name}": shape
                for name, shape in head.kind.shapes(tags).items()
            }
            continue
        if not isinstance(head.kind, CompiledHead):
            return None
        outputs = head.kind.outputs(tags)
        shapes |= {
            f"heads.{number}.output.weight": (outputs, 2 * config.hidden),
            f"heads.{number}.output.bias": (outputs,),
        }
        shapes |= {
            f"heads.{number}.{head.kind.name}.{name}": shape
            for name, shape in head.kind.shapes(tags).items()
        }
    return shapes


def arrays_of(
    config: LabelerConfig, data: bytes, *, rename: Callable[[str], str] = str
) -> Arrays | None:
    """Read the weights of a labeler from a safetensors file.

    Args:
        config: The labeler's numbers.
        data: The content of the file.
        rename: Gives the name of a weight in torch by that in the file.

    Returns:
        The weights; None where the compiled steps do not read such a labeler, or where the weights
        are damaged: loading them with torch then raises the error.
    """
    shapes = stored_shapes(config)
    if shapes is None:
        return None
    try:
        arrays: dict[str, npt.NDArray[np.generic]] = {
            rename(name): array for name, array in load(data).items()
        }
    except (SafetensorError, KeyError, TypeError, ValueError, RuntimeError):
        return None
    return arrays if _fit(arrays, shapes, config) else None


def _fit(
    arrays: Mapping[str, npt.NDArray[np.generic]],
    shapes: Mapping[str, tuple[int, ...]],
    config: LabelerConfig,
) -> bool:
    """Return whether weights are those of a config: their names, shapes, types and numbers."""
    scales = {name for name in arrays if name.endswith(SCALE)}
    if arrays.keys() - scales != shapes.keys():
        return False

    in_documents: list[str] = []
    for number, head in enumerate(config.heads):
        if isinstance(head.kind, CompiledDocumentHead):
            in_documents.append(f"heads.{number}.")
    tables = {name for name in shapes if name.startswith(tuple(in_documents))}
    if not scales <= {name + SCALE for name in (*_TABLES, *tables)}:
        return False

    for name, shape in shapes.items():
        if arrays[name].shape != shape:
            return False
    for name in scales:
        rows = arrays[name.removesuffix(SCALE)].shape[:1]
        if arrays[name].shape != (*rows, 1):
            return False
    for name, array in arrays.items():
        if not _has_right_type(array, in_bytes=name + SCALE in scales):
            return False
        if array.dtype.kind == "f" and not np.isfinite(array).all():
            return False
    return True


def _has_right_type(array: npt.NDArray[np.generic], *, in_bytes: bool) -> bool:
    return array.dtype in ((np.int8,) if in_bytes else (np.float16, np.float32))
