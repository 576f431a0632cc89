"""Presidio's names for the labels of private data; Presidio itself is not needed here."""

PRESIDIO_NAMES: dict[str, str] = {
    "EMAIL": "EMAIL_ADDRESS",
    "PHONE": "PHONE_NUMBER",
    "ADDRESS": "LOCATION",
    "ORGANISATION": "ORGANIZATION",
    "DATE": "DATE_TIME",
    "DATE_OF_BIRTH": "DATE_TIME",
    "IP": "IP_ADDRESS",
    "MAC": "MAC_ADDRESS",
    "CARD": "CREDIT_CARD",
    "IBAN": "IBAN_CODE",
    "SSN": "US_SSN",
}
"""Presidio's name for each label; a label that is not here has the same name there."""
