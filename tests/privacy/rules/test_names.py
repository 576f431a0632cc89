"""Names behind the fields of forms and behind titles, and what is none there."""

import pytest

from seqlabel.privacy.rules import find_patterns
from seqlabel.privacy.rules.names import chat_senders, listed_names
from tests.extras import needs_pii

pytestmark = needs_pii


def found(text):
    return [(text[span.start : span.end], span.label) for span in find_patterns(text)]


FIELDS = [
    *("Surname", "Last name", "LAST NAME", "Family name", "First name", "Forename", "Given name", "Middle name"),
    *(
        "last_name",
        "firstName",
        "customer_surname",
        "Nachname",
        "Vorname",
        "Familienname",
        "Geburtsname",
        "Nom",
        "Prénom",
    ),
    *("Nom de famille", "Apellido", "Apellidos", "Nombre y apellidos", "Cognome", "Nome e cognome", "Achternaam"),
    *("Voornaam", "Sobrenome", "Apelido"),
]


@pytest.mark.parametrize("field", FIELDS)
@pytest.mark.parametrize("name", ["He", "Free", "O'Dea", "Öztürk-Lamm", "van der Berg", "Van Den Broek"])
def test_what_stands_behind_the_field_of_a_name_is_a_person(field, name):
    for text in ("{}: {}", "{} : {}\n", "{}={}, x", '{{"{}": "{}"}}', "{{'{}': '{}'}}", "<td>{}:\t{}</td>"):
        if "'" not in name or "'{}'" not in text:
            assert found(text.format(field, name)) == [(name, "PERSON")]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("Surname: Judge First name: Pool Age: 7", ["Judge", "Pool"]),
        ("Surname: Judge Pool, Oslo", ["Judge Pool"]),
        ('"last_name": "free", "first_name":"said ali"', ["free", "said ali"]),
        ("Surname: He said so", ["He"]),
    ],
)
def test_fields_keep_their_own_names(text, names):
    assert [value for value, _ in found(text)] == names


@pytest.mark.parametrize(
    "text",
    [
        "Surname: required, First name: Optional, Last name is missing, surname: lower",
        "Surname:\nFirst name:\n, Surname: First name: Date of birth:",
        "firstName: String, lastName: Joi.string(), last_name = CharField(), surname: Optional[str]",
        '"last_name": "string", "first_name": null, "surname": "", "surname": "{{x}}", "surname": "a@b"',
        "nickname: Bob, filename: Report, hostname: Web, name: Config, phenom: Kevin",
        "Nachname: Pflichtfeld, Prénom : obligatoire",
    ],
)
def test_a_field_without_a_name_has_none(text):
    assert found(text) == []


@pytest.mark.parametrize(
    "title", ["Mr", "Mr.", "Mrs", "Ms", "Dr", "Dr.", "Herr", "Herrn", "Frau", "Mme", "Sr.", "Sra.", "Mrs."]
)
@pytest.mark.parametrize("name", ["Judge", "An", "O'Dea", "van der Berg", "Öztürk-Lamm"])
def test_what_stands_behind_a_title_is_a_person(title, name):
    assert found(f"so {title} {name}'s car") == [(name, "PERSON")]
    assert found(f"{title} {name} and {title} A. {name}") == [(name, "PERSON")] * 2


def test_titles_may_stand_together():
    assert found("Frau Dr. Lang, Herr Prof. Dr. med. Kurz") == [("Lang", "PERSON"), ("Kurz", "PERSON")]


@pytest.mark.parametrize(
    "text",
    [
        "Mr President, Mr. Speaker, Frau Professorin, Herr Präsident, Sr. Presidente",
        "the Frau mutter, Mr and, Ms. is, Herr der Ringe",
        "Sr. Engineer, Sr. Data Analyst, Martin King Sr. He left. Martin King, Sr. Oslo",
        "12 Mulberry Dr Oakham, 4 Old Mill Dr Salem",
        "MS Word, DR Congo, MrBeast, Mr: Judge, Dr\nWho, Ms Mira_Lund, XMr Judge",
    ],
)
def test_behind_other_words_nobody_is_named(text):
    assert found(text) == []


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Ask Chase to bring the ladder.", "Chase"),
        ("Hi. Ask Okafor to call.", "Okafor"),
        ("Let Guy know when you are done.", "Guy"),
        ("Can Will drive?", "Will"),
        ("Does Okafor know about it?", "Okafor"),
        ("Have you seen Hunter today?", "Hunter"),
        ("We met Seven at the station", "Seven"),
        ("She asked Freya for logs", "Freya"),
        ("d/w Sunny re bed", "Sunny"),
        ("has anyone told Summer about it", "Summer"),
        ('"No," said Serenity.', "Serenity"),
        ("Happy birthday, Jewel!", "Jewel"),
        ("Nurse Will took the blood.", "Will"),
        ("Aunt May sent a card", "May"),
        ("Officer van der Meer left", "van der Meer"),
        ("Patient Parkinson has a fever.", "Parkinson"),
    ],
)
def test_who_is_spoken_to_or_of_is_a_person(text, name):
    assert found(text) == [(name, "PERSON")]


@pytest.mark.parametrize(
    "text",
    [
        "Ask Google to play it. Let Docker know. Ask Anna Lee to come, ask Peter for it",
        "Can Python run? Can I go? Does Windows support it?",
        "Can Peter Lang drive? Can Peter drive. We can Peter drive?",
        "We met Monday at noon. I met Ann Lee there. Demand was met China.",
        "Have you seen Paris Match today? I have seen Hunter. Have you seen Hunter's hat?",
        "Patient Safety matters, Patient Portal: log in, Nurse Practitioner, Nurse Manager Lee, Officer Training",
        "he said Monday. said Grace, the dog",
        "Professor Emeritus, Nurse Joy_ann",
    ],
)
def test_nobody_is_spoken_of(text):
    assert found(text) == []


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("[03/11/2024, 18:02:40] Femi: yes\n[03/11/2024, 18:03:30] Femi: 0123", ["Femi", "Femi"]),
        ("[2024-11-03, 6:02 PM] Auntie Bola: eaten?", ["Auntie Bola"]),
        ("03.11.24, 18:02 - mum: call me", ["mum"]),
        ("[03/11/2024, 18:02:40] ~\u202fJo-Ann M.: hi", ["Jo-Ann M."]),
        ("[03/11/2024, 18:02:40] +44 7700 900318: hi", []),
        ("[2024-11-03, 18:02:40] ERROR: disk full", []),
        ("[2024-11-03, 18:02:40] INFO worker: started", []),
        ("2024-11-03, 18:02 - system message", []),
        ("[2024-11-03 18:02:40] nginx: started", []),
        ("at 18:02 - mum: call me", []),
    ],
)
def test_who_sent_a_message_of_an_exported_chat_is_a_person(text, names):
    assert [text[start:end] for start, end in chat_senders(text)] == names


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("Guest: LEFEVRE, Camille\nRoom: 204", ["LEFEVRE, Camille"]),
        ("| DE WITT, Anna M. | 4417 |", ["DE WITT, Anna M."]),
        ("O'DEA, Sean (chair)\nÖZEN-LAMM, Ali", ["O'DEA, Sean", "ÖZEN-LAMM, Ali"]),
        ("PMH: COPD, Asthma\nClosing Date: SOFR, Taft-Hartley\n", []),
        ("HTN, Colon\nSQL, Git and MATLAB, Perl", []),
        ("NOTE, Important is this\nYORK, The\nJudge LIPEZ, Circuit Judge, said", []),
    ],
)
def test_registers_write_the_surname_in_capitals(text, names):
    assert [text[start:end] for start, end in listed_names(text)] == names
