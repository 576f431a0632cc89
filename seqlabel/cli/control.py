"""The options of `redact` and `find` that say what is private, and the settings they make with `seqlabel.toml`."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from seqlabel.cli.console import say
from seqlabel.errors import OptionError

if TYPE_CHECKING:
    from seqlabel.privacy.settings import PrivacySettings

SettingsFile = Annotated[
    Path | None,
    typer.Option("--settings", help="TOML file of settings (docs/control). Default: seqlabel.toml of this folder."),
]
Model = Annotated[
    str | None, typer.Option(help="A labeler's folder, or the name of one that ships.", show_default="en_pii")
]
Labels = Annotated[str, typer.Option(help="Labels to find, separated by commas. Default: all.")]
Except = Annotated[
    list[str] | None, typer.Option("--except", help="Label that is not replaced. Repeatable, or with commas.")
]
Allow = Annotated[list[Path] | None, typer.Option(help="File of values that stay, one per line. Repeatable.")]
Deny = Annotated[list[Path] | None, typer.Option(help="File of values that are always private. Repeatable.")]
Patterns = Annotated[
    list[str] | None,
    typer.Option("--pattern", metavar="LABEL=REGEX", help="Regular expression whose matches are private. Repeatable."),
]
Recall = Annotated[
    str | None,
    typer.Option(
        metavar="SHARE|high",
        help="Use the threshold that reached this recall on held-out texts, or high for 2 nats more than by default. "
        "Below 0.95, en_pii finds less than by default.",
    ),
]
Locale = Annotated[str | None, typer.Option(help="Country of pseudonyms of names, such as de_DE.")]
Subject = Annotated[
    str | None, typer.Option(help="Whose dates these are, such as a patient's number: pseudonyms shift them alike.")
]
NoPatterns = Annotated[bool, typer.Option("--no-patterns", help="Use the model without the library's rules.")]


@dataclass(frozen=True)
class Asked:
    """The settings that options give; where one is None or empty, the settings file decides.

    Args:
        settings: The settings file.
        model: The model.
        labels: The labels to find, with commas between.
        excluded: The labels that are not replaced.
        allow: Files of values that stay.
        deny: Files of values that are always private.
        patterns: `LABEL=REGEX`.
        recall: The recall whose threshold is used, a number or `high`.
        no_patterns: Whether the library's rules are left out.
    """

    settings: Path | None = None
    model: str | None = None
    labels: str = ""
    excluded: list[str] | None = None
    allow: list[Path] | None = None
    deny: list[Path] | None = None
    patterns: list[str] | None = None
    recall: str | None = None
    no_patterns: bool = False

    def read(self) -> "PrivacySettings":
        """Read the settings file, if there is one, and change what the options change; options win.

        Returns:
            The settings.

        Raises:
            OptionError: For a file or an option that is not allowed.
        """
        from seqlabel.privacy.settings import OwnPattern, PrivacySettings, check_label
        from seqlabel.privacy.settings_file import find_settings, load_settings

        path = self.settings
        if path is None and (path := find_settings()) is not None:
            say(f"seqlabel: using the settings in {path}")
        found = PrivacySettings() if path is None else load_settings(path)
        own = list(found.patterns)
        for pattern in self.patterns or ():
            label, equals, regex = pattern.partition("=")
            if not equals or not regex:
                raise OptionError("--pattern: expected LABEL=REGEX, such as 'EMPLOYEE_ID=EMP-[0-9]{6}'.")
            check_label("--pattern", label)
            own.append(OwnPattern(label, regex))
        only, excluded = _split([self.labels]), _split(self.excluded or ())
        return replace(
            found,
            model=found.model if self.model is None else self.model,
            recall=found.recall if self.recall is None else _recall(self.recall),
            threshold_offset=found.threshold_offset if self.recall is None else None,
            rules=found.rules and not self.no_patterns,
            only=only or found.only,
            excluded=(*found.excluded, *excluded),
            patterns=tuple(own),
            allow=replace(found.allow, files=(*found.allow.files, *(self.allow or ()))),
            deny=replace(found.deny, files=(*found.deny.files, *(self.deny or ()))),
        )


def with_policies(
    settings: "PrivacySettings",
    named: list[str],
    key_file: Path | None,
    *,
    locale: str | None = None,
    subject: str | None = None,
) -> "PrivacySettings":
    """Change the policies of settings as `--policy` and the options beside it say.

    Args:
        settings: The settings.
        named: Names of policies, and `LABEL=NAME` for some labels.
        key_file: The file with the key.
        locale: The country of pseudonyms.
        subject: Whose dates these are.

    Returns:
        The settings.

    Raises:
        OptionError: For two policies for all labels, and for a name that is not known.
    """
    for_all = [name for name in named if "=" not in name]
    if len(for_all) > 1:
        raise OptionError(f"--policy: got {' and '.join(for_all)} for all labels. Give one, and LABEL=NAME for others.")
    by_label = dict(name.split("=", 1) for name in named if "=" in name)
    return replace(
        settings,
        policy=for_all[0] if for_all else settings.policy,
        policies={**settings.policies, **by_label},
        key_file=key_file or settings.key_file,
        locale=locale or settings.locale,
        subject=subject or settings.subject,
    )


def _recall(found: str) -> float | Literal["high"]:
    if found == "high":
        return "high"
    try:
        return float(found)
    except ValueError:
        raise OptionError(f"--recall: Found {found!r}. Give a number such as 0.99, or high.") from None


def _split(found: "list[str] | tuple[str, ...]") -> tuple[str, ...]:
    return tuple(label.strip() for one in found for label in one.split(",") if label.strip())
