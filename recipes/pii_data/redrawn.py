"""Texts written by hand, with other people, places and numbers in them at each reading; no
template, no style here.

A text that is read many times teaches its names instead of their places. So a reading draws another
name for each name of the text, the same one wherever it stands, in e-mail addresses and the names
of firms too, and other digits, months, towns, streets. What is not private keeps its words; long
numbers in it get other digits.
"""

import calendar
import random
import re
from collections.abc import Callable, Collection, Iterator
from functools import partial
from typing import NamedTuple

from .by_hand import Topic, hand_written_to_train
from .generator import Style
from .labels import PiiType
from .maker import Maker, Piece, Pieces, finish
from .material import whole
from .noise import disturb
from .slots import read_slots
from .splits import Split, part_of
from .world import coined_firms, draw_name

KEPT = 0.1
"""The share of readings that leave a text's values as they were written."""
_NAMES = (
    PiiType.PERSON,
    PiiType.USERNAME,
    PiiType.EMAIL,
    PiiType.URL,
    PiiType.ORGANISATION,
    PiiType.PASSWORD,
)
_DATES = (PiiType.DATE, PiiType.DATE_OF_BIRTH)
_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")
_SURNAME_AFTER = re.compile(
    r"(?:^|\W)(?:mr|mrs|ms|miss|mx|dr|prof|professor|judge|justice|sir|sgt|sergeant|pc|dc|ds|off"
    r"icer|det|detective|rev|"
    r"father|fr|sister|nurse|cllr|councillor|counsel|capt|captain|surname|family name|last "
    r"name)\.?[:=]?\s*$",
    re.IGNORECASE,
)
_FORCES = re.compile(r"(?i)(?:[AFD]PO|BFPO)\b")
_MONTHS = tuple(month.casefold() for month in calendar.month_name[1:])
_SHORT_MONTHS = tuple(month.casefold() for month in calendar.month_abbr[1:])
_DAYS = tuple(day.casefold() for day in calendar.day_name)
_SHORT_DAYS = tuple(day.casefold() for day in calendar.day_abbr)
_DIGIT_WORDS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")


class _Kind(NamedTuple):
    """The styles of the generator that are like a topic, whether its texts are running ones, how
    often each is read.
    """

    styles: frozenset[Style]
    running: bool
    times: int = 1


_ALL = frozenset(Style)
_KINDS = {
    Topic.CLINICAL: _Kind(frozenset((Style.MEDICAL,)), True),
    Topic.SCREENS: _Kind(frozenset((Style.SCREEN,)), False),
    Topic.LOGS: _Kind(
        frozenset((Style.LOG, Style.TRACE, Style.CONFIG, Style.SQL, Style.CODE)), False
    ),
    Topic.LEGAL: _Kind(frozenset((Style.LEGAL,)), True),
    Topic.CHATS: _Kind(
        frozenset((Style.CHAT, Style.TRANSCRIPT, Style.SUPPORT, Style.SOCIAL)), True
    ),
    Topic.OFFICE: _Kind(
        frozenset((Style.LETTER, Style.EMAIL, Style.MEETING, Style.CV, Style.TRAVEL)), True
    ),
    Topic.PROSE: _Kind(frozenset((Style.PROSE, Style.NEWS, Style.REVIEW)), True),
    # Of all styles, about what the other topics hold little of.
    Topic.LOOKALIKES: _Kind(_ALL, False, times=3),
    Topic.FIRMS: _Kind(_ALL, True, times=3),
    Topic.VALUES: _Kind(_ALL, False, times=3),
    Topic.COMPANIES: _Kind(_ALL, True, times=9),
    Topic.ADDRESSES: _Kind(_ALL, True, times=9),
    Topic.CREDENTIALS: _Kind(_ALL, False, times=9),
    Topic.MACHINES: _Kind(_ALL, False, times=9),
    Topic.TERMS: _Kind(_ALL, False, times=9),
    Topic.SHORT: _Kind(_ALL, False, times=18),
    Topic.SPEECH: _Kind(_ALL, False, times=12),
    Topic.EVERYDAY: _Kind(_ALL, False, times=8),
    Topic.SCHEMAS: _Kind(_ALL, False, times=6),
    Topic.SENTENCES: _Kind(_ALL, True, times=3),
}


def redrawn_texts(
    times: int,
    *,
    seed: int,
    split: Split,
    styles: Collection[Style],
    topics: Collection[Topic] = tuple(Topic),
) -> Iterator[tuple[str, list[tuple[int, int, str]]]]:
    """The texts written by hand for training, each several times with other values in it.

    Args:
        times: How often each text is read; those of some topics are read more often.
        seed: Seed of all chance.
        split: The half of the texts, and of the names that are put into them.
        styles: A topic is left out if one of the styles that are like it is not among these.
        topics: The topics that are read.

    Returns:
        An iterator over texts with their spans `(start, end, label)`, in order; what is left open
        has the label `OPEN`.
    """
    rng = random.Random(f"{split} {seed}")
    slots = read_slots()
    for topic, kind in _KINDS.items():
        if topic not in topics or not kind.styles <= set(styles):
            continue
        for written in _of_split(topic, split):
            for _ in range(times * kind.times):
                maker = Maker(rng, split, slots)
                pieces = written if maker.chance(KEPT) else _Redrawing(maker, written).pieces
                yield finish(disturb(maker, pieces, running=kind.running))


def _of_split(topic: Topic, split: Split) -> Iterator[Pieces]:
    """The texts of a topic that are of one split."""
    texts = {"".join(text for text, _ in pieces): pieces for pieces in hand_written_to_train(topic)}
    return (texts[text] for text in part_of(texts, split))


_LONG_NUMBER = re.compile(r"(?<![\w.,])\d{4,}(?![\w.,]*\w)")
_DIGIT_WORD = re.compile(rf"\b(?:{'|'.join(_DIGIT_WORDS)})\b", re.IGNORECASE)


class _Redrawing:
    """One reading of a text: what each of its words and values is in it."""

    def __init__(self, maker: Maker, pieces: Pieces) -> None:
        self.maker = maker
        self.words: dict[str, str] = {}
        self.values: dict[Piece, str] = {}
        self._read_names(pieces)
        self.pieces: Pieces = [(self._value(text, label), label) for text, label in pieces]

    def _read_names(self, pieces: Pieces) -> None:
        """Draw another word for each word of a person's name, whole names first: they say which is
        the family's.
        """
        single: list[tuple[str, bool]] = []
        before = ""
        for text, label in pieces:
            if label == PiiType.PERSON:
                words = [word for word in _WORD.findall(text) if len(word) > 1]
                words = [word for word in words if word.casefold() not in whole("name_particles")]
                if len(words) > 1:
                    family = words[0] if "," in text else words[-1]
                    for word in words:
                        self._draw(word, family=word == family)
                elif words:
                    single.append((words[0], bool(_SURNAME_AFTER.search(before))))
            before = text
        for word, family in single:
            self._draw(word, family=family, initials=word.isupper() and len(word) < 4)

    def _draw(self, word: str, *, family: bool, initials: bool = False) -> None:
        if word.casefold() in self.words:
            return
        maker = self.maker
        if maker.chance(0.12):
            drawn = word
        elif initials:
            drawn = maker.form("?" * len(word))
        else:
            drawn = draw_name(maker.rng, maker.locale, maker.split)[family]
        self.words[word.casefold()] = drawn

    def _value(self, text: str, label: str | None) -> str:
        if label is None:
            return (
                _LONG_NUMBER.sub(lambda found: self._digits(found[0]), text)
                if self.maker.chance(0.5)
                else text
            )
        known = self.values.get((text, label))
        if known is None:
            known = self.values[text, label] = self._changed(text, label)
        return known

    def _changed(self, text: str, label: str) -> str:
        if label == PiiType.PERSON:
            return _WORD.sub(lambda found: self._name(found[0]), text)
        if label in _NAMES:
            text = self._with_names(text)
        if change := _CHANGES.get(label):
            text = change(self, text)
        elif label in set(PiiType):
            text = self._digits(_DIGIT_WORD.sub(lambda found: self._digit_word(found[0]), text))
        return text

    def _name(self, word: str) -> str:
        folded = word.casefold()
        if folded in self.words:
            return _in_case_of(word, self.words[folded])
        return self.maker.form("?") if len(word) == 1 and word.isupper() else word

    def _with_names(self, text: str) -> str:
        """Names inside a value, such as an address of e-mail."""
        for word, drawn in sorted(self.words.items(), key=lambda pair: -len(pair[0])):
            if len(word) > 2 and drawn.casefold() != word:
                other = drawn if " " in text else re.sub(r"\W", "", drawn)
                text = re.sub(
                    re.escape(word), partial(_replaced, other=other), text, flags=re.IGNORECASE
                )
        return text

    def _digits(self, text: str) -> str:
        """Other digits; a number does not begin with a zero that did not, and a year stays one."""
        return re.sub(r"\d+", lambda found: self._number(found[0]), text)

    def _number(self, digits: str) -> str:
        maker = self.maker
        if len(digits) == 4 and digits[:2] in ("19", "20"):
            return digits[:2] + (
                digits[2:] if maker.chance(0.3) else str(maker.number(0, 29)).zfill(2)
            )
        if not digits.isascii():
            return digits
        return "".join(
            "0" if digit == "0" and not place else maker.form("%#"[place > 0])
            for place, digit in enumerate(digits)
        )

    def _digit_word(self, word: str) -> str:
        return _in_case_of(word, self.maker.pick(_DIGIT_WORDS))

    def date(self, text: str) -> str:
        maker = self.maker

        def part(found: re.Match[str]) -> str:
            digits = found[0]
            if len(digits) == 4 and digits[:2] in ("19", "20"):
                return str(int(digits) + maker.number(-6, 1))
            if len(digits) > 2:
                return digits
            if int(digits) > 12:
                return str(maker.number(13, 23))
            drawn = str(
                maker.number(1, 9) if len(digits) == 1 or digits[0] == "0" else maker.number(10, 12)
            )
            return drawn.zfill(len(digits))

        def word(found: re.Match[str]) -> str:
            folded = found[0].casefold()
            for names in (_MONTHS, _SHORT_MONTHS, _DAYS, _SHORT_DAYS):
                if folded in names:
                    return _in_case_of(found[0], maker.pick(names).capitalize())
            return found[0]

        return re.sub(r"[A-Za-z]+", word, re.sub(r"\d+", part, text))

    def age(self, text: str) -> str:
        def part(found: re.Match[str]) -> str:
            return str(
                {1: self.maker.number(1, 9), 2: self.maker.number(10, 96)}.get(
                    len(found[0]), found[0]
                )
            )

        return re.sub(r"\d+", part, text)

    def ip(self, text: str) -> str:
        if re.fullmatch(r"\d+(\.\d+){3}", text):
            return ".".join(str(self.maker.number(1, 254)) for _ in range(4))
        return re.sub(r"[0-9a-f]", lambda _: self.maker.form("~"), text) if ":" in text else text

    def mac(self, text: str) -> str:
        return re.sub(
            r"[0-9a-fA-F]", lambda found: _in_case_of(found[0], self.maker.form("~")), text
        )

    def secret(self, text: str) -> str:
        """A key or password: what it begins with stays, so does a word that stands in it, now and
        then.
        """
        maker, kept = self.maker, self.maker.chance(0.5)
        begin = min(4, len(text) // 3)

        def sign(letter: str) -> str:
            if letter.isdigit():
                return maker.form("#")
            if kept or not (letter.isascii() and letter.isalpha()):
                return letter
            return maker.form("?") if letter.isupper() else maker.form("&")

        if " " in text:
            return self._digits(text)
        return text[:begin] + "".join(map(sign, text[begin:]))

    def street(self, text: str) -> str:
        text = self._digits(text)
        return self._with_one(text, lambda: self.maker.fresh("a_street")[0][0].split(" ")[0], 0.8)

    def place(self, text: str) -> str:
        maker = self.maker
        if _FORCES.match(text):
            return self._digits(text)
        if re.search(r"\d", text):
            return self._digits(
                re.sub(r"(?<![a-z])[A-Z](?=\d| ?[A-Z]\b)", lambda _: maker.form("?"), text)
            )
        if len(text) < 4 or maker.chance(0.35):
            return text
        if " " not in text:
            return _in_case_of(
                text,
                maker.text(
                    maker.pick(("city", "city", "city", "country", "region")), maker.number(5, 9)
                ),
            )
        return self._with_one(text, lambda: maker.text("city", maker.number(5, 9)), 0.8)

    def firm(self, text: str) -> str:
        maker = self.maker
        if maker.chance(0.3):
            return _in_case_of(text, maker.text("org", maker.number(5, 9)))
        return self._with_one(text, self._firm_word, 0.6)

    def _firm_word(self) -> str:
        maker = self.maker
        return maker.weighted(
            (3, draw_name(maker.rng, maker.locale, maker.split)[1]),
            (2, maker.text("city", maker.number(5, 9))),
            (2, maker.pick(coined_firms(maker.split))),
        )

    def _with_one(self, text: str, draw: Callable[[], str], share: float) -> str:
        """A value with another word for the first that says which it is; the same word elsewhere
        becomes the same.
        """
        for found in _WORD.finditer(text):
            folded = found[0].casefold()
            if (
                len(folded) > 2
                and folded not in whole("kinds_of_places")
                and folded not in self.words
            ):
                self.words[folded] = draw() if self.maker.chance(share) else found[0]
            if folded in self.words:
                return (
                    text[: found.start()]
                    + _in_case_of(found[0], self.words[folded])
                    + text[found.end() :]
                )
        return text

    def account(self, text: str) -> str:
        """A user name with other digits; one without a name that the text knows is now and then
        another's.
        """
        at = "@" if text.startswith("@") else ""
        if self.maker.chance(0.25):
            return at + self.maker.text("user", self.maker.number(5, 9)).lstrip("@")
        return self._digits(text)


_CHANGES: dict[str, Callable[[_Redrawing, str], str]] = {
    **dict.fromkeys(_DATES, _Redrawing.date),
    PiiType.AGE: _Redrawing.age,
    PiiType.IP: _Redrawing.ip,
    PiiType.MAC: _Redrawing.mac,
    PiiType.API_KEY: _Redrawing.secret,
    PiiType.PASSWORD: _Redrawing.secret,
    PiiType.ADDRESS: _Redrawing.street,
    PiiType.LOCATION: _Redrawing.place,
    PiiType.ORGANISATION: _Redrawing.firm,
    PiiType.USERNAME: _Redrawing.account,
}


def _replaced(found: re.Match[str], other: str) -> str:
    return _in_case_of(found[0], other)


def _in_case_of(word: str, other: str) -> str:
    """Another word, in small letters or capitals where the first is."""
    if word.islower():
        return other.lower()
    return other.upper() if word.isupper() and len(word) > 1 else other
