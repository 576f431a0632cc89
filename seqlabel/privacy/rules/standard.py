"""The rules that find private values without the model, each with its label; what finds the values is in other modules.

Check digits and telephone numbers need the extra `seqlabel-rnn[pii]`. Every expression of a rule is anchored and
bounded, so that the time grows with the text's length and no faster, whatever the text is.
"""

from enum import StrEnum

from seqlabel.documents.spans import CharacterSpan
from seqlabel.privacy.rules.addresses import has_postcode, named_houses, streets, streets_abroad, towns
from seqlabel.privacy.rules.chats import bracketed_users, chat_names
from seqlabel.privacy.rules.cued import (
    ages,
    births,
    collar_numbers,
    extensions,
    file_numbers,
    has_officer,
    plates,
    police_names,
    police_numbers,
)
from seqlabel.privacy.rules.european import (
    called_numbers,
    has_many_digits,
    national_numbers,
    spoken_numbers,
    tax_numbers,
)
from seqlabel.privacy.rules.finding import Rule, find_values
from seqlabel.privacy.rules.hl7 import (
    has_fields,
    hl7_births,
    hl7_calls,
    hl7_names,
    hl7_numbers,
    hl7_staff,
    hl7_streets,
    hl7_towns,
)
from seqlabel.privacy.rules.letters import letter_names, relatives
from seqlabel.privacy.rules.logs import hardware, hosts, screen_names, telephones, users
from seqlabel.privacy.rules.names import chat_senders, field_names, listed_names, spoken_names, titled_names
from seqlabel.privacy.rules.numbers import (
    account_numbers,
    company_numbers,
    device_numbers,
    identity_numbers,
    lawyer_numbers,
    reference_numbers,
)
from seqlabel.privacy.rules.proven import (
    api_keys,
    cards,
    emails,
    home_users,
    ibans,
    ips,
    macs,
    phones,
    ssns,
    tax_ids,
    urls,
    validators,
    vins,
)
from seqlabel.privacy.rules.secrets import backup_codes, keys, passwords, private_keys, seeds


class Pattern(StrEnum):
    """The labels of what is found here."""

    EMAIL = "EMAIL"
    URL = "URL"
    IP = "IP"
    MAC = "MAC"
    PHONE = "PHONE"
    CARD = "CARD"
    IBAN = "IBAN"
    SSN = "SSN"
    VIN = "VIN"
    API_KEY = "API_KEY"
    USERNAME = "USERNAME"
    PASSWORD = "PASSWORD"
    NATIONAL_ID = "NATIONAL_ID"
    TAX_ID = "TAX_ID"
    PERSON = "PERSON"
    ACCOUNT = "ACCOUNT"
    CASE_NUMBER = "CASE_NUMBER"
    CUSTOMER_ID = "CUSTOMER_ID"
    EMPLOYEE_ID = "EMPLOYEE_ID"
    ADDRESS = "ADDRESS"
    LOCATION = "LOCATION"
    DATE_OF_BIRTH = "DATE_OF_BIRTH"
    MEDICAL_ID = "MEDICAL_ID"
    PLATE = "PLATE"
    AGE = "AGE"


def find_patterns(text: str) -> list[CharacterSpan]:
    """Find the values in a text whose form proves them.

    Labels are those of `Pattern`: e-mail addresses; URLs with a scheme or `www.`, and hosts with a path, three
    parts or a word such as `host=` before them; IPv4, IPv6 and MAC addresses; telephone numbers that begin with `+`
    and a country's code; payment cards (Luhn); IBANs (ISO 7064); US social security numbers with hyphens; VINs with
    a right check digit (ISO 3779, 49 CFR 565); keys and tokens with an unmistakable beginning, such as `AKIA`,
    `ghp_`, `ssh-rsa` or a JSON web token's, and what follows `Authorization: Basic` or `Bearer`; user names in the
    paths of home folders; what follows `password=`, `token:`, `session=`, `api-key:` and the like, the words of a
    wallet's seed, and private keys (`secrets`); Brazilian CPFs with right check digits and Indian PANs; European
    national and tax numbers with right check digits, telephone numbers behind a word such as `Tel.`, and those said
    in seven words for digits or more (`european`); references, bank codes, devices and papers behind their names
    (`numbers`); persons behind the fields of forms, behind titles, and where one speaks to or of them, and senders
    of messages (`names`); users, machines and telephones in the fields of logs, and persons by the names of their
    devices and files (`logs`); addresses with a postcode of Britain, Ireland, India or Australia (`addresses`);
    names behind greetings and words for relatives, under letters and behind `Signed` (`letters`), and in small
    letters where a chat calls a person (`chats`); dates of birth, plates, extensions and numbers of incidents and
    files behind the words for them (`cued`); what segments of HL7 tell of persons (`hl7`).

    A value is not hidden by invisible characters (zero-width, direction marks, variation selectors, control
    characters), by the colours of a terminal, by full-width letters and digits, or by an escape before it (`\\n`,
    `\\u003d`, `%20`). Of two values that overlap, the longer stays.

    Args:
        text: The text.

    Returns:
        The values with their labels, in document order.

    Raises:
        OptionError: Where the packages of `seqlabel-rnn[pii]` are missing.
    """
    return [CharacterSpan(value.start, value.end, value.label) for value in find_values(text, checked_rules())]


def checked_rules() -> tuple[Rule, ...]:
    """Return the rules, after making sure that the packages with their validators are installed.

    Returns:
        All rules of this module.

    Raises:
        OptionError: Where the packages of `seqlabel-rnn[pii]` are missing.
    """
    validators()
    return RULES


RULES = (
    *(
        Rule(str(label), find)
        for label, find in (
            (Pattern.EMAIL, emails),
            (Pattern.URL, urls),
            (Pattern.IP, ips),
            (Pattern.MAC, macs),
            (Pattern.PHONE, phones),
            (Pattern.PHONE, called_numbers),
            (Pattern.PHONE, spoken_numbers),
            (Pattern.CARD, cards),
            (Pattern.IBAN, ibans),
            (Pattern.SSN, ssns),
            (Pattern.VIN, vins),
            (Pattern.API_KEY, api_keys),
            (Pattern.USERNAME, home_users),
            (Pattern.API_KEY, keys),
            (Pattern.API_KEY, private_keys),
            (Pattern.PASSWORD, passwords),
            (Pattern.PASSWORD, seeds),
            (Pattern.TAX_ID, tax_ids),
            (Pattern.TAX_ID, company_numbers),
            (Pattern.NATIONAL_ID, identity_numbers),
            (Pattern.PERSON, field_names),
            (Pattern.PERSON, titled_names),
            (Pattern.PERSON, spoken_names),
            (Pattern.PERSON, chat_senders),
            (Pattern.ACCOUNT, account_numbers),
            (Pattern.CASE_NUMBER, reference_numbers),
            (Pattern.CUSTOMER_ID, device_numbers),
            (Pattern.EMPLOYEE_ID, lawyer_numbers),
            (Pattern.PERSON, letter_names),
            (Pattern.PERSON, relatives),
            (Pattern.PERSON, chat_names),
            (Pattern.USERNAME, bracketed_users),
            (Pattern.DATE_OF_BIRTH, births),
            (Pattern.PLATE, plates),
            (Pattern.PHONE, extensions),
            (Pattern.CASE_NUMBER, file_numbers),
            (Pattern.CASE_NUMBER, police_numbers),
            (Pattern.AGE, ages),
            (Pattern.PERSON, listed_names),
            (Pattern.ADDRESS, named_houses),
            (Pattern.ADDRESS, streets_abroad),
            (Pattern.USERNAME, users),
            (Pattern.URL, hosts),
            (Pattern.PHONE, telephones),
            (Pattern.MAC, hardware),
            (Pattern.PERSON, screen_names),
            (Pattern.PASSWORD, backup_codes),
        )
    ),
    *(
        Rule(str(label), find, sign=sign)
        for sign, label, find in (
            (has_many_digits, Pattern.NATIONAL_ID, national_numbers),
            (has_many_digits, Pattern.TAX_ID, tax_numbers),
            (has_postcode, Pattern.ADDRESS, streets),
            (has_postcode, Pattern.LOCATION, towns),
            (has_officer, Pattern.PERSON, police_names),
            (has_officer, Pattern.EMPLOYEE_ID, collar_numbers),
            (has_fields, Pattern.PERSON, hl7_names),
            (has_fields, Pattern.DATE_OF_BIRTH, hl7_births),
            (has_fields, Pattern.PHONE, hl7_calls),
            (has_fields, Pattern.MEDICAL_ID, hl7_numbers),
            (has_fields, Pattern.EMPLOYEE_ID, hl7_staff),
            (has_fields, Pattern.ADDRESS, hl7_streets),
            (has_fields, Pattern.LOCATION, hl7_towns),
        )
    ),
)
"""The rules with their labels."""
