"""User names, machines, telephones and persons in logs and on screens, by the fields that they stand behind."""

import pytest

from seqlabel.privacy.rules.logs import hardware, hosts, screen_names, telephones, users


def found(rule, text):
    return [text[start:end] for start, end in rule(text)]


@pytest.mark.parametrize(
    ("text", "user"),
    [
        (r"pid=7 user=ACME\mlund cmd=ls", "mlund"),
        (r"pid=7 user=ACME\\rlund cmd=ls", "rlund"),
        ('suser="mira.lund" act=alert', "mira.lund"),
        ("logname=mlund uid=0", "mlund"),
        ("TargetUserName=mlund", "mlund"),
        ("    Account Name:  \tsvc.mira\n    Domain: X", "svc.mira"),
        ('{"username": "mlund88"}', "mlund88"),
        ('login(user="mlund")', "mlund"),
        ("failed (2 times) user=mlund", "mlund"),
        ("(88) Login OK: [odette.b] (from client wlc port 1)", "odette.b"),
        ("Login incorrect (mschap: failed): [odette.b/<no password>]", "odette.b"),
    ],
)
def test_a_user_is_found_behind_its_field(text, user):
    assert found(users, text) == [user]


@pytest.mark.parametrize(
    "text",
    [
        "user=root(uid=0)",
        "Login OK: [admin] (from client wlc)",
        "USER=root ; COMMAND=ls",
        "login(user=patient, id=4)",
        "user=request.user",
        "user: please restart",
        "user=88120",
        "login=failed",
        "Username: required\n",
        "blogin=mira",
        "user=WS7$ act=1",
        "no fields",
    ],
)
def test_what_is_no_users_name_is_left(text):
    assert found(users, text) == []


@pytest.mark.parametrize(
    ("text", "host"),
    [
        ("domain=cdn.oakham.example user=x", "cdn.oakham.example"),
        ('dst_host="db3.oakham.example"', "db3.oakham.example"),
        ("connect from mx1.oakham.example[192.0.2.7]", "mx1.oakham.example"),
        ("rhost=gate.oakham.example", "gate.oakham.example"),
    ],
)
def test_a_machine_is_found_behind_its_field(text, host):
    assert found(hosts, text) == [host]


@pytest.mark.parametrize(
    "text", ["host=main.py x", "domain=com.acme.app", "host=10.0.0.8", "host=gate x", "a.b.c", "unknown[192.0.2.7]"]
)
def test_what_is_no_machine_is_left(text):
    assert found(hosts, text) == []


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("msisdn=4915155501729 attempt=3", "4915155501729"),
        ('"mobile": "07700900461"', "07700900461"),
        ("caller_id=+15550100142,", "+15550100142"),
    ],
)
def test_a_telephone_is_found_behind_its_field(text, number):
    assert found(telephones, text) == [number]


@pytest.mark.parametrize("text", ["cell=12 x", "microphone=1234567890", "tel=12345678901234567", "total=1234567890"])
def test_what_is_no_telephone_is_left(text):
    assert found(telephones, text) == []


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("10,05/12/25,09:14:22,Assign,10.30.2.118,ws7,A4B197C02D11,,2210", "A4B197C02D11"),
        ("mac=0017c8a1b2c3 up", "0017c8a1b2c3"),
    ],
)
def test_hardware_without_marks_is_found(text, address):
    assert found(hardware, text) == [address]


@pytest.mark.parametrize("text", ["hash 0017c8a1b2c3 x", "10.30.2.118,ws7,a4b197c02d11ff", "10.30.2.118 ws7"])
def test_what_is_no_hardware_is_left(text):
    assert found(hardware, text) == []


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("to 04:d9:c8 (Torben-iPad) via", "Torben"),
        ("Mira's-iPhone", "Mira"),
        ("see CV_Mira_Lund_final.docx", "Mira_Lund"),
        ("sha 9fe21c7\nmira.k  10:44 AM\nhello", "mira.k"),
        ("mira 9:02 AM\nhello", "mira"),
        ("mira  9:02\nhello", "mira"),
    ],
)
def test_a_person_is_found_by_devices_files_and_heads_of_messages(text, name):
    assert found(screen_names, text) == [name]


@pytest.mark.parametrize(
    "text",
    [
        "My-iPhone",
        "X-Mira-iPhone",
        "CV_Template_Final.docx",
        "Passport_Mira_Lund.js",
        "lunch 9:02 AM\n",
        "we met at 9:02",
        "meet mira 9:02 AM\n",
        "mira 9:02\n",
    ],
)
def test_what_is_no_person_is_left(text):
    assert found(screen_names, text) == []
