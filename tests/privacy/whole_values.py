"""A text with one marked span, taken whole."""

from seqlabel.documents.alignment import align_spans
from seqlabel.documents.document import Spans
from seqlabel.documents.spans import CharacterSpan
from seqlabel.privacy.finding.finder import LAYER
from seqlabel.privacy.rules.extents import whole_spans
from seqlabel.text.tokenizers import Tokenizer, Words

FINE = Tokenizer("en", Words.FINE)


def taken_whole(marked, label, before=""):
    """The spans of a text whose one span is marked with ⟦ and ⟧, as pairs of text and label."""
    start, end = marked.index("⟦"), marked.index("⟧") - 1
    text = marked.replace("⟦", "").replace("⟧", "")
    document = FINE(text)
    spans = align_spans(document, [CharacterSpan(start, end, label)]).spans
    assert spans
    document = document.with_spans(LAYER, Spans(spans, (0.5,) * len(spans)))
    found = whole_spans(document, LAYER, before)
    assert set(found.scores) <= {0.5}
    return [(text[slice(*document.characters(span))], span.label) for span in found.spans]
