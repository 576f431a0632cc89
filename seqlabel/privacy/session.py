"""A conversation's private values as numbered placeholders, and back; what a placeholder looks like is `placeholders`'.

`Session` is a policy with a memory: the same value gets the same placeholder through the whole conversation, and what a
language model answers gets its values back. Values are held in memory, and leave it only encrypted (`Session.save`).
"""

import json
import os
import re
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from seqlabel.errors import DataError, OptionError
from seqlabel.files import PRIVATE_MODE, replace_file
from seqlabel.privacy.finder import PrivateFinder, redact
from seqlabel.privacy.keys import check_key, check_old_key
from seqlabel.privacy.nested import Json, map_strings
from seqlabel.privacy.placeholders import PLACEHOLDER, Answer, Form, StreamFiller, fill, placeholder, standard
from seqlabel.privacy.pseudonyms import normal

PERSON = "PERSON"
_TITLE = re.compile(r"(?:mr|mrs|ms|mx|dr|prof|professor|doctor|sir|madam|herr|frau|mme|mlle)\.?", re.IGNORECASE)
# Names too: Don Draper, Miss Piggy. They are titles if abbreviated, or before two words or more.
_TITLE_OR_NAME = re.compile(r"(?:miss|dame|lord|lady|rev|fr|m|don|doña)(\.?)", re.IGNORECASE)
_POSSESSIVE = re.compile(r"['’](?:s|S)?$")
_TAG = b"seqlabel session 1"
_NONCE = 12


@dataclass
class _Entity:
    """A value that placeholders stand for: its fullest form, and, for a person, the words of the name."""

    label: str
    number: int
    value: str
    words: list[str] = field(default_factory=list)


class Session:
    """Replaces private values by placeholders that stay the same, and puts the values back.

    A session is a policy: pass it to `redact`. `<PERSON_1>` stands for the same person in each text of the session.
    Two mentions are the same value if their letters and digits are equal in any case. For persons, titles and a
    possessive are set aside, and a shorter name (`Lee`, `Ms. Lee`, `A. Lee`, `Ann`) is that of a person already named
    if exactly one person of the session fits; if several fit, it gets a placeholder of its own. A placeholder comes
    back as the fullest form of the value that the session has met.

    A text that itself contains `<PERSON_7>` before that placeholder was handed out keeps it: the number is never used.
    A session is for one thread at a time.

    Args:
        finder: What finds private values in the texts given to `redact`; None is the model `en_pii` with rules.
        lifetime: After how many seconds without use the session forgets its values; None keeps them.
        clock: What tells the time in seconds, `time.time` unless tests set it.

    Raises:
        OptionError: A lifetime that is not above 0.

    Example:
        >>> session = Session()
        >>> session.redact("Ann Lee asked. Ms. Lee's address is ann@lee.example.")
        "<PERSON_1> asked. Ms. <PERSON_1>'s address is <EMAIL_1>."
        >>> session.restore("Dear <person 1>, ...").text
        'Dear Ann Lee, ...'
    """

    def __init__(
        self,
        finder: PrivateFinder | None = None,
        *,
        lifetime: float | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        if lifetime is not None and not lifetime > 0:
            raise OptionError(f"lifetime: got {lifetime!r}. Give a number of seconds above 0, or None.")
        self._finder = finder
        self._lifetime = lifetime
        self._clock = clock
        self._used = clock()
        self._entities: dict[tuple[str, int], _Entity] = {}
        self._by_form: dict[tuple[str, str], _Entity] = {}
        self._taken: set[tuple[str, int]] = set()
        self._next: dict[str, int] = {}

    def __repr__(self) -> str:
        return f"Session({len(self)} values)"

    def __len__(self) -> int:
        return len(self._entities)

    def redact(self, text: str) -> str:
        """Replace the private values of a text by the session's placeholders.

        Args:
            text: A text, for instance a message to a language model.

        Returns:
            The text without the values that were found.

        Raises:
            DataError: The session has expired.
        """
        self._touch()
        self.reserve(text)
        return redact(text, self, finder=self._finder).text

    def redact_object(self, found: Json) -> Json:
        """Replace the private values in all strings of a nested object; keys stay as they are.

        Args:
            found: Strings, numbers, lists and mappings, as JSON has them.

        Returns:
            A copy without the values that were found.
        """
        return map_strings(found, self.redact)

    def restore(self, text: str, *, form: Form = Form.TEXT) -> Answer:
        """Put values back into a text.

        Args:
            text: A text with placeholders, for instance a model's answer.
            form: How values are written: `Form.JSON` escapes them for text that is JSON.

        Returns:
            The text, and how many placeholders were replaced and which were never handed out.

        Raises:
            DataError: The session has expired.
        """
        self._touch()
        return fill(text, self._value, form=form)

    def restore_object(self, found: Json) -> Json:
        """Put values back into all strings of a nested object, such as a parsed tool call; keys stay as they are.

        Args:
            found: Strings, numbers, lists and mappings, as JSON has them.

        Returns:
            A copy with the values.
        """
        return map_strings(found, lambda text: self.restore(text).text)

    def stream(self, *, form: Form = Form.TEXT) -> StreamFiller:
        """Put values back into an answer that is still arriving, in pieces of any size.

        Args:
            form: How values are written: `Form.JSON` escapes them for text that is JSON.

        Returns:
            What takes the pieces; see `StreamFiller`.

        Raises:
            DataError: The session has expired.
        """
        self._touch()
        return StreamFiller(self._value, form=form)

    def replacements(self) -> Callable[[str, str], str]:
        """Make the function that replaces spans; see `Policy`."""
        self._touch()
        return self._placeholder

    def reserve(self, text: str) -> None:
        """Never hand out the placeholders that a text already contains, unless they were handed out before.

        `redact` of a session does so by itself; call it before `seqlabel.redact(text, session)`.

        Args:
            text: A text that is about to be redacted.
        """
        self._taken.update(map(standard, PLACEHOLDER.finditer(text)))

    def forget(self) -> None:
        """Forget all values; placeholders handed out before stay unrestored from now on."""
        self._taken.update(self._entities)
        self._entities.clear()
        self._by_form.clear()

    def save(self, path: Path | str, *, key: bytes) -> None:
        """Write the session to a file that only this key opens (AES-256-GCM), readable by its owner alone.

        Args:
            path: The file.
            key: 32 random bytes.

        Raises:
            OptionError: A key of another length or one that can be guessed, or `cryptography` is missing.
            DataError: The session has expired.
        """
        cipher = _cipher(key)
        check_key(key)
        self._touch()
        content = {
            "lifetime": self._lifetime,
            "used": self._used,
            "taken": sorted(self._taken),
            "next": self._next,
            "entities": [[one.label, one.number, one.value] for one in self._entities.values()],
            "forms": [[label, form, one.number] for (label, form), one in self._by_form.items()],
        }
        nonce = os.urandom(_NONCE)
        sealed = cipher.encrypt(nonce, json.dumps(content).encode(), _TAG)
        with replace_file(Path(path), mode=PRIVATE_MODE) as beside:
            beside.write_bytes(nonce + sealed)

    @classmethod
    def load(
        cls,
        path: Path | str,
        *,
        key: bytes,
        finder: PrivateFinder | None = None,
        clock: Callable[[], float] = time.time,
    ) -> "Session":
        """Read a session that `save` wrote.

        Args:
            path: The file.
            key: The key that it was saved with.
            finder: As for a new session.
            clock: As for a new session.

        Returns:
            The session, with the lifetime that it had. A `UserWarning` says if the key can be guessed.

        Raises:
            DataError: The file is missing, damaged, was written with another key, or the session has expired.
            OptionError: A key of another length, or `cryptography` is missing.
        """
        cipher = _cipher(key)
        check_old_key(key)
        try:
            sealed = Path(path).read_bytes()
            content = json.loads(cipher.decrypt(sealed[:_NONCE], sealed[_NONCE:], _TAG))
        except OSError as error:
            raise DataError(f"{path}: the session cannot be read ({error.strerror}). Give a file of `save`.") from error
        except Exception:
            # Not chained: the library's error is of no use, and a part of the content must not show.
            raise DataError(
                f"{path}: the session cannot be decrypted. Give the key that it was saved with, or an undamaged file."
            ) from None
        session = cls(finder, lifetime=content["lifetime"], clock=clock)
        session._used = content["used"]
        session._taken = {(label, number) for label, number in content["taken"]}
        session._next = content["next"]
        for label, number, value in content["entities"]:
            words = _name_words(value) if label == PERSON else []
            session._entities[label, number] = _Entity(label, number, value, words)
        for label, form, number in content["forms"]:
            session._by_form[label, form] = session._entities[label, number]
        session._touch()
        return session

    def _touch(self) -> None:
        now = self._clock()
        if self._lifetime is not None and now - self._used > self._lifetime:
            self.forget()
            raise DataError(
                f"The session has expired: it was not used for more than {self._lifetime:g} seconds, and its values "
                f"are forgotten. Begin a new one."
            )
        self._used = now

    def _value(self, label: str, number: int) -> str | None:
        entity = self._entities.get((label, number))
        return None if entity is None else entity.value

    def _placeholder(self, value: str, label: str) -> str:
        ending = ""
        if label == PERSON and (match := _POSSESSIVE.search(value)):
            value, ending = value[: match.start()], match[0]
        form = " ".join(_name_words(value)) if label == PERSON else normal(value)
        entity = self._by_form.get((label, form))
        if entity is None:
            entity = (self._person(value) if label == PERSON else None) or self._new(label, value)
            self._by_form[label, form] = entity
        return placeholder(entity.label, entity.number) + ending

    def _person(self, value: str) -> _Entity | None:
        """Return the one person of the session that a name can be of, with the fuller form of the two as its value."""
        words = _name_words(value)
        fitting = [
            one
            for (label, _), one in self._entities.items()
            if label == PERSON and words and (_shortens(words, one.words) or _shortens(one.words, words))
        ]
        if len(fitting) != 1:
            return None
        (person,) = fitting
        if len(words) > len(person.words) or sum(map(len, words)) > sum(map(len, person.words)):
            person.words, person.value = words, value
        return person

    def _new(self, label: str, value: str) -> _Entity:
        number = self._next.get(label, 1)
        while (label, number) in self._taken:
            number += 1
        self._next[label] = number + 1
        entity = _Entity(label, number, value, _name_words(value) if label == PERSON else [])
        self._entities[label, number] = entity
        if label == PERSON:
            # What could from now on be either of two is neither.
            either = [key for key in self._by_form if key[0] == PERSON and _shortens(key[1].split(), entity.words)]
            for key in either:
                if self._by_form[key].words != key[1].split():
                    del self._by_form[key]
        return entity


def _name_words(value: str) -> list[str]:
    """Return the words of a name, folded, without titles."""
    words = [word for word in re.split(r"[\s,]+", value) if word]
    named = [word for place, word in enumerate(words) if not _is_title(word, len(words) - place - 1)] or words
    return [folded for word in named if (folded := normal(word))]


def _is_title(word: str, after: int) -> bool:
    """Tell whether a word before `after` others of a name is a title."""
    also = _TITLE_OR_NAME.fullmatch(word)
    return _TITLE.fullmatch(word) is not None or (also is not None and (also[1] == "." or after > 1))


def _shortens(short: Sequence[str], name: Sequence[str]) -> bool:
    """Return whether a name's words, or their initials, stand in a longer name in the same order, a whole one at least.

    `Lee`, `A. Lee` and `Ann` shorten `Ann Lee`; `A.` alone does not.
    """
    if not short or len(short) > len(name) or short == name:
        return False
    rest = iter(name)
    whole = False
    for word in short:
        for other in rest:
            if word == other or (len(word) == 1 and other.startswith(word)):
                whole = whole or word == other
                break
        else:
            return False
    return whole


def _cipher(key: bytes) -> Any:
    try:
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM
    except ImportError as error:
        raise OptionError(
            "Saved sessions need the package `cryptography`. Install it with pip install 'seqlabel-rnn[pii]'."
        ) from error
    if not isinstance(key, bytes) or len(key) != 32:
        raise OptionError("key: a session's key is 32 random bytes. Write one with `seqlabel keygen FILE`.")
    return AESGCM(key)
