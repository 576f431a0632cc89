"""A row without a known end, read by compiled steps and by torch: the same labels, however the
words arrive.
"""

from seqlabel import Labeler
from seqlabel.models.tagging.native import CompiledLayers
from tests.models.open_rows import WORDS, drawn, needs_compiled, said


def ones():
    while True:
        yield 1


@needs_compiled
def test_compiled_layers_do_not_depend_on_how_words_arrive():
    labeler = Labeler.load("en_pos")
    assert isinstance(labeler.inference.open_row()._layers, CompiledLayers)
    found = said(labeler, ones(), "upos")
    assert len(found) == len(WORDS)
    assert found == said(labeler, drawn(), "upos")
    # All at once, many steps are read together.
    assert found == said(labeler, iter([len(WORDS)]), "upos")
