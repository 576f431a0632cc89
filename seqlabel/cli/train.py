"""The subcommand `seqlabel train`: from labelled files to a saved labeler or classifier, with its scores and a card."""

import json
import shutil
from dataclasses import asdict, dataclass
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Annotated

import typer

from seqlabel.cli.console import messages, note, say, say_if_nothing_to_resume
from seqlabel.cli.options import (
    Columns,
    Json,
    Language,
    Layer,
    License,
    Quiet,
    Resume,
    Source,
    Task,
)
from seqlabel.cli.settings import Compact, Device, Seed, options_of
from seqlabel.errors import OptionError

if TYPE_CHECKING:
    from seqlabel.formats.parts import Parts
    from seqlabel.models.trained import Trained
    from seqlabel.reports.report import Report
    from seqlabel.training.progress import EpochReport


_CHECKPOINTS = "training"
_ENCODER = "encoder"
"""The folder of an encoder that has read text without labels, in the output folder."""
_NOT_RECORDED = ("resume", "quiet", "as_json")
"""Options that say how a run is done, and not what comes of it."""


@dataclass(frozen=True, kw_only=True)
class Settings:
    """The options of the command."""

    task: Annotated[
        Task, typer.Argument(help="tags: a label per word; spans: labelled runs of words; document: a label per text.")
    ]
    train: Annotated[
        Path,
        typer.Argument(
            help="Labelled file to train on. Given alone, it is split into parts to train on, choose on and measure on."
        ),
    ]
    dev: Annotated[Path | None, typer.Option(help="File to choose the best epoch on.")] = None
    test: Annotated[Path | None, typer.Option(help="File to measure on.")] = None
    output: Annotated[Path | None, typer.Option("--output", "-o", help="Folder to write. Default: output/TASK.")] = None
    on: Annotated[
        str,
        typer.Option(
            "--on",
            "--encoder",
            help="Folder or name of what is trained: an encoder, or an earlier labeler, which learns new labels too; "
            "its layers learn at a lower rate and in fewer passes, so that it forgets less. none: train from scratch.",
        ),
    ] = "en"
    unlabelled: Annotated[
        list[Path] | None,
        typer.Option(
            help="Text without labels that the encoder reads first, of the kind that is to be labelled: a UTF-8 text "
            "file, or a folder of .txt files. Repeatable."
        ),
    ] = None
    layer: Layer = None
    columns: Columns
    language: Language = "en"
    epochs: Annotated[int | None, typer.Option(min=1, help="Passes. Default: by the size of the data.")] = None
    seed: Seed = 0
    device: Device = "auto"
    source: Source = None
    license: License = None
    compact: Compact = False
    resume: Resume = False
    quiet: Quiet = False
    as_json: Json = False

    @property
    def target(self) -> Path:
        """The output folder."""
        return self.output or Path("output") / self.task.value

    @property
    def silent(self) -> bool:
        """Whether no progress is shown."""
        return self.quiet or self.as_json


def train(settings: Settings) -> None:
    """Train a labeler of words or spans, or a classifier of documents.

    The output folder gets the model (`model`), its scores (`metrics.json`), a card (`README.md`), and the options that
    repeat the run (`train.toml`, for `--config`).
    """
    checkpoint = settings.target / _CHECKPOINTS / "last"
    with messages(quiet=settings.quiet, checkpoint=checkpoint):
        from seqlabel.cli.data import Reading, read_task
        from seqlabel.cli.scoring import report_of
        from seqlabel.io.folders import make_folder
        from seqlabel.text.tokenisers import Tokeniser
        from seqlabel.training.devices import choose_device

        # Now, not after the data were read.
        choose_device(settings.device)
        texts = _texts_to_read(settings)
        make_folder(settings.target)
        if settings.resume:
            say_if_nothing_to_resume(checkpoint)
        elif (settings.target / "model").is_dir():
            earlier_model = settings.target / "model"
            say(f"{earlier_model}: an earlier model, which this training replaces. Another --output keeps it.")
        earlier = _begun_from(settings.on)
        tokenise = Tokeniser(settings.language) if earlier is None else earlier.tokenise
        layer = settings.layer if earlier is None else _layer_to_train(earlier, settings)
        reading = Reading(settings.task, tokenise, layer, settings.columns)
        parts = read_task(settings.train, settings.dev, settings.test, reading, seed=settings.seed)
        # What cannot be scored is refused now, not after the training.
        report_of([(one, one) for one in parts.test or parts.dev], settings.task, parts.layers[0])
        model = _new_model(settings, parts, texts) if earlier is None else _with_new_labels(earlier, parts)
        passes = _learn(model, settings, parts)
        measured, report = _save(settings, model, passes, parts)
        _show(settings, parts, measured, report)


def _texts_to_read(settings: Settings) -> list[Path]:
    """Return the files that the encoder reads first. Raises `OptionError` where there is no encoder that could."""
    from seqlabel.cli.loading import has_labels
    from seqlabel.cli.plain_text import plain_files

    if not settings.unlabelled:
        return []
    if settings.on == "none" or has_labels(settings.on):
        raise OptionError(f"--unlabelled: It is read by an encoder, and --on is {settings.on}. Give one such as en.")
    return plain_files(settings.unlabelled)


def _begun_from(on: str) -> "Trained | None":
    """Return the model that is trained further; None for an encoder and for nothing."""
    from seqlabel.cli.loading import has_labels, load

    return load(on) if on != "none" and has_labels(on) else None


def _show(settings: Settings, parts: "Parts", measured: str, report: "Report") -> None:
    """Print the scores of a model, as JSON or with the lines that load it."""
    from seqlabel.cli.scoring import figures

    model = settings.target / "model"
    if settings.as_json:
        print(json.dumps({"model": str(model), "measured_on": measured, **figures(report)}, ensure_ascii=False))
    else:
        print(f"\nScores on {measured}, {len(parts.test or parts.dev):,} documents:\n\n{report}\n")
        print(_how_to_load(settings.task, model))


def _save(settings: Settings, model: "Trained", passes: "list[EpochReport]", parts: "Parts") -> "tuple[str, Report]":
    """Write the model, its scores, the options and a card in place of checkpoints; return the part scored, and how."""
    from seqlabel.cli.card import Measured, card_of
    from seqlabel.cli.record import RECORD, write_record
    from seqlabel.cli.scoring import METRICS, figures, report_of
    from seqlabel.io.files import write_json

    target = settings.target
    model.save(target / "model", compact=settings.compact)
    known = {one for document in parts.train for one in document.words}
    measured = "test" if parts.test else "dev"
    gold = parts.test or parts.dev
    pairs = list(zip(gold, model(gold), strict=True))
    # A second time: the first one computes the features of words, which are kept, and a small file has little else.
    begun = perf_counter()
    for _ in model(gold):
        pass
    speed = sum(map(len, gold)) / (perf_counter() - begun)
    report = report_of(pairs, settings.task, parts.layers[0], known=known)
    options = {name: value for name, value in options_of(settings).items() if name not in _NOT_RECORDED}
    options["output"] = target
    data = (settings.train, settings.dev, settings.test, *(settings.unlabelled or ()))
    write_record(target / RECORD, options, filter(None, data))
    scores = {"measured_on": measured, **figures(report), "words_per_second": round(speed)}
    write_json(target / METRICS, {**scores, "epochs": [asdict(one) for one in passes]})
    card = card_of(target / "model", options, parts, Measured(measured, pairs, report, speed))
    (target / "README.md").write_text(card, encoding="utf-8")
    if (target / _CHECKPOINTS).is_dir():
        shutil.rmtree(target / _CHECKPOINTS)
    return measured, report


def _layer_to_train(model: "Trained", settings: Settings) -> str:
    """Return the layer of an earlier model that is trained further. Raises `OptionError` where it has none."""
    from seqlabel.cli.loading import layers_of

    task, name = settings.task, settings.on
    fitting = [one for one, (of, _) in layers_of(model).items() if of is task and settings.layer in (None, one)]
    if not fitting:
        found = ", ".join(f"{one} ({of})" for one, (of, _) in layers_of(model).items())
        raise OptionError(f"--on: {name} has the layers {found}; none fits the task {task}. Choose another model.")
    if len(fitting) > 1:
        note(f"{name}: its layer {fitting[0]} is trained; --layer chooses another: {', '.join(fitting[1:])}")
    return fitting[0]


def _learn(model: "Trained", settings: Settings, parts: "Parts") -> "list[EpochReport]":
    """Train a model; it has the weights of the best epoch after that. Return all epochs."""
    from seqlabel.cli.loading import layers_of
    from seqlabel.formats.parts import with_known_labels
    from seqlabel.models.fine_tuning import (
        continuing_epochs,
        continuing_options,
        document_epochs,
        document_options,
        fine_tune,
        tagging_epochs,
        tagging_options,
    )
    from seqlabel.models.tagging.labeler import Labeler
    from seqlabel.training.progress import Display

    count, seed, device = len(parts.train), settings.seed, settings.device
    if settings.task is Task.DOCUMENT:
        options = document_options(settings.epochs or document_epochs(count), seed=seed, device=device)
    elif isinstance(model, Labeler) and model.trained:
        options = continuing_options(settings.epochs or continuing_epochs(count), seed=seed, device=device)
    else:
        passes, pretrained = settings.epochs or tagging_epochs(count), settings.on != "none"
        options = tagging_options(passes, pretrained=pretrained, seed=seed, device=device)
    display = Display.SILENT if settings.silent else Display.AUTO
    _, known = layers_of(model)[parts.layers[0]]
    dev = with_known_labels(parts.dev, parts.layers[0], known)
    folder, resume = settings.target / _CHECKPOINTS, settings.resume
    return fine_tune(model, parts.train, dev, options=options, folder=folder, resume=resume, display=display)


def _new_model(settings: Settings, parts: "Parts", texts: list[Path]) -> "Trained":
    """Return a classifier or a labeler with fresh heads, on an encoder or on nothing."""
    from seqlabel.formats.parts import labels_in, labels_of
    from seqlabel.models.classifier import Classifier
    from seqlabel.models.language_model import LanguageModel, WordLanguageModel, load_language_model
    from seqlabel.models.tagging.labeler import Labeler

    below: WordLanguageModel | LanguageModel
    if settings.on == "none":
        known = sorted({word for document in parts.train for word in document.words})
        below = WordLanguageModel.fresh(known, seed=settings.seed)
    else:
        below = load_language_model(_adapted(settings, texts) if texts else settings.on)
    layer = parts.layers[0]
    if settings.task is Task.DOCUMENT:
        labels = sorted({label for document in parts.train for label in labels_in(document, layer) or ()})
        return Classifier.on(below, labels, layer=layer, language=settings.language, seed=settings.seed)
    return Labeler.on(below, [labels_of(parts.train, layer, "train")], language=settings.language, seed=settings.seed)


def _adapted(settings: Settings, texts: list[Path]) -> Path:
    """Let the encoder read texts, and return its folder; a training that is resumed takes the one that has."""
    from seqlabel.cli.plain_text import plain_words
    from seqlabel.documents.document import Document
    from seqlabel.models.adapting import AdaptingOptions, adapt
    from seqlabel.training.checkpoints import new_checkpoint
    from seqlabel.training.progress import Display

    place = settings.target / _ENCODER
    if settings.resume and place.is_dir() and (settings.target / _CHECKPOINTS / "last").is_dir():
        return place
    documents = map(Document.from_words, plain_words(texts, settings.language, silent=settings.silent))
    options = AdaptingOptions(seed=settings.seed, device=settings.device)
    display = Display.SILENT if settings.silent else Display.AUTO
    encoder = adapt(settings.on, documents, language=settings.language, options=options, display=display)
    with new_checkpoint(place) as folder:
        encoder.save(folder)
    note(f"{place}: {settings.on}, which has read the unlabelled text; another training can begin --on it")
    return place


def _with_new_labels(model: "Trained", parts: "Parts") -> "Trained":
    """Return a labeler with the labels that the training documents have and it lacks."""
    from seqlabel.cli.loading import layers_of
    from seqlabel.formats.parts import labels_in
    from seqlabel.models.tagging.labeler import Labeler

    _, known = layers_of(model)[parts.layers[0]]
    found = {label for document in parts.train for label in labels_in(document, parts.layers[0]) or ()}
    new = sorted(found - set(known))
    if not new or not isinstance(model, Labeler):
        return model
    # At the low rates that keep what is known, from few sentences little is learnt that is not.
    better = "; most are new: from few documents a training --on en learns them better" if len(new) > len(known) else ""
    note(f"new labels: {', '.join(new)}, beside {len(known):,} that the labeler has{better}")
    return model.with_labels(new, layer=parts.layers[0])


def _how_to_load(task: Task, place: Path) -> str:
    """Return the lines that load a model in Python and in spaCy."""
    name = "Classifier" if task is Task.DOCUMENT else "Labeler"
    return "\n".join(
        (
            "To use it in Python, and in a spaCy pipeline:",
            "",
            f"    from seqlabel import {name}; model = {name}.load({place.as_posix()!r})",
            f'    nlp.add_pipe("seqlabel", config={{"model": {json.dumps(place.as_posix())}}})',
        )
    )
