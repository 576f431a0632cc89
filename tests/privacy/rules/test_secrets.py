"""Secrets behind their names whatever they look like, private keys whole; ordinary texts stay as they are."""

import pytest

from seqlabel.privacy.rules import find_patterns
from seqlabel.privacy.rules.secrets import is_nothing
from tests.extras import needs_pii

pytestmark = needs_pii

HASH = "0f3c9a1be27d4458b6c1e0a7f29d3b64"
UUID = "7c1f03aa-52de-4b19-9e0c-d1b4a3886f20"


def found(text):
    return [(text[span.start : span.end], span.label) for span in find_patterns(text)]


@pytest.mark.parametrize("value", [HASH, UUID, "q8Zr_2Lw-77fKb"])
@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("password={}", "PASSWORD"),
        ("admin_pw={}", "PASSWORD"),
        ("pass={}", "PASSWORD"),
        ('psk="{}"', "PASSWORD"),
        ("wifi-psk: {}", "PASSWORD"),
        ("credentials: {}", "PASSWORD"),
    ],
)
def test_a_secret_is_found_whatever_it_looks_like(text, label, value):
    assert found(text.format(value)) == [(value, label)]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("credentials: mira:oak9tree", "mira:oak9tree"),
        (f"credentials = mira:{HASH}", f"mira:{HASH}"),
        (f"curl -u mira:{HASH} sftp.example", f"mira:{HASH}"),
        ("curl -s --user 'mira:oaktree' x", "mira:oaktree"),
        ("Loaded jdbc:oracle:thin:hr_sync/Heron_19@db1:1521:HRP", "hr_sync/Heron_19"),
        ("sqlplus -S scott/Tig3r@orcl", "scott/Tig3r"),
        ("mysql -u root -pTiger99 db", "Tiger99"),
        ("mysqldump --port 3306 -p'x y z' db > o", "x y z"),
        ("VALUES (password='o''neil99')", "o''neil99"),
        ("pass: oak9tree", "oak9tree"),
        ("password=it's-me now", "it's-me"),
        ("{'password': 'oaktree', 'a': 1}", "oaktree"),
        ("password: oaktree", "oaktree"),
        ("client_secret=oaktree", "oaktree"),
        ('"token": "oaktree"', "oaktree"),
        ("password: /x9K/d", "/x9K/d"),
    ],
)
def test_a_secret_is_found_with_what_belongs_to_it(text, value):
    assert found(text) == [(value, "PASSWORD")]


@pytest.mark.parametrize(
    "text",
    [
        "max_tokens: 4096, tokens=17",
        "PWD=/srv/Web/x and pwd: /opt/app, OLDPWD=~/work, pwd=C:\\work",
        "POSTGRES_PASSWORD: /run/secrets/db",
        '{"password": true, "token": null, "secret": false}',
        'if password == "": return None',
        'assert token != "x" and password == confirm',
        "reset password: click here, forgot password: contact support",
        "password: str = Field(min_length=8), password: SecretStr",
        "The secret: always smile.",
        "token: identifier, token: eof",
        "PASS: test_login_12, curl -u $USER:$PASS x",
        "jdbc:oracle:thin:@//db1:1521/HRP, sqlplus / as sysdba",
        "mysql -u root -p db; mysql -p$PW --port=3306; pip -pTiger99",
        "find /var/lib/mysql -print; rsync -a mysql -progress; apt-get remove mysql -purge; run mysql -p3306:3306",
        "first pass: 12 files, pass: yes, compass=north, bypass: none",
        "key: value, primary_key=id, SORT_KEY=created_at, monkey: 12, api key documentation",
        f"id={UUID}, side={HASH}, session: 3 of 4, session started, president: {UUID}",
        "credentials: see the wiki",
        "SSH_KEY=/srv/keys/host_ed25519",
        "docker run -u 1000:1000 x; chown -u app:app x",
    ],
)
def test_what_only_stands_where_a_secret_could_is_left(text):
    assert found(text) == []


def test_words_about_secrets_are_none():
    assert all(map(is_nothing, ("required", "True", "null,", "${DB_PASSWORD}", "=")))
    assert not any(map(is_nothing, ("hunter2", "nullify", "stringent")))


BODY = "\n".join(("MIIEvQ" + "Ab3+/" * 11 + "xyz", "k7Q" * 21 + "p", "Nwkb=="))


@pytest.mark.parametrize("kind", ["", "RSA ", "ENCRYPTED ", "OPENSSH "])
@pytest.mark.parametrize("fields", ["", "Proc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,0A1B2C3D\n\n"])
def test_a_private_key_is_found_with_all_its_lines(kind, fields):
    key = f"-----BEGIN {kind}PRIVATE KEY-----\n{fields}{BODY}\n-----END {kind}PRIVATE KEY-----"
    assert found(f"a\n{key}\nb") == [(key, "API_KEY")]
    key = key.replace("\n", "\r\n  ")
    assert found(f"a\n  {key}\nb") == [(key, "API_KEY")]
    if not fields:
        key = key.replace("\r\n  ", "\\n")
        assert found(f'"{key}\\n"') == [(key, "API_KEY")]


def test_a_private_key_without_its_end_is_found_up_to_other_text():
    key = f"-----BEGIN PRIVATE KEY-----\n{BODY}"
    assert found(f"{key}\nand nothing more") == [(key, "API_KEY")]
    assert found("-----BEGIN PRIVATE KEY----- begins one") == []
    assert found("-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----") == []


def test_the_block_of_another_program_is_found():
    key = f"-----BEGIN PGP PRIVATE KEY BLOCK-----\nVersion: X 1\n\n{BODY}\n=aBc9\n-----END PGP PRIVATE KEY BLOCK-----"
    assert found(key) == [(key, "API_KEY")]
