"""The subcommand `seqlabel find`: what is private in files and streams, without replacing it."""

import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from seqlabel.cli.control import PrivateOptions
from seqlabel.cli.options import Output, Processes, Quiet
from seqlabel.cli.rewriting import Inputs
from seqlabel.cli.unread import RecordReports, say_what_is_left_out
from seqlabel.cli.writing import (
    digest_of_files,
    open_or_stdout,
    resumable,
    resumable_output,
    scrolls,
)
from seqlabel.commands.console import Failures, Status, messages, meter, note, unpacked_stdin
from seqlabel.errors import OptionError, choose
from seqlabel.runs.failures import read_each
from seqlabel.runs.progress import with_noun

if TYPE_CHECKING:
    from seqlabel.cli.jobs import Job
    from seqlabel.privacy.finding.settings import PrivacySettings
    from seqlabel.privacy.records.findings import Searched, TextFiles, Texts

_TOGETHER = 64
"""Texts whose findings are written together."""
_WITH_FINDINGS = " "
"""The key of the number of texts with findings, among the labels' numbers in a journal."""


@dataclass(frozen=True, kw_only=True)
class FindSettings:
    """The options of the command."""

    inputs: Inputs
    output: Output = None
    form: Annotated[
        str,
        typer.Option(
            "--to",
            metavar="FORMAT",
            help="lines, jsonl, html (with the texts) or sarif.",
            show_default="jsonl",
        ),
    ] = ""
    with_text: Annotated[
        bool, typer.Option("--with-text", help="Write the private values too (jsonl).")
    ] = False
    explain: Annotated[
        bool,
        typer.Option(
            "--explain", help="Write the words around each finding that decided the model most."
        ),
    ] = False
    columns: Annotated[
        bool,
        typer.Option(
            "--columns", help="Say what each column or field holds, by the first 1,000 lines."
        ),
    ] = False
    rules_only: Annotated[
        bool,
        typer.Option(
            "--rules-only",
            help="Report what rules, patterns and lists prove, not what the model says.",
        ),
    ] = False
    check: Annotated[
        bool,
        typer.Option(
            "--check", help="Exit with status 1 if anything is found. Implies --to lines."
        ),
    ] = False
    min_score: Annotated[
        float | None,
        typer.Option(
            min=0,
            max=1,
            help="Report findings of the model from this probability on.",
            show_default="0; with --check 0.9 in source code",
        ),
    ] = None
    baseline: Annotated[
        Path | None, typer.Option(help="File of accepted findings, which are not reported.")
    ] = None
    new_baseline: Annotated[
        bool,
        typer.Option(
            "--write-baseline",
            help="Write all findings to --baseline, and accept them from now on.",
        ),
    ] = False
    diff: Annotated[
        str | None,
        typer.Option(
            help="Report only lines added since this git revision; `staged`: by the next commit."
        ),
    ] = None
    private: PrivateOptions
    processes: Processes = 1
    resume: Annotated[
        bool, typer.Option("--resume", help="Continue an interrupted run that had --output.")
    ] = False
    quiet: Quiet = False
    as_json: Annotated[
        bool,
        typer.Option(
            "--json", help="Print the counts as JSON; findings are written to --output alone."
        ),
    ] = False


def find(settings: FindSettings) -> None:
    """Find private data in files, or line by line on stdin, and tell where it is.

    en_pii has read English only, eu_pii also German, French, Spanish, Italian, Dutch and
    Portuguese; a warning says where texts are in a language that the model has not read.
    A check of code: --check, with --baseline for what is accepted, --diff for what is new, and a
    comment `seqlabel: allow` in a line that may stay.
    All strings of JSON and all columns of tables are searched, unless --field or --column name
    some. stdin is text; with --field it is JSONL, with --column CSV. What cannot be parsed is
    searched as plain text and reported. An interrupted run over files into --output, as lines or
    jsonl and not compressed, is continued with --resume.
    """
    output = settings.output
    with messages(quiet=settings.quiet, output=output):
        from seqlabel.cli.columns import SAMPLE, show_columns
        from seqlabel.cli.finding import FindingFormat, written
        from seqlabel.cli.jobs import Job
        from seqlabel.formats.any_format import streamed_format
        from seqlabel.formats.format import Layout
        from seqlabel.io.files import PRIVATE_MODE
        from seqlabel.privacy.records import checks
        from seqlabel.privacy.records.findings import Searching, TextFiles, searched
        from seqlabel.runs.workers import Workers

        chosen = choose(
            FindingFormat, "--to", settings.form or ("lines" if settings.check else "jsonl")
        )
        if settings.with_text and chosen is not FindingFormat.JSONL:
            raise OptionError(
                "--with-text is for --to jsonl; html has the texts, and the others never have."
            )
        inputs = settings.inputs
        layout = Layout(
            tuple(inputs.field or ["text"]),
            tuple(inputs.column) if inputs.column else None,
            all_strings=not inputs.field,
            delimiter=inputs.delimiter,
            encoding=inputs.encoding,
            unpacked_mb=inputs.unpacked_mb,
        )
        form = streamed_format(fields=bool(inputs.field), columns=bool(inputs.column))
        job = Job(inputs.files or [], layout, form)
        if inputs.field or inputs.column:
            # Text has no fields or columns to choose: such an option would be ignored.
            job.check(fields=bool(inputs.field), columns=bool(inputs.column))
        if settings.new_baseline and settings.baseline is None:
            raise OptionError("--write-baseline: name the file with --baseline.")
        continues = (
            chosen.by_text
            and settings.baseline is None
            and not settings.columns
            and _continues(output, job)
        )
        if settings.resume and not continues:
            raise OptionError(
                "--resume continues an --output of lines or jsonl, from files, without a "
                "--baseline. Leave it out."
            )
        failures = Failures()
        files = TextFiles(layout, report=RecordReports())
        asked = settings.private.read()
        added = None if settings.diff is None else _added(settings.diff, job)
        with Workers(Searching(asked, settings.explain), processes=settings.processes) as workers:
            texts = _texts(files, job, failures, lines=SAMPLE if settings.columns else None)

            def found(begin: int = 0) -> "Iterator[Searched]":
                every = searched(workers, texts, begin=begin)
                return _reported(
                    meter(hidden=scrolls(output)).over(every, "text", done=begin), settings, added
                )

            if settings.columns:
                show_columns(found(), as_json=settings.as_json)
                return
            if settings.new_baseline:
                assert settings.baseline is not None
                accepted = checks.write_baseline(settings.baseline, found())
                note(f"{with_noun(accepted, 'finding')} accepted in {settings.baseline}")
                return
            if continues:
                assert output is not None
                made_of = partial(_made_of, job, settings, asked)
                with resumable_output(
                    output, made_of, resume=settings.resume, mode=PRIVATE_MODE
                ) as part:
                    count = _Count(part.counts)
                    passing = count.passing(found(part.begin))
                    while together := list(islice(passing, _TOGETHER)):
                        pieces = written(together, chosen, with_text=settings.with_text)
                        part.write(_bytes("".join(pieces)), len(together), counts=count.numbers())
            else:
                count = _Count({})
                pieces = written(count.passing(found()), chosen, with_text=settings.with_text)
                if settings.as_json and output is None:
                    for _ in pieces:
                        # Only their counts are printed.
                        continue
                else:
                    with open_or_stdout(output) as target:
                        for piece in pieces:
                            target.write(_bytes(piece))
        say_what_is_left_out(job.left_out, job.hidden)
        findings = count.labels.total()
        unread = files.unread + failures.count
        if settings.as_json:
            print(json.dumps(count.as_json(unread)))
        else:
            note(
                f"{with_noun(findings, 'finding')} in {count.texts:,} of "
                f"{with_noun(count.searched, 'text')}"
            )
        bad = unread or job.left_out
    if bad or (settings.check and findings):
        raise typer.Exit(Status.UNREAD)


class _Count:
    """Counts what passes.

    Args:
        numbers: Those of the run that is continued, as `numbers` gives them.
    """

    def __init__(self, numbers: Mapping[str, int]) -> None:
        self.searched = numbers.get("", 0)
        self.texts = numbers.get(_WITH_FINDINGS, 0)
        self.labels = Counter({label: number for label, number in numbers.items() if label.strip()})

    def numbers(self) -> Counter[str]:
        """Give the numbers for a journal; no label is empty or a space."""
        return Counter({"": self.searched, _WITH_FINDINGS: self.texts}) + self.labels

    def as_json(self, unread: int) -> dict[str, Any]:
        """Give the numbers in a form for JSON."""
        labels = dict(self.labels.most_common())
        return {
            "texts": self.searched,
            "texts_with_findings": self.texts,
            "unread": unread,
            "found": labels,
        }

    def passing(self, searched: "Iterator[Searched]") -> "Iterator[Searched]":
        for searched_text in searched:
            self.searched += 1
            self.texts += bool(searched_text.found)
            self.labels.update(finding.label for finding in searched_text.found)
            yield searched_text


def _added(revision: str, job: "Job") -> "Mapping[str, frozenset[int] | None]":
    """The added lines of the files that have some; the job keeps these files alone."""
    from seqlabel.privacy.records import checks

    if not job.named:
        raise OptionError("--diff compares files with a revision. Name files or folders.")
    changed = checks.changed_files(revision, job.named)
    job.files = [pair for pair in job.files if checks.real_path(pair[0]) in changed]
    job.left_out = {
        path: why for path, why in job.left_out.items() if checks.real_path(path) in changed
    }
    job.hidden = [path for path in job.hidden if checks.real_path(path) in changed]
    return checks.added_lines(revision, [path for path, _ in job.files])


def _reported(
    searched: "Iterator[Searched]",
    settings: FindSettings,
    added: "Mapping[str, frozenset[int] | None] | None",
) -> "Iterator[Searched]":
    """The texts without findings that are accepted or outside of what is asked for."""
    from seqlabel.privacy.records import checks

    if added is not None:
        searched = checks.only_added(searched, added)
    if settings.min_score:
        searched = checks.above(searched, settings.min_score)
    elif settings.min_score is None and settings.check:
        searched = checks.sure_in_code(searched, say=note)
    if settings.rules_only:
        searched = checks.proven(searched)
    if settings.check:
        searched = checks.without_allowed(searched)
    if settings.baseline is not None and not settings.new_baseline:
        searched = checks.without_accepted(searched, checks.read_baseline(settings.baseline))
    return searched


def _texts(
    files: "TextFiles", job: "Job", failed: Callable[[str], None], *, lines: int | None = None
) -> "Iterator[Texts]":
    """The texts of all files, of their first lines where a number is given."""
    from seqlabel.formats.any_format import check_input

    if not job.named:
        with ExitStack() as stack:
            yield from _first(
                files.stream(unpacked_stdin(stack), form=job.stdin_form, name="stdin"), lines
            )
        return

    def texts_of(path: Path) -> "Iterator[Texts]":
        check_input(path)
        yield from _first(files.file(path), lines)

    yield from read_each([path for path, _ in job.files], texts_of, failed=failed)


def _first(batches: "Iterator[Texts]", lines: int | None) -> "Iterator[Texts]":
    """The texts of a file in its first lines."""
    for batch in batches:
        asked = [text for text in batch.kept if lines is None or text.line <= lines]
        yield (
            batch
            if len(asked) == len(batch.kept)
            else batch._replace(kept=asked, given=batch.given[: len(asked)])
        )
        if len(asked) < len(batch.kept):
            return


def _continues(output: Path | None, job: "Job") -> bool:
    """Whether an interrupted run can be continued."""
    return resumable(output, [path for path, _ in job.files])


def _made_of(
    job: "Job", settings: FindSettings, asked: "PrivacySettings", salt: bytes
) -> dict[str, Any]:
    """What the findings depend on, for a journal."""
    from seqlabel.privacy.records.workers import fingerprint_of

    options = [
        settings.form,
        settings.with_text,
        settings.explain,
        settings.rules_only,
        settings.check,
    ]
    options += [settings.min_score, settings.diff, str(job.layout)]
    about = digest_of_files([path for path, _ in job.files if path.exists()])
    return {"files": about, "options": options, "finder": fingerprint_of(asked, salt)}


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "backslashreplace")
