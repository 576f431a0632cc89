"""The interface of all heads, for those of the library and for your own; no head is in here, and no
torch.

A head scores labels and chooses among them; which labels there are, and what they look like in
documents, is a `LabelSet`. It says in its `unit` what the head has to see whole: tags of words are
chosen in rows that may be cut anywhere, trees in whole sentences, and a label of a document by all
of it. What runs heads hands them such rows. Each choice is one id, whatever it stands for, so that
batches, windows and engines are the same for all heads.

A head of documents reads one vector per document in place of the states of words: the last, largest
and mean states of each direction of the encoder (`nn.pooling`). Wherever shapes say (words,), for
such a head they are (documents,), and its gold ids are (batch,).

Shapes: batch, time, words (of all rows together, row after row), width, outputs (numbers that a
layer gives a word, those of tags unless a head says otherwise), tags.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol, runtime_checkable

import numpy as np

from seqlabel.documents.label_sets import LabelSet, Unit
from seqlabel.native.compiled import Floats, Integers, Linear
from seqlabel.nn.network_configs import Decision

if TYPE_CHECKING:
    from torch import Tensor, nn

Arrays = Mapping[str, Floats]
"""Weights by their names."""


@dataclass(frozen=True)
class Rows:
    """The lengths of rows of words, and what is around them where they are parts of longer rows.

    Args:
        lengths: The number of words of each row, none of them 0; of each sentence, for a head of
            sentences.
        after: The tag of the word before each row; None where rows begin.
        goes_on: Whether anything may follow each row.
        words: The words of each row, for a head of documents; empty for others.
    """

    lengths: Sequence[int]
    after: int | None = None
    goes_on: bool = False
    words: Sequence[Sequence[str]] = ()


class TagScores(NamedTuple):
    """What a head chose for the words of all rows, or for documents.

    Args:
        tags: The best ids, (words,), int64.
        probabilities: Every tag's probability, (words, tags).
    """

    tags: Integers
    probabilities: Floats

    @property
    def scores(self) -> Floats:
        """The probability of each word's tag, (words,)."""
        of_tags: Floats = self.probabilities[np.arange(len(self.tags)), self.tags]
        return of_tags


class ArcScores(NamedTuple):
    """What a head of trees chose for the words of all sentences.

    Args:
        tags: The ids of arcs, (words,), int64.
        probabilities: The probability of every relation of the chosen arcs, (words, tags).
        scores: The probability of each word's head and relation, (words,).
    """

    tags: Integers
    probabilities: Floats
    scores: Floats


def unit_of(head: "Head") -> Unit:
    """Return what a head has to see whole: words that may be cut anywhere, unless it names another
    `unit`.

    Args:
        head: The head.

    Returns:
        The unit.
    """
    unit: Unit = getattr(head, "unit", Unit.WORD)
    return unit


class Head(Protocol):
    """A head's options, a frozen dataclass, with its layer, its loss and its decoding; weights are
    handed in.

    `docs/heads.md` shows one of your own.
    """

    @property
    def name(self) -> str:
        """The head's name, under which the network holds its weights."""
        ...

    @property
    def joint(self) -> bool:
        """Whether the tags of a row are chosen together, so that each depends on the words after
        it.
        """
        ...

    def layer(self, width: int, tags: int) -> "nn.Module":
        """Build the layer that scores tags.

        Args:
            width: The width of the states that it reads.
            tags: The number of tags.

        Returns:
            A module from states (…, width) to scores (…, outputs).
        """
        ...

    def shapes(self, tags: int) -> Mapping[str, tuple[int, ...]]:
        """Name the weights besides the layer; they begin at 0.

        Args:
            tags: The number of tags.

        Returns:
            The shape of each weight by its name.

        Raises:
            OptionError: The options do not fit that number of tags.
        """
        ...

    def loss(
        self,
        scores: "Tensor",
        gold: "Tensor",
        lengths: "Tensor",
        tag_set: LabelSet,
        weights: "Mapping[str, Tensor]",
    ) -> "Tensor":
        """Compute the loss of gold tags.

        Args:
            scores: The layer's scores, (batch, time, outputs).
            gold: The ids, (batch, time); a negative one is not known, as in padding.
            lengths: The number of words of each row, (batch,).
            tag_set: The tags.
            weights: The weights that `shapes` names.

        Returns:
            The sum over all words whose tags are known, in nats, ().
        """
        ...

    def decode(
        self, scores: Floats, rows: Rows, decision: Decision, tag_set: LabelSet, weights: Arrays
    ) -> TagScores | ArcScores:
        """Choose the tags of words.

        Args:
            scores: The layer's scores, (words, outputs).
            rows: The rows of the words.
            decision: How scores are read.
            tag_set: The tags.
            weights: The weights that `shapes` names.

        Returns:
            The tags, and the probabilities of all tags.
        """
        ...


@runtime_checkable
class CompiledHead(Head, Protocol):
    """A head with a linear layer that also runs without torch: by the compiled steps, and when it
    is exported.
    """

    def outputs(self, tags: int) -> int:
        """Count the numbers that the layer gives each word.

        Args:
            tags: The number of tags.

        Returns:
            The number of outputs.
        """
        ...

    def best(
        self,
        states: Floats,
        layer: Linear,
        rows: Rows,
        decision: Decision,
        tag_set: LabelSet,
        weights: Arrays,
    ) -> tuple[Integers, Floats]:
        """Choose the tags of words by their states.

        Args:
            states: States (words, width).
            layer: The layer that scores tags.
            rows: The rows of the words.
            decision: How scores are read.
            tag_set: The tags.
            weights: The weights that `shapes` names.

        Returns:
            The tags (words,) and their probabilities (words,), as `decode` gives them.
        """
        ...

    def exported(self, tag_set: LabelSet, weights: Arrays) -> Any:
        """Give what the script of an exported model needs besides scores, its `crf`.

        Args:
            tag_set: The tags.
            weights: The weights that `shapes` names.

        Returns:
            A value for JSON.

        Raises:
            OptionError: The script cannot decode such a head.
        """
        ...


@runtime_checkable
class CompiledDocumentHead(Head, Protocol):
    """A head of documents that also runs without torch."""

    def layer_shapes(self, width: int, tags: int) -> Mapping[str, tuple[int, ...]]:
        """Name the weights of the layer, as they are called in torch.

        Args:
            width: The width of the pooled states.
            tags: The number of labels.

        Returns:
            The shape of each weight by its name.
        """
        ...

    def scores(self, pooled: Floats, layer: Arrays) -> Floats:
        """Score the labels of documents.

        Args:
            pooled: Pooled states (documents, width).
            layer: The weights that `layer_shapes` names.

        Returns:
            Scores (documents, labels), as the layer in torch gives them.
        """
        ...
