"""Finding private data: what a labeler says and what rules prove become one layer, of which no word
is lost.
"""

import random
import re
import time
from dataclasses import replace
from functools import partial
from importlib.util import find_spec
from pathlib import Path

import pytest
import spacy
from spacy.tokens import Span as DocSpan
from spacy.tokens import SpanGroup

from seqlabel.documents.document import Document, Spans
from seqlabel.documents.schemes import Scheme
from seqlabel.documents.spans import CharacterSpan, Span
from seqlabel.documents.tag_sets import TagSet
from seqlabel.errors import CheckpointError, DataError, OptionError
from seqlabel.models.model_configs import HeadConfig, LabelerConfig
from seqlabel.models.tagging.labeler import Labeler
from seqlabel.nn.heads.softmax import Softmax
from seqlabel.privacy.finding import finder as finding
from seqlabel.privacy.finding.finder import LAYER, PrivateFinder, redact, with_values
from seqlabel.privacy.finding.settings import DenyList, PrivacySettings, RuleChoice
from seqlabel.privacy.finding.stream import StreamRedactor
from seqlabel.privacy.records.objects import redact_object
from seqlabel.privacy.replacing.policies import Mask, Remove, Replace
from seqlabel.privacy.replacing.redacted import Finding
from seqlabel.privacy.rules import Value, table
from seqlabel.privacy.session import Session
from seqlabel.text.tokenizers import Words
from tests.extras import needs_pii
from tests.mixed_texts import mixed_texts
from tests.pages import ROOT
from tests.privacy.rewritten_files import HEAD, NOTHING
from tests.spacy_models import ENCODER, VOCABULARY, some_texts, tiny_labeler

PII = HeadConfig(TagSet(LAYER, ("PERSON", "PLACE"), Scheme.BIO), Softmax())
TEXTS = [
    "the cat wrote to ann@example.org on mat",
    "",
    "user=ann@example.org;ip=203.0.113.7 the cat sat",
    "数 Oslo",
]


def blind(threshold_offset=-1000.0):
    """A labeler that finds nothing by itself."""
    config = HeadConfig(PII.tag_set, PII.kind, threshold_offset=threshold_offset)
    return Labeler(LabelerConfig(ENCODER, (config,), hidden=5, words=Words.FINE), VOCABULARY)


def found(documents):
    return [
        [
            (document.text[slice(*document.characters(span))], span.label)
            for span in document.spans[LAYER].spans
        ]
        for document in documents
    ]


@needs_pii
@pytest.mark.parametrize(
    ("label", "text", "value"),
    [
        (
            "CUSTOMER_ID",
            "no,surname,joined\n0041,Ekwueme,2018-09-03\n0042,Balogun,2018-09-10\n",
            "0042",
        ),
        ("MEDICAL_ID", "Pt: Folasade Adeyinka, NHS 485 217 7309.", "485 217 7309"),
        (
            "PASSWORD",
            "2026-05-01 INFO orders db login gecko.lunar:Secret1987@203.0.113.7",
            "Secret1987",
        ),
    ],
)
def test_one_label_finds_its_value_whatever_it_is_called(label, text, value):
    settings = PrivacySettings(labels=(label,), wide=True)
    finder = PrivateFinder.load("en_pii", settings=settings)
    assert value not in redact(text, finder=finder).text


@needs_pii
@pytest.mark.parametrize("settings", [{"labels": ("PERSON",)}, {"except_": ("EMAIL",)}])
def test_a_rule_for_a_label_that_stays_takes_no_finding_of_the_model(settings):
    finder = PrivateFinder(blind(), settings=PrivacySettings(**settings))
    document = next(iter(finder(["db ann:Secret1987@example.org"])))
    person = document.with_spans(LAYER, Spans((Span(3, 4, "PERSON"),), (0.9,)))
    decided = finder.decided(person, finder.values(person.text))
    assert [span.label for span in decided.spans] == ["PERSON"]


@needs_pii
@pytest.mark.parametrize("settings", [{"labels": ("EMAIL", "IP")}, {"except_": ("URL",)}])
def test_a_url_that_stays_hides_no_value_in_it(settings):
    finder = PrivateFinder(blind(), settings=PrivacySettings(**settings))
    text = "see http://203.0.113.7:8080/u?mail=ann@example.org"
    assert found(finder([text])) == [[("203.0.113.7", "IP"), ("ann@example.org", "EMAIL")]]


@needs_pii
def test_rules_find_what_the_labeler_does_not():
    expected = [
        [("ann@example.org", "EMAIL")],
        [],
        [("ann@example.org", "EMAIL"), ("203.0.113.7", "IP")],
        [],
    ]
    documents = list(PrivateFinder(blind())(TEXTS))
    assert found(documents) == expected
    assert documents[0].spans[LAYER].scores == (1.0,)
    assert [document.text for document in documents] == TEXTS
    assert list(PrivateFinder(blind())(TEXTS, threads=2)) == documents
    assert found(PrivateFinder(blind(), rules=False)(TEXTS)) == [[], [], [], []]


@pytest.mark.parametrize("package", ["phonenumbers", "stdnum"])
def test_without_the_packages_of_rules_the_extra_is_named(monkeypatch, package):
    monkeypatch.setattr(
        table, "find_spec", lambda name: None if name == package else find_spec(name)
    )
    with pytest.raises(OptionError, match=r"seqlabel-rnn\[pii\]"):
        PrivateFinder(blind())
    settings = PrivacySettings(rules=False, deny=DenyList(words=("Oslo",), label="X"))
    listed = PrivateFinder(blind(), settings=settings)
    assert found(listed(TEXTS)) == [[], [], [], [("Oslo", "X")]]


def test_without_rules_it_is_the_labeler_which_no_sensitivity_changes(tmp_path):
    labeler = tiny_labeler((PII,))
    before = list(labeler(TEXTS))
    labeler.save(tmp_path)
    for eager in (
        PrivateFinder.load(tmp_path, sensitivity=2000, rules=False),
        PrivateFinder(labeler, sensitivity=2000, rules=False),
    ):
        # With so high a sensitivity every word is private.
        for document in eager(TEXTS):
            spans = document.spans[LAYER].spans
            assert sum(span.end - span.start for span in spans) == len(document)
    assert list(PrivateFinder(labeler, rules=False)(TEXTS)) == before


@needs_pii
@pytest.mark.parametrize(
    "settings", [PrivacySettings(), PrivacySettings(labels=("PERSON", "ADDRESS"))]
)
def test_what_a_sensitivity_hides_a_higher_one_hides_too(settings):
    written = ROOT / "recipes" / "pii_data" / "written"
    marked = "".join(
        (written / f"{name}.txt").read_text(encoding="utf-8") for name in ("dev", "unseen")
    )
    texts = [*re.sub(r"⟦[A-Z_]+\|([^⟧]+)⟧", r"\1", marked).split("=====\n")[::12], *mixed_texts(10)]
    hidden: list[set[int]] = [set() for _ in texts]
    counts = []
    for sensitivity in (-3, -1, 0, 0.5, 2, 5):
        documents = PrivateFinder(settings=replace(settings, sensitivity=sensitivity))(texts)
        for number, document in enumerate(documents):
            places = set()
            for span in document.character_spans(LAYER):
                places.update(range(span.start, span.end))
            places = {place for place in places if document.text[place].isalnum()}
            assert hidden[number] <= places
            hidden[number] = places
        counts.append(sum(map(len, hidden)))
    assert counts[0] < counts[2] < counts[-1]


@needs_pii
def test_a_text_a_document_and_a_doc_are_redacted(monkeypatch):
    finder = PrivateFinder(blind())
    text = "the cat wrote to ann@example.org on mat"
    expected = "the cat wrote to <EMAIL> on mat"
    assert redact(text, Replace(), finder=finder).text == expected
    monkeypatch.setattr(finding, "shipped_finder", lambda: finder)
    assert redact(text, Replace()).text == expected
    (document,) = finder([text])
    assert redact(document, Replace()) == redact(text, Replace())
    other = document.with_spans("other", document.spans[LAYER])
    assert redact(other, Replace(), layer="other").text == expected
    doc = spacy.blank("en")(text)
    email = DocSpan(doc, 4, 5, label="EMAIL")
    doc.spans[LAYER] = SpanGroup(doc, spans=[email], attrs={"scores": [0.5]})
    assert redact(doc, Replace()).findings == (Finding("EMAIL", 17, 32, 17, 24, 0.5),)
    doc.spans["plain"] = [email]
    assert redact(doc, Replace(), layer="plain").text == expected


@pytest.mark.parametrize(
    ("arguments", "error", "named"),
    [
        ({"text": b"ann"}, DataError, "bytes"),
        ({"text": Document.from_words(["ann"])}, DataError, "'pii'"),
        ({"text": spacy.blank("en")("ann"), "layer": "x"}, DataError, "'x'"),
        ({"text": Document.from_words(["ann"]), "finder": 1}, OptionError, "finder"),
    ],
)
def test_what_cannot_be_redacted_is_refused(arguments, error, named):
    with pytest.raises(error, match=named):
        redact(policy=Replace(), **arguments)


MISSPELT = {"EMIAL": Replace()}


@needs_pii
@pytest.mark.parametrize(
    "use",
    [
        lambda: PrivateFinder(blind(), labels=["EMIAL"]),
        lambda: redact("ann@x.org", finder=PrivateFinder(blind()), policies=MISSPELT),
        lambda: redact(PrivateFinder(blind())(TEXTS)[0], Replace(), policies=MISSPELT),
        lambda: StreamRedactor(PrivateFinder(blind()), Replace(), policies=MISSPELT),
    ],
)
def test_a_misspelt_label_is_refused_wherever_labels_are_named(use):
    with pytest.raises(OptionError, match=r"^(labels|policies): .*'EMIAL'.*'EMAIL'"):
        use()


WRONG_LISTS = ("EMAIL", 5, ["EMAIL", None], Path("missing"))
DOCUMENT = Document.from_words(["Ward"], spans={LAYER: Spans(())})


@needs_pii
@pytest.mark.parametrize(
    ("use", "option", "values"),
    [
        (partial(PrivateFinder, blind()), "labels", WRONG_LISTS),
        (partial(PrivateFinder, blind()), "except_", (*WRONG_LISTS, None)),
        (partial(PrivateFinder, blind()), "rules", ("no", None)),
        (partial(PrivateFinder, blind()), "settings", ("seqlabel.toml", {"labels": ["EMAIL"]})),
        (PrivateFinder, "model", (5, ["en_pii"], blind)),
        (partial(PrivateFinder.load, "en_pii"), "labels", WRONG_LISTS),
        (partial(PrivateFinder.load, "en_pii"), "except_", WRONG_LISTS),
        (partial(redact, "Ann"), "finder", ("en_pii", Labeler, ["en_pii"])),
        (partial(StreamRedactor), "finder", ("en_pii", None)),
        (Session, "finder", ("en_pii", Labeler)),
        (partial(redact_object, "Ann"), "finder", ("en_pii",)),
        (partial(redact, "Ann"), "policies", (["mask"], "mask", 5, {5: "mask"}, Mask())),
        (partial(redact, DOCUMENT), "policies", (["mask"], "mask", 5, {5: "mask"}, Mask())),
        (partial(redact, DOCUMENT), "known_labels", WRONG_LISTS),
        (partial(redact, DOCUMENT), "layer", (["pii"], None)),
    ],
)
def test_a_value_of_a_wrong_type_is_refused_by_its_name(use, option, values):
    for wrong in values:
        with pytest.raises(OptionError, match=rf"^{option}\b.*: expected .*, got "):
            use(**{option: wrong})


@needs_pii
def test_arguments_and_settings_of_the_same_say_choose_alike():
    choice = RuleChoice(disable=("ipv6",))
    alone = PrivateFinder(blind(), labels=["IP", "EMAIL", "URL"], except_=["EMAIL"], rules=choice)
    settings = PrivacySettings(labels=("IP", "EMAIL", "URL"), except_=("EMAIL",), rules=choice)
    assert alone.labels == PrivateFinder(blind(), settings=settings).labels == {"IP", "URL"}
    assert found(alone(TEXTS)) == found(PrivateFinder(blind(), settings=settings)(TEXTS))
    with pytest.raises(OptionError, match=r"^settings: "):
        PrivateFinder(blind(), settings=settings, except_=["URL"])
    loaded = PrivateFinder.load("en_pii", except_=["EMAIL"])
    assert loaded.labels == PrivateFinder().labels - {"EMAIL"}


@needs_pii
def test_a_finder_of_some_labels_leaves_the_others_and_does_not_know_them():
    finder = PrivateFinder(blind(), labels=["IP"])
    assert found(finder(TEXTS)) == [[], [], [("203.0.113.7", "IP")], []]
    stream = StreamRedactor(finder, Replace())
    assert stream.feed(TEXTS[2]) + stream.close() == "user=ann@example.org;ip=<IP> the cat sat"
    with pytest.raises(OptionError, match="policies: 'EMAIL'"):
        redact("ann@example.org", Replace(), finder=finder, policies={"EMAIL": Replace()})


def test_a_document_with_labels_of_its_own_says_which_are_known():
    document = Document.from_words(["Ward", "7"], spans={LAYER: Spans((Span(1, 2, "WARD"),))})
    policies = {"WARD": Replace()}
    with pytest.raises(OptionError, match="policies: 'WARD'"):
        redact(document, Replace(), policies=policies)
    redacted = redact(document, Replace(), policies=policies, known_labels=["WARD"])
    assert redacted.text == "Ward <WARD>"


def words_of(spans):
    return [word for span in spans for word in range(span.start, span.end)]


def test_every_word_that_either_holds_private_is_in_exactly_one_span():
    chance = random.Random(0)
    words = Document.from_words(list("abcdefghijkl"))
    for _ in range(500):
        spans, place = [], 0
        while (start := place + chance.randint(0, 3)) < len(words):
            place = min(start + chance.randint(1, 3), len(words))
            spans.append(Span(start, place, chance.choice("XY")))
        values, place = [], 0
        while (start := place + chance.randint(0, 6)) < len(words.text):
            place = min(start + chance.randint(1, 6), len(words.text))
            values.append(Value(start, place, "VALUE", "rule"))
        scores = tuple(chance.random() for _ in spans)
        united = with_values(words.with_spans(LAYER, Spans(tuple(spans), scores)), values)
        covered = words_of(united.spans)
        assert covered == sorted(set(covered))
        by_value = set()
        for word, (start, end) in enumerate(words.offsets):
            if any(start < value.end and value.start < end for value in values):
                by_value.add(word)
        assert set(covered) == by_value | set(words_of(spans))
        for span, score, source in zip(united.spans, united.scores, united.sources, strict=True):
            inside = set(range(span.start, span.end))
            if inside & by_value:
                assert (span.label, score, source) == ("VALUE", 1.0, "rule")
            else:
                assert (span, score) in list(zip(spans, scores, strict=True))
                assert source == "model"


def test_what_is_no_labeler_of_private_data_is_refused(tmp_path):
    with pytest.raises(OptionError, match="'pii'"):
        PrivateFinder(tiny_labeler())
    # A name is loaded by `load` alone.
    with pytest.raises(OptionError, match=r"PrivateFinder\.load"):
        PrivateFinder("en_pii")
    with pytest.raises(CheckpointError, match="none"):
        PrivateFinder.load(tmp_path / "none")


@needs_pii
def test_one_text_gives_one_document():
    finder = PrivateFinder(blind())
    for text in TEXTS:
        assert finder(text) == finder([text])[0]
    assert redact(TEXTS[0], finder=finder).text == redact(finder(TEXTS[0])).text


@needs_pii
def test_a_policy_may_be_a_name():
    finder = PrivateFinder(blind())
    text = "to ann@example.org from 203.0.113.7"
    redacted = redact(text, "mask", finder=finder, policies={"IP": "remove"})
    assert redacted == redact(text, Mask(), finder=finder, policies={"IP": Remove()})
    for wrong in ("maks", "hash"):
        with pytest.raises(OptionError, match=r"^policy"):
            redact(text, wrong, finder=finder)
    with pytest.raises(OptionError, match=r"by_label.*policies"):
        redact(text, finder=finder, by_label={"IP": Remove()})


@pytest.mark.parametrize("given", [None, 5])
def test_what_is_no_list_of_texts_is_one_clear_error(given):
    finder = PrivateFinder(blind(), rules=False)
    for labeled in (finder, finder.labeler):
        with pytest.raises(OptionError):
            list(labeled(given))


@needs_pii
def test_what_is_decided_of_many_spans_takes_a_time_that_grows_with_their_number():
    finder, every = PrivateFinder(blind(), labels=["PERSON"]), PrivateFinder(blind())

    def seconds(lines):
        words = ["ann@b.io", "Kx9kq2", "Ann", "Lee", "10.0.0.7"] * lines
        labels = ["EMAIL", "PASSWORD", "PERSON", "ORGANISATION", "IP"] * lines
        spans = tuple(Span(place, place + 1, label) for place, label in enumerate(labels))
        document = Document.from_words(words).with_spans(LAYER, Spans(spans, (0.9,) * len(spans)))
        proven = every.values(document.text)
        assert len(proven) == 2 * lines
        start = time.process_time()
        finder.decided(document, proven)
        every.sources(document)
        return time.process_time() - start

    # Were it quadratic, it would be sixteen times; other programs may disturb one measurement.
    assert any(seconds(1200) < 9 * seconds(300) + 0.05 for _ in range(3))


def by_character(labeler, text):
    """For each character the probability of each label; None for white space."""
    document = labeler.tokenize(text)
    (rows,) = labeler.probabilities([document], LAYER)
    (tag_set,) = labeler.tag_sets
    found = [None] * len(text)
    for (start, end), row in zip(document.offsets, rows, strict=True):
        shares = dict.fromkeys(tag_set.labels, 0.0)
        for tag, probability in zip(tag_set.tags, row.tolist(), strict=True):
            if tag != "O":
                shares[tag.split("-")[1]] += probability
        found[start:end] = [shares] * (end - start)
    return found


def test_a_span_has_the_mean_probability_of_its_characters():
    labeler = tiny_labeler((HEAD,), seed=4)
    finder = PrivateFinder(labeler, rules=False)
    for text in filter(None, some_texts(10)):
        spans = []
        for start in range(0, len(text), 3):
            spans += [(start, end) for end in range(start + 1, len(text) + 1, 5)]
        characters = by_character(labeler, text)
        for judged, (start, end) in zip(finder.judge(text, spans), spans, strict=True):
            inside = [one for one in characters[start:end] if one is not None]
            assert (judged.start, judged.end) == (start, end)
            if not inside:
                assert judged.score == 0
                continue
            means = {label: sum(one[label] for one in inside) / len(inside) for label in inside[0]}
            assert judged.score == pytest.approx(sum(means.values()), abs=1e-5)
            assert means[judged.label] == pytest.approx(max(means.values()), abs=1e-5)


@needs_pii
def test_what_rules_prove_is_certain():
    finder = PrivateFinder(tiny_labeler((NOTHING,), seed=4))
    text = "write to ann@x.org now"
    email, half = finder.judge(text, [(9, 18), (0, 18)])
    assert email == CharacterSpan(9, 18, "EMAIL", 1.0)
    assert half.score > 9 / 16 - 1e-6
    assert half.label == "EMAIL"


@pytest.mark.parametrize("span", [(-1, 2), (2, 2), (1, 5)])
def test_a_span_that_leaves_the_text_is_refused(span):
    finder = PrivateFinder(tiny_labeler((HEAD,), seed=4), rules=False)
    with pytest.raises(DataError):
        finder.judge("text", [span])


@pytest.mark.parametrize(
    ("label", "text", "value", "found"),
    [
        ("URL", "https://a.org/x and", "https://a.org/x", ["https://a.org/x"]),
        ("URL", "at https://a.org/x", "https://a.org/x", ["https://a.org/x"]),
        ("IP", "203.0.113.7 /24 net", "203.0.113.7", ["203.0.113.7 /24"]),
        (
            "URL",
            "https://a.org/x, https://b.org/y",
            "https://a.org/x",
            ["https://a.org/x", "https://b.org/y"],
        ),
        ("EMAIL", "ann@x.org or bob@y.org", "ann@x.org", ["ann@x.org", "bob@y.org"]),
        ("ADDRESS", "Lindenstr. 14 im Hof", "Lindenstr. 14", ["Lindenstr. 14 im Hof"]),
    ],
)
def test_a_proven_value_is_not_widened_by_words_of_the_model(label, text, value, found):
    document = Document(text, tuple(match.span() for match in re.finditer(r"[^\s,]+|,", text)))
    document = document.with_spans(LAYER, Spans((Span(0, len(document), label),), (0.9,)))
    start = text.index(value)
    spans = with_values(document, [Value(start, start + len(value), label, "rule")])
    united = document.with_spans(LAYER, spans).character_spans(LAYER)
    assert [text[one.start : one.end] for one in united] == found
    assert spans.scores[0] == 1.0
