"""Cars by make and model, told from firms and people of the same name."""

import pytest

from seqlabel.privacy.rules.vehicles import in_vehicle


def has_car(marked):
    start, end = marked.index("⟦"), marked.index("⟧") - 1
    return in_vehicle(marked.replace("⟦", "").replace("⟧", ""), start, end)


@pytest.mark.parametrize(
    "marked",
    [
        "a silver ⟦Vauxhall⟧ Corsa, registration",
        "a ⟦Toyota Hilux⟧ with plate",
        "Car  ⟦Tesla⟧ Model 3",
        "Whose is the ⟦Blue Fiesta⟧?",
        "my ⟦Volvo⟧ 240",
        "the Mazda ⟦CX-5⟧ of",
    ],
)
def test_a_car_is_known_by_model_or_colour(marked):
    assert has_car(marked)


@pytest.mark.parametrize(
    "marked", ["works at ⟦Ford⟧", "⟦Mercedes Focus⟧", "the ⟦Blue Golfer⟧", "a ⟦Ford Foundation⟧ grant"]
)
def test_other_names_are_no_cars(marked):
    assert not has_car(marked)
