"""The names of labels that a user asks for, checked against those that can be found; nothing is found here."""

import re
from collections.abc import Collection, Iterable

from seqlabel.choices import did_you_mean
from seqlabel.errors import OptionError
from seqlabel.privacy.rules import Pattern

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


FAMILIES = tuple(
    (frozenset(family), doubt)
    for family, doubt in (
        (("ADDRESS", "LOCATION", "ORGANISATION"), 0.1),
        (("PERSON", "ORGANISATION", "USERNAME"), 0.1),
        (("PERSON", "LOCATION"), 0.4),
        (("DATE", "DATE_OF_BIRTH", "AGE"), 0.1),
        (("ACCOUNT", "CARD", "IBAN"), 0.1),
        (("PHONE", "ACCOUNT", "CARD", "NATIONAL_ID"), 0.4),
        (("SSN", "NATIONAL_ID", "TAX_ID", "PASSPORT", "DRIVING_LICENCE"), 0.1),
        (("MEDICAL_ID", "INSURANCE_ID", "NATIONAL_ID"), 0.1),
        (("EMPLOYEE_ID", "CUSTOMER_ID", "ACCOUNT", "CASE_NUMBER"), 0.1),
        (
            (
                *("ACCOUNT", "CARD", "NATIONAL_ID", "TAX_ID", "PASSPORT", "DRIVING_LICENCE", "MEDICAL_ID", "PLATE"),
                *("INSURANCE_ID", "EMPLOYEE_ID", "CUSTOMER_ID", "CASE_NUMBER"),
            ),
            0.4,
        ),
        (("PASSWORD", "API_KEY", "USERNAME"), 0.1),
        (("PLATE", "VIN"), 0.1),
        (("IP", "MAC", "URL"), 0.1),
    )
)
"""Labels that are mistaken for one another, and the least probability of others at which one may be a mistake."""
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


def mistaken_for(labels: Collection[str]) -> dict[str, float]:
    """Return the labels that may be mistakes for some labels.

    Args:
        labels: Any labels.

    Returns:
        The other members of all families that have one of the labels, each with the probability of others from which
        on it may be a mistake.

    Example:
        >>> mistaken_for(["MAC"]) == {"IP": 0.1, "URL": 0.1}
        True
    """
    found: dict[str, float] = {}
    for family, doubt in FAMILIES:
        if not family.isdisjoint(labels):
            found |= {label: min(doubt, found.get(label, 1.0)) for label in family.difference(labels)}
    return found | {_SAME_RULE[label]: 0.0 for label in labels if label in _SAME_RULE}


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
