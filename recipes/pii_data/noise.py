"""What happens to texts on their way: case and marks lost, typing errors, scanning, hidden
characters, broken lines.

Values keep their labels; what a change would break (keys, passwords, URLs, numbers with check
digits) keeps its text.
"""

import re
import unicodedata
from collections.abc import Callable

from .labels import PiiType
from .maker import Maker, Pieces
from .material import keyed

Change = Callable[[Maker, Pieces], Pieces]
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
    return [
        (change(text) if label is None or label in labels else text, label)
        for text, label in pieces
    ]


def _plain_letters(text: str) -> str:
    """Accents lost."""
    return "".join(
        letter
        for letter in unicodedata.normalize("NFKD", text)
        if not unicodedata.combining(letter)
    )


def _titled(text: str) -> str:
    """Every word with a capital, as in headlines, so that a capital says nothing."""
    return " ".join(word[:1].upper() + word[1:] for word in text.split(" "))


def everywhere(change: Callable[[str], str], *labels: PiiType) -> Change:
    """A change to everything that has no label, or one of these."""
    return lambda maker, pieces: _on(pieces, change, *labels)


def of_values(change: Callable[[str], str], *labels: PiiType) -> Change:
    """A change to values of some labels alone."""
    return lambda maker, pieces: [
        (change(text) if label in labels else text, label) for text, label in pieces
    ]


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

    return _on(
        pieces, slip, PiiType.PERSON, PiiType.ADDRESS, PiiType.LOCATION, PiiType.ORGANISATION
    )


def scanned(maker: Maker, pieces: Pieces) -> Pieces:
    """Letters as a scanner misreads them, in numbers too."""

    misread = {letter: read for letter, (read,) in keyed("scanned_letters").items()}

    def change(text: str) -> str:
        return "".join(
            misread.get(letter, letter) if maker.chance(0.03) else letter for letter in text
        )

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
    return [
        (text.replace(" ", space) if label is not None else text, label) for text, label in pieces
    ]


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

    return [
        (disguise(text) if label in (PiiType.EMAIL, PiiType.PERSON) else text, label)
        for text, label in pieces
    ]


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


CHANGES: tuple[tuple[Change, int, int], ...] = (
    (everywhere(str.lower, *_ANY_CASE), 11, 0),
    (of_values(str.lower, *_WORDS), 3, 4),
    (everywhere(str.upper, *_ANY_CASE), 3, 1),
    (of_values(str.upper, PiiType.PERSON), 1, 3),
    (everywhere(_titled), 2, 0),
    (everywhere(lambda text: re.sub("[.,;!?'\"]", "", text)), 3, 0),
    (everywhere(_plain_letters, *_WORDS), 2, 3),
    (typing_errors, 4, 0),
    (scanned, 2, 0),
    (wrapped, 3, 0),
    (quoted, 1, 1),
    (everywhere(lambda text: re.sub("([.:]) ", r"\1  ", text)), 2, 0),
    (everywhere(lambda text: re.sub(r"\n\n?", " ", text)), 3, 0),
    (hard_spaces, 1, 1),
    (hidden_characters, 1, 1),
    (alike_letters, 1, 1),
)
"""What may happen, and in how many texts of a hundred: of running text, and of records."""


def disturb(maker: Maker, pieces: Pieces, *, running: bool) -> Pieces:
    """Pieces after what may have happened to them, mostly nothing."""
    for change, in_prose, in_records in CHANGES:
        if maker.rng.random() * 100 < (in_prose if running else in_records):
            pieces = change(maker, pieces)
    return pieces
