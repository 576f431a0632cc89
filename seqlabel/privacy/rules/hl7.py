"""Places of patients, relatives and staff in segments of HL7 messages (version 2), told by the fields they stand in.

Their labels are in `seqlabel.privacy.rules.standard`.
"""

import re
from collections.abc import Callable, Iterator
from functools import partial

from seqlabel.privacy.rules.finding import Places

_NAME, _BORN, _PLACE, _CALL, _NUMBER, _STAFF = "name", "born", "place", "call", "number", "staff"
_FIELDS: dict[str, dict[int, str]] = {
    "PID": {
        **{2: _NUMBER, 3: _NUMBER, 4: _NUMBER, 5: _NAME, 6: _NAME, 7: _BORN, 9: _NAME, 11: _PLACE},
        **{13: _CALL, 14: _CALL, 18: _NUMBER, 19: _NUMBER},
    },
    "NK1": {2: _NAME, 4: _PLACE, 5: _CALL, 6: _CALL, 16: _BORN},
    "GT1": {3: _NAME, 5: _PLACE, 6: _CALL, 7: _CALL, 8: _BORN},
    "PV1": {7: _STAFF, 8: _STAFF, 9: _STAFF, 17: _STAFF},
    "OBR": {16: _STAFF},
    "ORC": {10: _STAFF, 11: _STAFF, 12: _STAFF},
}
"""The fields of each segment that hold private values, by their numbers (HL7 2.5, chapters 3, 4 and 6)."""
_SEGMENT = re.compile(rf"^(?P<kind>{'|'.join(_FIELDS)})\|", re.M)
_FIELD = re.compile(r"[^|\r\n]*")
_REACH = 88
"""How many characters behind the begin of a segment a value begins at most: a stream remembers no more."""
_LONGEST = 120
"""Characters of the longest field that is read."""
_ADDRESS = re.compile(
    r"(?<=\|)(?=[^|^\r\n]{0,8}[0-9])(?P<street>[^|^\r\n]{3,60})\^(?:(?P<flat>[^|^\r\n]{1,40})\^|\^)(?P<town>[^|^\r\n]{2,40})"
    r"\^(?P<state>[^|^\r\n]{0,30})\^(?P<code>[0-9A-Z][0-9A-Z -]{2,11})(?=[|^\r\n]|\Z)"
)


def has_fields(text: str) -> bool:
    """Tell whether a text has the mark between the fields of HL7.

    Args:
        text: The text.

    Returns:
        Whether it has.
    """
    return "|" in text


def _fields(text: str) -> Iterator[tuple[str, int, int]]:
    """The kind and the half-open characters of each repetition of a field that holds something private."""
    for segment in _SEGMENT.finditer(text):
        kinds, start, number = _FIELDS[segment["kind"]], segment.end(), 1
        limit = segment.start() + _REACH
        while start < limit:
            field = _FIELD.match(text, start, start + _LONGEST)
            end = field.end() if field else start
            if number in kinds:
                at = start
                for one in text[start:end].split("~"):
                    if one and at < limit:
                        yield kinds[number], at, at + len(one)
                    at += len(one) + 1
            if text[end : end + 1] != "|":
                break
            start, number = end + 1, number + 1


def _parts(text: str, start: int, end: int) -> list[tuple[int, int]]:
    """The components of a field."""
    parts = []
    for part in text[start:end].split("^"):
        parts.append((start, start + len(part)))
        start += len(part) + 1
    return parts


def _joined(parts: list[tuple[int, int]]) -> Places:
    filled = [part for part in parts if part[0] < part[1]]
    if filled:
        yield filled[0][0], filled[-1][1]


def _values(text: str, wanted: str) -> Places:
    for kind, start, end in _fields(text):
        if kind == _STAFF and wanted in (_NAME, _STAFF):
            parts = _parts(text, start, end)
            yield from _joined(parts[1:4] if wanted == _NAME else parts[:1])
        elif kind == wanted == _NAME:
            yield from _joined(_parts(text, start, end)[:4])
        elif kind == wanted:
            yield from _joined(_parts(text, start, end)[:1])


def _addresses(text: str, wanted: tuple[str, ...]) -> Places:
    for match in _ADDRESS.finditer(text) if "^" in text else ():
        yield from (match.span(part) for part in wanted if match[part])


hl7_names: Callable[[str], Places] = partial(_values, wanted=_NAME)
"""Names of patients, relatives and staff, with `^` between their parts."""
hl7_births: Callable[[str], Places] = partial(_values, wanted=_BORN)
"""Dates of birth."""
hl7_calls: Callable[[str], Places] = partial(_values, wanted=_CALL)
"""Telephone numbers."""
hl7_numbers: Callable[[str], Places] = partial(_values, wanted=_NUMBER)
"""Numbers of patients."""
hl7_staff: Callable[[str], Places] = partial(_values, wanted=_STAFF)
"""Numbers of staff."""
hl7_streets: Callable[[str], Places] = partial(_addresses, wanted=("street", "flat"))
"""Streets and flats, in any segment."""
hl7_towns: Callable[[str], Places] = partial(_addresses, wanted=("town", "state", "code"))
"""Towns, states and postcodes behind these."""
