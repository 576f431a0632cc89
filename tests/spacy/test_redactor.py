"""The pipe `redactor` against `redact_characters`; keys stay out of all that is saved. What all
pipes promise is in `test_contract.py`.
"""

import pickle
import random
from dataclasses import replace

import pytest
import spacy
import srsly
from spacy.tokens import Doc, Span, SpanGroup
from spacy.util import filter_spans

from seqlabel.documents.spans import CharacterSpan
from seqlabel.errors import DataError, OptionError
from seqlabel.models.folders import PRETRAINED
from seqlabel.privacy.finding.finder import PrivateFinder, redact
from seqlabel.privacy.replacing.policies import Hash, Mask
from seqlabel.privacy.replacing.redacted import Finding, redact_characters
from seqlabel.spacy.redactor import redact_doc
from tests.extras import needs_pii
from tests.keys import KEY
from tests.spacy_models import some_texts

LABELS = ["PERSON", "EMAIL", "AGE"]


def docs(nlp, count=30):
    """Docs with random span groups, which overlap, scores for every other one, and entities, which
    do not.
    """
    chance = random.Random(0)
    made = []
    for number, text in enumerate(some_texts(count)):
        doc = nlp.make_doc(text)
        spans = []
        for _ in range(chance.randint(0, 4) if len(doc) else 0):
            start = chance.randrange(len(doc))
            spans.append(
                Span(
                    doc,
                    start,
                    chance.randint(start + 1, min(start + 4, len(doc))),
                    chance.choice(LABELS),
                )
            )
        attrs = {"scores": [round(chance.random(), 3) for _ in spans]} if number % 2 else {}
        doc.spans["pii"] = SpanGroup(doc, name="pii", spans=spans, attrs=attrs)
        doc.ents = [span for span in filter_spans(spans) if not span.text.isspace()]
        made.append(doc)
    return made


def expected(doc, policy, spans, scores=()):
    places = [CharacterSpan(span.start_char, span.end_char, span.label_) for span in spans]
    scored = (
        [replace(place, score=score) for place, score in zip(places, scores, strict=True)]
        if scores
        else places
    )
    return redact_characters(doc.text, scored, policy)


@pytest.fixture
def nlp():
    return spacy.blank("en")


def redactor(nlp, **config):
    return nlp.add_pipe("redactor", config=config)


def test_groups_and_entities_are_redacted(nlp):
    redactor(nlp, policy="mask")
    other = spacy.blank("en")
    redactor(other, policy="mask", source="ents")
    for doc in docs(nlp):
        group = doc.spans["pii"]
        right = expected(doc, Mask(), group, group.attrs.get("scores", ()))
        assert nlp(doc.copy())._.redacted == redact_doc(doc, Mask()) == right
        assert other(doc.copy())._.redacted == expected(doc, Mask(), doc.ents)


def test_a_pipe_that_merges_tokens_hides_no_private_span(nlp):
    doc = nlp.make_doc("New York called Ann Moss")
    doc.spans["pii"] = [doc.char_span(16, 24, "PERSON")]
    with doc.retokenize() as retokenizer:
        retokenizer.merge(doc[0:2])
    assert redact_doc(doc, Mask()) == redact_characters(
        doc.text, [CharacterSpan(16, 24, "PERSON")], Mask()
    )


def test_some_labels_only(nlp):
    redactor(nlp, policy="mask", labels=["AGE", "EMAIL"])
    for doc in docs(nlp):
        group = doc.spans["pii"]
        scores = group.attrs.get("scores") or [None] * len(group)
        kept = [
            (span, score)
            for span, score in zip(group, scores, strict=True)
            if span.label_ in ("AGE", "EMAIL")
        ]
        known = [score for _, score in kept if score is not None]
        assert nlp(doc.copy())._.redacted == expected(
            doc, Mask(), [span for span, _ in kept], known
        )


def test_a_doc_that_did_not_come_through_has_none(nlp):
    redactor(nlp)
    assert nlp.make_doc("Ada")._.redacted is None


@pytest.mark.parametrize("source", ["file", "variable"])
def test_a_key_is_in_nothing_that_is_saved(nlp, tmp_path, monkeypatch, source):
    (tmp_path / "key").write_bytes(KEY)
    (tmp_path / "key").chmod(0o600)
    monkeypatch.setenv("A_KEY", KEY.hex())
    config = {"key_file": str(tmp_path / "key")} if source == "file" else {"key_variable": "A_KEY"}
    pipe = redactor(nlp, policy="hash", **config)
    doc = docs(nlp)[5]
    assert nlp(doc.copy())._.redacted == redact_doc(doc, Hash(KEY))
    nlp.to_disk(tmp_path / "pipeline")
    saved = [file.read_bytes() for file in (tmp_path / "pipeline").rglob("*") if file.is_file()]
    pickled = pickle.dumps(pipe)
    for data in (*saved, nlp.to_bytes(), pickled, repr(pipe).encode()):
        assert not any(key in data for key in (KEY, KEY.hex().encode(), repr(KEY).encode()))
    assert pickle.loads(pickled)(doc.copy())._.redacted == redact_doc(doc, Hash(KEY))


@pytest.mark.parametrize(
    ("config", "option"),
    [
        ({"policy": "shred"}, "policy: "),
        ({"source": "tag_"}, "source: "),
        ({"source": "spans:"}, "source: "),
        ({"policy": "hash"}, "policy"),
        ({"policy": "hash", "key_variable": "NO_SUCH_KEY"}, "NO_SUCH_KEY"),
        ({"policy": "hash", "key_variable": "A", "key_file": "b"}, "key: "),
        ({"labels": []}, "labels: "),
        ({"labels": ["EMAIL", "EMIAL"]}, "labels: 'EMIAL'.*'EMAIL'"),
        ({"labels": ["person"]}, "labels: 'person'.*'PERSON'"),
        ({"labels": ["PASSPORTS"]}, "labels: 'PASSPORTS'.*'PASSPORT'"),
    ],
)
def test_a_config_that_does_not_fit_is_refused(nlp, config, option):
    with pytest.raises(OptionError, match=option):
        redactor(nlp, **config)


@pytest.mark.parametrize("labels", [[], ["EMIAL"], ["person"]])
def test_labels_that_nothing_finds_are_refused(nlp, labels):
    with pytest.raises(OptionError, match="labels: "):
        redact_doc(docs(nlp, 2)[0], Mask(), labels=labels)


def test_an_extension_of_another_is_not_taken(nlp):
    before = Doc.remove_extension("redacted") if Doc.has_extension("redacted") else None
    Doc.set_extension("redacted", default=1)
    try:
        with pytest.raises(OptionError, match="redactor: "):
            redactor(nlp)
    finally:
        Doc.remove_extension("redacted")
        if before:
            Doc.set_extension("redacted", getter=before[2])


@needs_pii
@pytest.mark.skipif(not (PRETRAINED / "en_pii").is_dir(), reason="the model en_pii is not there")
def test_alone_it_finds_private_data_by_itself(nlp):
    redactor(nlp, policy="mask")
    texts = [
        "",
        "card=4111111111111111;from 10.0.0.8",
        '{"name":"Ann Moss","city":"Oakham"}',
        "Ann Moss called.",
    ]
    right = [redact(text, Mask()) for text in texts]
    assert [doc._.redacted for doc in map(nlp, texts)] == right
    # Docs in which private data was looked for are read no more.
    found = nlp.make_doc(texts[3])
    found.spans["pii"] = []
    docs = list(nlp.pipe([*texts, found]))
    assert [doc._.redacted.text for doc in docs[:-1]] == [one.text for one in right]
    assert docs[-1]._.redacted.text == texts[3]
    some = spacy.blank("en")
    redactor(some, policy="mask", labels=["IP"])
    assert (
        some(texts[1])._.redacted.text
        == redact(texts[1], Mask(), finder=PrivateFinder(labels=["IP"])).text
    )
    assert "4111111111111111" in some(texts[1])._.redacted.text


def test_what_it_needs_and_writes_is_declared(nlp):
    redactor(nlp)
    about = nlp.get_pipe_meta("redactor")
    assert (about.requires, about.assigns) == (["doc.spans"], ["doc._.redacted"])
    assert nlp.analyze_pipes()["problems"]["redactor"] == ["doc.spans"]


def test_a_redacted_doc_becomes_json(nlp):
    redactor(nlp, policy="mask")
    for doc in docs(nlp, 6):
        written = srsly.json_loads(srsly.json_dumps(nlp(doc).to_json(underscore=["redacted"])))[
            "_"
        ]["redacted"]
        redacted = doc._.redacted
        assert (written["text"], written["old_length"]) == (redacted.text, redacted.old_length)
        # srsly's JSON rounds the last digit of a score.
        found = [Finding(**{**finding, "score": None}) for finding in written["findings"]]
        assert found == [replace(finding, score=None) for finding in redacted.findings]
        assert [finding["score"] for finding in written["findings"]] == pytest.approx(
            [finding.score for finding in redacted.findings]
        )
        assert "_" not in doc.to_json()


class TestLabels:
    """A label that nothing finds would leave private text as it is."""

    def test_those_of_components_are_known(self, nlp):
        ruler = nlp.add_pipe("entity_ruler")
        ruler.add_patterns([{"label": "PROJECT", "pattern": "Ada"}])
        redactor(nlp, policy="mask", source="ents", labels=["PROJECT"])
        assert nlp("Ada Moss")._.redacted.text == f"{redact_text('Ada')} Moss"
        with pytest.raises(OptionError, match=r"'PROJCT' .*Did you mean 'PROJECT'"):
            nlp.add_pipe("redactor", name="other", config={"labels": ["PROJCT"]})

    def test_those_of_a_component_without_labels_yet_are_asked_for_when_it_is_used(
        self, nlp, tmp_path
    ):
        ruler = nlp.add_pipe("entity_ruler")
        redactor(nlp, policy="mask", source="ents", labels=["PROJECT"])
        doc = nlp.make_doc("Ada Moss")
        doc.ents = [Span(doc, 0, 1, "PROJECT")]
        with pytest.raises(OptionError, match="'PROJECT' is not a label that can be found"):
            nlp.get_pipe("redactor")(doc)
        ruler.add_patterns([{"label": "PROJECT", "pattern": "Ada"}])
        assert nlp("Ada Moss")._.redacted.text == f"{redact_text('Ada')} Moss"
        # Components of a saved pipeline are made before their labels are read.
        nlp.to_disk(tmp_path / "pipeline")
        assert (
            spacy.load(tmp_path / "pipeline")("Ada Moss")._.redacted.text
            == f"{redact_text('Ada')} Moss"
        )


def redact_text(text):
    return redact_characters(text, [CharacterSpan(0, len(text), "X")], Mask()).text


@pytest.mark.parametrize("source", ["ents", "spans:pii"])
def test_a_doc_without_annotation_is_an_error(nlp, source):
    redactor(nlp, policy="mask", source=source)
    with pytest.raises(DataError):
        nlp("Ada Moss")
    failed = []
    nlp.set_error_handler(lambda name, pipe, docs, error: failed.extend(docs))
    done = docs(nlp)
    (unread,) = [nlp.make_doc("Ada")]
    assert len(list(nlp.pipe([*done, unread]))) == len(done)
    assert failed == [unread]


def test_labels_of_the_settings_policies_are_checked(tmp_path):
    settings = tmp_path / "seqlabel.toml"

    def pipe(content):
        settings.write_text(content)
        nlp = spacy.blank("en")
        return nlp.add_pipe("redactor", config={"settings": str(settings), "source": "spans:pii"})

    with pytest.raises(OptionError, match=r"policies: 'EMIAL' .* Did you mean 'EMAIL'\?"):
        pipe('[policies]\nEMIAL = "mask"\n')
    own = pipe(
        '[policies]\nSTAFF = "mask"\nEMAIL = "remove"\n[[pattern]]\nlabel = "STAFF"\nregex = '
        '"S[0-9]{4}"\n'
    )
    doc = spacy.blank("en")("S1234 wrote")
    doc.spans["pii"] = [Span(doc, 0, 1, "STAFF")]
    assert own(doc)._.redacted.text == "X0000 wrote"


def test_labels_of_the_settings_policies_may_be_those_of_a_component(tmp_path):
    settings = tmp_path / "seqlabel.toml"
    settings.write_text('[policies]\nDRUG = "mask"\n')
    config = {"settings": str(settings), "source": "ents"}
    nlp = spacy.blank("en")
    ruler = nlp.add_pipe("entity_ruler")
    ruler.add_patterns([{"label": "DRUG", "pattern": "aspirin"}])
    nlp.add_pipe("redactor", config=config)
    assert nlp("take aspirin")._.redacted.text == "take xxxxxxx"
    with pytest.raises(OptionError, match="policies: 'DRUG'"):
        spacy.blank("en").add_pipe("redactor", config=config)


def test_what_the_settings_of_a_pipeline_take_away_is_said(tmp_path, caplog):
    (tmp_path / "s.toml").write_text('labels = ["EMAIL"]\n')
    spacy.blank("en").add_pipe("redactor", config={"settings": str(tmp_path / "s.toml")})
    assert "redactor: uses the settings in" in caplog.text
    assert "which finds only EMAIL" in caplog.text
