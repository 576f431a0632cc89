"""Two keys of redaction for tests, drawn once by chance, and another implementation of what is
derived from keys.
"""

import pytest

KEY = bytes.fromhex("81932afcd47afccd16d17bfd4d2ccdb1716a2981ffacd42cff5519e19f977cec")
OTHER_KEY = bytes.fromhex("838e786ee1e15ee67fbcf395d4a608ae82af0d5000280d690279cb481162b9d9")


def hkdf(key, info, *, length=32, salt=None):
    """A key by HKDF-SHA256 of the package `cryptography`; without the package the test is
    skipped.
    """
    pytest.importorskip("cryptography", reason="needs seqlabel-rnn[pii]")
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.kdf.hkdf import HKDF

    return HKDF(hashes.SHA256(), length, salt=salt, info=info).derive(key)
