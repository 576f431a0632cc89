"""The subcommand `seqlabel audit`: what the settings miss on labelled texts, and the sensitivity to use."""

import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from seqlabel.cli.control import Asked, Model, Sensitivity, SettingsFile
from seqlabel.cli.options import Encoding, Json, Quiet
from seqlabel.commands.console import Status, messages, note, say, show
from seqlabel.errors import OptionError
from seqlabel.io.text_files import UTF_8

if TYPE_CHECKING:
    from seqlabel.privacy.finding.audit import Audit, Labelled, Rate
    from seqlabel.privacy.finding.finder import PrivateFinder
    from seqlabel.scores.risk import Control

Miss = Annotated[
    float | None,
    typer.Option(help="Highest share of a text's values that may leak, such as 0.02: sets the exit status."),
]
Confidence = Annotated[
    float | None, typer.Option(help="Confidence in that bound, such as 0.9. Default: the bound holds on average.")
]
Write = Annotated[
    Path | None, typer.Option(help="Find the sensitivity that keeps --miss, and write it into this settings file.")
]


def audit(
    file: Annotated[Path, typer.Argument(help="Texts with spans, as `seqlabel train` reads them, all labelled.")],
    settings: SettingsFile = None,
    model: Model = None,
    sensitivity: Sensitivity = None,
    miss: Miss = None,
    confidence: Confidence = None,
    write: Write = None,
    as_json: Json = False,
    encoding: Encoding = UTF_8,
    text: Annotated[str, typer.Option(help="Field of the text.")] = "text",
    quiet: Quiet = False,
) -> None:
    """Measure what leaks and what is redacted too much on your own labelled texts; 50 to 200 are enough.

    A value leaks if one letter or digit of it is not found. Intervals are 95 % intervals. With --miss the exit status
    is 1 if the settings do not keep the bound, or, with --write, if no sensitivity does. The bound holds for texts of
    the same kind: label a random sample of those that the settings are for.

    \f
    Args:
        file: The labelled texts.
        settings: The settings file; None means `seqlabel.toml` of this folder, if it is there.
        model: A labeler's folder or name.
        sensitivity: How readily the model finds something; None means what the settings say.
        miss: The highest share of a text's values that may leak.
        confidence: The confidence in that bound; None bounds the expectation.
        write: The settings file that gets the sensitivity.
        as_json: Whether to print the result as JSON.
        encoding: The encoding of the file.
        text: The field of the text.
        quiet: Whether only the result is printed.
    """
    with messages(quiet=quiet):
        import numpy as np

        from seqlabel.formats.any_format import read_character_spans
        from seqlabel.privacy.finding.audit import SENSITIVITIES, Labelled, losses_by_sensitivity
        from seqlabel.privacy.finding.audit import audit as measure
        from seqlabel.privacy.finding.finder import PrivateFinder
        from seqlabel.privacy.finding.settings_file import load_settings
        from seqlabel.scores.risk import control_risk

        if miss is None and (confidence is not None or write is not None):
            raise OptionError("--confidence and --write need --miss, the bound. Give it, such as --miss 0.02.")
        chosen = Asked(settings, model, sensitivity).read()
        if write is not None and write.exists():
            # One that cannot be read is refused before any work.
            load_settings(write)
        finder = PrivateFinder(settings=chosen)
        tokenise = finder.labeler.tokenise
        read = list(read_character_spans(file, tokenise, text=text, encoding=encoding))
        labelled = [
            Labelled(content, tuple(one for one in spans if chosen.asks_for(one.label))) for content, spans in read
        ]
        left_out = sum(len(spans) for _, spans in read) - sum(len(one.values) for one in labelled)
        if left_out:
            note(f"seqlabel: {left_out:,} labelled values are left out, because only and except leave out their labels")
        _say_which_are_unknown(finder, labelled)
        found = measure(finder, labelled)
        told: dict[str, Any] = figures(found)
        passed = True
        lines = [table(found)]
        if miss is not None:
            kept = control_risk(found.losses[:, None], bound=miss, confidence=confidence)
            passed = kept.chosen is not None
            told["bound"] = {"miss": miss, "confidence": confidence, "kept": passed}
            lines.append(verdict(kept, miss, confidence, len(found.losses)))
            if write is not None:
                losses = np.stack(list(losses_by_sensitivity(chosen, labelled)), axis=1)
                choice = control_risk(losses, bound=miss, confidence=confidence)
                passed = choice.chosen is not None
                if choice.chosen is not None:
                    told["sensitivity"] = found_one = SENSITIVITIES[choice.chosen]
                    write_sensitivity(write, found_one, used=chosen.sensitivity)
                    lines.append(
                        f"sensitivity = {found_one:g} keeps the bound (mean "
                        f"{choice.means[choice.chosen]:.2%}); written to {write}."
                    )
                else:
                    lines.append(verdict(choice, miss, confidence, len(found.losses), which="No sensitivity"))
        if as_json:
            print(json.dumps(told))
        else:
            for line in "\n\n".join(lines).split("\n"):
                show(line)
        if not passed:
            say("seqlabel: the bound is not kept")
    if not passed:
        raise typer.Exit(Status.UNREAD)


def _say_which_are_unknown(finder: "PrivateFinder", labelled: "Sequence[Labelled]") -> None:
    """Say which labels of the values are none of the model's, of the rules' and of the settings'."""
    labels = sorted({value.label for one in labelled for value in one.values})
    unknown = [label for label in labels if label not in finder.labels]
    if unknown:
        which = (
            "None of the file's labels is known" if len(unknown) == len(labels) else f"Not known: {', '.join(unknown)}"
        )
        say(
            f"seqlabel: {which}. The model and the settings have {', '.join(sorted(finder.labels))}. Values of other "
            f"labels count as leaked unless they are found as one of these."
        )


def figures(found: "Audit") -> dict[str, Any]:
    """Give the counts of an audit in a form for JSON.

    Args:
        found: The audit.

    Returns:
        Rates with their intervals, and counts.
    """

    def rate(one: "Rate") -> dict[str, Any]:
        return {"count": one.count, "total": one.total, "interval": [one.interval.low, one.interval.high]}

    return {
        "texts": found.texts,
        "leak": rate(found.leak),
        "leaked": {label: rate(one) for label, one in found.leaked.items()},
        "missed": {label: rate(one) for label, one in found.missed.items()},
        "over_redacted_characters": rate(found.over),
        "false_alarms": found.alarms,
    }


def table(found: "Audit") -> str:
    """Give the counts of an audit in a form for people.

    Args:
        found: The audit.

    Returns:
        A line for each label, one for all, and lines on what was redacted too much.
    """
    width = max(3, *map(len, found.leaked))
    head = f"{'':<{width}}  values  leaked   of 95 %         not found at all"
    rows = [
        f"{label:<{width}}  {one.total:>6,}  {one.share:>6.1%}   {_interval(one):<13}   {found.missed[label].count:>6,}"
        for label, one in found.leaked.items()
    ]
    missed = sum(one.count for one in found.missed.values())
    rows.append(
        f"{'all':<{width}}  {found.leak.total:>6,}  {found.leak.share:>6.1%}   {_interval(found.leak):<13}   "
        f"{missed:>6,}"
    )
    alarms = ", ".join(f"{label} {count:,}" for label, count in found.alarms.items()) or "none"
    over = f"{found.over.share:.2%} of the letters and digits that are not private ({_interval(found.over)})"
    return "\n".join([head, *rows, "", f"Redacted too much: {over}.", f"Findings that touch no value: {alarms}."])


def verdict(kept: "Control", miss: float, confidence: float | None, texts: int, *, which: str = "") -> str:
    """Say whether a bound is kept, and how many texts would be enough.

    Args:
        kept: The choice of the settings.
        miss: The bound.
        confidence: The confidence in it.
        texts: The number of texts with values.
        which: What does not keep it; empty for the settings themselves.

    Returns:
        A sentence or two.
    """
    how = "on average over texts (conformal risk control)" if confidence is None else f"with confidence {confidence:g}"
    if kept.chosen is not None:
        return f"The settings keep the share of leaked values of a text under {miss:g}, {how}."
    few = f" {kept.needed:,} texts with values are the fewest that could show it; there are {texts:,}."
    said = f"{which or 'It is not shown that the settings'} keep{'s' if which else ''} it under {miss:g}, {how}."
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
    from seqlabel.io.files import replace_file, usual_mode

    text = path.read_text(encoding="utf-8") if path.exists() else ""
    line = f"sensitivity = {sensitivity!r}"
    # Keys of the whole file stand above its tables.
    begun = re.search(r"^[ \t]*\[", text, re.MULTILINE)
    head = text if begun is None else text[: begun.start()]
    new = _LINE.sub(line, head, count=1) if _LINE.search(head) else f"{line}\n{head}"
    with replace_file(path, mode=usual_mode(path)) as beside:
        beside.write_text(new + text[len(head) :], encoding="utf-8")
    if sensitivity < used:
        say(
            f"seqlabel: warning: less is found with sensitivity = {sensitivity:g} than with {used:g}, which was used "
            f"until now. Write that into {path} to undo this."
        )
