"""The pipe `redactor` against `redact_characters`, wherever its Docs go; keys stay out of all that is saved."""

import pickle
import random
from dataclasses import replace

import pytest
import spacy
from spacy.tokens import Doc, DocBin, Span, SpanGroup
from spacy.util import filter_spans

from seqlabel.documents.spans import CharacterSpan
from seqlabel.errors import DataError, OptionError
from seqlabel.privacy.policies import Hash, Mask, Pseudonym
from seqlabel.privacy.redacted import redact_characters
from seqlabel.spacy.redactor import redact_doc, redacted_of
from tests.privacy.test_files import KEY, save_labeler
from tests.spacy_models import some_texts

LABELS = ["PERSON", "EMAIL", "AGE"]


def docs(nlp, count=30):
    """Docs with random span groups, which overlap, scores for every other one, and entities, which do not."""
    chance = random.Random(0)
    made = []
    for number, text in enumerate(some_texts(count)):
        doc = nlp.make_doc(text)
        spans = []
        for _ in range(chance.randint(0, 4) if len(doc) else 0):
            start = chance.randrange(len(doc))
            spans.append(Span(doc, start, chance.randint(start + 1, min(start + 4, len(doc))), chance.choice(LABELS)))
        attrs = {"scores": [round(chance.random(), 3) for _ in spans]} if number % 2 else {}
        doc.spans["pii"] = SpanGroup(doc, name="pii", spans=spans, attrs=attrs)
        doc.ents = [span for span in filter_spans(spans) if not span.text.isspace()]
        made.append(doc)
    return made


def expected(doc, policy, spans, scores=()):
    places = [CharacterSpan(span.start_char, span.end_char, span.label_) for span in spans]
    scored = [replace(place, score=score) for place, score in zip(places, scores, strict=True)] if scores else places
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
    assert redact_doc(doc, Mask()) == redact_characters(doc.text, [CharacterSpan(16, 24, "PERSON")], Mask())


def test_some_labels_only(nlp):
    redactor(nlp, policy="mask", labels=["AGE", "EMAIL"])
    for doc in docs(nlp):
        group = doc.spans["pii"]
        scores = group.attrs.get("scores") or [None] * len(group)
        kept = [(span, score) for span, score in zip(group, scores, strict=True) if span.label_ in ("AGE", "EMAIL")]
        known = [score for _, score in kept if score is not None]
        assert nlp(doc.copy())._.redacted == expected(doc, Mask(), [span for span, _ in kept], known)


def test_a_stream_bytes_and_files_have_the_same(nlp):
    redactor(nlp, policy="mask")
    right = [redact_doc(doc, Mask()) for doc in docs(nlp)]
    done = list(nlp.pipe(docs(nlp), batch_size=4))
    assert [doc._.redacted for doc in done] == right
    moved = [Doc(nlp.vocab).from_bytes(doc.to_bytes()) for doc in done]
    assert [doc._.redacted for doc in moved] == right
    packed = DocBin(store_user_data=True, docs=done).to_bytes()
    assert [redacted_of(doc) for doc in DocBin().from_bytes(packed).get_docs(nlp.vocab)] == right
    assert [doc.text for doc in done] == some_texts()


def test_a_doc_that_did_not_come_through_has_none(nlp):
    redactor(nlp)
    assert nlp.make_doc("Ada")._.redacted is None


def test_a_pipeline_from_labels_to_text_on_disk_and_in_processes(tmp_path, monkeypatch):
    monkeypatch.setenv("A_KEY", KEY.hex())
    nlp = spacy.blank("en")
    nlp.add_pipe("seqlabel", config={"model": save_labeler(tmp_path / "model")})
    redactor(nlp, policy="pseudonym", key_variable="A_KEY")
    texts = some_texts()
    right = []
    for text in texts:
        doc = nlp.get_pipe("seqlabel")(nlp.make_doc(text))
        right.append(redact_doc(doc, Pseudonym(KEY)).text)
    assert any(one != other for one, other in zip(right, texts, strict=True))
    assert [doc._.redacted.text for doc in nlp.pipe(texts)] == right
    assert [doc._.redacted.text for doc in nlp.pipe(texts, n_process=2)] == right
    nlp.to_disk(tmp_path / "pipeline")
    assert [doc._.redacted.text for doc in spacy.load(tmp_path / "pipeline").pipe(texts)] == right
    other = spacy.blank("en").from_config(nlp.config).from_bytes(nlp.to_bytes())
    assert [doc._.redacted.text for doc in other.pipe(texts)] == right


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
    ("config", "message"),
    [
        ({"policy": "shred"}, "found 'shred'"),
        ({"source": "spans"}, "source: found 'spans'"),
        ({"source": "spans:"}, "source: found 'spans:'"),
        ({"policy": "hash"}, "needs a key"),
        ({"policy": "hash", "key_variable": "NO_SUCH_KEY"}, "no environment variable NO_SUCH_KEY"),
        ({"policy": "hash", "key_variable": "A", "key_file": "b"}, "give one of them"),
    ],
)
def test_configs_that_do_not_fit(nlp, config, message):
    with pytest.raises(OptionError, match=message):
        redactor(nlp, **config)


def test_an_extension_of_another_is_not_taken(nlp):
    before = Doc.remove_extension("redacted") if Doc.has_extension("redacted") else None
    Doc.set_extension("redacted", default=1)
    try:
        with pytest.raises(OptionError, match="another extension"):
            redactor(nlp)
    finally:
        Doc.remove_extension("redacted")
        if before:
            Doc.set_extension("redacted", getter=before[2])


@pytest.mark.parametrize(("source", "message"), [("ents", "without entity"), ("spans:pii", "without the span group")])
def test_a_doc_where_nobody_looked_is_an_error(nlp, source, message):
    redactor(nlp, policy="mask", source=source)
    with pytest.raises(DataError, match=message):
        nlp("Ada Moss")
    failed = []
    nlp.set_error_handler(lambda name, pipe, docs, error: failed.extend(docs))
    done = docs(nlp)
    (unread,) = [nlp.make_doc("Ada")]
    assert len(list(nlp.pipe([*done, unread]))) == len(done)
    assert failed == [unread]
