"""Makers of values, private and not, each in the many ways that people and programs write it; no sentences here.

Numbers with check digits are right nine times in ten. Importing this module fills `maker.VALUES`.
"""

import base64
import datetime
import string
import unicodedata

from .labels import PiiType
from .maker import VALUES, Maker, Pieces, enter_value
from .splits import words
from .world import (
    CORPORATE,
    COUNTRIES,
    DIALLING,
    ENGLISH,
    FAMILY_FIRST,
    FREE_MAIL,
    HAS_NATIONAL_ID,
    HOME,
    STREET_ENDS,
    TOP_LEVEL,
    UNSPACED,
    cities,
    coined_firms,
    drawn_values,
    first_names,
    invented,
    known_firms,
    last_names,
    pass_words,
    regions,
    romanised,
    state_codes,
    street_stems,
    trades,
    user_words,
)

WRONG = 0.1
"""How often a number's check digits are wrong."""

# People.


@enter_value("first", PiiType.PERSON)
def first(maker: Maker, number: int) -> str:
    return maker.person(number).first


@enter_value("last", PiiType.PERSON)
def last(maker: Maker, number: int) -> str:
    return maker.person(number).last


@enter_value("full", PiiType.PERSON)
def full(maker: Maker, number: int) -> str:
    """First and last name in the usual order of where the person is from."""
    person = maker.person(number)
    if person.origin in UNSPACED:
        return person.last + person.first
    if person.origin in FAMILY_FIRST and maker.chance(0.6):
        return f"{person.last} {person.first}"
    return f"{person.first} {person.last}"


@enter_value("name", PiiType.PERSON)
def name(maker: Maker, number: int) -> str:
    """A name in one of its forms: initials, middle names, family name first, capitals, small letters, a suffix."""
    person = maker.person(number)
    first, last, middle = person.first, person.last, person.middle
    plain = maker.text("full", number)
    if person.origin in UNSPACED:
        return plain
    return maker.weighted(
        (68, plain),
        (8, f"{first} {middle}. {last}"),
        (3, f"{first} {maker.pick(_middle_names(maker))} {last}"),
        (3, f"{first[0]}. {last}"),
        (1, f"{first[0]}.{middle}. {last}"),
        (4, f"{last}, {first}"),
        (1, f"{last}, {first} {middle}."),
        (1, f"{last.upper()}, {first}"),
        (1, f"{first} {last.upper()}"),
        (2, f"{last} {first}"),
        (3, plain.lower()),
        (2, plain.upper()),
        (1, f"{plain} {maker.pick(('Jr.', 'Sr.', 'III', 'II', 'Jr'))}"),
        (2, f"{first} {last[0]}."),
    )


def _middle_names(maker: Maker) -> tuple[str, ...]:
    return first_names("en_US" if maker.locale in ENGLISH else maker.locale, maker.split)


@enter_value("formal")
def formal(maker: Maker, number: int) -> Pieces:
    """A title, which is nothing private, and a last or whole name."""
    person = maker.person(number)
    title = maker.pick(("Dr.", "Dr", "Prof.", "Professor")) if maker.chance(0.15) else maker.pick(person.titles)
    named = person.last if maker.chance(0.75) else maker.text("full", number)
    return [(f"{title} ", None), (named, PiiType.PERSON)]


@enter_value("doctor")
def doctor(maker: Maker, number: int) -> Pieces:
    person = maker.person(number)
    named = maker.pick((person.last, person.last, maker.text("full", number), f"{person.first[0]}. {person.last}"))
    return [(maker.pick(("Dr. ", "Dr ", "Dr. ", "Doctor ", "Prof. ", "DR. ")), None), (named, PiiType.PERSON)]


@enter_value("credentialed")
def credentialed(maker: Maker, number: int) -> Pieces:
    return [
        *maker.value("full", number),
        (maker.pick((", MD", ", RN", ", PhD", ", MBBS", ", DDS", ", NP", ", Esq.")), None),
    ]


@enter_value("whole", PiiType.PERSON)
def whole(maker: Maker, number: int) -> str:
    return f"{maker.person(number).first} {maker.person(number).last}"


@enter_value("indexed", PiiType.PERSON)
def indexed(maker: Maker, number: int) -> str:
    return f"{maker.person(number).last}, {maker.person(number).first}"


@enter_value("slashed", PiiType.PERSON)
def slashed(maker: Maker, number: int) -> str:
    """A name as on a ticket."""
    return f"{maker.person(number).last}/{maker.person(number).first}".upper()


@enter_value("initials", PiiType.PERSON)
def initials(maker: Maker, number: int) -> str:
    person = maker.person(number)
    return maker.pick((f"{person.first[0]}.{person.last[0]}.", f"{person.first[0]}. {person.last}"))


@enter_value("spelled", PiiType.PERSON)
def spelled(maker: Maker, number: int) -> str:
    """A last name letter by letter, as on the telephone."""
    letters = [letter for letter in maker.person(number).last.upper() if letter.isalpha()]
    return maker.pick(("-", " ", "-")).join(letters)


for _place, _pronoun in enumerate(("they", "their", "them")):

    def _make_pronoun(maker: Maker, number: int, place: int = _place) -> str:
        return maker.person(number).pronouns[place]

    VALUES[_pronoun] = (None, _make_pronoun)


# Names on networks.


def _ascii(text: str) -> str:
    """What of a name goes into an address: plain small letters and digits."""
    letters = unicodedata.normalize("NFKD", text.lower().translate(_SPELLED_OUT))
    return "".join(letter for letter in letters if letter.isascii() and letter.isalnum())


_SPELLED_OUT = str.maketrans(
    {"ß": "ss", "ø": "oe", "æ": "ae", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ı": "i", "œ": "oe"}
)


def _login_parts(maker: Maker, number: int) -> tuple[str, str]:
    person = maker.person(number)
    first_part, last_part = _ascii(person.first), _ascii(person.last)
    if not first_part or not last_part:
        # A name in another script is written in Latin letters on the network.
        firsts, lasts = romanised(maker.split)
        first_part, last_part = first_part or _ascii(maker.pick(firsts)), last_part or _ascii(maker.pick(lasts))
    return first_part, last_part


@enter_value("user", PiiType.USERNAME)
def user(maker: Maker, number: int) -> str:
    a, b = _login_parts(maker, number)
    one, two = maker.pick(user_words(maker.split)), maker.pick(user_words(maker.split))
    digits = str(maker.number(1, 9999)) if maker.chance(0.5) else str(maker.number(60, 99))
    tail = digits if maker.chance(0.5) else ""
    return maker.weighted(
        (12, a[0] + b),
        (8, f"{a}.{b}"),
        (7, f"{a}_{b}"),
        (13, a + b + digits),
        (6, a + digits),
        (6, b + a[0] + tail),
        (5, a + b[0] + digits),
        (11, one + two + tail),
        (8, one + maker.pick("_-.") + two + tail),
        (6, one.title() + two.title() + tail),
        (4, maker.pick((f"xX_{one}_Xx", f"the_real_{a}", f"{a}_the_{one}"))),
        (4, (a + one).replace("e", "3").replace("o", "0")),
        (4, maker.form_of("&&&####|&&####|u######|usr_#####|x######|&&&&##|adm-&&&&&|svc_&&&&&&")),
        (6, a[:3] + b[:5]),
    )


@enter_value("handle", PiiType.USERNAME)
def handle(maker: Maker, number: int) -> str:
    return "@" + maker.text("user", number)


@enter_value("domain")
def domain(maker: Maker, number: int) -> str:
    return f"{_domain_name(maker)}.{maker.pick(TOP_LEVEL)}"


def _domain_name(maker: Maker) -> str:
    luck = maker.rng.random()
    if luck < 0.7:
        return maker.pick(coined_firms(maker.split)).lower()
    if luck < 0.85:
        return f"{maker.pick(coined_firms(maker.split)).lower()}-{_ascii(maker.pick(trades(maker.split)))}"
    return _ascii(maker.pick(invented(maker.split)))


@enter_value("email", PiiType.EMAIL)
def email(maker: Maker, number: int) -> str:
    a, b = _login_parts(maker, number)
    digits = str(maker.number(1, 99)) if maker.chance(0.7) else str(maker.number(1950, 2009))
    box = maker.weighted(
        (30, f"{a}.{b}"),
        (10, f"{a}.{b}{digits}"),
        (10, a[0] + b),
        (7, f"{a}_{b}"),
        (8, a + b + (digits if maker.chance(0.5) else "")),
        (5, a + digits),
        (3, f"{b}.{a}"),
        (3, f"{a[0]}.{b}"),
        (3, f"{a}.{b}+{maker.pick(words('shop news test work spam bank'))}"),
        (7, maker.text("user", number)),
        (4, f"{a}-{b}"),
        (6, maker.pick(words("info contact office hello admin sales support hr billing reception accounts"))),
        (4, a),
    )
    if maker.chance(0.05):
        box = box.title()
    host = maker.pick(FREE_MAIL) if maker.chance(0.5) else maker.text("domain", number)
    return f"{box.strip('.-')}@{'mail.' if maker.chance(0.03) else ''}{host}"


@enter_value("spoken_email", PiiType.EMAIL)
def spoken_email(maker: Maker, number: int) -> str:
    """An e-mail address as it is said."""
    box, _, host = maker.text("email", number).lower().partition("@")
    for sign, word in ((".", " dot "), ("_", " underscore "), ("-", " dash "), ("+", " plus ")):
        box = box.replace(sign, word)
    return f"{box} at {host.replace('.', ' dot ').replace('-', ' dash ')}"


@enter_value("hidden_email", PiiType.EMAIL)
def hidden_email(maker: Maker, number: int) -> str:
    """An e-mail address as it is hidden from harvesters."""
    box, _, host = maker.text("email", number).partition("@")
    at = maker.pick(("[at]", "(at)", " [at] ", " (at) ", " AT ", "<at>"))
    return box + at + host.replace(".", maker.pick((".", "[dot]", " [dot] ", "(dot)", " DOT ")))


@enter_value("ip", PiiType.IP)
def ip(maker: Maker, number: int) -> str:
    luck = maker.rng.random()
    if luck < 0.14:
        groups = [maker.form("~~~~").lstrip("0") or "0" for _ in range(8)]
        groups[0] = maker.pick(("2001", "2a02", "fe80", "fd12", "2607", "2400"))
        if maker.chance(0.6):
            return ":".join(groups[: maker.number(2, 4)]) + "::" + ":".join(groups[-maker.number(1, 3) :])
        return ":".join(groups)
    if luck < 0.3:
        return f"192.168.{maker.number(0, 254)}.{maker.number(1, 254)}"
    if luck < 0.42:
        return f"10.{maker.number(0, 254)}.{maker.number(0, 254)}.{maker.number(1, 254)}"
    if luck < 0.46:
        return f"172.{maker.number(16, 31)}.{maker.number(0, 254)}.{maker.number(1, 254)}"
    return f"{maker.number(11, 223)}.{maker.number(0, 255)}.{maker.number(0, 255)}.{maker.number(1, 254)}"


@enter_value("ipv", PiiType.IP)
def ipv(maker: Maker, number: int) -> str:
    """An address that a port may follow: of version 4, or in brackets."""
    made = maker.text("ip", number)
    return f"[{made}]" if ":" in made else made


@enter_value("mac", PiiType.MAC)
def mac(maker: Maker, number: int) -> str:
    form = maker.pick(
        words("~~:~~:~~:~~:~~:~~ ~~:~~:~~:~~:~~:~~ ~~:~~:~~:~~:~~:~~ ~~-~~-~~-~~-~~-~~ ~~~~.~~~~.~~~~ ~~~~~~~~~~~~")
    )
    made = maker.form(form)
    return made.upper() if maker.chance(0.4) else made


@enter_value("url", PiiType.URL)
def url(maker: Maker, number: int) -> str:
    a, b = _login_parts(maker, number)
    user_name = maker.text("user", number)
    who = maker.pick((f"{a}-{b}", f"{a}{b}", f"{a}.{b}", user_name))
    site = maker.pick(
        words("linkedin.com/in/ github.com/ twitter.com/ facebook.com/ instagram.com/ medium.com/@ t.me/ youtube.com/@")
    )
    server = f"{maker.number(11, 223)}.{maker.number(0, 255)}.{maker.number(0, 255)}.{maker.number(1, 254)}"
    pages = (
        "",
        "/",
        f"/{who}",
        f"/users/{who}",
        f"/u/{who}/settings",
        f"/search?q={a}+{b}",
        f"/cv/{a}_{b}.pdf",
        maker.form_of("/profile/%####|/orders/%####|/api/v%/users/%###|/p/@@@@@@@@"),
        maker.form_of("/blog/20##/0%/news|/docs/index.html|/login|/contact"),
        f"/account?id={maker.form('######')}",
        f"/reset?token={maker.form('~~~~~~~~~~~~')}",
    )
    beginning = maker.pick(words("https:// https://www. http:// https://app. https://portal. www."))
    return maker.weighted(
        (30, maker.pick(("https://", "https://www.", "www.", "http://")) + site + who),
        (6, f"http://{server}:{maker.pick(words('8080 3000 5000'))}/{maker.pick(words('admin status login'))}"),
        (64, beginning + maker.text("domain", number) + maker.pick(pages)),
    )


# Secrets.


@enter_value("password", PiiType.PASSWORD)
def password(maker: Maker, number: int) -> str:
    one, two, three = (maker.pick(pass_words(maker.split)) for _ in range(3))
    sign = maker.pick("!!!@#$%&*?_-.")
    year = str(maker.number(1970, 2026))
    few = str(maker.number(1, 999))
    letters = _PASSWORD_LETTERS + ("!@#$%^&*?-_+=~." if maker.chance(0.7) else "")
    return maker.weighted(
        (10, one.title() + few + sign),
        (10, one.title() + year + (sign if maker.chance(0.5) else "")),
        (5, one.title() + few),
        (10, one.title() + sign + few),
        (7, one + few),
        (4, one),
        (8, maker.pick("-_.").join((one, two, three, few)[: maker.number(2, 4)])),
        (6, one.title().translate(str.maketrans("aeios", "@310$")) + few),
        (4, maker.person(number).first + year + sign),
        (3, maker.pick(words("123456 qwerty abc123 letmein admin123 passw0rd changeme 111111 hunter2 P@ssw0rd"))),
        (37, "".join(maker.pick(letters) for _ in range(maker.number(8, 18)))),
    )


_PASSWORD_LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnpqrstuvwxyz23456789"


@enter_value("passphrase", PiiType.PASSWORD)
def passphrase(maker: Maker, number: int) -> str:
    """A password as it is said in a sentence: any, a plain word, or some of them."""
    luck = maker.rng.random()
    if luck < 0.5:
        return maker.text("password", number)
    said = [maker.pick(pass_words(maker.split)) for _ in range(1 if luck < 0.85 else maker.number(2, 5))]
    return maker.pick((" ".join(said), " ".join(said), " ".join(said).capitalize()))


@enter_value("pin", PiiType.PASSWORD)
def pin(maker: Maker, number: int) -> str:
    return maker.form_of("####|####|####|######|######|##?#|####?|####*|?####|##-##-##|#####")


@enter_value("cvv", PiiType.PASSWORD)
def cvv(maker: Maker, number: int) -> str:
    return maker.form("###" if maker.chance(0.85) else "####")


@enter_value("otp", PiiType.PASSWORD)
def otp(maker: Maker, number: int) -> str:
    return maker.form_of("######|######|### ###|####|########|G-######")


_KEY_FORMS = (
    "AKIA****************",
    "ASIA****************",
    "ghp_" + "@" * 36,
    "gho_" + "@" * 36,
    "github_pat_" + "@" * 22 + "_" + "@" * 30,
    "glpat-" + "@" * 20,
    "xoxb-############-############-" + "@" * 24,
    "sk_live_" + "@" * 24,
    "pk_live_" + "@" * 24,
    "sk_test_" + "@" * 24,
    "rk_live_" + "@" * 24,
    "AIza" + "@" * 35,
    "sk-" + "@" * 32,
    "sk-" + "@" * 48,
    "sk-proj-" + "@" * 40,
    "SG." + "@" * 22 + "." + "@" * 43,
    "npm_" + "@" * 36,
    "hf_" + "@" * 34,
    "dop_v1_" + "~" * 64,
    "shpat_" + "~" * 32,
    "whsec_" + "@" * 32,
    "key-" + "~" * 32,
    "AC" + "~" * 32,
    "ya29." + "@" * 60,
    "GOCSPX-" + "@" * 28,
    "~" * 32,
    "~" * 40,
    "~" * 64,
    "@" * 20,
    "@" * 24,
    "@" * 32,
    "@" * 40,
    "@" * 43 + "=",
    "~~~~~~~~-~~~~-~~~~-~~~~-~~~~~~~~~~~~",
    "tok_" + "@" * 16,
    "api_" + "@" * 24,
    "@" * 16 + "." + "@" * 16,
    "live_" + "@" * 20,
    "prod-" + "@" * 18,
    "*****-*****-*****-*****",
)


@enter_value("key_line", PiiType.API_KEY)
def key_line(maker: Maker, number: int) -> str:
    """A whole line of a private key in its text form (PEM)."""
    letters = string.ascii_letters + string.digits + "+/"
    return "".join(maker.pick(letters) for _ in range(maker.weighted((8, 64), (1, 70), (1, 76))))


@enter_value("key_rest", PiiType.API_KEY)
def key_rest(maker: Maker, number: int) -> str:
    """The last line of one, with its padding."""
    return maker.form("@" * (4 * maker.number(4, 14) + 2)) + "=="


@enter_value("key", PiiType.API_KEY)
def key(maker: Maker, number: int) -> str:
    if maker.chance(0.12):
        return jwt(maker)
    return maker.form(maker.pick(_KEY_FORMS))


def jwt(maker: Maker) -> str:
    """A JSON web token about nobody."""
    head = base64.urlsafe_b64encode(
        b'{"alg":"%s","typ":"JWT"}' % maker.pick(("HS256", "RS256", "ES256")).encode()
    ).decode()
    body = base64.urlsafe_b64encode(
        b'{"sub":"%d","iat":%d}' % (maker.number(1, 10**9), maker.number(10**9, 2 * 10**9))
    ).decode()
    return f"{head.rstrip('=')}.{body.rstrip('=')}.{maker.form('@' * 43)}"


# Telephones.

_US_PHONES = words(
    "(%##) %##-####|(%##) %##-####|%##-%##-####|%##-%##-####|%##.%##.####|+1 %##-%##-####|"
    "+1 (%##) %##-####|+1-%##-%##-####|1-%##-%##-####|+1%##%######|%## %## ####|%##%######|"
    "(%##)%##-####|+1 %## %## ####|%##/%##-####|%##-####|1 (%##) %##-####|001-%##-%##-####|"
    "+1.%##.%##.####",
    "|",
)
_GB_PHONES = words(
    "+44 20 #### ####|020 #### ####|07### ######|07### ### ###|07#########|+44 7### ######|"
    "+447#########|0161 ### ####|01### ######|(01##) ### ####|+44 (0)20 #### ####|"
    "+44 (0) 1### ######|0044 7### ######|0800 ### ####|01###-######|+44-7###-######",
    "|",
)
_ELSEWHERE = words(
    "+{} %# ### ####|+{} %## ### ###|+{} % ## ## ## ##|+{}%########|+{}-%##-###-###|"
    "+{} (0)%## #######|00{} %## ### ###|0%# ### ## ##|0%## #######|0%## ### ###|0%-##-##-##-##|"
    "0% ## ## ## ##|0%##/######|(0%##) ######|%## ## ## ##|%## ### ###|0%## - ### ## ##|"
    "+{} %## #### ####|0%######### |+{} (%##) ###-##-##|0%#.###.####|(0%) #### ####|04%# ### ###",
    "|",
)


@enter_value("phone", PiiType.PHONE)
def phone(maker: Maker, number: int) -> str:
    country = maker.country
    if country in ("US", "CA"):
        made = maker.form(maker.pick(_US_PHONES))
    elif country == "GB" and maker.chance(0.9):
        made = maker.form(maker.pick(_GB_PHONES))
    else:
        if maker.chance(0.5):
            return _proper_phone(maker)
        listed = drawn_values("phone_number", maker.locale, maker.split)
        made = maker.form(maker.pick(_ELSEWHERE).format(DIALLING[country]))
        if listed and maker.chance(0.35):
            made = maker.pick(listed)
    made = made.strip()
    if country == "US" and maker.chance(0.05):
        made += maker.pick((" x", "x", " ext. ", " ext ")) + str(maker.number(1, 9999))
    return made


def _proper_phone(maker: Maker) -> str:
    """A number as the country's plan has it, in one of the usual formats."""
    import phonenumbers

    kind, form = maker.number(0, 1), maker.number(0, 3)
    example = phonenumbers.example_number_for_type(maker.country, kind)
    number = phonenumbers.PhoneNumber()
    number.merge_from(example)
    number.national_number = example.national_number // 10**5 * 10**5 + maker.number(0, 99_999)
    return phonenumbers.format_number(number, form).removeprefix("tel:")


_DIGIT_WORDS = words("zero one two three four five six seven eight nine")


def _said(maker: Maker, digits: str) -> str:
    """Digits as somebody reads them out."""
    words = []
    for place, digit in enumerate(digits):
        if words and digit == digits[place - 1] and maker.chance(0.3) and words[-1] in _DIGIT_WORDS:
            words[-1] = f"double {words[-1]}"
        else:
            words.append("oh" if digit == "0" and maker.chance(0.5) else _DIGIT_WORDS[int(digit)])
        if place % 3 == 2 and place + 1 < len(digits) and maker.chance(0.25):
            words[-1] += ","
    return " ".join(words)


@enter_value("said_phone", PiiType.PHONE)
def said_phone(maker: Maker, number: int) -> str:
    return _said(maker, maker.form("%##%######" if maker.country in ("US", "CA") else "0%########"))


@enter_value("said_number", PiiType.ACCOUNT)
def said_number(maker: Maker, number: int) -> str:
    return _said(maker, maker.form_of("########|##########"))


@enter_value("said_card", PiiType.CARD)
def said_card(maker: Maker, number: int) -> str:
    return _said(maker, "".join(letter for letter in _card_number(maker) if letter.isdigit()))


@enter_value("said_ssn", PiiType.SSN)
def said_ssn(maker: Maker, number: int) -> str:
    return _said(maker, _ssn_digits(maker))


# Places.


def _street_english(maker: Maker) -> str:
    ends = STREET_ENDS["en_GB" if maker.locale in ("en_GB", "en_IE") else "en_US"].split("|")
    stem = maker.pick(street_stems(maker.split))
    luck = maker.rng.random()
    if luck < 0.15:
        stem = maker.pick(last_names("en_US" if maker.locale == "en_US" else "en_GB", maker.split))
    elif luck < 0.2:
        stem = maker.pick(invented(maker.split))
    elif luck < 0.27 and maker.locale in ("en_US", "en_CA"):
        ordinal = maker.number(1, 120)
        stem = _ordinal(ordinal)
    street = f"{stem} {maker.pick(ends)}"
    if maker.locale in ("en_US", "en_CA") and maker.chance(0.15):
        street = f"{maker.pick(words('N S E W N. S. E. W. North South East West NW SE'))} {street}"
    return street


def _ordinal(number: int) -> str:
    ending = "th" if 10 <= number % 100 <= 20 else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{ending}"


@enter_value("street", PiiType.ADDRESS)
def street(maker: Maker, number: int) -> str:
    """A house in a street, on one line without commas."""
    if maker.locale not in ENGLISH:
        return maker.pick(drawn_values("street_address", maker.locale, maker.split)).replace(",", "")
    luck = maker.rng.random()
    if luck < 0.04:
        return f"{maker.pick(('PO Box', 'P.O. Box', 'P. O. Box'))} {maker.number(1, 9999)}"
    if luck < 0.07 and maker.locale == "en_GB":
        return f"{maker.pick(street_stems(maker.split))} {maker.pick(('Cottage', 'House', 'Lodge', 'Farm', 'Hall'))}"
    house = str(maker.number(1, 200 if maker.locale in ("en_GB", "en_IE", "en_NZ") or maker.chance(0.3) else 9999))
    if maker.chance(0.06):
        house += maker.pick(("A", "B", "a", "b", "-B", "/2", "-4"))
    made = f"{house} {_street_english(maker)}"
    if maker.chance(0.12):
        made += maker.pick((" Apt ", " Apt. ", " Suite ", " #", " Unit ", " Flat ", " Ste ")) + maker.pick(
            (str(maker.number(1, 400)), maker.form("%?"))
        )
    return made


@enter_value("street_only", PiiType.ADDRESS)
def street_only(maker: Maker, number: int) -> str:
    """A street without a house."""
    return _street_english(maker)


@enter_value("flat", PiiType.ADDRESS)
def flat(maker: Maker, number: int) -> str:
    kind = maker.pick(("Apt", "Apt.", "Suite", "Unit", "Flat", "Floor", "Apartment", "Room", "Bldg"))
    return f"{kind} {maker.pick((str(maker.number(1, 400)), maker.form('%?')))}"


@enter_value("city", PiiType.LOCATION)
def city(maker: Maker, number: int) -> str:
    return maker.pick(cities(maker.locale, maker.split))


@enter_value("region", PiiType.LOCATION)
def region(maker: Maker, number: int) -> str:
    listed = regions(maker.locale)
    return maker.pick(listed) if listed else maker.text("city", number)


@enter_value("state", PiiType.LOCATION)
def state(maker: Maker, number: int) -> str:
    listed = state_codes(maker.locale)
    return maker.pick(listed) if listed else maker.text("region", number)


@enter_value("country", PiiType.LOCATION)
def country(maker: Maker, number: int) -> str:
    return maker.pick(HOME[maker.country]) if maker.chance(0.6) else maker.pick(COUNTRIES)


@enter_value("postcode", PiiType.LOCATION)
def postcode(maker: Maker, number: int) -> str:
    forms = {
        "en_US": ("#####", "#####", "#####", "#####-####"),
        "en_CA": ("?#? #?#", "?#? #?#", "?#?#?#"),
        "en_AU": ("%###",),
        "en_NZ": ("%###",),
        "en_IE": ("?## ?*?#", "?##?*?#"),
        "en_IN": ("%#####", "%## ###"),
        "en_GB": ("??# #??", "??## #??", "?# #??", "?## #??", "??#? #??", "??##??"),
    }
    if maker.locale in forms:
        return maker.form(maker.pick(forms[maker.locale]))
    return maker.pick(drawn_values("postcode", maker.locale, maker.split))


@enter_value("locality")
def locality(maker: Maker, number: int) -> Pieces:
    """City, region and postcode in the country's order."""
    place = maker.text("city", number)
    code = maker.text("postcode", number)
    if maker.locale in ("en_US", "en_CA", "en_AU"):
        where = maker.text("state", number) if maker.chance(0.8) else maker.text("region", number)
        return [
            (place, PiiType.LOCATION),
            (maker.pick((", ", ", ", ", ", " ")), None),
            (f"{where} {code}", PiiType.LOCATION),
        ]
    if maker.locale in ("en_GB", "en_IE"):
        if maker.chance(0.3):
            return [
                (place, PiiType.LOCATION),
                (", ", None),
                (maker.text("region", number), PiiType.LOCATION),
                (", ", None),
                (code, PiiType.LOCATION),
            ]
        return (
            [(place, PiiType.LOCATION), (", ", None), (code, PiiType.LOCATION)]
            if maker.chance(0.5)
            else [(f"{place} {code}", PiiType.LOCATION)]
        )
    if maker.locale in ("en_NZ", "en_IN"):
        return [(f"{place} {code}", PiiType.LOCATION)]
    return [(f"{code} {place}", PiiType.LOCATION)]


def _block(maker: Maker, number: int, separator: str) -> Pieces:
    pieces: Pieces = [(maker.text("street", number), PiiType.ADDRESS)]
    if maker.chance(0.12):
        pieces += [(separator, None), (maker.text("flat", number), PiiType.ADDRESS)]
    pieces += [(separator, None), *maker.value("locality", number)]
    if maker.chance(0.2):
        pieces += [(separator, None), (maker.pick(HOME[maker.country]), PiiType.LOCATION)]
    return pieces


@enter_value("address")
def address(maker: Maker, number: int) -> Pieces:
    """A postal address on one line."""
    return _block(maker, number, ", ")


@enter_value("address_lines")
def address_lines(maker: Maker, number: int) -> Pieces:
    return _block(maker, number, "\n")


@enter_value("coordinates", PiiType.LOCATION)
def coordinates(maker: Maker, number: int) -> str:
    north, east = maker.rng.uniform(-80, 80), maker.rng.uniform(-179, 179)
    if maker.chance(0.5):
        return f"{north:.{maker.number(4, 6)}f}, {east:.{maker.number(4, 6)}f}"
    return f"{abs(north):.4f}° {'N' if north > 0 else 'S'}, {abs(east):.4f}° {'E' if east > 0 else 'W'}"


# Firms.


@enter_value("org", PiiType.ORGANISATION)
def org(maker: Maker, number: int) -> str:
    coined = maker.pick(coined_firms(maker.split))
    british = last_names("en_GB", maker.split)
    surname = maker.pick(british) if maker.chance(0.7) else maker.pick(invented(maker.split))
    town = maker.pick(cities(maker.locale, maker.split))
    trade, suffix = maker.pick(trades(maker.split)), maker.pick(CORPORATE)
    abroad = drawn_values("company", maker.locale, maker.split) if maker.locale not in ENGLISH else ()
    return maker.weighted(
        (16, maker.pick(known_firms(maker.split))),
        (14, f"{coined} {suffix}"),
        (6, coined),
        (12, f"{coined} {trade}"),
        (6, f"{surname} {trade}"),
        (8, f"{surname} {maker.template(_FAMILIES)}"),
        (3, f"{surname} & {maker.template(_KIN)} {trade}"),
        (4, f"{surname}, {maker.pick(british)} & {maker.pick(last_names('en_US', maker.split))}"),
        (18, maker.template(_PUBLIC_BODIES).replace("X", town)),
        (4, f"{maker.pick(('St', 'St.', 'Saint'))} {maker.template(_SAINTS)}{maker.template(_OF_SAINTS)}"),
        (3, f"{maker.pick(('The ', 'The ', ''))}{maker.template(_SIGNBOARDS)}{maker.template(_HOUSES)}"),
        (4, f"{maker.pick(user_words(maker.split)).title()}{maker.pick(pass_words(maker.split)).title()} {trade}"),
        (6, f"{coined} {trade} {suffix}"),
        (5, f"{surname} {trade} {suffix}"),
        (5, f"{town} {trade}"),
        (30 if abroad else 0, maker.pick(abroad or known_firms(maker.split))),
    )


_PUBLIC_BODIES = words(
    "X General Hospital|X Medical Center|University of X|X University|X City Council|X High School|Bank of X|X United|"
    "X Police Department|X Health Centre|X Primary School|X Chamber of Commerce|X Library|X County Court|X Museum|"
    "X Fire Station|X Community College|X Grammar School|X Academy|X Parish Council|Royal X Infirmary|X Credit Union|"
    "X Leisure Centre|X Rugby Club|X Town FC|X Housing Association|X Magistrates' Court|Crown Court at X|Port of X|"
    "County Court at X|X Borough Council|X Public Schools|X County Sheriff's Office|X Food Bank|X Golf Club|"
    "Diocese of X|X Gazette|X Tribune|X Regional Hospital|X Clinic|X Dental Practice|X State University|"
    "X Institute of Technology|X Philharmonic|X Film Festival|X Port Authority|X Transit|X Symphony Orchestra|"
    "X Water|X Building Society",
    "|",
)
_FAMILIES = words(
    "& Sons|& Son|& Daughters|& Co.|and Partners|Brothers|Group|Holdings|Foundation|Family Trust|LLP", "|"
)
_KIN = words("Sons Daughters Son Daughter Sisters Brothers Nephew")
_SAINTS = words(
    "Mary Luke Jude Anne Colman Patrick Brigid Columba Aidan Cuthbert Oswald Catherine Clare Francis Joseph Thomas "
    "Helen Giles Swithun Agatha Cecilia Dunstan Edmund Hilda Ninian Olaf Petroc Piran Ursula Wilfrid"
)
_OF_SAINTS = words(
    "'s Hospital|'s Church|'s Primary School|'s Hospice|'s Cathedral|'s College|'s|'s Care Home|'s RC Church", "|"
)
_SIGNBOARDS = words(
    "Red Lion|White Hart|Black Swan|Golden Fleece|Crooked Billet|Copper Kettle|Blue Boar|Old Mill|Silver Fern|"
    "Rusty Anchor|Jolly Farmer|Green Man|Fox & Hounds|Lamb and Flag|Olive Branch|Salt House|Iron Horse|"
    "Three Tuns|Lantern|Cedar Grove",
    "|",
)
_HOUSES = words("| Inn| Hotel| Café| Tavern| Guest House| Bistro| Bakery| Hostel|", "|")


# Dates.

_MONTHS = words("January February March April May June July August September October November December")
_DAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]


def _some_day(maker: Maker, first_year: int, last_year: int) -> datetime.date:
    begin = datetime.date(first_year, 1, 1).toordinal()
    return datetime.date.fromordinal(maker.number(begin, datetime.date(last_year, 12, 31).toordinal()))


def written(maker: Maker, day: datetime.date) -> str:
    """A day in one of the ways that people write it."""
    d, m, y = day.day, day.month, day.year
    month, weekday, nth = _MONTHS[m - 1], _DAYS[day.weekday()], _ordinal(d)
    short = month[:3]
    if maker.country in ("US", "CA"):
        local = maker.weighted(
            (14, f"{m:02}/{d:02}/{y}"),
            (5, f"{m}/{d}/{y}"),
            (5, f"{m}/{d}/{y % 100:02}"),
            (14, f"{month} {d}, {y}"),
            (8, f"{short} {d}, {y}"),
            (4, f"{month} {nth}, {y}"),
            (2, f"{weekday}, {month} {d}, {y}"),
            (3, f"{month} {d} {y}"),
        )
    else:
        local = maker.weighted(
            (14, f"{d:02}/{m:02}/{y}"),
            (5, f"{d}.{m}.{y}"),
            (5, f"{d:02}/{m:02}/{y % 100:02}"),
            (6, f"{d:02}.{m:02}.{y}"),
            (14, f"{d} {month} {y}"),
            (8, f"{d} {short} {y}"),
            (4, f"{nth} {month} {y}"),
            (2, f"{weekday} {d} {month} {y}"),
            (3, f"{d}-{short}-{y % 100:02}"),
        )
    return maker.weighted(
        (24, day.isoformat()),
        (60, local),
        (2, f"{d:02}-{m:02}-{y}"),
        (3, f"{d:02}-{short}-{y}"),
        (2, f"{d} {short.upper()} {y}"),
        (2, f"{y}/{m:02}/{d:02}"),
        (2, f"{nth} of {month} {y}"),
        (2, f"{y}{m:02}{d:02}"),
        (2, f"{month.lower()} {d} {y}"),
        (2, f"{short} {d} {y}"),
    )


@enter_value("date", PiiType.DATE)
def date(maker: Maker, number: int) -> str:
    if maker.chance(0.12):
        return near_date(maker, number)
    return written(maker, _some_day(maker, 2008, 2026))


@enter_value("near_date", PiiType.DATE)
def near_date(maker: Maker, number: int) -> str:
    """A date without its year, or a month with one."""
    day = _some_day(maker, 2015, 2026)
    month, weekday = _MONTHS[day.month - 1], _DAYS[day.weekday()]
    return maker.pick(
        (
            f"{month} {day.day}",
            f"{day.day} {month}",
            f"{month} {_ordinal(day.day)}",
            f"{_ordinal(day.day)} {month}",
            f"{month} {day.year}",
            f"{day.month}/{day.day}",
            f"{month[:3]} {day.day}",
            f"{_ordinal(day.day)} of {month}",
            f"the {_ordinal(day.day)} of {month}",
            f"{weekday}, {month} {day.day}",
            f"{weekday}, {day.day} {month}",
            f"{weekday[:3]} {day.day} {month[:3]}",
            f"{weekday} {_ordinal(day.day)} {month}",
            f"{day.day} {month[:3].upper()}",
        )
    )


@enter_value("month_year", PiiType.DATE)
def month_year(maker: Maker, number: int) -> str:
    day = _some_day(maker, 1990, 2026)
    month = _MONTHS[day.month - 1]
    return maker.pick(
        (f"{month} {day.year}", f"{month} {day.year}", f"{month[:3]} {day.year}", f"{day.month:02}/{day.year}")
    )


@enter_value("iso_date", PiiType.DATE)
def iso_date(maker: Maker, number: int) -> str:
    return _some_day(maker, 2015, 2026).isoformat()


@enter_value("timestamp", PiiType.DATE)
def timestamp(maker: Maker, number: int) -> str:
    day = _some_day(maker, 2018, 2026).isoformat()
    return (
        f"{day}T{_clock(maker)}{maker.pick(('Z', 'Z', '+00:00', '.000Z', maker.form('.###Z'), '+02:00', '-05:00', ''))}"
    )


def _clock(maker: Maker) -> str:
    return f"{maker.number(0, 23):02}:{maker.number(0, 59):02}:{maker.number(0, 59):02}"


@enter_value("log_time")
def log_time(maker: Maker, number: int) -> Pieces:
    """The time of a log line; the day is labelled, a time of day beside it is not."""
    day = _some_day(maker, 2018, 2026)
    month = _MONTHS[day.month - 1][:3]
    luck = maker.rng.random()
    if luck < 0.35:
        return maker.value("timestamp", number)
    if luck < 0.65:
        return [
            (day.isoformat(), PiiType.DATE),
            (f" {_clock(maker)}{maker.form_of('|,###|.###|.######')}", None),
        ]
    if luck < 0.8:
        return [(f"{month} {day.day:2}", PiiType.DATE), (f" {_clock(maker)}", None)]
    if luck < 0.92:
        return [(f"{day.day:02}/{month}/{day.year}:{_clock(maker)}", PiiType.DATE), (" +0000", None)]
    return [(f"{day.year}/{day.month:02}/{day.day:02}", PiiType.DATE), (f" {_clock(maker)}", None)]


@enter_value("dob", PiiType.DATE_OF_BIRTH)
def dob(maker: Maker, number: int) -> str:
    return written(maker, _some_day(maker, 1932, 2012))


_TENS = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]
_UNITS = ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine"]
_TEENS = words("ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen")
_ORDINALS = words(
    "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth "
    "fourteenth fifteenth sixteenth seventeenth eighteenth nineteenth twentieth twenty-first "
    "twenty-second twenty-third twenty-fourth twenty-fifth twenty-sixth twenty-seventh twenty-eighth"
)


def number_in_words(number: int) -> str:
    """A number from 1 to 99 in words."""
    if number < 10:
        return _UNITS[number - 1]
    if number < 20:
        return _TEENS[number - 10]
    return _TENS[number // 10 - 2] + (f"-{_UNITS[number % 10 - 1]}" if number % 10 else "")


@enter_value("said_dob", PiiType.DATE_OF_BIRTH)
def said_dob(maker: Maker, number: int) -> str:
    month = maker.pick(_MONTHS)
    year = f"nineteen {number_in_words(maker.number(32, 99)).replace('-', maker.pick((' ', '-')))}"
    day = maker.pick(_ORDINALS)
    return maker.pick((f"{day} of {month} {year}", f"{month} {day} {year}", f"{month} the {day}, {year}"))


@enter_value("age", PiiType.AGE)
def age(maker: Maker, number: int) -> str:
    years = maker.number(18, 90) if maker.chance(0.85) else maker.number(1, 17)
    return number_in_words(years) if maker.chance(0.1) else str(years)


@enter_value("age_digits", PiiType.AGE)
def age_digits(maker: Maker, number: int) -> str:
    return str(maker.number(18, 94))


# Money and papers.


def luhn_digit(digits: str) -> str:
    """The digit that makes a number right by Luhn's rule when it is put behind it."""
    total = sum(sum(divmod(int(digit) * (2 - place % 2), 10)) for place, digit in enumerate(reversed(digits)))
    return str(-total % 10)


def _wrong(maker: Maker, digit: str) -> str:
    """The check digit, or now and then another."""
    return str((int(digit) + maker.number(1, 9)) % 10) if maker.chance(WRONG) else digit


def _card_number(maker: Maker) -> str:
    form = maker.pick(
        (
            "4" + "#" * 14,
            "4" + "#" * 14,
            "5%" + "#" * 13,
            "37" + "#" * 12,
            "34" + "#" * 12,
            "6011" + "#" * 11,
            "36" + "#" * 11,
            "3530" + "#" * 11,
            "2221" + "#" * 11,
        )
    )
    if form.startswith("5"):
        form = f"5{maker.number(1, 5)}" + "#" * 13
    digits = maker.form(form)
    return digits + _wrong(maker, luhn_digit(digits))


@enter_value("card", PiiType.CARD)
def card(maker: Maker, number: int) -> str:
    digits = _card_number(maker)
    if maker.chance(0.05):
        hidden = maker.pick(("**** **** **** ", "xxxx-xxxx-xxxx-", "XXXX XXXX XXXX ", "************", "•••• "))
        return hidden + digits[-4:]
    luck = maker.rng.random()
    if luck < 0.35:
        return digits
    joint = " " if luck < 0.75 else "-"
    if len(digits) == 16:
        return joint.join(digits[place : place + 4] for place in range(0, 16, 4))
    return joint.join((digits[:4], digits[4:10], digits[10:]))


@enter_value("card_end", PiiType.CARD)
def card_end(maker: Maker, number: int) -> str:
    return maker.form("####")


@enter_value("expiry", PiiType.DATE)
def expiry(maker: Maker, number: int) -> str:
    month, year = maker.number(1, 12), maker.number(24, 33)
    return maker.pick((f"{month:02}/{year}", f"{month:02}/20{year}", f"{month:02}-{year}"))


_IBAN_FORMS = {
    "GB": "????##############",
    "DE": "##################",
    "FR": "##########***********##",
    "ES": "####################",
    "IT": "?##########************",
    "NL": "????##########",
    "BE": "############",
    "PL": "########################",
    "PT": "#####################",
    "SE": "####################",
    "DK": "##############",
    "NO": "###########",
    "FI": "##############",
    "CZ": "####################",
    "SK": "####################",
    "HU": "########################",
    "RO": "????****************",
    "HR": "#################",
    "SI": "###############",
    "IE": "????##############",
    "AT": "################",
    "CH": "#####************",
    "GR": "#######****************",
    "TR": "######****************",
}
_IBAN_COUNTRIES = tuple(_IBAN_FORMS)


@enter_value("iban", PiiType.IBAN)
def iban(maker: Maker, number: int) -> str:
    country = maker.country if maker.country in _IBAN_FORMS and maker.chance(0.8) else maker.pick(_IBAN_COUNTRIES)
    account = maker.form(_IBAN_FORMS[country])
    check = 98 - int("".join(str(int(letter, 36)) for letter in account + country + "00")) % 97
    if maker.chance(WRONG):
        check = check % 97 + 1
    made = f"{country}{check:02}{account}"
    luck = maker.rng.random()
    if luck < 0.45:
        return made
    if luck < 0.5:
        return made.lower()
    return " ".join(made[place : place + 4] for place in range(0, len(made), 4))


@enter_value("account", PiiType.ACCOUNT)
def account(maker: Maker, number: int) -> str:
    return maker.form_of(
        "########|########|##########|############|%#######|###-######|#### ####|##-######-##|#########|"
        "%###########|####-####-##|ACC-#######|AC########"
    )


@enter_value("routing", PiiType.ACCOUNT)
def routing(maker: Maker, number: int) -> str:
    """A bank's number: an ABA routing number with its check digit, or a sort code."""
    if maker.country == "GB":
        return maker.form("##-##-##" if maker.chance(0.8) else "######")
    if maker.country in ("AU", "NZ"):
        return maker.form("###-###")
    digits = f"{maker.pick(('0', '1', '2', '3'))}{maker.number(1, 2)}" + maker.form("######")
    total = sum(int(digit) * weight for digit, weight in zip(digits, (3, 7, 1, 3, 7, 1, 3, 7), strict=True))
    return digits + _wrong(maker, str(-total % 10))


@enter_value("bic", PiiType.ACCOUNT)
def bic(maker: Maker, number: int) -> str:
    return maker.form("????") + maker.country + maker.form_of("**|2?|**XXX|?????")


@enter_value("wallet", PiiType.ACCOUNT)
def wallet(maker: Maker, number: int) -> str:
    base58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
    return maker.pick(
        (
            "0x" + maker.form("~" * 40),
            "bc1q" + "".join(maker.pick("023456789acdefghjklmnpqrstuvwxyz") for _ in range(38)),
            maker.pick("13") + "".join(maker.pick(base58) for _ in range(33)),
        )
    )


def _ssn_digits(maker: Maker) -> str:
    if maker.chance(WRONG):
        return maker.pick(("000", "666", str(maker.number(900, 999)))) + maker.form("######")
    area = maker.number(1, 898)
    return f"{area + (area >= 666):03}{maker.number(1, 99):02}{maker.number(1, 9999):04}"


@enter_value("ssn", PiiType.SSN)
def ssn(maker: Maker, number: int) -> str:
    digits = _ssn_digits(maker)
    luck = maker.rng.random()
    if luck < 0.8:
        return f"{digits[:3]}-{digits[3:5]}-{digits[5:]}"
    if luck < 0.88:
        return digits
    if luck < 0.95:
        return f"{digits[:3]} {digits[3:5]} {digits[5:]}"
    return f"{maker.pick(('XXX-XX-', '***-**-', 'xxx-xx-'))}{digits[5:]}"


@enter_value("ssn_end", PiiType.SSN)
def ssn_end(maker: Maker, number: int) -> str:
    return maker.form("####")


def _day_digits(maker: Maker, form: str) -> str:
    return _some_day(maker, 1935, 2006).strftime(form)


@enter_value("natid", PiiType.NATIONAL_ID)
def natid(maker: Maker, number: int) -> str:
    """A number by which a state knows a person, of the country of the text."""
    country = maker.country
    if country == "ES":
        digits = maker.form("########")
        return digits + maker.pick(("", "-")) + "TRWAGMYFPDXBNJZSQVHLCKE"[int(digits) % 23]
    if country == "DE":
        return maker.form("L**X**T*#") if maker.chance(0.5) else maker.form("?########")
    if country == "DK":
        return _day_digits(maker, "%d%m%y") + maker.pick(("-", "")) + maker.form("####")
    if country in ("CZ", "SK"):
        return _day_digits(maker, "%y%m%d") + "/" + maker.form("####")
    if country == "IN":
        return maker.form_of("%### #### ####|%###########|%###-####-####")
    if country == "IE":
        digits = maker.form("#######")
        total = sum(int(digit) * (8 - place) for place, digit in enumerate(digits))
        return digits + "WABCDEFGHIJKLMNOPQRSTUV"[total % 23] + maker.pick(("", "A"))
    if country == "PT":
        digits = maker.form("%#######")
        check = 11 - sum(int(digit) * (9 - place) for place, digit in enumerate(digits)) % 11
        return digits + str(check if check < 10 else 0)
    if country == "FI":
        day, serial = _day_digits(maker, "%d%m%y"), maker.form("###")
        return f"{day}-{serial}{'0123456789ABCDEFHJKLMNPRSTUVWXY'[int(day + serial) % 31]}"
    if maker.locale in HAS_NATIONAL_ID and maker.chance(0.9):
        return maker.pick(drawn_values("ssn", maker.locale, maker.split))
    return maker.form_of(
        "NID-#########|ID-########|###########|?#######|??######?|#### #### ####|###-###-###|"
        "############|?#######(#)|S#######?|######-######|NIN-##########"
    )


@enter_value("passport", PiiType.PASSPORT)
def passport(maker: Maker, number: int) -> str:
    return maker.form_of(
        "#########|#########|?########|??#######|?#######|C01X00T4#|P#######|##??#####|?##?#####|"
        "??######|PA#######|L# ######"
    )


@enter_value("licence", PiiType.DRIVING_LICENCE)
def licence(maker: Maker, number: int) -> str:
    if maker.country == "GB" and maker.chance(0.7):
        stem = (_login_parts(maker, number)[1].upper() + "99999")[:5]
        parts = stem, maker.form("#") + f"{maker.number(1, 12):02}{maker.number(1, 28):02}" + maker.form("#"), "?9***"
        return maker.pick(("", "", " ")).join((*parts[:2], maker.form(parts[2])))
    return maker.form_of(
        "?#######|?########|########|#########|?###-####-####|??######|DL-######|DL #######|?##-##-####|"
        "###-##-####?|?############|??-######|D#######|##??##????|?#### ##### #####|DL?######|"
        "?###-###-##-###-#|?####-#####-#####|? ### ### ### ###|?##???##?##|WDL???####?|?##-###-###"
    )


@enter_value("tax", PiiType.TAX_ID)
def tax(maker: Maker, number: int) -> str:
    if maker.country == "US":
        return maker.form_of("##-#######|##-#######|9##-7#-####|#########|9##-8#-####")
    if maker.country in ("GB", "AU", "NZ", "IE", "IN", "CA"):
        return maker.form_of(
            "##########|##### #####|### ### ###|GB#########|GB ### #### ##|##-###-###|?????####?|"
            "#########RT0001|IE#######?|## ### ### ###"
        )
    vat = drawn_values("vat_id", maker.locale, maker.split)
    if vat and maker.chance(0.6):
        return maker.pick(vat)
    return maker.form_of(
        "##/###/#####|###########|TIN-#########|### ### ####|?########|TAX-#########|########-#-##|##.###.###"
    )


@enter_value("mrn", PiiType.MEDICAL_ID)
def mrn(maker: Maker, number: int) -> str:
    if maker.country == "GB" and maker.chance(0.5):
        while True:
            digits = maker.form("%########")
            check = 11 - sum(int(digit) * (10 - place) for place, digit in enumerate(digits)) % 11
            if check != 10:
                break
        whole = digits + _wrong(maker, str(check % 11))
        return whole if maker.chance(0.3) else f"{whole[:3]} {whole[3:6]} {whole[6:]}"
    return maker.form_of(
        "MRN-#######|MRN#######|########|#######|######|MR-######|H########|?#######|PT-#####|#-###-###|"
        "##-##-##|P########|HN######|%***-***-****|NH-######|UHID#########|RX-########|PAT#######|"
        "###-###-####"
    )


@enter_value("insurance", PiiType.INSURANCE_ID)
def insurance(maker: Maker, number: int) -> str:
    return maker.form_of(
        "POL-#######|POL#########|?##########|???#########|INS-#########|HIC-######|W#########|"
        "???-##-######|##########|?#########-##|PN-########|MBR-########|XY?########|GRP-#####-########|"
        "??###-####-###|HP########|ZG# ### ###"
    )


@enter_value("plate", PiiType.PLATE)
def plate(maker: Maker, number: int) -> str:
    if maker.country == "GB":
        return maker.form_of("??## ???|??##???|?### ???|??## ???")
    if maker.country == "US":
        return maker.form_of("???-####|??? ####|#???###|???####|### ???|??-#####|???-###|???###|##?-####")
    listed = drawn_values("license_plate", maker.locale, maker.split)
    if listed and maker.chance(0.8):
        return maker.pick(listed).replace("•", " ")
    return maker.form_of("???-###|??-###-??|???###|##-???-#|?-??-###|??? ##?")


_VIN_VALUES = {
    **{str(digit): digit for digit in range(10)},
    **dict(zip("ABCDEFGHJKLMNPRSTUVWXYZ", (*range(1, 9), *range(1, 6), 7, 9, *range(2, 10)), strict=True)),
}
_VIN_WEIGHTS = (8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2)
_VIN_LETTERS = "ABCDEFGHJKLMNPRSTUVWXYZ0123456789"


@enter_value("vin", PiiType.VIN)
def vin(maker: Maker, number: int) -> str:
    maker_code = maker.pick(words("1HG 1FT 1G1 2T1 3VW 4T1 5YJ JHM JN1 KMH SAL WBA WDB WVW YV1 ZFA 1C4 2HG 5UX VF1"))
    letters = list(maker_code + "".join(maker.pick(_VIN_LETTERS) for _ in range(10)) + maker.form("####"))
    remainder = sum(_VIN_VALUES[letter] * weight for letter, weight in zip(letters, _VIN_WEIGHTS, strict=True)) % 11
    letters[8] = "0123456789X"[(remainder + maker.chance(WRONG)) % 11]
    return "".join(letters)


@enter_value("emp", PiiType.EMPLOYEE_ID)
def emp(maker: Maker, number: int) -> str:
    return maker.form_of(
        "EMP-#####|EMP#####|E-#####|E######|#####|######|EMP_####|STF-####|S######|HR-#####|W######|"
        "??####|P-####|EID-######|A####|emp-####|T#######|####-##|BADGE-####"
    )


@enter_value("cust", PiiType.CUSTOMER_ID)
def cust(maker: Maker, number: int) -> str:
    return maker.form(
        maker.pick(
            (
                "CUST-#####",
                "C-######",
                "CUS-######",
                "#######",
                "########",
                "CU#######",
                "CID-######",
                "CLI-####",
                "M-#######",
                "K######",
                "??-#####",
                "C######",
                "##-#####",
                "MEM######",
                "cus_" + "@" * 14,
                "u_" + "~" * 10,
                "CN########",
                "LOY-########",
                "G#########",
                "######-?",
            )
        )
    )


@enter_value("uid", PiiType.CUSTOMER_ID)
def uid(maker: Maker, number: int) -> str:
    """A user's number in a program."""
    return maker.form(
        maker.pick(
            (
                "#####",
                "######",
                "#######",
                "~~~~~~~~-~~~~-4~~~-a~~~-~~~~~~~~~~~~",
                "~" * 24,
                "usr_" + "@" * 12,
                "u-#####",
                "acct_" + "@" * 10,
            )
        )
    )


# Nothing private, though it looks like it.


def _neutral(name: str, forms: str) -> None:
    VALUES[name] = (None, lambda maker, number: maker.form_of(forms))


_neutral(
    "order",
    "ORD-#####|#########|SO-######|PO-#####|A-#####|WO#######|###-#######-#######|OR########|"
    "10#######|R#########|#######-##|P##-####",
)
_neutral("invoice", "INV-######|INV-20##-####|F-#####|RE-######|#######|INV####|20##/####|IN-####-##")
_neutral("ticket", "TCK-####|#%####|INC0######|JIRA-###|CASE-#####|SR-######|REQ######|BUG-####|OPS-###|CHG00#####")
_neutral("tracking", "1Z***************|JD#################|??#########GB|9400##################|TRK########")
_neutral("sku", "SKU-#####|??-####-?|B0********|##-###-##|ART.####|???-##-??|####-???|PN ###-####")
_neutral(
    "request",
    "~~~~~~~~-~~~~-4~~~-b~~~-~~~~~~~~~~~~|~~~~~~~~~~~~~~~~|~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~|req-~~~~~~~~|~~~~~~~~~~~~",
)
_neutral("commit", "~~~~~~~|~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~|~~~~~~~~~~")
_neutral("flight", "?? ####|??###|??####")
_neutral("isbn", "978-%-###-#####-#|978-%-####-####-#|978%#########")
_neutral("court_case", "20##-CV-#####|No. ##-####|#:##-cv-#####|Case ###/20##|20##-CRIM-####")
_neutral("error", "E####|0x8007####|ERR_###|ORA-#####|HTTP 5##|0x~~~~~~~~|SQLSTATE ##P##")
_neutral("serial", "SN########|???##?######|S/N ####-####|####-####-###|?##?###???#")
_neutral("room", "Room %##|room %|Hall %|Building %, Room %##|Gate ?##|Platform %|Conference Room ?")
_neutral("port", "8080|443|5432|%###|3306")
_neutral("small", "%|%|1%|%#")
_neutral("count", "%#|%##|%,###|%##,###")
_neutral("percent", "%#|%.#|%#.#")
_neutral(
    "spec",
    "%#x%#|%% cm|%,### km|%#°C|%## g|%.# GHz|%# GB|%## ml|%#:##|%-%|4K|%## V|A4|USB-C|Wi-Fi 6|M%x%#|H.264",
)


_neutral(
    "version",
    "%.#.#|%.##.#|v%.#.#|v%.#|%.#|20##.%|%.#.#-rc.%|v%.##.#|r####|%#.0.####.###|%.#.#+build.##|%.#b#|%#.%.%#",
)
_neutral("quad", "%.#.#.#|%.%.%.%|10.0.%.%|%#.0.0.0|%.##.%.%|%#.%.##.%#")


@enter_value("money")
def money(maker: Maker, number: int) -> str:
    amount = maker.pick(
        (
            f"{maker.number(1, 99)}",
            f"{maker.number(1, 999)}.{maker.number(0, 99):02}",
            f"{maker.number(1, 250)},{maker.number(0, 999):03}",
            f"{maker.number(1, 99)},{maker.number(0, 999):03}.{maker.number(0, 99):02}",
            f"{maker.number(1, 99)}.{maker.number(0, 999):03},{maker.number(0, 99):02}",
            f"{maker.number(1, 99)} {maker.number(0, 999):03},{maker.number(0, 99):02}",
        )
    )
    if maker.chance(0.15):
        return amount + maker.pick((" €", " EUR", " kr", " USD", "€", " zł", " CHF"))
    return maker.pick(("$", "$", "£", "€", "USD ", "EUR ", "US$", "", "", "CHF ", "₹", "R$ ", "kr ")) + amount


@enter_value("year")
def year(maker: Maker, number: int) -> str:
    return str(maker.number(1850, 2030))


@enter_value("clock")
def clock(maker: Maker, number: int) -> str:
    hour, minute = maker.number(0, 23), maker.number(0, 59)
    return maker.pick(
        (
            f"{hour:02}:{minute:02}",
            f"{hour % 12 + 1}:{minute:02} {maker.pick(('am', 'pm', 'AM', 'p.m.'))}",
            f"{hour % 12 + 1}{maker.pick(('am', 'pm', ' pm'))}",
            "noon",
            f"{hour % 12 + 1} o'clock",
        )
    )


@enter_value("clock_digits")
def clock_digits(maker: Maker, number: int) -> str:
    return f"{maker.number(0, 23):02}:{maker.number(0, 59):02}"


@enter_value("weekday")
def weekday(maker: Maker, number: int) -> str:
    return maker.pick(_DAYS)


@enter_value("month")
def month(maker: Maker, number: int) -> str:
    return maker.pick(_MONTHS)


@enter_value("public_date")
def public_date(maker: Maker, number: int) -> str:
    """A day of history or of an announcement; the sentence around it says so."""
    return written(maker, _some_day(maker, 1500, 2026) if maker.chance(0.4) else _some_day(maker, 2000, 2026))


@enter_value("role_account")
def role_account(maker: Maker, number: int) -> str:
    """What stands where a user's name would, and is nobody's."""
    return maker.pick(words("root admin system www-data postgres nobody anonymous daemon guest jenkins -"))


@enter_value("file")
def file(maker: Maker, number: int) -> str:
    return (
        maker.pick(words("report invoice backup main index data config notes image scan release draft"))
        + maker.pick(("", "_final", "-v2", maker.form("_##"), maker.form("%")))
        + maker.pick(words(".pdf .py .csv .docx .log .png .json .zip .java .ts"))
    )


@enter_value("dsn", PiiType.URL)
def dsn(maker: Maker, number: int) -> str:
    """The address of a database, its user and password inside."""
    scheme, port = maker.pick(_DATABASES)
    secret = maker.pick(pass_words(maker.split)) + maker.form("###")
    host = f"{maker.text('domain', number)}:{port}"
    return f"{scheme}://{maker.text('user', number)}:{secret}@{host}/{maker.pick(words('app prod users'))}"


_DATABASES = (
    ("postgres", "5432"),
    ("postgresql", "5432"),
    ("mysql", "3306"),
    ("mongodb", "27017"),
    ("redis", "6379"),
    ("amqp", "5672"),
)
