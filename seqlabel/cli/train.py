"""The subcommand `seqlabel train`: from labelled files to a saved labeler or classifier, with its scores and a card."""

import json
import random
import shutil
from copy import deepcopy
from dataclasses import asdict, dataclass
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Annotated

import typer

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
from seqlabel.commands.console import messages, note, say, say_if_nothing_to_resume
from seqlabel.commands.settings import Compact, Device, Seed, options_of
from seqlabel.errors import OptionError

if TYPE_CHECKING:
    from seqlabel.documents.document import Document
    from seqlabel.formats.parts import Parts
    from seqlabel.models.trained import Trained
    from seqlabel.reports.report import Report
    from seqlabel.training.progress import EpochReport


_CHECKPOINTS = "training"
_ENCODER = "encoder"
"""The folder of an encoder that has read text without labels, in the output folder."""
_PIECE_WORDS, _MOST_PIECES = 500, 400
"""The words of a piece of text that teachers label, and the number of pieces at most."""
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
        str | None,
        typer.Option(
            "--on",
            "--encoder",
            help="Folder or name of what is trained: an encoder, or an earlier labeler, which learns new labels too; "
            "its layers learn at a lower rate and in fewer passes, so that it forgets less. none: train from scratch.",
            show_default="en, or eu for a language that eu has read",
        ),
    ] = None
    unlabelled: Annotated[
        list[Path] | None,
        typer.Option(
            help="Text without labels, of the kind that is to be labelled, which the encoder reads first, and which "
            "--teachers label: a UTF-8 text file, or a folder of .txt files. Repeatable."
        ),
    ] = None
    teachers: Annotated[
        int,
        typer.Option(
            min=0,
            help="Train this number of labelers with other seeds first, such as 3. The model then learns from the text "
            "of --unlabelled too, with the labels that most of them give.",
        ),
    ] = 0
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
    def base(self) -> str:
        """What is trained: as `on` says, or the encoder that has read the language."""
        from seqlabel.models.folders import EUROPE_LANGUAGES, shipped_models

        european = self.language in EUROPE_LANGUAGES and "eu" in shipped_models()
        return self.on or ("eu" if european else "en")

    @property
    def silent(self) -> bool:
        """Whether no progress is shown."""
        return self.quiet or self.as_json


def train(settings: Settings) -> None:
    """Train a labeler of words or spans, or a classifier of documents.

    The output folder gets the model (`model`), its scores (`metrics.json`), a card (`README.md`), and the options that
    repeat the run (`train.toml`, for `--config`).
    """
    checkpoint = settings.target / _CHECKPOINTS
    with messages(quiet=settings.quiet, checkpoint=checkpoint):
        from seqlabel.cli.data import Reading, read_task
        from seqlabel.cli.scoring import report_of
        from seqlabel.io.folders import make_folder
        from seqlabel.text.tokenisers import Tokeniser
        from seqlabel.training.devices import choose_device

        # Now, not after the data were read.
        choose_device(settings.device)
        if settings.on is None and settings.base != "en":
            note(f"en has read English only; using {settings.base}, which has read {settings.language} too")
        texts = _texts_to_read(settings)
        make_folder(settings.target)
        if settings.resume:
            say_if_nothing_to_resume(checkpoint)
        elif (settings.target / "model").is_dir():
            earlier_model = settings.target / "model"
            say(f"{earlier_model}: an earlier model, which this training replaces. Another --output keeps it.")
        earlier = _begun_from(settings.base)
        tokenise = Tokeniser(settings.language) if earlier is None else earlier.tokenise
        layer = settings.layer if earlier is None else _layer_to_train(earlier, settings)
        reading = Reading(settings.task, tokenise, layer, settings.columns)
        parts = read_task(settings.train, settings.dev, settings.test, reading, seed=settings.seed)
        # What cannot be scored is refused now, not after the training.
        report_of([(one, one) for one in parts.test or parts.dev], settings.task, parts.layers[0])
        if earlier is None:
            models = _new_models(settings, parts, texts)
        else:
            models = [_with_new_labels(earlier, parts)]
            models += [deepcopy(models[0]) for _ in range(settings.teachers)]
        passes = _learn(models, settings, parts, texts)
        model = models[0]
        measured, report = _save(settings, model, passes, parts)
        _show(settings, parts, measured, report)


def _texts_to_read(settings: Settings) -> list[Path]:
    """Return the files of text without labels. Raises `OptionError` where nothing reads them, or teachers lack them."""
    from seqlabel.cli.loading import has_labels
    from seqlabel.cli.plain_text import plain_files

    if settings.teachers and settings.task is Task.DOCUMENT:
        raise OptionError("--teachers: They label words and spans. Leave it out for the task document.")
    if settings.teachers and not settings.unlabelled:
        raise OptionError("--teachers: They label text for the model to learn. Give some with --unlabelled.")
    if not settings.unlabelled:
        return []
    if not settings.teachers and (settings.base == "none" or has_labels(settings.base)):
        raise OptionError(
            f"--unlabelled: It is read by an encoder, and --on is {settings.base}. Give one such as en, or --teachers."
        )
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
    from seqlabel.cli.scoring import METRICS, figures, report_of
    from seqlabel.commands.record import RECORD, write_record
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
    options |= {"output": target, "on": settings.base}
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

    task, name = settings.task, settings.base
    fitting = [one for one, (of, _) in layers_of(model).items() if of is task and settings.layer in (None, one)]
    if not fitting:
        found = ", ".join(f"{one} ({of})" for one, (of, _) in layers_of(model).items())
        raise OptionError(f"--on: {name} has the layers {found}; none fits the task {task}. Choose another model.")
    if len(fitting) > 1:
        note(f"{name}: its layer {fitting[0]} is trained; --layer chooses another: {', '.join(fitting[1:])}")
    return fitting[0]


def _learn(models: "list[Trained]", settings: Settings, parts: "Parts", texts: list[Path]) -> "list[EpochReport]":
    """Train the first model, with the others as teachers; it has the weights of the best epoch after that.

    Returns all its epochs.
    """
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
    from seqlabel.models.self_training import self_train
    from seqlabel.models.tagging.labeler import Labeler
    from seqlabel.training.progress import Display

    count, seed, device = len(parts.train), settings.seed, settings.device
    model, *teachers = models
    if settings.task is Task.DOCUMENT:
        options = document_options(settings.epochs or document_epochs(count), seed=seed, device=device)
    elif isinstance(model, Labeler) and model.trained:
        options = continuing_options(settings.epochs or continuing_epochs(count), seed=seed, device=device)
    else:
        passes, pretrained = settings.epochs or tagging_epochs(count), settings.base != "none"
        options = tagging_options(passes, pretrained=pretrained, seed=seed, device=device)
    display = Display.SILENT if settings.silent else Display.AUTO
    _, known = layers_of(model)[parts.layers[0]]
    dev = with_known_labels(parts.dev, parts.layers[0], known)
    folder, resume = settings.target / _CHECKPOINTS, settings.resume
    if isinstance(model, Labeler) and teachers:
        taught, others = _drawn(texts, model, settings), [one for one in teachers if isinstance(one, Labeler)]
        note(f"{len(others)} teachers are trained first, then the model: {len(models)} trainings")
        return self_train(
            model, others, parts.train, taught, dev, options=options, folder=folder, resume=resume, display=display
        )
    return fine_tune(model, parts.train, dev, options=options, folder=folder, resume=resume, display=display)


def _drawn(texts: list[Path], model: "Trained", settings: Settings) -> "list[Document]":
    """Draw pieces of text without labels, in a model's words, so that long text does not make the training long."""
    from seqlabel.cli.plain_text import plain_words
    from seqlabel.documents.document import Document

    draw = random.Random(settings.seed)
    drawn: list[list[str]] = []
    count = total = 0
    for words in plain_words(texts, model.tokenise, silent=settings.silent):
        for start in range(0, len(words), _PIECE_WORDS):
            count, total = count + 1, total + len(words[start : start + _PIECE_WORDS])
            # A reservoir: each piece stays with the same chance.
            place = len(drawn) if len(drawn) < _MOST_PIECES else draw.randrange(count)
            drawn[place : place + 1] = [words[start : start + _PIECE_WORDS]] if place < _MOST_PIECES else []
    if count > _MOST_PIECES:
        note(f"{sum(map(len, drawn)):,} of {total:,} words without labels are labelled by teachers, drawn by chance")
    return list(map(Document.from_words, drawn))


def _new_models(settings: Settings, parts: "Parts", texts: list[Path]) -> "list[Trained]":
    """Return a classifier or a labeler with fresh heads, on an encoder or on nothing, and its teachers."""
    from seqlabel.formats.parts import labels_in, labels_of
    from seqlabel.models.classifier import Classifier
    from seqlabel.models.language_model import LanguageModel, WordLanguageModel, load_language_model
    from seqlabel.models.tagging.labeler import Labeler

    below: WordLanguageModel | LanguageModel
    if settings.base == "none":
        known = sorted({word for document in parts.train for word in document.words})
        below = WordLanguageModel.fresh(known, seed=settings.seed)
    else:
        below = load_language_model(_adapted(settings, texts) if texts else settings.base)
    layer, language = parts.layers[0], settings.language
    if settings.task is Task.DOCUMENT:
        labels = sorted({label for document in parts.train for label in labels_in(document, layer) or ()})
        return [Classifier.on(below, labels, layer=layer, language=language, seed=settings.seed)]
    heads = [labels_of(parts.train, layer, "train")]
    seeds = range(settings.seed, settings.seed + 1 + settings.teachers)
    return [Labeler.on(below, heads, language=language, seed=seed) for seed in seeds]


def _adapted(settings: Settings, texts: list[Path]) -> Path:
    """Let the encoder read texts, and return its folder; a training that is resumed takes the one that has."""
    from seqlabel.cli.plain_text import plain_words
    from seqlabel.documents.document import Document
    from seqlabel.models.adapting import AdaptingOptions, adapt
    from seqlabel.text.tokenisers import Tokeniser
    from seqlabel.training.checkpoints import new_checkpoint
    from seqlabel.training.progress import Display

    place = settings.target / _ENCODER
    if settings.resume and place.is_dir() and (settings.target / _CHECKPOINTS).is_dir():
        return place
    blocks = plain_words(texts, Tokeniser(settings.language), silent=settings.silent)
    documents = map(Document.from_words, blocks)
    options = AdaptingOptions(seed=settings.seed, device=settings.device)
    display = Display.SILENT if settings.silent else Display.AUTO
    encoder = adapt(settings.base, documents, language=settings.language, options=options, display=display)
    with new_checkpoint(place) as folder:
        encoder.save(folder)
    note(f"{place}: {settings.base}, which has read the unlabelled text; another training can begin --on it")
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
