"""Which texts to label next: those whose labels a model doubts most, each unlike the others;
nothing is trained here.

The score of a text is the doubt of all its words together (Lewis and Gale 1994, "A Sequential
Algorithm for Training Text Classifiers"), per square root of their number, so that neither long
texts nor single odd words come first. Variety is that of Carbonell and Goldstein (1998): what is
chosen is doubted, and unlike what was chosen before.

Shapes: texts, words, tags.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from seqlabel.documents.document import Document
from seqlabel.errors import OptionError
from seqlabel.models.tagging.labeler import Labeler

DUPLICATE = 0.9
"""The similarity from which on two texts are near-duplicates."""
_CANDIDATES = 20
"""The most doubtful texts that are compared, for each one that is chosen."""
_BUCKETS = 2048
_BATCH = 512

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Chosen:
    """A text to label.

    Args:
        number: Its number among the texts, from 0.
        doubt: How much the model doubts its labels; higher is more.
        document: The text with the model's labels.
    """

    number: int
    doubt: float
    document: Document


def choose_next(
    model: Labeler,
    texts: Sequence[str | Document],
    count: int,
    *,
    layer: str | None = None,
    shown: Callable[[Iterator[float]], Iterable[float]] = iter,
) -> list[Chosen]:
    """Choose the texts from which a model would learn most.

    Args:
        model: The labeler.
        texts: Texts without labels.
        count: How many are chosen, at most. Near-duplicates of a chosen text are left out.
        layer: The layer whose labels count; None for the model's first one.
        shown: Shows how far the texts are: it takes an iterator with an item for each, and passes
            the items on.

    Returns:
        The chosen texts, that which is to be labelled first at the beginning.

    Raises:
        OptionError: For less than one text, and for a layer that the model lacks.

    Example:
        >>> labeler = Labeler.load("en_pos")
        >>> [one.number for one in choose_next(labeler, ["She reads.", "Time flies."], 1)]
        [1]
    """
    if count < 1:
        raise OptionError(f"count: expected at least 1, got {count}. Choose at least 1 text.")
    documents = [model.tokenize(text) if isinstance(text, str) else text for text in texts]
    doubts = np.array(list(shown(_doubts(model, documents, layer))))
    candidates = np.argsort(-doubts, kind="stable")[: _CANDIDATES * count]
    vectors = _vectors([documents[number] for number in candidates])
    ranked = _in_order(doubts[candidates], vectors, count)
    chosen = [int(candidates[rank]) for rank, _ in ranked]
    labeled = model([documents[number] for number in chosen])
    return [
        Chosen(number, float(doubts[number]), document)
        for number, document in zip(chosen, labeled, strict=True)
    ]


def priorities_of(
    model: Labeler, documents: Sequence[Document], *, layer: str | None = None
) -> list[float]:
    """Give each of a few texts the number by which `choose_next` would order all of them.

    Args:
        model: The labeler.
        documents: The texts.
        layer: The layer; None for the model's first one.

    Returns:
        For each text its doubt times one less its similarity to the nearest text before it; the
        text that is to be labelled first has the highest one, and near-duplicates of a text before
        them have 0.

    Raises:
        OptionError: For a layer that the model lacks.
    """
    doubts = np.array(list(_doubts(model, documents, layer)))
    priorities = [0.0] * len(documents)
    for number, priority in _in_order(doubts, _vectors(documents), len(documents)):
        priorities[number] = priority
    return priorities


def _in_order(doubts: Floats, vectors: Floats, count: int) -> list[tuple[int, float]]:
    """The numbers of up to `count` texts, and for each its doubt times one less its similarity to
    those before it.
    """
    nearest = np.zeros(len(doubts))
    ranked: list[tuple[int, float]] = []
    while len(ranked) < count:
        open_ = np.where(nearest < DUPLICATE, doubts * (1 - nearest), -1.0)
        open_[[number for number, _ in ranked]] = -1.0
        if not len(open_) or open_.max() < 0:
            break
        number = int(open_.argmax())
        ranked.append((number, float(open_[number])))
        nearest = np.maximum(nearest, vectors @ vectors[number])
    return ranked


def doubts_of(
    model: Labeler, documents: Sequence[Document], *, layer: str | None = None
) -> list[float]:
    """Measure how much a model doubts the labels of texts, also of those in which it finds no span.

    Args:
        model: The labeler.
        documents: The texts.
        layer: The layer; None for the model's first one.

    Returns:
        For each text the sum of the words' doubts, which are one less the most likely tag's
        probability, divided by the square root of their number; of a layer of categories one less
        that of the most likely one.

    Raises:
        OptionError: For a layer that the model lacks.
    """
    return list(_doubts(model, documents, layer))


def _doubts(model: Labeler, documents: Sequence[Document], layer: str | None) -> Iterator[float]:
    """The doubt of each text, as soon as its batch is read."""
    layer = layer or model.tag_sets[0].layer
    for start in range(0, len(documents), _BATCH):
        for likely in model.probabilities(documents[start : start + _BATCH], layer):
            doubt = float((1 - likely.max(axis=1)).sum())
            yield doubt / len(likely) ** 0.5 if len(likely) else 0.0


def _vectors(documents: Sequence[Document]) -> Floats:
    """A vector of length 1 for each text, of its words by how rare they are, (texts, buckets)."""
    texts = [Counter(map(str.casefold, document.words)) for document in documents]
    seen = Counter(word for words in texts for word in words)
    numbers = {word: number % _BUCKETS for number, word in enumerate(seen)}
    vectors = np.zeros((len(texts), _BUCKETS))
    for row, words in zip(vectors, texts, strict=True):
        for word, count in words.items():
            row[numbers[word]] += count * np.log(1 + len(texts) / seen[word])
    vectors /= np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9)
    return vectors
