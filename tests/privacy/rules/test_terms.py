"""Terms that hold a person's name, told from persons by the words around them."""

import pytest

from seqlabel.privacy.rules.names import titled_names
from seqlabel.privacy.rules.terms import brand_at, is_eponym, is_product, is_program, is_titled_product, is_verb
from tests.privacy.refined_spans import correct


def place(marked):
    """The text and the half-open characters between ⟦ and ⟧."""
    start, end = marked.index("⟦"), marked.index("⟧") - 1
    return marked.replace("⟦", "").replace("⟧", ""), start, end


@pytest.mark.parametrize(
    "marked",
    [
        "has ⟦Parkinson⟧'s disease",
        "⟦Hodgkin⟧ lymphoma, stage II",
        "⟦Tinel⟧\u2019s sign at the wrist",
        "Known ⟦Wilson⟧'s disease",
        "by ⟦Fisher⟧'s exact test",
        "⟦Newton⟧'s second law",
        "⟦Kepler⟧'s laws",
        "⟦Turner syndrome⟧ was found",
        "the ⟦Henoch-Schönlein purpura⟧",
        "Kaplan-⟦Meier⟧ curves",
        "⟦Okonkwo⟧ syndrome",
        "⟦Rolle⟧'s theorem",
        "a ⟦Foley⟧ catheter",
    ],
)
def test_an_eponym_names_no_person(marked):
    assert is_eponym(*place(marked))
    assert correct(marked, "PERSON") == []


@pytest.mark.parametrize(
    "marked",
    [
        "James ⟦Parkinson⟧'s disease",
        "⟦James Parkinson⟧'s disease",
        "Nurse ⟦Foley⟧ catheter day",
        "⟦Parkinson⟧ has a disease",
        "⟦Miller⟧'s test came back",
        "⟦Fisher⟧'s test results",
        "⟦Fisher⟧'s blood test",
        "⟦Okonkwo⟧'s syndrome",
        "⟦Newton⟧'s law degree",
        "⟦Wilson⟧'s number",
        "⟦Baker⟧'s fracture",
    ],
)
def test_what_somebody_has_leaves_a_person(marked):
    assert not is_eponym(*place(marked))
    assert [label for _, label in correct(marked, "PERSON")] == ["PERSON"]


@pytest.mark.parametrize(
    "marked",
    [
        "⟦Julia⟧ 1.9 compiles",
        "the ⟦Jenkins⟧ pipeline",
        "⟦Kafka⟧ consumer lag",
        "⟦Ada⟧ and Haskell",
        "Python, ⟦Julia⟧",
        "⟦Jenkins⟧: build 112",
        "WARN ⟦Cassandra⟧: GC",
        "pip install ⟦jasper⟧",
        "with ⟦Adam⟧ and lr 3e-4",
        "⟦Adam optimizer⟧",
        "⟦Alexa⟧, turn off the light",
        "hey ⟦Siri⟧ wake up",
        "lost ⟦Redis⟧",
        "⟦Debian Buster⟧ is old",
    ],
)
def test_a_program_is_no_person(marked):
    assert is_program(*place(marked))
    assert correct(marked, "PERSON") == []


@pytest.mark.parametrize(
    "marked",
    [
        "⟦Julia⟧ and Ada will review",
        "⟦Jenkins⟧ is my neighbour",
        "⟦Travis⟧ broke the build",
        "Katherine ⟦Jenkins⟧ pipeline",
        "I told ⟦Adam⟧ yesterday",
        "⟦Julia⟧'s server",
        "Hey ⟦Ernie⟧.",
        "⟦Alexa⟧, can you come?",
        "⟦Ruby⟧ and Pearl",
    ],
)
def test_a_name_with_no_sign_of_a_program_stays(marked):
    assert not is_program(*place(marked))
    assert [label for _, label in correct(marked, "PERSON")] == ["PERSON"]


def test_a_brand_is_an_organisation_and_taken_whole():
    assert correct("by ⟦Johnson⟧ & Johnson today", "PERSON") == [("Johnson & Johnson", "ORGANISATION")]
    assert correct("at ⟦Merrill Lynch⟧.", "PERSON") == [("Merrill Lynch", "ORGANISATION")]
    assert brand_at(*place("Mr ⟦Johnson⟧ called")) is None
    assert brand_at(*place("⟦Calvin⟧ called")) is None


@pytest.mark.parametrize(
    ("marked", "product"),
    [
        ("her ⟦Calvin Klein⟧ jeans", True),
        ("⟦Kellogg⟧'s cornflakes", True),
        ("⟦Heinz ketchup⟧ on chips", True),
        ("a ⟦John Deere⟧ tractor", True),
        ("⟦Martin⟧ guitars", True),
        ("⟦Martin⟧'s guitar", False),
        ("⟦Ann Campbell⟧'s soup", False),
        ("⟦John⟧'s tractor", False),
        ("Ray ⟦Gibson⟧ guitars", False),
        ("⟦Calvin Klein⟧ said", False),
    ],
)
def test_a_brand_with_what_it_sells_is_nobody(marked, product):
    assert is_product(*place(marked)) is product
    assert (correct(marked, "PERSON") == []) is product


def test_a_company_keeps_the_name_of_a_program():
    assert correct("at ⟦Phoenix⟧ server farm", "ORGANISATION") == [("Phoenix", "ORGANISATION")]
    assert correct("at ⟦Phoenix⟧ server farm", "LOCATION") == []


@pytest.mark.parametrize(
    "marked",
    [
        "two cans of Dr ⟦Pepper⟧",
        "Dr ⟦Pepper⟧ 330 ml",
        "wears Dr. ⟦Martens⟧",
        "Mr ⟦Whippy⟧ ice cream",
        "diet Dr ⟦Pepper⟧ is out",
    ],
)
def test_goods_with_a_title_are_no_person(marked):
    text, start, end = place(marked)
    assert is_titled_product(text, start, end)
    assert correct(marked, "PERSON") == []
    assert list(titled_names(text)) == []


@pytest.mark.parametrize(
    "marked", ["Dr ⟦Pepper⟧ will see you", "I saw Dr ⟦Pepper⟧ today", "Dr ⟦Moss⟧ 330 ml", "of ⟦Pepper⟧ 330 ml"]
)
def test_a_doctor_with_such_a_name_is_one(marked):
    assert not is_titled_product(*place(marked))


@pytest.mark.parametrize("marked", ["⟦Mark⟧ the box below.", "Done. ⟦Chase⟧ the invoice", "note: ⟦Bill⟧ them later"])
def test_a_verb_that_begins_a_sentence_is_no_person(marked):
    assert is_verb(*place(marked))
    assert correct(marked, "PERSON") == []


@pytest.mark.parametrize(
    "marked",
    ["⟦Mark⟧, the box", "ask ⟦Mark⟧ the time", "⟦Mark⟧ the Great", "⟦Will⟧ the box", "⟦Mark⟧ called the office"],
)
def test_a_name_elsewhere_is_no_verb(marked):
    assert not is_verb(*place(marked))


@pytest.mark.parametrize("marked", ["node L2. ⟦Baker⟧'s cyst", "No lesion. ⟦Riedel⟧'s lobe"])
def test_the_end_of_a_sentence_is_no_first_name(marked):
    assert is_eponym(*place(marked))


@pytest.mark.parametrize("marked", ["J. ⟦Baker⟧'s cyst", "Prof. ⟦Baker⟧'s cyst"])
def test_an_initial_and_a_title_are_before_a_name(marked):
    assert not is_eponym(*place(marked))
