"""The head of dependency trees: each word's head scored by a biaffine map, the best tree, and the
relations of arcs.

Dozat and Manning (2017); relations by a layer on both words together (Kiperwasser and Goldberg
2016), which costs a thirtieth of a second biaffine map. The search for the best tree is in
`native.arborescences`. Shapes: batch, time, words (of all rows together, row after row), width,
arcs and relations (units of both scorers), labels (relations), kept.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from seqlabel.documents.label_sets import LabelSet, Unit
from seqlabel.documents.relation_sets import RelationSet
from seqlabel.documents.trees import FARTHEST, UNKNOWN_FIRST, Arcs, pack_arcs
from seqlabel.errors import OptionError
from seqlabel.names import LateModule
from seqlabel.native.arborescences import best_trees
from seqlabel.native.compiled import Floats, Integers, Linear
from seqlabel.nn.heads.head import ArcScores, Arrays, Rows
from seqlabel.nn.network_configs import Decision, check_rate

if TYPE_CHECKING:
    import torch
    from torch import Tensor, nn
    from torch.nn import functional
else:
    torch, nn, functional = map(LateModule, ("torch", "torch.nn", "torch.nn.functional"))

MOST_WORDS = 512
"""The most words of one tree. Longer sentences are cut: arcs between all their words would not fit
into memory.
"""

_SLOPE = 0.1
"""Of the leaky rectifier below 0."""
_IMPOSSIBLE = -1e4


@dataclass(frozen=True)
class Biaffine:
    """One tree per sentence, with one root and no cycle; each arc gets a relation.

    After Dozat and Manning (2017), "Deep Biaffine Attention for Neural Dependency Parsing".
    Relations are scored by a layer on both words together (Kiperwasser and Goldberg 2016, "Simple
    and Accurate Dependency Parsing Using Bidirectional LSTM Feature Representations").

    Formula, with f the leaky rectifier and d, e, d', e' the four vectors W h + b of a word, as a
    dependent and as a head::

        p(head of i is j) = softmax over j (f(d[i]) A f(e[j]) / arcs + prior f(e[j]) / √arcs)
        p(i is a root): f(d[i]) root / √arcs in place of the score of a head
        p(relation of i to its head j) = softmax(R f(d'[i] + e'[j]) + bias)

    The layer gives each word four vectors: as a dependent and as a head of arcs, and as both of
    relations. The weights next to it are the map between dependents and heads, `arc` (arcs, arcs),
    `prior` (arcs,) of heads whatever depends on them, `root` (arcs,) of words that are roots, and
    `relation` (labels, relations) with its `bias` (labels,).

    Args:
        arcs: The width of the vectors of arcs.
        relations: The width of the vectors of relations.
        dropout: The share of numbers of the vectors that is dropped in training.

    Raises:
        OptionError: A width is less than 1, or `dropout` is outside [0, 1).
    """

    arcs: int = 192
    relations: int = 128
    dropout: float = 0.33

    name: ClassVar[str] = "biaffine"
    joint: ClassVar[bool] = True
    unit: ClassVar[Unit] = Unit.SENTENCE

    def __post_init__(self) -> None:
        check_rate("dropout", self.dropout)
        for name, width in (("arcs", self.arcs), ("relations", self.relations)):
            if not isinstance(width, int) or width < 1:
                raise OptionError(f"{name}: expected a whole number, at least 1, got {width!r}.")

    def outputs(self, tags: int) -> int:
        """Count the numbers that the layer gives each word; see `CompiledHead`."""
        return 2 * (self.arcs + self.relations)

    def layer(self, width: int, tags: int) -> "nn.Module":
        """Build a linear layer to the four vectors; see `Head`."""
        return nn.Linear(width, self.outputs(tags))

    def shapes(self, tags: int) -> Mapping[str, tuple[int, ...]]:
        """Name the weights of both scorers; see `Head`."""
        return {
            "arc": (self.arcs, self.arcs),
            "prior": (self.arcs,),
            "root": (self.arcs,),
            "relation": (tags, self.relations),
            "bias": (tags,),
        }

    def loss(
        self,
        scores: "Tensor",
        gold: "Tensor",
        lengths: "Tensor",
        tag_set: LabelSet,
        weights: "Mapping[str, Tensor]",
    ) -> "Tensor":
        """Compute the cross-entropy of gold heads, and of the relations of gold arcs; see `Head`.

        Heads are chosen among the words of the sentence; words whose head is not known can be heads
        all the same.
        """
        labels = len(tag_set.tags)
        time = gold.shape[1]
        places = torch.arange(time, device=gold.device)
        distances, relations, sentences = _unpacked(gold, labels)
        heads = places + distances
        known = (gold >= 0) & (heads >= 0) & (heads < time)
        heads = heads.clamp(0, time - 1)

        logs = self.arc_scores(scores, sentences, lengths, weights).log_softmax(dim=-1)
        # Column 0 is the root.
        columns = torch.where(distances == 0, 0, heads + 1)
        arcs = -logs.gather(2, columns[..., None])[..., 0]
        related = known & (distances != 0) & (relations < labels)
        relation_scores = self.relation_scores(scores, heads, weights)
        relation_loss = functional.cross_entropy(
            relation_scores[related], relations[related], reduction="sum"
        )
        return arcs[known].sum() + relation_loss

    def arc_scores(
        self,
        scores: "Tensor",
        sentences: "Tensor",
        lengths: "Tensor",
        weights: "Mapping[str, Tensor]",
    ) -> "Tensor":
        """Score all arcs within sentences.

        Args:
            scores: The layer's scores, (batch, time, outputs).
            sentences: A number for each word's sentence, (batch, time).
            lengths: The number of words of each row, (batch,).
            weights: The weights that `shapes` names.

        Returns:
            The score of each word's being a root, and of each word as its head, (batch, time, 1 +
            time); what is not in the sentence, and the word itself, has next to no chance.
        """
        vectors = functional.leaky_relu(scores[..., : 2 * self.arcs].float(), _SLOPE)
        dependents, heads = vectors.chunk(2, dim=-1)
        asked = dependents @ weights["arc"] / self.arcs + weights["prior"] / self.arcs**0.5
        arc_scores = asked @ heads.transpose(1, 2)
        places = torch.arange(scores.shape[1], device=scores.device)
        inside = places < lengths[:, None]
        possible = (sentences[:, :, None] == sentences[:, None, :]) & inside[:, None, :]
        possible &= places[:, None] != places
        roots = (dependents @ weights["root"])[..., None] / self.arcs**0.5
        return torch.cat([roots, arc_scores.masked_fill(~possible, _IMPOSSIBLE)], dim=-1)

    def relation_scores(
        self, scores: "Tensor", heads: "Tensor", weights: "Mapping[str, Tensor]"
    ) -> "Tensor":
        """Score the relations of arcs.

        Args:
            scores: The layer's scores, (batch, time, outputs).
            heads: The place of each word's head in its row, (batch, time).
            weights: The weights that `shapes` names.

        Returns:
            The scores (batch, time, labels).
        """
        dependents, others = scores[..., 2 * self.arcs :].float().chunk(2, dim=-1)
        chosen = others.gather(1, heads[..., None].expand_as(others))
        both = functional.leaky_relu(dependents + chosen, _SLOPE)
        return both @ weights["relation"].T + weights["bias"]

    def decode(
        self, scores: Floats, rows: Rows, decision: Decision, tag_set: LabelSet, weights: Arrays
    ) -> ArcScores:
        """Find the best tree of each sentence, and the relation of each arc; see `Head`.

        Rows are sentences. The ids are those of `RelationSet`, the probabilities those of the
        relations of the arcs that were chosen, and the score of an id is the product of the
        probabilities of its head and its relation.
        """
        assert isinstance(tag_set, RelationSet)
        sentences = [part for length in rows.lengths for part in _parts(length)]
        temperature = np.float32(decision.temperature)
        distances, sure, begins = self._trees(scores, sentences, weights, temperature)

        related = scores[:, 2 * self.arcs : 2 * self.arcs + self.relations].copy()
        related += scores[np.arange(len(scores)) + distances, 2 * self.arcs + self.relations :]
        np.maximum(related, _SLOPE * related, out=related)
        logits = (related @ weights["relation"].T + weights["bias"]) / temperature
        root = tag_set.relations.index(tag_set.root)
        is_root = distances == 0
        logits[:, root] = np.where(is_root, -_IMPOSSIBLE, _IMPOSSIBLE)
        relations = logits.argmax(axis=1)
        shares = np.exp(logits - logits[np.arange(len(logits)), relations][:, None])
        shares /= shares.sum(axis=1, keepdims=True)

        ids = pack_arcs(Arcs(distances, relations, begins), len(tag_set.relations))
        chosen: Floats = (sure * shares[np.arange(len(shares)), relations]).astype(np.float32)
        return ArcScores(ids, shares, chosen)

    def _trees(
        self, scores: Floats, sentences: list[int], weights: Arrays, temperature: np.float32
    ) -> tuple[Integers, Floats, Any]:
        """The distance of each word's head, its probability, and whether the word begins a
        sentence, (words,) each.
        """
        vectors = scores[:, : 2 * self.arcs]
        vectors = np.maximum(vectors, np.float32(_SLOPE) * vectors)
        scale = np.float32(self.arcs**-0.5)
        dependents = vectors[:, : self.arcs]
        heads = vectors[:, self.arcs :]
        roots = dependents @ (weights["root"] * scale)
        asked = dependents @ (weights["arc"] / np.float32(self.arcs)) + weights["prior"] * scale

        lengths = np.array(sentences, np.int64)
        arcs = np.empty(int((lengths * (lengths + 1)).sum()), np.float32)
        begins = np.zeros(len(scores), bool)
        begins[np.cumsum(lengths) - lengths] = True
        first_arc = 0
        first_word = 0
        for length in sentences:
            last_arc = first_arc + length * (length + 1)
            last_word = first_word + length
            inside = arcs[first_arc:last_arc]
            table = inside.reshape(length, length + 1)
            table[:, 0] = roots[first_word:last_word]
            np.matmul(asked[first_word:last_word], heads[first_word:last_word].T, out=table[:, 1:])
            # The word itself: every (length + 2)-th number, from the second.
            inside[1 :: length + 2] = _IMPOSSIBLE
            first_arc = last_arc
            first_word = last_word
        distances, sure = best_trees(arcs, sentences, temperature=float(temperature))
        return distances, sure, begins

    def best(
        self,
        states: Floats,
        layer: Linear,
        rows: Rows,
        decision: Decision,
        tag_set: LabelSet,
        weights: Arrays,
    ) -> tuple[Integers, Floats]:
        """Find the best tree of each sentence; see `CompiledHead`."""
        chosen = self.decode(np.ascontiguousarray(layer(states)), rows, decision, tag_set, weights)
        return chosen.tags, chosen.scores

    def exported(self, tag_set: LabelSet, weights: Arrays) -> Any:
        """Raise `OptionError`: the script of an exported model has no trees; see `CompiledHead`."""
        raise OptionError(
            f"layer {tag_set.layer!r}: an exported labeler has no trees. Export one without them: "
            f"labeler.keep([layers without {tag_set.layer!r}])."
        )


def _unpacked(gold: "Tensor", labels: int) -> "tuple[Tensor, Tensor, Tensor]":
    """The distance of each word's head, its relation, and the number of its sentence in the row;
    see `unpack_arcs`.
    """
    begins = gold.remainder(2)
    arcs = gold.div(2, rounding_mode="floor")
    relations = arcs.remainder(labels + 1)
    distances = arcs.div(labels + 1, rounding_mode="floor") - FARTHEST
    begins = torch.where(gold < 0, (gold == UNKNOWN_FIRST).long(), begins)
    return distances, relations, begins.cumsum(dim=1)


def _parts(length: int) -> list[int]:
    """A sentence's number of words, or those of its parts."""
    whole, left = divmod(length, MOST_WORDS)
    return [MOST_WORDS] * whole + ([left] if left else [])
