"""Docs are written in batches as a plain writer would write them one token at a time, whatever they
had before.
"""

import random

import numpy as np
import pytest
import spacy
from spacy.tokens import Doc, Span
from spacy.vocab import Vocab

from seqlabel.batches.windows import FoundTags
from seqlabel.documents.document import Spans, sentence_starts
from seqlabel.documents.edit_scripts import apply_script
from seqlabel.documents.schemes import Scheme
from seqlabel.documents.tag_sets import TagSet
from seqlabel.spacy.annotations import Existing, Place, Target, add_extension, tag_scores
from seqlabel.spacy.doc_words import on_tokens, text_words_of, word_spans, words_of
from seqlabel.spacy.layer_writer import FoundLayer, LayerWriter, write_entities
from seqlabel.text.tokenizers import Tokenizer, Words
from tests.spacy_models import random_tags, some_texts

PII = TagSet("pii", ("PERSON", "IP"), Scheme.BIO)
LAYERS = {
    Target.POS: ("NOUN", "VERB", "X"),
    Target.TAG: ("NN", "VB", "."),
    # spaCy has the second one in another order.
    Target.MORPH: ("_", "Number=Plur|Case=Nom", "Number=Sing"),
    Target.LEMMA: ("↓", "↓;d1", "→be", "="),
    Target.SENT_START: ("I", "B"),
}


@pytest.mark.parametrize("policy", list(Existing))
def test_entities_obey_the_policy(policy):
    """Against the same done token by token with spaCy's own `set_ents`."""
    chance = random.Random(2)
    nlp = spacy.blank("en")
    for _ in range(40):
        docs = [Doc(nlp.vocab, words=["a"] * 10) for _ in range(2)]
        first, after = np.arange(10), np.arange(1, 11)
        before = on_tokens(word_spans(random_tags(chance, 10, PII), PII), first, after).spans[::2]
        new = on_tokens(word_spans(random_tags(chance, 10, PII), PII), first, after).spans
        for doc in docs:
            doc.set_ents(
                [Span(doc, one.start, one.end, f"OLD_{one.label}") for one in before],
                default="missing",
            )
        write_entities([docs[0]], [Spans(new)], existing=policy)

        def meet(one, others):
            return any(one.start < other.end and other.start < one.end for other in others)

        old, added = before, new
        if policy is Existing.KEEP:
            added = [one for one in new if not meet(one, before)]
        elif policy is Existing.OVERRIDE:
            old = [one for one in before if not meet(one, new)]
        else:
            old = []
        kept = [Span(docs[1], one.start, one.end, f"OLD_{one.label}") for one in old]
        docs[1].set_ents([*kept, *(Span(docs[1], one.start, one.end, one.label) for one in added)])
        found, expected = ([(e.start, e.end, e.label_) for e in doc.ents] for doc in docs)
        assert found == expected
        assert docs[0].has_annotation("ENT_IOB", require_complete=True)


def write(doc, found, labels, target, policy):
    layer = FoundLayer(TagSet("layer", labels), [Place(target)], [found])
    LayerWriter().write([doc], [words_of(doc)], [layer], existing=policy)


def tagged(doc, tags, scores, policy):
    found = FoundTags(np.array(tags), np.array(scores, dtype=np.float32))
    write(doc, found, ("NN", "VB"), Target.TAG, policy)
    return [token.tag_ for token in doc], tag_scores(doc, Target.TAG).tolist()


def test_a_tag_that_stays_keeps_its_probability():
    doc = Doc(spacy.blank("en").vocab, words=["a", "b", "c"], tags=["", "XX", ""])
    first = ["NN", "XX", "VB"], pytest.approx([0.25, np.nan, 0.75], nan_ok=True)
    assert tagged(doc, [0, 0, 1], [0.25, 0.5, 0.75], Existing.KEEP) == first
    assert tagged(doc, [1, 1, 1], [0.5, 0.5, 0.5], Existing.KEEP) == first
    assert tagged(doc, [1, 1, 1], [0.5, 0.5, 0.5], Existing.CLEAR) == (["VB"] * 3, [0.5] * 3)


def test_probabilities_of_tokens_that_are_no_more_are_forgotten():
    doc = Doc(spacy.blank("en").vocab, words=["a", "b", "c"])
    tagged(doc, [0, 0, 1], [0.25, 0.5, 0.75], Existing.KEEP)
    with doc.retokenize() as retokenizer:
        retokenizer.merge(doc[0:2])
    assert tag_scores(doc, Target.TAG) is None
    assert tagged(doc, [1, 1], [0.5, 0.5], Existing.KEEP)[1] == pytest.approx(
        [np.nan] * 2, nan_ok=True
    )


MORPHOLOGY = (
    (
        Target.MORPH,
        ("Number=Plur", "_"),
        lambda token: str(token.morph),
        ["Number=Plur", "", "Number=Plur", "", ""],
    ),
    (Target.LEMMA, ("↓;d1", "→be"), lambda token: token.lemma_, ["cat", "be", "cat", "\n\n", "be"]),
    (
        Target.SENT_START,
        ("I", "B"),
        lambda token: token.is_sent_start,
        [True, True, False, False, True],
    ),
)


def written(doc, target, labels, policy, scores=(0.5, 0.6, 0.7, 0.8)):
    found = FoundTags(np.array([0, 1, 0, 1]), np.array(scores, dtype=np.float32))
    write(doc, found, labels, target, policy)


def cats(**annotated):
    """Four words, with a blank line before the last one."""
    words = ["Cats", "are", "CATS", "\n\n", "is"]
    return Doc(
        spacy.blank("en").vocab, words=words, spaces=[True, True, False, False, False], **annotated
    )


@pytest.mark.parametrize(("target", "labels", "value", "expected"), MORPHOLOGY)
@pytest.mark.parametrize("policy", list(Existing))
def test_features_lemmas_and_sentences_are_written(target, labels, value, expected, policy):
    doc = cats()
    written(doc, target, labels, policy)
    assert [value(token) for token in doc] == expected
    assert doc.has_annotation(
        {Target.LEMMA: "LEMMA", Target.MORPH: "MORPH"}.get(target, "SENT_START")
    )
    # spaCy itself says of every new Doc's first token that it begins a sentence.
    first = np.nan if target is Target.SENT_START and policy is Existing.KEEP else 0.5
    assert tag_scores(doc, target).tolist() == pytest.approx(
        [first, 0.6, 0.7, np.nan, 0.8], nan_ok=True
    )


def test_a_blank_line_begins_a_sentence_and_so_does_the_first_token():
    doc = Doc(
        spacy.blank("en").vocab,
        words=["\n", "a", "b", "\n\n", "c"],
        spaces=[False, True, False, False, False],
    )
    found = FoundTags(np.array([1, 1, 1]), np.ones(3, dtype=np.float32))
    write(doc, found, ("B", "I"), Target.SENT_START, Existing.CLEAR)
    assert [sentence.text for sentence in doc.sents] == ["\na b\n\n", "c"]
    blank = Doc(spacy.blank("en").vocab, words=["\n"], spaces=[False])
    none = FoundTags(np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.float32))
    for target in (Target.SENT_START, Target.LEMMA, Target.MORPH):
        for doc in (blank, Doc(blank.vocab)):
            write(doc, none, ("B", "I"), target, Existing.KEEP)


@pytest.mark.parametrize(("target", "labels", "value", "expected"), MORPHOLOGY)
@pytest.mark.parametrize("policy", list(Existing))
def test_morphology_that_is_there_obeys_the_policy(target, labels, value, expected, policy):
    doc = cats(lemmas=["mine", "", "", "", ""], sent_starts=[True, False, None, None, None])
    doc[0].set_morph("Case=Nom")
    before = [value(token) for token in doc]
    written(doc, target, labels, policy)
    kept = 2 if target is Target.SENT_START else 1
    if policy is Existing.KEEP:
        assert [value(token) for token in doc] == [*before[:kept], *expected[kept:]]
        assert np.isnan(tag_scores(doc, target)[:kept]).all()
    else:
        assert [value(token) for token in doc] == expected


def stupid_word(doc, words, token):
    """The number of the first word that touches a token; None where none does."""
    touching = [n for n in range(len(words.keys)) if words.tokens[n] <= token < words.after[n]]
    return touching[0] if touching else None


def stupid_value(doc, token, target, label):
    """What a token has where it has a label, or is in no word: None."""
    if target is Target.LEMMA:
        return token.text if label is None else apply_script(token.text, label)
    blank = {Target.POS: "SPACE", Target.TAG: "_SP", Target.MORPH: "_"}
    return blank[target] if label is None else label


def write_stupidly(doc, words, layers, policy):
    """Write layers of tags one token at a time, by spaCy's setters."""
    own = [stupid_word(doc, words, token.i) for token in doc]
    with_word = [token.i for token in doc if own[token.i] is not None]
    for layer, tags in layers:
        (place,) = layer.places
        target, labels = place.target, layer.tag_set.tags
        earlier = tag_scores(doc, target)
        kept = [
            bool(doc.to_array(target.name)[n] > 0) and policy is Existing.KEEP
            for n in range(len(doc))
        ]
        sure = [np.nan if own[n] is None else tags.scores[own[n]] for n in range(len(doc))]
        told = [None if own[n] is None else labels[tags.ids[own[n]]] for n in range(len(doc))]
        starts = set()
        if target is Target.SENT_START and with_word:
            offsets = [(doc[n].idx, doc[n].idx + len(doc[n])) for n in with_word]
            starts = {
                with_word[n]
                for n in sentence_starts(doc.text, offsets, [told[n] for n in with_word])
            }
            starts = starts - {with_word[0]} | {0}
        for token in doc:
            if kept[token.i]:
                sure[token.i] = np.nan if earlier is None else earlier[token.i]
            elif target is Target.SENT_START:
                token.is_sent_start = token.i in starts
            elif target is Target.MORPH:
                token.set_morph(stupid_value(doc, token, target, told[token.i]))
            else:
                setattr(token, target, stupid_value(doc, token, target, told[token.i]))
        doc.user_data["seqlabel", str(target)] = np.array(sure, dtype=np.float32)


def all_of(doc):
    """Every attribute that is written, as strings, and all probabilities."""
    attributes = [
        (
            t.pos_,
            t.tag_,
            str(t.morph),
            t.lemma_,
            t.sent_start,
            t.ent_iob_,
            t.ent_type_,
            t.ent_kb_id_,
        )
        for t in doc
    ]
    sure = {key: np.nan_to_num(value, nan=-1.0).tolist() for key, value in doc.user_data.items()}
    return attributes, sure, doc.to_array(["MORPH", "LEMMA", "TAG"]).tolist()


def annotate(doc, chance):
    """Some annotation of others."""
    for token in doc:
        if chance.random() < 0.3:
            token.pos_, token.tag_, token.lemma_ = "ADJ", "JJ", "mine"
        if chance.random() < 0.3:
            token.set_morph("Case=Nom")
        if chance.random() < 0.2:
            token.is_sent_start = chance.random() < 0.5


@pytest.mark.parametrize("policy", list(Existing))
@pytest.mark.parametrize("fine", [False, True])
def test_a_batch_is_written_like_one_token_at_a_time(policy, fine):
    chance = random.Random(0)
    tokenize = Tokenizer("en", Words.FINE)
    for annotated in (False, True):
        batches = []
        for _ in range(2):
            chance.seed(annotated)
            nlp = spacy.blank("en")
            docs = [nlp(text.replace("cat", "a=b;c\n\n", 1)) for text in some_texts(20)]
            docs.insert(2, Doc(Vocab(), words=["no", "\n", "language"]))
            docs.insert(
                4, Doc(nlp.vocab, words=["a\n\nb", "c", "\n", "\n", "d"], spaces=[False] * 5)
            )
            for doc in docs if annotated else ():
                annotate(doc, chance)
            batches.append(docs)
        ours, plain = batches
        writer = LayerWriter()
        for _ in range(2):
            # The second time over what the first time wrote.
            words = [
                text_words_of(doc, tokenize, doc.vocab.strings) if fine else words_of(doc)
                for doc in ours
            ]
            layers = [
                FoundLayer(
                    TagSet(target, labels),
                    [Place(target)],
                    [random_tags(chance, len(one.keys), TagSet(target, labels)) for one in words],
                )
                for target, labels in LAYERS.items()
            ]
            writer.write(ours, words, layers, existing=policy)
            for number, doc in enumerate(plain):
                write_stupidly(
                    doc, words[number], [(layer, layer.found[number]) for layer in layers], policy
                )
            assert [all_of(doc) for doc in ours] == [all_of(doc) for doc in plain]


def test_strings_that_have_left_the_vocabulary_are_added_again():
    """Those of a memory zone do, and so do all where a vocabulary is loaded."""
    nlp = spacy.blank("en")
    writer = LayerWriter()
    layers = [
        (Target.TAG, ("NN", "VB")),
        (Target.LEMMA, ("↓;d1", "→unheard")),
        (Target.MORPH, ("Case=Nom", "Foo=Bar")),
    ]

    def written():
        doc = nlp("Foxes foxes")
        found = [FoundTags(np.array([0, 1]), np.ones(2, np.float32))]
        every = [
            FoundLayer(TagSet(target, labels), [Place(target)], found) for target, labels in layers
        ]
        writer.write([doc], [words_of(doc)], every, existing=Existing.KEEP)
        return [(token.tag_, token.lemma_, str(token.morph)) for token in doc]

    expected = [("NN", "foxe", "Case=Nom"), ("VB", "unheard", "Foo=Bar")]
    empty = nlp.vocab.to_bytes()
    with nlp.memory_zone():
        assert written() == expected
    assert written() == expected
    nlp.vocab.from_bytes(empty)
    assert written() == expected


def test_a_lemma_is_made_once_until_there_are_too_many_or_other_scripts(monkeypatch):
    made = []

    def apply(word, script):
        made.append((word, script))
        return apply_script(word, script)

    monkeypatch.setattr("seqlabel.spacy.layer_writer.apply_script", apply)
    monkeypatch.setattr("seqlabel.spacy.layer_writer._MOST_LEMMAS", 2)
    nlp = spacy.blank("en")
    writer = LayerWriter()
    lower = TagSet("lemma", ("↓", "↓;d1"))
    same = TagSet("lemma", ("=", "→be"))
    cases = (
        (lower, "Cats Are", ["cats", "ar"], 2),
        (lower, "Cats Are", ["cats", "ar"], 0),
        (lower, "Dogs Are", ["dogs", "ar"], 1),
        # Three are remembered, so that these begin again.
        (lower, "Cats Are", ["cats", "ar"], 2),
        # A script that leaves forms as they are makes no string.
        (same, "Cats Are", ["Cats", "be"], 1),
        (same, "Cats Are", ["Cats", "be"], 0),
    )
    for scripts, text, lemmas, count in cases:
        made.clear()
        doc = nlp(text)
        found = [FoundTags(np.array([0, 1]), np.ones(2, np.float32))]
        layer = FoundLayer(scripts, [Place(Target.LEMMA)], found)
        writer.write([doc], [words_of(doc)], [layer], existing=Existing.KEEP)
        assert [token.lemma_ for token in doc] == lemmas
        assert len(made) == count


def test_spans_of_a_batch_stay_in_their_docs():
    """The last word of a Doc and the first of the next one may both be inside a span."""
    nlp = spacy.blank("en")
    docs = [nlp(text) for text in ("a b", "", "c d e", "f")]
    begin, inside = PII.tags.index("B-PERSON"), PII.tags.index("I-PERSON")
    ids = [[0, begin], [], [inside, inside, 0], [begin]]
    found = [FoundTags(np.array(one, np.int64), np.full(len(one), 0.5, np.float32)) for one in ids]
    layer = FoundLayer(PII, [Place(Target.ENTS), Place(Target.SPANS, "key")], found)
    LayerWriter().write(docs, [words_of(doc) for doc in docs], [layer], existing=Existing.KEEP)
    assert [[one.text for one in doc.ents] for doc in docs] == [["b"], [], ["c d"], ["f"]]
    assert [[one.text for one in doc.spans["key"]] for doc in docs] == [["b"], [], ["c d"], ["f"]]
    assert all(doc.has_annotation("ENT_IOB", require_complete=True) for doc in docs)


def test_an_extension_is_written_to_each_doc():
    nlp = spacy.blank("en")
    add_extension("writer_test")
    docs = [nlp(text) for text in ("a b", " ", "c")]
    found = [
        FoundTags(np.array(one, np.int64), np.ones(len(one), np.float32))
        for one in ([0, 1], [], [1])
    ]
    layer = FoundLayer(TagSet("form", ("A", "B")), [Place(Target.EXTENSION, "writer_test")], found)
    LayerWriter().write(docs, [words_of(doc) for doc in docs], [layer], existing=Existing.OVERRIDE)
    assert [[token._.writer_test for token in doc] for doc in docs] == [["A", "B"], [None], ["B"]]
