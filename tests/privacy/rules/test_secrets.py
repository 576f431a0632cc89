"""Private keys are found whole; words about secrets and placeholders are not secrets."""

import pytest

from seqlabel.privacy.rules.secrets import is_nothing, is_secret
from tests.extras import needs_pii
from tests.privacy.proven_values import found

pytestmark = needs_pii


def test_placeholders_are_no_secrets():
    assert is_secret("AKIAQ3EGRIK7F2QXT6ZN")
    assert not any(
        map(is_secret, ("AKIAIOSFODNN7EXAMPLE", "ghp_" + "x" * 36, "sk-your-key-here-1234567"))
    )


def test_words_about_secrets_are_none():
    assert all(map(is_nothing, ("required", "True", "null,", "${DB_PASSWORD}", "=")))
    assert not any(map(is_nothing, ("hunter2", "nullify", "stringent")))


BODY = "\n".join(("MIIEvQ" + "Ab3+/" * 11 + "xyz", "k7Q" * 21 + "p", "Nwkb=="))


@pytest.mark.parametrize("kind", ["", "RSA ", "ENCRYPTED ", "OPENSSH "])
@pytest.mark.parametrize(
    "fields", ["", "Proc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,0A1B2C3D\n\n"]
)
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
    key = (
        f"-----BEGIN PGP PRIVATE KEY BLOCK-----\nVersion: X 1\n\n{BODY}\n=aBc9\n-----END "
        "PGP PRIVATE KEY BLOCK-----"
    )
    assert found(key) == [(key, "API_KEY")]
