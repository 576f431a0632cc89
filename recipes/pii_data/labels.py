"""The kinds of private data, an example of each, and what another corpus calls them; no values are made here.

Conventions, the same in every text that is generated:

- PERSON has no title: of "Dr. Ada Moss" only the name is labelled; initials and parts of a name are.
- ADDRESS is the line of the street, with house, flat or box; city, region, postcode and country are LOCATION. What a
  comma or a line's end separates is a span of its own: "Oakham", "VT 05001".
- DATE is a calendar date in a record of a person's life or actions, log lines included, with the time of day that
  follows it there, and so is a part of one that says when something happened to a person: "the 5th", "March", "late
  2019". Dates of public events, their years, weekdays and times of day alone are nothing private. A birth date is
  DATE_OF_BIRTH where the context says so.
- AGE is the number alone; PASSWORD holds PINs, security codes and the words of a wallet's seed too, API_KEY every
  token, session cookie and SSH key, ACCOUNT also sort codes, routing numbers, BICs and wallets; CARD and SSN also their
  last four digits; EMPLOYEE_ID also the numbers of lawyers' and doctors' licences; CASE_NUMBER those of cases and
  dockets of courts.
- Every URL is URL, and so is the name of a host or domain. Order, invoice, ticket, tracking, request and version
  numbers are nothing private, nor is what a machine made for itself: UUIDs, Unix times, hashes, counters.
"""

import re
from collections.abc import Sequence
from enum import StrEnum


class PiiType(StrEnum):
    """The labels of private data."""

    PERSON = "PERSON"
    EMAIL = "EMAIL"
    PHONE = "PHONE"
    ADDRESS = "ADDRESS"
    LOCATION = "LOCATION"
    ORGANISATION = "ORGANISATION"
    DATE = "DATE"
    DATE_OF_BIRTH = "DATE_OF_BIRTH"
    AGE = "AGE"
    USERNAME = "USERNAME"
    PASSWORD = "PASSWORD"
    API_KEY = "API_KEY"
    IP = "IP"
    MAC = "MAC"
    URL = "URL"
    CARD = "CARD"
    IBAN = "IBAN"
    ACCOUNT = "ACCOUNT"
    SSN = "SSN"
    NATIONAL_ID = "NATIONAL_ID"
    PASSPORT = "PASSPORT"
    DRIVING_LICENCE = "DRIVING_LICENCE"
    TAX_ID = "TAX_ID"
    MEDICAL_ID = "MEDICAL_ID"
    INSURANCE_ID = "INSURANCE_ID"
    PLATE = "PLATE"
    VIN = "VIN"
    EMPLOYEE_ID = "EMPLOYEE_ID"
    CUSTOMER_ID = "CUSTOMER_ID"
    CASE_NUMBER = "CASE_NUMBER"


EXAMPLES: dict[PiiType, str] = {
    PiiType.PERSON: "Ada Moss",
    PiiType.EMAIL: "ada.moss@example.org",
    PiiType.PHONE: "+44 20 7946 0018",
    PiiType.ADDRESS: "14 Larch Close",
    PiiType.LOCATION: "Oakham",
    PiiType.ORGANISATION: "Moss & Partners Ltd",
    PiiType.DATE: "12 March 2024",
    PiiType.DATE_OF_BIRTH: "1984-07-02",
    PiiType.AGE: "41",
    PiiType.USERNAME: "adamoss84",
    PiiType.PASSWORD: "Tulip!9024",
    PiiType.API_KEY: "sk_live_4fQ9z0aB7cK2mX8nR5tV",
    PiiType.IP: "203.0.113.7",
    PiiType.MAC: "00:1b:44:11:3a:b7",
    PiiType.URL: "https://example.org/users/adamoss",
    PiiType.CARD: "4111 1111 1111 1111",
    PiiType.IBAN: "GB82 WEST 1234 5698 7654 32",
    PiiType.ACCOUNT: "31926819",
    PiiType.SSN: "536-90-4399",
    PiiType.NATIONAL_ID: "QQ 12 34 56 C",
    PiiType.PASSPORT: "C01X00T47",
    PiiType.DRIVING_LICENCE: "MOSSX807024A99XY",
    PiiType.TAX_ID: "12-3456789",
    PiiType.MEDICAL_ID: "MRN 0048213",
    PiiType.INSURANCE_ID: "POL-7730012",
    PiiType.PLATE: "AB12 CDE",
    PiiType.VIN: "1HGBH41JXMN109186",
    PiiType.EMPLOYEE_ID: "E-20418",
    PiiType.CUSTOMER_ID: "CUST-55102",
    PiiType.CASE_NUMBER: "2:21-cv-04832",
}

PII_ANON: dict[str, PiiType | None] = {
    "PERSON_NAME": PiiType.PERSON,
    "EMAIL_ADDRESS": PiiType.EMAIL,
    "PHONE_NUMBER": PiiType.PHONE,
    "STREET_ADDRESS": PiiType.ADDRESS,
    "LOCATION_NAME": PiiType.LOCATION,
    "POSTAL_CODE": PiiType.LOCATION,
    "LATITUDE_LONGITUDE": PiiType.LOCATION,
    "ORGANIZATION_NAME": PiiType.ORGANISATION,
    "TIMESTAMP": PiiType.DATE,
    "DATE_OF_BIRTH": PiiType.DATE_OF_BIRTH,
    "AGE": PiiType.AGE,
    "USERNAME": PiiType.USERNAME,
    "SOCIAL_MEDIA_HANDLE": PiiType.USERNAME,
    "PASSWORD": PiiType.PASSWORD,
    "API_KEY": PiiType.API_KEY,
    "AUTHENTICATION_TOKEN": PiiType.API_KEY,
    "IP_ADDRESS": PiiType.IP,
    "MAC_ADDRESS": PiiType.MAC,
    "URL": PiiType.URL,
    "CREDIT_CARD_NUMBER": PiiType.CARD,
    "CREDIT_CARD_FRAGMENT": PiiType.CARD,
    "IBAN": PiiType.IBAN,
    "BANK_ACCOUNT_NUMBER": PiiType.ACCOUNT,
    "BANK_ROUTING_NUMBER": PiiType.ACCOUNT,
    "SWIFT_BIC_CODE": PiiType.ACCOUNT,
    "CRYPTOCURRENCY_ADDRESS": PiiType.ACCOUNT,
    "SOCIAL_SECURITY_NUMBER": PiiType.SSN,
    "NATIONAL_ID_NUMBER": PiiType.NATIONAL_ID,
    "PASSPORT_NUMBER": PiiType.PASSPORT,
    "VISA_NUMBER": PiiType.PASSPORT,
    "DRIVER_LICENSE_NUMBER": PiiType.DRIVING_LICENCE,
    "TAX_ID": PiiType.TAX_ID,
    "MEDICAL_RECORD_NUMBER": PiiType.MEDICAL_ID,
    "PRESCRIPTION_NUMBER": PiiType.MEDICAL_ID,
    "HEALTH_INSURANCE_ID": PiiType.INSURANCE_ID,
    "INSURANCE_POLICY_NUMBER": PiiType.INSURANCE_ID,
    "LICENSE_PLATE": PiiType.PLATE,
    "VEHICLE_IDENTIFICATION_NUMBER": PiiType.VIN,
    "EMPLOYEE_ID": PiiType.EMPLOYEE_ID,
    "SALARY": None,
    "INVOICE_NUMBER": None,
    "HEALTH_CONDITION": None,
    "MEDICATION_NAME": None,
    "PROCEDURE_NAME": None,
    "JOB_TITLE": None,
    "COURT_CASE_NUMBER": PiiType.CASE_NUMBER,
    "GENDER": None,
    "EDUCATION_LEVEL": None,
    "MARITAL_STATUS": None,
    "ETHNICITY": None,
    "HOUSEHOLD_SIZE": None,
    "DEVICE_IDENTIFIER": None,
    "RELIGIOUS_BELIEF": None,
    "NATIONALITY": None,
    "POLITICAL_OPINION": None,
    "BIOMETRIC_ID": None,
    "VEHICLE_MODEL": None,
}
"""What the types of the corpus pii_anon are here; None for those that have no label here."""

_TITLE = re.compile(r"(?:(?:Mr|Mrs|Ms|Miss|Mx|Dr|Prof|Sir|Rev)\.?\s+)+")
_SEPARATOR = re.compile(r"\s*[,\n]\s*")


def convert_pii_anon(text: str, spans: Sequence[tuple[int, int, str]]) -> list[tuple[int, int, str]]:
    """Spans of pii_anon with the labels and the conventions of this package.

    A type without a counterpart is dropped, a person's title is left out, a street address is split at its commas into
    ADDRESS and LOCATION. Raises `KeyError` for a type that `PII_ANON` does not list.
    """
    converted: list[tuple[int, int, str]] = []
    for start, end, name in spans:
        label = PII_ANON[name]
        if label is None:
            continue
        if label == PiiType.PERSON and (title := _TITLE.match(text, start, end)) and title.end() < end:
            start = title.end()
        if label != PiiType.ADDRESS:
            converted.append((start, end, str(label)))
            continue
        for gap in [*_SEPARATOR.finditer(text, start, end), None]:
            stop = gap.start() if gap else end
            if start < stop:
                converted.append((start, stop, str(label)))
            label = PiiType.LOCATION
            start = gap.end() if gap else end
    return converted
