"""Values by their form: a machine's is nobody's, a number is what it can be or what a word before it says."""

import pytest

from tests.privacy.refined_spans import correct


@pytest.mark.parametrize(
    ("marked", "label"),
    [
        ("⟦cc432f69-2536-471c-88b9-edc4be2a5db6⟧", "NATIONAL_ID"),
        ("cc432f69-⟦2536⟧-471c-88b9-edc4be2a5db6", "LOCATION"),
        ('{"id": "⟦d41d8cd98f00b204e9800998ecf8427e⟧", "ok": true}', "API_KEY"),
        ("| ⟦1712345678⟧ | done |", "TAX_ID"),
        ("at ⟦1712345678123⟧", "PHONE"),
        ("Job ⟦01ARZ3NDEKTSV4RRFFQ69G5FAV⟧ has finished.", "PASSWORD"),
        ("⟦0000000001234567⟧", "CARD"),
        ("commit ⟦3f2a9bc⟧ broke it", "PLATE"),
        ("commit ⟦3f2a9bc⟧ broke it", "USERNAME"),
        ("| ⟦14.20.117⟧ | done |", "LOCATION"),
        ("color: ⟦#a1b2c3⟧;", "CUSTOMER_ID"),
        ("torch ⟦2.11.0⟧", "IP"),
        ("<city⟦>⟧Lagos</city>", "LOCATION"),
        ("since ⟦1.2⟧ it works", "IP"),
        ("since ⟦4.17.21⟧ it works", "PHONE"),
        ("⟦V1StGXR8_Z5jdHi6B-myT⟧", "API_KEY"),
        ("| V1StGXR8_⟦Z5⟧jdHi6B-myT | done |", "AGE"),
        ('"id": "kQz/⟦Yt8wB0⟧+aL3xV"', "ACCOUNT"),
        ("see ⟦978-3-16-148410-0⟧", "PHONE"),
        ("⟦9783161484100⟧,done", "ACCOUNT"),
        ("ISBN ⟦978-3-16-148410-1⟧", "PHONE"),
        ("NDC ⟦0002-8215-01⟧", "NATIONAL_ID"),
        ("⟦NDC⟧ 0002-8215-01", "LOCATION"),
        ("after ⟦PT12M⟧", "CUSTOMER_ID"),
        ("after ⟦P3DT4H⟧", "PASSWORD"),
        ("loss ⟦0.8731⟧", "LOCATION"),
        ("⟦-0.8731⟧", "ACCOUNT"),
        ("pi is ⟦3.1415926⟧", "PHONE"),
        ("⟦E20418⟧", "EMPLOYEE_ID"),
        ("error code ⟦E20418⟧", "PASSWORD"),
        ("⟦4475194738321951⟧", "CARD"),
        ("please look at ⟦7682930240155285⟧ again", "PHONE"),
        ("Tokens: ⟦1534⟧ in", "PASSWORD"),
        ('"retries": ⟦17⟧', "AGE"),
        ("1712345678,done,⟦17⟧", "AGE"),
        ("PT12M,done,⟦17⟧", "AGE"),
        ("⟦seven⟧", "AGE"),
        ("employee id ⟦12⟧", "AGE"),
        ('<user id="⟦58⟧"><name>Ann Lee</name>', "AGE"),
        ("Room ⟦42⟧, Ann Lee", "AGE"),
        ('{"id": "⟦472665⟧", "status": "ok"}', "EMPLOYEE_ID"),
    ],
)
def test_what_a_machine_made_for_itself_is_nobodys(marked, label):
    assert correct(marked, label) == []


@pytest.mark.parametrize(
    ("marked", "label"),
    [
        ("Kundennummer ⟦1712345678⟧", "CUSTOMER_ID"),
        ("Numéro d'assuré : ⟦00001712345678⟧", "INSURANCE_ID"),
        ("cuenta ⟦1712345678⟧", "ACCOUNT"),
        ("matrícula ⟦3f2a9bc⟧", "PLATE"),
        ("codice cliente ⟦0000000001234567⟧", "CUSTOMER_ID"),
        ("klantnummer ⟦1712345678⟧", "CUSTOMER_ID"),
        ("RG ⟦28.417.903⟧", "NATIONAL_ID"),
        ("Kennwort: ⟦V1StGXR8_Z5jdHi6B-myT⟧", "PASSWORD"),
    ],
)
def test_a_word_of_another_language_says_that_a_number_is_a_persons(marked, label):
    value = marked[marked.index("⟦") + 1 : marked.index("⟧")]
    assert correct(marked, label) == [(value, label)]


@pytest.mark.parametrize("label", ["LOCATION", "CARD", "AGE", "ACCOUNT", "PASSWORD", "DATE"])
@pytest.mark.parametrize(
    "marked",
    [
        "listening on 0.0.0.0:⟦8080⟧",
        "tcp 10.1.2.3:⟦6379⟧: connection refused",
        "http on [::1]:⟦9090⟧, please",
        "refused by :::⟦80⟧.",
        "localhost:⟦3000⟧",
        "started on port ⟦8443⟧",
        "Tomcat started on port(s): ⟦8080⟧ (http)",
        "PORT=⟦65000⟧",
        '"db-port": "⟦5432⟧"',
        "ports: 80, 443, ⟦8443⟧",
    ],
)
def test_a_port_is_nobodys(marked, label):
    assert correct(marked, label) == []


@pytest.mark.parametrize(
    ("marked", "label"),
    [
        ("ZIP ⟦90210⟧", "LOCATION"),
        ("in Newport ⟦90210⟧", "LOCATION"),
        ("passport: ⟦12345⟧", "PASSPORT"),
        ("her support ⟦12345⟧", "ACCOUNT"),
        ("her port ⟦123456⟧", "ACCOUNT"),
        ("port ⟦12-345⟧", "ACCOUNT"),
        ("her port of ⟦90210⟧", "LOCATION"),
        ("ann:⟦90210⟧", "PASSWORD"),
        ("at 10:⟦30⟧", "DATE"),
        ("at her port\n⟦90210⟧", "LOCATION"),
    ],
)
def test_a_number_that_is_no_port_stays(marked, label):
    value = marked[marked.index("⟦") + 1 : marked.index("⟧")]
    assert correct(marked, label) == [(value, label)]


@pytest.mark.parametrize(
    ("marked", "label"),
    [
        ("user_id=⟦cc432f69-2536-471c-88b9-edc4be2a5db6⟧", "CUSTOMER_ID"),
        ("API_KEY=⟦d41d8cd98f00b204e9800998ecf8427e⟧", "API_KEY"),
        ("account ⟦1712345678⟧", "ACCOUNT"),
        ("Card number ⟦0000000001234567⟧", "CARD"),
        ("⟦555.123.4567⟧", "PHONE"),
        ("⟦cus_9s6XKzkNRiz8i3⟧", "CUSTOMER_ID"),
        ("⟦V1StGXR8_Z5jdHi6B-myT⟧", "PASSWORD"),
        ("token: ⟦V1StGXR8_Z5jdHi6B-myT⟧", "API_KEY"),
        ("by ⟦BigDragonSlayer2000⟧", "USERNAME"),
        ("⟦2024.01.31⟧", "DATE"),
        ("⟦4111 1111 1111 1112⟧", "CARD"),
        ("⟦ann2⟧", "USERNAME"),
        ("⟦10.0.0.8⟧", "IP"),
        ("account ⟦978-3-16-148410-0⟧", "ACCOUNT"),
        ("call ⟦978-316-148410-1⟧", "PHONE"),
        ("lat ⟦48.8566⟧", "LOCATION"),
        ("at ⟦48.8566⟧, 2.3522", "LOCATION"),
        ("at 48.8566, ⟦-2.3522⟧", "LOCATION"),
        ("at ⟦48.8566⟧ N", "LOCATION"),
        ("badge ⟦E20418⟧", "EMPLOYEE_ID"),
        ("⟦E20418⟧,Ada Moss,Oakham", "EMPLOYEE_ID"),
        ("it is ⟦R482⟧ 119 037", "DRIVING_LICENCE"),
        ("⟦5704⟧", "CARD"),
        ("card ⟦4475194738321951⟧", "CARD"),
        ("Token: ⟦1534⟧", "PASSWORD"),
        ("Ada,Moss,⟦17⟧", "AGE"),
        ("ada moss, ⟦17⟧, seen today", "AGE"),
        ("She is ⟦seven⟧", "AGE"),
        ("a user, ⟦58⟧, from Leeds", "AGE"),
        ("his number one fan, aged ⟦58⟧", "AGE"),
        ('{"id": "⟦472665⟧", "name": "moss"}', "EMPLOYEE_ID"),
        ('{"id": "⟦472665⟧", "by": "Ada"}', "EMPLOYEE_ID"),
    ],
)
def test_what_its_form_or_a_word_beside_it_makes_private_stays(marked, label):
    value = marked[marked.index("⟦") + 1 : marked.index("⟧")]
    assert correct(marked, label) == [(value, label)]


@pytest.mark.parametrize(
    ("marked", "label"),
    [
        ("why did ⟦482913⟧ fail?", "PHONE"),
        ("⟦4829137⟧\tok\t0.3", "EMPLOYEE_ID"),
        ("job:\n  ref: ⟦4155550123⟧\n  state: queued", "ACCOUNT"),
        ("TODO: remove ⟦48291370⟧ once the flag is gone", "CUSTOMER_ID"),
        ("Result: ⟦482913701⟧", "NATIONAL_ID"),
        ("please look at ⟦#482913⟧ again", "ACCOUNT"),
        ("the fix is ⟦be43058⟧, thanks", "USERNAME"),
        ("fixed in ⟦E4471⟧, thanks", "LOCATION"),
        ("see ⟦V1StGXR8_Z5jdHi6B-myT⟧ for more", "PASSWORD"),
        ("10482913,done,⟦4829137013579131⟧", "ACCOUNT"),
    ],
)
def test_a_number_or_a_sign_without_order_is_nobodys_where_nothing_near_hints_at_a_person(marked, label):
    assert correct(marked, label) == []


@pytest.mark.parametrize(
    ("marked", "label"),
    [
        ("⟦482913⟧", "ACCOUNT"),
        ("⟦4155550123⟧\n", "PHONE"),
        ("the caller gave ⟦482913⟧", "CUSTOMER_ID"),
        ("what is her member number?\n⟦482913⟧", "CUSTOMER_ID"),
        ("⟦48291370⟧\nthat is my account", "ACCOUNT"),
        ("| ⟦482913⟧ | Ann Lee | paid |", "CUSTOMER_ID"),
        ("⟦482913⟧,ann@example.org", "CUSTOMER_ID"),
        ("⟦482913⟧,555-010-4477,done", "ACCOUNT"),
        ("from ⟦10001⟧ by train", "LOCATION"),
        ("due ⟦20250301⟧ at noon", "DATE"),
        ("ask again for ⟦07700900318⟧", "PHONE"),
        ("root:⟦482913⟧", "PASSWORD"),
        ("paid by ⟦4111111111111111⟧ again", "CARD"),
        ("paid ⟦5018 0000 0009⟧ again", "CARD"),
    ],
)
def test_a_number_stays_where_anything_near_hints_at_a_person(marked, label):
    value = marked[marked.index("⟦") + 1 : marked.index("⟧")]
    assert correct(marked, label) == [(value, label)]


def test_a_word_of_another_line_or_too_far_away_says_nothing():
    uuid = "⟦cc432f69-2536-471c-88b9-edc4be2a5db6⟧"
    assert correct(f"customer\n{uuid}", "CUSTOMER_ID") == []
    assert correct(f"customer {'and so on ' * 9}{uuid}", "CUSTOMER_ID") == []
    assert correct(uuid, "CUSTOMER_ID", before="the customer ") == [(uuid[1:-1], "CUSTOMER_ID")]


@pytest.mark.parametrize(
    ("marked", "label", "expected"),
    [
        ("no. ⟦123⟧ 4567 8901 234", "CARD", "ACCOUNT"),
        ("⟦GB82⟧ West", "IBAN", "ACCOUNT"),
        ("⟦0133-26-007192⟧", "SSN", "NATIONAL_ID"),
        ("⟦88412⟧", "CARD", "ACCOUNT"),
        ("⟦GODE561231HDFRRN09⟧", "IBAN", "NATIONAL_ID"),
        ("⟦GODE561231HDF⟧", "IBAN", "ACCOUNT"),
    ],
)
def test_a_number_that_cannot_be_what_it_is_called_gets_another_label(marked, label, expected):
    assert [found for _, found in correct(marked, label)] == [expected]


@pytest.mark.parametrize(
    ("marked", "label"),
    [
        ("web01 sshd[⟦22114⟧]: Failed password", "CUSTOMER_ID"),
        ("postfix/smtp[⟦1182⟧]: 4C1F", "ACCOUNT"),
        ("Your MoCA was ⟦19/30⟧, down", "DATE"),
        ('{"order": ⟦19528⟧}', "DATE"),
    ],
)
def test_the_number_of_a_process_a_share_and_five_digits_as_a_day_are_nobodys(marked, label):
    assert correct(marked, label) == []


@pytest.mark.parametrize(
    ("marked", "label"),
    [
        ("her badge [⟦22114⟧]", "EMPLOYEE_ID"),
        ("Ann[⟦22114⟧]", "CUSTOMER_ID"),
        ("sshd[⟦22114⟧ for Ann", "CUSTOMER_ID"),
        ("seen ⟦9/10⟧ by Ann", "DATE"),
        ("seen ⟦12/30⟧ by Ann", "DATE"),
        ("born ⟦30/12/19⟧", "DATE"),
    ],
)
def test_what_is_no_process_and_no_share_stays(marked, label):
    value = marked[marked.index("⟦") + 1 : marked.index("⟧")]
    assert correct(marked, label) == [(value, label)]
