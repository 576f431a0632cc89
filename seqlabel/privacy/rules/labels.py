"""The names of labels that a user asks for, checked against those that can be found; nothing is
found here.
"""

import re
from collections.abc import Collection

from seqlabel.errors import OptionError, check_strings, did_you_mean
from seqlabel.privacy.rules.kinds import KINDS, PRIVATE_WORDS, STANDARD_LABELS, families_of

_FAMILY_DOUBT = 0.1
"""The least probability of other labels at which a finding may be a mistake for one of its family.
"""
_DIGITS_DOUBT = 0.3
"""The same for a finding of any label that has a digit."""
DOUBT = 0.7
"""The same for a finding of any label."""
_FORMED = frozenset(("network", "contacts"))
"""Families whose values their form tells from all others."""


def is_private(label: str) -> bool:
    """Return whether a label of any data set names private data.

    Args:
        label: The label, in capitals or not.

    Returns:
        Whether it is one of this library's labels or has a word that names private data.

    Example:
        >>> is_private("PER"), is_private("patient-name"), is_private("DEVICE")
        (True, True, False)
    """
    return label in STANDARD_LABELS or not PRIVATE_WORDS.isdisjoint(
        re.split(r"[\W_]+", label.upper())
    )


class Mistakes:
    """The findings that may be mistakes for some labels.

    They are those that the model is not sure of: with a label of the same family (`kinds.toml`),
    and with any label if they have a digit or if other labels are far likelier together.

    Args:
        labels: Any labels.
        never: Labels that no finding of these may be mistaken for.
    """

    def __init__(self, labels: Collection[str], *, never: Collection[str] = ()) -> None:
        families = families_of(frozenset(labels))
        near = {label for label, kind in KINDS.items() if not families.isdisjoint(kind.families)}
        self._near = near.difference(labels, never)
        self._others = frozenset() if families <= _FORMED else STANDARD_LABELS.difference(never)
        self._with_digits = any(label in KINDS and KINDS[label].has_digits for label in labels)

    def has(self, label: str, score: float, value: str) -> bool:
        """Return whether a finding may be a mistake for one of the labels.

        Args:
            label: The label that it was given.
            score: The probability of that label.
            value: The text of the finding.

        Returns:
            Whether the other labels are likely enough.

        Example:
            >>> mistakes = Mistakes(["CUSTOMER_ID"])
            >>> mistakes.has("PHONE", 0.65, "20417"), mistakes.has("PHONE", 0.95, "20417")
            (True, False)
        """
        left = 1 - score
        if label in self._near and left >= _FAMILY_DOUBT:
            return True
        if label not in self._others or left < _DIGITS_DOUBT:
            return False
        return left >= DOUBT or (self._with_digits and any(map(str.isdigit, value)))


def check_label_list(labels: object, *, option: str) -> None:
    """Refuse anything but a list of labels, whatever these are.

    Args:
        labels: What the user gave: a list, another collection, or the labels of a mapping.
        option: The name of the argument or option, for the message.

    Raises:
        OptionError: For a string that is not in a list, and for anything but strings.

    Example:
        >>> check_label_list("EMAIL", option="labels")
        Traceback (most recent call last):
        seqlabel.errors.OptionError: labels: expected a list of labels, got the text 'EMAIL'. Write
        ['EMAIL'].
    """
    if isinstance(labels, str):
        raise OptionError(
            f"{option}: expected a list of labels, got the text {labels!r}. Write [{labels!r}]."
        )
    check_strings(option, labels, "labels")


def check_labels(asked: Collection[str], known: Collection[str], *, option: str = "labels") -> None:
    """Refuse labels that nothing finds: with a mistyped one, private text would stay without a
    word.

    Args:
        asked: The labels that the user named.
        known: The labels that can be found.
        option: The name of the argument or option that `asked` was given in, for the message.

    Raises:
        OptionError: For the first label that is not known, with the nearest known ones, and for
            anything but a list of strings.

    Example:
        >>> check_labels(["EMIAL"], ["EMAIL", "PERSON"])
        Traceback (most recent call last):
        seqlabel.errors.OptionError: labels: 'EMIAL' is not a label that can be found. Did you mean
        'EMAIL'? ...
    """
    check_label_list(asked, option=option)
    for label in asked:
        if label in known:
            continue
        problem = f"{option}: {label!r} is not a label that can be found."
        allowed = f"Choose from {', '.join(sorted(known)) or 'none: the model has no labels'}."
        raise OptionError(" ".join(filter(None, (problem, did_you_mean(label, known), allowed))))


def check_chosen(
    labels: Collection[str] | None, known: Collection[str], *, option: str = "labels"
) -> None:
    """Refuse a choice of labels with which nothing, or less than the user meant, would be found.

    Args:
        labels: The labels that the user chose; None for all.
        known: The labels that can be found.
        option: The name of the argument, for the message.

    Raises:
        OptionError: For an empty list, and as `check_labels` does.

    Example:
        >>> check_chosen([], ["EMAIL"])
        Traceback (most recent call last):
        seqlabel.errors.OptionError: labels: the list is empty, so nothing would be found. Name
        labels, or leave ...
    """
    if labels is None:
        return
    check_label_list(labels, option=option)
    if not labels:
        raise OptionError(
            f"{option}: the list is empty, so nothing would be found. Name labels, or leave it "
            "out for all."
        )
    check_labels(labels, known, option=option)
