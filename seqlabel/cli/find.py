"""The subcommand `seqlabel find`: what is private in files and streams, without replacing it."""

import json
from collections import Counter, deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import takewhile
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from seqlabel.cli.control import Asked
from seqlabel.cli.options import Output, Quiet
from seqlabel.cli.rewriting import Inputs
from seqlabel.cli.writing import open_or_stdout
from seqlabel.commands.console import Status, messages, note, say, stdin
from seqlabel.errors import OptionError, choose
from seqlabel.runs.failures import concerns_all, of_file

if TYPE_CHECKING:
    from seqlabel.cli.jobs import Job
    from seqlabel.privacy.records.findings import FileSearcher, Searched


@dataclass(frozen=True, kw_only=True)
class Settings:
    """The options of the command."""

    inputs: Inputs
    output: Output = None
    form: Annotated[
        str,
        typer.Option(
            "--to", metavar="FORMAT", help="lines, jsonl, html (with the texts) or sarif.", show_default="jsonl"
        ),
    ] = ""
    with_text: Annotated[bool, typer.Option("--with-text", help="Write the private values too (jsonl).")] = False
    explain: Annotated[
        bool, typer.Option("--explain", help="Write the words around each finding of the model that told it most.")
    ] = False
    columns: Annotated[
        bool, typer.Option("--columns", help="Say what each column or field holds, by the first 1,000 lines.")
    ] = False
    rules_only: Annotated[
        bool, typer.Option("--rules-only", help="Report what rules, patterns and lists prove, not what the model says.")
    ] = False
    check: Annotated[
        bool, typer.Option("--check", help="Exit with status 1 if anything is found. Implies --to lines.")
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
    baseline: Annotated[Path | None, typer.Option(help="File of accepted findings, which are not reported.")] = None
    new_baseline: Annotated[
        bool, typer.Option("--write-baseline", help="Write all findings to --baseline, and accept them from now on.")
    ] = False
    diff: Annotated[
        str | None, typer.Option(help="Report only lines added since this git revision; `staged`: by the next commit.")
    ] = None
    asked: Asked
    quiet: Quiet = False
    as_json: Annotated[
        bool, typer.Option("--json", help="Print the counts as JSON; findings are written to --output alone.")
    ] = False


def find(settings: Settings) -> None:
    """Find private data in files, or line by line on stdin, and tell where it is.

    en_pii has read English only, eu_pii also German, French, Spanish, Italian, Dutch and Portuguese; a warning says
    where texts are in a language that the model has not read.
    A check of code: --check, with --baseline for what is accepted, --diff for what is new, and a comment
    `seqlabel: allow` in a line that may stay.
    All strings of JSON and all columns of tables are searched, unless --field or --column name some. stdin is text;
    with --field it is JSONL, with --column CSV. What cannot be parsed is searched as plain text and reported.
    """
    with messages(quiet=settings.quiet):
        from seqlabel.cli.columns import SAMPLE, show_columns
        from seqlabel.cli.finding import FindingFormat, written
        from seqlabel.cli.jobs import Job
        from seqlabel.formats.format import Layout
        from seqlabel.formats.jsonl import JSONL
        from seqlabel.formats.tables import CSV
        from seqlabel.formats.text import TEXT
        from seqlabel.privacy.finding.explaining import explain, sources_alone
        from seqlabel.privacy.finding.finder import PrivateFinder
        from seqlabel.privacy.records import checks
        from seqlabel.privacy.records.findings import FileSearcher

        chosen = choose(FindingFormat, "--to", settings.form or ("lines" if settings.check else "jsonl"))
        if settings.with_text and chosen is not FindingFormat.JSONL:
            raise OptionError("--with-text is for --to jsonl; html has the texts, and the others never have.")
        inputs = settings.inputs
        layout = Layout(
            tuple(inputs.field or ["text"]),
            tuple(inputs.column) if inputs.column else None,
            all_strings=not inputs.field,
            delimiter=inputs.delimiter,
            encoding=inputs.encoding,
            unpacked_mb=inputs.unpacked_mb,
        )
        job = Job(inputs.files or [], layout, JSONL if inputs.field else CSV if inputs.column else TEXT)
        if inputs.field or inputs.column:
            # In text there is nothing to choose: such an option would be ignored.
            job.check(fields=bool(inputs.field), columns=bool(inputs.column))
        finder = PrivateFinder(settings=settings.asked.read())
        search = FileSearcher(finder, layout, report=say, reasons=explain if settings.explain else sources_alone)
        if settings.columns:
            show_columns(_searched(search, job, lines=SAMPLE), as_json=settings.as_json)
            return
        added = None if settings.diff is None else _added(settings.diff, job)
        count = _Count()
        searched = _reported(_searched(search, job), settings, added)
        if settings.new_baseline:
            if settings.baseline is None:
                raise OptionError("--write-baseline: name the file with --baseline.")
            accepted = checks.write_baseline(settings.baseline, searched)
            note(f"{accepted:,} finding{'s' * (accepted != 1)} accepted in {settings.baseline}")
            return
        pieces = written(count.passing(searched), chosen, with_text=settings.with_text)
        if settings.as_json and settings.output is None:
            deque(pieces, maxlen=0)
        else:
            with open_or_stdout(settings.output) as target:
                for piece in pieces:
                    target.write(piece.encode("utf-8", "backslashreplace"))
                    if settings.output is None:
                        target.flush()
        job.say_what_is_left_out()
        findings = count.labels.total()
        if settings.as_json:
            print(json.dumps(count.as_json(search.unread)))
        else:
            note(
                f"{findings:,} finding{'s' * (findings != 1)} in {count.texts:,} of {count.searched:,} "
                f"text{'s' * (count.searched != 1)}"
            )
        bad = search.unread or job.left_out
    if bad or (settings.check and findings):
        raise typer.Exit(Status.UNREAD)


class _Count:
    """Counts what passes."""

    def __init__(self) -> None:
        self.searched = self.texts = 0
        self.labels: Counter[str] = Counter()

    def as_json(self, unread: int) -> dict[str, Any]:
        """Give the numbers in a form for JSON."""
        found = dict(self.labels.most_common())
        return {"texts": self.searched, "texts_with_findings": self.texts, "unread": unread, "found": found}

    def passing(self, searched: "Iterator[Searched]") -> "Iterator[Searched]":
        for one in searched:
            self.searched += 1
            self.texts += bool(one.found)
            self.labels.update(finding.label for finding in one.found)
            yield one


def _added(revision: str, job: "Job") -> "Mapping[str, frozenset[int] | None]":
    """The added lines of the files that have some; the job keeps these files alone."""
    from seqlabel.privacy.records import checks

    if not job.named:
        raise OptionError("--diff compares files with a revision. Name files or folders.")
    changed = checks.changed_files(revision, job.named)
    job.files = [pair for pair in job.files if checks.real_path(pair[0]) in changed]
    job.left_out = {path: why for path, why in job.left_out.items() if checks.real_path(path) in changed}
    job.hidden = [path for path in job.hidden if checks.real_path(path) in changed]
    return checks.added_lines(revision, [path for path, _ in job.files])


def _reported(
    searched: "Iterator[Searched]", settings: Settings, added: "Mapping[str, frozenset[int] | None] | None"
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


def _searched(search: "FileSearcher", job: "Job", *, lines: int | None = None) -> "Iterator[Searched]":
    """The texts of all files, of their first lines where a number is given."""

    def asked(one: "Searched") -> bool:
        return lines is None or one.line <= lines

    if not job.named:
        yield from takewhile(asked, search.stream(stdin(), form=job.stdin_form, name="stdin"))
    for path, _ in job.files:
        try:
            yield from takewhile(asked, search.file(path))
        except Exception as error:
            if concerns_all(error):
                raise
            reason = of_file(error, path)
            if len(job.files) == 1:
                raise reason from error
            search.unread += 1
            say(f"seqlabel: {reason}")
