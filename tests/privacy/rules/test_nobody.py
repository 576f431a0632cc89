"""Abbreviations, roles, feasts, drugs, makes, numbers of lists and durations, told from names and days."""

import pytest

from seqlabel.privacy.rules.nobody import counts_nothing, names_nobody
from tests.privacy.refined_spans import correct


@pytest.mark.parametrize(
    "marked",
    [
        "Denied ⟦TSH⟧.",
        "treated for ⟦LRTI⟧ at home",
        "back from ⟦PACU⟧ at noon",
        "⟦VTE prophylaxis⟧ charted",
        "do come at ⟦Easter⟧.",
        "disease, ⟦ileocaecal⟧, mild",
        "on ⟦amlodipine⟧ 5 mg",
        "a silver ⟦Vauxhall⟧ van",
        "\n⟦Driver⟧: left with Ann",
        "⟦Junior⟧: Heath, Storm",
        "Dear ⟦Sirs⟧\n",
        "Dear ⟦Headteacher⟧\n",
        "oh no\n⟦Mum⟧: the good one",
        "⟦SpR⟧ Lowther",
        "Kendra Voss, ⟦LICSW⟧ of Tacoma",
        "a ⟦maroon Ford⟧ F-150",
        "11-Air ⟦zoom⟧.us[801]: join",
        "⟦com.example⟧.launchd[1]: exited",
        "/⟦s⟧/ Harlan Boatwright",
        "under ⟦R.C⟧. 5302.05.",
        "the ADEA, 29 ⟦U.S.C⟧. § 623?",
        "sued in the ⟦County Court⟧ without",
        "IN THE ⟦HIGH COURT⟧\n",
    ],
)
def test_what_names_nobody_is_no_person(marked):
    assert correct(marked, "PERSON") == []


@pytest.mark.parametrize(
    ("marked", "label"),
    [
        ("Denied ⟦TSH Moss⟧.", "PERSON"),
        ("⟦Driver⟧ left with Ann", "PERSON"),
        ("as for ⟦Driver⟧: he left", "PERSON"),
        ("hi ⟦marit⟧, hi", "PERSON"),
        ("with ⟦Politis⟧ and", "PERSON"),
        ("the ⟦Headteacher⟧\n", "PERSON"),
        ("Dear ⟦Bishop⟧,\n", "PERSON"),
        ("made by ⟦Vauxhall⟧ in", "ORGANISATION"),
        ("on ⟦Easter Island⟧ in", "LOCATION"),
        ("⟦Mum⟧ Bello", "LOCATION"),
        ("⟦DC⟧ is hot", "LOCATION"),
        ("at ⟦Ford⟧ we", "ORGANISATION"),
        ("in ⟦R.C. Oakham⟧ on", "LOCATION"),
    ],
)
def test_other_names_stay(marked, label):
    assert correct(marked, label) == [(marked.split("⟦")[1].split("⟧")[0], label)]


@pytest.mark.parametrize(
    ("marked", "label", "found"),
    [
        ("\n⟦1⟧. Winter reported", "DATE", []),
        ("first\n  ⟦12⟧) Ann", "AGE", []),
        ("id,name\n⟦2⟧,Hazel Nutt", "ADDRESS", []),
        ("\n⟦34⟧,Anna", "AGE", ["34"]),
        ("at ⟦12⟧. Ann", "ADDRESS", ["12"]),
        ("\n⟦12⟧ Larch Close", "ADDRESS", ["12"]),
        ("rest for ⟦5/7⟧.", "DATE", []),
        ("TCA ⟦3/12⟧", "DATE", []),
        ("review ⟦6/52⟧", "DATE", []),
        ("⟦2/12⟧ ago", "DATE", []),
        ("on ⟦5/7⟧.", "DATE", ["5/7"]),
        ("seen ⟦3/12⟧,", "DATE", ["3/12"]),
        ("\n ⟦09:00–09:30⟧ Stand-up", "DATE", []),
        ("Wed\n⟦08:12⟧ Train", "DATE", []),
        ("call at ⟦09:00⟧ please", "DATE", []),
        ("3 May, ⟦09:00⟧", "DATE", ["3 May, 09:00"]),
        ("[12/05/2024, ⟦21:14⟧] Nan", "DATE", ["12/05/2024, 21:14"]),
        ("under 18 ⟦U.S.C. 3502⟧", "ADDRESS", []),
        ("rolled back to ⟦2.19.301⟧ now", "DATE", []),
        ("from ⟦v1.2.26⟧ on", "DATE", []),
        ("on ⟦12.1.17⟧ we", "DATE", ["12.1.17"]),
        ('"id": "⟦14.11.863⟧"', "DATE_OF_BIRTH", []),
        ("born ⟦14.11.86⟧,", "DATE_OF_BIRTH", ["14.11.86"]),
        ("born ⟦85.03.12⟧,", "DATE_OF_BIRTH", ["85.03.12"]),
        ("born ⟦12.031985⟧,", "DATE_OF_BIRTH", ["12.031985"]),
        ("born ⟦1985.0312⟧,", "DATE_OF_BIRTH", ["1985.0312"]),
        ("⟦17.0408⟧,done", "DATE", []),
        ("⟦11.2031⟧,done", "DATE", ["11.2031"]),
        ("⟦11.3031⟧,done", "DATE", []),
        ('"order":⟦11377⟧}', "LOCATION", []),
        ('"build": ⟦20240611⟧', "DATE", []),
        ("random seed = ⟦1234⟧", "PASSWORD", []),
        ("password seed=⟦8837462⟧", "PASSWORD", ["8837462"]),
        ("born: ⟦20240611⟧", "DATE", ["20240611"]),
        ("zip: ⟦11377⟧", "LOCATION", ["11377"]),
        ("41.203.77.9⟦:1194⟧ TLS", "DATE", []),
        ("1C:90:5B    ⟦21:14:07⟧\n", "MAC", []),
        ("Minn. Stat. § ⟦504B.178⟧ you", "CASE_NUMBER", []),
        ("Case ⟦504B.178⟧ you", "CASE_NUMBER", ["504B.178"]),
        ("⟦Department of Rheumatology⟧ at", "ORGANISATION", []),
        ("⟦Oakham Department of Rheumatology⟧ at", "ORGANISATION", ["Oakham Department of Rheumatology"]),
        ("IN THE ⟦COUNTY COURT AT TRURO⟧", "ORGANISATION", ["COUNTY COURT AT TRURO"]),
        ("ADEA, ⟦29⟧ U.S.C. § 623", "AGE", []),
    ],
)
def test_numbers_of_lists_and_durations_are_nobodys(marked, label, found):
    assert [value for value, _ in correct(marked, label)] == found


def test_a_line_that_began_long_before_has_no_number_of_a_list():
    text = "x" * 70 + "\n" + " " * 60 + "1. Ann"
    start = text.index("1.")
    assert not counts_nothing(text, start, start + 1, "DATE")
    assert not names_nobody(text, start, start + 1, "PERSON")
