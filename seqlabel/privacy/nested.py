"""The strings of nested objects, as JSON has them, changed one by one; what changes them is the caller's."""

from collections.abc import Callable, Mapping, Sequence

from seqlabel.errors import DataError

Json = str | int | float | bool | None | Sequence["Json"] | Mapping[str, "Json"]
"""Any value of JSON."""


def map_strings(found: Json, change: Callable[[str], str]) -> Json:
    """Change all strings of a nested object; names of fields stay as they are.

    Args:
        found: Strings, numbers, lists and mappings.
        change: Gives the new string for an old one; called in the order of the object.

    Returns:
        A copy with the new strings.

    Raises:
        DataError: The object holds bytes.
    """
    if isinstance(found, str):
        return change(found)
    if isinstance(found, bytes | bytearray):
        raise DataError("Found bytes in the object, which cannot be read as text. Decode them first.")
    if isinstance(found, Mapping):
        return {name: map_strings(value, change) for name, value in found.items()}
    if isinstance(found, Sequence):
        return [map_strings(value, change) for value in found]
    return found
