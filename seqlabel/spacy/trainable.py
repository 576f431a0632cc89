"""Trainable spaCy pipes on this library's layers: `seqlabel_tagger`, `seqlabel_ner`, `seqlabel_textcat`.

`spacy train` and the rest of spaCy's command line work on them as on its own. A trained labeler that only labels is in
`seqlabel.spacy.pipe`.
"""

import warnings
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import chain
from typing import Any, Optional, cast

import numpy as np
import numpy.typing as npt
from spacy.attrs import ENT_IOB  # type: ignore[import-not-found]
from spacy.language import Language
from spacy.pipeline.trainable_pipe import TrainablePipe  # type: ignore[import-not-found]
from spacy.tokens import Doc
from spacy.training import Example, validate_examples, validate_get_examples
from spacy.util import registry
from spacy.vocab import Vocab
from thinc.api import Model

from seqlabel.batches.windows import FoundTags
from seqlabel.documents.schemes import Scheme, Span, longest_spans, spans_to_tags
from seqlabel.documents.tag_sets import MISSING, TagSet
from seqlabel.errors import DataError, OptionError
from seqlabel.models.classifier import Classifier
from seqlabel.models.labeler import HeadConfig, HeadKind, Labeler
from seqlabel.spacy.annotations import (
    Existing,
    Target,
    check_parts_of_speech,
    found_spans,
    write_categories,
    write_entities,
    write_group,
    write_tags,
)
from seqlabel.spacy.architectures import (
    CLASSIFIER,
    LABELER,
    TorchShim,
    check_architecture,
    shim_of,
    start_classifier,
    start_labeler,
    train_categories,
    train_tags,
    with_heads,
    with_labels,
)
from seqlabel.spacy.reading import DocWords, words_of
from seqlabel.spacy.running import WorkingPipe, label_batch, label_stream


@dataclass
class Misfits:
    """How often gold annotation did not fit the words that spaCy's tokeniser found, or could not be learnt."""

    words: int = 0
    """Words that stand for several gold words, for a part of one, or for none: their tags give no gradient."""
    moved: int = 0
    """Entities stretched to the borders of the words that they touch."""
    lost: int = 0
    """Entities that touch no word."""
    overlapping: int = 0
    """Entities left out for a longer one that they overlap once they take whole words."""
    undecided: int = 0
    """Docs with categories of which none is 1: which is right is not known, and they give no gradient."""

    def __bool__(self) -> bool:
        return any(vars(self).values())

    def __str__(self) -> str:
        counts = {
            "words without a gold word of their own": self.words,
            "entities moved to word borders": self.moved,
            "entities without a word": self.lost,
            "overlapping entities left out": self.overlapping,
            "Docs without a category that is 1": self.undecided,
        }
        return ", ".join(f"{what}: {count}" for what, count in counts.items() if count)


@registry.callbacks("seqlabel.unfreeze.v1")  # type: ignore[untyped-decorator]
def create_unfreeze(components: list[str], steps: int) -> Callable[[Language, dict[str, Any]], None]:
    """A callback for `[training.before_update]`: the encoders of these components learn from step `steps` on, from 0.

    Gradual unfreezing (Howard and Ruder 2018) of a pretrained encoder under fresh layers. The callback raises
    `OptionError` for a component that is not in the pipeline or has no encoder of this library.
    """

    def unfreeze(nlp: Language, info: dict[str, Any]) -> None:
        for name in components:
            pipe = nlp.get_pipe(name) if nlp.has_pipe(name) else None
            shims = [shim for shim in getattr(getattr(pipe, "model", None), "shims", ()) if isinstance(shim, TorchShim)]
            if not shims:
                raise OptionError(
                    f"components: found {name!r}, which is no component with an encoder of seqlabel; the pipeline has "
                    f"{', '.join(nlp.pipe_names)}"
                )
            for shim in shims:
                shim.frozen = info["step"] < steps

    return unfreeze


class TrainableLabeler(TrainablePipe):  # type: ignore[misc]
    """What the three pipes have in common; each says what its labels are, where they are written and how it learns.

    `misfits` counts the gold annotation that did not fit since the pipe was made.
    """

    _gold_labels: str
    """What labels are called in gold Docs, for errors."""
    _fewest = 2

    def __init__(
        self,
        vocab: Vocab,
        model: Model[list[Doc], Any],
        name: str,
        *,
        existing: Existing,
        scorer: Callable[..., dict[str, Any]] | None,
        settings: Mapping[str, Any],
    ) -> None:
        self.vocab = vocab
        self.model = model
        self.name = name
        self.existing = existing
        self.scorer = scorer
        self.cfg = {"labels": [], **settings}
        self.misfits = Misfits()
        self._warned = False
        self._rehearsal_model: Model[list[Doc], Any] | None = None

    @property
    def labels(self) -> tuple[str, ...]:
        """The labels, in the order of their numbers."""
        return tuple(self.cfg["labels"])

    @property
    def label_data(self) -> list[str]:
        """What `spacy init labels` writes, and `initialize` takes as `labels`."""
        return list(self.labels)

    def __call__(self, doc: Doc) -> Doc:
        """Label a Doc. An error goes to the error handler, and, if that lets it pass, no Doc is given back."""
        done = label_batch(cast(WorkingPipe, self), [doc])
        return done[0] if done else cast(Doc, None)

    def pipe(self, stream: Iterable[Doc], *, batch_size: int = 128) -> Iterator[Doc]:
        """Label Docs as they come."""
        return label_stream(cast(WorkingPipe, self), stream, batch_size=batch_size)

    def predict(self, docs: Sequence[Doc]) -> Any:
        """What is found in each Doc; the Docs stay as they are. Raises `OptionError` before a training began."""
        self._part()
        return self.model.predict(list(docs))

    def initialize(
        self,
        get_examples: Callable[[], Iterable[Example]],
        *,
        nlp: Language | None = None,
        labels: Sequence[str] | None = None,
    ) -> None:
        """Begin anew with fresh layers on the encoder; without `labels`, those of all examples are taken, sorted.

        Raises `OptionError` for labels that are no names, not different or too few; the pipe is then as it was.
        """
        validate_get_examples(get_examples, f"{type(self).__name__}.initialize")
        words: set[str] = set()
        found = set() if labels is not None else set(self.labels)
        fresh = self.model.attrs["encoder"] is None
        if labels is None or fresh:
            for example in get_examples():
                if labels is None:
                    found.update(self._labels_in(example.reference))
                if fresh:
                    words.update(token.text for token in example.predicted if not token.text.isspace())
        chosen = tuple(labels) if labels is not None else tuple(sorted(found))
        if labels is None and len(chosen) < self._fewest:
            raise OptionError(
                f"{self.name}: found {len(chosen)} different {self._gold_labels} in the examples; "
                f"at least {self._fewest} are needed: annotate them, or leave {self.name} out of the pipeline"
            )
        self._check_labels(chosen)
        self._take(chosen, self._start(chosen, words, "xx" if nlp is None else str(nlp.lang)))

    def add_label(self, label: str) -> int:
        """Learn one more label from now on; the others' weights stay. Returns 0 for one that is there already.

        Raises `OptionError` for a label that is no name; the pipe is then as it was.
        """
        if label in self.labels:
            return 0
        labels = (*self.labels, label)
        self._check_labels(labels)
        part = shim_of(self.model).part
        self._take(labels, None if part is None else self._grown(part, labels))
        return 1

    def _take(self, labels: Sequence[str], part: Labeler | Classifier | None) -> None:
        """Have these labels, and the layers for them, from now on."""
        for label in labels:
            self.vocab.strings.add(label)
        if part is not None:
            shim_of(self.model).take(part)
        self.cfg["labels"] = list(labels)

    def _check_labels(self, labels: Sequence[Any]) -> None:
        """Raise `OptionError` for labels that the pipe cannot have."""
        for label in labels:
            if not isinstance(label, str) or not label:
                raise OptionError(f"{self.name}: found {label!r} as a label; a label is a text that is not empty")

    def update(
        self,
        examples: Iterable[Example],
        *,
        drop: float = 0.0,
        sgd: Any = None,
        losses: dict[str, float] | None = None,
    ) -> dict[str, float]:
        """Learn from some examples; without `sgd` gradients add up and nothing is stepped.

        Missing gold annotation gives no gradient; what does not fit is counted in `misfits`, with a warning the first
        time. Raises `DataError` for a label that is not among `labels`, and for categories that contradict each other.
        """
        losses = {} if losses is None else losses
        losses.setdefault(self.name, 0.0)
        examples = list(examples)
        validate_examples(examples, f"{type(self).__name__}.update")
        words = [words_of(example.predicted) for example in examples]
        gold = [self._gold(example, one) for example, one in zip(examples, words, strict=True)]
        if self.misfits and not self._warned:
            self._warned = True
            warnings.warn(
                f"{self.name}: some gold annotation cannot be learnt as it is; so far: {self.misfits}; `misfits` of "
                f"the pipe goes on counting",
                stacklevel=2,
            )
        losses[self.name] += self._train(words, gold, drop)
        if sgd not in (None, False):
            self.finish_update(sgd)
        return losses

    def rehearse(
        self,
        examples: Iterable[Example],
        *,
        drop: float = 0.0,
        sgd: Any = None,
        losses: dict[str, float] | None = None,
    ) -> dict[str, float]:
        """Learn what the model said of these texts when `nlp.resume_training` was called, so that it is not forgotten.

        Its labels then are taken for gold (pseudo-labels; Li and Hoiem 2016, "Learning without Forgetting").
        """
        losses = {} if losses is None else losses
        losses.setdefault(self.name, 0.0)
        if self._rehearsal_model is None:
            return losses
        docs = [example.predicted for example in examples]
        words = [words_of(doc) for doc in docs]
        losses[self.name] += self._train(words, self._remembered(self._rehearsal_model, docs), drop)
        if sgd not in (None, False):
            self.finish_update(sgd)
        return losses

    def _part(self) -> Labeler | Classifier:
        part = shim_of(self.model).part
        if part is None:
            raise OptionError(f"{self.name}: is not trained yet; call nlp.initialize, or load a trained pipeline")
        return part

    def _start(self, labels: Sequence[str], words: Iterable[str], language: str) -> Labeler | Classifier:
        """Fresh layers for some labels."""
        raise NotImplementedError

    def _grown(self, part: Labeler | Classifier, labels: Sequence[str]) -> Labeler | Classifier:
        """The same layers with some labels."""
        raise NotImplementedError

    def _labels_in(self, reference: Doc) -> Iterable[str]:
        """The labels of a gold Doc."""
        raise NotImplementedError

    def _gold(self, example: Example, words: DocWords) -> Any:
        """What is to be learnt from an example."""
        raise NotImplementedError

    def _train(self, words: Sequence[DocWords], gold: Sequence[Any], drop: float) -> float:
        """Add up gradients; the loss."""
        raise NotImplementedError

    def _remembered(self, model: Model[list[Doc], Any], docs: list[Doc]) -> Sequence[Any]:
        """As gold, what an earlier model says."""
        raise NotImplementedError


class _WordPipe(TrainableLabeler):
    """What the tagger and NER have in common: one head that tags words."""

    def _head(self, labels: Sequence[str]) -> HeadConfig:
        raise NotImplementedError

    def _labeler(self) -> Labeler:
        return cast(Labeler, self._part())

    def _tag_set(self) -> TagSet:
        return self._labeler().tag_sets[0]

    def _start(self, labels: Sequence[str], words: Iterable[str], language: str) -> Labeler:
        return start_labeler(self.model, [self._head(labels)], words=words, language=language)

    def _grown(self, part: Labeler | Classifier, labels: Sequence[str]) -> Labeler:
        return with_heads(cast(Labeler, part), [self._head(labels)])

    def _train(self, words: Sequence[DocWords], gold: Sequence[npt.NDArray[np.int64]], drop: float) -> float:
        return train_tags(self._labeler(), words, gold, drop)

    def _remembered(self, model: Model[list[Doc], Any], docs: list[Doc]) -> list[npt.NDArray[np.int64]]:
        before = cast(Labeler, shim_of(model).part).tag_sets[0].tags
        places = {tag: number for number, tag in enumerate(self._tag_set().tags)}
        numbers = np.array([places.get(tag, MISSING) for tag in before])
        return [numbers[found.ids] for found in model.predict(docs)]

    def _ids(self, tags: Iterable[str | None]) -> npt.NDArray[np.int64]:
        places = {tag: number for number, tag in enumerate(self._tag_set().tags)}
        try:
            return np.array([MISSING if tag is None else places[tag] for tag in tags], dtype=np.int64)
        except KeyError as error:
            raise DataError(
                f"{self.name}: found the gold tag {error.args[0]!r}, which is not among the {len(self.labels)} labels; "
                f"mend it, or initialise with it"
            ) from None


class Attribute(StrEnum):
    """What a tagger writes."""

    TAG = "tag"
    """`Token.tag_`, fine tags."""
    POS = "pos"
    """`Token.pos_`, universal parts of speech."""


class SeqlabelTagger(_WordPipe):
    """Tags words: `tag_` or `pos_`, as its config's `attribute` says. White space gets `_SP` or `SPACE`.

    Probabilities are in `Doc.user_data["seqlabel", "tag_"]` or `"pos_"`, one a token.
    """

    _gold_labels = 'tags (`token.tag_`, or `token.pos_` with `attribute = "pos"`)'

    @property
    def target(self) -> Target:
        """Where tags are written."""
        return Target(f"{self.cfg['attribute']}_")

    def set_annotations(self, docs: Sequence[Doc], predictions: Sequence[FoundTags]) -> None:
        """Write tags."""
        labels = self._tag_set().tags
        for doc, found in zip(docs, predictions, strict=True):
            tokens = words_of(doc).tokens
            write_tags(doc, tokens, found, labels, target=self.target, existing=self.existing)

    @property
    def _layer(self) -> str:
        # As labelers call it, so that one that is the encoder gives its head too.
        return "upos" if self.target is Target.POS else "xpos"

    def _check_labels(self, labels: Sequence[Any]) -> None:
        super()._check_labels(labels)
        if self.target is Target.POS:
            check_parts_of_speech(self._layer, labels)

    def _head(self, labels: Sequence[str]) -> HeadConfig:
        return HeadConfig(TagSet(self._layer, tuple(labels)))

    def _labels_in(self, reference: Doc) -> Iterable[str]:
        strings = reference.vocab.strings
        numbers = np.unique(reference.to_array(self.cfg["attribute"].upper())).tolist()
        return (strings[number] for number in numbers if number)

    def _gold(self, example: Example, words: DocWords) -> npt.NDArray[np.int64]:
        keys = example.reference.to_array(self.cfg["attribute"].upper()).tolist()
        # Once: spaCy compares both Docs anew each time that it is asked for their alignment.
        alignment = example.alignment.x2y
        # White space has a tag that is not this pipe's business.
        aligned = [alignment[place].tolist() for place in words.tokens.tolist()]
        pieces = Counter(chain.from_iterable(aligned))
        # The gold word that each word is, and no other word a part of.
        whole = [gold[0] if len(gold) == 1 and pieces[gold[0]] == 1 else None for gold in aligned]
        if any(keys):
            self.misfits.words += whole.count(None)
        strings = example.reference.vocab.strings
        return self._ids(None if gold is None or not keys[gold] else strings[keys[gold]] for gold in whole)


class SeqlabelNer(_WordPipe):
    """Finds entities, with a conditional random field over BIOES: `ents`, and, with probabilities, a span group.

    The group, `spans_key` in the config, has all that was found, also what gave way to entities that were there
    before, beside what `existing` keeps of the group; its `attrs["scores"]` has the probabilities.
    """

    _gold_labels = "labels of `doc.ents`"
    _fewest = 1

    def set_annotations(self, docs: Sequence[Doc], predictions: Sequence[FoundTags]) -> None:
        """Write entities."""
        tag_set, key = self._tag_set(), self.cfg["spans_key"]
        for doc, found in zip(docs, predictions, strict=True):
            words = words_of(doc)
            spans = found_spans(found, words.tokens, words.after, tag_set)
            write_entities(doc, spans, existing=self.existing)
            if key is not None:
                write_group(doc, key, spans, existing=self.existing)

    def _head(self, labels: Sequence[str]) -> HeadConfig:
        return HeadConfig(TagSet("ner", tuple(labels), Scheme.BIOES), HeadKind.CRF)

    def _labels_in(self, reference: Doc) -> Iterable[str]:
        return (entity.label_ for entity in reference.ents)

    def _gold(self, example: Example, words: DocWords) -> npt.NDArray[np.int64]:
        reference = example.reference
        tags: list[str | None] = [None] * len(words.keys)
        if not reference.has_annotation("ENT_IOB"):
            return self._ids(tags)
        spans = []
        # Once: spaCy compares both Docs anew each time that it is asked for their alignment.
        alignment = example.alignment.y2x
        for entity in reference.ents:
            touched = alignment[entity.start : entity.end]
            start, end = _word_range(words, touched)
            if start == end:
                self.misfits.lost += 1
                continue
            spans.append(Span(start, end, entity.label_))
            covered = example.predicted[int(words.tokens[start]) : int(words.tokens[end - 1]) + 1]
            self.misfits.moved += "".join(covered.text.split()) != "".join(entity.text.split())
        kept = longest_spans(spans)
        self.misfits.overlapping += len(spans) - len(kept)
        tags = list(spans_to_tags(kept, len(tags), Scheme.BIOES))
        for place in np.flatnonzero(reference.to_array(ENT_IOB) == 0).tolist():
            start, end = _word_range(words, alignment[place : place + 1])
            tags[start:end] = [None if tag == "O" else tag for tag in tags[start:end]]
        return self._ids(tags)


def _word_range(words: DocWords, tokens: npt.NDArray[np.int64]) -> tuple[int, int]:
    """The words that some tokens are, half-open; none where they are white space."""
    if not len(tokens):
        return 0, 0
    start, end = np.searchsorted(words.tokens, [tokens.min(), tokens.max() + 1]).tolist()
    return start, end


class SeqlabelTextcat(TrainableLabeler):
    """Labels whole Docs, whatever their length, with one of several categories: `cats`.

    Gold categories are, as in spaCy's `textcat`, 1 for the right one and 0 for others.
    """

    _gold_labels = "labels of `doc.cats`"

    def set_annotations(self, docs: Sequence[Doc], predictions: Sequence[Mapping[str, float]]) -> None:
        """Write categories."""
        for doc, found in zip(docs, predictions, strict=True):
            write_categories(doc, found, existing=self.existing)

    def _classifier(self) -> Classifier:
        return cast(Classifier, self._part())

    def _start(self, labels: Sequence[str], words: Iterable[str], language: str) -> Classifier:
        return start_classifier(self.model, labels, words=words)

    def _grown(self, part: Labeler | Classifier, labels: Sequence[str]) -> Classifier:
        return with_labels(cast(Classifier, part), labels)

    def _labels_in(self, reference: Doc) -> Iterable[str]:
        return reference.cats

    def _gold(self, example: Example, words: DocWords) -> int:
        cats = example.reference.cats
        between = [value for value in cats.values() if value not in (0.0, 1.0)]
        if between:
            raise DataError(
                f"{self.name}: found the gold value {between[0]!r} of a category; it is 1 for the right one and 0 for "
                f"others, so choose one"
            )
        right = [label for label, value in cats.items() if value]
        if len(right) > 1:
            raise DataError(
                f"{self.name}: found {len(right)} gold categories that are 1, {right[0]!r} and {right[1]!r} among "
                f"them; they exclude each other, so choose one, or train spaCy's textcat_multilabel"
            )
        if not right:
            self.misfits.undecided += bool(cats)
            return MISSING
        (label,) = right
        if label not in self.labels:
            raise DataError(
                f"{self.name}: found the category {label!r}, which is not among the {len(self.labels)} labels; mend "
                f"it, or initialise with it"
            )
        return self.labels.index(label)

    def _train(self, words: Sequence[DocWords], gold: Sequence[int], drop: float) -> float:
        return train_categories(self._classifier(), words, gold, drop)

    def _remembered(self, model: Model[list[Doc], Any], docs: list[Doc]) -> list[int]:
        return [self.labels.index(max(found, key=found.__getitem__)) for found in model.predict(docs)]


_LABELER = {
    "@architectures": "seqlabel.RecurrentLabeler.v1",
    "encoder": "en",
    "hidden": 128,
    "word_dropout": 0.2,
    "lower_rate": 0.3,
}


@Language.factory(
    "seqlabel_tagger",
    assigns=["token.tag", "token.pos"],
    default_config={
        "model": _LABELER,
        "attribute": "tag",
        "existing": "keep",
        "scorer": {"@scorers": "seqlabel.tagger_scorer.v1"},
    },
    default_score_weights={
        "tag_acc": 1.0,
        "pos_acc": None,
        "tag_calibration_error": None,
        "pos_calibration_error": None,
    },
)
def create_tagger(
    nlp: Language,
    name: str,
    model: Model[list[Doc], Any],
    attribute: str,
    existing: str,
    scorer: Optional[Callable[..., dict[str, Any]]],  # noqa: UP045
) -> SeqlabelTagger:
    """Make `seqlabel_tagger` of a config: `attribute` is `tag` or `pos`, `existing` what becomes of tags before it.

    A training for `pos` is weighed by `pos_acc`, which its config has to say in `training.score_weights`: spaCy knows
    one default of a factory. Raises `OptionError` for values or a model that it cannot have.
    """
    check_architecture(model, LABELER, pipe=name)
    if attribute not in list(Attribute):
        raise OptionError(f"attribute: found {attribute!r}; allowed are {', '.join(map(repr, map(str, Attribute)))}")
    settings = {"attribute": attribute}
    return SeqlabelTagger(nlp.vocab, model, name, existing=Existing.named(existing), scorer=scorer, settings=settings)


@Language.factory(
    "seqlabel_ner",
    assigns=["doc.ents", "token.ent_iob", "token.ent_type", "doc.spans"],
    default_config={
        "model": _LABELER,
        "existing": "keep",
        "spans_key": "seqlabel_ner",
        "scorer": {"@scorers": "seqlabel.ner_scorer.v1"},
    },
    default_score_weights={
        "ents_f": 1.0,
        "ents_p": 0.0,
        "ents_r": 0.0,
        "ents_per_type": None,
        "ents_calibration_error": None,
    },
)
def create_ner(
    nlp: Language,
    name: str,
    model: Model[list[Doc], Any],
    existing: str,
    spans_key: Optional[str],  # noqa: UP045
    scorer: Optional[Callable[..., dict[str, Any]]],  # noqa: UP045
) -> SeqlabelNer:
    """Make `seqlabel_ner` of a config: `existing` is what becomes of entities before it, `spans_key` may be null.

    Raises `OptionError` for a policy or a model that it cannot have.
    """
    check_architecture(model, LABELER, pipe=name)
    settings = {"spans_key": spans_key}
    return SeqlabelNer(nlp.vocab, model, name, existing=Existing.named(existing), scorer=scorer, settings=settings)


@Language.factory(
    "seqlabel_textcat",
    assigns=["doc.cats"],
    default_config={
        "model": {"@architectures": "seqlabel.RecurrentClassifier.v1", "encoder": "en", "lower_rate": 0.3},
        "existing": "override",
        "scorer": {"@scorers": "seqlabel.textcat_scorer.v1"},
    },
    default_score_weights={"cats_score": 1.0, "cats_calibration_error": None},
)
def create_textcat(
    nlp: Language,
    name: str,
    model: Model[list[Doc], Any],
    existing: str,
    scorer: Optional[Callable[..., dict[str, Any]]],  # noqa: UP045
) -> SeqlabelTextcat:
    """Make `seqlabel_textcat` of a config: `existing` is what becomes of categories before it.

    Raises `OptionError` for a policy or a model that it cannot have.
    """
    check_architecture(model, CLASSIFIER, pipe=name)
    return SeqlabelTextcat(nlp.vocab, model, name, existing=Existing.named(existing), scorer=scorer, settings={})
