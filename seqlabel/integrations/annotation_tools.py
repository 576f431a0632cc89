"""Answers to annotation tools, as JSON: Label Studio's ML backend, doccano's custom REST request;
not their addresses.

Nothing is kept of what annotators correct. Label Studio counts offsets in units of UTF-16, as
browsers do, doccano in characters; both are half-open.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from xml.etree import ElementTree

from seqlabel.documents.document import Document
from seqlabel.errors import DataError
from seqlabel.formats.jsonl import all_spans, best_category
from seqlabel.formats.label_studio import results_of
from seqlabel.integrations.presidio_api import check_keys
from seqlabel.models.choosing import priorities_of
from seqlabel.models.tagging.labeler import Labeler
from seqlabel.privacy.finding.finder import LAYER, PrivateFinder

MODEL_VERSION = "seqlabel"
"""The version that Label Studio keeps with predictions."""


@dataclass(frozen=True)
class ServedModel:
    """A model as annotation tools ask it.

    Args:
        labeler: The labeler.
        finder: What finds private data with it, by rules too; None for a labeler of other labels.
    """

    labeler: Labeler
    finder: PrivateFinder | None = None

    def label(self, texts: list[str]) -> list[Document]:
        """Label texts.

        Args:
            texts: The texts.

        Returns:
            A document for each.
        """
        return self.labeler(texts) if self.finder is None else self.finder(texts)


@dataclass(frozen=True)
class Interface:
    """The part of a project's labeling interface that predictions are for.

    Args:
        text: The key of the text in a task's data.
        spans: The names of the control `Labels` and of its text; None without one.
        labels: The labels of this control; an empty set for any.
        choices: The names of the control `Choices` and of its text; None without one.
        categories: The choices of this control; an empty set for any.
    """

    text: str = "text"
    spans: tuple[str, str] | None = ("label", "text")
    labels: frozenset[str] = frozenset()
    choices: tuple[str, str] | None = ("choice", "text")
    categories: frozenset[str] = frozenset()


def read_interface(config: object) -> Interface:
    """Read a project's labeling interface.

    Args:
        config: The XML; empty or None for the names of Label Studio's templates.

    Returns:
        The first `Labels` and the first `Choices` of the first `Text` that has one of these.

    Raises:
        DataError: It is not XML, or no text in it is labelled by one of these.
    """
    if config is None or config == "":
        return Interface()
    # Entities are refused: a few bytes of them can stand for gigabytes.
    if not isinstance(config, str) or "<!" in config.replace("<!--", ""):
        raise DataError(
            "label_config: expected XML without a document type. Send the project's labeling "
            "interface."
        )
    try:
        tree = ElementTree.fromstring(config)
    except (ElementTree.ParseError, ValueError):
        raise DataError(
            "label_config: it is not XML. Send the project's labeling interface."
        ) from None
    for text in tree.iter("Text"):
        name = text.get("name", "")
        spans, labels = _control(tree, "Labels", "Label", name)
        choices, categories = _control(tree, "Choices", "Choice", name)
        if spans is not None or choices is not None:
            return Interface(
                text.get("value", "$text").removeprefix("$"), spans, labels, choices, categories
            )
    raise DataError(
        "label_config: no Text has Labels or Choices. Add one of these controls to the project."
    )


def _control(
    tree: ElementTree.Element, control: str, value: str, text: str
) -> tuple[tuple[str, str] | None, frozenset[str]]:
    for element in tree.iter(control):
        if element.get("toName") == text:
            values = frozenset(child.get("value", "") for child in element.iter(value))
            return (element.get("name", ""), text), values
    return None, frozenset()


def setup(asked: Mapping[str, Any]) -> dict[str, str]:
    """Answer Label Studio's `/setup`, by which it connects a project.

    Args:
        asked: The request, with the labeling interface as `schema`.

    Returns:
        The `model_version`.

    Raises:
        DataError: The labeling interface has no text that can be labelled.
    """
    read_interface(asked.get("schema"))
    return {"model_version": MODEL_VERSION}


def predict(
    model: Labeler | ServedModel, asked: Mapping[str, Any], *, most_texts: int
) -> dict[str, Any]:
    """Answer Label Studio's `/predict`.

    Args:
        model: The labeler, or the model that is served.
        asked: The request: `tasks`, each with `data`, and the project's `label_config`.
        most_texts: The most tasks.

    Returns:
        `results`, a prediction per task, and the `model_version`. The lower a prediction's score,
        the earlier `seqlabel next` would choose its text from these tasks. Labels that the project
        does not have are left out, since Label Studio refuses them.

    Raises:
        DataError: The tasks or the interface are not as Label Studio sends them.
    """
    served = model if isinstance(model, ServedModel) else ServedModel(model)
    interface = read_interface(asked.get("label_config"))
    tasks = asked.get("tasks")
    if not isinstance(tasks, list):
        raise DataError("tasks: expected a list of tasks. Send one, as Label Studio does.")
    if len(tasks) > most_texts:
        raise DataError(f"tasks: got {len(tasks):,} tasks. Send at most {most_texts:,} at once.")
    texts = [_text_of(task, number, interface) for number, task in enumerate(tasks, 1)]
    documents = served.label(texts)
    layer = None if served.finder is None else LAYER
    priorities = priorities_of(served.labeler, documents, layer=layer)
    predictions = []
    for document, priority in zip(documents, priorities, strict=True):
        # From 0 to 1 with the text to label first lowest: Label Studio sorts by it.
        score = round(1 / (1 + priority), 4)
        predictions.append(
            {"result": _kept(document, interface), "score": score, "model_version": MODEL_VERSION}
        )
    return {"results": predictions, "model_version": MODEL_VERSION}


def _text_of(task: object, number: int, interface: Interface) -> str:
    """The text of a task of Label Studio, under the key that the interface names."""
    data = task.get("data") if isinstance(task, dict) else None
    text = data.get(interface.text) if isinstance(data, dict) else None
    if not isinstance(text, str):
        # The key is from the interface; those of the task may be private.
        raise DataError(
            f"tasks: task {number} has no text in its data under {interface.text!r}. Send the "
            "text itself, not a URL."
        )
    return text


def _kept(document: Document, interface: Interface) -> list[dict[str, Any]]:
    """The results whose labels the project has."""
    results = results_of(document, spans=interface.spans, choices=interface.choices)
    allowed = {"labels": interface.labels, "choices": interface.categories}
    kept = []
    for result in results:
        kind = result["type"]
        if not allowed[kind] or allowed[kind].issuperset(result["value"][kind]):
            kept.append(result)
    return kept


def doccano(model: Labeler | ServedModel, asked: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Answer doccano's custom REST request.

    Args:
        model: The labeler, or the model that is served.
        asked: The request, with one `text`.

    Returns:
        The labels as doccano's mapping template is to give them: for a labeler of spans `label`,
        `start_offset` and `end_offset` of each, for one of documents the `label`.

    Raises:
        DataError: `text` is not a string.
        OptionError: The request has other keys, or the model labels each word.
    """
    check_keys(asked, ("text",), "/doccano")
    text = asked.get("text")
    if not isinstance(text, str):
        raise DataError(
            'text: expected a string. Send {"text": "{{ text }}"} as the body of doccano\'s '
            "request."
        )
    served = model if isinstance(model, ServedModel) else ServedModel(model)
    (document,) = served.label([text])
    spans = all_spans(document)
    if not document.spans:
        return [{"label": label} for label in best_category(document)]
    return [
        {"label": span.label, "start_offset": span.start, "end_offset": span.end} for span in spans
    ]
