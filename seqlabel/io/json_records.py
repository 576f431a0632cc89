"""Bytes of JSON, one object per line or a whole file → records whose texts can be exchanged; no
labels here.

All characters of a record but those of its texts stay as they are.
"""

import json
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from json import JSONDecodeError

from seqlabel.errors import OptionError
from seqlabel.io.files import SURROGATE
from seqlabel.io.records import PRIVATE_NAMES, Cell, Record, WholeInput, as_it_is, is_private_name

Steps = tuple[str | None, ...]
"""The names on the way to texts in nested objects; None for each element of a list."""


def steps_of(path: str) -> Steps:
    """Read where texts are in nested objects.

    Args:
        path: Names with dots between, and `[]` after the name of a list; a dot in a name is
            written `\\.`.

    Returns:
        The steps of the path.

    Raises:
        OptionError: For a path with an empty name.

    Example:
        >>> steps_of("messages[].content")
        ('messages', None, 'content')
    """
    steps: list[str | None] = []
    for part in re.split(r"(?<!\\)\.", path):
        name = part
        lists = 0
        while name.endswith("[]"):
            name = name[:-2]
            lists = lists + 1
        if name:
            steps.append(name.replace("\\.", "."))
        if not part or (not name and steps):
            raise OptionError(
                f"field: got {path!r}. Write a path as user.name or messages[].content."
            )
        steps += [None] * lists
    return tuple(steps)


class JsonLines:
    """Each line is a JSON object with texts in some fields; a field that comes twice is read twice.

    A changed text is written in ASCII where it was before. Lines of white space have no texts. A
    line that is not an object has itself as its only cell.

    Args:
        fields: The paths of the fields with text.
        all_strings: Whether all strings but names of fields are texts instead.
    """

    def __init__(self, fields: Sequence[str], *, all_strings: bool = False) -> None:
        self._fields = _Fields(fields, all_strings=all_strings)

    def feed(self, line: Record) -> Record:
        """Read the next line; see `Records`."""
        if not line.cells[0].text.strip():
            return replace(line, cells=())
        return self._fields.read(line, lists=False)

    def finish(self) -> None:
        """End the input; no line is left open."""


def json_document(fields: Sequence[str], *, all_strings: bool = False) -> WholeInput:
    """Make what reads an input that is one JSON value, an object or a list of objects, as one
    record.

    Args:
        fields: The paths of the fields with text, in each object of a list.
        all_strings: Whether all strings but names of fields are texts instead.

    Returns:
        The reader of the record.
    """
    return WholeInput(partial(_Fields(fields, all_strings=all_strings).read, lists=True))


def json_text(text: str) -> Record | None:
    """Read a text that is itself a JSON object or list, such as the arguments of a tool call.

    Args:
        text: The text.

    Returns:
        A record whose cells are all strings but names of fields; None for a text that is anything
        else.
    """
    if not text.lstrip(" \t\r\n").startswith(("{", "[")):
        return None
    whole = Record(text, (Cell(0, len(text), text, as_it_is),), 1, 1, 0)
    record = _Fields((), all_strings=True).read(whole, lists=True)
    return None if record.problem else record


class _Fields:
    """The fields of objects that are texts."""

    def __init__(self, fields: Sequence[str], *, all_strings: bool) -> None:
        self._paths = {field: steps_of(field) for field in fields}
        self._all = all_strings

    def read(self, record: Record, *, lists: bool) -> Record:
        """Find the texts in the record of a JSON value, an object or, if `lists`, a list."""
        raw = record.raw
        start = record.cells[0].start
        end = record.cells[0].end

        try:
            listed = lists and raw.startswith("[", _skip(raw, start))
            values = list(_members(raw, start, end, named=not listed))
            named = (PRIVATE_NAMES,) if _has_private_names(raw, start, end) else ()
            if self._all:
                return replace(record, cells=tuple(_all_strings(raw, start, end)), unread=named)
            texts, wrong, unread = self._found(raw, values, listed=listed)
            spans = () if listed else tuple(_places(raw, start, values))
            # They are left out, or go out with the text as it was.
            unread = [
                path for path in unread if not (spans and re.split(r"[.\[]", path)[0] in _PLACED)
            ]
        except (ValueError, RecursionError) as error:
            reason = (
                f"{error.msg} at character {error.pos}"
                if isinstance(error, JSONDecodeError)
                else "nested too deep"
            )
            return replace(record, problem=record.problem or f"is not a JSON object ({reason})")

        cells = tuple(
            Cell(begin, stop, value, _json_writer(ascii=raw[begin:stop].isascii()), name)
            for value, begin, stop, name in texts
        )
        return replace(
            record,
            cells=cells,
            problem=record.problem or wrong,
            unread=(*unread, *named),
            places=spans,
        )

    def _found(
        self, raw: str, values: "Sequence[_Field]", *, listed: bool
    ) -> tuple[list[tuple[str, int, int, str]], str, list[str]]:
        """The texts in their order, what is wrong, and the names or paths of other fields with
        text.
        """
        texts: dict[int, tuple[str, int, int, str]] = {}
        missing = ""
        wrong = ""

        for path, own in self._paths.items():
            steps = own
            if listed:
                steps = own if own[:1] == (None,) else (None, *own)
            elif any(name == path for name, *_ in values):
                steps = (path,)
            # A text in some records may be a list or an object in others, into which another path
            # leads.
            leads_on = any(_begins(other, own) for other in self._paths.values())
            reached = False
            for value, begin, stop, inside in _descend(raw, values, steps, ()):
                reached = True
                if isinstance(value, str):
                    texts[begin] = (value, begin, stop, path)
                elif not ((value is None and None in inside) or (value is not None and leads_on)):
                    wrong = wrong or f"has a field {path!r} that is not text"
            if not reached and not self._is_empty(own, steps, values, listed=listed):
                missing = missing or f"has no field {path!r}"

        unread = [
            name
            for name, value, begin, stop in values
            for name in _unread(name, value, raw, begin, stop, texts)
        ]
        in_order = [texts[begin] for begin in sorted(texts)]
        names = dict.fromkeys(path.removeprefix("[].") for path in unread)
        return in_order, missing or wrong, list(names)

    def _is_empty(
        self, own: Steps, steps: Steps, values: "Sequence[_Field]", *, listed: bool
    ) -> bool:
        """Whether nothing has to be there: a list without elements, or a text in place of a
        list.
        """
        if any(_begins(own, other) for other in self._paths.values()):
            return True
        return (
            not values if listed else None in steps and any(name == steps[0] for name, *_ in values)
        )


def _begins(longer: Steps, shorter: Steps) -> bool:
    return len(longer) > len(shorter) and longer[: len(shorter)] == shorter


_Field = tuple[str | None, object, int, int]


def _descend(
    raw: str, values: Sequence[_Field], steps: Sequence[str | None], inside: tuple[str | None, ...]
) -> Iterator[tuple[object, int, int, tuple[str | None, ...]]]:
    """Follow a path from the fields of an object, or the elements of a list, to the values at its
    end.
    """
    step = steps[0]
    further = steps[1:]
    for name, value, begin, stop in values:
        if name != step:
            continue
        if not further:
            yield value, begin, stop, (*inside, step)
        elif isinstance(value, list if further[0] is None else dict):
            members = list(_members(raw, begin, stop, named=further[0] is not None))
            yield from _descend(raw, members, further, (*inside, step))


def _unread(
    name: str | None,
    value: object,
    raw: str,
    begin: int,
    stop: int,
    texts: dict[int, tuple[str, int, int, str]],
) -> Iterator[str]:
    """The name of a field that holds text and was not read; the paths inside of one that was read
    in part.
    """
    shown = name or "[]"
    is_element = name is None and isinstance(value, dict | list)
    if not is_element and not any(begin <= offset < stop for offset in texts):
        if _has_text(value):
            yield shown
    elif begin not in texts:
        for part_name, part, first, last in _members(
            raw, begin, stop, named=isinstance(value, dict)
        ):
            for path in _unread(part_name, part, raw, first, last, texts):
                yield f"{shown}{path}" if path.startswith("[]") else f"{shown}.{path}"


def _has_text(value: object) -> bool:
    """Whether a value of JSON is text, or holds some."""
    # Not recursive, because it may be nested as deep as JSON allows.
    waiting = [value]
    while waiting:
        member = waiting.pop()
        if isinstance(member, str) and member:
            return True
        if isinstance(member, dict):
            waiting += member.values()
        elif isinstance(member, list):
            waiting += member
    return False


# Numbers are only passed over, however long they are.
_DECODER = json.JSONDecoder(parse_int=len, parse_float=len)
_SPACE = re.compile(r"[ \t\r\n]*+")
_TOKEN = re.compile(r'"(?:[^"\\]++|\\.)*+"|[\[\]{},]', re.DOTALL)


def _has_private_names(raw: str, start: int, end: int) -> bool:
    """Return whether names of fields in a valid JSON value hold what is private."""
    # Nearly no text has such a name, so that the names are looked for only where they may be.
    if not is_private_name(raw) and "\\u" not in raw:
        return False
    for match in _TOKEN.finditer(raw, start, end):
        if match[0].startswith('"') and raw.startswith(":", _skip(raw, match.end())):
            name, _ = _DECODER.raw_decode(raw, match.start())
            if is_private_name(name):
                return True
    return False


def _all_strings(raw: str, start: int, end: int) -> Iterator[Cell]:
    """The strings of a valid JSON value with their paths, without the names of fields."""
    # The way to this place: in each list the number of elements before it, in each object the name
    # of the field.
    way: list[int | str] = []
    for match in _TOKEN.finditer(raw, start, end):
        token = match[0]
        if token == "{":
            way.append("")
        elif token == "[":
            way.append(0)
        elif token in ("]", "}"):
            way.pop()
        elif token == ",":
            if isinstance(number := way[-1], int):
                way[-1] = number + 1
        else:
            begin, stop = match.span()
            value, _ = _DECODER.raw_decode(raw, begin)
            if raw.startswith(":", _skip(raw, stop)):
                way[-1] = value
            else:
                yield Cell(begin, stop, value, _json_writer(ascii=token.isascii()), _path(way))


_PLACED = ("spans", "entities", "label", "labels", "tokens")
_NUMBERS = ("start", "start_offset", "token_start")


def _places(raw: str, start: int, values: "Sequence[_Field]") -> Iterator[tuple[int, int]]:
    """The parts of an object that hold fields with places in its text, as Prodigy and Doccano name
    them.
    """
    begin = _after(raw, start, "{") + 1
    before: int | None = None
    for name, value, _, stop in values:
        # The comma after the field, or the brace.
        mark = _skip(raw, stop)
        if name in _PLACED and isinstance(value, list) and any(map(_is_placed, value)):
            yield (
                (begin, mark + 1 if raw[mark] == "," else stop)
                if before is None
                else (before, stop)
            )
        else:
            before = stop
            begin = mark + 1
            continue
        begin, before = (mark + 1, None) if before is None else (mark + 1, stop)


def _is_placed(value: object) -> bool:
    """Whether an element of a list is a span: `[start, end, label]`, or an object with its
    start.
    """
    if isinstance(value, list):
        return len(value) > 2 and isinstance(value[0], int) and isinstance(value[1], int)
    return isinstance(value, dict) and any(isinstance(value.get(name), int) for name in _NUMBERS)


def _path(way: Sequence[int | str]) -> str:
    steps = (
        f"[{step}]" if isinstance(step, int) else "." + step.replace(".", "\\.") for step in way
    )
    return "".join(steps).removeprefix(".")


def _after(raw: str, offset: int, marks: str) -> int:
    offset = _skip(raw, offset)
    if raw[offset : offset + 1] not in tuple(marks):
        raise JSONDecodeError(f"expected {' or '.join(marks)}", "", offset)
    return offset


def _members(raw: str, start: int, end: int, *, named: bool) -> Iterator[_Field]:
    """Yield the names, values and places of an object's fields, or, without names, those of a
    list's elements.

    Raises `JSONDecodeError` and `RecursionError`.
    """
    opening, closing = "{}" if named else "[]"
    offset = _after(raw, start, opening) + 1
    if raw.startswith(closing, _skip(raw, offset)):
        offset = _skip(raw, offset) + 1
    else:
        while raw[offset - 1] != closing:
            name = None
            if named:
                name, offset = _DECODER.raw_decode(raw, _after(raw, offset, '"'))
                offset = _after(raw, offset, ":") + 1
            begin = _skip(raw, offset)
            value, offset = _DECODER.raw_decode(raw, begin)
            yield name, value, begin, offset
            offset = _after(raw, offset, f",{closing}") + 1
    if _skip(raw, offset) < end:
        raise JSONDecodeError("expected nothing more", "", offset)


def _skip(raw: str, offset: int) -> int:
    match = _SPACE.match(raw, offset)
    assert match is not None, "it may be empty"
    return match.end()


def _json_writer(*, ascii: bool) -> Callable[[str], str]:
    def write(text: str) -> str:
        # Half a surrogate pair, which only an escape can hold, is not valid Unicode.
        return json.dumps(text, ensure_ascii=ascii or SURROGATE.search(text) is not None)

    return write
