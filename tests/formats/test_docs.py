"""spaCy Docs ↔ documents: the text identical, nothing that is not annotated made up, nothing lost
in silence.
"""

import random
from dataclasses import replace

import numpy as np
import pytest
import spacy
from spacy.tokens import Doc, DocBin, SpanGroup
from spacy.tokens import Span as DocSpan
from spacy.vocab import Vocab

from seqlabel.documents.document import Document, Spans, Tags
from seqlabel.documents.repairs import Repairs
from seqlabel.documents.spans import Span
from seqlabel.documents.trees import Trees
from seqlabel.errors import DataError
from seqlabel.formats.any_format import read_documents
from seqlabel.formats.docs import from_doc, to_doc, write_docbin

TEXT = " Ann  Lee,\n\nMD\t writes.  It rains \n"


@pytest.fixture(scope="module")
def nlp():
    return spacy.blank("en")


def token(doc, text):
    (found,) = [token.i for token in doc if token.text == text]
    return found


def test_a_doc_without_annotation_has_no_layers(nlp):
    doc = nlp(TEXT)
    document = from_doc(doc)
    assert document.text == TEXT
    assert document.words == ["Ann", "Lee", ",", "MD", "writes", ".", "It", "rains"]
    assert document == Document(TEXT, document.offsets)
    # The text is made of the tokens that spaCy makes.
    tokens = [(word.text, word.whitespace_) for word in to_doc(document, nlp.vocab)]
    assert tokens == [(word.text, word.whitespace_) for word in doc]


@pytest.mark.parametrize("text", ["", " ", " \n\n "])
def test_a_doc_without_words_has_every_layer_of_words_empty(nlp, text):
    document = from_doc(nlp(text))
    assert (document.text, len(document)) == (text, 0)
    assert document.tags == {"upos": Tags(()), "xpos": Tags(())}
    assert document.spans == {"ner": Spans(())}
    assert from_doc(to_doc(document, nlp.vocab)) == document


def test_every_annotation_becomes_a_layer(nlp):
    doc = nlp(TEXT)
    ann, md = token(doc, "Ann"), token(doc, "MD")
    doc[ann].pos_ = "PROPN"
    doc[token(doc, "Lee")].tag_ = "NNP"
    # White space inside and after an entity.
    doc.set_ents([DocSpan(doc, ann, md, "PERSON")])
    for word in doc:
        word.is_sent_start = word.text == "It"
    parts = [DocSpan(doc, md, token(doc, "."), "X"), DocSpan(doc, 0, token(doc, ","), "Y")]
    scores = {"scores": np.array([0.25, 0.5])}
    doc.spans["parts"] = SpanGroup(doc, name="parts", spans=parts, attrs=scores)
    doc.cats = {"sport": 0.0, "art": 1.0}
    document = from_doc(doc)
    assert document.tags["upos"].labels == ("PROPN", *[None] * 7)
    assert document.tags["xpos"].labels == (None, "NNP", *[None] * 6)
    assert document.spans["ner"] == Spans((Span(0, 3, "PERSON"),))
    assert document.spans["parts"] == Spans((Span(0, 2, "Y"), Span(3, 5, "X")), (0.5, 0.25))
    assert document.categories == {"category": {"sport": 0.0, "art": 1.0}}
    assert document.sentences == (0, 6)


def test_no_entities_is_not_the_same_as_missing_ones(nlp):
    doc = nlp(TEXT)
    doc.ents = []
    assert from_doc(doc).spans == {"ner": Spans(())}
    span = DocSpan(doc, token(doc, "Ann"), token(doc, "Lee") + 1, "PERSON")
    doc.set_ents([span], missing=[DocSpan(doc, token(doc, "writes"), len(doc))], default="outside")
    document = from_doc(doc, entities="entities")
    assert document.spans == {}
    assert document.tags == {
        "entities": Tags(("B-PERSON", "I-PERSON", "O", "O", None, None, None, None))
    }


def random_document(seed):
    chance = random.Random(seed)
    text = ""
    offsets = []
    for _ in range(chance.randint(1, 9)):
        spaces = chance.choice((0, 1, 1, 1, 2, 3))
        text += "".join(chance.choices(" \n\t\xa0", weights=(6, 1, 1, 1), k=spaces))
        word = "".join(chance.choices("aßQ数😀.-", k=chance.randint(1, 4)))
        offsets.append((len(text), len(text) + len(word)))
        text += word
    words = len(offsets)

    def tags(choices):
        return Tags((choices[0], *chance.choices(choices, k=words - 1)))

    def span():
        places = sorted(chance.sample(range(words + 1), 2))
        return Span(*places, chance.choice("XY"))

    overlapping = sorted([span(), Span(0, words, "Z")])
    layers = {"ner": Spans((span(),)), "b": Spans(tuple(overlapping), (0.5, 0.25)), "a": Spans(())}
    return Document(
        text + chance.choice(["", " ", "\n ", "  "]),
        tuple(offsets),
        tags={"upos": tags(["NOUN", "VERB", None]), "xpos": tags(["NN", "_", None])},
        spans=layers,
        categories={"category": {"art": 0.5, "sport": 0.0}} if chance.random() < 0.5 else {},
        sentences=tuple(sorted({0, *chance.choices(range(words), k=2)})),
    )


@pytest.mark.parametrize("seed", range(10))
def test_a_document_comes_back_from_its_doc_and_its_file(tmp_path, nlp, seed):
    document = random_document(seed)
    doc = to_doc(document, nlp.vocab)
    assert doc.text == document.text
    assert from_doc(doc) == document
    path = tmp_path / "docs.spacy"
    write_docbin([document, document], path)
    assert list(read_documents(path)) == [document, document]


def test_a_partly_annotated_document_comes_back(nlp):
    tags = Tags((None, "B-X", "I-X", "O", "B-X", None, "I-X"))
    offsets = tuple((3 * number, 3 * number + 1) for number in range(7))
    document = Document("a  b  c  d  e  f  g", offsets, tags={"ner": tags})
    doc = to_doc(document, nlp.vocab)
    spans = [(span.text, span.label_) for span in doc.ents]
    assert spans == [("b  c", "X"), ("e", "X"), ("g", "X")]
    # What goes on nothing begins a span.
    assert from_doc(doc).tags["ner"].labels == (*tags.labels[:6], "B-X")


def test_features_lemmas_and_sentences_are_annotated(nlp):
    tags = {
        "feats": Tags(("Number=Plur", "_", None)),
        "lemma": Tags(("↓;d1", "→be", None)),
        "sentence": Tags(("B", "I", "B")),
    }
    document = Document("Cats are\n\nhere", ((0, 4), (5, 8), (10, 14)), sentences=(0, 2), tags=tags)
    doc = to_doc(document, nlp.vocab)
    assert [token.text for token in doc] == ["Cats", "are", "\n\n", "here"]
    assert [str(token.morph) for token in doc] == ["Number=Plur", "", "", ""]
    assert [token.lemma_ for token in doc] == ["cat", "be", "", ""]
    assert [sentence.text for sentence in doc.sents] == ["Cats are\n\n", "here"]


def test_only_layers_that_are_there_are_annotated(nlp):
    doc = to_doc(Document.from_words(["a", "b"]), nlp.vocab)
    assert not any(doc.has_annotation(name) for name in ("POS", "TAG", "ENT_IOB", "SENT_START"))
    doc = to_doc(Document.from_words(["a", "b"], spans={"ner": Spans(())}), nlp.vocab)
    assert doc.has_annotation("ENT_IOB", require_complete=True)
    assert doc.ents == ()


def test_text_that_is_in_no_word_is_kept(nlp):
    document = Document("a -- b!", ((0, 1), (5, 6)), spans={"ner": Spans((Span(0, 2, "X"),))})
    doc = to_doc(document, nlp.vocab)
    assert (doc.text, [word.text for word in doc]) == (document.text, ["a", "--", " ", "b", "!"])
    assert [span.text for span in doc.ents] == ["a -- b"]


def test_a_span_of_white_space_is_refused_or_counted(nlp):
    doc = nlp("secret \n word")
    doc.spans["group"] = SpanGroup(
        doc, spans=[DocSpan(doc, 1, 2, "X"), DocSpan(doc, 0, 1, "Y")], attrs={"scores": [1, 0]}
    )
    doc.set_ents([DocSpan(doc, 1, 2, "X")])
    with pytest.raises(DataError, match="`repairs`"):
        from_doc(doc)
    repairs = Repairs()
    document = from_doc(doc, repairs=repairs)
    assert document.spans == {"group": Spans((Span(0, 1, "Y"),), (0.0,)), "ner": Spans(())}
    assert repairs == Repairs(lost=2)


def test_two_layers_of_one_name_are_refused(nlp):
    doc = nlp("a b")
    doc.spans["ner"] = [DocSpan(doc, 0, 1, "X")]
    with pytest.raises(DataError, match="'ner'"):
        from_doc(doc)
    assert from_doc(doc, entities="entities").spans == {"ner": Spans((Span(0, 1, "X"),))}


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"tags": {"form": Tags(("a", "b"))}}, "'form'.*upos, xpos, feats"),
        ({"tags": {"lemma": Tags(("a", "b"))}}, "edit script"),
        ({"categories": {"topic": {"X": 1.0}}}, "'topic'.* category"),
        ({"tags": {"upos": Tags(("secret", None))}}, "'upos'.* ADJ, ADP"),
        ({"tags": {"ner": Tags(("S-X", None))}}, "'ner'.* BIO"),
        ({"spans": {"ner": Spans((Span(0, 2, "X"), Span(1, 2, "Y")))}}, "overlap"),
        ({"tags": {"ner": Tags(("O", None))}, "spans": {"ner": Spans(())}}, "'ner'"),
    ],
)
def test_what_a_doc_cannot_hold_is_refused(tmp_path, nlp, change, named):
    good = Document.from_words(["a", "secret"])
    with pytest.raises(DataError, match=named) as caught:
        to_doc(replace(good, **change), nlp.vocab)
    assert "secret" not in str(caught.value)
    with pytest.raises(DataError, match="Document 1"):
        write_docbin([good, replace(good, **change)], tmp_path / "docs.spacy")
    assert list(tmp_path.iterdir()) == []


def test_other_names_of_layers(nlp):
    document = Document.from_words(["a", "b"], spans={"pii": Spans((Span(0, 1, "X"),))})
    document = document.with_categories("topic", {"X": 1.0})
    doc = to_doc(document, nlp.vocab, entities="pii", category="topic")
    assert ([span.text for span in doc.ents], doc.cats) == (["a"], {"X": 1.0})
    assert from_doc(doc, entities="pii", category="topic") == replace(
        document, sentences=from_doc(doc).sentences
    )


def test_files_that_are_no_docbin_are_refused_by_name(tmp_path):
    path = tmp_path / "folder" / "docs.spacy"
    with pytest.raises(DataError, match=r"docs\.spacy:"):
        list(read_documents(path))
    write_docbin([], path)
    assert list(read_documents(path)) == []
    write_docbin([Document.from_words(["a"])], path)
    for content in (b"", b"a O\n" * 99, path.read_bytes()[:-9]):
        path.write_bytes(content)
        with pytest.raises(DataError, match=r"docs\.spacy:"):
            list(read_documents(path))


def test_a_document_of_a_file_that_is_refused_is_named(tmp_path):
    vocab = Vocab()
    docs = [Doc(vocab, words=["a", " "], spaces=[False, False]) for _ in range(2)]
    docs[1].spans["group"] = [DocSpan(docs[1], 1, 2, "X")]
    path = tmp_path / "docs.spacy"
    DocBin(docs=docs).to_disk(path)
    found = read_documents(path)
    assert next(found).words == ["a"]
    with pytest.raises(DataError):
        next(found)


def test_trees_come_back_past_white_space(nlp):
    trees = Trees((1, 1, 1, 4, 4), ("det", "ROOT", "punct", "nsubj", "ROOT"))
    offsets = ((1, 2), (3, 4), (4, 5), (7, 8), (9, 10))
    document = Document(" a b.\n\nc d", offsets, sentences=(0, 3), trees={"tree": trees})
    doc = to_doc(document, nlp.vocab)
    assert [sentence.text.strip() for sentence in doc.sents] == ["a b.", "c d"]
    assert [word.head.text for word in doc if not word.text.isspace()] == ["b", "b", "b", "d", "d"]
    back = from_doc(doc)
    assert (back.trees, back.sentences) == ({"tree": trees}, (0, 3))


def test_a_word_without_a_head_has_none_after_a_doc_either(nlp):
    trees = Trees((None, 1, 1), (None, "ROOT", "obj"))
    document = Document.from_words(["a", "b", "c"], trees={"tree": trees})
    assert from_doc(to_doc(document, nlp.vocab)).trees == {"tree": trees}
    with pytest.raises(DataError, match="'other'"):
        to_doc(Document.from_words(["a"], trees={"other": Trees((0,), ("x",))}), nlp.vocab)
