"""The strings of nested objects, as JSON has them, changed one by one; what changes them is the caller's."""

from collections.abc import Callable, Iterator, Mapping, Sequence

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


def strings_of(found: Json, path: str = "") -> Iterator[tuple[str, str]]:
    """Give all strings of a nested object in the order of `map_strings`.

    Args:
        found: Strings, numbers, lists and mappings.
        path: What stands before the paths.

    Yields:
        The path of each string, as `to.emails[0]`, and the string.

    Example:
        >>> list(strings_of({"to": {"emails": ["ann@lee.example"]}, "n": 1}))
        [('to.emails[0]', 'ann@lee.example')]
    """
    if isinstance(found, str):
        yield path, found
    elif isinstance(found, Mapping):
        for name, value in found.items():
            yield from strings_of(value, f"{path}.{name}" if path else str(name))
    elif isinstance(found, Sequence) and not isinstance(found, bytes | bytearray):
        for place, value in enumerate(found):
            yield from strings_of(value, f"{path}[{place}]")
