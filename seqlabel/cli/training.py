"""From labelled files to a saved labeler, with its scores and a card, as the options of `train`
say.
"""

import json
import math
import random
import shutil
from copy import deepcopy
from dataclasses import asdict, replace
from pathlib import Path
from time import perf_counter
from typing import Any

from seqlabel.cli.card import CardScores, card_of
from seqlabel.cli.data import Reading, read_task
from seqlabel.cli.loading import has_labels, layers_of
from seqlabel.cli.options import Task
from seqlabel.cli.plain_text import plain_files, plain_words
from seqlabel.cli.scoring import figures, interval_lines
from seqlabel.cli.taught import Nearness, read_taught
from seqlabel.cli.training_options import TrainSettings
from seqlabel.commands.console import note, say, say_if_nothing_to_resume
from seqlabel.commands.record import RECORD, write_record
from seqlabel.commands.settings import options_of
from seqlabel.documents.document import Document
from seqlabel.documents.label_sets import LabelSet
from seqlabel.documents.tag_sets import FEW_SPANS, count_spans
from seqlabel.errors import OptionError
from seqlabel.formats.parts import (
    Parts,
    categories_of,
    labels_in,
    labels_of,
    relations_of,
    with_known_labels,
)
from seqlabel.io.files import write_json
from seqlabel.io.folders import output_folder
from seqlabel.models import adapting, fine_tuning
from seqlabel.models.folds import fine_tune_by_folds
from seqlabel.models.language_model import LanguageModel, WordLanguageModel, load_language_model
from seqlabel.models.mean_encoders import mean_encoder
from seqlabel.models.self_training import self_train
from seqlabel.models.tagging.labeler import Labeler
from seqlabel.models.trained import load_trained
from seqlabel.reports.report import Report
from seqlabel.text.tokenizers import Tokenizer
from seqlabel.training.checkpoints import highest_score, new_checkpoint
from seqlabel.training.loop import Precision, TrainingOptions
from seqlabel.training.processes import Processes
from seqlabel.training.progress import EpochReport

_ENCODER = "encoder"
"""The folder of an encoder that has read text without labels, in the output folder."""
_TAUGHT = "taught.jsonl"
"""The file of the output folder that keeps what a teacher said."""
_TEACHERS = 3
"""The number of teachers that label text for a training on few spans: from 100 sentences names gain
3.3 points of F1, those of posts 2.5 (docs/trials.md).
"""
_PIECE_WORDS = 500
_MOST_PIECES = 400
"""The words of a piece of text that teachers label, and the number of pieces at most."""
_Pairs = list[tuple[Document, Document]]
_PRECISIONS = {precision.name.lower(): precision for precision in Precision}
_NOT_RECORDED = ("resume", "quiet", "as_json", "processes")
"""Options that say how a run is done, and not what comes of it."""


def train_model(settings: TrainSettings) -> None:
    """Train a model, and write and print what `train` says.

    Args:
        settings: The options of `train`.

    Raises:
        OptionError: The options do not fit together, or not the data.
        DataError: A file cannot be read, or cannot be learnt from.
    """
    _check_numbers(settings)
    processes = Processes.joined(settings.run.device)
    if processes.size > 1 and (settings.folds or settings.teachers):
        raise OptionError(
            "--processes: is not for trainings with --folds or --teachers. Leave one of them out."
        )
    if settings.on is None and settings.base != "en":
        note(
            f"en has read English only; using {settings.base}, which has read "
            f"{settings.run.language} too"
        )
    texts = _texts_to_read(settings)
    if settings.run.resume:
        say_if_nothing_to_resume(settings.checkpoint)
    elif (settings.target / "model").is_dir():
        earlier_model = settings.target / "model"
        say(
            f"{earlier_model}: an earlier model, which this training replaces. Another --output "
            "keeps it."
        )
    earlier = (
        load_trained(settings.base)
        if settings.base != "none" and has_labels(settings.base)
        else None
    )
    tokenize = Tokenizer(settings.run.language) if earlier is None else earlier.tokenize
    layer = settings.layer if earlier is None else _layer_to_train(earlier, settings)
    if (
        earlier is not None
        and settings.category is not None
        and settings.category not in earlier.config.layers
    ):
        raise OptionError(
            f"--category: {settings.base} has no layer {settings.category!r}. Train one --on an "
            "encoder."
        )
    reading = Reading(settings.task, tokenize, layer, settings.columns, settings.category)
    whole = settings.folds is not None
    taught = None
    if settings.teacher is None:
        parts = read_task(
            settings.train,
            settings.dev,
            settings.test,
            reading,
            seed=settings.run.seed,
            whole=whole,
        )
    else:
        kept = settings.target / _TAUGHT
        resume = settings.run.resume
        taught = read_taught(
            settings.teacher,
            settings.train,
            settings.test,
            reading,
            kept=kept,
            resume=resume,
            seed=settings.run.seed,
        )
        parts = taught.parts
    # What cannot be scored is refused now, not after the training.
    Report.of(
        [(document, document) for document in parts.test or parts.dev or parts.train],
        parts.layers[0],
    )
    settings = replace(settings, teachers=_teacher_count(settings, parts, processes))
    with output_folder(settings.target):
        if earlier is None:
            models = _new_models(settings, parts, texts)
        else:
            models = [_with_new_labels(earlier, parts)]
            models += [deepcopy(models[0]) for _ in range(settings.teachers or 0)]
        learning = parts if taught is None else replace(parts, train=taught.opened)
        passes, pairs = _learn(models, settings, learning, texts)
        if len(passes) < passes[-1].epochs:
            best = max(passes, key=highest_score).epoch
            note(
                f"stopped after {len(passes)} of {passes[-1].epochs} epochs: none was better on "
                f"dev than epoch {best}"
            )
        if processes.first:
            nearness = None if taught is None else taught.compare(models[0])
            _show(settings, _save(settings, models[0], passes, parts, pairs, nearness), nearness)


def _check_numbers(settings: TrainSettings) -> None:
    """Raise `OptionError` for a number of the training that is not allowed, before anything is
    written.
    """
    if settings.lr is not None and not 0 < settings.lr < math.inf:
        raise OptionError(
            f"--lr: expected a number above 0, got {settings.lr:g}. Pass one such as 0.004."
        )
    if settings.precision is not None and settings.precision not in _PRECISIONS:
        raise OptionError(
            f"--precision: expected {', '.join(_PRECISIONS)}, got {settings.precision!r}. Pass one "
            "of these."
        )


def _texts_to_read(settings: TrainSettings) -> list[Path]:
    """Return the files of text without labels. Raises `OptionError` where nothing reads them, or
    teachers lack them.
    """
    if settings.teacher is not None:
        if settings.task is not Task.SPANS:
            raise OptionError("--teacher: It labels spans. Choose the task spans, or leave it out.")
        if settings.dev or settings.folds or settings.teachers or settings.category:
            raise OptionError(
                "--teacher: It labels all but --test. Leave out --dev, --folds, --teachers, "
                "--category."
            )
    if settings.folds and (settings.dev or settings.teachers or settings.task is Task.DOCUMENT):
        raise OptionError(
            "--folds: It takes the place of --dev, for words and spans. Leave out --dev and "
            "--teachers."
        )
    if settings.teachers and settings.task is Task.DOCUMENT:
        raise OptionError(
            "--teachers: They label words and spans. Leave it out for the task document."
        )
    if settings.category is not None and (
        settings.task is not Task.SPANS or settings.teachers or settings.folds
    ):
        raise OptionError(
            "--category: It is for the task spans, without --teachers and --folds. Leave one of "
            "them out."
        )
    if settings.teachers and settings.batch_words is not None:
        raise OptionError(
            "--batch-words: is not for trainings with --teachers. Leave one of them out."
        )
    if settings.teachers and not settings.unlabelled:
        raise OptionError(
            "--teachers: They label text for the model to learn. Pass some with --unlabelled."
        )
    if settings.mean_with and (settings.base == "none" or has_labels(settings.base)):
        raise OptionError(
            "--mean-with: expected an encoder --on which the mean is built, got "
            f"{settings.base}. Pass one such as en."
        )
    if not settings.unlabelled:
        return []
    if not settings.teachers and (settings.base == "none" or has_labels(settings.base)):
        raise OptionError(
            f"--unlabelled: It is read by an encoder, and --on is {settings.base}. Pass one "
            "such as en, or --teachers."
        )
    return plain_files(settings.unlabelled)


def _teacher_count(settings: TrainSettings, parts: Parts, processes: Processes) -> int:
    """Return how many teachers label the text without labels, where the options leave it open."""
    if settings.teachers is not None:
        return settings.teachers
    excluded = settings.teacher or settings.folds or settings.category or settings.batch_words
    if settings.task is not Task.SPANS or not settings.unlabelled or excluded or processes.size > 1:
        return 0
    spans = sum(count_spans(document, parts.layers[0]) for document in parts.train)
    if spans >= FEW_SPANS:
        return 0
    note(
        f"{settings.train}: few labelled spans, {spans} to train on, so {_TEACHERS} teachers label "
        "the text too; --teachers 0 leaves them out"
    )
    return _TEACHERS


def _show(settings: TrainSettings, measured: CardScores, nearness: Nearness | None) -> None:
    """Print the scores of a model, as JSON or with the lines that load it."""
    model = settings.target / "model"
    report = measured.report
    if settings.run.as_json:
        values: dict[str, Any] = {
            "model": str(model),
            "measured_on": measured.part,
            **figures(measured.pairs, report),
        }
        if nearness is not None:
            values["teacher"] = asdict(nearness)
        print(json.dumps(values, ensure_ascii=False))
        return
    print(f"\nScores on {measured.part}, {len(measured.pairs):,} documents:\n\n{report}")
    print(interval_lines(measured.pairs, report), end="\n\n")
    if settings.category is not None:
        print(Report.of(measured.pairs, settings.category), end="\n\n")
    if nearness is not None:
        print(nearness.line(), end="\n\n")
    print("To use it in Python, and in a spaCy pipeline:\n")
    print(f"    from seqlabel import Labeler; model = Labeler.load({model.as_posix()!r})")
    print(f'    nlp.add_pipe("seqlabel", config={{"model": {json.dumps(model.as_posix())}}})')


def _save(
    settings: TrainSettings,
    model: Labeler,
    passes: list[EpochReport],
    parts: Parts,
    pairs: _Pairs,
    nearness: Nearness | None,
) -> CardScores:
    """Write the model, its scores, the options and a card in place of checkpoints; return the
    scores.
    """
    target = settings.target
    gold = parts.test or parts.dev or parts.train
    model.save(target / "model", compact=settings.compact)
    predicted = model(gold)
    pairs = pairs if gold is parts.train else list(zip(gold, predicted, strict=True))
    # A second time: the first one computes the features of words, which are kept, and a small file
    # has little else.
    begun = perf_counter()
    list(model(gold))
    speed = sum(map(len, gold)) / (perf_counter() - begun)
    known = (
        None
        if gold is parts.train
        else {word for document in parts.train for word in document.words}
    )
    report = Report.of(pairs, parts.layers[0], known=known)
    part = "test" if parts.test else "dev" if parts.dev else f"{settings.folds} folds"
    measured = CardScores(part, pairs, report, speed)
    options = {
        name: value for name, value in options_of(settings).items() if name not in _NOT_RECORDED
    }
    options |= {"output": target, "on": settings.base}
    data = (settings.train, settings.dev, settings.test, *(settings.unlabelled or ()))
    write_record(target / RECORD, options, filter(None, data))
    scores: dict[str, Any] = {
        "measured_on": measured.part,
        **figures(pairs, report),
        "words_per_second": round(speed),
    }
    if settings.category is not None:
        scores["category"] = figures(pairs, Report.of(pairs, settings.category))
    if nearness is not None:
        scores["teacher"] = asdict(nearness)
    write_json(target / "metrics.json", {**scores, "epochs": [asdict(report) for report in passes]})
    (target / "README.md").write_text(card_of(settings, parts, measured), encoding="utf-8")
    shutil.rmtree(settings.checkpoint, ignore_errors=True)
    return measured


def _layer_to_train(model: Labeler, settings: TrainSettings) -> str:
    """Return the layer of an earlier model that is trained further. Raises `OptionError` where it
    has none.
    """
    name = settings.base
    asked = f"--layer {settings.layer}" if settings.layer else f"the task {settings.task}"
    suited = [
        layer
        for layer, (of, _) in layers_of(model).items()
        if of is settings.task and settings.layer in (None, layer)
    ]
    if not suited:
        layers = ", ".join(f"{layer} ({of})" for layer, (of, _) in layers_of(model).items())
        raise OptionError(
            f"--on: {name} has the layers {layers}; none fits {asked}. Choose another model."
        )
    if len(suited) > 1:
        note(
            f"{name}: its layer {suited[0]} is trained; --layer chooses another: "
            f"{', '.join(suited[1:])}"
        )
    return suited[0]


def _learn(
    models: list[Labeler], settings: TrainSettings, parts: Parts, texts: list[Path]
) -> tuple[list[EpochReport], _Pairs]:
    """Train the first model, with the others as teachers; it has the weights of the best epoch
    after that.

    Returns all its epochs, and, of a cross-validation, each document with what a model of the
    others says of it.
    """
    count = len(parts.train)
    seed = settings.run.seed
    device = settings.run.device
    model, *teachers = models
    options = fine_tuning.options_for(
        model, count, epochs=settings.epochs, seed=seed, device=device
    )
    options = _with_numbers(options, settings)
    _, known = layers_of(model)[parts.layers[0]]
    dev = with_known_labels(parts.dev, parts.layers[0], known)
    if settings.category is not None:
        categories = layers_of(model)[settings.category][1]
        dev = [
            document
            for document in dev
            if (labels_in(document, settings.category) or set()) <= set(categories)
        ]
    folder = settings.checkpoint
    resume = settings.run.resume
    display = settings.run.display
    if settings.folds:
        note(
            f"{settings.folds} folds are trained first, then the model on all: "
            f"{settings.folds + 1} trainings"
        )
        reports, pairs = fine_tune_by_folds(
            model,
            parts.train,
            folds=settings.folds,
            options=options,
            words=settings.batch_words,
            folder=folder,
            resume=resume,
            display=display,
        )
        note(f"cross-validation chose {len(reports)} of {options.epochs} passes over all documents")
        return reports, pairs
    if teachers:
        taught = _drawn(texts, model, settings)
        note(f"{len(teachers)} teachers are trained first, then the model: {len(models)} trainings")
        return self_train(
            model,
            teachers,
            parts.train,
            taught,
            dev,
            options=options,
            folder=folder,
            resume=resume,
            display=display,
        ), []
    reports = fine_tuning.fine_tune(
        model,
        parts.train,
        dev,
        options=options,
        words=settings.batch_words,
        folder=folder,
        resume=resume,
        display=display,
    )
    return reports, []


def _with_numbers(options: TrainingOptions, settings: TrainSettings) -> TrainingOptions:
    """Return the numbers of a training with those that the user named in place of the usual
    ones.
    """
    if settings.lr is not None:
        options = replace(options, schedule=replace(options.schedule, max_lr=settings.lr))
    options = replace(options, accumulation=settings.run.accumulation)
    if settings.patience is not None:
        options = replace(options, patience=settings.patience)
    if settings.precision is not None:
        options = replace(options, precision=_PRECISIONS[settings.precision])
    return options


def _drawn(texts: list[Path], model: Labeler, settings: TrainSettings) -> list[Document]:
    """Draw pieces of text without labels, in a model's words, so that long text does not make the
    training long.
    """
    draw = random.Random(settings.run.seed)
    drawn: list[list[str]] = []
    count = total = 0
    for words in plain_words(texts, model.tokenize, display=settings.run.display):
        for start in range(0, len(words), _PIECE_WORDS):
            count = count + 1
            total = total + len(words[start : start + _PIECE_WORDS])
            # A reservoir: each piece stays with the same chance.
            index = len(drawn) if len(drawn) < _MOST_PIECES else draw.randrange(count)
            drawn[index : index + 1] = (
                [words[start : start + _PIECE_WORDS]] if index < _MOST_PIECES else []
            )
    if count > _MOST_PIECES:
        note(
            f"{sum(map(len, drawn)):,} of {total:,} words without labels are labelled by "
            "teachers, drawn by chance"
        )
    return list(map(Document.from_words, drawn))


def _new_models(settings: TrainSettings, parts: Parts, texts: list[Path]) -> list[Labeler]:
    """Return a labeler with fresh heads, on an encoder or on nothing, and its teachers."""
    below: WordLanguageModel | LanguageModel
    if settings.base == "none":
        known = sorted({word for document in parts.train for word in document.words})
        below = WordLanguageModel.fresh(known, seed=settings.run.seed)
    else:
        below = load_language_model(_adapted(settings, texts)) if texts else _encoder(settings)
    layer = parts.layers[0]
    language = settings.run.language
    heads: list[LabelSet]
    if settings.task is Task.TREES:
        heads = [relations_of(parts.train, layer, settings.train)]
    elif settings.task is Task.DOCUMENT:
        heads = [categories_of(parts.train, layer, settings.train)]
    else:
        heads = [labels_of(parts.train, layer, settings.train)]
    if settings.category is not None:
        heads.append(categories_of(parts.train, settings.category, settings.train))
    seeds = range(settings.run.seed, settings.run.seed + 1 + (settings.teachers or 0))
    return [Labeler.on(below, heads, language=language, seed=seed) for seed in seeds]


def _encoder(settings: TrainSettings) -> WordLanguageModel | LanguageModel:
    """Return the encoder that the options name, or its mean with those of other models."""
    if settings.mean_with:
        return mean_encoder(settings.base, settings.mean_with)
    return load_language_model(settings.base)


def _adapted(settings: TrainSettings, texts: list[Path]) -> Path:
    """Let the encoder read texts, and return its folder; a training that is resumed takes the one
    that has.
    """
    target = settings.target / _ENCODER
    if settings.run.resume and target.is_dir() and settings.checkpoint.is_dir():
        return target
    language = settings.run.language
    display = settings.run.display
    base = mean_encoder(settings.base, settings.mean_with) if settings.mean_with else settings.base
    documents = map(Document.from_words, plain_words(texts, Tokenizer(language), display=display))
    options = adapting.AdaptingOptions(
        seed=settings.run.seed, device=settings.run.device, accumulation=settings.run.accumulation
    )
    encoder = adapting.adapt(base, documents, language=language, options=options, display=display)
    processes = Processes.joined(settings.run.device)
    if processes.first:
        with new_checkpoint(target) as folder:
            encoder.save(folder)
    processes.wait()
    note(
        f"{target}: {settings.base}, which has read the unlabelled text; another training can "
        "begin --on it"
    )
    return target


def _with_new_labels(model: Labeler, parts: Parts) -> Labeler:
    """Return a labeler with the labels that the training documents have and it lacks."""
    _, known = layers_of(model)[parts.layers[0]]
    labels = {
        label for document in parts.train for label in labels_in(document, parts.layers[0]) or ()
    }
    new = sorted(labels - set(known))
    if not new:
        return model
    # At the low rates that keep what is known, from few sentences little is learnt that is not.
    better = (
        "; most are new: from few documents a training --on en learns them better"
        if len(new) > len(known)
        else ""
    )
    note(f"new labels: {', '.join(new)}, besides {len(known):,} that the labeler has{better}")
    return model.with_labels(new, layer=parts.layers[0])
