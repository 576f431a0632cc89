"""The pipe `private_finder`: findings are those of `PrivateFinder`, to the character, wherever the
Docs go.
"""

import pickle
import random

import pytest
import spacy
from spacy.tokens import Doc, DocBin, Span, SpanGroup
from spacy.training import Example

from seqlabel.documents.categories import Categories
from seqlabel.errors import CheckpointError, OptionError
from seqlabel.formats.docs import EXACT, exact_characters
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
from tests.spacy_models import is_pickle, some_texts, tiny_labeler

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

    # A stream decides by the words that it has seen: the usual look-ahead is enough for nearly all
    # of these texts, and one that is longer than a text is enough for any.
    def streamed(text, **options):
        stream = StreamRedactor(finder, Mask(), **options)
        return stream.feed(text) + stream.close()

    assert [streamed(text, look_ahead=256) for text in texts] == by_pipe
    assert (
        sum(streamed(text) != expected for text, expected in zip(texts, by_pipe, strict=True)) <= 2
    )
    assert sum(one != other for one, other in zip(texts, by_pipe, strict=True)) > 95


@shipped
@pytest.mark.parametrize(
    "time", ["2024-03-05T10:00:00Z", "2024-03-05T10:00:00.123Z", "2024-03-05 10:00Z"]
)
def test_the_full_stop_behind_a_time_is_no_part_of_it_though_spacys_token_holds_it(real, time):
    doc = real(f"The backup of Ann Lee ended at {time}. All is well.")
    assert any(token.text.endswith("Z.") for token in doc)
    assert [doc.text[one.start : one.end] for one in exact_of(doc)] == ["Ann Lee", time]
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


def test_exact_characters_travel_with_the_doc(model):
    nlp = pipeline(model=model)
    docs = list(nlp.pipe([TEXT, *some_texts(10)]))
    right = [redact(doc, Mask()) for doc in docs]
    assert right[0].text != TEXT
    assert right[0].text.startswith('{"')
    moved = [Doc(nlp.vocab).from_bytes(doc.to_bytes()) for doc in docs]
    packed = DocBin(docs=docs).to_bytes()
    read = list(DocBin().from_bytes(packed).get_docs(nlp.vocab))
    for others in (moved, read, [doc.copy() for doc in docs]):
        assert [redact(doc, Mask()) for doc in others] == right
    with docs[0].retokenize() as retokenizer:
        retokenizer.merge(docs[0][0:4])
    assert redact(docs[0], Mask()) == right[0]


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


def test_labels_that_are_left_out_are_those_of_the_settings(model):
    nlp = pipeline(model=model, except_=["EMAIL"])
    doc = nlp("mail ann@x.org or 203.0.113.7")
    found = {span.label_ for span in doc.spans["pii"]}
    assert ("IP" in found, "EMAIL" in found) == (True, False)
    assert "EMAIL" not in nlp.get_pipe("private_finder").labels
    with pytest.raises(OptionError, match=r"except: 'EMIAL'"):
        pipeline(model=model, except_=["EMIAL"])("mail")


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
    for sensitivity in (0.0, 4.0):
        docs = pipeline(sensitivity=sensitivity, rules=False, arithmetic="auto").pipe(texts)
        found.append([len(exact_of(doc)) for doc in docs])
        expected = PrivateFinder(sensitivity=sensitivity, rules=False)(texts)
        assert found[-1] == [len(document.spans[LAYER].spans) for document in expected]
    assert found[0] != found[1]


@shipped
def test_a_label_that_nothing_finds_is_refused_when_the_pipe_is_added():
    with pytest.raises(OptionError, match=r"'EMIAL'.*Did you mean 'EMAIL'"):
        pipeline(labels=["EMIAL"])
    with pytest.raises(OptionError, match=r"'PERSN'.*Did you mean 'PERSON'"):
        pipeline(labels=["PERSN"], rules=False)


def test_what_does_not_fit_a_folder_is_an_error_when_the_pipe_is_used(model, tmp_path):
    with pytest.raises(OptionError, match="'EMIAL'"):
        pipeline(model=model, labels=["EMIAL"])("the cat")
    with pytest.raises(CheckpointError, match="there is no such folder"):
        pipeline(model=str(tmp_path / "none"))("the cat")
    tiny_labeler().save(tmp_path / "other")
    with pytest.raises(OptionError, match="'pii'"):
        pipeline(model=str(tmp_path / "other"))("the cat")
    below = tiny_labeler()
    encoder = WordLanguageModel(below.config.encoder, below.vocabulary)
    Labeler.on(encoder, [Categories("topic", ("a", "b"))]).save(tmp_path / "whole")
    with pytest.raises(OptionError, match="pii"):
        pipeline(model=str(tmp_path / "whole"))("the cat")
    for option, wrong in (("existing", "ignore"), ("arithmetic", "int4"), ("model", "")):
        config = {option: wrong}
        with pytest.raises(OptionError, match=f"{option}:"):
            pipeline(**{"model": model, **config})


def test_the_model_travels_with_the_pipeline(model, tmp_path, monkeypatch):
    nlp = pipeline(model=model, labels=["PERSON", "EMAIL"])
    texts = [TEXT, *some_texts(10)]
    right = [doc._.redacted.text for doc in nlp.pipe(texts)]
    nlp.to_disk(tmp_path / "pipeline")
    assert not [
        file
        for file in (tmp_path / "pipeline").rglob("*")
        if file.is_file() and is_pickle(file.read_bytes())
    ]
    others = [
        spacy.load(tmp_path / "pipeline"),
        spacy.blank("en").from_config(nlp.config).from_bytes(nlp.to_bytes()),
    ]
    for other in others:
        assert [doc._.redacted.text for doc in other.pipe(texts)] == right
    assert [doc._.redacted.text for doc in nlp.pipe(texts, n_process=2, batch_size=4)] == right
    nlp.get_pipe("private_finder").threads = 2
    assert [doc._.redacted.text for doc in nlp.pipe(texts, batch_size=4)] == right
    pipe = pickle.loads(pickle.dumps(nlp.get_pipe("private_finder")))
    assert pipe.threads == 2
    assert redact(pipe(nlp.make_doc(TEXT)), Mask()).text == right[0]
    assert pipe.labels == nlp.get_pipe("private_finder").labels == ("EMAIL", "PERSON")


def test_it_says_what_it_writes_and_is_scored(model):
    nlp = spacy.blank("en")
    nlp.add_pipe("private_finder", config={"model": model})
    nlp.add_pipe("redactor")
    found = nlp.analyze_pipes(keys=["assigns", "requires"])
    assert "doc.spans" in found["summary"]["private_finder"]["assigns"]
    assert found["summary"]["redactor"]["requires"] == ["doc.spans"]
    assert found["problems"]["redactor"] == {"requires": []} or found["problems"]["redactor"] == []
    doc = nlp(TEXT)
    scores = nlp.evaluate([Example(nlp.make_doc(TEXT), doc)])
    assert scores["ents_f"] == scores["spans_pii_f"] == 1.0
    assert doc.spans[LAYER].attrs[EXACT]


def test_a_doc_that_fails_goes_to_the_error_handler_and_not_on(model, monkeypatch):
    nlp = pipeline(model=model)
    pipe = nlp.get_pipe("private_finder")
    failed = []
    nlp.set_error_handler(lambda name, pipe, docs, error: failed.extend(docs))
    real = pipe._finder

    def broken(texts):
        if any("bad" in text for text in texts):
            raise ValueError("bad")
        return real(texts)

    monkeypatch.setattr(pipe, "_finder", broken)
    assert [doc.text for doc in nlp.pipe(["good", "bad", "fine"])] == ["good", "fine"]
    assert [doc.text for doc in failed] == ["bad"]
