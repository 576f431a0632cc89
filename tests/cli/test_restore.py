"""`seqlabel restore`: what `redact --policy encrypt` encrypted comes back, in files and streams."""

import json
import re
from pathlib import Path

import pytest

from seqlabel.documents.spans import CharacterSpan
from seqlabel.privacy.replacing.policies import Encrypt
from seqlabel.privacy.replacing.redacted import redact_characters
from tests.cli.commands import run, write_key
from tests.extras import needs_pii
from tests.keys import KEY
from tests.privacy.rewritten_files import lines

pytestmark = needs_pii


@pytest.mark.parametrize("suffix", ["txt", "jsonl", "csv"])
def test_what_was_encrypted_comes_back(rules, tmp_path, suffix):
    texts = [*lines(), 'say "ann@x.org", \\ann@x.org\\', "<ENCRYPTED:abc> ann@x.org"]
    rows = {
        "txt": texts,
        "jsonl": [json.dumps({"n": 1, "text": text}, ensure_ascii=False) for text in texts],
        "csv": ["n,text", *(f'1,"{text.replace(chr(34), 2 * chr(34))}"' for text in texts)],
    }
    source, secret, back = (tmp_path / f"{name}.{suffix}" for name in ("in", "out", "back"))
    source.write_text("\n".join(rows[suffix]) + "\n", encoding="utf-8")
    write_key(tmp_path / "key", KEY)
    options = ["--key-file", tmp_path / "key", *(["--column", "text"] if suffix == "csv" else [])]
    encrypting = ["--model", rules, "--policy", "encrypt"]
    encrypted = run(f"redact {source} --output {secret}", *encrypting, *options)
    restored = run(f"restore {secret} --output {back}", *options)
    # One text held what looks encrypted and is not.
    assert (encrypted.exit_code, restored.exit_code) == (0, 1)
    assert "@" not in secret.read_text()
    count = sum(int(line.split()[1]) for line in encrypted.stderr.splitlines()[:-1])
    said = rf".*, line \d+: 1 .*\nRESTORED +{count}\n{len(texts)} records, 1 kept.*\n"
    assert re.fullmatch(said, restored.stderr)
    wanted, found = (path.read_text(encoding="utf-8") for path in (source, back))
    if suffix == "jsonl":
        # A field that changed has Python's escapes.
        wanted, found = (
            [json.loads(line) for line in text.splitlines()] for text in (wanted, found)
        )
    assert found == wanted
    write_key(tmp_path / "key", KEY[::-1])
    refused = run(f"restore {secret} --output {back}", *options)
    assert refused.exit_code == 1
    assert re.search(rf"out\.{suffix}, line \d: \d encrypted", refused.stderr)
    assert "RESTORED" not in refused.stderr
    assert back.read_bytes() == secret.read_bytes()


def test_what_was_kept_unread_is_restored_too(rules, tmp_path):
    write_key(tmp_path / "key", KEY)
    for suffix, given, more in (
        ("txt", b"ann@x.org \xff\n", []),
        ("csv", b"n,text\n1,ann@x.org,3\n", ["--column", "text"]),
    ):
        source, secret, back = (tmp_path / f"{name}.{suffix}" for name in ("in", "out", "back"))
        source.write_bytes(given)
        options = ["--key-file", tmp_path / "key", *more]
        encrypting = ["--model", rules, "--policy", "encrypt", "--keep-unreadable"]
        run(f"redact {source} --output {secret}", *encrypting, *options)
        assert b"@" not in secret.read_bytes()
        run(f"restore {secret} --output {back}", *options)
        assert back.read_bytes() == given


def test_of_many_kept_records_the_first_are_named(tmp_path):
    write_key(tmp_path / "key", KEY)
    done = run(f"restore --key-file {tmp_path}/key", input=b"<ENCRYPTED:v9:abcd>\n" * 25)
    lines = done.stderr.splitlines()
    places = [line.partition(":")[0] for line in lines[:6]]
    assert places == [*(f"stdin, line {number}" for number in range(1, 6)), "stdin"]
    assert (done.exit_code, len(lines)) == (1, 7)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_an_output_that_is_full_is_named(tmp_path):
    write_key(tmp_path / "key", KEY)
    done = run(f"restore --key-file {tmp_path}/key --output /dev/full", input=b"a\n")
    assert (done.exit_code, done.stderr) == (2, "seqlabel: /dev/full: No space left on device\n")


def test_restoring_is_a_filter_too(tmp_path):
    write_key(tmp_path / "key", KEY)
    text = redact_characters(
        "ann@x.org, Bo",
        [CharacterSpan(0, 9, "EMAIL"), CharacterSpan(11, 13, "PERSON")],
        Encrypt(KEY),
    ).text
    done = run(f"restore --key-file {tmp_path}/key", input=f"{text}\nnothing\n".encode())
    assert (done.exit_code, done.stdout) == (0, "ann@x.org, Bo\nnothing\n")
    write_key(tmp_path / "key", b"short")
    done = run(f"restore --key-file {tmp_path}/key", input=b"a")
    assert (done.exit_code, done.stdout, "16 bytes" in done.stderr) == (2, "", True)
