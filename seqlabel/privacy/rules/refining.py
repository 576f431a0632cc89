"""Spans of a labeler corrected by form: cells are kept apart, values taken whole; what a form rules out is in `forms`.

What is decided of a span depends on the text at most `REACH` characters around it, so that a stream and a whole text
agree. Labels that are not known here keep their spans, but for the separators of cells in them.
"""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import pairwise
from operator import itemgetter

from seqlabel.documents.document import Document, Spans
from seqlabel.documents.overlaps import unite
from seqlabel.documents.spans import Span
from seqlabel.privacy.replacing.ordinals import ORDINAL
from seqlabel.privacy.rules.clinical_terms import is_clinical
from seqlabel.privacy.rules.cues import IDS, NUMBERS, REACH, line_start
from seqlabel.privacy.rules.date_forms import TIME_BEHIND
from seqlabel.privacy.rules.forms import fitting_label
from seqlabel.privacy.rules.machine_words import is_machine_word
from seqlabel.privacy.rules.nobody import cites_law, counts_nothing, is_clock, names_nobody, numbers_thing
from seqlabel.privacy.rules.secrets import is_nothing
from seqlabel.privacy.rules.terms import brand_at, is_term

_Place = tuple[int, int]

_NEVER_SPLIT = frozenset(("API_KEY", "PASSWORD", "URL", "EMAIL"))


def refined(document: Document, layer: str, before: str = "", *, emails: Sequence[tuple[int, int]] = ()) -> Spans:
    """Correct the spans of a document's layer.

    - A value that a machine made for itself is not private: a UUID, a hash, a ULID, a Unix time, a counter, a version,
      a colour, capitals and small letters in no order. Its spans are dropped, unless a word before it on its line says
      that it is a customer's number, a key, …. Nor is the port of a machine's address.
    - A payment card, an IBAN or an SSN that cannot be one by its form is an account's or another national number; an
      address of the internet that cannot be one is dropped, with the same exception.
    - A span ends at the end of a line and at the separators of cells; the parts are spans of their own.
    - A span does not begin or end with `<` or `>`; a name does not begin with a rank (`SpR Bell`), nor end with `and`
      or a degree. Of `ssh root@host` the account is taken whole, as a user's name, without the program.
    - A file that a person's name is in, taken for a user's name, is a person. An eponym (`Parkinson's disease`),
      a program (`Julia 1.9`) and a product (`Calvin Klein jeans`) are none; a brand taken for one is an organisation.
    - The number of an item of a list, a time such as `in 3/52`, an abbreviation, a role with a colon, a feast, a drug
      and a make of cars are nobody's (`seqlabel.privacy.rules.nobody`).
    - A span has no part of a tag of XML whose closing tag is near.
    - A password that begins in an e-mail address begins behind it. A type, a boolean, a word about passwords, and a
      count of tokens are none.
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
    corrected = list(_corrected(document, layer, before, emails))
    # Hardly any overlap.
    if all(left.end <= right.start for (left, _), (right, _) in pairwise(corrected)):
        return Spans(tuple(span for span, _ in corrected), tuple(score for _, score in corrected))
    scores: dict[Span, float] = {}
    for span, score in corrected:
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
        for part in _parts(text, first + shift, last + shift, span.label):
            start, end = _whole(text, _without_ranks(text, *part, span.label), span.label)
            if span.label == "PASSWORD":
                start, end = _behind_emails(text, (start, end), emails, shift)
            if span.label in _UNCOUNTED and _is_no_secret(text, start, end, span.label):
                continue
            if counts_nothing(text, start, end, span.label) or _is_unseen(text[start:end]):
                continue
            if span.label in NUMBERS and _NAME_OF_NUMBER.fullmatch(text, start, end):
                continue
            if numbers_thing(text, start, end, span.label):
                continue
            if cites_law(text, start, end, span.label) or (span.label == "DATE" and is_clock(text, start, end)):
                continue
            label = fitting_label(text, (start, end), span.label) if start < end else None
            if label in _SECRETS and _AGE.fullmatch(text, start, end):
                label = "AGE"
            if label in _SIGNED_IN_LABELS and (account := _signed_in(text, start, end)):
                (start, end), label = account, "USERNAME"
            if label is None:
                continue
            if label == "USERNAME" and _PERSONS_FILE.fullmatch(text, start, end):
                label = "PERSON"
            if label == "PERSON" and (brand := brand_at(text, start, end)):
                (start, end), label = brand, "ORGANISATION"
            if label in _NAMES and (
                is_term(text, start, end, company=label == "ORGANISATION")
                or is_clinical(text, start, end)
                or names_nobody(text, start, end, label)
            ):
                continue
            if is_machine_word(text, start, end, label):
                continue
            if (start, end) == (first + shift, last + shift):
                # Most places stay what they are.
                yield (span if label == span.label else Span(span.start, span.end, label)), score
                continue
            begin = bisect_right(document.offsets, max(start - shift, 0), key=itemgetter(1))
            behind = bisect_left(document.offsets, end - shift, key=itemgetter(0))
            if begin < behind:
                yield Span(begin, behind, label), score


def _is_unseen(value: str) -> bool:
    """Whether a value holds nothing that can be printed."""
    return not value.isprintable() and not any(map(str.isprintable, value))


def _parts(text: str, start: int, end: int, label: str) -> Iterable[_Place]:
    """The parts of a place between tags and the separators of cells, without what stands at their ends."""
    if text[start].isalnum() and text[end - 1].isalnum() and text.find("<", max(start - REACH, 0), end + REACH) < 0:
        # Most places are one part.
        is_one = text[end : end + 1] != "=" and _separators(label).search(text, start, end) is None
        if is_one and not (label in _AND_LABELS and _AND.search(text, max(end - 8, start), end)):
            return ((start, end),)
    return (
        part
        for between in _between_tags(text, start, end)
        for cell in _cells(text, *between, label)
        for part in _without_neighbours(text, *cell, label)
    )


_TAG = re.compile(r"<(/?)([A-Za-z_][\w:.-]{0,40})\s?(/?)>")
_JOINT = re.compile(r"\s*[:|;,]?\s*")


def _between_tags(text: str, start: int, end: int) -> Iterator[_Place]:
    """The parts of a place between the tags of XML.

    `<ann>` without a closing tag near it may be the name of someone who writes, and is not cut out.
    """
    least, most = max(start - REACH, 0), min(end + REACH, len(text))
    for tag in _TAG.finditer(text, least, most) if text.find("<", least, most) >= 0 else ():
        if tag.start() >= end:
            break
        is_tag = tag[1] or tag[3] or text.find(f"</{tag[2]}>", tag.end(), min(tag.end() + REACH, most)) >= 0
        if is_tag and tag.end() > start:
            if start < tag.start():
                yield start, tag.start()
            start = tag.end()
    if start < end:
        yield start, end


_NEXT_KEY = re.compile(r"[ ,;&]+[a-z][a-z_.-]{1,24}\Z")
"""The name of the next value behind one: `secret` of `passwd=qwerty secret=zebra`."""
_LIST_MARK = re.compile(r"[*\u2022-] {1,3}(?=\w)")
_AND = re.compile(r" (?:and|or|und|oder|et|ou|y|e|o|en|of)\Z")
_AND_LABELS = frozenset(("PERSON", "ORGANISATION", "LOCATION", "ADDRESS"))


def _without_neighbours(text: str, start: int, end: int, label: str) -> Iterator[_Place]:
    """The place without `<`, `>`, commas and spaces at its ends, a list's mark before it, and `and` or a key behind."""
    mark = _LIST_MARK.match(text, start, end) if text[start] in "*-\u2022" else None
    if mark and not text[line_start(text, start) : start].strip():
        start = mark.end()
    if label in _AND_LABELS and (joint := _AND.search(text, max(end - 8, start), end)):
        end = joint.start()
    if text[end : end + 1] == "=" and text[start - 1 : start] in ("=", ":") and text[end + 1 : end + 2].isalnum():
        key = _NEXT_KEY.search(text, start, end)
        end = key.start() if key else end
    around = "<>" if label in _NEVER_SPLIT else "<>,;"
    while start < end and (text[start] in around or text[start].isspace()):
        start += 1
    while start < end and (text[end - 1] in around or text[end - 1].isspace()):
        end -= 1
    if start < end:
        yield start, end


_RANK = re.compile(
    r"(?:Canon|SpR|SHO|FY[12]|F[12]|ST[1-8]|CT[123]|Cons|SN|Sr|HCA|CNS|ANP|Revd?\.?|Cllr\.?|Sgt\.?|Ofc\.?|Det\.?|Messrs"
    r"|Mme|Mlle|HHJ|(?:W?PC|DC|DS|DI|PCSO|PS)(?: [0-9]{1,6})?|/s/) (?=[A-Z])"
)
_DEGREE = re.compile(
    r",? (?:KC|QC|MD|PhD|DPhil|RN|RM|RGN|RMN|NP|PA-C|PA|LICSW|LCSW|MBBS|MBChB|MRCGP|MRCP|MRCS|FRCA|MCSP|Esq|MBE|OBE|CBE"
    r"|FRCS|FRCP|DDS|CPA)\Z"
)
_REGISTER = re.compile(
    r"(?:GMC|GDC|NMC|HCPC|SBN|NPI|MRN|URN|BBO|(?:State )?Bar|Badge|Shield|Collar|Case|Policy|Claim)"
    r"(?: (?:no\.?|number|id))?[:#]? {1,2}(?=[A-Z]{0,2}[0-9])",
    re.I,
)
"""The name of a register before the number that it gave to somebody."""
_NAME_OF_NUMBER = re.compile(r"[A-Za-z]{2,12} (?:no|nr|number|id)\.?:?", re.I)
"""The name of a number without it."""


def _without_ranks(text: str, start: int, end: int, label: str) -> _Place:
    """The place of a name without a rank before it or a degree behind it, of a number without its register's name."""
    if text.find(" ", start, end) < 0:
        return start, end
    if label == "PERSON":
        rank = _RANK.match(text, start, end)
        degree = _DEGREE.search(text, max(end - 8, start), end)
        return rank.end() if rank else start, degree.start() if degree else end
    register = None if label in _NEVER_SPLIT else _REGISTER.match(text, start, end)
    return register.end() if register else start, end


def _behind_emails(text: str, place: _Place, emails: Sequence[_Place], shift: int) -> _Place:
    """The part of a place behind the e-mail address that it begins in."""
    start, end = place
    nearest = max(bisect_right(emails, start - shift, key=itemgetter(0)) - 1, 0)
    for number in range(nearest, len(emails)):
        first, last = emails[number]
        if not first + shift <= start < last + shift:
            break
        joint = _JOINT.match(text, last + shift)
        start = joint.end() if joint else last + shift
    return min(start, end), end


_UNCOUNTED = frozenset(("PASSWORD", "API_KEY", "USERNAME", "EMPLOYEE_ID"))
"""Labels of what may stand behind `tokens:`, or be that name."""
_TYPED = re.compile(r"(?:&?str|string|text|bytes|int|bool|any|optional|secretstr)(?: ?[=|[(].*)?", re.I)
_TOKENS = re.compile(r"(?:[A-Za-z]{1,12}[_-])?[Tt]okens")
_BEHIND_TOKENS = re.compile(r"tokens[\"']?[ \t]{0,4}[:=][ \t]{0,4}\Z", re.I)
_BEHIND_TOKEN = re.compile(r"token[\"']?[ \t]{0,4}:[ \t]{0,4}\Z", re.I)


def _is_no_secret(text: str, start: int, end: int, label: str) -> bool:
    """Whether a place holds a count of tokens or its name, or, where a secret could be, a type or a word of code."""
    value, line = text[start:end], max(start - REACH // 2, 0)
    if _TOKENS.fullmatch(value) or (value.isdecimal() and _BEHIND_TOKENS.search(text, line, start)):
        return True
    if label not in ("PASSWORD", "API_KEY") or not value[:1].isalpha() or value.strip("Xx") == "":
        return False
    is_word = value.isalpha() and value.islower() and _BEHIND_TOKEN.search(text, line, start)
    return bool(is_word) or is_nothing(value) or _TYPED.fullmatch(value) is not None


_SIGNED_IN_LABELS = frozenset(("PASSWORD", "API_KEY", "EMAIL", "USERNAME"))
_SIGN_IN = re.compile(
    r"[srtm](?<![\w-].)(?:(?<=s)(?:sh|cp|ftp)|(?<=r)sync|(?<=t)elnet|(?<=m)osh)(?: -[A-Za-z])? {1,2}"
    r"([\w.-]{1,24}@[\w-][\w.-]{0,32})(?![\w@])"
)


def _signed_in(text: str, start: int, end: int) -> _Place | None:
    """The account in `ssh root@host` that a place has a part of, if there is one."""
    for match in _SIGN_IN.finditer(text, max(start - REACH, 0), min(end + REACH, len(text))):
        if match.start() < end and start < match.end():
            return match.span(1)
    return None


_NAMES = frozenset(("PERSON", "LOCATION", "ORGANISATION"))
_SECRETS = frozenset(("PASSWORD", "API_KEY", "USERNAME"))
_AGE = re.compile(r"[1-9][0-9]?[MF]\.?")
"""The age and sex of a patient: `58M`."""


_PERSONS_FILE = re.compile(
    r"(?:[A-Za-z0-9]{1,16}[_-])?[A-Z][a-z]{1,20}[_-][A-Z][a-z]{1,20}(?:[_-][A-Za-z0-9]{1,16})?"
    r"\.(?:pdf|docx?|odt|rtf|txt|xlsx?|pptx?|jpe?g|png|zip)"
)


_CELL = re.compile(r"[\t|\n\r;]+|,(?=[^\s\d]|[0-9]{1,2}:[0-9]{2})| {3,}")
_CELL_OF_SIGNS = re.compile(r"[\t\n\r]+")
"""What ends a cell or a row, and what ends it where all other signs may be part of the value."""


def _separators(label: str) -> re.Pattern[str]:
    return _CELL_OF_SIGNS if label in _NEVER_SPLIT else _CELL


def _cells(text: str, start: int, end: int, label: str) -> Iterator[_Place]:
    """The parts of a place between the separators of cells."""
    separators = _separators(label)
    while separator := separators.search(text, start, end):
        if text[start : separator.start()].strip():
            yield start, separator.start()
        start = separator.end()
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
_DAYS = (
    r"(?:(?:[0-9]{1,2}(?:st|nd|rd|th)?, ){0,3}[0-9]{1,2}(?:st|nd|rd|th)?(?: (?:and|or|to|&) | ?[\u2013-] ?)"
    r"(?=[0-9]{1,2}(?:st|nd|rd|th)? ))"
)
"""The days before the last one of a month: `11, 12 and 13 March`."""
_DATE = re.compile(
    r"(?<![\w.:-])(?:[0-9]{1,2}:[0-9]{2}(?::[0-9]{2})?(?: ?[ap]\.?m\b\.?)?(?: ?(?:hrs?|uhr)\b\.?)?,? (?:on|am) "
    r"(?:[a-z]{2,6}day,? )?)?"
    rf"(?<![\w.-])(?:[0-9]{{4}}[-/.][0-9]{{1,2}}[-/.][0-9]{{1,2}}|[0-9]{{1,2}}[-/.][0-9]{{1,2}}[-/.](?:[0-9]{{4}}|[0-9]{{2}})"
    rf"|{_DAYS}?(?:[0-9]{{1,2}}(?:st|nd|rd|th)?[ /-]|{ORDINAL} )(?:of )?{_MONTH}"
    r"(?:,?[ /-](?:[0-9]{4}|[0-9]{2}(?!:)))?"
    rf"|(?:the )?(?:[0-9]{{1,2}}(?:st|nd|rd|th)|{ORDINAL}) day of {_MONTH}(?:,? [0-9]{{4}})?"
    rf"|{_MONTH} (?:the )?(?:[0-9]{{1,2}}(?:st|nd|rd|th)?|{ORDINAL})(?:,? [0-9]{{4}})?"
    rf"|[0-9]{{1,2}}(?:\.|er|[º°])? (?:de )?(?:{_MONTH_EUROPE})(?!\w)(?:\.? (?:del? )?[0-9]{{4}})?)"
    rf"(?:{TIME_BEHIND}(?: \([a-z]{{3}}, [0-9]{{1,2}} {_MONTH} [0-9]{{4}}\))?)?(?![\w-])",  # the second date is svn's
    re.I,
)
_PHONE = re.compile(
    r"(?<![\w+])[+(]{0,2}[0-9](?:(?!\. )[0-9() .\-/\u00a0\u2009\u202f\u2010\u2011]){4,20}[0-9]"
    r"(?:,? ?(?:x|ext\.?) ?[0-9]{1,6})?(?!\w)",
    re.I,
)
_CARD = re.compile(r"(?<![\w-])[0-9]{3,7}(?:[ -][0-9]{2,7}){1,5}(?![\w-])")
_IBAN = re.compile(r"(?<!\w)[A-Z]{2}[0-9]{2}(?: [A-Z0-9]{4}){2,7}(?: (?=[A-Z]{0,2}[0-9])[A-Z0-9]{1,3})?(?!\w)")


_INSURANCE = re.compile(r"(?<![\w-])[A-Z]{2}(?: [0-9]{2}){3} [A-D](?![\w-])")


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


_MAILBOX_SIGNS = frozenset("._+%-")


def _email(text: str, place: _Place) -> _Place:
    start, end = place
    if text[start] != "@":
        return place
    least = max(start - REACH, 0)
    while start > least and (text[start - 1].isalnum() or text[start - 1] in _MAILBOX_SIGNS):
        start -= 1
    return start, end


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


_ROOM = r"(?:apt|apartment|suite|ste|studio|unit|flat|floor|level|shop|rm|room|bldg|building)\b\.?"
_HOUSE = re.compile(r"(?<![\w.,/-])#?[0-9]{1,5}[A-Za-z]?(?:[-/][0-9]{1,4}[A-Za-z]?)?,? \Z")
_FLAT = re.compile(rf",? ?(?:#|{_ROOM}) ?#?[A-Za-z]?[0-9]{{1,5}}[A-Za-z]?(?!\w)", re.I)
_FLAT_BEFORE = re.compile(rf"(?<![\w-]){_ROOM} ?#?[A-Za-z]?[0-9]{{1,5}}[A-Za-z]?,? \Z", re.I)
_ROOM_BEFORE = re.compile(rf"(?<![\w-]){_ROOM} ?#?\Z", re.I)
_PROVINCE = re.compile(r" \([A-Z]{2}\)| / [A-Z]{2}(?!\w)")


def _street(text: str, place: _Place) -> _Place:
    start, end = place
    if text[start].isalpha() and (house := _HOUSE.search(text, max(start - 16, 0), start)):
        start = house.start()
    for before in (_FLAT_BEFORE, _ROOM_BEFORE) if text[start].isdigit() else (_FLAT_BEFORE,):
        if flat := before.search(text, max(start - REACH // 2, 0), start):
            start = flat.start()
    if flat := _FLAT.match(text, end):
        end = flat.end()
    return start, end


def _place_name(text: str, place: _Place) -> _Place:
    province = _PROVINCE.match(text, place[1])
    return place[0], province.end() if province else place[1]


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
    "LOCATION": _place_name,
    "PERSON": _name,
    "USERNAME": _user,
    "EMAIL": _email,
    "PASSWORD": _password,
    "API_KEY": _key,
    "CASE_NUMBER": _case,
    **dict.fromkeys(IDS, _number),
    "NATIONAL_ID": lambda text, place: _matched(_INSURANCE, digits=(6, 6))(text, _number(text, place)),
}


def _whole(text: str, place: _Place, label: str) -> _Place:
    return _GROW.get(label, _same)(text, place)
