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
    map(
        frozenset,
        (
            ("ADDRESS", "LOCATION", "ORGANISATION"),
            ("PERSON", "ORGANISATION", "USERNAME"),
            ("DATE", "DATE_OF_BIRTH", "AGE"),
            ("ACCOUNT", "CARD", "IBAN"),
            ("SSN", "NATIONAL_ID", "TAX_ID", "PASSPORT", "DRIVING_LICENCE"),
            ("MEDICAL_ID", "INSURANCE_ID", "NATIONAL_ID"),
            ("EMPLOYEE_ID", "CUSTOMER_ID", "ACCOUNT", "CASE_NUMBER"),
            ("PASSWORD", "API_KEY", "USERNAME"),
            ("PLATE", "VIN"),
            ("IP", "MAC", "URL"),
        ),
    )
)
"""Labels that are mistaken for one another."""


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


def family_of(labels: Collection[str]) -> frozenset[str]:
    """Return the labels that are mistaken for some labels.

    Args:
        labels: Any labels.

    Returns:
        The members of all families that have one of the labels.

    Example:
        >>> sorted(family_of(["VIN"]))
        ['PLATE', 'VIN']
    """
    return frozenset(member for family in FAMILIES if not family.isdisjoint(labels) for member in family)


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
