"""Policies by name, and keys that come from a file or the environment and are never shown."""

import re
from importlib.util import find_spec

import pytest

from seqlabel.errors import OptionError
from seqlabel.privacy.keys import key_of_file, key_of_variable
from seqlabel.privacy.policies import Encrypt, Hash, Mask, PolicyName, Pseudonym, Remove, Replace, policy_named

KEY = bytes(range(32))
KEYED = {PolicyName.HASH: Hash, PolicyName.PSEUDONYM: Pseudonym, PolicyName.ENCRYPT: Encrypt}
PLAIN = {PolicyName.MASK: Mask, PolicyName.REPLACE: Replace, PolicyName.REMOVE: Remove}

needs_presidio = pytest.mark.skipif(not find_spec("presidio_anonymizer"), reason="needs seqlabel-rnn[pii]")


@needs_presidio
def test_every_name_is_a_policy():
    assert {*KEYED, *PLAIN} == set(PolicyName)
    assert [policy_named(name, key=KEY) for name in KEYED] == [kind(KEY) for kind in KEYED.values()]
    assert [policy_named(str(name)) for name in PLAIN] == [kind() for kind in PLAIN.values()]


@pytest.mark.parametrize("name", KEYED)
def test_a_key_that_is_missing(name):
    with pytest.raises(OptionError, match=f"policy '{name}' needs a key"):
        policy_named(name)


@pytest.mark.parametrize("name", PLAIN)
def test_a_key_that_is_not_needed(name):
    with pytest.raises(OptionError, match=f"policy '{name}' has no key"):
        policy_named(name, key=KEY)


def test_a_name_that_is_not_known():
    with pytest.raises(OptionError, match=r"found 'redact'; allowed are replace, remove"):
        policy_named("redact")


def test_keys_of_files_are_their_bytes(tmp_path):
    path = tmp_path / "key"
    path.write_bytes(KEY + b"\n")
    assert key_of_file(path) == KEY + b"\n"
    with pytest.raises(OptionError, match="No such file"):
        key_of_file(tmp_path / "other")


def test_keys_of_variables_are_hexadecimal(monkeypatch):
    monkeypatch.setenv("A_KEY", KEY.hex())
    assert key_of_variable("A_KEY") == KEY
    monkeypatch.setenv("A_KEY", "0011xyzzy")
    with pytest.raises(OptionError, match="hexadecimal") as caught:
        key_of_variable("A_KEY")
    assert not re.search("xyzzy|0011", str(caught.value) + repr(caught.value.__cause__))
    with pytest.raises(OptionError, match="no environment variable OTHER_KEY"):
        key_of_variable("OTHER_KEY")
