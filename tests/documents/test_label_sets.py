"""Tags, spans and trees are label sets alike: what is encoded comes back, and each says what has to
be seen whole.
"""

import pytest

from seqlabel.documents.document import Document, Spans, Tags
from seqlabel.documents.label_sets import Unit
from seqlabel.documents.relation_sets import RelationSet
from seqlabel.documents.schemes import Scheme
from seqlabel.documents.spans import Span
from seqlabel.documents.tag_sets import TagSet
from seqlabel.documents.trees import Trees

SCORES = (0.5, 0.25, 0.75)
DOCUMENT = Document.from_words(
    ["a", "b", "c"],
    tags={"t": Tags(("X", "Y", "X"), SCORES)},
    spans={"s": Spans((Span(0, 2, "P"),), (0.25,))},
    trees={"d": Trees((1, 1, 1), ("x", "root", "x"), SCORES)},
)


@pytest.mark.parametrize(
    ("labels", "layer", "unit"),
    [
        (TagSet("t", ("X", "Y")), DOCUMENT.tags["t"], Unit.WORD),
        (TagSet("s", ("P",), Scheme.BIOES), DOCUMENT.spans["s"], Unit.WORD),
        (RelationSet("d", ("x", "root")), DOCUMENT.trees["d"], Unit.SENTENCE),
    ],
    ids=lambda one: getattr(one, "layer", ""),
)
def test_a_layer_comes_back_from_its_ids(labels, layer, unit):
    ids = labels.encode(DOCUMENT)
    assert (ids >= 0).all()
    assert labels.decode(ids.tolist(), SCORES) == layer
    assert labels.unit is unit
    assert labels.encode(Document.from_words(["a"])) is None
