"""The subcommand `seqlabel label`: what a model finds in texts, in every form of `seqlabel.formats`, or in colours."""

import json
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from functools import reduce
from itertools import chain
from operator import and_
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Annotated, Any

import typer

from seqlabel.cli.options import STDIO, Model, Output, Quiet, Texts
from seqlabel.cli.unread import RecordReports
from seqlabel.cli.writing import open_or_stdout, output_format, say_if_folder_is_made
from seqlabel.commands.console import Failures, Status, exit_status, messages, meter, say
from seqlabel.errors import OptionError
from seqlabel.io.text_files import UTF_8

if TYPE_CHECKING:
    from seqlabel.documents.document import Document
    from seqlabel.formats.format import Format, Labelled, Text
    from seqlabel.runs.workers import Workers

_JOURNAL_SECONDS = 0.5
"""How long texts are labelled before the place is saved."""


@dataclass(frozen=True, kw_only=True)
class Settings:
    """The options of the command."""

    files: Annotated[
        list[Path] | None,
        typer.Argument(
            help="Texts, one per line, or in a format that `seqlabel train` reads; also .gz, .xz and .zst; - is stdin, "
            "the default."
        ),
    ] = None
    model: Model = "en_pos"
    sensitivity: Annotated[
        float, typer.Option(help="How readily a labeler of spans finds something: 2 finds far more, -1 less.")
    ] = 0.0
    to: Annotated[
        str | None,
        typer.Option(
            metavar="FORMAT",
            help="jsonl (all layers), spans (these alone), conll, conllu, docbin, label-studio, doccano, prodigy or "
            "colour. Default: by the suffix of --output, colour on a terminal.",
        ),
    ] = None
    output: Output = None
    texts: Texts
    resume: Annotated[bool, typer.Option("--resume", help="Continue an interrupted run that had --output.")] = False
    processes: Annotated[int, typer.Option(min=1, help="Processes that label, each with the model in its memory.")] = 1
    quiet: Quiet = False
    as_json: Annotated[
        bool, typer.Option("--json", help="Print counts as JSON; needs --output. Labels as JSON: --to jsonl.")
    ] = False


def label(settings: Settings) -> None:
    """Label texts with a labeler or a classifier.

    Files and stdin are read in any format that `seqlabel train` reads. With --to jsonl, the other
    fields of JSON and columns of tables are kept. Exit status 1: a line could not be read, which is reported with file
    and line, and withheld, or one of several files could not be. An interrupted run over files is continued with
    --resume, but for packed outputs.
    """
    reports, failures, count, begun = RecordReports(), Failures(), _Count(), perf_counter()
    output = settings.output
    # A device or a pipe is written to as it goes.
    whole = None if output is None or (output.exists() and not output.is_file()) else output
    with messages(quiet=settings.quiet, output=whole):
        from seqlabel.cli.texts import TextReader, check_texts
        from seqlabel.formats.jsonl import JSONL
        from seqlabel.io.files import opens_through
        from seqlabel.io.packed import open_target
        from seqlabel.io.unpacking import COMPRESSED
        from seqlabel.models.trained import Labelling
        from seqlabel.runs.workers import Workers

        files = settings.files or [STDIO]
        terminal = sys.stdout is not None and sys.stdout.isatty()
        form = output_format(settings.to, output, terminal=terminal)
        if settings.as_json and output is None:
            raise OptionError(
                "--json prints counts to stdout, where the labels go. Give --output for the labels, or --to jsonl for "
                "labels as JSON."
            )
        if form.is_binary and output is None:
            raise OptionError("A packed file of Docs cannot be written to stdout. Give --output FILE.spacy.")
        if output is not None:
            # A folder or a link is refused before any work.
            opens_through(output)
        check_texts(files, output)
        if output is not None:
            say_if_folder_is_made(output)
        named = [file for file in files if file != STDIO]
        batches = TextReader(settings.texts, withhold=reports, failed=failures, fields=form is JSONL).files(files)
        assert form.write is not None
        journaled = whole if form.by_document and named == files else None
        if journaled is not None and journaled.suffix.lower() in COMPRESSED:
            journaled = None
        if settings.resume and journaled is None:
            raise OptionError("--resume continues an --output of one document after another, from files. Leave it out.")
        with Workers(Labelling(settings.model, settings.sensitivity), processes=settings.processes) as workers:
            if journaled is not None:
                _write(journaled, workers, batches, settings, form, count, mode=_mode(files, journaled))
            else:
                pairs = _labelled(workers, batches)
                # Labels on a terminal show how far it is themselves.
                pairs = meter(hidden=output is None and terminal).over(pairs, "text", size=len)
                labelled = chain.from_iterable(pairs)
                mode = None if output is None else _mode(named, output)
                with open_or_stdout(output, mode=mode) as file, ExitStack() as packing:
                    target = file if output is None else open_target(output, file, UTF_8, packing)
                    for piece in form.write(count.passing(labelled)):
                        target.write(piece)
                        if output is None and STDIO in files:
                            file.flush()
        if settings.as_json:
            unread = reports.count + failures.count
            told = {"output": str(output), **count.as_json(), "unread": unread}
            print(json.dumps({**told, "seconds": round(perf_counter() - begun, 3)}, ensure_ascii=False))
    if reports.count or failures.count:
        raise typer.Exit(Status.UNREAD)


class _Count:
    """Counts what passes."""

    def __init__(self) -> None:
        self.texts = self.words = 0
        self.labels: defaultdict[str, Counter[str]] = defaultdict(Counter)

    def as_json(self) -> dict[str, Any]:
        """Give the numbers in a form for JSON."""
        labels = {layer: dict(found.most_common()) for layer, found in self.labels.items()}
        return {"texts": self.texts, "words": self.words, "labels": labels}

    def passing(self, labelled: "Iterable[tuple[Text, Document]]") -> "Iterator[Labelled]":
        for text, document in labelled:
            self.texts += 1
            self.words += len(document)
            for layer, tags in document.tags.items():
                self.labels[layer].update(filter(None, tags.labels))
            for layer, spans in document.spans.items():
                self.labels[layer].update(one.label for one in spans.spans)
            for layer, scores in document.categories.items():
                self.labels[layer].update([max(scores, key=scores.__getitem__)])
            yield document, text.fields


def _mode(files: list[Path], output: Path) -> int:
    """The output's permissions: the usual ones, without those that any of the files does not give."""
    from seqlabel.io.files import usual_mode

    return reduce(and_, (file.stat().st_mode for file in files), usual_mode(output))


def _write(
    output: Path,
    workers: "Workers[list[str | Document], list[Document]]",
    batches: "Iterator[list[Text]]",
    settings: Settings,
    form: "Format",
    count: _Count,
    *,
    mode: int,
) -> None:
    """Write an output with a journal beside it, from the place of an interrupted run on if that is resumed."""
    from seqlabel.io.files import hidden_name
    from seqlabel.models.folders import find_folder
    from seqlabel.runs.journals import Journal, Summary, resumed

    assert form.write is not None
    path = output.with_name(hidden_name(output, "journal"))
    kept = Journal.read(path) if settings.resume else None
    sources = [*(settings.files or []), find_folder(settings.model) / "model.safetensors"]
    # A name that is not UTF-8 has no place in JSON.
    about = [[ascii(str(one)), one.stat().st_size, one.stat().st_mtime_ns] for one in sources]
    made_of = {"files": about, "options": [form.name, str(settings.texts), settings.sensitivity]}
    if kept is not None and kept.made_of != made_of:
        raise OptionError(
            f"{output}: the files, the model or the options have changed since the run that is to be resumed. Run "
            f"without --resume to begin anew."
        )
    part, progress = resumed(kept, output)
    journal = Journal(b"", made_of, part.name_in_journal, progress)

    def save() -> float:
        part.flush()
        journal.write(path)
        return perf_counter()

    part.file.truncate(progress.place.length)
    part.file.seek(progress.place.length)
    try:
        saved = save()
        rest = _labelled(workers, batches, begin=progress.place.summary.records)
        for labelled in meter().over(rest, "text", size=len):
            data = b"".join(form.write(count.passing(labelled)))
            part.file.write(data)
            done = Summary(progress.place.summary.records + len(labelled))
            progress.place = replace(progress.place, length=progress.place.length + len(data), summary=done)
            if perf_counter() - saved > _JOURNAL_SECONDS:
                saved = save()
        part.publish(mode)
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
    workers: "Workers[list[str | Document], list[Document]]", batches: "Iterator[list[Text]]", *, begin: int = 0
) -> "Iterator[list[tuple[Text, Document]]]":
    """Yield texts and what they are labelled as, from one on; say once where a text has no spaces between its words."""
    from seqlabel.documents.phrases import has_phrases, runs_together
    from seqlabel.runs.workers import Batch

    checks = {
        has_phrases: "Some texts have no spaces between their words, as Chinese, Japanese and Thai have, so the model "
        "reads whole phrases as one word. Use a model of that language.",
        runs_together: "Some texts have lost the spaces between their words, as broken extraction from PDF leaves "
        "them, so the model reads whole phrases as one word. Extract them with another tool.",
    }
    given = (Batch(batch, [one.content for one in batch]) for batch in _behind(batches, begin))
    for batch, documents in workers.run(given):
        pairs = list(zip(batch, documents, strict=True))
        # The words of a document are given.
        cut = [document for text, document in pairs if isinstance(text.content, str)]
        for check in [one for document in cut for one in checks if one(document.words)]:
            if check in checks:
                say(f"seqlabel: warning: {checks.pop(check)}")
        yield pairs


def _behind(batches: "Iterator[list[Text]]", begin: int) -> "Iterator[list[Text]]":
    """The texts from one on."""
    for batch in batches:
        if batch[begin:]:
            yield batch[begin:]
        begin = max(begin - len(batch), 0)
