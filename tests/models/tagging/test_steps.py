"""The models that ship say of real text with compiled steps what they say with torch's."""

import os
from pathlib import Path

import pytest

from seqlabel import Labeler
from seqlabel.documents.document import Document
from seqlabel.formats import read_conllu
from seqlabel.models import Arithmetic
from seqlabel.native.compiled import FAST, Level

DATA = Path(os.environ.get("SEQLABEL_DATA", Path(__file__).parents[4] / "shared" / "data"))
PAGE = DATA / "ud_english_ewt" / "en_ewt-ud-dev.conllu"


def said(name, documents, arithmetic):
    """The tags and spans that a model gives the words of documents, with their probabilities."""
    tags, spans = [], []
    for document in Labeler.load(name, arithmetic=arithmetic)(documents):
        for layer in document.tags.values():
            tags += zip(layer.labels, layer.scores, strict=True)
        for layer in document.spans.values():
            spans.append(dict(zip(layer.spans, layer.scores, strict=True)))
    return tags, spans


@pytest.mark.skipif(not FAST, reason="has no compiled steps that are faster than torch")
@pytest.mark.skipif(not PAGE.is_file(), reason=f"{PAGE} is missing")
@pytest.mark.parametrize("name", ["en_pos", "en_pii"])
def test_compiled_steps_say_of_real_text_what_torchs_say(name, monkeypatch):
    documents = [Document.from_words(sentence.words) for sentence in list(read_conllu(PAGE))[:200]]
    tags, spans = said(name, documents, Arithmetic.INT8)
    monkeypatch.setattr("seqlabel.native.chains.LEVEL", Level.MISSING)
    expected_tags, expected_spans = said(name, documents, Arithmetic.FLOAT32)
    alike = [
        (one[1], other[1])
        for one, other in zip(tags, expected_tags, strict=True)
        if one[0] == other[0]
    ]
    # Of two tags that are equally likely either may come first, and the word's other layers go with
    # it.
    assert len(alike) >= 0.998 * len(tags)
    assert all(score == pytest.approx(sure, abs=0.1) for score, sure in alike)
    for found, expected in zip(spans, expected_spans, strict=True):
        assert all((found | expected)[span] < 0.6 for span in found.keys() ^ expected.keys())
        assert found == pytest.approx(
            found | {span: expected[span] for span in found.keys() & expected.keys()}, abs=0.1
        )
