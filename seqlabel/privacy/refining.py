"""Spans of a labeler corrected by form: machines' values are dropped, cells kept apart, values taken whole.

What is decided of a span depends on the text at most `REACH` characters around it, so that a stream and a whole text
agree. Labels that are not known here keep their spans, but for the separators of cells in them.
"""

import ipaddress
import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import pairwise
from operator import itemgetter

from seqlabel.documents.document import Document, Spans
from seqlabel.documents.overlaps import unite
from seqlabel.documents.spans import Span
from seqlabel.privacy.ordinals import ORDINAL

REACH = 64
"""How many characters before a span are read for a word that says what it is, and how far a span grows at most."""

_Place = tuple[int, int]

_IDS = (
    *("ACCOUNT", "NATIONAL_ID", "PASSPORT", "DRIVING_LICENCE", "TAX_ID", "MEDICAL_ID", "INSURANCE_ID"),
    *("EMPLOYEE_ID", "CUSTOMER_ID", "PLATE", "VIN", "SSN"),
)
_NUMBERS = frozenset((*_IDS, "CASE_NUMBER", "CARD", "IBAN", "PHONE", "IP", "MAC"))
_SECRETS = frozenset(("PASSWORD", "API_KEY"))
_NEVER_SPLIT = frozenset(("API_KEY", "PASSWORD", "URL", "EMAIL"))
_ANY_MACHINE = (
    _NUMBERS
    | _SECRETS
    | frozenset(("USERNAME", "LOCATION", "ORGANISATION", "ADDRESS", "AGE", "DATE", "DATE_OF_BIRTH", "PERSON", "URL"))
)


def refined(document: Document, layer: str, before: str = "", *, emails: Sequence[tuple[int, int]] = ()) -> Spans:
    """Correct the spans of a document's layer.

    - A value that a machine made for itself is nobody's: a UUID, a hash, a ULID, a Unix time, a counter, a version, a
      colour, capitals and small letters in no order. Its spans are dropped, unless a word before it on its line says
      that it is a customer's number, a key, …. The port of a machine's address is nobody's either.
    - A payment card, an IBAN or an SSN that cannot be one by its form is an account's or another national number; an
      address of the internet that cannot be one is dropped, with the same exception.
    - A span ends at the end of a line and at the separators of cells; the parts are spans of their own.
    - A span does not begin or end with `<` or `>`, and has no part of a tag of XML whose closing tag is near.
    - A password that begins in an e-mail address begins behind it.
    - A date, with the time of day behind it, a telephone number, an identifier, a secret, a house in its street or a
      compound name of which a part was found is taken whole.

    Args:
        document: A document with the layer.
        layer: The name of the layer of spans.
        before: The text before the document, where that is a part of a stream.
        emails: The half-open characters of the e-mail addresses that rules found in the document, in order.

    Returns:
        The spans in document order, each with a score. Those that overlap are united.
    """
    scores: dict[Span, float] = {}
    for span, score in _corrected(document, layer, before, emails):
        scores[span] = max(score, scores.get(span, 0.0))
    united = list(unite(scores.keys()))
    return Spans(
        tuple(Span(start, end, best.label) for best, start, end in united),
        tuple(scores[best] for best, _, _ in united),
    )


def _corrected(document: Document, layer: str, before: str, emails: Sequence[_Place]) -> Iterator[tuple[Span, float]]:
    """The corrected spans, which may overlap, with their scores."""
    spans = document.spans[layer]
    text = before + document.text
    shift = len(before)
    for span, score in zip(spans.spans, spans.scores or (1.0,) * len(spans.spans), strict=True):
        first, last = document.characters(span)
        parts = (
            part
            for between in _between_tags(text, first + shift, last + shift)
            for cell in _cells(text, *between, span.label)
            for part in _without_brackets(text, *cell)
        )
        for part in parts:
            grown = _whole(text, part, span.label)
            if span.label == "PASSWORD":
                grown = _behind_emails(text, grown, emails, shift)
            label = _label(text, grown, span.label) if grown[0] < grown[1] else None
            if label is None:
                continue
            begin = bisect_right(document.offsets, max(grown[0] - shift, 0), key=itemgetter(1))
            end = bisect_left(document.offsets, grown[1] - shift, key=itemgetter(0))
            if begin < end:
                yield Span(begin, end, label), score


_TAG = re.compile(r"<(/?)([A-Za-z_][\w:.-]{0,40})\s?(/?)>")
_JOINT = re.compile(r"\s*[:|;,]?\s*")


def _between_tags(text: str, start: int, end: int) -> Iterator[_Place]:
    """The parts of a place between the tags of XML.

    `<ann>` without a closing tag near it may be the name of someone who writes, and is not cut out.
    """
    most = min(end + REACH, len(text))
    for tag in _TAG.finditer(text, max(start - REACH, 0), most):
        if tag.start() >= end:
            break
        is_tag = tag[1] or tag[3] or text.find(f"</{tag[2]}>", tag.end(), min(tag.end() + REACH, most)) >= 0
        if is_tag and tag.end() > start:
            if start < tag.start():
                yield start, tag.start()
            start = tag.end()
    if start < end:
        yield start, end


def _without_brackets(text: str, start: int, end: int) -> Iterator[_Place]:
    """The place without `<`, `>` and spaces at its ends, if anything is left."""
    while start < end and (text[start] in "<>" or text[start].isspace()):
        start += 1
    while start < end and (text[end - 1] in "<>" or text[end - 1].isspace()):
        end -= 1
    if start < end:
        yield start, end


def _behind_emails(text: str, place: _Place, emails: Sequence[_Place], shift: int) -> _Place:
    """The part of a place behind the e-mail address that it begins in."""
    start, end = place
    for first, last in emails:
        if first + shift <= start < last + shift:
            joint = _JOINT.match(text, last + shift)
            start = joint.end() if joint else last + shift
    return min(start, end), end


_CELL = re.compile(r"[\t|\n\r;]+|,(?=[^\s\d])")


def _cells(text: str, start: int, end: int, label: str) -> Iterator[_Place]:
    """The parts of a place between the separators of cells."""
    separator = None if label in _NEVER_SPLIT else _CELL.search(text, start, end)
    while separator:
        if text[start : separator.start()].strip():
            yield start, separator.start()
        start = separator.end()
        separator = _CELL.search(text, start, end)
    if text[start:end].strip():
        yield start, end


_MONTH = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?"
    r"|nov(?:ember)?|dec(?:ember)?)(?:\.(?= ?[0-9]))?"
)
_MONTH_EUROPE = (
    "januar|jänner|februar|märz|april|mai|juni|juli|august|september|oktober|november|dezember"
    "|janvier|février|mars|avril|juin|juillet|août|septembre|octobre|novembre|décembre"
    "|enero|febrero|marzo|abril|mayo|junio|julio|agosto|septiembre|octubre|noviembre|diciembre"
    "|gennaio|febbraio|aprile|maggio|giugno|luglio|settembre|ottobre|dicembre"
    "|januari|februari|maart|mei|augustus|december"
    "|janeiro|fevereiro|março|maio|junho|julho|setembro|outubro|novembro|dezembro"
    "|jan|feb|mär|apr|jun|jul|aug|sep|sept|okt|oct|nov|dez|dec|janv|févr|ene|dic|gen|ott"
)
_DATE = re.compile(
    rf"(?<![\w.-])(?:[0-9]{{4}}[-/.][0-9]{{1,2}}[-/.][0-9]{{1,2}}|[0-9]{{1,2}}[-/.][0-9]{{1,2}}[-/.](?:[0-9]{{4}}|[0-9]{{2}})"
    rf"|(?:[0-9]{{1,2}}(?:st|nd|rd|th)?[ /-]|{ORDINAL} )(?:of )?{_MONTH}(?:,?[ /-](?:[0-9]{{4}}|[0-9]{{2}}))?"
    rf"|{_MONTH} (?:the )?(?:[0-9]{{1,2}}(?:st|nd|rd|th)?|{ORDINAL})(?:,? [0-9]{{4}})?"
    rf"|[0-9]{{1,2}}(?:\.|er|[º°])? (?:de )?(?:{_MONTH_EUROPE})(?!\w)\.?(?: (?:del? )?[0-9]{{4}})?)"
    r"(?:(?:T|:|,? (?:at )?)[0-9]{1,2}:[0-9]{2}(?::[0-9]{2}(?:[.,][0-9]{1,9})?)?(?: ?[ap]\.?m\b)?"
    r"(?:Z|[+-][0-9]{2}:?[0-9]{2})?)?(?![\w-])",
    re.I,
)
_PHONE = re.compile(
    r"(?<![\w+])[+(]{0,2}[0-9](?:(?!\. )[0-9() .\-/\u00a0\u2009\u202f\u2010\u2011]){4,20}[0-9]"
    r"(?:,? ?(?:x|ext\.?) ?[0-9]{1,6})?(?!\w)",
    re.I,
)
_CARD = re.compile(r"(?<![\w-])[0-9]{3,7}(?:[ -][0-9]{2,7}){1,5}(?![\w-])")
_IBAN = re.compile(r"(?<!\w)[A-Z]{2}[0-9]{2}(?: [A-Z0-9]{4}){2,7}(?: (?=[A-Z]{0,2}[0-9])[A-Z0-9]{1,3})?(?!\w)")


def _matched(pattern: re.Pattern[str], *, digits: tuple[int, int]) -> Callable[[str, _Place], _Place]:
    """Grow a place over the matches that meet it and have a fitting number of digits."""

    def grow(text: str, place: _Place) -> _Place:
        start, end = place
        # From the begin of a line, so that a match does not depend on where the reading began.
        line = text.rfind("\n", max(start - REACH, 0), start) + 1 or max(start - REACH, 0)
        for match in pattern.finditer(text, line, min(end + REACH, len(text))):
            if match.start() >= place[1]:
                break
            few, many = digits
            if match.end() > place[0] and few <= sum(map(str.isdigit, match.group())) <= many:
                start, end = min(start, match.start()), max(end, match.end())
        return start, end

    return grow


def _token(text: str, place: _Place, joints: str, digit_joints: str, before: str = "") -> _Place:
    """Grow a place over letters and digits, over `joints` between them, and over `digit_joints` between digits."""
    start, end = place
    least, most = max(start - REACH, 0), min(end + REACH, len(text))
    while start > least and (
        text[start - 1].isalnum()
        or (start - 1 > least and _joins(text[start - 2], text[start - 1], text[start], joints, digit_joints))
    ):
        start -= 1
    while end < most and (
        text[end].isalnum()
        or (end + 1 < most and _joins(text[end - 1], text[end], text[end + 1], joints, digit_joints))
    ):
        end += 1
    if start > least and text[start - 1] in before and before:
        start -= 1
    return start, end


def _joins(left: str, middle: str, right: str, joints: str, digit_joints: str) -> bool:
    if middle in joints:
        return left.isalnum() and right.isalnum()
    return middle in digit_joints and left.isdigit() and right.isdigit()


def _number(text: str, place: _Place) -> _Place:
    return _token(text, place, "-_\u2010\u2011", "./", before="#")


def _case(text: str, place: _Place) -> _Place:
    return _token(text, place, "-_", "./:", before="#")


def _user(text: str, place: _Place) -> _Place:
    return _token(text, place, "-_.", "", before="@")


_PADDING = re.compile(r"={1,2}(?!\w)")


def _key(text: str, place: _Place) -> _Place:
    start, end = _token(text, place, "-_.+~", "")
    padding = _PADDING.match(text, end)
    return start, padding.end() if padding else end


_AROUND_PASSWORD = frozenset("\"'`<>,;|()[]{}@/:&=\\\u201c\u201d\u2018\u2019\u00ab\u00bb")
_SENTENCE_END = ".!?,;:"


def _password(text: str, place: _Place) -> _Place:
    start, end = place
    least, most = max(start - REACH, 0), min(end + REACH, len(text))

    def inside(character: str) -> bool:
        return not character.isspace() and character not in _AROUND_PASSWORD

    while start > least and inside(text[start - 1]):
        start -= 1
    while end < most and inside(text[end]):
        end += 1
    while end > place[1] and text[end - 1] in _SENTENCE_END:
        end -= 1
    return start, end


_HOUSE = re.compile(r"(?<![\w.,/-])#?[0-9]{1,5}[A-Za-z]?(?:[-/][0-9]{1,4}[A-Za-z]?)?,? \Z")
_FLAT = re.compile(
    r",? ?(?:#|(?:apt|apartment|suite|ste|unit|flat|floor|rm|room|bldg|building)\b\.?) ?#?"
    r"[A-Za-z]?[0-9]{1,5}[A-Za-z]?(?!\w)",
    re.I,
)


def _street(text: str, place: _Place) -> _Place:
    start, end = place
    if text[start].isalpha() and (house := _HOUSE.search(text, max(start - 16, 0), start)):
        start = house.start()
    if flat := _FLAT.match(text, end):
        end = flat.end()
    return start, end


_PARTICLES = re.compile(
    r"(?<![\w-])(?:(?:van|von|vom|zum|zur|der|den|de|del|della|di|da|dos|du|ter|ten|bin|binti|ibn)"
    r"(?: (?:la|las|los|le|der|den|het|'t))?) \Z"
)
_HYPHENS = "-\u2010\u2011'\u2019"


def _name(text: str, place: _Place) -> _Place:
    start, end = place
    least, most = max(start - REACH, 0), min(end + REACH, len(text))
    while start - 1 > least and (
        text[start - 1].isalpha()
        or (text[start - 1] in _HYPHENS and text[start - 2].isalpha() and text[start].isalpha())
    ):
        start -= 1
    while end + 1 < most:
        joint = text[end] in _HYPHENS and text[end + 1].isalpha()
        # Of "Ann's" the last letter is not part of the name.
        if joint and text[end] in "'\u2019" and not text[end + 2 : end + 3].isalpha():
            break
        if not (text[end].isalpha() or joint):
            break
        end += 1
    if text[start].isupper() and (particles := _PARTICLES.search(text, max(start - 16, 0), start)):
        start = particles.start()
    return start, end


def _same(text: str, place: _Place) -> _Place:
    return place


_GROW: Mapping[str, Callable[[str, _Place], _Place]] = {
    "DATE": _matched(_DATE, digits=(0, 30)),
    "DATE_OF_BIRTH": _matched(_DATE, digits=(0, 30)),
    "PHONE": _matched(_PHONE, digits=(7, 19)),
    "CARD": _matched(_CARD, digits=(12, 19)),
    "IBAN": _matched(_IBAN, digits=(4, 34)),
    "ADDRESS": _street,
    "PERSON": _name,
    "USERNAME": _user,
    "PASSWORD": _password,
    "API_KEY": _key,
    "CASE_NUMBER": _case,
    **dict.fromkeys(_IDS, _number),
}


def _whole(text: str, place: _Place, label: str) -> _Place:
    return _GROW.get(label, _same)(text, place)


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


def _label(text: str, place: _Place, label: str) -> str | None:
    """The label of a place, another one where its form rules the first out, None where it is nobody's."""
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
    if _MACHINE.fullmatch(run) or (label not in _WORDY and _SHORT_HASH.fullmatch(run)):
        return True
    if _VERSION.fullmatch(run) and (label not in _DOTTED or (label == "PHONE" and len(_digits(run)) < _FEWEST_DOTTED)):
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
    kinds = [sign.isupper() + 2 * sign.islower() + 3 * sign.isdigit() for sign in run]
    changes = sum(left != right for left, right in pairwise(kinds))
    return changes > _CHANGES[label in _WORDY] * len(run)


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


_WORDY = frozenset(("USERNAME", "PASSWORD", "PERSON", "DATE", "DATE_OF_BIRTH"))
_DOTTED = frozenset(("PHONE", "DATE", "DATE_OF_BIRTH", "LOCATION"))
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
