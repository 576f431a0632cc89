"""The subcommand `seqlabel label`: what a model finds in texts, in every form of `seqlabel.formats`, or in colours."""

import json
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from functools import reduce
from itertools import chain, tee
from operator import and_
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Annotated, Any

import typer

from seqlabel.cli.options import Encoding, Model, Quiet
from seqlabel.cli.unread import RecordReports
from seqlabel.cli.writing import output_format
from seqlabel.commands.console import Status, exit_status, messages, note, say, stdin, stdout
from seqlabel.errors import OptionError
from seqlabel.io.text_files import UTF_8

if TYPE_CHECKING:
    from seqlabel.cli.texts import TextReader
    from seqlabel.documents.document import Document
    from seqlabel.formats.format import Format, Labelled, Text
    from seqlabel.models.trained import Trained

_JOURNAL_SECONDS = 0.5
"""How long texts are labelled before the place is saved."""


@dataclass(frozen=True, kw_only=True)
class Settings:
    """The options of the command."""

    files: Annotated[
        list[Path] | None,
        typer.Argument(
            help="Texts, one per line, or in a format that `seqlabel train` reads; also .gz; - is stdin, the default."
        ),
    ] = None
    model: Model = "en_pos"
    sensitivity: Annotated[
        float, typer.Option(help="How readily a labeler of spans finds something: 2 finds far more, -1 less.")
    ] = 0.0
    to: Annotated[
        str | None,
        typer.Option(
            metavar="<form>",
            help="jsonl (all layers), spans (these alone), conll, conllu, docbin, label-studio, doccano, prodigy or "
            "colour. Default: by the suffix of --output, colour on a terminal.",
        ),
    ] = None
    output: Annotated[Path | None, typer.Option("--output", "-o", help="File to write, also .gz. Default: stdout.")] = (
        None
    )
    format: Annotated[
        str | None,
        typer.Option(
            help="text, jsonl, json, csv, columns, conllu or docbin. Default: by the file and its first lines."
        ),
    ] = None
    text: Annotated[str, typer.Option("--text", "--field", help="Field of JSON or column of a table that is text.")] = (
        "text"
    )
    word: Annotated[int, typer.Option(help="Column of the words in a file of columns, from 0.")] = 0
    encoding: Encoding = UTF_8
    resume: Annotated[bool, typer.Option("--resume", help="Continue an interrupted run that had --output.")] = False
    processes: Annotated[int, typer.Option(min=1, help="Processes that label, each with the model in its memory.")] = 1
    quiet: Quiet = False
    as_json: Annotated[
        bool, typer.Option("--json", help="Print counts as JSON; needs --output. Labels as JSON: --to jsonl.")
    ] = False


def label(settings: Settings) -> None:
    """Label texts with a labeler or a classifier.

    Files and stdin are read in any format that `seqlabel train` reads. With --to jsonl, the other
    fields of JSON and columns of tables are kept. Exit status 1: a line could not be read; it is reported with file and
    line, and withheld. An interrupted run over files is continued with --resume, but for packed outputs.
    """
    files, output = settings.files or [], settings.output
    reports = RecordReports()
    # A device or a pipe is written to as it goes.
    whole = None if output is None or (output.exists() and not output.is_file()) else output
    with messages(quiet=settings.quiet, output=whole), ExitStack() as stack:
        stack.callback(reports.end)
        from seqlabel.cli.loading import load
        from seqlabel.cli.texts import STDIN, TextReader, check_texts
        from seqlabel.formats.jsonl import JSONL
        from seqlabel.io.files import check_other_output, open_output, opens_through
        from seqlabel.io.packed import COMPRESSED, open_target
        from seqlabel.models.tagging.labeler import Labeler

        terminal = sys.stdout is not None and sys.stdout.isatty()
        form = output_format(settings.to, output, terminal=terminal)
        if settings.as_json and output is None:
            raise OptionError(
                "--json prints counts to stdout, where the labels go. Give --output for the labels, or --to jsonl for "
                "labels as JSON."
            )
        if form.is_binary and output is None:
            raise OptionError("A packed file of Docs cannot be written to stdout. Give --output FILE.spacy.")
        check_texts(files)
        named = [file for file in files if file != STDIN]
        if output is not None:
            # A folder or a link is refused before any work.
            opens_through(output)
            for file in named:
                check_other_output(file, output)
        mode = None if output is None else _mode(named, output)
        trained = load(settings.model)
        if settings.sensitivity:
            if not isinstance(trained, Labeler):
                raise OptionError("--sensitivity is for labelers of spans. Leave it out.")
            if settings.processes > 1:
                raise OptionError("--sensitivity needs --processes 1. Leave one of them out.")
            trained = trained.with_sensitivity(settings.sensitivity)
        reader = TextReader(
            settings.format,
            settings.text,
            settings.word,
            settings.encoding,
            note=note,
            withhold=reports,
            fields=form is JSONL,
        )
        begun, count = perf_counter(), _Count()
        assert form.write is not None
        can_resume = bool(named) and named == files and form.by_document
        if whole is not None and can_resume and whole.suffix.lower() not in COMPRESSED:
            _write(whole, trained, reader, settings, form, count, mode=mode)
        elif settings.resume:
            raise OptionError("--resume continues an --output of one document after another, from files. Leave it out.")
        else:
            labelled = chain.from_iterable(_labelled(trained, reader, settings))
            pieces = form.write(count.passing(labelled))
            if output is not None:
                with open_output(output, mode=mode) as target, ExitStack() as packing:
                    packed = open_target(output, target, UTF_8, packing)
                    for piece in pieces:
                        packed.write(piece)
            else:
                written = stdout()
                for piece in pieces:
                    written.write(piece)
                    if len(named) < len(files or [STDIN]):
                        written.flush()
        if settings.as_json:
            told = {"output": str(output), **count.as_json(), "unread": reports.count}
            print(json.dumps({**told, "seconds": round(perf_counter() - begun, 3)}, ensure_ascii=False))
    if reports.any:
        raise typer.Exit(Status.UNREAD)


class _Count:
    """Counts what passes."""

    def __init__(self) -> None:
        self.texts = self.words = 0
        self.labels: dict[str, Counter[str]] = {}

    def as_json(self) -> dict[str, Any]:
        """Give the numbers in a form for JSON."""
        labels = {layer: dict(found.most_common()) for layer, found in self.labels.items()}
        return {"texts": self.texts, "words": self.words, "labels": labels}

    def passing(self, labelled: "Iterable[tuple[Text, Document]]") -> "Iterator[Labelled]":
        for text, document in labelled:
            self.texts += 1
            self.words += len(document)
            found: dict[str, list[str]] = {
                **{layer: [label for label in tags.labels if label] for layer, tags in document.tags.items()},
                **{layer: [one.label for one in spans.spans] for layer, spans in document.spans.items()},
                **{layer: [max(one, key=one.__getitem__)] for layer, one in document.categories.items() if one},
            }
            for layer, labels in found.items():
                self.labels.setdefault(layer, Counter()).update(labels)
            yield document, text.fields


def _mode(files: list[Path], output: Path) -> int:
    """The output's permissions: the usual ones, without those that any of the files does not give."""
    from seqlabel.io.files import usual_mode

    return reduce(and_, (file.stat().st_mode for file in files), usual_mode(output))


def _write(
    output: Path,
    trained: "Trained",
    reader: "TextReader",
    settings: Settings,
    form: "Format",
    count: _Count,
    *,
    mode: int | None,
) -> None:
    """Write an output with a journal beside it, from the place of an interrupted run on if that is resumed."""
    from seqlabel.io.files import hidden_name, usual_mode
    from seqlabel.models.folders import find_folder
    from seqlabel.privacy.records.journals import Journal, Summary, resumed

    assert form.write is not None
    path = output.with_name(hidden_name(output, "journal"))
    kept = Journal.read(path) if settings.resume else None
    sources = [*(settings.files or []), find_folder(settings.model) / "model.safetensors"]
    about = [[str(one), one.stat().st_size, one.stat().st_mtime_ns] for one in sources]
    options = [form.name, *map(str, (settings.format, settings.text, settings.word, settings.encoding))]
    made_of = {"files": about, "options": [*options, str(settings.sensitivity)]}
    if kept is not None and kept.made_of != made_of:
        raise OptionError(
            f"{output}: the files, the model or the options have changed since the run that is to be resumed. Run "
            f"without --resume to begin anew."
        )
    part, progress = resumed(kept, output)
    journal = Journal(b"", made_of, part.path.name, progress)

    def save() -> None:
        part.flush()
        journal.write(path)

    part.file.truncate(progress.place.length)
    part.file.seek(progress.place.length)
    try:
        save()
        saved = perf_counter()
        for labelled in _labelled(trained, reader, settings, begin=progress.place.summary.records):
            data = b"".join(form.write(count.passing(labelled)))
            part.file.write(data)
            done = Summary(progress.place.summary.records + len(labelled))
            progress.place = replace(progress.place, length=progress.place.length + len(data), summary=done)
            if perf_counter() - saved > _JOURNAL_SECONDS:
                save()
                saved = perf_counter()
        part.publish(usual_mode(output) if mode is None else mode)
        path.unlink(missing_ok=True)
    except KeyboardInterrupt as error:
        save()
        part.file.close()
        say("Interrupted. Run the same command with --resume to continue.")
        raise typer.Exit(exit_status(error)) from None
    except BaseException:
        part.discard()
        path.unlink(missing_ok=True)
        raise


def _labelled(
    trained: "Trained", reader: "TextReader", settings: Settings, *, begin: int = 0
) -> "Iterator[list[tuple[Text, Document]]]":
    """Yield texts and what they are labelled as, from one on; say once where a text has no spaces between its words."""
    from seqlabel.documents.phrases import has_phrases, runs_together
    from seqlabel.models.processes import label_batches

    checks = {
        has_phrases: "Some texts have no spaces between their words, as Chinese, Japanese and Thai have, so the model "
        "reads whole phrases as one word. Use a model of that language.",
        runs_together: "Some texts have lost the spaces between their words, as broken extraction from PDF leaves "
        "them, so the model reads whole phrases as one word. Extract them with another tool.",
    }
    batches, read = tee(_behind(_batches(reader, settings.files or []), begin))
    contents = ([one.content for one in batch] for batch in read)
    found = (
        map(trained, contents)
        if settings.processes == 1
        else label_batches(settings.model, contents, processes=settings.processes)
    )
    # The documents first: a batch that is asked for first would be read before they are labelled.
    for documents, batch in zip(found, batches, strict=True):
        pairs = list(zip(batch, documents, strict=True))
        for check in [one for _, document in pairs for one in checks if one(document.words)]:
            if check in checks:
                say(f"seqlabel: warning: {checks.pop(check)}")
        yield pairs


def _behind(batches: "Iterator[list[Text]]", begin: int) -> "Iterator[list[Text]]":
    """The texts from one on."""
    for batch in batches:
        if batch[begin:]:
            yield batch[begin:]
        begin = max(begin - len(batch), 0)


def _batches(reader: "TextReader", files: list[Path]) -> "Iterator[list[Text]]":
    """Yield the texts of files and of stdin."""
    from seqlabel.cli.texts import STDIN

    for file in files or [STDIN]:
        if file == STDIN:
            yield from reader.read(stdin(), "stdin")
            continue
        with file.open("rb") as source:
            yield from reader.read(source, str(file), file)
