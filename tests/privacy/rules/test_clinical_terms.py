"""Names of clinical signs, scores, parts of the body and diseases, told from persons by the words around them."""

import pytest

from seqlabel.privacy.rules.clinical_terms import is_clinical
from tests.privacy.refined_spans import correct


def place(marked):
    """The text and the half-open characters between ⟦ and ⟧."""
    start, end = marked.index("⟦"), marked.index("⟧") - 1
    return marked.replace("⟦", "").replace("⟧", ""), start, end


@pytest.mark.parametrize(
    "marked",
    [
        "⟦Murphy⟧'s negative.",
        "⟦Dix-Hallpike⟧ +ve R",
        "⟦Homans⟧' was negative, no swelling",
        "⟦Waterlow⟧ 18, Braden 14",
        "diverticulitis, ⟦Hinchey⟧ III. EBL 250",
        "a ⟦Bosniak II⟧ cyst",
        "#NOF, ⟦Garden⟧ III, for theatre",
        "D4 post ⟦Hartmann⟧'s. Obs",
        "⟦Gleason⟧ 3+4",
        "pouch of ⟦Douglas⟧ clear",
        "loop of ⟦Henle⟧",
        "Sjögren syndrome, ⟦Raynaud⟧'s, no ulcers",
        "has ⟦Crohn⟧'s and asthma",
        "(7) with ⟦Duchenne⟧; well",
    ],
)
def test_a_clinical_term_names_no_person(marked):
    assert is_clinical(*place(marked))
    assert correct(marked, "PERSON") == []


@pytest.mark.parametrize(
    "marked",
    [
        "⟦Murphy⟧'s negative attitude",
        "Ann ⟦Murphy⟧'s negative.",
        "⟦Murphy⟧ was late",
        "⟦Braden⟧ and 14 others",
        "⟦Braden⟧ 14:30",
        "Dr ⟦Hinchey⟧ III",
        "pouch of ⟦Henle⟧",
        "friend of ⟦Douglas⟧",
        "I stayed at ⟦Parkinson⟧'s.",
        "has ⟦Parkinson⟧'s car",
        "⟦Duchenne⟧, Paul",
        "with ⟦Duchenne⟧, Paul",
        "spoke to ⟦Crohn⟧ about it",
        "with ⟦Okonkwo⟧; well",
    ],
)
def test_anything_else_stays_a_person(marked):
    assert not is_clinical(*place(marked))
