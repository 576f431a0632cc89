"""The spaCy pipe `seqlabel`: a trained labeler writes what it finds to Docs; no training.

    nlp.add_pipe("seqlabel", config={"model": "en_pos"})

The weights are part of the pipeline: `nlp.to_disk`, `nlp.to_bytes` and processes take them along.
"""

import warnings
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import chain
from operator import attrgetter
from typing import Any, NamedTuple, Union

from spacy.language import Language
from spacy.strings import StringStore
from spacy.tokens import Doc
from spacy.training import Example
from spacy.util import logger

from seqlabel.batches.windows import FoundTags
from seqlabel.documents.categories import Categories
from seqlabel.documents.label_sets import LabelSet
from seqlabel.documents.tag_sets import TagSet
from seqlabel.errors import OptionError, choose
from seqlabel.models.tagging.engine import Arithmetic
from seqlabel.models.tagging.labeler import Labeler
from seqlabel.privacy.finding.finder import LAYER
from seqlabel.privacy.rules.labels import check_labels
from seqlabel.spacy.annotations import (
    Existing,
    Place,
    Target,
    check_place,
    default_places,
    tag_scores,
)
from seqlabel.spacy.doc_words import (
    DocWords,
    on_tokens,
    split_words_of,
    tags_of_docs,
    text_words_of,
    word_spans,
    words_of_docs,
)
from seqlabel.spacy.layer_writer import FoundLayer, LayerWriter
from seqlabel.spacy.noun_chunks import use_universal_noun_chunks
from seqlabel.spacy.scorers import score_places
from seqlabel.spacy.storing import StoredModel, StoredPipe, labels_by_layer, make_ready
from seqlabel.spacy.tree_writer import sentence_borders
from seqlabel.text.tokenizers import Words


class LayerTags(NamedTuple):
    """The labels of a Doc: the words that it read, and the tags of each layer that is written."""

    words: DocWords
    layers: Mapping[str, FoundTags]


class SeqlabelPipe(StoredPipe):
    """A labeler in a pipeline; labels Docs and writes the labels where `targets` say.

    Probabilities are in `Doc.spans[NAME].attrs["scores"]`, in `Token._.NAME_score`, and for `pos_`,
    `tag_`, `morph`, `lemma_`, `is_sent_start` and `dep_` in `Doc.user_data["seqlabel", "pos_"]` and
    so on, one per token.

    A labeler with finer words than spaCy's reads the text by its own words. A span then takes all
    tokens that it touches, and spans that meet on a token become one; the exact characters are in
    `attrs["characters"]` of the group.

    Args:
        name: The name of the component.
        targets: The places that each layer is written to: `pos_`, `tag_`, `morph`, `lemma_`,
            `is_sent_start`, `extension` or `extension:NAME` for tags, `dep_` for trees, `ents`,
            `spans` or `spans:NAME` for spans, and `cats` for categories. A layer that is left out
            is not written, and takes no time. None writes `upos` to `pos_`, `xpos` to `tag_`,
            `feats` to `morph`, `lemma` to `lemma_`, `sentence` to `is_sent_start`, trees to `dep_`
            (with `head` and `is_sent_start`), other tags to extensions of their names, `ner` to
            `ents` and `spans:seqlabel_ner`, `pii` to `ents` and `spans:pii`, other spans to
            `spans`, and categories to `cats`.
        rename: Other names for labels of spans and categories, such as
            `{"PER": "PERSON", "LOC": "GPE"}` for the names that spaCy's pipelines have.
        existing: How to treat existing annotation.
        arithmetic: In which numbers a labeler multiplies.
        threads: How many batches of `pipe` are labelled at a time.

    Raises:
        OptionError: For labels to rename that the model does not have, for targets that do not
            exist or do not fit the layers, and for a number of threads below 1.
    """

    # spaCy looks whether a pipe has a model before its weights are loaded.
    model: Labeler | None = None
    _of_model = ("_stored", "model", "_places", "_inference", "_label_sets")

    def __init__(
        self,
        name: str,
        *,
        targets: Mapping[str, str | Sequence[str]] | None = None,
        rename: Mapping[str, str] | None = None,
        existing: Existing = Existing.KEEP,
        arithmetic: Arithmetic = Arithmetic.AUTO,
        threads: int = 1,
    ) -> None:
        super().__init__(name, arithmetic=arithmetic, threads=threads)
        self.targets = targets
        self._wanted = (
            None
            if targets is None
            else {layer: _places_of(layer, targets[layer]) for layer in targets}
        )
        self.rename = dict(rename or {})
        self.existing = existing
        self._writer = LayerWriter()
        self._has_warned = False
        self._has_warned_of_entities = False

    def _use(self, stored: StoredModel) -> None:
        model = stored.model
        known = {label for labels in labels_by_layer(model).values() for label in labels}
        check_labels(self.rename, known, option="rename")
        layers = {tag_set.layer: _renamed(tag_set, self.rename) for tag_set in model.tag_sets}
        wanted = self._wanted
        foreign = [] if wanted is None else sorted(set(wanted) - layers.keys())
        if foreign:
            raise OptionError(
                f"targets: expected layers among {', '.join(layers)}, got {foreign[0]!r}."
            )
        places = {layer: default_places(layer, tag_set) for layer, tag_set in layers.items()}
        if wanted is not None:
            places = {layer: wanted[layer] for layer in layers if layer in wanted}
        layer_of: dict[str, str] = {}
        for layer, place in _pairs(places):
            check_place(place, layer, layers[layer])
            for attribute in place.attributes:
                if attribute in layer_of:
                    raise OptionError(
                        f"targets: expected one layer for {attribute}, got {layer_of[attribute]!r} "
                        f"and {layer!r}. Choose another attribute for one of them."
                    )
                layer_of[attribute] = layer
        make_ready(model)
        self._places = places
        self._label_sets = layers
        self._inference = model.inference.with_arithmetic(self.arithmetic)
        self._stored = stored
        self.model = model
        if places.get(LAYER):
            logger.warning(
                "%s: The model finds the layer %r without the rules for values such as card "
                "numbers and IP addresses. "
                "Use the pipe `private_finder`, which has both, for all private data.",
                self.name,
                LAYER,
            )

    @property
    def labels(self) -> tuple[str, ...]:
        """The labels of all layers, as they are written."""
        by_layer = {} if self.model is None else labels_by_layer(self.model)
        labels = chain.from_iterable(by_layer.values())
        return tuple(dict.fromkeys(self.rename.get(label, label) for label in labels))

    def predict(self, docs: Sequence[Doc]) -> list[LayerTags]:
        """Label Docs, which stay as they are; see `WorkingPipe`.

        Raises:
            CheckpointError: If there is no model.
        """
        model = self._held().model
        if model.config.words is Words.SPACY:
            words = words_of_docs(docs)
        elif model.config.words is Words.SYNTACTIC:
            strings = StringStore()
            words = [split_words_of(doc, model.split_multiwords, strings) for doc in docs]
        else:
            strings = StringStore()
            words = [text_words_of(doc, model.tokenize, strings) for doc in docs]
        layers = [tag_set.layer for tag_set in model.tag_sets]
        # What is written nowhere need not be found.
        asked = [layer for layer, places in self._places.items() if places]
        borders = sentence_borders(docs, words, model, keep=self.existing is Existing.KEEP)
        heads = [layers.index(layer) for layer in asked]
        rows = model.config.rows
        tags = tags_of_docs(
            self._inference, words, model.decisions, heads=heads, borders=borders, rows=rows
        )
        predictions: list[LayerTags] = []
        for number, of_doc in enumerate(words):
            of_layers = {layer: of_docs[number] for layer, of_docs in zip(asked, tags, strict=True)}
            predictions.append(LayerTags(of_doc, of_layers))
        return predictions

    def set_annotations(self, docs: Sequence[Doc], predictions: Sequence[LayerTags]) -> None:
        """Write labels to the Docs; see `WorkingPipe`."""
        self._held()
        self._say_what_stays(docs)
        if not docs:
            return
        layers: list[FoundLayer] = []
        for layer, label_set in self._label_sets.items():
            if self._places.get(layer):
                tags = [prediction.layers[layer] for prediction in predictions]
                layers.append(FoundLayer(label_set, self._places[layer], tags))
        words = [prediction.words for prediction in predictions]
        had_entities = [bool(doc.ents) for doc in docs] if self._may_warn_of_entities else []
        self._writer.write(docs, words, layers, existing=self.existing)
        if any(had_entities):
            self._say_that_entities_stay(docs, words, layers)

    @property
    def _may_warn_of_entities(self) -> bool:
        return (
            self.existing is Existing.KEEP
            and not self._has_warned_of_entities
            and any(place.target is Target.ENTS for _, place in _pairs(self._places))
        )

    def _say_that_entities_stay(
        self, docs: Sequence[Doc], words: Sequence[DocWords], layers: Sequence[FoundLayer]
    ) -> None:
        """Warn once where entities that a Doc had before kept an entity that was found from being
        written.
        """
        for layer in layers:
            if not any(place.target is Target.ENTS for place in layer.places):
                continue
            for doc, of_doc, tags in zip(docs, words, layer.found, strict=True):
                if not tags.ids.any() or not doc.ents:
                    continue
                written = {(entity.start, entity.end, entity.label_) for entity in doc.ents}
                spans_of_words = word_spans(tags, layer.tag_set, of_doc.paragraphs)
                spans = on_tokens(spans_of_words, of_doc.tokens, of_doc.after).spans
                if all((span.start, span.end, span.label) in written for span in spans):
                    continue
                self._has_warned_of_entities = True
                warnings.warn(
                    f"{self.name}: doc.ents has entities of another pipe, which stay, so what "
                    "this pipe finds in their "
                    f"words is not written there. To replace them, add the pipe with "
                    f'config={{"existing": "override"}}. Its span group has all that it finds.',
                    stacklevel=3,
                )
                return

    def _say_what_stays(self, docs: Sequence[Doc]) -> None:
        """Warn once where every token has a tag already, so that nothing of a layer is written."""
        if self.existing is not Existing.KEEP or self._has_warned:
            return
        for _, place in _pairs(self._places):
            target = place.target
            if target not in (Target.POS, Target.TAG):
                continue
            # Most Docs have no tags, which their first token shows in a third of the time.
            value = attrgetter(target.rstrip("_"))
            begun = [doc for doc in docs if len(doc) and value(doc[0])]
            if any(_has_foreign_tags(doc, target) for doc in begun):
                self._has_warned = True
                warnings.warn(
                    f"{self.name}: every token has {target} already, so nothing is written "
                    "there. To replace it, add "
                    f'the pipe with config={{"existing": "override"}}.',
                    stacklevel=2,
                )
                return

    def score(self, examples: Iterable[Example], **_: Any) -> dict[str, Any]:
        """Score what is written.

        Args:
            examples: Docs with gold annotation.

        Returns:
            spaCy's scores.
        """
        self._held()
        return score_places(
            list(examples), [place for _, place in _pairs(self._places)], labels=self.labels
        )


def _renamed(label_set: LabelSet, rename: Mapping[str, str]) -> LabelSet:
    """A set of labels with other names for some, which has the same ids."""
    labels = tuple(rename.get(label, label) for label in label_set.labels)
    if labels == label_set.labels:
        return label_set
    if isinstance(label_set, Categories):
        return replace(label_set, categories=labels)
    return replace(label_set, labels=labels) if isinstance(label_set, TagSet) else label_set


def _pairs(places: Mapping[str, Sequence[Place]]) -> Iterator[tuple[str, Place]]:
    """Each layer with each of its places."""
    for layer, places_of_layer in places.items():
        for place in places_of_layer:
            yield layer, place


def _has_foreign_tags(doc: Doc, target: Target) -> bool:
    """Whether every token has a tag, of which none is this package's."""
    attribute = target.upper().rstrip("_")
    return (
        len(doc) > 0
        and doc.has_annotation(attribute, require_complete=True)
        and tag_scores(doc, target) is None
    )


def _places_of(layer: str, written: str | Sequence[str]) -> list[Place]:
    """The places that a config names for a layer."""
    return [
        Place.read(name, layer=layer)
        for name in ([written] if isinstance(written, str) else written)
    ]


@Language.factory(
    "seqlabel",
    assigns=[
        *(
            "token.pos",
            "token.tag",
            "token.morph",
            "token.lemma",
            "token.is_sent_start",
            "token.dep",
            "token.head",
        ),
        *("doc.ents", "doc.spans", "doc.cats"),
    ],
)
def create_seqlabel(
    nlp: Language,
    name: str,
    model: str = "en_pos",
    targets: Union[dict[str, Union[str, list[str]]], None] = None,  # noqa: UP007
    rename: Union[dict[str, str], None] = None,  # noqa: UP007
    existing: str = "keep",
    arithmetic: str = "auto",
    threads: int = 1,
) -> SeqlabelPipe:
    """Make the pipe `seqlabel` of a config.

    A folder that does not exist, or holds no model or one that the targets do not fit, is an error
    when the pipe is initialised or used: spaCy makes pipes before it loads their weights, wherever
    the pipeline is run.

    Args:
        nlp: The pipeline.
        name: The name of the component.
        model: A folder, or the name of a model that ships.
        targets: Where each layer is written; None for the default places.
        rename: Other names for labels, such as `{"PER": "PERSON", "LOC": "GPE"}`.
        existing: How to treat existing annotation: `keep`, `override` or `clear`.
        arithmetic: In which numbers the model multiplies: `auto`, `float32` or `int8`.
        threads: How many batches of `nlp.pipe` are labelled at a time.

    Returns:
        The pipe.

    Raises:
        OptionError: For a model without a name, an unknown policy, arithmetic or target, and a
            number of threads below 1.

    Example:
        >>> import spacy
        >>> nlp = spacy.blank("en")
        >>> config = {"model": "en_ner", "rename": {"PER": "PERSON", "LOC": "GPE"}}
        >>> pipe = nlp.add_pipe("seqlabel", config=config)
        >>> doc = nlp("Ada Lovelace lived in London.")
        >>> [(ent.text, ent.label_) for ent in doc.ents]
        [('Ada Lovelace', 'PERSON'), ('London', 'GPE')]
        >>> len(doc.spans["seqlabel_ner"].attrs["scores"])
        2

        Parts of speech, features, lemmas and sentences:

        >>> nlp = spacy.blank("en")
        >>> pipe = nlp.add_pipe("seqlabel", config={"model": "en_pos"})
        >>> [(token.text, token.pos_, token.lemma_) for token in nlp("She reads books.")]
        [('She', 'PRON', 'she'), ('reads', 'VERB', 'read'), ('books', 'NOUN', 'book'), ('.',
        'PUNCT', '.')]
    """
    pipe = SeqlabelPipe(
        name,
        targets=targets,
        rename=rename,
        existing=choose(Existing, "existing", existing),
        arithmetic=choose(Arithmetic, "arithmetic", arithmetic),
        threads=threads,
    )
    use_universal_noun_chunks(nlp.vocab)
    return pipe.take_named(model, nlp, late=True)
