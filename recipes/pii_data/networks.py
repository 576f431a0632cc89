"""Makers of user names, addresses on networks, passwords and keys."""

import base64
import string
import unicodedata

from .labels import PiiType
from .maker import Maker, Makers
from .splits import words
from .world import coined_firms, invented, romanised

MAKERS = Makers()
_SPELLED_OUT = str.maketrans(
    {"ß": "ss", "ø": "oe", "æ": "ae", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ı": "i", "œ": "oe"}
)


def _ascii(text: str) -> str:
    """What of a name goes into an address: plain small letters and digits."""
    letters = unicodedata.normalize("NFKD", text.lower().translate(_SPELLED_OUT))
    return "".join(letter for letter in letters if letter.isascii() and letter.isalnum())


def login_parts(maker: Maker, number: int) -> tuple[str, str]:
    person = maker.person(number)
    first_part, last_part = _ascii(person.first), _ascii(person.last)
    if not first_part or not last_part:
        # A name in another script is written in Latin letters on the network.
        firsts, lasts = romanised(maker.split)
        first_part, last_part = first_part or _ascii(maker.pick(firsts)), last_part or _ascii(maker.pick(lasts))
    return first_part, last_part


@MAKERS.enter("user", PiiType.USERNAME)
def user(maker: Maker, number: int) -> str:
    a, b = login_parts(maker, number)
    one, two = maker.listed("user_words"), maker.listed("user_words")
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
        (4, maker.form_of("user")),
        (6, a[:3] + b[:5]),
    )


@MAKERS.enter("handle", PiiType.USERNAME)
def handle(maker: Maker, number: int) -> str:
    return "@" + maker.text("user", number)


@MAKERS.enter("domain", PiiType.URL)
def domain(maker: Maker, number: int) -> str:
    return f"{_domain_name(maker)}.{maker.shared('top_level')}"


@MAKERS.enter("host", PiiType.URL)
def host(maker: Maker, number: int) -> str:
    """The name of a machine on a network, as logs and commands have it."""
    machine = maker.pick(
        words("www mail db app api node web ns vpn git ci build cache mx1 smtp auth edge cdn files intra")
    )
    machine += maker.pick(("", "", maker.form("%"), maker.form("-#%"), maker.form("0%")))
    zone = maker.pick(("", "", "", "prod.", "eu.", "us-east-1.", "int.", "staging.", "corp."))
    return f"{machine}.{zone}{maker.text('domain', number)}"


def _domain_name(maker: Maker) -> str:
    luck = maker.rng.random()
    if luck < 0.7:
        return maker.pick(coined_firms(maker.split)).lower()
    if luck < 0.85:
        return f"{maker.pick(coined_firms(maker.split)).lower()}-{_ascii(maker.listed('trades'))}"
    return _ascii(maker.pick(invented(maker.split)))


@MAKERS.enter("email", PiiType.EMAIL)
def email(maker: Maker, number: int) -> str:
    a, b = login_parts(maker, number)
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
    host = maker.shared("free_mail") if maker.chance(0.5) else maker.text("domain", number)
    return f"{box.strip('.-')}@{'mail.' if maker.chance(0.03) else ''}{host}"


@MAKERS.enter("spoken_email", PiiType.EMAIL)
def spoken_email(maker: Maker, number: int) -> str:
    """An e-mail address as it is said."""
    box, _, host = maker.text("email", number).lower().partition("@")
    for sign, word in ((".", " dot "), ("_", " underscore "), ("-", " dash "), ("+", " plus ")):
        box = box.replace(sign, word)
    return f"{box} at {host.replace('.', ' dot ').replace('-', ' dash ')}"


@MAKERS.enter("hidden_email", PiiType.EMAIL)
def hidden_email(maker: Maker, number: int) -> str:
    """An e-mail address as it is hidden from harvesters."""
    box, _, host = maker.text("email", number).partition("@")
    at = maker.pick(("[at]", "(at)", " [at] ", " (at) ", " AT ", "<at>"))
    return box + at + host.replace(".", maker.pick((".", "[dot]", " [dot] ", "(dot)", " DOT ")))


@MAKERS.enter("ip", PiiType.IP)
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


@MAKERS.enter("ipv", PiiType.IP)
def ipv(maker: Maker, number: int) -> str:
    """An address that a port may follow: of version 4, or in brackets."""
    made = maker.text("ip", number)
    return f"[{made}]" if ":" in made else made


@MAKERS.enter("mac", PiiType.MAC)
def mac(maker: Maker, number: int) -> str:
    form = maker.pick(
        words("~~:~~:~~:~~:~~:~~ ~~:~~:~~:~~:~~:~~ ~~:~~:~~:~~:~~:~~ ~~-~~-~~-~~-~~-~~ ~~~~.~~~~.~~~~ ~~~~~~~~~~~~")
    )
    made = maker.form(form)
    return made.upper() if maker.chance(0.4) else made


@MAKERS.enter("url", PiiType.URL)
def url(maker: Maker, number: int) -> str:
    a, b = login_parts(maker, number)
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
        maker.form_of("page_own"),
        maker.form_of("page_public"),
        f"/account?id={maker.form('######')}",
        f"/reset?token={maker.form('~~~~~~~~~~~~')}",
    )
    beginning = maker.pick(words("https:// https://www. http:// https://app. https://portal. www."))
    return maker.weighted(
        (30, maker.pick(("https://", "https://www.", "www.", "http://")) + site + who),
        (6, f"http://{server}:{maker.pick(words('8080 3000 5000'))}/{maker.pick(words('admin status login'))}"),
        (56, beginning + maker.text("domain", number) + maker.pick(pages)),
        (8, maker.text("domain", number) + maker.pick(pages[2:])),
    )


_PASSWORD_LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnpqrstuvwxyz23456789"


@MAKERS.enter("password", PiiType.PASSWORD)
def password(maker: Maker, number: int) -> str:
    one, two, three = (maker.listed("pass_words") for _ in range(3))
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


@MAKERS.enter("passphrase", PiiType.PASSWORD)
def passphrase(maker: Maker, number: int) -> str:
    """A password as it is said in a sentence: any, a plain word, or some of them."""
    luck = maker.rng.random()
    if luck < 0.5:
        return maker.text("password", number)
    said = [maker.listed("pass_words") for _ in range(1 if luck < 0.85 else maker.number(2, 5))]
    return maker.pick((" ".join(said), " ".join(said), " ".join(said).capitalize()))


@MAKERS.enter("cvv", PiiType.PASSWORD)
def cvv(maker: Maker, number: int) -> str:
    return maker.form("###" if maker.chance(0.85) else "####")


@MAKERS.enter("key_line", PiiType.API_KEY)
def key_line(maker: Maker, number: int) -> str:
    """A whole line of a private key in its text form (PEM)."""
    letters = string.ascii_letters + string.digits + "+/"
    return "".join(maker.pick(letters) for _ in range(maker.weighted((8, 64), (1, 70), (1, 76))))


@MAKERS.enter("key_rest", PiiType.API_KEY)
def key_rest(maker: Maker, number: int) -> str:
    """The last line of a private key, with its padding."""
    return maker.form("@" * (4 * maker.number(4, 14) + 2)) + "=="


@MAKERS.enter("key", PiiType.API_KEY)
def key(maker: Maker, number: int) -> str:
    if maker.chance(0.12):
        return jwt(maker)
    return maker.form_of("key")


_BASE64 = string.ascii_letters + string.digits + "+/"


@MAKERS.enter("ssh_key", PiiType.API_KEY)
def ssh_key(maker: Maker, number: int) -> str:
    """A public key of SSH, without the comment behind it, which often has a user's name."""
    kind, beginning, length = maker.pick(
        (
            ("ssh-ed25519", "AAAAC3NzaC1lZDI1NTE5AAAAI", 43),
            ("ssh-rsa", "AAAAB3NzaC1yc2EAAAADAQABAAABgQC", 200),
            ("ecdsa-sha2-nistp256", "AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAI", 100),
        )
    )
    return f"{kind} {beginning}" + "".join(maker.pick(_BASE64) for _ in range(length))


@MAKERS.enter("seed", PiiType.PASSWORD)
def seed(maker: Maker, number: int) -> str:
    """The words from which a wallet is restored."""
    return " ".join(
        maker.listed(maker.pick(("pass_words", "noun", "verb", "trait"))).split()[0]
        for _ in range(maker.pick((12, 12, 12, 15, 18, 24)))
    )


def jwt(maker: Maker) -> str:
    """A JSON web token without a person's name."""
    head = base64.urlsafe_b64encode(
        b'{"alg":"%s","typ":"JWT"}' % maker.pick(("HS256", "RS256", "ES256")).encode()
    ).decode()
    body = base64.urlsafe_b64encode(
        b'{"sub":"%d","iat":%d}' % (maker.number(1, 10**9), maker.number(10**9, 2 * 10**9))
    ).decode()
    return f"{head.rstrip('=')}.{body.rstrip('=')}.{maker.form('@' * 43)}"


_DATABASES = (
    ("postgres", "5432"),
    ("postgresql", "5432"),
    ("mysql", "3306"),
    ("mongodb", "27017"),
    ("redis", "6379"),
    ("amqp", "5672"),
)


@MAKERS.enter("dsn", PiiType.URL)
def dsn(maker: Maker, number: int) -> str:
    """The address of a database, its user and password inside."""
    scheme, port = maker.pick(_DATABASES)
    secret = maker.listed("pass_words") + maker.form("###")
    host = f"{maker.text('domain', number)}:{port}"
    return f"{scheme}://{maker.text('user', number)}:{secret}@{host}/{maker.pick(words('app prod users'))}"
