"""Makers of addresses and keys that rows do not make; the others are in `material/values/networks.txt`."""

import base64
import unicodedata

from .labels import PiiType
from .maker import Maker, Makers
from .splits import words
from .world import romanised

MAKERS = Makers()
_SPELLED_OUT = str.maketrans(
    {"ß": "ss", "ø": "oe", "æ": "ae", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ı": "i", "œ": "oe"}
)


def ascii_of(text: str) -> str:
    """What of a name goes into an address: plain small letters and digits."""
    letters = unicodedata.normalize("NFKD", text.lower().translate(_SPELLED_OUT))
    return "".join(letter for letter in letters if letter.isascii() and letter.isalnum())


@MAKERS.enter("login_first")
def login_first(maker: Maker, number: int) -> str:
    """A first name as it stands in an address; one in another script is written in Latin letters there."""
    return ascii_of(maker.person(number).first) or ascii_of(maker.pick(romanised(maker.split)[0]))


@MAKERS.enter("login_last")
def login_last(maker: Maker, number: int) -> str:
    return ascii_of(maker.person(number).last) or ascii_of(maker.pick(romanised(maker.split)[1]))


def login_parts(maker: Maker, number: int) -> tuple[str, str]:
    return login_first(maker, number), login_last(maker, number)


@MAKERS.enter("hidden_email", PiiType.EMAIL)
def hidden_email(maker: Maker, number: int) -> str:
    """An e-mail address as it is hidden from harvesters."""
    box, _, host = maker.text("email", number).partition("@")
    at = maker.pick(("[at]", "(at)", " [at] ", " (at) ", " AT ", "<at>"))
    return box + at + host.replace(".", maker.pick((".", "[dot]", " [dot] ", "(dot)", " DOT ")))


@MAKERS.enter("ip_six")
def ip_six(maker: Maker, number: int) -> str:
    groups = [maker.form("~~~~").lstrip("0") or "0" for _ in range(8)]
    groups[0] = maker.pick(("2001", "2a02", "fe80", "fd12", "2607", "2400"))
    if maker.chance(0.6):
        return ":".join(groups[: maker.number(2, 4)]) + "::" + ":".join(groups[-maker.number(1, 3) :])
    return ":".join(groups)


@MAKERS.enter("ipv", PiiType.IP)
def ipv(maker: Maker, number: int) -> str:
    """An address that a port may follow: of version 4, or in brackets."""
    made = maker.text("ip", number)
    return f"[{made}]" if ":" in made else made


@MAKERS.enter("passphrase", PiiType.PASSWORD)
def passphrase(maker: Maker, number: int) -> str:
    """A password as it is said in a sentence: any, a plain word, or some of them."""
    luck = maker.rng.random()
    if luck < 0.5:
        return maker.text("password", number)
    said = [maker.listed("pass_words") for _ in range(1 if luck < 0.85 else maker.number(2, 5))]
    return maker.pick((" ".join(said), " ".join(said), " ".join(said).capitalize()))


@MAKERS.enter("seed", PiiType.PASSWORD)
def seed(maker: Maker, number: int) -> str:
    """The words from which a wallet is restored."""
    return " ".join(
        maker.listed(maker.pick(("pass_words", "noun", "verb", "trait"))).split()[0]
        for _ in range(maker.pick((12, 12, 12, 15, 18, 24)))
    )


@MAKERS.enter("jwt")
def jwt(maker: Maker, number: int) -> str:
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
