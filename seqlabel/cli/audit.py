"""The subcommand `seqlabel audit`: what the settings miss on labelled texts, and the sensitivity to
use.
"""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from seqlabel.cli.control import PrivateOptions
from seqlabel.cli.options import Encoding, Json, Quiet
from seqlabel.commands.console import Status, counted, messages, note, say
from seqlabel.errors import OptionError
from seqlabel.io.markup import table_lines
from seqlabel.io.text_files import UTF_8

if TYPE_CHECKING:
    from seqlabel.privacy.finding.audit import Alarms, Audit, Labeled, Rate
    from seqlabel.privacy.finding.finder import PrivateFinder
    from seqlabel.scores.risk import Control


@dataclass(frozen=True, kw_only=True)
class AuditSettings:
    """The options of the command."""

    file: Annotated[
        Path, typer.Argument(help="Texts with spans, as `seqlabel train` reads them, all labelled.")
    ]
    private: PrivateOptions
    miss: Annotated[
        float | None,
        typer.Option(
            help=(
                "Highest share of a text's values that may leak, such as 0.02: sets the "
                "exit status."
            )
        ),
    ] = None
    confidence: Annotated[
        float | None,
        typer.Option(
            help="Confidence in that bound, such as 0.9. Default: the bound holds on average."
        ),
    ] = None
    write: Annotated[
        Path | None,
        typer.Option(
            help=(
                "Find the sensitivity that keeps --miss or --most, and write it into this "
                "settings file."
            )
        ),
    ] = None
    clean: Annotated[
        Path | None,
        typer.Option(help="Text file, or folder of .txt files, that holds nothing private."),
    ] = None
    most: Annotated[
        float | None,
        typer.Option(
            help="Most findings in 1,000 words of --clean, such as 5: sets the exit status."
        ),
    ] = None
    in_context: Annotated[
        bool,
        typer.Option(
            "--in-context",
            help="Also measure the labelled texts in the middle of those of --clean.",
        ),
    ] = False
    text: Annotated[str, typer.Option(help="Field of the text.")] = "text"
    encoding: Encoding = UTF_8
    quiet: Quiet = False
    as_json: Json = False


def audit(settings: AuditSettings) -> None:
    """Measure what leaks and what is redacted too much on your own labelled texts; 50 to 200 are
    enough.

    A value leaks if one letter or digit of it is not found. Intervals are 95 % intervals. With
    --miss the exit status is 1 if the settings do not keep the bound, or, with --write, if no
    sensitivity does. The bound holds for texts of the same kind: label a random sample of those
    that the settings are for. With --clean the findings in texts that hold nothing private are
    counted; --most is their budget, and --write then chooses the highest sensitivity within it.
    With --in-context each labelled text is also measured with words of the clean texts on each
    side of it: what is found alone should be found there too.
    """
    miss = settings.miss
    confidence = settings.confidence
    write = settings.write
    with messages(quiet=settings.quiet):
        import numpy as np

        from seqlabel.formats.any_format import read_character_spans
        from seqlabel.privacy.finding.audit import (
            SENSITIVITIES,
            Labeled,
            count_alarms,
            losses_by_sensitivity,
            sensitivity_for_alarms,
        )
        from seqlabel.privacy.finding.audit import audit as measure
        from seqlabel.privacy.finding.contexts import DISTANCES, in_context
        from seqlabel.privacy.finding.finder import PrivateFinder
        from seqlabel.privacy.finding.settings_file import load_settings
        from seqlabel.scores.risk import control_risk

        _check(settings)
        chosen = settings.private.read()
        if write is not None and write.exists():
            # One that cannot be read is refused before any work.
            load_settings(write)
        clean_texts = (
            [] if settings.clean is None else _clean_texts(settings.clean, settings.encoding)
        )
        budget_sensitivity: float | None = None
        before = chosen
        if settings.most is not None and write is not None:
            tried = partial(counted, unit="setting", total=len(SENSITIVITIES))
            budget_sensitivity = sensitivity_for_alarms(
                chosen, clean_texts, settings.most, shown=tried
            )
            if budget_sensitivity is not None:
                write_sensitivity(write, budget_sensitivity, used=chosen.sensitivity)
                chosen = replace(chosen, sensitivity=budget_sensitivity)
        finder = PrivateFinder(settings=chosen)
        tokenize = finder.labeler.tokenize
        encoding = settings.encoding
        read = list(
            read_character_spans(settings.file, tokenize, text=settings.text, encoding=encoding)
        )
        labeled = []
        left_out = 0
        for content, spans in read:
            values = tuple(span for span in spans if chosen.asks_for(span.label))
            labeled.append(Labeled(content, values))
            left_out += len(spans) - len(values)
        if left_out:
            note(
                f"seqlabel: {left_out:,} labelled values are left out, because only and except "
                "leave out their labels"
            )
        _say_which_are_unknown(finder, labeled)
        in_texts = partial(counted, unit="text", total=len(labeled))
        audit = measure(finder, labeled, shown=in_texts)
        shown = figures(audit)
        lines = [table(audit)]
        passed = True
        if miss is not None:
            kept = control_risk(audit.losses[:, None], bound=miss, confidence=confidence)
            passed = kept.chosen is not None
            shown["bound"] = {"miss": miss, "confidence": confidence, "kept": passed}
            lines.append(verdict(kept, miss, confidence, len(audit.losses)))
        if settings.in_context:
            rows = []
            for words in DISTANCES:
                placed = list(in_context(labeled, clean_texts, words))
                found = measure(
                    finder, placed, shown=partial(counted, unit="text", total=len(placed))
                )
                rows.append((words, found))
            shown["in_context"] = {str(words): figures(found)["leak"] for words, found in rows}
            lines.append(_context_lines(audit, rows))
        if settings.clean is not None:
            alarms = count_alarms(
                finder, clean_texts, shown=partial(counted, unit="text", total=len(clean_texts))
            )
            shown["clean"] = {
                "words": alarms.words,
                "alarms": alarms.by_label,
                "per_1000_words": alarms.rate,
            }
            lines.append(_alarm_line(alarms))
            if settings.most is not None:
                within = alarms.rate <= settings.most
                passed = passed and within
                shown["clean"] |= {"most": settings.most, "kept": within}
                lines.append(_budget_line(settings.most, within, write, budget_sensitivity))
            if budget_sensitivity is not None:
                shown["sensitivity"] = budget_sensitivity
                earlier = measure(PrivateFinder(settings=before), labeled, shown=in_texts)
                shown["found_whole"] = {
                    "before": earlier.leak.total - earlier.leak.count,
                    "values": earlier.leak.total,
                }
                shown["found_whole"]["now"] = audit.leak.total - audit.leak.count
                lines.append(_cost_line(earlier, audit, before.sensitivity))
        if miss is not None and write is not None:
            by_sensitivity = counted(
                losses_by_sensitivity(chosen, labeled), "setting", total=len(SENSITIVITIES)
            )
            losses = np.stack(list(by_sensitivity), axis=1)
            choice = control_risk(losses, bound=miss, confidence=confidence)
            passed = choice.chosen is not None
            if choice.chosen is None:
                lines.append(
                    verdict(choice, miss, confidence, len(audit.losses), which="No sensitivity")
                )
            else:
                shown["sensitivity"] = best = SENSITIVITIES[choice.chosen]
                write_sensitivity(write, best, used=chosen.sensitivity)
                mean = choice.means[choice.chosen]
                lines.append(
                    f"sensitivity = {best:g} keeps the bound (mean {mean:.2%}); written to {write}."
                )
        if settings.as_json:
            print(json.dumps(shown))
        else:
            print("\n\n".join(lines))
        if not passed:
            say("seqlabel: the bound or the budget is not kept")
    if not passed:
        raise typer.Exit(Status.UNREAD)


def _check(settings: AuditSettings) -> None:
    """Check which options are given together."""
    miss = settings.miss
    most = settings.most
    clean = settings.clean
    if miss is None and settings.confidence is not None:
        raise OptionError(
            "--confidence: expected --miss, the bound, too. Add it, such as --miss 0.02."
        )
    if miss is None and most is None and settings.write is not None:
        raise OptionError("--write: expected --miss or --most too. Add one, such as --miss 0.02.")
    if miss is not None and most is not None and settings.write is not None:
        raise OptionError(
            "--write: expected --miss or --most, got both. Leave one out; then check the other."
        )
    if most is not None and clean is None:
        raise OptionError("--most: expected --clean, the texts without private data, too. Add it.")
    if settings.in_context and clean is None:
        raise OptionError(
            "--in-context: expected --clean, the texts that values are placed in, too. Add it."
        )
    if most is not None and not 0 <= most < 1_000:
        raise OptionError(
            f"--most: expected findings in 1,000 words, from 0 on, got {most:g}. Pass one such "
            "as 5."
        )


def _clean_texts(path: Path, encoding: str) -> list[str]:
    """Read a text file, or those of a folder."""
    from seqlabel.io.text_files import read_blocks
    from seqlabel.text import find_texts

    paths = find_texts(path) if path.is_dir() else [path]
    return ["".join(read_blocks(path, encoding=encoding)) for path in paths]


def _context_lines(alone: "Audit", rows: Sequence[tuple[int, "Audit"]]) -> str:
    """Give the share of leaked values by the words of clean text on each side, as a table."""
    table_rows = []
    for words, found in ((0, alone), *rows):
        leak = found.leak
        table_rows.append([f"{words}", f"{leak.share:.1%}", _interval(leak)])
    return "\n".join(table_lines(["words around", "leaked", "of 95 %"], table_rows))


def _alarm_line(alarms: "Alarms") -> str:
    counts = ", ".join(f"{label} {count:,}" for label, count in alarms.by_label.items()) or "none"
    return (
        f"Findings in {alarms.words:,} words of clean text: {counts}; {alarms.rate:.1f} in "
        "1,000 words."
    )


def _budget_line(most: float, within: bool, write: Path | None, sensitivity: float | None) -> str:
    if write is not None and sensitivity is None:
        return (
            f"No sensitivity keeps the budget of {most:g}; {write} is not changed. The "
            "counts are those of today's."
        )
    if sensitivity is not None:
        return (
            f"sensitivity = {sensitivity:g} is the highest within the budget of {most:g}; "
            f"written to {write}."
        )
    return f"The budget of {most:g} is {'kept' if within else 'not kept'}."


def _cost_line(before: "Audit", now: "Audit", old: float) -> str:
    """Say what recall a budget cost on labelled texts, or brought."""
    was, is_now = (audit.leak.total - audit.leak.count for audit in (before, now))
    share = (is_now - was) / max(now.leak.total, 1)
    total = now.leak.total
    return (
        f"Labelled values found whole: {was:,} of {total:,} before, with {old:g}; "
        f"{is_now:,} now ({share:+.1%})."
    )


def _say_which_are_unknown(finder: "PrivateFinder", labeled: "Sequence[Labeled]") -> None:
    """Name the labels of the values that neither the model nor the rules nor the settings have."""
    labels = sorted({value.label for text in labeled for value in text.values})
    unknown = [label for label in labels if label not in finder.labels]
    if unknown:
        which = (
            "None of the file's labels is known"
            if len(unknown) == len(labels)
            else f"Not known: {', '.join(unknown)}"
        )
        say(
            f"seqlabel: {which}. The model and the settings have "
            f"{', '.join(sorted(finder.labels))}. Values of other "
            f"labels count as leaked unless they are found as one of these."
        )


def figures(audit: "Audit") -> dict[str, Any]:
    """Give the counts of an audit in a form for JSON.

    Args:
        audit: The audit.

    Returns:
        Rates with their intervals, and counts.
    """

    def rate(measured: "Rate") -> dict[str, Any]:
        return {
            "count": measured.count,
            "total": measured.total,
            "interval": [measured.interval.low, measured.interval.high],
        }

    leaked = {label: rate(count) for label, count in audit.leaked.items()}
    missed = {label: rate(count) for label, count in audit.missed.items()}
    return {
        "texts": audit.texts,
        "leak": rate(audit.leak),
        "leaked": leaked,
        "missed": missed,
        "over_redacted_characters": rate(audit.over),
        "false_alarms": audit.alarms,
    }


def table(audit: "Audit") -> str:
    """Give the counts of an audit in a form for people.

    Args:
        audit: The audit.

    Returns:
        A line for each label, one for all, and lines on what was redacted too much.
    """
    missed = {label: rate.count for label, rate in audit.missed.items()}
    rates = {**audit.leaked, "all": audit.leak}
    rows = [
        [
            label,
            f"{rate.total:,}",
            f"{rate.share:.1%}",
            _interval(rate),
            f"{missed.get(label, sum(missed.values())):,}",
        ]
        for label, rate in rates.items()
    ]
    alarms = ", ".join(f"{label} {count:,}" for label, count in audit.alarms.items()) or "none"
    over = (
        f"{audit.over.share:.2%} of the letters and digits that are not private "
        f"({_interval(audit.over)})"
    )
    lines = table_lines(["", "values", "leaked", "of 95 %", "not found at all"], rows)
    return "\n".join(
        [*lines, "", f"Redacted too much: {over}.", f"Findings that touch no value: {alarms}."]
    )


def verdict(
    kept: "Control", miss: float, confidence: float | None, texts: int, *, which: str = ""
) -> str:
    """Describe whether a bound is kept, and how many texts would be enough.

    Args:
        kept: The choice of the settings.
        miss: The bound.
        confidence: The confidence in it.
        texts: The number of texts with values.
        which: What does not keep it; empty for the settings themselves.

    Returns:
        A sentence or two.
    """
    how = (
        "on average over texts (conformal risk control)"
        if confidence is None
        else f"with confidence {confidence:g}"
    )
    if kept.chosen is not None:
        return f"The settings keep the share of leaked values of a text under {miss:g}, {how}."
    few = (
        f" {kept.needed:,} texts with values are the fewest that could show it; there are "
        f"{texts:,}."
    )
    said = (
        f"{which or 'It is not shown that the settings'} keep{'s' if which else ''} it "
        f"under {miss:g}, {how}."
    )
    return said + (few if texts < kept.needed else "")


def _interval(rate: "Rate") -> str:
    return f"{rate.interval.low:.1%} to {rate.interval.high:.1%}"


_LINE = re.compile(r"^[ \t]*sensitivity[ \t]*=[^\n]*$", re.MULTILINE)


def write_sensitivity(path: Path, sensitivity: float, *, used: float) -> None:
    """Write the sensitivity into a settings file; all else of it stays as it is.

    A warning is printed where less is found with it than with the one used until now.

    Args:
        path: The file; it is made where it is missing.
        sensitivity: The sensitivity.
        used: The sensitivity that was used until now.
    """
    from seqlabel.io.files import write_file

    text = path.read_text(encoding="utf-8") if path.exists() else ""
    line = f"sensitivity = {sensitivity!r}"
    # Keys of the whole file stand above its tables.
    begun = re.search(r"^[ \t]*\[", text, re.MULTILINE)
    head = text if begun is None else text[: begun.start()]
    new, changed = _LINE.subn(line, head, count=1)
    write_file(path, ((new if changed else f"{line}\n{head}") + text[len(head) :]).encode())
    if sensitivity < used:
        say(
            f"seqlabel: warning: less is found with sensitivity = {sensitivity:g} than with "
            f"{used:g}, which was used until now. Write that into {path} to undo this."
        )
