"""The pipe `private_finder`: findings are those of `PrivateFinder`, to the character. What all
pipes promise is in `test_contract.py`.
"""

import random

import pytest
import spacy
from spacy.tokens import Span, SpanGroup

from seqlabel.documents.categories import Categories
from seqlabel.errors import CheckpointError, OptionError
from seqlabel.formats.docs import exact_characters
from seqlabel.models.folders import PRETRAINED
from seqlabel.models.language_model import WordLanguageModel
from seqlabel.models.tagging.engine import Arithmetic
from seqlabel.models.tagging.labeler import Labeler
from seqlabel.privacy.finding.finder import LAYER, PrivateFinder, redact
from seqlabel.privacy.finding.settings import PrivacySettings
from seqlabel.privacy.finding.stream import StreamRedactor
from seqlabel.privacy.records.workers import SourceText, Task, TextRedactor
from seqlabel.privacy.replacing.policies import Mask
from seqlabel.spacy.redactor import redact_doc
from tests.extras import needs_pii
from tests.mixed_texts import CARD_LINES, IP_LINES, KINDS, form_of, log_line, mixed_texts
from tests.privacy.rewritten_files import save_labeler
from tests.spacy_models import some_texts, tiny_labeler

pytestmark = needs_pii
shipped = pytest.mark.skipif(
    not (PRETRAINED / "en_pii").is_dir(), reason="the model en_pii is not there"
)
TEXT = (
    '{"name":"Ann Moss","mail":"ann@example.org","card":"4111111111111111","at":"10.0.0.8"} '
    "call +44 20 7946 0018"
)


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    """The folder of a tiny labeler that finds something in nearly every text."""
    return save_labeler(tmp_path_factory.mktemp("labeler") / "model")


def pipeline(*, policy="mask", **config):
    nlp = spacy.blank("en")
    nlp.add_pipe("private_finder", config={"arithmetic": "float32", **config})
    nlp.add_pipe("redactor", config={"policy": policy})
    return nlp


def exact_of(doc, key=LAYER):
    """All findings of a group, with their characters."""
    return [one for found in exact_characters(doc.spans[key]) or [] for one in found]


def placed(spans):
    """Character spans without scores."""
    return [(span.start, span.end, span.label) for span in spans]


@pytest.fixture(scope="module")
def real():
    return pipeline(arithmetic="auto")


@pytest.fixture(scope="module")
def finder():
    return PrivateFinder()


@shipped
def test_the_same_text_is_redacted_the_same_by_every_way_in(real, finder):
    texts = mixed_texts(100)
    by_pipe = [doc._.redacted.text for doc in real.pipe(texts)]
    by_function = [redact(document, Mask()).text for document in finder(texts)]
    by_command = [cleaned.text for cleaned in TextRedactor(Task(Mask()))([*map(SourceText, texts)])]
    assert by_function == by_pipe
    assert by_command == by_pipe
    assert [redact(text, Mask(), finder=finder).text for text in texts[::3]] == by_pipe[::3]

    # A stream decides by the words that it has seen, and its second reader drops less than that of
    # a whole text: with a look-ahead that is longer than a text it may hide more, never less.
    def streamed(text, **options):
        stream = StreamRedactor(finder, Mask(), **options)
        return stream.feed(text) + stream.close()

    by_stream = [streamed(text, look_ahead=256) for text in texts]
    assert sum(one != other for one, other in zip(by_stream, by_pipe, strict=True)) <= 1
    for text, one, other in zip(texts, by_stream, by_pipe, strict=True):
        signs = zip(text, one, other, strict=True)
        assert all(stream == whole or whole == sign for sign, stream, whole in signs)
    assert (
        sum(streamed(text) != expected for text, expected in zip(texts, by_pipe, strict=True)) <= 2
    )
    assert sum(one != other for one, other in zip(texts, by_pipe, strict=True)) > 95


@shipped
@pytest.mark.parametrize(
    "time", ["2024-03-05T10:00:00Z", "2024-03-05T10:00:00.123Z", "2024-03-05 10:00Z"]
)
def test_the_full_stop_after_a_time_is_no_part_of_it_though_spacys_token_holds_it(real, time):
    doc = real(f"The backup of Ann Lee ended at {time}. All is well.")
    assert any(token.text.endswith("Z.") for token in doc)
    assert time in [doc.text[one.start : one.end] for one in exact_of(doc)]
    assert doc._.redacted.text.endswith(". All is well.")


@shipped
@pytest.mark.parametrize("kind", ["json", "xml", "csv"])
def test_what_programs_read_keeps_its_form(real, kind):
    chance = random.Random(1)
    texts = [KINDS[kind](chance) for _ in range(200 if kind == "xml" else 25)]
    for text, doc in zip(texts, real.pipe(texts), strict=True):
        redacted = doc._.redacted.text
        assert redacted != text
        assert form_of(redacted, kind) == form_of(text, kind)


@shipped
@pytest.mark.parametrize(
    ("lines", "count", "label"), [(CARD_LINES, 50, "CARD"), (IP_LINES, 40, "IP")]
)
def test_no_card_and_no_address_in_a_log_passes(real, finder, lines, count, label):
    chance = random.Random(2)
    texts = [log_line(chance, lines) for _ in range(count)]
    for text, doc in zip(texts, real.pipe(texts), strict=True):
        (document,) = finder([text])
        # A token of spaCy may hold several values, and its span has one label.
        assert any(span.label == label for span in document.spans[LAYER].spans)
        for span in document.spans[LAYER].spans:
            assert document.text[slice(*document.characters(span))] not in doc._.redacted.text


def test_findings_are_those_of_the_finder(model):
    texts = [TEXT, "", " \n ", *some_texts(), *mixed_texts(20)]
    for rules in (True, False):
        nlp = pipeline(model=model, rules=rules)
        same = Labeler.load(model, arithmetic=Arithmetic.FLOAT32)
        finder = PrivateFinder(same, settings=PrivacySettings(rules=rules))
        for doc, document in zip(nlp.pipe(texts), finder(texts), strict=True):
            exact = exact_of(doc)
            expected = placed(document.character_spans(LAYER))
            assert placed(exact) == expected
            assert [one.score for one in exact] == pytest.approx(
                document.spans[LAYER].scores, abs=1e-5
            )
            assert [one.source for one in exact] == list(document.spans[LAYER].sources)
            assert doc._.redacted == redact(doc, Mask())
            touched = {
                t.i
                for t in doc
                for start, end, _ in expected
                if t.idx < end and start < t.idx + len(t)
            }
            group = doc.spans[LAYER]
            assert {token.i for span in group for token in span} == touched
            assert sum(map(len, group)) == len(touched)
            assert [(e.start, e.end, e.label_) for e in doc.ents] == [
                (s.start, s.end, s.label_) for s in group
            ]


def test_exact_characters_stay_in_a_doc_that_is_copied_or_whose_tokens_are_merged(model):
    doc = pipeline(model=model)(TEXT)
    right = redact(doc, Mask())
    assert right.text != TEXT
    assert right.text.startswith('{"')
    assert redact(doc.copy(), Mask()) == right
    with doc.retokenize() as retokenizer:
        retokenizer.merge(doc[0:4])
    assert redact(doc, Mask()) == right


def test_what_another_component_does_to_the_group_hides_nothing(model):
    nlp = pipeline(model=model)

    def change(doc, chance):
        group = doc.spans[LAYER]
        spans = list(group)
        if spans and chance.random() < 0.4:
            del spans[chance.randrange(len(spans))]
        if len(doc) and chance.random() < 0.7:
            start = chance.randrange(len(doc))
            spans.append(Span(doc, start, min(start + 3, len(doc)), "PERSON"))
        doc.spans[LAYER] = SpanGroup(doc, name=LAYER, spans=spans, attrs=group.attrs)

    chance = random.Random(3)
    changed = 0
    for doc in nlp.pipe([*mixed_texts(40), *some_texts(60)]):
        change(doc, chance)
        redacted = redact_doc(doc, Mask())
        covered = {
            place for finding in redacted.findings for place in range(finding.start, finding.end)
        }
        for span in doc.spans[LAYER]:
            exact = {place for one in exact_of(doc) for place in range(one.start, one.end)}
            inside = set(range(span.start_char, span.end_char))
            assert inside <= covered or (exact & inside and exact <= covered)
            changed += inside <= covered
    assert changed > 40


@pytest.mark.parametrize("existing", ["keep", "override", "clear"])
def test_spans_of_others_are_kept_whole(model, existing):
    nlp = pipeline(model=model, existing=existing)
    doc = nlp.make_doc("ann@example.org;cat said hello to the mat")
    doc.spans[LAYER] = [Span(doc, len(doc) - 1, len(doc), "MINE")]
    doc = nlp(doc)
    kept = [span.text for span in doc.spans[LAYER] if span.label_ == "MINE"]
    covered = [doc.text[finding.start : finding.end] for finding in redact(doc, Mask()).findings]
    if existing == "keep":
        assert kept == ["mat"]
        assert any(text.endswith("mat") for text in covered)
    assert any(text.startswith("ann@example.org") for text in covered)


def test_labels_that_are_left_out_are_not_found(model):
    nlp = pipeline(model=model, except_=["EMAIL"])
    doc = nlp("mail ann@x.org or 203.0.113.7")
    found = {span.label_ for span in doc.spans["pii"]}
    assert ("IP" in found, "EMAIL" in found) == (True, False)
    assert "EMAIL" not in nlp.get_pipe("private_finder").labels


@pytest.fixture(scope="module")
def other_models(tmp_path_factory):
    """Labelers without the layer `pii`: of words, and of documents."""
    folder = tmp_path_factory.mktemp("other")
    words = tiny_labeler()
    words.save(folder / "words")
    encoder = WordLanguageModel(words.config.encoder, words.vocabulary)
    Labeler.on(encoder, [Categories("topic", ("a", "b"))]).save(folder / "documents")
    return folder


@pytest.mark.parametrize(
    ("config", "error", "value"),
    [
        ({"existing": "ignore"}, OptionError, "existing: "),
        ({"arithmetic": "int4"}, OptionError, "arithmetic: "),
        ({"model": ""}, OptionError, "model: "),
        ({"labels": ["EMIAL"]}, OptionError, "'EMIAL'"),
        ({"except_": ["EMIAL"]}, OptionError, "except: 'EMIAL'"),
        ({"model": "{folder}/none"}, CheckpointError, "none: "),
        ({"model": "{folder}/words"}, OptionError, "pii"),
        ({"model": "{folder}/documents"}, OptionError, "pii"),
    ],
)
def test_a_config_that_does_not_fit_is_refused(model, other_models, config, error, value):
    config = {"model": model, **config}
    config["model"] = config["model"].format(folder=other_models)
    with pytest.raises(error, match=value):
        pipeline(**config)("the cat")


@shipped
@pytest.mark.parametrize(
    "config", [{"labels": ["EMIAL"]}, {"labels": ["EMIAL"], "rules": False}], ids=str
)
def test_a_label_that_nothing_finds_is_refused_when_the_pipe_is_added(config):
    with pytest.raises(OptionError, match="'EMIAL'"):
        pipeline(**config)


def test_labels_and_rules_are_those_of_the_finder(model):
    texts = [TEXT, *mixed_texts(10)]
    for labels, rules in (
        (["EMAIL", "IP"], True),
        (list(Labeler.load(model).tag_sets[0].labels[1:]), False),
    ):
        nlp = spacy.blank("en")
        config = {
            "model": model,
            "labels": labels,
            "rules": rules,
            "annotate_ents": False,
            "spans_key": "found",
        }
        nlp.add_pipe("private_finder", config=config)
        found = 0
        finder = PrivateFinder.load(model, labels=labels, rules=rules)
        assert nlp.get_pipe("private_finder").labels == tuple(sorted(labels))
        for doc, document in zip(nlp.pipe(texts), finder(texts), strict=True):
            expected = placed(document.character_spans(LAYER))
            assert placed(exact_of(doc, "found")) == expected
            assert not doc.ents
            assert LAYER not in doc.spans
            assert {span.label_ for span in doc.spans["found"]} <= set(labels)
            found += len(expected)
        assert found


@shipped
def test_the_sensitivity_is_passed_on():
    texts = mixed_texts(10)
    found = []
    for sensitivity in (0.0, 8.0):
        docs = pipeline(sensitivity=sensitivity, rules=False, arithmetic="auto").pipe(texts)
        found.append([len(exact_of(doc)) for doc in docs])
        expected = PrivateFinder(sensitivity=sensitivity, rules=False)(texts)
        assert found[-1] == [len(document.spans[LAYER].spans) for document in expected]
    assert found[0] != found[1]
