"""The shared parts of the trainable pipes: labels, examples, updates, and gold that cannot be
learnt.

`seqlabel_tagger`, `seqlabel_ner` and `seqlabel_textcat` are in `tagger`, `ner` and `textcat`; a
trained labeler that only labels is in `pipe`. `spacy train` and the rest of spaCy's command line
work on them as on spaCy's own pipes.
"""

import warnings
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
from spacy.language import Language
from spacy.pipeline.trainable_pipe import TrainablePipe
from spacy.tokens import Doc
from spacy.training import Example, validate_examples, validate_get_examples
from spacy.vocab import Vocab
from thinc.api import Model

from seqlabel.batches.windows import FoundTags
from seqlabel.documents.label_sets import LabelSet
from seqlabel.documents.repairs import Repairs
from seqlabel.documents.tag_sets import MISSING, TagSet
from seqlabel.errors import DataError, OptionError
from seqlabel.models.model_configs import HeadConfig
from seqlabel.models.tagging.labeler import Labeler
from seqlabel.names import LateModule
from seqlabel.spacy.annotations import Existing, Place
from seqlabel.spacy.doc_words import DocWords, words_of_docs
from seqlabel.spacy.layer_writer import FoundLayer, LayerWriter
from seqlabel.spacy.licenses import fill_license
from seqlabel.spacy.scorers import score_places
from seqlabel.spacy.storing import ModelPipe, StoredModel, labels_by_layer

if TYPE_CHECKING:
    from seqlabel.spacy import learning, shim
else:
    learning = LateModule("seqlabel.spacy.learning")
    shim = LateModule("seqlabel.spacy.shim")

LABELER, CLASSIFIER = "seqlabel.RecurrentLabeler.v1", "seqlabel.RecurrentClassifier.v1"
"""The architectures of the pipes, which are also the names of their models."""


class TrainableLabeler(ModelPipe, TrainablePipe):
    """The shared part of the three pipes; each says what its labels are, where they are written and
    how it learns.

    `repairs` counts the gold annotation that did not fit since the pipe was made.
    """

    _layer: str
    """The layer of the labels in the model."""
    _further_heads: tuple[HeadConfig, ...] = ()
    """Further heads of the model, whose labels are its own."""
    _gold_labels: str
    """The name of labels in gold Docs, for errors."""
    _fewest = 2
    _architecture = LABELER

    def __init__(
        self,
        vocab: Vocab,
        model: Model[list[Doc], Any],
        name: str,
        *,
        existing: Existing,
        settings: Mapping[str, Any],
    ) -> None:
        if model.name != self._architecture:
            raise OptionError(
                f'{name}: expected a model with `@architectures = "{self._architecture}"`, got '
                f"{model.name!r}."
            )
        self.vocab = vocab
        self.model = model
        self.name = name
        self.existing = existing
        self.cfg = {"labels": [], **settings}
        self.repairs = Repairs()
        self._warned = False
        self._writer = LayerWriter()

    @property
    def _places(self) -> list[Place]:
        """Where labels are written."""
        raise NotImplementedError

    @property
    def labels(self) -> tuple[str, ...]:
        """The labels, in the order of their numbers."""
        return tuple(self.cfg["labels"])

    @property
    def label_data(self) -> list[str]:
        """The labels that `spacy init labels` writes and `initialize` takes as `labels`."""
        return list(self.labels)

    def predict(self, docs: Sequence[Doc]) -> Any:
        """Label Docs, which stay as they are; see `WorkingPipe`.

        Raises:
            OptionError: Before the pipe is trained.
        """
        self._part()
        return self.model.predict(list(docs))

    def initialize(
        self,
        get_examples: Callable[[], Iterable[Example]],
        *,
        nlp: Language | None = None,
        labels: Sequence[str] | None = None,
    ) -> None:
        """Put fresh layers on the encoder.

        Args:
            get_examples: Gives the examples.
            nlp: The pipeline.
            labels: The labels; without them those of all examples are taken, sorted.

        Raises:
            OptionError: For labels that are not text, are repeated, or are too few, and without
                examples; the pipe is then as it was.
        """
        validate_get_examples(get_examples, f"{type(self).__name__}.initialize")
        if nlp is not None:
            _warn_of_no_scores(nlp)
        chosen = self._labels_of(get_examples()) if labels is None else tuple(labels)
        self._check_labels(chosen)

        def docs() -> Iterable[Doc]:
            return (example.predicted for example in get_examples())

        language = "xx" if nlp is None else str(nlp.lang)
        part = learning.start_labeler(
            self.model,
            self._head(chosen, get_examples),
            docs,
            further=self._further_heads,
            language=language,
        )
        self._take(chosen, part)
        encoder = self.model.attrs["encoder"]
        if nlp is not None and encoder is not None:
            fill_license(nlp, encoder)

    def _labels_of(self, examples: Iterable[Example]) -> tuple[str, ...]:
        """The labels that were added, and those of examples, sorted."""
        labels = set(self.labels)
        count = 0
        for example in examples:
            labels.update(self._labels_in(example.reference))
            count += 1
        if not count:
            raise OptionError(
                f"{self.name}: expected examples, got none. Check the path of the training data, "
                "`paths.train` in most configs: spaCy's reader passes over a file whose name does "
                "not end in .spacy."
            )
        if len(labels) < self._fewest:
            raise OptionError(
                f"{self.name}: expected at least {self._fewest} different {self._gold_labels} in "
                f"the examples, got {len(labels)}. Annotate more, or leave {self.name} out of the "
                "pipeline."
            )
        return tuple(sorted(labels))

    def add_label(self, label: str) -> int:
        """Add a label; the others' weights stay.

        Args:
            label: The label.

        Returns:
            1, or 0 for a label that is there already.

        Raises:
            OptionError: For a label that is not text; the pipe is then as it was.
        """
        if label in self.labels:
            return 0
        labels = (*self.labels, label)
        self._check_labels(labels)
        part = shim.shim_of(self.model).part
        self._take(labels, None if part is None else part.with_labels([label]))
        return 1

    def _take(self, labels: Sequence[str], part: Labeler | None) -> None:
        """Have these labels, and the layers for them, from now on."""
        for label in labels:
            self.vocab.strings.add(label)
        if part is not None:
            shim.shim_of(self.model).take(part)
        self.cfg["labels"] = list(labels)

    def _check_labels(self, labels: Sequence[Any]) -> None:
        """Raise `OptionError` for labels that the pipe cannot have."""
        for label in labels:
            if not isinstance(label, str) or not label:
                raise OptionError(
                    f"{self.name}: expected a label that is a string and not empty, got {label!r}."
                )

    def update(
        self,
        examples: Iterable[Example],
        *,
        drop: float = 0.0,
        sgd: Any = None,
        losses: dict[str, float] | None = None,
    ) -> dict[str, float]:
        """Learn from examples; without an optimizer, gradients add up and nothing is stepped.

        Missing gold annotation gives no gradient. What does not fit is counted in `repairs`, with a
        warning the first time.

        Args:
            examples: Docs with gold annotation.
            drop: The dropout rate.
            sgd: The optimizer that steps; without one, gradients add up.
            losses: The losses of the pipeline, to which this pipe's is added.

        Returns:
            The losses.

        Raises:
            DataError: For a label that is not among `labels`, and for categories that contradict
                each other.
        """
        examples = list(examples)
        validate_examples(examples, f"{type(self).__name__}.update")
        words = words_of_docs([example.predicted for example in examples])
        gold = list(map(self._gold, examples, words))
        if self.repairs and not self._warned:
            self._warned = True
            warnings.warn(
                f"{self.name}: some gold annotations cannot be learnt as they are; so far: "
                f"{self.repairs}. `repairs` of the pipe continues to count them.",
                stacklevel=2,
            )
        losses = {} if losses is None else losses
        losses[self.name] = losses.get(self.name, 0.0) + learning.train_labels(
            self._part(), words, gold, drop
        )
        if sgd not in (None, False):
            self.finish_update(sgd)
        return losses

    def score(self, examples: Iterable[Example], **_: Any) -> dict[str, Any]:
        """Score what is written.

        Args:
            examples: Docs with predicted and gold annotation.

        Returns:
            spaCy's scores.
        """
        return score_places(list(examples), self._places, labels=self.labels)

    def _held(self) -> StoredModel:
        return StoredModel(self._part())

    def _use(self, stored: StoredModel) -> None:
        labels_of = labels_by_layer(stored.model)
        expected = [self._layer, *(head.tag_set.layer for head in self._further_heads)]
        if [*labels_of] != expected:
            raise OptionError(
                f"{self.name}: expected a model of {' and '.join(expected)}, got one of "
                f"{', '.join(labels_of)}. Pass one that this pipe trained."
            )
        self._take(labels_of[self._layer], stored.model)

    def _part(self) -> Labeler:
        part = shim.shim_of(self.model).part
        if part is None:
            raise OptionError(
                f"{self.name}: is not trained yet. Call nlp.initialize, or load a trained pipeline."
            )
        return part

    def set_annotations(self, docs: Sequence[Doc], predictions: Sequence[FoundTags]) -> None:
        """Write labels; see `WorkingPipe`."""
        layer = FoundLayer(self._part().tag_sets[0], self._places, predictions)
        self._writer.write(docs, words_of_docs(docs), [layer], existing=self.existing)

    def _head(
        self, labels: Sequence[str], get_examples: Callable[[], Iterable[Example]]
    ) -> LabelSet | HeadConfig:
        """The head for some labels, which learns from these examples."""
        raise NotImplementedError

    def _labels_in(self, reference: Doc) -> Iterable[str]:
        """The labels of a gold Doc."""
        raise NotImplementedError

    def _gold(self, example: Example, words: DocWords) -> npt.NDArray[np.int64]:
        """The gold ids of an example."""
        raise NotImplementedError


class WordLabeler(TrainableLabeler):
    """The shared part of the tagger and NER: one head that tags words."""

    def _head(
        self, labels: Sequence[str], get_examples: Callable[[], Iterable[Example]]
    ) -> LabelSet | HeadConfig:
        return TagSet(self._layer, tuple(labels))

    def _ids(self, tags: Iterable[str | None]) -> npt.NDArray[np.int64]:
        numbers = {tag: number for number, tag in enumerate(self._part().tag_sets[0].tags)}
        try:
            return np.array(
                [MISSING if tag is None else numbers[tag] for tag in tags], dtype=np.int64
            )
        except KeyError as error:
            raise DataError(
                f"{self.name}: expected one of the {len(self.labels)} labels as gold tag, got "
                f"{error.args[0]!r}. Correct it, or initialize with it."
            ) from None


def _warn_of_no_scores(nlp: Language) -> None:
    """Warn where `spacy train` would score the first step alone, whose model, untrained, would then
    be the best.
    """
    training = nlp.config.interpolate().get("training", {})
    steps = training.get("max_steps")
    frequency = training.get("eval_frequency")
    if isinstance(steps, int) and isinstance(frequency, int) and 0 < steps < frequency:
        warnings.warn(
            f"training.eval_frequency is {frequency}, and the training has {steps} steps: only "
            "the first one would be scored, so model-best would be an untrained model. Set it to "
            f"{max(steps // 10, 1)}.",
            stacklevel=3,
        )
