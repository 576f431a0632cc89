"""A closed choice takes a member or its value, and says what is allowed otherwise."""

from enum import StrEnum

import pytest

from seqlabel.choices import choose
from seqlabel.errors import OptionError


class Colour(StrEnum):
    RED = "red"
    BLUE = "blue"


@pytest.mark.parametrize("found", ["blue", Colour.BLUE])
def test_a_member_and_its_value_are_taken(found):
    assert choose(Colour, "colour", found) is Colour.BLUE


@pytest.mark.parametrize("found", ["green", "RED", "", None, 3, ["red"], {}], ids=repr)
def test_what_is_neither_is_refused_with_what_is_allowed(found):
    with pytest.raises(OptionError) as caught:
        choose(Colour, "colour", found)
    assert str(caught.value) == f"colour: found {found!r}; allowed are 'red', 'blue'"
