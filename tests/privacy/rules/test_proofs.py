"""Values made by a second implementation are found, spoilt ones are not."""

import random

import pytest

from tests.privacy.proven_values import FOUND, found

pytest.importorskip("stdnum", reason="patterns need seqlabel-rnn[pii]")
pytest.importorskip("phonenumbers", reason="patterns need seqlabel-rnn[pii]")


@pytest.mark.parametrize(("label", "value"), FOUND)
def test_a_value_is_found_whatever_stands_around_it(label, value):
    frames = [
        "{}",
        "see {} today",
        "({})",
        "x={};",
        '"{}"',
        "{}, {}",
        "\n{}\n",
        "«{}».",
        "it is {}.",
    ]
    for frame in frames:
        assert found(frame.format(value, value)) == [(value, label)] * frame.count("{}"), frame


NOTHING = [
    "",
    "nothing to see here, 42 times, at 12:30:45 on 2024-05-06",
    "ada@localhost, @ada, ada@, a@b.c, @@",
    "https:// and http://... and www. and ://x",
    "256.1.1.1 and 1.2.3 and 1.2.3.4.5 and 01.2.3.4",
    (
        "127.0.0.1, ::1, 0.0.0.0:8080, 255.255.255.0, 255.255.255.255, ::ffff:127.0.0.1, "
        "239.255.255.250, ff02::fb"
    ),
    "10.0.0.0/8 and 192.168.0.0/16, http://localhost:8000/ and https://127.0.0.1, ws://[::1]:8080/",
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


def test_a_number_that_follows_is_not_taken_in():
    assert (
        found("4111 1111 1111 1111 12/27 and 22 4111 1111 1111 1111")
        == [("4111 1111 1111 1111", "CARD")] * 2
    )
    assert found("GB82 WEST 1234 5698 7654 32 AND MORE 1234") == [
        ("GB82 WEST 1234 5698 7654 32", "IBAN")
    ]
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
        right = [
            check for check in range(2, 99) if (int(account + "1314" + f"{check:02}")) % 97 == 1
        ]
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
    remainder = (
        sum(numbers[letter] * weight for letter, weight in zip(value, weights, strict=True)) % 11
    )
    return "X" if remainder == 10 else str(remainder)


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
def test_an_address_after_a_word_of_networks_is_found(text, value):
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
def test_what_is_no_persons_home_has_no_user(text):
    assert found(text) == []


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
def test_a_host_of_two_parts_is_found_after_a_word_that_says_so(text, host):
    assert found(text) == [(host, "URL")]


@pytest.mark.parametrize(
    "text", ["open main.in", "the host said user.info", "localhost config.io", "ghost=main.in"]
)
def test_two_parts_alone_are_no_host(text):
    assert found(text) == []
