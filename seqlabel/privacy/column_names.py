"""Names of columns and fields that say whose their values are, so that a short value is read behind its column's name.

A cell says little by itself: `Best` may be a surname and `4471` a customer. Behind `surname: ` and `customer_id: ` the
finder knows. Only names of what persons have are read so: behind `title` or `status` fewer persons would be found than
alone, and `token` is also what a column of words is called. How values are found is in `privacy.finder`.
"""

import re
from collections.abc import Collection, Sequence
from functools import lru_cache

LONGEST = 64
"""The most characters of a value that is read behind the name of its column; a longer one says itself what it is."""
_WHO = """
    person people customer client patient employee staff member contact user owner author applicant tenant landlord
    guest visitor recipient sender addressee beneficiary payee payer holder cardholder spouse wife husband partner
    mother father guardian sibling kin relative donor doctor physician clinician nurse surgeon dentist therapist
    teacher student pupil tutor passenger witness defendant claimant plaintiff suspect victim officer attorney lawyer
    solicitor signatory signer manager supervisor assignee reporter requester approver reviewer creator caller
    candidate participant attendee subscriber buyer seller insured policyholder debtor creditor nominee trustee
    kunde kontakt mieter gast mitglied mitarbeiter cliente paciente empleado klant patiënt utente socio
"""
_WHAT = """
    surname lastname firstname fullname forename nickname maiden lname fname
    nachname vorname familienname apellido nombre nom prénom prenom cognome nome achternaam voornaam sobrenome
    attn born dob birth birthdate birthday birthplace age
    geburtsdatum geburtstag nacimiento naissance nascita geboortedatum nascimento
    email mail phone telephone tel mobile cell cellphone fax msisdn whatsapp telefon telefono teléfono telefone handy
    address street addr adresse dirección direccion indirizzo adres endereço straße strasse
    zip zipcode postcode postal plz city town
    username login userid handle benutzername usuario benutzer
    password passwd pwd passphrase passcode pin secret otp passwort kennwort contraseña senha wachtwoord
    ssn nino nric cpf aadhaar passport licence iban account acct konto cuenta conto card mrn nhs badge vin plate
    dni nie nif bsn ausweis
"""
_NUMBERED = "tax vat insurance policy license registration case docket claim national medical bank"
_PERSONS = frozenset(_WHO.split())
"""Who a value may be of: `customer`, `customer_name` and `customer_id` say it."""
_VALUES = frozenset(_WHAT.split())
"""What a person has: `phone`, `home_phone` and `phone number` say it."""
_NUMBERS = frozenset(_NUMBERED.split())
"""What is private if it is a number: `tax_id` says it, but `tax` may be an amount."""
_OF_NUMBERS = ("id", "no", "nr", "num", "number", "code")
_OF_NAMES = ("first", "last", "middle", "full", "given", "family", "maiden", "legal", "preferred", "nick", "sur")
_OF_KEYS = ("api", "access", "auth", "private", "secret", "refresh", "session", "bearer")
_LETTERS = re.compile(r"[^\W\d_]+")
_HUMP = re.compile("(?<=[a-zß-ÿ])(?=[A-ZÀ-Þ])|(?<=[A-ZÀ-Þ])(?=[A-ZÀ-Þ][a-zß-ÿ])")
_PLACE_IN_LIST = re.compile(r"\[[0-9]*\]")


def cue_of(path: str, value: str) -> str:
    """Give what a value of a column or field is read behind.

    Args:
        path: The name of the column, or the path of the field, as `to.emails[0]`; empty for none.
        value: The value.

    Returns:
        The name with a colon and a space, if it says that its values are a person's and the value is one line of at
        most `LONGEST` characters; else nothing. Of a path the last part, with the one before it if only both say it.

    Example:
        >>> cue_of("rows[0].lastName", "Best"), cue_of("patient.id", "4471"), cue_of("title", "Best")
        ('lastName: ', 'patient id: ', '')
    """
    if not path or not value or len(value) > LONGEST or len(path) > LONGEST or "\n" in value:
        return ""
    return _cue(path)


@lru_cache(maxsize=1024)
def _cue(path: str) -> str:
    parts = _PLACE_IN_LIST.sub("", path).split(".")
    for said in (parts[-1].strip(), " ".join(parts[-2:]).strip()):
        if _is_personal([word.casefold() for run in _LETTERS.findall(said) for word in _HUMP.split(run)]):
            return f"{said}: "
    return ""


def _is_personal(words: Sequence[str]) -> bool:
    numbered = len(words) > 1 and words[-1] in _OF_NUMBERS
    *before, last = words[:-1] if numbered else words or [""]
    if last in ("name", "names", *_OF_NAMES):
        return bool(before) and _is_in(before[-1], ("name", "birth", *_OF_NAMES, *_PERSONS))
    if before and last in ("key", "token"):
        return before[-1] in _OF_KEYS
    if before and last == "by":  # created_by
        return before[-1].endswith("ed")
    return _is_in(last, _PERSONS) or _is_in(last, _VALUES) or (numbered and _is_in(last, _NUMBERS))


def _is_in(word: str, words: Collection[str]) -> bool:
    return word in words or word.removesuffix("s") in words
