"""European national numbers by check digits and names, telephone numbers behind their names, numbers said in words."""

import time

import pytest

from seqlabel.privacy.rules import find_patterns
from tests.extras import needs_pii

pytestmark = needs_pii


def found(text):
    return [(text[span.start : span.end], span.label) for span in find_patterns(text)]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("DNI 53217764-L", "53217764-L"),
        ("nie:Y4418207J.", "Y4418207J"),
        ("Codice fiscale CBLRMN84E52H501Q", "CBLRMN84E52H501Q"),
        ("n° 2 84 05 38 185 042 13 (carte)", "2 84 05 38 185 042 13"),
        ("284053818504213", "284053818504213"),
        ("AHV-Nr. 756.9217.0769.85", "756.9217.0769.85"),
        ("rijksregister 85.07.30-033.28", "85.07.30-033.28"),
        ("Mijn BSN is 174208406", "174208406"),
        ("Burgerservicenummer: 174208406", "174208406"),
    ],
)
def test_national_numbers_are_found_by_their_check_digits(text, value):
    assert found(text) == [(value, "NATIONAL_ID")]
    wrong = value.replace(value[-2:], f"{value[-2]}{'A' if value[-1] != 'A' else 'B'}")
    if value[-1].isdigit():
        wrong = value[:-1] + str((int(value[-1]) + 1) % 10)
    assert found(text.replace(value, wrong)) == []


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("USt-IdNr. DE136695976", "DE136695976"),
        ("ATU13585627", "ATU13585627"),
        ("Steuer-ID: 86 095 742 719", "86 095 742 719"),
        ("Die Steueridentifikationsnummer lautet 86095742719.", "86095742719"),
        ("NIF: 123 456 789", "123 456 789"),
        ("contribuinte n.º 123456789", "123456789"),
        ("CPF 52998224725", "52998224725"),
    ],
)
def test_tax_numbers_are_found_by_their_check_digits(text, value):
    assert found(text) == [(value, "TAX_ID")]
    wrong = value[:-1] + str((int(value[-1]) + 1) % 10)
    assert found(text.replace(value, wrong)) == []


@pytest.mark.parametrize(
    "text",
    [
        "order 174208406",
        "Nummer 86095742719",
        "a53217764L",
        "53217764L-7",
        "v1.2.84.05.38",
        "XDE136695976",
        "4284053818504213",
        "BSN\n174208406",
        "2 84 05 38 185 042 131",
    ],
)
def test_digits_without_a_name_and_parts_of_longer_runs_are_left(text):
    assert found(text) == []


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("Tel. 030 1234567", "030 1234567"),
        ("Tél. : 06 12 34 56 78", "06 12 34 56 78"),
        ("Telefono: 347 2093118 oggi", "347 2093118"),
        ("Mein Handy 0176 55201943", "0176 55201943"),
        ("Tlm. 961 204 773.", "961 204 773"),
        ("Mobiel: 06-29417083", "06-29417083"),
        ("Fax (030) 123 45-67", "(030) 123 45-67"),
        ("Tel.-Nr.: 07561/3128", "07561/3128"),
        ("MÓVIL: 688 21 09 47", "688 21 09 47"),
    ],
)
def test_telephone_numbers_are_found_behind_their_name(text, number):
    assert found(text) == [(number, "PHONE")]


@pytest.mark.parametrize(
    "text",
    [
        "cell 12345678",
        "the fax machine has 2000 pages",
        "port: 5432",
        "hotel: 0176 55201943",
        "Intel. 0176 55201943",
        "Tel. 12 34",
    ],
)
def test_other_numbers_behind_such_words_are_left(text):
    assert found(text) == []


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("Call four one five, five five five, oh one nine two.", "four one five, five five five, oh one nine two"),
        ("It is Double seven nine two, three three four eight", "Double seven nine two, three three four eight"),
        ("null eins sieben sechs, fünf fünf zwei", "null eins sieben sechs, fünf fünf zwei"),
        ("zéro six deux trois neuf neuf un", "zéro six deux trois neuf neuf un"),
        ("seis uno dos cuatro cuatro nueve cero", "seis uno dos cuatro cuatro nueve cero"),
        ("nove meia um sete sete dois três", "nove meia um sete sete dois três"),
    ],
)
def test_a_number_said_digit_by_digit_is_a_telephone_number(text, number):
    assert found(text) == [(number, "PHONE")]


@pytest.mark.parametrize(
    "text",
    [
        "one two three four five six seven eight nine ten",
        "nine eight seven six five four three two one",
        "one five two six one five",
        "someone two five one six two five one's",
        "one man, two dogs, five cats, six birds, one fish, two cows, nine hens",
    ],
)
def test_counting_and_a_few_digits_are_no_number(text):
    assert found(text) == []


def test_hostile_texts_take_no_longer_than_others():
    for part in ("Tel. ", "1 ", "one ", "12.", "BSN ", "ABCDEF12", "double "):
        begin = time.perf_counter()
        find_patterns(part * 20_000)
        assert time.perf_counter() - begin < 5, part
