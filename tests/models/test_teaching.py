"""What labelers say of plain text: whole documents read, a majority kept, pieces that cut no span."""

from seqlabel.documents.document import Document, Spans, Tags
from seqlabel.documents.spans import Span
from seqlabel.models import teaching
from seqlabel.models.teaching import taught


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
