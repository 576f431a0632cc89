"""Classes of your own in configs (heads, recurrences): stored by import path, used only if the
caller passes them.

No code is imported because a file names it.
"""

from collections.abc import Iterable, Mapping
from typing import Any, TypeVar

from pydantic import ValidationInfo

from seqlabel.errors import OptionError

_Named = TypeVar("_Named")


class OwnClassError(OptionError):
    """A config that names a class of your own, which was not passed."""


def import_path(own: type) -> str:
    """Name a class as a config does.

    Args:
        own: The class.

    Returns:
        Its module and its name.
    """
    return f"{own.__module__}.{own.__qualname__}"


def by_import_path(classes: Iterable[type]) -> dict[str, type]:
    """Make the context in which a config with classes of your own is validated.

    Args:
        classes: The classes that the config may name.

    Returns:
        The classes by their import paths.
    """
    return {import_path(own): own for own in classes}


def find_named(
    name: object, known: Mapping[str, _Named], info: ValidationInfo, option: str
) -> _Named | Any:
    """Find what a config names.

    Args:
        name: A name in the config.
        known: The library's own, by name.
        info: pydantic's, whose context has classes by import path.
        option: The argument by which a class of your own is passed.

    Returns:
        What the library has, or the class.

    Raises:
        OwnClassError: It is a class that was not passed.
        OptionError: It is not a name.
    """
    value = None
    if isinstance(name, str):
        value = {**(info.context or {}), **known}.get(name)
    if value is None and isinstance(name, str) and "." in name:
        raise OwnClassError(
            f"expected a class of this library, got {name!r}; no code is run because a file names "
            f"it. Import the class and pass it: load(…, {option}=[{name.rpartition('.')[2]}])."
        )
    if value is None:
        raise OptionError(
            f"expected one of {', '.join(map(repr, known))}, or a class of your own, got {name!r}."
        )
    return value
