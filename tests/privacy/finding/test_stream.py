"""Redaction of streams: as that of the whole text, however it is cut; nothing private leaves."""

import random
import re
from pathlib import Path

import pytest
import torch

from seqlabel.documents.document import Spans
from seqlabel.documents.schemes import Scheme
from seqlabel.documents.tag_sets import TagSet
from seqlabel.errors import DataError, OptionError
from seqlabel.models.model_configs import HeadConfig
from seqlabel.nn.heads.crf import CRF
from seqlabel.privacy.finding import finder as finding
from seqlabel.privacy.finding.finder import LAYER, PrivateFinder
from seqlabel.privacy.finding.stream import StreamRedactor
from seqlabel.privacy.replacing.policies import Mask, Pseudonym, Remove, Replace
from seqlabel.privacy.replacing.redacted import redact_characters
from seqlabel.privacy.rules import find_proven
from seqlabel.text.intake import Withheld
from tests.keys import KEY
from tests.spacy_models import HEADS, WORDS, tiny_labeler
from tests.stream_texts import GAPS, cuts_of, some_text, spans_of, streamed

pytest.importorskip("phonenumbers", reason="needs seqlabel-rnn[pii]")
PII = HeadConfig(
    TagSet(LAYER, ("A", "B"), Scheme.BIOES), CRF(), temperature=1.3, threshold_offset=0.5
)


@pytest.fixture(scope="module")
def finder():
    return PrivateFinder(tiny_labeler((PII,), seed=2))


PRIVATE = [
    "4111 1111 1111 1111",
    "4111-1111-1111-1111,",
    "GB33 BUKB 2020 1555 5555 55",
    "+44 (0) 20 7946 0958 ext. 12",
    "ann.lee@example.com",
    "node=ann;ip=10.0.0.1",
    "https://example.com/a?b=c.",
    "AKIAIOSFODNN7EXAMPLE",
    "219-09-9999",
    "version 10.0.0.1",
    "4111\u200b 1111 1111 1111",
    "-----BEGIN RSA PRIVATE KEY-----\nMIIE ab\n+/==\n-----END RSA PRIVATE KEY-----",
    "-----BEGIN PRIVATE KEY----- not a key",
    "+1 12 2020 4111",
    "12 4111",
    "sessionid=0f3c9a1be27d4458b6c1e0a7f29d3b64;",
    "password: click here",
    "curl --user ann:oaktree",
    "-----BEGIN PRIVATE KEY-----\n" + "Ab1+" * 16 + "\n" + "Ab2+" * 16 + "\nab==\nand on",
    "\n".join(f"{place}. garbages" for place in range(1, 14)),
    "Surname: Ann Lee Cat",
    "Mr van der Cat",
    "Our ref: KL/4410/23",
    "RG nº MG-31.204.887",
    "seed: " + ", ".join(["mango"] * 13) + " 12",
]
OPTIONS = [{}, {"look_ahead": 0}, {"look_ahead": 5, "stride": 2}]


def private_text(seed):
    """Every private value at least once, some twice, with words between them or not."""
    chance = random.Random(seed)
    words = [*PRIVATE, *chance.sample(PRIVATE, 5), *WORDS, *WORDS]
    words += ["the cat sat on the mat " * 4] * 4
    return "".join(word + chance.choice(GAPS[:6]) for word in chance.sample(words, len(words)))


def redacted(finder, cuts, policy, **options):
    findings = []
    stream = StreamRedactor(finder, policy, report=findings.append, **options)
    left = [stream.feed(cut) for cut in cuts]
    return "".join([*left, stream.close()]), findings


def redacted_whole(finder, text, policy, **options):
    """The whole text at once: the labels of its stream, the rules on all of it."""
    pieces, _ = streamed(finder.labeler, [text], **options)
    scores = tuple(score for piece in pieces for score in piece.document.spans[LAYER].scores)
    document = finder.labeler.tokenize(text).with_spans(
        LAYER, Spans(tuple(spans_of(pieces, LAYER)), scores)
    )
    found = finder.decided(document, finder.values(text))
    return redact_characters(text, document.with_spans(LAYER, found).character_spans(LAYER), policy)


@pytest.mark.parametrize(("seed", "options"), list(enumerate(OPTIONS)))
def test_a_stream_is_redacted_as_its_whole_text_however_it_is_cut(finder, options, seed):
    text = private_text(seed)
    expected = redacted_whole(finder, text, Replace(), **options)
    labels = {finding.label for finding in expected.findings}
    assert labels >= {"A", "B", "CARD", "IBAN", "PHONE", "EMAIL", "API_KEY"}
    cuts = cuts_of(text.encode() if options else text, seed=seed, longest=25)
    found, findings = redacted(finder, cuts, Replace(), **options)
    assert found == expected.text
    assert findings == list(expected.findings)


@pytest.mark.parametrize("seed", range(3))
def test_addresses_of_a_stream_are_put_together_as_those_of_its_whole_text(seed):
    tags = TagSet(LAYER, ("ADDRESS", "LOCATION", "ORGANISATION"), Scheme.BIOES)
    labeler = tiny_labeler((HeadConfig(tags, CRF(), threshold_offset=2.0),), seed=seed)
    finder = PrivateFinder(labeler, labels=["ADDRESS"])
    text = some_text(400, seed=seed, gaps=[" ", ", ", "\n", ",", " 7 "])
    expected = redacted_whole(finder, text, Replace())
    assert {finding.label for finding in expected.findings} <= {"ADDRESS"}
    for cuts in (cuts_of(text, seed=seed, longest=30), cuts_of(text, seed=seed + 1)):
        assert redacted(finder, cuts, Replace()) == (expected.text, list(expected.findings))


@pytest.mark.parametrize(
    "policy", [Mask(), Remove(), Pseudonym(KEY)], ids=["Mask", "Remove", "Pseudonym"]
)
def test_without_rules_and_with_other_policies(policy):
    finder = PrivateFinder(tiny_labeler((PII, HEADS[0])), rules=False)
    text = private_text(0)
    expected = redacted_whole(finder, text, policy)
    assert len(expected.findings) > 10
    assert redacted(finder, text, policy) == (expected.text, list(expected.findings))
    policies = {"A": Mask()}
    stream = StreamRedactor(finder, policy, policies=policies)
    left = stream.feed(text) + stream.close()
    assert (left == expected.text) == (policy == Mask())


def quiet():
    """A finder whose labeler finds nothing, so that all is left to the rules."""
    labeler = tiny_labeler((PII,))
    with torch.no_grad():
        labeler.module.heads[0].output.weight.zero_()
        labeler.module.heads[0].output.bias[0] = 50.0
    return PrivateFinder(labeler)


@pytest.mark.parametrize("value", [value for value in PRIVATE if find_proven(f"a {value} b")])
def test_a_value_in_two_pieces_never_leaves_in_part(value):
    finder, before, after = quiet(), "the cat sat " * 16, " on the mat" * 17
    secrets = [value[span.start : span.end] for span in find_proven(value)]
    assert secrets
    for place in random.Random(0).sample(range(1, len(value)), 3):
        # A few words after the border, so that they are labelled before the rest comes.
        for more in ("", " on the mat" * 3):
            stream = StreamRedactor(finder, Remove(), look_ahead=7, stride=8)
            pieces = [before + value[:place], value[place:] + more, after]
            left = "".join([*map(stream.feed, pieces), stream.close()])
            assert not any(secret[:6] in left for secret in secrets)
            assert left.startswith(before[:-1])


@pytest.mark.parametrize("seed", range(2))
def test_values_that_overlap_without_end_are_those_of_the_whole_text(seed):
    chance, finder = random.Random(seed), quiet()
    # Any four times this group in a row are a card.
    groups = ["4002"] * 40 + ["4111", "version", "10.0.0.1", "+1", "202", "GB33", "BUKB"]
    text = " ".join(chance.choices(groups, k=400))
    expected = redacted_whole(finder, text, Replace(), look_ahead=8)
    assert len(expected.findings) > 5
    cuts = cuts_of(text, seed=seed, longest=20)
    assert redacted(finder, cuts, Replace(), look_ahead=8)[0] == expected.text


def test_text_leaves_soon_after_its_labels():
    """Nothing that could be private is in it, so that only the rules' longest value is waited
    for.
    """
    stream = StreamRedactor(quiet(), Replace(), look_ahead=8)
    text, left = "the cat sat on the mat . " * 60, 0
    for place, character in enumerate(text):
        left += len(stream.feed(character))
        assert place - left < 220 + 2 * 8 * 4
    assert left + len(stream.close()) == len(text)


def test_a_private_key_is_held_until_it_ends_but_not_for_ever():
    body = "\n".join("Ab1+" * 16 for _ in range(100))
    key = f"-----BEGIN EC PRIVATE KEY-----\n{body}\n-----END EC PRIVATE KEY-----"
    after = " the cat sat on the mat" * 20
    stream = StreamRedactor(quiet(), Replace())
    left = "".join(stream.feed(character) for character in f"a {key}{after}")
    assert left + stream.close() == f"a <API_KEY>{after}"
    stream = StreamRedactor(quiet(), Replace())
    endless = (
        "a -----BEGIN EC PRIVATE KEY-----\n" + " ".join("Ab1+" * 16 for _ in range(400)) + after
    )
    assert len(stream.feed(endless)) > 8192
    assert not StreamRedactor(quiet(), Replace()).feed(endless[:4000])[3:]


def test_numbered_replacements_are_refused(finder):
    for arguments in (
        {"policy": Replace(numbered=True)},
        {"policy": Mask(), "policies": {"A": Replace(numbered=True)}},
    ):
        with pytest.raises(OptionError, match=r"numbered=True.*Pseudonym"):
            StreamRedactor(finder, **arguments)


class Failing:
    """A policy that fails."""

    def replacements(self):
        raise RuntimeError("no key")


def test_after_an_error_nothing_leaves(finder):
    stream = StreamRedactor(finder, Failing())
    with pytest.raises(RuntimeError):
        stream.feed("ann.lee@example.com " + "the cat " * 200)
    for more in (lambda: stream.feed("secret"), stream.close):
        with pytest.raises(DataError) as caught:
            more()
        assert "secret" not in str(caught.value)


def test_no_repr_holds_text(finder):
    redactor = StreamRedactor(finder, Mask())
    redactor.feed("secret " * 100)
    assert "secret" not in f"{redactor!r} {redactor.withheld!r}"
    assert redactor.withheld == Withheld()
    assert redactor.cut_spans == 0


def test_the_page_on_streams_runs(finder, monkeypatch, capsys):
    page = Path(__file__).parents[3] / "docs" / "streaming.md"
    blocks = re.findall(r"```python\n(.*?)```", page.read_text(encoding="utf-8"), flags=re.DOTALL)
    assert len(blocks) >= 3
    # The rules do the page's work where no model ships.
    load = finding.Labeler.load
    monkeypatch.setattr(
        finding.Labeler, "load", lambda name: load(name) if name == "en_pos" else quiet().labeler
    )
    names = {}
    for block in blocks:
        exec(compile(block, page.name, "exec"), names)
    shown = capsys.readouterr().out
    assert "<EMAIL>" in shown
    assert "ann@example.com" not in shown
    assert "4111" not in shown


def test_what_is_no_policy_and_no_text_is_refused(finder):
    for wrong in (3, None, Mask):
        with pytest.raises(OptionError, match="policy:"):
            StreamRedactor(finder, wrong)
        with pytest.raises(OptionError, match="policy:"):
            redact_characters("a", [], wrong)
    stream = StreamRedactor(finder, Mask())
    with pytest.raises(DataError):
        stream.feed(None)
    other = StreamRedactor(finder, Mask())
    assert stream.feed("a") + stream.close() == other.feed("a") + other.close()
