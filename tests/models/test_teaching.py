"""What labelers say of plain text: whole documents read, a majority kept, pieces that cut no span."""

import lzma

import pytest

from seqlabel.documents.document import Document, Spans, Tags
from seqlabel.documents.spans import Span
from seqlabel.models import teaching
from seqlabel.models.teaching import plain_texts, taught


class Saying:
    """A labeler that says the same of every word, and one span per document."""

    def __init__(self, tag, span):
        self.tag, self.span = tag, span

    def __call__(self, documents):
        for document in documents:
            tags = {"upos": Tags((self.tag,) * len(document)), "xpos": Tags(("NN",) * len(document))}
            labelled = Document.from_words(document.words, tags=tags)
            yield labelled.with_spans("ner", Spans((Span(*self.span, "PER"),)))


TEACHERS = [Saying("NOUN", (1, 4)), Saying("NOUN", (1, 4)), Saying("VERB", (0, 2))]


def test_the_majority_is_kept_of_the_layers_that_are_asked_for(monkeypatch):
    monkeypatch.setattr(teaching, "WORDS_PER_PIECE", 2)
    one, two, three = taught(TEACHERS, [list("abcde"), [], list("fghi")], ["upos", "ner"])
    assert [piece.words for piece in (one, two, three)] == [list("abcd"), ["e"], list("fghi")]
    assert one.tags.keys() == {"upos"}
    assert one.tags["upos"].labels == ("NOUN",) * 4
    assert one.spans["ner"].spans == three.spans["ner"].spans == (Span(1, 4, "PER"),)
    assert two.spans["ner"].spans == ()


def test_words_without_a_majority_teach_nothing():
    (piece,) = taught([Saying("NOUN", (0, 1)), Saying("VERB", (0, 1))], [["a", "b"]], ["upos"])
    assert piece.tags["upos"].labels == (None, None)
    assert not piece.spans


@pytest.fixture
def data(tmp_path):
    for folder in ("masc", "web"):
        (tmp_path / folder).mkdir()
    for number in range(12):
        (tmp_path / "masc" / f"{number:02}.txt").write_text(f"file{number}_NN and_CC more_JJR", encoding="utf-8")
    for name in ("blog", "wikipedia"):
        text = "\n\n".join(f"{name}{number} is\nlong." for number in range(5))
        (tmp_path / "web" / f"{name}.txt.xz").write_bytes(lzma.compress(text.encode()))
    return tmp_path


def test_plain_texts_are_the_first_documents_of_every_source_without_what_is_tested_on(data, monkeypatch):
    monkeypatch.setattr(teaching, "WEB_DOCUMENTS", 2)
    monkeypatch.setattr(teaching, "ENCYCLOPEDIA_DOCUMENTS", 3)
    found = {tuple(words) for words in plain_texts(data, 1_000)}
    masc = {(f"file{number}", "and", "more") for number in range(12) if number != 9}
    web = {(f"blog{number}", "is", "long", ".") for number in range(2)}
    web |= {(f"wikipedia{number}", "is", "long", ".") for number in range(3)}
    assert {tuple(word for word in words if word.strip()) for words in found} == masc | web


def test_plain_texts_are_cut_to_a_number_of_words_together(data):
    assert sum(map(len, plain_texts(data, 30))) == 30
