"""Documents: offsets that fit the text, layers that fit the words, and no text in what is
logged.
"""

import dataclasses
import random
import re

import pytest

from seqlabel.documents.document import (
    Document,
    Documents,
    Spans,
    Tags,
    concatenate,
    has_blank_line,
    paragraph_starts,
    sentence_starts,
    sentence_tags,
)
from seqlabel.documents.spans import Span
from seqlabel.errors import DataError

TEXT = " One, two  three\n"
OFFSETS = ((1, 4), (4, 5), (6, 9), (11, 16))


@pytest.mark.parametrize(
    ("offsets", "number"),
    [
        ([(-1, 2)], 0),
        ([(0, 0)], 0),
        ([(2, 1)], 0),
        ([(0, 18)], 0),
        ([(0, 3), (2, 4)], 1),
        ([(2, 4), (0, 1)], 1),
        ([(0, 1), (1, 2), (2, 2)], 2),
    ],
)
def test_offsets_that_do_not_fit_are_refused_without_quoting_the_text(offsets, number):
    with pytest.raises(DataError, match=f"Word {number}") as caught:
        Document(TEXT, tuple(offsets))
    assert "One" not in str(caught.value)


def test_characters_are_the_text_from_the_first_word_to_the_last():
    document = Document(TEXT, OFFSETS)
    for start in range(4):
        for end in range(start + 1, 5):
            first, last = document.characters(Span(start, end, "X"))
            assert (first, last) == (OFFSETS[start][0], OFFSETS[end - 1][1])
            inside = [
                word
                for word, (a, b) in zip(document.words, OFFSETS, strict=True)
                if first <= a and b <= last
            ]
            assert inside == document.words[start:end]


@pytest.mark.parametrize(
    ("kind", "layer"),
    [
        ("tags", Tags(())),
        ("tags", Tags(("X",) * 3)),
        ("tags", Tags(("X",) * 5)),
        ("spans", Spans((Span(3, 5, "X"), Span(0, 1, "X")))),
    ],
    ids=["no tags", "a tag too few", "a tag too many", "a span past the end"],
)
def test_a_layer_that_does_not_fit_the_words_is_refused(kind, layer):
    layers = {kind: {"pos": layer}}
    add = getattr(Document(TEXT, OFFSETS), f"with_{kind}")
    for make in (
        lambda: Document(TEXT, OFFSETS, **layers),
        lambda: Document.from_words(["a", "b", "c", "d"], **layers),
        lambda: add("pos", layer),
    ):
        with pytest.raises(DataError, match="Layer 'pos'"):
            make()


def test_a_new_layer_leaves_the_old_document_and_its_other_layers():
    before = Document(
        TEXT,
        OFFSETS,
        tags={"pos": Tags(("A", "B", None, "C"))},
        spans={"ner": Spans((Span(0, 1, "X"),), (0.5,))},
        categories={"topic": {"sport": 0.25}},
        sentences=(0, 2),
    )
    copy = dataclasses.replace(before)
    tags = Tags(("D",) * 4, (0.5,) * 4)
    spans = Spans(())
    assert before.with_tags("pos", tags).with_tags("other", tags) == dataclasses.replace(
        before, tags={"pos": tags, "other": tags}
    )
    assert before.with_spans("ner", spans).with_spans("more", spans) == dataclasses.replace(
        before, spans={"ner": spans, "more": spans}
    )
    with_mood = before.with_categories("topic", {"art": 1.0}).with_categories("mood", {"calm": 0.5})
    assert with_mood == dataclasses.replace(
        before, categories={"topic": {"art": 1.0}, "mood": {"calm": 0.5}}
    )
    assert before == copy
    with pytest.raises(dataclasses.FrozenInstanceError):
        before.text = "other"


@pytest.mark.parametrize("seed", range(4))
def test_words_stand_in_the_text_as_they_were_given(seed):
    chance = random.Random(seed)
    words = [
        "".join(chance.choices("aß数😀 ", k=chance.randint(1, 5)))
        for _ in range(chance.randint(1, 8))
    ]
    spaces = [chance.random() < 0.5 for _ in words]
    document = Document.from_words(words, spaces=spaces)
    assert document.words == words
    # A space after the last word is no part of the text.
    expected = "".join(
        word + " " * space for word, space in zip(words, [*spaces[:-1], False], strict=True)
    )
    assert document.text == expected
    assert Document.from_words(words) == Document.from_words(words, spaces=[True] * len(words))
    assert Document.from_words(words).text == " ".join(words)


def test_from_words_passes_layers_on():
    tags = {"pos": Tags(("A", None))}
    spans = {"ner": Spans((Span(0, 2, "X"),))}
    document = Document.from_words(["a", "b"], tags=tags, spans=spans, sentences=(0, 1))
    assert (document.tags, document.spans, document.sentences) == (tags, spans, (0, 1))
    assert Document.from_words([]) == Document("", ())
    with pytest.raises(DataError, match="Word 1"):
        Document.from_words(["a", "", "b"])


def test_the_repr_names_layers_and_holds_no_text():
    bare = Document.from_words(["secret", "words"])
    assert repr(bare) == "Document(2 words; layers: none)"
    full = dataclasses.replace(
        bare.with_tags("pos", Tags(("A", "B"))).with_spans("ner", Spans(())),
        categories={"topic": {}},
    )
    assert repr(full) == "Document(2 words; layers: pos, ner, topic)"


def labeled():
    document = Document(TEXT, OFFSETS)
    spans = Spans((Span(0, 1, "NUMBER"), Span(2, 4, "<X>")), (0.9, 0.5))
    document = document.with_tags("pos", Tags(("A", "B", None, "C"))).with_spans("ner", spans)
    return document.with_categories("topic", {"few": 0.25, "many": 0.75})


def test_print_shows_the_text_with_its_labels():
    assert str(labeled()) == (
        "pos: One/A ,/B two/– three/C\nner:  [One NUMBER], [two  three <X>]\n\n"
        "topic  probability\nmany         0.750\nfew          0.250"
    )
    assert str(Document(TEXT, OFFSETS)) == TEXT


def test_a_notebook_shows_the_text_with_its_labels():
    html = labeled()._repr_html_()
    parts = ("<mark", "<table", "&lt;X&gt;", "<X>", "NUMBER 0.900")
    assert [html.count(part) for part in parts] == [2, 1, 2, 0, 1]
    assert "two" in Document(TEXT, OFFSETS)._repr_html_()


def test_of_a_long_text_the_beginning_is_shown():
    long = Document.from_words(["word"] * 1_000, tags={"pos": Tags(("N",) * 1_000)})
    assert str(long).endswith("word/N … 600 more words")
    assert long._repr_html_().count("word<br>") == 400


def test_concatenated_documents_keep_multiword_tokens():
    document = Document("della", ((0, 3), (3, 5)), multiwords={0: ("di", "la")})
    whole = concatenate([Document.from_words(["il"]), document, document])
    assert whole.words == ["il", "di", "la", "di", "la"]
    assert whole.multiwords == {1: ("di", "la"), 3: ("di", "la")}


@pytest.mark.parametrize(
    "multiwords", [{1: ("di", "la")}, {0: ("a", "b"), 1: ("c",)}, {1: ("a",), 0: ("b",)}]
)
def test_multiword_tokens_have_words_of_their_own(multiwords):
    with pytest.raises(DataError, match="Multiword"):
        Document("della", ((0, 3), (3, 5)), multiwords=multiwords)


def random_document(chance):
    words = [chance.choice(["a", "bc", "é"]) for _ in range(chance.randint(0, 6))]
    labels = [chance.choice(["X", "Y", None]) for _ in words]
    tags = Tags(tuple(labels), tuple(chance.random() for _ in words))
    places = sorted(chance.sample(range(len(words) + 1), k=min(2, len(words)) // 2 * 2))
    spans = Spans((Span(*places, "S"),), (0.5,)) if places else Spans(())
    sentences = (0,) if words else ()
    document = Document.from_words(words, tags={"t": tags}, spans={"s": spans}, sentences=sentences)
    offsets = tuple((start + 1, end + 1) for start, end in document.offsets)
    return dataclasses.replace(document, text=f" {document.text} ", offsets=offsets)


def words_of_spans(document):
    return [document.words[span.start : span.end] for span in document.spans["s"].spans]


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("separator", ["\n", " ", "", " -- "])
def test_concatenated_documents_keep_words_and_layers(seed, separator):
    chance = random.Random(seed)
    documents = [random_document(chance) for _ in range(chance.randint(1, 5))]
    whole = concatenate(documents, separator=separator)
    assert whole.text == separator.join(document.text for document in documents)
    assert whole.words == [word for document in documents for word in document.words]
    layers = [document.tags["t"] for document in documents]
    assert whole.tags["t"].labels == tuple(label for layer in layers for label in layer.labels)
    assert whole.tags["t"].scores == tuple(score for layer in layers for score in layer.scores)
    spans = [span for document in documents for span in words_of_spans(document)]
    assert words_of_spans(whole) == spans
    assert len(whole.spans["s"].scores) == len(spans)
    lengths = [len(document) for document in documents]
    assert whole.sentences == tuple(sum(lengths[:n]) for n, length in enumerate(lengths) if length)
    layers = {"tags": {"t": Tags((None,))}, "spans": {"s": Spans(())}}
    assert concatenate([whole, Document.from_words(["a"], **layers)]).sentences == ()


def test_scores_that_some_lack_are_left_out_and_layers_that_some_lack_are_refused():
    one = Document.from_words(["a"], tags={"t": Tags(("X",), (0.5,))})
    one = one.with_categories("c", {"x": 1.0})
    whole = concatenate([one, Document.from_words(["b"], tags={"t": Tags(("Y",))})])
    assert whole.tags == {"t": Tags(("X", "Y"))}
    assert whole.categories == {}
    with pytest.raises(DataError, match="Document 1"):
        concatenate([one, Document.from_words(["b"])])
    with pytest.raises(DataError):
        concatenate([])


def test_people_read_lemmas_in_place_of_scripts():
    tags = {"lemma": Tags(("↓;d1", "↓;d2+un", "→be", None))}
    scripts = Document.from_words(["Cats", "ran", "were", "x"], tags=tags)
    assert scripts.lemmas == scripts.readable_tags("lemma") == ["cat", "run", "be", None]
    assert str(scripts) == "lemma: Cats/cat ran/run were/be x/–"
    assert "run" in scripts._repr_html_()
    for name, labels in (("lemma", ("cat", "↓", "x", None)), ("rule", ("↓;d1", "↓", "→be", None))):
        others = scripts.with_layers(tags={name: Tags(labels)})
        assert others.readable_tags(name) == labels
    with pytest.raises(DataError, match="'lemma'"):
        _ = Document.from_words(["a"], tags={"upos": Tags(("X",))}).lemmas


def test_sentences_begin_at_tags_and_after_blank_lines():
    text = " a b.\n\n c\n \t\nd e\nf\n\n"
    offsets = tuple(word.span() for word in re.finditer(r"[a-z.]", text))
    assert sentence_starts(text, offsets, ["I", "B", "I", "I", "I", "I", None]) == (0, 1, 3, 4)
    assert sentence_starts("\n\n", (), ()) == ()
    assert sentence_tags((0, 2), 4) == ("B", "I", "B", "I")
    document = Document(text, offsets).with_layers(sentences=(0, 3))
    assert (document.sentences, document.text) == ((0, 3), text)


@pytest.mark.parametrize("seed", range(5))
def test_paragraphs_begin_where_the_text_before_a_word_has_a_blank_line(seed):
    chance = random.Random(seed)
    gaps = [
        chance.choice([" ", "\n", "\n\n", " \n \n", "\r\n\r\n", "\r\n", "", ","]) for _ in range(30)
    ]
    text = "".join(f"{gap}w" for gap in gaps)
    offsets = tuple(word.span() for word in re.finditer("w", text))
    starts = [number for number, gap in enumerate(gaps) if number and gap.count("\n") > 1]
    assert paragraph_starts(text, offsets) == tuple(starts)
    assert [number for number, gap in enumerate(gaps) if number and has_blank_line(gap)] == starts
    assert paragraph_starts("\n\n", ()) == paragraph_starts("a\n\n", ((0, 1),)) == ()


@pytest.mark.parametrize("seed", range(5))
def test_spans_are_cut_at_places(seed):
    chance = random.Random(seed)
    borders = sorted(chance.sample(range(30), 12))
    spans = [Span(start, end, "A") for start, end in zip(borders[::2], borders[1::2], strict=True)]
    places = sorted(chance.sample(range(30), 8))
    layer = Spans(tuple(spans), (0.5,) * len(spans), ("rule",) * len(spans)).cut(places)
    words = [place for span in spans for place in range(span.start, span.end)]
    assert [place for span in layer.spans for place in range(span.start, span.end)] == words
    assert all(not span.start < place < span.end for span in layer.spans for place in places)
    begins = {span.start for span in spans} | set(places)
    assert {span.start for span in layer.spans} == begins & set(words)
    assert len(layer.scores) == len(layer.sources) == len(layer.spans)
    assert Spans(tuple(spans)).cut(()) == Spans(tuple(spans))


def test_what_stands_between_two_documents_may_differ():
    words = [Document.from_words([word], sentences=(0,)) for word in ("Yes", ".", "No")]
    joined = concatenate(words, separator=["", " "])
    assert (joined.text, joined.words) == ("Yes. No", ["Yes", ".", "No"])
    assert joined.sentences == (0, 1, 2)


def test_entities_know_their_text():
    spans = Spans((Span(0, 2, "A"), Span(3, 4, "B")), (0.5, 0.25), ("rule", "model"))
    document = Document(TEXT, OFFSETS).with_spans("ner", spans)
    first, last = document.ents("ner")
    assert (first.text, first.label, first.start, first.end) == ("One,", "A", 1, 5)
    assert (first.score, first.source) == (0.5, "rule")
    assert str(last) == last.text == "three"
    assert "three" not in repr(last)
    assert document.ents() == [first, last]


def test_entities_of_a_layer_that_is_not_there_are_an_error():
    document = Document(TEXT, OFFSETS).with_spans("ner", Spans(()))
    with pytest.raises(DataError, match="'ner'"):
        document.ents("nre")
    for several in (document.with_spans("pii", Spans(())), Document(TEXT, OFFSETS)):
        with pytest.raises(DataError):
            several.ents()


def test_a_list_of_documents_is_a_list_that_a_notebook_shows():
    documents = Documents([Document("<Ann>", ((1, 4),)), *[Document("Bo", ((0, 2),))] * 30])
    page = documents._repr_html_()
    assert documents == list(documents)
    assert "&lt;Ann&gt;" in page
    assert page.count("<small>document ") == 20
    assert "11 more documents" in page
    assert "no documents" in Documents()._repr_html_()
