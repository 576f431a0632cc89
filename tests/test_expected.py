"""What pydantic refuses is said without its words."""

from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Annotated, Literal

import pytest
from pydantic import Field, TypeAdapter, ValidationError

from seqlabel.errors import expected_by


class Kind(Enum):
    A = "a"


@dataclass
class Inner:
    number: int


@pytest.mark.parametrize(
    ("type", "value", "said"),
    [
        (int, '"x"', "a whole number"),
        (int, "1.5", "a whole number"),
        (float, "[]", "a number"),
        (bool, "3", "true or false"),
        (str, "3", "text in quotes"),
        (Path, "3", "text in quotes"),
        (tuple[int, ...], "3", "a list"),
        (list[int], "3", "a list"),
        (dict[str, int], "3", "an object"),
        (Kind, '"b"', "'a'"),
        (Literal["x", "y"], '"b"', "'x' or 'y'"),
        (Annotated[int, Field(ge=1)], "0", "a number from 1"),
        (Annotated[int, Field(lt=3)], "3", "a number below 3"),
        (Inner, "3", "an object"),
        (Inner, "{}", "a value, and found none"),
    ],
)
def test_every_type_has_words_of_ours(type, value, said):
    with pytest.raises(ValidationError) as refused:
        TypeAdapter(type).validate_json(value, strict=True)
    assert expected_by(refused.value.errors()[0]) == said


def test_an_error_of_another_type_is_said_too():
    assert expected_by({"type": "url_parsing"}) == "another value"
