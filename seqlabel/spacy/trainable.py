"""The shared parts of the trainable pipes: labels, examples, updates, gold that cannot be learnt, and checksums.

`seqlabel_tagger`, `seqlabel_ner` and `seqlabel_textcat` are in `tagger`, `ner` and `textcat`; a trained labeler that
only labels is in `pipe`. `spacy train` and the rest of spaCy's command line work on them as on spaCy's own pipes.
"""

import hashlib
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import numpy as np
import numpy.typing as npt
import srsly
from spacy.language import Language
from spacy.pipeline.trainable_pipe import TrainablePipe
from spacy.tokens import Doc
from spacy.training import Example, validate_examples, validate_get_examples
from spacy.vocab import Vocab
from thinc.api import Model

from seqlabel.documents.repairs import Repairs
from seqlabel.documents.tag_sets import MISSING, TagSet
from seqlabel.errors import CheckpointError, DataError, OptionError
from seqlabel.models.model_configs import HeadConfig
from seqlabel.models.tagging.labeler import Labeler
from seqlabel.names import LateModule
from seqlabel.spacy.annotations import Existing
from seqlabel.spacy.doc_words import DocWords, words_of
from seqlabel.spacy.licenses import fill_license
from seqlabel.spacy.running import WorkingPipe

if TYPE_CHECKING:
    from seqlabel.models.classifier import Classifier
    from seqlabel.spacy import learning, shim
else:
    learning = LateModule("seqlabel.spacy.learning")
    shim = LateModule("seqlabel.spacy.shim")

LABELER, CLASSIFIER = "seqlabel_labeler", "seqlabel_classifier"
"""Thinc's name for the models of `recurrent_labeler` and `recurrent_classifier`."""

_ARCHITECTURES = {LABELER: "seqlabel.RecurrentLabeler.v1", CLASSIFIER: "seqlabel.RecurrentClassifier.v1"}


def check_architecture(model: Model[Any, Any], wanted: str, *, pipe: str) -> None:
    """Check that a pipe was given the architecture that it needs.

    Args:
        model: The model.
        wanted: The name of the right one, `LABELER` or `CLASSIFIER`.
        pipe: The name of the pipe.

    Raises:
        OptionError: For another model.
    """
    if model.name != wanted:
        raise OptionError(
            f'{pipe}: Found a model {model.name!r}. Give it one with `@architectures = "{_ARCHITECTURES[wanted]}"`'
        )


class TrainableLabeler(WorkingPipe, TrainablePipe):
    """The shared part of the three pipes; each says what its labels are, where they are written and how it learns.

    `repairs` counts the gold annotation that did not fit since the pipe was made.
    """

    _gold_labels: str
    """The name of labels in gold Docs, for errors."""
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
        self.repairs = Repairs()
        self._warned = False
        self._rehearsal_model: Model[list[Doc], Any] | None = None

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
            OptionError: For labels that are not text, are repeated, or are too few, and without examples; the pipe is
                then as it was.
        """
        validate_get_examples(get_examples, f"{type(self).__name__}.initialize")
        words: set[str] = set()
        examples = 0
        found = set() if labels is not None else set(self.labels)
        fresh = self.model.attrs["encoder"] is None
        if labels is None or fresh:
            for example in get_examples():
                examples += 1
                if labels is None:
                    found.update(self._labels_in(example.reference))
                if fresh:
                    words.update(token.text for token in example.predicted if not token.text.isspace())
        if labels is None and not examples:
            raise OptionError(
                f"{self.name}: Found no examples. Check the path of the training data, `paths.train` in most configs: "
                f"spaCy's reader passes over a file whose name does not end in .spacy."
            )
        chosen = tuple(labels) if labels is not None else tuple(sorted(found))
        if labels is None and len(chosen) < self._fewest:
            raise OptionError(
                f"{self.name}: Found {len(chosen)} different {self._gold_labels} in the examples. "
                f"At least {self._fewest} are needed: annotate them, or leave {self.name} out of the pipeline."
            )
        self._check_labels(chosen)
        part = self._start(chosen, words, "xx" if nlp is None else str(nlp.lang))
        self._prepare(part, (example.predicted for example in get_examples()))
        self._take(chosen, part)
        if nlp is not None and not fresh:
            fill_license(nlp, self.model.attrs["encoder"])

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
        self._take(labels, None if part is None else self._grown(part, labels))
        return 1

    def _take(self, labels: Sequence[str], part: "Labeler | Classifier | None") -> None:
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
                raise OptionError(f"{self.name}: Found {label!r} as a label. A label is a text that is not empty.")

    def update(
        self,
        examples: Iterable[Example],
        *,
        drop: float = 0.0,
        sgd: Any = None,
        losses: dict[str, float] | None = None,
    ) -> dict[str, float]:
        """Learn from examples; without an optimizer, gradients add up and nothing is stepped.

        Missing gold annotation gives no gradient. What does not fit is counted in `repairs`, with a warning the first
        time.

        Args:
            examples: Docs with gold annotation.
            drop: The dropout rate.
            sgd: The optimizer that steps; without one, gradients add up.
            losses: The losses of the pipeline, to which this pipe's is added.

        Returns:
            The losses.

        Raises:
            DataError: For a label that is not among `labels`, and for categories that contradict each other.
        """
        examples = list(examples)
        validate_examples(examples, f"{type(self).__name__}.update")
        words = [words_of(example.predicted) for example in examples]
        gold = [self._gold(example, one) for example, one in zip(examples, words, strict=True)]
        if self.repairs and not self._warned:
            self._warned = True
            warnings.warn(
                f"{self.name}: some gold annotations cannot be learnt as they are; so far: {self.repairs}. `repairs` "
                f"of the pipe continues to count them.",
                stacklevel=2,
            )
        return self._step(words, gold, drop, sgd, losses)

    def rehearse(
        self,
        examples: Iterable[Example],
        *,
        drop: float = 0.0,
        sgd: Any = None,
        losses: dict[str, float] | None = None,
    ) -> dict[str, float]:
        """Learn what the model said of texts when `nlp.resume_training` was called, so that it is not forgotten.

        Its labels are taken as gold (pseudo-labels; Li and Hoiem 2016, "Learning without Forgetting").

        Args:
            examples: Docs.
            drop: The dropout rate.
            sgd: The optimizer that steps; without one, gradients add up.
            losses: The losses of the pipeline, to which this pipe's is added.

        Returns:
            The losses.
        """
        losses = {} if losses is None else losses
        if self._rehearsal_model is None:
            losses.setdefault(self.name, 0.0)
            return losses
        docs = [example.predicted for example in examples]
        gold = self._remembered(self._rehearsal_model, docs)
        return self._step([words_of(doc) for doc in docs], gold, drop, sgd, losses)

    def _step(
        self, words: Sequence[DocWords], gold: Sequence[Any], drop: float, sgd: Any, losses: dict[str, float] | None
    ) -> dict[str, float]:
        losses = {} if losses is None else losses
        losses[self.name] = losses.get(self.name, 0.0) + self._train(words, gold, drop)
        if sgd not in (None, False):
            self.finish_update(sgd)
        return losses

    def to_bytes(self, *, exclude: Iterable[str] = ()) -> bytes:
        """Pack the pipe's parts with their checksums.

        Args:
            exclude: The parts to leave out: `cfg`, `vocab`, `model`.

        Returns:
            The parts as MessagePack.
        """
        return with_checksums(super().to_bytes(exclude=exclude))

    def from_bytes(self, bytes_data: bytes, *, exclude: Iterable[str] = ()) -> Self:
        """Take what `to_bytes` packed.

        Args:
            bytes_data: The packed parts.
            exclude: The parts to leave as they are.

        Returns:
            This pipe.

        Raises:
            CheckpointError: If the bytes are damaged.
        """
        with refused_if_damaged(self.name):
            check_bytes(bytes_data, pipe=self.name, exclude=exclude)
            super().from_bytes(bytes_data, exclude=exclude)
        return self

    def to_disk(self, path: Path | str, *, exclude: Iterable[str] = ()) -> None:
        """Write the pipe's parts and their checksums to a folder.

        Args:
            path: The folder.
            exclude: The parts to leave out: `cfg`, `vocab`, `model`.
        """
        super().to_disk(path, exclude=exclude)
        write_checksums(Path(path))

    def from_disk(self, path: Path | str, *, exclude: Iterable[str] = ()) -> Self:
        """Load what `to_disk` wrote.

        Args:
            path: The folder.
            exclude: The parts to leave as they are.

        Returns:
            This pipe.

        Raises:
            CheckpointError: If a file is missing or damaged.
        """
        with refused_if_damaged(self.name):
            check_files(Path(path), pipe=self.name, exclude=exclude)
            super().from_disk(path, exclude=exclude)
        return self

    def _part(self) -> "Labeler | Classifier":
        part = shim.shim_of(self.model).part
        if part is None:
            raise OptionError(f"{self.name}: is not trained yet. Call nlp.initialize, or load a trained pipeline.")
        return part

    def _start(self, labels: Sequence[str], words: Iterable[str], language: str) -> "Labeler | Classifier":
        """Fresh layers for some labels."""
        raise NotImplementedError

    def _prepare(self, part: "Labeler | Classifier", docs: Iterable[Doc]) -> None:
        """Let fresh layers look at the Docs that they will learn from; most need not."""

    def _grown(self, part: "Labeler | Classifier", labels: Sequence[str]) -> "Labeler | Classifier":
        """The same layers with some labels."""
        raise NotImplementedError

    def _labels_in(self, reference: Doc) -> Iterable[str]:
        """The labels of a gold Doc."""
        raise NotImplementedError

    def _gold(self, example: Example, words: DocWords) -> Any:
        """The gold labels of an example."""
        raise NotImplementedError

    def _train(self, words: Sequence[DocWords], gold: Sequence[Any], drop: float) -> float:
        """Add up gradients; the loss."""
        raise NotImplementedError

    def _remembered(self, model: Model[list[Doc], Any], docs: list[Doc]) -> Sequence[Any]:
        """As gold, what an earlier model says."""
        raise NotImplementedError


def _labeler_in(part: "Labeler | Classifier | None") -> Labeler:
    assert isinstance(part, Labeler)
    return part


class WordLabeler(TrainableLabeler):
    """The shared part of the tagger and NER: one head that tags words."""

    def _head(self, labels: Sequence[str]) -> HeadConfig:
        raise NotImplementedError

    def _labeler(self) -> Labeler:
        return _labeler_in(self._part())

    def _tag_set(self) -> TagSet:
        return self._labeler().tag_sets[0]

    def _start(self, labels: Sequence[str], words: Iterable[str], language: str) -> Labeler:
        return learning.start_labeler(self.model, [self._head(labels)], words=words, language=language)

    def _grown(self, part: "Labeler | Classifier", labels: Sequence[str]) -> Labeler:
        return learning.with_heads(_labeler_in(part), [self._head(labels)])

    def _train(self, words: Sequence[DocWords], gold: Sequence[npt.NDArray[np.int64]], drop: float) -> float:
        return learning.train_tags(self._labeler(), words, gold, drop)

    def _remembered(self, model: Model[list[Doc], Any], docs: list[Doc]) -> list[npt.NDArray[np.int64]]:
        before = _labeler_in(shim.shim_of(model).part).tag_sets[0].tags
        places = {tag: number for number, tag in enumerate(self._tag_set().tags)}
        numbers = np.array([places.get(tag, MISSING) for tag in before])
        return [numbers[found.ids] for found in model.predict(docs)]

    def _ids(self, tags: Iterable[str | None]) -> npt.NDArray[np.int64]:
        places = {tag: number for number, tag in enumerate(self._tag_set().tags)}
        try:
            return np.array([MISSING if tag is None else places[tag] for tag in tags], dtype=np.int64)
        except KeyError as error:
            raise DataError(
                f"{self.name}: Found the gold tag {error.args[0]!r}, which is not among the {len(self.labels)} labels. "
                f"Correct it, or initialise with it."
            ) from None


LABELER_MODEL = {
    "@architectures": "seqlabel.RecurrentLabeler.v1",
    "encoder": "en",
    "hidden": 128,
    "word_dropout": 0.2,
    "lower_rate": 0.3,
}


CHECKSUMS = "checksums.json"
"""The file, and the key in bytes, that has the SHA-256 of each part."""
PARTS = ("cfg", "vocab", "model")
"""The files that spaCy writes for a trainable pipe; the vocabulary is a folder on disk."""


@contextmanager
def refused_if_damaged(pipe: str) -> Iterator[None]:
    """Raise `CheckpointError` for whatever fails inside a context that loads a pipe.

    Args:
        pipe: The name of the pipe, for the error.

    Yields:
        Nothing.

    Raises:
        CheckpointError: If something fails.
    """
    try:
        yield
    except CheckpointError:
        raise
    # The errors of spaCy, thinc, MessagePack and JSON for damaged data have no class in common that is narrower.
    except Exception as error:
        raise CheckpointError(
            f"{pipe}: Found data that cannot be loaded ({type(error).__name__}). Load what was saved, with the config "
            f"it was saved with."
        ) from error


def with_checksums(data: bytes) -> bytes:
    """Add checksums to a pipe's bytes.

    Args:
        data: The parts, as spaCy's `to_bytes` packs them.

    Returns:
        The same parts and their checksums, as MessagePack.
    """
    parts = srsly.msgpack_loads(data)
    packed: bytes = srsly.msgpack_dumps({CHECKSUMS: {name: _digest(part) for name, part in parts.items()}, **parts})
    return packed


def check_bytes(data: bytes, *, pipe: str, exclude: Iterable[str]) -> None:
    """Compare a pipe's bytes with their checksums.

    Args:
        data: The result of `with_checksums`.
        pipe: The name of the pipe, for errors.
        exclude: The parts that are not loaded.

    Raises:
        CheckpointError: If a part is missing or differs.
    """
    parts = srsly.msgpack_loads(data)
    if not isinstance(parts, dict) or CHECKSUMS not in parts:
        raise CheckpointError(f"{pipe}: Found {len(data):,} bytes that are not those of a pipe. Load what was saved.")
    _compare(parts[CHECKSUMS], lambda name: _digest(parts[name]) if name in parts else None, pipe=pipe, exclude=exclude)


def write_checksums(folder: Path) -> None:
    """Write the checksums of a pipe's files beside them.

    Args:
        folder: The pipe's folder.
    """
    files = [file for part in PARTS for file in (folder / part, *sorted((folder / part).rglob("*"))) if file.is_file()]
    srsly.write_json(folder / CHECKSUMS, {file.relative_to(folder).as_posix(): _file_digest(file) for file in files})


def check_files(folder: Path, *, pipe: str, exclude: Iterable[str]) -> None:
    """Compare a pipe's files with their checksums.

    Args:
        folder: The pipe's folder.
        pipe: The name of the pipe, for errors.
        exclude: The parts that are not loaded.

    Raises:
        CheckpointError: If a file is missing or differs.
    """
    if not (folder / CHECKSUMS).is_file():
        raise CheckpointError(f"{pipe}: Found no {CHECKSUMS} in {folder}. Load what was saved.")
    checksums = srsly.read_json(folder / CHECKSUMS)
    _compare(checksums, lambda name: _file_digest(folder / name), pipe=pipe, exclude=exclude)


def _compare(checksums: Any, digest: Callable[[str], str | None], *, pipe: str, exclude: Iterable[str]) -> None:
    excluded = set(exclude)
    for name, expected in checksums.items():
        part = name.split("/")[0]
        if part not in PARTS:
            raise CheckpointError(f"{pipe}: Found damaged checksums. Load what was saved.")
        if part not in excluded and digest(name) != expected:
            raise CheckpointError(
                f"{pipe}: Found that {name!r} is missing or is not what was saved. Copy or save the pipe again."
            )


def _digest(part: str | bytes) -> str:
    return hashlib.sha256(part.encode() if isinstance(part, str) else part).hexdigest()


def _file_digest(file: Path) -> str | None:
    return _digest(file.read_bytes()) if file.is_file() else None
