"""What annotators correct, kept in a folder, and the model trained on it while it serves; no
addresses.

A correction is in the file before it is answered, so a server that is killed loses none. Each
training begins with the model that was given and reads all corrections but every fifth, which is
held out: the new model is served only where it labels those at least as well as the one before.
"""

import json
import threading
from collections.abc import Callable, Mapping
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

from seqlabel.documents.document import Document
from seqlabel.documents.label_sets import LabelSet, Unit
from seqlabel.documents.spans import CharacterSpan
from seqlabel.documents.tag_sets import TagSet
from seqlabel.errors import DataError, OptionError, SeqlabelError
from seqlabel.formats.label_studio import read_annotation
from seqlabel.formats.reading import ReadOptions, check_place, check_text, with_category, with_spans
from seqlabel.integrations.annotation_tools import Interface, ServedModel, read_interface, text_of
from seqlabel.io.files import PRIVATE_MODE, read_json, write_file, write_json
from seqlabel.io.folders import make_folder, settle_folder
from seqlabel.models.folders import ModelKind, StoredModel
from seqlabel.models.tagging.labeler import Labeler
from seqlabel.names import LateModule
from seqlabel.privacy.finding.finder import PrivateFinder

if TYPE_CHECKING:
    from seqlabel.models import fine_tuning, measuring
    from seqlabel.training import progress
else:
    fine_tuning = LateModule("seqlabel.models.fine_tuning")
    measuring = LateModule("seqlabel.models.measuring")
    progress = LateModule("seqlabel.training.progress")

FEWEST = 20
"""The corrected texts that a training needs."""
_ONE_HELD_OUT_OF = 5
_ONE_CHANGED_OF = 10
"""A training begins when one in this many corrections is new or has changed since the last one."""
_KEEPING = ("ANNOTATION_CREATED", "ANNOTATION_UPDATED", "ANNOTATIONS_CREATED")

Row = dict[str, Any]


class Corrections:
    """The corrected texts, one line of JSON each, in a file that `seqlabel train spans` reads too.

    Every change writes the file again, whole, so that there is always the old one or the new one.

    Args:
        path: The file; it is made with the first correction, and only its owner may read it.

    Raises:
        DataError: A line of the file is not one of these.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._rows: dict[str, Row] = {}
        content = path.read_text(encoding="utf-8") if path.exists() else ""
        for number, line in enumerate(content.splitlines(), 1):
            try:
                row = json.loads(line)
                self._rows[row["task"]] = row
            except (ValueError, KeyError, TypeError, RecursionError):
                raise DataError(
                    f"{path}, line {number}: expected a correction that the service wrote. "
                    "Restore the file."
                ) from None

    def __len__(self) -> int:
        return len(self._rows)

    @property
    def rows(self) -> list[Row]:
        """The corrections, in the order in which their texts were first corrected."""
        return list(self._rows.values())

    @property
    def digest(self) -> str:
        """A checksum of all corrections."""
        return sha256(self._content()).hexdigest()

    def keep(self, rows: list[Row]) -> None:
        """Write corrections to the file, each in place of an earlier one of its text.

        Args:
            rows: The corrections; those of new texts are marked as held out where it is their turn.
        """
        for row in rows:
            before = self._rows.get(row["task"])
            is_held_out = len(self._rows) % _ONE_HELD_OUT_OF == _ONE_HELD_OUT_OF - 1
            row["held_out"] = is_held_out if before is None else before["held_out"]
            self._rows[row["task"]] = row
        self._write()

    def remove(self, project: str, annotations: list[int]) -> int:
        """Remove corrections from the file.

        Args:
            project: The project.
            annotations: The numbers of its annotations that were deleted.

        Returns:
            How many corrections were removed.
        """
        gone = [
            task
            for task, row in self._rows.items()
            if task.startswith(f"{project}/") and row["annotation"] in annotations
        ]
        for task in gone:
            del self._rows[task]
        if gone:
            self._write()
        return len(gone)

    def _write(self) -> None:
        write_file(self._path, self._content(), mode=PRIVATE_MODE)

    def _content(self) -> bytes:
        return "".join(
            f"{json.dumps(row, ensure_ascii=False)}\n" for row in self._rows.values()
        ).encode()


class LearningModel:
    """A model that learns from the corrections that Label Studio sends, in a thread, while it
    serves.

    Args:
        base: The folder of the labeler with which each training begins, or the name of one that
            ships.
        folder: Where `corrections.jsonl`, the trained `model` and `trained.json` are kept.
        find: Makes what finds private data with a labeler; None for labelers of other labels.
        report: Takes a line about each training, without text.
        fewest: The corrected texts that a training needs.

    Raises:
        DataError: `corrections.jsonl` or `trained.json` is damaged.
        MissingPackageError: torch is not installed.
        OptionError: The folder was begun with another model.
    """

    def __init__(
        self,
        base: Path | str,
        folder: Path,
        *,
        find: Callable[[Labeler], PrivateFinder] | None = None,
        report: Callable[[str], None] = lambda line: None,
        fewest: int = FEWEST,
    ) -> None:
        # By its folder, so that its weights are not in memory twice.
        self._base = base
        stored = StoredModel(base, ModelKind.LABELER)
        self._base_weights = stored.sha256
        self._folder = make_folder(folder)
        self._find = find
        self._report = report
        self._fewest = fewest
        self._state = folder / "trained.json"
        self._model = folder / "model"
        self.corrections = Corrections(folder / "corrections.jsonl")
        # Here, so that a missing torch is reported before anything is served.
        self._fine_tune = fine_tuning.fine_tune

        settle_folder(self._model)
        state = (
            read_json(self._state)
            if self._state.exists()
            else {"base": stored.sha256, "corrections": ""}
        )
        if not isinstance(state, dict) or state.get("base") != stored.sha256:
            raise OptionError(
                f"{folder}: expected a folder of corrections of {stored.folder}, got one that was "
                "begun with another model. Serve that model, or give another folder."
            )
        self._served = self._serve(self._model if self._model.exists() else base)

        self._changed = threading.Condition()
        self._new = 0
        self._is_due = (
            state.get("corrections") != self.corrections.digest and len(self.corrections) >= fewest
        )
        self._is_training = False
        self._is_closed = False
        # A thread that ends with the process: what it was training is trained again by the next
        # one.
        self._thread = threading.Thread(target=self._work, daemon=True)
        self._thread.start()

    @property
    def served(self) -> ServedModel:
        """The model that answers now."""
        return self._served

    def hear(self, asked: Mapping[str, Any]) -> dict[str, Any]:
        """Answer Label Studio's `/webhook`: keep or remove corrections, and train when it is time.

        Args:
            asked: The event, with its payload.

        Returns:
            The number of `corrections`, whether a training is `due`, and the `model_version`.

        Raises:
            DataError: The event has no text with labels that this model can learn.
        """
        action = asked.get("action")
        rows = self._rows_of(asked) if action in _KEEPING else []
        with self._changed:
            if rows:
                self.corrections.keep(rows)
                self._new += len(rows)
            elif action == "ANNOTATIONS_DELETED":
                self._new += self.corrections.remove(_project_of(asked), _numbers_of(asked))
            enough = len(self.corrections) >= self._fewest
            often_enough = self._new * _ONE_CHANGED_OF >= len(self.corrections)
            if enough and (action == "START_TRAINING" or (self._new and often_enough)):
                self._is_due = True
                self._changed.notify_all()
            return {
                "corrections": len(self.corrections),
                "due": self._is_due or self._is_training,
                "model_version": self._served.version,
            }

    def wait(self, timeout: float | None = None) -> bool:
        """Wait until no training is due.

        Args:
            timeout: The most seconds; None for no limit.

        Returns:
            Whether none is due.
        """
        with self._changed:
            return self._changed.wait_for(lambda: not (self._is_due or self._is_training), timeout)

    def close(self) -> None:
        """End the thread after the training that it is at."""
        with self._changed:
            self._is_closed = True
            self._changed.notify_all()
        self._thread.join()

    def _rows_of(self, asked: Mapping[str, Any]) -> list[Row]:
        """The corrections of an event; of one about several annotations, each has its task."""
        project = asked.get("project")
        annotations = asked.get("annotation")
        tasks = asked.get("task")
        interface = read_interface(
            project.get("label_config") if isinstance(project, dict) else None
        )
        if not isinstance(annotations, list):
            annotations = [annotations]
            tasks = [tasks]
        if not isinstance(tasks, list) or len(tasks) != len(annotations):
            raise DataError(
                "task: expected the task of each annotation. Let Label Studio send the payload."
            )
        rows = []
        for annotation, task in zip(annotations, tasks, strict=True):
            row = self._row(_project_of(asked), annotation, task, interface)
            if row is not None:
                rows.append(row)
        return rows

    def _row(
        self, project: str, annotation: object, task: object, interface: Interface
    ) -> Row | None:
        text = text_of(task, "task: it", interface)
        check_text(text, "task")
        controls = [
            control[0] for control in (interface.spans, interface.choices) if control is not None
        ]
        read = read_annotation(annotation, text, "annotation", controls=controls)
        if read is None:
            return None
        spans, choices = read
        assert isinstance(annotation, dict)
        assert isinstance(task, dict)
        row: Row = {
            "task": f"{project}/{task.get('id')}",
            "annotation": annotation.get("id"),
            "text": text,
            "spans": [[span.start, span.end, span.label] for span in spans],
        }
        if choices:
            row["category"] = choices[0]
        # A correction that cannot be learnt is refused before it is kept.
        self._document(row, self._served.labeler)
        return row

    def _document(self, row: Row, labeler: Labeler) -> Document:
        """A correction with the layers of a labeler; a span of an unknown label is in its first
        layer of spans.
        """
        document = labeler.tokenize(row["text"])
        spans = [CharacterSpan(*span) for span in row["spans"]]
        for span in spans:
            check_place(span, len(row["text"]), "annotation")
        layers = _span_layers(labeler)
        if spans and not layers:
            raise DataError(
                "annotation: it has spans, and this model labels documents. Use Choices in the "
                "project."
            )
        known = frozenset(label for layer in layers for label in layer.labels)
        for number, layer in enumerate(layers):
            own = [
                span
                for span in spans
                if span.label in layer.labels or (number == 0 and span.label not in known)
            ]
            options = ReadOptions(tokenize=labeler.tokenize, layer=layer.layer)
            document = with_spans(document, own, "annotation", options)
        categories = [tag_set for tag_set in labeler.tag_sets if tag_set.unit is Unit.DOCUMENT]
        if "category" in row and categories:
            options = ReadOptions(layer=categories[0].layer, labels=categories[0].labels)
            document = with_category(document, row["category"], "annotation", options)
        return document

    def _work(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._is_due or self._is_closed)
                if self._is_closed:
                    return
                rows = self.corrections.rows
                digest = self.corrections.digest
                self._is_due = False
                self._is_training = True
                self._new = 0
            try:
                line = self._train(rows, digest)
            except SeqlabelError as error:
                line = f"not trained on {len(rows):,} corrections: {error}"
            except Exception as error:
                # Its message could hold text.
                line = f"not trained on {len(rows):,} corrections ({type(error).__name__})"
            self._report(line)
            with self._changed:
                self._is_training = False
                self._changed.notify_all()

    def _train(self, rows: list[Row], digest: str) -> str:
        """Train on corrections, and serve the new model where it is at least as good on those held
        out.
        """
        labeler = Labeler.load(self._base)
        layers = _span_layers(labeler)
        if layers:
            known = frozenset(label for layer in layers for label in layer.labels)
            labels = {span[2] for row in rows for span in row["spans"]}
            if labels - known:
                labeler = labeler.with_labels(sorted(labels - known), layer=layers[0].layer)
        train = [self._document(row, labeler) for row in rows if not row["held_out"]]
        held_out = [self._document(row, labeler) for row in rows if row["held_out"]]
        # Only labelers of documents choose their epoch on held-out texts.
        chosen_on = (
            held_out if any(tag_set.unit is Unit.DOCUMENT for tag_set in labeler.tag_sets) else []
        )
        self._fine_tune(labeler, train, chosen_on, display=progress.Display.SILENT)

        score = partial(measuring.score_layers, held_out, tag_sets=labeler.tag_sets)
        before = score(self._served.labeler(held_out))
        after = score(labeler(held_out))
        compared = f"{before:.1%} → {after:.1%} on {len(held_out):,} held out"
        if after >= before:
            labeler.save(self._model)
            self._served = self._serve(self._model)
            line = (
                f"trained on {len(train):,} corrections, {compared}: serving {self._served.version}"
            )
        else:
            line = (
                f"trained on {len(train):,} corrections, {compared}: still serving "
                f"{self._served.version}"
            )
        # Last, so that a training which was killed begins again.
        write_json(
            self._state, {"base": self._base_weights, "corrections": digest}, mode=PRIVATE_MODE
        )
        return line

    def _serve(self, folder: Path | str) -> ServedModel:
        stored = StoredModel(folder, ModelKind.LABELER)
        labeler = Labeler.load(stored)
        finder = None if self._find is None else self._find(labeler)
        return ServedModel(labeler, finder, version_of(stored))


def version_of(stored: StoredModel) -> str:
    """Name a stored model by its weights.

    Args:
        stored: The model.

    Returns:
        The version that Label Studio keeps with its predictions; other weights have another one.
    """
    return f"seqlabel-{stored.sha256[:12]}"


def _span_layers(labeler: Labeler) -> list[LabelSet]:
    return [
        tag_set
        for tag_set in labeler.tag_sets
        if isinstance(tag_set, TagSet) and tag_set.scheme is not None
    ]


def _project_of(asked: Mapping[str, Any]) -> str:
    project = asked.get("project")
    return str(project.get("id")) if isinstance(project, dict) else ""


def _numbers_of(asked: Mapping[str, Any]) -> list[int]:
    """The numbers of deleted annotations, of which Label Studio sends nothing else."""
    annotations = asked.get("annotations")
    if not isinstance(annotations, list):
        raise DataError(
            "annotations: expected a list of deleted annotations. Let Label Studio send the "
            "payload."
        )
    return [
        annotation["id"]
        for annotation in annotations
        if isinstance(annotation, dict) and isinstance(annotation.get("id"), int)
    ]
