"""The names of labels that a user asks for, checked against those that can be found; nothing is found here."""

import re
from collections.abc import Collection, Iterable

from seqlabel.errors import OptionError, did_you_mean
from seqlabel.privacy.rules.standard import Pattern

STANDARD_LABELS = frozenset(
    {
        *("PERSON", "ADDRESS", "LOCATION", "ORGANISATION", "DATE"),
        *("DATE_OF_BIRTH", "AGE", "PASSWORD", "ACCOUNT", "NATIONAL_ID"),
        *("PASSPORT", "DRIVING_LICENCE", "TAX_ID", "MEDICAL_ID", "INSURANCE_ID"),
        *("PLATE", "EMPLOYEE_ID", "CUSTOMER_ID", "CASE_NUMBER"),
        *map(str, Pattern),
    }
)
"""The labels of the model `en_pii` and of the rules."""


_PAPERS = (
    *("ACCOUNT", "CARD", "IBAN", "SSN", "NATIONAL_ID", "TAX_ID", "PASSPORT", "DRIVING_LICENCE", "MEDICAL_ID"),
    *("INSURANCE_ID", "EMPLOYEE_ID", "CUSTOMER_ID", "CASE_NUMBER", "PLATE", "VIN"),
)
_SECRETS = ("PASSWORD", "API_KEY", "USERNAME")
FAMILIES = tuple(
    (frozenset(family), doubt)
    for family, doubt in (
        (_PAPERS, 0.05),
        (_SECRETS, 0.1),
        ((*_PAPERS, *_SECRETS, "PHONE"), 0.3),
        (("ADDRESS", "LOCATION", "ORGANISATION"), 0.1),
        (("PERSON", "ORGANISATION", "USERNAME"), 0.1),
        (("PERSON", "LOCATION"), 0.1),
        (("PERSON", "LOCATION", "ADDRESS"), 0.3),
        (("PERSON", "USERNAME", "PASSWORD"), 0.4),
        (("DATE", "DATE_OF_BIRTH", "AGE"), 0.1),
        (("IP", "MAC", "URL"), 0.1),
    )
)
"""Labels that are mistaken for one another, and the least probability of others at which one may be a mistake."""
_WITH_DIGITS = frozenset((*_PAPERS, *_SECRETS, "PHONE", "LOCATION", "ADDRESS", "DATE", "DATE_OF_BIRTH", "AGE"))
"""Labels for which a finding of any label may be a mistake if it has a digit."""
_DIGITS_DOUBT = 0.3
"""The least probability of other labels at which it may be one."""
DOUBT = 0.7
"""The least probability of other labels at which a finding of any label may be a mistake for any other."""
_FORMED = frozenset(("EMAIL", "URL", "IP", "MAC"))
"""Labels of values whose form tells them from all others."""
_SAME_RULE = {"API_KEY": "PASSWORD", "TAX_ID": "NATIONAL_ID", "NATIONAL_ID": "TAX_ID"}
"""Labels whose values a rule may find by another label, such as what stands behind `token:`."""


_PRIVATE_WORDS = frozenset(
    (
        *("PERSON", "PER", "NAME", "FIRSTNAME", "GIVENNAME", "LASTNAME", "SURNAME", "USERNAME", "PATIENT", "DOCTOR"),
        *("LOCATION", "LOC", "GPE", "FAC", "ADDRESS", "CITY", "STREET", "ZIP", "POSTCODE"),
        *("ORGANISATION", "ORGANIZATION", "ORG", "COMPANY", "EMAIL", "PHONE", "DATE", "DOB", "ID", "SSN", "PASSWORD"),
    )
)
"""Words in the labels of other data sets that name private data."""


def is_private(label: str) -> bool:
    """Tell whether a label of any data set names private data.

    Args:
        label: The label, in capitals or not.

    Returns:
        Whether it is one of this library's labels or has a word that names private data.

    Example:
        >>> is_private("PER"), is_private("patient-name"), is_private("DEVICE")
        (True, True, False)
    """
    return label in STANDARD_LABELS or not _PRIVATE_WORDS.isdisjoint(re.split(r"[\W_]+", label.upper()))


class Mistakes:
    """The findings that may be mistakes for some labels.

    They are those that the model is not sure of: with a label of the same family (`FAMILIES`), and with any label if
    they have a digit or if other labels are far likelier together.

    Args:
        labels: Any labels.
        never: Labels of findings that are none.
    """

    def __init__(self, labels: Collection[str], *, never: Collection[str] = ()) -> None:
        doubts: dict[str, float] = {}
        for family, doubt in FAMILIES:
            if not family.isdisjoint(labels):
                doubts |= {label: min(doubt, doubts.get(label, 1.0)) for label in family.difference(labels)}
        doubts |= {_SAME_RULE[label]: 0.0 for label in labels if label in _SAME_RULE}
        self._doubts = {label: doubt for label, doubt in doubts.items() if label not in never}
        self._others = frozenset() if _FORMED.issuperset(labels) else STANDARD_LABELS.difference(never)
        self._with_digits = not _WITH_DIGITS.isdisjoint(labels)

    def has(self, label: str, score: float, value: str) -> bool:
        """Tell whether a finding may be a mistake for one of the labels.

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
        if left >= self._doubts.get(label, 2.0):
            return True
        if label not in self._others or left < _DIGITS_DOUBT:
            return False
        return left >= DOUBT or (self._with_digits and any(map(str.isdigit, value)))


def check_labels(asked: Iterable[str], known: Collection[str], *, option: str = "labels") -> None:
    """Refuse labels that nothing finds: with a mistyped one, private text would stay without a word.

    Args:
        asked: The labels that the user named.
        known: The labels that can be found.
        option: The name of the argument or option that `asked` was given in, for the message.

    Raises:
        OptionError: For the first label that is not known, with the nearest known ones, and for a text that is not in a
            list.

    Example:
        >>> check_labels(["EMIAL"], ["EMAIL", "PERSON"])
        Traceback (most recent call last):
        seqlabel.errors.OptionError: labels: 'EMIAL' is not a label that can be found. Did you mean 'EMAIL'? ...
    """
    if isinstance(asked, str):
        raise OptionError(f"{option}: expected a list of labels, got the text {asked!r}. Write [{asked!r}].")
    for label in asked:
        if label in known:
            continue
        found = f"{option}: {label!r} is not a label that can be found."
        allowed = f"Choose from {', '.join(sorted(known)) or 'none: the model has no labels'}."
        raise OptionError(" ".join(filter(None, (found, did_you_mean(label, known), allowed))))


def check_chosen(labels: Collection[str] | None, known: Collection[str], *, option: str = "labels") -> None:
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
        seqlabel.errors.OptionError: labels: the list is empty, so nothing would be found. Name labels, or leave ...
    """
    if labels is not None and not labels:
        raise OptionError(
            f"{option}: the list is empty, so nothing would be found. Name labels, or leave it out for all."
        )
    check_labels(labels or (), known, option=option)
