"""What should stand where pydantic refused a value, in our words; what is refused is decided elsewhere."""

from collections.abc import Mapping
from typing import Any

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
"""What is expected, by the beginning of pydantic's type of error: `int` for `int_type` and `int_from_float`."""

_BOUNDS = {
    "greater_than_equal": "from",
    "greater_than": "above",
    "less_than_equal": "up to",
    "less_than": "below",
}
_KEYS = {"greater_than_equal": "ge", "greater_than": "gt", "less_than_equal": "le", "less_than": "lt"}


def expected_by(error: Mapping[str, Any]) -> str:
    """Say what a value should have been.

    Args:
        error: One of the errors of pydantic's `ValidationError.errors()`.

    Returns:
        A noun with its article.

    Example:
        >>> expected_by({"type": "int_parsing"}), expected_by({"type": "enum", "ctx": {"expected": "'a' or 'b'"}})
        ('a whole number', "'a' or 'b'")
    """
    allowed = error.get("ctx", {}).get("expected")
    if allowed is not None and error["type"] in ("enum", "literal_error"):
        return str(allowed)
    kind = str(error["type"])
    for name, said in _BOUNDS.items():
        if kind == name:
            return f"a number {said} {error['ctx'][_KEYS[name]]}"
    found = next((said for name, said in _EXPECTED.items() if kind == name or kind.startswith(f"{name}_")), None)
    return found or "another value"
