"""The card of a trained model: a README.md with the metadata that Hugging Face reads; scores come from a report."""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from seqlabel.commands.record import hash_of, versions
from seqlabel.documents.document import Document
from seqlabel.formats.parts import Parts, labels_in
from seqlabel.models.cards import find_card
from seqlabel.models.folders import shipped_models
from seqlabel.models.hub import PREFIX
from seqlabel.reports.cards import Scored, fill_card, main_figures, model_index, score_table
from seqlabel.reports.metadata import front_matter, join_licenses, license_metadata, license_of, read_metadata
from seqlabel.reports.report import Report

_TASKS = {"tags": "token-classification", "spans": "token-classification", "document": "text-classification"}
_RARE = 20


@dataclass(frozen=True)
class Base:
    """What a model was trained on from.

    Args:
        shown: Its folder or name, without the folders of the machine; None where the model began from nothing.
        model: The nearest model that others can find: the name of one that ships, or `user/name` on the Hub.
        license: Its licence, which the model shares; empty where it has none or it is not known.
    """

    shown: str | None = None
    model: str | None = None
    license: str = ""

    @classmethod
    def of(cls, on: str | None) -> "Base":
        """Describe a model that others were trained on from.

        Args:
            on: Its folder or name; None or `none` for nothing.

        Returns:
            What its card says.
        """
        if on is None or on == "none":
            return cls()
        card = find_card(on)
        named = on in shipped_models() or on.startswith(PREFIX)
        model = on.removeprefix(PREFIX) if named else read_metadata(card).get("base_model")
        return cls(_shown(Path(on)) if not named else on, None if model is None else str(model), license_of(card))


@dataclass(frozen=True)
class Origin:
    """What only the user knows of the data.

    Args:
        source: Where they come from, a sentence; None where it was not given.
        license: Their licence, which the model shares; None where it was not given.
    """

    source: str | None
    license: str | None

    def __str__(self) -> str:
        if self.source is None and self.license is None:
            return "Their source and licence were not stated. Ask whoever trained the model before you pass it on."
        source = "Their source was not stated" if self.source is None else f"Source: {self.source.strip().rstrip('.')}"
        license = "Their licence was not stated" if self.license is None else f"Licence: {self.license.strip()}"
        return f"{source}. {license}."


@dataclass(frozen=True)
class Measured:
    """The scores of a model.

    Args:
        part: The part of the data that was scored: test or dev.
        pairs: Its documents, gold and predicted.
        report: The scores.
        speed: The words that were labelled in a second.
    """

    part: str
    pairs: Sequence[tuple[Document, Document]]
    report: Report
    speed: float


def card_of(model: Path, options: Mapping[str, Any], parts: Parts, measured: Measured) -> str:
    """Return the card of a model.

    Args:
        model: Its folder.
        options: The options of `seqlabel train`.
        parts: The documents of the training.
        measured: Its scores.

    Returns:
        The card, in Markdown.
    """
    task, part, report = str(options["task"]), measured.part, measured.report
    counts = Counter(label for one in parts.train for label in _labels(one, parts.layers[0]))
    megabytes = sum(path.stat().st_size for path in model.iterdir()) / 1e6
    called = Path(str(options["output"])).name
    name = "Classifier" if task == "document" else "Labeler"
    paths = {one: Path(str(options[one])) for one in ("train", "dev", "test") if options[one] is not None}
    unlabelled = options["unlabelled"] or ()
    hashes = {path: hash_of(path) for path in (*paths.values(), *unlabelled)}
    file = paths.get(part, paths["train"])
    found = Scored(f"{part} of {file.name}", main_figures(report), sha256=hashes[file], seed=int(str(options["seed"])))
    figures = model_index(called, _TASKS[task], [found])
    origin = Origin(*(None if options[one] is None else str(options[one]) for one in ("source", "license")))
    base = Base.of(str(options["on"]))
    head = _head(_TASKS[task], _TASKS[task], options["language"], origin, base, {"model-index": figures})
    units = "documents" if task == "document" else "words" if task == "tags" else "spans of words"
    begun = "from nothing" if base.shown is None else f"on `{base.shown}`"
    if unlabelled:
        names, teachers = ", ".join(path.name for path in unlabelled), options["teachers"]
        taught = f", and on {names}, as most of {teachers} labelers with other seeds labelled it"
        begun += taught if teachers else f", which first read {names} without labels"
    rare = sorted(label for label, count in counts.items() if count < _RARE)
    texts = {"head": head, "called": called, "units": units, "begun": begun, "few": _RARE, "rare": rare}
    rights = {"origin": origin, "license": _license(origin, base), "versions": versions()}
    data = {"options": options, "parts": parts, "hashes": hashes, "counts": counts, "megabytes": megabytes}
    code = {"name": name, "model": json.dumps(_shown(model)), "language": json.dumps(options["language"])}
    scored = {"measured": measured, "scores": score_table(report, measured.pairs)}
    return fill_card("model_card.md", {**texts, **rights, **data, **code, **scored})


def _license(origin: Origin, base: Base) -> str:
    """Return what a card says on the licence of a model."""
    joined = join_licenses(origin.license or "", base.license)
    if not joined:
        return "Not stated."
    parts = []
    if base.license:
        parts.append(f"`{base.shown}`, which the model was trained on from, is under {join_licenses(base.license)}")
    parts.append("the licence of the data was not stated" if origin.license is None else f"the data: {origin.license}")
    return f"{joined}: {'; '.join(parts)}."


def _head(
    pipeline: str, tag: str, language: object, origin: Origin, base: Base, more: Mapping[str, object] | None = None
) -> str:
    """Return the metadata of a card."""
    about = {
        "library_name": "seqlabel",
        "pipeline_tag": pipeline,
        "language": [language],
        **license_metadata(join_licenses(origin.license or "", base.license)),
        "base_model": base.model,
        "tags": ["seqlabel", "gru", tag],
    }
    return front_matter({**about, **(more or {})})


def _shown(path: Path) -> str:
    """Return a path as a card shows it: without the folders of the machine, which a published card would give away."""
    return "/".join(path.parts[-2:]) if path.is_absolute() else path.as_posix()


def _labels(document: Document, layer: str) -> list[str]:
    """Return every label of a document's layer, as often as it is there."""
    if layer in document.spans:
        return [span.label for span in document.spans[layer].spans]
    if layer in document.tags:
        return [label for label in document.tags[layer].labels if label is not None]
    return sorted(labels_in(document, layer) or ())


_MOST_FILES = 50


def pretraining_card(
    output: Path,
    files: Sequence[Path],
    figures: Mapping[str, float],
    origin: Origin,
    *,
    language: str,
    seed: int,
    on: str | None,
) -> str:
    """Return the card of an encoder.

    Args:
        output: The output folder of the training.
        files: The texts.
        figures: The measurements of `seqlabel pretrain`.
        origin: Where the texts come from.
        language: spaCy's code of the language.
        seed: The seed.
        on: The encoder that went on with the texts; None for a new one.

    Returns:
        The card, in Markdown.
    """
    base = Base.of(on)
    begun = f"trained on from `{base.shown}`" if base.shown else "trained from nothing"
    head = _head("text-generation", "language-model", language, origin, base)
    texts = {"head": head, "called": output.name, "begun": begun, "seed": seed, "model": _shown(output)}
    rights = {"origin": origin, "license": _license(origin, base), "versions": versions()}
    hashes = {path: hash_of(path) for path in files[:_MOST_FILES]}
    data = {"figures": figures, "hashes": hashes, "more": len(files) - _MOST_FILES}
    return fill_card("encoder_card.md", {**texts, **rights, **data})
