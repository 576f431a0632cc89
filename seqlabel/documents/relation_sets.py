"""The relations of a layer of dependency trees, and documents ↔ ids of arcs; how arcs are scored is
in `heads`.

Raises nothing for trees that cross: an arc may pass over another one.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from seqlabel.documents.document import Document
from seqlabel.documents.label_sets import Unit
from seqlabel.documents.schemes import Scheme
from seqlabel.documents.trees import UNKNOWN, UNKNOWN_FIRST, Arcs, Trees, pack_arcs, unpack_arcs
from seqlabel.errors import DataError, OptionError
from seqlabel.io.markup import counted


@dataclass(frozen=True)
class RelationSet:
    """The relations of a layer of trees.

    Args:
        layer: The name of the layer.
        relations: The relations of words to their heads, that of roots among them.
        root: The relation of roots, which no other word has.

    Raises:
        OptionError: A relation is empty or repeated, there are fewer than two, or `root` is not
            among them.
    """

    layer: str
    relations: tuple[str, ...]
    root: str = "root"

    def __post_init__(self) -> None:
        different = len(set(self.relations))
        if len(self.relations) < 2 or different < len(self.relations):
            raise OptionError(
                f"Layer {self.layer!r}: expected at least 2 relations, each once, got "
                f"{len(self.relations)}, {different} of them different."
            )
        if not self.layer.strip():
            raise OptionError(f"layer: expected a name, got {self.layer!r}. Name the layer.")
        if not all(relation.strip() for relation in self.relations):
            raise OptionError(
                f"Layer {self.layer!r}: expected names of relations, got an empty one."
            )
        if self.root not in self.relations:
            raise OptionError(
                f"Layer {self.layer!r}: expected {self.root!r} among the relations. Add it."
            )

    def __repr__(self) -> str:
        return f"RelationSet({self.layer!r}, {counted(self.relations, 'relations')})"

    @classmethod
    def of(cls, documents: Iterable[Document], layer: str) -> "RelationSet":
        """Collect the relations of a layer of some documents.

        Args:
            documents: The documents; those without the layer are passed over.
            layer: The name of the layer of trees.

        Returns:
            The relations in sorted order; the relation of roots is the one that most of them have.

        Raises:
            DataError: No document has the layer, or no root is known.
            OptionError: There are too few relations.
        """
        relations = set[str]()
        roots = Counter[str]()
        has_layer = False
        for document in documents:
            if layer not in document.trees:
                continue
            has_layer = True
            trees = document.trees[layer]
            for word, (head, relation) in enumerate(zip(trees.heads, trees.relations, strict=True)):
                if relation is not None:
                    relations.add(relation)
                    if head == word:
                        roots[relation] += 1
        if not has_layer:
            raise DataError(
                f"Expected documents with the layer {layer!r} of trees, got none. Add the layer."
            )
        if not roots:
            raise DataError(
                f"Layer {layer!r}: expected the root of at least one sentence, got none. Add "
                "some roots."
            )
        return cls(layer, tuple(sorted(relations)), roots.most_common(1)[0][0])

    @property
    def labels(self) -> tuple[str, ...]:
        """The relations."""
        return self.relations

    @property
    def tags(self) -> tuple[str, ...]:
        """The relations, which a head scores for each arc."""
        return self.relations

    @property
    def scheme(self) -> Scheme | None:
        """None: no spans are written as tags."""
        return None

    @property
    def unit(self) -> Unit:
        """Whole sentences."""
        return Unit.SENTENCE

    @cached_property
    def _ids(self) -> dict[str, int]:
        return {relation: number for number, relation in enumerate(self.relations)}

    def encode(self, document: Document) -> npt.NDArray[np.int64] | None:
        """Encode the trees of a document as ids (`seqlabel.documents.trees.pack_arcs`).

        A root has the set's relation of roots, whatever it is called in the document.

        Args:
            document: The document; where its sentences are not known, it is one sentence.

        Returns:
            Ids, shape (words,), negative where a word's head is not known; None where the document
            lacks the layer.

        Raises:
            DataError: A relation is not of this set.
        """
        trees = document.trees.get(self.layer)
        if trees is None:
            return None
        begins = np.zeros(len(document), bool)
        begins[[*document.sentences, 0] if len(document) else []] = True
        distances = np.zeros(len(document), np.int64)
        relations = np.full(len(document), len(self.relations), np.int64)
        known = np.zeros(len(document), bool)
        for word, (head, relation) in enumerate(zip(trees.heads, trees.relations, strict=True)):
            if relation is not None and relation not in self._ids and head != word:
                raise DataError(
                    f"Expected one of the {len(self.relations)} relations that the layer "
                    f"{self.layer!r} has in "
                    f"training, got {relation!r}. Correct it, or add it to the training documents."
                )
            if head is None:
                continue
            known[word] = True
            distances[word] = head - word
            if head == word:
                relations[word] = self._ids[self.root]
            elif relation is not None:
                relations[word] = self._ids[relation]
        ids = pack_arcs(Arcs(distances, relations, begins), len(self.relations))
        unknown_ids = np.where(begins, UNKNOWN_FIRST, UNKNOWN)
        return np.where(known, ids, unknown_ids)

    def decode(self, ids: Sequence[int], scores: Sequence[float]) -> Trees:
        """Make trees of ids.

        Args:
            ids: One id for each word, none of them negative.
            scores: Their probabilities.

        Returns:
            The trees.
        """
        arcs = unpack_arcs(np.asarray(ids, np.int64), len(self.relations))
        heads = (arcs.distances + np.arange(len(ids))).tolist()
        relations = [self.relations[number] for number in arcs.relations.tolist()]
        return Trees(tuple(heads), tuple(relations), tuple(scores))

    def starts(self, ids: Sequence[int]) -> tuple[int, ...]:
        """Find the words that begin a sentence.

        Args:
            ids: One id for each word.

        Returns:
            Their numbers.
        """
        begins = unpack_arcs(np.asarray(ids, np.int64), len(self.relations)).begins
        return tuple(np.flatnonzero(begins).tolist())
