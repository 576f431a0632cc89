"""A conversation's private values as numbered placeholders, and back; what a placeholder looks like
is `placeholders`'.

`Session` is a policy with a memory: the same value gets the same placeholder through the whole
conversation, and what a language model answers gets its values back. Values are held in memory, and
leave it only encrypted (`Session.save`).
"""

import json
import re
import secrets
import time
import warnings
from bisect import bisect_right
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Annotated, Any, NamedTuple, overload

from pydantic import Field, FiniteFloat, TypeAdapter, ValidationError

from seqlabel.documents.spans import CharacterSpan
from seqlabel.errors import DataError, OptionError, check_number, check_type
from seqlabel.io.files import PRIVATE_MODE, write_file
from seqlabel.io.json_records import json_text
from seqlabel.privacy.finding.finder import PrivateFinder, finder_of
from seqlabel.privacy.finding.long_texts import find_in_texts
from seqlabel.privacy.messages import Messages
from seqlabel.privacy.replacing.encryption import Numbering, Refusal, decryption, encryption
from seqlabel.privacy.replacing.keys import check_key
from seqlabel.privacy.replacing.nested import Json, map_strings, strings_of
from seqlabel.privacy.replacing.person_names import REACH, Gender, NameIndex, PersonName
from seqlabel.privacy.replacing.placeholders import (
    PLACEHOLDER,
    Answer,
    Form,
    RestoredObject,
    StreamFiller,
    fill,
    placeholder,
    standard,
)
from seqlabel.privacy.replacing.pseudonyms import normal
from seqlabel.privacy.replacing.redacted import redact_characters
from seqlabel.privacy.replacing.spellings import Spellings

PERSON = "PERSON"
_POSSESSIVE = re.compile(r"['’](?:s|S)?$")
_LABEL = "seqlabel session 3"
"""The label of an encrypted session, and the version of what is in it."""
_LAST_COUNTED = 999
"""The last number that is counted up to; see `_number_after`."""
_LANES = 10_000
_LARGEST = 999_999_999


@dataclass
class _Entity:
    """A value that placeholders stand for: its fullest form, and the name of a person, which others
    must fit.
    """

    label: str
    number: int
    value: str
    name: PersonName


class _Form(NamedTuple):
    """A value as it is looked up; one that is not a person's name is the only word of its name."""

    label: str
    name: PersonName


@dataclass(frozen=True)
class _SavedName:
    """A `PersonName`."""

    words: tuple[str, ...]
    gender: Gender | None

    def read(self) -> PersonName:
        return PersonName(self.words, self.gender)


@dataclass(frozen=True)
class _Saved:
    """What `Session.save` writes: entities as label, number, value and name, forms as label, number
    and name.
    """

    id: str
    generation: int
    lifetime: Annotated[FiniteFloat, Field(gt=0)] | None
    used: FiniteFloat
    taken: list[tuple[str, int]]
    entities: list[tuple[str, int, str, _SavedName]]
    forms: list[tuple[str, int, _SavedName]]
    spellings: list[tuple[str, int, str]] = field(default_factory=list)


_SAVED = TypeAdapter(_Saved)


@dataclass(frozen=True)
class _File:
    """The state of a file after a session was written to it or read from it.

    Args:
        path: The file.
        key: The key of the session in it.
        stamp: What shows that the file has changed.
        values: The values in it, as `Session._values` gives them.
    """

    path: Path
    key: bytes
    stamp: tuple[int, ...] | None
    values: dict[str, list[Any]]


class Session:
    """Replaces private values by placeholders that stay the same, and puts the values back.

    A session is a policy: pass it to `redact`. `<PERSON_1>` stands for the same person in each text
    of the session. Two mentions are the same value if their letters and digits are equal in any
    case. For persons, titles and a possessive are set aside, and a shorter name (`Lee`, `Ms. Lee`,
    `A. Lee`, `Ann`) is that of a person already named if exactly one person of the session fits; if
    several fit, it gets a placeholder of its own. `Mr. Lee` and `Mrs. Lee` are two persons. A
    placeholder comes back as the fullest form of the value that the session has met.

    A text that itself contains `<PERSON_7>` before that placeholder was handed out keeps it: the
    number is never used. Numbers begin at 1; after 999 values of a label, and after `load`, they
    begin at a random one, so that two sessions that go on from one file hand out different numbers.
    A session is for one thread at a time.

    A value that got a placeholder is replaced wherever a text given to `redact` has it again letter
    by letter, also where the finder overlooks it (see `Spellings` for those that are too short).

    Args:
        finder: What finds private values in the texts given to `redact`; None is the model `en_pii`
            with rules.
        key: A secret of at least 16 bytes that `save` encrypts with; None where the session is not
            saved, or `save` gets one.
        lifetime: After how many seconds without use the session forgets its values; None keeps
            them.
        clock: What tells the time in seconds, `time.time` unless tests set it.

    Raises:
        OptionError: A lifetime that is not above 0, a key that is too short or can be guessed.

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
        key: bytes | None = None,
        lifetime: float | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        expected = "a number of seconds above 0, or None"
        check_number("lifetime", lifetime, expected, optional=True)
        if lifetime is not None and not lifetime > 0:
            raise OptionError(
                f"lifetime: expected a number of seconds above 0, or None, got {lifetime!r}."
            )
        if key is not None:
            check_key(key)
        self._finder = None if finder is None else finder_of(finder)
        self._key = key
        self._lifetime = lifetime
        self._clock = clock
        self._used = clock()
        self._entities: dict[tuple[str, int], _Entity] = {}
        # All but persons, and names that several persons can have.
        self._by_form: dict[_Form, _Entity] = {}
        # Persons by the names that they have by now.
        self._persons = NameIndex()
        self._taken: set[tuple[str, int]] = set()
        self._spellings = Spellings()
        self._file: _File | None = None
        self._next: dict[str, int] = {}
        # Two sessions that go on from one file must not hand out the same numbers.
        self._is_loaded = False
        self._id = secrets.token_hex(8)
        self._generation = 0

    def __repr__(self) -> str:
        return f"Session({len(self)} values)"

    def __len__(self) -> int:
        return len(self._entities)

    @overload
    def redact(self, text: str) -> str: ...

    @overload
    def redact(self, text: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]: ...

    def redact(self, text: str | Sequence[Mapping[str, Any]]) -> str | list[dict[str, Any]]:
        """Replace the private values of a text, or of messages to a language model, by the
        session's placeholders.

        Args:
            text: A text; or a list of messages as the clients of OpenAI and Anthropic take them,
                whose texts, parts, calls of tools and results are read. Names of fields, roles and
                tools, and ids stay as they are.

        Returns:
            The text, or messages of the same shape, without the values that were found. A
            `UserWarning` says where messages hold images, sound or files, which are not read.

        Raises:
            DataError: The session has expired, or the messages hold what JSON has not.

        Example:
            >>> Session().redact([{"role": "user", "content": "I am Ann Lee."}])
            [{'role': 'user', 'content': 'I am <PERSON_1>.'}]
        """
        self._touch()
        if isinstance(text, str):
            self.reserve(text)
            return self._redacted([("", text)])[0]
        messages = Messages(text)
        if messages.has_media:
            warnings.warn(
                "Images, sound and files in messages are not read, and stay as they are.",
                stacklevel=2,
            )
        for _, content in messages.texts:
            self.reserve(content)
        new: list[dict[str, Any]] = messages.written(iter(self._redacted(messages.texts)))
        return new

    def redact_object(self, found: Json) -> Json:
        """Replace the private values in all strings of a nested object; keys stay as they are.

        Args:
            found: Strings, numbers, lists and mappings, as JSON has them.

        Returns:
            A copy without the values that were found.

        Raises:
            DataError: The session has expired, or the object holds bytes.
        """
        self._touch()
        named = strings_of(found)
        for _, text in named:
            self.reserve(text)
        redacted = iter(self._redacted(named))
        return map_strings(found, lambda path, text: next(redacted))

    def _redacted(self, named: Sequence[tuple[str, str]]) -> list[str]:
        """Redact strings with their paths: what the finder finds, and what it overlooked of known
        values.
        """
        texts = [text for _, text in named]
        finder = finder_of(self._finder)
        paths = [path for path, _ in named]
        spans_of_texts = []
        for findings in find_in_texts(finder, texts, paths):
            spans_of_texts.append([span for span, _, _ in findings])

        # All texts first: a value that a later one names is then known in the earlier ones.
        redacted = [
            redact_characters(text, spans, self).text
            for text, spans in zip(texts, spans_of_texts, strict=True)
        ]
        for number, (text, spans) in enumerate(zip(texts, spans_of_texts, strict=True)):
            overlooked = self._overlooked(text, spans)
            if overlooked:
                redacted[number] = redact_characters(text, [*spans, *overlooked], self).text
        return redacted

    def _overlooked(self, text: str, spans: Iterable[CharacterSpan]) -> list[CharacterSpan]:
        """Known values outside of spans and placeholders."""
        known = self._spellings.find(text)
        if not known:
            return []
        is_read = bytearray(len(text))
        for span in spans:
            is_read[span.start : span.end] = b"\1" * (span.end - span.start)
        is_placeholder = bytearray(len(text))
        for match in PLACEHOLDER.finditer(text):
            is_placeholder[match.start() : match.end()] = b"\1" * (match.end() - match.start())
        return [
            CharacterSpan(spelling.start, spelling.end, spelling.key[0])
            for spelling in known
            if 0 in is_read[spelling.start : spelling.end]
            and 1 not in is_placeholder[spelling.start : spelling.end]
        ]

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
        check_type("text", text, str, "a string")
        self._touch()
        return fill(text, self._value, form=form)

    def restore_object(self, found: Json) -> RestoredObject:
        """Put values back into all strings of a nested object, such as a tool call; keys stay as
        they are.

        A string that is itself a JSON object or list, such as a tool call's `arguments`, stays one:
        values are put back into its strings, and escaped there.

        Args:
            found: Strings, numbers, lists and mappings, as JSON has them.

        Returns:
            A copy with the values, how many placeholders were replaced, and which were never handed
            out.

        Raises:
            DataError: The session has expired, or the object holds bytes.
        """
        self._touch()
        answers: list[Answer] = []

        def restored(path: str, text: str) -> str:
            if (record := json_text(text)) is not None:
                return record.written([restored(path, cell.text) for cell in record.cells])
            answers.append(fill(text, self._value))
            return answers[-1].text

        new = map_strings(found, restored)
        unknown = tuple(unknown_name for answer in answers for unknown_name in answer.unknown)
        return RestoredObject(new, sum(answer.restored for answer in answers), unknown)

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

    def replacements_in(self, text: str) -> Callable[[CharacterSpan], str]:
        """Make the function that replaces the spans of a text, whose titles before names are read.

        Args:
            text: The text; placeholders that it already contains are reserved.

        Returns:
            A function from a span to its placeholder.
        """
        self._touch()
        self.reserve(text)

        # What was handed out stays as it is, also where the finder takes it, or what surrounds it,
        # for a value.
        handed_out = [
            match.span()
            for match in PLACEHOLDER.finditer(text)
            if standard(match) in self._entities
        ]
        ends = [end for _, end in handed_out]

        def replacement(span: CharacterSpan) -> str:
            parts = []
            start = span.start
            for first, end in islice(handed_out, bisect_right(ends, span.start), None):
                if first >= span.end:
                    break
                parts.append(self._beside(text, start, first, span.label))
                parts.append(text[max(first, start) : min(end, span.end)])
                start = min(end, span.end)
            if parts:
                parts.append(self._beside(text, start, span.end, span.label))
                return "".join(parts)
            return self._placeholder(
                text[start : span.end], span.label, text[max(start - REACH, 0) : start]
            )

        return replacement

    def reserve(self, text: str) -> None:
        """Never hand out the placeholders that a text already contains, unless they were handed out
        before.

        `redact` does so by itself for the text it is given; call it for a text that arrives in
        pieces.

        Args:
            text: A text that is about to be redacted.
        """
        met = set(map(standard, PLACEHOLDER.finditer(text)))
        # Those that were handed out are not used again anyway.
        self._taken |= met - self._entities.keys()

    def forget(self, person: str | None = None) -> int:
        """Forget one person, or all values; their placeholders stay unrestored from now on, and are
        not used again.

        With a person go all placeholders that may be theirs: their name, shorter names that fit it
        (also one that fits others too, such as `Lee`), and values of other kinds that have the name
        in them (`ann.lee@mail.example`). Values that do not show whose they are, such as a
        telephone number, are forgotten one by one. A file that was saved before keeps the values
        until it is saved again.

        Args:
            person: A name, a placeholder that was handed out, or a value of any other kind; None
                forgets all values.

        Returns:
            How many placeholders were forgotten; 0 where the session does not know the person.

        Raises:
            DataError: Several persons of the session have this name, none of whom is forgotten.

        Example:
            >>> session = Session()
            >>> session.redact("Ann Lee and Bob Moss met.")
            '<PERSON_1> and <PERSON_2> met.'
            >>> session.forget("Ann Lee")
            1
            >>> session.restore("<PERSON_1>, <PERSON_2>").text
            '<PERSON_1>, Bob Moss'
        """
        if person is None:
            gone = set(self._entities)
        elif match := PLACEHOLDER.fullmatch(person.strip()):
            gone = self._of_entity(standard(match))
        else:
            value = normal(person)
            gone = {
                key
                for key, entity in self._entities.items()
                if key[0] != PERSON and normal(entity.value) == value
            }
            # What is a value of another kind is not read as a name too.
            gone = gone or self._of_person(self._full_name(PersonName.read(person)))
        self._drop(gone)
        return len(gone)

    def _full_name(self, name: PersonName) -> PersonName:
        """The name of the one person who is called so, or the name itself where the session has no
        fuller one.
        """
        called = self._persons.same(name)
        if not called:
            fitting = self._persons.fitting(name)
            called = sorted(
                {
                    number
                    for number in fitting
                    if self._entities[PERSON, number].name.length > name.length
                }
            )
        if len(called) > 1:
            raise DataError(
                f"person: expected one person, got a name that {len(called)} persons of the "
                "session have. Pass the full name, or the placeholder."
            )
        return self._entities[PERSON, called[0]].name if called else name

    def _of_entity(self, key: tuple[str, int]) -> set[tuple[str, int]]:
        """The placeholder, and where it is a person's all others that may be theirs."""
        entity = self._entities.get(key)
        if entity is None:
            return set()
        return {key} | (self._of_person(entity.name) if key[0] == PERSON else set())

    def _of_person(self, name: PersonName) -> set[tuple[str, int]]:
        """The placeholders that may be a person's, of whom this is the full name."""
        if not name.words:
            return set()
        keys = {(PERSON, number) for number in self._persons.fitting(name)}
        keys = {key for key in keys if self._entities[key].name.length <= name.length}
        for form, entity in self._by_form.items():
            if form.label == PERSON and form.name.fits(name) and form.name.length <= name.length:
                keys.add((entity.label, entity.number))
        for key, entity in self._entities.items():
            if entity.label != PERSON and name.is_in(entity.value):
                keys.add(key)
        return keys

    def _drop(self, gone: set[tuple[str, int]]) -> None:
        """Remove entities and all that is known of them but that their numbers are taken."""
        self._taken |= gone
        self._spellings.remove(gone)
        for key in gone:
            del self._entities[key]
        self._persons.remove(number for label, number in gone if label == PERSON)
        self._by_form = {
            form: entity
            for form, entity in self._by_form.items()
            if (entity.label, entity.number) not in gone
        }

    def save(self, path: Path | str, *, key: bytes | None = None) -> None:
        """Write the session to a file that only this key opens (AES-256-GCM-SIV), readable by its
        owner alone.

        Args:
            path: The file.
            key: A secret of at least 16 bytes; None is the session's own key.

        Raises:
            OptionError: No key, one that is too short or can be guessed, or `cryptography` is
                missing.
            DataError: The session has expired, or the file has a later state of it, whose values
                would be lost.
        """
        key = self._key if key is None else key
        check_type("path", path, str | Path, "the path of a file")
        path = Path(path)
        if key is None:
            raise OptionError(
                "key: expected a key, got none. Pass one to `save`, or to the session when it "
                "is made."
            )

        check_key(key)
        self._touch()

        values = self._values()
        file = self._file
        is_own = file is not None and file.key == key and self.is_saved_in(path)
        if file is not None and is_own and file.values == values and self._lifetime is None:
            return

        saved = None if is_own or not path.is_file() else _opened(path, key)
        if saved is not None and saved.id == self._id and saved.generation > self._generation:
            raise DataError(
                f"{path}: has a later state of this session, whose values would be lost. Load that "
                "one, or save to another file."
            )

        state = {
            "id": self._id,
            "generation": self._generation + 1,
            "lifetime": self._lifetime,
            "used": self._used,
            **values,
        }
        encrypted = encryption(key)(json.dumps(state), _LABEL, Numbering())
        write_file(path, f"{encrypted}\n".encode(), mode=PRIVATE_MODE)
        self._generation += 1
        self._file = _File(path, key, _stamp(path), values)

    def is_saved_in(self, path: Path | str) -> bool:
        """Return whether a file is as this session left it: nothing else has written to it since.

        Args:
            path: The file.

        Returns:
            Whether the file has the state that this session last saved to it or loaded from it.
        """
        file = self._file
        return file is not None and file.path == Path(path) and file.stamp == _stamp(file.path)

    def _values(self) -> dict[str, list[Any]]:
        """What `save` writes of the values, as JSON has it."""
        entities = []
        for (label, number), entity in self._entities.items():
            entities.append([label, number, entity.value, _saved_name(entity.name)])
        forms = []
        for form, entity in self._by_form.items():
            forms.append([form.label, entity.number, _saved_name(form.name)])
        return {
            "taken": [list(key) for key in sorted(self._taken)],
            "entities": entities,
            "forms": forms,
            "spellings": [[*key, value] for value, key in self._spellings],
        }

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
            The session, with this key and the lifetime that it had.

        Raises:
            DataError: The file is missing, damaged, was written with another key, or the session
                has expired.
            OptionError: A key that is too short or can be guessed, or `cryptography` is missing.
        """
        check_key(key)
        check_type("path", path, str | Path, "the path of a file")
        # Before it is read: what is written meanwhile shows.
        stamp = _stamp(Path(path))
        try:
            saved = _opened(Path(path), key)
        except OSError as error:
            raise DataError(
                f"{path}: the session cannot be read ({error.strerror}). Pass a file of `save`."
            ) from error
        if saved is None:
            raise DataError(
                f"{path}: the session cannot be opened. Pass the key that it was saved with, or an "
                "undamaged file that `save` wrote."
            )
        session = cls(finder, key=key, lifetime=saved.lifetime, clock=clock)
        session._read(saved)
        session._file = _File(Path(path), key, stamp, session._values())
        session._touch()
        return session

    def _read(self, content: _Saved) -> None:
        """Take over what a file has."""
        self._is_loaded = True
        self._id = content.id
        self._generation = content.generation
        self._used = content.used
        self._taken.update(content.taken)
        for label, number, value, name in content.entities:
            entity = _Entity(label, number, value, name.read())
            self._entities[label, number] = entity
            if label == PERSON:
                self._persons.add(number, entity.name)
        for label, number, name in content.forms:
            self._by_form[_Form(label, name.read())] = self._entities[label, number]
        for label, number, value in content.spellings:
            self._spellings.add(value, (label, number))

    def _touch(self) -> None:
        now = self._clock()
        if self._lifetime is not None and now - self._used > self._lifetime:
            self.forget()
            raise DataError(
                f"The session has expired: it was not used for more than {self._lifetime:g} "
                "seconds, and its values are forgotten. Begin a new one."
            )
        self._used = now

    def _value(self, label: str, number: int) -> str | None:
        entity = self._entities.get((label, number))
        return None if entity is None else entity.value

    def _placeholder(self, value: str, label: str, before: str = "") -> str:
        ending = ""
        if label == PERSON and (match := _POSSESSIVE.search(value)):
            value = value[: match.start()]
            ending = match[0]
        form = _Form(
            label,
            PersonName.read(value, before) if label == PERSON else PersonName((normal(value),)),
        )
        entity = self._by_form.get(form)
        if entity is None:
            entity = self._person(form, value) if label == PERSON else self._own(form, value)
        self._spellings.add(value, (entity.label, entity.number))
        return placeholder(entity.label, entity.number) + ending

    def _beside(self, text: str, start: int, end: int, label: str) -> str:
        """Replace what a span has before or after a placeholder; signs and white space are not a
        value.
        """
        covered = text[start:end] if start < end else ""
        value = covered.strip()
        if not any(map(str.isalnum, value)):
            return covered
        return covered.replace(
            value, self._placeholder(value, label, text[max(start - REACH, 0) : start])
        )

    def _person(self, form: _Form, value: str) -> _Entity:
        """Return the one person of the session that a name can be of, now with what this name adds,
        or a new one.
        """
        name = form.name
        same = self._persons.same(name) if len(name.words) > 1 else []
        # That a second one fits is all there is to know of the others.
        fitting = same if len(same) == 1 else list(islice(self._persons.fitting(name), 2))
        if len(fitting) == 1:
            person = self._entities[PERSON, fitting[0]]
            if name.length > person.name.length:
                person.value = value
            words = max(name, person.name, key=lambda candidate: candidate.length).words
            fullest = PersonName(words, person.name.gender or name.gender)
            if fullest != person.name:
                person.name = fullest
                self._persons.add(person.number, fullest)
            return person
        if fitting or not name.words:
            # A name that several persons can have tells nothing of names that follow.
            return self._own(form, value)
        person = self._new(PERSON, value, name)
        self._persons.add(person.number, name)
        return person

    def _own(self, form: _Form, value: str) -> _Entity:
        """Give a form a placeholder of its own, whatever is named later."""
        self._by_form[form] = entity = self._new(form.label, value, PersonName(()))
        return entity

    def _new(self, label: str, value: str, name: PersonName) -> _Entity:
        number = self._next.get(label) or (_random_number() if self._is_loaded else 1)
        while (label, number) in self._taken or (label, number) in self._entities:
            number = _number_after(number)
        self._next[label] = _number_after(number)
        self._entities[label, number] = entity = _Entity(label, number, value, name)
        return entity


def _number_after(number: int) -> int:
    """The number of the next value: 1 to 999, then every ten thousandth from a random one."""
    if number < _LAST_COUNTED:
        return number + 1
    return number + _LANES if _LAST_COUNTED < number <= _LARGEST - _LANES else _random_number()


def _random_number() -> int:
    return _LAST_COUNTED + 1 + secrets.randbelow(_LANES - _LAST_COUNTED - 1)


def _saved_name(name: PersonName) -> dict[str, Any]:
    """A `_SavedName` as JSON has it."""
    return {"words": list(name.words), "gender": name.gender}


def _opened(path: Path, key: bytes) -> _Saved | None:
    """What a saved session has; None where the key does not open it, or opens something else."""
    opened = decryption(key)(path.read_text(encoding="utf-8", errors="replace").rstrip("\n"))
    if isinstance(opened, Refusal) or opened.label != _LABEL:
        return None
    try:
        saved = _SAVED.validate_json(opened.value)
    except ValidationError:
        return None
    known = {(label, number) for label, number, _, _ in saved.entities}
    named = {(entry[0], entry[1]) for entry in (*saved.forms, *saved.spellings)}
    return saved if named <= known else None


def _stamp(path: Path) -> tuple[int, ...] | None:
    """What shows that a file has changed; None where it is not there."""
    try:
        status = path.stat()
    except OSError:
        return None
    return (status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns)
