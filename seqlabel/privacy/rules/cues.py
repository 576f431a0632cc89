"""Words around a value that say what it is or hint at whose it is; forms of values are in `privacy.rules.forms`."""

import re
from collections.abc import Mapping

from seqlabel.privacy.finding.function_words import FUNCTION_WORDS

REACH = 64
"""How many characters before a span are read for a word that says what it is, and how far a span grows at most."""
IDS = (
    *("ACCOUNT", "NATIONAL_ID", "PASSPORT", "DRIVING_LICENCE", "TAX_ID", "MEDICAL_ID", "INSURANCE_ID"),
    *("EMPLOYEE_ID", "CUSTOMER_ID", "PLATE", "VIN", "SSN"),
)
"""The labels of numbers and signs that identify a person or a thing of theirs."""
NUMBERS = frozenset((*IDS, "CASE_NUMBER", "CARD", "IBAN", "PHONE", "IP", "MAC"))
"""The labels of all numbers that a person may have."""
SECRETS = frozenset(("PASSWORD", "API_KEY"))
"""The labels of what gives access."""

CUES: Mapping[str, re.Pattern[str]] = {
    label: re.compile(rf"(?:^|[^a-z])(?:{words})", re.I)
    for label, words in {
        "CARD": "card|visa|master|amex|discover|credit|debit|payment|pan\\b|cc\\b|ending|ends|last|digits|expir|cv[vc]"
        "|karte|kreditk|carte|carta|tarjeta|cart[aã]o|kaart",
        "IBAN": "iban|account|ban[ckq]|bic|swift|konto|cuenta|conto|conta\\b|compte|rekening|rib\\b",
        "SSN": "ssn|social|soc\\b|ss ?#|tax",
        "VIN": "vin|vehicle|chassis",
        "IP": "ip|addr|host|client|server|remote|from|peer",
        "MAC": "mac|device|ether|hardware|adapter|hw",
        "PHONE": "phone|tel|mobile|cell|fax|call|contact|number|reach|ring|text|sms|whatsapp"
        "|t[eé]l|mobil|handy|m[oó]vil|fone|gsm|portable|tfno|tlf|tlm|rufn|anruf|llam|chiam",
        "API_KEY": "[a-z_-]*(?:key|token|secret|auth|bearer|credential|pass|pwd|session|cookie|sid\\b|signature)",
        "PASSWORD": "[a-z_-]*(?:pass|pwd|pw\\b|secret|token|credential|key\\b|code|pin\\b|otp|login"
        "|kennwort|zugang|contrase|mot de passe|wachtwoord|senha|clave|palavra)",
        "ACCOUNT": "account|acct|a/c|acc\\b|bank|routing|sort|wallet|clabe|btc|transfer|deposit"
        "|konto|kto\\b|banque|banco|cuenta|conto|conta\\b|compte|rekening|titular",
        "DATE": "[a-z_-]*(?:date|dated|on\\b|day\\b)",
        "LOCATION": "zip|post|pin\\b|lat|lon|geo|coord|gps",
        "USERNAME": "[a-z_-]*(?:user|login|handle|account|nick|by\\b|owner|author|benutzer|gebruiker"
        "|usuari|utente|utilis|utiliz|identifiant|pseudo)",
        "CASE_NUMBER": "case|docket|cause|court|matter|no\\.|index|appeal|az\\b|aktenz|rg\\b|autos\\b"
        "|expediente|zaakn|rolnummer|processo|procedimento",
    }.items()
}
"""Words that say what stands behind them, for each label."""
PERSONAL = re.compile(
    r"(?:^|[^a-z])(?:tenant(?![ _-]?id)|account|acct|customer|cust\b|client|user|uid\b|usr|member|patient"
    r"|person|employee|staff|emp\b|hr\b|passport|licen[cs]e"
    r"|national|nat\b|identity|citizen|tax|tin\b|vat\b|ssn|social|insur|policy|medical|mrn|nhs|subscriber|owner|aadhaar|pan\b"
    r"|cpf|rg\b|dni|nie\b|nif|bsn|pesel|cnp|plate|registration|badge|student|driver|donor|guest|contact|profile"
    r"|kunde|konto|mitglied|ausweis|steuer|versicher|mieter|personaln|kennzeichen|f[üu]hrersch|assur|abonn|adh[eé]r"
    r"|matr[ií]c|fiscal|permis\b|passep|pasap|passap|p[oó]li[zc]|polizza|polis|ap[oó]lice|seguro|cuenta|compte|conto\b|conta\b"
    r"|socio|s[oó]cio|utente"
    r"|targa|klant|lidn|kenteken|rekening|rijbew|usuari|patente|carta|carn[eé]|tarjeta"
    r"|tessera|contribu|codice|c[oó]digo cl)",
    re.I,
)
"""Words for anything that a person has a number of."""


_CODE_OF_ERRORS = re.compile(r"(?:err|error|exit|fault|return|status|warning)[ _-]?code", re.I)


def has_cue(text: str, start: int, label: str) -> bool:
    """Tell whether a word before a place on its line says that what stands there is private.

    Args:
        text: The text.
        start: The first character of the place.
        label: What the value would be.

    Returns:
        Whether there is a word for that label or, for a number, one for any number of a person's.

    Example:
        >>> has_cue("passport 20418", 9, "ACCOUNT"), has_cue("build 20418", 6, "ACCOUNT")
        (True, False)
    """
    cue = CUES.get(label)
    said = _CODE_OF_ERRORS.sub("", text[line_start(text, start) : start])
    return bool((cue and cue.search(said)) or (label in NUMBERS and PERSONAL.search(said)))


def in_match(form: re.Pattern[str], text: str, start: int, end: int, reach: int) -> bool:
    """Tell whether a place lies in a match of a form.

    Args:
        form: The form.
        text: The text.
        start: The first character of the place.
        end: The character behind it.
        reach: How many characters on both sides of the place are read.

    Returns:
        Whether it does.
    """
    matches = form.finditer(text, max(start - reach, 0), min(end + reach, len(text)))
    return any(match.start() <= start and end <= match.end() for match in matches)


def line_start(text: str, start: int) -> int:
    """Give the begin of a place's line, at most `REACH` characters before it.

    Args:
        text: The text.
        start: The first character of the place.

    Returns:
        The first character of the line that is read.
    """
    return max(text.rfind("\n", max(start - REACH, 0), start) + 1, start - REACH, 0)


def line_end(text: str, end: int) -> int:
    """Give the end of a place's line, at most `REACH` characters behind it.

    Args:
        text: The text.
        end: The character behind the place.

    Returns:
        The character behind the last one that is read.
    """
    found = text.find("\n", end, end + REACH)
    return min(end + REACH, len(text)) if found < 0 else found


_SPOKEN_OF = re.compile(
    r"@|(?<![^\W\d_])(?:me|my|mine|your|yours|ur|his|him|her|hers|their|theirs|our|lives?|lived|born|zip|post ?code"
    r"|address|wi-?fi|names?|e?-?mail|birth|mein[a-z]{0,2}|dein[a-z]{0,2}|ihre?[nmrs]?|unser[a-z]{0,2}|mon|mes|votre|vos"
    r"|notre|mi|mis|mio|mia|tuo|tua|suo|sua|mijn|jouw|meu|minha|seu)(?![^\W\d_])",
    re.I,
)
_GROUPS = re.compile(
    r"(?<![\w-])(?:[0-9]{3,6}[ -][0-9]{3,6}[ -][0-9]{2,6}|[0-9]{3}(?:\.[0-9]{3}){2}-[0-9]{2}"
    r"|[0-9A-Fa-f]{2}(?:[:-][0-9A-Fa-f]{2}){5})(?![\w-])"
)
"""Numbers in groups, as telephones, cards, papers and devices have."""
_KEYS = re.compile(
    "[a-z](?:Phone|Tel|Mobile|Account|Customer|User|Name|Mail|Address|Card|Tax|Patient|Employee|Passport)"
)
"""Words of persons inside names of fields, such as `emergencyPhone`."""
_HINTS = (
    *(_SPOKEN_OF, _GROUPS, _KEYS, PERSONAL),
    *(CUES[label] for label in ("PHONE", "ACCOUNT", "PASSWORD", "USERNAME", "CARD")),
)
_CAPITAL = re.compile(r"(?<![\w+/-])[A-ZÀ-Þ](?:[^\W\d_]+[0-9]*)?(?![\w+/-])")
_OF_MACHINES = """
    todo fixme note hack debug info warn warning error fatal trace get post put patch delete head select job build
    task step run batch result line row page item total count status release version commit issue ticket order invoice
    section chapter figure table test request response event log file port process thread
    why what when where which how please see
"""
_NO_NAMES = FUNCTION_WORDS["English"].union(_OF_MACHINES.split())


def hints_at_person(text: str, start: int, end: int) -> bool:
    """Tell whether anything near a place hints at a person: a word with a capital, an address, a word of persons.

    Args:
        text: The text.
        start: The first character of the place.
        end: The character behind it.

    Returns:
        Whether there is a hint up to `REACH` characters before the place or behind it, on any line.

    Example:
        >>> hints_at_person("see 20418 for more", 4, 9), hints_at_person("see 20418 for my refund", 4, 9)
        (False, True)
    """
    around = f"{text[max(start - REACH, 0) : start]} | {text[end : end + REACH]}"
    names = (word for word in _CAPITAL.findall(around) if word.lower() not in _NO_NAMES)
    return any(names) or any(hint.search(around) for hint in _HINTS)
