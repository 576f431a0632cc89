"""Closed choices: reading an option that is a member of an enum, and what a mistyped name may have meant.

No enum is defined here.
"""

from collections.abc import Iterable
from difflib import get_close_matches
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


def did_you_mean(found: str, known: Iterable[str], *, most: int = 1) -> str:
    """Say which known name a mistyped one may have meant, whatever its case.

    Args:
        found: The name that the user gave.
        known: The names that are allowed.
        most: How many names are proposed at most.

    Returns:
        A sentence for the error message; empty where no known name is like the one found.

    Example:
        >>> did_you_mean("emial", ["PERSON", "EMAIL"])
        "Did you mean 'EMAIL'?"
        >>> did_you_mean("xyz", ["PERSON", "EMAIL"]) or "Choose from PERSON, EMAIL."
        'Choose from PERSON, EMAIL.'
    """
    names = {name.casefold(): name for name in sorted(known)}
    near = get_close_matches(found.casefold(), names, n=most, cutoff=0.5)
    return f"Did you mean {' or '.join(repr(names[one]) for one in near)}?" if near else ""
