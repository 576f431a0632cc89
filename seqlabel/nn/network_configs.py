"""The numbers that networks are built of and scores are read by, frozen, and closed choices; no
torch here.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Any, TypeAlias

import numpy as np
import numpy.typing as npt
from pydantic import Discriminator, PlainSerializer, PlainValidator, Tag, ValidationInfo

from seqlabel.documents.edit_scripts import KnownLemmas
from seqlabel.errors import OptionError, choose
from seqlabel.native.span_reader import SpanReader
from seqlabel.nn.own import find_named, import_path


class Recurrence(StrEnum):
    """The rule by which a state and a word make the next state."""

    RNN = "rnn"
    """h' = tanh(W x + U h) (Elman 1990)."""
    GRU = "gru"
    """Gated recurrent unit (Cho et al. 2014)."""
    LSTM = "lstm"
    """Long short-term memory (Hochreiter and Schmidhuber 1997)."""
    MIN_GRU = "min_gru"
    """A GRU whose gates do not see the state, computed for all words at once (Feng et al. 2024)."""


def _read_recurrence(name: object, info: ValidationInfo) -> Any:
    known = {str(recurrence): recurrence for recurrence in Recurrence}
    return find_named(name, known, info, "recurrences")


def _written_recurrence(recurrence: Any) -> str:
    return import_path(recurrence) if isinstance(recurrence, type) else str(recurrence)


AnyRecurrence: TypeAlias = Annotated[
    Any,
    PlainValidator(_read_recurrence),
    PlainSerializer(_written_recurrence),
]
"""A `Recurrence`, or a class of your own: a module of the widths of inputs and states and the
number of layers.

Called with vectors (batch, time, width) and a state, None at the beginning, it returns states
(batch, time, width) and the state after them, as `torch.nn.GRU` does with `batch_first`.
"""


def check_rate(name: str, rate: float) -> float:
    """Check a share or a probability below 1.

    Args:
        name: The name of the rate, for the error.
        rate: The rate.

    Returns:
        `rate` itself.

    Raises:
        OptionError: It is not a number, or outside [0, 1).
    """
    if not isinstance(rate, int | float) or not 0 <= rate < 1:
        raise OptionError(f"{name}: expected a share of at least 0 and less than 1, got {rate!r}.")
    return rate


class _Recurrent:
    """A config with a recurrence, which may be named by a text."""

    recurrence: Any

    def __post_init__(self) -> None:
        if not isinstance(self.recurrence, type):
            object.__setattr__(
                self, "recurrence", choose(Recurrence, "recurrence", self.recurrence)
            )
        for name in ("embedding_dropout", "word_dropout", "dropout"):
            check_rate(name, getattr(self, name, 0.0))


MOST_LAYERS = 64
"""A stack with more layers is refused; a damaged config could otherwise ask for a billion."""


@dataclass(frozen=True)
class PointerConfig:
    """The numbers of a `PointerMixture`: the width of queries and keys, and how many past words it
    may point to.
    """

    width: int = 32
    window: int = 60


@dataclass(frozen=True)
class LanguageModelConfig(_Recurrent):
    """The numbers of a language model over a table of words; `pointer` makes it one that copies."""

    vocabulary: int
    embedding: int
    hidden: int
    layers: int = 2
    recurrence: AnyRecurrence = Recurrence.GRU
    embedding_dropout: float = 0.0
    dropout: float = 0.0
    tied: bool = True
    pointer: PointerConfig | None = None


@dataclass(frozen=True)
class WordModelConfig(_Recurrent):
    """The numbers of a `TwoWayLanguageModel`: `words` have rows of their own and are what is
    predicted.

    `languages` are spaCy's codes of those it has read; none where that is not known. `words_read`
    is the number of words of that text, each counted once, however many passes there were; None
    where it is not known.
    """

    words: int
    buckets: int
    embedding: int
    hidden: int
    cutoffs: tuple[int, ...]
    layers: int = 1
    recurrence: AnyRecurrence = Recurrence.GRU
    word_dropout: float = 0.1
    dropout: float = 0.0
    languages: tuple[str, ...] = ()
    words_read: int | None = None


@dataclass(frozen=True)
class PieceModelConfig(_Recurrent):
    """The numbers of a `TwoWayLanguageModel` that reads and predicts `pieces` of words
    (`seqlabel.text.pieces`).

    `languages` and `words_read` are those of `WordModelConfig`.
    """

    pieces: int
    embedding: int
    hidden: int
    cutoffs: tuple[int, ...]
    layers: int = 1
    recurrence: AnyRecurrence = Recurrence.GRU
    dropout: float = 0.0
    languages: tuple[str, ...] = ()
    words_read: int | None = None


def _config_tag(config: object) -> str | None:
    """Name the config that a JSON object or a config is, by a number that only that one has."""
    names = config if isinstance(config, dict) else getattr(config, "__dataclass_fields__", ())
    return next((f"<{name}>" for name in ("words", "pieces", "vocabulary") if name in names), None)


_Words = Annotated[WordModelConfig, Tag("<words>")]
_Pieces = Annotated[PieceModelConfig, Tag("<pieces>")]
_Table = Annotated[LanguageModelConfig, Tag("<vocabulary>")]
TwoWayConfig = Annotated[_Words | _Pieces, Discriminator(_config_tag)]
"""The numbers of a pair of language models."""

EncoderConfig = Annotated[_Words | _Pieces | _Table, Discriminator(_config_tag)]
"""The numbers of a language model, of which `build_encoder` needs those of the encoder."""


def pooled_width(config: EncoderConfig) -> int:
    """Return the width of the states of an encoder that are pooled over a document.

    Args:
        config: The numbers of the encoder.

    Returns:
        The width of the last, largest and mean states of its directions together.
    """
    ways = 1 if isinstance(config, LanguageModelConfig) else 2
    return 3 * ways * config.hidden


@dataclass(frozen=True, eq=False)
class Partner:
    """Another softmax head, which tags the same words, and the pairs of tags that go together.

    `head` is its number. `allowed` has, for each tag of this head, whether each tag of the other
    one goes with it, (tags, other tags). A partner that `leads` keeps its tags, and this head gets
    the most likely of those that go with them.
    """

    head: int
    allowed: npt.NDArray[np.bool_]
    leads: bool = False


@dataclass(frozen=True)
class Decision:
    """How a head's scores become probabilities and tags; nothing of it plays a part in training.

    Scores are divided by `temperature`, a number above 0, before they become probabilities (Guo et
    al. 2017). `threshold_offset`, in nats, is subtracted from the score of the first tag, `O`,
    before tags are chosen; the probabilities stay as they are. With a `partner` each word gets the
    most likely pair of tags that go together, which what runs all heads sees to
    (`seqlabel.models.tagging.inference`). With `lemmas` the head's tags are edit scripts, and one
    whose lemma is not a known word gives way to a script that is nearly as likely and whose lemma
    is. With a `reader` the spans that the head finds are judged by it, and those that are too
    unlikely are dropped.
    """

    temperature: float = 1.0
    threshold_offset: float = 0.0
    partner: Partner | None = None
    lemmas: KnownLemmas | None = None
    reader: SpanReader | None = None
