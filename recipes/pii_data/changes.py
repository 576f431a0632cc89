"""What a template may do to a text that it has drawn: other case, letters, digits in words; nothing
is drawn here.
"""

import base64
import re
import unicodedata
from collections.abc import Callable, Mapping

from seqlabel.lesson.human_numbers import number_words

_SPELLED_OUT = str.maketrans(
    {"ß": "ss", "ø": "oe", "æ": "ae", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ı": "i", "œ": "oe"}
)
_SPOKEN = {".": " dot ", "_": " underscore ", "-": " dash ", "+": " plus ", "@": " at "}


def ascii_of(text: str) -> str:
    """What of a name goes into an address: plain small letters and digits."""
    letters = unicodedata.normalize("NFKD", text.lower().translate(_SPELLED_OUT))
    return "".join(letter for letter in letters if letter.isascii() and letter.isalnum())


def ordinal(number: int) -> str:
    ending = (
        "th" if 10 <= number % 100 <= 20 else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    )
    return f"{number}{ending}"


def tax_letters(name: str) -> str:
    """The three letters of a name in an Italian tax code: consonants before vowels, and X where it
    has too few.
    """
    return "".join(
        [
            *re.findall("[B-DF-HJ-NP-TV-Z]", name.upper()),
            *re.findall("[AEIOU]", name.upper()),
            "XXX",
        ]
    )[:3]


def words_of(name: str) -> list[str]:
    return re.split(r"[_\-. ]", name.lower())


CHANGES: Mapping[str, Callable[[str], str]] = {
    "lower": str.lower,
    "upper": str.upper,
    "title": str.title,
    "capital": str.capitalize,
    "sentence": lambda text: text[:1].upper() + text[1:],
    "ascii": ascii_of,
    "trimmed": lambda text: text.strip(".-"),
    "bare": lambda text: text.removeprefix("The "),
    "leet": lambda text: text.replace("e", "3").replace("o", "0"),
    "signs": lambda text: text.translate(str.maketrans("aeios", "@310$")),
    "words": lambda text: "-".join(number_words(int(text))),
    "ordinal": lambda text: ordinal(int(text)),
    "spoken": lambda text: re.sub(r"[._+@-]", lambda sign: _SPOKEN[sign[0]], text.lower()),
    "spelled": lambda text: "-".join(filter(str.isalpha, text.upper())),
    "bracketed": lambda text: f"[{text}]" if ":" in text else text,
    "base64": lambda text: base64.urlsafe_b64encode(text.encode()).decode().rstrip("="),
    "fours": lambda text: " ".join(re.findall(".{1,4}", text)),
    "card": lambda text: " ".join(
        re.findall(".{4}" if len(text) == 16 else r"^.{4}|.{6}|.+$", text)
    ),
    "id_number": lambda text: " ".join(re.findall("^.{2}|.{3}", text)),
    "ending": lambda text: text[-4:],
    "digits": lambda text: re.sub(r"\D", "", text),
    "taxed": tax_letters,
    "comma": lambda text: text.replace("¶", ", "),
    "lines": lambda text: text.replace("¶", "\n"),
    "snake": lambda text: "_".join(words_of(text)),
    "constant": lambda text: "_".join(words_of(text)).upper(),
    "camel": lambda text: words_of(text)[0] + "".join(map(str.capitalize, words_of(text)[1:])),
    "pascal": lambda text: "".join(map(str.capitalize, words_of(text))),
    "kebab": lambda text: "-".join(words_of(text)),
    "header": lambda text: "-".join(map(str.capitalize, words_of(text))),
    "dotted": lambda text: ".".join(words_of(text)),
    "spaced": lambda text: " ".join(words_of(text)),
    "joined": lambda text: "".join(words_of(text)),
}
