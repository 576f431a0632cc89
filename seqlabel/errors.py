"""The errors that seqlabel raises for bad input, and what messages share: expected values and near
names.

Every message says what was found, what is allowed and what to do, and for a file names the file
and, where there is one, the line. No message quotes text from the user's documents. Programming
errors stay Python's own.
"""

from collections.abc import Callable, Collection, Iterable, Mapping
from difflib import get_close_matches
from enum import Enum
from functools import wraps
from numbers import Integral, Real
from types import UnionType
from typing import Any, ParamSpec, TypeVar

_EXPECTED = {
    "bool": "true or false",
    "dataclass": "an object",
    "date": "a date",
    "dict": "an object",
    "enum": "one of the values that are known",
    "finite_number": "a finite number",
    "float": "a number",
    "int": "a whole number",
    "list": "a list",
    "literal_error": "one of the values that are known",
    "mapping": "an object",
    "missing": "a value, and found none",
    "model": "an object",
    "none_required": "nothing",
    "path": "a path in quotes",
    "string": "text in quotes",
    "too_long": "a shorter list",
    "too_short": "a longer list",
    "tuple": "a list",
}
"""The expected value, by the beginning of pydantic's type of error: `int` for `int_type` and
`int_from_float`.
"""

_BOUNDS = {
    "greater_than_equal": "from",
    "greater_than": "above",
    "less_than_equal": "up to",
    "less_than": "below",
}
_KEYS = {
    "greater_than_equal": "ge",
    "greater_than": "gt",
    "less_than_equal": "le",
    "less_than": "lt",
}

_Choice = TypeVar("_Choice", bound=Enum)
_Parameters = ParamSpec("_Parameters")
_Result = TypeVar("_Result")


class SeqlabelError(ValueError):
    """Anything that a user can correct: a file, a checkpoint, an option."""


class DataError(SeqlabelError):
    """A text, corpus or label file that cannot be used as it is."""


class CheckpointError(SeqlabelError):
    """A saved model or training state that is missing, damaged, or of another model."""


class OptionError(SeqlabelError):
    """An argument outside what is allowed."""


class MissingPackageError(OptionError, ImportError):
    """An option or a call that needs a package which is not installed."""


class TrainingError(SeqlabelError):
    """A training run that cannot continue, such as a loss that is no longer finite."""


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
        raise OptionError(f"{option}: expected one of {allowed}, got {found!r}.") from None


def check_type(option: str, found: object, kinds: type | UnionType, expected: str) -> None:
    """Refuse a value of another type than its option has.

    Args:
        option: The name of the option, for the message.
        found: The value; the message has its type alone, since it may be private.
        kinds: The types that are allowed.
        expected: A noun for them with its article, and how to write one where that is not obvious.

    Raises:
        OptionError: It is of another type.

    Example:
        >>> check_type("folder", None, str, "a path")
        Traceback (most recent call last):
        seqlabel.errors.OptionError: folder: expected a path, got None.
    """
    if not isinstance(found, kinds):
        raise OptionError(f"{option}: expected {expected}, got {_kind_of(found)}.")


def check_number(
    option: str, found: object, expected: str, *, whole: bool = False, optional: bool = False
) -> None:
    """Refuse a value that is not a number; how large it may be is checked elsewhere.

    Args:
        option: The name of the option, for the message.
        found: The value.
        expected: The number that is expected, with its article.
        whole: Whether it must be a whole number.
        optional: Whether None is allowed too.

    Raises:
        OptionError: It is of another type, such as a string or a bool.

    Example:
        >>> check_number("epochs", "3", "a number of epochs", whole=True)
        Traceback (most recent call last):
        seqlabel.errors.OptionError: epochs: expected a number of epochs, got str.
    """
    if found is None and optional:
        return
    if isinstance(found, bool) or not isinstance(found, Integral if whole else Real):
        raise OptionError(f"{option}: expected {expected}, got {_kind_of(found)}.")


def check_strings(option: str, found: object, expected: str) -> None:
    """Refuse a value that is not a list of strings, such as a single string.

    Args:
        option: The name of the option, for the message.
        found: The value: a list, a tuple, a set or another collection.
        expected: The plural of what the strings are, such as `labels`.

    Raises:
        OptionError: It is not a list, or one of its elements is not a string.

    Example:
        >>> check_strings("words", "Ann Lee", "words")
        Traceback (most recent call last):
        seqlabel.errors.OptionError: words: expected a list of words, got one string. Pass a list of
        one.
    """
    check_list(option, found, str, expected)


def check_list(option: str, found: object, kinds: type | UnionType, expected: str) -> None:
    """Refuse a value that is not a list of elements of some type, such as a single string.

    Args:
        option: The name of the option, for the message.
        found: The value: a list, a tuple, a set or another collection.
        kinds: The types that its elements may have.
        expected: The plural of what they are, and how to write the list where that is not obvious.

    Raises:
        OptionError: It is not a list, or one of its elements is of another type.
    """
    if isinstance(found, str):
        raise OptionError(
            f"{option}: expected a list of {expected}, got one string. Pass a list of one."
        )
    if isinstance(found, bytes) or not isinstance(found, Collection):
        raise OptionError(f"{option}: expected a list of {expected}, got {_kind_of(found)}.")
    for element in found:
        if not isinstance(element, kinds):
            raise OptionError(
                f"{option}: expected a list of {expected}, got one with {_kind_of(element)} in it."
            )


def _kind_of(found: object) -> str:
    """What a value is, without the value."""
    if found is None:
        return "None"
    return f"the class {found.__name__}" if isinstance(found, type) else type(found).__name__


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


def expected_by(error: Mapping[str, Any]) -> str:
    """Say what a value should have been.

    Args:
        error: One of the errors of pydantic's `ValidationError.errors()`.

    Returns:
        A noun with its article.

    Example:
        >>> (expected_by({"type": "int_parsing"}),
        ...  expected_by({"type": "enum", "ctx": {"expected": "'a' or 'b'"}}))
        ('a whole number', "'a' or 'b'")
    """
    allowed = error.get("ctx", {}).get("expected")
    if allowed is not None and error["type"] in ("enum", "literal_error"):
        return str(allowed)
    kind = str(error["type"])
    for name, said in _BOUNDS.items():
        if kind == name:
            return f"a number {said} {error['ctx'][_KEYS[name]]}"
    found = next(
        (said for name, said in _EXPECTED.items() if kind == name or kind.startswith(f"{name}_")),
        None,
    )
    return found or "another value"


def answers_old_names(
    new_names: Mapping[str, str],
) -> Callable[[Callable[_Parameters, _Result]], Callable[_Parameters, _Result]]:
    """Make a decorator that answers arguments by names which they had before with the names that
    they have now.

    Args:
        new_names: The new name of each argument, by the old one.

    Returns:
        The decorator; the function keeps its signature.

    Example:
        >>> @answers_old_names({"colour": "color"})
        ... def paint(color: str) -> str:
        ...     return color
        >>> paint(colour="red")
        Traceback (most recent call last):
        seqlabel.errors.OptionError: colour: expected another name, got colour=. It is called color.
    """

    def decorate(function: Callable[_Parameters, _Result]) -> Callable[_Parameters, _Result]:
        @wraps(function)
        def answering(*args: _Parameters.args, **options: _Parameters.kwargs) -> _Result:
            for name in options.keys() & new_names.keys():
                raise OptionError(
                    f"{name}: expected another name, got {name}=. It is called {new_names[name]}."
                )
            return function(*args, **options)

        return answering

    return decorate
