"""Scores from pairs of documents, gold and predicted; scikit-learn counts. Nothing is decoded or trained in here."""

from collections.abc import Container, Iterable
from dataclasses import dataclass

from sklearn.metrics import accuracy_score, f1_score

from seqlabel.documents import Document
from seqlabel.errors import DataError


@dataclass(frozen=True)
class TagScore:
    """Shares of words whose tag is right: of all, and of those that training did not have; and macro-averaged F1.

    `words` with a gold tag were counted, `unknown_words` of them were not in training; their accuracy is None where
    there were none.
    """

    accuracy: float
    unknown_accuracy: float | None
    macro_f1: float
    words: int
    unknown_words: int


def score_tags(
    pairs: Iterable[tuple[Document, Document]], layer: str, *, known: Container[str] = frozenset()
) -> TagScore:
    """Compare a layer of tags of gold and predicted documents; words without a gold tag do not count.

    `known` are the words of the training documents. Raises `DataError` where the two have different words, a predicted
    tag is missing, or no word has a gold tag.
    """
    gold: list[str] = []
    predicted: list[str] = []
    unknown: list[bool] = []
    for number, (one, other) in enumerate(pairs):
        if one.offsets != other.offsets:
            raise DataError(f"document {number}: gold has {len(one)} words, the prediction {len(other)} or other ones")
        for word, wanted, found in zip(one.words, one.tags[layer].labels, other.tags[layer].labels, strict=True):
            if wanted is None:
                continue
            if found is None:
                raise DataError(f"document {number}: a word with a gold tag has no predicted one")
            gold.append(wanted)
            predicted.append(found)
            unknown.append(word not in known)
    if not gold:
        raise DataError(f"found no word with a gold tag in the layer {layer!r}")
    new = [place for place, is_new in enumerate(unknown) if is_new]
    return TagScore(
        accuracy=float(accuracy_score(gold, predicted)),
        unknown_accuracy=sum(gold[place] == predicted[place] for place in new) / len(new) if new else None,
        macro_f1=float(f1_score(gold, predicted, average="macro", zero_division=0.0)),
        words=len(gold),
        unknown_words=len(new),
    )
