"""What the user says, decided alike for texts, streams, files and spaCy; a deny list wins over all
else.
"""

import pytest
import spacy

from seqlabel.errors import OptionError
from seqlabel.privacy.finding.control import Control
from seqlabel.privacy.finding.finder import LAYER, PrivateFinder, redact
from seqlabel.privacy.finding.settings import (
    DenyList,
    OwnPattern,
    PrivacySettings,
    RuleChoice,
    ValueList,
)
from seqlabel.privacy.finding.stream import StreamRedactor
from seqlabel.privacy.records.workers import SourceText, Task, TextRedactor
from seqlabel.privacy.replacing.policies import Mask, Replace
from tests.extras import needs_pii
from tests.stream_texts import cuts_of

pytestmark = needs_pii

TEXT = (
    "Ann Lee (ann@corp.io) wrote to support@corp.io on 3 May 2021 about project falcon, badge "
    "EMP-123456 and code EMP-654321. IP 203.0.113.7. "
)
SETTINGS = PrivacySettings(
    except_=("DATE",),
    thresholds={"IP": 1.0},
    patterns=(OwnPattern("EMPLOYEE_ID", r"EMP-\d{6}", context=("badge",)),),
    allow=ValueList(("Support@corp.io",)),
    deny=DenyList(("Project Falcon",), label="PROJECT"),
)


@pytest.fixture(scope="module")
def finder():
    return PrivateFinder(settings=SETTINGS)


def found(finder, text=TEXT):
    (document,) = finder([text])
    return [(text[span.start : span.end], span.label) for span in document.character_spans(LAYER)]


def test_each_setting_does_what_it_says(finder):
    spans = found(finder)
    assert ("ann@corp.io", "EMAIL") in spans
    assert ("project falcon", "PROJECT") in spans
    assert ("EMP-123456", "EMPLOYEE_ID") in spans
    assert ("203.0.113.7", "IP") in spans
    assert not any("support" in value or label == "DATE" for value, label in spans)
    assert ("support@corp.io", "EMAIL") in found(PrivateFinder())
    assert any(label == "DATE" for _, label in found(PrivateFinder()))


def test_what_is_denied_stays_private_whatever_else_is_said():
    words = ("ann@corp.io", "3 May 2021", "Ann Lee")
    settings = PrivacySettings(
        labels=("IP",), except_=("IP",), allow=ValueList(words), deny=DenyList(words)
    )
    assert found(PrivateFinder(settings=settings)) == [
        (word, "DENIED") for word in (words[2], words[0], words[1])
    ]


def test_patterns_of_lists():
    settings = PrivacySettings(
        labels=("EMAIL",),
        allow=ValueList(patterns=(r"[a-z]+@corp\.io",)),
        deny=DenyList(patterns=("EMP-[0-9]{6}",)),
    )
    assert found(PrivateFinder(settings=settings)) == [
        ("EMP-123456", "DENIED"),
        ("EMP-654321", "DENIED"),
    ]


def test_nothing_invisible_hides_a_listed_value():
    settings = PrivacySettings(deny=DenyList(("Falcon",)), rules=False)
    finder = PrivateFinder(settings=settings)
    for text in (
        "the fal\u200bcon",
        "the Ｆａｌｃｏｎ",
        "the \x1b[1mFalcon\x1b[0m",
        r"the\nFalcon",
    ):
        assert [label for _, label in found(finder, text)].count("DENIED") == 1


def test_a_threshold_drops_what_the_model_is_not_sure_of():
    def scores(**thresholds):
        settings = PrivacySettings(rules=False, thresholds=thresholds)
        (document,) = PrivateFinder(settings=settings)([TEXT * 3])
        spans = document.character_spans(LAYER)
        return [span.score for span in spans if span.label == "PERSON"]

    every = scores()
    assert scores(PERSON=min(every) + 1e-6) == [score for score in every if score > min(every)]


@pytest.mark.parametrize("seed", [1, 2])
def test_streams_files_and_spacy_decide_as_the_function_does(finder, seed, tmp_path):
    text = TEXT * 8
    expected = redact(text, Replace(), finder=finder, policies={"EMAIL": Mask()})
    stream = StreamRedactor(finder, Replace(), policies={"EMAIL": Mask()}, look_ahead=200)
    assert "".join([*map(stream.feed, cuts_of(text, seed=seed)), stream.close()]) == expected.text
    (cleaned,) = TextRedactor(Task(Replace(), SETTINGS, {"EMAIL": Mask()}))([SourceText(text)])
    assert cleaned.text == expected.text
    path = tmp_path / "seqlabel.toml"
    path.write_text(
        'except = ["DATE"]\n[thresholds]\nIP = 1.0\n[policies]\nEMAIL = "mask"\n[allow]\nwords '
        '= ["support@corp.io"]\n'
        '[deny]\nlabel = "PROJECT"\nwords = ["project falcon"]\n'
        '[[pattern]]\nlabel = "EMPLOYEE_ID"\nregex = \'EMP-\\d{6}\'\ncontext = ["badge"]\n'
    )
    for with_finder in (True, False):
        nlp = spacy.blank("en")
        if with_finder:
            nlp.add_pipe("private_finder", config={"settings": str(path)})
        nlp.add_pipe("redactor", config={"settings": str(path)})
        assert nlp(text)._.redacted.text == expected.text


@needs_pii
def test_only_the_rules_that_are_named_run():
    text = "ann@example.org, 10.0.0.8, 00:1b:44:11:3a:b7"

    def sources(**settings):
        return [value.source for value in Control(PrivacySettings(**settings)).values(text)]

    assert sources() == ["email", "ipv4", "mac"]
    assert sources(rules=RuleChoice(only=("mac", "email"), disable=("mac",))) == ["email"]
    assert sources(rules=False) == []


def test_every_finding_carries_what_found_it(finder):
    (document,) = finder([TEXT])
    reported = []
    stream = StreamRedactor(finder, Replace(), report=reported.append)
    _ = stream.feed(TEXT) + stream.close()
    redacted = redact(TEXT, Replace(), finder=finder)
    for findings in (document.character_spans("pii"), redacted.findings, reported):
        assert [one.source for one in findings] == finder.sources(document)
    sources = dict(zip(found(finder), finder.sources(document), strict=True))
    assert sources[("project falcon", "PROJECT")] == "deny"
    assert sources[("EMP-123456", "EMPLOYEE_ID")] == "pattern[0]"
    assert sources[("ann@corp.io", "EMAIL")] == "email"
    assert sources[("Ann Lee", "PERSON")] == "model"


@pytest.mark.parametrize(
    ("settings", "option"),
    [
        ({"labels": ("EMIAL",)}, "labels"),
        ({"except_": ("EMIAL",)}, "except"),
        ({"thresholds": {"EMIAL": 0.5}}, "thresholds"),
        ({"policies": {"EMIAL": "mask"}}, "policy"),
        ({"patterns": (OwnPattern("A", "a.*b"),)}, r"pattern\[0\]\.regex"),
        ({"deny": DenyList(patterns=("a*",))}, r"deny\.patterns\[0\]"),
        ({"allow": ValueList(patterns=("(",))}, r"allow\.patterns\[0\]"),
    ],
)
def test_settings_that_do_nothing_or_harm_are_refused(settings, option):
    with pytest.raises(OptionError, match=f"^{option}: "):
        PrivateFinder(settings=PrivacySettings(**settings))
    with pytest.raises(OptionError, match="settings"):
        PrivateFinder(settings=PrivacySettings(), labels=["EMAIL"])
