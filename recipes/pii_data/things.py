"""Makers of what is not private, though some of it looks so: amounts, years, files, machines' values, names in code."""

import base64
import string
from collections.abc import Callable

from .dates import DAYS, MONTHS, some_day, written
from .maker import Maker, Makers
from .splits import words
from .world import coined_name, last_names

MAKERS = Makers()


@MAKERS.enter("money")
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


@MAKERS.enter("year")
def year(maker: Maker, number: int) -> str:
    return str(maker.number(1850, 2030))


@MAKERS.enter("clock")
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


@MAKERS.enter("clock_digits")
def clock_digits(maker: Maker, number: int) -> str:
    return f"{maker.number(0, 23):02}:{maker.number(0, 59):02}"


@MAKERS.enter("weekday")
def weekday(maker: Maker, number: int) -> str:
    return maker.pick(DAYS)


@MAKERS.enter("month")
def month(maker: Maker, number: int) -> str:
    return maker.pick(MONTHS)


@MAKERS.enter("public_date")
def public_date(maker: Maker, number: int) -> str:
    """A day of history or of an announcement; the sentence around it says so."""
    return written(maker, some_day(maker, 1500, 2026) if maker.chance(0.4) else some_day(maker, 2000, 2026))


@MAKERS.enter("role_account")
def role_account(maker: Maker, number: int) -> str:
    """What stands where a user's name would, and names no person."""
    return maker.pick(words("root admin system www-data postgres nobody anonymous daemon guest jenkins -"))


@MAKERS.enter("file")
def file(maker: Maker, number: int) -> str:
    return (
        maker.pick(words("report invoice backup main index data config notes image scan release draft"))
        + maker.pick(("", "_final", "-v2", maker.form("_##"), maker.form("%")))
        + maker.pick(words(".pdf .py .csv .docx .log .png .json .zip .java .ts"))
    )


def _some(maker: Maker, low: int, high: int) -> list[str]:
    kinds = ("noun", "noun", "verb", "trait")
    return [maker.listed(maker.pick(kinds)) for _ in range(maker.number(low, high))]


@MAKERS.enter("snake")
def snake(maker: Maker, number: int) -> str:
    return maker.pick(("_", "_", "_", "-")).join(_some(maker, 1, 3))


@MAKERS.enter("camel")
def camel(maker: Maker, number: int) -> str:
    first, *rest = _some(maker, 1, 3)
    return first + "".join(map(str.title, rest))


@MAKERS.enter("kind")
def kind(maker: Maker, number: int) -> str:
    """The name of a class."""
    ending = maker.pick(("", "", "", "Error", "Exception", "Factory", "Service", "Impl", "Test", "Handler"))
    return "".join(map(str.title, _some(maker, 1, 2))) + ending


@MAKERS.enter("dotted")
def dotted(maker: Maker, number: int) -> str:
    """A module's or a package's name."""
    head = maker.pick(("", "", "com.", "org.", "net.", "io.", "java.", "src.", "app.", "lib."))
    parts = _some(maker, 2, 3)
    # A name with such an end is a host's.
    while parts[-1] in ("internal", "local"):
        parts[-1:] = _some(maker, 1, 1)
    return head + ".".join(parts)


@MAKERS.enter("constant")
def constant(maker: Maker, number: int) -> str:
    return "_".join(_some(maker, 1, 3)).upper()


@MAKERS.enter("source")
def source(maker: Maker, number: int) -> str:
    """A source file."""
    folder = maker.pick(("", "", "src/", "lib/", "tests/", "app/", "/usr/lib/", "./", "internal/", "pkg/"))
    return folder + "_".join(_some(maker, 1, 2)) + maker.pick(words(".py .js .ts .go .rs .c .h .cc .java .rb .sh .yml"))


@MAKERS.enter("line")
def line_number(maker: Maker, number: int) -> str:
    return str(maker.number(1, maker.pick((9, 99, 999, 9999))))


@MAKERS.enter("digit")
def digit(maker: Maker, number: int) -> str:
    return maker.form("%")


@MAKERS.enter("pulse")
def pulse(maker: Maker, number: int) -> str:
    return str(maker.number(20, 220))


@MAKERS.enter("measure")
def measure(maker: Maker, number: int) -> str:
    amount = maker.pick((str(maker.number(1, 999)), f"{maker.number(0, 99)}.{maker.number(0, 9)}", maker.form("%##0")))
    unit = maker.pick(
        words("mm cm m km g kg mg ml l s ms min h W kW V A mA Hz kHz MHz dB bar psi Nm rpm °C °F % px MB GB GiB lux N")
    )
    return amount + maker.pick(("", " ", " ")) + unit


@MAKERS.enter("stars")
def stars(maker: Maker, number: int) -> str:
    full = maker.number(1, 5)
    return maker.pick(("★" * full + "☆" * (5 - full), "★" * full, f"{full}/5", f"{full} stars", "*" * full))


@MAKERS.enter("ratio")
def ratio(maker: Maker, number: int) -> str:
    return f"{maker.number(1, 199)}{maker.pick(('/', ':', '-', ' to ', ' x '))}{maker.number(1, 99)}"


BASE32 = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
URL_SAFE = string.ascii_letters + string.digits + "_-"


def _drawn(maker: Maker, letters: str, count: int) -> str:
    return "".join(maker.pick(letters) for _ in range(count))


@MAKERS.enter("uuid")
def uuid(maker: Maker, number: int) -> str:
    version, variant = maker.pick("1444457"), maker.pick("89ab")
    made = maker.form("~~~~~~~~-~~~~-") + version + maker.form("~~~-") + variant + maker.form("~~~-~~~~~~~~~~~~")
    return made.upper() if maker.chance(0.12) else made


@MAKERS.enter("unix_time")
def unix_time(maker: Maker, number: int) -> str:
    form = maker.pick(("", "", "", "###", "###", "###", ".###", ".######", "######", "#########"))
    return f"{maker.number(1_300_000_000, 1_900_000_000)}{maker.form(form)}"


@MAKERS.enter("digest")
def digest(maker: Maker, number: int) -> str:
    """A hash in hexadecimal digits or base 64, with its algorithm before it now and then."""
    made = maker.form("~" * maker.pick((7, 7, 8, 10, 12, 16, 24, 32, 32, 40, 40, 56, 64, 64, 96, 128)))
    if maker.chance(0.1):
        made = made.upper()
    if maker.chance(0.12):
        made = base64.b64encode(maker.rng.randbytes(maker.pick((12, 16, 20, 32)))).decode()
    if maker.chance(0.08):
        made = maker.pick(("sha256:", "sha1:", "md5:", "sha256-", "sha512-", "W/")) + made
    return made


_RECORD_PREFIXES = words(
    "evt_ req_ job_ run- trace- chatcmpl- msg_ obj_ batch_ img- i-0 vol-0 sg-0 ami-0 arn:aws:s3:::", " "
)


@MAKERS.enter("record_id")
def record_id(maker: Maker, number: int) -> str:
    """What databases and queues call their records: ULIDs, nanoids, KSUIDs, snowflakes, counters."""
    return maker.weighted(
        (5, "01" + _drawn(maker, BASE32, 24)),
        (1, "01" + _drawn(maker, BASE32.lower(), 24)),
        (14, _drawn(maker, URL_SAFE, 21)),
        (4, _drawn(maker, URL_SAFE, maker.number(10, 27))),
        (4, maker.form("~" * 24)),
        (5, str(maker.number(10**16, 10**19))),
        (5, f"{maker.number(1, 10 ** maker.number(2, 9)):0{maker.pick((8, 10, 12, 16, 16, 16, 18, 20))}}"),
        (3, str(maker.number(1, 10 ** maker.number(4, 12)))),
        (2, "2" + _drawn(maker, string.ascii_letters + string.digits, 26)),
        (2, maker.pick(_RECORD_PREFIXES) + maker.form("@" * maker.number(10, 24))),
    )


@MAKERS.enter("record_number")
def record_number(maker: Maker, number: int) -> str:
    """A counter's number, long or short, without leading zeros."""
    size = maker.weighted((2, 4), (3, 5), (8, 6), (2, 7), (2, 8), (2, 9), (7, 10), (1, 12), (4, 16))
    # No card has 16 digits that begin with these.
    return (maker.pick("1789") if size == 16 else maker.form("%")) + maker.form("#" * (size - 1))


@MAKERS.enter("coined_thing")
def coined_thing(maker: Maker, number: int) -> str:
    """A program's, a medicine's, a dish's or an eponym's name, which only the sentence tells from a person's."""
    luck = maker.rng.random()
    if luck < 0.25:
        return maker.pick(last_names(maker.pick(("en_US", "en_GB")), maker.split))
    made = coined_name(maker.rng, maker.split)
    return made if luck < 0.7 else made + maker.pick(words("mab stat pril ine ol ra ex ify ly shark soft pad box ini"))


@MAKERS.enter("coined_thing_low")
def coined_thing_low(maker: Maker, number: int) -> str:
    return coined_name(maker.rng, maker.split).lower()


@MAKERS.enter("car_year")
def car_year(maker: Maker, number: int) -> str:
    """The year in which a car was built."""
    return str(maker.number(1985, 2026))


@MAKERS.enter("treat_low")
def treat_low(maker: Maker, number: int) -> str:
    return maker.listed("treat").lower()


@MAKERS.enter("ui_word_low")
def ui_word_low(maker: Maker, number: int) -> str:
    return maker.listed("ui_word").lower()


@MAKERS.enter("colour_code")
def colour_code(maker: Maker, number: int) -> str:
    made = "#" + maker.form("~" * maker.pick((3, 6, 6, 6, 8)))
    return made.upper() if maker.chance(0.3) else made


@MAKERS.enter("release")
def release(maker: Maker, number: int) -> str:
    """A version as tags, images and lock files have it; four numbers only where they cannot be an address."""
    before = maker.pick(("", "", "", "", "v", "^", "~", ">=", "=="))
    after = maker.pick(("", "", "", "", "", "-rc.1", "-beta", ".post1", "-alpine", "+build." + maker.form("%#")))
    count = maker.pick((2, 3, 3, 3, 4)) if before in ("v", "==") else maker.pick((2, 3, 3, 3))
    return before + ".".join(str(maker.number(0, maker.pick((9, 30, 99, 999)))) for _ in range(count)) + after


@MAKERS.enter("encoded")
def encoded(maker: Maker, number: int) -> str:
    """Bytes in base 64, as an ETag or a cursor."""
    size = maker.pick((9, 12, 12, 12, 15, 16, 18, maker.number(6, 24)))
    return base64.b64encode(maker.rng.randbytes(size)).decode().rstrip("=" if maker.chance(0.5) else " ")


_MACHINES: tuple[tuple[int, Callable[[Maker, int], str]], ...] = (
    (6, uuid),
    (7, unix_time),
    (8, digest),
    (14, record_id),
    (2, colour_code),
    (4, release),
    (8, encoded),
    (9, record_number),
)


@MAKERS.enter("machine")
def machine(maker: Maker, number: int) -> str:
    """A value that a machine made for itself."""
    return maker.weighted(*_MACHINES)(maker, number)


@MAKERS.enter("rate")
def rate(maker: Maker, number: int) -> str:
    """A small number as people who train models write it."""
    return maker.pick(
        (
            maker.form("%e-%"),
            maker.form("%e-0%"),
            maker.form("%.#e-%"),
            maker.form("0.#%"),
            maker.form("0.00%"),
            maker.form("0.###"),
            maker.form("%#"),
        )
    )
