"""A user's settings for private data: kinds, values and replacements, frozen; no text is read here.

`seqlabel.toml` holds the same (`privacy.finding.settings_file`), and `PrivateFinder` does it.
"""

import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Annotated, ClassVar

from pydantic import Discriminator, Field, Tag

from seqlabel.errors import (
    OptionError,
    answers_old_names,
    check_list,
    check_number,
    check_strings,
    check_type,
    choose,
)
from seqlabel.privacy.replacing.policies import KEYED, Policy, PolicyName, Pseudonym, policy_named
from seqlabel.privacy.rules.labels import check_chosen, check_label_list
from seqlabel.privacy.rules.table import check_ids

LABEL = re.compile(r"[A-Z][A-Z0-9]{0,15}(?:_[A-Z0-9]{1,16}){0,3}")
"""The form of a label of one's own, so that placeholders can be made of it."""
DENIED = "DENIED"
"""The label of the deny list's values where the user names no other."""
MODEL = "en_pii"
"""The model that is used where none is named."""
_MOST_SHOWN = 8


@dataclass(frozen=True)
class ValueList:
    """Values that a user lists: in place, in files with one value per line, and as regular
    expressions.

    Values are compared without regard to case, and a run of white space equals any other. Files are
    UTF-8; blank lines and lines that begin with `#` and a space are left out. The repr holds no
    value, because a deny list is private.

    Args:
        words: Values of one word or several.
        files: Files of values.
        patterns: Regular expressions; see `OwnPattern` for what they may be.
    """

    words: tuple[str, ...] = field(default=(), repr=False)
    files: tuple[Path | str, ...] = ()
    patterns: tuple[str, ...] = field(default=(), repr=False)
    __pydantic_config__: ClassVar[dict[str, str]] = {"extra": "forbid"}

    def __post_init__(self) -> None:
        check_strings("words", self.words, "values")
        check_list("files", self.files, str | Path, "paths")
        check_strings("patterns", self.patterns, "regular expressions")

    def __bool__(self) -> bool:
        return bool(self.words or self.files or self.patterns)


@dataclass(frozen=True)
class DenyList(ValueList):
    """Values that are always replaced, whatever else the settings say.

    Args:
        label: Their label.
    """

    label: str = DENIED

    def __post_init__(self) -> None:
        super().__post_init__()
        check_label("label", self.label)


@dataclass(frozen=True)
class OwnPattern:
    """A regular expression whose matches are private, as a rule of the user's own.

    It is written as for Python's `re`. `^` and `$` are the ends of lines. A match may have at most
    128 characters, or any number if it holds no white space; the pattern may not take long
    (`privacy.finding.own_patterns`).

    Args:
        label: The label of the matches, such as `EMPLOYEE_ID`.
        regex: The regular expression.
        validator: What a match must pass too: the name of a module of `python-stdnum`, such as
            `luhn`, `iban` or `nl.bsn`, or a function of your own. None takes every match.
        context: Words of which one must stand near a match, in any case: up to 64 characters before
            it or 32 after it. None are needed if this is empty.
        id: What findings call it; without one, its place in the settings.
        yes: Texts in which it must find something, and that between « and » where these stand, as
            in the library's rules; checked when the settings are used.
        no: Texts in which it must find nothing.
    """

    label: str
    regex: str
    validator: str | Callable[[str], bool] | None = None
    context: tuple[str, ...] = ()
    id: str = ""
    yes: tuple[str, ...] = field(default=(), repr=False)
    no: tuple[str, ...] = field(default=(), repr=False)
    __pydantic_config__: ClassVar[dict[str, str]] = {"extra": "forbid"}

    def __post_init__(self) -> None:
        check_label("label", self.label)
        check_type("regex", self.regex, str, "a regular expression as a string")
        if not callable(self.validator):
            expected = "the name of a module of python-stdnum, a function, or None"
            check_type("validator", self.validator, str | None, expected)
        check_strings("context", self.context, "words")
        check_type("id", self.id, str, "a string")
        check_strings("yes", self.yes, "texts")
        check_strings("no", self.no, "texts")


@dataclass(frozen=True)
class RuleChoice:
    """The library's rules that are used; `[rules]` in `seqlabel.toml`. `seqlabel rules` lists their
    ids.

    Args:
        disable: The ids of rules that are switched off.
        only: The ids of the rules that are used; None for all.

    Raises:
        OptionError: For an id that no rule has, and for an empty list in `only`.
    """

    disable: tuple[str, ...] = ()
    only: tuple[str, ...] | None = None
    __pydantic_config__: ClassVar[dict[str, str]] = {"extra": "forbid"}

    def __post_init__(self) -> None:
        check_ids("disable", self.disable)
        if self.only is not None:
            check_ids("only", self.only)
        if self.only is not None and not self.only:
            raise OptionError(
                "only: the list is empty. Name rules, or write rules = false to use none."
            )


def _is_choice(rules: object) -> str:
    """The type that pydantic reads the setting `rules` as."""
    return "RuleChoice" if isinstance(rules, Mapping | RuleChoice) else "bool"


@dataclass(frozen=True)
class PrivacySettings:
    """The kinds and values to find, and their replacements: the same for Python, the command, spaCy
    and streams.

    Order of decisions: model and rules find (`model`, `sensitivity`, `rules`, `patterns`); of
    these, labels are chosen (`labels`, `except_`), then findings below their label's threshold are
    dropped, then values of the allow list. Values of the deny list are added at last, so that
    nothing removes them. Labels of your own patterns need not be listed in `labels`.

    Args:
        model: The folder or the name of a labeler with the layer `pii`.
        sensitivity: How readily the model finds something. Each step up divides the odds of "not
            private" by e: more is found, and more of it is wrong; what a lower sensitivity hides, a
            higher one hides too. 0 is how the labeler was made; `seqlabel audit` measures what your
            texts need.
        rules: Whether values whose form proves them are found too, or the rules that find them.
        labels: The labels to find; None finds all.
        wide: Whether findings that may be mistakes for `labels` are found too
            (`rules.labels.Mistakes`).
        except_: Labels to leave out; `except`, which is a word of Python's, in `seqlabel.toml` and
            the command.
        thresholds: For some labels, the least probability of a finding of the model. Findings of
            rules are certain.
        patterns: Patterns of your own; `[[pattern]]` in `seqlabel.toml`.
        allow: Values that stay: a finding is dropped if all of it, but for punctuation around it,
            is such a value.
        deny: Values that are always replaced.
        policy: The name of the policy that replaces findings.
        policies: Names of policies for some labels, used instead of `policy`.
        key_file: The file with the key of policies that have one.
        locale: The country whose names the policy `pseudonym` gives; see `Pseudonym`.
        subject: ID of the person whose dates are shifted together by the policy `pseudonym`.

    Raises:
        OptionError: For a value that is not allowed; the message names its key.

    Example:
        >>> settings = PrivacySettings(except_=("DATE",), policies={"EMAIL": "mask"})
        >>> settings.policy == 'replace', settings.policies
        (True, {'EMAIL': 'mask'})
    """

    model: str | Path = MODEL
    sensitivity: float = 0.0
    rules: Annotated[
        Annotated[bool, Tag("bool")] | Annotated[RuleChoice, Tag("RuleChoice")],
        Discriminator(_is_choice),
    ] = True
    labels: tuple[str, ...] | None = None
    wide: bool = False
    except_: Annotated[tuple[str, ...], Field(alias="except")] = ()
    thresholds: Mapping[str, float] = field(default_factory=dict)
    patterns: Annotated[tuple[OwnPattern, ...], Field(alias="pattern")] = ()
    allow: ValueList = field(default_factory=ValueList)
    deny: DenyList = field(default_factory=DenyList)
    policy: str = PolicyName.REPLACE
    policies: Mapping[str, str] = field(default_factory=dict)
    key_file: Path | str | None = None
    locale: str | None = None
    subject: str | None = field(default=None, repr=False)
    __pydantic_config__: ClassVar[dict[str, str]] = {"extra": "forbid"}

    def __post_init__(self) -> None:
        self._check_types()
        number = self.sensitivity
        if (
            isinstance(number, bool)
            or not isinstance(number, int | float)
            or not math.isfinite(number)
        ):
            raise OptionError(
                f"sensitivity: expected a number, got {number!r}. 0 is the default, and 2 finds "
                "far more."
            )
        if not self.own_labels:
            check_chosen(self.labels, self.labels or ())
        for label, threshold in self.thresholds.items():
            check_number(f"thresholds.{label}", threshold, "a probability from 0 to 1")
            if not 0 <= threshold <= 1:
                raise OptionError(
                    f"thresholds.{label}: expected a probability from 0 to 1, got {threshold}."
                )
        for key, name in (
            ("policy", self.policy),
            *((f"policies.{label}", name) for label, name in self.policies.items()),
        ):
            choose(PolicyName, key, name)

    def _check_types(self) -> None:
        check_type("model", self.model, str | Path, "a name or a folder")
        check_type("rules", self.rules, bool | RuleChoice, "True, False or a RuleChoice")
        if self.labels is not None:
            check_label_list(self.labels, option="labels")
        check_type("wide", self.wide, bool, "True or False")
        check_label_list(self.except_, option="except_")
        expected = "a mapping such as {'PERSON': 0.7}"
        check_type("thresholds", self.thresholds, Mapping, expected)
        check_label_list(self.thresholds, option="thresholds")
        expected = "patterns, such as [OwnPattern('EMPLOYEE_ID', 'EMP-[0-9]{6}')]"
        check_list("patterns", self.patterns, OwnPattern, expected)
        expected = "a ValueList, such as ValueList(words=[...])"
        check_type("allow", self.allow, ValueList, expected)
        expected = "a DenyList, such as DenyList(words=[...])"
        check_type("deny", self.deny, DenyList, expected)
        check_type("policies", self.policies, Mapping, "a mapping such as {'EMAIL': 'mask'}")
        check_label_list(self.policies, option="policies")
        check_type("key_file", self.key_file, str | Path | None, "the path of a file, or None")
        check_type("locale", self.locale, str | None, "a locale such as 'de_DE', or None")
        check_type("subject", self.subject, str | None, "an ID as a string, or None")

    @property
    def own_labels(self) -> frozenset[str]:
        """The labels of the user's own patterns and deny list."""
        return frozenset(pattern.label for pattern in self.patterns) | (
            {self.deny.label} if self.deny else frozenset()
        )

    def asks_for(self, label: str) -> bool:
        """Return whether findings with a label stay: those of the user's own, which need not be in
        `labels`, do too.

        Args:
            label: The label.

        Returns:
            Whether it is not in `except_`, and, where `labels` are given, is one of them or of the
            user's own.
        """
        return label not in self.except_ and (
            self.labels is None or label in self.labels or label in self.own_labels
        )

    @property
    def rule_choice(self) -> RuleChoice | None:
        """The library's rules that are used; None where none are."""
        if isinstance(self.rules, RuleChoice):
            return self.rules
        return RuleChoice() if self.rules else None

    def narrowing(self) -> list[str]:
        """Say what these settings take away from what is found by default, or give away of what is
        replaced.

        Returns:
            One part of a sentence for each, such as `finds only AGE`; empty if nothing is taken
            away.

        Example:
            >>> PrivacySettings(except_=("DATE",), allow=ValueList(("Ann Lee",))).narrowing()
            ['leaves out DATE', 'keeps the values of allow (Ann Lee)']
        """
        allow = self.allow
        said = []

        if self.model != MODEL:
            said.append(f"uses the model {_shown([self.model])}")
        if self.sensitivity < 0:
            said.append(f"lowers the sensitivity to {self.sensitivity:g}")

        choice = self.rule_choice
        if choice is None:
            said.append("uses no rules")
        elif choice.disable:
            said.append(f"switches off the rules {_shown(choice.disable)}")
        if choice is not None and choice.only is not None:
            said.append(f"uses no rules but {_shown(choice.only)}")

        if self.labels is not None:
            said.append(f"finds only {_shown(sorted({*self.labels, *self.own_labels}))}")
        if self.except_:
            said.append(f"leaves out {_shown(self.except_)}")
        if self.thresholds:
            said.append(
                "drops findings below "
                f"{_shown([f'{label} {least}' for label, least in self.thresholds.items()])}"
            )
        if allow:
            # They stay in the text for everyone to read, so they may be shown.
            parts = [_shown(allow.words)] if allow.words else []
            parts += [f"those in {_shown(allow.files)}"] if allow.files else []
            parts += [f"what matches {_shown(allow.patterns)}"] if allow.patterns else []
            said.append(f"keeps the values of allow ({', '.join(parts)})")
        if policies := {self.policy, *self.policies.values()} - {
            PolicyName.REPLACE,
            PolicyName.REMOVE,
        }:
            key = f" with the key in {_shown([self.key_file])}" if self.key_file else ""
            said.append(f"replaces by {_shown(sorted(policies))}{key}")

        return said

    def make_policies(self, key: bytes | None = None) -> tuple[Policy, dict[str, Policy]]:
        """Make the policies that the settings name.

        Args:
            key: The key of those that have one.

        Returns:
            The policy for all labels, and those for some labels (`policies` of `redact`).

        Raises:
            OptionError: For a key, a locale or a subject that no policy needs, for a key that is
                missing, too short or can be guessed, an unknown locale, and where a policy's
                package is missing.
        """
        names = [self.policy, *self.policies.values()]
        if key is not None and not set(names) & set(KEYED):
            raise OptionError(
                f"key: the policy {str(self.policy)!r} has no key. Leave it out, or choose one "
                f"of {', '.join(KEYED)}."
            )
        for option, value in (("locale", self.locale), ("subject", self.subject)):
            if value is not None and PolicyName.PSEUDONYM not in names:
                raise OptionError(
                    f"{option}: is for the policy 'pseudonym', which is not used. Leave it out."
                )
        made = [policy_named(name, key=key if name in KEYED else None) for name in names]
        made = [
            replace(policy, locale=self.locale, subject=self.subject)
            if isinstance(policy, Pseudonym)
            else policy
            for policy in made
        ]
        return made[0], dict(zip(self.policies, made[1:], strict=True))


_OLD_NAMES = {
    "only": "labels",
    "excluded": "except_",
    "disabled_rules": "rules, with RuleChoice(disable=...)",
    "only_rules": "rules, with RuleChoice(only=...)",
    "labeler": "model",
    "by_label": "policies",
    "key": "key_file, the path of a file",
    "except": "except_",
}
PrivacySettings.__init__ = answers_old_names(_OLD_NAMES)(PrivacySettings.__init__)  # type: ignore[method-assign]


def _shown(names: Sequence[object]) -> str:
    """Names of a file that others may have written, for one line on a terminal."""
    shown = ", ".join(repr(str(name))[1:-1] for name in names[:_MOST_SHOWN])
    return shown if len(names) <= _MOST_SHOWN else f"{shown} and {len(names) - _MOST_SHOWN:,} more"


def check_label(key: str, label: str) -> None:
    """Refuse a label of the user's own that placeholders could not be made of.

    Args:
        key: The key or option it was given in, for the message.
        label: The label.

    Raises:
        OptionError: For anything but capitals, digits and single underscores, in up to four words
            of 16 characters.
    """
    check_type(key, label, str, "a label such as 'EMPLOYEE_ID'")
    if not LABEL.fullmatch(label):
        raise OptionError(
            f"{key}: got {label!r}. Write a label as EMPLOYEE_ID: capitals and digits, up to four "
            "words of 16 with _ between."
        )
