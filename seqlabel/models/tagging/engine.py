"""The protocol of engines, which compute states and tags for the one inference path, and the numbers they multiply in.

The engines are in `native` and `torch_engine`. Shapes: words (of all rows together, row after row), time, width.
"""

from collections.abc import Callable, Hashable, Sequence
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Protocol

from seqlabel.batches.windows import FoundTags
from seqlabel.names import LateModule
from seqlabel.native.compiled import FAST, Floats, Integers
from seqlabel.nn.heads.head import Rows
from seqlabel.nn.network_configs import Decision

if TYPE_CHECKING:
    from seqlabel.nn import integers
else:
    integers = LateModule("seqlabel.nn.integers")


Spelling = Callable[[Any], str]
"""The text of a word's key: `str` where words are their own keys."""


class Arithmetic(StrEnum):
    """In which numbers a labeler multiplies states and weights; the weights themselves stay float32."""

    AUTO = "auto"
    """`int8` with fast compiled steps, and where torch has instructions for it (AVX-512 VNNI, AMX), else `float32`."""
    FLOAT32 = "float32"
    INT8 = "int8"
    """8-bit integers, a scale for each row of weights (Jacob et al. 2018); all else is float32."""

    def chosen(self) -> "Arithmetic":
        """Say what `AUTO` is on this machine.

        Returns:
            `INT8` or `FLOAT32`; the others are themselves.
        """
        if self is not Arithmetic.AUTO:
            return self
        return Arithmetic.INT8 if FAST or integers.multiplies_integers() else Arithmetic.FLOAT32


class EngineKind(StrEnum):
    """The code that computes labels."""

    COMPILED = "compiled"
    """The compiled steps of `seqlabel.native`, on NumPy arrays; torch is not needed."""
    TORCH = "torch"


class OpenLayers(Protocol):
    """The layers of a tagging model on one row without an end, for any engine.

    Forward states are carried. What follows the look-ahead is not known: backward states begin in the mean of their
    states at the words before. Begun in an empty state, up to twice as many words would get another label than the
    whole row would give them.
    """

    def read(self, words: Sequence[str]) -> None:
        """Take words into the look-ahead.

        Args:
            words: The next words of the row, at least one.
        """
        ...

    def states(self, count: int, *, is_last: bool, whole: bool) -> Any:
        """Compute the states that heads are asked about; the first words then leave the look-ahead.

        Args:
            count: How many words leave it.
            is_last: Whether the row ends with them; else anything may follow.
            whole: Whether states of all words in the look-ahead are wanted, or of those that leave it.

        Returns:
            States (time, width), as the engine's heads take them.
        """
        ...


class Engine(Protocol):
    """A tagging model that is ready to tag, with the weights that it has now. Threads may share it."""

    @property
    def kind(self) -> EngineKind:
        """The engine's kind."""
        ...

    @property
    def heads(self) -> int:
        """The number of heads."""
        ...

    @property
    def width(self) -> int:
        """The width of states."""
        ...

    @property
    def together(self) -> bool:
        """Whether any head chooses the tags of a row together."""
        ...

    def states(self, rows: Sequence[Sequence[Hashable]], spell: Spelling) -> Any:
        """Read rows.

        Args:
            rows: The keys of each row's words; no row is empty.
            spell: Gives the text of a key that is met for the first time.

        Returns:
            States (words, width) of the words of all rows, row after row, as `tags` takes them.
        """
        ...

    def tags(self, head: int, states: Any, rows: Rows, decision: Decision) -> FoundTags:
        """Choose the tags of the words of rows.

        Args:
            head: The number of the head that chooses.
            states: States (words, width) of the words of all rows, row after row.
            rows: The rows.
            decision: How the head's scores are read.

        Returns:
            The tags of all words and the tags' probabilities.
        """
        ...

    def log_probabilities(self, head: int, states: Any, words: Integers, temperature: float) -> Floats:
        """Score every tag of some words.

        Args:
            head: The number of a softmax head.
            states: States (all words, width).
            words: The numbers of some of the words, (words,).
            temperature: The divisor of scores.

        Returns:
            The logarithm of each tag's probability, (words, tags).
        """
        ...

    def probabilities(self, head: int, states: Any, rows: Rows, decision: Decision) -> Floats:
        """Score every tag of the words of rows.

        Args:
            head: The number of the head.
            states: States (words, width) of the words of all rows, row after row.
            rows: The rows.
            decision: How the head's scores are read; its threshold offset takes no part.

        Returns:
            The probability of each tag, (words, tags).
        """
        ...

    def floats(self, states: Any) -> Floats:
        """Give states as numbers.

        Args:
            states: The result of `states`.

        Returns:
            The same states as an array, (words, width).
        """
        ...

    def open_layers(self) -> OpenLayers:
        """Begin a row whose words come one after another.

        Returns:
            Layers that have read nothing.

        Raises:
            OptionError: For a model that reads pieces of words.
        """
        ...


class Engines(Protocol):
    """A tagging model that gives the engine for the weights that it has at the time."""

    def engine(self, arithmetic: Arithmetic) -> Engine:
        """Give what tags now.

        Args:
            arithmetic: In which numbers states and weights are multiplied.

        Returns:
            The engine; the same one as long as the weights do not change.
        """
        ...
