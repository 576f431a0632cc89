"""The strings of nested objects, of JSON or of pydantic, changed one by one; what changes them is
the caller's.
"""

from collections.abc import Callable, Mapping, Sequence
from enum import Enum

from pydantic import BaseModel

from seqlabel.errors import DataError

Json = str | int | float | bool | None | BaseModel | Sequence["Json"] | Mapping[str, "Json"]
"""Any value of JSON; objects of pydantic stand for the mapping of their fields."""


def map_strings(data: Json, change: Callable[[str, str], str], path: str = "") -> Json:
    """Change all strings of a nested object; names of fields stay as they are.

    Args:
        data: Strings, numbers, lists and mappings.
        change: Gives the new string for the path of an old one and the old one; called in the order
            of the object.
        path: The path of the object.

    Returns:
        A copy with the new strings.

    Raises:
        DataError: The object holds bytes, or an object whose strings are not known, such as one of
            a class of yours.
    """
    if isinstance(data, str):
        return change(path, data)
    if isinstance(data, bytes | bytearray):
        raise DataError("Expected text, got bytes in the object. Decode them first.")
    if isinstance(data, Mapping):
        return {
            name: map_strings(value, change, field_path(path, name)) for name, value in data.items()
        }
    if isinstance(data, Sequence):
        return [map_strings(value, change, f"{path}[{index}]") for index, value in enumerate(data)]
    if isinstance(data, BaseModel):
        # Its fields, and those beyond them that its class allows; a copy keeps the class.
        changed = {name: map_strings(value, change, field_path(path, name)) for name, value in data}
        return data.model_copy(update=changed)
    if isinstance(data, set | frozenset) or (
        hasattr(data, "__dict__") and not isinstance(data, Enum)
    ):
        raise DataError(
            f"{path or 'the object'}: expected strings, numbers, lists, mappings or objects of "
            f"pydantic, got {type(data).__name__}, whose strings are not known. Make a mapping or "
            "a list of it first."
        )
    return data


def strings_of(data: Json) -> list[tuple[str, str]]:
    """Give all strings of a nested object in the order of `map_strings`.

    Args:
        data: Strings, numbers, lists and mappings.

    Returns:
        The path of each string, as `to.emails[0]`, and the string.

    Raises:
        DataError: As `map_strings`.

    Example:
        >>> strings_of({"to": {"emails": ["ann@lee.example"]}, "n": 1})
        [('to.emails[0]', 'ann@lee.example')]
    """
    named: list[tuple[str, str]] = []

    def kept(path: str, text: str) -> str:
        named.append((path, text))
        return text

    map_strings(data, kept)
    return named


def field_path(path: str, name: object) -> str:
    """Give the path of a field of an object.

    Args:
        path: The path of the object; empty for the outermost.
        name: The field's name.

    Returns:
        The path, as `to.emails`.
    """
    return f"{path}.{name}" if path else str(name)
