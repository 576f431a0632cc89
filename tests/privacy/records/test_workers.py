"""Texts one by one against the finder and `redact`; files and several processes are in `test_files`."""

import random
import re

import pytest

from seqlabel.errors import OptionError
from seqlabel.privacy.finding.finder import LAYER, PrivateFinder, redact
from seqlabel.privacy.finding.settings import DenyList, OwnPattern, PrivacySettings
from seqlabel.privacy.records import workers as redactors
from seqlabel.privacy.records.column_names import cue_of
from seqlabel.privacy.records.workers import Placed, Redactors, Task, TextRedactor
from seqlabel.privacy.replacing.policies import Encrypt, Hash, Mask
from seqlabel.privacy.replacing.restored import restore
from tests.extras import needs_pii
from tests.keys import KEY
from tests.privacy.rewritten_files import HARD, VALUES, plain

pytestmark = needs_pii


@pytest.mark.parametrize("value", HARD)
def test_no_disguise_gets_an_address_through(rules, value):
    (cleaned,) = TextRedactor(Task(Mask(), PrivacySettings(model=rules)))([Placed(f"call {value} now")])
    assert not re.search(r"ann|203|аnn", cleaned.text)
    assert sum(cleaned.found.values()) == 1


@pytest.mark.parametrize("filling", ["the cat ", "x", ")", "'", "a,", "😀", "\u200b"])
def test_a_long_text_is_read_in_pieces(rules, filling, monkeypatch):
    values = random.Random(1).choices(VALUES[:2], k=30)
    texts = "".join(f" {value} {filling * (7 * number % 60)}" for number, value in enumerate(values))
    outputs, found = plain(rules, [texts])
    assert found["EMAIL"] == 30
    monkeypatch.setattr(redactors, "_PIECE", 50)
    monkeypatch.setattr(redactors, "_MARGIN", 64)
    (cleaned,) = TextRedactor(Task(Mask(), PrivacySettings(model=rules)))([Placed(texts)])
    assert (cleaned.text, cleaned.found) == (outputs[0], found)


def test_what_is_encrypted_comes_back(rules):
    (document,) = PrivateFinder.load(rules)(["a ann@x.org b"])
    redacted = redact(document, Encrypt(KEY), layer=LAYER)
    (cleaned,) = TextRedactor(Task(Encrypt(KEY), PrivacySettings(model=rules)))([Placed("a ann@x.org b")])
    assert len(cleaned.text) == len(redacted.text)
    assert restore(type(redacted)(cleaned.text, redacted.findings, 13), key=KEY) == "a ann@x.org b"


def test_a_repr_has_no_text(rules):
    (cleaned,) = TextRedactor(Task(Hash(KEY), PrivacySettings(model=rules)))([Placed("Ada Moss")])
    assert "Moss" in cleaned.text
    assert "Moss" not in repr(cleaned)
    assert repr(KEY) not in repr(Task(Hash(KEY), PrivacySettings(model=rules)))


def test_options_that_do_not_fit(rules):
    with pytest.raises(OptionError, match=r"labels: 'NAME' is not a label .* EMAIL, .*PERSON"):
        TextRedactor(Task(Mask(), PrivacySettings(model=rules, labels=("NAME",))))
    with pytest.raises(OptionError, match=r"labels: 'EMAIL' is not a label .* PERSON, PLACE\."):
        TextRedactor(Task(Mask(), PrivacySettings(model=rules, labels=("EMAIL",), rules=False)))
    with pytest.raises(OptionError, match="processes: Found 0"):
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


@pytest.mark.parametrize(
    ("name", "value"), [("password", "hunter2"), ("user.password", "zebra"), ("title", "203.0.113.7")]
)
def test_a_short_text_is_read_behind_the_name_of_its_column(rules, name, value):
    finder = PrivateFinder.load(rules)
    (document,) = finder([f"{cue_of(name, value)}{value}"])
    labels = [one.label for one in document.character_spans(LAYER)] or ["PASSWORD"]
    ((found, _, _),) = next(redactors.find_in_texts(finder, [value], [name]))
    assert (found.start, found.end, [found.label]) == (0, len(value), labels)


def test_what_is_found_in_the_name_itself_is_no_part_of_the_text(rules):
    ((found, _, _),) = next(
        redactors.find_in_texts(PrivateFinder.load(rules), ["zebra; y"], ["of ann@x.org, password"])
    )
    assert (found.start, found.end) == (0, 8)
    assert list(redactors.find_in_texts(PrivateFinder.load(rules), ["Red"], ["203.0.113.7 nurse"])) == [[]]


def test_a_pattern_of_the_users_own_sees_the_text_alone_too(rules):
    finder = PrivateFinder(settings=PrivacySettings(model=rules, patterns=(OwnPattern("STAFF_REF", "^x[a-z]{2}$"),)))
    ((found, _, _),) = next(redactors.find_in_texts(finder, ["xab"], ["customer_id"]))
    assert (found.start, found.end, found.label) == (0, 3, "STAFF_REF")


def test_only_a_column_of_secrets_makes_a_whole_cell_one(rules):
    finder = PrivateFinder.load(rules)
    text = "hunter2! call ann@x.org"
    (whole,) = next(redactors.find_in_texts(finder, [text], ["password"]))
    assert (whole[0].start, whole[0].end) == (0, len(text))
    found = [text[one.start : one.end] for one, _, _ in next(redactors.find_in_texts(finder, [text], ["contact"]))]
    assert found == ["ann@x.org"]
    assert next(redactors.find_in_texts(finder, ["none", "x"], ["password", "password"])) == []
