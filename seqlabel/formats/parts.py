"""Three parts of labelled data, to train on, to choose on and to measure on, read and checked
together; no format.
"""

import random
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path

from seqlabel.documents.categories import Categories
from seqlabel.documents.document import LEMMA, Document, Spans, Tags
from seqlabel.documents.edit_scripts import adds_only_affixes, casing_of
from seqlabel.documents.relation_sets import RelationSet
from seqlabel.documents.repairs import Repairs
from seqlabel.documents.tag_sets import TagSet
from seqlabel.errors import DataError, OptionError, SeqlabelError, check_strings, check_type

Source = Path | str
Labels = Mapping[str, Collection[str]]


ReadPart = Callable[..., Iterable[Document]]
"""Reads the documents of a source, given it and, by name, `labels`, those that each layer may have
(None for any), and `repairs`, which counts what was repaired: a reader such as `read_documents`
with its other options filled in."""


@dataclass(frozen=True)
class Parts:
    """Documents of a training.

    Args:
        train: The documents to train on.
        dev: Those to choose the best epoch on.
        test: Those to measure on.
        layers: The layers whose labels are learnt.
        tag_sets: The labels of `train`, for layers of tags and spans.
        repairs: What was repaired, by source; sources that needed no repair are left out.
    """

    train: list[Document]
    dev: list[Document]
    test: list[Document]
    layers: tuple[str, ...]
    tag_sets: tuple[TagSet, ...] = ()
    repairs: Mapping[Source, Repairs] = field(default_factory=dict)


def read_parts(
    sources: tuple[Source, Source, Source],
    read: ReadPart,
    *,
    layers: Sequence[str],
    labels: Labels | None = None,
) -> Parts:
    """Read three parts of labelled data and check that training can measure its loss on dev.

    Dev may have only labels of training; test may have others, which count as not found.

    Args:
        sources: The files or splits: train, dev, test.
        read: Reads one of them.
        layers: The layers of tags or spans whose labels are learnt; at least one.
        labels: The labels that train and dev may have, by layer; where it is None, dev may have
            those of train.

    Returns:
        The parts, with one tag set per layer.

    Raises:
        DataError: A source cannot be read, a layer is missing in train or has too few labels, or
            dev has a label that is not allowed. The message names the source.
    """
    check_type("sources", sources, tuple | list, "three paths or splits: train, dev, test")
    if len(sources) != 3:
        raise OptionError(f"sources: expected three, train, dev and test, got {len(sources)}.")
    if not callable(read):
        raise OptionError(
            f"read: expected a function such as read_documents, got {type(read).__name__}."
        )
    check_strings("layers", layers, "layers")
    check_type("labels", labels, Mapping | None, "a mapping such as {'ner': ['PER']}, or None")
    repairs = {source: Repairs() for source in sources}
    train = list(read(sources[0], labels=labels, repairs=repairs[sources[0]]))
    tag_sets = tuple(labels_of(train, layer, sources[0]) for layer in layers)
    known = labels or {tag_set.layer: tag_set.labels for tag_set in tag_sets}
    dev = list(read(sources[1], labels=known, repairs=repairs[sources[1]]))
    test = list(read(sources[2], labels=None, repairs=repairs[sources[2]]))
    repaired = {source: counts for source, counts in repairs.items() if counts}
    return Parts(train, dev, test, tuple(layers), tag_sets, repaired)


def labels_of(documents: Iterable[Document], layer: str, source: Source) -> TagSet:
    """Return the labels of a layer of tags or spans of training documents, with errors that name
    the source.

    Args:
        documents: The training documents.
        layer: The name of the layer.
        source: The file or split, for messages.

    Returns:
        The tag set; a layer of spans has the scheme that suits their number (`TagSet.of`).

    Raises:
        DataError: No document has the layer, or it has too few labels.
    """
    try:
        return TagSet.of(documents, layer)
    except SeqlabelError as error:
        raise DataError(f"{source}: {error}") from error


def relations_of(documents: Iterable[Document], layer: str, source: Source) -> RelationSet:
    """Return the relations of a layer of trees of training documents, with errors that name the
    source.

    Args:
        documents: The training documents.
        layer: The name of the layer.
        source: The file or split, for messages.

    Returns:
        The relation set.

    Raises:
        DataError: No document has the layer, no root is known, or there are too few relations.
    """
    try:
        return RelationSet.of(documents, layer)
    except SeqlabelError as error:
        raise DataError(f"{source}: {error}") from error


def categories_of(documents: Iterable[Document], layer: str, source: Source) -> Categories:
    """Return the categories of a layer of training documents, with errors that name the source.

    Args:
        documents: The training documents.
        layer: The name of the layer.
        source: The file or split, for messages.

    Returns:
        The categories.

    Raises:
        DataError: No document has the layer, or it has too few categories.
    """
    try:
        return Categories.of(documents, layer)
    except SeqlabelError as error:
        raise DataError(f"{source}: {error}") from error


def cut_parts(
    documents: Sequence[Document],
    layer: str,
    *,
    seed: int,
    test: bool = True,
    together: bool = True,
) -> Parts:
    """Cut documents by chance into parts: a tenth to choose on, a tenth to measure on, the rest to
    train on.

    Args:
        documents: Documents with the layer, at least three.
        layer: The layer whose labels are learnt. A text with a label that the rest lacks is learnt,
            not chosen on.
        seed: Which documents are drawn.
        test: Whether a part to measure on is cut off.
        together: Whether documents with the same text stay together, so that nothing is measured on
            a text that was trained on; there are then at least three different texts.

    Returns:
        The parts.
    """
    shuffled = random.Random(seed).sample(documents, len(documents))
    groups: dict[str | int, list[Document]] = {}
    for number, document in enumerate(shuffled):
        groups.setdefault(document.text if together else number, []).append(document)
    remaining = list(groups.values())
    tenth = max(len(documents) // 10, 1)
    measuring: _Groups = []
    if test:
        measuring, remaining = _cut_off(remaining, tenth)
    choosing, remaining = _cut_off(remaining, tenth)

    # A group with a label that training lacks is trained on.
    known = set[str]()
    for document in chain.from_iterable(remaining):
        known.update(labels_in(document, layer) or ())
    train_groups: _Groups = []
    choosing_groups: _Groups = []
    for group in choosing:
        fits = all((labels_in(document, layer) or set()) <= known for document in group)
        (choosing_groups if fits else train_groups).append(group)
    train_groups += remaining
    return Parts(
        list(chain.from_iterable(train_groups)),
        list(chain.from_iterable(choosing_groups)),
        list(chain.from_iterable(measuring)),
        (layer,),
    )


_Groups = list[list[Document]]


def _cut_off(groups: _Groups, documents: int) -> tuple[_Groups, _Groups]:
    """Split off the first groups that fit into a number of documents, at most a third of the
    groups.

    Where none is small enough, the smallest one is taken.
    """
    most = max(len(groups) // 3, 1)
    taken: _Groups = []
    others: _Groups = []
    for group in groups:
        fits = len(taken) < most and sum(map(len, taken)) + len(group) <= documents
        (taken if fits else others).append(group)
    if not taken:
        taken.append(min(others, key=len))
        others = [group for group in others if group is not taken[0]]
    return taken, others


def with_known_labels(
    documents: Iterable[Document], layer: str, known: Collection[str]
) -> list[Document]:
    """Take out the labels that a model does not know, so that its loss can be measured.

    Args:
        documents: Documents with the layer.
        layer: The layer.
        known: The labels that the model knows.

    Returns:
        The documents, without the other labels of words and spans, and without texts of another
        category.
    """
    documents_with_labels = []
    for document in documents:
        if (labels_in(document, layer) or set()) <= set(known):
            documents_with_labels.append(document)
        elif layer in document.spans:
            spans = tuple(span for span in document.spans[layer].spans if span.label in known)
            documents_with_labels.append(document.with_spans(layer, Spans(spans)))
        elif layer in document.tags:
            tags = tuple(label if label in known else None for label in document.tags[layer].labels)
            documents_with_labels.append(document.with_tags(layer, Tags(tags)))
    return documents_with_labels


def without_rare_scripts(documents: Iterable[Document], *, fewest: int = 3) -> list[Document]:
    """Reduce edit scripts that are not rules of the language to their casing.

    A rule is learnt only from several examples. A script that occurs in one document alone, or that
    adds more than an affix, may hold a name or an address, which would become a label of the model.

    Args:
        documents: The training documents; those without the layer `lemma` are left as they are.
        fewest: How many words have a script that is kept, at least.

    Returns:
        The documents.
    """
    documents = list(documents)
    words = Counter[str | None]()
    spread = Counter[str | None]()
    for example in documents:
        if LEMMA in example.tags:
            words.update(example.tags[LEMMA].labels)
            spread.update(set(example.tags[LEMMA].labels))

    fewest_documents = min(2, sum(LEMMA in example.tags for example in documents))
    kept: dict[str | None, str | None] = {None: None}
    for script, count in words.items():
        if script is not None:
            is_rule = (
                count >= fewest and spread[script] >= fewest_documents and adds_only_affixes(script)
            )
            kept[script] = script if is_rule else casing_of(script)

    filtered: list[Document] = []
    for document in documents:
        if LEMMA in document.tags:
            scripts = [kept[script] for script in document.tags[LEMMA].labels]
            filtered.append(document.with_tags(LEMMA, Tags(tuple(scripts))))
        else:
            filtered.append(document)
    return filtered


def labels_in(document: Document, layer: str) -> set[str] | None:
    """Return the labels of a document's layer.

    Args:
        document: The document.
        layer: The layer, of tags, spans, trees or categories.

    Returns:
        The labels; None where the document lacks the layer.
    """
    if layer in document.spans:
        return {span.label for span in document.spans[layer].spans}
    if layer in document.tags:
        return {label for label in document.tags[layer].labels if label is not None}
    if layer in document.trees:
        return {relation for relation in document.trees[layer].relations if relation is not None}
    if layer in document.categories:
        scores = document.categories[layer]
        return {max(scores, key=scores.__getitem__)} if scores else None
    return None
