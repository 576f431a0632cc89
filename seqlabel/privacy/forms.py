"""What a value can be, by its form and by the words before it; where it begins and ends is found in `refining`."""

import ipaddress
import re
from collections.abc import Callable, Mapping
from itertools import pairwise

REACH = 64
"""How many characters before a span are read for a word that says what it is, and how far a span grows at most."""

_Place = tuple[int, int]
IDS = (
    *("ACCOUNT", "NATIONAL_ID", "PASSPORT", "DRIVING_LICENCE", "TAX_ID", "MEDICAL_ID", "INSURANCE_ID"),
    *("EMPLOYEE_ID", "CUSTOMER_ID", "PLATE", "VIN", "SSN"),
)
"""The labels of numbers and signs that identify a person or a thing of theirs."""
_NUMBERS = frozenset((*IDS, "CASE_NUMBER", "CARD", "IBAN", "PHONE", "IP", "MAC"))
_SECRETS = frozenset(("PASSWORD", "API_KEY"))
_ANY_MACHINE = (
    _NUMBERS
    | _SECRETS
    | frozenset(("USERNAME", "LOCATION", "ORGANISATION", "ADDRESS", "AGE", "DATE", "DATE_OF_BIRTH", "PERSON", "URL"))
)


def fitting_label(text: str, place: tuple[int, int], label: str) -> str | None:
    """Give the value at a place the label that its form allows.

    Args:
        text: The text.
        place: The half-open characters of the value.
        label: The label that a labeler gave it.

    Returns:
        That label; another one where the form rules the first out; None where the value is nobody's.

    Example:
        >>> fitting_label("at 1712345678123", (3, 16), "PHONE")
        >>> fitting_label("tel 1712345678123", (4, 17), "PHONE")
        'PHONE'
    """
    start, end = place
    if not any(sign.isalnum() or sign in _MASKS for sign in text[start:end]):
        # Marks alone are a value's only where they hide one.
        return label if label in _SECRETS else None
    if _is_port(text, start, end):
        return None
    if label in _ANY_MACHINE:
        run_start, run_end = _run(text, start, end)
        if _is_machine(text, (run_start, run_end), label) and not _has_cue(text, run_start, label):
            return None
    check = _FORMS.get(label)
    return label if check is None or check(text[start:end]) or _has_cue(text, start, label) else _OTHERWISE.get(label)


_MACHINE = re.compile(
    r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"  # UUID
    r"|(?=[a-f0-9]*[0-9])(?=[a-f0-9]*[a-f])[a-f0-9]{16,}|[0-9a-f]{24,}"  # hash
    r"|1[4-7][0-9]{8}(?:[0-9]{3}|[0-9]{6}|[0-9]{9})?(?:\.[0-9]{1,9})?"  # Unix time in s, ms, µs, ns
    r"|0[0-7][0-9a-hjkmnp-tv-z]{24}"  # ULID
    r"|0{4}[0-9]{6,}|[0-9]{17,}"  # counter, snowflake
    r"|#(?=[0-9a-f]*[a-f])[0-9a-f]{3,8}",  # colour
    re.I,
)
_SHORT_HASH = re.compile(r"(?=[a-f]*[0-9])(?=[0-9]*[a-f])[0-9a-f]{7,15}")
_VERSION = re.compile(r"v?[0-9]{1,3}(?:\.[0-9]{1,4}){1,2}(?:[-+.][a-z]{1,8}[.-]?[0-9]{0,3})?", re.I)

_CUES: Mapping[str, re.Pattern[str]] = {
    label: re.compile(rf"(?:^|[^a-z])(?:{words})", re.I)
    for label, words in {
        "CARD": "card|visa|master|amex|discover|credit|debit|payment|pan\\b|cc\\b"
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
        "LOCATION": "zip|post|pin\\b|lat|lon|geo|coord",
        "USERNAME": "[a-z_-]*(?:user|login|handle|account|nick|by\\b|owner|author|benutzer|gebruiker"
        "|usuari|utente|utilis|utiliz|identifiant|pseudo)",
        "CASE_NUMBER": "case|docket|cause|court|matter|no\\.|index|appeal|az\\b|aktenz|rg\\b|autos\\b"
        "|expediente|zaakn|rolnummer|processo|procedimento",
    }.items()
}
_PERSONAL = re.compile(
    r"(?:^|[^a-z])(?:account|acct|customer|cust\b|client|user|uid\b|usr|member|patient|person|employee|staff|emp\b|passport|licen[cs]e"
    r"|national|nat\b|identity|citizen|tax|tin\b|vat\b|ssn|social|insur|policy|medical|mrn|nhs|subscriber|owner|aadhaar|pan\b"
    r"|cpf|rg\b|dni|nie\b|nif|bsn|pesel|cnp|plate|registration|badge|student|tenant|driver|donor|guest|contact|profile"
    r"|kunde|konto|mitglied|ausweis|steuer|versicher|mieter|personaln|kennzeichen|f[üu]hrersch|assur|abonn|adh[eé]r"
    r"|matr[ií]c|fiscal|permis\b|passep|pasap|passap|p[oó]li[zc]|polizza|polis|ap[oó]lice|seguro|cuenta|compte|conto\b|conta\b"
    r"|socio|s[oó]cio|utente"
    r"|targa|klant|lidn|kenteken|rekening|rijbew|usuari|patente|carta|carn[eé]|tarjeta"
    r"|tessera|contribu|codice|c[oó]digo cl)",
    re.I,
)


def _has_cue(text: str, start: int, label: str) -> bool:
    """Whether a word before a place on its line says that what stands there is private."""
    line = max(text.rfind("\n", max(start - REACH, 0), start) + 1, start - REACH, 0)
    cue = _CUES.get(label)
    said = text[line:start]
    return bool((cue and cue.search(said)) or (label in _NUMBERS and _PERSONAL.search(said)))


_BEFORE_PORT = re.compile(
    r"(?:(?<![\w.])(?:[0-9]{1,3}\.){3}[0-9]{1,3}|\]|::1?|(?<![\w.])localhost):\Z"
    r"|(?<![a-z])(?:ports?|dpt|spt)(?:\(s\))?[ \t:=\"']{1,4}(?:[0-9]{1,5}[, /]{1,3}){0,3}\Z",
    re.I,
)
_BEHIND_PORT = re.compile(r"[\w-]|[.:][0-9]")


def _is_port(text: str, start: int, end: int) -> bool:
    """Whether a place holds the number of a port: behind a machine's address and a colon, or behind the word."""
    port = text[start:end]
    return (
        len(port) <= _LONGEST_PORT
        and port.isdecimal()
        and not _BEHIND_PORT.match(text, end)
        and _BEFORE_PORT.search(text, max(start - REACH // 2, 0), start) is not None
    )


_LONGEST_PORT = 5


def _is_machine(text: str, place: _Place, label: str) -> bool:
    """Whether the run at a place has the form of a value that a machine made for itself."""
    run = text[slice(*place)].rstrip(".-_")
    if _MACHINE.fullmatch(run):
        return True
    if _SHORT_HASH.fullmatch(run) and (label not in _WORDY or _changes(run) > _MOST_ORDERED):
        return True
    if _VERSION.fullmatch(run) and not _may_have_dots(run, label):
        return True
    wider = text[slice(*_run(text, *place, joints="_-+/"))]
    return any(_is_random(one, label) for one in (run, wider))


def _is_random(run: str, label: str) -> bool:
    """Whether a run has capitals and small letters in no order, as nanoids and ETags.

    A password may look so, and so may a long key, a wallet, and a customer's identifier with its prefix.
    """
    longest = _LONGEST_RANDOM if label in ("API_KEY", "ACCOUNT") else 2 * REACH
    if label in _NEVER_RANDOM or not _RANDOM.fullmatch(run) or len(run) > longest or _OWNED.match(run):
        return False
    return _changes(run) > _CHANGES[label in _WORDY] * len(run)


def _changes(run: str) -> int:
    """How often a run changes between capitals, small letters, digits and marks."""
    kinds = [sign.isupper() + 2 * sign.islower() + 3 * sign.isdigit() for sign in run]
    return sum(left != right for left, right in pairwise(kinds))


def _may_have_dots(run: str, label: str) -> bool:
    """Whether numbers between dots may be what a label says: dates, long telephone numbers, degrees."""
    if label == "PHONE":
        return len(_digits(run)) >= _FEWEST_DOTTED
    return label in _DATES or (label == "LOCATION" and run.count(".") == 1)


_MOST_ORDERED = 2
"""Changes of a short word that is no hash, as of the name abe1990."""
_NEVER_RANDOM = frozenset(("PASSWORD", "DATE", "DATE_OF_BIRTH", "CASE_NUMBER"))
_RANDOM = re.compile(r"(?=[^a-z]*[a-z])(?=[^A-Z]*[A-Z])[A-Za-z0-9_+/-]{16,}")
_LONGEST_RANDOM = 24
_CHANGES = (0.4, 0.5)
"""Changes between capitals, small letters, digits and marks, for each sign, above which a run has no order, and
the same for labels of words. Drawn by chance from 64 signs they are 0.65, in names written together a quarter."""
_OWNED = re.compile(r"(?:cust?|acct?|user|usr|mem|pat|emp)[_-]")
_FEWEST_DOTTED = 9
"""Digits of the shortest telephone number in three groups with dots between."""


def _run(text: str, start: int, end: int, joints: str = "_.-") -> _Place:
    """The run of letters, digits and joints around a place, with `#` before it."""
    least, most = max(start - 2 * REACH, 0), min(end + 2 * REACH, len(text))
    while start > least and (text[start - 1].isalnum() or text[start - 1] in joints):
        start -= 1
    while end < most and (text[end].isalnum() or text[end] in joints):
        end += 1
    return (start - 1 if start > least and text[start - 1] == "#" else start), end


_DATES = frozenset(("DATE", "DATE_OF_BIRTH"))
_WORDY = _DATES | {"USERNAME", "PASSWORD", "PERSON"}
_OTHERWISE = {"CARD": "ACCOUNT", "IBAN": "ACCOUNT", "SSN": "NATIONAL_ID"}
"""The label of a number that is not of the form of its own label; an address of the internet is none then."""
_NETWORKS = re.compile(
    r"4[0-9]{12}(?:[0-9]{3}(?:[0-9]{3})?)?|5[0-9]{15}|2[2-7][0-9]{14}|3[4-8][0-9]{12,13}|35[0-9]{14}|6[0-9]{11,18}"
)
_MASKS = frozenset("*xX•·#")


def _digits(value: str) -> str:
    return "".join(filter(str.isdigit, value))


def _may_be_card(value: str) -> bool:
    digits = _digits(value)
    return not digits or len(digits) <= 8 or not _MASKS.isdisjoint(value) or bool(_NETWORKS.fullmatch(digits))


def _may_be_iban(value: str) -> bool:
    signs = "".join(filter(str.isalnum, value))
    return not _MASKS.isdisjoint(value) or (len(signs) >= 12 and signs[:2].isalpha() and signs[2:4].isalnum())


def _may_be_ssn(value: str) -> bool:
    return len(_digits(value)) in (0, 4, 9) or not _MASKS.isdisjoint(value)


def _may_be_ip(value: str) -> bool:
    bare = value.strip("[]().,;").partition("/")[0]
    if not _MASKS.isdisjoint(bare):
        return True
    try:
        ipaddress.ip_address(bare.partition("%")[0])
    except ValueError:
        return bare.count(":") == 1 and _may_be_ip(bare.partition(":")[0])
    return True


_FORMS: Mapping[str, Callable[[str], bool]] = {
    "CARD": _may_be_card,
    "IBAN": _may_be_iban,
    "SSN": _may_be_ssn,
    "IP": _may_be_ip,
}
