"""Values made by a second implementation are found, spoilt ones are not, and hostile texts cost no more than others."""

import random
import re
import sys
import time
import unicodedata

import pytest

from seqlabel.errors import OptionError
from seqlabel.privacy import rules as patterns
from seqlabel.privacy.rules import Pattern, find_patterns

pytest.importorskip("stdnum", reason="patterns need seqlabel-rnn[pii]")
pytest.importorskip("phonenumbers", reason="patterns need seqlabel-rnn[pii]")


def found(text):
    return [(text[span.start : span.end], span.label) for span in find_patterns(text)]


FOUND = [
    ("EMAIL", "ada.moss@example.org"),
    ("EMAIL", "a@b.io"),
    ("EMAIL", "o'hara+news@mail.example.co.uk"),
    ("EMAIL", "Grüße_7%x@exämple.museum"),
    ("EMAIL", "аda@example.com"),
    ("URL", "https://example.org/a_(b)?q=1&r=[2]#x"),
    ("URL", "www.example.org/users/7"),
    ("URL", "postgres://app:pa55@db.example.org:5432/main"),
    ("URL", "HTTP://10.0.0.7:8080/"),
    ("IP", "203.0.113.7"),
    ("IP", "2001:db8::8a2e:370:7334"),
    ("IP", "::ffff:192.0.2.1"),
    ("IP", "fe80:0:0:0:200:f8ff:fe21:67cf"),
    ("IP", "::1"),
    ("MAC", "00:1b:44:11:3a:b7"),
    ("MAC", "00-1B-44-11-3A-B7"),
    ("MAC", "001b.4411.3ab7"),
    ("PHONE", "+44 20 7946 0018"),
    ("PHONE", "+1 (202) 555-0147"),
    ("PHONE", "+49 (0)30 901820"),
    ("PHONE", "+33123456789"),
    ("PHONE", "+1-202-555-0147 ext. 12"),
    ("CARD", "4111 1111 1111 1111"),
    ("CARD", "5555-5555-5555-4444"),
    ("CARD", "378282246310005"),
    ("CARD", "3782 822463 10005"),
    ("CARD", "30569309025904"),
    ("IBAN", "GB82 WEST 1234 5698 7654 32"),
    ("IBAN", "de89370400440532013000"),
    ("IBAN", "NO93 8601 1117 947"),
    ("IBAN", "MT84MALT011000012345MTLCAST001S"),
    ("SSN", "536-90-4399"),
    ("VIN", "1HGBH41JXMN109186"),
    ("VIN", "1M8GDM9AXKP042788"),
    ("API_KEY", "AKIAABCDEFGHIJKLMNOP"),
    ("API_KEY", "ghp_" + "aB3" * 12),
    ("API_KEY", "sk_live_" + "x9" * 12),
    ("API_KEY", "xoxb-123456789012-abcdefABCDEF"),
    ("API_KEY", "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.dBjftJeZ4CVP-mB92K27uhbUJU1p1r"),
    ("API_KEY", "-----BEGIN RSA PRIVATE KEY-----\nMIIEow+/=\nabc\n-----END RSA PRIVATE KEY-----"),
]


@pytest.mark.parametrize(("label", "value"), FOUND)
@pytest.mark.parametrize(
    "frame", ["{}", "see {} today", "({})", "x={};", '"{}"', "{}, {}", "\n{}\n", "«{}».", "it is {}."]
)
def test_a_value_is_found_whatever_stands_around_it(label, value, frame):
    text = frame.format(value, value)
    assert found(text) == [(value, label)] * frame.count("{}")


NOTHING = [
    "",
    "nothing to see here, 42 times, at 12:30:45 on 2024-05-06",
    "ada@localhost, @ada, ada@, a@b.c, @@",
    "https:// and http://... and www. and ://x",
    "256.1.1.1 and 1.2.3 and 1.2.3.4.5 and 01.2.3.4",
    "version 1.2.3.4, v1.2.3.4, Build: 10.0.0.1, Chrome/119.0.0.0, numpy==1.2.3.4, lib-1.2.3.4",
    "10.0.0.1-beta2, 1.2.3.4-SNAPSHOT, libssl/1.1.1.1, Edg/120.0.0.0, app-10.0.0.8",
    '{"version": "1.2.3.4"}',
    "std::vector, a::b, ::, 10:20:30, dead:beef",
    "00:1b:44:11:3a, 00:1b:44:11:3a:b7:c8, 01-02-03-04-05-06",
    "+12, + 44 20 7946 0018, +999 123 456 789, 1+2025550147",
    "4111 1111 1111 1112, 1111 1111 1111 1117, 41111111111111111, 0.4111111111111111",
    "GB83 WEST 1234 5698 7654 32, ZZ82WEST12345698765432, XGB82WEST12345698765432",
    "000-12-3456, 666-12-3456, 900-12-3456, 536-00-4399, 536-90-0000, 1536-90-4399",
    "1HGBH41JXMN109187, 1HGBH41JXMN10918, IOQBH41JXMN109186, 12345678901234567",
    "AKIA123, ghp_short, sk-abc, eyJhbGciOiJIUzI1NiJ9, the key is in the drawer",
]


@pytest.mark.parametrize("text", NOTHING)
def test_what_only_resembles_a_value_is_not_found(text):
    assert found(text) == []


def test_values_are_in_document_order_and_do_not_overlap():
    text = "b@x.org 10.0.0.1 a@x.org https://x.org/?m=a@x.org 4111111111111111"
    assert found(text) == [
        ("b@x.org", "EMAIL"),
        ("10.0.0.1", "IP"),
        ("a@x.org", "EMAIL"),
        ("https://x.org/?m=a@x.org", "URL"),
        ("4111111111111111", "CARD"),
    ]


def test_a_number_that_follows_is_not_taken_in():
    assert found("4111 1111 1111 1111 12/27 and 22 4111 1111 1111 1111") == [("4111 1111 1111 1111", "CARD")] * 2
    assert found("GB82 WEST 1234 5698 7654 32 AND MORE 1234") == [("GB82 WEST 1234 5698 7654 32", "IBAN")]
    assert found("10.0.0.1:8080 [2001:db8::1]:443 2001:db8::1: down") == [
        ("10.0.0.1", "IP"),
        ("2001:db8::1", "IP"),
        ("2001:db8::1", "IP"),
    ]


def luhn(digits):
    """Whether a number is right by Luhn's rule, by the book."""
    doubled = [int(digit) * (2 if place % 2 else 1) for place, digit in enumerate(reversed(digits))]
    return sum(number - 9 if number > 9 else number for number in doubled) % 10 == 0


def test_of_the_ten_last_digits_of_a_card_one_is_right():
    rng = random.Random(1)
    for _ in range(100):
        stem = "4" + "".join(rng.choice("0123456789") for _ in range(14))
        for digit in "0123456789":
            expected = [(stem + digit, "CARD")] if luhn(stem + digit) else []
            assert found(f"card {stem + digit}.") == expected


def test_of_all_check_digits_of_an_iban_one_pair_is_right():
    rng = random.Random(2)
    for _ in range(20):
        account = "".join(rng.choice("0123456789") for _ in range(18))
        right = [check for check in range(2, 99) if (int(account + "1314" + f"{check:02}")) % 97 == 1]
        hits = [check for check in range(2, 99) if found(f"to DE{check:02}{account} now")]
        assert hits == right
        assert len(right) == 1


def test_any_changed_character_of_a_vin_is_noticed():
    value = "1M8GDM9AXKP042788"
    for place in range(17):
        for other in "0123456789":
            spoilt = value[:place] + other + value[place + 1 :]
            hits = found(spoilt)
            assert hits == ([(spoilt, "VIN")] if check_digit(spoilt) == spoilt[8] else [])


def check_digit(value):
    """The ninth character of a VIN, from the table of 49 CFR 565.15."""
    rows = ["AJ1", "BKS2", "CLT3", "DMU4", "ENV5", "FW6", "GPX7", "HY8", "RZ9"]
    numbers = {letter: number for number, row in enumerate(rows, 1) for letter in row} | {"0": 0}
    weights = [8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2]
    remainder = sum(numbers[letter] * weight for letter, weight in zip(value, weights, strict=True)) % 11
    return "X" if remainder == 10 else str(remainder)


@pytest.mark.parametrize(
    "hidden",
    [
        *("\u200b", "\u00ad", "\ufeff", "\u2060", "\u202e", "\u034f", "\u061c", "\u180b", "\u2065", "\u206f", "\ufe0f"),
        *("\uffa0", "\ufff9", "\U000e0020", "\U000e0100", "\x00", "\x1b", "\x7f", "\x1b[0m", "\x1b[38;5;196m"),
    ],
    ids=ascii,
)
def test_invisible_characters_do_not_hide_a_value(hidden):
    rng = random.Random(3)
    for label, value in FOUND:
        for _ in range(5):
            place = rng.randrange(1, len(value))
            spoilt = value[:place] + hidden + value[place:]
            text = f"{hidden}see {spoilt}{hidden} and {hidden}{value}"
            assert found(text) == [(spoilt, label), (value, label)]


def test_every_character_that_unicode_lets_programs_ignore_is_invisible():
    # Cf is nearly all of Default_Ignorable_Code_Point; the others are signs that stand before a number.
    seen = {chr(code) for code in range(sys.maxunicode + 1) if unicodedata.category(chr(code)) == "Cf"}
    assert {sign for sign in seen if not patterns.INVISIBLE.fullmatch(sign)} == set(
        "\u0600\u0601\u0602\u0603\u0604\u0605\u06dd\u070f\u0890\u0891\u08e2\U000110bd\U000110cd"
    ) | {sign for sign in seen if 0x13430 <= ord(sign) <= 0x1343F}


@pytest.mark.parametrize(("label", "value"), FOUND)
@pytest.mark.parametrize(
    "frame",
    [
        r"peers:\n{}\n{}",
        r'{{"m":"a\t{}"}}',
        "%0A{}%20",
        r"q\u003d{}",
        "\x1b[32m{}\x1b[0m",
        "x \x1b[1m\x1b[36m{}\x1b[m y",
    ],
)
def test_an_escape_or_a_colour_before_a_value_does_not_hide_it(label, value, frame):
    text = frame.format(value, value)
    places = [match.start() for match in re.finditer(re.escape(value), text)]
    spans = find_patterns(text)
    # More than the value may be taken: of `DOMAIN\\nancy@example.org` it cannot be told what belongs to it.
    assert all(any(span.start <= place and place + len(value) <= span.end for span in spans) for place in places)
    if label != "EMAIL" and "%" not in frame:
        assert found(text) == [(value, label)] * len(places)


@pytest.mark.parametrize(
    "text",
    [
        "inside/{}",
        "tcp/{}",
        "src/{}/443",
        "client-{} connected",
        "host-{}-pool",
        "Denied udp src outside/{}/53",
        "to/{}",
    ],
)
@pytest.mark.parametrize("value", ["10.0.0.8", "203.0.113.9"])
def test_an_address_behind_a_word_of_networks_is_found(text, value):
    assert found(text.format(value)) == [(value, "IP")]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("Authorization: Basic dXNlcjpwYXNzd29yZA==", "dXNlcjpwYXNzd29yZA=="),
        ("-H 'authorization: Bearer abc.DEF-123_456'", "abc.DEF-123_456"),
    ],
)
def test_what_authorises_is_found(text, value):
    assert found(text) == [(value, "API_KEY")]


@pytest.mark.parametrize("user", ["ann", "ann.lee", "José", "a-b_c2"])
@pytest.mark.parametrize(
    "text",
    [
        'File "/home/{}/claims/worker.py", line 3',
        "C:\\Users\\{}\\notes.txt",
        'path: "c:\\\\Users\\\\{}\\\\notes.txt"',
        "open /Users/{}/Library",
        "file:///home/{}/x",
        "PATH=/usr/bin:/home/{}/bin",
        "a:x:1000:1000::/home/{}:/bin/bash",
        "\\n/home/{}/x",
    ],
)
def test_a_user_is_found_in_the_path_of_a_home(text, user):
    assert found(text.format(user)) == [(user, "USERNAME")]


@pytest.mark.parametrize(
    "text",
    [
        "GET /home/products/7 and PUT /home/ann/x",
        "/home/user/x, /home/runner/work, C:\\Users\\Public\\x, /Users/Shared/x",
        "src/home/ann/x, ./home/ann/x, /my/home/ann/x, /homes/ann/x",
        "/home/ann, /home/, /home//x, /home/7/x",
    ],
)
def test_what_is_nobodys_home_has_no_user(text):
    assert found(text) == []


SEED = "abandon ability able about above absent absorb abstract absurd abuse access accident"


@pytest.mark.parametrize(
    ("text", "value", "label"),
    [
        # The long s and the sign of kelvin, and the letter i without its dot, are these letters regardless of case.
        *(
            (f"{cue}=hunter22", "hunter22", "PASSWORD")
            for cue in ("PASSPHRASE", "paſſword", "PwD", "ſecret", "to\u212aen", "Passwort", "KENNWORT", "Contraseña")
        ),
        *(
            (f"{cue}: {SEED}", SEED, "PASSWORD")
            for cue in ("ſeed", "RECOVERY", "mnemon\u0131c", "bac\u212aup", "Wallet Seed")
        ),
        ("WwW.example.org/users/7", "WwW.example.org/users/7", "URL"),
        ("c:\\uſers\\ann\\x", "ann", "USERNAME"),
    ],
)
def test_a_word_before_a_value_is_read_regardless_of_case(text, value, label):
    assert found(text) == [(value, label)]


def test_full_width_characters_do_not_hide_a_value():
    wide = "".join(chr(ord(letter) + 0xFEE0) if letter != " " else letter for letter in "4111 1111 1111 1111")
    assert found(f"卡 {wide}。") == [(wide, "CARD")]
    assert found("ａｄａ＠ｅｘａｍｐｌｅ．ｏｒｇ") == [("ａｄａ＠ｅｘａｍｐｌｅ．ｏｒｇ", "EMAIL")]


HOSTILE = [
    "a",
    "a.",
    "1",
    "1.",
    "@",
    "a@",
    "a@a.",
    "+1",
    "+1 ",
    "4 ",
    "4111 ",
    "GB82 WEST ",
    "aa:",
    ":",
    "http://",
    "www.a.",
    "eyJaaaaaaaa.",
    "-----BEGIN PRIVATE KEY-----",
    "1-",
    "123-45-",
    "sk-a",
    "a-",
    "a'",
    "\u200b",
    "a\u200b",
    "https://(((",
    "/home/",
    "/home/a",
    # Letters and greetings
    "Dear ",
    "Dear Ann and ",
    "Signed,\n",
    "Signed: A. ",
    "/s/ Ann-",
    "Yours,\n \n",
    "Thanks\n",
    "A B ",
    "her wife Ann ",
    "son van der ",
    # Fields, titles, registers and chats
    "first_name:",
    '"name": "a',
    "Herr Dr. med. ",
    "Mr A.-",
    "Can Ann do ",
    "asked Ann ",
    "ABC, Ab ",
    "ABC DEF, ",
    "\n[1/1/11, 1:11] a",
    "hey amber\t",
    "@amber",
    "Ann Lee (a",
    # Words before values
    "DOB: 1/",
    "born ",
    "car AB12 CDE ",
    "ext. 1",
    "call x22 ",
    "case A1/",
    "1/",
    "URN: 06 AA ",
    "67 yo ",
    "Bed 3 A A 72F ",
    "PC 1111 Ab",
    "Our ref: A",
    "IMEI: 11-",
    # Segments of HL7, addresses, logs
    "PID|",
    "\nPID|1||~~~|^^",
    "|1abc^b^c^",
    "Rose Cottage, ",
    "Flat 1, Ab Street, ",
    "A1 1AA ",
    "Aa - 111 111",
    "user=A\\",
    "host=a.",
    "1.1.1.1,a",
    "\nann.lee 1:11",
    # Anything else
    "A",
    "\u00c9a",
    "\u00a6",
    " ",
    "\n",
]


@pytest.mark.parametrize("unit", HOSTILE)
def test_four_times_the_text_takes_about_four_times_the_time(unit):
    def seconds(length):
        text = (unit * (length // len(unit) + 1))[:length]
        start = time.process_time()
        find_patterns(text)
        return time.process_time() - start

    # Were it quadratic, it would be sixteen times; other programs may disturb one measurement.
    assert any(seconds(80_000) < 9 * seconds(20_000) + 0.05 for _ in range(3))


def test_without_the_extra_there_is_one_error(monkeypatch):
    patterns._validators.cache_clear()
    monkeypatch.setitem(sys.modules, "stdnum", None)
    with pytest.raises(OptionError, match=r"pip install 'seqlabel-rnn\[pii\]'"):
        find_patterns("nothing")
    monkeypatch.undo()
    assert found("10.0.0.1") == [("10.0.0.1", Pattern.IP)]


@pytest.mark.parametrize(
    ("text", "host"),
    [
        ("host=oakmail.net port=25", "oakmail.net"),
        ("hostname: nancy.local", "nancy.local"),
        ('"domain": "larchbank.de"', "larchbank.de"),
        ("relay larch-mail.org refused", "larch-mail.org"),
        ("upstream=edge7.internal:8080", "edge7.internal:8080"),
    ],
)
def test_a_host_of_two_parts_is_found_behind_a_word_that_says_so(text, host):
    assert found(text) == [(host, Pattern.URL)]


@pytest.mark.parametrize("text", ["open main.in", "the host said user.info", "localhost config.io", "ghost=main.in"])
def test_two_parts_alone_are_no_host(text):
    assert found(text) == []


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("5018 0000 0009 0000", True),
        ("card 5018000000090000", True),
        ("counter 5018000000090000", False),
        ("counter 4111111111111111", True),
    ],
)
def test_numbers_of_maestro_need_spaces_or_a_word(text, found):
    assert ("CARD" in [value.label for value in find_patterns(text)]) is found
