"""Places of names in letters, notes and chats: behind greetings, under what ends a letter, behind words for relatives.

Their labels are in `seqlabel.privacy.rules.standard`; names behind titles and fields are in
`seqlabel.privacy.rules.names`.
"""

import re

from seqlabel.privacy.rules.finding import Places
from seqlabel.privacy.rules.names import CAPITAL, NAME, NOBODY, WORD
from seqlabel.privacy.rules.nobody import ADDRESSEES

_FULL = rf"(?:[A-Z]\.? ){{0,2}}{NAME}(?: (?:[A-Z]\.? )?{NAME}){{0,2}}"
_ALSO_SURNAMES = """
    Abby Aunt Auntie Author Authors Beloved Bishop Brother Carer Chair Chairman Chairperson Chairwoman Congressman
    Congresswoman Councillor Cousin Darling Delegate Diary Donor Donors Enthusiast Family Father Fellow Friend
    Friends Future Grandma Grandpa Guardian Guest Head Heart Human Investor Judge Landlord Little Love Member
    Minister Nan Neighbor Neighbors Neighbour Officer Old Owner Partner Partners Past President Principal Professor
    Reader Recruitment Representative Resident Reviewer Reviewers Santa Secretary Senator Shareholder Sister Student
    Supplier Suppliers Sweet Tenant Uncle User Volunteer Volunteering Younger
"""
_NOT_ADDRESSED = NOBODY | ADDRESSEES | frozenset(_ALSO_SURNAMES.split())
_GREETING = re.compile(
    rf"D(?<![\w-].)ear (?P<one>{WORD})(?:(?: (?P<last>{WORD}))?(?=[ \t]?[,:!][ \t]*$)"
    rf"|(?: and | & |, )(?P<two>{WORD})(?=[ \t]?[,:!][ \t]*$))",
    re.M,
)
_ENDINGS = (
    r"(?:Yours(?: sincerely| faithfully| truly| ever)?|Sincerely(?: yours)?|Respectfully(?: submitted| yours)?"
    r"|Cordially|Warmly|(?:(?:With )?(?:[Kk]ind|[Bb]est|[Ww]arm|[Mm]any)(?:est)? )?[Rr]egards"
    r"|(?:With )?(?:[Aa]ll )?(?:[Mm]y )?[Bb]est(?: wishes)?|(?:With )?(?:[Mm]any )?[Tt]hanks(?: again)?"
    r"|Thank you|Cheers|(?:With |Lots of |All my )?[Ll]ove|Take care|All the best|God bless)"
)
_SIGNED_OFF = re.compile(
    rf"\n{_ENDINGS}[,.!]?[ \t]*\r?\n(?:[ \t]*\r?\n){{0,3}}[ \t]{{0,4}}(?P<name>{_FULL})(?=[ \t]*(?:[,(|]|$))", re.M
)
_NOT_SIGNED_OFF = re.compile(
    r"(?:The|Your|Our|My|A|An|Team|Customer|Support|Regards|Kind|Best|Warm|Yes|No|Please|Note|Ps|Sent|Unsubscribe|Attachments?"
    r"|Attached|Enclosures?|Encl|Staff|Manager|Sales|Phone|Tel|Email|Mobile|From|Date|Subject|On|In|If|For|Hello|Hi|Dear|Thanks"
    r"|Thank|Sincerely|Yours|Cheers|Signed|Signature|Reply|Original|Forwarded|Begin|Love|Everyone|Mum|Mom|Dad|Grandma|Nan)(?!\w)"
    r"|.*(?<!\w)(?:LLP|Ltd|Limited|Inc|LLC|PLC|Plc|GmbH|Co|Corp|Team|Department|Office|Committee|Council|Services|Service|Support"
    r"|Bank|Group|Association|Society|School|University|Hospital|Company|Solicitors|Partners|Management|Board|Desk)\.?\Z",
    re.S,
)
_SIGNED = re.compile(
    r"(?:(?:[Ss](?<![\w-].)igned(?: by)?|S(?<![\w-].)(?:IGNED(?: BY)?|ignature))[:,][ \t]{0,4}(?:\r?\n[ \t]{0,4})?"
    rf"(?P<signed>{_FULL})|SIGNED (?:by|BY) (?P<formal>{_FULL})|/s/ ?(?P<stroke>{_FULL}))(?![ \t]?[:=]|[\w.-]*[@\\_])"
)
_NOT_SIGNED = re.compile(
    r"(?:Date|Dated|Name|Print|Printed|Position|Title|Yes|No|None|On|By|In|At|For|And|The|This|That|An|All|Witness|Sealed|Delivered"
    r"|Copy|Copies|Original|Document|Documents|Form|Forms|Contract|Agreement|Off|Up|Out|Over|Int|Integer|Unsigned|True|False|Pending"
    r"|Required|Optional|Electronically|Digitally|Under|As|Per|To|It|He|She|They|We|You|Or|Of|Director|Manager|Parent|Guardian"
    r"|Patient|Client|Customer|Applicant|Tenant|Landlord|Employee|Employer|Deponent|Declarant|Authorised|Authorized|Company|Your)"
    r"(?!\w)"
)


def letter_names(text: str) -> Places:
    """Find who is addressed by `Dear`, who ends a letter, and who signed.

    Args:
        text: The text.

    Returns:
        The half-open characters of the names: one or two words between `Dear` and the mark at the end of its line; the
        words with a capital that are a line under `Yours sincerely`, `Thanks` and the like; and those behind `Signed`,
        `Signature` and `/s/`. Roles, departments and firms are none.
    """
    for match in _GREETING.finditer(text) if "Dear " in text else ():
        if _NOT_ADDRESSED.isdisjoint(word for word in match.groups() if word):
            yield match.start("one"), match.end("last") if match["last"] else match.end("one")
            if match["two"]:
                yield match.span("two")
    # The end of a line is found faster than the begin of one.
    for match in _SIGNED_OFF.finditer(f"\n{text}") if "\n" in text else ():
        if match["name"] not in NOBODY and not _NOT_SIGNED_OFF.match(match["name"]):
            yield match.start("name") - 1, match.end("name") - 1
    if "igned" in text or "IGNED" in text or "ignature" in text or "/s/" in text:
        for match in _SIGNED.finditer(text):
            group = match.lastgroup or ""
            if not _NOT_SIGNED.match(match[group]) and match[group].split()[0].title() not in NOBODY:
                yield match.span(group)


_KIN = (
    "wife|husband|son|daughter|mum|mom|mother|dad|father|brother|sister|niece|nephew|carer|stepdad|stepmum|stepson"
    "|stepdaughter|grandson|granddaughter|girlfriend|boyfriend|cousin|aunt|uncle|fiancé|fiancée"
)
_IS_KIN = "|".join(rf"(?<=[^\w-]{kin} )" for kin in _KIN.split("|"))
# A space before a capital is found faster than one of so many words.
_RELATIVE = re.compile(
    rf" (?=[^\W\d_a-z]|[vd][aeiou])(?<=[acefilnouwé][demnrtwé] )(?:{_IS_KIN})(?P<name>{NAME})"
    rf"(?![ -]{CAPITAL}|[\w.-]*[@\\_])"
)
_NOT_RELATED = NOBODY | frozenset(
    ("Nature", "Earth", "Superior", "Goose", "Time", "Company", "Ship", "Support", "Allowance", "State", "Republic")
)

_LONGEST_SHORT = 4
"""Letters of the longest word in capitals that is as likely an abbreviation as a name."""


def relatives(text: str) -> Places:
    """Find the word with a capital behind a word for a relative: `her daughter Sian`.

    Args:
        text: The text.

    Returns:
        The half-open characters of the names. What has another word with a capital behind it is left to the model.
    """
    for match in _RELATIVE.finditer(text):
        name = match["name"]
        if name not in _NOT_RELATED and not (name.isupper() and len(name) <= _LONGEST_SHORT):
            yield match.span("name")
