"""What happens to texts on their way: case and marks lost, typing errors, scanning, hidden characters, broken lines.

Values keep their labels; what a change would break (keys, passwords, URLs, numbers with check digits) keeps its text.
"""

import unicodedata
from collections.abc import Callable

from .labels import PiiType
from .maker import Maker, Pieces
from .material import keyed

_WORDS = (
    PiiType.PERSON,
    PiiType.ADDRESS,
    PiiType.LOCATION,
    PiiType.ORGANISATION,
    PiiType.DATE,
    PiiType.DATE_OF_BIRTH,
    PiiType.AGE,
)
_ANY_CASE = (*_WORDS, PiiType.EMAIL, PiiType.PLATE, PiiType.PHONE)


def _on(pieces: Pieces, change: Callable[[str], str], *labels: PiiType) -> Pieces:
    """A change to everything that has no label, or one of these."""
    return [(change(text) if label is None or label in labels else text, label) for text, label in pieces]


def lower(maker: Maker, pieces: Pieces) -> Pieces:
    return _on(pieces, str.lower, *_ANY_CASE)


def upper(maker: Maker, pieces: Pieces) -> Pieces:
    return _on(pieces, str.upper, *_ANY_CASE)


def lower_names(maker: Maker, pieces: Pieces) -> Pieces:
    return [(text.lower() if label in _WORDS else text, label) for text, label in pieces]


def upper_names(maker: Maker, pieces: Pieces) -> Pieces:
    return [(text.upper() if label is PiiType.PERSON else text, label) for text, label in pieces]


def title(maker: Maker, pieces: Pieces) -> Pieces:
    """Every word with a capital, as in headlines, so that a capital says nothing."""
    return _on(pieces, lambda text: " ".join(word[:1].upper() + word[1:] for word in text.split(" ")))


def no_marks(maker: Maker, pieces: Pieces) -> Pieces:
    marks = str.maketrans("", "", ".,;!?'\"")
    return _on(pieces, lambda text: text.translate(marks))


def plain_letters(maker: Maker, pieces: Pieces) -> Pieces:
    """Accents lost."""

    def fold(text: str) -> str:
        return "".join(letter for letter in unicodedata.normalize("NFKD", text) if not unicodedata.combining(letter))

    return _on(pieces, fold, *_WORDS)


def typing_errors(maker: Maker, pieces: Pieces) -> Pieces:
    def slip(text: str) -> str:
        letters = list(text)
        for place in range(1, len(letters) - 1):
            if letters[place].isalpha() and maker.chance(0.02):
                kind = maker.number(1, 3)
                if kind == 1:
                    letters[place] = ""
                elif kind == 2:
                    letters[place] *= 2
                elif letters[place + 1].isalpha():
                    letters[place], letters[place + 1] = letters[place + 1], letters[place]
        return "".join(letters)

    return _on(pieces, slip, PiiType.PERSON, PiiType.ADDRESS, PiiType.LOCATION, PiiType.ORGANISATION)


def scanned(maker: Maker, pieces: Pieces) -> Pieces:
    """Letters as a scanner misreads them, in numbers too."""

    misread = {letter: read for letter, (read,) in keyed("scanned_letters").items()}

    def change(text: str) -> str:
        return "".join(misread.get(letter, letter) if maker.chance(0.03) else letter for letter in text)

    return _on(
        pieces,
        change,
        *_ANY_CASE,
        PiiType.SSN,
        PiiType.MEDICAL_ID,
        PiiType.INSURANCE_ID,
        PiiType.ACCOUNT,
        PiiType.PASSPORT,
        PiiType.IBAN,
    )


def hard_spaces(maker: Maker, pieces: Pieces) -> Pieces:
    space = maker.pick(("\u00a0", "\u202f", "\u2009"))
    return [(text.replace(" ", space) if label is not None else text, label) for text, label in pieces]


def hidden_characters(maker: Maker, pieces: Pieces) -> Pieces:
    """A character without width inside a value."""
    hidden = maker.pick(("\u200b", "\u00ad", "\u200d", "\ufeff", "\u2060"))
    changed: Pieces = []
    for text, label in pieces:
        if label is not None and len(text) > 3 and maker.chance(0.5):
            place = maker.number(1, len(text) - 1)
            text = text[:place] + hidden + text[place:]
        changed.append((text, label))
    return changed


_ALIKE = str.maketrans("aceopxyi", "асеорхуі")


def alike_letters(maker: Maker, pieces: Pieces) -> Pieces:
    """A letter of another script that looks the same, in e-mail addresses and names."""

    def disguise(text: str) -> str:
        return "".join(letter.translate(_ALIKE) if maker.chance(0.3) else letter for letter in text)

    return [(disguise(text) if label in (PiiType.EMAIL, PiiType.PERSON) else text, label) for text, label in pieces]


def wrapped(maker: Maker, pieces: Pieces) -> Pieces:
    """Lines broken at a width, within values too, as in old e-mails."""
    width, place = maker.number(40, 78), 0
    changed: Pieces = []
    for text, label in pieces:
        letters = []
        for letter in text:
            place = 0 if letter == "\n" else place + 1
            if letter == " " and place >= width:
                letter, place = "\n", 0
            letters.append(letter)
        changed.append(("".join(letters), label))
    return changed


def quoted(maker: Maker, pieces: Pieces) -> Pieces:
    mark = maker.pick(("> ", ">> ", "| ", "\t", "    ", "# ", "// "))
    return [(mark, None), *_on(pieces, lambda text: text.replace("\n", "\n" + mark))]


def double_spaces(maker: Maker, pieces: Pieces) -> Pieces:
    return _on(pieces, lambda text: text.replace(". ", ".  ").replace(": ", ":  "))


def no_lines(maker: Maker, pieces: Pieces) -> Pieces:
    """All on one line."""
    return _on(pieces, lambda text: text.replace("\n\n", " ").replace("\n", " "))


IN_PROSE = (
    (lower, 11),
    (lower_names, 3),
    (upper, 3),
    (upper_names, 1),
    (title, 2),
    (no_marks, 3),
    (plain_letters, 2),
    (typing_errors, 4),
    (scanned, 2),
    (wrapped, 3),
    (quoted, 1),
    (double_spaces, 2),
    (no_lines, 3),
    (hard_spaces, 1),
    (hidden_characters, 1),
    (alike_letters, 1),
)
"""What may happen to running text, and in how many texts of a hundred."""
IN_RECORDS = (
    (lower_names, 4),
    (upper_names, 3),
    (upper, 1),
    (plain_letters, 3),
    (hard_spaces, 1),
    (hidden_characters, 1),
    (alike_letters, 1),
    (quoted, 1),
)


def disturb(maker: Maker, pieces: Pieces, *, running: bool) -> Pieces:
    """Pieces after what may have happened to them, mostly nothing."""
    for change, share in IN_PROSE if running else IN_RECORDS:
        if maker.rng.random() * 100 < share:
            pieces = change(maker, pieces)
    return pieces
