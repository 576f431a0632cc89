"""`seqlabel.toml`: every key, and what is said about a wrong one."""

import os
import sys
from pathlib import Path

import pytest

from seqlabel.errors import OptionError
from seqlabel.privacy.finding.settings import (
    DenyList,
    OwnPattern,
    PrivacySettings,
    RuleChoice,
    ValueList,
)
from seqlabel.privacy.finding.settings_file import MOST_BYTES, load_settings

WHOLE = r"""
model = "en_pii"
sensitivity = 1
rules = false
labels = ["PERSON", "EMAIL"]
except = ["DATE"]
policy = "mask"
key_file = "key"
locale = "en_US"
subject = "patient 17"

[thresholds]
PERSON = 0.6

[policies]
EMAIL = "hash"

[allow]
words = ["support@ourcompany.com"]
files = ["allow.txt"]
patterns = ['[a-z]{1,20}@ourcompany\.com']

[deny]
label = "PROJECT"
words = ["Falcon"]

[[pattern]]
label = "EMPLOYEE_ID"
regex = 'EMP-\d{6}'
validator = "luhn"
context = ["badge"]
"""


def write(folder, text):
    path = folder / "seqlabel.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_every_key_is_read(tmp_path):
    assert load_settings(write(tmp_path, WHOLE)) == PrivacySettings(
        sensitivity=1.0,
        rules=False,
        labels=("PERSON", "EMAIL"),
        except_=("DATE",),
        thresholds={"PERSON": 0.6},
        patterns=(OwnPattern("EMPLOYEE_ID", r"EMP-\d{6}", "luhn", ("badge",)),),
        allow=ValueList(
            ("support@ourcompany.com",),
            (tmp_path / "allow.txt",),
            (r"[a-z]{1,20}@ourcompany\.com",),
        ),
        deny=DenyList(("Falcon",), label="PROJECT"),
        policy="mask",
        policies={"EMAIL": "hash"},
        key_file=tmp_path / "key",
        locale="en_US",
        subject="patient 17",
    )
    assert load_settings(write(tmp_path, "")) == PrivacySettings()


def test_rules_are_switched_off_by_their_ids(tmp_path):
    settings = load_settings(write(tmp_path, '[rules]\ndisable = ["email"]'))
    assert settings == PrivacySettings(rules=RuleChoice(disable=("email",)))
    chosen = load_settings(write(tmp_path, '[rules]\nonly = ["email", "iban"]'))
    assert chosen == PrivacySettings(rules=RuleChoice(only=("email", "iban")))
    assert chosen.narrowing() == ["uses no rules but email, iban"]
    with pytest.raises(OptionError, match=r"'rules\.enable'.*'disable'"):
        load_settings(write(tmp_path, '[rules]\nenable = ["email"]'))


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("lables = ['A']", "'lables'"),
        ("excluded = ['A']", "'except'"),
        ("only = ['A']", "'labels'"),
        ("except = 'DATE'", "except:"),
        ("labels = [1]", "labels[0]:"),
        ("[allow]\nfiles = [1]", "allow.files[0]:"),
        ("model = 3", "model:"),
        ("[[pattern]]\nlabel = 'A'\nregex = 'a'\nvalidator = 3", "pattern[0].validator:"),
        ("rules = 'maybe'", "rules:"),
        ("rules.disable = 'email'", "rules.disable:"),
        ("rules.only = [1]", "rules.only[0]:"),
        ("rules.only = []", "rules.only:"),
        ("rules.only = ['emial']", "rules.only:"),
        ("sensitivity = true", "sensitivity:"),
        ("thresholds.DATE = true", "thresholds.DATE:"),
        ("rules = 1", "rules:"),
        ("sensitivity = nan", "sensitivity:"),
        ("allow = ['secret']", "allow:"),
        ("[allow]\nword = ['secret']", "'words'"),
        ("[allow]\nlable = 'A'", "See docs/control"),
        ("[deny]\nlable = 'A'", "'label'"),
        ("[[pattern]]\nlabel = 'A'\nregex = 'a'\nidd = 'secret'", "'id'"),
        ("[[pattern]]\nlabel = 'A'\nregex = 'a'\nword = ['secret']", "See docs/control"),
        ("[deny]\nlabel = 'x'", "deny.label:"),
        ("[[pattern]]\nlabel = 'A'", "pattern[0].regex:"),
        ("[[pattern]]\nlabel = 'a'\nregex='a'", "pattern[0].label:"),
        ("[thresholds]\nPERSON = 'high'", "thresholds.PERSON:"),
        ("policy = 'hide'", "policy:"),
        ("sensitivity = ", "is not TOML"),
    ],
)
def test_an_error_names_file_and_key_and_shows_no_value(tmp_path, text, named):
    path = write(tmp_path, text)
    with pytest.raises(OptionError) as raised:
        load_settings(path)
    assert str(raised.value).startswith(f"{path}: ")
    assert named in str(raised.value)
    assert "secret" not in str(raised.value)


def test_a_file_that_cannot_be_read(tmp_path):
    (tmp_path / "latin.toml").write_bytes(b"policy = '\xe9'")
    (tmp_path / "deep.toml").write_text(f"a = {'[' * 100_000}")
    # So large that reading it would fail.
    with (tmp_path / "large.toml").open("wb") as file:
        file.truncate(1 << 40)
    for name in ("none", "latin", "deep", "large"):
        with pytest.raises(OptionError, match=rf"{name}\.toml:"):
            load_settings(tmp_path / f"{name}.toml")
    assert MOST_BYTES == 1 << 20


posix = pytest.mark.skipif(sys.platform == "win32", reason="permissions of POSIX")


@posix
@pytest.mark.parametrize("mode", [0o666, 0o664, 0o646])
def test_a_file_that_others_can_write_is_read_only_if_it_is_named(tmp_path, mode):
    path = write(tmp_path, 'policy = "mask"')
    path.chmod(mode)
    with pytest.raises(OptionError, match=r"seqlabel\.toml:"):
        load_settings(path, named=False)
    assert load_settings(path).policy == "mask"
    path.chmod(0o644)
    assert load_settings(path, named=False).policy == "mask"


@posix
@pytest.mark.parametrize("planted", ["file", "link"])
def test_a_file_of_another_user_is_read_only_if_it_is_named(tmp_path, monkeypatch, planted):
    path = write(tmp_path, 'policy = "mask"')
    path.chmod(0o644)
    about = os.stat_result((0o100644, 1, 1, 1, os.geteuid() + 1, 0, 0, 0, 0, 0))
    monkeypatch.setattr(*((os, "fstat") if planted == "file" else (Path, "lstat")), lambda _: about)
    with pytest.raises(OptionError, match=r"seqlabel\.toml:"):
        load_settings(path, named=False)
    assert load_settings(path).policy == "mask"
