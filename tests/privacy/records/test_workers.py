"""Texts one by one against the finder and `redact`; files and several processes are in
`test_files`.
"""

import re

import pytest

from seqlabel.errors import OptionError
from seqlabel.privacy.finding.finder import LAYER, PrivateFinder, redact
from seqlabel.privacy.finding.settings import DenyList, PrivacySettings
from seqlabel.privacy.records.workers import Redactors, SourceText, Task, TextRedactor
from seqlabel.privacy.replacing.policies import Encrypt, Hash, Mask
from seqlabel.privacy.replacing.restored import restore
from tests.extras import needs_pii
from tests.keys import KEY
from tests.privacy.rewritten_files import HARD

pytestmark = needs_pii


def cleaned_by(policy, model, text):
    (cleaned,) = TextRedactor(Task(policy, PrivacySettings(model=model)))([SourceText(text)])
    return cleaned


@pytest.mark.parametrize("value", HARD)
def test_no_disguise_gets_an_address_through(rules, value):
    cleaned = cleaned_by(Mask(), rules, f"call {value} now")
    assert not re.search(r"ann|203|аnn", cleaned.text)
    assert sum(cleaned.found.values()) == 1


def test_what_is_encrypted_comes_back(rules):
    (document,) = PrivateFinder.load(rules)(["a ann@x.org b"])
    redacted = redact(document, Encrypt(KEY), layer=LAYER)
    cleaned = cleaned_by(Encrypt(KEY), rules, "a ann@x.org b")
    assert len(cleaned.text) == len(redacted.text)
    assert restore(type(redacted)(cleaned.text, redacted.findings, 13), key=KEY) == "a ann@x.org b"


def test_a_repr_has_no_text(rules):
    cleaned = cleaned_by(Hash(KEY), rules, "Ada Moss")
    assert "Moss" in cleaned.text
    assert "Moss" not in repr(cleaned)
    assert repr(KEY) not in repr(Task(Hash(KEY), PrivacySettings(model=rules)))


def test_options_that_do_not_fit(rules):
    for options in ({"labels": ("NAME",)}, {"labels": ("EMAIL",), "rules": False}):
        with pytest.raises(OptionError, match="labels:"):
            TextRedactor(Task(Mask(), PrivacySettings(model=rules, **options)))
    with pytest.raises(OptionError, match="processes:"):
        Redactors(Task(Mask(), PrivacySettings(model=rules)), processes=0)


def test_another_list_is_another_run(rules, tmp_path):
    path = tmp_path / "deny.txt"
    path.write_text("Falcon\n")
    task = Task(Mask(), PrivacySettings(model=rules, deny=DenyList(("Eagle",), (path,))))
    with Redactors(task) as workers:
        before = workers.fingerprint(bytes(16))
        assert workers.fingerprint(bytes(16)) == before
        path.write_text("Hawk\n")
        assert workers.fingerprint(bytes(16)) != before
    assert not re.search("Falcon|Eagle", repr(before))
