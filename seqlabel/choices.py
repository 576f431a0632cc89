"""Closed choices: the one way to read an option that is a member of an enum; no enum is defined here."""

from enum import Enum
from typing import TypeVar

from seqlabel.errors import OptionError

_Choice = TypeVar("_Choice", bound=Enum)


def choose(options: type[_Choice], option: str, found: object) -> _Choice:
    """Read an option that is one of an enum's members.

    Args:
        options: The enum.
        option: The name of the option, for the message.
        found: A member or its value.

    Returns:
        The member.

    Raises:
        OptionError: It is neither; the message lists the values that are allowed.

    Example:
        >>> from seqlabel.nn.encoders import Recurrence
        >>> choose(Recurrence, "recurrence", "gru")
        <Recurrence.GRU: 'gru'>
    """
    try:
        return options(found)
    except ValueError:
        allowed = ", ".join(repr(member.value) for member in options)
        raise OptionError(f"{option}: Found {found!r}. Give one of {allowed}.") from None
