"""The card of a trained model: a README.md with the metadata that Hugging Face reads; scores come
from a report.
"""

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from seqlabel.cli.options import Task
from seqlabel.cli.training_options import PretrainSettings, Run, TrainSettings
from seqlabel.commands.record import hash_of, versions
from seqlabel.documents.document import Document
from seqlabel.formats.parts import Parts
from seqlabel.models.cards import find_card
from seqlabel.models.folders import shipped_models
from seqlabel.models.hub import PREFIX
from seqlabel.reports.cards import Scored, fill_card, main_figures, model_index, score_table
from seqlabel.reports.metadata import (
    front_matter,
    join_licenses,
    license_metadata,
    license_of,
    read_metadata,
)
from seqlabel.reports.report import Report
from seqlabel.scores.items import labels_at

_RARE = 20
_MOST_FILES = 50


@dataclass(frozen=True)
class Base:
    """What a model was trained on from.

    Args:
        shown: Its folder or name, without the folders of the machine; None where the model began
            from nothing.
        model: The nearest model that others can find: the name of one that ships, or `user/name` on
            the Hub.
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
        return cls(
            _shown(Path(on)) if not named else on,
            None if model is None else str(model),
            license_of(card),
        )


@dataclass(frozen=True)
class CardScores:
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


def card_of(settings: TrainSettings, parts: Parts, measured: CardScores) -> str:
    """Return the card of a model.

    Args:
        settings: The options of `seqlabel train`; the model is in their output folder.
        parts: The documents of the training.
        measured: Its scores.

    Returns:
        The card, in Markdown.
    """
    model = settings.target / "model"
    task = settings.task
    part = measured.part
    report = measured.report
    counts = Counter(
        span.label for document in parts.train for span in labels_at(document, parts.layers[0])
    )
    kind = "text-classification" if task is Task.DOCUMENT else "token-classification"
    paths = {"train": settings.train, "dev": settings.dev, "test": settings.test}
    unlabelled = settings.unlabelled or []
    hashes = _hashes([*filter(None, paths.values()), *unlabelled])
    file = paths.get(part) or settings.train
    scored = Scored(
        f"{part} of {file.name}", main_figures(report), sha256=hashes[file], seed=settings.run.seed
    )
    base = Base.of(settings.base)
    begun = "from nothing" if base.shown is None else f"on `{base.shown}`"
    if unlabelled:
        names = ", ".join(path.name for path in unlabelled)
        teachers = settings.teachers
        taught = f", and on {names}, as most of {teachers} labelers with other seeds labelled it"
        begun += taught if teachers else f", which first read {names} without labels"
    rare = [label for label, count in counts.items() if count < _RARE]
    size = sum(path.stat().st_size for path in model.iterdir())
    values = {
        **_about(
            kind,
            kind,
            settings.run,
            base,
            {"model-index": model_index(settings.target.name, kind, [scored])},
        ),
        "called": settings.target.name,
        "units": {Task.DOCUMENT: "documents", Task.SPANS: "spans of words"}.get(task, "words"),
        "begun": begun,
        "few": _RARE,
        "rare": sorted(rare),
        "options": settings,
        "parts": parts,
        "hashes": hashes,
        "counts": counts,
        "megabytes": size / 1e6,
        "model": json.dumps(_shown(model)),
        "language": json.dumps(settings.run.language),
        "measured": measured,
        "scores": score_table(report, measured.pairs),
    }
    return fill_card("model_card.md", values)


def _about(
    pipeline: str,
    tag: str,
    run: Run,
    base: Base,
    more: Mapping[str, object] | None = None,
) -> dict[str, object]:
    """Return what both cards say: metadata, origin, licence and versions."""
    source = run.source
    license = run.license
    joined = join_licenses(license or "", base.license)
    metadata = {
        "library_name": "seqlabel",
        "pipeline_tag": pipeline,
        "language": [run.language],
        **license_metadata(joined),
        "base_model": base.model,
        "tags": ["seqlabel", "gru", tag],
        **(more or {}),
    }
    if source is None and license is None:
        origin = (
            "Their source and licence were not stated. Ask those who trained the model before "
            "you pass it on."
        )
    else:
        origin = (
            "Their source was not stated. "
            if source is None
            else f"Source: {source.strip().rstrip('.')}. "
        )
        origin += (
            "Their licence was not stated." if license is None else f"Licence: {license.strip()}."
        )
    rights = []
    if base.license:
        rights.append(
            f"`{base.shown}`, which the model was trained on from, is under "
            f"{join_licenses(base.license)}"
        )
    rights.append(
        "the licence of the data was not stated" if license is None else f"the data: {license}"
    )
    return {
        "head": front_matter(metadata),
        "origin": origin,
        "license": f"{joined}: {'; '.join(rights)}." if joined else "Not stated.",
        "versions": versions(),
    }


def _shown(path: Path) -> str:
    """Return a path as a card shows it: without the folders of the machine, which a published card
    would give away.
    """
    return "/".join(path.parts[-2:]) if path.is_absolute() else path.as_posix()


def _hashes(files: Iterable[Path]) -> dict[Path, str]:
    return {path: hash_of(path) for path in files}


def pretraining_card(
    settings: PretrainSettings, files: Sequence[Path], figures: Mapping[str, float]
) -> str:
    """Return the card of an encoder.

    Args:
        settings: The options of `seqlabel pretrain`.
        files: The texts.
        figures: The measurements of `seqlabel pretrain`.

    Returns:
        The card, in Markdown.
    """
    base = Base.of(settings.on)
    values = {
        **_about("text-generation", "language-model", settings.run, base),
        "called": settings.output.name,
        "begun": f"trained on from `{base.shown}`" if base.shown else "trained from nothing",
        "seed": settings.run.seed,
        "model": _shown(settings.output),
        "figures": figures,
        "hashes": _hashes(files[:_MOST_FILES]),
        "more": len(files) - _MOST_FILES,
    }
    return fill_card("encoder_card.md", values)
