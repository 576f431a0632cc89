"""`seqlabel keygen`: a key that only its owner reads, which never takes the place of another."""

import os
import stat

import pytest

from seqlabel.privacy.replacing.keys import key_of_file


def test_a_key_is_random_and_for_its_owner(run, tmp_path):
    for name in ("one", "other"):
        assert run(f"keygen {tmp_path}/{name}").exit_code == 0
    one, other = (key_of_file(tmp_path / name) for name in ("one", "other"))
    assert len(one) == len(other) == 32
    assert one != other
    if os.name != "nt":
        assert stat.S_IMODE((tmp_path / "one").stat().st_mode) == 0o600


@pytest.mark.parametrize("name", ["kept", "."])
def test_what_is_there_stays(run, tmp_path, name):
    (tmp_path / "kept").write_bytes(b"a key of long ago")
    done = run(f"keygen {tmp_path}/{name}")
    assert done.exit_code == 2
    assert done.stdout == ""
    assert len(done.stderr.splitlines()) == 1
    assert (tmp_path / "kept").read_bytes() == b"a key of long ago"
