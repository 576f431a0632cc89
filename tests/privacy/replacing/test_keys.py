"""Keys: derived as another implementation does, refused where they can be guessed, and never
shown.
"""

import os
import random
import re
import stat
import warnings

import pytest

from seqlabel.errors import OptionError
from seqlabel.privacy.replacing.keys import (
    Purpose,
    check_key,
    derived,
    key_of_file,
    key_of_variable,
    write_key,
)
from tests.keys import KEY, hkdf


def test_keys_of_files_are_their_bytes(tmp_path):
    path = tmp_path / "key"
    path.write_bytes(KEY + b"\n")
    path.chmod(0o600)
    assert key_of_file(path) == KEY + b"\n"
    with pytest.raises(OptionError, match="other"):
        key_of_file(tmp_path / "other")


def test_keys_of_variables_are_hexadecimal(monkeypatch):
    monkeypatch.setenv("A_KEY", KEY.hex())
    assert key_of_variable("A_KEY") == KEY
    monkeypatch.setenv("A_KEY", "0011xyzzy")
    with pytest.raises(OptionError, match="hexadecimal") as caught:
        key_of_variable("A_KEY")
    assert not re.search("xyzzy|0011", str(caught.value) + repr(caught.value.__cause__))
    with pytest.raises(OptionError, match="OTHER_KEY"):
        key_of_variable("OTHER_KEY")


@pytest.mark.parametrize("mode", [0o604, 0o640, 0o666])
@pytest.mark.skipif(os.name == "nt", reason="needs POSIX permissions")
def test_a_key_that_others_may_read_is_warned_of(tmp_path, mode):
    path = tmp_path / "key"
    path.write_bytes(KEY)
    path.chmod(mode)
    with pytest.warns(UserWarning, match=f"key: .*{mode:04o}"):
        assert key_of_file(path) == KEY


@pytest.mark.skipif(os.name == "nt", reason="needs a FIFO")
def test_a_key_is_no_folder(tmp_path):
    with pytest.raises(OptionError):
        key_of_file(tmp_path)


@pytest.mark.parametrize("purpose", Purpose)
@pytest.mark.parametrize("length", [1, 4, 32, 33, 100])
def test_derived_keys_are_those_of_another_implementation(purpose, length):
    info = f"seqlabel 1 {purpose}".encode()
    for salt in (b"", b"salt"):
        assert derived(KEY, purpose, length=length, salt=salt) == hkdf(
            KEY, info, length=length, salt=salt or None
        )


def test_each_purpose_has_another_key():
    assert len({derived(KEY, purpose) for purpose in Purpose}) == len(Purpose)


@pytest.mark.parametrize(
    "key",
    [
        b"",
        KEY[:15],
        "0" * 32,
        None,
        bytearray(KEY),
        bytes(32),
        b"\xff" * 16,
        b"\x00\x01\x02\x03" * 8,
        bytes(range(32)),
        bytes(range(16)) * 2,
        *(bytes(9 + step * place & 255 for place in range(16)) for step in (1, 37, 129, 255)),
        bytes(place * place % 256 for place in range(6)) * 3,
        b"correct horse battery staple",
        b"correct horse battery staple\n",
        KEY.hex().encode() + b"\n",
        "Käse mit Brötchen".encode(),
        "Käse mit Brötchen".encode("latin-1"),
        "Käse mit Brötchen".encode("utf-16"),
        "Käse mit Brötchen".encode("utf-16-be"),
        "correct лошадь батарея скоба".encode("utf-16-le")[16:],
        b"correct horse battery staple" + bytes(4),
    ],
)
def test_keys_that_can_be_guessed_are_refused_and_not_shown(key):
    with pytest.raises(OptionError, match="key:") as caught:
        check_key(key)
    assert "horse" not in str(caught.value)


def test_random_keys_are_taken():
    for seed in range(2000):
        check_key(random.Random(seed).randbytes(16))


def test_a_written_key_is_for_its_owner_alone_and_never_overwrites(tmp_path):
    path = tmp_path / "key"
    write_key(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600 or os.name == "nt"
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        key = key_of_file(path)
    assert len(key) == 32
    check_key(key)
    with pytest.raises(OptionError):
        write_key(path)
    assert path.read_bytes() == key
    link = tmp_path / "link"
    link.symlink_to(tmp_path / "victim")
    with pytest.raises(OptionError):
        write_key(link)
    assert not (tmp_path / "victim").exists()
    with pytest.raises(OptionError):
        write_key(tmp_path / "none" / "key")
    write_key(tmp_path / "other")
    assert (tmp_path / "other").read_bytes() != key
