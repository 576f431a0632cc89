"""Presidio's names for labels: names that Presidio has, for labels that there are."""

import pytest

from seqlabel.privacy.finding.labels import STANDARD_LABELS
from seqlabel.privacy.rules.entity_names import PRESIDIO_NAMES


def test_every_label_is_one_that_is_found():
    assert PRESIDIO_NAMES.keys() <= STANDARD_LABELS


def test_no_label_is_listed_that_has_the_same_name_there():
    assert [label for label, name in PRESIDIO_NAMES.items() if label == name] == []


def test_names_are_presidios():
    predefined = pytest.importorskip("presidio_analyzer.predefined_recognizers")
    recognizers = [predefined.SpacyRecognizer(), predefined.UsSsnRecognizer(), predefined.PhoneRecognizer()]
    for name in ("Email", "CreditCard", "Iban", "Ip", "Date"):
        recognizers.append(getattr(predefined, f"{name}Recognizer")())
    known = {entity for one in recognizers for entity in one.supported_entities}
    # Of the addresses of network cards, and organisations, not every release of Presidio knows.
    assert set(PRESIDIO_NAMES.values()) - {"MAC_ADDRESS", "ORGANIZATION"} <= known
