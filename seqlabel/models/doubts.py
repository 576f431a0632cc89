"""Labels of a labelled file that are probably wrong, by a model that has not learnt them; nothing
is changed here.

The model is one that is given, or several that are each trained on the other parts of the file
(cross-validation), as in Northcutt, Jiang and Chuang (2021), "Confident Learning". Shapes: words,
tags.
"""

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from seqlabel.documents.categories import Categories, best_category
from seqlabel.documents.document import Document
from seqlabel.documents.label_sets import LabelSet, Unit
from seqlabel.documents.overlaps import overlapping
from seqlabel.documents.schemes import spans_to_tags
from seqlabel.documents.spans import Span
from seqlabel.documents.tag_sets import TagSet
from seqlabel.errors import OptionError
from seqlabel.models.tagging.labeler import Labeler
from seqlabel.names import LateModule
from seqlabel.native.compiled import Floats

if TYPE_CHECKING:
    from seqlabel.models import fine_tuning
    from seqlabel.training import progress
else:
    fine_tuning = LateModule("seqlabel.models.fine_tuning")
    progress = LateModule("seqlabel.training.progress")

FOLDS = 5
"""Parts of a file in cross-validation."""
_FEWEST, _TENTH, _BATCH = 2, 10, 512


@dataclass(frozen=True)
class Doubt:
    """A label that a model holds for wrong. The repr holds no text of the file.

    Args:
        document: The number of the document, from 0.
        start: The first character.
        end: The end in characters, exclusive.
        label: The label in the file; None where it has none.
        answer: The model's label; None where it finds nothing.
        probability: How likely the file is right, for the model.
    """

    document: int
    start: int
    end: int
    label: str | None
    answer: str | None
    probability: float


def find_doubts(model: Labeler, documents: Sequence[Document], layer: str) -> list[Doubt]:
    """Find the labels that a model holds for wrong.

    Args:
        model: A model that was not trained on these documents.
        documents: Documents with labels.
        layer: The layer of the labels.

    Returns:
        Where the model's answer differs, the least likely labels first.

    Raises:
        OptionError: The model lacks the layer.
    """
    doubts = _doubts(model, documents, layer, range(len(documents)))
    return sorted(doubts, key=_probability_of)


def cross_validated(
    documents: Sequence[Document],
    layer: str,
    train: Callable[[list[Document]], Labeler],
    *,
    folds: int = FOLDS,
    seed: int = 0,
    display: str = "silent",
) -> list[Doubt]:
    """Find labels that models hold for wrong which were trained on the other documents.

    Args:
        documents: Documents with labels.
        layer: The layer of the labels.
        train: Trains a model on some of them.
        folds: In how many parts they are cut; as many models are trained.
        seed: The seed of the parts.
        display: How the trainings are shown, a `Display`: unless it is silent, which part is next.

    Returns:
        Where a model's answer differs, the least likely labels first.

    Raises:
        OptionError: For less than two parts, and for fewer documents than parts.
    """
    if not _FEWEST <= folds <= len(documents):
        raise OptionError(
            f"folds: expected 2 to the number of documents, {len(documents):,}, got {folds}."
        )
    order = list(range(len(documents)))
    random.Random(seed).shuffle(order)

    doubts: list[Doubt] = []
    for fold in range(folds):
        held_out = sorted(order[fold::folds])
        others = sorted(set(order).difference(held_out))
        progress.show_heading(f"fold {fold + 1}/{folds}", display)
        model = train([documents[number] for number in others])
        doubts += _doubts(model, [documents[number] for number in held_out], layer, held_out)
    return sorted(doubts, key=_probability_of)


def _probability_of(doubt: Doubt) -> float:
    return doubt.probability


def learner(
    encoder: str,
    documents: Sequence[Document],
    layer: str,
    *,
    seed: int = 0,
    display: str = "silent",
) -> Callable[..., Labeler]:
    """Make what trains a model on some of labelled documents, with the numbers that `fine_tune` has
    for their count.

    Args:
        encoder: The name or the folder of a language model.
        documents: All documents; their labels are the model's.
        layer: The layer of the labels.
        seed: The seed of the training.
        display: How the training is shown, a `Display`.

    Returns:
        A function from documents to a labeler of the layer.

    Raises:
        CheckpointError: There is no such language model.
        DataError: No document has the layer.
    """
    shown = progress.Display(display)
    of_documents = any(layer in document.categories for document in documents)
    label_set = Categories.of(documents, layer) if of_documents else TagSet.of(documents, layer)

    def labeler(some: list[Document]) -> Labeler:
        model = Labeler.on(encoder, [label_set], seed=seed)
        # Heads of documents need some held-out ones.
        train = some
        dev: list[Document] = []
        if of_documents:
            dev = some[::_TENTH]
            train = [document for number, document in enumerate(some) if number % _TENTH]
        options = fine_tuning.options_for(model, len(train), seed=seed)
        fine_tuning.fine_tune(model, train, dev, options=options, display=shown)
        return model

    return labeler


def _doubts(
    model: Labeler, documents: Sequence[Document], layer: str, numbers: Sequence[int]
) -> Iterator[Doubt]:
    labeled: list[Document] = []
    labeled_numbers: list[int] = []
    for number, document in zip(numbers, documents, strict=True):
        if layer in document.tags or layer in document.spans or layer in document.categories:
            labeled.append(document)
            labeled_numbers.append(number)
    for start in range(0, len(labeled), _BATCH):
        batch = slice(start, start + _BATCH)
        yield from _of_batch(model, labeled[batch], layer, labeled_numbers[batch])


def _of_batch(
    model: Labeler, documents: Sequence[Document], layer: str, numbers: Sequence[int]
) -> Iterator[Doubt]:
    answers = model(documents)
    if model.config.head(layer).tag_set.unit is Unit.DOCUMENT:
        for number, gold, answered in zip(numbers, documents, answers, strict=True):
            category = best_category(gold.categories[layer])
            scores = answered.categories[layer]
            best = best_category(scores)
            if category != best:
                yield Doubt(number, 0, len(gold.text), category, best, scores.get(category, 0.0))
        return

    likely = model.probabilities(documents, layer)
    tag_set = model.config.head(layer).tag_set
    for number, gold, answered, rows in zip(numbers, documents, answers, likely, strict=True):
        if tag_set.scheme is not None and layer in gold.spans:
            yield from _of_spans(number, gold, answered, rows, tag_set)
            continue
        pairs = zip(gold.tags[layer].labels, answered.tags[layer].labels, strict=True)
        for word, (label, answer) in enumerate(pairs):
            if label is not None and label != answer:
                start, end = gold.offsets[word]
                yield Doubt(
                    number, start, end, label, answer, _probability(rows, tag_set, word, label)
                )


def _of_spans(
    number: int, gold: Document, answered: Document, rows: Floats, tag_set: LabelSet
) -> Iterator[Doubt]:
    """The spans that only one of the two has: those of the file with the model's answer, and those
    that it lacks.
    """
    assert tag_set.scheme is not None
    mine = gold.spans[tag_set.layer].spans
    others = answered.spans[tag_set.layer].spans
    tags = spans_to_tags(mine, len(gold), tag_set.scheme)
    for span in sorted({*mine} ^ {*others}):
        met = overlapping(others if span in mine else mine, span.start, span.end)
        if span in mine or not met:
            probability = min(
                _probability(rows, tag_set, word, tags[word])
                for word in range(span.start, span.end)
            )
            answer = met[0].label if met else None
            first, second = (span.label, answer) if span in mine else (None, span.label)
            yield Doubt(number, *gold.characters(_united(span, met)), first, second, probability)


def _united(span: Span, met: Sequence[Span]) -> Span:
    """A span and what the model says of its words, whose borders may be others."""
    spans = (span, *met)
    start = min(part.start for part in spans)
    end = max(part.end for part in spans)
    return Span(start, end, span.label)


def _probability(rows: Floats, tag_set: LabelSet, word: int, tag: str) -> float:
    return float(rows[word, tag_set.tags.index(tag)]) if tag in tag_set.tags else 0.0
