"""Presidio's documented requests, answered as its services document them."""

import time

import pytest

from seqlabel.errors import DataError, OptionError
from seqlabel.integrations.presidio_api import analyze, anonymize, deanonymize, entities, operators
from seqlabel.privacy.finding.finder import PrivateFinder
from tests.extras import needs_pii
from tests.privacy.rewritten_files import NOTHING, tiny_labeler

pytestmark = needs_pii

ENHANCED = {
    "text": "John Smith drivers license is AC432223 and the zip code is 12345",
    "language": "en",
    "return_decision_process": False,
    "correlation_id": "123e4567-e89b-12d3-a456-426614174000",
    "score_threshold": 0.6,
    "entities": ["US_DRIVER_LICENSE", "ZIP"],
    "trace": False,
    "ad_hoc_recognizers": [
        {
            "name": "Zip code Recognizer",
            "supported_language": "en",
            "patterns": [
                {"name": "zip code (weak)", "regex": r"(\b\d{5}(?:\-\d{4})?\b)", "score": 0.01}
            ],
            "context": ["zip", "code"],
            "supported_entity": "ZIP",
        }
    ],
}


@pytest.fixture(scope="module")
def rules():
    return PrivateFinder(tiny_labeler((NOTHING,)))


def test_the_documented_requests_of_analyze(rules):
    minimal = {"text": "John Smith drivers license is AC432223", "language": "en"}
    found = analyze(PrivateFinder(), minimal, most_texts=9)
    assert {"analysis_explanation", "end", "entity_type", "score", "start"} == set(found[0])
    assert ("PERSON", 0, 10) in [(one["entity_type"], one["start"], one["end"]) for one in found]
    assert [one["entity_type"] for one in analyze(PrivateFinder(), ENHANCED, most_texts=9)] == [
        "US_DRIVER_LICENSE"
    ]
    weak = analyze(rules, {**ENHANCED, "score_threshold": 0, "entities": ["ZIP"]}, most_texts=9)
    assert weak == [
        {"analysis_explanation": None, "end": 64, "entity_type": "ZIP", "score": 0.01, "start": 59}
    ]
    deny = {"supported_entity": "MR_TITLE", "deny_list": ["Mr", "Mr.", "Mister"]}
    asked = {"text": "Mr. Smith, ann@example.org", "language": "en", "ad_hoc_recognizers": [deny]}
    assert {one["entity_type"] for one in analyze(rules, asked, most_texts=9)} == {
        "MR_TITLE",
        "EMAIL_ADDRESS",
    }


def test_an_explanation_has_the_rule_or_the_words_that_told_most():
    asked = {
        "text": "Mail ann@lee.example or ask Mr Best.",
        "language": "en",
        "return_decision_process": True,
    }
    deny = {"supported_entity": "VERB", "deny_list": ["ask"]}
    found = analyze(PrivateFinder(), {**asked, "ad_hoc_recognizers": [deny]}, most_texts=9)
    told = [(one["entity_type"], one["analysis_explanation"]["pattern_name"]) for one in found]
    assert told == [("EMAIL_ADDRESS", "email"), ("VERB", "VERB"), ("PERSON", None)]
    assert found[2]["analysis_explanation"]["supportive_context_word"] == "Mr"
    assert "'Mr'" in found[2]["analysis_explanation"]["textual_explanation"]
    presidio = pytest.importorskip("presidio_analyzer")
    assert set(found[0]["analysis_explanation"]) == set(
        presidio.AnalysisExplanation("a", 0.5).to_dict()
    )


def test_batches_names_and_allow_lists(rules):
    asked = {"text": ["mail ann@x.org", "none"], "language": "en"}
    found = analyze(rules, asked, most_texts=2)
    assert [[(one["entity_type"], one["start"], one["end"]) for one in some] for some in found] == [
        [("EMAIL_ADDRESS", 5, 14)],
        [],
    ]
    assert analyze(rules, {**asked, "allow_list": ["ann@x.org"]}, most_texts=2) == [[], []]
    regex = {**asked, "allow_list": [r"\w+@x\.org"], "allow_list_match": "regex"}
    assert analyze(rules, regex, most_texts=2) == [[], []]
    assert {"EMAIL_ADDRESS", "IP_ADDRESS", "CREDIT_CARD"} < set(entities(rules))


NAN = float("nan")


@pytest.mark.parametrize(
    ("asked", "error", "named"),
    [
        ({"text": None}, DataError, "text: "),
        ({"text": ["a"] * 3}, DataError, "at most 2"),
        ({"language": None}, OptionError, "language: "),
        ({"language": "de"}, OptionError, "language: "),
        ({"entity": []}, OptionError, "'entities'"),
        ({"entities": "A"}, OptionError, "entities: "),
        ({"entities": ["PERSON", "EMIAL_ADDRESS"]}, OptionError, r"\[1\]: .*'EMAIL_ADDRESS'"),
        *(({"score_threshold": one}, OptionError, "threshold: ") for one in (NAN, 1.5, "1")),
        ({"allow_list_match": "regexp"}, OptionError, "allow_list_match"),
        ({"regex_flags": 64}, OptionError, "^regex_flags"),
        ({"regex_flags": "i"}, OptionError, "^regex_flags"),
        ({"regex_flags": True}, OptionError, "^regex_flags"),
    ],
)
def test_wrong_requests(rules, asked, error, named):
    asked = {"text": "a", "language": "en"} | asked
    given = {name: value for name, value in asked.items() if value is not None}
    with pytest.raises(error, match=named):
        analyze(rules, given, most_texts=2)


@pytest.mark.parametrize(
    ("recognizer", "named"),
    [
        ({}, "ad_hoc_recognizers"),
        ({"deny_list": 5}, "deny_list: "),
        ({"deny_list": "ab"}, "deny_list: "),
        ({"deny_list": [5]}, "deny_list: "),
        ({"deny_list": ["a"], "deny_list_score": NAN}, "deny_list_score: "),
        ({"patterns": [{}]}, r"ad_hoc_recognizers\[0\]\.patterns\[0\]: "),
        ({"patterns": [{"regex": "a", "score": NAN}]}, "score"),
        ({"patterns": [{"regex": ".*", "score": 1}]}, "regex"),
        ({"patterns": [{"regex": "a"}], "supported_language": "de"}, "language: "),
    ],
)
def test_wrong_recognizers(rules, recognizer, named):
    own = [{"supported_entity": "A", **recognizer}]
    with pytest.raises(OptionError, match=named):
        analyze(rules, {"text": "a", "language": "en", "ad_hoc_recognizers": own}, most_texts=2)


def test_the_documented_requests_of_anonymize():
    pytest.importorskip("presidio_anonymizer")
    asked = {
        "text": "hello world, my name is Jane Doe. My number is: 034453334",
        "anonymizers": {
            "PERSON": {"type": "redact"},
            "PHONE_NUMBER": {"type": "replace", "new_value": "ANONYMIZED"},
        },
        "analyzer_results": [
            {"start": 24, "end": 32, "score": 0.8, "entity_type": "PERSON"},
            {"start": 48, "end": 57, "score": 0.95, "entity_type": "PHONE_NUMBER"},
        ],
    }
    done = anonymize(asked)
    assert done["text"] == "hello world, my name is . My number is: ANONYMIZED"
    assert [
        (one["operator"], one["entity_type"], one["start"], one["end"]) for one in done["items"]
    ] == [("replace", "PHONE_NUMBER", 40, 50), ("redact", "PERSON", 24, 24)]
    default = {"DEFAULT": {"type": "replace", "new_value": "ANONYMIZED"}}
    done = anonymize({**asked, "anonymizers": default})
    assert done["text"] == "hello world, my name is ANONYMIZED. My number is: ANONYMIZED"
    assert anonymize({**asked, "anonymizers": {}})["text"].endswith(
        "<PERSON>. My number is: <PHONE_NUMBER>"
    )
    for wrong in ({}, {"text": "a"}, {"text": "a", "analyzer_results": [{"start": 0}]}):
        with pytest.raises((DataError, OptionError)):
            anonymize(wrong)
    misspelt = {"DEFAULT": {"type": "keep"}, "PERSN": {"type": "mask"}}
    for wrong, named in ((misspelt, "'PERSON'"), ({"DEFAULT": {"type": "nothing"}}, "anonymizers")):
        with pytest.raises(OptionError, match=named):
            anonymize({**asked, "anonymizers": wrong})


def test_all_patterns_of_a_request_share_one_budget(rules):
    patterns = [
        {"name": "a", "regex": rf"[ab ]{{1,60}}[{number}x]", "score": 1} for number in range(20)
    ]
    own = [{"supported_entity": "A", "patterns": patterns}] * 20
    asked = {"text": "ab " * 10_000, "language": "en"}
    begun = time.thread_time()
    with pytest.raises(DataError, match=r"took more than (0\.5 s together|0\.0 s on a text)"):
        analyze(rules, {**asked, "ad_hoc_recognizers": own}, most_texts=1, pattern_seconds=0.5)
    assert time.thread_time() - begun < 3
    # A list of many values with one beginning costs no more than the text.
    listed = [f"a a {'a ' * (number % 13)}{number}" for number in range(5_000)]
    own = [{"supported_entity": "A", "deny_list": listed}]
    asked = {"text": "a " * 20_000, "language": "en", "ad_hoc_recognizers": own}
    assert analyze(rules, asked, most_texts=1) == []


def test_results_are_bounded(rules):
    own = [{"supported_entity": "A", "patterns": [{"regex": "a", "score": 1}] * 2}]
    asked = {"text": "a " * 60_000, "language": "en", "ad_hoc_recognizers": own}
    with pytest.raises(DataError, match="100,000"):
        analyze(rules, asked, most_texts=1)


def test_what_presidio_encrypts_it_decrypts():
    pytest.importorskip("presidio_anonymizer")
    assert "encrypt" in operators(back=False)
    assert "decrypt" in operators(back=True)
    results = [{"start": 3, "end": 6, "score": 0.8, "entity_type": "PERSON"}]
    key = {"key": "WmZq4t7w!z%C&F)J"}
    sealing = {"PERSON": {"type": "encrypt", **key}}
    sealed = anonymize({"text": "Hi Ann!", "analyzer_results": results, "anonymizers": sealing})
    asked = {"text": sealed["text"], "anonymizer_results": sealed["items"]}
    done = deanonymize({**asked, "deanonymizers": {"PERSON": {"type": "decrypt", **key}}})
    assert (done["text"], [one["entity_type"] for one in done["items"]]) == ("Hi Ann!", ["PERSON"])
    for wrong in (
        {"PERSON": {"type": "decrypt", "key": "0mZq4t7w!z%C&F)J"}},
        {"PERSON": {"type": "decrypt", "key": "short"}},
        {"PERSON": {"type": "nothing"}},
        {"PERSON": {}},
        {},
        [],
    ):
        with pytest.raises((DataError, OptionError)) as raised:
            deanonymize({**asked, "deanonymizers": wrong})
        assert "Ann" not in str(raised.value)
    with pytest.raises(OptionError, match="'deanonymizers'"):
        deanonymize({**asked, "deanonymisers": {}})


def test_flags_of_patterns_of_the_allow_list_are_those_of_the_request(rules):
    asked = {
        "text": ["to ann@x.org"],
        "language": "en",
        "allow_list": [r"ANN@x\.ORG"],
        "allow_list_match": "regex",
    }
    assert len(analyze(rules, asked, most_texts=2)[0]) == 1
    assert len(analyze(rules, {**asked, "regex_flags": 24}, most_texts=2)[0]) == 1
    assert analyze(rules, {**asked, "regex_flags": 26}, most_texts=2) == [[]]
