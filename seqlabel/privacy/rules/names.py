"""Places of names behind fields of forms, behind titles, and where one speaks to or of a person; others are a model's.

Their labels are in `seqlabel.privacy.rules.standard`.
"""

import re

from seqlabel.privacy.rules.finding import Places
from seqlabel.privacy.rules.nobody import SHORT_TERMS
from seqlabel.privacy.rules.terms import ONLY_PROGRAMS, is_titled_product

_PARTICLE = (
    r"(?:(?:van|von|vom|zu|zum|zur|de|del|della|di|da|dos|du|ter|ten|bin|el|al)"
    r"(?: (?:der|den|la|las|los|het|zu|'t))? |d['\u2019])?"
)
CAPITAL = r"[A-Z\u00c0-\u00d6\u00d8-\u00de\u0100-\u017f]"
WORD = rf"{CAPITAL}(?:[^\W\d_]|['\u2019\u2010\u2011-](?=[^\W\d_]{{2}})){{1,40}}+"
NAME = rf"(?<!\w){_PARTICLE}(?<![^\W\d_]){WORD}"

_FIELDS = (
    # English, German, French, Spanish, Italian, Dutch, Portuguese
    r"(?<=s)(?:urname|obrenome)",
    r"(?<=l)ast[ _-]?name",
    r"(?<=f)(?:irst[ _-]?name|amily[ _-]?name|orename|amilienname)",
    r"(?<=g)(?:iven[ _-]?names?|eburtsname)",
    r"(?<=m)(?:iddle[ _-]?name|aiden[ _-]?name)",
    r"(?<=v)(?:orname|oornaam)",
    r"(?<=n)(?:achname|om(?: de (?:famille|naissance|jeune fille))?|ome e cognome|ombre y apellidos?)",
    r"(?<=p)r(?:é|e)nom",
    r"(?<=a)(?:pellidos?|pelido|chternaam)",
    r"(?<=c)ognome",
)
_FIELD = re.compile(
    rf"[sSlLfFgGmMvVnNpPaAcC](?:(?<![^\W_].)|(?<=[a-z][LF]))(?i:{'|'.join(_FIELDS)})(?:\([sn]\))?"
    rf"(?:\"[ \t]{{0,3}}:[ \t\r\n]{{0,3}}\"(?P<quoted>[^\W\d_][^\"\\\n<>{{}}@/0-9]{{0,60}})\""
    rf"|'[ \t]{{0,3}}:[ \t\r\n]{{0,3}}'(?P<single>[^\W\d_][^'\\\n<>{{}}@/0-9]{{0,60}})'"
    rf"|[ \t\u00a0]{{0,3}}[:=][ \t]{{0,3}}[\"']?(?P<bare>{NAME}"
    rf"(?:(?: {NAME}){{1,3}}(?=[ \t]*(?:[\r\n,;|<\"'&)/]|\Z)))?)"
    r"(?![ \t\u00a0]{0,3}[:=([]|\.[A-Za-z]|[\w.@/\\-]*[@\\_]))"
)
_FIELD_SIGNS = ("name", "nom", "apel", "naam")
_NO_NAME = re.compile(
    r"(?:required|optional|missing|empty|none|null|unknown|undefined|n/?a|tbd|please|see|string|text|varchar.*|char|true|false"
    r"|yes|no|field|invalid|error|must .*|the .*|your|enter.*|type|here|same|as above|last|first|middle|given|family"
    r"|date|birth|address|name|surname|e?-?mail|phone|gender|sex|age|title|city|country|str|optional\[.*|redacted|anonym.*|hidden"
    r"|vorname|nachname|name|geburtsdatum|pflichtfeld|unbekannt|prénom|nom|date de naissance|obligatoire|nombre"
    r"|apellidos?|obligatorio|nome|cognome|obbligatorio|voornaam|achternaam|verplicht|obrigatório|sobrenome)[.!]?",
    re.I,
)


def field_names(text: str) -> Places:
    """Find what stands behind `Surname:`, `"first_name":` and the like in seven languages.

    Args:
        text: The text.

    Returns:
        The half-open characters of words that begin with a capital; of any words in the quotes of JSON.
    """
    folded = text.lower()
    for match in _FIELD.finditer(text) if any(map(folded.__contains__, _FIELD_SIGNS)) else ():
        group = match.lastgroup or ""
        if not _NO_NAME.fullmatch(match[group]):
            yield match.span(group)


_TITLED = re.compile(
    rf"[MDHFS](?<![\w-].)(?:(?<=M)(?:r|rs|s|me|lle)\.?|(?<=D)ra?\.?|(?<=H)errn?|(?<=F)rau|(?<=S)ra?\.) "
    rf"(?:(?:Dr|Prof|Drs|Ing)\.? (?:(?:med|phil|jur|rer|nat|ing|h\.c)\. ?){{0,3}}|(?:med|phil|jur|rer|nat)\. ){{0,2}}"
    rf"(?:{CAPITAL}\.[ -]?){{0,2}}(?P<name>{NAME})(?![ \t]?:|[\w.-]*[@\\_])"
)
# Offices behind a title, and the professions of a `Sr. Engineer`.
_OFFICES = """
    President Speaker Chairman Chairwoman Chair Majority Secretary Mayor Minister Ambassador Doktor Professor
    Professorin Präsident Präsidentin Ministerin Kanzler Kollege Kollegin Direktor Direktorin Bürgermeister
    Bürgermeisterin Richter Richterin Nachbar Nachbarin Abgeordneter Abgeordnete Vorsitzender Vorsitzende Anwalt
    Gott Ober Und Présidente Directrice Ministre Presidente Presidenta Director Directora Ministro Ministra Juez
    Diretor Diretora Professora
"""
_NOT_NAMED = frozenset(_OFFICES.split())
_PROFESSIONS = """
    Software Data Product Project Program Engineer Engineering Manager Developer Designer Analyst Consultant
    Architect Scientist Director Vice Sales Marketing Account Systems System Network Security Technical Quality
    Business Research Staff
"""
_NOT_SENIOR = frozenset(_PROFESSIONS.split())
_HOUSE = re.compile(r"[0-9][0-9A-Za-z-]{0,5} (?:[^\W\d_]{1,20} ){1,3}\Z")
_NAME_BEFORE = re.compile(rf"{WORD}[ ,]{{1,2}}\Z")
_BEFORE = 48
"""How many characters before a title are read for a house in its `Dr` (Drive) or a name before its `Sr.`."""


def titled_names(text: str) -> Places:
    """Find the word with a capital behind `Mr`, `Mrs`, `Ms`, `Dr`, `Herr`, `Frau`, `Mme`, `Sr.` and `Sra.`.

    Args:
        text: The text.

    Returns:
        Its half-open characters, with particles such as `van der` and without the title. Offices, ranks of employees
        and streets are none.
    """
    for match in _TITLED.finditer(text):
        title, name = text[match.start() : match.start() + 3], match["name"]
        before = max(match.start() - _BEFORE, 0)
        if name in _NOT_NAMED or is_titled_product(text, *match.span("name")):
            continue
        if title == "Sr." and (name in _NOT_SENIOR or _NAME_BEFORE.search(text, before, match.start())):
            continue
        if title[:2] == "Dr" and _HOUSE.search(text, before, match.start()):
            continue
        yield match.span("name")


# The first sign is looked at twice, which is faster.
_OPENINGS = re.compile(
    r"[ACDGHLSTW](?:(?<=^.)|(?<=[.!?\"\u201c\u2018] .))(?:"
    rf"(?:(?<=C)(?:an|ould)|(?<=S)hould|(?<=W)ould|(?<=D)(?:oes|id)|(?<=H)as) (?P<asked>{NAME})"
    r"(?= [a-z]{2,16}(?: [a-z]{1,12}){0,4} ?\?)"
    rf"|(?:(?<=A)sk|(?<=L)et|(?<=G)ive|(?<=T)ell) (?P<told>{NAME})"
    r"(?= (?:to|know|if|whether|that|the|a|about|not)(?!\w)))",
    re.M,
)
_SEEN = re.compile(
    r"[Hh]a(?<![\w-]..)(?:ve|s|d) (?:you|anyone|anybody|they|we|he|she) (?:seen|met|called|asked|told) "
    rf"(?P<seen>{NAME})(?= ?[?]| (?:today|yesterday|lately|recently|anywhere|yet|about|this|since|before|in|at)(?!\w))"
)
_MET = re.compile(
    rf"(?<![^\W_])(?:I|[Ww]e|[Ss]he|[Hh]e|[Tt]hey) met (?P<met>{NAME})"
    r"(?=[.,;!]| (?:at|in|on|for|again|before|after|outside|there|last|yesterday|once|when)(?!\w))"
)
_ASKED = re.compile(
    r"[AaBbdEeMmPpRrTt](?<![^\W_].)(?:(?<=[Aa])sked|(?<=[Rr])ang|(?<=[Pp])honed|(?<=[Ee])mailed|(?<=[Tt])exted"
    rf"|(?<=[Mm])essaged|(?<=[Bb])leeped|(?<=d)/w) (?P<heard>{NAME})"
    r"(?=[.,;!]| (?:for|to|if|about|whether|re|and)(?!\w))"
)
_SAID = re.compile(rf"[\"\u201d\u2019,!?] (?:said|replied|whispered|shouted|answered) (?P<said>{NAME})(?=[.,;])")
_WISHES = re.compile(rf"(?<!\w)(?:[Hh]appy [Bb]irthday|[Cc]ongratulations|[Cc]ongrats),? (?P<greeted>{NAME})(?=[!,.])")
_CALLINGS = re.compile(
    r"[ACDMNOPSU](?<![\w-].)(?:(?:(?<=N)urse|(?<=M)idwife|(?<=O)fficer|(?<=D)etective|(?<=C)onstable|(?<=S)ergeant"
    rf"|(?<=A)unt(?:ie)?|(?<=U)ncle|(?<=P)rof(?:essor|\.)) (?P<name>{NAME})(?![ -]{CAPITAL}|[ \t]?:|[\w.-]*[@\\_])"
    rf"|(?<=P)atient (?P<patient>{NAME})"
    r"(?= (?:has|had|was|is|said|says|reports|reported|denies|presents|presented)(?!\w)))"
)
_SPOKEN = (
    (_OPENINGS, ("",)),
    (_CALLINGS, ("",)),
    (_SEEN, ("seen ", " met ", "called ", "asked ", "told ")),
    (_MET, (" met ",)),
    (_ASKED, ("sked ", "ang ", "honed ", "mailed ", "exted ", "essaged ", "leeped ", "d/w ")),
    (_SAID, (" said ", " replied ", " whispered ", " shouted ", " answered ")),
    (_WISHES, ("irthday", "ongrat")),
)
"""Each form with signs of which a text that has it has one; where these are many, the form is found faster."""
_NO_PERSON = """
    He She It We They You This That These Those There Here What Who Which When Where Why How Not No Nobody Someone
    Somebody Anyone Anybody Everyone Everybody Everything All Both Some Any Each People Folks Guys Team Sir Madam
    Ma'am Miss Mr Mrs Ms Dr Sen Rep Gov Prof Lord Lady Doctor Nurse Mum Mom Dad Mummy Mommy Daddy Mother Father
    Grandma Grandpa God Jesus Santa Congress Parliament Google Siri Facebook Twitter Amazon Apple Microsoft Windows
    Linux Android Excel Word Outlook Medicare Medicaid English American Americans Europe Britain China Russia America
    London Monday Tuesday Wednesday Thursday Friday Saturday Sunday General Major Emeritus In Of On At Christmas
    Practitioner Manager Specialist Training Safety Staff Name Number Portal Services Care And Or The Our My Your His
    Her Their Its Then Now
"""
NOBODY = frozenset(_NO_PERSON.split())


def spoken_names(text: str) -> Places:
    """Find who is spoken to or of, and the word with a capital behind a calling: `Can Hope drive?`, `Nurse Will`.

    Args:
        text: The text.

    Returns:
        The half-open characters of the word with a capital behind `Ask` and the like at the begin of a sentence, in a
        short question, behind `have you seen`, `we met` and `asked`, behind direct speech and `said`, behind good
        wishes, and behind `Nurse`, `Officer`, `Aunt` and a few more. Pronouns, countries, programs and the like are
        none.
    """
    for form, signs in _SPOKEN:
        for match in form.finditer(text) if any(map(text.__contains__, signs)) else ():
            group = match.lastgroup or ""
            if match[group] not in NOBODY and match[group].lower() not in ONLY_PROGRAMS:
                yield match.span(group)


# With the comma that exports of chats have and hardly any log.
_WHEN = r"[0-9]{1,4}(?:[./-][0-9]{1,4}){2}, [0-9]{1,2}(?:[:.][0-9]{2}){1,2}(?:[ \u202f][AaPp]\.?[Mm]\.?)?"
_SENT = re.compile(
    rf"^(?:\[{_WHEN}\]|{_WHEN} -) ~?[ \u202f]?(?P<name>[^\W\d_][^:\n<>@\[\]{{}}=/\\0-9]{{0,40}}): ", re.M
)
_NO_SENDERS = re.compile(
    r"(?:debug|info|notice|warn(?:ing)?|error|critical|fatal|trace|you|system|admin|support|bot|agent|customer|user|assistant)"
    r"(?: .*)?",
    re.I,
)


def chat_senders(text: str) -> Places:
    """Find who sent a message in the export of a chat: `[03/11/2024, 18:02:40] Femi: yes`.

    Args:
        text: The text.

    Returns:
        The half-open characters of the names between date, time and colon; levels of logs and roles are none.
    """
    for match in _SENT.finditer(text) if ": " in text else ():
        if not _NO_SENDERS.fullmatch(match["name"]):
            yield match.span("name")


_UPPER = "[A-Z\u00c0-\u00d6\u00d8-\u00de]"
_LISTED_SIGN = re.compile(rf", (?<={_UPPER}{{3}}, ){_UPPER}[a-z\u00df-\u017f]")
_SURNAME = rf"(?:{_UPPER}{{2,3}} ){{0,2}}{_UPPER}['\u2019]?{_UPPER}{{3,24}}(?:[ -]{_UPPER}{{2,24}})?"
_LISTED = re.compile(
    rf"(?:^[ \t]*|(?<=[:|\t] ))(?P<name>(?P<surname>{_SURNAME}), (?P<first>(?={_UPPER}[a-z\u00df-\u017f]){NAME})"
    rf"(?: (?:{NAME}|[A-Z]\.?(?!\w)))?)(?=[ \t]*(?:[;|(\r\n]|\Z|[ \t]{{2}}))",
    re.M,
)


def listed_names(text: str) -> Places:
    """Find names as registers write them, the surname in capitals first: `Guest: LEFEVRE, Camille`.

    Args:
        text: The text.

    Returns:
        The half-open characters of the names in a cell, behind a colon, or alone on a line; abbreviations are none.
    """
    if _LISTED_SIGN.search(text):
        for match in _LISTED.finditer(text):
            if match["first"] not in NOBODY and match["surname"] not in SHORT_TERMS:
                yield match.span("name")
