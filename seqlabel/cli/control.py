"""The options that say what is private and what replaces it, and the settings they make with
`seqlabel.toml`.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from seqlabel.commands.console import note, say
from seqlabel.errors import OptionError

if TYPE_CHECKING:
    from seqlabel.privacy.finding.settings import PrivacySettings


@dataclass(frozen=True)
class PrivateOptions:
    """The options that say what is private; where one is None or empty, the settings file
    decides.
    """

    settings: Annotated[
        Path | None,
        typer.Option(
            help=(
                "TOML file of settings (docs/control). Default: seqlabel.toml of this "
                "folder; none for mcp and hook."
            )
        ),
    ] = None
    model: Annotated[
        str | None,
        typer.Option(
            help="A labeler's folder, or the name of one that ships.", show_default="en_pii"
        ),
    ] = None
    sensitivity: Annotated[
        float | None,
        typer.Option(
            help="How readily the model finds something: 0 is the default, 2 finds far more, "
            "-1 less. A higher one "
            "hides all that a lower one hides.",
            show_default="0",
        ),
    ] = None
    labels: Annotated[
        list[str] | None,
        typer.Option(help="Label to find. Repeatable, or with commas.", show_default="all"),
    ] = None
    wide: Annotated[
        bool, typer.Option("--wide", help="With --labels, find what may be mistaken for them too.")
    ] = False
    except_: Annotated[
        list[str] | None,
        typer.Option("--except", help="Label to leave out. Repeatable, or with commas."),
    ] = None
    allow: Annotated[
        list[Path] | None, typer.Option(help="File of values that stay, one per line. Repeatable.")
    ] = None
    deny: Annotated[
        list[Path] | None, typer.Option(help="File of values that are always private. Repeatable.")
    ] = None
    patterns: Annotated[
        list[str] | None,
        typer.Option(
            "--pattern",
            metavar="LABEL=REGEX",
            help="Regular expression whose matches are private. Repeatable.",
        ),
    ] = None
    no_rules: Annotated[
        bool, typer.Option("--no-rules", help="Use the model without the library's rules.")
    ] = False

    def read(self, *, of_folder: bool = True) -> "PrivacySettings":
        """Read the settings file, if there is one, and change what the options change; options win.

        Args:
            of_folder: Whether the file of this folder is read where none is named; not where a
                stranger's project, whose file could switch the finder off, is the folder.

        Returns:
            The settings.

        Raises:
            OptionError: For a file or an option that is not allowed.
        """
        from seqlabel.models.hub import PREFIX
        from seqlabel.privacy.finding.settings import OwnPattern, PrivacySettings, check_label
        from seqlabel.privacy.finding.settings_file import FILE_NAME, load_settings

        is_there = of_folder and self.settings is None and Path(FILE_NAME).is_file()
        path = Path(FILE_NAME) if is_there else None
        read = self.settings or path
        chosen = PrivacySettings() if read is None else load_settings(read, named=path is None)
        if self.model is None and path is not None and str(chosen.model).startswith(PREFIX):
            raise OptionError(
                f"{path}: model: would be downloaded, because of a file that was not named. Pass "
                f"--model {chosen.model}, or --settings {path}."
            )
        labels = _split("--labels", self.labels) if self.labels else None
        options = {"model": self.model, "labels": labels, "sensitivity": self.sensitivity}
        typed: dict[str, Any] = {
            name: value for name, value in options.items() if value is not None
        }
        if path is not None:
            defaults = PrivacySettings()
            taken = replace(chosen, **{name: getattr(defaults, name) for name in typed}).narrowing()
            using = f"seqlabel: using the settings in {path}"
            # What is taken away by a file that no option named is reported even with --quiet.
            say(f"{using}, which {'; '.join(taken)}") if taken else note(using)
        own = list(chosen.patterns)
        for pattern in self.patterns or ():
            label, equals, regex = pattern.partition("=")
            if not equals or not regex:
                raise OptionError(
                    "--pattern: expected LABEL=REGEX, such as 'EMPLOYEE_ID=EMP-[0-9]{6}'."
                )
            check_label("--pattern", label)
            own.append(OwnPattern(label, regex))
        return replace(
            chosen,
            **typed,
            rules=False if self.no_rules else chosen.rules,
            wide=self.wide or chosen.wide,
            except_=(*chosen.except_, *_split("--except", self.except_ or ())),
            patterns=tuple(own),
            allow=replace(chosen.allow, files=(*chosen.allow.files, *(self.allow or ()))),
            deny=replace(chosen.deny, files=(*chosen.deny.files, *(self.deny or ()))),
        )


@dataclass(frozen=True)
class Replacing:
    """The options that say what replaces private data; where one is None, the settings decide."""

    policy: Annotated[
        list[str] | None,
        typer.Option(
            metavar="[LABEL=]NAME",
            help="What replaces private data: replace, remove, mask, hash, pseudonym or "
            "encrypt. Repeatable for "
            "labels, as in EMAIL=mask.",
            show_default="replace",
        ),
    ] = None
    key_file: Annotated[
        Path | None,
        typer.Option(help="Key of hash, pseudonym and encrypt, as `seqlabel keygen` makes it."),
    ] = None
    locale: Annotated[
        str | None, typer.Option(help="Country of pseudonyms of names, such as de_DE.")
    ] = None
    subject: Annotated[
        str | None,
        typer.Option(
            help="Whose dates these are, such as a patient's number: pseudonyms shift them alike."
        ),
    ] = None

    def over(self, settings: "PrivacySettings") -> "PrivacySettings":
        """Change the policies of settings as the options say.

        Args:
            settings: The settings.

        Returns:
            The settings.

        Raises:
            OptionError: For two policies for all labels, and for a name that is not known.
        """
        named = self.policy or []
        for_all = [name for name in named if "=" not in name]
        if len(for_all) > 1:
            raise OptionError(
                f"--policy: got {' and '.join(for_all)} for all labels. Pass one, and "
                "LABEL=NAME for others."
            )
        for_some = dict(name.split("=", 1) for name in named if "=" in name)
        return replace(
            settings,
            policy=for_all[0] if for_all else settings.policy,
            policies={**settings.policies, **for_some},
            key_file=self.key_file or settings.key_file,
            locale=self.locale or settings.locale,
            subject=self.subject or settings.subject,
        )


def _split(option: str, values: Sequence[str]) -> tuple[str, ...]:
    labels = tuple(label.strip() for value in values for label in value.split(","))
    if not all(labels):
        raise OptionError(f"{option}: found an empty label. Name a label, or leave the option out.")
    return labels
