"""The subcommand `seqlabel label`: what a model finds in texts, in every form of
`seqlabel.formats`, or in colours.
"""

import json
import sys
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import reduce
from itertools import chain
from operator import and_
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Annotated, Any

import typer

from seqlabel.cli.options import STDIO, Model, Output, Processes, Quiet, Sensitivity, Texts
from seqlabel.cli.unread import RecordReports, say_what_is_left_out
from seqlabel.cli.writing import (
    digest_of_files,
    open_or_stdout,
    output_format,
    resumable,
    resumable_output,
    scrolls,
)
from seqlabel.commands.console import Failures, Status, messages, meter, say
from seqlabel.errors import OptionError

if TYPE_CHECKING:
    from seqlabel.documents.document import Document
    from seqlabel.formats.format import Format, Labeled, Text
    from seqlabel.runs.workers import Workers


@dataclass(frozen=True, kw_only=True)
class LabelSettings:
    """The options of the command."""

    files: Annotated[
        list[Path] | None,
        typer.Argument(
            help="Files or folders of texts: one per line, in a format that `seqlabel train` "
            "reads, .parquet, .eml, "
            ".html, .vtt, .srt, .docx, .xlsx, .pptx, .pdf; also .gz, .xz and .zst; - is stdin, "
            "the default."
        ),
    ] = None
    model: Model = "en_pos"
    sensitivity: Sensitivity = 0.0
    to: Annotated[
        str | None,
        typer.Option(
            metavar="FORMAT",
            help="jsonl (all layers), spans (these alone), conll, conllu, docbin, "
            "label-studio, doccano, prodigy or "
            "colour. Default: by the suffix of --output, colour on a terminal.",
        ),
    ] = None
    output: Output = None
    texts: Texts
    resume: Annotated[
        bool, typer.Option("--resume", help="Continue an interrupted run that had --output.")
    ] = False
    processes: Processes = 1
    quiet: Quiet = False
    as_json: Annotated[
        bool,
        typer.Option(
            "--json", help="Print counts as JSON; needs --output. Labels as JSON: --to jsonl."
        ),
    ] = False


def label(settings: LabelSettings) -> None:
    """Label texts with a labeler.

    Files and stdin are read in any format that `seqlabel train` reads; of mail, pages, Office files
    and PDF what a reader sees. With --to jsonl, the other fields of JSON and columns of tables are
    kept; a text of a mail, a page, an Office file or a PDF has its `part` and `line`, and in a
    folder each text its `file`. Exit status 1: a line could not be read, which is reported with
    file and line, and withheld, or one of several files could not be. An interrupted run over files
    is continued with --resume, but for packed outputs.
    """
    reports = RecordReports()
    failures = Failures()
    count = _Count({})
    begun = perf_counter()
    output = settings.output
    # A device or a pipe is written to as it goes.
    whole = None if output is None or (output.exists() and not output.is_file()) else output
    with messages(quiet=settings.quiet, output=whole):
        from seqlabel.cli.texts import TextReader, files_there, find_inputs
        from seqlabel.io.files import opens_through
        from seqlabel.models.trained import Labeling
        from seqlabel.runs.workers import Workers

        named = settings.files or [STDIO]
        _check_no_model(named)
        terminal = sys.stdout is not None and sys.stdout.isatty()
        form = output_format(settings.to, output, terminal=terminal)
        if settings.as_json and output is None:
            raise OptionError(
                "--json prints counts to stdout, where the labels go. Pass --output for the "
                "labels, or --to jsonl for labels as JSON."
            )
        assert form.writer is not None
        if form.writer.is_binary and output is None:
            raise OptionError(
                "A packed file of Docs cannot be written to stdout. Pass --output FILE.spacy."
            )
        if output is not None:
            # A folder or a link is refused before any work.
            opens_through(output)
        inputs = find_inputs(named, output)
        files = inputs.read
        there = files_there(files)
        fields = form.writer.keeps_fields
        reader = TextReader(
            settings.texts,
            withhold=reports,
            failed=failures,
            fields=fields,
            names_files=any(path.is_dir() for path in named),
        )
        batches = reader.files(files)
        continues = form.writer.by_document and resumable(output, files)
        if settings.resume and not continues:
            raise OptionError(
                "--resume continues an --output of one document after another, from files. "
                "Leave it out."
            )
        work = Labeling(settings.model, settings.sensitivity)
        shown = meter(hidden=scrolls(output))
        mode = None if output is None else _mode(there, output)
        with Workers(work, processes=settings.processes) as workers:
            if continues:
                assert output is not None
                assert mode is not None
                made_of = _made_of(there, settings, form)
                with resumable_output(output, made_of, resume=settings.resume, mode=mode) as part:
                    count = _Count(part.counts)
                    pairs = _labeled(workers, batches, begin=part.begin)
                    for labeled in shown.over(pairs, "text", done=part.begin, size=len):
                        data = b"".join(form.write(count.passing(labeled)))
                        part.write(data, len(labeled), counts=count.numbers())
            else:
                groups = shown.over(_labeled(workers, batches), "text", size=len)
                with open_or_stdout(output, mode=mode, at_once=STDIO in files) as target:
                    for piece in form.write(count.passing(chain.from_iterable(groups))):
                        target.write(piece)
        say_what_is_left_out(inputs.left_out, inputs.hidden)
        unread = reports.count + failures.count + len(inputs.left_out)
        if settings.as_json:
            values = {"output": str(output), **count.as_json(), "unread": unread}
            print(
                json.dumps(
                    {**values, "seconds": round(perf_counter() - begun, 3)}, ensure_ascii=False
                )
            )
    if unread:
        raise typer.Exit(Status.UNREAD)


def _check_no_model(files: Iterable[Path]) -> None:
    """Raise `OptionError` for the name of a model in the place of a file."""
    from seqlabel.models.folders import shipped_models

    for file in files:
        if str(file) in shipped_models() and not file.exists():
            raise OptionError(
                f"files: expected files of texts, got {str(file)!r}, the name of a model. Write "
                f"seqlabel label FILE --model {file}."
            )


class _Count:
    """Counts what passes.

    Args:
        numbers: Those of the run that is continued, as `numbers` gives them.
    """

    def __init__(self, numbers: Mapping[str, int]) -> None:
        self._texts = numbers.get("texts", 0)
        self._words = numbers.get("words", 0)
        self._labels: defaultdict[str, Counter[str | None]] = defaultdict(Counter)
        for name, number in numbers.items():
            layer, tab, label = name.partition("\t")
            if tab:
                self._labels[layer][label] = number

    def as_json(self) -> dict[str, Any]:
        """Give the numbers in a form for JSON."""
        labels = {}
        for layer, numbers in self._labels.items():
            labels[layer] = {label: number for label, number in numbers.most_common() if label}
        return {"texts": self._texts, "words": self._words, "labels": labels}

    def numbers(self) -> Counter[str]:
        """Give the numbers for a journal: texts, words, and labels after the name of their layer
        and a tab.
        """
        numbers = Counter({"texts": self._texts, "words": self._words})
        for layer, counter in self._labels.items():
            numbers.update(
                {f"{layer}\t{label}": number for label, number in counter.items() if label}
            )
        return numbers

    def passing(self, labeled: "Iterable[tuple[Text, Document]]") -> "Iterator[Labeled]":
        for text, document in labeled:
            self._texts += 1
            self._words += len(document)
            for layer, tags in document.tags.items():
                self._labels[layer].update(tags.labels)
            for layer, spans in document.spans.items():
                self._labels[layer].update([span.label for span in spans.spans])
            for layer, scores in document.categories.items():
                self._labels[layer].update([max(scores, key=scores.__getitem__)])
            yield document, text.fields


def _mode(files: list[Path], output: Path) -> int:
    """The output's permissions: the usual ones, without those that any of the files does not
    give.
    """
    from seqlabel.io.files import usual_mode

    return reduce(and_, (file.stat().st_mode for file in files), usual_mode(output))


def _made_of(
    files: list[Path], settings: LabelSettings, form: "Format"
) -> Callable[[bytes], dict[str, Any]]:
    """What the output depends on, for its journal."""
    from seqlabel.models.folders import find_folder

    options = [form.name, str(settings.texts), settings.sensitivity]
    about = digest_of_files([*files, find_folder(settings.model) / "model.safetensors"])
    made_of = {"files": about, "options": options}
    return lambda salt: made_of


def _labeled(
    workers: "Workers[list[str | Document], list[Document]]",
    batches: "Iterator[list[Text]]",
    *,
    begin: int = 0,
) -> "Iterator[list[tuple[Text, Document]]]":
    """Yield texts and what they are labelled as, from one on; say once where a text has no spaces
    between its words.
    """
    from seqlabel.documents.phrases import has_phrases, runs_together
    from seqlabel.runs.workers import Batch, without_first

    checks = {
        has_phrases: "Some texts have no spaces between their words, as Chinese, Japanese and Thai "
        "have, so the model reads whole phrases as one word. Use a model of that language.",
        runs_together: "Some texts have lost the spaces between their words, as broken extraction "
        "from PDF leaves them, so the model reads whole phrases as one word. Extract them with "
        "another tool.",
    }
    every = (Batch(batch, _contents(batch)) for batch in batches)
    for batch, documents in workers.run(without_first(every, begin)):
        pairs = list(zip(batch, documents, strict=True))
        # The words of a document are given.
        cut = [document for text, document in pairs if isinstance(text.content, str)]
        for document in cut:
            for check in list(checks):
                if check(document.words):
                    say(f"seqlabel: warning: {checks.pop(check)}")
        yield pairs


def _contents(batch: "list[Text]") -> "list[str | Document]":
    """What the labeler reads of texts."""
    return [text.content for text in batch]
